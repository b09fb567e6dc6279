//! The `pattern` kind: a regular expression over the text of each segment, as a reader sees it.
//!
//! `pattern: '(?i)\bproject [A-Z]\w+'`, in the syntax of the `regex` crate: no look-around, and
//! therefore time linear in the text whatever the pattern.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::Hit;
use super::except::Except;
use super::machine::Machine;
use super::needles::needles;
use crate::draft::Draft;
use crate::text::fold::{Folded, clean};
use crate::text::texts::Texts;

/// A checked `pattern` rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct PatternSpec {
    /// The expression, known to compile.
    pub regex: String,
    /// What every match holds one of, as [`needles`] says; `None`: it has to be run.
    pub needles: Option<Texts>,
    /// What is let through.
    pub except: Except,
    /// The expression as an automaton, if it is built in.
    #[serde(skip)]
    pub machine: Option<Arc<Machine>>,
}

/// Bytes up to which a pattern without braces is never too large: a test compiles the worst.
const SHORT: usize = 200;

/// A pattern that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PatternError {
    /// Not a regular expression.
    #[error("this pattern is no regular expression: {reason}")]
    #[diagnostic(
        code(clearpost::pattern::malformed),
        help("a backslash in front of a sign takes it as it is: \\( \\+ \\?")
    )]
    Malformed {
        /// What the parser says.
        reason: String,
    },
    /// Look-ahead, look-behind or a back-reference.
    #[error("this pattern looks around or back, which could take for ever on some texts")]
    #[diagnostic(
        code(clearpost::pattern::look_around),
        help("match the whole phrase, and list what is fine under `except:`")
    )]
    LookAround,
    /// A pattern that would need too much memory.
    #[error("this pattern is too large once it is compiled")]
    #[diagnostic(
        code(clearpost::pattern::too_large),
        help("shorten its counted repetitions such as {{1,1000}}")
    )]
    TooLarge,
}

impl PatternSpec {
    /// Checks `regex`; a refusal comes with the bytes of `regex` at fault.
    ///
    /// # Errors
    ///
    /// If it does not parse, looks around, or is too large.
    pub fn new(regex: &str) -> Result<Self, (PatternError, Range<usize>)> {
        use regex_syntax::ast::ErrorKind;
        let whole = 0..regex.len();
        match regex_syntax::parse(regex) {
            Ok(_) => {}
            Err(regex_syntax::Error::Parse(error)) => {
                let at = error.span().start.offset..error.span().end.offset;
                let mistake = match error.kind() {
                    ErrorKind::UnsupportedLookAround | ErrorKind::UnsupportedBackreference => {
                        PatternError::LookAround
                    }
                    kind => PatternError::Malformed {
                        reason: kind.to_string(),
                    },
                };
                return Err((mistake, at));
            }
            Err(regex_syntax::Error::Translate(error)) => {
                let at = error.span().start.offset..error.span().end.offset;
                return Err((
                    PatternError::Malformed {
                        reason: error.kind().to_string(),
                    },
                    at,
                ));
            }
            Err(error) => {
                return Err((
                    PatternError::Malformed {
                        reason: error.to_string(),
                    },
                    whole,
                ));
            }
        }
        let spec = || Self {
            regex: regex.to_owned(),
            needles: needles(regex).map(Texts::from_iter),
            except: Except::default(),
            machine: None,
        };
        // Compiling takes longer than all the rest of reading a pack, and only repetition makes a
        // short pattern large.
        if regex.len() <= SHORT && !regex.contains('{') {
            return Ok(spec());
        }
        match Regex::new(regex) {
            Ok(_) => Ok(spec()),
            Err(regex::Error::CompiledTooBig(_)) => Err((PatternError::TooLarge, whole)),
            Err(error) => Err((
                PatternError::Malformed {
                    reason: error.to_string(),
                },
                whole,
            )),
        }
    }
}

/// A `pattern` rule ready to run; it compiles when it first has something to look at.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    machine: Option<Arc<Machine>>,
    /// Bytes that the machine has looked at.
    looked_at: AtomicUsize,
    regex: OnceLock<Option<Regex>>,
}

/// Bytes after which it pays to compile an expression that there is a machine for.
const ENOUGH: usize = 1 << 16;

impl Pattern {
    /// Takes a checked expression.
    pub fn new(spec: &PatternSpec) -> Self {
        Self {
            source: spec.regex.clone(),
            machine: spec.machine.clone(),
            looked_at: AtomicUsize::new(0),
            regex: OnceLock::new(),
        }
    }

    /// Calls `each` with every match that is not empty, in order.
    fn matches(&self, text: &str, mut each: impl FnMut(Range<usize>)) {
        let mut told = |found: Range<usize>| {
            if !found.is_empty() {
                each(found);
            }
        };
        if let Some(machine) = &self.machine
            && self.looked_at.fetch_add(text.len(), Ordering::Relaxed) < ENOUGH
            && machine.runs()
        {
            machine.find_iter(text).for_each(told);
            return;
        }
        // The expression compiled when its pack was read.
        let regex = self.regex.get_or_init(|| Regex::new(&self.source).ok());
        if let Some(regex) = regex {
            regex.find_iter(text).for_each(|found| told(found.range()));
        }
    }

    /// Every match inside the `places` of `draft`, which are whole segments or entities.
    pub fn hits(&self, draft: &Draft, places: impl Iterator<Item = Range<usize>>) -> Vec<Hit> {
        let mut hits = Vec::new();
        for place in places {
            let text = &draft.text()[place.clone()];
            // What a reader does not see does not keep a pattern from matching.
            let cleaned = clean(text);
            let shown = cleaned.as_ref().map_or(text, Folded::text);
            self.matches(shown, |found| {
                let range = match &cleaned {
                    None => Some(found),
                    Some(cleaned) => cleaned.origin(&found),
                };
                hits.extend(
                    range
                        .map(|range| Hit::from(place.start + range.start..place.start + range.end)),
                );
            });
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_pattern_without_braces_is_never_too_large() {
        for part in [
            r"\w", r"\W", r"\d", ".", "(?i)k", r"\w*", r"[^a]", r"\b\w", "(?s).", r"\S+?",
        ] {
            let regex = part.repeat(SHORT / part.len());
            assert!(Regex::new(&regex).is_ok(), "{part}");
            let regex = format!("(?i){}", r"\w|".repeat((SHORT - 4) / 3));
            assert!(Regex::new(&regex).is_ok(), "{regex}");
        }
    }

    #[test]
    fn refusals_point_into_the_pattern() {
        let cases = [
            (r"a(b", 1..2, "no regular expression"),
            (r"x(?=y)", 1..4, "looks around"),
            (r"(a)\1", 3..5, "looks around"),
            (r"(?:a{1000}){1000}", 0..17, "too large"),
            (r"\p{Nope}", 0..8, "no regular expression"),
        ];
        for (regex, expected, words) in cases {
            let (error, at) = PatternSpec::new(regex).unwrap_err();
            assert_eq!(at, expected, "{regex}: {error}");
            assert!(error.to_string().contains(words), "{regex}: {error}");
        }
        assert!(PatternSpec::new(r"(?i)\bok\b").is_ok());
    }
}
