//! What a rule with `secret: true` finds, and under `--redact` what any rule finds, is repeated in no
//! format and on no line.

use std::fs;

use crate::support::program::{clearpost, outcome};

const PACK: &str = "pack: own\npolicy: builtin:social-media\nrules:
  - id: key
    clause: SMP-2.6
    message: \"“{match}” is a key\"
    secret: true
    pattern: 'kq7[a-z0-9é🔑]+'
  - id: client
    clause: SMP-3.1
    message: \"“{match}” is a client\"
    instead: a client
    terms: [Acme Corp]
";

/// A key, a client on the same line, and the key again where no rule looks.
const DRAFT: &str = "# News\n\nAcme Corp logs in with kq7zé🔑9x today.\nAcme Corp is glad.\n\n```\nkq7zé🔑9x\n```\n";

fn check(format: &str, more: &[&str]) -> (i32, String) {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join(".git")).unwrap();
    fs::write(place.path().join("own.yaml"), PACK).unwrap();
    fs::write(place.path().join("d.md"), DRAFT).unwrap();
    fs::write(
        place.path().join("posts.csv"),
        "id,text\n1,Acme Corp here\n2,kq7zé🔑9x there\n",
    )
    .unwrap();
    let args = [
        "check",
        "d.md",
        "posts.csv",
        "--pack",
        "own.yaml",
        "--format",
        format,
    ];
    let (status, out, err) = outcome(clearpost(place.path()).args(args).args(more));
    (status, out + &err)
}

const FORMATS: [&str; 13] = [
    "pretty",
    "narrated",
    "compact",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "rdjson",
    "html",
    "markdown",
];

/// A word as it may be written by somebody who did not mean to write it.
fn disguises(word: &str) -> Vec<String> {
    let bytes = word.as_bytes();
    let each = |write: fn(&u8) -> String| bytes.iter().map(write).collect::<Vec<_>>().concat();
    let hex = each(|byte| format!("{byte:02x}"));
    let percent = each(|byte| format!("%{byte:02X}"));
    let wide: String = word.chars().flat_map(|letter| [letter, '\0']).collect();
    let units = word.encode_utf16();
    let escaped = units
        .map(|unit| format!("\\u{unit:04x}"))
        .collect::<Vec<_>>()
        .concat();
    let url = word.replace(' ', "%20");
    let plus = word.replace(' ', "+");
    let joined = word.replace(' ', "").to_lowercase();
    let base64: Vec<String> = (0..3)
        .map(|shift| {
            let padded = [&b"xxx"[..shift], bytes].concat();
            let text = base64(&padded);
            // What depends on the neighbours is left out.
            let length = text.trim_end_matches('=').len();
            text[(shift * 8).div_ceil(6)..length - usize::from(!padded.len().is_multiple_of(3))]
                .to_owned()
        })
        .collect();
    let hash = blake3::hash(bytes).to_hex()[..16].to_owned();
    let mut all = vec![
        word.to_owned(),
        hex.to_uppercase(),
        hex,
        percent,
        wide,
        escaped,
        url,
        plus,
        joined,
        hash,
    ];
    all.extend(base64);
    all
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three
            .iter()
            .fold(0_u32, |all, byte| all << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(
                LETTERS[(number >> (18 - 6 * place) & 63) as usize],
            ));
        }
    }
    text
}

#[test]
fn a_secret_is_in_no_report() {
    for format in FORMATS {
        let (status, said) = check(format, &[]);
        assert_eq!(status, 1, "{said}");
        for part in ["kq7z", "é🔑9", "🔑9x", "9x"] {
            assert!(!said.contains(part), "{format}: {said}");
        }
        assert!(said.contains("Acme Corp"), "{format}: {said}");
        assert!(said.contains("•••"), "{format}: {said}");
    }
}

#[test]
fn under_redact_nothing_found_is_in_a_report() {
    for format in FORMATS {
        let (status, said) = check(format, &["--redact"]);
        assert_eq!(status, 1, "{said}");
        for part in ["kq7z", "Acme", "acme"] {
            assert!(!said.contains(part), "{format}: {said}");
        }
        for word in ["Acme Corp", "kq7zé🔑9x"] {
            for disguise in disguises(word) {
                assert!(!said.contains(&disguise), "{format}: {disguise}: {said}");
            }
        }
    }
}

#[test]
fn explain_does_not_repeat_a_secret_either() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("own.yaml"), PACK).unwrap();
    fs::write(place.path().join("d.md"), DRAFT).unwrap();
    let args = [
        "explain", "own/key", "--draft", "d.md", "--pack", "own.yaml",
    ];
    let (status, out, err) = outcome(clearpost(place.path()).args(args));
    assert_eq!(status, 0, "{out}{err}");
    assert!(out.contains("It fires"), "{out}");
    assert!(!out.contains("é🔑9x"), "{out}");
}

#[test]
fn places_are_the_same_with_and_without() {
    let places = |more: &[&str]| -> Vec<String> {
        let (_, said) = check("json", more);
        let said = said.lines();
        let place = |line: &&str| {
            // Further in stand fixes, which repeat words.
            !line.starts_with("            ")
                && ["\"start\"", "\"end\"", "line\"", "column\""]
                    .iter()
                    .any(|key| line.contains(key))
        };
        said.filter(place).map(str::to_owned).collect()
    };
    let found = places(&["--exclude", "own/key"]);
    assert_eq!(found, places(&["--exclude", "own/key", "--redact"]));
}
