//! A file as it was read: decoded text, its lines, and the way back to bytes on disk.
//!
//! All of Clearpost works on the decoded text without its byte-order mark. Only here is it known
//! that a file was UTF-16 or Windows-1252; [`Source::disk_range`] turns a span of the text into
//! bytes of the file. A source may also be a window of a file too large to hold at once, or text
//! that was taken out of a file's parts (a paragraph of a word processor, a cell of a sheet): then
//! [`Source::location`] names the part instead of bytes.

use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::sync::OnceLock;

use memchr::{memchr, memchr2_iter};

use super::Span;

/// Every so many bytes of text the running counts are kept, so that a place in a line of fifty
/// megabytes is found without walking the line.
const STRIDE: usize = 4096;

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8 {
        /// Whether the file starts with EF BB BF.
        bom: bool,
    },
    /// UTF-16 little-endian with a byte-order mark.
    Utf16Le,
    /// UTF-16 big-endian with a byte-order mark.
    Utf16Be,
    /// Windows-1252, of which Latin-1 is read as a part, as browsers do.
    Windows1252,
}

/// Bytes that are no text in the encoding they claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum DecodeError {
    /// Not UTF-8, and no byte-order mark says what else it is.
    #[error("not valid UTF-8: byte {offset} (line {line}) is the first that does not fit")]
    #[diagnostic(
        code(clearpost::read::invalid_utf8),
        help("save the file as UTF-8, or say what it is: `--encoding windows-1252`")
    )]
    Utf8 {
        /// Offset of the first bad byte, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// A file with NUL characters: no text, or UTF-16 without a byte-order mark.
    #[error("this is no text: there is a NUL at byte {offset}")]
    #[diagnostic(
        code(clearpost::read::binary),
        help("save it as text in UTF-8; UTF-16 is read if it starts with a byte-order mark")
    )]
    Binary {
        /// Offset of the first NUL, from 0.
        offset: usize,
    },
    /// A UTF-16 file with half a pair or half a unit.
    #[error("not valid UTF-16: the unit at byte {offset} stands without its other half")]
    #[diagnostic(
        code(clearpost::read::invalid_utf16),
        help("save the file again, best as UTF-8")
    )]
    Utf16 {
        /// Offset of the faulty unit, from 0.
        offset: usize,
    },
}

/// A decoded file.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    encoding: Encoding,
    start: Start,
    /// In the order of the text; empty for a file that is text itself.
    parts: Vec<Part>,
    index: OnceLock<Index>,
}

/// Where in its file a window begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Bytes of the file before it.
    pub byte: usize,
    /// Lines of the file before it.
    pub line: usize,
}

/// A stretch of a source's text that stands for one part of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where its text begins in the source's text; it ends where the next part begins.
    pub at: usize,
    /// What people call it: `word/document.xml`, `text/html`, the name of a sheet.
    pub name: String,
    /// How places in it are counted.
    pub unit: Unit,
}

/// How places in a part are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// It stands in the file as it is, so its places are bytes and lines of the file.
    File(Start),
    /// Decoded from something else: lines and columns of the decoded text.
    Lines,
    /// Paragraphs of a document, each a line of the text, and characters in them.
    Paragraphs,
    /// One cell of a sheet, such as `D4`, and characters in it.
    Cell(String),
}

/// Where a span stands, as people and programs are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the file's own bytes.
    File {
        /// Bytes on disk.
        bytes: Range<usize>,
        /// Line and column of its first character, from 1.
        start: (usize, usize),
        /// Line and column after its last character, from 1.
        end: (usize, usize),
    },
    /// In a part that has no bytes of its own.
    Part(PartPlace),
}

/// A place in a part of a file; all numbers count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartPlace {
    /// By line and column of the decoded part.
    Line {
        /// The part.
        part: String,
        /// Its line.
        line: usize,
        /// The column there.
        column: usize,
    },
    /// By paragraph and character.
    Paragraph {
        /// The part.
        part: String,
        /// Its paragraph.
        paragraph: usize,
        /// The first character.
        character: usize,
        /// The one after the last, of the paragraph in which the place ends.
        end_character: usize,
    },
    /// By cell and character.
    Cell {
        /// The sheet.
        part: String,
        /// The cell's name, such as `D4`.
        cell: String,
        /// The first character.
        character: usize,
        /// The one after the last.
        end_character: usize,
    },
}

impl fmt::Display for PartPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { part, line, column } => write!(f, "{part}:{line}:{column}"),
            Self::Paragraph {
                part,
                paragraph,
                character,
                ..
            } => write!(f, "{part}:¶{paragraph}:{character}"),
            Self::Cell {
                part,
                cell,
                character,
                ..
            } => write!(f, "{part}!{cell}:{character}"),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                start: (line, column),
                ..
            } => write!(f, "{line}:{column}"),
            Self::Part(place) => place.fmt(f),
        }
    }
}

/// A part as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPart {
    /// The file and the part.
    pub name: String,
    /// Its lines in the source's text, from 1.
    pub lines: RangeInclusive<usize>,
    /// The number that its first line is shown with.
    pub shown_first: usize,
}

#[derive(Debug)]
struct Index {
    /// Byte offset at which each line starts.
    lines: Vec<usize>,
    /// At `i * STRIDE`, or the next character boundary: characters and UTF-16 units before it.
    counts: Vec<Counts>,
}

#[derive(Clone, Copy, Debug)]
struct Counts {
    at: usize,
    chars: usize,
    units: usize,
}

/// A sign of the size of `letter`.
fn sign(letter: char) -> char {
    match letter.len_utf8() {
        _ if letter.is_whitespace() => letter,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '🔒',
    }
}

impl Source {
    /// A text that never was a file, or that is known to be UTF-8.
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            encoding: Encoding::Utf8 { bom: false },
            start: Start::default(),
            parts: Vec::new(),
            index: OnceLock::new(),
        }
    }

    /// The same with signs in place of every letter of `spans`, and of the same letters elsewhere.
    /// No place moves: a sign takes as many bytes and UTF-16 units as the letter it stands for.
    #[must_use]
    pub fn veiled(&self, spans: &[Span]) -> Self {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for span in spans {
            let secret = &self.text[span.range()];
            ranges.push(span.range());
            // What is shorter stands in too many words by chance.
            if secret.trim().len() >= 4 {
                let again = memchr::memmem::find_iter(self.text.as_bytes(), secret.as_bytes());
                ranges.extend(again.map(|at| at..at + secret.len()));
            }
        }
        ranges.sort_by_key(|range| range.start);
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for range in ranges {
            if range.end <= at {
                continue;
            }
            text.push_str(&self.text[at..range.start.max(at)]);
            text.extend(self.text[range.start.max(at)..range.end].chars().map(sign));
            at = range.end;
        }
        text.push_str(&self.text[at..]);
        Self {
            name: self.name.clone(),
            text,
            encoding: self.encoding,
            start: self.start,
            parts: self.parts.clone(),
            index: OnceLock::new(),
        }
    }

    /// Text that was taken out of a file's parts, which are in the order of the text and cover it.
    pub fn from_parts(name: impl Into<String>, text: impl Into<String>, parts: Vec<Part>) -> Self {
        debug_assert!(parts.is_sorted_by_key(|part| part.at));
        Self {
            parts,
            ..Self::from_text(name, text)
        }
    }

    /// Decodes the bytes of a window that begins at `start` of its file.
    ///
    /// # Errors
    ///
    /// As [`Source::decode`]; places are those of the file.
    pub fn decode_part(
        name: impl Into<String>,
        bytes: Vec<u8>,
        fallback: Option<Encoding>,
        start: Start,
    ) -> Result<Self, DecodeError> {
        match Self::decode(name, bytes, fallback) {
            Ok(source) => Ok(source.beginning_at(start)),
            Err(DecodeError::Utf8 { offset, line }) => Err(DecodeError::Utf8 {
                offset: offset + start.byte,
                line: line + start.line,
            }),
            Err(DecodeError::Binary { offset }) => Err(DecodeError::Binary {
                offset: offset + start.byte,
            }),
            Err(DecodeError::Utf16 { offset }) => Err(DecodeError::Utf16 {
                offset: offset + start.byte,
            }),
        }
    }

    /// How many line ends there are.
    pub fn line_ends(&self) -> usize {
        self.index().lines.len() - 1
    }

    /// The same text as a window that begins at `start` of its file.
    #[must_use]
    pub fn beginning_at(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Decodes `bytes`: by the byte-order mark if there is one, else as UTF-8, else as `fallback`
    /// says.
    ///
    /// # Errors
    ///
    /// At the first byte that does not fit: nothing is ever replaced, since replaced text would
    /// be text that was not checked.
    pub fn decode(
        name: impl Into<String>,
        bytes: Vec<u8>,
        fallback: Option<Encoding>,
    ) -> Result<Self, DecodeError> {
        let (text, encoding) = match bytes.as_slice() {
            [0xEF, 0xBB, 0xBF, rest @ ..] => {
                let text = std::str::from_utf8(rest)
                    .map_err(|error| utf8_error(rest, error.valid_up_to(), 3))?;
                (text.to_owned(), Encoding::Utf8 { bom: true })
            }
            [0xFF, 0xFE, rest @ ..] => (decode_utf16(rest, u16::from_le_bytes)?, Encoding::Utf16Le),
            [0xFE, 0xFF, rest @ ..] => (decode_utf16(rest, u16::from_be_bytes)?, Encoding::Utf16Be),
            // What is UTF-8 is read as such even if something else is expected: in a folder of both
            // kinds a wrong reading would hide every accented word.
            _ => match String::from_utf8(bytes) {
                Ok(text) => (text, Encoding::Utf8 { bom: false }),
                Err(error) if fallback == Some(Encoding::Windows1252) => {
                    let (text, _) =
                        encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes());
                    (text.into_owned(), Encoding::Windows1252)
                }
                Err(error) => {
                    let offset = error.utf8_error().valid_up_to();
                    return Err(utf8_error(error.as_bytes(), offset, 0));
                }
            },
        };
        // Text that people write holds no NUL; files that are no text, or UTF-16 without its mark, do.
        let source = Self {
            name: name.into(),
            text,
            encoding,
            start: Start::default(),
            parts: Vec::new(),
            index: OnceLock::new(),
        };
        match memchr(0, source.text.as_bytes()) {
            None => Ok(source),
            Some(at) => Err(DecodeError::Binary {
                offset: source.disk_offset(at),
            }),
        }
    }

    /// What people call this text: its path, or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The decoded text, without byte-order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in its file the text begins.
    pub fn start(&self) -> Start {
        self.start
    }

    /// The decoded text, for who needs nothing else of this.
    pub fn into_text(self) -> String {
        self.text
    }

    /// How the file was encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The bytes of the file that hold `span`, end exclusive; a byte-order mark counts. For text
    /// out of a part, what [`Source::location`] says holds.
    pub fn disk_range(&self, span: Span) -> Range<usize> {
        self.disk_offset(span.start())..self.disk_offset(span.end())
    }

    /// Where `span` stands.
    pub fn location(&self, span: Span) -> Location {
        let Some(part) = self.part_at(span.start()) else {
            return Location::File {
                bytes: self.disk_range(span),
                start: self.line_col(span.start()),
                end: self.line_col(span.end()),
            };
        };
        let (first_line, _) = self.line_col(part.at);
        let (line, column) = self.line_col(span.start());
        let (end_line, end_column) = self.line_col(span.end());
        let name = part.name.clone();
        match &part.unit {
            Unit::File(start) => Location::File {
                bytes: start.byte + span.start() - part.at..start.byte + span.end() - part.at,
                start: (start.line + line - first_line + 1, column),
                end: (start.line + end_line - first_line + 1, end_column),
            },
            Unit::Lines => Location::Part(PartPlace::Line {
                part: name,
                line: line - first_line + 1,
                column,
            }),
            Unit::Paragraphs => Location::Part(PartPlace::Paragraph {
                part: name,
                paragraph: line - first_line + 1,
                character: column,
                end_character: end_column,
            }),
            Unit::Cell(cell) => {
                let count = |to: usize| 1 + self.text[part.at..to].chars().count();
                Location::Part(PartPlace::Cell {
                    part: name,
                    cell: cell.clone(),
                    character: count(span.start()),
                    end_character: count(span.end()),
                })
            }
        }
    }

    /// Whether `span` has bytes of its own in the file.
    pub fn is_in_file(&self, span: Span) -> bool {
        self.part_at(span.start())
            .is_none_or(|part| matches!(part.unit, Unit::File(_)))
    }

    /// The part that holds byte `offset`, as a report shows it; `None` if the file is text itself.
    pub fn shown_part(&self, offset: usize) -> Option<ShownPart> {
        let part = self.part_at(offset)?;
        let (first, _) = self.line_col(part.at);
        let next = self.parts.partition_point(|part| part.at <= offset);
        let end = self.parts.get(next).map_or(self.text.len(), |next| next.at);
        let (last, _) = self.line_col(end.saturating_sub(1).max(part.at));
        let (name, shown_first) = match &part.unit {
            Unit::File(start) => (self.name.clone(), start.line + 1),
            Unit::Lines | Unit::Paragraphs => (format!("{} ({})", self.name, part.name), 1),
            Unit::Cell(cell) => (format!("{} ({}!{cell})", self.name, part.name), 1),
        };
        Some(ShownPart {
            name,
            lines: first..=last,
            shown_first,
        })
    }

    fn part_at(&self, offset: usize) -> Option<&Part> {
        let next = self.parts.partition_point(|part| part.at <= offset);
        self.parts.get(next.checked_sub(1)?)
    }

    fn disk_offset(&self, offset: usize) -> usize {
        self.start.byte + self.offset_in_window(offset)
    }

    fn offset_in_window(&self, offset: usize) -> usize {
        match self.encoding {
            Encoding::Utf8 { bom: false } => offset,
            Encoding::Utf8 { bom: true } => offset + 3,
            Encoding::Utf16Le | Encoding::Utf16Be => 2 + 2 * self.counts(offset).units,
            Encoding::Windows1252 => self.counts(offset).chars,
        }
    }

    /// Returns the line and column of byte `offset`, both counted from 1.
    ///
    /// Columns count Unicode scalar values; a tab is one. A line ends at LF, CRLF or a lone CR.
    /// `offset == text.len()` is the position just after the last character. An offset inside a
    /// character counts as the character's start.
    pub fn line_col(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let line = self.line_of(offset);
        let start = self.index().lines[line];
        let column = self.counts(offset).chars - self.counts(start).chars;
        (self.start.line + line + 1, column + 1)
    }

    /// The bytes of line `line` (of the file, from 1) without its line end, or `None` if it is not
    /// in the text.
    pub fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let lines = &self.index().lines;
        let line = line.checked_sub(self.start.line)?;
        let start = *lines.get(line.checked_sub(1)?)?;
        let end = lines.get(line).copied().unwrap_or(self.text.len());
        let content = self.text[start..end].trim_end_matches(['\n', '\r']);
        Some(start..start + content.len())
    }

    /// The byte offset of a line and column, both from 1, cut to the text.
    pub fn offset_of(&self, line: usize, column: usize) -> usize {
        let Some(range) = self.line_range(line) else {
            return self.text.len();
        };
        self.text[range.clone()]
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(range.end, |(at, _)| range.start + at)
    }

    fn line_of(&self, offset: usize) -> usize {
        self.index().lines.partition_point(|start| *start <= offset) - 1
    }

    fn counts(&self, offset: usize) -> Counts {
        let counts = &self.index().counts;
        let nearest = counts[counts.partition_point(|c| c.at <= offset) - 1];
        add_counts(nearest, &self.text[nearest.at..offset])
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.text))
    }
}

impl Index {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut lines = vec![0];
        for at in memchr2_iter(b'\n', b'\r', bytes) {
            let before_lf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !before_lf {
                lines.push(at + 1);
            }
        }
        let mut here = Counts {
            at: 0,
            chars: 0,
            units: 0,
        };
        let mut counts = vec![here];
        while here.at + STRIDE < text.len() {
            let next = text.ceil_char_boundary(here.at + STRIDE);
            here = add_counts(here, &text[here.at..next]);
            counts.push(here);
        }
        Self { lines, counts }
    }
}

fn add_counts(from: Counts, text: &str) -> Counts {
    let chars = text.chars().count();
    // A character outside the basic plane is four bytes of UTF-8 and two units of UTF-16.
    let astral = text.bytes().filter(|byte| *byte >= 0xF0).count();
    Counts {
        at: from.at + text.len(),
        chars: from.chars + chars,
        units: from.units + chars + astral,
    }
}

fn utf8_error(bytes: &[u8], valid: usize, bom: usize) -> DecodeError {
    let before = String::from_utf8_lossy(&bytes[..valid]);
    let line = Index::new(&before).lines.len();
    DecodeError::Utf8 {
        offset: valid + bom,
        line,
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut offset = 2;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(character) => {
                text.push(character);
                offset += 2 * character.len_utf16();
            }
            Err(_) => return Err(DecodeError::Utf16 { offset }),
        }
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(DecodeError::Utf16 { offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_end_at_lf_crlf_and_a_lone_cr() {
        let source = Source::from_text("t", "a\r\nbé\rc\n");
        let cases = [
            (0, (1, 1)),
            (3, (2, 1)),
            (6, (2, 3)),
            (7, (3, 1)),
            (8, (3, 2)),
            (9, (4, 1)),
        ];
        for (offset, expected) in cases {
            assert_eq!(source.line_col(offset), expected, "offset {offset}");
        }
        assert_eq!(source.line_range(2), Some(3..6));
        assert_eq!(source.line_range(4), Some(9..9));
        assert_eq!(source.line_range(5), None);
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        let error = Source::decode("t", b"ab\ncaf\xE9".to_vec(), None).unwrap_err();
        assert_eq!(error, DecodeError::Utf8 { offset: 6, line: 2 });
        let half = Source::decode("t", vec![0xFF, 0xFE, 0x61, 0x00, 0x00], None).unwrap_err();
        assert_eq!(half, DecodeError::Utf16 { offset: 4 });
        let lone = Source::decode("t", vec![0xFE, 0xFF, 0xD8, 0x00, 0x00, 0x61], None).unwrap_err();
        assert_eq!(lone, DecodeError::Utf16 { offset: 2 });
    }

    fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf8 { bom: false } | Encoding::Windows1252 => text.as_bytes().to_vec(),
            Encoding::Utf8 { bom: true } => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            Encoding::Utf16Le => {
                let mut bytes = vec![0xFF, 0xFE];
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
                bytes
            }
            Encoding::Utf16Be => {
                let mut bytes = vec![0xFE, 0xFF];
                bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
                bytes
            }
        }
    }

    proptest! {
        #[test]
        fn a_disk_range_decodes_to_the_span(
            before in "\\PC{0,40}", word in "[a-zé😀\r\n]{0,9}", times in 0_usize..400,
        ) {
            let before = before.trim_start_matches('\u{FEFF}').repeat(times % 7 + 1);
            let text = format!("{before}{}{word}!", "x😀é".repeat(times));
            let at = text.len() - 1 - word.len()..text.len() - 1;
            for encoding in [
                Encoding::Utf8 { bom: false },
                Encoding::Utf8 { bom: true },
                Encoding::Utf16Le,
                Encoding::Utf16Be,
            ] {
                let bytes = encode(&text, encoding);
                let source = Source::decode("t", bytes.clone(), None).unwrap();
                prop_assert_eq!(source.text(), &text);
                let span = Span::new(source.text(), at.clone()).unwrap();
                let cut = &bytes[source.disk_range(span)];
                let expected = encode(&word, encoding);
                let mark = encode("", encoding).len();
                prop_assert_eq!(cut, &expected[mark..]);
            }
        }

        #[test]
        fn line_and_column_agree_with_counting(text in "[ab😀é\r\n]{0,60}") {
            let source = Source::from_text("t", text.clone());
            let (mut line, mut column) = (1, 1);
            let mut rest = text.char_indices().peekable();
            while let Some((at, character)) = rest.next() {
                prop_assert_eq!(source.line_col(at), (line, column));
                prop_assert_eq!(source.offset_of(line, column), at.min(source.line_range(line).unwrap().end));
                let crlf = character == '\r' && rest.peek().is_some_and(|(_, c)| *c == '\n');
                if character == '\n' || (character == '\r' && !crlf) {
                    (line, column) = (line + 1, 1);
                } else {
                    column += 1;
                }
            }
            prop_assert_eq!(source.line_col(text.len()), (line, column));
        }
    }

    #[test]
    fn windows_1252_counts_a_byte_a_character() {
        let bytes = b"caf\xE9 \x93hi\x94".to_vec();
        let source = Source::decode("t", bytes, Some(Encoding::Windows1252)).unwrap();
        assert_eq!(source.text(), "café “hi”");
        let at = source.text().find("hi").unwrap();
        let span = Span::new(source.text(), at..at + 2).unwrap();
        assert_eq!(source.disk_range(span), 6..8);
    }
}
