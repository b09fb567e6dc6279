//! Registrations of vehicles in Italy, Spain and Romania.
//!
//! Formats: Italy since 1994 (`AB 123 CD`, decreto legislativo 285/1992 and its rules, without I, O,
//! Q, U), Spain since 2000 (`1234 BCD`, Real Decreto 2822/1998, annex XVIII, without vowels, Ñ and
//! Q), Romania (`B 123 ABC`, `CJ 12 ABC`, STAS 3011, with the code of the county).

use std::ops::Range;

use super::written::{ends, follows, starts};

const COUNTIES: [&str; 42] = [
    "AB", "AG", "AR", "B", "BC", "BH", "BN", "BR", "BT", "BV", "BZ", "CJ", "CL", "CS", "CT", "CV",
    "DB", "DJ", "GJ", "GL", "GR", "HD", "HR", "IF", "IL", "IS", "MH", "MM", "MS", "NT", "OT", "PH",
    "SB", "SJ", "SM", "SV", "TL", "TM", "TR", "VL", "VN", "VS",
];

/// Words for a registration, without accents.
const WORDS: [&str; 24] = [
    "targa",
    "targhe",
    "targata",
    "targato",
    "targati",
    "matricula",
    "matriculas",
    "matriculat",
    "matriculado",
    "numar de inmatriculare",
    "numarul de inmatriculare",
    "inmatriculare",
    "inmatriculat",
    "inmatriculata",
    "placuta",
    "numar",
    "plate",
    "plates",
    "number plate",
    "licence plate",
    "license plate",
    "registration",
    "registered",
    "reg",
];

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let mut free = 0;
    for start in starts(text) {
        let Some(plate) = plate(text, start).filter(|_| start >= free) else {
            continue;
        };
        let is_sure = plate.is_strict && !is_shouted(text, start, plate.end);
        if is_sure || follows(text, start, 32, &WORDS) {
            free = plate.end;
            each(start..plate.end);
        }
    }
}

struct Plate {
    end: usize,
    /// Whether nothing else is written so.
    is_strict: bool,
}

fn plate(text: &str, start: usize) -> Option<Plate> {
    let bytes = text.as_bytes();
    let mut parts: Vec<&str> = Vec::new();
    let mut at = start;
    let mut gaps = 0;
    for _ in 0..3 {
        let is_digits = bytes.get(at)?.is_ascii_digit();
        let len = bytes[at..]
            .iter()
            .take_while(|b| {
                if is_digits {
                    b.is_ascii_digit()
                } else {
                    b.is_ascii_uppercase()
                }
            })
            .count();
        if len == 0 || len > 4 {
            return None;
        }
        parts.push(&text[at..at + len]);
        at += len;
        if parts.len() == 2 && is_spanish(&parts) && ends(text, at) {
            // `1000 CHF` is money.
            return Some(Plate {
                end: at,
                is_strict: false,
            });
        }
        if parts.len() < 3 && matches!(bytes.get(at), Some(b' ' | b'-')) {
            gaps += 1;
            at += 1;
        }
    }
    (ends(text, at) && gaps != 1 && (is_italian(&parts) || is_romanian(&parts))).then_some(Plate {
        end: at,
        is_strict: true,
    })
}

fn is_italian(parts: &[&str]) -> bool {
    let is_pair = |part: &str| part.len() == 2 && !part.contains(['I', 'O', 'Q', 'U']);
    is_pair(parts[0]) && is_number(parts[1], 3..=3) && is_letters(parts[2]) && is_pair(parts[2])
}

fn is_romanian(parts: &[&str]) -> bool {
    let digits = if parts[0] == "B" { 2..=3 } else { 2..=2 };
    COUNTIES.contains(&parts[0])
        && is_number(parts[1], digits)
        && is_letters(parts[2])
        && parts[2].len() == 3
        && !parts[2].contains('Q')
        && !parts[2].starts_with(['I', 'O'])
}

fn is_spanish(parts: &[&str]) -> bool {
    is_number(parts[0], 4..=4)
        && parts[1].len() == 3
        && is_letters(parts[1])
        && !parts[1].contains(['A', 'E', 'I', 'O', 'U', 'Q'])
}

fn is_number(part: &str, len: std::ops::RangeInclusive<usize>) -> bool {
    len.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letters(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whether the words around are in capitals: `DA 100 AL MESE` is a price.
fn is_shouted(text: &str, start: usize, end: usize) -> bool {
    let is_capitals = |word: Option<&str>| {
        word.is_some_and(|word| {
            let letters = word.chars().filter(|c| c.is_alphabetic());
            letters.clone().count() > 1
                && letters.clone().all(char::is_uppercase)
                && !word.contains(|c: char| c.is_ascii_digit())
        })
    };
    is_capitals(text[..start].split_whitespace().next_back())
        || is_capitals(text[end..].split_whitespace().next())
}
