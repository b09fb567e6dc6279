//! Italian tax numbers: the codice fiscale of a person and the partita IVA of a business.

use std::ops::Range;

use super::written::{Code, luhn, number, read, starts};

/// Values of the characters 0 … 9 and A … Z at odd places, counted from 1: decreto ministeriale
/// 23 December 1976, n. 813, annex.
const ODD: [u32; 36] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, // 0 … 9
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// Letters of the months, January first.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";

/// Letters that stand for the digits 0 … 9 where two people would have the same code.
const HOMOCODE: &[u8; 10] = b"LMNPQRSTUV";

/// Places, from 0, of the digits.
const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];

pub(super) fn find_codice_fiscale(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let fits = |place: usize, byte: u8| {
        if DIGITS.contains(&place) {
            byte.is_ascii_digit() || HOMOCODE.contains(&byte)
        } else {
            byte.is_ascii_alphabetic()
        }
    };
    for start in starts(text) {
        if let Some(code) = read(text, start, 16, fits)
            && is_codice_fiscale(&code)
            && code.groups.len() <= 6
        {
            each(start..code.end);
        }
    }
}

fn is_codice_fiscale(code: &Code) -> bool {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte - b'A'),
    };
    let sum: u32 = code.chars[..15]
        .iter()
        .zip(0..)
        .map(|(&byte, place)| {
            if place % 2 == 0 {
                let row = value(byte) + if byte.is_ascii_digit() { 0 } else { 10 };
                ODD[row as usize]
            } else {
                value(byte)
            }
        })
        .sum();
    let plain = |place: usize| -> u8 {
        let byte = code.chars[place];
        HOMOCODE
            .iter()
            .zip(b'0'..)
            .find_map(|(letter, digit)| (*letter == byte).then_some(digit))
            .unwrap_or(byte)
    };
    // Women have 40 added to the day of birth.
    let day = number(&[plain(9), plain(10)]) % 40;
    MONTHS.contains(&code.chars[8])
        && (1..=31).contains(&day)
        && number(&[plain(9), plain(10)]) <= 71
        && sum % 26 == value(code.chars[15])
}

/// The check digit is that of ISO/IEC 7812-1; digits 8 to 10 name the office that gave the number
/// out (decreto del Presidente della Repubblica 633/1972, article 35, and the Agenzia delle
/// Entrate's list of offices).
pub(super) fn find_partita_iva(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let digits = |_: usize, byte: u8| byte.is_ascii_digit();
    let with_country = |place: usize, byte: u8| match place {
        0 => byte == b'I',
        1 => byte == b'T',
        _ => byte.is_ascii_digit(),
    };
    let mut free = 0;
    for start in starts(text) {
        let found = read(text, start, 13, with_country)
            .map(|code| (2, code))
            .or_else(|| read(text, start, 11, digits).map(|code| (0, code)));
        let Some((head, code)) = found.filter(|_| start >= free) else {
            continue;
        };
        let digits = &code.chars[head..];
        let office = number(&digits[7..10]);
        let in_one_piece = matches!(code.groups[..], [_] | [2, 11]);
        if in_one_piece
            && luhn(digits)
            && digits[..7] != *b"0000000"
            && matches!(office, 1..=100 | 120 | 121 | 888 | 999)
        {
            free = code.end;
            each(start..code.end);
        }
    }
}
