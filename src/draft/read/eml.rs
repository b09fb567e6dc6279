//! E-mails: subject, text, newsletter, and the drafts attached to them.
//!
//! What stands in the file as it was written has its places there. What was encoded has them in its
//! part, counted in the decoded text: nobody edits base64. All parts are one draft, also those of
//! which a reader is shown only one: they can differ.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use mail_parser::{HeaderName, HeaderValue};

use super::mime::{self, Entity, Fault, Field};
use super::{
    Go, RawFile, ReadOptions, Reader, Sink, by_extension, by_name, html, plain, unreadable,
};
use crate::draft::build::DraftBuilder;
use crate::draft::paragraphs::{lines, trim};
use crate::draft::{Draft, Facts, Scope};
use crate::text::{Part, Problem, Source, Start, Unit};

/// Messages that were saved or are ready to be sent.
#[derive(Debug)]
pub(super) struct Mail;

impl Reader for Mail {
    fn name(&self) -> &'static str {
        "eml"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["eml"]
    }

    fn about(&self) -> &'static str {
        "subject, text and HTML of an e-mail; attached drafts as drafts of their own"
    }

    fn is_start_of(&self, text: &str) -> bool {
        let has = |name: &str| {
            text.lines()
                .take_while(|line| !line.trim().is_empty())
                .any(|line| {
                    line.split_once(':')
                        .is_some_and(|(field, _)| field.eq_ignore_ascii_case(name))
                })
        };
        has("MIME-Version") || has("Message-ID") || (has("From") && has("Subject"))
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        read_nested(file, MOST_NESTED, options, sink, problems);
    }
}

/// What is broken in a message.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum MailError {
    #[error("this is no e-mail: it does not begin with a header")]
    #[diagnostic(
        code(clearpost::draft::no_mail),
        help("save the message with its header, or say what the file is: `--input-format txt`")
    )]
    NoMail,
    #[error("`{part}` is in `{charset}`, a character set that is not known")]
    #[diagnostic(
        code(clearpost::draft::unknown_charset),
        help("save the message again in UTF-8; the text was read as Windows-1252")
    )]
    UnknownCharset { part: String, charset: String },
    #[error("`{part}` is not valid {charset}")]
    #[diagnostic(
        code(clearpost::draft::malformed_text),
        help("name its character set in `Content-Type`, or save the message again in UTF-8")
    )]
    MalformedText { part: String, charset: String },
    #[error("`{part}` is written in `{transfer}`, which is not known")]
    #[diagnostic(
        code(clearpost::draft::unknown_transfer),
        help("`Content-Transfer-Encoding` is 7bit, 8bit, binary, quoted-printable or base64")
    )]
    UnknownTransfer { part: String, transfer: String },
    #[error("`{part}` is not valid {transfer}: what fits was read")]
    #[diagnostic(
        code(clearpost::draft::malformed_transfer),
        help("save the message again: it was changed or cut off on its way")
    )]
    MalformedTransfer { part: String, transfer: String },
    #[error("the message breaks off: `{part}` has no end")]
    #[diagnostic(
        code(clearpost::draft::cut_off),
        help("save the whole message again; what there is of it was read")
    )]
    CutOff { part: String },
    #[error("`{part}` does not say where its parts begin")]
    #[diagnostic(
        code(clearpost::draft::no_boundary),
        help("`Content-Type: {part}` needs a `boundary`; everything was read as plain text")
    )]
    NoBoundary { part: String },
    #[error("parts of this message are nested more than {most} deep")]
    #[diagnostic(
        code(clearpost::draft::nested_too_deep),
        help("attach the inner messages directly; the innermost were read as plain text")
    )]
    TooDeep { most: usize },
}

/// Parts in parts, and messages in messages, are opened so deep.
const MOST_NESTED: usize = 20;

fn read_nested(
    file: RawFile<'_>,
    depth: usize,
    options: &ReadOptions,
    sink: Sink<'_>,
    problems: &mut Vec<Problem>,
) {
    let (name, fallback) = (file.name.clone(), file.fallback);
    let bytes = match file.bytes() {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(unreadable(&name, &error));
            return;
        }
    };
    let start = message_start(&bytes);
    let message = Entity::read(&bytes, start..bytes.len());
    if !message.is_message() {
        if !bytes.trim_ascii().is_empty() {
            problems.push(Problem::new(&MailError::NoMail).in_file(name.clone()));
        }
        let file = RawFile::from_bytes(name, bytes).or_encoded(fallback);
        return plain::Plain.read(file, options, sink, problems);
    }
    let mut letter = Letter::new(&bytes);
    letter.first_line(start);
    letter.header(&message);
    letter.part(&message, "text/plain", depth);
    let Letter {
        text,
        parts,
        adds,
        attached,
        mistakes,
        ..
    } = letter;
    problems.extend(
        mistakes
            .iter()
            .map(|mistake| Problem::new(mistake).in_file(name.clone())),
    );
    let source = Arc::new(Source::from_parts(name.clone(), text, parts));
    let draft = draft(&source, adds, options, problems);
    if sink(vec![draft]) == Go::Stop {
        return;
    }
    for file in attached {
        let inner =
            RawFile::from_bytes(format!("{name} ({})", file.name), file.bytes).or_encoded(fallback);
        match file.format {
            Some(format) => format.read(inner, options, sink, problems),
            None if depth > 0 => read_nested(inner, depth - 1, options, sink, problems),
            None => {
                problems.push(
                    Problem::new(&MailError::TooDeep { most: MOST_NESTED }).in_file(inner.name()),
                );
                plain::Plain.read(inner, options, sink, problems);
            }
        }
    }
}

/// Where the header begins: after a byte-order mark and the line that mailboxes put before it.
fn message_start(bytes: &[u8]) -> usize {
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    if bytes[mark..].starts_with(b"From ") {
        let line = mime::lines(bytes, mark..bytes.len()).next();
        line.map_or(mark, |line| line.end)
    } else {
        mark
    }
}

fn draft(
    source: &Arc<Source>,
    adds: Vec<Add>,
    options: &ReadOptions,
    problems: &mut Vec<Problem>,
) -> Draft {
    let mut facts = Facts::new(&options.stated);
    facts.settle(source, &options.channels, &options.zone, problems);
    let mut builder = DraftBuilder::new(source);
    for add in adds {
        match add {
            Add::Words(scope, range) => builder.verbatim(scope, trim(source.text(), range)),
            Add::Plain(range, flow) => text(&mut builder, range, flow),
            Add::Html(range) => html::add(&mut builder, range),
        }
    }
    builder.finish(facts)
}

/// Something to read, by its bytes in the text that was put together.
#[derive(Debug)]
enum Add {
    Words(Scope, Range<usize>),
    Plain(Range<usize>, Flow),
    Html(Range<usize>),
}

/// How lines of plain text are to be joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flow {
    /// Lines that end in a blank go on in the next one.
    flowed: bool,
    /// And then the blank is not part of the text.
    without_blank: bool,
}

/// A draft beside the message.
#[derive(Debug)]
struct Attached {
    name: String,
    /// `None`: a message.
    format: Option<&'static dyn Reader>,
    bytes: Vec<u8>,
}

/// The text of a message while its parts are put together.
struct Letter<'m> {
    mail: &'m [u8],
    text: String,
    parts: Vec<Part>,
    adds: Vec<Add>,
    attached: Vec<Attached>,
    mistakes: Vec<MailError>,
    /// How many parts of a type there are so far.
    counts: BTreeMap<String, usize>,
    /// A place whose line is known.
    here: Start,
}

impl<'m> Letter<'m> {
    fn new(mail: &'m [u8]) -> Self {
        Self {
            mail,
            text: String::new(),
            parts: Vec::new(),
            adds: Vec::new(),
            attached: Vec::new(),
            mistakes: Vec::new(),
            counts: BTreeMap::new(),
            here: Start::default(),
        }
    }

    /// Takes in the file's first line: what is missing from the draft as a whole is told there.
    fn first_line(&mut self, start: usize) {
        let line = mime::lines(self.mail, start..self.mail.len()).next();
        let line = line.unwrap_or(start..start);
        self.in_file(line);
    }

    /// Takes in text that stands in the file as it is.
    fn in_file(&mut self, range: Range<usize>) -> Option<Range<usize>> {
        let words = std::str::from_utf8(&self.mail[range.clone()]).ok()?;
        let start = self.start_at(range.start);
        Some(self.take(String::new(), Unit::File(start), words))
    }

    fn take(&mut self, name: String, unit: Unit, words: &str) -> Range<usize> {
        // A part's lines are its own.
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        let at = self.text.len();
        self.text.push_str(words);
        self.parts.push(Part { at, name, unit });
        at..self.text.len()
    }

    fn start_at(&mut self, byte: usize) -> Start {
        if byte < self.here.byte {
            self.here = Start::default();
        }
        let between = &self.mail[self.here.byte..byte];
        let line = memchr::memchr2_iter(b'\n', b'\r', between)
            .filter(|at| between[*at] == b'\n' || between.get(at + 1) != Some(&b'\n'))
            .count();
        self.here = Start {
            byte,
            line: self.here.line + line,
        };
        self.here
    }

    /// The name of one more part of this type: the second says so.
    fn numbered(&mut self, kind: &str) -> String {
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        if *count == 1 {
            kind.to_owned()
        } else {
            format!("{kind} {count}")
        }
    }

    /// What the header of a message shows: its subject, and who it is from.
    fn header(&mut self, message: &Entity<'m>) {
        for field in message.fields(&HeaderName::Subject) {
            if let HeaderValue::Text(words) = field.value {
                self.words(&Scope::Title, &field, words, "subject");
            }
        }
        for (header, key) in [
            (HeaderName::From, "from"),
            (HeaderName::Sender, "sender"),
            (HeaderName::ReplyTo, "reply-to"),
        ] {
            let scope = Scope::Metadata(key.to_owned());
            for field in message.fields(&header) {
                let HeaderValue::Address(address) = field.value else {
                    continue;
                };
                for name in address.iter().filter_map(|person| person.name.as_deref()) {
                    self.words(&scope, &field, name, key);
                }
            }
        }
    }

    /// Takes in what a field says, at its place in the file if it stands there as it is.
    fn words(&mut self, scope: &Scope, field: &Field<'_, 'm>, words: &str, part: &str) {
        let words = words.trim();
        if words.is_empty() {
            return;
        }
        let mail = self.mail;
        let raw = std::str::from_utf8(&mail[field.raw.clone()]);
        let standing = raw.ok().and_then(|raw| {
            let folded = *scope == Scope::Title && !raw.contains("=?");
            match raw.find(words) {
                Some(at) => Some(at..at + words.len()),
                None => folded.then_some(0..raw.len()),
            }
        });
        if let Some(standing) = standing
            && let Some(whole) = self.in_file(field.whole.clone())
        {
            let start = whole.start + field.raw.start - field.whole.start;
            let range = start + standing.start..start + standing.end;
            self.adds.push(Add::Words(scope.clone(), range));
            return;
        }
        let written = String::from_utf8_lossy(&mail[field.raw.clone()]);
        if raw.is_err() {
            self.mistakes.push(MailError::MalformedText {
                part: part.to_owned(),
                charset: "UTF-8".to_owned(),
            });
        }
        for charset in mime::charsets_of_words(&written) {
            if !mime::is_known(charset) {
                self.mistakes.push(MailError::UnknownCharset {
                    part: part.to_owned(),
                    charset: charset.to_owned(),
                });
            }
        }
        if mime::charsets_of_words(words).next().is_some() {
            self.mistakes.push(MailError::MalformedTransfer {
                part: part.to_owned(),
                transfer: "encoded word".to_owned(),
            });
        }
        let name = self.numbered(part);
        let range = self.take(name, Unit::Lines, words);
        self.adds.push(Add::Words(scope.clone(), range));
    }

    /// Takes in a part and all that is in it.
    fn part(&mut self, part: &Entity<'m>, unsaid: &str, depth: usize) {
        let kind = part.media_type();
        let kind = kind.as_deref().unwrap_or(unsaid);
        let file_name = part.file_name();
        if kind.starts_with("multipart/") {
            return self.multipart(part, kind, depth);
        }
        if kind == "message/rfc822" || kind == "message/global" {
            let name = file_name.map_or_else(|| self.numbered(kind), |(name, _)| name.to_owned());
            return self.attach(part, name, None);
        }
        let is_shown = matches!(
            kind,
            "text/plain" | "text/html" | "text/x-amp-html" | "text/watch-html"
        );
        let is_file = part.is_attachment() || file_name.is_some();
        if is_file || !is_shown {
            let format = format_of(file_name.as_ref().map(|(name, _)| *name), kind);
            if let Some(format) = format {
                let name =
                    file_name.map_or_else(|| self.numbered(kind), |(name, _)| name.to_owned());
                let format = Some(format).filter(|format| format.name() != Mail.name());
                return self.attach(part, name, format);
            }
            if let Some((name, field)) = &file_name {
                let scope = if kind.starts_with("image/") {
                    Scope::Image
                } else {
                    Scope::FileName
                };
                self.words(&scope, field, name, "attachment");
            }
            // A text that no reader knows is shown by some program all the same.
            if !kind.starts_with("text/") {
                return;
            }
        }
        self.text(part, kind);
    }

    fn multipart(&mut self, part: &Entity<'m>, kind: &str, depth: usize) {
        let whole = part.body.clone();
        let Some(boundary) = part.parameter("boundary").filter(|b| !b.is_empty()) else {
            self.mistakes.push(MailError::NoBoundary {
                part: kind.to_owned(),
            });
            return self.text(part, "text/plain");
        };
        if depth == 0 {
            self.mistakes.push(MailError::TooDeep { most: MOST_NESTED });
            return self.text(part, "text/plain");
        }
        let inner = mime::parts(self.mail, whole, boundary);
        if !inner.is_closed {
            self.mistakes.push(MailError::CutOff {
                part: kind.to_owned(),
            });
        }
        if inner.ranges.is_empty() && !inner.is_closed {
            return self.text(part, "text/plain");
        }
        let unsaid = if kind == "multipart/digest" {
            "message/rfc822"
        } else {
            "text/plain"
        };
        for range in inner.ranges {
            let inner = Entity::read(self.mail, range);
            self.part(&inner, unsaid, depth - 1);
        }
    }

    /// The bytes of a part, and whether they stand in the file.
    fn bytes(&mut self, part: &Entity<'m>, name: &str) -> (std::borrow::Cow<'m, [u8]>, bool) {
        let transfer = part.transfer();
        let mail = self.mail;
        let (bytes, is_whole) = mime::decode(&mail[part.body.clone()], &transfer);
        let as_it_is = mime::is_as_it_is(&transfer);
        if as_it_is.is_none() {
            self.mistakes.push(MailError::UnknownTransfer {
                part: name.to_owned(),
                transfer: transfer.clone(),
            });
        }
        if !is_whole {
            self.mistakes.push(MailError::MalformedTransfer {
                part: name.to_owned(),
                transfer,
            });
        }
        (bytes, as_it_is != Some(false))
    }

    fn text(&mut self, part: &Entity<'m>, kind: &str) {
        let name = self.numbered(kind);
        let (bytes, stands) = self.bytes(part, &name);
        let charset = part.parameter("charset");
        let range = if stands && mime::as_utf8(&bytes, charset).is_some() {
            self.in_file(part.body.clone())
        } else {
            None
        };
        let range = range.unwrap_or_else(|| {
            let words = self.letters(&bytes, charset, &name);
            self.take(name, Unit::Lines, &words)
        });
        let says = |key: &str, value: &str| {
            part.parameter(key)
                .is_some_and(|said| said.eq_ignore_ascii_case(value))
        };
        self.adds.push(if kind.ends_with("html") {
            Add::Html(range)
        } else {
            let flowed = says("format", "flowed");
            Add::Plain(
                range,
                Flow {
                    flowed,
                    without_blank: flowed && says("delsp", "yes"),
                },
            )
        });
    }

    fn letters(&mut self, bytes: &[u8], charset: Option<&str>, part: &str) -> String {
        let (words, fault) = mime::letters(bytes, charset);
        let charset = charset.unwrap_or("US-ASCII or UTF-8").to_owned();
        let part = part.to_owned();
        match fault {
            Some(Fault::UnknownCharset) => self
                .mistakes
                .push(MailError::UnknownCharset { part, charset }),
            Some(Fault::Malformed) => self
                .mistakes
                .push(MailError::MalformedText { part, charset }),
            None => {}
        }
        words.strip_prefix('\u{FEFF}').unwrap_or(&words).to_owned()
    }

    fn attach(&mut self, part: &Entity<'m>, name: String, format: Option<&'static dyn Reader>) {
        let (bytes, _) = self.bytes(part, &name);
        // Readers know UTF-8; every other character set is said here only.
        let is_text = part
            .media_type()
            .is_some_and(|kind| kind.starts_with("text/"));
        let charset = part
            .parameter("charset")
            .filter(|_| is_text && format.is_some());
        let bytes = match charset {
            Some(charset) => self.letters(&bytes, Some(charset), &name).into_bytes(),
            None => bytes.into_owned(),
        };
        self.attached.push(Attached {
            name,
            format,
            bytes,
        });
    }
}

/// The format of an attached draft, by its name or else its type.
fn format_of(name: Option<&str>, kind: &str) -> Option<&'static dyn Reader> {
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, e)| e);
    extension.and_then(by_extension).or_else(|| {
        by_name(match kind {
            "text/html" => "html",
            "text/markdown" => "md",
            "text/plain" if name.is_some() => "txt",
            "text/csv" => "csv",
            "text/vtt" => "vtt",
            "application/x-subrip" => "srt",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
            _ => return None,
        })
    })
}

/// Adds plain text as body: quoted lines without their marks, flowed lines as one.
fn text(builder: &mut DraftBuilder, range: Range<usize>, flow: Flow) {
    let source = Arc::clone(builder.source());
    let text = source.text();
    let mut paragraph: Vec<Range<usize>> = Vec::new();
    for line in lines(text, range) {
        let words = unquoted(text, line, flow);
        if text[words.clone()].trim().is_empty() {
            add_paragraph(builder, text, std::mem::take(&mut paragraph));
        } else {
            paragraph.push(words);
        }
    }
    add_paragraph(builder, text, paragraph);
}

fn unquoted(text: &str, line: Range<usize>, flow: Flow) -> Range<usize> {
    let words = &text[line.clone()];
    let mut rest = words;
    while let Some(inner) = rest.trim_start_matches([' ', '\t']).strip_prefix('>') {
        rest = inner;
    }
    if rest.len() < words.len() || flow.flowed {
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    let start = line.end - rest.len();
    let shown = rest.trim_end_matches(['\r', '\n']);
    // The line above a signature ends in a blank that joins nothing.
    let goes_on = flow.without_blank && shown.ends_with(' ') && shown != "-- ";
    if goes_on && !shown.trim().is_empty() {
        start..start + shown.len() - 1
    } else {
        start..line.end
    }
}

fn add_paragraph(builder: &mut DraftBuilder, text: &str, mut paragraph: Vec<Range<usize>>) {
    if let Some(first) = paragraph.first_mut() {
        first.start = trim(text, first.clone()).start;
    }
    if let Some(last) = paragraph.last_mut() {
        last.end = trim(text, last.clone()).end;
    }
    builder.segment(Scope::Body, None, |segment| {
        for line in paragraph {
            segment.verbatim(&text[line.clone()], line.start);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::read::segments;
    use crate::text::{Location, PartPlace, Span};

    fn read(bytes: &[u8]) -> (Vec<Draft>, Vec<String>) {
        let mut drafts = Vec::new();
        let mut problems = Vec::new();
        let mut sink = |read| {
            drafts.extend(read);
            Go::On
        };
        let file = RawFile::from_bytes("m.eml", bytes);
        Mail.read(file, &ReadOptions::default(), &mut sink, &mut problems);
        let problems = problems.into_iter().map(|problem| {
            assert!(problem.help.is_some());
            problem.code.replace("clearpost::draft::", "")
        });
        (drafts, problems.collect())
    }

    /// Where `seen` stands: `line:column` and the bytes there, or the place in its part.
    fn place(mail: &[u8], draft: &Draft, seen: &str) -> String {
        let at = draft.text().find(seen).unwrap();
        match draft.source().location(draft.span(&(at..at + seen.len()))) {
            Location::File { bytes, start, .. } => {
                let raw = String::from_utf8_lossy(&mail[bytes]);
                format!("{}:{} {raw}", start.0, start.1)
            }
            Location::Part(place @ PartPlace::Line { .. }) => place.to_string(),
            Location::Part(other) => panic!("{other}"),
        }
    }

    #[test]
    fn both_texts_are_read_each_at_its_place() {
        let mail = concat!(
            "Subject: Spring =?UTF-8?Q?n=C3=BAmero?=\r\n",
            "From: \"Ana M.\" <a@news.example>, =?utf-8?b?SmnFmcOt?= <j@news.example>\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative; boundary=\"=_b\"\r\n",
            "\r\nfor old programs\r\n",
            "--=_b\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n\r\n",
            "Olá, Acme\r\n> Corp\r\n>\r\n> two\r\n",
            "--=_b\r\n",
            "Content-Type: text/html; charset=iso-8859-1\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            "<p>one\r\n<p>caf=E9 conf<b>ident</b>=\r\nial</p>\r\n",
            "--=_b--\r\n",
        )
        .as_bytes();
        let (drafts, problems) = read(mail);
        assert!(problems.is_empty(), "{problems:?}");
        let draft = &drafts[0];
        assert_eq!(
            segments(draft),
            [
                ("title".into(), "Spring número"),
                ("metadata:from".into(), "Ana M."),
                ("metadata:from".into(), "Jiří"),
                ("body".into(), "Olá, Acme\r\nCorp"),
                ("body".into(), "two"),
                ("body".into(), "one\n"),
                ("body".into(), "café confidential"),
            ]
        );
        let cases = [
            ("número", "subject:1:8"),
            ("Ana", "2:8 Ana"),
            ("Jiří", "from:1:1"),
            ("Acme\r\nCorp", "10:6 Acme\r\n> Corp"),
            ("two", "13:3 two"),
            ("confidential", "text/html:2:9"),
        ];
        for (seen, expected) in cases {
            assert_eq!(place(mail, draft, seen), expected, "{seen}");
        }
        let head = draft.source().location(draft.head());
        assert_eq!(head.to_string(), "1:1");
    }

    #[test]
    fn a_message_without_parts_and_a_folded_subject() {
        let mail = b"From x@y Mon\nSubject: Hello\n  there\nX-Other: z\n\nflow \ned\n-- \nAna\n";
        let (drafts, problems) = read(mail);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            segments(&drafts[0]),
            [
                ("title".into(), "Hello\n  there"),
                ("body".into(), "flow \ned\n-- \nAna")
            ]
        );
        assert_eq!(
            place(mail, &drafts[0], "Hello\n  there"),
            "2:10 Hello\n  there"
        );
        let flowed = b"Subject: x\nContent-Type: text/plain; format=flowed; delsp=yes\n\nconfid \nential \n>quoted\n-- \nAna";
        let (drafts, _) = read(flowed);
        assert!(
            drafts[0].text().contains("confidentialquoted\n-- \nAna"),
            "{:?}",
            drafts[0].text()
        );
    }

    #[test]
    fn attached_drafts_are_drafts_of_their_own() {
        let mail = concat!(
            "Subject: s\n",
            "Content-Type: multipart/mixed; boundary=b\n\n",
            "--b\nContent-Type: application/octet-stream; name=\"report.md\"\n",
            "Content-Transfer-Encoding: base64\n\nIyBIZWxsbwoK\nVGV4dA==\n",
            "--b\nContent-Type: text/plain; charset=iso-8859-1\n",
            "Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.txt\n",
            "Content-Transfer-Encoding: quoted-printable\n\ncaf=E9\n",
            "--b\nContent-Type: image/png; name=\"acme-logo.png\"\n",
            "Content-Transfer-Encoding: base64\n\niVBORw==\n",
            "--b\nContent-Type: application/pdf\n",
            "Content-Disposition: attachment; filename=\"=?utf-8?q?a=C3=B1o?=.pdf\"\n\n%PDF\n",
            "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ntext\n",
            "--b--\n",
        );
        let (drafts, problems) = read(mail.as_bytes());
        assert!(problems.is_empty(), "{problems:?}");
        let names: Vec<_> = drafts.iter().map(|draft| draft.source().name()).collect();
        assert_eq!(
            names,
            [
                "m.eml",
                "m.eml (report.md)",
                "m.eml (café.txt)",
                "m.eml (message/rfc822)"
            ]
        );
        assert_eq!(
            segments(&drafts[0]),
            [
                ("title".into(), "s"),
                ("image".into(), "acme-logo.png"),
                ("filename".into(), "año.pdf"),
            ]
        );
        assert_eq!(
            segments(&drafts[1]),
            [("title".into(), "Hello"), ("body".into(), "Text")]
        );
        assert_eq!(drafts[2].text(), "café");
        assert_eq!(drafts[3].segments()[0].scope, Scope::Title);
    }

    #[test]
    fn what_is_broken_is_told_and_the_rest_is_read() {
        let cases: [(&str, &[u8], &str, &[&str]); 11] = [
            ("nothing", b"", "", &[]),
            ("a header only", b"Subject: x\n", "x", &[]),
            ("no message", b"Acme Corp\n", "Acme Corp", &["no_mail"]),
            (
                "a charset that nobody knows",
                b"Subject: x\nContent-Type: text/plain; charset=x-own\n\ncaf\xE9",
                "caf\u{E9}",
                &["unknown_charset"],
            ),
            (
                "a charset that is not true",
                b"Subject: x\n\ncaf\xE9 Acme",
                "caf\u{E9} Acme",
                &["malformed_text"],
            ),
            (
                "a subject in a charset that nobody knows",
                b"Subject: =?x-own?q?Ac=6De?=\n\n",
                "Acme",
                &["unknown_charset"],
            ),
            (
                "broken base64",
                b"Subject: x\nContent-Transfer-Encoding: base64\n\nQWN*tZQ==",
                "Acme",
                &["malformed_transfer"],
            ),
            (
                "unknown writing",
                b"Subject: x\nContent-Transfer-Encoding: x-uue\n\nAcme",
                "Acme",
                &["unknown_transfer"],
            ),
            (
                "cut off",
                b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nAcme",
                "Acme",
                &["cut_off"],
            ),
            (
                "no part at all",
                b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nAcme",
                "Acme",
                &["cut_off"],
            ),
            (
                "no boundary",
                b"Subject: x\nContent-Type: multipart/mixed\n\nAcme",
                "Acme",
                &["no_boundary"],
            ),
        ];
        for (name, mail, seen, expected) in cases {
            let (drafts, problems) = read(mail);
            assert_eq!(problems, expected, "{name}");
            assert!(
                drafts[0].text().contains(seen),
                "{name}: {:?}",
                drafts[0].text()
            );
        }
    }

    #[test]
    fn nesting_has_an_end_that_is_told() {
        let inner = "Content-Type: message/rfc822\n\n";
        let (drafts, problems) = read(format!("Subject: x\n{}Acme", inner.repeat(90)).as_bytes());
        assert_eq!(problems, ["nested_too_deep"]);
        assert!(drafts.last().unwrap().text().contains("Acme"));
        let mut mail = "Subject: x\n".to_owned();
        for depth in 0..90 {
            let boundary = format!("b{depth}e");
            mail = [
                &mail,
                "Content-Type: multipart/mixed; boundary=",
                &boundary,
                "\n\n--",
                &boundary,
                "\n",
            ]
            .concat();
        }
        let (drafts, problems) = read(format!("{mail}\nAcme").as_bytes());
        assert!(problems.contains(&"nested_too_deep".to_owned()));
        assert!(drafts[0].text().contains("Acme"));
    }

    #[test]
    fn a_message_is_known_by_its_header() {
        for (text, format) in [
            ("Received: x\nMIME-Version: 1.0\n\nhi", "eml"),
            ("From: a@b.example\nSubject: s\n\nhi", "eml"),
            ("Subject: a post about subjects", "txt"),
        ] {
            assert_eq!(
                super::super::by_content(text.as_bytes()).name(),
                format,
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_message_has_places(
            parts in proptest::collection::vec("(Content-Type: |multipart/mixed|text/html|message/rfc822|; boundary=b|; charset=|utf-8|\n\n|\r\n|--b|--|=?utf-8?q?|=|Subject: |From: |a@b|<p>|Acme|é|\u{0}|\"|base64|Content-Transfer-Encoding: ){0,40}", 1..3),
        ) {
            let mail = format!("Subject: x\n{}", parts.concat());
            let (drafts, _) = read(mail.as_bytes());
            for draft in drafts {
                for (at, letter) in draft.text().char_indices().filter(|(_, letter)| *letter != '\0') {
                    let span: Span = draft.span(&(at..at + letter.len_utf8()));
                    if let Location::File { bytes, .. } = draft.source().location(span)
                        && draft.source().name() == "m.eml"
                    {
                        proptest::prop_assert!(mail.get(bytes).is_some());
                    }
                }
            }
        }
    }
}
