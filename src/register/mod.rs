//! Registers: the lists a company keeps (clients, code names, people …) and rules speak of.

mod approvals;
mod read;
mod sealed;

pub use approvals::approve;
pub use read::{NAMES, PERIODS, ReadRegister, RegisterError, figure_names, read_csv, read_yaml};
pub use sealed::{NOT_SEALED, NotSealable, Origin, SealedName, SealedNames, ToSeal};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::position::Site;
use crate::text::time::Clock;

/// A list of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// What rules call it, such as `clients`.
    pub name: String,
    /// Its entries in the order written.
    pub entries: Vec<Entry>,
    /// Its names, if it is sealed; it has no entries then.
    pub sealed: Option<SealedNames>,
}

/// One name with all the ways to say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Other names for the same, which count like the first.
    pub aliases: Vec<String>,
    /// Extra inflected forms, which count like the first.
    pub forms: Vec<String>,
    /// Names that are also common words: they count only near one of `near`.
    pub ambiguous: Vec<String>,
    /// Words that make an ambiguous name count; empty: the rule's own.
    pub near: Vec<String>,
    /// When naming it is fine.
    pub approved: Option<Approval>,
    /// When it is held back: before the launch of a product, until an embargo ends, while a topic is
    /// not to be touched. `None`: never.
    pub held: Option<Held>,
    /// Where it is, if it is a site.
    pub site: Option<Site>,
}

impl From<String> for Entry {
    fn from(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }
}

impl Entry {
    /// Every way to say it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.aliases.iter().chain(&self.forms);
        std::iter::once(&self.name)
            .chain(others)
            .map(String::as_str)
    }
}

/// Words before the number of a version, in five languages.
const VERSION: [&str; 8] = [
    "v",
    "ver",
    "version",
    "versione",
    "versión",
    "versiunea",
    "versió",
    "release",
];

/// How people write a name that ends in the number of a version: `FlowDesk v4` for `FlowDesk 4`.
pub fn versions(name: &str) -> impl Iterator<Item = String> {
    let parts = name.rsplit_once(' ').filter(|(_, number)| {
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || c == '.')
    });
    parts.into_iter().flat_map(|(product, number)| {
        VERSION.iter().map(move |version| {
            let space = if *version == "v" { "" } else { " " };
            format!("{product} {version}{space}{number}")
        })
    })
}

/// A stretch of time, open at an end that nobody states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The first instant inside.
    pub from: Option<Timestamp>,
    /// The first instant after it.
    pub until: Option<Timestamp>,
}

impl Held {
    /// Whether it is so at `at`.
    pub fn holds(&self, at: &Clock) -> bool {
        self.from.is_none_or(|from| at.has_come(from))
            && self.until.is_none_or(|until| !at.has_come(until))
    }
}

/// When and where a name may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// The channels it holds for; empty: all.
    pub channels: Vec<String>,
    /// Who gave it.
    pub by: Option<String>,
}

impl Approval {
    /// Whether it holds for a draft that goes out at `at` on `channel`.
    ///
    /// An approval for some channels does not hold where the channel is unknown.
    pub fn holds(&self, at: &Clock, channel: Option<&str>) -> bool {
        self.until.is_none_or(|until| !at.has_come(until))
            && (self.channels.is_empty()
                || channel
                    .is_some_and(|channel| self.channels.iter().any(|known| known == channel)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_ends_and_may_be_for_some_channels() {
        let approval = Approval {
            until: Some("2027-01-31T23:00:00Z".parse().unwrap()),
            channels: vec!["linkedin".into()],
            by: None,
        };
        let before = &Clock::at("2027-01-31T22:59:59Z".parse().unwrap());
        let end = &Clock::at("2027-01-31T23:00:00Z".parse().unwrap());
        assert!(approval.holds(before, Some("linkedin")));
        assert!(!approval.holds(end, Some("linkedin")));
        assert!(!approval.holds(before, Some("x")));
        assert!(!approval.holds(before, None));
        assert!(Approval::default().holds(end, None));
    }
}
