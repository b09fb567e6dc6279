//! Styles of Vale → rules. `existence` becomes terms or a pattern, `substitution` terms with what to
//! write instead, `occurrence` a count.
//!
//! Vale tells capitals apart unless a style says `ignorecase: true`; terms of a pack never do. What
//! depends on capitals therefore becomes a pattern, and finds what it found.

use std::path::Path;
use std::sync::Arc;

use super::{Found, LooksFor, NewRule, get, is_plain, is_true, literal, place, stem, text, texts};
use crate::kind::pattern::PatternSpec;
use crate::text::Source;
use crate::text::yaml::{Node, Value};

/// Kinds of styles that no rule can stand for, each with the reason.
const IMPOSSIBLE: [(&str, &str); 9] = [
    (
        "capitalization",
        "a pack cannot ask how a heading is capitalised",
    ),
    ("repetition", "a pack cannot say “the same word twice”"),
    (
        "consistency",
        "a pack cannot ask that of two spellings one is kept to",
    ),
    (
        "conditional",
        "a pack cannot ask that an abbreviation be explained once",
    ),
    ("spelling", "clearpost does not check spelling"),
    (
        "metric",
        "clearpost does not calculate with counts of words and sentences",
    ),
    (
        "readability",
        "clearpost knows other measures: see `limit: { reading_ease: … }`",
    ),
    (
        "sequence",
        "clearpost does not know which words are nouns and verbs",
    ),
    ("script", "clearpost runs no programs of others"),
];

/// Keys that every kind has and that are carried over, or say nothing about what is found.
const SHARED: [&str; 10] = [
    "extends",
    "message",
    "level",
    "description",
    "scope",
    "ignorecase",
    "nonword",
    "exceptions",
    "action",
    "name",
];

/// Reads one style.
pub(super) fn file(source: &Arc<Source>, style: &Node, found: &mut Found) {
    let from = source.name().to_owned();
    let Some(kind) = get(style, "extends").and_then(text) else {
        found.leave_out(from, "this is no style of Vale: it has no `extends:`");
        return;
    };
    if let Some((_, reason)) = IMPOSSIBLE.iter().find(|(known, _)| *known == kind) {
        found.leave_out(from, format!("{kind}: {reason}"));
        return;
    }
    let own: &[&str] = match kind {
        "existence" => &["tokens", "raw", "append"],
        "substitution" => &["swap", "capitalize"],
        "occurrence" => &["token", "max", "min"],
        _ => {
            found.leave_out(
                from,
                format!("clearpost does not know styles of the kind {kind}"),
            );
            return;
        }
    };
    let Some((scopes, is_whole)) = scopes(style, &from, found) else {
        return;
    };
    let mut rule = NewRule {
        name: stem(Path::new(source.name())),
        severity: match get(style, "level").and_then(text) {
            Some("error") => Some("error"),
            Some("suggestion") => Some("note"),
            // What Vale takes where nothing is said.
            _ => Some("warning"),
        },
        description: get(style, "description").and_then(text).map(str::to_owned),
        scopes,
        from,
        ..NewRule::default()
    };
    for (exception, node) in get(style, "exceptions").map(texts).unwrap_or_default() {
        if is_plain(exception) {
            rule.except.push(exception.to_owned());
        } else {
            let reason = format!(
                "the exception “{exception}” is a pattern, and `except` takes words: what it lets through is found"
            );
            found.differs(place(source, node), reason);
        }
    }
    if let Value::Map(entries) = &style.value {
        for (key, node) in entries {
            let known = SHARED.contains(&key.text.as_str()) || own.contains(&key.text.as_str());
            if !known {
                let reason = format!("`{}` has no counterpart here", key.text);
                found.leave_out(place(source, node), reason);
            }
        }
    }
    match kind {
        "existence" => existence(source, style, rule, found),
        "substitution" => substitution(source, style, &rule, found),
        _ => occurrence(source, style, rule, is_whole, found),
    }
}

/// What of a draft a style looks at, and whether it takes the text as a whole. `None`: no rule can look
/// there.
fn scopes(style: &Node, from: &str, found: &mut Found) -> Option<(Vec<&'static str>, bool)> {
    let wanted = get(style, "scope").map(texts).unwrap_or_default();
    let mut scopes = Vec::new();
    let mut is_whole = false;
    for (scope, _) in wanted {
        match scope {
            "text" | "paragraph" | "sentence" | "list" | "blockquote" | "text.md" => {}
            "summary" | "raw" => is_whole = true,
            "alt" | "text.attr.alt" => scopes.push("alt"),
            "link" => scopes.push("link"),
            "code" => scopes.push("code"),
            other if other.starts_with("comment") => scopes.push("comment"),
            other => {
                found.leave_out(from, format!("a draft has no part called “{other}” here"));
                return None;
            }
        }
        if scope == "sentence" && get(style, "extends").and_then(text) == Some("occurrence") {
            found.leave_out(
                from,
                "occurrence: a pack counts in a whole post, not in each sentence",
            );
            return None;
        }
    }
    Some((scopes, is_whole))
}

/// The beginning of a pattern: whether capitals count, and lines.
fn flags(style: &Node, body: &str) -> &'static str {
    match (is_true(style, "ignorecase"), body.contains(['^', '$'])) {
        (true, true) => "(?im)",
        (true, false) => "(?i)",
        (false, true) => "(?m)",
        (false, false) => "",
    }
}

/// A pattern for one of several expressions, as Vale makes it.
fn one_of(style: &Node, parts: &[&str]) -> String {
    let body = parts.join("|");
    let flags = flags(style, &body);
    if is_true(style, "nonword") {
        format!("{flags}(?:{body})")
    } else {
        format!("{flags}\\b(?:{body})\\b")
    }
}

/// Leaves out expressions that a pattern of a pack cannot be.
fn checked<'n>(
    source: &Source,
    parts: Vec<(&'n str, &'n Node)>,
    found: &mut Found,
) -> Vec<&'n str> {
    let mut kept = Vec::new();
    for (part, node) in parts {
        match PatternSpec::new(part) {
            Ok(_) => kept.push(part),
            Err((error, _)) => {
                found.leave_out(place(source, node), format!("“{part}”: {error}"));
            }
        }
    }
    kept
}

/// The message of a style for what `%s` stands for, in its order.
fn message(style: &Node, values: &[&str]) -> String {
    let written = get(style, "message").and_then(text).unwrap_or("“%s”");
    let mut parts = written.split("%s");
    let mut message = literal(parts.next().unwrap_or_default());
    for (number, part) in parts.enumerate() {
        message.push_str(values.get(number).or(values.last()).unwrap_or(&""));
        message.push_str(&literal(part));
    }
    message
}

/// What an `action` of a style puts in place of the match.
fn replacement(style: &Node) -> Option<&str> {
    let action = get(style, "action")?;
    let is_replace = get(action, "name").and_then(text) == Some("replace");
    let params = get(action, "params").map(texts)?;
    (is_replace && params.len() == 1).then(|| params[0].0)
}

fn existence(source: &Source, style: &Node, mut rule: NewRule, found: &mut Found) {
    let of = |key| get(style, key).map(texts).unwrap_or_default();
    let tokens = checked(source, of("tokens"), found);
    let raw: Vec<&str> = of("raw").into_iter().map(|(part, _)| part).collect();
    rule.message = message(style, &["{match}"]);
    if let Some(action) = get(style, "action") {
        rule.instead = replacement(style).map(literal);
        if rule.instead.is_none() {
            found.leave_out(
                place(source, action),
                "only an action that replaces by one wording can be offered",
            );
        }
    }
    let are_plain = tokens.iter().all(|token| is_plain(token));
    rule.examples = tokens
        .iter()
        .filter(|token| is_plain(token))
        .take(2)
        .map(|token| (*token).to_owned())
        .collect();
    rule.looks_for = if raw.is_empty() && tokens.is_empty() {
        found.leave_out(rule.from, "no token is left to look for");
        return;
    } else if raw.is_empty()
        && are_plain
        && is_true(style, "ignorecase")
        && !is_true(style, "nonword")
    {
        LooksFor::Terms(tokens.iter().map(|token| (*token).to_owned()).collect())
    } else if raw.is_empty() {
        LooksFor::Pattern(one_of(style, &tokens))
    } else {
        let mut body = raw.concat();
        if !tokens.is_empty() {
            body = format!("{body}|\\b(?:{})\\b", tokens.join("|"));
        }
        LooksFor::Pattern(format!("{}{body}", flags(style, &body)))
    };
    found.rules.push(rule);
}

fn substitution(source: &Source, style: &Node, shared: &NewRule, found: &mut Found) {
    let Some(Value::Map(swap)) = get(style, "swap").map(|node| &node.value) else {
        found.leave_out(
            shared.from.clone(),
            "no `swap:` says what to replace by what",
        );
        return;
    };
    // Words that become the same are one rule.
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (observed, wanted) in swap {
        let from = place(source, wanted);
        let Some(target) = text(wanted) else {
            found.leave_out(from, "what to write instead is no text");
            continue;
        };
        if let Err((error, _)) = PatternSpec::new(&observed.text) {
            found.leave_out(from, format!("“{}”: {error}", observed.text));
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == target) {
            Some((_, observed_before)) => observed_before.push(&observed.text),
            None => groups.push((target, vec![&observed.text])),
        }
    }
    for (target, observed) in groups {
        let choices: Vec<&str> = target.split('|').collect();
        let shown = literal(&choices.join("” or “"));
        let is_one = choices.len() == 1;
        let refers = target.contains('$');
        let mut rule = NewRule {
            name: format!("{}-{target}", shared.name),
            message: message(style, &[shown.as_str(), "{match}"]),
            instead: (is_one && !refers).then(|| literal(target)),
            ..shared.clone()
        };
        if !is_one || refers {
            let reason = if refers {
                "depends on what was found, so it is named in the message and not offered as a fix"
            } else {
                "is a choice, so it is named in the message and not offered as a fix"
            };
            found.differs(shared.from.clone(), format!("“{target}” {reason}"));
        }
        rule.examples = observed
            .iter()
            .filter(|word| is_plain(word))
            .take(1)
            .map(|word| (*word).to_owned())
            .collect();
        let ignores_case = is_true(style, "ignorecase");
        // In any case the right spelling would be found as well.
        let differs_in_case_only = |word: &&str| {
            choices
                .iter()
                .any(|choice| choice.to_lowercase() == word.to_lowercase())
        };
        let (cased, free): (Vec<&str>, Vec<&str>) =
            observed.into_iter().partition(differs_in_case_only);
        if ignores_case && !cased.is_empty() {
            found.differs(
                shared.from.clone(),
                format!("“{}” is found as it is written only, since “{target}” is the same in other letters", cased.join("”, “")),
            );
        }
        if !cased.is_empty() {
            let body = cased.join("|");
            let mut cased_rule = rule.clone();
            cased_rule.looks_for = LooksFor::Pattern(format!("\\b(?:{body})\\b"));
            cased_rule
                .examples
                .retain(|word| cased.contains(&word.as_str()));
            found.rules.push(cased_rule);
        }
        if free.is_empty() {
            continue;
        }
        rule.examples.retain(|word| free.contains(&word.as_str()));
        let are_plain = free.iter().all(|word| is_plain(word));
        rule.looks_for = if ignores_case && are_plain && !is_true(style, "nonword") {
            LooksFor::Terms(free.iter().map(|word| (*word).to_owned()).collect())
        } else {
            LooksFor::Pattern(one_of(style, &free))
        };
        found.rules.push(rule);
    }
}

/// Expressions with which styles count words.
const WORD: [&str; 5] = [r"\b(\w+)\b", r"\b\w+\b", r"\w+", r"(\w+)", r"[^\s]+"];

fn occurrence(source: &Source, style: &Node, mut rule: NewRule, is_whole: bool, found: &mut Found) {
    let number = |key: &str| -> Option<u32> { get(style, key).and_then(text)?.parse().ok() };
    let Some(token) = get(style, "token") else {
        found.leave_out(rule.from, "no `token:` says what to count");
        return;
    };
    let Some(pattern) = checked(source, texts(token), found).first().copied() else {
        return;
    };
    rule.message = message(style, &["{match}"]);
    if !is_whole && (number("max").is_some_and(|max| max > 0)) {
        found.differs(
            rule.from.clone(),
            "Vale counts in each block of text, a pack in the whole post",
        );
    }
    match (number("max"), number("min").filter(|min| *min > 0)) {
        (None, None) => found.leave_out(rule.from, "neither `max:` nor `min:` says how often"),
        (max, min) => {
            if let Some(min) = min {
                if min == 1 {
                    let looks_for =
                        LooksFor::Require(format!("{}{pattern}", flags(style, pattern)));
                    found.rules.push(NewRule {
                        name: format!("{}-min", rule.name),
                        looks_for,
                        ..rule.clone()
                    });
                } else {
                    found.leave_out(rule.from.clone(), format!("min: {min}: a pack can ask that something be there once, not more often"));
                }
            }
            let Some(max) = max else { return };
            if WORD.contains(&pattern) && rule.scopes.is_empty() {
                rule.looks_for = LooksFor::Words(max);
                rule.message = rule.message.replace("{match}", "{count}");
            } else {
                rule.looks_for = LooksFor::Pattern(format!("{}{pattern}", flags(style, pattern)));
                rule.count = max.checked_add(1).filter(|least| *least > 1);
            }
            found.rules.push(rule);
        }
    }
}
