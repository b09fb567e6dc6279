//! From what was typed to the files to check.
//!
//! A path typed by name is checked even if it is hidden or ignored; in a folder hidden and ignored
//! files are passed over, and so are files that are no drafts.

use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::draft::read::{FORMATS, by_extension};
use crate::text::Problem;

/// A file, or standard input, to check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// As it is shown: relative to the working folder.
        path: PathBuf,
        /// Whether it was typed by name.
        named: bool,
    },
}

impl Input {
    /// The folder whose configuration holds.
    pub(super) fn folder(&self) -> &Path {
        match self {
            Self::Stdin => Path::new("."),
            Self::File { path, .. } => path.parent().unwrap_or(Path::new(".")),
        }
    }
}

/// A path that leads to nothing.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum DiscoverError {
    #[error("there is no file or folder `{path}`")]
    #[diagnostic(
        code(clearpost::input::missing),
        help("check the spelling; `*` and `**` stand for parts of names")
    )]
    Missing { path: String },
    #[error("no file matches `{path}`")]
    #[diagnostic(
        code(clearpost::input::no_match),
        help("`*` stands for part of a name, `**` for folders")
    )]
    NoMatch { path: String },
    #[error("cannot look into {reason}")]
    #[diagnostic(
        code(clearpost::input::unreadable_folder),
        help("check that you may read the folder")
    )]
    Unreadable { reason: String },
    #[error("there is nothing to check in {paths}")]
    #[diagnostic(
        code(clearpost::input::nothing),
        help("drafts are files that end in {known}")
    )]
    Nothing { paths: String, known: String },
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their paths.
    pub(super) inputs: Vec<Input>,
    /// What was passed over, and why.
    pub(super) passed_over: Vec<(PathBuf, &'static str)>,
    pub(super) problems: Vec<Problem>,
}

/// Finds everything that `paths` name.
pub(super) fn discover(paths: &[String]) -> Found {
    let mut found = Found::default();
    for typed in paths {
        let path = Path::new(typed);
        if typed == "-" {
            found.inputs.push(Input::Stdin);
        } else if path.is_dir() {
            let before = found.inputs.len();
            walk(path, |_| true, &mut found);
            if found.inputs.len() == before {
                found.problems.push(nothing(std::slice::from_ref(typed)));
            }
        } else if path.exists() {
            found.inputs.push(Input::File {
                path: tidy(path),
                named: true,
            });
        } else if typed.contains(['*', '?', '[', '{']) {
            expand(typed, &mut found);
        } else {
            let error = DiscoverError::Missing {
                path: typed.clone(),
            };
            found
                .problems
                .push(Problem::new(&error).in_file(typed.clone()));
        }
    }
    // One that is also named stays named.
    found.inputs.sort_by(|a, b| key(a).cmp(&key(b)));
    found.inputs.dedup_by(|a, b| match (a, b) {
        (Input::File { path: a, .. }, Input::File { path: b, .. }) => a == b,
        (a, b) => a == b,
    });
    // A file that is named in two ways is still one file.
    if paths.len() > 1 {
        let mut seen = std::collections::HashSet::new();
        found.inputs.retain(|input| match input {
            Input::Stdin => true,
            Input::File { path, .. } => path.canonicalize().map_or(true, |path| seen.insert(path)),
        });
    }
    if found.inputs.is_empty() && found.problems.is_empty() {
        found.problems.push(nothing(paths));
    }
    found
}

/// That there is nothing to check, which is never “clean”.
pub(super) fn nothing(paths: &[String]) -> Problem {
    let known: Vec<String> = FORMATS
        .iter()
        .filter(|format| format.is_found_in_folders())
        .flat_map(|format| format.extensions().iter().map(|e| format!(".{e}")))
        .collect();
    let paths = if paths.is_empty() {
        "standard input".to_owned()
    } else {
        paths.join(", ")
    };
    Problem::new(&DiscoverError::Nothing {
        paths,
        known: known.join(", "),
    })
}

fn key(input: &Input) -> (&Path, bool) {
    match input {
        Input::Stdin => (Path::new(""), false),
        Input::File { path, named } => (path, !named),
    }
}

fn walk(folder: &Path, takes: impl Fn(&Path) -> bool, found: &mut Found) {
    let mut walker = WalkBuilder::new(folder);
    walker
        .add_custom_ignore_filename(".clearpostignore")
        .require_git(false);
    for entry in walker.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let error = DiscoverError::Unreadable {
                    reason: error.to_string(),
                };
                found.problems.push(Problem::new(&error));
                continue;
            }
        };
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let path = entry.path();
        if is_folder || !takes(path) {
            continue;
        }
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        let path = tidy(path);
        if !is_file {
            found.passed_over.push((path, "no regular file"));
        } else if by_extension(extension).is_none() {
            found.passed_over.push((path, "no draft"));
        } else {
            found.inputs.push(Input::File { path, named: false });
        }
    }
}

fn expand(typed: &str, found: &mut Found) {
    let before = found.inputs.len();
    let pattern = typed.strip_prefix("./").unwrap_or(typed);
    if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
        let matcher = glob.compile_matcher();
        let fixed: PathBuf = Path::new(pattern)
            .components()
            .take_while(|part| {
                !part
                    .as_os_str()
                    .to_string_lossy()
                    .contains(['*', '?', '[', '{'])
            })
            .collect();
        let start = if fixed.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &fixed
        };
        if start.is_dir() {
            walk(start, |path| matcher.is_match(tidy(path)), found);
        }
    }
    if found.inputs.len() == before {
        let error = DiscoverError::NoMatch {
            path: typed.to_owned(),
        };
        found
            .problems
            .push(Problem::new(&error).in_file(typed.to_owned()));
    }
}

/// `./a/b`, and an absolute path below the working folder, as `a/b`.
fn tidy(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok().filter(|_| path.is_absolute());
    let path = here
        .as_ref()
        .and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path);
    path.strip_prefix("./").unwrap_or(path).to_path_buf()
}
