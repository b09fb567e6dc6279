//! How many findings there are of each kind.
//!
//! By rule, clause, path, channel and language. Never by person: counting what somebody wrote is
//! watching them, and this program helps people speak.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Run, visible};

/// Rows of a table beyond which the rest is told as a sum.
const ROWS: usize = 20;

/// The tables, each with its largest numbers first.
pub fn statistics(run: &Run) -> String {
    let mut text = String::new();
    let findings = &run.findings;
    let mut table = |title: &str, names: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in names {
            *counts.entry(name).or_default() += 1;
        }
        let mut rows: Vec<(String, usize)> = counts.into_iter().collect();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        // Writing into a text does not fail.
        writeln!(text, "\n{title}").ok();
        for (name, count) in rows.iter().take(ROWS) {
            writeln!(text, "{count:>7}  {}", visible(name)).ok();
        }
        let rest: usize = rows.iter().skip(ROWS).map(|(_, count)| count).sum();
        if rest > 0 {
            writeln!(text, "{rest:>7}  in {} more", rows.len() - ROWS).ok();
        }
    };
    if findings.is_empty() {
        return text;
    }
    let unknown = || "(not stated)".to_owned();
    table(
        "rule",
        findings.iter().map(|f| f.rule.to_string()).collect(),
    );
    table(
        "clause",
        findings
            .iter()
            .map(|f| format!("{} {}", f.clause.id, f.clause.title))
            .collect(),
    );
    table(
        "path",
        findings
            .iter()
            .map(|f| f.source.name().to_owned())
            .collect(),
    );
    table(
        "channel",
        findings
            .iter()
            .map(|f| f.channel.as_deref().map_or_else(unknown, str::to_owned))
            .collect(),
    );
    table(
        "language",
        findings
            .iter()
            .map(|f| f.lang.map_or_else(unknown, |lang| lang.as_str().to_owned()))
            .collect(),
    );
    text
}
