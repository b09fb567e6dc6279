//! Conditions compiled, and what they see in a draft.
//!
//! Every `terms` and `pattern` in a rule, however deep inside it, has a number of its own by which
//! the one shared scan reports what it found. The rest looks at the draft when it is asked.

use std::ops::Range;

use jiff::tz::TimeZone;

use super::ActiveRule;
use super::reach::Reach;
use super::sightings::Sightings;
use crate::draft::{Draft, Scopes};
use crate::image::Seen;
use crate::kind::condition::Condition;
use crate::kind::except::let_through;
use crate::kind::pattern::{Pattern, PatternSpec};
use crate::kind::require::Place;
use crate::kind::terms::{Terms, TermsSpec, Within};
use crate::kind::{At, Found, Hit, Insert, Kind, Look, longest};
use crate::register::Register;
use crate::text::negation::{is_denied, is_quoted};
use crate::text::time::{Clock, moment};
use crate::text::{Lang, LocalText, Span};

/// A condition ready to be asked.
#[derive(Debug)]
pub(super) struct Compiled {
    check: Check,
    unquoted: bool,
    affirmed: bool,
    at_least: u32,
    near: Option<Box<(Self, Within)>>,
    scopes: Option<Scopes>,
    languages: Vec<Lang>,
    cost: Cost,
}

/// What it takes to ask a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    /// A look at what the one scan saw.
    Words,
    /// A pattern is run.
    Pattern,
    /// A kind looks at the draft for itself.
    Look,
}

#[derive(Debug)]
enum Check {
    Terms(u32, Terms),
    Pattern(u32, Pattern),
    /// A kind that looks for itself.
    Look(Box<Kind>),
    Require {
        wanted: Vec<Compiled>,
        place: Place,
        trigger: Option<Box<Compiled>>,
        insert: Option<LocalText>,
    },
    All {
        conditions: Vec<Compiled>,
        within: Within,
        in_order: bool,
    },
    Any(Vec<Compiled>),
    Not(Box<Compiled>),
}

impl Compiled {
    /// Compiles `condition`; `terms` and `pattern` conditions are handed to `leaves`, which
    /// numbers them.
    pub(super) fn new(condition: &Condition, leaves: &mut impl Leaves) -> Self {
        let condition = condition.said();
        let check = match &condition.kind {
            Kind::Terms(spec) => {
                let (number, terms) = leaves.terms(spec);
                Check::Terms(number, terms)
            }
            Kind::Pattern(spec) => {
                let (number, pattern) = leaves.pattern(spec);
                Check::Pattern(number, pattern)
            }
            Kind::Require(spec) => Check::Require {
                wanted: spec
                    .wanted
                    .iter()
                    .map(|inner| Self::new(inner, leaves))
                    .collect(),
                place: spec.place,
                trigger: spec
                    .trigger
                    .as_ref()
                    .map(|inner| Box::new(Self::new(inner, leaves))),
                insert: spec.insert.clone(),
            },
            Kind::All(all) => {
                let conditions = all.conditions.iter();
                Check::All {
                    conditions: conditions.map(|inner| Self::new(inner, leaves)).collect(),
                    within: all.within,
                    in_order: all.in_order,
                }
            }
            Kind::Any(conditions) => {
                let conditions = conditions.iter().map(|inner| Self::new(inner, leaves));
                Check::Any(conditions.collect())
            }
            Kind::Not(inner) => Check::Not(Box::new(Self::new(inner, leaves))),
            other @ (Kind::Metadata(_)
            | Kind::Identifier(_)
            | Kind::Link(_)
            | Kind::Limit(_)
            | Kind::Density(_)
            | Kind::Disguise(_)
            | Kind::Image(_)) => Check::Look(Box::new(other.clone())),
        };
        let near = condition
            .near
            .as_ref()
            .map(|near| Box::new((Self::new(&near.0, leaves), near.1)));
        Self {
            cost: check
                .cost()
                .max(near.as_ref().map_or(Cost::Words, |near| near.0.cost)),
            check,
            unquoted: condition.unquoted,
            affirmed: condition.affirmed,
            at_least: condition.at_least,
            near,
            scopes: condition.scopes.clone(),
            languages: condition.languages.clone(),
        }
    }

    /// Whether enough was seen for it to hold; `may_find` says which conditions saw something.
    fn may_hold(&self, may_find: &impl Fn(u32) -> bool) -> bool {
        let holds = match &self.check {
            Check::Terms(number, _) | Check::Pattern(number, _) => may_find(*number),
            Check::All { conditions, .. } => {
                conditions.iter().all(|inner| inner.may_hold(may_find))
            }
            Check::Any(conditions) => conditions.iter().any(|inner| inner.may_hold(may_find)),
            Check::Require { trigger, .. } => trigger
                .as_ref()
                .is_none_or(|trigger| trigger.may_hold(may_find)),
            Check::Look(_) | Check::Not(_) => true,
        };
        holds
            && self
                .near
                .as_ref()
                .is_none_or(|near| near.0.may_hold(may_find))
    }
}

impl Check {
    fn cost(&self) -> Cost {
        let most = |conditions: &[Compiled]| {
            let costs = conditions.iter().map(|inner| inner.cost);
            costs.max().unwrap_or(Cost::Words)
        };
        match self {
            Self::Terms(..) => Cost::Words,
            Self::Pattern(..) => Cost::Pattern,
            Self::Look(_) => Cost::Look,
            Self::All { conditions, .. } | Self::Any(conditions) => most(conditions),
            Self::Not(inner) => inner.cost,
            Self::Require {
                wanted, trigger, ..
            } => {
                let trigger = trigger.as_ref().map_or(Cost::Words, |trigger| trigger.cost);
                most(wanted).max(trigger)
            }
        }
    }
}

/// Words of a list that a label names.
const NAMED: usize = 3;

/// What a condition asks for, as those who keep the pack would say it.
pub(super) fn label(condition: &Condition) -> String {
    let mut label = match &condition.kind {
        Kind::Terms(spec) => {
            let phrases = spec.phrases.iter().map(|phrase| &*phrase.text);
            let words: Vec<&str> = spec.terms.iter().chain(phrases).take(NAMED).collect();
            let more = spec.terms.len() + spec.phrases.len() - words.len();
            let mut parts = Vec::new();
            if !words.is_empty() {
                parts.push(words.join(", "));
            }
            if more > 0 {
                parts.push(format!("{more} more"));
            }
            parts.extend(
                spec.lists
                    .iter()
                    .map(|list| &list.file)
                    .chain(spec.sealed.iter().map(|list| &list.file))
                    .map(|file| format!("those in {file}")),
            );
            let register = spec.register.as_ref();
            parts.extend(register.map(|register| format!("the register `{}`", register.name)));
            format!("terms: {}", parts.join(" and "))
        }
        Kind::Pattern(spec) => format!("pattern: {}", spec.regex),
        Kind::Metadata(spec) => format!("metadata: {}", spec.key),
        Kind::Require(_) => "require: one of these is missing".to_owned(),
        Kind::All(all) => {
            let order = if all.in_order { ", in this order" } else { "" };
            match all.within {
                Within::Words(most) => format!("all{order}, within {most} words"),
                Within::Sentence => format!("all{order}, in one sentence"),
                Within::Paragraph => format!("all{order}, in one paragraph"),
                Within::Draft => format!("all{order}, anywhere in the draft"),
            }
        }
        other => other.name().to_owned(),
    };
    if condition.unquoted {
        label.push_str(", not in quotation marks");
    }
    if condition.affirmed {
        label.push_str(", not denied");
    }
    if condition.at_least > 1 {
        label.push_str(", at least ");
        label.push_str(&condition.at_least.to_string());
        label.push_str(" times");
    }
    label
}

/// What a condition saw in a draft, with those inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What it asks for.
    pub what: String,
    /// Where it holds; nowhere: it does not.
    pub found: Vec<Span>,
    /// The conditions inside it.
    pub inner: Vec<Self>,
}

impl Trace {
    /// Every place that any of the conditions saw.
    pub fn places(&self) -> Vec<Span> {
        let inner = self.inner.iter().flat_map(Self::places);
        self.found.iter().copied().chain(inner).collect()
    }
}

/// Makes the conditions that the shared scan serves, and gives each its number.
pub(super) trait Leaves {
    fn terms(&mut self, spec: &TermsSpec) -> (u32, Terms);

    fn pattern(&mut self, spec: &PatternSpec) -> (u32, Pattern);
}

/// What the conditions of one rule are asked about.
pub(super) struct Asked<'a> {
    pub(super) draft: &'a Draft,
    pub(super) rule: &'a ActiveRule,
    /// When the draft goes out.
    pub(super) at: &'a Clock,
    /// What the scan found.
    pub(super) sightings: &'a Sightings,
    pub(super) reach: &'a Reach<'a>,
    pub(super) registers: &'a [Register],
    /// In which instants are told.
    pub(super) zone: &'a TimeZone,
    /// What a status may say besides, for a post to be approved.
    pub(super) approved_values: &'a [String],
    /// What was seen of the draft's pictures.
    pub(super) seen: &'a [Seen],
}

impl Asked<'_> {
    /// What the whole condition of the rule finds, in the order of the text; of finds that overlap
    /// the longest.
    pub(super) fn finds(&self) -> Vec<Found> {
        let mut found = self.found(self.rule.condition(), &self.rule.rule.when.scopes);
        let words = |found: &Found| match &found.at {
            At::Text(range) => Some(range.clone()),
            At::File(_) => None,
        };
        let hits = found.iter().filter_map(words).map(Hit::from).collect();
        let mut kept: Vec<Range<usize>> = longest(hits).into_iter().map(|hit| hit.range).collect();
        found.retain(|found| match words(found) {
            // Each once, although two conditions may have found it.
            Some(range) => match kept.iter().position(|kept| *kept == range) {
                Some(at) => {
                    kept.swap_remove(at);
                    true
                }
                None => false,
            },
            None => true,
        });
        found
    }

    /// What `condition` finds, in the order of the text; `around` is what it looks at if it does not
    /// say so itself.
    fn found(&self, condition: &Compiled, around: &Scopes) -> Vec<Found> {
        let scopes = condition.scopes.as_ref().unwrap_or(around);
        let mut found = self.seen(condition, scopes);
        if !condition.languages.is_empty() {
            found.retain(|found| match &found.at {
                At::File(_) => true,
                At::Text(range) => self.is_in(range.start, &condition.languages),
            });
        }
        let text = self.draft.text();
        if condition.unquoted || condition.affirmed {
            found.retain(|found| match &found.at {
                At::File(_) => true,
                At::Text(range) => {
                    let Some(segment) = self.draft.segment_at(range.start) else {
                        return true;
                    };
                    let base = segment.range.start;
                    let words = &text[segment.range.clone()];
                    let lang = self.draft.lang_at(segment.range.start);
                    // What is too long may go on into the next paragraph.
                    let range = range.start - base..range.end.min(segment.range.end) - base;
                    let is_out = (condition.unquoted
                        && (segment.is_quotation || is_quoted(words, &range)))
                        || (condition.affirmed && is_denied(words, &range, lang));
                    !is_out
                }
            });
        }
        if let Some((near, within)) = condition.near.as_deref() {
            let near = self.found(near, scopes);
            found.retain(|found| self.reach.partner(found, &near, *within, None).is_some());
        }
        if condition.at_least > 1 {
            let count = found.len();
            if count < condition.at_least as usize {
                return Vec::new();
            }
            // One finding, at the one that makes it too many.
            let mut all = found.into_iter();
            let before: Vec<At> = all
                .by_ref()
                .take(condition.at_least as usize - 1)
                .map(|found| found.at)
                .collect();
            found = all.next().into_iter().collect();
            if let Some(last) = found.first_mut() {
                last.related.extend(before);
                last.captures.push(("count", count.to_string()));
            }
        }
        found
    }

    /// What `condition` and those inside it see; `written` is how the pack says it.
    pub(super) fn trace(
        &self,
        condition: &Compiled,
        written: &Condition,
        around: &Scopes,
    ) -> Trace {
        let written = written.said();
        let scopes = condition.scopes.as_ref().unwrap_or(around);
        let mut inner: Vec<(&Compiled, &Condition)> = Vec::new();
        match (&condition.check, &written.kind) {
            (Check::All { conditions, .. }, Kind::All(all)) => {
                inner.extend(conditions.iter().zip(&all.conditions));
            }
            (Check::Any(conditions), Kind::Any(all)) => inner.extend(conditions.iter().zip(all)),
            (Check::Not(denied), Kind::Not(written)) => inner.push((denied, written)),
            (
                Check::Require {
                    wanted, trigger, ..
                },
                Kind::Require(spec),
            ) => {
                inner.extend(trigger.as_deref().zip(spec.trigger.as_deref()));
                inner.extend(wanted.iter().zip(&spec.wanted));
            }
            _ => {}
        }
        if let (Some(near), Some(written)) = (&condition.near, &written.near) {
            inner.push((&near.0, &written.0));
        }
        Trace {
            what: label(written),
            found: self
                .found(condition, around)
                .iter()
                .map(|found| match &found.at {
                    At::Text(range) => self.draft.span(range),
                    At::File(span) => *span,
                })
                .collect(),
            inner: inner
                .into_iter()
                .map(|(inner, written)| self.trace(inner, written, scopes))
                .collect(),
        }
    }

    fn seen(&self, condition: &Compiled, scopes: &Scopes) -> Vec<Found> {
        match &condition.check {
            Check::Terms(number, terms) => {
                if !self.sightings.may_find(*number) {
                    return Vec::new();
                }
                let seen = self.sightings.of(*number);
                let looks_at = |range: &Range<usize>| self.looks_at(scopes, range);
                let seen = (&*seen, &*self.sightings.opened);
                self.as_found(terms.hits(self.draft, seen, self.at, looks_at))
            }
            Check::Pattern(number, pattern) => {
                if !self.sightings.may_find(*number) {
                    return Vec::new();
                }
                // A pattern that has nowhere to look, as in another language, is not even compiled.
                let places = self.places(scopes);
                if places.is_empty() {
                    return Vec::new();
                }
                let mut hits = longest(pattern.hits(self.draft, places.into_iter()));
                let_through(&mut hits, &self.sightings.of(*number));
                self.as_found(hits)
            }
            Check::Look(kind) => kind.look(&Look {
                draft: self.draft,
                at: self.at,
                places: &self.places(scopes),
                registers: self.registers,
                zone: self.zone,
                approved_values: self.approved_values,
                seen: self.seen,
            }),
            Check::Require {
                wanted,
                place,
                trigger,
                insert,
            } => {
                let mut found = self.required(wanted, *place, trigger.as_deref(), scopes);
                for found in &mut found {
                    let text = insert.clone();
                    found.insert = text.zip(place.insertion(self.draft, &found.at)).map(
                        |(text, (beside, behind))| Insert {
                            text,
                            beside,
                            behind,
                        },
                    );
                }
                found
            }
            Check::All {
                conditions,
                within,
                in_order,
            } => self.all(conditions, *within, *in_order, scopes),
            Check::Any(conditions) => {
                let may_find = |number| self.sightings.may_find(number);
                let mut found: Vec<Found> = conditions
                    .iter()
                    .filter(|condition| condition.may_hold(&may_find))
                    .flat_map(|condition| self.found(condition, scopes))
                    .collect();
                found.sort_by_key(|found| place(&found.at));
                found.dedup_by(|a, b| a.at == b.at);
                found
            }
            Check::Not(inner) => {
                if self.found(inner, scopes).is_empty() {
                    vec![Found::at(At::File(self.draft.head()))]
                } else {
                    Vec::new()
                }
            }
        }
    }

    fn as_found(&self, hits: Vec<Hit>) -> Vec<Found> {
        let found = |hit: Hit| {
            let mut found = Found::text(hit.range);
            if let Some(until) = hit.until {
                found = found.with("until", moment(until, self.zone));
            }
            found.lapsed = hit.lapsed;
            found
        };
        hits.into_iter().map(found).collect()
    }

    /// Nothing if one of `wanted` is where it has to be, else what made it necessary.
    fn required(
        &self,
        wanted: &[Compiled],
        place: Place,
        trigger: Option<&Compiled>,
        scopes: &Scopes,
    ) -> Vec<Found> {
        let made_necessary = match trigger {
            None => Found::at(self.reason()),
            Some(trigger) => match self.found(trigger, scopes).into_iter().next() {
                Some(found) => found,
                None => return Vec::new(),
            },
        };
        let places = place.ranges(self.draft);
        if place == Place::EachAlt {
            let finds: Vec<Found> = wanted
                .iter()
                .flat_map(|condition| self.found(condition, scopes))
                .collect();
            let has_one = |place: &Range<usize>| {
                finds.iter().any(|found| match &found.at {
                    At::File(_) => true,
                    At::Text(range) => place.start <= range.start && range.end <= place.end,
                })
            };
            let without = places.into_iter().filter(|place| !has_one(place));
            return without.map(Found::text).collect();
        }
        let is_met = wanted.iter().any(|condition| {
            self.found(condition, scopes)
                .iter()
                .any(|found| match &found.at {
                    At::File(_) => true,
                    At::Text(range) => places
                        .iter()
                        .any(|place| place.start <= range.start && range.end <= place.end),
                })
        });
        if is_met {
            Vec::new()
        } else {
            vec![made_necessary]
        }
    }

    /// Why the rule is for this draft: the fact that it asks for, where the draft states it; else
    /// where the draft begins.
    fn reason(&self) -> At {
        let stated = |key: &str| self.draft.facts().get(key).and_then(|fact| fact.at);
        let when = &self.rule.rule.when;
        let stated = when.facts.iter().find_map(|(key, _)| stated(key));
        At::File(stated.unwrap_or(self.draft.head()))
    }

    /// Where all conditions hold together: on the first that is about words, the others beside it.
    /// With `in_order` each has to be behind the one before it.
    fn all(
        &self,
        conditions: &[Compiled],
        within: Within,
        in_order: bool,
        scopes: &Scopes,
    ) -> Vec<Found> {
        let (denied, said): (Vec<&Compiled>, Vec<&Compiled>) = conditions
            .iter()
            .partition(|condition| matches!(condition.check, Check::Not(_)));
        let may_find = |number| self.sightings.may_find(number);
        if !said.iter().all(|condition| condition.may_hold(&may_find)) {
            return Vec::new();
        }
        // What costs least is asked first, since most often one of them is not there.
        let mut seen: Vec<Vec<Found>> = vec![Vec::new(); said.len()];
        for cost in [Cost::Words, Cost::Pattern, Cost::Look] {
            let asked = (0..)
                .zip(&said)
                .filter(|(_, condition)| condition.cost == cost);
            for (at, condition) in asked {
                seen[at] = self.found(condition, scopes);
                if seen[at].is_empty() {
                    return Vec::new();
                }
            }
        }
        let unwanted: Vec<Vec<Found>> = denied
            .iter()
            .filter_map(|condition| match &condition.check {
                Check::Not(inner) => Some(self.found(inner, scopes)),
                _ => None,
            })
            .collect();
        let first = seen
            .iter()
            .position(|found| found.iter().any(|found| matches!(found.at, At::Text(_))))
            .unwrap_or(0);
        if seen.is_empty() {
            // Nothing is asked for but that things are absent.
            let absent = unwanted.iter().all(Vec::is_empty);
            return absent
                .then(|| Found::at(At::File(self.draft.head())))
                .into_iter()
                .collect();
        }
        let anchors = seen.remove(first);
        anchors
            .into_iter()
            .filter_map(|mut anchor| {
                let mut last = end(&anchor.at);
                for others in &seen {
                    let behind = last.filter(|_| in_order);
                    let other = self.reach.partner(&anchor, others, within, behind)?;
                    last = end(&other.at).or(last);
                    anchor.related.push(other.at.clone());
                    anchor.captures.extend(other.captures.iter().cloned());
                }
                let is_denied = unwanted.iter().any(|others| {
                    let near = self.reach.partner(&anchor, others, within, None);
                    near.is_some()
                });
                (!is_denied).then_some(anchor)
            })
            .collect()
    }

    fn looks_at(&self, scopes: &Scopes, range: &Range<usize>) -> bool {
        let Some(segment) = self.draft.segment_at(range.start) else {
            return false;
        };
        self.speaks(range.start)
            && (scopes.contains(&segment.scope)
                || self
                    .draft
                    .entities_around(range)
                    .any(|entity| scopes.contains(&entity.scope)))
    }

    /// Whether the rule is for the language of the text at `at`; undecided text is for every rule.
    fn speaks(&self, at: usize) -> bool {
        self.is_in(at, &self.rule.rule.languages)
    }

    /// Whether the text at `at` is in one of `languages`, if there are any, or undecided.
    fn is_in(&self, at: usize, languages: &[Lang]) -> bool {
        languages.is_empty()
            || self
                .draft
                .lang_at(at)
                .is_none_or(|lang| languages.contains(&lang))
    }

    /// The segments that are looked at, and the entities inside others that are.
    fn places(&self, scopes: &Scopes) -> Vec<Range<usize>> {
        let draft = self.draft;
        let segments = draft
            .segments()
            .iter()
            .filter(|segment| scopes.contains(&segment.scope))
            .map(|segment| segment.range.clone());
        let entities = draft.entities().iter().filter(|entity| {
            matches!(scopes, Scopes::Only(_))
                && scopes.contains(&entity.scope)
                && draft
                    .segment_at(entity.range.start)
                    .is_some_and(|segment| !scopes.contains(&segment.scope))
        });
        segments
            .chain(entities.map(|entity| entity.range.clone()))
            .filter(|place| self.speaks(place.start))
            .collect()
    }
}

/// Where words end; what is about the draft has no place among them.
fn end(at: &At) -> Option<usize> {
    match at {
        At::Text(range) => Some(range.end),
        At::File(_) => None,
    }
}

/// What finds are sorted by: words first, in their order.
fn place(at: &At) -> (bool, usize, usize) {
    match at {
        At::Text(range) => (false, range.start, range.end),
        At::File(span) => (true, span.start(), span.end()),
    }
}
