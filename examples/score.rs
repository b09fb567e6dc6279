//! Scores packs on labelled cases: what they find, what they miss, what they find wrongly.
//!
//! ```text
//! cargo run --release --example score -- CASES.jsonl [--context context.json] [--pack PACK] [--json]
//! ```
//!
//! Each line of the cases is `{"id", "lang", "format", "channel", "meta", "text", "expect"}`, and is
//! checked as a real draft in its format with its metadata. The context is what a company would have
//! in its registers. A finding is right when its clause is the expected one and its span overlaps the
//! quote; an expected quote counts once.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a small tool for those who keep the packs"
)]

#[path = "../tests/support/context.rs"]
mod context;

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clearpost::builtin::builtin;
use clearpost::draft::Draft;
use clearpost::draft::read::{self, ReadOptions};
use clearpost::engine::{Rulebook, RulebookOptions};
use clearpost::pack::{Files, Loader, PackRef, PolicyRef};
use clearpost::register::Register;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Drafts without a time of publication go out at this instant.
const NOW: &str = "2026-12-01T08:00:00Z";

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list(&self, path: &Path) -> Option<Vec<PathBuf>> {
        let entries = std::fs::read_dir(path).ok()?;
        Some(
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect(),
        )
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        true
    }
}

/// What was typed.
struct Typed {
    cases: String,
    context: Option<String>,
    packs: Vec<String>,
    json: bool,
}

fn typed() -> Result<Typed, String> {
    let mut typed = Typed {
        cases: String::new(),
        context: None,
        packs: Vec::new(),
        json: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--context" => typed.context = Some(value()?),
            "--pack" => typed.packs.push(value()?),
            "--json" => typed.json = true,
            _ if word.starts_with('-') || !typed.cases.is_empty() => {
                return Err(format!("`{word}` is not known"));
            }
            _ => typed.cases = word,
        }
    }
    if typed.cases.is_empty() {
        return Err("name a file of cases".to_owned());
    }
    if typed.packs.is_empty() {
        typed.packs.push("builtin:all".to_owned());
    }
    Ok(typed)
}

fn main() -> ExitCode {
    match typed().and_then(|typed| run(&typed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("score: {message}");
            ExitCode::from(2)
        }
    }
}

fn json_of(path: &str) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

fn run(typed: &Typed) -> Result<(), String> {
    let context = match &typed.context {
        Some(path) => json_of(path)?,
        None => Value::Null,
    };
    let rulebook = rulebook(&typed.packs, &context::registers(&context))?;
    let text = std::fs::read_to_string(&typed.cases)
        .map_err(|error| format!("{}: {error}", typed.cases))?;
    let mut score = Score::default();
    for (number, line) in (1..).zip(text.lines()) {
        let case: Value = serde_json::from_str(line)
            .map_err(|error| format!("{}, line {number}: {error}", typed.cases))?;
        score_case(&rulebook, &case, &context["default_meta"], &mut score)
            .map_err(|error| format!("{}, line {number}: {error}", typed.cases))?;
    }
    if typed.json {
        println!("{:#}", score.to_json());
    } else {
        score.print();
    }
    Ok(())
}

fn rulebook(packs: &[String], registers: &[Register]) -> Result<Rulebook, String> {
    let policy = PolicyRef::Builtin("social-media".into());
    let refs: Vec<PackRef> = packs
        .iter()
        .map(|pack| PackRef::parse(pack, Path::new("")))
        .collect();
    let loaded = Loader::new(&Disk, builtin(), TimeZone::UTC, policy.clone()).load(&refs);
    let options = RulebookOptions::under(policy);
    let mut problems = loaded.problems.clone();
    let rulebook = Rulebook::new(&loaded, registers, &options, &mut problems);
    match problems.first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(rulebook),
    }
}

#[derive(Default, Clone, Copy)]
struct Counts {
    right: usize,
    missed: usize,
    wrong: usize,
}

#[derive(Default)]
struct Score {
    all: Counts,
    clauses: BTreeMap<String, Counts>,
    languages: BTreeMap<String, Counts>,
    misses: Vec<String>,
    false_alarms: Vec<String>,
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of cases are small")]
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

impl Counts {
    fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }
}

impl Score {
    fn count(&mut self, clause: &str, lang: &str, what: impl Fn(&mut Counts)) {
        what(&mut self.all);
        what(self.clauses.entry(clause.to_owned()).or_default());
        what(self.languages.entry(lang.to_owned()).or_default());
    }

    fn to_json(&self) -> Value {
        let of = |counts: &Counts| {
            json!({"precision": counts.precision(), "recall": counts.recall(),
                   "right": counts.right, "missed": counts.missed, "wrong": counts.wrong})
        };
        let each = |map: &BTreeMap<String, Counts>| -> Value {
            map.iter()
                .map(|(name, counts)| (name.clone(), of(counts)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        json!({
            "precision": self.all.precision(),
            "recall": self.all.recall(),
            "clauses": each(&self.clauses),
            "languages": each(&self.languages),
            "misses": self.misses,
            "false_alarms": self.false_alarms,
        })
    }

    fn print(&self) {
        let line = |name: &str, counts: &Counts| {
            println!(
                "{name:<10} precision {:.2}  recall {:.2}  ({} right, {} missed, {} wrong)",
                counts.precision(),
                counts.recall(),
                counts.right,
                counts.missed,
                counts.wrong
            );
        };
        for (name, counts) in self.clauses.iter().chain(&self.languages) {
            line(name, counts);
        }
        for miss in &self.misses {
            println!("missed {miss}");
        }
        for alarm in &self.false_alarms {
            println!("wrong {alarm}");
        }
        line("all", &self.all);
    }
}

fn drafts(case: &Value, defaults: &Value) -> Result<Vec<Draft>, String> {
    let text = case["text"].as_str().ok_or("a case without text")?;
    let format = case["format"].as_str().unwrap_or("txt");
    let format = read::by_name(format).ok_or(format!("there is no format `{format}`"))?;
    let mut options = ReadOptions::default();
    let own = case["meta"].as_object();
    let facts = defaults.as_object().into_iter().flatten();
    for (key, value) in facts.chain(own.into_iter().flatten()) {
        match value {
            Value::String(word) => options.stated.set(key, word.as_str()),
            Value::Bool(_) | Value::Number(_) => options.stated.set(key, value.to_string()),
            // `null` says that nobody did; lists are told apart by the draft itself.
            _ => options.stated.set(key, ""),
        }
    }
    for key in ["channel", "lang"] {
        if let Some(word) = case[key].as_str() {
            options.stated.set(key, word);
        }
    }
    let mut problems = Vec::new();
    Ok(read::read_text(
        format,
        "case",
        text,
        &options,
        &mut problems,
    ))
}

fn score_case(
    rulebook: &Rulebook,
    case: &Value,
    defaults: &Value,
    score: &mut Score,
) -> Result<(), String> {
    let text = case["text"].as_str().unwrap_or_default();
    let (id, lang) = (
        case["id"].as_str().unwrap_or("?"),
        case["lang"].as_str().unwrap_or("?"),
    );
    let mut expected: Vec<(&str, &str, Range<usize>, bool)> = Vec::new();
    for wanted in case["expect"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        let (Some(clause), Some(quote)) = (wanted["clause"].as_str(), wanted["quote"].as_str())
        else {
            return Err("an expectation without clause or quote".to_owned());
        };
        let at = text
            .find(quote)
            .ok_or(format!("“{quote}” is not in its text"))?;
        expected.push((clause, quote, at..at + quote.len(), false));
    }
    let now: Timestamp = NOW.parse().map_err(|_| "no time")?;
    for draft in drafts(case, defaults)? {
        for finding in rulebook.check(&draft, now).findings {
            let clause = finding.clause.id.as_str().to_owned();
            let span = finding.span.range();
            let meant = expected.iter_mut().find(|(wanted, _, quote, _)| {
                *wanted == clause && span.start < quote.end && quote.start < span.end
            });
            match meant {
                Some((_, _, _, found)) if *found => {}
                Some((_, _, _, found)) => {
                    *found = true;
                    score.count(&clause, lang, |counts| counts.right += 1);
                }
                None => {
                    score.count(&clause, lang, |counts| counts.wrong += 1);
                    score.false_alarms.push(format!(
                        "{id} {clause} {} “{}”",
                        finding.rule, finding.matched
                    ));
                }
            }
        }
    }
    for (clause, quote, _, found) in expected {
        if !found {
            score.count(clause, lang, |counts| counts.missed += 1);
            score.misses.push(format!("{id} {clause} “{quote}”"));
        }
    }
    Ok(())
}
