//! The pictures that a draft uses, wherever it names them, with what it says for those who do not
//! see them.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
use clearpost::draft::{Alt, Draft};

/// Address, text alternative, and the bytes of the file that make the picture appear.
fn pictures(draft: &Draft) -> Vec<(String, String, String)> {
    let raw = draft.source().text();
    draft
        .pictures()
        .iter()
        .map(|picture| {
            let alt = match &picture.alt {
                Alt::Nowhere => "-".to_owned(),
                Alt::Missing => "missing".to_owned(),
                Alt::Empty { at } => format!("empty {}", &raw[at.range()]),
                Alt::Decorative => "decorative".to_owned(),
                Alt::Text(text) => format!("“{}”", &draft.text()[text.clone()]),
            };
            (
                draft.text()[picture.target.clone()].to_owned(),
                alt,
                raw[picture.at.range()].to_owned(),
            )
        })
        .collect()
}

fn uses(format: &str, text: &str, expected: &[(&str, &str, &str)]) {
    let found: Vec<_> = support::drafts(format, text)
        .iter()
        .flat_map(pictures)
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
        .collect();
    assert_eq!(found, expected, "{format}: {text}");
}

#[test]
fn markdown_names_pictures_in_links_definitions_html_shortcodes_and_front_matter() {
    uses(
        "md",
        "![](a%20b.jpg) and ![A *port*](/b.png \"title\") ![c][ref]\n\n[ref]: /c.webp\n",
        &[
            ("a b.jpg", "missing", "![](a%20b.jpg)"),
            ("/b.png", "“A port”", "![A *port*](/b.png \"title\")"),
            ("/c.webp", "“c”", "![c][ref]"),
        ],
    );
    uses(
        "md",
        "x <img src=a.jpg alt=''> y\n\n> <div>\n> <img alt=Pier\n> src=b.jpg></div>\n",
        &[
            ("a.jpg", "empty alt=''", "<img src=a.jpg alt=''>"),
            ("b.jpg", "“Pier”", "<img alt=Pier\n> src=b.jpg>"),
        ],
    );
    uses(
        "md",
        "{{< figure src=\"/f.svg\" alt=\"Logo\" >}} {{< figure src=\"/g.svg\" >}} {{< figure src=\"/h.svg\" caption=\"Us\" >}}",
        &[
            (
                "/f.svg",
                "“Logo”",
                "{{< figure src=\"/f.svg\" alt=\"Logo\" >}}",
            ),
            ("/g.svg", "missing", "{{< figure src=\"/g.svg\" >}}"),
            (
                "/h.svg",
                "-",
                "{{< figure src=\"/h.svg\" caption=\"Us\" >}}",
            ),
        ],
    );
    uses(
        "md",
        "---\nimages: [/a.jpg, /b.jpg]\ncover: {image: c.jpg, alt: ''}\nthumbnail: d.jpg\n---\n",
        &[
            ("/a.jpg", "-", "/a.jpg"),
            ("/b.jpg", "-", "/b.jpg"),
            ("c.jpg", "empty alt: ''", "c.jpg"),
            ("d.jpg", "-", "d.jpg"),
        ],
    );
}

#[test]
fn html_offers_pictures_in_sizes_styles_and_cards() {
    uses(
        "html",
        "<meta property='og:image' content='https://a.example/card.png'>\
         <picture><source srcset='a.webp 1x, b.webp 2x'><img src=a.jpg srcset='a.jpg 1x, b.jpg 2x' alt='A pier'></picture>\
         <p style=\"background-image: URL('bg.jpg')\">x</p><td background=c.gif>",
        &[
            (
                "https://a.example/card.png",
                "-",
                "https://a.example/card.png",
            ),
            ("a.webp", "-", "a.webp"),
            ("b.webp", "-", "b.webp"),
            (
                "a.jpg",
                "“A pier”",
                "<img src=a.jpg srcset='a.jpg 1x, b.jpg 2x' alt='A pier'>",
            ),
            (
                "a.jpg",
                "-",
                "<img src=a.jpg srcset='a.jpg 1x, b.jpg 2x' alt='A pier'>",
            ),
            (
                "b.jpg",
                "-",
                "<img src=a.jpg srcset='a.jpg 1x, b.jpg 2x' alt='A pier'>",
            ),
            ("bg.jpg", "-", "bg.jpg"),
            ("c.gif", "-", "c.gif"),
        ],
    );
    uses(
        "html",
        "<img src=a.jpg><img src=b.jpg alt=\"\" role=\"none\"><img src=c.jpg alt aria-hidden=true><img src=d.jpg alt=\" \">",
        &[
            ("a.jpg", "missing", "<img src=a.jpg>"),
            (
                "b.jpg",
                "decorative",
                "<img src=b.jpg alt=\"\" role=\"none\">",
            ),
            (
                "c.jpg",
                "decorative",
                "<img src=c.jpg alt aria-hidden=true>",
            ),
            ("d.jpg", "empty alt=\" \"", "<img src=d.jpg alt=\" \">"),
        ],
    );
}

#[test]
fn tables_and_objects_have_columns_and_keys_for_pictures() {
    uses(
        "csv",
        "Text,Media URL(s),Alt text\nHi,\"/a.jpg, /b.jpg\",A pier\nHo,https://a.example/c.jpg,\n",
        &[
            ("/a.jpg", "“A pier”", "/a.jpg"),
            ("/b.jpg", "“A pier”", "/b.jpg"),
            (
                "https://a.example/c.jpg",
                "missing",
                "https://a.example/c.jpg",
            ),
        ],
    );
    uses(
        "csv",
        "Text,Image\nHi,/a.jpg\n",
        &[("/a.jpg", "-", "/a.jpg")],
    );
    uses(
        "json",
        r#"{"text": "x", "images": [{"src": "/a.jpg", "alt": "A pier"}, {"src": "/b.jpg"}], "cover": "/c.jpg"}"#,
        &[
            ("/a.jpg", "“A pier”", "/a.jpg"),
            ("/b.jpg", "missing", "/b.jpg"),
            ("/c.jpg", "-", "/c.jpg"),
        ],
    );
    uses(
        "json",
        r#"{"fields": {"description": {"en": ""}, "file": {"en": {"url": "//a.example/a.png", "contentType": "image/png"}}}}"#,
        &[(
            "//a.example/a.png",
            "empty \"description\": {\"en\": \"\"}",
            "//a.example/a.png",
        )],
    );
}

/// The parts of `text` that `image: RULE` finds.
fn finds(format: &str, rule: &str, text: &str) -> Vec<String> {
    let rulebook = support::rulebook_of(&format!("image: {rule}"));
    let drafts = support::drafts(format, text);
    let now = "2026-11-23T09:00:00Z".parse().unwrap();
    drafts
        .iter()
        .flat_map(|draft| rulebook.check(draft, now).findings)
        .map(|finding| finding.source.text()[finding.span.range()].to_owned())
        .collect()
}

#[test]
fn a_text_alternative_is_there_and_says_something() {
    for (format, text, expected) in [
        ("md", "![](/a.jpg)\n", &["![](/a.jpg)"][..]),
        (
            "md",
            "![IMG_20261102_1130.jpg](/a.jpg)",
            &["IMG_20261102_1130.jpg"],
        ),
        ("md", "![A pier](/a.jpg) ![Pier](pier.jpg)", &[]),
        ("html", "<img src=a.jpg>", &["<img src=a.jpg>"]),
        ("html", "<img src=a.jpg alt=\"\">", &["alt=\"\""]),
        ("html", "<img src=a.jpg alt=\"\" role=presentation>", &[]),
        ("html", "<img src=a.jpg alt=\"image\">", &["image"]),
        ("csv", "Text,Image,Alt\nHi,/a.jpg,\n", &["/a.jpg"]),
        ("csv", "Text,Image,Alt\nHi,/a.mp4,\n", &[]),
        ("csv", "Text,Image\nHi,/a.jpg\n", &[]),
    ] {
        assert_eq!(finds(format, "{alt: required}", text), expected, "{text}");
    }
}

#[test]
fn a_picture_on_another_site_is_judged_by_its_host() {
    let text =
        "![a](https://i.pics.example/a.jpg) ![b](https://notpics.example/b.jpg) ![c](/c.jpg)";
    assert_eq!(
        finds("md", "{hosts_not: [pics.example]}", text),
        ["https://i.pics.example/a.jpg"]
    );
}
