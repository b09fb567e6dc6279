//! Kinds of check: one file a kind, registered in [`Kind`].
//!
//! A kind looks at a draft, and at what the one shared scan for literals found in it, and returns
//! hits. It knows neither severity nor clause: those are the rule's.

pub mod needles;
pub mod pattern;
pub mod scan;
pub mod terms;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What a rule looks for, as a pack says it, checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// Words and names.
    Terms(terms::TermsSpec),
    /// A regular expression.
    Pattern(pattern::PatternSpec),
}

impl Kind {
    /// The key under which a pack writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Terms(_) => "terms",
            Self::Pattern(_) => "pattern",
        }
    }
}

/// A place in a draft at which a kind found what it looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its bytes in the draft's text; never empty, never across segments.
    pub range: Range<usize>,
}

/// Keeps the longest of hits that overlap, and of equals the first; the result is in order.
///
/// A hit is dropped only for one that is kept: in a chain the ends stay.
pub fn longest(mut hits: Vec<Hit>) -> Vec<Hit> {
    if hits.len() < 2 {
        return hits;
    }
    hits.sort_by_key(|hit| (usize::MAX - hit.range.len(), hit.range.start));
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    for hit in hits {
        let before = kept.range(..hit.range.end).next_back();
        if before.is_none_or(|(_, end)| *end <= hit.range.start) {
            kept.insert(hit.range.start, hit.range.end);
        }
    }
    kept.into_iter()
        .map(|(start, end)| Hit { range: start..end })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_overlapping_hits_stays() {
        let hits = [4..9, 0..3, 4..6, 8..12, 0..3]
            .map(|range| Hit { range })
            .to_vec();
        let kept: Vec<_> = longest(hits).into_iter().map(|hit| hit.range).collect();
        assert_eq!(kept, [0..3, 4..9]);
        // Each overlaps the next, longer one; the first overlaps nothing that stays.
        let chain = [0..7, 4..17, 14..31].map(|range| Hit { range }).to_vec();
        let kept: Vec<_> = longest(chain).into_iter().map(|hit| hit.range).collect();
        assert_eq!(kept, [0..7, 14..31]);
    }
}
