//! `clearpost pack docs`: a handbook that says what the policy and its rules say, and nothing that is
//! nobody's business.

use std::fs;
use std::path::Path;

use clearpost::builtin::builtin;

use crate::support::program::{clearpost, outcome};

const PACK: &str = "pack: own\npolicy: policy.md\nrules:\n  - id: launch\n    clause: CO-1.1\n    message: { en: \"“{match}” is <b>not</b> out\", it: \"“{match}” non è ancora uscito\" }\n    description: What is *not* launched.\n    terms: [Sparrow Two]\n    instead: our next model\n    examples:\n      violates: [\"Soon: [[Sparrow Two]] & more\"]\n      allows: [A sparrow too]\n  - id: hidden\n    clause: CO-1.1\n    message: \"“{match}” is a code name\"\n    terms: [Blackbird Nine]\n    secret: true\n    examples: { violates: [\"the [[Blackbird Nine]]\"] }\n  - id: solo-italiano\n    clause: CO-1.2\n    languages: [it]\n    message: no\n    terms: [gratis]\n";

const POLICY: &str = "---\npolicy: own\ntitle: Our <policy>\nowner: Comms <comms@example.com>\nversion: \"3\"\nlanguage: en\n---\n# Policy\n\n## CO-1.1 Launches\nWait for the day.\n\nInstead: share our own post.\n\n## CO-1.2 Prices\nName no prices.\n\n## CO-2 Kindness\nBe kind.\n";

const TRANSLATION: &str = "---\npolicy: own\ntitle: Le nostre regole\nlanguage: it\nadvice_label: \"Invece:\"\n---\n## CO-1.1 Lanci\nAspetta il giorno.\n\nInvece: condividi il nostro post.\n\n## CO-1.2 Prezzi\nNiente prezzi.\n\n## CO-2 Gentilezza\nSii gentile.\n";

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("own.yaml", PACK),
        ("policy.md", POLICY),
        ("policy.it.md", TRANSLATION),
    ] {
        fs::write(place.path().join(name), text).unwrap();
    }
    place
}

fn docs(folder: &Path, args: &[&str]) -> (i32, String, String) {
    outcome(clearpost(folder).args(["pack", "docs"]).args(args))
}

#[test]
fn each_language_has_its_pages_with_clauses_rules_and_examples() {
    let place = place();
    let (status, said, errors) = docs(place.path(), &["own.yaml", "-o", "out"]);
    assert_eq!(status, 0, "{errors}");
    assert_eq!(
        said,
        "wrote out/own.md\nwrote out/own.html\nwrote out/own.it.md\nwrote out/own.it.html\n"
    );
    let read = |name: &str| fs::read_to_string(place.path().join("out").join(name)).unwrap();
    for (name, wanted) in [
        (
            "own.md",
            &[
                "# Our &lt;policy&gt;",
                "<a id=\"co-1.1\"></a>",
                "## CO-1.1 Launches",
                "**Instead:** share our own post.",
                "**Ask:** Comms &lt;comms@example.com&gt;",
                "### Checked by `own/launch` (error)",
                "What is \\*not\\* launched.",
                "“…” is &lt;b&gt;not&lt;/b&gt; out",
                "- Soon: <strong>Sparrow Two</strong> &amp; more",
                "- A sparrow too",
                "Also checked in texts in other languages by: `own/solo-italiano`",
                "needs a person’s eye",
            ][..],
        ),
        (
            "own.html",
            &[
                "<html lang=\"en\">",
                "<title>Our &lt;policy&gt;</title>",
                "<section id=\"co-1.1\">",
                "<a href=\"#co-2\">CO-2 Kindness</a>",
                "<a href=\"own.it.html\" lang=\"it\"",
                "<li>Soon: <mark>Sparrow Two</mark> &amp; more</li>",
                "default-src 'none'",
                "<label for=\"words\">Search this page</label>",
            ],
        ),
        (
            "own.it.html",
            &[
                "<html lang=\"it\">",
                "<h2>CO-1.1 Lanci</h2>",
                "<b>Invece:</b> condividi il nostro post.",
                "“…” non è ancora uscito",
                "own/solo-italiano",
            ],
        ),
    ] {
        let page = read(name);
        for text in wanted {
            assert!(page.contains(text), "{name} lacks {text}\n{page}");
        }
        assert!(!page.contains("Blackbird"), "{name}");
        assert!(!page.contains("src=") && !page.contains("<link"), "{name}");
    }
}

#[test]
fn a_finding_links_to_an_anchor_of_the_handbook() {
    let place = place();
    let policy = POLICY.replace(
        "version:",
        "url: https://intranet.example.com/own.html\nversion:",
    );
    fs::write(place.path().join("policy.md"), policy).unwrap();
    fs::write(place.path().join("d.md"), "Soon: Sparrow Two\n").unwrap();
    docs(place.path(), &["own.yaml", "-o", "out"]);
    let run =
        clearpost(place.path()).args(["check", "--pack", "own.yaml", "--format", "json", "d.md"]);
    let report: serde_json::Value = serde_json::from_str(&outcome(run).1).unwrap();
    let url = report["findings"][0]["clause"]["url"].as_str().unwrap();
    let (_, anchor) = url.split_once('#').unwrap();
    let page = fs::read_to_string(place.path().join("out/own.html")).unwrap();
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
}

#[test]
fn made_pages_are_made_anew_and_other_files_are_left_alone() {
    let place = place();
    assert_eq!(docs(place.path(), &["own.yaml", "-o", "out"]).0, 0);
    let page = place.path().join("out/own.md");
    let first = fs::read_to_string(&page).unwrap();
    assert_eq!(docs(place.path(), &["own.yaml", "-o", "out"]).0, 0);
    assert_eq!(fs::read_to_string(&page).unwrap(), first);
    fs::write(&page, "mine").unwrap();
    let (status, _, errors) = docs(place.path(), &["own.yaml", "-o", "out"]);
    assert!(status == 2 && errors.contains("is no handbook"), "{errors}");
    assert_eq!(fs::read_to_string(&page).unwrap(), "mine");
    // Of a broken pack there is none at all.
    fs::write(
        place.path().join("bad.yaml"),
        PACK.replace("CO-1.2", "CO-9"),
    )
    .unwrap();
    let (status, said, _) = docs(place.path(), &["bad.yaml", "-o", "bad"]);
    assert!(status == 2 && said.is_empty() && !place.path().join("bad").exists());
}

#[test]
fn the_built_in_handbook_holds_no_offensive_example() {
    let place = tempfile::tempdir().unwrap();
    let (status, _, errors) = docs(place.path(), &["builtin:all", "-o", "."]);
    assert_eq!(status, 0, "{errors}");
    let mut pages = Vec::new();
    for entry in fs::read_dir(place.path()).unwrap() {
        pages.push(fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert_eq!(pages.len(), 10);
    for pack in &builtin().packs {
        assert_eq!(
            pack.content_warning,
            pack.name == "respect",
            "{}",
            pack.name
        );
        if !pack.content_warning {
            continue;
        }
        for rule in &pack.rules {
            let examples = &rule.examples;
            for example in examples.violates.iter().chain(&examples.allows) {
                for page in &pages {
                    assert!(!page.contains(&example.text), "an example of {}", rule.id);
                }
            }
        }
    }
    for clause in &builtin().policies[0].clauses {
        let anchor = format!("id=\"{}\"", clause.id.as_str().to_lowercase());
        assert!(pages.iter().all(|page| page.contains(&anchor)), "{anchor}");
    }
}
