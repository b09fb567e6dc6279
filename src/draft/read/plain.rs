//! Plain text: a post as it is typed, a thread, a film's title and description.

use std::ops::Range;
use std::sync::Arc;

use super::{RawFile, ReadOptions, Reader, Sink};
use crate::draft::build::DraftBuilder;
use crate::draft::paragraphs::{lines, trim};
use crate::draft::{Draft, Facts, Scope};
use crate::text::{Problem, Source};

/// Text as it is posted.
#[derive(Debug)]
pub(super) struct Plain;

impl Reader for Plain {
    fn name(&self) -> &'static str {
        "txt"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt"]
    }

    fn about(&self) -> &'static str {
        "a post as it is typed; `---` parts a thread; a film's first line is its title"
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        if let Some(source) = file.decode(problems) {
            sink(read(&source, options, problems));
        }
    }
}

/// Channels on which a long text goes out as several posts, cut at lines of `---`.
const THREADED: [&str; 4] = ["x", "threads", "bluesky", "mastodon"];

/// Channels whose first line is a title.
const TITLED: [&str; 2] = ["youtube", "pinterest"];

fn read(source: &Arc<Source>, options: &ReadOptions, problems: &mut Vec<Problem>) -> Vec<Draft> {
    let mut facts = Facts::new(&options.stated);
    facts.settle(source, &options.channels, &options.zone, problems);
    let channel = facts.channel().unwrap_or_default();
    let text = source.text();
    let parts = if THREADED.contains(&channel) {
        thread_parts(text)
    } else {
        std::iter::once(0..text.len()).collect()
    };
    let threaded = parts.len() > 1;
    let titled = TITLED.contains(&channel);
    parts
        .into_iter()
        .zip(1..)
        .map(|(part, number)| {
            let mut builder = DraftBuilder::new(source);
            let first = lines(text, trim(text, part.clone())).next();
            builder.set_head(first.unwrap_or(0..0));
            let mut rest = part;
            if titled {
                let end = text[rest.clone()]
                    .find(['\n', '\r'])
                    .map_or(rest.end, |at| rest.start + at);
                builder.verbatim(Scope::Title, trim(text, rest.start..end));
                rest.start = end;
            }
            builder.paragraphs(rest);
            builder.set_record(threaded.then_some(number));
            builder.finish(facts.clone())
        })
        .collect()
}

fn thread_parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for line in lines(text, 0..text.len()) {
        if text[line.clone()].trim_end() == "---" {
            parts.push(start..line.start);
            start = line.end;
        }
    }
    parts.push(start..text.len());
    parts.retain(|part| !text[part.clone()].trim().is_empty());
    if parts.is_empty() {
        parts.push(0..text.len());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::read::segments;

    fn read_on(channel: Option<&str>, text: &str) -> Vec<Draft> {
        let mut options = ReadOptions::default();
        if let Some(channel) = channel {
            options.stated.set("channel", channel);
        }
        let mut problems = Vec::new();
        let drafts = read(
            &Arc::new(Source::from_text("t", text)),
            &options,
            &mut problems,
        );
        assert!(problems.is_empty(), "{problems:?}");
        drafts
    }

    #[test]
    fn paragraphs_are_segments_whatever_the_line_ends() {
        let drafts = read_on(None, "\n  one\r\ntwo\r\r\n---\n\n three \n");
        assert_eq!(
            segments(&drafts[0]),
            [
                ("body".into(), "one\r\ntwo"),
                ("body".into(), "---"),
                ("body".into(), "three")
            ]
        );
        assert_eq!(drafts[0].record(), None);
        assert_eq!(read_on(None, "").len(), 1);
    }

    #[test]
    fn a_thread_is_cut_and_a_film_has_a_title() {
        let thread = read_on(Some("x"), "one\n---\ntwo\n---\n");
        let records: Vec<_> = thread.iter().map(Draft::record).collect();
        assert_eq!(records, [Some(1), Some(2)]);
        assert_eq!(segments(&thread[1]), [("body".into(), "two")]);
        let film = read_on(Some("youtube"), "Title here\nrest");
        assert_eq!(
            segments(&film[0]),
            [("title".into(), "Title here"), ("body".into(), "rest")]
        );
    }

    #[test]
    fn a_nul_is_no_way_to_split_a_word() {
        let drafts = read_on(None, "Ac\0me");
        assert_eq!(drafts[0].text(), "Acme");
        assert_eq!(drafts[0].span(&(0..4)).range(), 0..5);
    }
}
