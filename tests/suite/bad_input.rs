//! What a person can get wrong: told clearly, exit status 2, an entry in `problems`, and the rest is
//! still checked.

#![allow(
    clippy::too_many_lines,
    clippy::print_stderr,
    reason = "a test says what went wrong and stops; a table is as long as its cases"
)]

use std::fs;
use std::path::Path;

use crate::support::program::{clearpost, outcome};
use serde_json::Value;

/// A folder with one draft that has a finding, and whatever the case adds.
struct Place(tempfile::TempDir);

const PACK: &str = "pack: own\npolicy: builtin:social-media\nrules:\n  - id: client\n    clause: SMP-3.1\n    message: \"“{match}”\"\n    terms: [Acme Corp]\n";

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        // A repository of its own: no configuration above it counts.
        fs::create_dir(place.path().join(".git")).unwrap();
        place
            .write("good.md", "We help Acme Corp.\n")
            .write("own.yaml", PACK)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn run(&self, args: &[&str], stdin: &[u8]) -> (i32, String, String) {
        outcome(clearpost(self.path()).args(args).stdin(stdin))
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let (status, out, _) = self.run(&[&["check", "--format", "json"], args].concat(), b"");
        (status, serde_json::from_str(&out).unwrap())
    }

    /// The one problem of a check of `good.md` with `args`; Acme is found all the same.
    fn problem(&self, args: &[&str]) -> Value {
        let (status, report) = self.json(&[&["good.md"], args].concat());
        assert_eq!(status, 2, "{report:#}");
        assert_eq!(report["complete"], false);
        let problems = report["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        for key in ["code", "message", "help", "path", "line", "column"] {
            assert!(problems[0].get(key).is_some(), "{key} is left out");
        }
        assert!(problems[0]["help"].is_string(), "{}", problems[0]);
        problems[0].clone()
    }
}

fn texts(report: &Value) -> Vec<&str> {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["match"].as_str().unwrap())
        .collect()
}

/// Code, line and column of the one problem that a pack has.
fn pack_problem(rest: &str) -> (String, u64, u64, String) {
    let place = Place::new().write("bad.yaml", rest);
    let problem = place.problem(&["--pack", "own.yaml", "--pack", "bad.yaml"]);
    assert_eq!(problem["path"], "bad.yaml", "{problem}");
    let (_, report) = place.json(&["good.md", "--pack", "own.yaml", "--pack", "bad.yaml"]);
    assert_eq!(
        texts(&report),
        ["Acme Corp"],
        "the other pack is still in force"
    );
    (
        problem["code"].as_str().unwrap().to_owned(),
        problem["line"].as_u64().unwrap_or(0),
        problem["column"].as_u64().unwrap_or(0),
        problem["help"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn a_pack_is_refused_at_the_place_that_has_to_change() {
    let rule = |rest: &str| {
        format!("pack: bad\nrules:\n  - id: a\n    clause: SMP-3.1\n    message: m\n{rest}")
    };
    let cases: [(&str, String, &str, u64, u64, &str); 19] = [
        (
            "unknown key",
            rule("    terms: [x1]\n    sevrity: error\n"),
            "clearpost::yaml::unknown_key",
            7,
            5,
            "`severity`",
        ),
        (
            "unknown pack key",
            format!("{}ruls: []\n", rule("    terms: [x1]\n")),
            "clearpost::yaml::unknown_key",
            7,
            1,
            "`rules`",
        ),
        (
            "duplicate rule",
            format!(
                "{}  - id: a\n    clause: SMP-3.1\n    message: m\n    terms: [y1]\n",
                rule("    terms: [x1]\n")
            ),
            "clearpost::pack::duplicate_rule",
            7,
            9,
            "another id",
        ),
        (
            "unknown clause",
            rule("    terms: [x1]\n").replace("SMP-3.1", "SMP-3.11"),
            "clearpost::pack::unknown_clause",
            4,
            13,
            "did you mean `SMP-3.1`",
        ),
        (
            "no clause id",
            rule("    terms: [x1]\n").replace("SMP-3.1", "clients"),
            "clearpost::policy::malformed_id",
            4,
            13,
            "SMP-3.1",
        ),
        (
            "invalid regex",
            rule("    pattern: 'ab(c'\n"),
            "clearpost::pattern::malformed",
            6,
            17,
            "backslash",
        ),
        (
            "look-around",
            rule("    pattern: 'ab(?=c)'\n"),
            "clearpost::pattern::look_around",
            6,
            17,
            "except",
        ),
        (
            "huge regex",
            rule("    pattern: '(?:a{1000}){1000}'\n"),
            "clearpost::pattern::too_large",
            6,
            15,
            "{1,1000}",
        ),
        (
            "empty term",
            rule("    terms: [x1, '']\n"),
            "clearpost::yaml::wrong_kind",
            6,
            17,
            "text",
        ),
        (
            "a term of signs",
            rule("    terms: [x1, '…']\n"),
            "clearpost::terms::nothing_left",
            6,
            17,
            "pattern",
        ),
        (
            "no terms",
            rule("    terms: []\n"),
            "clearpost::yaml::wrong_kind",
            6,
            12,
            "at least one",
        ),
        (
            "no kind",
            rule(""),
            "clearpost::pack::no_kind",
            3,
            5,
            "terms",
        ),
        (
            "two kinds",
            rule("    terms: [x1]\n    pattern: y\n"),
            "clearpost::pack::two_kinds",
            7,
            5,
            "two rules",
        ),
        (
            "unknown register",
            rule("    terms: {register: cleints}\n"),
            "clearpost::pack::unknown_register",
            6,
            23,
            "`clients`",
        ),
        (
            "missing list",
            rule("    terms_from: no.txt\n"),
            "clearpost::pack::unreadable_list",
            6,
            17,
            "relative",
        ),
        (
            "itself as its list",
            rule("    terms_from: bad.yaml\n"),
            "clearpost::pack::list_is_pack",
            6,
            17,
            ".txt",
        ),
        (
            "a bad date",
            rule("    terms: [x1]\n    when: {until: soon}\n"),
            "clearpost::time::malformed",
            7,
            19,
            "2027-01-31",
        ),
        (
            "an unmarked example",
            rule("    terms: [x1]\n    examples: {violates: [x1]}\n"),
            "clearpost::pack::unmarked_example",
            7,
            27,
            "[[",
        ),
        (
            "a tab",
            rule("    terms:\n\t- x1\n"),
            "clearpost::yaml::malformed",
            7,
            2,
            "YAML",
        ),
    ];
    for (name, pack, code, line, column, help) in cases {
        let (found, at_line, at_column, found_help) = pack_problem(&pack);
        assert_eq!(
            (found.as_str(), at_line, at_column),
            (code, line, column),
            "{name}"
        );
        assert!(found_help.contains(help), "{name}: {found_help}");
    }
}

#[test]
fn bombs_towers_and_circles_end_soon() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let row = vec![format!("*a{}", level - 1); 9].join(",");
        bomb = format!("{bomb}a{level}: &a{level} [{row}]\n");
    }
    for text in [bomb, "[".repeat(100_000)] {
        assert_eq!(pack_problem(&text).0, "clearpost::yaml::malformed");
    }
    let place = Place::new()
        .write(
            "one.yaml",
            PACK.replace("pack: own", "pack: one\nextends: two.yaml"),
        )
        .write(
            "two.yaml",
            PACK.replace("pack: own", "pack: two\nextends: [one.yaml]"),
        );
    let problem = place.problem(&["--pack", "one.yaml"]);
    assert_eq!(problem["code"], "clearpost::load::cycle");
    assert_eq!(
        (&problem["path"], &problem["line"]),
        (&"two.yaml".into(), &2.into())
    );
    let own = Place::new().write(
        "self.yaml",
        PACK.replace("pack: own", "pack: self\nextends: self.yaml"),
    );
    assert_eq!(
        own.problem(&["--pack", "self.yaml"])["code"],
        "clearpost::load::cycle"
    );
}

#[test]
fn all_mistakes_of_a_pack_are_told_at_once() {
    let place = Place::new().write(
        "bad.yaml",
        "pack: bad\nrules:\n  - id: A b\n    clause: x\n    mesage: m\n    terms: ['']\n  - id: b\n    clause: SMP-9.99\n    message: m\n    pattern: '('\n",
    );
    let (status, report) = place.json(&["good.md", "--pack", "bad.yaml"]);
    assert_eq!(status, 2);
    let lines: Vec<u64> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [5, 3, 4, 6, 3, 10], "{:#}", report["problems"]);
}

#[test]
fn inputs_that_cannot_be_read_never_pass() {
    let place = Place::new()
        .write("latin.md", b"caf\xE9 Acme Corp")
        .write("half.md", b"\xFF\xFEa\0b")
        .write("picture.png", b"x")
        .write("empty/.keep", "");
    let cases: [(&[&str], &str, &str); 6] = [
        (&["none.md"], "clearpost::input::missing", "spelling"),
        (&["no*.md"], "clearpost::input::no_match", "**"),
        (
            &["latin.md"],
            "clearpost::read::invalid_utf8",
            "--encoding windows-1252",
        ),
        (&["half.md"], "clearpost::read::invalid_utf16", "UTF-8"),
        (&["picture.png"], "clearpost::input::unknown_format", ".md"),
        (
            &["--pack", "builtin:nope"],
            "clearpost::load::no_such_builtin",
            "clients",
        ),
    ];
    for (args, code, help) in cases {
        let problem = place.problem(&[&["--pack", "own.yaml"], args].concat());
        assert_eq!(problem["code"], code);
        assert!(
            problem["help"].as_str().unwrap().contains(help),
            "{problem}"
        );
    }
    let problem = place.problem(&["--pack", "own.yaml", "latin.md"]);
    assert!(
        problem["message"]
            .as_str()
            .unwrap()
            .contains("byte 3 (line 1)"),
        "{problem}"
    );
    let (status, report) = place.json(&[
        "latin.md",
        "--encoding",
        "windows-1252",
        "--pack",
        "own.yaml",
    ]);
    assert_eq!((status, texts(&report)), (1, vec!["Acme Corp"]));
    assert_eq!(
        report["findings"][0]["span"],
        serde_json::json!({"start": 5, "end": 14})
    );

    let (status, report) = place.json(&["empty"]);
    assert_eq!(
        (status, &report["problems"][0]["code"]),
        (2, &"clearpost::input::nothing".into())
    );
    let (status, report) = place.json(&[]);
    assert_eq!(
        (status, &report["problems"][0]["code"]),
        (2, &"clearpost::input::nothing".into())
    );
}

#[test]
fn a_file_nobody_may_read_is_a_problem() {
    let place = Place::new().write("closed.md", "Acme Corp");
    let path = place.path().join("closed.md");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    }
    // Root may read everything; even it gets nothing out of the memory of a process at address 0.
    let closed = if fs::read(&path).is_ok() {
        "/proc/self/mem"
    } else {
        "closed.md"
    };
    if !Path::new(closed).exists() && closed != "closed.md" {
        eprintln!("skipped: this user can read a file without permissions, and there is no /proc");
        return;
    }
    assert_eq!(
        place.problem(&["--pack", "own.yaml", closed])["code"],
        "clearpost::input::unreadable"
    );
}

#[test]
fn facts_and_flags_out_of_their_lists_are_named() {
    let place = Place::new()
        .write("fact.md", "---\nchannel: linkdin\n---\nHello\n")
        .write("date.md", "---\ndate: soon\n---\nHello\n")
        .write("front.md", "---\na: [\n---\nHello\n")
        .write("front.toml.md", "+++\na = \n+++\nHello\n");
    let cases: [(&[&str], &str, &str); 9] = [
        (
            &["fact.md"],
            "clearpost::facts::unknown_value",
            "`linkedin`",
        ),
        (&["date.md"], "clearpost::facts::no_date", "2027-01-31"),
        (&["front.md"], "clearpost::draft::malformed_yaml", "checked"),
        (
            &["front.toml.md"],
            "clearpost::draft::malformed_toml",
            "checked",
        ),
        (
            &["--channel", "linkdin"],
            "clearpost::usage::unknown_value",
            "`linkedin`",
        ),
        (
            &["--lang", "english"],
            "clearpost::usage::malformed_value",
            "en",
        ),
        (
            &["--now", "today"],
            "clearpost::usage::malformed_value",
            "2026",
        ),
        (
            &["--meta", "x"],
            "clearpost::usage::malformed_value",
            "author_role",
        ),
        (
            &["--format", "jason"],
            "clearpost::usage::unknown_value",
            "`json`",
        ),
    ];
    for (args, code, help) in cases {
        if args.contains(&"--format") {
            let (status, _, errors) = place.run(&[&["check", "good.md"], args].concat(), b"");
            assert!(
                status == 2 && errors.contains(code) && errors.contains(help),
                "{errors}"
            );
            continue;
        }
        let problem = place.problem(&[&["--pack", "own.yaml"], args].concat());
        assert_eq!(problem["code"], code);
        assert!(
            problem["help"].as_str().unwrap().contains(help),
            "{problem}"
        );
    }
    let (status, report) = place.json(&["fact.md", "--pack", "own.yaml"]);
    assert_eq!(status, 2);
    assert_eq!(
        (
            &report["problems"][0]["line"],
            &report["problems"][0]["column"]
        ),
        (&2.into(), &10.into())
    );
}

#[test]
fn a_broken_configuration_is_told_and_the_draft_still_checked() {
    let cases = [
        ("pack: [x]\n", "clearpost::yaml::unknown_key", "`packs`"),
        ("packs: []\n", "clearpost::config::no_packs", "built-in"),
        (
            "fail_on: eror\n",
            "clearpost::yaml::unknown_value",
            "`error`",
        ),
        (
            "timezone: Mars\n",
            "clearpost::config::unknown_zone",
            "Europe/Rome",
        ),
        (
            "drafts: [{paths: ['[']}]\n",
            "clearpost::config::malformed_glob",
            "posts",
        ),
        ("registers: none\n", "clearpost::config::unreadable", "path"),
        ("policy: none.md\n", "clearpost::load::unreadable", "path"),
        (
            "only_rule: [clinet]\n",
            "clearpost::select::nothing",
            "client",
        ),
    ];
    for (config, code, help) in cases {
        let place = Place::new().write("clearpost.yaml", config);
        let problem = place.problem(&["--pack", "own.yaml"]);
        assert_eq!(problem["code"], code, "{config}");
        assert!(
            problem["help"].as_str().unwrap().contains(help),
            "{config}: {problem}"
        );
    }
    let place = Place::new()
        .write("clearpost.yaml", "registers: registers\n")
        .write(
            "registers/clients.yaml",
            "register: clients\nentries:\n  - {name: Delta, ambiguous: true}\n",
        );
    let problem = place.problem(&["--pack", "own.yaml", "--pack", "builtin:clients"]);
    assert_eq!(
        problem["code"],
        "clearpost::register::ambiguous_without_near"
    );
    let place = Place::new()
        .write("clearpost.yaml", "registers: registers\n")
        .write(
            "registers/clients.yaml",
            "register: clients\nentries:\n  - {name: Delta, approved: {channels: [linkdin]}}\n",
        );
    let problem = place.problem(&["--pack", "own.yaml"]);
    assert_eq!(problem["code"], "clearpost::config::unknown_channel");
}

#[test]
fn these_are_simply_checked_with_the_right_places() {
    /// Start and end in bytes, line, column.
    type Expected = Option<(usize, usize, u64, u64)>;

    let utf16: Vec<u8> = "\u{FEFF}é 😀 Acme Corp"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let utf16_big: Vec<u8> = "\u{FEFF}é 😀 Acme Corp"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let cases: [(&str, Vec<u8>, Expected); 7] = [
        ("UTF-16 little-endian", utf16, Some((12, 30, 1, 5))),
        ("UTF-16 big-endian", utf16_big, Some((12, 30, 1, 5))),
        (
            "a byte-order mark",
            b"\xEF\xBB\xBFAcme Corp".to_vec(),
            Some((3, 12, 1, 1)),
        ),
        (
            "CRLF",
            b"a\r\nb\r\nAcme\r\nCorp".to_vec(),
            Some((6, 16, 3, 1)),
        ),
        (
            "a lone CR",
            b"a\rAcme Corp\rb".to_vec(),
            Some((2, 11, 2, 1)),
        ),
        ("an empty file", Vec::new(), None),
        (
            "tabs and astral letters",
            "\t😀\tAcme Corp".as_bytes().to_vec(),
            Some((6, 15, 1, 4)),
        ),
    ];
    for (name, bytes, expected) in cases {
        for file in ["d.md", "d.txt"] {
            // Markdown takes a line that starts with a tab for code.
            if file == "d.md" && bytes.starts_with(b"\t") {
                continue;
            }
            let place = Place::new().write(file, &bytes);
            let (status, report) = place.json(&[file, "--pack", "own.yaml"]);
            assert_eq!(status, i32::from(expected.is_some()), "{name} {file}");
            assert_eq!(report["summary"]["drafts"], 1, "{name} {file}");
            let Some((start, end, line, column)) = expected else {
                continue;
            };
            let finding = &report["findings"][0];
            assert_eq!(
                finding["span"],
                serde_json::json!({"start": start, "end": end}),
                "{name} {file}"
            );
            assert_eq!(
                (&finding["line"], &finding["column"]),
                (&line.into(), &column.into()),
                "{name} {file}"
            );
            assert_eq!(finding["match"], "Acme Corp", "{name} {file}");
        }
    }
}

#[test]
fn what_would_check_nothing_is_told() {
    let place = Place::new()
        .write("empty/.keep", "")
        .write("nul.md", b"a\0b")
        .write("quote.csv", "name\n\"Orsini\nAcme\n")
        .write(
            "quote.yaml",
            PACK.replace("terms: [Acme Corp]", "terms_from: quote.csv")
                .replace("own", "quote"),
        );
    let cases: [(&[&str], &str); 5] = [
        (&["--exclude", "own"], "clearpost::select::no_rules"),
        (
            &["--only-rule", "own/client", "--exclude", "own"],
            "clearpost::select::no_rules",
        ),
        (&["empty"], "clearpost::input::nothing"),
        (&["nul.md"], "clearpost::read::binary"),
        (
            &["--pack", "quote.yaml"],
            "clearpost::register::malformed_csv",
        ),
    ];
    for (args, code) in cases {
        let (status, report) = place.json(&[&["good.md", "--pack", "own.yaml"], args].concat());
        assert_eq!(
            (status, &report["problems"][0]["code"]),
            (2, &code.into()),
            "{args:?}"
        );
    }
}

#[test]
fn a_configuration_in_the_working_folder_holds_for_its_drafts() {
    let place = Place::new()
        .write("clearpost.yaml", "packs: [own.yaml]\nexclude: [posts/no*]\ndrafts: [{paths: ['posts/**'], channel: linkedin}]\n")
        .write("own.yaml", PACK.replace("    terms:", "    when: {channels: [linkedin]}\n    terms:"))
        .write("posts/a.md", "Acme Corp")
        .write("posts/no.md", "Acme Corp");
    for path in ["posts", "./posts", "posts/../posts", "."] {
        let (_, report) = place.json(&[path]);
        assert_eq!(texts(&report), ["Acme Corp"], "{path}");
    }
}

#[test]
fn a_line_of_fifty_megabytes_is_checked_and_shown_in_a_short_window() {
    let mut text = "lorem ipsum ".repeat(50_000_000 / 12);
    let at = text.len();
    text.push_str("Acme Corp dolor");
    let place = Place::new().write("long.txt", &text);
    let (status, report) = place.json(&["long.txt", "--pack", "own.yaml"]);
    assert_eq!(status, 1);
    assert_eq!(report["findings"][0]["column"], at + 1);
    let (_, shown, _) = place.run(&["check", "long.txt", "--pack", "own.yaml"], b"");
    assert!(shown.len() < 3000, "{}", shown.len());
    assert!(
        shown.contains("Acme Corp dolor") && shown.contains('…'),
        "{shown}"
    );
}

#[test]
fn nothing_in_a_draft_or_its_name_reaches_the_terminal_as_more_than_text() {
    let place = Place::new().write(
        "\u{1b}[2Jevil.md",
        "\u{1b}[31m Acme\u{202e} Corp \u{9b}1m\n",
    );
    for format in ["pretty", "narrated", "compact", "json", "jsonl"] {
        let (status, out, errors) = place.run(
            &["check", ".", "--pack", "own.yaml", "--format", format, "-v"],
            b"",
        );
        assert_eq!(status, 1, "{format}: {out}");
        for sign in ['\u{1b}', '\u{202e}', '\u{9b}'] {
            assert!(
                !out.contains(sign) && !errors.contains(sign),
                "{format}: {out:?} {errors:?}"
            );
        }
    }
}

/// Puts something into a folder.
#[cfg(unix)]
type Put = fn(&Path);

/// Of a folder with what `put` puts there beside `good.md`: status, the problems' codes and files.
#[cfg(unix)]
fn in_a_folder_with(
    put: impl Fn(&Path),
) -> (
    i32,
    Vec<(String, String)>,
    std::collections::BTreeSet<String>,
) {
    let place = Place::new();
    put(place.path());
    let (status, report) = place.json(&[".", "--pack", "own.yaml"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problems = report["problems"].as_array().unwrap();
    let findings = report["findings"].as_array().unwrap();
    (
        status,
        problems
            .iter()
            .map(|problem| (text(&problem["code"]), text(&problem["path"])))
            .collect(),
        findings.iter().map(|found| text(&found["path"])).collect(),
    )
}

#[test]
#[cfg(unix)]
fn what_is_named_like_a_draft_and_is_no_file_is_never_clean() {
    use std::os::unix::fs::symlink;

    let cases: [(&str, &str, Put); 7] = [
        ("clearpost::input::not_a_file", "pipe.md", |at| {
            let done = std::process::Command::new("mkfifo")
                .arg(at.join("pipe.md"))
                .status();
            assert!(done.unwrap().success());
        }),
        ("clearpost::input::leads_out", "zero.txt", |at| {
            symlink("/dev/zero", at.join("zero.txt")).unwrap();
        }),
        ("clearpost::input::not_a_file", "talk.md", |at| {
            drop(std::os::unix::net::UnixListener::bind(at.join("talk.md")).unwrap());
        }),
        ("clearpost::input::dead_link", "gone.md", |at| {
            symlink("nowhere.md", at.join("gone.md")).unwrap();
        }),
        ("clearpost::input::dead_link", "self.md", |at| {
            symlink("self.md", at.join("self.md")).unwrap();
        }),
        ("clearpost::input::link_loop", "posts/back", |at| {
            fs::create_dir(at.join("posts")).unwrap();
            symlink("..", at.join("posts/back")).unwrap();
        }),
        ("clearpost::input::leads_out", "system", |at| {
            symlink("/etc", at.join("system")).unwrap();
        }),
    ];
    for (code, file, put) in cases {
        let (status, problems, found_in) = in_a_folder_with(put);
        assert_eq!(status, 2, "{file}");
        assert_eq!(problems, [(code.to_owned(), file.to_owned())]);
        assert!(found_in.contains("good.md"), "{file}: {found_in:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_link_is_read_like_what_it_stands_for_and_once() {
    use std::os::unix::fs::symlink;

    let (status, problems, found_in) = in_a_folder_with(|at| {
        symlink("good.md", at.join("again.md")).unwrap();
        symlink("nowhere", at.join("site.lock")).unwrap();
        fs::create_dir(at.join(".archive")).unwrap();
        fs::write(at.join(".archive/post.md"), "We help Acme Corp.\n").unwrap();
        symlink(".archive", at.join("archive")).unwrap();
    });
    assert_eq!((status, problems), (1, vec![]));
    assert_eq!(
        found_in.into_iter().collect::<Vec<_>>(),
        ["archive/post.md", "good.md"]
    );
}
