//! Names as a sealed list keeps them, and the list as rules ask it.
//!
//! [`crate::text::seal`] keeps a note for every run of letters; here it says what stands in one: the
//! names that fold to these letters, each as written and with what its owner says of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{Approval, Entry, Held};
use crate::text::fold::Resist;
use crate::text::inflect::forms;
use crate::text::literals::{NothingToFind, collapse, letters};
use crate::text::seal::{LONGEST, SealKey, Sealed, Sealing, seal};

/// Registers whose entries are more than names: where they are asked, a note could not be opened.
pub const NOT_SEALED: [&str; 6] = [
    "organisation",
    "domains",
    "figures",
    "disclosures",
    "quiet_periods",
    "election_periods",
];

/// How a name came into a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// Its owner wrote it.
    Listed,
    /// It is a regular form of one that its owner wrote.
    Form,
    /// It is another way to write a name with the number of a version.
    Version,
}

/// A name, as its note says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedName {
    /// The name as its owner writes it.
    pub written: String,
    /// How it came into the list.
    pub origin: Origin,
    /// Words of which one has to be near; empty: the rule's own.
    pub near: Vec<String>,
    /// When naming it is fine.
    pub approved: Option<Approval>,
    /// When it is held back.
    pub held: Option<Held>,
}

impl From<&str> for SealedName {
    fn from(written: &str) -> Self {
        Self {
            written: written.to_owned(),
            origin: Origin::Listed,
            near: Vec::new(),
            approved: None,
            held: None,
        }
    }
}

/// Why a name cannot be sealed. It names no name: whoever seals a list may be seen doing so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum NotSealable {
    /// No letters.
    #[error("a name without a letter or a digit")]
    #[diagnostic(
        code(clearpost::seal::nothing_left),
        help("take the line out of the list")
    )]
    Nothing,
    /// Too many of them.
    #[error("a name of more than {LONGEST} letters")]
    #[diagnostic(
        code(clearpost::seal::too_long),
        help("list the name itself, without what is said about it")
    )]
    TooLong,
    /// A common word whose company nobody states.
    #[error("an ambiguous name without `near`")]
    #[diagnostic(
        code(clearpost::seal::ambiguous_without_near),
        help(
            "write the words that tell it from the common word into the entry: `near: [bank, account]`"
        )
    )]
    AmbiguousAlone,
    /// A place, which no hash of letters can be near to.
    #[error("an entry with a place, `at`")]
    #[diagnostic(
        code(clearpost::seal::place),
        help("keep places in a register of their own that is not sealed")
    )]
    Place,
    /// A name with a star or a gap.
    #[error("a term with a star or a gap, `…`")]
    #[diagnostic(
        code(clearpost::seal::open),
        help(
            "a sealed list holds whole names: write out the forms, promett{{o,e,iamo}}, or keep this term in a list that is not sealed"
        )
    )]
    Open,
    /// A note of more than 64 KiB.
    #[error("an entry about which too much is said")]
    #[diagnostic(
        code(clearpost::seal::too_much),
        help("use fewer words under `near` and fewer `channels`")
    )]
    TooMuch,
    /// Nothing at all.
    #[error("the list is empty")]
    #[diagnostic(
        code(clearpost::seal::empty),
        help("a sealed list of nothing would find nothing: list a name first")
    )]
    Empty,
    /// A register that more is asked of.
    #[error("the register `{0}` cannot be sealed")]
    #[diagnostic(
        code(clearpost::seal::not_a_list_of_names),
        help("rules ask more of it than whether a name stands in a text")
    )]
    Register(String),
}

impl From<NothingToFind> for NotSealable {
    fn from(_: NothingToFind) -> Self {
        Self::Nothing
    }
}

/// Names on their way into a sealed list.
#[derive(Debug, Default)]
pub struct ToSeal {
    names: BTreeMap<String, Vec<SealedName>>,
    words: usize,
    listed: usize,
    inflect: bool,
}

impl ToSeal {
    /// For names with their regular forms, or without.
    pub fn new(inflect: bool) -> Self {
        Self {
            inflect,
            ..Self::default()
        }
    }

    /// How many names its owner listed.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// Adds a name, and what else is looked for with it.
    ///
    /// # Errors
    ///
    /// If it has no letters, or too many.
    pub fn add(&mut self, name: &SealedName) -> Result<(), NotSealable> {
        self.put(name)?;
        self.listed += 1;
        let versions = super::versions(&name.written).map(|written| (written, Origin::Version));
        let forms = self.inflect.then(|| forms(&name.written, &[]));
        let forms = forms.into_iter().flatten();
        for (written, origin) in versions.chain(forms.map(|form| (form, Origin::Form))) {
            self.put(&SealedName {
                written,
                origin,
                ..name.clone()
            })?;
        }
        Ok(())
    }

    /// Adds all names of an entry.
    ///
    /// # Errors
    ///
    /// If there is more to it than a note can say.
    pub fn add_entry(&mut self, entry: &Entry) -> Result<(), NotSealable> {
        if entry.site.is_some() {
            return Err(NotSealable::Place);
        }
        for name in entry.names() {
            let is_ambiguous = entry.ambiguous.iter().any(|ambiguous| ambiguous == name);
            if is_ambiguous && entry.near.is_empty() {
                return Err(NotSealable::AmbiguousAlone);
            }
            self.add(&SealedName {
                near: if is_ambiguous {
                    entry.near.clone()
                } else {
                    Vec::new()
                },
                // Who approved is nobody's business who only checks drafts.
                approved: entry.approved.clone().map(|approved| Approval {
                    by: None,
                    ..approved
                }),
                held: entry.held,
                ..SealedName::from(name)
            })?;
        }
        Ok(())
    }

    /// Puts a name beside every run of letters by which some rule may meet it.
    fn put(&mut self, name: &SealedName) -> Result<(), NotSealable> {
        let (typed, words) = letters(&name.written, Resist::Typing)?;
        let (evading, more) = letters(&name.written, Resist::Evasion)?;
        self.words = self.words.max(words).max(more);
        let mut collapsed = String::new();
        collapse(&evading, &mut collapsed);
        let mut all = [typed, evading, collapsed];
        all.sort();
        for (at, letters) in all.iter().enumerate() {
            if letters.len() > LONGEST {
                return Err(NotSealable::TooLong);
            }
            if at > 0 && all[at - 1] == *letters {
                continue;
            }
            let names = self.names.entry(letters.clone()).or_default();
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Ok(())
    }

    /// Seals what was added. `seed` is drawn by chance and then forgotten.
    ///
    /// # Errors
    ///
    /// If there is nothing, or too much is said of a name.
    pub fn seal(
        &self,
        sealing: Sealing,
        key: &SealKey,
        seed: &[u8; 32],
    ) -> Result<Vec<u8>, NotSealable> {
        if self.names.is_empty() {
            return Err(NotSealable::Empty);
        }
        let mut notes = BTreeMap::new();
        for (letters, names) in &self.names {
            let note = postcard::to_allocvec(names).map_err(|_| NotSealable::TooMuch)?;
            if note.len() > usize::from(u16::MAX) {
                return Err(NotSealable::TooMuch);
            }
            notes.insert(letters.clone(), note);
        }
        let sealing = Sealing {
            inflected: self.inflect,
            words: self.words,
            ..sealing
        };
        Ok(seal(&notes, &sealing, key, seed))
    }
}

/// A sealed list that was opened for being asked.
#[derive(Clone)]
pub struct SealedNames(Arc<Sealed>);

impl From<Sealed> for SealedNames {
    fn from(sealed: Sealed) -> Self {
        Self(Arc::new(sealed))
    }
}

impl SealedNames {
    /// The names with these letters.
    pub fn with(&self, letters: &str) -> Vec<SealedName> {
        match self.0.note(letters.as_bytes()) {
            None => Vec::new(),
            // Of a note that cannot be read the letters alone are known, and they are a name's.
            Some(note) => {
                postcard::from_bytes(&note).unwrap_or_else(|_| vec![SealedName::from(letters)])
            }
        }
    }

    /// Bytes of the longest name, and words of the one with most.
    pub fn reach(&self) -> (usize, usize) {
        (self.0.longest(), self.0.sealing().words)
    }

    /// Whether it holds the regular forms of its names.
    pub fn is_inflected(&self) -> bool {
        self.0.sealing().inflected
    }

    /// The register that it was sealed from, if it was one.
    pub fn register(&self) -> Option<&str> {
        let name = self.0.sealing().register.as_str();
        (!name.is_empty()).then_some(name)
    }

    /// Whether two are one.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for SealedNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedNames")
    }
}

impl PartialEq for SealedNames {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || self.0.digest() == other.0.digest()
    }
}

impl Eq for SealedNames {}

/// Only what tells one file from another, for the hash of a rulebook.
impl Serialize for SealedNames {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ser::Serialize::serialize(&self.0.digest(), to)
    }
}

/// Never: the program carries no sealed list.
impl<'de> Deserialize<'de> for SealedNames {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(
            "a sealed list is only read from its file",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::seal::{Derivation, SealedFile};

    fn opened(to_seal: &ToSeal) -> SealedNames {
        let sealing = Sealing {
            derivation: Derivation::Direct,
            salt: [3; 16],
            register: String::new(),
            inflected: false,
            words: 0,
        };
        let key = SealKey::new([5; 32]);
        let bytes = to_seal.seal(sealing, &key, &[8; 32]).unwrap();
        SealedFile::read(bytes).unwrap().open(&key).unwrap().into()
    }

    fn written(names: &SealedNames, letters: &str) -> Vec<String> {
        let names = names.with(letters).into_iter();
        names.map(|name| name.written).collect()
    }

    #[test]
    fn names_of_the_same_letters_share_a_note() {
        let mut to_seal = ToSeal::new(false);
        for name in ["Blue Bird", "Bluebird", "FlowDesk 4", "Aperol"] {
            to_seal.add(&name.into()).unwrap();
        }
        let names = opened(&to_seal);
        assert_eq!(written(&names, "bluebird"), ["Blue Bird", "Bluebird"]);
        assert_eq!(written(&names, "flowdeskv4"), ["FlowDesk v4"]);
        assert_eq!(written(&names, "apero"), [""; 0]);
        assert_eq!(names.reach().1, 4, "FlowDesk version 4");
        assert!(matches!(
            to_seal.add(&"…".into()),
            Err(NotSealable::Nothing)
        ));
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(
            to_seal.add(&long.as_str().into()),
            Err(NotSealable::TooLong)
        );
    }

    #[test]
    fn what_is_said_of_a_name_is_in_its_note() {
        let entry = Entry {
            name: "Aurora".into(),
            aliases: vec!["Aurora Energia".into()],
            ambiguous: vec!["Aurora".into()],
            near: vec!["energy".into()],
            approved: Some(Approval {
                by: Some("legal@example.com".into()),
                ..Approval::default()
            }),
            ..Entry::default()
        };
        let mut to_seal = ToSeal::new(false);
        to_seal.add_entry(&entry).unwrap();
        let names = opened(&to_seal);
        let aurora = &names.with("aurora")[0];
        assert_eq!(aurora.near, ["energy"]);
        assert_eq!(aurora.approved, Some(Approval::default()));
        assert!(names.with("auroraenergia")[0].near.is_empty());
        let alone = Entry {
            near: Vec::new(),
            ..entry
        };
        assert_eq!(
            ToSeal::new(false).add_entry(&alone),
            Err(NotSealable::AmbiguousAlone)
        );
    }
}
