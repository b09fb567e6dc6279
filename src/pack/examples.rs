//! Examples of a rule: text in which `[[…]]` marks exactly what the rule has to find.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A text without its marks, and what they marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The text.
    pub text: String,
    /// What has to be found, in order.
    pub marked: Vec<Range<usize>>,
}

/// Marks that do not pair up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum MarkError {
    /// `[[` without `]]`, or an empty pair.
    #[error("`[[` and `]]` do not pair up in this example")]
    #[diagnostic(
        code(clearpost::pack::unpaired_mark),
        help("mark the words that have to be found: [[words]]")
    )]
    Unpaired,
    /// An example of a violation that marks nothing.
    #[error("this example marks nothing to find")]
    #[diagnostic(
        code(clearpost::pack::unmarked_example),
        help("put [[ and ]] around the words that have to be found")
    )]
    Unmarked,
    /// An example of what is fine that marks something.
    #[error("an example of what is allowed marks something to find")]
    #[diagnostic(
        code(clearpost::pack::marked_allowed),
        help("take the [[ and ]] out, or move it to `violates`")
    )]
    Marked,
}

impl Example {
    /// Takes the marks out of `written`.
    ///
    /// # Errors
    ///
    /// If a mark has no partner, or a pair holds nothing.
    pub fn parse(written: &str) -> Result<Self, MarkError> {
        let mut text = String::with_capacity(written.len());
        let mut marked = Vec::new();
        let mut rest = written;
        while let Some((before, inside)) = rest.split_once("[[") {
            let (words, after) = inside.split_once("]]").ok_or(MarkError::Unpaired)?;
            if words.is_empty() || words.contains("[[") || before.contains("]]") {
                return Err(MarkError::Unpaired);
            }
            text.push_str(before);
            let start = text.len();
            text.push_str(words);
            marked.push(start..text.len());
            rest = after;
        }
        if rest.contains("]]") {
            return Err(MarkError::Unpaired);
        }
        text.push_str(rest);
        Ok(Self { text, marked })
    }

    /// The text with its marks.
    pub fn written(&self) -> String {
        let mut written = self.text.clone();
        for range in self.marked.iter().rev() {
            written.insert_str(range.end, "]]");
            written.insert_str(range.start, "[[");
        }
        written
    }

    /// Puts `hidden` in the place of what `secret` ranges of the text say. Marks stay where they
    /// were.
    pub fn veil(&mut self, secret: &[Range<usize>], hidden: &str) {
        let mut ranges = secret.to_vec();
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        for range in merged.iter().rev() {
            self.text.replace_range(range.clone(), hidden);
            let end = range.start + hidden.len();
            let moved = |at: usize, inside: usize| {
                if at >= range.end {
                    at - range.end + end
                } else if at > range.start {
                    inside
                } else {
                    at
                }
            };
            for mark in &mut self.marked {
                *mark = moved(mark.start, range.start)..moved(mark.end, end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_out_and_go_back_in() {
        let written = "Proud of [[Acme]] and [[Beta Corp]]!";
        let example = Example::parse(written).unwrap();
        assert_eq!(example.text, "Proud of Acme and Beta Corp!");
        assert_eq!(example.marked, [9..13, 18..27]);
        assert_eq!(example.written(), written);
        let mut veiled = example.clone();
        veiled.veil(&[9..13, 20..27, 18..22], "•••");
        assert_eq!(veiled.written(), "Proud of [[•••]] and [[•••]]!");
        for bad in ["[[a", "a]]", "[[]]", "[[a [[b]]", "]] [[a]]"] {
            assert_eq!(Example::parse(bad), Err(MarkError::Unpaired), "{bad}");
        }
    }
}
