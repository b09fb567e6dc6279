//! Comma- and tab-separated tables: exports of scheduling tools and spreadsheets.
//!
//! `csv-core` decides where fields end; here their bytes are kept, so that a finding points into
//! the cell. A large file is read in pieces that end with a row.

use std::ops::Range;
use std::sync::Arc;

use csv_core::{ReadFieldResult, ReaderBuilder};

use super::columns::{FieldNames, Role, is_text_header};
use super::dates::{DateOrder, is_date, order_of};
use super::pieces::{Piece, Pieces};
use super::table::Table;
use super::{Go, RawFile, ReadOptions, Reader, Sink};
use crate::text::{MappedText, Problem, Source, Span};

/// Bytes of a large file that are read before the shape of the table is settled.
const SAMPLE: usize = 64 << 10;

/// A table by its file extension.
#[derive(Debug)]
pub(super) enum Csv {
    /// Separated by commas, semicolons, bars or tabs, as the first row shows.
    Comma,
    /// Separated by tabs.
    Tab,
}

/// What can be wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
enum TableError {
    #[error("no column of this table is known to hold the text of the posts")]
    #[diagnostic(
        code(clearpost::draft::no_text_column),
        help(
            "name it: `drafts: [{{paths: [\"{name}\"], text: COLUMN}}]` in clearpost.yaml; all cells were checked as text"
        )
    )]
    NoText { name: String },
    #[error("row {row} has {have} cells, the table has {want} columns")]
    #[diagnostic(
        code(clearpost::draft::unequal_rows),
        help(
            "a quotation mark or a separator may be missing; its cells were checked as they stand"
        )
    )]
    Unequal {
        row: usize,
        have: usize,
        want: usize,
    },
    #[error("the quotation mark that opens this cell in row {row} is never closed")]
    #[diagnostic(
        code(clearpost::draft::unclosed_cell),
        help("close it; everything after it was read as this one cell")
    )]
    Unclosed { row: usize },
}

impl Reader for Csv {
    fn name(&self) -> &'static str {
        match self {
            Self::Comma => "csv",
            Self::Tab => "tsv",
        }
    }

    fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Comma => &["csv"],
            Self::Tab => &["tsv"],
        }
    }

    fn about(&self) -> &'static str {
        match self {
            Self::Comma => {
                "one post a row; columns by their names in five languages, or as configured"
            }
            Self::Tab => "the same, separated by tabs",
        }
    }

    fn is_found_in_folders(&self) -> bool {
        false
    }

    fn read(
        &self,
        mut file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let known_order = options
            .date_order
            .or_else(|| self.order_in(&mut file, options));
        let mut table: Option<(bool, Table<'_>)> = None;
        let mut row = 0;
        let settled = Settled::default();
        for piece in Pieces::new(file, SAMPLE, |bytes| self.cut(bytes, &settled, options)) {
            let (source, is_last) = match piece {
                Ok(Piece { source, is_last }) => (source, is_last),
                Err(problem) => {
                    problems.push(*problem);
                    return;
                }
            };
            let text = source.text();
            let start = if table.is_none() { after_hint(text) } else { 0 };
            let separator = self.settle(text, &settled, options);
            let mut drafts = Vec::new();
            for record in rows(text, start, separator) {
                row += record.blank_before + 1;
                if is_last && let Some(at) = record.unclosed {
                    let span = Span::covering(text, at..at + 1);
                    let problem = Problem::new(&TableError::Unclosed { row });
                    problems.push(problem.at(&source, span, "opened here"));
                }
                let is_first = table.is_none();
                let (has_header, table) = table.get_or_insert_with(|| {
                    let (has_header, mut made) = layout(&source, &record, options, problems);
                    made.order = known_order.or(made.order);
                    (has_header, made)
                });
                if is_first && *has_header {
                    continue;
                }
                let (have, want) = (record.cells.len(), table.width());
                let fits = have == want || (!*has_header && (2..=want).contains(&have));
                if !fits && !is_first {
                    let span = Span::covering(text, record.range.clone());
                    let problem = Problem::new(&TableError::Unequal { row, have, want });
                    problems.push(problem.at(&source, span, "this row"));
                }
                drafts.push(table.draft(
                    &source,
                    row,
                    record.range.clone(),
                    record.texts(text),
                    problems,
                ));
            }
            if sink(drafts) == Go::Stop {
                return;
            }
        }
    }
}

/// The separator, once it is known.
type Settled = std::cell::Cell<Option<u8>>;

impl Csv {
    /// The separator that makes most sense of the first row.
    fn separator(&self, text: &str, names: &FieldNames) -> u8 {
        if matches!(self, Self::Tab) {
            return b'\t';
        }
        if let Some(hint) = text.strip_prefix("sep=") {
            return hint.bytes().next().unwrap_or(b',');
        }
        *b",;\t|"
            .iter()
            .rev()
            .max_by_key(|separator| {
                let first = rows(text, 0, **separator).next();
                first.map_or((0, 0), |row| {
                    let known = row
                        .texts(text)
                        .iter()
                        .filter(|cell| is_text_header(cell.text(), names))
                        .count();
                    (known, row.cells.len())
                })
            })
            .unwrap_or(&b',')
    }

    fn settle(&self, text: &str, settled: &Settled, options: &ReadOptions) -> u8 {
        let separator = settled
            .get()
            .unwrap_or_else(|| self.separator(text, &options.fields));
        settled.set(Some(separator));
        separator
    }

    /// The end of the last row that is complete in `bytes`.
    fn cut(&self, bytes: &[u8], settled: &Settled, options: &ReadOptions) -> Option<usize> {
        let start = &bytes[..bytes.len().min(SAMPLE)];
        let separator = self.settle(&String::from_utf8_lossy(start), settled, options);
        let mut reader = ReaderBuilder::new().delimiter(separator).build();
        let mut scratch = [0; 4096];
        let (mut at, mut end) = (0, None);
        while at < bytes.len() {
            let (result, used, _) = reader.read_field(&bytes[at..], &mut scratch);
            at += used;
            // A carriage return at the very end may be half of a line end.
            if matches!(result, ReadFieldResult::Field { record_end: true }) && at < bytes.len() {
                end = Some(at + usize::from(bytes[at - 1] == b'\r' && bytes[at] == b'\n'));
            }
        }
        end
    }

    /// What the dates of the whole file say about their order, if any of them allows one reading
    /// only. Needs a file that can be read twice.
    fn order_in(&self, file: &mut RawFile<'_>, options: &ReadOptions) -> Option<DateOrder> {
        let again = file.again()?;
        let settled = Settled::default();
        let mut column = None;
        let mut found = None;
        for piece in Pieces::new(again, SAMPLE, |bytes| self.cut(bytes, &settled, options)) {
            // What cannot be read is told when the drafts are.
            let source = piece.ok()?.source;
            let text = source.text();
            let start = if column.is_none() {
                after_hint(text)
            } else {
                0
            };
            for record in rows(text, start, self.settle(text, &settled, options)) {
                let column = match column {
                    Some(column) => column,
                    None => {
                        let (_, table) = layout(&source, &record, options, &mut Vec::new());
                        let at = table.date_column()?;
                        *column.insert(at)
                    }
                };
                let Some(cell) = record.cells.get(column) else {
                    continue;
                };
                let order = order_of(cell.text(text).text());
                match (found, order) {
                    (None, Some(order)) => found = Some(order),
                    // The file contradicts itself: each date has to speak for itself.
                    (Some(have), Some(order)) if have != order => return None,
                    _ => {}
                }
            }
        }
        found
    }
}

/// Where the table starts: spreadsheets may say `sep=;` in a line of its own.
fn after_hint(text: &str) -> usize {
    if text.starts_with("sep=") {
        text.find('\n').map_or(text.len(), |at| at + 1)
    } else {
        0
    }
}

/// The table that begins with `first`, and whether that row holds its headers.
fn layout<'o>(
    source: &Arc<Source>,
    first: &Row,
    options: &'o ReadOptions,
    problems: &mut Vec<Problem>,
) -> (bool, Table<'o>) {
    let text = source.text();
    let headers: Vec<String> = first
        .texts(text)
        .iter()
        .map(|cell| cell.text().trim().to_owned())
        .collect();
    let named = headers
        .iter()
        .any(|header| is_text_header(header, &options.fields));
    if named {
        (true, Table::with_header(&headers, options))
    } else if headers.len() >= 2 && is_date(&headers[0]) {
        // Hootsuite's upload: date, message, link.
        let link = Role::Piece(crate::draft::Scope::Link);
        let roles = vec![Role::Date, Role::Text, link];
        (false, Table::without_header(roles, options))
    } else {
        let span = Span::covering(text, first.range.clone());
        let error = TableError::NoText {
            name: source.name().to_owned(),
        };
        problems.push(Problem::new(&error).at(source, span, "the first row"));
        let roles = vec![Role::Text; headers.len()];
        (false, Table::without_header(roles, options))
    }
}

/// A row with the places of its cells.
struct Row {
    /// Without the line end.
    range: Range<usize>,
    cells: Vec<Cell>,
    /// Empty lines before it: a spreadsheet counts them.
    blank_before: usize,
    /// The quotation mark of a cell that is never closed.
    unclosed: Option<usize>,
}

/// The bytes of a cell, quotation marks included.
struct Cell {
    raw: Range<usize>,
}

impl Cell {
    /// The cell's text with the way back.
    fn text(&self, text: &str) -> MappedText {
        let raw = &text[self.raw.clone()];
        let mut made = MappedText::default();
        let Some(inner) = raw.strip_prefix('"') else {
            made.push_verbatim(raw, self.raw.start);
            return made;
        };
        // After the closing mark anything up to the separator belongs to the cell, too.
        let mut at = self.raw.start + 1;
        let mut rest = inner;
        let mut quoted = true;
        while !rest.is_empty() {
            let end = rest.find('"').unwrap_or(rest.len());
            made.push_verbatim(&rest[..end], at);
            let mark = &rest[end..];
            if quoted && mark.starts_with("\"\"") {
                made.push_whole("\"", at + end..at + end + 2);
                at += end + 2;
                rest = &rest[end + 2..];
            } else if mark.is_empty() {
                break;
            } else {
                if !quoted {
                    made.push_verbatim("\"", at + end);
                }
                quoted = false;
                at += end + 1;
                rest = &rest[end + 1..];
            }
        }
        made
    }
}

impl Row {
    fn texts(&self, text: &str) -> Vec<MappedText> {
        self.cells.iter().map(|cell| cell.text(text)).collect()
    }
}

/// The rows of `text` from `start` on; empty lines are none.
fn rows(text: &str, start: usize, separator: u8) -> impl Iterator<Item = Row> + '_ {
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let bytes = text.as_bytes();
    let mut at = start;
    let mut scratch = vec![0; 4096];
    std::iter::from_fn(move || {
        let mut blank_before = 0;
        // Line ends before a row are empty lines, which csv-core would swallow.
        while let Some(end) = bytes.get(at).filter(|byte| matches!(byte, b'\n' | b'\r')) {
            at += if *end == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                2
            } else {
                1
            };
            blank_before += 1;
        }
        if at >= bytes.len() {
            return None;
        }
        let first = at;
        let mut cells = Vec::new();
        loop {
            let cell = at;
            let is_last = loop {
                let (result, used, _) = reader.read_field(&bytes[at..], &mut scratch);
                at += used;
                match result {
                    ReadFieldResult::Field { record_end } => break record_end,
                    // At the end of the text csv-core wants to be shown that nothing follows.
                    ReadFieldResult::OutputFull | ReadFieldResult::InputEmpty => {}
                    ReadFieldResult::End => break true,
                }
            };
            let mut end = at;
            if is_last {
                if end > cell && matches!(bytes[end - 1], b'\n' | b'\r') {
                    end -= 1;
                }
            } else {
                end -= 1;
            }
            cells.push(Cell { raw: cell..end });
            if is_last {
                // The line feed of a CRLF is left over.
                if at > cell && bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
                    at += 1;
                }
                let raw = &text[cell..end];
                let unclosed = (at >= bytes.len() && is_open(raw)).then_some(cell);
                return Some(Row {
                    range: first..end,
                    cells,
                    blank_before,
                    unclosed,
                });
            }
        }
    })
}

/// Whether a cell's opening quotation mark has no partner.
fn is_open(raw: &str) -> bool {
    raw.strip_prefix('"')
        .is_some_and(|inner| inner.matches('"').count() % 2 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::draft::read::read_text;
    use proptest::prelude::*;

    fn read(text: &str) -> (Vec<Draft>, Vec<String>) {
        read_with(text, &ReadOptions::default())
    }

    fn read_with(text: &str, options: &ReadOptions) -> (Vec<Draft>, Vec<String>) {
        let mut problems = Vec::new();
        let drafts = read_text(&Csv::Comma, "d.csv", text, options, &mut problems);
        let messages = problems
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        (drafts, messages)
    }

    /// Row, scope, words, bytes of the file.
    fn segments(text: &str) -> Vec<(usize, String, String, String)> {
        let (drafts, problems) = read(text);
        assert!(problems.is_empty(), "{problems:?}");
        drafts
            .iter()
            .flat_map(|draft| {
                draft.segments().iter().map(|segment| {
                    (
                        draft.record().unwrap(),
                        segment.scope.to_string(),
                        draft.text()[segment.range.clone()].to_owned(),
                        text[draft.span(&segment.range).range()].to_owned(),
                    )
                })
            })
            .collect()
    }

    #[test]
    fn cells_are_read_where_they_stand() {
        let text = "Canale;Data;Testo;Immagine;Stato\r\n\
                    linkedin;03/12/2026;\"Dice \"\"luce\"\"; poi\r\nbuio\";/a.jpg;Approvato\r\n\r\n\
                    x;04/12/2026;ombra \"sola\";;\r\n";
        let expected = [
            (2, "metadata:channel", "linkedin", "linkedin"),
            (
                2,
                "body",
                "Dice \"luce\"; poi\r\nbuio",
                "Dice \"\"luce\"\"; poi\r\nbuio",
            ),
            (2, "image", "/a.jpg", "/a.jpg"),
            (2, "metadata:status", "Approvato", "Approvato"),
            (4, "metadata:channel", "x", "x"),
            (4, "body", "ombra \"sola\"", "ombra \"sola\""),
        ]
        .map(|(row, scope, words, raw)| (row, scope.into(), words.into(), raw.into()));
        assert_eq!(segments(text), expected);
        let (drafts, _) = read(text);
        assert_eq!(drafts[0].facts().channel(), Some("linkedin"));
        assert_eq!(
            drafts[0].facts().publish_at(),
            Some("2026-12-03T00:00:00Z".parse().unwrap()),
            "an Italian header says that days come first"
        );
        assert_eq!(
            &text[drafts[1].head().range()],
            "x;04/12/2026;ombra \"sola\";;"
        );
    }

    #[test]
    fn tables_without_headers_and_with_hints() {
        let (drafts, problems) =
            read("03/12/2026 09:00,Bon dia,https://x.example\n18/01/2027 08:30,Nit\n");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(drafts.len(), 2);
        assert_eq!(drafts[0].record(), Some(1));
        assert_eq!(
            drafts[0].facts().publish_at(),
            Some("2026-12-03T09:00:00Z".parse().unwrap()),
            "the second row settles the order"
        );
        assert_eq!(read("sep=;\nText;Date\nHi;2026-12-01\n").0.len(), 1);
        assert_eq!(
            read("Text\tChannel\nHi\tx\n").0[0].facts().channel(),
            Some("x")
        );
    }

    #[test]
    fn what_is_wrong_with_a_table_is_told_and_the_rest_is_read() {
        for (text, words, drafts) in [
            ("A,B\nAcme,Corp\n", "no column of this table", 2),
            (
                "Text,Date\nAcme\nBeta,2026-12-01\n",
                "row 2 has 1 cells, the table has 2 columns",
                2,
            ),
            (
                "Text,Date\n\"Acme,2026-12-01\nBeta,x\n",
                "the quotation mark that opens this cell in row 2",
                1,
            ),
            (
                "Text,Posting Time\nAcme,03/04/2026\nB,05/04/2026\n",
                "can be two days",
                2,
            ),
            (
                "Text,Channel\nAcme,linkdin\n",
                "`channel: linkdin` is not known",
                1,
            ),
        ] {
            let (read, problems) = read(text);
            assert!(
                problems.iter().any(|problem| problem.contains(words)),
                "{problems:?}"
            );
            assert!(problems.len() <= 2, "told once: {problems:?}");
            assert_eq!(read.len(), drafts, "{text}");
            assert!(
                read.iter().any(|draft| draft.text().contains("Acme")),
                "{text}"
            );
        }
    }

    #[test]
    fn the_configuration_names_columns() {
        let mut options = ReadOptions::default();
        options
            .fields
            .named
            .insert("text".into(), vec!["Claim".into()]);
        options.fields.ignored.push("Notes".into());
        let (drafts, problems) = read_with("Claim,Notes,Text\nHello,secret,other\n", &options);
        assert!(problems.is_empty(), "{problems:?}");
        let scopes: Vec<_> = drafts[0]
            .segments()
            .iter()
            .map(|s| s.scope.to_string())
            .collect();
        assert_eq!(scopes, ["body", "metadata:Text"]);
        assert!(!drafts[0].text().contains("secret"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn pieces_give_the_rows_that_the_whole_gives(
            rows in prop::collection::vec(prop::collection::vec("[a-zé \"\n,;]{0,8}", 2), 1..30),
        ) {
            // More than the first piece holds, so that one of these rows lies across its end.
            let bytes: usize = rows.iter().flatten().map(|cell| cell.len() + 3).sum();
            let rows: Vec<_> = rows.iter().cycle().take(rows.len() * (2 * SAMPLE / bytes + 1)).collect();
            let mut text = "Text,Alt\n".to_owned();
            for row in &rows {
                let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
                text.push_str(&cells.join(","));
                text.push('\n');
            }
            let (whole, problems) = read(&text);
            prop_assert!(problems.is_empty(), "{:?}", problems);
            prop_assert_eq!(whole.len(), rows.len());
            let mut streamed = Vec::new();
            let mut pieces = 0;
            let mut sink = |drafts: Vec<Draft>| { streamed.extend(drafts); pieces += 1; Go::On };
            let file = RawFile::streamed("d.csv", text.as_bytes())
                .reopened(|| Ok(Box::new(text.as_bytes())));
            Csv::Comma.read(file, &ReadOptions::default(), &mut sink, &mut Vec::new());
            let seen = |drafts: &[Draft]| -> Vec<(Option<usize>, String)> {
                drafts.iter().map(|draft| (draft.record(), draft.text().to_owned())).collect()
            };
            prop_assert!(pieces > 1, "{} bytes in one piece", text.len());
            prop_assert_eq!(seen(&whole), seen(&streamed));
            let places = |drafts: &[Draft]| -> Vec<_> {
                drafts.iter().map(|draft| draft.source().location(draft.head())).collect()
            };
            prop_assert_eq!(places(&whole), places(&streamed));
            for (draft, row) in whole.iter().zip(&rows) {
                let words: Vec<&str> = row.iter().flat_map(|cell| cell.split_whitespace()).collect();
                let have: Vec<&str> = draft.text().split(['\0', ' ', '\n']).filter(|word| !word.is_empty()).collect();
                prop_assert_eq!(have, words);
            }
        }
    }
}
