//! One violation, with everything a report needs to show it.

use std::sync::Arc;

use crate::draft::Scope;
use crate::policy::{ClauseId, Severity};
use crate::text::{Lang, Source, Span};

/// One violation.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's full name.
    pub rule: Arc<str>,
    /// How much it matters.
    pub severity: Severity,
    /// The clause it breaks.
    pub clause: Arc<CitedClause>,
    /// What the author is told, in the reader's language.
    pub message: String,
    /// The file.
    pub source: Arc<Source>,
    /// The draft's place among those of its file, from 1.
    pub record: Option<usize>,
    /// What the file itself calls the draft, if it says so.
    pub record_id: Option<Arc<str>>,
    /// Where the draft will appear, if it is said.
    pub channel: Option<Arc<str>>,
    /// What the text at fault is to its reader.
    pub scope: Scope,
    /// The language of the text at fault, if known.
    pub lang: Option<Lang>,
    /// The text at fault.
    pub span: Span,
    /// Its words as a reader sees them.
    pub matched: String,
    /// Whether it is about the draft as a whole, such as what is missing from it, wherever it is told.
    pub of_draft: bool,
    /// Other places that matter to it, in the same file.
    pub related: Vec<Span>,
    /// What could stand there instead.
    pub fixes: Vec<Fix>,
    /// Whether what was found is not to be repeated.
    pub secret: bool,
    /// Names this finding across edits elsewhere: 16 hexadecimal digits.
    pub fingerprint: String,
}

impl Finding {
    /// What findings of one file are sorted by: their place, then their rule. What is attached to
    /// a message comes after it.
    pub fn place_in_file(&self) -> (&str, usize, Span, &str) {
        let source = &self.source;
        (source.name(), source.start().byte, self.span, &self.rule)
    }
}

/// A replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The new words.
    pub replace: String,
    /// What they replace.
    pub span: Span,
    /// Whether it leaves the sense as it is.
    pub safe: bool,
}

/// A clause as a finding quotes it, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitedClause {
    /// Its id.
    pub id: ClauseId,
    /// Its title.
    pub title: String,
    /// The policy's name.
    pub policy: String,
    /// What it says.
    pub text: String,
    /// What to do instead.
    pub advice: Option<String>,
    /// Whom to ask.
    pub owner: Option<String>,
    /// Where it is published.
    pub url: Option<String>,
    /// The file it stands in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
}

/// A rule that was in force and could not say anything, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotChecked {
    /// The rule's full name.
    pub rule: Arc<str>,
    /// Why, and what to do about it.
    pub reason: String,
    /// What it lacks.
    pub lacks: Lack,
}

/// What a rule lacks to say anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// Entries in this register.
    Register(String),
    /// This fact of the draft.
    Fact(String),
    /// Something else, as the reason says.
    Other,
}
