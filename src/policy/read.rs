//! Reads a policy from Markdown.
//!
//! A heading that starts with an id is a clause unless other such headings stand under it; a
//! paragraph that starts with the advice label (`Instead:`) is the advice, everything else up to
//! the next heading is what the clause says.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Clause, ClauseId, ClauseText, Policy, Severity, Wording};
use crate::text::shape::Reader;
use crate::text::{Lang, Problem, Source, Span, yaml};

/// What can be wrong with a policy. Each points at the Markdown that has to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PolicyError {
    /// No heading is a clause.
    #[error("this policy has no clause")]
    #[diagnostic(
        code(clearpost::policy::no_clause),
        help("start a heading with an id: `### SMP-3.1 Client names`")
    )]
    NoClause,
    /// Two headings with one id.
    #[error("clause `{id}` stands here a second time")]
    #[diagnostic(
        code(clearpost::policy::duplicate_clause),
        help("give one of the two another id; ids never change their meaning")
    )]
    Duplicate {
        /// The id.
        id: ClauseId,
    },
    /// A translation of a clause that the original does not have.
    #[error("the original policy has no clause `{id}`")]
    #[diagnostic(
        code(clearpost::policy::unknown_translation),
        help(
            "a translation has the same ids as the original: correct the id, or add the clause there"
        )
    )]
    UnknownTranslation {
        /// The id.
        id: ClauseId,
    },
    /// Settings for a clause that does not exist.
    #[error("`clauses:` speaks of `{id}`, which is no clause of this policy")]
    #[diagnostic(
        code(clearpost::policy::unknown_clause),
        help("correct the id or remove the entry")
    )]
    UnknownSettings {
        /// The id as written.
        id: String,
    },
}

const FRONT_MATTER: [&str; 9] = [
    "policy",
    "title",
    "owner",
    "version",
    "review_by",
    "language",
    "url",
    "advice_label",
    "clauses",
];

/// What the front matter says.
#[derive(Debug)]
struct Head {
    name: Option<String>,
    title: Option<String>,
    owner: Option<String>,
    version: Option<String>,
    review_by: Option<String>,
    review_at: Option<Span>,
    url: Option<String>,
    lang: Lang,
    advice_label: String,
    settings: Vec<Settings>,
}

#[derive(Debug)]
struct Settings {
    id: String,
    at: Span,
    severity: Option<Severity>,
    manual: bool,
    url: Option<String>,
    owner: Option<String>,
}

/// One clause as it stands in one file.
#[derive(Debug)]
struct Section {
    id: ClauseId,
    level: HeadingLevel,
    heading: Span,
    text: ClauseText,
}

/// Reads the original of a policy; mistakes go to `problems`.
///
/// `fallback_name` names the policy if its front matter does not.
pub fn read_policy(
    source: &Arc<Source>,
    fallback_name: &str,
    problems: &mut Vec<Problem>,
) -> Option<Policy> {
    let mut reader = Reader::new(source, problems);
    let (head, sections) = read_file(source, &mut reader);
    if sections.is_empty() {
        let start = Span::covering(source.text(), 0..0);
        reader.report(&PolicyError::NoClause, start, "no clause in this file");
        return None;
    }
    let mut policy = Policy {
        name: head.name.unwrap_or_else(|| fallback_name.to_owned()),
        titles: head
            .title
            .into_iter()
            .map(|title| (head.lang, title))
            .collect(),
        owner: head.owner,
        version: head.version,
        review_by: head.review_by,
        review_at: head.review_at,
        url: head.url,
        clauses: Vec::new(),
    };
    for section in sections {
        if policy.clause(&section.id).is_some() {
            let error = PolicyError::Duplicate { id: section.id };
            reader.report(&error, section.heading, "the second one");
            continue;
        }
        policy.clauses.push(Clause {
            id: section.id,
            severity: None,
            manual: false,
            url: None,
            owner: None,
            texts: vec![section.text],
        });
    }
    for settings in head.settings {
        let Some(clause) = policy
            .clauses
            .iter_mut()
            .find(|clause| clause.id.as_str() == settings.id)
        else {
            let error = PolicyError::UnknownSettings { id: settings.id };
            reader.report(&error, settings.at, "no such clause");
            continue;
        };
        clause.severity = settings.severity;
        clause.manual = settings.manual;
        clause.url = settings.url;
        clause.owner = settings.owner;
    }
    Some(policy)
}

/// Adds a translation, such as `policy.it.md`, to its original; mistakes go to `problems`.
pub fn add_translation(policy: &mut Policy, source: &Arc<Source>, problems: &mut Vec<Problem>) {
    let mut reader = Reader::new(source, problems);
    let (head, sections) = read_file(source, &mut reader);
    if let Some(title) = head.title {
        policy.titles.push((head.lang, title));
    }
    for section in sections {
        match policy
            .clauses
            .iter_mut()
            .find(|clause| clause.id == section.id)
        {
            Some(clause) => clause.texts.push(section.text),
            None => {
                let error = PolicyError::UnknownTranslation { id: section.id };
                reader.report(&error, section.heading, "not in the original");
            }
        }
    }
}

fn read_file(source: &Arc<Source>, reader: &mut Reader<'_>) -> (Head, Vec<Section>) {
    let text = source.text();
    let (front, body) = split_front_matter(text);
    let head = read_head(source, front, reader);
    let sections = read_sections(source, body, &head);
    (head, sections)
}

/// The YAML between the first two `---` lines, and where the rest starts.
fn split_front_matter(text: &str) -> (Option<Range<usize>>, usize) {
    let Some(start) = ["---\n", "---\r\n"]
        .iter()
        .find(|mark| text.starts_with(**mark))
        .map(|m| m.len())
    else {
        return (None, 0);
    };
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return (Some(start..at), at + line.len());
        }
        at += line.len();
    }
    (None, 0)
}

fn read_head(source: &Arc<Source>, front: Option<Range<usize>>, reader: &mut Reader<'_>) -> Head {
    let mut head = Head {
        name: None,
        title: None,
        owner: None,
        version: None,
        review_by: None,
        review_at: None,
        url: None,
        lang: Lang::EN,
        advice_label: "Instead:".to_owned(),
        settings: Vec::new(),
    };
    let Some(front) = front else { return head };
    let root = match yaml::parse_part(source, front) {
        Ok(root) => root,
        Err(error) => {
            reader.report(&error, error.at, "here");
            return head;
        }
    };
    let Some(fields) = reader.map(&root, "a policy's front matter", &FRONT_MATTER) else {
        return head;
    };
    let mut text = |key: &str| {
        fields
            .get(key)
            .and_then(|node| reader.text(node, key))
            .map(str::to_owned)
    };
    head.name = text("policy");
    head.title = text("title");
    head.owner = text("owner");
    head.version = text("version");
    head.review_by = text("review_by");
    head.review_at = fields.get("review_by").map(|node| node.at);
    head.url = text("url");
    if let Some(label) = text("advice_label") {
        head.advice_label = label;
    }
    if let Some(node) = fields.get("language") {
        head.lang = reader
            .langs(node, "language")
            .first()
            .copied()
            .unwrap_or(Lang::EN);
    }
    if let Some(node) = fields.get("clauses")
        && let Some(clauses) = reader.open_map(node, "`clauses`")
    {
        for (id, node) in clauses.entries() {
            let Some(fields) = reader.map(
                node,
                "a clause's settings",
                &["severity", "manual", "url", "owner"],
            ) else {
                continue;
            };
            let severity = fields
                .get("severity")
                .and_then(|node| reader.one_of(node, "severity", &Severity::WORDS));
            let manual = fields
                .get("manual")
                .and_then(|node| reader.truth(node, "manual"));
            let mut text = |key: &str| {
                fields
                    .get(key)
                    .and_then(|node| reader.text(node, key))
                    .map(str::to_owned)
            };
            head.settings.push(Settings {
                id: id.text.clone(),
                at: id.at,
                severity,
                manual: manual.unwrap_or(false),
                url: text("url"),
                owner: text("owner"),
            });
        }
    }
    head
}

/// A paragraph, list item or the like: its words and the bytes they stand in.
struct Paragraph {
    text: String,
    range: Range<usize>,
}

fn read_sections(source: &Source, body: usize, head: &Head) -> Vec<Section> {
    let text = source.text();
    let mut sections: Vec<Section> = Vec::new();
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut open = false;
    let mut heading: Option<(HeadingLevel, Paragraph)> = None;
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(&text[body..], options).into_offset_iter() {
        let range = body + range.start..body + range.end;
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some((
                    level,
                    Paragraph {
                        text: String::new(),
                        range,
                    },
                ));
            }
            Event::End(TagEnd::Heading(_)) => {
                let Some((level, words)) = heading.take() else {
                    continue;
                };
                finish(
                    source,
                    head,
                    if open { sections.last_mut() } else { None },
                    &mut paragraphs,
                );
                open = false;
                let Some((id, title)) = ClauseId::split_heading(&words.text) else {
                    continue;
                };
                // A clause heading under which another one stands was a section.
                if sections.last().is_some_and(|last| last.level < level) {
                    sections.pop();
                }
                let span = Span::covering(text, words.range.start..words.range.end);
                let span = Span::covering(
                    text,
                    span.start()..span.start() + text[span.range()].trim_end().len(),
                );
                sections.push(Section {
                    id,
                    level,
                    heading: span,
                    text: ClauseText {
                        lang: head.lang,
                        title: title.to_owned(),
                        body: Wording {
                            text: String::new(),
                            lines: (0, 0),
                        },
                        advice: None,
                        file: source.name().to_owned(),
                        line: source.line_col(span.start()).0,
                    },
                });
                open = true;
            }
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableRow | Tag::TableHead) => {
                paragraphs.push(Paragraph {
                    text: String::new(),
                    range,
                });
            }
            Event::Text(words) | Event::Code(words) => {
                let target = heading.as_mut().map(|(_, p)| p).or(paragraphs.last_mut());
                if let Some(paragraph) = target {
                    paragraph.text.push_str(&words);
                    paragraph.range.end = paragraph.range.end.max(range.end);
                }
            }
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::TableCell) => {
                if let Some(paragraph) = paragraphs.last_mut() {
                    paragraph.text.push(' ');
                }
            }
            _ => {}
        }
    }
    finish(
        source,
        head,
        if open { sections.last_mut() } else { None },
        &mut paragraphs,
    );
    sections
}

fn finish(
    source: &Source,
    head: &Head,
    section: Option<&mut Section>,
    paragraphs: &mut Vec<Paragraph>,
) {
    let Some(section) = section else {
        paragraphs.clear();
        return;
    };
    for paragraph in paragraphs.drain(..) {
        let words = paragraph
            .text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if words.is_empty() {
            continue;
        }
        let end = paragraph.range.start + source.text()[paragraph.range.clone()].trim_end().len();
        let lines = (
            source.line_col(paragraph.range.start).0,
            source.line_col(end).0,
        );
        if let Some(advice) = words.strip_prefix(head.advice_label.as_str()) {
            section.text.advice = Some(Wording {
                text: advice.trim().to_owned(),
                lines,
            });
        } else if section.text.body.text.is_empty() {
            section.text.body = Wording { text: words, lines };
        } else {
            section.text.body.text.push('\n');
            section.text.body.text.push_str(&words);
            section.text.body.lines.1 = lines.1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Policy>, Vec<Problem>) {
        let mut problems = Vec::new();
        let source = Arc::new(Source::from_text("policy.md", text));
        (read_policy(&source, "policy", &mut problems), problems)
    }

    const POLICY: &str = "---\npolicy: social-media\nowner: Comms\nversion: 2026.10\nclauses:\n  SMP-3.1: {severity: warning}\n---\n# Policy\n## SMP-3 Others\nAbout others.\n### SMP-3.1 Client names\nName a *client* only\nwith `approval`.\n\n- one\n- two\n\nInstead: describe it.\n\n## 3 reasons\nNot a clause.\n";

    #[test]
    fn clauses_have_words_advice_and_lines() {
        let (policy, problems) = read(POLICY);
        assert!(problems.is_empty(), "{problems:?}");
        let policy = policy.unwrap();
        assert_eq!(policy.version.as_deref(), Some("2026.10"));
        let ids: Vec<_> = policy
            .clauses
            .iter()
            .map(|clause| clause.id.as_str())
            .collect();
        assert_eq!(ids, ["SMP-3.1"]);
        let clause = &policy.clauses[0];
        assert_eq!(clause.severity, Some(Severity::Warning));
        let text = clause.text(Lang::EN);
        assert_eq!(text.title, "Client names");
        assert_eq!(text.line, 11);
        assert_eq!(
            text.body.text,
            "Name a client only with approval.\none\ntwo"
        );
        assert_eq!(text.body.lines, (12, 16));
        assert_eq!(text.advice.as_ref().unwrap().text, "describe it.");
        assert_eq!(text.advice.as_ref().unwrap().lines, (18, 18));
    }

    #[test]
    fn mistakes_are_at_their_heading() {
        let (_, problems) = read("## A-1 One\nx\n## A-1 Two\ny\n");
        assert_eq!(
            problems[0].message,
            "clause `A-1` stands here a second time"
        );
        let place = problems[0].place.as_ref().unwrap();
        assert_eq!(&place.source.text()[place.span.range()], "## A-1 Two");
        let (policy, problems) = read("# Nothing\n");
        assert!(policy.is_none());
        assert_eq!(problems[0].message, "this policy has no clause");
    }

    #[test]
    fn a_translation_joins_by_id() {
        let (policy, _) = read(POLICY);
        let mut policy = policy.unwrap();
        let mut problems = Vec::new();
        let it = Source::from_text(
            "policy.it.md",
            "---\nlanguage: it\nadvice_label: \"Invece:\"\n---\n### SMP-3.1 Nomi dei clienti\nSolo con consenso.\n\nInvece: descrivi.\n### SMP-9.9 Altro\nx\n",
        );
        add_translation(&mut policy, &Arc::new(it), &mut problems);
        let lang: Lang = "it".parse().unwrap();
        let text = policy.clauses[0].text(lang);
        assert_eq!(
            (
                text.title.as_str(),
                text.advice.as_ref().unwrap().text.as_str()
            ),
            ("Nomi dei clienti", "descrivi.")
        );
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].message,
            "the original policy has no clause `SMP-9.9`"
        );
    }
}
