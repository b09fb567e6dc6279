//! `clearpost formats`: what drafts can come in, from the readers' own registry.

use std::io::{self, Write};

use crate::draft::read::FORMATS;

/// Runs the command; the value is the exit status.
pub(super) fn run() -> io::Result<u8> {
    let mut out = io::stdout().lock();
    let extensions = FORMATS.map(|format| {
        let all: Vec<String> = format
            .extensions()
            .iter()
            .map(|e| format!(".{e}"))
            .collect();
        all.join(" ")
    });
    let width = extensions.iter().map(String::len).max().unwrap_or_default();
    for (format, extensions) in FORMATS.iter().zip(&extensions) {
        let found = if format.is_found_in_folders() {
            ""
        } else {
            " (in folders only where `drafts:` names it)"
        };
        writeln!(
            out,
            "{:<6} {extensions:<width$}  {}{found}",
            format.name(),
            format.about(),
        )?;
    }
    Ok(0)
}
