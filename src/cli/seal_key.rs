//! The key of sealed lists: from a file or the environment, never from an argument, which others on
//! the machine can read.
//!
//! A key is 64 hexadecimal digits, as `pack seal --new-key` writes them. Anything else is a
//! passphrase, of which Argon2id makes a key.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};

use crate::text::plain_reason;
use crate::text::seal::{Derivation, SealError, SealKey, Sealing};

/// Names the file with the key.
pub(super) const KEY_FILE: &str = "CLEARPOST_SEAL_KEY_FILE";

/// Holds the key itself.
pub(super) const KEY: &str = "CLEARPOST_SEAL_KEY";

/// What making a key of a passphrase costs: some tenths of a second, and 64 MiB.
pub(super) const PASSPHRASE: Derivation = Derivation::Passphrase {
    memory: 64 * 1024,
    passes: 3,
    lanes: 1,
};

/// What the owner of a key keeps. It is never shown.
pub(super) enum Secret {
    /// The key.
    Key([u8; 32]),
    /// A passphrase.
    Passphrase(String),
}

impl Secret {
    /// Reads what stands in a file or variable; `None` if nothing does.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits: Option<Vec<u8>> = (text.len() == 64
            && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| {
            let pairs = text.as_bytes().chunks(2);
            let pairs = pairs.map(|pair| std::str::from_utf8(pair).unwrap_or_default());
            pairs
                .map(|pair| u8::from_str_radix(pair, 16).ok())
                .collect()
        })
        .flatten();
        match digits.and_then(|digits| digits.try_into().ok()) {
            Some(key) => Some(Self::Key(key)),
            None if text.is_empty() => None,
            None => Some(Self::Passphrase(text.to_owned())),
        }
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds nothing.
    pub(super) fn from_file(path: &Path) -> Result<Self, SealError> {
        let unreadable = |reason: String| SealError::UnreadableKey {
            path: path.display().to_string(),
            reason,
        };
        let bytes = fs::read(path).map_err(|error| unreadable(plain_reason(&error)))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is no text".to_owned()))?;
        Self::read(&text).ok_or_else(|| unreadable("it is empty".to_owned()))
    }

    /// How a new list would be sealed with it.
    pub(super) fn derivation(&self) -> Derivation {
        match self {
            Self::Key(_) => Derivation::Direct,
            Self::Passphrase(_) => PASSPHRASE,
        }
    }

    /// The key for a list.
    ///
    /// # Errors
    ///
    /// If the list was sealed with a secret of another kind.
    pub(super) fn key(&self, sealing: &Sealing) -> Result<SealKey, SealError> {
        match (self, sealing.derivation) {
            (Self::Key(key), Derivation::Direct) => Ok(SealKey::new(*key)),
            (
                Self::Passphrase(passphrase),
                Derivation::Passphrase {
                    memory,
                    passes,
                    lanes,
                },
            ) => slow_hash(
                passphrase.as_bytes(),
                &sealing.salt,
                [memory, passes, lanes],
            )
            .map(SealKey::new)
            .ok_or(SealError::Damaged("its key cannot be derived")),
            _ => Err(SealError::WrongKey),
        }
    }
}

/// What Argon2id makes of `secret`; `None` if it cannot cost so much or so little.
pub(super) fn slow_hash(secret: &[u8], salt: &[u8], costs: [u32; 3]) -> Option<[u8; 32]> {
    let [memory, passes, lanes] = costs;
    let params = Params::new(memory, passes, lanes, Some(32)).ok()?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret, salt, &mut hash)
        .ok()?;
    Some(hash)
}

/// The key for a list from the environment.
///
/// # Errors
///
/// If there is none, or it cannot be read, or is of another kind.
pub(super) fn from_environment(sealing: &Sealing) -> Result<SealKey, SealError> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let secret = match (set(KEY_FILE), set(KEY)) {
        (Some(path), _) => Secret::from_file(&PathBuf::from(path))?,
        (None, Some(text)) => Secret::read(&text.to_string_lossy()).ok_or(SealError::NoKey)?,
        (None, None) => return Err(SealError::NoKey),
    };
    secret.key(sealing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sixty_four_digits_and_anything_else_a_passphrase() {
        let digits = "0a".repeat(32);
        let cases = [
            (format!("{digits}\n"), "key"),
            (digits.to_uppercase(), "key"),
            (format!("{digits}0"), "passphrase"),
            ("g".repeat(64), "passphrase"),
            ("+f".repeat(32), "passphrase"),
            (" correct horse \n".to_owned(), "passphrase"),
            (" \n".to_owned(), "nothing"),
        ];
        for (text, expected) in cases {
            let kind = match Secret::read(&text) {
                Some(Secret::Key(_)) => "key",
                Some(Secret::Passphrase(_)) => "passphrase",
                None => "nothing",
            };
            assert_eq!(kind, expected, "{text}");
        }
    }
}
