//! The `identifier` kind: addresses, numbers and keys that name a person or open a door.
//!
//! `identifier: {kind: [email, phone], allow: ["*@example.com", register: domains]}`. Wherever a
//! number has a check digit it is checked, so that an order number is no card. A finding is exactly
//! the identifier, however it is spaced.

mod api_key;
mod birth_date;
mod coordinates;
mod email;
mod iban;
mod ip;
mod italian;
mod licence_plate;
mod passport;
mod payment_card;
mod phone;
mod romanian;
mod shown;
mod spanish;
mod written;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::wildcard::is_like;
use super::{Found, Look};
use crate::register::{NAMES, Register};
use crate::text::shape::Reader;
use crate::text::yaml::{Node, Value};
use shown::Shown;

/// What a message may use.
pub const CAPTURES: &[&str] = &["kind"];

/// A checked `identifier` rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierSpec {
    /// What is looked for.
    pub kinds: Vec<Identifier>,
    /// What is fine.
    pub allow: Vec<Allowed>,
}

/// What is fine although it is an identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Allowed {
    /// What looks so, in any case; `*` stands for anything, and a number for itself however it is
    /// spaced.
    Like(String),
    /// Mail at the domains of a register, and the addresses and numbers that stand in it.
    Register(String),
}

/// Something that identifies a person, an account or a machine, or opens it.
///
/// The order is that of preference where two are found in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Identifier {
    /// A key, a token, or a password with its word.
    ApiKey,
    /// A mail address.
    Email,
    /// An international bank account number.
    Iban,
    /// The number of a credit or debit card.
    PaymentCard,
    /// The Italian tax code of a person.
    CodiceFiscale,
    /// The Romanian personal numeric code.
    Cnp,
    /// The Spanish identity number.
    Dni,
    /// The Spanish number of a foreigner.
    Nie,
    /// The Spanish tax number of a company.
    Cif,
    /// The Italian tax number of a business.
    PartitaIva,
    /// The Romanian tax number of a business.
    Cui,
    /// The number of a passport, beside a word for one.
    Passport,
    /// A date of birth, beside a word for it.
    BirthDate,
    /// A latitude and a longitude.
    Coordinates,
    /// An address of the Internet Protocol, version 4 or 6.
    Ip,
    /// The registration of a vehicle.
    LicencePlate,
    /// A telephone number.
    Phone,
}

/// What finds one kind of identifier: calls back with the bytes of each in a text as it is shown.
type Find = fn(&str, &mut dyn FnMut(Range<usize>));

impl Identifier {
    /// Each by the word that a pack writes.
    pub const WORDS: [(&str, Self); 17] = [
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("iban", Self::Iban),
        ("payment_card", Self::PaymentCard),
        ("codice_fiscale", Self::CodiceFiscale),
        ("partita_iva", Self::PartitaIva),
        ("dni", Self::Dni),
        ("nie", Self::Nie),
        ("cif", Self::Cif),
        ("cnp", Self::Cnp),
        ("cui", Self::Cui),
        ("passport", Self::Passport),
        ("ip", Self::Ip),
        ("api_key", Self::ApiKey),
        ("coordinates", Self::Coordinates),
        ("licence_plate", Self::LicencePlate),
        ("birth_date", Self::BirthDate),
    ];

    /// The word that a pack writes.
    pub fn name(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(word, _)| word)
    }

    /// How many digits a text holds at the least if it holds one of these, and what finds it.
    fn finder(self) -> (usize, Find) {
        match self {
            Self::ApiKey => (0, api_key::find),
            Self::Email => (0, email::find),
            Self::Iban => (10, iban::find),
            Self::PaymentCard => (12, payment_card::find),
            // Digits may be replaced by letters.
            Self::CodiceFiscale => (0, italian::find_codice_fiscale),
            Self::PartitaIva => (11, italian::find_partita_iva),
            Self::Cnp => (13, romanian::find_cnp),
            Self::Cui => (2, romanian::find_cui),
            Self::Dni => (8, spanish::find_dni),
            Self::Nie => (7, spanish::find_nie),
            Self::Cif => (7, spanish::find_cif),
            Self::Passport => (6, passport::find),
            Self::BirthDate => (4, birth_date::find),
            Self::Coordinates => (6, coordinates::find),
            Self::Ip => (1, ip::find),
            Self::LicencePlate => (2, licence_plate::find),
            Self::Phone => (7, phone::find),
        }
    }
}

impl IdentifierSpec {
    /// Reads the value of `identifier:`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.map(node, "`identifier`", &["kind", "allow"])?;
        let kind = reader.required(&fields, "kind", "`identifier`")?;
        let mut kinds = Vec::new();
        match &kind.value {
            Value::List(items) if !items.is_empty() => {
                for item in items {
                    kinds.extend(reader.one_of(item, "kind", &Identifier::WORDS));
                }
            }
            _ => kinds.extend(reader.one_of(kind, "kind", &Identifier::WORDS)),
        }
        kinds.sort_unstable();
        kinds.dedup();
        let mut allow = Vec::new();
        if let Some(node) = fields.get("allow") {
            let items = match &node.value {
                Value::List(_) => reader.list(node, "allow").unwrap_or_default(),
                _ => std::slice::from_ref(node),
            };
            for item in items {
                allow.extend(read_allowed(item, reader));
            }
        }
        (!kinds.is_empty()).then_some(Self { kinds, allow })
    }

    /// Finds every identifier that is not allowed.
    pub(super) fn look(&self, look: &Look<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for place in look.places {
            let text = &look.draft.text()[place.clone()];
            let digits = text.chars().filter(|c| c.is_numeric()).count();
            let mut shown = None;
            let mut here: Vec<(Range<usize>, Identifier)> = Vec::new();
            for &kind in &self.kinds {
                let (least, find) = kind.finder();
                if digits < least {
                    continue;
                }
                let shown = shown.get_or_insert_with(|| Shown::of(text));
                find(shown.text(), &mut |range| {
                    let identifier = &shown.text()[range.clone()];
                    if let Some(origin) = shown.origin(&range)
                        && !self.allows(kind, identifier, look.registers)
                    {
                        here.push((origin, kind));
                    }
                });
            }
            found.extend(preferred(here).into_iter().map(|(range, kind)| {
                Found::text(place.start + range.start..place.start + range.end)
                    .with("kind", kind.name())
            }));
        }
        found
    }

    fn allows(&self, kind: Identifier, text: &str, registers: &[Register]) -> bool {
        self.allow.iter().any(|allowed| match allowed {
            Allowed::Like(pattern) => is_allowed_by(pattern, text),
            Allowed::Register(name) => registers
                .iter()
                .filter(|register| register.name == *name)
                .flat_map(|register| &register.entries)
                .flat_map(|entry| std::iter::once(&entry.name).chain(&entry.aliases))
                .any(|own| match kind {
                    Identifier::Email if !own.contains('@') => email::is_at(text, own),
                    _ => is_allowed_by(own, text),
                }),
        })
    }
}

fn read_allowed(node: &Node, reader: &mut Reader<'_>) -> Option<Allowed> {
    if matches!(node.value, Value::Scalar(_)) {
        return reader
            .text(node, "allow")
            .map(|text| Allowed::Like(text.to_owned()));
    }
    let fields = reader.map(node, "`allow`", &["register"])?;
    let name = reader.required(&fields, "register", "`allow`")?;
    let known = NAMES.map(|name| (name, name));
    reader
        .one_of(name, "register", &known)
        .map(|name| Allowed::Register(name.to_owned()))
}

fn is_allowed_by(pattern: &str, text: &str) -> bool {
    if is_like(&pattern.to_lowercase(), &text.to_lowercase()) {
        return true;
    }
    // A number is the same however it is spaced.
    let bare = |text: &str| -> String {
        text.chars()
            .filter(|letter| letter.is_alphanumeric() || *letter == '*')
            .flat_map(char::to_lowercase)
            .collect()
    };
    text.bytes().any(|byte| byte.is_ascii_digit())
        && !text.contains('@')
        && !bare(pattern).is_empty()
        && is_like(&bare(pattern), &bare(text))
}

/// Of those that overlap, the one that says most: the first in the order of [`Identifier`].
fn preferred(mut found: Vec<(Range<usize>, Identifier)>) -> Vec<(Range<usize>, Identifier)> {
    found.sort_by_key(|(range, kind)| (*kind, range.start));
    let mut kept: std::collections::BTreeMap<usize, (usize, Identifier)> =
        std::collections::BTreeMap::new();
    for (range, kind) in found {
        let before = kept.range(..range.end).next_back();
        if before.is_none_or(|(_, (end, _))| *end <= range.start) {
            kept.insert(range.start, (range.end, kind));
        }
    }
    kept.into_iter()
        .map(|(start, (end, kind))| (start..end, kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_word() {
        let mut names: Vec<&str> = Identifier::WORDS.iter().map(|(word, _)| *word).collect();
        for (word, kind) in Identifier::WORDS {
            assert_eq!(kind.name(), word);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Identifier::WORDS.len());
    }

    #[test]
    fn a_number_is_allowed_however_it_is_spaced() {
        assert!(is_allowed_by("+39 051 555 0100", "+39-0515550100"));
        assert!(is_allowed_by("+39 051*", "+39 051 555"));
        assert!(!is_allowed_by("+39 051 555 0100", "+39 051 555 0101"));
        assert!(is_allowed_by("*@example.com", "Info@Example.com"));
        assert!(!is_allowed_by("*@example.com", "info@example.com.evil.net"));
    }

    #[test]
    fn the_kind_that_says_most_is_kept() {
        let found = vec![(3..9, Identifier::Phone), (0..5, Identifier::Iban)];
        assert_eq!(preferred(found), [(0..5, Identifier::Iban)]);
    }
}
