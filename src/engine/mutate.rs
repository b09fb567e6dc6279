//! What a rule's examples would not notice: each of its conditions is left out or turned around, and
//! the examples are tried again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::condition::label;
use super::rulebook::is_empty;
use super::{Rulebook, RulebookOptions, Selection, Trial};
use crate::kind::Kind;
use crate::kind::condition::Condition;
use crate::kind::except::Except;
use crate::pack::{Loaded, Pack, Rule};
use crate::register::Register;

/// What came of changing the conditions of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutated {
    /// How many changes were tried.
    pub tried: usize,
    /// The changes after which every trial finds what it found before.
    pub unnoticed: Vec<String>,
    /// How many were not tried, since they rest on pictures or on registers that are empty here.
    pub untold: usize,
}

/// Rules that are compiled together: one scan serves all of them.
const TOGETHER: usize = 48;

/// Leaves out, or turns around, each condition of `rule` in turn, and says which of these changes no
/// trial notices. `loaded` holds the policy that it cites, and `pack` is the one it is from.
pub fn mutated(
    loaded: &Loaded,
    pack: &Pack,
    rule: &Rule,
    registers: &[Register],
    options: &RulebookOptions,
    trials: &[&Trial],
) -> Mutated {
    let mut changes = Changes {
        registers,
        made: Vec::new(),
        untold: 0,
    };
    changes.of(&rule.condition, Place::Alone, &|changed| changed);
    let mut told = Mutated {
        tried: changes.made.len(),
        unnoticed: Vec::new(),
        untold: changes.untold,
    };
    let options = RulebookOptions {
        selection: Selection::default(),
        ..options.clone()
    };
    for made in changes.made.chunks(TOGETHER) {
        let mut rules = vec![numbered(rule, 0, Condition::clone(&rule.condition))];
        for (number, (_, condition)) in (1..).zip(made) {
            rules.push(numbered(rule, number, condition.clone()));
        }
        let only_these = Loaded {
            packs: vec![Pack {
                rules,
                ..pack.clone()
            }],
            policies: loaded.policies.clone(),
            ..Loaded::default()
        };
        let rulebook = Rulebook::new(&only_these, registers, &options, &mut Vec::new());
        let mut noticed = vec![false; made.len() + 1];
        for trial in trials {
            let found = found(&rulebook, trial);
            let before = found.get(&0);
            for (number, noticed) in noticed.iter_mut().enumerate() {
                *noticed |= found.get(&number) != before;
            }
        }
        let unnoticed = made.iter().zip(noticed.into_iter().skip(1));
        told.unnoticed.extend(
            unnoticed
                .filter(|(_, noticed)| !noticed)
                .map(|((what, _), _)| what.clone()),
        );
    }
    told
}

/// What each of the numbered rules finds.
fn found(rulebook: &Rulebook, trial: &Trial) -> BTreeMap<usize, Vec<Range<usize>>> {
    let mut found: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    for finding in rulebook.check(&trial.draft, trial.at).findings {
        let number = finding.rule.rsplit_once('#').map(|(_, number)| number);
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            found.entry(number).or_default().push(finding.span.range());
        }
    }
    found
}

fn numbered(rule: &Rule, number: usize, condition: Condition) -> Arc<Rule> {
    Arc::new(Rule {
        id: format!("{}#{number}", rule.id),
        condition: condition.into(),
        prepared: None,
        ..rule.clone()
    })
}

/// Whether a condition says nothing about an example: it rests on a register that the company has not
/// filled, or on files of pictures.
pub(super) fn cannot_be_tried(condition: &Condition, registers: &[Register]) -> bool {
    match &condition.kind {
        Kind::Terms(spec) => {
            spec.terms.is_empty()
                && spec.phrases.is_empty()
                && spec.lists.is_empty()
                && spec
                    .register
                    .as_ref()
                    .is_some_and(|wanted| is_empty(&wanted.name, registers))
        }
        Kind::Not(inner) => cannot_be_tried(inner, registers),
        Kind::Image(spec) => spec.needs().files() || spec.needs().matches,
        kind => kind
            .registers()
            .iter()
            .any(|group| group.iter().all(|name| is_empty(name, registers))),
    }
}

/// Where a condition stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing is left if it is left out.
    Alone,
    /// Whoever holds it leaves it out.
    AmongOthers,
}

/// Puts a changed condition into the place of what it was made from.
type PutBack<'p> = &'p dyn Fn(Condition) -> Condition;

/// The changes to a rule, each with its words.
struct Changes<'r> {
    registers: &'r [Register],
    made: Vec<(String, Condition)>,
    untold: usize,
}

impl Changes<'_> {
    /// All changes to `condition` and to what is inside it.
    fn of(&mut self, condition: &Condition, place: Place, put_back: PutBack<'_>) {
        if cannot_be_tried(condition, self.registers) {
            self.untold += 1;
            return;
        }
        self.narrowing(condition, put_back);
        match &condition.kind {
            Kind::All(all) => {
                if all.in_order && all.conditions.len() > 1 {
                    self.make(
                        format!("in any order: {}", label(condition)),
                        condition,
                        put_back,
                        |changed| {
                            if let Kind::All(all) = &mut changed.kind {
                                all.in_order = false;
                            }
                        },
                    );
                }
                self.list(condition, &all.conditions, put_back, |kind| match kind {
                    Kind::All(all) => Some(&mut all.conditions),
                    _ => None,
                });
            }
            Kind::Any(conditions) => {
                self.list(condition, conditions, put_back, |kind| match kind {
                    Kind::Any(conditions) => Some(conditions),
                    _ => None,
                });
            }
            Kind::Require(spec) => {
                self.list(condition, &spec.wanted, put_back, |kind| match kind {
                    Kind::Require(spec) => Some(&mut spec.wanted),
                    _ => None,
                });
                if let Some(trigger) = &spec.trigger {
                    self.leave_out(trigger, condition, put_back, |changed| {
                        if let Kind::Require(spec) = &mut changed.kind {
                            spec.trigger = None;
                        }
                    });
                    self.of(trigger, Place::AmongOthers, &|inner| {
                        let mut changed = condition.clone();
                        if let Kind::Require(spec) = &mut changed.kind {
                            spec.trigger = Some(Box::new(inner));
                        }
                        put_back(changed)
                    });
                }
            }
            Kind::Not(denied) => {
                if place == Place::Alone {
                    self.turn_around(condition, put_back);
                }
                self.of(denied, Place::AmongOthers, &|inner| {
                    put_back(Condition {
                        kind: Kind::Not(Box::new(inner)),
                        ..condition.clone()
                    })
                });
            }
            _ if place == Place::Alone => self.turn_around(condition, put_back),
            _ => {}
        }
    }

    /// What narrows a condition is taken from it, one at a time.
    fn narrowing(&mut self, condition: &Condition, put_back: PutBack<'_>) {
        let mut without = |is_there: bool, what: &str, change: fn(&mut Condition)| {
            if is_there {
                let what = format!("without {what}: {}", label(condition));
                self.make(what, condition, put_back, change);
            }
        };
        without(condition.unquoted, "`quoted: ignore`", |changed| {
            changed.unquoted = false;
        });
        without(condition.affirmed, "`negated: ignore`", |changed| {
            changed.affirmed = false;
        });
        without(condition.at_least > 1, "`count`", |changed| {
            changed.at_least = 1;
        });
        without(condition.scopes.is_some(), "`scopes`", |changed| {
            changed.scopes = None;
        });
        without(!condition.languages.is_empty(), "`languages`", |changed| {
            changed.languages.clear();
        });
        let except = match &condition.kind {
            Kind::Terms(spec) => Some(&spec.except),
            Kind::Pattern(spec) => Some(&spec.except),
            _ => None,
        };
        let has_phrases = except.is_some_and(|except| !except.phrases.is_empty());
        without(has_phrases, "`except`", |changed| match &mut changed.kind {
            Kind::Terms(spec) => spec.except = Except::default(),
            Kind::Pattern(spec) => spec.except = Except::default(),
            _ => {}
        });
        if let Some((near, within)) = condition.near.as_deref() {
            if cannot_be_tried(near, self.registers) {
                self.untold += 1;
                return;
            }
            let what = format!("without `near`: {}", label(condition));
            self.make(what, condition, put_back, |changed| changed.near = None);
            self.of(near, Place::AmongOthers, &|inner| {
                put_back(Condition {
                    near: Some(Box::new((inner, *within))),
                    ..condition.clone()
                })
            });
        }
    }

    /// Each of several conditions is left out, if there are others.
    fn list(
        &mut self,
        holder: &Condition,
        conditions: &[Condition],
        put_back: PutBack<'_>,
        held: fn(&mut Kind) -> Option<&mut Vec<Condition>>,
    ) {
        let place = if conditions.len() > 1 {
            Place::AmongOthers
        } else {
            Place::Alone
        };
        for (number, one) in conditions.iter().enumerate() {
            if place == Place::AmongOthers && !cannot_be_tried(one, self.registers) {
                self.leave_out(one, holder, put_back, |changed| {
                    if let Some(conditions) = held(&mut changed.kind) {
                        conditions.remove(number);
                    }
                });
            }
            self.of(one, place, &|inner| {
                let mut changed = holder.clone();
                if let Some(conditions) = held(&mut changed.kind) {
                    conditions[number] = inner;
                }
                put_back(changed)
            });
        }
    }

    fn leave_out(
        &mut self,
        what: &Condition,
        holder: &Condition,
        put_back: PutBack<'_>,
        change: impl FnOnce(&mut Condition),
    ) {
        let what = match &what.kind {
            Kind::Not(denied) => format!("left out: not {}", label(denied)),
            _ => format!("left out: {}", label(what)),
        };
        self.make(what, holder, put_back, change);
    }

    fn turn_around(&mut self, condition: &Condition, put_back: PutBack<'_>) {
        let turned = match &condition.kind {
            Kind::Not(inner) => (**inner).clone(),
            _ => Kind::Not(Box::new(condition.clone())).into(),
        };
        let what = format!("turned around: {}", label(condition));
        self.make(what, condition, put_back, |changed| *changed = turned);
    }

    fn make(
        &mut self,
        what: String,
        condition: &Condition,
        put_back: PutBack<'_>,
        change: impl FnOnce(&mut Condition),
    ) {
        let mut changed = condition.clone();
        change(&mut changed);
        self.made.push((what, put_back(changed)));
    }
}
