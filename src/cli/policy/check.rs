//! `clearpost policy check`: what is wrong with a policy.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::headings::{self, Heading, Target};
use super::{load, named_or_configured, with_translations};
use crate::cli::args::ColorArg;
use crate::cli::config::read_source;
use crate::cli::files::Disk;
use crate::cli::{settings, terminal};
use crate::pack::PolicyRef;
use crate::policy::{ClauseId, Policy};
use crate::report::{self, Format, visible};
use crate::text::{Lang, Problem, Remark, Source, Span, Weight};

#[derive(Debug, ClapArgs)]
pub(super) struct CheckArgs {
    /// The policy: a Markdown file. Without it the configuration's, else policy.md.
    #[arg(value_name = "FILE")]
    policy: Option<String>,
    /// Exit with 1 if there are warnings.
    #[arg(long)]
    strict: bool,
    /// The instant to take for now.
    #[arg(long, value_name = "INSTANT", env = "CLEARPOST_NOW")]
    now: Option<String>,
}

/// What makes a policy wrong, besides what keeps it from being read.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum Mistake {
    #[error("“{word}” looks like the id of a clause, but is none")]
    #[diagnostic(
        code(clearpost::policy::malformed_heading),
        help(
            "ids look like SMP-3.1 or 4.2, and a space and a title follow; without one, nothing under this heading is a clause"
        )
    )]
    MalformedId { word: String },
    #[error("the translation has no clause {id}")]
    #[diagnostic(
        code(clearpost::policy::untranslated),
        help(
            "add a heading `{id} …` with what the clause says; its readers see the original until then"
        )
    )]
    Untranslated { id: String },
    #[error("there is no file `{path}`")]
    #[diagnostic(
        code(clearpost::policy::dead_link),
        help("correct the link: its path is relative to this file")
    )]
    DeadLink { path: String },
}

/// What is worth telling about a policy that is right.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum Lack {
    #[error("clause {id} says what not to do, and not what to do instead")]
    #[diagnostic(
        code(clearpost::policy::no_advice),
        help("add a paragraph that starts with “Instead:”, or with what `advice_label:` says")
    )]
    Advice { id: String },
    #[error("the policy does not say when somebody has to look at it again")]
    #[diagnostic(
        code(clearpost::policy::no_review),
        help("add `review_by: 2027-06-30` to the front matter")
    )]
    Review,
    #[error("the policy does not say whom to ask")]
    #[diagnostic(
        code(clearpost::policy::no_owner),
        help("add `owner:` to the front matter")
    )]
    Owner,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &CheckArgs) -> io::Result<u8> {
    let mut problems = Vec::new();
    let now = settings::now(args.now.as_deref(), &mut problems);
    let reference = named_or_configured(args.policy.as_deref(), &mut problems);
    let mut loaded = load(&Disk, &reference, &mut problems);
    let mut remarks = std::mem::take(&mut loaded.remarks);
    remarks.extend(loaded.overdue(now).map(|remark| Remark {
        // Here it is what was asked for.
        weight: Weight::Warning,
        ..remark
    }));
    let policy = loaded.policies.get(&reference);
    if let (Some(policy), PolicyRef::File(path)) = (policy, &reference) {
        for (number, file) in with_translations(Path::new(path), &Disk)
            .into_iter()
            .enumerate()
        {
            let Some(source) = read_source("the policy", &file, &mut problems) else {
                continue;
            };
            let page = Page {
                source,
                file,
                is_original: number == 0,
            };
            page.check(policy, &mut problems, &mut remarks);
        }
    }
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    let beside = Format::PRETTY.beside();
    let mut errors = io::stderr().lock();
    report::remarks(&remarks, beside, &look, &mut errors)?;
    report::problems(&problems, beside, &look, &mut errors)?;
    drop(errors);
    if let Some(policy) = policy {
        writeln!(
            io::stdout().lock(),
            "{}: {} clauses, {} mistakes, {} warnings",
            visible(policy.title(Lang::EN)),
            policy.clauses.len(),
            problems.len(),
            remarks.len()
        )?;
    }
    Ok(match (problems.is_empty(), remarks.is_empty()) {
        (false, _) => 2,
        (true, false) if args.strict => 1,
        _ => 0,
    })
}

/// A policy's file, or a translation's.
struct Page {
    source: Arc<Source>,
    file: PathBuf,
    is_original: bool,
}

impl Page {
    fn check(&self, policy: &Policy, problems: &mut Vec<Problem>, remarks: &mut Vec<Remark>) {
        let text = self.source.text();
        let (headings, targets) = headings::read(text);
        let mut mistake = |error: &Mistake, at: Span, label: &'static str| {
            problems.push(Problem::new(error).at(&self.source, at, label));
        };
        for heading in &headings {
            if let Some(word) = malformed(heading) {
                let at = Span::covering(text, heading.at.clone());
                mistake(&Mistake::MalformedId { word }, at, "not a clause");
            }
        }
        for target in &targets {
            if let Some(path) = self.missing_file(target) {
                let at = Span::covering(text, target.at.clone());
                mistake(&Mistake::DeadLink { path }, at, "leads nowhere");
            }
        }
        let top = headings.first().map_or(0..0, |heading| heading.at.clone());
        let top = Span::covering(text, top);
        let mut remark = |lack: &Lack, at: Span, label: &'static str| {
            let weight = Weight::Warning;
            remarks.push(Remark::new(weight, lack, &self.source, at, label));
        };
        for clause in &policy.clauses {
            let own = clause
                .texts
                .iter()
                .find(|text| text.file == self.source.name());
            let Some(own) = own else {
                let id = clause.id.to_string();
                mistake(&Mistake::Untranslated { id }, top, "in this file");
                continue;
            };
            if own.advice.is_none() {
                let line = self.source.line_range(own.line).unwrap_or_default();
                let id = clause.id.to_string();
                let at = Span::covering(text, line);
                remark(&Lack::Advice { id }, at, "no advice");
            }
        }
        if self.is_original {
            let start = Span::covering(text, self.source.line_range(1).unwrap_or_default());
            if policy.review_by.is_none() {
                remark(&Lack::Review, start, "no `review_by:`");
            }
            if policy.owner.is_none() {
                remark(&Lack::Owner, start, "no `owner:`");
            }
        }
    }

    /// The file that a link leads to, if it is one beside this file and not there.
    fn missing_file(&self, target: &Target) -> Option<String> {
        let address = target.address.as_str();
        let path = address.split(['#', '?']).next().unwrap_or_default();
        let has_scheme = path.split_once(':').is_some_and(|(scheme, _)| {
            scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        });
        // What a web server makes of an address from its root on is not known here.
        if path.is_empty() || has_scheme || path.starts_with('/') {
            return None;
        }
        let path = path.replace("%20", " ");
        let folder = self.file.parent().unwrap_or(Path::new(""));
        (!folder.join(&path).exists()).then_some(path)
    }
}

/// The first word of a heading that its author most likely took for an id.
fn malformed(heading: &Heading) -> Option<String> {
    if ClauseId::split_heading(&heading.text).is_some() {
        return None;
    }
    let mut words = heading.text.split_whitespace();
    let word = words.next()?;
    let is_alone = words.next().is_none();
    let bare = word.trim_end_matches(['.', ':', ')', '-', '–', '—']);
    let numbers = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let looks_like_one = match bare.split_once(['-', '–', '_']) {
        Some((prefix, rest)) => {
            prefix.starts_with(|c: char| c.is_ascii_alphabetic())
                && prefix.bytes().all(|b| b.is_ascii_alphanumeric())
                && numbers(rest)
        }
        None => bare.contains('.') && numbers(bare),
    };
    // A year or a version may well be a heading of its own.
    let is_number_alone = is_alone && numbers(bare);
    (looks_like_one && !is_number_alone).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_that_were_meant_to_be_clauses() {
        let cases = [
            ("SMP-3.1 Client names", None),
            ("4.2 Photos", None),
            ("smp-3.1 Client names", Some("smp-3.1")),
            ("SMP-3.1: Client names", Some("SMP-3.1:")),
            ("SMP_3.1 Client names", Some("SMP_3.1")),
            ("SMP-3.1", Some("SMP-3.1")),
            ("4.2. Photos", Some("4.2.")),
            ("3 reasons to smile", None),
            ("E-mail policy", None),
            ("2026.1", None),
            ("24-7 service", None),
        ];
        for (text, expected) in cases {
            let heading = Heading {
                level: 2,
                text: text.to_owned(),
                at: 0..0,
            };
            assert_eq!(malformed(&heading).as_deref(), expected, "{text}");
        }
    }
}
