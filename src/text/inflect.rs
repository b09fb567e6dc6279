//! The regular forms of a word in English, Italian, Spanish, Catalan and Romanian.
//!
//! Forms are made from small tables of endings rather than found by stemming the draft: stemmers
//! merge words that differ (Lancia and lancio, banca and banco) and miss forms once accents are
//! folded (banques, clienților), and what a table gives can be read before a rule is published. A
//! form that no one uses costs nothing: it is looked for and never found.

use std::collections::BTreeSet;

use super::Lang;

/// Endings of a language: what a word ends in, and what may stand there instead.
type Endings = &'static [(&'static str, &'static [&'static str])];

const ENGLISH: Endings = &[
    ("y", &["ies", "ied"]),
    ("e", &["es", "ed", "ing", "er", "ers"]),
    ("s", &["ses", "sed", "sing"]),
    ("x", &["xes", "xed", "xing"]),
    ("z", &["zes"]),
    ("ch", &["ches", "ched", "ching"]),
    ("sh", &["shes", "shed", "shing"]),
    ("", &["s", "ed", "ing", "er", "ers"]),
];

const ITALIAN: Endings = &[
    ("tore", &["tori", "trice", "trici"]),
    ("ista", &["isti", "iste"]),
    ("cia", &["ce", "cie"]),
    ("gia", &["ge", "gie"]),
    ("co", &["chi", "ci", "ca", "che"]),
    ("go", &["ghi", "gi", "ga", "ghe"]),
    ("ca", &["che", "co", "chi"]),
    ("ga", &["ghe", "go", "ghi"]),
    ("io", &["i", "ia", "ie"]),
    ("o", &["i", "a", "e"]),
    ("a", &["e", "i", "o"]),
    ("e", &["i"]),
];

const SPANISH: Endings = &[
    ("ión", &["iones"]),
    ("z", &["ces"]),
    ("or", &["ores", "ora", "oras"]),
    ("és", &["esa", "eses", "esas"]),
    ("o", &["os", "a", "as"]),
    ("a", &["as", "o", "os"]),
    ("e", &["es"]),
    ("", &["s", "es"]),
];

const CATALAN: Endings = &[
    ("ca", &["ques", "c", "cs"]),
    ("ga", &["gues"]),
    ("ça", &["ces"]),
    ("ja", &["ges"]),
    ("ó", &["ons", "ona", "ones"]),
    ("à", &["ans", "ana", "anes"]),
    ("í", &["ins", "ina", "ines"]),
    ("a", &["es"]),
    ("e", &["es", "s", "a"]),
    ("", &["s", "os", "a", "es"]),
];

const ROMANIAN: Endings = &[
    ("ție", &["ția", "ției", "ții", "țiile", "țiilor"]),
    ("că", &["ca", "ci", "cii", "cile", "cilor"]),
    (
        "ă",
        &["a", "e", "ei", "ele", "elor", "i", "ii", "ile", "ilor"],
    ),
    ("ea", &["ele", "elei", "elele", "elelor"]),
    ("a", &["ei", "ele", "elor"]),
    ("e", &["ea", "ei", "i", "ii", "ile", "ilor", "elui", "ele"]),
    ("u", &["ul", "ului", "i", "ii", "ilor"]),
    (
        "t",
        &[
            "ți", "ții", "ților", "tul", "tului", "te", "tele", "telor", "turi", "turile",
            "turilor", "tă", "ta", "tei",
        ],
    ),
    (
        "d",
        &[
            "zi", "zii", "zilor", "dul", "dului", "de", "dele", "delor", "dă", "da",
        ],
    ),
    (
        "s",
        &[
            "și", "șii", "șilor", "sul", "sului", "se", "sele", "selor", "să", "sa",
        ],
    ),
    (
        "",
        &[
            "ul", "ului", "i", "ii", "ilor", "e", "ele", "elor", "uri", "urile", "urilor", "ă",
            "a", "ei",
        ],
    ),
];

/// Each language with its endings.
const LANGUAGES: [(&str, Endings); 5] = [
    ("en", ENGLISH),
    ("it", ITALIAN),
    ("es", SPANISH),
    ("ca", CATALAN),
    ("ro", ROMANIAN),
];

/// More forms than this of one term would be a list of their own.
const MOST: usize = 400;

/// The other forms of `term` in the languages named, or in all five if none is.
///
/// Of a term of several words each is inflected; of long ones only the first and the last. Words of
/// fewer than three letters, and words with figures, have no forms.
pub fn forms(term: &str, langs: &[Lang]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (code, endings) in LANGUAGES {
        if langs.is_empty() || langs.iter().any(|lang| lang.as_str() == code) {
            found.extend(phrase_forms(term, endings));
        }
    }
    found.remove(term);
    found.into_iter().collect()
}

fn phrase_forms(term: &str, endings: Endings) -> Vec<String> {
    let words: Vec<&str> = term.split(' ').collect();
    let mut phrases = vec![String::new()];
    for (number, word) in words.iter().enumerate() {
        let inner = words.len() > 3 && number > 0 && number + 1 < words.len();
        let mut ways = vec![(*word).to_owned()];
        if !inner {
            ways.extend(word_forms(word, endings));
        }
        if phrases.len() * ways.len() > MOST {
            ways.truncate(1);
        }
        let space = if number == 0 { "" } else { " " };
        phrases = phrases
            .iter()
            .flat_map(|head| ways.iter().map(move |way| format!("{head}{space}{way}")))
            .collect();
    }
    phrases
}

fn word_forms(word: &str, endings: Endings) -> Vec<String> {
    if word.chars().count() < 3 || !word.chars().all(char::is_alphabetic) {
        return Vec::new();
    }
    let lower = word.to_lowercase();
    let Some((ending, others)) = endings.iter().find(|(ending, _)| lower.ends_with(ending)) else {
        return Vec::new();
    };
    // The ending is cut from the word as written, letter by letter, since capitals may differ in
    // bytes.
    let kept = word.chars().count() - ending.chars().count();
    let stem: String = word.chars().take(kept).collect();
    others
        .iter()
        .map(|other| format!("{stem}{other}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_forms_in_five_languages() {
        let cases: [(&str, &str, &[&str]); 10] = [
            ("en", "client", &["clients"]),
            ("en", "company", &["companies"]),
            ("it", "cliente", &["clienti"]),
            ("it", "amico", &["amici", "amiche", "amica"]),
            ("it", "gruppo bancario", &["gruppi bancari"]),
            ("es", "banco", &["bancos"]),
            ("es", "operación", &["operaciones"]),
            ("ca", "banca", &["banques"]),
            ("ca", "operació", &["operacions"]),
            (
                "ro",
                "client",
                &["clientul", "clienți", "clienților", "clientului"],
            ),
        ];
        for (lang, term, expected) in cases {
            let found = forms(term, &[lang.parse().unwrap()]);
            for form in expected {
                assert!(
                    found.iter().any(|have| have == form),
                    "{term} has no {form}: {found:?}"
                );
            }
            assert!(!found.contains(&term.to_owned()));
        }
    }

    #[test]
    fn short_words_and_codes_have_none_and_long_terms_stay_few() {
        assert!(forms("it", &[]).is_empty());
        assert!(forms("GX4", &[]).is_empty());
        assert!(forms("uno due tre quattro cinque", &[]).len() < 5 * MOST);
    }
}
