//! Prepares the built-in rules when the program is built, so that a start indexes none of their
//! words, and decodes none of their conditions before a draft asks for them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Pack, Rule};
use crate::kind::Kind;
use crate::kind::gate::Gate;
use crate::kind::image::Needs;
use crate::kind::index::Index;
use crate::kind::pattern_scan::{NeedleTable, PatternScanBuilder};
use crate::kind::scan::ScanBuilder;
use crate::text::fold::Resist;

/// The words of the built-in rules, indexed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Prepared {
    /// How many conditions look for words.
    pub conditions: u32,
    /// What they look for.
    pub index: Index,
    /// What their patterns cannot match without.
    pub patterns: NeedleTable,
}

/// What is known of a built-in rule before its condition is decoded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreparedRule {
    /// The number of its first condition in the index that the program carries.
    pub first: u32,
    /// How many literals it looks for.
    pub literals: usize,
    /// What has to be seen before it is worth asking.
    pub gate: Gate,
    /// What has to be known of pictures to check it.
    pub needs: Needs,
    /// The registers that it reads itself: of each group one has to be filled.
    pub registers: Vec<Vec<String>>,
    /// The registers whose entries are terms of it.
    pub sources: Vec<String>,
    /// The registers whose names it lets through.
    pub clearing: Vec<String>,
}

impl PreparedRule {
    /// What is known of `rule`, whose first condition has the number `first`, apart from how many
    /// literals it looks for.
    fn of(rule: &Rule, first: u32) -> Self {
        let mut next = first;
        let mut known = Self {
            first,
            literals: 0,
            gate: Gate::of(&rule.condition, &mut next),
            needs: rule.condition.needs(),
            registers: rule.condition.registers(),
            sources: Vec::new(),
            clearing: Vec::new(),
        };
        rule.condition.walk(&mut |condition| match &condition.kind {
            Kind::Terms(spec) => {
                let source = spec.register.iter().map(|register| register.name.clone());
                known.sources.extend(source);
                known.clearing.extend_from_slice(&spec.except.registers);
            }
            Kind::Pattern(spec) => {
                known.clearing.extend_from_slice(&spec.except.registers);
            }
            _ => {}
        });
        known
    }
}

impl Prepared {
    /// Indexes what stands in `packs` and numbers their conditions, in the order of
    /// [`crate::kind::condition::Condition::walk`].
    pub fn new(packs: &mut [Pack]) -> Self {
        let mut scan = ScanBuilder::default();
        let mut uses = Vec::new();
        let mut patterns = PatternScanBuilder::default();
        let mut conditions = 0;
        for rule in packs.iter_mut().flat_map(|pack| &mut pack.rules) {
            let (first, before) = (conditions, uses.len());
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
                        patterns.add(number, spec.needles.as_ref());
                    }
                    _ => return,
                }
                conditions += 1;
            });
            let mut known = PreparedRule::of(rule, first);
            known.literals = uses.len() - before;
            Arc::make_mut(rule).prepared = Some(known);
        }
        Self {
            conditions,
            index: Index::new(scan, uses),
            patterns: patterns.table(),
        }
    }
}
