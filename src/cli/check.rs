//! `clearpost check`.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ArgMatches;
use jiff::Timestamp;
use rayon::prelude::*;

use super::args::{CheckArgs, EncodingArg};
use super::config::{self, Config};
use super::discover::{Found, Input, discover, nothing};
use super::rules::InForce;
use super::settings::{self, OptionError, Set, layered, typed_origin, word};
use super::terminal;
use crate::draft::read::{self, Go, RawFile, ReadOptions, Reader};
use crate::draft::{self, Draft, KNOWN_CHANNELS, StatedFacts};
use crate::engine::{Checked, Finding, NotChecked};
use crate::report::{self, Format, Run};
use crate::text::shape::nearest;
use crate::text::{Encoding, Problem};
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

/// What came of one file.
#[derive(Default)]
struct FileOutcome {
    drafts: usize,
    findings: Vec<Finding>,
    not_checked: Vec<NotChecked>,
    problems: Vec<Problem>,
}

/// Inputs that one configuration holds for.
struct Group {
    config: Config,
    inputs: Vec<Input>,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &CheckArgs, matches: &ArgMatches) -> io::Result<u8> {
    let started = Instant::now();
    let mut problems = Vec::new();
    let now = settings::now(args.now.as_deref(), &mut problems);
    let (found, stdin) = inputs(args)?;
    problems.extend(found.problems);
    let mut passed_over = found.passed_over;
    let groups = group(args, found.inputs, &mut problems);
    let main = main_config(&groups);
    let options = Options::new(args, matches, main, &mut problems);
    if args.show_config {
        return show_config(args, matches, main, &options, problems);
    }

    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.jobs.min(MOST_THREADS))
        .build()
        .map_err(io::Error::other)?;
    let mut hashes = Vec::new();
    let mut not_checked = Vec::new();
    let mut outcomes: Vec<(Input, FileOutcome)> = Vec::new();
    let mut verdict = Verdict::Clean;
    for group in groups {
        let in_force = InForce::new(&args.rules, matches, &group.config, &mut problems);
        if in_force.rulebook.rules().is_empty() && problems.is_empty() {
            problems.push(Problem::new(&ReadError::NoRules));
        }
        hashes.push(in_force.rulebook.hash().to_owned());
        not_checked.extend_from_slice(in_force.rulebook.not_checked());
        let facts = stated_facts(args, &group.config, &mut problems);
        let nested = NestedConfigs::read(&group.inputs, &group.config, &mut problems);
        let kept = keep(
            group.inputs,
            &group.config,
            &nested,
            &in_force,
            &mut passed_over,
        );
        let job = Job {
            args,
            config: &group.config,
            nested: &nested,
            in_force: &in_force,
            stated: &facts,
            now,
            stdin: stdin.as_deref(),
        };
        let checked: Vec<FileOutcome> = if kept.len() == 1 {
            kept.iter().map(|input| job.file(input)).collect()
        } else {
            pool.install(|| kept.par_iter().map(|input| job.file(input)).collect())
        };
        // Each repository says for itself what fails a run, unless a flag says it for all.
        let own = if options.fail_on.typed {
            None
        } else {
            group.config.fail_on
        };
        let severities = checked
            .iter()
            .flat_map(|file| &file.findings)
            .map(|finding| finding.severity);
        verdict = verdict.max(Verdict::new(
            severities,
            own.unwrap_or(options.fail_on.value),
            true,
        ));
        outcomes.extend(kept.into_iter().zip(checked));
    }
    if outcomes.is_empty() && problems.is_empty() {
        problems.push(nothing(&args.paths));
    }
    outcomes.sort_by(|(a, _), (b, _)| a.cmp(b));
    let run = merge(outcomes, &hashes, not_checked, problems, now);
    match write(args, &options, &run) {
        // Whoever read our output has seen enough; what was found stands.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        done => done?,
    }
    if args.verbose {
        for (path, why) in &passed_over {
            terminal::complain(&format!("passed over {}: {why}", path.display()));
        }
    }
    if args.verbose || args.timings {
        let took: Duration = started.elapsed();
        terminal::complain(&format!(
            "{} drafts in {:.1} ms",
            run.drafts,
            took.as_secs_f64() * 1000.0
        ));
    }
    let verdict = if run.complete() {
        verdict
    } else {
        Verdict::Incomplete
    };
    Ok(verdict.exit_status())
}

/// Finds the files, and reads standard input if it is one of them.
fn inputs(args: &CheckArgs) -> io::Result<(Found, Option<Vec<u8>>)> {
    let mut found = if args.paths.is_empty() {
        Found {
            inputs: vec![Input::Stdin],
            ..Found::default()
        }
    } else {
        discover(&args.paths)
    };
    if !found.inputs.contains(&Input::Stdin) || args.show_config {
        return Ok((found, None));
    }
    if args.paths.is_empty() && io::stdin().is_terminal() {
        terminal::complain("paste your draft, then press Ctrl-D on a line of its own");
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    // An empty draft is clean, but an empty pipe that nobody named is no draft.
    if bytes.is_empty() && args.paths.is_empty() {
        found.inputs.clear();
        found.problems.push(nothing(&args.paths));
    }
    Ok((found, Some(bytes)))
}

fn group(args: &CheckArgs, inputs: Vec<Input>, problems: &mut Vec<Problem>) -> Vec<Group> {
    if let Some(path) = &args.rules.config {
        return vec![Group {
            config: Config::read(path, problems),
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
                || Config::none(PathBuf::new()),
                |path| Config::read(&path, problems),
            ),
            inputs,
        })
        .collect()
}

/// The configuration that settles how the run is shown: the first with a file.
fn main_config(groups: &[Group]) -> &Config {
    groups
        .iter()
        .map(|group| &group.config)
        .find(|config| config.path.is_some())
        .unwrap_or(&groups[0].config)
}

/// Options of the run as a whole.
struct Options {
    format: Set<Format>,
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
        let typed = word(args.format.as_deref(), "format", &Format::WORDS, problems);
        let format = layered(
            typed,
            || typed_origin(matches, "format", "format"),
            config.format,
            config,
            Format::Pretty,
        );
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
            format,
            fail_on,
            messages,
        }
    }
}

fn stated_facts(args: &CheckArgs, config: &Config, problems: &mut Vec<Problem>) -> StatedFacts {
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
                passed_over.push((path.clone(), "it is in force as policy, pack or register"));
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

    fn of(&self, folder: &Path) -> &[Arc<Config>] {
        self.0.get(folder).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Everything that is the same for all files of a group.
struct Job<'j> {
    args: &'j CheckArgs,
    config: &'j Config,
    nested: &'j NestedConfigs,
    in_force: &'j InForce,
    stated: &'j StatedFacts,
    now: Timestamp,
    stdin: Option<&'j [u8]>,
}

impl Job<'_> {
    fn file(&self, input: &Input) -> FileOutcome {
        let mut outcome = FileOutcome::default();
        let name = match input {
            Input::Stdin => self
                .args
                .stdin_name
                .clone()
                .unwrap_or_else(|| "<stdin>".to_owned()),
            Input::File { path, .. } => shown(path),
        };
        let file = match input {
            Input::Stdin => Ok(RawFile::from_bytes(
                name.clone(),
                self.stdin.unwrap_or_default(),
            )),
            Input::File { path, .. } => open(&name, path),
        };
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                outcome.problems.push(read::unreadable(&name, &error));
                return outcome;
            }
        };
        let Some(format) = self.format(input, &name) else {
            outcome
                .problems
                .push(Problem::new(&ReadError::Format { path: name.clone() }).in_file(name));
            return outcome;
        };
        let options = self.read_options(input, Path::new(&name));
        let encoding = self.args.encoding.and_then(|encoding| match encoding {
            EncodingArg::Utf8 => None,
            EncodingArg::Windows1252 | EncodingArg::Latin1 => Some(Encoding::Windows1252),
        });
        let mut problems = Vec::new();
        let mut sink = |drafts: Vec<Draft>| {
            outcome.drafts += drafts.len();
            for checked in drafts.iter().map(|draft| self.draft(draft)) {
                outcome.findings.extend(checked.findings);
                outcome.not_checked.extend(checked.not_checked);
            }
            Go::On
        };
        format.read(
            file.or_encoded(encoding),
            &options,
            &mut sink,
            &mut problems,
        );
        outcome.problems.extend(problems);
        outcome
            .findings
            .sort_by(|a, b| a.place_in_file().cmp(&b.place_in_file()));
        outcome
    }

    fn draft(&self, draft: &Draft) -> Checked {
        self.in_force.rulebook.check(draft, self.now)
    }

    /// The format as asked for, else as configured, else by the name's extension, else by the
    /// content of standard input.
    fn format(&self, input: &Input, name: &str) -> Option<&'static dyn Reader> {
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
                Some(read::by_content(&String::from_utf8_lossy(start)))
            }
        }
    }

    fn read_options(&self, input: &Input, path: &Path) -> ReadOptions {
        let mut options = ReadOptions {
            stated: self.stated.clone(),
            channels: self.config.channels.clone(),
            zone: self.config.zone(),
            date_order: self.config.date_order,
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

fn open<'f>(name: &str, path: &Path) -> io::Result<RawFile<'f>> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    if size > READ_AT_ONCE {
        let path = path.to_owned();
        let again = move || {
            let file = std::fs::File::open(&path)?;
            Ok(Box::new(file) as Box<dyn Read>)
        };
        return Ok(RawFile::streamed(name, file).reopened(again));
    }
    Ok(RawFile::from_bytes(name, std::fs::read(path)?))
}

fn merge(
    outcomes: Vec<(Input, FileOutcome)>,
    hashes: &[String],
    mut not_checked: Vec<NotChecked>,
    mut problems: Vec<Problem>,
    now: Timestamp,
) -> Run {
    let mut drafts = 0;
    let mut findings = Vec::new();
    for (_, outcome) in outcomes {
        drafts += outcome.drafts;
        findings.extend(outcome.findings);
        not_checked.extend(outcome.not_checked);
        problems.extend(outcome.problems);
    }
    not_checked.sort();
    not_checked.dedup();
    let mut seen: HashSet<(String, Option<String>)> = HashSet::new();
    problems.retain(|problem| {
        // A mistake in a flag or a shared pack is told once, however many groups met it.
        let place = problem.place.as_ref().map(|place| {
            format!(
                "{}:{}",
                place.source.name(),
                place.source.location(place.span)
            )
        });
        let key = (problem.message.clone(), place.or(problem.path.clone()));
        seen.insert(key)
    });
    let rulebook = match hashes {
        [one] => one.clone(),
        many => blake3::hash(many.concat().as_bytes()).to_hex()[..16].to_owned(),
    };
    Run {
        now,
        rulebook,
        drafts,
        findings,
        problems,
        not_checked,
    }
}

fn write(args: &CheckArgs, options: &Options, run: &Run) -> io::Result<()> {
    let look = terminal::look(args.color, options.messages.value);
    let format = options.format.value;
    let mut out = BufWriter::new(io::stdout().lock());
    report::findings(run, format, &look, &mut out)?;
    let closing = report::closing(run, &look);
    let to_people = matches!(format, Format::Pretty | Format::Narrated);
    let mut errors = BufWriter::new(io::stderr().lock());
    if !to_people {
        out.flush()?;
    }
    report::problems(&run.problems, format, &look, &mut errors)?;
    errors.flush()?;
    if !args.quiet {
        match format {
            Format::Pretty | Format::Narrated => out.write_all(closing.as_bytes())?,
            Format::Compact => errors.write_all(closing.as_bytes())?,
            Format::Json | Format::Jsonl => {}
        }
    }
    out.flush()?;
    errors.flush()
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
    line(
        "format",
        options.format.value.as_str().to_owned(),
        &options.format.origin,
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
        ("channel", "channel", &args.channel),
        ("lang", "lang", &args.lang),
        ("now", "now", &args.now),
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
    report::problems(&problems, Format::Pretty, &look, &mut io::stderr().lock())?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}
