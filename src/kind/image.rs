//! The `image` kind: the pictures of a draft, by what they show, what their files tell and what the
//! draft says in their place.
//!
//! `image: {alt: required}`, `image: {approved: true}`, `image: {mark: any}`,
//! `image: {location: absent}`, `image: {taken_near: premises}`, `image: {rights: own}`,
//! `image: {creator_credit: required}`, `image: {ai_marker: absent}`,
//! `image: {hosts_not: [pics.example]}`. What a picture shows is handed
//! in with the draft: a picture on another site is judged by its address alone.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{At, Found, Look};
use crate::draft::{Alt, Draft, Picture, Scope, is_picture_name};
use crate::image::{AssetKind, File, Match, Seen, Usable};
use crate::register::NAMES;
use crate::text::fold::{Resist, fold};
use crate::text::position::Site;
use crate::text::shape::Reader;
use crate::text::yaml::{Node, Value};

/// What a message may use.
pub const CAPTURES: &[&str] = &[
    "asset", "owner", "distance", "reason", "location", "site", "rights", "creator", "host", "name",
];

/// A checked `image` rule: a finding is a picture that does not meet what is asked.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own that a rule has or has not"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSpec {
    /// Whether every picture needs a text that says what it shows.
    pub alt: bool,
    /// Whether every picture has to be in the registry or in the approved library.
    pub approved: bool,
    /// Marks that no picture may show.
    pub mark: Option<Marks>,
    /// Whether no file may tell where its picture was taken.
    pub no_location: bool,
    /// Registers of sites near which no picture may have been taken, as its file tells.
    pub taken_near: Vec<String>,
    /// Whether every notice of rights in a file has to name the company, unless the registry of
    /// pictures approves the picture.
    pub own_rights: bool,
    /// Whether the draft has to name whom the file, or the registry, says to name.
    pub creator_credit: bool,
    /// Whether no file may say that a program made the picture up.
    pub no_ai_marker: bool,
    /// Hosts, with those below them, from which no picture may be loaded.
    pub hosts_not: Vec<String>,
    /// Registers whose logos no picture may be, by its name or text, unless the registry of pictures
    /// approves that very file.
    pub logo_of: Vec<String>,
}

/// Protected marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Marks {
    /// All in the registry.
    Any,
    /// Those with this id or in this group.
    Named(String),
}

/// What has to be known of pictures for all rules in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// What they show, and a registry to compare it with.
    pub registry: bool,
    /// What the registry says of them, if there is one.
    pub matches: bool,
    /// What their files tell about them.
    pub metadata: bool,
}

impl Needs {
    /// What this and `other` need.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            registry: self.registry || other.registry,
            matches: self.matches || other.matches,
            metadata: self.metadata || other.metadata,
        }
    }

    /// Whether files have to be opened at all.
    pub fn files(self) -> bool {
        self.registry || self.metadata
    }
}

/// What a finding says about a picture, which settles what it is worth beside others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its text alternative is at fault.
    Alt,
    /// There is no such file, and whatever is asked of it cannot be told.
    Missing,
    /// It shows a protected mark.
    Marked,
    /// Nobody approved it.
    Unapproved,
    /// Anything else.
    Other,
}

impl ImageSpec {
    /// Reads the value of `image:`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let keys = [
            "alt",
            "approved",
            "mark",
            "location",
            "taken_near",
            "rights",
            "creator_credit",
            "ai_marker",
            "hosts_not",
            "logo_of",
        ];
        let before = reader.mistakes();
        let fields = reader.map(node, "`image`", &keys)?;
        let mut spec = Self::default();
        let mut says = |key: &str, word: &str| {
            fields
                .get(key)
                .and_then(|node| reader.one_of(node, key, &[(word, true)]))
                .unwrap_or_default()
        };
        spec.alt = says("alt", "required");
        spec.approved = says("approved", "true");
        spec.no_location = says("location", "absent");
        spec.own_rights = says("rights", "own");
        spec.creator_credit = says("creator_credit", "required");
        spec.no_ai_marker = says("ai_marker", "absent");
        if let Some(node) = fields.get("taken_near") {
            // Only sites have a place.
            spec.taken_near = reader.texts(node, "taken_near");
            for name in spec.taken_near.iter().filter(|name| *name != SITES) {
                reader.unknown_value(node.at, name, [SITES].into_iter());
            }
        }
        spec.mark = fields
            .get("mark")
            .and_then(|node| reader.text(node, "mark"))
            .map(|text| match text {
                "any" => Marks::Any,
                name => Marks::Named(name.to_owned()),
            });
        if let Some(node) = fields.get("hosts_not") {
            let hosts = reader.texts(node, "hosts_not").into_iter();
            spec.hosts_not = hosts.map(|host| host.to_lowercase()).collect();
        }
        if let Some(node) = fields.get("logo_of") {
            spec.logo_of = reader.texts(node, "logo_of");
            for name in &spec.logo_of {
                if !NAMES.contains(&name.as_str()) {
                    reader.unknown_value(node.at, name, NAMES.into_iter());
                }
            }
        }
        if reader.mistakes() == before && matches!(&node.value, Value::Map(all) if all.is_empty()) {
            reader.required(&fields, "alt", "`image`");
        }
        (reader.mistakes() == before).then_some(spec)
    }

    /// What has to be known of pictures.
    pub fn needs(&self) -> Needs {
        Needs {
            // Without a registry every use of one's own logo would be a find.
            registry: self.approved
                || self.mark.is_some()
                || self.logo_of.iter().any(|name| name == "organisation"),
            matches: self.own_rights || self.creator_credit,
            metadata: self.no_location
                || self.own_rights
                || self.creator_credit
                || self.no_ai_marker
                || !self.taken_near.is_empty(),
        }
    }

    /// Finds pictures that do not meet it.
    pub(super) fn look(&self, look: &Look<'_>) -> Vec<Found> {
        let draft = look.draft;
        let mut found = Vec::new();
        if self.alt {
            found.extend(without_text(draft));
        }
        for (number, picture) in draft.pictures().iter().enumerate() {
            let at = &picture.target;
            if !look
                .places
                .iter()
                .any(|place| place.start <= at.start && at.end <= place.end)
            {
                continue;
            }
            let target = &draft.text()[at.clone()];
            let about = |verdict| Found::text(at.clone()).about(verdict);
            if let Some(host) = host_of(target)
                .filter(|host| self.hosts_not.iter().any(|known| is_below(host, known)))
            {
                found.push(about(Verdict::Other).with("host", host));
            }
            let seen = look.seen.get(number);
            if let Some(name) = self.logo(picture, look)
                && (seen.is_some() || !self.needs().registry)
                && !seen.is_some_and(|seen| is_approved_logo(seen, look))
            {
                found.push(about(Verdict::Marked).with("name", name));
            }
            if let Some(seen) = seen {
                found.extend(self.judge(seen, look, &about));
            }
        }
        found
    }

    /// Whose logo a picture is, as its address and its text say.
    fn logo(&self, picture: &Picture, look: &Look<'_>) -> Option<String> {
        if self.logo_of.is_empty() {
            return None;
        }
        let text = look.draft.text();
        let target = &text[picture.target.clone()];
        let address = target.split(['?', '#']).next().unwrap_or(target);
        let file = address.rsplit('/').next().unwrap_or(address);
        let alt = match &picture.alt {
            Alt::Text(at) => &text[at.clone()],
            _ => "",
        };
        let said = fold(&format!("{file} {alt}"), Resist::Typing);
        let words: Vec<&str> = said
            .text()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        if !words
            .iter()
            .any(|word| LOGO_WORDS.iter().any(|logo| word.starts_with(logo)))
        {
            return None;
        }
        let together = words.concat();
        let named = |name: &str| {
            let name = fold(name, Resist::Typing);
            let name: String = name
                .text()
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect();
            name.len() > 2 && together.contains(&name)
        };
        look.registers
            .iter()
            .filter(|register| self.logo_of.contains(&register.name))
            .flat_map(|register| &register.entries)
            .filter(|entry| {
                let approved = entry.approved.as_ref();
                !approved.is_some_and(|is| is.holds(look.at, look.draft.facts().channel()))
            })
            .find(|entry| entry.names().any(named))
            .map(|entry| entry.name.clone())
    }

    /// The registers without which it says less than it seems to.
    pub(super) fn registers(&self) -> Vec<Vec<&str>> {
        let named = [&self.logo_of, &self.taken_near]
            .into_iter()
            .filter(|names| !names.is_empty())
            .map(|names| names.iter().map(String::as_str).collect());
        named
            .chain(self.own_rights.then(|| vec!["organisation"]))
            .collect()
    }

    fn judge(
        &self,
        seen: &Seen,
        look: &Look<'_>,
        about: &impl Fn(Verdict) -> Found,
    ) -> Option<Found> {
        let channel = look.draft.facts().channel();
        if seen.file == File::Missing && self.needs().files() {
            return Some(about(Verdict::Missing));
        }
        if let Some(marks) = &self.mark {
            let mark = seen
                .matches
                .iter()
                .find(|found| is_among(found, marks) && found.asset.is_forbidden(look.at, channel));
            if let Some(mark) = mark {
                return Some(named(about(Verdict::Marked), mark));
            }
        }
        if let Some(found) = self.judge_file(seen, look, about) {
            return Some(found);
        }
        // What could not be looked at was told, and is neither approved nor not.
        if !self.approved || seen.in_library || seen.file == File::Unseen {
            return None;
        }
        let mut reason = "no entry of the registry looks like it".to_owned();
        for found in &seen.matches {
            let asset = &found.asset;
            if asset.protected {
                // Where a mark may be shown, nobody else has to approve it.
                if !asset.is_forbidden(look.at, channel) {
                    return None;
                }
                reason = format!("it shows the protected mark `{}`", asset.id);
                continue;
            }
            reason = match asset.usable(look.at, channel) {
                Usable::Yes => return None,
                Usable::Expired => format!("the licence of `{}` is over", asset.id),
                Usable::OtherChannel => {
                    let channels = asset.terms.channels.join(", ");
                    format!("`{}` is for {channels}", asset.id)
                }
                Usable::UnknownChannel => {
                    let channels = asset.terms.channels.join(", ");
                    format!(
                        "`{}` is for {channels}, and nobody says where this goes",
                        asset.id
                    )
                }
                Usable::NoRelease => {
                    format!("`{}` shows people, and has no `release`", asset.id)
                }
            };
        }
        if seen.file == File::Remote {
            "it is on another site".clone_into(&mut reason);
        }
        let found = about(Verdict::Unapproved).with("reason", reason);
        Some(match seen.matches.first() {
            Some(nearest) => named(found, nearest),
            None => found,
        })
    }
}

impl ImageSpec {
    /// What is wrong with what a picture's file tells.
    fn judge_file(
        &self,
        seen: &Seen,
        look: &Look<'_>,
        about: &impl Fn(Verdict) -> Found,
    ) -> Option<Found> {
        let told = &seen.told;
        let channel = look.draft.facts().channel();
        let location = told.locations.join(", ");
        if self.no_location && !told.locations.is_empty() {
            return Some(about(Verdict::Other).with("location", location));
        }
        let site = look
            .registers
            .iter()
            .filter(|register| self.taken_near.contains(&register.name))
            .flat_map(|register| &register.entries)
            .filter(|entry| {
                let approved = entry.approved.as_ref();
                !approved.is_some_and(|is| is.holds(look.at, channel))
            })
            .find(|entry| {
                let holds = |site: Site| told.positions.iter().any(|at| site.holds(*at));
                entry.site.is_some_and(holds)
            });
        if let Some(entry) = site {
            let found = about(Verdict::Other).with("site", entry.name.clone());
            return Some(found.with("location", location));
        }
        if self.no_ai_marker && told.made_up {
            return Some(about(Verdict::Other));
        }
        let usable = seen.matches.iter().find(|found| {
            let asset = &found.asset;
            !asset.protected && asset.usable(look.at, channel) == Usable::Yes
        });
        if self.own_rights && usable.is_none() {
            let names: Vec<String> = look
                .registers
                .iter()
                .filter(|register| register.name == "organisation")
                .flat_map(|register| &register.entries)
                .flat_map(|entry| entry.names().map(words))
                .collect();
            let is_own = |notice: &String| {
                let notice = words(notice);
                names.iter().any(|name| notice.contains(name.as_str()))
            };
            // Nobody to compare with is told elsewhere.
            if !names.is_empty()
                && let Some(notice) = told.rights.iter().find(|notice| !is_own(notice))
            {
                return Some(about(Verdict::Other).with("rights", notice.clone()));
            }
        }
        if self.creator_credit {
            let credit = usable.and_then(|found| found.asset.credit.clone());
            let wanted = match credit {
                Some(credit) => vec![credit],
                None => told.creators.clone(),
            };
            let text = words(look.draft.text());
            let is_named = wanted.iter().any(|name| text.contains(&words(name)));
            if !wanted.is_empty() && !is_named {
                return Some(about(Verdict::Other).with("creator", wanted.join(", ")));
            }
        }
        None
    }
}

/// The register whose entries have a place.
const SITES: &str = "premises";

/// The words of `text` without its signs, between spaces, so that whole words are compared.
fn words(text: &str) -> String {
    let plain = fold(text, Resist::Typing);
    let mut made = " ".to_owned();
    for word in plain.text().split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            made.push_str(word);
            made.push(' ');
        }
    }
    made
}

/// How words for a logo begin, in five languages.
const LOGO_WORDS: [&str; 4] = ["logo", "sigla", "emblem", "wordmark"];

/// Whether a picture is a logo of the registry that may be used.
fn is_approved_logo(seen: &Seen, look: &Look<'_>) -> bool {
    let channel = look.draft.facts().channel();
    seen.matches.iter().any(|found| {
        let asset = &found.asset;
        asset.kind == AssetKind::Logo
            && !asset.protected
            && asset.usable(look.at, channel) == Usable::Yes
    })
}

fn named(found: Found, matched: &Match) -> Found {
    let distance = matched
        .distance
        .map_or_else(|| "the very file".to_owned(), |bits| bits.to_string());
    found
        .with("asset", matched.asset.id.clone())
        .with("owner", matched.asset.owner.clone().unwrap_or_default())
        .with("distance", distance)
}

fn is_among(found: &Match, marks: &Marks) -> bool {
    match marks {
        Marks::Any => true,
        Marks::Named(name) => found.asset.id == *name || found.asset.group.as_ref() == Some(name),
    }
}

/// Pictures without a text, and texts that say nothing.
fn without_text(draft: &Draft) -> Vec<Found> {
    let missing = draft.pictures().iter().filter_map(|picture| {
        let at = match &picture.alt {
            Alt::Missing => picture.at,
            Alt::Empty { at } => *at,
            Alt::Nowhere | Alt::Decorative | Alt::Text(_) => return None,
        };
        (!is_film(draft, picture)).then(|| Found::at(At::File(at)).about(Verdict::Alt))
    });
    let empty = draft
        .segments()
        .iter()
        .filter(|segment| segment.scope == Scope::Alt)
        .filter(|segment| {
            let text = &draft.text()[segment.range.clone()];
            says_nothing(text, target_of(draft, &segment.range))
        })
        .map(|segment| Found::text(segment.range.clone()).about(Verdict::Alt));
    missing.chain(empty).collect()
}

/// The address of the picture whose text stands at `alt`.
fn target_of<'d>(draft: &'d Draft, alt: &Range<usize>) -> Option<&'d str> {
    draft
        .pictures()
        .iter()
        .find(|picture| matches!(&picture.alt, Alt::Text(text) if text == alt))
        .map(|picture| &draft.text()[picture.target.clone()])
}

fn is_film(draft: &Draft, picture: &Picture) -> bool {
    let target = draft.text()[picture.target.clone()].to_lowercase();
    [".mp4", ".mov", ".webm", ".m4v", ".avi"]
        .iter()
        .any(|extension| target.ends_with(extension))
}

/// Words that say only that there is a picture, in five languages.
const EMPTY_WORDS: [&str; 26] = [
    "image",
    "images",
    "picture",
    "photo",
    "photograph",
    "pic",
    "img",
    "graphic",
    "untitled",
    "placeholder",
    "alt",
    "alt text",
    "immagine",
    "foto",
    "fotografia",
    "figura",
    "imagen",
    "fotografía",
    "gráfico",
    "imagine",
    "poză",
    "fotografie",
    "imatge",
    "gràfic",
    "grafica",
    "n/a",
];

/// How the names of files begin that nobody chose: cameras, telephones and chat programs choose them.
const MACHINE_NAMES: [&str; 16] = [
    "img",
    "dsc",
    "dscn",
    "dscf",
    "dcim",
    "pxl",
    "gopr",
    "image",
    "photo",
    "foto",
    "picture",
    "screenshot",
    "schermata",
    "captura",
    "whatsapp image",
    "untitled",
];

/// Whether a text for those who do not see a picture says nothing: a file's name, or “image”.
fn says_nothing(alt: &str, target: Option<&str>) -> bool {
    let alt = alt.trim().to_lowercase();
    let plain = alt.trim_end_matches(['.', '!', ':']);
    if EMPTY_WORDS.contains(&plain) || !alt.chars().any(char::is_alphanumeric) {
        return true;
    }
    if is_picture_name(&alt) && !alt.contains(char::is_whitespace) {
        return true;
    }
    let from_machine = MACHINE_NAMES.iter().any(|name| {
        alt.strip_prefix(name).is_some_and(|rest| {
            let rest = rest.trim_start_matches(['_', '-', ' ', '(']);
            rest.starts_with(|c: char| c.is_ascii_digit())
                && rest
                    .split([' ', '_', '-', '.', ')'])
                    .all(|part| part.len() < 5 || part.bytes().all(|b| b.is_ascii_digit()))
                && rest.split(' ').count() < 5
        })
    });
    // A name that somebody chose says something once its words stand apart.
    let own = target.and_then(|target| target.split(['?', '#']).next()?.rsplit('/').next());
    let own = own.map(str::to_lowercase);
    let is_own = own.is_some_and(|own| {
        own == alt
            || (own.rsplit_once('.').is_some_and(|(stem, _)| stem == alt)
                && alt.contains(['_', '-'])
                && !alt.contains(' '))
    });
    from_machine || is_own
}

/// The host of an address on another site, in lower case.
fn host_of(target: &str) -> Option<String> {
    let (_, rest) = target.split_once("//")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty()).then(|| host.trim_end_matches('.').to_lowercase())
}

fn is_below(host: &str, known: &str) -> bool {
    host.strip_suffix(known)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_a_file_name_says_nothing() {
        for alt in [
            "IMG_0042.JPG",
            "image",
            "Foto.",
            "IMG_20261102_1130",
            "DSC 0042",
            "Screenshot 2026-11-02 at 10.22.33",
            "pier-at-dawn.webp",
            "…",
            "pier-at-dawn",
        ] {
            assert!(says_nothing(alt, Some("/a/pier-at-dawn.jpg")), "{alt}");
        }
        for alt in [
            "A pier at dawn",
            "Pier",
            "Photo 51, by Rosalind Franklin, which showed the helix",
            "Our logo, as in logo.png",
            "2026",
            "Image of a pier",
        ] {
            assert!(!says_nothing(alt, Some("/a/pier.jpg")), "{alt}");
        }
    }

    #[test]
    fn hosts_are_compared_label_by_label() {
        for (target, below) in [
            ("https://i.pics.example/a.jpg", true),
            ("//PICS.example:443/a.jpg", true),
            ("https://x@pics.example", true),
            ("https://notpics.example/a.jpg", false),
            ("/pics.example/a.jpg", false),
        ] {
            let host = host_of(target);
            let found = host.is_some_and(|host| is_below(&host, "pics.example"));
            assert_eq!(found, below, "{target}");
        }
    }
}
