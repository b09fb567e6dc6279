//! Reads registers from YAML and CSV.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use memchr::{memchr, memchr2, memchr2_iter};

use super::{Approval, Entry, Held, Register};
use crate::text::position::{Position, Site, metres};
use crate::text::shape::{Fields, Reader};
use crate::text::time::{Bound, instant};
use crate::text::yaml::{Node, Value};
use crate::text::{Problem, Source, Span};

/// The registers there are.
pub const NAMES: [&str; 17] = [
    "organisation",
    "clients",
    "suppliers",
    "codenames",
    "products",
    "people",
    "premises",
    "marks",
    "competitors",
    "domains",
    "internal",
    "embargoes",
    "quiet_periods",
    "election_periods",
    "figures",
    "topics",
    "disclosures",
];

/// Registers whose entries are stretches of time.
pub const PERIODS: [&str; 2] = ["quiet_periods", "election_periods"];

/// Keys of an entry in every register of names.
const ENTRY_KEYS: [&str; 6] = ["name", "aliases", "ambiguous", "near", "forms", "approved"];

/// Keys of an entry besides those, by register.
const OWN_KEYS: [(&str, &[&str]); 8] = [
    (
        "organisation",
        &["handles", "hashtags", "domains", "disclosures"],
    ),
    ("products", &["launch"]),
    ("premises", &["at", "radius"]),
    ("embargoes", &["from", "until"]),
    ("topics", &["from", "until"]),
    ("quiet_periods", &["from", "until"]),
    ("election_periods", &["from", "until"]),
    ("figures", &["number", "unit"]),
];

/// What can be wrong with a register.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum RegisterError {
    /// A CSV file without the column that is asked for.
    #[error("this list has no column `{column}`")]
    #[diagnostic(code(clearpost::register::no_column), help("its columns are: {known}"))]
    NoColumn {
        /// The column asked for.
        column: String,
        /// The columns there are.
        known: String,
    },
    /// A CSV file that does not parse.
    #[error("this list does not read: {0}")]
    #[diagnostic(
        code(clearpost::register::malformed_csv),
        help("correct the line, or export the list again")
    )]
    Csv(String),
    /// A stretch of time that ends before it begins.
    #[error("this ends before it begins")]
    #[diagnostic(
        code(clearpost::register::ends_first),
        help("correct `from` or `until`")
    )]
    EndsFirst,
    /// What is no point on the earth.
    #[error("this is no place")]
    #[diagnostic(
        code(clearpost::register::malformed_position),
        help("write degrees north and east: `at: [44.4057, 8.9463]`; west and south are negative")
    )]
    NoPosition,
    /// What is no length.
    #[error("this is no length")]
    #[diagnostic(
        code(clearpost::register::malformed_radius),
        help("write metres or kilometres: `radius: 200 m`")
    )]
    NoRadius,
    /// A length around nothing.
    #[error("a radius around nothing")]
    #[diagnostic(
        code(clearpost::register::radius_alone),
        help("say where the site is: `at: [44.4057, 8.9463]`")
    )]
    RadiusAlone,
}

/// Reads a YAML register; mistakes go to `problems`. Calls `each` with every name that counts without
/// company, and with its place.
pub fn read_yaml(
    source: &Arc<Source>,
    zone: &TimeZone,
    problems: &mut Vec<Problem>,
    mut each: impl FnMut(&str, Range<usize>),
) -> Option<ReadRegister> {
    let mut reader = Reader::new(source, problems);
    let root = reader.root()?;
    let fields = reader.map(&root, "a register", &["register", "entries"])?;
    let name = reader.required(&fields, "register", "a register")?;
    let known: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, *name)).collect();
    let name = reader.one_of(name, "register", &known)?;
    let mut derived: Vec<Register> = Vec::new();
    let mut register = Register {
        name: name.to_owned(),
        ..Register::default()
    };
    match fields.get("entries").map(|node| (node, &node.value)) {
        // A register that is still to be filled.
        None | Some((_, Value::Null)) => {}
        Some((_, Value::List(items))) => {
            register.entries = items
                .iter()
                .filter_map(|item| {
                    let entry = EntryReader {
                        reader: &mut reader,
                        register: name,
                        zone,
                        derived: &mut derived,
                    }
                    .read(item)?;
                    names(item)
                        .filter(|(name, _)| !entry.ambiguous.iter().any(|known| known == name))
                        .for_each(|(name, at)| each(name, at.range()));
                    Some(entry)
                })
                .collect();
        }
        Some((node, _)) => {
            reader.list(node, "entries");
        }
    }
    Some(ReadRegister { register, derived })
}

/// A register as its file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadRegister {
    /// The register.
    pub register: Register,
    /// What it holds of other registers: of an organisation its domains and the ways to say that
    /// one works there.
    pub derived: Vec<Register>,
}

/// Reads one entry.
struct EntryReader<'r, 'p> {
    reader: &'r mut Reader<'p>,
    register: &'r str,
    zone: &'r TimeZone,
    derived: &'r mut Vec<Register>,
}

impl EntryReader<'_, '_> {
    fn read(&mut self, node: &Node) -> Option<Entry> {
        let is_period = PERIODS.contains(&self.register);
        if let Value::Scalar(_) = node.value
            && !is_period
        {
            let name = self.reader.text(node, "an entry")?.to_owned();
            return Some(Entry::listed(self.register, name));
        }
        let own = OWN_KEYS.iter().find(|(name, _)| *name == self.register);
        let keys: Vec<&str> = if is_period {
            ["name"].to_vec()
        } else {
            ENTRY_KEYS.to_vec()
        }
        .into_iter()
        .chain(own.iter().flat_map(|(_, keys)| keys.iter().copied()))
        .collect();
        let fields = self.reader.map(node, "an entry", &keys)?;
        if is_period {
            for key in ["from", "until"] {
                self.reader.required(&fields, key, "a period")?;
            }
        }
        if let Some(number) = fields.get("number") {
            return self.figure(number, &fields);
        }
        let name = match fields.get("name") {
            None if is_period => String::new(),
            _ => {
                let name = self.reader.required(&fields, "name", "an entry")?;
                self.reader.text(name, "name")?.to_owned()
            }
        };
        let mut entry = Entry {
            aliases: self.texts(&fields, "aliases"),
            forms: self.texts(&fields, "forms"),
            near: self.texts(&fields, "near"),
            name,
            held: self.held(&fields)?,
            site: self.site(&fields),
            ..Entry::default()
        };
        for key in ["handles", "hashtags"] {
            let more = self.texts(&fields, key);
            entry.aliases.extend(more);
        }
        for key in ["domains", "disclosures"] {
            let names = self.texts(&fields, key);
            if names.is_empty() {
                continue;
            }
            let entries = names.into_iter().map(Entry::from).collect();
            self.derived.push(Register {
                name: key.to_owned(),
                entries,
                ..Register::default()
            });
        }
        if let Some(node) = fields.get("ambiguous") {
            entry.ambiguous = read_ambiguous(self.reader, node, &mut entry);
        }
        if let Some(node) = fields.get("approved") {
            entry.approved = read_approval(self.reader, node, self.zone);
        }
        Some(entry)
    }

    fn texts(&mut self, fields: &Fields<'_>, key: &str) -> Vec<String> {
        fields
            .get(key)
            .map(|node| self.reader.texts(node, key))
            .unwrap_or_default()
    }

    /// When an entry is held back. The outer `None` is a mistake, so that no entry with a date that
    /// cannot be read is taken for one without.
    #[expect(clippy::option_option, reason = "a mistake and no date are two things")]
    fn held(&mut self, fields: &Fields<'_>) -> Option<Option<Held>> {
        let mut held = Held::default();
        if let Some(node) = fields.get("launch") {
            held.until = Some(self.instant(node, "launch", Bound::Start)?);
        }
        if let Some(node) = fields.get("until") {
            held.until = Some(self.instant(node, "until", Bound::End)?);
        }
        if let Some(node) = fields.get("from") {
            held.from = Some(self.instant(node, "from", Bound::Start)?);
        }
        if let (Some(from), Some(until)) = (held.from, held.until)
            && until <= from
            && let Some(node) = fields.get("until")
        {
            self.reader
                .report(&RegisterError::EndsFirst, node.at, "before `from`");
            return None;
        }
        let is_held = held != Held::default() || is_held_back(self.register);
        Some(is_held.then_some(held))
    }

    /// Where a site is. A mistake leaves the name, and is told.
    fn site(&mut self, fields: &Fields<'_>) -> Option<Site> {
        let Some(node) = fields.get("at") else {
            if let Some(node) = fields.get("radius") {
                self.reader
                    .report(&RegisterError::RadiusAlone, node.at, "around what?");
            }
            return None;
        };
        let degrees: Vec<f64> = self
            .reader
            .texts(node, "at")
            .iter()
            .flat_map(|text| text.split(','))
            .filter_map(|part| part.trim().parse().ok())
            .collect();
        let position = match degrees.as_slice() {
            [lat, lon] => Position::new(*lat, *lon),
            _ => None,
        };
        let Some(at) = position else {
            self.reader.report(
                &RegisterError::NoPosition,
                node.at,
                "not two numbers of degrees",
            );
            return None;
        };
        let radius = match fields.get("radius") {
            None => Site::RADIUS,
            Some(node) => match metres(self.reader.text(node, "radius")?) {
                Some(radius) => radius,
                None => {
                    self.reader
                        .report(&RegisterError::NoRadius, node.at, "not a length");
                    return None;
                }
            },
        };
        Some(Site { at, radius })
    }

    fn instant(&mut self, node: &Node, key: &str, bound: Bound) -> Option<Timestamp> {
        match instant(self.reader.text(node, key)?, self.zone, bound) {
            Ok(at) => Some(at),
            Err(error) => {
                self.reader.report(&error, node.at, "not a date");
                None
            }
        }
    }

    /// A public figure: a number in every writing beside each of its units.
    fn figure(&mut self, number: &Node, fields: &Fields<'_>) -> Option<Entry> {
        let number = self.reader.number(number, "number")?;
        let unit = self.reader.required(fields, "unit", "a figure")?;
        let units: Vec<String> = match &unit.value {
            Value::Map(languages) => languages
                .iter()
                .flat_map(|(_, words)| self.reader.texts(words, "unit"))
                .collect(),
            _ => self.reader.texts(unit, "unit"),
        };
        let mut names = units.iter().flat_map(|unit| figure_names(number, unit));
        Some(Entry {
            name: names.next()?,
            aliases: names.collect(),
            ..Entry::default()
        })
    }
}

/// Whether what a register lists is held back even without dates: for good, then.
fn is_held_back(register: &str) -> bool {
    matches!(register, "embargoes" | "topics")
}

impl Entry {
    /// An entry of which a list says nothing but its name.
    pub fn listed(register: &str, name: impl Into<String>) -> Self {
        Self {
            held: is_held_back(register).then(Held::default),
            ..Self::from(name.into())
        }
    }
}

/// A number beside a unit in every writing: 4200, 4,200, 4.200, 4 200, 4’200.
pub fn figure_names(number: u32, unit: &str) -> Vec<String> {
    let plain = number.to_string();
    let mut numbers = vec![plain.clone()];
    if plain.len() > 3 {
        for mark in [",", ".", " ", "’"] {
            let mut parts: Vec<&str> = Vec::new();
            let mut rest = plain.as_str();
            while !rest.is_empty() {
                let (head, tail) = rest.split_at(rest.len().saturating_sub(3));
                parts.push(tail);
                rest = head;
            }
            parts.reverse();
            numbers.push(parts.join(mark));
        }
    }
    let beside = |number: String| [format!("{number} {unit}"), format!("{unit} {number}")];
    numbers.into_iter().flat_map(beside).collect()
}

/// The names that an entry as written counts for, each where it stands.
fn names(entry: &Node) -> impl Iterator<Item = (&str, Span)> {
    let values: Vec<&Node> = match &entry.value {
        Value::Map(fields) => fields
            .iter()
            .filter(|(key, _)| matches!(key.text.as_str(), "name" | "aliases" | "forms"))
            .map(|(_, value)| value)
            .collect(),
        _ => vec![entry],
    };
    values
        .into_iter()
        .flat_map(|value| match &value.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        })
        .filter_map(|node| match &node.value {
            Value::Scalar(text) if !text.trim().is_empty() => Some((text.as_str(), node.at)),
            _ => None,
        })
}

fn read_ambiguous(reader: &mut Reader<'_>, node: &Node, entry: &mut Entry) -> Vec<String> {
    match &node.value {
        Value::Scalar(word) if word == "true" => vec![entry.name.clone()],
        Value::Scalar(word) if word == "false" => Vec::new(),
        _ => {
            let names = reader.texts(node, "ambiguous");
            for name in &names {
                // DESIGN.md's own example names an ambiguous alias only here: it is one then.
                if *name != entry.name && !entry.aliases.contains(name) {
                    entry.aliases.push(name.clone());
                }
            }
            names
        }
    }
}

fn read_approval(reader: &mut Reader<'_>, node: &Node, zone: &TimeZone) -> Option<Approval> {
    match &node.value {
        Value::Scalar(word) if word == "true" => return Some(Approval::default()),
        Value::Scalar(word) if word == "false" => return None,
        _ => {}
    }
    let fields = reader.map(node, "`approved`", &["until", "channels", "by"])?;
    if fields.entries().is_empty() {
        // An empty approval is one that somebody has still to write, not one without end.
        reader.list(node, "approved");
        return None;
    }
    approval_of(reader, &fields, zone)
}

/// The approval that `until`, `channels` and `by` of a map make.
pub(super) fn approval_of(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    zone: &TimeZone,
) -> Option<Approval> {
    let mut approval = Approval {
        channels: fields
            .get("channels")
            .map(|node| reader.texts(node, "channels"))
            .unwrap_or_default()
            .iter()
            .map(|channel| channel.to_lowercase())
            .collect(),
        by: fields
            .get("by")
            .and_then(|node| reader.text(node, "by"))
            .map(str::to_owned),
        until: None,
    };
    if let Some(node) = fields.get("until") {
        match reader
            .text(node, "until")
            .map(|text| instant(text, zone, Bound::End))
        {
            Some(Ok(until)) => approval.until = Some(until),
            Some(Err(error)) => {
                reader.report(&error, node.at, "not a date");
                // An end that cannot be read must not become an approval without end.
                return None;
            }
            None => return None,
        }
    }
    Some(approval)
}

/// Reads one column of a CSV file with a header; mistakes go to `problems`.
///
/// `column` is compared without regard to case; without one the first is read. Calls `each` with the
/// text of every cell, trimmed, and with its place: of a cell in quotation marks, that of its row.
/// Cells without text are left out.
pub fn read_csv(
    source: &Arc<Source>,
    column: Option<&str>,
    problems: &mut Vec<Problem>,
    mut each: impl FnMut(&str, Range<usize>),
) {
    let text = source.text();
    let separator = if text
        .lines()
        .next()
        .is_some_and(|header| header.contains(';') && !header.contains(','))
    {
        b';'
    } else {
        b','
    };
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains('\t') {
        b'\t'
    } else {
        separator
    };
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut report = |error: &RegisterError, at: usize, label: &str| {
        let at = Span::covering(text, at..text.len().min(at + 1));
        problems.push(Problem::new(error).at(source, at, label));
    };
    let header = match rows.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            report(&RegisterError::Csv(error.to_string()), 0, "the header");
            return;
        }
    };
    let position = match column {
        None => 0,
        Some(column) => {
            let Some(position) = header
                .iter()
                .position(|name| name.trim().eq_ignore_ascii_case(column))
            else {
                let known = header.iter().collect::<Vec<_>>().join(", ");
                report(
                    &RegisterError::NoColumn {
                        column: column.to_owned(),
                        known,
                    },
                    0,
                    "the header",
                );
                return;
            };
            position
        }
    };
    // The reader takes all that follows an unpaired quotation mark for one cell.
    if let Some(at) = text
        .rfind('"')
        .filter(|_| text.matches('"').count() % 2 == 1)
    {
        let error = RegisterError::Csv("a quotation mark is opened and never closed".to_owned());
        report(&error, at, "the last one");
    }
    let mut cell = |cell: &str, place: Range<usize>| {
        let cell = cell.trim();
        if !cell.is_empty() {
            each(cell, place);
        }
    };
    // Without a quotation mark, which long lists do without, a line is a row.
    if memchr(b'"', text.as_bytes()).is_none() {
        for line in lines(text).skip(1) {
            if let Some(place) = field(&text[line.clone()], separator, position) {
                let place = line.start + place.start..line.start + place.end;
                cell(&text[place.clone()], place);
            }
        }
        return;
    }
    for row in rows.records() {
        match row {
            Ok(row) => {
                let start = row.position().map_or(0, csv::Position::byte);
                let start = usize::try_from(start).unwrap_or(0).min(text.len());
                let end = memchr2(b'\n', b'\r', &text.as_bytes()[start..])
                    .map_or(text.len(), |more| start + more);
                cell(row.get(position).unwrap_or_default(), start..end);
            }
            Err(error) => {
                let at = error
                    .position()
                    .map_or(0, |place| usize::try_from(place.byte()).unwrap_or(0));
                report(&RegisterError::Csv(error.to_string()), at, "this row");
            }
        }
    }
}

/// The lines of a text that hold anything, however they end.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    memchr2_iter(b'\n', b'\r', text.as_bytes())
        .chain([text.len()])
        .map(move |end| std::mem::replace(&mut start, end + 1)..end)
        .filter(|line| !line.is_empty())
}

/// The place of a field in a row without quotation marks.
fn field(row: &str, separator: u8, position: usize) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 0..position {
        start += memchr(separator, &row.as_bytes()[start..])? + 1;
    }
    let end = memchr(separator, &row.as_bytes()[start..]).map_or(row.len(), |more| start + more);
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Register>, Vec<Problem>) {
        let mut problems = Vec::new();
        let source = Arc::new(Source::from_text("clients.yaml", text));
        let read = read_yaml(&source, &TimeZone::UTC, &mut problems, |_, _| {});
        (read.map(|read| read.register), problems)
    }

    #[test]
    fn names_that_count_alone_are_told_with_their_places() {
        let text = "register: clients\nentries:\n  - name: Banca\n    aliases: [Orsini, 'Aurora']\n    forms: Bancii\n    ambiguous: [Aurora, Delta]\n    near: [bank]\n  - {name: It, ambiguous: true, near: [bank]}\n  - Northwick Foods\n";
        let source = Arc::new(Source::from_text("clients.yaml", text));
        let mut told = Vec::new();
        read_yaml(&source, &TimeZone::UTC, &mut Vec::new(), |name, at| {
            assert_eq!(&text[at], name);
            told.push(name.to_owned());
        });
        assert_eq!(told, ["Banca", "Orsini", "Bancii", "Northwick Foods"]);
    }

    #[test]
    fn entries_in_both_forms() {
        let (register, problems) = read(
            "register: clients\nentries:\n  - name: Banca Orsini\n    aliases: [Orsini Bank]\n    ambiguous: [Aurora]\n    near: [bank]\n    approved: { until: 2027-01-31, channels: [linkedin], by: legal@example.com }\n  - Northwick Foods\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let register = register.unwrap();
        assert_eq!(register.entries[0].aliases, ["Orsini Bank", "Aurora"]);
        assert_eq!(register.entries[0].ambiguous, ["Aurora"]);
        let approval = register.entries[0].approved.as_ref().unwrap();
        assert_eq!(
            approval.until,
            Some("2027-02-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(register.entries[1].name, "Northwick Foods");
        assert!(
            read("register: clients\nentries:\n")
                .0
                .unwrap()
                .entries
                .is_empty()
        );
    }

    #[test]
    fn an_end_that_is_no_date_approves_nothing() {
        let (register, problems) =
            read("register: clients\nentries:\n  - {name: A B, approved: {until: soon}}\n");
        assert_eq!(register.unwrap().entries[0].approved, None);
        assert_eq!(problems[0].message, "“soon” is no date");
    }

    #[test]
    fn mistakes_are_named() {
        let (_, problems) = read("register: client\nentries: []\n");
        assert!(
            problems[0]
                .help
                .as_ref()
                .unwrap()
                .contains("did you mean `clients`?")
        );
        let (_, problems) = read("register: clients\nentries:\n  - {nmae: x}\n");
        assert_eq!(problems.len(), 2);
    }

    fn cells(text: &str, column: &str) -> (Vec<(String, String)>, Vec<Problem>) {
        let source = Arc::new(Source::from_text("c.csv", text));
        let (mut cells, mut problems) = (Vec::new(), Vec::new());
        read_csv(&source, Some(column), &mut problems, |cell, at| {
            cells.push((cell.to_owned(), text[at].to_owned()));
        });
        (cells, problems)
    }

    #[test]
    fn a_column_of_a_table() {
        let pair = |cell: &str, place: &str| (cell.to_owned(), place.to_owned());
        let text = "id;Name\n1;\"Acme; Corp\"\n2; \n3;Beta\n";
        let (read, problems) = cells(text, "name");
        assert_eq!(
            read,
            [
                pair("Acme; Corp", "1;\"Acme; Corp\""),
                pair("Beta", "3;Beta")
            ]
        );
        assert!(problems.is_empty());
        let (_, problems) = cells(text, "nome");
        assert_eq!(
            problems[0].help.as_deref(),
            Some("its columns are: id, Name")
        );
        let (read, _) = cells("\r\nid,Name\r\n1, Acme \r\r\n2\n3,Beta,x", "name");
        assert_eq!(read, [pair("Acme", " Acme "), pair("Beta", "Beta")]);
    }

    #[test]
    fn the_short_way_without_quotation_marks_is_the_same_as_the_long_one() {
        let rows = "id,name\n\n1,Acme\r\n2\r3,,\n4, Beta ,x\n,Gamma\n  \n5,Delta";
        for column in ["id", "name"] {
            // A last row in quotation marks makes the reader take the long way for all.
            let long = format!("{rows}\n\"6\",\"Epsilon\"");
            let words = |text: &str| -> Vec<String> {
                cells(text, column)
                    .0
                    .into_iter()
                    .map(|(cell, _)| cell)
                    .collect()
            };
            let mut expected = words(rows);
            expected.push(if column == "id" { "6" } else { "Epsilon" }.to_owned());
            assert_eq!(words(&long), expected, "{column}");
        }
    }
}
