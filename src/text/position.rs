//! Places on the earth, as cameras and lists of sites give them.

use serde::{Deserialize, Serialize};

/// A point on the earth, to a millionth of a degree: about ten centimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    lat: i32,
    lon: i32,
}

impl Position {
    /// The point at so many degrees north and east; `None` if there is none.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "180 million fits, and the rest is less than ten centimetres"
        )]
        let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
        Some(Self {
            lat: millionths(lat),
            lon: millionths(lon),
        })
    }

    /// How many metres lie between the two, as the crow flies.
    pub fn metres_to(self, other: Self) -> f64 {
        let radians = |millionths: i32| (f64::from(millionths) / 1e6).to_radians();
        let (a, b) = (radians(self.lat), radians(other.lat));
        let (down, across) = (b - a, radians(other.lon) - radians(self.lon));
        let half = (down / 2.0).sin().powi(2) + a.cos() * b.cos() * (across / 2.0).sin().powi(2);
        2.0 * 6_371_000.0 * half.sqrt().min(1.0).asin()
    }
}

/// A point, and how far around it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Site {
    /// Its middle.
    pub at: Position,
    /// Metres around it.
    pub radius: u32,
}

impl Site {
    /// A site of which nobody says how large it is.
    pub const RADIUS: u32 = 200;

    /// Whether `position` lies within.
    pub fn holds(&self, position: Position) -> bool {
        self.at.metres_to(position) <= f64::from(self.radius)
    }
}

/// Reads `200 m`, `1.5 km` or a number of metres; `None` if it is none, or nothing.
pub fn metres(text: &str) -> Option<u32> {
    let text = text.trim();
    let (number, unit) = match text.strip_suffix("km") {
        Some(number) => (number, 1_000.0),
        None => (text.strip_suffix('m').unwrap_or(text), 1.0),
    };
    let length = number.trim().parse::<f64>().ok()? * unit;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between one metre and half the way around the earth"
    )]
    (1.0..=20_000_000.0)
        .contains(&length)
        .then_some(length.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_on_the_earth() {
        let at = |lat, lon| Position::new(lat, lon).unwrap();
        // Across a meridian, along the equator, over the date line, between two towns.
        for (from, to, metres) in [
            (at(0.0, 0.0), at(1.0, 0.0), 111_195.0),
            (at(0.0, 179.5), at(0.0, -179.5), 111_195.0),
            (
                at(44.405_650, 8.946_256),
                at(45.464_204, 9.189_982),
                119_300.0,
            ),
            (at(44.4, 8.9), at(44.4, 8.9), 0.0),
        ] {
            let found = from.metres_to(to);
            assert!((found - metres).abs() <= metres / 500.0, "{found}");
        }
        assert_eq!(Position::new(90.1, 0.0), None);
        assert_eq!(Position::new(f64::NAN, 0.0), None);
    }

    #[test]
    fn lengths_have_a_unit_or_are_metres() {
        for (text, length) in [
            ("200 m", Some(200)),
            ("1.5km", Some(1_500)),
            ("80", Some(80)),
            ("0 m", None),
            ("far", None),
            ("-3 m", None),
            ("1e9 km", None),
        ] {
            assert_eq!(metres(text), length, "{text}");
        }
    }
}
