//! Arguments as they are typed. Each help text is the reference for its option.

use std::path::PathBuf;

use crate::draft::read::{FORMATS, TextFormat};
use crate::image::AssetKind;
use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Reads a draft post before you publish it, and shows what to change and which clause of the
/// policy asks for it.
#[derive(Debug, Parser)]
#[command(name = "clearpost", version, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check drafts.
    ///
    /// Exit status: 0 nothing to change, 1 findings, 2 something could not be checked.
    Check(Box<CheckArgs>),
    /// Show a clause of the policy and the rules that check it, or a rule and its examples.
    Explain(Box<ExplainArgs>),
    /// Keep the registry of pictures: add, check and list entries, hash a file, or take places and
    /// personal data out of one.
    Assets(AssetsArgs),
    /// Write a configuration, a policy, registers and a pack to start from; nothing is overwritten.
    Init(InitArgs),
    /// List the formats of drafts that can be read, with their file extensions.
    Formats,
    /// List the packs and rules in force and where they come from.
    Packs(PacksArgs),
    /// Work on packs: write one, prove it, see what it covers and what it would flag; import, export
    /// and put them in form; make a handbook; seal lists, lock and sign what is in force.
    Pack(Box<super::pack::PackArgs>),
    /// Work on the policy: what is wrong with it, its clauses, and what changed.
    Policy(super::policy::PolicyArgs),
    /// List the waivers of drafts: live, ending soon, over, faulty, and those that let nothing
    /// through.
    ///
    /// Exit status: 0 all hold, 1 some are over or faulty, 2 something could not be read.
    Waivers(Box<WaiversArgs>),
    /// Keep the list of findings that were there when checking began, so that only new ones count.
    Baseline(Box<super::baseline::BaselineArgs>),
    /// Print what a shell needs to complete commands and options.
    Completions(super::shell::CompletionsArgs),
    /// Print the manual page, or write those of all commands into a folder.
    Man(super::shell::ManArgs),
}

/// Options that say which rules are in force.
#[derive(Clone, Debug, ClapArgs)]
pub(super) struct RuleArgs {
    /// A pack: a file, a folder, or `builtin:NAME`. Replaces the configuration's `packs:`.
    #[arg(
        long = "pack",
        value_name = "PACK",
        env = "CLEARPOST_PACK",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(super) packs: Vec<String>,
    /// The policy for packs that name none and for built-in ones: a Markdown file.
    #[arg(long, value_name = "FILE", env = "CLEARPOST_POLICY")]
    pub(super) policy: Option<String>,
    /// The configuration, in place of the `clearpost.yaml` found near the drafts.
    #[arg(long, value_name = "FILE", env = "CLEARPOST_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Only rules that cite this clause or one below it.
    #[arg(
        long = "clause",
        value_name = "ID",
        env = "CLEARPOST_CLAUSE",
        value_delimiter = ','
    )]
    pub(super) clauses: Vec<String>,
    /// Only this rule or pack.
    #[arg(
        long = "only-rule",
        value_name = "RULE",
        env = "CLEARPOST_ONLY_RULE",
        value_delimiter = ','
    )]
    pub(super) only: Vec<String>,
    /// Not this rule, pack or clause.
    #[arg(
        long,
        value_name = "NAME",
        env = "CLEARPOST_EXCLUDE",
        value_delimiter = ','
    )]
    pub(super) exclude: Vec<String>,
    /// Repeat nothing that was found: not in messages, not in the lines that are shown.
    #[arg(long, env = "CLEARPOST_REDACT", value_parser = BoolishValueParser::new())]
    pub(super) redact: bool,
    /// The language of messages and clauses: en, it, es, ro, ca.
    #[arg(long, value_name = "LANG", env = "CLEARPOST_MESSAGES")]
    pub(super) messages: Option<String>,
}

/// Options that say which drafts there are and what is known about them.
#[derive(Debug, ClapArgs)]
pub(super) struct DraftArgs {
    /// What to call standard input; its extension says the format.
    #[arg(long, value_name = "NAME", env = "CLEARPOST_STDIN_NAME")]
    pub(super) stdin_name: Option<String>,
    /// How to read the drafts, whatever they are called; `clearpost formats` describes them.
    #[arg(long, value_name = "FORMAT", env = "CLEARPOST_INPUT_FORMAT",
        value_parser = PossibleValuesParser::new(FORMATS.iter().map(|format| format.name())))]
    pub(super) input_format: Option<String>,
    /// How text in cells and fields of tables, JSON and calendars is written.
    #[arg(long, value_name = "FORMAT", env = "CLEARPOST_TEXT_FORMAT", value_parser = text_format())]
    pub(super) text_format: Option<TextFormat>,
    /// Where the drafts will appear, if they do not say so themselves.
    #[arg(long, value_name = "CHANNEL", env = "CLEARPOST_CHANNEL")]
    pub(super) channel: Option<String>,
    /// The drafts' language, if they do not say so themselves.
    #[arg(long, value_name = "LANG", env = "CLEARPOST_LANG")]
    pub(super) lang: Option<String>,
    /// A fact about the drafts, if they do not say so themselves: `author_role=agency`.
    #[arg(
        long = "meta",
        value_name = "KEY=VALUE",
        env = "CLEARPOST_META",
        value_delimiter = ','
    )]
    pub(super) meta: Vec<String>,
    /// The instant to take for now, such as 2026-11-20T00:00:00Z.
    #[arg(long, value_name = "INSTANT", env = "CLEARPOST_NOW")]
    pub(super) now: Option<String>,
    /// The encoding of files that are not UTF-8 and have no byte-order mark.
    #[arg(long, value_name = "ENCODING", env = "CLEARPOST_ENCODING")]
    pub(super) encoding: Option<EncodingArg>,
    /// How many threads to use; 0 is one a core.
    #[arg(
        long,
        short,
        value_name = "N",
        env = "CLEARPOST_JOBS",
        default_value_t = 0
    )]
    pub(super) jobs: usize,
}

#[derive(Debug, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that people type"
)]
pub(super) struct CheckArgs {
    /// Files, folders or globs; `-` is standard input. Without any, paste a draft and end with
    /// Ctrl-D.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) drafts: DraftArgs,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    #[command(flatten)]
    pub(super) changes: super::changes::ChangeArgs,
    #[command(flatten)]
    pub(super) fixes: super::fix::FixArgs,
    /// Also count findings that the baseline beside the configuration knows.
    #[arg(long, env = "CLEARPOST_NO_BASELINE", value_parser = BoolishValueParser::new())]
    pub(super) no_baseline: bool,
    /// Do not look again at files that were clean before and in which, as in all that is in force,
    /// nothing has changed. The folder holds hashes, never what was found; without a name it is one of
    /// your own, outside of the repository.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true,
        env = "CLEARPOST_CACHE")]
    #[expect(
        clippy::option_option,
        reason = "there may be a flag, and a name behind it"
    )]
    pub(super) cache: Option<Option<PathBuf>>,
    /// Let it be fine that there is nothing to check.
    #[arg(long, env = "CLEARPOST_ALLOW_EMPTY", value_parser = BoolishValueParser::new())]
    pub(super) allow_empty: bool,
    /// Count the findings by rule, clause, path, channel and language, too; never by person.
    #[arg(long, env = "CLEARPOST_STATISTICS", value_parser = BoolishValueParser::new())]
    pub(super) statistics: bool,
    /// Copy a post a line (`--input-format jsonl`) from input to output, each object with a
    /// `clearpost` key that holds its findings.
    #[arg(long, env = "CLEARPOST_PASSTHROUGH", value_parser = BoolishValueParser::new())]
    pub(super) passthrough: bool,
    /// How to show findings: pretty, narrated, compact, json, jsonl, sarif, github, gitlab, junit,
    /// checkstyle, rdjson, html, markdown. With `=FILE` the report goes into a file; give several to
    /// have several reports of one run.
    #[arg(
        long = "format",
        value_name = "FORMAT[=FILE]",
        env = "CLEARPOST_FORMAT",
        value_delimiter = ','
    )]
    pub(super) formats: Vec<String>,
    /// Write the report into this file instead of standard output.
    #[arg(long, short, value_name = "FILE", env = "CLEARPOST_OUTPUT")]
    pub(super) output: Option<PathBuf>,
    /// The least severity that makes the exit status 1: error, warning, note, never.
    #[arg(long, value_name = "SEVERITY", env = "CLEARPOST_FAIL_ON")]
    pub(super) fail_on: Option<String>,
    /// When to use colours.
    #[arg(
        long,
        value_name = "WHEN",
        env = "CLEARPOST_COLOR",
        default_value = "auto"
    )]
    pub(super) color: ColorArg,
    /// Only findings and problems: no remarks on packs, no closing line.
    #[arg(long, short, env = "CLEARPOST_QUIET", value_parser = BoolishValueParser::new())]
    pub(super) quiet: bool,
    /// Say what was passed over, how long it took, and what else there is to note about packs,
    /// registers and policies.
    #[arg(long, short, env = "CLEARPOST_VERBOSE", value_parser = BoolishValueParser::new())]
    pub(super) verbose: bool,
    /// Say how long it took.
    #[arg(long, env = "CLEARPOST_TIMINGS", value_parser = BoolishValueParser::new())]
    pub(super) timings: bool,
    /// Show what waivers let through, too, and why.
    #[arg(long, env = "CLEARPOST_SHOW_WAIVED", value_parser = BoolishValueParser::new())]
    pub(super) show_waived: bool,
    /// List the clauses that only a person can judge (`manual: true`), to be ticked off.
    #[arg(long, env = "CLEARPOST_CHECKLIST", value_parser = BoolishValueParser::new())]
    pub(super) checklist: bool,
    /// Refuse to check with rules, lists or a policy that are not what clearpost.lock says.
    #[arg(long, env = "CLEARPOST_LOCKED", value_parser = BoolishValueParser::new())]
    pub(super) locked: bool,
    /// Print the options in force and where each comes from, and check nothing.
    #[arg(long)]
    pub(super) show_config: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EncodingArg {
    /// UTF-8, the default.
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// Windows-1252, also called ANSI.
    #[value(name = "windows-1252", alias = "cp1252")]
    Windows1252,
    /// Latin-1, read as Windows-1252.
    #[value(name = "latin-1", aliases = ["latin1", "iso-8859-1"])]
    Latin1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Also into a pipe.
    Always,
    /// Not at all.
    Never,
}

fn text_format() -> impl TypedValueParser<Value = TextFormat> {
    let words = TextFormat::WORDS.map(|(word, _)| word);
    PossibleValuesParser::new(words).map(|typed| {
        TextFormat::WORDS
            .into_iter()
            .find(|(word, _)| *word == typed)
            .map_or(TextFormat::Plain, |(_, format)| format)
    })
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExplainArgs {
    /// A clause, such as SMP-3.1, or a rule, such as clients/unapproved-client.
    #[arg(value_name = "CLAUSE|RULE")]
    pub(super) name: String,
    /// Show what each condition of the rule sees in this draft, and why the rule fires or does not.
    #[arg(long = "draft", value_name = "PATH")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) drafts: DraftArgs,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct PacksArgs {
    #[command(flatten)]
    pub(super) rules: RuleArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct WaiversArgs {
    /// Files, folders or globs; `-` is standard input. Without any, the working folder.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) drafts: DraftArgs,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    /// How to show them: pretty, json.
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    /// How many days before its end a waiver ends soon.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(super) within: u32,
}

#[derive(Debug, ClapArgs)]
pub(super) struct AssetsArgs {
    #[command(subcommand)]
    pub(super) command: AssetsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum AssetsCommand {
    /// Add a picture to the registry, with the hashes it is recognised by.
    Add(AddAssetArgs),
    /// Say what is wrong with the registry: licences that are over or end soon, missing files,
    /// pictures that no longer are what was registered.
    ///
    /// Exit status: 0 all is well, 1 something is over, missing or changed, 2 something could not be
    /// read.
    Check(CheckAssetsArgs),
    /// List the registry.
    List(RegistryArgs),
    /// Print the hashes of a picture as an entry of the registry has them.
    Hash(PictureArgs),
    /// Take places and personal data out of a picture's file. Pixels, colour profile and
    /// orientation stay.
    Strip(PictureArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct RegistryArgs {
    /// The registry; else the one that `assets:` in the configuration names, else assets.yaml.
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CheckAssetsArgs {
    #[command(flatten)]
    pub(super) registry: RegistryArgs,
    /// How many days before its end a licence ends soon.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(super) within: u32,
    /// The instant to take for now.
    #[arg(long, value_name = "INSTANT", env = "CLEARPOST_NOW")]
    pub(super) now: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct PictureArgs {
    /// The picture.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(super) struct AddAssetArgs {
    #[command(flatten)]
    pub(super) picture: PictureArgs,
    /// What it is a picture of: logo, photo, illustration, people.
    #[arg(long, value_name = "KIND", value_parser = asset_kind())]
    pub(super) kind: AssetKind,
    /// Its name in the registry.
    #[arg(long, value_name = "ID")]
    pub(super) id: String,
    /// It is a mark that drafts may not show.
    #[arg(long)]
    pub(super) protected: bool,
    #[command(flatten)]
    pub(super) registry: RegistryArgs,
}

fn asset_kind() -> impl TypedValueParser<Value = AssetKind> {
    let words = AssetKind::WORDS.map(|(word, _)| word);
    PossibleValuesParser::new(words).map(|typed| {
        AssetKind::WORDS
            .into_iter()
            .find(|(word, _)| *word == typed)
            .map_or(AssetKind::Photo, |(_, kind)| kind)
    })
}

#[derive(Debug, ClapArgs)]
pub(super) struct InitArgs {
    /// The folder to write into.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(super) folder: PathBuf,
}
