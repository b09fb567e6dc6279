//! How easy a text is to read, from the length of its words and sentences.
//!
//! English: Flesch (1948), 206.835 − 1.015 words/sentence − 84.6 syllables/word. Italian: Franchina
//! and Vacca (1986), 217 − 1.3 words/sentence − 60 syllables/word. Spanish: Fernández Huerta (1959),
//! 206.84 − 1.02 words/sentence − 60 syllables/word. All give some 100 for the easiest prose and 0
//! for the hardest. For Romanian and Catalan no formula is in common use, and none is made up here.

use unicode_segmentation::UnicodeSegmentation;

use super::Lang;
use super::sentence::sentences;

/// Words below which the figure says nothing.
const FEWEST: u32 = 30;

/// The languages with a formula.
pub const LANGUAGES: [&str; 3] = ["en", "it", "es"];

/// The reading ease of `text` in `lang`; `None` if it is too short or nobody made a formula.
pub fn reading_ease(text: &str, lang: Lang) -> Option<f64> {
    let mut words = 0_u32;
    let mut syllables = 0;
    for word in text
        .unicode_words()
        .filter(|word| word.contains(char::is_alphabetic))
    {
        words += 1;
        syllables += syllables_of(word, lang);
    }
    if words < FEWEST {
        return None;
    }
    let count = sentences(text)
        .iter()
        .filter(|one| !text[(*one).clone()].trim().is_empty())
        .count();
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    let length = f64::from(words) / f64::from(count);
    let weight = f64::from(syllables) / f64::from(words);
    match lang.as_str() {
        "en" => Some(206.835 - 1.015 * length - 84.6 * weight),
        "it" => Some(217.0 - 1.3 * length - 60.0 * weight),
        "es" => Some(206.84 - 1.02 * length - 60.0 * weight),
        _ => None,
    }
}

/// Runs of vowels; in English without the `e` that nobody hears.
fn syllables_of(word: &str, lang: Lang) -> u32 {
    let word = word.to_lowercase();
    let is_vowel = |letter: char| "aeiouyàèéìíòóùúü".contains(letter);
    let mut count = 0;
    let mut before = false;
    for letter in word.chars() {
        let vowel = is_vowel(letter);
        // An accented i or u parts what would be one syllable: pa-ís, ca-ì.
        if vowel && (!before || matches!(letter, 'í' | 'ú')) {
            count += 1;
        }
        before = vowel;
    }
    let silent = lang == Lang::EN
        && count > 1
        && word.ends_with('e')
        && !word.ends_with("le")
        && !word.ends_with("ee");
    u32::max(1, count - u32::from(silent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_runs_of_vowels() {
        let cases = [
            ("en", "time", 1),
            ("en", "table", 2),
            ("en", "reading", 2),
            ("en", "the", 1),
            ("it", "ragazzi", 3),
            ("it", "città", 2),
            ("es", "país", 2),
            ("es", "comunicación", 5),
        ];
        for (lang, word, expected) in cases {
            assert_eq!(
                syllables_of(word, lang.parse().unwrap()),
                expected,
                "{word}"
            );
        }
    }

    #[test]
    fn short_words_in_short_sentences_are_easy() {
        let easy = "The cat sat on the mat. It was a warm day. The sun was out. We had tea and cake. The dog ran to the gate. It saw a man. He had a hat.";
        let hard = "Notwithstanding considerable organisational transformation, interdepartmental communication necessitates comprehensive reconsideration of established administrative methodologies, particularly regarding international collaboration, multidisciplinary responsibilities, infrastructural modernisation, and institutional accountability mechanisms which individually contribute to operational sustainability.";
        let (easy_score, hard_score) = (
            reading_ease(easy, Lang::EN).unwrap(),
            reading_ease(hard, Lang::EN).unwrap(),
        );
        assert!(
            easy_score > 90.0 && hard_score < 0.0,
            "{easy_score} {hard_score}"
        );
        assert!(reading_ease(easy, "ro".parse().unwrap()).is_none());
        assert!(reading_ease("Too short.", Lang::EN).is_none());
    }
}
