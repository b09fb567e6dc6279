//! `--fix`, `--unsafe` and `--diff`.

#![allow(clippy::print_stdout, reason = "a test says what it skips")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use snapbox::cmd::cargo_bin;

use crate::support::program::{clearpost, outcome};

const PACK: &str = r#"pack: own
policy: builtin:social-media
rules:
  - id: client
    clause: SMP-3.1
    message: "“{match}” is a client"
    instead: a client of ours
    terms: [Acme Corp]
  - id: plain
    clause: SMP-9.3
    severity: error
    fix: safe
    message: "write “use”"
    instead: use
    terms: [utilise]
  - id: circle
    clause: SMP-9.3
    severity: error
    fix: safe
    message: "not “alpha”"
    instead: utilise
    terms: [alpha]
  - id: comma
    clause: SMP-9.3
    severity: error
    fix: safe
    message: "say it in two words"
    instead: "first, second"
    terms: [both]
"#;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join(".git")).unwrap();
    fs::write(place.path().join("own.yaml"), PACK).unwrap();
    for (name, bytes) in files {
        fs::write(place.path().join(name), bytes).unwrap();
    }
    place
}

fn check(place: &Path, args: &[&str]) -> (i32, String, String) {
    outcome(
        clearpost(place)
            .args([
                "check", "--pack", "own.yaml", "--format", "compact", "--quiet",
            ])
            .args(args),
    )
}

fn read(place: &Path, name: &str) -> Vec<u8> {
    fs::read(place.join(name)).unwrap()
}

#[test]
fn safe_fixes_are_made_and_the_rest_only_when_asked() {
    let place = folder(&[("a.md", b"We utilise Acme Corp, and **utilise** it.\n")]);
    let (status, out, err) = check(place.path(), &["a.md", "--fix"]);
    assert_eq!(status, 1, "{err}");
    assert!(
        out.lines().count() == 1 && out.contains("own/client"),
        "{out}"
    );
    assert!(err.contains("2 fixes made in 1 file"), "{err}");
    assert_eq!(
        read(place.path(), "a.md"),
        b"We use Acme Corp, and **use** it.\n"
    );
    let (status, out, _) = check(place.path(), &["a.md", "--fix", "--unsafe"]);
    assert_eq!((status, out.as_str()), (0, ""));
    assert_eq!(
        read(place.path(), "a.md"),
        b"We use a client of ours, and **use** it.\n"
    );
}

#[test]
fn a_patch_is_only_shown_and_can_be_applied() {
    let place = folder(&[("a.md", b"one\n\nWe utilise it.\n\ntwo\n")]);
    let (status, out, err) = check(place.path(), &["a.md", "--diff"]);
    assert_eq!(status, 1, "{err}");
    assert!(
        out.starts_with("--- a/a.md\n+++ b/a.md\n@@ ")
            && out.contains("-We utilise it.\n+We use it.\n"),
        "{out}"
    );
    assert_eq!(
        read(place.path(), "a.md"),
        b"one\n\nWe utilise it.\n\ntwo\n"
    );
    fs::write(place.path().join("p.diff"), &out).unwrap();
    let applied = Command::new("git")
        .current_dir(place.path())
        .args(["apply", "--unsafe-paths", "p.diff"])
        .env("GIT_DIR", place.path().join("none"))
        .env("GIT_CEILING_DIRECTORIES", place.path().parent().unwrap())
        .output()
        .unwrap();
    if applied.status.success() {
        assert_eq!(read(place.path(), "a.md"), b"one\n\nWe use it.\n\ntwo\n");
    }
}

#[test]
fn what_a_file_is_stays_as_it_is() {
    let utf16: Vec<u8> = "\u{FEFF}We utilise it.\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let fixed: Vec<u8> = "\u{FEFF}We use it.\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let place = folder(&[
        ("bom.md", b"\xEF\xBB\xBFWe utilise it.\r\nNext\r\n"),
        ("wide.txt", &utf16),
        (
            "posts.csv",
            b"id;text\n1;We utilise it\n2;\"We utilise; it\"\n3;both of us\n",
        ),
        (
            "posts.jsonl",
            b"{\"id\":\"1\",\"text\":\"We utilise it\"}\n",
        ),
    ]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(
            place.path().join("bom.md"),
            fs::Permissions::from_mode(0o640),
        )
        .unwrap();
    }
    let (status, out, err) = check(
        place.path(),
        &["bom.md", "wide.txt", "posts.csv", "posts.jsonl", "--fix"],
    );
    // Words with a comma would make two cells of one.
    assert_eq!((status, out.lines().count()), (1, 1), "{out}{err}");
    assert_eq!(
        read(place.path(), "bom.md"),
        b"\xEF\xBB\xBFWe use it.\r\nNext\r\n"
    );
    assert_eq!(read(place.path(), "wide.txt"), fixed);
    assert_eq!(
        read(place.path(), "posts.csv"),
        b"id;text\n1;We use it\n2;\"We use; it\"\n3;both of us\n"
    );
    assert_eq!(
        read(place.path(), "posts.jsonl"),
        b"{\"id\":\"1\",\"text\":\"We use it\"}\n"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(place.path().join("bom.md"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}

#[test]
fn a_fix_that_brings_a_finding_is_not_made() {
    let place = folder(&[("a.md", b"alpha is it\n"), ("b.md", b"utilise\n")]);
    let (status, out, err) = check(place.path(), &["a.md", "b.md", "--fix"]);
    assert_eq!(status, 1);
    assert!(
        out.contains("own/circle") && out.lines().count() == 1,
        "{out}"
    );
    assert!(err.contains("a fix for own/circle was not made"), "{err}");
    assert_eq!(read(place.path(), "a.md"), b"alpha is it\n");
    assert_eq!(read(place.path(), "b.md"), b"use\n");
}

#[test]
fn what_cannot_be_written_back_is_said() {
    let place = folder(&[]);
    let input = "We utilise it.\n";
    let (status, _, err) = outcome(
        clearpost(place.path())
            .args([
                "check", "-", "--pack", "own.yaml", "--format", "compact", "--fix",
            ])
            .stdin(input),
    );
    assert_eq!(status, 1);
    assert!(
        err.contains("standard input cannot be written back"),
        "{err}"
    );
    let mail =
        b"Subject: News\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nWe utilise it.\r\n";
    fs::write(place.path().join("m.eml"), mail).unwrap();
    let (status, _, err) = check(place.path(), &["m.eml", "--fix"]);
    assert_eq!(status, 1, "{err}");
    assert!(
        err.is_empty() || err.contains("cannot be written back"),
        "{err}"
    );
    assert_eq!(read(place.path(), "m.eml"), mail);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = folder(&[("a.md", b"We utilise it.\n")]);
    fs::set_permissions(place.path().join("a.md"), fs::Permissions::from_mode(0o444)).unwrap();
    let (status, _, err) = check(place.path(), &["a.md", "--fix"]);
    assert_eq!(status, 1);
    assert!(err.contains("it is read-only"), "{err}");
    assert_eq!(read(place.path(), "a.md"), b"We utilise it.\n");
}

#[test]
fn a_run_that_is_killed_leaves_every_file_old_or_new() {
    const FILES: usize = 1000;
    let place = folder(&[]);
    let posts = place.path().join("posts");
    fs::create_dir(&posts).unwrap();
    let (old, new) = (b"We utilise it.\n".repeat(40), b"We use it.\n".repeat(40));
    for number in 0..FILES {
        fs::write(posts.join(format!("{number}.md")), &old).unwrap();
    }
    for wait in [30, 90, 200, 400] {
        let mut run = Command::new(cargo_bin!("clearpost"))
            .current_dir(place.path())
            .args([
                "check", "posts", "--pack", "own.yaml", "--fix", "--format", "compact",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        run.kill().unwrap();
        run.wait().unwrap();
        for number in 0..FILES {
            let bytes = fs::read(posts.join(format!("{number}.md"))).unwrap();
            assert!(bytes == old || bytes == new, "{number}: {}", bytes.len());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_few_descriptors_are_enough() {
    let place = folder(&[("a.md", b"We utilise it.\n")]);
    for number in 0..300 {
        fs::write(place.path().join(format!("{number}.md")), "fine\n").unwrap();
    }
    if Path::new("/dev/full").exists() {
        for format in ["compact", "json", "sarif", "html"] {
            let full = fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap();
            let status = Command::new(cargo_bin!("clearpost"))
                .current_dir(place.path())
                .args(["check", "a.md", "--pack", "own.yaml", "--format", format])
                .stdout(full)
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert_eq!(status.code(), Some(2), "{format}");
        }
        let (status, _, err) = check(place.path(), &["a.md", "--format", "sarif=/dev/full"]);
        assert_eq!(status, 2, "{err}");
    } else {
        println!("skipped: no /dev/full here");
    }
    let program = cargo_bin!("clearpost").display().to_string();
    let line = format!("ulimit -n 64 && exec '{program}' check . --pack own.yaml --format compact");
    let done = Command::new("sh")
        .current_dir(place.path())
        .args(["-c", &line])
        .output()
        .unwrap();
    assert_eq!(
        done.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn an_empty_folder_is_clean_only_when_that_is_allowed() {
    let place = folder(&[]);
    fs::create_dir(place.path().join("posts")).unwrap();
    assert_eq!(check(place.path(), &["posts"]).0, 2);
    assert_eq!(
        check(place.path(), &["posts", "--allow-empty"]),
        (0, String::new(), String::new())
    );
    assert_eq!(check(place.path(), &["missing", "--allow-empty"]).0, 2);
}

#[test]
fn the_shell_is_helped() {
    let place = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, out, err) = outcome(clearpost(place.path()).args(["completions", shell]));
        assert_eq!(status, 0, "{err}");
        assert!(
            out.contains("clearpost") && out.contains("changed-since"),
            "{shell}"
        );
    }
    let (status, out, _) = outcome(clearpost(place.path()).arg("man"));
    assert!(status == 0 && out.contains(".TH clearpost"), "{out}");
    let (status, _, _) = outcome(clearpost(place.path()).args(["man", "-o", "man"]));
    assert!(status == 0 && place.path().join("man/clearpost-check.1").exists());
}

#[test]
fn findings_are_counted_and_never_by_person() {
    let place = folder(&[(
        "a.md",
        b"---\nauthor: Rossi\nchannel: x\n---\nAcme Corp and Acme Corp\n",
    )]);
    let (_, out, err) = check(place.path(), &["a.md", "--statistics"]);
    let said = format!("{out}{err}");
    for row in [
        "      2  own/client",
        "      2  SMP-3.1 Client names",
        "      2  a.md",
        "      2  x",
    ] {
        assert!(said.contains(row), "{said}");
    }
    assert!(!said.contains("Rossi"), "{said}");
}
