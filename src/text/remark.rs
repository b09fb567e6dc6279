//! What is worth telling about a pack, a list or a policy although nothing went unchecked.
//!
//! A remark changes no exit status and stands in no report for programs. What means that something
//! was not checked is a [`Problem`](super::Problem), whatever else it is.

use std::sync::Arc;

use miette::Diagnostic;

use super::{Place, Source, Span};

/// Who has to hear a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Everyone: something will most likely not do what its author meant.
    Warning,
    /// Who asks.
    Note,
}

/// A remark with what it is about.
#[derive(Clone, Debug)]
pub struct Remark {
    /// Who has to hear it.
    pub weight: Weight,
    /// Stable name, such as `clearpost::terms::common_word`.
    pub code: String,
    /// What there is to say.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The place that has to change.
    pub place: Place,
    /// The place that it does not go with.
    pub other: Option<Place>,
}

impl Remark {
    /// Takes code, message and help from a layer's own type, and points at bytes of `source`.
    pub fn new(
        weight: Weight,
        said: &dyn Diagnostic,
        source: &Arc<Source>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            weight,
            code: said.code().map(|code| code.to_string()).unwrap_or_default(),
            message: said.to_string(),
            help: said.help().map(|help| help.to_string()),
            place: Place {
                source: Arc::clone(source),
                span,
                label: label.into(),
            },
            other: None,
        }
    }

    /// Points at a second place.
    #[must_use]
    pub fn and(mut self, source: &Arc<Source>, span: Span, label: impl Into<String>) -> Self {
        self.other = Some(Place {
            source: Arc::clone(source),
            span,
            label: label.into(),
        });
        self
    }
}
