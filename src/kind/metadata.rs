//! The `metadata` kind: what a draft states about itself.
//!
//! `metadata: {key: approved_by}` alone asks that the key be there. `one_of`, `not_in`, `pattern`,
//! `without` and `not_past` ask more of its value; `absent: true` finds a key that should not be there.
//! A finding is on the key with its value, else where the draft begins.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::pattern::PatternSpec;
use super::{At, Found, Look};
use crate::draft::{Draft, Fact, Scope};
use crate::register::{Entry, NAMES};
use crate::text::fold::{Resist, fold};
use crate::text::shape::Reader;
use crate::text::time::{Bound, instant};
use crate::text::yaml::{Node, Value};

/// What a message may use.
pub const CAPTURES: &[&str] = &["key", "value"];

/// A checked `metadata` rule: a finding is a draft that does not meet it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataSpec {
    /// The key, in snake case.
    pub key: String,
    /// What is asked of its value.
    pub wanted: Wanted,
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// That there is one.
    Present,
    /// That there is none.
    Absent,
    /// That it is one of these, in any case.
    OneOf(Vec<String>),
    /// That it is none of these.
    NotIn(Vec<String>),
    /// That it matches, as a whole or in part.
    Pattern(String),
    /// That it is a date that has not passed when the draft goes out.
    NotPast,
    /// That it holds none of these words and none of a register's names, run together or apart.
    Without {
        /// Words.
        words: Vec<String>,
        /// The registers whose names it must not hold.
        registers: Vec<String>,
    },
}

impl MetadataSpec {
    /// Reads the value of `metadata:`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let keys = [
            "key", "one_of", "not_in", "pattern", "absent", "not_past", "without",
        ];
        let fields = reader.map(node, "`metadata`", &keys)?;
        let key = reader.required(&fields, "key", "`metadata`")?;
        let key = reader.text(key, "key")?.to_owned();
        let mut wanted = Wanted::Present;
        if let Some(node) = fields.get("one_of") {
            wanted = Wanted::OneOf(reader.texts(node, "one_of"));
        } else if let Some(node) = fields.get("not_in") {
            wanted = Wanted::NotIn(reader.texts(node, "not_in"));
        } else if let Some(node) = fields.get("pattern") {
            let text = reader.text(node, "pattern")?;
            if let Err((error, _)) = PatternSpec::new(text) {
                reader.report(&error, node.at, "here");
                return None;
            }
            wanted = Wanted::Pattern(text.to_owned());
        } else if let Some(node) = fields.get("without") {
            wanted = without(node, reader)?;
        } else if let Some(node) = fields.get("absent")
            && reader.truth(node, "absent")?
        {
            wanted = Wanted::Absent;
        } else if let Some(node) = fields.get("not_past")
            && reader.truth(node, "not_past")?
        {
            wanted = Wanted::NotPast;
        }
        Some(Self { key, wanted })
    }

    /// The registers without which it says less than it seems to.
    pub(super) fn registers(&self) -> Vec<Vec<&str>> {
        match &self.wanted {
            Wanted::Without { registers, .. } => {
                registers.iter().map(|name| vec![name.as_str()]).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Finds a draft that does not meet it.
    pub(super) fn look(&self, look: &Look<'_>) -> Vec<Found> {
        let stated = value_of(look.draft, &self.key);
        let value = stated.as_ref().map(|(value, _)| value.as_str());
        let met = match (&self.wanted, value) {
            (Wanted::Present, value) => value.is_some(),
            (Wanted::Absent, value) => value.is_none(),
            // What has to be there is asked for by a rule of its own.
            (
                Wanted::NotIn(_) | Wanted::Pattern(_) | Wanted::NotPast | Wanted::Without { .. },
                None,
            ) => true,
            (Wanted::OneOf(_), None) => false,
            (Wanted::OneOf(known), Some(value)) => {
                // A rule that takes the word “approved” takes the company's own words for it.
                let own = self.key == "status" && is_among("approved", known);
                is_among(value, known) || (own && is_among(value, look.approved_values))
            }
            (Wanted::NotIn(known), Some(value)) => !is_among(value, known),
            (Wanted::Pattern(regex), Some(value)) => {
                Regex::new(regex).is_ok_and(|regex| regex.is_match(value))
            }
            (Wanted::NotPast, Some(value)) => is_ahead(value, look),
            (Wanted::Without { words, registers }, Some(value)) => {
                let value = run_together(value);
                let named = look
                    .registers
                    .iter()
                    .filter(|register| registers.contains(&register.name))
                    .flat_map(|register| &register.entries)
                    .flat_map(Entry::names);
                let mut words = words.iter().map(String::as_str).chain(named);
                !words.any(|word| {
                    let word = run_together(word);
                    !word.is_empty() && value.contains(&word)
                })
            }
        };
        if met {
            return Vec::new();
        }
        let at = stated
            .as_ref()
            .and_then(|(_, at)| at.clone())
            .unwrap_or(At::File(look.draft.head()));
        vec![
            Found::at(at)
                .with("key", self.key.clone())
                .with("value", value.unwrap_or_default()),
        ]
    }
}

/// Reads `without: [support, {register: organisation}]`.
fn without(node: &Node, reader: &mut Reader<'_>) -> Option<Wanted> {
    let (mut words, mut registers) = (Vec::new(), Vec::new());
    for item in reader.list(node, "without")? {
        if let Value::Map(_) = item.value {
            let fields = reader.map(item, "an entry of `without`", &["register"])?;
            let name = reader.required(&fields, "register", "an entry of `without`")?;
            let known: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, *name)).collect();
            registers.push(reader.one_of(name, "register", &known)?.to_owned());
        } else {
            words.push(reader.text(item, "without")?.to_owned());
        }
    }
    Some(Wanted::Without { words, registers })
}

/// The letters and figures of a name, folded, as they stand in a handle.
fn run_together(text: &str) -> String {
    let folded = fold(text, Resist::Typing);
    folded
        .text()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

fn is_among(value: &str, known: &[String]) -> bool {
    let value = value.trim().to_lowercase();
    known.iter().any(|known| known.to_lowercase() == value)
}

/// A value that is no date has not passed: what reads it as a date says so.
fn is_ahead(value: &str, look: &Look<'_>) -> bool {
    instant(value, look.zone, Bound::End).is_ok_and(|end| !look.at.has_come(end))
}

/// What a draft states under a key, and where.
fn value_of(draft: &Draft, key: &str) -> Option<(String, Option<At>)> {
    if let Some(Fact { value, at }) = draft.facts().get(key) {
        return (!value.trim().is_empty()).then(|| (value.clone(), at.map(At::File)));
    }
    draft
        .segments()
        .iter()
        .find(|segment| matches!(&segment.scope, Scope::Metadata(own) if own == key))
        .map(|segment| {
            let text = draft.text()[segment.range.clone()].to_owned();
            (text, Some(At::Text(segment.range.clone())))
        })
}
