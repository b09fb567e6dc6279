//! Lists of short texts, one after another in one.
//!
//! The built-in packs hold hundreds of thousands of them; like [`Numbers`] they are read where they
//! lie in the program, so that a start neither copies nor checks what no draft asks for.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::numbers::Numbers;

/// A list of short texts.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Texts {
    bytes: Numbers<u8>,
    ends: Numbers<u32>,
}

impl Texts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a text. A list holds less than 4 GiB; what goes beyond is cut off.
    pub fn push(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
        let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.ends.extend(&[end]);
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The text at a position.
    ///
    /// # Panics
    ///
    /// If there are no more than `at`.
    pub fn at(&self, at: usize) -> &str {
        // What was pushed was text, here or when the program was built.
        std::str::from_utf8(self.bytes_at(at)).expect("only text was pushed")
    }

    /// The bytes of the text at a position.
    ///
    /// # Panics
    ///
    /// If there are no more than `at`.
    pub fn bytes_at(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends.at(before));
        &self.bytes.as_slice()[start as usize..self.ends.at(at) as usize]
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator + Clone {
        (0..self.len()).map(|at| self.at(at))
    }
}

impl<S: AsRef<str>> Extend<S> for Texts {
    fn extend<T: IntoIterator<Item = S>>(&mut self, texts: T) {
        for text in texts {
            self.push(text.as_ref());
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for Texts {
    fn from_iter<T: IntoIterator<Item = S>>(texts: T) -> Self {
        let mut list = Self::default();
        list.extend(texts);
        list
    }
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.bytes.as_slice() == other.bytes.as_slice()
            && (0..self.len()).all(|at| self.ends.at(at) == other.ends.at(at))
    }
}

impl Eq for Texts {}

impl Hash for Texts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.bytes.as_slice().hash(state);
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_the_same_where_they_lie(texts in prop::collection::vec("\\PC{0,9}", 0..9)) {
            let made: Texts = texts.iter().collect();
            let image: &'static [u8] = postcard::to_allocvec(&made).unwrap().leak();
            let mut read: Texts = postcard::from_bytes(image).unwrap();
            prop_assert_eq!(&read, &made);
            prop_assert_eq!(read.iter().collect::<Vec<_>>(), texts.clone());
            // One that lies in the program is copied before it grows.
            read.push("più");
            prop_assert_eq!(read.at(texts.len()), "più");
            prop_assert_eq!(read.iter().take(texts.len()).collect::<Vec<_>>(), texts);
        }
    }

    #[test]
    fn lists_that_only_run_together_alike_differ() {
        let list = |texts: &[&str]| texts.iter().collect::<Texts>();
        assert_ne!(list(&["ab", "c"]), list(&["a", "bc"]));
        assert_eq!(list(&["ab", "c"]), list(&["ab", "c"]));
    }
}
