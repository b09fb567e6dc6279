//! Pictures for tests: drawn, never downloaded.

#![allow(
    dead_code,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "each test uses what it needs of this; drawing is arithmetic on small numbers"
)]

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage, imageops};

/// A logo on a transparent ground that no other number gives.
pub(crate) fn logo(seed: u32) -> RgbaImage {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9) | 1);
    let mut picture = RgbaImage::new(240, 180);
    for _ in 0..7 {
        let (cx, cy) = (random.upto(240), random.upto(180));
        let (w, h) = (12.0 + random.upto(50), 12.0 + random.upto(40));
        let color = Rgba([random.byte(), random.byte(), random.byte() / 2, 255]);
        let round = random.byte() > 127;
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let (dx, dy) = ((x as f32 - cx).abs() / w, (y as f32 - cy).abs() / h);
            let inside = if round {
                dx * dx + dy * dy < 1.0
            } else {
                dx.max(dy) < 1.0
            };
            if inside {
                *pixel = color;
            }
        }
    }
    picture
}

/// Something like a photograph: soft light and noise.
pub(crate) fn photo(seed: u32) -> RgbImage {
    let mut random = Random(seed.wrapping_mul(0x85EB_CA6B) | 1);
    let lights: Vec<[f32; 4]> = (0..9)
        .map(|_| {
            [
                random.upto(320),
                random.upto(240),
                20.0 + random.upto(90),
                random.upto(400) - 200.0,
            ]
        })
        .collect();
    RgbImage::from_fn(320, 240, |x, y| {
        let mut light = 128.0;
        for [cx, cy, reach, strength] in &lights {
            let (dx, dy) = (x as f32 - cx, y as f32 - cy);
            light += strength * (-(dx * dx + dy * dy) / (reach * reach)).exp();
        }
        light += random.upto(12);
        let grey = light.clamp(0.0, 255.0) as u8;
        Rgb([grey, grey.saturating_sub(20), grey / 2 + 60])
    })
}

struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn upto(&mut self, most: u16) -> f32 {
        (self.next() >> 8) as f32 / 16_777_216.0 * f32::from(most)
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 16) as u8
    }
}

pub(crate) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

pub(crate) fn on_white(picture: &RgbaImage) -> RgbImage {
    let mut page = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    imageops::overlay(&mut page, picture, 0, 0);
    DynamicImage::ImageRgba8(page).to_rgb8()
}

/// A JPEG that tells where it was taken, in EXIF data with an orientation, and in IPTC data.
pub(crate) fn located(picture: &RgbImage) -> Vec<u8> {
    let plain = jpeg(picture, 80);
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0");
    tiff.extend(b"\0\x04");
    tiff.extend(b"\0\x01\0\x02\0\0\0\x02N\0\0\0");
    tiff.extend(b"\0\x02\0\x05\0\0\0\x03\0\0\0\x5c");
    tiff.extend(b"\0\x03\0\x02\0\0\0\x02E\0\0\0");
    tiff.extend(b"\0\x04\0\x05\0\0\0\x03\0\0\0\x74");
    tiff.extend([0; 4]);
    for number in [44_u32, 1, 24, 1, 0, 1, 8, 1, 50, 1, 0, 1] {
        tiff.extend(number.to_be_bytes());
    }
    let mut made = plain[..2].to_vec();
    let mut add = |kind: u8, body: &[u8]| {
        made.extend([0xFF, kind]);
        made.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        made.extend(body);
    };
    add(0xE1, &[b"Exif\0\0", tiff.as_slice()].concat());
    add(0xE2, b"ICC_PROFILE\0\x01\x01 a profile");
    add(
        0xED,
        b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x5a\0\x07Bologna",
    );
    add(0xFE, b"by a person");
    made.extend(&plain[2..]);
    made
}
