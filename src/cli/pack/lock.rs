//! `clearpost pack lock`: writes down what is in force, so that `check --locked` sees what changed.

use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};

use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::chance::chance;
use crate::cli::files::replace_file;
use crate::cli::rules::{InForce, config_here};
use crate::cli::{lock, terminal};
use crate::report::{self, Format, visible};
use crate::text::{Problem, plain_reason};

#[derive(Debug, ClapArgs)]
pub(super) struct LockArgs {
    #[command(flatten)]
    rules: RuleArgs,
}

/// The lock cannot be written.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot write the lock `{path}`: {reason}")]
#[diagnostic(
    code(clearpost::lock::unwritable),
    help("check that you may write in the folder of the configuration")
)]
struct Unwritable {
    path: String,
    reason: String,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &LockArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let in_force = InForce::new(&args.rules, matches, &config, &mut problems);
    let path = lock::path(&config);
    // A lock that is there keeps its salt, so that only the lines of what changed differ. One that
    // cannot be read is written anew.
    let before = path
        .exists()
        .then(|| lock::read(&path, &mut Vec::new()))
        .flatten();
    let salt = before.as_ref().map(|lock| lock.salt);
    match salt.map_or_else(chance, Ok) {
        Err(error) => problems.push(Problem::new(&error)),
        Ok(salt) => {
            let lock = lock::hashed(&config, &in_force, salt, &mut problems);
            // What is broken must not be locked as it is.
            if problems.is_empty() {
                let written = replace_file(&path, |out| write!(out, "{lock}"));
                let name = path.display().to_string();
                if let Err(error) = written {
                    problems.push(Problem::new(&Unwritable {
                        path: name,
                        reason: plain_reason(&error),
                    }));
                } else {
                    let changed =
                        before.map_or(lock.len(), |before| before.differences(&lock).len());
                    let mut out = io::stdout().lock();
                    writeln!(
                        out,
                        "{}: {} files and built-in packs, {changed} new or changed",
                        visible(&name),
                        lock.len()
                    )?;
                }
            }
        }
    }
    let look = terminal::look(ColorArg::Auto, in_force.messages.value);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}
