//! `clearpost pack export vale`: what of a pack a style of Vale can say, for editors that have Vale.
//!
//! A style says less than a rule: what it cannot say is listed. Names of registers, and whatever a rule
//! keeps secret, never leave.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args as ClapArgs, Subcommand};

use crate::cli::args::{ColorArg, RuleArgs};
use crate::cli::files::replace_file;
use crate::cli::rules::{InForce, config_here};
use crate::cli::terminal;
use crate::draft::Scopes;
use crate::engine::ActiveRule;
use crate::kind::Kind;
use crate::kind::terms::{As, TermsSpec};
use crate::pack::When;
use crate::policy::Severity;
use crate::report::{self, Format, visible};
use crate::text::{Lang, Problem, plain_reason};

#[derive(Debug, ClapArgs)]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    to: To,
}

#[derive(Debug, Subcommand)]
enum To {
    /// Styles of Vale: for each pack a folder, in it a file a rule.
    Vale(ValeArgs),
}

#[derive(Debug, ClapArgs)]
struct ValeArgs {
    /// Packs: files, folders, or `builtin:NAME`. Without any, those in force here.
    #[arg(value_name = "PACK")]
    paths: Vec<String>,
    /// The folder of styles to write into.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Write over files that are there already.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Why a style was not written.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum ExportError {
    #[error("this file is there already")]
    #[diagnostic(
        code(clearpost::export::exists),
        help("name another folder with -o, or write over it with --force")
    )]
    Exists,
    #[error("cannot write it: {0}")]
    #[diagnostic(
        code(clearpost::export::unwritable),
        help("check the folder and that you may write into it")
    )]
    Unwritable(String),
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &ExportArgs, matches: &ArgMatches) -> io::Result<u8> {
    let To::Vale(args) = &args.to;
    // clap refuses `export` without a command.
    let Some((_, matches)) = matches.subcommand() else {
        return Ok(2);
    };
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let mut rules: RuleArgs = args.rules.clone();
    rules.packs.extend(args.paths.iter().cloned());
    let in_force = InForce::new(&rules, matches, &config, &mut problems);
    let lang = in_force.messages.value;
    let (mut left_out, mut different) = (Vec::new(), Vec::new());
    let mut written = 0;
    let mut out = io::stdout().lock();
    for rule in in_force.rulebook.rules() {
        let text = match style(rule, lang) {
            Ok((text, notes)) => {
                different.extend(notes.into_iter().map(|note| (rule.id.to_string(), note)));
                text
            }
            Err(reason) => {
                left_out.push((rule.id.to_string(), reason));
                continue;
            }
        };
        // An id is small letters, digits and hyphens: it leads nowhere else.
        let path = args.output.join(format!("{}.yml", rule.id));
        match write(&path, &text, args.force) {
            Ok(()) => written += 1,
            Err(error) => {
                let name = path.display().to_string();
                problems.push(Problem::new(&error).in_file(name));
            }
        }
    }
    let many = if written == 1 { "style" } else { "styles" };
    let folder = args.output.display().to_string();
    writeln!(out, "wrote {written} {many} into {}", visible(&folder))?;
    for (title, list) in [
        ("Not carried over:", &left_out),
        ("Carried over, but not quite the same:", &different),
    ] {
        if list.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}")?;
        for (rule, reason) in list {
            writeln!(out, "  {}: {reason}", visible(rule))?;
        }
    }
    drop(out);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &terminal::look(ColorArg::Auto, lang),
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), ExportError> {
    let refuse = |error: io::Error| ExportError::Unwritable(plain_reason(&error));
    if !force && path.exists() {
        return Err(ExportError::Exists);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refuse)?;
    }
    replace_file(path, |out| out.write_all(text.as_bytes())).map_err(refuse)
}

/// The style for a rule, and in what it differs; else the reason why there is none.
fn style(active: &ActiveRule, lang: Lang) -> Result<(String, Vec<String>), String> {
    let rule = &active.rule;
    let condition = &rule.condition;
    let mut notes = Vec::new();
    if active.secret {
        return Err("what it finds is secret".to_owned());
    }
    if condition.near.is_some() {
        return Err("a style cannot ask for words near others".to_owned());
    }
    if condition.unquoted || condition.affirmed {
        notes.push("a style finds words in quotation marks and after “not”, too".to_owned());
    }
    if rule.unless.is_some() || !is_everywhere(&rule.when) {
        notes.push("a style knows no channels, facts or days: it always holds".to_owned());
    }
    if !rule.languages.is_empty() {
        notes.push("a style is for texts in every language".to_owned());
    }
    let scope = match (&condition.scopes, &rule.when.scopes) {
        (None, Scopes::Published) => "text",
        _ => return Err("a style cannot look at these parts of a draft".to_owned()),
    };
    let body = match &condition.kind {
        Kind::Terms(spec) => {
            let terms = words(spec, &mut notes)?;
            let instead = rule.instead.as_ref().map(|text| text.get(lang));
            match instead.filter(|text| !text.contains('{')) {
                Some(instead) if condition.at_least == 1 => substitution(&terms, instead),
                _ => counted("(?i)", &terms, condition.at_least),
            }
        }
        Kind::Pattern(spec) => {
            let pattern = quoted(&spec.regex);
            if condition.at_least > 1 {
                format!(
                    "extends: occurrence\ntoken: {pattern}\nmax: {}\n",
                    condition.at_least - 1
                )
            } else {
                format!("extends: existence\nnonword: true\ntokens:\n  - {pattern}\n")
            }
        }
        other => return Err(format!("a style cannot say what `{}` says", other.name())),
    };
    let except = match &condition.kind {
        Kind::Terms(spec) => Some(&spec.except),
        Kind::Pattern(spec) => Some(&spec.except),
        _ => None,
    };
    if except.is_some_and(|except| {
        except.phrases.iter().next().is_some() || !except.registers.is_empty()
    }) {
        notes.push(
            "what `except` lets through is found: exceptions of a style are whole matches"
                .to_owned(),
        );
    }
    let level = match active.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "suggestion",
    };
    let is_substitution = body.starts_with("extends: substitution");
    let message = message(rule.message.get(lang), is_substitution);
    let mut text = String::new();
    let clause = format!("{} {}", active.clause.id, active.clause.title);
    // Writing into memory cannot fail.
    let _ = writeln!(
        text,
        "# {}: {}",
        active.id,
        visible(&clause).replace('\n', " ")
    );
    let _ = write!(
        text,
        "{body}message: {}\nlevel: {level}\nscope: {scope}\n",
        quoted(&message)
    );
    if let Some(url) = &active.clause.url {
        let _ = writeln!(text, "link: {}", quoted(url));
    }
    Ok((text, notes))
}

fn is_everywhere(when: &When) -> bool {
    when.channels.is_empty()
        && when.facts.is_empty()
        && when.during.is_none()
        && when.from.is_none()
        && when.until.is_none()
        && when.embargo.is_none()
}

/// The words that a rule looks for, as expressions.
fn words(spec: &TermsSpec, notes: &mut Vec<String>) -> Result<Vec<String>, String> {
    if spec.register.is_some() {
        return Err("names of registers stay where they are".to_owned());
    }
    if spec
        .settings
        .iter()
        .any(|settings| !settings.near.is_empty())
    {
        return Err("a style cannot ask for words near others".to_owned());
    }
    if spec
        .settings
        .iter()
        .any(|settings| settings.compare != As::Words)
    {
        return Err("a style of many words cannot tell capitals for some of them".to_owned());
    }
    if !spec.phrases.is_empty() {
        notes.push("terms with a gap in them are left out".to_owned());
    }
    let listed = spec
        .lists
        .iter()
        .flat_map(|list| list.lines.text().lines())
        .filter(|line| !line.trim().is_empty());
    let words: Vec<String> = spec.terms.iter().chain(listed).map(expression).collect();
    if words.is_empty() {
        return Err("terms with a gap in them have no counterpart".to_owned());
    }
    notes.push("a style finds no misspelt, split or disguised forms of the words".to_owned());
    Ok(words)
}

/// A term as an expression; a star lets its last word go on.
fn expression(term: &str) -> String {
    match term.strip_suffix('*') {
        Some(start) => format!("{}\\w*", regex_syntax::escape(start)),
        None => regex_syntax::escape(term),
    }
}

fn substitution(terms: &[String], instead: &str) -> String {
    let mut text = "extends: substitution\nignorecase: true\nswap:\n".to_owned();
    for term in terms {
        // Writing into memory cannot fail.
        let _ = writeln!(text, "  {}: {}", quoted(term), quoted(instead));
    }
    text
}

fn counted(flags: &str, terms: &[String], least: u32) -> String {
    if least > 1 {
        let pattern = format!("{flags}\\b(?:{})\\b", terms.join("|"));
        return format!(
            "extends: occurrence\ntoken: {}\nmax: {}\n",
            quoted(&pattern),
            least - 1
        );
    }
    let mut text = "extends: existence\nignorecase: true\ntokens:\n".to_owned();
    for term in terms {
        // Writing into memory cannot fail.
        let _ = writeln!(text, "  - {}", quoted(term));
    }
    text
}

/// A message as Vale fills it: `%s` is the match, of a substitution the second one.
fn message(written: &str, is_substitution: bool) -> String {
    let mut text = String::new();
    let mut rest = written;
    let mut is_first = true;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            text.push('{');
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        // Only one thing can be told, and once.
        text.push_str(if name == "match" && is_first && !is_substitution {
            "%s"
        } else {
            "…"
        });
        is_first &= name != "match";
        rest = after;
    }
    text.push_str(rest);
    if is_substitution {
        text.push_str(" (%s ← %s)");
    }
    text
}

/// A scalar of YAML in double quotation marks; JSON's are YAML's as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(visible(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_match_once() {
        for (written, is_substitution, expected) in [
            ("“{match}” {{", false, "“%s” {"),
            ("{match} and {match}, {count}", false, "%s and …, …"),
            ("not “{match}”", true, "not “…” (%s ← %s)"),
        ] {
            assert_eq!(message(written, is_substitution), expected, "{written}");
        }
    }

    #[test]
    fn terms_are_expressions() {
        assert_eq!(expression("a.b*"), "a\\.b\\w*");
    }
}
