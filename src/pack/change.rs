//! Changes to rules that another pack wrote: `changes:` beside `extends:`, `overrides:` near drafts.
//!
//! `{rule: claims/superlative-en, severity: error}`, `{rule: claims/price, off: checked by hand}`.

use crate::policy::Severity;
use crate::text::Span;
use crate::text::shape::Reader;
use crate::text::yaml::Node;

/// A change to a rule, or to all rules of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule or pack.
    pub rule: String,
    /// Where it is named.
    pub at: Span,
    /// What is to become of it.
    pub to: ChangeTo,
}

/// What is to become of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeTo {
    /// Its findings matter so much.
    Severity(Severity),
    /// It is switched off, for this reason.
    Off(String),
}

impl Change {
    /// Reads a list of changes that stands under `key`.
    pub fn read_all(node: &Node, key: &'static str, reader: &mut Reader<'_>) -> Vec<Self> {
        let items = reader.list(node, key).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| Self::read(item, reader))
            .collect()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.map(node, "a change", &["rule", "severity", "off"])?;
        let rule_node = reader.required(&fields, "rule", "a change")?;
        let rule = reader.text(rule_node, "rule")?.to_owned();
        let to = match fields.get("off") {
            // A reason, not only `true`: whoever reads the list wants to know.
            Some(node) => ChangeTo::Off(reader.text(node, "off")?.to_owned()),
            None => {
                let severity = reader.required(&fields, "severity", "a change")?;
                ChangeTo::Severity(reader.one_of(severity, "severity", &Severity::WORDS)?)
            }
        };
        Some(Self {
            rule,
            at: rule_node.at,
            to,
        })
    }

    /// Whether it is about the rule with this full name.
    pub fn is_about(&self, id: &str) -> bool {
        id == self.rule
            || id
                .split_once('/')
                .is_some_and(|(pack, _)| pack == self.rule)
    }

    /// Whether it makes less of findings that matter `now` so much.
    pub fn loosens(&self, now: Severity) -> bool {
        match self.to {
            ChangeTo::Off(_) => true,
            ChangeTo::Severity(severity) => severity < now,
        }
    }
}
