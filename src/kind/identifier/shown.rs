//! A text as its reader takes it in: no invisible characters, one kind of space and of dash, plain
//! letters and digits; with a way back.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::char::decompose_compatible;

use crate::text::SourceMap;
use crate::text::fold::is_invisible;

/// A text as it is shown, and its map to the text as written.
#[derive(Debug)]
pub(super) struct Shown<'t> {
    text: Cow<'t, str>,
    map: Option<SourceMap>,
}

impl<'t> Shown<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let is_plain = |byte: u8| (0x20..0x7F).contains(&byte) || matches!(byte, b'\t'..=b'\r');
        if text.bytes().all(is_plain) {
            return Self {
                text: Cow::Borrowed(text),
                map: None,
            };
        }
        let mut made = String::with_capacity(text.len());
        let mut map = SourceMap::default();
        let mut at = 0;
        while let Some(letter) = text[at..].chars().next() {
            let start = made.len();
            let bytes = text.as_bytes()[at..].iter();
            let run = bytes.take_while(|byte| is_plain(**byte)).count();
            if run > 0 {
                made.push_str(&text[at..at + run]);
                map.verbatim(start, at, run);
                at += run;
                continue;
            }
            let end = at + letter.len_utf8();
            if !is_invisible(letter) {
                let plain = plain(letter);
                made.push(plain);
                if plain == letter {
                    map.verbatim(start, at, letter.len_utf8());
                } else {
                    map.whole(start, plain.len_utf8(), at..end);
                }
            }
            at = end;
        }
        Self {
            text: Cow::Owned(made),
            map: Some(map),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where `range` of the shown text is written.
    pub(super) fn origin(&self, range: &Range<usize>) -> Option<Range<usize>> {
        match &self.map {
            None => Some(range.clone()),
            Some(map) => map.origin(range),
        }
    }
}

fn plain(letter: char) -> char {
    match letter {
        _ if letter.is_ascii() => letter,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        _ if letter.is_whitespace() => ' ',
        // A footnote's ² is no digit of the number before it, nor is a circled one.
        '\u{AA}'
        | '\u{B2}'
        | '\u{B3}'
        | '\u{B9}'
        | '\u{BA}'
        | '\u{2070}'..='\u{209F}'
        | '\u{2460}'..='\u{24FF}' => letter,
        _ => {
            let (mut first, mut count) = (letter, 0);
            decompose_compatible(letter, |part| {
                if !matches!(part, '\u{300}'..='\u{36F}') {
                    first = if count == 0 { part } else { first };
                    count += 1;
                }
            });
            if count == 1 && first.is_ascii_graphic() {
                first
            } else {
                letter
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_plainly_and_maps_back() {
        let text = "năs\u{AD}cut: ０７２２\u{A0}555\u{2011}014²";
        let shown = Shown::of(text);
        assert_eq!(shown.text(), "nascut: 0722 555-014²");
        let range = shown.origin(&(8..20)).unwrap();
        assert_eq!(&text[range], "０７２２\u{A0}555\u{2011}014");
    }
}
