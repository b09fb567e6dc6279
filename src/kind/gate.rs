//! What has to be seen in a draft before a rule is worth asking.
//!
//! Every `terms` and `pattern` has a number by which the one shared scan reports what it saw; most
//! rules cannot hold unless some of theirs saw something.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::condition::Condition;

/// What has to be seen for a condition to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gate {
    /// Nothing in particular: it has to be asked.
    Open,
    /// Something that the condition with this number looks for.
    Leaf(u32),
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
}

impl Gate {
    /// The gate of `condition`, whose first `terms` or `pattern` has the number `next`; that is then
    /// the number of the first behind it.
    pub fn of(condition: &Condition, next: &mut u32) -> Self {
        let condition = condition.said();
        let own = match &condition.kind {
            Kind::Terms(_) | Kind::Pattern(_) => {
                *next += 1;
                Self::Leaf(*next - 1)
            }
            Kind::All(all) => Self::All(Self::of_each(&all.conditions, next)),
            Kind::Any(conditions) => Self::Any(Self::of_each(conditions, next)),
            Kind::Not(inner) => {
                Self::of(inner, next);
                Self::Open
            }
            Kind::Require(spec) => {
                Self::of_each(&spec.wanted, next);
                let trigger = spec.trigger.as_ref();
                trigger.map_or(Self::Open, |trigger| Self::of(trigger, next))
            }
            Kind::Metadata(_)
            | Kind::Identifier(_)
            | Kind::Link(_)
            | Kind::Limit(_)
            | Kind::Density(_)
            | Kind::Disguise(_)
            | Kind::Image(_) => Self::Open,
        };
        match &condition.near {
            Some(near) => Self::All(vec![own, Self::of(&near.0, next)]),
            None => own,
        }
    }

    fn of_each(conditions: &[Condition], next: &mut u32) -> Vec<Self> {
        conditions
            .iter()
            .map(|inner| Self::of(inner, next))
            .collect()
    }

    /// Whether enough was seen to ask; `may_find` says which conditions saw something.
    pub fn is_open(&self, may_find: &impl Fn(u32) -> bool) -> bool {
        match self {
            Self::Open => true,
            Self::Leaf(number) => may_find(*number),
            Self::All(gates) => gates.iter().all(|gate| gate.is_open(may_find)),
            Self::Any(gates) => gates.iter().any(|gate| gate.is_open(may_find)),
        }
    }

    /// Conditions of which one has to see something before it opens, as few as may be; `None`: it
    /// may be open without any.
    pub fn keys(&self) -> Option<Vec<u32>> {
        match self {
            Self::Open => None,
            Self::Leaf(number) => Some(vec![*number]),
            Self::All(gates) => gates.iter().filter_map(Self::keys).min_by_key(Vec::len),
            Self::Any(gates) => {
                let keys: Option<Vec<_>> = gates.iter().map(Self::keys).collect();
                keys.map(|keys| keys.concat())
            }
        }
    }
}
