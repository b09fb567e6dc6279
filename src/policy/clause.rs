//! Clauses and their ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Severity;
use crate::text::{Lang, Span};

/// The id of a clause, such as `SMP-3.1` or `4.2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClauseId(String);

/// Text that has not the shape of a clause id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("“{0}” is no clause id")]
#[diagnostic(
    code(clearpost::policy::malformed_id),
    help("ids look like SMP-3.1 or 4.2")
)]
pub struct NotAClauseId(pub String);

impl ClauseId {
    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id at the start of a heading, and the title behind it.
    ///
    /// `None` if the heading does not start with an id, a space and a title: “3 reasons” does not.
    pub fn split_heading(heading: &str) -> Option<(Self, &str)> {
        let (word, title) = heading.trim().split_once(char::is_whitespace)?;
        let id = word.parse().ok()?;
        let title = title.trim();
        (!title.is_empty()).then_some((id, title))
    }
}

impl FromStr for ClauseId {
    type Err = NotAClauseId;

    /// Reads `[A-Z][A-Z0-9]*-[0-9]+(\.[0-9]+)*` or `[0-9]+(\.[0-9]+)+`.
    fn from_str(text: &str) -> Result<Self, NotAClauseId> {
        let numbered = |numbers: &str| {
            numbers
                .split('.')
                .all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        };
        let fits = match text.split_once('-') {
            Some((prefix, numbers)) => {
                prefix.starts_with(|c: char| c.is_ascii_uppercase())
                    && prefix
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                    && numbered(numbers)
            }
            None => text.contains('.') && numbered(text),
        };
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAClauseId(text.to_owned()))
        }
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A policy with all its translations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// Its name in packs and reports, such as `social-media`.
    pub name: String,
    /// Its title, by language; the first is the original.
    pub titles: Vec<(Lang, String)>,
    /// Whom to ask.
    pub owner: Option<String>,
    /// The version as written.
    pub version: Option<String>,
    /// The day by which somebody has to look at it again, as written.
    pub review_by: Option<String>,
    /// The bytes of that day in its file; `None` also for a policy that was not read from one.
    #[serde(skip)]
    pub review_at: Option<Span>,
    /// Where it is published.
    pub url: Option<String>,
    /// Clauses in the order of the original.
    pub clauses: Vec<Clause>,
}

impl Policy {
    /// The clause with this id.
    pub fn clause(&self, id: &ClauseId) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == *id)
    }

    /// The title for a reader of `lang`.
    pub fn title(&self, lang: Lang) -> &str {
        self.titles
            .iter()
            .find(|(have, _)| *have == lang)
            .or(self.titles.first())
            .map_or(&self.name, |(_, title)| title)
    }
}

/// One numbered part of a policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clause {
    /// Its id, the same in every language.
    pub id: ClauseId,
    /// What rules that cite it report, unless they say otherwise.
    pub severity: Option<Severity>,
    /// Only a person can judge it.
    pub manual: bool,
    /// Where it is published, if elsewhere than the policy.
    pub url: Option<String>,
    /// Whom to ask, if somebody else than the policy's owner.
    pub owner: Option<String>,
    /// What it says, by language; the first is the original.
    pub texts: Vec<ClauseText>,
}

impl Clause {
    /// The text for a reader of `lang`, else the original.
    pub fn text(&self, lang: Lang) -> &ClauseText {
        self.texts
            .iter()
            .find(|text| text.lang == lang)
            .unwrap_or(&self.texts[0])
    }
}

/// A clause in one language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClauseText {
    /// The language.
    pub lang: Lang,
    /// The heading without the id.
    pub title: String,
    /// What the clause says, a paragraph a line.
    pub body: Wording,
    /// What to do instead.
    pub advice: Option<Wording>,
    /// The file it stands in, as people name it.
    pub file: String,
    /// The line of its heading, from 1.
    pub line: usize,
}

/// Words of a policy and where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The words, without markup.
    pub text: String,
    /// First and last line, from 1; both 0 if there are no words.
    pub lines: (usize, usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_at_the_start_of_a_heading() {
        let cases = [
            ("SMP-3.1 Client names", Some(("SMP-3.1", "Client names"))),
            ("4.2 Photos", Some(("4.2", "Photos"))),
            ("A1-7 x", Some(("A1-7", "x"))),
            ("3 reasons to smile", None),
            ("SMP-3.1", None),
            ("smp-3.1 Lower", None),
            ("2026. A year", None),
            ("E-mail policy", None),
        ];
        for (heading, expected) in cases {
            let split = ClauseId::split_heading(heading);
            let split = split.as_ref().map(|(id, title)| (id.as_str(), *title));
            assert_eq!(split, expected, "{heading}");
        }
    }
}
