//! Names in a column of a table → a register or a list.

use std::collections::BTreeSet;
use std::fs;

use super::write::{Made, list, quoted};
use super::{Found, ImportError, NamesArgs, XlsxArgs, has_extension, stem};
use crate::draft::read::{RawFile, cells_of_workbook};
use crate::register::{NAMES, PERIODS, read_csv};
use crate::text::shape::nearest;
use crate::text::{Problem, plain_reason};

/// Rows in which the header may stand.
const HEADER_WITHIN: usize = 20;

/// Reads the column of a CSV file.
pub(super) fn csv(args: &NamesArgs, found: &mut Found) {
    let Some(source) = found.source(&args.file) else {
        return;
    };
    let mut problems = Vec::new();
    let mut words = Vec::new();
    read_csv(&source, Some(&args.column), &mut problems, |cell, at| {
        let (line, _) = source.line_col(at.start);
        words.push((cell.to_owned(), format!("line {line}")));
    });
    // That a row cannot be read is told, and what it says is not.
    for mut problem in problems {
        if let Some(place) = problem.place.take() {
            let (line, _) = source.line_col(place.span.start());
            problem.message = format!("{} (line {line})", problem.message);
        }
        found.problems.push(problem);
    }
    take(words, found);
}

/// Reads the column of a workbook.
pub(super) fn xlsx(args: &XlsxArgs, found: &mut Found) {
    let names = &args.names;
    let file = names.file.display().to_string();
    let bytes = match fs::read(&names.file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let error = ImportError::Unreadable(plain_reason(&error));
            found.problems.push(Problem::new(&error).in_file(file));
            return;
        }
    };
    let mut problems = Vec::new();
    let sheets = cells_of_workbook(RawFile::from_bytes(file.clone(), bytes), &mut problems);
    found.problems.append(&mut problems);
    let mut words = Vec::new();
    let mut headers = BTreeSet::new();
    let mut has_column = false;
    for (name, rows) in &sheets {
        if args.sheet.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let is_wanted = |cell: &String| cell.trim().eq_ignore_ascii_case(&names.column);
        let header = rows.iter().take(HEADER_WITHIN).find_map(|(row, cells)| {
            let (column, _) = cells.iter().find(|(_, cell)| is_wanted(cell))?;
            Some((*row, *column))
        });
        let Some((header, column)) = header else {
            // The first row says what there is; further ones may be names.
            headers.extend(rows.values().take(1).flat_map(|cells| cells.values()));
            continue;
        };
        has_column = true;
        for (row, cells) in rows.range(header + 1..) {
            if let Some(cell) = cells.get(&column) {
                words.push((cell.trim().to_owned(), format!("sheet {name}, row {row}")));
            }
        }
    }
    if !has_column && found.problems.is_empty() {
        let known: Vec<&str> = headers.into_iter().map(String::as_str).collect();
        let error = ImportError::NoColumn {
            column: names.column.clone(),
            help: match known.as_slice() {
                [] => "check the file and the name of the sheet".to_owned(),
                known => format!("there are: {}", known.join(", ")),
            },
        };
        found.problems.push(Problem::new(&error).in_file(file));
    }
    take(words, found);
}

/// Keeps each name once.
fn take(words: Vec<(String, String)>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (word, from) in words {
        if word.is_empty() {
            continue;
        }
        if !word.chars().any(char::is_alphanumeric) {
            found.leave_out(from, "there is no letter or figure in it");
        } else if word.contains(['\n', '\r']) {
            found.leave_out(from, "it goes over several lines: write one name a cell");
        } else if seen.insert(word.clone()) {
            found.words.push(word);
        } else {
            found.leave_out(from, "the name stands further up already");
        }
    }
}

/// The register or list of what was read, unless that went wrong: half a list would let names through.
pub(super) fn made(args: &NamesArgs, found: &mut Found) -> Option<Made> {
    if !found.problems.is_empty() {
        return None;
    }
    let file = args.file.display().to_string();
    if found.words.is_empty() {
        found
            .problems
            .push(Problem::new(&ImportError::Nothing).in_file(file));
        return None;
    }
    let path = &args.output.output;
    if has_extension(path, "txt") {
        return list(&args.file, found);
    }
    let shown = path.display().to_string();
    if !has_extension(path, "yaml") && !has_extension(path, "yml") {
        let error =
            ImportError::Extension("write into a .yaml file for a register, or .txt for a list");
        found.problems.push(Problem::new(&error).in_file(shown));
        return None;
    }
    let register = args.register.clone().unwrap_or_else(|| stem(path));
    let known = || NAMES.into_iter().filter(|name| !PERIODS.contains(name));
    if !known().any(|name| name == register) {
        let near = nearest(&register, known())
            .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let error = ImportError::UnknownRegister {
            help: format!(
                "{near}Say with --register which it is: {}",
                known().collect::<Vec<_>>().join(", ")
            ),
            name: register,
        };
        found.problems.push(Problem::new(&error).in_file(shown));
        return None;
    }
    let mut text = format!("register: {register}\nentries:\n");
    for word in &found.words {
        text.extend(["  - ", &quoted(word), "\n"]);
    }
    let many = if found.words.len() == 1 {
        "name"
    } else {
        "names"
    };
    Some(Made {
        what: format!("{} {many} for the register {register}", found.words.len()),
        text,
    })
}
