//! Options: flags beat the environment, which beats the configuration, which beats the default.

use clap::ArgMatches;
use clap::parser::ValueSource;
use jiff::Timestamp;

use super::args::RuleArgs;
use super::config::Config;
use super::terminal::locale_language;
use crate::engine::Selection;
use crate::text::shape::nearest;
use crate::text::{Lang, Problem};

/// A value and who set it.
#[derive(Clone, Debug)]
pub(super) struct Set<T> {
    pub(super) value: T,
    pub(super) origin: String,
    /// Whether a flag or the environment set it.
    pub(super) typed: bool,
}

/// A flag whose value is not understood.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum OptionError {
    #[error("`--{flag} {value}` is not known")]
    #[diagnostic(code(clearpost::usage::unknown_value), help("{help}"))]
    UnknownValue {
        flag: String,
        value: String,
        help: String,
    },
    #[error("`--{flag} {value}` is not {wanted}")]
    #[diagnostic(code(clearpost::usage::malformed_value), help("write {example}"))]
    Malformed {
        flag: String,
        value: String,
        wanted: &'static str,
        example: &'static str,
    },
}

/// Where a typed value came from: the flag or its variable.
pub(super) fn typed_origin(matches: &ArgMatches, id: &str, flag: &str) -> String {
    match matches.value_source(id) {
        Some(ValueSource::EnvVariable) => {
            format!("CLEARPOST_{}", flag.to_uppercase().replace('-', "_"))
        }
        _ => format!("--{flag}"),
    }
}

/// Picks the strongest of a typed value, the configuration's and the default.
pub(super) fn layered<T>(
    typed: Option<T>,
    typed_origin: impl FnOnce() -> String,
    configured: Option<T>,
    config: &Config,
    default: T,
) -> Set<T> {
    if let Some(value) = typed {
        return Set {
            value,
            origin: typed_origin(),
            typed: true,
        };
    }
    if let Some(value) = configured {
        let origin = config
            .path
            .as_ref()
            .map_or_else(String::new, |path| path.display().to_string());
        return Set {
            value,
            origin,
            typed: false,
        };
    }
    Set {
        value: default,
        origin: "default".to_owned(),
        typed: false,
    }
}

/// A typed word as one of the known ones; an unknown one is a problem.
pub(super) fn word<T: Copy>(
    text: Option<&str>,
    flag: &str,
    known: &[(&str, T)],
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let text = text?;
    let found = known
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value);
    if found.is_none() {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let help = nearest(text, words.iter().copied())
            .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        problems.push(Problem::new(&OptionError::UnknownValue {
            flag: flag.to_owned(),
            value: text.to_owned(),
            help: format!("{help}One of: {}", words.join(", ")),
        }));
    }
    found
}

/// The language of messages: typed, configured, the locale's, English.
pub(super) fn messages(
    args: &RuleArgs,
    matches: &ArgMatches,
    config: &Config,
    problems: &mut Vec<Problem>,
) -> Set<Lang> {
    let typed = args
        .messages
        .as_deref()
        .and_then(|text| lang(text, "messages", problems));
    let mut set = layered(
        typed,
        || typed_origin(matches, "messages", "messages"),
        config.messages,
        config,
        Lang::EN,
    );
    if set.origin == "default"
        && let Some(lang) = locale_language()
    {
        set = Set {
            value: lang,
            origin: "locale".to_owned(),
            typed: false,
        };
    }
    set
}

/// A typed language code.
pub(super) fn lang(text: &str, flag: &str, problems: &mut Vec<Problem>) -> Option<Lang> {
    let parsed = text.parse().ok();
    if parsed.is_none() {
        problems.push(Problem::new(&OptionError::Malformed {
            flag: flag.to_owned(),
            value: text.to_owned(),
            wanted: "a language",
            example: "a code such as en, it, es, ro or ca",
        }));
    }
    parsed
}

/// The instant that stands for now: typed, else the clock's.
pub(super) fn now(text: Option<&str>, problems: &mut Vec<Problem>) -> Timestamp {
    let Some(text) = text else {
        return Timestamp::now();
    };
    let zone = jiff::tz::TimeZone::UTC;
    crate::text::time::instant(text, &zone, crate::text::time::Bound::Start).unwrap_or_else(|_| {
        problems.push(Problem::new(&OptionError::Malformed {
            flag: "now".to_owned(),
            value: text.to_owned(),
            wanted: "an instant",
            example: "2026-11-20T00:00:00Z",
        }));
        Timestamp::now()
    })
}

/// Which rules are in force: what is typed replaces what is configured.
pub(super) fn selection(args: &RuleArgs, config: &Config) -> Selection {
    let pick = |typed: &Vec<String>, configured: &Vec<String>| {
        if typed.is_empty() {
            configured.clone()
        } else {
            typed.clone()
        }
    };
    Selection {
        clauses: pick(&args.clauses, &config.clause),
        only: pick(&args.only, &config.only),
        exclude: pick(&args.exclude, &config.exclude_rules),
    }
}
