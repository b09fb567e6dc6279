//! Numbers of payment cards, ISO/IEC 7812-1.

use std::ops::Range;

use super::iban;
use super::written::{Code, ends, luhn, number, read, starts};

/// The longest number there is.
const LONGEST: usize = 19;

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    // A part of an account number may look like a card's.
    let mut accounts = Vec::new();
    iban::find(text, &mut |account| accounts.push(account));
    let digits = |_: usize, byte: u8| byte.is_ascii_digit();
    let mut free = 0;
    for start in starts(text) {
        if start < free
            || !text.as_bytes()[start].is_ascii_digit()
            || accounts.iter().any(|account| account.contains(&start))
        {
            continue;
        }
        // What follows without a letter may be the date or the code on the back.
        let code = (12..=LONGEST).rev().find_map(|len| {
            read(text, start, len, digits)
                .filter(|code| is_grouped(&code.groups) && is_issued(code) && luhn(&code.chars))
        });
        if let Some(code) = code.filter(|code| ends(text, code.end)) {
            free = code.end;
            each(start..code.end);
        }
    }
}

/// In one piece, in fours, or as American Express (4-6-5) and Diners Club (4-6-4) print it.
fn is_grouped(groups: &[usize]) -> bool {
    match groups {
        [_] | [4, 6, 4 | 5] => true,
        [fours @ .., last] => *last <= 4 && fours.iter().all(|group| *group == 4),
        [] => false,
    }
}

/// Whether an issuer gives out numbers that begin so, of that length: the issuer identification
/// numbers that the networks publish for merchants.
fn is_issued(code: &Code) -> bool {
    let digits = &code.chars;
    let len = digits.len();
    let (two, three, four) = (
        number(&digits[..2]),
        number(&digits[..3]),
        number(&digits[..4]),
    );
    match digits[0] {
        b'2' => len == 16 && (2221..=2720).contains(&four),
        b'3' => match two {
            34 | 37 => len == 15,
            36 | 38 | 39 => (14..=LONGEST).contains(&len),
            _ if (300..=305).contains(&three) || four == 3095 => len == 14 || len == 16,
            _ => (3528..=3589).contains(&four) && len >= 16,
        },
        b'4' => len == 16 || len == 19,
        b'5' => {
            ((51..=55).contains(&two) && len == 16) || matches!(four, 5018 | 5020 | 5038 | 5893)
        }
        b'6' => {
            matches!(four, 6304 | 6759 | 6761..=6763)
                || (len >= 16
                    && (four == 6011 || (644..=649).contains(&three) || two == 65 || two == 62))
        }
        _ => false,
    }
}
