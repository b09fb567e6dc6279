//! `clearpost pack stats`: what packs hold, in numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};

use super::test::counted;
use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::engine::ActiveRule;
use crate::kind::Kind;
use crate::report::{self, Format, visible};

#[derive(Debug, ClapArgs)]
pub(super) struct StatsArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// The numbers of a pack, or of all.
#[derive(Default)]
struct Numbers {
    rules: usize,
    clauses: BTreeSet<String>,
    conditions: usize,
    words: usize,
    patterns: usize,
    registers: BTreeSet<String>,
    violates: usize,
    allows: usize,
    unproved: usize,
    severities: BTreeMap<&'static str, usize>,
}

impl Numbers {
    fn add(&mut self, rule: &ActiveRule) {
        self.rules += 1;
        self.clauses.insert(rule.clause.id.to_string());
        *self.severities.entry(rule.severity.as_str()).or_default() += 1;
        let examples = &rule.rule.examples;
        self.violates += examples.violates.len();
        self.allows += examples.allows.len();
        self.unproved += usize::from(examples.violates.is_empty());
        rule.rule.condition.walk(&mut |condition| {
            self.conditions += 1;
            match &condition.kind {
                Kind::Terms(spec) => {
                    let lists = spec
                        .lists
                        .iter()
                        .map(|list| list.lines.text().lines().count());
                    self.words += spec.terms.len() + spec.phrases.len() + lists.sum::<usize>();
                    let register = spec.register.as_ref();
                    self.registers
                        .extend(register.map(|used| used.name.clone()));
                }
                Kind::Pattern(_) => self.patterns += 1,
                other => {
                    let named = other.registers().into_iter().flatten();
                    self.registers.extend(named.map(str::to_owned));
                }
            }
        });
    }

    fn write(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let severities: Vec<String> = ["error", "warning", "note"]
            .into_iter()
            .filter_map(|word| Some(counted(*self.severities.get(word)?, word)))
            .collect();
        writeln!(out, "{}", visible(name))?;
        writeln!(
            out,
            "  {} on {} ({})",
            counted(self.rules, "rule"),
            counted(self.clauses.len(), "clause"),
            severities.join(", ")
        )?;
        writeln!(
            out,
            "  {}: {}, {}",
            counted(self.conditions, "condition"),
            counted(self.words, "word"),
            counted(self.patterns, "pattern")
        )?;
        if !self.registers.is_empty() {
            let names: Vec<&str> = self.registers.iter().map(String::as_str).collect();
            writeln!(out, "  registers: {}", names.join(", "))?;
        }
        let unproved = match self.unproved {
            0 => String::new(),
            number => format!("; {} without one", counted(number, "rule")),
        };
        writeln!(
            out,
            "  {}: {} of what is found, {} of what is fine{unproved}",
            counted(self.violates + self.allows, "example"),
            self.violates,
            self.allows
        )
    }
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &StatsArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let in_force = InForce::new(&rules, matches, &config, &mut problems);
    let mut out = io::stdout().lock();
    let mut all = Numbers::default();
    let mut packs = 0;
    for pack in &in_force.loaded.packs {
        let mut own = Numbers::default();
        for rule in in_force.rulebook.rules() {
            if rule
                .id
                .split_once('/')
                .is_some_and(|(name, _)| name == pack.name)
            {
                own.add(rule);
                all.add(rule);
            }
        }
        if own.rules > 0 {
            packs += 1;
            own.write(&pack.name, &mut out)?;
        }
    }
    if packs != 1 {
        all.write(&format!("all {}", counted(packs, "pack")), &mut out)?;
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
