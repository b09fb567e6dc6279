//! The one scan over a draft for the literals of all rules together.
//!
//! Rules add what they look for and get a [`Needle`] back. A draft is folded once for each level
//! that any rule uses. Besides its running text, the words inside hashtags, handles, links and file
//! names are looked at, and at the level of evasion what disguised words stand for.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::draft::Draft;
use crate::text::evasion::readings;
use crate::text::fold::{Folded, Resist, fold};
use crate::text::literals::{Found, Literals, LiteralsBuilder, NothingToFind};
use crate::text::pieces::{Pieces, pieces};

const LEVELS: [Resist; 3] = [Resist::None, Resist::Typing, Resist::Evasion];

/// Inside a word without cuts a term of so many letters is no accident.
const SURE_INSIDE: usize = 7;

/// A shorter one counts if the rest of the word is made of other words in force.
const LIKELY_INSIDE: usize = 4;

/// Bytes of a name in a list, line end included; only room is made by it.
const TYPICAL_TERM: usize = 14;

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
#[derive(Debug)]
pub struct ScanBuilder {
    numbers: [Vec<Needle>; 3],
    literals: [LiteralsBuilder; 3],
    shared: HashMap<(Resist, String), Needle>,
    count: u32,
    pattern_needles: Vec<String>,
    pattern_rules: Vec<u32>,
    always: Vec<u32>,
}

impl Default for ScanBuilder {
    fn default() -> Self {
        Self {
            numbers: Default::default(),
            literals: LEVELS.map(LiteralsBuilder::new),
            shared: HashMap::new(),
            count: 0,
            pattern_needles: Vec::new(),
            pattern_rules: Vec::new(),
            always: Vec::new(),
        }
    }
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

    /// Makes room for a list of so many bytes.
    pub fn reserve(&mut self, level: Resist, bytes: usize) {
        self.literals[level as usize].reserve(bytes);
        self.numbers[level as usize].reserve(bytes / TYPICAL_TERM);
    }

    /// Adds `written`, compared at `level`.
    ///
    /// # Errors
    ///
    /// If it has no letter or digit.
    pub fn add(&mut self, written: &str, level: Resist) -> Result<Needle, NothingToFind> {
        let slot = level as usize;
        self.literals[slot].add(written)?;
        let needle = Needle(self.count);
        self.count += 1;
        self.numbers[slot].push(needle);
        Ok(needle)
    }

    /// As [`Self::add`] for words that many rules or entries share, such as company for names.
    ///
    /// # Errors
    ///
    /// If it has no letter or digit.
    pub fn add_shared(&mut self, written: &str, level: Resist) -> Result<Needle, NothingToFind> {
        let key = (level, written.to_owned());
        if let Some(needle) = self.shared.get(&key) {
            return Ok(*needle);
        }
        let needle = self.add(written, level)?;
        self.shared.insert(key, needle);
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
            levels: self.literals.map(LiteralsBuilder::build),
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
    /// How many literals there are.
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

    /// Everything in `draft`, a level after the other. The same place may come more than once.
    pub fn run(&self, draft: &Draft) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        for level in LEVELS {
            let literals = &self.levels[level as usize];
            if literals.is_empty() {
                continue;
            }
            let folded = fold(draft.text(), level);
            literals.scan(folded.text(), |found| {
                self.sight(level, &folded, &found, &mut sightings);
            });
            if level == Resist::None {
                continue;
            }
            let parts = pieces(
                draft.text(),
                draft.entities().iter().map(|entity| entity.range.clone()),
                level,
            );
            literals.scan(parts.folded().text(), |found| {
                self.sight(level, parts.folded(), &found, &mut sightings);
            });
            self.inside(level, literals, &parts, &mut sightings);
            if level == Resist::Evasion {
                for reading in readings(draft.text(), &folded) {
                    literals.scan(reading.text(), |found| {
                        self.sight(level, &reading, &found, &mut sightings);
                    });
                    literals.scan_repeated(reading.text(), |found| {
                        self.sight(level, &reading, &found, &mut sightings);
                    });
                }
            }
        }
        sightings
    }

    fn sight(&self, level: Resist, folded: &Folded, found: &Found, into: &mut Vec<Sighting>) {
        if let Some(range) = folded.origin(&found.range) {
            let needle = self.numbers[level as usize][found.literal as usize];
            into.push(Sighting { needle, range });
        }
    }

    /// Terms inside hashtags and handles that are written as one word in small letters.
    fn inside(&self, level: Resist, literals: &Literals, parts: &Pieces, into: &mut Vec<Sighting>) {
        let text = parts.folded().text();
        for word in parts.uncut() {
            let mut found: Vec<Found> = Vec::new();
            literals.scan_inside(text, word, LIKELY_INSIDE, |hit| found.push(hit));
            let is_known = |part: Range<usize>| {
                part.is_empty()
                    || text[part.clone()].bytes().all(|byte| byte.is_ascii_digit())
                    || found.iter().any(|other| other.range == part)
            };
            for hit in &found {
                let sure = hit.range.len() >= SURE_INSIDE;
                let rest =
                    is_known(word.start..hit.range.start) && is_known(hit.range.end..word.end);
                if sure || rest {
                    self.sight(level, parts.folded(), hit, into);
                }
            }
        }
    }
}
