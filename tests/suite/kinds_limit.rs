//! `limit`, `density` and `disguise`: what each finds, to the byte, and what it leaves alone.
//!
//! The cases that lie beside the repository, in `../shared/cases`, are checked as well; without
//! them this says so.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
use std::fs;
use std::path::Path;

use clearpost::draft::Draft;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::engine::Rulebook;
use serde_json::Value;

const NOW: &str = "2026-11-23T09:00:00Z";

fn drafts(format: &str, facts: &[(&str, &str)], text: &str) -> Vec<Draft> {
    let format = read::by_name(format).unwrap();
    let name = format!("d.{}", format.extensions()[0]);
    let mut options = ReadOptions::default();
    for (key, value) in facts {
        options.stated.set(key, *value);
    }
    let mut drafts = Vec::new();
    let mut sink = |read: Vec<Draft>| {
        drafts.extend(read);
        Go::On
    };
    let file = RawFile::from_bytes(name, text.as_bytes());
    format.read(file, &options, &mut sink, &mut Vec::new());
    drafts
}

/// The words of the file that `rulebook` finds.
fn found<'t>(
    rulebook: &Rulebook,
    format: &str,
    facts: &[(&str, &str)],
    text: &'t str,
) -> Vec<&'t str> {
    drafts(format, facts, text)
        .iter()
        .flat_map(|draft| rulebook.check(draft, NOW.parse().unwrap()).findings)
        // Waivers in a draft have findings of their own.
        .filter(|finding| &*finding.rule == "own/rule")
        .map(|finding| &text[finding.span.range()])
        .collect()
}

/// Checks that `rule` finds exactly what stands between brackets.
fn finds(rule: &str, format: &str, channel: &str, texts: &[&str]) {
    let rulebook = support::rulebook_of(rule);
    let mut wrong = Vec::new();
    for text in texts {
        let plain = text.replace("[[", "").replace("]]", "");
        let mut marked = plain.clone();
        for draft in drafts(format, &[("channel", channel)], &plain).iter().rev() {
            let findings = rulebook.check(draft, NOW.parse().unwrap()).findings;
            for finding in findings.iter().rev() {
                marked.insert_str(finding.span.end(), "]]");
                marked.insert_str(finding.span.start(), "[[");
            }
        }
        if marked != *text {
            wrong.push((marked, *text));
        }
    }
    assert!(wrong.is_empty(), "{rule}: found and expected: {wrong:#?}");
}

#[test]
fn capitals_are_a_share_of_the_letters_and_hard_texts_are_told() {
    let loud = support::rulebook_of("limit: { capitals: 30 % }");
    support::finds_exactly(
        &loud,
        &[
            "so [[BUY OUR LAMPS TODAY]] please",
            "the IBM of lamps and of many other things",
            "OK",
        ],
    );
    let hard = support::rulebook_of("limit: { reading_ease: 40 }");
    let easy = "The cat sat on the mat and it was warm. The sun was out and we had tea. The dog ran to the gate and saw a man. He had a hat and a big red bag with him.";
    support::finds_exactly(&hard, &[easy]);
    let words = "Notwithstanding considerable organisational transformation, interdepartmental communication necessitates comprehensive reconsideration of established administrative methodologies, particularly regarding international collaboration, multidisciplinary responsibilities, and institutional accountability mechanisms which individually contribute to the operational sustainability of every participating organisation.";
    let drafts = support::drafts("md", words);
    let found = hard.check(&drafts[0], jiff::Timestamp::UNIX_EPOCH).findings;
    assert_eq!(found.len(), 1);
    let drafts = support::drafts("md", format!("---\nlanguage: ro\n---\n{words}"));
    let checked = hard.check(&drafts[0], jiff::Timestamp::UNIX_EPOCH);
    assert!(checked.findings.is_empty() && checked.not_checked.len() == 1);
}

#[test]
fn a_limit_is_what_an_author_counts() {
    finds(
        "limit: {characters: 5}",
        "txt",
        "linkedin",
        &[
            "abcde",
            "abcde[[f]]",
            "ab\n\nc[[d\n\ne]]",
            "càff[[e\u{300}è]]",
            "",
        ],
    );
    finds(
        "limit: {characters: 5}",
        "md",
        "blog",
        &["ab *c*\n\n[[de]]", "a<br>b"],
    );
    finds(
        "limit: {words: 2}",
        "txt",
        "blog",
        &["una parola", "una parola [[di troppo]]"],
    );
    finds(
        "limit: {sentences: 1}",
        "txt",
        "blog",
        &["One. [[Two! Three]]", "S.p.A. non basta"],
    );
    finds(
        "limit: {hashtags: 1, mentions: 0}",
        "txt",
        "x",
        &["#una e [[#due]] e basta", "hola [[@ana, @bea]]", "#sola"],
    );
    finds(
        "limit: {links: 1}",
        "txt",
        "x",
        &["https://a.example e [[b.com/x]]", "solo a.com. Poi"],
    );
    finds(
        "limit: {links: 0}",
        "md",
        "blog",
        &["[x](<[[https://a.example]]>)"],
    );
    finds(
        "limit: {emoji: 1}",
        "txt",
        "x",
        &["👩‍❤️‍👩 sí", "🔥 [[🔥 y 👶🏽]]", "© ✔ 1"],
    );
    finds(
        "limit: {images: 0}",
        "md",
        "blog",
        &["![una llum]([[a.png]])"],
    );
    finds("limit: {bytes: 4}", "txt", "bluesky", &["caf", "caf[[è]]"]);
    finds(
        "limit: {title: 3}",
        "txt",
        "youtube",
        &["Uno\nil resto è lungo", "Due[[mila]]\ncorpo"],
    );
    finds(
        "limit: {alt: 3}",
        "md",
        "blog",
        &["Ecco ![uno[[ due]]](a.png) qui"],
    );
    finds(
        "limit: {characters: 25, as: x}",
        "txt",
        "linkedin",
        &[
            "a https://a.example/molto/lunga/davvero/tanto",
            "ab [[example.com]]",
        ],
    );
}

#[test]
fn a_channel_brings_its_own_limits() {
    let rulebook = support::rulebook_of("limit: {of: channel}");
    let rule = "limit: {of: channel}";
    let a = |count| "a".repeat(count);
    finds(
        rule,
        "txt",
        "x",
        &[&a(280), &(a(280) + "[[b]]"), &("光".repeat(140) + "[[光]]")],
    );
    finds(
        rule,
        "txt",
        "bluesky",
        &[&"👶🏽".repeat(300), &("è".repeat(300) + "[[è]]")],
    );
    finds(rule, "txt", "pinterest", &[&(a(100) + "[[b]]\nciao")]);
    finds(rule, "txt", "blog", &[&a(9000)]);
    finds(
        rule,
        "txt",
        "mastodon",
        &[&(a(489) + " @ana@mastodon.example")],
    );
    let draft = &drafts("txt", &[], "ciao")[0];
    let not_checked = rulebook.check(draft, NOW.parse().unwrap()).not_checked;
    assert!(
        not_checked[0].reason.contains("--channel"),
        "{not_checked:?}"
    );
}

#[test]
fn a_message_says_how_much_it_is() {
    let rulebook = support::rulebook_of(
        "limit: {hashtags: 1}\n    message: \"{count} where {limit} is fine: {match}\"",
    );
    let drafts = drafts("txt", &[], "#a\n\n#b\n\n#c");
    let findings = rulebook.check(&drafts[0], NOW.parse().unwrap()).findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "3 where 1 is fine: #b #c");
}

#[test]
fn the_planted_limits_of_the_shared_drafts_are_found() {
    let rule = "limit: {of: channel}";
    let hashtags = "Una semana 😌✨\n\n👩‍❤️‍👩 📚 🛋️\n.\n.\n#luz #casa #hogar #deco #lectura #noche #otoño #calma #madera #rincón #libros #té #manta #gato #lámpara #diseño #interior #salón #dormitorio #tarde #lluvia #ventana #sofá #planta #cerámica #lino #vela #música #domingo #slow [[#hygge #publi]]\n";
    finds(rule, "txt", "instagram", &[hashtags]);
    let gata = "Ho hem provat amb cent persones i una gata. ".repeat(6);
    let thread = format!(
        "1/3 Guia completa: https://www.lumetra.example/guies/{}\n---\n2/3 {gata}La gata no v[[a opinar gens.]]\n---\n3/3 Mireu https://www.lumetrа.example/prova i voteu!\n",
        "a".repeat(250)
    );
    finds(rule, "txt", "x", &[&thread]);
    finds(
        rule,
        "txt",
        "youtube",
        &[
            "Ten desk lamps ranked in one minute and the winner will really, truly, honestly surprise you this wi[[nter 2026]]\n\nWe compare ten lamps.\n",
        ],
    );
}

#[test]
fn loud_posts_are_told_from_lively_ones() {
    let cases: [(&str, &[&str]); 9] = [
        ("{exclamations: 2}", &["Sì! Ora! Qui[[!]]", "¡Hola! ¡Ya!"]),
        (
            "{exclamations: {in_a_row: 1}}",
            &["Wow![[!!]] Ora!", "Sì! No!"],
        ),
        ("{questions: {in_all: 1}}", &["Qui? Ora[[? Come?]]"]),
        (
            "{punctuation: {in_a_row: 3}}",
            &["¿Qué?!?[[!]] Bueno...", "a...[[...]]", ".\n.\n.\n.\n."],
        ),
        (
            "{capitals: {in_a_row: 2}}",
            &[
                "Ora [[COMPRA TUTTO SUBITO]] qui",
                "[[COMPRA A 10 EURO QUESTA]] lampada",
                "IBM, SAP, NATO, ONU",
                "Il BANCO del SANT PERE",
            ],
        ),
        (
            "{capitals: {share: 30 %}}",
            &["TUTTI qui OGGI per VEDERE [[LA LUCE]] della nuova lampada bella e calda"],
        ),
        (
            "{hashtags: {in_a_row: 2}}",
            &["#a #b [[#c]] fin", "#a y #b y #c"],
        ),
        (
            "{hashtags: {share: 20 %}}",
            &["uno due tre quattro cinque sei #a #b [[#c #d]]", "#a #b #c"],
        ),
        (
            "{emoji: {in_a_row: 2}}",
            &["🔥🔥[[🔥]]", "🔥 vale 🔥 molt 🔥"],
        ),
    ];
    for (rule, texts) in cases {
        finds(&format!("density: {rule}"), "txt", "linkedin", texts);
    }
}

#[test]
fn disguised_words_are_found_as_a_reader_sees_them() {
    finds(
        "disguise: true",
        "txt",
        "instagram",
        &[
            "[[𝗕𝗮𝗻𝗰𝗮 𝗢𝗿𝘀𝗶𝗻𝗶]] no, [[𝓛𝓾𝓶𝓮𝓽𝓻𝓪 𝓖𝓵𝓸𝔀]] sí 😌✨",
            "[[𝗔 𝗯𝗶𝗴 𝗱𝗮𝘆]] for us",
            "[[ⓛⓛⓤⓜ]] de tardor e [[ｌｕｃｅ, ᴀᴄᴍᴇ]]",
            "[[𝒽ℯ𝓁𝓁ℴ #𝗹𝘂𝗰𝗲]]",
            "[[Ofer\u{200B}ta]] de invierno",
            "Free [[dеlivery]] e [[Асmе Соrp]]",
            "Это [[Moсква]], SMSки и Googleом",
            "hola [[\u{202E}gro.lairt\u{202C}]] fin",
            "ciao[[\u{E0068}\u{E0069}]] fin",
            "vedi https://www.lumetrа.example/prova e lumetrа.example",
            "👩‍❤️‍👩 👶🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ 🅰️🅱️ 🇮🇹🇪🇸 ❤️",
            "supercali\u{AD}fragi\u{AD}listico",
            "5 Ω, 3 µm, π, 20 ℃, Acme™, № 5, ⓘ info, ℓ, x ∈ ℝ, 2², Mᵐᵉ, kΩ, TNFα",
            "Спасибо всем, ευχαριστώ πολύ, می\u{200C}خواهم",
            "caffe\u{300} e caffè, l'Orsini, Col·lectiu",
            "日本のＮＨＫ放送",
            "הגיע \u{2066}Acme\u{2069} היום",
            "tel. \u{202A}+39 055 123\u{202C}",
            "/ˈdɛlɪvəri/ и IT-шник, USB-кабель",
        ],
    );
    finds(
        "disguise: {bidi: true}",
        "md",
        "blog",
        &["𝗕𝗮𝗻𝗰𝗮 e dеlivery", "un **[[\u{202D}testo\u{202C}]]**"],
    );
    finds(
        "disguise: {styled: true}",
        "md",
        "blog",
        &["![[[𝗯𝗮𝗻𝗰𝗮]]](a.png) dеlivery\n\n```\n𝗯𝗮𝗻𝗰𝗮\n```"],
    );
}

#[test]
fn a_disguise_can_be_taken_off() {
    let rulebook = support::rulebook_of("disguise: true\n    message: m\n    instead: \"{plain}\"");
    let drafts = drafts("txt", &[], "Ciao 𝗕𝗮𝗻𝗰𝗮 𝗢𝗿𝘀𝗶𝗻𝗶");
    let findings = rulebook.check(&drafts[0], NOW.parse().unwrap()).findings;
    assert_eq!(findings[0].fixes[0].replace, "Banca Orsini");
}

/// The labelled cases that `rule` gets wrong as the only rule for `clause`.
fn wrong_cases(rule: &str, clause: &str) -> Option<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/policy-cases.jsonl");
    let Ok(cases) = fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    };
    let rulebook = support::rulebook_of(rule);
    let mut wrong = Vec::new();
    let mut expected = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let channel = case["channel"].as_str().unwrap();
        let lang = case["lang"].as_str().unwrap();
        let facts = [("channel", channel), ("lang", lang)];
        let found = found(&rulebook, case["format"].as_str().unwrap(), &facts, text);
        let quotes: Vec<&str> = case["expect"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|expect| expect["clause"] == clause)
            .map(|expect| expect["quote"].as_str().unwrap())
            .collect();
        expected += quotes.len();
        // Too long a text begins in the quote; a disguised word holds it.
        let overlap = |found: &&str, quote: &&str| found.contains(quote) || quote.contains(found);
        let is_right = found.len() == quotes.len()
            && quotes
                .iter()
                .zip(&found)
                .all(|(quote, found)| overlap(found, quote));
        if !is_right {
            wrong.push(format!("{}: {found:?} for {quotes:?}", case["id"]));
        }
    }
    assert!(expected > 3, "{expected} are expected");
    Some(wrong)
}

#[test]
fn the_labelled_limits_and_disguises_are_found_and_nothing_else() {
    for (rule, clause) in [
        ("limit: {of: channel}", "SMP-8.2"),
        ("disguise: true", "SMP-8.6"),
    ] {
        if let Some(wrong) = wrong_cases(rule, clause) {
            assert_eq!(wrong, Vec::<String>::new(), "{clause}");
        }
    }
}

#[test]
fn mistakes_in_these_kinds_are_told_where_they_are() {
    for (rule, message) in [
        ("limit: {}", "`limit` does not say what is limited"),
        ("limit: {as: x}", "`limit` does not say what is limited"),
        ("limit: {hashtags: 3, as: x}", "`as: x` counts nothing here"),
        (
            "limit: {characters: many}",
            "`characters` has to be a whole number",
        ),
        ("limit: {of: platform}", "“platform” is not known here"),
        ("density: {}", "`density` does not say how much is fine"),
        (
            "density: {emoji: {}}",
            "`emoji` does not say how much is fine",
        ),
        ("density: {emoji: {share: 130 %}}", "“130 %” is no share"),
        ("disguise: false", "`disguise` looks for nothing"),
        (
            "disguise: {styled: perhaps}",
            "`styled` has to be true or false",
        ),
    ] {
        assert_eq!(support::mistakes_of(rule), [message], "{rule}");
    }
}
