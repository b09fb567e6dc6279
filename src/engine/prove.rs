//! Runs the examples that rules carry: the proof that a rule does what its pack says.

use std::ops::Range;

use jiff::Timestamp;

use super::veil::HIDDEN;
use super::{ActiveRule, Rulebook};
use crate::draft::{Draft, Scope, StatedFacts};
use crate::kind::Kind;
use crate::pack::{Example, Rule, RuleExamples};
use crate::text::LocalText;

/// An example that its rule does not bear out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule's full name.
    pub rule: String,
    /// The example with its marks.
    pub example: String,
    /// The same text with marks around what was really found.
    pub found: String,
}

/// Checks every example of every rule in force, each against its own rule only.
///
/// A rule for some channels is tried on the first of them, a rule with a time at its beginning.
pub fn prove(rulebook: &Rulebook, now: Timestamp) -> Vec<Failure> {
    rulebook
        .rules()
        .iter()
        .flat_map(|rule| {
            let examples = &rule.rule.examples;
            examples
                .violates
                .iter()
                .chain(&examples.allows)
                .filter_map(move |example| try_one(rulebook, rule, example, now))
        })
        .collect()
}

/// Words that a rule offers and that are no better than what they replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFix {
    /// The rule that offers them.
    pub rule: String,
    /// The words.
    pub words: String,
    /// The rule that finds something in them.
    pub found_by: String,
}

/// Checks what rules offer, `instead:` and `insert:`, against all rules in force. Words with
/// something to be filled in are not looked at.
pub fn prove_fixes(rulebook: &Rulebook, now: Timestamp) -> Vec<BadFix> {
    let mut bad = Vec::new();
    for rule in rulebook.rules() {
        let mut offered = Vec::new();
        offered.extend(rule.rule.instead.as_ref());
        rule.rule.condition.walk(&mut |condition| {
            if let Kind::Require(spec) = &condition.kind {
                offered.extend(spec.insert.as_ref());
            }
        });
        for words in offered.into_iter().flat_map(LocalText::texts) {
            if words.contains('{') {
                continue;
            }
            let draft = Draft::example(&Scope::Body, words, &StatedFacts::default());
            let found = rulebook.check(&draft, now).findings;
            // What is missing from a few words need not be missing from the post.
            let found = found.iter().find(|finding| finding.span != draft.head());
            bad.extend(found.map(|finding| BadFix {
                rule: rule.id.to_string(),
                words: words.to_owned(),
                found_by: finding.rule.to_string(),
            }));
        }
    }
    bad
}

/// A draft to try a rule on, and when it goes out.
#[derive(Debug)]
pub struct Trial {
    /// The draft.
    pub draft: Draft,
    /// The instant that stands for now.
    pub at: Timestamp,
}

impl Trial {
    /// An example of `rule` as a draft for which the rule is meant: on the first of its channels,
    /// with the facts that it asks for, at a time at which it holds.
    pub fn of(rule: &Rule, example: &Example, now: Timestamp) -> Self {
        let when = &rule.when;
        let mut facts = StatedFacts::default();
        if let Some(channel) = when.channels.first() {
            facts.set("channel", channel);
        }
        for (key, values) in &when.facts {
            if let Some(value) = values.first() {
                facts.set(key, value);
            }
        }
        if let [lang] = rule.languages.as_slice() {
            facts.set("language", lang.as_str());
        }
        let at = when
            .from
            .or(when
                .until
                .or(when.embargo)
                .and_then(|until| until.checked_sub(jiff::Span::new().seconds(1)).ok()))
            .unwrap_or(now);
        Self {
            draft: Draft::example(&when.scopes.of_examples(), &example.text, &facts),
            at,
        }
    }

    /// All examples of `rule`.
    pub fn all_of(rule: &Rule, now: Timestamp) -> Vec<Self> {
        let RuleExamples { violates, allows } = &*rule.examples;
        let examples = violates.iter().chain(allows);
        examples
            .map(|example| Self::of(rule, example, now))
            .collect()
    }
}

fn try_one(
    rulebook: &Rulebook,
    rule: &ActiveRule,
    example: &Example,
    now: Timestamp,
) -> Option<Failure> {
    let trial = Trial::of(&rule.rule, example, now);
    let found: Vec<Range<usize>> = rulebook
        .check(&trial.draft, trial.at)
        .findings
        .into_iter()
        .filter(|finding| finding.rule == rule.id)
        .map(|finding| finding.span.range())
        .collect();
    if found == example.marked {
        return None;
    }
    let mut wanted = example.clone();
    let mut found = Example {
        text: example.text.clone(),
        marked: found,
    };
    if rule.secret {
        // What either of the two marks is what the rule keeps to itself.
        let all: Vec<Range<usize>> = wanted.marked.iter().chain(&found.marked).cloned().collect();
        wanted.veil(&all, HIDDEN);
        found.veil(&all, HIDDEN);
    }
    Some(Failure {
        rule: rule.id.to_string(),
        example: wanted.written(),
        found: found.written(),
    })
}
