//! Word lists of alex and of retext-equality: YAML lists of what is inconsiderate and what to write
//! instead.

use std::sync::Arc;

use super::{Found, LooksFor, NewRule, get, is_plain, literal, place, text, texts};
use crate::text::Source;
use crate::text::yaml::{Node, Value};

/// Reads one file.
pub(super) fn file(source: &Arc<Source>, list: &Node, found: &mut Found) {
    let Value::List(entries) = &list.value else {
        found.leave_out(
            source.name(),
            "this is no list of entries with `inconsiderate:`",
        );
        return;
    };
    for entry in entries {
        let from = place(source, entry);
        let words = get(entry, "inconsiderate").map(texts).unwrap_or_default();
        if words.is_empty() {
            found.leave_out(from, "no `inconsiderate:` says what to look for");
            continue;
        }
        if get(entry, "type").and_then(text) == Some("and") {
            found.leave_out(
                from,
                "these words count only if both stand there: write such a rule with `all:`",
            );
            continue;
        }
        let better: Vec<&str> = get(entry, "considerate")
            .map(texts)
            .unwrap_or_default()
            .into_iter()
            .map(|(word, _)| word)
            .collect();
        let mut terms = Vec::new();
        for (word, _) in words {
            if is_plain(word) {
                terms.push(word.to_owned());
            } else {
                found.leave_out(
                    from.clone(),
                    format!("“{word}” has signs that mean something else in a pack"),
                );
            }
        }
        let Some(first) = terms.first().cloned() else {
            continue;
        };
        let message = match better.as_slice() {
            [] => "“{match}” may hurt people. Is there another word for it?".to_owned(),
            better => format!(
                "“{{match}}” may hurt people. You could write “{}”.",
                literal(&better.join("” or “"))
            ),
        };
        for key in ["condition", "parts"] {
            if let Some(node) = get(entry, key) {
                found.leave_out(
                    place(source, node),
                    format!("`{key}` has no counterpart here"),
                );
            }
        }
        found.rules.push(NewRule {
            name: first.clone(),
            severity: Some("warning"),
            message,
            description: get(entry, "note").and_then(text).map(str::to_owned),
            instead: match better.as_slice() {
                [one] => Some(literal(one)),
                _ => None,
            },
            examples: vec![first],
            looks_for: LooksFor::Terms(terms),
            from,
            ..NewRule::default()
        });
    }
}
