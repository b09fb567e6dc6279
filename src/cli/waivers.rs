//! `clearpost waivers`: which exceptions there are, and what has become of them.

use std::io::{self, BufWriter, Write};

use clap::ArgMatches;
use jiff::{SignedDuration, Timestamp};

use super::args::{ColorArg, WaiversArgs};
use super::check::{Asked, Flow, Looked, Ready, tell_once};
use super::settings::{self, word};
use super::terminal;
use crate::engine::Settled;
use crate::report::{self, Format, List, Row, State};
use crate::text::Problem;

const FORMATS: [(&str, Format); 2] = [("pretty", Format::PRETTY), ("json", Format::JSON)];

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &WaiversArgs, matches: &ArgMatches) -> io::Result<u8> {
    let mut problems = Vec::new();
    let asked = Asked {
        paths: &args.paths,
        drafts: &args.drafts,
        rules: &args.rules,
        matches,
        explains: None,
        verbose: false,
        locked: false,
    };
    let format = word(args.format.as_deref(), "format", &FORMATS, &mut problems);
    let mut ready = Ready::new(&asked, true, &mut problems)?;
    // A mistyped language is reported when the rulebook is made.
    let messages = settings::messages(&args.rules, matches, ready.main_config(), &mut Vec::new());
    let look = terminal::look(ColorArg::Auto, messages.value);
    let days = SignedDuration::from_hours(24 * i64::from(args.within));
    let soon = ready.now.checked_add(days).unwrap_or(Timestamp::MAX);
    let mut rows = Vec::new();
    for group in ready.look(&asked, Flow::Keep, true, &mut problems)? {
        rows.extend(group_rows(group, soon, &mut problems));
    }
    tell_once(&mut problems);
    let list = List {
        now: ready.now,
        rows,
        problems,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    report::waivers(&list, format.unwrap_or(Format::PRETTY), &look, &mut out)?;
    out.flush()?;
    report::problems(
        &list.problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    let failing = list.count(State::Expired) + list.count(State::Faulty) > 0;
    Ok(if list.problems.is_empty() {
        u8::from(failing)
    } else {
        2
    })
}

/// The waivers of a group's files and of its list, in the order of their paths.
fn group_rows(group: Looked, soon: Timestamp, problems: &mut Vec<Problem>) -> Vec<Row> {
    let mut settled: Vec<Settled> = Vec::new();
    for (_, file) in group.files {
        settled.extend(file.waivers);
        problems.extend(file.problems);
    }
    settled.extend(group.listed.into_iter().map(|entry| entry.settled));
    let mut rows: Vec<Row> = settled
        .into_iter()
        .map(|settled| Row {
            state: state(&settled, soon),
            complaint: group.in_force.rulebook.complaint(&settled.judged),
            settled,
        })
        .collect();
    rows.sort_by(|a, b| place(a).cmp(&place(b)));
    rows
}

fn place(row: &Row) -> (&str, usize, usize) {
    let waiver = &row.settled.judged.waiver;
    let source = &waiver.source;
    (source.name(), source.start().byte, waiver.at.start())
}

fn state(settled: &Settled, soon: Timestamp) -> State {
    let judged = &settled.judged;
    if judged.is_expired() {
        State::Expired
    } else if !judged.holds() {
        State::Faulty
    } else if settled.unused {
        State::Unused
    } else if judged.until.is_some_and(|until| until <= soon) {
        State::Expiring
    } else {
        State::Live
    }
}
