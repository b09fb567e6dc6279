//! `clearpost packs`: what is in force and from where.

use std::io::{self, Write};

use clap::ArgMatches;

use super::args::{ColorArg, PacksArgs};
use super::check::remark_once;
use super::rules::{InForce, config_here};
use super::terminal;
use crate::report::{self, Format};

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &PacksArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut in_force = InForce::new(&args.rules, matches, &config, &mut problems);
    let lang = in_force.messages.value;
    let mut out = io::stdout().lock();
    for pack in &in_force.loaded.packs {
        let rules: Vec<_> = in_force
            .rulebook
            .rules()
            .iter()
            .filter(|rule| {
                rule.id
                    .split_once('/')
                    .is_some_and(|(name, _)| name == pack.name)
            })
            .collect();
        if rules.is_empty() {
            continue;
        }
        let version = report::visible(pack.version.as_deref().unwrap_or("no version"));
        let origin = report::visible(&pack.origin);
        let many = if rules.len() == 1 { "rule" } else { "rules" };
        writeln!(
            out,
            "{} {version} ({origin}, {} {many})",
            pack.name,
            rules.len()
        )?;
        if let Some(description) = &pack.description {
            writeln!(out, "  {}", report::visible(description.get(lang)))?;
        }
        for rule in rules {
            let silent = in_force
                .rulebook
                .not_checked()
                .iter()
                .find(|entry| entry.rule == rule.id);
            let note = silent.map_or_else(String::new, |entry| {
                format!(" (could not look: {})", entry.reason)
            });
            writeln!(
                out,
                "  {:<40} {:<8} {}{note}",
                rule.id,
                rule.severity.as_str(),
                rule.clause.id
            )?;
        }
        writeln!(out)?;
    }
    for off in &in_force.loaded.off {
        let reason = report::visible(&off.reason);
        writeln!(out, "{} is switched off by {}: {reason}", off.rule, off.by)?;
    }
    drop(out);
    let look = terminal::look(ColorArg::Auto, lang);
    let remarks = &mut in_force.loaded.remarks;
    remark_once(remarks);
    report::remarks(
        remarks,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}
