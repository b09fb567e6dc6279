//! `clearpost.lock`: what was in force when somebody last looked, by name and hash.
//!
//! A line an item: the hash, what the item is, and its path from the folder of the configuration. A
//! hash says whether a file is what it was, and nothing of what stands in it; how that is seen to is
//! the caller's matter, who reads the files.

use std::collections::BTreeMap;
use std::fmt;

use crate::text::seal::digits;

/// The first line of every lock.
const HEAD: &str = "# clearpost.lock: what is in force, written by `clearpost pack lock`. `clearpost check --locked` refuses what differs.";

/// The version that is read and written.
const VERSION: &str = "version 1";

/// Bytes of a hash.
const HASH: usize = 32;

/// What an item is, and its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// `pack`, `policy`, `list` …
    pub what: String,
    /// Its path, with `/` between folders.
    pub path: String,
}

/// A lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Goes into every hash, so that no list of hashes made beforehand helps to guess a file.
    pub salt: [u8; 16],
    items: BTreeMap<Item, [u8; HASH]>,
}

/// Why a run with a lock is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum LockError {
    /// Not a lock, or not all of one.
    #[error("line {line} of the lock is not understood")]
    #[diagnostic(
        code(clearpost::lock::malformed),
        help("fetch the file again, or write it anew with `clearpost pack lock`")
    )]
    Malformed {
        /// Counted from 1.
        line: usize,
    },
    /// A version that this program does not know.
    #[error("this lock was written by another version of the program")]
    #[diagnostic(
        code(clearpost::lock::version),
        help("bring the program up to date, or write the lock anew with `clearpost pack lock`")
    )]
    Version,
    /// Something that is not what it was.
    #[error("{0} is not what it was when it was locked")]
    #[diagnostic(
        code(clearpost::lock::differs),
        help("look at what changed; if it is right, run `clearpost pack lock`")
    )]
    Differs(Item),
    /// Something that was not there.
    #[error("{0} is in force, and not in the lock")]
    #[diagnostic(
        code(clearpost::lock::extra),
        help("look at it; if it is right, run `clearpost pack lock`")
    )]
    Extra(Item),
    /// Something that is no longer there.
    #[error("{0} is in the lock, and no longer in force")]
    #[diagnostic(
        code(clearpost::lock::missing),
        help("put it back; if it is right that it is gone, run `clearpost pack lock`")
    )]
    Missing(Item),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} `{}`", self.what, self.path)
    }
}

impl Lock {
    /// An empty lock.
    pub fn new(salt: [u8; 16]) -> Self {
        Self {
            salt,
            items: BTreeMap::new(),
        }
    }

    /// Adds an item.
    pub fn add(&mut self, what: &str, path: &str, hash: [u8; HASH]) {
        let item = Item {
            what: what.to_owned(),
            path: path.to_owned(),
        };
        self.items.insert(item, hash);
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Reads a lock.
    ///
    /// # Errors
    ///
    /// If it is none: the first line that is not understood.
    pub fn read(text: &str) -> Result<Self, LockError> {
        let mut lines = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let malformed = |line| LockError::Malformed { line };
        let (line, version) = lines.next().ok_or(malformed(1))?;
        if version != VERSION {
            let is_other = version.starts_with("version ");
            return Err(if is_other {
                LockError::Version
            } else {
                malformed(line)
            });
        }
        let (line, salt) = lines.next().ok_or(malformed(line + 1))?;
        let salt = salt.strip_prefix("salt ").and_then(bytes);
        let mut lock = Self::new(salt.ok_or(malformed(line))?);
        for (line, text) in lines {
            let mut parts = text.splitn(3, ' ');
            let (Some(hash), Some(what), Some(path)) = (
                parts.next().and_then(bytes),
                parts.next().filter(|what| !what.is_empty()),
                parts.next().filter(|path| !path.is_empty()),
            ) else {
                return Err(malformed(line));
            };
            let before = lock.items.len();
            lock.add(what, path, hash);
            // Of two lines about one file nobody could say which holds.
            if lock.items.len() == before {
                return Err(malformed(line));
            }
        }
        Ok(lock)
    }

    /// Everything in which `here` is not what this lock says.
    pub fn differences(&self, here: &Self) -> Vec<LockError> {
        let mut all = Vec::new();
        for (item, hash) in &self.items {
            match here.items.get(item) {
                None => all.push(LockError::Missing(item.clone())),
                Some(now) if now != hash => all.push(LockError::Differs(item.clone())),
                Some(_) => {}
            }
        }
        let extra = here
            .items
            .keys()
            .filter(|item| !self.items.contains_key(item));
        all.extend(extra.cloned().map(LockError::Extra));
        all
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}\n{VERSION}\nsalt {}", digits(&self.salt))?;
        for (Item { what, path }, hash) in &self.items {
            writeln!(f, "{} {what} {path}", digits(hash))?;
        }
        Ok(())
    }
}

fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let fits = digits.len() == 2 * N && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; N];
    if !fits {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(items: &[(&str, &str, u8)]) -> Lock {
        let mut lock = Lock::new([4; 16]);
        for (what, path, hash) in items {
            lock.add(what, path, [*hash; HASH]);
        }
        lock
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let written = lock(&[("pack", "my packs/a.yaml", 1), ("list", "b.csv", 2)]);
        let text = written.to_string();
        assert_eq!(Lock::read(&text).unwrap(), written);
        assert_eq!(Lock::read(&text.replace('\n', "\r\n")).unwrap(), written);
        let paths: Vec<&str> = text.lines().skip(3).map(|line| &line[65..]).collect();
        assert_eq!(paths, ["list b.csv", "pack my packs/a.yaml"]);
    }

    #[test]
    fn what_is_no_lock_is_refused() {
        let text = lock(&[("pack", "a.yaml", 1)]).to_string();
        let twice = format!("{text}{}\n", text.lines().last().unwrap());
        let malformed = |line| LockError::Malformed { line };
        let cases = [
            (String::new(), malformed(1)),
            ("x: y\n".to_owned(), malformed(1)),
            (text.replace("version 1", "version 2"), LockError::Version),
            (text.replace("salt 04", "salt 0"), malformed(3)),
            (text.replace(" pack", ""), malformed(4)),
            (text.replace("0101 ", "010g "), malformed(4)),
            (twice, malformed(5)),
        ];
        for (text, expected) in cases {
            assert_eq!(Lock::read(&text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn every_difference_is_told() {
        let then = lock(&[("pack", "a", 1), ("pack", "b", 1), ("list", "c", 1)]);
        let now = lock(&[("pack", "a", 1), ("pack", "b", 2), ("list", "d", 1)]);
        let said: Vec<String> = then
            .differences(&now)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "the list `c` is in the lock, and no longer in force",
                "the pack `b` is not what it was when it was locked",
                "the list `d` is in force, and not in the lock",
            ]
        );
        assert_eq!(then.differences(&then), []);
    }
}
