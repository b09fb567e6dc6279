//! The list of waivers that `clearpost waivers` shows.

use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::Look;
use super::json::{ProblemWire, Tool, safe};
use super::visible::on_one_line;
use super::words::Words;
use crate::engine::Settled;
use crate::text::{Location, Problem};

const SCHEMA: &str = "https://clearpost.dev/schema/waivers-1.json";

/// What has become of a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It holds, and lets something through or could not be tried.
    Live,
    /// It holds, and ends soon.
    Expiring,
    /// Its time is over.
    Expired,
    /// It never held.
    Faulty,
    /// It holds and lets nothing through.
    Unused,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Faulty => "faulty",
            Self::Unused => "unused",
        }
    }

    fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Live => words.live,
            Self::Expiring => words.expiring,
            Self::Expired => words.expired,
            Self::Faulty => words.faulty,
            Self::Unused => words.unused,
        }
    }
}

/// A waiver in the list.
#[derive(Debug)]
pub struct Row {
    /// The waiver.
    pub settled: Settled,
    /// What has become of it.
    pub state: State,
    /// What is wrong with it, in the reader's language.
    pub complaint: Option<String>,
}

/// All waivers that were met, in the order of their places.
#[derive(Debug)]
pub struct List {
    /// The instant the list stands for.
    pub now: Timestamp,
    /// The waivers.
    pub rows: Vec<Row>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl List {
    /// How many waivers have become this.
    pub fn count(&self, state: State) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }
}

#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    tool: Tool,
    now: String,
    complete: bool,
    summary: Summary,
    waivers: Vec<RowWire<'r>>,
    problems: Vec<ProblemWire<'r>>,
}

#[derive(Serialize)]
struct Summary {
    live: usize,
    expiring: usize,
    expired: usize,
    faulty: usize,
    unused: usize,
}

#[derive(Serialize)]
struct RowWire<'r> {
    state: &'static str,
    path: &'r str,
    record: Option<usize>,
    line: Option<usize>,
    column: Option<usize>,
    rules: Vec<&'r str>,
    reason: Option<&'r str>,
    by: Option<&'r str>,
    until: Option<&'r str>,
    message: Option<&'r str>,
}

impl<'r> From<&'r Row> for RowWire<'r> {
    fn from(row: &'r Row) -> Self {
        let waiver = &row.settled.judged.waiver;
        let place = match waiver.source.location(waiver.at) {
            Location::File { start, .. } => Some(start),
            Location::Part(_) => None,
        };
        Self {
            state: row.state.as_str(),
            path: waiver.source.name(),
            record: row.settled.record,
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            rules: waiver.names.iter().map(|name| &*name.text).collect(),
            reason: waiver.reason.as_ref().map(|written| &*written.text),
            by: waiver.by.as_ref().map(|written| &*written.text),
            until: waiver.until.as_ref().map(|written| &*written.text),
            message: row.complaint.as_deref(),
        }
    }
}

pub(super) fn json(list: &List, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        tool: Tool::default(),
        now: list.now.to_string(),
        complete: list.problems.is_empty(),
        summary: Summary {
            live: list.count(State::Live),
            expiring: list.count(State::Expiring),
            expired: list.count(State::Expired),
            faulty: list.count(State::Faulty),
            unused: list.count(State::Unused),
        },
        waivers: list.rows.iter().map(RowWire::from).collect(),
        problems: list.problems.iter().map(ProblemWire::from).collect(),
    };
    writeln!(out, "{}", safe(&serde_json::to_string_pretty(&document)?))
}

/// Two lines a waiver: where and what, then why.
pub(super) fn pretty(list: &List, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    let words = Words::of(look.messages);
    if list.rows.is_empty() {
        return writeln!(out, "{}", words.no_waivers);
    }
    for row in &list.rows {
        let waiver = &row.settled.judged.waiver;
        write!(
            out,
            "{}:{}: {}",
            on_one_line(waiver.source.name()),
            on_one_line(&waiver.source.location(waiver.at).to_string()),
            row.state.word(words)
        )?;
        for (number, name) in waiver.names.iter().enumerate() {
            let mark = if number == 0 { ":" } else { "," };
            write!(out, "{mark} {}", on_one_line(&name.text))?;
        }
        writeln!(out)?;
        for line in [row.complaint.clone(), Some(words.because(waiver))]
            .into_iter()
            .flatten()
            .filter(|line| !line.is_empty())
        {
            writeln!(out, "  {}", on_one_line(&line))?;
        }
    }
    Ok(())
}
