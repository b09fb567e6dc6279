//! `clearpost completions` and `clearpost man`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args as ClapArgs, CommandFactory};
use clap_complete::Shell;

use super::args::Args;

#[derive(Debug, ClapArgs)]
pub(super) struct CompletionsArgs {
    /// bash, zsh, fish, powershell or elvish.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ManArgs {
    /// Write the pages of all commands into this folder, which is made if need be.
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Runs `completions`; the value is the exit status.
pub(super) fn completions(args: &CompletionsArgs) -> io::Result<u8> {
    // Into memory first: a pipe that closes is no reason to fail loudly.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "clearpost", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(0)
}

/// Runs `man`; the value is the exit status.
pub(super) fn man(args: &ManArgs) -> io::Result<u8> {
    match &args.output {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Args::command(), folder)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
        }
    }
    Ok(0)
}
