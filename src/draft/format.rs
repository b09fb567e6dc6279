//! The formats that drafts come in, and the one place where a format is registered.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{Draft, StatedFacts, markdown, plain};
use crate::text::{Problem, Source};

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `CommonMark` with front matter.
    Markdown,
    /// Text as it is posted.
    Plain,
}

/// What the caller knows about a file.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Facts stated by flags and configuration.
    pub stated: StatedFacts,
    /// Channels that the configuration adds.
    pub channels: Vec<String>,
    /// The zone of dates without one.
    pub zone: TimeZone,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            stated: StatedFacts::default(),
            channels: Vec::new(),
            zone: TimeZone::UTC,
        }
    }
}

impl Format {
    /// Every format with its name and its file extensions.
    pub const ALL: [(Self, &'static str, &'static [&'static str]); 2] = [
        (Self::Markdown, "md", &["md", "markdown", "mdx"]),
        (Self::Plain, "txt", &["txt"]),
    ];

    /// Extensions of drafts that there is no reader for yet: in a folder they are a problem, and not
    /// passed over.
    pub const UNREAD: [&str; 6] = ["html", "htm", "srt", "vtt", "docx", "eml"];

    /// The format of files with this extension, in any case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, _, known)| known.iter().any(|k| k.eq_ignore_ascii_case(extension)))
            .map(|(format, _, _)| *format)
    }

    /// The format of text without a name: Markdown if it starts with front matter.
    pub fn of_content(text: &str) -> Self {
        if super::front_matter::starts(text) {
            Self::Markdown
        } else {
            Self::Plain
        }
    }
}

/// Reads all drafts of a file. Problems are what could not be read of it; the rest is returned.
pub fn read(
    source: &Arc<Source>,
    format: Format,
    options: &ReadOptions,
    problems: &mut Vec<Problem>,
) -> Vec<Draft> {
    match format {
        Format::Markdown => markdown::read(source, options, problems),
        Format::Plain => plain::read(source, options, problems),
    }
}
