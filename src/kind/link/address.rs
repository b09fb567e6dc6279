//! Web addresses, taken apart as browsers do (WHATWG URL, section 4.4), and where they stand in text.

use std::ops::Range;

use super::host::Host;
use crate::text::entities::address_end;

/// A web address.
#[derive(Debug)]
pub(super) struct Address<'t> {
    /// In small letters; `None` if it says none.
    pub(super) scheme: Option<String>,
    /// What stands before `@`, which some take for the host.
    pub(super) user: &'t str,
    pub(super) host: Host,
    /// From the first slash on, without query.
    pub(super) path: &'t str,
    /// Without its question mark.
    pub(super) query: &'t str,
    /// Whether it says itself that it is one; else a scheme is missing, and it may be a path.
    pub(super) is_sure: bool,
}

/// Signs of templates that are filled in later: where such a link leads nobody knows yet.
const TEMPLATES: [&str; 8] = ["{{", "{%", "*|", "%%", "${", "<%", "[[", "}}"];

impl<'t> Address<'t> {
    /// Takes `text` apart; `None` for mail, telephone numbers, paths, anchors and templates.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let scheme_len = text
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .filter(|at| *at > 0 && text[*at..].starts_with(':'));
        let (scheme, rest, is_sure) = match scheme_len {
            Some(len) => {
                let scheme = text[..len].to_ascii_lowercase();
                let rest = &text[len + 1..];
                // Browsers forgive a slash too few or too many, but not a mail address.
                let is_web = matches!(scheme.as_str(), "http" | "https" | "ftp");
                if is_web || rest.starts_with("//") {
                    (Some(scheme), rest.trim_start_matches(['/', '\\']), true)
                } else if rest.starts_with(|c: char| c.is_ascii_digit() || c == '/')
                    && scheme.contains('.')
                {
                    // A port: `host.example:8080/`, or a path that begins with a colon.
                    (None, text, false)
                } else {
                    return None;
                }
            }
            None => match text.strip_prefix("//") {
                Some(rest) => (None, rest, true),
                None => {
                    let head = text.get(..4).unwrap_or_default();
                    (None, text, head.eq_ignore_ascii_case("www."))
                }
            },
        };
        let authority = rest
            .find(['/', '\\', '?', '#'])
            .map_or(rest, |end| &rest[..end]);
        if TEMPLATES.iter().any(|sign| authority.contains(sign)) {
            return None;
        }
        let (user, name) = authority.rsplit_once('@').unwrap_or(("", authority));
        // `name@host` without a scheme is mail.
        if !is_sure && !user.is_empty() {
            return None;
        }
        let name = if name.starts_with('[') {
            name.split_inclusive(']').next().unwrap_or(name)
        } else {
            name.split(':').next().unwrap_or(name)
        };
        let host = Host::new(name)?;
        if !is_sure && !host.as_str().contains('.') {
            return None;
        }
        let tail = rest[authority.len()..]
            .split('#')
            .next()
            .unwrap_or_default();
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        Some(Self {
            scheme,
            user,
            host,
            path,
            query,
            is_sure,
        })
    }

    /// The names of its parameters.
    pub(super) fn params(&self) -> impl Iterator<Item = &'t str> {
        self.query
            .split(['&', ';'])
            .map(|param| param.split('=').next().unwrap_or(param))
    }
}

/// What may be an address without scheme and `www.` in `text`: names with dots, and what follows.
/// `taken` are the addresses that are known.
pub(super) fn bare(text: &str, taken: &[Range<usize>]) -> Vec<Range<usize>> {
    let inside =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\u{300}'..='\u{36F}');
    let mut found = Vec::new();
    let mut at = 0;
    let mut taken = taken.iter().peekable();
    while let Some(dot) = text[at..].find('.').map(|dot| at + dot) {
        while taken.next_if(|known| known.end <= dot).is_some() {}
        if let Some(known) = taken.peek().filter(|known| known.start <= dot) {
            at = known.end;
            continue;
        }
        let start = text[at..dot]
            .rfind(|c: char| !inside(c))
            .map_or(at, |last| {
                at + last + text[at + last..].chars().next().map_or(1, char::len_utf8)
            });
        let end = text[dot..]
            .find(|c: char| !inside(c))
            .map_or(text.len(), |len| dot + len);
        let name = text[start..end].trim_end_matches(['.', '-', '_']).len();
        let touches = |c: char| matches!(c, '@' | '/' | ':' | '#' | '\\' | '=');
        let is_part = start > 0 && text[..start].ends_with(touches);
        let mut stop = start + name;
        if name > 0 && !is_part && text[start..stop].contains('.') {
            let rest = &text[stop..];
            let is_longer = rest.starts_with('/')
                || rest
                    .strip_prefix(':')
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if is_longer {
                stop = address_end(text, start);
            }
            found.push(start..stop);
        }
        at = stop.max(end);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_a_browser_takes_it_for() {
        for (text, expected) in [
            (
                "https://user:pass@example.com:8080/a?b=c#d",
                Some("example.com"),
            ),
            ("https://example.com@evil.net/", Some("evil.net")),
            ("https://evil.net\\@example.com/", Some("evil.net")),
            ("HTTP:/example.com", Some("example.com")),
            ("//cdn.example.com/x", Some("cdn.example.com")),
            ("www.example.com", Some("www.example.com")),
            ("http://[2001:db8::1]:80/", Some("[2001:db8::1]")),
            ("example.com:8080/a", Some("example.com")),
            ("share.example/:p:/s/x", Some("share.example")),
            ("mailto:a@example.com", None),
            ("tel:+39051555010", None),
            ("/a/b.html", None),
            ("#top", None),
            ("{{ url }}", None),
            ("https://{{ host }}/x", None),
            ("javascript:alert(1)", None),
        ] {
            let address = Address::parse(text);
            let host = address.as_ref().map(|address| address.host.as_str());
            assert_eq!(host, expected, "{text}");
        }
        let address = Address::parse("https://a.example/p?x=1&utm_source=y#z").unwrap();
        assert_eq!(address.path, "/p");
        assert_eq!(address.params().collect::<Vec<_>>(), ["x", "utm_source"]);
    }

    #[test]
    fn names_with_dots_are_found_in_text() {
        let text = "see a.example/x, not b@c.example. Ends d.example. e.example:80 …f.g";
        let found: Vec<&str> = bare(text, &[]).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["a.example/x", "d.example", "e.example:80", "f.g"]);
    }
}
