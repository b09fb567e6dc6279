//! A handbook: a policy in one language, each clause with the rules that check it and their examples.
//!
//! Terms of lists and registers are never in it: only what a rule says of itself. Examples of rules
//! that keep what they find secret, and of packs with a content warning, are left out.

mod html;
mod markdown;
mod words;

use words::Words;

use crate::engine::{ActiveRule, Rulebook};
use crate::pack::{Example, Loaded};
use crate::policy::{Clause, ClauseText, Policy};
use crate::text::Lang;

/// Stands in every page, so that one that clearpost made is known from one that somebody wrote.
pub(super) const MADE: &str = "clearpost pack docs";

/// A policy in one language.
pub(super) struct Handbook<'a> {
    /// The name of its files, without an extension.
    pub(super) name: String,
    lang: Lang,
    words: &'static Words,
    policy: &'a Policy,
    sections: Vec<Section<'a>>,
    /// The same policy in the languages there are: each with the name of its files.
    languages: Vec<(Lang, String)>,
}

/// A clause and what checks it.
struct Section<'a> {
    clause: &'a Clause,
    text: &'a ClauseText,
    owner: Option<&'a str>,
    /// Rules for texts in this language.
    rules: Vec<Entry<'a>>,
    /// Rules for texts in other languages.
    elsewhere: Vec<&'a str>,
}

/// A rule.
struct Entry<'a> {
    id: &'a str,
    severity: &'static str,
    description: Option<&'a str>,
    message: String,
    instead: Option<String>,
    examples: Shown<'a>,
}

/// What of the examples of a rule may be shown.
enum Shown<'a> {
    Examples {
        wrong: &'a [Example],
        right: &'a [Example],
    },
    /// They are offensive.
    Offensive,
    /// They are nobody's business.
    Secret,
}

/// The handbooks of every policy that a rule in force cites, in every language it has.
pub(super) fn handbooks<'a>(rulebook: &'a Rulebook, loaded: &'a Loaded) -> Vec<Handbook<'a>> {
    let mut all = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for policy in loaded.policies.values() {
        let is_cited = rulebook
            .rules()
            .iter()
            .any(|rule| rule.clause.policy == policy.name);
        if !is_cited || names.contains(&policy.name.as_str()) {
            continue;
        }
        names.push(&policy.name);
        let mut langs: Vec<Lang> = policy.titles.iter().map(|(lang, _)| *lang).collect();
        for text in policy.clauses.iter().flat_map(|clause| &clause.texts) {
            if !langs.contains(&text.lang) {
                langs.push(text.lang);
            }
        }
        let languages: Vec<(Lang, String)> = langs
            .iter()
            .enumerate()
            .map(|(number, lang)| (*lang, file_name(&policy.name, *lang, number == 0)))
            .collect();
        for (lang, name) in &languages {
            all.push(Handbook {
                name: name.clone(),
                lang: *lang,
                words: Words::of(*lang),
                policy,
                sections: policy
                    .clauses
                    .iter()
                    .map(|clause| section(clause, policy, *lang, rulebook, loaded))
                    .collect(),
                languages: languages.clone(),
            });
        }
    }
    all
}

/// `social-media`, and for a translation `social-media.it`. Nothing in a name leads out of a folder.
fn file_name(policy: &str, lang: Lang, is_original: bool) -> String {
    let name: String = policy
        .chars()
        .map(|letter| match letter {
            letter if letter.is_alphanumeric() || matches!(letter, '-' | '_') => letter,
            _ => '-',
        })
        .collect();
    if is_original {
        name
    } else {
        format!("{name}.{lang}")
    }
}

fn section<'a>(
    clause: &'a Clause,
    policy: &'a Policy,
    lang: Lang,
    rulebook: &'a Rulebook,
    loaded: &'a Loaded,
) -> Section<'a> {
    let citing = rulebook
        .rules()
        .iter()
        .filter(|rule| rule.clause.id == clause.id && rule.clause.policy == policy.name);
    let (here, elsewhere): (Vec<&ActiveRule>, Vec<&ActiveRule>) = citing
        .partition(|rule| rule.rule.languages.is_empty() || rule.rule.languages.contains(&lang));
    Section {
        clause,
        text: clause.text(lang),
        owner: clause.owner.as_deref().or(policy.owner.as_deref()),
        rules: here
            .into_iter()
            .map(|rule| entry(rule, lang, loaded))
            .collect(),
        elsewhere: elsewhere.into_iter().map(|rule| &*rule.id).collect(),
    }
}

fn entry<'a>(active: &'a ActiveRule, lang: Lang, loaded: &'a Loaded) -> Entry<'a> {
    let rule = &active.rule;
    let pack = active.id.split_once('/').map_or("", |(pack, _)| pack);
    let pack = loaded.packs.iter().find(|known| known.name == pack);
    let examples = if active.secret {
        Shown::Secret
    } else if pack.is_none_or(|pack| pack.content_warning) {
        Shown::Offensive
    } else {
        Shown::Examples {
            wrong: &rule.examples.violates,
            right: &rule.examples.allows,
        }
    };
    Entry {
        id: &active.id,
        severity: active.severity.as_str(),
        description: rule.description.as_ref().map(|text| text.get(lang)),
        message: filled(rule.message.get(lang)),
        instead: rule.instead.as_ref().map(|text| filled(text.get(lang))),
        examples,
    }
}

/// A message with an ellipsis for what only a draft can say.
fn filled(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            text.push('{');
            rest = after;
        } else if let Some((_, after)) = after.split_once('}') {
            text.push('…');
            rest = after;
        } else {
            text.push('{');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

/// The anchor of a clause: the one that links of findings end in.
fn anchor(clause: &Clause) -> String {
    clause.id.as_str().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_without_a_draft_and_names_of_files() {
        assert_eq!(filled("“{match}” is {{odd} {"), "“…” is {odd} {");
        assert_eq!(file_name("../a b", Lang::EN, true), "---a-b");
        assert_eq!(file_name("p", Lang::EN, false), "p.en");
    }
}
