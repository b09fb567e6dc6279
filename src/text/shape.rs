//! Reading a [`Node`] tree into types, with every mistake collected and none fatal.
//!
//! A reader takes what is there and reports the rest; callers go on with what they got, so that a
//! pack with five mistakes is told of five.

use std::sync::Arc;

use miette::Diagnostic;

use super::yaml::{Key, Node, Value};
use super::{Lang, LocalText, Problem, Source, Span};

/// A value that is not what its key asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Diagnostic)]
pub enum ShapeError {
    /// A key that nothing reads.
    #[error("unknown key `{key}` in {owner}")]
    #[diagnostic(code(clearpost::yaml::unknown_key), help("{}", unknown_key_help(nearest.as_deref(), known)))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// What it stands in, such as “a rule”.
        owner: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
        /// All known keys, separated by commas.
        known: String,
    },
    /// A key that has to be there.
    #[error("{owner} needs `{key}`")]
    #[diagnostic(code(clearpost::yaml::missing_key), help("add `{key}:`"))]
    MissingKey {
        /// The key.
        key: &'static str,
        /// What it is missing from.
        owner: String,
    },
    /// A list, a map, text, a date … where something else is wanted.
    #[error("`{key}` has to be {wanted}")]
    #[diagnostic(code(clearpost::yaml::wrong_kind), help("write {wanted} here"))]
    WrongKind {
        /// The key, or what the value is.
        key: String,
        /// What is wanted, such as “a list”.
        wanted: &'static str,
    },
    /// A word that is not among the known ones.
    #[error("“{value}” is not known here")]
    #[diagnostic(code(clearpost::yaml::unknown_value), help("{}", unknown_value_help(nearest.as_deref(), known)))]
    UnknownValue {
        /// The word as written.
        value: String,
        /// The known word that looks most like it.
        nearest: Option<String>,
        /// All known words, separated by commas.
        known: String,
    },
}

fn unknown_key_help(nearest: Option<&str>, known: &str) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? Known here: {known}"),
        None => format!("remove it; known here: {known}"),
    }
}

fn unknown_value_help(nearest: Option<&str>, known: &str) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? One of: {known}"),
        None => format!("one of: {known}"),
    }
}

/// The candidate that a person who typed `word` most likely meant, if one is close enough.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Reads one document and keeps its mistakes.
#[derive(Debug)]
pub struct Reader<'p> {
    source: Arc<Source>,
    problems: &'p mut Vec<Problem>,
}

/// A map whose keys are all known.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'n> {
    entries: &'n [(Key, Node)],
    at: Span,
}

impl<'n> Fields<'n> {
    /// The value of `key`, if written.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|(have, _)| have.text == key)
            .map(|(_, value)| value)
    }

    /// The bytes of `key` itself, if written, else of the map's first key.
    pub fn key_at(&self, key: &str) -> Span {
        self.entries
            .iter()
            .find(|(have, _)| have.text == key)
            .or(self.entries.first())
            .map_or(self.at, |(key, _)| key.at)
    }

    /// All entries as written.
    pub fn entries(&self) -> &'n [(Key, Node)] {
        self.entries
    }
}

impl<'p> Reader<'p> {
    /// A reader of `source` that adds to `problems`.
    pub fn new(source: &Arc<Source>, problems: &'p mut Vec<Problem>) -> Self {
        Self {
            source: Arc::clone(source),
            problems,
        }
    }

    /// The document.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// How many mistakes have been reported to the list behind this reader.
    pub fn mistakes(&self) -> usize {
        self.problems.len()
    }

    /// Reports `mistake` at `at`.
    pub fn report(&mut self, mistake: &dyn Diagnostic, at: Span, label: impl Into<String>) {
        self.problems
            .push(Problem::new(mistake).at(&self.source, at, label));
    }

    /// Hands on problems that were found elsewhere.
    pub fn adopt(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }

    /// The root of the document; malformed YAML is reported.
    pub fn root(&mut self) -> Option<Node> {
        let source = Arc::clone(&self.source);
        super::yaml::parse(&source)
            .map_err(|error| self.report(&error, error.at, "here"))
            .ok()
    }

    /// `node` as a map with no keys but `known`; `owner` is what it describes, such as “a rule”.
    pub fn map<'n>(&mut self, node: &'n Node, owner: &str, known: &[&str]) -> Option<Fields<'n>> {
        let fields = self.open_map(node, owner)?;
        for (key, _) in fields.entries {
            if !known.contains(&key.text.as_str()) {
                let error = ShapeError::UnknownKey {
                    key: key.text.clone(),
                    owner: owner.to_owned(),
                    nearest: nearest(&key.text, known.iter().copied()).map(str::to_owned),
                    known: known.join(", "),
                };
                self.report(&error, key.at, "nothing reads this key");
            }
        }
        Some(fields)
    }

    /// `node` as a map with any keys.
    pub fn open_map<'n>(&mut self, node: &'n Node, owner: &str) -> Option<Fields<'n>> {
        match &node.value {
            Value::Map(entries) => Some(Fields {
                entries,
                at: node.at,
            }),
            _ => self.wrong_kind(node, owner, "a map of keys and values"),
        }
    }

    /// The value of `key`, reported if missing.
    pub fn required<'n>(
        &mut self,
        fields: &Fields<'n>,
        key: &'static str,
        owner: &str,
    ) -> Option<&'n Node> {
        let node = fields.get(key);
        if node.is_none() {
            let error = ShapeError::MissingKey {
                key,
                owner: owner.to_owned(),
            };
            self.report(
                &error,
                fields.key_at(key),
                format!("{owner} without `{key}`"),
            );
        }
        node
    }

    /// `node` as text; an empty value is reported.
    pub fn text<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(text) if !text.trim().is_empty() => Some(text),
            _ => self.wrong_kind(node, key, "text"),
        }
    }

    /// `node` as a list of at least one.
    pub fn list<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) if !items.is_empty() => Some(items),
            _ => self.wrong_kind(node, key, "a list of at least one item"),
        }
    }

    /// `node` as a list of texts; one text alone is a list of one.
    pub fn texts(&mut self, node: &Node, key: &str) -> Vec<String> {
        match &node.value {
            Value::Scalar(_) => self
                .text(node, key)
                .map(str::to_owned)
                .into_iter()
                .collect(),
            _ => self
                .list(node, key)
                .unwrap_or_default()
                .iter()
                .filter_map(|item| self.text(item, key).map(str::to_owned))
                .collect(),
        }
    }

    /// `node` as `true` or `false`.
    pub fn truth(&mut self, node: &Node, key: &str) -> Option<bool> {
        match self.text(node, key)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.wrong_kind(node, key, "true or false"),
        }
    }

    /// `node` as a whole number from 1 on.
    pub fn number(&mut self, node: &Node, key: &str) -> Option<u32> {
        match self.text(node, key)?.parse().ok().filter(|n| *n > 0) {
            Some(number) => Some(number),
            None => self.wrong_kind(node, key, "a whole number from 1 on"),
        }
    }

    /// `node` as a whole number, 0 as well.
    pub fn count(&mut self, node: &Node, key: &str) -> Option<u32> {
        match self.text(node, key)?.parse().ok() {
            Some(number) => Some(number),
            None => self.wrong_kind(node, key, "a whole number"),
        }
    }

    /// `node` as one of the known words.
    pub fn one_of<T: Copy>(&mut self, node: &Node, key: &str, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, key)?;
        let found = known
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            self.unknown_value(node.at, text, known.iter().map(|(word, _)| *word));
        }
        found
    }

    /// Reports that `value` at `at` is not among `known`.
    pub fn unknown_value<'k>(
        &mut self,
        at: Span,
        value: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let error = ShapeError::UnknownValue {
            value: value.to_owned(),
            nearest: nearest(value, known.clone()).map(str::to_owned),
            known: known.collect::<Vec<_>>().join(", "),
        };
        self.report(&error, at, "not known");
    }

    /// `node` as text for people: one wording, or a map by language.
    pub fn local_text(&mut self, node: &Node, key: &str) -> Option<LocalText> {
        let Value::Map(entries) = &node.value else {
            return self
                .text(node, key)
                .map(|text| LocalText::All(text.to_owned()));
        };
        let mut texts = Vec::new();
        for (lang, text) in entries {
            let lang = match lang.text.parse::<Lang>() {
                Ok(code) => Some(code),
                Err(error) => {
                    self.report(&error, lang.at, "not a language");
                    None
                }
            };
            let text = self.text(text, key);
            if let (Some(lang), Some(text)) = (lang, text) {
                texts.push((lang, text.to_owned()));
            }
        }
        (!texts.is_empty()).then_some(LocalText::By(texts))
    }

    /// `node` as language codes.
    pub fn langs(&mut self, node: &Node, key: &str) -> Vec<Lang> {
        let mut langs = Vec::new();
        let items = match &node.value {
            Value::Scalar(_) => std::slice::from_ref(node),
            _ => self.list(node, key).unwrap_or_default(),
        };
        for item in items {
            match self.text(item, key).map(str::parse::<Lang>) {
                Some(Ok(lang)) => langs.push(lang),
                Some(Err(error)) => self.report(&error, item.at, "not a language"),
                None => {}
            }
        }
        langs
    }

    fn wrong_kind<T>(&mut self, node: &Node, key: &str, wanted: &'static str) -> Option<T> {
        let error = ShapeError::WrongKind {
            key: key.to_owned(),
            wanted,
        };
        self.report(&error, node.at, format!("not {wanted}"));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_at_its_place() {
        let text = "nmae: x\ncount: []\nlang: {en: hi, 1: no}\n";
        let source = Arc::new(Source::from_text("t.yaml", text));
        let mut problems = Vec::new();
        let mut reader = Reader::new(&source, &mut problems);
        let root = reader.root().unwrap();
        let fields = reader
            .map(&root, "a thing", &["name", "count", "lang"])
            .unwrap();
        reader.required(&fields, "name", "a thing");
        assert!(reader.list(fields.get("count").unwrap(), "count").is_none());
        reader.local_text(fields.get("lang").unwrap(), "lang");
        let seen: Vec<_> = problems
            .iter()
            .map(|problem| {
                let span = problem.place.as_ref().unwrap().span;
                (problem.message.as_str(), &text[span.range()])
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("unknown key `nmae` in a thing", "nmae"),
                ("a thing needs `name`", "nmae"),
                ("`count` has to be a list of at least one item", "["),
                ("“1” is no language", "1"),
            ]
        );
        assert!(
            problems[0]
                .help
                .as_ref()
                .unwrap()
                .starts_with("did you mean `name`?")
        );
    }
}
