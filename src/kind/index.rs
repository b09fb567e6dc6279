//! Literals, and which conditions look for each.
//!
//! Those of the built-in rules are indexed when the program is built; those of a company's packs and
//! registers at each start.

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
    /// For each needle of the scan, who looks for it: `conditions[starts[n]..starts[n + 1]]`, and in
    /// the same places what it means to them.
    starts: Numbers<u32>,
    conditions: Numbers<u32>,
    roles: Numbers<u64>,
}

impl Index {
    /// Indexes what was added to `scan` for `uses`.
    pub fn new(scan: ScanBuilder, mut uses: Vec<Use>) -> Self {
        let scan = scan.build();
        uses.sort_by_key(|(needle, (condition, _))| (*needle, *condition));
        let mut starts = vec![0; scan.len() + 1];
        for (needle, _) in &uses {
            starts[needle.index() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self {
            scan,
            starts: starts.into(),
            conditions: uses
                .iter()
                .map(|(_, (condition, _))| *condition)
                .collect::<Vec<_>>()
                .into(),
            roles: uses
                .iter()
                .map(|(_, (_, role))| role.packed())
                .collect::<Vec<_>>()
                .into(),
        }
    }

    /// The literals.
    pub fn scan(&self) -> &Scan {
        &self.scan
    }

    /// Who looks for a literal, and what it means to them.
    pub fn uses(&self, needle: Needle) -> impl Iterator<Item = (u32, Role)> + '_ {
        let at = needle.index();
        let range = self.starts.at(at) as usize..self.starts.at(at + 1) as usize;
        range.map(|at| (self.conditions.at(at), Role::from_packed(self.roles.at(at))))
    }
}
