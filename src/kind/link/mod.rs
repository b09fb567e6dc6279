//! The `link` kind: where the links of a draft lead.
//!
//! `link: {hosts_not: [example.com], schemes: [https], shorteners: forbid}`. It looks at the targets
//! of links and at addresses in running text. Mail, telephone numbers, paths, anchors and templates
//! are no web links. A finding is the whole link, once whatever is wrong with it.

mod address;
mod host;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::wildcard::is_like;
use super::{Found, Look};
use crate::draft::{Draft, Scope};
use crate::register::Register;
use crate::text::entities::{EntityKind, entities};
use crate::text::shape::{Fields, Reader, ShapeError};
use crate::text::yaml::Node;
use address::{Address, bare};
use host::Host;

/// What a message may use.
pub const CAPTURES: &[&str] = &["host"];

const SHORTENERS: &str = include_str!("shorteners.txt");

/// A checked `link` rule: a finding is a link that does not meet all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// Hosts of which every link has to lead to one; empty: any.
    pub hosts: Vec<String>,
    /// Hosts to which none may lead.
    pub hosts_not: Vec<String>,
    /// Schemes of which a link that names one has to have one; empty: any.
    pub schemes: Vec<String>,
    /// What is found of itself.
    pub unwanted: Vec<Unwanted>,
    /// Parameters that every link has to have; `utm_*` is any that begins so.
    pub required: Vec<String>,
    /// Parameters that none may have.
    pub forbidden: Vec<String>,
    /// Paths to which none may lead, nor below them.
    pub paths_not: Vec<String>,
    /// Which links it is about.
    pub own: Own,
    /// Whether addresses of pictures are links as well.
    pub images: bool,
}

/// Links that no list of hosts tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unwanted {
    /// Those through public shorteners.
    Shortener,
    /// Internal hosts, and ticket numbers.
    Internal,
    /// Hosts that look like the company's own.
    LookAlike,
}

impl LinkSpec {
    /// The registers without which it says less than it seems to: of each group one has to be filled.
    pub(super) fn registers(&self) -> Vec<Vec<&str>> {
        let mut needed = Vec::new();
        if self.unwanted.contains(&Unwanted::Internal) {
            needed.push(vec!["internal"]);
        }
        if self.unwanted.contains(&Unwanted::LookAlike) || self.own == Own::Only {
            needed.push(vec!["domains", "organisation"]);
        }
        needed
    }
}

impl Unwanted {
    /// Each with the key under which a pack forbids it.
    const KEYS: [(&str, Self); 3] = [
        ("shorteners", Self::Shortener),
        ("internal", Self::Internal),
        ("look_alikes", Self::LookAlike),
    ];
}

/// Which links a rule is about, by whether they lead to the company's own domains: those in the
/// registers `domains` and `organisation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Own {
    /// All.
    #[default]
    Count,
    /// Those to its own domains.
    Only,
    /// The others.
    Ignore,
}

const KEYS: [&str; 10] = [
    "hosts",
    "hosts_not",
    "schemes",
    "shorteners",
    "params",
    "paths_not",
    "internal",
    "look_alikes",
    "own",
    "images",
];

/// A host that no rule can be about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum HostError {
    /// Not a host.
    #[error("“{host}” is no host")]
    #[diagnostic(
        code(clearpost::link::malformed_host),
        help("write the name alone: example.com, or *.example.com for what is below it only")
    )]
    Malformed {
        /// As written.
        host: String,
    },
    /// A suffix below which anybody can have a name.
    #[error("below `{host}` anybody can have a name")]
    #[diagnostic(
        code(clearpost::link::public_suffix),
        help("name the one that is meant, or write *.{host} for all of them")
    )]
    PublicSuffix {
        /// As written.
        host: String,
    },
}

impl LinkSpec {
    /// Reads the value of `link:`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let before = reader.mistakes();
        let fields = reader.map(node, "`link`", &KEYS)?;
        let mut spec = Self {
            hosts: hosts(reader, &fields, "hosts"),
            hosts_not: hosts(reader, &fields, "hosts_not"),
            schemes: texts(reader, &fields, "schemes"),
            paths_not: texts(reader, &fields, "paths_not"),
            ..Self::default()
        };
        for (key, unwanted) in Unwanted::KEYS {
            if is_forbidden(reader, &fields, key) {
                spec.unwanted.push(unwanted);
            }
        }
        if let Some(node) = fields.get("params")
            && let Some(params) = reader.map(node, "`params`", &["required", "forbidden"])
        {
            spec.required = texts(reader, &params, "required");
            spec.forbidden = texts(reader, &params, "forbidden");
        }
        if spec == Self::default() && reader.mistakes() == before {
            let error = ShapeError::MissingKey {
                key: "hosts_not",
                owner: "`link`".to_owned(),
            };
            reader.report(&error, node.at, "asks for nothing");
        }
        let own = [
            ("count", Own::Count),
            ("only", Own::Only),
            ("ignore", Own::Ignore),
        ];
        if let Some(node) = fields.get("own") {
            spec.own = reader.one_of(node, "own", &own).unwrap_or_default();
        }
        if let Some(node) = fields.get("images") {
            spec.images = reader.truth(node, "images").unwrap_or_default();
        }
        (reader.mistakes() == before).then_some(spec)
    }

    /// Finds every link that does not meet it.
    pub(super) fn look(&self, look: &Look<'_>) -> Vec<Found> {
        let known = Known::new(look.registers);
        let mut found = Vec::new();
        for place in look.places {
            let text = &look.draft.text()[place.clone()];
            let scope = &look.draft.segment_at(place.start).map(|s| &s.scope);
            match scope {
                Some(Scope::Image) if !self.images => {}
                Some(Scope::Link | Scope::Image) => {
                    let trimmed = text.trim();
                    let start = place.start + text.len() - text.trim_start().len();
                    self.check(trimmed, start, &known, &mut found);
                }
                _ => {
                    let links = links(look.draft, place);
                    for link in bare(text, &links).iter().chain(&links) {
                        let start = place.start + link.start;
                        self.check(&text[link.clone()], start, &known, &mut found);
                    }
                    if self.unwanted.contains(&Unwanted::Internal) {
                        tickets(text, &known.tickets, |range| {
                            found.push(
                                Found::text(place.start + range.start..place.start + range.end)
                                    .with("host", &text[range]),
                            );
                        });
                    }
                }
            }
        }
        found
    }

    fn check(&self, text: &str, start: usize, known: &Known, found: &mut Vec<Found>) {
        if let Some(address) = Address::parse(text)
            && !self.is_met(&address, known)
        {
            found.push(Found::text(start..start + text.len()).with("host", address.host.as_str()));
        }
    }

    fn is_met(&self, link: &Address<'_>, known: &Known) -> bool {
        let host = &link.host;
        let is_own = known.own.iter().any(|own| host.is_under(own.as_str()));
        match self.own {
            Own::Only if !is_own => return true,
            Own::Ignore if is_own => return true,
            _ => {}
        }
        let is_under = |hosts: &[String]| hosts.iter().any(|domain| host.is_under(domain));
        let [by_shortener, internal, look_alikes] =
            Unwanted::KEYS.map(|(_, unwanted)| self.unwanted.contains(&unwanted));
        // These hold for a name without a scheme as well: it is one of a list.
        let is_listed = is_under(&self.hosts_not)
            || (by_shortener
                && link.path.len() > 1
                && shorteners().any(|domain| host.is_under(domain)))
            || (internal && is_under(&known.internal))
            || (look_alikes && host.looks_like(&known.own));
        if is_listed || !link.is_sure {
            return !is_listed;
        }
        let has = |wanted: &String| link.params().any(|param| is_like(wanted, param));
        let is_wrong = (!self.hosts.is_empty() && !is_under(&self.hosts))
            || link
                .scheme
                .as_ref()
                .is_some_and(|scheme| !self.schemes.is_empty() && !self.schemes.contains(scheme))
            || !self.required.iter().all(has)
            || self.forbidden.iter().any(has)
            || self.paths_not.iter().any(|path| is_below(link.path, path))
            || (internal && host.is_private())
            || (look_alikes
                && (host.is_disguised()
                    || Host::new(link.user.split(':').next().unwrap_or_default()).is_some_and(
                        |user| known.own.iter().any(|own| user.is_under(own.as_str())),
                    )));
        !is_wrong
    }
}

fn texts(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Vec<String> {
    fields
        .get(key)
        .map(|node| reader.texts(node, key))
        .unwrap_or_default()
        .iter()
        .map(|text| text.to_lowercase())
        .collect()
}

fn hosts(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Vec<String> {
    let Some(node) = fields.get(key) else {
        return Vec::new();
    };
    let mut hosts = Vec::new();
    for text in reader.texts(node, key) {
        let (stars, name) = match text.strip_prefix("*.") {
            Some(name) => ("*.", name),
            None => ("", text.as_str()),
        };
        match Host::new(name) {
            None => {
                let error = HostError::Malformed { host: text.clone() };
                reader.report(&error, node.at, "not a host");
            }
            Some(host) if stars.is_empty() && host.is_public_suffix() => {
                let error = HostError::PublicSuffix { host: text.clone() };
                reader.report(&error, node.at, "not one host");
            }
            Some(host) => hosts.push(format!("{stars}{}", host.as_str())),
        }
    }
    hosts
}

fn is_forbidden(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> bool {
    fields
        .get(key)
        .and_then(|node| reader.one_of(node, key, &[("forbid", true), ("allow", false)]))
        .unwrap_or_default()
}

/// Hosts of public shorteners.
fn shorteners() -> impl Iterator<Item = &'static str> {
    SHORTENERS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether `path` is `pattern` or below it; with `*` in it, whether it looks so.
fn is_below(path: &str, pattern: &str) -> bool {
    let path = path.to_lowercase();
    if pattern.contains('*') {
        return is_like(pattern, &path);
    }
    path.strip_prefix(pattern)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || pattern.ends_with('/'))
}

/// What the registers say about links.
struct Known {
    /// The company's own domains.
    own: Vec<Host>,
    internal: Vec<String>,
    /// Beginnings of ticket numbers, such as `LUM-`.
    tickets: Vec<String>,
}

impl Known {
    fn new(registers: &[Register]) -> Self {
        let names = |wanted: &'static str| {
            registers
                .iter()
                .filter(move |register| register.name == wanted)
                .flat_map(|register| &register.entries)
                .flat_map(|entry| std::iter::once(&entry.name).chain(&entry.aliases))
        };
        // A company's register has its names and handles beside its domains.
        let is_domain = |name: &&String| {
            name.contains('.') && !name.contains([' ', '@', '/']) && !name.ends_with('.')
        };
        let own = names("domains").chain(names("organisation"));
        let mut internal = Vec::new();
        let mut tickets = Vec::new();
        for name in names("internal") {
            let (stars, bare) = match name.strip_prefix("*.") {
                Some(bare) => ("*.", bare),
                None => ("", name.as_str()),
            };
            if is_domain(&name) {
                internal.extend(Host::new(bare).map(|host| format!("{stars}{}", host.as_str())));
            } else if name.ends_with(['-', '#', '_']) {
                tickets.push(name.clone());
            }
        }
        Self {
            own: own
                .filter(is_domain)
                .filter_map(|name| Host::new(name.trim_start_matches("*.")))
                .filter(|host| !host.is_public_suffix())
                .collect(),
            internal,
            tickets,
        }
    }
}

/// The addresses in running text, in order, by their bytes in `place`.
fn links(draft: &Draft, place: &Range<usize>) -> Vec<Range<usize>> {
    let known = draft.entities();
    let first = known.partition_point(|entity| entity.range.end <= place.start);
    let is_marked = !matches!(
        draft.segment_at(place.start).map(|segment| &segment.scope),
        Some(Scope::Code | Scope::Comment | Scope::Metadata(_))
    );
    if is_marked {
        known[first..]
            .iter()
            .take_while(|entity| entity.range.start < place.end)
            .filter(|entity| entity.scope == Scope::Link && entity.range.start >= place.start)
            .map(|entity| entity.range.start - place.start..entity.range.end - place.start)
            .collect()
    } else {
        // In code and comments nothing is a hashtag, so nobody looked for addresses either.
        entities(&draft.text()[place.clone()])
            .into_iter()
            .filter(|entity| entity.kind == EntityKind::Link)
            .map(|entity| entity.range)
            .collect()
    }
}

/// Calls `each` with every ticket number: one of `heads` with a number after it.
fn tickets(text: &str, heads: &[String], mut each: impl FnMut(Range<usize>)) {
    for head in heads {
        for (start, _) in text.match_indices(head.as_str()) {
            let number = start + head.len();
            let end = text[number..]
                .find(|c: char| !c.is_ascii_digit())
                .map_or(text.len(), |len| number + len);
            let touches = |c: char| c.is_alphanumeric() || c == '_';
            if end > number
                && !text[..start].ends_with(touches)
                && !text[end..].starts_with(touches)
            {
                each(start..end);
            }
        }
    }
}
