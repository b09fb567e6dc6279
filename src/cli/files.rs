//! The disk, as loaders of packs are allowed to see it.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::seal_key;
use crate::pack::Files;
use crate::text::seal::{SealError, SealKey, Sealing};

/// The file system.
#[derive(Debug)]
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn list(&self, path: &Path) -> Option<Vec<PathBuf>> {
        if !path.is_dir() {
            return None;
        }
        let entries = fs::read_dir(path).ok()?;
        Some(
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.is_file())
                .collect(),
        )
    }

    /// A list lies in the pack's repository, or outside one in the pack's folder; links do not
    /// change that.
    fn may_read(&self, pack: &Path, list: &Path) -> bool {
        let folder = pack
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let (Ok(folder), Ok(list)) = (folder.canonicalize(), list.canonicalize()) else {
            // What is not there is reported when it is read.
            return true;
        };
        list.starts_with(repository(&folder).unwrap_or(&folder))
    }

    fn seal_key(&self, sealing: &Sealing) -> Result<SealKey, SealError> {
        seal_key::from_environment(sealing)
    }
}

/// The nearest folder at or above `folder`, which is absolute, that is a git repository's root.
pub(super) fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

/// The packs at a path: itself, or of a folder all that may be one, in order.
pub(super) fn pack_files(path: &Path) -> Vec<PathBuf> {
    let Some(mut files) = Disk.list(path) else {
        return vec![path.to_owned()];
    };
    files.retain(|file| {
        file.extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
    });
    files.sort();
    files
}

/// Writes a file as a whole or not at all: beside its name, and then moved there. Permissions stay,
/// and a link stays a link.
pub(super) fn replace_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::File::create_new(&beside).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        if let Ok(data) = fs::metadata(&path) {
            file.set_permissions(data.permissions())?;
        }
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, &path));
    if done.is_err() {
        // Whatever is left of it is of no use to anybody.
        fs::remove_file(&beside).ok();
    }
    done
}
