//! Whether Markdown may hold a literal, asked of its raw bytes.
//!
//! Taking Markdown apart costs ten times as much as looking for names in it, and most posts of a
//! folder name nobody. Here a literal is looked for in a page as it is on disk, and all that might
//! stand between two of its letters is passed over. A yes means nothing, a no is certain: whatever
//! makes the page hold words in another order or with other letters than its bytes (references, HTML,
//! entities, backslashes, braces) is a yes.
//!
//! The hash is that of [`super::literals`]: the letters of a literal one after the other, whatever
//! stands between its words.

use std::ops::Range;
use std::sync::OnceLock;

use super::fold::{Resist, fold};
use super::literals::{Literals, step};

/// Letters by which most words are known to begin no literal.
const FIRST: usize = 3;

/// Letters and figures of ASCII.
const ALPHABET: usize = 36;

/// How literals begin, in so few bits that they stay at hand.
#[derive(Debug)]
pub struct Firsts {
    bits: Vec<u64>,
}

impl Firsts {
    /// Those of `literals`.
    pub fn of(literals: &Literals) -> Self {
        let mut firsts = Self {
            bits: vec![0; ALPHABET.pow(3).div_ceil(64)],
        };
        for letters in literals.letters() {
            firsts.add(&mut [0; FIRST], letters, 0);
        }
        firsts
    }

    /// Adds everything that begins as `letters` do from `at` on; a shorter literal is followed by
    /// anything.
    fn add(&mut self, first: &mut [u8; FIRST], letters: &[u8], at: usize) {
        if at == FIRST {
            if let Some(slot) = slot(*first) {
                self.bits[slot / 64] |= 1 << (slot % 64);
            }
            return;
        }
        if let Some(letter) = letters.get(at) {
            first[at] = *letter;
            self.add(first, letters, at + 1);
            return;
        }
        for letter in (b'a'..=b'z').chain(b'0'..=b'9') {
            first[at] = letter;
            self.add(first, letters, at + 1);
        }
    }

    /// Whether a literal may begin as a word does. Short words may begin any.
    fn may_begin(&self, word: &[u8]) -> bool {
        let slot = word.first_chunk().copied().and_then(slot);
        slot.is_none_or(|slot| self.bits[slot / 64] >> (slot % 64) & 1 == 1)
    }
}

/// The number of three letters, in any case; `None` if one is beyond ASCII.
fn slot(first: [u8; FIRST]) -> Option<usize> {
    first.into_iter().try_fold(0, |slot, letter| {
        let number = match byte(letter) {
            LETTER => letter - b'a',
            CAPITAL => letter - b'A',
            FIGURE => letter - b'0' + 26,
            _ => return None,
        };
        Some(slot * ALPHABET + usize::from(number))
    })
}

/// Whether one of `literals`, which are compared at [`Resist::Typing`] and begin as `firsts` says,
/// may stand in what a reader sees of the Markdown `raw`.
pub fn may_hold(raw: &str, literals: &Literals, firsts: &Firsts) -> bool {
    let page = Page {
        raw,
        bytes: raw.as_bytes(),
        literals,
        firsts,
    };
    page.may_hold()
}

/// Part of a word, in small letters.
const LETTER: u8 = 1;
const CAPITAL: u8 = 2;
const FIGURE: u8 = 4;
/// Part of a word, as far as one byte can tell.
const BEYOND: u8 = 8;
const WORD: u8 = LETTER | CAPITAL | FIGURE | BEYOND;
const SPACE: u8 = 16;
/// A sign behind which every letter may be the first of a literal.
const TAG: u8 = 32;
/// A sign that may make words other than they are written, with those behind it.
const DOUBTFUL: u8 = 64;
/// A sign that does.
const ODD: u8 = 128;

/// What each byte is to a page; other signs are nothing.
const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut at = 0;
    let mut byte = 0_u8;
    while at < 256 {
        bytes[at] = match byte {
            b'a'..=b'z' => LETTER,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' => FIGURE,
            b' ' | b'\t' | b'\n' | b'\r' => SPACE,
            b'#' | b'@' => TAG,
            b'&' | b'%' | b'[' | b']' => DOUBTFUL,
            b'<' | b'\\' | b'{' | 0..0x20 | 0x7F => ODD,
            0x80.. => BEYOND,
            _ => 0,
        };
        at += 1;
        byte = byte.wrapping_add(1);
    }
    bytes
};

fn byte(byte: u8) -> u8 {
    BYTES[usize::from(byte)]
}

/// What byte starts a word of its own inside a run of letters.
fn is_hump(before: u8, letter: u8) -> bool {
    byte(letter) == CAPITAL || (byte(before) == FIGURE) != (byte(letter) == FIGURE)
}

/// Whether a run of letters, some beyond ASCII, may hold words that no sign parts.
fn has_humps(run: &str) -> bool {
    let is_known = |letter: char| letter.is_ascii() || MARKED.contains(&u32::from(letter));
    let is_small = |letter: char| letter.is_lowercase() && is_known(letter);
    run.chars().skip(1).any(|letter| !is_small(letter))
}

struct Page<'p> {
    raw: &'p str,
    bytes: &'p [u8],
    literals: &'p Literals,
    firsts: &'p Firsts,
}

impl Page<'_> {
    fn may_hold(&self) -> bool {
        let bytes = self.bytes;
        let mut folded = String::new();
        let mut in_tag = false;
        let mut at = 0;
        while let Some(&sign) = bytes.get(at) {
            let class = byte(sign);
            if class & WORD == 0 {
                match class {
                    SPACE => in_tag = false,
                    TAG => in_tag = true,
                    ODD => return true,
                    DOUBTFUL if self.is_odd(at) => return true,
                    _ => {}
                }
                at += 1;
                continue;
            }
            let (end, classes) = self.run(at);
            let run = &bytes[at..end];
            if classes & BEYOND != 0 {
                folded.clear();
                fold_into(&self.raw[at..end], &mut folded);
                let words = folded.as_bytes();
                // Where capitals were is forgotten.
                let anywhere = in_tag || has_humps(&self.raw[at..end]);
                let begins =
                    |start: usize| anywhere || start == 0 || byte(words[start - 1]) & WORD == 0;
                let mut starts = (0..words.len()).filter(|start| begins(*start));
                if starts.any(|start| self.may_begin(&words[start..], end, anywhere)) {
                    return true;
                }
            } else if self.may_begin(run, end, in_tag) {
                return true;
            } else if in_tag || classes & (CAPITAL | FIGURE) != 0 {
                let inside = |start: &usize| in_tag || is_hump(run[start - 1], run[*start]);
                let mut starts = (1..run.len()).filter(inside);
                if starts.any(|start| self.may_begin(&run[start..], end, in_tag)) {
                    return true;
                }
            }
            at = end;
        }
        false
    }

    /// The end of the run of letters that begins at `at`, and what they are together.
    fn run(&self, at: usize) -> (usize, u8) {
        let mut classes = 0;
        let mut end = at;
        while let Some(&letter) = self.bytes.get(end) {
            let class = byte(letter);
            if class & WORD == 0 {
                break;
            }
            classes |= class;
            end += 1;
        }
        (end, classes)
    }

    /// Whether a sign makes words other than they are written: an entity, an encoded letter, a
    /// footnote, a reference.
    fn is_odd(&self, at: usize) -> bool {
        let behind = |more: usize| self.bytes.get(at + more).copied().unwrap_or_default();
        match self.bytes[at] {
            b'&' => behind(1).is_ascii_alphabetic() || behind(1) == b'#',
            b'%' => behind(1).is_ascii_hexdigit() && behind(2).is_ascii_hexdigit(),
            b'[' => behind(1) == b'^',
            _ => behind(1) == b'[',
        }
    }

    /// Whether a literal may begin with the first letter of `word`, behind which the page goes on at
    /// `at`; if it is `loose`, the literal may end anywhere in it.
    fn may_begin(&self, word: &[u8], at: usize, loose: bool) -> bool {
        self.firsts.may_begin(word) && self.goes_on(word, at, loose)
    }

    fn goes_on(&self, word: &[u8], mut at: usize, loose: bool) -> bool {
        let mut hash = 0;
        let mut word = word;
        let mut folded = String::new();
        loop {
            for (number, &letter) in word.iter().enumerate() {
                // In a run that was folded, words may end.
                if byte(letter) & WORD == 0 {
                    continue;
                }
                hash = step(hash, letter.to_ascii_lowercase());
                if !self.literals.may_begin(hash) {
                    return false;
                }
                let ends = match word.get(number + 1) {
                    Some(next) => loose || is_hump(letter, *next) || byte(*next) & WORD == 0,
                    None => true,
                };
                if ends && self.literals.may_be(hash) {
                    return true;
                }
            }
            let run = match self.next_run(at) {
                Next::Run(run) => run,
                Next::Doubt => return true,
                Next::End => return false,
            };
            at = run.end;
            word = &self.bytes[run.clone()];
            if !word.is_ascii() {
                folded.clear();
                fold_into(&self.raw[run], &mut folded);
                word = folded.as_bytes();
            }
        }
    }

    /// The letters with which the text goes on behind the word that ends at `at`.
    fn next_run(&self, mut at: usize) -> Next {
        loop {
            match self.bytes.get(at) {
                None => return Next::End,
                Some(letter) if byte(*letter) & WORD != 0 => {
                    return Next::Run(at..self.run(at).0);
                }
                // The text goes on behind the target; a picture stands in the midst of it.
                Some(b']') if self.bytes.get(at + 1) == Some(&b'(') => {
                    let target = &self.bytes[at + 2..];
                    let is_end = |sign: &u8| matches!(sign, b')' | b'(') || byte(*sign) == SPACE;
                    match target.iter().position(is_end) {
                        Some(end) if target[end] == b')' => at += 2 + end + 1,
                        _ => return Next::Doubt,
                    }
                }
                Some(b'!') if self.bytes.get(at + 1) == Some(&b'[') => return Next::Doubt,
                Some(_) => at += 1,
            }
        }
    }
}

enum Next {
    Run(Range<usize>),
    /// Nobody can say without taking the page apart.
    Doubt,
    End,
}

/// Letters with marks as people write them in Europe, U+00C0 to U+024F; two signs among them are
/// no letters.
const MARKED: Range<u32> = 0xC0..0x250;

/// Adds a run of letters, folded, with spaces for signs beyond ASCII. Most hold nothing beyond ASCII but letters with marks.
fn fold_into(run: &str, text: &mut String) {
    static FORMS: OnceLock<Vec<Box<str>>> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        let letters = MARKED.filter_map(char::from_u32);
        let form = |letter: char| fold(letter.encode_utf8(&mut [0; 4]), Resist::Typing);
        letters.map(|letter| form(letter).text().into()).collect()
    });
    let made = text.len();
    for letter in run.chars() {
        let number = u32::from(letter);
        if letter.is_ascii() {
            text.push(letter.to_ascii_lowercase());
        } else if MARKED.contains(&number) && letter.is_alphabetic() {
            text.push_str(&forms[(number - MARKED.start) as usize]);
        } else {
            text.truncate(made);
            let folded = fold(run, Resist::Typing);
            let is_word = |letter: &char| letter.is_ascii() || letter.is_alphanumeric();
            text.extend(
                folded
                    .text()
                    .chars()
                    .map(|letter| if is_word(&letter) { letter } else { ' ' }),
            );
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::literals::{End, LiteralsBuilder};

    fn may(terms: &[&str], raw: &str) -> bool {
        let mut builder = LiteralsBuilder::new(Resist::Typing);
        for term in terms {
            builder.add(term, End::Word).unwrap();
        }
        let literals = builder.build();
        may_hold(raw, &literals, &Firsts::of(&literals))
    }

    #[test]
    fn what_may_be_there_is_a_yes() {
        for raw in [
            "Blue Bird",
            "so b**lue**\n> bird",
            "[Blue](https://example.com/x) Bird",
            "[Blue](x \"y\") it is",
            "Blue ![wing](x.png) Bird",
            "see #projectbluebirdlaunch",
            "see #ProjectBlueBirdLaunch",
            "https://example.com/BlueBird.png",
            "Blüe Bïrd",
            "“Blue\u{200B}Bird”",
            "𝗕𝗹𝘂𝗲 bird",
            "Ｂｌｕｅ ｂｉｒｄ",
            "a &amp; b",
            "a \\* b",
            "a <b>",
            "{{ x }}",
            "[a][b]",
            "a[^1]",
            "x%20y",
        ] {
            assert!(may(&["Blue Bird"], raw), "{raw}");
        }
    }

    #[test]
    fn a_literal_of_two_letters_may_end_in_a_word() {
        for raw in ["BT", "the BTGroup", "#mybttag", "b-t", "B T"] {
            assert!(may(&["BT"], raw), "{raw}");
        }
        assert!(!may(&["BT"], "debts and bets"));
    }

    #[test]
    fn what_is_not_there_is_a_no() {
        for raw in [
            "# A bird\n\nis *blue*, and the [sky](https://example.com/sky) too.",
            "Bluebirds and blue. birds",
            "perché la città è più blu, 20 % di più, R & D",
            "a “blue” sky · birds",
        ] {
            assert!(!may(&["Blue Bird", "Acme"], raw), "{raw}");
        }
    }
}
