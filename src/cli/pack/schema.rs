//! `clearpost pack schema`: what editors need to complete and explain the keys of our files.
//!
//! The schemas are data, in `schemas/`. The readers know the same keys; `tests/suite/schemas.rs` asks
//! them and holds the two together, so that neither gets a key that the other does not have.

use std::io::{self, Write};

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(super) struct SchemaArgs {
    /// The files that it is for.
    #[arg(value_name = "FILES", default_value = "packs")]
    of: Schema,
}

/// What there is a schema for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Schema {
    /// Packs of rules.
    Packs,
    /// The configuration, clearpost.yaml.
    Config,
    /// The registry of pictures, assets.yaml.
    Assets,
    /// Registers: clients, code names, people …
    Registers,
    /// The report that `check --format json` writes.
    Findings,
}

impl Schema {
    /// The schema itself, as JSON.
    pub(in crate::cli) const fn text(self) -> &'static str {
        match self {
            Self::Packs => include_str!("../../../schemas/packs.json"),
            Self::Config => include_str!("../../../schemas/config.json"),
            Self::Assets => include_str!("../../../schemas/assets.json"),
            Self::Registers => include_str!("../../../schemas/registers.json"),
            Self::Findings => include_str!("../../../schemas/findings.json"),
        }
    }
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &SchemaArgs) -> io::Result<u8> {
    io::stdout().lock().write_all(args.of.text().as_bytes())?;
    Ok(0)
}
