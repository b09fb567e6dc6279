//! Numbers of passports: up to nine letters and digits (ICAO Doc 9303-4, 4.2.2) after a word for
//! passport, since nothing else tells them from other numbers.

use std::ops::Range;

use super::written::{ends, follows, starts};

/// Words for passport, without accents.
const WORDS: [&str; 10] = [
    "passport",
    "passaporto",
    "passaporti",
    "pasaporte",
    "pasaportes",
    "pasaport",
    "pasaportul",
    "pasaportului",
    "passaport",
    "passaports",
];

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    for start in starts(text) {
        let rest = &bytes[start..];
        let letters = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let gap = usize::from(letters > 0 && matches!(rest.get(letters), Some(b' ' | b'-')));
        let from = start + letters + gap;
        let digits = bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let end = from + digits;
        if letters <= 3
            && digits >= 6
            && (7..=9).contains(&(letters + digits))
            && ends(text, end)
            && follows(text, start, 32, &WORDS)
        {
            each(start..end);
        }
    }
}
