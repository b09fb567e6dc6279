//! `clearpost pack new`: a pack with one rule, its examples and words that explain both.
//!
//! Nothing is written before the pack has been read and its examples have been tried.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use jiff::Timestamp;

use super::schema::Schema;
use crate::builtin::builtin;
use crate::cli::args::ColorArg;
use crate::cli::config::{self, Config};
use crate::cli::files::Disk;
use crate::cli::terminal;
use crate::engine::{Rulebook, RulebookOptions, prove, prove_fixes};
use crate::pack::{Files, Loader, PackRef, PolicyRef, tidy};
use crate::policy::Policy;
use crate::report::{self, Format, visible};
use crate::text::forms::spelled_out;
use crate::text::{Lang, Problem, plain_reason};

const TEMPLATE: &str = include_str!("new/pack.yaml");

/// What is found if nobody says what to find.
const PLACEHOLDER: &str = "Example Product Two";

/// What nobody minds; the first without the terms becomes an example of what is fine.
const FINE: [&str; 3] = [
    "The bakery on the corner opens at seven.",
    "It rained all morning, and then the sun came out.",
    "Our cat sleeps on the windowsill.",
];

#[derive(Debug, ClapArgs)]
pub(super) struct NewArgs {
    /// The pack's name, or a path that ends in it: `packs/launches` writes packs/launches.yaml.
    #[arg(value_name = "NAME")]
    name: PathBuf,
    /// The clause of the policy that the rule cites. Without it you are asked on a terminal; else the
    /// policy's first clause.
    #[arg(long, value_name = "ID")]
    clause: Option<String>,
    /// A word or name that the rule finds; give several to have several.
    #[arg(long = "term", value_name = "WORDS")]
    terms: Vec<String>,
    /// What people could write instead.
    #[arg(long, value_name = "WORDS")]
    instead: Option<String>,
    /// The policy whose clauses the pack cites: a Markdown file or `builtin:social-media`. Without it
    /// the configuration's, else the built-in one.
    #[arg(long, value_name = "FILE", env = "CLEARPOST_POLICY")]
    policy: Option<String>,
}

/// Why no pack was written.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum NewError {
    #[error("“{name}” is no name for a pack")]
    #[diagnostic(
        code(clearpost::new::malformed_name),
        help("use small letters, digits and hyphens: launches")
    )]
    Name { name: String },
    #[error("`{path}` is there already, and was left as it is")]
    #[diagnostic(
        code(clearpost::new::exists),
        help("choose another name, or move the file away first")
    )]
    Exists { path: String },
    #[error("cannot write `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::new::unwritable),
        help("check the path and that you may write there")
    )]
    Unwritable { path: String, reason: String },
    #[error("the policy has no clause that a rule could cite")]
    #[diagnostic(
        code(clearpost::new::no_clause),
        help("start a heading of the policy with an id: `### SMP-3.1 Client names`")
    )]
    NoClause,
    #[error("the rule would not do what its own example says: {wanted}")]
    #[diagnostic(
        code(clearpost::new::unproved),
        help("give other words with `--term`, or others with `--instead`")
    )]
    Unproved { wanted: String },
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &NewArgs) -> io::Result<u8> {
    let mut problems = Vec::new();
    let written = write(args, &mut problems);
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    let Some(path) = written else { return Ok(2) };
    let path = path.display().to_string();
    let path = visible(&path);
    writeln!(
        io::stdout().lock(),
        "wrote {path}\n\nNext: change its words, then run `clearpost pack validate {path}` and `clearpost pack test {path}`."
    )?;
    Ok(0)
}

/// The words that go into the template.
struct Answers {
    clause: String,
    terms: Vec<String>,
    instead: Option<String>,
}

fn write(args: &NewArgs, problems: &mut Vec<Problem>) -> Option<PathBuf> {
    let mut path = args.name.clone();
    let is_yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    if !is_yaml {
        path.as_mut_os_string().push(".yaml");
    }
    let shown = path.display().to_string();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    let error = if !is_name {
        Some(NewError::Name {
            name: name.to_string(),
        })
    } else if path.symlink_metadata().is_ok() {
        Some(NewError::Exists {
            path: shown.clone(),
        })
    } else {
        None
    };
    if let Some(error) = error {
        problems.push(Problem::new(&error));
        return None;
    }
    let (reference, policy_key) = policy(args, &path, problems);
    let loaded =
        Loader::new(&Disk, builtin(), jiff::tz::TimeZone::UTC, reference.clone()).load(&[]);
    problems.extend(loaded.problems);
    let policy = loaded.policies.get(&reference)?;
    let answers = answers(args, policy, problems)?;
    let schema = schema_for(&path);
    let text = filled(&name, &policy_key, &as_seen_from(&path, &schema), &answers);
    let files = Drafted {
        path: PathBuf::from(tidy(&path)),
        text: &text,
    };
    if !holds(&files, reference, problems) {
        return None;
    }
    if let Err(error) = create(&path, &text) {
        let error = if error.kind() == io::ErrorKind::AlreadyExists {
            NewError::Exists { path: shown }
        } else {
            NewError::Unwritable {
                path: shown,
                reason: plain_reason(&error),
            }
        };
        problems.push(Problem::new(&error));
        return None;
    }
    // Without it an editor explains less, and nothing else is lost.
    if !schema.exists() {
        create(&schema, Schema::Packs.text()).ok();
    }
    Some(path)
}

/// Where editors find the schema for the pack at `path`: where `init` put it, else beside the pack. A
/// folder with a dot holds no drafts.
fn schema_for(path: &Path) -> PathBuf {
    let in_folder = |folder: &Path| folder.join(".clearpost/packs.schema.json");
    let folder = path.parent().unwrap_or(Path::new(""));
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let known = absolute
        .ancestors()
        .map(in_folder)
        .find(|file| file.exists());
    known.unwrap_or_else(|| in_folder(folder))
}

/// The policy, and how the pack at `path` names it.
fn policy(args: &NewArgs, path: &Path, problems: &mut Vec<Problem>) -> (PolicyRef, String) {
    let configured = || {
        let folder = path.parent().unwrap_or(Path::new(""));
        let found = config::find(folder).or_else(|| config::find(Path::new(".")))?;
        let config = Config::read(&found, false, problems);
        let policy = config.policy.as_ref()?;
        if policy.starts_with("builtin:") {
            return Some(policy.clone());
        }
        Some(config.folder.join(policy).display().to_string())
    };
    let named = args.policy.clone().or_else(configured);
    let named = named.unwrap_or_else(|| "builtin:social-media".to_owned());
    match named.strip_prefix("builtin:") {
        Some(name) => (PolicyRef::Builtin(name.to_owned()), named),
        None => {
            let file = tidy(Path::new(&named));
            let key = as_seen_from(path, Path::new(&file));
            (PolicyRef::File(file), key)
        }
    }
}

/// `file` as the pack at `pack` names it.
fn as_seen_from(pack: &Path, file: &Path) -> String {
    let absolute = |path: &Path| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        PathBuf::from(tidy(&absolute))
    };
    let (pack, file) = (absolute(pack), absolute(file));
    let folder = pack.parent().unwrap_or(Path::new(""));
    let common = folder
        .components()
        .zip(file.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = file.components().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// What was typed, else what is answered on a terminal, else what will do.
fn answers(args: &NewArgs, policy: &Policy, problems: &mut Vec<Problem>) -> Option<Answers> {
    let checkable = policy.clauses.iter().find(|clause| !clause.manual);
    let Some(first) = checkable.or(policy.clauses.first()) else {
        problems.push(Problem::new(&NewError::NoClause));
        return None;
    };
    let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
    let ask = |question: &str| if asks { answer(question) } else { None };
    let clause = args.clause.clone().or_else(|| {
        ask(&format!(
            "Which clause of the policy asks for this rule? [{}] ",
            first.id
        ))
    });
    let terms = if args.terms.is_empty() {
        let typed = ask("Which words should it find? Put commas between them. ");
        let typed = typed.unwrap_or_else(|| PLACEHOLDER.to_owned());
        let words = typed.split(',').map(|words| words.trim().to_owned());
        words.filter(|words| !words.is_empty()).collect()
    } else {
        args.terms.clone()
    };
    let instead = args
        .instead
        .clone()
        .or_else(|| ask("What could people write instead? Leave it empty if that depends. "));
    Some(Answers {
        clause: clause.unwrap_or_else(|| first.id.to_string()),
        terms,
        instead,
    })
}

/// Asks on the terminal; an empty line is no answer.
fn answer(question: &str) -> Option<String> {
    let mut out = io::stderr().lock();
    write!(out, "{question}").and_then(|()| out.flush()).ok()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).ok()?;
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

fn filled(name: &str, policy: &str, schema: &str, answers: &Answers) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let list = |items: Vec<String>| {
        let lines = items.iter().map(|item| format!("      - {}", quoted(item)));
        lines.collect::<Vec<_>>().join("\n")
    };
    let violates = answers.terms.iter().map(|term| {
        let form = one_form(term);
        format!("Have you heard of [[{form}]] yet?")
    });
    let told = match &answers.instead {
        Some(instead) => {
            // Braces in a message are placeholders.
            let instead = instead.replace('{', "{{").replace('}', "}}");
            format!("“{{match}}” does not belong in a post. Write “{instead}” instead.")
        }
        None => "“{match}” does not belong in a post. Say it in another way, or leave it out."
            .to_owned(),
    };
    let instead = match &answers.instead {
        Some(instead) => {
            let instead = instead.replace('{', "{{").replace('}', "}}");
            format!("    # Offered as a fix.\n    instead: {}", quoted(&instead))
        }
        None => "    # Uncomment to offer a fix:\n    # instead: other words".to_owned(),
    };
    let has = |text: &str| {
        let text = text.to_lowercase();
        let mut terms = answers.terms.iter();
        terms.any(|term| text.contains(&one_form(term).to_lowercase()))
    };
    let fine = FINE.into_iter().find(|text| !has(text)).unwrap_or(FINE[0]);
    TEMPLATE
        .replace("@NAME@", name)
        .replace("@SCHEMA@", schema)
        .replace("@POLICY@", &plain_or_quoted(policy))
        .replace("@CLAUSE@", &plain_or_quoted(&answers.clause))
        .replace(
            "@ALLOWS@",
            &list(vec![fine.to_owned()]).replace("      - ", "        - "),
        )
        .replace(
            "@VIOLATES@",
            &list(violates.collect()).replace("      - ", "        - "),
        )
        .replace("@MESSAGE@", &quoted(&told))
        .replace("@TERMS@", &list(answers.terms.clone()))
        .replace("@INSTEAD@", &instead)
}

/// What has no sign that means something in YAML stays without quotation marks.
fn plain_or_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if text.chars().all(is_plain) && text.contains(char::is_alphabetic) {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// One text that a term finds.
fn one_form(term: &str) -> String {
    let forms = spelled_out(term).unwrap_or_default();
    let first: Vec<&str> = forms
        .iter()
        .filter_map(|forms| forms.first().map(String::as_str))
        .collect();
    let words = if first.is_empty() {
        term.to_owned()
    } else {
        first.join(" ")
    };
    words.trim_end_matches('*').to_owned()
}

/// Whether the pack is right and its examples hold; what is not goes to `problems`.
fn holds(files: &Drafted<'_>, policy: PolicyRef, problems: &mut Vec<Problem>) -> bool {
    let before = problems.len();
    let pack = PackRef::Path(files.path.clone());
    let zone = jiff::tz::TimeZone::UTC;
    let loaded = Loader::new(files, builtin(), zone, policy.clone()).load(&[pack]);
    problems.extend(loaded.problems.iter().cloned());
    let options = RulebookOptions::under(policy);
    let rulebook = Rulebook::new(&loaded, &[], &options, problems);
    if problems.len() == before {
        let now = Timestamp::now();
        let failures = prove(&rulebook, now);
        let wanted = failures.into_iter().map(|failure| failure.example);
        let offers = prove_fixes(&rulebook, now).into_iter();
        let offers = offers.map(|fix| format!("it finds something in “{}”", fix.words));
        problems.extend(
            wanted
                .chain(offers)
                .map(|wanted| Problem::new(&NewError::Unproved { wanted })),
        );
    }
    problems.len() == before
}

/// The disk with one more file.
struct Drafted<'t> {
    path: PathBuf,
    text: &'t str,
}

impl Files for Drafted<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path {
            return Ok(self.text.as_bytes().to_vec());
        }
        Disk.read(path)
    }

    fn list(&self, path: &Path) -> Option<Vec<PathBuf>> {
        if path == self.path {
            return None;
        }
        Disk.list(path)
    }

    fn may_read(&self, pack: &Path, list: &Path) -> bool {
        Disk.may_read(pack, list)
    }
}

/// Writes a file that is not there yet, as a whole or not at all.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create_new(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a pack is of no use to anybody.
        fs::remove_file(path).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_as_seen_from_the_pack() {
        let cases = [
            ("a.yaml", "policy.md", "policy.md"),
            ("packs/a.yaml", "policy.md", "../policy.md"),
            (
                "packs/deep/a.yaml",
                "rules/policy.md",
                "../../rules/policy.md",
            ),
            ("packs/a.yaml", "packs/policy.md", "policy.md"),
        ];
        for (pack, file, expected) in cases {
            let seen = as_seen_from(Path::new(pack), Path::new(file));
            assert_eq!(seen, expected, "{pack} {file}");
        }
    }
}
