//! `clearpost pack sign`: says who wrote a pack, in a file beside it that minisign can check as well.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use minisign::{KeyPair, SecretKey, SecretKeyBox};

use crate::cli::args::ColorArg;
use crate::cli::files::{pack_files, replace_file};
use crate::cli::{signature, terminal};
use crate::report::{self, Format, visible};
use crate::text::{Lang, Problem, plain_reason};

/// Holds the password of the key, if it has one.
const PASSWORD: &str = "CLEARPOST_SIGN_PASSWORD";

#[derive(Debug, ClapArgs)]
#[command(after_help = "The password of the key, if it has one, is read from \
CLEARPOST_SIGN_PASSWORD. The key is one of minisign's; `--new-key` makes one, under that password \
if it is set, and writes the public key beside it as FILE.pub. What is signed is the pack's own \
file; `clearpost pack lock` covers the lists that it names.")]
pub(super) struct SignArgs {
    /// Packs: files, or folders of them.
    #[arg(value_name = "PACK", required_unless_present = "new_key")]
    packs: Vec<PathBuf>,
    /// The secret key, as minisign keeps it.
    #[arg(long, value_name = "FILE", required_unless_present = "new_key")]
    key_file: Option<PathBuf>,
    /// First make a new key pair: the secret key goes into this file, which must not be there yet.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    new_key: Option<PathBuf>,
}

#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum SignError {
    #[error("cannot {what} `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::sign::file),
        help(
            "check the path and that you may read and write there; nothing that is there is written over"
        )
    )]
    File {
        what: &'static str,
        path: String,
        reason: String,
    },
    #[error("cannot use the key `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::sign::key),
        help("name a secret key of minisign's; its password, if it has one, goes into {PASSWORD}")
    )]
    Key { path: String, reason: String },
    #[error("cannot sign `{path}`: {reason}")]
    #[diagnostic(code(clearpost::sign::failed), help("try again"))]
    Failed { path: String, reason: String },
}

impl SignError {
    fn file(what: &'static str, path: &Path, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::AlreadyExists => "there is such a file already".to_owned(),
            _ => plain_reason(error),
        };
        Self::File {
            what,
            path: path.display().to_string(),
            reason,
        }
    }
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &SignArgs) -> io::Result<u8> {
    let mut out = io::stdout().lock();
    let Err(error) = signed(args, &mut out) else {
        return Ok(0);
    };
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    report::problems(
        &[Problem::new(&error)],
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(2)
}

fn signed(args: &SignArgs, out: &mut impl Write) -> Result<(), SignError> {
    // Who closes our output has still asked for signatures.
    let mut say = |line: String| {
        writeln!(out, "{}", visible(&line)).ok();
    };
    let password = env::var(PASSWORD).ok().filter(|text| !text.is_empty());
    let key_file = match (&args.new_key, &args.key_file) {
        (Some(path), _) => {
            let public = new_key(path, password.clone())?;
            say(format!(
                "{}: a new key. Its public half is {}.pub; in clearpost.yaml:",
                path.display(),
                path.display()
            ));
            say(format!("  trusted_keys: [{public}]"));
            path
        }
        (None, Some(path)) => path,
        // clap asks for one of the two.
        (None, None) => return Ok(()),
    };
    if args.packs.is_empty() {
        return Ok(());
    }
    let key = read_key(key_file, password)?;
    for pack in args.packs.iter().flat_map(|path| pack_files(path)) {
        let bytes = fs::read(&pack).map_err(|error| SignError::file("read", &pack, &error))?;
        let name = pack.file_name().unwrap_or_default().to_string_lossy();
        let comment = format!("clearpost pack {}", visible(&name));
        let signature = minisign::sign(None, &key, &*bytes, Some(&comment), None);
        let signature = signature.map_err(|error| SignError::Failed {
            path: pack.display().to_string(),
            reason: error.to_string(),
        })?;
        let path = signature::beside(&pack);
        replace_file(&path, |out| {
            out.write_all(signature.into_string().as_bytes())
        })
        .map_err(|error| SignError::file("write", &path, &error))?;
        say(format!("{}: signed", pack.display()));
    }
    Ok(())
}

fn read_key(path: &Path, password: Option<String>) -> Result<SecretKey, SignError> {
    let text = fs::read_to_string(path).map_err(|error| SignError::file("read", path, &error))?;
    let unusable = |error: minisign::PError| SignError::Key {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let boxed = || SecretKeyBox::from_string(&text);
    match password {
        Some(password) => boxed().and_then(|key| key.into_secret_key(Some(password))),
        None => boxed().and_then(SecretKeyBox::into_unencrypted_secret_key),
    }
    .map_err(unusable)
}

/// Writes a new pair of keys, and says the public one.
fn new_key(path: &Path, password: Option<String>) -> Result<String, SignError> {
    let unusable = |error: minisign::PError| SignError::Key {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
        None => KeyPair::generate_unencrypted_keypair(),
    }
    .map_err(unusable)?;
    let secret = pair.sk.to_box(None).map_err(unusable)?.into_string();
    let public = pair.pk.to_box().map_err(unusable)?.into_string();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".pub");
    for (path, text, mode) in [(path, secret, 0o600), (Path::new(&beside), public, 0o644)] {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        options
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| SignError::file("write", path, &error))?;
    }
    Ok(pair.pk.to_base64())
}
