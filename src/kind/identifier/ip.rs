//! Addresses of machines: IPv4 (RFC 791) and IPv6 (RFC 4291).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::written::follows;

/// Words before a number with four parts that is no address.
const VERSIONS: [&str; 10] = [
    "version",
    "versions",
    "versione",
    "versioni",
    "versiunea",
    "versiune",
    "versio",
    "release",
    "rel",
    "ver",
];

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut at = 0;
    while let Some(next) = text[at..].find(is_part) {
        let start = at + next;
        let len = text[start..]
            .find(|c: char| !is_part(c))
            .unwrap_or(text.len() - start);
        at = start + len;
        let touches = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_cut = text[..start].ends_with(touches)
            || text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if is_cut {
            continue;
        }
        let word = &text[start..at];
        // The end of a sentence, and a port.
        let trimmed = word.trim_end_matches('.');
        let trimmed = trimmed.strip_suffix(':').unwrap_or(trimmed);
        let host = match trimmed.split_once(':') {
            Some((host, port)) if !port.contains(':') && host.contains('.') => host,
            _ => trimmed,
        };
        if is_v4(host) && !is_version(text, start) || is_v6(host) {
            each(start..start + host.len());
        }
    }
}

/// An address that says something: not this machine, nobody, everybody, or a mask.
fn is_v4(word: &str) -> bool {
    word.parse::<Ipv4Addr>().is_ok_and(|address| {
        let [first, ..] = address.octets();
        !(address.is_loopback() || first == 0 || address.is_broadcast() || first == 255)
    })
}

fn is_v6(word: &str) -> bool {
    // `a::b` is more often a name in a program.
    word.len() > 5
        && word.contains(|c: char| c.is_ascii_digit())
        && word
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}

fn is_version(text: &str, start: usize) -> bool {
    text[..start].ends_with(['v', 'V']) || follows(text, start, 16, &VERSIONS)
}
