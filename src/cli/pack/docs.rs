//! `clearpost pack docs`: the handbook of a policy, made from the policy and the rules themselves, so
//! that it never disagrees with them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args as ClapArgs};

use super::handbook::{Handbook, MADE, handbooks};
use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::files::replace_file;
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::report::{self, Format, visible};
use crate::text::{Problem, plain_reason};

#[derive(Debug, ClapArgs)]
pub(super) struct DocsArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    /// The folder to write into: for each policy and language a page in Markdown and one in HTML.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Why a page was not written.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum DocsError {
    #[error("this file is there already, and is no handbook that clearpost made")]
    #[diagnostic(
        code(clearpost::handbook::in_the_way),
        help("move it, or write the handbook into another folder: -o DIR")
    )]
    InTheWay,
    #[error("cannot write the handbook: {0}")]
    #[diagnostic(
        code(clearpost::handbook::unwritable),
        help("check the folder and that you may write into it")
    )]
    Unwritable(String),
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &DocsArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let in_force = InForce::new(&rules, matches, &config, &mut problems);
    let mut out = io::stdout().lock();
    // A handbook with rules missing would be believed.
    if problems.is_empty() {
        for handbook in handbooks(&in_force.rulebook, &in_force.loaded) {
            for (name, text) in [
                (handbook.file("md"), handbook.markdown()),
                (handbook.file("html"), handbook.html()),
            ] {
                let path = args.output.join(name);
                let shown = path.display().to_string();
                match write(&path, &text) {
                    Ok(()) => writeln!(out, "wrote {}", visible(&shown))?,
                    Err(error) => problems.push(Problem::new(&error).in_file(shown)),
                }
            }
        }
    }
    drop(out);
    let look = terminal::look(ColorArg::Auto, in_force.messages.value);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

/// Writes a page. One that was made before is made anew; anything else is left alone.
fn write(path: &Path, text: &str) -> Result<(), DocsError> {
    let refuse = |error: io::Error| DocsError::Unwritable(plain_reason(&error));
    match fs::read_to_string(path) {
        Ok(there) if !there.contains(MADE) => return Err(DocsError::InTheWay),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(DocsError::InTheWay);
        }
        _ => {}
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refuse)?;
    }
    replace_file(path, |out| out.write_all(text.as_bytes())).map_err(refuse)
}

impl Handbook<'_> {
    /// The name of its file, after the policy and, for a translation, its language.
    fn file(&self, extension: &str) -> String {
        format!("{}.{extension}", self.name)
    }
}
