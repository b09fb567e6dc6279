//! Only what a change brings: real repositories, made by git in a temporary folder.

#![allow(clippy::print_stdout, reason = "a test says what it skips")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{clearpost, outcome};

const PACK: &str = "pack: own\npolicy: builtin:social-media\nrules:
  - id: client
    clause: SMP-3.1
    message: \"“{match}” is a client\"
    terms: [Acme Corp]
  - id: label
    clause: SMP-5.1
    message: \"say that it is an advert\"
    when: {sponsored: true}
    require: {any_of: [{terms: [advert]}]}
";

/// A repository with one commit: a post with an old finding, and a clean one.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write("clearpost.yaml", "packs: [own.yaml]\n");
        repository.write("own.yaml", PACK);
        repository.write("posts/old.md", "# Old\n\nAcme Corp was here.\n\nThe end.\n");
        repository.write("posts/fine.md", "# Fine\n\nNothing here.\n\nThe end.\n");
        repository.commit("first");
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    fn check(&self, args: &[&str]) -> (i32, String, String) {
        check_in(self.path(), args)
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let done = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args([
            "-c",
            "protocol.file.allow=always",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git is needed for these tests");
    assert!(
        done.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn check_in(folder: &Path, args: &[&str]) -> (i32, String, String) {
    outcome(
        clearpost(folder)
            .args(["check", "--format", "compact", "--quiet"])
            .args(args),
    )
}

/// The places that were told, without their messages.
fn places(out: &str) -> Vec<String> {
    out.lines()
        .map(|line| line.split(": ").next().unwrap().to_owned())
        .collect()
}

#[test]
fn findings_on_added_lines_are_told_and_old_ones_are_not() {
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository.write(
        "posts/old.md",
        "# Old\n\nAcme Corp was here.\n\nAnd Acme Corp is back.\n\nThe end.\n",
    );
    repository.write("posts/new.md", "Acme Corp\n");
    let (status, out, err) = repository.check(&[".", "--changed-since", "main"]);
    assert_eq!(
        (status, places(&out)),
        (
            1,
            vec!["posts/new.md:1:1".into(), "posts/old.md:5:5".into()]
        ),
        "{err}"
    );
    // The same once it is committed, and once main has moved on.
    repository.commit("second");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("posts/fine.md", "Acme Corp\n");
    repository.commit("elsewhere");
    repository.git(&["checkout", "-q", "change"]);
    let (_, out, _) = repository.check(&["--changed-since", "main"]);
    assert_eq!(places(&out), ["posts/new.md:1:1", "posts/old.md:5:5"]);
    let (_, out, _) = repository.check(&["--changed-since", "main", "--changed-files"]);
    assert_eq!(
        places(&out),
        ["posts/new.md:1:1", "posts/old.md:3:1", "posts/old.md:5:5"]
    );
    // Below a folder, and from within it.
    let (_, out, _) = repository.check(&["posts/new.md", "--changed-since", "main"]);
    assert_eq!(places(&out), ["posts/new.md:1:1"]);
    let (_, out, err) = check_in(
        &repository.path().join("posts"),
        &[".", "--changed-since", "main"],
    );
    assert_eq!(places(&out), ["new.md:1:1", "old.md:5:5"], "{err}");
    // A merge brings what the other side changed, which is no change of this branch.
    repository.git(&["merge", "-q", "--no-edit", "main"]);
    let (_, out, _) = repository.check(&["--changed-since", "main"]);
    assert_eq!(places(&out), ["posts/new.md:1:1", "posts/old.md:5:5"]);
    repository.git(&["checkout", "-q", "--detach"]);
    let (_, out, _) = repository.check(&["--changed-since", "main"]);
    assert_eq!(places(&out), ["posts/new.md:1:1", "posts/old.md:5:5"]);
}

#[test]
fn nothing_changed_is_clean_and_says_nothing() {
    let repository = Repository::new();
    for args in [
        &["--changed-since", "HEAD"][..],
        &["--staged"],
        &["--changed-files"],
        &[".", "--changed-files"],
    ] {
        assert_eq!(
            repository.check(args),
            (0, String::new(), String::new()),
            "{args:?}"
        );
    }
}

#[test]
fn a_draft_whose_facts_or_waivers_changed_counts_as_a_whole() {
    let repository = Repository::new();
    repository.write(
        "posts/waived.md",
        "# A\n\n<!-- clearpost-waive own/client: consent; by legal@example.com; until 2036-12-31 -->\nAcme Corp\n\nb\n",
    );
    repository.write(
        "posts/list.csv",
        "id,text,channel\n1,Acme Corp,x\n2,Acme Corp,x\n",
    );
    repository.commit("more");
    // Taking a waiver out leaves the line that it was for as it is.
    repository.write("posts/waived.md", "# A\n\nAcme Corp\n\nb\n");
    repository.write(
        "posts/old.md",
        "---\nsponsored: true\n---\n# Old\n\nAcme Corp was here.\n\nThe end.\n",
    );
    repository.write(
        "posts/list.csv",
        "id,text,channel\n1,Acme Corp,x\n2,Acme Corp,linkedin\n",
    );
    let (_, out, err) = repository.check(&["posts", "posts/list.csv", "--changed-files"]);
    assert_eq!(places(&out).len(), 5, "{out}{err}");
    let (status, out, err) =
        repository.check(&["posts", "posts/list.csv", "--changed-since", "HEAD"]);
    assert_eq!(status, 1);
    assert_eq!(
        places(&out),
        [
            "posts/list.csv:3:3",
            "posts/old.md:2:12",
            "posts/old.md:6:1",
            "posts/waived.md:3:1"
        ],
        "{out}{err}"
    );
}

#[test]
fn what_is_staged_is_checked_as_it_is_staged() {
    let repository = Repository::new();
    repository.write("posts/fine.md", "# Fine\n\nAcme Corp.\n\nThe end.\n");
    repository.git(&["add", "posts/fine.md"]);
    repository.write("posts/fine.md", "# Fine\n\nNothing.\n");
    repository.write("posts/loose.md", "Acme Corp\n");
    let (status, out, err) = repository.check(&["--staged"]);
    assert_eq!(
        (status, places(&out)),
        (1, vec!["posts/fine.md:3:1".into()]),
        "{err}"
    );
    fs::remove_file(repository.path().join("posts/fine.md")).unwrap();
    let (status, out, err) = repository.check(&["--staged"]);
    assert_eq!(
        (status, places(&out)),
        (1, vec!["posts/fine.md:3:1".into()]),
        "{err}"
    );
}

#[test]
fn the_first_commit_can_be_checked_too() {
    let place = tempfile::tempdir().unwrap();
    git(place.path(), &["init", "-q"]);
    fs::write(place.path().join("own.yaml"), PACK).unwrap();
    fs::write(place.path().join("a.md"), "Acme Corp\n").unwrap();
    git(place.path(), &["add", "-A"]);
    for option in ["--staged", "--changed-files"] {
        let (status, out, err) = check_in(place.path(), &[option, "--pack", "own.yaml"]);
        assert_eq!(
            (status, places(&out)),
            (1, vec!["a.md:1:1".into()]),
            "{option}: {err}"
        );
    }
}

#[test]
fn names_that_are_hard_to_write_are_found() {
    let repository = Repository::new();
    for name in [
        "posts/with space.md",
        "posts/più è.md",
        "posts/quote\"tab.md",
        "posts/a\u{1F600}.md",
    ] {
        repository.write(name, "Acme Corp\n");
    }
    repository.commit("names");
    for name in [
        "posts/with space.md",
        "posts/più è.md",
        "posts/quote\"tab.md",
        "posts/a\u{1F600}.md",
    ] {
        repository.write(name, "Acme Corp\n\nand Acme Corp\n");
    }
    let (_, out, err) = repository.check(&["--changed-since", "HEAD"]);
    assert_eq!(out.lines().count(), 4, "{out}{err}");
    assert!(out.lines().all(|line| line.contains(".md:3:5")), "{out}");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_found() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let repository = Repository::new();
    let name = repository
        .path()
        .join(OsStr::from_bytes(b"posts/caf\xE9.md"));
    if fs::write(&name, "fine\n").is_err() {
        println!("skipped: this file system takes no such name");
        return;
    }
    repository.commit("name");
    fs::write(&name, "fine\n\nAcme Corp\n").unwrap();
    let (status, out, err) = repository.check(&["--changed-since", "HEAD"]);
    assert_eq!((status, out.lines().count()), (1, 1), "{out}{err}");
}

#[test]
fn a_renamed_file_brings_its_changed_lines_alone() {
    let repository = Repository::new();
    let text = "# Old\n\nAcme Corp was here.\n\nThe end.\n\nA long end it is.\n";
    repository.write("posts/old.md", text);
    repository.commit("longer");
    repository.git(&["mv", "posts/old.md", "posts/moved.md"]);
    let (status, out, err) = repository.check(&["--changed-since", "HEAD"]);
    assert_eq!((status, out), (0, String::new()), "{err}");
    repository.write("posts/moved.md", &format!("{text}\nAcme Corp again.\n"));
    let (_, out, _) = repository.check(&["--changed-since", "HEAD"]);
    assert_eq!(places(&out), ["posts/moved.md:9:1"]);
}

#[test]
fn a_rebased_branch_brings_what_it_brought_before() {
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository.write("posts/new.md", "Acme Corp\n");
    repository.commit("mine");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("posts/other.md", "Acme Corp\n");
    repository.commit("theirs");
    repository.git(&["checkout", "-q", "change"]);
    repository.git(&["rebase", "-q", "main"]);
    let (_, out, _) = repository.check(&["--changed-since", "main"]);
    assert_eq!(places(&out), ["posts/new.md:1:1"]);
}

#[test]
fn a_worktree_and_a_submodule_are_repositories_of_their_own() {
    let repository = Repository::new();
    let beside = tempfile::tempdir().unwrap();
    let tree = beside.path().join("tree");
    repository.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        tree.to_str().unwrap(),
    ]);
    fs::write(tree.join("posts/new.md"), "Acme Corp\n").unwrap();
    let (_, out, err) = check_in(&tree, &["--changed-since", "main"]);
    assert_eq!(places(&out), ["posts/new.md:1:1"], "{err}");
    let other = Repository::new();
    repository.git(&[
        "submodule",
        "--quiet",
        "add",
        other.path().to_str().unwrap(),
        "theme",
    ]);
    let (status, out, err) = repository.check(&["--changed-since", "HEAD"]);
    assert_eq!((status, out), (0, String::new()), "{err}");
}

#[test]
fn where_nobody_can_tell_what_changed_it_is_no_clean_run() {
    let repository = Repository::new();
    let (status, _, err) = repository.check(&["--changed-since", "nowhere"]);
    assert_eq!(status, 2);
    assert!(err.contains("git knows no revision `nowhere`"), "{err}");
    for rev in ["--output=x", "-h"] {
        let (status, _, err) = repository.check(&[&format!("--changed-since={rev}")]);
        assert_eq!(status, 2, "{err}");
    }
    assert!(!repository.path().join("x").exists());
    let loose = tempfile::tempdir().unwrap();
    fs::write(loose.path().join("own.yaml"), PACK).unwrap();
    let (status, _, err) = check_in(
        loose.path(),
        &["--changed-since", "main", "--pack", "own.yaml"],
    );
    assert_eq!(status, 2);
    assert!(err.contains("in no git repository"), "{err}");
    let (status, _, err) = outcome(
        clearpost(repository.path())
            .env("PATH", loose.path())
            .args(["check", "--changed-since", "main"]),
    );
    assert_eq!(status, 2);
    assert!(err.contains("git cannot be run"), "{err}");
}

#[test]
fn a_shallow_clone_is_told_what_to_fetch() {
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository.write("posts/new.md", "Acme Corp\n");
    repository.commit("second");
    let beside = tempfile::tempdir().unwrap();
    let from = format!("file://{}", repository.path().display());
    git(
        beside.path(),
        &[
            "clone", "-q", "--depth", "1", "--branch", "change", &from, "shallow",
        ],
    );
    let (status, _, err) = check_in(
        &beside.path().join("shallow"),
        &["--changed-since", "origin/main"],
    );
    assert_eq!(status, 2);
    assert!(
        err.contains("git fetch --unshallow") && err.contains("fetch-depth: 0"),
        "{err}"
    );
}

#[test]
fn a_baseline_lets_old_findings_be_and_counts_new_ones() {
    let repository = Repository::new();
    let run = |args: &[&str]| {
        outcome(
            clearpost(repository.path())
                .args(args)
                .args(["--now", "2026-11-28T09:00:00Z"]),
        )
    };
    let (status, out, err) = run(&["baseline", "write", "--reason", "before we began"]);
    assert_eq!(
        (status, out.as_str()),
        (
            0,
            "clearpost-baseline.txt: 1 known, 1 of them new, 0 taken out\n"
        ),
        "{err}"
    );
    let file = fs::read_to_string(repository.path().join("clearpost-baseline.txt")).unwrap();
    assert!(
        file.lines()
            .nth(1)
            .unwrap()
            .ends_with(" posts/old.md own/client 2026-11-28 before we began"),
        "{file}"
    );
    assert!(!file.contains("Acme"), "{file}");
    assert_eq!(repository.check(&["."]), (0, String::new(), String::new()));
    // Lines that move and neighbours that change make nothing new.
    repository.write(
        "posts/old.md",
        "# Old\n\nMore.\n\nYes, Acme Corp was here!\n\nThe end.\n",
    );
    assert_eq!(repository.check(&["."]).0, 0);
    // A second one in the same post is new.
    repository.write("posts/old.md", "Acme Corp and Acme Corp\n");
    let (status, out, _) = repository.check(&["."]);
    assert_eq!(
        (status, places(&out)),
        (1, vec!["posts/old.md:1:15".into()])
    );
    assert_eq!(
        repository.check(&[".", "--no-baseline"]).1.lines().count(),
        2
    );
    let json = outcome(clearpost(repository.path()).args(["check", ".", "--format", "json"])).1;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["baselined"], 1);
    let (status, out, _) = run(&["baseline", "check"]);
    assert_eq!(status, 1);
    assert!(out.starts_with("new  posts/old.md own/client\n"), "{out}");
    // What was mended is told and taken out.
    repository.write("posts/old.md", "All is well.\n");
    let (status, out, err) = outcome(clearpost(repository.path()).args(["check", "."]));
    assert_eq!(status, 0);
    assert!(
        format!("{out}{err}").contains("1 entry of the baseline stands for nothing any more"),
        "{out}{err}"
    );
    assert_eq!(run(&["baseline", "check"]).0, 1);
    let (status, out, _) = run(&["baseline", "prune"]);
    assert_eq!(
        (status, out.as_str()),
        (0, "clearpost-baseline.txt: 0 known, 1 taken out\n")
    );
    assert_eq!(run(&["baseline", "check"]).0, 0);
}

#[test]
fn entries_keep_their_date_and_follow_a_renamed_file() {
    let repository = Repository::new();
    let at = |now: &str, args: &[&str]| {
        outcome(clearpost(repository.path()).args(args).args(["--now", now]))
    };
    at(
        "2026-11-28T09:00:00Z",
        &["baseline", "write", "--reason", "old debt"],
    );
    repository.commit("baseline");
    repository.write("posts/b.md", "Acme Corp\n");
    at("2027-01-07T09:00:00Z", &["baseline", "write"]);
    let file = fs::read_to_string(repository.path().join("clearpost-baseline.txt")).unwrap();
    assert!(
        file.contains("2026-11-28 old debt") && file.contains("2027-01-07\n"),
        "{file}"
    );
    repository.commit("b");
    repository.git(&["mv", "posts/old.md", "posts/moved.md"]);
    let (status, out, err) = repository.check(&["--changed-since", "HEAD", "--changed-files"]);
    assert_eq!((status, out), (0, String::new()), "{err}");
}

#[test]
fn a_broken_baseline_is_no_clean_run() {
    let repository = Repository::new();
    repository.write(
        "clearpost-baseline.txt",
        "<<<<<<< HEAD\n0123456789abcdef posts/old.md own/client 2026-11-28\n",
    );
    let (status, _, err) = repository.check(&["."]);
    assert_eq!(status, 2);
    assert!(
        err.contains("clearpost-baseline.txt:1:1") && err.contains("no entry of a baseline"),
        "{err}"
    );
}
