//! Rules of textlint's prh: what is expected, and the spellings that it stands for.

use std::sync::Arc;

use super::{Found, LooksFor, NewRule, get, is_plain, is_true, literal, place, text, texts};
use crate::kind::pattern::PatternSpec;
use crate::text::Source;
use crate::text::yaml::{Node, Value};

/// Reads one file.
pub(super) fn file(source: &Arc<Source>, root: &Node, found: &mut Found) {
    if let Some(imports) = get(root, "imports") {
        for (name, node) in texts(imports) {
            let reason =
                format!("“{name}” is another file: name its folder, and it is read as well");
            found.leave_out(place(source, node), reason);
        }
    }
    if let Some(targets) = get(root, "targets") {
        found.leave_out(
            place(source, targets),
            "which files are looked at is said in clearpost.yaml",
        );
    }
    let Some(Value::List(rules)) = get(root, "rules").map(|node| &node.value) else {
        found.leave_out(
            source.name(),
            "this is no file of prh: it has no list of `rules:`",
        );
        return;
    };
    for entry in rules {
        rule(source, entry, found);
    }
}

fn rule(source: &Source, entry: &Node, found: &mut Found) {
    let from = place(source, entry);
    // The short form: the text alone.
    let expected = text(entry).or_else(|| get(entry, "expected").and_then(text));
    let Some(expected) = expected else {
        found.leave_out(from, "no `expected:` says what to write");
        return;
    };
    let patterns: Vec<(&str, &Node)> = ["pattern", "patterns"]
        .into_iter()
        .filter_map(|key| get(entry, key))
        .flat_map(texts)
        .collect();
    if patterns.is_empty() {
        found.leave_out(
            from,
            format!(
                "“{expected}” in other letters: a pack cannot ask that a word be spelt in one way"
            ),
        );
        return;
    }
    if get(entry, "regexpMustEmpty").is_some() {
        found.leave_out(
            from,
            "`regexpMustEmpty` looks at a part of the match, which a pattern here cannot",
        );
        return;
    }
    let bounded = get(entry, "options").is_some_and(|options| is_true(options, "wordBoundary"));
    let mut examples = Vec::new();
    for (number, (pattern, node)) in patterns.into_iter().enumerate() {
        let made = match expression(pattern) {
            Some((body, flags)) => format!("{flags}{body}"),
            None => {
                examples.extend(is_plain(pattern).then(|| pattern.to_owned()));
                escape(pattern)
            }
        };
        let made = if bounded {
            format!("\\b(?:{made})\\b")
        } else {
            made
        };
        if let Err((error, _)) = PatternSpec::new(&made) {
            found.leave_out(place(source, node), format!("“{pattern}”: {error}"));
            continue;
        }
        let prh = get(entry, "prh").and_then(text);
        found.rules.push(NewRule {
            name: match number {
                0 => expected.to_owned(),
                more => format!("{expected}-{}", more + 1),
            },
            severity: Some("warning"),
            message: format!("Write “{}” in place of “{{match}}”.", literal(expected)),
            description: prh.map(str::to_owned),
            // What a group found cannot be put in.
            instead: (!expected.contains('$')).then(|| literal(expected)),
            examples: std::mem::take(&mut examples),
            looks_for: LooksFor::Pattern(made),
            from: place(source, node),
            ..NewRule::default()
        });
    }
    if let Some(specs) = get(entry, "specs") {
        found.differs(
            place(source, specs),
            "`specs` do not say where the words stand: write them as `examples:` with [[ and ]]",
        );
    }
}

/// The body of `/…/flags`, and its flags here.
fn expression(pattern: &str) -> Option<(&str, &'static str)> {
    let (body, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let is_flags = flags.chars().all(|flag| flag.is_ascii_lowercase());
    is_flags.then_some((body, if flags.contains('i') { "(?i)" } else { "" }))
}

/// Text as a pattern that finds it as it is.
fn escape(text: &str) -> String {
    regex_syntax::escape(text)
}
