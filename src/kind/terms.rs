//! The `terms` kind: words and names from a pack, a file or a register.
//!
//! `terms: [Acme Corp, {term: Delta, near: [client]}]`, `terms_from: clients.csv#name`,
//! `terms: {register: clients}`. A term counts as whole words, longest first, not inside an
//! `except` phrase, and, where it has `near`, only in the company of one of those words.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::except::{Except, let_through};
use super::scan::{Needle, ScanBuilder};
use super::sealed::{How, OWN, Opened, SealedUse};
use super::{Hit, longest};
use crate::draft::{Draft, Scope};
use crate::register::{Approval, Entry, Held, Register, SealedNames, versions};
use crate::text::fold::{Resist, fold};
use crate::text::forms::ending;
use crate::text::heads::Heads;
use crate::text::inflect::forms;
use crate::text::lines::Lines;
use crate::text::literals::{End, NothingToFind};
use crate::text::numbers::Numbers;
use crate::text::sentence::{goes_on, sentences, within_words};
use crate::text::texts::Texts;
use crate::text::time::Clock;

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
#[serde(bound(deserialize = "'de: 'static"))]
pub struct TermSettings {
    /// How letters are held against the text.
    pub compare: As,
    /// What is forgiven.
    pub resist: Resist,
    /// Whether its regular forms count as well.
    pub inflect: bool,
    /// Words of which one has to be near; empty: none has to.
    pub near: Texts,
    /// How near.
    pub within: Within,
}

impl TermSettings {
    /// What of a term of a pack is looked for, and how it ends.
    fn literal<'t>(&self, term: &'t str) -> (&'t str, End) {
        match self.compare {
            As::Exact => (term, End::Word),
            As::Words | As::Name => ending(term),
        }
    }
}

/// A register that a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct RegisterUse {
    /// Its name.
    pub name: String,
    /// How its entries are looked for.
    pub settings: TermSettings,
    /// Whether only those count that are held back when the draft goes out.
    pub held: bool,
}

/// A checked `terms` rule.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct TermsSpec {
    /// The terms.
    pub terms: Texts,
    /// Of each term the position of its settings.
    pub terms_settings: Numbers<u32>,
    /// Terms with gaps.
    pub phrases: Vec<Phrase>,
    /// Terms from files.
    pub lists: Vec<TermList>,
    /// Terms from sealed lists.
    pub sealed: Vec<SealedList>,
    /// Settings that terms share.
    pub settings: Vec<TermSettings>,
    /// A register whose entries are terms too.
    pub register: Option<RegisterUse>,
    /// What is let through.
    pub except: Except,
}

/// A term with gaps of a few words: `the best … in the world`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Phrase {
    /// As written.
    pub text: Box<str>,
    /// What stands between the gaps, each with all its forms.
    pub parts: Vec<Texts>,
    /// The position of its settings.
    pub settings: u32,
}

impl Phrase {
    /// The part that says most: where it does not stand, the others need not be asked.
    fn key(&self) -> usize {
        let letters = |part: &Texts| part.iter().map(str::len).min().unwrap_or(0);
        let parts = self.parts.iter().enumerate();
        parts
            .max_by_key(|(_, part)| letters(part))
            .map_or(0, |(at, _)| at)
    }

    /// Where a phrase stands whose parts stand at `parts`, each in the order of the text.
    fn places(draft: &Draft, parts: &[Vec<Range<usize>>]) -> Vec<Range<usize>> {
        let (Some((first, rest)), text) = (parts.split_first(), draft.text()) else {
            return Vec::new();
        };
        let mut found: Vec<Range<usize>> = Vec::new();
        // From the end, so that of two that end together the shorter is there first.
        for start in first.iter().rev() {
            let mut last = start.clone();
            let goes_through = rest.iter().all(|part| {
                let behind = part.partition_point(|place| place.start < last.end);
                let next = part[behind..]
                    .iter()
                    .find(|place| goes_on(text, &last, place));
                next.inspect(|next| last = (*next).clone()).is_some()
            });
            let whole = start.start..last.end;
            let is_new = found.last().is_none_or(|before| before.end != whole.end);
            let in_one = draft
                .segment_at(whole.start)
                .is_some_and(|segment| whole.end <= segment.range.end);
            if goes_through && is_new && in_one {
                found.push(whole);
            }
        }
        found
    }
}

/// The terms of a file: one text, since a list may hold a million.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct TermList {
    /// The file, as the pack names it.
    pub file: String,
    /// A term a line.
    pub lines: Lines,
    /// The position of their settings.
    pub settings: u32,
}

/// The terms of a sealed list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct SealedList {
    /// The file, as the pack names it.
    pub file: String,
    /// What it holds, for whoever has the letters.
    pub names: SealedNames,
    /// The position of their settings.
    pub settings: u32,
}

impl TermsSpec {
    /// What a message may use.
    pub(super) fn captures(&self) -> &'static [&'static str] {
        match &self.register {
            Some(RegisterUse { held: true, .. }) => &["until"],
            _ => &[],
        }
    }

    /// Adds a term, sharing settings with those before it.
    pub fn push(&mut self, term: &str, settings: TermSettings) {
        let position = self.settings_position(settings);
        self.terms.push(term);
        self.terms_settings.extend(&[position]);
    }

    /// The terms, each with the position of its settings.
    pub fn terms_with_settings(&self) -> impl Iterator<Item = (&str, u32)> {
        let numbered = self.terms.iter().enumerate();
        numbered.map(|(at, term)| (term, self.terms_settings.at(at)))
    }

    /// Adds a term with gaps.
    pub fn push_phrase(&mut self, text: &str, parts: &[Vec<String>], settings: TermSettings) {
        let settings = self.settings_position(settings);
        self.phrases.push(Phrase {
            text: text.into(),
            parts: parts.iter().map(Texts::from_iter).collect(),
            settings,
        });
    }

    /// Adds the terms of a file, one a line.
    pub fn push_list(&mut self, file: &str, lines: String, settings: TermSettings) {
        let settings = self.settings_position(settings);
        self.lists.push(TermList {
            file: file.to_owned(),
            lines: lines.into(),
            settings,
        });
    }

    /// Adds the terms of a sealed list.
    pub fn push_sealed(&mut self, file: &str, names: SealedNames, settings: TermSettings) {
        let settings = self.settings_position(settings);
        self.sealed.push(SealedList {
            file: file.to_owned(),
            names,
            settings,
        });
    }

    /// The lists that are too long to be indexed before a draft asks for them.
    pub fn long_lists(&self) -> impl Iterator<Item = LongList> {
        (0..)
            .zip(&self.lists)
            .filter(|(_, list)| list.is_long(&self.settings))
            .map(|(position, list)| LongList {
                list: list.clone(),
                position,
                settings: self.settings.clone(),
            })
    }

    /// Whether each of its terms is one of the phrases that it lets through, and there is nothing
    /// else.
    pub fn lets_all_through(&self) -> bool {
        let fine = |term: &str| {
            let folded = |text: &str| fold(text, Resist::Typing).text().to_owned();
            let term = folded(term);
            let mut phrases = self.except.phrases.iter();
            phrases.any(|phrase| folded(phrase) == term)
        };
        !self.terms.is_empty()
            && self.phrases.is_empty()
            && self.lists.is_empty()
            && self.sealed.is_empty()
            && self.register.is_none()
            && !self.except.phrases.is_empty()
            && self.terms.iter().all(fine)
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

/// Bytes from which on a list is long: it is then kept as it is until a draft asks for it.
const LONG: usize = 256;

impl TermList {
    /// Whether it is better met by a short draft than indexed before anyone asks.
    pub fn is_long(&self, settings: &[TermSettings]) -> bool {
        // The forms of a term begin as it does only most of the time.
        self.lines.len() >= LONG && !settings[self.settings as usize].inflect
    }

    /// Calls `each` with every term and the bytes before it.
    fn each(&self, mut each: impl FnMut(usize, &str)) {
        let mut at = 0;
        for line in lines(self.lines.text()) {
            each(at, line);
            at += line.len() + 1;
        }
    }

    /// What a term means that begins at an offset of this list, the one at `position` of its rule.
    fn role_at(&self, position: u32, at: usize, settings: &[TermSettings]) -> Role {
        if settings[self.settings as usize].compare == As::Words {
            return Role::Plain(self.settings);
        }
        Role::Line {
            list: position,
            at: u32::try_from(at).unwrap_or(u32::MAX),
        }
    }

    /// The term that begins at an offset.
    fn term_at(&self, at: u32) -> &str {
        self.lines.at(at as usize)
    }
}

/// A long list of a rule, which [`Terms::new`] leaves out.
#[derive(Debug)]
pub struct LongList {
    list: TermList,
    position: u32,
    settings: Vec<TermSettings>,
}

impl LongList {
    /// How its terms are compared.
    pub fn level(&self) -> Resist {
        self.settings[self.list.settings as usize].resist
    }

    /// Adds all its terms, or those that may stand in texts with such `heads`.
    pub fn add(
        &self,
        heads: Option<&Heads>,
        scan: &mut ScanBuilder,
        mut use_needle: impl FnMut(Needle, Role),
    ) {
        let level = self.level();
        let settings = &self.settings[self.list.settings as usize];
        let role = |at| self.list.role_at(self.position, at, &self.settings);
        if heads.is_none() {
            scan.reserve(level, self.list.lines.len());
        }
        // A line without letters was refused when the list was read.
        let add = |at: usize, line: &str| {
            let (line, end) = settings.literal(line);
            if let Ok(needle) = scan.add(line, end, level) {
                use_needle(needle, role(at));
            }
        };
        match heads {
            Some(heads) => heads.lines(self.list.lines.text(), add),
            None => self.list.each(add),
        }
    }
}

/// The lines of a list, each ended by a line feed.
fn lines(list: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', list.as_bytes()).map(move |end| {
        let line = &list[start..end];
        start = end + 1;
        line
    })
}

/// What a literal means to a rule that looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is a term with these settings, and its letters are all there is to ask.
    Plain(u32),
    /// It is the term with this number, of which more has to be asked.
    Term(u32),
    /// It is the term at this offset of a long list, of which more has to be asked.
    Line {
        /// The position of the list in its rule.
        list: u32,
        /// Bytes before it.
        at: u32,
    },
    /// It is a part of a phrase.
    Part {
        /// The number of the phrase.
        phrase: u32,
        /// Which part.
        part: u32,
        /// Whether the phrase is worth asking for where it stands.
        key: bool,
    },
    /// It is company for terms with these settings.
    Near(u32),
    /// It is a phrase inside which nothing counts.
    Except,
    /// It is a name that clears what touches it.
    Cleared,
    /// It is the name with this number that the draft itself opened in a sealed list.
    Opened(u32),
}

impl Role {
    const PLAIN: u64 = 0;
    const TERM: u64 = 1;
    const LINE: u64 = 2;
    const NEAR: u64 = 3;
    const EXCEPT: u64 = 4;
    const CLEARED: u64 = 5;
    const PART: u64 = 6;
    const OPENED: u64 = 7;
    const KEY: u64 = 1 << 31;

    /// In one number: what it is in the lowest three bits, then the position of the list or part, and
    /// the other number in the upper half.
    pub fn packed(self) -> u64 {
        let pack = |what: u64, number: u32| what | u64::from(number) << 32;
        match self {
            Self::Plain(settings) => pack(Self::PLAIN, settings),
            Self::Term(number) => pack(Self::TERM, number),
            Self::Line { list, at } => pack(Self::LINE, at) | u64::from(list) << 3,
            Self::Part { phrase, part, key } => {
                pack(Self::PART, phrase) | u64::from(part) << 3 | if key { Self::KEY } else { 0 }
            }
            Self::Near(settings) => pack(Self::NEAR, settings),
            Self::Except => Self::EXCEPT,
            Self::Cleared => Self::CLEARED,
            Self::Opened(number) => pack(Self::OPENED, number),
        }
    }

    /// The role that [`Self::packed`] packed.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of the number are 32 bits each"
    )]
    pub fn from_packed(packed: u64) -> Self {
        let number = (packed >> 32) as u32;
        match packed & 7 {
            Self::PLAIN => Self::Plain(number),
            Self::TERM => Self::Term(number),
            Self::LINE => Self::Line {
                list: packed as u32 >> 3,
                at: number,
            },
            Self::PART => Self::Part {
                phrase: number,
                part: (packed & !Self::KEY) as u32 >> 3,
                key: packed & Self::KEY != 0,
            },
            Self::NEAR => Self::Near(number),
            Self::EXCEPT => Self::Except,
            Self::OPENED => Self::Opened(number),
            _ => Self::Cleared,
        }
    }
}

/// A `terms` rule ready to judge what the scan found for it.
#[derive(Debug)]
pub struct Terms {
    /// Terms of which more has to be asked than their letters.
    special: Vec<CompiledTerm>,
    phrases: Vec<Phrase>,
    settings: Vec<TermSettings>,
    lists: Vec<TermList>,
}

#[derive(Debug)]
struct CompiledTerm {
    text: Box<str>,
    settings: u32,
    approved: Option<Approval>,
    held: Option<Held>,
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
    /// A sealed list without the forms that a rule looks for.
    #[error("the sealed {0} holds no inflected forms, and this rule looks for them")]
    #[diagnostic(
        code(clearpost::seal::not_inflected),
        help(
            "seal the list again with `clearpost pack seal --inflect`, or take `inflect:` out of the rule"
        )
    )]
    NotInflected(String),
}

impl TermsSpec {
    /// Has the scan look for everything that stands in the pack itself; `use_needle` is told what
    /// each literal is for. Long lists are left out unless `whole`. Terms that cannot be looked for
    /// are returned.
    pub fn add_own(
        &self,
        whole: bool,
        scan: &mut ScanBuilder,
        mut use_needle: impl FnMut(Needle, Role),
    ) -> Vec<TermsError> {
        let mut mistakes = Vec::new();
        let mut special = 0;
        for (term, position) in self.terms_with_settings() {
            let settings = &self.settings[position as usize];
            let role = if settings.compare == As::Words {
                Role::Plain(position)
            } else {
                special += 1;
                Role::Term(special - 1)
            };
            let (text, end) = settings.literal(term);
            let added = add_term(text, end, settings, scan, &mut |needle| {
                use_needle(needle, role);
            });
            mistakes.extend(added.err().map(TermsError::from));
        }
        for (number, phrase) in (0..).zip(&self.phrases) {
            let settings = &self.settings[phrase.settings as usize];
            let key = phrase.key();
            for (at, part) in phrase.parts.iter().enumerate() {
                let role = Role::Part {
                    phrase: number,
                    part: u32::try_from(at).unwrap_or(u32::MAX),
                    key: at == key,
                };
                for form in part.iter() {
                    let (text, end) = settings.literal(form);
                    let added = add_term(text, end, settings, scan, &mut |needle| {
                        use_needle(needle, role);
                    });
                    mistakes.extend(added.err().map(TermsError::from));
                }
            }
        }
        for (position, list) in (0..).zip(&self.lists) {
            if list.is_long(&self.settings) && !whole {
                continue;
            }
            let settings = &self.settings[list.settings as usize];
            list.each(|at, line| {
                let role = list.role_at(position, at, &self.settings);
                let (text, end) = settings.literal(line);
                let added = add_term(text, end, settings, scan, &mut |needle| {
                    use_needle(needle, role);
                });
                mistakes.extend(added.err().map(TermsError::from));
            });
        }
        for (position, settings) in (0..).zip(&self.settings) {
            add_near(settings, position, scan, &mut use_needle, &mut mistakes);
        }
        for resist in self.levels() {
            let wrong = self.except.add_phrases(resist, scan, &mut use_needle);
            mistakes.extend(wrong);
        }
        mistakes
    }

    /// The levels at which anything is compared.
    fn levels(&self) -> impl Iterator<Item = Resist> {
        let wanted = self.register.as_ref().map(|register| &register.settings);
        let used: Vec<Resist> = self
            .settings
            .iter()
            .chain(wanted)
            .map(|settings| settings.resist)
            .collect();
        [Resist::Typing, Resist::Evasion, Resist::None]
            .into_iter()
            .filter(move |level| used.contains(level))
    }
}

/// Has the scan look for a term and, if asked, its regular forms.
pub(super) fn add_term(
    text: &str,
    end: End,
    settings: &TermSettings,
    scan: &mut ScanBuilder,
    use_needle: &mut impl FnMut(Needle),
) -> Result<(), NothingToFind> {
    use_needle(scan.add_shared(text, end, settings.resist)?);
    if settings.inflect {
        for form in forms(text, &[]) {
            // A form has letters because its term has.
            if let Ok(needle) = scan.add_shared(&form, end, settings.resist) {
                use_needle(needle);
            }
        }
    }
    Ok(())
}

/// Has the scan look for the company that terms with these settings, at `position`, need.
pub(super) fn add_near(
    settings: &TermSettings,
    position: u32,
    scan: &mut ScanBuilder,
    use_needle: &mut impl FnMut(Needle, Role),
    mistakes: &mut Vec<TermsError>,
) {
    let inflected = TermSettings {
        resist: settings.resist,
        inflect: true,
        ..TermSettings::default()
    };
    for word in settings.near.iter() {
        let (word, end) = ending(word);
        let added = add_term(word, end, &inflected, scan, &mut |needle| {
            use_needle(needle, Role::Near(position));
        });
        mistakes.extend(added.err().map(TermsError::from));
    }
}

impl Terms {
    /// Makes ready to judge what is found for `spec`, and has the scan look for what the registers
    /// add to it; `use_needle` is told what each literal is for. Terms that cannot be looked for are
    /// returned.
    pub fn new(
        spec: &TermsSpec,
        registers: &[Register],
        scan: &mut ScanBuilder,
        mut use_needle: impl FnMut(Needle, Role),
        mut use_sealed: impl FnMut(SealedUse),
    ) -> (Self, Vec<TermsError>) {
        let mut mistakes = Vec::new();
        let mut compiled = Self {
            special: Vec::new(),
            phrases: spec.phrases.clone(),
            settings: spec.settings.clone(),
            lists: spec.lists.clone(),
        };
        for (text, settings) in spec.terms_with_settings() {
            if spec.settings[settings as usize].compare != As::Words {
                compiled.special.push(CompiledTerm {
                    text: text.into(),
                    settings,
                    approved: None,
                    held: None,
                });
            }
        }
        for list in &spec.sealed {
            let how = How::Term {
                position: list.settings,
                settings: spec.settings[list.settings as usize].clone(),
                register: false,
                held: false,
            };
            let names = list.names.clone();
            let missing = || format!("list `{}`", list.file);
            mistakes.extend(
                SealedUse::new(names, how, missing)
                    .map(&mut use_sealed)
                    .err(),
            );
        }
        if let Some(wanted) = &spec.register {
            for register in registers.iter().filter(|have| have.name == wanted.name) {
                for entry in &register.entries {
                    compiled.add_entry(entry, wanted, scan, &mut use_needle, &mut mistakes);
                }
                if let Some(names) = register.sealed.clone() {
                    let how = How::Term {
                        position: compiled.settings_position(wanted.settings.clone()),
                        settings: wanted.settings.clone(),
                        register: true,
                        held: wanted.held,
                    };
                    let missing = || format!("register `{}`", register.name);
                    let used = SealedUse::new(names, how, missing).map(&mut use_sealed);
                    mistakes.extend(used.err());
                }
            }
        }
        for (position, settings) in (0..).zip(&compiled.settings).skip(spec.settings.len()) {
            add_near(settings, position, scan, &mut use_needle, &mut mistakes);
        }
        for resist in spec.levels() {
            let wrong = spec
                .except
                .add_names(resist, registers, scan, &mut use_needle);
            mistakes.extend(wrong);
            spec.except.add_sealed(resist, registers, &mut use_sealed);
        }
        (compiled, mistakes)
    }

    fn settings_position(&mut self, settings: TermSettings) -> u32 {
        let known = self.settings.iter().rposition(|have| *have == settings);
        let position = known.unwrap_or_else(|| {
            self.settings.push(settings);
            self.settings.len() - 1
        });
        u32::try_from(position).unwrap_or(u32::MAX)
    }

    /// Adds all names of a register's entry.
    fn add_entry(
        &mut self,
        entry: &Entry,
        wanted: &RegisterUse,
        scan: &mut ScanBuilder,
        use_needle: &mut impl FnMut(Needle, Role),
        mistakes: &mut Vec<TermsError>,
    ) {
        let held = wanted.held.then_some(entry.held).flatten();
        if wanted.held && held.is_none() {
            return;
        }
        for name in entry.names() {
            let mut settings = wanted.settings.clone();
            if entry.ambiguous.iter().any(|ambiguous| ambiguous == name) {
                if !entry.near.is_empty() {
                    settings.near = entry.near.iter().collect();
                }
                if settings.near.is_empty() {
                    mistakes.push(TermsError::AmbiguousAlone(name.to_owned()));
                    continue;
                }
            }
            let position = self.settings_position(settings);
            let how = &self.settings[position as usize];
            let is_plain = how.compare == As::Words && entry.approved.is_none() && held.is_none();
            let role = if is_plain {
                Role::Plain(position)
            } else {
                Role::Term(u32::try_from(self.special.len()).unwrap_or(u32::MAX))
            };
            // A name is as it is written, braces and stars included.
            let mut added = add_term(name, End::Word, how, scan, &mut |needle| {
                use_needle(needle, role);
            });
            for version in versions(name) {
                added = added.and(add_term(&version, End::Word, how, scan, &mut |needle| {
                    use_needle(needle, role);
                }));
            }
            match added {
                Err(error) => mistakes.push(error.into()),
                Ok(()) if is_plain => {}
                Ok(()) => self.special.push(CompiledTerm {
                    text: name.into(),
                    settings: position,
                    approved: entry.approved.clone(),
                    held,
                }),
            }
        }
    }

    /// Judges what the scan found for this rule.
    ///
    /// `opened` is what the draft opened in sealed lists, `at` when the draft goes out, `looks_at`
    /// whether the rule looks at a place.
    pub fn hits(
        &self,
        draft: &Draft,
        (sightings, opened): (&[(Role, Range<usize>)], &[Opened]),
        at: &Clock,
        looks_at: impl Fn(&Range<usize>) -> bool,
    ) -> Vec<Hit> {
        let mut approved_names: Vec<Range<usize>> = Vec::new();
        let mut candidates = Vec::new();
        let mut company = Company::new(sightings);
        let how_is = |settings: u32| match settings & OWN {
            0 => &self.settings[settings as usize],
            _ => &opened[(settings & !OWN) as usize].settings,
        };
        let mut has_company = |range: &Range<usize>, settings: u32| {
            let how = how_is(settings);
            how.near.is_empty() || company.is_near(draft, range, settings, how.within)
        };
        for (role, range) in sightings {
            let (term, position, approved, held) = match role {
                Role::Part { .. } | Role::Near(_) | Role::Except | Role::Cleared => continue,
                Role::Plain(settings) => {
                    if looks_at(range) && has_company(range, *settings) {
                        candidates.push(Hit::from(range.clone()));
                    }
                    continue;
                }
                Role::Term(number) => {
                    let term = &self.special[*number as usize];
                    let approved = term.approved.as_ref();
                    (&*term.text, term.settings, approved, term.held)
                }
                Role::Line { list, at } => {
                    let list = &self.lists[*list as usize];
                    (list.term_at(*at), list.settings, None, None)
                }
                Role::Opened(number) => {
                    let name = &opened[*number as usize];
                    (
                        &*name.written,
                        name.position,
                        name.approved.as_ref(),
                        name.held,
                    )
                }
            };
            if held.is_some_and(|held| !held.holds(at)) {
                continue;
            }
            let compare = how_is(position).compare;
            let range = &match compare {
                As::Exact => with_edges(term, draft, range),
                _ => range.clone(),
            };
            if !letters_fit(compare, term, draft, range) {
                continue;
            }
            if approved.is_some_and(|approval| approval.holds(at, draft.facts().channel())) {
                // An approved name may contain one that is not: naming the first is fine.
                approved_names.push(range.clone());
            } else if looks_at(range) && has_company(range, position) {
                candidates.push(Hit {
                    range: range.clone(),
                    until: held.and_then(|held| held.until),
                    lapsed: approved
                        .and_then(|approval| approval.until.filter(|end| at.has_come(*end))),
                });
            }
        }
        for (phrase, range) in self.phrases_in(draft, sightings) {
            if looks_at(&range) && has_company(&range, phrase.settings) {
                candidates.push(Hit::from(range));
            }
        }
        outside(&mut candidates, approved_names);
        let_through(&mut candidates, sightings);
        longest(candidates)
    }
}

impl Terms {
    /// The phrases all of whose parts were seen, where they go together.
    fn phrases_in(
        &self,
        draft: &Draft,
        sightings: &[(Role, Range<usize>)],
    ) -> Vec<(&Phrase, Range<usize>)> {
        let mut seen: BTreeMap<u32, Vec<Vec<Range<usize>>>> = BTreeMap::new();
        for (role, range) in sightings {
            if let Role::Part { phrase, part, .. } = role {
                let parts = self.phrases[*phrase as usize].parts.len();
                let places = seen
                    .entry(*phrase)
                    .or_insert_with(|| vec![Vec::new(); parts]);
                places[*part as usize].push(range.clone());
            }
        }
        let mut found = Vec::new();
        for (number, mut parts) in seen {
            for places in &mut parts {
                places.sort_by_key(|place| (place.start, place.end));
                places.dedup();
            }
            let phrase = &self.phrases[number as usize];
            let places = Phrase::places(draft, &parts);
            found.extend(places.into_iter().map(|place| (phrase, place)));
        }
        found
    }
}

/// Takes out hits that lie inside one of `phrases`.
pub fn outside(hits: &mut Vec<Hit>, mut phrases: Vec<Range<usize>>) {
    if phrases.is_empty() {
        return;
    }
    // With the furthest end so far beside each start, the phrases that hold a hit are one look-up.
    phrases.sort_by_key(|phrase| phrase.start);
    let mut reach = 0;
    let ends: Vec<usize> = phrases
        .iter()
        .map(|phrase| {
            reach = reach.max(phrase.end);
            reach
        })
        .collect();
    hits.retain(|hit| {
        let before = phrases.partition_point(|phrase| phrase.start <= hit.range.start);
        before == 0 || ends[before - 1] < hit.range.end
    });
}

/// Company for terms, in the order of the text, and the sentences it was looked for in.
#[derive(Default)]
struct Company {
    by_settings: HashMap<u32, Vec<Range<usize>>>,
    /// Sentences of the segments that held a term, by the start of the segment.
    sentences: HashMap<usize, Vec<Range<usize>>>,
}

impl Company {
    fn new(sightings: &[(Role, Range<usize>)]) -> Self {
        let mut company = Self::default();
        for (role, range) in sightings {
            if let Role::Near(settings) = role {
                company
                    .by_settings
                    .entry(*settings)
                    .or_default()
                    .push(range.clone());
            }
        }
        for ranges in company.by_settings.values_mut() {
            ranges.sort_by_key(|range| (range.start, range.end));
            ranges.dedup();
        }
        company
    }

    /// Whether a term with these settings has company within reach.
    fn is_near(
        &mut self,
        draft: &Draft,
        term: &Range<usize>,
        settings: u32,
        within: Within,
    ) -> bool {
        let (Some(ranges), Some(segment)) = (
            self.by_settings.get(&settings),
            draft.segment_at(term.start),
        ) else {
            return false;
        };
        let text = draft.text();
        let reach = match within {
            Within::Draft => 0..text.len(),
            Within::Paragraph | Within::Words(_) => segment.range.clone(),
            Within::Sentence => {
                let start = segment.range.start;
                let sentences = self
                    .sentences
                    .entry(start)
                    .or_insert_with(|| sentences(&text[segment.range.clone()]));
                let at = sentences.partition_point(|sentence| start + sentence.end <= term.start);
                sentences.get(at).map_or(segment.range.clone(), |sentence| {
                    start + sentence.start..start + sentence.end
                })
            }
        };
        let apart =
            |company: &&Range<usize>| company.end <= term.start || term.end <= company.start;
        let first = ranges.partition_point(|company| company.start < reach.start);
        let behind = ranges
            .partition_point(|company| company.start < term.start)
            .max(first);
        // The nearest on either side decide: what is further away is no nearer.
        let before = ranges[first..behind].iter().rev().find(apart);
        let after = ranges[behind..]
            .iter()
            .take_while(|company| company.start < reach.end)
            .find(apart);
        before.into_iter().chain(after).any(|company| {
            company.end <= reach.end
                && match within {
                    Within::Words(most) => within_words(text, term, company, most as usize),
                    _ => true,
                }
        })
    }
}

/// `range` grown by the signs that `term` has before and behind its letters.
fn with_edges(term: &str, draft: &Draft, range: &Range<usize>) -> Range<usize> {
    let text = draft.text();
    let before = term.find(&text[range.clone()]).unwrap_or(0);
    let start = range.start.saturating_sub(before);
    let grown = start..start + term.len();
    if text.get(grown.clone()) == Some(term) {
        grown
    } else {
        range.clone()
    }
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

/// Whether `text` has a capital wherever a word of `term` starts with one, or is all capitals. A
/// sign or figure in place of a letter is as good as a capital.
fn has_capitals_of(term: &str, text: &str) -> bool {
    if text.chars().all(|letter| !letter.is_lowercase()) {
        return true;
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| c.is_whitespace() || c == '-')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (wanted, written) = (words(term), words(text));
    let starts_small = |word: &str| word.chars().next().is_some_and(char::is_lowercase);
    if wanted.len() == written.len() {
        return wanted
            .iter()
            .zip(&written)
            .all(|(wanted, written)| starts_small(wanted) || !starts_small(written));
    }
    // Run together or apart: as many capitals as the term has words that start with one.
    let capitals = text.chars().filter(|letter| letter.is_uppercase()).count();
    capitals
        >= wanted
            .iter()
            .filter(|word| word.chars().next().is_some_and(char::is_uppercase))
            .count()
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
            ("Œuvre Nord", "Oeuvre Nord", true),
            ("Groß Bank", "Gross Bank", true),
            ("Groß Bank", "gross Bank", false),
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
