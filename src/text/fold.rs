//! Folding: the form in which text is compared, with a way back to what was written.
//!
//! A term and a draft are folded by the same function, so two spellings are the same exactly if
//! their folded forms are. How much is forgiven is the rule's choice, a [`Resist`] level.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_normalization::char::decompose_compatible;

use super::SourceMap;

/// How much of what people do to text a comparison forgives.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Resist {
    /// Text is compared as written.
    None,
    /// What keyboards, editors and fonts do: case, accents, apostrophes, dashes, spacing, styled
    /// letters, invisible characters, markup inside a word.
    #[default]
    Typing,
    /// Also what people do to slip past a filter.
    Evasion,
}

/// The character between two segments: part of no word, and never part of a draft's own text.
pub const SEGMENT_BREAK: char = '\0';

/// The character between two parts of one word, such as those of a hashtag: no gap at all to a
/// term. Folding drops it from text.
pub const JOINT: char = '\u{1}';

/// A folded text and its map back.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    map: SourceMap,
}

impl Folded {
    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The written characters that folded to `range`, which must not be empty.
    pub fn origin(&self, range: &Range<usize>) -> Option<Range<usize>> {
        self.map.origin(range)
    }
}

impl Folded {
    /// Adds another folded text, which came from `offset` of the text that this one came from.
    pub(super) fn append(&mut self, other: &Self, offset: usize) {
        self.map.append(&other.map, self.text.len(), offset);
        self.text.push_str(&other.text);
    }

    /// Adds a character that stands at `origin`.
    pub(super) fn append_char(&mut self, letter: char, origin: usize) {
        self.map
            .verbatim(self.text.len(), origin, letter.len_utf8());
        self.text.push(letter);
    }

    /// The part of the folded text that came from `origin`; `None` if nothing did.
    pub(super) fn made(&self, origin: &Range<usize>) -> Option<Range<usize>> {
        self.map.made(origin)
    }

    /// Adds to `map`, for a copy of `range` of this text at `made`, where it came from, which begins
    /// at `base` of another text.
    pub(super) fn copy(&self, range: &Range<usize>, made: usize, base: usize, map: &mut SourceMap) {
        self.map.copy(range, made, base, map);
    }

    /// The same text with its map continued by that of the text it was folded from.
    pub(super) fn over(self, outer: &SourceMap) -> Self {
        Self {
            map: self.map.over(outer),
            text: self.text,
        }
    }
}

/// Folds `text` for comparison at `level`.
pub fn fold(text: &str, level: Resist) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        map: SourceMap::default(),
    };
    let mut at = 0;
    while at < text.len() {
        let plain = plain_run(&text.as_bytes()[at..]);
        if plain > 0 {
            let made = folded.text.len();
            folded.text.push_str(&text[at..at + plain]);
            if level != Resist::None {
                folded.text[made..].make_ascii_lowercase();
            }
            folded.map.verbatim(made, at, plain);
            at += plain;
            continue;
        }
        at += fold_one(&mut folded, text, at, level);
    }
    folded
}

/// `text` without invisible characters and with plain spaces for the others of its kind; `None` if
/// that changes nothing. Line ends and letters stay as they are.
pub fn clean(text: &str) -> Option<Folded> {
    let odd = |letter: char| is_invisible(letter) || (letter.is_whitespace() && !letter.is_ascii());
    // Almost every text is clean, and every pattern asks.
    if is_everyday(text) || !text.contains(odd) {
        return None;
    }
    let mut cleaned = Folded::default();
    for (at, letter) in text.char_indices() {
        let made = cleaned.text.len();
        if !odd(letter) {
            cleaned.text.push(letter);
            cleaned.map.verbatim(made, at, letter.len_utf8());
        } else if letter.is_whitespace() {
            cleaned.text.push(' ');
            cleaned.map.whole(made, 1, at..at + letter.len_utf8());
        }
    }
    Some(cleaned)
}

/// Whether `text` is nothing but ASCII without controls, Latin letters with marks (U+00C0 to U+017F)
/// and the signs of European typesetting: then there is nothing to see through in it. A no says
/// nothing; it is asked of every text, and answers without taking characters apart.
pub fn is_everyday(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        let len = match rest {
            [] => return true,
            [b' '..=b'~' | b'\t'..=b'\r', ..] => 1,
            // all but the long s; ¡ « ° · » ¿
            [0xC3 | 0xC4, _, ..]
            | [0xC5, 0x80..=0xBE, ..]
            | [0xC2, 0xA1 | 0xAB | 0xB0 | 0xB7 | 0xBB | 0xBF, ..] => 2,
            // ‐ ‑ ‒ – — ― … and quotation marks, bullets; €
            [0xE2, 0x80, 0x90..=0xA6, ..] | [0xE2, 0x82, 0xAC, ..] => 3,
            _ => return false,
        };
        rest = &rest[len..];
    }
}

/// `text` in plain letters, with case and alphabet as written: invisible characters and accents are
/// gone, styled letters are replaced by what they are. Letters to `keep` are kept as they are.
pub(super) fn bare(text: &str, keep: impl Fn(char) -> bool) -> Folded {
    let mut bare = Folded::default();
    for (at, letter) in text.char_indices() {
        let made = bare.text.len();
        let len = letter.len_utf8();
        if is_invisible(letter) {
            continue;
        }
        if is_combining(letter) {
            let last = bare.text.chars().next_back().map_or(0, char::len_utf8);
            bare.map.extend(last, at, len);
            continue;
        }
        if letter.is_ascii() || !letter.is_alphanumeric() {
            bare.append_char(letter, at);
            continue;
        }
        if let Some(plain) = styled_letter(letter) {
            bare.text.push(plain);
        } else if keep(letter) {
            bare.text.push(letter);
        } else if stands_apart(letter) && !letter.is_alphabetic() {
            // The ² of a footnote is no figure of the word.
            bare.text.push(letter);
        } else {
            decompose_compatible(letter, |part| {
                if !is_combining(part) {
                    bare.text.push(part);
                }
            });
        }
        bare.map.whole(made, bare.text.len() - made, at..at + len);
    }
    bare
}

/// How many bytes at the start are printable ASCII, which folds letter by letter to itself.
fn plain_run(bytes: &[u8]) -> usize {
    const CHUNK: usize = 32;
    let printable = |byte: &u8| byte.wrapping_sub(0x20) < 0x5F;
    let chunks = bytes
        .chunks_exact(CHUNK)
        .take_while(|chunk| chunk.iter().filter(|byte| printable(byte)).count() == CHUNK)
        .count();
    let sure = chunks * CHUNK;
    let plain = sure
        + bytes[sure..]
            .iter()
            .take_while(|byte| printable(byte))
            .count();
    // Of several spaces one is kept; the others are for the slow way.
    memchr::memmem::find(&bytes[..plain], b"  ").unwrap_or(plain)
}

/// Folds the characters at `at` that belong together; returns how many bytes they were.
fn fold_one(folded: &mut Folded, text: &str, at: usize, level: Resist) -> usize {
    let Some(letter) = text[at..].chars().next() else {
        return 1;
    };
    let len = letter.len_utf8();
    let made = folded.text.len();
    if level == Resist::None || letter == SEGMENT_BREAK {
        folded.text.push(letter);
        folded.map.verbatim(made, at, len);
        return len;
    }
    if letter.is_whitespace() {
        let rest = &text[at..];
        let run = rest.len() - rest.trim_start_matches(char::is_whitespace).len();
        folded.text.push(' ');
        folded.map.whole(made, 1, at..at + run);
        return run;
    }
    if is_combining(letter) {
        // An accent typed after its letter is a part of it: no label ends between the two.
        let last = folded.text.chars().next_back();
        if let Some(last) = last.filter(|last| *last != SEGMENT_BREAK) {
            folded.map.extend(last.len_utf8(), at, len);
        }
        return len;
    }
    fold_letter(letter, &mut folded.text);
    let grown = folded.text.len() - made;
    folded.map.whole(made, grown, at..at + len);
    len
}

/// Appends the folded form of one character: nothing for an invisible one.
fn fold_letter(letter: char, into: &mut String) {
    if is_invisible(letter) {
        return;
    }
    if let Some(plain) = plain_form(letter) {
        into.push_str(plain);
        return;
    }
    if is_sign(letter) {
        into.push(JOINT);
        return;
    }
    let apart = stands_apart(letter);
    if apart {
        into.push(JOINT);
    }
    match styled_letter(letter) {
        Some(plain) => into.push(plain),
        None => fold_parts(letter, into),
    }
    if apart {
        into.push(JOINT);
    }
}

/// Appends the folded forms of what a character is made of.
fn fold_parts(letter: char, into: &mut String) {
    decompose_compatible(letter, |part| {
        if is_combining(part) || is_invisible(part) {
            return;
        }
        if part.is_whitespace() {
            into.push(' ');
        } else if let Some(plain) = plain_form(part) {
            into.push_str(plain);
        } else if let Some(plain) = styled_letter(part) {
            into.push(plain);
        } else {
            for lower in part.to_lowercase().filter(|lower| !is_combining(*lower)) {
                // The small letter of Ʀ is the small capital of R.
                into.push(styled_letter(lower).unwrap_or(lower));
            }
        }
    });
}

/// Signs that people set right behind a name and that are no part of it.
fn is_sign(letter: char) -> bool {
    matches!(
        letter,
        '\u{2122}' | '\u{2120}' | '\u{AE}' | '\u{A9}' | '\u{2117}' | '\u{20E3}'
    )
}

/// Superscripts, fractions, circled letters and the like: to a reader of “Acme²” the name ends
/// before the sign, while “CO₂” is one word. A joint on either side leaves both readings open.
fn stands_apart(letter: char) -> bool {
    matches!(letter,
        '\u{AA}' | '\u{B2}' | '\u{B3}' | '\u{B9}' | '\u{BA}' | '\u{BC}'..='\u{BE}' | '\u{2070}'..='\u{209F}'
        | '\u{2100}'..='\u{218F}' | '\u{2460}'..='\u{24FF}' | '\u{3200}'..='\u{33FF}'
        | '\u{1F100}'..='\u{1F1E5}')
}

/// Accents and other marks that sit on letters of alphabets which can be read without them.
///
/// Not all marks: those of Devanagari, Thai or kana are letters in all but name.
pub fn is_combining(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20E2}' | '\u{20E4}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Characters that show nothing: controls, zero-width and bidirectional marks, soft hyphens,
/// variation selectors, tags, fillers.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{1}'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{640}' | '\u{2800}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Letters and signs that Unicode does not decompose but people type for one another.
fn plain_form(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2D7}'
        | '\u{2796}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '\u{2212}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}' => "-",
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{2BB}' | '\u{2BC}'
        | '\u{2B9}' | '\u{2035}' | '\u{B4}' | '\u{FF07}' | '\u{A78C}' => "'",
        '\u{201C}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2033}' => "\"",
        // All the dots that stand between the two l of Catalan.
        '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{387}' | '\u{30FB}' => "·",
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ł' | 'Ł' => "l",
        'ŧ' | 'Ŧ' => "t",
        'þ' | 'Þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

/// Small capitals from a to z, which fonts for posts use as letters; a dash where there is none.
const SMALL_CAPITALS: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘ-ʀꜱᴛᴜᴠᴡ-ʏᴢ";

/// The letter that a small capital, or an enclosed letter that Unicode does not decompose to it
/// alone, stands for.
pub fn styled_letter(letter: char) -> Option<char> {
    let alphabet = || SMALL_CAPITALS.chars().zip('a'..='z');
    if matches!(letter, '\u{250}'..='\u{2AF}' | '\u{1D00}'..='\u{1D7F}' | '\u{A730}' | '\u{A731}')
        && let Some((_, plain)) = alphabet().find(|(small, _)| *small == letter)
    {
        return Some(plain);
    }
    let base = match letter {
        '\u{249C}'..='\u{24B5}' => 0x249C,
        '\u{1F110}'..='\u{1F129}' => 0x1F110,
        '\u{1F150}'..='\u{1F169}' => 0x1F150,
        '\u{1F170}'..='\u{1F189}' => 0x1F170,
        _ => return None,
    };
    char::from_u32(u32::from('a') + u32::from(letter) - base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_forgives_what_keyboards_editors_and_fonts_do() {
        let cases = [
            ("case", "Acme CORP", "acme corp"),
            (
                "accents",
                "Valdeón Mureșan Farmàcies",
                "valdeon muresan farmacies",
            ),
            (
                "cedilla and comma",
                "Someşana Someșana ţ ț",
                "somesana somesana t t",
            ),
            (
                "apostrophes",
                "dell’Orsini dell'Orsini l`a l´a",
                "dell'orsini dell'orsini l`a l'a",
            ),
            ("dashes", "blue–bird blue‑bird", "blue-bird blue-bird"),
            ("white space", "a\u{A0}b\r\n\t c\u{2009}d", "a b c d"),
            ("styled", "𝗕𝗼𝗹𝗱 𝓛𝓾𝓶 ＡＢ ᴀʙ Ʀʀ", "bold lum ab ab rr"),
            ("circled", "ⓐ🅰 ⒜", "\u{1}a\u{1}\u{1}a\u{1} \u{1}a\u{1}"),
            (
                "signs",
                "Acme™ x², ½",
                "acme\u{1} x\u{1}2\u{1}, \u{1}1⁄2\u{1}",
            ),
            ("spaces", "a   b", "a b"),
            (
                "invisible",
                "co\u{200B}nf\u{AD}i\u{200D}d\u{FE0F}\u{7}",
                "confid",
            ),
            (
                "special letters",
                "Straße Łódź Øre Æon İstanbul ﬁ",
                "strasse lodz ore aeon istanbul fi",
            ),
            ("final sigma", "ΟΔΟΣ οδος", "οδοσ οδοσ"),
            ("other alphabets stay", "банка が ก็", "банка か\u{3099} ก็"),
        ];
        for (name, written, expected) in cases {
            assert_eq!(fold(written, Resist::Typing).text(), expected, "{name}");
        }
        assert_eq!(fold("Àc\u{AD}", Resist::None).text(), "Àc\u{AD}");
    }

    #[test]
    fn an_accent_typed_after_its_letter_belongs_to_it() {
        let text = "un cafe\u{301}\u{308} ÿ\u{301} \0\u{301}";
        let folded = fold(text, Resist::Typing);
        assert_eq!(folded.text(), "un cafe y \0");
        let raw = |range| &text[folded.origin(&range).unwrap()];
        assert_eq!(raw(3..7), "cafe\u{301}\u{308}");
        assert_eq!(raw(3..6), "caf");
        assert_eq!(raw(8..9), "ÿ\u{301}");
        assert_eq!(raw(10..11), "\0");
    }

    #[test]
    fn bare_letters_keep_case_and_alphabet() {
        let text = "A\u{200B}c\u{301}𝐌é Ѕо² ⓉＲϲ";
        let bare = bare(text, |letter| letter == 'ϲ');
        assert_eq!(bare.text(), "AcMe Ѕо² TRϲ");
        assert_eq!(&text[bare.origin(&(0..3)).unwrap()], "A\u{200B}c\u{301}𝐌");
    }

    proptest! {
        #[test]
        fn mapping_back_is_monotone_and_on_character_boundaries(text in "\\PC{0,40}|[ -~\\n\\té·ßﬁ𝗕\u{200B}\u{301}]{0,80}") {
            for level in [Resist::None, Resist::Typing] {
                let folded = fold(&text, level);
                let mut last = (0, 0);
                for (at, letter) in folded.text().char_indices() {
                    let origin = folded.origin(&(at..at + letter.len_utf8())).unwrap();
                    prop_assert!(text.get(origin.clone()).is_some_and(|part| !part.is_empty()));
                    prop_assert!((origin.start, origin.end) >= last);
                    last = (origin.start, origin.end);
                }
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text, Resist::Typing);
            let twice = fold(once.text(), Resist::Typing);
            // A joint says that a word may end here; folding drops what is no text.
            let plain = |folded: &Folded| folded.text().replace([JOINT, ' '], "");
            prop_assert_eq!(plain(&once), plain(&twice));
        }
    }
}
