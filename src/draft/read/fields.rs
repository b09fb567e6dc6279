//! The fields of an object: front matter, an entry of a content system, a post in a calendar.
//!
//! Each value is a segment of its own, what it is to a reader is told by its key. A rich text, which
//! content systems keep as a tree, is read as the blocks that its readers see.

use std::sync::Arc;

use super::cell::{add_post, add_value};
use super::columns::{Role, is_locale, of_path};
use super::{ReadOptions, TextFormat};
use crate::draft::build::DraftBuilder;
use crate::draft::{Alt, Facts, Scope, Waiver};
use crate::text::yaml::{Key, Node, Value};
use crate::text::{Lang, MappedText, Span, json};

/// How strings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Yaml,
    Toml,
    Json,
}

/// Reads the fields of one draft.
pub(super) struct Fields<'d> {
    pub(super) builder: &'d mut DraftBuilder,
    pub(super) facts: &'d mut Facts,
    pub(super) options: &'d ReadOptions,
    pub(super) syntax: Syntax,
    /// Whether a text is a post with paragraphs of its own, and not a line of front matter.
    pub(super) posts: bool,
}

impl Fields<'_> {
    /// Adds everything that `node` holds; `path` are the keys above it.
    pub(super) fn add<'n>(&mut self, node: &'n Node, path: &mut Vec<&'n str>) {
        match &node.value {
            Value::Null => {}
            Value::Scalar(words) => self.value(node.at, words, path),
            Value::List(items) => {
                for item in items {
                    self.add(item, path);
                }
            }
            Value::Map(_) if is_rich(node) => self.rich(node, path),
            Value::Map(entries) => {
                let picture = entries.iter().any(|(key, value)| {
                    key.text == "contentType"
                        && scalar(value).is_some_and(|t| t.starts_with("image"))
                });
                let (pictures, segments) = (self.builder.pictures(), self.builder.segments());
                for (key, value) in entries {
                    path.push(&key.text);
                    match path.as_slice() {
                        // Waivers are instructions to Clearpost, not text of the page.
                        ["clearpost"] => self.instructions(value),
                        ["waiver"] => self.waivers(value, "waiver"),
                        _ => {
                            self.state(path, value);
                            if picture && key.text == "url" {
                                path.insert(path.len() - 1, "image");
                                self.add(value, path);
                                path.remove(path.len() - 2);
                            } else {
                                self.add(value, path);
                            }
                        }
                    }
                    path.pop();
                }
                if self.builder.pictures() > pictures {
                    self.describe(entries, path, pictures, segments);
                }
            }
        }
    }

    /// Gives the pictures that an object holds, from number `first` on, the text that it has for
    /// them, if it has a key for one.
    fn describe<'n>(
        &mut self,
        entries: &'n [(Key, Node)],
        path: &mut Vec<&'n str>,
        first: usize,
        segments: usize,
    ) {
        let mut role_of = |key: &'n Key| {
            path.push(&key.text);
            let role = of_path(path, &self.options.fields);
            path.pop();
            role
        };
        let own = entries
            .iter()
            .find(|(key, _)| role_of(key) == Role::Piece(Scope::Alt));
        // An asset of a content system is a file with a description.
        let is_asset = || entries.iter().any(|(key, _)| key.text == "file");
        let described = own.or_else(|| {
            let mut entries = entries.iter();
            entries.find(|(key, _)| key.text == "description" && is_asset())
        });
        let alt = match described {
            None if entries.iter().any(|(key, _)| key.text == "src") => Alt::Missing,
            None => return,
            Some((key, value)) if is_blank(value) => {
                let text = self.builder.source().text();
                let whole = key.at.start()..value_end(value);
                let at = Span::covering(text, whole);
                Alt::Empty { at }
            }
            Some(_) => {
                let scope = if own.is_some() {
                    Scope::Alt
                } else {
                    Scope::Body
                };
                let said = self.builder.last_of(&scope, segments);
                said.map_or(Alt::Nowhere, Alt::Text)
            }
        };
        self.builder.describe_pictures(first, &alt);
    }

    /// Reads what is said to Clearpost: so far only waivers.
    fn instructions(&mut self, node: &Node) {
        let entries = match &node.value {
            Value::Map(entries) => entries,
            // An earlier run wrote its findings here.
            Value::List(_) if self.syntax == Syntax::Json => return,
            _ => return self.waivers(node, "clearpost"),
        };
        for (key, value) in entries {
            if key.text == "waive" {
                self.waivers(value, "clearpost.waive");
            } else {
                let scope = Scope::Metadata("clearpost".to_owned());
                let source = Arc::clone(self.builder.source());
                let waiver = Waiver::unknown_key(&source, key, scope, "waive");
                self.builder.waive(waiver);
            }
        }
    }

    /// Adds a waiver, or a list of them, for the whole draft.
    fn waivers(&mut self, node: &Node, path: &str) {
        let source = Arc::clone(self.builder.source());
        let items = match &node.value {
            Value::Null => &[],
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for item in items {
            let scope = Scope::Metadata(path.to_owned());
            self.builder.waive(Waiver::from_map(&source, item, scope));
        }
    }

    /// States the fact that stands under `path`, if it is one of the draft's own.
    fn state(&mut self, path: &[&str], value: &Node) {
        // A fact may stand under a language and inside `fields` or `sys`, nowhere deeper.
        let own: Vec<&str> = path
            .iter()
            .copied()
            .filter(|key| {
                !is_locale(key) && !matches!(*key, "fields" | "sys" | "meta" | "metadata")
            })
            .collect();
        let [key] = own.as_slice() else { return };
        let key = match *key {
            "publishedAt" | "published_at" | "scheduledAt" | "scheduled_at" => "publish_at",
            key => match of_path(path, &self.options.fields) {
                Role::Id => {
                    if let Some(id) = scalar(value).filter(|id| !id.is_empty()) {
                        self.builder.set_record_id(id);
                    }
                    return;
                }
                Role::Fact(fact) => return self.state_as(&fact, value),
                _ => key,
            },
        };
        self.state_as(key, value);
    }

    fn state_as(&mut self, key: &str, value: &Node) {
        match &value.value {
            Value::Scalar(words) if !words.trim().is_empty() => {
                self.facts.set_own(key, words, value.at);
            }
            Value::List(items) => {
                let words: Vec<&str> = items.iter().filter_map(scalar).collect();
                if !words.is_empty() {
                    self.facts.set_own(key, &words.join(", "), value.at);
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, at: Span, words: &str, path: &[&str]) {
        let role = of_path(path, &self.options.fields);
        if role == Role::Ignored {
            return;
        }
        let text = self.mapped(at, words);
        let lang = language(path);
        let scope = match role {
            Role::Text if self.posts => {
                let format = self.options.text_format;
                return add_post(self.builder, text, format, lang);
            }
            Role::Text => Scope::Body,
            Role::Piece(scope) => scope,
            Role::Fact(key) if key == "first_comment" => Scope::Body,
            Role::Fact(key) => Scope::Metadata(key),
            Role::Waiver => return self.builder.waive_text(&text, &path.join(".")),
            Role::Date | Role::Time | Role::Id | Role::Ignored => Scope::Metadata(path.join(".")),
        };
        if self.posts && scope == Scope::Body {
            add_post(self.builder, text, TextFormat::Plain, lang);
        } else {
            add_value(self.builder, scope, text, lang);
        }
    }

    /// The text of a string, with the way back to what is written.
    fn mapped(&self, at: Span, words: &str) -> MappedText {
        let source = Arc::clone(self.builder.source());
        let raw = &source.text()[at.range()];
        // The words lie between the quotation marks, if there are any: one, or three in TOML.
        let quotes = ["\"\"\"", "\'\'\'", "\"", "\'"]
            .into_iter()
            .filter(|mark| self.syntax == Syntax::Toml || mark.len() == 1)
            .find(|mark| {
                raw.len() >= 2 * mark.len() && raw.starts_with(mark) && raw.ends_with(mark)
            })
            .map_or(0, str::len);
        let inner = &raw[quotes..raw.len() - quotes];
        let double = quotes > 0 && raw.starts_with('"');
        let syntax = self.syntax;
        let mut text = MappedText::default();
        text.push_decoded(
            words,
            inner,
            at.start() + quotes,
            |rest, letter| match syntax {
                Syntax::Json => json::escape(rest, letter),
                _ if double => backslash(rest),
                _ => doubled_quote(rest, letter),
            },
        );
        text
    }

    /// Adds the blocks of a rich text.
    fn rich(&mut self, node: &Node, path: &[&str]) {
        let mut block = MappedText::default();
        self.rich_node(node, path, &mut block);
        self.end_block(&mut block, path);
    }

    fn rich_node(&mut self, node: &Node, path: &[&str], block: &mut MappedText) {
        match &node.value {
            Value::List(items) => {
                for item in items {
                    self.rich_node(item, path, block);
                }
            }
            Value::Map(entries) => {
                let kind = kind_of(entries);
                if let Some(text) = inline_text(entries, kind) {
                    if let Value::Scalar(words) = &text.value {
                        let text = self.mapped(text.at, words);
                        block.push_joined(&text);
                    }
                    self.addresses(entries, path);
                    return;
                }
                if matches!(kind, Some("hardBreak" | "linebreak" | "hard_break")) {
                    block.push_unmapped("\n");
                    return;
                }
                let inline = kind.is_some_and(is_inline);
                if !inline {
                    self.end_block(block, path);
                }
                self.addresses(entries, path);
                for (key, value) in entries {
                    if matches!(key.text.as_str(), "content" | "children" | "root") {
                        self.rich_node(value, path, block);
                    }
                }
                if !inline {
                    self.end_block(block, path);
                }
            }
            Value::Null | Value::Scalar(_) => {}
        }
    }

    fn end_block(&mut self, block: &mut MappedText, path: &[&str]) {
        let block = std::mem::take(block);
        if !block.text().trim().is_empty() {
            add_value(self.builder, Scope::Body, block, language(path));
        }
    }

    /// Adds what a node of a rich text says besides its text: where links lead, texts of pictures.
    fn addresses(&mut self, entries: &[(Key, Node)], path: &[&str]) {
        for (key, value) in entries {
            let scope = match key.text.as_str() {
                "uri" | "url" | "href" => Scope::Link,
                "src" => Scope::Image,
                "alt" => Scope::Alt,
                "title" | "caption" => Scope::Body,
                "data" | "attrs" | "attributes" | "marks" | "fields" | "target" => {
                    match &value.value {
                        Value::Map(entries) => self.addresses(entries, path),
                        Value::List(items) => {
                            for item in items {
                                if let Value::Map(entries) = &item.value {
                                    self.addresses(entries, path);
                                }
                            }
                        }
                        _ => {}
                    }
                    continue;
                }
                _ => continue,
            };
            if let Value::Scalar(words) = &value.value {
                let text = self.mapped(value.at, words);
                add_value(self.builder, scope, text, language(path));
            }
        }
    }
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(words) => Some(words),
        _ => None,
    }
}

/// Whether a value holds no words at all.
fn is_blank(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Scalar(words) => words.trim().is_empty(),
        Value::List(items) => items.iter().all(is_blank),
        Value::Map(entries) => entries.iter().all(|(_, value)| is_blank(value)),
    }
}

/// Where the last of a value ends: a map is known by where it begins.
fn value_end(node: &Node) -> usize {
    let inside = match &node.value {
        Value::List(items) => items.last().map(value_end),
        Value::Map(entries) => entries.last().map(|(_, value)| value_end(value)),
        Value::Null | Value::Scalar(_) => None,
    };
    inside.map_or(node.at.end(), |end| end.max(node.at.end()))
}

/// The language under whose code a field stands.
fn language(path: &[&str]) -> Option<Lang> {
    path.iter()
        .rev()
        .take(2)
        .find(|key| is_locale(key))
        .and_then(|key| key.parse().ok())
}

type Entries = [(Key, Node)];

fn kind_of(entries: &Entries) -> Option<&str> {
    entries
        .iter()
        .find(|(key, _)| matches!(key.text.as_str(), "nodeType" | "type" | "_type"))
        .and_then(|(_, value)| scalar(value))
}

/// Whether an object is the root of a rich text: it has a kind and nodes inside it.
fn is_rich(node: &Node) -> bool {
    let Value::Map(entries) = &node.value else {
        return false;
    };
    let has_nodes = |entries: &Entries| {
        entries.iter().any(|(key, value)| {
            matches!(key.text.as_str(), "content" | "children")
                && matches!(&value.value, Value::List(_))
        })
    };
    if kind_of(entries).is_some() && has_nodes(entries) {
        return true;
    }
    // Lexical wraps its tree in `root`.
    entries.iter().any(|(key, value)| {
        key.text == "root"
            && matches!(&value.value, Value::Map(inner) if kind_of(inner).is_some() && has_nodes(inner))
    })
}

/// The text of a node that is a run of text.
fn inline_text<'n>(entries: &'n Entries, kind: Option<&str>) -> Option<&'n Node> {
    if !matches!(kind, None | Some("text" | "span" | "code-highlight")) {
        return None;
    }
    entries
        .iter()
        .find(|(key, _)| matches!(key.text.as_str(), "value" | "text"))
        .map(|(_, value)| value)
}

fn is_inline(kind: &str) -> bool {
    matches!(
        kind,
        "hyperlink"
            | "link"
            | "autolink"
            | "mark"
            | "a"
            | "entry-hyperlink"
            | "asset-hyperlink"
            | "mention"
            | "hashtag"
            | "strong"
            | "em"
    )
}

/// The length of a backslash escape at the start of `rest`, as YAML and TOML write them.
fn backslash(rest: &str) -> Option<usize> {
    let mut letters = rest.strip_prefix('\\')?.chars();
    let next = letters.next()?;
    let digits = match next {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    Some(1 + next.len_utf8() + digits)
}

/// In single quotes YAML writes a quotation mark twice.
fn doubled_quote(rest: &str, letter: char) -> Option<usize> {
    (letter == '\'' && rest.starts_with("''")).then_some(2)
}

/// A list of posts in a document, and what else of it is read.
pub(super) struct Posts<'n> {
    /// The objects, with their numbers; `None` for a document that is one post.
    pub(super) posts: Vec<(Option<usize>, &'n Node)>,
}

/// Keys under which exports keep their posts.
const LISTS: [&str; 10] = [
    "entries", "items", "posts", "drafts", "records", "results", "data", "calendar", "nodes",
    "assets",
];

/// The posts of a document: the items of a list, those under a key that lists have, or the document
/// itself.
pub(super) fn posts(root: &Node) -> Posts<'_> {
    let of_list = |items: &'_ [Node]| -> bool {
        !items.is_empty() && items.iter().all(|item| matches!(item.value, Value::Map(_)))
    };
    let mut found = Vec::new();
    match &root.value {
        Value::List(items) => found.extend((1..).map(Some).zip(items)),
        Value::Map(entries) if !is_rich(root) => {
            for (key, value) in entries {
                if let Value::List(items) = &value.value
                    && LISTS.contains(&key.text.as_str())
                    && of_list(items)
                {
                    found.extend((1..).map(Some).zip(items));
                }
            }
            if found.is_empty() {
                found.push((None, root));
            }
        }
        _ => found.push((None, root)),
    }
    Posts { posts: found }
}
