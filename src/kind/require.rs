//! The `require` kind: something that must be there, such as a label on paid posts.
//!
//! `require: {any_of: ["#ad", "#adv"], where: first_line}`, with `trigger:` where only some words
//! make it necessary. The finding is on the trigger, else on the key that says why, else where the
//! draft begins.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::At;
use super::condition::Condition;
use super::limit::channel_fold;
use crate::draft::{Draft, Scope, Segment};
use crate::text::LocalText;

/// A checked `require` rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct RequireSpec {
    /// Of which one has to hold.
    pub wanted: Vec<Condition>,
    /// Where it has to be.
    pub place: Place,
    /// What makes it necessary; without one it always is.
    pub trigger: Option<Box<Condition>>,
    /// What could be put there.
    pub insert: Option<LocalText>,
}

/// Where something is required.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Anywhere.
    #[default]
    Anywhere,
    /// In the first line of the text.
    FirstLine,
    /// In the first so many characters of the text.
    First(u32),
    /// In the title.
    Title,
    /// In the last paragraph.
    End,
    /// In what the channel shows before its “more”.
    Fold,
    /// In the text of each picture.
    EachAlt,
}

impl RequireSpec {
    /// Why it cannot say anything about a draft, if it cannot.
    pub(super) fn lacks(&self, draft: &Draft) -> Option<String> {
        let unknown = self.place == Place::Fold && draft.facts().channel().is_none();
        unknown.then(|| {
            "what is shown first depends on the channel, and nobody says where this goes: add `--channel`"
                .to_owned()
        })
    }
}

impl Place {
    /// Reads `first_line`, `title`, `end`, `fold`, `each_alt`, `anywhere` or `first: 125 characters`.
    pub fn read(text: &str) -> Option<Self> {
        match text.trim() {
            "anywhere" => Some(Self::Anywhere),
            "first_line" => Some(Self::FirstLine),
            "title" => Some(Self::Title),
            "end" => Some(Self::End),
            "fold" => Some(Self::Fold),
            "each_alt" => Some(Self::EachAlt),
            other => other
                .strip_suffix("characters")?
                .trim()
                .parse()
                .ok()
                .filter(|count| *count > 0)
                .map(Self::First),
        }
    }

    /// The character beside which what is missing would go, and whether behind it.
    ///
    /// `found` is what made it necessary, which of each picture's text is that text.
    pub fn insertion(self, draft: &Draft, found: &At) -> Option<(Range<usize>, bool)> {
        if let (Self::EachAlt, At::Text(range)) = (self, found) {
            let first = draft.text()[range.clone()].chars().next()?;
            return Some((range.start..range.start + first.len_utf8(), false));
        }
        let scope = match self {
            Self::Title => Scope::Title,
            _ => Scope::Body,
        };
        let mut places = draft.segments().iter();
        let is_there = |segment: &&Segment| segment.scope == scope && !segment.range.is_empty();
        let place = match self {
            Self::End => places.rfind(is_there)?,
            _ => places.find(is_there)?,
        };
        let text = &draft.text()[place.range.clone()];
        let behind = self == Self::End;
        let mut letters = text
            .char_indices()
            .filter(|(_, letter)| !letter.is_whitespace());
        let (at, letter) = if behind {
            letters.next_back()
        } else {
            letters.next()
        }?;
        let at = place.range.start + at;
        Some((at..at + letter.len_utf8(), behind))
    }

    /// The parts of the draft's text in which it may stand.
    pub fn ranges(self, draft: &Draft) -> Vec<Range<usize>> {
        let text = draft.text();
        let of_scope = |wanted: &Scope| {
            let wanted = wanted.clone();
            draft
                .segments()
                .iter()
                .filter(move |segment| segment.scope == wanted)
                .map(|segment| segment.range.clone())
        };
        match self {
            Self::Anywhere => draft
                .segments()
                .iter()
                .map(|segment| segment.range.clone())
                .collect(),
            Self::Title => of_scope(&Scope::Title).collect(),
            Self::EachAlt => of_scope(&Scope::Alt).collect(),
            Self::Fold => match channel_fold(draft) {
                Some(count) => Self::First(count).ranges(draft),
                None => Self::Anywhere.ranges(draft),
            },
            Self::End => of_scope(&Scope::Body).next_back().into_iter().collect(),
            Self::FirstLine => of_scope(&Scope::Body)
                .next()
                .map(|first| {
                    let line = text[first.clone()].find(['\n', '\r']);
                    first.start..line.map_or(first.end, |at| first.start + at)
                })
                .into_iter()
                .collect(),
            Self::First(count) => {
                let mut left = count as usize;
                let mut ranges = Vec::new();
                for body in of_scope(&Scope::Body) {
                    let part = &text[body.clone()];
                    let end = part
                        .char_indices()
                        .nth(left)
                        .map_or(body.end, |(at, _)| body.start + at);
                    ranges.push(body.start..end);
                    left = left.saturating_sub(part.chars().count());
                    if left == 0 {
                        break;
                    }
                }
                ranges
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::StatedFacts;

    #[test]
    fn places_are_where_a_reader_looks_first() {
        let draft = Draft::example(
            &Scope::Body,
            "One two\nthree\n\nfour five",
            &StatedFacts::default(),
        );
        let seen = |place: &str| -> Vec<&str> {
            Place::read(place)
                .unwrap()
                .ranges(&draft)
                .into_iter()
                .map(|range| &draft.text()[range])
                .collect()
        };
        assert_eq!(seen("first_line"), ["One two"]);
        assert_eq!(seen("end"), ["four five"]);
        assert_eq!(seen("15 characters"), ["One two\nthree", "fo"]);
        assert_eq!(seen("fold"), ["One two\nthree", "four five"]);
        assert_eq!(seen("anywhere").len(), 2);
        assert!(seen("title").is_empty());
        assert_eq!(Place::read("125"), None);
    }
}
