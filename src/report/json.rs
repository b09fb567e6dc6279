//! JSON for programs: one document, or one object a finding.
//!
//! The structs are the contract; no key is ever left out.

use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use serde::Serialize;

use super::visible::acts;
use super::{Look, Report, Run};
use crate::engine::{Finding, Waived};
use crate::text::{Location, PartPlace, Problem, Source, Span};

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
pub(super) struct Tool {
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
    place: Option<PlaceWire>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    #[serde(rename = "match")]
    matched: &'r str,
    related: Vec<RelatedWire<'r>>,
    fixes: Vec<FixWire<'r>>,
    fingerprint: &'r str,
    waived: Option<WaivedWire<'r>>,
}

#[derive(Serialize)]
struct WaivedWire<'r> {
    reason: &'r str,
    by: Option<&'r str>,
    until: Option<&'r str>,
    line: usize,
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

/// A place in a part of a file that has no bytes of its own.
#[derive(Serialize)]
#[serde(untagged)]
enum PlaceWire {
    Line {
        part: String,
        line: usize,
        column: usize,
    },
    Paragraph {
        part: String,
        paragraph: usize,
        character: usize,
        end_character: usize,
    },
    Cell {
        part: String,
        cell: String,
        character: usize,
        end_character: usize,
    },
}

#[derive(Serialize)]
struct FixWire<'r> {
    replace: &'r str,
    span: SpanWire,
    safe: bool,
}

/// Another place that matters to a finding.
#[derive(Serialize)]
struct RelatedWire<'r> {
    span: SpanWire,
    line: usize,
    column: usize,
    message: &'r str,
}

impl<'r> RelatedWire<'r> {
    fn new(source: &'r Source, span: Span) -> Option<Self> {
        let Location::File { bytes, start, .. } = source.location(span) else {
            return None;
        };
        Some(Self {
            span: bytes.into(),
            line: start.0,
            column: start.1,
            message: &source.text()[span.range()],
        })
    }
}

#[derive(Serialize)]
pub(super) struct ProblemWire<'r> {
    code: &'r str,
    message: &'r str,
    help: Option<&'r str>,
    path: Option<&'r str>,
    line: Option<usize>,
    column: Option<usize>,
}

impl Default for Tool {
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl From<Range<usize>> for SpanWire {
    fn from(range: Range<usize>) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

impl From<PartPlace> for PlaceWire {
    fn from(place: PartPlace) -> Self {
        match place {
            PartPlace::Line { part, line, column } => Self::Line { part, line, column },
            PartPlace::Paragraph {
                part,
                paragraph,
                character,
                end_character,
            } => Self::Paragraph {
                part,
                paragraph,
                character,
                end_character,
            },
            PartPlace::Cell {
                part,
                cell,
                character,
                end_character,
            } => Self::Cell {
                part,
                cell,
                character,
                end_character,
            },
        }
    }
}

impl<'r> From<&'r Finding> for FindingWire<'r> {
    fn from(finding: &'r Finding) -> Self {
        let source = &*finding.source;
        let (bytes, start, end, place) = match source.location(finding.span) {
            Location::File { bytes, start, end } => (Some(bytes), Some(start), Some(end), None),
            Location::Part(place) => (None, None, None, Some(place.into())),
        };
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
            record_id: finding.record_id.as_deref(),
            scope: finding.scope.to_string(),
            lang: finding.lang.map(|lang| lang.to_string()),
            span: bytes.map(SpanWire::from),
            place,
            line: start.map(|(line, _)| line),
            column: start.map(|(_, column)| column),
            end_line: end.map(|(line, _)| line),
            end_column: end.map(|(_, column)| column),
            matched: &finding.matched,
            related: finding
                .related
                .iter()
                .filter_map(|span| RelatedWire::new(source, *span))
                .collect(),
            fixes: finding
                .fixes
                .iter()
                .filter_map(|fix| {
                    let Location::File { bytes, .. } = source.location(fix.span) else {
                        return None;
                    };
                    Some(FixWire {
                        replace: &fix.replace,
                        span: bytes.into(),
                        safe: fix.safe,
                    })
                })
                .collect(),
            fingerprint: &finding.fingerprint,
            waived: None,
        }
    }
}

impl<'r> From<(&'r Finding, Option<&'r Waived>)> for FindingWire<'r> {
    fn from((finding, waived): (&'r Finding, Option<&'r Waived>)) -> Self {
        Self {
            waived: waived.map(WaivedWire::from),
            ..Self::from(finding)
        }
    }
}

impl<'r> From<&'r Waived> for WaivedWire<'r> {
    fn from(Waived { by: waiver, .. }: &'r Waived) -> Self {
        Self {
            reason: waiver.reason.as_ref().map_or("", |written| &written.text),
            by: waiver.by.as_ref().map(|written| &*written.text),
            until: waiver.until.as_ref().map(|written| &*written.text),
            line: waiver.source.line_col(waiver.at.start()).0,
        }
    }
}

impl<'r> From<&'r Problem> for ProblemWire<'r> {
    fn from(problem: &'r Problem) -> Self {
        let place =
            problem
                .place
                .as_ref()
                .and_then(|place| match place.source.location(place.span) {
                    Location::File { start, .. } => Some(start),
                    Location::Part(_) => None,
                });
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

/// One document.
#[derive(Debug)]
pub(super) struct Json;

/// One object a finding, a line each.
#[derive(Debug)]
pub(super) struct Jsonl;

impl Report for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "one JSON document"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let counts = run.counts();
        let document = Document {
            schema: SCHEMA,
            tool: Tool::default(),
            now: run.now.to_string(),
            rulebook: &run.rulebook,
            complete: run.complete(),
            summary: Summary {
                drafts: run.drafts,
                errors: counts.errors,
                warnings: counts.warnings,
                notes: counts.notes,
                waived: run.waived.len(),
                baselined: run.baselined,
                not_checked: run
                    .not_checked
                    .iter()
                    .map(|entry| NotCheckedWire {
                        rule: &entry.rule,
                        reason: &entry.reason,
                    })
                    .collect(),
            },
            findings: run.shown().map(FindingWire::from).collect(),
            problems: run.problems.iter().map(ProblemWire::from).collect(),
        };
        writeln!(out, "{}", safe(&serde_json::to_string_pretty(&document)?))
    }
}

impl Report for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn about(&self) -> &'static str {
        "one JSON object a finding, a line each"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        write_lines(run.shown(), out)
    }
}

/// Writes one JSON object a finding, a line each.
///
/// # Errors
///
/// If `out` cannot be written.
pub fn lines(findings: &[Finding], out: &mut dyn io::Write) -> io::Result<()> {
    write_lines(findings.iter().map(|finding| (finding, None)), out)
}

fn write_lines<'r>(
    shown: impl Iterator<Item = (&'r Finding, Option<&'r Waived>)>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in shown {
        let wire = FindingWire::from(finding);
        writeln!(out, "{}", safe(&serde_json::to_string(&wire)?))?;
    }
    Ok(())
}

/// The findings as a JSON array on one line.
pub fn array(findings: &[Finding]) -> String {
    let wire: Vec<FindingWire<'_>> = findings.iter().map(FindingWire::from).collect();
    // Plain structs of text and numbers always serialise.
    safe(&serde_json::to_string(&wire).unwrap_or_default())
}

/// Writes characters that would act on a terminal as JSON escapes: the same document to a program.
pub(super) fn safe(json: &str) -> String {
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
