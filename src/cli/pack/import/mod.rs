//! `clearpost pack import …`: lists and rules that stand somewhere else already.
//!
//! What cannot be carried over is listed with the reason; nothing is dropped in silence. Names of
//! lists are nobody's business: of a row that is left out only its number is told.

mod alex;
mod hunspell;
mod names;
mod prh;
mod vale;
mod words;
mod write;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};

use write::{Made, create, pack};

use crate::cli::args::ColorArg;
use crate::cli::terminal;
use crate::policy::ClauseId;
use crate::report::{self, Format, visible};
use crate::text::yaml::{self, Node, Value};
use crate::text::{Lang, Problem, Source, plain_reason};

#[derive(Debug, ClapArgs)]
pub(super) struct ImportArgs {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// Names in a column of a CSV file, into a register (.yaml) or a list (.txt).
    Csv(NamesArgs),
    /// Names in a column of an Excel workbook, into a register (.yaml) or a list (.txt).
    Xlsx(XlsxArgs),
    /// Styles of Vale: a folder of YAML files, into a pack.
    Vale(RulesArgs),
    /// Word lists of alex and retext: YAML files, into a pack.
    Alex(RulesArgs),
    /// Rules of textlint's prh: YAML files, into a pack.
    Prh(RulesArgs),
    /// A dictionary of cspell, into a pack (.yaml) or a list (.txt).
    Cspell(RulesArgs),
    /// A dictionary of Hunspell (.dic), into a pack (.yaml) or a list (.txt): its stems only.
    Hunspell(RulesArgs),
}

/// Where to write.
#[derive(Debug, ClapArgs)]
struct OutputArgs {
    /// The file to write.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Write over a file that is there already.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, ClapArgs)]
struct NamesArgs {
    /// The table.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column of names, by its header.
    #[arg(long, value_name = "NAME")]
    column: String,
    /// The register that a .yaml file becomes: clients, suppliers, products … Without it, the one that
    /// the file is named after.
    #[arg(long, value_name = "REGISTER")]
    register: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
struct XlsxArgs {
    /// The sheet; without it, every sheet that has the column.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    #[command(flatten)]
    names: NamesArgs,
}

#[derive(Debug, ClapArgs)]
struct RulesArgs {
    /// A file or a folder.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The clause that the rules cite.
    #[arg(long, value_name = "ID", default_value = "SMP-9.3")]
    clause: String,
    /// The policy that has the clause: a file, as seen from the new pack, or `builtin:social-media`.
    #[arg(long, value_name = "FILE", default_value = "builtin:social-media")]
    policy: String,
    #[command(flatten)]
    output: OutputArgs,
}

/// A rule to be written.
#[derive(Clone, Debug, Default)]
struct NewRule {
    /// What its id is made of.
    name: String,
    severity: Option<&'static str>,
    message: String,
    description: Option<String>,
    looks_for: LooksFor,
    except: Vec<String>,
    /// At least so often.
    count: Option<u32>,
    scopes: Vec<&'static str>,
    instead: Option<String>,
    /// Words that are examples if they are found.
    examples: Vec<String>,
    /// Where it comes from, for whoever reads what was left out.
    from: String,
}

#[derive(Clone, Debug)]
enum LooksFor {
    Terms(Vec<String>),
    Pattern(String),
    /// Something has to be there.
    Require(String),
    /// No more than so many words.
    Words(u32),
}

impl Default for LooksFor {
    fn default() -> Self {
        Self::Terms(Vec::new())
    }
}

/// What an import found.
#[derive(Debug, Default)]
struct Found {
    rules: Vec<NewRule>,
    /// Names or words for a list.
    words: Vec<String>,
    /// What is not carried over: where it stands, and why.
    left_out: Vec<(String, String)>,
    /// What is carried over but not quite the same.
    different: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Found {
    fn leave_out(&mut self, from: impl Into<String>, reason: impl Into<String>) {
        self.left_out.push((from.into(), reason.into()));
    }

    fn differs(&mut self, from: impl Into<String>, reason: impl Into<String>) {
        self.different.push((from.into(), reason.into()));
    }

    /// Reads a file; one that cannot be read is a problem.
    fn source(&mut self, path: &Path) -> Option<Arc<Source>> {
        let name = path.display().to_string();
        let problem = match fs::read(path) {
            Ok(bytes) => match Source::decode(name.clone(), bytes, None) {
                Ok(source) => return Some(Arc::new(source)),
                Err(error) => Problem::new(&error),
            },
            Err(error) => Problem::new(&ImportError::Unreadable(plain_reason(&error))),
        };
        self.problems.push(problem.in_file(name));
        None
    }

    /// The tree of a YAML file.
    fn tree(&mut self, source: &Arc<Source>) -> Option<Node> {
        match yaml::parse(source) {
            Ok(tree) => Some(tree),
            Err(error) => {
                let problem = Problem::new(&error).at(source, error.at, "here");
                self.problems.push(problem);
                None
            }
        }
    }
}

/// Why an import could not be done.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum ImportError {
    #[error("cannot read it: {0}")]
    #[diagnostic(
        code(clearpost::import::unreadable),
        help("check the path and that you may read the file")
    )]
    Unreadable(String),
    #[error("nothing here can be imported")]
    #[diagnostic(
        code(clearpost::import::nothing),
        help("check that it is the right file, folder or column")
    )]
    Nothing,
    #[error("no sheet has the column `{column}`")]
    #[diagnostic(code(clearpost::import::no_column), help("{help}"))]
    NoColumn { column: String, help: String },
    #[error("there is no register `{name}`")]
    #[diagnostic(code(clearpost::import::unknown_register), help("{help}"))]
    UnknownRegister { name: String, help: String },
    #[error("a file like this cannot hold what is imported")]
    #[diagnostic(code(clearpost::import::extension), help("{0}"))]
    Extension(&'static str),
    #[error("this file is there already")]
    #[diagnostic(
        code(clearpost::import::exists),
        help("name another with -o, or write over it with --force")
    )]
    Exists,
    #[error("cannot write it: {0}")]
    #[diagnostic(
        code(clearpost::import::unwritable),
        help("check the folder and that you may write into it")
    )]
    Unwritable(String),
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &ImportArgs) -> io::Result<u8> {
    let mut found = Found::default();
    let (output, made) = match &args.from {
        From::Csv(args) => {
            names::csv(args, &mut found);
            (&args.output, names::made(args, &mut found))
        }
        From::Xlsx(args) => {
            names::xlsx(args, &mut found);
            (&args.names.output, names::made(&args.names, &mut found))
        }
        From::Vale(args) => rules(args, &mut found, vale::file),
        From::Alex(args) => rules(args, &mut found, alex::file),
        From::Prh(args) => rules(args, &mut found, prh::file),
        From::Cspell(args) => list(args, &mut found, "cspell", words::cspell),
        From::Hunspell(args) => list(args, &mut found, "hunspell", hunspell::read),
    };
    let mut out = io::stdout().lock();
    if let Some(made) = made {
        let shown = output.output.display().to_string();
        match create(output, &made.text) {
            Ok(()) => writeln!(out, "wrote {}: {}", visible(&shown), made.what)?,
            Err(error) => found.problems.push(Problem::new(&error).in_file(shown)),
        }
    }
    for (title, list) in [
        ("Not carried over:", &found.left_out),
        ("Carried over, but not quite the same:", &found.different),
    ] {
        if list.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}")?;
        for (from, reason) in list {
            writeln!(out, "  {}: {}", visible(from), visible(reason))?;
        }
    }
    drop(out);
    report::problems(
        &found.problems,
        Format::PRETTY.beside(),
        &terminal::look(ColorArg::Auto, Lang::EN),
        &mut io::stderr().lock(),
    )?;
    Ok(if found.problems.is_empty() { 0 } else { 2 })
}

/// Reads every YAML file at a path into a pack.
fn rules<'a>(
    args: &'a RulesArgs,
    found: &mut Found,
    file: fn(&Arc<Source>, &Node, &mut Found),
) -> (&'a OutputArgs, Option<Made>) {
    for path in files(&args.path, found) {
        if let Some(source) = found.source(&path)
            && let Some(tree) = found.tree(&source)
        {
            file(&source, &tree, found);
        }
    }
    (&args.output, pack(args, found))
}

/// Reads a list of words into a pack of one rule, or a list.
fn list<'a>(
    args: &'a RulesArgs,
    found: &mut Found,
    what: &str,
    read: fn(&Path, &mut Found),
) -> (&'a OutputArgs, Option<Made>) {
    read(&args.path, found);
    if has_extension(&args.output.output, "txt") {
        return (&args.output, write::list(&args.path, found));
    }
    let words = std::mem::take(&mut found.words);
    if !words.is_empty() {
        found.rules.push(NewRule {
            name: stem(&args.path),
            message: "“{match}” is on the list of words to avoid. Please write something else."
                .to_owned(),
            description: Some(format!("Words of a {what} dictionary.")),
            examples: words.iter().take(1).cloned().collect(),
            looks_for: LooksFor::Terms(words),
            from: args.path.display().to_string(),
            ..NewRule::default()
        });
    }
    (&args.output, pack(args, found))
}

/// The YAML files at a path, in order; those of folders inside as well.
fn files(path: &Path, found: &mut Found) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<PathBuf> = Vec::new();
    let walk = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .sort_by_file_path(Path::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.path().is_dir() => {}
            Ok(entry) => {
                let path = entry.into_path();
                if has_extension(&path, "yml") || has_extension(&path, "yaml") {
                    files.push(path);
                } else {
                    found.leave_out(path.display().to_string(), "this is no YAML file");
                }
            }
            Err(error) => {
                let error = ImportError::Unreadable(error.to_string());
                let name = path.display().to_string();
                found.problems.push(Problem::new(&error).in_file(name));
            }
        }
    }
    if files.is_empty() {
        let name = path.display().to_string();
        found
            .problems
            .push(Problem::new(&ImportError::Nothing).in_file(name));
    }
    files
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// A file's name without its extension.
fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Where a value stands: its file and line.
fn place(source: &Source, node: &Node) -> String {
    let (line, _) = source.line_col(node.at.start());
    format!("{}:{line}", source.name())
}

/// The value of a key of a map.
fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(have, _)| have.text == key)
            .map(|(_, value)| value),
        _ => None,
    }
}

/// The text of a scalar.
fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(text) => Some(text),
        _ => None,
    }
}

/// The texts of a list, or the one text; of a map its keys.
fn texts(node: &Node) -> Vec<(&str, &Node)> {
    match &node.value {
        Value::Scalar(text) => vec![(text.as_str(), node)],
        Value::List(items) => items
            .iter()
            .filter_map(|item| Some((text(item)?, item)))
            .collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.text.as_str(), value))
            .collect(),
        Value::Null => Vec::new(),
    }
}

/// Whether a key is there and true.
fn is_true(node: &Node, key: &str) -> bool {
    get(node, key).and_then(text) == Some("true")
}

/// Whether text is words and nothing that means more in a pattern or in a term.
fn is_plain(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '\'' | '’'))
        && text.trim() == text
}

/// Text in which nothing is a placeholder.
fn literal(text: &str) -> String {
    text.replace('{', "{{")
}

/// Whether the policy's clause has the right form; else a problem.
fn clause(args: &RulesArgs, found: &mut Found) -> Option<ClauseId> {
    match args.clause.parse() {
        Ok(id) => Some(id),
        Err(error) => {
            let error: crate::policy::NotAClauseId = error;
            found.problems.push(Problem::new(&error));
            None
        }
    }
}
