//! Kinds of check: one file a kind, registered in [`Kind`].
//!
//! A kind looks at a draft, and at what the one shared scan for literals found in it, and returns
//! hits. It knows neither severity nor clause: those are the rule's.

pub mod condition;
pub mod density;
pub mod disguise;
pub mod except;
pub mod gate;
pub mod identifier;
pub mod image;
pub mod index;
pub mod limit;
pub mod link;
pub mod machine;
mod mentions;
pub mod metadata;
pub mod needles;
pub mod pattern;
pub mod pattern_scan;
pub mod remarks;
pub mod require;
pub mod scan;
pub mod sealed;
pub mod terms;
mod wildcard;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::image::Seen;
use crate::register::Register;
use crate::text::shape::Reader;
use crate::text::time::Clock;
use crate::text::yaml::Node;
use crate::text::{LocalText, Span};

/// What a rule looks for, as a pack says it, checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub enum Kind {
    /// Words and names.
    Terms(terms::TermsSpec),
    /// A regular expression.
    Pattern(pattern::PatternSpec),
    /// Something that must be there.
    Require(Box<require::RequireSpec>),
    /// A fact or another key of the draft.
    Metadata(metadata::MetadataSpec),
    /// An address, a number or a key that names a person or opens a door.
    Identifier(identifier::IdentifierSpec),
    /// Where a link leads.
    Link(Box<link::LinkSpec>),
    /// No more than so much of something.
    Limit(limit::LimitSpec),
    /// How loud a post is.
    Density(density::DensitySpec),
    /// Text that is not what it seems.
    Disguise(disguise::DisguiseSpec),
    /// The pictures of the draft.
    Image(image::ImageSpec),
    /// Several conditions that hold together.
    All(condition::All),
    /// One of several conditions.
    Any(Vec<condition::Condition>),
    /// A condition that does not hold.
    Not(Box<condition::Condition>),
}

/// Reads the value of a kind's key; mistakes go to the reader.
pub type ReadKind = fn(&Node, &mut Reader<'_>) -> Option<Kind>;

impl Kind {
    /// Kinds that are read from one value, a row each: the key under which a pack writes it, and what
    /// reads the value.
    pub const BY_KEY: [(&str, ReadKind); 8] = [
        ("metadata", |node, reader| {
            metadata::MetadataSpec::read(node, reader).map(Kind::Metadata)
        }),
        ("identifier", |node, reader| {
            identifier::IdentifierSpec::read(node, reader).map(Kind::Identifier)
        }),
        ("link", |node, reader| {
            link::LinkSpec::read(node, reader).map(|spec| Kind::Link(Box::new(spec)))
        }),
        ("limit", |node, reader| {
            limit::LimitSpec::read(node, reader).map(Kind::Limit)
        }),
        ("density", |node, reader| {
            density::DensitySpec::read(node, reader).map(Kind::Density)
        }),
        ("disguise", |node, reader| {
            disguise::DisguiseSpec::read(node, reader).map(Kind::Disguise)
        }),
        ("mentions", mentions::read),
        ("image", |node, reader| {
            image::ImageSpec::read(node, reader).map(Kind::Image)
        }),
    ];

    /// The key under which a pack writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Terms(_) => "terms",
            Self::Pattern(_) => "pattern",
            Self::Require(_) => "require",
            Self::Metadata(_) => "metadata",
            Self::Identifier(_) => "identifier",
            Self::Link(_) => "link",
            Self::Limit(_) => "limit",
            Self::Density(_) => "density",
            Self::Disguise(_) => "disguise",
            Self::Image(_) => "image",
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
        }
    }

    /// What one of [`Kind::BY_KEY`] finds in a draft; nothing for the others, which need the shared
    /// scan or other conditions.
    pub fn look(&self, look: &Look<'_>) -> Vec<Found> {
        match self {
            Self::Metadata(spec) => spec.look(look),
            Self::Identifier(spec) => spec.look(look),
            Self::Link(spec) => spec.look(look),
            Self::Limit(spec) => spec.look(look),
            Self::Density(spec) => spec.look(look),
            Self::Disguise(spec) => spec.look(look),
            Self::Image(spec) => spec.look(look),
            Self::Terms(_)
            | Self::Pattern(_)
            | Self::Require(_)
            | Self::All(_)
            | Self::Any(_)
            | Self::Not(_) => Vec::new(),
        }
    }

    /// Names that a message may use in braces, besides `{match}` and `{count}`.
    pub fn captures(&self) -> &'static [&'static str] {
        match self {
            Self::Terms(spec) => spec.captures(),
            Self::Metadata(_) => metadata::CAPTURES,
            Self::Identifier(_) => identifier::CAPTURES,
            Self::Link(_) => link::CAPTURES,
            Self::Limit(_) => limit::CAPTURES,
            Self::Density(_) => density::CAPTURES,
            Self::Disguise(_) => disguise::CAPTURES,
            Self::Image(_) => image::CAPTURES,
            _ => &[],
        }
    }

    /// Why it cannot say anything about a draft, and what to do about it; `None` if it can.
    pub fn lacks(&self, draft: &Draft) -> Option<String> {
        match self {
            Self::Limit(spec) => spec.lacks(draft),
            Self::Require(spec) => spec.lacks(draft),
            _ => None,
        }
    }

    /// The registers without which it says less than it seems to: of each group one has to be filled.
    pub fn registers(&self) -> Vec<Vec<&str>> {
        match self {
            Self::Link(spec) => spec.registers(),
            Self::Metadata(spec) => spec.registers(),
            Self::Image(spec) => spec.registers(),
            _ => Vec::new(),
        }
    }
}

/// What a kind gets to look at.
#[derive(Clone, Copy, Debug)]
pub struct Look<'l> {
    /// The draft.
    pub draft: &'l Draft,
    /// When it goes out, as far as anybody says, else now.
    pub at: &'l Clock,
    /// The segments, and the entities inside others, that the rule is for.
    pub places: &'l [Range<usize>],
    /// The company's registers.
    pub registers: &'l [Register],
    /// The company's time zone, in which dates without one are read.
    pub zone: &'l TimeZone,
    /// What a status may say besides, for a post to be approved.
    pub approved_values: &'l [String],
    /// What was seen of the draft's pictures, one each; empty if nobody looked.
    pub seen: &'l [Seen],
}

/// Where a condition found what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// Bytes of the draft's text; never empty, and across segments only where a post is too long or
    /// has too many of something.
    Text(Range<usize>),
    /// Bytes of the file: a key with its value, or where a draft begins.
    File(Span),
}

/// What a condition found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub at: At,
    /// What a message may use in braces.
    pub captures: Vec<(&'static str, String)>,
    /// Other places that matter.
    pub related: Vec<At>,
    /// What it says about a picture, if it is about one.
    pub picture: Option<image::Verdict>,
    /// When the approval to name it ended, if there was one.
    pub lapsed: Option<Timestamp>,
    /// What is missing, and where it would go.
    pub insert: Option<Insert>,
}

/// Words that are missing, and where they would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// The words.
    pub text: LocalText,
    /// The character of the draft's text beside which they go.
    pub beside: Range<usize>,
    /// Whether they go behind it.
    pub behind: bool,
}

impl Found {
    /// Words of the draft.
    pub fn text(range: Range<usize>) -> Self {
        Self::at(At::Text(range))
    }

    /// A place without anything to say about it.
    pub fn at(at: At) -> Self {
        Self {
            at,
            captures: Vec::new(),
            related: Vec::new(),
            picture: None,
            lapsed: None,
            insert: None,
        }
    }

    /// As a finding about a picture.
    #[must_use]
    pub fn about(mut self, verdict: image::Verdict) -> Self {
        self.picture = Some(verdict);
        self
    }

    /// With a value for a name in braces.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.captures.push((name, value.into()));
        self
    }
}

/// A place in a draft at which a kind found what it looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its bytes in the draft's text; never empty, never across segments.
    pub range: Range<usize>,
    /// Until when what it names is held back, if its rule asks for that.
    pub until: Option<Timestamp>,
    /// When the approval to name it ended, if there was one.
    pub lapsed: Option<Timestamp>,
}

impl From<Range<usize>> for Hit {
    fn from(range: Range<usize>) -> Self {
        Self {
            range,
            until: None,
            lapsed: None,
        }
    }
}

/// Keeps the longest of hits that overlap, and of equals the first; the result is in order.
///
/// A hit is dropped only for one that is kept: in a chain the ends stay.
pub fn longest(mut hits: Vec<Hit>) -> Vec<Hit> {
    if hits.len() < 2 {
        return hits;
    }
    hits.sort_by_key(|hit| (usize::MAX - hit.range.len(), hit.range.start));
    let mut kept: BTreeMap<usize, Hit> = BTreeMap::new();
    for hit in hits {
        let before = kept.range(..hit.range.end).next_back();
        if before.is_none_or(|(_, before)| before.range.end <= hit.range.start) {
            kept.insert(hit.range.start, hit);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_overlapping_hits_stays() {
        let hits = [4..9, 0..3, 4..6, 8..12, 0..3].map(Hit::from).to_vec();
        let kept: Vec<_> = longest(hits).into_iter().map(|hit| hit.range).collect();
        assert_eq!(kept, [0..3, 4..9]);
        // Each overlaps the next, longer one; the first overlaps nothing that stays.
        let chain = [0..7, 4..17, 14..31].map(Hit::from).to_vec();
        let kept: Vec<_> = longest(chain).into_iter().map(|hit| hit.range).collect();
        assert_eq!(kept, [0..7, 14..31]);
    }
}
