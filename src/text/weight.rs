//! How channels count a text: what a character, an emoji or an address weighs.
//!
//! A text is weighed piece by piece, so that what is over a limit can be told from its first
//! character on. A piece is what a reader takes for one character, whatever it is made of; where a
//! channel counts all addresses alike, an address is one piece.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::entities::{Entity, EntityKind, entities};

/// A way to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counting {
    /// Unicode scalar values.
    #[default]
    Characters,
    /// UTF-16 code units, as JavaScript has them.
    Utf16,
    /// What a reader takes for one character: extended grapheme clusters of UAX #29.
    Graphemes,
    /// Bytes of UTF-8.
    Bytes,
    /// As X weighs: characters of NFC by `x_weight`, an emoji 2, an address 23.
    X,
    /// As Mastodon counts: scalar values, an address 23, `@name@server` without its server.
    Mastodon,
}

/// What every address weighs on X and Mastodon, which shorten them or count as if they did.
const ADDRESS: usize = 23;

/// What one character weighs on X, by the configuration of version 3 of its `twitter-text`.
fn x_weight(letter: char) -> usize {
    match letter {
        '\0'..='\u{10FF}'
        | '\u{2000}'..='\u{200D}'
        | '\u{2010}'..='\u{201F}'
        | '\u{2032}'..='\u{2037}' => 1,
        _ => 2,
    }
}

impl Counting {
    /// The most that `text` can weigh, if that is known without looking at it.
    pub fn bound(self, text: &str) -> Option<usize> {
        match self {
            Self::Characters | Self::Utf16 | Self::Graphemes | Self::Bytes => Some(text.len()),
            // A short address weighs more than its letters.
            Self::X | Self::Mastodon => None,
        }
    }

    /// The pieces of `text` in order, with what each weighs; together they are the whole text.
    pub fn pieces(self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut wholes: Vec<(Range<usize>, usize)> = match self {
            Self::X => links(text)
                .into_iter()
                .map(|link| (link, ADDRESS))
                .collect(),
            Self::Mastodon => entities(text)
                .into_iter()
                .filter_map(|Entity { kind, range }| {
                    let words = &text[range.clone()];
                    match kind {
                        EntityKind::Link if words.contains("://") => Some((range, ADDRESS)),
                        EntityKind::Handle => {
                            let name = words[1..].split('@').next().unwrap_or_default();
                            Some((range, 1 + name.chars().count()))
                        }
                        _ => None,
                    }
                })
                .collect(),
            _ => Vec::new(),
        };
        wholes.reverse();
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < text.len() {
            if let Some(whole) = wholes.pop_if(|(whole, _)| whole.start == at) {
                at = whole.0.end;
                pieces.push(whole);
                continue;
            }
            let end = wholes.last().map_or(text.len(), |(whole, _)| whole.start);
            for piece in text[at..end].graphemes(true) {
                pieces.push((at..at + piece.len(), self.weigh(piece)));
                at += piece.len();
            }
        }
        pieces
    }

    fn weigh(self, piece: &str) -> usize {
        match self {
            // Wherever a line ends in two characters here, it ends in one there.
            _ if piece == "\r\n" => 1,
            Self::Graphemes => 1,
            Self::Bytes => piece.len(),
            Self::Characters | Self::Mastodon => piece.chars().count(),
            Self::Utf16 => piece.encode_utf16().count(),
            Self::X if is_emoji(piece) => 2,
            Self::X => piece.nfc().map(x_weight).sum(),
        }
    }
}

/// What Unicode shows as a picture: a flag, a key, a sign that is an emoji by itself or that is
/// asked to be one.
static EMOJI: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x) ^(?: \p{RI}{2} | [0-9\#*]\x{FE0F}?\x{20E3} | \p{Emoji_Presentation}(?:[^\x{FE0E}]|$)
        | \p{Extended_Pictographic}\x{FE0F} | \p{Emoji_Modifier_Base}\p{Emoji_Modifier} )",
    )
    .ok()
});

/// Whether a grapheme cluster is an emoji.
pub fn is_emoji(piece: &str) -> bool {
    // Most pieces are a letter, and need no looking up.
    (piece.len() > 2) && EMOJI.as_ref().is_some_and(|regex| regex.is_match(piece))
}

/// The emoji of `text`, in order.
pub fn emoji(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.grapheme_indices(true)
        .filter(|(_, piece)| is_emoji(piece))
        .map(|(at, piece)| at..at + piece.len())
}

/// The addresses of `text`, in order: those with a scheme or `www.`, and bare ones such as
/// `example.com/about`.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let known = entities(text);
    let mut found: Vec<Range<usize>> = known
        .iter()
        .filter(|entity| entity.kind == EntityKind::Link)
        .map(|entity| entity.range.clone())
        .collect();
    if let Some(hosts) = HOST.as_ref() {
        for host in hosts.find_iter(text) {
            let range = bare_address(text, host.range());
            let is_taken = known
                .iter()
                .any(|entity| entity.range.start < range.end && range.start < entity.range.end);
            if is_host(text, &host.range()) && !is_taken {
                found.push(range);
            }
        }
    }
    found.sort_by_key(|range| range.start);
    // The path of one address may look like the next.
    let mut end = 0;
    found.retain(|range| {
        let is_apart = end <= range.start;
        if is_apart {
            end = range.end;
        }
        is_apart
    });
    found
}

static HOST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:[\p{L}\p{N}]+(?:-+[\p{L}\p{N}]+)*\.)+[A-Za-z]{2,13}").ok());

fn is_host(text: &str, host: &Range<usize>) -> bool {
    let top = text[host.clone()].rsplit('.').next().unwrap_or_default();
    let top = top.to_ascii_lowercase();
    let before = text[..host.start].chars().next_back();
    let after = text[host.end..].chars().next();
    let is_known = match top.len() {
        2 => COUNTRIES.split(' ').any(|known| known == top),
        _ => GENERIC.contains(&top.as_str()),
    };
    is_known
        && !before.is_some_and(|c| c.is_alphanumeric() || "@/.-_#$".contains(c))
        && !after.is_some_and(|c| c.is_alphanumeric() || "@_-".contains(c))
}

/// A bare host with its path; punctuation at the end is the sentence's.
fn bare_address(text: &str, host: Range<usize>) -> Range<usize> {
    let rest = &text[host.end..];
    if !rest.starts_with(['/', '?']) {
        return host;
    }
    let stop = |c: char| c.is_whitespace() || c == '\0' || "<>\"“”«»`|".contains(c);
    let path = &rest[..rest.find(stop).unwrap_or(rest.len())];
    let path = path.trim_end_matches(|c: char| ".,;:!?'’…*_)]".contains(c));
    host.start..host.end + path.len()
}

/// Country-code domains, by IANA's root zone; a word and a stop before a word that is none of these
/// is the end of a sentence.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Other domains that people write bare. `example` is reserved by RFC 2606: it stands for real ones
/// wherever a text is about no real company.
const GENERIC: [&str; 50] = [
    "academy",
    "agency",
    "app",
    "art",
    "barcelona",
    "bio",
    "biz",
    "blog",
    "care",
    "cat",
    "cloud",
    "club",
    "coffee",
    "com",
    "company",
    "design",
    "dev",
    "digital",
    "edu",
    "energy",
    "events",
    "example",
    "eus",
    "fashion",
    "fun",
    "gal",
    "global",
    "gov",
    "group",
    "health",
    "info",
    "int",
    "jobs",
    "link",
    "live",
    "media",
    "mobi",
    "museum",
    "name",
    "net",
    "news",
    "online",
    "org",
    "page",
    "shop",
    "site",
    "space",
    "store",
    "tech",
    "world",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Counting; 6] = [
        Counting::Characters,
        Counting::Utf16,
        Counting::Graphemes,
        Counting::Bytes,
        Counting::X,
        Counting::Mastodon,
    ];

    fn weights(text: &str) -> [usize; 6] {
        ALL.map(|counting| counting.pieces(text).iter().map(|(_, weight)| weight).sum())
    }

    #[test]
    fn each_channel_counts_its_own_way() {
        // Characters, UTF-16, graphemes, bytes, X, Mastodon.
        let cases = [
            ("", [0, 0, 0, 0, 0, 0]),
            ("caffè", [5, 5, 5, 6, 5, 5]),
            ("caffe\u{300}", [6, 6, 5, 7, 5, 6]),
            ("a\r\nb", [3, 3, 3, 3, 3, 3]),
            ("光", [1, 1, 1, 3, 2, 1]),
            ("“così” – …", [10, 10, 10, 19, 11, 10]),
            ("👶🏽", [2, 4, 1, 8, 2, 2]),
            ("👩‍❤️‍👩", [6, 8, 1, 20, 2, 6]),
            ("🇮🇹1️⃣", [5, 7, 2, 15, 4, 5]),
            ("✔ ✔️", [4, 4, 3, 10, 5, 4]),
            ("𝗔", [1, 2, 1, 4, 2, 1]),
            ("vedi example.com!", [17, 17, 17, 17, 29, 17]),
            ("https://a.example/x?y=1.", [24, 24, 24, 24, 24, 24]),
            ("@ana@mastodon.example hola", [26, 26, 26, 26, 26, 9]),
        ];
        for (text, expected) in cases {
            assert_eq!(weights(text), expected, "{text}");
        }
    }

    #[test]
    fn bare_addresses_are_told_from_the_ends_of_sentences() {
        let cases: [(&str, &[&str]); 6] = [
            ("su example.com e www.b.it.", &["example.com", "www.b.it"]),
            ("lumetra.example/prova, poi", &["lumetra.example/prova"]),
            ("Fine.Poi altro. E v2.0 o 3.5, logo.png", &[]),
            ("ana@example.com", &[]),
            (
                "https://a.com/b.com c.com",
                &["https://a.com/b.com", "c.com"],
            ),
            ("això és botiga.cat/ofertes.", &["botiga.cat/ofertes"]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = links(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_the_sum_of_its_pieces(text in "\\PC{0,40}|([a-z.@/:#é光👶🏽\\u{200D}\\u{301}\\r\\n]|a\\.com|https://){0,40}") {
            for counting in ALL {
                let mut at = 0;
                for (piece, _) in counting.pieces(&text) {
                    prop_assert_eq!(piece.start, at);
                    prop_assert!(text.get(piece.clone()).is_some_and(|part| !part.is_empty()));
                    at = piece.end;
                }
                prop_assert_eq!(at, text.len());
            }
            let weight: usize = Counting::Utf16.pieces(&text).iter().map(|(_, weight)| weight).sum();
            prop_assert!(weight <= Counting::Utf16.bound(&text).unwrap());
        }
    }
}
