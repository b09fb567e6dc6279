//! Pictures that a draft uses, and what stands in their place for those who do not see them.
//!
//! A picture is known by the address under which it is asked for; what it shows is not known here.

use std::ops::Range;
use std::sync::Arc;

use crate::text::{Source, SourceMap, Span};

/// A picture that a draft uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its address, or the picture itself as a `data:` address, in the draft's text. It is part of a
    /// segment, all of it unless several addresses stand there.
    pub target: Range<usize>,
    /// Its text alternative.
    pub alt: Alt,
    /// What of the file makes it appear: an element, a link to a picture, a cell.
    pub at: Span,
}

/// What a draft says for those who do not see a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alt {
    /// The draft has no place for it there, as for the picture of a card.
    Nowhere,
    /// Nothing, though there is a place for it.
    Missing,
    /// An empty text, and nothing that says that it is so on purpose.
    Empty {
        /// The attribute, or the key with its value.
        at: Span,
    },
    /// Nothing on purpose.
    Decorative,
    /// A text: its bytes in the draft's text.
    Text(Range<usize>),
}

impl Picture {
    /// The same picture in a draft whose text was made of another's, `by` bytes further on.
    pub(super) fn moved(self, by: usize, source: &Arc<Source>, origin: &SourceMap) -> Self {
        let range = |range: &Range<usize>| range.start + by..range.end + by;
        let span = |span: Span| {
            Span::covering(source.text(), origin.origin(&span.range()).unwrap_or(0..0))
        };
        Self {
            target: range(&self.target),
            at: span(self.at),
            alt: match self.alt {
                Alt::Empty { at } => Alt::Empty { at: span(at) },
                Alt::Text(text) => Alt::Text(range(&text)),
                other => other,
            },
        }
    }
}

/// File extensions of pictures, in lower case.
const EXTENSIONS: [&str; 15] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "avif", "heic", "heif", "svg",
    "bmp", "tif", "tiff",
];

/// The bytes of `text` without a query and a fragment, as an address has them.
fn path_of(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or(text)
}

/// Whether `text` ends as the name of a picture's file does.
pub fn is_picture_name(text: &str) -> bool {
    path_of(text)
        .rsplit_once('.')
        .is_some_and(|(name, extension)| {
            !name.is_empty() && EXTENSIONS.contains(&extension.to_lowercase().as_str())
        })
}

/// The addresses in `text`: what a `srcset` offers, what a cell lists, else all of it.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let whole = trimmed(text, 0..text.len());
    if text[whole.clone()].starts_with("data:") && !text.contains(char::is_whitespace) {
        return vec![whole];
    }
    if let Some(set) = source_set(text) {
        return set;
    }
    let separators: [&[char]; 2] = [
        &[',', ';', '|', '\n', '\r'],
        &[',', ';', '|', '\n', '\r', ' ', '\t'],
    ];
    separators
        .into_iter()
        .find_map(|separators| list(text, separators))
        .unwrap_or_else(|| vec![whole])
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// The candidates of a `srcset`: an address, white space, a width or a density.
fn source_set(text: &str) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    let mut described = false;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let start = at + (rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', ',']).len());
        let rest = &text[start..];
        if rest.is_empty() {
            break;
        }
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let address = rest[..length].trim_end_matches(',');
        found.push(start..start + address.len());
        at = start + length;
        if address.len() < length {
            continue;
        }
        let end = text[at..].find(',').map_or(text.len(), |comma| at + comma);
        let descriptor = text[at..end].trim();
        if !descriptor.is_empty() {
            let number = descriptor.strip_suffix(['w', 'x', 'h'])?;
            number.parse::<f64>().ok()?;
            described = true;
        }
        at = (end + 1).min(text.len());
    }
    described.then_some(found)
}

/// The parts of `text` between separators, if each of several is an address by its look.
fn list(text: &str, separators: &[char]) -> Option<Vec<Range<usize>>> {
    let mut parts = Vec::new();
    let mut at = 0;
    for part in text.split(separators) {
        let range = trimmed(text, at..at + part.len());
        at += part.len() + 1;
        if !range.is_empty() {
            parts.push(range);
        }
    }
    let first = parts.first()?;
    // Commas may also stand inside an address: its parts do not start as the first one does.
    let is_remote = text[first.clone()].contains("://");
    let is_address = |part: &Range<usize>| {
        let part = &text[part.clone()];
        if is_remote {
            part.contains("://")
        } else {
            is_picture_name(part)
        }
    };
    (parts.len() > 1 && parts.iter().all(is_address)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_may_hold_several_addresses() {
        let cases: [(&str, &[&str]); 10] = [
            (" /a.jpg ", &["/a.jpg"]),
            ("/my photo.jpg", &["/my photo.jpg"]),
            ("a.jpg 1x, b.jpg 2x", &["a.jpg", "b.jpg"]),
            ("a.jpg, b.jpg 1.5x", &["a.jpg", "b.jpg"]),
            (
                "data:image/png;base64,AA== 1x, b 2x",
                &["data:image/png;base64,AA==", "b"],
            ),
            ("/a.jpg, /b c.png|/d.gif", &["/a.jpg", "/b c.png", "/d.gif"]),
            (
                "https://a.example/1\nhttps://a.example/2",
                &["https://a.example/1", "https://a.example/2"],
            ),
            (
                "https://a.example/w_3,h_2/a.jpg",
                &["https://a.example/w_3,h_2/a.jpg"],
            ),
            (
                "data:image/png;base64,AA==",
                &["data:image/png;base64,AA=="],
            ),
            ("", &[""]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = addresses(text).into_iter().map(|at| &text[at]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
