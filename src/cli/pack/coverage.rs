//! `clearpost pack coverage`: the clauses of the policy and the rules that check them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};

use super::test::counted;
use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::engine::ActiveRule;
use crate::policy::{Clause, Policy};
use crate::report::{self, Format, visible};
use crate::text::Lang;

#[derive(Debug, ClapArgs)]
pub(super) struct CoverageArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &CoverageArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let in_force = InForce::new(&rules, matches, &config, &mut problems);
    let mut out = io::stdout().lock();
    let lang = in_force.messages.value;
    let all = in_force.rulebook.rules();
    // The company's own policy comes first, and then those that its packs cite besides.
    let own = in_force.loaded.policies.get(&in_force.options.policy);
    let cited = in_force.loaded.policies.values().filter(|policy| {
        let is_own = own.is_some_and(|own| std::ptr::eq(own, *policy));
        !is_own && all.iter().any(|rule| is_cited(policy, rule))
    });
    for policy in own.into_iter().chain(cited) {
        write_policy(policy, all, lang, &mut out)?;
    }
    // A rule cites a clause, or its pack is refused; but it need not be one of the company's.
    let elsewhere: Vec<&ActiveRule> = all
        .iter()
        .filter(|rule| own.is_some_and(|own| !is_cited(own, rule)))
        .collect();
    if let Some(own) = own.filter(|_| !elsewhere.is_empty()) {
        writeln!(
            out,
            "Rules without a clause of “{}” (map theirs with `clauses:` in clearpost.yaml, or leave the rules out):",
            visible(own.title(lang))
        )?;
        for rule in elsewhere {
            writeln!(
                out,
                "  {:<40} {} of {}",
                visible(&rule.id),
                rule.clause.id,
                visible(&rule.clause.policy)
            )?;
        }
    }
    drop(out);
    let look = terminal::look(ColorArg::Auto, lang);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn is_cited(policy: &Policy, rule: &ActiveRule) -> bool {
    let clause = policy.clause(&rule.clause.id);
    // Two policies may share a name, but not the place of a clause.
    clause.is_some_and(|clause| {
        let texts = &clause.texts;
        let cited = &rule.clause;
        cited.policy == policy.name
            && texts
                .iter()
                .any(|text| text.file == cited.file && text.line == cited.line)
    })
}

fn write_policy(
    policy: &Policy,
    rules: &[ActiveRule],
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", visible(policy.title(lang)))?;
    let mut by_clause: BTreeMap<&str, Vec<&ActiveRule>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| is_cited(policy, rule)) {
        by_clause
            .entry(rule.clause.id.as_str())
            .or_default()
            .push(rule);
    }
    let title = |clause: &Clause| visible(&clause.text(lang).title).into_owned();
    let width = policy
        .clauses
        .iter()
        .map(|clause| title(clause).chars().count())
        .max()
        .unwrap_or_default();
    let (mut checked, mut manual, mut open) = (0, 0, 0);
    for clause in &policy.clauses {
        let own = by_clause.remove(clause.id.as_str()).unwrap_or_default();
        let names: Vec<&str> = own.iter().map(|rule| &*rule.id).collect();
        let said = match (names.is_empty(), clause.manual) {
            (false, false) => {
                checked += 1;
                names.join(", ")
            }
            (false, true) => {
                checked += 1;
                format!("{}, and a person", names.join(", "))
            }
            (true, true) => {
                manual += 1;
                "only a person can judge".to_owned()
            }
            (true, false) => {
                open += 1;
                "NO RULE".to_owned()
            }
        };
        let title = title(clause);
        let gap = " ".repeat(width - title.chars().count());
        writeln!(
            out,
            "  {:<10} {title}{gap}  {}",
            clause.id.as_str(),
            visible(&said)
        )?;
    }
    writeln!(
        out,
        "{}: {checked} with rules, {manual} for a person, {open} without a rule\n",
        counted(policy.clauses.len(), "clause")
    )
}
