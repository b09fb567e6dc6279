//! `clearpost policy diff`: the clauses that changed, and the rules that cite them.

use std::io::{self, Write};

use clap::{ArgMatches, Args as ClapArgs};

use super::{load, reference};
use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::revision::Side;
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::engine::ActiveRule;
use crate::policy::{Clause, Policy};
use crate::report::{self, Format, visible};
use crate::text::{Lang, Problem};

#[derive(Debug, ClapArgs)]
pub(super) struct DiffArgs {
    /// The policy as it was: a Markdown file, `builtin:social-media`, `REVISION:path`, or a git
    /// revision such as HEAD, at which NEW is looked up.
    #[arg(value_name = "OLD")]
    old: String,
    /// The policy as it is now; the same can be written.
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &DiffArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut lang = Lang::EN;
    let mut versions = Vec::new();
    for (typed, other) in [(&args.old, &args.new), (&args.new, &args.new)] {
        match Side::new(typed, other) {
            Ok(side) => {
                let reference = reference(&side.path);
                let mut loaded = load(&*side.files, &reference, &mut problems);
                versions.extend(loaded.policies.remove(&reference));
            }
            Err(error) => problems.push(Problem::new(&error)),
        }
    }
    if let [old, new] = versions.as_slice() {
        let config = config_here(&args.rules, &mut problems);
        let in_force = InForce::new(&args.rules, matches, &config, &mut problems);
        lang = in_force.messages.value;
        let changes = changes(old, new);
        let mut out = io::stdout().lock();
        for change in &changes {
            let title = visible(&change.clause.text(lang).title).into_owned();
            writeln!(
                out,
                "{:<8} {} {title}{}",
                change.what, change.clause.id, change.parts
            )?;
        }
        let count = |what: &str| changes.iter().filter(|change| change.what == what).count();
        writeln!(
            out,
            "{} changed, {} added, {} removed",
            count(CHANGED),
            count(ADDED),
            count(REMOVED)
        )?;
        let to_review: Vec<&ActiveRule> = in_force
            .rulebook
            .rules()
            .iter()
            .filter(|rule| {
                let is_meant = [&old.name, &new.name].contains(&&rule.clause.policy);
                let mut old_ones = changes.iter().filter(|change| change.what != ADDED);
                is_meant && old_ones.any(|change| change.clause.id == rule.clause.id)
            })
            .collect();
        if !to_review.is_empty() {
            let cite = match to_review.len() {
                1 => "\n1 rule cites a clause".to_owned(),
                many => format!("\n{many} rules cite clauses"),
            };
            writeln!(out, "{cite} whose text changed or that is gone; review:")?;
        }
        for rule in to_review {
            writeln!(
                out,
                "  {:<10} {} ({}:{})",
                rule.clause.id.as_str(),
                rule.id,
                visible(&rule.origin),
                rule.rule.line
            )?;
        }
    }
    let look = terminal::look(ColorArg::Auto, lang);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

const CHANGED: &str = "changed";
const ADDED: &str = "added";
const REMOVED: &str = "removed";

/// What became of a clause.
struct Change<'p> {
    what: &'static str,
    clause: &'p Clause,
    /// What of it changed, in which language.
    parts: String,
}

/// The clauses that differ, in the order of the new policy; those that are gone come last.
fn changes<'p>(old: &'p Policy, new: &'p Policy) -> Vec<Change<'p>> {
    let mut changes = Vec::new();
    for clause in &new.clauses {
        match old.clause(&clause.id) {
            None => changes.push(Change {
                what: ADDED,
                clause,
                parts: String::new(),
            }),
            Some(before) => {
                let parts = changed_parts(before, clause);
                if !parts.is_empty() {
                    changes.push(Change {
                        what: CHANGED,
                        clause,
                        parts: format!(" ({})", parts.join("; ")),
                    });
                }
            }
        }
    }
    let gone = old.clauses.iter();
    let gone = gone.filter(|clause| new.clause(&clause.id).is_none());
    changes.extend(gone.map(|clause| Change {
        what: REMOVED,
        clause,
        parts: String::new(),
    }));
    changes
}

/// What of a clause is not what it was, a language each.
fn changed_parts(before: &Clause, now: &Clause) -> Vec<String> {
    let mut parts = Vec::new();
    for text in &now.texts {
        let Some(old) = before.texts.iter().find(|old| old.lang == text.lang) else {
            parts.push(format!("{}: new", text.lang));
            continue;
        };
        let advice = |text: &crate::policy::ClauseText| {
            text.advice.as_ref().map(|advice| advice.text.clone())
        };
        let differ = [
            ("title", text.title != old.title),
            ("text", text.body.text != old.body.text),
            ("advice", advice(text) != advice(old)),
        ];
        let differ: Vec<&str> = differ
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(part, _)| part)
            .collect();
        if !differ.is_empty() {
            parts.push(format!("{}: {}", text.lang, differ.join(", ")));
        }
    }
    for old in &before.texts {
        if now.texts.iter().all(|text| text.lang != old.lang) {
            parts.push(format!("{}: gone", old.lang));
        }
    }
    if before.severity != now.severity {
        parts.push("severity".to_owned());
    }
    if before.manual != now.manual {
        parts.push("manual".to_owned());
    }
    parts
}
