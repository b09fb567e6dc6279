//! Files as they were at a revision of a git repository, read through the `git` program and written
//! nowhere.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::{Disk, repository};
use crate::pack::{Files, tidy};

/// Why there is no such revision.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum RevisionError {
    #[error("“{name}” is no file, no folder and no git revision")]
    #[diagnostic(
        code(clearpost::git::no_such_revision),
        help("name a path, `REVISION:path`, or a revision such as HEAD~1 or main: {reason}")
    )]
    NoSuch { name: String, reason: String },
    #[error("cannot ask git: {reason}")]
    #[diagnostic(
        code(clearpost::git::not_there),
        help("install git, or name a file or folder in place of a revision")
    )]
    NoGit { reason: String },
}

/// A side of a comparison.
pub(super) struct Side {
    /// The path, or `builtin:NAME`.
    pub(super) path: String,
    /// Where it is read from.
    pub(super) files: Box<dyn Files + Sync>,
}

impl Side {
    /// Reads `typed`: a path, `builtin:NAME`, `REVISION:path`, or a revision alone, which stands for
    /// `other` as it was then.
    pub(super) fn new(typed: &str, other: &str) -> Result<Self, RevisionError> {
        if typed.starts_with("builtin:") || Path::new(typed).exists() {
            return Ok(Self {
                path: typed.to_owned(),
                files: Box::new(Disk),
            });
        }
        let (revision, path) = match typed.split_once(':') {
            Some((revision, path)) => (revision, Some(path)),
            None => (typed, None),
        };
        let files = Revision::new(revision, typed)?;
        Ok(Self {
            path: path.map_or_else(|| other.to_owned(), |path| files.seen_from_here(path)),
            files: Box::new(files),
        })
    }
}

/// A commit of the repository around the working folder.
#[derive(Debug)]
struct Revision {
    root: PathBuf,
    commit: String,
}

impl Revision {
    fn new(revision: &str, typed: &str) -> Result<Self, RevisionError> {
        let no_such = |reason: &str| RevisionError::NoSuch {
            name: typed.to_owned(),
            reason: reason.to_owned(),
        };
        let here = Path::new(".").canonicalize().ok();
        let root = here.as_deref().and_then(repository);
        let root = root.ok_or_else(|| no_such("this folder is in no git repository"))?;
        let wanted = format!("{revision}^{{commit}}");
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &wanted,
        ];
        let said = git(root, args).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RevisionError::NoGit {
                reason: "the program `git` is not there".to_owned(),
            },
            _ => no_such("git knows no such revision"),
        })?;
        // What git answers to this is the hash alone; everything later is asked by it.
        let commit = String::from_utf8_lossy(&said).trim().to_owned();
        if commit.is_empty() || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(no_such("git knows no such revision"));
        }
        Ok(Self {
            root: root.to_owned(),
            commit,
        })
    }

    /// A path behind a colon, which git counts from the root of the repository unless it begins with
    /// a dot, as seen from the working folder.
    fn seen_from_here(&self, path: &str) -> String {
        let is_relative = path.starts_with("./") || path.starts_with("../");
        let here = Path::new(".").canonicalize().ok();
        if is_relative || here.as_deref() == Some(&self.root) {
            return path.to_owned();
        }
        self.root.join(path).display().to_string()
    }

    /// A path as git names it in the commit; `None` for one outside the repository.
    fn inside(&self, path: &Path) -> Option<String> {
        let here = Path::new(".").canonicalize().ok()?;
        let absolute = tidy(&here.join(path));
        let inside = Path::new(&absolute).strip_prefix(&self.root).ok()?;
        let parts = inside.components();
        let parts: Vec<&str> = parts.filter_map(|part| part.as_os_str().to_str()).collect();
        Some(format!("{}:{}", self.commit, parts.join("/")))
    }
}

impl Files for Revision {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.inside(path) {
            Some(object) => git(&self.root, ["cat-file", "blob", &object])
                .map_err(|_| io::Error::from(io::ErrorKind::NotFound)),
            None => Disk.read(path),
        }
    }

    fn list(&self, path: &Path) -> Option<Vec<PathBuf>> {
        let Some(object) = self.inside(path) else {
            return Disk.list(path);
        };
        let said = git(&self.root, ["ls-tree", "-z", &object]).ok()?;
        let entries = said.split(|byte| *byte == 0);
        // mode, kind and hash, a tab, the name
        let files = entries.filter_map(|entry| {
            let (about, name) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
            about.contains(" blob ").then(|| path.join(name))
        });
        Some(files.collect())
    }

    /// A commit holds nothing from outside its repository.
    fn may_read(&self, pack: &Path, list: &Path) -> bool {
        match self.inside(list) {
            Some(_) => true,
            None => Disk.may_read(pack, list),
        }
    }
}

/// What git says; a refusal is an error.
fn git<S: AsRef<OsStr>>(root: &Path, args: impl IntoIterator<Item = S>) -> io::Result<Vec<u8>> {
    let done = Command::new("git")
        .current_dir(root)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .arg("--no-replace-objects")
        .args(args)
        .output()?;
    if done.status.success() {
        Ok(done.stdout)
    } else {
        Err(io::Error::other(
            String::from_utf8_lossy(&done.stderr).into_owned(),
        ))
    }
}
