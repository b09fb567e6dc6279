//! Packs: the YAML as people write it, turned into checked rules, every mistake told at once.

mod change;
mod examples;
mod load;
mod read;
mod rule;

pub use change::{Change, ChangeTo};
pub use examples::{Example, MarkError};
pub use load::{Files, LoadError, Loaded, Loader, PackRef, Review, ReviewRemark, SwitchedOff};
pub use read::PackError;
#[cfg(feature = "cli")]
pub(crate) use read::tidy;
pub use rule::{Pack, PolicyRef, Rule, RuleExamples, Waivable, When};

use serde::{Deserialize, Serialize};

use crate::policy::Policy;

/// What the program carries: its policies and packs, compiled when it was built.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Builtin {
    /// Policies, by name.
    pub policies: Vec<Policy>,
    /// Packs, by name.
    pub packs: Vec<Pack>,
}
