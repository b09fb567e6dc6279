//! The workshop: `clearpost pack …` and `clearpost policy …`, as those who keep the rules use them.

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use crate::support::program::{clearpost, outcome};

const POLICY: &str = "---\npolicy: posts\ntitle: Posts\nowner: Comms\nreview_by: 2027-10-01\nclauses:\n  P-1.2: {manual: true}\n---\n# Posts\n\n## P-1 Others\n\n### P-1.1 Clients\nDo not name them.\n\nInstead: say what they do.\n\n### P-1.2 Tone\nBe kind.\n\nInstead: read it aloud.\n\n### P-1.3 Links\nOnly ours.\n\nInstead: link our page.\n";

const PACK: &str = r#"pack: own
policy: policy.md
rules:
  - id: client
    clause: P-1.1
    message: "{match}"
    any:
      - { terms: [acme corp], except: [acme corp of perfection] }
      - all:
          - terms: [delta]
          - not: { terms: [river] }
    examples:
      violates: ["Proud of [[Acme Corp]]", "We like [[Delta]]"]
      allows: ["The delta river is long.", "An acme corp of perfection"]
"#;

const CASES: &str = r"# Whole drafts.
- name: the launch
  text: |
    # Launch

    We thank Acme *Corp*.
  expect:
    - {rule: client, match: Acme Corp}
- channel: linkedin
  text: Delta, of course
  expect: []    # to be seen

- text: Nothing
  format: txt
  expect: []
";

/// A folder with files, and what the program says in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// Runs the program with words between spaces: status, standard output, standard error.
    fn run(&self, words: &str) -> (i32, String, String) {
        self.run_with(words, &[])
    }

    /// As [`Self::run`], with these variables.
    fn run_with(&self, words: &str, variables: &[(String, String)]) -> (i32, String, String) {
        let command = clearpost(self.0.path())
            .env("CLEARPOST_NOW", "2026-11-23T09:00:00Z")
            .args(words.split_whitespace());
        outcome(
            variables
                .iter()
                .fold(command, |command, (name, value)| command.env(name, value)),
        )
    }

    fn git(&self, words: &[&str]) {
        let done = Process::new("git")
            .current_dir(self.0.path())
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(words)
            .output()
            .unwrap();
        assert!(done.status.success(), "{words:?} {done:?}");
    }
}

#[test]
fn a_new_pack_is_right_and_proves_itself() {
    for (flags, policy) in [
        ("", "policy: builtin:social-media"),
        (
            "--policy policy.md --clause P-1.3 --term Acme --term Beta*",
            "policy: ../policy.md",
        ),
        (
            "--policy policy.md --term {we,they}… --instead {x}",
            "policy: ../policy.md",
        ),
    ] {
        let place = Place::new(&[("policy.md", POLICY)]);
        if flags.contains('…') {
            let (status, _, errors) = place.run(&format!("pack new packs/launches {flags}"));
            assert_eq!(status, 2, "{flags}: {errors}");
            assert!(!place.0.path().join("packs").exists(), "{flags}");
            continue;
        }
        let (status, said, errors) = place.run(&format!("pack new packs/launches {flags}"));
        assert_eq!((status, errors.as_str()), (0, ""), "{flags}: {said}");
        let text = place.read("packs/launches.yaml");
        let schema = "# yaml-language-server: $schema=.clearpost/packs.schema.json\n";
        assert!(text.starts_with(schema), "{text}");
        assert!(
            place
                .read("packs/.clearpost/packs.schema.json")
                .contains("$schema")
        );
        assert!(text.contains(policy), "{text}");
        for command in ["pack validate --strict packs", "pack test packs"] {
            let (status, said, errors) = place.run(command);
            assert_eq!((status, errors.as_str()), (0, ""), "{command}: {said}");
        }
        let (status, _, errors) = place.run("pack new packs/launches.yaml");
        assert_eq!(status, 2);
        assert!(errors.contains("is there already"), "{errors}");
        assert_eq!(place.read("packs/launches.yaml"), text);
    }
    let place = Place::new(&[("policy.md", POLICY)]);
    for wrong in [
        "Launches",
        "a --clause P-9.9",
        "a --term ...",
        "a --term Acme --instead acme!",
    ] {
        let (status, _, _) = place.run(&format!("pack new {wrong} --policy policy.md"));
        assert_eq!(status, 2, "{wrong}");
        assert!(!place.0.path().join("a.yaml").exists(), "{wrong}");
    }
}

#[test]
fn weak_rules_are_told_at_their_places() {
    let pack = r#"pack: weak
policy: policy.md
rules:
  - id: short
    clause: P-1.1
    message: "{match}"
    terms: [UX, {term: PR, as: name}, Acme Corp, acme corp]
    examples: {violates: ["Our [[Acme Corp]]"], allows: ["Ours"]}
  - id: again
    clause: P-1.1
    message: "{match}"
    terms: [ACME CORP]
    examples: {violates: ["Our [[Acme Corp]]"]}
  - id: empty
    clause: P-1.1
    message: "{match}"
    pattern: 'x*'
  - id: anything
    clause: P-1.4
    message: "{match}"
    pattern: '\w+'
    examples: {violates: ["[[x]]"], allows: ["!"]}
"#;
    let policy = format!("{POLICY}\n### P-1.4 Rest\nNothing else.\n");
    let place = Place::new(&[("policy.md", &policy), ("weak.yaml", pack)]);
    let (status, said, errors) = place.run("pack validate weak.yaml");
    assert_eq!(status, 0, "{errors}");
    for code in [
        "weak::short_term",
        "terms::alike",
        "weak::overlap",
        "weak::same_example",
        "weak::no_allowed_example",
        "weak::no_example",
        "weak::matches_nothing",
        "weak::matches_everything",
        "weak::no_advice",
    ] {
        assert_eq!(errors.matches(code).count(), 1, "{code}\n{errors}");
    }
    assert_eq!(said, "1 pack, 4 rules: 0 mistakes, 7 warnings, 2 notes\n");
    assert_eq!(place.run("pack validate --strict weak.yaml").0, 1);
    place.write(
        "weak.yaml",
        &pack.replace("clause: P-1.4", "clause: P-7\n    color: red"),
    );
    let (status, said, errors) = place.run("pack validate weak.yaml");
    assert_eq!(status, 2);
    assert!(said.contains("2 mistakes"), "{said}{errors}");
    assert!(
        errors.contains("color") && errors.contains("P-7"),
        "{errors}"
    );
}

#[test]
fn cases_are_whole_drafts_and_can_be_updated() {
    let files = [
        ("policy.md", POLICY),
        ("own.yaml", PACK),
        ("own.cases.yaml", CASES),
    ];
    let place = Place::new(&files);
    for command in [
        "pack test own.yaml",
        "pack test .",
        "pack test own.yaml --redact",
    ] {
        let (status, said, errors) = place.run(command);
        assert_eq!((status, errors.as_str()), (1, ""), "{command}\n{said}");
        assert!(said.contains("own.cases.yaml:9\n  + own/client"), "{said}");
        assert!(
            said.ends_with("1 rule, 4 examples, 3 cases: 1 fails\n"),
            "{said}"
        );
        assert_eq!(
            said.contains("Delta"),
            !command.contains("redact"),
            "{said}"
        );
    }
    let (status, said, errors) = place.run("pack test own.yaml --update");
    assert_eq!(status, 0, "{said}{errors}");
    let updated = CASES.replace(
        "  expect: []    # to be seen\n",
        "  expect:\n    - {rule: own/client, match: \"Delta\"}\n",
    );
    assert_eq!(place.read("own.cases.yaml"), updated);
    assert_eq!(place.run("pack test own.yaml").0, 0);
    // What is wrong with a case is told, and nothing is taken for right.
    for (wrong, told) in [
        ("rule: client", "rule: clients"),
        ("  expect:\n    -", "  expct:\n    -"),
        ("channel: linkedin", "channel: linkdin"),
        ("format: txt", "format: docx"),
    ] {
        place.write("own.cases.yaml", &CASES.replace(wrong, told));
        for command in ["pack test own.yaml", "pack validate own.yaml"] {
            // Only trying a case shows that its draft cannot be read.
            let is_told = command == "pack test own.yaml" || !told.contains("docx");
            let (status, said, errors) = place.run(command);
            assert_eq!(status == 2, is_told, "{told} {command}\n{said}{errors}");
        }
    }
}

#[test]
fn what_examples_do_not_try_is_named() {
    let place = Place::new(&[("policy.md", POLICY), ("own.yaml", PACK)]);
    let (status, said, _) = place.run("pack test own.yaml --coverage --mutate");
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("5 conditions: 0 in no example"), "{said}");
    assert!(
        said.contains(" unnoticed") && said.contains(": 0 unnoticed"),
        "{said}"
    );
    for (example, coverage, mutation) in [
        (
            "\"The delta river is long.\", ",
            "no example has: terms: river",
            "no example notices: left out: not terms: river",
        ),
        (
            ", \"We like [[Delta]]\"",
            "no example has: all, in one paragraph",
            "no example notices: left out: all, in one paragraph",
        ),
        (
            ", \"An acme corp of perfection\"",
            ": 0 in no example",
            "no example notices: without `except`: terms: acme corp",
        ),
    ] {
        place.write("own.yaml", &PACK.replace(example, ""));
        let (status, said, _) = place.run("pack test own.yaml --coverage");
        assert_eq!(status, 0, "{said}");
        assert!(said.contains(coverage), "{coverage}\n{said}");
        let (status, said, _) = place.run("pack test own.yaml --mutate");
        assert_eq!(status, 1, "{said}");
        assert!(said.contains(mutation), "{mutation}\n{said}");
    }
    // A case can be what notices.
    place.write("own.yaml", &PACK.replace(", \"We like [[Delta]]\"", ""));
    let case = "- text: Delta\n  expect: [{rule: client, match: Delta}]\n";
    place.write("own.cases.yaml", case);
    let (status, said, _) = place.run("pack test own.yaml --mutate");
    assert_eq!(status, 0, "{said}");
}

#[test]
fn the_words_of_a_secret_rule_stay_in_its_pack() {
    let pack = PACK.replace("    message:", "    secret: true\n    message:");
    let broken = pack.replace("We like [[Delta]]", "We [[like]] Delta");
    let cases = CASES.replace("match: Acme Corp", "match: Acme");
    let place = Place::new(&[
        ("policy.md", POLICY),
        ("own.yaml", &broken),
        ("own.cases.yaml", &cases),
        ("drafts/a.md", "We love Acme Corp.\n"),
    ]);
    for command in [
        "pack test own.yaml --coverage --mutate",
        "pack try own/client drafts --pack own.yaml",
        "pack diff builtin:crisis own.yaml drafts",
    ] {
        let (_, said, errors) = place.run(command);
        let all = format!("{said}{errors}");
        assert!(all.contains("own/client"), "{command}\n{all}");
        for word in ["Acme", "Delta", "Corp"] {
            assert!(!all.contains(word), "{command}: {word}\n{all}");
        }
    }
}

#[test]
fn clauses_without_rules_and_those_for_people_are_told() {
    let place = Place::new(&[
        ("clearpost.yaml", "packs: [own.yaml]\npolicy: policy.md\n"),
        ("policy.md", POLICY),
        ("own.yaml", PACK),
        ("a.md", "Fine.\n"),
    ]);
    let (status, said, errors) = place.run("pack coverage");
    assert_eq!((status, errors.as_str()), (0, ""), "{said}");
    assert_eq!(
        said,
        "Posts\n  P-1.1      Clients  own/client\n  P-1.2      Tone     only a person can judge\n  P-1.3      Links    NO RULE\n3 clauses: 1 with rules, 1 for a person, 1 without a rule\n\n"
    );
    let (_, said, _) = place.run("pack coverage own.yaml builtin:crisis");
    assert!(said.contains("Rules without a clause of “Posts”"), "{said}");
    let (status, said, _) = place.run("check --checklist a.md");
    assert_eq!(status, 0);
    assert!(
        said.contains("  [ ] P-1.2 Tone\n      Be kind.\n"),
        "{said}"
    );
    assert!(!said.contains("[ ] P-1.1"), "{said}");
    // What a program reads stays what it was.
    let (_, said, errors) = place.run("check --checklist --format json a.md");
    assert!(
        serde_json::from_str::<serde_json::Value>(&said).is_ok(),
        "{said}"
    );
    assert!(errors.contains("[ ] P-1.2 Tone"), "{errors}");
    let (status, said, _) = place.run("pack stats");
    assert_eq!(status, 0);
    assert!(said.contains("1 rule on 1 clause (1 error)"), "{said}");
}

#[test]
fn a_changed_pack_is_held_against_what_it_was() {
    let place = Place::new(&[
        ("policy.md", POLICY),
        ("packs/own.yaml", &PACK.replace("policy.md", "../policy.md")),
        ("drafts/a.md", "Acme Corp and delta.\n"),
        ("drafts/b.md", "ACME CORP, and Gamma.\n\nGamma!\n"),
    ]);
    place.git(&["init", "-q"]);
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    let (status, said, errors) = place.run("pack try client drafts --pack packs");
    assert_eq!((status, errors.as_str()), (0, ""), "{said}");
    assert!(said.starts_with("3 findings in 2 of 2 drafts\n"), "{said}");
    assert!(said.contains("   2 × “Acme Corp”  drafts/a.md:1"), "{said}");
    let (status, _, errors) = place.run("pack try clent drafts --pack packs");
    assert_eq!(status, 2);
    assert!(errors.contains("no rule in force"), "{errors}");
    let changed = PACK
        .replace("policy.md", "../policy.md")
        .replace("acme corp]", "gamma]");
    place.write("packs/own.yaml", &changed);
    place.write("old.yaml", PACK);
    for old in ["HEAD", "HEAD:packs", "HEAD:packs/own.yaml", "old.yaml"] {
        let (status, said, errors) = place.run(&format!("pack diff {old} packs drafts"));
        assert_eq!((status, errors.as_str()), (0, ""), "{old}: {said}");
        assert!(
            said.starts_with("2 drafts: 3 findings before, 3 now\nnewly flagged: 2\n"),
            "{old}: {said}"
        );
        assert!(said.contains("no longer flagged: 2\n"), "{old}: {said}");
    }
    for wrong in ["nothing", "--output=x", "HEAD:gone.yaml", "HEAD~7"] {
        let (status, _, errors) = place.run(&format!("pack diff -- {wrong} packs drafts"));
        assert_eq!(status, 2, "{wrong}: {errors}");
    }
}

#[test]
fn a_policy_is_checked_outlined_and_compared() {
    let place = Place::new(&[("policy.md", POLICY), ("own.yaml", PACK)]);
    let (status, said, errors) = place.run("policy check");
    assert_eq!((status, errors.as_str()), (0, ""), "{said}");
    let (status, said, _) = place.run("policy outline");
    assert_eq!(status, 0);
    assert_eq!(
        said,
        "Posts\n  Posts\n    P-1 Others\n      P-1.1 Clients\n      P-1.2 Tone  (only a person can judge)\n      P-1.3 Links\n"
    );
    let changed = POLICY.replace("Do not name them.", "Name nobody.") + "\n### P-1.4 More\nMore.\n";
    place.write("new.md", &changed);
    let (status, said, errors) = place.run("policy diff policy.md new.md --pack own.yaml");
    assert_eq!((status, errors.as_str()), (0, ""), "{said}");
    assert_eq!(
        said,
        "changed  P-1.1 Clients (en: text)\nadded    P-1.4 More\n1 changed, 1 added, 0 removed\n\n1 rule cites a clause whose text changed or that is gone; review:\n  P-1.1      own/client (own.yaml:4)\n"
    );
    let cases: [(&str, &str, i32, &str); 7] = [
        ("P-1.3 Links", "P-1.1 Links", 2, "duplicate_clause"),
        ("P-1.3 Links", "p-1.3 Links", 2, "malformed_heading"),
        ("Only ours.", "Only [ours](ours.md).", 2, "dead_link"),
        ("Only ours.", "Only [ours](policy.md#p-1).", 0, ""),
        ("\n\nInstead: link our page.", "", 1, "no_advice"),
        ("review_by: 2027-10-01\n", "", 1, "no_review"),
        ("2027-10-01", "2026-10-01", 1, "review_due"),
    ];
    for (from, to, expected, code) in cases {
        place.write("policy.md", &POLICY.replace(from, to));
        let (status, said, errors) = place.run("policy check --strict");
        assert_eq!(status, expected, "{to}: {said}{errors}");
        assert!(errors.contains(code), "{code}: {errors}");
    }
    place.write("policy.md", POLICY);
    let italian = "---\nlanguage: it\nadvice_label: \"Invece:\"\n---\n# Post\n\n### P-1.1 Clienti\nNo.\n\nInvece: di' cosa fanno.\n";
    place.write("policy.it.md", italian);
    let (status, _, errors) = place.run("policy check");
    assert_eq!(status, 2);
    assert_eq!(errors.matches("untranslated").count(), 2, "{errors}");
}

/// Runs the commands of a page from its top to its bottom in one folder, and compares what they say.
/// A block of YAML or Markdown whose first line names a file in a comment is written as that file.
#[test]
fn the_newcomers_page_works_from_top_to_bottom() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-rules.md");
    let page = fs::read_to_string(page).unwrap();
    let place = Place::new(&[]);
    let mut commands = 0;
    let mut variables = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "yaml" | "markdown" | "text" => {
                let (head, text) = text.split_once('\n').unwrap_or_default();
                let name = head.trim_matches(|c: char| !c.is_alphanumeric());
                if name.contains('.') && !name.contains(' ') {
                    place.write(name, &format!("{text}\n"));
                }
            }
            "console" => {
                for entry in format!("\n{text}").split("\n$ ").skip(1) {
                    let (command, expected) = entry.split_once('\n').unwrap_or((entry, ""));
                    if let Some(variable) = command.strip_prefix("export ") {
                        let (name, value) = variable.split_once('=').unwrap();
                        variables.push((name.to_owned(), value.to_owned()));
                        continue;
                    }
                    let command = command.strip_prefix("clearpost ").unwrap();
                    let (wanted, expected) = match expected.strip_prefix("? ") {
                        Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
                        None => ("0", expected),
                    };
                    let (status, said, errors) = place.run_with(command, &variables);
                    let is_right = status.to_string() == wanted && said.trim() == expected.trim();
                    assert!(is_right, "{command}: {status}\n{said}\n{errors}");
                    commands += 1;
                }
            }
            _ => {}
        }
    }
    assert!(commands >= 18, "{commands}");
}
