//! Which of the five languages a text is in, decided offline, or not decided at all.
//!
//! A wrong answer would keep a rule from looking, so this rather says nothing. Two witnesses are
//! heard: the little words of each language (articles, prepositions, forms of “to be”), which even a
//! short post is full of, and whatlang's trigrams. Words decide alone where they are many and of
//! one language; else both have to agree.

use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::{Detector, Lang as Known};

use super::Lang;
use super::common::words_of;

/// Fewer letters than this decide nothing.
const FEWEST_LETTERS: usize = 20;

/// Text after so many bytes changes nothing any more.
pub const ENOUGH: usize = 1 << 10;

/// Words that are frequent in each language, besides its little words; a word of several languages
/// counts for all of them, but less.
const FREQUENT: [(Known, &str, &str); 5] = [
    (
        Known::Eng,
        "en",
        "will all can more out up about what when how new no one get just like been would there \
         do then after only also very here where why every week today",
    ),
    (
        Known::Ita,
        "it",
        "nostro nostra nostri nostre vostro tutto tutti tutte oggi quando dove perché cosa molto \
         poi già ancora solo sempre stato fare grazie anno dopo ogni senza nuovo nuova",
    ),
    (
        Known::Spa,
        "es",
        "ese esa nuestro nuestra nuestros nuestras vuestro todo todos todas hoy cuando donde \
         porque muy ya aún solo siempre hay ser está están desde hasta cada nuevo nueva año \
         gracias después así",
    ),
    (
        Known::Ron,
        "ro",
        "fost acel acea cum când unde foarte tot toate toți azi astăzi ori nostru noastră noștri \
         noastre vostru voastră lor fără doar încă deja nou nouă anul mulțumim despre către",
    ),
    (
        Known::Cat,
        "ca",
        "nostre nostra nostres vostre tot tots totes avui quan on perquè molt ja encara només \
         sempre hi va vam fer ser està estan des fins cada nou nova any gràcies després així dues \
         dos",
    ),
];

/// Letters and marks that one of the languages writes and the others do not.
fn signs(letter: char) -> Option<(usize, f32)> {
    Some(match letter {
        'ñ' | '¿' | '¡' => (2, 1.0),
        'ș' | 'ț' | 'ş' | 'ţ' | 'ă' | 'â' | 'î' => (3, 1.0),
        'ç' | '·' => (4, 0.7),
        'ì' | 'ù' => (1, 0.5),
        _ => return None,
    })
}

static BY_WORD: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut words: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, (_, code, list)) in FREQUENT.iter().enumerate() {
        for word in words_of(code).chain(list.split(' ')) {
            let languages = words.entry(word).or_default();
            if !languages.contains(&number) {
                languages.push(number);
            }
        }
    }
    words
});

/// The language of `text`, if it is surely one of the five.
pub fn detect(text: &str) -> Option<Lang> {
    let text = &text[..text.floor_char_boundary(ENOUGH)];
    if text.chars().filter(|c| c.is_alphabetic()).count() < FEWEST_LETTERS {
        return None;
    }
    let lower = text.to_lowercase();
    let mut heard = [0.0_f32; FREQUENT.len()];
    for word in lower.split(|letter: char| !letter.is_alphabetic()) {
        let Some(languages) = BY_WORD.get(word) else {
            continue;
        };
        let weight = match languages.len() {
            1 => 1.0,
            2 => 0.25,
            3 => 0.17,
            _ => 0.1,
        };
        for number in languages {
            heard[*number] += weight;
        }
    }
    for (number, weight) in lower.chars().filter_map(signs) {
        heard[number] += weight;
    }
    let mut order: [usize; FREQUENT.len()] = [0, 1, 2, 3, 4];
    order.sort_by(|a, b| heard[*b].total_cmp(&heard[*a]));
    let (best, second) = (heard[order[0]], heard[order[1]]);
    let (known, code, _) = FREQUENT[order[0]];
    let by_words = best >= 1.5 && best >= 1.5 * second + 0.25;
    let both = || {
        let detector = Detector::with_allowlist(FREQUENT.map(|(known, _, _)| known).to_vec());
        best >= second + 0.5
            && detector
                .detect(text)
                .is_some_and(|info| info.lang() == known && info.confidence() >= 0.5)
    };
    if by_words || both() {
        code.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_in_five_languages_and_texts_that_are_none() {
        for (text, lang) in [
            (
                "We are happy to share that our new lamp is here.",
                Some("en"),
            ),
            (
                "Siamo felici di presentarvi la nostra nuova lampada.",
                Some("it"),
            ),
            (
                "Estamos felices de presentar nuestra nueva lámpara.",
                Some("es"),
            ),
            (
                "Suntem bucuroși să vă arătăm lampa noastră nouă.",
                Some("ro"),
            ),
            (
                "Estem contents de presentar la nostra nova làmpada.",
                Some("ca"),
            ),
            (
                "L'ofici de fer llum: vine a veure com treballem amb els veïns",
                Some("ca"),
            ),
            ("Ok!", None),
            ("Lumetra FlowDesk Pulse Glow Kestrel Northwick", None),
            ("https://www.example.com/a/b/c/d/e/f", None),
            ("光と影の展覧会に来てください、来週の土曜日です", None),
        ] {
            assert_eq!(
                detect(text).map(|lang| lang.to_string()).as_deref(),
                lang,
                "{text}"
            );
        }
    }
}
