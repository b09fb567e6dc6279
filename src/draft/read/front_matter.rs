//! Front matter: the YAML, TOML or JSON block at the start of a page.
//!
//! Each value is a segment of its own. What a visitor of the page sees (title, description) is
//! published text, pictures are images, everything else is metadata by its key.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::ReadOptions;
use super::fields::{Fields, Syntax};
use crate::draft::build::DraftBuilder;
use crate::draft::{Facts, Scope};
use crate::text::yaml::{self, Key, Node, Value};
use crate::text::{Problem, Source, Span, json};

/// Front matter that does not read.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum FrontMatterError {
    /// TOML that does not parse.
    #[error("this TOML front matter does not read: {message}")]
    #[diagnostic(
        code(clearpost::draft::malformed_toml),
        help("correct the TOML here; the text below was checked")
    )]
    Toml { message: String },
    /// YAML that does not parse.
    #[error("this YAML front matter does not read: {message}")]
    #[diagnostic(
        code(clearpost::draft::malformed_yaml),
        help("correct the YAML here; the text below was checked")
    )]
    Yaml { message: String },
    /// A block that is opened and never closed.
    #[error("this front matter is never closed")]
    #[diagnostic(
        code(clearpost::draft::unclosed_front_matter),
        help("close it with a line `{mark}`")
    )]
    Unclosed { mark: &'static str },
}

/// The language of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Yaml,
    Toml,
    /// Its marks are the braces of the object.
    Json,
}

impl Kind {
    fn syntax(self) -> Syntax {
        match self {
            Self::Yaml => Syntax::Yaml,
            Self::Toml => Syntax::Toml,
            Self::Json => Syntax::Json,
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Yaml => "---",
            Self::Toml => "+++",
            Self::Json => "{",
        }
    }
}

/// Whether `text` looks like a page with front matter rather than a post that starts with a rule.
pub(super) fn starts(text: &str) -> bool {
    find(text).is_some_and(|(kind, block)| {
        if kind == Kind::Json {
            // An object by itself is a document, several are a post a line.
            let rest = block.map_or("", |block| text[block.end..].trim_start());
            return !rest.is_empty() && !rest.starts_with('{');
        }
        let first = text[block.unwrap_or(0..0)]
            .lines()
            .next()
            .unwrap_or_default();
        first.contains(if kind == Kind::Yaml { ":" } else { "=" })
    })
}

/// Adds the front matter of the builder's source and returns where the page's text starts.
pub(super) fn read(
    builder: &mut DraftBuilder,
    facts: &mut Facts,
    options: &ReadOptions,
    problems: &mut Vec<Problem>,
) -> usize {
    let source = Arc::clone(builder.source());
    let text = source.text();
    let Some((kind, block)) = find(text) else {
        return 0;
    };
    let Some(block) = block else {
        // Three dashes alone are a rule in Markdown; three plus signs are nothing else.
        if kind == Kind::Toml {
            let error = FrontMatterError::Unclosed { mark: kind.mark() };
            problems.push(Problem::new(&error).at(
                &source,
                Span::covering(text, 0..3),
                "opened here",
            ));
        }
        return 0;
    };
    let body = after_mark(text, block.end);
    let root = match kind {
        Kind::Yaml => yaml::parse_part(&source, block.clone()).map_err(|error| {
            let at = error.at;
            Problem::new(&FrontMatterError::Yaml {
                message: error.message,
            })
            .at(&source, at, "here")
            .into()
        }),
        Kind::Toml => parse_toml(&source, block.clone()),
        Kind::Json => Ok(json::parse_part(&source, block.clone())
            .root
            .unwrap_or(Node {
                at: Span::covering(text, block.clone()),
                value: Value::Null,
            })),
    };
    match root {
        // A rule, a heading or a list between two rules is text of the page.
        Ok(root) if !matches!(root.value, Value::Map(_) | Value::Null) => return 0,
        Ok(root) => {
            let mut fields = Fields {
                builder,
                facts,
                options,
                syntax: kind.syntax(),
                posts: false,
            };
            fields.add(&root, &mut Vec::new());
        }
        Err(problem) => {
            problems.push(*problem);
            // What cannot be read by keys can still be looked at as text.
            builder.verbatim(Scope::Body, block);
        }
    }
    body
}

/// The kind of the block at the start, and the bytes between its marks if it is closed.
fn find(text: &str) -> Option<(Kind, Option<Range<usize>>)> {
    if text.starts_with('{') {
        let end = object_end(text)?;
        let alone = text[end..after_line(text, end)].trim().is_empty();
        return alone.then_some((Kind::Json, Some(0..end)));
    }
    let kind = [Kind::Yaml, Kind::Toml]
        .into_iter()
        .find(|kind| text.starts_with(kind.mark()))?;
    let start = after_mark(text, 0);
    if text[..start].trim_end() != kind.mark() {
        return None;
    }
    let mut at = start;
    while at < text.len() {
        let end = after_line(text, at);
        let line = text[at..end].trim_end();
        if line == kind.mark() || (kind == Kind::Yaml && line == "...") {
            return Some((kind, Some(start..at)));
        }
        at = end;
    }
    Some((kind, None))
}

/// The end of the JSON object that `text` starts with. A shortcode starts with braces, too.
fn object_end(text: &str) -> Option<usize> {
    let inner = text[1..].trim_start();
    if !inner.starts_with(['"', '}']) {
        return None;
    }
    let source = Source::from_text("front matter", text);
    let root = json::parse_part(&source, 0..text.len()).root?;
    (matches!(root.value, Value::Map(_)) && text[..root.at.end()].ends_with('}'))
        .then_some(root.at.end())
}

fn after_mark(text: &str, at: usize) -> usize {
    after_line(text, at)
}

fn after_line(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    match rest.find(['\n', '\r']) {
        Some(end) if rest[end..].starts_with("\r\n") => at + end + 2,
        Some(end) => at + end + 1,
        None => text.len(),
    }
}

fn parse_toml(source: &Arc<Source>, block: Range<usize>) -> Result<Node, Box<Problem>> {
    let text = source.text();
    let table = DeTable::parse(&text[block.clone()]).map_err(|error| {
        let at = error.span().map_or(block.clone(), |span| {
            block.start + span.start..block.start + span.end
        });
        let error = FrontMatterError::Toml {
            message: error.message().trim().to_owned(),
        };
        Box::new(Problem::new(&error).at(source, Span::covering(text, at), "here"))
    })?;
    let root = table.span();
    Ok(Node {
        at: Span::covering(text, block.start + root.start..block.start + root.end),
        value: toml_table(text, block.start, table.get_ref()),
    })
}

fn toml_table(text: &str, base: usize, table: &DeTable<'_>) -> Value {
    let mut entries: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| {
            let at = key.span();
            let at = Span::covering(text, base + at.start..base + at.end);
            (
                Key {
                    text: key.get_ref().clone().into_owned(),
                    at,
                },
                toml_node(text, base, value.span(), value.get_ref()),
            )
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.at);
    Value::Map(entries)
}

fn toml_node(text: &str, base: usize, span: Range<usize>, value: &DeValue<'_>) -> Node {
    let at = Span::covering(text, base + span.start..base + span.end);
    let value = match value {
        DeValue::String(words) => Value::Scalar(words.clone().into_owned()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| toml_node(text, base, item.span(), item.get_ref()))
                .collect(),
        ),
        DeValue::Table(table) => toml_table(text, base, table),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Value::Scalar(text[at.range()].trim().to_owned())
        }
    };
    Node { at, value }
}
