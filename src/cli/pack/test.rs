//! `clearpost pack test`: every example of every rule, against its own rule.

use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};

use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::engine::{prove, prove_fixes};
use crate::report::{self, Format, visible};

#[derive(Debug, ClapArgs)]
pub(super) struct TestArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &TestArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let in_force = InForce::new(&rules, matches, &config, &mut problems);
    let failures = prove(&in_force.rulebook, jiff::Timestamp::now());
    let mut out = io::stdout().lock();
    for failure in &failures {
        writeln!(out, "{}", failure.rule)?;
        writeln!(out, "  wanted {}", visible(&failure.example))?;
        writeln!(out, "  found  {}", visible(&failure.found))?;
    }
    let bad = prove_fixes(&in_force.rulebook, jiff::Timestamp::now());
    for fix in &bad {
        writeln!(
            out,
            "{}\n  offers “{}”, in which {} finds something",
            fix.rule,
            visible(&fix.words),
            fix.found_by
        )?;
    }
    let active = in_force.rulebook.rules();
    let examples: usize = active
        .iter()
        .map(|rule| rule.rule.examples.violates.len() + rule.rule.examples.allows.len())
        .sum();
    let failed = match failures.len() {
        0 => "all hold".to_owned(),
        1 => "1 fails".to_owned(),
        many => format!("{many} fail"),
    };
    writeln!(out, "{} rules, {examples} examples: {failed}", active.len())?;
    drop(out);
    let look = terminal::look(ColorArg::Auto, in_force.messages.value);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(
        match (problems.is_empty(), failures.is_empty() && bad.is_empty()) {
            (false, _) => 2,
            (true, false) => 1,
            (true, true) => 0,
        },
    )
}
