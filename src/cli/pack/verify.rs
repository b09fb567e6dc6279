//! `clearpost pack verify`: whether packs are what a trusted key signed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args as ClapArgs};

use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::files::pack_files;
use crate::cli::rules::{InForce, config_here};
use crate::cli::signature::{self, TrustError, TrustedKey};
use crate::cli::terminal;
use crate::report::{self, Format, visible};
use crate::text::{Lang, Problem};

#[derive(Debug, ClapArgs)]
pub(super) struct VerifyArgs {
    /// Packs: files, or folders of them. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<PathBuf>,
    /// A public key, or its .pub file, in place of `trusted_keys:` in the configuration.
    #[arg(long = "public-key", value_name = "KEY")]
    keys: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Nobody is trusted.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("there is no key to trust")]
#[diagnostic(
    code(clearpost::trust::nobody),
    help("name one with `--public-key`, or under `trusted_keys:` in clearpost.yaml")
)]
struct Nobody;

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &VerifyArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut config = config_here(&args.rules, &mut problems);
    let mut keys = std::mem::take(&mut config.trusted_keys);
    if !args.keys.is_empty() {
        keys.clear();
    }
    for text in &args.keys {
        match TrustedKey::read(text, Path::new("")) {
            Ok(key) => keys.push(key),
            Err(error) => problems.push(Problem::new(&error)),
        }
    }
    let packs: Vec<PathBuf> = if args.paths.is_empty() {
        let in_force = InForce::new(&args.rules, matches, &config, &mut problems);
        in_force.own_packs().collect()
    } else {
        args.paths
            .iter()
            .flat_map(|path| pack_files(path))
            .collect()
    };
    if keys.is_empty() && problems.is_empty() {
        problems.push(Problem::new(&Nobody));
    }
    let mut failed = false;
    if problems.is_empty() {
        let mut out = io::stdout().lock();
        for pack in &packs {
            let name = pack.display().to_string();
            match signature::verify(pack, &keys) {
                Ok(()) => writeln!(out, "{}: signed by a trusted key", visible(&name))?,
                Err(error @ TrustError::Unreadable { .. }) => {
                    problems.push(Problem::new(&error).in_file(name));
                }
                Err(error) => {
                    failed = true;
                    writeln!(out, "{}", visible(&error.to_string()))?;
                }
            }
        }
        if packs.is_empty() {
            writeln!(out, "no pack but built-in ones is in force")?;
        }
    }
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(match (problems.is_empty(), failed) {
        (false, _) => 2,
        (true, true) => 1,
        (true, false) => 0,
    })
}
