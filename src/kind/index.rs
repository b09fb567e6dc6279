//! Literals, and which conditions look for each.
//!
//! Those of the built-in rules are indexed when the program is built; those of a company's packs and
//! registers at each start.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::scan::{Needle, Scan, ScanBuilder};
use super::terms::Role;
use crate::text::numbers::Numbers;

/// A literal, the number of a condition and what the literal means to it.
pub type Use = (Needle, (u32, Role));

/// Literals and who looks for them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Index {
    scan: Scan,
    /// For each needle of the scan the number of the set of those who look for it: all words of a
    /// list share one.
    sets: Numbers<u32>,
    /// For each set, who: `conditions[starts[n]..starts[n + 1]]`, and in the same places what its
    /// needles mean to them.
    starts: Numbers<u32>,
    conditions: Numbers<u32>,
    roles: Numbers<u64>,
}

impl Index {
    /// Indexes what was added to `scan` for `uses`.
    pub fn new(scan: ScanBuilder, mut uses: Vec<Use>) -> Self {
        let scan = scan.build();
        uses.sort_unstable_by_key(|(needle, (condition, role))| {
            (*needle, *condition, role.packed())
        });
        uses.dedup();
        let mut sets = vec![0; scan.len()];
        let mut starts = Vec::new();
        let (mut conditions, mut roles) = (Vec::new(), Vec::new());
        let mut known: HashMap<Vec<(u32, u64)>, u32> = HashMap::new();
        // Set 0 is for a needle that nobody looks for.
        known.insert(Vec::new(), 0);
        starts.extend([0, 0]);
        for of_one in uses.chunk_by(|(a, _), (b, _)| a == b) {
            let set = of_one.iter();
            let set: Vec<(u32, u64)> = set.map(|(_, (who, role))| (*who, role.packed())).collect();
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let number = *known.entry(set).or_insert_with_key(|set| {
                conditions.extend(set.iter().map(|(condition, _)| *condition));
                roles.extend(set.iter().map(|(_, role)| *role));
                starts.push(u32::try_from(conditions.len()).unwrap_or(u32::MAX));
                next
            });
            sets[of_one[0].0.index()] = number;
        }
        Self {
            scan,
            sets: sets.into(),
            starts: starts.into(),
            conditions: conditions.into(),
            roles: roles.into(),
        }
    }

    /// The literals.
    pub fn scan(&self) -> &Scan {
        &self.scan
    }

    /// Who looks for a literal, and what it means to them.
    pub fn uses(&self, needle: Needle) -> impl Iterator<Item = (u32, Role)> + '_ {
        let at = self.sets.at(needle.index()) as usize;
        let range = self.starts.at(at) as usize..self.starts.at(at + 1) as usize;
        range.map(|at| (self.conditions.at(at), Role::from_packed(self.roles.at(at))))
    }
}
