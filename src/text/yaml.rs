//! A YAML document as a tree in which every value knows its bytes.
//!
//! Packs, registers, configuration and front matter are read through this tree rather than
//! straight into types, for two reasons: serde stops at its first error while a pack author wants
//! all of them, and a scalar is kept as written (`version: 2026.10` is not the number 2026.1).

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

use super::{Source, Span};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its bytes; for a list or a map only the start is meaningful.
    pub at: Span,
    /// What it is.
    pub value: Value,
}

impl Node {
    /// The value of `key`, if this is a map that has it.
    pub fn member(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        let (_, value) = entries.iter().find(|(own, _)| own.text == key)?;
        Some(value)
    }

    /// The items, if this is a list; else none.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text as written, if this is a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

/// A YAML value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A string, number, date or truth value, as written.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order written; keys are unique.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Its bytes.
    pub at: Span,
}

/// Text that is no YAML, or more of it than is safe to read.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
#[diagnostic(code(clearpost::yaml::malformed), help("{help}"))]
pub struct YamlError {
    /// What the parser says.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where it stopped.
    pub at: Span,
}

/// Reads the first document of `source`.
///
/// # Errors
///
/// The first place at which the text is no YAML, repeats a key, nests deeper than 256 levels, or
/// grows through aliases past 250,000 values.
pub fn parse(source: &Source) -> Result<Node, YamlError> {
    parse_part(source, 0..source.text().len())
}

/// Reads `part` of `source`, such as front matter; places are those of the whole source.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_part(source: &Source, part: Range<usize>) -> Result<Node, YamlError> {
    let text = &source.text()[part.clone()];
    let base = part.start;
    match serde_yaml::from_str::<Spanned<Raw>>(text) {
        Ok(raw) => Ok(place(source.text(), text, base, raw)),
        Err(error) => Err(explain(source, base, &error)),
    }
}

fn explain(source: &Source, base: usize, error: &serde_yaml::Error) -> YamlError {
    let error = error.without_snippet();
    let at = error.location().map_or(base, |location| {
        let byte = location
            .span()
            .byte_offset()
            .and_then(|byte| usize::try_from(byte).ok());
        byte.map_or_else(
            || {
                let (line, _) = source.line_col(base);
                let skipped = usize::try_from(location.line())
                    .unwrap_or(1)
                    .saturating_sub(1);
                let column = usize::try_from(location.column()).unwrap_or(1);
                source.offset_of(line + skipped, column)
            },
            |byte| base + byte,
        )
    });
    let full = error.to_string();
    // The crate appends its own line and column; the label shows them better.
    let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
    let (message, help) = if message.contains("budget") || message.contains("recursion") {
        (
            "this YAML nests or repeats itself too much to be read safely".to_owned(),
            "write the values out, or move a long list to a file named in `terms_from`".to_owned(),
        )
    } else if message.starts_with("duplicate mapping key") {
        let message = message.split(", set").next().unwrap_or(&message).to_owned();
        (message, "keep one of the two".to_owned())
    } else {
        (message, "correct the YAML here".to_owned())
    };
    let at = at.min(source.text().len());
    let end = source.text()[at..]
        .chars()
        .next()
        .map_or(at, |c| at + c.len_utf8());
    YamlError {
        message,
        help,
        at: Span::covering(source.text(), at..end),
    }
}

/// The tree as the parser gives it, before scalars are replaced by what is written.
enum Raw {
    Null,
    Text(String),
    /// A plain scalar that the parser took for a number or truth value.
    Typed,
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

fn place(whole: &str, part: &str, base: usize, raw: Spanned<Raw>) -> Node {
    let range = bytes(&raw.referenced);
    let at = Span::covering(whole, base + range.start..base + range.end);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Text(text) => Value::Scalar(text),
        Raw::Typed => {
            let defined = bytes(&raw.defined);
            Value::Scalar(part.get(defined).unwrap_or_default().trim().to_owned())
        }
        Raw::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| place(whole, part, base, item))
                .collect(),
        ),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let range = bytes(&key.referenced);
                    let at = Span::covering(whole, base + range.start..base + range.end);
                    (
                        Key {
                            text: key.value,
                            at,
                        },
                        place(whole, part, base, value),
                    )
                })
                .collect(),
        ),
    };
    Node { at, value }
}

fn bytes(location: &serde_yaml::Location) -> Range<usize> {
    let span = location.span();
    let number = |value: Option<u64>| value.and_then(|v| usize::try_from(v).ok()).unwrap_or(0);
    let start = number(span.byte_offset());
    start..start + number(span.byte_len())
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar<'a>(node: &'a Node, key: &str) -> (&'a str, Span) {
        let Value::Map(entries) = &node.value else {
            panic!("a map")
        };
        let (_, value) = entries
            .iter()
            .find(|(have, _)| have.text == key)
            .expect("the key");
        let Value::Scalar(text) = &value.value else {
            panic!("a scalar")
        };
        (text, value.at)
    }

    #[test]
    fn scalars_stay_as_written_and_know_their_bytes() {
        let text = "é: à\nv: 2026.10\nyes: 007\nq: \"a\\u00e9\"\nal: &x 1.50\nuse: *x\n";
        let source = Source::from_text("t", text);
        let root = parse(&source).unwrap();
        for (key, value, raw) in [
            ("é", "à", "à"),
            ("v", "2026.10", "2026.10"),
            ("yes", "007", "007"),
            ("q", "aé", "\"a\\u00e9\""),
            ("use", "1.50", "*x"),
        ] {
            let (have, at) = scalar(&root, key);
            assert_eq!((have, &text[at.range()]), (value, raw), "{key}");
        }
    }

    #[test]
    fn a_part_has_the_places_of_the_whole() {
        let text = "---\ntitle: Ciao\n---\nbody";
        let source = Source::from_text("t", text);
        let root = parse_part(&source, 4..16).unwrap();
        let (_, at) = scalar(&root, "title");
        assert_eq!(&text[at.range()], "Ciao");
        let bad = Source::from_text("t", "---\nok: 1\n b: [\n---\n");
        let error = parse_part(&bad, 4..16).unwrap_err();
        assert!(bad.line_col(error.at.start()).0 >= 2, "{error:?}");
    }

    #[test]
    fn bombs_and_towers_are_refused() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let row = vec![format!("*a{}", level - 1); 9].join(",");
            bomb = format!("{bomb}a{level}: &a{level} [{row}]\n");
        }
        for text in [bomb, "[".repeat(100_000), "{a: ".repeat(5_000)] {
            let error = parse(&Source::from_text("t", text)).unwrap_err();
            assert!(error.message.contains("too much"), "{error}");
        }
        let twice = parse(&Source::from_text("t", "a: 1\na: 2\n")).unwrap_err();
        assert_eq!(twice.message, "duplicate mapping key: a");
        assert_eq!(twice.at.start(), 5);
    }
}
