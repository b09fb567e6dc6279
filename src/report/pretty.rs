//! Findings as miette shows them: the draft's lines, the rule, the clause, what to do.
//!
//! Findings on one line share a snippet: the first shows it with all labels, the others follow with
//! their own words.

use std::fmt;
use std::io;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler,
    Severity, SourceCode, ThemeCharacters, ThemeStyles,
};

use super::snippet::{Snippet, share_a_line};
use super::visible::{on_one_line, visible};
use super::words::Words;
use super::{Format, Look, Run};
use crate::engine::Finding;
use crate::policy;
use crate::text::{Problem, Span};

/// What miette is asked to show.
#[derive(Debug)]
struct Shown<'s> {
    code: String,
    url: Option<String>,
    severity: Severity,
    message: String,
    help: Option<String>,
    snippet: Option<&'s Snippet>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.url
            .as_ref()
            .map(|url| Box::new(url) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

/// The two ways in which miette shows a diagnostic.
enum Handler {
    Graphical(Box<GraphicalReportHandler>),
    Narrated(NarratableReportHandler),
}

impl Handler {
    fn new(format: Format, look: &Look) -> Self {
        if format == Format::Narrated {
            return Self::Narrated(NarratableReportHandler::new());
        }
        let characters = if look.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        };
        let styles = if look.color {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
            .with_width(look.width)
            .with_links(look.links)
            .with_context_lines(1);
        Self::Graphical(Box::new(handler))
    }

    fn show(&self, shown: &Shown<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = String::new();
        let done = match self {
            Self::Graphical(handler) => handler.render_report(&mut text, shown),
            Self::Narrated(handler) => handler.render_report(&mut text, shown),
        };
        done.map_err(io::Error::other)?;
        // miette pads wrapped lines; what people copy should not carry blanks at its ends.
        for line in text.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)
    }
}

pub(super) fn findings(
    run: &Run,
    format: Format,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let handler = Handler::new(format, look);
    let mut rest = run.findings.as_slice();
    while let Some(first) = rest.first() {
        let group = rest
            .windows(2)
            .take_while(|pair| share_snippet(first, &pair[0], &pair[1], look))
            .count()
            + 1;
        let (now, later) = rest.split_at(group);
        show_group(&handler, now, look, out)?;
        rest = later;
    }
    if run.show_waived && !run.waived.is_empty() {
        waived(run, look, out)?;
    }
    Ok(())
}

/// What waivers let through and why, in words: it is nothing to change, so it takes no snippets.
fn waived(run: &Run, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    let words = Words::of(look.messages);
    writeln!(out, "{}:", words.let_through)?;
    for (_, waived) in &run.waived {
        let finding = &waived.finding;
        writeln!(
            out,
            "  {}:{} {} ({}): {}",
            on_one_line(finding.source.name()),
            on_one_line(&finding.source.location(finding.span).to_string()),
            finding.rule,
            finding.clause.id,
            on_one_line(&finding.message),
        )?;
        let waiver = &waived.by;
        writeln!(
            out,
            "    {} ({}:{})",
            words.because(waiver),
            on_one_line(waiver.source.name()),
            on_one_line(&waiver.source.location(waiver.at).to_string()),
        )?;
    }
    writeln!(out)
}

fn share_snippet(first: &Finding, last: &Finding, next: &Finding, look: &Look) -> bool {
    std::sync::Arc::ptr_eq(&first.source, &next.source)
        && share_a_line(&first.source, first.span, last.span, next.span, look.width)
}

fn show_group(
    handler: &Handler,
    group: &[Finding],
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let spans: Vec<Span> = group.iter().map(|finding| finding.span).collect();
    let snippet = Snippet::new(&first.source, &spans, look.width);
    let mut labels: Vec<LabeledSpan> = group
        .iter()
        .enumerate()
        .map(|(number, finding)| {
            let range = snippet.label(number);
            LabeledSpan::new(Some(finding.rule.to_string()), range.start, range.len())
        })
        .collect();
    let mut shown: Vec<&Finding> = Vec::new();
    for finding in group {
        // The same rule on the same line: its words once, its labels all.
        if shown
            .iter()
            .any(|before| before.rule == finding.rule && before.message == finding.message)
        {
            continue;
        }
        let known = shown.iter().any(|before| before.rule == finding.rule);
        shown.push(finding);
        let with_snippet = shown.len() == 1;
        handler.show(
            &Shown {
                code: format!("{} {}", finding.clause.id, visible(&finding.clause.title)),
                url: finding.clause.url.clone(),
                severity: severity(finding.severity),
                message: visible(&finding.message).into_owned(),
                help: (!known).then(|| help(finding, look)),
                snippet: with_snippet.then_some(&snippet),
                labels: if with_snippet {
                    std::mem::take(&mut labels)
                } else {
                    Vec::new()
                },
            },
            out,
        )?;
    }
    Ok(())
}

fn help(finding: &Finding, look: &Look) -> String {
    let words = Words::of(look.messages);
    let clause = &finding.clause;
    let mut lines = Vec::new();
    if let Some(advice) = &clause.advice {
        lines.push(advice.clone());
    }
    if let Some(fix) = finding.fixes.first() {
        lines.push(format!("{}: “{}”", words.replace, fix.replace));
    }
    if !clause.text.is_empty() {
        lines.push(format!(
            "{} ({}:{}): “{}”",
            words.policy,
            clause.file,
            clause.line,
            clause.text.replace('\n', " ")
        ));
    }
    if let Some(owner) = &clause.owner {
        lines.push(format!("{}: {owner}", words.ask));
    }
    let text = lines.join("\n");
    let text = if look.unicode {
        text
    } else {
        text.replace(['“', '”'], "\"")
    };
    visible(&text).into_owned()
}

fn severity(severity: policy::Severity) -> Severity {
    match severity {
        policy::Severity::Error => Severity::Error,
        policy::Severity::Warning => Severity::Warning,
        policy::Severity::Note => Severity::Advice,
    }
}

pub(super) fn problems(
    problems: &[Problem],
    format: Format,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let handler = Handler::new(format, look);
    for problem in problems {
        let snippet = problem
            .place
            .as_ref()
            .map(|place| Snippet::new(&place.source, &[place.span], look.width));
        let labels = match (&snippet, &problem.place) {
            (Some(snippet), Some(place)) => {
                let range = snippet.label(0);
                vec![LabeledSpan::new(
                    Some(visible(&place.label).into_owned()),
                    range.start,
                    range.len(),
                )]
            }
            _ => Vec::new(),
        };
        let message = match (&problem.place, &problem.path) {
            (None, Some(path)) if !problem.message.contains(path.as_str()) => {
                format!("{path}: {}", problem.message)
            }
            _ => problem.message.clone(),
        };
        handler.show(
            &Shown {
                code: problem.code.clone(),
                url: None,
                severity: Severity::Error,
                message: visible(&message).into_owned(),
                help: problem
                    .help
                    .as_deref()
                    .map(|help| visible(help).into_owned()),
                snippet: snippet.as_ref(),
                labels,
            },
            out,
        )?;
    }
    Ok(())
}
