//! `--changed-since`, `--changed-files`, `--staged`: what a change touched, as git tells it.
//!
//! Files that git does not know yet count as new. A link to another repository (a submodule) is
//! checked in its own.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use clap::Args as ClapArgs;
use clap::builder::BoolishValueParser;

use crate::draft::{Draft, Scope};
use crate::engine::Finding;
use crate::text::{Location, Problem, Source, Span};
use crate::triage::changed::{Touched, sections};

/// Options that keep a run to what a change brings.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(super) struct ChangeArgs {
    /// Only what changed since this revision and the working copy parted: findings on added lines.
    #[arg(long, value_name = "REV", env = "CLEARPOST_CHANGED_SINCE")]
    pub(super) changed_since: Option<String>,
    /// All findings in the files that changed, not only those on added lines. Without
    /// `--changed-since` or `--staged`: since the last commit.
    #[arg(long, env = "CLEARPOST_CHANGED_FILES", value_parser = BoolishValueParser::new())]
    pub(super) changed_files: bool,
    /// Only what is staged for the next commit, as it is staged.
    #[arg(long, env = "CLEARPOST_STAGED", value_parser = BoolishValueParser::new(), conflicts_with = "changed_since")]
    pub(super) staged: bool,
}

impl ChangeArgs {
    /// Whether any is given.
    pub(super) fn is_any(&self) -> bool {
        self.changed_since.is_some() || self.changed_files || self.staged
    }
}

/// Why nobody can tell what changed.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum ChangeError {
    #[error("git cannot be run, so nobody can tell what changed: {reason}")]
    #[diagnostic(
        code(clearpost::git::missing),
        help("install git, or check all drafts: leave the option out")
    )]
    NoGit { reason: String },
    #[error("this folder is in no git repository, so nobody can tell what changed")]
    #[diagnostic(
        code(clearpost::git::no_repository),
        help("run it inside the repository, or check all drafts: leave the option out")
    )]
    NoRepository,
    #[error("git knows no revision `{rev}`{here}")]
    #[diagnostic(code(clearpost::git::unknown_revision), help("{help}"))]
    NoRevision {
        rev: String,
        here: &'static str,
        help: String,
    },
    #[error("git finds no common past of `{rev}` and what is checked out{here}")]
    #[diagnostic(code(clearpost::git::no_common_past), help("{help}"))]
    NoMergeBase {
        rev: String,
        here: &'static str,
        help: String,
    },
    #[error("git could not tell what changed: {reason}")]
    #[diagnostic(
        code(clearpost::git::failed),
        help(
            "try `git status` in this folder; until it works, check all drafts: leave the option out"
        )
    )]
    Failed { reason: String },
}

/// What is said of a repository without its past.
const SHALLOW: &str = ", of which only the last commits are here";

/// What a change touched.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// By their real paths.
    files: HashMap<PathBuf, Changed>,
    /// The folders on the way to them.
    folders: HashSet<PathBuf>,
    /// Old names of files by their new ones, both as seen from the repository's root.
    renamed: HashMap<PathBuf, PathBuf>,
    root: PathBuf,
    /// Whether whole files count.
    whole_files: bool,
}

#[derive(Debug)]
struct Changed {
    touched: Touched,
    /// What is staged, where that is what counts.
    staged: Option<Arc<[u8]>>,
}

impl Changes {
    /// Asks git.
    pub(super) fn new(args: &ChangeArgs) -> Result<Self, Box<Problem>> {
        let told = |error: ChangeError| Box::new(Problem::new(&error));
        let git = Git::here().map_err(told)?;
        git.changes(args).map_err(told)
    }

    /// Whether a file, by its real path, was touched.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// Whether touched files lie below a folder, by its real path.
    pub(super) fn has_below(&self, folder: &Path) -> bool {
        self.folders.contains(folder)
    }

    /// What of the file at `path` is staged, if that is what counts.
    pub(super) fn staged(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.of(path)?.staged.clone()
    }

    /// What the file at `path` was called before, both as seen from `folder`.
    pub(super) fn former_name(&self, path: &Path, folder: &Path) -> Option<String> {
        let real = real(path)?;
        let old = self.renamed.get(real.strip_prefix(&self.root).ok()?)?;
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let folder = folder.canonicalize().ok()?;
        let old = self.root.join(old);
        let relative = old.strip_prefix(folder).ok()?;
        Some(relative.to_string_lossy().replace('\\', "/"))
    }

    /// The files below a folder, by its real path, that are staged and no longer there.
    pub(super) fn only_staged(&self, folder: &Path) -> Vec<&Path> {
        let staged = self.files.iter().filter(|(path, file)| {
            file.staged.is_some() && path.starts_with(folder) && !path.exists()
        });
        staged.map(|(path, _)| path.as_path()).collect()
    }

    fn of(&self, path: &Path) -> Option<&Changed> {
        self.files.get(&real(path)?)
    }

    /// Keeps of a draft's findings those that the change is about.
    ///
    /// A post of a table or list counts as a whole, as does one whose facts or waivers changed; what
    /// is said of a draft as a whole counts wherever it was touched.
    pub(super) fn keep(&self, path: &Path, draft: &Draft, findings: &mut Vec<Finding>) {
        let Some(changed) = self.of(path) else {
            findings.clear();
            return;
        };
        if self.whole_files || findings.is_empty() {
            return;
        }
        let source = draft.source();
        let is_touched = |span: Span| match lines(source, span) {
            Some(lines) => changed.touched.meets(&lines),
            // What has no lines cannot be told apart.
            None => changed.touched.is_any(),
        };
        let segments = || {
            let segments = draft.segments().iter();
            segments.map(|segment| (&segment.scope, draft.span(&segment.range)))
        };
        let metadata = segments().filter(|(scope, _)| matches!(scope, Scope::Metadata(_)));
        let waivers = draft.waivers().iter().map(|waiver| waiver.at);
        let about_all = draft
            .facts()
            .places()
            .chain(metadata.map(|(_, span)| span))
            .chain(waivers);
        if about_all.into_iter().any(is_touched) {
            return;
        }
        let whole = segments().map(|(_, span)| span).chain([draft.head()]);
        let whole = whole.reduce(|all, next| {
            let start = all.start().min(next.start());
            let end = all.end().max(next.end());
            Span::covering(source.text(), start..end)
        });
        let any = whole.is_none_or(is_touched);
        if any && draft.record().is_some() {
            return;
        }
        findings.retain(|finding| {
            if finding.of_draft {
                any
            } else {
                is_touched(finding.span) || finding.related.iter().any(|span| is_touched(*span))
            }
        });
    }
}

/// The real path of a file, which may be gone.
pub(super) fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent()?;
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    })
}

/// The lines of a span in its file.
fn lines(source: &Source, span: Span) -> Option<RangeInclusive<usize>> {
    match source.location(span) {
        Location::File { start, end, .. } => {
            // A span that ends behind a line feed ends in the line before.
            let last = if end.1 == 1 && end.0 > start.0 {
                end.0 - 1
            } else {
                end.0
            };
            Some(start.0..=last)
        }
        Location::Part(_) => None,
    }
}

/// The repository around the working folder.
struct Git {
    root: PathBuf,
}

/// Options that keep what a person has set up from changing what git prints.
const PLAIN: [&str; 6] = [
    "-c",
    "core.quotePath=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "diff.suppressBlankEmpty=false",
];

/// A patch and a list that agree on what they name, and in which order.
const DIFF: [&str; 8] = [
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--find-renames",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--ignore-submodules=dirty",
];

impl Git {
    fn here() -> Result<Self, ChangeError> {
        let root = run(Path::new("."), &["rev-parse", "--show-toplevel"])?
            .map_err(|_| ChangeError::NoRepository)?;
        let root = path_of(root.trim_ascii_end());
        let root = root.canonicalize().map_err(|error| ChangeError::Failed {
            reason: error.to_string(),
        })?;
        Ok(Self { root })
    }

    fn ask(&self, args: &[&str]) -> Result<Result<Vec<u8>, String>, ChangeError> {
        run(&self.root, args)
    }

    fn ask_surely(&self, args: &[&str]) -> Result<Vec<u8>, ChangeError> {
        self.ask(args)?
            .map_err(|reason| ChangeError::Failed { reason })
    }

    fn is_shallow(&self) -> bool {
        let told = self.ask(&["rev-parse", "--is-shallow-repository"]);
        matches!(told, Ok(Ok(answer)) if answer.starts_with(b"true"))
    }

    /// Where the working copy and `rev` parted.
    fn merge_base(&self, rev: &str) -> Result<String, ChangeError> {
        let shallow = self.is_shallow();
        let here = if shallow { SHALLOW } else { "" };
        let commit = format!("{rev}^{{commit}}");
        let verify = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        let Ok(commit) = self.ask(&verify)? else {
            let help = if shallow {
                format!(
                    "fetch it: `git fetch --unshallow origin`, then `git fetch origin {rev}`; in GitHub Actions set `fetch-depth: 0` for actions/checkout, in GitLab CI `GIT_DEPTH: 0`"
                )
            } else {
                "check the spelling; a branch that only the server has is called `origin/NAME` after `git fetch origin NAME`".to_owned()
            };
            return Err(ChangeError::NoRevision {
                rev: rev.to_owned(),
                here,
                help,
            });
        };
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        match self.ask(&["merge-base", &commit, "HEAD"])? {
            Ok(base) => Ok(String::from_utf8_lossy(&base).trim().to_owned()),
            Err(_) => Err(ChangeError::NoMergeBase {
                rev: rev.to_owned(),
                here,
                help: if shallow {
                    "fetch more of it: `git fetch --unshallow origin`; in GitHub Actions set `fetch-depth: 0` for actions/checkout, in GitLab CI `GIT_DEPTH: 0`".to_owned()
                } else {
                    "name a revision of the same project".to_owned()
                },
            }),
        }
    }

    fn changes(&self, args: &ChangeArgs) -> Result<Changes, ChangeError> {
        let mut changes = Changes {
            root: self.root.clone(),
            whole_files: args.changed_files,
            ..Changes::default()
        };
        let against = match (&args.changed_since, self.head()?) {
            (Some(rev), _) => self.merge_base(rev)?,
            (None, Some(head)) => head,
            (None, None) => self.nothing()?,
        };
        let mut scope: Vec<&str> = DIFF.to_vec();
        if args.staged {
            scope.push("--cached");
        }
        let with = |more: &[&'static str]| -> Vec<&str> {
            let mut all = scope.clone();
            all.extend(more);
            all.extend([against.as_str(), "--"]);
            all
        };
        let listed = self.ask_surely(&with(&["--name-status", "-z"]))?;
        let patch = self.ask_surely(&with(&["--unified=0", "--inter-hunk-context=0"]))?;
        self.add_diff(&mut changes, &listed, &sections(&patch))?;
        if !args.staged {
            let others = ["ls-files", "--others", "--exclude-standard", "-z"];
            for path in split(&self.ask_surely(&others)?) {
                self.add(&mut changes, path, Touched::All);
            }
        }
        if args.staged {
            let paths: Vec<PathBuf> = changes.files.keys().cloned().collect();
            for path in paths {
                let content = self.staged(&path)?;
                if let Some(file) = changes.files.get_mut(&path) {
                    file.staged = Some(content.into());
                }
            }
        }
        let folders = changes
            .files
            .keys()
            .flat_map(|file| file.ancestors().skip(1));
        changes.folders = folders.map(Path::to_path_buf).collect();
        Ok(changes)
    }

    /// The last commit; `None` before the first.
    fn head(&self) -> Result<Option<String>, ChangeError> {
        let told = self.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
        Ok(told
            .ok()
            .map(|commit| String::from_utf8_lossy(&commit).trim().to_owned()))
    }

    /// The name of a tree with nothing in it, to hold a first commit against.
    fn nothing(&self) -> Result<String, ChangeError> {
        let tree = self.ask_surely(&["hash-object", "-t", "tree", "--stdin"])?;
        Ok(String::from_utf8_lossy(&tree).trim().to_owned())
    }

    /// Takes up what `listed` names, each with its section of the patch.
    fn add_diff(
        &self,
        changes: &mut Changes,
        listed: &[u8],
        sections: &[Option<Vec<RangeInclusive<usize>>>],
    ) -> Result<(), ChangeError> {
        let mut names = split(listed);
        let mut sections = sections.iter();
        let cut_short = || ChangeError::Failed {
            reason: "what it printed cannot be understood".to_owned(),
        };
        while let Some(status) = names.next() {
            let first = names.next().ok_or_else(cut_short)?;
            match status.first() {
                Some(b'R' | b'C') => {
                    let new = names.next().ok_or_else(cut_short)?;
                    if status[0] == b'R' {
                        changes.renamed.insert(path_of(new), path_of(first));
                    }
                    let section = sections.next().ok_or_else(cut_short)?;
                    let touched = match section {
                        Some(lines) => self.told_apart(new, lines),
                        // Only its name changed.
                        None if status.ends_with(b"100") => Touched::Lines(Vec::new()),
                        None => Touched::All,
                    };
                    self.add(changes, new, touched);
                }
                // A merge that is not settled: git prints no lines of it.
                Some(b'U') => self.add(changes, first, Touched::All),
                Some(b'T') => {
                    sections.next().ok_or_else(cut_short)?;
                    sections.next().ok_or_else(cut_short)?;
                    self.add(changes, first, Touched::All);
                }
                Some(b'D') => {
                    sections.next().ok_or_else(cut_short)?;
                }
                _ => {
                    let section = sections.next().ok_or_else(cut_short)?;
                    let touched = match section {
                        Some(lines) if status == b"M" => self.told_apart(first, lines),
                        _ => Touched::All,
                    };
                    self.add(changes, first, touched);
                }
            }
        }
        Ok(())
    }

    /// The lines as git counts them, unless a reader would count otherwise.
    fn told_apart(&self, name: &[u8], lines: &[RangeInclusive<usize>]) -> Touched {
        let path = self.root.join(path_of(name));
        // To git a carriage return alone ends no line.
        let counts_otherwise = std::fs::read(path).is_ok_and(|bytes| {
            let mut returns = memchr::memchr_iter(b'\r', &bytes);
            returns.any(|at| bytes.get(at + 1) != Some(&b'\n'))
        });
        if counts_otherwise {
            Touched::All
        } else {
            Touched::Lines(lines.to_vec())
        }
    }

    fn add(&self, changes: &mut Changes, name: &[u8], touched: Touched) {
        let path = self.root.join(path_of(name));
        // A submodule is a folder here; what is gone needs no check.
        if path.is_dir() {
            return;
        }
        let staged = None;
        changes.files.insert(path, Changed { touched, staged });
    }

    /// A file as it is staged.
    fn staged(&self, path: &Path) -> Result<Vec<u8>, ChangeError> {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let mut name = std::ffi::OsString::from(":");
        name.push(relative.as_os_str());
        let mut command = command(&self.root);
        command.arg("show").arg("--no-textconv").arg(name);
        finish(command)?.map_err(|reason| ChangeError::Failed { reason })
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(PLAIN)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

fn run(folder: &Path, args: &[&str]) -> Result<Result<Vec<u8>, String>, ChangeError> {
    let mut command = command(folder);
    command.args(args);
    finish(command)
}

/// What git printed, or why it would not.
fn finish(mut command: Command) -> Result<Result<Vec<u8>, String>, ChangeError> {
    let output = command.output().map_err(|error| ChangeError::NoGit {
        reason: error.to_string(),
    })?;
    Ok(if output.status.success() {
        Ok(output.stdout)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| !line.trim().is_empty());
        Err(line.unwrap_or("it gave no reason").to_owned())
    })
}

/// What stands between zero bytes.
fn split(listed: &[u8]) -> impl Iterator<Item = &[u8]> {
    listed
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;

    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
