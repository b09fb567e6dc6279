//! A pack in its one right form: keys in the order of the documentation, the same quotation marks and
//! spaces everywhere. Comments stay, and nothing that the pack says changes.
//!
//! Entries of a map are moved as whole lines, with the comments above them; the spaces are those of
//! `pretty_yaml`. Whatever comes out is read again: if it does not say the same, or lacks a comment,
//! the pack is left as it is.

use std::ops::Range;

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, LineBreak, Quotes};
use yaml_parser::SyntaxKind;

use crate::text::yaml::{self, Key, Node, Value, YamlError};
use crate::text::{Source, Span};

/// Keys of a pack in their order.
const PACK: [&str; 9] = [
    "pack",
    "version",
    "policy",
    "description",
    "content_warning",
    "defaults",
    "extends",
    "changes",
    "rules",
];

/// Keys of a rule in their order: what it is, what is told, what is looked for, where, its proof.
const RULE: [&str; 39] = [
    "id",
    "clause",
    "severity",
    "adjustable",
    "waivable",
    "secret",
    "languages",
    "description",
    "message",
    "terms",
    "terms_from",
    "pattern",
    "require",
    "metadata",
    "identifier",
    "link",
    "limit",
    "density",
    "disguise",
    "mentions",
    "image",
    "all",
    "any",
    "not",
    "in_order",
    "near",
    "within",
    "except",
    "as",
    "resist",
    "inflect",
    "quoted",
    "negated",
    "count",
    "when",
    "unless",
    "instead",
    "fix",
    "examples",
];

const EXAMPLES: [&str; 2] = ["violates", "allows"];

/// No line is too long: a list in brackets stays on one line or on several, as its author wrote it.
const WIDTH: usize = 100_000;

/// Rounds after which a form that still changes is given up.
const ROUNDS: usize = 4;

/// Why a pack is left as it is.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum OrderError {
    #[error("this file is no pack: it has no `pack:` with a name")]
    #[diagnostic(
        code(clearpost::fmt::no_pack),
        help("name packs only; registers and configurations are left as they are")
    )]
    NoPack,
    #[error("this pack cannot be put in order without changing what it says")]
    #[diagnostic(
        code(clearpost::fmt::meaning),
        help(
            "write what stands behind & before the * that repeats it, and one key a line; nothing was changed"
        )
    )]
    Meaning,
    #[error("this pack cannot be put in order without losing a comment")]
    #[diagnostic(
        code(clearpost::fmt::comments),
        help("put comments on lines of their own, above what they are about; nothing was changed")
    )]
    Comments,
    #[error("this pack is written in a way that cannot be put in order: {0}")]
    #[diagnostic(
        code(clearpost::fmt::unusual),
        help("it may be right all the same: `clearpost pack test` says so; nothing was changed")
    )]
    Unusual(String),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Yaml(#[from] YamlError),
}

impl OrderError {
    /// Where it is, if anywhere.
    pub(super) fn at(&self) -> Option<Span> {
        match self {
            Self::Yaml(error) => Some(error.at),
            _ => None,
        }
    }
}

/// The pack in its right form.
///
/// # Errors
///
/// If it is no pack, or cannot be changed without changing what it says.
pub(super) fn in_order(text: &str) -> Result<String, OrderError> {
    let before = parse(text)?;
    let Value::Map(entries) = &before.value else {
        return Err(OrderError::NoPack);
    };
    if !entries.iter().any(|(key, _)| key.text == "pack") {
        return Err(OrderError::NoPack);
    }
    let mut now = text.to_owned();
    for _ in 0..ROUNDS {
        let next = spaced(&moved(&now)?)?;
        if next == now {
            check(&before, text, &now)?;
            return Ok(now);
        }
        now = next;
    }
    Err(OrderError::Unusual("its form does not settle".to_owned()))
}

fn parse(text: &str) -> Result<Node, OrderError> {
    Ok(yaml::parse(&Source::from_text("pack", text))?)
}

/// Whether the new form says what the old one did, comments included.
fn check(before: &Node, old: &str, new: &str) -> Result<(), OrderError> {
    let after = parse(new).map_err(|_| OrderError::Meaning)?;
    if !is_same(before, &after, Level::Pack) {
        return Err(OrderError::Meaning);
    }
    if comments(old)? != comments(new)? {
        return Err(OrderError::Comments);
    }
    Ok(())
}

/// The comments of a text, sorted: they may stand in another order, and none may be missing.
fn comments(text: &str) -> Result<Vec<String>, OrderError> {
    let tree = yaml_parser::parse(text).map_err(|error| OrderError::Unusual(error.to_string()))?;
    let mut found: Vec<String> = tree
        .descendants_with_tokens()
        .filter_map(yaml_parser::SyntaxElement::into_token)
        .filter(|token| token.kind() == SyntaxKind::COMMENT)
        .map(|token| token.text().trim_end().to_owned())
        .collect();
    found.sort();
    Ok(found)
}

/// In which map one is, and therefore which keys may change places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Pack,
    Rule,
    Examples,
    /// A map whose order may mean something: the first language is the one that others fall back to.
    Other,
}

impl Level {
    fn order(self) -> &'static [&'static str] {
        match self {
            Self::Pack => &PACK,
            Self::Rule => &RULE,
            Self::Examples => &EXAMPLES,
            Self::Other => &[],
        }
    }

    /// The level of the value of `key`; of a list, that of its items.
    fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Pack, "rules") => Self::Rule,
            (Self::Rule, "examples") => Self::Examples,
            _ => Self::Other,
        }
    }
}

fn is_same(a: &Node, b: &Node, level: Level) -> bool {
    match (&a.value, &b.value) {
        (Value::Null, Value::Null) => true,
        (Value::Scalar(a), Value::Scalar(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b, level))
        }
        (Value::Map(a), Value::Map(b)) if level == Level::Other => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((key, a), (other, b))| {
                    key.text == other.text && is_same(a, b, Level::Other)
                })
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| {
                    let other = b.iter().find(|(other, _)| other.text == key.text);
                    other.is_some_and(|(_, b)| is_same(a, b, level.below(&key.text)))
                })
        }
        _ => false,
    }
}

/// The text with the keys of each map in their order: the inner maps first, since moving an outer one
/// moves them.
fn moved(text: &str) -> Result<String, OrderError> {
    let mut text = text.to_owned();
    for level in [Level::Examples, Level::Rule, Level::Pack] {
        // The text as its author wrote it was read already.
        let root = parse(&text).map_err(|_| OrderError::Meaning)?;
        let mut moves = Vec::new();
        collect(&text, &root, text.len(), Level::Pack, level, &mut moves);
        for (range, new) in moves.into_iter().rev() {
            text.replace_range(range, &new);
        }
    }
    Ok(text)
}

/// Finds the maps of level `wanted` in `node`, which ends at `end` at the latest.
fn collect(
    text: &str,
    node: &Node,
    end: usize,
    level: Level,
    wanted: Level,
    moves: &mut Vec<(Range<usize>, String)>,
) {
    match &node.value {
        Value::Map(entries) if level == wanted => {
            moves.extend(move_keys(text, entries, end, level.order()));
        }
        Value::Map(entries) => {
            for (number, (key, value)) in entries.iter().enumerate() {
                let below = level.below(&key.text);
                if below == Level::Other {
                    continue;
                }
                let next = entries.get(number + 1);
                let end = next.map_or(end, |(next, _)| line_start(text, next.at.start()));
                collect(text, value, end, below, wanted, moves);
            }
        }
        Value::List(items) => {
            for (number, item) in items.iter().enumerate() {
                let next = items.get(number + 1).and_then(first_byte);
                let end = next.map_or(end, |next| line_start(text, next));
                collect(text, item, end, level, wanted, moves);
            }
        }
        Value::Null | Value::Scalar(_) => {}
    }
}

/// The first byte of the first key of a map, else of the value.
fn first_byte(node: &Node) -> Option<usize> {
    match &node.value {
        Value::Map(entries) => entries.first().map(|(key, _)| key.at.start()),
        _ => Some(node.at.start()),
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// The new text of a map that ends at `end` at the latest, if its keys are to move: each stands on a
/// line of its own and takes the comments above it along.
fn move_keys(
    text: &str,
    entries: &[(Key, Node)],
    end: usize,
    order: &[&str],
) -> Option<(Range<usize>, String)> {
    let place = |key: &Key| {
        let known = order.iter().position(|known| *known == key.text);
        known.unwrap_or(order.len())
    };
    if entries.is_sorted_by_key(|(key, _)| place(key)) {
        return None;
    }
    let first = &entries.first()?.0;
    let start = line_start(text, first.at.start());
    let lead = &text[start..first.at.start()];
    let column = lead.len();
    if !lead.trim_matches([' ', '-']).is_empty() {
        return None;
    }
    // Where the lines of each entry begin, comments above it included.
    let mut starts = Vec::new();
    for (number, (key, _)) in entries.iter().enumerate() {
        let own = line_start(text, key.at.start());
        if number == 0 {
            starts.push(first.at.start());
            continue;
        }
        // A map in braces, or one entered in an unusual way.
        if key.at.start() - own != column || !text[own..key.at.start()].trim().is_empty() {
            return None;
        }
        starts.push(before_comments(text, own, *starts.last()?, column));
    }
    let end = before_comments(text, end, *starts.last()?, column);
    let mut numbers: Vec<usize> = (0..entries.len()).collect();
    numbers.sort_by_key(|number| place(&entries[*number].0));
    let mut new = String::new();
    for (position, number) in numbers.into_iter().enumerate() {
        let from = starts[number];
        let until = starts.get(number + 1).copied().unwrap_or(end);
        let own = if number == 0 {
            from
        } else {
            line_start(text, entries[number].0.at.start())
        };
        let (above, mut lines) = (&text[from..own], text[own..until].to_owned());
        if !lines.ends_with('\n') {
            lines.push('\n');
        }
        new.push_str(above);
        if position == 0 {
            new.push_str(lead);
            new.push_str(lines.trim_start_matches(' '));
        } else {
            if number == 0 {
                new.push_str(&" ".repeat(column));
            }
            new.push_str(&lines);
        }
    }
    Some((start..end, new))
}

/// Goes back from the beginning of a line over blank lines and comments that belong to it: those that
/// stand no deeper than `column`.
fn before_comments(text: &str, at: usize, least: usize, column: usize) -> usize {
    let mut at = at;
    while at > least {
        let line = line_start(text, at - 1);
        if line <= least {
            break;
        }
        let words = text[line..at].trim_end();
        let depth = words.len() - words.trim_start().len();
        let goes_along =
            words.is_empty() || (words.trim_start().starts_with('#') && depth <= column);
        if !goes_along {
            break;
        }
        at = line;
    }
    at
}

fn spaced(text: &str) -> Result<String, OrderError> {
    let line_break = if text.contains("\r\n") {
        LineBreak::Crlf
    } else {
        LineBreak::Lf
    };
    let options = FormatOptions {
        layout: LayoutOptions {
            print_width: WIDTH,
            line_break,
            ..LayoutOptions::default()
        },
        language: LanguageOptions {
            quotes: Quotes::PreferDouble,
            trailing_comma: false,
            trim_trailing_whitespaces: true,
            ..LanguageOptions::default()
        },
    };
    pretty_yaml::format_text(text, &options).map_err(|error| OrderError::Unusual(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_with_their_comments_and_nothing_else_changes() {
        let cases = [
            (
                "keys of a rule",
                "# head\npack: p\nrules:\n  # the first\n  - id: a\n    examples: { allows: [x] }\n    # why\n    terms: [b]   # here\n    clause: SMP-1.1\n    message: |\n      # no comment\n      m\n\n  # the second\n  - { id: c, message: m }\n",
                "# head\npack: p\nrules:\n  # the first\n  - id: a\n    clause: SMP-1.1\n    message: |\n      # no comment\n      m\n    # why\n    terms: [b] # here\n    examples: { allows: [x] }\n\n  # the second\n  - { id: c, message: m }\n",
            ),
            (
                "keys of a pack and of examples, single quotes where they are needed",
                "rules:\n  - message: 'm'\n    id: a\n    pattern: '\\d'\n    examples:\n      allows: [x]\n      # those\n      violates: ['[[y]]']\npack: p\n",
                "pack: p\nrules:\n  - id: a\n    message: \"m\"\n    pattern: '\\d'\n    examples:\n      # those\n      violates: [\"[[y]]\"]\n      allows: [x]\n",
            ),
        ];
        for (name, before, after) in cases {
            let done = in_order(before).unwrap();
            assert_eq!(done, after, "{name}");
            assert_eq!(in_order(&done).unwrap(), done, "{name}");
        }
    }

    #[test]
    fn what_would_change_is_refused() {
        let alias = "pack: p\nrules:\n  - id: a\n    instead: &x y\n    message: *x\n";
        assert!(matches!(in_order(alias), Err(OrderError::Meaning)));
        assert!(matches!(
            in_order("register: clients\n"),
            Err(OrderError::NoPack)
        ));
        assert!(matches!(in_order("[a"), Err(OrderError::Yaml(_))));
    }
}
