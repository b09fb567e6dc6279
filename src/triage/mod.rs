//! What findings mean for a run: which are new, which can be mended, and whether it passed.

pub mod baseline;
pub mod changed;
pub mod fixes;

use crate::policy::Severity;

/// The least severity that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// This one and those above it.
    AtLeast(Severity),
    /// None does.
    Never,
}

impl FailOn {
    /// Each with its word, for reading YAML and options.
    pub const WORDS: [(&str, Self); 4] = [
        ("error", Self::AtLeast(Severity::Error)),
        ("warning", Self::AtLeast(Severity::Warning)),
        ("note", Self::AtLeast(Severity::Note)),
        ("never", Self::Never),
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtLeast(severity) => severity.as_str(),
            Self::Never => "never",
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// Something could not be checked: whatever else was found, this is no clean run.
    Incomplete,
}

impl Verdict {
    /// From what was found and whether all could be checked.
    pub fn new(
        severities: impl IntoIterator<Item = Severity>,
        fail_on: FailOn,
        complete: bool,
    ) -> Self {
        let failing = match fail_on {
            FailOn::AtLeast(least) => severities.into_iter().any(|severity| severity >= least),
            FailOn::Never => false,
        };
        match (complete, failing) {
            (false, _) => Self::Incomplete,
            (true, true) => Self::Findings,
            (true, false) => Self::Clean,
        }
    }

    /// The exit status: 0, 1 or 2.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::{Error, Note, Warning};

    #[test]
    fn what_was_not_checked_beats_what_was_found() {
        let error = FailOn::AtLeast(Error);
        let cases: [(&[Severity], FailOn, bool, u8); 6] = [
            (&[], error, true, 0),
            (&[Warning, Note], error, true, 0),
            (&[Warning], FailOn::AtLeast(Warning), true, 1),
            (&[Error], FailOn::Never, true, 0),
            (&[Error], error, false, 2),
            (&[], FailOn::Never, false, 2),
        ];
        for (found, fail_on, complete, expected) in cases {
            let verdict = Verdict::new(found.iter().copied(), fail_on, complete);
            assert_eq!(
                verdict.exit_status(),
                expected,
                "{found:?} {fail_on:?} {complete}"
            );
        }
    }
}
