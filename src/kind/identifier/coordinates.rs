//! Places on the map: a latitude and a longitude, in degrees with decimals or in degrees, minutes
//! and seconds (ISO 6709, annexes D and H).

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Four decimals are some ten metres: fewer name a town.
const DECIMAL: &str =
    r"(?-u)([+-]?[0-9]{1,2}\.[0-9]{4,})\x20?[,;/\x20]\x20?([+-]?[0-9]{1,3}\.[0-9]{4,})";

const SEXAGESIMAL: &str = r#"(?x)
    \b([0-9]{1,2})\x20?°\x20?([0-5]?[0-9])\x20?['′]\x20?(?:[0-5]?[0-9](?:[.,][0-9]+)?\x20?(?:"|″|''|”)\x20?)?[NS]
    [\x20,;/]{0,3}
    ([0-9]{1,3})\x20?°\x20?([0-5]?[0-9])\x20?['′]\x20?(?:[0-5]?[0-9](?:[.,][0-9]+)?\x20?(?:"|″|''|”)\x20?)?[EWOV]\b
"#;

static EXPRESSIONS: LazyLock<[Option<Regex>; 2]> =
    LazyLock::new(|| [DECIMAL, SEXAGESIMAL].map(|source| Regex::new(source).ok()));

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    if !text.contains(['°', '.']) {
        return;
    }
    let [decimal, sexagesimal] = &*EXPRESSIONS;
    for found in decimal.iter().flat_map(|regex| regex.captures_iter(text)) {
        let part = |number| found.get(number).map_or("", |part| part.as_str());
        let within = |text: &str, most: f64| {
            text.parse::<f64>()
                .is_ok_and(|degrees| degrees.abs() <= most)
        };
        let Some(whole) = found.get(0) else { continue };
        let touches = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '_');
        let is_cut = text[..whole.start()].ends_with(touches)
            || text[whole.end()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            || text[whole.end()..].starts_with(['€', '$', '%']);
        if within(part(1), 90.0) && within(part(2), 180.0) && !is_cut {
            each(whole.range());
        }
    }
    for found in sexagesimal.iter().flat_map(|regex| regex.find_iter(text)) {
        each(found.range());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        assert!(EXPRESSIONS.iter().all(Option::is_some));
    }
}
