//! What is told about packs, lists, registers and policies although nothing went unchecked: on standard
//! error only, and a run ends as it would without.

use std::fs;
use std::path::Path;

use crate::support::program::{clearpost, outcome};

const PACK: &str = r#"pack: own
policy: policy.md
rules:
  - id: client
    clause: SMP-3.1
    message: "{match}"
    languages: [en]
    terms: [Acme Corp, the, X, per, acme corp, '#a', C++, {term: it, as: exact}, {term: we, near: [client]}]
    terms_from: list.txt
  - id: anywhere
    clause: SMP-3.1
    message: "{match}"
    terms: [per]
  - id: in-company
    clause: SMP-3.1
    message: "{match}"
    all: [{terms: [the]}, {terms: [guaranteed]}]
  - id: registered
    clause: SMP-3.1
    message: "{match}"
    terms: {register: clients}
  - id: capitals
    clause: SMP-3.1
    message: "{match}"
    terms: {register: suppliers, as: name}
"#;

const POLICY: &str = "---\npolicy: posts\ntitle: Posts\nowner: Comms\nreview_by: 2026-10-01\n---\n## SMP-3.1 Clients\nAsk.\n";

const CLIENTS: &str = "register: clients\nentries:\n  - Orsini\n  - {name: Banca, aliases: [you]}\n  - {name: on, ambiguous: true, near: [bank]}\n  - Órsini\n";

/// What is told about these files without being asked for more.
const WARNINGS: [&str; 5] = [
    "own.yaml:8:24: warning[clearpost::terms::common_word] “the”",
    "own.yaml:8:29: warning[clearpost::terms::one_letter] “X”",
    "list.txt:2:1: warning[clearpost::terms::common_word] “And”",
    "own.yaml:13:13: warning[clearpost::terms::common_word] “per”",
    "registers/clients.yaml:4:29: warning[clearpost::terms::common_word] “you”",
];

struct Place(tempfile::TempDir);

impl Place {
    fn new(pack: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in [
            (".git/HEAD", ""),
            ("own.yaml", pack),
            ("list.txt", "Orsini\nAnd\nÓrsini # again\n"),
            ("policy.md", POLICY),
            ("registers/clients.yaml", CLIENTS),
            ("registers/suppliers.csv", "name\nit\nthe\n"),
            (
                "clearpost.yaml",
                "packs: [own.yaml]\nregisters: registers\n",
            ),
            ("good.md", "Hello Acme Corp.\n"),
            ("fine.md", "Hello.\n"),
        ] {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Status, standard output and standard error; `ci` is what the variable `CI` says.
    fn run(&self, args: &[&str], ci: Option<&str>) -> (i32, String, String) {
        let mut command = clearpost(self.path()).args(args);
        if let Some(ci) = ci {
            command = command.env("CI", ci);
        }
        outcome(command)
    }

    /// What a compact check of a clean draft says of the run, a line each.
    fn told(&self, more: &[&str], ci: Option<&str>) -> Vec<String> {
        let args = [
            "check",
            "fine.md",
            "--format",
            "compact",
            "--now",
            "2026-10-02",
        ];
        let (status, out, errors) = self.run(&[&args, more].concat(), ci);
        assert_eq!((status, out.as_str()), (0, ""), "{errors}");
        let told = errors.lines().filter(|line| line.contains("[clearpost::"));
        told.map(str::to_owned).collect()
    }
}

fn assert_starts(told: &[String], expected: &[&str]) {
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (line, start) in told.iter().zip(expected) {
        assert!(line.starts_with(start), "{line}\nis not\n{start}");
    }
}

#[test]
fn terms_that_every_post_has_are_told_where_they_stand() {
    assert_starts(&Place::new(PACK).told(&[], None), &WARNINGS);
}

#[test]
fn doubles_and_reviews_are_told_to_who_asks() {
    let place = Place::new(PACK);
    let told = place.told(&["-v"], None);
    let notes: Vec<String> = told
        .into_iter()
        .filter(|line| line.contains(" note["))
        .collect();
    assert_starts(
        &notes,
        &[
            "own.yaml:8:37: note[clearpost::terms::alike] “acme corp” is the same as “Acme Corp” to this rule; the first one: own.yaml:8:13 (",
            "list.txt:3:1: note[clearpost::terms::alike] “Órsini” is the same as “Orsini” to this rule; the first one: list.txt:1:1 (",
            "registers/clients.yaml:6:5: note[clearpost::terms::alike] “Órsini” is the same as “Orsini” to this rule; the first one: registers/clients.yaml:3:5 (",
            "policy.md:5:12: note[clearpost::policy::review_due] the policy “Posts” had to be reviewed by 2026-10-01 (",
        ],
    );
}

#[test]
fn an_overdue_review_is_told_on_every_run_in_ci_from_the_next_day_on() {
    let place = Place::new(&PACK.replace("list.txt", "policy.txt"));
    fs::write(place.path().join("policy.txt"), "Orsini\n").unwrap();
    let due = |args: &[&str], ci| {
        let told = place.told(args, ci);
        told.iter().any(|line| line.contains("review_due"))
    };
    assert!(due(&[], Some("true")));
    assert!(!due(&[], None) && !due(&[], Some("false")) && !due(&["-q"], Some("true")));
    let last = ["check", "fine.md", "--now", "2026-10-01T23:59:59Z"];
    let (_, _, errors) = place.run(&last, Some("true"));
    assert!(!errors.contains("review_due"), "{errors}");
    fs::write(
        place.path().join("policy.md"),
        POLICY.replace("2026-10-01", "soon"),
    )
    .unwrap();
    let told = place.told(&[], None).concat();
    assert!(
        told.contains("policy.md:5:12: warning[clearpost::policy::no_review_date] “soon”"),
        "{told}"
    );
}

#[test]
fn a_remark_changes_neither_the_status_nor_a_report_for_programs() {
    let place = Place::new(PACK);
    for (file, status) in [("fine.md", 0), ("good.md", 1)] {
        let args = ["check", file, "--format", "json", "--now", "2026-10-02"];
        let (plain, quiet, told) = place.run(&[&args[..], &["-q"]].concat(), None);
        assert_eq!((plain, told.as_str()), (status, ""));
        for more in [&[][..], &["-v"]] {
            let (same, out, told) = place.run(&[&args[..], more].concat(), Some("true"));
            assert_eq!((same, &out), (status, &quiet));
            assert!(
                told.contains("warning[clearpost::terms::common_word]"),
                "{told}"
            );
        }
        let report: serde_json::Value = serde_json::from_str(&quiet).unwrap();
        assert_eq!(report["complete"], true);
        assert_eq!(report["problems"], serde_json::json!([]));
    }
    let (status, _, told) = place.run(&["packs"], None);
    assert_eq!(status, 0);
    assert!(
        told.contains("one_letter") && !told.contains("alike"),
        "{told}"
    );
}

#[test]
fn places_are_shown_with_their_lines_close_ones_together() {
    let place = Place::new(PACK);
    let (_, _, told) = place.run(&["check", "fine.md", "-v", "--now", "2026-10-01"], None);
    let together = "   ·             ────┬────               ────┬────
   ·                 │                       ╰── the second one
   ·                 ╰── the first one
";
    assert!(
        told.contains("╭─[own.yaml:8:37]") && told.contains(together),
        "{told}"
    );
    let far = Place::new(
        "pack: own\npolicy: policy.md\nrules:\n  - {id: a, clause: SMP-3.1, message: m, terms: [Orsini], terms_from: list.txt}\n",
    );
    let (_, _, told) = far.run(&["check", "fine.md", "-v", "--now", "2026-10-01"], None);
    for part in [
        "╭─[list.txt:1:1]",
        "the second one",
        "╭─[own.yaml:4:",
        "the first one",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
