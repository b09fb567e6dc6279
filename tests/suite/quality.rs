//! How well the packs that ship tell what violates from what does not, over labelled texts.
//!
//! `docs/quality.md` holds the report that this test computes. Rules are tuned on the texts with an
//! even number; those with an odd number are for judging only. `SNAPSHOTS=overwrite` writes the
//! report anew.

#![allow(clippy::print_stdout, reason = "a test says what went wrong and stops")]

use crate::support::context;
use crate::support::scoring;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::scoring::{Counts, Score, drafts, score_case, share};
use clearpost::builtin::builtin;
use clearpost::draft::{Draft, Scope, StatedFacts};
use clearpost::engine::{Rulebook, RulebookOptions};
use clearpost::pack::{Files, Loader, PackRef, PolicyRef};
use clearpost::policy::Severity;
use jiff::tz::TimeZone;
use serde_json::Value;

const LANGS: [&str; 5] = ["en", "it", "es", "ro", "ca"];

/// Which half of its set a text is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Half {
    Tuned,
    Untouched,
}

impl Half {
    const ALL: [(Self, &str); 2] = [(Self::Tuned, "tuned on"), (Self::Untouched, "untouched")];

    /// By the last figure of the text's id.
    fn of(case: &Value) -> Self {
        let id = case["id"].as_str().unwrap();
        let last = id.bytes().last().unwrap();
        if last.is_multiple_of(2) {
            Self::Tuned
        } else {
            Self::Untouched
        }
    }
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &Path) -> Option<Vec<PathBuf>> {
        None
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        false
    }
}

fn rulebook(pack: &PackRef, context: &Value) -> Rulebook {
    let policy = PolicyRef::Builtin("social-media".into());
    let loaded = Loader::new(&NoFiles, builtin(), TimeZone::UTC, policy.clone())
        .load(std::slice::from_ref(pack));
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let registers = context::registers(context);
    Rulebook::new(
        &loaded,
        &registers,
        &RulebookOptions::under(policy),
        &mut Vec::new(),
    )
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quality")
}

/// The cases of a file; the first line may be a warning.
fn cases(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let values = text.lines().map(|line| serde_json::from_str(line).unwrap());
    values
        .filter(|case: &Value| !case["id"].is_null())
        .collect()
}

/// How many of how many.
#[derive(Clone, Copy, Default)]
struct Part(usize, usize);

impl Part {
    fn add(&mut self, is_right: bool) {
        self.0 += usize::from(is_right);
        self.1 += 1;
    }

    fn share(self) -> f64 {
        share(self.0, self.1)
    }

    fn shown(self) -> String {
        if self.1 == 0 {
            return "–".to_owned();
        }
        format!("{:.0} % ({}/{})", 100.0 * self.share(), self.0, self.1)
    }
}

/// Of one language and half: hateful texts found, harmless ones left alone.
type Found = BTreeMap<(usize, Half), (Part, Part)>;

fn respect(report: &mut String) {
    let rulebook = rulebook(&PackRef::Builtin("respect".into()), &Value::Null);
    let mut found = Found::new();
    let mut groups: BTreeMap<(bool, String), [Part; 5]> = BTreeMap::new();
    let mut faults = Vec::new();
    for (number, lang) in LANGS.into_iter().enumerate() {
        for case in cases(&format!("respect.{lang}.jsonl")) {
            let mut facts = StatedFacts::default();
            facts.set("language", lang);
            let text = case["text"].as_str().unwrap();
            let draft = Draft::example(&Scope::Body, text, &facts);
            let findings = rulebook.check(&draft, jiff::Timestamp::UNIX_EPOCH).findings;
            let is_hateful = case["hateful"] == true;
            let is_right = findings.is_empty() != is_hateful;
            let half = Half::of(&case);
            let parts = found.entry((number, half)).or_default();
            let part = if is_hateful {
                &mut parts.0
            } else {
                &mut parts.1
            };
            part.add(is_right);
            if half == Half::Untouched {
                let group = case["group"].as_str().unwrap().to_owned();
                let group = groups.entry((!is_hateful, group)).or_default();
                group[number].add(is_right);
            } else if !is_right {
                let rules: Vec<&str> = findings.iter().map(|found| &*found.rule).collect();
                faults.push(format!("{} {rules:?}", case["id"].as_str().unwrap()));
            }
        }
    }
    report.push_str("## respect\n\nA hateful text counts as found if any rule of the pack finds something in it, a harmless one as left alone if none does.\n\n| language | half | hateful found | harmless left alone | mean |\n|---|---|---|---|---|\n");
    for ((number, half), (hateful, harmless)) in &found {
        let mean = 50.0 * (hateful.share() + harmless.share());
        let (_, half) = Half::ALL[usize::from(*half == Half::Untouched)];
        let lang = LANGS[*number];
        let (hateful, harmless) = (hateful.shown(), harmless.shown());
        writeln!(
            report,
            "| {lang} | {half} | {hateful} | {harmless} | {mean:.0} % |"
        )
        .unwrap();
    }
    report.push_str("\nBy functional group, untouched half, right of all:\n\n| group | en | it | es | ro | ca |\n|---|---|---|---|---|---|\n");
    for ((is_harmless, group), parts) in &groups {
        let kind = if *is_harmless { "harmless" } else { "hateful" };
        let group = group.replace('_', " ");
        write!(report, "| {kind}: {group} |").unwrap();
        for Part(right, all) in parts {
            write!(report, " {right}/{all} |").unwrap();
        }
        report.push('\n');
    }
    println!("respect, tuned half, wrong:\n  {}", faults.join("\n  "));
}

fn packs(report: &mut String, context: &Value) {
    let rulebook = rulebook(&PackRef::AllBuiltin, context);
    report.push_str("\n## The other packs\n\nAll packs together, with the registers of `tests/quality/context.json`, over the set written for each. A finding is right when its clause is the expected one and it overlaps the quoted words; any other is wrong.\n\n| set | half | right | missed | wrong | precision | recall |\n|---|---|---|---|---|---|---|\n");
    let mut all = [Counts::default(); 2];
    for set in sets() {
        for (number, (half, name)) in Half::ALL.into_iter().enumerate() {
            let mut score = Score::default();
            for case in cases(&format!("{set}.jsonl"))
                .iter()
                .filter(|case| Half::of(case) == half)
            {
                score_case(&rulebook, case, context, &mut score).unwrap();
            }
            line(report, &format!("{set} | {name}"), score.all);
            all[number].right += score.all.right;
            all[number].missed += score.all.missed;
            all[number].wrong += score.all.wrong;
            if half == Half::Tuned {
                println!("{set}, tuned half:");
                for miss in &score.misses {
                    println!("  missed {miss}");
                }
                for alarm in &score.false_alarms {
                    println!("  wrong {alarm}");
                }
            }
        }
    }
    for ((_, name), counts) in Half::ALL.into_iter().zip(all) {
        line(report, &format!("**all** | {name}"), counts);
    }
}

fn line(report: &mut String, name: &str, counts: Counts) {
    writeln!(
        report,
        "| {name} | {} | {} | {} | {:.2} | {:.2} |",
        counts.right,
        counts.missed,
        counts.wrong,
        counts.precision(),
        counts.recall()
    )
    .unwrap();
}

fn clean(report: &mut String, context: &Value) {
    let rulebook = rulebook(&PackRef::AllBuiltin, context);
    report.push_str("\n## Clean texts\n\nCorporate drafts with nothing to find, all packs together.\n\n| language | texts | errors and warnings | notes |\n|---|---|---|---|\n");
    let cases = cases("clean.jsonl");
    for lang in LANGS {
        let (mut loud, mut notes, mut texts) = (0, 0, 0);
        for case in cases.iter().filter(|case| case["lang"] == lang) {
            texts += 1;
            for draft in drafts(case, &context["default_meta"]).unwrap() {
                let album = context::album(&draft, context);
                let now = scoring::NOW.parse().unwrap();
                let checked = rulebook.check_under(&draft, now, &[], Some(&album));
                for finding in checked.findings {
                    if finding.severity == Severity::Note {
                        notes += 1;
                    } else {
                        loud += 1;
                    }
                    let id = case["id"].as_str().unwrap();
                    println!("clean {id} {} “{}”", finding.rule, finding.matched);
                }
            }
        }
        writeln!(report, "| {lang} | {texts} | {loud} | {notes} |").unwrap();
    }
}

#[test]
fn the_report_is_what_is_measured() {
    let context = fs::read_to_string(folder().join("context.json")).unwrap();
    let context: Value = serde_json::from_str(&context).unwrap();
    let mut report = String::new();
    respect(&mut report);
    packs(&mut report, &context);
    clean(&mut report, &context);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/quality.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, _) = page.split_once("\n## respect\n").unwrap();
    let wanted = format!("{head}\n{report}");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(&path, wanted).unwrap();
        return;
    }
    let different = page.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    assert!(
        page == wanted,
        "docs/quality.md is out of date, {different:?}: `SNAPSHOTS=overwrite cargo test --test suite quality::`"
    );
}

/// The sets of labelled drafts, apart from those of `respect` and the clean ones.
fn sets() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let mut sets: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let set = name.strip_suffix(".jsonl")?;
            (set != "clean" && !set.starts_with("respect.")).then(|| set.to_owned())
        })
        .collect();
    sets.sort();
    sets
}

/// The clauses of which the labelled drafts of a language hold one that is caught.
fn caught(rulebook: &Rulebook, context: &Value, lang: &str) -> BTreeSet<String> {
    let sets = sets().into_iter();
    let cases = sets.flat_map(|set| cases(&format!("{set}.jsonl")));
    let mut caught = BTreeSet::new();
    for case in cases.filter(|case| case["lang"] == lang) {
        let mut score = Score::default();
        score_case(rulebook, &case, context, &mut score).unwrap();
        if score.all.right > 0 {
            let expected = case["expect"].as_array().unwrap().iter();
            let clauses = expected.map(|entry| entry["clause"].as_str().unwrap().to_owned());
            caught.extend(clauses);
        }
    }
    caught
}

#[test]
fn a_draft_for_each_clause_is_caught_in_each_language() {
    let context = fs::read_to_string(folder().join("context.json")).unwrap();
    let context: Value = serde_json::from_str(&context).unwrap();
    let rulebook = rulebook(&PackRef::AllBuiltin, &context);
    let cited: BTreeSet<String> = rulebook
        .rules()
        .iter()
        .map(|rule| rule.clause.id.to_string())
        .collect();
    for lang in LANGS {
        let caught = caught(&rulebook, &context, lang);
        let missed: Vec<&String> = cited.difference(&caught).collect();
        assert!(
            missed.is_empty(),
            "{lang}: nothing is caught for {missed:?}"
        );
    }
}
