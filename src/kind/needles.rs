//! What a pattern cannot match without.
//!
//! Compiling a regular expression costs more than checking a post. From its syntax tree a set of
//! short texts is derived of which at least one stands in everything it matches; one automaton
//! looks for the needles of all patterns together, and a pattern none of whose needles is there is
//! neither compiled nor run. The set is wider than the pattern, never narrower.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// More alternatives than this are not worth looking for.
const MOST: usize = 250;

/// Shorter needles are in every text.
const SHORTEST: usize = 3;

/// What is known of the texts a part of a pattern matches.
enum Known {
    /// These and no others, in ASCII lower case.
    Exactly(Vec<String>),
    /// Each holds one of these; `None`: nothing is known.
    Holds(Option<Vec<String>>),
}

/// Texts in ASCII lower case of which every match of `regex` holds at least one, compared without
/// regard to ASCII case; `None` if there is no such set worth looking for.
///
/// A text with U+017F (ſ) or U+212A (K), which fold to ASCII letters, has to be run in any case.
pub fn needles(regex: &str) -> Option<Vec<String>> {
    let tree = regex_syntax::parse(regex).ok()?;
    let set = match known(&tree) {
        Known::Exactly(set) => set,
        Known::Holds(set) => set?,
    };
    worth(set)
}

/// Letters to which needles are cut, one after the other, until there are few enough.
const CUTS: [usize; 4] = [8, 6, 5, 4];

fn worth(mut set: Vec<String>) -> Option<Vec<String>> {
    tidy(&mut set);
    if set.is_empty() || set.iter().any(|needle| needle.len() < SHORTEST) {
        return None;
    }
    // What holds a word holds its beginning.
    for letters in CUTS {
        if set.len() <= MOST {
            break;
        }
        for needle in &mut set {
            if let Some((at, _)) = needle.char_indices().nth(letters) {
                needle.truncate(at);
            }
        }
        tidy(&mut set);
    }
    (set.len() <= MOST).then_some(set)
}

/// Sorts needles and drops those that begin with another: who looks for that one finds both.
fn tidy(set: &mut Vec<String>) {
    set.sort();
    set.dedup_by(|longer, shorter| longer.starts_with(shorter.as_str()));
}

fn known(tree: &Hir) -> Known {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::Exactly(vec![String::new()]),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => Known::Exactly(vec![text.to_ascii_lowercase()]),
            Err(_) => Known::Holds(None),
        },
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => known(&capture.sub),
        HirKind::Repetition(repetition) => of_repetition(repetition),
        HirKind::Concat(parts) => of_concat(parts),
        HirKind::Alternation(parts) => of_alternation(parts),
    }
}

fn of_class(class: &Class) -> Known {
    let Class::Unicode(class) = class else {
        return Known::Holds(None);
    };
    let size: usize = class
        .ranges()
        .iter()
        .map(regex_syntax::hir::ClassUnicodeRange::len)
        .sum();
    if size > 12 {
        return Known::Holds(None);
    }
    let mut letters: Vec<String> = class
        .ranges()
        .iter()
        .flat_map(|range| range.start()..=range.end())
        // The two that fold to ASCII are the caller's to look out for.
        .filter(|letter| !matches!(letter, '\u{17F}' | '\u{212A}'))
        .map(|letter| letter.to_ascii_lowercase().to_string())
        .collect();
    letters.sort();
    letters.dedup();
    Known::Exactly(letters)
}

fn of_repetition(repetition: &Repetition) -> Known {
    match (known(&repetition.sub), repetition.min, repetition.max) {
        (Known::Exactly(mut set), 0, Some(1)) => {
            set.push(String::new());
            Known::Exactly(set)
        }
        (_, 0, _) => Known::Holds(None),
        (known, 1, Some(1)) => known,
        (Known::Exactly(set), ..) => Known::Holds(worth(set)),
        (holds, ..) => holds,
    }
}

fn of_concat(parts: &[Hir]) -> Known {
    let mut run = vec![String::new()];
    let mut whole = true;
    let mut best: Option<Vec<String>> = None;
    for part in parts {
        match known(part) {
            // A run that is long enough to tell is not multiplied by what follows.
            Known::Exactly(set)
                if run.len() * set.len() <= MOST && (set.len() == 1 || !is_telling(&run)) =>
            {
                run = run
                    .iter()
                    .flat_map(|head| set.iter().map(move |tail| format!("{head}{tail}")))
                    .collect();
            }
            other => {
                whole = false;
                best = better(best, worth(std::mem::take(&mut run)));
                match other {
                    Known::Exactly(set) => run = set,
                    Known::Holds(set) => {
                        best = better(best, set);
                        run = vec![String::new()];
                    }
                }
            }
        }
    }
    if whole {
        Known::Exactly(run)
    } else {
        Known::Holds(better(best, worth(run)))
    }
}

/// Letters from which on a needle stands in few texts that its pattern does not match.
const TELLING: usize = 6;

fn is_telling(run: &[String]) -> bool {
    run.iter().all(|needle| needle.len() >= TELLING)
}

fn of_alternation(parts: &[Hir]) -> Known {
    let mut exact = Vec::new();
    let mut all_exact = true;
    let mut holds: Option<Vec<String>> = Some(Vec::new());
    for part in parts {
        let set = match known(part) {
            Known::Exactly(set) => {
                exact.extend(set.iter().cloned());
                worth(set)
            }
            Known::Holds(set) => {
                all_exact = false;
                set
            }
        };
        holds = holds.zip(set).map(|(mut all, set)| {
            all.extend(set);
            all
        });
    }
    if all_exact && exact.len() <= MOST {
        Known::Exactly(exact)
    } else {
        Known::Holds(holds.and_then(worth))
    }
}

/// The set whose shortest needle is longer; of equals the smaller one.
fn better(a: Option<Vec<String>>, b: Option<Vec<String>>) -> Option<Vec<String>> {
    let (Some(a), Some(b)) = (&a, &b) else {
        return a.or(b);
    };
    let rank = |set: &[String]| {
        let shortest = set.iter().map(String::len).min().unwrap_or(0);
        (shortest, usize::MAX - set.len())
    };
    Some(if rank(b) > rank(a) {
        b.clone()
    } else {
        a.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    #[test]
    fn needles_are_what_a_match_cannot_do_without() {
        let cases: [(&str, Option<&[&str]>); 13] = [
            (r"(?i)\bproject\s+\w+", Some(&["project"])),
            (
                r"(?i)(?:preview|watermark)\b.*",
                Some(&["preview", "watermark"]),
            ),
            (
                r"logos?[-_](?:old|vecchio)",
                Some(&[
                    "logo-old",
                    "logo-vecchio",
                    "logo_old",
                    "logo_vecchio",
                    "logos-old",
                    "logos-vecchio",
                    "logos_old",
                    "logos_vecchio",
                ]),
            ),
            (r"\d+", None),
            (r"a|bcd", None),
            (r"(?:abc)+x?", Some(&["abc"])),
            (r"(?:abc)*", None),
            (r"[a-z]+\.example\.com", Some(&[".example.com"])),
            (r"(?i)città", Some(&["cittÀ", "città"])),
            // What follows six letters tells no more than they do.
            (r"(?i)risultàti", Some(&["risult"])),
            (r"^$", None),
            (r"(?i)kiss", Some(&["kiss"])),
            (r"x{3}", None),
        ];
        for (regex, expected) in cases {
            let found = needles(regex);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|set| set.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), expected, "{regex}");
        }
    }

    proptest! {
        #[test]
        fn no_match_is_without_a_needle(
            regex in prop::sample::select(vec![
                r"(?i)\bproj(?:ect|ekt)s?\s+\w+", r"(?i)(?:pre|post)view(?:ed)?[.!]", r"(?i)caff[eè]+|tazza\b",
                r"ab?c?déx", r"(?i:[xyz]one){1,3}", r"(?x) our \s+ (?: sales | revenue )",
            ]),
            text in "(?i)((our|sales|revenue|project|projekts|preview|postviewed|caffè|tazza|xone|abcdéé|dé|É|[a-z !.]){0,3} ?){0,6}",
        ) {
            let set = needles(regex).expect("these have needles");
            // The caller runs every pattern over text with one of these two.
            let odd = text.contains(['\u{17F}', '\u{212A}']);
            if !odd && Regex::new(regex).unwrap().is_match(&text) {
                let lower = text.to_ascii_lowercase();
                prop_assert!(set.iter().any(|needle| lower.contains(needle)), "{regex} matches {text} without {set:?}");
            }
        }
    }
}
