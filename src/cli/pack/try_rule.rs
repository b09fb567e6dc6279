//! `clearpost pack try`: what one rule finds in drafts.

use std::io::{self, BufWriter, Write};

use clap::{ArgMatches, Args as ClapArgs};

use super::samples;
use super::test::counted;
use crate::cli::args::{ColorArg, DraftArgs, RuleArgs};
use crate::cli::check::{Asked, Flow, Only, Ready, tell_once};
use crate::cli::files::Disk;
use crate::cli::{settings, terminal};
use crate::engine::Finding;
use crate::report::{self, Format, visible};

#[derive(Debug, ClapArgs)]
pub(super) struct TryArgs {
    /// The rule, such as clients/unapproved-client; or a pack, for all its rules.
    #[arg(value_name = "RULE")]
    rule: String,
    /// Files, folders or globs.
    #[arg(value_name = "DRAFTS", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    drafts: DraftArgs,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &TryArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut rules = args.rules.clone();
    rules.only = vec![args.rule.clone()];
    let asked = Asked {
        only: Only::default(),
        paths: &args.paths,
        drafts: &args.drafts,
        rules: &rules,
        matches,
        explains: None,
        verbose: false,
        files: &Disk,
    };
    let mut ready = Ready::new(&asked, true, &mut problems)?;
    // A mistyped language is reported when the rulebook is made.
    let messages = settings::messages(&rules, matches, ready.main_config(), &mut Vec::new());
    let mut groups = ready.look(&asked, Flow::Keep, true, &mut problems)?;
    let mut drafts = 0;
    let mut waived = 0;
    let mut not_checked = Vec::new();
    for group in &mut groups {
        not_checked.extend_from_slice(group.in_force.rulebook.not_checked());
        for (_, file) in &mut group.files {
            drafts += file.drafts;
            waived += file.waived.len();
            problems.append(&mut file.problems);
            not_checked.extend(file.not_checked.iter().cloned());
        }
    }
    let files = groups.iter().flat_map(|group| &group.files);
    let findings: Vec<&Finding> = files
        .flat_map(|(_, file)| &file.findings)
        .filter(|finding| is_meant(&finding.rule, &args.rule))
        .collect();
    let mut hit: Vec<_> = findings
        .iter()
        .map(|finding| (finding.source.name(), finding.record))
        .collect();
    hit.sort_unstable();
    hit.dedup();
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(
        out,
        "{} in {} of {}{}",
        counted(findings.len(), "finding"),
        hit.len(),
        counted(drafts, "draft"),
        match waived {
            0 => String::new(),
            number => format!(", and {number} that a waiver lets through"),
        }
    )?;
    samples::write(&findings, &mut out)?;
    not_checked.sort();
    not_checked.dedup();
    for entry in &not_checked {
        writeln!(
            out,
            "  {} could not look everywhere: {}",
            visible(&entry.rule),
            visible(&entry.reason)
        )?;
    }
    out.flush()?;
    tell_once(&mut problems);
    let look = terminal::look(ColorArg::Auto, messages.value);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

/// Whether `id` is the rule, or one of the pack, that was asked for. What is told about waivers is
/// not.
fn is_meant(id: &str, asked: &str) -> bool {
    id == asked
        || id
            .split_once('/')
            .is_some_and(|(pack, rule)| pack == asked || rule == asked)
}
