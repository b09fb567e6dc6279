//! Properties of whole checks: whatever the draft, a finding's place is right.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
use clearpost::engine::Rulebook;
use clearpost::kind::terms::{As, TermSettings, TermsSpec};
use clearpost::text::Location;
use clearpost::text::fold::Resist;
use jiff::Timestamp;
use proptest::prelude::*;

fn rulebook() -> Rulebook {
    let mut spec = TermsSpec::default();
    for term in ["Acme Corp", "Banca Orsini", "confidential"] {
        spec.push(term, TermSettings::default());
    }
    support::rulebook(spec)
}

/// What a reader of `text` in `format` sees, white space as single spaces.
fn seen(text: &str, format: &str) -> String {
    support::drafts(format, text)[0]
        .text()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Enough lines that a list counts as long; none of them is in a draft below.
fn filler() -> String {
    let lines: Vec<String> = (0..6_000).map(|number| format!("Qxz{number}\n")).collect();
    let filler = lines.concat();
    assert!(filler.len() > 32 * 1024, "a short list is never streamed");
    filler
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_long_list_finds_the_same_line_by_line_and_indexed(
        names in prop::collection::vec(
            "([A-Za-zàéüș]{1,7}|[A-Z][a-z]{2}o{2,3}k|co2|R2|l·l|[бв]а|銀|#?ad|C\\+\\+)([ '&-]([A-Za-zé]{1,4}|[0-9]{1,2})){0,2}", 1..12),
        more in prop::collection::vec("[a-cA-C]{1,3}( [a-c]{1,2})?", 0..40),
        glue in prop::collection::vec("( |, |-|\n| we |x|#|@|_|\u{AD}|\\*|e|é)", 24),
        ways in prop::collection::vec(0_usize..8, 24),
        level in prop::sample::select(vec![Resist::None, Resist::Typing, Resist::Evasion]),
        compare in prop::sample::select(vec![As::Words, As::Name, As::Exact]),
    ) {
        let settings = TermSettings { resist: level, compare, ..TermSettings::default() };
        let names: Vec<&String> = names.iter().chain(&more).collect();
        let mut text = String::new();
        for ((name, glue), way) in names.iter().cycle().zip(&glue).zip(&ways) {
            text.push_str(glue);
            text.push_str(&match way {
                0 => name.to_uppercase(),
                1 => name.to_lowercase(),
                2 => name.replace(' ', "-"),
                3 => ["#", &name.replace(' ', "").to_lowercase()].concat(),
                4 => name.chars().flat_map(|letter| [letter, ' ']).collect(),
                5 => name.replace('o', "0").replace('e', "3"),
                6 => name.chars().flat_map(|letter| [letter, letter, letter]).collect(),
                _ => (*name).clone(),
            });
        }
        let mut spec = TermsSpec::default();
        // A term outside the list, since what is known inside a hashtag is known together.
        spec.push("acab", settings.clone());
        let lines: Vec<&str> = names.iter().map(|name| name.trim()).collect();
        spec.push_list("names.txt", lines.join("\n") + "\n" + &filler(), settings);
        let rulebook = support::rulebook(spec);
        let drafts = support::drafts("md", &text);
        let found = || -> Vec<String> {
            let now = "2026-11-23T09:00:00Z".parse().unwrap();
            drafts
                .iter()
                .flat_map(|draft| rulebook.check(draft, now).findings)
                .map(|finding| format!("{:?} {}", finding.span, finding.matched))
                .collect()
        };
        let line_by_line = found();
        rulebook.expect_many();
        let indexed = found();
        prop_assert_eq!(line_by_line, indexed, "{}", text);
    }
}

proptest! {
    #[test]
    fn a_planted_phrase_is_found_where_it_stands(
        before in "([a-zé😀]{1,6}[ ,.\n]){0,12}",
        after in "([ ,.\n][a-zé😀]{1,6}){0,12}",
        phrase in prop::sample::select(vec![
            "Acme Corp", "ACME  corp", "Ac**me** Corp", "*Banca Orsini*", "Banca&nbsp;Orsini",
            "conf<b>ident</b>ial", "con\u{AD}fidential", "Bancá\nOrsini", "𝗔𝗰𝗺𝗲 𝗖𝗼𝗿𝗽", "[Acme](https://x.example) Corp",
            "Acme-Corp", "\\Acme Corp", "`Acme Corp`",
        ]),
    ) {
        let text = format!("{before}; {phrase};{after}");
        let drafts = support::drafts("md", &text);
        let rulebook = rulebook();
        let findings = rulebook.check(&drafts[0], "2026-11-23T09:00:00Z".parse().unwrap()).findings;
        prop_assert_eq!(findings.len(), 1, "{}", text);
        let raw = &text[findings[0].span.range()];
        // The raw words are inside what was planted, without the markup at its edges.
        let planted = before.len() + 2..before.len() + 2 + phrase.len();
        let span = findings[0].span.range();
        prop_assert!(planted.start <= span.start && span.end <= planted.end, "{}", raw);
        let plain = |text: &str| text.replace(['*', '`', '\\'], "").replace("<b>", "").replace("</b>", "");
        if !phrase.contains('[') {
            prop_assert_eq!(plain(&seen(raw, "md")), plain(&findings[0].matched));
        }
    }

    #[test]
    fn any_text_gives_spans_on_character_boundaries(
        text in "(Acme|Corp|Banca|Orsini|confidential|[*_`<>&#;\\[\\]()!~|-]{1,2}|[a-zé]{1,3}|\n|\r\n| |\u{AD}|\u{0}|---\n){0,40}",
    ) {
        let rulebook = rulebook();
        for format in ["md", "txt"] {
            for draft in support::drafts(format, &text) {
                for finding in rulebook.check(&draft, "2026-11-23T09:00:00Z".parse().unwrap()).findings {
                    let raw = text.get(finding.span.range());
                    prop_assert!(raw.is_some_and(|raw| !raw.is_empty()), "{:?}", finding.span);
                    if format == "txt" {
                        let raw = raw.unwrap().replace('\0', "");
                        let raw = raw.split_whitespace().collect::<Vec<_>>().join(" ");
                        prop_assert_eq!(&raw, &finding.matched);
                    }
                }
            }
        }
    }
}

/// A file of each format with `words` in it, as that format writes them, and how a file begins
/// before them.
fn file_of(format: &str, words: &str) -> String {
    let json = serde_json::to_string(words).unwrap();
    let html = words.replace('&', "&amp;").replace('<', "&lt;");
    match format {
        "md" => format!("---\ntitle: One\n---\n# Two\n\n- {words}\n"),
        "html" => format!("<title>One</title><p>Two <b>three</b></p>\r\n<p>{html}</p>"),
        "txt" => format!("one\r\n\r\n{words}"),
        "csv" => format!("Text;Status\r\n\"{}\";open\r\n", words.replace('"', "\"\"")),
        "tsv" => format!("Status\tText\nopen\t{words}\n"),
        "json" => format!("[{{\"id\": 1, \"text\": \"one\"}},\n {{\"text\": {json}}}]"),
        "jsonl" => format!("{{\"text\": \"one\"}}\r\n{{\"body\": {json}}}\n"),
        "yaml" => format!("posts:\n  - text: one\n  - text: {json}\n"),
        "srt" => format!(
            "1\n00:00:00,400 --> 00:00:02,900\none\n\n2\n00:00:03,000 --> 00:00:04,000\n{words}\n"
        ),
        "vtt" => {
            format!("WEBVTT\n\n00:00.400 --> 00:02.900\none\n\n00:03.000 --> 00:04.000\n{html}\n")
        }
        "eml" => format!(
            "Subject: one\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{words}\n"
        ),
        other => panic!("{other} has a test of its own"),
    }
}

proptest! {
    #[test]
    fn a_phrase_is_found_at_its_bytes_in_every_format(
        before in "([a-zé😀]{1,6} ){0,6}",
        after in "( [a-zé😀]{1,6}){0,6}",
        phrase in prop::sample::select(vec!["Acme Corp", "ACME CORP", "Banca Orsini", "confidential"]),
        format in prop::sample::select(vec![
            "md", "html", "txt", "csv", "tsv", "json", "jsonl", "yaml", "srt", "vtt", "eml",
        ]),
        encoding in 0_u8..3,
    ) {
        let text = file_of(format, &format!("{before}; {phrase};{after}"));
        // JSON Lines and e-mails are bytes: only text files come in other encodings.
        let bytes: Vec<u8> = match encoding {
            1 if format != "eml" => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            2 if !matches!(format, "eml" | "jsonl") => {
                [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
            }
            _ => text.as_bytes().to_vec(),
        };
        let mut found = Vec::new();
        for draft in support::drafts(format, &bytes) {
            for finding in rulebook().check(&draft, "2026-11-23T09:00:00Z".parse().unwrap()).findings {
                let Location::File { bytes: at, .. } = draft.source().location(finding.span) else {
                    panic!("{format} has bytes");
                };
                found.push(bytes[at].to_vec());
            }
        }
        let wide = bytes.starts_with(&[0xFF, 0xFE]);
        let expected = if wide {
            phrase.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            phrase.as_bytes().to_vec()
        };
        prop_assert_eq!(found, vec![expected], "{}", text);
    }
}

/// What Markdown is made of, names and pieces of names among it.
fn fragment() -> impl Strategy<Value = String> {
    let marks = [
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "[",
        "]",
        "](",
        "](x)",
        ")",
        "(",
        "![",
        "](y.png \"t\")",
        "[^1]",
        "][r]",
        "\n> ",
        "\n- ",
        "\n1. ",
        "\n# ",
        "#",
        "@",
        "-",
        ".",
        "’",
        "'",
        "/",
        "https://",
        "&amp;",
        "&",
        "\\",
        "<b>",
        "</b>",
        "<!-- ",
        " -->",
        "%20",
        "%",
        "|",
        "\n---\n",
        "\u{200B}",
        "\u{AD}",
        "·",
        "“",
        "™",
        "é",
        "\n\n```\n",
        "{{",
        "}}",
        "\n\n[r]: ",
    ];
    let words = [
        "blue",
        "Blue",
        "BLUE",
        "bird",
        "Bird",
        "bl",
        "ue",
        "B",
        "lue",
        "bluebird",
        "BlueBird",
        "bt",
        "BT",
        "Blü",
        "blüe",
        "bírd",
        "BÍRD",
        "𝗕𝗹𝘂𝗲",
        "ｂｉｒｄ",
        "a",
        "x",
        "launch",
        "7",
        "acme",
        "Acmé",
        "ac",
        "me",
        "co2",
        "CO₂",
        "Банк",
        "银行",
    ];
    prop::sample::select(
        [
            marks.map(str::to_owned).to_vec(),
            words.map(str::to_owned).to_vec(),
        ]
        .concat(),
    )
}

proptest! {
    #[test]
    fn what_is_passed_over_unread_holds_nothing(parts in prop::collection::vec(fragment(), 0..24)) {
        let mut spec = TermsSpec::default();
        for term in ["Blue Bird", "Bluebird", "BT", "Acme", "CO2", "Банк", "银行", "x launch"] {
            spec.push(term, TermSettings::default());
        }
        let rulebook = support::rulebook(spec);
        let skim = rulebook.skim().expect("these are names alone");
        let page = parts.concat();
        let found: Vec<_> = support::drafts("md", &page)
            .iter()
            .flat_map(|draft| rulebook.check(draft, Timestamp::UNIX_EPOCH).findings)
            .map(|finding| finding.matched)
            .collect();
        prop_assert!(found.is_empty() || skim.may_hold(&page), "{found:?} in {page:?}");
    }
}
