//! Workflow commands of GitHub Actions: an annotation on the line of each finding.
//!
//! Whatever comes from a draft is data of a command and never a command: line ends, percent signs
//! and, in properties, colons and commas are written as the runner's own escapes.

use std::io;

use super::place::Lines;
use super::visible::on_one_line;
use super::{Look, Report, Run};
use crate::policy::Severity;

/// The format.
#[derive(Debug)]
pub(super) struct Github;

impl Report for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn about(&self) -> &'static str {
        "annotations of GitHub Actions"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        for (finding, waived) in run.shown() {
            let command = match (waived, finding.severity) {
                (Some(_), _) | (None, Severity::Note) => "notice",
                (None, Severity::Warning) => "warning",
                (None, Severity::Error) => "error",
            };
            let lines = Lines::of(&finding.source, finding.span);
            let title = format!("{} {}", finding.clause.id, finding.clause.title);
            let mut message = finding.message.clone();
            if let Some(advice) = &finding.clause.advice {
                message.push('\n');
                message.push_str(advice);
            }
            message.push('\n');
            message.push_str(&finding.rule);
            let place = lines.is_none().then(|| {
                let place = finding.source.location(finding.span).to_string();
                format!("{place}: {message}")
            });
            write_command(
                out,
                command,
                Some(finding.source.name()),
                lines.as_ref(),
                &title,
                place.as_deref().unwrap_or(&message),
            )?;
        }
        for problem in &run.problems {
            let mut message = problem.message.clone();
            if let Some(help) = &problem.help {
                message.push('\n');
                message.push_str(help);
            }
            let lines = Lines::of_problem(problem);
            let path = problem.path.as_deref();
            write_command(out, "error", path, lines.as_ref(), "not checked", &message)?;
        }
        Ok(())
    }
}

fn write_command(
    out: &mut dyn io::Write,
    command: &str,
    path: Option<&str>,
    lines: Option<&Lines>,
    title: &str,
    message: &str,
) -> io::Result<()> {
    write!(out, "::{command} ")?;
    if let Some(path) = path {
        write!(out, "file={},", property(path))?;
    }
    if let Some(lines) = lines {
        write!(out, "line={},endLine={},", lines.start.0, lines.end.0)?;
        // The runner takes columns only within one line.
        if lines.start.0 == lines.end.0 {
            write!(out, "col={},endColumn={},", lines.start.1, lines.end.1)?;
        }
    }
    writeln!(out, "title={}::{}", property(title), data(message))
}

fn data(text: &str) -> String {
    let shown: Vec<String> = text.lines().map(on_one_line).collect();
    shown.join("\n").replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_command() {
        assert_eq!(
            data("50 %\n::error::x\r::set-output name=a::b"),
            "50 %25%0A::error::x\\u{d}::set-output name=a::b"
        );
        assert_eq!(property("a:b,c\nd"), "a%3Ab%2Cc%0Ad");
    }
}
