//! The frame of an e-mail: headers, parts, and the bytes and letters inside them.
//!
//! Nothing is refused here. What is broken is read as far as it goes and said to be broken, so that
//! the reader of the message can tell.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{Encoding, WINDOWS_1252};
use mail_parser::{ContentType, Header, HeaderName, HeaderValue, MessageParser};

/// A message, or a part of one: a header and a body.
#[derive(Debug)]
pub(super) struct Entity<'m> {
    header: Range<usize>,
    fields: Vec<Header<'m>>,
    /// Its bytes in the file.
    pub(super) body: Range<usize>,
}

/// A field of a header.
#[derive(Clone, Debug)]
pub(super) struct Field<'e, 'm> {
    /// What it says.
    pub(super) value: &'e HeaderValue<'m>,
    /// Its bytes in the file.
    pub(super) whole: Range<usize>,
    /// The bytes after its name.
    pub(super) raw: Range<usize>,
}

impl<'m> Entity<'m> {
    /// Reads the header of what stands at `range` of `mail`. It ends at a blank line, or where a
    /// line is no field.
    pub(super) fn read(mail: &'m [u8], range: Range<usize>) -> Self {
        let mut end = range.start;
        let mut body = range.end;
        for line in lines(mail, range.clone()) {
            let words = &mail[line.clone()];
            if words.trim_ascii().is_empty() {
                body = line.end;
                break;
            }
            if !is_field(words)
                && (end == range.start || !words.starts_with(b" ") && !words.starts_with(b"\t"))
            {
                body = line.start;
                break;
            }
            end = line.end;
        }
        let header = range.start..end;
        let fields = MessageParser::new()
            .parse_headers(&mail[header.clone()])
            .and_then(|message| message.parts.into_iter().next())
            .map(|part| part.headers)
            .unwrap_or_default();
        Self {
            header,
            fields,
            body: body..range.end,
        }
    }

    /// Whether its header has any of the fields that every message has.
    pub(super) fn is_message(&self) -> bool {
        self.fields
            .iter()
            .any(|field| !matches!(field.name, HeaderName::Other(_)))
    }

    /// The fields called `name`.
    pub(super) fn fields(&self, name: &HeaderName<'_>) -> impl Iterator<Item = Field<'_, 'm>> {
        let at = |offset: u32| {
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            self.header
                .start
                .saturating_add(offset)
                .min(self.header.end)
        };
        self.fields
            .iter()
            .filter(move |field| field.name == *name)
            .map(move |field| Field {
                value: &field.value,
                whole: at(field.offset_field)..at(field.offset_end),
                raw: at(field.offset_start)..at(field.offset_end),
            })
    }

    /// The type of its body in lower case, such as `text/html`; `None` if it does not say.
    pub(super) fn media_type(&self) -> Option<String> {
        let kind = self.structured(&HeaderName::ContentType)?;
        let subtype = kind.c_subtype.as_deref().unwrap_or_default();
        Some(format!("{}/{subtype}", kind.c_type).to_lowercase())
    }

    /// A parameter of its type.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.structured(&HeaderName::ContentType)?.attribute(name)
    }

    /// The name of the file that it is, and the field that says so.
    pub(super) fn file_name(&self) -> Option<(&str, Field<'_, 'm>)> {
        [
            (HeaderName::ContentDisposition, "filename"),
            (HeaderName::ContentType, "name"),
        ]
        .into_iter()
        .find_map(|(field, parameter)| {
            let name = self.structured(&field)?.attribute(parameter)?.trim();
            Some((name, self.fields(&field).last()?)).filter(|_| !name.is_empty())
        })
    }

    /// Whether it is to be shown as a file beside the message.
    pub(super) fn is_attachment(&self) -> bool {
        self.structured(&HeaderName::ContentDisposition)
            .is_some_and(|kind| kind.c_type.eq_ignore_ascii_case("attachment"))
    }

    /// How its bytes are written, in lower case.
    pub(super) fn transfer(&self) -> String {
        match self.fields(&HeaderName::ContentTransferEncoding).last() {
            Some(Field {
                value: HeaderValue::Text(words),
                ..
            }) => words.trim().to_lowercase(),
            _ => "7bit".to_owned(),
        }
    }

    fn structured(&self, name: &HeaderName<'_>) -> Option<&ContentType<'m>> {
        self.fields
            .iter()
            .rev()
            .find(|field| field.name == *name)?
            .value
            .as_content_type()
    }
}

/// Whether a line begins a field of a header.
fn is_field(line: &[u8]) -> bool {
    let name = line
        .iter()
        .position(|byte| !matches!(byte, b'!'..=b'9' | b';'..=b'~'));
    name.is_some_and(|len| len > 0 && line[len..].trim_ascii_start().starts_with(b":"))
}

/// The lines of `range` with their ends.
pub(super) fn lines(mail: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let rest = mail.get(at..range.end).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        at += len;
        Some(at - len..at)
    })
}

/// The parts of a body.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Their bytes, without the line end before the next boundary.
    pub(super) ranges: Vec<Range<usize>>,
    /// Whether the last boundary is there.
    pub(super) is_closed: bool,
}

/// Cuts a body at its boundaries.
pub(super) fn parts(mail: &[u8], body: Range<usize>, boundary: &str) -> Parts {
    let mut parts = Parts::default();
    let mut open = None;
    for line in lines(mail, body.clone()) {
        let after = mail[line.clone()]
            .strip_prefix(b"--")
            .and_then(|rest| rest.strip_prefix(boundary.as_bytes()));
        let is_last = match after.map(<[u8]>::trim_ascii_end) {
            Some(b"") => false,
            Some(b"--") => true,
            _ => continue,
        };
        if let Some(start) = open.replace(line.end) {
            parts
                .ranges
                .push(start..before_line_end(mail, start, line.start));
        }
        if is_last {
            parts.is_closed = true;
            return parts;
        }
    }
    if let Some(start) = open {
        parts.ranges.push(start..body.end);
    }
    parts
}

fn before_line_end(mail: &[u8], start: usize, end: usize) -> usize {
    let part = &mail[start..end.max(start)];
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    start + part.strip_suffix(b"\r").unwrap_or(part).len()
}

/// Whether bytes written so stand in the file as they are; `None` if nobody knows.
pub(super) fn is_as_it_is(transfer: &str) -> Option<bool> {
    match transfer {
        "7bit" | "8bit" | "binary" | "" => Some(true),
        "quoted-printable" | "base64" => Some(false),
        _ => None,
    }
}

/// The bytes that `written` stands for, and whether all of it could be read.
pub(super) fn decode<'w>(written: &'w [u8], transfer: &str) -> (Cow<'w, [u8]>, bool) {
    match transfer {
        "quoted-printable" => quoted_printable(written),
        "base64" => base64(written),
        _ => (Cow::Borrowed(written), true),
    }
}

fn quoted_printable(written: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let mut bytes = Vec::with_capacity(written.len());
    let mut is_whole = true;
    for line in lines(written, 0..written.len()) {
        let line = &written[line];
        let end = before_line_end(line, 0, line.len());
        // Blanks at the end of a line were added on the way.
        let words = line[..end].trim_ascii_end();
        let (words, ends) = match words.strip_suffix(b"=") {
            Some(words) => (words, &line[..0]),
            None => (words, &line[end..]),
        };
        let mut rest = words;
        while let Some(sign) = memchr::memchr(b'=', rest) {
            bytes.extend_from_slice(&rest[..sign]);
            let digits = rest.get(sign + 1..sign + 3).and_then(|pair| {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
            });
            match digits {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &rest[sign + 3..];
                }
                None => {
                    is_whole = false;
                    bytes.push(b'=');
                    rest = &rest[sign + 1..];
                }
            }
        }
        bytes.extend_from_slice(rest);
        bytes.extend_from_slice(ends);
    }
    (Cow::Owned(bytes), is_whole)
}

fn base64(written: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let mut bytes = Vec::with_capacity(written.len() / 4 * 3);
    let mut is_whole = true;
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &byte in written {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            // Two texts may have been written one after the other, each padded for itself.
            b'=' => {
                is_whole &= count != 6;
                (bits, count) = (0, 0);
                continue;
            }
            _ => {
                is_whole &= byte.is_ascii_whitespace();
                continue;
            }
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from(bits >> count & 0xFF));
        }
    }
    // A single digit at the end is less than a byte: something was cut off.
    (Cow::Owned(bytes), is_whole && count != 6)
}

/// Why letters are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody knows the character set.
    UnknownCharset,
    /// Bytes that do not fit it.
    Malformed,
}

/// Whether bytes in the character set called `label` are UTF-8 as they stand, and then the text.
pub(super) fn as_utf8<'b>(bytes: &'b [u8], label: Option<&str>) -> Option<&'b str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let fits = match encoding(label) {
        Some(Charset::Ascii) => true,
        Some(Charset::Other(encoding)) => {
            encoding == encoding_rs::UTF_8 || (encoding.is_ascii_compatible() && text.is_ascii())
        }
        None => false,
    };
    fits.then_some(text)
}

/// The text of `bytes` in the character set called `label`, as far as it can be read.
pub(super) fn letters<'b>(bytes: &'b [u8], label: Option<&str>) -> (Cow<'b, str>, Option<Fault>) {
    if let Some(text) = as_utf8(bytes, label) {
        return (Cow::Borrowed(text), None);
    }
    let as_is = || match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    match encoding(label) {
        None => (as_is(), Some(Fault::UnknownCharset)),
        Some(Charset::Ascii) => (as_is(), Some(Fault::Malformed)),
        Some(Charset::Other(encoding)) => {
            let (text, malformed) = encoding.decode_with_bom_removal(bytes);
            (text, malformed.then_some(Fault::Malformed))
        }
    }
}

enum Charset {
    /// Or nothing said; in both cases the bytes of today's programs are UTF-8.
    Ascii,
    Other(&'static Encoding),
}

fn encoding(label: Option<&str>) -> Option<Charset> {
    let label = label.unwrap_or("us-ascii").trim();
    if matches!(
        label.to_lowercase().as_str(),
        "us-ascii" | "ascii" | "ansi_x3.4-1968" | ""
    ) {
        return Some(Charset::Ascii);
    }
    Encoding::for_label_no_replacement(label.as_bytes()).map(Charset::Other)
}

/// The character sets that the encoded words of a header name.
pub(super) fn charsets_of_words(header: &str) -> impl Iterator<Item = &str> {
    header.split("=?").skip(1).filter_map(|word| {
        let mut parts = word.split('?');
        let charset = parts.next()?.split('*').next()?;
        let is_word = parts
            .next()
            .is_some_and(|how| matches!(how, "b" | "B" | "q" | "Q"));
        is_word.then_some(charset)
    })
}

/// Whether text can be read in the character set called `label`.
pub(super) fn is_known(label: &str) -> bool {
    encoding(Some(label)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base64_of(bytes: &[u8]) -> Vec<u8> {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut written = Vec::new();
        for chunk in bytes.chunks(3) {
            let bits = (0..3).fold(0_usize, |bits, at| {
                bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0))
            });
            for at in 0..4 {
                written.push(if at <= chunk.len() {
                    DIGITS[bits >> (18 - 6 * at) & 63]
                } else {
                    b'='
                });
            }
        }
        written
    }

    #[test]
    fn broken_writing_is_read_as_far_as_it_goes() {
        let cases: [(&str, &str, &str, bool); 9] = [
            ("base64", "SGVs\r\nbG8=", "Hello", true),
            ("base64", "SGVsbG8", "Hello", true),
            ("base64", "SGk=SGk=", "HiHi", true),
            ("base64", "SG!Vs", "Hel", false),
            ("base64", "SGVsb", "Hel", false),
            ("quoted-printable", "a=3D=\r\nb=20 \r\nc", "a=b \r\nc", true),
            ("quoted-printable", "a=c3=A9=\n", "aé", true),
            ("quoted-printable", "a=b=\nx=ZZ=", "a=bx=ZZ", false),
            ("7bit", "a=3D", "a=3D", true),
        ];
        for (transfer, written, expected, whole) in cases {
            let (bytes, is_whole) = decode(written.as_bytes(), transfer);
            assert_eq!(std::str::from_utf8(&bytes).unwrap(), expected, "{written}");
            assert_eq!(is_whole, whole, "{written}");
        }
    }

    #[test]
    fn letters_come_out_of_their_charset() {
        type Case = (
            &'static [u8],
            Option<&'static str>,
            &'static str,
            Option<Fault>,
        );
        let cases: [Case; 7] = [
            ("é".as_bytes(), None, "é", None),
            (b"\xE9", Some("ISO-8859-1"), "é", None),
            (b"\xE9", None, "é", Some(Fault::Malformed)),
            (
                b"a\xE9b",
                Some("utf-8"),
                "a\u{FFFD}b",
                Some(Fault::Malformed),
            ),
            (b"a\xE9", Some("x-own"), "aé", Some(Fault::UnknownCharset)),
            (
                b"+AGE-",
                Some("utf-7"),
                "+AGE-",
                Some(Fault::UnknownCharset),
            ),
            (b"a\0", Some("utf-16le"), "a", None),
        ];
        for (bytes, label, expected, fault) in cases {
            let (text, found) = letters(bytes, label);
            assert_eq!((&*text, found), (expected, fault), "{bytes:?}");
        }
        assert_eq!(as_utf8(b"a", Some("iso-8859-1")), Some("a"));
        assert_eq!(as_utf8(b"a", Some("utf-16le")), None);
    }

    #[test]
    fn parts_lie_between_boundaries() {
        let mail = b"x\r\n--b\r\none\r\n--b \r\ntwo\r\n\r\n--bb\r\n--b--\r\nend";
        let found = parts(mail, 0..mail.len(), "b");
        let texts: Vec<_> = found
            .ranges
            .iter()
            .map(|part| &mail[part.clone()])
            .collect();
        assert_eq!(texts, [&b"one"[..], b"two\r\n\r\n--bb"]);
        assert!(found.is_closed);
        let cut = parts(mail, 0..20, "b");
        assert_eq!((cut.ranges.len(), cut.is_closed), (2, false));
    }

    proptest! {
        #[test]
        fn base64_reads_what_was_written(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let written = base64_of(&bytes);
            let (read, is_whole) = decode(&written, "base64");
            prop_assert_eq!(&*read, &bytes[..]);
            prop_assert!(is_whole);
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "[=A-Fa-z0-9?\r\n: \t-]{0,60}") {
            for bytes in [&bytes, text.as_bytes()] {
                decode(bytes, "base64");
                decode(bytes, "quoted-printable");
                let entity = Entity::read(bytes, 0..bytes.len());
                prop_assert!(entity.body.end <= bytes.len());
                parts(bytes, 0..bytes.len(), "a");
                letters(bytes, Some("shift_jis"));
            }
        }
    }
}
