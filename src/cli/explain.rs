//! `clearpost explain`: a clause with the rules that check it, or a rule with its examples.

use std::io::{self, Write};

use clap::ArgMatches;

use super::args::{ColorArg, ExplainArgs};
use super::check::{Asked, ExplainedDraft, Flow, Ready, tell_once};
use super::rules::{InForce, config_here};
use super::{settings, terminal};
use crate::engine::{ActiveRule, Trace};
use crate::policy::{Clause, Policy};
use crate::report::{self, Format};
use crate::text::shape::nearest;
use crate::text::{Lang, Problem, Source};

/// A name that is neither a clause nor a rule.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("`{name}` is neither a clause nor a rule in force")]
#[diagnostic(code(clearpost::explain::unknown), help("{help}"))]
struct Unknown {
    name: String,
    help: String,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &ExplainArgs, matches: &ArgMatches) -> io::Result<u8> {
    if !args.paths.is_empty() {
        return drafts(args, matches);
    }
    let mut problems = Vec::new();
    let config = config_here(&args.rules, &mut problems);
    let in_force = InForce::new(&args.rules, matches, &config, &mut problems);
    let lang = in_force.messages.value;
    let look = terminal::look(ColorArg::Auto, lang);
    let mut page = Page {
        text: String::new(),
        width: look.width,
    };
    let rules = in_force.rulebook.rules();
    // The company's own policy comes first: its ids may be those of the built-in one.
    let mut policies: Vec<&Policy> = in_force
        .loaded
        .policies
        .get(&in_force.options.policy)
        .into_iter()
        .collect();
    policies.extend(
        in_force
            .loaded
            .policies
            .iter()
            .filter(|(key, _)| **key != in_force.options.policy)
            .map(|(_, policy)| policy),
    );
    let clause = policies.iter().find_map(|policy| {
        let clause = policy
            .clauses
            .iter()
            .find(|clause| clause.id.as_str().eq_ignore_ascii_case(&args.name))?;
        Some((*policy, clause))
    });
    let chosen: Vec<&ActiveRule> = rules
        .iter()
        .filter(|rule| {
            *rule.id == *args.name
                || rule
                    .id
                    .split_once('/')
                    .is_some_and(|(_, name)| name == args.name)
        })
        .collect();
    if let Some((policy, clause)) = clause {
        page.clause(policy, clause, lang);
        let checking: Vec<&ActiveRule> = rules
            .iter()
            .filter(|rule| rule.clause.id == clause.id && rule.clause.policy == policy.name)
            .collect();
        page.rules(&checking, lang);
    } else if chosen.is_empty() {
        let clauses = policies
            .iter()
            .flat_map(|policy| policy.clauses.iter().map(|clause| clause.id.as_str()));
        let words = rules
            .iter()
            .flat_map(|rule| {
                [
                    &*rule.id,
                    rule.id.split_once('/').map_or("", |(_, name)| name),
                ]
            })
            .chain(clauses);
        let help = nearest(&args.name, words).map_or_else(
            || "`clearpost packs` lists the rules, the policy its clauses".to_owned(),
            |near| format!("did you mean `{near}`? `clearpost packs` lists the rules"),
        );
        problems.push(Problem::new(&Unknown {
            name: args.name.clone(),
            help,
        }));
    }
    if clause.is_none() {
        for rule in &chosen {
            page.rule(rule, lang);
        }
    }
    io::stdout().lock().write_all(page.text.as_bytes())?;
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

/// Shows what each condition of a rule sees in some drafts.
fn drafts(args: &ExplainArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let asked = Asked {
        paths: &args.paths,
        drafts: &args.drafts,
        rules: &args.rules,
        matches,
        verbose: false,
        explains: Some(&args.name),
        locked: false,
    };
    let mut ready = Ready::new(&asked, true, &mut problems)?;
    let messages = settings::messages(&args.rules, matches, ready.main_config(), &mut Vec::new());
    let look = terminal::look(ColorArg::Auto, messages.value);
    let mut page = Page {
        text: String::new(),
        width: look.width,
    };
    let mut known: Vec<String> = Vec::new();
    for group in ready.look(&asked, Flow::Keep, false, &mut problems)? {
        known.extend(
            group
                .in_force
                .rulebook
                .rules()
                .iter()
                .map(|rule| rule.id.to_string()),
        );
        for (_, file) in group.files {
            problems.extend(file.problems);
            for draft in &file.explained {
                page.explained(draft);
            }
        }
    }
    if page.text.is_empty() && problems.is_empty() {
        let help = nearest(&args.name, known.iter().map(String::as_str)).map_or_else(
            || "`clearpost packs` lists the rules".to_owned(),
            |near| format!("did you mean `{near}`? `clearpost packs` lists the rules"),
        );
        problems.push(Problem::new(&Unknown {
            name: args.name.clone(),
            help,
        }));
    }
    tell_once(&mut problems);
    io::stdout().lock().write_all(page.text.as_bytes())?;
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { 0 } else { 2 })
}

/// Places that are shown of one condition.
const SHOWN: usize = 3;

struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// A draft as a rule sees it.
    fn explained(&mut self, draft: &ExplainedDraft) {
        let record = draft
            .record
            .map_or_else(String::new, |record| format!(", post {record}"));
        self.line(&format!(
            "{} on {}{record}",
            draft.rule,
            draft.source.name()
        ));
        self.line("");
        self.trace(&draft.source, &draft.explained.trace, 1);
        self.line("");
        let fires = !draft.explained.trace.found.is_empty();
        self.line(&match (&draft.explained.silence, fires) {
            (Some(reason), _) => format!("  It finds nothing here: {reason}."),
            (None, true) => "  It fires.".to_owned(),
            (None, false) => "  It does not fire: see what holds nowhere.".to_owned(),
        });
        self.line("");
    }

    fn trace(&mut self, source: &Source, trace: &Trace, depth: usize) {
        let mark = if trace.found.is_empty() { "no " } else { "yes" };
        let mut places: Vec<String> = trace
            .found
            .iter()
            .take(SHOWN)
            .map(|span| {
                let words: Vec<&str> = source.text()[span.range()].split_whitespace().collect();
                format!("{} “{}”", source.location(*span), words.join(" "))
            })
            .collect();
        let more = trace.found.len().saturating_sub(SHOWN);
        if more > 0 {
            places.push(format!("{more} more"));
        }
        let seen = if places.is_empty() {
            String::new()
        } else {
            format!("  {}", places.join(", "))
        };
        self.line(&format!(
            "{}{mark}  {}{seen}",
            "    ".repeat(depth),
            trace.what
        ));
        for inner in &trace.inner {
            self.trace(source, inner, depth + 1);
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(report::visible(text).trim_end());
        self.text.push('\n');
    }

    /// `text` wrapped to the page, each line after the first indented like its words.
    fn wrapped(&mut self, indent: &str, text: &str) {
        for paragraph in text.lines() {
            let mut line = indent.to_owned();
            for word in paragraph.split_whitespace() {
                let used = unicode_width::UnicodeWidthStr::width(line.as_str());
                let needed = unicode_width::UnicodeWidthStr::width(word);
                if used > indent.len() && used + 1 + needed > self.width {
                    self.line(&line);
                    line = " ".repeat(indent.len());
                } else if used > indent.len() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            self.line(&line);
        }
    }

    fn clause(&mut self, policy: &Policy, clause: &Clause, lang: Lang) {
        let text = clause.text(lang);
        self.line(&format!("{} {}", clause.id, text.title));
        self.line(&format!(
            "{}, {}:{}",
            policy.title(lang),
            text.file,
            text.line
        ));
        self.line("");
        self.wrapped("  ", &text.body.text);
        if let Some(advice) = &text.advice {
            self.line("");
            self.wrapped("  Instead: ", &advice.text);
        }
        if let Some(owner) = clause.owner.as_ref().or(policy.owner.as_ref()) {
            self.line("");
            self.wrapped("  Ask: ", owner);
        }
        self.line("");
    }

    fn rules(&mut self, rules: &[&ActiveRule], lang: Lang) {
        if rules.is_empty() {
            self.line("No rule in force checks it: it needs a person's eye.");
            return;
        }
        self.line("Checked by:");
        for rule in rules {
            self.line("");
            self.rule_body(rule, lang);
        }
    }

    fn rule(&mut self, rule: &ActiveRule, lang: Lang) {
        self.rule_body(rule, lang);
        self.line("");
        self.line(&format!(
            "  It cites {} {} ({}:{}):",
            rule.clause.id, rule.clause.title, rule.clause.file, rule.clause.line
        ));
        self.wrapped("    ", &rule.clause.text);
        if let Some(advice) = &rule.clause.advice {
            self.wrapped("    Instead: ", advice);
        }
        self.line("");
    }

    fn rule_body(&mut self, rule: &ActiveRule, lang: Lang) {
        self.line(&format!(
            "{} ({}, {}:{})",
            rule.id, rule.severity, rule.origin, rule.rule.line
        ));
        if let Some(description) = &rule.rule.description {
            self.wrapped("  ", description.get(lang));
        }
        for (title, examples) in [
            ("Finds", &rule.rule.examples.violates),
            ("Lets through", &rule.rule.examples.allows),
        ] {
            if examples.is_empty() {
                continue;
            }
            self.line(&format!("  {title}:"));
            for example in examples {
                self.wrapped("    - ", &example.written().replace('\n', " "));
            }
        }
    }
}
