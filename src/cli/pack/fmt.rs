//! `clearpost pack fmt`: packs in their one right form, so that a change shows nothing but itself.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::order::in_order;
use crate::cli::args::ColorArg;
use crate::cli::config::Config;
use crate::cli::config::find;
use crate::cli::files::replace_file;
use crate::cli::terminal;
use crate::report::{self, Format, visible};
use crate::text::{Lang, Problem, Source, plain_reason};

#[derive(Debug, ClapArgs)]
pub(super) struct FmtArgs {
    /// Packs: files or folders. Without any, those that the configuration names.
    #[arg(value_name = "PACK")]
    paths: Vec<PathBuf>,
    /// Change nothing; name the packs that would change, and exit with 1 if there are any.
    #[arg(long)]
    check: bool,
}

/// What keeps a pack from being put in order, besides what it says.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum FmtError {
    #[error("cannot read the pack: {0}")]
    #[diagnostic(
        code(clearpost::fmt::unreadable),
        help("check the path and that you may read the file")
    )]
    Unreadable(String),
    #[error("this pack is not in UTF-8, or begins with a mark of its encoding")]
    #[diagnostic(
        code(clearpost::fmt::encoding),
        help("save it as UTF-8 without such a mark; nothing was changed")
    )]
    Encoding,
    #[error("cannot write the pack: {0}")]
    #[diagnostic(
        code(clearpost::fmt::unwritable),
        help("check that you may write the file; it is as it was")
    )]
    Unwritable(String),
    #[error("there is no pack here")]
    #[diagnostic(
        code(clearpost::fmt::nothing),
        help("name a pack: `clearpost pack fmt packs`")
    )]
    Nothing,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &FmtArgs) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut out = io::stdout().lock();
    let files = files(args, &mut problems);
    let mut changed = 0;
    for path in &files {
        match put_in_order(path, args.check) {
            Ok(false) => {}
            Ok(true) => {
                changed += 1;
                let name = path.display().to_string();
                let what = if args.check {
                    "would change"
                } else {
                    "changed"
                };
                writeln!(out, "{what} {}", visible(&name))?;
            }
            Err(problem) => problems.push(*problem),
        }
    }
    let of = if files.len() == 1 { "pack" } else { "packs" };
    let what = if args.check {
        "would change"
    } else {
        "changed"
    };
    writeln!(out, "{} {of}, {changed} {what}", files.len())?;
    drop(out);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &terminal::look(ColorArg::Auto, Lang::EN),
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() {
        u8::from(args.check && changed > 0)
    } else {
        2
    })
}

/// Whether the pack at `path` was, or would be, changed.
fn put_in_order(path: &Path, only_check: bool) -> Result<bool, Box<Problem>> {
    let name = path.display().to_string();
    let refuse = |error: FmtError| Box::new(Problem::new(&error).in_file(name.clone()));
    let bytes =
        fs::read(path).map_err(|error| refuse(FmtError::Unreadable(plain_reason(&error))))?;
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.starts_with('\u{FEFF}'))
        .ok_or_else(|| refuse(FmtError::Encoding))?;
    let done = in_order(&text).map_err(|error| {
        let problem = Problem::new(&error);
        Box::new(match error.at() {
            Some(at) => {
                let source = Arc::new(Source::from_text(name.clone(), text.clone()));
                problem.at(&source, at, "here")
            }
            None => problem.in_file(name.clone()),
        })
    })?;
    if done == text {
        return Ok(false);
    }
    if !only_check {
        replace_file(path, |out| out.write_all(done.as_bytes()))
            .map_err(|error| refuse(FmtError::Unwritable(plain_reason(&error))))?;
    }
    Ok(true)
}

/// The files that are named, those in folders in their order.
fn files(args: &FmtArgs, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let mut named = args.paths.clone();
    if named.is_empty()
        && let Some(path) = find(Path::new("."))
    {
        let config = Config::read(&path, false, problems);
        let packs = config.packs.iter().flatten();
        named.extend(
            packs
                .filter(|pack| !pack.starts_with("builtin:"))
                .map(|pack| config.folder.join(pack)),
        );
    }
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        let entries = fs::read_dir(&path).into_iter().flatten();
        let mut inside: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| {
                file.is_file()
                    && file.extension().is_some_and(|extension| {
                        extension.eq_ignore_ascii_case("yaml")
                            || extension.eq_ignore_ascii_case("yml")
                    })
            })
            .collect();
        inside.sort();
        if inside.is_empty() {
            let name = path.display().to_string();
            problems.push(Problem::new(&FmtError::Nothing).in_file(name));
        }
        files.extend(inside);
    }
    if files.is_empty() && problems.is_empty() {
        problems.push(Problem::new(&FmtError::Nothing));
    }
    files
}
