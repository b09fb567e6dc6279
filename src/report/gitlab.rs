//! Code Quality of GitLab: <https://docs.gitlab.com/ci/testing/code_quality/>.

use std::collections::HashMap;
use std::io;

use serde::Serialize;

use super::json::safe;
use super::place::Lines;
use super::{Look, Report, Run};
use crate::policy::Severity;

/// The format.
#[derive(Debug)]
pub(super) struct Gitlab;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'r str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Begin,
}

#[derive(Serialize)]
struct Begin {
    begin: usize,
}

impl Report for Gitlab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn about(&self) -> &'static str {
        "Code Quality of GitLab"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        // GitLab keeps one issue of each fingerprint, whatever its file.
        let mut unique = |parts: [&str; 3]| {
            let joined = parts.join("\0");
            let number = seen.entry(joined.clone()).or_default();
            *number += 1;
            blake3::hash(format!("{joined}\0{number}").as_bytes()).to_hex()[..32].to_owned()
        };
        let findings = run.findings.iter().map(|finding| Issue {
            description: format!(
                "{} {}: {}",
                finding.clause.id, finding.clause.title, finding.message
            ),
            check_name: &finding.rule,
            fingerprint: unique([&finding.rule, finding.source.name(), &finding.fingerprint]),
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            location: Location {
                path: finding.source.name(),
                lines: Begin {
                    begin: Lines::of(&finding.source, finding.span)
                        .map_or(1, |lines| lines.start.0),
                },
            },
        });
        let mut issues: Vec<Issue<'_>> = findings.collect();
        issues.extend(run.problems.iter().map(|problem| Issue {
            description: format!("not checked: {}", problem.message),
            check_name: &problem.code,
            fingerprint: unique([
                &problem.code,
                problem.path.as_deref().unwrap_or("."),
                &problem.message,
            ]),
            severity: "blocker",
            location: Location {
                path: problem.path.as_deref().unwrap_or("."),
                lines: Begin {
                    begin: Lines::of_problem(problem).map_or(1, |lines| lines.start.0),
                },
            },
        }));
        writeln!(out, "{}", safe(&serde_json::to_string_pretty(&issues)?))
    }
}
