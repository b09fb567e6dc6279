//! Labelled cases against a rulebook: what is right, what is missed, what is wrong.

use std::collections::BTreeMap;
use std::ops::Range;

use clearpost::draft::Draft;
use clearpost::draft::read::{self, ReadOptions};
use clearpost::engine::Rulebook;
use jiff::Timestamp;
use serde_json::Value;

use super::context;

/// Drafts without a time of publication go out at this instant.
pub(crate) const NOW: &str = "2026-12-01T08:00:00Z";

#[derive(Default, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) right: usize,
    pub(crate) missed: usize,
    pub(crate) wrong: usize,
}

#[derive(Default)]
pub(crate) struct Score {
    pub(crate) all: Counts,
    pub(crate) clauses: BTreeMap<String, Counts>,
    pub(crate) languages: BTreeMap<String, Counts>,
    pub(crate) misses: Vec<String>,
    pub(crate) false_alarms: Vec<String>,
}

pub(crate) fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of cases are small")]
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

impl Counts {
    pub(crate) fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    pub(crate) fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }
}

impl Score {
    fn count(&mut self, clause: &str, lang: &str, what: impl Fn(&mut Counts)) {
        what(&mut self.all);
        what(self.clauses.entry(clause.to_owned()).or_default());
        what(self.languages.entry(lang.to_owned()).or_default());
    }
}

pub(crate) fn drafts(case: &Value, defaults: &Value) -> Result<Vec<Draft>, String> {
    let text = case["text"].as_str().ok_or("a case without text")?;
    let format = case["format"].as_str().unwrap_or("txt");
    let format = read::by_name(format).ok_or(format!("there is no format `{format}`"))?;
    let mut options = ReadOptions::default();
    let own = case["meta"].as_object();
    let facts = defaults.as_object().into_iter().flatten();
    for (key, value) in facts.chain(own.into_iter().flatten()) {
        match value {
            Value::String(word) => options.stated.set(key, word.as_str()),
            Value::Bool(_) | Value::Number(_) => options.stated.set(key, value.to_string()),
            // `null` says that nobody did; lists are told apart by the draft itself.
            _ => options.stated.set(key, ""),
        }
    }
    for key in ["channel", "lang"] {
        if let Some(word) = case[key].as_str() {
            options.stated.set(key, word);
        }
    }
    let mut problems = Vec::new();
    Ok(read::read_text(
        format,
        "case",
        text,
        &options,
        &mut problems,
    ))
}

pub(crate) fn score_case(
    rulebook: &Rulebook,
    case: &Value,
    context: &Value,
    score: &mut Score,
) -> Result<(), String> {
    let text = case["text"].as_str().unwrap_or_default();
    let (id, lang) = (
        case["id"].as_str().unwrap_or("?"),
        case["lang"].as_str().unwrap_or("?"),
    );
    let mut expected: Vec<(&str, &str, Range<usize>, bool)> = Vec::new();
    for wanted in case["expect"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        let (Some(clause), Some(quote)) = (wanted["clause"].as_str(), wanted["quote"].as_str())
        else {
            return Err("an expectation without clause or quote".to_owned());
        };
        let at = text
            .find(quote)
            .ok_or(format!("“{quote}” is not in its text"))?;
        expected.push((clause, quote, at..at + quote.len(), false));
    }
    let now: Timestamp = NOW.parse().map_err(|_| "no time")?;
    for draft in drafts(case, &context["default_meta"])? {
        let album = context::album(&draft, context);
        for finding in rulebook
            .check_under(&draft, now, &[], Some(&album))
            .findings
        {
            let clause = finding.clause.id.as_str().to_owned();
            let span = finding.span.range();
            let meant = expected.iter_mut().find(|(wanted, _, quote, _)| {
                *wanted == clause && span.start < quote.end && quote.start < span.end
            });
            match meant {
                Some((_, _, _, found)) if *found => {}
                Some((_, _, _, found)) => {
                    *found = true;
                    score.count(&clause, lang, |counts| counts.right += 1);
                }
                None => {
                    score.count(&clause, lang, |counts| counts.wrong += 1);
                    score.false_alarms.push(format!(
                        "{id} {clause} {} “{}”",
                        finding.rule, finding.matched
                    ));
                }
            }
        }
    }
    for (clause, quote, _, found) in expected {
        if !found {
            score.count(clause, lang, |counts| counts.missed += 1);
            score.misses.push(format!("{id} {clause} “{quote}”"));
        }
    }
    Ok(())
}
