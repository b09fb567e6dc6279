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

#[path = "../tests/suite/support/context.rs"]
mod context;
#[path = "../tests/suite/support/scoring.rs"]
mod scoring;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clearpost::builtin::builtin;
use clearpost::engine::{Rulebook, RulebookOptions};
use clearpost::pack::{Files, Loader, PackRef, PolicyRef};
use clearpost::register::Register;
use jiff::tz::TimeZone;
use scoring::{Counts, Score, score_case};
use serde_json::{Value, json};

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
        score_case(&rulebook, &case, &context, &mut score)
            .map_err(|error| format!("{}, line {number}: {error}", typed.cases))?;
    }
    if typed.json {
        println!("{:#}", to_json(&score));
    } else {
        print(&score);
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

fn to_json(score: &Score) -> Value {
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
        "precision": score.all.precision(),
        "recall": score.all.recall(),
        "clauses": each(&score.clauses),
        "languages": each(&score.languages),
        "misses": score.misses,
        "false_alarms": score.false_alarms,
    })
}

fn print(score: &Score) {
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
    for (name, counts) in score.clauses.iter().chain(&score.languages) {
        line(name, counts);
    }
    for miss in &score.misses {
        println!("missed {miss}");
    }
    for alarm in &score.false_alarms {
        println!("wrong {alarm}");
    }
    line("all", &score.all);
}
