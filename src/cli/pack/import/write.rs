//! Writes what was imported: packs that load and whose examples hold, lists, registers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{
    Found, ImportError, LooksFor, NewRule, OutputArgs, RulesArgs, clause, has_extension, stem,
};
use crate::builtin::builtin;
use crate::cli::files::{Disk, replace_file};
use crate::engine::{Rulebook, RulebookOptions, prove};
use crate::pack::{Files, Loaded, Loader, PackRef, PolicyRef};
use crate::text::{Problem, plain_reason};

/// A file to be written.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) text: String,
    /// What is in it, for people.
    pub(super) what: String,
}

/// Writes a file that is not there yet, or that may be written over.
pub(super) fn create(args: &OutputArgs, text: &str) -> Result<(), ImportError> {
    let path = &args.output;
    if !args.force && path.exists() {
        return Err(ImportError::Exists);
    }
    let refuse = |error: io::Error| ImportError::Unwritable(plain_reason(&error));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refuse)?;
    }
    replace_file(path, |out| out.write_all(text.as_bytes())).map_err(refuse)
}

/// The words as a list, one a line. What a line cannot say is left out.
pub(super) fn list(from: &Path, found: &mut Found) -> Option<Made> {
    if !found.problems.is_empty() || found.words.is_empty() {
        return None;
    }
    let mut text = String::new();
    let mut many = 0;
    for (number, word) in std::mem::take(&mut found.words).into_iter().enumerate() {
        let means_more = word.starts_with('#')
            || word.contains(" # ")
            || word.contains(['{', '}', '*'])
            || word.contains(" … ")
            || word.contains(" ... ");
        if means_more {
            let place = format!("{}, name {}", from.display(), number + 1);
            found.leave_out(
                place,
                "its signs mean something else in a list: write it into a register",
            );
            continue;
        }
        text.push_str(&word);
        text.push('\n');
        many += 1;
    }
    let words = if many == 1 { "line" } else { "lines" };
    (many > 0).then(|| Made {
        text,
        what: format!("{many} {words}"),
    })
}

/// A scalar of YAML in double quotation marks.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter
                if letter.is_control()
                    || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{FEFF}') =>
            {
                // Writing into memory cannot fail.
                let _ = write!(out, "\\U{:08X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

fn list_of(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// An id from any text: small letters, digits and hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 48 {
            break;
        }
    }
    match slug.trim_matches('-') {
        "" => "rule".to_owned(),
        slug => slug.to_owned(),
    }
}

impl NewRule {
    /// The rule as a pack has it.
    fn yaml(&self, id: &str, clause: &str) -> String {
        let mut text = format!("  - id: {id}\n    clause: {}\n", quoted(clause));
        let mut line = |key: &str, value: &str| {
            text.extend(["    ", key, ": ", value, "\n"]);
        };
        if let Some(severity) = self.severity {
            line("severity", severity);
        }
        if let Some(description) = &self.description {
            line("description", &quoted(description.trim()));
        }
        line("message", &quoted(&self.message));
        match &self.looks_for {
            LooksFor::Terms(terms) => {
                text.push_str("    terms:\n");
                for term in terms {
                    text.extend(["      - ", &quoted(term), "\n"]);
                }
            }
            LooksFor::Pattern(pattern) => line("pattern", &quoted(pattern)),
            LooksFor::Require(pattern) => {
                line(
                    "require",
                    &format!("{{ any_of: [{{ pattern: {} }}] }}", quoted(pattern)),
                );
            }
            LooksFor::Words(most) => line("limit", &format!("{{ words: {most} }}")),
        }
        let mut line = |key: &str, value: &str| {
            text.extend(["    ", key, ": ", value, "\n"]);
        };
        if !self.except.is_empty() {
            line("except", &list_of(&self.except));
        }
        if let Some(least) = self.count {
            line("count", &format!("{{ at_least: {least} }}"));
        }
        if !self.scopes.is_empty() {
            line(
                "when",
                &format!("{{ scopes: [{}] }}", self.scopes.join(", ")),
            );
        }
        if let Some(instead) = &self.instead {
            line("instead", &quoted(instead));
        }
        if !self.examples.is_empty() {
            let marked: Vec<String> = self
                .examples
                .iter()
                .map(|example| format!("[[{example}]]"))
                .collect();
            line("examples", &format!("{{ violates: {} }}", list_of(&marked)));
        }
        text
    }
}

/// The pack of all rules that load and hold; those that do not are left out, with the reason.
pub(super) fn pack(args: &RulesArgs, found: &mut Found) -> Option<Made> {
    let clause = clause(args, found)?;
    let path = &args.output.output;
    if !has_extension(path, "yaml") && !has_extension(path, "yml") {
        let error = ImportError::Extension("a pack is a .yaml file: -o packs/style.yaml");
        let name = path.display().to_string();
        found.problems.push(Problem::new(&error).in_file(name));
        return None;
    }
    let head = format!(
        "pack: {}\nversion: 0.1.0\npolicy: {}\ndescription: {}\nrules:\n",
        slug(&stem(path)),
        quoted(&args.policy),
        quoted(&format!("Imported from {}.", args.path.display()))
    );
    let load = |rules: &[String]| -> Loaded {
        let over = Over {
            path,
            text: format!("{head}{}", rules.concat()),
        };
        Loader::new(&over, builtin(), TimeZone::UTC, default_policy())
            .load(&[PackRef::Path(path.clone())])
    };
    let mut ids = BTreeSet::new();
    let mut rules: Vec<(NewRule, String)> = Vec::new();
    for mut rule in std::mem::take(&mut found.rules) {
        let base = slug(&rule.name);
        let mut id = base.clone();
        let mut number = 2;
        while ids.contains(&id) {
            id = format!("{base}-{number}");
            number += 1;
        }
        keep_terms(&mut rule, clause.as_str(), &load, found);
        let loaded = load(&[rule.yaml(&id, clause.as_str())]);
        if let Some(problem) = loaded.problems.first() {
            if concerns_all(problem) {
                found.problems.push(problem.clone());
                return None;
            }
            found.leave_out(rule.from.clone(), problem.message.clone());
            continue;
        }
        if !rule.examples.is_empty() && !holds(&loaded) {
            rule.examples.clear();
            let reason = "no example could be made of its words: add one to `examples:`";
            found.differs(rule.from.clone(), reason);
        }
        ids.insert(id.clone());
        rules.push((rule, id));
    }
    if rules.is_empty() {
        if found.problems.is_empty() {
            let name = args.path.display().to_string();
            found
                .problems
                .push(Problem::new(&ImportError::Nothing).in_file(name));
        }
        return None;
    }
    let written: Vec<String> = rules
        .iter()
        .map(|(rule, id)| rule.yaml(id, clause.as_str()))
        .collect();
    let loaded = load(&written);
    if !loaded.problems.is_empty() {
        found.problems.extend(loaded.problems);
        return None;
    }
    let many = if rules.len() == 1 { "rule" } else { "rules" };
    Some(Made {
        text: format!("{head}{}", written.concat()),
        what: format!("{} {many} for clause {clause}", rules.len()),
    })
}

/// Leaves out single terms that no rule can look for, so that the others stay.
fn keep_terms(
    rule: &mut NewRule,
    clause: &str,
    load: &dyn Fn(&[String]) -> Loaded,
    found: &mut Found,
) {
    let LooksFor::Terms(terms) = &rule.looks_for else {
        return;
    };
    // Almost always all of them are fine, and one reading says so.
    if load(&[rule.yaml("rule", clause)]).problems.is_empty() {
        return;
    }
    let mut kept = Vec::new();
    for term in terms {
        let alone = NewRule {
            looks_for: LooksFor::Terms(vec![term.clone()]),
            examples: Vec::new(),
            ..rule.clone()
        };
        match load(&[alone.yaml("rule", clause)]).problems.first() {
            None => kept.push(term.clone()),
            Some(problem) => {
                found.leave_out(rule.from.clone(), format!("“{term}”: {}", problem.message));
            }
        }
    }
    if !kept.is_empty() {
        rule.examples.retain(|example| kept.contains(example));
        rule.looks_for = LooksFor::Terms(kept);
    }
}

/// Whether a problem is with the policy or its clause, so that no other rule would fare better.
fn concerns_all(problem: &Problem) -> bool {
    problem.code == "clearpost::pack::unknown_clause"
        || problem.code.starts_with("clearpost::load::")
        || problem.code.starts_with("clearpost::policy::")
}

fn default_policy() -> PolicyRef {
    PolicyRef::Builtin("social-media".to_owned())
}

/// Whether the examples of a pack hold.
fn holds(loaded: &Loaded) -> bool {
    let options = RulebookOptions::under(default_policy());
    let mut problems = Vec::new();
    let rulebook = Rulebook::new(loaded, &[], &options, &mut problems);
    problems.is_empty() && prove(&rulebook, Timestamp::now()).is_empty()
}

/// The disk, with one file as it is going to be.
struct Over<'a> {
    path: &'a Path,
    text: String,
}

impl Files for Over<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path {
            return Ok(self.text.clone().into_bytes());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_scalars() {
        for (text, id) in [
            ("Use 'e-mail'", "use-e-mail"),
            ("Àé", "rule"),
            ("...", "rule"),
            ("Weasel.Words", "weasel-words"),
        ] {
            assert_eq!(slug(text), id);
        }
        assert_eq!(
            quoted("a \"b\" \\d\n\u{1b}"),
            "\"a \\\"b\\\" \\\\d\\n\\U0000001B\""
        );
    }
}
