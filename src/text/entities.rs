//! Hashtags, handles, web addresses and file names inside running text.
//!
//! They are part of the text that holds them *and* places of their own; here only their extent is
//! found. Ranges do not cut one another: what is inside an address is no hashtag.

use std::ops::Range;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityKind {
    /// `#Word`, with its sign.
    Hashtag,
    /// `@name` or `@name@server`, with its sign.
    Handle,
    /// `https://…` or `www.…`.
    Link,
    /// A name with an extension of a picture, film or document.
    FileName,
}

/// A stretch of text and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Its bytes.
    pub range: Range<usize>,
}

/// Extensions that make a word a file name; others are far more often the end of a sentence.
const EXTENSIONS: [&str; 26] = [
    "ai", "avif", "bmp", "doc", "docx", "eps", "gif", "heic", "jpeg", "jpg", "key", "mov", "mp3",
    "mp4", "pdf", "png", "ppt", "pptx", "psd", "svg", "tif", "tiff", "webm", "webp", "xls", "xlsx",
];

/// Finds all entities of `text`, in order.
pub fn entities(text: &str) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes[at..]
        .iter()
        .position(|byte| matches!(byte, b'#' | b'@' | b'.' | b':'))
    {
        let sign = at + next;
        let last_end = found.last().map_or(0, |entity| entity.range.end);
        let entity = match bytes[sign] {
            b'#' => hashtag(text, sign),
            b'@' => handle(text, sign),
            b':' => address(text, last_end, sign),
            _ => www(text, sign).or_else(|| file_name(text, last_end, sign)),
        };
        at = sign + 1;
        if let Some(entity) = entity.filter(|entity| entity.range.start >= last_end) {
            at = at.max(entity.range.end);
            found.push(entity);
        }
    }
    found
}

/// The file name at the end of an image's or link's target, without query or fragment.
pub fn target_file_name(target: &str) -> Option<Range<usize>> {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let start = path.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    let name = &path[start..];
    (name.contains('.') && !path[..start].ends_with("://")).then_some(start..path.len())
}

fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

fn hashtag(text: &str, sign: usize) -> Option<Entity> {
    if before(text, sign)
        .is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '&' | '/' | '#'))
    {
        return None;
    }
    let tag = &text[sign + 1..];
    let len = tag.find(|c: char| !in_tag(c)).unwrap_or(tag.len());
    // `#1` is a rank, not a tag.
    tag[..len]
        .contains(|c: char| !c.is_numeric() && c != '_')
        .then(|| Entity {
            kind: EntityKind::Hashtag,
            range: sign..sign + 1 + len,
        })
}

fn in_tag(letter: char) -> bool {
    letter.is_alphanumeric()
        || letter == '_'
        || matches!(
            letter,
            '\u{300}'..='\u{36F}' | '\u{B7}' | '\u{200C}' | '\u{200D}'
        )
}

fn handle(text: &str, sign: usize) -> Option<Entity> {
    if before(text, sign).is_some_and(|letter| {
        letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '/' | '+')
    }) {
        return None;
    }
    let name = &text[sign + 1..];
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
    let len = name.find(|c: char| !inside(c)).unwrap_or(name.len());
    let len = name[..len].trim_end_matches(['.', '-', '@']).len();
    (len > 0).then(|| Entity {
        kind: EntityKind::Handle,
        range: sign..sign + 1 + len,
    })
}

fn address(text: &str, from: usize, colon: usize) -> Option<Entity> {
    if !text[colon..].starts_with("://") {
        return None;
    }
    let scheme = text.as_bytes()[from..colon]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let start = colon - scheme;
    if start == colon {
        return None;
    }
    let end = address_end(text, start);
    // A scheme alone is no address.
    (end > colon + 3).then_some(Entity {
        kind: EntityKind::Link,
        range: start..end,
    })
}

fn www(text: &str, dot: usize) -> Option<Entity> {
    let start = dot.checked_sub(3)?;
    if !text.get(start..dot)?.eq_ignore_ascii_case("www") {
        return None;
    }
    let apart = !before(text, start).is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.'));
    let named = text[dot + 1..].starts_with(char::is_alphanumeric);
    (apart && named).then(|| Entity {
        kind: EntityKind::Link,
        range: start..address_end(text, start),
    })
}

/// Where the address that begins at `start` ends.
///
/// An address ends at white space, quotes or angle brackets; punctuation at its end belongs to the
/// sentence, and so does a closing bracket that was opened outside.
pub fn address_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let stop = |c: char| {
        c.is_whitespace()
            || c == '\0'
            || matches!(c, '<' | '>' | '"' | '“' | '”' | '«' | '»' | '`' | '|')
    };
    let mut end = rest.find(stop).unwrap_or(rest.len());
    let count = |sign: u8| memchr::memchr_iter(sign, &rest.as_bytes()[..end]).count();
    let (mut round, mut square) = ((count(b'('), count(b')')), (count(b'['), count(b']')));
    while let Some(last) = rest[..end].chars().next_back() {
        let belongs_to_the_sentence = match last {
            ')' => round.1 > round.0,
            ']' => square.1 > square.0,
            other => matches!(
                other,
                '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' | '…' | '*' | '_'
            ),
        };
        if !belongs_to_the_sentence {
            break;
        }
        round.1 -= usize::from(last == ')');
        square.1 -= usize::from(last == ']');
        end -= last.len_utf8();
    }
    start + end
}

fn file_name(text: &str, from: usize, dot: usize) -> Option<Entity> {
    let rest = &text[dot + 1..];
    let len = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let known = EXTENSIONS
        .iter()
        .any(|known| rest[..len].eq_ignore_ascii_case(known));
    if !known {
        return None;
    }
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let stem = &text[from..dot];
    let start = stem.rfind(|c: char| !inside(c)).map_or(from, |at| {
        from + at + stem[at..].chars().next().map_or(1, char::len_utf8)
    });
    (start < dot).then(|| Entity {
        kind: EntityKind::FileName,
        range: start..dot + 1 + len,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use EntityKind::{FileName, Handle, Hashtag, Link};

    #[test]
    fn entities_have_the_extent_a_reader_would_give_them() {
        let cases: [(&str, &[(EntityKind, &str)]); 11] = [
            ("Ciao #Città_Alta, #1 e C#", &[(Hashtag, "#Città_Alta")]),
            ("grazie @acme_corp. E a a@b.it", &[(Handle, "@acme_corp")]),
            (
                "@anna@mastodon.example!",
                &[(Handle, "@anna@mastodon.example")],
            ),
            (
                "(https://a.example/x_(y)) e http://b.example.",
                &[
                    (Link, "https://a.example/x_(y)"),
                    (Link, "http://b.example"),
                ],
            ),
            (
                "www.a.example/#teil, awww.nice",
                &[(Link, "www.a.example/#teil")],
            ),
            (
                "foto logo-old_2.PNG e fine.Poi",
                &[(FileName, "logo-old_2.PNG")],
            ),
            (
                "https://a.example/logo.png",
                &[(Link, "https://a.example/logo.png")],
            ),
            ("così: «https://è.example»", &[(Link, "https://è.example")]),
            ("nothing: here // at all", &[]),
            ("&#35; a/#b ##c", &[]),
            ("èé://x", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = entities(text)
                .into_iter()
                .map(|e| (e.kind, &text[e.range]))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_entities_that_slice_and_lie_apart(text in "([a-zé“ ]{0,3}|#|@|www\\.|://|\\.png|[.)(/_-]){0,24}|\\PC{0,30}") {
            let mut end = 0;
            for entity in entities(&text) {
                prop_assert!(text.get(entity.range.clone()).is_some_and(|part| !part.is_empty()));
                prop_assert!(end <= entity.range.start);
                end = entity.range.end;
            }
        }
    }

    #[test]
    fn the_file_name_of_a_target() {
        let cases = [
            ("/img/acme-logo.png?w=3#x", Some("acme-logo.png")),
            ("photo.jpg", Some("photo.jpg")),
            ("https://example.com", None),
            ("/about/", None),
        ];
        for (target, expected) in cases {
            assert_eq!(
                target_file_name(target).map(|range| &target[range]),
                expected,
                "{target}"
            );
        }
    }
}
