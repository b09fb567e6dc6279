//! What a picture's file tells besides the picture: where it was taken, who made it, whose it is. And
//! the same file without.
//!
//! Pixels are never decoded here: taking data out copies everything else byte for byte.

use std::io::Cursor;

use exif::{In, Tag, Value};

use super::seen::Told;
use crate::text::position::Position;

/// What a picture's file tells in its EXIF, XMP and IPTC data, wherever its format keeps them.
pub fn told(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    exif_data(bytes, &mut told);
    xmp_data(bytes, &mut told);
    iptc_data(bytes, &mut told);
    // Of what is made by programs, the mark of the standard says so, in XMP or in signed claims.
    told.made_up = memchr::memmem::find_iter(bytes, b"rainedAlgorithmicMedia")
        .any(|at| bytes[..at].ends_with(b"t") || bytes[..at].ends_with(b"T"));
    for texts in [&mut told.locations, &mut told.rights, &mut told.creators] {
        let mut known: Vec<String> = Vec::new();
        for text in texts.drain(..) {
            let text = text.trim_matches(['\0', ' ', '\n', '\r', '\t']);
            if !text.is_empty() && !known.iter().any(|have| have == text) {
                known.push(text.to_owned());
            }
        }
        *texts = known;
    }
    told.positions.dedup();
    // What was found is enough to judge by.
    told.damaged &= told.locations.is_empty();
    told
}

fn exif_data(bytes: &[u8], told: &mut Told) {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader
        .read_from_container(&mut Cursor::new(bytes))
        .or_else(|error| error.distill_partial_result(|_| told.damaged = true));
    let exif = match read {
        Ok(exif) => exif,
        Err(error) => {
            // Without a container that is known there are no such data.
            told.damaged = exif::get_exif_attr_from_jpeg(&mut Cursor::new(bytes)).is_ok()
                || (!matches!(error, exif::Error::NotFound(_))
                    && (bytes.starts_with(PNG) || bytes.starts_with(b"RIFF")));
            return;
        }
    };
    let text = |tag| {
        let field = exif.get_field(tag, In::PRIMARY)?;
        match &field.value {
            Value::Ascii(parts) => Some(String::from_utf8_lossy(parts.first()?).into_owned()),
            _ => None,
        }
    };
    told.creators.extend(text(Tag::Artist));
    told.rights.extend(text(Tag::Copyright));
    let degrees = |tag, mark| {
        let field = exif.get_field(tag, In::PRIMARY)?;
        let Value::Rational(parts) = &field.value else {
            return None;
        };
        let shares = parts.iter().zip([1.0, 60.0, 3_600.0]);
        let sum: f64 = shares.map(|(part, share)| part.to_f64() / share).sum();
        let side: Option<String> = text(mark);
        let is_negative = side.is_some_and(|side| side.starts_with(['S', 'W', 's', 'w']));
        Some(if is_negative { -sum } else { sum })
    };
    let lat = degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef);
    let lon = degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef);
    // Cameras without a fix write zeros.
    let is_zero =
        |degrees: Option<f64>| degrees.is_none_or(|degrees| degrees == 0.0 || degrees.is_nan());
    if is_zero(lat) && is_zero(lon) {
        return;
    }
    let shown = |tag, mark| {
        let field = exif.get_field(tag, In::PRIMARY)?;
        let side = exif.get_field(mark, In::PRIMARY);
        let side = side.map_or_else(String::new, |s| s.display_value().to_string());
        Some(
            format!("{} {side}", field.display_value())
                .trim()
                .to_owned(),
        )
    };
    let place: Vec<String> = [
        shown(Tag::GPSLatitude, Tag::GPSLatitudeRef),
        shown(Tag::GPSLongitude, Tag::GPSLongitudeRef),
    ]
    .into_iter()
    .flatten()
    .collect();
    told.locations.push(place.join(", "));
    if let (Some(lat), Some(lon)) = (lat, lon) {
        told.positions.extend(Position::new(lat, lon));
    }
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

/// Names in XMP under which stands whose a picture is.
const XMP_RIGHTS: [&str; 4] = [
    "dc:rights",
    "xmpRights:Owner",
    "xmpRights:UsageTerms",
    "cc:license",
];

/// Names in XMP under which stands who made a picture.
const XMP_CREATORS: [&str; 2] = ["dc:creator", "photoshop:Credit"];

/// What stands in the XMP packets of a file.
fn xmp_data(bytes: &[u8], told: &mut Told) {
    let mut rest = bytes;
    while let Some(start) = memchr::memmem::find(rest, b"<x:xmpmeta") {
        let packet = &rest[start..];
        let end = memchr::memmem::find(packet, b"</x:xmpmeta>").unwrap_or(packet.len());
        let text = String::from_utf8_lossy(&packet[..end]);
        for (names, into) in [
            (&XMP_PLACES[..], &mut told.locations),
            (&XMP_RIGHTS[..], &mut told.rights),
            (&XMP_CREATORS[..], &mut told.creators),
        ] {
            into.extend(names.iter().flat_map(|name| xmp_values(&text, name)));
        }
        let degrees = |name: &str| {
            let values = xmp_values(&text, name);
            values.first().and_then(|value| xmp_degrees(value))
        };
        let (lat, lon) = (degrees("exif:GPSLatitude"), degrees("exif:GPSLongitude"));
        if let (Some(lat), Some(lon)) = (lat, lon) {
            told.positions.extend(Position::new(lat, lon));
        }
        rest = &packet[end..];
    }
}

/// The values of a property, as an attribute or as an element with or without a list inside.
fn xmp_values(text: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let after = &text[at + name.len()..];
        if let Some(quoted) = after.trim_start().strip_prefix('=') {
            let quoted = quoted.trim_start();
            let mark = quoted.chars().next().filter(|c| matches!(c, '"' | '\''));
            found.extend(mark.and_then(|mark| quoted[1..].split(mark).next()));
        } else if let Some(link) = after.trim_start().strip_prefix("rdf:resource=") {
            found.extend(
                link.get(1..)
                    .and_then(|link| link.split(['"', '\'']).next()),
            );
        } else if text[..at].ends_with('<') && after.starts_with(['>', ' ', '\n', '\r', '\t']) {
            let (_, inside) = after.split_once('>').unwrap_or_default();
            // The words between the marks of its items.
            let element = inside.split(name).next().unwrap_or_default();
            let words = element.split('<').enumerate().map(|(number, part)| {
                if number == 0 {
                    part
                } else {
                    part.split_once('>').map_or("", |(_, words)| words)
                }
            });
            found.extend(words);
        }
    }
    found
        .into_iter()
        .map(|value| match quick_xml::escape::unescape(value.trim()) {
            Ok(plain) => plain.into_owned(),
            Err(_) => value.trim().to_owned(),
        })
        .filter(|value| !value.is_empty())
        .collect()
}

/// Degrees as XMP writes them: `44,24.135N` or `44,24,8.1N`.
fn xmp_degrees(text: &str) -> Option<f64> {
    let text = text.trim();
    let side = text.chars().next_back()?.to_ascii_uppercase();
    let sign = match side {
        'N' | 'E' => 1.0,
        'S' | 'W' => -1.0,
        _ => return None,
    };
    let mut sum = 0.0;
    for (part, share) in text[..text.len() - 1].split(',').zip([1.0, 60.0, 3_600.0]) {
        sum += part.trim().parse::<f64>().ok()? / share;
    }
    Some(sign * sum)
}

/// What stands in the IPTC records of a JPEG.
fn iptc_data(bytes: &[u8], told: &mut Told) {
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
            // City, part of it, province, country; its author, a credit line; the notice of rights.
            let into = match kind {
                90 | 92 | 95 | 101 => Some(&mut told.locations),
                80 | 110 => Some(&mut told.creators),
                116 => Some(&mut told.rights),
                _ => None,
            };
            if let (Some(into), Some(value)) = (into, record.get(3..3 + length)) {
                into.push(String::from_utf8_lossy(value).into_owned());
            }
            rest = record;
        }
    }
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

/// Whether a JPEG goes on to the mark that ends it.
pub(super) fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let parts = jpeg_parts(bytes);
    parts.is_some_and(|parts| parts.last().is_some_and(|scan| picture_end(scan).is_some()))
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
