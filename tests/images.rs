//! Pictures that drafts use: which are approved, which show a mark, which tell where they were taken.
//!
//! Every picture is drawn here.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test says what went wrong and stops; drawing is arithmetic on small numbers"
)]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage, imageops};
use serde_json::Value;

const NOW: &str = "2026-11-23T09:00:00Z";

struct Site(tempfile::TempDir);

impl Site {
    /// A repository with a rule for each thing that `image:` asks.
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::create_dir(site.path(".git")).unwrap();
        site.write(
            "clearpost.yaml",
            "assets: brand/assets.yaml\npacks: [own.yaml]\n",
        );
        site.write(
            "own.yaml",
            "pack: own\npolicy: builtin:social-media\nrules:\n\
             \x20 - {id: alt, clause: SMP-4.5, message: 'say what it shows', image: {alt: required}}\n\
             \x20 - {id: approved, clause: SMP-4.2, message: 'not approved: {reason}', image: {approved: true}}\n\
             \x20 - {id: mark, clause: SMP-4.4, message: 'shows {asset}, distance {distance}', image: {mark: any}}\n\
             \x20 - {id: place, clause: SMP-4.1, message: 'taken at {location}', image: {location: absent}}\n",
        );
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_clearpost"))
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("CLEARPOST_NOW", NOW)
            .output()
            .unwrap()
    }

    fn assets(&self, args: &[&str]) -> String {
        let all: Vec<&str> = [&["assets"], args].concat();
        let output = self.run(&all);
        format!(
            "{}{}{}",
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap()
        )
    }

    /// Exit status, then rule, matched words and message of each finding, then codes of problems.
    fn check(&self, draft: &str) -> (i32, Vec<[String; 3]>, Vec<String>) {
        let output = self.run(&["check", "--format", "json", draft]);
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = |key: &str| json[key].as_array().unwrap().clone();
        let findings = all("findings")
            .iter()
            .map(|f| [text(&f["rule"]), text(&f["match"]), text(&f["message"])])
            .collect();
        let problems = all("problems").iter().map(|p| text(&p["code"])).collect();
        (output.status.code().unwrap(), findings, problems)
    }

    /// The rules that find something in a draft with the picture at `target`.
    fn found(&self, target: &str) -> Vec<String> {
        self.write("posts/d.md", format!("![A pier]({target})\n"));
        let (_, findings, problems) = self.check("posts/d.md");
        assert!(problems.is_empty(), "{target}: {problems:?}");
        findings.into_iter().map(|[rule, ..]| rule).collect()
    }
}

/// A logo on a transparent ground that no other number gives.
fn logo(seed: u32) -> RgbaImage {
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
fn photo(seed: u32) -> RgbImage {
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

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

fn on_white(picture: &RgbaImage) -> RgbImage {
    let mut page = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    imageops::overlay(&mut page, picture, 0, 0);
    DynamicImage::ImageRgba8(page).to_rgb8()
}

/// A JPEG that tells where it was taken, in EXIF data with an orientation, and in IPTC data.
fn located(picture: &RgbImage) -> Vec<u8> {
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

#[test]
fn the_registry_is_kept_on_the_command_line() {
    let site = Site::new();
    site.write("brand/own.png", encoded(&logo(1).into(), ImageFormat::Png));
    site.write(
        "elsewhere/acme.png",
        encoded(&logo(2).into(), ImageFormat::Png),
    );
    let first = site.assets(&["add", "brand/own.png", "--kind", "logo", "--id", "own"]);
    assert_eq!(first, "0added own to brand/assets.yaml\n");
    let second = [
        "add",
        "elsewhere/acme.png",
        "--kind",
        "logo",
        "--protected",
        "--id",
        "acme",
    ];
    assert!(site.assets(&second).starts_with('0'));
    assert!(site.assets(&second).starts_with('2'), "an id is given once");
    let text = fs::read_to_string(site.path("brand/assets.yaml")).unwrap();
    assert!(text.contains("file: 'own.png'"), "{text}");
    assert!(
        !text.contains("acme.png"),
        "only files beside the registry are named"
    );
    assert_eq!(
        site.assets(&["list"]),
        "0own  logo  own.png\nacme  logo  protected\n2 pictures\n"
    );
    assert_eq!(site.assets(&["check"]), "02 pictures, 0 to look after\n");
    let hash = site.assets(&["hash", "brand/own.png"]);
    assert!(hash.starts_with("0sha256: ") && text.contains(hash[1..].lines().next().unwrap()));
    site.write("brand/own.png", encoded(&logo(3).into(), ImageFormat::Png));
    assert!(
        site.assets(&["check"])
            .starts_with("1own: own.png is not what was registered")
    );
    fs::remove_file(site.path("brand/own.png")).unwrap();
    assert!(
        site.assets(&["check"])
            .starts_with("1own: there is no file own.png")
    );
    site.write("broken.png", b"\x89PNG\r\n\x1a\nno");
    let broken = ["add", "broken.png", "--kind", "photo", "--id", "b"];
    assert!(site.assets(&broken).starts_with('2'));
    let own = [
        "add",
        "elsewhere/acme.png",
        "--kind",
        "photo",
        "--id",
        "x",
        "--registry",
        "new.yaml",
    ];
    assert!(site.assets(&own).starts_with('0'));
}

#[test]
fn an_entry_goes_where_the_list_is() {
    for (before, after) in [
        ("", "assets:\n  - id: 'x'"),
        ("assets: []\n", "assets:\n  - id: 'x'"),
        ("assets: []\nversion: 1\n", "assets:\n  - id: 'x'"),
        (
            "# ours\nassets:\n- id: a # first\n  kind: photo\n  sha256: 0000000000000000000000000000000000000000000000000000000000000000\napproved_prefixes: [/a]\n",
            "0000\n- id: 'x'",
        ),
    ] {
        let site = Site::new();
        site.write("p.png", encoded(&logo(1).into(), ImageFormat::Png));
        site.write("r.yaml", before);
        let args = [
            "add",
            "p.png",
            "--kind",
            "logo",
            "--id",
            "x",
            "--registry",
            "r.yaml",
        ];
        assert!(site.assets(&args).starts_with('0'), "{before}");
        let text = fs::read_to_string(site.path("r.yaml")).unwrap();
        assert!(text.contains(after), "{text}");
        for line in before.lines().filter(|line| !line.starts_with("assets:")) {
            assert!(text.contains(line), "{text}");
        }
    }
}

/// A site with an approved photograph and a protected logo among others.
fn branded() -> Site {
    let site = Site::new();
    site.write("brand/photo.jpg", jpeg(&photo(1), 92));
    site.write("brand/old.jpg", jpeg(&photo(2), 92));
    site.write("brand/people.jpg", jpeg(&photo(3), 92));
    site.write("acme.png", encoded(&logo(5).into(), ImageFormat::Png));
    for (file, kind, id) in [
        ("brand/photo.jpg", "photo", "photo"),
        ("brand/old.jpg", "photo", "old"),
        ("brand/people.jpg", "people", "people"),
    ] {
        let done = site.assets(&["add", file, "--kind", kind, "--id", id]);
        assert!(done.starts_with('0'), "{done}");
    }
    let mark = [
        "add",
        "acme.png",
        "--kind",
        "logo",
        "--protected",
        "--id",
        "acme",
    ];
    assert!(site.assets(&mark).starts_with('0'));
    fs::remove_file(site.path("acme.png")).unwrap();
    let path = site.path("brand/assets.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replace("id: 'old'", "id: 'old'\n    expires: 2026-10-31")
        .replace("id: 'acme'", "id: 'acme'\n    owner: Acme Corp");
    fs::write(path, format!("{text}approved_prefixes: [/library/]\n")).unwrap();
    site
}

#[test]
fn approved_pictures_are_known_by_what_they_show() {
    let site = branded();
    let none: &[&str] = &[];
    assert_eq!(site.found("/brand/photo.jpg"), none, "the very file");
    site.write(
        "posts/renamed.webp",
        encoded(&photo(1).into(), ImageFormat::WebP),
    );
    assert_eq!(site.found("renamed.webp"), none, "in another format");
    site.write("posts/own.jpg", jpeg(&photo(9), 90));
    assert_eq!(site.found("own.jpg"), ["own/approved"]);
    assert_eq!(site.found("../brand/old.jpg"), ["own/approved"]);
    assert_eq!(site.found("../brand/people.jpg"), ["own/approved"]);
    assert_eq!(site.found("https://pics.example/a.jpg"), ["own/approved"]);
    site.write("static/library/new.jpg", jpeg(&photo(10), 90));
    assert_eq!(site.found("/library/new.jpg"), none, "in the library");
    site.write(
        "posts/d.md",
        "![A pier](../brand/old.jpg) ![B](nowhere.jpg)\n",
    );
    let (status, findings, _) = site.check("posts/d.md");
    assert_eq!(status, 1);
    let messages: Vec<&str> = findings.iter().map(|[_, _, m]| m.as_str()).collect();
    assert_eq!(
        messages,
        [
            "not approved: the licence of `old` is over",
            "there is no file “nowhere.jpg”: correct the address, or add the picture"
        ]
    );
}

#[test]
fn a_protected_mark_is_seen_whatever_the_file_is_called() {
    let site = branded();
    let mark = on_white(&logo(5));
    let small = imageops::resize(&mark, 60, 45, imageops::FilterType::Triangle);
    let mut bordered = RgbImage::from_pixel(288, 216, Rgb([20, 60, 120]));
    imageops::overlay(&mut bordered, &mark, 24, 18);
    let cropped = imageops::crop_imm(&mark, 6, 4, 228, 172).to_image();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a.jpg", jpeg(&mark, 50)),
        ("b.png", encoded(&small.into(), ImageFormat::Png)),
        ("c.jpg", jpeg(&bordered, 80)),
        ("d.webp", encoded(&cropped.into(), ImageFormat::WebP)),
        (
            "e.bmp",
            encoded(&imageops::rotate90(&mark).into(), ImageFormat::Bmp),
        ),
        (
            "f.gif",
            encoded(&imageops::flip_horizontal(&mark).into(), ImageFormat::Gif),
        ),
        (
            "g.jpg",
            encoded(
                &DynamicImage::from(imageops::grayscale(&mark)),
                ImageFormat::Png,
            ),
        ),
        ("h.png", encoded(&logo(5).into(), ImageFormat::Png)),
    ];
    for (name, bytes) in cases {
        site.write(&format!("posts/{name}"), bytes);
        assert_eq!(site.found(name), ["own/mark"], "{name}");
    }
    site.write(
        "posts/other.png",
        encoded(&logo(77).into(), ImageFormat::Png),
    );
    assert_eq!(site.found("other.png"), ["own/approved"]);
}

#[test]
fn a_place_in_a_file_is_told_and_can_be_taken_out() {
    let site = branded();
    let bytes = located(&photo(11));
    site.write("static/library/here.jpg", &bytes);
    assert_eq!(site.found("/library/here.jpg"), ["own/place"]);
    let (_, findings, _) = site.check("posts/d.md");
    assert!(findings[0][2].contains("44 deg 24 min"), "{findings:?}");
    assert!(findings[0][2].contains("Bologna"), "{findings:?}");
    let said = site.assets(&["strip", "static/library/here.jpg"]);
    assert!(
        said.contains("bytes taken out, 2 places among them"),
        "{said}"
    );
    assert!(site.found("/library/here.jpg").is_empty());
    let after = fs::read(site.path("static/library/here.jpg")).unwrap();
    let has = |what: &[u8]| after.windows(what.len()).any(|part| part == what);
    assert!(has(b"ICC_PROFILE") && !has(b"Bologna") && !has(b"by a person"));
    let turned = exif_orientation(&after);
    assert_eq!(turned, Some(6), "the orientation stays");
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
    assert_eq!(pixels(&bytes), pixels(&after));
    let said = site.assets(&["strip", "static/library/here.jpg"]);
    assert!(said.contains("nothing to take out"), "{said}");
}

fn exif_orientation(bytes: &[u8]) -> Option<u32> {
    let exif = exif::Reader::new()
        .read_from_container(&mut Cursor::new(bytes))
        .ok()?;
    exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?
        .value
        .get_uint(0)
}

#[test]
fn stripping_leaves_every_pixel_of_every_format() {
    let site = Site::new();
    let picture: DynamicImage = logo(4).into();
    let mut png = encoded(&picture, ImageFormat::Png);
    // A text after the header, with its check sum.
    let mut chunk = b"tEXtAuthor\0A person".to_vec();
    let mut crc = flate2::Crc::new();
    crc.update(&chunk);
    chunk.extend(crc.sum().to_be_bytes());
    let length = u32::try_from(chunk.len() - 8).unwrap().to_be_bytes();
    png.splice(33..33, length.into_iter().chain(chunk));
    let mut gif = encoded(&picture, ImageFormat::Gif);
    let end = gif.len() - 1;
    gif.splice(end..end, *b"\x21\xFE\x08A person\0");
    let mut webp = encoded(&picture, ImageFormat::WebP);
    webp.extend(b"XMP \x08\0\0\0A person");
    let length = u32::try_from(webp.len() - 8).unwrap().to_le_bytes();
    webp[4..8].copy_from_slice(&length);
    for (name, bytes) in [("a.png", png), ("a.gif", gif), ("a.webp", webp)] {
        site.write(name, &bytes);
        let said = site.assets(&["strip", name]);
        assert!(said.starts_with('0'), "{said}");
        let after = fs::read(site.path(name)).unwrap();
        assert!(!after.windows(8).any(|part| part == b"A person"), "{name}");
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgba8();
        assert_eq!(pixels(&bytes), pixels(&after), "{name}");
        for cut in [9, bytes.len() / 2, bytes.len() - 2] {
            site.write("cut", &bytes[..cut]);
            if site.assets(&["strip", "cut"]).starts_with('2') {
                assert_eq!(fs::read(site.path("cut")).unwrap(), &bytes[..cut]);
            }
        }
    }
    site.write("a.txt", "words");
    assert!(site.assets(&["strip", "a.txt"]).starts_with('2'));
}

#[test]
fn what_cannot_be_looked_at_is_never_clean() {
    let site = branded();
    let whole = encoded(&logo(9).into(), ImageFormat::Png);
    let mut bomb = whole.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb.splice(29..33, crc.sum().to_be_bytes());
    for (name, bytes, code) in [
        ("cut.png", &whole[..whole.len() / 2], "undecodable"),
        ("bomb.png", &bomb, "too_large"),
        ("words.jpg", b"these are words", "undecodable"),
        ("empty.jpg", b"", "undecodable"),
        (
            "a.svg",
            b"<!DOCTYPE svg [<!ENTITY a 'x'>]><svg/>",
            "undecodable",
        ),
    ] {
        site.write(&format!("posts/{name}"), bytes);
        site.write("posts/d.md", format!("![A pier]({name})\n"));
        let (status, _, problems) = site.check("posts/d.md");
        assert_eq!(
            (status, problems),
            (2, vec![format!("clearpost::image::{code}")]),
            "{name}"
        );
    }
    for (target, code) in [
        ("../../../../../../../../etc/hostname", "outside"),
        ("data:image/png;base64,aGVsbG8=", "undecodable"),
        ("data:image/png;base64,*", "malformed_data"),
        ("cid:part1", "inside"),
    ] {
        site.write("posts/d.md", format!("![A pier]({target})\n"));
        let (status, _, problems) = site.check("posts/d.md");
        assert_eq!(
            (status, problems),
            (2, vec![format!("clearpost::image::{code}")]),
            "{target}"
        );
    }
}

#[test]
fn a_picture_inside_its_address_and_one_by_a_wrong_name_are_looked_at() {
    use std::fmt::Write as _;
    let site = branded();
    let bytes = encoded(
        &imageops::thumbnail(&logo(5), 60, 45).into(),
        ImageFormat::Png,
    );
    let mut address = "data:image/png,".to_owned();
    for byte in &bytes {
        write!(address, "%{byte:02X}").unwrap();
    }
    site.write(
        "posts/d.html",
        format!("<img alt='A pier' src='{address}'>"),
    );
    let (_, findings, problems) = site.check("posts/d.html");
    assert_eq!((findings[0][0].as_str(), problems.len()), ("own/mark", 0));
    site.write("posts/wrong.jpg", &bytes);
    assert_eq!(site.found("wrong.jpg"), ["own/mark"]);
}

#[test]
fn a_mark_in_a_later_frame_is_seen() {
    let site = branded();
    let mut bytes = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for picture in [logo(40), logo(41), logo(5)] {
            let page = DynamicImage::from(on_white(&picture)).to_rgba8();
            encoder.encode_frame(image::Frame::new(page)).unwrap();
        }
    }
    site.write("posts/a.gif", &bytes);
    assert_eq!(site.found("a.gif"), ["own/mark"]);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    let site = branded();
    let outside = tempfile::tempdir().unwrap();
    fs::write(
        outside.path().join("x.png"),
        encoded(&logo(5).into(), ImageFormat::Png),
    )
    .unwrap();
    let link = |from: &Path, to: &str| std::os::unix::fs::symlink(from, site.path(to)).unwrap();
    fs::create_dir_all(site.path("posts")).unwrap();
    link(&outside.path().join("x.png"), "posts/out.png");
    site.write("posts/d.md", "![A pier](out.png)\n");
    let (status, findings, problems) = site.check("posts/d.md");
    assert_eq!((status, findings.len()), (2, 0));
    assert_eq!(problems, ["clearpost::image::outside"]);
}

#[test]
fn without_a_registry_the_rules_say_that_they_could_not_look() {
    let site = Site::new();
    site.write("clearpost.yaml", "packs: [own.yaml]\n");
    site.write("posts/a.png", encoded(&logo(1).into(), ImageFormat::Png));
    site.write("posts/d.md", "![A pier](a.png)\n");
    let output = site.run(&["check", "--format", "json", "posts/d.md"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let silent: Vec<&str> = json["summary"]["not_checked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["rule"].as_str().unwrap())
        .collect();
    assert_eq!(silent, ["own/approved", "own/mark"]);
    assert_eq!(output.status.code(), Some(0));
}
