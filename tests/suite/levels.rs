//! Who may change what: severity by condition, packs that change others, overrides near the drafts,
//! approvals in a file of their own.

use std::fs;
use std::path::Path;

use crate::support::program::{clearpost, outcome};
use serde_json::Value;

struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path().join(".git")).unwrap();
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What is found, as `path rule severity`, the messages, the codes of the problems, the status.
    fn check(&self, args: &[&str]) -> (Vec<String>, Vec<String>, Vec<String>, i32) {
        let args = [&["check", "--format", "json"], args].concat();
        let (status, out, err) = outcome(clearpost(self.path()).args(args));
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().map(|found| {
            format!(
                "{} {} {}",
                text(&found["path"]),
                text(&found["rule"]),
                text(&found["severity"])
            )
        });
        let messages = findings.iter().map(|found| text(&found["message"]));
        let problems = report["problems"].as_array().unwrap();
        let codes = problems.iter().map(|problem| text(&problem["code"]));
        (found.collect(), messages.collect(), codes.collect(), status)
    }
}

const LAW: &str = "pack: law\npolicy: builtin:social-media\nrules:
  - {id: best, clause: SMP-6.1, message: m, terms: [the best], severity: [{is: error, when: {account: company}}, {is: warning, when: {channels: [x]}}, note]}
  - {id: free, clause: SMP-6.1, message: m, terms: [free], severity: warning, adjustable: true}
";

#[test]
fn severity_depends_on_what_the_draft_states() {
    let place = Place::new(&[("law.yaml", LAW), ("d.md", "The best.\n")]);
    for (more, severity) in [
        (&["--meta", "account=company"][..], "error"),
        (&["--meta", "account=personal", "--channel", "x"], "warning"),
        (
            &["--meta", "account=personal", "--channel", "linkedin"],
            "note",
        ),
        (&[], "note"),
    ] {
        let (found, ..) = place.check(&[&["d.md", "--pack", "law.yaml"], more].concat());
        assert_eq!(found, [format!("d.md law/best {severity}")]);
    }
}

#[test]
fn a_pack_changes_and_switches_off_rules_of_the_one_it_extends() {
    let own = "pack: own\nextends: law.yaml\nchanges:\n  - {rule: law/best, severity: warning}\n  - {rule: law/free, off: prices are checked by hand}\n";
    let place = Place::new(&[
        ("law.yaml", LAW),
        ("own.yaml", own),
        ("d.md", "The best, free.\n"),
    ]);
    let (found, _, codes, status) = place.check(&["d.md", "--pack", "own.yaml"]);
    assert_eq!(
        (found, codes),
        (vec!["d.md law/best warning".into()], vec![])
    );
    assert_eq!(status, 0);
    let (_, out, _) = outcome(clearpost(place.path()).args(["packs", "--pack", "own.yaml"]));
    assert!(
        out.contains("law/free is switched off by own: prices are checked by hand"),
        "{out}"
    );
    for (wrong, code) in [
        (
            "{rule: law/bset, severity: note}",
            "clearpost::load::nothing_to_change",
        ),
        ("{rule: law/best}", "clearpost::yaml::missing_key"),
        (
            "{rule: law/best, severity: fatal}",
            "clearpost::yaml::unknown_value",
        ),
    ] {
        let own = format!("pack: own\nextends: law.yaml\nchanges: [{wrong}]\n");
        fs::write(place.path().join("own.yaml"), own).unwrap();
        let (_, _, codes, status) = place.check(&["d.md", "--pack", "own.yaml"]);
        assert_eq!((codes, status), (vec![code.to_owned()], 2), "{wrong}");
    }
}

#[test]
fn those_who_write_may_be_stricter_and_loosen_only_what_is_adjustable() {
    let place = Place::new(&[
        ("clearpost.yaml", "packs: [law.yaml]\n"),
        ("law.yaml", LAW),
        ("d.md", "The best, free.\n"),
        ("team/d.md", "The best, free.\n"),
        (
            "team/clearpost.yaml",
            "overrides:\n  - {rule: law/free, off: our posts are about prices}\n  - {rule: law/best, severity: warning}\n",
        ),
    ]);
    let (found, _, codes, _) = place.check(&["."]);
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(
        found,
        [
            "d.md law/best note",
            "d.md law/free warning",
            "team/d.md law/best warning"
        ]
    );
    let write = |text: &str| fs::write(place.path().join("team/clearpost.yaml"), text).unwrap();
    // Not theirs to switch off: told, and nothing is switched off.
    write("overrides:\n  - {rule: law/best, off: we are}\n");
    let (found, _, codes, status) = place.check(&["."]);
    assert_eq!(codes, ["clearpost::overrides::not_adjustable"]);
    assert_eq!((found.len(), status), (4, 2));
    write("overrides:\n  - {rule: law/bets, off: we are}\n");
    let (_, _, codes, _) = place.check(&["."]);
    assert_eq!(codes, ["clearpost::overrides::unknown_rule"]);
}

#[test]
fn names_are_approved_in_a_file_of_their_own_and_an_approval_that_ended_is_told() {
    let pack = "pack: own\npolicy: builtin:social-media\nrules:\n  - {id: client, clause: SMP-3.1, message: 'm.', terms: {register: clients}}\n";
    let place = Place::new(&[
        (
            "clearpost.yaml",
            "packs: [own.yaml]\nregisters: clients.yaml\napprovals: approvals.yaml\ntimezone: Europe/Rome\n",
        ),
        ("own.yaml", pack),
        (
            "clients.yaml",
            "register: clients\nentries: [Northwick Foods, Banca Orsini]\n",
        ),
        (
            "approvals.yaml",
            "approvals:\n  - {name: Banca Orsini, register: clients, until: 2026-12-31, by: legal@example.com}\n",
        ),
        ("d.md", "Banca Orsini and Northwick Foods.\n"),
    ]);
    let (found, ..) = place.check(&["d.md", "--now", "2026-12-31T22:59:59Z"]);
    assert_eq!(found.len(), 1);
    let (_, messages, ..) = place.check(&["d.md", "--now", "2026-12-31T23:00:00Z"]);
    assert_eq!(
        messages,
        [
            "m. An approval to name it ended on 2027-01-01 00:00 +01:00: ask for a new one.",
            "m."
        ]
    );
    fs::write(
        place.path().join("approvals.yaml"),
        "approvals:\n  - {name: Banca Orsino}\n",
    )
    .unwrap();
    let (_, _, codes, status) = place.check(&["d.md"]);
    assert_eq!(codes, ["clearpost::approvals::unknown_name"]);
    assert_eq!(status, 2);
}

#[test]
fn a_companys_own_word_for_approved_counts() {
    let pack = "pack: own\npolicy: builtin:social-media\nrules:\n  - {id: plan, clause: SMP-8.1, message: m, metadata: {key: status, one_of: [approved, aprobado]}}\n";
    let place = Place::new(&[
        (
            "clearpost.yaml",
            "packs: [own.yaml]\napproved_values: [signed off]\n",
        ),
        ("own.yaml", pack),
        ("a.md", "---\nstatus: Signed off\n---\nHi\n"),
        ("b.md", "---\nstatus: draft\n---\nHi\n"),
    ]);
    let (found, ..) = place.check(&["."]);
    assert_eq!(found, ["b.md own/plan error"]);
}
