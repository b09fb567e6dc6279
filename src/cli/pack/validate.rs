//! `clearpost pack validate`: everything that is wrong with packs, and what is weak about them.

use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};

use super::test::counted;
use super::{cases, weak};
use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::check::{remark_once, tell_once};
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::report::{self, Format};
use crate::text::Weight;

#[derive(Debug, ClapArgs)]
pub(super) struct ValidateArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
    /// Exit with 1 if there are warnings.
    #[arg(long)]
    strict: bool,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &ValidateArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut config = config_here(&args.rules, &mut problems);
    // Terms that are alike are worth a note here, whatever they cost.
    config.verbose = true;
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let mut in_force = InForce::new(&rules, matches, &config, &mut problems);
    cases::validate(&in_force, &config, &mut problems);
    let mut remarks = std::mem::take(&mut in_force.loaded.remarks);
    remarks.extend(weak::remarks(&in_force));
    remark_once(&mut remarks);
    tell_once(&mut problems);
    let look = terminal::look(ColorArg::Auto, in_force.messages.value);
    let beside = Format::PRETTY.beside();
    let mut errors = io::stderr().lock();
    report::remarks(&remarks, beside, &look, &mut errors)?;
    report::problems(&problems, beside, &look, &mut errors)?;
    drop(errors);
    let warnings = remarks
        .iter()
        .filter(|remark| remark.weight == Weight::Warning)
        .count();
    let packs = &in_force.loaded.packs;
    let number = packs.iter().map(|pack| pack.rules.len()).sum();
    writeln!(
        io::stdout().lock(),
        "{}, {}: {}, {}, {}",
        counted(packs.len(), "pack"),
        counted(number, "rule"),
        counted(problems.len(), "mistake"),
        counted(warnings, "warning"),
        counted(remarks.len() - warnings, "note"),
    )?;
    Ok(match (problems.is_empty(), warnings) {
        (false, _) => 2,
        (true, 1..) if args.strict => 1,
        _ => 0,
    })
}
