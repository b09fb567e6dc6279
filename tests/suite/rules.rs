//! The rule language: each kind and each condition by what it finds and what it leaves alone.
//!
//! A case is a rule as a pack writes it, the facts of a draft, and texts with the exact finds
//! between brackets; a text that is found as a whole (something is missing) starts with `!`.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
use clearpost::draft::{Draft, Scope, StatedFacts};

const NOW: &str = "2026-11-23T09:00:00Z";

/// `text` with brackets around what `rule` finds in it.
fn marked(rule: &str, facts: &[(&str, &str)], text: &str) -> String {
    let rulebook = support::rulebook_of(rule);
    let mut stated = StatedFacts::default();
    for (key, value) in facts {
        stated.set(key, *value);
    }
    let draft = Draft::example(&Scope::Body, text, &stated);
    let mut marked = text.to_owned();
    let found = rulebook.check(&draft, NOW.parse().unwrap()).findings;
    for finding in found.iter().rev() {
        if finding.span == draft.head() {
            return format!("!{text}");
        }
        marked.insert_str(finding.span.end(), "]]");
        marked.insert_str(finding.span.start(), "[[");
    }
    marked
}

/// Checks that `rule` finds exactly what is marked.
fn finds(rule: &str, facts: &[(&str, &str)], texts: &[&str]) {
    for text in texts {
        let plain = text
            .trim_start_matches('!')
            .replace("[[", "")
            .replace("]]", "");
        assert_eq!(marked(rule, facts, &plain), *text, "{rule}");
    }
}

#[test]
fn conditions_hold_together_in_a_paragraph_a_sentence_or_the_draft() {
    let rule = "all: [{terms: [return]}, {terms: [guaranteed]}, {not: {terms: [not guaranteed]}}]";
    finds(
        rule,
        &[],
        &[
            "A [[return]] of 5 %, guaranteed",
            "Guaranteed: a [[return]]",
            "A return that is not guaranteed",
            "A return\n\nguaranteed by nobody",
            "A return of 5 %",
        ],
    );
    finds(
        &format!("{rule}\n    within: sentence"),
        &[],
        &["A [[return]], guaranteed", "A return. It is guaranteed."],
    );
    finds(
        &format!("{rule}\n    within: draft"),
        &[],
        &["A [[return]]\n\nguaranteed"],
    );
    finds(
        "any: [{terms: [oggi]}, {pattern: '\\d+ anni'}]",
        &[],
        &["[[Oggi]] compie [[10 anni]]", "Domani compie gli anni"],
    );
}

#[test]
fn of_finds_that_overlap_in_one_rule_the_longest_stays() {
    finds(
        "any: [{terms: [safe]}, {terms: [your money … safe]}, {terms: [money]}]",
        &[],
        &["So [[your money is safe]], and all is [[safe]]."],
    );
}

#[test]
fn conditions_look_where_those_around_them_do() {
    let rulebook = support::rulebook_of(
        "all: [{any: [{terms: [ad]}, {terms: [promo]}], scopes: [hashtag]}, {terms: [lamp]}]",
    );
    support::finds_exactly(
        &rulebook,
        &["A lamp #[[promo]], no ad, promo", "A lamp, no ad"],
    );
}

#[test]
fn what_is_missing_is_offered_where_it_would_go() {
    for (place, text, expected) in [
        (
            "first_line",
            "We love it.\n\nBye.",
            "Ad: We love it.\n\nBye.",
        ),
        (
            "end",
            "We love it.\n\nBye. \n",
            "We love it.\n\nBye. Ad: \n",
        ),
        (
            "title",
            "# Hello\n\nWe love it.",
            "# Ad: Hello\n\nWe love it.",
        ),
    ] {
        let rule = format!(
            "require: {{any_of: [ad], where: {place}, trigger: {{terms: [love]}}, insert: 'Ad:'}}"
        );
        let rulebook = support::rulebook_of(&rule);
        let drafts = support::drafts("md", text);
        let found = rulebook.check(&drafts[0], NOW.parse().unwrap()).findings;
        let fix = &found[0].fixes[0];
        let mut fixed = text.to_owned();
        fixed.replace_range(fix.span.range(), &fix.replace);
        assert_eq!(fixed, expected);
        assert!(!fix.safe);
    }
    let rulebook = support::rulebook_of("terms: [chairman]\n    instead: chair\n    fix: safe");
    let drafts = support::drafts("md", "The chairman.");
    let found = rulebook.check(&drafts[0], NOW.parse().unwrap()).findings;
    assert!(found[0].fixes[0].safe);
}

#[test]
fn the_text_of_each_picture_may_have_to_say_something() {
    let rulebook =
        support::rulebook_of("require: {any_of: [photo], where: each_alt, insert: Photo}");
    let text = "![A photo of a lamp](a.png) ![A lamp](b.png)";
    let drafts = support::drafts("md", text);
    let found = rulebook.check(&drafts[0], NOW.parse().unwrap()).findings;
    let places: Vec<&str> = found
        .iter()
        .map(|finding| &text[finding.span.range()])
        .collect();
    assert_eq!(places, ["A lamp"]);
    assert_eq!(
        found[0].fixes[0].span.start(),
        text.rfind("A lamp").unwrap()
    );
}

#[test]
fn the_fold_is_that_of_the_channel() {
    let rule = "require: {any_of: [ad], where: fold, trigger: {terms: [love]}}";
    let late = format!("We love it. {} ad", "and so on ".repeat(8));
    finds(rule, &[("channel", "linkedin")], &[&late]);
    let marked = late.replace("love", "[[love]]");
    finds(rule, &[("channel", "pinterest")], &[&marked]);
    let rulebook = support::rulebook_of(rule);
    let drafts = support::drafts("md", "We love it.");
    let checked = rulebook.check(&drafts[0], NOW.parse().unwrap());
    assert!(checked.findings.is_empty() && checked.not_checked.len() == 1);
}

#[test]
fn of_whom_a_text_speaks() {
    let rule = "all: [{mentions: self}, {terms: [recommend, consiglio]}]\n    within: sentence";
    finds(
        rule,
        &[("language", "en")],
        &["[[We]] recommend it.", "They recommend it. We do not."],
    );
    finds(
        rule,
        &[("language", "it")],
        &[
            "Il [[nostro]] consiglio è questo.",
            "Il consiglio d'amministrazione si riunisce.",
        ],
    );
    finds(
        "mentions: group",
        &[("language", "en")],
        &["[[They]] came, you saw."],
    );
}

#[test]
fn rules_that_can_find_nothing_are_mistakes() {
    for (rule, mistake) in [
        (
            "all: [{terms: [a b]}, {not: {terms: [a b]}}]",
            "asks for something and for its absence",
        ),
        (
            "terms: [Acme]\n    except: [acme]",
            "lets every one of its terms through",
        ),
        (
            "terms: [Acme]\n    when: {channels: [x], sponsored: true}\n    unless: {channels: [x, blog]}",
            "holds whenever `when` does",
        ),
        (
            "terms: [Acme]\n    when: {embargo: '2026-12-01T08:00:00'}",
            "another instant in every time zone",
        ),
        ("limit: {capitals: much}", "is no share of the letters"),
        ("mentions: nobody", "nobody"),
    ] {
        let mistakes = support::mistakes_of(rule);
        assert!(
            mistakes.len() == 1 && mistakes[0].contains(mistake),
            "{rule}: {mistakes:?}"
        );
    }
    for rule in [
        "terms: [Acme, Acme Corp]\n    except: [acme]",
        "terms: [Acme]\n    when: {channels: [x]}\n    unless: {campaign: spring}",
        "terms: [Acme]\n    when: {embargo: 2026-12-01}",
    ] {
        assert_eq!(support::mistakes_of(rule), Vec::<String>::new(), "{rule}");
    }
}

#[test]
fn a_block_of_quotation_is_quoted() {
    let rulebook = support::rulebook_of("terms: [awful]\n    quoted: ignore");
    let drafts = support::drafts("md", "> So awful.\n>\n> > And awful.\n\nNot awful.\n");
    let found = rulebook.check(&drafts[0], NOW.parse().unwrap()).findings;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source.line_col(found[0].span.start()).0, 5);
}

#[test]
fn a_condition_may_be_for_one_language_only() {
    let rule =
        "any: [{terms: [pin], languages: [en]}, {terms: [chiave … segreta], languages: [it]}]";
    finds(
        rule,
        &[],
        &[
            "Please never share the [[pin]] of your card with people you have just met.",
            "Nel bosco c'era un pin tra i funghi e le foglie, e nessuno lo guardava più.",
            "Questa è la [[chiave molto segreta]] con cui apriamo tutte le porte della sede.",
            "The word chiave segreta is Italian, and this whole sentence about it is not.",
            "my [[pin]]",
        ],
    );
    finds(
        "not: {not: {terms: [pin], languages: [en]}}",
        &[],
        &["my [[pin]]"],
    );
}

#[test]
fn conditions_may_have_to_follow_one_another() {
    let rule = "all: [{terms: [robots]}, {terms: [are]}, {terms: [dull]}]\n    within: sentence\n    in_order: true";
    finds(
        rule,
        &[],
        &[
            "Oh, [[robots]] are so dull",
            "Dull are the robots",
            "Are robots dull?",
            "Dull: [[robots]] they are, and dull",
        ],
    );
}

#[test]
fn what_is_denied_quoted_or_too_few_does_not_count() {
    finds(
        "terms: [guarantee, garantizamos]\n    negated: ignore",
        &[],
        &[
            "We [[guarantee]] it",
            "We do not guarantee it",
            "No garantizamos nada",
            "Lo [[garantizamos]]",
        ],
    );
    finds(
        "terms: [best]\n    quoted: ignore",
        &[],
        &["The [[best]] lamp", "She said “the best lamp”"],
    );
    finds(
        "terms: [wow]\n    count: {at_least: 3}",
        &[],
        &["wow wow [[wow]] wow", "wow wow"],
    );
    finds(
        "pattern: '\\d+ %'\n    near: {terms: [rendimento], within: 3 words}",
        &[],
        &[
            "un rendimento del [[5 %]]",
            "5 % di sconto e poi un altro rendimento",
        ],
    );
    finds(
        "not: {not: {terms: [acme]}}",
        &[],
        &["[[Acme]] is here", "nobody"],
    );
}

#[test]
fn what_has_to_be_there_is_asked_for_where_readers_see_it() {
    let rule =
        "require: {any_of: [\"#ad\", \"#adv\"], where: first_line}\n    when: {sponsored: true}";
    let paid = [("sponsored", "true")];
    finds(
        rule,
        &paid,
        &["#ad A lamp", "!A lamp\n#ad", "!A lamp for readers"],
    );
    finds(rule, &[], &["A lamp"]);
    finds(
        "require: {any_of: [risk], trigger: {terms: [returns]}}",
        &[],
        &[
            "Good [[returns]] for all",
            "Good returns at your own risk",
            "Good lamps",
        ],
    );
    finds(
        "require: {any_of: [\"#publi\"], where: {first: 10 characters}}",
        &[],
        &["#publi hola", "!Hola a todos #publi"],
    );
}

#[test]
fn facts_and_times_say_when_a_rule_holds() {
    let rule = "terms: [launch]\n    when: {roles: [ambassador], channels: [x]}\n    unless: {sponsored: true}";
    let facts = [("author_role", "ambassador"), ("channel", "x")];
    finds(rule, &facts, &["the [[launch]]"]);
    finds(
        rule,
        &[facts[0], facts[1], ("sponsored", "true")],
        &["the launch"],
    );
    finds(
        rule,
        &[("author_role", "comms"), ("channel", "x")],
        &["the launch"],
    );
    finds(rule, &[facts[1]], &["the launch"]);
    let embargo = "terms: [launch]\n    when: {embargo: \"2026-12-01T08:00:00+01:00\"}";
    finds(embargo, &[], &["the [[launch]]"]);
    finds(
        embargo,
        &[("publish_at", "2026-12-01T06:59:59Z")],
        &["the [[launch]]"],
    );
    finds(
        embargo,
        &[("publish_at", "2026-12-01T07:00:00Z")],
        &["the launch"],
    );
}

#[test]
fn what_a_draft_states_about_itself() {
    finds("metadata: {key: approved_by}", &[], &["!A text"]);
    finds(
        "metadata: {key: approved_by}",
        &[("approved_by", "legal")],
        &["A text"],
    );
    finds(
        "metadata: {key: status, one_of: [approved, approvato]}",
        &[("status", "Approvato")],
        &["A text"],
    );
    finds(
        "all: [{metadata: {key: approved_by}}, {terms: [claim]}]",
        &[],
        &["A [[claim]]", "A text"],
    );
    finds(
        "metadata: {key: review_by, not_past: true}",
        &[("review_by", "2026-11-22")],
        &["!A text"],
    );
    finds(
        "metadata: {key: review_by, not_past: true}",
        &[("review_by", "2026-11-23")],
        &["A text"],
    );
}

#[test]
fn the_order_of_conditions_changes_nothing_but_the_anchor() {
    let one = "any: [{terms: [a1]}, {terms: [b1]}]";
    let two = "any: [{terms: [b1]}, {terms: [a1]}]";
    for text in ["a1 and b1", "b1", "none"] {
        assert_eq!(marked(one, &[], text), marked(two, &[], text));
    }
}

#[test]
fn a_message_uses_what_was_captured() {
    let rulebook = support::rulebook_of(
        "terms: [wow]\n    count: {at_least: 2}\n    message: \"{count} times {match}, {{really}}\"",
    );
    let draft = Draft::example(&Scope::Body, "wow wow wow", &StatedFacts::default());
    let findings = rulebook.check(&draft, NOW.parse().unwrap()).findings;
    assert_eq!(findings[0].message, "3 times wow, {really}");
    assert_eq!(findings[0].related.len(), 1);
}

#[test]
fn every_example_of_the_page_is_a_rule() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut examples = 0;
    for block in page.split("```yaml\n").skip(1) {
        let rule = block.split("```").next().unwrap();
        if rule.starts_with("register:") {
            continue;
        }
        support::rulebook_of(&rule.trim_end().replace('\n', "\n    "));
        examples += 1;
    }
    assert!(examples >= 8, "{examples}");
}
