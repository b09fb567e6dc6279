//! The disk, as loaders of packs are allowed to see it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::pack::Files;

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
}

/// The nearest folder at or above `folder`, which is absolute, that is a git repository's root.
pub(super) fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}
