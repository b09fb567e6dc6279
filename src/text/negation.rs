//! Words that deny what follows, and marks of quotation: what somebody says is not the case, or says
//! that somebody else said.

use std::ops::Range;

/// Words between a negator and what it denies, at the most.
const REACH: usize = 4;

/// Negators of five languages, in lower case; `n't` and `nu-` are found as endings and beginnings.
const NEGATORS: [&str; 40] = [
    // English
    "not",
    "no",
    "never",
    "cannot",
    "without",
    "neither",
    "nor",
    "nobody",
    "none",
    // Italian
    "non",
    "mai",
    "senza",
    "nessun",
    "nessuna",
    "nessuno",
    "né",
    "neanche",
    // Spanish
    "nunca",
    "jamás",
    "sin",
    "ningún",
    "ninguna",
    "ninguno",
    "ni",
    "tampoco",
    // Romanian
    "nu",
    "niciodată",
    "niciodata",
    "fără",
    "fara",
    "niciun",
    "nicio",
    "nici",
    // Catalan
    "sense",
    "cap",
    "mai",
    "tampoc",
    "ningú",
    "gens",
    "enlloc",
];

/// Whether the words of `text` at `range` are denied: a negator stands shortly before them, with no
/// end of a clause between.
pub fn is_denied(text: &str, range: &Range<usize>) -> bool {
    let before = &text[..range.start];
    let clause = before
        .rfind(['.', '!', '?', ';', ':', ',', '\n', '\0'])
        .map_or(before, |at| &before[at + 1..]);
    clause
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’')
        .rev()
        .filter(|word| !word.is_empty())
        .take(REACH)
        .any(|word| {
            let word = word.to_lowercase().replace('’', "'");
            NEGATORS.contains(&word.as_str()) || word.ends_with("n't") || word == "n'"
        })
}

/// Opening marks of quotation and what closes them.
const QUOTES: [(char, char); 7] = [
    ('“', '”'),
    ('„', '”'),
    ('„', '“'),
    ('«', '»'),
    ('‹', '›'),
    ('‘', '’'),
    ('"', '"'),
];

/// Whether `range` of `text` stands inside quotation marks that are closed.
pub fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    QUOTES.iter().any(|(open, close)| {
        let is_open = if open == close {
            before.matches(*open).count() % 2 == 1
        } else {
            let opened = before.rfind(*open);
            opened.is_some_and(|at| !before[at..].contains(*close))
        };
        is_open && after.contains(*close)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, word: &str) -> Range<usize> {
        let at = text.find(word).unwrap();
        at..at + word.len()
    }

    #[test]
    fn what_is_denied() {
        for (text, word, denied) in [
            ("We do not guarantee returns", "guarantee", true),
            ("We don’t ever guarantee returns", "guarantee", true),
            ("Why not? We guarantee returns", "guarantee", false),
            ("Non garantiamo rendimenti", "garantiamo", true),
            ("Sin ninguna garantía", "garantía", true),
            ("Nu oferim câștig garantat", "garantat", true),
            ("Câștig garantat, fără risc", "garantat", false),
            ("No hi ha cap rendiment garantit", "garantit", true),
            ("Rendiment garantit", "garantit", false),
        ] {
            assert_eq!(is_denied(text, &place(text, word)), denied, "{text}");
        }
    }

    #[test]
    fn what_is_quoted() {
        for (text, word, quoted) in [
            ("He said “best ever” to us", "best", true),
            ("He said “well” and best ever", "best", false),
            ("Ha detto «il migliore»", "migliore", true),
            ("a \"b\" c \"d\" e", "c", false),
            ("a \"b\" c \"d\" e", "d", true),
            ("it's the best of John's", "best", false),
        ] {
            assert_eq!(is_quoted(text, &place(text, word)), quoted, "{text}");
        }
    }
}
