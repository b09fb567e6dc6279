//! A rulebook of one rule, for tests that go from a draft to its findings.

use std::collections::BTreeMap;

use clearpost::builtin::builtin;
use clearpost::draft::Draft;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::engine::{Rulebook, RulebookOptions, Selection};
use clearpost::kind::Kind;
use clearpost::kind::terms::TermsSpec;
use clearpost::pack::{Loaded, Pack, PolicyRef, Rule, RuleExamples, Waivable, When};
use clearpost::text::{Lang, LocalText};

/// A rulebook whose one rule looks for `spec`.
pub(crate) fn rulebook(spec: TermsSpec) -> Rulebook {
    let policy = PolicyRef::Builtin("social-media".into());
    let rule = Rule {
        id: "own/term".into(),
        clause: "SMP-3.1".parse().unwrap(),
        severity: None,
        description: None,
        message: LocalText::All("{match}".into()),
        instead: None,
        languages: Vec::new(),
        when: When::default(),
        kind: Kind::Terms(spec),
        waivable: Waivable::default(),
        examples: RuleExamples::default(),
        line: 1,
    };
    let pack = Pack {
        name: "own".into(),
        version: None,
        description: None,
        policy: policy.clone(),
        origin: "own.yaml".into(),
        rules: vec![rule],
    };
    let mut loaded = Loaded {
        packs: vec![pack],
        ..Loaded::default()
    };
    loaded
        .policies
        .insert(policy.clone(), builtin().policies[0].clone());
    let options = RulebookOptions {
        messages: Lang::EN,
        policy,
        clauses: BTreeMap::new(),
        selection: Selection::default(),
        zone: jiff::tz::TimeZone::UTC,
    };
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
