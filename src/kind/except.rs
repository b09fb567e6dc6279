//! What a rule lets through: phrases inside which its finds do not count, and names from registers
//! that a find may touch.
//!
//! `except: [acme of perfection, {register: figures}]`. A find inside a phrase is none. A find that
//! overlaps a name of the register is none either: the public figure “4,200 customers” clears all of
//! “now 4,200 customers strong”.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Hit;
use super::scan::{Needle, ScanBuilder};
use super::sealed::SealedUse;
use super::terms::{Role, TermsError, outside};
use crate::register::{Entry, Register};
use crate::text::fold::Resist;
use crate::text::forms::ending;
use crate::text::literals::End;
use crate::text::texts::Texts;

/// The `except:` of a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Except {
    /// Phrases inside which nothing counts.
    pub phrases: Texts,
    /// Registers whose names clear what touches them.
    pub registers: Vec<String>,
}

impl Except {
    /// Has the scan look for the phrases, compared at `resist`; `use_needle` is told what each
    /// literal is for. Phrases that cannot be looked for are returned.
    pub fn add_phrases(
        &self,
        resist: Resist,
        scan: &mut ScanBuilder,
        use_needle: &mut impl FnMut(Needle, Role),
    ) -> Vec<TermsError> {
        let mut mistakes = Vec::new();
        for phrase in self.phrases.iter() {
            let (phrase, end) = ending(phrase);
            match scan.add_shared(phrase, end, resist) {
                Ok(needle) => use_needle(needle, Role::Except),
                Err(error) => mistakes.push(error.into()),
            }
        }
        mistakes
    }

    /// As [`Self::add_phrases`] for the names in its registers.
    pub fn add_names(
        &self,
        resist: Resist,
        registers: &[Register],
        scan: &mut ScanBuilder,
        use_needle: &mut impl FnMut(Needle, Role),
    ) -> Vec<TermsError> {
        let mut mistakes = Vec::new();
        let entries = registers
            .iter()
            .filter(|register| self.registers.contains(&register.name))
            .flat_map(|register| &register.entries);
        for name in entries.flat_map(Entry::names) {
            match scan.add_shared(name, End::Word, resist) {
                Ok(needle) => use_needle(needle, Role::Cleared),
                Err(error) => mistakes.push(error.into()),
            }
        }
        mistakes
    }

    /// As [`Self::add_names`] for registers that are sealed.
    pub fn add_sealed(
        &self,
        resist: Resist,
        registers: &[Register],
        use_sealed: &mut impl FnMut(SealedUse),
    ) {
        let named = registers
            .iter()
            .filter(|register| self.registers.contains(&register.name));
        for names in named.filter_map(|register| register.sealed.clone()) {
            use_sealed(SealedUse::clearing(names, resist));
        }
    }
}

/// Takes out hits that what was seen of an [`Except`] lets through.
pub fn let_through(hits: &mut Vec<Hit>, sightings: &[(Role, Range<usize>)]) {
    let of = |wanted: Role| {
        let seen = sightings.iter().filter(move |(role, _)| *role == wanted);
        seen.map(|(_, range)| range.clone())
    };
    outside(hits, of(Role::Except).collect());
    let cleared: Vec<Range<usize>> = of(Role::Cleared).collect();
    hits.retain(|hit| {
        let touches =
            |range: &Range<usize>| range.start < hit.range.end && hit.range.start < range.end;
        !cleared.iter().any(touches)
    });
}
