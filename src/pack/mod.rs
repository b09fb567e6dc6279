//! Packs: the YAML as people write it, turned into checked rules, every mistake told at once.

mod change;
mod deferred;
mod examples;
mod load;
mod lock;
mod prepare;
mod read;
mod rule;
mod sealed;

pub use change::{Change, ChangeTo};
pub use deferred::Deferred;
pub use examples::{Example, MarkError};
pub use load::{
    Files, LoadError, Loaded, Loader, PackRef, Review, ReviewRemark, SwitchedOff, is_pack,
};
pub use lock::{Item, Lock, LockError};
pub use prepare::{Prepared, PreparedRule};
pub use read::PackError;
#[cfg(feature = "cli")]
pub(crate) use read::tidy;
pub use rule::{Pack, PolicyRef, Rule, RuleExamples, Waivable, When};
pub use sealed::{SEALED, names_to_seal, open_sealed};

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::kind::machine::Machine;
use crate::policy::Policy;
use crate::text::numbers::Numbers;
use deferred::Shared;

/// What the program carries: its policies and packs, compiled when it was built.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Builtin {
    /// Policies, by name.
    pub policies: Vec<Policy>,
    /// Packs, by name.
    packs: Vec<Carried>,
    /// What their rules look for.
    pub prepared: Option<Prepared>,
    /// What their rules share.
    shared: Arc<Shared>,
    /// Names what the packs say: equal hashes find the same.
    pub hash: String,
}

/// A pack inside the program, decoded once somebody asks for it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Carried {
    name: String,
    image: Numbers<u8>,
    #[serde(skip)]
    pack: OnceLock<Pack>,
}

impl Builtin {
    /// Takes up packs and prepares their words and, with `machine`, their patterns. Lists are taken
    /// out of the rules, which repeat them hundreds of times.
    ///
    /// # Errors
    ///
    /// If a pack cannot be encoded, which plain data always can.
    pub fn carry(
        &mut self,
        mut packs: Vec<Pack>,
        machine: impl Fn(&str) -> Option<Machine>,
    ) -> Result<(), postcard::Error> {
        self.prepared = Some(Prepared::new(&mut packs));
        let said = postcard::to_allocvec(&(&packs, &self.policies))?;
        self.hash = blake3::hash(&said).to_hex().to_string();
        for mut pack in packs {
            for rule in &mut pack.rules {
                let shared = Arc::make_mut(&mut self.shared);
                let rule = Arc::make_mut(rule);
                shared.take_out(&mut rule.condition, &machine);
                rule.condition.encode()?;
                rule.examples.encode()?;
            }
            self.packs.push(Carried {
                name: pack.name.clone(),
                image: postcard::to_allocvec(&pack)?.into(),
                pack: OnceLock::new(),
            });
        }
        Ok(())
    }

    /// The names of the packs.
    pub fn pack_names(&self) -> impl Iterator<Item = &str> {
        self.packs.iter().map(|carried| carried.name.as_str())
    }

    /// All packs.
    pub fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter().map(|carried| self.decoded(carried))
    }

    /// The pack with this name.
    pub fn pack(&self, name: &str) -> Option<&Pack> {
        let carried = self.packs.iter().find(|carried| carried.name == name)?;
        Some(self.decoded(carried))
    }

    /// # Panics
    ///
    /// Never: the image is the one that this build wrote, and a test decodes it. A pack less would be
    /// silence.
    fn decoded<'b>(&self, carried: &'b Carried) -> &'b Pack {
        carried.pack.get_or_init(|| {
            let image = carried.image.image().unwrap_or_default();
            let mut pack: Pack = postcard::from_bytes(image).expect("the image of this very build");
            for rule in &mut pack.rules {
                Arc::make_mut(rule).condition.share(&self.shared);
            }
            pack
        })
    }
}
