//! How much a finding matters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding matters, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Needs a person's yes.
    Warning,
    /// Must not go out.
    Error,
}

impl Severity {
    /// Each with its word, for reading YAML and options.
    pub const WORDS: [(&str, Self); 3] = [
        ("error", Self::Error),
        ("warning", Self::Warning),
        ("note", Self::Note),
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
