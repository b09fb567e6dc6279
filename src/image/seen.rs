//! What rules get to know of a picture, whoever looked at it.

use jiff::Timestamp;

use std::sync::Arc;

use crate::text::position::Position;
use crate::text::time::Clock;

/// What was seen of one picture of a draft.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Where it is.
    pub file: File,
    /// Whether its address is one of the approved library's.
    pub in_library: bool,
    /// What the registry knows that looks like it, nearest first.
    pub matches: Vec<Match>,
    /// What its file tells about it.
    pub told: Told,
}

/// What a picture's file tells besides the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Where it was taken, in words and degrees.
    pub locations: Vec<String>,
    /// Where it was taken, as points on the earth.
    pub positions: Vec<Position>,
    /// Whose it is: notices of rights, and licences.
    pub rights: Vec<String>,
    /// Who made it, or is to be named beside it.
    pub creators: Vec<String>,
    /// Whether it says that a program made it up.
    pub made_up: bool,
    /// Whether some of it does not read, and no place was found in what does.
    pub damaged: bool,
}

/// Whether a picture could be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum File {
    /// It is elsewhere: only its address is known.
    #[default]
    Remote,
    /// Its address names a file that is not there.
    Missing,
    /// It was told why it could not be looked at.
    Unseen,
    /// It was looked at.
    Read,
}

/// An entry of the registry that a picture is, or looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The entry.
    pub asset: Arc<Asset>,
    /// How many of its hash's bits differ; `None` if it is the very file.
    pub distance: Option<u32>,
}

/// What an entry of the registry is a picture of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetKind {
    /// A logo or another mark.
    Logo,
    /// A photograph.
    Photo,
    /// A drawing, a diagram.
    Illustration,
    /// A photograph of people, who have to agree.
    People,
}

impl AssetKind {
    /// Each with its name.
    pub const WORDS: [(&str, Self); 4] = [
        ("logo", Self::Logo),
        ("photo", Self::Photo),
        ("illustration", Self::Illustration),
        ("people", Self::People),
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::WORDS
            .into_iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(word, _)| word)
    }
}

/// Where and until when a picture may be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// Channels; empty: all.
    pub channels: Vec<String>,
    /// The first instant at which it may no longer be used.
    pub expires: Option<Timestamp>,
}

/// Whether a picture may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usable {
    /// It may.
    Yes,
    /// Its time is over.
    Expired,
    /// It is for other channels.
    OtherChannel,
    /// It is for some channels, and nobody says where the draft goes.
    UnknownChannel,
    /// It shows people, and nothing says that they agreed.
    NoRelease,
}

impl Terms {
    /// Whether a draft that goes out at `at` to `channel` meets them.
    pub fn met(&self, at: &Clock, channel: Option<&str>) -> Usable {
        if self.expires.is_some_and(|end| at.has_come(end)) {
            return Usable::Expired;
        }
        match channel {
            _ if self.channels.is_empty() => Usable::Yes,
            None => Usable::UnknownChannel,
            Some(channel) if self.channels.iter().any(|known| known == channel) => Usable::Yes,
            Some(_) => Usable::OtherChannel,
        }
    }
}

/// A picture that the registry knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Its name in the registry.
    pub id: String,
    /// What it is a picture of.
    pub kind: AssetKind,
    /// The group of marks it is one of.
    pub group: Option<String>,
    /// Its file, relative to the registry; a hash alone does without.
    pub file: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// Under what licence it is used.
    pub licence: Option<String>,
    /// Whom to name beside it.
    pub credit: Option<String>,
    /// Where and until when it may be used.
    pub terms: Terms,
    /// That the people in it agreed, and where that is kept.
    pub release: Option<String>,
    /// For those who keep the registry.
    pub notes: Option<String>,
    /// Whether it is a mark that is not to be shown, unless `allowed` says otherwise.
    pub protected: bool,
    /// When a protected mark may be shown after all.
    pub allowed: Option<Terms>,
    /// The clause a protected mark falls under.
    pub clause: Option<String>,
}

impl Asset {
    /// What people call it: its owner and its id.
    pub fn title(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{} ({owner})", self.id),
            None => self.id.clone(),
        }
    }

    /// Whether a draft that goes out at `at` to `channel` may use it.
    pub fn usable(&self, at: &Clock, channel: Option<&str>) -> Usable {
        match self.terms.met(at, channel) {
            Usable::Yes if self.kind == AssetKind::People && self.release.is_none() => {
                Usable::NoRelease
            }
            usable => usable,
        }
    }

    /// Whether it is a mark that a draft which goes out at `at` to `channel` may not show.
    pub fn is_forbidden(&self, at: &Clock, channel: Option<&str>) -> bool {
        let allowed = self.allowed.as_ref();
        self.protected && allowed.is_none_or(|terms| terms.met(at, channel) != Usable::Yes)
    }
}
