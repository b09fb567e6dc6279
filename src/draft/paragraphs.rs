//! Paragraphs and lines of plain text, whatever its line ends.

use std::ops::Range;

/// Paragraphs of `range`: runs of lines between blank ones, without white space at the edges.
pub(super) fn paragraphs(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for line in lines(text, range) {
        if text[line.clone()].trim().is_empty() {
            open = false;
        } else if open && let Some(last) = found.last_mut() {
            last.end = line.end;
        } else {
            found.push(line);
            open = true;
        }
    }
    found
        .into_iter()
        .map(|paragraph| trim(text, paragraph))
        .collect()
}

/// `range` without white space at its edges.
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start.min(range.end)..start.max(range.start + part.trim_end().len())
}

/// Lines of `range` with their ends: LF, CRLF or a lone CR.
pub(super) fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let rest = &text[at..range.end];
        if rest.is_empty() {
            return None;
        }
        let len = match rest.find(['\n', '\r']) {
            Some(end) if rest[end..].starts_with("\r\n") => end + 2,
            Some(end) => end + 1,
            None => rest.len(),
        };
        at += len;
        Some(at - len..at)
    })
}
