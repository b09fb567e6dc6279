//! Languages, and text that people read in theirs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language by its primary subtag, such as `it`: two or three lower-case letters.
///
/// Regions and scripts are dropped: `pt-BR` is `pt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lang([u8; 3]);

impl Lang {
    /// English, which every text falls back to.
    pub const EN: Self = Self(*b"en\0");

    /// Italian.
    pub const IT: Self = Self(*b"it\0");

    /// Spanish.
    pub const ES: Self = Self(*b"es\0");

    /// Romanian.
    pub const RO: Self = Self(*b"ro\0");

    /// Catalan.
    pub const CA: Self = Self(*b"ca\0");

    /// The subtag.
    pub fn as_str(&self) -> &str {
        let len = if self.0[2] == 0 { 2 } else { 3 };
        std::str::from_utf8(&self.0[..len]).unwrap_or("und")
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a language tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("“{0}” is no language")]
#[diagnostic(
    code(clearpost::language::malformed),
    help("write a code such as en, it, es, ro or ca")
)]
pub struct NotALanguage(pub String);

impl FromStr for Lang {
    type Err = NotALanguage;

    /// Reads `it`, `it-IT`, `it_IT.UTF-8`.
    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let primary = text.split(['-', '_', '.', '@']).next().unwrap_or_default();
        let known =
            matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        if !known {
            return Err(NotALanguage(text.to_owned()));
        }
        let mut letters = [0; 3];
        for (slot, byte) in letters.iter_mut().zip(primary.bytes()) {
            *slot = byte.to_ascii_lowercase();
        }
        Ok(Self(letters))
    }
}

/// A text shown to people: one wording for all, or one a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LocalText {
    /// The same in every language.
    All(String),
    /// By language, in the order written; never empty.
    By(Vec<(Lang, String)>),
}

impl LocalText {
    /// The wording for a reader of `lang`; else the English one; else the first.
    pub fn get(&self, lang: Lang) -> &str {
        match self {
            Self::All(text) => text,
            Self::By(texts) => [lang, Lang::EN]
                .iter()
                .find_map(|wanted| texts.iter().find(|(have, _)| have == wanted))
                .or(texts.first())
                .map_or("", |(_, text)| text.as_str()),
        }
    }

    /// Every wording.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::All(text) => (Some(text.as_str()), &[][..]),
            Self::By(texts) => (None, texts.as_slice()),
        };
        one.into_iter()
            .chain(many.iter().map(|(_, text)| text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_cut_to_the_language() {
        for (tag, expected) in [
            ("it", "it"),
            ("it_IT.UTF-8", "it"),
            ("EN-gb", "en"),
            ("fil", "fil"),
        ] {
            assert_eq!(tag.parse::<Lang>().unwrap().as_str(), expected);
        }
        for bad in ["", "C", "english", "1t"] {
            assert!(bad.parse::<Lang>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_missing_wording_falls_back_to_english_then_to_the_first() {
        let it: Lang = "it".parse().unwrap();
        let ro: Lang = "ro".parse().unwrap();
        let text = LocalText::By(vec![(it, "ciao".into()), (Lang::EN, "hello".into())]);
        assert_eq!(text.get(it), "ciao");
        assert_eq!(text.get(ro), "hello");
        assert_eq!(LocalText::By(vec![(it, "ciao".into())]).get(ro), "ciao");
    }
}
