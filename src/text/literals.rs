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

use std::ops::Range;

use super::fold::{Resist, fold};

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

/// A literal ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// Its letters and digits, folded, without anything between.
    letters: Box<str>,
    /// Offsets in `letters` at which the literal has a cut, and what it writes there.
    cuts: Box<[(u32, Box<str>)]>,
    /// A sign that has to stand right before, such as `#`.
    before: Option<char>,
    /// Signs that have to stand right behind, such as the `++` of C++.
    after: Box<str>,
}

impl Literal {
    /// Folds `written` and finds its cuts.
    ///
    /// # Errors
    ///
    /// If no letter or digit is left.
    pub fn new(written: &str, level: Resist) -> Result<Self, NothingToFind> {
        let folded = fold(written.trim(), level);
        let text = folded.text();
        let words = words(text);
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return Err(NothingToFind(written.to_owned()));
        };
        let mut letters = String::new();
        let mut cuts: Vec<(u32, Box<str>)> = Vec::new();
        let mut end = first.start;
        for word in &words {
            if !letters.is_empty() {
                push_cut(&mut cuts, letters.len(), &text[end..word.start]);
            }
            // Humps are seen in what was written; folding has lost the capitals.
            let base = letters.len();
            for offset in humps(&text[word.clone()], |range| {
                let range = word.start + range.start..word.start + range.end;
                folded
                    .origin(&range)
                    .map_or("", |origin| &written.trim()[origin])
            }) {
                push_cut(&mut cuts, base + offset, "");
            }
            letters.push_str(&text[word.clone()]);
            end = word.end;
        }
        let before = text[..first.start]
            .chars()
            .next_back()
            .filter(|sign| matches!(sign, '#' | '@' | '$'));
        let after: String = text[last.end..]
            .chars()
            .take_while(|sign| matches!(sign, '+' | '#' | '%'))
            .collect();
        Ok(Self {
            letters: letters.into(),
            cuts: cuts.into(),
            before,
            after: after.into(),
        })
    }

    /// The folded letters and digits.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    fn cut_at(&self, offset: usize) -> Option<&str> {
        self.cuts
            .iter()
            .find(|(at, _)| *at as usize == offset)
            .map(|(_, written)| written.as_ref())
    }

    /// Whether the words of `text` at `window` are this literal, with only such signs between them
    /// as may stand there.
    fn matches(&self, text: &str, window: &[Word]) -> bool {
        let mut letters = self.letters.as_bytes();
        let mut offset = 0;
        let mut end = None;
        for word in window {
            if let Some(end) = end
                && !self.gap_fits(offset, &text[end..word.start])
            {
                return false;
            }
            let here = &text.as_bytes()[word.start..word.end];
            let Some(rest) = letters.strip_prefix(here) else {
                return false;
            };
            letters = rest;
            offset += here.len();
            end = Some(word.end);
        }
        let (Some(first), Some(end)) = (window.first(), end) else {
            return false;
        };
        letters.is_empty()
            && self
                .before
                .is_none_or(|sign| text[..first.start].ends_with(sign))
            && text[end..].starts_with(&*self.after)
    }

    /// The range of the words grown by the signs that belong to the literal.
    fn with_signs(&self, words: Range<usize>) -> Range<usize> {
        words.start - self.before.map_or(0, char::len_utf8)..words.end + self.after.len()
    }

    fn gap_fits(&self, offset: usize, gap: &str) -> bool {
        let loose = |sign: char| matches!(sign, ' ' | '-' | '_' | '\'');
        if gap.is_empty() || gap == "-" {
            return true;
        }
        if matches!(gap, "·" | ".")
            && self.letters[..offset].ends_with('l')
            && self.letters[offset..].starts_with('l')
        {
            return true;
        }
        self.cut_at(offset)
            .is_some_and(|written| gap == written || (gap.len() <= 3 && gap.chars().all(loose)))
    }
}

fn push_cut(cuts: &mut Vec<(u32, Box<str>)>, offset: usize, written: &str) {
    if let Ok(offset) = u32::try_from(offset)
        && offset > 0
        && cuts.last().is_none_or(|(last, _)| *last != offset)
    {
        cuts.push((offset, written.into()));
    }
}

/// Offsets inside a folded word at which what was written changes from small to capital letters or
/// between letters and digits.
fn humps<'w>(word: &str, written: impl Fn(Range<usize>) -> &'w str) -> Vec<usize> {
    let mut humps = Vec::new();
    let mut last: Option<char> = None;
    for (offset, letter) in word.char_indices() {
        let here = written(offset..offset + letter.len_utf8())
            .chars()
            .next()
            .unwrap_or(letter);
        if let Some(last) = last {
            let camel = last.is_lowercase() && here.is_uppercase();
            let border = last.is_numeric() != here.is_numeric();
            if camel || border {
                humps.push(offset);
            }
        }
        last = Some(here);
    }
    humps
}

fn words(text: &str) -> Vec<Range<usize>> {
    let mut list = Vec::new();
    for_each_word(text, |start, end| list.push(start..end));
    list
}

/// Whether a character is written without spaces between words: each is then a word of its own.
fn stands_alone(letter: char) -> bool {
    matches!(letter,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Calls `each` with the byte range of every run of letters and digits.
fn for_each_word(text: &str, mut each: impl FnMut(usize, usize)) {
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

const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Clone, Copy, Debug)]
struct Word {
    start: usize,
    end: usize,
    hash: u64,
    /// BASE to the power of the word's length in bytes.
    power: u64,
}

impl Word {
    fn new(text: &str, start: usize, end: usize) -> Self {
        let mut hash = 0_u64;
        let mut power = 1_u64;
        for byte in &text.as_bytes()[start..end] {
            hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1);
            power = power.wrapping_mul(BASE);
        }
        Self {
            start,
            end,
            hash,
            power,
        }
    }
}

/// Literals of one folding level, indexed.
#[derive(Debug, Default)]
pub struct Literals {
    list: Vec<Literal>,
    /// Literals in the order of their hashes.
    by_hash: Vec<(u64, LiteralId)>,
    /// Open addressing: 0, or 1 + the first position in `by_hash` of the hash that lands here.
    slots: Vec<u32>,
    /// Hashed prefixes of all literals.
    prefixes: Vec<u64>,
}

impl Literals {
    /// Indexes `literals`; their numbers are their positions.
    pub fn new(literals: Vec<Literal>) -> Self {
        let mut by_hash: Vec<(u64, LiteralId)> = (0..)
            .zip(&literals)
            .map(|(id, literal)| {
                (
                    Word::new(&literal.letters, 0, literal.letters.len()).hash,
                    id,
                )
            })
            .collect();
        by_hash.sort_unstable();
        let mut slots = vec![0; (by_hash.len() * 2).next_power_of_two().max(2)];
        let mask = slots.len() - 1;
        for (position, (hash, _)) in (1..).zip(&by_hash) {
            if position > 1 && by_hash[position as usize - 2].0 == *hash {
                continue;
            }
            let mut slot = fingerprint(*hash) & mask;
            while slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = position;
        }
        let letters: usize = literals.iter().map(|literal| literal.letters.len()).sum();
        let mut prefixes = vec![0_u64; (letters / 4).next_power_of_two().max(64)];
        let bits = prefixes.len() * 64 - 1;
        for literal in &literals {
            let mut hash = 0_u64;
            for byte in literal.letters.bytes() {
                hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1);
                let bit = fingerprint(hash) & bits;
                prefixes[bit / 64] |= 1 << (bit % 64);
            }
        }
        Self {
            list: literals,
            by_hash,
            slots,
            prefixes,
        }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Calls `report` with every literal in `text`, which is folded at this index's level.
    ///
    /// Matches may overlap; they come in the order of their starts, then of their ends.
    pub fn scan(&self, text: &str, mut report: impl FnMut(Found)) {
        if self.is_empty() {
            return;
        }
        let mut list = Vec::with_capacity(text.len() / 5);
        for_each_word(text, |start, end| list.push(Word::new(text, start, end)));
        for (from, first) in list.iter().enumerate() {
            let mut hash = first.hash;
            let mut to = from + 1;
            while self.is_prefix(hash) {
                for literal in self.with_hash(hash) {
                    let window = &list[from..to];
                    let found = &self.list[literal as usize];
                    if found.matches(text, window) {
                        let range = found.with_signs(first.start..list[to - 1].end);
                        report(Found { literal, range });
                    }
                }
                // Nothing longer than this ever stands between two words of one literal.
                let Some(next) = list
                    .get(to)
                    .filter(|next| next.start - list[to - 1].end <= 8)
                else {
                    break;
                };
                hash = hash.wrapping_mul(next.power).wrapping_add(next.hash);
                to += 1;
            }
        }
    }

    fn is_prefix(&self, hash: u64) -> bool {
        let bit = fingerprint(hash) & (self.prefixes.len() * 64 - 1);
        self.prefixes[bit / 64] >> (bit % 64) & 1 == 1
    }

    fn with_hash(&self, hash: u64) -> impl Iterator<Item = LiteralId> + '_ {
        let mask = self.slots.len() - 1;
        let mut slot = fingerprint(hash) & mask;
        let first = loop {
            match self.slots[slot] {
                0 => break self.by_hash.len(),
                position if self.by_hash[position as usize - 1].0 == hash => {
                    break position as usize - 1;
                }
                _ => slot = (slot + 1) & mask,
            }
        };
        self.by_hash[first..]
            .iter()
            .take_while(move |(have, _)| *have == hash)
            .map(|(_, id)| *id)
    }
}

/// Mixes a hash so that its low bits depend on all of it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only the low bits are used"
)]
fn fingerprint(hash: u64) -> usize {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed ^ (mixed >> 32)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(terms: &[&str], text: &str) -> Vec<(u32, String)> {
        let literals = terms
            .iter()
            .map(|term| Literal::new(term, Resist::Typing).unwrap())
            .collect();
        let folded = fold(text, Resist::Typing);
        let mut hits = Vec::new();
        Literals::new(literals).scan(folded.text(), |hit| {
            let origin = folded.origin(&hit.range).unwrap();
            hits.push((hit.literal, text[origin].to_owned()));
        });
        hits
    }

    #[test]
    fn whole_words_in_every_spelling() {
        let cases: [(&str, &str, &[&str]); 22] = [
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
            assert!(Literal::new(term, Resist::Typing).is_err(), "{term}");
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
            let literals = terms.iter().map(|t| Literal::new(t, Resist::Typing).unwrap()).collect();
            let folded = fold(&text, Resist::Typing);
            let mut hits = Vec::new();
            Literals::new(literals).scan(folded.text(), |hit| {
                hits.push((hit.literal as usize, folded.origin(&hit.range).unwrap()));
            });
            prop_assert!(hits.contains(&(terms.len() - 1, at..at + term.len())), "{hits:?}");
        }
    }
}
