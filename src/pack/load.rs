//! Brings packs and their policies together: paths, folders, built-in ones, what they extend.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::read::{self, PackError, beside};
use super::{Builtin, Change, ChangeTo, Pack, PolicyRef};
use crate::policy::{Policy, add_translation, read_policy};
use crate::text::seal::{SealError, SealKey, Sealing};
use crate::text::shape::nearest;
use crate::text::time::{Bound, instant};
use crate::text::{Lang, Problem, Remark, Source, Span, Weight};

/// The files a loader may read: the caller's to grant.
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The files directly in a folder, or `None` if `path` is no folder.
    fn list(&self, path: &Path) -> Option<Vec<PathBuf>>;

    /// Whether the pack at `pack` may name the list at `list`.
    fn may_read(&self, pack: &Path, list: &Path) -> bool;

    /// The key of a sealed list.
    ///
    /// # Errors
    ///
    /// If the caller has none to give, as is so unless it says otherwise.
    fn seal_key(&self, _sealing: &Sealing) -> Result<SealKey, SealError> {
        Err(SealError::NoKey)
    }
}

/// A pack that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackRef {
    /// All built-in ones.
    AllBuiltin,
    /// A built-in one by name.
    Builtin(String),
    /// A file or a folder of files.
    Path(PathBuf),
}

impl PackRef {
    /// Reads `builtin:all`, `builtin:NAME` or a path.
    pub fn parse(text: &str, relative_to: &Path) -> Self {
        match text.strip_prefix("builtin:") {
            Some("all") => Self::AllBuiltin,
            Some(name) => Self::Builtin(name.to_owned()),
            None => Self::Path(PathBuf::from(beside(&relative_to.join("_"), text))),
        }
    }
}

/// Why something that was asked for is not in force.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// A built-in pack or policy that there is not.
    #[error("there is no built-in {what} `{name}`")]
    #[diagnostic(code(clearpost::load::no_such_builtin), help("there are: {known}"))]
    NoSuchBuiltin {
        /// “pack” or “policy”.
        what: &'static str,
        /// As written.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {what} `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::load::unreadable),
        help("check the path and that you may read the file")
    )]
    Unreadable {
        /// “the pack”, “the policy” …
        what: &'static str,
        /// The path.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A folder without a pack.
    #[error("the folder `{path}` holds no pack")]
    #[diagnostic(
        code(clearpost::load::no_pack),
        help("a pack is a .yaml file with `pack:` and `rules:`")
    )]
    NoPack {
        /// The folder.
        path: String,
    },
    /// A change to a rule that no pack before it has.
    #[error("there is no rule `{rule}` to change")]
    #[diagnostic(code(clearpost::load::nothing_to_change), help("{help}"))]
    NothingToChange {
        /// As written.
        rule: String,
        /// What may have been meant.
        help: String,
    },
    /// A pack that extends itself, directly or by way of others.
    #[error("this pack includes itself: {chain}")]
    #[diagnostic(code(clearpost::load::cycle), help("take one of these `extends:` out"))]
    Cycle {
        /// The packs in order.
        chain: String,
    },
    /// Two files with the same pack name.
    #[error("pack `{name}` is also {other}")]
    #[diagnostic(
        code(clearpost::load::duplicate_pack),
        help("give one of the two another name in `pack:`")
    )]
    DuplicatePack {
        /// The name.
        name: String,
        /// The first file.
        other: String,
    },
}

/// What there is to say about the day by which a policy has to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ReviewRemark {
    /// The day is over.
    #[error("the policy “{title}” had to be reviewed by {day}")]
    #[diagnostic(
        code(clearpost::policy::review_due),
        help("{}: look at it again, then write the next day here", owner.as_deref().unwrap_or("whoever keeps it"))
    )]
    Due {
        /// The policy.
        title: String,
        /// As written.
        day: String,
        /// Whom to ask.
        owner: Option<String>,
    },
    /// No day.
    #[error("“{0}” is no date, so nobody is told when the policy has to be reviewed")]
    #[diagnostic(
        code(clearpost::policy::no_review_date),
        help("write the day like this: 2027-01-31")
    )]
    NoDate(String),
}

/// The day by which a policy has to be looked at again.
#[derive(Debug)]
pub struct Review {
    /// The first instant at which it is over.
    pub end: Timestamp,
    /// What there is to say from then on.
    pub remark: ReviewRemark,
    /// The policy's file.
    pub source: Arc<Source>,
    /// The bytes of the day in it.
    pub at: Span,
}

/// What came of loading.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Packs in the order asked for.
    pub packs: Vec<Pack>,
    /// Every policy that a pack cites.
    pub policies: BTreeMap<PolicyRef, Policy>,
    /// What could not be loaded.
    pub problems: Vec<Problem>,
    /// Lists that packs name.
    pub lists: Vec<PathBuf>,
    /// Rules that a pack switched off.
    pub off: Vec<SwitchedOff>,
    /// What is worth telling about what was loaded.
    pub remarks: Vec<Remark>,
    /// When policies have to be looked at again; those that the program carries are not among them,
    /// since whoever uses it cannot.
    pub reviews: Vec<Review>,
}

/// A rule that a pack switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOff {
    /// The rule's full name.
    pub rule: String,
    /// The pack that did.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Loaded {
    /// A note about every policy that had to be looked at again before `now`.
    pub fn overdue(&self, now: Timestamp) -> impl Iterator<Item = Remark> {
        self.reviews
            .iter()
            .filter(move |review| review.end <= now)
            .map(|review| {
                let Review { source, at, .. } = review;
                Remark::new(
                    Weight::Note,
                    &review.remark,
                    source,
                    *at,
                    "this day is over",
                )
            })
    }
}

/// Whether a file in a folder of packs is taken for one: YAML, and no drafts to try packs on.
pub fn is_pack(file: &Path) -> bool {
    let is_yaml = file
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
    let is_cases = file
        .file_stem()
        .is_some_and(|stem| Path::new(stem).extension().is_some_and(|e| e == "cases"));
    is_yaml && !is_cases
}

/// Loads packs.
pub struct Loader<'f> {
    files: &'f dyn Files,
    builtin: &'f Builtin,
    zone: TimeZone,
    default_policy: PolicyRef,
    doubles: bool,
    loaded: Loaded,
    seen: Vec<PathBuf>,
    stack: Vec<PathBuf>,
}

impl std::fmt::Debug for Loader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loader")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl<'f> Loader<'f> {
    /// A loader of `files`, with `builtin` at hand; packs that name no policy cite
    /// `default_policy`.
    pub fn new(
        files: &'f dyn Files,
        builtin: &'f Builtin,
        zone: TimeZone,
        default_policy: PolicyRef,
    ) -> Self {
        Self {
            files,
            builtin,
            zone,
            default_policy,
            doubles: false,
            loaded: Loaded::default(),
            seen: Vec::new(),
            stack: Vec::new(),
        }
    }

    /// Also remarks on terms of a rule that are alike, for which all have to be kept.
    #[must_use]
    pub fn remarking_on_doubles(mut self) -> Self {
        self.doubles = true;
        self
    }

    /// Loads the default policy and `refs`.
    pub fn load(mut self, refs: &[PackRef]) -> Loaded {
        let default = self.default_policy.clone();
        self.policy(&default, None);
        for reference in refs {
            self.add(reference, None);
        }
        self.loaded
    }

    /// Reports `error`: at the place in another pack that asked for what is wrong, if there is one.
    fn report(&mut self, error: &LoadError, from: Option<(&Arc<Source>, Span)>) {
        let problem = Problem::new(error);
        self.loaded.problems.push(match (from, error) {
            (Some((source, at)), _) => problem.at(source, at, "asked for here"),
            (None, LoadError::Unreadable { path, .. } | LoadError::NoPack { path }) => {
                problem.in_file(path.clone())
            }
            (None, _) => problem,
        });
    }

    /// Loads one reference; `from` is the place in another pack that asked for it.
    fn add(&mut self, reference: &PackRef, from: Option<(&Arc<Source>, Span)>) {
        let builtin = self.builtin;
        match reference {
            PackRef::AllBuiltin => builtin.packs().for_each(|pack| self.add_builtin(pack)),
            PackRef::Builtin(name) => {
                if let Some(pack) = builtin.pack(name) {
                    self.add_builtin(pack);
                    return;
                }
                let known: Vec<&str> = builtin.pack_names().collect();
                let error = LoadError::NoSuchBuiltin {
                    what: "pack",
                    name: name.clone(),
                    known: format!("all, {}", known.join(", ")),
                };
                self.report(&error, from);
            }
            PackRef::Path(path) => self.path(path, from),
        }
    }

    fn add_builtin(&mut self, pack: &Pack) {
        match self.loaded.packs.iter().find(|have| have.name == pack.name) {
            None => {
                self.policy(&pack.policy, None);
                self.loaded.packs.push(pack.clone());
            }
            Some(have) if have.origin == pack.origin => {}
            Some(have) => {
                let error = LoadError::DuplicatePack {
                    name: pack.name.clone(),
                    other: have.origin.clone(),
                };
                let problem = Problem::new(&error).in_file(pack.origin.clone());
                self.loaded.problems.push(problem);
            }
        }
    }

    fn path(&mut self, path: &Path, from: Option<(&Arc<Source>, Span)>) {
        let Some(mut inside) = self.files.list(path) else {
            self.file(path, from);
            return;
        };
        inside.retain(|file| is_pack(file));
        inside.sort();
        if inside.is_empty() {
            let path = path.display().to_string();
            self.report(&LoadError::NoPack { path }, from);
        }
        for file in inside {
            self.file(&file, from);
        }
    }

    /// Loads one file; `from` is the place in another pack that asked for it.
    fn file(&mut self, path: &Path, from: Option<(&Arc<Source>, Span)>) {
        if self.stack.iter().any(|open| open == path) {
            let chain: Vec<String> = self
                .stack
                .iter()
                .map(PathBuf::as_path)
                .chain([path])
                .map(|p| p.display().to_string())
                .collect();
            let chain = chain.join(" → ");
            self.report(&LoadError::Cycle { chain }, from);
            return;
        }
        if self.seen.iter().any(|seen| seen == path) {
            return;
        }
        self.seen.push(path.to_owned());
        let Some(source) = self.source("the pack", path, from) else {
            return;
        };
        let mut problems = Vec::new();
        let read = read::read(
            &source,
            path,
            &self.zone,
            self.files,
            self.doubles,
            &mut problems,
        );
        self.loaded.problems.append(&mut problems);
        let Some(mut read) = read else { return };
        self.loaded.remarks.append(&mut read.remarks);
        self.stack.push(path.to_owned());
        for (text, at) in &read.extends {
            let reference = PackRef::parse(text, path.parent().unwrap_or(Path::new("")));
            self.add(&reference, Some((&source, *at)));
        }
        self.stack.pop();
        for change in &read.changes {
            self.change(change, &read.pack.name, &source);
        }
        self.loaded.lists.extend(read.lists);
        let mut pack = read.pack;
        if let Some(other) = self.loaded.packs.iter().find(|have| have.name == pack.name) {
            let error = LoadError::DuplicatePack {
                name: pack.name.clone(),
                other: other.origin.clone(),
            };
            self.loaded
                .problems
                .push(Problem::new(&error).in_file(source.name()));
            return;
        }
        if pack.policy == PolicyRef::Default {
            pack.policy = self.default_policy.clone();
        }
        let policy_ref = pack.policy.clone();
        self.policy(&policy_ref, Some(&source));
        self.check_citations(&mut pack, &read.citations, &source);
        self.loaded.packs.push(pack);
    }

    /// Changes rules of packs that were loaded before `by`, which says so in `source`.
    fn change(&mut self, change: &Change, by: &str, source: &Arc<Source>) {
        let mut is_known = false;
        for pack in &mut self.loaded.packs {
            for rule in pack
                .rules
                .iter_mut()
                .filter(|rule| change.is_about(&rule.id))
            {
                is_known = true;
                match &change.to {
                    ChangeTo::Severity(severity) => {
                        let rule = Arc::make_mut(rule);
                        rule.severity = Some(*severity);
                        rule.severity_where.clear();
                    }
                    ChangeTo::Off(reason) => self.loaded.off.push(SwitchedOff {
                        rule: rule.id.clone(),
                        by: by.to_owned(),
                        reason: reason.clone(),
                    }),
                }
            }
            if let ChangeTo::Off(_) = change.to {
                pack.rules.retain(|rule| !change.is_about(&rule.id));
            }
        }
        if !is_known {
            let rules = self.loaded.packs.iter().flat_map(|pack| &pack.rules);
            let near = nearest(&change.rule, rules.map(|rule| rule.id.as_str()));
            let error = LoadError::NothingToChange {
                rule: change.rule.clone(),
                help: near.map_or_else(
                    || "name a rule of a pack under `extends:`, as pack/rule".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ),
            };
            let problem = Problem::new(&error).at(source, change.at, "no such rule");
            self.loaded.problems.push(problem);
        }
    }

    /// Reports rules that cite a clause the pack's policy does not have, and takes them out.
    fn check_citations(&mut self, pack: &mut Pack, citations: &[Span], source: &Arc<Source>) {
        let Some(policy) = self.loaded.policies.get(&pack.policy) else {
            return;
        };
        for (rule, at) in pack.rules.iter().zip(citations) {
            if policy.clause(&rule.clause).is_some() {
                continue;
            }
            let known = policy.clauses.iter().map(|clause| clause.id.as_str());
            let error = PackError::UnknownClause {
                rule: rule.id.clone(),
                clause: rule.clause.to_string(),
                policy: policy.clauses.first().map_or_else(
                    || policy.name.clone(),
                    |clause| clause.texts[0].file.clone(),
                ),
                nearest: nearest(rule.clause.as_str(), known).map(str::to_owned),
            };
            let problem = Problem::new(&error).at(source, *at, "no clause has this id");
            self.loaded.problems.push(problem);
        }
        pack.rules
            .retain(|rule| policy.clause(&rule.clause).is_some());
    }

    fn source(
        &mut self,
        what: &'static str,
        path: &Path,
        from: Option<(&Arc<Source>, Span)>,
    ) -> Option<Arc<Source>> {
        let name = path.display().to_string();
        let problem = match self.files.read(path) {
            Ok(bytes) => match Source::decode(name.clone(), bytes, None) {
                Ok(source) => return Some(Arc::new(source)),
                Err(error) => Problem::new(&error).in_file(name),
            },
            Err(error) => {
                let error = LoadError::Unreadable {
                    what,
                    path: name.clone(),
                    reason: crate::text::plain_reason(&error),
                };
                let problem = Problem::new(&error);
                match from {
                    Some((source, at)) => problem.at(source, at, "asked for here"),
                    None => problem.in_file(name),
                }
            }
        };
        self.loaded.problems.push(problem);
        None
    }

    /// Loads a policy with the translations beside it, once.
    fn policy(&mut self, reference: &PolicyRef, cited_in: Option<&Arc<Source>>) {
        if self.loaded.policies.contains_key(reference) {
            return;
        }
        let policy = match reference {
            PolicyRef::Default => return,
            PolicyRef::Builtin(name) => {
                let policy = self
                    .builtin
                    .policies
                    .iter()
                    .find(|policy| policy.name == *name)
                    .cloned();
                if policy.is_none() {
                    let known: Vec<&str> = self
                        .builtin
                        .policies
                        .iter()
                        .map(|p| p.name.as_str())
                        .collect();
                    let error = LoadError::NoSuchBuiltin {
                        what: "policy",
                        name: name.clone(),
                        known: known.join(", "),
                    };
                    let problem = Problem::new(&error);
                    self.loaded.problems.push(match cited_in {
                        Some(source) => problem.in_file(source.name()),
                        None => problem,
                    });
                }
                policy
            }
            PolicyRef::File(path) => self.policy_file(Path::new(path)),
        };
        if let Some(policy) = policy {
            self.loaded.policies.insert(reference.clone(), policy);
        }
    }

    fn policy_file(&mut self, path: &Path) -> Option<Policy> {
        let source = self.source("the policy", path, None)?;
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or("policy")
            .to_owned();
        let mut problems = Vec::new();
        let mut policy = read_policy(&source, &stem, &mut problems);
        if let Some(policy) = &mut policy {
            self.note_review(policy, &source);
            let folder = path.parent().unwrap_or(Path::new(""));
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let mut beside = self.files.list(folder).unwrap_or_default();
            beside.sort();
            for file in beside {
                let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
                    continue;
                };
                let lang = name
                    .strip_prefix(&format!("{stem}."))
                    .and_then(|rest| rest.strip_suffix(".md"));
                if lang.is_some_and(|lang| lang.parse::<crate::text::Lang>().is_ok()) {
                    let file = path.with_file_name(name);
                    if let Some(translation) = self.source("the policy", &file, None) {
                        add_translation(policy, &translation, &mut problems);
                    }
                }
            }
        }
        self.loaded.problems.append(&mut problems);
        policy
    }

    /// Keeps the day by which `policy` has to be looked at again.
    fn note_review(&mut self, policy: &Policy, source: &Arc<Source>) {
        let (Some(day), Some(at)) = (&policy.review_by, policy.review_at) else {
            return;
        };
        match instant(day, &self.zone, Bound::End) {
            Ok(end) => self.loaded.reviews.push(Review {
                end,
                remark: ReviewRemark::Due {
                    title: policy.title(Lang::EN).to_owned(),
                    day: day.clone(),
                    owner: policy.owner.clone(),
                },
                source: Arc::clone(source),
                at,
            }),
            Err(_) => {
                let remark = ReviewRemark::NoDate(day.clone());
                let remark = Remark::new(Weight::Warning, &remark, source, at, "not a date");
                self.loaded.remarks.push(remark);
            }
        }
    }
}
