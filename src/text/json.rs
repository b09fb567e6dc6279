//! A JSON document as a tree in which every value knows its bytes.
//!
//! The tree is that of [`yaml`](super::yaml), so that what reads fields reads both. Unlike a strict
//! parser this one gives back what it understood before a mistake: of an export that was cut in the
//! middle, the posts before the cut can still be checked.

use std::ops::Range;

use jsonc_parser::{Scanner, ScannerOptions, tokens::Token};

use super::yaml::{Key, Node, Value};
use super::{Source, Span};

/// Lists and maps inside one another, at the most.
const DEEPEST: usize = 256;

/// Text that is no JSON.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("this is no JSON: {message}")]
#[diagnostic(
    code(clearpost::json::malformed),
    help("correct it here; what stands before was checked")
)]
pub struct JsonError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Span,
}

/// What could be read of a document.
#[derive(Debug)]
pub struct Json {
    /// The value, as far as it goes.
    pub root: Option<Node>,
    /// Where it ends before its time.
    pub error: Option<JsonError>,
}

/// Reads `part` of `source` as one JSON value; the spans of strings include their quotation marks.
pub fn parse_part(source: &Source, part: Range<usize>) -> Json {
    let text = &source.text()[part.clone()];
    let options = ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mut tree = Tree {
        source,
        base: part.start,
        open: Vec::new(),
        root: None,
    };
    let mut scanner = Scanner::new(text, &options);
    let error = loop {
        match scanner.scan() {
            Ok(Some(token)) => {
                let at = scanner.token_start()..scanner.token_end();
                if let Err(message) = tree.take(token, at.clone()) {
                    break Some((message, at));
                }
            }
            Ok(None) if tree.root.is_none() => {
                let end = text.trim_end().len();
                let message = if tree.open.is_empty() && end == 0 {
                    "it is empty"
                } else {
                    "it ends in the middle"
                };
                break Some((message.to_owned(), end..text.len()));
            }
            Ok(None) => break None,
            Err(error) => {
                let message = error.kind().to_string().to_lowercase();
                let range = error.range();
                break Some((message, range.start..range.end));
            }
        }
    };
    let error = error.map(|(message, at)| JsonError {
        message,
        at: Span::covering(source.text(), part.start + at.start..part.start + at.end),
    });
    tree.close_all(scanner.token_start());
    Json {
        root: tree.root,
        error,
    }
}

/// The length of the escape at the start of `rest` that stands for `letter`.
pub fn escape(rest: &str, letter: char) -> Option<usize> {
    let next = rest.strip_prefix('\\')?.chars().next()?;
    Some(match next {
        // A character outside the basic plane is written as two escapes.
        'u' if letter.len_utf16() == 2 => 12,
        'u' => 6,
        other => 1 + other.len_utf8(),
    })
}

/// A list or map that is not closed yet.
struct Open {
    start: usize,
    kind: Container,
    /// What may come next.
    next: Next,
}

enum Container {
    List(Vec<Node>),
    Map(Vec<(Key, Node)>, Option<Key>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A value or key, or the end if the container is empty.
    First,
    /// A value or key.
    Item,
    /// A colon.
    Colon,
    /// The value of a key.
    Value,
    /// A comma or the end.
    Comma,
}

struct Tree<'s> {
    source: &'s Source,
    base: usize,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Tree<'_> {
    fn span(&self, at: Range<usize>) -> Span {
        Span::covering(self.source.text(), self.base + at.start..self.base + at.end)
    }

    fn take(&mut self, token: Token<'_>, at: Range<usize>) -> Result<(), String> {
        if self.root.is_some() {
            return Err("something follows the end".to_owned());
        }
        let is_map = matches!(self.open.last().map(|o| &o.kind), Some(Container::Map(..)));
        let next = self.open.last().map_or(Next::Item, |open| open.next);
        match (token, next) {
            (Token::Colon, Next::Colon) => self.expect(Next::Value),
            (Token::Comma, Next::Comma) => self.expect(Next::Item),
            (Token::CloseBrace, Next::First | Next::Comma) if is_map => self.close(at.end),
            (Token::CloseBracket, Next::First | Next::Comma)
                if !is_map && !self.open.is_empty() =>
            {
                self.close(at.end);
            }
            (Token::String(text), Next::First | Next::Item) if is_map => {
                let key = Key {
                    text: text.into_owned(),
                    at: self.span(at),
                };
                if let Some(Open {
                    kind: Container::Map(_, waiting),
                    next,
                    ..
                }) = self.open.last_mut()
                {
                    *waiting = Some(key);
                    *next = Next::Colon;
                }
            }
            (_, Next::First | Next::Item) if is_map => {
                return Err("a key in quotation marks is missing".to_owned());
            }
            (_, Next::Colon) => return Err("a colon is missing".to_owned()),
            (_, Next::Comma) => return Err("a comma is missing".to_owned()),
            (Token::OpenBrace, _) => self.begin(Container::Map(Vec::new(), None), at.start)?,
            (Token::OpenBracket, _) => self.begin(Container::List(Vec::new()), at.start)?,
            (Token::String(text), _) => {
                let value = Value::Scalar(text.into_owned());
                self.put(value, at);
            }
            (Token::Number(text), _) => self.put(Value::Scalar(text.to_owned()), at),
            (Token::Boolean(truth), _) => self.put(Value::Scalar(truth.to_string()), at),
            (Token::Null, _) => self.put(Value::Null, at),
            _ => return Err("a value is missing".to_owned()),
        }
        Ok(())
    }

    fn expect(&mut self, next: Next) {
        if let Some(open) = self.open.last_mut() {
            open.next = next;
        }
    }

    fn begin(&mut self, kind: Container, start: usize) -> Result<(), String> {
        if self.open.len() == DEEPEST {
            return Err(format!("it nests deeper than {DEEPEST} levels"));
        }
        self.open.push(Open {
            start,
            kind,
            next: Next::First,
        });
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let value = match open.kind {
            Container::List(items) => Value::List(items),
            Container::Map(entries, _) => Value::Map(entries),
        };
        self.put(value, open.start..end);
    }

    fn close_all(&mut self, end: usize) {
        while let Some(start) = self.open.last().map(|open| open.start) {
            self.close(end.max(start));
        }
    }

    fn put(&mut self, value: Value, at: Range<usize>) {
        let node = Node {
            at: self.span(at),
            value,
        };
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.next = Next::Comma;
        match &mut open.kind {
            Container::List(items) => items.push(node),
            Container::Map(entries, waiting) => {
                if let Some(key) = waiting.take() {
                    entries.push((key, node));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(node: &Node, text: &str) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Scalar(words) => format!("{words}@{}", &text[node.at.range()]),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| shown(item, text)).collect();
                format!("[{}]", items.join(","))
            }
            Value::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| format!("{}:{}", key.text, shown(value, text)))
                    .collect();
                format!("{{{}}}", entries.join(","))
            }
        }
    }

    fn read(text: &str) -> (String, Option<String>) {
        let source = Source::from_text("t", text);
        let json = parse_part(&source, 0..text.len());
        (
            json.root.map(|root| shown(&root, text)).unwrap_or_default(),
            json.error.map(|error| error.message),
        )
    }

    #[test]
    fn values_know_their_bytes_and_mistakes_keep_what_was_read() {
        let cases = [
            (
                r#"{"a": ["x\n", 1, true, null]}"#,
                "{a:[x\n@\"x\\n\",1@1,true@true,null]}",
                None,
            ),
            (
                r#"[{"a": "x"}, {"b": "y", "c"#,
                "[{a:x@\"x\"},{b:y@\"y\"}]",
                Some(""),
            ),
            ("[1 2]", "[1@1]", Some("a comma is missing")),
            (r#"{"a" 1}"#, "{}", Some("a colon is missing")),
            ("{a: 1}", "{}", Some("a key in quotation marks is missing")),
            ("[1,]", "[1@1]", Some("a value is missing")),
            ("", "", Some("it is empty")),
            ("[] []", "[]", Some("something follows the end")),
            ("[", "[]", Some("it ends in the middle")),
        ];
        for (text, tree, error) in cases {
            let (have, message) = read(text);
            assert_eq!(have, tree, "{text}");
            assert_eq!(message.is_some(), error.is_some(), "{text}: {message:?}");
            if let Some(error) = error.filter(|error| !error.is_empty()) {
                assert_eq!(message.as_deref(), Some(error), "{text}");
            }
        }
        let deep = "[".repeat(100_000);
        assert!(read(&deep).1.unwrap().contains("deeper"));
    }

    proptest! {
        #[test]
        fn agrees_with_a_strict_parser(text in "([\\[\\]{},:]|\"[a-zé\\\\\"n]{0,3}\"|-?[0-9]{1,2}|true|null| ){0,12}") {
            let strict = serde_json::from_str::<serde_json::Value>(&text);
            let (_, error) = read(&text);
            prop_assert_eq!(strict.is_ok(), error.is_none(), "{} {:?} {:?}", text, strict, error);
        }
    }
}
