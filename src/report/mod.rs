//! What a run found, shown: one file a format.
//!
//! Formats that programs read have their own structs, so that renaming a field inside breaks
//! nobody. Nothing here decides anything.

mod checkstyle;
mod compact;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod place;
#[cfg(feature = "cli")]
mod pretty;
mod rdjson;
mod sarif;
#[cfg(feature = "cli")]
mod snippet;
mod statistics;
mod visible;
#[cfg(feature = "cli")]
mod waivers;
mod words;
mod xml;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::{Finding, NotChecked, Waived};
use crate::policy::Severity;
#[cfg(feature = "cli")]
use crate::text::Remark;
use crate::text::{Lang, Problem};

#[cfg(feature = "cli")]
pub(crate) use html::escaped as html_escaped;
pub use json::{array as json_array, lines as jsonl};
pub use statistics::statistics;
pub use visible::visible;
#[cfg(feature = "cli")]
pub use waivers::{List, Row, State};

/// A way to show what a run found.
pub trait Report: Debug + Sync {
    /// Its name, as people type it.
    fn name(&self) -> &'static str;

    /// What it is, in a few words.
    fn about(&self) -> &'static str;

    /// Writes what was found.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    fn write(&self, run: &Run, look: &Look, out: &mut dyn io::Write) -> io::Result<()>;

    /// How the run itself is told of beside it.
    fn beside(&self) -> Beside {
        Beside::Lines { closing: false }
    }
}

/// How problems, remarks and the closing words go beside a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// As people read them, the closing words at the end of the report itself.
    Pretty,
    /// The same, told in sentences.
    Narrated,
    /// A line each on standard error.
    Lines {
        /// Whether the closing words go there as well.
        closing: bool,
    },
}

/// A format in the registry.
#[derive(Clone, Copy, Debug)]
pub struct Format(&'static dyn Report);

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }
}

impl Eq for Format {}

impl Format {
    /// The draft's lines with the words at fault underlined.
    #[cfg(feature = "cli")]
    pub const PRETTY: Self = Self(&pretty::Pretty);
    /// One JSON document.
    pub const JSON: Self = Self(&json::Json);
    /// One JSON object a finding, a line each.
    pub const JSONL: Self = Self(&json::Jsonl);
    /// One line a finding.
    pub const COMPACT: Self = Self(&compact::Compact);
    /// Annotations of GitHub Actions.
    pub const GITHUB: Self = Self(&github::Github);
    /// Code Quality of GitLab.
    pub const GITLAB: Self = Self(&gitlab::Gitlab);
    /// Markdown for a comment.
    pub const MARKDOWN: Self = Self(&markdown::Markdown);

    /// All of them.
    pub const ALL: &'static [Self] = &[
        #[cfg(feature = "cli")]
        Self::PRETTY,
        #[cfg(feature = "cli")]
        Self(&pretty::Narrated),
        Self::COMPACT,
        Self::JSON,
        Self::JSONL,
        Self(&sarif::Sarif),
        Self::GITHUB,
        Self::GITLAB,
        Self(&junit::Junit),
        Self(&checkstyle::Checkstyle),
        Self(&rdjson::Rdjson),
        Self(&html::Html),
        Self::MARKDOWN,
    ];

    /// The format with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What it is, in a few words.
    pub fn about(self) -> &'static str {
        self.0.about()
    }

    /// How the run itself is told of beside it.
    pub fn beside(self) -> Beside {
        self.0.beside()
    }
}

/// How a terminal, or what stands in for it, shows things.
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
    /// The files that were looked at, in order.
    pub files: Vec<String>,
    /// What rules are for, by name, in the reader's language.
    pub descriptions: BTreeMap<Arc<str>, String>,
    /// In the order of path, span, rule.
    pub findings: Vec<Finding>,
    /// What a waiver lets through, each with the number of findings that stand before it.
    pub waived: Vec<(usize, Waived)>,
    /// How many findings were accepted before, and are not among these.
    pub baselined: usize,
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

    /// What a rule is for, if its pack says so.
    pub fn described(&self, rule: &str) -> Option<&str> {
        self.descriptions.get(rule).map(String::as_str)
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
pub fn findings(run: &Run, format: Format, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    format.0.write(run, look, out)
}

/// Writes a list of waivers, as JSON or for people.
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
    if format == Format::JSON {
        waivers::json(list, out)
    } else {
        waivers::pretty(list, look, out)
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
    beside: Beside,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match beside {
        Beside::Pretty | Beside::Narrated => pretty::problems(problems, beside, look, out),
        Beside::Lines { .. } => compact::problems(problems, out),
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
    beside: Beside,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match beside {
        Beside::Pretty | Beside::Narrated => pretty::remarks(remarks, beside, look, out),
        Beside::Lines { .. } => compact::remarks(remarks, out),
    }
}

/// The closing words: counts, and what could not be looked at.
pub fn closing(run: &Run, look: &Look) -> String {
    words::closing(run, look)
}
