//! The one scan over a draft for the literals of all rules together.
//!
//! Rules add what they look for and get a [`Needle`] back; equal literals share one. A draft is
//! folded once for each level that any rule uses.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::draft::Draft;
use crate::text::fold::{Resist, fold};
use crate::text::literals::{Literal, Literals, NothingToFind};

const LEVELS: [Resist; 3] = [Resist::None, Resist::Typing, Resist::Evasion];

/// The number of a literal among those of all rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Needle(u32);

impl Needle {
    /// As an index from 0 to [`Scan::len`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Collects literals.
#[derive(Debug, Default)]
pub struct ScanBuilder {
    known: [HashMap<Literal, Needle>; 3],
    numbers: [Vec<Needle>; 3],
    literals: [Vec<Literal>; 3],
    count: u32,
    pattern_needles: Vec<String>,
    pattern_rules: Vec<u32>,
    always: Vec<u32>,
}

impl ScanBuilder {
    /// Adds what every match of a rule's pattern holds one of; without needles the rule is always
    /// run.
    pub fn add_pattern(&mut self, rule: u32, needles: Option<&[String]>) {
        match needles {
            None => self.always.push(rule),
            Some(needles) => {
                self.pattern_rules.extend(needles.iter().map(|_| rule));
                self.pattern_needles.extend_from_slice(needles);
            }
        }
    }

    /// Adds `written`, compared at `level`.
    ///
    /// # Errors
    ///
    /// If it has no letter or digit.
    pub fn add(&mut self, written: &str, level: Resist) -> Result<Needle, NothingToFind> {
        let literal = Literal::new(written, level)?;
        let slot = level as usize;
        if let Some(needle) = self.known[slot].get(&literal) {
            return Ok(*needle);
        }
        let needle = Needle(self.count);
        self.count += 1;
        self.known[slot].insert(literal.clone(), needle);
        self.numbers[slot].push(needle);
        self.literals[slot].push(literal);
        Ok(needle)
    }

    /// Indexes everything that was added.
    pub fn build(self) -> Scan {
        // The automaton takes any text, so building one from a few thousand does not fail; if it
        // did, every pattern would be run.
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&self.pattern_needles);
        let patterns = automaton.ok().filter(|_| !self.pattern_needles.is_empty());
        Scan {
            patterns,
            pattern_rules: self.pattern_rules,
            always: self.always,
            len: self.count as usize,
            levels: self.literals.map(Literals::new),
            numbers: self.numbers,
        }
    }
}

/// All literals of a rulebook, ready to look at drafts.
#[derive(Debug)]
pub struct Scan {
    len: usize,
    levels: [Literals; 3],
    numbers: [Vec<Needle>; 3],
    patterns: Option<AhoCorasick>,
    pattern_rules: Vec<u32>,
    always: Vec<u32>,
}

/// A literal found in a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Which.
    pub needle: Needle,
    /// Where in the draft's text.
    pub range: Range<usize>,
}

impl Scan {
    /// How many different literals there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rules whose patterns can match something in `draft`, in order.
    pub fn patterns(&self, draft: &Draft) -> Vec<u32> {
        let text = draft.text();
        // Two characters outside ASCII match ASCII letters in any case: then all patterns are run.
        let odd = text.contains(['\u{17F}', '\u{212A}']);
        let mut rules = self.always.clone();
        match &self.patterns {
            Some(automaton) if !odd => {
                rules.extend(
                    automaton
                        .find_overlapping_iter(text)
                        .map(|found| self.pattern_rules[found.pattern().as_usize()]),
                );
            }
            _ => rules.extend(&self.pattern_rules),
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// Everything in `draft`, a level after the other, in the order of the text.
    pub fn run(&self, draft: &Draft) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        for level in LEVELS {
            let literals = &self.levels[level as usize];
            if literals.is_empty() {
                continue;
            }
            let folded = fold(draft.text(), level);
            literals.scan(folded.text(), |found| {
                if let Some(range) = folded.origin(&found.range) {
                    let needle = self.numbers[level as usize][found.literal as usize];
                    sightings.push(Sighting { needle, range });
                }
            });
        }
        sightings
    }
}
