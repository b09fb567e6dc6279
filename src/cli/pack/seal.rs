//! `clearpost pack seal`: a list of names that can be matched and not read.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::cli::args::ColorArg;
use crate::cli::chance::{NoChance, chance};
use crate::cli::config::{find, read_source};
use crate::cli::files::replace_file;
use crate::cli::seal_key::Secret;
use crate::cli::{config::Config, terminal};
use crate::pack::names_to_seal;
use crate::report::{self, Format, visible};
use crate::text::seal::{Sealing, digits};
use crate::text::{Lang, Problem, plain_reason};

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The list is then used as `terms_from: FILE.sealed` in a rule, or under \
`registers:` in clearpost.yaml. Whoever checks drafts with it needs the key, in \
CLEARPOST_SEAL_KEY_FILE (a file's name) or CLEARPOST_SEAL_KEY (the key itself); without it nothing \
is called clean. docs/sealed-lists.md says what a sealed list protects from, and what not."
)]
pub(super) struct SealArgs {
    /// The list: a .txt with a name a line, a .csv (`clients.csv#name` for a column, else the first),
    /// or a register as .yaml.
    #[arg(value_name = "LIST", required_unless_present = "new_key")]
    list: Option<String>,
    /// The file that holds the key, or a passphrase to make it of.
    #[arg(long, value_name = "FILE", required_unless_present = "new_key")]
    key_file: Option<PathBuf>,
    /// Where to write the sealed list.
    #[arg(
        long,
        short,
        value_name = "FILE.sealed",
        required_unless_present = "new_key"
    )]
    output: Option<PathBuf>,
    /// First write a new key, drawn by chance, into this file; it must not be there yet.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    new_key: Option<PathBuf>,
    /// Also seal the regular forms of each name, for rules with `inflect: true`.
    #[arg(long)]
    inflect: bool,
}

/// What can go wrong besides the list and the key.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum SealingError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoChance(#[from] NoChance),
    #[error("cannot write `{path}`: {reason}")]
    #[diagnostic(code(clearpost::seal::unwritable), help("{help}"))]
    Unwritable {
        path: String,
        reason: String,
        help: &'static str,
    },
    #[error("a sealed list ends in .sealed, and `{0}` does not")]
    #[diagnostic(
        code(clearpost::seal::extension),
        help("write `-o clients.sealed`: rules and registers know it by its ending")
    )]
    Extension(String),
    #[error("the list would be sealed with itself: `{0}` is the list and the key")]
    #[diagnostic(
        code(clearpost::seal::same_file),
        help("name the file that holds the key")
    )]
    SameFile(String),
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &SealArgs) -> io::Result<u8> {
    let mut problems = Vec::new();
    let done = sealed(args, &mut problems);
    if let Some(said) = &done
        && problems.is_empty()
    {
        let mut out = io::stdout().lock();
        for line in said {
            writeln!(out, "{}", visible(line))?;
        }
        return Ok(0);
    }
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(2)
}

/// Writes what is asked for, and says what was written; `None` if something is wrong.
fn sealed(args: &SealArgs, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let mut said = Vec::new();
    let mut key_file = args.key_file.clone();
    if let Some(path) = &args.new_key {
        if let Err(error) = write_key(path) {
            problems.push(Problem::new(&error).in_file(path.display().to_string()));
            return None;
        }
        said.push(format!(
            "{}: a new key. Keep it where the list itself would be safe.",
            path.display()
        ));
        key_file = Some(path.clone());
    }
    let (Some(list), Some(output), Some(key_file)) = (&args.list, &args.output, key_file) else {
        return Some(said);
    };
    let (list, column) = match list.split_once('#') {
        Some((list, column)) => (list, Some(column)),
        None => (list.as_str(), None),
    };
    if let Some(error) = misnamed(Path::new(list), &key_file, output) {
        problems.push(Problem::new(&error));
        return None;
    }
    let source = read_source("the list", Path::new(list), problems)?;
    let zone = find(Path::new(".")).map_or(jiff::tz::TimeZone::UTC, |path| {
        // What else is wrong with the configuration is told where it is used.
        Config::read(&path, false, &mut Vec::new()).zone()
    });
    let (to_seal, register) = names_to_seal(&source, column, &zone, args.inflect, problems);
    if !problems.is_empty() {
        return None;
    }
    let mut tell = |error: &dyn miette::Diagnostic, path: &Path| {
        problems.push(Problem::new(error).in_file(path.display().to_string()));
    };
    let key = match Secret::from_file(&key_file) {
        Ok(key) => key,
        Err(error) => {
            tell(&error, &key_file);
            return None;
        }
    };
    let bytes = match seal(&to_seal, register, &key) {
        Ok(bytes) => bytes,
        Err(error) => {
            tell(&*error, Path::new(list));
            return None;
        }
    };
    if let Err(error) = replace_file(output, |out| out.write_all(&bytes)) {
        let error = SealingError::Unwritable {
            path: output.display().to_string(),
            reason: plain_reason(&error),
            help: "check the path and that you may write there",
        };
        tell(&error, output);
        return None;
    }
    let names = match to_seal.listed() {
        1 => "1 name".to_owned(),
        many => format!("{many} names"),
    };
    said.push(format!("{}: {names}, sealed", output.display()));
    Some(said)
}

/// What is wrong with the files that are named.
fn misnamed(list: &Path, key: &Path, output: &Path) -> Option<SealingError> {
    let shown = |path: &Path| path.display().to_string();
    if output
        .extension()
        .is_none_or(|end| end != crate::pack::SEALED)
    {
        return Some(SealingError::Extension(shown(output)));
    }
    (list == key).then(|| SealingError::SameFile(shown(list)))
}

/// Seals under a salt of its own.
fn seal(
    to_seal: &crate::register::ToSeal,
    register: Option<String>,
    secret: &Secret,
) -> Result<Vec<u8>, Box<dyn miette::Diagnostic>> {
    let sealing = Sealing {
        derivation: secret.derivation(),
        salt: chance()?,
        register: register.unwrap_or_default(),
        inflected: false,
        words: 0,
    };
    let key = secret.key(&sealing)?;
    let seed = chance()?;
    Ok(to_seal.seal(sealing, &key, &seed)?)
}

/// Writes a new key that only its owner may read.
fn write_key(path: &Path) -> Result<(), SealingError> {
    let key: [u8; 32] = chance()?;
    let mut digits: String = digits(&key);
    digits.push('\n');
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(digits.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| SealingError::Unwritable {
        path: path.display().to_string(),
        reason: match error.kind() {
            io::ErrorKind::AlreadyExists => "there is such a file already".to_owned(),
            _ => plain_reason(&error),
        },
        help: "name a file that is not there yet: a key that is written over opens no list again",
    })
}
