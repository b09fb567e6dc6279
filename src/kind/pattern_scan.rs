//! One scan over a draft for what the patterns of all rules cannot match without.
//!
//! A pattern none of whose needles ([`super::needles`]) stands in a draft is neither compiled nor
//! run for it.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::draft::Draft;
use crate::text::texts::Texts;

/// Collects patterns.
#[derive(Clone, Debug, Default)]
pub struct PatternScanBuilder {
    needles: Texts,
    /// Whose each needle is.
    conditions: Vec<u32>,
    always: Vec<u32>,
}

impl PatternScanBuilder {
    /// Adds what every match of the pattern of a condition holds one of; without needles the pattern
    /// is always run.
    pub fn add(&mut self, condition: u32, needles: Option<&Texts>) {
        match needles {
            None => self.always.push(condition),
            Some(needles) => {
                self.conditions.extend(needles.iter().map(|_| condition));
                self.needles.extend(needles.iter());
            }
        }
    }

    /// Builds the one automaton for all needles.
    pub fn build(self) -> PatternScan {
        // The automaton takes any text, so building one from a few thousand does not fail; if it
        // did, every pattern would be run.
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(self.needles.iter());
        PatternScan {
            automaton: automaton.ok().filter(|_| !self.needles.is_empty()),
            conditions: self.conditions,
            always: self.always,
        }
    }
}

/// The patterns of a rulebook, ready to be told which of them a draft needs.
#[derive(Debug)]
pub struct PatternScan {
    automaton: Option<AhoCorasick>,
    conditions: Vec<u32>,
    always: Vec<u32>,
}

impl PatternScan {
    /// The conditions whose patterns can match something in `draft`, in order.
    pub fn run(&self, draft: &Draft) -> Vec<u32> {
        if self.conditions.is_empty() {
            return self.always.clone();
        }
        let text = draft.text();
        // Two characters outside ASCII match ASCII letters in any case: then all patterns are run.
        let odd = text.contains(['\u{17F}', '\u{212A}']);
        let mut conditions = self.always.clone();
        match &self.automaton {
            Some(automaton) if !odd => {
                conditions.extend(
                    automaton
                        .find_overlapping_iter(text)
                        .map(|found| self.conditions[found.pattern().as_usize()]),
                );
            }
            _ => conditions.extend(&self.conditions),
        }
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    }
}
