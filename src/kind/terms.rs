//! The `terms` kind: words and names from a pack, a file or a register.
//!
//! `terms: [Acme Corp, {term: Delta, near: [client]}]`, `terms_from: clients.csv#name`,
//! `terms: {register: clients}`. A term counts as whole words, longest first, not inside an
//! `except` phrase, and, where it has `near`, only in the company of one of those words.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::scan::{Needle, ScanBuilder};
use super::{Hit, longest};
use crate::draft::{Draft, Scope};
use crate::register::{Approval, Register};
use crate::text::fold::Resist;
use crate::text::literals::NothingToFind;
use crate::text::sentence::{sentence_around, words_between};

/// How a term's letters are held against the text once it is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum As {
    /// Whole words in any case.
    #[default]
    Words,
    /// Also with capitals where the term has them.
    Name,
    /// The characters as written.
    Exact,
}

impl As {
    /// Each with its words; `word` and `phrase` differ only in what a reader of the pack expects.
    pub const WORDS: [(&str, Self); 4] = [
        ("word", Self::Words),
        ("phrase", Self::Words),
        ("name", Self::Name),
        ("exact", Self::Exact),
    ];
}

/// How far away company may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Within {
    /// At most so many words between.
    Words(u32),
    /// In the same sentence.
    #[default]
    Sentence,
    /// In the same paragraph, cell or list item.
    Paragraph,
    /// Anywhere in the draft.
    Draft,
}

/// How terms are looked for; many terms share one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TermSettings {
    /// How letters are held against the text.
    pub compare: As,
    /// What is forgiven.
    pub resist: Resist,
    /// Words of which one has to be near; empty: none has to.
    pub near: Vec<String>,
    /// How near.
    pub within: Within,
}

/// A register that a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterUse {
    /// Its name.
    pub name: String,
    /// How its entries are looked for.
    pub settings: TermSettings,
}

/// A checked `terms` rule.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TermsSpec {
    /// The terms, each with the position of its settings.
    pub terms: Vec<(Box<str>, u32)>,
    /// Settings that terms share.
    pub settings: Vec<TermSettings>,
    /// A register whose entries are terms too.
    pub register: Option<RegisterUse>,
    /// A file whose lines or cells are terms too, for the reader of the rule; its terms are in
    /// `terms`.
    pub from: Option<String>,
    /// Phrases inside which a term is none.
    pub except: Vec<String>,
}

impl TermsSpec {
    /// Adds a term, sharing settings with those before it.
    pub fn push(&mut self, term: &str, settings: TermSettings) {
        let position = self.settings_position(settings);
        self.terms.push((term.into(), position));
    }

    fn settings_position(&mut self, settings: TermSettings) -> u32 {
        let known = self.settings.iter().rposition(|have| *have == settings);
        let position = known.unwrap_or_else(|| {
            self.settings.push(settings);
            self.settings.len() - 1
        });
        u32::try_from(position).unwrap_or(u32::MAX)
    }
}

/// What a literal means to a rule that looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is the term with this number.
    Term(u32),
    /// It is company for terms with these settings.
    Near(u32),
    /// It is a phrase inside which nothing counts.
    Except,
}

/// A `terms` rule ready to judge what the scan found for it.
#[derive(Debug)]
pub struct Terms {
    terms: Vec<CompiledTerm>,
    settings: Vec<TermSettings>,
}

#[derive(Debug)]
struct CompiledTerm {
    text: Box<str>,
    settings: u32,
    approved: Option<Approval>,
}

/// An ambiguous entry without any company to tell it by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum TermsError {
    /// A term without a letter.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Nothing(#[from] NothingToFind),
    /// An ambiguous entry without `near`, in a rule without one.
    #[error(
        "“{0}” is ambiguous, but neither the register nor the rule says what has to stand near it"
    )]
    #[diagnostic(
        code(clearpost::register::ambiguous_without_near),
        help("add `near: [bank, account]` with words that tell the name from the common word")
    )]
    AmbiguousAlone(String),
}

impl Terms {
    /// Compiles `spec` with the register it speaks of; `use_needle` is told what each literal is
    /// for. Terms that cannot be looked for are returned, the rest is compiled.
    pub fn new(
        spec: &TermsSpec,
        register: Option<&Register>,
        scan: &mut ScanBuilder,
        mut use_needle: impl FnMut(Needle, Role),
    ) -> (Self, Vec<TermsError>) {
        let mut spec = spec.clone();
        let mut mistakes = Vec::new();
        let mut approvals: Vec<Option<Approval>> = vec![None; spec.terms.len()];
        if let (Some(wanted), Some(register)) = (spec.register.clone(), register) {
            for entry in &register.entries {
                let names = std::iter::once(&entry.name)
                    .chain(&entry.aliases)
                    .chain(&entry.forms);
                for name in names {
                    let mut settings = wanted.settings.clone();
                    if entry.ambiguous.contains(name) {
                        if !entry.near.is_empty() {
                            settings.near.clone_from(&entry.near);
                        }
                        if settings.near.is_empty() {
                            mistakes.push(TermsError::AmbiguousAlone(name.clone()));
                            continue;
                        }
                    } else {
                        settings.near.clear();
                    }
                    spec.push(name, settings);
                    approvals.push(entry.approved.clone());
                }
            }
        }
        let mut terms = Vec::with_capacity(spec.terms.len());
        for ((text, settings), approved) in spec.terms.into_iter().zip(approvals) {
            match scan.add(&text, spec.settings[settings as usize].resist) {
                Ok(needle) => {
                    use_needle(
                        needle,
                        Role::Term(u32::try_from(terms.len()).unwrap_or(u32::MAX)),
                    );
                    terms.push(CompiledTerm {
                        text,
                        settings,
                        approved,
                    });
                }
                Err(error) => mistakes.push(error.into()),
            }
        }
        for (position, settings) in (0..).zip(&spec.settings) {
            for word in &settings.near {
                match scan.add_shared(word, settings.resist) {
                    Ok(needle) => use_needle(needle, Role::Near(position)),
                    Err(error) => mistakes.push(error.into()),
                }
            }
        }
        for phrase in &spec.except {
            for resist in [Resist::Typing, Resist::Evasion, Resist::None] {
                if !spec
                    .settings
                    .iter()
                    .any(|settings| settings.resist == resist)
                {
                    continue;
                }
                match scan.add_shared(phrase, resist) {
                    Ok(needle) => use_needle(needle, Role::Except),
                    Err(error) => mistakes.push(error.into()),
                }
            }
        }
        (
            Self {
                terms,
                settings: spec.settings,
            },
            mistakes,
        )
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Judges what the scan found for this rule.
    ///
    /// `at` is when the draft goes out, `looks_at` whether the rule looks at a place.
    pub fn hits(
        &self,
        draft: &Draft,
        sightings: &[(Role, Range<usize>)],
        at: Timestamp,
        looks_at: impl Fn(&Range<usize>) -> bool,
    ) -> Vec<Hit> {
        let mut excepted: Vec<Range<usize>> = Vec::new();
        let mut candidates = Vec::new();
        for (role, range) in sightings {
            match role {
                Role::Except => excepted.push(range.clone()),
                Role::Near(_) => {}
                Role::Term(number) => {
                    let term = &self.terms[*number as usize];
                    let settings = &self.settings[term.settings as usize];
                    if !letters_fit(settings.compare, &term.text, draft, range) {
                        continue;
                    }
                    if term
                        .approved
                        .as_ref()
                        .is_some_and(|approval| approval.holds(at, draft.facts().channel()))
                    {
                        // An approved name may contain one that is not: naming the first is fine.
                        excepted.push(range.clone());
                    } else if looks_at(range)
                        && (settings.near.is_empty()
                            || has_company(draft, range, term.settings, settings.within, sightings))
                    {
                        candidates.push(Hit {
                            range: range.clone(),
                        });
                    }
                }
            }
        }
        candidates.retain(|hit| {
            !excepted
                .iter()
                .any(|phrase| phrase.start <= hit.range.start && hit.range.end <= phrase.end)
        });
        longest(candidates)
    }
}

fn has_company(
    draft: &Draft,
    term: &Range<usize>,
    settings: u32,
    within: Within,
    sightings: &[(Role, Range<usize>)],
) -> bool {
    let Some(segment) = draft.segment_at(term.start) else {
        return false;
    };
    let text = draft.text();
    let mut sentence = None;
    sightings.iter().any(|(role, company)| {
        if *role != Role::Near(settings) || (company.start < term.end && term.start < company.end) {
            return false;
        }
        let same_segment = segment.range.start <= company.start && company.end <= segment.range.end;
        match within {
            Within::Draft => true,
            Within::Paragraph => same_segment,
            Within::Words(most) => {
                same_segment && words_between(text, term, company) <= most as usize
            }
            Within::Sentence => {
                same_segment && {
                    let sentence = sentence.get_or_insert_with(|| {
                        let inside = sentence_around(
                            &text[segment.range.clone()],
                            term.start - segment.range.start,
                        );
                        segment.range.start + inside.start..segment.range.start + inside.end
                    });
                    sentence.start <= company.start && company.end <= sentence.end
                }
            }
        }
    })
}

fn letters_fit(compare: As, term: &str, draft: &Draft, range: &Range<usize>) -> bool {
    let text = &draft.text()[range.clone()];
    match compare {
        As::Words => true,
        As::Exact => text == term,
        As::Name => {
            let folded_place = draft.entities_around(range).any(|entity| {
                matches!(
                    entity.scope,
                    Scope::Hashtag | Scope::Handle | Scope::Link | Scope::FileName
                )
            }) || draft
                .segment_at(range.start)
                .is_some_and(|segment| matches!(segment.scope, Scope::Link | Scope::Image));
            folded_place || has_capitals_of(term, text)
        }
    }
}

/// Whether `text` has a capital wherever a word of `term` starts with one, or is all capitals.
fn has_capitals_of(term: &str, text: &str) -> bool {
    let letters =
        |text: &str| -> Vec<char> { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let written = letters(text);
    if written.iter().all(|c| !c.is_lowercase()) {
        return true;
    }
    let mut position = 0;
    let mut at_start = true;
    for letter in term.chars() {
        if !letter.is_alphanumeric() {
            at_start = true;
            continue;
        }
        if at_start
            && letter.is_uppercase()
            && !written.get(position).is_some_and(|c| c.is_uppercase())
        {
            return false;
        }
        at_start = false;
        position += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_wants_its_capitals() {
        let cases = [
            ("Target", "Target", true),
            ("Target", "target", false),
            ("Target", "TARGET", true),
            ("Banca Orsini", "Banca orsini", false),
            ("Banca Orsini", "BancaOrsini", true),
            ("iPhone", "iphone", true),
            ("de Vries", "De Vries", true),
            ("Àlber", "Àlber", true),
        ];
        for (term, text, expected) in cases {
            assert_eq!(has_capitals_of(term, text), expected, "{term} {text}");
        }
    }

    #[test]
    fn terms_share_settings() {
        let mut spec = TermsSpec::default();
        for term in ["a", "b", "c"] {
            spec.push(term, TermSettings::default());
        }
        spec.push(
            "d",
            TermSettings {
                compare: As::Name,
                ..TermSettings::default()
            },
        );
        assert_eq!(spec.settings.len(), 2);
    }
}
