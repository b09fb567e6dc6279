//! Dictionaries of cspell: a word a line.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Found, ImportError, is_plain};
use crate::text::Problem;

/// Reads a dictionary. A word with a mark means something that a list cannot say.
pub(super) fn cspell(path: &Path, found: &mut Found) {
    let Some(source) = found.source(path) else {
        return;
    };
    let mut seen = BTreeSet::new();
    for (number, line) in source.text().lines().enumerate() {
        let word = line.split_once('#').map_or(line, |(word, _)| word).trim();
        if word.is_empty() {
            // The line is blank, or a remark, of which some settle how the rest is meant.
            let remark = line.trim().trim_start_matches('#').trim();
            if remark.to_lowercase().starts_with("cspell-tools:") {
                let from = format!("{}:{}", source.name(), number + 1);
                found.leave_out(from, "settings of cspell’s own tools mean nothing here");
            }
            continue;
        }
        let from = || format!("{}:{}", source.name(), number + 1);
        let reason = match word.chars().next() {
            Some('!') => Some(
                "this word is forbidden while the others are allowed: import such words from a file of their own, without the !",
            ),
            Some('~') => Some("spellings without accents or capitals are found anyway"),
            _ if word.starts_with('+') || word.ends_with('+') || word.contains('*') => {
                Some("parts of compound words are not looked for")
            }
            _ if !is_plain(word) => Some("signs in it mean something else in a list"),
            _ => None,
        };
        match reason {
            Some(reason) => found.leave_out(from(), reason),
            None if seen.insert(word) => found.words.push(word.to_owned()),
            None => found.leave_out(from(), "the word stands further up already"),
        }
    }
    if found.words.is_empty() && found.problems.is_empty() {
        let error = Problem::new(&ImportError::Nothing).in_file(source.name());
        found.problems.push(error);
    }
}
