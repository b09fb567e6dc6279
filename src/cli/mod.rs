//! The command line: the only place that meets clap, files, the clock, the terminal and the exit
//! status.

mod args;
mod assets;
mod baseline;
mod cache;
mod chance;
mod changes;
mod check;
mod checklist;
mod config;
mod crash;
mod discover;
mod explain;
mod files;
mod fix;
mod formats;
mod init;
mod lock;
mod outlets;
mod overrides;
mod pack;
mod packs;
mod passthrough;
mod pictures;
mod policy;
mod progress;
mod revision;
mod rules;
mod seal_key;
mod settings;
mod shell;
mod signature;
mod terminal;
mod waivers;

use std::io;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use args::{Args, Command};

/// Runs the program with the process's own arguments, files, clock and terminal.
pub fn run() -> ExitCode {
    crash::keep_quiet();
    let matches = Args::command().get_matches();
    let args = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    match crash::guarded(|| done(&args, &matches)) {
        Ok(Ok(status)) => ExitCode::from(status),
        // Whoever read our output has seen enough.
        Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            terminal::complain(&format!("cannot write the report: {error}"));
            ExitCode::from(2)
        }
        Err(place) => {
            terminal::complain(&format!(
                "Clearpost itself failed at {place}, and nothing it said before can be relied on; please tell its makers “Clearpost {} failed at {place}” and how you called it",
                env!("CARGO_PKG_VERSION")
            ));
            ExitCode::from(2)
        }
    }
}

fn done(args: &Args, matches: &ArgMatches) -> io::Result<u8> {
    let sub = matches.subcommand().map(|(_, sub)| sub);
    match (&args.command, sub) {
        (Command::Check(check), Some(sub)) => check::run(check, sub),
        (Command::Explain(explain), Some(sub)) => explain::run(explain, sub),
        (Command::Packs(packs), Some(sub)) => packs::run(packs, sub),
        (Command::Pack(pack), Some(sub)) => pack::run(pack, sub),
        (Command::Policy(policy), Some(sub)) => policy::run(policy, sub),
        (Command::Waivers(list), Some(sub)) => waivers::run(list, sub),
        (Command::Baseline(baseline), Some(sub)) => baseline::run(baseline, sub),
        (Command::Completions(asked), _) => shell::completions(asked),
        (Command::Man(asked), _) => shell::man(asked),
        (Command::Assets(assets), _) => assets::run(assets),
        (Command::Init(init), _) => init::run(init),
        (Command::Formats, _) => formats::run(),
        _ => Ok(2),
    }
}
