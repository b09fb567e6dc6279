//! SARIF 2.1.0, for code scanning: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.
//!
//! Columns count Unicode code points, as the run says. What a rule with `secret: true` found is in no
//! snippet, since it was taken out of the text before.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde::Serialize;

use super::json::safe;
use super::place::{Lines, uri};
use super::{Look, Report, Run};
use crate::engine::{Finding, Waived};
use crate::policy::Severity;
use crate::text::{Problem, Source};

/// The format.
#[derive(Debug)]
pub(super) struct Sarif;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Under which the fingerprint stands; the number changes when its making does.
const FINGERPRINT: &str = "clearpost/v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [RunWire<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunWire<'r> {
    tool: Tool<'r>,
    invocations: [Invocation<'r>; 1],
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<&'static str, BaseId>,
    results: Vec<ResultWire<'r>>,
}

#[derive(Serialize)]
struct BaseId {
    description: Message<'static>,
}

#[derive(Serialize)]
struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'r> {
    id: &'r str,
    short_description: Message<'r>,
    full_description: Message<'r>,
    help: Message<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'r str>,
    default_configuration: Level,
    properties: RuleProperties<'r>,
}

#[derive(Serialize)]
struct RuleProperties<'r> {
    clause: &'r str,
    policy: &'r str,
}

#[derive(Serialize)]
struct Level {
    level: &'static str,
}

#[derive(Serialize)]
struct Message<'r> {
    text: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'r> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'r>>,
}

#[derive(Serialize)]
struct Notification<'r> {
    level: &'static str,
    message: OwnedMessage,
    descriptor: Descriptor<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
struct Descriptor<'r> {
    id: &'r str,
}

#[derive(Serialize)]
struct OwnedMessage {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultWire<'r> {
    rule_id: &'r str,
    rule_index: usize,
    level: &'static str,
    message: OwnedMessage,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, &'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'r>>,
    suppressions: Vec<Suppression<'r>>,
    properties: ResultProperties<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultProperties<'r> {
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<&'r str>,
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    status: &'static str,
    justification: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    byte_offset: usize,
    byte_length: usize,
    char_offset: usize,
    char_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<OwnedMessage>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'r> {
    description: Message<'r>,
    artifact_changes: [ArtifactChange<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'r> {
    artifact_location: ArtifactLocation,
    replacements: [Replacement<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'r> {
    deleted_region: Region,
    inserted_content: Message<'r>,
}

/// Counts the characters before a byte of a file. Findings come in the order of their files, so each
/// file is read through once.
#[derive(Default)]
struct Characters {
    source: Option<Arc<Source>>,
    byte: usize,
    count: usize,
}

impl Characters {
    fn before(&mut self, source: &Arc<Source>, byte: usize) -> usize {
        let same = self
            .source
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, source));
        if !same || byte < self.byte {
            *self = Self {
                source: Some(Arc::clone(source)),
                ..Self::default()
            };
        }
        self.count += source.text()[self.byte..byte].chars().count();
        self.byte = byte;
        self.count
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn artifact(path: &str) -> ArtifactLocation {
    ArtifactLocation {
        uri: uri(path),
        uri_base_id: "%SRCROOT%",
    }
}

fn location(
    source: &Arc<Source>,
    span: crate::text::Span,
    characters: &mut Characters,
    snippet: bool,
) -> Location {
    let lines = Lines::of(source, span);
    let place = match &lines {
        None => source.location(span).to_string(),
        Some(_) => String::new(),
    };
    let region = lines.map(|lines| Region {
        start_line: lines.start.0,
        start_column: lines.start.1,
        end_line: lines.end.0,
        end_column: lines.end.1,
        byte_offset: lines.bytes.start,
        byte_length: lines.bytes.len(),
        char_offset: characters.before(source, span.start()),
        char_length: source.text()[span.range()].chars().count(),
        snippet: snippet.then(|| OwnedMessage {
            text: source.text()[span.range()].to_owned(),
        }),
    });
    Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact(source.name()),
            region,
        },
        logical_locations: Some(place)
            .filter(|place| !place.is_empty())
            .map(|fully_qualified_name| LogicalLocation {
                fully_qualified_name,
            })
            .into_iter()
            .collect(),
    }
}

fn result<'r>(
    finding: &'r Finding,
    waived: Option<&'r Waived>,
    rule_index: usize,
    characters: &mut Characters,
) -> ResultWire<'r> {
    let text = match &finding.clause.advice {
        Some(advice) => format!("{}\n{advice}", finding.message),
        None => finding.message.clone(),
    };
    let source = &finding.source;
    let here = location(source, finding.span, characters, !finding.secret);
    let related = finding.related.iter();
    let related = related
        .map(|span| location(source, *span, characters, !finding.secret))
        .collect();
    let fixes = finding.fixes.iter().filter_map(|fix| {
        let region = location(source, fix.span, characters, false)
            .physical_location
            .region?;
        Some(Fix {
            description: Message {
                text: if fix.safe {
                    "safe"
                } else {
                    "changes the sense"
                },
            },
            artifact_changes: [ArtifactChange {
                artifact_location: artifact(source.name()),
                replacements: [Replacement {
                    deleted_region: region,
                    inserted_content: Message { text: &fix.replace },
                }],
            }],
        })
    });
    ResultWire {
        rule_id: &finding.rule,
        rule_index,
        level: level(finding.severity),
        message: OwnedMessage { text },
        locations: [here],
        related_locations: related,
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, finding.fingerprint.as_str())]),
        fixes: fixes.collect(),
        suppressions: waived
            .map(|waived| Suppression {
                kind: "inSource",
                status: "accepted",
                justification: waived.by.reason.as_ref().map_or("", |reason| &reason.text),
            })
            .into_iter()
            .collect(),
        properties: ResultProperties {
            scope: finding.scope.to_string(),
            record: finding.record,
            record_id: finding.record_id.as_deref(),
        },
    }
}

fn notification<'r>(problem: &'r Problem, characters: &mut Characters) -> Notification<'r> {
    let text = match &problem.help {
        Some(help) => format!("{}\n{help}", problem.message),
        None => problem.message.clone(),
    };
    let here = match (&problem.place, &problem.path) {
        (Some(place), _) => Some(location(&place.source, place.span, characters, false)),
        (None, Some(path)) => Some(Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact(path),
                region: None,
            },
            logical_locations: Vec::new(),
        }),
        (None, None) => None,
    };
    Notification {
        level: "error",
        message: OwnedMessage { text },
        descriptor: Descriptor { id: &problem.code },
        locations: here.into_iter().collect(),
    }
}

impl Report for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "SARIF 2.1.0, for code scanning"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let mut rules: Vec<Rule<'_>> = Vec::new();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut characters = Characters::default();
        let mut results = Vec::new();
        for (finding, waived) in run.shown() {
            let number = *numbers.entry(&finding.rule).or_insert_with(|| {
                let clause = &finding.clause;
                rules.push(Rule {
                    id: &finding.rule,
                    short_description: Message {
                        text: &clause.title,
                    },
                    full_description: Message {
                        text: run.described(&finding.rule).unwrap_or(&clause.text),
                    },
                    help: Message {
                        text: clause.advice.as_deref().unwrap_or(&clause.text),
                    },
                    help_uri: clause.url.as_deref(),
                    default_configuration: Level {
                        level: level(finding.severity),
                    },
                    properties: RuleProperties {
                        clause: clause.id.as_str(),
                        policy: &clause.policy,
                    },
                });
                rules.len() - 1
            });
            results.push(result(finding, waived, number, &mut characters));
        }
        let log = Log {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [RunWire {
                tool: Tool {
                    driver: Driver {
                        name: env!("CARGO_PKG_NAME"),
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        information_uri: "https://clearpost.dev",
                        rules,
                    },
                },
                invocations: [Invocation {
                    execution_successful: run.complete(),
                    tool_execution_notifications: run
                        .problems
                        .iter()
                        .map(|problem| notification(problem, &mut characters))
                        .collect(),
                }],
                column_kind: "unicodeCodePoints",
                original_uri_base_ids: BTreeMap::from([(
                    "%SRCROOT%",
                    BaseId {
                        description: Message {
                            text: "the folder in which the check ran",
                        },
                    },
                )]),
                results,
            }],
        };
        writeln!(out, "{}", safe(&serde_json::to_string_pretty(&log)?))
    }
}
