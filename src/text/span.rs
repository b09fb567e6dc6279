//! Byte ranges into a text, and nothing else.
//!
//! Offsets count bytes of the *decoded* text of a file. Folding and markup removal work on copies
//! and map back before results leave `text`, so a label never points at text nobody typed. How a
//! span of the decoded text maps to bytes on disk is [`Source::disk_range`]'s business.
//!
//! [`Source::disk_range`]: super::Source::disk_range

use std::ops::Range;

/// A half-open byte range, both ends on character boundaries of the text it was made from.
///
/// The fields are private: a `Span` in hand can always slice that text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// Returns `None` if `range` is reversed, runs past the end, or cuts a character in two.
    pub fn new(text: &str, range: Range<usize>) -> Option<Self> {
        text.get(range.clone())?;
        Some(Self {
            start: range.start,
            end: range.end,
        })
    }

    /// The widest span inside `range` grown outwards to character boundaries and cut to the text.
    ///
    /// For ranges that come from a library: what it got wrong is then a wide label, not a panic.
    pub fn covering(text: &str, range: Range<usize>) -> Self {
        let start = text.floor_char_boundary(range.start.min(text.len()));
        let end = text.ceil_char_boundary(range.end.clamp(start, text.len()));
        Self { start, end }
    }

    /// First byte.
    pub fn start(self) -> usize {
        self.start
    }

    /// One past the last byte.
    pub fn end(self) -> usize {
        self.end
    }

    /// As a range, to slice with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ranges_that_slice_become_spans() {
        let text = "né";
        let cases = [
            (0..1, true),
            (1..3, true),
            (1..2, false),
            (0..4, false),
            (3..3, true),
        ];
        for (range, fits) in cases {
            assert_eq!(Span::new(text, range.clone()).is_some(), fits, "{range:?}");
            let grown = Span::covering(text, range.clone());
            assert!(text.get(grown.range()).is_some(), "{range:?}");
        }
    }
}
