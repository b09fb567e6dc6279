//! Mail addresses, RFC 5321, as people write them: also with `[at]` for the sign.

use std::ops::Range;

/// Endings of files: `logo@2x.png` is a picture.
const FILES: [&str; 12] = [
    "png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "heic", "pdf", "mp4", "css", "js",
];

/// What people write for `@` and for `.`, so that programs do not see it.
const AT: [&str; 6] = [
    "[at]",
    "(at)",
    "{at}",
    "[chiocciola]",
    "(chiocciola)",
    "(arroba)",
];
const DOT: [&str; 5] = ["[dot]", "(dot)", "{dot}", "[punto]", "(punto)"];

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut free = 0;
    for at in memchr::memchr3_iter(b'@', b'[', b'(', bytes).chain(memchr::memchr_iter(b'{', bytes))
    {
        let found = if bytes[at] == b'@' {
            around(text, free, at, at + 1)
        } else {
            AT.iter()
                .find(|word| starts_with(&text[at..], word))
                .and_then(|word| around(text, free, at, at + word.len()))
        };
        if let Some(range) = found {
            free = range.end;
            each(range);
        }
    }
}

/// Whether the mail address `text` is at `domain` or below it.
pub(super) fn is_at(text: &str, domain: &str) -> bool {
    let host = text.rsplit_once('@').map_or("", |(_, host)| host);
    let (host, domain) = (host.to_lowercase(), domain.to_lowercase());
    !domain.is_empty()
        && host
            .strip_suffix(&domain)
            .is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

/// The address whose sign is at `sign..after`, from `from` on at the earliest.
fn around(text: &str, from: usize, sign: usize, after: usize) -> Option<Range<usize>> {
    // `name [at] host` has spaces around, `name@host` never.
    let is_spelled = after - sign > 1;
    let left = text.get(from..sign)?;
    let left = if is_spelled {
        left.trim_end_matches(' ')
    } else {
        left
    };
    let own = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let name = left
        .char_indices()
        .rev()
        .take_while(|(_, c)| own(*c))
        .last()?
        .0;
    // An apostrophe and a dot at the edge belong to the sentence.
    let skipped = left[name..].len() - left[name..].trim_start_matches(['.', '\'', '-']).len();
    let start = from + name + skipped;
    if left[name + skipped..].is_empty() || is_elsewhere(text, start) {
        return None;
    }
    let mut at = after;
    if is_spelled {
        at += text[at..].len() - text[at..].trim_start_matches(' ').len();
    }
    let mut end = None;
    let mut top = at;
    loop {
        let label = text[at..]
            .find(|c: char| !(c.is_alphanumeric() || c == '-'))
            .unwrap_or(text.len() - at);
        if label == 0 {
            break;
        }
        let is_first = end.is_none() && top == at;
        top = at;
        at += label;
        if !is_first {
            end = Some(at);
        }
        match dot(&text[at..]) {
            Some(len) => at += len,
            None => break,
        }
    }
    let end = end?;
    let top = text.get(top..end)?;
    let is_top = (top.chars().count() > 1 && top.chars().all(char::is_alphabetic))
        || top.starts_with("xn--");
    (is_top && !FILES.contains(&top.to_ascii_lowercase().as_str())).then_some(start..end)
}

/// How long the dot is that `text` begins with.
fn dot(text: &str) -> Option<usize> {
    if text.starts_with('.') {
        return Some(1);
    }
    let spelled = text.trim_start_matches(' ');
    let word = DOT.iter().find(|word| starts_with(spelled, word))?;
    let rest = &spelled[word.len()..];
    Some(text.len() - rest.trim_start_matches(' ').len())
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Whether what begins at `start` is the second part of a handle, or the password in an address.
fn is_elsewhere(text: &str, start: usize) -> bool {
    let head = &text[..start];
    if head.ends_with(['@', '/']) {
        return true;
    }
    let word = head.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    head.get(word..)
        .and_then(|word| word.split_once("://"))
        .is_some_and(|(_, rest)| !rest.contains(['/', '?', '#', '=']))
}
