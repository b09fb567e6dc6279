//! `clearpost.yaml`: what a company has settled once for all its drafts.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use jiff::tz::TimeZone;

use super::files::{Disk, repository};
use super::pictures;
use super::signature::TrustedKey;
use crate::draft::read::{
    DateOrder, FORMATS, NAMED_ROLES, ReadOptions, Reader as FormatReader, TextFormat,
};
use crate::draft::waiver::{Fault, listed};
use crate::draft::{FACTS, KNOWN_CHANNELS, Waiver, is_fact};
use crate::image::Registry;
use crate::pack::tidy;
use crate::pack::{Change, Files, SEALED, open_sealed};
use crate::policy::ClauseId;
use crate::register::{
    Entry, NAMES, NOT_SEALED, NotSealable, PERIODS, ReadRegister, Register, approve, read_csv,
    read_yaml,
};
use crate::report::Format;
use crate::text::common::common;
use crate::text::fold::Resist;
use crate::text::shape::{Fields, Reader, ShapeError, nearest};
use crate::text::yaml::{Key, Node, Value};
use crate::text::{Lang, Problem, Source};
use crate::triage::FailOn;

/// The name that is looked for.
pub(super) const FILE_NAME: &str = "clearpost.yaml";

/// The name of the list of waivers beside it, for formats that cannot carry one.
const WAIVERS_NAME: &str = "waivers.yaml";

const KEYS: [&str; 19] = [
    "assets",
    "packs",
    "policy",
    "clauses",
    "registers",
    "approvals",
    "drafts",
    "exclude",
    "channels",
    "approved_values",
    "fail_on",
    "format",
    "messages",
    "timezone",
    "date_order",
    "clause",
    "only_rule",
    "exclude_rules",
    "trusted_keys",
];

/// What can be wrong with a configuration besides its shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub(super) enum ConfigError {
    #[error("cannot read {what} `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::config::unreadable),
        help("check the path and that you may read the file")
    )]
    Unreadable {
        what: &'static str,
        path: String,
        reason: String,
    },
    #[error("`{0}` is no pattern for paths")]
    #[diagnostic(
        code(clearpost::config::malformed_glob),
        help("write paths such as posts/**/*.md")
    )]
    Glob(String),
    #[error("there is no time zone `{0}`")]
    #[diagnostic(
        code(clearpost::config::unknown_zone),
        help("write a name such as Europe/Rome")
    )]
    Zone(String),
    #[error("`packs: []` would check nothing")]
    #[diagnostic(
        code(clearpost::config::no_packs),
        help("name a pack, or leave `packs:` out for all built-in ones")
    )]
    NoPacks,
    #[error("`trusted_keys:` names no key, so no pack could be in force")]
    #[diagnostic(
        code(clearpost::config::nobody_trusted),
        help("name a key, or leave `trusted_keys:` out to take every pack as it is")
    )]
    NobodyTrusted,
    #[error("a clearpost.yaml below another one may hold only `drafts:`, not `{0}`")]
    #[diagnostic(
        code(clearpost::config::nested),
        help("move it to the topmost clearpost.yaml of the repository")
    )]
    Nested(String),
    #[error("register `{name}` stands in two files")]
    #[diagnostic(
        code(clearpost::config::duplicate_register),
        help("move the entries into one file")
    )]
    DuplicateRegister { name: String },
    #[error("there is no register `{name}`")]
    #[diagnostic(code(clearpost::config::unknown_register), help("{help}"))]
    UnknownRegister { name: String, help: String },
    #[error("a CSV register is a list of names: its column `{column}` is not read")]
    #[diagnostic(
        code(clearpost::config::csv_column),
        help("write the register as YAML, which has aliases and approvals")
    )]
    CsvColumn { column: &'static str },
    #[error("`{clause}` is no clause of {policy}")]
    #[diagnostic(
        code(clearpost::config::unknown_clause),
        help("correct the id under `clauses:`")
    )]
    UnknownClause { clause: String, policy: String },
    #[error("{owner} is for the channel `{channel}`, which is not known")]
    #[diagnostic(code(clearpost::config::unknown_channel), help("{help}"))]
    UnknownChannel {
        owner: String,
        channel: String,
        help: String,
    },
}

/// What holds for the drafts that some paths name.
#[derive(Debug, Default)]
pub(super) struct DraftGlobs {
    globs: Vec<GlobMatcher>,
    facts: Vec<(String, String)>,
    format: Option<&'static dyn FormatReader>,
    text_format: Option<TextFormat>,
    /// A role or fact, with the columns or keys that hold it.
    named: Vec<(String, Vec<String>)>,
    ignored: Vec<String>,
}

/// A waiver for the drafts that some paths name.
#[derive(Debug)]
pub(super) struct PathWaiver {
    globs: Vec<GlobMatcher>,
    /// Whether it names files and no patterns: then a run knows all drafts it is for.
    pub(super) names_files: bool,
    pub(super) waiver: Arc<Waiver>,
}

/// Names of a register where they stand: those that there may be something to say about.
#[derive(Debug)]
pub(super) struct NamesInPlace {
    pub(super) register: String,
    pub(super) source: Arc<Source>,
    pub(super) names: Vec<(String, Range<usize>)>,
}

/// A configuration as written, checked.
#[derive(Debug)]
pub(super) struct Config {
    /// The file, as people would type it; `None` if there is none.
    pub(super) path: Option<PathBuf>,
    /// Its folder, to which its paths are relative.
    pub(super) folder: PathBuf,
    pub(super) packs: Option<Vec<String>>,
    pub(super) policy: Option<String>,
    pub(super) clauses: Vec<(String, ClauseId)>,
    pub(super) registers: Vec<Register>,
    pub(super) register_files: Vec<PathBuf>,
    /// What is said about names depends on the rules that look for them.
    pub(super) names: Vec<NamesInPlace>,
    /// Whether the run is to tell everything there is to say, notes included.
    pub(super) verbose: bool,
    pub(super) drafts: Vec<DraftGlobs>,
    pub(super) exclude: Vec<GlobMatcher>,
    pub(super) channels: Vec<String>,
    /// What a status may say besides, for a post to be approved.
    pub(super) approved_values: Vec<String>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) format: Option<Format>,
    pub(super) messages: Option<Lang>,
    pub(super) zone: Option<(String, TimeZone)>,
    pub(super) date_order: Option<DateOrder>,
    pub(super) clause: Vec<String>,
    pub(super) only: Vec<String>,
    pub(super) exclude_rules: Vec<String>,
    /// Whose signature a pack needs; none: no pack needs any.
    pub(super) trusted_keys: Vec<TrustedKey>,
    /// The registry of pictures.
    pub(super) assets: Option<Registry>,
    pub(super) assets_file: Option<PathBuf>,
    /// What it changes for the drafts near it, and the file that says so.
    pub(super) overrides: Vec<Change>,
    pub(super) source: Option<Arc<Source>>,
    /// The list of waivers beside it.
    pub(super) waiver_file: Option<PathBuf>,
    pub(super) waivers: Vec<PathWaiver>,
}

impl Config {
    /// What holds where there is no file. A `verbose` run keeps all there is to say something about.
    pub(super) fn none(folder: PathBuf, verbose: bool) -> Self {
        Self {
            path: None,
            folder,
            packs: None,
            policy: None,
            clauses: Vec::new(),
            registers: Vec::new(),
            register_files: Vec::new(),
            names: Vec::new(),
            verbose,
            drafts: Vec::new(),
            exclude: Vec::new(),
            channels: Vec::new(),
            approved_values: Vec::new(),
            fail_on: None,
            format: None,
            messages: None,
            zone: None,
            date_order: None,
            clause: Vec::new(),
            only: Vec::new(),
            exclude_rules: Vec::new(),
            trusted_keys: Vec::new(),
            assets: None,
            assets_file: None,
            overrides: Vec::new(),
            source: None,
            waiver_file: None,
            waivers: Vec::new(),
        }
    }

    /// The zone of dates without one.
    pub(super) fn zone(&self) -> TimeZone {
        self.zone
            .as_ref()
            .map_or(TimeZone::UTC, |(_, zone)| zone.clone())
    }

    /// Reads the file at `path`; mistakes go to `problems`.
    pub(super) fn read(path: &Path, verbose: bool, problems: &mut Vec<Problem>) -> Self {
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let mut config = Self::none(folder, verbose);
        config.path = Some(path.to_owned());
        config.read_waivers(problems);
        let Some(source) = read_source("the configuration", path, problems) else {
            return config;
        };
        let mut reader = Reader::new(&source, problems);
        let Some(root) = reader.root() else {
            return config;
        };
        // A file of nothing but comments settles nothing.
        if matches!(root.value, Value::Null) {
            return config;
        }
        if let Some(fields) = reader.map(&root, "the configuration", &KEYS) {
            config.fill(&mut reader, &fields);
        }
        config
    }

    fn fill(&mut self, reader: &mut Reader<'_>, fields: &Fields<'_>) {
        if let Some(node) = fields.get("timezone")
            && let Some(name) = reader.text(node, "timezone")
        {
            match TimeZone::get(name) {
                Ok(zone) => self.zone = Some((name.to_owned(), zone)),
                Err(_) => {
                    reader.report(&ConfigError::Zone(name.to_owned()), node.at, "no such zone");
                }
            }
        }
        if let Some(node) = fields.get("packs") {
            match &node.value {
                Value::List(items) if items.is_empty() => {
                    reader.report(&ConfigError::NoPacks, node.at, "no pack");
                }
                _ => self.packs = Some(reader.texts(node, "packs")),
            }
        }
        self.policy = fields
            .get("policy")
            .and_then(|node| reader.text(node, "policy"))
            .map(str::to_owned);
        self.fail_on = fields
            .get("fail_on")
            .and_then(|node| reader.one_of(node, "fail_on", &FailOn::WORDS));
        self.format = fields.get("format").and_then(|node| {
            let known: Vec<(&str, Format)> = Format::ALL
                .iter()
                .map(|format| (format.name(), *format))
                .collect();
            reader.one_of(node, "format", &known)
        });
        self.messages = fields
            .get("messages")
            .and_then(|node| reader.langs(node, "messages").first().copied());
        let mut texts = |key: &str| {
            fields
                .get(key)
                .map(|node| reader.texts(node, key))
                .unwrap_or_default()
        };
        self.clause = texts("clause");
        self.only = texts("only_rule");
        self.exclude_rules = texts("exclude_rules");
        self.channels = texts("channels")
            .iter()
            .map(|channel| channel.to_lowercase())
            .collect();
        self.approved_values = texts("approved_values");
        self.read_trusted_keys(reader, fields);
        if let Some(node) = fields.get("date_order") {
            self.date_order = reader.one_of(node, "date_order", &DateOrder::WORDS);
        }
        if let Some(node) = fields.get("exclude") {
            self.exclude = globs(reader, node, "exclude");
        }
        if let Some(node) = fields.get("clauses")
            && let Some(entries) = reader.open_map(node, "`clauses`")
        {
            for (from, to) in entries.entries() {
                let Some(text) = reader.text(to, "a clause") else {
                    continue;
                };
                match text.parse::<ClauseId>() {
                    Ok(id) => self.clauses.push((from.text.clone(), id)),
                    Err(error) => reader.report(&error, to.at, "not an id"),
                }
            }
        }
        if let Some(node) = fields.get("drafts") {
            self.drafts = draft_globs(reader, node, &self.channels);
        }
        if let Some(node) = fields.get("registers") {
            self.read_registers(reader, node);
        }
        if let Some(node) = fields.get("approvals")
            && let Some(text) = reader.text(node, "approvals")
        {
            let path = self.folder.join(text);
            let mut problems = Vec::new();
            if let Some(source) = read_source("the approvals", &path, &mut problems) {
                approve(&source, &self.zone(), &mut self.registers, &mut problems);
            }
            self.register_files.push(path);
            reader.adopt(problems);
        }
        if let Some(node) = fields.get("assets")
            && let Some(text) = reader.text(node, "assets")
        {
            let path = self.folder.join(text);
            let mut problems = Vec::new();
            self.assets = read_source("the registry of pictures", &path, &mut problems)
                .map(|source| pictures::registry(&source, &path, &self.zone(), &mut problems));
            self.assets_file = Some(path);
            reader.adopt(problems);
        }
    }

    /// Whose signature a pack needs.
    fn read_trusted_keys(&mut self, reader: &mut Reader<'_>, fields: &Fields<'_>) {
        if let Some(node) = fields.get("trusted_keys") {
            for text in reader.texts(node, "trusted_keys") {
                match TrustedKey::read(&text, &self.folder) {
                    Ok(key) => self.trusted_keys.push(key),
                    Err(error) => reader.report(&error, node.at, "not a key"),
                }
            }
            if self.trusted_keys.is_empty() {
                reader.report(&ConfigError::NobodyTrusted, node.at, "no key");
            }
        }
    }

    fn read_registers(&mut self, reader: &mut Reader<'_>, node: &Node) {
        let mut all_derived = Vec::new();
        for text in reader.texts(node, "registers") {
            let path = self.folder.join(&text);
            let mut files = vec![path.clone()];
            if path.is_dir() {
                files = std::fs::read_dir(&path)
                    .map(|entries| {
                        entries
                            .filter_map(|entry| Some(entry.ok()?.path()))
                            .collect()
                    })
                    .unwrap_or_default();
                files.retain(|file| {
                    matches!(extension(file).as_str(), "yaml" | "yml" | "csv" | SEALED)
                });
                files.sort();
            } else if !path.exists() {
                let error = ConfigError::Unreadable {
                    what: "the registers",
                    path: path.display().to_string(),
                    reason: "there is no such file or folder".to_owned(),
                };
                reader.report(&error, node.at, "asked for here");
                continue;
            }
            for file in files {
                let mut problems = Vec::new();
                let verbose = self.verbose;
                let mut names = Vec::new();
                let each = |name: &str, at: Range<usize>| {
                    if verbose || common(name, Resist::Typing, &[]).is_some() {
                        names.push((name.to_owned(), at));
                    }
                };
                let sealed = extension(&file) == SEALED;
                let read = if sealed {
                    if let Some(register) = sealed_register(&file, &mut problems) {
                        self.add_register(register, reader, node);
                    }
                    None
                } else {
                    read_register(&file, &self.zone(), &mut problems, each)
                };
                reader.adopt(problems);
                self.register_files.push(file);
                let Some((ReadRegister { register, derived }, source)) = read else {
                    continue;
                };
                all_derived.extend(derived);
                if !names.is_empty() {
                    self.names.push(NamesInPlace {
                        register: register.name.clone(),
                        source,
                        names,
                    });
                }
                self.add_register(register, reader, node);
            }
        }
        for derived in all_derived {
            let same = self
                .registers
                .iter_mut()
                .find(|have| have.name == derived.name);
            match same {
                Some(register) => register.entries.extend(derived.entries),
                None => self.registers.push(derived),
            }
        }
    }

    /// Adds a register, unless another file has it.
    fn add_register(&mut self, register: Register, reader: &mut Reader<'_>, node: &Node) {
        if self.registers.iter().any(|have| have.name == register.name) {
            reader.report(
                &ConfigError::DuplicateRegister {
                    name: register.name,
                },
                node.at,
                "in here",
            );
        } else {
            self.registers.push(register);
        }
    }

    fn read_waivers(&mut self, problems: &mut Vec<Problem>) {
        let path = self.folder.join(WAIVERS_NAME);
        if !path.exists() {
            return;
        }
        let source = read_source("the waivers", &path, problems);
        self.waiver_file = Some(path);
        let Some(source) = source else { return };
        for entry in listed(&source, problems) {
            let mut waiver = entry.waiver;
            let mut globs = Vec::new();
            for path in &entry.paths {
                match GlobBuilder::new(&path.text).literal_separator(true).build() {
                    Ok(glob) => globs.push(glob.compile_matcher()),
                    Err(_) => {
                        let text = path.text.clone();
                        waiver.flaw(Fault::NoPattern { text }, path.at);
                    }
                }
            }
            let names_files = entry
                .paths
                .iter()
                .all(|path| !path.text.contains(['*', '?', '[', '{']));
            self.waivers.push(PathWaiver {
                globs,
                names_files,
                waiver: Arc::new(waiver),
            });
        }
    }

    /// The waivers of the list, by number, that are for the draft at `path`.
    pub(super) fn waivers_for(&self, path: &Path) -> Vec<usize> {
        if self.waivers.is_empty() {
            return Vec::new();
        }
        let relative = relative_to(path, &self.folder);
        let names = |entry: &PathWaiver| entry.globs.iter().any(|glob| glob.is_match(&relative));
        (0..self.waivers.len())
            .filter(|number| names(&self.waivers[*number]))
            .collect()
    }

    /// The entries of `drafts:` that name `path`.
    fn entries_for(&self, path: &Path) -> impl Iterator<Item = &DraftGlobs> {
        let relative = relative_to(path, &self.folder);
        self.drafts
            .iter()
            .filter(move |entry| entry.globs.iter().any(|glob| glob.is_match(&relative)))
    }

    /// Whether `drafts:` names `path`, so that it is one whatever its extension.
    pub(super) fn names_draft(&self, path: &Path) -> bool {
        self.entries_for(path).next().is_some()
    }

    /// The format that `drafts:` gives the file at `path`.
    pub(super) fn format_of(&self, path: &Path) -> Option<&'static dyn FormatReader> {
        self.entries_for(path)
            .filter_map(|entry| entry.format)
            .last()
    }

    /// Says what this configuration knows about the draft at `path`, over what was said before.
    pub(super) fn settle(&self, path: &Path, options: &mut ReadOptions) {
        for entry in self.entries_for(path) {
            for (key, value) in &entry.facts {
                options.stated.set(key, value.clone());
            }
            if let Some(format) = entry.text_format {
                options.text_format = format;
            }
            for (role, names) in &entry.named {
                options.fields.named.insert(role.clone(), names.clone());
            }
            options.fields.ignored.extend_from_slice(&entry.ignored);
        }
    }

    /// Whether `exclude:` names `path`.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        let relative = relative_to(path, &self.folder);
        self.exclude.iter().any(|glob| glob.is_match(&relative))
    }
}

fn extension(path: &Path) -> String {
    path.extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// The register that a list is, by its file's name.
fn register_of(path: &Path, problems: &mut Vec<Problem>) -> Option<String> {
    let register = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
        .to_owned();
    let is_list = |name: &&str| !PERIODS.contains(name);
    if !NAMES
        .iter()
        .filter(|name| is_list(name))
        .any(|name| *name == register)
    {
        let near = nearest(&register, NAMES)
            .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let error = ConfigError::UnknownRegister {
            name: register,
            help: format!(
                "{near}Such a register is named after its list: {}",
                NAMES.join(", ")
            ),
        };
        problems.push(Problem::new(&error).in_file(path.display().to_string()));
        return None;
    }
    Some(register)
}

/// Reads and opens a sealed register.
fn sealed_register(path: &Path, problems: &mut Vec<Problem>) -> Option<Register> {
    let name = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let error = ConfigError::Unreadable {
                what: "the register",
                path: name.clone(),
                reason: crate::text::plain_reason(&error),
            };
            problems.push(Problem::new(&error).in_file(name));
            return None;
        }
    };
    let names = match open_sealed(bytes, |sealing| Disk.seal_key(sealing)) {
        Ok(names) => names,
        Err(error) => {
            problems.push(Problem::new(&error).in_file(name));
            return None;
        }
    };
    let register = match names.register() {
        Some(register) => register.to_owned(),
        None => register_of(path, problems)?,
    };
    if NOT_SEALED.contains(&register.as_str()) {
        let error = NotSealable::Register(register);
        problems.push(Problem::new(&error).in_file(name));
        return None;
    }
    Some(Register {
        name: register,
        entries: Vec::new(),
        sealed: Some(names),
    })
}

/// Reads a register; calls `each` with its names and their places.
fn read_register(
    path: &Path,
    zone: &TimeZone,
    problems: &mut Vec<Problem>,
    mut each: impl FnMut(&str, Range<usize>),
) -> Option<(ReadRegister, Arc<Source>)> {
    let source = read_source("the register", path, problems)?;
    if extension(path) != "csv" {
        let read = read_yaml(&source, zone, problems, each)?;
        return Some((read, source));
    }
    let register = register_of(path, problems)?;
    let header = source
        .text()
        .lines()
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let more = ["aliases", "ambiguous", "near", "forms", "approved"];
    if let Some(column) = more.into_iter().find(|column| header.contains(column)) {
        let error = ConfigError::CsvColumn { column };
        problems.push(Problem::new(&error).in_file(source.name()));
    }
    let mut entries = Vec::new();
    read_csv(&source, None, problems, |name, at| {
        each(name, at);
        entries.push(Entry::listed(&register, name));
    });
    let read = ReadRegister {
        register: Register {
            name: register,
            entries,
            ..Register::default()
        },
        ..ReadRegister::default()
    };
    Some((read, source))
}

pub(super) fn read_source(
    what: &'static str,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Arc<Source>> {
    let name = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => match Source::decode(name.clone(), bytes, None) {
            Ok(source) => return Some(Arc::new(source)),
            Err(error) => problems.push(Problem::new(&error).in_file(name)),
        },
        Err(error) => {
            let reason = crate::text::plain_reason(&error);
            problems.push(
                Problem::new(&ConfigError::Unreadable {
                    what,
                    path: name.clone(),
                    reason,
                })
                .in_file(name),
            );
        }
    }
    None
}

fn globs(reader: &mut Reader<'_>, node: &Node, key: &str) -> Vec<GlobMatcher> {
    let mut matchers = Vec::new();
    for text in reader.texts(node, key) {
        match GlobBuilder::new(&text).literal_separator(true).build() {
            Ok(glob) => matchers.push(glob.compile_matcher()),
            Err(_) => reader.report(&ConfigError::Glob(text), node.at, "not a pattern"),
        }
    }
    matchers
}

/// Keys of an entry of `drafts:` that are no facts.
const DRAFT_KEYS: [&str; 5] = [
    "paths",
    "input_format",
    "text_format",
    "columns",
    "ignore_fields",
];

fn draft_globs(reader: &mut Reader<'_>, node: &Node, channels: &[String]) -> Vec<DraftGlobs> {
    let mut list = Vec::new();
    for item in reader.list(node, "drafts").unwrap_or_default() {
        let Some(fields) = reader.open_map(item, "an entry of `drafts`") else {
            continue;
        };
        let Some(paths) = reader.required(&fields, "paths", "an entry of `drafts`") else {
            continue;
        };
        let mut entry = DraftGlobs {
            globs: globs(reader, paths, "paths"),
            ..DraftGlobs::default()
        };
        for (key, value) in fields.entries() {
            match key.text.as_str() {
                "paths" => {}
                "input_format" => {
                    let known = FORMATS.map(|format| (format.name(), format));
                    entry.format = reader.one_of(value, "input_format", &known);
                }
                "text_format" => {
                    entry.text_format = reader.one_of(value, "text_format", &TextFormat::WORDS);
                }
                "ignore_fields" => entry.ignored = reader.texts(value, "ignore_fields"),
                "columns" => columns(reader, value, &mut entry),
                role if NAMED_ROLES.contains(&role) => {
                    let names = reader.texts(value, role);
                    entry.named.push((role.to_owned(), names));
                }
                _ => draft_fact(reader, key, value, channels, &mut entry),
            }
        }
        list.push(entry);
    }
    list
}

/// Which column or key holds which fact.
fn columns(reader: &mut Reader<'_>, node: &Node, entry: &mut DraftGlobs) {
    let Some(fields) = reader.open_map(node, "`columns`") else {
        return;
    };
    for (key, value) in fields.entries() {
        if NAMED_ROLES.contains(&key.text.as_str())
            || is_fact(&key.text)
            || matches!(key.text.as_str(), "time" | "id")
        {
            let names = reader.texts(value, &key.text);
            // The day of publication has a form of its own, in tables.
            let role = match key.text.as_str() {
                "publish_at" | "publish_date" => "date",
                other => other,
            };
            entry.named.push((role.to_owned(), names));
        } else {
            let known = || NAMED_ROLES.into_iter().chain(FACTS).chain(["time", "id"]);
            unknown_draft_key(reader, key, "`columns`", known);
        }
    }
}

fn draft_fact(
    reader: &mut Reader<'_>,
    key: &Key,
    value: &Node,
    channels: &[String],
    entry: &mut DraftGlobs,
) {
    let Some(text) = reader.text(value, &key.text) else {
        return;
    };
    let known_channels = || {
        KNOWN_CHANNELS
            .into_iter()
            .chain(channels.iter().map(String::as_str))
    };
    if key.text == "channel" && !known_channels().any(|known| known == text) {
        reader.unknown_value(value.at, text, known_channels());
    } else if is_fact(&key.text) {
        entry.facts.push((key.text.clone(), text.to_owned()));
    } else {
        let known = || DRAFT_KEYS.into_iter().chain(NAMED_ROLES).chain(FACTS);
        unknown_draft_key(reader, key, "an entry of `drafts`", known);
    }
}

fn unknown_draft_key<'k, I>(reader: &mut Reader<'_>, key: &Key, owner: &str, known: impl Fn() -> I)
where
    I: Iterator<Item = &'k str>,
{
    let error = ShapeError::UnknownKey {
        key: key.text.clone(),
        owner: owner.to_owned(),
        nearest: nearest(&key.text, known()).map(str::to_owned),
        known: known().collect::<Vec<_>>().join(", "),
    };
    reader.report(&error, key.at, "nothing reads this key");
}

/// `path` as seen from `folder`, both as typed or both resolved.
pub(super) fn relative_to(path: &Path, folder: &Path) -> PathBuf {
    let absolute = |path: &Path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        PathBuf::from(tidy(
            &std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        ))
    };
    let (path, folder) = (absolute(path), absolute(folder));
    path.strip_prefix(&folder)
        .map(Path::to_path_buf)
        .unwrap_or(path)
}

/// The configuration for drafts in `folder`: the topmost file up to the repository's root; outside
/// a repository only the working folder's.
pub(super) fn find(folder: &Path) -> Option<PathBuf> {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let absolute = here.canonicalize().ok()?;
    let Some(root) = repository(&absolute) else {
        let own = PathBuf::from(FILE_NAME);
        return own.is_file().then_some(own);
    };
    let topmost = absolute
        .ancestors()
        .take_while(|above| above.starts_with(root))
        .filter(|above| above.join(FILE_NAME).is_file())
        .last()?;
    Some(as_typed(&topmost.join(FILE_NAME)))
}

/// Every other configuration between the topmost one and `folder`, outermost first.
pub(super) fn find_nested(folder: &Path, topmost: &Path) -> Vec<PathBuf> {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let (Ok(absolute), Ok(top)) = (here.canonicalize(), topmost.canonicalize()) else {
        return Vec::new();
    };
    let Some(top) = top.parent() else {
        return Vec::new();
    };
    let mut nested: Vec<PathBuf> = absolute
        .ancestors()
        .take_while(|above| *above != top && above.starts_with(top))
        .map(|above| above.join(FILE_NAME))
        .filter(|file| file.is_file())
        .map(|file| as_typed(&file))
        .collect();
    nested.reverse();
    nested
}

/// Reads a configuration below the topmost one, which may only state facts.
pub(super) fn read_nested(path: &Path, channels: &[String], problems: &mut Vec<Problem>) -> Config {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut config = Config::none(folder, false);
    config.path = Some(path.to_owned());
    let Some(source) = read_source("the configuration", path, problems) else {
        return config;
    };
    let mut reader = Reader::new(&source, problems);
    let Some(root) = reader.root() else {
        return config;
    };
    if matches!(root.value, Value::Null) {
        return config;
    }
    let Some(fields) = reader.open_map(&root, "the configuration") else {
        return config;
    };
    for (key, value) in fields.entries() {
        if key.text == "drafts" {
            config.drafts = draft_globs(&mut reader, value, channels);
        } else if key.text == "overrides" {
            config.overrides = Change::read_all(value, "overrides", &mut reader);
            config.source = Some(Arc::clone(&source));
        } else {
            reader.report(&ConfigError::Nested(key.text.clone()), key.at, "not here");
        }
    }
    config
}

/// An absolute path as seen from the working folder, if it lies below it.
pub(super) fn as_typed(path: &Path) -> PathBuf {
    let here = std::env::current_dir()
        .ok()
        .and_then(|here| here.canonicalize().ok());
    here.and_then(|here| path.strip_prefix(&here).ok().map(Path::to_path_buf))
        .unwrap_or_else(|| path.to_owned())
}
