//! Telephone numbers: international (ITU-T E.164) and as they are written in Italy, Spain, Romania,
//! the United Kingdom, France and North America.
//!
//! Dates, hours, prices and order numbers have digits as well. A number without `+` counts if it is
//! parted as numbers are in a plan, or if a word such as “call” stands before it.

use std::ops::Range;

use super::written::{follows, is_day, number};

/// Words before a telephone number; accents are gone.
const WORDS: [&str; 44] = [
    "tel",
    "tel.",
    "telefono",
    "telefonare",
    "telefonate",
    "telefona",
    "cell",
    "cellulare",
    "chiama",
    "chiamate",
    "chiamare",
    "chiamaci",
    "numero verde",
    "whatsapp",
    "fax",
    "phone",
    "phone number",
    "call",
    "call us",
    "mobile",
    "text",
    "sms",
    "ring",
    "movil",
    "llama",
    "llamad",
    "llamar",
    "llamanos",
    "mobil",
    "telefon",
    "telefonul",
    "suna",
    "sunati",
    "sunati-ne",
    "apelati",
    "truca",
    "truqueu",
    "trucar",
    "truqueu-nos",
    "telefons",
    "telefonos",
    "telephone",
    "celular",
    "tlf",
];

/// Words before a number that is none to call.
const OTHER: [&str; 24] = [
    "ordine",
    "order",
    "pedido",
    "comanda",
    "comanda nr",
    "fattura",
    "factura",
    "invoice",
    "ref",
    "rif",
    "codice",
    "codigo",
    "cod",
    "codi",
    "art",
    "isbn",
    "ean",
    "issn",
    "ticket",
    "serie",
    "serial",
    "protocollo",
    "expediente",
    "id",
];

/// One number as written: its digits by groups, and what parts them.
#[derive(Debug, Default)]
struct Run {
    /// Where each group of digits stands.
    groups: Vec<Range<usize>>,
    /// What stands between them.
    gaps: Vec<u8>,
    /// Whether `+` or `00` and a country code stand first.
    international: bool,
    /// Whether the first group of a national number is in brackets.
    bracketed: bool,
    start: usize,
    end: usize,
    digits: String,
}

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let mut at = 0;
    while let Some(next) = text.as_bytes()[at..].iter().position(u8::is_ascii_digit) {
        let run = run(text, at, at + next);
        at = run.end;
        if is_free(text, run.start, run.end) && is_phone(text, &run) {
            each(run.start..run.end);
        }
    }
}

/// Reads the groups of digits from the one at `digit` on, with the sign before it.
fn run(text: &str, from: usize, digit: usize) -> Run {
    let bytes = text.as_bytes();
    let mut run = Run {
        start: digit,
        ..Run::default()
    };
    let before = |at: usize| {
        at.checked_sub(1)
            .filter(|at| *at >= from)
            .map(|at| bytes[at])
    };
    if before(digit) == Some(b'(') {
        run.start -= 1;
        run.bracketed = true;
    }
    if before(run.start) == Some(b'+') {
        run.start -= 1;
        run.international = true;
    }
    let mut at = digit;
    loop {
        let len = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        run.groups.push(at..at + len);
        run.digits.push_str(&text[at..at + len]);
        run.end = at + len;
        let rest = &bytes[run.end..];
        // `(0)` in an international number is one group; so is an area code in brackets.
        let (gap, len) = match rest {
            [b')', b' ' | b'-' | b'/', b'0'..=b'9', ..]
            | [b' ', b'(', b'0'..=b'9', ..]
            | [b')', b' ', b'(', ..] => (b'(', 2),
            [b')' | b'(', b'0'..=b'9', ..] => (b'(', 1),
            [b' ', b'-' | b'/', b' ', b'0'..=b'9', ..] => (rest[1], 3),
            [gap @ (b' ' | b'.' | b'-' | b'/'), b'0'..=b'9', ..] => (*gap, 1),
            _ => break,
        };
        // Nobody dials more than this; what follows is another number.
        if run.digits.len() > 15 {
            break;
        }
        run.gaps.push(gap);
        at = run.end + len;
    }
    if !run.international && run.digits.starts_with("00") && run.digits.len() > 10 {
        run.international = true;
        run.digits.drain(..2);
    }
    run
}

/// Whether neither a letter nor a sign of another number touches it.
fn is_free(text: &str, start: usize, end: usize) -> bool {
    let mut before = text[..start].chars().rev();
    let is_dialled = ["wa.me/", "tel:", "phone=", "sms:"]
        .iter()
        .any(|head| text[..start].ends_with(head));
    let is_free_before = match before.next() {
        None => true,
        Some('.' | ',' | ':') => !before.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => !c.is_alphanumeric() && !"/=_-#&%@\\$€£+~".contains(c),
    };
    let mut after = text[end..].chars();
    let is_free_after = match after.next() {
        None => true,
        Some('.' | ',' | ':' | '-' | '/') => !after.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => !c.is_alphanumeric() && !"%€$£°_@".contains(c),
    };
    (is_free_before || is_dialled) && is_free_after
}

fn is_phone(text: &str, run: &Run) -> bool {
    let sizes: Vec<usize> = run.groups.iter().map(Range::len).collect();
    if is_amount(text, run, &sizes) {
        return false;
    }
    if run.international {
        return is_international(&run.digits, run.groups.len());
    }
    if begins_with_day(text, run) || is_address(text, run) {
        return false;
    }
    let before = text[..run.start].trim_end();
    let is_called = follows(text, run.start, 32, &WORDS);
    if follows(text, run.start, 16, &OTHER) || before.ends_with(['#', '€', '$', '£']) {
        return false;
    }
    let plan = is_in_plan(run, &sizes);
    if is_called {
        let count = run.digits.len();
        return plan || ((7..=12).contains(&count) && sizes.iter().all(|size| *size > 1));
    }
    // One group that does not begin with 0 may be any number.
    plan && (sizes.len() > 1 || (run.digits.starts_with("07") && sizes[0] > 9))
}

/// Whether a country and enough digits are there: at most 15, and none ends in zeros only.
fn is_international(digits: &str, groups: usize) -> bool {
    let count = digits.len();
    let is_round = digits.trim_end_matches('0').len() <= 3;
    let is_country = match digits.as_bytes() {
        [b'1', area, ..] => *area > b'1' && count == 11,
        [b'0', ..] | [] => false,
        _ => true,
    };
    // `+1 200 300` counts something; a number has the subscriber's digits as well.
    (9..=15).contains(&count) && !is_round && is_country && groups <= 8
}

/// Whether the groups are those of a price, a crowd or an hour.
fn is_amount(text: &str, run: &Run, sizes: &[usize]) -> bool {
    let after = text[run.end..].trim_start_matches(' ');
    let is_money = after.starts_with(['€', '$', '£', '%'])
        || ["euro", "eur ", "lei", "ron ", "usd", "mil", "dolla"]
            .iter()
            .any(|unit| after.to_ascii_lowercase().starts_with(unit));
    // 1.234.567, 1 234 567
    let is_thousands = sizes.len() > 1
        && sizes[1..].iter().all(|size| *size == 3)
        && (run.gaps.iter().all(|gap| *gap == b'.') && !run.digits.starts_with('0')
            || sizes[0] < 3 && !run.digits.starts_with('0'))
        && !run.international;
    let is_round = run.digits.ends_with("000000");
    is_money || is_thousands || is_round
}

/// Whether a date stands first: what follows is its hour.
fn begins_with_day(text: &str, run: &Run) -> bool {
    let [a, b, c, ..] = run.groups.as_slice() else {
        return false;
    };
    let value = |range: &Range<usize>| number(&text.as_bytes()[range.clone()]);
    let (first, second, third) = (value(a), value(b), value(c));
    match (a.len(), b.len(), c.len()) {
        (1 | 2, 1 | 2, 4) => is_day(third, second, first) || is_day(third, first, second),
        (4, 1 | 2, 1 | 2) => is_day(first, second, third),
        _ => false,
    }
}

/// Whether it is an address of a machine.
fn is_address(text: &str, run: &Run) -> bool {
    run.groups.len() == 4
        && run.gaps.iter().all(|gap| *gap == b'.')
        && run
            .groups
            .iter()
            .all(|group| group.len() < 4 && number(&text.as_bytes()[group.clone()]) < 256)
}

/// Whether the digits and groups are those of a national numbering plan (ITU-T E.129 presentations
/// of Italy, Spain, Romania, the United Kingdom, France and the North American Numbering Plan).
fn is_in_plan(run: &Run, sizes: &[usize]) -> bool {
    let digits = run.digits.as_bytes();
    let count = digits.len();
    // Once parted by a sign, parted by it throughout, but for the first gap.
    let later = run.gaps.get(1..).unwrap_or_default();
    if later.windows(2).any(|gaps| gaps[0] != gaps[1]) {
        return false;
    }
    let in_pairs = sizes.iter().all(|size| *size == 2);
    match digits {
        // Pairs are hours, unless there are five of them.
        [b'0', ..] if in_pairs => {
            count == 10 && run.gaps.iter().all(|gap| matches!(gap, b' ' | b'.'))
        }
        // Romania has ten digits, Britain ten or eleven, Italy six to eleven.
        [b'0', second, ..] => {
            *second != b'0'
                && (9..=11).contains(&count)
                && (2..=5).contains(&sizes[0].min(if sizes.len() == 1 { 2 } else { 9 }))
                && sizes[1..].iter().all(|size| *size > 1)
        }
        // Mobile numbers of Italy.
        [b'3', second, ..] if *second > b'1' && (9..=10).contains(&count) => {
            matches!(
                sizes,
                [_] | [3, 6 | 7] | [3, 3, 3 | 4] | [3, 2, 2, 2 | 3] | [3, 3, 2, 2] | [3, 4, 3]
            )
        }
        // Spain.
        [b'6'..=b'9', ..] if count == 9 => {
            matches!(
                sizes,
                [_] | [3, 3, 3] | [3, 2, 2, 2] | [2, 3, 2, 2] | [3, 6] | [2, 7]
            )
        }
        // North America.
        [b'2'..=b'9', _, _, b'2'..=b'9', ..] if count == 10 => {
            sizes == [3, 3, 4] && (run.bracketed || run.gaps != [b' ', b' '])
        }
        _ => false,
    }
}
