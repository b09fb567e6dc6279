//! One scan of a folded text for all literals of a rulebook, however many there are.
//!
//! The text is cut into words (runs of letters and digits) and every window of words is looked up
//! by the hash of its letters alone, so that “Blue Bird”, “blue-bird” and “bluebird” share a key.
//! The hash is concatenative, H(ab) = H(a)·B^|b| + H(b), so widening a window by a word costs one
//! multiplication; a bit set of all prefixes of all literals closes a window as soon as its letters
//! begin none. Every hit is compared letter by letter: a collision costs time and reports nothing.
//!
//! What may stand between two words is decided at a hit: white space, hyphens, apostrophes and
//! underscores where the literal itself has a cut (a space, a hyphen, `FlowDesk`, `Desk4`), else a
//! hyphen only, so that “an is” never matches “Anis”.
//!
//! A literal whose end is open (“promett” for “promettiamo”) is looked up by the hash of every
//! beginning of the last word of a window, in an index of its own: only the few words that begin as
//! such a literal does are read letter by letter.
//!
//! A million literals are a few flat lists: letters one after another, offsets, hashes. Those of the
//! built-in rules are prepared by `build.rs` and read where they lie.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::fold::{JOINT, Resist, SEGMENT_BREAK, fold, is_combining};
use super::numbers::Numbers;

/// The number of a literal, in the order of adding.
pub type LiteralId = u32;

/// A literal in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub literal: LiteralId,
    /// Where, in the folded text.
    pub range: Range<usize>,
}

/// A text that leaves no letter or digit to look for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("“{0}” has no letter or digit to look for")]
#[diagnostic(
    code(clearpost::terms::nothing_left),
    help("write the word to look for, or use a `pattern` for signs")
)]
pub struct NothingToFind(pub String);

/// How a literal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Where its last word does.
    Word,
    /// Anywhere: the last word may go on.
    Open,
}

/// Checks that a literal would have something to look for.
///
/// # Errors
///
/// If folding leaves no letter or digit.
pub fn has_letters(written: &str, level: Resist) -> Result<(), NothingToFind> {
    let found = if written.is_ascii() {
        written.bytes().any(|byte| byte.is_ascii_alphanumeric())
    } else {
        let mut found = false;
        for_each_word(fold(written, level).text(), |_, _| found = true);
        found
    };
    if found {
        Ok(())
    } else {
        Err(NothingToFind(written.to_owned()))
    }
}

/// The folded letters of a literal run together, and of how many words it may be made.
///
/// # Errors
///
/// If no letter or digit is left.
pub fn letters(written: &str, level: Resist) -> Result<(String, usize), NothingToFind> {
    let mut builder = LiteralsBuilder::new(level);
    builder.add(written, End::Word)?;
    let letters = String::from_utf8_lossy(&builder.letters).into_owned();
    Ok((letters, builder.cuts.len() + 1))
}

/// Adds letters to others so that one written several times in a row counts once.
pub fn collapse(letters: &str, into: &mut String) {
    for letter in letters.chars() {
        if !(letter.is_ascii_alphabetic() && into.ends_with(letter)) {
            into.push(letter);
        }
    }
}

/// The folded letters of a literal that is one word without signs of its own.
pub(super) fn lone_word(written: &str, level: Resist) -> Option<String> {
    let folded = fold(written.trim(), level);
    let mut word: Option<Range<usize>> = None;
    let mut words = 0;
    for_each_word(folded.text(), |start, end| {
        word = Some(start..end);
        words += 1;
    });
    let word = word.filter(|_| words == 1)?;
    let signs = signs_around(folded.text(), word.clone());
    (signs.before.is_none() && signs.after.is_empty()).then(|| folded.text()[word].to_owned())
}

/// Where a literal's letters and cuts begin; they end where those of the next begin.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    letters: u32,
    cuts: u32,
}

/// A place in a literal at which a new word begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    /// Offset in the literal's letters. No term has a word that begins behind 64 KiB.
    at: u16,
    /// What the literal writes there, as a position in the list of gaps.
    gap: u16,
}

/// Signs that belong to a literal: `#ad`, `C++`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Signs {
    before: Option<char>,
    after: Box<str>,
}

/// Collects literals.
#[derive(Clone, Debug)]
pub struct LiteralsBuilder {
    level: Resist,
    letters: Vec<u8>,
    entries: Vec<Entry>,
    cuts: Vec<Cut>,
    gaps: Vec<Box<str>>,
    signs: BTreeMap<LiteralId, Signs>,
    /// Those with an open end, in order.
    open: Vec<LiteralId>,
}

impl LiteralsBuilder {
    /// For literals that are compared at `level`.
    pub fn new(level: Resist) -> Self {
        Self {
            level,
            letters: Vec::new(),
            entries: Vec::new(),
            cuts: Vec::new(),
            gaps: Vec::new(),
            signs: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Makes room for a list of so many bytes.
    pub fn reserve(&mut self, bytes: usize) {
        self.letters.reserve(bytes);
        self.entries.reserve(bytes / 14);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Folds `written`, finds its cuts and adds it.
    ///
    /// # Errors
    ///
    /// If no letter or digit is left; nothing is added then.
    pub fn add(&mut self, written: &str, end: End) -> Result<LiteralId, NothingToFind> {
        let written = written.trim();
        let entry = Entry {
            letters: u32::try_from(self.letters.len()).unwrap_or(u32::MAX),
            cuts: u32::try_from(self.cuts.len()).unwrap_or(u32::MAX),
        };
        let signs = if written.is_ascii() && self.level != Resist::None {
            self.add_ascii(written, entry)
        } else {
            self.add_any(written, entry)
        };
        if self.letters.len() == entry.letters as usize {
            self.cuts.truncate(entry.cuts as usize);
            return Err(NothingToFind(written.to_owned()));
        }
        let id = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(entry);
        if end == End::Open {
            self.open.push(id);
        }
        if signs.before.is_some() || !signs.after.is_empty() {
            self.signs.insert(id, signs);
        }
        Ok(id)
    }

    /// The same as [`Self::add_any`] for text in which every byte is a character and folds to its
    /// lower case: most names of most lists.
    fn add_ascii(&mut self, written: &str, entry: Entry) -> Signs {
        let base = entry.letters as usize;
        let bytes = written.as_bytes();
        let class = |at: usize| bytes.get(at).map_or(0, |byte| CLASS[usize::from(*byte)]);
        let mut first = None;
        let mut end = 0;
        let mut at = 0;
        while at < bytes.len() {
            let mut last = class(at);
            if last == 0 {
                at += 1;
                continue;
            }
            let start = at;
            let offset = self.letters.len() - base;
            if first.is_some() {
                self.cut(offset, &written[end..start]);
            }
            first.get_or_insert(start);
            at += 1;
            loop {
                let here = class(at);
                if here == 0 {
                    break;
                }
                if here != last && !(last == CAPITAL && here == SMALL) {
                    self.cut(offset + at - start, "");
                }
                last = here;
                at += 1;
            }
            self.letters.extend_from_slice(&bytes[start..at]);
            self.letters[base + offset..].make_ascii_lowercase();
            end = at;
        }
        first.map_or_else(Signs::default, |first| signs_around(written, first..end))
    }

    fn add_any(&mut self, written: &str, entry: Entry) -> Signs {
        let base = entry.letters as usize;
        let folded = fold(written, self.level);
        let text = folded.text();
        let mut first = None;
        let mut end = 0;
        for_each_word(text, |start, stop| {
            let offset = self.letters.len() - base;
            if first.is_some() {
                self.cut(offset, &text[end..start]);
            }
            first.get_or_insert(start);
            // Humps are seen in what was written; folding has lost the capitals.
            let mut last: Option<char> = None;
            for (at, letter) in text[start..stop].char_indices() {
                let range = start + at..start + at + letter.len_utf8();
                let here = folded
                    .origin(&range)
                    .and_then(|origin| written[origin].chars().next())
                    .unwrap_or(letter);
                if let Some(last) = last {
                    let camel = last.is_lowercase() && here.is_uppercase();
                    if camel || last.is_numeric() != here.is_numeric() {
                        self.cut(offset + at, "");
                    }
                }
                last = Some(here);
            }
            self.letters
                .extend_from_slice(&text.as_bytes()[start..stop]);
            end = stop;
        });
        signs_around(text, first.unwrap_or(0)..end)
    }

    fn cut(&mut self, at: usize, written: &str) {
        // A handful of gaps serve all literals.
        let gap = self
            .gaps
            .iter()
            .position(|have| **have == *written)
            .unwrap_or_else(|| {
                self.gaps.push(written.into());
                self.gaps.len() - 1
            });
        if let (Ok(at), Ok(gap)) = (u16::try_from(at), u16::try_from(gap)) {
            self.cuts.push(Cut { at, gap });
        }
    }

    /// Indexes everything that was added.
    pub fn build(self) -> Literals {
        let end = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let mut letters_at: Vec<u32> = self.entries.iter().map(|entry| entry.letters).collect();
        letters_at.push(end(self.letters.len()));
        let mut cuts_at: Vec<u32> = self.entries.iter().map(|entry| entry.cuts).collect();
        cuts_at.push(end(self.cuts.len()));
        let index = |wanted: End, collapse: bool| {
            let literals = (0..).zip(letters_at.windows(2));
            let literals = literals
                .filter(|(id, _)| (self.open.binary_search(id).is_ok()) == (wanted == End::Open));
            let count = match wanted {
                End::Open => self.open.len(),
                End::Word => self.entries.len() - self.open.len(),
            };
            Index::new(
                literals.map(|(id, at)| (id, &self.letters[at[0] as usize..at[1] as usize])),
                (count, self.letters.len()),
                collapse,
            )
        };
        let evades = self.level == Resist::Evasion;
        let is_open = !self.open.is_empty();
        Literals {
            level: self.level,
            plain: index(End::Word, false),
            collapsed: evades.then(|| index(End::Word, true)),
            beginnings: is_open.then(|| index(End::Open, false)),
            collapsed_beginnings: (is_open && evades).then(|| index(End::Open, true)),
            letters_at: letters_at.into(),
            cuts_at: cuts_at.into(),
            cut_places: self
                .cuts
                .iter()
                .map(|cut| cut.at)
                .collect::<Vec<_>>()
                .into(),
            cut_gaps: self
                .cuts
                .iter()
                .map(|cut| cut.gap)
                .collect::<Vec<_>>()
                .into(),
            letters: self.letters.into(),
            gaps: self.gaps,
            signs: self.signs,
        }
    }
}

fn signs_around(text: &str, words: Range<usize>) -> Signs {
    let before = text[..words.start].chars().next_back();
    Signs {
        before: before.filter(|sign| matches!(sign, '#' | '@' | '$' | '.')),
        after: text[words.end..]
            .chars()
            .take_while(|sign| matches!(sign, '+' | '#' | '%'))
            .collect::<String>()
            .into(),
    }
}

/// Whether a character is written without spaces between words: each is then a word of its own.
fn stands_alone(letter: char) -> bool {
    matches!(letter,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Calls `each` with the byte range of every run of letters and digits.
pub(super) fn for_each_word(text: &str, mut each: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut start = None;
    while at < bytes.len() {
        let byte = bytes[at];
        let (inside, alone, len) = if byte.is_ascii() {
            (byte.is_ascii_alphanumeric(), false, 1)
        } else {
            let letter = text[at..].chars().next().unwrap_or(' ');
            let alone = stands_alone(letter);
            (alone || letter.is_alphanumeric(), alone, letter.len_utf8())
        };
        if (!inside || alone)
            && let Some(start) = start.take()
        {
            each(start, at);
        }
        if alone {
            each(at, at + len);
        } else if inside && start.is_none() {
            start = Some(at);
        }
        at += len;
    }
    if let Some(start) = start {
        each(start, bytes.len());
    }
}

/// Bytes that may stand between two words of one literal.
const WIDEST_GAP: usize = 8;

/// Calls `each` with the letters, run together, of every window of words that could be a literal of
/// at most `longest` bytes and `words` words: more often than any literal would be found there, and
/// never less. With `evades`, letters may be spaced out; with `collapse`, repeated ones count once.
pub fn for_each_window(
    text: &str,
    (longest, words): (usize, usize),
    (evades, collapsed): (bool, bool),
    mut each: impl FnMut(&str),
) {
    let mut list = Vec::with_capacity(text.len() / 5);
    for_each_word(text, |start, end| list.push((start, end)));
    let mut letters = String::new();
    for from in 0..list.len() {
        letters.clear();
        let mut gaps = 0;
        let mut before: Option<(usize, usize)> = None;
        for &(start, end) in &list[from..] {
            if let Some(before) = before {
                let gap = &text[before.1..start];
                if gap.len() > WIDEST_GAP || gap.contains(SEGMENT_BREAK) {
                    break;
                }
                let is_one =
                    |(start, end): (usize, usize)| text[start..end].chars().nth(1).is_none();
                let spelled = evades && is_one(before) && is_one((start, end));
                if !spelled && !is_joined(gap, &text[..before.1], &text[start..]) {
                    gaps += 1;
                }
                if gaps >= words {
                    break;
                }
            }
            if collapsed {
                collapse(&text[start..end], &mut letters);
            } else {
                letters.push_str(&text[start..end]);
            }
            if letters.len() > longest {
                break;
            }
            each(&letters);
            before = Some((start, end));
        }
    }
}

/// Whether two words with this gap between them may be one word of a literal.
fn is_joined(gap: &str, before: &str, behind: &str) -> bool {
    let gap = gap.trim_matches(JOINT);
    matches!(gap, "" | "-" | "- ")
        || (matches!(gap, "·" | ".") && before.ends_with('l') && behind.starts_with('l'))
}

const SMALL: u8 = 1;
const CAPITAL: u8 = 2;
const FIGURE: u8 = 3;

/// What each byte of ASCII is to a word: nothing (0), a small letter, a capital, a figure.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        class[byte as usize] = if byte.is_ascii_lowercase() {
            SMALL
        } else if byte.is_ascii_uppercase() {
            CAPITAL
        } else if byte.is_ascii_digit() {
            FIGURE
        } else {
            0
        };
        byte += 1;
    }
    class
};

const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of some letters and one more.
pub(super) fn step(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1)
}

/// A word of the text, with what is needed to join it to others.
#[derive(Clone, Copy, Debug)]
struct Word {
    start: usize,
    end: usize,
    hash: u64,
    /// BASE to the power of the number of bytes hashed.
    power: u64,
    /// In a collapsed scan: hash and power without the first letter, which may be the last of the
    /// word before.
    tail: (u64, u64),
}

impl Word {
    fn new(text: &str, start: usize, end: usize, collapse: bool) -> Self {
        let mut word = Self {
            start,
            end,
            hash: 0,
            power: 1,
            tail: (0, 1),
        };
        let mut last = None;
        for byte in &text.as_bytes()[start..end] {
            if collapse && last == Some(*byte) && byte.is_ascii_alphabetic() {
                continue;
            }
            word.hash = step(word.hash, *byte);
            word.power = word.power.wrapping_mul(BASE);
            if collapse && last.is_some() {
                word.tail.0 = step(word.tail.0, *byte);
                word.tail.1 = word.tail.1.wrapping_mul(BASE);
            }
            last = Some(*byte);
        }
        word
    }
}

/// Hashes of literals and of their prefixes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Index {
    /// Whether a letter that is repeated counts once.
    collapse: bool,
    /// Of each literal the upper half of its hash: what seems equal is read letter by letter.
    hashes: Numbers<u32>,
    /// The literal of each hash; empty: they are in order, without gaps.
    ids: Numbers<u32>,
    /// Open addressing: 0, or 1 + the position of a hash that lands here or before.
    slots: Numbers<u32>,
    prefixes: Numbers<u64>,
    /// Bytes of the longest literal.
    longest: usize,
}

/// Places for each five literals: with fewer, looking for one takes more steps.
const SLOTS_FOR_FIVE: usize = 9;

/// Bits for each letter of all literals. Since most literals begin as others do, far fewer are set.
const BITS_A_LETTER: usize = 5;

impl Index {
    /// Indexes `literals`, of which there are so many with so many letters at most.
    fn new<'w>(
        literals: impl Iterator<Item = (LiteralId, &'w [u8])>,
        (count, letters): (usize, usize),
        collapse: bool,
    ) -> Self {
        let mut hashes = Vec::with_capacity(count);
        let mut ids = Vec::new();
        let mut slots = vec![0; count * SLOTS_FOR_FIVE / 5 + 2];
        let mut prefixes: Vec<u64> = vec![0; letters * BITS_A_LETTER / 64 + 64];
        let mut longest = 0;
        let bits = prefixes.len() * 64;
        for (position, (id, word)) in (0..).zip(literals) {
            longest = longest.max(word.len());
            let mut hash = 0;
            let mut last = None;
            for &byte in word {
                if collapse && last == Some(byte) && byte.is_ascii_alphabetic() {
                    continue;
                }
                last = Some(byte);
                hash = step(hash, byte);
                let bit = place(hash, bits);
                prefixes[bit / 64] |= 1 << (bit % 64);
            }
            hashes.push(upper(hash));
            if ids.is_empty() && id != position {
                ids.extend(0..position);
            }
            if id != position || !ids.is_empty() {
                ids.push(id);
            }
            let mut slot = place(hash, slots.len());
            while slots[slot] != 0 {
                slot = following(slot, slots.len());
            }
            slots[slot] = position + 1;
        }
        Self {
            collapse,
            hashes: hashes.into(),
            ids: ids.into(),
            slots: slots.into(),
            prefixes: prefixes.into(),
            longest,
        }
    }

    fn is_prefix(&self, hash: u64) -> bool {
        let bit = place(hash, self.prefixes.len() * 64);
        self.prefixes.at(bit / 64) >> (bit % 64) & 1 == 1
    }

    /// The literals that may have this hash; those that have it are among them.
    fn with_hash(&self, hash: u64) -> impl Iterator<Item = LiteralId> + '_ {
        let mut slot = place(hash, self.slots.len());
        std::iter::from_fn(move || {
            loop {
                let position = self.slots.at(slot).checked_sub(1)? as usize;
                slot = following(slot, self.slots.len());
                if self.hashes.at(position) == upper(hash) {
                    return Some(if self.ids.is_empty() {
                        u32::try_from(position).unwrap_or(u32::MAX)
                    } else {
                        self.ids.at(position)
                    });
                }
            }
        })
    }
}

/// The next of `count` places, the first behind the last.
fn following(place: usize, count: usize) -> usize {
    if place + 1 == count { 0 } else { place + 1 }
}

/// The upper half of a hash.
fn upper(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A place among `count` for a hash: each is as likely, and all of the hash has a say.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the product's upper half is below `count`"
)]
fn place(hash: u64, count: usize) -> usize {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let mixed = mixed ^ (mixed >> 32);
    ((u128::from(mixed) * count as u128) >> 64) as usize
}

/// Literals of one folding level, indexed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Literals {
    level: Resist,
    /// Folded letters and digits of all literals, as UTF-8.
    letters: Numbers<u8>,
    /// Where each literal's letters begin; one more than there are literals.
    letters_at: Numbers<u32>,
    /// Where each literal's cuts begin; one more than there are literals.
    cuts_at: Numbers<u32>,
    /// Of each cut the offset in the literal's letters.
    cut_places: Numbers<u16>,
    /// Of each cut what the literal writes there, as a position in `gaps`.
    cut_gaps: Numbers<u16>,
    /// What literals write at their cuts, each once.
    gaps: Vec<Box<str>>,
    signs: BTreeMap<LiteralId, Signs>,
    plain: Index,
    /// At the level of evasion: the same with repeated letters counted once.
    collapsed: Option<Index>,
    /// Literals with an open end.
    beginnings: Option<Index>,
    /// At the level of evasion: the same with repeated letters counted once.
    collapsed_beginnings: Option<Index>,
}

impl Literals {
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.letters_at.len() < 2
    }

    /// Whether any ends in the midst of a word.
    pub fn has_open_ends(&self) -> bool {
        self.beginnings.is_some()
    }

    /// The folded letters of each.
    pub(super) fn letters(&self) -> impl Iterator<Item = &[u8]> {
        let count = u32::try_from(self.letters_at.len()).unwrap_or(u32::MAX);
        (0..count.saturating_sub(1)).map(|literal| self.letters_of(literal))
    }

    /// Whether letters with this hash may be the first of a literal, or all of it.
    pub(super) fn may_begin(&self, hash: u64) -> bool {
        self.plain.is_prefix(hash)
    }

    /// Whether letters with this hash may be all of a literal.
    pub(super) fn may_be(&self, hash: u64) -> bool {
        self.plain.with_hash(hash).next().is_some()
    }

    /// Calls `report` with every literal in `text`, which is folded at this index's level.
    ///
    /// Matches may overlap; they come in the order of their starts, then of their ends, those with
    /// an open end behind the others.
    pub fn scan(&self, text: &str, report: impl FnMut(Found)) {
        self.scan_with(&self.plain, self.beginnings.as_ref(), text, report);
    }

    /// As [`Self::scan`] at the level of evasion, where a letter written three times or more may
    /// stand for fewer; at other levels it finds nothing.
    pub fn scan_repeated(&self, text: &str, report: impl FnMut(Found)) {
        if let Some(index) = &self.collapsed {
            self.scan_with(index, self.collapsed_beginnings.as_ref(), text, report);
        }
    }

    /// Calls `report` with every literal of at least `shortest` letters inside `word`, a run of
    /// letters without cuts such as a hashtag in small letters.
    pub fn scan_inside(
        &self,
        text: &str,
        word: &Range<usize>,
        shortest: usize,
        mut report: impl FnMut(Found),
    ) {
        let bytes = text.as_bytes();
        for start in word.clone().filter(|at| text.is_char_boundary(*at)) {
            let mut hash = 0;
            for end in start + 1..=word.end {
                hash = step(hash, bytes[end - 1]);
                if !self.plain.is_prefix(hash) {
                    break;
                }
                if end - start < shortest || !text.is_char_boundary(end) {
                    continue;
                }
                for literal in self.plain.with_hash(hash) {
                    if self.letters_of(literal) == &bytes[start..end]
                        && !self.signs.contains_key(&literal)
                    {
                        report(Found {
                            literal,
                            range: start..end,
                        });
                    }
                }
            }
        }
    }

    fn scan_with(
        &self,
        index: &Index,
        beginnings: Option<&Index>,
        text: &str,
        mut report: impl FnMut(Found),
    ) {
        if self.is_empty() {
            return;
        }
        let mut list = Vec::with_capacity(text.len() / 5);
        for_each_word(text, |start, end| {
            list.push(Word::new(text, start, end, index.collapse));
        });
        for (from, first) in list.iter().enumerate() {
            let mut hash = first.hash;
            let mut to = from + 1;
            while index.is_prefix(hash) {
                for literal in index.with_hash(hash) {
                    if self.matches(literal, text, &list[from..to], index.collapse) {
                        let range = self.with_signs(literal, first.start..list[to - 1].end);
                        report(Found { literal, range });
                    }
                }
                let Some(next) = follower(index, &list, from, to) else {
                    break;
                };
                let (next_hash, power) = if repeats(index, text, &list[to - 1], next) {
                    next.tail
                } else {
                    (next.hash, next.power)
                };
                hash = hash.wrapping_mul(power).wrapping_add(next_hash);
                to += 1;
            }
        }
        if let Some(index) = beginnings {
            self.scan_beginnings(index, text, &list, report);
        }
    }

    /// Calls `report` with every literal of an open end; a match ends where its last word does.
    fn scan_beginnings(
        &self,
        index: &Index,
        text: &str,
        words: &[Word],
        mut report: impl FnMut(Found),
    ) {
        let bytes = text.as_bytes();
        for (from, first) in words.iter().enumerate() {
            let mut hash = 0;
            let mut last = None;
            let mut to = from;
            'window: while let Some(word) = words.get(to) {
                for &byte in &bytes[word.start..word.end] {
                    if index.collapse && last == Some(byte) && byte.is_ascii_alphabetic() {
                        continue;
                    }
                    last = Some(byte);
                    hash = step(hash, byte);
                    if !index.is_prefix(hash) {
                        break 'window;
                    }
                    for literal in index.with_hash(hash) {
                        if self.begins(literal, text, &words[from..=to], index.collapse) {
                            let range = self.with_signs(literal, first.start..word.end);
                            report(Found { literal, range });
                        }
                    }
                }
                to += 1;
                if follower(index, words, from, to).is_none() {
                    break;
                }
            }
        }
    }

    fn letters_of(&self, literal: LiteralId) -> &[u8] {
        let at = literal as usize;
        let letters = self.letters_at.at(at) as usize..self.letters_at.at(at + 1) as usize;
        &self.letters.as_slice()[letters]
    }

    /// Where the literal has cuts, and what it writes there.
    fn cuts_of(&self, literal: LiteralId) -> impl Iterator<Item = (usize, &str)> {
        let at = literal as usize;
        (self.cuts_at.at(at) as usize..self.cuts_at.at(at + 1) as usize).map(|cut| {
            let gap = self.cut_gaps.at(cut) as usize;
            (self.cut_places.at(cut) as usize, &*self.gaps[gap])
        })
    }

    fn cut_at(&self, literal: LiteralId, offset: usize) -> Option<&str> {
        self.cuts_of(literal)
            .find(|(at, _)| *at == offset)
            .map(|(_, written)| written)
    }

    /// The range of the words grown by the signs that belong to the literal.
    fn with_signs(&self, literal: LiteralId, words: Range<usize>) -> Range<usize> {
        match self.signs.get(&literal) {
            None => words,
            Some(signs) => {
                words.start - signs.before.map_or(0, char::len_utf8)..words.end + signs.after.len()
            }
        }
    }

    /// Whether the words of `text` at `window` are this literal, with only such signs between them
    /// as may stand there.
    fn matches(&self, literal: LiteralId, text: &str, window: &[Word], collapse: bool) -> bool {
        let Some(mut rest) = self.words_fit(literal, text, window, collapse) else {
            return false;
        };
        let Some(last) = window.last() else {
            return false;
        };
        // As written, a letter with an accent behind it is another letter.
        if self.level == Resist::None && text[last.end..].starts_with(is_combining) {
            return false;
        }
        rest.is_done(collapse) && self.signs_fit(literal, text, window)
    }

    /// Whether the words of `text` at `window` begin with this literal, which goes into the last.
    fn begins(&self, literal: LiteralId, text: &str, window: &[Word], collapse: bool) -> bool {
        let Some((last, before)) = window.split_last() else {
            return false;
        };
        let Some(mut rest) = self.words_fit(literal, text, before, collapse) else {
            return false;
        };
        if let Some(before) = before.last()
            && !self.gap_between(literal, text, (before, last), &rest)
        {
            return false;
        }
        let here = &text.as_bytes()[last.start..last.end];
        let fits = if collapse {
            rest.takes_beginning(here)
        } else {
            let left = &rest.letters[rest.at..];
            !left.is_empty() && here.starts_with(left)
        };
        fits && self.signs_fit(literal, text, window)
    }

    /// What is left of the literal behind the words of `window`, if they are how it begins.
    fn words_fit(
        &self,
        literal: LiteralId,
        text: &str,
        window: &[Word],
        collapse: bool,
    ) -> Option<Rest<'_>> {
        let mut rest = Rest {
            letters: self.letters_of(literal),
            at: 0,
            run: 0,
            last: None,
        };
        let mut before: Option<&Word> = None;
        for word in window {
            if let Some(before) = before
                && !self.gap_between(literal, text, (before, word), &rest)
            {
                return None;
            }
            let here = &text.as_bytes()[word.start..word.end];
            let inside = rest.at + 1..rest.at + here.len();
            if self.level == Resist::None
                && self
                    .cuts_of(literal)
                    .any(|(at, written)| inside.contains(&at) && !written.is_empty())
            {
                return None;
            }
            let fits = if collapse {
                rest.take_runs(here)
            } else {
                rest.take(here)
            };
            if !fits {
                return None;
            }
            before = Some(word);
        }
        Some(rest)
    }

    /// Whether what stands between two words of the text may stand there in the literal.
    fn gap_between(
        &self,
        literal: LiteralId,
        text: &str,
        (before, word): (&Word, &Word),
        rest: &Rest<'_>,
    ) -> bool {
        let gap = &text[before.end..word.start];
        let spelled = self.collapsed.is_some()
            && rest.letters.len() >= 3
            && is_one_letter(text, before)
            && is_one_letter(text, word);
        let fits = || {
            rest.offsets()
                .any(|offset| self.gap_fits(literal, offset, gap))
        };
        fits() || (spelled && is_spelling_gap(gap))
    }

    /// Whether the signs that belong to the literal stand around the words.
    fn signs_fit(&self, literal: LiteralId, text: &str, window: &[Word]) -> bool {
        let (Some(first), Some(last)) = (window.first(), window.last()) else {
            return false;
        };
        self.signs.get(&literal).is_none_or(|signs| {
            signs
                .before
                .is_none_or(|sign| text[..first.start].ends_with(sign))
                && text[last.end..].starts_with(&*signs.after)
        })
    }

    fn gap_fits(&self, literal: LiteralId, offset: usize, gap: &str) -> bool {
        if self.level == Resist::None {
            return gap == self.cut_at(literal, offset).unwrap_or_default();
        }
        let gap = gap.trim_matches(JOINT);
        if gap.is_empty() || gap == "-" {
            return true;
        }
        let letters = self.letters_of(literal);
        let (before, behind) = letters.split_at(offset.min(letters.len()));
        if matches!(gap, "·" | ".") && before.last() == Some(&b'l') && behind.first() == Some(&b'l')
        {
            return true;
        }
        let loose = |sign: char| matches!(sign, '-' | '_' | '\'' | '`' | '+' | JOINT);
        let Some(written) = self.cut_at(literal, offset) else {
            // A word cut by a hyphen at the end of a line.
            return gap == "- ";
        };
        let signs = || gap.chars().filter(|sign| *sign != ' ');
        // Spaces around a sign are as people like them: H&M, H & M.
        signs().eq(written.chars().filter(|sign| *sign != ' '))
            || (signs().count() <= 3 && signs().all(loose))
    }
}

/// The word behind the window `list[from..to]`, if a literal may go on in it.
fn follower<'w>(index: &Index, list: &'w [Word], from: usize, to: usize) -> Option<&'w Word> {
    let end = list[to - 1].end;
    // Letters that repeat one another would keep a collapsed window open for ever.
    let reach = list[from].end + 8 * index.longest;
    // Nothing longer than this ever stands between two words of one literal.
    list.get(to)
        .filter(|next| next.start - end <= WIDEST_GAP && end <= reach)
}

/// Whether a word begins with the letter that the one before it ends with, which counts once.
fn repeats(index: &Index, text: &str, before: &Word, word: &Word) -> bool {
    let (a, b) = (text.as_bytes()[before.end - 1], text.as_bytes()[word.start]);
    index.collapse && a == b && a.is_ascii_alphabetic()
}

fn is_one_letter(text: &str, word: &Word) -> bool {
    text[word.start..word.end].chars().nth(1).is_none()
}

/// What people put between letters to space them out.
fn is_spelling_gap(gap: &str) -> bool {
    let mut signs = gap.chars().filter(|sign| *sign != JOINT);
    let sign = signs.next();
    signs.next().is_none()
        && sign.is_some_and(|c| {
            matches!(
                c,
                ' ' | '.' | '_' | '*' | '·' | '/' | '|' | ',' | '~' | '+' | ':'
            )
        })
}

/// What of a literal's letters is still to be matched.
#[derive(Clone, Copy)]
struct Rest<'l> {
    letters: &'l [u8],
    at: usize,
    /// How often the text has repeated `last` so far.
    run: usize,
    last: Option<u8>,
}

impl Rest<'_> {
    fn take(&mut self, bytes: &[u8]) -> bool {
        let fits = self.letters[self.at..].starts_with(bytes);
        self.at += if fits { bytes.len() } else { 0 };
        fits
    }

    /// Takes bytes in which a letter written three times or more may stand for fewer.
    fn take_runs(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            if self.last == Some(*byte) && byte.is_ascii_alphabetic() {
                self.run += 1;
            } else {
                if !self.end_run() || self.letters.get(self.at) != Some(byte) {
                    return false;
                }
                self.last = Some(*byte);
                self.run = 1;
                if !byte.is_ascii_alphabetic() {
                    self.at += 1;
                    self.last = None;
                    self.run = 0;
                }
            }
        }
        true
    }

    /// Whether `bytes` begin with what is left, a letter written three times or more standing for
    /// fewer.
    fn takes_beginning(&mut self, bytes: &[u8]) -> bool {
        if self.at == self.letters.len() {
            return false;
        }
        for (at, byte) in bytes.iter().enumerate() {
            if !self.take_runs(&bytes[at..=at]) {
                return false;
            }
            let mut here = *self;
            if bytes.get(at + 1) != Some(byte) && here.end_run() && here.at == here.letters.len() {
                return true;
            }
        }
        false
    }

    /// Where in the literal's letters the text has arrived: one place, or any inside the run that
    /// is still open.
    fn offsets(&self) -> impl Iterator<Item = usize> {
        let own = self.last.map_or(0, |last| {
            self.letters[self.at..]
                .iter()
                .take_while(|byte| **byte == last)
                .count()
        });
        self.at + own.min(1)..=self.at + own
    }

    /// Closes a run: the literal's own run is as long, or the text's is an exaggeration of it.
    fn end_run(&mut self) -> bool {
        let Some(last) = self.last.take() else {
            return true;
        };
        let own = self.letters[self.at..]
            .iter()
            .take_while(|byte| **byte == last)
            .count();
        self.at += own;
        own > 0 && (self.run == own || (self.run >= 3 && self.run >= own))
    }

    fn is_done(&mut self, collapse: bool) -> bool {
        (!collapse || self.end_run()) && self.at == self.letters.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(terms: &[&str], level: Resist) -> Literals {
        let mut builder = LiteralsBuilder::new(level);
        for term in terms {
            builder.add(term, End::Word).unwrap();
        }
        builder.build()
    }

    fn found_at(terms: &[&str], text: &str, level: Resist) -> Vec<(u32, String)> {
        let folded = fold(text, level);
        let mut hits = Vec::new();
        index(terms, level).scan(folded.text(), |hit| {
            let origin = folded.origin(&hit.range).unwrap();
            hits.push((hit.literal, text[origin].to_owned()));
        });
        hits
    }

    fn found(terms: &[&str], text: &str) -> Vec<(u32, String)> {
        found_at(terms, text, Resist::Typing)
    }

    #[test]
    fn whole_words_in_every_spelling() {
        let cases: [(&str, &str, &[&str]); 26] = [
            ("Apple", "a pineapple and an apple", &["apple"]),
            (
                "Blue Bird",
                "Blue Bird, blue-bird, BLUEBIRD, blue\n  bird",
                &["Blue Bird", "blue-bird", "BLUEBIRD", "blue\n  bird"],
            ),
            ("Blue Bird", "so blue. Bird watching; blue, bird", &[]),
            ("Bluebird", "blue-bird blue bird", &["blue-bird"]),
            (
                "BlueLynx",
                "Blue Lynx #Blue_Lynx",
                &["Blue Lynx", "Blue_Lynx"],
            ),
            (
                "FlowDesk 4",
                "FlowDesk 4, Flow Desk 4, flowdesk4; FlowDesk 40",
                &["FlowDesk 4", "Flow Desk 4", "flowdesk4"],
            ),
            ("Anis", "an is", &[]),
            (
                "Orsini",
                "dell’Orsini l'Orsini Orsini's Orsinis",
                &["Orsini", "Orsini", "Orsini"],
            ),
            ("S.p.A.", "Lumetra S.p.A. e SpA", &["S.p.A", "SpA"]),
            (
                "Col·lectiu",
                "Col•lectiu col.lectiu coŀlectiu Collectiu col-lectiu colxlectiu",
                &[
                    "Col•lectiu",
                    "col.lectiu",
                    "coŀlectiu",
                    "Collectiu",
                    "col-lectiu",
                ],
            ),
            ("Someșana", "Someşana SOMESANA", &["Someşana", "SOMESANA"]),
            ("#ad", "ad #ad #adv", &["#ad"]),
            ("C++", "c and c++ and c+", &["c++"]),
            (".NET", "the .NET net", &[".NET"]),
            ("H&M", "H&M, H & M; H and M", &["H&M", "H & M"]),
            (
                "Acme Corp",
                "Acme™ Corp, Acme    Corp, Acme® Corp² and AcmeCorp①",
                &["Acme™ Corp", "Acme    Corp", "Acme® Corp", "AcmeCorp"],
            ),
            ("CO2", "CO₂ and CO2", &["CO₂", "CO2"]),
            ("Cocca", "Coccaglio", &[]),
            ("R2", "R2 R-2 R 2 r22", &["R2", "R-2", "R 2"]),
            ("銀行", "東京銀行です", &["銀行"]),
            ("Банк", "в БАНК и банкир", &["БАНК"]),
            ("a b c", "a b c b c", &["a b c"]),
            ("don't", "don’t dont don t", &["don’t", "dont", "don t"]),
            (
                "project x",
                "projectx project-x project\u{A0}x",
                &["projectx", "project-x", "project\u{A0}x"],
            ),
            (
                "under NDA",
                "under nda. UNDER NDA!",
                &["under nda", "UNDER NDA"],
            ),
            ("no", "No\0no", &["No", "no"]),
        ];
        for (term, text, expected) in cases {
            let hits: Vec<_> = found(&[term], text)
                .into_iter()
                .map(|(_, words)| words)
                .collect();
            assert_eq!(hits, expected, "{term} in {text}");
        }
    }

    #[test]
    fn letters_spaced_or_dotted_out_are_found_at_the_level_of_evasion_only() {
        let cases: [(&str, &str, &[&str]); 8] = [
            ("project", "our p r o j e c t now", &["p r o j e c t"]),
            (
                "Acme",
                "a.c.m.e, A-C-M-E and a*c*m*e",
                &["a.c.m.e", "A-C-M-E", "a*c*m*e"],
            ),
            (
                "project blue",
                "p.r.o.j.e.c.t blue",
                &["p.r.o.j.e.c.t blue"],
            ),
            ("Acme", "ac me ac.me", &[]),
            ("Acme", "a, c, m, e", &[]),
            ("ab", "a b", &[]),
            ("Acme", "I e a c m e o", &["a c m e"]),
            (
                "Acme",
                "ⓐ ⓒ ⓜ ⓔ, ⓐ-ⓒ-ⓜ-ⓔ and ⓐⓒ-ⓜⓔ",
                &["ⓐ ⓒ ⓜ ⓔ", "ⓐ-ⓒ-ⓜ-ⓔ", "ⓐⓒ-ⓜⓔ"],
            ),
        ];
        for (term, text, expected) in cases {
            let hits: Vec<_> = found_at(&[term], text, Resist::Evasion)
                .into_iter()
                .map(|(_, words)| words)
                .collect();
            assert_eq!(hits, expected, "{term} in {text}");
            let typing = found(&[term], text);
            assert!(
                typing.len() <= expected.len() && (typing.is_empty() || text.contains('-')),
                "{typing:?}"
            );
        }
    }

    #[test]
    fn a_letter_written_three_times_stands_for_fewer() {
        let cases: [(&str, &str, &[&str]); 8] = [
            ("stupid", "so stuuupid, stuupid", &["stuuupid"]),
            (
                "coffee",
                "cooooffffeeee cofffee cofeee coffeee",
                &["cooooffffeeee", "cofffee", "coffeee"],
            ),
            ("god", "good gooood", &["gooood"]),
            ("ass", "as asss a sss", &["asss"]),
            (
                "blue eyes",
                "blue eyes blueeyes bluuue eyes blueeeyes",
                &["blue eyes", "blueeyes", "bluuue eyes", "blueeeyes"],
            ),
            ("n00b", "n0000b n00b", &["n00b"]),
            ("stupid idea", "stupiiid ideaaa", &["stupiiid ideaaa"]),
            ("abc", "aaabbbcccd", &[]),
        ];
        for (term, text, expected) in cases {
            let folded = fold(text, Resist::Evasion);
            let mut hits = Vec::new();
            index(&[term], Resist::Evasion).scan_repeated(folded.text(), |hit| {
                hits.push(text[folded.origin(&hit.range).unwrap()].to_owned());
            });
            assert_eq!(hits, expected, "{term} in {text}");
        }
        index(&["stupid"], Resist::Typing).scan_repeated("stupid", |hit| panic!("{hit:?}"));
    }

    #[test]
    fn a_literal_with_an_open_end_goes_on_in_its_last_word() {
        let cases: [(&str, &str, Resist, &[&str]); 9] = [
            (
                "promett",
                "Promettiamo: promett, promet, compromettere",
                Resist::Typing,
                &["Promettiamo", "promett"],
            ),
            (
                "we guarant",
                "we guarantee, we  guaranteed; weguarantees, we warrant",
                Resist::Typing,
                &["we guarantee", "we  guaranteed", "weguarantees"],
            ),
            (
                "garantí",
                "garantizamos y garantía",
                Resist::Typing,
                &["garantizamos", "garantía"],
            ),
            (
                "#promo",
                "#promotion promotion",
                Resist::Typing,
                &["#promotion"],
            ),
            ("Acm", "acme’s acm-e", Resist::Typing, &["acme", "acm"]),
            ("acm", "acme Acme", Resist::None, &["acme"]),
            ("stup", "5tup1d stup", Resist::Evasion, &["stup"]),
            (
                "stupid",
                "s t u p i d l y stuuuupidly",
                Resist::Evasion,
                &["s t u p i d", "stuuuupidly"],
            ),
            (
                "coffee m",
                "cofffee maker, coffee mug, cofee mug",
                Resist::Evasion,
                &["coffee mug", "cofffee maker"],
            ),
        ];
        for (start, text, level, expected) in cases {
            let mut builder = LiteralsBuilder::new(level);
            // Others beside it, of either kind, have numbers of their own.
            builder.add("unheard of", End::Word).unwrap();
            let wanted = builder.add(start, End::Open).unwrap();
            builder.add("unseen", End::Word).unwrap();
            let literals = builder.build();
            let folded = fold(text, level);
            let mut hits = Vec::new();
            let mut report = |hit: Found| {
                assert_eq!(hit.literal, wanted);
                hits.push(text[folded.origin(&hit.range).unwrap()].to_owned());
            };
            literals.scan(folded.text(), &mut report);
            literals.scan_repeated(folded.text(), &mut report);
            let mut seen = std::collections::HashSet::new();
            hits.retain(|hit| seen.insert(hit.clone()));
            assert_eq!(hits, expected, "{start} in {text}");
        }
    }

    #[test]
    fn literals_inside_a_word_are_found_by_their_letters() {
        let literals = index(&["bluebird", "Project Bluebird", "bird"], Resist::Typing);
        let text = "#projectbluebirdlaunch";
        let mut hits = Vec::new();
        literals.scan_inside(text, &(1..text.len()), 5, |hit| {
            hits.push((hit.literal, &text[hit.range]));
        });
        assert_eq!(hits, [(1, "projectbluebird"), (0, "bluebird")]);
    }

    #[test]
    fn nothing_matches_across_a_segment_break() {
        assert_eq!(found(&["blue bird"], "blue\0bird"), []);
    }

    #[test]
    fn overlapping_literals_are_all_reported() {
        let hits = found(
            &["new york", "york", "york times", "new york times"],
            "New York Times",
        );
        let ids: Vec<_> = hits.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [0, 3, 1, 2]);
    }

    #[test]
    fn a_term_without_letters_is_refused() {
        for term in ["…", "", "--", "🔪", "\u{200B}"] {
            assert!(
                LiteralsBuilder::new(Resist::Typing)
                    .add(term, End::Word)
                    .is_err(),
                "{term}"
            );
            assert!(has_letters(term, Resist::Typing).is_err(), "{term}");
        }
    }

    proptest! {
        #[test]
        fn a_planted_term_is_found_where_it_was_planted(
            words in proptest::collection::vec("[a-zàáèéíòóùüñçăâîșțøß]{1,6}", 1..4),
            others in proptest::collection::vec("[a-z]{1,5}", 0..60),
            before in "[a-z ,.]{0,30}", after in "[a-z ,.]{0,30}",
        ) {
            let term = words.join(" ");
            let text = format!("{before}. {term}, {after}");
            let at = before.len() + 2;
            let mut terms: Vec<&str> = others.iter().map(String::as_str).collect();
            terms.push(&term);
            for level in [Resist::None, Resist::Typing, Resist::Evasion] {
                let folded = fold(&text, level);
                let mut hits = Vec::new();
                index(&terms, level).scan(folded.text(), |hit| {
                    hits.push((hit.literal as usize, folded.origin(&hit.range).unwrap()));
                });
                prop_assert!(hits.contains(&(terms.len() - 1, at..at + term.len())), "{hits:?}");
            }
        }

        #[test]
        fn the_short_way_for_ascii_is_the_same_as_the_long_one(term in "[A-Za-z0-9 .'#+_-]{1,16}") {
            let mut short = LiteralsBuilder::new(Resist::Typing);
            let added = short.add(&term, End::Word);
            let mut long = LiteralsBuilder::new(Resist::Typing);
            let signs = long.add_any(term.trim(), Entry::default());
            prop_assert_eq!(added.is_ok(), !long.letters.is_empty());
            prop_assert_eq!(&short.letters, &long.letters);
            let cuts = |builder: &LiteralsBuilder| -> Vec<(u16, String)> {
                builder.cuts.iter().map(|cut| (cut.at, builder.gaps[cut.gap as usize].replace(' ', ""))).collect()
            };
            if added.is_ok() {
                prop_assert_eq!(cuts(&short), cuts(&long));
                let own = short.signs.get(&0).cloned().unwrap_or_default();
                prop_assert_eq!((own.before, own.after), (signs.before, signs.after));
            }
        }
    }
}
