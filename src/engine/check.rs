//! One draft against the rulebook.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::condition::{Asked, Trace};
use super::reach::Reach;
use super::rulebook::{empty_register, is_empty};
use super::sightings::Sightings;
use super::veil::{HIDDEN, veil};
use super::waive::let_through;
use super::words::{lapsed_approval, missing_picture};
use super::{ActiveRule, Finding, Fix, Judged, Lack, NotChecked, Rulebook, Settled, Waived};
use crate::draft::{Draft, Scope};
use crate::image::Seen;
use crate::kind::image::{Needs, Verdict};
use crate::kind::{At, Found};
use crate::pack::When;
use crate::policy::Severity;
use crate::register::Held;
use crate::text::fold::{Resist, SEGMENT_BREAK, fold};
use crate::text::time::{Clock, moment};
use crate::text::{Lang, Source, Span};

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
    /// The first instant at which the same draft may be judged otherwise, waivers apart; `None`: no
    /// later time makes a difference.
    pub until: Option<Timestamp>,
    /// Which of the waivers that stand elsewhere let something through.
    pub used: Vec<usize>,
}

/// What a rule saw in a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Why the rule is not for this draft; then it finds nothing, whatever its conditions see.
    pub silence: Option<String>,
    /// What its conditions see.
    pub trace: Trace,
}

impl Rulebook {
    /// Checks one draft. `now` stands in for its time of publication where it states none.
    pub fn check(&self, draft: &Draft, now: Timestamp) -> Checked {
        self.check_under(draft, now, &[], None)
    }

    /// As [`Rulebook::check`]; `listed` are waivers for this draft that stand elsewhere. What is
    /// wrong with those is not told here, since they may be for many drafts. `album` is what was
    /// seen of its pictures, if somebody looked.
    pub fn check_under(
        &self,
        draft: &Draft,
        now: Timestamp,
        listed: &[&Judged],
        album: Option<&Album>,
    ) -> Checked {
        let mut checked = self.violations(draft, now, album);
        settle(&mut checked.findings);
        veil(checked.findings.iter_mut());
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
        let waived = checked.waived.iter_mut().map(|waived| &mut waived.finding);
        veil(checked.findings.iter_mut().chain(waived));
        checked
            .findings
            .sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
        checked
    }

    /// Why a rule in force found something in a draft, or did not.
    pub fn explain(&self, rule: &ActiveRule, draft: &Draft, now: Timestamp) -> Explained {
        let at = &Clock::at(draft.facts().publish_at().unwrap_or(now));
        let sightings = self.indexes.run(draft, self.conditions);
        let reach = Reach::new(draft);
        let asked = Asked {
            draft,
            rule,
            at,
            sightings: &sightings,
            reach: &reach,
            registers: &self.registers,
            zone: &self.zone,
            approved_values: &self.approved_values,
            seen: &[],
        };
        let silence = match self.applies(&rule.rule.when, draft, at) {
            Applies::Yes => match rule.rule.unless.as_ref() {
                Some(unless) if self.applies(unless, draft, at) == Applies::Yes => {
                    Some("`unless` holds for this draft".to_owned())
                }
                _ => rule.rule.condition.lacks(draft),
            },
            Applies::No => Some("`when` does not hold for this draft".to_owned()),
            Applies::Unknown(reason, _) => Some(reason),
        };
        Explained {
            silence,
            trace: asked.trace(
                rule.condition(),
                &rule.rule.condition,
                &rule.rule.when.scopes,
            ),
        }
    }

    /// The rules that may find something where this was seen, in their order.
    fn candidates(&self, sightings: &Sightings) -> Vec<&ActiveRule> {
        let mut numbers: Vec<u32> = self.always.clone();
        for condition in sightings.seen() {
            numbers.extend(&self.opened_by[*condition as usize]);
        }
        numbers.sort_unstable();
        numbers.dedup();
        let rules = numbers.iter().map(|number| &self.rules[*number as usize]);
        let may_find = |condition| sightings.may_find(condition);
        rules.filter(|rule| rule.gate.is_open(&may_find)).collect()
    }

    fn violations(&self, draft: &Draft, now: Timestamp, album: Option<&Album>) -> Checked {
        let at = &Clock::at(draft.facts().publish_at().unwrap_or(now));
        let sightings = self.indexes.run(draft, self.conditions);
        let reach = Reach::new(draft);
        let mut checked = Checked::default();
        let mut all = Vec::new();
        for rule in self.candidates(&sightings) {
            let holds = match self.applies(&rule.rule.when, draft, at) {
                Applies::Yes => match rule.rule.unless.as_ref() {
                    // What nobody states is no exception.
                    Some(unless) => self.applies(unless, draft, at) != Applies::Yes,
                    None => true,
                },
                Applies::No => false,
                Applies::Unknown(reason, lacks) => {
                    checked.not_checked.push(NotChecked {
                        rule: Arc::clone(&rule.id),
                        reason,
                        lacks,
                    });
                    false
                }
            };
            if !holds {
                continue;
            }
            if let Some(reason) = rule.rule.condition.lacks(draft) {
                checked.not_checked.push(NotChecked {
                    rule: Arc::clone(&rule.id),
                    reason,
                    lacks: Lack::Other,
                });
                continue;
            }
            let unseen = unseen(rule.needs, draft, album);
            checked.not_checked.extend(unseen.map(|reason| NotChecked {
                rule: Arc::clone(&rule.id),
                reason: reason.to_owned(),
                lacks: Lack::Other,
            }));
            let asked = Asked {
                draft,
                rule,
                at,
                sightings: &sightings,
                reach: &reach,
                registers: &self.registers,
                zone: &self.zone,
                approved_values: &self.approved_values,
                seen: album
                    .filter(|_| unseen.is_none())
                    .map_or(&[], |album| &album.pictures),
            };
            all.extend(asked.finds().into_iter().map(|found| (rule, found)));
        }
        settle_pictures(&mut all);
        let secrets: Vec<&At> = all
            .iter()
            .filter(|(rule, _)| rule.secret)
            .map(|(_, found)| &found.at)
            .collect();
        checked.findings = all
            .iter()
            .map(|(rule, found)| {
                let is_hidden = secrets.iter().any(|secret| touch(secret, &found.at));
                self.finding(rule, draft, found, (at, is_hidden))
            })
            .collect();
        // A draft that says when it goes out is judged by that.
        let is_timeless = draft.facts().publish_at().is_some();
        checked.until = at.ahead().filter(|_| !is_timeless);
        checked
    }

    /// What is told of a find when the draft goes out `at`; of one that `is_hidden` nothing is
    /// repeated.
    fn finding(
        &self,
        rule: &ActiveRule,
        draft: &Draft,
        found: &Found,
        (at, is_hidden): (&Clock, bool),
    ) -> Finding {
        let source = draft.source();
        let (span, words, scope, lang) = match &found.at {
            At::Text(range) => (
                draft.span(range),
                &draft.text()[range.clone()],
                narrowest(draft, range),
                draft.lang_at(range.start),
            ),
            At::File(span) => {
                let key = found.captures.iter().find(|(name, _)| *name == "key");
                let scope = match (key, found.picture) {
                    (Some((_, key)), _) => Scope::Metadata(key.clone()),
                    (None, Some(Verdict::Alt)) => Scope::Alt,
                    (None, Some(_)) => Scope::Image,
                    (None, None) => Scope::Body,
                };
                let words = &source.text()[span.range()];
                (*span, words, scope, draft.facts().lang())
            }
        };
        let matched = words
            .split(|c: char| c.is_whitespace() || c == SEGMENT_BREAK)
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let matched = if is_hidden {
            HIDDEN.to_owned()
        } else {
            matched
        };
        let mut captures = found.captures.clone();
        for (name, value) in &mut captures {
            // What a kind is called and how many there are gives nothing away.
            if is_hidden && !matches!(*name, "kind" | "count" | "limit" | "until" | "key") {
                HIDDEN.clone_into(value);
            }
        }
        captures.push(("publish_at", moment(at.now(), &self.zone)));
        if let Some(embargo) = rule.rule.when.embargo {
            captures.push(("embargo", moment(embargo, &self.zone)));
        }
        if let Some(period) = self.period(&rule.rule.when, at)
            && let Some(until) = period.until
        {
            captures.push(("until", moment(until, &self.zone)));
        }
        captures.push(("count", (found.related.len() + 1).to_string()));
        // What was matched is put in last, so that braces in a draft are no placeholders.
        captures.push(("match", matched.clone()));
        let fixes = if is_hidden {
            Vec::new()
        } else {
            let lang = lang.unwrap_or(self.messages);
            fixes(rule, draft, found, is_running_text(&scope), lang, &captures)
        };
        Finding {
            rule: Arc::clone(&rule.id),
            severity: self.severity(rule, draft, at),
            clause: Arc::clone(&rule.clause),
            message: match (found.picture, found.lapsed) {
                (Some(Verdict::Missing), _) => missing_picture(&matched, self.messages),
                (_, lapsed) => {
                    let message = fill(rule.rule.message.get(self.messages), &captures);
                    match lapsed {
                        Some(end) => {
                            let end = moment(end, &self.zone);
                            format!("{message} {}", lapsed_approval(&end, self.messages))
                        }
                        None => message,
                    }
                }
            },
            source: Arc::clone(source),
            record: draft.record(),
            record_id: draft.record_id().cloned(),
            scope,
            lang,
            fixes,
            span,
            matched,
            related: found
                .related
                .iter()
                .map(|at| match at {
                    At::Text(range) => draft.span(range),
                    At::File(span) => *span,
                })
                .collect(),
            secret: rule.secret,
            of_draft: matches!(found.at, At::File(_)),
            channel: draft.facts().channel().map(Arc::from),
            fingerprint: String::new(),
        }
    }
}

/// What a rule offers in place of what it found, and for what is missing.
fn fixes(
    rule: &ActiveRule,
    draft: &Draft,
    found: &Found,
    is_running_text: bool,
    lang: Lang,
    captures: &[(&'static str, String)],
) -> Vec<Fix> {
    let instead = match (&rule.rule.instead, &found.at) {
        (Some(text), At::Text(range)) if is_running_text && draft.is_verbatim(range) => {
            Some((fill(text.get(lang), captures), draft.span(range)))
        }
        _ => None,
    };
    let inserted = match &found.insert {
        Some(insert) if draft.is_verbatim(&insert.beside) => put_in(
            draft.span(&insert.beside),
            insert.behind,
            insert.text.get(lang),
            draft.source(),
        ),
        _ => None,
    };
    let offered = instead.into_iter().chain(inserted);
    offered
        .map(|(replace, span)| Fix {
            replace,
            span,
            safe: rule.rule.fix_is_safe,
        })
        .collect()
}

/// Words that are put in before or behind a character, with the space that parts them from it.
fn put_in(beside: Span, behind: bool, words: &str, source: &Source) -> Option<(String, Span)> {
    let words = words.trim();
    let (at, words) = if behind {
        (beside.end(), format!(" {words}"))
    } else {
        (beside.start(), format!("{words} "))
    };
    Some((words, Span::new(source.text(), at..at)?))
}

/// Whether two finds share a place.
fn touch(a: &At, b: &At) -> bool {
    match (a, b) {
        (At::Text(a), At::Text(b)) => a.start < b.end && b.start < a.end,
        (At::File(a), At::File(b)) => a.start() < b.end() && b.start() < a.end(),
        _ => false,
    }
}

/// What was seen of the pictures of a draft.
#[derive(Clone, Debug, Default)]
pub struct Album {
    /// One for each of [`Draft::pictures`].
    pub pictures: Vec<Seen>,
    /// Whether there is a registry to compare them with.
    pub has_registry: bool,
}

/// Why a rule about pictures can say nothing about a draft, and what to do.
fn unseen(needs: Needs, draft: &Draft, album: Option<&Album>) -> Option<&'static str> {
    if !needs.files() || draft.pictures().is_empty() {
        return None;
    }
    match album {
        None => Some("nobody looked at the pictures: check the draft with `clearpost check`"),
        Some(album) if needs.registry && !album.has_registry => Some(
            "there is no registry of pictures: name one with `assets: assets.yaml` in clearpost.yaml",
        ),
        Some(_) => None,
    }
}

/// Tells each missing file once, and leaves out that nobody approved a picture that shows a
/// protected mark.
fn settle_pictures(all: &mut Vec<(&ActiveRule, Found)>) {
    let is =
        |verdict: Verdict| move |(_, found): &&(&ActiveRule, Found)| found.picture == Some(verdict);
    let marked: HashSet<At> = all
        .iter()
        .filter(is(Verdict::Marked))
        .map(|(_, found)| found.at.clone())
        .collect();
    let mut missing = HashSet::new();
    all.retain(|(_, found)| match found.picture {
        Some(Verdict::Missing) => missing.insert(found.at.clone()),
        Some(Verdict::Unapproved) => !marked.contains(&found.at),
        _ => true,
    });
}

/// Whether a rule is for a draft.
#[derive(PartialEq, Eq)]
enum Applies {
    Yes,
    No,
    /// It depends on what nobody states; this is what, and what to do about it.
    Unknown(String, Lack),
}

impl Rulebook {
    /// The period of the company's register in which a rule for such periods holds at `at`.
    fn period(&self, when: &When, at: &Clock) -> Option<Held> {
        let name = when.during.as_ref()?;
        let named = self.registers.iter().filter(|have| have.name == *name);
        let mut periods = named.flat_map(|register| &register.entries);
        periods.find_map(|entry| entry.held.filter(|held| held.holds(at)))
    }

    /// How much a finding of a rule matters in a draft that goes out at `at`.
    fn severity(&self, rule: &ActiveRule, draft: &Draft, at: &Clock) -> Severity {
        let mut somewhere = rule.rule.severity_where.iter();
        somewhere
            .find(|(_, when)| self.applies(when, draft, at) == Applies::Yes)
            .map_or(rule.severity, |(severity, _)| *severity)
    }

    fn applies(&self, when: &When, draft: &Draft, at: &Clock) -> Applies {
        if let Some(name) = &when.during
            && self.period(when, at).is_none()
        {
            return if is_empty(name, &self.registers) {
                Applies::Unknown(empty_register(name), Lack::Register(name.clone()))
            } else {
                Applies::No
            };
        }
        states(when, draft, at)
    }
}

/// Whether a draft states what `when` asks for.
fn states(when: &When, draft: &Draft, at: &Clock) -> Applies {
    if when.from.is_some_and(|from| !at.has_come(from))
        || when.until.is_some_and(|until| at.has_come(until))
        || when.embargo.is_some_and(|embargo| at.has_come(embargo))
    {
        return Applies::No;
    }
    let mut unknown = None;
    if !when.channels.is_empty() {
        match draft.facts().channel() {
            None => {
                let reason = format!(
                    "it is for {} only, and nobody says where this goes: add `--channel`",
                    when.channels.join(", ")
                );
                unknown = Some((reason, Lack::Fact("channel".to_owned())));
            }
            Some(channel) if !when.channels.iter().any(|known| known == channel) => {
                return Applies::No;
            }
            Some(_) => {}
        }
    }
    for (key, values) in &when.facts {
        match draft.facts().value(key) {
            None => {
                let reason = format!(
                    "it depends on `{key}`, which nobody states: add it to the draft, or `--meta {key}=…`"
                );
                unknown = Some((reason, Lack::Fact(key.clone())));
            }
            Some(value) => {
                let value = value.trim().to_lowercase();
                if !values.contains(&value) {
                    return Applies::No;
                }
            }
        }
    }
    match unknown {
        None => Applies::Yes,
        Some((reason, lacks)) => Applies::Unknown(reason, lacks),
    }
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
        // Whoever knows a few names could try which of them gives this name.
        let folded = if finding.secret {
            String::new()
        } else {
            fold(&finding.matched, Resist::Typing).text().to_owned()
        };
        let key = (Arc::clone(&finding.rule), folded.clone());
        let ordinal = ordinals.entry(key).or_default();
        finding.fingerprint = fingerprint(finding, &folded, *ordinal);
        *ordinal += 1;
    }
}

/// Names a finding across edits elsewhere: by its rule, what its file calls the draft, its folded
/// words, and how often the same was found before it in the draft.
pub(super) fn fingerprint(finding: &Finding, folded: &str, ordinal: u32) -> String {
    let record_id = finding.record_id.as_deref().unwrap_or_default();
    let mut hasher = blake3::Hasher::new();
    for part in [
        finding.rule.as_bytes(),
        record_id.as_bytes(),
        folded.as_bytes(),
        &ordinal.to_le_bytes(),
    ] {
        hasher.update(part);
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Fills placeholders such as `{match}`; `{{` and `}}` stand for braces.
fn fill(text: &str, captures: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        let mark = &rest[at..];
        if mark.starts_with("{{") || mark.starts_with("}}") {
            filled.push_str(&mark[..1]);
            rest = &mark[2..];
            continue;
        }
        let named = mark
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let value = named.and_then(|(name, _)| captures.iter().find(|(known, _)| *known == name));
        match (named, value) {
            (Some((_, after)), Some((_, value))) => {
                filled.push_str(value);
                rest = after;
            }
            _ => {
                filled.push_str(&mark[..1]);
                rest = &mark[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}
