//! Waivers as they are written: what they name, why, who approved them and until when.
//!
//! Whether a waiver holds is decided elsewhere: that takes the rules, the policy and the clock. What
//! is wrong with the way it is written is kept with it, since a waiver that does not hold is a
//! finding at its place and no reason to stop reading the draft.

use std::ops::Range;
use std::sync::Arc;

use super::Scope;
use crate::text::shape::{Reader, nearest};
use crate::text::yaml::{Key, Node, Value};
use crate::text::{Problem, Source, SourceMap, Span};

/// How a comment begins that is a waiver.
pub const KEYWORD: &str = "clearpost-waive";

const KEYS: [&str; 5] = ["rule", "clause", "reason", "approved_by", "until"];

/// An exception that somebody wrote down.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The file it stands in: the draft's own, or a list of waivers.
    pub source: Arc<Source>,
    /// What it is to a reader of the draft.
    pub scope: Scope,
    /// Where it stands; what is missing from it is told here.
    pub at: Span,
    /// The rules and clauses it names.
    pub names: Vec<Written>,
    /// Why.
    pub reason: Option<Written>,
    /// Who approved it.
    pub by: Option<Written>,
    /// Its end.
    pub until: Option<Written>,
    /// What of the draft it is for.
    pub reach: Reach,
    /// What is wrong with the way it is written, and where.
    pub fault: Option<(Fault, Span)>,
}

/// A part of a waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// As written, without white space at its edges; empty where a key has no value.
    pub text: String,
    /// Where: in YAML the key and its value.
    pub at: Span,
}

/// What of a draft a waiver is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Draft,
    /// Findings that begin in these bytes of the source's text.
    Bytes(Range<usize>),
}

impl Reach {
    /// Whether a finding at `span` is inside.
    pub fn covers(&self, span: Span) -> bool {
        match self {
            Self::Draft => true,
            Self::Bytes(range) => range.contains(&span.start()),
        }
    }
}

/// What makes a waiver invalid. People are told in their own language, so the words are the
/// engine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no map.
    NoMap,
    /// A key that nothing reads.
    UnknownKey {
        /// As written.
        key: String,
        /// The key that looks most like it.
        nearest: Option<&'static str>,
        /// All keys.
        known: String,
    },
    /// It has both `rule` and `clause`.
    TwoTargets,
    /// It names nothing.
    NoNames,
    /// `*`.
    Blanket,
    /// A name that is neither a rule nor a clause.
    UnknownName {
        /// As written.
        name: String,
        /// The one that was most likely meant.
        nearest: Option<String>,
    },
    /// A rule that nobody may waive.
    NotWaivable {
        /// The rule.
        rule: String,
    },
    /// A rule that somebody else has to waive.
    NotBy {
        /// The rule.
        rule: String,
        /// Who may waive it.
        allowed: String,
    },
    /// No reason.
    NoReason,
    /// Nobody who approved it.
    NoApprover,
    /// No end.
    NoEnd,
    /// An end that is no date.
    NoDate {
        /// As written.
        text: String,
    },
    /// Its end is over.
    Expired {
        /// The end as written.
        until: String,
    },
    /// `clearpost-waive-something`.
    UnknownKeyword {
        /// As written.
        word: String,
    },
    /// A part that is neither `by NAME` nor `until DATE`.
    UnknownPart {
        /// As written.
        text: String,
    },
    /// A part that stands there twice.
    Twice {
        /// `by` or `until`.
        part: &'static str,
    },
    /// A comment with text on both sides: nobody could say what it is for.
    MiddleOfLine,
    /// An entry of a list of waivers that names no path.
    NoPath,
    /// A path that is no pattern.
    NoPattern {
        /// As written.
        text: String,
    },
}

impl Waiver {
    /// Reads `RULE[, RULE…]: reason; by NAME; until DATE`, with or without the keyword in front.
    ///
    /// `place` says where bytes of `inner` stand in `source`. `reach` holds unless the keyword says
    /// that the waiver is for the whole file.
    pub fn parse(
        source: &Arc<Source>,
        inner: &str,
        scope: Scope,
        reach: Reach,
        place: impl Fn(Range<usize>) -> Span,
    ) -> Self {
        let all = trimmed(inner, 0..inner.len());
        let mut waiver = Self::empty(source, scope, place(all.clone()));
        waiver.reach = reach;
        let mut rest = all.clone();
        if let Some(after) = inner[all.clone()].strip_prefix(KEYWORD) {
            let word = after
                .find(|letter: char| letter.is_whitespace() || letter == ':')
                .unwrap_or(after.len());
            rest.start += KEYWORD.len() + word;
            match &after[..word] {
                "" => {}
                "-file" => waiver.reach = Reach::Draft,
                _ => {
                    let at = place(all.start..rest.start);
                    let word = inner[all.start..rest.start].to_owned();
                    waiver.flaw(Fault::UnknownKeyword { word }, at);
                }
            }
        }
        let head = inner[rest.clone()]
            .find([':', ';'])
            .map_or(rest.end, |at| rest.start + at);
        let written = |range: Range<usize>| {
            let range = trimmed(inner, range);
            Written {
                text: inner[range.clone()].to_owned(),
                at: place(range),
            }
        };
        waiver.names = parts(inner, rest.start..head, ',')
            .map(written)
            .filter(|name| !name.text.is_empty())
            .collect();
        let with_reason = inner[head..rest.end].starts_with(':');
        let mut tail = parts(inner, (head + 1).min(rest.end)..rest.end, ';');
        if with_reason {
            waiver.reason = tail
                .next()
                .map(written)
                .filter(|reason| !reason.text.is_empty());
        }
        for range in tail {
            let range = trimmed(inner, range);
            let text = &inner[range.clone()];
            let first = text.split_whitespace().next().unwrap_or_default();
            let value = written(range.start + first.len()..range.end);
            let (part, slot) = match first.to_ascii_lowercase().as_str() {
                "" => continue,
                "by" => ("by", &mut waiver.by),
                "until" => ("until", &mut waiver.until),
                _ => {
                    let text = text.to_owned();
                    waiver.flaw(Fault::UnknownPart { text }, place(range));
                    continue;
                }
            };
            if slot.is_some() {
                waiver.flaw(Fault::Twice { part }, place(range));
            } else {
                *slot = Some(Written {
                    at: place(range),
                    ..value
                });
            }
        }
        waiver
    }

    /// Reads a map with `rule` or `clause`, `reason`, `approved_by` and `until`.
    pub fn from_map(source: &Arc<Source>, node: &Node, scope: Scope) -> Self {
        Self::from_map_with(source, node, scope, &[]).0
    }

    /// As [`Waiver::from_map`]; the values of the keys in `more` are handed back.
    fn from_map_with(
        source: &Arc<Source>,
        node: &Node,
        scope: Scope,
        more: &[&'static str],
    ) -> (Self, Vec<Written>) {
        let Value::Map(entries) = &node.value else {
            let mut waiver = Self::empty(source, scope, value_at(source, node));
            waiver.flaw(Fault::NoMap, waiver.at);
            return (waiver, Vec::new());
        };
        let at = entries
            .first()
            .map_or(node.at, |(key, value)| entry_at(source, key, value));
        let mut waiver = Self::empty(source, scope, at);
        let mut others = Vec::new();
        let mut target: Option<&str> = None;
        for (key, value) in entries {
            let at = entry_at(source, key, value);
            // In camel case, too, as every key of front matter.
            let name = if key.text == "approvedBy" {
                "approved_by"
            } else {
                key.text.as_str()
            };
            match name {
                "rule" | "clause" => {
                    if target.is_some_and(|first| first != name) {
                        waiver.flaw(Fault::TwoTargets, at);
                    }
                    target = Some(name);
                    waiver.names.extend(texts(source, value, at));
                    waiver.at = at;
                }
                "reason" => waiver.reason = Some(text(value, at)),
                "approved_by" => waiver.by = Some(text(value, at)),
                "until" => waiver.until = Some(text(value, at)),
                other if more.contains(&other) => others.extend(texts(source, value, at)),
                other => {
                    let known = || more.iter().copied().chain(KEYS);
                    let fault = Fault::UnknownKey {
                        key: other.to_owned(),
                        nearest: nearest(other, known()),
                        known: known().collect::<Vec<_>>().join(", "),
                    };
                    waiver.flaw(fault, key.at);
                }
            }
        }
        waiver.names.retain(|name| !name.text.is_empty());
        (waiver, others)
    }

    /// A waiver that stands for what is written under an unknown key beside waivers.
    pub(super) fn unknown_key(
        source: &Arc<Source>,
        key: &Key,
        scope: Scope,
        known: &'static str,
    ) -> Self {
        let mut waiver = Self::empty(source, scope, key.at);
        let fault = Fault::UnknownKey {
            key: key.text.clone(),
            nearest: nearest(&key.text, [known]),
            known: known.to_owned(),
        };
        waiver.flaw(fault, key.at);
        waiver
    }

    fn empty(source: &Arc<Source>, scope: Scope, at: Span) -> Self {
        Self {
            source: Arc::clone(source),
            scope,
            at,
            names: Vec::new(),
            reason: None,
            by: None,
            until: None,
            reach: Reach::Draft,
            fault: None,
        }
    }

    /// Notes what is wrong with it; only the first mistake is told.
    pub fn flaw(&mut self, fault: Fault, at: Span) {
        self.fault.get_or_insert((fault, at));
    }

    /// The same waiver, read of a text that came out of `source` as `origin` says.
    pub(super) fn moved(mut self, source: &Arc<Source>, origin: &SourceMap) -> Self {
        let range = |range: Range<usize>| origin.origin(&range).unwrap_or(0..0);
        let span = |at: Span| Span::covering(source.text(), range(at.range()));
        self.at = span(self.at);
        for written in self
            .names
            .iter_mut()
            .chain(&mut self.reason)
            .chain(&mut self.by)
            .chain(&mut self.until)
        {
            written.at = span(written.at);
        }
        if let Some((_, at)) = &mut self.fault {
            *at = span(*at);
        }
        if let Reach::Bytes(bytes) = &mut self.reach
            && bytes.start < bytes.end
        {
            *bytes = range(bytes.clone());
        }
        self.source = Arc::clone(source);
        self
    }
}

/// A waiver of a list for many drafts, and the paths it is for.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Patterns as written; none if it is faulty in that.
    pub paths: Vec<Written>,
    /// The waiver.
    pub waiver: Waiver,
}

/// Reads a list of waivers, each with `path`. Only what is no list at all is a problem.
pub fn listed(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Vec<Listed> {
    let mut reader = Reader::new(source, problems);
    let Some(root) = reader.root() else {
        return Vec::new();
    };
    let items = match &root.value {
        Value::Null => &[],
        Value::Map(_) => std::slice::from_ref(&root),
        _ => reader
            .list(&root, "the list of waivers")
            .unwrap_or_default(),
    };
    items
        .iter()
        .map(|item| {
            let scope = Scope::Metadata("waiver".to_owned());
            let (mut waiver, mut paths) = Waiver::from_map_with(source, item, scope, &["path"]);
            paths.retain(|path| !path.text.is_empty());
            if paths.is_empty() {
                waiver.flaw(Fault::NoPath, waiver.at);
            }
            Listed { paths, waiver }
        })
        .collect()
}

/// A comment as it stands in its file, and what it reaches.
#[derive(Debug)]
pub(super) struct Comment {
    /// With its marks.
    pub(super) outer: Range<usize>,
    pub(super) stands: Stands,
}

/// Where a comment stands on its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Alone: it is for what follows.
    Alone,
    /// At the end: it is for the line's text, which is here.
    AtEnd(Range<usize>),
    /// With text on both sides.
    Between,
}

impl Comment {
    /// The comment of HTML whose words stand at `inner` of `text`.
    pub(super) fn around(text: &str, inner: &Range<usize>) -> Option<Self> {
        let before = text[..inner.start].trim_end();
        let start = before.strip_suffix("<!--")?.len();
        let after = text[inner.end..].trim_start();
        let end = text.len() - after.strip_prefix("-->")?.len();
        let line = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line_end = text[end..]
            .find(['\n', '\r'])
            .map_or(text.len(), |at| end + at);
        let stands = if !is_end_of_line(&text[end..line_end]) {
            Stands::Between
        } else if is_lead(&text[line..start]) {
            Stands::Alone
        } else {
            Stands::AtEnd(line..start)
        };
        Some(Self {
            outer: start..end,
            stands,
        })
    }
}

/// Whether nothing that a visitor of the page sees stands at the end of a line: blanks, the edge
/// of a table, other comments, tags that close.
fn is_end_of_line(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start_matches([' ', '\t', '|']);
        if rest.is_empty() {
            return true;
        }
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("</") {
            ">"
        } else {
            return false;
        };
        match rest.find(end) {
            Some(at) => rest = &rest[at + end.len()..],
            // A comment that goes on over the next line.
            None => return true,
        }
    }
}

/// Whether what stands before a comment is nothing but the marks of quotations and lists, and
/// other comments.
fn is_lead(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start_matches([' ', '\t', '>']);
        if rest.is_empty() {
            return true;
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            let Some(end) = comment.find("-->") else {
                return false;
            };
            rest = &comment[end + 3..];
            continue;
        }
        let number = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let marks: &[char] = if number.len() < rest.len() {
            &['.', ')']
        } else {
            &['-', '*', '+']
        };
        match number.strip_prefix(marks) {
            Some(after) if after.is_empty() || after.starts_with([' ', '\t']) => rest = after,
            _ => return false,
        }
    }
}

/// `range` cut at each `mark`.
fn parts(text: &str, range: Range<usize>, mark: char) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    text[range].split(mark).map(move |part| {
        let start = at;
        at += part.len() + mark.len_utf8();
        start..start + part.len()
    })
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    super::paragraphs::trim(text, range)
}

/// The bytes of a key and its value; of the key and its colon where there is no value.
fn entry_at(source: &Source, key: &Key, value: &Node) -> Span {
    let text = source.text();
    let end = if matches!(value.value, Value::Null) {
        let after = &text[key.at.end()..];
        let blank = after.len() - after.trim_start_matches([' ', '"', '\'']).len();
        if after[blank..].starts_with(':') {
            key.at.end() + blank + 1
        } else {
            key.at.end()
        }
    } else {
        value_at(source, value).end()
    };
    Span::covering(text, key.at.start()..end.max(key.at.end()))
}

/// The bytes of a value, to the end of the last one in it.
fn value_at(source: &Source, node: &Node) -> Span {
    let last = match &node.value {
        Value::Null | Value::Scalar(_) => None,
        Value::List(items) => items.last(),
        Value::Map(entries) => entries.last().map(|(_, value)| value),
    };
    let end = last.map_or(node.at.end(), |last| value_at(source, last).end());
    let text = source.text();
    let written = text
        .get(node.at.start()..end)
        .map_or(0, |raw| raw.trim_end().len());
    Span::covering(text, node.at.start()..node.at.start() + written)
}

fn text(node: &Node, at: Span) -> Written {
    let text = match &node.value {
        Value::Scalar(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    Written { text, at }
}

fn texts(source: &Source, node: &Node, at: Span) -> Vec<Written> {
    match &node.value {
        Value::List(items) => items
            .iter()
            .map(|item| text(item, value_at(source, item)))
            .collect(),
        _ => vec![text(node, at)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(inner: &str) -> Waiver {
        let source = Arc::new(Source::from_text("d.md", inner));
        let place = |range| Span::covering(inner, range);
        Waiver::parse(&source, inner, Scope::Comment, Reach::Draft, place)
    }

    fn shown(written: Option<&Written>) -> &str {
        written.map_or("-", |written| &written.text)
    }

    #[test]
    fn the_parts_of_a_comment() {
        let cases = [
            (
                "clearpost-waive own/a, SMP-3.1: signed release: 3 May; by Elena Conti; until 2027-01-31",
                "own/a+SMP-3.1|signed release: 3 May|Elena Conti|2027-01-31",
            ),
            ("SMP-3.1: a reason", "SMP-3.1|a reason|-|-"),
            ("clearpost-waive-file own/a:why;", "own/a|why|-|-"),
            ("clearpost-waive own/a", "own/a|-|-|-"),
            ("clearpost-waive own/a; by X", "own/a|-|X|-"),
            ("clearpost-waive : why", "|why|-|-"),
            (
                "own/a: ; UNTIL 2027-01-31\n; By\tX Y",
                "own/a|-|X Y|2027-01-31",
            ),
            ("*: è; by è", "*|è|è|-"),
            ("", "|-|-|-"),
        ];
        for (inner, expected) in cases {
            let waiver = parsed(inner);
            let names: Vec<&str> = waiver.names.iter().map(|name| name.text.as_str()).collect();
            let found = format!(
                "{}|{}|{}|{}",
                names.join("+"),
                shown(waiver.reason.as_ref()),
                shown(waiver.by.as_ref()),
                shown(waiver.until.as_ref())
            );
            assert_eq!(found, expected, "{inner}");
            assert_eq!(waiver.fault, None, "{inner}");
        }
    }

    #[test]
    fn what_is_wrong_is_kept_with_its_place() {
        for (inner, raw, fault) in [
            (
                "clearpost-waive-all own/a: why",
                "clearpost-waive-all",
                Fault::UnknownKeyword {
                    word: "clearpost-waive-all".into(),
                },
            ),
            (
                "own/a: why; untill 2027-01-31; by",
                "untill 2027-01-31",
                Fault::UnknownPart {
                    text: "untill 2027-01-31".into(),
                },
            ),
            (
                "own/a: why; by A; by B",
                "by B",
                Fault::Twice { part: "by" },
            ),
        ] {
            let (found, at) = parsed(inner).fault.unwrap();
            assert_eq!((found, &inner[at.range()]), (fault, raw), "{inner}");
        }
    }

    #[test]
    fn where_a_comment_stands_on_its_line() {
        let at_end = |range: Range<usize>| Some(Stands::AtEnd(range));
        let cases = [
            ("<!-- X -->", Some(Stands::Alone)),
            ("a\r\n > - 1. <!--X-->  \r\nb", Some(Stands::Alone)),
            ("<!-- b --> <!-- X --> <!-- c", Some(Stands::Alone)),
            ("ab <!-- X -->", at_end(0..3)),
            ("a\rbc <!-- X --> |\rd", at_end(2..5)),
            ("<p>bc<!-- X --></b></p>\nd", at_end(0..5)),
            ("ab <!-- X --> c", Some(Stands::Between)),
            ("<!-- X --> c", Some(Stands::Between)),
            ("2026 <!-- X -->", at_end(0..5)),
            ("X -->", None),
            ("<!-- X", None),
        ];
        for (text, expected) in cases {
            let at = text.find('X').unwrap();
            let comment = Comment::around(text, &(at..at + 1));
            assert_eq!(comment.map(|comment| comment.stands), expected, "{text}");
        }
    }

    #[test]
    fn maps_point_at_the_key_with_its_value() {
        let text = "- clause: \"*\"\n  reason: \"\"\n  approved_by:\n  until: 2027-01-31\n- rule: [own/a, own/b]\n  paht: x\n- 7\n- reason: why\n  rule: a/b\n  clause: SMP-1\n";
        let source = Arc::new(Source::from_text("w.yaml", text));
        let mut problems = Vec::new();
        let found = listed(&source, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        let first = &found[0].waiver;
        for (written, raw) in [
            (&first.names[0], "clause: \"*\""),
            (first.reason.as_ref().unwrap(), "reason: \"\""),
            (first.by.as_ref().unwrap(), "approved_by:"),
            (first.until.as_ref().unwrap(), "until: 2027-01-31"),
            (&found[1].waiver.names[1], "own/b"),
        ] {
            assert_eq!(&text[written.at.range()], raw);
        }
        let faults: Vec<_> = found
            .iter()
            .map(|listed| {
                let (fault, at) = listed.waiver.fault.clone().unwrap();
                (fault, &text[at.range()])
            })
            .collect();
        assert_eq!(faults[0], (Fault::NoPath, "clause: \"*\""));
        assert!(matches!(
            &faults[1],
            (
                Fault::UnknownKey {
                    nearest: Some("path"),
                    ..
                },
                "paht"
            )
        ));
        assert_eq!(faults[2], (Fault::NoMap, "7"));
        assert_eq!(faults[3], (Fault::TwoTargets, "clause: SMP-1"));
    }
}
