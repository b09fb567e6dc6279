//! Numbers and codes as people write them: in one piece, or parted by spaces, dots, hyphens.

use std::ops::Range;

/// A code of a fixed length, read from a text.
#[derive(Debug)]
pub(super) struct Code {
    /// Its characters without what parts them; letters are capitals.
    pub(super) chars: Vec<u8>,
    /// How many characters stand between two separators.
    pub(super) groups: Vec<usize>,
    /// The byte after it.
    pub(super) end: usize,
}

impl Code {
    pub(super) fn digit(&self, at: usize) -> u32 {
        digit(self.chars[at])
    }

    pub(super) fn digits(&self, range: Range<usize>) -> u32 {
        number(&self.chars[range])
    }
}

/// The value of an ASCII digit.
pub(super) fn digit(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

/// The value of at most nine ASCII digits.
pub(super) fn number(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |sum: u32, byte| sum.wrapping_mul(10) + digit(*byte))
}

/// Where a code may begin: at a letter or digit before which there is none.
pub(super) fn starts(text: &str) -> impl Iterator<Item = usize> {
    let mut inside = false;
    text.char_indices().filter_map(move |(at, letter)| {
        let was_inside = inside;
        inside = letter.is_alphanumeric() || letter == '_';
        (!was_inside && letter.is_ascii_alphanumeric()).then_some(at)
    })
}

/// Whether a code may end there: no letter or digit follows.
pub(super) fn ends(text: &str, at: usize) -> bool {
    !text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Reads `len` letters and digits from `start` on, with at most one separator between two of them.
/// `fits` says which character, as a capital, may stand at which place.
pub(super) fn read(
    text: &str,
    start: usize,
    len: usize,
    fits: impl Fn(usize, u8) -> bool,
) -> Option<Code> {
    let bytes = text.as_bytes();
    // Hardly any word is a code: nothing is kept before its end is known.
    let mut at = start;
    for place in 0..len {
        let byte = bytes.get(at)?.to_ascii_uppercase();
        if !byte.is_ascii_alphanumeric() || !fits(place, byte) {
            return None;
        }
        at += 1;
        let goes_on = place + 1 < len;
        if goes_on && bytes.get(at).is_some_and(|byte| is_separator(*byte)) {
            at += 1;
        }
    }
    let written = &bytes[start..at];
    let groups = written.split(|byte| is_separator(*byte));
    let code = || Code {
        chars: written
            .iter()
            .filter(|byte| !is_separator(**byte))
            .map(u8::to_ascii_uppercase)
            .collect(),
        groups: groups.map(<[u8]>::len).collect(),
        end: at,
    };
    ends(text, at).then(code)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b'-' | b'/')
}

/// Whether one of `words`, in small letters, stands in the last `reach` bytes before `at`, in the
/// same line and sentence, without a digit between it and `at`.
pub(super) fn follows(text: &str, at: usize, reach: usize, words: &[&str]) -> bool {
    let mut from = at.saturating_sub(reach);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text[from..at].to_ascii_lowercase();
    let start = before
        .rfind(|c: char| c.is_ascii_digit() || matches!(c, '\n' | '!' | '?'))
        .map_or(0, |at| at + 1);
    let before = &before[start..];
    // The first letters of the reach may be the end of a longer word; what comes before decides.
    let whole = text[..from + start]
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    words.iter().any(|word| {
        before.match_indices(word).any(|(at, _)| {
            let last = before[..at].chars().next_back();
            if at == 0 {
                !whole
            } else {
                last.is_none_or(|c| !c.is_alphanumeric())
            }
        })
    })
}

/// Whether the sum that ISO/IEC 7812-1, annex B, asks for comes out (“Luhn”).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, byte)| match (digit(*byte), place % 2) {
            (digit, 0) => digit,
            (digit, _) if digit > 4 => digit * 2 - 9,
            (digit, _) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether there is such a day; `year` in full.
pub(super) fn is_day(year: u32, month: u32, day: u32) -> bool {
    let (Ok(year), Ok(month), Ok(day)) =
        (i16::try_from(year), i8::try_from(month), i8::try_from(day))
    else {
        return false;
    };
    jiff::civil::Date::new(year, month, day).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_with_their_separators() {
        let text = "no. 12-345 6x";
        let digits = |_: usize, byte: u8| byte.is_ascii_digit();
        let code = read(text, 4, 5, digits).unwrap();
        assert_eq!((code.chars.as_slice(), code.end), (&b"12345"[..], 10));
        assert_eq!(code.groups, [2, 3]);
        assert!(read(text, 4, 6, digits).is_none(), "a letter follows");
        assert_eq!(starts(text).collect::<Vec<_>>(), [0, 4, 7, 11]);
    }

    #[test]
    fn a_word_before_is_a_whole_word_of_the_sentence() {
        let text = "CUI: 123";
        assert!(follows(text, 5, 10, &["cui"]));
        assert!(!follows("circui 123", 7, 10, &["cui"]));
        assert!(!follows("circui 123", 7, 4, &["cui"]));
        assert!(!follows("cui? 123", 5, 10, &["cui"]));
    }

    #[test]
    fn luhn_is_right_on_the_example_of_the_standard() {
        assert!(luhn(b"79927398713"));
        assert!(!luhn(b"79927398710"));
    }
}
