//! The `link` kind: which links it finds, and which it leaves alone.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support::{drafts, finds_exactly, register, rulebook_of, rulebook_with};
use clearpost::draft::{Draft, Scope, StatedFacts};
use jiff::Timestamp;
use proptest::prelude::*;

#[test]
fn hosts_are_compared_label_by_label() {
    finds_exactly(
        &rulebook_of("link: {hosts_not: [example.com]}"),
        &[
            "See [[https://example.com/a?b]] and [[www.example.com]].",
            "[[https://shop.example.com]], [[shop.example.com/x]], [[EXAMPLE.com]]",
            "[[https://a@example.com:8080/]]",
            "https://evil-example.com https://example.com.evil.net evil-example.com",
            "https://evil.net/example.com https://example.com@evil.net/ a@example.com",
        ],
    );
    finds_exactly(
        &rulebook_of("link: {hosts: [example.com, \"*.example.org\"]}"),
        &[
            "https://example.com https://a.example.org [[https://example.org]]",
            "[[https://example.com.evil.net/]] e.g. this.is no.link",
        ],
    );
}

#[test]
fn schemes_paths_and_parameters() {
    finds_exactly(
        &rulebook_of("link: {schemes: [https]}"),
        &["[[http://example.com]] [[ftp://example.com/x]] https://example.com www.example.com"],
    );
    finds_exactly(
        &rulebook_of("link: {paths_not: [/admin, \"*/draft-*\"]}"),
        &[
            "[[https://a.example/admin]] [[https://a.example/Admin/x]] https://a.example/administer",
            "[[https://a.example/x/draft-2]] https://a.example/draft",
        ],
    );
    finds_exactly(
        &rulebook_of("link: {params: {required: [utm_source], forbidden: [fbclid, \"mc_*\"]}}"),
        &[
            "https://a.example/?utm_source=x [[https://a.example/]]",
            "[[https://a.example/?utm_source=x&fbclid=1]] [[https://a.example/?utm_source=x&mc_eid=1]]",
        ],
    );
    let own = [register("domains", &["example.com"])];
    finds_exactly(
        &rulebook_with("link: {own: only, params: {required: [utm_source]}}", &own),
        &["[[https://shop.example.com/]] https://other.example/"],
    );
    finds_exactly(
        &rulebook_with("link: {own: ignore, hosts: [partner.example]}", &own),
        &["https://example.com https://partner.example [[https://other.example/]]"],
    );
}

#[test]
fn shorteners_look_alikes_and_internal_hosts() {
    finds_exactly(
        &rulebook_of("link: {shorteners: forbid}"),
        &[
            "[[https://bit.ly/3luce]] [[bit.ly/x]] bit.ly https://notbit.ly/x https://bit.ly.example/x",
        ],
    );
    let registers = [
        register("domains", &["lumetra.example"]),
        register(
            "internal",
            &[
                "intranet.lumetra.example",
                "*.lumetra.internal",
                "share.example",
                "LUM-",
            ],
        ),
    ];
    finds_exactly(
        &rulebook_with("link: {look_alikes: forbid}", &registers),
        &[
            "https://www.lumetra.example/a lumetra.example https://lumetra-fans.example",
            "[[https://www.lumetr\u{430}.example/prova]] [[lumétra.example/x]]",
            "[[https://xn--lumetr-8nf.example/]] [[https://lumetra.example.evil.net]]",
            "[[https://lumetra.example@evil.net/]] [[https://p\u{430}ypal.example]]",
        ],
    );
    finds_exactly(
        &rulebook_with("link: {internal: forbid}", &registers),
        &[
            "[[https://intranet.lumetra.example/brand]] [[dmx-2.lumetra.internal]] [[share.example/:p:/s]]",
            "[[LUM-2231]], [[LUM-2]]. XLUM-3, LUM-x, LUM-4b",
            "[[http://10.0.0.7/]] [[http://wiki/x]] http://localhost:3000 https://lumetra.example",
        ],
    );
}

#[test]
fn targets_of_links_are_looked_at_and_pictures_if_asked() {
    let text = "[site](http://a.example/x) ![p](http://a.example/p.png) [m](mailto:a@a.example) \
                [r](/a) [t]({{ url }})\n\n```\nhttp://a.example/code\n```\n";
    let quotes = |rule: &str| -> Vec<String> {
        rulebook_of(rule)
            .check(&drafts("md", text)[0], Timestamp::UNIX_EPOCH)
            .findings
            .into_iter()
            .map(|finding| finding.matched)
            .collect()
    };
    assert_eq!(quotes("link: {schemes: [https]}"), ["http://a.example/x"]);
    assert_eq!(
        quotes("link: {schemes: [https], images: true}"),
        ["http://a.example/x", "http://a.example/p.png"]
    );
    assert_eq!(
        quotes("link: {schemes: [https]}\n    when: {scopes: [code]}"),
        ["http://a.example/code"]
    );
}

#[test]
fn a_message_names_the_host() {
    let rulebook = rulebook_of("link: {schemes: [https]}\n    message: \"{host}\"");
    let draft = Draft::example(&Scope::Body, "http://A.Example/x", &StatedFacts::default());
    let found = rulebook.check(&draft, Timestamp::UNIX_EPOCH).findings;
    assert_eq!(found[0].message, "a.example");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(text in "(https?|://|//|[.@:/?#%\\[\\]-]|www\\.|xn--|[a-z0-9]{1,5}|ö|\u{301}|а){0,24}|\\PC{0,40}") {
        let registers = [register("domains", &["example.com"]), register("internal", &["LUM-"])];
        let rulebook = rulebook_with(
            "link: {hosts: [example.com], internal: forbid, look_alikes: forbid, shorteners: forbid}",
            &registers,
        );
        let draft = Draft::example(&Scope::Body, &text, &StatedFacts::default());
        for finding in rulebook.check(&draft, Timestamp::UNIX_EPOCH).findings {
            prop_assert!(!finding.matched.is_empty());
        }
        let target = Draft::example(&Scope::Link, &text, &StatedFacts::default());
        rulebook.check(&target, Timestamp::UNIX_EPOCH);
    }
}
