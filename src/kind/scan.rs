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
use crate::text::heads::Heads;
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
#[derive(Clone, Debug)]
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

    /// The literals alone, to add others to: patterns need no second gate.
    #[must_use]
    pub fn without_patterns(&self) -> Self {
        Self {
            pattern_needles: Vec::new(),
            pattern_rules: Vec::new(),
            always: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether any literal is compared at `level`.
    pub fn uses(&self, level: Resist) -> bool {
        !self.literals[level as usize].is_empty()
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

    /// Calls `report` with everything in a draft, seen as `views`, that `scans` look for together,
    /// and with the position of the scan. The same place may come more than once.
    pub fn run(scans: &[&Self], views: &Views, mut report: impl FnMut(usize, Sighting)) {
        for view in &views.0 {
            for (position, scan) in scans.iter().enumerate() {
                scan.look(view, |sighting| report(position, sighting));
            }
            Self::inside(scans, view, &mut report);
        }
    }

    /// Whether any literal is compared at `level`.
    pub fn uses(&self, level: Resist) -> bool {
        !self.levels[level as usize].is_empty()
    }

    fn look(&self, view: &View, mut report: impl FnMut(Sighting)) {
        let literals = &self.levels[view.level as usize];
        for folded in view.texts() {
            literals.scan(folded.text(), |found| {
                report_at(self.sighting(view.level, folded, &found), &mut report);
            });
        }
        for reading in &view.readings {
            literals.scan_repeated(reading.text(), |found| {
                report_at(self.sighting(view.level, reading, &found), &mut report);
            });
        }
    }

    fn sighting(&self, level: Resist, folded: &Folded, found: &Found) -> Option<Sighting> {
        let range = folded.origin(&found.range)?;
        let needle = self.numbers[level as usize][found.literal as usize];
        Some(Sighting { needle, range })
    }

    /// Terms inside hashtags and handles that are written as one word in small letters.
    fn inside(scans: &[&Self], view: &View, report: &mut impl FnMut(usize, Sighting)) {
        let text = view.parts.folded().text();
        for word in view.parts.uncut() {
            let mut found: Vec<(usize, Found)> = Vec::new();
            for (position, scan) in scans.iter().enumerate() {
                let literals = &scan.levels[view.level as usize];
                literals.scan_inside(text, word, LIKELY_INSIDE, |hit| found.push((position, hit)));
            }
            let is_known = |part: Range<usize>| {
                part.is_empty()
                    || text[part.clone()].bytes().all(|byte| byte.is_ascii_digit())
                    || found.iter().any(|(_, other)| other.range == part)
            };
            for (position, hit) in &found {
                let sure = hit.range.len() >= SURE_INSIDE;
                let rest =
                    is_known(word.start..hit.range.start) && is_known(hit.range.end..word.end);
                if sure || rest {
                    let sighting = scans[*position].sighting(view.level, view.parts.folded(), hit);
                    report_at(sighting, &mut |sighting| report(*position, sighting));
                }
            }
        }
    }
}

/// Reports what was found, unless nothing in the draft made it.
fn report_at(sighting: Option<Sighting>, report: &mut impl FnMut(Sighting)) {
    if let Some(sighting) = sighting {
        report(sighting);
    }
}

/// A draft as the scans see it, folded once for all of them.
#[derive(Debug)]
pub struct Views(Vec<View>);

/// A draft at one level.
#[derive(Debug)]
struct View {
    level: Resist,
    text: Folded,
    parts: Pieces,
    readings: Vec<Folded>,
}

impl Views {
    /// Folds `draft` at the levels that are used.
    pub fn new(draft: &Draft, is_used: impl Fn(Resist) -> bool) -> Self {
        let view = |level| {
            let text = fold(draft.text(), level);
            let readings = match level {
                Resist::Evasion => readings(draft.text(), &text),
                _ => Vec::new(),
            };
            View {
                level,
                text,
                readings,
                parts: match level {
                    Resist::None => Pieces::default(),
                    _ => pieces(
                        draft.text(),
                        draft.entities().iter().map(|entity| entity.range.clone()),
                        level,
                    ),
                },
            }
        };
        let used = LEVELS.into_iter().filter(|level| is_used(*level));
        Self(used.map(view).collect())
    }

    /// How everything begins that a scan could find.
    pub fn heads(&self) -> Heads {
        let mut heads = Heads::default();
        for view in &self.0 {
            view.texts()
                .for_each(|folded| heads.add_words(folded.text()));
            for word in view.parts.uncut() {
                heads.add_inside(&view.parts.folded().text()[word.clone()]);
            }
        }
        heads
    }
}

impl View {
    fn texts(&self) -> impl Iterator<Item = &Folded> {
        [&self.text, self.parts.folded()]
            .into_iter()
            .chain(&self.readings)
    }
}
