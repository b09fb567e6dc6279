//! From what was typed to the files to check.
//!
//! A path typed by name is checked even if it is hidden or ignored; in a folder hidden and ignored
//! files are passed over, and so are files that are no drafts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use super::changes::{Changes, real};
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
    #[error("`{path}` is named like a draft, but it is {what}, and was not read")]
    #[diagnostic(
        code(clearpost::input::not_a_file),
        help("move it out of the folder, or name it in .clearpostignore")
    )]
    NotAFile { path: String, what: &'static str },
    #[error("the link `{path}` leads nowhere, so what it stands for was not read")]
    #[diagnostic(
        code(clearpost::input::dead_link),
        help("mend or remove the link, or name it in .clearpostignore")
    )]
    DeadLink { path: String },
    #[error(
        "the link `{path}` leads out of the folder that was to be checked, and was not followed"
    )]
    #[diagnostic(
        code(clearpost::input::leads_out),
        help("check what it stands for by its own name, and name the link in .clearpostignore")
    )]
    LeadsOut { path: String },
    #[error("the link `{path}` leads back to `{ancestor}`, and was not followed again")]
    #[diagnostic(
        code(clearpost::input::link_loop),
        help("remove the link, or name it in .clearpostignore")
    )]
    Loop { path: String, ancestor: String },
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
    /// Whether a link was followed, so that a file may be there twice.
    pub(super) has_links: bool,
}

impl Found {
    /// Takes it that there is nothing to check.
    pub(super) fn allow_nothing(&mut self) {
        self.problems.retain(|problem| problem.code != NOTHING);
    }
}

/// The code of the problem that there is nothing to check.
const NOTHING: &str = "clearpost::input::nothing";

/// Finds everything that `paths` name. With `changes`, only what was touched: a folder in which
/// nothing was is not even looked into, and finding nothing is no mistake.
pub(super) fn discover(paths: &[String], changes: Option<&Arc<Changes>>) -> Found {
    let mut found = Found::default();
    let is_touched = |path: &Path| {
        changes.is_none_or(|changes| real(path).is_some_and(|path| changes.has(&path)))
    };
    for typed in paths {
        let path = Path::new(typed);
        if typed == "-" {
            found.inputs.push(Input::Stdin);
        } else if path.is_dir() {
            let before = found.inputs.len();
            walk(path, |_| true, changes, &mut found);
            if found.inputs.len() == before && changes.is_none() {
                found.problems.push(nothing(std::slice::from_ref(typed)));
            }
        } else if path.exists() {
            if is_touched(path) {
                found.inputs.push(Input::File {
                    path: tidy(path),
                    named: true,
                });
            }
        } else if changes.is_some() && is_touched(path) {
            // It is staged, and gone from the folder.
            found.inputs.push(Input::File {
                path: tidy(path),
                named: true,
            });
        } else if typed.contains(['*', '?', '[', '{']) {
            expand(typed, changes, &mut found);
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
    if paths.len() > 1 || found.has_links {
        one_of_each(&mut found.inputs);
    }
    if found.inputs.is_empty() && found.problems.is_empty() && changes.is_none() {
        found.problems.push(nothing(paths));
    }
    found
}

/// Keeps a file that is reached in two ways, by two names or through a link, under one: the one that
/// was typed, else the one that is no link.
fn one_of_each(inputs: &mut Vec<Input>) {
    let here = std::env::current_dir()
        .and_then(|here| here.canonicalize())
        .unwrap_or_default();
    // Of each real file, the best name so far.
    let mut best: HashMap<PathBuf, ((bool, bool), PathBuf)> = HashMap::new();
    for input in inputs.iter() {
        let Input::File { path, named } = input else {
            continue;
        };
        let Ok(real) = path.canonicalize() else {
            continue;
        };
        let is_link = real != here.join(path);
        let rank = (*named, !is_link);
        match best.entry(real) {
            Entry::Vacant(entry) => {
                entry.insert((rank, path.clone()));
            }
            Entry::Occupied(mut entry) => {
                if rank > entry.get().0 {
                    entry.insert((rank, path.clone()));
                }
            }
        }
    }
    inputs.retain(|input| match input {
        Input::Stdin => true,
        Input::File { path, .. } => path
            .canonicalize()
            .ok()
            .and_then(|real| best.get(&real))
            .is_none_or(|(_, kept)| kept == path),
    });
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

/// Takes up every draft below `folder` whose path `takes` wants.
///
/// Links are followed within `folder`, since a linked post is published like any other, and never out
/// of it. What is named like a draft and cannot be read as a file is a problem: passed over, it would
/// look clean.
fn walk(
    folder: &Path,
    takes: impl Fn(&Path) -> bool,
    changes: Option<&Arc<Changes>>,
    found: &mut Found,
) {
    let mut walker = WalkBuilder::new(folder);
    walker
        .add_custom_ignore_filename(".clearpostignore")
        .require_git(false)
        .follow_links(true);
    let leads_out = Arc::new(Mutex::new(Vec::new()));
    if let Ok(root) = folder.canonicalize() {
        let leads_out = Arc::clone(&leads_out);
        let (changes, typed) = (changes.cloned(), folder.to_path_buf());
        walker.filter_entry(move |entry| {
            if let Some(changes) = &changes
                && !is_on_the_way(entry, changes, &typed, &root)
            {
                return false;
            }
            let stays = !entry.path_is_symlink()
                || entry.depth() == 0
                || (entry.path().canonicalize()).is_ok_and(|real| real.starts_with(&root));
            if !stays {
                let kind = entry.file_type();
                let out = (
                    entry.path().to_path_buf(),
                    kind.is_some_and(|kind| kind.is_dir()),
                );
                leads_out
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(out);
            }
            stays
        });
    }
    if let (Some(changes), Ok(root)) = (changes, folder.canonicalize()) {
        for path in changes.only_staged(&root) {
            let below = path.strip_prefix(&root).unwrap_or(path);
            let path = tidy(&folder.join(below));
            if takes(&path) && is_named_like_a_draft(&path) {
                found.inputs.push(Input::File { path, named: false });
            }
        }
    }
    for entry in walker.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.problems.extend(unwalkable(&error, &takes));
                continue;
            }
        };
        found.has_links |= entry.path_is_symlink();
        let Some(kind) = entry.file_type() else {
            continue;
        };
        let path = entry.path();
        if kind.is_dir() || !takes(path) {
            continue;
        }
        let is_draft = is_named_like_a_draft(path);
        let path = tidy(path);
        if !is_draft {
            found.passed_over.push((path, "no draft"));
        } else if kind.is_file() {
            found.inputs.push(Input::File { path, named: false });
        } else {
            let path = path.display().to_string();
            let error = DiscoverError::NotAFile {
                path: path.clone(),
                what: special(kind),
            };
            found.problems.push(Problem::new(&error).in_file(path));
        }
    }
    let leads_out = std::mem::take(&mut *leads_out.lock().unwrap_or_else(PoisonError::into_inner));
    for (path, is_folder) in leads_out {
        if is_folder || (takes(&path) && is_named_like_a_draft(&path)) {
            let path = tidy(&path).display().to_string();
            let error = DiscoverError::LeadsOut { path: path.clone() };
            found.problems.push(Problem::new(&error).in_file(path));
        }
    }
}

/// Whether an entry of a walk through `folder`, whose real path is `root`, was touched or leads to what
/// was.
fn is_on_the_way(entry: &ignore::DirEntry, changes: &Changes, folder: &Path, root: &Path) -> bool {
    let path = entry.path();
    // A link may lead to what was touched from elsewhere.
    let real = if entry.path_is_symlink() || entry.depth() == 0 {
        path.canonicalize().ok()
    } else {
        path.strip_prefix(folder).ok().map(|below| root.join(below))
    };
    real.is_none_or(|real| changes.has(&real) || changes.has_below(&real))
        || (entry.path_is_symlink() && path.is_dir())
}

fn is_named_like_a_draft(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| by_extension(extension).is_some())
}

/// What a file that is none is called.
#[cfg(unix)]
fn special(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;

    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_block_device() || kind.is_char_device() {
        "a device"
    } else {
        "no regular file"
    }
}

/// What a file that is none is called.
#[cfg(not(unix))]
fn special(_: std::fs::FileType) -> &'static str {
    "no regular file"
}

/// What to say of a place where the walk could not go on; nothing of a dead link that is no draft.
fn unwalkable(error: &ignore::Error, takes: &impl Fn(&Path) -> bool) -> Option<Problem> {
    let mut path = None;
    let mut cause = error;
    loop {
        cause = match cause {
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            ignore::Error::WithPath { path: at, err } => {
                path = Some(at.as_path());
                err
            }
            ignore::Error::Loop { ancestor, child } => {
                let path = tidy(child).display().to_string();
                let ancestor = match tidy(ancestor).display().to_string() {
                    here if here.is_empty() => ".".to_owned(),
                    ancestor => ancestor,
                };
                let error = DiscoverError::Loop {
                    path: path.clone(),
                    ancestor,
                };
                return Some(Problem::new(&error).in_file(path));
            }
            _ => break,
        };
    }
    let link = path.filter(|path| path.is_symlink() && !path.exists());
    if let Some(link) = link {
        return (takes(link) && is_named_like_a_draft(link)).then(|| {
            let path = tidy(link).display().to_string();
            Problem::new(&DiscoverError::DeadLink { path: path.clone() }).in_file(path)
        });
    }
    Some(Problem::new(&DiscoverError::Unreadable {
        reason: error.to_string(),
    }))
}

fn expand(typed: &str, changes: Option<&Arc<Changes>>, found: &mut Found) {
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
            walk(start, |path| matcher.is_match(tidy(path)), changes, found);
        }
    }
    if found.inputs.len() == before && changes.is_none() {
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
