//! Whole drafts with what has to be found in them: `NAME.cases.yaml` beside the pack `NAME.yaml`.
//!
//! A list of `{name, format, channel, meta, now, text, expect: [{rule, match}]}`. The findings of the
//! pack have to be exactly those expected. A file that is named after no pack is for all packs of its
//! folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::config::{Config, read_source};
use crate::cli::files::replace_file;
use crate::cli::rules::InForce;
use crate::draft::read::{self, FORMATS, Go, RawFile, ReadOptions};
use crate::draft::{Draft, FACTS, KNOWN_CHANNELS, StatedFacts, is_fact};
use crate::engine::{ActiveRule, Rulebook, RulebookOptions, Trial};
use crate::pack::{Loaded, is_pack};
use crate::text::shape::{Fields, Reader, nearest};
use crate::text::time::{Bound, instant};
use crate::text::yaml::{self, Node, Value};
use crate::text::{Problem, Source, Span, plain_reason};

/// What can be wrong with a file of cases.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum CaseError {
    #[error("the pack that these cases are for has no rule `{rule}`")]
    #[diagnostic(code(clearpost::cases::unknown_rule), help("{help}"))]
    Rule { rule: String, help: String },
    #[error("there is no fact `{fact}`")]
    #[diagnostic(code(clearpost::cases::unknown_fact), help("{help}"))]
    Fact { fact: String, help: String },
    #[error("`{path}` cannot be updated here: this case is written in braces")]
    #[diagnostic(
        code(clearpost::cases::braces),
        help("write the case a key a line, as the others are")
    )]
    Braces { path: String },
    #[error("`{path}` was left as it is: with the new findings it would no longer say the same")]
    #[diagnostic(
        code(clearpost::cases::not_updated),
        help("write `expect:` a key a line, indented like `text:`, and try again")
    )]
    NotUpdated { path: String },
    #[error("cannot write `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::cases::unwritable),
        help("check that you may write the file")
    )]
    Unwritable { path: String, reason: String },
}

/// What has to be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expected {
    /// The rule's full name.
    rule: String,
    /// The words.
    words: String,
}

/// One draft.
struct Case {
    name: Option<String>,
    /// Where it stands.
    at: Span,
    format: &'static dyn read::Reader,
    stated: StatedFacts,
    now: Option<Timestamp>,
    text: String,
    /// `None`: nobody has said yet.
    expect: Option<Vec<Expected>>,
    /// The key `expect`.
    expect_at: Option<Span>,
}

/// A file of cases and the packs that it is for.
struct File {
    source: Arc<Source>,
    /// Their names.
    packs: Vec<String>,
    cases: Vec<Case>,
}

/// A case in which something else was found than expected.
pub(super) struct CaseFailure {
    /// The file and line, and the name if it has one.
    pub(super) place: String,
    /// Expected and not found, found and not expected; words of secret rules are left out.
    pub(super) missing: Vec<String>,
    pub(super) unexpected: Vec<String>,
}

/// What came of all files.
#[derive(Default)]
pub(super) struct CasesRun {
    pub(super) cases: usize,
    pub(super) failures: Vec<CaseFailure>,
    /// Files that were written, with how many cases changed.
    pub(super) written: Vec<(String, usize)>,
    /// Files that are for packs of which not all are in force.
    pub(super) passed_over: Vec<PathBuf>,
    /// The drafts of each case, and the packs that it is for.
    trials: Vec<(Vec<String>, Vec<Trial>)>,
}

impl CasesRun {
    /// The drafts of all cases that are for a pack.
    pub(super) fn trials_of(&self, pack: &str) -> impl Iterator<Item = &Trial> {
        self.trials
            .iter()
            .filter(move |(packs, _)| packs.iter().any(|own| own == pack))
            .flat_map(|(_, trials)| trials)
    }
}

/// Tries the cases beside all packs in force. With `update`, what was found is written as what is
/// expected.
pub(super) fn run(
    in_force: &InForce,
    config: &Config,
    now: Timestamp,
    update: bool,
    problems: &mut Vec<Problem>,
) -> CasesRun {
    let mut run = CasesRun::default();
    let open = open(in_force, config);
    for (path, packs) in files(in_force, &mut run.passed_over) {
        let Some(file) = File::read(&path, packs, in_force, config, update, problems) else {
            continue;
        };
        let mut updates = Vec::new();
        for case in &file.cases {
            run.cases += 1;
            let rulebook = open.as_ref().unwrap_or(&in_force.rulebook);
            let Some((found, trials)) = file.found(case, rulebook, config, now, problems) else {
                continue;
            };
            run.trials.push((file.packs.clone(), trials));
            let expected = case.expect.clone().unwrap_or_default();
            let (tried, others): (Vec<Expected>, Vec<Expected>) = expected
                .into_iter()
                .partition(|expected| rule(in_force, &expected.rule).is_some());
            let missing = without(&tried, &found);
            let unexpected = without(&found, &tried);
            if missing.is_empty() && unexpected.is_empty() && case.expect.is_some() {
                continue;
            }
            if update {
                updates.push((case, [others, found].concat()));
                continue;
            }
            let shown = |all: Vec<Expected>| all.iter().map(|one| shown(one, in_force)).collect();
            run.failures.push(CaseFailure {
                place: file.place(case),
                missing: shown(missing),
                unexpected: shown(unexpected),
            });
        }
        if !updates.is_empty() {
            match file.write(&path, &updates) {
                Ok(()) => run
                    .written
                    .push((path.display().to_string(), updates.len())),
                Err(problem) => problems.push(*problem),
            }
        }
    }
    run
}

/// Reads the files without trying anything, for their mistakes.
pub(super) fn validate(in_force: &InForce, config: &Config, problems: &mut Vec<Problem>) -> usize {
    let files = files(in_force, &mut Vec::new()).into_iter();
    files
        .filter_map(|(path, packs)| File::read(&path, packs, in_force, config, false, problems))
        .map(|file| file.cases.len())
        .sum()
}

/// The rules in force without anything secret about them, if there was: what is expected of them can
/// only be held against the words themselves, which stand in the cases anyway. What is shown leaves
/// them out.
fn open(in_force: &InForce, config: &Config) -> Option<Rulebook> {
    let mut rules = in_force.rulebook.rules().iter();
    if !rules.any(|rule| rule.secret) {
        return None;
    }
    let mut packs = in_force.loaded.packs.clone();
    for rule in packs.iter_mut().flat_map(|pack| &mut pack.rules) {
        if rule.secret {
            Arc::make_mut(rule).secret = false;
        }
    }
    let loaded = Loaded {
        packs,
        policies: in_force.loaded.policies.clone(),
        ..Loaded::default()
    };
    let options = RulebookOptions {
        redact: false,
        ..in_force.options.clone()
    };
    // Its mistakes were told when the rules in force were compiled.
    let mistakes = &mut Vec::new();
    Some(Rulebook::new(
        &loaded,
        &config.registers,
        &options,
        mistakes,
    ))
}

fn rule<'f>(in_force: &'f InForce, name: &str) -> Option<&'f ActiveRule> {
    let mut rules = in_force.rulebook.rules().iter();
    rules.find(|rule| *rule.id == *name)
}

fn shown(one: &Expected, in_force: &InForce) -> String {
    match rule(in_force, &one.rule) {
        Some(rule) if rule.secret => format!("{} (its words are kept secret)", one.rule),
        _ => format!("{} “{}”", one.rule, one.words),
    }
}

/// What of `all` is not in `others`, each as often as it is missing there.
fn without(all: &[Expected], others: &[Expected]) -> Vec<Expected> {
    let mut others = others.to_vec();
    let is_missing = |one: &&Expected| match others.iter().position(|other| other == *one) {
        Some(at) => {
            others.swap_remove(at);
            false
        }
        None => true,
    };
    all.iter().filter(is_missing).cloned().collect()
}

/// The files beside packs in force, each with the packs that it is for.
fn files(in_force: &InForce, passed_over: &mut Vec<PathBuf>) -> Vec<(PathBuf, Vec<String>)> {
    let mut folders: BTreeMap<PathBuf, Vec<(PathBuf, String)>> = BTreeMap::new();
    for pack in &in_force.loaded.packs {
        if pack.origin.starts_with("builtin:") {
            continue;
        }
        let path = PathBuf::from(&pack.origin);
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let known = folders.entry(folder).or_default();
        known.push((path, pack.name.clone()));
    }
    let mut found = Vec::new();
    for (folder, packs) in folders {
        let readable = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        let mut names: Vec<String> = fs::read_dir(readable)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        let stem = |path: &Path| {
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
        };
        let all: Vec<PathBuf> = names
            .iter()
            .map(|name| folder.join(name))
            .filter(|path| is_pack(path))
            .collect();
        for name in &names {
            let cut = [".cases.yaml", ".cases.yml"]
                .iter()
                .find_map(|end| name.strip_suffix(end));
            let Some(about) = cut else { continue };
            let is_named = |path: &PathBuf| {
                stem(path).is_some_and(|stem| {
                    about
                        .strip_prefix(&stem)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
            };
            let path = folder.join(name);
            if all.iter().any(is_named) {
                let own: Vec<String> = packs
                    .iter()
                    .filter(|(path, _)| is_named(path))
                    .map(|(_, name)| name.clone())
                    .collect();
                if !own.is_empty() {
                    found.push((path, own));
                }
            } else if all.len() == packs.len() {
                found.push((path, packs.iter().map(|(_, name)| name.clone()).collect()));
            } else {
                passed_over.push(path);
            }
        }
    }
    found
}

impl File {
    fn read(
        path: &Path,
        packs: Vec<String>,
        in_force: &InForce,
        config: &Config,
        update: bool,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let source = read_source("the cases", path, problems)?;
        let mut reader = Reader::new(&source, problems);
        let root = reader.root()?;
        let mut file = Self {
            source: Arc::clone(&source),
            packs,
            cases: Vec::new(),
        };
        for item in reader.list(&root, "a file of cases")? {
            let case = file.case(item, in_force, config, update, &mut reader);
            file.cases.extend(case);
        }
        Some(file)
    }

    fn case(
        &self,
        item: &Node,
        in_force: &InForce,
        config: &Config,
        update: bool,
        reader: &mut Reader<'_>,
    ) -> Option<Case> {
        let keys = ["name", "format", "channel", "meta", "now", "text", "expect"];
        let before = reader.mistakes();
        let fields = reader.map(item, "a case", &keys)?;
        let text = reader.required(&fields, "text", "a case");
        let text = text.and_then(|node| reader.text(node, "text"))?.to_owned();
        let format = fields.get("format").map_or_else(
            || read::by_name("md"),
            |node| {
                let known = FORMATS.map(|format| (format.name(), format));
                reader.one_of(node, "format", &known)
            },
        );
        let now = fields.get("now").and_then(|node| {
            let text = reader.text(node, "now")?;
            match instant(text, &config.zone(), Bound::Start) {
                Ok(now) => Some(now),
                Err(error) => {
                    reader.report(&error, node.at, "not a date");
                    None
                }
            }
        });
        let name = fields
            .get("name")
            .and_then(|node| reader.text(node, "name"));
        let stated = stated(&fields, config, reader);
        if !update {
            reader.required(&fields, "expect", "a case");
        }
        let expect = fields
            .get("expect")
            .map(|node| self.expect(node, in_force, reader));
        let case = Case {
            name: name.map(str::to_owned),
            at: item.at,
            format: format?,
            stated,
            now,
            text,
            expect_at: expect.as_ref().map(|_| fields.key_at("expect")),
            expect,
        };
        (reader.mistakes() == before).then_some(case)
    }

    fn expect(&self, node: &Node, in_force: &InForce, reader: &mut Reader<'_>) -> Vec<Expected> {
        let items = match &node.value {
            Value::Null => return Vec::new(),
            Value::List(items) => items.as_slice(),
            _ => reader.list(node, "expect").unwrap_or_default(),
        };
        items
            .iter()
            .filter_map(|item| {
                let fields = reader.map(item, "what is expected", &["rule", "match"])?;
                let rule = reader.required(&fields, "rule", "what is expected");
                let words = reader.required(&fields, "match", "what is expected");
                let rule_node = rule?;
                let rule = reader.text(rule_node, "rule")?;
                let words = one_line(reader.text(words?, "match")?);
                let Some(rule) = self.known_rule(rule, in_force) else {
                    let own = self.rules(in_force);
                    let help = nearest(rule, own.iter().copied()).map_or_else(
                        || format!("its rules are {}", own.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    let error = CaseError::Rule {
                        rule: rule.to_owned(),
                        help,
                    };
                    reader.report(&error, rule_node.at, "no such rule");
                    return None;
                };
                Some(Expected { rule, words })
            })
            .collect()
    }

    /// The full names of the rules of its packs.
    fn rules<'f>(&self, in_force: &'f InForce) -> Vec<&'f str> {
        let packs = in_force.loaded.packs.iter();
        packs
            .filter(|pack| self.packs.contains(&pack.name))
            .flat_map(|pack| pack.rules.iter().map(|rule| rule.id.as_str()))
            .collect()
    }

    /// The full name of a rule, which may be written without its pack.
    fn known_rule(&self, name: &str, in_force: &InForce) -> Option<String> {
        let is_meant =
            |id: &&&str| **id == name || id.split_once('/').is_some_and(|(_, own)| own == name);
        let rules = self.rules(in_force);
        rules.iter().find(is_meant).map(|id| (*id).to_owned())
    }

    /// What the packs find in a case, and its drafts; `None` if it could not be read.
    fn found(
        &self,
        case: &Case,
        rulebook: &Rulebook,
        config: &Config,
        now: Timestamp,
        problems: &mut Vec<Problem>,
    ) -> Option<(Vec<Expected>, Vec<Trial>)> {
        let extension = case.format.extensions().first().copied().unwrap_or("txt");
        let options = ReadOptions {
            stated: case.stated.clone(),
            channels: config.channels.clone(),
            zone: config.zone(),
            date_order: config.date_order,
            ..ReadOptions::default()
        };
        let mut drafts: Vec<Draft> = Vec::new();
        let mut sink = |read: Vec<Draft>| {
            drafts.extend(read);
            Go::On
        };
        let mut mistakes = Vec::new();
        let raw = RawFile::from_bytes(format!("case.{extension}"), case.text.as_bytes());
        case.format.read(raw, &options, &mut sink, &mut mistakes);
        if !mistakes.is_empty() {
            // The draft has no file of its own: the case is what has to change.
            problems.extend(mistakes.into_iter().map(|problem| {
                let label = "the draft of this case";
                problem.at(&self.source, self.line(case), label)
            }));
            return None;
        }
        let at = case.now.unwrap_or(now);
        let mut found = Vec::new();
        for draft in &drafts {
            for finding in rulebook.check(draft, at).findings {
                let pack = finding.rule.split_once('/').map_or("", |(pack, _)| pack);
                if !self.packs.iter().any(|own| own == pack) {
                    continue;
                }
                found.push(Expected {
                    rule: finding.rule.to_string(),
                    words: one_line(&finding.matched),
                });
            }
        }
        let trials = drafts.into_iter().map(|draft| Trial { draft, at });
        Some((found, trials.collect()))
    }

    /// The first line of a case.
    fn line(&self, case: &Case) -> Span {
        let (line, _) = self.source.line_col(case.at.start());
        let range = self.source.line_range(line).unwrap_or(case.at.range());
        let start = case.at.start().max(range.start);
        Span::covering(self.source.text(), start..range.end.max(start))
    }

    fn place(&self, case: &Case) -> String {
        let (line, _) = self.source.line_col(case.at.start());
        let name = case
            .name
            .as_ref()
            .map_or_else(String::new, |name| format!(" “{name}”"));
        format!("{}:{line}{name}", self.source.name())
    }

    /// Writes the file with new expectations; everything else in it stays.
    fn write(&self, path: &Path, updates: &[(&Case, Vec<Expected>)]) -> Result<(), Box<Problem>> {
        let shown = path.display().to_string();
        let problem = |error: CaseError| Box::new(Problem::new(&error).in_file(shown.clone()));
        let mut text = self.source.text().to_owned();
        for (case, expected) in updates.iter().rev() {
            if text[case.at.start()..].starts_with('{') {
                let error = CaseError::Braces {
                    path: shown.clone(),
                };
                let at = self.line(case);
                return Err(Box::new(Problem::new(&error).at(
                    &self.source,
                    at,
                    "this case",
                )));
            }
            text = updated(&text, case, expected);
        }
        if !self.says(&text, updates) {
            return Err(problem(CaseError::NotUpdated {
                path: shown.clone(),
            }));
        }
        replace_file(path, |out| out.write_all(text.as_bytes())).map_err(|error| {
            problem(CaseError::Unwritable {
                path: shown.clone(),
                reason: plain_reason(&error),
            })
        })
    }

    /// Whether `text` has the same cases, with what is expected of those that changed.
    fn says(&self, text: &str, updates: &[(&Case, Vec<Expected>)]) -> bool {
        let source = Arc::new(Source::from_text(self.source.name(), text));
        let (Ok(old), Ok(new)) = (yaml::parse(&self.source), yaml::parse(&source)) else {
            return false;
        };
        let (Value::List(old), Value::List(new)) = (&old.value, &new.value) else {
            return false;
        };
        let texts = |items: &[Node]| -> Vec<Option<String>> {
            items.iter().map(|item| text_of(item, "text")).collect()
        };
        texts(old) == texts(new)
            && old.iter().zip(new).all(|(old, new)| {
                let update = updates.iter().find(|(case, _)| case.at == old.at);
                match update {
                    Some((_, expected)) => is_expected(new, expected),
                    None => expectations(old) == expectations(new),
                }
            })
    }
}

/// The facts that a case states about its draft.
fn stated(fields: &Fields<'_>, config: &Config, reader: &mut Reader<'_>) -> StatedFacts {
    let mut stated = StatedFacts::default();
    if let Some(node) = fields.get("meta")
        && let Some(meta) = reader.open_map(node, "`meta`")
    {
        for (key, value) in meta.entries() {
            if is_fact(&key.text) {
                if let Some(value) = reader.text(value, &key.text) {
                    stated.set(&key.text, value);
                }
                continue;
            }
            let near = nearest(&key.text, FACTS);
            let help = near.map_or_else(
                || format!("one of: {}", FACTS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let fact = key.text.clone();
            reader.report(&CaseError::Fact { fact, help }, key.at, "no such fact");
        }
    }
    if let Some(node) = fields.get("channel")
        && let Some(channel) = reader.text(node, "channel")
    {
        let own = config.channels.iter().map(String::as_str);
        let known = KNOWN_CHANNELS.into_iter().chain(own);
        if known.clone().any(|name| name == channel) {
            stated.set("channel", channel);
        } else {
            reader.unknown_value(node.at, channel, known);
        }
    }
    stated
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_of(item: &Node, key: &str) -> Option<String> {
    item.member(key)?.scalar().map(str::to_owned)
}

/// What is expected of a case, as rules and words.
fn expectations(case: &Node) -> Vec<(Option<String>, Option<String>)> {
    let items = case.member("expect").map(Node::items).unwrap_or_default();
    items
        .iter()
        .map(|item| {
            let words = text_of(item, "match").map(|words| one_line(&words));
            (text_of(item, "rule"), words)
        })
        .collect()
}

fn is_expected(item: &Node, expected: &[Expected]) -> bool {
    let expected = expected
        .iter()
        .map(|one| (Some(one.rule.clone()), Some(one.words.clone())));
    expectations(item) == expected.collect::<Vec<_>>()
}

/// `text` with another `expect:` in a case that stands where `case` says.
fn updated(text: &str, case: &Case, expected: &[Expected]) -> String {
    let first = case.expect_at.map_or(case.at.start(), Span::start);
    let line_start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    // Keys of a case stand in one column; the first stands behind the dash.
    let column = text[line_start..first].chars().count();
    let indent = " ".repeat(column);
    let mut block = String::from("expect:");
    if expected.is_empty() {
        block.push_str(" []");
    }
    for one in expected {
        let rule = &one.rule;
        let words = serde_json::Value::from(one.words.as_str());
        // Writing to a text does not fail.
        let _ = write!(block, "\n{indent}  - {{rule: {rule}, match: {words}}}");
    }
    block.push('\n');
    let end = first + rest_of_line(&text[first..]);
    let mut end = end;
    let mut last_with_words = end;
    while end < text.len() {
        let line = &text[end..end + rest_of_line(&text[end..])];
        let words = line.trim_start();
        let depth = line.len() - words.len();
        let is_blank = words.is_empty();
        let belongs = if case.expect_at.is_some() {
            depth > column || (depth == column && words.starts_with("- "))
        } else {
            depth >= column
        };
        if !is_blank && !belongs {
            break;
        }
        end += line.len();
        if !is_blank {
            last_with_words = end;
        }
    }
    let end = last_with_words;
    if case.expect_at.is_some() {
        return format!("{}{block}{}", &text[..first], &text[end..]);
    }
    let gap = if text[..end].ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{}{gap}{indent}{block}{}", &text[..end], &text[end..])
}

/// Bytes up to the end of the line, its line feed included.
fn rest_of_line(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}
