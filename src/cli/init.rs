//! `clearpost init`: files to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::args::InitArgs;
use super::pack::Schema;
use super::terminal;
use crate::report::visible;

/// A register to be filled: its file, with what stands in it.
macro_rules! register {
    ($name:literal) => {
        (
            concat!("registers/", $name, ".yaml"),
            include_str!(concat!("init/registers/", $name, ".yaml")),
        )
    };
}

/// Each file with what stands in it.
const FILES: [(&str, &str); 22] = [
    // Editors find them by the first line of each file. A folder with a dot holds no drafts.
    (".clearpost/packs.schema.json", Schema::Packs.text()),
    (".clearpost/config.schema.json", Schema::Config.text()),
    (".clearpost/registers.schema.json", Schema::Registers.text()),
    ("clearpost.yaml", include_str!("init/configuration.yaml")),
    ("policy.md", include_str!("init/policy.md")),
    ("packs/company.yaml", include_str!("init/company.yaml")),
    register!("organisation"),
    register!("clients"),
    register!("suppliers"),
    register!("codenames"),
    register!("products"),
    register!("people"),
    register!("premises"),
    register!("marks"),
    register!("competitors"),
    register!("domains"),
    register!("internal"),
    register!("embargoes"),
    register!("quiet_periods"),
    register!("election_periods"),
    register!("figures"),
    register!("topics"),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;

    use super::FILES;
    use crate::register::read_yaml;
    use crate::text::Source;

    #[test]
    fn every_register_is_read_as_it_stands_and_with_its_examples_taken_out_of_comments() {
        let registers = FILES
            .iter()
            .filter(|(name, _)| name.starts_with("registers/"));
        for (name, text) in registers {
            for (text, is_filled) in [
                ((*text).to_owned(), false),
                (text.replace("\n#  ", "\n  "), true),
            ] {
                let mut problems = Vec::new();
                let source = Arc::new(Source::from_text(*name, &text));
                let read = read_yaml(&source, &TimeZone::UTC, &mut problems, |_, _| {});
                assert!(problems.is_empty(), "{name}: {problems:?}");
                let register = read.map(|read| read.register).unwrap_or_default();
                assert_eq!(!register.entries.is_empty(), is_filled, "{name}");
                assert_eq!(format!("registers/{}.yaml", register.name), *name);
            }
        }
    }
}
