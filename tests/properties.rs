//! Properties of whole checks: whatever the draft, a finding's place is right.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says what went wrong and stops"
)]

mod support;

use clearpost::engine::Rulebook;
use clearpost::kind::terms::{TermSettings, TermsSpec};
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
