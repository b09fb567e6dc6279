//! JSON for programs: one document, or one object a finding.
//!
//! The structs are the contract; no key is ever left out.

use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use serde::Serialize;

use super::Run;
use super::visible::acts;
use crate::engine::Finding;
use crate::text::{Problem, Source, Span};

const SCHEMA: &str = "https://clearpost.dev/schema/findings-1.json";

#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    tool: Tool,
    now: String,
    rulebook: &'r str,
    complete: bool,
    summary: Summary<'r>,
    findings: Vec<FindingWire<'r>>,
    problems: Vec<ProblemWire<'r>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary<'r> {
    drafts: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    waived: usize,
    baselined: usize,
    not_checked: Vec<NotCheckedWire<'r>>,
}

#[derive(Serialize)]
struct NotCheckedWire<'r> {
    rule: &'r str,
    reason: &'r str,
}

#[derive(Serialize)]
struct FindingWire<'r> {
    rule: &'r str,
    severity: &'static str,
    clause: ClauseWire<'r>,
    message: &'r str,
    advice: Option<&'r str>,
    path: &'r str,
    record: Option<usize>,
    record_id: Option<&'r str>,
    scope: String,
    lang: Option<String>,
    span: Option<SpanWire>,
    place: Option<()>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    #[serde(rename = "match")]
    matched: &'r str,
    related: [(); 0],
    fixes: Vec<FixWire<'r>>,
    fingerprint: &'r str,
    waived: Option<()>,
}

#[derive(Serialize)]
struct ClauseWire<'r> {
    id: &'r str,
    title: &'r str,
    policy: &'r str,
    url: Option<&'r str>,
}

#[derive(Serialize)]
struct SpanWire {
    start: usize,
    end: usize,
}

#[derive(Serialize)]
struct FixWire<'r> {
    replace: &'r str,
    span: SpanWire,
    safe: bool,
}

#[derive(Serialize)]
struct ProblemWire<'r> {
    code: &'r str,
    message: &'r str,
    help: Option<&'r str>,
    path: Option<&'r str>,
    line: Option<usize>,
    column: Option<usize>,
}

impl From<Range<usize>> for SpanWire {
    fn from(range: Range<usize>) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

fn on_disk(source: &Source, span: Span) -> SpanWire {
    source.disk_range(span).into()
}

impl<'r> From<&'r Finding> for FindingWire<'r> {
    fn from(finding: &'r Finding) -> Self {
        let source = &*finding.source;
        let (line, column) = source.line_col(finding.span.start());
        let (end_line, end_column) = source.line_col(finding.span.end());
        Self {
            rule: &finding.rule,
            severity: finding.severity.as_str(),
            clause: ClauseWire {
                id: finding.clause.id.as_str(),
                title: &finding.clause.title,
                policy: &finding.clause.policy,
                url: finding.clause.url.as_deref(),
            },
            message: &finding.message,
            advice: finding.clause.advice.as_deref(),
            path: source.name(),
            record: finding.record,
            record_id: None,
            scope: finding.scope.to_string(),
            lang: finding.lang.map(|lang| lang.to_string()),
            span: Some(on_disk(source, finding.span)),
            place: None,
            line: Some(line),
            column: Some(column),
            end_line: Some(end_line),
            end_column: Some(end_column),
            matched: &finding.matched,
            related: [],
            fixes: finding
                .fixes
                .iter()
                .map(|fix| FixWire {
                    replace: &fix.replace,
                    span: on_disk(source, fix.span),
                    safe: fix.safe,
                })
                .collect(),
            fingerprint: &finding.fingerprint,
            waived: None,
        }
    }
}

impl<'r> From<&'r Problem> for ProblemWire<'r> {
    fn from(problem: &'r Problem) -> Self {
        let place = problem
            .place
            .as_ref()
            .map(|place| place.source.line_col(place.span.start()));
        Self {
            code: &problem.code,
            message: &problem.message,
            help: problem.help.as_deref(),
            path: problem.path.as_deref(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        }
    }
}

/// Writes one JSON document.
///
/// # Errors
///
/// If `out` cannot be written.
pub fn document(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let counts = run.counts();
    let document = Document {
        schema: SCHEMA,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        now: run.now.to_string(),
        rulebook: &run.rulebook,
        complete: run.complete(),
        summary: Summary {
            drafts: run.drafts,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            waived: 0,
            baselined: 0,
            not_checked: run
                .not_checked
                .iter()
                .map(|entry| NotCheckedWire {
                    rule: &entry.rule,
                    reason: &entry.reason,
                })
                .collect(),
        },
        findings: run.findings.iter().map(FindingWire::from).collect(),
        problems: run.problems.iter().map(ProblemWire::from).collect(),
    };
    writeln!(out, "{}", safe(&serde_json::to_string_pretty(&document)?))
}

/// Writes one JSON object a finding, a line each.
///
/// # Errors
///
/// If `out` cannot be written.
pub fn lines(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in &run.findings {
        writeln!(
            out,
            "{}",
            safe(&serde_json::to_string(&FindingWire::from(finding))?)
        )?;
    }
    Ok(())
}

/// Writes characters that would act on a terminal as JSON escapes: the same document to a program.
fn safe(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for letter in json.chars() {
        if acts(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(letter);
        }
    }
    shown
}
