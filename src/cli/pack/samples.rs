//! Findings of many drafts, for people: how many of which rule and in which words, with a sample of
//! each.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::test::counted;
use crate::engine::Finding;
use crate::report::visible;
use crate::text::fold::{Resist, fold};

/// Words of a rule that are shown; the rest is counted.
const SHOWN: usize = 10;

/// Characters of a line that are shown around what was found.
const AROUND: usize = 30;

/// Writes findings by rule and by words, those that are found most often first.
pub(super) fn write(findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rules.entry(&finding.rule).or_default().push(finding);
    }
    for (rule, findings) in rules {
        writeln!(
            out,
            "  {}: {}",
            visible(rule),
            counted(findings.len(), "finding")
        )?;
        // Words that differ in case or accents alone are the same to who keeps the rule.
        let mut order: Vec<Vec<&Finding>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for finding in findings {
            let folded = fold(&finding.matched, Resist::Typing).text().to_owned();
            let place = *places.entry(folded).or_insert_with(|| {
                order.push(Vec::new());
                order.len() - 1
            });
            order[place].push(finding);
        }
        order.sort_by_key(|same| usize::MAX - same.len());
        for same in order.iter().take(SHOWN) {
            let first = same[0];
            let (line, _) = first.source.line_col(first.span.start());
            writeln!(
                out,
                "    {:>4} × “{}”  {}:{line}  {}",
                same.len(),
                visible(&cut(&first.matched, 60)),
                visible(first.source.name()),
                visible(&around(first)),
            )?;
        }
        let more = order.len().saturating_sub(SHOWN);
        if more > 0 {
            writeln!(out, "         and {more} other wordings")?;
        }
    }
    Ok(())
}

/// What stands around a finding on its line. The source of a finding shows no secrets.
fn around(finding: &Finding) -> String {
    let text = finding.source.text();
    let (line, _) = finding.source.line_col(finding.span.start());
    let Some(range) = finding.source.line_range(line) else {
        return String::new();
    };
    let (start, end) = (finding.span.start(), finding.span.end().min(range.end));
    if end < start {
        return String::new();
    }
    let before: Vec<char> = text[range.start..start].chars().collect();
    let after: Vec<char> = text[end..range.end].chars().collect();
    let from = before.len().saturating_sub(AROUND);
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    format!(
        "{}{}{}{}{}",
        dots(from > 0),
        before[from..].iter().collect::<String>(),
        cut(&text[start..end], 60),
        after.iter().take(AROUND).collect::<String>(),
        dots(after.len() > AROUND),
    )
}

fn cut(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= most {
        return words;
    }
    words.chars().take(most).chain(['…']).collect()
}
