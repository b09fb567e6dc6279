//! Findings as miette shows them: the draft's lines, the rule, the clause, what to do.
//!
//! Findings on one line share a snippet: the first shows it with all labels, the others follow with
//! their own words.

use std::fmt;
use std::io;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler,
    Severity, SourceCode, ThemeCharacters, ThemeStyles,
};

use super::snippet::{Snippet, share_a_line};
use super::visible::{on_one_line, visible};
use super::words::Words;
use super::{Beside, Look, Report, Run};
use crate::engine::Finding;
use crate::policy;
use crate::text::{Place, Problem, Remark, Span, Weight};

/// Two places with more lines between them are shown apart.
const MOST_APART: usize = 6;

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
    related: Option<Box<Shown<'s>>>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.code.is_empty()).then(|| Box::new(&self.code) as Box<_>)
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

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let related = self.related.as_deref()?;
        Some(Box::new(std::iter::once(related as &dyn Diagnostic)))
    }
}

/// The two ways in which miette shows a diagnostic.
enum Handler {
    Graphical(Box<GraphicalReportHandler>),
    Narrated(NarratableReportHandler),
}

impl Handler {
    fn new(beside: Beside, look: &Look) -> Self {
        if beside == Beside::Narrated {
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

/// The draft's lines with the words at fault underlined.
#[derive(Debug)]
pub(super) struct Pretty;

/// The same told in sentences, for screen readers.
#[derive(Debug)]
pub(super) struct Narrated;

impl Report for Pretty {
    fn name(&self) -> &'static str {
        "pretty"
    }

    fn about(&self) -> &'static str {
        "lines of the draft with the words at fault underlined"
    }

    fn write(&self, run: &Run, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        findings(run, self.beside(), look, out)
    }

    fn beside(&self) -> Beside {
        Beside::Pretty
    }
}

impl Report for Narrated {
    fn name(&self) -> &'static str {
        "narrated"
    }

    fn about(&self) -> &'static str {
        "the same in sentences, for screen readers"
    }

    fn write(&self, run: &Run, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        findings(run, self.beside(), look, out)
    }

    fn beside(&self) -> Beside {
        Beside::Narrated
    }
}

fn findings(run: &Run, beside: Beside, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    let handler = Handler::new(beside, look);
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
                related: None,
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
        let word = if fix.span.is_empty() {
            words.add
        } else {
            words.replace
        };
        lines.push(format!("{word}: “{}”", fix.replace.trim()));
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
    beside: Beside,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let handler = Handler::new(beside, look);
    for problem in problems {
        let message = match (&problem.place, &problem.path) {
            (None, Some(path)) if !problem.message.contains(path.as_str()) => {
                format!("{path}: {}", problem.message)
            }
            _ => problem.message.clone(),
        };
        let told = Told {
            severity: Severity::Error,
            code: &problem.code,
            message: &message,
            help: problem.help.as_deref(),
            place: problem.place.as_ref(),
            other: None,
        };
        told.show(&handler, look, out)?;
    }
    Ok(())
}

pub(super) fn remarks(
    remarks: &[Remark],
    beside: Beside,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let handler = Handler::new(beside, look);
    for remark in remarks {
        let told = Told {
            severity: match remark.weight {
                Weight::Warning => Severity::Warning,
                Weight::Note => Severity::Advice,
            },
            code: &remark.code,
            message: &remark.message,
            help: remark.help.as_deref(),
            place: Some(&remark.place),
            other: remark.other.as_ref(),
        };
        told.show(&handler, look, out)?;
    }
    Ok(())
}

/// Something about the run and not about a draft.
struct Told<'t> {
    severity: Severity,
    code: &'t str,
    message: &'t str,
    help: Option<&'t str>,
    place: Option<&'t Place>,
    other: Option<&'t Place>,
}

impl Told<'_> {
    fn show(&self, handler: &Handler, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let close = self
            .other
            .filter(|other| self.place.is_some_and(|place| are_close(place, other)));
        let (snippet, labels) = labelled(self.place, close, look);
        // One report of miette has one source: what stands elsewhere follows with its own.
        let apart = self.other.filter(|_| close.is_none());
        let (other_snippet, other_labels) = labelled(apart, None, look);
        let other = apart.map(|other| Shown {
            code: String::new(),
            url: None,
            severity: Severity::Advice,
            message: visible(&other.label).into_owned(),
            help: None,
            snippet: other_snippet.as_ref(),
            labels: other_labels,
            related: None,
        });
        handler.show(
            &Shown {
                code: self.code.to_owned(),
                url: None,
                severity: self.severity,
                message: visible(self.message).into_owned(),
                help: self.help.map(|help| visible(help).into_owned()),
                snippet: snippet.as_ref(),
                labels,
                related: other.map(Box::new),
            },
            out,
        )
    }
}

/// The lines around a place, and around another that is close to it, with their labels.
fn labelled(
    place: Option<&Place>,
    close: Option<&Place>,
    look: &Look,
) -> (Option<Snippet>, Vec<LabeledSpan>) {
    let mut places: Vec<&Place> = place.into_iter().chain(close).collect();
    places.sort_by_key(|place| place.span);
    let Some(first) = places.first() else {
        return (None, Vec::new());
    };
    let spans: Vec<Span> = places.iter().map(|place| place.span).collect();
    let snippet = Snippet::new(&first.source, &spans, look.width);
    let labels = places.iter().enumerate().map(|(number, one)| {
        let range = snippet.label(number);
        let words = Some(visible(&one.label).into_owned());
        // Of two, the header names the one that has to change, wherever it stands.
        if close.is_some() && place.is_some_and(|place| std::ptr::eq(place, *one)) {
            LabeledSpan::new_primary_with_span(words, range)
        } else {
            LabeledSpan::new_with_span(words, range)
        }
    });
    let labels = labels.collect();
    (Some(snippet), labels)
}

/// Whether two places fit on one snippet.
fn are_close(one: &Place, other: &Place) -> bool {
    let line = |place: &Place| place.source.line_col(place.span.start()).0;
    Arc::ptr_eq(&one.source, &other.source) && line(one).abs_diff(line(other)) <= MOST_APART
}
