//! Signatures of packs: files as minisign writes them, beside each pack.
//!
//! `trusted_keys:` in the configuration names whose packs are in force; a pack without a signature of
//! one of them is a problem like one that cannot be read. What the program carries is signed with it.

use std::fs;
use std::path::{Path, PathBuf};

use minisign_verify::{PublicKey, Signature};

use crate::text::plain_reason;

/// The extension of a signature, behind that of its pack.
const EXTENSION: &str = ".minisig";

/// Why a pack or a key is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub(super) enum TrustError {
    #[error("`{0}` is no public key")]
    #[diagnostic(
        code(clearpost::trust::no_key),
        help("write the key itself, which begins with RW, or the path of its .pub file")
    )]
    NoKey(String),
    #[error("the pack `{0}` is not signed")]
    #[diagnostic(
        code(clearpost::trust::unsigned),
        help(
            "have one who may sign run `clearpost pack sign`, and keep the .minisig file beside the pack"
        )
    )]
    Unsigned(String),
    #[error("the signature of the pack `{0}` is damaged")]
    #[diagnostic(
        code(clearpost::trust::malformed),
        help("have the pack signed again with `clearpost pack sign`")
    )]
    Malformed(String),
    #[error("the pack `{0}` is not what a trusted key signed")]
    #[diagnostic(
        code(clearpost::trust::not_trusted),
        help(
            "the pack was changed after it was signed, or by a key that `trusted_keys:` does not name: look at the change, and have it signed"
        )
    )]
    NotTrusted(String),
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::trust::unreadable),
        help("check the path and that you may read the file")
    )]
    Unreadable { path: String, reason: String },
}

/// A key whose signature counts.
pub(super) struct TrustedKey(PublicKey);

impl std::fmt::Debug for TrustedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrustedKey")
    }
}

impl TrustedKey {
    /// A key as written, or the file at that path as seen from `folder`.
    pub(super) fn read(text: &str, folder: &Path) -> Result<Self, TrustError> {
        let text = text.trim();
        if let Ok(key) = PublicKey::from_base64(text) {
            return Ok(Self(key));
        }
        let path = folder.join(text);
        let unknown = || TrustError::NoKey(text.to_owned());
        let written = fs::read_to_string(path).map_err(|_| unknown())?;
        let key = PublicKey::decode(&written).or_else(|_| PublicKey::from_base64(written.trim()));
        key.map(Self).map_err(|_| unknown())
    }
}

/// The file with the signature of a pack.
pub(super) fn beside(pack: &Path) -> PathBuf {
    let mut name = pack.as_os_str().to_owned();
    name.push(EXTENSION);
    PathBuf::from(name)
}

/// Whether one of `keys` signed the pack as it is.
pub(super) fn verify(pack: &Path, keys: &[TrustedKey]) -> Result<(), TrustError> {
    let name = pack.display().to_string();
    let unreadable = |path: &Path, error: &std::io::Error| TrustError::Unreadable {
        path: path.display().to_string(),
        reason: plain_reason(error),
    };
    let bytes = fs::read(pack).map_err(|error| unreadable(pack, &error))?;
    let path = beside(pack);
    if !path.exists() {
        return Err(TrustError::Unsigned(name));
    }
    let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    let signature = Signature::decode(&text).map_err(|_| TrustError::Malformed(name.clone()))?;
    let signs = |key: &TrustedKey| key.0.verify(&bytes, &signature, false).is_ok();
    if keys.iter().any(signs) {
        Ok(())
    } else {
        Err(TrustError::NotTrusted(name))
    }
}
