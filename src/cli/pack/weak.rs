//! What is weak about rules that are right: they find too much, prove too little, or leave the author
//! of a draft alone.
//!
//! Packs are read once more as they stand, for the places of what there is to say. The program's own
//! packs are not looked at: nobody who uses it can change them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use regex::Regex;

use crate::cli::config::read_source;
use crate::cli::rules::InForce;
use crate::draft::Scopes;
use crate::engine::{ActiveRule, Rulebook, Trial};
use crate::kind::Kind;
use crate::pack::{Example, Rule};
use crate::text::common::common;
use crate::text::fold::{Resist, fold};
use crate::text::yaml::{self, Node, Value};
use crate::text::{Remark, Source, Span, Weight};

/// What there is to say about a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
enum Weakness {
    #[error("“{0}” is only two letters, which stand for many things")]
    #[diagnostic(
        code(clearpost::weak::short_term),
        help("say in which company it counts (`near: […]`) or that it has capitals (`as: name`)")
    )]
    Short(String),
    #[error("this pattern matches where nothing stands at all")]
    #[diagnostic(
        code(clearpost::weak::matches_nothing),
        help("ask for at least one letter: `+` in place of `*`, or take a `?` out")
    )]
    Empty,
    #[error("rule `{rule}` finds something in any sentence, such as “{sentence}”")]
    #[diagnostic(
        code(clearpost::weak::matches_everything),
        help("narrow it down: name more of what it has to find, or what has to stand near it")
    )]
    Everything {
        rule: String,
        sentence: &'static str,
    },
    #[error("rule `{0}` has no example of what it finds")]
    #[diagnostic(
        code(clearpost::weak::no_example),
        help(
            "add `examples: {{violates: [\"… [[words]] …\"]}}`, and `clearpost pack test` proves it"
        )
    )]
    NoViolates(String),
    #[error("rule `{0}` has no example of what it lets through")]
    #[diagnostic(
        code(clearpost::weak::no_allowed_example),
        help("add `allows: [\"…\"]` with something that looks like it and is fine")
    )]
    NoAllows(String),
    #[error("rule `{rule}` is proved by an example of `{other}`")]
    #[diagnostic(
        code(clearpost::weak::same_example),
        help("write another text: two rules with one example may be one rule too many")
    )]
    SameExample { rule: String, other: String },
    #[error("this example stands here a second time")]
    #[diagnostic(code(clearpost::weak::double_example), help("take one of the two out"))]
    DoubleExample,
    #[error("rules `{other}` and `{rule}` both find “{term}”")]
    #[diagnostic(
        code(clearpost::weak::overlap),
        help("take it out of one of the two, or tell them apart by `when:` or `languages:`")
    )]
    Overlap {
        rule: String,
        other: String,
        term: String,
    },
    #[error(
        "rule `{rule}` tells nobody what to do: clause {clause} has no advice, and there is no `instead:`"
    )]
    #[diagnostic(
        code(clearpost::weak::no_advice),
        help("add a paragraph “Instead: …” to the clause, or `instead:` to the rule")
    )]
    NoAdvice { rule: String, clause: String },
}

/// Sentences in which nobody finds anything, by language.
const ORDINARY: [(&str, [&str; 2]); 5] = [
    (
        "en",
        [
            "The bakery on the corner opens at seven.",
            "It rained all morning, and then the sun came out.",
        ],
    ),
    (
        "it",
        [
            "Il panificio all'angolo apre alle sette.",
            "Ha piovuto tutta la mattina, poi è uscito il sole.",
        ],
    ),
    (
        "es",
        [
            "La panadería de la esquina abre a las siete.",
            "Llovió toda la mañana y luego salió el sol.",
        ],
    ),
    (
        "ro",
        [
            "Brutăria din colț se deschide la șapte.",
            "A plouat toată dimineața, apoi a ieșit soarele.",
        ],
    ),
    (
        "ca",
        [
            "El forn de la cantonada obre a les set.",
            "Va ploure tot el matí i després va sortir el sol.",
        ],
    ),
];

/// Where something was first met.
struct First<'r> {
    rule: &'r ActiveRule,
    source: Arc<Source>,
    at: Span,
}

/// What is known of all packs so far.
#[derive(Default)]
struct Known<'r> {
    examples: HashMap<String, First<'r>>,
    terms: HashMap<String, Vec<First<'r>>>,
}

/// What is weak about the rules in force.
pub(super) fn remarks(in_force: &InForce) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut known = Known::default();
    for pack in &in_force.loaded.packs {
        if pack.origin.starts_with("builtin:") {
            continue;
        }
        // A pack that could be read a moment ago and no longer can has nothing to be remarked on.
        let path = std::path::Path::new(&pack.origin);
        let Some(source) = read_source("the pack", path, &mut Vec::new()) else {
            continue;
        };
        let Ok(root) = yaml::parse(&source) else {
            continue;
        };
        for node in root.member("rules").map(Node::items).unwrap_or_default() {
            let Some(id) = node.member("id").and_then(Node::scalar) else {
                continue;
            };
            let name = format!("{}/{id}", pack.name);
            let mut rules = in_force.rulebook.rules().iter();
            let Some(rule) = rules.find(|rule| *rule.id == *name) else {
                continue;
            };
            let written = Written {
                rule,
                node,
                source: &source,
            };
            written.terms(&mut known, &mut remarks);
            written.patterns(&in_force.rulebook, &mut remarks);
            written.examples(&mut known, &mut remarks);
            written.advice(&mut remarks);
        }
    }
    remarks
}

/// A rule as its pack writes it.
struct Written<'r, 'n> {
    rule: &'r ActiveRule,
    node: &'n Node,
    source: &'n Arc<Source>,
}

impl<'r> Written<'r, '_> {
    fn name(&self) -> String {
        self.rule.id.to_string()
    }

    fn warning(&self, weakness: &Weakness, at: Span, label: &'static str) -> Remark {
        Remark::new(Weight::Warning, weakness, self.source, at, label)
    }

    /// The bytes of a key's value, else those of the rule's name.
    fn place(&self, key: &str) -> Span {
        let value = self.node.member(key).or_else(|| self.node.member("id"));
        value.map_or(self.node.at, |node| node.at)
    }

    fn first(&self, at: Span) -> First<'r> {
        First {
            rule: self.rule,
            source: Arc::clone(self.source),
            at,
        }
    }

    fn terms(&self, known: &mut Known<'r>, remarks: &mut Vec<Remark>) {
        let rule = &self.rule.rule;
        if !rule.condition.is_bare_terms() {
            return;
        }
        let narrows = |node: &Node| {
            node.member("near").is_some()
                || node
                    .member("as")
                    .and_then(Node::scalar)
                    .is_some_and(|text| text == "name" || text == "exact")
        };
        for item in self
            .node
            .member("terms")
            .map(Node::items)
            .unwrap_or_default()
        {
            let term_node = item.member("term").unwrap_or(item);
            let Some(term) = term_node.scalar() else {
                continue;
            };
            let is_narrowed = narrows(self.node) || narrows(item);
            let is_common = || common(term, Resist::Typing, &rule.languages).is_some();
            if !is_narrowed && is_two_letters(term) && !is_common() {
                let weakness = Weakness::Short(term.to_owned());
                remarks.push(self.warning(&weakness, term_node.at, "two letters"));
            }
            let folded = fold(term.trim(), Resist::Typing).text().to_owned();
            let same = known.terms.entry(folded).or_default();
            let other = same
                .iter()
                .find(|other| other.rule.id != self.rule.id && may_meet(&other.rule.rule, rule));
            match other {
                Some(other) => {
                    let weakness = Weakness::Overlap {
                        rule: self.name(),
                        other: other.rule.id.to_string(),
                        term: term.to_owned(),
                    };
                    let remark = self.warning(&weakness, term_node.at, "the second one");
                    remarks.push(remark.and(&other.source, other.at, "the first one"));
                }
                None => same.push(self.first(term_node.at)),
            }
        }
    }

    fn patterns(&self, rulebook: &Rulebook, remarks: &mut Vec<Remark>) {
        let before = remarks.len();
        let mut patterns = Vec::new();
        all_patterns(self.node, &mut patterns);
        for (text, at) in &patterns {
            // It was compiled when the pack was read.
            if Regex::new(text).is_ok_and(|regex| regex.is_match("")) {
                remarks.push(self.warning(&Weakness::Empty, *at, "matches nothing"));
            }
        }
        let Some((_, at)) = patterns.first().filter(|_| remarks.len() == before) else {
            return;
        };
        let rule = &self.rule.rule;
        let meant = ORDINARY.iter().filter(|(lang, _)| {
            rule.languages.is_empty() || rule.languages.iter().any(|own| own.as_str() == *lang)
        });
        for (_, sentences) in meant {
            if sentences
                .iter()
                .all(|text| self.finds_words(text, rulebook))
            {
                let weakness = Weakness::Everything {
                    rule: self.name(),
                    sentence: sentences[0],
                };
                remarks.push(self.warning(&weakness, *at, "finds something everywhere"));
                return;
            }
        }
    }

    /// Whether the rule finds words in `text`, and not only that something is missing from it.
    fn finds_words(&self, text: &str, rulebook: &Rulebook) -> bool {
        let example = Example {
            text: text.to_owned(),
            marked: Vec::new(),
        };
        let trial = Trial::of(&self.rule.rule, &example, Timestamp::UNIX_EPOCH);
        let found = rulebook.check(&trial.draft, trial.at).findings;
        found
            .iter()
            .any(|finding| finding.rule == self.rule.id && finding.span != trial.draft.head())
    }

    fn examples(&self, known: &mut Known<'r>, remarks: &mut Vec<Remark>) {
        let rule = &self.rule.rule;
        let at = self.place("id");
        if is_of_words(rule) {
            if rule.examples.violates.is_empty() {
                let weakness = Weakness::NoViolates(self.name());
                remarks.push(self.warning(&weakness, at, "nothing proves it"));
            } else if rule.examples.allows.is_empty() {
                let weakness = Weakness::NoAllows(self.name());
                let label = "nothing shows where it stops";
                remarks.push(Remark::new(Weight::Note, &weakness, self.source, at, label));
            }
        }
        let examples = self.node.member("examples");
        let violates = examples.and_then(|node| node.member("violates"));
        for item in violates.map(Node::items).unwrap_or_default() {
            let Some(Ok(example)) = item.scalar().map(Example::parse) else {
                continue;
            };
            match known.examples.get(&example.text) {
                None => {
                    known.examples.insert(example.text, self.first(item.at));
                }
                // One list that two rules share on purpose (`*name`) is no oversight.
                Some(other) if other.at == item.at && other.source.name() == self.source.name() => {
                }
                Some(other) => {
                    let weakness = if other.rule.id == self.rule.id {
                        Weakness::DoubleExample
                    } else {
                        Weakness::SameExample {
                            rule: self.name(),
                            other: other.rule.id.to_string(),
                        }
                    };
                    let remark = self.warning(&weakness, item.at, "the same text");
                    remarks.push(remark.and(&other.source, other.at, "here first"));
                }
            }
        }
    }

    fn advice(&self, remarks: &mut Vec<Remark>) {
        let rule = &self.rule.rule;
        let mut inserts = false;
        rule.condition.walk(&mut |condition| {
            inserts |= matches!(&condition.kind, Kind::Require(spec) if spec.insert.is_some());
        });
        if self.rule.clause.advice.is_none() && rule.instead.is_none() && !inserts {
            let weakness = Weakness::NoAdvice {
                rule: self.name(),
                clause: self.rule.clause.id.to_string(),
            };
            remarks.push(self.warning(&weakness, self.place("clause"), "a clause without advice"));
        }
    }
}

/// Whether there is a draft for which both rules are meant, looked at in the same places.
fn may_meet(a: &Rule, b: &Rule) -> bool {
    fn share<T: PartialEq>(a: &[T], b: &[T]) -> bool {
        a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one))
    }
    let facts = a.when.facts.iter().all(|(key, values)| {
        let mut others = b.when.facts.iter().filter(|(other, _)| other == key);
        others.all(|(_, others)| share(values, others))
    });
    a.when.scopes == b.when.scopes
        && share(&a.languages, &b.languages)
        && share(&a.when.channels, &b.when.channels)
        && facts
}

/// Whether a term is two letters of an alphabet; in Chinese that is a word.
fn is_two_letters(term: &str) -> bool {
    let letters: Vec<char> = term.trim().chars().collect();
    let is_letter = |c: &char| c.is_lowercase() || c.is_uppercase();
    letters.len() == 2 && letters.iter().all(is_letter)
}

/// Whether a rule asks for words alone, so that an example can prove it: examples have no pictures,
/// registers or facts.
fn is_of_words(rule: &Rule) -> bool {
    let mut of_words = rule.when.facts.is_empty()
        && rule.when.during.is_none()
        && rule.when.scopes == Scopes::Published;
    rule.condition.walk(&mut |condition| {
        of_words &= condition.scopes.is_none();
        of_words &= match &condition.kind {
            Kind::Terms(spec) => spec.register.is_none(),
            Kind::Pattern(_) | Kind::All(_) | Kind::Any(_) | Kind::Not(_) => true,
            _ => false,
        };
    });
    of_words
}

/// Every pattern in a rule, however deep.
fn all_patterns<'n>(node: &'n Node, found: &mut Vec<(&'n str, Span)>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                match &value.value {
                    Value::Scalar(text) if key.text == "pattern" => found.push((text, value.at)),
                    _ if key.text == "examples" => {}
                    _ => all_patterns(value, found),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| all_patterns(item, found)),
        _ => {}
    }
}
