//! JSON of content systems and data pipelines: documents, and a post a line.

use std::sync::Arc;

use super::fields::{Fields, Syntax, posts};
use super::pieces::{Piece, Pieces};
use super::{Go, RawFile, ReadOptions, Reader, Sink};
use crate::draft::build::DraftBuilder;
use crate::draft::paragraphs::{lines, trim};
use crate::draft::{Draft, Facts};
use crate::text::yaml::{Node, Value};
use crate::text::{Problem, Source, Span, json};

/// JSON by its shape.
#[derive(Debug)]
pub(super) enum Json {
    /// One value in a file.
    Document,
    /// One object a line.
    Lines,
}

/// A line that is no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("line {line} is no JSON object: {message}")]
#[diagnostic(
    code(clearpost::draft::no_object),
    help("every line has to be an object of its own; the other lines were checked")
)]
struct NoObject {
    line: usize,
    message: String,
}

impl Reader for Json {
    fn name(&self) -> &'static str {
        match self {
            Self::Document => "json",
            Self::Lines => "jsonl",
        }
    }

    fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Document => &["json"],
            Self::Lines => &["jsonl", "ndjson"],
        }
    }

    fn about(&self) -> &'static str {
        match self {
            Self::Document => "one post an object: text fields, rich text, a language a field",
            Self::Lines => "one post a line, of any number",
        }
    }

    fn is_found_in_folders(&self) -> bool {
        false
    }

    fn is_start_of(&self, text: &str) -> bool {
        let first = text.trim_start().lines().next().unwrap_or_default();
        let object = first.starts_with('{');
        let whole = object && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
        match self {
            Self::Lines => whole && text.trim().lines().nth(1).is_some(),
            Self::Document => {
                let start = first.trim_start_matches(['{', '[']).trim_start();
                (object || first.starts_with('['))
                    && (start.is_empty() || start.starts_with(['"', '{', '}', ']']))
            }
        }
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        match self {
            Self::Document => document(file, options, sink, problems),
            Self::Lines => by_line(file, options, sink, problems),
        }
    }
}

fn document(file: RawFile<'_>, options: &ReadOptions, sink: Sink<'_>, problems: &mut Vec<Problem>) {
    let Some(source) = file.decode(problems) else {
        return;
    };
    let read = json::parse_part(&source, 0..source.text().len());
    if let Some(error) = &read.error {
        problems.push(Problem::new(error).at(&source, error.at, "here"));
    }
    let Some(root) = read.root else { return };
    let drafts = posts(&root)
        .posts
        .into_iter()
        .map(|(record, node)| post(&source, node, record, Syntax::Json, options, problems))
        .collect();
    sink(drafts);
}

/// The draft that an object holds.
pub(super) fn post(
    source: &Arc<Source>,
    node: &Node,
    record: Option<usize>,
    syntax: Syntax,
    options: &ReadOptions,
    problems: &mut Vec<Problem>,
) -> Draft {
    let mut builder = DraftBuilder::new(source);
    builder.set_record(record);
    let text = source.text();
    let first = lines(text, node.at.range()).next().unwrap_or(0..0);
    builder.set_head(trim(text, first));
    let mut facts = Facts::new(&options.stated);
    let mut fields = Fields {
        builder: &mut builder,
        facts: &mut facts,
        options,
        syntax,
        posts: true,
    };
    if let Value::Scalar(_) = &node.value {
        // A list of texts: each is a post.
        fields.add(node, &mut vec!["text"]);
    } else {
        fields.add(node, &mut Vec::new());
    }
    facts.settle(source, &options.channels, &options.zone, problems);
    builder.finish(facts)
}

fn by_line(file: RawFile<'_>, options: &ReadOptions, sink: Sink<'_>, problems: &mut Vec<Problem>) {
    let cut = |bytes: &[u8]| memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    let mut line = 0;
    for piece in Pieces::new(file, 0, cut) {
        let source = match piece {
            Ok(Piece { source, .. }) => source,
            Err(problem) => {
                problems.push(*problem);
                return;
            }
        };
        let text = source.text();
        let mut drafts = Vec::new();
        for range in lines(text, 0..text.len()) {
            line += 1;
            let range = trim(text, range);
            if range.is_empty() {
                continue;
            }
            let read = json::parse_part(&source, range.clone());
            let root = read.root.filter(|root| matches!(root.value, Value::Map(_)));
            if let Some(error) = &read.error {
                let message = error.message.clone();
                let problem = Problem::new(&NoObject { line, message });
                problems.push(problem.at(&source, error.at, "here"));
            } else if root.is_none() {
                let message = "it is another kind of value".to_owned();
                let problem = Problem::new(&NoObject { line, message });
                let span = Span::covering(text, range);
                problems.push(problem.at(&source, span, "this line"));
            }
            if let Some(root) = root {
                drafts.push(post(
                    &source,
                    &root,
                    Some(line),
                    Syntax::Json,
                    options,
                    problems,
                ));
            }
        }
        if sink(drafts) == Go::Stop {
            return;
        }
    }
}
