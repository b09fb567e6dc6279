//! The company's policy: a document people read, cut into clauses that rules cite.

mod clause;
mod read;
mod severity;

pub use clause::{Clause, ClauseId, ClauseText, NotAClauseId, Policy, Wording};
pub use read::{PolicyError, add_translation, read_policy};
pub use severity::Severity;
