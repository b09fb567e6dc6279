//! Shortcodes, Liquid tags and merge tags in Markdown: what a site builder or a mail program puts
//! something else in place of.
//!
//! They are no text, but some of their arguments are: captions, texts of pictures, addresses.

use std::ops::Range;

use super::markup::TagAlt;
use crate::draft::Scope;

/// Longer ones are a pair of braces that nobody closed.
const LONGEST: usize = 4096;

/// How each kind opens and closes.
const MARKS: [(&str, &str); 4] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("{{", "}}")];

/// The shortcodes of `text`, in order.
pub(super) fn shortcodes(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('{').map(|found| at + found) {
        let rest = &text[start..];
        let end = MARKS.iter().find_map(|(open, close)| {
            let inner = rest.strip_prefix(open)?;
            let window = &inner[..inner.floor_char_boundary(LONGEST)];
            let length = window.find(close)?;
            // Text between two blank lines is paragraphs, and not somebody's argument.
            let is_text = window[..length].contains("\n\n");
            (!is_text).then_some(start + open.len() + length + close.len())
        });
        match end {
            Some(end) => {
                found.push(start..end);
                at = end;
            }
            None => at = start + 1,
        }
    }
    found
}

/// What of a shortcode people get to see, with its bytes in `text`.
pub(super) fn arguments(text: &str, code: &Range<usize>) -> Vec<(Scope, Range<usize>)> {
    let inner = text[code.clone()].trim_matches(['{', '}', '<', '>', '%']);
    let base = code.start + (inner.as_ptr() as usize - text[code.clone()].as_ptr() as usize);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = inner[at..].find(['"', '\'', '`']).map(|found| at + found) {
        let mark = inner[open..].chars().next().unwrap_or('"');
        let Some(length) = inner[open + 1..].find(mark) else {
            break;
        };
        let value = open + 1..open + 1 + length;
        let name = inner[..open]
            .trim_end()
            .strip_suffix(['=', ':'])
            .map(|before| {
                before
                    .trim_end()
                    .rsplit(|c: char| !c.is_alphanumeric())
                    .next()
            });
        let scope = match name {
            Some(Some(name)) => named(&name.to_lowercase()),
            // A quotation or a heading that is given without a name.
            _ => inner[value.clone()]
                .contains(char::is_whitespace)
                .then_some(Scope::Body),
        };
        if let Some(scope) = scope.filter(|_| !value.is_empty()) {
            found.push((scope, base + value.start..base + value.end));
        }
        at = value.end + 1;
    }
    found
}

/// What a shortcode says for those who do not see its picture. One that is for pictures by its name
/// has a place for a text, and shows a caption where it has none.
pub(super) fn picture_alt(code: &str, arguments: &[(Scope, Range<usize>)]) -> TagAlt {
    let says = |wanted: &Scope| arguments.iter().any(|(scope, _)| scope == wanted);
    if says(&Scope::Alt) {
        return TagAlt::Follows;
    }
    let inner = code.trim_start_matches(['{', '<', '%', '-', ' ']);
    let name = inner.split(|c: char| !c.is_alphanumeric()).next();
    let is_for_pictures = name.is_some_and(|name| {
        ["figure", "img", "image", "picture"].contains(&name.to_lowercase().as_str())
    });
    if is_for_pictures && !says(&Scope::Body) {
        TagAlt::Missing
    } else {
        TagAlt::Nowhere
    }
}

fn named(name: &str) -> Option<Scope> {
    Some(match name {
        "alt" => Scope::Alt,
        "title" | "caption" | "description" | "text" | "label" | "heading" | "attr" | "summary"
        | "content" | "author" | "cite" | "subtitle" => Scope::Body,
        "src" | "image" | "img" | "poster" | "thumbnail" => Scope::Image,
        "href" | "link" | "url" | "attrlink" => Scope::Link,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_people_see() {
        let text = "a {{< figure src=\"/a.svg\" alt='Our logo' width=\"3\" >}} b {% include x.html caption=\"See us\" %} \
                    {{ user.name }} {{% quote \"Two words\" %}} {not one} {{ open";
        let codes = shortcodes(text);
        let seen: Vec<_> = codes
            .iter()
            .flat_map(|code| arguments(text, code))
            .map(|(scope, at)| (scope.to_string(), &text[at]))
            .collect();
        assert_eq!(codes.len(), 4);
        assert_eq!(
            seen,
            [
                ("image".to_owned(), "/a.svg"),
                ("alt".to_owned(), "Our logo"),
                ("body".to_owned(), "See us"),
                ("body".to_owned(), "Two words"),
            ]
        );
    }
}
