//! What a picture's file tells besides the picture: where it was taken. And the same file without.
//!
//! Pixels are never decoded here: taking data out copies everything else byte for byte.

use std::io::Cursor;

use exif::{In, Tag, Value};

/// Where a picture was taken, as its EXIF, XMP and IPTC data tell it.
pub fn locations(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader
        .read_from_container(&mut Cursor::new(bytes))
        .or_else(|error| error.distill_partial_result(|_| {}));
    if let Ok(exif) = read {
        let has_position = exif.fields().any(|field| {
            matches!(field.tag, Tag::GPSLatitude | Tag::GPSLongitude)
                && !matches!(&field.value, Value::Rational(parts) if parts.iter().all(|p| p.num == 0))
        });
        if has_position {
            let degrees = |tag, mark| {
                exif.get_field(tag, In::PRIMARY).map(|field| {
                    let side = exif.get_field(mark, In::PRIMARY);
                    let side = side.map_or_else(String::new, |s| s.display_value().to_string());
                    format!("{} {side}", field.display_value())
                })
            };
            let place: Vec<String> = [
                degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef),
                degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef),
            ]
            .into_iter()
            .flatten()
            .map(|part| part.trim().to_owned())
            .collect();
            found.push(place.join(", "));
        }
    }
    found.extend(xmp_places(bytes));
    found.extend(iptc_places(bytes));
    found.dedup();
    found
}

/// Names in XMP under which a place stands.
const XMP_PLACES: [&str; 7] = [
    "exif:GPSLatitude",
    "exif:GPSLongitude",
    "photoshop:City",
    "photoshop:Country",
    "photoshop:State",
    "Iptc4xmpCore:Location",
    "Iptc4xmpExt:City",
];

/// Places in the XMP packets of a file, wherever its format keeps them.
fn xmp_places(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(start) = memchr::memmem::find(rest, b"<x:xmpmeta") {
        let packet = &rest[start..];
        let end = memchr::memmem::find(packet, b"</x:xmpmeta>").unwrap_or(packet.len());
        let text = String::from_utf8_lossy(&packet[..end]);
        for name in XMP_PLACES {
            for (at, _) in text.match_indices(name) {
                let after = text[at + name.len()..].trim_start();
                let value = match after.strip_prefix('=') {
                    Some(quoted) => quoted
                        .trim_start()
                        .trim_start_matches(['"', '\''])
                        .split(['"', '\''])
                        .next(),
                    None => after.strip_prefix('>').and_then(|v| v.split('<').next()),
                };
                let value = value.unwrap_or_default().trim();
                if !value.is_empty() && !found.iter().any(|known| known == value) {
                    found.push(value.to_owned());
                }
            }
        }
        rest = &packet[end..];
        if end == 0 {
            break;
        }
    }
    found
}

/// Places in the IPTC records of a JPEG: city, part of it, province, country.
fn iptc_places(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for part in jpeg_parts(bytes).into_iter().flatten() {
        let Some(resources) = part
            .strip_prefix(&[0xFF, 0xED])
            .and_then(|part| part.get(2..))
            .and_then(|part| part.strip_prefix(b"Photoshop 3.0\0"))
        else {
            continue;
        };
        let mut rest = resources;
        while let Some(at) = memchr::memmem::find(rest, &[0x1C, 0x02]) {
            let record = &rest[at + 2..];
            let [kind, high, low, ..] = *record else {
                break;
            };
            let length = usize::from(high) << 8 | usize::from(low);
            if matches!(kind, 90 | 92 | 95 | 101)
                && let Some(value) = record.get(3..3 + length)
            {
                found.push(String::from_utf8_lossy(value).trim().to_owned());
            }
            rest = record;
        }
    }
    found.retain(|place| !place.is_empty());
    found
}

/// Why a file cannot be stripped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum StripError {
    /// A format whose parts are not known.
    #[error("this is no JPEG, PNG, WebP or GIF")]
    #[diagnostic(
        code(clearpost::assets::cannot_strip),
        help("save it in one of these formats first; the file was left as it is")
    )]
    Format,
    /// A file that ends too early or contradicts itself.
    #[error("this file is damaged: it was left as it is")]
    #[diagnostic(
        code(clearpost::assets::damaged),
        help("save it again with the program that made it")
    )]
    Damaged,
}

/// The file without what it tells about places and people; colour profile, orientation and all
/// pixels stay.
///
/// # Errors
///
/// If the format is not known or the file is damaged.
pub fn stripped(bytes: &[u8]) -> Result<Vec<u8>, StripError> {
    if bytes.starts_with(&[0xFF, 0xD8]) {
        strip_jpeg(bytes)
    } else if bytes.starts_with(PNG) {
        strip_png(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        strip_webp(bytes)
    } else if bytes.starts_with(b"GIF8") {
        strip_gif(bytes)
    } else {
        Err(StripError::Format)
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// How the picture is to be turned, if its EXIF data say so.
fn orientation(bytes: &[u8]) -> Option<u8> {
    let exif = exif::Reader::new()
        .read_from_container(&mut Cursor::new(bytes))
        .ok()?;
    let field = exif.get_field(Tag::Orientation, In::PRIMARY)?;
    let turned = u8::try_from(field.value.get_uint(0)?).ok()?;
    (2..=8).contains(&turned).then_some(turned)
}

/// EXIF data that say how the picture is to be turned and nothing else.
fn turned(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff
}

/// The segments of a JPEG, markers included; the last one is everything from the picture itself on.
fn jpeg_parts(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    let mut at = 2;
    bytes.strip_prefix(&[0xFF, 0xD8])?;
    loop {
        let [mark, kind, ..] = *bytes.get(at..)? else {
            return None;
        };
        if mark != 0xFF {
            return None;
        }
        if kind == 0xFF {
            at += 1;
            continue;
        }
        if kind == 0xDA {
            parts.push(&bytes[at..]);
            return Some(parts);
        }
        let length = usize::from(*bytes.get(at + 2)?) << 8 | usize::from(*bytes.get(at + 3)?);
        let end = at + 2 + length.max(2);
        parts.push(bytes.get(at..end)?);
        at = end;
    }
}

fn strip_jpeg(bytes: &[u8]) -> Result<Vec<u8>, StripError> {
    let parts = jpeg_parts(bytes).ok_or(StripError::Damaged)?;
    let mut made = vec![0xFF, 0xD8];
    let mut turned = orientation(bytes).map(turned);
    for part in parts {
        let body = part.get(4..).unwrap_or_default();
        let stays = match part[1] {
            0xE2 => body.starts_with(b"ICC_PROFILE\0"),
            // Adobe's own says how colours are kept, and the first one that this is a JPEG file.
            0xE1 | 0xE3..=0xED | 0xEF | 0xFE => false,
            _ => true,
        };
        // EXIF data come after the one that says that this is a JPEG file.
        if part[1] != 0xE0
            && let Some(tiff) = turned.take()
        {
            let length = u16::try_from(tiff.len() + 8).map_err(|_| StripError::Damaged)?;
            made.extend([0xFF, 0xE1]);
            made.extend(length.to_be_bytes());
            made.extend(b"Exif\0\0");
            made.extend(tiff);
        }
        if !stays {
            continue;
        }
        if part[1] == 0xDA {
            // Telephones append films and second pictures, with places of their own.
            made.extend(&part[..picture_end(part).ok_or(StripError::Damaged)?]);
        } else {
            made.extend(part);
        }
    }
    Ok(made)
}

/// Where the mark that ends a JPEG's picture ends.
fn picture_end(scan: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let mark = at + memchr::memchr(0xFF, scan.get(at..)?)?;
        match *scan.get(mark + 1)? {
            0xD9 => return Some(mark + 2),
            0x00 | 0x01 | 0xD0..=0xD7 => at = mark + 2,
            0xFF => at = mark + 1,
            // Tables between the scans of a progressive picture may hold any bytes.
            _ => {
                let high = usize::from(*scan.get(mark + 2)?);
                at = mark + 2 + (high << 8 | usize::from(*scan.get(mark + 3)?));
            }
        }
    }
}

fn strip_png(bytes: &[u8]) -> Result<Vec<u8>, StripError> {
    let mut made = PNG.to_vec();
    let mut rest = &bytes[PNG.len()..];
    let turned = orientation(bytes).map(turned);
    loop {
        let head = rest.get(..8).ok_or(StripError::Damaged)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = length.checked_add(12).ok_or(StripError::Damaged)?;
        let chunk = rest.get(..end).ok_or(StripError::Damaged)?;
        let stays = !matches!(&head[4..8], b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt" | b"tIME");
        if stays {
            made.extend(chunk);
        }
        if &head[4..8] == b"IHDR"
            && let Some(tiff) = &turned
        {
            let mut chunk = b"eXIf".to_vec();
            chunk.extend(tiff);
            made.extend(u32::try_from(tiff.len()).unwrap_or_default().to_be_bytes());
            made.extend(&chunk);
            made.extend(checksum(&chunk).to_be_bytes());
        }
        if &head[4..8] == b"IEND" {
            return Ok(made);
        }
        rest = &rest[end..];
    }
}

/// The check sum of a PNG's chunk.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn strip_webp(bytes: &[u8]) -> Result<Vec<u8>, StripError> {
    let mut made = b"RIFF\0\0\0\0WEBP".to_vec();
    let turned = orientation(bytes).map(turned);
    let mut rest = &bytes[12..];
    let mut extended = None;
    while rest.len() >= 8 {
        let length = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        let end = 8 + length + length % 2;
        // The last chunk may lack the byte that makes it even.
        let chunk = rest
            .get(..end.min(rest.len().max(8 + length)))
            .ok_or(StripError::Damaged)?;
        if &chunk[..4] == b"VP8X" {
            extended = Some(made.len() + 8);
        }
        if !matches!(&chunk[..4], b"EXIF" | b"XMP ") {
            made.extend(chunk);
            made.resize(made.len().next_multiple_of(2), 0);
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    if let Some(flags) = extended.and_then(|at| made.get_mut(at)) {
        *flags &= !0b1100;
        if let Some(tiff) = turned {
            *flags |= 0b1000;
            made.extend(b"EXIF");
            made.extend(u32::try_from(tiff.len()).unwrap_or_default().to_le_bytes());
            made.extend(tiff);
        }
    }
    let size = u32::try_from(made.len() - 8).map_err(|_| StripError::Damaged)?;
    made[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(made)
}

fn strip_gif(bytes: &[u8]) -> Result<Vec<u8>, StripError> {
    let table = |flags: u8| {
        if flags & 0x80 == 0 {
            0
        } else {
            3 << ((flags & 7) + 1)
        }
    };
    let mut at = 13 + table(*bytes.get(10).ok_or(StripError::Damaged)?);
    let mut made = bytes.get(..at).ok_or(StripError::Damaged)?.to_vec();
    loop {
        let start = at;
        let stays = match *bytes.get(at).ok_or(StripError::Damaged)? {
            0x3B => {
                made.push(0x3B);
                return Ok(made);
            }
            0x21 => {
                let kind = *bytes.get(at + 1).ok_or(StripError::Damaged)?;
                at += 2;
                let name = bytes.get(at + 1..at + 12).unwrap_or_default();
                kind != 0xFE && !(kind == 0xFF && name != b"NETSCAPE2.0")
            }
            0x2C => {
                let flags = *bytes.get(at + 9).ok_or(StripError::Damaged)?;
                at += 11 + table(flags);
                true
            }
            _ => return Err(StripError::Damaged),
        };
        loop {
            let length = usize::from(*bytes.get(at).ok_or(StripError::Damaged)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
        if stays {
            made.extend(bytes.get(start..at).ok_or(StripError::Damaged)?);
        }
    }
}
