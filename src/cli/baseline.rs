//! `clearpost baseline write|check|prune`, and the baseline of a run.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args as ClapArgs, Subcommand};

use super::args::{ColorArg, DraftArgs, RuleArgs};
use super::check::{Asked, Flow, Only, Ready, tell_once};
use super::config::{Config, read_source, relative_to};
use super::discover::Input;
use super::files::{Disk, replace_file};
use super::{settings, terminal};
use crate::report::{self, Format, visible};
use crate::text::Problem;
use crate::triage::baseline::{Entry, Known, read, written};

/// The file beside the configuration.
pub(super) const FILE_NAME: &str = "clearpost-baseline.txt";

#[derive(Debug, ClapArgs)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
enum BaselineCommand {
    /// Take up all findings that are there now, so that only new ones count from here on.
    ///
    /// Entries that are there already keep their date and reason.
    Write(WriteArgs),
    /// Say what is new and which entries stand for nothing any more.
    ///
    /// Exit status: 0 all as the baseline says, 1 something is new or gone, 2 something could not be
    /// checked.
    Check(LookArgs),
    /// Take out the entries that stand for nothing any more.
    Prune(LookArgs),
}

#[derive(Debug, ClapArgs)]
struct LookArgs {
    /// Files, folders or globs. Without any, the working folder.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<String>,
    #[command(flatten)]
    drafts: DraftArgs,
    #[command(flatten)]
    rules: RuleArgs,
}

#[derive(Debug, ClapArgs)]
struct WriteArgs {
    #[command(flatten)]
    look: LookArgs,
    /// Why the new entries stay, in a few words.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// The baseline beside a configuration, if there is one.
pub(super) fn known(config: &Config, problems: &mut Vec<Problem>) -> Option<Known> {
    let path = config.folder.join(FILE_NAME);
    if !path.exists() {
        return None;
    }
    let source = read_source("baseline", &path, problems)?;
    Some(Known::new(read(&source, problems)))
}

/// What a baseline in `folder` calls the file at `path`.
pub(super) fn key(path: &Path, folder: &Path) -> String {
    relative_to(path, folder)
        .to_string_lossy()
        .replace('\\', "/")
}

/// What is said when a run meets fewer findings than the baseline knows.
pub(super) fn told_gone(count: usize) -> String {
    let (entries, stand) = if count == 1 {
        ("entry", "stands")
    } else {
        ("entries", "stand")
    };
    format!(
        "{count} {entries} of the baseline {stand} for nothing any more: `clearpost baseline prune` takes them out"
    )
}

/// What was found below one configuration, beside its baseline.
struct Beside {
    folder: PathBuf,
    known: Known,
    /// What is there now.
    now: Vec<Entry>,
    /// The files that were checked to the end.
    checked: Vec<String>,
}

impl Beside {
    /// Entries that were found, each with the date and reason it had, and those that are new.
    fn compare(&self) -> (Vec<Entry>, Vec<Entry>) {
        let mut had: HashMap<(&str, &str), Vec<&Entry>> = HashMap::new();
        for entry in self.known.entries() {
            had.entry((&entry.path, &entry.fingerprint))
                .or_default()
                .push(entry);
        }
        let (mut kept, mut new) = (Vec::new(), Vec::new());
        for entry in &self.now {
            if self.known.take(&entry.path, &entry.fingerprint) {
                let before = had.get_mut(&(&*entry.path, &*entry.fingerprint));
                let before = before.and_then(Vec::pop).unwrap_or(entry);
                kept.push(before.clone());
            } else {
                new.push(entry.clone());
            }
        }
        (kept, new)
    }

    /// Entries of which nothing was found, though their file was checked or is no more.
    fn gone(&self) -> Vec<Entry> {
        let is_checked = |path: &str| {
            self.checked.iter().any(|checked| checked == path) || !self.folder.join(path).exists()
        };
        self.known.left(is_checked).into_iter().cloned().collect()
    }

    fn write(&self, entries: Vec<Entry>) -> io::Result<()> {
        let text = written(entries);
        replace_file(&self.folder.join(FILE_NAME), |out| {
            out.write_all(text.as_bytes())
        })
    }
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &BaselineArgs, matches: &ArgMatches) -> io::Result<u8> {
    let Some((_, matches)) = matches.subcommand() else {
        return Ok(2);
    };
    let (look, reason) = match &args.command {
        BaselineCommand::Write(write) => (&write.look, write.reason.as_str()),
        BaselineCommand::Check(look) | BaselineCommand::Prune(look) => (look, ""),
    };
    let mut problems = Vec::new();
    let all = look_at(look, matches, reason, &mut problems)?;
    let mut out = io::stdout().lock();
    let mut status = 0;
    if problems.is_empty() {
        for beside in &all {
            let (kept, new) = beside.compare();
            let gone = beside.gone();
            let left = || -> Vec<Entry> {
                let all = beside.known.entries().iter();
                let others = all.filter(|entry| !gone.contains(entry) && !kept.contains(entry));
                kept.iter().chain(others).cloned().collect()
            };
            let file = beside.folder.join(FILE_NAME);
            let file = visible(&file.display().to_string()).into_owned();
            match &args.command {
                BaselineCommand::Write(_) => {
                    let mut entries = left();
                    let (added, taken) = (new.len(), gone.len());
                    entries.extend(new);
                    writeln!(
                        out,
                        "{file}: {} known, {added} of them new, {taken} taken out",
                        entries.len()
                    )?;
                    beside.write(entries)?;
                }
                BaselineCommand::Prune(_) => {
                    let entries = left();
                    writeln!(
                        out,
                        "{file}: {} known, {} taken out",
                        entries.len(),
                        gone.len()
                    )?;
                    if !gone.is_empty() {
                        beside.write(entries)?;
                    }
                }
                BaselineCommand::Check(_) => {
                    for entry in &new {
                        writeln!(out, "new  {} {}", visible(&entry.path), entry.rule)?;
                    }
                    for entry in &gone {
                        writeln!(out, "gone {} {}", visible(&entry.path), entry.rule)?;
                    }
                    writeln!(
                        out,
                        "{file}: {} known, {} new, {} gone",
                        kept.len(),
                        new.len(),
                        gone.len()
                    )?;
                    if !new.is_empty() || !gone.is_empty() {
                        status = 1;
                    }
                }
            }
        }
    }
    drop(out);
    tell_once(&mut problems);
    let messages = settings::messages(
        &look.rules,
        matches,
        &Config::none(PathBuf::new(), false),
        &mut Vec::new(),
    );
    let look = terminal::look(ColorArg::Auto, messages.value);
    let errors = &mut io::stderr().lock();
    report::problems(&problems, Format::PRETTY.beside(), &look, errors)?;
    Ok(if problems.is_empty() { status } else { 2 })
}

fn look_at(
    look: &LookArgs,
    matches: &ArgMatches,
    reason: &str,
    problems: &mut Vec<Problem>,
) -> io::Result<Vec<Beside>> {
    let asked = Asked {
        paths: &look.paths,
        drafts: &look.drafts,
        rules: &look.rules,
        matches,
        explains: None,
        only: Only::default(),
        verbose: false,
        files: &Disk,
    };
    let mut ready = Ready::new(&asked, true, problems)?;
    let today = ready.main_config().zone().to_datetime(ready.now).date();
    let groups = ready.look(&asked, Flow::Keep, true, problems)?;
    let mut all = Vec::new();
    for group in groups {
        let folder = group.folder.clone();
        let path = folder.join(FILE_NAME);
        let entries = if path.exists() {
            read_source("baseline", &path, problems)
                .map(|source| read(&source, problems))
                .unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut now = Vec::new();
        let mut checked = Vec::new();
        for (input, outcome) in group.files {
            let Input::File { path, .. } = &input else {
                continue;
            };
            let path = key(path, &folder);
            now.extend(outcome.findings.iter().map(|finding| Entry {
                path: path.clone(),
                fingerprint: finding.fingerprint.clone(),
                rule: finding.rule.to_string(),
                date: today.to_string(),
                reason: reason.to_owned(),
            }));
            checked.push(path);
            problems.extend(outcome.problems);
        }
        all.push(Beside {
            folder,
            known: Known::new(entries),
            now,
            checked,
        });
    }
    Ok(all)
}
