//! `JUnit`'s XML, for viewers of test results: a suite a file, a case a finding; a file without any
//! is one case that passes.

use std::collections::BTreeMap;
use std::io;

use super::xml::{close, escaped, open};
use super::{Look, Report, Run};
use crate::engine::Finding;
use crate::policy::Severity;
use crate::text::Problem;

/// The format.
#[derive(Debug)]
pub(super) struct Junit;

/// What there is to say about a file.
#[derive(Default)]
struct Suite<'r> {
    findings: Vec<&'r Finding>,
    problems: Vec<&'r Problem>,
}

impl Suite<'_> {
    fn cases(&self) -> usize {
        (self.findings.len() + self.problems.len()).max(1)
    }

    /// A note is told and fails nothing.
    fn failures(&self) -> usize {
        let fails = |finding: &&&Finding| finding.severity > Severity::Note;
        self.findings.iter().filter(fails).count()
    }
}

impl Report for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "JUnit's XML"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let mut suites: BTreeMap<&str, Suite<'_>> = BTreeMap::new();
        for path in &run.files {
            suites.entry(path).or_default();
        }
        for finding in &run.findings {
            let suite = suites.entry(finding.source.name()).or_default();
            suite.findings.push(finding);
        }
        for problem in &run.problems {
            let path = problem.path.as_deref().unwrap_or(env!("CARGO_PKG_NAME"));
            suites.entry(path).or_default().problems.push(problem);
        }
        let total = |count: &dyn Fn(&Suite<'_>) -> usize| {
            let counts = suites.values().map(count);
            counts.sum::<usize>().to_string()
        };
        let counts = [
            ("name", env!("CARGO_PKG_NAME")),
            ("tests", &*total(&|suite| suite.cases())),
            ("failures", &*total(&|suite| suite.failures())),
            ("errors", &*total(&|suite| suite.problems.len())),
        ];
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        open(out, 0, "testsuites", &counts, ">")?;
        for (path, suite) in &suites {
            write_suite(out, path, suite)?;
        }
        close(out, 0, "testsuites")
    }
}

fn write_suite(out: &mut dyn io::Write, path: &str, suite: &Suite<'_>) -> io::Result<()> {
    let counts = [
        ("name", path),
        ("tests", &*suite.cases().to_string()),
        ("failures", &*suite.failures().to_string()),
        ("errors", &*suite.problems.len().to_string()),
    ];
    open(out, 1, "testsuite", &counts, ">")?;
    if suite.findings.is_empty() && suite.problems.is_empty() {
        let case = [("name", "nothing to change"), ("classname", path)];
        open(out, 2, "testcase", &case, "/>")?;
    }
    for finding in &suite.findings {
        let place = finding.source.location(finding.span).to_string();
        let name = format!("{} {place}", finding.rule);
        let case = [("name", &*name), ("classname", path)];
        open(out, 2, "testcase", &case, ">")?;
        let title = format!("{} {}", finding.clause.id, finding.clause.title);
        let element = match finding.severity {
            Severity::Note => "system-out",
            _ => "failure",
        };
        let attributes = [
            ("message", &*finding.message),
            ("type", finding.severity.as_str()),
        ];
        let attributes = match finding.severity {
            Severity::Note => &[][..],
            _ => &attributes[..],
        };
        open(out, 3, element, attributes, ">")?;
        writeln!(out, "{}", escaped(&format!("{path}:{place}: {title}")))?;
        writeln!(out, "{}", escaped(&finding.message))?;
        if let Some(advice) = &finding.clause.advice {
            writeln!(out, "{}", escaped(advice))?;
        }
        close(out, 3, element)?;
        close(out, 2, "testcase")?;
    }
    for problem in &suite.problems {
        let case = [("name", &*problem.code), ("classname", path)];
        open(out, 2, "testcase", &case, ">")?;
        let message = format!("not checked: {}", problem.message);
        let error = [("message", &*message), ("type", &*problem.code)];
        open(out, 3, "error", &error, ">")?;
        if let Some(help) = &problem.help {
            writeln!(out, "{}", escaped(help))?;
        }
        close(out, 3, "error")?;
        close(out, 2, "testcase")?;
    }
    close(out, 1, "testsuite")
}
