//! Drafts as companies keep them: every planted phrase is read, in one segment, and maps to exactly
//! the bytes that a person would mark.
//!
//! The drafts lie beside the repository, in `../shared/drafts`; without them this says so.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support::context;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clearpost::builtin::builtin;
use clearpost::draft::read::{DateOrder, Go, RawFile, ReadOptions, by_extension};
use clearpost::draft::{Draft, Scope};
use clearpost::engine::{Rulebook, RulebookOptions};
use clearpost::pack::{Files, Loader, PackRef, PolicyRef};
use jiff::tz::TimeZone;
use serde_json::Value;

/// What is missing in a draft has no words of its own: it is told at a key or a mark, which the
/// rules for such things will point at.
const WITHOUT_WORDS: [(&str, &str); 4] = [
    ("10-jekyll-ghid.ro.md", "approved_by:\nstatus: draft"),
    ("10-jekyll-ghid.ro.md", "reason: \"\""),
    ("10-jekyll-ghid.ro.md", "![](/assets/approved/acasa.jpg)"),
    ("06-cms-export.json", "\"description\": {\"en\": \"\"}"),
];

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/drafts");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {} is not there, so no draft was read",
        folder.display()
    );
    None
}

fn options(meta: &Value) -> ReadOptions {
    let mut options = ReadOptions::default();
    // “Company account, approved by Elena Conti, unless the heading says otherwise”: what a draft
    // says of itself is stronger.
    if meta.get("account").is_none() {
        options.stated.set("account", "company");
        options.stated.set("status", "approved");
        options.stated.set("approved_by", "Elena Conti");
    }
    for (key, value) in meta.as_object().unwrap() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        if key == "date_order" {
            options.date_order = DateOrder::WORDS
                .iter()
                .find(|(word, _)| *word == value)
                .map(|(_, order)| *order);
        } else {
            options.stated.set(key, value);
        }
    }
    options
}

fn read(path: &Path, options: &ReadOptions) -> Vec<Draft> {
    let format = by_extension(path.extension().unwrap().to_str().unwrap()).unwrap();
    let file = RawFile::from_bytes("draft", fs::read(path).unwrap());
    let mut drafts = Vec::new();
    let mut sink = |read| {
        drafts.extend::<Vec<Draft>>(read);
        Go::On
    };
    let mut problems = Vec::new();
    format.read(file, options, &mut sink, &mut problems);
    assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    drafts
}

/// The bytes of `quote`, which starts in line `line` of `text`.
fn place(text: &str, line: usize, quote: &str) -> Range<usize> {
    let start: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let at = start + text[start..].find(quote).unwrap();
    at..at + quote.len()
}

/// Whether the words of `draft` that stand at `quote` are in one segment and nowhere else.
fn holds(draft: &Draft, quote: &Range<usize>) -> bool {
    draft.segments().iter().any(|segment| {
        let mut inside = draft.text()[segment.range.clone()]
            .char_indices()
            .map(|(at, letter)| {
                let at = segment.range.start + at;
                at..at + letter.len_utf8()
            })
            .filter(|letter| {
                let span = draft.span(letter).range();
                quote.start <= span.start && span.end <= quote.end
            });
        let Some(first) = inside.next() else {
            return false;
        };
        let last = inside.last().unwrap_or(first.clone());
        let found = draft.span(&(first.start..last.end)).range();
        // Quotes of a comment or an attribute have its marks around them.
        let marks = |range: Range<usize>| {
            draft.source().text()[range]
                .trim_matches(['<', '>', '!', '-', '"', ' '])
                .trim_start_matches("alt=")
                .trim_start_matches("review_by:")
                .trim_matches(['"', ' '])
                .is_empty()
        };
        marks(quote.start..found.start) && marks(found.end..quote.end)
    })
}

#[test]
fn every_planted_phrase_is_read_at_its_place() {
    let Some(folder) = shared() else { return };
    let meta: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("meta.json")).unwrap()).unwrap();
    let mut missing = Vec::new();
    let mut planted = 0;
    for line in fs::read_to_string(folder.join("expected.jsonl"))
        .unwrap()
        .lines()
    {
        let expected: Value = serde_json::from_str(line).unwrap();
        let file = expected["file"].as_str().unwrap();
        let quote = expected["quote"].as_str().unwrap();
        planted += 1;
        if WITHOUT_WORDS.contains(&(file, quote)) {
            continue;
        }
        let drafts = read(&folder.join(file), &options(&meta[file]));
        let text = drafts[0].source().text().to_owned();
        let line = usize::try_from(expected["line"].as_u64().unwrap()).unwrap();
        let at = place(&text, line, quote);
        if !drafts.iter().any(|draft| holds(draft, &at)) {
            missing.push(format!("{file}:{line} {} {quote:?}", expected["clause"]));
        }
    }
    assert!(planted > 60, "{planted}");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_is_no_text_is_not_read() {
    let Some(folder) = shared() else { return };
    let newsletter = read(
        &folder.join("04-newsletter.en.html"),
        &ReadOptions::default(),
    );
    assert!(!newsletter[0].text().contains("internal-use-only"));
    let page = read(
        &folder.join("01-hugo-evento.it.md"),
        &ReadOptions::default(),
    );
    let logo = page[0]
        .segments()
        .iter()
        .find(|segment| page[0].text()[segment.range.clone()].contains("logo-lumetra"))
        .unwrap();
    assert_eq!(logo.scope, Scope::Image);
    let cues = read(&folder.join("07-subtitles.ro.srt"), &ReadOptions::default());
    assert!(!cues[0].text().contains("-->"));
}

/// The built-in rules, with the lists that the drafts' company would keep.
fn builtin_rules(context: &Value) -> Rulebook {
    let policy = PolicyRef::Builtin("social-media".into());
    let loaded = Loader::new(&NoFiles, builtin(), TimeZone::UTC, policy.clone())
        .load(&[PackRef::AllBuiltin]);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let options = RulebookOptions::under(policy);
    Rulebook::new(
        &loaded,
        &context::registers(context),
        &options,
        &mut Vec::new(),
    )
}

/// A disk with nothing on it.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &Path) -> Option<Vec<PathBuf>> {
        None
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        false
    }
}

/// What is planted and not found yet, a line each: `FILE:LINE CLAUSE`. The list may only shrink.
const OPEN: &str = include_str!("drafts-open.txt");

#[test]
fn what_the_built_in_rules_do_not_find_yet_is_listed_and_nothing_else_is_found() {
    let Some(folder) = shared() else { return };
    let json = |path: PathBuf| -> Value {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let meta = json(folder.join("meta.json"));
    let context = json(folder.join("../cases/context.json"));
    let rulebook = builtin_rules(&context);
    let mut expected: Vec<(String, usize, String, Range<usize>)> = Vec::new();
    for line in fs::read_to_string(folder.join("expected.jsonl"))
        .unwrap()
        .lines()
    {
        let entry: Value = serde_json::from_str(line).unwrap();
        let file = entry["file"].as_str().unwrap();
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let line = usize::try_from(entry["line"].as_u64().unwrap()).unwrap();
        let at = place(&text, line, entry["quote"].as_str().unwrap());
        expected.push((
            file.to_owned(),
            line,
            entry["clause"].as_str().unwrap().to_owned(),
            at,
        ));
    }
    let files: BTreeSet<String> = expected.iter().map(|entry| entry.0.clone()).collect();
    let mut found = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in files {
        for draft in read(&folder.join(&file), &options(&meta[&file])) {
            let now = "2026-12-01T08:00:00Z".parse().unwrap();
            let album = context::album(&draft, &context);
            let checked = rulebook.check_under(&draft, now, &[], Some(&album));
            for finding in checked.findings {
                let on_disk = draft.source().disk_range(finding.span);
                let meant = expected.iter().position(|(own, _, clause, at)| {
                    *own == file
                        && clause == finding.clause.id.as_str()
                        && on_disk.start < at.end
                        && at.start < on_disk.end
                });
                match meant {
                    Some(number) => {
                        found.insert(number);
                    }
                    None => wrong.push(format!("{file} {} “{}”", finding.rule, finding.matched)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let open: Vec<String> = (0..)
        .zip(&expected)
        .filter(|(number, _)| !found.contains(number))
        .map(|(_, (file, line, clause, _))| format!("{file}:{line} {clause}"))
        .collect();
    let listed: Vec<&str> = OPEN.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        open, listed,
        "write what is open into tests/suite/drafts-open.txt"
    );
}
