//! Where drafts and rules meet.
//!
//! A [`Rulebook`] is all packs in force, compiled once and shared by all threads;
//! [`Rulebook::check`] looks at one draft and returns what it found and what it could not look at.

mod check;
mod condition;
mod exercise;
mod finding;
mod index;
mod mutate;
mod prove;
mod reach;
mod rulebook;
mod sightings;
mod veil;
mod waive;
mod waiver_words;
mod words;

pub use check::{Album, Checked, Explained, settle};
pub use condition::Trace;
pub use exercise::{Exercised, exercised};
pub use finding::{CitedClause, Finding, Fix, Lack, NotChecked};
pub use mutate::{Mutated, mutated};
pub use prove::{BadFix, Failure, Trial, prove, prove_fixes};
pub use rulebook::{ActiveRule, Rulebook, RulebookOptions, Selection, SelectionError};
pub use veil::veil;
pub use waive::{FAULTY, Judged, Settled, UNUSED, Waived};
