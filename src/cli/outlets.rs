//! Where reports go, and in which format: standard output, files, or both.
//!
//! A file is written beside its name and then moved there, so that whoever reads it never meets half
//! a report; what is no plain file (a pipe, a device) is written as it is.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::args::CheckArgs;
use super::config::Config;
use super::files::replace_file;
use super::settings::{OptionError, Set, typed_origin};
use crate::report::{self, Format, Look, Run};
use crate::text::Problem;
use crate::text::shape::nearest;

/// Where the summary of a workflow's step goes, in Markdown.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A report and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outlet {
    pub(super) format: Format,
    /// `None`: standard output.
    pub(super) file: Option<PathBuf>,
}

/// All reports of a run; one at most goes to standard output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outlets(pub(super) Vec<Outlet>);

/// A report that could not be written.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot write the report `{path}`: {reason}")]
#[diagnostic(
    code(clearpost::report::unwritable),
    help("check the folder, and that there is room; what stood there before is as it was")
)]
struct Unwritable {
    path: String,
    reason: String,
}

impl Outlets {
    /// As typed, else as configured, else what fits where this runs.
    pub(super) fn new(
        args: &CheckArgs,
        matches: &clap::ArgMatches,
        config: &Config,
        problems: &mut Vec<Problem>,
    ) -> Set<Self> {
        let mut outlets = Vec::new();
        for text in &args.formats {
            let (name, file) = match text.split_once('=') {
                Some((name, file)) => (name, Some(PathBuf::from(file))),
                None => (text.as_str(), None),
            };
            match format(name) {
                Ok(format) => outlets.push(Outlet { format, file }),
                Err(problem) => problems.push(*problem),
            }
        }
        let typed = !outlets.is_empty();
        let by_default = || match (config.format, in_ci()) {
            (Some(format), _) => {
                let path = config.path.as_ref();
                let origin = path.map_or_else(String::new, |path| path.display().to_string());
                (format, origin)
            }
            (None, Some((format, variable))) => (format, variable.to_owned()),
            (None, None) => (Format::PRETTY, "default".to_owned()),
        };
        let mut origin = typed_origin(matches, "formats", "format");
        if outlets.iter().all(|outlet| outlet.file.is_some()) {
            let (format, from) = by_default();
            outlets.push(Outlet { format, file: None });
            if !typed {
                origin = from;
            }
        }
        let mut to_stdout = outlets.iter_mut().filter(|outlet| outlet.file.is_none());
        let first = to_stdout.next();
        if to_stdout.next().is_some() {
            problems.push(Problem::new(&OptionError::Malformed {
                flag: "format".to_owned(),
                value: args.formats.join(" "),
                wanted: "one report on standard output",
                example: "a file for each of the others, --format sarif=findings.sarif",
            }));
        }
        if let (Some(first), Some(file)) = (first, &args.output) {
            first.file = Some(file.clone());
        }
        Set {
            value: Self(outlets),
            origin,
            typed,
        }
    }

    /// The format of what goes to standard output.
    pub(super) fn shown(&self) -> Option<Format> {
        let mut outlets = self.0.iter();
        outlets
            .find(|outlet| outlet.file.is_none())
            .map(|outlet| outlet.format)
    }

    /// How problems and remarks are told beside it.
    pub(super) fn beside(&self) -> report::Beside {
        self.shown().unwrap_or(Format::COMPACT).beside()
    }

    /// Writes every report that goes to a file; one that cannot be written is a problem.
    pub(super) fn write_files(&self, run: &Run, look: &Look) -> Vec<Problem> {
        let mut problems = Vec::new();
        // What a program reads has no colours, and neither has a file.
        let look = Look {
            color: false,
            links: false,
            unicode: true,
            ..*look
        };
        for outlet in &self.0 {
            let Some(path) = &outlet.file else { continue };
            if let Err(error) =
                write_to(path, |out| report::findings(run, outlet.format, &look, out))
            {
                problems.push(unwritable(path, &error));
            }
        }
        let is_workflow = self.0.iter().any(|outlet| outlet.format == Format::GITHUB);
        let summary = env::var_os(STEP_SUMMARY).filter(|path| is_workflow && !path.is_empty());
        if let Some(path) = summary.map(PathBuf::from)
            && let Err(error) = append(&path, |out| {
                report::findings(run, Format::MARKDOWN, &look, out)
            })
        {
            problems.push(unwritable(&path, &error));
        }
        problems
    }
}

/// The format that fits where this runs, and the variable that says so.
fn in_ci() -> Option<(Format, &'static str)> {
    let is_true = |name: &str| env::var(name).is_ok_and(|value| value == "true");
    [
        ("GITHUB_ACTIONS", Format::GITHUB),
        ("GITLAB_CI", Format::GITLAB),
    ]
    .into_iter()
    .find(|(name, _)| is_true(name))
    .map(|(name, format)| (format, name))
}

fn format(name: &str) -> Result<Format, Box<Problem>> {
    Format::by_name(name).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        let help = nearest(name, names.iter().copied())
            .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        Box::new(Problem::new(&OptionError::UnknownValue {
            flag: "format".to_owned(),
            value: name.to_owned(),
            help: format!("{help}One of: {}", names.join(", ")),
        }))
    })
}

fn unwritable(path: &Path, error: &io::Error) -> Problem {
    let path = path.display().to_string();
    Problem::new(&Unwritable {
        path: path.clone(),
        reason: crate::text::plain_reason(error),
    })
    .in_file(path)
}

fn write_to(path: &Path, write: impl Fn(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let is_plain = path.metadata().map_or(true, |data| data.is_file());
    if is_plain {
        return replace_file(path, write);
    }
    let mut out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
    write(&mut out)?;
    out.flush()
}

fn append(path: &Path, write: impl Fn(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let mut report = Vec::new();
    write(&mut report)?;
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(&report)
}
