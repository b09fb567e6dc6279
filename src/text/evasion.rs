//! What people do to a word so that a filter does not see it, undone.
//!
//! Each paragraph that holds something suspicious is read once more with look-alike letters, figures
//! and signs replaced by the letters they stand for. Nothing here decides that a word is bad: a
//! reading counts only if it is a term, letter by letter.

use super::SourceMap;
use super::fold::{Folded, Resist, SEGMENT_BREAK, fold};

/// Other readings of the suspicious paragraphs of `text`, with maps back to it; none for ordinary
/// text.
///
/// `1` and `|` stand for i in the first reading and for l in the second.
pub fn readings(text: &str) -> Vec<Folded> {
    let mut first = Reading::default();
    let mut second = Reading::default();
    let mut latin = None;
    let mut start = 0;
    for paragraph in text.split(SEGMENT_BREAK) {
        let at = start;
        start += paragraph.len() + SEGMENT_BREAK.len_utf8();
        if !is_suspicious(paragraph) {
            continue;
        }
        let latin = *latin.get_or_insert_with(|| mostly_latin(text));
        first.add(paragraph, at, 'i', latin);
        if paragraph.contains(['1', '|']) {
            second.add(paragraph, at, 'l', latin);
        }
    }
    [first, second]
        .into_iter()
        .filter(|reading| reading.changed)
        .map(Reading::fold)
        .collect()
}

/// A cheap test that no paragraph with anything to undo fails.
fn is_suspicious(paragraph: &str) -> bool {
    let bytes = paragraph.as_bytes();
    let repeated = has_exaggeration(paragraph);
    let signs = bytes.windows(2).any(|two| {
        (is_leet(two[0]) && two[1].is_ascii_alphabetic())
            || (two[0].is_ascii_alphabetic() && is_leet(two[1]))
    });
    repeated
        || signs
        || (!paragraph.is_ascii() && paragraph.chars().any(|letter| look_alike(letter).is_some()))
}

/// Whether a letter stands three times or more in a row; the www of an address is none.
fn has_exaggeration(text: &str) -> bool {
    let mut last = None;
    let mut run = 0;
    let mut letters = text
        .chars()
        .map(|letter| letter.to_ascii_lowercase())
        .peekable();
    while let Some(letter) = letters.next() {
        run = if last == Some(letter) { run + 1 } else { 1 };
        last = Some(letter);
        let address = letter == 'w' && run == 3 && letters.peek() == Some(&'.');
        if run >= 3 && letter.is_alphabetic() && !address {
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

/// The Latin letters that a letter of another alphabet, as it is written, looks like.
///
/// By Unicode's confusables (UTS #39), which speak of single characters as written: the skeleton of
/// a whole ASCII word would also make m and rn the same.
fn look_alike(letter: char) -> Option<String> {
    if let '\u{1F1E6}'..='\u{1F1FF}' = letter {
        return char::from_u32(u32::from('a') + u32::from(letter) - 0x1F1E6).map(String::from);
    }
    let foreign = matches!(letter,
        '\u{250}'..='\u{2AF}' | '\u{370}'..='\u{58F}' | '\u{13A0}'..='\u{13FF}' | '\u{1C80}'..='\u{1C8F}'
        | '\u{1D00}'..='\u{1D7F}' | '\u{2C80}'..='\u{2CFF}' | '\u{A4D0}'..='\u{A4FF}' | '\u{A640}'..='\u{A69F}'
        | '\u{10280}'..='\u{1044F}' | '\u{AB30}'..='\u{ABBF}');
    if !foreign {
        return None;
    }
    let skeleton: String = unicode_security::skeleton(letter.encode_utf8(&mut [0; 4])).collect();
    skeleton
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then(|| skeleton.to_ascii_lowercase())
}

/// A text in which what stands for a letter has been replaced, before folding.
#[derive(Debug, Default)]
struct Reading {
    text: String,
    map: SourceMap,
    changed: bool,
}

impl Reading {
    fn add(&mut self, paragraph: &str, base: usize, one: char, latin: bool) {
        if !self.text.is_empty() {
            self.text.push(SEGMENT_BREAK);
        }
        let mut at = 0;
        while at < paragraph.len() {
            let rest = &paragraph[at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                self.keep(&rest[..blank], base + at);
                at += blank;
                continue;
            }
            let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
            self.word(&rest[..len], base + at, one, latin);
            at += len;
        }
    }

    fn keep(&mut self, text: &str, at: usize) {
        self.map.verbatim(self.text.len(), at, text.len());
        self.text.push_str(text);
    }

    fn replace(&mut self, with: &str, at: usize, len: usize) {
        self.map.whole(self.text.len(), with.len(), at..at + len);
        self.text.push_str(with);
        self.changed = true;
    }

    /// A run of characters without white space.
    fn word(&mut self, word: &str, base: usize, one: char, latin: bool) {
        self.changed |= has_exaggeration(word);
        let mut at = 0;
        for part in word.split_inclusive(['\'', '’', '-', '–', '/', '(', '"', '“', ',', ';', ':'])
        {
            self.part(part, base + at, one, latin);
            at += part.len();
        }
    }

    /// A part of a word without apostrophes, hyphens and the like but at its end.
    fn part(&mut self, word: &str, base: usize, one: char, latin: bool) {
        let disguised = is_disguised(word, latin);
        let core = leet_core(word);
        if !disguised && core.is_empty() {
            self.keep(word, base);
            return;
        }
        for (offset, letter) in word.char_indices() {
            let len = letter.len_utf8();
            let stands_for = if core.contains(&offset) {
                leet_letter(letter, one)
            } else {
                None
            };
            match stands_for {
                Some(letter) => self.replace(letter.encode_utf8(&mut [0; 4]), base + offset, len),
                None => match look_alike(letter).filter(|_| disguised) {
                    Some(latin) => self.replace(&latin, base + offset, len),
                    None => self.keep(&word[offset..offset + len], base + offset),
                },
            }
        }
    }

    fn fold(self) -> Folded {
        fold(&self.text, Resist::Evasion).over(&self.map)
    }
}

/// Whether a word mixes Latin letters with look-alikes, or is all look-alikes in Latin text.
fn is_disguised(word: &str, latin: bool) -> bool {
    if word.is_ascii() {
        return false;
    }
    let letters = || {
        word.chars()
            .filter(|letter| letter.is_alphabetic() || matches!(letter, '\u{1F1E6}'..='\u{1F1FF}'))
    };
    let alike = letters()
        .filter(|letter| look_alike(*letter).is_some())
        .count();
    let plain = letters().filter(|letter| is_latin(*letter)).count();
    alike > 0 && (plain > 0 || (latin && alike >= 3 && alike == letters().count()))
}

/// The part of a word in which figures and signs stand for letters; empty for ordinary numbers,
/// ordinals, sizes, versions, prices and names that end in a number.
fn leet_core(word: &str) -> std::ops::Range<usize> {
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

fn leet_letter(letter: char, one: char) -> Option<char> {
    Some(match letter {
        '0' => 'o',
        '1' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        '!' => 'i',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn disguises_are_undone_and_ordinary_text_is_left_alone() {
        let cases: [(&str, &[&str]); 25] = [
            ("an 1d10t here", &["an idiot here", "an ldlot here"]),
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
            ("the-1d10t's", &["the-idiot's", "the-ldlot's"]),
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
            let found = readings(text);
            let found: Vec<&str> = found.iter().map(Folded::text).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn readings_map_back_to_what_was_written() {
        let text = "one\0an 1d10t here";
        let reading = &readings(text)[0];
        let at = reading.text().find("idiot").unwrap();
        assert_eq!(&text[reading.origin(&(at..at + 5)).unwrap()], "1d10t");
    }

    proptest! {
        #[test]
        fn any_text_has_readings_that_map_back(text in "\\PC{0,30}|[a-z0-9@$!| \\u{0}асеорΑΒ🇦ß]{0,50}") {
            for reading in readings(&text) {
                for (at, letter) in reading.text().char_indices().filter(|(_, letter)| *letter != SEGMENT_BREAK) {
                    let origin = reading.origin(&(at..at + letter.len_utf8())).unwrap();
                    prop_assert!(text.get(origin).is_some_and(|part| !part.is_empty()));
                }
            }
        }
    }
}
