//! The labelled cases and drafts beside the repository, by the clauses that links, addresses,
//! numbers and keys decide: what is expected is found, and nothing else.
//!
//! They lie in `../shared`; without them this says so.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{register, rulebook_with};
use clearpost::draft::Draft;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::engine::Rulebook;
use clearpost::register::Register;
use jiff::Timestamp;
use serde_json::Value;

const EVERYWHERE: &str = "\n    when: {scopes: [title, body, alt, link, code, comment]}";

const PERSONAL: &str = "identifier: {kind: [email, phone, iban, payment_card, codice_fiscale, dni, \
    nie, cnp, passport, coordinates, licence_plate, birth_date], allow: [register: domains]}";

/// Markdown's inline code is read as running text, so its addresses are links: case and clause.
const INLINE_CODE: (&str, &str) = ("C-2.5-es-1", "SMP-8.3");

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if folder.join("cases").is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is missing", folder.display());
    None
}

/// What a company would keep, from the context of the cases.
fn registers(folder: &Path) -> Vec<Register> {
    let context = fs::read_to_string(folder.join("cases/context.json")).unwrap();
    let context: Value = serde_json::from_str(&context).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        let items = value.as_array().unwrap();
        items
            .iter()
            .map(|item| item.as_str().unwrap().to_owned())
            .collect()
    };
    let internal = [
        texts(&context["internal_hosts"]),
        texts(&context["ticket_prefixes"]),
    ]
    .concat();
    let domains = texts(&context["link_policy"]["own_domains"]);
    [("internal", internal), ("domains", domains)]
        .map(|(name, entries)| {
            let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
            register(name, &entries)
        })
        .to_vec()
}

fn rulebooks(folder: &Path) -> Vec<(&'static str, Rulebook)> {
    let registers = registers(folder);
    [
        ("SMP-2.5", format!("link: {{internal: forbid}}{EVERYWHERE}")),
        (
            "SMP-2.6",
            format!("identifier: {{kind: api_key}}{EVERYWHERE}"),
        ),
        ("SMP-3.4", PERSONAL.to_owned()),
        (
            "SMP-8.3",
            "link: {schemes: [https], shorteners: forbid, look_alikes: forbid}".to_owned(),
        ),
    ]
    .into_iter()
    .map(|(clause, rule)| (clause, rulebook_with(&rule, &registers)))
    .collect()
}

/// Compares what is found in `drafts` of `text` with the `quotes` expected for one clause.
fn compare(
    name: &str,
    clause: &str,
    rulebook: &Rulebook,
    drafts: &[Draft],
    quotes: &[&str],
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut left = quotes.to_vec();
    for draft in drafts {
        let text = draft.source().text();
        for finding in rulebook.check(draft, Timestamp::UNIX_EPOCH).findings {
            // What is wrong with a waiver is told beside.
            if &*finding.rule != "own/rule" {
                continue;
            }
            let raw = &text[finding.span.range()];
            match left
                .iter()
                .position(|quote| raw.contains(quote) || quote.contains(raw))
            {
                Some(at) => drop(left.remove(at)),
                None => wrong.push(format!("{name} {clause}: unexpected “{raw}”")),
            }
        }
    }
    wrong.extend(
        left.iter()
            .map(|quote| format!("{name} {clause}: missed “{quote}”")),
    );
    wrong
}

fn options(channel: Option<&str>) -> ReadOptions {
    let mut options = ReadOptions::default();
    if let Some(channel) = channel {
        options.stated.set("channel", channel);
    }
    options
}

#[test]
fn cases_are_decided_as_labelled() {
    let Some(folder) = shared() else { return };
    let rulebooks = rulebooks(&folder);
    let cases = fs::read_to_string(folder.join("cases/policy-cases.jsonl")).unwrap();
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let format = read::by_name(case["format"].as_str().unwrap()).unwrap();
        let text = case["text"].as_str().unwrap();
        let options = options(case["channel"].as_str());
        let drafts = read::read_text(format, "case", text, &options, &mut Vec::new());
        for (clause, rulebook) in &rulebooks {
            let expected: Vec<&str> = case["expect"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|wanted| wanted["clause"] == *clause)
                .map(|wanted| wanted["quote"].as_str().unwrap())
                .collect();
            let id = case["id"].as_str().unwrap();
            if (id, *clause) == INLINE_CODE {
                continue;
            }
            wrong.extend(compare(id, clause, rulebook, &drafts, &expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn drafts_are_decided_as_labelled() {
    let Some(folder) = shared().map(|folder| folder.join("drafts")) else {
        return;
    };
    let rulebooks = rulebooks(&folder.join(".."));
    let expected = fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let expected: Vec<Value> = expected
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let meta = fs::read_to_string(folder.join("meta.json")).unwrap();
    let meta: Value = serde_json::from_str(&meta).unwrap();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let extension = path.extension().unwrap().to_str().unwrap();
        let format = read::FORMATS
            .iter()
            .find(|format| format.extensions().contains(&extension))
            .unwrap();
        let options = options(meta[&name]["channel"].as_str());
        let mut drafts = Vec::new();
        format.read(
            RawFile::from_bytes(&name, fs::read(&path).unwrap()),
            &options,
            &mut |read| {
                drafts.extend(read);
                Go::On
            },
            &mut Vec::new(),
        );
        for (clause, rulebook) in &rulebooks {
            let quotes: Vec<&str> = expected
                .iter()
                .filter(|wanted| wanted["file"] == *name && wanted["clause"] == *clause)
                .map(|wanted| wanted["quote"].as_str().unwrap())
                .collect();
            wrong.extend(compare(&name, clause, rulebook, &drafts, &quotes));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
