//! Where sentences begin and end, and the words in them: for conditions such as “in the same
//! sentence” or “within five words”.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// The sentence of `text` that holds byte `at`, by UAX #29; a line break ends no sentence by itself.
pub fn sentence_around(text: &str, at: usize) -> Range<usize> {
    let mut start = 0;
    let mut end = 0;
    for part in text.split_sentence_bounds() {
        end += part.len();
        // A draft's line break inside a sentence is no end; a mark of punctuation is.
        let closed = part.trim_end().ends_with(['.', '!', '?', '…'])
            || part.contains("\n\n")
            || end == text.len();
        if at < end && closed {
            return start..end;
        }
        if closed {
            start = end;
        }
    }
    start..text.len()
}

/// How many words lie between two ranges that do not overlap; 0 if they touch or overlap.
pub fn words_between(text: &str, a: &Range<usize>, b: &Range<usize>) -> usize {
    let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
    text.get(first.end..second.start)
        .map_or(0, |gap| gap.unicode_words().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_its_mark_not_at_the_line() {
        let text = "Delta is a\nclient. We like rivers! Bye";
        for (at, expected) in [
            (0, "Delta is a\nclient. "),
            (12, "Delta is a\nclient. "),
            (20, "We like rivers! "),
            (36, "Bye"),
        ] {
            assert_eq!(&text[sentence_around(text, at)], expected, "at {at}");
        }
        assert_eq!(sentence_around("", 0), 0..0);
    }

    #[test]
    fn words_are_counted_between() {
        let text = "our client is Delta";
        assert_eq!(words_between(text, &(14..19), &(4..10)), 1);
        assert_eq!(words_between(text, &(4..10), &(4..10)), 0);
    }
}
