//! International bank account numbers, ISO 13616-1.

use std::ops::Range;

use super::written::{read, starts};

/// How long a number of each country is: the SWIFT IBAN Registry.
const LENGTHS: [(&[u8; 2], usize); 89] = [
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut free = 0;
    for start in starts(text) {
        if start < free || bytes.len() < start + 2 {
            continue;
        }
        let country = [bytes[start], bytes[start + 1]].map(|byte| byte.to_ascii_uppercase());
        let Ok(row) = LENGTHS.binary_search_by(|(known, _)| (*known).cmp(&country)) else {
            continue;
        };
        let fits = |place, byte: u8| match place {
            0 | 1 => byte.is_ascii_alphabetic(),
            2 | 3 => byte.is_ascii_digit(),
            _ => true,
        };
        if let Some(code) = read(text, start, LENGTHS[row].1, fits)
            && is_valid(&code.chars)
        {
            free = code.end;
            each(start..code.end);
        }
    }
}

/// ISO/IEC 7064, MOD 97-10, with the first four characters put last and A = 10 … Z = 35.
fn is_valid(chars: &[u8]) -> bool {
    let (head, rest) = chars.split_at(4);
    let remainder = rest.iter().chain(head).fold(0_u32, |remainder, byte| {
        if byte.is_ascii_digit() {
            (remainder * 10 + u32::from(byte - b'0')) % 97
        } else {
            (remainder * 100 + u32::from(byte - b'A') + 10) % 97
        }
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_stand_in_order() {
        assert!(LENGTHS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
