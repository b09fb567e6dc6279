//! Subtitles: `SubRip` and `WebVTT`.
//!
//! Cues are running text: a phrase goes on over a cue's number and times, so cues are joined to
//! passages and a passage is one segment. A passage ends only where a sentence does, and then only
//! after a pause or when it has become long: cut anywhere else, a phrase over two cues would be
//! missed.

use std::ops::Range;
use std::sync::Arc;

use html5gum::{DefaultEmitter, Token as Html, Tokenizer};

use super::{RawFile, ReadOptions, Reader, Sink};
use crate::draft::build::{DraftBuilder, SegmentText};
use crate::draft::paragraphs::{lines, trim};
use crate::draft::{Draft, Facts, Scope};
use crate::text::sentence::sentences;
use crate::text::{Lang, Problem, Source, Span};

/// Subtitles in one of their two formats. Both readers read both, by how the file starts: an
/// extension is often the wrong one.
#[derive(Debug)]
pub(super) enum Subtitles {
    /// `SubRip`.
    Srt,
    /// `WebVTT`.
    Vtt,
}

impl Reader for Subtitles {
    fn name(&self) -> &'static str {
        match self {
            Self::Srt => "srt",
            Self::Vtt => "vtt",
        }
    }

    fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Srt => &["srt"],
            Self::Vtt => &["vtt"],
        }
    }

    fn about(&self) -> &'static str {
        match self {
            Self::Srt => "the cues of subtitles, as running text without numbers, times and tags",
            Self::Vtt => "as `srt`; speakers, and notes as comments",
        }
    }

    fn is_start_of(&self, text: &str) -> bool {
        match self {
            Self::Srt => {
                let mut first = lines(text, 0..text.len())
                    .map(|line| &text[line])
                    .skip_while(|line| line.trim().is_empty());
                let line = first.next().unwrap_or_default();
                let line = if is_number(line) {
                    first.next().unwrap_or_default()
                } else {
                    line
                };
                timing(line).is_some()
            }
            Self::Vtt => is_vtt(text),
        }
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        if let Some(source) = file.decode(problems) {
            sink(vec![film(&source, options, problems)]);
        }
    }
}

/// Text in which no cue has a time.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("these are no subtitles: no line says from when to when a text is shown")]
#[diagnostic(
    code(clearpost::draft::no_cues),
    help(
        "write `00:00:01,000 --> 00:00:04,000` above each text, or say what the file is: \
         `--input-format txt`"
    )
)]
struct NoCues;

/// After a sentence, a pause of so many milliseconds ends a passage.
const PAUSE: u64 = 2_000;

/// After so many bytes, the end of a sentence ends a passage without a pause.
const LONG: usize = 1_500;

/// A longer tag is none: its sign was meant as one.
const LONGEST_TAG: usize = 300;

/// The longest name of an entity has 31 letters.
const LONGEST_REFERENCE: usize = 34;

fn film(source: &Arc<Source>, options: &ReadOptions, problems: &mut Vec<Problem>) -> Draft {
    let mut builder = DraftBuilder::new(source);
    let mut facts = Facts::new(&options.stated);
    let file = Parser::new(source.text()).parse();
    if let Some(at) = file.language {
        let at = Span::covering(source.text(), at);
        facts.set_own("language", &source.text()[at.range()], at);
    }
    facts.settle(source, &options.channels, &options.zone, problems);
    if file.is_timed || file.cues.is_empty() {
        for (scope, origin) in file.apart {
            builder.verbatim(scope, origin);
        }
        for passage in passages(source.text(), &file.cues) {
            add(&mut builder, passage, file.is_vtt);
        }
    } else {
        let whole = Span::covering(source.text(), trim(source.text(), file.cues[0].text()));
        problems.push(Problem::new(&NoCues).at(source, whole, "shown when?"));
        builder.paragraphs(0..source.text().len());
    }
    builder.finish(facts)
}

/// What stands in a file.
#[derive(Debug, Default)]
struct File {
    is_vtt: bool,
    is_timed: bool,
    cues: Vec<Cue>,
    /// The header, notes and styles.
    apart: Vec<(Scope, Range<usize>)>,
    language: Option<Range<usize>>,
}

/// A text that is shown at once.
#[derive(Debug, Default)]
struct Cue {
    /// From when to when, in milliseconds.
    times: Option<(u64, u64)>,
    /// Its stretches of lines that follow one another; never empty.
    blocks: Vec<Range<usize>>,
}

impl Cue {
    fn text(&self) -> Range<usize> {
        let start = self.blocks.first().map_or(0, |block| block.start);
        start..self.blocks.last().map_or(start, |block| block.end)
    }
}

/// Reads a file line by line: what is neither a number, a time nor a note is text that is shown.
struct Parser<'t> {
    text: &'t str,
    lines: Vec<Range<usize>>,
    file: File,
    cue: Cue,
    /// The number of the cue before.
    number: Option<u64>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            lines: lines(text, 0..text.len()).collect(),
            file: File {
                is_vtt: is_vtt(text),
                ..File::default()
            },
            cue: Cue::default(),
            number: None,
        }
    }

    fn line(&self, at: usize) -> &'t str {
        self.lines
            .get(at)
            .map_or("", |line| &self.text[line.clone()])
    }

    fn is_blank(&self, at: usize) -> bool {
        self.line(at).trim().is_empty()
    }

    /// The line after the last of those that follow `at` without a blank one, and whether one of
    /// them is a time.
    fn block(&self, at: usize) -> (usize, bool) {
        let end = (at..self.lines.len())
            .find(|line| self.is_blank(*line))
            .unwrap_or(self.lines.len());
        let timed = (at..end).any(|line| timing(self.line(line)).is_some());
        (end, timed)
    }

    fn parse(mut self) -> File {
        let mut at = 0;
        if self.file.is_vtt {
            at = self.header();
        }
        while at < self.lines.len() {
            let starts_block = at == 0 || self.is_blank(at - 1);
            if let Some((times, rest)) = timing(self.line(at)) {
                self.end_cue();
                self.file.is_timed = true;
                self.cue.times = Some(times);
                if rest > 0 {
                    let line = self.lines[at].clone();
                    self.cue.blocks.push(line.end - rest..line.end);
                }
                at += 1;
            } else if self.is_cue_number(at, starts_block) {
                self.end_cue();
                self.number = self.line(at).trim().parse().ok();
                at += 1;
            } else if self.file.is_vtt && starts_block && self.is_cue_name(at) {
                self.file
                    .apart
                    .push((Scope::Comment, trim(self.text, self.lines[at].clone())));
                at += 1;
            } else if self.file.is_vtt
                && starts_block
                && let Some(end) = self.aside(at)
            {
                at = end;
            } else {
                self.add_line(at);
                at += 1;
            }
        }
        self.end_cue();
        self.file
    }

    /// Reads what stands above the first blank line of `WebVTT`, and returns the line after it.
    fn header(&mut self) -> usize {
        let mut at = 0;
        while !self.is_blank(at) && timing(self.line(at)).is_none() {
            let line = trim(self.text, self.lines[at].clone());
            let words = &self.text[line.clone()];
            let named = words
                .split_once(':')
                .filter(|(key, _)| key.trim().eq_ignore_ascii_case("language"));
            if let Some((_, value)) = named
                && value.trim().parse::<Lang>().is_ok()
            {
                let value = line.end - value.len()..line.end;
                self.file.language = Some(trim(self.text, value));
            }
            let start = line.start + if at == 0 { "WEBVTT".len() } else { 0 };
            self.file
                .apart
                .push((Scope::Comment, trim(self.text, start..line.end)));
            at += 1;
        }
        at
    }

    /// A number belongs to a cue if a time follows it, or if it is the next one: a time that is
    /// missing must not put a number between two words.
    fn is_cue_number(&self, at: usize, starts_block: bool) -> bool {
        let line = self.line(at);
        if !is_number(line) {
            return false;
        }
        let is_next = self.number.is_some_and(|before| {
            line.trim()
                .parse()
                .is_ok_and(|here: u64| before.checked_add(1) == Some(here))
        });
        let is_timed = timing(self.line(at + 1)).is_some();
        match (starts_block, is_timed) {
            (true, true) => true,
            (true, false) => is_next && !self.is_blank(at + 1),
            (false, timed) => timed && is_next,
        }
    }

    fn is_cue_name(&self, at: usize) -> bool {
        timing(self.line(at + 1)).is_some()
    }

    /// If a note or a style begins at this line, sets it apart and returns the line after it.
    fn aside(&mut self, at: usize) -> Option<usize> {
        let line = self.line(at).trim_end();
        let scope = match line.split([' ', '\t']).next()? {
            "NOTE" => Scope::Comment,
            "STYLE" | "REGION" if line.len() <= "REGION".len() && !self.file.is_timed => {
                Scope::Code
            }
            _ => return None,
        };
        let (end, has_times) = self.block(at);
        if has_times {
            return None;
        }
        let first = &self.lines[at];
        let word = if scope == Scope::Comment {
            "NOTE".len()
        } else {
            line.len()
        };
        let range = first.start + word..self.lines[end - 1].end;
        self.file.apart.push((scope, trim(self.text, range)));
        Some(end)
    }

    fn add_line(&mut self, at: usize) {
        if self.is_blank(at) {
            return;
        }
        let line = self.lines[at].clone();
        match self.cue.blocks.last_mut() {
            Some(block) if block.end == line.start => block.end = line.end,
            _ => self.cue.blocks.push(line),
        }
    }

    fn end_cue(&mut self) {
        let cue = std::mem::take(&mut self.cue);
        if !cue.blocks.is_empty() {
            self.file.cues.push(cue);
        }
    }
}

fn is_vtt(text: &str) -> bool {
    text.strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// From when to when, in milliseconds, and how many bytes at the line's end are text and no
/// settings; `None` if the line is no line of times. What people write is read, such as a single
/// digit, a point for a comma or `->`.
fn timing(line: &str) -> Option<((u64, u64), usize)> {
    let (start, rest) = time(line.trim_start())?;
    let rest = rest.trim_start();
    let arrow = rest.trim_start_matches(['-', '–', '—']);
    let rest = arrow.strip_prefix('>').or_else(|| rest.strip_prefix('→'))?;
    let (end, rest) = time(rest.trim_start())?;
    let is_setting = |word: &str| {
        word.split_once(':').is_some_and(|(key, _)| {
            matches!(
                key,
                "align" | "line" | "position" | "region" | "size" | "vertical"
            ) || matches!(key, "X1" | "X2" | "Y1" | "Y2")
        })
    };
    let text = if rest.split_whitespace().all(is_setting) {
        0
    } else {
        rest.trim_start().len()
    };
    Some(((start, end), text))
}

/// A time at the start of `text`, in milliseconds, and what follows it.
fn time(text: &str) -> Option<(u64, &str)> {
    let len = text
        .find(|c: char| !matches!(c, '0'..='9' | ':' | '.' | ','))
        .unwrap_or(text.len());
    let (written, rest) = text.split_at(len);
    let (clock, fraction) = written.split_once([',', '.']).unwrap_or((written, "0"));
    if !clock.contains(':') {
        return None;
    }
    let mut seconds: u64 = 0;
    for part in clock.split(':') {
        let part: u64 = part.parse().ok()?;
        seconds = seconds.checked_mul(60)?.checked_add(part)?;
    }
    let thousandths: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((seconds.checked_mul(1000)?.checked_add(thousandths)?, rest))
}

/// Cues that are read in one go.
fn passages<'c>(text: &str, cues: &'c [Cue]) -> Vec<&'c [Cue]> {
    let mut found = Vec::new();
    let mut start = 0;
    for next in 1..cues.len() {
        let (before, after) = (&cues[next - 1], &cues[next]);
        let pause = match (before.times, after.times) {
            (Some((_, end)), Some((start, _))) => start.saturating_sub(end),
            _ => 0,
        };
        let long = before.text().end - cues[start].text().start > LONG;
        if (pause >= PAUSE || long) && a_sentence_ends(text, before, after) {
            found.push(&cues[start..next]);
            start = next;
        }
    }
    if start < cues.len() {
        found.push(&cues[start..]);
    }
    found
}

/// Whether a sentence ends with `before`, if `after` is what is said next.
fn a_sentence_ends(text: &str, before: &Cue, after: &Cue) -> bool {
    let shown = |cue: &Cue| {
        let mut shown = String::new();
        for block in &cue.blocks {
            for token in tokens(text, trim(text, block.clone()), true) {
                match token {
                    Token::Text(range) => shown.push_str(&text[range]),
                    Token::Decoded(decoded, _) => shown.push_str(&decoded),
                    Token::Dropped(_) => {}
                }
            }
            shown.push('\n');
        }
        shown
    };
    let first = shown(before);
    let both = format!("{first}{}", shown(after));
    sentences(&both)
        .iter()
        .any(|sentence| sentence.end == first.len())
}

/// Adds a passage, and what its tags say, each as a segment of its own.
fn add(builder: &mut DraftBuilder, passage: &[Cue], is_vtt: bool) {
    let source = Arc::clone(builder.source());
    let text = source.text();
    let mut apart = Vec::new();
    builder.segment(Scope::Body, None, |segment| {
        let mut last: Option<usize> = None;
        for block in passage.iter().flat_map(|cue| &cue.blocks) {
            let block = trim(text, block.clone());
            if let Some(last) = last {
                segment.whole("\n", last..block.start);
            }
            last = Some(block.end);
            fill(segment, text, block, is_vtt, &mut apart);
        }
    });
    for (scope, origin) in apart {
        builder.verbatim(scope, origin);
    }
}

fn fill(
    segment: &mut SegmentText<'_>,
    text: &str,
    block: Range<usize>,
    is_vtt: bool,
    apart: &mut Vec<(Scope, Range<usize>)>,
) {
    for token in tokens(text, block, is_vtt) {
        match token {
            Token::Text(range) => segment.verbatim(&text[range.clone()], range.start),
            Token::Decoded(decoded, range) => segment.whole(&decoded, range),
            Token::Dropped(range) => apart.extend(said_by_tag(text, range)),
        }
    }
}

/// A part of a cue's text.
enum Token {
    /// Text as it stands.
    Text(Range<usize>),
    /// An entity or a line break, and what it stands for.
    Decoded(String, Range<usize>),
    /// A tag.
    Dropped(Range<usize>),
}

/// The parts of a cue's text. Players show a tag that they do not know as text, save those of
/// `WebVTT`, which drop it.
fn tokens(text: &str, block: Range<usize>, is_vtt: bool) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut plain = block.start;
    let mut at = block.start;
    while let Some(next) = text[at..block.end].find(['<', '{', '&']) {
        let sign = at + next;
        let rest = &text[sign..block.end];
        let found = match rest.as_bytes()[0] {
            b'<' => tag(rest, is_vtt).map(|len| {
                let range = sign..sign + len;
                if is_line_break(&rest[..len]) {
                    Token::Decoded("\n".to_owned(), range)
                } else {
                    Token::Dropped(range)
                }
            }),
            // Where and how to show it, as in SubStation Alpha.
            b'{' if rest.starts_with("{\\") => {
                near(rest, b'}').map(|end| Token::Dropped(sign..sign + end + 1))
            }
            b'{' => None,
            _ => reference(rest).map(|(decoded, len)| Token::Decoded(decoded, sign..sign + len)),
        };
        let Some(token) = found else {
            at = sign + 1;
            continue;
        };
        if plain < sign {
            tokens.push(Token::Text(plain..sign));
        }
        plain = match &token {
            Token::Decoded(_, range) | Token::Dropped(range) | Token::Text(range) => range.end,
        };
        at = plain;
        tokens.push(token);
    }
    if plain < block.end {
        tokens.push(Token::Text(plain..block.end));
    }
    tokens
}

/// Where the tag at the start of `rest` ends.
fn near(rest: &str, sign: u8) -> Option<usize> {
    rest.bytes().take(LONGEST_TAG).position(|byte| byte == sign)
}

/// What the entity at the start of `rest` stands for, and its length.
fn reference(rest: &str) -> Option<(String, usize)> {
    let end = rest
        .bytes()
        .take(LONGEST_REFERENCE)
        .position(|byte| byte == b';')?;
    let raw = &rest[..=end];
    if !raw[1..end]
        .bytes()
        .all(|byte| byte == b'#' || byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let mut decoded = String::new();
    let emitter = DefaultEmitter::<usize>::new_with_span();
    for token in Tokenizer::new_with_emitter(raw, emitter).flatten() {
        if let Html::String(words) = token {
            decoded.push_str(&String::from_utf8_lossy(&words));
        }
    }
    (decoded != raw).then_some((decoded, raw.len()))
}

/// The length of the tag at the start of `rest`.
fn tag(rest: &str, is_vtt: bool) -> Option<usize> {
    let inside = &rest[1..near(rest, b'>')?];
    if inside.contains('<') {
        return None;
    }
    let is_time = time(inside).is_some_and(|(_, after)| after.is_empty());
    let known = matches!(
        tag_name(inside),
        "b" | "i" | "u" | "s" | "font" | "c" | "v" | "lang" | "ruby" | "rt" | "br"
    );
    let unknown = is_vtt && inside.starts_with(|c: char| c == '/' || c.is_alphabetic());
    (is_time || known || unknown).then_some(inside.len() + 2)
}

fn tag_name(inside: &str) -> &str {
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let end = inside
        .find(|c: char| c.is_whitespace() || matches!(c, '.' | '/'))
        .unwrap_or(inside.len());
    match &inside[..end] {
        "B" => "b",
        "I" => "i",
        "U" => "u",
        "S" => "s",
        "FONT" | "Font" => "font",
        "BR" => "br",
        name => name,
    }
}

fn is_line_break(tag: &str) -> bool {
    tag_name(&tag[1..tag.len() - 1]) == "br"
}

/// What a tag says besides how to show its text: a speaker's name, which players show, and
/// whatever a tag that nobody knows holds.
fn said_by_tag(text: &str, tag: Range<usize>) -> Option<(Scope, Range<usize>)> {
    let inside = tag.start + 1..tag.end - 1;
    let words = &text[inside.clone()];
    if !text[tag].starts_with('<') || words.starts_with('/') || time(words).is_some() {
        return None;
    }
    let (scope, said) = match tag_name(words) {
        "v" => (Scope::Body, words.find(char::is_whitespace)?),
        "b" | "i" | "u" | "s" | "font" | "c" | "lang" | "ruby" | "rt" => return None,
        _ => (Scope::Comment, 0),
    };
    Some((scope, trim(text, inside.start + said..inside.end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::read::segments;

    fn read_as(format: &Subtitles, text: &str) -> (Draft, Vec<Problem>) {
        let mut problems = Vec::new();
        let options = ReadOptions::default();
        let mut drafts = super::super::read_text(format, "film", text, &options, &mut problems);
        (drafts.remove(0), problems)
    }

    fn body(text: &str) -> Vec<String> {
        let (draft, problems) = read_as(&Subtitles::Srt, text);
        assert!(problems.is_empty(), "{problems:?}");
        segments(&draft)
            .into_iter()
            .map(|(scope, text)| {
                assert_eq!(scope, "body");
                text.to_owned()
            })
            .collect()
    }

    const FILM: &str = "1
00:00:00,400 --> 00:00:02,900
Bun venit în Hala 7, filmăm
cu permisiune.

2
00:00:02,900 --> 00:00:05,100
Aici lucrează Ilie
Brădean, de noapte.

3
00:00:05,100 --> 00:00:07,000
Lumina este pentru Uzina

4
00:00:07,000 --> 00:00:09,500
Vălenara, un client vechi.

5
00:00:09,500 --> 00:00:12,000
<i>Am spart gheața</i> cu o glumă:
{\\an8}cine stinge lumina &amp; pleacă.
";

    /// Line and raw text of `seen`, which lies in one segment.
    fn place(draft: &Draft, seen: &str) -> (usize, String) {
        let at = draft.text().find(seen).unwrap();
        let segment = draft.segment_at(at).unwrap();
        assert!(at + seen.len() <= segment.range.end);
        let span = draft.span(&(at..at + seen.len()));
        let source = draft.source();
        (
            source.line_col(span.start()).0,
            source.text()[span.range()].to_owned(),
        )
    }

    #[test]
    fn a_phrase_over_two_cues_has_its_place_whatever_the_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text = FILM.replace('\n', end);
            let (draft, problems) = read_as(&Subtitles::Srt, &text);
            assert!(problems.is_empty(), "{problems:?}");
            let raw = |text: &str| text.replace('\n', end);
            assert_eq!(
                place(&draft, &raw("Ilie\nBrădean")),
                (8, raw("Ilie\nBrădean"))
            );
            assert_eq!(
                place(&draft, "Uzina\nVălenara"),
                (
                    13,
                    raw("Uzina\n\n4\n00:00:07,000 --> 00:00:09,500\nVălenara")
                )
            );
            assert_eq!(
                place(&draft, "lumina & pleacă"),
                (22, "lumina &amp; pleacă".to_owned())
            );
            assert!(!draft.text().contains("an8"));
        }
    }

    #[test]
    fn utf_16_counts_as_it_stands_on_disk() {
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend(FILM.encode_utf16().flat_map(u16::to_le_bytes));
        let mut drafts = Vec::new();
        let mut problems = Vec::new();
        let mut sink = |read| {
            drafts.extend(read);
            super::super::Go::On
        };
        let options = ReadOptions::default();
        let file = RawFile::from_bytes("film.srt", bytes.clone());
        Subtitles::Srt.read(file, &options, &mut sink, &mut problems);
        let at = drafts[0].text().find("Uzina").unwrap();
        let on_disk = drafts[0].source().disk_range(drafts[0].span(&(at..at + 5)));
        let units: Vec<u8> = "Uzina".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(bytes[on_disk], units);
    }

    #[test]
    fn a_passage_ends_with_a_sentence_after_a_pause_or_when_it_is_long() {
        let film = |first: &str, pause: u64| {
            format!(
                "1\n00:00:01,000 --> 00:00:02,000\n{first}\n\n2\n00:00:0{},000 --> 00:00:09,000\nThere.",
                2 + pause
            )
        };
        let cases = [
            ("Here", 5, 1),
            ("Here.", 0, 1),
            ("Here.", 1, 1),
            ("Here.", 2, 2),
            ("<i>Here.</i>", 2, 2),
            ("Dr.", 5, 1),
            ("Here it goes on …", 1, 1),
        ];
        for (first, pause, passages) in cases {
            assert_eq!(body(&film(first, pause)).len(), passages, "{first} {pause}");
        }
        let long = "Word. ".repeat(LONG / 6 + 1);
        assert_eq!(body(&film(&long, 0)).len(), 2);
        assert_eq!(body(&film(&long.replace('.', ""), 0)).len(), 1);
    }

    #[test]
    fn broken_files_lose_no_word() {
        let cases = [
            (
                "no numbers",
                "00:01,0 --> 00:02\none\n\n00:02 -> 00:03\ntwo",
                "one\ntwo",
            ),
            (
                "no blank lines",
                "1\n00:00:01,0-->00:00:02,0\none\n2\n00:00:02,0-->00:00:03,0\ntwo",
                "one\ntwo",
            ),
            (
                "a cue without a time",
                "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\ntwo\n\n3\n00:00:03,000 --> 00:00:04,000\nthree",
                "one\ntwo\nthree",
            ),
            (
                "overlapping",
                "1\n00:00:01,000 --> 00:00:09,000\none\n\n2\n00:00:02,000 --> 00:00:03,000\ntwo",
                "one\ntwo",
            ),
            (
                "a blank line inside, a number that is text",
                "1\n00:00:01,000 --> 00:00:02,000\none\n\n1984\n\nmore",
                "one\n1984\nmore",
            ),
            (
                "text before the first time and on its line",
                "zero\n\n00:00:01,000 --> 00:00:02,000 X1:3 X2:4\none\n\n00:00:02,000 --> 00:00:03,000 two",
                "zero\none\ntwo",
            ),
            (
                "signs that are no tags",
                "00:00:01,000 --> 00:00:02,000\n1 < 2 {x} <Acme> AT&T &x; <3",
                "1 < 2 {x} <Acme> AT&T &x; <3",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(body(text), [expected], "{name}");
        }
        assert!(body("").is_empty());
    }

    #[test]
    fn without_times_the_text_is_read_and_the_file_is_a_problem() {
        let text = "Acme Corp\n\nhere";
        let (draft, problems) = read_as(&Subtitles::Srt, text);
        assert_eq!(problems[0].code, "clearpost::draft::no_cues");
        assert_eq!(
            segments(&draft),
            [("body".into(), "Acme Corp"), ("body".into(), "here")]
        );
    }

    #[test]
    fn webvtt_has_notes_styles_speakers_and_tags() {
        let text = "WEBVTT - Spring film
Language: ro

STYLE
::cue { color: red }

NOTE who asked
for it

intro
00:00.000 --> 00:04.000 align:start position:0%
<v.loud Ana M.>con<b>fid</b><00:00:01.000>en<c.yellow>tial</c></v> &lt;x&gt;&nbsp;y

NOTE

00:04.000 --> 00:05.000
one<br>two <secret plan>three
";
        let (draft, problems) = read_as(&Subtitles::Vtt, text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(draft.facts().lang().unwrap().as_str(), "ro");
        assert_eq!(
            segments(&draft),
            [
                ("comment".into(), "- Spring film"),
                ("comment".into(), "Language: ro"),
                ("code".into(), "::cue { color: red }"),
                ("comment".into(), "who asked\nfor it"),
                ("comment".into(), "intro"),
                ("body".into(), "confidential <x>\u{A0}y\none\ntwo three"),
                ("body".into(), "Ana M."),
                ("comment".into(), "secret plan"),
            ]
        );
        let (_, raw) = place(&draft, "confidential");
        assert_eq!(raw, "con<b>fid</b><00:00:01.000>en<c.yellow>tial");
        assert!(read_as(&Subtitles::Vtt, "WEBVTT\n\nNOTE x\n").1.is_empty());
    }

    #[test]
    fn text_without_a_name_is_known_by_its_start() {
        assert_eq!(super::super::by_content(FILM.as_bytes()).name(), "srt");
        assert_eq!(super::super::by_content(b"WEBVTT\n").name(), "vtt");
        assert_eq!(super::super::by_content(b"1\nWEBVTT").name(), "txt");
    }
}
