//! Where sentences begin and end, and the words in them: for conditions such as “in the same
//! sentence” or “within five words”.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Abbreviations that are written with a full stop and end no sentence.
const ABBREVIATIONS: [&str; 44] = [
    "art", "avv", "bd", "ca", "co", "corp", "dir", "dl", "dna", "dott", "dr", "dra", "ed", "es",
    "etc", "fig", "inc", "ing", "jr", "lic", "ltd", "mr", "mrs", "ms", "no", "nr", "núm", "op",
    "pag", "pp", "prof", "sig", "sr", "sra", "srl", "spa", "st", "str", "tel", "vol", "vs",
    "approx", "dept", "gen",
];

/// The sentences of `text` by UAX #29, in order; together they are the whole text.
///
/// A line break ends no sentence by itself, and neither does the full stop of an abbreviation.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut end = 0;
    for part in text.split_sentence_bounds() {
        end += part.len();
        let shown = part.trim_end();
        let closed = shown.ends_with(['.', '!', '?', '…']) && !ends_in_abbreviation(shown);
        if closed || end == text.len() {
            found.push(start..end);
            start = end;
        }
    }
    found
}

fn ends_in_abbreviation(part: &str) -> bool {
    let Some(words) = part.strip_suffix('.') else {
        return false;
    };
    let word = words
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    // S.p.A., U.S., and the initial of a name.
    let dotted = word.contains('.') || (letters == 1 && word.chars().all(char::is_uppercase));
    dotted || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Whether at most `most` words lie between two ranges; none do if they touch or overlap.
pub fn within_words(text: &str, a: &Range<usize>, b: &Range<usize>, most: usize) -> bool {
    let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
    // Only so many words are cut, however far the two lie apart.
    text.get(first.end..second.start)
        .is_none_or(|gap| gap.unicode_words().nth(most).is_none())
}

/// Words that may stand in a gap of a phrase, `the best … in the world`.
pub const GAP: usize = 5;

/// Whether the second of two ranges goes on where the first ends, with no more than [`GAP`] words
/// between and in the same sentence.
pub fn goes_on(text: &str, a: &Range<usize>, b: &Range<usize>) -> bool {
    if b.start < a.end || !within_words(text, a, b, GAP) {
        return false;
    }
    let Some(words) = text.get(a.start..b.end) else {
        return false;
    };
    let gap = a.end - a.start..=b.start - a.start;
    let mut ends = sentences(words).into_iter().map(|sentence| sentence.end);
    !ends.any(|end| end < words.len() && gap.contains(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_its_mark_not_at_the_line_or_an_abbreviation() {
        let text =
            "Delta is a\nclient. We like rivers! Our client Dr. Delta of Delta S.p.A. Milan. Bye";
        let parts: Vec<&str> = sentences(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(
            parts,
            [
                "Delta is a\nclient. ",
                "We like rivers! ",
                "Our client Dr. Delta of Delta S.p.A. Milan. ",
                "Bye"
            ]
        );
        assert!(sentences("").is_empty());
    }

    #[test]
    fn a_phrase_goes_on_over_a_few_words_of_its_sentence() {
        let place = |text: &str, words: &str| {
            let start = text.find(words).unwrap();
            start..start + words.len()
        };
        for (text, expected) in [
            ("the best in the world", true),
            ("the best light, by far, in the world", true),
            ("the best Dr. Rossi makes in the world", true),
            ("the best one two three four five six in the world", false),
            ("he is the best. Go out in the world", false),
            ("this is the best! in the world", false),
            ("in the world the best", false),
        ] {
            let (a, b) = (place(text, "the best"), place(text, "in the world"));
            assert_eq!(goes_on(text, &a, &b), expected, "{text}");
        }
    }

    #[test]
    fn words_are_counted_between() {
        let text = "our client is Delta";
        assert!(within_words(text, &(14..19), &(4..10), 1));
        assert!(!within_words(text, &(14..19), &(4..10), 0));
        assert!(within_words(text, &(4..10), &(4..10), 0));
    }
}
