//! Parts of built-in rules that are decoded once somebody asks for them.
//!
//! A draft is about few of the built-in rules, and examples are read by those who keep packs: a start
//! decodes neither.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};
use std::{fmt, mem};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::rule::RuleExamples;
use crate::kind::Kind;
use crate::kind::condition::Condition;
use crate::kind::machine::Machine;
use crate::text::lines::Lines;
use crate::text::numbers::Numbers;

/// What many rules share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct Shared {
    /// Lists of words, by file.
    lists: BTreeMap<String, Lines>,
    /// Patterns as automata, by expression.
    machines: BTreeMap<String, Arc<Machine>>,
}

impl Shared {
    /// Takes what `condition` may share out of it, its patterns as `machine` makes them.
    pub(super) fn take_out(
        &mut self,
        condition: &mut Condition,
        machine: &impl Fn(&str) -> Option<Machine>,
    ) {
        condition.walk_mut(&mut |condition| match &mut condition.kind {
            Kind::Terms(spec) => {
                for list in &mut spec.lists {
                    self.lists
                        .insert(list.file.clone(), mem::take(&mut list.lines));
                }
            }
            Kind::Pattern(spec) if !self.machines.contains_key(&spec.regex) => {
                let made = machine(&spec.regex).map(Arc::new);
                self.machines
                    .extend(made.map(|made| (spec.regex.clone(), made)));
            }
            _ => {}
        });
    }

    /// Puts it in again.
    fn put_in(&self, condition: &mut Condition) {
        condition.walk_mut(&mut |condition| match &mut condition.kind {
            Kind::Terms(spec) => {
                for list in &mut spec.lists {
                    if let Some(lines) = self.lists.get(&list.file) {
                        list.lines = lines.clone();
                    }
                }
            }
            Kind::Pattern(spec) => spec.machine = self.machines.get(&spec.regex).cloned(),
            _ => {}
        });
    }
}

/// A part of a rule: read from a pack, or part of the program and decoded on demand.
#[derive(Clone)]
pub struct Deferred<T> {
    image: &'static [u8],
    shared: Arc<Shared>,
    made: OnceLock<T>,
}

/// What is decoded on demand.
trait Part: Sized {
    fn decode(image: &'static [u8], shared: &Shared) -> postcard::Result<Self>;
}

impl Part for Condition {
    fn decode(image: &'static [u8], shared: &Shared) -> postcard::Result<Self> {
        let mut condition = postcard::from_bytes(image)?;
        shared.put_in(&mut condition);
        Ok(condition)
    }
}

impl Part for RuleExamples {
    fn decode(image: &'static [u8], _: &Shared) -> postcard::Result<Self> {
        postcard::from_bytes(image)
    }
}

impl<T> Deferred<T> {
    /// Says what was taken out of it.
    pub(super) fn share(&mut self, shared: &Arc<Shared>) {
        self.shared = Arc::clone(shared);
    }
}

impl<T> From<T> for Deferred<T> {
    fn from(made: T) -> Self {
        Self {
            image: &[],
            shared: Arc::default(),
            made: made.into(),
        }
    }
}

impl<T: Part> Deref for Deferred<T> {
    type Target = T;

    /// # Panics
    ///
    /// Never: the image is the one that this build wrote, and a test decodes all of it. A rule less
    /// would be silence.
    fn deref(&self) -> &T {
        self.made.get_or_init(|| {
            T::decode(self.image, &self.shared).expect("the image of this very build")
        })
    }
}

impl<T: Part> DerefMut for Deferred<T> {
    fn deref_mut(&mut self) -> &mut T {
        let _: &T = self;
        self.image = &[];
        self.made.get_mut().expect("it has just been made")
    }
}

impl<T: Part + fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Serialize> Deferred<T> {
    /// Makes it a part of a program that is being built.
    pub(super) fn encode(&mut self) -> postcard::Result<()> {
        if let Some(made) = self.made.take() {
            self.image = postcard::to_allocvec(&made)?.leak();
        }
        Ok(())
    }
}

/// What was encoded is written as bytes, which alone can be read again; the rest as it is, for its
/// hash.
impl<T: Part + Serialize> Serialize for Deferred<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.image.is_empty() {
            (**self).serialize(serializer)
        } else {
            serializer.serialize_bytes(self.image)
        }
    }
}

impl<'de: 'static, T> Deserialize<'de> for Deferred<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let image: Numbers<u8> = Deserialize::deserialize(deserializer)?;
        Ok(Self {
            image: image.image().unwrap_or_default(),
            shared: Arc::default(),
            made: OnceLock::new(),
        })
    }
}
