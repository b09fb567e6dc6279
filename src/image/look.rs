//! One picture against the registry.

use sha2::{Digest, Sha256};

use super::decode::{DecodeError, signatures};
use super::metadata::told;
use super::registry::Registry;
use super::seen::{File, Seen};

/// A `data:` address that does not hold a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("this `data:` address does not read")]
#[diagnostic(
    code(clearpost::image::malformed_data),
    help("write data:image/png;base64, and the picture, or link to a file")
)]
pub struct DataError;

/// The hash of a file, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Looks at the picture in `bytes`: at what its file tells if `metadata` is wanted, and for what it
/// is like in `registry`, if there is one.
///
/// # Errors
///
/// If it would have to be decoded and cannot be. The very file of an entry need not be.
pub fn look(
    bytes: &[u8],
    registry: Option<&Registry>,
    metadata: bool,
) -> Result<Seen, DecodeError> {
    let mut seen = Seen {
        file: File::Read,
        ..Seen::default()
    };
    if metadata {
        seen.told = told(bytes);
    }
    if let Some(registry) = registry {
        match registry.of_file(&sha256(bytes)) {
            Some(found) => seen.matches = vec![found],
            None => seen.matches = registry.alike(&signatures(bytes)?),
        }
    }
    // That the picture itself does not read says more.
    if seen.told.damaged {
        return Err(DecodeError::DamagedMetadata);
    }
    Ok(seen)
}

/// The bytes that a `data:` address holds.
///
/// # Errors
///
/// If it is none that reads.
pub fn embedded(address: &str) -> Result<Vec<u8>, DataError> {
    let data = address.trim().strip_prefix("data:").ok_or(DataError)?;
    let (head, body) = data.split_once(',').ok_or(DataError)?;
    if head.to_ascii_lowercase().ends_with(";base64") {
        base64(&percent_decoded(body.as_bytes()))
    } else {
        Ok(percent_decoded(body.as_bytes()))
    }
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let byte = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    bytes
}

fn base64(text: &[u8]) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut sum, mut bits) = (0_u32, 0);
    for letter in text.iter().filter(|letter| !letter.is_ascii_whitespace()) {
        let digit = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return Err(DataError),
        };
        sum = sum << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(sum >> bits & 0xFF).map_err(|_| DataError)?);
        }
        sum &= 0xFFFF;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_addresses_hold_bytes() {
        for (address, bytes) in [
            ("data:image/png;base64,aGVsbG8=", Ok(&b"hello"[..])),
            ("data:image/png;base64,aGVs%62G8", Ok(b"hello")),
            ("data:image/svg+xml,%3Csvg/%3E", Ok(b"<svg/>")),
            ("data:image/png;base64,a*", Err(DataError)),
            ("data:nothing", Err(DataError)),
        ] {
            assert_eq!(
                embedded(address).as_deref(),
                bytes.as_ref().copied(),
                "{address}"
            );
        }
        assert_eq!(&sha256(b"")[..8], "e3b0c442");
    }
}
