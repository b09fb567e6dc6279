//! Sealed lists: what is found with the key is what the plain list finds; without the key nothing is
//! called clean; and the names are written nowhere.

use std::fs;
use std::path::Path;

use crate::support::program::{clearpost, outcome};

const NAMES: [&str; 8] = [
    "Acme Corp",
    "Blue Bird",
    "Banca Orsini",
    "H&M",
    "Col·lectiu Ègida",
    "Zzquxo",
    "FlowDesk 4",
    "Straßenwerk Süd",
];

/// A passphrase, and a key.
const KEYS: [&str; 2] = [
    "a passphrase of some length\n",
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
];

fn pack(list: &str, more: &str) -> String {
    format!(
        "pack: own\npolicy: builtin:social-media\nrules:\n  - id: client\n    clause: SMP-3.1\n    message: \"“{{match}}” is a client\"\n    terms_from: {list}\n{more}"
    )
}

/// A place with a list, its key, a draft and a pack that names the sealed list.
fn place(list: &str, key: &str, draft: &str, more: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
    fs::create_dir(place.path().join(".git")).unwrap();
    write("names.txt", list);
    write("key", key);
    write("d.md", draft);
    write("plain.yaml", &pack("names.txt", more));
    write("own.yaml", &pack("names.sealed", more));
    place
}

fn seal(place: &Path, list: &str, more: &[&str]) -> (i32, String) {
    let args = [
        "pack",
        "seal",
        list,
        "--key-file",
        "key",
        "-o",
        "names.sealed",
    ];
    let (status, out, err) = outcome(clearpost(place).args(args).args(more));
    (status, out + &err)
}

fn check(place: &Path, pack: &str, key: Option<(&str, &str)>, more: &[&str]) -> (i32, String) {
    let command = clearpost(place)
        .args(["check", "d.md", "--pack", pack])
        .args(more);
    let command = ["CLEARPOST_SEAL_KEY_FILE", "CLEARPOST_SEAL_KEY"]
        .into_iter()
        .fold(command, snapbox::cmd::Command::env_remove);
    let command = match key {
        Some((name, value)) => command.env(name, value),
        None => command,
    };
    let (status, out, err) = outcome(command);
    (status, out + &err)
}

const BY_FILE: Option<(&str, &str)> = Some(("CLEARPOST_SEAL_KEY_FILE", "key"));

/// What a draft's findings repeat, in order.
fn found(place: &Path, pack: &str) -> Vec<(u64, String)> {
    let (_, said) = check(place, pack, BY_FILE, &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&said).expect(&said);
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| {
            let start = finding["span"]["start"].as_u64().unwrap();
            (start, finding["match"].as_str().unwrap().to_owned())
        })
        .collect()
}

const DRAFT: &str = "# Acme Corp and acme-corp

ACME CORP, Acmecorp, acme_corp, Ac-me Corp, *Acme* **Corp**, acme. corp; an acme of corps.
See #AcmeCorp, #acmecorp2027, @acme_corp, #welcometobancaorsini and #bluebirds.
Blue Bird, bluebird, blue bird, BLUE-BIRD, Blue birds, a bluebirdy thing.
H&M and H & M, but HM and H M. Col.lectiu egida, COL·LECTIU ÈGIDA, colectiu egida.
zzquxo, Zzquxo's, https://example.com/zzquxo/news?x=banca-orsini, mail@zzquxo.com.
Ａｃｍｅ Ｃｏｒｐ, A\u{200b}cme C\u{ad}orp, 𝐁𝐥𝐮𝐞 𝐁𝐢𝐫𝐝, strassenwerk sud.
FlowDesk 4, FlowDesk4, #FlowDesk4, flow desk 4.
";

/// Disguises, for rules that resist them.
const EVADING: &str = "A c m e C o r p, Acccme Corrrp, 4cme c0rp, Zzzzquxo, zquxo, B.l.u.e B.i.r.d, \u{410}cme Corp, Bl\u{fc}e B1rd.\n";

#[test]
fn a_sealed_list_finds_what_the_plain_one_does() {
    let list = NAMES.join("\n");
    let draft = format!("{DRAFT}{EVADING}");
    for more in [
        "",
        "    resist: evasion\n",
        "    resist: none\n",
        "    as: name\n",
        "    as: exact\n",
        "    near: [client]\n",
        "    except: [blue bird]\n",
    ] {
        let place = place(&list, KEYS[1], &draft, more);
        assert_eq!(seal(place.path(), "names.txt", &[]).0, 0);
        let plain = found(place.path(), "plain.yaml");
        assert_eq!(found(place.path(), "own.yaml"), plain, "{more}");
        assert_eq!(plain.len() > 4, !more.contains("near"), "{more}: {plain:?}");
    }
}

#[test]
fn forms_are_sealed_only_when_asked_for() {
    let place = place(
        "mountain\n",
        KEYS[1],
        "Two mountains, mountain.\n",
        "    inflect: true\n",
    );
    assert_eq!(seal(place.path(), "names.txt", &[]).0, 0);
    let (status, said) = check(place.path(), "own.yaml", BY_FILE, &[]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("--inflect"), "{said}");
    assert_eq!(seal(place.path(), "names.txt", &["--inflect"]).0, 0);
    assert_eq!(
        found(place.path(), "own.yaml"),
        found(place.path(), "plain.yaml")
    );
    assert_eq!(found(place.path(), "own.yaml").len(), 2);
    // A rule that does not ask for forms does not get them.
    fs::write(place.path().join("own.yaml"), pack("names.sealed", "")).unwrap();
    assert_eq!(found(place.path(), "own.yaml").len(), 1);
}

#[test]
fn without_the_right_key_nothing_is_called_clean() {
    for key in KEYS {
        let place = place("Acme Corp\n", key, "Nothing here.\n", "");
        let (status, said) = seal(place.path(), "names.txt", &[]);
        assert_eq!(
            (status, said.as_str()),
            (0, "names.sealed: 1 name, sealed\n")
        );
        fs::write(place.path().join("other"), "another passphrase").unwrap();
        fs::write(place.path().join("hex"), "ab".repeat(32)).unwrap();
        fs::write(place.path().join("empty"), "\n").unwrap();
        let file = "CLEARPOST_SEAL_KEY_FILE";
        let cases = [
            (Some((file, "key")), 0, ""),
            (Some(("CLEARPOST_SEAL_KEY", key)), 0, ""),
            (None, 2, "there is no key for it"),
            (Some((file, "other")), 2, "does not fit"),
            (Some((file, "hex")), 2, "does not fit"),
            (Some((file, "empty")), 2, "it is empty"),
            (Some((file, "missing")), 2, "there is no such file"),
            (Some(("CLEARPOST_SEAL_KEY", "x")), 2, "does not fit"),
            (
                Some(("CLEARPOST_SEAL_KEY", "")),
                2,
                "there is no key for it",
            ),
        ];
        for (given, expected, reason) in cases {
            let (status, said) = check(place.path(), "own.yaml", given, &[]);
            assert_eq!(status, expected, "{given:?} {said}");
            assert!(said.contains(reason), "{given:?} {said}");
            assert!(!said.contains(key.trim()), "{said}");
        }
    }
}

#[test]
fn what_is_no_whole_sealed_list_is_refused() {
    let place = place("Acme Corp\n", KEYS[1], "Nothing here.\n", "");
    assert_eq!(seal(place.path(), "names.txt", &[]).0, 0);
    let file = place.path().join("names.sealed");
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let cases: [(&[u8], &str); 5] = [
        (&whole[..whole.len() - 1], "damaged"),
        (&whole[..30], "damaged"),
        (&changed, "damaged"),
        (b"Acme Corp\n", "no sealed list"),
        (b"", "no sealed list"),
    ];
    for (bytes, reason) in cases {
        fs::write(&file, bytes).unwrap();
        let (status, said) = check(place.path(), "own.yaml", BY_FILE, &[]);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("Acme"), "{said}");
    }
}

#[test]
fn lists_that_cannot_be_sealed_are_refused_and_no_name_is_told() {
    let cases = [
        ("names.txt", "Zzquxo\n", &["-o", "x.txt"][..], ".sealed"),
        ("names.txt", "\n# nothing\n", &[], "empty"),
        ("names.txt", "Fine\nZzquxo*\n", &[], "line 2: "),
        ("names.txt", "Zzquxo … here\n", &[], "line 1: "),
        ("c.csv", "name\nFine\n!!\n", &[], "line 3: "),
        (
            "r.yaml",
            "register: domains\nentries: [zzquxo.com]\n",
            &[],
            "cannot be sealed",
        ),
        (
            "r.yaml",
            "register: clients\nentries:\n  - {name: Zzquxo, ambiguous: true}\n",
            &[],
            "without `near`",
        ),
        ("missing.txt", "", &[], "there is no such file"),
    ];
    for (name, text, more, reason) in cases {
        let place = place("Acme\n", KEYS[1], "", "");
        if !text.is_empty() {
            fs::write(place.path().join(name), text).unwrap();
        }
        let args = ["pack", "seal", name, "--key-file", "key"];
        let output = if more.is_empty() {
            &["-o", "names.sealed"]
        } else {
            more
        };
        let (status, out, err) = outcome(clearpost(place.path()).args(args).args(output));
        assert_eq!(status, 2, "{name} {text}: {out}{err}");
        assert!(err.contains(reason), "{reason}: {err}");
        assert!(!(out + &err).contains("Zzquxo"), "{reason}");
        assert!(!place.path().join("names.sealed").exists(), "{reason}");
    }
}

#[test]
fn a_new_key_is_written_once_and_for_its_owner() {
    let place = place("Acme Corp\n", KEYS[1], "Acme Corp\n", "");
    let args = [
        "pack",
        "seal",
        "names.txt",
        "--new-key",
        "k2",
        "-o",
        "names.sealed",
    ];
    let (status, out, err) = outcome(clearpost(place.path()).args(args));
    assert_eq!(status, 0, "{out}{err}");
    let key = fs::read_to_string(place.path().join("k2")).unwrap();
    assert!(!out.contains(key.trim()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.path().join("k2"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let by_key = Some(("CLEARPOST_SEAL_KEY_FILE", "k2"));
    assert_eq!(check(place.path(), "own.yaml", by_key, &[]).0, 1);
    let (status, _, err) = outcome(clearpost(place.path()).args(args));
    assert_eq!(status, 2, "{err}");
    assert_eq!(fs::read_to_string(place.path().join("k2")).unwrap(), key);
}

const REGISTER: &str = "register: clients
entries:
  - name: Banca Orsini
    aliases: [BOrsini]
  - name: Fabrica Tomis
    approved: { until: 2030-01-01, channels: [linkedin] }
  - name: Aurora
    ambiguous: true
    near: [energy]
  - name: Zzquxo
    approved: true
";

const REGISTER_DRAFT: &str = "Banca Orsini, #borsini.\n\nFabrica Tomis.\n\nAurora at dawn.\n\nAurora sells energy.\n\nZzquxo.\n";

#[test]
fn a_sealed_register_is_a_register() {
    let rules = "pack: own\npolicy: builtin:social-media\nrules:\n  - id: client\n    clause: SMP-3.1\n    message: \"{match}\"\n    terms: { register: clients }\n  - id: loud\n    clause: SMP-3.1\n    message: \"{match}\"\n    terms: [sells energy, at dawn]\n    except: [{ register: clients }]\n";
    let mut all = Vec::new();
    for registers in ["clients.yaml", "clients.sealed"] {
        let place = place("Acme\n", KEYS[1], REGISTER_DRAFT, "");
        let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
        write("clients.yaml", REGISTER);
        write("rules.yaml", rules);
        write("clearpost.yaml", &format!("registers: {registers}\n"));
        let args = [
            "pack",
            "seal",
            "clients.yaml",
            "--key-file",
            "key",
            "-o",
            "clients.sealed",
        ];
        let (status, _, err) = outcome(clearpost(place.path()).args(args));
        assert_eq!(status, 0, "{err}");
        for channel in ["x", "linkedin"] {
            let more = [
                "--format",
                "json",
                "--channel",
                channel,
                "--now",
                "2026-11-23T09:00:00Z",
            ];
            let (status, said) = check(place.path(), "rules.yaml", BY_FILE, &more);
            assert_eq!(status, 1, "{said}");
            let report: serde_json::Value = serde_json::from_str(&said).expect(&said);
            let of = |finding: &serde_json::Value| {
                [&finding["rule"], &finding["span"], &finding["match"]].map(ToString::to_string)
            };
            let found: Vec<_> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(of)
                .collect();
            all.push((channel, report["summary"]["not_checked"].to_string(), found));
        }
        if registers == "clients.sealed" {
            assert_eq!(check(place.path(), "rules.yaml", None, &[]).0, 2);
        }
    }
    let (plain, sealed) = all.split_at(2);
    assert_eq!(plain, sealed);
    assert_eq!(plain[0].2.len(), plain[1].2.len() + 1, "{plain:?}");
    assert!(plain[0].2.len() >= 5, "{plain:?}");
}

/// A text as it might lie in a file: as it is, folded, and encoded in several ways.
fn disguises(name: &str) -> Vec<Vec<u8>> {
    let bytes = name.as_bytes();
    let hex = |upper: bool| -> String {
        let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
        let digits: String = digits.collect();
        if upper { digits.to_uppercase() } else { digits }
    };
    let escaped = |byte: &u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(*byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    let url: String = bytes.iter().map(escaped).collect();
    let wide = |to: fn(u16) -> [u8; 2]| name.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let mut all = vec![
        bytes.to_vec(),
        hex(false).into_bytes(),
        hex(true).into_bytes(),
        url.replace("%20", "+").into_bytes(),
        url.into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        bytes.iter().rev().copied().collect(),
    ];
    // Base64 of a text looks otherwise at each of three places; what stands for its middle does not.
    for before in 0..3 {
        let mut padded = vec![b'.'; before];
        padded.extend(bytes);
        let whole = base64(&padded);
        all.push(whole[4..(padded.len() / 3) * 4].to_vec());
    }
    all
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_usize, |all, at| {
            all << 8 | usize::from(three.get(at).copied().unwrap_or(0))
        });
        out.extend((0..4).map(|at| LETTERS[number >> (18 - 6 * at) & 63]));
    }
    out
}

#[test]
fn the_names_are_written_nowhere() {
    let names = ["Zzquxo Wyvern", "Straßenwerk Süd", "Qoph-Industrie 77"];
    let folded = [
        "zzquxo wyvern",
        "zzquxowyvern",
        "ZZQUXO WYVERN",
        "Zzquxo",
        "Wyvern",
        "strassenwerk sud",
        "strassenwerksud",
        "Straßenwerk",
        "qoph-industrie 77",
        "qophindustrie77",
        "qophindustrie",
    ];
    let place = place(
        &names.join("\n"),
        KEYS[0],
        "Nobody is named here, wyv.\n",
        "",
    );
    let mut said = Vec::new();
    let (status, out) = seal(place.path(), "names.txt", &[]);
    assert_eq!(status, 0, "{out}");
    said.extend(out.into_bytes());
    fs::remove_file(place.path().join("names.txt")).unwrap();
    fs::remove_file(place.path().join("plain.yaml")).unwrap();
    for format in [
        "pretty", "narrated", "json", "sarif", "html", "markdown", "junit",
    ] {
        let more = ["--format", format, "--verbose", "--show-waived"];
        let (status, out) = check(place.path(), "own.yaml", BY_FILE, &more);
        assert_eq!(status, 0, "{out}");
        said.extend(out.into_bytes());
    }
    for key in [None, Some(("CLEARPOST_SEAL_KEY", "wrong"))] {
        said.extend(
            check(place.path(), "own.yaml", key, &["--show-config"])
                .1
                .into_bytes(),
        );
        said.extend(check(place.path(), "own.yaml", key, &[]).1.into_bytes());
    }
    let (_, out, err) = outcome(clearpost(place.path()).args(["packs", "--pack", "own.yaml"]));
    said.extend((out + &err).into_bytes());
    let mut files = vec![("output".to_owned(), said)];
    for entry in fs::read_dir(place.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    assert!(files.iter().any(|(name, _)| name.ends_with("names.sealed")));
    for text in names.into_iter().chain(folded) {
        for needle in disguises(text) {
            for (name, bytes) in &files {
                let found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "{text} stands in {name}");
            }
        }
    }
}

#[test]
fn two_sealings_of_one_list_share_nothing() {
    let place = place("Acme Corp\n", KEYS[1], "", "");
    let mut files = Vec::new();
    for _ in 0..2 {
        assert_eq!(seal(place.path(), "names.txt", &[]).0, 0);
        files.push(fs::read(place.path().join("names.sealed")).unwrap());
    }
    assert_eq!(files[0].len(), files[1].len());
    let head = 80;
    let parts: Vec<&[u8]> = files[0][head..].chunks(16).collect();
    let shared = files[1][head..]
        .windows(16)
        .filter(|window| parts.contains(window));
    assert_eq!(shared.count(), 0);
}

#[test]
fn a_finding_shows_the_drafts_own_words_unless_they_are_redacted() {
    let place = place("Acme Corp\n", KEYS[1], "So ACME-corp it is.\n", "");
    assert_eq!(seal(place.path(), "names.txt", &[]).0, 0);
    let (status, said) = check(place.path(), "own.yaml", BY_FILE, &[]);
    assert_eq!(status, 1);
    assert!(
        said.contains("“ACME-corp” is a client") && !said.contains("Acme Corp"),
        "{said}"
    );
    let (status, said) = check(place.path(), "own.yaml", BY_FILE, &["--redact"]);
    assert_eq!(status, 1);
    assert!(!said.to_lowercase().contains("acme"), "{said}");
}
