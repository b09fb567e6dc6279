//! The draft as rules see it, and the builder that readers fill.
//!
//! All segments of a draft share one text with a break between them, so that a draft is folded and
//! scanned once whatever its markup. Nothing matches across the break: it is a character that no
//! draft's own text keeps.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;

use super::paragraphs::{lines, paragraphs, trim};
use super::picture::addresses;
use super::waiver::{Comment, Fault, KEYWORD, Reach, Stands};
use super::{Alt, Facts, Picture, Scope, StatedFacts, Waiver};
use crate::text::detect::{ENOUGH, detect};
use crate::text::entities::{EntityKind, entities, target_file_name};
use crate::text::fold::SEGMENT_BREAK;
use crate::text::{Lang, MappedText, Source, SourceMap, Span};

/// One post before publication.
#[derive(Debug)]
pub struct Draft {
    source: Arc<Source>,
    head: Span,
    record: Option<usize>,
    record_id: Option<Arc<str>>,
    facts: Facts,
    text: String,
    map: SourceMap,
    segments: Vec<Segment>,
    entities: Vec<Entity>,
    pictures: Vec<Picture>,
    waivers: Vec<Arc<Waiver>>,
    /// The language that nobody states, as far as the words show it.
    detected: OnceLock<Option<Lang>>,
}

/// A run of a draft's text with one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub scope: Scope,
    /// Its bytes in the draft's text.
    pub range: Range<usize>,
    /// Its own language, where it says one.
    pub lang: Option<Lang>,
    /// Whether it stands in a block of somebody else's words.
    pub is_quotation: bool,
    /// What its words show, once somebody has asked.
    detected: OnceLock<Option<Lang>>,
}

/// A hashtag, handle, link or file name inside a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What it is.
    pub scope: Scope,
    /// Its bytes in the draft's text.
    pub range: Range<usize>,
}

impl Draft {
    /// The file it stands in.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Its place among the drafts of its file, from 1; `None` in a file that holds one only.
    pub fn record(&self) -> Option<usize> {
        self.record
    }

    /// What the file itself calls it, if it says so.
    pub fn record_id(&self) -> Option<&Arc<str>> {
        self.record_id.as_ref()
    }

    /// Where it begins in its file: a row, an object's first line, the file's first line. What is
    /// missing from it as a whole is told there.
    pub fn head(&self) -> Span {
        self.head
    }

    /// What is known about it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The text of all segments, with [`SEGMENT_BREAK`] between them.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its segments, in the order of [`Draft::text`].
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The segment that holds byte `at` of the text.
    pub fn segment_at(&self, at: usize) -> Option<&Segment> {
        let next = self
            .segments
            .partition_point(|segment| segment.range.start <= at);
        self.segments[..next]
            .last()
            .filter(|segment| at < segment.range.end)
    }

    /// The entities that hold all of `range`, innermost last.
    pub fn entities_around(&self, range: &Range<usize>) -> impl Iterator<Item = &Entity> {
        let next = self
            .entities
            .partition_point(|entity| entity.range.start <= range.start);
        // Entities of one segment lie apart or inside one another, two deep at the most.
        self.entities[next.saturating_sub(2)..next]
            .iter()
            .filter(|entity| range.end <= entity.range.end)
    }

    /// All entities, in order.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The pictures it uses, in the order in which they were met.
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// The waivers written in it, in the order of their places.
    pub fn waivers(&self) -> &[Arc<Waiver>] {
        &self.waivers
    }

    /// A draft of one text in one scope, to try a rule on. Body text is read as a post is.
    pub fn example(scope: &Scope, text: &str, facts: &StatedFacts) -> Self {
        let source = Arc::new(Source::from_text("example", text));
        let mut known = Facts::new(facts);
        known.settle(&source, &facts.channels(), &TimeZone::UTC, &mut Vec::new());
        let mut builder = DraftBuilder::new(&source);
        if *scope == Scope::Body {
            builder.paragraphs(0..text.len());
        } else {
            builder.verbatim(scope.clone(), 0..text.len());
        }
        builder.finish(known)
    }

    /// Where `range` of the text stands in the file.
    pub fn span(&self, range: &Range<usize>) -> Span {
        let origin = self.map.origin(range).unwrap_or(0..0);
        Span::covering(self.source.text(), origin)
    }

    /// Whether `range` stands in the file as it is, without markup or escapes inside.
    pub fn is_verbatim(&self, range: &Range<usize>) -> bool {
        self.map.is_verbatim(range)
    }

    /// The language of the text at `at`: what the segment says, else what the draft says, else what
    /// the segment's words show, else what the draft's words show.
    pub fn lang_at(&self, at: usize) -> Option<Lang> {
        let next = self
            .segments
            .partition_point(|segment| segment.range.start <= at);
        let number = next.checked_sub(1)?;
        let segment = &self.segments[number];
        segment.lang.or(self.facts.lang()).or_else(|| {
            let own = *segment.detected.get_or_init(|| {
                is_prose(segment).then(|| detect(&self.text[segment.range.clone()]))?
            });
            own.or_else(|| *self.detected.get_or_init(|| self.detect()))
        })
    }

    /// The language of all prose together.
    fn detect(&self) -> Option<Lang> {
        let mut prose = String::new();
        for segment in self.segments.iter().filter(|segment| is_prose(segment)) {
            if prose.len() > ENOUGH {
                break;
            }
            prose.push_str(&self.text[segment.range.clone()]);
            prose.push('\n');
        }
        detect(&prose)
    }
}

fn is_prose(segment: &Segment) -> bool {
    matches!(segment.scope, Scope::Title | Scope::Body | Scope::Alt)
}

/// A picture of which not all has been added.
#[derive(Debug)]
struct OpenPicture {
    at: Span,
    alt: Alt,
    /// How many pictures there were before.
    first: usize,
}

/// Puts a draft together segment by segment.
#[derive(Debug)]
pub(super) struct DraftBuilder {
    source: Arc<Source>,
    head: Option<Range<usize>>,
    record: Option<usize>,
    record_id: Option<Arc<str>>,
    made: MappedText,
    segments: Vec<Segment>,
    entities: Vec<Entity>,
    pictures: Vec<Picture>,
    /// The picture whose address and text are being added.
    open: Option<OpenPicture>,
    waivers: Vec<Waiver>,
    /// Waivers, by number, that are for the block after a byte of the source's text.
    waiting: Vec<(usize, usize)>,
    blocks: Vec<Range<usize>>,
    /// How many blocks of somebody else's words are open.
    quotations: usize,
}

impl DraftBuilder {
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            head: None,
            record: None,
            record_id: None,
            made: MappedText::default(),
            segments: Vec::new(),
            entities: Vec::new(),
            pictures: Vec::new(),
            open: None,
            waivers: Vec::new(),
            waiting: Vec::new(),
            blocks: Vec::new(),
            quotations: 0,
        }
    }

    /// Adds a segment, whose text `fill` writes. A segment without text is left out, and a comment
    /// that is a waiver is kept as such: it is an instruction, and never text that is checked.
    pub(super) fn segment(
        &mut self,
        scope: Scope,
        lang: Option<Lang>,
        fill: impl FnOnce(&mut SegmentText<'_>),
    ) {
        if scope == Scope::Comment {
            let mut made = MappedText::default();
            fill(&mut SegmentText { made: &mut made });
            if !self.waives(&made) {
                let (text, map) = made.into_parts();
                self.add_segment(scope, lang, |segment| {
                    segment.made.push_mapped(&text, &map);
                });
            }
        } else {
            self.add_segment(scope, lang, fill);
        }
    }

    /// Takes a comment for a waiver if it is one.
    fn waives(&mut self, made: &MappedText) -> bool {
        let inner = trim(made.text(), 0..made.text().len());
        if !made.text()[inner.clone()].starts_with(KEYWORD) {
            return false;
        }
        let source = Arc::clone(&self.source);
        let comment = made
            .map()
            .origin(&inner)
            .and_then(|at| Comment::around(source.text(), &at));
        let Some(comment) = comment else {
            return false;
        };
        let place = |range: Range<usize>| {
            let origin = made.map().origin(&range);
            Span::covering(
                source.text(),
                origin.unwrap_or(comment.outer.end..comment.outer.end),
            )
        };
        let after = comment.outer.end;
        let reach = match &comment.stands {
            Stands::AtEnd(line) => Reach::Bytes(line.clone()),
            Stands::Alone | Stands::Between => Reach::Bytes(after..after),
        };
        let mut waiver = Waiver::parse(&source, made.text(), Scope::Comment, reach, place);
        if waiver.reach != Reach::Draft {
            match comment.stands {
                Stands::Alone => self.waiting.push((self.waivers.len(), after)),
                Stands::Between => waiver.flaw(Fault::MiddleOfLine, waiver.at),
                Stands::AtEnd(_) => {}
            }
        }
        self.waive(waiver);
        true
    }

    /// Adds the waivers for the whole draft that stand under `key` in the words of the comment, one a
    /// line.
    pub(super) fn waive_text(&mut self, text: &MappedText, key: &str) {
        let source = Arc::clone(&self.source);
        for line in lines(text.text(), 0..text.text().len()) {
            let words = &text.text()[line.clone()];
            if words.trim().is_empty() {
                continue;
            }
            let place = |range: Range<usize>| {
                let made = line.start + range.start..line.start + range.end;
                Span::covering(source.text(), text.map().origin(&made).unwrap_or(0..0))
            };
            let scope = Scope::Metadata(key.to_owned());
            self.waive(Waiver::parse(&source, words, scope, Reach::Draft, place));
        }
    }

    /// Adds a waiver that stands elsewhere than in a comment.
    pub(super) fn waive(&mut self, waiver: Waiver) {
        self.waivers.push(waiver);
    }

    /// Tells of a block of the source's text, which a waiver on a line of its own may be for.
    pub(super) fn block(&mut self, at: Range<usize>) {
        self.blocks.push(at);
    }

    /// Gives each waiver that waits for a block the first one after it, the outermost of those that
    /// begin there.
    fn settle_waivers(&mut self) {
        if !self.waiting.is_empty() {
            self.blocks
                .sort_unstable_by_key(|block| (block.start, std::cmp::Reverse(block.end)));
        }
        for (number, after) in std::mem::take(&mut self.waiting) {
            let next = self.blocks.partition_point(|block| block.start < after);
            if let Some(block) = self.blocks.get(next) {
                self.waivers[number].reach = Reach::Bytes(block.clone());
            }
        }
    }

    fn add_segment(
        &mut self,
        scope: Scope,
        lang: Option<Lang>,
        fill: impl FnOnce(&mut SegmentText<'_>),
    ) {
        if !self.segments.is_empty() {
            self.made
                .push_unmapped(SEGMENT_BREAK.encode_utf8(&mut [0; 4]));
        }
        let start = self.made.text().len();
        fill(&mut SegmentText {
            made: &mut self.made,
        });
        let end = self.made.text().len();
        if start == end {
            self.made
                .truncate_unmapped(start.saturating_sub(usize::from(!self.segments.is_empty())));
            return;
        }
        let text = &self.made.text()[start..end];
        match scope {
            Scope::Link | Scope::Image => {
                if let Some(name) = target_file_name(text) {
                    self.entities.push(Entity {
                        scope: Scope::FileName,
                        range: start + name.start..start + name.end,
                    });
                }
            }
            Scope::Code | Scope::Comment | Scope::Metadata(_) => {}
            _ => self
                .entities
                .extend(entities(text).into_iter().flat_map(|entity| {
                    let outer = start + entity.range.start..start + entity.range.end;
                    let inner = (entity.kind == EntityKind::Link)
                        .then(|| target_file_name(&text[entity.range.clone()]))
                        .flatten()
                        .map(|name| Entity {
                            scope: Scope::FileName,
                            range: outer.start + name.start..outer.start + name.end,
                        });
                    let scope = match entity.kind {
                        EntityKind::Hashtag => Scope::Hashtag,
                        EntityKind::Handle => Scope::Handle,
                        EntityKind::Link => Scope::Link,
                        EntityKind::FileName => Scope::FileName,
                    };
                    std::iter::once(Entity {
                        scope,
                        range: outer,
                    })
                    .chain(inner)
                })),
        }
        match (&scope, &mut self.open) {
            (Scope::Image, _) => self.add_pictures(start..end),
            (Scope::Alt, Some(open)) => open.alt = Alt::Text(start..end),
            _ => {}
        }
        self.segments.push(Segment {
            scope,
            range: start..end,
            lang,
            is_quotation: self.quotations > 0,
            detected: OnceLock::new(),
        });
    }

    /// Adds the pictures whose addresses stand at `segment` of the made text.
    fn add_pictures(&mut self, segment: Range<usize>) {
        let text = self.source.text();
        for address in addresses(&self.made.text()[segment.clone()]) {
            let target = segment.start + address.start..segment.start + address.end;
            let at = self.open.as_ref().map_or_else(
                || {
                    let origin = self.made.map().origin(&target);
                    Span::covering(text, origin.unwrap_or(0..0))
                },
                |open| open.at,
            );
            self.pictures.push(Picture {
                target,
                alt: Alt::Nowhere,
                at,
            });
        }
    }

    /// Says that the segments up to [`DraftBuilder::end_picture`] are about one picture, which the
    /// bytes at `at` make appear. A text among them is its alternative, whatever `alt` says.
    pub(super) fn begin_picture(&mut self, at: Range<usize>, alt: Alt) {
        self.open = Some(OpenPicture {
            at: Span::covering(self.source.text(), at),
            alt,
            first: self.pictures.len(),
        });
    }

    /// Says that nothing more is about the picture that was begun. What it offers in other sizes has
    /// the same text, which is judged once.
    pub(super) fn end_picture(&mut self) {
        if let Some(open) = self.open.take()
            && let Some(picture) = self.pictures.get_mut(open.first)
        {
            picture.alt = open.alt;
        }
    }

    /// How many pictures there are.
    pub(super) fn pictures(&self) -> usize {
        self.pictures.len()
    }

    /// Gives the pictures from number `first` on that have no place for a text this one.
    pub(super) fn describe_pictures(&mut self, first: usize, alt: &Alt) {
        for picture in &mut self.pictures[first..] {
            if picture.alt == Alt::Nowhere {
                picture.alt = alt.clone();
            }
        }
    }

    /// How many segments there are.
    pub(super) fn segments(&self) -> usize {
        self.segments.len()
    }

    /// The last segment with this scope from number `first` on.
    pub(super) fn last_of(&self, scope: &Scope, first: usize) -> Option<Range<usize>> {
        let added = self.segments.get(first..)?.iter();
        added
            .rev()
            .find(|segment| segment.scope == *scope)
            .map(|segment| segment.range.clone())
    }

    /// Adds a segment whose text is the file's own bytes at `origin`.
    pub(super) fn verbatim(&mut self, scope: Scope, origin: Range<usize>) {
        let source = Arc::clone(&self.source);
        self.segment(scope, None, |text| {
            text.verbatim(&source.text()[origin.clone()], origin.start);
        });
    }

    /// Adds every paragraph of the file's text at `origin` as body.
    pub(super) fn paragraphs(&mut self, origin: Range<usize>) {
        let source = Arc::clone(&self.source);
        for paragraph in paragraphs(source.text(), origin) {
            self.verbatim(Scope::Body, paragraph);
        }
    }

    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Says where the draft stands among those of its file, from 1.
    pub(super) fn set_record(&mut self, record: Option<usize>) {
        self.record = record;
    }

    /// Says what the file itself calls the draft.
    pub(super) fn set_record_id(&mut self, id: &str) {
        self.record_id = Some(id.into());
    }

    /// Says where the draft begins; else that is the file's first line.
    pub(super) fn set_head(&mut self, head: Range<usize>) {
        self.head = Some(head);
    }

    /// Says that a block of somebody else's words begins, or ends.
    pub(super) fn quotation(&mut self, begins: bool) {
        self.quotations = if begins {
            self.quotations + 1
        } else {
            self.quotations.saturating_sub(1)
        };
    }

    /// Says in which language the segments are that do not say it themselves.
    pub(super) fn speak(&mut self, lang: Option<Lang>) {
        for segment in &mut self.segments {
            segment.lang = segment.lang.or(lang);
        }
    }

    /// Adds everything that was read of a text which itself came out of this builder's source, such
    /// as the Markdown in a cell of a table; `origin` is the map of that text.
    pub(super) fn graft(&mut self, mut inner: Self, origin: &SourceMap) {
        inner.settle_waivers();
        let waivers = std::mem::take(&mut inner.waivers).into_iter();
        self.waivers
            .extend(waivers.map(|waiver| waiver.moved(&self.source, origin)));
        if inner.segments.is_empty() {
            return;
        }
        let (text, map) = inner.made.into_parts();
        if !self.segments.is_empty() {
            self.made
                .push_unmapped(SEGMENT_BREAK.encode_utf8(&mut [0; 4]));
        }
        let moved = |range: &Range<usize>, by: usize| range.start + by..range.end + by;
        let by = self.made.push_mapped(&text, &map.over(origin));
        self.segments
            .extend(inner.segments.into_iter().map(|segment| Segment {
                range: moved(&segment.range, by),
                ..segment
            }));
        self.entities
            .extend(inner.entities.into_iter().map(|entity| Entity {
                range: moved(&entity.range, by),
                ..entity
            }));
        let pictures = inner.pictures.into_iter();
        self.pictures
            .extend(pictures.map(|picture| picture.moved(by, &self.source, origin)));
    }

    pub(super) fn finish(mut self, facts: Facts) -> Draft {
        self.settle_waivers();
        self.waivers.sort_by_key(|waiver| waiver.at);
        let (text, map) = self.made.into_parts();
        let whole = self.source.text();
        let head = self.head.unwrap_or_else(|| {
            let first = lines(whole, 0..whole.len()).next().unwrap_or(0..0);
            first.start..first.start + whole[first].trim_end_matches(['\r', '\n']).len()
        });
        Draft {
            head: Span::covering(whole, head),
            source: self.source,
            record: self.record,
            record_id: self.record_id,
            facts,
            text,
            map,
            segments: self.segments,
            entities: self.entities,
            pictures: self.pictures,
            detected: OnceLock::new(),
            waivers: self.waivers.into_iter().map(Arc::new).collect(),
        }
    }
}

/// The text of a segment while it is written; it keeps [`SEGMENT_BREAK`] out.
#[derive(Debug)]
pub(super) struct SegmentText<'b> {
    made: &'b mut MappedText,
}

impl SegmentText<'_> {
    pub(super) fn verbatim(&mut self, text: &str, origin: usize) {
        let mut at = 0;
        for part in text.split(SEGMENT_BREAK) {
            self.made.push_verbatim(part, origin + at);
            at += part.len() + SEGMENT_BREAK.len_utf8();
        }
    }

    pub(super) fn whole(&mut self, text: &str, origin: Range<usize>) {
        if text.contains(SEGMENT_BREAK) {
            let text: String = text.split(SEGMENT_BREAK).collect();
            self.made.push_whole(&text, origin);
        } else {
            self.made.push_whole(text, origin);
        }
    }

    /// Adds a text with its own way back.
    pub(super) fn mapped(&mut self, text: MappedText) {
        let (text, map) = text.into_parts();
        if text.contains(SEGMENT_BREAK) {
            if let Some(origin) = map.origin(&(0..text.len())) {
                self.whole(&text, origin);
            }
        } else {
            self.made.push_mapped(&text, &map);
        }
    }

    pub(super) fn decoded(
        &mut self,
        decoded: &str,
        raw: &str,
        origin: usize,
        escape: impl Fn(&str, char) -> Option<usize>,
    ) {
        if decoded.contains(SEGMENT_BREAK) {
            self.whole(decoded, origin..origin + raw.len());
        } else {
            self.made.push_decoded(decoded, raw, origin, escape);
        }
    }
}
