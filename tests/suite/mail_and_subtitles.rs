//! E-mails and subtitles, from the bytes of a file to the place of a finding and its report.

#![allow(
    clippy::print_stderr,
    clippy::needless_raw_string_hashes,
    reason = "a test says what went wrong and stops; snapbox writes its snapshots so"
)]

use crate::support;
use std::fs;

use crate::support::program::{clearpost, outcome};
use clearpost::draft::Draft;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::engine::Finding;
use clearpost::kind::terms::{TermSettings, TermsSpec};
use clearpost::text::{Location, PartPlace};
use proptest::prelude::*;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

fn drafts(format: &str, bytes: &[u8]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut problems = Vec::new();
    let mut sink = |read| {
        drafts.extend(read);
        Go::On
    };
    let file = RawFile::from_bytes("draft", bytes);
    let options = ReadOptions::default();
    read::by_name(format)
        .unwrap()
        .read(file, &options, &mut sink, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    drafts
}

/// The one finding of “Acme Corp” in a file.
fn finding(format: &str, bytes: &[u8]) -> Finding {
    let mut spec = TermsSpec::default();
    spec.push("Acme Corp", TermSettings::default());
    let rulebook = support::rulebook(spec);
    let mut findings: Vec<Finding> = drafts(format, bytes)
        .iter()
        .flat_map(|draft| {
            let now = "2026-11-23T09:00:00Z".parse().unwrap();
            rulebook.check(draft, now).findings
        })
        .collect();
    assert_eq!(findings.len(), 1, "{}", String::from_utf8_lossy(bytes));
    findings.remove(0)
}

/// Text in UTF-8, with a mark, or in UTF-16 of either order.
fn encoded(text: &str, how: usize) -> Vec<u8> {
    match how {
        0 => text.as_bytes().to_vec(),
        1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        2 => [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect(),
        _ => [0xFE, 0xFF]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect(),
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = String::new();
    for (number, chunk) in bytes.chunks(3).enumerate() {
        if number > 0 && number % 19 == 0 {
            written.push_str("\r\n");
        }
        let bits = (0..3).fold(0_usize, |bits, at| {
            bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * at) & 63];
            written.push(if at <= chunk.len() { digit.into() } else { '=' });
        }
    }
    written
}

/// Quoted-printable with a soft line break after every so many signs.
fn quoted(bytes: &[u8], every: usize) -> String {
    let mut written = String::new();
    let mut column = 0;
    for byte in bytes {
        let sign = match byte {
            b'=' | 0x80.. => format!("={byte:02X}"),
            _ => char::from(*byte).to_string(),
        };
        column = if *byte == b'\n' { 0 } else { column + 1 };
        written.push_str(&sign);
        if column == every && *byte != b'\r' {
            written.push_str("=\r\n");
            column = 0;
        }
    }
    written
}

proptest! {
    #[test]
    fn a_phrase_in_cues_is_found_at_its_bytes(
        before in "([a-zé😀]{1,6}[ .\n]){0,9}",
        after in "([ .\n][a-zé]{1,6}){0,9}",
        (format, between) in prop::sample::select(vec![
            ("srt", " "),
            ("srt", "\n"),
            ("srt", "\n\n8\n00:01:02,000 --> 00:01:04,000\n"),
            ("srt", "</i>\n\n9\n00:09:02,000 --> 00:09:04,000 X1:1\n{\\an8}<font color=\"red\">"),
            ("srt", "\n00:01:02.0 -> 00:01:04.0\n"),
            ("vtt", "&nbsp;"),
            ("vtt", " <00:00:03.000><c.loud>"),
            ("vtt", "\n\nNOTE said twice\n\nend\n00:02.000 --> 00:04.000 line:0\n<v Ana>"),
        ]),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        how in 0_usize..4,
    ) {
        let head = if format == "vtt" { "WEBVTT\n\n00:01.000 --> 00:02.000\n" } else { "7\n00:00:01,000 --> 00:00:02,000\n" };
        let raw = format!("Acme{between}Corp").replace('\n', line_end);
        let start = format!("{head}{before}; ").replace('\n', line_end);
        let text = format!("{start}{raw};{}", after.replace('\n', line_end));
        let bytes = encoded(&text, how);
        let found = finding(format, &bytes);
        prop_assert_eq!(&found.matched, "Acme Corp");
        let from = encoded(&start, how).len();
        let to = encoded(&format!("{start}{raw}"), how).len();
        prop_assert_eq!(found.source.disk_range(found.span), from..to);
    }

    #[test]
    fn a_phrase_in_a_mail_is_found_at_its_place(
        before in "([a-zé]{1,6}[ .\n]){0,9}",
        after in "([ .\n][a-zé]{1,6}){0,9}",
        (kind, raw) in prop::sample::select(vec![
            ("plain", "Acme Corp"),
            ("plain", "Acme\nCorp"),
            ("plain", "Acme\n> Corp"),
            ("html", "Acme Corp"),
            ("html", "Acme\nCo<b>rp"),
            ("html", "Acme&nbsp;Corp"),
        ]),
        (charset, transfer) in prop::sample::select(vec![
            ("utf-8", "8bit"),
            ("utf-8", "quoted-printable"),
            ("utf-8", "base64"),
            ("iso-8859-1", "8bit"),
            ("iso-8859-1", "quoted-printable"),
            ("windows-1252", "base64"),
            ("utf-16le", "base64"),
        ]),
        every in 1_usize..60,
        twice in any::<bool>(),
    ) {
        let start = format!("{before}; ").replace('\n', "\r\n");
        let raw = raw.replace('\n', "\r\n");
        let text = format!("{start}{raw};{}", after.replace('\n', "\r\n"));
        let bytes: Vec<u8> = match charset {
            "utf-8" => text.as_bytes().to_vec(),
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect(),
        };
        let other = if twice {
            format!("--b\r\nContent-Type: text/{kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n", base64(b"Hello"))
        } else {
            String::new()
        };
        let mut mail = format!(
            "Subject: x\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{other}--b\r\n\
             Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n"
        ).into_bytes();
        let body = mail.len();
        match transfer {
            "base64" => mail.extend(base64(&bytes).into_bytes()),
            "quoted-printable" => mail.extend(quoted(&bytes, every).into_bytes()),
            _ => mail.extend(&bytes),
        }
        mail.extend(b"\r\n--b--\r\n");
        let found = finding("eml", &mail);
        prop_assert_eq!(&found.matched, "Acme Corp");
        let stands = transfer == "8bit" && (charset == "utf-8" || text.is_ascii());
        match found.source.location(found.span) {
            Location::File { bytes, start: (line, _), .. } => {
                prop_assert!(stands);
                prop_assert_eq!(&mail[bytes.clone()], raw.as_bytes());
                prop_assert_eq!(bytes.start, body + start.len());
                let lines = String::from_utf8_lossy(&mail[..bytes.start]).matches('\n').count();
                prop_assert_eq!(line, lines + 1);
            }
            Location::Part(PartPlace::Line { part, line, column }) => {
                prop_assert!(!stands);
                prop_assert_eq!(part, if twice { format!("text/{kind} 2") } else { format!("text/{kind}") });
                prop_assert_eq!(line, start.matches('\n').count() + 1);
                let last = start.rsplit('\n').next().unwrap();
                prop_assert_eq!(column, last.chars().count() + 1);
            }
            Location::Part(other) => prop_assert!(false, "{}", other),
        }
    }
}

const PACK: &str = "pack: own\npolicy: builtin:social-media\nrules:\n  - id: client\n    clause: SMP-3.1\n    message: \"“{match}” is a client\"\n    terms: [Acme Corp]\n";

fn run(mail: &[u8], args: &[&str], stdin: &str) -> (i32, String) {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join(".git")).unwrap();
    fs::write(place.path().join("own.yaml"), PACK).unwrap();
    fs::write(place.path().join("spring.eml"), mail).unwrap();
    let command = clearpost(place.path())
        .args(["check", "--pack", "own.yaml"])
        .args(args);
    let (status, out, _) = outcome(command.stdin(stdin));
    (status, out)
}

fn newsletter() -> Vec<u8> {
    let page =
        "<html><body>\n<p>Hello</p>\n<p>With Acme <b>Corp</b> we\nsail.</p>\n</body></html>\n";
    format!(
        "Subject: =?utf-8?q?Acme=20Corp=20=E2=80=93_spring?=\r\n\
         From: \"News\" <news@post.example>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n\
         --outer\r\n\
         Content-Type: multipart/alternative; boundary=\"inner\"\r\n\r\n\
         --inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Hello,\r\nwith Acme\r\nCorp we sail.\r\n\
         --inner\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--inner--\r\n\
         --outer\r\nContent-Type: text/markdown; name=\"post.md\"\r\n\r\n\
         # Spring\r\n\r\nWe help Acme Corp.\r\n\
         --outer--\r\n",
        base64(page.as_bytes())
    )
    .into_bytes()
}

#[test]
fn a_report_names_the_part_where_there_are_no_bytes() {
    let mail = newsletter();
    let (status, report) = run(&mail, &["spring.eml", "--format", "json"], "");
    assert_eq!(status, 1);
    let report: Value = serde_json::from_str(&report).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let places: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!([
                finding["path"],
                finding["scope"],
                finding["line"],
                finding["place"]
            ])
        })
        .collect();
    assert_eq!(
        json!(places),
        json!([
            ["spring.eml", "title", null, {"part": "subject", "line": 1, "column": 1}],
            ["spring.eml", "body", 13, null],
            ["spring.eml", "body", null, {"part": "text/html", "line": 3, "column": 9}],
            ["spring.eml (post.md)", "body", 3, null],
        ])
    );
    let span = &findings[1]["span"];
    let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
    assert_eq!(&mail[at("start")..at("end")], b"Acme\r\nCorp");
    assert_eq!(findings[2]["span"], Value::Null);
}

#[test]
fn people_are_shown_the_lines_of_the_part() {
    let mail = newsletter();
    let (_, compact) = run(&mail, &["spring.eml", "--format", "compact"], "");
    assert_data_eq!(
        compact,
        str![[r#"
spring.eml:subject:1:1: error[own/client] “Acme Corp” is a client (SMP-3.1)
spring.eml:13:6: error[own/client] “Acme Corp” is a client (SMP-3.1)
spring.eml:text/html:3:9: error[own/client] “Acme Corp” is a client (SMP-3.1)
spring.eml (post.md):3:9: error[own/client] “Acme Corp” is a client (SMP-3.1)

"#]]
    );
    let (_, pretty) = run(&mail, &["spring.eml", "--format", "pretty"], "");
    assert_data_eq!(
        pretty,
        str![[r#"
SMP-3.1 Client names

  × “Acme Corp” is a client
   ╭─[spring.eml (subject):1:1]
 1 │ Acme Corp – spring
   · ────┬────
   ·     ╰── own/client
   ╰────
  help: describe the sector and the size ("a leading retailer").
        The policy (builtin:social-media.md:83): “Clients are named only with written consent
        (reference clients). Aliases, hashtags, handles and inflected forms count.”
        Ask: Corporate communications

SMP-3.1 Client names

  × “Acme Corp” is a client
    ╭─[spring.eml:13:6]
 12 │     Hello,
 13 │ ╭─▶ with Acme
 14 │ ├─▶ Corp we sail.
    · ╰──── own/client
    ╰────
  help: describe the sector and the size ("a leading retailer").
        The policy (builtin:social-media.md:83): “Clients are named only with written consent
        (reference clients). Aliases, hashtags, handles and inflected forms count.”
        Ask: Corporate communications

SMP-3.1 Client names

  × “Acme Corp” is a client
   ╭─[spring.eml (text/html):3:9]
 2 │ <p>Hello</p>
 3 │ <p>With Acme <b>Corp</b> we
   ·         ──────┬─────
   ·               ╰── own/client
 4 │ sail.</p>
   ╰────
  help: describe the sector and the size ("a leading retailer").
        The policy (builtin:social-media.md:83): “Clients are named only with written consent
        (reference clients). Aliases, hashtags, handles and inflected forms count.”
        Ask: Corporate communications

SMP-3.1 Client names

  × “Acme Corp” is a client
   ╭─[spring.eml (post.md):3:9]
 2 │
 3 │ We help Acme Corp.
   ·         ────┬────
   ·             ╰── own/client
   ╰────
  help: describe the sector and the size ("a leading retailer").
        The policy (builtin:social-media.md:83): “Clients are named only with written consent
        (reference clients). Aliases, hashtags, handles and inflected forms count.”
        Ask: Corporate communications

2 drafts: 4 errors

"#]]
    );
}

#[test]
fn standard_input_is_read_as_it_is_called() {
    let film = "1\n00:00:01,000 --> 00:00:02,000\nAcme\n\n2\n00:00:02,000 --> 00:00:03,000\nCorp\n";
    for args in [&["-"][..], &["-", "--input-format", "srt"]] {
        let (status, out) = run(b"", &[args, &["--format", "compact"]].concat(), film);
        assert_eq!(status, 1);
        assert_eq!(
            out,
            "<stdin>:3:1: error[own/client] “Acme Corp” is a client (SMP-3.1)\n"
        );
    }
}

#[test]
fn an_empty_file_is_a_draft_without_text() {
    for format in ["srt", "vtt", "eml"] {
        let drafts = support::drafts(format, "");
        assert_eq!(drafts.len(), 1, "{format}");
        assert!(drafts[0].segments().is_empty(), "{format}");
    }
}
