//! What is worth telling about the terms of a rule, although each of them is looked for.
//!
//! Terms pass by as they are read, while their places are still known. Nothing is kept of one that
//! there is nothing to say about, unless doubles are asked for: lists may hold a million.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use super::terms::{As, TermSettings};
use crate::text::common::{Common, common, may_be_common};
use crate::text::fold::{Resist, fold};
use crate::text::{Lang, Remark, Source, Span, Weight};

/// What there is to say about a term.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum TermRemark {
    /// A term that is one letter.
    #[error("“{0}” is a single letter, which almost every post has as a word")]
    #[diagnostic(
        code(clearpost::terms::one_letter),
        help(
            "say in which company it counts (`near: […]`, in a register also `ambiguous: true`), or that it has a capital (`as: name`), or take it out"
        )
    )]
    OneLetter(String),
    /// A term that stands in almost every text of a language.
    #[error("“{term}” is one of the commonest words of {language}, so almost every post has it")]
    #[diagnostic(
        code(clearpost::terms::common_word),
        help(
            "say in which company it counts (`near: […]`, in a register also `ambiguous: true`), that it has capitals (`as: name`) or which `languages:` the rule is for, or take it out"
        )
    )]
    CommonWord {
        /// The term as written.
        term: String,
        /// The language's name.
        language: &'static str,
    },
    /// A term that finds what another of the same rule finds.
    #[error("{}", alike(term, first))]
    #[diagnostic(
        code(clearpost::terms::alike),
        help("take one of the two out: either finds what both find")
    )]
    Alike {
        /// The term as written.
        term: String,
        /// The one before it.
        first: String,
    },
}

fn alike(term: &str, first: &str) -> String {
    if term == first {
        format!("“{term}” stands here a second time")
    } else {
        format!("“{term}” is the same as “{first}” to this rule")
    }
}

/// Looks at the terms of one rule in the order in which they are read.
#[derive(Debug)]
pub struct TermsSeen {
    languages: Vec<Lang>,
    /// `None` if nobody asks for doubles.
    kept: Option<Kept>,
    remarks: Vec<Remark>,
}

/// The terms so far.
#[derive(Debug, Default)]
struct Kept {
    settings: Vec<TermSettings>,
    /// Where each folded term with settings, by position, was first written.
    first: HashMap<(usize, String), (Arc<Source>, Span)>,
}

impl TermsSeen {
    /// For a rule for all languages. With `doubles`, terms are also held against one another.
    pub fn new(doubles: bool) -> Self {
        Self {
            languages: Vec::new(),
            kept: doubles.then(Kept::default),
            remarks: Vec::new(),
        }
    }

    /// Says which languages the rule is for; none are all.
    pub fn languages(&mut self, languages: &[Lang]) {
        self.languages = languages.to_vec();
    }

    /// Whether there may be something to say about `term`; almost always this is soon known.
    pub fn may_remark_on(&self, term: &str, settings: &TermSettings) -> bool {
        self.kept.is_some() || (may_be_common(term) && !is_narrowed(settings))
    }

    /// Looks at `term`, which stands somewhere in `place` of `source`.
    pub fn look(
        &mut self,
        term: &str,
        settings: &TermSettings,
        source: &Arc<Source>,
        place: Range<usize>,
    ) {
        self.look_at_forms([term], settings, source, &place);
    }

    /// Looks at all that one entry stands for. Of forms that stand elsewhere as well only an entry is
    /// told that says nothing else: those of two languages often share some.
    pub fn look_at_forms<'t>(
        &mut self,
        forms: impl IntoIterator<Item = &'t str>,
        settings: &TermSettings,
        source: &Arc<Source>,
        place: &Range<usize>,
    ) {
        let mut double = None;
        let mut all_double = true;
        for form in forms {
            if !self.may_remark_on(form, settings) {
                continue;
            }
            self.look_for_common(form, settings, source, place);
            match self.first_place(form, settings, source, place) {
                None => all_double = false,
                first => double = double.or(first.map(|first| (form.trim().to_owned(), first))),
            }
        }
        if let Some((term, (other, first_at))) = double.filter(|_| all_double) {
            let at = narrow(&term, source, place.clone());
            let first = other.text()[first_at.range()].to_owned();
            let remark = TermRemark::Alike { term, first };
            let remark = Remark::new(Weight::Note, &remark, source, at, "the second one");
            self.remarks
                .push(remark.and(&other, first_at, "the first one"));
        }
    }

    /// Remarks on a term that is a word of almost every post.
    fn look_for_common(
        &mut self,
        term: &str,
        settings: &TermSettings,
        source: &Arc<Source>,
        place: &Range<usize>,
    ) {
        let found = if is_narrowed(settings) {
            None
        } else {
            common(term, settings.resist, &self.languages)
        };
        let term_as_written = || term.trim().to_owned();
        let common = found.map(|found| match found {
            Common::Letter => (TermRemark::OneLetter(term_as_written()), "one letter"),
            Common::Word(language) => {
                let term = term_as_written();
                (TermRemark::CommonWord { term, language }, "a common word")
            }
        });
        if let Some((remark, label)) = common {
            let at = narrow(term, source, place.clone());
            let remark = Remark::new(Weight::Warning, &remark, source, at, label);
            self.remarks.push(remark);
        }
    }

    /// Where a term that is the same to the rule stood before, if doubles are asked for; from then on
    /// this one is known, too.
    fn first_place(
        &mut self,
        term: &str,
        settings: &TermSettings,
        source: &Arc<Source>,
        place: &Range<usize>,
    ) -> Option<(Arc<Source>, Span)> {
        let Kept {
            settings: known,
            first,
        } = self.kept.as_mut()?;
        let position = known.iter().position(|have| have == settings);
        let position = position.unwrap_or_else(|| {
            known.push(settings.clone());
            known.len() - 1
        });
        // Capitals tell two terms apart where they count.
        let level = match settings.compare {
            As::Words => settings.resist,
            As::Name | As::Exact => Resist::None,
        };
        let folded = fold(term.trim(), level).text().to_owned();
        let at = narrow(term, source, place.clone());
        match first.entry((position, folded)) {
            Entry::Occupied(before) => Some(before.get().clone()),
            Entry::Vacant(free) => {
                free.insert((Arc::clone(source), at));
                None
            }
        }
    }

    /// What there was to say so far.
    pub fn take_remarks(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.remarks)
    }
}

/// Whether a common word with these settings may well be rare.
fn is_narrowed(settings: &TermSettings) -> bool {
    !settings.near.is_empty() || settings.compare != As::Words
}

/// The bytes of `term` itself, which stands in `place` between quotation marks, spaces, other cells
/// or a comment; `place` if it is written there in another way.
fn narrow(term: &str, source: &Source, place: Range<usize>) -> Span {
    let text = source.text();
    let term = term.trim();
    let place = Span::covering(text, place);
    text[place.range()].find(term).map_or(place, |before| {
        let start = place.start() + before;
        Span::covering(text, start..start + term.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about terms a line, all with the same settings.
    fn said(text: &str, settings: &TermSettings, languages: &[Lang]) -> Vec<String> {
        let source = Arc::new(Source::from_text("list.txt", text));
        let mut seen = TermsSeen::new(true);
        seen.languages(languages);
        let mut start = 0;
        for line in text.split('\n') {
            seen.look(line, settings, &source, start..start + line.len());
            start += line.len() + 1;
        }
        let place = |place: &crate::text::Place| {
            let (line, _) = place.source.line_col(place.span.start());
            format!("{line} {}", &place.source.text()[place.span.range()])
        };
        seen.take_remarks()
            .iter()
            .map(|remark| {
                let other = remark.other.as_ref().map(place).unwrap_or_default();
                format!("{} {other}", place(&remark.place))
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn what_settings_narrow_is_not_too_common() {
        let plain = TermSettings::default();
        let text = "Acme\nthe\n x \nper";
        assert_eq!(said(text, &plain, &[]), ["2 the", "3 x", "4 per"]);
        assert_eq!(said(text, &plain, &[Lang::EN]), ["2 the", "3 x"]);
        let name = TermSettings {
            compare: As::Name,
            ..TermSettings::default()
        };
        let near = TermSettings {
            near: ["client"].iter().collect(),
            ..TermSettings::default()
        };
        for settings in [name, near] {
            assert_eq!(said(text, &settings, &[]), Vec::<String>::new());
        }
    }

    #[test]
    fn terms_are_alike_as_their_rule_compares_them() {
        let with = |compare: As, resist: Resist| TermSettings {
            compare,
            resist,
            ..TermSettings::default()
        };
        let text = "Mureșan\nmuresan\nMureșan\nMures an\nC++\nC";
        let cases: [(As, Resist, &[&str]); 3] = [
            (
                As::Words,
                Resist::Typing,
                &["2 muresan 1 Mureșan", "3 Mureșan 1 Mureșan", "6 C"],
            ),
            (As::Words, Resist::None, &["3 Mureșan 1 Mureșan", "6 C"]),
            (As::Exact, Resist::Typing, &["3 Mureșan 1 Mureșan"]),
        ];
        for (compare, resist, expected) in cases {
            let settings = with(compare, resist);
            assert_eq!(
                said(text, &settings, &[]),
                expected,
                "{compare:?} {resist:?}"
            );
        }
    }
}
