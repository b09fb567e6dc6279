//! A long text of short lines that many share and nobody copies.

use std::fmt;
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Lines of text: read now, or part of the program and read where they lie.
#[derive(Clone)]
pub enum Lines {
    /// Read now.
    Read(Arc<String>),
    /// Part of the program. They were text when it was built; checking them again at each start
    /// would read megabytes that no draft asks for.
    Image(&'static [u8]),
}

impl Lines {
    /// Bytes of all.
    pub fn len(&self) -> usize {
        match self {
            Self::Read(text) => text.len(),
            Self::Image(text) => text.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, each ended by a line feed.
    pub fn text(&self) -> &str {
        match self {
            Self::Read(text) => text,
            Self::Image(text) => as_text(text),
        }
    }

    /// The line that begins at an offset.
    ///
    /// # Panics
    ///
    /// If `at` is behind the end.
    pub fn at(&self, at: usize) -> &str {
        let bytes = match self {
            Self::Read(text) => text.as_bytes(),
            Self::Image(text) => text,
        };
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        as_text(&bytes[at..end])
    }
}

fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("lists are text, and a line begins at a character")
}

impl Default for Lines {
    fn default() -> Self {
        Self::Image(&[])
    }
}

impl From<String> for Lines {
    fn from(text: String) -> Self {
        Self::Read(Arc::new(text))
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of lines", self.len())
    }
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(match self {
            Self::Read(text) => text.as_bytes(),
            Self::Image(text) => text,
        })
    }
}

impl<'de: 'static> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Lie)
    }
}

/// Takes bytes where they lie.
struct Lie;

impl<'de: 'static> Visitor<'de> for Lie {
    type Value = Lines;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines of text")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Lines, E> {
        Ok(Lines::Image(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_where_they_lie() {
        let read = Lines::from("già\nAcme\n".to_owned());
        let image: &'static [u8] = postcard::to_allocvec(&read).unwrap().leak();
        let lying: Lines = postcard::from_bytes(image).unwrap();
        for lines in [read, lying] {
            assert_eq!(lines.text(), "già\nAcme\n");
            assert_eq!((lines.at(0), lines.at(5)), ("già", "Acme"));
        }
    }
}
