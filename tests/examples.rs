//! The worked company under `examples/`: what each draft gives, word for word.
//!
//! `SNAPSHOTS=overwrite cargo test --test examples` rewrites what is expected.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says what went wrong and stops"
)]

#[path = "support/program.rs"]
mod program;

use std::path::Path;

use snapbox::cmd::Command;
use snapbox::{Data, assert_data_eq};

fn clearpost() -> Command {
    program::clearpost(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("CLEARPOST_NOW", "2026-11-23T09:00:00Z")
}

fn drafts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/drafts");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn each_draft_gives_what_is_expected() {
    let names = drafts();
    assert_eq!(names.len(), 10);
    for name in names {
        let command = clearpost().args(["check", &format!("examples/drafts/{name}")]);
        let (status, out, errors) = program::outcome(command);
        let shown = format!("{out}{errors}exit status {status}\n");
        let expected =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/expected/{name}.out"));
        assert_data_eq!(shown, Data::read_from(&expected, None).raw());
    }
}

#[test]
fn the_whole_folder_is_the_sum_of_its_drafts_whatever_the_threads() {
    let check = |jobs: &str, format: &str| {
        let found = clearpost()
            .args([
                "check",
                "examples/drafts",
                "--format",
                format,
                "--jobs",
                jobs,
            ])
            .output()
            .unwrap();
        assert_eq!(found.status.code(), Some(1));
        assert!(found.stderr.is_empty() || format == "compact");
        found.stdout
    };
    for format in ["pretty", "narrated", "compact", "json", "jsonl"] {
        assert_eq!(check("1", format), check("8", format), "{format}");
    }
    let each: Vec<u8> = drafts()
        .into_iter()
        .flat_map(|name| {
            clearpost()
                .args([
                    "check",
                    &format!("examples/drafts/{name}"),
                    "--format",
                    "jsonl",
                ])
                .output()
                .unwrap()
                .stdout
        })
        .collect();
    assert_eq!(each, check("4", "jsonl"));
}
