//! `clearpost pack …`: the workshop of those who keep the packs. One file a command.

mod cases;
mod test;

use std::io;

use clap::{ArgMatches, Args as ClapArgs, Subcommand};

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
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &PackArgs, matches: &ArgMatches) -> io::Result<u8> {
    // clap refuses `pack` without a command.
    let Some((_, matches)) = matches.subcommand() else {
        return Ok(2);
    };
    match &args.command {
        PackCommand::Test(args) => test::run(args, matches),
    }
}
