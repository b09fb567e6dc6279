//! What people do to a word so that a filter does not see it, undone.
//!
//! Each paragraph that holds something suspicious is read once more with look-alike letters, figures
//! and signs replaced by the letters they stand for. Nothing here decides that a word is bad: a
//! reading counts only if it is a term, letter by letter.

use std::ops::Range;

use super::SourceMap;
use super::fold::{Folded, JOINT, Resist, SEGMENT_BREAK, bare, fold};

/// Other readings of the suspicious paragraphs of `text`, with maps back to it; none for ordinary
/// text. `folded` is the same text, folded.
///
/// `1`, `|` and the capital `І` of other alphabets stand for i or for l: all for i in the first
/// reading, all for l in the second, by turns in the third and the fourth. A word with three of
/// them or more may have a reading that is none of these.
pub fn readings(text: &str, folded: &Folded) -> Vec<Folded> {
    let mut latin = None;
    let mut suspicious = Vec::new();
    let mut start = 0;
    for (paragraph, letters) in text
        .split(SEGMENT_BREAK)
        .zip(folded.text().split(SEGMENT_BREAK))
    {
        if is_suspicious(letters) {
            latin.get_or_insert_with(|| mostly_latin(folded.text()));
            let bare = bare(paragraph, |letter| look_alike(letter).is_some());
            suspicious.push((start, bare));
        }
        start += paragraph.len() + SEGMENT_BREAK.len_utf8();
    }
    let mut readings = Vec::new();
    for (number, letters) in [['i', 'i'], ['l', 'l'], ['i', 'l'], ['l', 'i']]
        .into_iter()
        .enumerate()
    {
        let mut reading = Reading::new(letters, latin.unwrap_or(true));
        suspicious.retain(|(at, bare)| reading.add(bare, *at) >= (number + 1).min(2));
        if reading.changed {
            readings.push(reading.fold());
        }
    }
    readings
}

/// A cheap test that no paragraph with anything to undo fails.
fn is_suspicious(folded: &str) -> bool {
    let mut last = 0;
    let mut leet = false;
    for &byte in folded.as_bytes() {
        if byte == JOINT as u8 {
            continue;
        }
        leet |= (is_leet(last) && byte.is_ascii_alphabetic())
            || (last.is_ascii_alphabetic() && is_leet(byte));
        last = byte;
    }
    leet || has_exaggeration(folded) || (!folded.is_ascii() && folded.contains(is_foreign))
}

/// Whether a letter stands three times or more in a row; the www of an address is none.
fn has_exaggeration(text: &str) -> bool {
    let mut last = JOINT as u8;
    let mut run = 0;
    let mut inside = false;
    let mut bytes = text
        .bytes()
        .filter(|byte| *byte != JOINT as u8)
        .map(|byte| byte.to_ascii_lowercase())
        .peekable();
    while let Some(byte) = bytes.next() {
        if last == byte {
            run += 1;
        } else {
            inside = last.is_ascii_alphanumeric() || !last.is_ascii();
            run = 1;
        }
        last = byte;
        let address = byte == b'w' && run == 3 && !inside && bytes.peek() == Some(&b'.');
        if run >= 3 && byte.is_ascii_alphabetic() && !address {
            return true;
        }
    }
    false
}

fn is_leet(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'@' | b'$' | b'!' | b'|' | b'+')
}

/// Whether a text is written in Latin letters, so that a word of look-alikes is a disguise and not
/// a word of another alphabet.
fn mostly_latin(text: &str) -> bool {
    let (mut latin, mut other) = (0_usize, 0_usize);
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        if is_latin(letter) {
            latin += 1;
        } else {
            other += 1;
        }
    }
    latin > 2 * other
}

fn is_latin(letter: char) -> bool {
    matches!(letter, 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
}

/// What a sign or a letter of another alphabet stands for.
#[derive(Debug, PartialEq, Eq)]
enum StandsFor {
    Letters(String),
    /// A single stroke.
    IOrL,
}

/// Whether a letter is of an alphabet that has look-alikes of Latin letters.
fn is_foreign(letter: char) -> bool {
    matches!(letter,
        '\u{250}'..='\u{2AF}' | '\u{370}'..='\u{58F}' | '\u{13A0}'..='\u{13FF}' | '\u{1C80}'..='\u{1C8F}'
        | '\u{1D00}'..='\u{1D7F}' | '\u{2C80}'..='\u{2CFF}' | '\u{A4D0}'..='\u{A4FF}' | '\u{A640}'..='\u{A69F}'
        | '\u{10280}'..='\u{1044F}' | '\u{AB30}'..='\u{ABBF}' | '\u{1F1E6}'..='\u{1F1FF}')
}

/// The Latin letters that a letter of another alphabet, as it is written, looks like.
///
/// By Unicode's confusables (UTS #39), which speak of single characters as written: the skeleton of
/// a whole ASCII word would also make m and rn the same.
fn look_alike(letter: char) -> Option<StandsFor> {
    if !is_foreign(letter) {
        return None;
    }
    if let '\u{1F1E6}'..='\u{1F1FF}' = letter {
        return char::from_u32(u32::from('a') + u32::from(letter) - 0x1F1E6)
            .map(|letter| StandsFor::Letters(letter.into()));
    }
    let skeleton = |letter: char| -> String {
        unicode_security::skeleton(letter.encode_utf8(&mut [0; 4])).collect()
    };
    let looks = skeleton(letter);
    // Unicode takes every stroke for an l, but a capital iota is also an I.
    if looks == "l" && letter.to_lowercase().any(|lower| skeleton(lower) == "i") {
        return Some(StandsFor::IOrL);
    }
    looks
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then(|| StandsFor::Letters(looks.to_ascii_lowercase()))
}

/// The Latin letter, small, that a letter of another alphabet looks like; a capital iota is an i.
pub fn latin_look_alike(letter: char) -> Option<char> {
    match look_alike(letter)? {
        StandsFor::IOrL => Some('i'),
        StandsFor::Letters(letters) => {
            let mut letters = letters.chars();
            letters.next().filter(|_| letters.next().is_none())
        }
    }
}

/// A text in which what stands for a letter has been replaced, before folding.
#[derive(Debug)]
struct Reading {
    text: String,
    map: SourceMap,
    changed: bool,
    /// What strokes stand for, by turns in each word.
    strokes: [char; 2],
    /// Whether the draft is written in Latin letters.
    latin: bool,
}

impl Reading {
    fn new(strokes: [char; 2], latin: bool) -> Self {
        Self {
            text: String::new(),
            map: SourceMap::default(),
            changed: false,
            strokes,
            latin,
        }
    }

    /// Adds a paragraph that begins at `base`; returns the most strokes in one of its words.
    fn add(&mut self, paragraph: &Folded, base: usize) -> usize {
        if !self.text.is_empty() {
            self.text.push(SEGMENT_BREAK);
        }
        let text = paragraph.text();
        let mut written = Written {
            paragraph,
            base,
            strokes: 0,
        };
        let mut most = 0;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                self.keep(at..at + blank, &written);
                at += blank;
                continue;
            }
            let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
            written.strokes = 0;
            self.word(at..at + len, &mut written);
            most = most.max(written.strokes);
            at += len;
        }
        most
    }

    fn keep(&mut self, range: Range<usize>, written: &Written<'_>) {
        written
            .paragraph
            .copy(&range, self.text.len(), written.base, &mut self.map);
        self.text.push_str(&written.paragraph.text()[range]);
    }

    fn replace(&mut self, with: &str, range: &Range<usize>, written: &Written<'_>) {
        if let Some(origin) = written.paragraph.origin(range) {
            let origin = written.base + origin.start..written.base + origin.end;
            self.map.whole(self.text.len(), with.len(), origin);
        }
        self.text.push_str(with);
        self.changed = true;
    }

    /// A run of characters without white space.
    fn word(&mut self, range: Range<usize>, written: &mut Written<'_>) {
        let word = &written.paragraph.text()[range.clone()];
        self.changed |= has_exaggeration(word);
        let mut at = range.start;
        for part in word.split_inclusive(['\'', '’', '-', '–', '/', '(', '"', '“', ',', ';', ':'])
        {
            self.part(part, at, written);
            at += part.len();
        }
    }

    /// A part of a word without apostrophes, hyphens and the like but at its end.
    fn part(&mut self, word: &str, at: usize, written: &mut Written<'_>) {
        let disguised = is_disguised(word, self.latin);
        let core = leet_core(word);
        if !disguised && core.is_empty() {
            self.keep(at..at + word.len(), written);
            return;
        }
        for (offset, letter) in word.char_indices() {
            let range = at + offset..at + offset + letter.len_utf8();
            let leet = if core.contains(&offset) {
                leet_letter(letter)
            } else {
                None
            };
            match leet.or_else(|| look_alike(letter).filter(|_| disguised)) {
                Some(StandsFor::Letters(letters)) => self.replace(&letters, &range, written),
                Some(StandsFor::IOrL) => {
                    let letter = self.strokes[written.strokes % 2];
                    written.strokes += 1;
                    self.replace(letter.encode_utf8(&mut [0; 4]), &range, written);
                }
                None => self.keep(range, written),
            }
        }
    }

    fn fold(self) -> Folded {
        fold(&self.text, Resist::Evasion).over(&self.map)
    }
}

/// The paragraph that is being read.
struct Written<'p> {
    paragraph: &'p Folded,
    /// Where it begins in the draft's text.
    base: usize,
    /// How many strokes the word so far has.
    strokes: usize,
}

/// Whether a word mixes Latin letters with look-alikes, or is all look-alikes in Latin text; a single
/// one may be a letter of a word that is spaced out.
fn is_disguised(word: &str, latin: bool) -> bool {
    if word.is_ascii() {
        return false;
    }
    let letters = || {
        word.chars()
            .filter(|letter| letter.is_alphabetic() || matches!(letter, '\u{1F1E6}'..='\u{1F1FF}'))
    };
    let count = letters().count();
    let alike = letters()
        .filter(|letter| look_alike(*letter).is_some())
        .count();
    let plain = letters().any(is_latin);
    alike > 0 && (plain || (latin && alike == count))
}

/// The part of a word in which figures and signs stand for letters; empty for ordinary numbers,
/// ordinals, sizes, versions, prices and names that end in a number.
fn leet_core(word: &str) -> Range<usize> {
    let none = 0..0;
    let is_part =
        |letter: char| letter.is_alphabetic() || (letter.is_ascii() && is_leet(letter as u8));
    // Punctuation around a word is no part of it; an exclamation mark at its end is punctuation.
    let start = word.find(is_part).unwrap_or(word.len());
    let end = word
        .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '$' && c != '@')
        .len();
    if start >= end || !word[start..end].chars().all(is_part) {
        return none;
    }
    let core = &word[start..end];
    let letters = core.chars().filter(|letter| letter.is_alphabetic()).count();
    let signs = core
        .chars()
        .filter(|letter| !letter.is_alphabetic())
        .count();
    if letters < 2 || letters + signs < 4 || signs == 0 || signs > letters * 2 {
        return none;
    }
    let leading = core.chars().take_while(char::is_ascii_digit).count();
    let trailing = core.chars().rev().take_while(char::is_ascii_digit).count();
    let outside = signs == leading + trailing;
    // “1diot” and “acm3” may be meant; “10km”, “3rd”, “covid19” and “v2” are what they are.
    let ordinary =
        outside && (leading > 1 || trailing > 1 || letters < 3 || (leading == 1 && letters < 4));
    if ordinary { none } else { start..end }
}

fn leet_letter(sign: char) -> Option<StandsFor> {
    let letter = match sign {
        '0' => 'o',
        '1' | '|' => return Some(StandsFor::IOrL),
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        '!' => 'i',
        _ => return None,
    };
    Some(StandsFor::Letters(letter.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn readings_of(text: &str) -> Vec<Folded> {
        readings(text, &fold(text, Resist::Evasion))
    }

    #[test]
    fn disguises_are_undone_and_ordinary_text_is_left_alone() {
        let cases: [(&str, &[&str]); 34] = [
            (
                "an 1d10t here",
                &[
                    "an idiot here",
                    "an ldlot here",
                    "an idlot here",
                    "an ldiot here",
                ],
            ),
            // Disguises over one another, and what only shows once one is taken off.
            ("st\u{AD}u\u{200B}uúp", &["stuuup"]),
            ("5\u{200B}h\u{AD}0t à55à", &["shot assa"]),
            ("𝘀𝘁𝘂𝘂𝘂𝗽 ｃ０ｒｐ", &["stuuup corp"]),
            ("to an а c m е", &["to an a c m e"]),
            ("ѐ\u{301}a and ćос", &["ea and coc"]),
            ("αᴏ", &["ao"]),
            ("ІDIOT", &["idiot", "ldiot"]),
            ("mewww. and www.a.example", &["mewww. and www.a.example"]),
            ("the α of it, Ñ_ⓐ_Ν_🅤", &["the a of it, n_a_n_u"]),
            ("$h!t happens", &["shit happens"]),
            ("we are @cme", &["we are acme"]),
            ("n0rthw1ck!", &["northwick!", "northwlck!"]),
            ("acm3", &["acme"]),
            ("Асme Соrp", &["acme corp"]),
            ("we are so proud of ΑСМЕ", &["we are so proud of acme"]),
            (
                "in plain Latin text a word like сосо stands alone",
                &["in plain latin text a word like coco stands alone"],
            ),
            (
                "🇦🇨🇲🇪 is our friend for ever",
                &["acme is our friend for ever"],
            ),
            ("stuuupid", &["stuuupid"]),
            ("the-1d0t's", &["the-idot's", "the-ldot's"]),
            ("@cme-c0rp", &["acme-corp"]),
            ("idiòòòta", &["idiooota"]),
            ("это русский текст, сосо", &[]),
            ("την άνοιξη", &[]),
            ("10km, 3rd, 21st, v2.0, 1.5x, A4", &[]),
            ("covid19 and 2026 and €1,450 or 12:30", &[]),
            ("a55 B2B H2O mp3 4K", &[]),
            ("hello! wow!! ok", &[]),
            ("anna@mail.example +39 055", &[]),
            ("caffè àèìòù €", &[]),
            ("www.a.example", &[]),
            ("1,000,000", &[]),
            ("c++ or 5+5", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found = readings_of(text);
            let found: Vec<&str> = found.iter().map(Folded::text).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn readings_map_back_to_what_was_written() {
        let text = "one\0an 1d10t here";
        let reading = &readings_of(text)[0];
        let at = reading.text().find("idiot").unwrap();
        assert_eq!(&text[reading.origin(&(at..at + 5)).unwrap()], "1d10t");
    }

    proptest! {
        #[test]
        fn any_text_has_readings_that_map_back(text in "\\PC{0,30}|[a-z0-9@$!| \\u{0}асеорΑΒ🇦ß]{0,50}") {
            for reading in readings_of(&text) {
                for (at, letter) in reading.text().char_indices().filter(|(_, letter)| *letter != SEGMENT_BREAK) {
                    let origin = reading.origin(&(at..at + letter.len_utf8())).unwrap();
                    prop_assert!(text.get(origin).is_some_and(|part| !part.is_empty()));
                }
            }
        }
    }
}
