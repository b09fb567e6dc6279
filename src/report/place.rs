//! Where a finding stands, as formats for programs say it.

use std::ops::Range;

use crate::text::{Location, Problem, Source, Span};

/// A place in a file with lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// Bytes of the file on disk.
    pub(super) bytes: Range<usize>,
    /// Line and column, both from 1.
    pub(super) start: (usize, usize),
    /// The same, behind the last character.
    pub(super) end: (usize, usize),
}

impl Lines {
    /// The lines of a place; `None` in a file that has none, such as a Word document.
    pub(super) fn of(source: &Source, span: Span) -> Option<Self> {
        match source.location(span) {
            Location::File { bytes, start, end } => Some(Self { bytes, start, end }),
            Location::Part(_) => None,
        }
    }

    /// Those of a problem, if it has a place.
    pub(super) fn of_problem(problem: &Problem) -> Option<Self> {
        let place = problem.place.as_ref()?;
        Self::of(&place.source, place.span)
    }
}

/// A path as a relative reference: what is no letter, figure or `-._~/` is percent-encoded.
pub(super) fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("posts/à b#1.md"), "posts/%C3%A0%20b%231.md");
    }
}
