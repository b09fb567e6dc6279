//! A rulebook of one rule, for tests that go from a draft to its findings.

pub(crate) mod context;
pub(crate) mod drawing;
pub(crate) mod program;
pub(crate) mod scoring;

use std::io;
use std::path::{Path, PathBuf};

use clearpost::builtin::builtin;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::draft::{Draft, Scope, StatedFacts};
use clearpost::engine::{Rulebook, RulebookOptions};
use clearpost::kind::Kind;
use clearpost::kind::condition::Condition;
use clearpost::kind::terms::TermsSpec;
use clearpost::pack::{
    Files, Loaded, Loader, Pack, PackRef, PolicyRef, Rule, RuleExamples, Waivable, When,
};
use clearpost::register::{Entry, Register};
use clearpost::text::LocalText;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A rulebook whose one rule looks for `spec`.
pub(crate) fn rulebook(spec: TermsSpec) -> Rulebook {
    let policy = PolicyRef::Builtin("social-media".into());
    let rule = Rule {
        id: "own/term".into(),
        clause: "SMP-3.1".parse().unwrap(),
        severity: None,
        severity_where: Vec::new(),
        adjustable: false,
        description: None,
        message: LocalText::All("{match}".into()),
        instead: None,
        languages: Vec::new(),
        when: When::default(),
        unless: None,
        condition: Condition::from(Kind::Terms(spec)).into(),
        secret: false,
        waivable: Waivable::default(),
        examples: RuleExamples::default().into(),
        line: 1,
        prepared: None,
        fix_is_safe: false,
    };
    let pack = Pack {
        name: "own".into(),
        version: None,
        description: None,
        content_warning: false,
        policy: policy.clone(),
        origin: "own.yaml".into(),
        rules: vec![rule.into()],
    };
    let mut loaded = Loaded {
        packs: vec![pack],
        ..Loaded::default()
    };
    loaded
        .policies
        .insert(policy.clone(), builtin().policies[0].clone());
    let options = RulebookOptions::under(policy);
    Rulebook::new(&loaded, &[], &options, &mut Vec::new())
}

/// The drafts of `content` in the format called `format`.
pub(crate) fn drafts(format: &str, content: impl AsRef<[u8]>) -> Vec<Draft> {
    let format = read::by_name(format).unwrap();
    let name = format!("d.{}", format.extensions()[0]);
    let mut drafts = Vec::new();
    let mut sink = |read| {
        drafts.extend(read);
        Go::On
    };
    format.read(
        RawFile::from_bytes(name, content.as_ref()),
        &ReadOptions::default(),
        &mut sink,
        &mut Vec::new(),
    );
    drafts
}

/// A rulebook of one rule, as a pack writes it after its id and clause.
pub(crate) fn rulebook_of(rule: &str) -> Rulebook {
    rulebook_with(rule, &[])
}

/// As [`rulebook_of`], for a company with registers.
pub(crate) fn rulebook_with(rule: &str, registers: &[Register]) -> Rulebook {
    let loaded = loaded(rule);
    assert!(loaded.problems.is_empty(), "{rule}\n{:?}", loaded.problems);
    let options = RulebookOptions::under(PolicyRef::Builtin("social-media".into()));
    Rulebook::new(&loaded, registers, &options, &mut Vec::new())
}

/// What is wrong with a rule, written likewise.
pub(crate) fn mistakes_of(rule: &str) -> Vec<String> {
    let problems = loaded(rule).problems.into_iter();
    problems.map(|problem| problem.message).collect()
}

fn loaded(rule: &str) -> Loaded {
    let message = if rule.contains("message:") {
        ""
    } else {
        "\n    message: \"{match}\""
    };
    let pack = format!(
        "pack: own\npolicy: builtin:social-media\nrules:\n  - id: rule\n    clause: SMP-3.1{message}\n    {rule}\n"
    );
    let policy = PolicyRef::Builtin("social-media".into());
    Loader::new(&OnePack(pack), builtin(), TimeZone::UTC, policy)
        .load(&[PackRef::Path("own.yaml".into())])
}

/// A register of names.
pub(crate) fn register(name: &str, entries: &[&str]) -> Register {
    let entries = entries.iter().map(|name| Entry {
        name: (*name).to_owned(),
        ..Entry::default()
    });
    Register {
        name: name.to_owned(),
        entries: entries.collect(),
        ..Register::default()
    }
}

/// Checks that `rulebook` finds in each text exactly what stands between brackets.
pub(crate) fn finds_exactly(rulebook: &Rulebook, texts: &[&str]) {
    for text in texts {
        let plain = text.replace("[[", "").replace("]]", "");
        let draft = Draft::example(&Scope::Body, &plain, &StatedFacts::default());
        let mut marked = plain.clone();
        let found = rulebook.check(&draft, Timestamp::UNIX_EPOCH).findings;
        for finding in found.iter().rev() {
            marked.insert_str(finding.span.end(), "]]");
            marked.insert_str(finding.span.start(), "[[");
        }
        assert_eq!(marked, *text);
    }
}

/// A disk with one pack.
struct OnePack(String);

impl Files for OnePack {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }

    fn list(&self, _: &Path) -> Option<Vec<PathBuf>> {
        None
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        true
    }
}
