//! The lines of a file around some labels, cut and made safe for showing.
//!
//! miette walks its source from the first byte for every label, prints lines of any length and
//! panics past column 65,535. It therefore never gets a file, only a [`Snippet`]: a few short lines
//! with labels moved to fit, which know the line and column they stand for.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::visible::{acts, on_one_line};
use crate::text::{Source, Span};

/// A label that has met none of its bytes yet: the empty range that any byte widens.
const UNPLACED: (usize, usize) = (usize::MAX, 0);

/// Columns that a line's number and frame take.
const GUTTER: usize = 10;

/// A label shows at most so many lines.
const MOST_LINES: usize = 6;

/// A few lines of a file with labels on them.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// Line of the file at which `text` starts, from 0.
    first_line: usize,
    /// Each label's bytes in `text`, and its line and column in the file, from 0.
    labels: Vec<((usize, usize), (usize, usize))>,
}

impl Snippet {
    /// Cuts the lines around `spans`, which are in order, out of `source`, for a page of `width`
    /// columns.
    pub(super) fn new(source: &Source, spans: &[Span], width: usize) -> Self {
        let room = room(width);
        let first = spans
            .first()
            .map_or(1, |span| source.line_col(span.start()).0);
        let last = spans
            .iter()
            .map(|span| {
                source
                    .line_col(span.end())
                    .0
                    .min(source.line_col(span.start()).0 + MOST_LINES)
            })
            .max();
        let last = last.unwrap_or(1);
        let part = spans
            .first()
            .and_then(|span| source.shown_part(span.start()));
        let holds = |line: usize| part.as_ref().is_none_or(|part| part.lines.contains(&line));
        // The number that a line is shown with, from 0.
        let shown = |line: usize| {
            part.as_ref().map_or(line - 1, |part| {
                (line - 1 + part.shown_first).saturating_sub(*part.lines.start())
            })
        };
        let before = first.saturating_sub(1);
        let from = match source.line_range(before) {
            Some(_) if holds(before) => before,
            _ => first,
        };
        let mut snippet = Self {
            name: on_one_line(part.as_ref().map_or(source.name(), |part| &part.name)),
            text: String::new(),
            first_line: shown(from),
            labels: spans
                .iter()
                .map(|span| {
                    let (line, column) = source.line_col(span.start());
                    (UNPLACED, (shown(line), column - 1))
                })
                .collect(),
        };
        for line in (from..=last + 1).filter(|line| holds(*line)) {
            let Some(range) = source.line_range(line) else {
                break;
            };
            // A context line that says nothing is left out at the end.
            if line > last && source.text()[range.clone()].trim().is_empty() {
                break;
            }
            if line > from {
                snippet.text.push('\n');
            }
            snippet.add_line(source, &range, spans, room);
        }
        for (bytes, _) in &mut snippet.labels {
            if *bytes == UNPLACED {
                *bytes = (snippet.text.len(), snippet.text.len());
            }
        }
        snippet
    }

    /// The place of the label with this number.
    pub(super) fn label(&self, number: usize) -> Range<usize> {
        {
            let (start, end) = self.labels[number].0;
            start..end
        }
    }

    fn add_line(&mut self, source: &Source, line: &Range<usize>, spans: &[Span], room: usize) {
        let text = &source.text()[line.clone()];
        let short = text.len() <= room || text.chars().nth(room).is_none();
        let window = if short {
            line.clone()
        } else {
            window(source.text(), line, spans, room)
        };
        if window.start > line.start {
            self.text.push('…');
        }
        let touched: Vec<usize> = (0..spans.len())
            .filter(|number| {
                spans[*number].start() <= window.end && spans[*number].end() >= window.start
            })
            .collect();
        let mut at = window.start;
        for letter in source.text()[window.clone()].chars() {
            self.mark(spans, &touched, at);
            if acts(letter) {
                self.text.extend(letter.escape_unicode());
            } else {
                self.text.push(letter);
            }
            at += letter.len_utf8();
        }
        self.mark(spans, &touched, at);
        if window.end < line.end {
            self.text.push('…');
        }
    }

    /// Notes that byte `at` of the file has come to stand at the end of the text.
    fn mark(&mut self, spans: &[Span], touched: &[usize], at: usize) {
        for number in touched {
            let (span, label) = (spans[*number], &mut self.labels[*number].0);
            if span.start() <= at && at <= span.end() {
                label.0 = label.0.min(self.text.len());
                label.1 = label.1.max(self.text.len());
            }
        }
    }
}

/// Characters of a line that fit on a page of `width` columns.
fn room(width: usize) -> usize {
    width.saturating_sub(GUTTER).max(30)
}

/// The part of a long line that is shown, `room` characters at the most: the labels it holds with
/// as much on either side as fits, or its start.
fn window(text: &str, line: &Range<usize>, spans: &[Span], room: usize) -> Range<usize> {
    let inside = |span: &&Span| span.start() < line.end && line.start <= span.start();
    let start = spans
        .iter()
        .find(inside)
        .map_or(line.start, |span| span.start());
    let end = spans
        .iter()
        .filter(inside)
        .map(|span| span.end())
        .max()
        .unwrap_or(start);
    let end = end.min(line.end);
    // Two characters are kept for the marks of what was cut.
    let room = room - 2;
    let labels = text[start..end].chars().take(room).count();
    let left = text[line.start..start].chars().rev().take(room).count();
    let right = text[end..line.end].chars().take(room).count();
    let free = room - labels;
    let before = left.min((free / 2).max(free.saturating_sub(right)));
    let first = text[line.start..start]
        .char_indices()
        .rev()
        .take(before)
        .last()
        .map_or(start, |(at, _)| line.start + at);
    let last = text[first..line.end]
        .char_indices()
        .nth(room)
        .map_or(line.end, |(at, _)| first + at);
    first..last
}

/// Whether two spans can share a snippet: on the same line, and close enough to be shown together.
pub(super) fn share_a_line(
    source: &Source,
    first: Span,
    last: Span,
    next: Span,
    width: usize,
) -> bool {
    let (line, _) = source.line_col(last.end());
    let (next_line, _) = source.line_col(next.start());
    line == next_line && next.end().saturating_sub(first.start()) <= room(width)
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without context lines miette asks for the place that the header names.
        let (line, column) = if before + after == 0 {
            let wanted = (span.offset(), span.offset() + span.len());
            self.labels
                .iter()
                .find(|(range, _)| *range == wanted)
                .map_or((self.first_line, 0), |(_, place)| *place)
        } else {
            (self.first_line, 0)
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            (0, self.text.len()).into(),
            line,
            column,
            self.text.lines().count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, label: Range<usize>) -> (String, String) {
        let source = Source::from_text("d.md", text);
        let span = Span::new(text, label).unwrap();
        let snippet = Snippet::new(&source, &[span], 100);
        let label = snippet.text[snippet.label(0)].to_owned();
        (snippet.text, label)
    }

    #[test]
    fn a_line_of_context_on_either_side() {
        let (text, label) = shown("a\nb\nc Acme d\ne\nf", 6..10);
        assert_eq!(text, "b\nc Acme d\ne");
        assert_eq!(label, "Acme");
    }

    #[test]
    fn controls_are_escaped_and_labels_move_along() {
        let (text, label) = shown("\u{1b}[2J Ac\u{202e}me", 5..12);
        assert_eq!(text, "\\u{1b}[2J Ac\\u{202e}me");
        assert_eq!(label, "Ac\\u{202e}me");
    }

    #[test]
    fn a_long_line_is_a_short_window() {
        let line = format!("{}Acme{}", "x ".repeat(40_000), " y".repeat(40_000));
        let (text, label) = shown(&line, 80_000..80_004);
        assert_eq!(text.chars().count(), room(100));
        assert!(text.starts_with('…') && text.ends_with('…'));
        assert_eq!(label, "Acme");
    }

    #[test]
    fn a_label_longer_than_its_window_is_cut() {
        let line = "z".repeat(5_000);
        let (text, label) = shown(&line, 0..5_000);
        assert!(text.chars().count() <= room(100));
        assert!(label.len() >= room(100) - 2);
    }

    #[test]
    fn a_match_over_many_lines_shows_its_beginning() {
        let text = "word\n".repeat(40);
        let (text, label) = shown(&text, 0..199);
        assert!(text.lines().count() <= MOST_LINES + 2, "{text}");
        assert!(label.starts_with("word\nword"));
    }
}
