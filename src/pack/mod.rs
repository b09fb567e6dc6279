//! Packs: the YAML as people write it, turned into checked rules, every mistake told at once.

mod change;
mod examples;
mod load;
mod lock;
mod prepare;
mod read;
mod rule;
mod sealed;

pub use change::{Change, ChangeTo};
pub use examples::{Example, MarkError};
pub use load::{Files, LoadError, Loaded, Loader, PackRef, Review, ReviewRemark, SwitchedOff};
pub use lock::{Item, Lock, LockError};
pub use prepare::Prepared;
pub use read::PackError;
#[cfg(feature = "cli")]
pub(crate) use read::tidy;
pub use rule::{Pack, PolicyRef, Rule, RuleExamples, Waivable, When};
pub use sealed::{SEALED, names_to_seal, open_sealed};

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::kind::terms::TermList;
use crate::policy::Policy;
use crate::text::lines::Lines;

/// What the program carries: its policies and packs, compiled when it was built.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Builtin {
    /// Policies, by name.
    pub policies: Vec<Policy>,
    /// Packs, by name.
    pub packs: Vec<Pack>,
    /// What their rules look for.
    pub prepared: Option<Prepared>,
    /// The lists of words that their rules share, by file: a rule has an empty one until
    /// [`Builtin::share_lists`] puts its own there.
    pub lists: BTreeMap<String, Lines>,
    /// Names what the packs say: equal hashes find the same.
    pub hash: String,
}

impl Builtin {
    /// Takes the lists out of the rules, which repeat them hundreds of times.
    pub fn take_lists(&mut self) {
        let lists = &mut self.lists;
        each_list(&mut self.packs, &mut |list| {
            lists.insert(list.file.clone(), std::mem::take(&mut list.lines));
        });
    }

    /// Puts the lists back.
    pub fn share_lists(&mut self) {
        let lists = &self.lists;
        each_list(&mut self.packs, &mut |list| {
            if let Some(lines) = lists.get(&list.file) {
                list.lines = lines.clone();
            }
        });
    }
}

fn each_list(packs: &mut [Pack], each: &mut impl FnMut(&mut TermList)) {
    for rule in packs.iter_mut().flat_map(|pack| &mut pack.rules) {
        Arc::make_mut(rule).condition.walk_mut(&mut |condition| {
            if let Kind::Terms(spec) = &mut condition.kind {
                spec.lists.iter_mut().for_each(&mut *each);
            }
        });
    }
}
