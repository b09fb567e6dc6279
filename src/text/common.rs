//! The little words of each language: so common that a text can be told by them, and that a term
//! which is one of them marks every post.
//!
//! They are a selection by hand from each language's grammar of its closed classes: articles,
//! prepositions, conjunctions, pronouns, forms of “to be” and “to have”. Content words are left out
//! however frequent they are, since people write rules about those.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Lang;
use super::fold::{Resist, fold};
use super::literals::lone_word;

/// Each language with its name and its words.
const WORDS: [(&str, &str, &str); 5] = [
    (
        "en",
        "English",
        "the of and to in is that it for on with as was at by this be are from or have an not we \
         you our your they i has but his her their its my so who which were had if me us he she \
         than them these into over",
    ),
    (
        "it",
        "Italian",
        "il lo la gli le un uno una di a da in con su per tra fra e o ma che chi non è sono sei \
         siamo ho hai ha abbiamo hanno del dello della dei degli delle al allo alla ai agli alle \
         dal dalla dai nel nella nei nelle sul sulla sui questo questa questi queste quello \
         quella come più anche se si ci vi mi ti noi voi loro",
    ),
    (
        "es",
        "Spanish",
        "el la los las un una unos unas de del a al en con por para y o pero que quien no es son \
         eres somos he has ha hemos han este esta estos estas como más también si se nos os me te \
         lo le les mi tu su sin sobre entre qué",
    ),
    (
        "ro",
        "Romanian",
        "un o unei unui și în la de pe cu din pentru că nu este sunt ești suntem am ai are avem \
         au fi va vor să se ne vă le îl îi mai care ce cine acest această acești aceste dar sau \
         lui ei el ea noi voi eu prin după până si in sa",
    ),
    (
        "ca",
        "Catalan",
        "el la els les un una uns unes de del dels a al als en amb per i o però que qui no és són \
         ets som he has ha hem han aquest aquesta aquests aquestes com més també si se ens us em \
         et ho li sense sobre entre què",
    ),
];

/// Bytes that a literal in ASCII has at the most if it is one of these words, perhaps between two
/// signs.
pub const LONGEST: usize = 10;

/// What makes a literal too common to be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// It is one letter.
    Letter,
    /// It is a little word of the language with this name.
    Word(&'static str),
}

/// The languages, as positions in [`WORDS`], of every word as it folds.
static BY_FOLD: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut words: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, (_, _, list)) in WORDS.iter().enumerate() {
        for word in list.split(' ') {
            let folded = fold(word, Resist::Typing).text().to_owned();
            words.entry(folded).or_default().push(number);
        }
    }
    words
});

/// Which lengths, first and last letters the words have together as they fold, a bit each: most names
/// of a list of short ones are told from them by these.
static SHAPES: LazyLock<[u32; (LONGEST + 1) * LETTERS]> = LazyLock::new(|| {
    let mut shapes = [0; (LONGEST + 1) * LETTERS];
    for word in BY_FOLD.keys() {
        if let Some((row, bit)) = shape(word.as_bytes()) {
            shapes[row] |= bit;
        }
    }
    shapes
});

/// Letters of the alphabet, and a few more since they are told apart by five bits.
const LETTERS: usize = 32;

/// Where the shape of a word in small or capital letters is noted: `None` if it does not begin and end
/// with a letter of the alphabet, or is too long.
fn shape(word: &[u8]) -> Option<(usize, u32)> {
    let (first, last) = (word.first()?, word.last()?);
    let fits = first.is_ascii_alphabetic() && last.is_ascii_alphabetic() && word.len() <= LONGEST;
    let row = word.len() * LETTERS + usize::from(first & 31);
    fits.then_some((row, 1 << (last & 31)))
}

/// Whether it is worth asking for `written` whether it is common: almost never, and this is known
/// soon.
pub fn may_be_common(written: &str) -> bool {
    if !written.is_ascii() {
        return written.len() <= LONGEST || written.chars().nth(LONGEST).is_none();
    }
    match shape(written.as_bytes()) {
        Some((row, bit)) => written.len() == 1 || SHAPES[row] & bit != 0,
        None => written.len() <= LONGEST,
    }
}

/// The little words of the language with this code; none of one that is not known.
pub(super) fn words_of(code: &str) -> impl Iterator<Item = &'static str> {
    WORDS
        .iter()
        .filter(move |(have, _, _)| *have == code)
        .flat_map(|(_, _, list)| list.split(' '))
}

/// Whether `written`, compared at `level`, is too common to be looked for in texts of `languages`;
/// without any, in texts of all the languages that are known.
///
/// A literal with signs of its own, such as `C++`, never is.
pub fn common(written: &str, level: Resist, languages: &[Lang]) -> Option<Common> {
    if !may_be_common(written) {
        return None;
    }
    let word = lone_word(written, level)?;
    let mut letters = word.chars();
    // In scripts of three bytes a letter, which are those of Asia, one letter may well be a word.
    if letters
        .next()
        .is_some_and(|letter| letter.is_alphabetic() && letter.len_utf8() < 3)
        && letters.next().is_none()
    {
        return Some(Common::Letter);
    }
    let known = BY_FOLD.get(&word)?;
    let asked = |code: &str| {
        languages.is_empty() || languages.iter().any(|language| language.as_str() == code)
    };
    known
        .iter()
        .map(|number| WORDS[*number])
        .find(|(code, _, _)| asked(code))
        .map(|(_, name, _)| Common::Word(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_words_and_single_letters_are_known_by_their_fold() {
        use Common::{Letter, Word};
        let cases = [
            ("The", "", Some(Word("English"))),
            (" the, ", "", Some(Word("English"))),
            ("șI", "ro", Some(Word("Romanian"))),
            ("sunt", "it", None),
            ("ＡＮＤ", "", Some(Word("English"))),
            ("MÁS", "es", Some(Word("Spanish"))),
            ("the", "it", None),
            ("per", "en", None),
            ("per", "ca", Some(Word("Catalan"))),
            ("the end", "", None),
            ("Acme", "", None),
            ("#the", "", None),
            ("X", "fr", Some(Letter)),
            ("é", "", Some(Letter)),
            ("(x)", "", Some(Letter)),
            ("5", "", None),
            ("C++", "", None),
            ("#a", "", None),
            ("銀", "", None),
            ("a b", "", None),
        ];
        for (written, language, expected) in cases {
            let languages: Vec<Lang> = language.parse().into_iter().collect();
            let found = common(written, Resist::Typing, &languages);
            assert_eq!(found, expected, "{written} {language}");
        }
        // As written, capitals tell a name from a word.
        assert_eq!(common("IT", Resist::None, &[]), None);
        assert_eq!(common("it", Resist::None, &[]), Some(Word("English")));
    }

    #[test]
    fn every_word_is_short_and_stands_once() {
        for (code, _, list) in WORDS {
            let words: Vec<&str> = list.split(' ').collect();
            for (at, word) in words.iter().enumerate() {
                let folded = fold(word, Resist::Typing);
                assert!(folded.text().len() + 2 <= LONGEST, "{code}: {word}");
                assert!(may_be_common(word) && may_be_common(&word.to_uppercase()));
                assert!(!words[..at].contains(word), "{code}: {word}");
            }
        }
    }
}
