//! The one scan over a draft for the literals of all rules together.
//!
//! Rules add what they look for and get a [`Needle`] back. A draft is folded once for each level
//! that any rule uses. Besides its running text, the words inside hashtags, handles, links and file
//! names are looked at, and at the level of evasion what disguised words stand for.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::text::evasion::readings;
use crate::text::fold::{Folded, Resist, fold};
use crate::text::heads::Heads;
use crate::text::literals::{
    End, Found, Literals, LiteralsBuilder, NothingToFind, for_each_window,
};
use crate::text::numbers::Numbers;
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
    numbers: [Vec<u32>; 3],
    literals: [LiteralsBuilder; 3],
    shared: HashMap<(Resist, End, String), Needle>,
    count: u32,
}

impl Default for ScanBuilder {
    fn default() -> Self {
        Self {
            numbers: Default::default(),
            literals: LEVELS.map(LiteralsBuilder::new),
            shared: HashMap::new(),
            count: 0,
        }
    }
}

impl ScanBuilder {
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
    pub fn add(&mut self, written: &str, end: End, level: Resist) -> Result<Needle, NothingToFind> {
        let slot = level as usize;
        self.literals[slot].add(written, end)?;
        let needle = Needle(self.count);
        self.count += 1;
        self.numbers[slot].push(needle.0);
        Ok(needle)
    }

    /// As [`Self::add`] for words that many rules or entries share, such as company for names.
    ///
    /// # Errors
    ///
    /// If it has no letter or digit.
    pub fn add_shared(
        &mut self,
        written: &str,
        end: End,
        level: Resist,
    ) -> Result<Needle, NothingToFind> {
        let key = (level, end, written.to_owned());
        if let Some(needle) = self.shared.get(&key) {
            return Ok(*needle);
        }
        let needle = self.add(written, end, level)?;
        self.shared.insert(key, needle);
        Ok(needle)
    }

    /// Whether any literal is compared at `level`.
    pub fn uses(&self, level: Resist) -> bool {
        !self.literals[level as usize].is_empty()
    }

    /// Indexes everything that was added.
    pub fn build(self) -> Scan {
        Scan {
            len: self.count as usize,
            levels: self.literals.map(LiteralsBuilder::build),
            numbers: self.numbers.map(Numbers::from),
        }
    }
}

/// All literals of a rulebook, ready to look at drafts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Scan {
    len: usize,
    levels: [Literals; 3],
    /// Of each level the needles of its literals.
    numbers: [Numbers<u32>; 3],
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

    /// The literals that are compared at `level`.
    pub fn literals(&self, level: Resist) -> &Literals {
        &self.levels[level as usize]
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
        let needle = Needle(self.numbers[level as usize].at(found.literal as usize));
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

    /// Calls `each` with the letters, run together, of everything that a scan could find and that has
    /// no more than so many bytes and words. The same may come more than once.
    pub fn windows(&self, reach: (usize, usize), mut each: impl FnMut(&str)) {
        for view in self.0.iter().filter(|view| view.level != Resist::None) {
            let evades = view.level == Resist::Evasion;
            for folded in view.texts() {
                for_each_window(folded.text(), reach, (evades, false), &mut each);
            }
            for reading in &view.readings {
                for_each_window(reading.text(), reach, (evades, true), &mut each);
            }
            let text = view.parts.folded().text();
            for word in view.parts.uncut() {
                let inside = &text[word.clone()];
                for start in (0..inside.len()).filter(|at| inside.is_char_boundary(*at)) {
                    let furthest = inside.len().min(start + reach.0);
                    let ends = start + LIKELY_INSIDE..=furthest;
                    ends.filter_map(|end| inside.get(start..end))
                        .for_each(&mut each);
                }
            }
        }
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
