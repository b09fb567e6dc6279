//! The worked company under `examples/`: what each draft gives, word for word.
//!
//! `SNAPSHOTS=overwrite cargo test --test suite examples::` rewrites what is expected.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support::program;
use std::path::Path;

use crate::support::drawing::{encoded, jpeg, located, logo, on_white, photo};
use image::{ImageFormat, Rgb, RgbImage, imageops};
use snapbox::cmd::Command;
use snapbox::{Data, assert_data_eq};

fn clearpost() -> Command {
    program::clearpost(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("CLEARPOST_NOW", "2026-11-23T09:00:00Z")
}

fn drafts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn each_draft_gives_what_is_expected() {
    let names = drafts("examples/drafts");
    assert_eq!(names.len(), 10);
    for name in names {
        let command = clearpost().args(["check", &format!("examples/drafts/{name}")]);
        let (status, out, errors) = program::outcome(command);
        let shown = format!("{out}{errors}exit status {status}\n");
        let expected =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/expected/{name}.out"));
        assert_data_eq!(shown, Data::read_from(&expected, None).raw());
    }
}

#[test]
fn the_whole_folder_is_the_sum_of_its_drafts_whatever_the_threads() {
    let check = |jobs: &str, format: &str| {
        let found = clearpost()
            .args([
                "check",
                "examples/drafts",
                "--format",
                format,
                "--jobs",
                jobs,
            ])
            .output()
            .unwrap();
        assert_eq!(found.status.code(), Some(1));
        assert!(found.stderr.is_empty() || format == "compact");
        found.stdout
    };
    for format in ["pretty", "narrated", "compact", "json", "jsonl"] {
        assert_eq!(check("1", format), check("8", format), "{format}");
    }
    let each: Vec<u8> = drafts("examples/drafts")
        .into_iter()
        .flat_map(|name| {
            clearpost()
                .args([
                    "check",
                    &format!("examples/drafts/{name}"),
                    "--format",
                    "jsonl",
                ])
                .output()
                .unwrap()
                .stdout
        })
        .collect();
    assert_eq!(each, check("4", "jsonl"));
}

/// The pictures of the examples, each smaller than a telephone would make it.
fn pictures() -> Vec<(&'static str, Vec<u8>)> {
    let small = |picture: &RgbImage, width, height| {
        imageops::resize(picture, width, height, imageops::FilterType::Triangle)
    };
    let photo = |seed| small(&photo(seed), 240, 180);
    let client = small(&on_white(&logo(611)), 96, 72);
    let mut bordered = RgbImage::from_pixel(112, 88, Rgb([24, 58, 110]));
    imageops::overlay(&mut bordered, &client, 8, 8);
    let wheel = on_white(&logo(602));
    vec![
        // What the library has.
        (
            "brand/wheel.png",
            encoded(&logo(602).into(), ImageFormat::Png),
        ),
        ("brand/bench.jpg", jpeg(&photo(621), 88)),
        ("brand/muro-sud.jpg", jpeg(&photo(622), 88)),
        ("brand/strada-bianca.jpg", jpeg(&photo(623), 88)),
        // What the posts use.
        ("static/img/early-shift.jpg", jpeg(&bordered, 55)),
        ("static/img/truing-stand.jpg", located(&photo(621))),
        (
            "static/img/muro.jpg",
            jpeg(&small(&photo(622), 160, 120), 70),
        ),
        ("static/img/happy-team-0448.jpg", jpeg(&photo(624), 75)),
        (
            "static/img/white-road.jpg",
            jpeg(&small(&photo(623), 200, 150), 70),
        ),
        (
            "static/img/wheel-small.webp",
            encoded(&small(&wheel, 120, 90).into(), ImageFormat::WebP),
        ),
        (
            "static/img/thanks.png",
            encoded(
                &imageops::thumbnail(&logo(612), 120, 90).into(),
                ImageFormat::Png,
            ),
        ),
    ]
}

#[test]
fn the_pictures_of_the_examples_are_drawn_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for (name, bytes) in pictures() {
        let path = folder.join(name);
        if std::env::var_os("SNAPSHOTS").is_some_and(|word| word == "overwrite") {
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(bytes.len() < 20_000, "{name}: {} bytes", bytes.len());
        assert!(std::fs::read(&path).unwrap() == bytes, "{name} is another");
    }
}

#[test]
fn each_draft_with_pictures_gives_what_is_expected() {
    let check = |draft: &str| {
        let arguments = ["check", "--config", "examples/pictures.yaml", draft];
        program::outcome(clearpost().args(arguments))
    };
    let names = drafts("examples/pictures");
    assert_eq!(names.len(), 5);
    for name in names {
        let (status, out, errors) = check(&format!("examples/pictures/{name}"));
        let shown = format!("{out}{errors}exit status {status}\n");
        let expected = format!("examples/expected/pictures-{name}.out");
        let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join(expected);
        assert_data_eq!(shown, Data::read_from(&expected, None).raw());
    }
    let (status, found, _) = check("examples/pictures");
    assert_eq!(status, 1);
    assert!(found.ends_with("5 drafts: 4 errors\n"), "{found}");
}
