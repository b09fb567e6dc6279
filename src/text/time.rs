//! Instants and days as policies write them.
//!
//! The clock is never read here: whoever calls says what time it is.

use std::cell::Cell;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("“{0}” is no date")]
#[diagnostic(
    code(clearpost::time::malformed),
    help("write 2027-01-31, or 2027-01-31T09:00:00+01:00 with the time zone")
)]
pub struct NotADate(pub String);

/// What a date without a time stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A start: the first instant of the day.
    Start,
    /// An end: the first instant of the next day, so that the whole day is inside.
    End,
}

/// The time at which something is judged, and the first instant at which it may be judged
/// otherwise: of all that were asked about, the nearest that has not come.
#[derive(Debug)]
pub struct Clock {
    now: Timestamp,
    ahead: Cell<Option<Timestamp>>,
}

impl Clock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            ahead: Cell::new(None),
        }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether `instant` has come.
    pub fn has_come(&self, instant: Timestamp) -> bool {
        let has_come = instant <= self.now;
        if !has_come {
            let nearest = self.ahead.get().map_or(instant, |ahead| ahead.min(instant));
            self.ahead.set(Some(nearest));
        }
        has_come
    }

    /// The nearest instant it was asked about that has not come.
    pub fn ahead(&self) -> Option<Timestamp> {
        self.ahead.get()
    }
}

/// Reads RFC 3339, or a date with or without a time in `zone`.
///
/// As an end, an instant is exclusive and a date includes its whole day.
///
/// # Errors
///
/// If `text` is none of these, or names a day that does not exist.
pub fn instant(text: &str, zone: &TimeZone, bound: Bound) -> Result<Timestamp, NotADate> {
    let wrong = || NotADate(text.to_owned());
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    // As Jekyll and many exports write it: 2026-11-02 09:00:00 +0100.
    if let Ok(zoned) = jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", text)
        .and_then(|parts| parts.to_timestamp())
    {
        return Ok(zoned);
    }
    if text.len() > 10 {
        let local: DateTime = text.parse().map_err(|_| wrong())?;
        return Ok(local
            .to_zoned_datetime(zone.clone())
            .map_err(|_| wrong())?
            .timestamp());
    }
    let day: Date = text.parse().map_err(|_| wrong())?;
    let day = match bound {
        Bound::Start => day,
        Bound::End => day.checked_add(1.day()).map_err(|_| wrong())?,
    };
    Ok(day
        .to_zoned_datetime(zone.clone())
        .map_err(|_| wrong())?
        .timestamp())
}

/// Whether `text` is a day with a time and no zone.
pub fn is_local(text: &str) -> bool {
    let text = text.trim();
    text.len() > 10 && text.parse::<Timestamp>().is_err() && text.parse::<DateTime>().is_ok()
}

/// An instant as people of a time zone read it, to the minute: `2026-12-10 18:00 +01:00`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%Y-%m-%d %H:%M %:z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_as_an_end_is_inside() {
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let cases = [
            ("2027-01-31", Bound::End, "2027-01-31T23:00:00Z"),
            ("2027-01-31", Bound::Start, "2027-01-30T23:00:00Z"),
            ("2027-07-01T09:00", Bound::End, "2027-07-01T07:00:00Z"),
            (
                "2027-01-31T09:00:00+01:00",
                Bound::End,
                "2027-01-31T08:00:00Z",
            ),
            ("2027-01-31 09:00", Bound::Start, "2027-01-31T08:00:00Z"),
            (
                "2027-01-31 09:00:00 -0200",
                Bound::Start,
                "2027-01-31T11:00:00Z",
            ),
        ];
        for (text, bound, expected) in cases {
            let expected: Timestamp = expected.parse().unwrap();
            assert_eq!(instant(text, &rome, bound), Ok(expected), "{text}");
        }
        for bad in ["soon", "2027-02-30", "31/01/2027", ""] {
            assert!(instant(bad, &rome, Bound::Start).is_err(), "{bad}");
        }
    }
}
