//! `clearpost pack …`: the workshop of those who keep the packs. One file a command.

mod lock;
mod seal;
mod sign;
mod test;
mod verify;

use std::io;

use clap::{ArgMatches, Args as ClapArgs, Subcommand};

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
    /// Sign packs: a .minisig file beside each, for `trusted_keys:` in clearpost.yaml.
    ///
    /// Exit status: 0 signed, 2 a pack or the key cannot be used.
    Sign(sign::SignArgs),
    /// Try every `violates` and `allows` of every rule, each against its own rule.
    ///
    /// Exit status: 0 all hold, 1 an example fails, 2 a pack is broken.
    Test(test::TestArgs),
    /// Say whether packs are what a trusted key signed.
    ///
    /// Exit status: 0 all are, 1 some are not, 2 something could not be read.
    Verify(verify::VerifyArgs),
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
        PackCommand::Sign(args) => sign::run(args),
        PackCommand::Verify(args) => verify::run(args, matches),
        PackCommand::Test(args) => test::run(args, matches),
    }
}
