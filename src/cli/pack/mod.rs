//! `clearpost pack …`: the workshop of those who keep the packs. One file a command.

mod docs;
mod export;
mod fmt;
mod handbook;
mod import;
mod order;
mod schema;
mod test;

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
    /// Try every `violates` and `allows` of every rule, each against its own rule.
    ///
    /// Exit status: 0 all hold, 1 an example fails, 2 a pack is broken.
    Test(test::TestArgs),
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
        PackCommand::Test(args) => test::run(args, matches),
        PackCommand::Docs(args) => docs::run(args, matches),
        PackCommand::Import(args) => import::run(args),
        PackCommand::Export(args) => export::run(args, matches),
        PackCommand::Fmt(args) => fmt::run(args),
        PackCommand::Schema(args) => schema::run(args),
    }
}
