//! `--cache`: what was clean is not looked at again, and nothing else changes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::{clearpost, outcome};

const PACK: &str = r#"pack: own
policy: builtin:social-media
rules:
  - id: client
    clause: SMP-3.1
    message: "“{match}” is a client"
    terms: [Acme Corp]
  - id: prize
    clause: SMP-7.1
    message: "not before the ceremony"
    when: { embargo: "2026-12-01T08:00:00Z" }
    terms: [first prize]
  - id: season
    clause: SMP-7.1
    message: "the season is over"
    when: { from: "2027-01-01T00:00:00Z" }
    terms: [winter sale]
  - id: video
    clause: SMP-8.2
    message: "shorter"
    when: { channels: [x] }
    terms: [long]
  - id: place
    clause: SMP-4.1
    message: "it tells where it was taken"
    image: { location: absent }
"#;

/// A picture of one pixel.
const PICTURE: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let at = place.path();
    fs::create_dir(at.join(".git")).unwrap();
    fs::create_dir(at.join("posts")).unwrap();
    fs::write(at.join("own.yaml"), PACK).unwrap();
    fs::write(at.join("clearpost.yaml"), "packs: [own.yaml]\n").unwrap();
    for (name, text) in [
        ("clean.md", "A long day by the sea.\n"),
        ("client.md", "We met Acme Corp.\n"),
        ("sale.md", "The winter sale is on.\n"),
        (
            "waived.md",
            "<!-- clearpost-waive own/client: agreed, LEG-1; by a@example.com; until 2027-01-01 -->\nAcme Corp.\n",
        ),
        ("picture.md", "![The sea in the evening](sea.gif)\n"),
    ] {
        fs::write(at.join("posts").join(name), text).unwrap();
    }
    fs::write(at.join("posts/sea.gif"), PICTURE).unwrap();
    place
}

fn check(place: &Path, now: &str, args: &[&str]) -> (i32, String, String) {
    outcome(
        clearpost(place)
            .env("XDG_CACHE_HOME", place.join("own"))
            .args(["check", "posts", "--format", "json", "--now", now])
            .args(args),
    )
}

/// The file that the usual cache is in.
fn kept(place: &Path) -> PathBuf {
    let mut projects = fs::read_dir(place.join("own/clearpost")).unwrap();
    projects.next().unwrap().unwrap().path().join("clean")
}

const NOW: &str = "2026-11-28T09:00:00Z";

#[test]
fn a_second_run_says_what_the_first_said_and_what_a_run_without_a_cache_says() {
    let place = place();
    let plain = check(place.path(), NOW, &[]);
    for _ in 0..3 {
        assert_eq!(check(place.path(), NOW, &["--cache"]), plain);
    }
    assert_eq!(check(place.path(), NOW, &["--cache=elsewhere"]), plain);
    assert!(place.path().join("elsewhere/clean").is_file());
    assert!(kept(place.path()).is_file());
}

#[test]
fn nothing_that_was_found_is_kept() {
    let place = place();
    check(place.path(), NOW, &["--cache"]);
    let kept = fs::read(kept(place.path())).unwrap();
    let kept = String::from_utf8_lossy(&kept).to_lowercase();
    for word in ["acme", "leg-1", "client.md", "winter"] {
        assert!(!kept.contains(word), "{word}");
    }
}

/// The findings of a run with the cache, which has to be what a run without it finds.
fn found(place: &Path, now: &str, args: &[&str]) -> usize {
    let (status, out, err) = check(place, now, args);
    let cached = check(place, now, &[args, &["--cache"]].concat());
    assert_eq!(cached, (status, out.clone(), err));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    report["findings"].as_array().unwrap().len()
}

#[test]
fn whatever_changes_is_looked_at() {
    let place = place();
    let at = place.path();
    let before = found(at, NOW, &[]);
    fs::write(at.join("posts/clean.md"), "A long day with Acme Corp.\n").unwrap();
    assert_eq!(found(at, NOW, &[]), before + 1);
    // A rule
    let wider = PACK.replace("[Acme Corp]", "[Acme Corp, sea]");
    fs::write(at.join("own.yaml"), &wider).unwrap();
    let wide = found(at, NOW, &[]);
    assert!(wide > before + 1);
    fs::write(at.join("own.yaml"), PACK).unwrap();
    assert_eq!(found(at, NOW, &[]), before + 1);
    // A flag
    assert_eq!(found(at, NOW, &["--channel", "x"]), before + 2);
    assert_eq!(found(at, NOW, &[]), before + 1);
    // What only the configuration says
    fs::write(
        at.join("clearpost.yaml"),
        "packs: [own.yaml]\ndrafts:\n  - { paths: [\"posts/*\"], channel: x }\n",
    )
    .unwrap();
    assert_eq!(found(at, NOW, &[]), before + 2);
    // A file that a draft only points at
    fs::remove_file(at.join("posts/sea.gif")).unwrap();
    let missing = found(at, NOW, &[]);
    assert!(missing > before + 2, "{missing}");
}

#[test]
fn time_goes_on() {
    let place = place();
    let at = place.path();
    let before = found(at, NOW, &[]);
    assert_eq!(found(at, "2026-12-31T23:59:59Z", &[]), before);
    assert_eq!(found(at, "2027-01-01T00:00:00Z", &[]), before + 1);
    assert_eq!(found(at, NOW, &[]), before);
    // An embargo that is over does not let through what was written before it was.
    fs::write(at.join("posts/clean.md"), "The first prize is ours.\n").unwrap();
    assert_eq!(found(at, "2026-12-02T00:00:00Z", &[]), before);
    assert_eq!(found(at, NOW, &[]), before + 1);
}

#[test]
fn a_cache_that_cannot_be_written_or_read_is_no_failure() {
    let place = place();
    let at = place.path();
    let plain = check(at, NOW, &[]);
    fs::write(at.join("full"), "a file").unwrap();
    let (status, out, err) = check(at, NOW, &["--cache=full/cache"]);
    assert_eq!((status, &out), (plain.0, &plain.1), "{err}");
    let (_, _, told) = check(at, NOW, &["--cache=full/cache", "--verbose"]);
    assert!(told.contains("the cache was not written"), "{told}");
    check(at, NOW, &["--cache"]);
    fs::write(kept(at), b"clearpost cache1 nonsense").unwrap();
    assert_eq!(check(at, NOW, &["--cache"]), plain);
}

#[test]
fn a_mark_that_looks_otherwise_is_looked_for_again() {
    let place = place();
    let at = place.path();
    let registry = "assets:\n  - { id: theirs, kind: logo, protected: true, file: mark.gif }\n";
    fs::write(at.join("assets.yaml"), registry).unwrap();
    // Another picture of one pixel.
    let mut other = PICTURE.to_vec();
    other[15] = 0xff;
    fs::write(at.join("mark.gif"), other).unwrap();
    let config = "packs: [own.yaml]\nassets: assets.yaml\n";
    fs::write(at.join("clearpost.yaml"), config).unwrap();
    let mark = "  - id: mark\n    clause: SMP-4.4\n    message: m\n    image: { mark: any }\n";
    fs::write(at.join("own.yaml"), format!("{PACK}{mark}")).unwrap();
    let before = found(at, NOW, &[]);
    fs::write(at.join("mark.gif"), PICTURE).unwrap();
    assert!(found(at, NOW, &[]) > before);
}

#[test]
fn a_folder_that_was_there_keeps_what_is_its_own() {
    let place = place();
    check(place.path(), NOW, &["--cache=."]);
    assert!(place.path().join("clean").is_file());
    assert!(!place.path().join(".gitignore").exists());
}
