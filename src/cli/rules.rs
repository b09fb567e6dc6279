//! From options and configuration to a rulebook: the same for every command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::args::RuleArgs;
use super::config::{Config, ConfigError};
use super::files::Disk;
use super::settings::{Set, layered, messages, selection, typed_origin};
use super::signature;
use crate::builtin::builtin;
use crate::draft::KNOWN_CHANNELS;
use crate::engine::{Rulebook, RulebookOptions};
use crate::kind::Kind;
use crate::kind::condition::Condition;
use crate::kind::remarks::TermsSeen;
use crate::kind::terms::RegisterUse;
use crate::pack::{Files, Loaded, Loader, PackRef, PolicyRef};
use crate::text::shape::nearest;
use crate::text::{Lang, Problem};

/// Everything that is in force.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) rulebook: Rulebook,
    pub(super) loaded: Loaded,
    pub(super) packs: Set<Vec<String>>,
    pub(super) policy: Set<String>,
    pub(super) messages: Set<Lang>,
    pub(super) options: RulebookOptions,
}

const DEFAULT_POLICY: &str = "social-media";

impl InForce {
    /// Loads and compiles; mistakes go to `problems`.
    pub(super) fn new(
        args: &RuleArgs,
        matches: &ArgMatches,
        config: &Config,
        problems: &mut Vec<Problem>,
    ) -> Self {
        Self::of(&Disk, args, matches, config, problems)
    }

    /// As [`Self::new`], with packs and policies from `files`.
    pub(super) fn of(
        files: &dyn Files,
        args: &RuleArgs,
        matches: &ArgMatches,
        config: &Config,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let messages = messages(args, matches, config, problems);
        let typed = (!args.packs.is_empty()).then(|| args.packs.clone());
        let typed_packs = typed.is_some();
        let packs = layered(
            typed,
            || typed_origin(matches, "packs", "pack"),
            config.packs.clone(),
            config,
            vec!["builtin:all".to_owned()],
        );
        let base = if typed_packs {
            Path::new("")
        } else {
            &config.folder
        };
        let refs: Vec<PackRef> = packs
            .value
            .iter()
            .map(|text| PackRef::parse(text, base))
            .collect();
        let policy = layered(
            args.policy.clone(),
            || typed_origin(matches, "policy", "policy"),
            config
                .policy
                .as_ref()
                .map(|policy| config.folder.join(policy).display().to_string()),
            config,
            format!("builtin:{DEFAULT_POLICY}"),
        );
        let policy_ref = match policy.value.strip_prefix("builtin:") {
            Some(name) => PolicyRef::Builtin(name.to_owned()),
            None => PolicyRef::File(policy.value.clone()),
        };
        let mut loading = Loader::new(files, builtin(), config.zone(), policy_ref.clone());
        if config.verbose {
            loading = loading.remarking_on_doubles();
        }
        let mut loaded = loading.load(&refs);
        problems.append(&mut loaded.problems);
        if !config.trusted_keys.is_empty() {
            for pack in own_packs(&loaded) {
                if let Err(error) = signature::verify(&pack, &config.trusted_keys) {
                    problems.push(Problem::new(&error).in_file(pack.display().to_string()));
                }
            }
        }
        remark_on_names(config, &mut loaded);
        let options = RulebookOptions {
            messages: messages.value,
            policy: policy_ref,
            clauses: config.clauses.iter().cloned().collect::<BTreeMap<_, _>>(),
            selection: selection(args, config),
            zone: config.zone(),
            redact: args.redact,
            approved_values: config.approved_values.clone(),
        };
        options.selection.check(&loaded, &options, problems);
        check_clauses(config, &loaded, &options, problems);
        check_channels(config, &loaded, problems);
        let rulebook = Rulebook::new(&loaded, &config.registers, &options, problems);
        Self {
            rulebook,
            loaded,
            packs,
            policy,
            messages,
            options,
        }
    }

    /// The files of the packs that the program does not carry itself.
    pub(super) fn own_packs(&self) -> impl Iterator<Item = PathBuf> {
        own_packs(&self.loaded)
    }

    /// Files that are in force as policy, pack, register or waivers, and therefore no drafts.
    pub(super) fn files(&self, config: &Config) -> Vec<PathBuf> {
        let packs = self
            .loaded
            .packs
            .iter()
            .map(|pack| PathBuf::from(&pack.origin));
        let policies = self.loaded.policies.values().flat_map(|policy| {
            policy
                .clauses
                .iter()
                .flat_map(|clause| clause.texts.iter().map(|text| PathBuf::from(&text.file)))
        });
        let mut files: Vec<PathBuf> = packs
            .chain(policies)
            .chain(self.loaded.lists.iter().cloned())
            .chain(config.path.clone())
            .chain(config.waiver_file.clone())
            .chain(config.assets_file.clone())
            .chain(config.register_files.iter().cloned())
            .chain([config.folder.join(super::baseline::FILE_NAME)])
            .filter_map(|path| path.canonicalize().ok())
            .collect();
        files.sort();
        files.dedup();
        files
    }
}

/// The files of loaded packs that the program does not carry itself.
fn own_packs(loaded: &Loaded) -> impl Iterator<Item = PathBuf> {
    let origins = loaded.packs.iter().map(|pack| &pack.origin);
    origins
        .filter(|origin| !origin.starts_with("builtin:"))
        .map(PathBuf::from)
}

/// The registers any of whose names is a find by itself.
fn finds_by_name(condition: &Condition) -> Vec<&RegisterUse> {
    match &condition.kind {
        Kind::Terms(spec) if condition.is_bare_terms() => spec.register.iter().collect(),
        Kind::Any(conditions) if condition.near.is_none() && condition.at_least == 1 => {
            conditions.iter().flat_map(finds_by_name).collect()
        }
        _ => Vec::new(),
    }
}

/// Remarks on the names of registers as the rules in force look for them.
fn remark_on_names(config: &Config, loaded: &mut Loaded) {
    for names in &config.names {
        let rules = loaded.packs.iter().flat_map(|pack| &pack.rules);
        for rule in rules.filter(|rule| rule.reads_names_of(&names.register)) {
            for wanted in finds_by_name(&rule.condition) {
                if wanted.name != names.register {
                    continue;
                }
                let mut seen = TermsSeen::new(config.verbose);
                seen.languages(&rule.languages);
                for (name, at) in &names.names {
                    seen.look(name, &wanted.settings, &names.source, at.clone());
                }
                let remarks = seen.take_remarks();
                let is_told = !remarks.is_empty();
                loaded.remarks.extend(remarks);
                // Another condition on the same names has the same to tell.
                if is_told {
                    break;
                }
            }
        }
    }
}

/// Reports entries of `clauses:` that map from or to nothing.
fn check_clauses(
    config: &Config,
    loaded: &Loaded,
    options: &RulebookOptions,
    problems: &mut Vec<Problem>,
) {
    let path = config
        .path
        .as_ref()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    let mut report = |clause: &str, policy: String| {
        let error = ConfigError::UnknownClause {
            clause: clause.to_owned(),
            policy,
        };
        problems.push(Problem::new(&error).in_file(path.clone()));
    };
    for (from, to) in &config.clauses {
        let known = builtin().policies.iter().any(|policy| {
            policy
                .clauses
                .iter()
                .any(|clause| clause.id.as_str() == from)
        });
        if !known {
            report(from, "the built-in policy".to_owned());
        }
        if let Some(own) = loaded.policies.get(&options.policy)
            && own.clause(to).is_none()
        {
            report(
                to.as_str(),
                own.clauses
                    .first()
                    .map_or_else(|| own.name.clone(), |clause| clause.texts[0].file.clone()),
            );
        }
    }
}

/// Reports rules and approvals for channels that nobody knows: they would never hold.
fn check_channels(config: &Config, loaded: &Loaded, problems: &mut Vec<Problem>) {
    let own = config.channels.iter().map(String::as_str);
    let known: Vec<&str> = KNOWN_CHANNELS.into_iter().chain(own).collect();
    let mut look = |owner: String, channels: &[String], origin: &str| {
        for channel in channels
            .iter()
            .filter(|channel| !known.contains(&channel.as_str()))
        {
            let near = nearest(channel, known.iter().copied())
                .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let error = ConfigError::UnknownChannel {
                owner: owner.clone(),
                channel: channel.clone(),
                help: format!(
                    "{near}Known are {}; `channels:` in the configuration adds others",
                    known.join(", ")
                ),
            };
            problems.push(Problem::new(&error).in_file(origin.to_owned()));
        }
    };
    for pack in &loaded.packs {
        for rule in &pack.rules {
            look(
                format!("rule `{}`", rule.id),
                &rule.when.channels,
                &pack.origin,
            );
        }
    }
    for register in &config.registers {
        for entry in &register.entries {
            if let Some(approval) = &entry.approved {
                let owner = format!("an approval in the register `{}`", register.name);
                let path = config.path.as_ref().map(|path| path.display().to_string());
                look(owner, &approval.channels, &path.unwrap_or_default());
            }
        }
    }
}

/// The configuration for a command that looks at no drafts: named, else the working folder's.
pub(super) fn config_here(args: &RuleArgs, problems: &mut Vec<Problem>) -> Config {
    match args
        .config
        .clone()
        .or_else(|| super::config::find(Path::new(".")))
    {
        Some(path) => Config::read(&path, false, problems),
        None => Config::none(PathBuf::new(), false),
    }
}
