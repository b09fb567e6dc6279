//! Sealed lists: names that can be matched and not read.
//!
//! A name is known by the letters that folding leaves of it, run together. The file holds, for every
//! run of letters, a keyed hash of them, and a note that only these letters and the key can open:
//! the name as its owner writes it and how it counts. So a text is asked run of words by run of
//! words; what is found opens its own note, and nothing else is opened.
//!
//! Hashes are in their own order, notes are of one width, and some are made up, so that the size
//! tells little. Every sealing has a salt of its own: two files of one list share nothing.
//!
//! This module knows hashes and bytes; what a note says is [`crate::register`]'s matter. Where the
//! key comes from is the caller's.

use std::collections::BTreeMap;
use std::fmt;

/// How every sealed list begins: whoever opens one in an editor sees what it is.
const MAGIC: &[u8] = b"clearpost sealed list ";

/// The version that is read and written.
const VERSION: &[u8] = b"1\n";

/// Bytes of a keyed hash: two names share one in none of all lists that will ever be written.
const TAG: usize = 16;

/// Letters that a name has at most, in bytes.
pub const LONGEST: usize = 240;

/// Fewest entries of a file: a list of one looks like a list of sixty-four.
const FEWEST: usize = 64;

/// Notes are as wide as the longest of them, up to the next multiple of this.
const STEP: usize = 16;

/// Most that deriving a key may cost: a file that asks for more was not written here.
const MOST_MEMORY: u32 = 1 << 20;
const MOST_PASSES: u32 = 64;
const MOST_LANES: u32 = 16;

/// A key that seals and opens lists. It is never shown.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key for one purpose in one file.
    fn derived(&self, purpose: &str, salt: &[u8; 16]) -> [u8; 32] {
        let mut material = [0; 48];
        material[..32].copy_from_slice(&self.0);
        material[32..].copy_from_slice(salt);
        blake3::derive_key(&format!("clearpost sealed list 1: {purpose}"), &material)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(hidden)")
    }
}

/// How the key of a file comes from what its owner keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivation {
    /// The owner keeps the key itself.
    Direct,
    /// The owner keeps a passphrase, which Argon2id makes a key of.
    Passphrase {
        /// Memory in KiB.
        memory: u32,
        /// How often it is gone through.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
}

/// Why a sealed list is not in force.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum SealError {
    /// Another kind of file.
    #[error("this is no sealed list")]
    #[diagnostic(
        code(clearpost::seal::foreign),
        help("`clearpost pack seal LIST --key-file KEY -o FILE.sealed` writes one")
    )]
    Foreign,
    /// A version that this program does not know.
    #[error("this list was sealed by another version of the program")]
    #[diagnostic(
        code(clearpost::seal::version),
        help("seal it again with this one, or bring the program up to date")
    )]
    Version,
    /// Cut short or changed.
    #[error("this sealed list is damaged: {0}")]
    #[diagnostic(
        code(clearpost::seal::damaged),
        help("fetch the file again, as binary, or seal the list again")
    )]
    Damaged(&'static str),
    /// A key for something else.
    #[error("the key does not fit this sealed list")]
    #[diagnostic(
        code(clearpost::seal::wrong_key),
        help(
            "give the key that the list was sealed with, in CLEARPOST_SEAL_KEY_FILE or CLEARPOST_SEAL_KEY"
        )
    )]
    WrongKey,
    /// No key.
    #[error("this list is sealed, and there is no key for it")]
    #[diagnostic(
        code(clearpost::seal::no_key),
        help(
            "set CLEARPOST_SEAL_KEY_FILE to the file that holds the key, or CLEARPOST_SEAL_KEY to the key itself"
        )
    )]
    NoKey,
    /// A key that cannot be read.
    #[error("cannot read the key of sealed lists from `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::seal::unreadable_key),
        help(
            "CLEARPOST_SEAL_KEY_FILE has to name a file that you may read and that holds the key"
        )
    )]
    UnreadableKey {
        /// The path.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// What a file is sealed with, besides its names.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// How the key came about.
    pub derivation: Derivation,
    /// Of this file alone.
    pub salt: [u8; 16],
    /// The register that it is; empty: a list.
    pub register: String,
    /// Whether it holds the regular forms of its names.
    pub inflected: bool,
    /// Words of the name with most.
    pub words: usize,
}

/// A file that was read and not opened.
#[derive(Clone, Debug)]
pub struct SealedFile {
    sealing: Sealing,
    check: [u8; 16],
    longest: usize,
    width: usize,
    count: usize,
    /// Where the hashes begin; the notes stand behind them, then what the key signs.
    tags: usize,
    bytes: Vec<u8>,
}

/// Bytes of what the key signs, and of what tells damage without a key.
const SIGNED: usize = 32;
const SUM: usize = 16;

impl SealedFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it is none, of another version, or not as it was written.
    pub fn read(bytes: Vec<u8>) -> Result<Self, SealError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SealError::Foreign)?;
        if !rest.starts_with(VERSION) {
            return Err(SealError::Version);
        }
        let short = SealError::Damaged("its end is missing");
        let body = bytes.len().checked_sub(SUM).ok_or(short.clone())?;
        let mut at = Cursor {
            bytes: &bytes[..body],
            at: MAGIC.len() + VERSION.len(),
        };
        let parts = Self::header(&mut at).ok_or(short.clone())?;
        let (sealing, check, [longest, width, count]) = parts;
        let tags = at.at;
        let length = width
            .checked_add(TAG)
            .and_then(|each| each.checked_mul(count))
            .and_then(|all| all.checked_add(tags + SIGNED + SUM));
        match length {
            Some(length) if length == bytes.len() => {}
            Some(length) if length < bytes.len() => {
                return Err(SealError::Damaged("something stands behind its end"));
            }
            _ => return Err(short),
        }
        if sum(&bytes[..body])[..] != bytes[body..] {
            return Err(SealError::Damaged("it is not as it was written"));
        }
        if let Derivation::Passphrase {
            memory,
            passes,
            lanes,
        } = sealing.derivation
            && (memory > MOST_MEMORY || passes > MOST_PASSES || lanes > MOST_LANES)
        {
            return Err(SealError::Damaged("its key would take for ever to derive"));
        }
        Ok(Self {
            sealing,
            check,
            longest,
            width,
            count,
            tags,
            bytes,
        })
    }

    fn header(at: &mut Cursor<'_>) -> Option<(Sealing, [u8; 16], [usize; 3])> {
        let [kind, inflected] = at.take()?;
        let (memory, passes, lanes) = (at.number()?, at.number()?, at.number()?);
        let derivation = match kind {
            0 => Derivation::Direct,
            1 => Derivation::Passphrase {
                memory,
                passes,
                lanes,
            },
            _ => return None,
        };
        let salt = at.take()?;
        let check = at.take()?;
        let numbers = [at.number()?, at.number()?, at.number()?, at.number()?];
        let [longest, width, count, words] = numbers.map(|number| number as usize);
        let [length] = at.take()?;
        let register = at.slice(usize::from(length))?;
        let sealing = Sealing {
            derivation,
            salt,
            register: std::str::from_utf8(register).ok()?.to_owned(),
            inflected: inflected != 0,
            words,
        };
        Some((sealing, check, [longest, width, count]))
    }

    /// What the key is derived with.
    pub fn sealing(&self) -> &Sealing {
        &self.sealing
    }

    /// Opens the file for being asked.
    ///
    /// # Errors
    ///
    /// If the key is another one, or somebody without it changed the file.
    pub fn open(self, key: &SealKey) -> Result<Sealed, SealError> {
        let salt = &self.sealing.salt;
        if check_value(key, salt) != self.check {
            return Err(SealError::WrongKey);
        }
        let signed = self.bytes.len() - SIGNED - SUM;
        let signature = blake3::keyed_hash(&key.derived("signature", salt), &self.bytes[..signed]);
        let written: [u8; SIGNED] = self.bytes[signed..signed + SIGNED]
            .try_into()
            .map_err(|_| SealError::Damaged("its end is missing"))?;
        // The comparison of two hashes takes the same time wherever they differ.
        if signature != blake3::Hash::from_bytes(written) {
            return Err(SealError::Damaged("somebody without the key changed it"));
        }
        let mut sealed = Sealed {
            tag_key: key.derived("tags", salt),
            note_key: key.derived("notes", salt),
            starts: Vec::new(),
            shift: 32 - bits(self.count),
            file: self,
        };
        sealed.index();
        Ok(sealed)
    }
}

/// Bits that number the buckets of so many hashes.
fn bits(count: usize) -> u32 {
    count.max(2).ilog2().min(20)
}

fn check_value(key: &SealKey, salt: &[u8; 16]) -> [u8; 16] {
    let mut check = [0; 16];
    check.copy_from_slice(&key.derived("check", salt)[..16]);
    check
}

/// Bytes as hexadecimal digits.
pub fn digits(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(|half| DIGITS[usize::from(half)]).collect()
}

fn sum(bytes: &[u8]) -> [u8; SUM] {
    let mut sum = [0; SUM];
    sum.copy_from_slice(&blake3::hash(bytes).as_bytes()[..SUM]);
    sum
}

/// Reads a header from its start.
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn slice(&mut self, length: usize) -> Option<&'b [u8]> {
        let part = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(part)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.slice(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

/// A sealed list that can be asked whether it holds a name.
pub struct Sealed {
    file: SealedFile,
    tag_key: [u8; 32],
    note_key: [u8; 32],
    /// The first hash of each bucket, by the first bits of a hash; one more than there are buckets.
    starts: Vec<u32>,
    shift: u32,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").finish_non_exhaustive()
    }
}

impl Sealed {
    fn index(&mut self) {
        let buckets = 1_usize << (32 - self.shift);
        let mut starts = vec![0; buckets + 1];
        for number in 0..self.file.count {
            starts[self.bucket(self.tag(number)) + 1] += 1;
        }
        for bucket in 0..buckets {
            starts[bucket + 1] += starts[bucket];
        }
        self.starts = starts;
    }

    fn bucket(&self, tag: &[u8]) -> usize {
        let first = tag.first_chunk().copied().map_or(0, u32::from_be_bytes);
        (first >> self.shift) as usize
    }

    fn tag(&self, number: usize) -> &[u8] {
        let start = self.file.tags + number * TAG;
        &self.file.bytes[start..start + TAG]
    }

    /// Letters of the longest name, in bytes, rounded up.
    pub fn longest(&self) -> usize {
        self.file.longest
    }

    /// What it was sealed with.
    pub fn sealing(&self) -> &Sealing {
        &self.file.sealing
    }

    /// Names the file: equal files have equal ones.
    pub fn digest(&self) -> [u8; 16] {
        sum(&self.file.bytes)
    }

    /// The note that these letters open, if they are a name's.
    pub fn note(&self, letters: &[u8]) -> Option<Vec<u8>> {
        let hash = blake3::keyed_hash(&self.tag_key, letters);
        let tag = &hash.as_bytes()[..TAG];
        let bucket = self.bucket(tag);
        let (from, to) = (self.starts[bucket], self.starts[bucket + 1]);
        let number = (from as usize..to as usize).find(|number| self.tag(*number) == tag)?;
        let width = self.file.width;
        let start = self.file.tags + self.file.count * TAG + number * width;
        let mut note = self.file.bytes[start..start + width].to_vec();
        veil(&mut note, &self.note_key, letters);
        let length = note.first_chunk().copied().map(u16::from_le_bytes)?;
        Some(note.get(2..2 + usize::from(length))?.to_vec())
    }
}

/// Covers or uncovers a note with what only its letters and the key give.
fn veil(note: &mut [u8], key: &[u8; 32], letters: &[u8]) {
    let mut veil = vec![0; note.len()];
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(letters);
    hasher.finalize_xof().fill(&mut veil);
    for (byte, cover) in note.iter_mut().zip(veil) {
        *byte ^= cover;
    }
}

/// How many entries a file of so many names has.
fn padded(count: usize) -> usize {
    let power = count.max(FEWEST).next_power_of_two();
    let less = power / 4 * 3;
    if count <= less && less >= FEWEST {
        less
    } else {
        power
    }
}

/// Seals `names`: of each its letters and its note. `seed` is drawn by chance and then forgotten; what
/// fills the file up comes from it.
///
/// Names of more than [`LONGEST`] bytes, and notes beyond 64 KiB, are the caller's to refuse.
pub fn seal(
    names: &BTreeMap<String, Vec<u8>>,
    sealing: &Sealing,
    key: &SealKey,
    seed: &[u8; 32],
) -> Vec<u8> {
    let up = |length: usize| length.next_multiple_of(STEP);
    let longest = up(names.keys().map(String::len).max().unwrap_or(0));
    let width = up(2 + names.values().map(Vec::len).max().unwrap_or(0));
    let tag_key = key.derived("tags", &sealing.salt);
    let note_key = key.derived("notes", &sealing.salt);
    let mut entries: Vec<([u8; TAG], Vec<u8>)> = Vec::with_capacity(padded(names.len()));
    for (letters, note) in names {
        let mut tag = [0; TAG];
        tag.copy_from_slice(&blake3::keyed_hash(&tag_key, letters.as_bytes()).as_bytes()[..TAG]);
        let length = u16::try_from(note.len()).unwrap_or(u16::MAX);
        let mut padded = length.to_le_bytes().to_vec();
        padded.extend(note);
        padded.resize(width, 0);
        veil(&mut padded, &note_key, letters.as_bytes());
        entries.push((tag, padded));
    }
    let mut made_up = blake3::Hasher::new_keyed(seed).finalize_xof();
    while entries.len() < padded(names.len()) {
        let mut tag = [0; TAG];
        let mut note = vec![0; width];
        made_up.fill(&mut tag);
        made_up.fill(&mut note);
        entries.push((tag, note));
    }
    entries.sort_unstable();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = [MAGIC, VERSION].concat();
    let (kind, costs) = match sealing.derivation {
        Derivation::Direct => (0, [0; 3]),
        Derivation::Passphrase {
            memory,
            passes,
            lanes,
        } => (1, [memory, passes, lanes]),
    };
    bytes.extend([kind, u8::from(sealing.inflected)]);
    bytes.extend(costs.iter().flat_map(|cost| cost.to_le_bytes()));
    bytes.extend(sealing.salt);
    bytes.extend(check_value(key, &sealing.salt));
    for value in [longest, width, entries.len(), sealing.words] {
        bytes.extend(number(value));
    }
    let register = &sealing.register.as_bytes()[..sealing.register.len().min(255)];
    bytes.push(u8::try_from(register.len()).unwrap_or(0));
    bytes.extend(register);
    bytes.extend(entries.iter().flat_map(|(tag, _)| tag));
    bytes.extend(entries.iter().flat_map(|(_, note)| note));
    let signature = blake3::keyed_hash(&key.derived("signature", &sealing.salt), &bytes);
    bytes.extend(signature.as_bytes());
    let sum = sum(&bytes);
    bytes.extend(sum);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealing() -> Sealing {
        Sealing {
            derivation: Derivation::Direct,
            salt: [7; 16],
            register: "clients".to_owned(),
            inflected: false,
            words: 2,
        }
    }

    fn file(names: &[&str]) -> Vec<u8> {
        let names = names
            .iter()
            .map(|name| ((*name).to_owned(), name.to_uppercase().into_bytes()))
            .collect();
        seal(&names, &sealing(), &SealKey::new([1; 32]), &[9; 32])
    }

    fn opened(bytes: Vec<u8>, key: u8) -> Result<Sealed, SealError> {
        SealedFile::read(bytes)?.open(&SealKey::new([key; 32]))
    }

    #[test]
    fn letters_open_their_own_note_and_no_other() {
        let sealed = opened(file(&["acmecorp", "orsini"]), 1).unwrap();
        assert_eq!(sealed.note(b"acmecorp"), Some(b"ACMECORP".to_vec()));
        assert_eq!(sealed.note(b"orsini"), Some(b"ORSINI".to_vec()));
        for other in ["acme", "acmecorps", "", "orsin1"] {
            assert_eq!(sealed.note(other.as_bytes()), None, "{other}");
        }
        assert_eq!(sealed.longest(), 16);
        assert_eq!(sealed.sealing().register, "clients");
    }

    #[test]
    fn a_list_of_one_is_as_large_as_a_list_of_many() {
        let many: Vec<String> = (0..60).map(|number| format!("name{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(file(&["namexx"]).len(), file(&many).len());
        for (count, entries) in [(0, 64), (64, 64), (65, 96), (97, 128), (100_000, 131_072)] {
            assert_eq!(padded(count), entries, "{count}");
        }
    }

    #[test]
    fn what_is_not_as_it_was_written_is_refused() {
        let whole = file(&["acmecorp"]);
        let damaged = |error: SealError| matches!(error, SealError::Damaged(_));
        for length in 0..whole.len() {
            let error = opened(whole[..length].to_vec(), 1).unwrap_err();
            assert!(
                damaged(error.clone()) || length < MAGIC.len() + VERSION.len(),
                "{length}: {error}"
            );
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert!(damaged(opened(longer, 1).unwrap_err()));
        for at in MAGIC.len() + VERSION.len()..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(damaged(opened(changed, 1).unwrap_err()), "{at}");
        }
        // Whoever has no key can make the sum fit, and not the signature.
        let mut forged = whole.clone();
        let body = forged.len() - SUM;
        forged[body - SIGNED - 1] ^= 1;
        let fitting = sum(&forged[..body]);
        forged[body..].copy_from_slice(&fitting);
        assert!(damaged(opened(forged, 1).unwrap_err()));
        assert_eq!(opened(whole, 2).unwrap_err(), SealError::WrongKey);
        assert_eq!(
            opened(b"name\nAcme".to_vec(), 1).unwrap_err(),
            SealError::Foreign
        );
        let other = b"clearpost sealed list 2\n".to_vec();
        assert_eq!(opened(other, 1).unwrap_err(), SealError::Version);
    }

    #[test]
    fn nothing_shows_a_key() {
        let key = SealKey::new([0xAB; 32]);
        let shown = format!("{key:?} {:?}", opened(file(&["x"]), 1).unwrap());
        assert!(!shown.contains("171") && !shown.contains("ab"), "{shown}");
    }
}
