//! JSON of content systems and data pipelines: documents, and a post a line.

use std::ops::Range;
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
    let mut told = Vec::new();
    let mut each = |read: Vec<Line>| {
        let mut drafts = Vec::with_capacity(read.len());
        for line in read {
            drafts.extend(line.draft);
            told.extend(line.problems);
        }
        sink(drafts)
    };
    let stopped = for_each_line(file, options, &mut each);
    problems.extend(told);
    problems.extend(stopped.map(|problem| *problem));
}

/// A line of a file of objects.
#[derive(Debug)]
pub struct Line {
    /// The text that holds it.
    pub source: Arc<Source>,
    /// Its bytes there, without white space at its edges.
    pub range: Range<usize>,
    /// Its number, from 1.
    pub number: usize,
    /// Whether it is a whole object.
    pub is_object: bool,
    /// The post in it, as far as it goes.
    pub draft: Option<Draft>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Reads a file of one object a line, and hands its lines to `each`, many at a time. What it
/// returns is why reading ended before the file did.
pub fn for_each_line(
    file: RawFile<'_>,
    options: &ReadOptions,
    each: &mut dyn FnMut(Vec<Line>) -> Go,
) -> Option<Box<Problem>> {
    let cut = |bytes: &[u8]| memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    let mut number = 0;
    for piece in Pieces::new(file, 0, cut) {
        let source = match piece {
            Ok(Piece { source, .. }) => source,
            Err(problem) => return Some(problem),
        };
        let text = source.text();
        let read = lines(text, 0..text.len())
            .map(|range| {
                number += 1;
                line(&source, trim(text, range), number, options)
            })
            .collect();
        if each(read) == Go::Stop {
            return None;
        }
    }
    None
}

fn line(source: &Arc<Source>, range: Range<usize>, number: usize, options: &ReadOptions) -> Line {
    let mut line = Line {
        source: Arc::clone(source),
        range: range.clone(),
        number,
        is_object: false,
        draft: None,
        problems: Vec::new(),
    };
    if range.is_empty() {
        return line;
    }
    let read = json::parse_part(source, range.clone());
    let root = read.root.filter(|root| matches!(root.value, Value::Map(_)));
    let wrong = match (&read.error, &root) {
        (Some(error), _) => Some((error.message.clone(), error.at, "here")),
        (None, None) => Some((
            "it is another kind of value".to_owned(),
            Span::covering(source.text(), range),
            "this line",
        )),
        (None, Some(_)) => None,
    };
    if let Some((message, at, label)) = wrong {
        let problem = Problem::new(&NoObject {
            line: number,
            message,
        });
        line.problems.push(problem.at(source, at, label));
    }
    line.is_object = line.problems.is_empty();
    line.draft = root.map(|root| {
        post(
            source,
            &root,
            Some(number),
            Syntax::Json,
            options,
            &mut line.problems,
        )
    });
    line
}
