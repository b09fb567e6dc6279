//! Every report of one shared set of findings that holds every nasty character: as it is kept in
//! `tests/reports/`, valid by its schema, and with nothing in it that is taken for a command.

use std::fs;
use std::path::Path;

use serde_json::Value;
use snapbox::{Data, assert_data_eq};

use crate::support::program::{clearpost, outcome};

/// All formats, with the ending of their kept report.
const FORMATS: [(&str, &str); 13] = [
    ("pretty", "txt"),
    ("narrated", "txt"),
    ("compact", "txt"),
    ("json", "json"),
    ("jsonl", "jsonl"),
    ("sarif", "json"),
    ("github", "txt"),
    ("gitlab", "json"),
    ("junit", "xml"),
    ("checkstyle", "xml"),
    ("rdjson", "json"),
    ("html", "html"),
    ("markdown", "md"),
];

const PACK: &str = r#"pack: own
policy: builtin:social-media
rules:
  - id: client
    clause: SMP-3.1
    message: "“{match}” is a client"
    instead: a “client” <of> ours & so, | on
    terms: [Acme Corp, "=SUM(A1) Corp"]
  - id: key
    clause: SMP-2.6
    severity: warning
    message: "“{match}” is a key"
    secret: true
    pattern: 'kq7[a-z0-9]+'
  - id: style
    clause: SMP-9.3
    severity: note
    fix: safe
    message: "“{match}”: write it plainly"
    instead: plain
    terms: ["fancy"]
  - id: caption
    clause: SMP-4.5
    message: "[x](http://evil.example) <img src=x onerror=alert(1)> `{match}` | ## @everyone"
    terms: [captionless]
"#;

/// Ends of lines, quotes, markup, escapes, commands of workflows, formulas, wide and turned characters.
const DRAFT: &str = "---\ntitle: \"::error file=x.md,line=1::Acme Corp %0A::set-output name=a::b\"\n---\n\
::warning::Acme Corp %25 \"quoted\" 'single' & <b>bold</b> ]]> --> |pipe| `tick` *fancy*\r\n\
##vso[task.complete]Acme Corp\u{1b}[31mred\u{1b}[0m \u{202e}turned\u{202c} 𝗔𝗰𝗺𝗲 𝗖𝗼𝗿𝗽 é\u{301} \u{9b}2J\n\n\
=SUM(A1) Corp, +1, @SUM and kq7secret9 beside Acme Corp\n\n\
</script><script>alert(1)</script> Acme Corp {{ 7*7 }} ${{ github.token }} captionless\n";

/// The name of the draft, which is a path that people could have.
const NAME: &str = "posts/it's 100%, a:b & <c>.md";

fn folder() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("posts")).unwrap();
    fs::create_dir(place.path().join(".git")).unwrap();
    fs::write(place.path().join("own.yaml"), PACK).unwrap();
    fs::write(place.path().join(NAME), DRAFT).unwrap();
    fs::write(
        place.path().join("posts/list.csv"),
        "id,text,channel\n=1+1,\"Acme Corp, twice: Acme Corp\",x\n,ok,x\n",
    )
    .unwrap();
    place
}

fn report(format: &str, more: &[&str]) -> String {
    let place = folder();
    let (status, out, err) = outcome(
        clearpost(place.path())
            .args(["check", NAME, "posts/list.csv", "--pack", "own.yaml"])
            .args(["--now", "2026-11-28T09:00:00Z", "--format", format])
            .args(more),
    );
    assert_eq!(status, 1, "{format}: {err}");
    out
}

fn json(format: &str) -> Value {
    serde_json::from_str(&report(format, &[])).unwrap()
}

#[test]
fn every_report_is_as_it_is_kept() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports");
    for (format, ending) in FORMATS {
        let path = kept.join(format!("{format}.{ending}"));
        assert_data_eq!(
            Data::text(report(format, &[])).raw(),
            Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw()
        );
    }
}

#[test]
fn no_report_writes_to_a_terminal_or_a_log_as_anything_but_text() {
    for (format, _) in FORMATS {
        let said = report(format, &["--color", "never"]);
        let bad = |sign: char| {
            (sign.is_control() && sign != '\n')
                || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!said.contains(bad), "{format}: {said:?}");
        for line in said.lines() {
            let is_command = line.trim_start().starts_with("::") || line.starts_with("##vso[");
            assert!(format == "github" || !is_command, "{format}: {line}");
        }
    }
}

#[test]
fn each_line_for_github_is_one_annotation_of_ours() {
    for line in report("github", &[]).lines() {
        let (head, text) = line[2..].split_once("::").unwrap();
        let (level, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&level), "{line}");
        assert!(properties.starts_with("file=posts/"), "{line}");
        // What separates properties is written otherwise within them.
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').unwrap();
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            assert!(known.contains(&key), "{line}");
            assert!(!value.contains([':', '\r']), "{line}");
        }
        assert!(!text.contains('\r'), "{line}");
    }
}

#[test]
fn sarif_is_valid_and_points_at_bytes_and_characters() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-2.1.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let log = json("sarif");
    // An expression of the schema has a bracket too many; without it nothing of ours is let through.
    let schema = schema.to_string().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&log)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!((rules.len(), results.len()), (4, 12), "{log:#}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let start = usize::try_from(region["byteOffset"].as_u64().unwrap()).unwrap();
        let length = usize::try_from(region["byteLength"].as_u64().unwrap()).unwrap();
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        if result["ruleId"] == "own/style" {
            assert_eq!(&DRAFT[start..start + length], "fancy");
            assert_eq!(
                result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
                "plain"
            );
            assert_eq!(uri, "posts/it%27s%20100%25%2C%20a%3Ab%20%26%20%3Cc%3E.md");
        }
        assert_eq!(result["partialFingerprints"].as_object().unwrap().len(), 1);
    }
}

#[test]
fn what_is_waived_is_suppressed_in_sarif() {
    let place = folder();
    fs::write(
        place.path().join("posts/waived.md"),
        "<!-- clearpost-waive own/client: consent of 3 May; by legal@example.com; until 2026-12-31 -->\nAcme Corp\n",
    )
    .unwrap();
    let (status, out, err) = outcome(clearpost(place.path()).args([
        "check",
        "posts/waived.md",
        "--show-waived",
        "--pack",
        "own.yaml",
        "--format",
        "sarif",
        "--now",
        "2026-11-28T09:00:00Z",
    ]));
    assert_eq!(status, 0, "{err}");
    let log: Value = serde_json::from_str(&out).unwrap();
    let suppressed = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppressed["kind"], "inSource");
    assert!(
        suppressed["justification"]
            .as_str()
            .unwrap()
            .contains("consent"),
        "{log:#}"
    );
}

#[test]
fn gitlab_and_reviewdog_get_what_they_ask_for() {
    let issues = json("gitlab");
    let issues = issues.as_array().unwrap();
    let mut names: Vec<&str> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), issues.len(), "each is told apart");
    for issue in issues {
        assert!(
            ["info", "minor", "major", "critical", "blocker"]
                .contains(&issue["severity"].as_str().unwrap())
        );
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        assert!(issue["check_name"].is_string() && issue["description"].is_string());
    }
    let found = json("rdjson");
    assert_eq!(found["source"]["name"], "clearpost");
    for diagnostic in found["diagnostics"].as_array().unwrap() {
        assert!(["ERROR", "WARNING", "INFO"].contains(&diagnostic["severity"].as_str().unwrap()));
        let range = &diagnostic["location"]["range"];
        assert!(range["start"]["line"].as_u64() <= range["end"]["line"].as_u64());
        assert!(diagnostic["code"]["value"].is_string());
    }
}

#[test]
fn reports_in_xml_are_well_formed_and_count_right() {
    for format in ["junit", "checkstyle"] {
        let text = report(format, &[]);
        let mut reader = quick_xml::Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        let mut failures = 0;
        loop {
            use quick_xml::events::Event;
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    for attribute in tag.attributes() {
                        attribute.unwrap();
                    }
                    let name = tag.name().0.to_owned();
                    failures += usize::from(name == "failure" || name == "error");
                }
                Event::Eof => break,
                _ => {}
            }
        }
        // A note is no failure.
        let expected = if format == "junit" { 11 } else { 12 };
        assert_eq!(failures, expected, "{format}: {text}");
    }
    assert!(report("junit", &[]).contains("failures=\"11\""));
}

#[test]
fn the_page_has_no_script_but_its_own() {
    let page = report("html", &[]);
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    for bad in [
        "<b>bold",
        "<img",
        "onerror=alert(1)>",
        "src=\"http",
        "href=\"http://evil",
    ] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("&lt;/script&gt;"), "{page}");
}

#[test]
fn a_comment_in_markdown_names_nobody_and_loads_nothing() {
    let comment = report("markdown", &[]);
    for bad in ["[x](http", "<img", "<b>", " @everyone", "\n## "] {
        assert!(!comment.contains(bad), "{bad}: {comment}");
    }
    for row in comment.lines().filter(|line| line.starts_with('|')) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 4, "{row}");
    }
}

#[test]
fn several_reports_of_one_run_go_into_files() {
    let place = folder();
    let (status, out, err) = outcome(clearpost(place.path()).args([
        "check",
        NAME,
        "--pack",
        "own.yaml",
        "--format",
        "compact",
        "--format",
        "sarif=a.sarif",
        "--format",
        "junit=b.xml",
    ]));
    assert_eq!(status, 1, "{err}");
    assert!(out.contains("own/client"), "{out}");
    let sarif = fs::read_to_string(place.path().join("a.sarif")).unwrap();
    assert!(serde_json::from_str::<Value>(&sarif).is_ok());
    assert!(
        fs::read_to_string(place.path().join("b.xml"))
            .unwrap()
            .ends_with("</testsuites>\n")
    );
    let (_, out, _) = outcome(clearpost(place.path()).args([
        "check", NAME, "--pack", "own.yaml", "--format", "json", "--output", "c.json",
    ]));
    assert_eq!(out, "");
    assert!(
        fs::read_to_string(place.path().join("c.json"))
            .unwrap()
            .starts_with('{')
    );
    // A report that cannot be written is no clean run, and leaves what was there.
    fs::create_dir(place.path().join("folder.json")).unwrap();
    for bad in ["folder.json", "no/such/place.json"] {
        let (status, _, err) = outcome(clearpost(place.path()).args([
            "check",
            NAME,
            "--pack",
            "own.yaml",
            "--format",
            &format!("json={bad}"),
        ]));
        assert_eq!(status, 2, "{err}");
        assert!(err.contains("cannot write the report"), "{err}");
    }
}

#[test]
fn the_format_fits_where_it_runs() {
    let place = folder();
    let summary = place.path().join("summary.md");
    let args = ["check", NAME, "--pack", "own.yaml"];
    let run = |key: &str| {
        let command = clearpost(place.path())
            .env(key, "true")
            .env("GITHUB_STEP_SUMMARY", &summary);
        outcome(command.args(args)).1
    };
    let annotations = run("GITHUB_ACTIONS");
    assert!(
        annotations.starts_with("::error file=posts/"),
        "{annotations}"
    );
    assert!(
        fs::read_to_string(&summary)
            .unwrap()
            .contains("### Clearpost")
    );
    assert!(run("GITLAB_CI").starts_with('['));
}
