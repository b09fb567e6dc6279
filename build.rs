//! Compiles the built-in policy and packs: reads `rules/` with the library's own modules and
//! writes them as one image that the program decodes at its start.
//!
//! A mistake in a built-in pack fails the build and is told like any other pack's.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    unexpected_cfgs,
    clippy::all,
    clippy::pedantic,
    reason = "the library's modules are checked where they belong; only some of each is used here"
)]

// Rules look at drafts; the readers of all their formats are of no use here.
#[path = "src/draft"]
mod draft {
    mod build;
    mod facts;
    mod paragraphs;
    mod picture;
    mod scope;
    pub mod waiver;

    pub use build::{Draft, Entity, Segment};
    pub use facts::{
        FACTS, Fact, FactError, Facts, KNOWN_CHANNELS, StatedFacts, is_fact, known_values,
    };
    pub use picture::{Alt, Picture, is_picture_name};
    pub use scope::{NotAScope, Scope, Scopes};
    pub use waiver::Waiver;
}
// What takes pictures apart is of no use here, either.
#[path = "src/image"]
mod image {
    mod seen;

    pub use seen::{Asset, AssetKind, File, Match, Seen, Terms, Usable};
}
#[path = "src/kind/mod.rs"]
mod kind;
#[path = "src/pack/mod.rs"]
mod pack;
#[path = "src/policy/mod.rs"]
mod policy;
#[path = "src/register/mod.rs"]
mod register;
#[path = "src/text/mod.rs"]
mod text;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use pack::{Builtin, Files, Loader, PackRef, PolicyRef};

const POLICIES: [&str; 1] = ["social-media"];

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn list(&self, path: &Path) -> Option<Vec<PathBuf>> {
        let entries = fs::read_dir(path).ok()?;
        Some(
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.is_file())
                .collect(),
        )
    }

    fn may_read(&self, _pack: &Path, list: &Path) -> bool {
        list.starts_with("rules")
    }
}

fn main() {
    // The library's own `pack` module decodes the image that is being made here.
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rustc-env=CLEARPOST_SOURCE={}", source());
    let mut builtin = Builtin::default();
    let mut problems = Vec::new();
    for name in POLICIES {
        let file = PolicyRef::File(format!("rules/policy/{name}.md"));
        let loaded = Loader::new(
            &Disk,
            &Builtin::default(),
            jiff::tz::TimeZone::UTC,
            file.clone(),
        )
        .load(&[]);
        problems.extend(loaded.problems);
        builtin.policies.extend(loaded.policies.into_values());
    }
    // Places are told as of the program's own folder, not of the machine that built it.
    for text in builtin
        .policies
        .iter_mut()
        .flat_map(|policy| &mut policy.clauses)
        .flat_map(|clause| &mut clause.texts)
    {
        text.file = text.file.replace("rules/policy/", "builtin:");
    }
    let default = PolicyRef::Builtin(POLICIES[0].to_owned());
    let loaded = Loader::new(&Disk, &builtin, jiff::tz::TimeZone::UTC, default)
        .load(&[PackRef::Path("rules/packs".into())]);
    problems.extend(loaded.problems);
    let mut packs = loaded.packs;
    for pack in &mut packs {
        pack.origin = format!("builtin:{}", pack.name);
    }
    for problem in &problems {
        let place = problem
            .place
            .as_ref()
            .map(|place| place.source.line_col(place.span.start()));
        let (line, column) = place.unwrap_or((0, 0));
        let path = problem.path.as_deref().unwrap_or("rules");
        println!(
            "cargo::error={path}:{line}:{column}: {problem} ({})",
            problem.help.as_deref().unwrap_or("")
        );
    }
    if !problems.is_empty() {
        return;
    }
    builtin.carry(packs, machine).expect("packs are plain data");
    let image = postcard::to_allocvec(&builtin).expect("packs are plain data");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("builtin.image");
    fs::write(out, image).expect("cargo's own folder can be written");
}

/// A hash of the program's source.
fn source() -> blake3::Hash {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in Disk.list_all(folder) {
            if path.is_dir() {
                files(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = vec![PathBuf::from("Cargo.toml")];
    files(Path::new("src"), &mut found);
    found.sort();
    let mut hasher = blake3::Hasher::new();
    for path in found {
        hasher.update(path.as_os_str().as_encoded_bytes());
        hasher.update(&fs::read(path).unwrap_or_default());
    }
    hasher.finalize()
}

impl Disk {
    fn list_all(&self, folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.flatten().map(|entry| entry.path()).collect()
    }
}

/// Bytes that the automata of a pattern may have; most have a few thousand.
const LARGEST_MACHINE: usize = 1 << 17;

/// Takes an expression as far as an automaton, if it can be.
fn machine(regex: &str) -> Option<kind::machine::Machine> {
    use regex_automata::dfa::{dense, regex::Regex};
    let limits = dense::Config::new()
        .dfa_size_limit(Some(1 << 20))
        .determinize_size_limit(Some(4 << 20));
    let small = dense::Config::new().minimize(true);
    let compiled = |config| Regex::builder().dense(config).build_sparse(regex).ok();
    // To make an automaton small takes minutes if it is large.
    compiled(limits)?;
    let both = compiled(small)?;
    let (forward, reverse) = (
        both.forward().to_bytes_little_endian(),
        both.reverse().to_bytes_little_endian(),
    );
    let is_small = forward.len() + reverse.len() <= LARGEST_MACHINE;
    is_small.then(|| kind::machine::Machine::new(forward, reverse))
}
