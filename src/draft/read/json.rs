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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::read::read_text;
    use proptest::prelude::*;

    fn read(format: &Json, text: &str) -> (Vec<Draft>, Vec<String>) {
        let mut problems = Vec::new();
        let drafts = read_text(
            format,
            "d.json",
            text,
            &ReadOptions::default(),
            &mut problems,
        );
        let messages = problems
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        (drafts, messages)
    }

    /// Scope, language, words, bytes of the file.
    fn segments(draft: &Draft) -> Vec<[String; 4]> {
        let text = draft.source().text();
        draft
            .segments()
            .iter()
            .map(|segment| {
                [
                    segment.scope.to_string(),
                    segment
                        .lang
                        .map(|lang| lang.to_string())
                        .unwrap_or_default(),
                    draft.text()[segment.range.clone()].to_owned(),
                    text[draft.span(&segment.range).range()].to_owned(),
                ]
            })
            .collect()
    }

    #[test]
    fn an_export_of_a_content_system_is_read_as_its_readers_see_it() {
        let text = r#"{"entries": [{
            "sys": {"id": "5kq1", "publishedAt": "2026-12-04T08:00:00Z"},
            "fields": {"title": {"en": "Libraries", "es": "Bibliotecas"}, "status": {"en": "approved"},
            "body": {"en": {"nodeType": "document", "content": [{"nodeType": "paragraph", "content": [
                {"nodeType": "text", "value": "Read Flow"}, {"nodeType": "text", "value": "Desk 4\u00e9"},
                {"nodeType": "hyperlink", "data": {"uri": "https://w.internal/"}, "content": [{"nodeType": "text", "value": " more"}]}
            ]}, {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": "Next"}]}]}}}}],
            "assets": [{"sys": {"id": "a7"}, "fields": {"file": {"en": {"url": "//x.example/a.png", "contentType": "image/png"}}}}]}"#;
        let (drafts, problems) = read(&Json::Document, text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(drafts.len(), 2);
        assert_eq!(drafts[0].record_id().unwrap().as_ref(), "5kq1");
        assert_eq!(drafts[0].facts().get("status").unwrap().value, "approved");
        assert_eq!(
            drafts[0].facts().publish_at(),
            Some("2026-12-04T08:00:00Z".parse().unwrap())
        );
        let seen: Vec<_> = segments(&drafts[0])
            .into_iter()
            .filter(|segment| !segment[0].starts_with("metadata"))
            .map(|[scope, lang, words, _]| format!("{scope} {lang} {words}"))
            .collect();
        assert_eq!(
            seen,
            [
                "title en Libraries",
                "title es Bibliotecas",
                "link en https://w.internal/",
                "body en Read FlowDesk 4é more",
                "body en Next",
            ]
        );
        let raw = &segments(&drafts[0])
            .into_iter()
            .find(|segment| segment[2].starts_with("Read"))
            .unwrap()[3];
        assert!(
            raw.starts_with("Read Flow\"}") && raw.ends_with(" more"),
            "{raw}"
        );
        assert_eq!(segments(&drafts[1]).last().unwrap()[2], "image/png");
        assert!(
            segments(&drafts[1])
                .iter()
                .any(|s| s[0] == "image" && s[2] == "//x.example/a.png")
        );
    }

    #[test]
    fn lines_are_read_one_by_one_and_a_cut_export_as_far_as_it_goes() {
        let text = "{\"text\": \"Ciao \\\"Acme\\\"\", \"channel\": \"x\"}\r\nnonsense\n\n{\"body\": \"two\\nlines\"}\n[1]";
        let (drafts, problems) = read(&Json::Lines, text);
        let records: Vec<_> = drafts.iter().map(Draft::record).collect();
        assert_eq!(records, [Some(1), Some(4)]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(drafts[0].facts().channel(), Some("x"));
        assert_eq!(segments(&drafts[0])[0][3], "Ciao \\\"Acme\\\"");
        let (drafts, problems) = read(
            &Json::Document,
            "[{\"text\": \"one\"}, {\"text\": \"two\"}, {\"text\": \"thr",
        );
        assert_eq!(problems.len(), 1);
        assert_eq!(drafts.len(), 3);
        assert_eq!(drafts[1].text(), "two");
    }

    #[test]
    fn pieces_give_the_lines_that_the_whole_gives() {
        let line = |number: usize| {
            let end = ["\n", "\r\n", "\n\n"][number % 3];
            format!(
                "{{\"id\": {number}, \"text\": \"né {}\"}}{end}",
                "x".repeat(number % 200)
            )
        };
        let text: String = (0..20_000).map(line).collect();
        let mut streamed = Vec::new();
        let mut pieces = 0;
        let mut sink = |drafts: Vec<Draft>| {
            streamed.extend(drafts);
            pieces += 1;
            Go::On
        };
        let file = RawFile::streamed("d.jsonl", text.as_bytes());
        let mut problems = Vec::new();
        Json::Lines.read(file, &ReadOptions::default(), &mut sink, &mut problems);
        assert!(problems.is_empty() && pieces > 2, "{pieces} pieces");
        let (whole, _) = read(&Json::Lines, &text);
        let seen = |drafts: &[Draft]| -> Vec<_> {
            drafts
                .iter()
                .map(|draft| {
                    let place = draft.source().location(draft.head());
                    (draft.record(), draft.text().to_owned(), place)
                })
                .collect()
        };
        assert_eq!(seen(&whole), seen(&streamed));
    }

    proptest! {
        #[test]
        fn a_text_is_found_where_it_stands(words in "[a-zé😀\"\\\\\n/ ]{1,20}", escaped in any::<bool>()) {
            prop_assume!(!words.trim().is_empty());
            let mut json = serde_json::to_string(&words).unwrap();
            if escaped {
                json = json
                    .chars()
                    .map(|letter| match letter.encode_utf16(&mut [0; 2]) {
                        [unit] if *unit < 0x80 => letter.to_string(),
                        [unit] => format!("\\u{unit:04x}"),
                        [high, low] => format!("\\u{high:04x}\\u{low:04x}"),
                        _ => String::new(),
                    })
                    .collect();
            }
            let text = format!("{{\"title\": {json}}}");
            let (drafts, problems) = read(&Json::Document, &text);
            prop_assert!(problems.is_empty());
            let draft = &drafts[0];
            prop_assert_eq!(draft.text(), &words);
            for (at, letter) in words.char_indices() {
                let raw = &text[draft.span(&(at..at + letter.len_utf8())).range()];
                let back: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
                prop_assert_eq!(back, letter.to_string());
            }
        }
    }
}
