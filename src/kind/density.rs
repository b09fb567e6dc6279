//! The `density` kind: how loud a post is.
//!
//! `density: {exclamations: 3}` lets three pass in the whole post; `{in_a_row: 2}` asks of those
//! that stand together, `{share: 30 %}` of their part in its words. A finding begins with the first
//! one over what is fine and ends with the last; words in capitals in a row are shown as a whole.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::limit::{Measured, items, segments, too_many};
use super::{Found, Look};
use crate::draft::Scope;
use crate::text::fold::is_everyday;
use crate::text::shape::Reader;
use crate::text::weight::is_emoji;
use crate::text::yaml::{Node, Value};

/// What a message may use besides `{count}`.
pub const CAPTURES: &[&str] = &["limit"];

/// In a post of fewer words a share says nothing: “Ciao! #adv” is half hashtags.
const FEWEST_WORDS: usize = 10;

/// An abbreviation has no more letters than this; “IBM, SAP, NATO” is no shouting.
const LONGEST_ABBREVIATION: usize = 5;

/// A checked `density` rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DensitySpec {
    /// Each of them, on its own.
    pub allowed: Vec<(Loud, Most)>,
}

/// What makes a post loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loud {
    /// `!` and its forms.
    Exclamations,
    /// `?` and its forms.
    Questions,
    /// `!` and `?` in any mixture, or another mark again and again.
    Punctuation,
    /// Words of capitals.
    Capitals,
    /// Hashtags.
    Hashtags,
    /// Handles of others.
    Mentions,
    /// Emoji.
    Emoji,
}

impl Loud {
    const WORDS: [(&'static str, Self); 7] = [
        ("exclamations", Self::Exclamations),
        ("questions", Self::Questions),
        ("punctuation", Self::Punctuation),
        ("capitals", Self::Capitals),
        ("hashtags", Self::Hashtags),
        ("mentions", Self::Mentions),
        ("emoji", Self::Emoji),
    ];

    /// What can be asked of it: single marks are no share of the words, and a text of many commas is
    /// not loud.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Punctuation => &["in_a_row"],
            Self::Exclamations | Self::Questions => &["in_all", "in_a_row"],
            _ => &["in_all", "in_a_row", "share"],
        }
    }
}

/// How much of it is still fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Most {
    /// In the whole post.
    pub in_all: Option<u32>,
    /// With nothing but white space between.
    pub in_a_row: Option<u32>,
    /// Per cent of the post's words.
    pub share: Option<u32>,
}

/// Mistakes in `density`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
enum DensityError {
    #[error("`{key}` does not say how much is fine")]
    #[diagnostic(code(clearpost::pack::no_density), help("add one of {known}"))]
    NothingAllowed { key: String, known: String },
    #[error("“{value}” is no share")]
    #[diagnostic(
        code(clearpost::pack::malformed_share),
        help("write a share of the words from 0 to 100: 30 %")
    )]
    MalformedShare { value: String },
}

impl DensitySpec {
    /// Reads the value of `density:`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let known = Loud::WORDS.map(|(key, _)| key);
        let fields = reader.map(node, "`density`", &known)?;
        let mut allowed = Vec::new();
        for (key, loud) in Loud::WORDS {
            if let Some(node) = fields.get(key) {
                allowed.push((loud, Self::most(node, key, loud, reader)?));
            }
        }
        if allowed.is_empty() {
            let error = DensityError::NothingAllowed {
                key: "density".to_owned(),
                known: known.join(", "),
            };
            reader.report(&error, node.at, "nothing asked");
            return None;
        }
        Some(Self { allowed })
    }

    fn most(node: &Node, key: &str, loud: Loud, reader: &mut Reader<'_>) -> Option<Most> {
        let mut most = Most::default();
        if !matches!(node.value, Value::Map(_)) && loud.keys().contains(&"in_all") {
            most.in_all = Some(reader.count(node, key)?);
            return Some(most);
        }
        let fields = reader.map(node, &format!("`{key}`"), loud.keys())?;
        let mut number = |key: &str| match fields.get(key) {
            Some(node) => reader.count(node, key).map(Some),
            None => Some(None),
        };
        most.in_all = number("in_all")?;
        most.in_a_row = number("in_a_row")?;
        if let Some(node) = fields.get("share") {
            let value = reader.text(node, "share")?;
            let share = value.trim_end_matches('%').trim().parse().ok();
            let Some(share) = share.filter(|share| *share <= 100) else {
                let value = value.to_owned();
                reader.report(&DensityError::MalformedShare { value }, node.at, "here");
                return None;
            };
            most.share = Some(share);
        }
        if most == Most::default() {
            let error = DensityError::NothingAllowed {
                key: key.to_owned(),
                known: loud.keys().join(", "),
            };
            reader.report(&error, node.at, "nothing asked");
            return None;
        }
        Some(most)
    }

    /// Finds what there is too much of.
    pub(super) fn look(&self, look: &Look<'_>) -> Vec<Found> {
        self.allowed
            .iter()
            .flat_map(|(loud, most)| loud.look(look, *most))
            .collect()
    }
}

impl Loud {
    fn look(self, look: &Look<'_>, most: Most) -> Vec<Found> {
        let text = look.draft.text();
        let prose = segments(look, &[Scope::Title, Scope::Body]);
        let items = self.items(look, &prose);
        let mut found = Vec::new();
        let mut tell = |over: Option<(Range<usize>, usize)>, limit: usize| {
            found.extend(over.map(|(range, count)| {
                Found::text(range)
                    .with("count", count.to_string())
                    .with("limit", limit.to_string())
            }));
        };
        if let Some(most) = most.in_all {
            tell(too_many(&items, most as usize), most as usize);
        }
        if let Some(most) = most.in_a_row {
            let most = most as usize;
            for row in items.chunk_by(|a, b| self.is_row(text, a, b)) {
                if self == Self::Capitals {
                    let shouted = too_many(row, most).filter(|_| is_shouting(text, row));
                    let whole = shouted.map(|(over, count)| (row[0].start..over.end, count));
                    tell(whole, most);
                } else {
                    tell(too_many(row, most), most);
                }
            }
        }
        if let Some(share) = most.share {
            let words: usize = prose.iter().map(|place| words(&text[place.clone()])).sum();
            if words >= FEWEST_WORDS {
                let most = words * share as usize / 100;
                tell(too_many(&items, most), most);
            }
        }
        found
    }

    fn items(self, look: &Look<'_>, prose: &[Range<usize>]) -> Vec<Range<usize>> {
        let text = look.draft.text();
        let marks = |is_mark: fn(char) -> bool| {
            prose
                .iter()
                .flat_map(|place| {
                    let start = place.start;
                    text[place.clone()]
                        .char_indices()
                        .filter(move |(_, mark)| is_mark(*mark))
                        .map(move |(at, mark)| start + at..start + at + mark.len_utf8())
                })
                .collect()
        };
        match self {
            Self::Exclamations => marks(is_exclamation),
            Self::Questions => marks(is_question),
            Self::Punctuation => marks(|mark| {
                is_exclamation(mark) || is_question(mark) || matches!(mark, '.' | ',' | ';' | '…')
            }),
            Self::Hashtags => items(look, Measured::Hashtags),
            Self::Mentions => items(look, Measured::Mentions),
            Self::Emoji => items(look, Measured::Emoji),
            Self::Capitals if !prose.iter().any(|place| has_capitals(&text[place.clone()])) => {
                Vec::new()
            }
            Self::Capitals => items(look, Measured::Words)
                .into_iter()
                .filter(|word| {
                    is_capitals(&text[word.clone()])
                        && look.draft.entities_around(word).next().is_none()
                })
                .collect(),
        }
    }

    /// Whether two items that follow one another stand in a row.
    fn is_row(self, text: &str, a: &Range<usize>, b: &Range<usize>) -> bool {
        let between = &text[a.end..b.start];
        match self {
            Self::Exclamations | Self::Questions => between.is_empty(),
            Self::Punctuation => {
                let is_loud = |range: &Range<usize>| {
                    text[range.clone()].contains(|mark| is_exclamation(mark) || is_question(mark))
                };
                between.is_empty()
                    && (text[a.clone()] == text[b.clone()] || (is_loud(a) && is_loud(b)))
            }
            // Figures and words of one letter are neither loud nor quiet.
            Self::Capitals => {
                !between.contains(['\0', '\n', '\r'])
                    && !between.contains(char::is_lowercase)
                    && !between.contains(['.', '!', '?', ';', ':'])
            }
            Self::Hashtags | Self::Mentions | Self::Emoji => {
                between.chars().all(char::is_whitespace)
            }
        }
    }
}

fn is_exclamation(mark: char) -> bool {
    matches!(mark, '!' | '！' | '﹗' | '‼')
}

fn is_question(mark: char) -> bool {
    matches!(mark, '?' | '？' | '﹖' | '⁇')
}

/// Whether a word is all capitals, of two letters at least.
fn is_capitals(word: &str) -> bool {
    let mut letters = word.chars().filter(|letter| letter.is_alphabetic());
    letters.clone().nth(1).is_some() && letters.all(char::is_uppercase)
}

/// Whether a text may hold a word of capitals: two of them without a small letter or a space between.
fn has_capitals(text: &str) -> bool {
    let mut after_capital = false;
    text.chars().any(|letter| {
        let is_capital = letter.is_uppercase();
        let both = is_capital && after_capital;
        // A narrow space that does not break parts no words.
        let parts = letter.is_whitespace() && letter != '\u{202F}';
        after_capital = is_capital || (after_capital && !letter.is_alphabetic() && !parts);
        both
    })
}

/// Whether words of capitals are more than a list of abbreviations.
fn is_shouting(text: &str, row: &[Range<usize>]) -> bool {
    let is_long = |word: &Range<usize>| {
        let letters = text[word.clone()].chars();
        letters.filter(|letter| letter.is_alphabetic()).count() > LONGEST_ABBREVIATION
    };
    let is_listed = row
        .windows(2)
        .all(|pair| text[pair[0].end..pair[1].start].contains([',', '/', '&', '+', '(', '|', '-']));
    row.iter().any(is_long) || !is_listed
}

/// What a post has of words, hashtags and emoji: a hashtag is one, and so is each emoji.
fn words(text: &str) -> usize {
    text.split_whitespace()
        .map(|part| {
            let pieces = || part.graphemes(true).filter(|piece| is_emoji(piece)).count();
            let emoji = if is_everyday(part) { 0 } else { pieces() };
            emoji + usize::from(part.contains(char::is_alphanumeric))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_a_reader_counts() {
        assert_eq!(words("Ciao #a_tutti, 🔥🔥 – 2026"), 5);
        assert_eq!(words(""), 0);
    }

    #[test]
    fn capitals_are_words_of_two_letters_and_more() {
        for (word, expected) in [("ÈCO", true), ("È", false), ("A4", false), ("Ab", false)] {
            assert_eq!(is_capitals(word), expected, "{word}");
        }
    }
}
