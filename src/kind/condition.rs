//! Conditions: a kind with what narrows it, and conditions put together.
//!
//! `all: [{terms: [return]}, {terms: [guaranteed]}, {not: {terms: [not guaranteed]}}]`. Conditions
//! on text are looked for in one paragraph unless `within` says otherwise; what the draft states
//! holds for all of it.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::image::Needs;
use super::terms::Within;
use crate::draft::{Draft, Scopes};
use crate::text::Lang;

/// A kind with what narrows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Condition {
    /// What is looked for.
    pub kind: Kind,
    /// Whether words inside quotation marks, and quoted blocks, do not count.
    pub unquoted: bool,
    /// Whether words that are denied (“not”, “never”) do not count.
    pub affirmed: bool,
    /// How often it has to be there.
    pub at_least: u32,
    /// What else has to be near, and how near.
    pub near: Option<Box<(Condition, Within)>>,
    /// What it looks at, if not what its rule looks at.
    pub scopes: Option<Scopes>,
    /// The languages whose texts it is for; empty: those of its rule. Undecided text is for all.
    pub languages: Vec<Lang>,
}

impl From<Kind> for Condition {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            unquoted: false,
            affirmed: false,
            at_least: 1,
            near: None,
            scopes: None,
            languages: Vec::new(),
        }
    }
}

/// Conditions that hold together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct All {
    /// Each of them; the first that is about text is where the finding is.
    pub conditions: Vec<Condition>,
    /// How near they have to be to one another.
    pub within: Within,
    /// Whether each that is about text has to be behind the one before it.
    pub in_order: bool,
}

impl Condition {
    /// Whether any of its terms is a find by itself: nothing else has to be there, and it is no part
    /// of another condition, in which a common word may well have its place.
    pub fn is_bare_terms(&self) -> bool {
        matches!(self.kind, Kind::Terms(_)) && self.near.is_none() && self.at_least == 1
    }

    /// Why one of the conditions cannot say anything about `draft`, if that is so.
    pub fn lacks(&self, draft: &Draft) -> Option<String> {
        let mut reason = None;
        self.walk(&mut |condition| {
            if reason.is_none() {
                reason = condition.kind.lacks(draft);
            }
        });
        reason
    }

    /// What has to be known of pictures to ask it.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        self.walk(&mut |condition| {
            if let Kind::Image(spec) = &condition.kind {
                needs = needs.and(spec.needs());
            }
        });
        needs
    }

    /// The registers that it reads itself: of each group one has to be filled.
    pub fn registers(&self) -> Vec<Vec<String>> {
        let mut registers = Vec::new();
        self.walk(&mut |condition| {
            let groups = condition.kind.registers().into_iter();
            registers.extend(groups.map(|group| group.into_iter().map(str::to_owned).collect()));
        });
        registers
    }

    /// What is left of it without pairs of denials.
    pub fn said(&self) -> &Self {
        self.twice_denied().map_or(self, Self::said)
    }

    /// What is denied twice, and so is said.
    fn twice_denied(&self) -> Option<&Self> {
        match &self.kind {
            Kind::Not(inner) if self.is_bare() && inner.is_bare() => match &inner.kind {
                Kind::Not(said) => Some(said),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_bare(&self) -> bool {
        !self.unquoted
            && !self.affirmed
            && self.at_least == 1
            && self.near.is_none()
            && self.scopes.is_none()
            && self.languages.is_empty()
    }

    /// Calls `each` with this condition and every one inside it, outermost first. The order is
    /// always the same: conditions are numbered by it.
    pub fn walk<'c>(&'c self, each: &mut impl FnMut(&'c Self)) {
        each(self);
        match &self.kind {
            Kind::All(all) => all.conditions.iter().for_each(|inner| inner.walk(each)),
            Kind::Any(conditions) => conditions.iter().for_each(|inner| inner.walk(each)),
            Kind::Not(inner) => inner.walk(each),
            Kind::Require(spec) => {
                spec.wanted.iter().for_each(|inner| inner.walk(each));
                if let Some(trigger) = &spec.trigger {
                    trigger.walk(each);
                }
            }
            _ => {}
        }
        if let Some(near) = &self.near {
            near.0.walk(each);
        }
    }

    /// As [`Self::walk`], to change them.
    pub fn walk_mut(&mut self, each: &mut impl FnMut(&mut Self)) {
        each(self);
        match &mut self.kind {
            Kind::All(all) => all
                .conditions
                .iter_mut()
                .for_each(|inner| inner.walk_mut(each)),
            Kind::Any(conditions) => conditions.iter_mut().for_each(|inner| inner.walk_mut(each)),
            Kind::Not(inner) => inner.walk_mut(each),
            Kind::Require(spec) => {
                spec.wanted
                    .iter_mut()
                    .for_each(|inner| inner.walk_mut(each));
                if let Some(trigger) = &mut spec.trigger {
                    trigger.walk_mut(each);
                }
            }
            _ => {}
        }
        if let Some(near) = &mut self.near {
            near.0.walk_mut(each);
        }
    }
}
