//! Words that deny what follows, and marks of quotation: what somebody says is not the case, or says
//! that somebody else said.

use std::ops::Range;

use super::Lang;

/// Words between a negator and what it denies, at the most.
const REACH: usize = 4;

/// Negators by language, in lower case. A word that denies in one says something else in another:
/// “mai” is “never” in Italian and “more” in Romanian.
const NEGATORS: [(Lang, &[&str]); 5] = [
    (
        Lang::EN,
        &[
            "not", "no", "never", "cannot", "without", "neither", "nor", "nobody", "none", "n't",
            "dont", "doesnt", "didnt", "wont", "isnt", "arent", "cant",
        ],
    ),
    (
        Lang::IT,
        &[
            "non", "mai", "senza", "nessun", "nessuna", "nessuno", "né", "ne'", "neanche",
            "nemmeno", "neppure",
        ],
    ),
    (
        Lang::ES,
        &[
            "no", "nunca", "jamás", "jamas", "sin", "ningún", "ningun", "ninguna", "ninguno",
            "nadie", "ni", "tampoco",
        ],
    ),
    (
        Lang::RO,
        &[
            "nu",
            "niciodată",
            "niciodata",
            "fără",
            "fara",
            "niciun",
            "nicio",
            "nici",
            "nimeni",
            "n",
        ],
    ),
    (
        Lang::CA,
        &[
            "no", "mai", "sense", "cap", "tampoc", "ningú", "gens", "enlloc", "ni",
        ],
    ),
];

fn denies(word: &str, lang: Option<Lang>) -> bool {
    let known = |lang: Lang| NEGATORS.iter().find(|(own, _)| *own == lang);
    match lang.and_then(known) {
        Some((_, words)) => {
            words.contains(&word) || (lang == Some(Lang::EN) && word.ends_with("n't"))
        }
        None => {
            let mut all = NEGATORS.iter();
            word.ends_with("n't") || all.any(|(_, words)| words.contains(&word))
        }
    }
}

/// Whether the words of `text` at `range` are denied: a negator stands shortly before them, with no
/// end of a clause between.
pub fn is_denied(text: &str, range: &Range<usize>, lang: Option<Lang>) -> bool {
    let before = &text[..range.start];
    let clause = before
        .rfind(['.', '!', '?', ';', ':', ',', '\n', '\0'])
        .map_or(before, |at| &before[at + 1..]);
    let words = clause
        .rsplit(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’')
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('’', "'"));
    // The last first, with one more, which may say what the one behind it means.
    let words: Vec<String> = words.take(REACH + 1).collect();
    (0..words.len().min(REACH)).any(|at| {
        let before = words.get(at + 1).map_or("", String::as_str);
        let behind = at.checked_sub(1).map_or("", |behind| &words[behind]);
        let word = words[at].as_str();
        (denies(word, lang) || word == "n'") && !is_head(before, word, behind)
    })
}

/// Whether the Catalan “cap” is no “none”, but a head, a boss, the end of a week, or a direction.
fn is_head(before: &str, word: &str, behind: &str) -> bool {
    const OWNED: [&str; 13] = [
        "el", "un", "del", "al", "pel", "seu", "meu", "teu", "nostre", "vostre", "com", "nou",
        "cada",
    ];
    word == "cap" && (OWNED.contains(&before) || matches!(behind, "a" | "al" | "als"))
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

/// Bytes on either side of words that are looked through for quotation marks.
const FAR: usize = 4096;

/// What stands before and behind `range`, as far as it matters.
fn around<'t>(text: &'t str, range: &Range<usize>) -> (&'t str, &'t str) {
    let edge = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let from = edge(range.start.saturating_sub(FAR));
    let to = edge((range.end + FAR).min(text.len()));
    (&text[from..range.start], &text[range.end..to])
}

/// Whether `range` of `text` stands inside quotation marks that are closed.
pub fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = around(text, range);
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
            ("Cap rendiment garantit", "garantit", true),
            ("El cap diu: rendiment garantit", "garantit", false),
            ("El cap garanteix un rendiment", "rendiment", false),
            ("Anem cap a un rendiment garantit", "garantit", false),
            ("Rendiment garantit", "garantit", false),
        ] {
            assert_eq!(is_denied(text, &place(text, word), None), denied, "{text}");
        }
        // The same word denies in one language only.
        let (text, word) = ("Ele mai merită bani", "merită");
        for (lang, denied) in [(Lang::RO, false), (Lang::IT, true)] {
            assert_eq!(is_denied(text, &place(text, word), Some(lang)), denied);
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
