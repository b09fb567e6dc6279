//! The pages say what the program does: their commands are run and their outputs compared.
//!
//! `TRYCMD=overwrite cargo test --test suite docs::` rewrites the outputs.

use std::fs;
use std::path::{Path, PathBuf};

use clearpost::draft::read::FORMATS;
use snapbox::cmd::{Command, cargo_bin};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Commands that `.ci/run` runs itself, or that change the machine.
const ELSEWHERE: [&str; 3] = ["Try it", "Test it", "Install"];

#[test]
fn console_blocks_show_what_the_program_says() {
    let cases = trycmd::TestCases::new();
    for name in [
        "LANG",
        "LC_ALL",
        "LC_MESSAGES",
        "LC_CTYPE",
        "CI",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
    ] {
        cases.env(name, "");
    }
    cases
        .env("CLEARPOST_NOW", "2026-11-23T09:00:00Z")
        .case("README.md")
        .case("docs/images.md");
}

/// The fenced blocks of a page: heading, language, text.
fn blocks(page: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut heading = String::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match &mut open {
            Some((language, text)) if line == "```" => {
                found.push((heading.clone(), language.clone(), text.clone()));
                open = None;
            }
            Some((_, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None => {
                if let Some(language) = line.strip_prefix("```") {
                    open = Some((language.to_owned(), String::new()));
                } else if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut heading);
                }
            }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            copy(&path, &to.join(path.file_name().unwrap()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn the_commands_of_the_pages_run_and_the_readmes_pack_is_right() {
    let page = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let place = tempfile::tempdir().unwrap();
    for name in ["examples", "docs"] {
        copy(&Path::new(ROOT).join(name), &place.path().join(name));
    }
    fs::create_dir(place.path().join(".git")).unwrap();
    let program: PathBuf = cargo_bin!("clearpost").into();
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let run = |command: &str| {
        let done = Command::new("bash")
            .args(["-c", command])
            .current_dir(place.path())
            .env("PATH", &path)
            .stdin("")
            .output()
            .unwrap();
        let status = done.status.code().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(
            matches!(status, 0 | 1) && !errors.contains("panicked"),
            "{command}: {status}\n{errors}"
        );
    };
    let mut commands = 0;
    let mut packs = 0;
    let pictures = fs::read_to_string(Path::new(ROOT).join("docs/images.md")).unwrap();
    for (heading, language, text) in blocks(&page).into_iter().chain(blocks(&pictures)) {
        match language.as_str() {
            "sh" if !ELSEWHERE.contains(&heading.as_str()) => {
                for command in text.lines() {
                    run(command);
                    commands += 1;
                }
            }
            "yaml" if text.contains("\npack: ") || text.starts_with("pack: ") => {
                fs::write(place.path().join("my-company/packs/launches.yaml"), text).unwrap();
                run("clearpost packs --config my-company/clearpost.yaml");
                packs += 1;
            }
            "yaml" if text.starts_with("drafts:") => {
                fs::write(place.path().join("drafts.yaml"), text).unwrap();
                run("clearpost packs --config drafts.yaml");
                packs += 1;
            }
            "yaml" if text.starts_with("register: ") => {
                fs::write(place.path().join("my-company/registers/clients.yaml"), text).unwrap();
                run("clearpost packs --config my-company/clearpost.yaml");
                packs += 1;
            }
            _ => {}
        }
    }
    for format in FORMATS {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", format.name())))
            .unwrap_or_else(|| panic!("no row for {}", format.name()));
        assert!(row.contains(format.about()), "{row}");
        for extension in format.extensions() {
            assert!(row.contains(&format!("`.{extension}`")), "{row}");
        }
        let command = row.rsplit('`').nth(1).unwrap();
        assert!(command.starts_with("clearpost check "), "{row}");
        run(command);
        commands += 1;
    }
    assert!(
        commands >= 20 && packs == 3,
        "{commands} commands and {packs} files were found"
    );
}

#[test]
fn the_commands_of_the_page_on_ci_run() {
    let place = tempfile::tempdir().unwrap();
    copy(&Path::new(ROOT).join("examples/ci"), place.path());
    let setup = "git init -q -b main && git add -A && git -c user.name=Test -c user.email=test@example.com commit -q -m posts";
    assert!(run_all("docs/ci.md", place.path(), setup) > 10);
}

#[test]
fn the_commands_of_the_page_on_imports_run() {
    let place = tempfile::tempdir().unwrap();
    assert!(run_all("docs/import.md", place.path(), "true") > 5);
}

/// Runs every command of a page in a folder, after `setup`; how many there were.
fn run_all(page: &str, place: &Path, setup: &str) -> usize {
    let page = fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
    let program: PathBuf = cargo_bin!("clearpost").into();
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let run = |command: &str| {
        let done = Command::new("bash")
            .args(["-c", command])
            .current_dir(place)
            .env("PATH", &path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin("")
            .output()
            .unwrap();
        let status = done.status.code().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(matches!(status, 0 | 1), "{command}: {status}\n{errors}");
    };
    run(setup);
    let mut commands = 0;
    for (_, language, text) in blocks(&page) {
        if language == "sh" {
            for command in text.lines() {
                run(command);
                commands += 1;
            }
        }
    }
    commands
}
