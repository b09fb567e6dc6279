//! Dates as spreadsheets and scheduling tools export them.

/// What comes first in a date of two numbers and a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/01/2027`.
    DayFirst,
    /// `01/31/2027`.
    MonthFirst,
}

impl DateOrder {
    /// Each as the configuration writes it.
    pub const WORDS: [(&str, Self); 2] = [
        ("dd/mm/yyyy", Self::DayFirst),
        ("mm/dd/yyyy", Self::MonthFirst),
    ];
}

/// A date that can be read two ways, in a file that never says which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` can be two days: no date in this file says whether day or month comes first")]
#[diagnostic(
    code(clearpost::draft::ambiguous_date),
    help("set `date_order: dd/mm/yyyy` or `date_order: mm/dd/yyyy` in clearpost.yaml")
)]
pub(super) struct AmbiguousDate(String);

/// Two numbers and a year, and what follows.
struct Numbers<'t> {
    first: u8,
    second: u8,
    year: u16,
    rest: &'t str,
    /// With dots the day comes first, by custom.
    dotted: bool,
}

fn numbers(text: &str) -> Option<Numbers<'_>> {
    let text = text.trim();
    let end = text
        .find(|letter: char| letter.is_whitespace() || letter == ',' || letter == 'T')
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(end);
    let sign = date.chars().find(|letter| !letter.is_ascii_digit())?;
    if !matches!(sign, '/' | '.' | '-') {
        return None;
    }
    let mut parts = date.trim_end_matches('.').split(sign);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || first.len() > 2 || year.len() != 4 {
        return None;
    }
    Some(Numbers {
        first: first.parse().ok()?,
        second: second.parse().ok()?,
        year: year.parse().ok()?,
        rest: rest.trim_start_matches([' ', ',', 'T']).trim(),
        dotted: sign == '.',
    })
}

/// What `text` by itself says about the order, if it allows one reading only.
pub(super) fn order_of(text: &str) -> Option<DateOrder> {
    let numbers = numbers(text).filter(|numbers| !numbers.dotted)?;
    match (numbers.first, numbers.second) {
        (13..=31, 1..=12) => Some(DateOrder::DayFirst),
        (1..=12, 13..=31) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// Whether `text` starts like a date, in any order.
pub(super) fn is_date(text: &str) -> bool {
    numbers(text).is_some()
        || text
            .trim()
            .get(..10)
            .is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// A date and a time, as written, in the form that facts have. What is no such date is given back
/// as it is.
pub(super) fn written(
    date: &str,
    time: Option<&str>,
    order: Option<DateOrder>,
) -> Result<String, AmbiguousDate> {
    let Some(numbers) = numbers(date) else {
        let date = date.trim();
        return Ok(match time.and_then(clock) {
            Some(time) if date.len() == 10 => format!("{date}T{time}"),
            _ => match date
                .split_once(' ')
                .and_then(|(day, rest)| Some((day, clock(rest)?)))
            {
                Some((day, time)) if day.len() == 10 => format!("{day}T{time}"),
                _ => date.to_owned(),
            },
        });
    };
    let order = if numbers.dotted || numbers.first == numbers.second {
        DateOrder::DayFirst
    } else {
        order_of(date)
            .or(order)
            .ok_or_else(|| AmbiguousDate(date.trim().to_owned()))?
    };
    let (day, month) = match order {
        DateOrder::DayFirst => (numbers.first, numbers.second),
        DateOrder::MonthFirst => (numbers.second, numbers.first),
    };
    let day = format!("{:04}-{month:02}-{day:02}", numbers.year);
    let time = if numbers.rest.is_empty() {
        time
    } else {
        Some(numbers.rest)
    };
    Ok(match time {
        None => day,
        Some(text) => match clock(text) {
            Some(time) => format!("{day}T{time}"),
            // A time that is none makes no date: what reads facts says so.
            None => format!("{day} {text}"),
        },
    })
}

/// A time of day in the form `09:05:00`: `9:05`, `9.05`, `09:05:00`, `9:05 pm`.
fn clock(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (text, half) = ["am", "pm"]
        .into_iter()
        .find_map(|half| Some((text.strip_suffix(half)?.trim_end().to_owned(), Some(half))))
        .unwrap_or((text, None));
    let parts: Vec<&str> = text.split([':', '.']).collect();
    if !(2..=3).contains(&parts.len()) || parts.iter().any(|part| !matches!(part.len(), 1 | 2)) {
        return None;
    }
    let mut numbers = parts.iter().map(|part| part.parse::<u8>().ok());
    let (hour, minute) = (numbers.next()??, numbers.next()??);
    let second = numbers.next().unwrap_or(Some(0))?;
    let hour = match half {
        Some("pm") if hour < 12 => hour + 12,
        Some("am") if hour == 12 => 0,
        _ => hour,
    };
    (hour < 24 && minute < 60 && second < 60).then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_exports_write_them() {
        use DateOrder::{DayFirst, MonthFirst};
        for (date, time, order, expected) in [
            (
                "03/12/2026 09:00",
                None,
                Some(DayFirst),
                "2026-12-03T09:00:00",
            ),
            (
                "03/12/2026",
                Some("9:05 PM"),
                Some(MonthFirst),
                "2026-03-12T21:05:00",
            ),
            ("18/01/2027 08:30", None, None, "2027-01-18T08:30:00"),
            ("18/01/2027", None, Some(MonthFirst), "2027-01-18"),
            ("3.12.2026", Some("09.00"), None, "2026-12-03T09:00:00"),
            ("05/05/2026", None, None, "2026-05-05"),
            ("2026-12-02 09:00", None, None, "2026-12-02T09:00:00"),
            ("2026-12-02", Some("09:00"), None, "2026-12-02T09:00:00"),
            (
                "2026-12-02T09:00:00+01:00",
                None,
                None,
                "2026-12-02T09:00:00+01:00",
            ),
            ("next week", None, None, "next week"),
        ] {
            assert_eq!(
                written(date, time, order).as_deref(),
                Ok(expected),
                "{date}"
            );
        }
        assert!(written("03/12/2026", None, None).is_err());
        assert!(is_date("03/12/2026 09:00") && is_date("2026-12-02 09:00") && !is_date("Date"));
        assert_eq!(order_of("12/13/2026"), Some(MonthFirst));
    }
}
