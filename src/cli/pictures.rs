//! The pictures of drafts: where their files are, and what they show.
//!
//! An address is looked up as sites do, beside the draft and in the folders that are published, and
//! never out of the tree that the configuration is for. Nothing is ever asked for on a network.

use std::collections::HashMap;
use std::fs::{self, File as Opened};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::cache::Pictured;
use super::config::Config;
use super::files::repository;
use crate::draft::Draft;
use crate::engine::Album;
use crate::image::{DecodeError, File, Registry, Seen, embedded, look, sha256};
use crate::kind::image::Needs;
use crate::text::{Problem, plain_reason};

/// Larger files are not read.
const LARGEST: u64 = 64 << 20;

/// Folders whose content a site publishes at its root.
const PUBLISHED: [&str; 5] = ["static", "assets", "public", "src/assets", "content"];

/// Why a picture was not looked at.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum PictureError {
    #[error("the picture `{path}` lies outside of the folder that is checked")]
    #[diagnostic(
        code(clearpost::image::outside),
        help("copy it beside the draft: links out of the tree are not followed")
    )]
    Outside { path: String },
    #[error("cannot read the picture `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::image::unreadable),
        help("check that you may read the file")
    )]
    Unreadable { path: String, reason: String },
    #[error("the picture `{path}` is larger than 64 MB")]
    #[diagnostic(
        code(clearpost::image::file_too_large),
        help("make it smaller: no channel takes it")
    )]
    TooLarge { path: String },
    #[error("pictures inside a {format} file are not looked at")]
    #[diagnostic(
        code(clearpost::image::inside),
        help("save the picture beside the draft and link to it, or look at it yourself")
    )]
    Inside { format: &'static str },
}

/// Looks at pictures, each once however many drafts use it.
pub(super) struct Gallery<'g> {
    needs: Needs,
    registry: Option<&'g Registry>,
    root: PathBuf,
    seen: Mutex<HashMap<String, Result<Seen, DecodeError>>>,
}

/// Where the file of an address is.
enum Place {
    Remote,
    Missing,
    Found(PathBuf),
    Outside,
}

impl<'g> Gallery<'g> {
    /// A gallery for drafts under `config`; `None` if no rule in force asks for it.
    pub(super) fn new(config: &'g Config, needs: Needs) -> Option<Self> {
        if !needs.files() {
            return None;
        }
        let folder = if config.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &config.folder
        };
        Some(Self {
            needs,
            registry: config.assets.as_ref().filter(|known| !known.is_empty()),
            root: folder.canonicalize().unwrap_or_else(|_| folder.to_owned()),
            seen: Mutex::default(),
        })
    }

    /// Looks at the pictures of a draft in `folder`.
    pub(super) fn album(&self, draft: &Draft, folder: &Path, problems: &mut Vec<Problem>) -> Album {
        // A draft with many pictures has them looked at side by side, and told of in their order.
        let looked: Vec<_> = draft
            .pictures()
            .par_iter()
            .map(|picture| {
                let target = &draft.text()[picture.target.clone()];
                (picture, target, self.see(target, draft, folder))
            })
            .collect();
        let mut pictures = Vec::with_capacity(looked.len());
        for (picture, target, seen) in looked {
            let mut seen = match seen {
                Ok(seen) => seen,
                Err(problem) => {
                    let at = draft.span(&picture.target);
                    problems.push(problem.at(draft.source(), at, "this picture"));
                    Seen {
                        file: File::Unseen,
                        ..Seen::default()
                    }
                }
            };
            seen.in_library = self.registry.is_some_and(|known| known.approves(target));
            pictures.push(seen);
        }
        Album {
            pictures,
            has_registry: self.registry.is_some(),
        }
    }

    /// What an address leads to; `None` if nobody can look at that.
    pub(super) fn pictured(&self, target: &str, folder: &Path) -> Option<Pictured> {
        match self.place(target, folder) {
            Place::Missing => Some(Pictured::Missing),
            Place::Found(path) => {
                let bytes = read(&path).ok().flatten()?;
                Some(Pictured::File(*blake3::hash(&bytes).as_bytes()))
            }
            Place::Remote | Place::Outside => None,
        }
    }

    fn see(&self, target: &str, draft: &Draft, folder: &Path) -> Result<Seen, Box<Problem>> {
        let target = target.trim();
        let told = |error: &dyn miette::Diagnostic| Box::new(Problem::new(error));
        if target.starts_with("data:") {
            return match embedded(target) {
                Ok(bytes) => self.bytes(&bytes).map_err(|error| told(&error)),
                Err(error) => Err(told(&error)),
            };
        }
        let format = match Path::new(draft.source().name()).extension() {
            Some(e) if e.eq_ignore_ascii_case("docx") => Some("Word"),
            Some(e) if e.eq_ignore_ascii_case("eml") && !is_address(target) => Some("mail"),
            _ => target.starts_with("cid:").then_some("mail"),
        };
        if let Some(format) = format.filter(|_| !target.contains("://")) {
            return Err(told(&PictureError::Inside { format }));
        }
        let found = match self.place(target, folder) {
            Place::Remote => File::Remote,
            Place::Missing => File::Missing,
            Place::Outside => {
                let path = target.to_owned();
                return Err(told(&PictureError::Outside { path }));
            }
            Place::Found(path) => return self.file(&path),
        };
        Ok(Seen {
            file: found,
            ..Seen::default()
        })
    }

    /// Where an address leads: as written, and as its escapes say.
    fn place(&self, target: &str, folder: &Path) -> Place {
        if is_address(target) {
            return Place::Remote;
        }
        let path = target.split(['?', '#']).next().unwrap_or(target);
        let decoded = percent_encoding(path);
        // A name may hold a question mark or a number sign.
        let mut outside = false;
        for written in [path, target, &decoded] {
            let relative = written.trim_start_matches('/');
            let mut tried: Vec<PathBuf> = Vec::new();
            if !written.starts_with('/') {
                tried.push(folder.join(relative));
            }
            tried.push(self.root.join(relative));
            tried.extend(
                PUBLISHED
                    .iter()
                    .map(|top| self.root.join(top).join(relative)),
            );
            for path in tried {
                // What is not there has no real path.
                let Ok(real) = path.canonicalize() else {
                    outside |= leaves(&path);
                    continue;
                };
                if real.starts_with(&self.root) || self.in_repository(&real) {
                    if real.is_file() {
                        return Place::Found(real);
                    }
                } else {
                    outside = true;
                }
            }
        }
        if outside {
            Place::Outside
        } else {
            Place::Missing
        }
    }

    /// Whether a file lies in the repository that the configuration is in.
    fn in_repository(&self, path: &Path) -> bool {
        repository(&self.root).is_some_and(|top| path.starts_with(top))
    }

    fn file(&self, path: &Path) -> Result<Seen, Box<Problem>> {
        let shown = super::config::as_typed(path).display().to_string();
        let told = |error: &dyn miette::Diagnostic| Box::new(Problem::new(error));
        let bytes = match read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(told(&PictureError::TooLarge { path: shown })),
            Err(error) => {
                let reason = plain_reason(&error);
                return Err(told(&PictureError::Unreadable {
                    path: shown,
                    reason,
                }));
            }
        };
        self.bytes(&bytes).map_err(|error| told(&error))
    }

    fn bytes(&self, bytes: &[u8]) -> Result<Seen, DecodeError> {
        let key = sha256(bytes);
        let known = self
            .seen
            .lock()
            .ok()
            .and_then(|seen| seen.get(&key).cloned());
        if let Some(known) = known {
            return known;
        }
        let registry = self
            .registry
            .filter(|_| self.needs.registry || self.needs.matches);
        let seen = look(bytes, registry, self.needs.metadata);
        if let Ok(mut all) = self.seen.lock() {
            all.insert(key, seen.clone());
        }
        seen
    }
}

/// The addresses in a draft that lead to files, with the folder from which they lead.
pub(super) fn addresses(draft: &Draft) -> Vec<(String, PathBuf)> {
    let folder = super::overrides::folder_of(draft.source().name());
    let targets = draft.pictures().iter();
    let targets = targets.map(|picture| draft.text()[picture.target.clone()].trim());
    targets
        .filter(|target| !is_address(target))
        .map(|target| (target.to_owned(), folder.to_owned()))
        .collect()
}

/// The bytes of a file, unless it is too large; a device or a pipe is none.
pub(super) fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let size = fs::metadata(path)?.len();
    if size > LARGEST {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    Opened::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

/// Whether an address is one on another site, or made up by a program.
fn is_address(target: &str) -> bool {
    target.starts_with("//")
        || target.split_once(':').is_some_and(|(scheme, _)| {
            scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        || target.starts_with("{{")
}

/// Whether a path goes further up than it goes down.
fn leaves(path: &Path) -> bool {
    let mut depth = 0_i32;
    path.components().any(|part| {
        match part {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
        depth < 0
    })
}

fn percent_encoding(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair
            .filter(|_| *first == b'%')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// The registry at `path`, with what entries that only name their file look like. What is wrong goes
/// to `problems`.
pub(super) fn registry(
    source: &Arc<crate::text::Source>,
    path: &Path,
    zone: &jiff::tz::TimeZone,
    problems: &mut Vec<Problem>,
) -> Registry {
    let mut registry = Registry::read(source, zone, problems);
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut changed = false;
    for entry in &mut registry.entries {
        let Some(file) = entry.asset.file.clone() else {
            continue;
        };
        if entry.sha256.is_some() || !entry.hashes.is_empty() {
            continue;
        }
        changed = true;
        let told = match read(&folder.join(&file)) {
            Ok(Some(bytes)) => {
                entry.sha256 = Some(sha256(&bytes));
                match crate::image::signatures(&bytes) {
                    Ok(hashes) => {
                        entry.hashes = hashes;
                        continue;
                    }
                    Err(error) => Problem::new(&error),
                }
            }
            Ok(None) => Problem::new(&PictureError::TooLarge { path: file }),
            Err(error) => Problem::new(&PictureError::Unreadable {
                path: file,
                reason: plain_reason(&error),
            }),
        };
        problems.push(told.in_file(source.name()));
    }
    if changed {
        registry.index();
    }
    registry
}
