//! What is in force, hashed for the lock, and held against it.
//!
//! Whoever reads a lock must not learn what it locks. A plain hash of a list of three clients can be
//! guessed by trying names; so every hash of a file is a slow one with the lock's own salt, and each
//! guess costs what making the lock cost. Sealed lists are safe anyway: their bytes are chance to
//! whoever lacks the key.

use std::fs;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use super::config::{Config, ConfigError, read_source};
use super::rules::InForce;
use super::seal_key::slow_hash;
use crate::builtin::builtin;
use crate::pack::{Lock, PolicyRef, SEALED, tidy};
use crate::text::{Problem, plain_reason};

/// The name of the lock, beside the configuration.
pub(super) const FILE_NAME: &str = "clearpost.lock";

/// What hashing one file costs: some hundredths of a second, and 16 MiB.
const COSTS: [u32; 3] = [16 * 1024, 2, 1];

/// There is no lock where one is asked for.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("there is no lock `{0}`")]
#[diagnostic(
    code(clearpost::lock::none),
    help("write it with `clearpost pack lock`, and keep it beside the configuration")
)]
struct NoLock(String);

/// Where the lock of a configuration is.
pub(super) fn path(config: &Config) -> PathBuf {
    config.folder.join(FILE_NAME)
}

/// Reads a lock; mistakes go to `problems`.
pub(super) fn read(path: &Path, problems: &mut Vec<Problem>) -> Option<Lock> {
    let source = read_source("the lock", path, problems)?;
    match Lock::read(source.text()) {
        Ok(lock) => Some(lock),
        Err(error) => {
            problems.push(Problem::new(&error).in_file(source.name()));
            None
        }
    }
}

/// Reports everything in force that is not what the lock says.
pub(super) fn verify(config: &Config, in_force: &InForce, problems: &mut Vec<Problem>) {
    let path = path(config);
    if !path.exists() {
        let name = path.display().to_string();
        problems.push(Problem::new(&NoLock(name.clone())).in_file(name));
        return;
    }
    let Some(lock) = read(&path, problems) else {
        return;
    };
    let here = hashed(config, in_force, lock.salt, problems);
    let name = path.display().to_string();
    let differences = lock.differences(&here);
    problems.extend(
        differences
            .iter()
            .map(|error| Problem::new(error).in_file(name.clone())),
    );
}

/// Everything in force, hashed.
pub(super) fn hashed(
    config: &Config,
    in_force: &InForce,
    salt: [u8; 16],
    problems: &mut Vec<Problem>,
) -> Lock {
    let mut lock = Lock::new(salt);
    let loaded = &in_force.loaded;
    let mut files: Vec<(&str, PathBuf)> = Vec::new();
    let mut add = |what, origin: &str| match origin.strip_prefix("builtin:") {
        Some(name) => {
            // The program's own rules change with the program, all together.
            let hash = blake3::hash(format!("{what} {name} {}", builtin().hash).as_bytes());
            lock.add(&format!("built-in-{what}"), name, *hash.as_bytes());
        }
        None => files.push((what, PathBuf::from(origin))),
    };
    loaded
        .packs
        .iter()
        .for_each(|pack| add("pack", &pack.origin));
    for (reference, policy) in &loaded.policies {
        if let PolicyRef::Builtin(name) = reference {
            add("policy", &format!("builtin:{name}"));
            continue;
        }
        let texts = policy.clauses.iter().flat_map(|clause| &clause.texts);
        texts.for_each(|text| add("policy", &text.file));
    }
    files.extend(loaded.lists.iter().cloned().map(|path| ("list", path)));
    let registers = config.register_files.iter().cloned();
    files.extend(registers.map(|path| ("register", path)));
    files.extend(config.path.clone().map(|path| ("configuration", path)));
    files.sort();
    files.dedup();
    let read: Vec<_> = files
        .into_par_iter()
        .map(|(what, path)| {
            let hash = hash(&path, &salt);
            (what, path, hash)
        })
        .collect();
    for (what, path, hash) in read {
        match hash {
            Ok(hash) => lock.add(what, &from(&config.folder, &path), hash),
            Err(reason) => {
                let path = path.display().to_string();
                let error = ConfigError::Unreadable {
                    what,
                    path: path.clone(),
                    reason,
                };
                problems.push(Problem::new(&error).in_file(path));
            }
        }
    }
    lock
}

/// The slow hash of a file; line ends of texts count as one, whatever a checkout makes of them.
fn hash(path: &Path, salt: &[u8; 16]) -> Result<[u8; 32], String> {
    let mut bytes = fs::read(path).map_err(|error| plain_reason(&error))?;
    if path.extension().is_none_or(|end| end != SEALED) {
        let mut behind = bytes
            .iter()
            .copied()
            .skip(1)
            .collect::<Vec<u8>>()
            .into_iter();
        bytes.retain(|byte| {
            let next = behind.next();
            !(*byte == b'\r' && next == Some(b'\n'))
        });
    }
    let content = blake3::hash(&bytes);
    slow_hash(content.as_bytes(), salt, COSTS).ok_or_else(|| "it cannot be hashed".to_owned())
}

/// `path` as seen from `folder`, with `/` between folders.
fn from(folder: &Path, path: &Path) -> String {
    let absolute = |path: &Path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        path.canonicalize()
            .unwrap_or_else(|_| PathBuf::from(tidy(path)))
    };
    let (folder, path) = (absolute(folder), absolute(path));
    let shared = folder
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part| match part {
        Component::Normal(name) => name.to_string_lossy().into_owned(),
        other => other.as_os_str().to_string_lossy().into_owned(),
    });
    let parts: Vec<String> = up.chain(down).collect();
    // A name may hold anything; a line of the lock ends where it ends.
    parts.join("/").replace(['\n', '\r'], "?")
}
