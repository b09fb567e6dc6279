//! What the one scan saw in a draft, kept by literal and handed out by condition.
//!
//! A common word may be company for thousands of conditions. Its places are kept once, and a
//! condition collects what it looks for only when it is asked, which most never are.

use std::ops::Range;

use crate::kind::sealed::Opened;
use crate::kind::terms::Role;

/// No entry.
const NONE: u32 = u32::MAX;

/// What was seen in a draft, by the number of the condition that looks for it.
#[derive(Debug)]
pub(super) struct Sightings {
    /// The places of what was seen, those of one literal together.
    places: Vec<Range<usize>>,
    /// Of each condition its latest entry.
    latest: Vec<u32>,
    entries: Vec<Entry>,
    /// Whether a condition saw more than what only goes with its finds.
    finds: Vec<bool>,
    /// The conditions that did, in no order.
    seen: Vec<u32>,
    /// The names that the draft opened in sealed lists.
    pub(super) opened: Vec<Opened>,
}

/// What a literal that was seen means to a condition.
#[derive(Debug)]
struct Entry {
    /// The condition's entry before this one.
    before: u32,
    role: Role,
    /// The places of the literal.
    places: (u32, u32),
}

impl Sightings {
    /// Nothing seen yet, for `conditions` conditions.
    pub(super) fn new(conditions: u32) -> Self {
        Self {
            places: Vec::new(),
            latest: vec![NONE; conditions as usize],
            entries: Vec::new(),
            finds: vec![false; conditions as usize],
            seen: Vec::new(),
            opened: Vec::new(),
        }
    }

    /// Adds a literal that was seen at `places`, with what it means to each condition.
    pub(super) fn add(
        &mut self,
        places: impl Iterator<Item = Range<usize>>,
        uses: impl Iterator<Item = (u32, Role)>,
    ) {
        let start = number(self.places.len());
        self.places.extend(places);
        let end = number(self.places.len());
        for (condition, role) in uses {
            let latest = &mut self.latest[condition as usize];
            let before = std::mem::replace(latest, number(self.entries.len()));
            self.entries.push(Entry {
                before,
                role,
                places: (start, end),
            });
            self.saw(condition, role);
        }
    }

    fn saw(&mut self, condition: u32, role: Role) {
        let goes_with = matches!(
            role,
            Role::Part { key: false, .. } | Role::Near(_) | Role::Except | Role::Cleared
        );
        if !goes_with {
            self.find(condition);
        }
    }

    /// Notes that a condition may find something, as a pattern of which a part was seen.
    pub(super) fn find(&mut self, condition: u32) {
        let finds = &mut self.finds[condition as usize];
        if !std::mem::replace(finds, true) {
            self.seen.push(condition);
        }
    }

    /// The conditions that may find something.
    pub(super) fn seen(&self) -> &[u32] {
        &self.seen
    }

    /// Whether a condition may find something.
    pub(super) fn may_find(&self, condition: u32) -> bool {
        self.finds[condition as usize]
    }

    /// All that was seen for a condition.
    pub(super) fn of(&self, condition: u32) -> Vec<(Role, Range<usize>)> {
        let mut seen = Vec::new();
        let mut at = self.latest[condition as usize];
        while let Some(entry) = self.entries.get(at as usize) {
            let (start, end) = entry.places;
            let places = &self.places[start as usize..end as usize];
            seen.extend(places.iter().map(|place| (entry.role, place.clone())));
            at = entry.before;
        }
        seen
    }
}

/// A count of places in one draft, which are fewer than its bytes.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}
