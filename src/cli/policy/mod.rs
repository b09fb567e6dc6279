//! `clearpost policy …`: for those who write the policy. One file a command.

mod check;
mod diff;
mod headings;
mod outline;

use std::io;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args as ClapArgs, Subcommand};

use super::config::{self, Config};
use crate::builtin::builtin;
use crate::pack::{Files, Loaded, Loader, PolicyRef, tidy};
use crate::text::Problem;

#[derive(Debug, ClapArgs)]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Say what is wrong with a policy: ids that are malformed, doubled or missing in a translation,
    /// clauses without advice, links to files that are not there, a review that is due.
    ///
    /// Exit status: 0 nothing but warnings, 1 warnings with `--strict`, 2 something is wrong.
    Check(check::CheckArgs),
    /// Print the sections and clauses of a policy.
    Outline(outline::OutlineArgs),
    /// List the clauses that changed between two versions of a policy, and the rules that cite them.
    ///
    /// Exit status: 0, or 2 if something could not be read.
    Diff(Box<diff::DiffArgs>),
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &PolicyArgs, matches: &ArgMatches) -> io::Result<u8> {
    // clap refuses `policy` without a command.
    let Some((_, matches)) = matches.subcommand() else {
        return Ok(2);
    };
    match &args.command {
        PolicyCommand::Check(args) => check::run(args),
        PolicyCommand::Outline(args) => outline::run(args),
        PolicyCommand::Diff(args) => diff::run(args, matches),
    }
}

/// The policy that is meant where none is named: the configuration's, else policy.md, else the
/// built-in one.
fn named_or_configured(typed: Option<&str>, problems: &mut Vec<Problem>) -> PolicyRef {
    let configured = || {
        let path = config::find(Path::new("."))?;
        let config = Config::read(&path, false, problems);
        let policy = config.policy.as_ref()?;
        if policy.starts_with("builtin:") {
            return Some(policy.clone());
        }
        Some(config.folder.join(policy).display().to_string())
    };
    let beside = || {
        Path::new("policy.md")
            .is_file()
            .then(|| "policy.md".to_owned())
    };
    let name = typed
        .map(str::to_owned)
        .or_else(configured)
        .or_else(beside)
        .unwrap_or_else(|| "builtin:social-media".to_owned());
    reference(&name)
}

fn reference(name: &str) -> PolicyRef {
    match name.strip_prefix("builtin:") {
        Some(name) => PolicyRef::Builtin(name.to_owned()),
        None => PolicyRef::File(tidy(Path::new(name))),
    }
}

/// Loads a policy alone; its mistakes go to `problems`.
fn load(files: &dyn Files, reference: &PolicyRef, problems: &mut Vec<Problem>) -> Loaded {
    let zone = jiff::tz::TimeZone::UTC;
    let mut loaded = Loader::new(files, builtin(), zone, reference.clone()).load(&[]);
    problems.append(&mut loaded.problems);
    loaded
}

/// The file of a policy and those of its translations: `policy.md`, `policy.it.md`.
fn with_translations(path: &Path, files: &dyn Files) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut all = vec![path.to_owned()];
    let mut beside = files.list(folder).unwrap_or_default();
    beside.sort();
    for file in beside {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let lang = name
            .strip_prefix(&format!("{stem}."))
            .and_then(|rest| rest.strip_suffix(".md"));
        if lang.is_some_and(|lang| lang.parse::<crate::text::Lang>().is_ok()) {
            all.push(path.with_file_name(&*name));
        }
    }
    all
}
