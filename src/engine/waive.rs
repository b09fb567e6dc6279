//! Waivers against findings: which hold, what they let through, what is wrong with the others.
//!
//! A waiver either holds in full or not at all. One that does not is a finding of its own, at the
//! part at fault and once; one that lets nothing through is a warning.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::rulebook::{cite, cited, names_clause};
use super::waiver_words::{describe, unused};
use super::{CitedClause, Finding, Rulebook, RulebookOptions};
use crate::builtin::builtin;
use crate::draft::Draft;
use crate::draft::waiver::{Fault, Waiver, Written};
use crate::pack::{Loaded, PolicyRef, Waivable};
use crate::policy::{ClauseId, Policy, Severity};
use crate::text::shape::nearest;
use crate::text::time::{Bound, instant};
use crate::text::{Lang, Span};

/// The name under which a waiver that does not hold is told.
pub const FAULTY: &str = "clearpost/waiver";

/// The name under which a waiver is told that lets nothing through.
pub const UNUSED: &str = "clearpost/unused-waiver";

/// The clause of the built-in policy that says what a waiver has to say.
const CLAUSE: &str = "SMP-11.2";

/// A finding that a waiver lets through.
#[derive(Clone, Debug)]
pub struct Waived {
    /// What was found.
    pub finding: Finding,
    /// The waiver.
    pub by: Arc<Waiver>,
}

/// A waiver and whether it holds.
#[derive(Clone, Debug)]
pub struct Judged {
    /// As written.
    pub waiver: Arc<Waiver>,
    /// Its end, where it has one.
    pub until: Option<Timestamp>,
    fault: Option<(Fault, Span)>,
}

impl Judged {
    /// Whether it lets anything through.
    pub fn holds(&self) -> bool {
        self.fault.is_none()
    }

    /// Whether nothing is wrong with it but that its time is over.
    pub fn is_expired(&self) -> bool {
        matches!(self.fault, Some((Fault::Expired { .. }, _)))
    }

    fn covers(&self, finding: &Finding) -> bool {
        self.holds()
            && self.waiver.reach.covers(finding.span)
            && self.waiver.names.iter().any(|name| {
                *name.text == *finding.rule || names_clause(&name.text, &finding.clause.id)
            })
    }
}

/// A waiver of a draft after the check of that draft.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Whether it holds.
    pub judged: Judged,
    /// Whether it could have let something through and did not.
    pub unused: bool,
    /// The draft's place among those of its file.
    pub record: Option<usize>,
}

/// What packs, policy and configuration say about waivers.
#[derive(Debug)]
pub(super) struct WaiverLaw {
    rules: Vec<KnownRule>,
    /// The built-in rules that are not among them, once a waiver names what they do not know.
    others: OnceLock<Vec<KnownRule>>,
    clauses: Vec<ClauseId>,
    renamed: BTreeMap<String, ClauseId>,
    /// Whether the policy in force has a clause about waivers: then approver and end are needed.
    in_force: bool,
    clause: Arc<CitedClause>,
    severity: Severity,
    tells_faulty: bool,
    tells_unused: bool,
    zone: TimeZone,
    messages: Lang,
}

#[derive(Debug)]
struct KnownRule {
    id: Arc<str>,
    clause: ClauseId,
    waivable: Waivable,
    active: bool,
}

impl KnownRule {
    fn is_named(&self, name: &str) -> bool {
        *self.id == *name || names_clause(name, &self.clause)
    }
}

/// The clause that findings about waivers cite, and whether the policy in force has it.
pub(super) fn waiver_clause(
    loaded: &Loaded,
    options: &RulebookOptions,
) -> Option<(ClauseId, bool)> {
    let id: ClauseId = CLAUSE.parse().ok()?;
    let own = options.clauses.get(CLAUSE).unwrap_or(&id);
    if policy_in_force(loaded, options).is_some_and(|policy| policy.clause(own).is_some()) {
        Some((own.clone(), true))
    } else {
        Some((id, false))
    }
}

fn policy_in_force<'l>(loaded: &'l Loaded, options: &RulebookOptions) -> Option<&'l Policy> {
    loaded
        .policies
        .get(&options.policy)
        .or_else(|| match &options.policy {
            PolicyRef::Builtin(name) => {
                let mut policies = builtin().policies.iter();
                policies.find(|policy| policy.name == *name)
            }
            _ => None,
        })
}

impl WaiverLaw {
    /// `active` says whether a rule with this name is in force.
    pub(super) fn new(
        loaded: &Loaded,
        options: &RulebookOptions,
        active: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let (id, in_force) = waiver_clause(loaded, options)?;
        let (policy, clause) = policy_in_force(loaded, options)
            .filter(|_| in_force)
            .into_iter()
            .chain(&builtin().policies)
            .find_map(|policy| Some((policy, policy.clause(&id)?)))?;
        let packs = loaded.packs.iter().flat_map(|pack| {
            pack.rules.iter().filter_map(move |rule| {
                let (clause, _) = cited(loaded, &pack.policy, &rule.clause, options)?;
                Some((rule, clause.id.clone()))
            })
        });
        let rules = packs.map(|(rule, clause)| KnownRule {
            id: rule.id.as_str().into(),
            clause,
            waivable: rule.waivable.clone(),
            active: active(&rule.id),
        });
        let rules: Vec<KnownRule> = rules.collect();
        let own = policy_in_force(loaded, options);
        let has = |id: &ClauseId| own.is_some_and(|own| own.clause(id).is_some());
        let mut clauses: Vec<ClauseId> = loaded
            .policies
            .values()
            .chain(own)
            .chain(&builtin().policies)
            .flat_map(|policy| policy.clauses.iter().map(|clause| clause.id.clone()))
            // A clause that the company calls by another id is found under that only.
            .filter(|id| !options.clauses.contains_key(id.as_str()) || has(id))
            .collect();
        clauses.sort();
        clauses.dedup();
        Some(Self {
            rules,
            others: OnceLock::new(),
            clauses,
            renamed: options.clauses.clone(),
            in_force,
            clause: Arc::new(cite(clause, policy, options.messages)),
            severity: clause.severity.unwrap_or(Severity::Error),
            tells_faulty: options.selection.takes(FAULTY, &id),
            tells_unused: options.selection.takes(UNUSED, &id),
            zone: options.zone.clone(),
            messages: options.messages,
        })
    }

    /// All rules that a waiver may name. What a run leaves out of the built-in packs is no mistake of
    /// the draft.
    fn all(&self) -> impl Iterator<Item = &KnownRule> {
        let others = self.others.get_or_init(|| {
            let known: HashSet<&str> = self.rules.iter().map(|rule| &*rule.id).collect();
            let rules = builtin().packs().flat_map(|pack| &pack.rules);
            rules
                .filter(|rule| !known.contains(rule.id.as_str()))
                .map(|rule| KnownRule {
                    id: rule.id.as_str().into(),
                    clause: (self.renamed.get(rule.clause.as_str()))
                        .unwrap_or(&rule.clause)
                        .clone(),
                    waivable: rule.waivable.clone(),
                    active: false,
                })
                .collect()
        });
        self.rules.iter().chain(others)
    }

    fn judge(&self, waiver: &Arc<Waiver>, now: Timestamp) -> Judged {
        let mut until = None;
        let fault = waiver
            .fault
            .clone()
            .or_else(|| self.wrong_names(waiver))
            .or_else(|| self.wrong_parts(waiver, now, &mut until));
        Judged {
            waiver: Arc::clone(waiver),
            until,
            fault,
        }
    }

    fn wrong_names(&self, waiver: &Waiver) -> Option<(Fault, Span)> {
        if waiver.names.is_empty() {
            return Some((Fault::NoNames, waiver.at));
        }
        waiver.names.iter().find_map(|name| {
            let fault = if name.text.contains('*') {
                Fault::Blanket
            } else if self.knows(&name.text) {
                return None;
            } else {
                Fault::UnknownName {
                    name: name.text.clone(),
                    nearest: self.meant(&name.text),
                }
            };
            Some((fault, name.at))
        })
    }

    fn wrong_parts(
        &self,
        waiver: &Waiver,
        now: Timestamp,
        until: &mut Option<Timestamp>,
    ) -> Option<(Fault, Span)> {
        if missing(waiver.reason.as_ref()) {
            return Some((Fault::NoReason, place(waiver, waiver.reason.as_ref())));
        }
        let mut needs_all = self.in_force;
        let named = waiver.names.iter().flat_map(|name| {
            let named = self.all().filter(|rule| rule.is_named(&name.text));
            named.map(move |rule| (name, rule))
        });
        for (name, rule) in named {
            match &rule.waivable {
                Waivable::Always => {}
                Waivable::Never => {
                    let rule = rule.id.to_string();
                    return Some((Fault::NotWaivable { rule }, name.at));
                }
                Waivable::By(allowed) => {
                    needs_all = true;
                    let by = waiver.by.as_ref().filter(|by| !by.text.is_empty());
                    if let Some(by) = by
                        && !allowed.iter().any(|who| is_same_person(&by.text, who))
                    {
                        let fault = Fault::NotBy {
                            rule: rule.id.to_string(),
                            allowed: allowed.join(", "),
                        };
                        return Some((fault, by.at));
                    }
                }
            }
        }
        if needs_all && missing(waiver.by.as_ref()) {
            return Some((Fault::NoApprover, place(waiver, waiver.by.as_ref())));
        }
        let Some(end) = waiver.until.as_ref().filter(|end| !end.text.is_empty()) else {
            // A key without a value is no end either, whatever the policy says.
            return (needs_all || waiver.until.is_some())
                .then(|| (Fault::NoEnd, place(waiver, waiver.until.as_ref())));
        };
        match instant(&end.text, &self.zone, Bound::End) {
            Err(_) => {
                let text = end.text.clone();
                Some((Fault::NoDate { text }, end.at))
            }
            Ok(over) => {
                *until = Some(over);
                let until = end.text.clone();
                (over <= now).then_some((Fault::Expired { until }, end.at))
            }
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.all().any(|rule| *rule.id == *name)
            || self.clauses.iter().any(|clause| names_clause(name, clause))
    }

    /// What somebody who wrote `name` most likely meant.
    fn meant(&self, name: &str) -> Option<String> {
        if let Some(own) = self.renamed.get(name) {
            return Some(own.to_string());
        }
        let whole = self.all().find(|rule| {
            rule.id
                .split_once('/')
                .is_some_and(|(_, own)| own.eq_ignore_ascii_case(name))
        });
        if let Some(rule) = whole {
            return Some(rule.id.to_string());
        }
        // Somebody who mistook the number of a clause knew its section.
        let section = name.rsplit_once('.').map_or("", |(section, _)| section);
        let siblings = self
            .clauses
            .iter()
            .filter(|clause| !section.is_empty() && names_clause(section, clause));
        if let Some(near) = nearest(name, siblings.map(ClauseId::as_str)) {
            return Some(near.to_owned());
        }
        let rules = self.all().map(|rule| &*rule.id);
        let clauses = self.clauses.iter().map(ClauseId::as_str);
        nearest(name, rules.chain(clauses)).map(str::to_owned)
    }

    /// The rules in force that a waiver names.
    fn active<'l>(&'l self, waiver: &'l Waiver) -> impl Iterator<Item = &'l KnownRule> {
        let rules = self.rules.iter();
        rules
            .filter(|rule| rule.active && waiver.names.iter().any(|name| rule.is_named(&name.text)))
    }

    fn finding(
        &self,
        judged: &Judged,
        draft: Option<&Draft>,
        (rule, severity, message, span): (&str, Severity, String, Span),
    ) -> Finding {
        let waiver = &judged.waiver;
        let words = &waiver.source.text()[span.range()];
        Finding {
            rule: rule.into(),
            severity,
            clause: Arc::clone(&self.clause),
            message,
            source: Arc::clone(&waiver.source),
            record: draft.and_then(Draft::record),
            record_id: draft.and_then(Draft::record_id).cloned(),
            scope: waiver.scope.clone(),
            lang: draft.and_then(|draft| draft.facts().lang()),
            span,
            matched: words.split_whitespace().collect::<Vec<_>>().join(" "),
            related: Vec::new(),
            fixes: Vec::new(),
            secret: false,
            of_draft: false,
            channel: draft
                .and_then(|draft| draft.facts().channel())
                .map(Arc::from),
            fingerprint: String::new(),
        }
    }
}

fn missing(written: Option<&Written>) -> bool {
    written.is_none_or(|written| written.text.is_empty())
}

/// Where a part stands that is empty, else the whole waiver.
fn place(waiver: &Waiver, written: Option<&Written>) -> Span {
    written.map_or(waiver.at, |written| written.at)
}

/// Whether `written` is `who`, or a name with that address behind it.
fn is_same_person(written: &str, who: &str) -> bool {
    let written = written.to_lowercase();
    let who = who.trim().to_lowercase();
    written == who || written.ends_with(&format!("<{who}>"))
}

impl Rulebook {
    /// Says whether a waiver holds at `now`.
    pub fn judge(&self, waiver: &Arc<Waiver>, now: Timestamp) -> Judged {
        match &self.waivers {
            Some(law) => law.judge(waiver, now),
            None => Judged {
                waiver: Arc::clone(waiver),
                until: None,
                fault: Some((Fault::NoNames, waiver.at)),
            },
        }
    }

    /// What is wrong with a waiver, in the reader's language; `None` if it holds.
    pub fn complaint(&self, judged: &Judged) -> Option<String> {
        let (fault, _) = judged.fault.as_ref()?;
        Some(describe(fault, self.messages))
    }

    /// The finding about a waiver that does not hold, unless the selection leaves it out.
    pub fn faulty(&self, judged: &Judged, draft: Option<&Draft>) -> Option<Finding> {
        let law = self.waivers.as_ref().filter(|law| law.tells_faulty)?;
        let (fault, at) = judged.fault.as_ref()?;
        let message = describe(fault, law.messages);
        Some(law.finding(judged, draft, (FAULTY, law.severity, message, *at)))
    }

    /// The finding about a waiver that lets nothing through, unless the selection leaves it out.
    pub fn unused(&self, judged: &Judged, draft: Option<&Draft>) -> Option<Finding> {
        let law = self.waivers.as_ref().filter(|law| law.tells_unused)?;
        let at = judged.waiver.at;
        let told = (UNUSED, Severity::Warning, unused(law.messages), at);
        Some(law.finding(judged, draft, told))
    }

    /// Whether the rules that a waiver names were in force and able to look: only then can it be
    /// told that it is of no use. `silent` says which rules were not.
    pub fn could_use(&self, judged: &Judged, silent: impl Fn(&str) -> bool) -> bool {
        let mut named = self
            .waivers
            .iter()
            .flat_map(|law| law.active(&judged.waiver))
            .peekable();
        judged.holds()
            && named.peek().is_some()
            && named.all(|rule| {
                !silent(&rule.id) && !self.not_checked().iter().any(|entry| entry.rule == rule.id)
            })
    }
}

/// Takes out of `findings` what a waiver lets through. The second value says which of `waivers`
/// did.
pub(super) fn let_through(
    findings: &mut Vec<Finding>,
    waivers: &[&Judged],
) -> (Vec<Waived>, Vec<bool>) {
    let mut used = vec![false; waivers.len()];
    let mut waived = Vec::new();
    if waivers.is_empty() {
        return (waived, used);
    }
    let all = std::mem::take(findings);
    for finding in all {
        let mut first = None;
        for (judged, used) in waivers.iter().zip(&mut used) {
            if judged.covers(&finding) {
                *used = true;
                first.get_or_insert(&judged.waiver);
            }
        }
        match first {
            Some(by) => waived.push(Waived {
                by: Arc::clone(by),
                finding,
            }),
            None => findings.push(finding),
        }
    }
    (waived, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_covers_its_clauses_and_no_other_section() {
        for (name, clause, expected) in [
            ("SMP-3", "SMP-3.1", true),
            ("SMP-3.1", "SMP-3.1", true),
            ("SMP-3", "SMP-31.1", false),
            ("SMP", "SMP-3.1", false),
            ("4", "4.2", true),
        ] {
            let clause = clause.parse().unwrap();
            assert_eq!(names_clause(name, &clause), expected, "{name} {clause}");
        }
    }

    #[test]
    fn an_approver_is_known_by_name_or_address() {
        for (written, expected) in [
            ("legal@example.com", true),
            ("Legal <Legal@Example.com>", true),
            ("illegal@example.com", false),
            ("legal@example.com.example", false),
        ] {
            assert_eq!(
                is_same_person(written, "legal@example.com"),
                expected,
                "{written}"
            );
        }
    }
}
