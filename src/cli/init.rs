//! `clearpost init`: files to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::args::InitArgs;
use super::terminal;
use crate::report::visible;

/// Each file with what stands in it.
const FILES: [(&str, &str); 4] = [
    ("clearpost.yaml", include_str!("init/configuration.yaml")),
    ("policy.md", include_str!("init/policy.md")),
    ("packs/company.yaml", include_str!("init/company.yaml")),
    ("registers/clients.yaml", include_str!("init/clients.yaml")),
];

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &InitArgs) -> io::Result<u8> {
    let mut out = io::stdout().lock();
    let mut kept = 0;
    for (name, text) in FILES {
        let path = args.folder.join(name);
        match create(&path, text) {
            Ok(()) => writeln!(out, "wrote {}", visible(&path.display().to_string()))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                kept += 1;
                writeln!(out, "kept  {} (it was there already)", path.display())?;
            }
            Err(error) => {
                terminal::complain(&format!("cannot write {}: {error}", path.display()));
                return Ok(2);
            }
        }
    }
    if kept < FILES.len() {
        let clients = args.folder.join("registers/clients.yaml");
        writeln!(
            out,
            "\nNext: list your clients in {}, then run `clearpost check` on a draft.",
            visible(&clients.display().to_string())
        )?;
    }
    Ok(0)
}

/// Writes a file that is not there yet; one that is there is never touched.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(text.as_bytes())
}
