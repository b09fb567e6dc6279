//! Checkstyle's XML, which many viewers of builds read.

use std::collections::BTreeMap;
use std::io;

use super::place::Lines;
use super::xml::{close, open};
use super::{Look, Report, Run};
use crate::policy::Severity;

/// The format.
#[derive(Debug)]
pub(super) struct Checkstyle;

/// Line, column, severity, message, source.
type Row<'r> = (usize, usize, &'static str, String, &'r str);

impl Report for Checkstyle {
    fn name(&self) -> &'static str {
        "checkstyle"
    }

    fn about(&self) -> &'static str {
        "Checkstyle's XML"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let mut files: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
        for finding in &run.findings {
            let lines = Lines::of(&finding.source, finding.span);
            let (line, column) = lines.as_ref().map_or((1, 1), |lines| lines.start);
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "info",
            };
            let place = match &lines {
                Some(_) => String::new(),
                None => format!("{}: ", finding.source.location(finding.span)),
            };
            let message = format!("{place}{} ({})", finding.message, finding.clause.id);
            let rows = files.entry(finding.source.name()).or_default();
            rows.push((line, column, severity, message, &finding.rule));
        }
        for problem in &run.problems {
            let (line, column) = Lines::of_problem(problem).map_or((1, 1), |lines| lines.start);
            let message = format!("not checked: {}", problem.message);
            let rows = files
                .entry(problem.path.as_deref().unwrap_or(""))
                .or_default();
            rows.push((line, column, "error", message, &problem.code));
        }
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        open(out, 0, "checkstyle", &[("version", "10.0")], ">")?;
        for (path, rows) in files {
            open(out, 1, "file", &[("name", path)], ">")?;
            for (line, column, severity, message, source) in rows {
                let attributes = [
                    ("line", &*line.to_string()),
                    ("column", &*column.to_string()),
                    ("severity", severity),
                    ("message", &*message),
                    ("source", source),
                ];
                open(out, 2, "error", &attributes, "/>")?;
            }
            close(out, 1, "file")?;
        }
        close(out, 0, "checkstyle")
    }
}
