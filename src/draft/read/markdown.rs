//! Markdown with front matter, by `CommonMark` and GitHub's additions.
//!
//! Markup is dropped and the words are joined: a paragraph is one segment, so that
//! `conf**ident**ial` is one word and a phrase may run over a line's end. Text of a link is part of
//! its paragraph; where it leads, pictures and their texts, code blocks and comments are segments of
//! their own. Code inside a line is text: readers of a post see it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, LinkType, OffsetIter, Options, Parser, Tag, TagEnd};

use super::markup::{Apart, Piece, TagAlt, blocks, entity, pieces};
use super::shortcode::{arguments, picture_alt, shortcodes};
use super::{RawFile, ReadOptions, Reader, Sink, front_matter};
use crate::draft::build::{DraftBuilder, SegmentText};
use crate::draft::waiver::KEYWORD;
use crate::draft::{Draft, Facts, Scope};
use crate::text::{MappedText, Problem, Source};

/// Pages with front matter.
#[derive(Debug)]
pub(super) struct Markdown;

impl Reader for Markdown {
    fn name(&self) -> &'static str {
        "md"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["md", "markdown", "mdx"]
    }

    fn about(&self) -> &'static str {
        "text, titles, pictures and their texts, links, front matter, HTML inside"
    }

    fn is_start_of(&self, text: &str) -> bool {
        front_matter::starts(text)
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        if let Some(source) = file.decode(problems) {
            sink(vec![page(&source, options, problems)]);
        }
    }
}

fn page(source: &Arc<Source>, options: &ReadOptions, problems: &mut Vec<Problem>) -> Draft {
    let mut builder = DraftBuilder::new(source);
    let mut facts = Facts::new(&options.stated);
    let body = front_matter::read(&mut builder, &mut facts, options, problems);
    facts.settle(source, &options.channels, &options.zone, problems);
    let skim = options.skim.as_ref();
    if skim.is_none_or(|skim| skim.may_hold(&source.text()[body..])) {
        text(&mut builder, body);
    }
    builder.finish(facts)
}

/// Adds the Markdown text of the builder's source that starts at byte `start`.
pub(super) fn text(builder: &mut DraftBuilder, start: usize) {
    let source = Arc::clone(builder.source());
    Page::new(builder, &source, start).read();
}

/// Stands in place of every byte of a shortcode while the Markdown around it is read: punctuation,
/// as braces are, that is no markup. Where shortcodes are is known by their bytes.
const FILLER: char = '.';

/// Words and the bytes they were written in.
#[derive(Debug)]
struct Words<'t> {
    text: Cow<'t, str>,
    origin: Range<usize>,
}

struct Page<'b, 't> {
    builder: &'b mut DraftBuilder,
    text: &'t str,
    /// Shortcodes by their bytes in the source, in order.
    codes: Vec<Range<usize>>,
    base: usize,
    scope: Scope,
    block: Vec<Words<'t>>,
    /// Texts of the pictures that are open, innermost last.
    alts: Vec<Vec<Words<'t>>>,
    /// Where the outermost open picture stands among what is apart.
    picture: Option<usize>,
    apart: Vec<Apart>,
    code: bool,
    html: MappedText,
    /// Whether a waiver may ask for the block after it.
    waives: bool,
    /// What the open block has held so far; a list's item may hold text without a block of its own.
    extent: Option<Range<usize>>,
}

impl<'b, 't> Page<'b, 't> {
    fn new(builder: &'b mut DraftBuilder, source: &'t Arc<Source>, base: usize) -> Self {
        Self {
            builder,
            text: source.text(),
            codes: shortcodes(&source.text()[base..])
                .into_iter()
                .map(|code| base + code.start..base + code.end)
                .collect(),
            base,
            scope: Scope::Body,
            block: Vec::new(),
            alts: Vec::new(),
            picture: None,
            apart: Vec::new(),
            code: false,
            html: MappedText::default(),
            waives: source.text()[base..].contains(KEYWORD),
            extent: None,
        }
    }

    fn read(mut self) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS;
        let text = self.without_codes();
        let mut events = Parser::new_ext(&text, options).into_offset_iter();
        while let Some((event, range)) = events.next() {
            let range = self.base + range.start..self.base + range.end;
            match event {
                Event::Start(tag) => self.start(tag, range, &events),
                Event::End(tag) => self.end(tag),
                Event::Text(_) if self.holds_code(&range) => self.words_and_codes(range),
                Event::Text(words) => self.words(words.into_string().into(), range),
                Event::Code(_) if self.holds_code(&range) => {
                    let raw = &self.text[range.clone()];
                    let marks = raw.len() - raw.trim_start_matches('`').len();
                    let inner = range.start + marks..range.end - marks;
                    self.words(self.text[inner.clone()].into(), inner);
                }
                Event::Code(words) => {
                    let at = self.inside_code(&words, &range);
                    self.words(words.into_string().into(), at);
                }
                Event::SoftBreak | Event::HardBreak => self.words("\n".into(), range),
                Event::Html(_) => self
                    .html
                    .push_verbatim(&self.text[range.clone()], range.start),
                Event::InlineHtml(_) => self.inline_html(range),
                _ => {}
            }
        }
        self.flush();
    }

    /// The Markdown with [`FILLER`] in place of shortcodes, so that quotation marks and angle brackets
    /// in them are no markup and all places stay.
    fn without_codes(&self) -> Cow<'t, str> {
        let text = &self.text[self.base..];
        if self.codes.is_empty() {
            return text.into();
        }
        let mut filled = String::with_capacity(text.len());
        let mut at = self.base;
        for code in &self.codes {
            filled.push_str(&self.text[at..code.start]);
            filled.extend(std::iter::repeat_n(FILLER, code.len()));
            at = code.end;
        }
        filled.push_str(&self.text[at..]);
        filled.into()
    }

    fn holds_code(&self, range: &Range<usize>) -> bool {
        let next = self.codes.partition_point(|code| code.end <= range.start);
        self.codes
            .get(next)
            .is_some_and(|code| code.start < range.end)
    }

    /// Adds words with shortcodes among them. In program text they are part of it.
    fn words_and_codes(&mut self, range: Range<usize>) {
        let text = self.text;
        if self.code {
            self.words(text[range.clone()].into(), range);
            return;
        }
        let first = self.codes.partition_point(|code| code.end <= range.start);
        let inside: Vec<Range<usize>> = self.codes[first..]
            .iter()
            .take_while(|code| code.start < range.end)
            .cloned()
            .collect();
        let mut at = range.start;
        for code in inside {
            if at < code.start {
                self.words(text[at..code.start].into(), at..code.start);
            }
            let arguments = arguments(text, &code);
            let alt = picture_alt(&text[code.clone()], &arguments);
            self.apart.push(Apart::Picture(code.clone(), alt));
            for (scope, origin) in arguments {
                let words = text[origin.clone()].to_owned();
                self.apart.push(Apart::Segment(scope, None, words, origin));
            }
            self.apart.push(Apart::EndOfPicture);
            // A secret in an argument is in the page's source, whatever the argument is for.
            let words = text[code.clone()].to_owned();
            self.apart
                .push(Apart::Segment(Scope::Code, None, words, code.clone()));
            self.words(" ".into(), code.clone());
            at = code.end;
        }
        if at < range.end {
            self.words(text[at..range.end].into(), at..range.end);
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>, events: &OffsetIter<'_>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {}
            Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            } => {
                self.extend(&range);
                let range = self.definition(link_type, &id, range, events);
                self.target(Scope::Link, &dest_url, &range);
                self.title(&title, &range);
            }
            Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            } => {
                self.extend(&range);
                // A picture in the text of another is not shown: only its own text is.
                if self.alts.is_empty() {
                    self.picture = Some(self.apart.len());
                    let at = range.clone();
                    self.apart.push(Apart::Picture(at, TagAlt::Missing));
                }
                self.alts.push(Vec::new());
                let range = self.definition(link_type, &id, range, events);
                self.target(Scope::Image, &dest_url, &range);
                if self.alts.len() == 1 {
                    self.apart.push(Apart::EndOfPicture);
                }
                self.title(&title, &range);
            }
            other => {
                self.flush();
                // What a block of HTML holds is told of when it has been read.
                if self.waives && !matches!(other, Tag::HtmlBlock) {
                    self.builder.block(range);
                }
                match other {
                    Tag::Heading {
                        level: HeadingLevel::H1,
                        ..
                    } => self.scope = Scope::Title,
                    Tag::CodeBlock(_) => {
                        self.scope = Scope::Code;
                        self.code = true;
                    }
                    Tag::BlockQuote(_) => self.builder.quotation(true),
                    _ => {}
                }
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {}
            TagEnd::Image => {
                let Some(alt) = self.alts.pop() else { return };
                self.flush_alt(alt);
            }
            TagEnd::HtmlBlock => {
                let html = std::mem::take(&mut self.html);
                self.html_block(&html);
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.builder.quotation(false);
            }
            _ => self.flush(),
        }
    }

    fn extend(&mut self, range: &Range<usize>) {
        let extent = self.extent.get_or_insert_with(|| range.clone());
        extent.end = extent.end.max(range.end);
    }

    fn words(&mut self, text: Cow<'t, str>, origin: Range<usize>) {
        if !text.trim().is_empty() {
            self.extend(&origin);
        }
        let words = Words { text, origin };
        match self.alts.last_mut() {
            Some(alt) => alt.push(words),
            None => self.block.push(words),
        }
    }

    /// Where `words` stand inside `range`: exactly, the last time, or anywhere in it.
    fn find(&self, words: &str, range: &Range<usize>) -> Range<usize> {
        self.text[range.clone()]
            .rfind(words)
            .map_or(range.clone(), |at| {
                range.start + at..range.start + at + words.len()
            })
    }

    /// The bytes of a code span without its marks.
    fn inside_code(&self, words: &str, range: &Range<usize>) -> Range<usize> {
        let raw = &self.text[range.clone()];
        if let Some(at) = raw.find(words) {
            return range.start + at..range.start + at + words.len();
        }
        let marks = raw.len() - raw.trim_start_matches('`').len();
        let padded = usize::from(raw[marks..].starts_with(' ') && !words.starts_with(' '));
        range.start + marks + padded..range.end - marks - padded.min(raw.len() - 2 * marks - padded)
    }

    /// The bytes that hold a link's target: its own, or those of the definition it refers to.
    fn definition(
        &self,
        kind: LinkType,
        id: &str,
        range: Range<usize>,
        events: &OffsetIter<'_>,
    ) -> Range<usize> {
        if !matches!(
            kind,
            LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut
        ) {
            return range;
        }
        events
            .reference_definitions()
            .get(id)
            .map_or(range, |found| {
                self.base + found.span.start..self.base + found.span.end
            })
    }

    fn target(&mut self, scope: Scope, target: &str, range: &Range<usize>) {
        if target.is_empty() {
            return;
        }
        // The target comes last: the same words may be the link's text.
        let raw = &self.text[range.clone()];
        let holds_code = self.holds_code(range);
        let found = raw.rfind(target).filter(|_| !holds_code);
        let origin = if let Some(at) = found {
            range.start + at..range.start + at + target.len()
        } else {
            let start = raw.rfind("](").map_or(0, |at| at + 2);
            let inner = raw[start..].trim_end_matches(')').trim_matches(['<', '>']);
            let start = range.start + start + raw[start..].find(inner).unwrap_or(0);
            start..start + inner.len()
        };
        let text = if holds_code {
            self.text[origin.clone()].to_owned()
        } else {
            percent_decoded(target)
        };
        self.apart.push(Apart::Segment(scope, None, text, origin));
    }

    fn title(&mut self, title: &str, range: &Range<usize>) {
        if !title.is_empty() {
            let origin = self.find(title, range);
            let words = title.to_owned();
            self.apart
                .push(Apart::Segment(Scope::Body, None, words, origin));
        }
    }

    fn inline_html(&mut self, range: Range<usize>) {
        for piece in pieces(&self.text[range.clone()], range.start) {
            match piece {
                Piece::Text(text, origin) => self.words(text.into(), origin),
                Piece::Block(_) => self.words(" ".into(), range.clone()),
                Piece::Lang(_) => {}
                Piece::Apart(scope, text, origin) => {
                    self.apart.push(Apart::Segment(scope, None, text, origin));
                }
                Piece::Picture(at, alt) => self.apart.push(Apart::Picture(at, alt)),
                Piece::EndOfPicture => self.apart.push(Apart::EndOfPicture),
            }
        }
    }

    /// A block of HTML, whose lines may stand behind the marks of a quotation or a list.
    fn html_block(&mut self, html: &MappedText) {
        let place = |range: &Range<usize>| html.map().origin(range).unwrap_or(0..0);
        if self.waives {
            for block in blocks(html.text()) {
                self.builder.block(place(&block));
            }
        }
        for piece in pieces(html.text(), 0) {
            match piece {
                Piece::Text(text, within) => {
                    // Line by line, since only within a line nothing stands between two letters.
                    let raw: Vec<&str> =
                        html.text()[within.clone()].split_inclusive('\n').collect();
                    let lines: Vec<&str> = text.split_inclusive('\n').collect();
                    if raw.len() == lines.len() {
                        let mut at = within.start;
                        for (line, raw) in lines.into_iter().zip(raw) {
                            self.words(line.to_owned().into(), place(&(at..at + raw.len())));
                            at += raw.len();
                        }
                    } else {
                        self.words(text.into(), place(&within));
                    }
                }
                Piece::Block(scope) => {
                    self.flush();
                    self.scope = scope;
                }
                Piece::Lang(_) => {}
                Piece::Apart(scope, text, within) => {
                    let origin = place(&within);
                    self.apart.push(Apart::Segment(scope, None, text, origin));
                }
                Piece::Picture(at, alt) => {
                    let alt = match alt {
                        TagAlt::Empty(at) => TagAlt::Empty(place(&at)),
                        other => other,
                    };
                    self.apart.push(Apart::Picture(place(&at), alt));
                }
                Piece::EndOfPicture => self.apart.push(Apart::EndOfPicture),
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        let block = std::mem::take(&mut self.block);
        let scope = std::mem::replace(&mut self.scope, Scope::Body);
        let code = std::mem::take(&mut self.code);
        if let Some(extent) = self.extent.take().filter(|_| self.waives) {
            self.builder.block(extent);
        }
        self.add(scope, &block, code);
        for apart in std::mem::take(&mut self.apart) {
            apart.add_to(self.builder, escape);
        }
    }

    fn flush_alt(&mut self, alt: Vec<Words<'t>>) {
        if let Some(outer) = self.alts.last_mut() {
            outer.extend(alt);
            return;
        }
        let before = self.builder.segments();
        self.add(Scope::Alt, &alt, false);
        let said = self.builder.last_of(&Scope::Alt, before);
        let picture = self.picture.take().and_then(|at| self.apart.get_mut(at));
        if let (Some(said), Some(Apart::Picture(_, alt))) = (said, picture) {
            *alt = TagAlt::Said(said);
        }
    }

    fn add(&mut self, scope: Scope, words: &[Words<'t>], code: bool) {
        if words.iter().all(|part| part.text.trim().is_empty()) {
            return;
        }
        let source = self.text;
        self.builder.segment(scope, None, |text| {
            for part in words {
                add_words(text, part, source, code);
            }
        });
    }
}

fn add_words(text: &mut SegmentText<'_>, part: &Words<'_>, source: &str, code: bool) {
    let raw = &source[part.origin.clone()];
    if raw == part.text {
        text.verbatim(raw, part.origin.start);
    } else if part.text.trim().is_empty() {
        text.whole(&part.text, part.origin.clone());
    } else if code {
        text.decoded(&part.text, raw, part.origin.start, |_, _| None);
    } else {
        text.decoded(&part.text, raw, part.origin.start, escape);
    }
}

/// An address as people read it: `%20` is a space. What is no UTF-8 stays as written.
fn percent_decoded(target: &str) -> String {
    let mut bytes = Vec::with_capacity(target.len());
    let mut rest = target.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = digits
            .filter(|_| *first == b'%')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| target.to_owned())
}

/// The length of the percent-encoding of `letter` at the start of `rest`.
fn percent(rest: &str, letter: char) -> Option<usize> {
    let bytes = letter.len_utf8();
    let encoded = rest.get(..3 * bytes)?;
    (encoded.starts_with('%') && percent_decoded(encoded).chars().eq([letter]))
        .then_some(encoded.len())
}

/// A character reference, a backslash escape or a percent-encoding.
fn escape(rest: &str, letter: char) -> Option<usize> {
    entity(rest, letter)
        .or_else(|| percent(rest, letter))
        .or_else(|| {
            let escaped = rest.strip_prefix('\\')?;
            (letter.is_ascii_punctuation() && escaped.starts_with(letter))
                .then_some(1 + letter.len_utf8())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::waiver::Reach;
    use proptest::prelude::*;

    /// Scope, text as read, bytes of the file.
    type Expected = (&'static str, &'static str, &'static str);

    fn page(text: &str) -> Draft {
        let mut problems = Vec::new();
        let source = Arc::new(Source::from_text("d.md", text));
        let draft = super::page(&source, &ReadOptions::default(), &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        draft
    }

    /// Scope, text as read, and the bytes of the file each segment stands in.
    fn segments(text: &str) -> Vec<(String, String, String)> {
        let draft = page(text);
        draft
            .segments()
            .iter()
            .map(|segment| {
                let raw = &text[draft.span(&segment.range).range()];
                (
                    segment.scope.to_string(),
                    draft.text()[segment.range.clone()].to_owned(),
                    raw.to_owned(),
                )
            })
            .collect()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table is as long as its cases")]
    fn segments_are_what_a_reader_sees_with_the_bytes_behind_them() {
        let cases: [(&str, &[Expected]); 18] = [
            (
                "conf**ident**ial",
                &[("body", "confidential", "conf**ident**ial")],
            ),
            (
                "*Acme*\n> quoted\n> on",
                &[
                    ("body", "Acme", "Acme"),
                    ("body", "quoted\non", "quoted\n> on"),
                ],
            ),
            (
                "# One\n## Two",
                &[("title", "One", "One"), ("body", "Two", "Two")],
            ),
            (
                "R&amp;D &eacute; a&b \\*x",
                &[("body", "R&D é a&b *x", "R&amp;D &eacute; a&b \\*x")],
            ),
            (
                "[we](https://a.example/x.pdf \"Tip\")",
                &[
                    ("body", "we", "we"),
                    ("link", "https://a.example/x.pdf", "https://a.example/x.pdf"),
                    ("body", "Tip", "Tip"),
                ],
            ),
            (
                "![A *b*](/i/c.png) z",
                &[
                    ("alt", "A b", "A *b"),
                    ("body", " z", " z"),
                    ("image", "/i/c.png", "/i/c.png"),
                ],
            ),
            (
                "[t][r]\n\n[r]: <https://r.example> 'T'",
                &[
                    ("body", "t", "t"),
                    ("link", "https://r.example", "https://r.example"),
                    ("body", "T", "T"),
                ],
            ),
            (
                "a <b>No</b>rth<!-- psst --> c",
                &[
                    ("body", "a North c", "a <b>No</b>rth<!-- psst --> c"),
                    ("comment", " psst ", " psst "),
                ],
            ),
            ("```sh\nkey\n```", &[("code", "key\n", "key\n")]),
            (
                "say `code` now",
                &[("body", "say code now", "say `code` now")],
            ),
            (
                "<div>One <i>t</i>wo<p>x</p></div>",
                &[("body", "One two", "One <i>t</i>wo"), ("body", "x", "x")],
            ),
            (
                "<img alt='A &amp; b' src=c.png>",
                &[("alt", "A & b", "A &amp; b"), ("image", "c.png", "c.png")],
            ),
            (
                "- one\n- two\n  - in\n",
                &[
                    ("body", "one", "one"),
                    ("body", "two", "two"),
                    ("body", "in", "in"),
                ],
            ),
            (
                "| a | b |\n|---|---|\n| c | d |",
                &[
                    ("body", "a", "a"),
                    ("body", "b", "b"),
                    ("body", "c", "c"),
                    ("body", "d", "d"),
                ],
            ),
            (
                "<script>x</script>\n\n<!-- note -->",
                &[("comment", " note ", " note ")],
            ),
            ("one\r\ntwo", &[("body", "one\ntwo", "one\r\ntwo")]),
            (
                "<p>\r\n  x y\r\n  Acme<br>Corp</p>",
                &[("body", "\n  x y\n  Acme\nCorp", "\n  x y\r\n  Acme<br>Corp")],
            ),
            (
                "[x](https://a.example/Acme%20Corp)",
                &[
                    ("body", "x", "x"),
                    (
                        "link",
                        "https://a.example/Acme Corp",
                        "https://a.example/Acme%20Corp",
                    ),
                ],
            ),
        ];
        for (text, expected) in cases {
            let found = segments(text);
            let found: Vec<_> = found
                .iter()
                .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    /// For each waiver of `text` the bytes it is for; `*` for all of the draft.
    fn reaches(text: &str) -> Vec<String> {
        let draft = page(text);
        assert!(!draft.text().contains(KEYWORD), "{text}");
        draft
            .waivers()
            .iter()
            .map(|waiver| match &waiver.reach {
                Reach::Draft => "*".to_owned(),
                Reach::Bytes(range) => text[range.clone()].trim_end().to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_waiver_is_for_its_line_or_for_the_block_after_it() {
        const W: &str = "<!-- clearpost-waive a/b: why -->";
        let cases: [(&str, &[&str]); 20] = [
            ("one\ntwo W\nthree", &["two"]),
            ("one\r\ntwo W\r\nthree", &["two"]),
            ("W\n\npara *x*\nrest\n\nother", &["para *x*\nrest"]),
            ("para\nW\nafter\n\nother", &["after"]),
            ("W\r\n# Title W\r\n", &["# Title W", "# Title"]),
            ("W\n- a\n- b\n\nother", &["- a\n- b"]),
            ("- a\n  W\n- b\n- c", &["- b"]),
            ("- W\n  text **x**\n- b", &["text **x"]),
            ("- one W\n- two", &["- one"]),
            ("> W\n> quoted\n> on\n\nother", &["quoted\n> on"]),
            ("> quoted W\n> on", &["> quoted"]),
            ("W\nW\n![](x.png)\n\nother", &["![](x.png)", "![](x.png)"]),
            (
                "W\n| a | b |\n|---|---|\n| c | d W |",
                &["| a | b |\n|---|---|\n| c | d W |", "| c | d"],
            ),
            ("W\n<p>a</p>\n<p>b</p>", &["<p>a</p>"]),
            (
                "<div>\nW\n<p>a <i>b</i></p>\n<p>c</p>\n</div>",
                &["<p>a <i>b</i></p>"],
            ),
            (
                "> <div>\n> W\n> <p>a\n> b</p>c\n> </div>",
                &["<p>a\n> b</p>"],
            ),
            ("W\n```\ncode\n```\nx", &["```\ncode\n```"]),
            ("text\n\nW", &[""]),
            ("<!-- clearpost-waive-file a/b:\nwhy -->\nx", &["*"]),
            ("`W` and\n\n    W\n\n```\nW\n```", &[]),
        ];
        for (text, expected) in cases {
            let text = text.replace('W', W);
            let expected: Vec<String> = expected.iter().map(|raw| raw.replace('W', W)).collect();
            if expected.is_empty() {
                assert!(page(&text).waivers().is_empty(), "{text}");
            } else {
                assert_eq!(reaches(&text), expected, "{text}");
            }
        }
    }

    #[test]
    fn front_matter_carries_waivers_for_the_whole_draft() {
        for (text, names) in [
            (
                "---\nclearpost: {waive: [{rule: a/b}, {clause: SMP-1}]}\n---\nx",
                2,
            ),
            ("---\nwaiver:\n  clause: SMP-1\n---\nx", 1),
            ("---\nwaiver:\n  - {clause: SMP-1}\n---\nx", 1),
            (
                "+++\n[[clearpost.waive]]\nrule = 'a/b'\nuntil = 2027-01-31\n+++\nx",
                1,
            ),
            ("---\nwaiver:\n---\nx", 0),
        ] {
            let found = reaches(text);
            assert_eq!(found, vec!["*"; names], "{text}");
        }
    }

    #[test]
    fn front_matter_values_are_segments() {
        let yaml = "---\ntitle: \"A \\u00e9 b\"\nseo:\n  description: >\n    two\n    lines\ntags: [one, 'it''s']\nimage: /a/b.png\nchannel: x\nclearpost: {waive: []}\n---\n\nBody\n";
        let found = segments(yaml);
        let found: Vec<_> = found
            .iter()
            .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("title", "A é b", "A \\u00e9 b"),
                ("body", "two lines\n", "two\n    lines\n"),
                ("metadata:tags", "one", "one"),
                ("metadata:tags", "it's", "it''s"),
                ("image", "/a/b.png", "/a/b.png"),
                ("metadata:channel", "x", "x"),
                ("body", "Body", "Body"),
            ]
        );
        let toml = "+++\ntitle = \"A \\\"b\\\"\"\ndate = 2026-11-02\n[seo]\ndescription = '''x\ny'''\n+++\nBody";
        let found = segments(toml);
        let found: Vec<_> = found
            .iter()
            .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("title", "A \"b\"", "A \\\"b\\\""),
                ("metadata:date", "2026-11-02", "2026-11-02"),
                ("body", "x\ny", "x\ny"),
                ("body", "Body", "Body"),
            ]
        );
    }

    #[test]
    fn quotation_marks_inside_front_matter_are_words() {
        for (text, title, raw) in [
            (
                "---\ntitle: '\"Ciao\" dal caffè'\n---\n",
                "\"Ciao\" dal caffè",
                "\"Ciao\" dal caffè",
            ),
            (
                "---\ntitle: \"'Ciao' dal caffè\"\n---\n",
                "'Ciao' dal caffè",
                "'Ciao' dal caffè",
            ),
            ("+++\ntitle = \"Ciao è\"\n+++\n", "Ciao è", "Ciao è"),
            ("---\ntitle: {it: Ciao}\n---\n", "Ciao", "Ciao"),
        ] {
            let found = segments(text);
            assert_eq!(
                found,
                [("title".to_owned(), title.to_owned(), raw.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn html_in_a_quotation_is_read_without_the_marks() {
        let text = "> <div>\n> We help Acme\n> Corp today</div>";
        let found = segments(text);
        let raw = "We help Acme\n> Corp today";
        assert_eq!(found[0].1.trim(), "We help Acme\nCorp today");
        assert!(found[0].2.ends_with(raw), "{found:?}");
    }

    #[test]
    fn what_stands_between_two_rules_is_text_unless_it_is_a_map() {
        for text in ["---\nWe help Acme.\n---\nrest", "---\n- Acme\n---\nrest"] {
            assert!(
                segments(text)
                    .iter()
                    .any(|(scope, words, _)| scope == "body" && words.contains("Acme")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_tag_with_thousands_of_attributes_is_taken_as_text() {
        let text = format!("<div {}>Acme</div>", "b=\"x\" ".repeat(9_000));
        let draft = page(&text);
        assert!(draft.text().contains("Acme"));
    }

    #[test]
    fn shortcodes_are_no_text_but_what_they_show_is() {
        let text = "See {{< figure src=\"/a b.svg\" alt=\"Our <old> logo\" >}} now\n\n\
                    {{% notice %}}\nBanca {{< br >}} Orsini\n{{% /notice %}}\n\n\
                    [here]({{< ref \"x.md\" >}}) and `{{ x }}`\n\n```\nkey {{ \"k\" }}\n```\n";
        let seen: Vec<(String, String)> = segments(text)
            .into_iter()
            .filter(|(scope, ..)| scope != "code")
            .map(|(scope, words, _)| {
                (
                    scope,
                    words.split_whitespace().collect::<Vec<_>>().join(" "),
                )
            })
            .collect();
        let expected = [
            ("body", "See now"),
            ("image", "/a b.svg"),
            ("alt", "Our <old> logo"),
            ("body", "Banca Orsini"),
            ("body", "here and {{ x }}"),
            ("link", "{{< ref \"x.md\" >}}"),
        ];
        let expected: Vec<_> = expected
            .map(|(scope, words)| (scope.to_owned(), words.to_owned()))
            .into();
        assert_eq!(seen, expected);
        let code = segments(text)
            .into_iter()
            .filter(|(scope, ..)| scope == "code");
        assert!(
            code.into_iter()
                .any(|(_, words, _)| words == "key {{ \"k\" }}\n")
        );
    }

    #[test]
    fn broken_front_matter_is_a_problem_and_still_looked_at() {
        for (text, words) in [
            ("---\na: [Acme\n---\nBody", "does not read"),
            ("+++\na = \n+++\nBody", "does not read"),
            ("+++\na = 1\nBody", "never closed"),
        ] {
            let source = Arc::new(Source::from_text("d.md", text));
            let mut problems = Vec::new();
            let draft = super::page(&source, &ReadOptions::default(), &mut problems);
            assert!(problems[0].message.contains(words), "{problems:?}");
            assert!(draft.text().ends_with("Body"));
            assert!(draft.text().contains('a'));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_maps_back(text in "([a-zé ]{0,6}|[*_`<>&;#\\[\\]()!\\\\~|-]{1,3}|\n|\r\n|<!--|-->|<b>|&amp;|---\n|\\+\\+\\+\n|: |\u{0}|\\{\\{< |>\\}\\}|\\{% | %\\}|\"|alt=){0,24}") {
            let source = Arc::new(Source::from_text("d.md", text.clone()));
            let draft = super::page(&source, &ReadOptions::default(), &mut Vec::new());
            for (at, letter) in draft.text().char_indices() {
                let span = draft.span(&(at..at + letter.len_utf8()));
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    }
}
