//! Waivers on the real binary: what they let through, what is told about them, and that none ever
//! hides what it is not for.

#![allow(
    clippy::too_many_lines,
    clippy::print_stderr,
    reason = "a test says what went wrong and stops; a table is as long as its cases"
)]

use crate::support;
use std::fs;
use std::path::Path;

use crate::support::program::{clearpost, outcome};
use proptest::prelude::*;
use serde_json::Value;
use snapbox::str;

const PACK: &str = "pack: own
policy: builtin:social-media
rules:
  - {id: client, clause: SMP-3.1, message: \"“{match}” is a client\", terms: [Acme Corp]}
  - {id: boast, clause: SMP-6.1, message: \"“{match}” boasts\", terms: [the best]}
  - {id: secret, clause: SMP-2.6, message: \"“{match}” is secret\", terms: [hunter2], waivable: false}
  - id: legal
    clause: SMP-2.7
    message: \"“{match}” is before the courts\"
    terms: [lawsuit]
    waivable: {by: [legal@example.com]}
  - {id: post, clause: SMP-9.4, message: \"{match}\", terms: [darn], when: {channels: [x]}}
";

/// A folder with a pack and a configuration of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path().join(".git")).unwrap();
        place.write("own.yaml", PACK).write(
            "clearpost.yaml",
            "packs: [own.yaml]\ntimezone: Europe/Rome\n",
        )
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(self, name: &str, text: &str) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let command = clearpost(self.path())
            .env("CLEARPOST_NOW", "2026-11-23T09:00:00Z")
            .args(args)
            .stdin("");
        outcome(command)
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let (status, out, errors) = self.run(args);
        let report = serde_json::from_str(&out);
        (status, report.unwrap_or_else(|_| panic!("{out}{errors}")))
    }
}

/// Each finding as `rule@line: match`, or `rule@line~: match` if it was let through.
fn findings(report: &Value) -> Vec<String> {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            format!(
                "{}@{}{}: {}",
                finding["rule"].as_str().unwrap(),
                finding["line"],
                if finding["waived"].is_null() { "" } else { "~" },
                finding["match"].as_str().unwrap()
            )
        })
        .collect()
}

fn check(text: &str) -> (i32, Value) {
    let place = Place::new().write("d.md", text);
    place.json(&["check", "--format", "json", "d.md"])
}

/// Approver and end, so that a case says only what it is about.
const FULL: &str = "; by Elena Conti; until 2027-01-31";

#[test]
fn a_waiver_lets_through_what_it_is_for_and_nothing_else() {
    let cases: [(&str, &[&str], u64); 14] = [
        (
            "Acme Corp, the best <!-- clearpost-waive own/client: signedF -->\nAcme Corp",
            &["own/boast@1: the best", "own/client@2: Acme Corp"],
            1,
        ),
        (
            "Acme Corp, the best <!-- clearpost-waive own/client, SMP-6.1: signedF -->",
            &[],
            2,
        ),
        (
            "<!-- clearpost-waive SMP-3: signedF -->\n\nAcme Corp\nAcme Corp\n\nAcme Corp",
            &["own/client@6: Acme Corp"],
            2,
        ),
        (
            "- Acme Corp <!-- clearpost-waive SMP-3.1: signedF -->\n- Acme Corp\n",
            &["own/client@2: Acme Corp"],
            1,
        ),
        (
            "> <!-- clearpost-waive SMP-3.1: signedF -->\r\n> Acme\r\n> Corp\r\n\r\nAcme Corp",
            &["own/client@5: Acme Corp"],
            1,
        ),
        (
            "Acme Corp\n\n<!-- clearpost-waive-file own/client: signedF -->\n\nAcme Corp the best",
            &["own/boast@5: the best"],
            2,
        ),
        (
            "---\ntitle: Acme Corp\nclearpost: {waive: [{rule: own/client, reason: signed, approved_by: Elena Conti, until: 2027-01-31}]}\n---\nAcme Corp",
            &[],
            2,
        ),
        (
            "---\nwaiver:\n  clause: SMP-6.1\n  reason: proof\n  approved_by: Elena Conti\n  until: 2027-01-31\n---\nAcme Corp is the best",
            &["own/client@8: Acme Corp"],
            1,
        ),
        (
            "<div>\n<!-- clearpost-waive SMP-3: signedF -->\n<p>Acme Corp</p>\n<p>Acme Corp</p></div>",
            &["own/client@4: Acme Corp"],
            1,
        ),
        // The whole last day is inside, in the configured zone.
        (
            "Acme Corp <!-- clearpost-waive SMP-3: signed; by E; until 2026-11-23 -->",
            &[],
            1,
        ),
        (
            "lawsuit <!-- clearpost-waive own/legal: public; by Legal <legal@example.com>; until 2027-01-31 -->",
            &[],
            1,
        ),
        // A comment that is no waiver, and words about waivers.
        (
            "Acme Corp <!-- clearpost: waive own/client -->",
            &["own/client@1: Acme Corp"],
            0,
        ),
        (
            "Acme Corp `<!-- clearpost-waive own/client: why -->`",
            &["own/client@1: Acme Corp"],
            0,
        ),
        // The waiver's own words are no text of the draft.
        (
            "Ok <!-- clearpost-waive own/client: Acme Corp; by the best; until 2027-01-31 -->",
            &[
                "clearpost/unused-waiver@1: clearpost-waive own/client: Acme Corp; by the best; until 2027-01-31",
            ],
            0,
        ),
    ];
    for (text, expected, waived) in cases {
        let text = text.replace("signedF", &format!("signed{FULL}"));
        let (status, report) = check(&text);
        assert_eq!(findings(&report), expected, "{text}");
        assert_eq!(report["summary"]["waived"], waived, "{text}");
        let errors = report["summary"]["errors"].as_u64().unwrap();
        assert_eq!(status, i32::from(errors > 0), "{text}");
    }
}

#[test]
fn a_faulty_waiver_lets_nothing_through_and_is_one_finding_at_the_fault() {
    // The words at fault, what is said.
    let cases = [
        (
            "own/clent: signedF",
            "own/clent",
            "there is no rule or clause `own/clent`; did you mean `own/client`?",
        ),
        (
            "client: signedF",
            "client",
            "there is no rule or clause `client`; did you mean `own/client`?",
        ),
        (
            "SMP-3.9: signedF",
            "SMP-3.9",
            "there is no rule or clause `SMP-3.9`; did you mean `SMP-3.5`?",
        ),
        (
            "*: signedF",
            "*",
            "a waiver with `*` would let everything through: name the rules or clauses",
        ),
        (
            "own/client, *: signedF",
            "*",
            "a waiver with `*` would let everything through: name the rules or clauses",
        ),
        (
            "own/client: ; by E; until 2027-01-31",
            "",
            "this waiver gives no reason",
        ),
        (
            "own/client; by E; until 2027-01-31",
            "",
            "this waiver gives no reason",
        ),
        (": signedF", "", "this waiver names no rule or clause"),
        (
            "own/client: signed; until 2027-01-31",
            "",
            "this waiver does not say who approved it",
        ),
        (
            "own/client: signed; by; until 2027-01-31",
            "by",
            "this waiver does not say who approved it",
        ),
        (
            "own/client: signed; by E",
            "",
            "this waiver does not say until when it holds",
        ),
        (
            "own/client: signed; by E; until 31/01/2027",
            "until 31/01/2027",
            "“31/01/2027” is no date: write 2027-01-31",
        ),
        (
            "own/client: signed; by E; until 2026-11-22",
            "until 2026-11-22",
            "this waiver is over: it held until 2026-11-22",
        ),
        (
            "own/client: signed; by E; until 2026-11-23T10:00",
            "until 2026-11-23T10:00",
            "this waiver is over: it held until 2026-11-23T10:00",
        ),
        (
            "own/client: signed; untill 2027-01-31",
            "untill 2027-01-31",
            "“untill 2027-01-31” is neither `by NAME` nor `until DATE`",
        ),
        (
            "own/secret: signedF",
            "own/secret",
            "`own/secret` cannot be waived",
        ),
        ("SMP-2: signedF", "SMP-2", "`own/secret` cannot be waived"),
        (
            "own/legal: signedF",
            "by Elena Conti",
            "`own/legal` can be waived by legal@example.com only",
        ),
    ];
    for (inner, words, message) in cases {
        let inner = inner.replace("signedF", &format!("signed{FULL}"));
        let whole = format!("clearpost-waive {inner}");
        let (status, report) = check(&format!("Acme Corp <!-- {whole} -->"));
        let words = if words.is_empty() { &whole } else { words };
        let expected = [
            "own/client@1: Acme Corp".to_owned(),
            format!("clearpost/waiver@1: {}", words.trim()),
        ];
        assert_eq!(findings(&report), expected, "{inner}");
        let told = &report["findings"][1];
        assert_eq!(told["message"], message, "{inner}");
        assert_eq!(told["clause"]["id"], "SMP-11.2");
        assert_eq!(told["severity"], "error");
        assert_eq!((status, &report["complete"]), (1, &Value::Bool(true)));
    }
}

#[test]
fn a_faulty_key_of_front_matter_is_told_with_its_value() {
    let cases = [
        (
            "clause: SMP-3.1\n  reason: \"\"\n  approved_by: E\n  until: 2027-01-31",
            "reason: \"\"",
        ),
        (
            "clause: SMP-3.1\n  reason: r\n  approved_by:\n  until: 2027-01-31",
            "approved_by:",
        ),
        (
            "clause: SMP-3.1\n  reason: r\n  until: 2027-01-31\n  approved_by:",
            "approved_by:",
        ),
        (
            "clause: \"*\"\n  reason: r\n  approved_by: E\n  until: 2027-01-31",
            "clause: \"*\"",
        ),
        (
            "clause: SMP-3.1\n  reason: r\n  approved_by: E\n  until: 2026-10-31",
            "until: 2026-10-31",
        ),
        (
            "clause: SMP-3.1\n  reason: r\n  approved_by: E",
            "clause: SMP-3.1",
        ),
        (
            "clause: SMP-3.1\n  raeson: r\n  approved_by: E\n  until: 2027-01-31",
            "raeson",
        ),
        (
            "reason: r\n  approved_by: E\n  until: 2027-01-31",
            "reason: r",
        ),
        (
            "rule: own/client\n  clause: SMP-3.1\n  reason: r",
            "clause: SMP-3.1",
        ),
        ("a waiver of words", "a waiver of words"),
    ];
    for (map, words) in cases {
        let (_, report) = check(&format!("---\nwaiver:\n  {map}\n---\nAcme Corp"));
        let found = findings(&report);
        assert_eq!(found.len(), 2, "{map}: {found:?}");
        assert!(
            found[0].starts_with("clearpost/waiver@") && found[0].ends_with(&format!(": {words}")),
            "{map}: {found:?}"
        );
        assert!(found[1].starts_with("own/client@"), "{map}: {found:?}");
        assert!(report["problems"].as_array().unwrap().is_empty(), "{map}");
    }
    let (_, report) = check("---\nclearpost: {waved: []}\n---\nOk");
    assert_eq!(findings(&report), ["clearpost/waiver@2: waved"]);
}

#[test]
fn pages_tables_and_fields_carry_waivers_in_their_own_way() {
    let row = |text: &str, waiver: &str| format!("blog,{text},\"{waiver}\"\n");
    let cases: [(&str, &str, String, &[&str]); 5] = [
        (
            "d.html",
            "html",
            format!("<p>Acme Corp</p>\n<!-- clearpost-waive SMP-3.1: signed{FULL} -->\n<p>Acme <b>Corp</b></p>\n<p>Acme Corp <!-- clearpost-waive own/client: signed{FULL} --></p>"),
            &["own/client@1: Acme Corp", "own/client@3~: Acme Corp", "own/client@4~: Acme Corp"],
        ),
        (
            "d.csv",
            "csv",
            format!(
                "channel,text,clearpost_waive\n{}{}{}",
                row("Acme Corp", &format!("clearpost-waive own/client: the \"\"yes\"\" of May{FULL}")),
                row("Acme Corp", ""),
                row("Acme Corp", &format!("SMP-3.1: ;{}", &FULL[1..])),
            ),
            &[
                "own/client@2~: Acme Corp",
                "own/client@3: Acme Corp",
                "own/client@4: Acme Corp",
                "clearpost/waiver@4: SMP-3.1: ; by Elena Conti; until 2027-01-31",
            ],
        ),
        (
            "d.json",
            "json",
            "[{\"text\": \"Acme Corp\", \"waiver\": {\"rule\": \"own/client\", \"reason\": \"r\", \"approved_by\": \"E\", \"until\": \"2027-01-31\"}},\n {\"text\": \"Acme Corp\", \"waiver\": {\"rule\": \"own/client\"}}]".to_owned(),
            &[
                "own/client@1~: Acme Corp",
                "own/client@2: Acme Corp",
                "clearpost/waiver@2: \"rule\": \"own/client\"",
            ],
        ),
        // An earlier run's findings are no waivers.
        (
            "d.jsonl",
            "jsonl",
            "{\"text\": \"Acme Corp\", \"clearpost\": [{\"rule\": \"own/client\"}]}\n".to_owned(),
            &["own/client@1: Acme Corp"],
        ),
        // Markdown in a field: the reach is mapped back through the escapes.
        (
            "d.json",
            "json",
            format!("{{\"text\": \"Acme Corp\\n\\n<!-- clearpost-waive own/client: signed{FULL} -->\\n\\nAcme\\u0020Corp\\n\\nAcme Corp\"}}"),
            &["own/client@1: Acme Corp", "own/client@1~: Acme Corp", "own/client@1: Acme Corp"],
        ),
    ];
    for (name, format, text, expected) in cases {
        let place = Place::new().write(name, &text);
        let (_, report) = place.json(&[
            "check",
            "--format",
            "json",
            "--show-waived",
            "--input-format",
            format,
            "--text-format",
            "markdown",
            name,
        ]);
        assert_eq!(findings(&report), expected, "{text}");
        assert_eq!(report["complete"], true, "{report:#}");
    }
}

#[test]
fn only_a_waiver_that_could_be_used_is_told_as_unused() {
    let waiver = |name: &str| format!("Ok <!-- clearpost-waive {name}: why{FULL} -->");
    for (name, expected) in [
        ("own/client", 1),
        ("SMP-3.1", 1),
        // No rule in force checks it, or none that is in force here.
        ("SMP-1.2", 0),
        ("confidentiality/markings", 0),
        // Nobody says where this goes, so the rule could not look.
        ("own/post", 0),
    ] {
        let (status, report) = check(&waiver(name));
        let found = findings(&report);
        let unknown = found
            .iter()
            .any(|told| told.starts_with("clearpost/waiver"));
        assert!(
            unknown == (name == "confidentiality/markings") || found.len() == expected,
            "{name}: {found:?}"
        );
        if expected == 1 {
            assert_eq!(
                (status, &report["summary"]["warnings"]),
                (0, &Value::from(1))
            );
        }
    }
    // What a run leaves out is no reason to call a waiver unused, and is left out itself.
    let place = Place::new().write("d.md", &waiver("own/client"));
    for args in [
        ["--clause", "SMP-6"],
        ["--exclude", "SMP-11.2"],
        ["--only-rule", "boast"],
    ] {
        let (status, report) =
            place.json(&[&["check", "--format", "json", "d.md"], &args[..]].concat());
        assert_eq!((status, findings(&report)), (0, Vec::new()), "{args:?}");
    }
}

#[test]
fn a_policy_without_the_clause_asks_for_a_reason_only() {
    let place = Place::new()
        .write("policy.md", "---\npolicy: ours\ntitle: Ours\nlanguage: en\n---\n## 4 Others\n### 4.2 Clients\nNone.\n")
        .write("own.yaml", "pack: own\nrules:\n  - {id: client, clause: \"4.2\", message: no, terms: [Acme Corp]}\n")
        .write("clearpost.yaml", "packs: [own.yaml]\npolicy: policy.md\n")
        .write("a.md", "Acme Corp <!-- clearpost-waive 4.2: signed -->")
        .write("b.md", "Acme Corp <!-- clearpost-waive 4.2 -->");
    let (status, report) = place.json(&["check", "--format", "json", "."]);
    assert_eq!(status, 1);
    assert_eq!(
        findings(&report)[1],
        "clearpost/waiver@1: clearpost-waive 4.2"
    );
    let clause = &report["findings"][1]["clause"];
    assert_eq!(
        (&clause["id"], &clause["policy"]),
        (&Value::from("SMP-11.2"), &Value::from("social-media"))
    );
    assert_eq!(report["summary"]["waived"], 1);

    let mapped = place
        .write("policy.md", "---\npolicy: ours\ntitle: Ours\nlanguage: en\n---\n### 4.2 Clients\nNone.\n\n### 9.1 Exceptions\nIn full.\n")
        .write("clearpost.yaml", "packs: [own.yaml]\npolicy: policy.md\nclauses: {SMP-11.2: \"9.1\"}\n");
    let (_, report) = mapped.json(&["check", "--format", "json", "a.md"]);
    let told = &report["findings"][1];
    assert_eq!(told["message"], "this waiver does not say who approved it");
    assert_eq!(
        (&told["clause"]["id"], &told["clause"]["policy"]),
        (&Value::from("9.1"), &Value::from("ours"))
    );
}

#[test]
fn a_list_of_waivers_is_for_the_paths_it_names() {
    let list = "- path: posts/**/*.txt\n  rule: own/client\n  reason: signed\n  approved_by: E\n  until: 2027-01-31\n- path: posts/b.txt\n  clause: SMP-6.1\n  reason: proof\n  approved_by: E\n  until: 2027-01-31\n";
    let place = Place::new()
        .write("waivers.yaml", list)
        .write("posts/a.txt", "Acme Corp, the best")
        .write("posts/b.txt", "Acme Corp")
        .write("c.txt", "Acme Corp");
    let (status, report) = place.json(&["check", "--format", "json", "--show-waived", "."]);
    assert_eq!(status, 1);
    assert_eq!(
        findings(&report),
        [
            "own/client@1: Acme Corp",
            "own/client@1~: Acme Corp",
            "own/boast@1: the best",
            "own/client@1~: Acme Corp",
            "clearpost/unused-waiver@7: clause: SMP-6.1",
        ]
    );
    assert_eq!(report["findings"][4]["path"], "waivers.yaml");
    assert_eq!(
        report["findings"][1]["waived"],
        serde_json::json!({"reason": "signed", "by": "E", "until": "2027-01-31", "line": 2})
    );
    // A run that does not meet a draft says nothing about its waiver.
    let (_, report) = place.json(&["check", "--format", "json", "posts/a.txt"]);
    assert_eq!(findings(&report), ["own/boast@1: the best"]);

    let faulty = place.write("waivers.yaml", "- path: 'posts/[a.txt'\n  rule: own/client\n  reason: r\n- rule: own/client\n  reason: r\n  approved_by: E\n  until: soon\n- path: posts/a.txt\n  rule: own/cleint\n  reason: r\n");
    let (status, report) = faulty.json(&["check", "--format", "json", "posts/a.txt"]);
    assert_eq!(status, 1);
    assert_eq!(
        findings(&report),
        [
            "own/client@1: Acme Corp",
            "own/boast@1: the best",
            "clearpost/waiver@1: path: 'posts/[a.txt'",
            "clearpost/waiver@4: rule: own/client",
            "clearpost/waiver@9: rule: own/cleint",
        ]
    );
    let broken = faulty.write("waivers.yaml", "- path: [a\n");
    let (status, report) = broken.json(&["check", "--format", "json", "posts/b.txt"]);
    assert_eq!(
        (status, report["problems"].as_array().unwrap().len()),
        (2, 1)
    );
    assert_eq!(
        (
            &report["problems"][0]["path"],
            &report["problems"][0]["line"]
        ),
        (&Value::from("waivers.yaml"), &Value::from(1))
    );
    let no_list = broken.write("waivers.yaml", "just words\n");
    let (status, report) = no_list.json(&["check", "--format", "json", "posts/b.txt"]);
    assert_eq!(
        (status, report["problems"].as_array().unwrap().len()),
        (2, 1)
    );
}

#[test]
fn what_was_let_through_is_shown_on_request_only() {
    let text =
        format!("We help Acme Corp. <!-- clearpost-waive own/client: release of 3 May{FULL} -->\n");
    let place = Place::new().write("d.md", &text);
    let (status, out, _) = place.run(&["check", "--channel", "blog", "d.md"]);
    assert_eq!(
        (status, out.as_str()),
        (0, "1 draft: nothing to change, 1 waived\n")
    );
    let (_, report) = place.json(&["check", "--channel", "blog", "--format", "json", "d.md"]);
    assert_eq!(
        (findings(&report), &report["summary"]["waived"]),
        (Vec::new(), &Value::from(1))
    );
    let (status, report) = place.json(&[
        "check",
        "--channel",
        "blog",
        "--format",
        "json",
        "--show-waived",
        "d.md",
    ]);
    assert_eq!(findings(&report), ["own/client@1~: Acme Corp"]);
    assert_eq!((status, &report["summary"]["errors"]), (0, &Value::from(0)));
    let (status, out, _) = place.run(&["check", "--channel", "blog", "--show-waived", "d.md"]);
    assert_eq!(status, 0);
    snapbox::assert_data_eq!(
        out,
        str![[r"
Let through by a waiver:
  d.md:1:9 own/client (SMP-3.1): “Acme Corp” is a client
    release of 3 May, approved by Elena Conti, until 2027-01-31 (d.md:1:25)

1 draft: nothing to change, 1 waived

"]]
    );
    let (_, out, _) = place.run(&[
        "check",
        "--channel",
        "blog",
        "--show-waived",
        "--messages",
        "it",
        "--format",
        "compact",
        "d.md",
    ]);
    assert_eq!(
        out,
        "d.md:1:9: waived[own/client] “Acme Corp” is a client (SMP-3.1)\n"
    );
    let (_, out, _) = place.run(&["check", "--channel", "blog", "--messages", "it", "d.md"]);
    assert_eq!(out, "1 bozza: niente da cambiare, 1 in deroga\n");
}

#[test]
fn waivers_are_listed_with_what_has_become_of_them() {
    let line = |text: &str, rule: &str, until: &str| {
        format!("{text} <!-- clearpost-waive {rule}: why; by E; until {until} -->\n\n")
    };
    let text = [
        line("Acme Corp", "own/client", "2027-01-31"),
        line("Acme Corp", "own/client", "2026-12-10"),
        line("Acme Corp", "own/client", "2026-10-31"),
        line("Acme Corp", "own/cleint", "2027-01-31"),
        line("Ok", "own/boast, SMP-3", "2027-01-31"),
    ]
    .concat();
    let place = Place::new()
        .write("posts/d.md", &text)
        .write("waivers.yaml", "- path: '*.txt'\n  rule: own/client\n  reason: signed\n  approved_by: E\n  until: 2027-01-31\n");
    let (status, out, errors) = place.run(&["waivers"]);
    assert_eq!((status, errors.as_str()), (1, ""));
    snapbox::assert_data_eq!(
        out,
        str![[r"
posts/d.md:1:16: live: own/client
  why, approved by E, until 2027-01-31
posts/d.md:3:16: ends soon: own/client
  why, approved by E, until 2026-12-10
posts/d.md:5:16: over: own/client
  this waiver is over: it held until 2026-10-31
  why, approved by E, until 2026-10-31
posts/d.md:7:16: faulty: own/cleint
  there is no rule or clause `own/cleint`; did you mean `own/client`?
  why, approved by E, until 2027-01-31
posts/d.md:9:9: lets nothing through: own/boast, SMP-3
  why, approved by E, until 2027-01-31
waivers.yaml:2:3: lets nothing through: own/client
  signed, approved by E, until 2027-01-31

"]]
    );
    let (_, report) = place.json(&["waivers", "--format", "json", "--within", "5", "posts"]);
    let found: Vec<&str> = report["waivers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        found,
        ["live", "live", "expired", "faulty", "unused", "unused"]
    );
    assert_eq!(
        report["summary"],
        serde_json::json!({"live": 2, "expiring": 0, "expired": 1, "faulty": 1, "unused": 2})
    );
    assert_eq!(
        report["waivers"][4]["rules"],
        serde_json::json!(["own/boast", "SMP-3"])
    );

    let clean = Place::new().write("d.md", &line("Acme Corp", "own/client", "2027-01-31"));
    assert_eq!(clean.run(&["waivers", "d.md"]).0, 0);
    let (status, _, errors) = clean.run(&["waivers", "d.md", "gone.md"]);
    assert!(status == 2 && errors.contains("gone.md"), "{errors}");
    assert_eq!(clean.run(&["waivers", "--format", "xml", "d.md"]).0, 2);
    let none = Place::new().write("d.md", "Ok");
    assert_eq!(
        none.run(&["waivers", "--messages", "ca"]),
        (0, "cap exempció\n".to_owned(), String::new())
    );
}

#[test]
fn a_pack_says_who_may_waive_and_mistakes_in_it_are_told() {
    for (value, status) in [
        ("false", 0),
        ("{by: [a@example.com]}", 0),
        ("{by: a@example.com}", 0),
        ("{by: []}", 2),
        ("{}", 2),
        ("{who: x}", 2),
        ("maybe", 2),
    ] {
        let pack = format!(
            "pack: own\npolicy: builtin:social-media\nrules:\n  - {{id: client, clause: SMP-3.1, message: no, terms: [Acme Corp], waivable: {value}}}\n"
        );
        let place = Place::new().write("own.yaml", &pack).write("d.md", "Ok");
        assert_eq!(place.run(&["check", "d.md"]).0, status, "{value}");
    }
}

proptest! {
    #[test]
    fn a_waiver_never_hides_another_rule_or_another_block(
        blocks in prop::collection::vec((any::<[bool; 3]>(), 0_usize..5), 1..7),
    ) {
        let mut spec = clearpost::kind::terms::TermsSpec::default();
        spec.push("Acme Corp", clearpost::kind::terms::TermSettings::default());
        let rulebook = support::rulebook(spec);
        let mut text = String::new();
        let mut expected = Vec::new();
        for ([found, waived, same], shape) in blocks {
            // A waiver for the block, in each shape a block can have, or one for another clause.
            let lead = ["", "- ", "> ", "# ", "1. "][shape];
            let clause = if same { "SMP-3.1" } else { "SMP-6.1" };
            if waived {
                text.extend(["<!-- clearpost-waive ", clause, ": why", FULL, " -->\n"]);
            }
            text.push_str(lead);
            if found && !(waived && same) {
                expected.push(text.len());
            }
            text.push_str(if found { "Acme Corp" } else { "nobody" });
            text.push_str("\n\n<!-- -->\n\n");
        }
        let drafts = support::drafts("md", &text);
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        let found: Vec<usize> = rulebook
            .check(&drafts[0], now)
            .findings
            .iter()
            .filter(|finding| &*finding.rule == "own/term")
            .map(|finding| finding.span.start())
            .collect();
        prop_assert_eq!(found, expected, "{}", text);
    }
}
