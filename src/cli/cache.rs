//! Files that were found clean before, so that they need not be looked at again.
//!
//! `clearpost check --cache` keeps, for every file in which nothing was found and nothing was left
//! unchecked, a hash of all that this depended on: the file's bytes and its name, the rules, registers
//! and policy in force, the configuration, the flags, the program's version. Whatever changes makes
//! another hash, so that a cache may be shared between branches and machines, and one that is lost or
//! damaged costs time and nothing else. What was found is never kept: the cache holds hashes, the
//! addresses of pictures that clean drafts show, and which rules could not look.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, io, mem};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::replace_file;
use crate::engine::{Lack, NotChecked};

/// Beside the configuration, or in the working folder.
pub(super) const FOLDER: &str = ".clearpost-cache";

const FILE: &str = "clean";

/// Caches of another layout are not read.
const LAYOUT: &[u8; 16] = b"clearpost cache1";

/// Days after which a file that nobody met any more is forgotten.
const KEPT: i64 = 30;

/// Names all that a clean file depended on.
type Key = [u8; 16];

/// A hash of a picture's bytes; `None`: it was not there.
type PictureHash = Option<[u8; 32]>;

/// What is known of a file in which nothing was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clean {
    pub(super) drafts: usize,
    /// Rules that could not look, by their number in [`Kept::lacks`].
    not_checked: Vec<u32>,
    /// The pictures that its drafts show, with the folder from which each address leads.
    pictures: Vec<(String, PathBuf, PictureHash)>,
    /// When it was looked at, and the first instant at which it would be judged otherwise.
    judged: (Timestamp, Option<Timestamp>),
    /// The day on which somebody met it last, counted from 1970-01-01 UTC.
    met: i64,
}

/// All that is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    files: HashMap<Key, Clean>,
    /// Rules that could not look at some draft: the rule, the reason and what it lacks.
    lacks: Vec<(String, String, KeptLack)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum KeptLack {
    Register(String),
    Fact(String),
    Other,
}

/// What was found clean in this run.
#[derive(Debug, Default)]
struct Fresh {
    files: HashMap<Key, Clean>,
    lacks: Vec<NotChecked>,
    numbers: HashMap<NotChecked, u32>,
}

/// The cache of a run.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    now: Timestamp,
    known: HashMap<Key, Clean>,
    lacks: Vec<NotChecked>,
    fresh: Mutex<Fresh>,
}

/// What a clean file was judged by besides its bytes.
pub(super) struct Judged {
    pub(super) drafts: usize,
    pub(super) not_checked: Vec<NotChecked>,
    pub(super) pictures: Vec<(String, PathBuf, PictureHash)>,
    pub(super) until: Option<Timestamp>,
}

impl Cache {
    /// Reads the cache in `folder`; what is not there, damaged or of another layout is as good as
    /// empty.
    pub(super) fn read(folder: PathBuf, now: Timestamp) -> Self {
        let kept = fs::read(folder.join(FILE))
            .ok()
            .and_then(|bytes| decoded(&bytes))
            .unwrap_or_default();
        let lacks = kept.lacks.into_iter();
        Self {
            folder,
            now,
            known: kept.files,
            lacks: lacks
                .map(|(rule, reason, lacks)| NotChecked {
                    rule: rule.into(),
                    reason,
                    lacks: lacks.into(),
                })
                .collect(),
            fresh: Mutex::default(),
        }
    }

    /// What is known of a file: how many drafts it holds, and which rules could not look at them.
    /// `picture` says what an address leads to now.
    pub(super) fn get(
        &self,
        key: Key,
        picture: impl Fn(&str, &Path) -> PictureHash,
    ) -> Option<(usize, Vec<NotChecked>)> {
        let clean = self.known.get(&key)?;
        let (from, until) = clean.judged;
        let holds = from <= self.now && until.is_none_or(|until| self.now < until);
        let mut pictures = clean.pictures.iter();
        if !holds || !pictures.all(|(target, folder, hash)| picture(target, folder) == *hash) {
            return None;
        }
        let not_checked = clean.not_checked.iter();
        let not_checked: Option<Vec<NotChecked>> = not_checked
            .map(|number| self.lacks.get(*number as usize).cloned())
            .collect();
        let not_checked = not_checked?;
        self.keep(
            key,
            clean.judged,
            clean.drafts,
            &clean.pictures,
            &not_checked,
        );
        Some((clean.drafts, not_checked))
    }

    /// Takes up that a file is clean.
    pub(super) fn put(&self, key: Key, judged: &Judged) {
        let span = (self.now, judged.until);
        self.keep(
            key,
            span,
            judged.drafts,
            &judged.pictures,
            &judged.not_checked,
        );
    }

    fn keep(
        &self,
        key: Key,
        judged: (Timestamp, Option<Timestamp>),
        drafts: usize,
        pictures: &[(String, PathBuf, PictureHash)],
        not_checked: &[NotChecked],
    ) {
        // A thread that failed while it held the cache leaves it to the others to do without.
        let Ok(mut fresh) = self.fresh.lock() else {
            return;
        };
        let fresh = &mut *fresh;
        let numbers = not_checked.iter().map(|lack| {
            *fresh.numbers.entry(lack.clone()).or_insert_with(|| {
                fresh.lacks.push(lack.clone());
                u32::try_from(fresh.lacks.len() - 1).unwrap_or(u32::MAX)
            })
        });
        let clean = Clean {
            drafts,
            not_checked: numbers.collect(),
            pictures: pictures.to_vec(),
            judged,
            met: day(self.now),
        };
        fresh.files.insert(key, clean);
    }

    /// Writes what this run met, and what others met not long ago.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written. Nothing is lost then but time.
    pub(super) fn write(&self) -> io::Result<()> {
        let fresh = self.fresh.lock().map(|mut fresh| mem::take(&mut *fresh));
        let fresh = fresh.unwrap_or_default();
        let mut kept = Kept {
            files: fresh.files,
            lacks: fresh.lacks.iter().map(kept_lack).collect(),
        };
        let mut moved: HashMap<u32, u32> = HashMap::new();
        let today = day(self.now);
        for (key, clean) in &self.known {
            if kept.files.contains_key(key) || (today - clean.met).abs() > KEPT {
                continue;
            }
            let mut clean = clean.clone();
            for number in &mut clean.not_checked {
                *number = *moved.entry(*number).or_insert_with(|| {
                    // A number that stands for nothing makes its file unknown when it is read.
                    let lack = self.lacks.get(*number as usize);
                    kept.lacks.extend(lack.map(kept_lack));
                    lack.map_or(u32::MAX, |_| {
                        u32::try_from(kept.lacks.len() - 1).unwrap_or(u32::MAX)
                    })
                });
            }
            kept.files.insert(*key, clean);
        }
        fs::create_dir_all(&self.folder)?;
        let ignored = self.folder.join(".gitignore");
        if !ignored.exists() {
            fs::write(ignored, "*\n")?;
        }
        let body = postcard::to_allocvec(&kept).map_err(io::Error::other)?;
        replace_file(&self.folder.join(FILE), |out| {
            out.write_all(LAYOUT)?;
            out.write_all(blake3::hash(&body).as_bytes())?;
            out.write_all(&body)
        })
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

fn kept_lack(lack: &NotChecked) -> (String, String, KeptLack) {
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
            pictures: vec![("x.png".to_owned(), PathBuf::from("posts"), Some([7; 32]))],
            until: until.map(|until| until.parse().unwrap()),
        }
    }

    #[test]
    fn what_was_clean_is_known_again_as_long_as_nothing_it_rests_on_changes() {
        let folder = tempfile::tempdir().unwrap();
        let one = key(&[1; 32], "a.md", b"text");
        let first = cache(folder.path(), NOW);
        first.put(one, &judged(Some("2026-12-01T00:00:00Z")));
        first.write().unwrap();

        let same = |_: &str, _: &Path| Some([7; 32]);
        let (drafts, lacks) = cache(folder.path(), NOW).get(one, same).unwrap();
        assert_eq!((drafts, &*lacks[0].reason), (2, "nobody says"));
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
        first.put(one, &judged(None));
        first.write().unwrap();
        let same = |_: &str, _: &Path| Some([7; 32]);
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
        first.put(one, &judged(None));
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
