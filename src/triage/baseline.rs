//! Findings that were there when a repository adopted checking: only new ones count.
//!
//! `clearpost-baseline.txt` holds a line for each, `fingerprint path rule date reason`, sorted, so that
//! two people's changes rarely meet. It never holds what was found. In paths, white space and `%` are
//! written as in addresses: `%20`, `%25`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use crate::text::{Problem, Source, Span};

/// A finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its file, as seen from the baseline's folder, with `/` between folders.
    pub path: String,
    /// Its fingerprint, 16 hexadecimal digits.
    pub fingerprint: String,
    /// The rule that found it.
    pub rule: String,
    /// The day on which it was taken up, such as 2026-11-28.
    pub date: String,
    /// Why it stays; may be empty.
    pub reason: String,
}

/// A line of a baseline that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum BaselineError {
    /// Not `fingerprint path rule date reason`.
    #[error("this line is no entry of a baseline")]
    #[diagnostic(
        code(clearpost::baseline::malformed),
        help(
            "a line is `fingerprint path rule date reason`; after a merge that went wrong, `clearpost baseline write` makes the file anew"
        )
    )]
    Malformed,
}

/// First line of the file.
const HEAD: &str = "# clearpost baseline 1: known findings, one a line. `clearpost baseline prune` takes out those that are gone.\n";

/// Reads a baseline; lines that are none go to `problems`.
pub fn read(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 0;
    for whole in source.text().split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        let place = at..at + line.len();
        at += whole.len();
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match entry(line) {
            Some(entry) => entries.push(entry),
            None => problems.push(Problem::new(&BaselineError::Malformed).at(
                source,
                Span::covering(source.text(), place),
                "this line",
            )),
        }
    }
    entries
}

fn entry(line: &str) -> Option<Entry> {
    let mut parts = line.splitn(5, ' ');
    let fingerprint = parts.next()?;
    let is_hex = fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (path, rule, date) = (parts.next()?, parts.next()?, parts.next()?);
    let date: jiff::civil::Date = date.parse().ok()?;
    (fingerprint.len() == 16 && is_hex && !path.is_empty() && rule.contains('/')).then(|| Entry {
        path: unescaped(path),
        fingerprint: fingerprint.to_ascii_lowercase(),
        rule: rule.to_owned(),
        date: date.to_string(),
        reason: parts.next().unwrap_or_default().trim().to_owned(),
    })
}

/// The file that holds `entries`.
pub fn written(mut entries: Vec<Entry>) -> String {
    entries.sort();
    let mut text = HEAD.to_owned();
    for entry in &entries {
        let reason = entry
            .reason
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let path = escaped(&entry.path);
        let line = format!(
            "{} {path} {} {} {reason}",
            entry.fingerprint, entry.rule, entry.date
        );
        // Writing into a text does not fail.
        writeln!(text, "{}", line.trim_end()).ok();
    }
    text
}

/// White space, control characters and `%` as in addresses.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter.is_whitespace() || letter.is_control() || letter == '%' {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                write!(out, "%{byte:02X}").ok();
            }
        } else {
            out.push(letter);
        }
    }
    out
}

fn unescaped(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = path
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A baseline while drafts are held against it: each entry is good for one finding.
#[derive(Debug)]
pub struct Known {
    entries: Vec<Entry>,
    /// Of each path and fingerprint the entries that are not used up.
    free: Mutex<HashMap<(String, String), Vec<usize>>>,
}

impl Known {
    /// Of the entries of a baseline.
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut free: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            let key = (entry.path.clone(), entry.fingerprint.clone());
            free.entry(key).or_default().push(number);
        }
        Self {
            entries,
            free: Mutex::new(free),
        }
    }

    /// Whether a finding is known; uses up its entry.
    pub fn take(&self, path: &str, fingerprint: &str) -> bool {
        let key = (path.to_owned(), fingerprint.to_owned());
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.get_mut(&key).and_then(Vec::pop).is_some()
    }

    /// The entries of which nothing was found, by their path and what else `is_checked` says.
    pub fn left(&self, is_checked: impl Fn(&str) -> bool) -> Vec<&Entry> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers: Vec<usize> = free.values().flatten().copied().collect();
        numbers.sort_unstable();
        let entries = numbers.into_iter().map(|number| &self.entries[number]);
        entries.filter(|entry| is_checked(&entry.path)).collect()
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_text(text: &str) -> (Vec<Entry>, usize) {
        let source = Arc::new(Source::from_text("clearpost-baseline.txt", text));
        let mut problems = Vec::new();
        let entries = read(&source, &mut problems);
        (entries, problems.len())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            paths in prop::collection::vec("[a-zà%/ \\t.\\u{A0}\\n]{1,12}", 0..6),
            reason in "[a-zé ]{0,12}",
        ) {
            let mut entries: Vec<Entry> = paths
                .iter()
                .map(|path| Entry {
                    path: path.clone(),
                    fingerprint: "00112233445566ff".to_owned(),
                    rule: "clients/unapproved-client".to_owned(),
                    date: "2026-11-28".to_owned(),
                    reason: reason.split_whitespace().collect::<Vec<_>>().join(" "),
                })
                .collect();
            entries.sort();
            prop_assert_eq!(read_text(&written(entries.clone())), (entries, 0));
        }

        #[test]
        fn no_text_is_too_much_for_the_reader(text in "\\PC{0,60}|[0-9a-f %/\\n-]{0,60}") {
            read_text(&text);
        }
    }

    #[test]
    fn an_entry_is_good_for_one_finding_of_its_file() {
        let line = "00112233445566ff posts/a.md p/r 2026-11-28 old\n";
        let (entries, problems) = read_text(&format!("# x\n\n{line}{line}nonsense\n"));
        assert_eq!((entries.len(), problems), (2, 1));
        let known = Known::new(entries);
        let take = |path: &str| known.take(path, "00112233445566ff");
        assert!(take("posts/a.md") && !take("posts/b.md"));
        assert_eq!(known.left(|path| path == "posts/a.md").len(), 1);
        assert!(take("posts/a.md") && !take("posts/a.md"));
        assert!(known.left(|_| true).is_empty());
    }
}
