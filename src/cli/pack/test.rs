//! `clearpost pack test`: every example of every rule against its own rule, and every case.

use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};
use rayon::prelude::*;

use super::cases::{self, CasesRun};
use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::config::Config;
use crate::cli::rules::{InForce, config_here};
use crate::cli::settings;
use crate::cli::terminal;
use crate::engine::{
    ActiveRule, Exercised, Failure, Mutated, Trial, exercised, mutated, prove, prove_fixes,
};
use crate::report::{self, Format, visible};

#[derive(Debug, ClapArgs)]
pub(super) struct TestArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
    /// Write what was found into the cases as what is expected.
    #[arg(long)]
    update: bool,
    /// Also list the conditions that hold in no example and no case.
    #[arg(long)]
    coverage: bool,
    /// Also leave out, or turn around, each condition in turn, and name those for which no example
    /// and no case makes a difference.
    #[arg(long)]
    mutate: bool,
    /// The instant to take for now.
    #[arg(long, value_name = "INSTANT", env = "CLEARPOST_NOW")]
    now: Option<String>,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &TestArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let now = settings::now(args.now.as_deref(), &mut problems);
    let in_force = InForce::new(&rules, matches, &config, &mut problems);
    let failures = prove(&in_force.rulebook, now);
    let bad = prove_fixes(&in_force.rulebook, now);
    let cases = cases::run(&in_force, &config, now, args.update, &mut problems);
    let mut out = io::stdout().lock();
    for failure in &failures {
        write_failure(failure, &in_force, &mut out)?;
    }
    for fix in &bad {
        writeln!(
            out,
            "{}\n  offers “{}”, in which {} finds something",
            fix.rule,
            visible(&fix.words),
            fix.found_by
        )?;
    }
    write_cases(&cases, &mut out)?;
    let mut gaps = 0;
    if args.coverage {
        write_coverage(&in_force, &cases, now, &mut out)?;
    }
    if args.mutate {
        gaps = write_mutations(&in_force, &config, &cases, now, &mut out)?;
    }
    write_summary(
        &in_force,
        failures.len() + cases.failures.len(),
        &cases,
        &mut out,
    )?;
    drop(out);
    for path in &cases.passed_over {
        terminal::complain(&format!(
            "passed over {}: it is for all packs of its folder, and not all are in force",
            path.display()
        ));
    }
    let look = terminal::look(ColorArg::Auto, in_force.messages.value);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    let holds = failures.is_empty() && bad.is_empty() && cases.failures.is_empty() && gaps == 0;
    Ok(match (problems.is_empty(), holds) {
        (false, _) => 2,
        (true, false) => 1,
        (true, true) => 0,
    })
}

/// A rule with its place.
fn heading(rule: &ActiveRule) -> String {
    let place = format!("{} ({}:{})", rule.id, rule.origin, rule.rule.line);
    visible(&place).into_owned()
}

/// Characters of a condition that are shown.
const SHOWN: usize = 160;

/// A condition in a line; of a secret rule without the words that it looks for.
fn condition(rule: &ActiveRule, what: &str) -> String {
    let secret = ["terms: ", "pattern: "]
        .into_iter()
        .filter(|_| rule.secret)
        .find_map(|kind| what.find(kind).map(|at| at + kind.len()));
    if let Some(from) = secret {
        return format!("{}(its words are kept secret)", &what[..from]);
    }
    let cut: String = what.chars().take(SHOWN).collect();
    let dots = if cut.len() < what.len() { "…" } else { "" };
    format!("{}{dots}", visible(&cut))
}

fn write_failure(failure: &Failure, in_force: &InForce, out: &mut dyn Write) -> io::Result<()> {
    let mut rules = in_force.rulebook.rules().iter();
    match rules.find(|rule| *rule.id == *failure.rule) {
        Some(rule) => writeln!(out, "{}", heading(rule))?,
        None => writeln!(out, "{}", failure.rule)?,
    }
    // The two differ in their marks alone, so their lines go together.
    for (wanted, found) in failure.example.lines().zip(failure.found.lines()) {
        if wanted == found {
            writeln!(out, "         {}", visible(wanted))?;
        } else {
            writeln!(out, "  wanted {}", visible(wanted))?;
            writeln!(out, "  found  {}", visible(found))?;
        }
    }
    Ok(())
}

fn write_cases(cases: &CasesRun, out: &mut dyn Write) -> io::Result<()> {
    for failure in &cases.failures {
        writeln!(out, "{}", visible(&failure.place))?;
        for one in &failure.missing {
            writeln!(out, "  - {} (expected, not found)", visible(one))?;
        }
        for one in &failure.unexpected {
            writeln!(out, "  + {} (found, not expected)", visible(one))?;
        }
    }
    for (path, changed) in &cases.written {
        writeln!(
            out,
            "wrote {}: {}",
            visible(path),
            counted(*changed, "case")
        )?;
    }
    Ok(())
}

fn trials<'t>(rule: &ActiveRule, own: &'t [Trial], cases: &'t CasesRun) -> Vec<&'t Trial> {
    let pack = rule.id.split_once('/').map_or("", |(pack, _)| pack);
    own.iter().chain(cases.trials_of(pack)).collect()
}

fn write_coverage(
    in_force: &InForce,
    cases: &CasesRun,
    now: jiff::Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rulebook = &in_force.rulebook;
    let told: Vec<Exercised> = rulebook
        .rules()
        .par_iter()
        .map(|rule| {
            let own = Trial::all_of(&rule.rule, now);
            exercised(rulebook, rule, &trials(rule, &own, cases))
        })
        .collect();
    let mut sum = Exercised::default();
    for (rule, told) in rulebook.rules().iter().zip(told) {
        sum.conditions += told.conditions;
        sum.untold += told.untold;
        if !told.never.is_empty() {
            writeln!(out, "{}", heading(rule))?;
        }
        for what in &told.never {
            writeln!(out, "  no example has: {}", condition(rule, what))?;
        }
        sum.never.extend(told.never);
    }
    writeln!(
        out,
        "{}: {} in no example{}",
        counted(sum.conditions, "condition"),
        sum.never.len(),
        untold(sum.untold)
    )
}

fn write_mutations(
    in_force: &InForce,
    config: &Config,
    cases: &CasesRun,
    now: jiff::Timestamp,
    out: &mut dyn Write,
) -> io::Result<usize> {
    let told: Vec<Mutated> = in_force
        .rulebook
        .rules()
        .par_iter()
        .map(|rule| {
            let pack_name = rule.id.split_once('/').map_or("", |(pack, _)| pack);
            let mut packs = in_force.loaded.packs.iter();
            let Some(pack) = packs.find(|pack| pack.name == pack_name) else {
                return Mutated::default();
            };
            let own = Trial::all_of(&rule.rule, now);
            mutated(
                &in_force.loaded,
                pack,
                &rule.rule,
                &config.registers,
                &in_force.options,
                &trials(rule, &own, cases),
            )
        })
        .collect();
    let mut sum = Mutated::default();
    for (rule, told) in in_force.rulebook.rules().iter().zip(told) {
        sum.tried += told.tried;
        sum.untold += told.untold;
        if !told.unnoticed.is_empty() {
            writeln!(out, "{}", heading(rule))?;
        }
        for what in &told.unnoticed {
            writeln!(out, "  no example notices: {}", condition(rule, what))?;
        }
        sum.unnoticed.extend(told.unnoticed);
    }
    writeln!(
        out,
        "{} to conditions: {} unnoticed{}",
        counted(sum.tried, "change"),
        sum.unnoticed.len(),
        untold(sum.untold)
    )?;
    Ok(sum.unnoticed.len())
}

fn untold(number: usize) -> String {
    match number {
        0 => String::new(),
        number => format!(" ({number} rest on pictures or empty registers and were left alone)"),
    }
}

fn write_summary(
    in_force: &InForce,
    failing: usize,
    cases: &CasesRun,
    out: &mut dyn Write,
) -> io::Result<()> {
    let active = in_force.rulebook.rules();
    let examples: usize = active
        .iter()
        .map(|rule| rule.rule.examples.violates.len() + rule.rule.examples.allows.len())
        .sum();
    let cases = match cases.cases {
        0 => String::new(),
        number => format!(", {}", counted(number, "case")),
    };
    let failed = match failing {
        0 => "all hold".to_owned(),
        1 => "1 fails".to_owned(),
        many => format!("{many} fail"),
    };
    writeln!(
        out,
        "{}, {}{cases}: {failed}",
        counted(active.len(), "rule"),
        counted(examples, "example")
    )
}

/// A number with its word: `1 rule`, `2 rules`.
pub(super) fn counted(number: usize, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {word}{plural}")
}
