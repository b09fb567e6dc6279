//! HTML pages and newsletters: what a visitor, a search engine or a card of the page shows.
//!
//! Text hidden by style is text: preheaders are hidden so, and mail programs show them. Only
//! `script`, `style` and `template` are none.

use std::ops::Range;
use std::sync::Arc;

use super::markup::{Apart, Piece, blocks, entity, pieces};
use super::{RawFile, ReadOptions, Reader, Sink};
use crate::draft::build::DraftBuilder;
use crate::draft::waiver::KEYWORD;
use crate::draft::{Facts, Scope};
use crate::text::{Lang, Problem};

/// Pages and newsletters.
#[derive(Debug)]
pub(super) struct Html;

impl Reader for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["html", "htm"]
    }

    fn about(&self) -> &'static str {
        "text, title, description and cards, texts of pictures, links, comments"
    }

    fn is_start_of(&self, text: &str) -> bool {
        let text = text.trim_start().as_bytes();
        ["<!doctype html", "<html"].iter().any(|start| {
            text.get(..start.len())
                .is_some_and(|have| have.eq_ignore_ascii_case(start.as_bytes()))
        })
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let Some(source) = file.decode(problems) else {
            return;
        };
        let mut facts = Facts::new(&options.stated);
        facts.settle(&source, &options.channels, &options.zone, problems);
        let mut builder = DraftBuilder::new(&source);
        add(&mut builder, 0..source.text().len());
        sink(vec![builder.finish(facts)]);
    }
}

/// Adds the HTML that stands at `range` of the builder's source.
pub(super) fn add(builder: &mut DraftBuilder, range: Range<usize>) {
    let source = Arc::clone(builder.source());
    if source.text()[range.clone()].contains(KEYWORD) {
        for block in blocks(&source.text()[range.clone()]) {
            builder.block(range.start + block.start..range.start + block.end);
        }
    }
    let mut page = Page {
        builder,
        text: source.text(),
        block: Vec::new(),
        apart: Vec::new(),
        scope: Scope::Body,
        block_lang: None,
        lang: None,
    };
    for piece in pieces(&source.text()[range.clone()], range.start) {
        page.add(piece);
    }
    page.flush();
}

struct Page<'b, 't> {
    builder: &'b mut DraftBuilder,
    text: &'t str,
    block: Vec<(String, Range<usize>)>,
    /// Attributes and comments met in the block, which are added after it.
    apart: Vec<Apart>,
    scope: Scope,
    /// The language at the first words of the block.
    block_lang: Option<Lang>,
    lang: Option<Lang>,
}

impl Page<'_, '_> {
    fn add(&mut self, piece: Piece) {
        match piece {
            Piece::Text(words, origin) => {
                if self.is_blank() {
                    self.block_lang = self.lang;
                }
                self.block.push((words, origin));
            }
            Piece::Block(scope) => {
                self.flush();
                self.scope = scope;
            }
            Piece::Lang(lang) => self.lang = lang,
            Piece::Apart(scope, words, origin) => {
                let segment = Apart::Segment(scope, self.lang, words, origin);
                self.apart.push(segment);
            }
            Piece::Picture(at, alt) => self.apart.push(Apart::Picture(at, alt)),
            Piece::EndOfPicture => self.apart.push(Apart::EndOfPicture),
        }
    }

    fn is_blank(&self) -> bool {
        self.block.iter().all(|(words, _)| words.trim().is_empty())
    }

    fn flush(&mut self) {
        let is_blank = self.is_blank();
        let block = std::mem::take(&mut self.block);
        let text = self.text;
        if !is_blank {
            self.builder
                .segment(self.scope.clone(), self.block_lang, |segment| {
                    for (words, origin) in block {
                        segment.decoded(&words, &text[origin.clone()], origin.start, entity);
                    }
                });
        }
        for apart in self.apart.drain(..) {
            apart.add_to(self.builder, entity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::draft::read::read_text;
    use proptest::prelude::*;

    fn page(text: &str) -> Draft {
        let mut problems = Vec::new();
        let mut drafts = read_text(
            &Html,
            "d.html",
            text,
            &ReadOptions::default(),
            &mut problems,
        );
        assert!(problems.is_empty(), "{problems:?}");
        drafts.remove(0)
    }

    /// Scope, language, text as read, bytes of the file.
    fn segments(text: &str) -> Vec<[String; 4]> {
        let draft = page(text);
        draft
            .segments()
            .iter()
            .map(|segment| {
                [
                    segment.scope.to_string(),
                    segment.lang.map(|l| l.to_string()).unwrap_or_default(),
                    draft.text()[segment.range.clone()].trim().to_owned(),
                    text[draft.span(&segment.range).range()].trim().to_owned(),
                ]
            })
            .collect()
    }

    #[test]
    fn a_newsletter_is_what_its_readers_see() {
        let text = r#"<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Light &amp; letter</title><style>.confidential{}</style>
<meta name="description" content="About &quot;us&quot;"><meta property="og:image" content="/a.png"></head>
<body><div style="display:none">Pulse&nbsp;inside</div><h1>Letter</h1>
<p>When <strong>North</strong>wick &#70;oods asked</p><p lang="it">Ciao<p>Bye
<img src="/x.jpg" alt='Rows "of" shelves'><!-- TODO: check --><script>var secret = 1</script>"#;
        let expected = [
            ["title", "en", "Light & letter", "Light &amp; letter"],
            ["body", "en", "About \"us\"", "About &quot;us&quot;"],
            ["image", "en", "/a.png", "/a.png"],
            ["body", "en", "Pulse\u{a0}inside", "Pulse&nbsp;inside"],
            ["title", "en", "Letter", "Letter"],
            [
                "body",
                "en",
                "When Northwick Foods asked",
                "When <strong>North</strong>wick &#70;oods asked",
            ],
            ["body", "it", "Ciao", "Ciao"],
            ["body", "en", "Bye", "Bye"],
            ["alt", "en", "Rows \"of\" shelves", "Rows \"of\" shelves"],
            ["image", "en", "/x.jpg", "/x.jpg"],
            ["comment", "en", "TODO: check", "TODO: check"],
        ];
        assert_eq!(segments(text), expected);
    }

    #[test]
    fn depth_costs_nothing_and_broken_pages_are_read() {
        let deep = format!("{}Acme{}", "<div>".repeat(100_000), "</div>".repeat(90_000));
        assert_eq!(segments(&deep)[0][2], "Acme");
        assert_eq!(segments("<p>one<b>two</p>three</i>")[1][2], "three");
        assert_eq!(segments("Acme <a href=\"x")[0][2], "Acme");
    }

    proptest! {
        #[test]
        fn any_page_maps_back(text in "([a-zé ]{0,6}|[<>&;#\"'=/!-]{1,3}|\n|\r\n|<!--|-->|<b>|</b>|<p lang=it>|&amp;|&nbsp;|<img alt=|<title>|<script>|</script>){0,24}") {
            let draft = page(&text);
            for (at, letter) in draft.text().char_indices() {
                prop_assert!(text.get(draft.span(&(at..at + letter.len_utf8())).range()).is_some());
            }
        }
    }
}
