//! One draft against the rulebook.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::rulebook::Compiled;
use super::waive::let_through;
use super::{ActiveRule, Finding, Fix, Judged, NotChecked, Rulebook, Settled, Waived};
use crate::draft::{Draft, Scope, Scopes};
use crate::kind::terms::{Role, outside};
use crate::kind::{Hit, longest};
use crate::text::fold::{Resist, fold};

/// What came of one draft.
#[derive(Debug, Default)]
pub struct Checked {
    /// Violations, in the order of span and rule.
    pub findings: Vec<Finding>,
    /// Rules that could not say anything about this draft.
    pub not_checked: Vec<NotChecked>,
    /// Violations that a waiver lets through, in the same order.
    pub waived: Vec<Waived>,
    /// The draft's own waivers.
    pub waivers: Vec<Settled>,
    /// Which of the waivers that stand elsewhere let something through.
    pub used: Vec<usize>,
}

impl Rulebook {
    /// Checks one draft. `now` stands in for its time of publication where it states none.
    pub fn check(&self, draft: &Draft, now: Timestamp) -> Checked {
        self.check_under(draft, now, &[])
    }

    /// As [`Rulebook::check`]; `listed` are waivers for this draft that stand elsewhere. What is
    /// wrong with those is not told here, since they may be for many drafts.
    pub fn check_under(&self, draft: &Draft, now: Timestamp, listed: &[&Judged]) -> Checked {
        let mut checked = self.violations(draft, now);
        settle(&mut checked.findings);
        if draft.waivers().is_empty() && listed.is_empty() {
            return checked;
        }
        let own: Vec<Judged> = draft
            .waivers()
            .iter()
            .map(|waiver| self.judge(waiver, now))
            .collect();
        let all: Vec<&Judged> = own.iter().chain(listed.iter().copied()).collect();
        let (waived, used) = let_through(&mut checked.findings, &all);
        checked.waived = waived;
        checked.used = (0..listed.len())
            .filter(|number| used[own.len() + number])
            .collect();
        let mut told = Vec::new();
        for (judged, used) in own.into_iter().zip(used) {
            let silent = |id: &str| checked.not_checked.iter().any(|entry| *entry.rule == *id);
            let unused = !used && self.could_use(&judged, silent);
            told.extend(self.faulty(&judged, Some(draft)));
            if unused {
                told.extend(self.unused(&judged, Some(draft)));
            }
            checked.waivers.push(Settled {
                judged,
                unused,
                record: draft.record(),
            });
        }
        settle(&mut told);
        checked.findings.extend(told);
        checked
            .findings
            .sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
        checked
    }

    fn violations(&self, draft: &Draft, now: Timestamp) -> Checked {
        let at = draft.facts().publish_at().unwrap_or(now);
        let mut sightings: HashMap<u32, Vec<(Role, Range<usize>)>> = HashMap::new();
        self.indexes.run(draft, |rule, role, range| {
            sightings.entry(rule).or_default().push((role, range));
        });
        let patterns = self.indexes.patterns(draft);
        let mut checked = Checked::default();
        for (number, rule) in (0..).zip(&self.rules) {
            let when = &rule.rule.when;
            if when.from.is_some_and(|from| at < from)
                || when.until.is_some_and(|until| at >= until)
            {
                continue;
            }
            if !when.channels.is_empty() {
                match draft.facts().channel() {
                    None => {
                        checked.not_checked.push(NotChecked {
                            rule: Arc::clone(&rule.id),
                            reason: format!(
                                "it is for {} only, and nobody says where this goes: add `--channel`",
                                when.channels.join(", ")
                            ),
                        });
                        continue;
                    }
                    Some(channel) if !when.channels.iter().any(|known| known == channel) => {
                        continue;
                    }
                    Some(_) => {}
                }
            }
            let idle = matches!(rule.check, Compiled::Pattern(_))
                && patterns.binary_search(&number).is_err();
            if idle {
                continue;
            }
            let seen = sightings
                .get(&number)
                .map(Vec::as_slice)
                .unwrap_or_default();
            for hit in hits(rule, draft, seen, at) {
                checked.findings.push(self.finding(rule, draft, &hit));
            }
        }
        checked
    }

    fn finding(&self, rule: &ActiveRule, draft: &Draft, hit: &Hit) -> Finding {
        let words = &draft.text()[hit.range.clone()];
        let matched = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let span = draft.span(&hit.range);
        let scope = narrowest(draft, &hit.range);
        let instead = rule.rule.instead.as_ref().map(|text| {
            fill(
                text.get(draft.lang_at(hit.range.start).unwrap_or(self.messages)),
                &matched,
            )
        });
        Finding {
            rule: Arc::clone(&rule.id),
            severity: rule.severity,
            clause: Arc::clone(&rule.clause),
            message: fill(rule.rule.message.get(self.messages), &matched),
            source: Arc::clone(draft.source()),
            record: draft.record(),
            record_id: draft.record_id().cloned(),
            scope: scope.clone(),
            lang: draft.lang_at(hit.range.start),
            fixes: instead
                .filter(|_| draft.is_verbatim(&hit.range) && is_running_text(&scope))
                .map(|replace| Fix {
                    replace,
                    span,
                    safe: false,
                })
                .into_iter()
                .collect(),
            span,
            matched,
            fingerprint: String::new(),
        }
    }
}

fn hits(
    rule: &ActiveRule,
    draft: &Draft,
    seen: &[(Role, Range<usize>)],
    at: Timestamp,
) -> Vec<Hit> {
    match &rule.check {
        Compiled::Terms(terms) => {
            if seen.is_empty() {
                return Vec::new();
            }
            terms.hits(draft, seen, at, |range| looks_at(rule, draft, range))
        }
        Compiled::Pattern(pattern) => {
            let mut hits = longest(pattern.hits(draft, places(rule, draft)));
            outside(
                &mut hits,
                seen.iter().map(|(_, phrase)| phrase.clone()).collect(),
            );
            hits
        }
    }
}

fn looks_at(rule: &ActiveRule, draft: &Draft, range: &Range<usize>) -> bool {
    let Some(segment) = draft.segment_at(range.start) else {
        return false;
    };
    let scopes = &rule.rule.when.scopes;
    speaks(rule, draft, range.start)
        && (scopes.contains(&segment.scope)
            || draft
                .entities_around(range)
                .any(|entity| scopes.contains(&entity.scope)))
}

/// Whether the rule is for the language of the text at `at`; undecided text is for every rule.
fn speaks(rule: &ActiveRule, draft: &Draft, at: usize) -> bool {
    rule.rule.languages.is_empty()
        || draft
            .lang_at(at)
            .is_none_or(|lang| rule.rule.languages.contains(&lang))
}

/// The segments a pattern looks at, and the entities inside others that it looks at.
fn places<'d>(rule: &'d ActiveRule, draft: &'d Draft) -> impl Iterator<Item = Range<usize>> + 'd {
    let scopes = &rule.rule.when.scopes;
    let segments = draft
        .segments()
        .iter()
        .filter(|segment| scopes.contains(&segment.scope))
        .map(|s| s.range.clone());
    let entities = draft.entities().iter().filter(move |entity| {
        matches!(scopes, Scopes::Only(_))
            && scopes.contains(&entity.scope)
            && draft
                .segment_at(entity.range.start)
                .is_some_and(|segment| !scopes.contains(&segment.scope))
    });
    segments
        .chain(entities.map(|entity| entity.range.clone()))
        .filter(move |place| speaks(rule, draft, place.start))
}

fn narrowest(draft: &Draft, range: &Range<usize>) -> Scope {
    draft
        .entities_around(range)
        .last()
        .map(|entity| entity.scope.clone())
        .or_else(|| {
            draft
                .segment_at(range.start)
                .map(|segment| segment.scope.clone())
        })
        .unwrap_or(Scope::Body)
}

/// Whether words can stand there in place of others without breaking an address or a name.
fn is_running_text(scope: &Scope) -> bool {
    !matches!(
        scope,
        Scope::Hashtag | Scope::Handle | Scope::Link | Scope::Image | Scope::FileName
    )
}

/// Puts findings in order, keeps one of those with the same rule and span, and names each. What a
/// waiver lets through counts, so that writing one changes no other finding's name.
pub fn settle(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
    findings.dedup_by(|a, b| a.span == b.span && a.rule == b.rule);
    let mut ordinals: HashMap<(Arc<str>, String), u32> = HashMap::new();
    for finding in findings {
        let folded = fold(&finding.matched, Resist::Typing).text().to_owned();
        let ordinal = ordinals
            .entry((Arc::clone(&finding.rule), folded.clone()))
            .or_default();
        let mut hasher = blake3::Hasher::new();
        for part in [
            finding.rule.as_bytes(),
            b"",
            folded.as_bytes(),
            &ordinal.to_le_bytes(),
        ] {
            hasher.update(part);
            hasher.update(&[0]);
        }
        *ordinal += 1;
        hasher.finalize().to_hex()[..16].clone_into(&mut finding.fingerprint);
    }
}

/// Fills `{match}`; `{{` and `}}` stand for braces.
fn fill(text: &str, matched: &str) -> String {
    // What was matched is put in last, so that braces in a draft are no placeholders.
    text.split("{match}")
        .map(|part| part.replace("{{", "{").replace("}}", "}"))
        .collect::<Vec<_>>()
        .join(matched)
}
