//! Names of machines: compared label by label, and as they look.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

use crate::text::fold::is_invisible;

/// A name in the form in which it is compared: what a browser makes of it, with punycode undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host(String);

impl Host {
    /// Takes a name as written, without user, port and path.
    pub(super) fn new(written: &str) -> Option<Self> {
        // UTS #46, section 4: invisible characters go, wide letters and dots are plain ones.
        let mapped: String = percent_decoded(written)
            .chars()
            .filter(|letter| !is_invisible(*letter))
            .nfkc()
            .flat_map(char::to_lowercase)
            .map(|letter| match letter {
                '\u{3002}' | '\u{FF61}' => '.',
                other => other,
            })
            .collect();
        let mapped = mapped.strip_suffix('.').unwrap_or(&mapped);
        let is_name = !mapped.is_empty()
            && mapped
                .split('.')
                .all(|label| !label.is_empty() && label.chars().all(in_label));
        let is_v6 = mapped.starts_with('[') && mapped.ends_with(']');
        if !is_name && !is_v6 {
            return None;
        }
        let labels: Vec<String> = mapped
            .split('.')
            .map(|label| {
                label
                    .strip_prefix("xn--")
                    .and_then(decode_punycode)
                    .unwrap_or_else(|| label.to_owned())
            })
            .collect();
        Some(Self(labels.join(".")))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `domain` or below it; `*.example.com` means below only.
    pub(super) fn is_under(&self, domain: &str) -> bool {
        let (domain, itself) = match domain.strip_prefix("*.") {
            Some(domain) => (domain, false),
            None => (domain, true),
        };
        match self.0.strip_suffix(domain) {
            Some("") => itself,
            Some(head) => head.ends_with('.'),
            None => false,
        }
    }

    /// The part that somebody registered: `example.co.uk` of `www.example.co.uk`. Which suffixes are
    /// public is Mozilla's Public Suffix List.
    pub(super) fn registered(&self) -> &str {
        psl::domain_str(&self.0).unwrap_or(&self.0)
    }

    /// Whether anybody can register names below it.
    pub(super) fn is_public_suffix(&self) -> bool {
        psl::suffix(self.0.as_bytes())
            .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == self.0.as_bytes())
    }

    /// Whether it names a machine that only some networks know: private addresses (RFC 1918,
    /// RFC 4193, RFC 3927), and the top-level domains kept for such networks (RFC 6762, appendix G,
    /// RFC 8375, ICANN's resolution 2024.07.29.06 on `.internal`). The reader's own machine is none.
    pub(super) fn is_private(&self) -> bool {
        if let Ok(address) = Ipv4Addr::from_str(&self.0) {
            return address.is_private() || address.is_link_local();
        }
        if let Some(inner) = self.0.strip_prefix('[').and_then(|s| s.strip_suffix(']')) {
            return Ipv6Addr::from_str(inner)
                .is_ok_and(|address| address.is_unique_local() || address.is_unicast_link_local());
        }
        match self.0.rsplit_once('.') {
            None => self.0 != "localhost",
            Some((_, top)) => {
                matches!(
                    top,
                    "internal" | "intranet" | "private" | "corp" | "home" | "lan" | "local"
                ) || self.is_under("home.arpa")
            }
        }
    }

    /// Whether a reader takes it for a name in `own`, which it is not: the letters look the same, or
    /// the name stands at the wrong end.
    pub(super) fn looks_like(&self, own: &[Self]) -> bool {
        if own.iter().any(|own| self.is_under(&own.0)) {
            return false;
        }
        let look = look(self.registered());
        own.iter().any(|own| {
            let registered = own.registered();
            let is_ahead = |at: usize| at == 0 || self.0[..at].ends_with('.');
            (self.registered() != registered && look == self::look(registered))
                || self
                    .0
                    .match_indices(&format!("{registered}."))
                    .any(|(at, _)| is_ahead(at))
        })
    }

    /// Whether it mixes alphabets in one label, or writes a known ending in another alphabet.
    pub(super) fn is_disguised(&self) -> bool {
        let top = self.0.rsplit('.').next().unwrap_or_default();
        let plain = latin(top);
        let is_known = |top: &str| psl::suffix(top.as_bytes()).is_some_and(|s| s.is_known());
        self.0.split('.').any(|label| !label.is_single_script())
            || (!top.is_ascii() && plain.is_ascii() && is_known(&plain) && !is_known(top))
    }
}

fn in_label(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(
            letter,
            '-' | '_' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{200D}'
        )
}

/// `text` as it looks at a glance: in Latin letters, of which those drawn much the same are one.
fn look(text: &str) -> String {
    latin(text)
        .replace('0', "o")
        .replace(['1', 'i', 'ı', '|'], "l")
        .replace("rn", "m")
        .replace("vv", "w")
}

/// `text` without accents, and with Latin letters in place of those of other alphabets that look like
/// them (UTS #39, section 4).
fn latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for letter in text.nfd() {
        match letter {
            '\u{300}'..='\u{36F}' => {}
            _ if letter.is_ascii() => latin.push(letter),
            // Small capitals, which UTS #39 keeps apart, but not a reader in a hurry.
            'к' => latin.push('k'),
            'м' => latin.push('m'),
            'т' => latin.push('t'),
            _ => {
                let mut buffer = [0; 4];
                latin
                    .extend(skeleton(letter.encode_utf8(&mut buffer)).flat_map(char::to_lowercase));
            }
        }
    }
    latin
}

/// `%61` and the like undone; anything else stays.
fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let value = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Undoes punycode, RFC 3492, section 6.2; `None` for what is none.
fn decode_punycode(encoded: &str) -> Option<String> {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    let (basic, extended) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    // No label of a host is longer; decoding takes the square of the length.
    if encoded.len() > 63 || !encoded.is_ascii() {
        return None;
    }
    let mut decoded: Vec<char> = basic.chars().collect();
    let (mut code, mut place, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.bytes();
    let mut next = digits.next();
    while next.is_some() {
        let start = place;
        let mut weight = 1_u32;
        let mut k = BASE;
        loop {
            let digit = match next? {
                byte @ b'a'..=b'z' => u32::from(byte - b'a'),
                byte @ b'0'..=b'9' => u32::from(byte - b'0') + 26,
                _ => return None,
            };
            next = digits.next();
            place = place.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let count = u32::try_from(decoded.len()).ok()? + 1;
        bias = adapted(place - start, count, start == 0);
        code = code.checked_add(place / count)?;
        place %= count;
        decoded.insert(place as usize, char::from_u32(code)?);
        place += 1;
    }
    Some(decoded.into_iter().collect())
}

/// RFC 3492, section 6.1.
fn adapted(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = delta / if is_first { 700 } else { 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::new(text).unwrap()
    }

    #[test]
    fn punycode_is_undone_as_the_standard_does() {
        // RFC 3492, section 7.1, and a name of RFC 3490's.
        for (encoded, expected) in [
            ("egbpdaj6bu4bxfgehfvwxn", "ليهمابتكلموشعربي؟"),
            ("bcher-kva", "bücher"),
            ("ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"),
        ] {
            assert_eq!(decode_punycode(encoded).as_deref(), Some(expected));
        }
        assert_eq!(decode_punycode("é"), None);
        assert_eq!(decode_punycode("99999999"), None);
    }

    #[test]
    fn names_are_compared_label_by_label() {
        for (name, domain, expected) in [
            ("example.com", "example.com", true),
            ("Shop.Example.COM.", "example.com", true),
            ("evil-example.com", "example.com", false),
            ("example.com.evil.net", "example.com", false),
            ("example.com", "*.example.com", false),
            ("a.example.com", "*.example.com", true),
            ("ｅxample。com", "example.com", true),
            ("ex%61mple.com", "example.com", true),
            ("exa\u{AD}mple.com", "example.com", true),
            ("xn--bcher-kva.example", "bücher.example", true),
        ] {
            assert_eq!(host(name).is_under(domain), expected, "{name} {domain}");
        }
        assert_eq!(host("www.example.co.uk").registered(), "example.co.uk");
        assert!(host("co.uk").is_public_suffix());
        assert!(host("github.io").is_public_suffix());
        assert!(!host("example.com").is_public_suffix());
        assert!(Host::new("a b.example").is_none() && Host::new("a..b").is_none());
    }

    #[test]
    fn look_alikes_of_ones_own_names() {
        let own = [host("example.com"), host("lumetra.example")];
        for (name, expected) in [
            ("lumetra.example", false),
            ("www.lumetra.example", false),
            // Cyrillic а.
            ("www.lumetr\u{430}.example", true),
            ("xn--lumetr-8nf.example", true),
            ("lumétra.example", true),
            ("1umetra.example", true),
            ("lurnetra.example", true),
            ("lumetra.example.evil.net", true),
            ("www.example.com.evil.net", true),
            ("lumetra-fans.example", false),
            ("myexample.com.evil.net", false),
            ("other.example", false),
        ] {
            assert_eq!(host(name).looks_like(&own), expected, "{name}");
        }
        assert!(host("p\u{430}ypal.example").is_disguised());
        // Cyrillic сом.
        assert!(host("paypal.\u{441}\u{43E}\u{43C}").is_disguised());
        assert!(!host("пример.рф").is_disguised());
        assert!(!host("bücher.example").is_disguised());
    }

    #[test]
    fn private_names_and_addresses() {
        for (name, expected) in [
            ("wiki", true),
            ("localhost", false),
            ("127.0.0.1", false),
            ("10.1.2.3", true),
            ("192.0.2.1", false),
            ("[fd00::1]", true),
            ("nas.local", true),
            ("router.home.arpa", true),
            ("local.example", false),
        ] {
            assert_eq!(host(name).is_private(), expected, "{name}");
        }
    }
}
