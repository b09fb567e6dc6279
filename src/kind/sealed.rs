//! Sealed lists of names, asked by the drafts themselves.
//!
//! No rule can look for a name that it cannot read. So every window of a draft's words is held out to
//! the list; the letters of a name open the name's note, and what was opened is looked for in this
//! draft as names of any other list are, by the same scan: gaps, signs, capitals, company, hashtags
//! and handles are judged there. What the windows open may be too much, and is never too little.

use std::collections::BTreeSet;

use super::index::Index;
use super::scan::{ScanBuilder, Views};
use super::terms::{Role, TermSettings, TermsError, add_near, add_term};
use crate::register::{Approval, Held, Origin, SealedName, SealedNames};
use crate::text::fold::Resist;
use crate::text::literals::End;

/// Marks the settings of a name that brings its own company, beside the name's number.
pub const OWN: u32 = 1 << 31;

/// What the names of a sealed list are to a condition.
#[derive(Clone, Debug)]
pub enum How {
    /// Terms.
    Term {
        /// The position of their settings.
        position: u32,
        /// How they are looked for.
        settings: TermSettings,
        /// Whether they stand in a register.
        register: bool,
        /// Whether only those count that are held back when the draft goes out.
        held: bool,
    },
    /// Names that clear what touches them.
    Cleared(Resist),
}

/// A sealed list that a condition asks.
#[derive(Clone, Debug)]
pub struct SealedUse {
    names: SealedNames,
    how: How,
}

impl SealedUse {
    /// A list of terms; `which` is what to call it.
    ///
    /// # Errors
    ///
    /// If it lacks the forms that are asked for.
    pub fn new(
        names: SealedNames,
        how: How,
        which: impl Fn() -> String,
    ) -> Result<Self, TermsError> {
        match &how {
            How::Term { settings, .. } if settings.inflect && !names.is_inflected() => {
                Err(TermsError::NotInflected(which()))
            }
            _ => Ok(Self { names, how }),
        }
    }

    /// Names that clear what touches them.
    pub fn clearing(names: SealedNames, resist: Resist) -> Self {
        Self {
            names,
            how: How::Cleared(resist),
        }
    }

    /// How its names are compared.
    pub fn level(&self) -> Resist {
        match &self.how {
            How::Term { settings, .. } => settings.resist,
            How::Cleared(resist) => *resist,
        }
    }
}

/// A name that a draft opened, as a condition looks for it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The name as its owner writes it.
    pub written: Box<str>,
    /// How it is looked for.
    pub settings: TermSettings,
    /// The position of its settings in its rule; with [`OWN`], its own number.
    pub position: u32,
    /// When naming it is fine.
    pub approved: Option<Approval>,
    /// When it is held back.
    pub held: Option<Held>,
}

/// The sealed lists of all rules, each with the number of its condition.
#[derive(Debug, Default)]
pub struct SealedScan(Vec<(u32, SealedUse)>);

impl SealedScan {
    /// Has `condition` ask a list.
    pub fn add(&mut self, condition: u32, list: SealedUse) {
        self.0.push((condition, list));
    }

    /// Whether no rule asks any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether drafts have to be seen at `level`.
    pub fn uses(&self, level: Resist) -> bool {
        let mut levels = self.0.iter().map(|(_, list)| list.level());
        match level {
            Resist::None => levels.any(|used| used == Resist::None),
            Resist::Typing => !self.is_empty(),
            Resist::Evasion => levels.any(|used| used == Resist::Evasion),
        }
    }

    /// What a draft, seen as `views`, opens: an index of it, and the names.
    pub fn look(&self, views: &Views) -> Option<(Index, Vec<Opened>)> {
        let mut asked: Vec<(&SealedNames, Vec<SealedName>)> = Vec::new();
        let mut opening = Opening::default();
        for (condition, list) in &self.0 {
            let known = asked.iter().position(|(names, _)| names.is(&list.names));
            let at = known.unwrap_or_else(|| {
                asked.push((&list.names, open(&list.names, views)));
                asked.len() - 1
            });
            for name in &asked[at].1 {
                opening.add(*condition, list, name);
            }
        }
        let Opening { scan, uses, opened } = opening;
        (!uses.is_empty()).then(|| (Index::new(scan, uses), opened))
    }
}

/// Every name of a list whose letters may stand in a draft, each once.
fn open(names: &SealedNames, views: &Views) -> Vec<SealedName> {
    let mut found: Vec<SealedName> = Vec::new();
    let mut met = BTreeSet::new();
    views.windows(names.reach(), |letters| {
        let opened = names.with(letters);
        // A draft repeats its names, and one name may lie under several runs of letters.
        if !opened.is_empty() && met.insert(letters.to_owned()) {
            let new = opened.into_iter().filter(|name| !found.contains(name));
            let new: Vec<SealedName> = new.collect();
            found.extend(new);
        }
    });
    found
}

/// What was opened, on its way into an index.
#[derive(Default)]
struct Opening {
    scan: ScanBuilder,
    uses: Vec<super::index::Use>,
    opened: Vec<Opened>,
}

impl Opening {
    fn add(&mut self, condition: u32, list: &SealedUse, name: &SealedName) {
        let Self { scan, uses, opened } = self;
        let mut use_needle = |needle, role| uses.push((needle, (condition, role)));
        let (position, settings, register, only_held) = match &list.how {
            How::Cleared(resist) => {
                if name.origin == Origin::Listed
                    && let Ok(needle) = scan.add_shared(&name.written, End::Word, *resist)
                {
                    use_needle(needle, Role::Cleared);
                }
                return;
            }
            How::Term {
                position,
                settings,
                register,
                held,
            } => (*position, settings, *register, *held),
        };
        let counts = match name.origin {
            Origin::Listed => true,
            Origin::Form => settings.inflect,
            Origin::Version => register,
        };
        // A list without dates, used as a register of what is held back, is held back for good.
        let undated = list.names.register().is_none().then(Held::default);
        let held = only_held.then(|| name.held.or(undated)).flatten();
        if !counts || (only_held && held.is_none()) {
            return;
        }
        let number = u32::try_from(opened.len()).unwrap_or(OWN - 1);
        let mut own = TermSettings {
            inflect: false,
            ..settings.clone()
        };
        let mut position = position;
        if register && !name.near.is_empty() {
            own.near = name.near.iter().collect();
            position = OWN | number;
            // Words without letters were refused when the list was sealed, or are no company.
            add_near(&own, position, scan, &mut use_needle, &mut Vec::new());
        }
        let added = add_term(&name.written, End::Word, &own, scan, &mut |needle| {
            use_needle(needle, Role::Opened(number));
        });
        if added.is_ok() {
            opened.push(Opened {
                written: name.written.as_str().into(),
                settings: own,
                position,
                approved: name.approved.clone().filter(|_| register),
                held,
            });
        }
    }
}
