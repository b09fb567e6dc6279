//! Prepares the built-in rules when the program is built, so that a start indexes none of their
//! words.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Pack;
use crate::kind::Kind;
use crate::kind::index::Index;
use crate::kind::scan::ScanBuilder;
use crate::text::fold::Resist;

/// The words of the built-in rules, indexed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Prepared {
    /// How many conditions look for words.
    pub conditions: u32,
    /// How many rules there are.
    pub rules: usize,
    /// What they look for.
    pub index: Index,
}

impl Prepared {
    /// Indexes what stands in `packs` and numbers their conditions, in the order of
    /// [`crate::kind::condition::Condition::walk`].
    pub fn new(packs: &mut [Pack]) -> Self {
        let mut scan = ScanBuilder::default();
        let mut uses = Vec::new();
        let mut conditions = 0;
        let mut rules = 0;
        for rule in packs.iter_mut().flat_map(|pack| &mut pack.rules) {
            rules += 1;
            let first = conditions;
            rule.condition.walk(&mut |condition| {
                let number = conditions;
                let mut use_needle = |needle, role| uses.push((needle, (number, role)));
                // A word that cannot be looked for was refused when its pack was read.
                match &condition.kind {
                    Kind::Terms(spec) => {
                        spec.add_own(true, &mut scan, use_needle);
                    }
                    Kind::Pattern(spec) => {
                        let typing = Resist::Typing;
                        spec.except.add_phrases(typing, &mut scan, &mut use_needle);
                    }
                    _ => return,
                }
                conditions += 1;
            });
            Arc::make_mut(rule).prepared = Some(first);
        }
        Self {
            conditions,
            rules,
            index: Index::new(scan, uses),
        }
    }
}
