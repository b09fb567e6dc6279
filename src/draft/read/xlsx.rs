//! Workbooks: one post a row, under a row of headers.
//!
//! Every cell is a part of the made text, so that a finding names the sheet and the cell. Hidden
//! sheets, rows and columns go out with the file and are read as well; of a formula its last result.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, ToSpan};

use super::columns::is_text_header;
use super::dates::{DateOrder, order_of};
use super::package::{Descend, Element, Package, PackageError, Relation, Visitor, ZIP, target_of};
use super::table::Table;
use super::{Go, RawFile, ReadOptions, Reader, Sink};
use crate::text::{MappedText, Part, Problem, Source, Unit};

/// Headers stand in one of so many first rows that hold anything; above them a sheet has its title.
const HEADER_WITHIN: usize = 20;

/// Workbooks of Excel and of everything that writes its format.
#[derive(Debug)]
pub(super) struct Xlsx;

impl Reader for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xlsx"]
    }

    fn about(&self) -> &'static str {
        "one post a row, as for csv; every sheet, also hidden ones"
    }

    fn is_found_in_folders(&self) -> bool {
        false
    }

    fn is_signature_of(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(ZIP) && memchr::memmem::find(bytes, b"xl/workbook").is_some()
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let name = file.name().to_owned();
        let Some(mut package) = Package::open(file, "Excel workbook", "xlsx", problems) else {
            return;
        };
        let mut errors = Vec::new();
        let mut book = Book::read(&mut package, &mut errors);
        for (sheet, part) in std::mem::take(&mut book.sheets) {
            let made = book.sheet(&part, &mut package, &mut errors);
            let drafts = made.drafts(&name, &sheet, options, problems);
            if sink(drafts) == Go::Stop {
                break;
            }
        }
        problems.extend(
            errors
                .iter()
                .map(|error| Problem::new(error).in_file(&name)),
        );
    }
}

/// A sheet as a table: its name, and by row, from 1, and column, from 0, what stands in its cells.
pub type SheetCells = (String, BTreeMap<u32, BTreeMap<u32, String>>);

/// The cells of every sheet of a workbook, for readers that want a table and no posts. What cannot be
/// read is a problem.
pub fn cells_of_workbook(file: RawFile<'_>, problems: &mut Vec<Problem>) -> Vec<SheetCells> {
    let name = file.name().to_owned();
    let Some(mut package) = Package::open(file, "Excel workbook", "xlsx", problems) else {
        return Vec::new();
    };
    let mut errors = Vec::new();
    let mut book = Book::read(&mut package, &mut errors);
    let sheets = std::mem::take(&mut book.sheets)
        .into_iter()
        .map(|(sheet, part)| {
            let cells = book.sheet(&part, &mut package, &mut errors);
            (sheet, cells.rows)
        })
        .collect();
    let errors = errors.iter();
    problems.extend(errors.map(|error| Problem::new(error).in_file(&name)));
    sheets
}

/// What all sheets of a workbook share.
#[derive(Default)]
struct Book {
    /// Names of the sheets, and the parts they stand in.
    sheets: Vec<(String, String)>,
    strings: Vec<String>,
    /// For each style of cells whether it shows numbers as dates.
    dated: Vec<bool>,
    /// Days are counted from 1904, as on old Macintosh computers.
    from_1904: bool,
}

impl Book {
    fn read(package: &mut Package, errors: &mut Vec<PackageError>) -> Self {
        let roots = package.relations("", errors);
        let workbook = target_of(&roots, "officeDocument", "xl/workbook.xml");
        let relations = package.relations(&workbook, errors);
        let mut sheets = Sheets::default();
        if !package.show(&workbook, &mut sheets, errors) {
            errors.push(PackageError::MissingPart {
                part: workbook,
                extension: "xlsx",
            });
        }
        let mut strings = Strings::default();
        let part = target_of(&relations, "sharedStrings", "xl/sharedStrings.xml");
        package.show(&part, &mut strings, errors);
        let mut styles = Styles::default();
        let part = target_of(&relations, "styles", "xl/styles.xml");
        package.show(&part, &mut styles, errors);
        let worksheet = |(name, id): (String, String)| {
            let relation = relations.get(&id)?;
            (relation.kind == "worksheet").then(|| (name, relation.target.clone()))
        };
        Self {
            sheets: sheets.found.into_iter().filter_map(worksheet).collect(),
            strings: strings.found,
            dated: styles.dated(),
            from_1904: sheets.from_1904,
        }
    }

    fn sheet(&self, part: &str, package: &mut Package, errors: &mut Vec<PackageError>) -> Sheet {
        let relations = package.relations(part, errors);
        let mut cells = Cells {
            book: self,
            relations: &relations,
            rows: BTreeMap::new(),
            links: BTreeMap::new(),
            at: (0, 0),
            kind: String::new(),
            is_dated: false,
            value: String::new(),
            open: Vec::new(),
        };
        if !package.show(part, &mut cells, errors) {
            errors.push(PackageError::MissingPart {
                part: part.to_owned(),
                extension: "xlsx",
            });
        }
        Sheet {
            rows: cells.rows,
            links: cells.links,
        }
    }
}

/// What a number means that a cell shows as a date: a day, a time, or both.
fn moment(serial: &str, from_1904: bool) -> Option<String> {
    let serial: f64 = serial.trim().parse().ok()?;
    if !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the number of seconds was just bounded"
    )]
    let seconds = (serial * 86_400.0).round() as i64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let time = Time::midnight().checked_add(SignedDuration::from_secs(rest));
    let time = time.ok()?;
    if days == 0 && !from_1904 {
        return Some(time.to_string());
    }
    // Excel takes 1900 for a leap year, so that from March 1900 on the count starts a day earlier.
    let zero: Date = if from_1904 {
        jiff::civil::date(1904, 1, 1)
    } else if days < 60 {
        jiff::civil::date(1899, 12, 31)
    } else {
        jiff::civil::date(1899, 12, 30)
    };
    let day = zero.checked_add(days.days()).ok()?;
    Some(if rest == 0 {
        day.to_string()
    } else {
        DateTime::from_parts(day, time).to_string()
    })
}

#[derive(Default)]
struct Sheets {
    /// Names of sheets, and the ids of their relations.
    found: Vec<(String, String)>,
    from_1904: bool,
}

impl Visitor for Sheets {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        match element.name() {
            "workbookPr" => {
                self.from_1904 = matches!(element.attribute("date1904"), Some("1" | "true"));
            }
            "sheet" => {
                let of = |key| element.attribute(key).unwrap_or_default().to_owned();
                self.found.push((of("name"), of("id")));
            }
            _ => {}
        }
        Descend::Into
    }
}

/// Texts that cells share.
#[derive(Default)]
struct Strings {
    found: Vec<String>,
    open: Vec<bool>,
}

impl Visitor for Strings {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        match element.name() {
            // How the text is pronounced is not the text.
            "rPh" => return Descend::Over,
            "si" => self.found.push(String::new()),
            _ => {}
        }
        self.open.push(element.name() == "t");
        Descend::Into
    }

    fn text(&mut self, text: &str) {
        if self.open.last() == Some(&true)
            && let Some(string) = self.found.last_mut()
        {
            string.push_str(text);
        }
    }

    fn end(&mut self) {
        self.open.pop();
    }
}

#[derive(Default)]
struct Styles {
    /// Formats of the workbook's own that show dates.
    own: BTreeMap<u32, bool>,
    /// The format of each style of cells.
    formats: Vec<u32>,
}

impl Styles {
    fn dated(&self) -> Vec<bool> {
        let is_dated = |format: &u32| match self.own.get(format) {
            Some(own) => *own,
            None => matches!(format, 14..=22 | 27..=36 | 45..=47 | 50..=58),
        };
        self.formats.iter().map(is_dated).collect()
    }
}

impl Visitor for Styles {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        let format = || {
            let id = element.attribute("numFmtId")?;
            id.parse().ok()
        };
        match element.name() {
            "numFmt" => {
                let code = element.attribute("formatCode").unwrap_or_default();
                if let Some(format) = format() {
                    self.own.insert(format, shows_dates(code));
                }
                Descend::Over
            }
            "xf" => {
                self.formats.push(format().unwrap_or_default());
                Descend::Over
            }
            "styleSheet" | "numFmts" | "cellXfs" => Descend::Into,
            _ => Descend::Over,
        }
    }
}

/// Whether a format such as `dd/mm/yyyy "at" hh:mm` shows numbers as dates or times.
fn shows_dates(code: &str) -> bool {
    let (mut quoted, mut bracketed) = (false, false);
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => {
                letters.next();
            }
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' if !quoted && !bracketed => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// A row's cells, by column from 0.
type Row = BTreeMap<u32, String>;

/// The cells of a sheet while it is read.
struct Cells<'b> {
    book: &'b Book,
    relations: &'b BTreeMap<String, Relation>,
    rows: BTreeMap<u32, Row>,
    links: BTreeMap<u32, Row>,
    /// The row, from 1, and the column after the last cell.
    at: (u32, u32),
    kind: String,
    is_dated: bool,
    value: String,
    /// For each open element whether its text is part of the value.
    open: Vec<Inside>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Value,
    Cell,
    Other,
}

impl Cells<'_> {
    fn cell(&mut self) {
        let value = std::mem::take(&mut self.value);
        let text = match self.kind.as_str() {
            "s" => {
                let shared = value.trim().parse().ok();
                shared
                    .and_then(|at: usize| self.book.strings.get(at))
                    .cloned()
                    .unwrap_or(value)
            }
            "b" => match value.trim() {
                "1" => "TRUE".to_owned(),
                "0" => "FALSE".to_owned(),
                _ => value,
            },
            "" | "n" if self.is_dated => moment(&value, self.book.from_1904).unwrap_or(value),
            _ => value,
        };
        let text = unescape(&text);
        if !text.trim().is_empty() {
            let (row, column) = self.at;
            self.rows.entry(row).or_default().insert(column, text);
        }
        self.at.1 = self.at.1.saturating_add(1);
    }
}

impl Visitor for Cells<'_> {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        let mut inside = Inside::Other;
        match element.name() {
            "row" => {
                let row = element.attribute("r").and_then(|row| row.parse().ok());
                self.at = (row.unwrap_or(self.at.0.saturating_add(1)), 0);
            }
            "c" => {
                if let Some(place) = element.attribute("r").and_then(place_of) {
                    self.at = place;
                }
                element
                    .attribute("t")
                    .unwrap_or_default()
                    .clone_into(&mut self.kind);
                let style = element.attribute("s").and_then(|style| style.parse().ok());
                let style: usize = style.unwrap_or_default();
                self.is_dated = self.book.dated.get(style).copied().unwrap_or_default();
                self.value.clear();
                inside = Inside::Cell;
            }
            "v" | "t" => inside = Inside::Value,
            "hyperlink" => {
                let target = element
                    .attribute("id")
                    .and_then(|id| self.relations.get(id));
                let first = element
                    .attribute("ref")
                    .and_then(|cells| place_of(cells.split(':').next()?));
                if let (Some((row, column)), Some(relation)) = (first, target) {
                    let links = self.links.entry(row).or_default();
                    links.insert(column, relation.target.clone());
                }
            }
            "f" | "rPh" | "extLst" => return Descend::Over,
            _ => {}
        }
        self.open.push(inside);
        Descend::Into
    }

    fn text(&mut self, text: &str) {
        if self.open.last() == Some(&Inside::Value) {
            self.value.push_str(text);
        }
    }

    fn end(&mut self) {
        if self.open.pop() == Some(Inside::Cell) {
            self.cell();
        }
    }
}

/// Row from 1 and column from 0 of a cell by its name, such as `D4`.
fn place_of(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|letter: char| letter.is_ascii_digit())?;
    let mut column = 0_u32;
    for letter in name[..digits].chars() {
        let number = letter.to_ascii_uppercase().to_digit(36)?.checked_sub(9)?;
        column = column.checked_mul(26)?.checked_add(number)?;
    }
    Some((name[digits..].parse().ok()?, column.checked_sub(1)?))
}

/// Characters that XML cannot hold stand in cells as `_x000D_`.
fn unescape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let letter = rest
            .get(at + 2..at + 7)
            .and_then(|code| code.strip_suffix('_'))
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        made.push_str(&rest[..at]);
        rest = match letter {
            Some(letter) => {
                made.push(letter);
                &rest[at + 7..]
            }
            None => {
                made.push_str("_x");
                &rest[at + 2..]
            }
        };
    }
    made.push_str(rest);
    made
}

/// A sheet as it was read.
struct Sheet {
    rows: BTreeMap<u32, Row>,
    links: BTreeMap<u32, Row>,
}

impl Sheet {
    fn drafts(
        &self,
        name: &str,
        sheet: &str,
        options: &ReadOptions,
        problems: &mut Vec<Problem>,
    ) -> Vec<crate::draft::Draft> {
        let mut made = Made {
            sheet,
            text: String::new(),
            parts: Vec::new(),
        };
        let header = self.rows.iter().take(HEADER_WITHIN).find(|(_, row)| {
            row.values()
                .any(|cell| is_text_header(cell.trim(), &options.fields))
        });
        let columns: Vec<u32> =
            header.map_or_else(Vec::new, |(_, row)| row.keys().copied().collect());
        let mut ranges = Vec::new();
        for (number, row) in &self.rows {
            if header.is_some_and(|(header, _)| header == number) {
                continue;
            }
            // A row above the headers is text without columns, and so is every row of a sheet
            // without them.
            let is_under = header.is_some_and(|(header, _)| header < number);
            let known: &[u32] = if is_under { &columns } else { &[] };
            let mut cells: Vec<Option<Range<usize>>> = known
                .iter()
                .map(|column| Some(made.cell(*number, *column, row.get(column)?)))
                .collect();
            // What stands in no column of the table is read after those that do.
            for (column, cell) in row {
                if known.binary_search(column).is_err() {
                    cells.push(Some(made.cell(*number, *column, cell)));
                }
            }
            for (column, target) in self.links.get(number).into_iter().flatten() {
                if row.get(column) != Some(target) {
                    cells.push(Some(made.cell(*number, *column, target)));
                }
            }
            ranges.push((*number, is_under, cells));
        }
        let source = Arc::new(Source::from_parts(name, made.text, made.parts));
        let headers: Vec<String> = header.map_or_else(Vec::new, |(_, row)| {
            row.values().map(|cell| cell.trim().to_owned()).collect()
        });
        let mut table = Table::with_header(&headers, options);
        if let Some(column) = table.date_column().filter(|_| table.order.is_none()) {
            let written = ranges.iter().filter(|(_, is_under, _)| *is_under);
            table.order = order(written.filter_map(|(_, _, cells)| {
                let range = cells.get(column)?.clone()?;
                Some(&source.text()[range])
            }));
        }
        let loose = Table::without_header(Vec::new(), options);
        ranges
            .into_iter()
            .map(|(number, is_under, cells)| {
                let head = cells.iter().flatten().min_by_key(|range| range.start);
                let head = head.cloned().unwrap_or(0..0);
                let texts = cells.into_iter().map(|range| {
                    let mut text = MappedText::default();
                    if let Some(range) = range {
                        text.push_verbatim(&source.text()[range.clone()], range.start);
                    }
                    text
                });
                let table = if is_under { &table } else { &loose };
                let record = usize::try_from(number).unwrap_or(usize::MAX);
                table.draft(&source, record, head, texts.collect(), problems)
            })
            .collect()
    }
}

/// The order that all dates which allow one reading only agree on.
fn order<'t>(dates: impl Iterator<Item = &'t str>) -> Option<DateOrder> {
    let mut found = None;
    for order in dates.filter_map(order_of) {
        if found.is_some_and(|found| found != order) {
            return None;
        }
        found = Some(order);
    }
    found
}

/// The text that is made of a sheet, cell by cell.
struct Made<'s> {
    sheet: &'s str,
    text: String,
    parts: Vec<Part>,
}

impl Made<'_> {
    fn cell(&mut self, row: u32, column: u32, text: &str) -> Range<usize> {
        self.parts.push(Part {
            at: self.text.len(),
            name: self.sheet.to_owned(),
            unit: Unit::Cell(format!("{}{row}", column_name(column))),
        });
        let start = self.text.len();
        self.text.push_str(text);
        let range = start..self.text.len();
        self.text.push('\n');
        range
    }
}

/// The letters of a column, counted from 0: A, B, … Z, AA.
fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.extend(char::from_digit((rest % 26) as u32 + 10, 36));
        rest /= 26;
    }
    letters.iter().rev().map(char::to_ascii_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_names() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (16_383, "XFD")] {
            assert_eq!(column_name(column), name);
            assert_eq!(place_of(&format!("{name}7")), Some((7, column)));
        }
        for name in ["", "A", "7", "?7", "A99999999999", "ÀA1"] {
            assert_eq!(place_of(name), None, "{name}");
        }
    }

    #[test]
    fn numbers_are_days_and_times() {
        for (serial, from_1904, expected) in [
            ("46349", false, Some("2026-11-23")),
            ("46349.375", false, Some("2026-11-23T09:00:00")),
            ("0.5", false, Some("12:00:00")),
            ("1", false, Some("1900-01-01")),
            ("44887", true, Some("2026-11-23")),
            ("-1", false, None),
            ("1e300", false, None),
            ("NaN", false, None),
            ("soon", false, None),
        ] {
            assert_eq!(moment(serial, from_1904).as_deref(), expected, "{serial}");
        }
    }

    #[test]
    fn formats_with_days_or_hours_are_dates() {
        for (code, expected) in [
            ("dd/mm/yyyy", true),
            ("[$-410]d mmmm", true),
            ("h:mm", true),
            ("0.00", false),
            ("#,##0 \"days\"", false),
            ("[Red]0", false),
            ("0\\d", false),
        ] {
            assert_eq!(shows_dates(code), expected, "{code}");
        }
    }

    #[test]
    fn escaped_characters_are_read() {
        assert_eq!(
            unescape("a_x000D_b_x005F_c_x_d_xZZZZ_"),
            "a\rb_c_x_d_xZZZZ_"
        );
    }
}
