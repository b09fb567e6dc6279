//! How surely marks are recognised, and how often other pictures are taken for one.
//!
//! `cargo bench --bench images -- [MARKS] [OTHERS]` prints the table of docs/images.md: flat logos
//! are registered, altered, and looked for; then photographs and logos that are not registered are.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement prints its figures; drawing is arithmetic on small numbers"
)]

use std::io::Cursor;
use std::time::Instant;

use clearpost::image::{Index, signatures};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};

struct Random(u32);

impl Random {
    fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9) | 1)
    }

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

/// A flat logo on white: discs, bars and frames.
fn logo(seed: u32) -> RgbImage {
    let mut random = Random::new(seed);
    let (width, height) = (240 + random.next() % 160, 160 + random.next() % 160);
    let mut picture = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    for _ in 0..3 + random.next() % 6 {
        let (cx, cy) = (
            random.upto(100) / 100.0 * width as f32,
            random.upto(100) / 100.0 * height as f32,
        );
        let (w, h) = (8.0 + random.upto(70), 8.0 + random.upto(60));
        let ink = Rgb([random.byte(), random.byte(), random.byte() / 2]);
        let form = random.next() % 3;
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let (dx, dy) = ((x as f32 - cx).abs() / w, (y as f32 - cy).abs() / h);
            let inside = match form {
                0 => dx * dx + dy * dy < 1.0,
                1 => dx.max(dy) < 1.0,
                _ => dx.max(dy) < 1.0 && dx.max(dy) > 0.7,
            };
            if inside {
                *pixel = ink;
            }
        }
    }
    picture
}

/// Something like a photograph: soft light, a horizon, noise.
fn photo(seed: u32) -> RgbImage {
    let mut random = Random::new(seed ^ 0x5EED_0000);
    let lights: Vec<[f32; 4]> = (0..4 + random.next() % 12)
        .map(|_| {
            [
                random.upto(320),
                random.upto(240),
                10.0 + random.upto(120),
                random.upto(400) - 200.0,
            ]
        })
        .collect();
    let (horizon, step) = (random.upto(240), random.upto(120) - 60.0);
    RgbImage::from_fn(320, 240, |x, y| {
        let mut light = 128.0 + if (y as f32) < horizon { step } else { 0.0 };
        for [cx, cy, reach, strength] in &lights {
            let (dx, dy) = (x as f32 - cx, y as f32 - cy);
            light += strength * (-(dx * dx + dy * dy) / (reach * reach)).exp();
        }
        light += random.upto(16);
        Rgb([light.clamp(0.0, 255.0) as u8; 3])
    })
}

fn png(picture: RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(picture);
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

fn scaled(picture: &RgbImage, percent: u32) -> RgbImage {
    let (width, height) = (
        picture.width() * percent / 100,
        picture.height() * percent / 100,
    );
    imageops::resize(picture, width, height, imageops::FilterType::Triangle)
}

/// Without so many thousandths of the width and height at each edge.
fn cropped(picture: &RgbImage, share: u32) -> RgbImage {
    let (x, y) = (
        picture.width() * share / 1000,
        picture.height() * share / 1000,
    );
    imageops::crop_imm(
        picture,
        x,
        y,
        picture.width() - 2 * x,
        picture.height() - 2 * y,
    )
    .to_image()
}

fn bordered(picture: &RgbImage, percent: u32, ink: [u8; 3]) -> RgbImage {
    let (x, y) = (
        picture.width() * percent / 100,
        picture.height() * percent / 100,
    );
    let mut page =
        RgbImage::from_pixel(picture.width() + 2 * x, picture.height() + 2 * y, Rgb(ink));
    imageops::overlay(&mut page, picture, i64::from(x), i64::from(y));
    page
}

fn rotated(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (dx, dy) = (x as f32 - cx, y as f32 - cy);
        let (sx, sy) = (cx + dx * cos + dy * sin, cy - dx * sin + dy * cos);
        picture
            .get_pixel_checked(sx.max(0.0) as u32, sy.max(0.0) as u32)
            .copied()
            .unwrap_or(Rgb([255; 3]))
    })
}

fn pasted(picture: &RgbImage, percent: u32) -> RgbImage {
    let mut scene = imageops::resize(&photo(999_999), 960, 720, imageops::FilterType::Triangle);
    let small = scaled(picture, 96_000 / picture.width() * percent / 100);
    imageops::overlay(&mut scene, &small, 200, 150);
    scene
}

type Change = fn(&RgbImage) -> Vec<u8>;

const CHANGES: [(&str, Change); 28] = [
    ("as it is", |p| png(p.clone())),
    ("25 %", |p| png(scaled(p, 25))),
    ("50 %", |p| png(scaled(p, 50))),
    ("200 %", |p| png(scaled(p, 200))),
    ("JPEG 95", |p| jpeg(p, 95)),
    ("JPEG 75", |p| jpeg(p, 75)),
    ("JPEG 50", |p| jpeg(p, 50)),
    ("JPEG 30", |p| jpeg(p, 30)),
    ("JPEG 50 at 25 %", |p| jpeg(&scaled(p, 25), 50)),
    ("cut 2 % in all", |p| png(cropped(p, 10))),
    ("cut 5 % in all", |p| png(cropped(p, 25))),
    ("cut 5 % at each edge", |p| png(cropped(p, 50))),
    ("cut 10 % at each edge", |p| png(cropped(p, 100))),
    ("white border 10 %", |p| png(bordered(p, 10, [255; 3]))),
    ("blue border 10 %", |p| png(bordered(p, 10, [20, 60, 120]))),
    ("blue border, JPEG 50", |p| {
        jpeg(&bordered(p, 10, [20, 60, 120]), 50)
    }),
    ("greyscale", |p| {
        png(DynamicImage::from(imageops::grayscale(p)).to_rgb8())
    }),
    ("20 % brighter", |p| png(imageops::brighten(p, 51))),
    ("20 % darker", |p| png(imageops::brighten(p, -51))),
    ("quarter turn", |p| png(imageops::rotate90(p))),
    ("half turn", |p| png(imageops::rotate180(p))),
    ("mirrored", |p| png(imageops::flip_horizontal(p))),
    ("turned by 1°", |p| png(rotated(p, 1.0))),
    ("turned by 2°", |p| png(rotated(p, 2.0))),
    ("turned by 5°", |p| png(rotated(p, 5.0))),
    ("pasted, 10 % of a scene", |p| png(pasted(p, 10))),
    ("pasted, 25 % of a scene", |p| png(pasted(p, 25))),
    ("pasted, 50 % of a scene", |p| png(pasted(p, 50))),
];

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<u32>().ok());
    let marks = numbers.next().unwrap_or(1_000);
    let others = numbers.next().unwrap_or(2_000);
    let mut index = Index::default();
    let registered: Vec<RgbImage> = (1..=marks).map(logo).collect();
    for (number, mark) in registered.iter().enumerate() {
        for signature in signatures(&png(mark.clone())).unwrap() {
            index.add(signature, number);
        }
    }
    println!("| change | recognised of {marks} |\n|---|---|");
    for (name, change) in CHANGES {
        let known = registered.iter().enumerate().filter(|(number, mark)| {
            let seen = signatures(&change(mark)).unwrap();
            seen.iter()
                .any(|picture| index.find(picture).iter().any(|found| found.of == *number))
        });
        let share = known.count() as f32 * 100.0 / registered.len() as f32;
        println!("| {name} | {share:.1} % |");
    }
    for (name, draw) in [
        ("photographs", photo as fn(u32) -> RgbImage),
        ("other logos", logo),
    ] {
        let mut wrong = 0;
        let mut took = std::time::Duration::ZERO;
        for seed in 0..others {
            let seen = signatures(&png(draw(10_000_000 + seed))).unwrap();
            let started = Instant::now();
            wrong += u32::from(seen.iter().any(|picture| !index.find(picture).is_empty()));
            took += started.elapsed();
        }
        let each = took / others.max(1);
        println!("{others} {name}: {wrong} taken for a mark, {each:.1?} to look one up");
    }
}
