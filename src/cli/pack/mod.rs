//! `clearpost pack …`: the workshop of those who keep the packs. One file a command.

mod cases;
mod coverage;
mod diff;
mod docs;
mod export;
mod fmt;
mod handbook;
mod import;
mod lock;
mod new;
mod order;
mod samples;
mod schema;
mod seal;
mod sign;
mod stats;
mod test;
mod try_rule;
mod validate;
mod verify;
mod weak;

use std::io;

use clap::{ArgMatches, Args as ClapArgs, Subcommand};

pub(super) use schema::Schema;

#[derive(Debug, ClapArgs)]
pub(super) struct PackArgs {
    #[command(subcommand)]
    command: PackCommand,
}

#[derive(Debug, Subcommand)]
enum PackCommand {
    /// Write down what is in force in clearpost.lock, so that `check --locked` refuses what changed.
    ///
    /// Exit status: 0 written, 2 something in force is broken or cannot be read.
    Lock(lock::LockArgs),
    /// Seal a list of names, so that others can check drafts against it and not read it.
    ///
    /// Exit status: 0 sealed, 2 the list or the key cannot be used.
    Seal(seal::SealArgs),
    /// Write a pack with one rule and its examples to start from; nothing is overwritten.
    ///
    /// On a terminal it asks which clause, which words, and what to write instead.
    New(new::NewArgs),
    /// Say everything that is wrong with packs, and what is weak about their rules.
    ///
    /// Exit status: 0 nothing but warnings, 1 warnings with `--strict`, 2 something is wrong.
    Validate(validate::ValidateArgs),
    /// Try every `violates` and `allows` of every rule, each against its own rule, and every case
    /// in the files NAME.cases.yaml beside the packs.
    ///
    /// Exit status: 0 all hold, 1 an example fails, 2 a pack is broken.
    Test(test::TestArgs),
    /// Show which clauses of the policy no rule checks, and which only a person can judge.
    ///
    /// Exit status: 0, or 2 if a pack or policy could not be read.
    Coverage(coverage::CoverageArgs),
    /// Show what one rule finds in drafts: how much, in which words, and where.
    ///
    /// Exit status: 0, or 2 if something could not be checked.
    Try(try_rule::TryArgs),
    /// Show what a changed pack newly flags in drafts, and what it no longer flags.
    ///
    /// Exit status: 0, or 2 if something could not be checked.
    Diff(diff::DiffArgs),
    /// Count what packs hold: rules, clauses, words, patterns, examples.
    Stats(stats::StatsArgs),
    /// Sign packs: a .minisig file beside each, for `trusted_keys:` in clearpost.yaml.
    ///
    /// Exit status: 0 signed, 2 a pack or the key cannot be used.
    Sign(sign::SignArgs),
    /// Say whether packs are what a trusted key signed.
    ///
    /// Exit status: 0 all are, 1 some are not, 2 something could not be read.
    Verify(verify::VerifyArgs),
    /// Put packs in their one right form: keys in order, the same quotation marks and spaces
    /// everywhere. Comments stay, and what the pack says does not change.
    ///
    /// Exit status: 0 done, 1 something would change (`--check`), 2 a pack cannot be put in order.
    Fmt(fmt::FmtArgs),
    /// Make a handbook: the policy, each clause with the rules that check it and their examples, in
    /// Markdown and HTML, in every language that the policy has.
    ///
    /// Exit status: 0 written, 2 a pack is broken or a page cannot be written.
    Docs(docs::DocsArgs),
    /// Bring in lists and rules that stand somewhere else already, and say what could not be carried
    /// over.
    ///
    /// Exit status: 0 written, 2 something could not be read or written.
    Import(import::ImportArgs),
    /// Write rules for other tools, and say what could not be carried over.
    ///
    /// Exit status: 0 written, 2 something could not be read or written.
    Export(export::ExportArgs),
    /// Print the JSON Schema of packs, configurations, registries of pictures, registers or reports,
    /// with which editors complete and explain keys.
    Schema(schema::SchemaArgs),
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &PackArgs, matches: &ArgMatches) -> io::Result<u8> {
    // clap refuses `pack` without a command.
    let Some((_, matches)) = matches.subcommand() else {
        return Ok(2);
    };
    match &args.command {
        PackCommand::Lock(args) => lock::run(args, matches),
        PackCommand::Seal(args) => seal::run(args),
        PackCommand::New(args) => new::run(args),
        PackCommand::Validate(args) => validate::run(args, matches),
        PackCommand::Sign(args) => sign::run(args),
        PackCommand::Verify(args) => verify::run(args, matches),
        PackCommand::Test(args) => test::run(args, matches),
        PackCommand::Coverage(args) => coverage::run(args, matches),
        PackCommand::Try(args) => try_rule::run(args, matches),
        PackCommand::Diff(args) => diff::run(args, matches),
        PackCommand::Stats(args) => stats::run(args, matches),
        PackCommand::Docs(args) => docs::run(args, matches),
        PackCommand::Import(args) => import::run(args),
        PackCommand::Export(args) => export::run(args, matches),
        PackCommand::Fmt(args) => fmt::run(args),
        PackCommand::Schema(args) => schema::run(args),
    }
}
