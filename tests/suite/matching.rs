//! The tables of `docs/matching.md`: what each level forgives, and what stays silent.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
use crate::support::program::{clearpost, outcome};
use clearpost::engine::Rulebook;
use clearpost::kind::terms::{TermSettings, TermsSpec};
use clearpost::text::fold::Resist;

const LEVELS: [(&str, Resist); 3] = [
    ("none", Resist::None),
    ("typing", Resist::Typing),
    ("evasion", Resist::Evasion),
];

fn rulebook(term: &str, settings: TermSettings) -> Rulebook {
    let mut spec = TermsSpec::default();
    spec.push(term, settings);
    support::rulebook(spec)
}

/// `text` with brackets around what was found.
fn found(term: &str, resist: Resist, text: &str) -> String {
    found_with(
        term,
        TermSettings {
            resist,
            ..TermSettings::default()
        },
        text,
    )
}

fn found_with(term: &str, settings: TermSettings, text: &str) -> String {
    let drafts = support::drafts("md", text);
    let findings = rulebook(term, settings)
        .check(&drafts[0], "2026-11-23T09:00:00Z".parse().unwrap())
        .findings;
    let mut marked = text.to_owned();
    for finding in findings.iter().rev() {
        marked.insert_str(finding.span.end(), "]]");
        marked.insert_str(finding.span.start(), "[[");
    }
    marked
}

/// The rows of the tables with so many columns.
fn rows(columns: usize) -> Vec<Vec<String>> {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/matching.md")).unwrap();
    page.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>())
        .filter(|row| row.len() == columns && !row.contains(&"term".to_owned()))
        .collect()
}

#[test]
fn each_level_forgives_what_the_table_says() {
    let mut wrong = 0;
    let rows = rows(6);
    assert!(rows.len() > 30, "{}", rows.len());
    for row in &rows {
        let plain = row[2].replace("[[", "").replace("]]", "");
        for ((level, resist), expected) in LEVELS.iter().zip(&row[3..]) {
            let expected = if expected == "yes" { &row[2] } else { &plain };
            let marked = found(&row[1], *resist, &plain);
            if marked != *expected {
                wrong += 1;
                eprintln!("{} at {level}: {marked}", row[0]);
            }
        }
    }
    assert_eq!(wrong, 0);
}

#[test]
fn what_merely_looks_alike_stays_silent() {
    let mut rows = rows(2);
    rows.retain(|row| !row[1].contains("[["));
    assert!(rows.len() > 15, "{}", rows.len());
    for row in &rows {
        for (level, resist) in LEVELS {
            assert_eq!(
                found(&row[0], resist, &row[1]),
                row[1],
                "{} at {level}",
                row[0]
            );
        }
    }
}

#[test]
fn forms_that_are_written_out_are_found() {
    let mut rows = rows(2);
    rows.retain(|row| row[1].contains("[["));
    assert!(rows.len() > 3, "{}", rows.len());
    for row in &rows {
        let term = row[0].trim_matches('`');
        let rulebook = support::rulebook_of(&format!("terms: [\"{term}\"]"));
        support::finds_exactly(&rulebook, &[&row[1]]);
        let plain = row[1].replace("[[", "").replace("]]", "");
        let company = format!("terms: [never]\n    near: [\"{term}\"]");
        if !term.contains('…') {
            let company = support::rulebook_of(&company);
            support::finds_exactly(&company, &[&format!("{plain} and [[never]]"), "and never"]);
        }
    }
}

#[test]
fn names_are_what_they_are() {
    let names = support::register("clients", &["Toys*", "A{b,c}"]);
    let rulebook = support::rulebook_with("terms: { register: clients }", &[names]);
    support::finds_exactly(&rulebook, &["[[Toys]] and Toyshop, [[A{b,c]]} and ab"]);
}

#[test]
fn a_version_is_written_in_many_ways() {
    let names = support::register("products", &["FlowDesk 4", "Glow 2.1", "Area 51b"]);
    let rulebook = support::rulebook_with("terms: { register: products }", &[names]);
    support::finds_exactly(
        &rulebook,
        &[
            "[[FlowDesk 4]], [[FlowDesk v4]], [[flowdesk V 4]], [[FlowDesk version 4]], FlowDesk 5, FlowDesk",
            "[[Glow v2.1]], la [[Glow versione 2.1]], Glow v2, [[Area 51b]], Area v51b",
        ],
    );
}

#[test]
fn forms_that_nobody_can_read_are_mistakes() {
    for (rule, mistake) in [
        ("terms: [\"client{e,i\"]", "has a brace without the other"),
        ("terms: [\"client{e}\"]", "leave no choice"),
        ("terms: [\"no*\"]", "too few letters"),
        (
            "terms: [\"pro* tutto\"]",
            "does not stand behind the last letters",
        ),
        (
            "terms: [a b c]\n    near: [\"x{\"]",
            "has a brace without the other",
        ),
        (
            "terms: [a b c]\n    except: [\"x}\"]",
            "has a brace without the other",
        ),
        ("terms: [a b c]\n    near: [x … y]", "has no gaps"),
        (
            "terms: [\"{1,2,3,4,5,6,7,8}{1,2,3,4,5,6,7,8}{1,2,3,4,5,6,7,8}\"]",
            "stands for more than 400 forms",
        ),
    ] {
        let mistakes = support::mistakes_of(rule);
        assert!(
            mistakes.len() == 1 && mistakes[0].contains(mistake),
            "{rule}: {mistakes:?}"
        );
    }
    assert!(support::mistakes_of("terms: [\"client{e\"]\n    as: exact").is_empty());
}

#[test]
fn regular_forms_count_where_a_term_asks_for_them() {
    let inflect = TermSettings {
        inflect: true,
        ..TermSettings::default()
    };
    for (term, text) in [
        ("cliente", "il [[cliente]], i [[clienti]], la clientela"),
        (
            "client",
            "un [[client]], [[clientul]], [[clienți]], [[clienților]] noștri",
        ),
        (
            "company",
            "one [[company]], two [[companies]], the [[company]]'s accompanying note",
        ),
        ("operación", "una [[operación]], dos [[operaciones]]"),
        ("banca", "una [[banca]], dues [[banques]]"),
    ] {
        let plain = text.replace("[[", "").replace("]]", "");
        assert_eq!(found_with(term, inflect.clone(), &plain), text);
    }
    assert_eq!(found("cliente", Resist::Typing, "i clienti"), "i clienti");
}

#[test]
fn company_counts_in_its_forms_too() {
    let near = TermSettings {
        near: ["client", "banca"].iter().collect(),
        ..TermSettings::default()
    };
    for (text, expected) in [
        (
            "Delta is among our clients.",
            "[[Delta]] is among our clients.",
        ),
        ("Le banche e Delta.", "Le banche e [[Delta]]."),
        (
            "The delta of a river. Our clients like it.",
            "The delta of a river. Our clients like it.",
        ),
    ] {
        assert_eq!(found_with("Delta", near.clone(), text), expected);
    }
}

#[test]
fn what_a_reader_does_not_see_keeps_no_pattern_from_being_run() {
    let place = tempfile::tempdir().unwrap();
    let pack = "pack: own\npolicy: builtin:social-media\nrules:\n  - id: returns\n    clause: SMP-6.2\n    message: m\n    pattern: '(?i)\\bguaranteed return\\b'\n";
    std::fs::write(place.path().join("own.yaml"), pack).unwrap();
    for (text, pack) in [
        ("A guaranteed return.", "own.yaml"),
        ("A guar\u{AD}anteed return.", "own.yaml"),
        ("A guaranteed\u{A0}return.", "own.yaml"),
        ("See https\u{AD}://192.168.1.20/login", "builtin:all"),
    ] {
        std::fs::write(place.path().join("a.txt"), text).unwrap();
        let (status, _, errors) = outcome(clearpost(place.path()).args([
            "check",
            "a.txt",
            "--pack",
            pack,
            "--format",
            "compact",
            "--fail-on",
            "warning",
        ]));
        assert_eq!(status, 1, "{text}: {errors}");
    }
}
