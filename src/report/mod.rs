//! What a run found, shown: one file a format.
//!
//! Formats that programs read have their own structs, so that renaming a field inside breaks
//! nobody. Nothing here decides anything.

mod compact;
mod json;
#[cfg(feature = "cli")]
mod pretty;
#[cfg(feature = "cli")]
mod snippet;
mod visible;
#[cfg(feature = "cli")]
mod waivers;
#[cfg(feature = "cli")]
mod words;

#[cfg(feature = "cli")]
use std::io;

use jiff::Timestamp;

use crate::engine::{Finding, NotChecked, Waived};
use crate::policy::Severity;
use crate::text::Problem;
#[cfg(feature = "cli")]
use crate::text::{Lang, Remark};

pub use compact::findings as compact;
pub use json::{array as json_array, document as json, lines as jsonl};
pub use visible::visible;
#[cfg(feature = "cli")]
pub use waivers::{List, Row, State};

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The draft's lines with the words at fault underlined.
    Pretty,
    /// The same told in sentences, for screen readers.
    Narrated,
    /// One line a finding.
    Compact,
    /// One JSON document.
    Json,
    /// One JSON object a finding, a line each.
    Jsonl,
}

impl Format {
    /// Each with its name.
    pub const WORDS: [(&str, Self); 5] = [
        ("pretty", Self::Pretty),
        ("narrated", Self::Narrated),
        ("compact", Self::Compact),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
    ];

    /// The name.
    pub fn as_str(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, format)| *format == self)
            .map_or("", |(word, _)| word)
    }
}

/// How a terminal, or what stands in for it, shows things.
#[cfg(feature = "cli")]
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// With more than ASCII for frames and marks.
    pub unicode: bool,
    /// With addresses as links.
    pub links: bool,
    /// Columns.
    pub width: usize,
    /// The reader's language.
    pub messages: Lang,
}

/// Everything a report shows.
#[derive(Debug)]
pub struct Run {
    /// The instant the run stands for.
    pub now: Timestamp,
    /// The rulebook's hash.
    pub rulebook: String,
    /// How many drafts were checked.
    pub drafts: usize,
    /// In the order of path, span, rule.
    pub findings: Vec<Finding>,
    /// What a waiver lets through, each with the number of findings that stand before it.
    pub waived: Vec<(usize, Waived)>,
    /// Whether what was let through is shown, too.
    pub show_waived: bool,
    /// What could not be checked.
    pub problems: Vec<Problem>,
    /// Rules in force that could not say anything.
    pub not_checked: Vec<NotChecked>,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Run {
    /// Whether everything that was asked for has been checked.
    pub fn complete(&self) -> bool {
        self.problems.is_empty()
    }

    /// What is shown, in order: the findings, and among them what was let through if that is asked
    /// for.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&Finding, Option<&Waived>)> {
        let waived = if self.show_waived {
            self.waived.as_slice()
        } else {
            &[]
        };
        let mut waived = waived.iter().peekable();
        let mut findings = self.findings.iter().enumerate().peekable();
        std::iter::from_fn(move || {
            let at = findings.peek().map_or(usize::MAX, |(number, _)| *number);
            if let Some((_, waived)) = waived.next_if(|(before, _)| *before <= at) {
                return Some((&waived.finding, Some(waived)));
            }
            findings.next().map(|(_, finding)| (finding, None))
        })
    }

    /// How many findings there are of each severity; what was let through does not count.
    pub fn counts(&self) -> Counts {
        let of = |wanted| {
            self.findings
                .iter()
                .filter(|finding| finding.severity == wanted)
                .count()
        };
        Counts {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            notes: of(Severity::Note),
        }
    }
}

/// Writes the findings of `run` in `format`.
///
/// # Errors
///
/// If `out` cannot be written.
#[cfg(feature = "cli")]
pub fn findings(run: &Run, format: Format, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Pretty | Format::Narrated => pretty::findings(run, format, look, out),
        Format::Compact => compact(run, out),
        Format::Json => json(run, out),
        Format::Jsonl => json::shown_lines(run, out),
    }
}

/// Writes a list of waivers, as `json` or for people.
///
/// # Errors
///
/// If `out` cannot be written.
#[cfg(feature = "cli")]
pub fn waivers(
    list: &List,
    format: Format,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Json | Format::Jsonl => waivers::json(list, out),
        Format::Pretty | Format::Narrated | Format::Compact => waivers::pretty(list, look, out),
    }
}

/// Writes what could not be checked, for people.
///
/// # Errors
///
/// If `out` cannot be written.
#[cfg(feature = "cli")]
pub fn problems(
    problems: &[Problem],
    format: Format,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Pretty | Format::Narrated => pretty::problems(problems, format, look, out),
        Format::Compact | Format::Json | Format::Jsonl => compact::problems(problems, out),
    }
}

/// Writes what there is to say about packs, lists and policies, for people.
///
/// # Errors
///
/// If `out` cannot be written.
#[cfg(feature = "cli")]
pub fn remarks(
    remarks: &[Remark],
    format: Format,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Pretty | Format::Narrated => pretty::remarks(remarks, format, look, out),
        Format::Compact | Format::Json | Format::Jsonl => compact::remarks(remarks, out),
    }
}

/// The closing words: counts, and what could not be looked at.
#[cfg(feature = "cli")]
pub fn closing(run: &Run, look: &Look) -> String {
    words::closing(run, look)
}
