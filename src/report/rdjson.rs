//! `rdjson` of reviewdog, for comments in a review:
//! <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.
//!
//! Its columns count bytes of UTF-8, from 1.

use std::io;

use serde::Serialize;

use super::json::safe;
use super::place::Lines;
use super::{Look, Report, Run};
use crate::policy::Severity;
use crate::text::{Source, Span};

/// The format.
#[derive(Debug)]
pub(super) struct Rdjson;

#[derive(Serialize)]
struct Document<'r> {
    source: SourceWire,
    diagnostics: Vec<Diagnostic<'r>>,
}

#[derive(Serialize)]
struct SourceWire {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'r> {
    message: String,
    location: Location<'r>,
    severity: &'static str,
    code: Code<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'r>>,
}

#[derive(Serialize)]
struct Code<'r> {
    value: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'r str>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Suggestion<'r> {
    range: Range,
    text: &'r str,
}

impl Range {
    fn of(source: &Source, span: Span) -> Option<Self> {
        let lines = Lines::of(source, span)?;
        let column = |at: usize| {
            let line = source.text()[..at]
                .rfind(['\n', '\r'])
                .map_or(0, |end| end + 1);
            at - line + 1
        };
        Some(Self {
            start: Position {
                line: lines.start.0,
                column: column(span.start()),
            },
            end: Position {
                line: lines.end.0,
                column: column(span.end()),
            },
        })
    }
}

impl Report for Rdjson {
    fn name(&self) -> &'static str {
        "rdjson"
    }

    fn about(&self) -> &'static str {
        "reviewdog"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let findings = run.findings.iter().map(|finding| Diagnostic {
            message: match &finding.clause.advice {
                Some(advice) => format!("{}\n{advice}", finding.message),
                None => finding.message.clone(),
            },
            location: Location {
                path: finding.source.name(),
                range: Range::of(&finding.source, finding.span),
            },
            severity: match finding.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Note => "INFO",
            },
            code: Code {
                value: &finding.rule,
                url: finding.clause.url.as_deref(),
            },
            suggestions: finding
                .fixes
                .iter()
                .filter_map(|fix| {
                    Some(Suggestion {
                        range: Range::of(&finding.source, fix.span)?,
                        text: &fix.replace,
                    })
                })
                .collect(),
        });
        let problems = run.problems.iter().map(|problem| Diagnostic {
            message: format!("not checked: {}", problem.message),
            location: Location {
                path: problem.path.as_deref().unwrap_or(""),
                range: problem
                    .place
                    .as_ref()
                    .and_then(|place| Range::of(&place.source, place.span)),
            },
            severity: "ERROR",
            code: Code {
                value: &problem.code,
                url: None,
            },
            suggestions: Vec::new(),
        });
        let document = Document {
            source: SourceWire {
                name: env!("CARGO_PKG_NAME"),
                url: "https://clearpost.dev",
            },
            diagnostics: findings.chain(problems).collect(),
        };
        writeln!(out, "{}", safe(&serde_json::to_string(&document)?))
    }
}
