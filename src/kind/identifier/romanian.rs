//! Romanian personal and tax numbers: CNP, CUI.

use std::ops::Range;

use super::written::{Code, digit, ends, follows, is_day, read, starts};

/// Weights of the twelve digits of a CNP: the “279146358279” of Hotărârea Guvernului 1375/2006.
const PERSON: [u32; 12] = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

/// Weights of the nine digits of a CUI, from the left: Ordinul Ministerului Finanțelor 632/1999.
const BUSINESS: [u32; 9] = [7, 5, 3, 2, 1, 7, 5, 3, 2];

/// Words before a CUI, which alone is no more than a small number.
const TAX_NUMBER: [&str; 7] = [
    "cui",
    "c.u.i",
    "cif",
    "c.i.f",
    "cod fiscal",
    "codul fiscal",
    "cod unic de inregistrare",
];

pub(super) fn find_cnp(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    for start in starts(text) {
        if let Some(code) = read(text, start, 13, |_, byte| byte.is_ascii_digit())
            && is_person(&code)
        {
            each(start..code.end);
        }
    }
}

fn is_person(code: &Code) -> bool {
    let years: &[u32] = match code.chars[0] {
        b'1' | b'2' => &[1900],
        b'3' | b'4' => &[1800],
        b'5' | b'6' => &[2000],
        // Residents and foreigners: the century is not said.
        b'7'..=b'9' => &[1900, 2000],
        _ => return false,
    };
    let (year, month, day) = (code.digits(1..3), code.digits(3..5), code.digits(5..7));
    let sum: u32 = (0..12).map(|at| code.digit(at) * PERSON[at]).sum();
    let check = match sum % 11 {
        10 => 1,
        check => check,
    };
    years.iter().any(|first| is_day(first + year, month, day))
        // Counties; 47 and 48 were sectors of the capital.
        && matches!(code.digits(7..9), 1..=48 | 51 | 52)
        && code.digit(12) == check
        // No more parts than sex, date, county, number and check digit.
        && code.groups.len() <= 7
}

pub(super) fn find_cui(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    for start in starts(text) {
        let rest = &bytes[start..];
        let prefix = match rest {
            [b'R', b'O', b' ' | b'-', digit, ..] if digit.is_ascii_digit() => 3,
            [b'R', b'O', digit, ..] if digit.is_ascii_digit() => 2,
            [digit, ..] if digit.is_ascii_digit() => 0,
            _ => continue,
        };
        let digits = rest[prefix..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        // `RO` and two digits begin an account number.
        let least = if prefix > 0 { 4 } else { 2 };
        let end = start + prefix + digits;
        if (least..=10).contains(&digits)
            && ends(text, end)
            && is_business(&bytes[start + prefix..end])
            && (prefix > 0 || follows(text, start, 30, &TAX_NUMBER))
        {
            each(start..end);
        }
    }
}

fn is_business(digits: &[u8]) -> bool {
    let Some((check, number)) = digits.split_last() else {
        return false;
    };
    let sum: u32 = number
        .iter()
        .rev()
        .zip(BUSINESS.iter().rev())
        .map(|(byte, weight)| digit(*byte) * weight)
        .sum();
    number.first() != Some(&b'0') && sum * 10 % 11 % 10 == digit(*check)
}
