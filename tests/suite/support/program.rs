//! The program itself, on a machine that says nothing of its own.

use std::path::Path;

use snapbox::cmd::{Command, cargo_bin};

/// What a developer's machine may say and a test must not hear.
const UNSET: [&str; 14] = [
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "CLEARPOST_FORMAT",
    "LANG",
    "LC_ALL",
    "LC_MESSAGES",
    "LC_CTYPE",
    "NO_COLOR",
    "CLICOLOR_FORCE",
];

/// The program in `folder`, before its arguments.
pub(crate) fn clearpost(folder: &Path) -> Command {
    UNSET.iter().fold(
        Command::new(cargo_bin!("clearpost")).current_dir(folder),
        Command::env_remove,
    )
}

/// Runs `command`: status, standard output, standard error.
pub(crate) fn outcome(command: Command) -> (i32, String, String) {
    let done = command.output().unwrap();
    (
        done.status.code().unwrap(),
        String::from_utf8(done.stdout).unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    )
}
