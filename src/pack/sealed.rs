//! Sealed lists as files: the names of a list on their way into one, and a file on its way to a rule.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::read::list_lines;
use crate::register::{
    NOT_SEALED, NotSealable, SealedName, SealedNames, ToSeal, read_csv, read_yaml,
};
use crate::text::forms::spelled_out;
use crate::text::seal::{SealError, SealKey, SealedFile, Sealing};
use crate::text::{Problem, Source, Span};

/// The extension of sealed lists.
pub const SEALED: &str = "sealed";

/// Opens a sealed list with the key that `key` has for it.
///
/// # Errors
///
/// If the file is none, or damaged, or the key is not there or another one.
pub fn open_sealed(
    bytes: Vec<u8>,
    key: impl FnOnce(&Sealing) -> Result<SealKey, SealError>,
) -> Result<SealedNames, SealError> {
    let file = SealedFile::read(bytes)?;
    let key = key(file.sealing())?;
    file.open(&key).map(SealedNames::from)
}

/// The names of a list (`.txt`, `.csv`) or a register (`.yaml`), and the register's name if it is one.
/// Mistakes go to `problems`; they name lines, and no names.
pub fn names_to_seal(
    source: &Arc<Source>,
    column: Option<&str>,
    zone: &TimeZone,
    inflect: bool,
    problems: &mut Vec<Problem>,
) -> (ToSeal, Option<String>) {
    let mut to_seal = ToSeal::new(inflect);
    let mut refused: Vec<(NotSealable, Range<usize>)> = Vec::new();
    let mut register = None;
    let extension = Path::new(source.name())
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    match extension.as_str() {
        "yaml" | "yml" => {
            let read = read_yaml(source, zone, problems, |_, _| {});
            if let Some(read) = read {
                let name = read.register.name;
                if NOT_SEALED.contains(&name.as_str()) {
                    refused.push((NotSealable::Register(name.clone()), 0..0));
                }
                for entry in &read.register.entries {
                    if let Err(error) = to_seal.add_entry(entry) {
                        let at = source.text().find(&entry.name).unwrap_or(0);
                        refused.push((error, at..at));
                    }
                }
                register = Some(name);
            }
        }
        "csv" => read_csv(source, column, problems, |cell, at| {
            if let Err(error) = to_seal.add(&cell.into()) {
                refused.push((error, at));
            }
        }),
        _ => list_lines(source, |term, at| {
            if let Err(error) = add_forms(&mut to_seal, term) {
                refused.push((error, at));
            }
        }),
    }
    for (error, at) in refused {
        let (line, _) = source.line_col(Span::covering(source.text(), at.start..at.start).start());
        let mut problem = Problem::new(&error).in_file(source.name());
        problem.message = format!("line {line}: {}", problem.message);
        problems.push(problem);
    }
    (to_seal, register)
}

/// Adds every form that a line of a list spells out.
fn add_forms(to_seal: &mut ToSeal, term: &str) -> Result<(), NotSealable> {
    let parts = spelled_out(term).map_err(|_| NotSealable::Open)?;
    let [forms] = &parts[..] else {
        return Err(NotSealable::Open);
    };
    for form in forms {
        if form.ends_with('*') {
            return Err(NotSealable::Open);
        }
        to_seal.add(&SealedName::from(form.as_str()))?;
    }
    Ok(())
}
