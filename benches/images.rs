//! How surely marks are recognised, how often other pictures are taken for one, and how fast.
//!
//! `cargo bench --bench images` prints the tables of docs/images.md: flat logos are registered,
//! altered, and looked for; then photographs and logos that are not registered are.
//! `cargo bench --bench images -- speed [PICTURES]` checks drafts with pictures of 12 megapixels.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement prints its figures; drawing is arithmetic on small numbers"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clearpost::image::{Index, Signature, signatures};
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

fn scene() -> &'static RgbImage {
    static SCENE: OnceLock<RgbImage> = OnceLock::new();
    SCENE
        .get_or_init(|| imageops::resize(&photo(999_999), 960, 720, imageops::FilterType::Triangle))
}

fn pasted(picture: &RgbImage, percent: u32) -> RgbImage {
    let mut scene = scene().clone();
    let small = scaled(picture, 96_000 / picture.width() * percent / 100);
    imageops::overlay(&mut scene, &small, 200, 150);
    scene
}

/// White stripes across it that let seven tenths of it through.
fn watermarked(picture: &RgbImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let Rgb(ink) = *picture.get_pixel(x, y);
        let is_mark = (x + y) % 60 < 14 && x % 11 < 7;
        Rgb(if is_mark {
            ink.map(|light| (f32::from(light) * 0.7 + 230.0 * 0.3) as u8)
        } else {
            ink
        })
    })
}

fn saved(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

type Change = fn(&RgbImage) -> Vec<u8>;

const CHANGES: [(&str, Change); 33] = [
    ("none", |p| png(p.clone())),
    ("resized to 25 %", |p| png(scaled(p, 25))),
    ("resized to 50 %", |p| png(scaled(p, 50))),
    ("resized to 75 %", |p| png(scaled(p, 75))),
    ("resized to 200 %", |p| png(scaled(p, 200))),
    ("JPEG, quality 95", |p| jpeg(p, 95)),
    ("JPEG, quality 75", |p| jpeg(p, 75)),
    ("JPEG, quality 50", |p| jpeg(p, 50)),
    ("JPEG, quality 30", |p| jpeg(p, 30)),
    ("JPEG, quality 50, at 25 %", |p| jpeg(&scaled(p, 25), 50)),
    ("WebP, lossless", |p| saved(p, ImageFormat::WebP)),
    ("GIF, 256 colours", |p| saved(p, ImageFormat::Gif)),
    ("BMP", |p| saved(p, ImageFormat::Bmp)),
    ("cropped: 1 % off each edge", |p| png(cropped(p, 10))),
    ("cropped: 2.5 % off each edge", |p| png(cropped(p, 25))),
    ("cropped: 5 % off each edge", |p| png(cropped(p, 50))),
    ("cropped: 10 % off each edge", |p| png(cropped(p, 100))),
    ("white border, 10 % each edge", |p| {
        png(bordered(p, 10, [255; 3]))
    }),
    ("blue border, 10 % each edge", |p| {
        png(bordered(p, 10, [20, 60, 120]))
    }),
    ("blue border, JPEG 50", |p| {
        jpeg(&bordered(p, 10, [20, 60, 120]), 50)
    }),
    ("greyscale", |p| {
        png(DynamicImage::from(imageops::grayscale(p)).to_rgb8())
    }),
    ("20 % brighter", |p| png(imageops::brighten(p, 51))),
    ("20 % darker", |p| png(imageops::brighten(p, -51))),
    ("a quarter turn", |p| png(imageops::rotate90(p))),
    ("a half turn", |p| png(imageops::rotate180(p))),
    ("mirrored", |p| png(imageops::flip_horizontal(p))),
    ("watermark", |p| png(watermarked(p))),
    ("turned by 1°", |p| png(rotated(p, 1.0))),
    ("turned by 2°", |p| png(rotated(p, 2.0))),
    ("turned by 5°", |p| png(rotated(p, 5.0))),
    ("pasted, 10 % of a scene’s width", |p| png(pasted(p, 10))),
    ("pasted, 25 % of a scene’s width", |p| png(pasted(p, 25))),
    ("pasted, 50 % of a scene’s width", |p| png(pasted(p, 50))),
];

/// `make` of every number below `count`, in order, made by two threads.
fn all<T: Send>(count: u32, make: impl Fn(u32) -> T + Sync) -> Vec<T> {
    let middle = count / 2;
    std::thread::scope(|scope| {
        let first = scope.spawn(|| (0..middle).map(&make).collect::<Vec<T>>());
        let second: Vec<T> = (middle..count).map(&make).collect();
        first.join().unwrap().into_iter().chain(second).collect()
    })
}

fn index(marks: &[Vec<Signature>]) -> Index {
    let mut index = Index::default();
    for (number, signatures) in marks.iter().enumerate() {
        for signature in signatures {
            index.add(signature.clone(), number);
        }
    }
    index
}

fn recognised(most: u32) {
    let marks = all(most, |seed| signatures(&png(logo(seed + 1))).unwrap());
    let sizes: Vec<usize> = [100, 1_000, 10_000]
        .into_iter()
        .filter(|size| *size <= marks.len())
        .collect();
    let indexes: Vec<Index> = sizes.iter().map(|size| index(&marks[..*size])).collect();
    println!("| change | of 100 marks | of 1,000 marks |\n|---|---|---|");
    for (name, change) in CHANGES {
        let known: Vec<(bool, bool)> = all(1_000, |number| {
            let seen = signatures(&change(&logo(number + 1))).unwrap();
            let known = |index: &Index| {
                let found = seen.iter().flat_map(|picture| index.find(picture));
                found.into_iter().any(|found| found.of == number as usize)
            };
            (number < 100 && known(&indexes[0]), known(&indexes[1]))
        });
        let hundred = known.iter().filter(|(first, _)| *first).count();
        let thousand = known.iter().filter(|(_, second)| *second).count() as f32 / 10.0;
        println!("| {name} | {hundred} % | {thousand:.1} % |");
    }
    println!("\n| marks | of 2,000 photographs | of 2,000 other logos | to look one up |");
    println!("|---|---|---|---|");
    let others: Vec<Vec<Vec<Signature>>> = [photo as fn(u32) -> RgbImage, logo]
        .into_iter()
        .map(|draw| {
            all(2_000, |seed| {
                signatures(&png(draw(10_000_000 + seed))).unwrap()
            })
        })
        .collect();
    for (size, index) in sizes.iter().zip(&indexes) {
        let (mut wrong, mut took) = ([0; 2], Duration::ZERO);
        for (wrong, pictures) in wrong.iter_mut().zip(&others) {
            for seen in pictures {
                let started = Instant::now();
                let found = seen.iter().any(|picture| !index.find(picture).is_empty());
                took += started.elapsed();
                *wrong += u32::from(found);
            }
        }
        let [photos, logos] = wrong;
        println!("| {size} | {photos} | {logos} | {:.2?} |", took / 4_000);
    }
}

/// A picture of 12 megapixels with fine grain, as a telephone takes it.
fn large(seed: u32) -> Vec<u8> {
    let small = photo(seed);
    let mut picture = imageops::resize(&small, 4_000, 3_000, imageops::FilterType::Triangle);
    let mut random = Random::new(seed);
    for pixel in picture.pixels_mut() {
        let grain = random.byte() & 7;
        *pixel = Rgb(pixel.0.map(|light| light.saturating_add(grain)));
    }
    jpeg(&picture, 85)
}

/// Checks drafts with large pictures: one picture a draft, and all of them in one draft.
fn speed(pictures: u32) {
    let site = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = site.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let marks = all(10, |seed| signatures(&png(logo(seed + 1))).unwrap());
    let mut registry = "assets:\n".to_owned();
    for (number, mark) in marks.iter().enumerate() {
        let hash = mark[0].written();
        writeln!(
            registry,
            "  - {{id: m{number}, kind: logo, protected: true, hash: {hash}}}"
        )
        .unwrap();
    }
    write("assets.yaml", registry.as_bytes());
    write(
        "clearpost.yaml",
        b"assets: assets.yaml\npacks: [own.yaml]\n",
    );
    write(
        "own.yaml",
        b"pack: own\npolicy: builtin:social-media\nrules:\n\
          \x20 - {id: mark, clause: SMP-4.4, message: 'shows {asset}', image: {mark: any}}\n\
          \x20 - {id: place, clause: SMP-4.1, message: 'taken at {location}', image: {location: absent}}\n",
    );
    // Twenty drawings; each file has a comment of its own, so that no two are the same.
    let drawn = all(20, large);
    let (mut total, mut every) = (0, String::new());
    for number in 0..pictures {
        let plain = &drawn[number as usize % drawn.len()];
        let mut bytes = plain[..2].to_vec();
        bytes.extend(b"\xFF\xFE\x00\x0A");
        bytes.extend(format!("{number:08}").bytes());
        bytes.extend(&plain[2..]);
        total += bytes.len();
        write(&format!("apart/{number}.jpg"), &bytes);
        write(
            &format!("apart/{number}.md"),
            format!("![A pier]({number}.jpg)\n").as_bytes(),
        );
        write!(every, "![A pier](../apart/{number}.jpg)\n\n").unwrap();
    }
    write("together/all.md", every.as_bytes());
    println!(
        "{pictures} JPEGs of 12 megapixels, {} MB",
        total / 1_000_000
    );
    for (folder, what) in [("apart", "a draft each"), ("together", "all in one draft")] {
        let started = Instant::now();
        let done = Command::new(env!("CARGO_BIN_EXE_clearpost"))
            .args(["check", folder, "--format", "json"])
            .current_dir(site.path())
            .output()
            .unwrap();
        let took = started.elapsed();
        let status = done.status.code();
        assert_eq!(status, Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        println!("{what}: {took:.1?}");
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = words.iter().find_map(|word| word.parse::<u32>().ok());
    if words.iter().any(|word| word == "speed") {
        speed(number.unwrap_or(200));
    } else {
        recognised(number.unwrap_or(10_000).max(1_000));
    }
}
