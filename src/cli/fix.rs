//! `--fix` and `--diff`: what rules offer instead, put into the drafts.
//!
//! Every round applies the fixes that lie apart, checks the outcome as it would be written, and takes
//! back a fix that brings a finding of its own. A file is replaced as a whole, and only if it is still
//! the one that was checked.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use clap::Args as ClapArgs;
use clap::builder::BoolishValueParser;
use similar::TextDiff;

use super::args::CheckArgs;
use super::check::{FileOutcome, Job};
use super::discover::Input;
use super::files::replace_file;
use crate::engine::Finding;
use crate::report::visible;
use crate::triage::fixes::{Edit, applied, edits};

/// Options that change drafts.
#[derive(Clone, Debug, ClapArgs)]
pub(super) struct FixArgs {
    /// Put into the drafts what rules offer instead, where that leaves the sense as it is.
    #[arg(long, env = "CLEARPOST_FIX", value_parser = BoolishValueParser::new())]
    fix: bool,
    /// With `--fix` or `--diff`: also what changes the sense. Read it before you publish.
    #[arg(long = "unsafe", env = "CLEARPOST_UNSAFE", value_parser = BoolishValueParser::new())]
    with_unsafe: bool,
    /// Print what `--fix` would change as a patch, and change nothing.
    #[arg(long, env = "CLEARPOST_DIFF", value_parser = BoolishValueParser::new())]
    pub(super) diff: bool,
}

/// Which fixes are made, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixes {
    with_unsafe: bool,
    /// Whether they are only shown.
    shown: bool,
}

impl Fixes {
    /// What was asked for.
    pub(super) fn asked(args: &CheckArgs) -> Option<Self> {
        let FixArgs {
            fix,
            with_unsafe,
            diff,
        } = args.fixes;
        (fix || diff).then_some(Self {
            with_unsafe,
            shown: diff,
        })
    }
}

/// What came of fixes.
#[derive(Debug, Default)]
pub(super) struct Mended {
    fixes: usize,
    files: usize,
    /// Patches, if they are only shown.
    pub(super) patch: String,
    /// What was not done, and why.
    notes: Vec<String>,
}

impl Mended {
    /// Says on standard error what was done and what was not.
    pub(super) fn tell(&self) -> io::Result<()> {
        let mut errors = io::stderr().lock();
        for note in &self.notes {
            writeln!(errors, "clearpost: {}", visible(note))?;
        }
        if self.files > 0 {
            let told = |count: usize, one: &str, many: &str| {
                format!("{count} {}", if count == 1 { one } else { many })
            };
            let made = told(self.fixes, "fix", "fixes");
            let done = if self.patch.is_empty() {
                "made"
            } else {
                "shown"
            };
            let place = told(self.files, "file", "files");
            writeln!(errors, "clearpost: {made} {done} in {place}")?;
        }
        Ok(())
    }
}

/// Rounds after which whatever is still offered waits for the next run.
const ROUNDS: usize = 10;

/// Formats that are written back byte for byte, and the signs in which new words could be mistaken
/// there for something else.
const WRITABLE: [(&str, &str); 10] = [
    ("md", "<>`*_[]\\|"),
    ("html", "<>&\"'"),
    ("txt", ""),
    ("srt", "<>{}\n"),
    ("vtt", "<>&\n"),
    ("csv", "\"',;\t\r\n"),
    ("tsv", "\"',;\t\r\n"),
    ("json", "\"\\\t\r\n"),
    ("jsonl", "\"\\\t\r\n"),
    ("yaml", "\"'\\:#{}[]\t\r\n"),
];

/// Makes the fixes of all files.
pub(super) fn mend(
    job: &Job<'_>,
    fixes: Fixes,
    inputs: &[Input],
    outcomes: &mut [FileOutcome],
    mended: &mut Mended,
) {
    for (input, outcome) in inputs.iter().zip(outcomes) {
        let offers = |finding: &&Finding| {
            let mut offered = finding.fixes.iter();
            !finding.secret && offered.any(|fix| fix.safe || fixes.with_unsafe)
        };
        let offered = outcome.findings.iter().filter(offers).count();
        if offered == 0 {
            continue;
        }
        let name = job.name(input);
        let note = |mended: &mut Mended, why: &str| {
            mended
                .notes
                .push(format!("{name}: {offered} not fixed: {why}"));
        };
        let Input::File { path, .. } = input else {
            note(mended, "standard input cannot be written back");
            continue;
        };
        let format = job.format(input, &name).map_or("", |format| format.name());
        let Some((_, signs)) = WRITABLE.iter().find(|(known, _)| *known == format) else {
            note(
                mended,
                "this format cannot be written back as it was; change it where it was made",
            );
            continue;
        };
        let Ok(original) = std::fs::read(path) else {
            note(mended, "it cannot be read any more");
            continue;
        };
        let mut file = File::new(job, input, &original, outcome);
        file.run(fixes, |text| !text.contains(|sign| signs.contains(sign)));
        let File {
            bytes,
            made,
            refused,
            now,
            ..
        } = file;
        mended.notes.extend(refused.into_iter().map(|rule| {
            format!(
                "{name}: a fix for {rule} was not made, since it would bring a finding of its own"
            )
        }));
        if bytes == original {
            continue;
        }
        if fixes.shown {
            mended.patch.push_str(&patch(&name, &original, &bytes));
        } else {
            match write(path, &original, &bytes) {
                Ok(()) => {
                    if let Some(now) = now {
                        outcome.settle_for(now);
                    }
                }
                Err(why) => {
                    note(mended, &why);
                    continue;
                }
            }
        }
        mended.fixes += made;
        mended.files += 1;
    }
}

/// Writes a file that is still what it was.
fn write(path: &Path, original: &[u8], bytes: &[u8]) -> Result<(), String> {
    let is_same = std::fs::read(path).is_ok_and(|now| now == original);
    if !is_same {
        return Err("it changed while it was checked; run it again".to_owned());
    }
    if path
        .metadata()
        .is_ok_and(|data| data.permissions().readonly())
    {
        return Err("it is read-only".to_owned());
    }
    replace_file(path, |out| out.write_all(bytes))
        .map_err(|error| format!("it cannot be written ({error}); it is as it was"))
}

/// A patch of one file, as `patch -p1` and `git apply` take it.
fn patch(name: &str, original: &[u8], bytes: &[u8]) -> String {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(original), std::str::from_utf8(bytes)) else {
        return format!("# {}: not in UTF-8, so no patch is shown\n", visible(name));
    };
    let name = visible(name);
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}

/// A file while fixes are made.
struct File<'f> {
    job: &'f Job<'f>,
    input: &'f Input,
    bytes: Vec<u8>,
    /// What may be found in it: what was found at first.
    allowed: HashMap<String, usize>,
    /// What was told of it.
    told: HashMap<String, usize>,
    drafts: usize,
    problems: usize,
    made: usize,
    /// The rules whose fixes were taken back.
    refused: Vec<String>,
    /// The fingerprints of findings whose fixes were taken back.
    hopeless: Vec<String>,
    first: Vec<Finding>,
    now: Option<FileOutcome>,
}

/// How often each finding is there.
fn counted(findings: &[Finding]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for finding in findings {
        *counts.entry(finding.fingerprint.clone()).or_default() += 1;
    }
    counts
}

impl<'f> File<'f> {
    fn new(job: &'f Job<'f>, input: &'f Input, original: &[u8], outcome: &FileOutcome) -> Self {
        let whole = job.with_bytes(input, original);
        Self {
            job,
            input,
            bytes: original.to_vec(),
            allowed: counted(&whole.findings),
            told: counted(&outcome.findings),
            drafts: whole.drafts,
            problems: whole.problems.len(),
            made: 0,
            refused: Vec::new(),
            hopeless: Vec::new(),
            first: outcome.findings.clone(),
            now: None,
        }
    }

    fn run(&mut self, fixes: Fixes, fits: impl Fn(&str) -> bool) {
        for _ in 0..ROUNDS {
            let findings: Vec<Finding> = match &self.now {
                None => self.first.clone(),
                Some(now) => now.findings.clone(),
            };
            let open: Vec<Finding> = findings
                .into_iter()
                .filter(|finding| !self.hopeless.contains(&finding.fingerprint))
                .collect();
            let edits = edits(&open, fixes.with_unsafe, &fits);
            if edits.is_empty() {
                return;
            }
            if self.try_all(&edits) {
                self.made += edits.len();
                continue;
            }
            // From the last to the first, so that those that wait stay where they are.
            for edit in edits.iter().rev() {
                if self.try_all(std::slice::from_ref(edit)) {
                    self.made += 1;
                } else {
                    let finding = &open[edit.finding];
                    self.hopeless.push(finding.fingerprint.clone());
                    self.refused.push(finding.rule.to_string());
                }
            }
        }
    }

    /// Makes edits if what comes of them has nothing new to say against it.
    fn try_all(&mut self, edits: &[Edit]) -> bool {
        let bytes = applied(&self.bytes, edits);
        let mut now = self.job.with_bytes(self.input, &bytes);
        let within = |counts: &HashMap<String, usize>, findings: &[Finding]| {
            counted(findings)
                .iter()
                .all(|(name, count)| counts.get(name).is_some_and(|most| count <= most))
        };
        let is_fine = now.drafts == self.drafts
            && now.problems.len() <= self.problems
            && within(&self.allowed, &now.findings);
        if !is_fine {
            return false;
        }
        self.allowed = counted(&now.findings);
        let mut told = self.told.clone();
        now.findings.retain(|finding| {
            told.get_mut(&finding.fingerprint)
                .filter(|left| **left > 0)
                .map(|left| *left -= 1)
                .is_some()
        });
        self.bytes = bytes;
        self.now = Some(now);
        true
    }
}
