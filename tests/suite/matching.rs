//! The tables of `docs/matching.md`: what each level forgives, and what stays silent.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
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
    let rows = rows(2);
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
        near: vec!["client".into(), "banca".into()],
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
