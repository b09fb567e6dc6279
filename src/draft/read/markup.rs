//! HTML markup, in a page of its own or inside Markdown: its text, its attributes that people read,
//! its comments.

use std::ops::Range;

use html5gum::{DefaultEmitter, HtmlString, Spanned, StartTag, Token, Tokenizer};

use crate::draft::build::DraftBuilder;
use crate::draft::{Alt, Scope};
use crate::text::{Lang, Span};

/// A piece of raw HTML that a reader of the page, or of its source, gets to see.
#[derive(Debug)]
pub(super) enum Piece {
    /// Text, decoded, and the bytes it was written in.
    Text(String, Range<usize>),
    /// A block element begins or ends: words on its two sides do not belong together, and those
    /// that follow are of this scope.
    Block(Scope),
    /// The text that follows is in this language, as far as the page says.
    Lang(Option<Lang>),
    /// A segment of its own: an attribute or a comment.
    Apart(Scope, String, Range<usize>),
    /// What follows is about a picture, which stands in these bytes.
    Picture(Range<usize>, TagAlt),
    /// What was about a picture ends.
    EndOfPicture,
}

/// What an element says for those who do not see its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TagAlt {
    /// It could say something and does not.
    Missing,
    /// An attribute that stands in these bytes and holds nothing.
    Empty(Range<usize>),
    /// An empty attribute, on purpose.
    Decorative,
    /// There is no place for it.
    Nowhere,
    /// A text that follows as a segment.
    Follows,
    /// A text that was added before, by its bytes in the draft's text.
    Said(Range<usize>),
}

/// What stands beside the block it was met in, and is added after it.
#[derive(Debug)]
pub(super) enum Apart {
    /// A segment with its language, its words, and the bytes they were written in.
    Segment(Scope, Option<Lang>, String, Range<usize>),
    /// What follows is about a picture.
    Picture(Range<usize>, TagAlt),
    /// What was about a picture ends.
    EndOfPicture,
}

impl Apart {
    /// Adds it to the draft.
    pub(super) fn add_to(
        self,
        builder: &mut DraftBuilder,
        escape: impl Fn(&str, char) -> Option<usize>,
    ) {
        let source = std::sync::Arc::clone(builder.source());
        let text = source.text();
        match self {
            Self::Segment(scope, lang, words, origin) => {
                builder.segment(scope, lang, |segment| {
                    segment.decoded(&words, &text[origin.clone()], origin.start, escape);
                });
            }
            Self::Picture(at, alt) => {
                let alt = match alt {
                    TagAlt::Missing => Alt::Missing,
                    TagAlt::Empty(at) => Alt::Empty {
                        at: Span::covering(text, at),
                    },
                    TagAlt::Decorative => Alt::Decorative,
                    TagAlt::Nowhere | TagAlt::Follows => Alt::Nowhere,
                    TagAlt::Said(range) => Alt::Text(range),
                };
                builder.begin_picture(at, alt);
            }
            Self::EndOfPicture => builder.end_picture(),
        }
    }
}

/// Elements that begin a new line on a page: words on the two sides of their edges are apart.
const BLOCK: [&str; 46] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "title",
    "tr",
    "ul",
];

/// The tokenizer recurses over attributes: a tag with more than this is taken as text.
const MOST_ATTRIBUTES: usize = 200;

/// Whether a tag in `html` has more attributes than can be read safely.
fn is_overgrown(html: &str) -> bool {
    html.split('<').any(|tag| {
        let inside = tag.split('>').next().unwrap_or(tag);
        let signs = inside
            .matches(['"', '\'', '=', '/'])
            .nth(2 * MOST_ATTRIBUTES);
        signs.is_some()
            || inside
                .split_ascii_whitespace()
                .nth(MOST_ATTRIBUTES)
                .is_some()
    })
}

/// Elements that end where the next of their kind begins, if nobody closes them.
const SELF_ENDING: [&str; 10] = [
    "dd", "dt", "li", "optgroup", "option", "p", "tbody", "td", "th", "tr",
];

/// What an element's `lang` says: a language, or that it is none that is known.
type Stating = Option<Lang>;

/// The languages that the open elements state, innermost last.
#[derive(Debug, Default)]
struct Languages(Vec<Stated>);

#[derive(Debug)]
struct Stated {
    element: Vec<u8>,
    lang: Option<Lang>,
    /// Elements of the same name inside, which close first.
    inside: usize,
}

impl Languages {
    /// Notes that an element begins; whether the language may have changed.
    fn open(&mut self, element: &[u8], stated: Option<Stating>) -> bool {
        let mut changed = false;
        if let Some(last) = self.0.last_mut().filter(|last| last.element == element) {
            if SELF_ENDING.iter().any(|name| name.as_bytes() == element) {
                self.0.pop();
                changed = true;
            } else if stated.is_none() {
                last.inside += 1;
            }
        }
        let Some(lang) = stated else { return changed };
        self.0.push(Stated {
            element: element.to_vec(),
            lang,
            inside: 0,
        });
        true
    }

    /// Notes that an element ends; whether the language may have changed.
    fn close(&mut self, element: &[u8]) -> bool {
        match self.0.last_mut() {
            Some(last) if last.element == element && last.inside > 0 => {
                last.inside -= 1;
                false
            }
            Some(last) if last.element == element => {
                self.0.pop();
                true
            }
            _ => false,
        }
    }

    fn now(&self) -> Option<Lang> {
        self.0.last().and_then(|stated| stated.lang)
    }
}

/// Reads `html`, which stands at `base` in the file.
pub(super) fn pieces(html: &str, base: usize) -> Vec<Piece> {
    if is_overgrown(html) {
        return vec![Piece::Text(html.to_owned(), base..base + html.len())];
    }
    let mut languages = Languages::default();
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut pieces = Vec::new();
    let mut hidden: Option<Vec<u8>> = None;
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                if matches!(&**tag.name, b"script" | b"style" | b"template") && !tag.self_closing {
                    hidden = Some(tag.name.to_vec());
                }
                if &**tag.name == b"br" {
                    let at = base + tag.span.start..base + tag.span.end.min(html.len());
                    pieces.push(Piece::Text("\n".to_owned(), at));
                } else if is_block(&tag.name) {
                    let is_title = matches!(&**tag.name, b"title" | b"h1");
                    pieces.push(Piece::Block(if is_title {
                        Scope::Title
                    } else {
                        Scope::Body
                    }));
                }
                let stated = tag
                    .attributes
                    .iter()
                    .find(|(name, _)| matches!(&***name as &[u8], b"lang" | b"xml:lang"))
                    .map(|(_, value)| text_of(value).trim().parse().ok());
                let is_empty =
                    tag.self_closing || EMPTY.iter().any(|name| name.as_bytes() == &**tag.name);
                if !is_empty && languages.open(&tag.name, stated) {
                    pieces.push(Piece::Lang(languages.now()));
                }
                let picture = picture_alt(&tag, html, base);
                if let Some(alt) = picture.clone() {
                    let at = base + tag.span.start..base + tag.span.end.min(html.len());
                    pieces.push(Piece::Picture(at, alt));
                }
                attributes(&tag, html, base, &mut pieces);
                if picture.is_some() {
                    pieces.push(Piece::EndOfPicture);
                }
            }
            Token::EndTag(tag) => {
                if hidden.as_deref() == Some(&**tag.name) {
                    hidden = None;
                }
                if is_block(&tag.name) {
                    pieces.push(Piece::Block(Scope::Body));
                }
                if languages.close(&tag.name) {
                    pieces.push(Piece::Lang(languages.now()));
                }
            }
            Token::String(words) if hidden.is_none() => {
                let span = words.span.start..words.span.end.min(html.len());
                pieces.push(Piece::Text(
                    text_of(&words),
                    base + span.start..base + span.end,
                ));
            }
            Token::Comment(words) => {
                let words_text = text_of(&words);
                let within = words.span.start..words.span.end.min(html.len());
                let at = locate(html, &within, &words_text);
                pieces.push(Piece::Apart(
                    Scope::Comment,
                    words_text,
                    base + at.start..base + at.end,
                ));
            }
            _ => {}
        }
    }
    pieces
}

/// More open elements than this are not looked through for the one that a tag closes.
const MOST_OPEN: usize = 256;

/// The blocks of `html`: its block elements, and the runs of text and pictures between them.
pub(super) fn blocks(html: &str) -> Vec<Range<usize>> {
    if is_overgrown(html) {
        return std::iter::once(0..html.len()).collect();
    }
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut found = Vec::new();
    let mut open: Vec<(Vec<u8>, usize)> = Vec::new();
    let mut run: Option<Range<usize>> = None;
    let widen = |run: &mut Option<Range<usize>>, start: usize, end: usize| {
        run.get_or_insert(start..end).end = end.min(html.len());
    };
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) if is_block(&tag.name) => {
                found.extend(run.take());
                let ends = |name: &[u8]| {
                    SELF_ENDING.iter().any(|known| known.as_bytes() == name)
                        && (name == &**tag.name || name == b"p")
                };
                if open.last().is_some_and(|(name, _)| ends(name))
                    && let Some((_, start)) = open.pop()
                {
                    found.push(start..tag.span.start);
                }
                if tag.self_closing || &**tag.name == b"hr" {
                    found.push(tag.span.start..tag.span.end.min(html.len()));
                } else {
                    open.push((tag.name.to_vec(), tag.span.start));
                }
            }
            Token::EndTag(tag) if is_block(&tag.name) => {
                found.extend(run.take());
                let opened = open
                    .iter()
                    .rev()
                    .take(MOST_OPEN)
                    .position(|(name, _)| **name == **tag.name);
                if let Some(above) = opened {
                    let end = tag.span.end.min(html.len());
                    let from = open.len() - 1 - above;
                    found.extend(open.drain(from..).map(|(_, start)| start..end));
                }
            }
            Token::StartTag(tag) => widen(&mut run, tag.span.start, tag.span.end),
            Token::EndTag(tag) if run.is_some() => {
                widen(&mut run, tag.span.start, tag.span.end);
            }
            Token::String(words) if !text_of(&words).trim().is_empty() => {
                widen(&mut run, words.span.start, words.span.end);
            }
            _ => {}
        }
    }
    found.extend(run);
    found.extend(open.into_iter().map(|(_, start)| start..html.len()));
    found
}

fn is_block(name: &[u8]) -> bool {
    BLOCK.iter().any(|block| block.as_bytes() == name)
}

fn text_of(words: &Spanned<HtmlString, usize>) -> String {
    String::from_utf8_lossy(words).into_owned()
}

/// Elements without an end tag.
const EMPTY: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// What the `content` of a `meta` element is, by the element's name or property.
fn meta_scope(tag: &StartTag<usize>) -> Option<Scope> {
    let (_, name) = tag
        .attributes
        .iter()
        .find(|(key, _)| matches!(&***key as &[u8], b"name" | b"property" | b"itemprop"))?;
    match text_of(name).trim().to_lowercase().as_str() {
        "title" | "og:title" | "twitter:title" => Some(Scope::Title),
        "description"
        | "og:description"
        | "twitter:description"
        | "og:image:alt"
        | "twitter:image:alt"
        | "keywords"
        | "abstract"
        | "og:site_name" => Some(Scope::Body),
        "og:image"
        | "og:image:url"
        | "og:image:secure_url"
        | "twitter:image"
        | "twitter:image:src"
        | "thumbnail"
        | "image" => Some(Scope::Image),
        "og:url" | "og:video" | "og:audio" | "twitter:player" | "canonical" => Some(Scope::Link),
        "viewport" | "robots" | "generator" | "theme-color" | "color-scheme" => None,
        other => Some(Scope::Metadata(other.to_owned())),
    }
}

/// What an attribute is to people, if they get to see it.
fn attribute_scope(name: &[u8], tag: &StartTag<usize>) -> Option<Scope> {
    match (name, &**tag.name as &[u8]) {
        (b"alt", _) => Some(Scope::Alt),
        // The later ones are of components in MDX, which show them.
        (
            b"title" | b"aria-label" | b"aria-description" | b"placeholder" | b"caption"
            | b"description" | b"heading" | b"headline" | b"subtitle" | b"summary" | b"text",
            _,
        )
        | (b"label", b"option" | b"optgroup" | b"track")
        | (b"value", b"button" | b"input") => Some(Scope::Body),
        (b"content", b"meta") => meta_scope(tag),
        (b"src" | b"srcset" | b"poster", b"source" | b"video" | b"picture")
        | (b"background", _) => Some(Scope::Image),
        (b"src" | b"srcset" | b"data-src" | b"data-srcset", _) if shows_picture(tag) => {
            Some(Scope::Image)
        }
        (b"href" | b"src" | b"action" | b"cite", _) => Some(Scope::Link),
        _ => None,
    }
}

/// Whether an element is a picture: `img`, or what frameworks and old pages call so.
fn shows_picture(tag: &StartTag<usize>) -> bool {
    match &**tag.name as &[u8] {
        b"img" | b"image" | b"amp-img" => true,
        b"input" => attribute(tag, b"type").is_some_and(|kind| kind.eq_ignore_ascii_case("image")),
        _ => false,
    }
}

fn attribute(tag: &StartTag<usize>, wanted: &[u8]) -> Option<String> {
    let (_, value) = tag.attributes.iter().find(|(name, _)| **name == wanted)?;
    Some(text_of(value))
}

/// What an element that is a picture says for those who do not see it.
fn picture_alt(tag: &StartTag<usize>, html: &str, base: usize) -> Option<TagAlt> {
    if !shows_picture(tag) {
        return None;
    }
    let Some((_, alt)) = tag.attributes.iter().find(|(name, _)| ***name == *b"alt") else {
        return Some(TagAlt::Missing);
    };
    if !text_of(alt).trim().is_empty() {
        return Some(TagAlt::Follows);
    }
    let role = attribute(tag, b"role").unwrap_or_default();
    let on_purpose = matches!(role.trim(), "presentation" | "none")
        || attribute(tag, b"aria-hidden").is_some_and(|hidden| hidden.trim() != "false");
    Some(if on_purpose {
        TagAlt::Decorative
    } else {
        let start = alt.span.start.min(html.len());
        TagAlt::Empty(base + start..base + start + empty_attribute(&html[start..]))
    })
}

/// The length of an attribute without words at the start of `html`: its name, the equals sign and
/// the quotation marks, as far as they are there.
fn empty_attribute(html: &str) -> usize {
    let name = html
        .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
        .unwrap_or(html.len());
    let Some(value) = html[name..].trim_start().strip_prefix('=') else {
        return name;
    };
    let value = value.trim_start();
    let end = value
        .chars()
        .next()
        .filter(|mark| matches!(mark, '"' | '\''))
        .and_then(|mark| value[1..].find(mark))
        .map_or(0, |at| at + 2);
    html.len() - value.len() + end
}

/// The addresses that the declarations of a `style` load pictures from.
fn style_addresses(style: &str) -> Vec<&str> {
    // ASCII letters keep their place in lower case.
    let lower = style.to_ascii_lowercase();
    lower
        .match_indices("url(")
        .filter_map(|(at, mark)| {
            let inner = style[at + mark.len()..].trim_start();
            let address = match inner.chars().next()? {
                quote @ ('"' | '\'') => inner[1..].split(quote).next(),
                _ => inner.split(')').next(),
            };
            address.map(str::trim).filter(|address| !address.is_empty())
        })
        .collect()
}

fn attributes(tag: &StartTag<usize>, html: &str, base: usize, pieces: &mut Vec<Piece>) {
    for (name, value) in &tag.attributes {
        let words = text_of(value);
        if ***name == *b"style" {
            let within = value.span.start..value.span.end.min(html.len());
            for address in style_addresses(&words) {
                let at = locate(html, &within, address);
                let at = base + at.start..base + at.end;
                pieces.push(Piece::Apart(Scope::Image, address.to_owned(), at));
            }
            continue;
        }
        let Some(scope) = attribute_scope(name, tag) else {
            continue;
        };
        if words.trim().is_empty() {
            continue;
        }
        let within = value.span.start..value.span.end.min(html.len());
        // The span starts at the attribute's name: the value is what follows its equals sign.
        let start = html
            .get(within.clone())
            .and_then(|raw| raw.find('='))
            .map_or(within.start, |at| within.start + at + 1);
        let at = locate(html, &(start..within.end), &words);
        pieces.push(Piece::Apart(scope, words, base + at.start..base + at.end));
    }
}

/// Where `words` stand inside `within`: exactly, or without the quotation marks around an encoded
/// value.
fn locate(html: &str, within: &Range<usize>, words: &str) -> Range<usize> {
    let Some(raw) = html.get(within.clone()) else {
        return within.clone();
    };
    if let Some(at) = raw.find(words) {
        return within.start + at..within.start + at + words.len();
    }
    let inner = raw.trim_matches(['"', '\'', ' ', '\n', '\r', '\t']);
    let start = within.start + (inner.as_ptr() as usize - raw.as_ptr() as usize);
    start..start + inner.len()
}

/// The length of a character reference at the start of `rest` that stands for `letter`.
pub(super) fn entity(rest: &str, letter: char) -> Option<usize> {
    let reference = rest.strip_prefix('&')?;
    let end = reference.bytes().take(34).position(|byte| byte == b';');
    let name = &reference[..end?];
    let spelled = name.strip_prefix('#').map_or_else(
        || name.bytes().all(|b| b.is_ascii_alphanumeric()) && !name.is_empty(),
        |digits| {
            digits
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || b == b'x' || b == b'X')
        },
    );
    // An ampersand that stands for itself is followed by no name of its own.
    let stands_for_itself =
        letter == '&' && !matches!(name, "amp" | "AMP" | "#38" | "#x26" | "#X26");
    (spelled && !stands_for_itself).then_some(name.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_elements_and_the_runs_between_them() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "<div><p>a</p>b <i>c</i></div>",
                &["<div><p>a</p>b <i>c</i></div>", "<p>a</p>", "b <i>c</i>"],
            ),
            ("<p>a<p>b</p>", &["<p>a", "a", "<p>b</p>", "b"]),
            ("<img src=x> <hr>t", &["<img src=x>", "<hr>", "t"]),
            (
                "<ul><li>a<li>b</ul>",
                &["<ul><li>a<li>b</ul>", "<li>a", "a", "<li>b</ul>", "b"],
            ),
            ("<!-- c --> </p> <td>x", &["<td>x", "x"]),
            ("", &[]),
        ];
        for (html, expected) in cases {
            let mut found = blocks(html);
            found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
            let mut shown: Vec<&str> = found.into_iter().map(|range| html[range].trim()).collect();
            shown.dedup();
            for words in expected {
                assert!(shown.contains(words), "{html}: {words} in {shown:?}");
            }
        }
    }
}
