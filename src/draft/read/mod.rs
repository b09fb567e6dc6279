//! Readers: one file a format, each registered in [`FORMATS`] and nowhere else.
//!
//! A reader turns a file into drafts and says what it could not read; the rest is read all the
//! same. Discovery, `--input-format`, `clearpost formats` and the README follow from what a reader
//! says about itself.

mod cell;
mod columns;
mod csv;
mod dates;
mod docx;
mod eml;
mod fields;
mod front_matter;
mod html;
mod json;
mod markdown;
mod markup;
mod mime;
mod package;
mod pieces;
mod plain;
mod shortcode;
mod subtitles;
mod table;
mod xlsx;
mod yaml;

pub use cell::TextFormat;
pub use columns::{FieldNames, NAMED_ROLES};
pub use dates::DateOrder;
pub use json::{Line, for_each_line};
pub use xlsx::{SheetCells, cells_of_workbook};

use std::fmt::{self, Debug};
use std::io::{self, Read};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{Draft, StatedFacts};
use crate::text::{Encoding, Problem, Source, plain_reason};

/// Every format, in the order in which people are told of them.
pub static FORMATS: [&dyn Reader; 13] = [
    &markdown::Markdown,
    &html::Html,
    &plain::Plain,
    &csv::Csv::Comma,
    &csv::Csv::Tab,
    &json::Json::Document,
    &json::Json::Lines,
    &yaml::Yaml,
    &docx::Docx,
    &xlsx::Xlsx,
    &eml::Mail,
    &subtitles::Subtitles::Srt,
    &subtitles::Subtitles::Vtt,
];

/// A format of drafts.
pub trait Reader: Debug + Sync {
    /// Its name, as `--input-format` takes it.
    fn name(&self) -> &'static str;

    /// File extensions, in lower case.
    fn extensions(&self) -> &'static [&'static str];

    /// What is read of such a file, in a line for people.
    fn about(&self) -> &'static str;

    /// Whether files in a folder are drafts by their extension alone; else `drafts:` in the
    /// configuration names them, or the person who types the path.
    fn is_found_in_folders(&self) -> bool {
        true
    }

    /// Whether text without a name looks like this format.
    fn is_start_of(&self, _text: &str) -> bool {
        false
    }

    /// Whether bytes without a name, which need not be text, are signed as this format.
    fn is_signature_of(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// Reads `file` and hands its drafts to `sink`, a batch at a time if the file is large. Problems
    /// are what could not be read of it.
    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    );
}

/// Takes drafts as they are read; what it returns says whether to go on.
pub type Sink<'s> = &'s mut dyn FnMut(Vec<Draft>) -> Go;

/// Whether a reader should go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// More drafts are welcome.
    On,
    /// Nobody listens any more.
    Stop,
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
    /// What comes first in dates such as `03/04/2026`, where the configuration says so.
    pub date_order: Option<DateOrder>,
    /// How text in cells and fields is written.
    pub text_format: TextFormat,
    /// Names of columns and keys that the configuration settles.
    pub fields: FieldNames,
    /// What knows of raw text whether it is worth taking apart.
    pub skim: Option<Skim>,
}

/// Knows of raw Markdown whether it may hold what anybody looks for: a no is certain. What is not
/// worth taking apart has no segments.
#[derive(Clone)]
pub struct Skim(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl Skim {
    /// Asks `may_hold`.
    pub fn new(may_hold: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(may_hold))
    }

    /// Whether a text is worth taking apart.
    pub fn may_hold(&self, raw: &str) -> bool {
        (self.0)(raw)
    }
}

impl fmt::Debug for Skim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Skim")
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            stated: StatedFacts::default(),
            channels: Vec::new(),
            zone: TimeZone::UTC,
            date_order: None,
            text_format: TextFormat::default(),
            fields: FieldNames::default(),
            skim: None,
        }
    }
}

/// A file that was opened and not yet looked at.
pub struct RawFile<'f> {
    name: String,
    content: Content<'f>,
    fallback: Option<Encoding>,
}

enum Content<'f> {
    Bytes(Vec<u8>),
    Stream(Stream<'f>),
}

struct Stream<'f> {
    start: Box<dyn Read + 'f>,
    again: Option<Reopen<'f>>,
}

/// Opens a file once more, from its start.
type Reopen<'f> = Box<dyn Fn() -> io::Result<Box<dyn Read + 'f>> + 'f>;

impl<'f> RawFile<'f> {
    /// A file whose bytes are at hand, by the name that people know it by.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            content: Content::Bytes(bytes.into()),
            fallback: None,
        }
    }

    /// A file too large to hold at once, or whose size nobody knows.
    pub fn streamed(name: impl Into<String>, content: impl Read + 'f) -> Self {
        Self {
            name: name.into(),
            content: Content::Stream(Stream {
                start: Box::new(content),
                again: None,
            }),
            fallback: None,
        }
    }

    /// Says how to open it once more: tables are looked over for the order of their dates first.
    #[must_use]
    pub fn reopened(mut self, again: impl Fn() -> io::Result<Box<dyn Read + 'f>> + 'f) -> Self {
        if let Content::Stream(stream) = &mut self.content {
            stream.again = Some(Box::new(again));
        }
        self
    }

    /// The same file from its start; one that cannot be opened again is read into memory.
    fn again(&mut self) -> Option<Self> {
        if let Content::Stream(stream) = &mut self.content
            && stream.again.is_none()
        {
            let mut bytes = Vec::new();
            stream.start.read_to_end(&mut bytes).ok()?;
            self.content = Content::Bytes(bytes);
        }
        let content = match &self.content {
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::Stream(stream) => Content::Stream(Stream {
                start: stream.again.as_ref()?().ok()?,
                again: None,
            }),
        };
        Some(Self {
            name: self.name.clone(),
            content,
            fallback: self.fallback,
        })
    }

    /// Says how to read bytes that are not UTF-8 and carry no byte-order mark.
    #[must_use]
    pub fn or_encoded(mut self, fallback: Option<Encoding>) -> Self {
        self.fallback = fallback;
        self
    }

    /// The name that people know it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All its bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn bytes(self) -> io::Result<Vec<u8>> {
        match self.content {
            Content::Bytes(bytes) => Ok(bytes),
            Content::Stream(mut stream) => {
                let mut bytes = Vec::new();
                stream.start.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// All its text; if it is none, that is a problem.
    fn decode(self, problems: &mut Vec<Problem>) -> Option<Arc<Source>> {
        let (name, fallback) = (self.name.clone(), self.fallback);
        let bytes = match self.bytes() {
            Ok(bytes) => bytes,
            Err(error) => {
                problems.push(unreadable(&name, &error));
                return None;
            }
        };
        match Source::decode(name.clone(), bytes, fallback) {
            Ok(source) => Some(Arc::new(source)),
            Err(error) => {
                problems.push(Problem::new(&error).in_file(name));
                None
            }
        }
    }
}

/// A file that stopped being readable.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot read `{path}`: {reason}")]
#[diagnostic(
    code(clearpost::input::unreadable),
    help("check that you may read the file")
)]
struct Unreadable {
    path: String,
    reason: String,
}

/// That `path` cannot be read, in plain words.
pub fn unreadable(path: &str, error: &io::Error) -> Problem {
    Problem::new(&Unreadable {
        path: path.to_owned(),
        reason: plain_reason(error),
    })
    .in_file(path)
}

/// The format called `name`.
pub fn by_name(name: &str) -> Option<&'static dyn Reader> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// The format of files with this extension, in any case.
pub fn by_extension(extension: &str) -> Option<&'static dyn Reader> {
    let extension = extension.to_lowercase();
    FORMATS
        .into_iter()
        .find(|format| format.extensions().contains(&extension.as_str()))
}

/// The format of bytes without a name, by how they start; what looks like nothing else is plain text.
pub fn by_content(bytes: &[u8]) -> &'static dyn Reader {
    let text = String::from_utf8_lossy(bytes);
    let signed = FORMATS
        .into_iter()
        .find(|format| format.is_signature_of(bytes));
    signed
        .or_else(|| FORMATS.into_iter().find(|format| format.is_start_of(&text)))
        .unwrap_or(&plain::Plain)
}

/// All drafts of a text that is at hand, for tests and small tools.
pub fn read_text(
    format: &dyn Reader,
    name: &str,
    text: &str,
    options: &ReadOptions,
    problems: &mut Vec<Problem>,
) -> Vec<Draft> {
    let mut all = Vec::new();
    let file = RawFile::from_bytes(name, text);
    let mut sink = |drafts| {
        all.extend(drafts);
        Go::On
    };
    format.read(file, options, &mut sink, problems);
    all
}

/// Scope and text of each segment, for the tests of readers.
#[cfg(test)]
fn segments(draft: &Draft) -> Vec<(String, &str)> {
    draft
        .segments()
        .iter()
        .map(|segment| {
            (
                segment.scope.to_string(),
                &draft.text()[segment.range.clone()],
            )
        })
        .collect()
}
