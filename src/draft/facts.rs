//! What is known about a draft besides its text, and how surely it is read.
//!
//! A draft's own word beats the configuration's globs, which beat the flags. A fact that nobody
//! states is unknown: a rule that depends on it says so instead of passing the draft.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::text::shape::nearest;
use crate::text::time::{Bound, instant};
use crate::text::{Lang, Problem, Source, Span};

/// Channels that need no configuration.
pub const KNOWN_CHANNELS: [&str; 13] = [
    "x",
    "linkedin",
    "instagram",
    "facebook",
    "threads",
    "bluesky",
    "mastodon",
    "tiktok",
    "youtube",
    "pinterest",
    "blog",
    "newsletter",
    "cms",
];

const ACCOUNTS: [&str; 2] = ["personal", "company"];

const ROLES: [&str; 8] = [
    "employee",
    "spokesperson",
    "executive",
    "comms",
    "agency",
    "contractor",
    "ambassador",
    "influencer",
];

/// Keys that are read as facts; every other key of a draft is just its metadata.
pub const FACTS: [&str; 24] = [
    "account",
    "ai_generated",
    "approved_by",
    "author",
    "author_role",
    "campaign",
    "channel",
    "date",
    "employer_declared",
    "first_comment",
    "gifted",
    "handle",
    "image_license",
    "internal_approver",
    "language",
    "lang",
    "paid_boost",
    "premises_authorised",
    "publish_at",
    "publish_date",
    "review_by",
    "role",
    "sponsored",
    "status",
];

/// Facts that are true or false, and false when unsaid.
const TRUTHS: [&str; 6] = [
    "ai_generated",
    "employer_declared",
    "gifted",
    "paid_boost",
    "premises_authorised",
    "sponsored",
];

/// The values that a fact can have; none: any, or those that a configuration adds.
pub fn known_values(fact: &str) -> &'static [&'static str] {
    match fact {
        "account" => &ACCOUNTS,
        "author_role" => &ROLES,
        _ if TRUTHS.contains(&fact) => &["true", "false"],
        _ => &[],
    }
}

/// Whether `key`, in snake or camel case, is a fact's.
pub fn is_fact(key: &str) -> bool {
    FACTS.contains(&snake_case(key).as_str())
}

/// A value out of its list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum FactError {
    /// A word that is not among those the fact can have.
    #[error("`{key}: {value}` is not known")]
    #[diagnostic(code(clearpost::facts::unknown_value), help("{}", fact_help(nearest.as_deref(), known)))]
    UnknownValue {
        /// The fact.
        key: String,
        /// Its value as written.
        value: String,
        /// The known value that looks most like it.
        nearest: Option<String>,
        /// All known values.
        known: String,
    },
    /// A date that is none.
    #[error("`{key}: {value}` is no date")]
    #[diagnostic(
        code(clearpost::facts::no_date),
        help("write 2027-01-31, or 2027-01-31T09:00:00+01:00 with the time zone")
    )]
    NoDate {
        /// The fact.
        key: String,
        /// Its value as written.
        value: String,
    },
    /// A language that is none.
    #[error("`{key}: {value}` is no language")]
    #[diagnostic(
        code(clearpost::facts::no_language),
        help("write a code such as en, it, es, ro or ca")
    )]
    NoLanguage {
        /// The fact.
        key: String,
        /// Its value as written.
        value: String,
    },
}

fn fact_help(nearest: Option<&str>, known: &str) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? One of: {known}"),
        None => format!("one of: {known}"),
    }
}

/// A stated fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The value as written.
    pub value: String,
    /// Where the draft itself says it.
    pub at: Option<Span>,
}

/// Facts stated outside the draft: flags and configuration, the stronger already on top.
#[derive(Clone, Debug, Default)]
pub struct StatedFacts(BTreeMap<String, String>);

impl StatedFacts {
    /// States `key`, over whatever was said before. Keys are read in snake case.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(canonical(key), value.into());
    }

    /// The stated channel, as a list of channels to accept.
    pub(super) fn channels(&self) -> Vec<String> {
        self.0.get("channel").cloned().into_iter().collect()
    }

    /// Every stated fact.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// What is known about one draft.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    stated: BTreeMap<String, Fact>,
    lang: Option<Lang>,
    publish_at: Option<Timestamp>,
}

impl Facts {
    /// Starts from what was stated outside.
    pub(super) fn new(outside: &StatedFacts) -> Self {
        let mut facts = Self::default();
        for (key, value) in outside.iter() {
            facts.set(
                key,
                Fact {
                    value: value.to_owned(),
                    at: None,
                },
            );
        }
        facts
    }

    /// Where the draft itself states facts.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        self.stated.values().filter_map(|fact| fact.at)
    }

    /// States what the draft itself says under `key`, if that key is a fact's.
    pub(super) fn set_own(&mut self, key: &str, value: &str, at: Span) {
        let key = snake_case(key);
        if FACTS.contains(&key.as_str()) {
            self.set(
                &key,
                Fact {
                    value: value.to_owned(),
                    at: Some(at),
                },
            );
        }
    }

    fn set(&mut self, key: &str, fact: Fact) {
        self.stated.insert(canonical(key), fact);
    }

    /// Reads the values that have a form, and reports those that have not.
    pub(super) fn settle(
        &mut self,
        source: &Arc<Source>,
        channels: &[String],
        zone: &TimeZone,
        problems: &mut Vec<Problem>,
    ) {
        let mut report = |error: &FactError, at: Option<Span>| {
            let problem = Problem::new(error);
            problems.push(match at {
                Some(at) => problem.at(source, at, "not understood"),
                None => problem.in_file(source.name()),
            });
        };
        let channels: Vec<&str> = KNOWN_CHANNELS
            .into_iter()
            .chain(channels.iter().map(String::as_str))
            .collect();
        let truths = TRUTHS.map(|key| (key, &["true", "false"][..]));
        for (key, known) in [
            ("channel", channels.as_slice()),
            ("account", &ACCOUNTS),
            ("author_role", &ROLES),
        ]
        .into_iter()
        .chain(truths)
        {
            let Some(fact) = self.stated.get_mut(key) else {
                continue;
            };
            let lower = fact.value.trim().to_lowercase();
            let lower = match truth(&lower) {
                Some(truth) if TRUTHS.contains(&key) => truth.to_string(),
                _ if key == "channel" && lower == "twitter" => "x".to_owned(),
                _ => lower,
            };
            if known.contains(&lower.as_str()) {
                fact.value = lower;
                continue;
            }
            let error = FactError::UnknownValue {
                key: key.to_owned(),
                value: fact.value.clone(),
                nearest: nearest(&fact.value, known.iter().copied()).map(str::to_owned),
                known: known.join(", "),
            };
            report(&error, fact.at);
            self.stated.remove(key);
        }
        if let Some(fact) = self.stated.get("language") {
            match fact.value.parse() {
                Ok(lang) => self.lang = Some(lang),
                Err(_) => report(
                    &FactError::NoLanguage {
                        key: "language".to_owned(),
                        value: fact.value.clone(),
                    },
                    fact.at,
                ),
            }
        }
        // The draft's own date, however it is called, is stronger than one stated outside.
        let dates = || {
            ["publish_at", "publish_date", "date"]
                .iter()
                .filter_map(|key| self.stated.get(*key).map(|fact| (*key, fact)))
        };
        let date = dates()
            .find(|(_, fact)| fact.at.is_some())
            .or_else(|| dates().next());
        if let Some((key, fact)) = date {
            match instant(&fact.value, zone, Bound::Start) {
                Ok(at) => self.publish_at = Some(at),
                Err(_) => report(
                    &FactError::NoDate {
                        key: key.to_owned(),
                        value: fact.value.clone(),
                    },
                    fact.at,
                ),
            }
        }
    }

    /// A stated fact by its key in snake case.
    pub fn get(&self, key: &str) -> Option<&Fact> {
        self.stated.get(key)
    }

    /// The value of a fact: as stated, else `false` for what is false when nobody says it.
    pub fn value(&self, key: &str) -> Option<&str> {
        let unsaid = TRUTHS.contains(&key).then_some("false");
        self.get(key).map(|fact| fact.value.as_str()).or(unsaid)
    }

    /// Where it will be published, if known.
    pub fn channel(&self) -> Option<&str> {
        self.get("channel").map(|fact| fact.value.as_str())
    }

    /// Its language, if known.
    pub fn lang(&self) -> Option<Lang> {
        self.lang
    }

    /// When it will be published, if known.
    pub fn publish_at(&self) -> Option<Timestamp> {
        self.publish_at
    }
}

/// What people put into a cell that asks a question, in five languages.
fn truth(word: &str) -> Option<bool> {
    match word {
        "true" | "yes" | "y" | "1" | "sì" | "si" | "sí" | "da" | "vero" | "verdadero"
        | "adevărat" | "cert" => Some(true),
        "false" | "no" | "n" | "0" | "nu" | "falso" | "fals" => Some(false),
        _ => None,
    }
}

/// The one name of a fact that has several.
fn canonical(key: &str) -> String {
    let key = snake_case(key);
    match key.as_str() {
        "role" => "author_role".to_owned(),
        "lang" => "language".to_owned(),
        _ => key,
    }
}

pub(super) fn snake_case(key: &str) -> String {
    let mut snake = String::with_capacity(key.len() + 4);
    for letter in key.trim().chars() {
        if letter.is_uppercase() {
            if !snake.is_empty() && !snake.ends_with('_') {
                snake.push('_');
            }
            snake.extend(letter.to_lowercase());
        } else if matches!(letter, '-' | ' ') {
            snake.push('_');
        } else {
            snake.push(letter);
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drafts_own_word_wins_and_camel_case_is_read() {
        let mut outside = StatedFacts::default();
        outside.set("channel", "x");
        outside.set("lang", "en");
        let source = Arc::new(Source::from_text("d.md", "Channel: LinkedIn"));
        let at = Span::covering(source.text(), 9..17);
        let mut facts = Facts::new(&outside);
        facts.set_own("channel", "LinkedIn", at);
        facts.set_own("publishDate", "2026-12-01", at);
        facts.set_own("weather", "fine", at);
        let mut problems = Vec::new();
        facts.settle(&source, &[], &TimeZone::UTC, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(facts.channel(), Some("linkedin"));
        assert_eq!(facts.lang().unwrap().as_str(), "en");
        assert_eq!(
            facts.publish_at(),
            Some("2026-12-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(facts.get("weather"), None);
    }

    #[test]
    fn a_value_out_of_its_list_is_a_problem_at_its_place() {
        let source = Arc::new(Source::from_text("d.md", "linkdin"));
        let at = Span::covering(source.text(), 0..7);
        let mut facts = Facts::new(&StatedFacts::default());
        facts.set_own("channel", "linkdin", at);
        let mut problems = Vec::new();
        facts.settle(&source, &[], &TimeZone::UTC, &mut problems);
        assert_eq!(problems[0].message, "`channel: linkdin` is not known");
        assert!(
            problems[0]
                .help
                .as_ref()
                .unwrap()
                .starts_with("did you mean `linkedin`?")
        );
        assert_eq!(problems[0].place.as_ref().unwrap().span, at);
        assert_eq!(facts.channel(), None);
    }
}
