//! `clearpost pack diff`: what a changed pack newly flags in drafts, and what it no longer flags.

use std::collections::HashSet;
use std::io::{self, BufWriter, Write};

use clap::{ArgMatches, Args as ClapArgs};

use super::samples;
use super::test::counted;
use crate::cli::args::{ColorArg, DraftArgs, RuleArgs};
use crate::cli::check::{Asked, Flow, Looked, Only, Ready, tell_once};
use crate::cli::revision::Side;
use crate::cli::{settings, terminal};
use crate::engine::Finding;
use crate::report::{self, Format};
use crate::text::{Lang, Problem};

#[derive(Debug, ClapArgs)]
pub(super) struct DiffArgs {
    /// The pack as it was: a file, a folder, `builtin:NAME`, `REVISION:path`, or a git revision such
    /// as HEAD or main, at which NEW is looked up.
    #[arg(value_name = "OLD")]
    old: String,
    /// The pack as it is now; the same can be written.
    #[arg(value_name = "NEW")]
    new: String,
    /// Drafts: files, folders or globs.
    #[arg(value_name = "DRAFTS", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    drafts: DraftArgs,
    #[command(flatten)]
    rules: RuleArgs,
}

/// What one of the two packs finds.
struct Found {
    drafts: usize,
    findings: Vec<Finding>,
}

/// What makes two findings the same: the place and the rule.
type Key<'f> = (&'f str, usize, Option<usize>, (usize, usize), &'f str);

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &DiffArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut lang = Lang::EN;
    let sides = [(&args.old, &args.new), (&args.new, &args.new)];
    let mut found = Vec::new();
    for (typed, other) in sides {
        match Side::new(typed, other) {
            Ok(side) => {
                let before = problems.len();
                found.extend(look(args, matches, &side, &mut lang, &mut problems)?);
                // Both packs have the same path: say which of the two is meant.
                if args.old != side.path && typed == &args.old {
                    for problem in &mut problems[before..] {
                        problem.message = format!("in {typed}: {}", problem.message);
                    }
                }
            }
            Err(error) => problems.push(Problem::new(&error)),
        }
    }
    if let [old, new] = found.as_slice() {
        let mut out = BufWriter::new(io::stdout().lock());
        write(old, new, &mut out)?;
        out.flush()?;
    }
    tell_once(&mut problems);
    let look = terminal::look(ColorArg::Auto, lang);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn look(
    args: &DiffArgs,
    matches: &ArgMatches,
    side: &Side,
    lang: &mut Lang,
    problems: &mut Vec<Problem>,
) -> io::Result<Option<Found>> {
    let mut rules = args.rules.clone();
    rules.packs = vec![side.path.clone()];
    let asked = Asked {
        only: Only::default(),
        paths: &args.paths,
        drafts: &args.drafts,
        rules: &rules,
        matches,
        explains: None,
        verbose: false,
        files: &*side.files,
    };
    let mut ready = Ready::new(&asked, true, problems)?;
    *lang = settings::messages(&rules, matches, ready.main_config(), &mut Vec::new()).value;
    let mut found = Found {
        drafts: 0,
        findings: Vec::new(),
    };
    let groups = ready.look(&asked, Flow::Keep, true, problems)?;
    // A pack that could not be read finds nothing, and to say so would be wrong.
    let is_silent = |group: &Looked| group.in_force.rulebook.rules().is_empty();
    if groups.iter().any(is_silent) {
        return Ok(None);
    }
    for group in groups {
        let packs = &group.in_force.loaded.packs;
        let is_own = |finding: &Finding| {
            let pack = finding.rule.split_once('/').map_or("", |(pack, _)| pack);
            packs.iter().any(|own| own.name == pack)
        };
        for (_, mut file) in group.files {
            found.drafts += file.drafts;
            problems.append(&mut file.problems);
            file.findings.retain(is_own);
            found.findings.append(&mut file.findings);
        }
    }
    Ok(Some(found))
}

fn key(finding: &Finding) -> Key<'_> {
    let span = (finding.span.start(), finding.span.end());
    let source = &finding.source;
    let start = source.start().byte;
    (source.name(), start, finding.record, span, &finding.rule)
}

fn write(old: &Found, new: &Found, out: &mut dyn Write) -> io::Result<()> {
    let without = |these: &'_ Found, those: &'_ Found| -> Vec<usize> {
        let known: HashSet<Key<'_>> = those.findings.iter().map(key).collect();
        let these = these.findings.iter().enumerate();
        these
            .filter(|(_, finding)| !known.contains(&key(finding)))
            .map(|(number, _)| number)
            .collect()
    };
    let pick = |found: &'_ Found, numbers: &[usize], out: &mut dyn Write| {
        let findings: Vec<&Finding> = numbers.iter().map(|at| &found.findings[*at]).collect();
        samples::write(&findings, out)
    };
    let (newly, no_longer) = (without(new, old), without(old, new));
    writeln!(
        out,
        "{}: {} before, {} now",
        counted(new.drafts, "draft"),
        counted(old.findings.len(), "finding"),
        new.findings.len()
    )?;
    writeln!(out, "newly flagged: {}", newly.len())?;
    pick(new, &newly, out)?;
    writeln!(out, "no longer flagged: {}", no_longer.len())?;
    pick(old, &no_longer, out)
}
