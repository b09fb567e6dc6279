//! Which conditions of a rule its examples exercise: one that holds in none of them may be wrong, and
//! nobody would know.

use super::condition::label;
use super::mutate::cannot_be_tried;
use super::{ActiveRule, Rulebook, Trace, Trial};
use crate::kind::Kind;
use crate::kind::condition::Condition;

/// What trials say about the conditions of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exercised {
    /// How many conditions were looked at.
    pub conditions: usize,
    /// Those that hold in no trial, as those who keep the pack would say them.
    pub never: Vec<String>,
    /// How many rest on pictures or on registers that are empty here, so that nobody can tell.
    pub untold: usize,
}

/// Which conditions of `rule` hold in one of `trials` at least. What is denied (`not`) has to be there
/// in one of them: that is what proves that the denial works.
pub fn exercised(rulebook: &Rulebook, rule: &ActiveRule, trials: &[&Trial]) -> Exercised {
    let traces: Vec<Trace> = trials
        .iter()
        .map(|trial| rulebook.explain(rule, &trial.draft, trial.at).trace)
        .collect();
    let mut told = Exercised::default();
    let is_empty = |condition: &Condition| cannot_be_tried(condition, &rulebook.registers);
    look(
        &rule.rule.condition,
        &traces.iter().collect::<Vec<_>>(),
        &is_empty,
        &mut told,
    );
    told
}

/// Looks at a condition that was traced once in every trial.
fn look(
    condition: &Condition,
    traces: &[&Trace],
    is_empty: &impl Fn(&Condition) -> bool,
    told: &mut Exercised,
) {
    let condition = condition.said();
    if is_empty(condition) {
        told.untold += 1;
        return;
    }
    let before = told.never.len();
    for (number, inner) in inner(condition).into_iter().enumerate() {
        let traces: Vec<&Trace> = traces
            .iter()
            .filter_map(|trace| trace.inner.get(number))
            .collect();
        look(inner, &traces, is_empty, told);
    }
    if matches!(condition.kind, Kind::Not(_)) {
        return;
    }
    told.conditions += 1;
    let is_new = told.never.len() == before;
    if is_new && traces.iter().all(|trace| trace.found.is_empty()) {
        told.never.push(label(condition));
    }
}

/// The conditions inside one, in the order in which they are traced.
fn inner(condition: &Condition) -> Vec<&Condition> {
    let mut inner: Vec<&Condition> = match &condition.kind {
        Kind::All(all) => all.conditions.iter().collect(),
        Kind::Any(conditions) => conditions.iter().collect(),
        Kind::Not(denied) => vec![denied],
        Kind::Require(spec) => spec
            .trigger
            .as_deref()
            .into_iter()
            .chain(&spec.wanted)
            .collect(),
        _ => Vec::new(),
    };
    inner.extend(condition.near.as_ref().map(|near| &near.0));
    inner
}
