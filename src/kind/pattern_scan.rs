//! One scan over a draft for what the patterns of all rules cannot match without.
//!
//! A pattern none of whose needles ([`super::needles`]) stands in a draft is neither compiled nor
//! run for it.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::text::fold::{Folded, clean};
use crate::text::numbers::Numbers;
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

    /// Sorts all needles by how they begin, for an image that is read where it lies.
    pub fn table(self) -> NeedleTable {
        let mut always = self.always;
        let mut sorted: Vec<(usize, &str, u32)> = Vec::new();
        for (needle, condition) in self.needles.iter().zip(self.conditions) {
            match *needle.as_bytes() {
                [] => always.push(condition),
                [one] => sorted.push((alone(one), needle, condition)),
                [first, second, ..] => sorted.push((pair(first, second), needle, condition)),
            }
        }
        sorted.sort_unstable();
        sorted.dedup();
        let starts = (0..=SLOTS).map(|slot| {
            let before = sorted.partition_point(|(own, ..)| *own < slot);
            u32::try_from(before).unwrap_or(u32::MAX)
        });
        let mut conditions: Vec<u32> = sorted.iter().map(|(.., condition)| *condition).collect();
        conditions.sort_unstable();
        conditions.dedup();
        let owners = sorted.iter().map(|(.., condition)| {
            let owner = conditions.binary_search(condition).unwrap_or(usize::MAX);
            u32::try_from(owner).unwrap_or(u32::MAX)
        });
        NeedleTable {
            starts: starts.collect::<Vec<_>>().into(),
            needles: sorted.iter().map(|(_, needle, _)| needle).collect(),
            owners: owners.collect::<Vec<_>>().into(),
            conditions: conditions.into(),
            always,
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
        let cleaned = clean(draft.text());
        let text = shown(draft, cleaned.as_ref());
        let mut conditions = self.always.clone();
        match &self.automaton {
            Some(automaton) if !is_odd(text) => {
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

/// The text in which patterns are looked for: without what a reader does not see, and with plain
/// spaces.
fn shown<'d>(draft: &'d Draft, cleaned: Option<&'d Folded>) -> &'d str {
    cleaned.map_or(draft.text(), Folded::text)
}

/// Whether all patterns have to be run: two characters outside ASCII match ASCII letters in any case.
fn is_odd(text: &str) -> bool {
    text.contains(['\u{17F}', '\u{212A}'])
}

/// Slots for needles by their first two bytes, and behind them by a single one.
const PAIRS: usize = 1 << 12;
const SLOTS: usize = PAIRS + 256;

fn pair(first: u8, second: u8) -> usize {
    let [first, second] = [first, second].map(|byte| usize::from(byte.to_ascii_lowercase()));
    (first << 5 ^ second) % PAIRS
}

fn alone(byte: u8) -> usize {
    PAIRS + usize::from(byte.to_ascii_lowercase())
}

/// As [`PatternScan`], made when the program was built: to build the automaton at each start would
/// take longer than to look at a post.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct NeedleTable {
    /// Of each slot the position of its first needle.
    starts: Numbers<u32>,
    needles: Texts,
    /// Of each needle the position of its condition.
    owners: Numbers<u32>,
    conditions: Numbers<u32>,
    always: Vec<u32>,
}

impl NeedleTable {
    /// The conditions whose patterns can match something in `draft`, in order.
    pub fn run(&self, draft: &Draft) -> Vec<u32> {
        let cleaned = clean(draft.text());
        let text = shown(draft, cleaned.as_ref());
        // Most patterns that may match show it early, and are not asked again.
        let mut found = vec![is_odd(text); self.conditions.len()];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let next = bytes.get(at + 1);
            for slot in [Some(alone(*byte)), next.map(|next| pair(*byte, *next))] {
                let Some(slot) = slot else { continue };
                for number in self.starts.at(slot)..self.starts.at(slot + 1) {
                    let number = number as usize;
                    let found = &mut found[self.owners.at(number) as usize];
                    if !*found {
                        let needle = self.needles.bytes_at(number);
                        let here = bytes.get(at..at + needle.len());
                        *found = here.is_some_and(|here| here.eq_ignore_ascii_case(needle));
                    }
                }
            }
        }
        let mut conditions = self.always.clone();
        let positions = (0..found.len()).filter(|position| found[*position]);
        conditions.extend(positions.map(|position| self.conditions.at(position)));
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::draft::read::{self, Go, RawFile, ReadOptions};

    fn draft(text: &str) -> Option<Draft> {
        let mut drafts = Vec::new();
        let mut keep = |read: Vec<Draft>| {
            drafts.extend(read);
            Go::On
        };
        let format = read::by_name("txt").unwrap();
        let file = RawFile::from_bytes("draft", text.as_bytes());
        format.read(file, &ReadOptions::default(), &mut keep, &mut Vec::new());
        drafts.pop()
    }

    proptest! {
        #[test]
        fn the_table_sees_what_the_automaton_sees(
            needles in prop::collection::vec("[abAB1%à]{1,3}", 1..9),
            text in "[abABc1%à ſ\u{AD}\u{A0}]{1,40}",
        ) {
            let mut builder = PatternScanBuilder::default();
            builder.add(0, None);
            for (condition, needle) in (1..).zip(&needles) {
                builder.add(condition, Some(&Texts::from_iter([needle])));
            }
            if let Some(draft) = draft(&text) {
                prop_assert_eq!(builder.clone().table().run(&draft), builder.build().run(&draft));
            }
        }
    }
}
