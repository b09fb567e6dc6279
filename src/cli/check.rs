//! `clearpost check`.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ArgMatches;
use jiff::Timestamp;
use rayon::prelude::*;

use super::args::{CheckArgs, DraftArgs, EncodingArg, RuleArgs};
use super::baseline;
use super::cache::{self, Cache};
use super::changes::{ChangeArgs, Changes};
use super::checklist;
use super::config::{self, Config};
use super::crash::{Crash, guarded};
use super::discover::{Found, Input, discover, nothing};
use super::files::Disk;
use super::fix::{self, Fixes, Mended};
use super::lock;
use super::outlets::Outlets;
use super::overrides;
use super::passthrough::{self, PassthroughError};
use super::pictures::{self, Gallery};
use super::progress::{Progress, Stopped, Watched, is_stopped, stop_on_request};
use super::rules::InForce;
use super::settings::{self, OptionError, Set, layered, typed_origin, word};
use super::terminal;
use crate::builtin::builtin;
use crate::draft::read::{self, Go, RawFile, ReadOptions, Reader, Skim};
use crate::draft::{self, Draft, KNOWN_CHANNELS, StatedFacts};
use crate::engine::{
    self, Checked, Explained, Finding, Judged, NotChecked, Selection, Settled, Waived,
};
use crate::pack::Files;
use crate::policy::Severity;
use crate::report::{self, Beside, Format, Look, Run};
use crate::text::shape::nearest;
use crate::text::{Encoding, Place, Problem, Remark, Source};
use crate::triage::baseline::Known;
use crate::triage::{FailOn, Verdict};

/// More threads than this only wait for one another.
const MOST_THREADS: usize = 64;

/// Files up to so many bytes are read at once; larger ones as their format allows.
const READ_AT_ONCE: u64 = 8 << 20;

/// A draft that could not be read.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum ReadError {
    #[error("no rule is in force, so nothing was checked")]
    #[diagnostic(
        code(clearpost::select::no_rules),
        help(
            "take some of `--clause`, `--only-rule`, `--exclude` away; `clearpost packs` lists the rules"
        )
    )]
    NoRules,
    #[error("`{path}` is in a format that Clearpost does not read")]
    #[diagnostic(
        code(clearpost::input::unknown_format),
        help("save it as Markdown (.md) or plain text (.txt)")
    )]
    Format { path: String },
}

/// Fewer drafts than this are checked by the thread that read them.
const WORTH_SHARING: usize = 16;

/// Bytes up to which a draft is short, and shows few pictures if any.
const SHORT: u64 = 4 << 10;

/// Files that are checked before their findings are written.
const FILES_AT_ONCE: usize = 256;

/// Writes findings as they come.
type Writer<'w> = dyn FnMut(&[Finding]) -> io::Result<()> + 'w;

/// What came of one file.
#[derive(Default)]
pub(super) struct FileOutcome {
    pub(super) drafts: usize,
    pub(super) findings: Vec<Finding>,
    /// How many findings the baseline knows.
    baselined: usize,
    pub(super) waived: Vec<Waived>,
    /// The waivers in it.
    pub(super) waivers: Vec<Settled>,
    /// Which waivers of the list are for it, and which of those let something through.
    met: Vec<usize>,
    used: BTreeSet<usize>,
    pub(super) explained: Vec<ExplainedDraft>,
    /// The worst severity of all findings, written ones included.
    pub(super) worst: Option<Severity>,
    pub(super) not_checked: BTreeSet<NotChecked>,
    pub(super) problems: Vec<Problem>,
    /// The first instant at which it may be judged otherwise.
    until: Option<Timestamp>,
    /// The addresses of the pictures in it, each with the folder from which it leads.
    pictures: Vec<(String, PathBuf)>,
    /// Why findings could not be written.
    failure: Option<io::Error>,
}

impl FileOutcome {
    /// Whether there is nothing to tell of it but which rules could not look.
    fn is_clean(&self) -> bool {
        self.worst.is_none()
            && self.baselined == 0
            && self.waived.is_empty()
            && self.waivers.is_empty()
            && self.met.is_empty()
            && self.problems.is_empty()
            && self.failure.is_none()
    }

    /// Takes over what is found now that the file was changed.
    pub(super) fn settle_for(&mut self, now: Self) {
        self.worst = now.findings.iter().map(|finding| finding.severity).max();
        self.findings = now.findings;
        self.waived = now.waived;
        self.waivers = now.waivers;
    }
}

/// Inputs that one configuration holds for.
struct Group {
    config: Config,
    inputs: Vec<Input>,
}

/// What a command that looks at drafts was asked.
pub(super) struct Asked<'a> {
    pub(super) paths: &'a [String],
    pub(super) drafts: &'a DraftArgs,
    pub(super) rules: &'a RuleArgs,
    pub(super) matches: &'a ArgMatches,
    /// What of the drafts counts, if not all.
    pub(super) only: Only,
    /// Whether all is wanted that there is to say about packs and registers.
    pub(super) verbose: bool,
    /// The rule to explain, instead of checking.
    pub(super) explains: Option<&'a str>,
    /// Where packs and policies are read from.
    pub(super) files: &'a dyn Files,
}

/// What of the drafts and their findings counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Only {
    /// What a change touched.
    pub(super) changes: ChangeArgs,
    /// Whether findings that a baseline knows are left out.
    pub(super) new: bool,
    /// Whether finding no draft is fine.
    pub(super) allows_empty: bool,
    /// Whether fixes are made.
    pub(super) fixes: Option<Fixes>,
    /// Whether all in force has to be what the lock says.
    pub(super) locked: bool,
    /// The folder of the cache, if one is wanted; without a name the usual one.
    #[expect(
        clippy::option_option,
        reason = "there may be a flag, and a name behind it"
    )]
    pub(super) cache: Option<Option<PathBuf>>,
}

impl Only {
    /// What was asked for.
    fn asked(args: &CheckArgs) -> Self {
        Self {
            changes: args.changes.clone(),
            new: !args.no_baseline,
            allows_empty: args.allow_empty,
            fixes: Fixes::asked(args),
            locked: args.locked,
            cache: args.cache.clone(),
        }
    }
}

/// A draft as the explained rule sees it.
pub(super) struct ExplainedDraft {
    pub(super) source: Arc<Source>,
    pub(super) record: Option<usize>,
    pub(super) rule: Arc<str>,
    pub(super) explained: Explained,
}

/// What is done with findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// They are kept until all drafts have been looked at.
    Keep,
    /// They are written as they come.
    Stream,
    /// Each goes out with the line that it is in.
    Passthrough,
}

/// Drafts that were found and not yet looked at.
pub(super) struct Ready {
    pub(super) now: Timestamp,
    groups: Vec<Group>,
    stdin: Option<Vec<u8>>,
    passed_over: Vec<(PathBuf, &'static str)>,
    changes: Option<Arc<Changes>>,
    /// What came of fixes, a line each.
    pub(super) mended: Mended,
}

/// What is the same for all groups.
struct Shared<'s> {
    asked: &'s Asked<'s>,
    flow: Flow,
    pool: rayon::ThreadPool,
    progress: Progress,
    now: Timestamp,
    stdin: Option<Vec<u8>>,
    changes: Option<Arc<Changes>>,
}

/// What came of a group.
pub(super) struct Looked {
    pub(super) in_force: InForce,
    fail_on: Option<FailOn>,
    pub(super) files: Vec<(Input, FileOutcome)>,
    /// The file with the list of waivers, and what came of each.
    list: Option<PathBuf>,
    pub(super) listed: Vec<ListedOutcome>,
    /// How many entries of the baseline stand for nothing any more.
    gone: usize,
    /// The folder of the configuration.
    pub(super) folder: PathBuf,
}

/// What came of a waiver of the list.
pub(super) struct ListedOutcome {
    pub(super) settled: Settled,
    /// Whether this run saw all drafts it may be for.
    seen_all: bool,
}

/// What came of all groups so far.
struct Tally {
    hashes: Vec<String>,
    not_checked: Vec<NotChecked>,
    problems: Vec<Problem>,
    outcomes: Vec<(Input, FileOutcome)>,
    descriptions: BTreeMap<Arc<str>, String>,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &CheckArgs, matches: &ArgMatches) -> io::Result<u8> {
    let started = Instant::now();
    let mut problems = Vec::new();
    let asked = Asked {
        paths: &args.paths,
        drafts: &args.drafts,
        rules: &args.rules,
        matches,
        explains: None,
        only: Only::asked(args),
        verbose: args.verbose && !args.quiet,
        files: &Disk,
    };
    let mut ready = Ready::new(&asked, !args.show_config, &mut problems)?;
    let options = Options::new(args, matches, ready.main_config(), &mut problems);
    if args.show_config {
        return show_config(args, matches, ready.main_config(), &options, problems);
    }
    // Findings of several repositories, and what was let through among them, are put in order before
    // they are shown.
    let outlets = &options.outlets.value;
    let streams = outlets.shown() == Some(Format::JSONL)
        && asked.only.fixes.is_none()
        && outlets.0.len() == 1
        && ready.groups.len() == 1
        && !args.show_waived;
    let flow = match (args.passthrough, streams) {
        (true, _) => Flow::Passthrough,
        (false, true) => Flow::Stream,
        (false, false) => Flow::Keep,
    };
    let groups = ready.look(&asked, flow, !args.quiet, &mut problems)?;
    let mut tally = Tally {
        hashes: Vec::new(),
        not_checked: Vec::new(),
        problems,
        outcomes: Vec::new(),
        descriptions: BTreeMap::new(),
    };
    let mut verdict = Verdict::Clean;
    let mut remarks = Vec::new();
    let mut gone = 0;
    let mut to_judge: Vec<checklist::Item> = Vec::new();
    for mut group in groups {
        gone += group.gone;
        for item in checklist::items(&group.in_force, options.messages.value) {
            if !to_judge.contains(&item) {
                to_judge.push(item);
            }
        }
        remarks.extend(remarks_of(&mut group, ready.now, args.verbose));
        if args.verbose {
            tell_in_force(&group);
        }
        // Each repository says for itself what fails a run, unless a flag says it for all.
        let own = if options.fail_on.typed {
            None
        } else {
            group.fail_on
        };
        verdict = verdict.max(tally.add(group, own.unwrap_or(options.fail_on.value)));
    }
    let mut run = Run {
        show_waived: args.show_waived,
        ..tally.merge(ready.now)
    };
    let look = terminal::look(args.color, options.messages.value);
    let unwritten = options.outlets.value.write_files(&run, &look);
    run.problems.extend(unwritten);
    remark_once(&mut remarks);
    if args.quiet {
        remarks.clear();
    }
    quiet_if_closed(write(
        args,
        &options,
        &run,
        &remarks,
        &ready.mended.patch,
        &look,
    ))?;
    if args.statistics {
        quiet_if_closed(write_statistics(&options, &run))?;
    }
    ready.mended.tell()?;
    if args.checklist {
        quiet_if_closed(write_checklist(args, &options, &to_judge))?;
    }
    if gone > 0 && !args.quiet {
        terminal::complain(&baseline::told_gone(gone));
    }
    if args.verbose {
        tell_passed_over(&ready.passed_over);
    }
    if args.verbose || args.timings {
        tell_time(run.drafts, started.elapsed());
    }
    let verdict = if run.complete() {
        verdict
    } else {
        Verdict::Incomplete
    };
    Ok(verdict.exit_status())
}

/// Statistics go where the closing words go.
fn write_statistics(options: &Options, run: &Run) -> io::Result<()> {
    let statistics = report::statistics(run);
    match options.outlets.value.beside() {
        Beside::Pretty | Beside::Narrated => write!(io::stdout().lock(), "{statistics}"),
        Beside::Lines { .. } => write!(io::stderr().lock(), "{statistics}"),
    }
}

/// Says by what a group of files was judged.
fn tell_in_force(group: &Looked) {
    let InForce {
        loaded, rulebook, ..
    } = &group.in_force;
    let packs = loaded.packs.iter().map(|pack| match &pack.version {
        Some(version) => format!("{} {version}", pack.origin),
        None => pack.origin.clone(),
    });
    let packs: Vec<String> = packs.collect();
    let policies = loaded
        .policies
        .values()
        .map(|policy| match &policy.version {
            Some(version) => format!("{} {version}", policy.name),
            None => policy.name.clone(),
        });
    let policies: Vec<String> = policies.collect();
    terminal::complain(&format!(
        "{} files judged by {} rules of {} under {} (rulebook {})",
        group.files.len(),
        rulebook.rules().len(),
        packs.join(", "),
        policies.join(", "),
        rulebook.hash()
    ));
}

fn tell_passed_over(passed_over: &[(PathBuf, &'static str)]) {
    for (path, why) in passed_over {
        terminal::complain(&format!("passed over {}: {why}", path.display()));
    }
}

fn tell_time(drafts: usize, took: Duration) {
    let took = took.as_secs_f64() * 1000.0;
    terminal::complain(&format!("{drafts} drafts in {took:.1} ms"));
}

/// What is told of packs, registers and policies themselves.
fn remarks_of(group: &mut Looked, now: Timestamp, all: bool) -> Vec<Remark> {
    let loaded = &mut group.in_force.loaded;
    let mut remarks = std::mem::take(&mut loaded.remarks);
    if all || terminal::is_ci() {
        remarks.extend(loaded.overdue(now));
    }
    remarks
}

impl Ready {
    /// Finds the drafts and the configurations that hold for them.
    pub(super) fn new(
        asked: &Asked<'_>,
        read_stdin: bool,
        problems: &mut Vec<Problem>,
    ) -> io::Result<Self> {
        let now = settings::now(asked.drafts.now.as_deref(), problems);
        let changes = match asked
            .only
            .changes
            .is_any()
            .then(|| Changes::new(&asked.only.changes))
        {
            None => None,
            Some(Ok(changes)) => Some(Arc::new(changes)),
            Some(Err(problem)) => {
                problems.push(*problem);
                // Nothing is checked, and the problem says that this is no clean run.
                Some(Arc::default())
            }
        };
        let (found, stdin) = inputs(asked, changes.as_ref(), read_stdin)?;
        problems.extend(found.problems);
        Ok(Self {
            changes,
            mended: Mended::default(),
            now,
            groups: group(asked, found.inputs, problems),
            stdin,
            passed_over: found.passed_over,
        })
    }

    /// The configuration that settles how the run is shown: the first with a file.
    pub(super) fn main_config(&self) -> &Config {
        self.groups
            .iter()
            .map(|group| &group.config)
            .find(|config| config.path.is_some())
            .unwrap_or(&self.groups[0].config)
    }

    /// Looks at all of them.
    pub(super) fn look(
        &mut self,
        asked: &Asked<'_>,
        flow: Flow,
        shows_progress: bool,
        problems: &mut Vec<Problem>,
    ) -> io::Result<Vec<Looked>> {
        let inputs = self.groups.iter().flat_map(|group| &group.inputs);
        let pool = pool(asked.drafts.jobs, inputs.clone())?;
        let shared = Shared {
            asked,
            flow,
            progress: Progress::new(inputs.map(size).sum(), shows_progress),
            pool,
            now: self.now,
            stdin: self.stdin.take(),
            changes: self.changes.clone(),
        };
        stop_on_request();
        let mut looked = Vec::new();
        for group in std::mem::take(&mut self.groups) {
            looked.push(check_group(
                &shared,
                group,
                &mut self.passed_over,
                &mut self.mended,
                problems,
            )?);
        }
        let may_be_empty = self.changes.is_some() || asked.only.allows_empty;
        if looked.iter().all(|group| group.files.is_empty()) && problems.is_empty() && !may_be_empty
        {
            problems.push(nothing(asked.paths));
        }
        shared.progress.finish();
        if is_stopped() {
            problems.push(Problem::new(&Stopped));
        }
        Ok(looked)
    }
}

fn check_group(
    shared: &Shared<'_>,
    group: Group,
    passed_over: &mut Vec<(PathBuf, &'static str)>,
    mended: &mut Mended,
    problems: &mut Vec<Problem>,
) -> io::Result<Looked> {
    let asked = shared.asked;
    let in_force = InForce::of(
        asked.files,
        asked.rules,
        asked.matches,
        &group.config,
        problems,
    );
    if asked.only.locked {
        lock::verify(&group.config, &in_force, problems);
    }
    if in_force.rulebook.rules().is_empty() && problems.is_empty() {
        problems.push(Problem::new(&ReadError::NoRules));
    }
    let facts = stated_facts(asked.drafts, &group.config, problems);
    let nested = NestedConfigs::read(&group.inputs, &group.config, problems);
    nested.check_overrides(&in_force, problems);
    let kept = keep(group.inputs, &group.config, &nested, &in_force, passed_over);
    let listed: Vec<Judged> = group
        .config
        .waivers
        .iter()
        .map(|entry| in_force.rulebook.judge(&entry.waiver, shared.now))
        .collect();
    let known = asked
        .only
        .new
        .then(|| baseline::known(&group.config, problems))
        .flatten();
    let skim = (kept.len() > 1).then(|| {
        in_force.rulebook.expect_many();
        // Who asks why nothing is found wants to see all that is there.
        asked
            .explains
            .is_none()
            .then(|| in_force.rulebook.skim())
            .flatten()
    });
    let gallery = Gallery::new(&group.config, in_force.rulebook.needs());
    let cache = cache(shared, &group.config, &in_force);
    let job = Job {
        cache: cache.as_ref(),
        skim: skim.flatten(),
        args: asked.drafts,
        progress: &shared.progress,
        config: &group.config,
        nested: &nested,
        in_force: &in_force,
        stated: &facts,
        now: shared.now,
        stdin: shared.stdin.as_deref(),
        listed: &listed,
        gallery: gallery.as_ref(),
        explains: asked.explains,
        changes: shared.changes.as_deref(),
        known: known.as_ref(),
    };
    let mut checked = look_at(&job, shared, &kept, problems)?;
    if let (Some((cache, _)), Some(first)) = (&cache, checked.first_mut()) {
        first.not_checked.extend(cache.not_checked());
    }
    if let Some(fixes) = asked.only.fixes {
        fix::mend(&job, fixes, &kept, &mut checked, mended);
    }
    let is_all = shared.changes.is_none() && in_force.options.selection == Selection::default();
    let gone = if is_all { job.gone(&kept, &checked) } else { 0 };
    let listed = settle_list(listed, &group.config, &in_force, &checked);
    if let Some((cache, _)) = cache
        && let Err(error) = cache.write()
        && asked.verbose
    {
        terminal::complain(&format!("the cache was not written: {error}"));
    }
    Ok(Looked {
        in_force,
        fail_on: group.config.fail_on,
        // A run that was stopped has fewer outcomes than inputs.
        files: kept.into_iter().zip(checked).collect(),
        list: group.config.waiver_file,
        listed,
        gone,
        folder: group.config.folder,
    })
}

/// The cache of a run, if one is wanted, and what names all that is the same for its files.
fn cache(shared: &Shared<'_>, config: &Config, in_force: &InForce) -> Option<(Cache, [u8; 32])> {
    let wanted = shared.asked.only.cache.as_ref();
    // What a change leaves out was found all the same.
    let wanted = wanted.filter(|_| shared.changes.is_none() && shared.flow != Flow::Passthrough)?;
    let usual = || cache::usual_folder(&config.folder);
    let folder = wanted.clone().or_else(usual)?;
    Some((Cache::read(folder, shared.now), context(config, in_force)))
}

/// Looks at what is to be checked.
fn look_at(
    job: &Job<'_>,
    shared: &Shared<'_>,
    kept: &[Input],
    problems: &mut Vec<Problem>,
) -> io::Result<Vec<FileOutcome>> {
    let mut checked = Vec::new();
    match shared.flow {
        Flow::Passthrough => match kept {
            [input] if job.is_by_line(input) => {
                let mut outcome = FileOutcome::default();
                let copy = || passthrough::run(job, input, &mut outcome);
                quiet_if_closed(shared.pool.install(copy))?;
                checked.push(outcome);
            }
            _ => problems.push(Problem::new(&PassthroughError::OneInput)),
        },
        Flow::Stream => {
            quiet_if_closed(shared.pool.install(|| job.stream(kept, &mut checked)))?;
        }
        Flow::Keep => checked = shared.pool.install(|| job.files(kept)),
    }
    Ok(checked)
}

/// Names all that is the same for every file of a run and that its findings depend on.
fn context(config: &Config, in_force: &InForce) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Two builds of one version may judge differently.
    hasher.update(env!("CLEARPOST_SOURCE").as_bytes());
    hasher.update(builtin().hash.as_bytes());
    hasher.update(in_force.rulebook.hash().as_bytes());
    // What the registry's pictures look like is part of it, wherever it is written.
    let assets = config.assets.as_ref();
    let assets = assets.map(|known| (&known.entries, &known.approved_prefixes));
    hasher.update(format!("{assets:?}").as_bytes());
    *hasher.finalize().as_bytes()
}

/// Says of each waiver of the list whether it was of use to the files that were checked.
fn settle_list(
    listed: Vec<Judged>,
    config: &Config,
    in_force: &InForce,
    files: &[FileOutcome],
) -> Vec<ListedOutcome> {
    let silent: HashSet<&str> = files
        .iter()
        .flat_map(|file| &file.not_checked)
        .map(|entry| &*entry.rule)
        .collect();
    listed
        .into_iter()
        .enumerate()
        .map(|(number, judged)| {
            let met = files.iter().any(|file| file.met.contains(&number));
            let used = files.iter().any(|file| file.used.contains(&number));
            let could = in_force
                .rulebook
                .could_use(&judged, |rule| silent.contains(rule));
            ListedOutcome {
                seen_all: config.waivers[number].names_files && met,
                settled: Settled {
                    unused: could && !used,
                    judged,
                    record: None,
                },
            }
        })
        .collect()
}

impl Looked {
    /// What is told about the list of waivers itself.
    fn about_list(&self) -> Option<(Input, FileOutcome)> {
        let rulebook = &self.in_force.rulebook;
        let mut findings: Vec<Finding> = self
            .listed
            .iter()
            .filter_map(|entry| {
                let judged = &entry.settled.judged;
                rulebook.faulty(judged, None).or_else(|| {
                    (entry.settled.unused && entry.seen_all)
                        .then(|| rulebook.unused(judged, None))
                        .flatten()
                })
            })
            .collect();
        engine::settle(&mut findings);
        let input = Input::File {
            path: self.list.clone()?,
            named: false,
        };
        let outcome = FileOutcome {
            worst: findings.iter().map(|finding| finding.severity).max(),
            findings,
            ..FileOutcome::default()
        };
        Some((input, outcome))
    }
}

/// Whoever read our output and went away has seen enough; what was found stands.
fn quiet_if_closed(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Finds the files, and reads standard input if it is one of them.
fn inputs(
    asked: &Asked<'_>,
    changes: Option<&Arc<Changes>>,
    read_stdin: bool,
) -> io::Result<(Found, Option<Vec<u8>>)> {
    let paths = asked.paths;
    let mut found = match (paths.is_empty(), changes) {
        // What changed is in files.
        (true, Some(_)) => discover(&[".".to_owned()], changes),
        (true, None) => Found {
            inputs: vec![Input::Stdin],
            ..Found::default()
        },
        (false, _) => discover(paths, changes),
    };
    if asked.only.allows_empty {
        found.allow_nothing();
    }
    if !found.inputs.contains(&Input::Stdin) || !read_stdin {
        return Ok((found, None));
    }
    if paths.is_empty() && io::stdin().is_terminal() {
        terminal::complain("paste your draft, then press Ctrl-D on a line of its own");
    }
    // A post a line may come for hours: nobody waits for its end.
    if asked.drafts.input_format.as_deref() == Some("jsonl") {
        return Ok((found, None));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    // An empty draft is clean, but an empty pipe that nobody named is no draft.
    if bytes.is_empty() && paths.is_empty() {
        found.inputs.clear();
        found.problems.push(nothing(paths));
    }
    Ok((found, Some(bytes)))
}

fn group(asked: &Asked<'_>, inputs: Vec<Input>, problems: &mut Vec<Problem>) -> Vec<Group> {
    if let Some(path) = &asked.rules.config {
        return vec![Group {
            config: Config::read(path, asked.verbose, problems),
            inputs,
        }];
    }
    let mut known: BTreeMap<PathBuf, Option<PathBuf>> = BTreeMap::new();
    let mut grouped: BTreeMap<Option<PathBuf>, Vec<Input>> = BTreeMap::new();
    for input in inputs {
        let folder = input.folder().to_path_buf();
        let path = known
            .entry(folder.clone())
            .or_insert_with(|| config::find(&folder))
            .clone();
        grouped.entry(path).or_default().push(input);
    }
    if grouped.is_empty() {
        // Packs and options are read even if there is nothing to check: their mistakes are news.
        grouped.insert(config::find(Path::new(".")), Vec::new());
    }
    grouped
        .into_iter()
        .map(|(path, inputs)| Group {
            config: path.map_or_else(
                || Config::none(PathBuf::new(), asked.verbose),
                |path| Config::read(&path, asked.verbose, problems),
            ),
            inputs,
        })
        .collect()
}

/// Options of the run as a whole.
struct Options {
    outlets: Set<Outlets>,
    fail_on: Set<FailOn>,
    messages: Set<crate::text::Lang>,
}

impl Options {
    fn new(
        args: &CheckArgs,
        matches: &ArgMatches,
        config: &Config,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let outlets = Outlets::new(args, matches, config, problems);
        let typed = word(args.fail_on.as_deref(), "fail-on", &FailOn::WORDS, problems);
        let fail_on = layered(
            typed,
            || typed_origin(matches, "fail_on", "fail-on"),
            config.fail_on,
            config,
            FailOn::AtLeast(crate::policy::Severity::Error),
        );
        // A mistyped language was reported when the rulebook was made.
        let messages = settings::messages(&args.rules, matches, config, &mut Vec::new());
        Self {
            outlets,
            fail_on,
            messages,
        }
    }
}

fn stated_facts(args: &DraftArgs, config: &Config, problems: &mut Vec<Problem>) -> StatedFacts {
    let mut facts = StatedFacts::default();
    for text in &args.meta {
        match text.split_once('=') {
            Some((key, value)) if draft::is_fact(key) && !value.trim().is_empty() => {
                facts.set(key, value.trim());
            }
            _ => problems.push(Problem::new(&OptionError::Malformed {
                flag: "meta".to_owned(),
                value: text.clone(),
                wanted: "a fact",
                example: "a fact and its value, such as author_role=agency",
            })),
        }
    }
    if let Some(channel) = &args.channel {
        let channel = channel.to_lowercase();
        let mut known = KNOWN_CHANNELS
            .into_iter()
            .chain(config.channels.iter().map(String::as_str));
        if known.clone().any(|name| name == channel) {
            facts.set("channel", channel);
        } else {
            let help = nearest(&channel, known.clone())
                .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let names: Vec<&str> = known.by_ref().collect();
            problems.push(Problem::new(&OptionError::UnknownValue {
                flag: "channel".to_owned(),
                value: channel,
                help: format!("{help}One of: {}", names.join(", ")),
            }));
        }
    }
    if let Some(lang) = args
        .lang
        .as_deref()
        .and_then(|text| settings::lang(text, "lang", problems))
    {
        facts.set("language", lang.as_str());
    }
    facts
}

/// Leaves out what is in force as something else, and what the configuration excludes.
fn keep(
    inputs: Vec<Input>,
    config: &Config,
    nested: &NestedConfigs,
    in_force: &InForce,
    passed_over: &mut Vec<(PathBuf, &'static str)>,
) -> Vec<Input> {
    let files = in_force.files(config);
    inputs
        .into_iter()
        .filter(|input| {
            let Input::File { path, named } = input else {
                return true;
            };
            if *named {
                return true;
            }
            // Asking the system for the real path of every draft would cost more than checking it.
            let namesake = files
                .iter()
                .any(|file| file.file_name() == path.file_name());
            if namesake
                && path
                    .canonicalize()
                    .is_ok_and(|path| files.binary_search(&path).is_ok())
            {
                passed_over.push((
                    path.clone(),
                    "it is in force as policy, pack, register or waivers",
                ));
                return false;
            }
            let alone = path
                .extension()
                .and_then(|extension| read::by_extension(extension.to_str()?))
                .is_none_or(Reader::is_found_in_folders);
            let nested = || nested.of(input.folder()).iter();
            if !alone && !config.names_draft(path) && !nested().any(|own| own.names_draft(path)) {
                passed_over.push((path.clone(), "`drafts:` in clearpost.yaml does not name it"));
                return false;
            }
            if config.excludes(path) {
                passed_over.push((path.clone(), "`exclude:` names it"));
                return false;
            }
            true
        })
        .collect()
}

/// Configurations below the topmost one, by folder.
struct NestedConfigs(BTreeMap<PathBuf, Vec<Arc<Config>>>);

impl NestedConfigs {
    fn read(inputs: &[Input], config: &Config, problems: &mut Vec<Problem>) -> Self {
        let mut by_folder = BTreeMap::new();
        let mut read: BTreeMap<PathBuf, Arc<Config>> = BTreeMap::new();
        let Some(topmost) = &config.path else {
            return Self(by_folder);
        };
        for input in inputs {
            let folder = input.folder();
            if by_folder.contains_key(folder) {
                continue;
            }
            let configs = config::find_nested(folder, topmost)
                .into_iter()
                .map(|path| {
                    let nested = read.entry(path.clone()).or_insert_with(|| {
                        Arc::new(config::read_nested(&path, &config.channels, problems))
                    });
                    Arc::clone(nested)
                })
                .collect();
            by_folder.insert(folder.to_path_buf(), configs);
        }
        Self(by_folder)
    }

    /// Tells what is wrong with what they override, each once.
    fn check_overrides(&self, in_force: &InForce, problems: &mut Vec<Problem>) {
        let mut told: HashSet<&Path> = HashSet::new();
        for config in self.0.values().flatten() {
            if config.path.as_deref().is_some_and(|path| told.insert(path)) {
                overrides::check(config, &in_force.rulebook, problems);
            }
        }
    }

    fn of(&self, folder: &Path) -> &[Arc<Config>] {
        self.0.get(folder).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Everything that is the same for all files of a group.
pub(super) struct Job<'j> {
    /// What was clean before, and what names all that is the same for every file.
    cache: Option<&'j (Cache, [u8; 32])>,
    /// What knows of a file whether it is worth taking apart.
    skim: Option<Skim>,
    args: &'j DraftArgs,
    progress: &'j Progress,
    config: &'j Config,
    nested: &'j NestedConfigs,
    in_force: &'j InForce,
    stated: &'j StatedFacts,
    now: Timestamp,
    stdin: Option<&'j [u8]>,
    /// The waivers of the list beside the configuration.
    listed: &'j [Judged],
    /// What looks at pictures, if a rule in force asks for it.
    gallery: Option<&'j Gallery<'j>>,
    /// The rule to explain.
    explains: Option<&'j str>,
    /// What a change touched, if only that counts.
    changes: Option<&'j Changes>,
    /// What was there before, if that does not count.
    known: Option<&'j Known>,
}

impl Job<'_> {
    /// Checks all inputs.
    fn files(&self, inputs: &[Input]) -> Vec<FileOutcome> {
        inputs
            .par_iter()
            .filter(|_| !is_stopped())
            .map(|input| self.file(input, None))
            .collect()
    }

    /// Checks all inputs and writes findings as they come, in order.
    fn stream(&self, inputs: &[Input], outcomes: &mut Vec<FileOutcome>) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        let mut rest = inputs;
        while let Some(first) = rest.first().filter(|_| !is_stopped()) {
            if self.is_large(first) {
                let mut write = |findings: &[Finding]| {
                    report::jsonl(findings, &mut out)?;
                    out.flush()
                };
                outcomes.push(self.file(first, Some(&mut write)));
                rest = &rest[1..];
            } else {
                let small = rest
                    .iter()
                    .take(FILES_AT_ONCE)
                    .take_while(|input| !self.is_large(input))
                    .count();
                let (now, later) = rest.split_at(small);
                let checked: Vec<_> = now.par_iter().map(|input| self.file(input, None)).collect();
                for outcome in checked {
                    outcomes.push(outcome);
                    let last = outcomes.last_mut().map(|last| &mut last.findings);
                    report::jsonl(&last.map(std::mem::take).unwrap_or_default(), &mut out)?;
                }
                rest = later;
            }
            if let Some(failure) = outcomes.last_mut().and_then(|last| last.failure.take()) {
                return Err(failure);
            }
        }
        out.flush()
    }

    /// How many entries of the baseline stand for nothing any more in the files that were checked.
    fn gone(&self, kept: &[Input], checked: &[FileOutcome]) -> usize {
        let is_checked = |path: &str| {
            let mut names = kept.iter().zip(checked);
            names.any(|(input, outcome)| {
                outcome.problems.is_empty() && self.key(input).as_deref() == Some(path)
            })
        };
        self.known.map_or(0, |known| known.left(is_checked).len())
    }

    /// Whether an input is a post a line.
    fn is_by_line(&self, input: &Input) -> bool {
        self.format(input, &self.name(input))
            .is_some_and(|format| format.name() == "jsonl")
    }

    /// Checks one input. With `write`, findings go there as they come and are not kept.
    fn file(&self, input: &Input, write: Option<&mut Writer<'_>>) -> FileOutcome {
        let checked = guarded(|| match self.cache {
            Some((cache, context)) if !self.is_large(input) && *input != Input::Stdin => {
                self.cached(cache, context, input, write)
            }
            _ => self.opened(input, self.open(input), write),
        });
        checked.unwrap_or_else(|place| FileOutcome {
            problems: vec![Crash::problem(self.name(input), place)],
            ..FileOutcome::default()
        })
    }

    /// Checks one input unless it was clean before and nothing has changed since.
    fn cached(
        &self,
        cache: &Cache,
        context: &[u8; 32],
        input: &Input,
        write: Option<&mut Writer<'_>>,
    ) -> FileOutcome {
        let Input::File { path, .. } = input else {
            return self.opened(input, self.open(input), write);
        };
        let Ok(bytes) = std::fs::read(path) else {
            return self.opened(input, self.open(input), write);
        };
        let name = self.name(input);
        // A waiver for it wants to be told whether it was of use.
        if !self.met(&name).is_empty() {
            return self.opened(input, self.open(input), write);
        }
        let key = cache::key(context, &self.circumstances(input, &name), &bytes);
        let picture = |target: &str, folder: &Path| self.gallery?.pictured(target, folder);
        if let Some(drafts) = cache.get(key, picture) {
            self.progress.advance(size(input));
            return FileOutcome {
                drafts,
                ..FileOutcome::default()
            };
        }
        let file = RawFile::from_bytes(name, bytes).or_encoded(self.encoding());
        let outcome = self.opened(input, Ok(file), write);
        let pictures: Option<Vec<_>> = outcome
            .pictures
            .iter()
            .map(|(target, folder)| {
                let now = picture(target, folder)?;
                Some((target.clone(), folder.clone(), now))
            })
            .collect();
        if let Some(pictures) = pictures
            && outcome.is_clean()
            && !is_stopped()
        {
            let judged = cache::Judged {
                drafts: outcome.drafts,
                not_checked: outcome.not_checked.iter().cloned().collect(),
                pictures,
                until: outcome.until,
            };
            cache.put(key, judged);
        }
        outcome
    }

    /// Everything besides its bytes that settles how an input is read and judged, and that not all
    /// inputs share.
    fn circumstances(&self, input: &Input, name: &str) -> String {
        let format = self.format(input, name).map(Reader::name);
        let options = ReadOptions {
            skim: None,
            ..self.read_options(input)
        };
        let overrides = self.nested.of(input.folder()).iter();
        let overrides: Vec<_> = overrides.map(|config| &config.overrides).collect();
        let encoding = self.args.encoding;
        format!("{name}\0{format:?}\0{options:?}\0{encoding:?}\0{overrides:?}")
    }

    /// Checks what an input would be with these bytes in it; what is known of it counts as new.
    pub(super) fn with_bytes(&self, input: &Input, bytes: &[u8]) -> FileOutcome {
        let file = RawFile::from_bytes(self.name(input), bytes).or_encoded(self.encoding());
        let job = Job {
            cache: None,
            changes: None,
            known: None,
            skim: self.skim.clone(),
            ..*self
        };
        job.opened(input, Ok(file), None)
    }

    fn opened(
        &self,
        input: &Input,
        opened: Result<RawFile<'_>, Box<Problem>>,
        mut write: Option<&mut Writer<'_>>,
    ) -> FileOutcome {
        let mut outcome = FileOutcome::default();
        let name = self.name(input);
        let key = self.known.and_then(|_| self.key(input));
        let (file, format) = match (opened, self.format(input, &name)) {
            (Ok(file), Some(format)) => (file, format),
            (Err(problem), _) => {
                outcome.problems.push(*problem);
                return outcome;
            }
            (_, None) => {
                outcome
                    .problems
                    .push(Problem::new(&ReadError::Format { path: name.clone() }).in_file(name));
                return outcome;
            }
        };
        let mut problems = Vec::new();
        outcome.met = self.met(&name);
        let mut sink = |drafts: Vec<Draft>| {
            outcome.drafts += drafts.len();
            if let Some(rule) = self.explains {
                let explained = drafts.iter().flat_map(|draft| self.explain(rule, draft));
                outcome.explained.extend(explained);
                return Go::On;
            }
            let mut findings = Vec::new();
            let checked: Vec<(Checked, Vec<Problem>)> = if drafts.len() < WORTH_SHARING {
                let drafts = drafts.iter();
                drafts
                    .map(|draft| self.draft(draft, &outcome.met))
                    .collect()
            } else {
                let drafts = drafts.par_iter();
                drafts
                    .map(|draft| self.draft(draft, &outcome.met))
                    .collect()
            };
            for (draft, (mut checked, problems)) in drafts.iter().zip(checked) {
                outcome.problems.extend(problems);
                if let (Some(changes), Input::File { path, .. }) = (self.changes, input) {
                    changes.keep(path, draft, &mut checked.findings);
                }
                let nearest = [outcome.until, checked.until].into_iter().flatten().min();
                outcome.until = nearest;
                if self.cache.is_some() && self.gallery.is_some() {
                    outcome.pictures.extend(pictures::addresses(draft));
                }
                findings.extend(checked.findings);
                outcome.waived.extend(checked.waived);
                outcome.waivers.extend(checked.waivers);
                outcome.not_checked.extend(checked.not_checked);
                let used = checked.used.iter().map(|number| outcome.met[*number]);
                outcome.used.extend(used);
            }
            let waived = outcome.waived.iter_mut().map(|waived| &mut waived.finding);
            engine::veil(findings.iter_mut().chain(waived));
            findings.sort_by(|a, b| a.place_in_file().cmp(&b.place_in_file()));
            if let (Some(known), Some(path)) = (self.known, &key) {
                let before = findings.len();
                let former = self.former_key(input);
                findings.retain(|finding| {
                    let is_known = |path: &str| known.take(path, &finding.fingerprint);
                    !(is_known(path) || former.as_deref().is_some_and(is_known))
                });
                outcome.baselined += before - findings.len();
            }
            let worst = findings.iter().map(|finding| finding.severity).max();
            outcome.worst = outcome.worst.max(worst);
            match &mut write {
                Some(write) => {
                    if let Err(error) = write(&findings) {
                        outcome.failure = Some(error);
                        return Go::Stop;
                    }
                }
                None => outcome.findings.extend(findings),
            }
            if is_stopped() { Go::Stop } else { Go::On }
        };
        format.read(file, &self.read_options(input), &mut sink, &mut problems);
        outcome.problems.extend(problems);
        outcome
            .findings
            .sort_by(|a, b| a.place_in_file().cmp(&b.place_in_file()));
        outcome.waived.sort_by(|a, b| {
            let (a, b) = (&a.finding, &b.finding);
            a.place_in_file().cmp(&b.place_in_file())
        });
        if !self.is_large(input) {
            self.progress.advance(size(input));
        }
        outcome
    }

    /// Opens an input; large files and streams are read as their format allows.
    pub(super) fn open(&self, input: &Input) -> Result<RawFile<'_>, Box<Problem>> {
        let name = self.name(input);
        let encoding = self.encoding();
        if let Input::File { path, .. } = input
            && let Some(staged) = self.changes.and_then(|changes| changes.staged(path))
        {
            return Ok(RawFile::from_bytes(name, &*staged).or_encoded(encoding));
        }
        let unreadable = |error: io::Error| Box::new(read::unreadable(&name, &error));
        let watched = |stream: std::fs::File| Watched {
            stream,
            progress: self.progress,
        };
        let file = match input {
            Input::Stdin => match self.stdin {
                Some(bytes) => RawFile::from_bytes(name.clone(), bytes),
                None => RawFile::streamed(name.clone(), io::stdin()),
            },
            Input::File { path, .. } if self.is_large(input) => {
                let stream = std::fs::File::open(path).map_err(unreadable)?;
                let path = path.clone();
                RawFile::streamed(name.clone(), watched(stream)).reopened(move || {
                    let file = std::fs::File::open(&path)?;
                    Ok(Box::new(file) as Box<dyn Read>)
                })
            }
            Input::File { path, .. } => {
                RawFile::from_bytes(name.clone(), std::fs::read(path).map_err(unreadable)?)
            }
        };
        Ok(file.or_encoded(encoding))
    }

    /// The encoding of files that do not say theirs.
    fn encoding(&self) -> Option<Encoding> {
        self.args.encoding.and_then(|encoding| match encoding {
            EncodingArg::Utf8 => None,
            EncodingArg::Windows1252 | EncodingArg::Latin1 => Some(Encoding::Windows1252),
        })
    }

    /// What a baseline calls an input.
    pub(super) fn key(&self, input: &Input) -> Option<String> {
        match input {
            Input::Stdin => None,
            Input::File { path, .. } => Some(baseline::key(path, &self.config.folder)),
        }
    }

    /// What a baseline called an input before it was renamed.
    fn former_key(&self, input: &Input) -> Option<String> {
        match (self.changes, input) {
            (Some(changes), Input::File { path, .. }) => {
                changes.former_name(path, &self.config.folder)
            }
            _ => None,
        }
    }

    fn is_large(&self, input: &Input) -> bool {
        size(input) > READ_AT_ONCE || (*input == Input::Stdin && self.stdin.is_none())
    }

    pub(super) fn name(&self, input: &Input) -> String {
        match input {
            Input::Stdin => self
                .args
                .stdin_name
                .clone()
                .unwrap_or_else(|| "<stdin>".to_owned()),
            Input::File { path, .. } => shown(path),
        }
    }

    /// The waivers of the list, by number, that are for the drafts in the file called `name`.
    pub(super) fn met(&self, name: &str) -> Vec<usize> {
        self.config.waivers_for(Path::new(name))
    }

    /// Checks one draft under the waivers of the list with these numbers.
    pub(super) fn draft(&self, draft: &Draft, met: &[usize]) -> (Checked, Vec<Problem>) {
        let mut problems = Vec::new();
        let folder = overrides::folder_of(draft.source().name());
        let album = self
            .gallery
            .map(|gallery| gallery.album(draft, folder, &mut problems));
        let listed: Vec<&Judged> = met.iter().map(|number| &self.listed[*number]).collect();
        let rulebook = &self.in_force.rulebook;
        let mut checked = rulebook.check_under(draft, self.now, &listed, album.as_ref());
        overrides::apply(self.nested.of(folder), rulebook, &mut checked);
        (checked, problems)
    }

    /// What the rules of this name see in a draft.
    fn explain(&self, rule: &str, draft: &Draft) -> Vec<ExplainedDraft> {
        let rulebook = &self.in_force.rulebook;
        rulebook
            .rules()
            .iter()
            .filter(|active| {
                let own = active.id.split_once('/').map(|(_, name)| name);
                *active.id == *rule || own == Some(rule)
            })
            .map(|active| {
                let explained = rulebook.explain(active, draft, self.now);
                ExplainedDraft {
                    source: if active.secret {
                        Arc::new(draft.source().veiled(&explained.trace.places()))
                    } else {
                        Arc::clone(draft.source())
                    },
                    record: draft.record(),
                    rule: Arc::clone(&active.id),
                    explained,
                }
            })
            .collect()
    }

    /// The format as asked for, else as configured, else by the name's extension, else by the
    /// content of standard input.
    pub(super) fn format(&self, input: &Input, name: &str) -> Option<&'static dyn Reader> {
        if let Some(format) = &self.args.input_format {
            return read::by_name(format);
        }
        let path = Path::new(name);
        let nested = self.nested.of(input.folder());
        let configured = nested
            .iter()
            .rev()
            .find_map(|config| config.format_of(path))
            .or_else(|| self.config.format_of(path));
        if configured.is_some() {
            return configured;
        }
        match path.extension().and_then(|e| e.to_str()) {
            Some(extension) => read::by_extension(extension),
            None => {
                let start = self.stdin.unwrap_or_default();
                Some(read::by_content(start))
            }
        }
    }

    pub(super) fn read_options(&self, input: &Input) -> ReadOptions {
        let name = self.name(input);
        let path = Path::new(&name);
        let mut options = ReadOptions {
            stated: self.stated.clone(),
            channels: self.config.channels.clone(),
            zone: self.config.zone(),
            date_order: self.config.date_order,
            skim: self.skim.clone(),
            ..ReadOptions::default()
        };
        self.config.settle(path, &mut options);
        for nested in self.nested.of(input.folder()) {
            nested.settle(path, &mut options);
        }
        if let Some(format) = self.args.text_format {
            options.text_format = format;
        }
        options
    }
}

/// A path as people are told of it.
fn shown(path: &Path) -> String {
    let name = path.display().to_string();
    if cfg!(windows) {
        name.replace(std::path::MAIN_SEPARATOR, "/")
    } else {
        name
    }
}

/// The threads that look at drafts: a short post alone is looked at by the one that is there, since
/// starting others takes longer.
fn pool<'i>(
    jobs: usize,
    mut inputs: impl Iterator<Item = &'i Input>,
) -> io::Result<rayon::ThreadPool> {
    let is_short = |input: &Input| (1..=SHORT).contains(&size(input));
    let is_small = inputs.next().is_none_or(is_short) && inputs.next().is_none();
    // A command that looks twice has this thread in a pool already.
    let is_free = rayon::current_thread_index().is_none();
    let builder = rayon::ThreadPoolBuilder::new();
    let built = if is_small && is_free {
        builder.num_threads(1).use_current_thread().build()
    } else {
        builder.num_threads(jobs.min(MOST_THREADS)).build()
    };
    built.map_err(io::Error::other)
}

/// Bytes of a file, as far as the system tells.
fn size(input: &Input) -> u64 {
    match input {
        Input::Stdin => 0,
        Input::File { path, .. } => path.metadata().map_or(0, |data| data.len()),
    }
}

impl Tally {
    /// Adds what came of a group; says whether it passed.
    fn add(&mut self, group: Looked, fail_on: FailOn) -> Verdict {
        let rulebook = &group.in_force.rulebook;
        self.hashes.push(rulebook.hash().to_owned());
        self.not_checked.extend_from_slice(rulebook.not_checked());
        let messages = group.in_force.messages.value;
        let described = rulebook.rules().iter().filter_map(|rule| {
            let description = rule.rule.description.as_ref()?;
            Some((Arc::clone(&rule.id), description.get(messages).to_owned()))
        });
        self.descriptions.extend(described);
        let about_list = group.about_list();
        let before = self.outcomes.len();
        self.outcomes.extend(group.files);
        self.outcomes.extend(about_list);
        // The program is about to end, and the system takes all of it back at once.
        std::mem::forget(group.in_force);
        let added = &self.outcomes[before..];
        Verdict::new(
            added.iter().filter_map(|(_, file)| file.worst),
            fail_on,
            true,
        )
    }

    fn merge(mut self, now: Timestamp) -> Run {
        self.outcomes.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut drafts = 0;
        let mut baselined = 0;
        let mut findings: Vec<Finding> = Vec::new();
        let mut waived = Vec::new();
        let mut files = Vec::new();
        for (input, outcome) in self.outcomes {
            if let Input::File { path, .. } = &input {
                files.push(shown(path));
            }
            drafts += outcome.drafts;
            baselined += outcome.baselined;
            waived.extend(outcome.waived.into_iter().map(|waived| {
                let place = waived.finding.place_in_file();
                let before = outcome
                    .findings
                    .partition_point(|finding| finding.place_in_file() < place);
                (findings.len() + before, waived)
            }));
            findings.extend(outcome.findings);
            self.not_checked.extend(outcome.not_checked);
            self.problems.extend(outcome.problems);
        }
        self.not_checked.sort();
        self.not_checked.dedup();
        tell_once(&mut self.problems);
        let rulebook = match self.hashes.as_slice() {
            [one] => one.clone(),
            many => blake3::hash(many.concat().as_bytes()).to_hex()[..16].to_owned(),
        };
        Run {
            now,
            rulebook,
            drafts,
            files,
            descriptions: self.descriptions,
            findings,
            waived,
            baselined,
            show_waived: false,
            problems: self.problems,
            not_checked: self.not_checked,
        }
    }
}

/// Keeps the first of equal problems: a mistake in a flag or a shared pack is told once, however many
/// groups met it.
pub(super) fn tell_once(problems: &mut Vec<Problem>) {
    let mut seen: HashSet<(String, Option<String>)> = HashSet::new();
    problems.retain(|problem| {
        let place = problem.place.as_ref().map(address);
        let key = (problem.message.clone(), place.or(problem.path.clone()));
        seen.insert(key)
    });
}

/// Keeps the first of equal remarks: those on a shared pack are told once, however many groups use it.
pub(super) fn remark_once(remarks: &mut Vec<Remark>) {
    let mut seen: HashSet<(String, String)> = HashSet::new();
    remarks.retain(|remark| seen.insert((remark.message.clone(), address(&remark.place))));
}

fn address(place: &Place) -> String {
    let location = place.source.location(place.span);
    format!("{}:{location}", place.source.name())
}

fn write(
    args: &CheckArgs,
    options: &Options,
    run: &Run,
    remarks: &[Remark],
    patch: &str,
    look: &Look,
) -> io::Result<()> {
    if args.passthrough {
        // Findings went out with their objects; what is left is about the list of waivers.
        let mut errors = io::stderr().lock();
        let beside = Format::COMPACT.beside();
        report::findings(run, Format::COMPACT, look, &mut errors)?;
        report::remarks(remarks, beside, look, &mut errors)?;
        return report::problems(&run.problems, beside, look, &mut errors);
    }
    let outlets = &options.outlets.value;
    let mut out = BufWriter::new(io::stdout().lock());
    if args.fixes.diff {
        out.write_all(patch.as_bytes())?;
        out.flush()?;
        let mut errors = io::stderr().lock();
        let beside = Format::COMPACT.beside();
        report::remarks(remarks, beside, look, &mut errors)?;
        return report::problems(&run.problems, beside, look, &mut errors);
    }
    if let Some(format) = outlets.shown() {
        report::findings(run, format, look, &mut out)?;
    }
    let closing = report::closing(run, look);
    let beside = outlets.beside();
    let is_line = matches!(beside, Beside::Lines { .. });
    let mut errors = BufWriter::new(io::stderr().lock());
    if is_line {
        out.flush()?;
    }
    report::remarks(remarks, beside, look, &mut errors)?;
    report::problems(&run.problems, beside, look, &mut errors)?;
    errors.flush()?;
    if !args.quiet {
        match beside {
            Beside::Pretty | Beside::Narrated => out.write_all(closing.as_bytes())?,
            Beside::Lines { closing: true } => errors.write_all(closing.as_bytes())?,
            Beside::Lines { closing: false } => {}
        }
    }
    out.flush()?;
    errors.flush()
}

fn write_checklist(
    args: &CheckArgs,
    options: &Options,
    items: &[checklist::Item],
) -> io::Result<()> {
    let beside = options.outlets.value.beside();
    // What a program reads stays as it is.
    if matches!(beside, Beside::Pretty | Beside::Narrated) && !args.passthrough {
        checklist::write(items, &mut io::stdout().lock())
    } else {
        checklist::write(items, &mut io::stderr().lock())
    }
}

fn show_config(
    args: &CheckArgs,
    matches: &ArgMatches,
    config: &Config,
    options: &Options,
    mut problems: Vec<Problem>,
) -> io::Result<u8> {
    let in_force = InForce::new(&args.rules, matches, config, &mut problems);
    let mut out = io::stdout().lock();
    let mut line = |key: &str, value: String, origin: &str| {
        writeln!(
            out,
            "{:<32}# {}",
            report::visible(&format!("{key}: {value}")),
            report::visible(origin)
        )
    };
    let configured = config.path.as_ref().map(|path| path.display().to_string());
    let typed = args.rules.config.is_some();
    line(
        "config",
        configured.clone().unwrap_or_else(|| "none".to_owned()),
        if typed {
            "--config"
        } else if configured.is_some() {
            "found"
        } else {
            "default"
        },
    )?;
    line(
        "packs",
        in_force.packs.value.join(", "),
        &in_force.packs.origin,
    )?;
    line(
        "policy",
        in_force.policy.value.clone(),
        &in_force.policy.origin,
    )?;
    let outlets = options.outlets.value.0.iter().map(|outlet| {
        let name = outlet.format.name();
        match &outlet.file {
            Some(file) => format!("{name}={}", file.display()),
            None => name.to_owned(),
        }
    });
    line(
        "format",
        outlets.collect::<Vec<_>>().join(", "),
        &options.outlets.origin,
    )?;
    line(
        "fail_on",
        options.fail_on.value.as_str().to_owned(),
        &options.fail_on.origin,
    )?;
    line(
        "messages",
        in_force.messages.value.to_string(),
        &in_force.messages.origin,
    )?;
    let file = configured.as_deref().unwrap_or("default");
    match &config.zone {
        Some((name, _)) => line("timezone", name.clone(), file)?,
        None => line("timezone", "UTC".to_owned(), "default")?,
    }
    for (flag, id, value) in [
        ("channel", "channel", &args.drafts.channel),
        ("lang", "lang", &args.drafts.lang),
        ("now", "now", &args.drafts.now),
    ] {
        if let Some(value) = value {
            line(flag, value.clone(), &typed_origin(matches, id, flag))?;
        }
    }
    let selection = &in_force.options.selection;
    for (key, flag, id, names) in [
        ("clause", "clause", "clauses", &selection.clauses),
        ("only_rule", "only-rule", "only", &selection.only),
        ("exclude_rules", "exclude", "exclude", &selection.exclude),
    ] {
        if !names.is_empty() {
            let typed = matches.value_source(id).is_some();
            let origin = if typed {
                typed_origin(matches, id, flag)
            } else {
                file.to_owned()
            };
            line(key, names.join(", "), &origin)?;
        }
    }
    for register in &config.registers {
        line(
            &format!("register {}", register.name),
            format!("{} entries", register.entries.len()),
            file,
        )?;
    }
    let look = terminal::look(args.color, options.messages.value);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}
