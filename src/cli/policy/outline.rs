//! `clearpost policy outline`: the sections and clauses of a policy.

use std::io::{self, Write};
use std::path::Path;

use clap::Args as ClapArgs;

use super::{headings, load, named_or_configured};
use crate::cli::args::ColorArg;
use crate::cli::config::read_source;
use crate::cli::files::Disk;
use crate::cli::terminal;
use crate::pack::PolicyRef;
use crate::policy::{Clause, ClauseId, Policy};
use crate::report::{self, Format, visible};
use crate::text::Lang;

#[derive(Debug, ClapArgs)]
pub(super) struct OutlineArgs {
    /// The policy: a Markdown file or `builtin:social-media`. Without it the configuration's, else
    /// policy.md, else the built-in one.
    #[arg(value_name = "FILE")]
    policy: Option<String>,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &OutlineArgs) -> io::Result<u8> {
    let mut problems = Vec::new();
    let reference = named_or_configured(args.policy.as_deref(), &mut problems);
    let loaded = load(&Disk, &reference, &mut problems);
    let mut out = io::stdout().lock();
    if let Some(policy) = loaded.policies.get(&reference) {
        let source = match &reference {
            PolicyRef::File(path) => read_source("the policy", Path::new(path), &mut problems),
            _ => None,
        };
        writeln!(out, "{}", visible(policy.title(Lang::EN)))?;
        match source {
            Some(source) => tree(policy, source.text(), &mut out)?,
            // The program's own policy is kept without its sections.
            None => {
                for clause in &policy.clauses {
                    line(clause, "  ", &mut out)?;
                }
            }
        }
    }
    drop(out);
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

/// The headings of a file, each below the one that it belongs to.
fn tree(policy: &Policy, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let (headings, _) = headings::read(text);
    let top = headings.iter().map(|heading| heading.level).min();
    for heading in &headings {
        let depth = 1 + heading.level - top.unwrap_or(heading.level);
        let indent = "  ".repeat(depth);
        let id = ClauseId::split_heading(&heading.text).map(|(id, _)| id);
        match id.and_then(|id| policy.clause(&id)) {
            Some(clause) => line(clause, &indent, out)?,
            None => writeln!(out, "{indent}{}", visible(heading.text.trim()))?,
        }
    }
    Ok(())
}

fn line(clause: &Clause, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = clause.text(Lang::EN);
    let mut notes = Vec::new();
    notes.extend(clause.severity.map(|severity| severity.as_str().to_owned()));
    notes.extend(clause.manual.then(|| "only a person can judge".to_owned()));
    notes.extend(text.advice.is_none().then(|| "no advice".to_owned()));
    if clause.texts.len() > 1 {
        let langs: Vec<&str> = clause.texts.iter().map(|text| text.lang.as_str()).collect();
        notes.push(langs.join(" "));
    }
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!("  ({})", notes.join(", "))
    };
    writeln!(out, "{indent}{} {}{notes}", clause.id, visible(&text.title))
}
