//! Pictures as their files hold them: what they look like, within limits on size and memory.

use std::io::Cursor;

use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::metadata::is_whole_jpeg;
use super::signature::Signature;

/// The longest edge at which a picture is compared.
const LONGEST: u32 = 256;

/// More pixels than this are not decoded.
const MOST_PIXELS: u64 = 80_000_000;

/// No decoder may take more memory than this.
const MOST_MEMORY: u64 = 512 << 20;

/// Of a moving picture so many frames are looked at, the first ones.
const MOST_FRAMES: usize = 32;

/// Why a picture cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum DecodeError {
    /// Not a picture in a format that is read.
    #[error("this is no picture that can be looked at: {reason}")]
    #[diagnostic(
        code(clearpost::image::undecodable),
        help("save it as PNG, JPEG, WebP, GIF or BMP, or take it out")
    )]
    Undecodable {
        /// What the decoder says.
        reason: String,
    },
    /// More than is safe to look at.
    #[error("this picture has {width} × {height} pixels, which is too much to look at")]
    #[diagnostic(
        code(clearpost::image::too_large),
        help("make it smaller: no channel shows that many")
    )]
    TooLarge {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// More frames than are looked at.
    #[error("this moving picture has more than {MOST_FRAMES} frames, or too large ones")]
    #[diagnostic(
        code(clearpost::image::too_many_frames),
        help("look at it yourself, or cut it: only the first frames were looked at")
    )]
    TooManyFrames,
    /// Data about the picture that do not read.
    #[error("what this picture’s file tells about it is damaged, and may tell a place")]
    #[diagnostic(
        code(clearpost::image::damaged_metadata),
        help("`clearpost assets strip FILE` takes it out and leaves the picture as it is")
    )]
    DamagedMetadata,
}

/// What a picture looks like: a signature for each background and each frame.
///
/// # Errors
///
/// If it is no picture that can be decoded in full, or is too large.
pub fn signatures(bytes: &[u8]) -> Result<Vec<Signature>, DecodeError> {
    let undecodable = |error: &dyn std::fmt::Display| DecodeError::Undecodable {
        reason: error.to_string(),
    };
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| undecodable(&error))?;
    let format = reader.format();
    if format.is_none() {
        return Err(undecodable(&"its first bytes are those of no picture"));
    }
    // The decoder fills up what is missing with grey.
    if format == Some(ImageFormat::Jpeg) && !is_whole_jpeg(bytes) {
        return Err(undecodable(&"it ends too early"));
    }
    let mut decoder = reader.into_decoder().map_err(|error| undecodable(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(DecodeError::TooLarge { width, height });
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    decoder
        .set_limits(limits.clone())
        .map_err(|error| undecodable(&error))?;
    let mut found = Vec::new();
    match format {
        Some(ImageFormat::Gif) => {
            let mut gif = image::codecs::gif::GifDecoder::new(Cursor::new(bytes))
                .map_err(|error| undecodable(&error))?;
            gif.set_limits(limits)
                .map_err(|error| undecodable(&error))?;
            frames(gif, &mut found)?;
        }
        Some(ImageFormat::WebP) => {
            let webp = image::codecs::webp::WebPDecoder::new(Cursor::new(bytes))
                .map_err(|error| undecodable(&error))?;
            if webp.has_animation() {
                frames(webp, &mut found)?;
            } else {
                let still = DynamicImage::from_decoder(decoder);
                look(&still.map_err(|error| undecodable(&error))?, &mut found);
            }
        }
        _ => {
            let still = DynamicImage::from_decoder(decoder);
            look(&still.map_err(|error| undecodable(&error))?, &mut found);
        }
    }
    Ok(found)
}

fn frames<'d>(
    decoder: impl AnimationDecoder<'d>,
    found: &mut Vec<Signature>,
) -> Result<(), DecodeError> {
    let mut pixels = 0;
    for (number, frame) in decoder.into_frames().enumerate() {
        let frame = frame.map_err(|error| DecodeError::Undecodable {
            reason: error.to_string(),
        })?;
        let (width, height) = frame.buffer().dimensions();
        pixels += u64::from(width) * u64::from(height);
        if number == MOST_FRAMES || pixels > 4 * MOST_PIXELS {
            return Err(DecodeError::TooManyFrames);
        }
        let before = found.len();
        look(&DynamicImage::ImageRgba8(frame.into_buffer()), found);
        // Most frames show what the one before did.
        for at in (before..found.len()).rev() {
            if found[..before].contains(&found[at]) {
                found.remove(at);
            }
        }
    }
    Ok(())
}

/// Adds what a picture looks like: on white, and on black if parts of it are transparent.
fn look(picture: &DynamicImage, found: &mut Vec<Signature>) {
    let small = if picture.width().max(picture.height()) > LONGEST {
        picture.thumbnail(LONGEST, LONGEST)
    } else {
        picture.clone()
    };
    let rgba = small.to_rgba8();
    let width = rgba.width() as usize;
    let has_alpha = rgba.pixels().any(|pixel| pixel.0[3] < 250);
    let backgrounds: &[f32] = if has_alpha { &[255.0, 0.0] } else { &[255.0] };
    for background in backgrounds {
        let grey: Vec<f32> = rgba
            .pixels()
            .map(|pixel| {
                let [red, green, blue, alpha] = pixel.0.map(f32::from);
                let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
                grey * (alpha / 255.0) + background * (1.0 - alpha / 255.0)
            })
            .collect();
        found.extend(Signature::of(&grey, width));
    }
}
