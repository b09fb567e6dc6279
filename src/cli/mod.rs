//! The command line: the only place that meets clap, files, the clock, the terminal and the exit
//! status.

mod args;
mod assets;
mod chance;
mod check;
mod config;
mod discover;
mod explain;
mod files;
mod formats;
mod init;
mod lock;
mod outlets;
mod overrides;
mod pack;
mod packs;
mod passthrough;
mod pictures;
mod progress;
mod rules;
mod seal_key;
mod settings;
mod signature;
mod terminal;
mod waivers;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Args, Command};

/// Runs the program with the process's own arguments, files, clock and terminal.
pub fn run() -> ExitCode {
    let matches = Args::command().get_matches();
    let args = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    let sub = matches.subcommand().map(|(_, sub)| sub);
    let done = match (&args.command, sub) {
        (Command::Check(check), Some(sub)) => check::run(check, sub),
        (Command::Explain(explain), Some(sub)) => explain::run(explain, sub),
        (Command::Packs(packs), Some(sub)) => packs::run(packs, sub),
        (Command::Pack(pack), Some(sub)) => pack::run(pack, sub),
        (Command::Waivers(list), Some(sub)) => waivers::run(list, sub),
        (Command::Assets(assets), _) => assets::run(assets),
        (Command::Init(init), _) => init::run(init),
        (Command::Formats, _) => formats::run(),
        _ => Ok(2),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&format!("cannot write the report: {error}"));
            ExitCode::from(2)
        }
    }
}
