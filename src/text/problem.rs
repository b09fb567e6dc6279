//! What went wrong, where, and what to do about it: one shape for every layer's mistakes.
//!
//! Layers define their mistakes as enums (one variant per mistake a person can make); a
//! [`Problem`] is such a mistake in hand, with the place that has to change. A problem always means
//! that something was not checked.

use std::fmt;
use std::io;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode};

use super::{Source, Span};

/// A mistake with its place.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Stable name, such as `clearpost::pack::unknown_key`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file as people named it, where one is at fault.
    pub path: Option<String>,
    /// The text at fault.
    pub place: Option<Place>,
}

/// Bytes of a text, and what to write beside them.
#[derive(Clone, Debug)]
pub struct Place {
    /// The text the span points into.
    pub source: Arc<Source>,
    /// The part at fault.
    pub span: Span,
    /// A few words for the label.
    pub label: String,
}

impl Problem {
    /// Takes code, message and help from a layer's own error.
    pub fn new(mistake: &dyn Diagnostic) -> Self {
        Self {
            code: mistake
                .code()
                .map(|code| code.to_string())
                .unwrap_or_default(),
            message: mistake.to_string(),
            help: mistake.help().map(|help| help.to_string()),
            path: None,
            place: None,
        }
    }

    /// Points at bytes of `source`.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span, label: impl Into<String>) -> Self {
        self.path = Some(source.name().to_owned());
        self.place = Some(Place {
            source: Arc::clone(source),
            span,
            label: label.into(),
        });
        self
    }

    /// Names a file without a place in it.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

/// What went wrong with a file, without the number of the system's error.
pub fn plain_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "you may not read it".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        None
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        None
    }
}
