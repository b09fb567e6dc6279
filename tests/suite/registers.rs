//! What a company's registers say, and when: launches, embargoes, topics, periods, public figures.

use crate::support;
use std::sync::Arc;

use clearpost::draft::{Draft, Scope, StatedFacts};
use clearpost::engine::Checked;
use clearpost::register::{ReadRegister, Register, read_yaml};
use clearpost::text::Source;
use jiff::tz::TimeZone;

/// The registers of a file, and what is wrong with it.
fn read(text: &str) -> (Vec<Register>, Vec<String>) {
    let source = Arc::new(Source::from_text("register.yaml", text));
    let mut problems = Vec::new();
    let zone = TimeZone::get("Europe/Rome").unwrap();
    let read = read_yaml(&source, &zone, &mut problems, |_, _| {});
    let registers = read.map_or_else(Vec::new, |ReadRegister { register, derived }| {
        std::iter::once(register).chain(derived).collect()
    });
    let problems = problems.into_iter().map(|problem| problem.message);
    (registers, problems.collect())
}

fn check(rule: &str, register: &str, at: &str, text: &str) -> Checked {
    let (registers, problems) = read(register);
    assert_eq!(problems, Vec::<String>::new());
    let rulebook = support::rulebook_with(rule, &registers);
    let draft = Draft::example(&Scope::Body, text, &StatedFacts::default());
    rulebook.check(&draft, at.parse().unwrap())
}

/// The messages of what is found in `text` when it goes out at `at`.
fn messages(rule: &str, register: &str, at: &str, text: &str) -> Vec<String> {
    let checked = check(rule, register, at, text);
    let found = checked.findings.into_iter();
    found.map(|finding| finding.message).collect()
}

#[test]
fn a_product_is_held_back_until_its_launch_and_one_without_launch_is_not() {
    let rule = "terms: {register: products, held: true}\n    message: '{match} waits for {until}'";
    let register = "register: products\nentries:\n  - {name: FlowDesk 4, aliases: [FD4], launch: '2027-02-15T09:00:00+01:00'}\n  - FlowDesk 3\n";
    let text = "FlowDesk 3 is here, FD4 is coming";
    assert_eq!(
        messages(rule, register, "2027-02-15T07:59:59Z", text),
        ["FD4 waits for 2027-02-15 08:00 +00:00"]
    );
    assert!(messages(rule, register, "2027-02-15T08:00:00Z", text).is_empty());
    // Spoken of as products, both are.
    let all = "terms: {register: products}";
    assert_eq!(
        messages(all, register, "2027-03-01T00:00:00Z", text),
        ["FlowDesk 3", "FD4"]
    );
}

#[test]
fn an_embargo_and_a_topic_hold_for_as_long_as_they_say() {
    let rule = "terms: {register: embargoes, held: true}";
    let register = "register: embargoes\nentries:\n  - {name: Lantern Award, until: 2026-12-10}\n  - Copa Norte\n";
    let text = "The Lantern Award and the Copa Norte";
    // The whole of the tenth, in Rome; what has no end lasts.
    for (at, found) in [
        ("2026-12-10T22:59:59Z", vec!["Lantern Award", "Copa Norte"]),
        ("2026-12-10T23:00:00Z", vec!["Copa Norte"]),
    ] {
        assert_eq!(messages(rule, register, at, text), found, "{at}");
    }
    let rule = "terms: {register: topics, held: true}";
    let register =
        "register: topics\nentries:\n  - {name: the fire, from: 2026-11-20, until: 2026-11-30}\n";
    for (at, found) in [
        ("2026-11-19T22:59:59Z", 0),
        ("2026-11-19T23:00:00Z", 1),
        ("2026-11-30T22:59:59Z", 1),
        ("2026-11-30T23:00:00Z", 0),
    ] {
        let messages = messages(rule, register, at, "After the fire");
        assert_eq!(messages.len(), found, "{at}");
    }
}

#[test]
fn a_rule_may_hold_during_a_period_or_outside_of_it() {
    let register = "register: quiet_periods\nentries:\n  - {from: 2027-01-10, until: '2027-02-05T07:30:00+01:00', name: results}\n  - {from: 2027-03-28, until: 2027-03-28}\n";
    let during = "terms: [growth]\n    when: {during: quiet_periods}\n    message: 'until {until}'";
    let outside = "terms: [growth]\n    unless: {during: quiet_periods}";
    for (at, is_quiet) in [
        ("2027-01-09T22:59:59Z", false),
        ("2027-01-09T23:00:00Z", true),
        ("2027-02-05T06:29:59Z", true),
        ("2027-02-05T06:30:00Z", false),
        // The day on which clocks are put forward in Rome has 23 hours.
        ("2027-03-27T23:00:00Z", true),
        ("2027-03-28T21:59:59Z", true),
        ("2027-03-28T22:00:00Z", false),
    ] {
        let found = messages(during, register, at, "Growth ahead");
        assert_eq!(!found.is_empty(), is_quiet, "{at}");
        let found = messages(outside, register, at, "Growth ahead");
        assert_eq!(found.is_empty(), is_quiet, "{at}");
    }
    assert_eq!(
        messages(during, register, "2027-01-20T00:00:00Z", "Growth ahead"),
        ["until 2027-02-05 06:30 +00:00"]
    );
}

#[test]
fn a_rule_for_periods_that_nobody_listed_could_not_look() {
    let rulebook = support::rulebook_with("terms: [x]\n    when: {during: quiet_periods}", &[]);
    let draft = Draft::example(&Scope::Body, "x", &StatedFacts::default());
    let checked = rulebook.check(&draft, "2027-01-20T00:00:00Z".parse().unwrap());
    assert!(checked.findings.is_empty());
    assert!(checked.not_checked[0].reason.contains("quiet_periods"));
}

#[test]
fn public_figures_clear_what_touches_them() {
    let rule =
        "pattern: '(?i)\\d[\\d., ]* ?(?:customers|clienti)'\n    except: [{register: figures}]";
    let register = "register: figures\nentries:\n  - {number: 4200, unit: {en: [customers], it: clienti}}\n  - 12 customers in space\n";
    let at = "2026-11-23T00:00:00Z";
    for (text, found) in [
        ("We have 4,200 customers", 0),
        ("Abbiamo 4.200 clienti", 0),
        ("Customers: 4200 customers strong", 0),
        ("12 customers in space", 0),
        ("We have 4,300 customers", 1),
        ("We have 12 customers", 1),
    ] {
        assert_eq!(messages(rule, register, at, text).len(), found, "{text}");
    }
}

#[test]
fn an_organisation_brings_its_domains_and_disclosures() {
    let (registers, problems) = read(
        "register: organisation\nentries:\n  - {name: Lumetra, handles: ['@lumetra'], domains: [lumetra.example], disclosures: [I work at Lumetra]}\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    let names: Vec<&str> = registers.iter().map(|read| read.name.as_str()).collect();
    assert_eq!(names, ["organisation", "domains", "disclosures"]);
    assert_eq!(registers[2].entries[0].name, "I work at Lumetra");
    let rule = "metadata: {key: handle, without: [support, {register: organisation}]}";
    let rulebook = support::rulebook_with(rule, &registers);
    for (handle, found) in [
        ("@lumetra_chiara", 1),
        ("@LUMETRA.help", 1),
        ("@chiara-support", 1),
        ("@chiara_runs", 0),
    ] {
        let mut facts = StatedFacts::default();
        facts.set("handle", handle);
        let draft = Draft::example(&Scope::Body, "Hi", &facts);
        let checked = rulebook.check(&draft, "2027-01-20T00:00:00Z".parse().unwrap());
        assert_eq!(checked.findings.len(), found, "{handle}");
    }
}

#[test]
fn links_and_handles_say_what_they_could_not_look_up() {
    for rule in [
        "link: {internal: forbid}",
        "link: {look_alikes: forbid}",
        "link: {own: only, schemes: [https]}",
        "metadata: {key: handle, without: [{register: organisation}]}",
    ] {
        assert_eq!(support::rulebook_of(rule).not_checked().len(), 1, "{rule}");
    }
    let filled = [support::register("organisation", &["Lumetra"])];
    let rulebook = support::rulebook_with("link: {look_alikes: forbid}", &filled);
    assert!(rulebook.not_checked().is_empty());
}

#[test]
fn mistakes_in_dates_and_keys_are_told_and_hold_nothing_back_wrongly() {
    for (text, told) in [
        (
            "register: products\nentries:\n  - {name: A B, launch: soon}\n",
            "“soon” is no date",
        ),
        (
            "register: topics\nentries:\n  - {name: A B, from: 2027-01-02, until: 2027-01-01}\n",
            "this ends before it begins",
        ),
        (
            "register: quiet_periods\nentries:\n  - {from: 2027-01-02}\n",
            "a period needs `until`",
        ),
        (
            "register: clients\nentries:\n  - {name: A B, launch: 2027-01-01}\n",
            "unknown key `launch`",
        ),
        (
            "register: figures\nentries:\n  - {number: many, unit: x}\n",
            "whole number",
        ),
    ] {
        let (_, problems) = read(text);
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        assert!(problems[0].contains(told), "{text}: {problems:?}");
    }
    for (rule, told) in [
        ("terms: [x]\n    when: {roles: [ambasador]}", "ambasador"),
        ("terms: [x]\n    when: {sponsored: si}", "si"),
        ("terms: [x]\n    unless: {account: private}", "private"),
        ("terms: [x]\n    when: {during: holidays}", "holidays"),
        ("terms: [x]\n    except: [{register: figurs}]", "figurs"),
        ("all: [{terms: [x]}]\n    except: [y]", "except"),
        ("any: [{terms: [x]}]\n    in_order: true", "in_order"),
    ] {
        let mistakes = support::mistakes_of(rule);
        assert_eq!(mistakes.len(), 1, "{rule}: {mistakes:?}");
        assert!(mistakes[0].contains(told), "{rule}: {mistakes:?}");
    }
}

#[test]
fn the_register_of_the_page_is_read() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut blocks = page.split("```yaml\n").skip(1);
    let block = blocks.find(|block| block.starts_with("register:")).unwrap();
    let (registers, problems) = read(block.split("```").next().unwrap());
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(registers[0].entries.len(), 2);
}
