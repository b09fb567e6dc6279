//! Spanish identity and tax numbers: DNI, NIE, CIF.

use std::ops::Range;

use super::written::{Code, digit, number, read, starts};

/// The letter for the number modulo 23: Real Decreto 1553/2005, article 11, and the Ministry of the
/// Interior's “Cálculo del dígito de control del NIF/NIE”.
const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// The letter for the check digit of a company: Orden EHA/451/2008.
const COMPANY: &[u8; 10] = b"JABCDEFGHI";

pub(super) fn find_dni(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let fits = |place, byte: u8| match place {
        8 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_digit(),
    };
    find(text, each, fits, |code| {
        matches!(code.groups[..], [9] | [8, 1] | [2, 3, 3, 1] | [2, 3, 4])
            && code.chars[8] == letter(number(&code.chars[..8]))
    });
}

pub(super) fn find_nie(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let fits = |place, byte: u8| match place {
        0 => matches!(byte, b'X' | b'Y' | b'Z'),
        8 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_digit(),
    };
    find(text, each, fits, |code| {
        let first = u32::from(code.chars[0] - b'X');
        is_grouped(&code.groups)
            && code.chars[8] == letter(first * 10_000_000 + number(&code.chars[1..8]))
    });
}

pub(super) fn find_cif(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let fits = |place, byte: u8| match place {
        0 => b"ABCDEFGHJNPQRSUVW".contains(&byte),
        8 => byte.is_ascii_digit() || matches!(byte, b'A'..=b'J'),
        _ => byte.is_ascii_digit(),
    };
    find(text, each, fits, |code| {
        is_grouped(&code.groups) && is_company(&code.chars)
    });
}

fn find(
    text: &str,
    each: &mut dyn FnMut(Range<usize>),
    fits: impl Fn(usize, u8) -> bool,
    is_valid: impl Fn(&Code) -> bool,
) {
    for start in starts(text) {
        if let Some(code) = read(text, start, 9, &fits).filter(&is_valid) {
            each(start..code.end);
        }
    }
}

fn is_grouped(groups: &[usize]) -> bool {
    matches!(
        groups,
        [9] | [1, 8] | [8, 1] | [1, 7, 1] | [1, 2, 3, 3] | [1, 2, 3, 2, 1]
    )
}

fn letter(number: u32) -> u8 {
    LETTERS[(number % 23) as usize]
}

fn is_company(chars: &[u8]) -> bool {
    let sum: u32 = chars[1..8]
        .iter()
        .enumerate()
        .map(|(place, byte)| match (digit(*byte), place % 2) {
            (digit, 0) => digit * 2 / 10 + digit * 2 % 10,
            (digit, _) => digit,
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    let as_digit = digit(chars[8]) == check;
    let as_letter = chars[8] == COMPANY[check as usize];
    match chars[0] {
        b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => as_letter,
        b'A' | b'B' | b'E' | b'H' => as_digit,
        _ => as_digit || as_letter,
    }
}
