//! `check --passthrough`: a filter in a pipe. Each object goes out as it came in, with its findings.

use std::io::{self, BufWriter, Write};

use rayon::prelude::*;

use super::check::{FileOutcome, Job};
use super::discover::Input;
use super::progress::is_stopped;
use crate::draft::read::{Go, Line, for_each_line};
use crate::engine::Finding;
use crate::report;
use crate::text::Problem;
use crate::text::yaml::Value;
use crate::text::{Source, json};

/// What `--passthrough` needs besides objects.
#[derive(Clone, Copy, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum PassthroughError {
    #[error("`--passthrough` takes one input of a post a line")]
    #[diagnostic(
        code(clearpost::options::passthrough),
        help("`clearpost check --input-format jsonl --passthrough -` reads standard input")
    )]
    OneInput,
}

/// Copies `input` to standard output, line by line, with a `clearpost` key that holds the findings
/// of each object; what was checked is added to `passed`.
pub(super) fn run(job: &Job<'_>, input: &Input, passed: &mut FileOutcome) -> io::Result<()> {
    let file = match job.open(input) {
        Ok(file) => file,
        Err(problem) => {
            passed.problems.push(*problem);
            return Ok(());
        }
    };
    let options = job.read_options(input);
    let mut out = BufWriter::new(io::stdout().lock());
    let met = job.met(&job.name(input));
    let mut failure = None;
    let mut each = |lines: Vec<Line>| {
        let checked: Vec<(Vec<Finding>, Vec<Problem>, String)> = lines
            .par_iter()
            .map(|line| {
                let (findings, problems) = line
                    .draft
                    .as_ref()
                    .map(|draft| job.draft(draft, &met))
                    .map(|(checked, problems)| (checked.findings, problems))
                    .unwrap_or_default();
                let text = with_findings(line, &findings);
                (findings, problems, text)
            })
            .collect();
        for (line, (findings, problems, text)) in lines.into_iter().zip(checked) {
            passed.drafts += usize::from(line.draft.is_some());
            passed.problems.extend(line.problems);
            passed.problems.extend(problems);
            let worst = findings.iter().map(|finding| finding.severity).max();
            passed.worst = passed.worst.max(worst);
            if let Err(error) = writeln!(out, "{text}") {
                failure = Some(error);
                return Go::Stop;
            }
        }
        if is_stopped() { Go::Stop } else { Go::On }
    };
    let stopped = for_each_line(file, &options, &mut each);
    passed.problems.extend(stopped.map(|problem| *problem));
    match failure {
        Some(error) => Err(error),
        None => out.flush(),
    }
}

/// The line as it goes out.
fn with_findings(line: &Line, findings: &[Finding]) -> String {
    let text = &line.source.text()[line.range.clone()];
    if text.is_empty() {
        return String::new();
    }
    if !line.is_object {
        let message = line.problems.first().map_or("", |problem| &problem.message);
        let message = serde_json::Value::from(message);
        return format!(
            "{{\"clearpost_error\": {message}, \"record\": {}}}",
            line.number
        );
    }
    let text = without_own_key(text);
    let body = &text[..text.rfind('}').unwrap_or(text.len())];
    let comma = if body.trim_end().ends_with('{') {
        ""
    } else {
        ","
    };
    format!(
        "{body}{comma}\"clearpost\":{}}}",
        report::json_array(findings)
    )
}

/// An object without the key that an earlier run may have added.
fn without_own_key(text: &str) -> String {
    let mut text = text.to_owned();
    // Written plainly or with escapes, the key has one of these in it.
    while text.contains("clearpost") || text.contains("\\u") {
        let source = Source::from_text("line", text.as_str());
        let Some(Value::Map(entries)) = json::parse_part(&source, 0..text.len())
            .root
            .map(|root| root.value)
        else {
            break;
        };
        let Some(at) = entries.iter().position(|(key, _)| key.text == "clearpost") else {
            break;
        };
        let (key, value) = &entries[at];
        let removed = match (at.checked_sub(1), entries.get(at + 1)) {
            (Some(before), _) => entries[before].1.at.end()..value.at.end(),
            (None, Some((next, _))) => key.at.start()..next.at.start(),
            (None, None) => key.at.start()..value.at.end(),
        };
        text.replace_range(removed, "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_key_is_taken_out_wherever_it_stands() {
        for (text, left) in [
            (r#"{"a": 1, "clearpost": [{"b": 2}]}"#, r#"{"a": 1}"#),
            (r#"{"clearpost": [], "a": 1}"#, r#"{"a": 1}"#),
            (r#"{"clearpost":[]}"#, "{}"),
            (
                r#"{"a":"clearpost","clearpost":1,"b":2}"#,
                r#"{"a":"clearpost","b":2}"#,
            ),
            (r#"{"clearp\u006fst": 1}"#, "{}"),
        ] {
            assert_eq!(without_own_key(text), left);
        }
    }
}
