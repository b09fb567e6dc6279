//! Files that were found clean before, so that they need not be looked at again.
//!
//! `clearpost check --cache` keeps, for every file in which nothing was found and nothing was left
//! unchecked, a hash of all that this depended on: the file's bytes and its name, the rules, registers
//! and policy in force, the configuration, the flags, the program's own source. Whatever changes makes
//! another hash, so that a cache may be shared between branches and machines, and one that is lost or
//! damaged costs time and nothing else. Who can write into it can call a file clean, as who can write
//! the rules can: it is kept where a change to the drafts does not reach. What was found is never kept:
//! the cache holds hashes, the addresses of pictures that clean drafts show, and which rules could not
//! look.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::replace_file;
use crate::engine::{Lack, NotChecked};

/// The folder in which this user's programs keep what they can make again, on the systems that have
/// one; in it a folder for each project, named after a hash of where that is. Not the project's own
/// folder: whoever may send a change could send a cache with it, in which all is clean.
pub(super) fn usual_folder(project: &Path) -> Option<PathBuf> {
    let folder = |name: &str| {
        let named = env::var_os(name).map(PathBuf::from);
        named.filter(|folder| folder.is_absolute())
    };
    let own = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".cache")))?;
    let project = if project.as_os_str().is_empty() {
        Path::new(".")
    } else {
        project
    };
    let place = project.canonicalize().ok()?;
    let name = blake3::hash(place.as_os_str().as_encoded_bytes()).to_hex();
    Some(own.join("clearpost").join(&name[..16]))
}

const FILE: &str = "clean";

/// Caches of another layout are not read.
const LAYOUT: &[u8; 16] = b"clearpost cache1";

/// Days after which a file that nobody met any more is forgotten.
const KEPT: i64 = 30;

/// Names all that a clean file depended on.
type Key = [u8; 16];

/// What an address of a picture leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Pictured {
    /// Nothing.
    Missing,
    /// A file of which this is the hash.
    File([u8; 32]),
}

/// What is known of a file in which nothing was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Clean {
    drafts: usize,
    /// The number of its set in [`Kept::sets`].
    not_checked: u32,
    /// The pictures that its drafts show, with the folder from which each address leads.
    pictures: Vec<(String, PathBuf, Pictured)>,
    /// When it was looked at, and the first instant at which it would be judged otherwise.
    judged: (Timestamp, Option<Timestamp>),
    /// The day on which somebody met it last, counted from 1970-01-01 UTC.
    met: i64,
}

/// All that is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    files: HashMap<Key, Clean>,
    /// Sets of rules that could not look at some draft: most files share one.
    sets: Vec<Vec<KeptNotChecked>>,
}

/// The rule, the reason and what it lacks.
type KeptNotChecked = (String, String, KeptLack);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum KeptLack {
    Register(String),
    Fact(String),
    Other,
}

/// The cache of a run.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    now: Timestamp,
    known: Kept,
    met: Mutex<Met>,
}

/// What this run met.
#[derive(Debug, Default)]
struct Met {
    /// Files that were clean before and still are.
    again: Vec<Key>,
    /// Files that were found clean now, each with the number of its set in `sets`.
    fresh: Vec<(Key, Clean)>,
    sets: HashMap<Vec<NotChecked>, u32>,
}

/// What a clean file was judged by besides its bytes.
pub(super) struct Judged {
    pub(super) drafts: usize,
    pub(super) not_checked: Vec<NotChecked>,
    pub(super) pictures: Vec<(String, PathBuf, Pictured)>,
    pub(super) until: Option<Timestamp>,
}

impl Cache {
    /// Reads the cache in `folder`; what is not there, damaged or of another layout is as good as
    /// empty.
    pub(super) fn read(folder: PathBuf, now: Timestamp) -> Self {
        let bytes = fs::read(folder.join(FILE)).ok();
        let known = bytes.and_then(|bytes| decoded(&bytes));
        Self {
            folder,
            now,
            known: known.unwrap_or_default(),
            met: Mutex::default(),
        }
    }

    /// How many drafts a file holds that is known to be clean; which rules could not look at them is
    /// told by [`Self::not_checked`]. `picture` says what an address leads to now, if that is anything
    /// that can be looked at.
    pub(super) fn get(
        &self,
        key: Key,
        picture: impl Fn(&str, &Path) -> Option<Pictured>,
    ) -> Option<usize> {
        let clean = self.known.files.get(&key)?;
        let (from, until) = clean.judged;
        let holds = from <= self.now && until.is_none_or(|until| self.now < until);
        let mut pictures = clean.pictures.iter();
        if !holds || !pictures.all(|(target, folder, was)| picture(target, folder) == Some(*was)) {
            return None;
        }
        self.known.sets.get(clean.not_checked as usize)?;
        // A thread that failed while it held the cache leaves it to the others to do without.
        self.met.lock().ok()?.again.push(key);
        Some(clean.drafts)
    }

    /// Takes up that a file is clean.
    pub(super) fn put(&self, key: Key, judged: Judged) {
        let Ok(mut met) = self.met.lock() else {
            return;
        };
        let next = u32::try_from(met.sets.len()).unwrap_or(u32::MAX);
        let clean = Clean {
            drafts: judged.drafts,
            not_checked: *met.sets.entry(judged.not_checked).or_insert(next),
            pictures: judged.pictures,
            judged: (self.now, judged.until),
            met: day(self.now),
        };
        met.fresh.push((key, clean));
    }

    /// The rules that could not look at the drafts of the files that were not looked at again.
    pub(super) fn not_checked(&self) -> Vec<NotChecked> {
        let Ok(met) = self.met.lock() else {
            return Vec::new();
        };
        let files = met.again.iter().filter_map(|key| self.known.files.get(key));
        let sets: BTreeSet<u32> = files.map(|clean| clean.not_checked).collect();
        let sets = sets
            .iter()
            .filter_map(|set| self.known.sets.get(*set as usize));
        sets.flatten()
            .map(|(rule, reason, lacks)| NotChecked {
                rule: rule.as_str().into(),
                reason: reason.clone(),
                lacks: lacks.clone().into(),
            })
            .collect()
    }

    /// Writes what this run met, and what others met not long ago.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written. Nothing is lost then but time.
    pub(super) fn write(self) -> io::Result<()> {
        let met = self.met.into_inner().unwrap_or_default();
        let mut kept = self.known;
        let today = day(self.now);
        for key in met.again {
            if let Some(clean) = kept.files.get_mut(&key) {
                clean.met = today;
            }
        }
        kept.files
            .retain(|_, clean| (today - clean.met).abs() <= KEPT);
        let before = u32::try_from(kept.sets.len()).unwrap_or(u32::MAX);
        let mut sets: Vec<_> = met.sets.into_iter().collect();
        sets.sort_unstable_by_key(|(_, number)| *number);
        let sets = sets
            .iter()
            .map(|(set, _)| set.iter().map(kept_lack).collect());
        kept.sets.extend(sets);
        kept.files.extend(met.fresh.into_iter().map(|(key, clean)| {
            let not_checked = before.saturating_add(clean.not_checked);
            (
                key,
                Clean {
                    not_checked,
                    ..clean
                },
            )
        }));
        kept.forget_unused_sets();
        // A folder that was there already is somebody's own, with files and permissions of its own.
        if !self.folder.exists() {
            fs::create_dir_all(&self.folder)?;
            for_nobody_else(&self.folder, 0o700)?;
            fs::write(self.folder.join(".gitignore"), "*\n")?;
        }
        let body = postcard::to_allocvec(&kept).map_err(io::Error::other)?;
        let file = self.folder.join(FILE);
        replace_file(&file, |out| {
            out.write_all(LAYOUT)?;
            out.write_all(blake3::hash(&body).as_bytes())?;
            out.write_all(&body)
        })?;
        for_nobody_else(&file, 0o600)
    }
}

/// Keeps a file or folder from others on this machine, where the system can.
#[cfg(unix)]
fn for_nobody_else(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where it may fail")]
fn for_nobody_else(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

impl Kept {
    /// Keeps each set once, and only those that some file has.
    fn forget_unused_sets(&mut self) {
        let mut sets: Vec<Vec<KeptNotChecked>> = Vec::new();
        let mut numbers: HashMap<Vec<KeptNotChecked>, u32> = HashMap::new();
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for clean in self.files.values_mut() {
            let old = clean.not_checked;
            clean.not_checked = *moved.entry(old).or_insert_with(|| {
                // A number that stands for nothing makes its file unknown when it is read.
                let Some(set) = self.sets.get(old as usize) else {
                    return u32::MAX;
                };
                *numbers.entry(set.clone()).or_insert_with(|| {
                    sets.push(set.clone());
                    u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
                })
            });
        }
        self.sets = sets;
    }
}

/// What the bytes of a cache say; `None` if they are not what was written.
fn decoded(bytes: &[u8]) -> Option<Kept> {
    let (hash, body) = bytes
        .strip_prefix(LAYOUT)?
        .split_at_checked(blake3::OUT_LEN)?;
    if blake3::hash(body).as_bytes() != hash {
        return None;
    }
    postcard::from_bytes(body).ok()
}

fn kept_lack(lack: &NotChecked) -> KeptNotChecked {
    let kept = match &lack.lacks {
        Lack::Register(name) => KeptLack::Register(name.clone()),
        Lack::Fact(name) => KeptLack::Fact(name.clone()),
        Lack::Other => KeptLack::Other,
    };
    (lack.rule.to_string(), lack.reason.clone(), kept)
}

impl From<KeptLack> for Lack {
    fn from(kept: KeptLack) -> Self {
        match kept {
            KeptLack::Register(name) => Self::Register(name),
            KeptLack::Fact(name) => Self::Fact(name),
            KeptLack::Other => Self::Other,
        }
    }
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 60 * 60)
}

/// The key of a file of these bytes, called `name`, under everything that `context` names.
pub(super) fn key(context: &[u8; 32], name: &str, bytes: &[u8]) -> Key {
    let mut hasher = blake3::Hasher::new_keyed(context);
    hasher.update(&(name.len() as u64).to_le_bytes());
    hasher.update(name.as_bytes());
    hasher.update(bytes);
    let mut key = Key::default();
    hasher.finalize_xof().fill(&mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-28T09:00:00Z";

    fn cache(folder: &Path, now: &str) -> Cache {
        Cache::read(folder.to_owned(), now.parse().unwrap())
    }

    fn judged(until: Option<&str>) -> Judged {
        Judged {
            drafts: 2,
            not_checked: vec![NotChecked {
                rule: "a/b".into(),
                reason: "nobody says".to_owned(),
                lacks: Lack::Fact("channel".to_owned()),
            }],
            pictures: vec![(
                "x.png".to_owned(),
                PathBuf::from("posts"),
                Pictured::File([7; 32]),
            )],
            until: until.map(|until| until.parse().unwrap()),
        }
    }

    #[test]
    fn what_was_clean_is_known_again_as_long_as_nothing_it_rests_on_changes() {
        let folder = tempfile::tempdir().unwrap();
        let one = key(&[1; 32], "a.md", b"text");
        let first = cache(folder.path(), NOW);
        first.put(one, judged(Some("2026-12-01T00:00:00Z")));
        first.write().unwrap();

        let same = |_: &str, _: &Path| Some(Pictured::File([7; 32]));
        let again = cache(folder.path(), NOW);
        assert_eq!(again.get(one, same), Some(2));
        assert_eq!(again.not_checked()[0].reason, "nobody says");
        let late = cache(folder.path(), "2026-11-30T23:59:59Z");
        assert!(late.get(one, same).is_some());
        assert!(
            cache(folder.path(), "2026-12-01T00:00:00Z")
                .get(one, same)
                .is_none()
        );
        assert!(
            cache(folder.path(), "2026-11-27T00:00:00Z")
                .get(one, same)
                .is_none()
        );
        assert!(late.get(one, |_, _| None).is_none());
        assert!(late.get(one, |_, _| Some(Pictured::Missing)).is_none());
        for other in [
            key(&[2; 32], "a.md", b"text"),
            key(&[1; 32], "b.md", b"text"),
            key(&[1; 32], "a.md", b"text "),
            key(&[1; 32], "a.m", b"dtext"),
        ] {
            assert!(late.get(other, same).is_none());
        }
    }

    #[test]
    fn what_nobody_met_for_a_month_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let one = key(&[1; 32], "a.md", b"text");
        let first = cache(folder.path(), NOW);
        first.put(one, judged(None));
        first.write().unwrap();
        let same = |_: &str, _: &Path| Some(Pictured::File([7; 32]));
        cache(folder.path(), "2026-12-20T00:00:00Z")
            .write()
            .unwrap();
        assert!(
            cache(folder.path(), "2026-12-20T00:00:00Z")
                .get(one, same)
                .is_some()
        );
        cache(folder.path(), "2027-01-20T00:00:00Z")
            .write()
            .unwrap();
        assert!(
            cache(folder.path(), "2027-01-20T00:00:00Z")
                .get(one, same)
                .is_none()
        );
    }

    #[test]
    fn a_damaged_cache_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let one = key(&[1; 32], "a.md", b"text");
        let first = cache(folder.path(), NOW);
        first.put(one, judged(None));
        first.write().unwrap();
        let file = folder.path().join(FILE);
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(decoded(&bytes).is_none(), "byte {at}");
            assert!(decoded(&whole[..at]).is_none(), "cut at {at}");
        }
        assert!(decoded(&whole).is_some());
    }
}
