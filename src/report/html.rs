//! One page for people, with everything in it: the findings of each file with the lines they are in,
//! and a filter by severity, clause and words.
//!
//! The page loads nothing and runs nothing but its own few lines; without them it shows all.

use std::collections::BTreeSet;
use std::io;

use super::place::Lines;
use super::visible::visible;
use super::words::{Words, counted};
use super::{Look, Report, Run};
use crate::engine::Finding;
use crate::policy::Severity;
use crate::text::{Source, Span};

/// The format.
#[derive(Debug)]
pub(super) struct Html;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Characters of a line that are shown before and behind the words at fault.
const AROUND: usize = 160;

impl Report for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "one page for people, with a filter"
    }

    fn write(&self, run: &Run, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let words = Words::of(look.messages);
        let title = escaped(&counted(run, words));
        writeln!(
            out,
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>Clearpost: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Clearpost</h1>\n<p>{title}</p>",
            look.messages
        )?;
        if !run.problems.is_empty() {
            writeln!(out, "<h2>{}</h2>\n<ul>", escaped(words.unchecked))?;
            for problem in &run.problems {
                let path = problem.path.as_deref().unwrap_or_default();
                let help = problem.help.as_deref().unwrap_or_default();
                writeln!(
                    out,
                    "<li><b>{}</b> {} <span class=\"where\">{}</span></li>",
                    escaped(path),
                    escaped(&problem.message),
                    escaped(help)
                )?;
            }
            writeln!(out, "</ul>")?;
        }
        form(run, words, out)?;
        let mut path = None;
        for (finding, waived) in run.shown() {
            let name = finding.source.name();
            if path != Some(name) {
                if path.is_some() {
                    writeln!(out, "</section>")?;
                }
                path = Some(name);
                let shown = escaped(name);
                writeln!(
                    out,
                    "<section class=\"file\" data-path=\"{shown}\">\n<h2>{shown}</h2>"
                )?;
            }
            article(finding, waived.is_some(), words, out)?;
        }
        if path.is_some() {
            writeln!(out, "</section>")?;
        }
        writeln!(
            out,
            "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
        )
    }
}

fn form(run: &Run, words: &Words, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<form hidden>\n<label>{}<select name=\"severity\"><option value=\"\">–</option>",
        escaped(words.severity)
    )?;
    for (severity, name) in [
        (Severity::Error, words.errors.1),
        (Severity::Warning, words.warnings.1),
        (Severity::Note, words.notes.1),
    ] {
        let value = severity.as_str();
        writeln!(out, "<option value=\"{value}\">{}</option>", escaped(name))?;
    }
    writeln!(
        out,
        "</select></label>\n<label>{}<select name=\"clause\"><option value=\"\">–</option>",
        escaped(words.clause)
    )?;
    let clauses: BTreeSet<(&str, &str)> = run
        .shown()
        .map(|(finding, _)| (finding.clause.id.as_str(), finding.clause.title.as_str()))
        .collect();
    for (id, title) in clauses {
        let (id, title) = (escaped(id), escaped(title));
        writeln!(out, "<option value=\"{id}\">{id} {title}</option>")?;
    }
    writeln!(
        out,
        "</select></label>\n<label>{}<input type=\"search\" name=\"words\"></label>\n<output aria-live=\"polite\"></output>\n</form>",
        escaped(words.search)
    )
}

fn article(
    finding: &Finding,
    waived: bool,
    words: &Words,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let clause = &finding.clause;
    let title = format!("{} {}", clause.id, clause.title);
    // Only an address that leads to a page is a link.
    let url = clause.url.as_deref().filter(|url| {
        ["https://", "http://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
    });
    let title = match url {
        Some(url) => format!("<a href=\"{}\">{}</a>", escaped(url), escaped(&title)),
        None => escaped(&title),
    };
    let severity = finding.severity.as_str();
    let word = match (waived, finding.severity) {
        (true, _) => words.waived,
        (false, Severity::Error) => words.errors.0,
        (false, Severity::Warning) => words.warnings.0,
        (false, Severity::Note) => words.notes.0,
    };
    writeln!(
        out,
        "<article class=\"{severity}\" data-clause=\"{}\">\n<h3>{}: {title}</h3>\n<p>{}</p>",
        escaped(clause.id.as_str()),
        escaped(word),
        escaped(&finding.message)
    )?;
    writeln!(out, "<pre>{}</pre>", excerpt(&finding.source, finding.span))?;
    if let Some(advice) = &clause.advice {
        writeln!(out, "<p>{}</p>", escaped(advice))?;
    }
    if let Some(fix) = finding.fixes.first() {
        writeln!(
            out,
            "<p>{}: <q>{}</q></p>",
            escaped(words.replace),
            escaped(&fix.replace)
        )?;
    }
    writeln!(
        out,
        "<details><summary>{}</summary><blockquote>{}</blockquote></details>",
        escaped(words.policy),
        escaped(&clause.text)
    )?;
    let place = match Lines::of(&finding.source, finding.span) {
        Some(lines) => format!("{}:{}", lines.start.0, lines.start.1),
        None => finding.source.location(finding.span).to_string(),
    };
    let owner = clause.owner.as_deref().unwrap_or_default();
    let ask = if owner.is_empty() { "" } else { words.ask };
    writeln!(
        out,
        "<p class=\"where\">{} · {} {} {}</p>\n</article>",
        escaped(&place),
        escaped(&finding.rule),
        escaped(ask),
        escaped(owner)
    )
}

/// The words at fault with what stands around them in their lines.
fn excerpt(source: &Source, span: Span) -> String {
    let text = source.text();
    let line_start = text[..span.start()]
        .rfind(['\n', '\r'])
        .map_or(0, |at| at + 1);
    let line_end = text[span.end()..]
        .find(['\n', '\r'])
        .map_or(text.len(), |at| span.end() + at);
    let from = text[line_start..span.start()]
        .char_indices()
        .rev()
        .nth(AROUND)
        .map(|(at, _)| line_start + at);
    let to = text[span.end()..line_end]
        .char_indices()
        .nth(AROUND)
        .map(|(at, _)| span.end() + at);
    format!(
        "{}{}<mark>{}</mark>{}{}",
        if from.is_some() { "…" } else { "" },
        escaped(&text[from.unwrap_or(line_start)..span.start()]),
        escaped(&text[span.range()]),
        escaped(&text[span.end()..to.unwrap_or(line_end)]),
        if to.is_some() { "…" } else { "" },
    )
}

/// Text without markup.
pub(crate) fn escaped(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_the_line_and_marks_the_words() {
        let source = Source::from_text("d.md", "one\na <b>bad</b> & \"word\"\nthree");
        let span = Span::new(source.text(), 9..12).unwrap();
        assert_eq!(
            excerpt(&source, span),
            "a &lt;b&gt;<mark>bad</mark>&lt;/b&gt; &amp; &quot;word&quot;"
        );
        let long = format!("{}bad{}", "x".repeat(500), "y".repeat(500));
        let source = Source::from_text("d.md", &long);
        let span = Span::new(source.text(), 500..503).unwrap();
        let shown = excerpt(&source, span);
        assert!(shown.starts_with("…x") && shown.ends_with("y…") && shown.len() < 400);
    }
}
