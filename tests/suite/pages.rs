//! Pages that are made from the rules. `SNAPSHOTS=overwrite` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clearpost::builtin::builtin;
use clearpost::pack::Pack;
use clearpost::text::Lang;

/// The languages in which a pack's rules look, as far as they say.
fn languages(pack: &Pack) -> String {
    let stated: BTreeSet<&str> = pack
        .rules
        .iter()
        .flat_map(|rule| rule.languages.iter().map(Lang::as_str))
        .collect();
    if pack.rules.iter().any(|rule| rule.languages.is_empty()) {
        return "all".to_owned();
    }
    stated.into_iter().collect::<Vec<_>>().join(", ")
}

fn page() -> String {
    let mut page = String::from(
        "# The packs that ship\n\nMade from the packs themselves: `SNAPSHOTS=overwrite cargo test --test suite pages::` writes it anew, and a test fails when it is out of date. `clearpost explain RULE` shows a rule with its examples.\n\n| pack | version | rules | languages | what it looks for |\n|---|---|---|---|---|\n",
    );
    let packs: Vec<&Pack> = builtin().packs().collect();
    for pack in &packs {
        let description = pack.description.as_ref().unwrap().get(Lang::EN);
        writeln!(
            page,
            "| `builtin:{}` | {} | {} | {} | {description} |",
            pack.name,
            pack.version.as_deref().unwrap(),
            pack.rules.len(),
            languages(pack),
        )
        .unwrap();
    }
    page.push_str("\n## Which rule checks which clause\n\n");
    page.push_str(&by_clause(&packs));
    page
}

/// Each clause with the rules that check it.
fn by_clause(packs: &[&Pack]) -> String {
    let mut page = String::from("| clause | | rules |\n|---|---|---|\n");
    for clause in &builtin().policies[0].clauses {
        let rules = packs.iter().flat_map(|pack| &pack.rules);
        let rules: Vec<String> = rules
            .filter(|rule| rule.clause == clause.id)
            .map(|rule| format!("`{}`", rule.id))
            .collect();
        let rules = match (clause.id.as_str(), rules.is_empty()) {
            ("SMP-11.2", true) => "the program itself, with every waiver".to_owned(),
            (_, true) => "none".to_owned(),
            _ => rules.join(", "),
        };
        let title = &clause.texts[0].title;
        writeln!(page, "| {} | {title} | {rules} |", clause.id).unwrap();
    }
    page
}

/// The heading under which the page on the rule language names a rule for each obligation.
const OBLIGATIONS: &str = "\n## A rule for each obligation\n";

#[test]
fn the_page_of_the_rule_language_names_a_rule_for_each_obligation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = fs::read_to_string(&path).unwrap();
    let packs: Vec<&Pack> = builtin().packs().collect();
    let (before, section) = page.split_once(OBLIGATIONS).unwrap();
    let (words, table) = section.split_once("\n| clause |").unwrap();
    let wanted = by_clause(&packs);
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(&path, format!("{before}{OBLIGATIONS}{words}\n{wanted}")).unwrap();
        return;
    }
    assert!(
        format!("| clause |{table}") == wanted,
        "docs/rules.md is out of date: `SNAPSHOTS=overwrite cargo test --test suite pages::`"
    );
}

#[test]
fn the_page_of_packs_is_made_from_them_and_every_clause_is_checked() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/packs.md");
    let wanted = page();
    assert!(!wanted.contains("| none |"), "{wanted}");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(&path, wanted).unwrap();
        return;
    }
    let page = fs::read_to_string(&path).unwrap();
    let different = page.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    assert!(
        page == wanted,
        "docs/packs.md is out of date: {different:?}"
    );
}
