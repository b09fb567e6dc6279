//! Pictures that drafts use: which are approved, which show a mark, which tell where they were taken.
//!
//! Every picture is drawn here.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::drawing::{encoded, jpeg, located, logo, on_white, photo};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
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
        ("# ours\nassets:\n", "assets:\n  - id: 'x'"),
        ("assets: # ours\nversion: 1\n", "version: 1"),
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

/// A picture with a chunk of XMP after its header.
fn with_xmp(picture: &RgbImage, properties: &str) -> Vec<u8> {
    let plain = jpeg(picture, 80);
    let xmp = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:RDF><rdf:Description {properties}</rdf:Description></rdf:RDF></x:xmpmeta>"
    );
    let mut made = plain[..2].to_vec();
    made.extend([0xFF, 0xE1]);
    made.extend(u16::try_from(xmp.len() + 2).unwrap().to_be_bytes());
    made.extend(xmp.bytes());
    made.extend(&plain[2..]);
    made
}

const PREMISES: &str = "register: premises\nentries:\n  - {name: Hall 7, at: [44.4010, 8.8330], radius: 200 m}\n  - Hall 8\n";

/// A site with a rule for each thing that files tell.
fn telling() -> Site {
    let site = branded();
    site.write(
        "clearpost.yaml",
        "assets: brand/assets.yaml\npacks: [told.yaml]\nregisters: registers\n",
    );
    site.write(
        "told.yaml",
        "pack: told\npolicy: builtin:social-media\nrules:\n\
         \x20 - {id: near, clause: SMP-4.1, message: 'taken at {site}', image: {taken_near: premises}}\n\
         \x20 - {id: rights, clause: SMP-4.2, message: 'belongs to {rights}', image: {rights: own}}\n\
         \x20 - {id: credit, clause: SMP-4.2, message: 'name {creator}', image: {creator_credit: required}}\n\
         \x20 - {id: ai, clause: SMP-4.2, message: 'made up', image: {ai_marker: absent}}\n",
    );
    site.write(
        "registers/organisation.yaml",
        "register: organisation\nentries: [Altaruota]\n",
    );
    site.write("registers/premises.yaml", PREMISES);
    site
}

#[test]
fn what_files_tell_of_places_rights_and_makers_is_judged() {
    let site = telling();
    let drawn = photo(21);
    for (name, bytes) in [
        ("near.jpg", located(&drawn)),
        ("plain.jpg", jpeg(&drawn, 80)),
        (
            "xmp.jpg",
            with_xmp(
                &drawn,
                "exif:GPSLatitude=\"44,24.05N\" exif:GPSLongitude='8,50,2E'>",
            ),
        ),
        (
            "south.jpg",
            with_xmp(
                &drawn,
                "exif:GPSLatitude=\"44,24.05S\" exif:GPSLongitude=\"8,50,2E\">",
            ),
        ),
        (
            "agency.jpg",
            with_xmp(
                &drawn,
                "><dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>© 2026 Fotodienst &amp; Co</rdf:li></rdf:Alt></dc:rights>",
            ),
        ),
        (
            "own.jpg",
            with_xmp(
                &drawn,
                "><dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>© ALTARUOTA 2026</rdf:li></rdf:Alt></dc:rights>",
            ),
        ),
        (
            "maker.jpg",
            with_xmp(
                &drawn,
                "><dc:creator><rdf:Seq><rdf:li>Ada Brandani</rdf:li></rdf:Seq></dc:creator>",
            ),
        ),
        (
            "machine.jpg",
            with_xmp(
                &drawn,
                "Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\">",
            ),
        ),
    ] {
        site.write(&format!("posts/{name}"), bytes);
    }
    let cases: [(&str, &str, &[&str]); 10] = [
        ("near.jpg", "A pier.", &["taken at Hall 7"]),
        ("xmp.jpg", "A pier.", &["taken at Hall 7"]),
        ("south.jpg", "A pier.", &[]),
        ("plain.jpg", "A pier.", &[]),
        (
            "agency.jpg",
            "A pier.",
            &["belongs to © 2026 Fotodienst & Co"],
        ),
        ("own.jpg", "A pier.", &[]),
        ("maker.jpg", "A pier.", &["name Ada Brandani"]),
        ("maker.jpg", "A pier. Photo: ADA BRANDANI", &[]),
        ("machine.jpg", "A pier.", &["made up"]),
        ("../brand/photo.jpg", "A pier.", &[]),
    ];
    for (name, text, expected) in cases {
        site.write("posts/d.md", format!("![A pier]({name})\n\n{text}\n"));
        let (_, findings, problems) = site.check("posts/d.md");
        let messages: Vec<&str> = findings.iter().map(|[.., m]| m.as_str()).collect();
        assert_eq!(messages, expected, "{name}");
        assert!(problems.is_empty(), "{problems:?}");
    }
}

#[test]
fn sites_and_credits_are_kept_in_lists() {
    let site = telling();
    site.write("posts/near.jpg", located(&photo(21)));
    // Far enough, or allowed, it is no find; and an entry of the registry says whom to name.
    site.write("posts/d.md", "![A pier](near.jpg)\n");
    for change in [
        "radius: 80 m",
        "radius: 200 m, approved: {until: 2027-01-31}",
    ] {
        site.write(
            "registers/premises.yaml",
            PREMISES.replace("radius: 200 m", change),
        );
        assert_eq!(site.check("posts/d.md").1.len(), 0, "{change}");
    }
    let path = site.path("brand/assets.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let credited = text.replace("id: 'photo'", "id: 'photo'\n    credit: Photo by Ivo");
    fs::write(path, credited).unwrap();
    site.write("posts/d.md", "![A pier](../brand/photo.jpg)\n");
    let (_, findings, _) = site.check("posts/d.md");
    assert_eq!(findings[0][2], "name Photo by Ivo");
    for (wrong, code) in [
        ("at: [144.4, 8.8]", "malformed_position"),
        ("at: here", "malformed_position"),
        ("at: [44.4, 8.8], radius: far", "malformed_radius"),
        ("radius: 200 m", "radius_alone"),
    ] {
        let entry = format!("register: premises\nentries:\n  - {{name: Hall 7, {wrong}}}\n");
        site.write("registers/premises.yaml", entry);
        let (status, _, problems) = site.check("posts/d.md");
        assert_eq!(
            (status, problems),
            (2, vec![format!("clearpost::register::{code}")]),
            "{wrong}"
        );
    }
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

/// A PNG whose header says so many pixels.
fn bomb(png: &[u8], edge: u16) -> Vec<u8> {
    let mut bomb = png.to_vec();
    let [high, low] = edge.to_be_bytes();
    bomb[16..24].copy_from_slice(&[0, 0, high, low, 0, 0, high, low]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb.splice(29..33, crc.sum().to_be_bytes());
    bomb
}

/// A JPEG with EXIF data of which each directory is followed by itself, and whose values lie
/// outside of it.
fn with_endless_exif(picture: &RgbImage) -> Vec<u8> {
    let plain = jpeg(picture, 80);
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x08");
    tiff.extend(b"\x01\x0f\0\x02\xff\xff\xff\xff\xff\xff\xff\xf0");
    tiff.extend(b"\0\0\0\x08");
    let mut made = plain[..2].to_vec();
    made.extend([0xFF, 0xE1]);
    made.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
    made.extend(b"Exif\0\0");
    made.extend(tiff);
    made.extend(&plain[2..]);
    made
}

#[test]
fn what_cannot_be_looked_at_is_never_clean() {
    let site = branded();
    let drawn = on_white(&logo(9));
    let of = |format| encoded(&drawn.clone().into(), format);
    let png = of(ImageFormat::Png);
    let half = |format| {
        let whole = of(format);
        whole[..whole.len() / 2].to_vec()
    };
    let mut wide_gif = of(ImageFormat::Gif);
    wide_gif[6..10].copy_from_slice(&[0xFF; 4]);
    let laughs = "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><svg><text>&c;</text></svg>";
    let outside =
        "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><svg><text>&a;</text></svg>";
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut.png", half(ImageFormat::Png), "undecodable"),
        ("cut.jpg", half(ImageFormat::Jpeg), "undecodable"),
        ("cut.webp", half(ImageFormat::WebP), "undecodable"),
        ("cut.gif", half(ImageFormat::Gif), "undecodable"),
        ("cut.bmp", half(ImageFormat::Bmp), "undecodable"),
        ("bomb.png", bomb(&png, u16::MAX), "too_large"),
        ("bomb.gif", wide_gif, "too_large"),
        ("words.jpg", b"these are words".to_vec(), "undecodable"),
        ("empty.jpg", Vec::new(), "undecodable"),
        ("laughs.svg", laughs.as_bytes().to_vec(), "undecodable"),
        ("outside.svg", outside.as_bytes().to_vec(), "undecodable"),
        ("loop.jpg", with_endless_exif(&drawn), "damaged_metadata"),
        (
            "a.avif",
            b"\0\0\0\x1cftypavif\0\0\0\0".to_vec(),
            "undecodable",
        ),
    ];
    for (name, bytes, code) in cases {
        site.write(&format!("posts/{name}"), bytes);
        site.write("posts/d.md", format!("![A pier]({name})\n"));
        let (status, _, problems) = site.check("posts/d.md");
        assert_eq!(
            (status, problems),
            (2, vec![format!("clearpost::image::{code}")]),
            "{name}"
        );
    }
    let large = format!("data:image/png;base64,{}", "A".repeat(50_000_000));
    for (target, code) in [
        ("../../../../../../../../etc/hostname", "outside"),
        ("data:image/png;base64,aGVsbG8=", "undecodable"),
        ("data:image/png;base64,*", "malformed_data"),
        ("cid:part1", "inside"),
        (&large, "undecodable"),
    ] {
        site.write("posts/d.md", format!("![A pier]({target})\n"));
        let (status, _, problems) = site.check("posts/d.md");
        assert_eq!(
            (status, problems),
            (2, vec![format!("clearpost::image::{code}")]),
            "{}",
            &target[..target.len().min(40)]
        );
    }
}

/// A moving WebP of pictures that stand still, each in WebP without loss.
fn moving(pictures: &[RgbImage]) -> Vec<u8> {
    let edge = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let chunk = |name: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        let mut made = [name, &length[..], body].concat();
        made.resize(made.len().next_multiple_of(2), 0);
        made
    };
    let size = [edge(pictures[0].width()), edge(pictures[0].height())].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[&[2, 0, 0, 0], size.as_slice()].concat()));
    body.extend(chunk(b"ANIM", &[0; 6]));
    for picture in pictures {
        let still = encoded(&picture.clone().into(), ImageFormat::WebP);
        let frame = [&[0; 6], size.as_slice(), &[100, 0, 0, 0], &still[12..]];
        body.extend(chunk(b"ANMF", &frame.concat()));
    }
    chunk(b"RIFF", &body)
}

/// A JPEG in cyan, magenta, yellow and black, of one block of eight by eight for each pixel.
fn four_inks(picture: &RgbImage) -> Vec<u8> {
    let mut made = vec![0xFF, 0xD8];
    let mut part = |kind: u8, body: &[u8]| {
        made.extend([0xFF, kind]);
        made.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        made.extend(body);
    };
    part(0xEE, b"Adobe\0\x64\0\0\0\0\0");
    part(0xDB, &[&[0], &[8; 64][..]].concat());
    let [high, low] = u16::try_from(picture.height() * 8).unwrap().to_be_bytes();
    let [far, near] = u16::try_from(picture.width() * 8).unwrap().to_be_bytes();
    let inks: Vec<u8> = (1..=4).flat_map(|ink| [ink, 0x11, 0]).collect();
    part(
        0xC0,
        &[&[8, high, low, far, near, 4], inks.as_slice()].concat(),
    );
    // Lengths of differences in four bits each; of a block's details, that there are none.
    let lengths: Vec<u8> = (0..12).collect();
    part(0xC4, &[&[0, 0, 0, 0, 12], &[0; 12][..], &lengths].concat());
    part(0xC4, &[&[0x10, 1], &[0; 15][..], &[0]].concat());
    part(0xDA, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    let (mut bits, mut count) = (0_u32, 0);
    let mut before = [0_i32; 4];
    for pixel in picture.pixels() {
        let [red, green, blue] = pixel.0;
        for (before, light) in before.iter_mut().zip([red, green, blue, 255]) {
            let level = i32::from(light) - 128;
            let step = level - *before;
            *before = level;
            let length = 32 - step.unsigned_abs().leading_zeros();
            let code = if step < 0 { step - 1 } else { step }.cast_unsigned() & ((1 << length) - 1);
            for (value, width) in [(length, 4), (code, length), (0, 1)] {
                bits = bits << width | value;
                count += width;
                while count >= 8 {
                    count -= 8;
                    let byte = u8::try_from(bits >> count & 0xFF).unwrap();
                    made.push(byte);
                    if byte == 0xFF {
                        made.push(0);
                    }
                }
            }
        }
    }
    let rest = u8::try_from((bits << (8 - count) | ((1 << (8 - count)) - 1)) & 0xFF).unwrap();
    made.extend([rest, 0xFF, 0xD9]);
    made
}

#[test]
fn a_mark_is_seen_in_odd_kinds_of_pictures() {
    let site = branded();
    let mark = on_white(&logo(5));
    let grey16 = DynamicImage::from(mark.clone()).to_luma16();
    for (name, bytes) in [
        (
            "sixteen.png",
            encoded(
                &DynamicImage::from(mark.clone()).to_rgb16().into(),
                ImageFormat::Png,
            ),
        ),
        ("grey16.png", encoded(&grey16.into(), ImageFormat::Png)),
        (
            "moving.webp",
            moving(&[on_white(&logo(41)), on_white(&logo(42)), mark.clone()]),
        ),
        ("inks.jpg", four_inks(&mark)),
        ("wrong.bmp", encoded(&mark.clone().into(), ImageFormat::Gif)),
    ] {
        site.write(&format!("posts/{name}"), bytes);
        assert_eq!(site.found(name), ["own/mark"], "{name}");
    }
    let many: Vec<RgbImage> = vec![imageops::thumbnail(&mark, 12, 9); 33];
    site.write("posts/long.webp", moving(&many));
    site.write("posts/d.md", "![A pier](long.webp)\n");
    let (status, _, problems) = site.check("posts/d.md");
    let code = "clearpost::image::too_many_frames".to_owned();
    assert_eq!((status, problems), (2, vec![code]));
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
