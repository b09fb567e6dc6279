//! The registry of pictures, `assets.yaml`: which are approved, for what, until when, and which marks
//! are not to be shown.
//!
//! A picture is known by the hash of its file and by what it looks like, so that the picture itself
//! need not lie beside the registry.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::seen::{Asset, AssetKind, Match, Terms};
use super::signature::{Index, Signature};
use crate::text::shape::{Fields, Reader};
use crate::text::time::{Bound, instant};
use crate::text::yaml::{Node, Value};
use crate::text::{Problem, Source};

/// What can be wrong with a registry besides its shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
enum RegistryError {
    /// Two entries with one id.
    #[error("the picture `{id}` stands here a second time")]
    #[diagnostic(
        code(clearpost::assets::duplicate),
        help("give one of the two another id")
    )]
    Duplicate { id: String },
    /// An entry that no picture can be compared with.
    #[error("nothing says which picture `{id}` is")]
    #[diagnostic(
        code(clearpost::assets::no_picture),
        help("add `file:`, or `sha256:` and `hash:` as `clearpost assets hash FILE` prints them")
    )]
    NoPicture { id: String },
    /// Text that is no SHA-256.
    #[error("this is no SHA-256")]
    #[diagnostic(
        code(clearpost::assets::malformed_sha256),
        help("write 64 hexadecimal digits, as `clearpost assets hash FILE` prints them")
    )]
    NotASha256,
}

/// Pictures that a company knows.
#[derive(Debug, Default)]
pub struct Registry {
    /// Its entries, in the order written.
    pub entries: Vec<Entry>,
    /// How the addresses of approved pictures begin.
    pub approved_prefixes: Vec<String>,
    by_file: HashMap<String, usize>,
    index: Index,
}

/// An entry as written.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What rules know of it.
    pub asset: Arc<Asset>,
    /// The hash of its file, in small hexadecimal digits.
    pub sha256: Option<String>,
    /// What it looks like.
    pub hashes: Vec<Signature>,
}

const KEYS: [&str; 3] = ["assets", "approved_prefixes", "version"];

const ENTRY_KEYS: [&str; 16] = [
    "id",
    "file",
    "sha256",
    "hash",
    "kind",
    "group",
    "owner",
    "licence",
    "credit",
    "channels",
    "expires",
    "release",
    "notes",
    "protected",
    "allowed",
    "clause",
];

impl Registry {
    /// Reads a registry; mistakes go to `problems`.
    pub fn read(source: &Arc<Source>, zone: &TimeZone, problems: &mut Vec<Problem>) -> Self {
        let mut registry = Self::default();
        let mut reader = Reader::new(source, problems);
        let Some(root) = reader.root() else {
            return registry;
        };
        if matches!(root.value, Value::Null) {
            return registry;
        }
        let Some(fields) = reader.map(&root, "the registry of pictures", &KEYS) else {
            return registry;
        };
        if let Some(node) = fields.get("approved_prefixes") {
            registry.approved_prefixes = reader.texts(node, "approved_prefixes");
        }
        if let Some(node) = fields.get("assets") {
            // A registry that was just begun has none.
            let items = match &node.value {
                Value::List(items) => items.as_slice(),
                Value::Null => &[],
                _ => reader.list(node, "assets").unwrap_or_default(),
            };
            for item in items {
                if let Some((entry, id)) = read_entry(&mut reader, item, zone) {
                    let known = &registry.entries;
                    if known.iter().any(|known| known.asset.id == entry.asset.id) {
                        let id_text = entry.asset.id.clone();
                        reader.report(
                            &RegistryError::Duplicate { id: id_text },
                            id.at,
                            "the second one",
                        );
                        continue;
                    }
                    registry.entries.push(entry);
                }
            }
        }
        registry.index();
        registry
    }

    /// Makes what was changed in `entries` known to searches.
    pub fn index(&mut self) {
        self.by_file.clear();
        self.index = Index::default();
        for (number, entry) in self.entries.iter().enumerate() {
            if let Some(sha256) = &entry.sha256 {
                self.by_file.insert(sha256.clone(), number);
            }
            for hash in &entry.hashes {
                self.index.add(hash.clone(), number);
            }
        }
    }

    /// Whether it has nothing to compare a picture with.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.approved_prefixes.is_empty()
    }

    /// Whether `target`, as a draft writes it, is an address in the approved library. Addresses that
    /// leave a folder again are none.
    pub fn approves(&self, target: &str) -> bool {
        let path = target.split(['?', '#']).next().unwrap_or(target);
        let leaves = path.split(['/', '\\']).any(|part| part == "..");
        let plain = |text: &str| {
            let text = text.strip_prefix("https:").unwrap_or(text);
            let text = text.strip_prefix("http:").unwrap_or(text);
            text.trim_start_matches("./").to_owned()
        };
        let path = plain(path);
        !leaves
            && self.approved_prefixes.iter().any(|prefix| {
                let prefix = plain(prefix);
                let rest = path.strip_prefix(prefix.as_str());
                // A prefix ends where a folder or a host does.
                rest.is_some_and(|rest| {
                    prefix.ends_with('/') || rest.is_empty() || rest.starts_with('/')
                })
            })
    }

    /// The entry whose very file it is.
    pub fn of_file(&self, sha256: &str) -> Option<Match> {
        self.by_file.get(sha256).map(|number| Match {
            asset: Arc::clone(&self.entries[*number].asset),
            distance: None,
        })
    }

    /// The entries that a picture looks like, nearest first.
    pub fn alike(&self, signatures: &[Signature]) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        for likeness in signatures
            .iter()
            .flat_map(|signature| self.index.find(signature))
        {
            let asset = &self.entries[likeness.of].asset;
            match found.iter_mut().find(|known| known.asset.id == asset.id) {
                Some(known) => known.distance = known.distance.min(Some(likeness.distance)),
                None => found.push(Match {
                    asset: Arc::clone(asset),
                    distance: Some(likeness.distance),
                }),
            }
        }
        found.sort_by(|a, b| (a.distance, &a.asset.id).cmp(&(b.distance, &b.asset.id)));
        found
    }
}

fn read_entry<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    zone: &TimeZone,
) -> Option<(Entry, &'n Node)> {
    let owner = "an entry of the registry";
    let fields = reader.map(node, owner, &ENTRY_KEYS)?;
    let id_node = reader.required(&fields, "id", owner)?;
    let id = reader.text(id_node, "id")?.to_owned();
    let kind = reader
        .required(&fields, "kind", owner)
        .and_then(|node| reader.one_of(node, "kind", &AssetKind::WORDS));
    let mut text = |key: &str| {
        let node = fields.get(key)?;
        reader.text(node, key).map(str::to_owned)
    };
    let (file, group, of) = (text("file"), text("group"), text("owner"));
    let (licence, credit, release) = (text("licence"), text("credit"), text("release"));
    let (notes, clause) = (text("notes"), text("clause"));
    let protected = fields
        .get("protected")
        .and_then(|node| reader.truth(node, "protected"))
        .unwrap_or_default();
    let terms = read_terms(reader, &fields, zone);
    let allowed = fields.get("allowed").and_then(|node| match &node.value {
        Value::Scalar(word) if word == "true" => Some(Terms::default()),
        Value::Scalar(word) if word == "false" => None,
        _ => {
            let inner = reader.map(node, "`allowed`", &["channels", "until"])?;
            Some(read_terms(reader, &inner, zone))
        }
    });
    let sha256 = fields.get("sha256").and_then(|node| {
        let text = reader.text(node, "sha256")?.to_lowercase();
        let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hash {
            reader.report(&RegistryError::NotASha256, node.at, "here");
        }
        is_hash.then_some(text)
    });
    let mut hashes = Vec::new();
    if let Some(node) = fields.get("hash") {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for item in items {
            match reader.text(item, "hash").map(Signature::parse) {
                Some(Ok(hash)) => hashes.push(hash),
                Some(Err(error)) => reader.report(&error, item.at, "here"),
                None => {}
            }
        }
    }
    let says_which = ["file", "sha256", "hash"]
        .iter()
        .any(|key| fields.get(key).is_some());
    if !says_which {
        let id = id.clone();
        reader.report(&RegistryError::NoPicture { id }, id_node.at, "this one");
    }
    let asset = Asset {
        id,
        kind: kind?,
        group,
        file,
        owner: of,
        licence,
        credit,
        terms,
        release,
        notes,
        protected,
        allowed,
        clause,
    };
    let entry = Entry {
        asset: Arc::new(asset),
        sha256,
        hashes,
    };
    Some((entry, id_node))
}

/// `channels`, and `expires` or `until`.
fn read_terms(reader: &mut Reader<'_>, fields: &Fields<'_>, zone: &TimeZone) -> Terms {
    let channels = fields
        .get("channels")
        .map(|node| reader.texts(node, "channels"))
        .unwrap_or_default();
    let end = ["expires", "until"]
        .into_iter()
        .find_map(|key| Some((key, fields.get(key)?)));
    let expires =
        end.and_then(
            |(key, node)| match instant(reader.text(node, key)?, zone, Bound::End) {
                Ok(end) => Some(end),
                Err(error) => {
                    reader.report(&error, node.at, "not a date");
                    None
                }
            },
        );
    Terms {
        channels: channels.iter().map(|name| name.to_lowercase()).collect(),
        expires,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Registry, Vec<(String, String)>) {
        let source = Arc::new(Source::from_text("assets.yaml", text));
        let mut problems = Vec::new();
        let registry = Registry::read(&source, &TimeZone::UTC, &mut problems);
        let told = problems
            .iter()
            .map(|problem| {
                let at = problem.place.as_ref().unwrap().span;
                (problem.message.clone(), text[at.range()].to_owned())
            })
            .collect();
        (registry, told)
    }

    #[test]
    fn every_mistake_is_told_at_its_place() {
        let text = "assets:\n  - {id: a, kind: logo, file: a.png}\n  - {id: a, kind: photo, sha256: 12}\n  - {id: b, kind: foto, hash: x}\n  - {id: c, kind: logo}\n  - {kind: logo, file: x, expire: 2027}\n  - {id: d, kind: photo, file: d.jpg, expires: soon}\n";
        let (registry, told) = read(text);
        assert_eq!(registry.entries.len(), 3);
        let told: Vec<_> = told
            .iter()
            .map(|(message, at)| (message.as_str(), at.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("this is no SHA-256", "12"),
                ("the picture `a` stands here a second time", "a"),
                ("“foto” is not known here", "foto"),
                ("this is no hash of a picture", "x"),
                ("nothing says which picture `c` is", "c"),
                ("unknown key `expire` in an entry of the registry", "expire"),
                ("an entry of the registry needs `id`", "kind"),
                ("“soon” is no date", "soon"),
            ]
        );
        assert!(read("").1.is_empty());
        assert!(read("assets: []\n").1.is_empty());
        assert!(read("assets:\n").1.is_empty());
    }

    #[test]
    fn the_library_is_known_by_whole_folders_and_hosts() {
        let (registry, _) = read("approved_prefixes: [/assets/approved/, //media.example]\n");
        for (target, approved) in [
            ("/assets/approved/a.jpg", true),
            ("/assets/approved/../a.jpg", false),
            ("/assets/approved-not/a.jpg", false),
            ("https://media.example/a.jpg?w=3", true),
            ("https://media.example.evil/a.jpg", false),
            ("x/assets/approved/a.jpg", false),
        ] {
            assert_eq!(registry.approves(target), approved, "{target}");
        }
    }
}
