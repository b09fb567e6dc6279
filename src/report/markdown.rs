//! Markdown for a comment or the summary of a workflow: a table a file, in the reader's language.
//!
//! Nothing from a draft is markup in it: signs that are get a backslash, and no mention calls anybody.

use std::io;

use super::visible::on_one_line;
use super::words::{Words, counted};
use super::{Look, Report, Run};
use crate::policy::Severity;

/// The format.
#[derive(Debug)]
pub(super) struct Markdown;

/// Findings beyond so many are counted, since what takes comments takes no books.
const MOST: usize = 200;

impl Report for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "Markdown, for a comment"
    }

    fn write(&self, run: &Run, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        let words = Words::of(look.messages);
        writeln!(out, "### Clearpost: {}\n", escaped(&counted(run, words)))?;
        if !run.problems.is_empty() {
            writeln!(out, "**{}**\n", escaped(words.unchecked))?;
            for problem in run.problems.iter().take(MOST) {
                let path = problem.path.as_deref().unwrap_or_default();
                let colon = if path.is_empty() { "" } else { ": " };
                writeln!(
                    out,
                    "- {}{colon}{}",
                    escaped(path),
                    escaped(&problem.message)
                )?;
            }
            writeln!(out)?;
        }
        let mut path = "";
        for (finding, waived) in run.shown().take(MOST) {
            if finding.source.name() != path {
                if !path.is_empty() {
                    writeln!(out)?;
                }
                path = finding.source.name();
                writeln!(out, "#### {}\n", escaped(path))?;
                writeln!(out, "| | | |\n|---|---|---|")?;
            }
            let sign = match (waived, finding.severity) {
                (Some(_), _) => "☑",
                (None, Severity::Error) => "❌",
                (None, Severity::Warning) => "⚠️",
                (None, Severity::Note) => "ℹ️",
            };
            let clause = format!("{} {}", finding.clause.id, finding.clause.title);
            let clause = match &finding.clause.url {
                Some(url) => format!(
                    "[{}](<{}>)",
                    escaped(&clause),
                    url.replace(['<', '>', '|'], "")
                ),
                None => escaped(&clause),
            };
            let advice = finding.clause.advice.as_deref().unwrap_or_default();
            writeln!(
                out,
                "| {sign} {} | {clause} | {}<br>{} |",
                escaped(&finding.source.location(finding.span).to_string()),
                escaped(&finding.message),
                escaped(advice),
            )?;
        }
        let shown = run.shown().count();
        if shown > MOST {
            writeln!(out, "\n… {}", shown - MOST)?;
        }
        Ok(())
    }
}

/// Text without any markup. A mention is parted from its sign by a joiner of no width.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in on_one_line(text).chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '@' => shown.push_str("@\u{2060}"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' => {
                shown.push('\\');
                shown.push(letter);
            }
            letter => shown.push(letter),
        }
    }
    // An address in running text is a link even without brackets.
    shown
        .replace("://", ":\u{2060}//")
        .replace("www.", "www\u{2060}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup_or_calls_anybody() {
        assert_eq!(
            escaped("**a** <img> @team | [x](http://y) `z`\n# h"),
            "\\*\\*a\\*\\* &lt;img&gt; @\u{2060}team \\| \\[x\\]\\(http:\u{2060}//y\\) \\`z\\` \\# h"
        );
    }
}
