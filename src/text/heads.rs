//! How the words of a text begin: enough to pass over most of a long list looked for in it.
//!
//! A literal stands in a text only where a word begins with the literal's first letters. Asking that
//! costs a name some dozen instructions, indexing it several hundred; so a short text is met by a
//! long list line by line, and only the lines that may stand in it are indexed.
//!
//! A yes means nothing, a no is certain. So whatever folding may change (anything but ASCII) is a
//! yes, repeated letters count once, and signs between letters do not count.

use memchr::memchr;

use super::literals::for_each_word;

/// Letters that a head has at most; more would pass over hardly more lines.
const LETTERS: u32 = 6;

/// Bits of the set, as a power of two: it stays in the nearest cache.
const BITS: u32 = 16;

/// Multiplies heads apart; the high bits of the product are taken.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

const SIGN: u8 = 0;
const END: u8 = 1;
const OTHER: u8 = 2;

/// The small letter or figure that each byte is, else one of the three above.
const LETTER: [u8; 256] = {
    let mut letters = [OTHER; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        letters[byte as usize] = if byte == b'\n' {
            END
        } else if byte.is_ascii_alphanumeric() {
            byte.to_ascii_lowercase()
        } else {
            SIGN
        };
        byte += 1;
    }
    letters
};

/// The first letters of something, each run of one letter once.
#[derive(Clone, Copy, Default)]
struct Head {
    letters: u64,
    count: u32,
    last: u8,
}

impl Head {
    fn push(&mut self, letter: u8) {
        if letter != self.last || letter.is_ascii_digit() {
            self.letters = self.letters << 8 | u64::from(letter);
            self.count += 1;
            self.last = letter;
        }
    }

    fn slot(self) -> usize {
        usize::try_from(self.letters.wrapping_mul(SPREAD) >> (64 - BITS)).unwrap_or(0)
    }
}

/// The heads of all words of some texts.
#[derive(Clone, Debug)]
pub struct Heads {
    bits: Vec<u64>,
}

impl Default for Heads {
    fn default() -> Self {
        Self {
            bits: vec![0; 1 << (BITS - 6)],
        }
    }
}

impl Heads {
    /// Adds what begins with a word of `text`, which is folded: each word, and what it and those
    /// behind it make together.
    pub fn add_words(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut words = Vec::new();
        for_each_word(text, |start, end| words.push(start..end));
        for first in 0..words.len() {
            let letters = words[first..].iter().cloned().flatten();
            self.add(letters.map(|at| bytes[at]));
        }
    }

    /// Adds what begins anywhere in `word`, a run of folded letters.
    pub fn add_inside(&mut self, word: &str) {
        let bytes = word.as_bytes();
        for start in 0..bytes.len() {
            self.add(bytes[start..].iter().copied());
        }
    }

    /// Adds each beginning of `letters`, since a whole literal may be that short.
    fn add(&mut self, letters: impl Iterator<Item = u8>) {
        let mut head = Head::default();
        for letter in letters {
            head.push(letter.to_ascii_lowercase());
            let slot = head.slot();
            self.bits[slot / 64] |= 1 << (slot % 64);
            if head.count == LETTERS {
                break;
            }
        }
    }

    /// Calls `each` with every line of `list` that may stand in one of the texts, and with its
    /// offset. Lines end with a line feed.
    pub fn lines(&self, list: &str, mut each: impl FnMut(usize, &str)) {
        let bytes = list.as_bytes();
        let mut start = 0;
        while start < bytes.len() {
            let (may, at) = self.begins(bytes, start);
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |more| at + more);
            if may {
                each(start, &list[start..end]);
            }
            start = end + 1;
        }
    }

    /// Whether what starts at `start` may stand in one of the texts, and how far it was read.
    fn begins(&self, bytes: &[u8], start: usize) -> (bool, usize) {
        let mut head = Head::default();
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            match LETTER[usize::from(byte)] {
                SIGN => {}
                END => break,
                // A mark may follow the last letter of a head and make another letter of it.
                OTHER => return (true, at),
                _ if head.count == LETTERS => break,
                letter => head.push(letter),
            }
            at += 1;
        }
        let slot = head.slot();
        (self.bits[slot / 64] >> (slot % 64) & 1 == 1, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_may_stand_in_a_text_are_kept_and_most_others_are_not() {
        let mut heads = Heads::default();
        heads.add_words("we met blue-bird and p r o j e c t x, stuuupid, co2");
        heads.add_inside("launchnorthwick");
        let list = "Blue Bird\nBluebirds\nBlueberry\nproject\nstupid\nCO2\nCO22\nNorthwick\nwe\nus\nÈlite\nCafe\u{301}\n";
        let mut kept = Vec::new();
        heads.lines(list, |at, line| {
            assert!(list[at..].starts_with(line));
            kept.push(line.to_owned());
        });
        assert_eq!(
            kept,
            [
                "Blue Bird",
                "Bluebirds",
                "project",
                "stupid",
                "CO2",
                "Northwick",
                "we",
                "Èlite",
                "Cafe\u{301}"
            ]
        );
    }

    #[test]
    fn a_last_line_without_an_end_is_read() {
        let mut heads = Heads::default();
        heads.add_words("acme");
        let mut kept = 0;
        heads.lines("Other\nAcme", |at, line| {
            kept += 1;
            assert_eq!((at, line), (6, "Acme"));
        });
        assert_eq!(kept, 1);
    }
}
