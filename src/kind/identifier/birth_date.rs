//! Dates of birth: a day after a word for being born.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::written::{follows, is_day, number};

/// Words before a date of birth in the five languages, without accents.
const WORDS: [&str; 30] = [
    "nato",
    "nata",
    "nati",
    "nate",
    "data di nascita",
    "nascita",
    "nacido",
    "nacida",
    "nacio",
    "naci",
    "nacimiento",
    "fecha de nacimiento",
    "nascut",
    "nascuda",
    "nascuta",
    "nascuti",
    "s-a nascut",
    "naixement",
    "nasterii",
    "nastere",
    "va neixer",
    "neixer",
    "born",
    "birth",
    "date of birth",
    "birthday",
    "birthdate",
    "dob",
    "d.o.b.",
    "compleanno",
];

/// The beginnings of the names of the months, without accents, January first.
const MONTHS: [&[&str]; 12] = [
    &["gen", "jan", "ene", "ian"],
    &["feb"],
    &["mar"],
    &["apr", "abr"],
    &["mag", "may", "mai"],
    &["giu", "jun", "iun"],
    &["lug", "jul", "iul"],
    &["ago", "aug"],
    &["set", "sep"],
    &["ott", "oct", "out"],
    &["nov", "noi"],
    &["dic", "dec", "des"],
];

const DATE: &str = r"(?xi-u)
    \b(?:
        (?<y>[0-9]{4})[-./](?<m>[0-9]{1,2})[-./](?<d>[0-9]{1,2})
      | (?<a>[0-9]{1,2})\x20?[-./]\x20?(?<b>[0-9]{1,2})\x20?[-./]\x20?(?<z>[0-9]{4}|[0-9]{2})
      | (?<day>[0-9]{1,2})(?:st|nd|rd|th|o|\.)?\x20(?:de\x20|d'|of\x20)?(?<month>[a-z]{3,10})\.?,?\x20(?:del?\x20|din\x20)?(?<year>[0-9]{4})
      | (?<first>[a-z]{3,10})\.?\x20(?<second>[0-9]{1,2})(?:st|nd|rd|th)?,?\x20(?<third>[0-9]{4})
    )\b
";

static EXPRESSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(DATE).ok());

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    for found in EXPRESSION
        .iter()
        .flat_map(|regex| regex.captures_iter(text))
    {
        let Some(whole) = found.get(0) else { continue };
        let part = |name| {
            found
                .name(name)
                .map(|part| number(part.as_str().as_bytes()))
        };
        let named = |name| found.name(name).and_then(|part| month(part.as_str()));
        let dates = [
            (part("y"), part("m"), part("d")),
            (part("z").map(in_full), part("b"), part("a")),
            (part("z").map(in_full), part("a"), part("b")),
            (part("year"), named("month"), part("day")),
            (part("third"), named("first"), part("second")),
        ];
        let is_date = dates.into_iter().any(|date| match date {
            (Some(year), Some(month), Some(day)) => {
                (1880..=2100).contains(&year) && is_day(year, month, day)
            }
            _ => false,
        });
        if is_date && follows(text, whole.start(), 48, &WORDS) {
            each(whole.range());
        }
    }
}

/// The year that two digits stand for: nobody alive was born before 1930 in short.
fn in_full(year: u32) -> u32 {
    match year {
        0..30 => year + 2000,
        30..100 => year + 1900,
        _ => year,
    }
}

fn month(name: &str) -> Option<u32> {
    let name = name.to_ascii_lowercase();
    MONTHS
        .iter()
        .zip(1..)
        .find(|(heads, _)| heads.iter().any(|head| name.starts_with(head)))
        .map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        assert!(EXPRESSION.is_some());
    }
}
