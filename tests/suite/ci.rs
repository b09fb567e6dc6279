//! A pull request to a content repository, from the first baseline to the reports.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{clearpost, outcome};

const NOW: [&str; 2] = ["--now", "2026-11-28T09:00:00Z"];

fn git(folder: &Path, args: &[&str]) {
    let done = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "commit.gpgSign=false"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git is needed for this test");
    assert!(
        done.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The repository as it is on the main branch.
fn repository() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci"),
        place.path(),
    );
    git(place.path(), &["init", "-q", "-b", "main"]);
    git(place.path(), &["add", "-A"]);
    git(place.path(), &["commit", "-q", "-m", "posts"]);
    place
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    outcome(clearpost(folder).args(args).args(NOW))
}

#[test]
fn the_old_post_stands_in_the_baseline_that_is_there() {
    let place = repository();
    let (status, out, err) = run(place.path(), &["baseline", "check", "content"]);
    assert_eq!(
        (status, out.as_str()),
        (0, "clearpost-baseline.txt: 1 known, 0 new, 0 gone\n"),
        "{err}"
    );
    assert_eq!(
        run(place.path(), &["check", "content", "--quiet"]),
        (0, String::new(), String::new())
    );
    let before = fs::read_to_string(place.path().join("clearpost-baseline.txt")).unwrap();
    run(place.path(), &["baseline", "write", "content"]);
    let after = fs::read_to_string(place.path().join("clearpost-baseline.txt")).unwrap();
    assert_eq!(before, after, "writing it anew changes nothing");
}

#[test]
fn a_pull_request_is_told_of_its_own_line_in_every_format_and_the_name_is_in_no_log() {
    let place = repository();
    let folder = place.path();
    git(folder, &["checkout", "-q", "-b", "winter"]);
    let post = folder.join("content/posts/2026-11-winter.md");
    let text = fs::read_to_string(&post).unwrap();
    let changed = text.replace(
        "The coffee is on us.",
        "Banca Orsini pays the coffee, #BancaOrsini.",
    );
    assert_ne!(text, changed);
    fs::write(&post, changed).unwrap();
    git(folder, &["commit", "-q", "-am", "coffee"]);

    let formats = [
        "pretty",
        "narrated",
        "compact",
        "json",
        "jsonl",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "checkstyle",
        "rdjson",
        "html",
        "markdown",
    ];
    let mut args = vec![
        "check".to_owned(),
        "content".to_owned(),
        "--changed-since=main".to_owned(),
    ];
    for format in formats {
        args.push(format!("--format={format}=report.{format}"));
    }
    let plain: Vec<&str> = args.iter().map(String::as_str).collect();
    let (status, out, err) = run(folder, &plain);
    assert_eq!(status, 1, "{err}");
    for (told, line) in [
        ("2026-11-winter.md:9:1", true),
        ("2025-03-opening.md", false),
    ] {
        assert_eq!(out.contains(told), line, "{out}");
    }
    for format in formats {
        let report = fs::read_to_string(folder.join(format!("report.{format}"))).unwrap();
        assert!(
            report.contains("house/client") || report.contains("SMP-3.1"),
            "{format}: {report}"
        );
        assert!(!report.contains("opening.md"), "{format}: {report}");
        if ["json", "sarif", "gitlab", "rdjson"].contains(&format) {
            serde_json::from_str::<serde_json::Value>(&report).unwrap();
        }
    }

    let mut redacted = plain.clone();
    redacted.extend(["--redact", "--verbose", "--statistics"]);
    let (status, out, err) = run(folder, &redacted);
    assert_eq!(status, 1, "{err}");
    let mut all = vec![out, err];
    all.extend(
        formats.map(|format| fs::read_to_string(folder.join(format!("report.{format}"))).unwrap()),
    );
    for said in all {
        let lower = said.to_lowercase();
        for name in ["banca", "orsini", "northwick", "couriers"] {
            assert!(!lower.contains(&name.to_lowercase()), "{name}: {said}");
        }
    }

    // Mended, the pull request is clean.
    let (status, _, err) = run(
        folder,
        &[
            "check",
            "content",
            "--changed-since=main",
            "--fix",
            "--unsafe",
        ],
    );
    assert_eq!(status, 1, "a hashtag has no other wording: {err}");
    let mended = fs::read_to_string(&post).unwrap();
    assert!(
        mended.contains("a client of ours pays the coffee, #BancaOrsini."),
        "{mended}"
    );
    fs::write(&post, mended.replace(", #BancaOrsini", "")).unwrap();
    let (status, _, err) = run(folder, &["check", "content", "--changed-since=main"]);
    assert_eq!(status, 0, "{err}");
}
