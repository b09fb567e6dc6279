//! The zip of XML parts that word processors and sheets write, opened with limits.
//!
//! Such a file comes from strangers: what it unpacks to, how deep it nests and what its XML declares
//! is never taken on trust. A part that breaks a rule is told and left; the others are read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{RawFile, unreadable};
use crate::text::{Problem, Source};

/// What all parts that are read of one file may unpack to.
const MOST_BYTES: u64 = 256 << 20;

/// A part that unpacks to more than [`RATIO_FROM`] may not be larger than so many times its packed
/// size; a real one seldom is 30 times as large.
const MOST_RATIO: u64 = 200;

/// Smaller parts do no harm, however well they pack.
const RATIO_FROM: u64 = 8 << 20;

const MOST_PARTS: usize = 10_000;

/// Real documents nest some forty deep; tables in tables in text boxes a hundred.
const DEEPEST: usize = 512;

/// How a file starts that is a zip.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";

/// How a file starts that is a compound file: Office before 2007, and whatever has a password.
pub(super) const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Why a file, or one part of it, was not read.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum PackageError {
    #[error("this is no {wanted}: it is not a zip of XML parts")]
    #[diagnostic(
        code(clearpost::office::not_a_package),
        help("save it again as .{extension}")
    )]
    NotAPackage {
        wanted: &'static str,
        extension: &'static str,
    },
    #[error("the file is cut short or damaged: {reason}")]
    #[diagnostic(
        code(clearpost::office::damaged),
        help("get a fresh copy, or open and save it again")
    )]
    Damaged { reason: String },
    #[error("the file is protected with a password")]
    #[diagnostic(
        code(clearpost::office::encrypted),
        help("save it without a password to have it checked")
    )]
    Encrypted,
    #[error("the file is in the format of Office before 2007, or protected with a password")]
    #[diagnostic(
        code(clearpost::office::old_format),
        help("save it as .{extension}, without a password")
    )]
    OldFormat { extension: &'static str },
    #[error("the file has {parts} parts; at most {MOST_PARTS} are read")]
    #[diagnostic(
        code(clearpost::office::too_many_parts),
        help("copy its text into a new document")
    )]
    TooManyParts { parts: usize },
    #[error("`{part}` unpacks to more than {MOST_RATIO} times its size, as only a trap does")]
    #[diagnostic(
        code(clearpost::office::bomb),
        help("copy the text into a new document; nothing of this part was checked")
    )]
    Bomb { part: String },
    #[error("`{part}` would unpack to more than {} MB with the rest of the file", MOST_BYTES >> 20)]
    #[diagnostic(
        code(clearpost::office::too_large),
        help("split the file; nothing of this part was checked")
    )]
    TooLarge { part: String },
    #[error("the file has no `{part}`")]
    #[diagnostic(
        code(clearpost::office::missing_part),
        help("it may be another kind of file with this extension; save it again as .{extension}")
    )]
    MissingPart {
        part: String,
        extension: &'static str,
    },
    #[error("`{part}` cannot be unpacked: {reason}")]
    #[diagnostic(
        code(clearpost::office::damaged_part),
        help("open and save the file again; the other parts were checked")
    )]
    DamagedPart { part: String, reason: String },
    #[error("`{part}` is no proper XML at byte {at}: {reason}")]
    #[diagnostic(
        code(clearpost::office::malformed_xml),
        help("open and save the file again; what stands before this place was checked")
    )]
    Malformed {
        part: String,
        at: u64,
        reason: String,
    },
    #[error("`{part}` nests deeper than {DEEPEST} elements at byte {at}")]
    #[diagnostic(
        code(clearpost::office::too_deep),
        help("copy the text into a new document; what stands before this place was checked")
    )]
    TooDeep { part: String, at: u64 },
    #[error(
        "`{part}` declares a document type or an entity at byte {at}, as no word processor does"
    )]
    #[diagnostic(
        code(clearpost::office::entities),
        help("copy the text into a new document; what stands before this place was checked")
    )]
    Entities { part: String, at: u64 },
    #[error("`{part}` is a document inside the document, and was not read")]
    #[diagnostic(
        code(clearpost::office::embedded),
        help("open and save the file in Word, which makes it part of the text")
    )]
    Embedded { part: String },
}

/// An open file.
pub(super) struct Package {
    archive: ZipArchive<Cursor<Vec<u8>>>,
    left: u64,
}

impl Package {
    /// Opens a file that should be a `wanted` such as “Word document”; if it is none, that is a
    /// problem.
    pub(super) fn open(
        file: RawFile<'_>,
        wanted: &'static str,
        extension: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let name = file.name().to_owned();
        let bytes = match file.bytes() {
            Ok(bytes) => bytes,
            Err(error) => {
                problems.push(unreadable(&name, &error));
                return None;
            }
        };
        match Self::unzip(bytes, wanted, extension) {
            Ok(package) => Some(package),
            Err(error) => {
                problems.push(Problem::new(&error).in_file(name));
                None
            }
        }
    }

    fn unzip(
        bytes: Vec<u8>,
        wanted: &'static str,
        extension: &'static str,
    ) -> Result<Self, PackageError> {
        if bytes.starts_with(COMPOUND) {
            let stream: Vec<u8> = "EncryptedPackage"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            let encrypted = memchr::memmem::find(&bytes, &stream).is_some();
            return Err(if encrypted {
                PackageError::Encrypted
            } else {
                PackageError::OldFormat { extension }
            });
        }
        let is_zip = bytes.starts_with(ZIP);
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            if is_zip {
                PackageError::Damaged {
                    reason: error.to_string(),
                }
            } else {
                PackageError::NotAPackage { wanted, extension }
            }
        })?;
        if archive.len() > MOST_PARTS {
            return Err(PackageError::TooManyParts {
                parts: archive.len(),
            });
        }
        Ok(Self {
            archive,
            left: MOST_BYTES,
        })
    }

    /// The names of all parts.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.archive.file_names()
    }

    /// The text of a part, or `None` if there is no such part.
    fn text(&mut self, name: &str) -> Result<Option<String>, PackageError> {
        let damaged = |reason: String| PackageError::DamagedPart {
            part: name.to_owned(),
            reason,
        };
        let part = match self.archive.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(PackageError::Encrypted);
            }
            Err(error) => return Err(damaged(error.to_string())),
        };
        // What the zip claims about sizes is a claim: one byte more than is allowed is asked for.
        let fair = (part.compressed_size().saturating_mul(MOST_RATIO)).max(RATIO_FROM);
        let most = fair.min(self.left);
        let mut bytes = Vec::new();
        part.take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(error.to_string()))?;
        let size = bytes.len() as u64;
        if size > most {
            let part = name.to_owned();
            return Err(if fair < self.left {
                PackageError::Bomb { part }
            } else {
                PackageError::TooLarge { part }
            });
        }
        self.left -= size;
        let source =
            Source::decode(name, bytes, None).map_err(|error| damaged(error.to_string()))?;
        Ok(Some(source.text().to_owned()))
    }

    /// Where the part called `name` leads, by the ids that it uses; of a file without any, nothing.
    pub(super) fn relations(
        &mut self,
        name: &str,
        problems: &mut Vec<PackageError>,
    ) -> BTreeMap<String, Relation> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let slash = if folder.is_empty() { "" } else { "/" };
        let part = format!("{folder}{slash}_rels/{file}.rels");
        let mut relations = BTreeMap::new();
        let mut visitor = Relations {
            folder,
            found: &mut relations,
        };
        self.show(&part, &mut visitor, problems);
        relations
    }

    /// Shows `visitor` a part up to the first mistake; whether there is such a part.
    pub(super) fn show(
        &mut self,
        part: &str,
        visitor: &mut impl Visitor,
        problems: &mut Vec<PackageError>,
    ) -> bool {
        let read = self.text(part).and_then(|text| match text {
            None => Ok(false),
            Some(text) => walk(part, &text, visitor).map(|()| true),
        });
        read.unwrap_or_else(|error| {
            problems.push(error);
            true
        })
    }
}

/// A link from one part to another, or out of the file.
#[derive(Debug)]
pub(super) struct Relation {
    /// The last word of its type, such as `hyperlink`.
    pub(super) kind: String,
    /// The other part's name, or the address.
    pub(super) target: String,
}

/// The part that a relation of this kind leads to, or the `usual` one.
pub(super) fn target_of(relations: &BTreeMap<String, Relation>, kind: &str, usual: &str) -> String {
    relations
        .values()
        .find(|relation| relation.kind == kind)
        .map_or(usual, |relation| &relation.target)
        .to_owned()
}

struct Relations<'r> {
    folder: &'r str,
    found: &'r mut BTreeMap<String, Relation>,
}

impl Visitor for Relations<'_> {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        let (Some(id), Some(target)) = (element.attribute("Id"), element.attribute("Target"))
        else {
            return Descend::Into;
        };
        let kind = element.attribute("Type").unwrap_or_default();
        let external = element.attribute("TargetMode") == Some("External");
        let relation = Relation {
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: if external {
                target.to_owned()
            } else {
                part_name(self.folder, target)
            },
        };
        self.found.insert(id.to_owned(), relation);
        Descend::Into
    }
}

/// The name of the part that `target` means when a part in `folder` says so.
fn part_name(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// An element with its attributes, all by the names they have after the colon: every producer writes
/// the same prefixes, and none uses one name for two things in the same place.
#[derive(Debug)]
pub(super) struct Element<'x> {
    tag: &'x BytesStart<'x>,
    attributes: Vec<(&'x str, Cow<'x, str>)>,
}

impl Element<'_> {
    pub(super) fn name(&self) -> &str {
        self.tag.local_name().into_inner()
    }

    /// What stands before the colon of its name.
    pub(super) fn prefix(&self) -> &str {
        self.tag
            .name()
            .prefix()
            .map_or("", quick_xml::name::Prefix::into_inner)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.as_ref())
    }
}

/// Whether the inside of an element is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Descend {
    Into,
    /// The element is passed over; neither its inside nor its end is told.
    Over,
}

/// Sees the elements and texts of a part in order.
pub(super) trait Visitor {
    fn start(&mut self, element: &Element<'_>) -> Descend;
    fn text(&mut self, _text: &str) {}
    fn end(&mut self) {}
}

/// Shows `visitor` the XML `text` of `part`, up to the first mistake.
pub(super) fn walk(part: &str, text: &str, visitor: &mut impl Visitor) -> Result<(), PackageError> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut depth = 0_usize;
    // The depth of the element that is passed over.
    let mut over: Option<usize> = None;
    loop {
        let at = reader.buffer_position();
        let malformed = |reason: String| PackageError::Malformed {
            part: part.to_owned(),
            at,
            reason,
        };
        let event = reader
            .read_event()
            .map_err(|error| malformed(error.to_string()))?;
        match event {
            Event::Start(tag) => {
                depth += 1;
                if depth > DEEPEST {
                    let part = part.to_owned();
                    return Err(PackageError::TooDeep { part, at });
                }
                let mut attributes = Vec::new();
                for attribute in tag.attributes() {
                    let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
                    let value = attribute
                        .normalized_value(XmlVersion::Implicit1_0)
                        .map_err(|error| malformed(error.to_string()))?;
                    attributes.push((attribute.key.local_name().into_inner(), value));
                }
                let element = Element {
                    tag: &tag,
                    attributes,
                };
                if over.is_none() && visitor.start(&element) == Descend::Over {
                    over = Some(depth);
                }
            }
            Event::End(_) => {
                match over {
                    Some(passed) if passed == depth => over = None,
                    Some(_) => {}
                    None => visitor.end(),
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if over.is_none() => visitor.text(&text.xml10_content()),
            Event::CData(text) if over.is_none() => visitor.text(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = reference
                    .resolve_char_ref()
                    .map_err(|error| malformed(error.to_string()))?;
                let mut buffer = [0; 4];
                let meant = match letter {
                    Some(letter) => Some(&*letter.encode_utf8(&mut buffer)),
                    None => resolve_xml_entity(&reference),
                };
                let Some(meant) = meant else {
                    let part = part.to_owned();
                    return Err(PackageError::Entities { part, at });
                };
                if over.is_none() {
                    visitor.text(meant);
                }
            }
            Event::DocType(_) => {
                let part = part.to_owned();
                return Err(PackageError::Entities { part, at });
            }
            Event::Eof if depth > 0 => return Err(malformed("it ends too early".to_owned())),
            Event::Eof => return Ok(()),
            Event::Empty(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_) => {}
        }
    }
}
