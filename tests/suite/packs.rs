//! Every example of every pack that ships or is shown: exact spans, found and let through.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use std::path::{Path, PathBuf};
use std::{fs, io};

use clearpost::builtin::builtin;
use clearpost::draft::Scopes;
use clearpost::engine::{Rulebook, RulebookOptions, prove, prove_fixes};
use clearpost::kind::Kind;
use clearpost::pack::{Builtin, Files, Loader, PackRef, PolicyRef, Rule};
use jiff::Timestamp;
use jiff::tz::TimeZone;

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn list(&self, path: &Path) -> Option<Vec<PathBuf>> {
        let entries = fs::read_dir(path).ok()?;
        Some(entries.map(|entry| entry.unwrap().path()).collect())
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        true
    }
}

fn prove_all(policy: PolicyRef, packs: &[PackRef]) -> usize {
    let loaded = Loader::new(&Disk, builtin(), TimeZone::UTC, policy.clone()).load(packs);
    let mut problems = loaded
        .problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    let options = RulebookOptions::under(policy);
    let mut found = Vec::new();
    let rulebook = Rulebook::new(&loaded, &[], &options, &mut found);
    problems.extend(found.iter().map(ToString::to_string));
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(prove_fixes(&rulebook, Timestamp::UNIX_EPOCH), []);
    let failures = prove(&rulebook, "2026-11-23T09:00:00Z".parse().unwrap());
    for failure in &failures {
        eprintln!(
            "{}\n  wanted {}\n  found  {}",
            failure.rule, failure.example, failure.found
        );
    }
    assert!(failures.is_empty(), "{} examples fail", failures.len());
    rulebook
        .rules()
        .iter()
        .map(|rule| rule.rule.examples.violates.len() + rule.rule.examples.allows.len())
        .sum()
}

#[test]
fn built_in_packs_do_what_their_examples_say() {
    let proved = prove_all(
        PolicyRef::Builtin("social-media".into()),
        &[PackRef::AllBuiltin],
    );
    assert!(proved > 100, "{proved}");
}

/// What a rulebook of all built-in packs, brought in as `packs`, finds in the labelled texts.
fn found_with(packs: PackRef) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy = PolicyRef::Builtin("social-media".into());
    let loaded = Loader::new(&Disk, builtin(), TimeZone::UTC, policy.clone()).load(&[packs]);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let names = ["Northwick Foods", "Banca Orsini"];
    let registers = [crate::support::register("clients", &names)];
    let mut problems = Vec::new();
    let options = RulebookOptions::under(policy);
    let rulebook = Rulebook::new(&loaded, &registers, &options, &mut problems);
    let mut found = Vec::new();
    let mut sets: Vec<PathBuf> = fs::read_dir(root.join("tests/quality"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    sets.sort();
    for set in sets {
        for line in fs::read_to_string(set).unwrap().lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = case["text"].as_str().unwrap_or_default();
            let text = format!("{text} Thanks to Northwick Foods.");
            for draft in crate::support::drafts("md", text) {
                let checked = rulebook.check(&draft, Timestamp::UNIX_EPOCH);
                let findings = checked.findings.iter();
                found
                    .extend(findings.map(|finding| format!("{} {:?}", finding.rule, finding.span)));
            }
        }
    }
    found
}

#[test]
fn words_that_were_indexed_with_the_program_are_found_as_those_of_any_pack() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/packs");
    let prepared = found_with(PackRef::AllBuiltin);
    assert!(prepared.len() > 1000, "{}", prepared.len());
    assert_eq!(prepared, found_with(PackRef::Path(rules)));
}

#[test]
fn the_example_companys_packs_do_what_their_examples_say() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let policy = PolicyRef::File(examples.join("policy.md").display().to_string());
    let proved = prove_all(policy, &[PackRef::Path(examples.join("packs"))]);
    assert!(proved > 10, "{proved}");
}

#[test]
fn every_rule_that_ships_says_what_it_looks_for_and_proves_it() {
    for pack in builtin().packs() {
        assert!(
            pack.version.is_some() && pack.description.is_some(),
            "{}",
            pack.name
        );
        for rule in &pack.rules {
            assert!(rule.description.is_some(), "{}", rule.id);
            // Examples are words without registers and facts: a rule that rests on those is tried
            // by labelled cases, and so is one whose words are not to be repeated in its pack.
            let of_words = is_of_words(rule) && pack.name != "respect";
            let (violates, allows) = (rule.examples.violates.len(), rule.examples.allows.len());
            assert!(
                !of_words || (violates >= 2 && allows >= 2),
                "{}: {violates} and {allows}",
                rule.id
            );
        }
    }
}

/// Whether a rule asks for words alone.
fn is_of_words(rule: &Rule) -> bool {
    // Nor do examples have pictures, code or comments.
    let mut of_words = rule.when.facts.is_empty()
        && rule.when.during.is_none()
        && rule.when.scopes == Scopes::Published;
    rule.condition.walk(&mut |condition| {
        of_words &= condition.scopes.is_none();
        of_words &= match &condition.kind {
            Kind::Terms(spec) => spec.register.is_none(),
            Kind::Pattern(_) | Kind::All(_) | Kind::Any(_) | Kind::Not(_) => true,
            _ => false,
        };
    });
    of_words
}

#[test]
fn there_is_nothing_to_remark_on_in_what_ships() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["rules/packs", "examples/packs"] {
        let policy = PolicyRef::Builtin("social-media".into());
        let loaded = Loader::new(&Disk, &Builtin::default(), TimeZone::UTC, policy)
            .remarking_on_doubles()
            .load(&[PackRef::Path(root.join(folder))]);
        assert!(!loaded.packs.is_empty(), "{folder}");
        let told: Vec<String> = loaded
            .remarks
            .iter()
            .map(|remark| format!("{}: {}", remark.place.source.name(), remark.message))
            .collect();
        assert_eq!(told, Vec::<String>::new(), "{folder}");
    }
}

/// Patterns that have to be compiled and run whatever a draft says, unless other conditions of their
/// rule keep them from it: each makes the check of a short post slower. The number may only shrink.
const ALWAYS: usize = 68;

#[test]
fn few_patterns_run_on_every_draft() {
    let mut always = Vec::new();
    for rule in builtin().packs().flat_map(|pack| &pack.rules) {
        rule.condition.walk(&mut |condition| {
            if let Kind::Pattern(spec) = &condition.kind
                && spec.needles.is_none()
            {
                always.push(format!("{} ({} bytes)", rule.id, spec.regex.len()));
            }
        });
    }
    assert!(always.len() <= ALWAYS, "{}: {always:#?}", always.len());
}
