//! Rules as they are once everything about them has been checked.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deferred, Example, PreparedRule};
use crate::draft::Scopes;
use crate::kind::condition::Condition;
use crate::policy::{ClauseId, Severity};
use crate::text::{Lang, LocalText};

/// A pack that may go into a rulebook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Pack {
    /// Its name, the first half of its rules' names.
    pub name: String,
    /// Its version as written.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<LocalText>,
    /// Whether its examples hold offensive words, which handbooks leave out.
    pub content_warning: bool,
    /// The policy its rules cite.
    pub policy: PolicyRef,
    /// Where it was read from: a path, or `builtin:NAME`.
    pub origin: String,
    /// Its rules in the order written.
    pub rules: Vec<Arc<Rule>>,
}

/// Where a policy comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PolicyRef {
    /// The one the configuration names, else the built-in one.
    Default,
    /// A built-in one, by name.
    Builtin(String),
    /// A file.
    File(String),
}

/// One machine-checkable obligation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Rule {
    /// Its name in full: `pack/rule`.
    pub id: String,
    /// The clause it cites.
    pub clause: ClauseId,
    /// How much a finding matters; `None`: as the clause says.
    pub severity: Option<Severity>,
    /// How much it matters where a condition holds; the first that does counts.
    pub severity_where: Vec<(Severity, When)>,
    /// Whether those who write drafts may make less of it.
    pub adjustable: bool,
    /// What it looks for, for those who keep the pack.
    pub description: Option<LocalText>,
    /// What the author of a draft is told.
    pub message: LocalText,
    /// What to write in place of the match.
    pub instead: Option<LocalText>,
    /// Whether what it offers leaves the sense as it is, so that it may be put in unasked.
    pub fix_is_safe: bool,
    /// The languages it is for; empty: all.
    pub languages: Vec<Lang>,
    /// Where and when it holds.
    pub when: When,
    /// When it does not hold after all.
    pub unless: Option<When>,
    /// What it looks for.
    pub condition: Deferred<Condition>,
    /// Whether what it finds is not to be repeated in any report.
    pub secret: bool,
    /// Who may waive it.
    pub waivable: Waivable,
    /// What it finds and what it lets through.
    pub examples: Deferred<RuleExamples>,
    /// Its line in the pack, from 1.
    pub line: usize,
    /// What is known of it beforehand, if it is built in.
    pub prepared: Option<PreparedRule>,
}

/// Who may write down an exception to a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waivable {
    /// Whoever the policy lets.
    #[default]
    Always,
    /// Nobody.
    Never,
    /// Only these.
    By(Vec<String>),
}

/// Where and when a rule holds, or does not.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct When {
    /// Channels; empty: all.
    pub channels: Vec<String>,
    /// Values of which a fact has to have one: `author_role`, `account`, `campaign`, `sponsored` …
    pub facts: Vec<(String, Vec<String>)>,
    /// The register of periods, in one of which it has to be.
    pub during: Option<String>,
    /// What it looks at.
    pub scopes: Scopes,
    /// The first instant at which it holds.
    pub from: Option<Timestamp>,
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// The instant before which it holds: what is under embargo may go out then.
    pub embargo: Option<Timestamp>,
}

/// A rule's own proof.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RuleExamples {
    /// Texts with the exact finds marked.
    pub violates: Vec<Example>,
    /// Texts that are fine.
    pub allows: Vec<Example>,
}

impl Rule {
    /// Whether the names in this register may be finds of it.
    pub fn reads_names_of(&self, register: &str) -> bool {
        let known = self.prepared.as_ref();
        known.is_none_or(|known| known.sources.iter().any(|source| source == register))
    }
}

impl When {
    /// Whether it holds for every draft for which `other` does: what it asks for, `other` asks for as
    /// well.
    pub fn always_holds_with(&self, other: &Self) -> bool {
        let is_timed = |when: &Self| {
            when.from.is_some()
                || when.until.is_some()
                || when.embargo.is_some()
                || when.during.is_some()
        };
        let asks = !self.channels.is_empty() || !self.facts.is_empty();
        let channels = self.channels.is_empty()
            || (!other.channels.is_empty()
                && other
                    .channels
                    .iter()
                    .all(|channel| self.channels.contains(channel)));
        let facts = self.facts.iter().all(|(key, values)| {
            other.facts.iter().any(|(asked, wanted)| {
                asked == key
                    && !wanted.is_empty()
                    && wanted.iter().all(|value| values.contains(value))
            })
        });
        asks && !is_timed(self) && channels && facts
    }
}
