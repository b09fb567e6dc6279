//! The `limit` kind: no more than so much of something in a post.
//!
//! `limit: {characters: 280, as: x}`, or `limit: {of: channel}` for what the draft's own channel
//! takes. A finding begins with the first character or item over the limit and ends with the last.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::{Found, Look};
use crate::draft::{Draft, Scope};
use crate::text::ease::{LANGUAGES, reading_ease};
use crate::text::fold::is_everyday;
use crate::text::sentence::sentences;
use crate::text::shape::Reader;
use crate::text::weight::{Counting, emoji, links};
use crate::text::yaml::Node;

/// What a message may use besides `{count}`.
pub const CAPTURES: &[&str] = &["limit"];

/// A checked `limit` rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitSpec {
    /// Each of them, on its own.
    pub limits: Vec<Limit>,
    /// Whether the limits of the draft's channel hold as well.
    pub of_channel: bool,
}

/// So much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What is counted.
    pub what: Measured,
    /// How much is still fine; 0 forbids it.
    pub most: u32,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measured {
    /// The length of the text as it is posted.
    Text(Counting),
    /// The length of each title.
    Title(Counting),
    /// The length of the text for each picture.
    Alt(Counting),
    /// Words, by UAX #29.
    Words,
    /// Sentences.
    Sentences,
    /// Hashtags.
    Hashtags,
    /// Handles of others.
    Mentions,
    /// Addresses, bare ones as well, and the targets of links.
    Links,
    /// Emoji, each with whatever it is joined of.
    Emoji,
    /// Pictures.
    Images,
    /// Capitals, in hundredths of all letters.
    Capitals,
    /// How easy the text is to read; the number is the least, not the most.
    ReadingEase,
}

/// Mistakes in `limit`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
enum LimitError {
    #[error("`limit` does not say what is limited")]
    #[diagnostic(
        code(clearpost::pack::no_limit),
        help("write `of: channel`, or one of {keys} with a number")
    )]
    NothingLimited { keys: String },
    #[error("“{value}” is no share of the letters")]
    #[diagnostic(
        code(clearpost::pack::malformed_capitals),
        help("write a share from 0 to 100: capitals: 30 %")
    )]
    MalformedShare { value: String },
    #[error("`as: {channel}` counts nothing here")]
    #[diagnostic(
        code(clearpost::pack::nothing_to_count),
        help("`as` says how `characters`, `title` or `alt` are counted: add one of them")
    )]
    NothingCounted { channel: String },
}

/// What a channel takes.
struct Channel {
    name: &'static str,
    counting: Counting,
    text: &'static [(Counting, u32)],
    /// Where it has titles.
    title: Option<u32>,
    hashtags: Option<u32>,
    alt: u32,
    /// Characters that are shown before “more”, roughly.
    fold: Option<u32>,
}

/// The channels' own limits as of November 2026, from what each publishes for those who post
/// through its interface. Of two limits in use the one that more posts meet is taken: no paid plan
/// on X, a film on `TikTok`, thirty hashtags on Instagram.
const CHANNELS: [Channel; 10] = {
    use Counting::{Bytes, Characters, Graphemes, Mastodon, Utf16, X};
    let plain = Channel {
        name: "",
        counting: Characters,
        text: &[],
        title: None,
        hashtags: None,
        alt: 1000,
        fold: None,
    };
    [
        Channel {
            name: "x",
            counting: X,
            text: &[(X, 280)],
            ..plain
        },
        Channel {
            name: "linkedin",
            counting: Utf16,
            text: &[(Utf16, 3000)],
            fold: Some(210),
            title: Some(150),
            ..plain
        },
        Channel {
            name: "instagram",
            counting: Utf16,
            text: &[(Utf16, 2200)],
            fold: Some(125),
            hashtags: Some(30),
            ..plain
        },
        Channel {
            name: "facebook",
            counting: Utf16,
            text: &[(Utf16, 63206)],
            fold: Some(477),
            ..plain
        },
        Channel {
            name: "threads",
            text: &[(Characters, 500)],
            hashtags: Some(1),
            ..plain
        },
        Channel {
            name: "bluesky",
            counting: Graphemes,
            text: &[(Graphemes, 300), (Bytes, 3000)],
            alt: 2000,
            ..plain
        },
        Channel {
            name: "mastodon",
            counting: Mastodon,
            text: &[(Mastodon, 500)],
            alt: 1500,
            ..plain
        },
        Channel {
            name: "tiktok",
            counting: Utf16,
            text: &[(Utf16, 2200)],
            fold: Some(100),
            hashtags: Some(5),
            ..plain
        },
        Channel {
            name: "youtube",
            text: &[(Bytes, 5000)],
            fold: Some(100),
            title: Some(100),
            hashtags: Some(15),
            ..plain
        },
        Channel {
            name: "pinterest",
            text: &[(Characters, 500)],
            title: Some(100),
            alt: 500,
            fold: Some(50),
            ..plain
        },
    ]
};

/// Channels that take whatever they are given.
const BOUNDLESS: [&str; 3] = ["blog", "newsletter", "cms"];

/// Characters that the draft's channel shows before “more”; `None` if it shows all, or nobody says
/// where the draft goes.
pub(super) fn channel_fold(draft: &Draft) -> Option<u32> {
    Channel::of(draft)?.fold
}

impl Channel {
    fn of(draft: &Draft) -> Option<&'static Self> {
        let name = draft.facts().channel()?;
        CHANNELS.iter().find(|channel| channel.name == name)
    }

    fn limits(&self) -> impl Iterator<Item = Limit> {
        let limit = |what: Measured| move |most: u32| Limit { what, most };
        self.text
            .iter()
            .map(move |(counting, most)| limit(Measured::Text(*counting))(*most))
            .chain(self.title.map(limit(Measured::Title(self.counting))))
            .chain(self.hashtags.map(limit(Measured::Hashtags)))
            .chain([limit(Measured::Alt(self.counting))(self.alt)])
    }
}

impl LimitSpec {
    /// Reads the value of `limit:`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let counting: [(&str, Counting); CHANNELS.len()] = CHANNELS
            .each_ref()
            .map(|channel| (channel.name, channel.counting));
        let known = |counting: Counting| {
            [
                ("characters", Measured::Text(counting)),
                ("bytes", Measured::Text(Counting::Bytes)),
                ("words", Measured::Words),
                ("sentences", Measured::Sentences),
                ("hashtags", Measured::Hashtags),
                ("mentions", Measured::Mentions),
                ("links", Measured::Links),
                ("emoji", Measured::Emoji),
                ("images", Measured::Images),
                ("capitals", Measured::Capitals),
                ("reading_ease", Measured::ReadingEase),
                ("title", Measured::Title(counting)),
                ("alt", Measured::Alt(counting)),
            ]
        };
        let names = known(Counting::default()).map(|(key, _)| key);
        let keys: Vec<&str> = names.into_iter().chain(["as", "of"]).collect();
        let fields = reader.map(node, "`limit`", &keys)?;
        let way = match fields.get("as") {
            Some(node) => Some((node, reader.one_of(node, "as", &counting)?)),
            None => None,
        };
        let mut limits = Vec::new();
        for (key, what) in known(way.map_or(Counting::default(), |(_, counting)| counting)) {
            if let Some(node) = fields.get(key) {
                let most = match what {
                    Measured::Capitals => share(node, reader)?,
                    _ => reader.count(node, key)?,
                };
                limits.push(Limit { what, most });
            }
        }
        let of_channel = match fields.get("of") {
            Some(node) => reader.one_of(node, "of", &[("channel", true)])?,
            None => false,
        };
        if limits.is_empty() && !of_channel {
            let keys = names.join(", ");
            reader.report(&LimitError::NothingLimited { keys }, node.at, "no limit");
            return None;
        }
        let is_counted = ["characters", "title", "alt"]
            .iter()
            .any(|key| fields.get(key).is_some());
        if let Some((node, _)) = way
            && !is_counted
        {
            let channel = reader.text(node, "as")?.to_owned();
            reader.report(&LimitError::NothingCounted { channel }, node.at, "of what?");
            return None;
        }
        Some(Self { limits, of_channel })
    }

    /// Why it cannot say anything about a draft, if it cannot.
    pub(super) fn lacks(&self, draft: &Draft) -> Option<String> {
        let mut limits = self.limits.iter();
        if limits.any(|limit| limit.what == Measured::ReadingEase) {
            let lang = draft.lang_at(0);
            let has_formula = lang.is_some_and(|lang| LANGUAGES.contains(&lang.as_str()));
            if !has_formula {
                return Some(format!(
                    "reading ease is known for {} only, and this text is in another language or in none that can be told",
                    LANGUAGES.join(", ")
                ));
            }
        }
        if !self.of_channel || Channel::of(draft).is_some() {
            return None;
        }
        match draft.facts().channel() {
            None => Some(
                "limits depend on the channel, and nobody says where this goes: add `--channel`"
                    .to_owned(),
            ),
            Some(name) if BOUNDLESS.contains(&name) => None,
            Some(name) => Some(format!(
                "the limits of `{name}` are not known: write a rule with `limit: {{characters: …}}` for it"
            )),
        }
    }

    /// Finds what is too long or too many.
    pub(super) fn look(&self, look: &Look<'_>) -> Vec<Found> {
        let own = self.of_channel.then(|| Channel::of(look.draft)).flatten();
        self.limits
            .iter()
            .copied()
            .chain(own.into_iter().flat_map(Channel::limits))
            .flat_map(|limit| limit.look(look))
            .collect()
    }
}

impl Limit {
    fn look(self, look: &Look<'_>) -> Vec<Found> {
        let most = self.most as usize;
        let draft = look.draft;
        let over = match self.what {
            Measured::Text(counting) => {
                let is_titled = Channel::of(draft).is_some_and(|channel| channel.title.is_some());
                let mut places = segments(look, &[Scope::Title, Scope::Body]);
                if is_titled {
                    places = segments(look, &[Scope::Body]);
                }
                too_long(draft, &places, counting, most)
                    .into_iter()
                    .collect()
            }
            Measured::Title(counting) => each_too_long(look, Scope::Title, counting, most),
            Measured::Alt(counting) => each_too_long(look, Scope::Alt, counting, most),
            Measured::Capitals => too_loud(look, most).into_iter().collect(),
            Measured::ReadingEase => too_hard(look, self.most).into_iter().collect(),
            what => too_many(&items(look, what), most).into_iter().collect(),
        };
        over.into_iter()
            .map(|(range, count)| {
                Found::text(range)
                    .with("count", count.to_string())
                    .with("limit", self.most.to_string())
            })
            .collect()
    }
}

/// Reads a share, with or without its sign.
fn share(node: &Node, reader: &mut Reader<'_>) -> Option<u32> {
    let value = reader.text(node, "capitals")?;
    let number = value.trim().trim_end_matches('%').trim().parse().ok();
    let number = number.filter(|share: &u32| *share <= 100);
    if number.is_none() {
        let value = value.to_owned();
        reader.report(
            &LimitError::MalformedShare { value },
            node.at,
            "not a share",
        );
    }
    number
}

/// Letters below which a share of capitals says nothing.
const FEW_LETTERS: usize = 20;

/// From the first capital to the last where they are more than so many hundredths of all letters.
fn too_loud(look: &Look<'_>, most: usize) -> Option<(Range<usize>, usize)> {
    let text = look.draft.text();
    let mut letters = 0;
    let mut capitals: Vec<Range<usize>> = Vec::new();
    for place in segments(look, &[Scope::Title, Scope::Body]) {
        for (at, letter) in text[place.clone()].char_indices() {
            if letter.is_alphabetic() {
                letters += 1;
            }
            if letter.is_uppercase() {
                let start = place.start + at;
                capitals.push(start..start + letter.len_utf8());
            }
        }
    }
    let is_loud = letters >= FEW_LETTERS && capitals.len() * 100 > most * letters;
    let range = capitals.first()?.start..capitals.last()?.end;
    is_loud.then(|| (range, capitals.len() * 100 / letters))
}

/// All of the text where it is harder to read than `least`.
fn too_hard(look: &Look<'_>, least: u32) -> Option<(Range<usize>, usize)> {
    let draft = look.draft;
    let places = segments(look, &[Scope::Body]);
    let range = places.first()?.start..places.last()?.end;
    let text: Vec<&str> = places
        .iter()
        .map(|place| &draft.text()[place.clone()])
        .collect();
    let ease = reading_ease(&text.join("\n\n"), draft.lang_at(range.start)?)?;
    if ease >= f64::from(least) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a figure of some hundred at most, and not below nothing here"
    )]
    let shown = ease.max(0.0).round() as usize;
    Some((range, shown))
}

/// The segments of a post that have one of `scopes`, as far as the rule looks at them.
pub(super) fn segments(look: &Look<'_>, scopes: &[Scope]) -> Vec<Range<usize>> {
    let is_wanted = |place: &&Range<usize>| {
        look.draft.segment_at(place.start).is_some_and(|segment| {
            segment.range.start == place.start && scopes.contains(&segment.scope)
        })
    };
    look.places.iter().filter(is_wanted).cloned().collect()
}

/// The items of a post, in the order of its text.
pub(super) fn items(look: &Look<'_>, what: Measured) -> Vec<Range<usize>> {
    let draft = look.draft;
    let text = draft.text();
    let prose = segments(look, &[Scope::Title, Scope::Body]);
    let entities = |scope: Scope| {
        draft
            .entities()
            .iter()
            .filter(|entity| entity.scope == scope)
            .map(|entity| entity.range.clone())
            .filter(|range| {
                prose
                    .iter()
                    .any(|place| place.start <= range.start && range.end <= place.end)
            })
            .collect::<Vec<_>>()
    };
    let each = |find: &dyn Fn(&str) -> Vec<Range<usize>>| {
        prose
            .iter()
            .flat_map(|place| {
                let found = find(&text[place.clone()]);
                let start = place.start;
                found
                    .into_iter()
                    .map(move |range| start + range.start..start + range.end)
            })
            .collect::<Vec<_>>()
    };
    match what {
        Measured::Hashtags => entities(Scope::Hashtag),
        Measured::Mentions => entities(Scope::Handle),
        Measured::Emoji => each(&|text| {
            if is_everyday(text) {
                Vec::new()
            } else {
                emoji(text).collect()
            }
        }),
        Measured::Words => each(&|text| {
            text.unicode_word_indices()
                .map(|(at, word)| at..at + word.len())
                .collect()
        }),
        Measured::Sentences => each(&|text| {
            sentences(text)
                .into_iter()
                .map(|range| range.start..range.start + text[range].trim_end().len())
                .filter(|range| !range.is_empty())
                .collect()
        }),
        Measured::Links => {
            let mut found = segments(look, &[Scope::Link]);
            // A link that shows its own target is one link.
            let shown: Vec<_> = each(&links)
                .into_iter()
                .filter(|link| {
                    let is_target =
                        |place: &Range<usize>| text[place.clone()] == text[link.clone()];
                    !found.iter().any(is_target)
                })
                .collect();
            found.extend(shown);
            found.sort_by_key(|range| range.start);
            found
        }
        Measured::Images => segments(look, &[Scope::Image]),
        Measured::Text(_)
        | Measured::Title(_)
        | Measured::Alt(_)
        | Measured::Capitals
        | Measured::ReadingEase => Vec::new(),
    }
}

/// The items over `most`, as one range, and how many there are in all.
pub(super) fn too_many(items: &[Range<usize>], most: usize) -> Option<(Range<usize>, usize)> {
    let first = items.get(most)?;
    let last = items.last()?;
    Some((first.start..last.end, items.len()))
}

fn each_too_long(
    look: &Look<'_>,
    scope: Scope,
    counting: Counting,
    most: usize,
) -> Vec<(Range<usize>, usize)> {
    segments(look, &[scope])
        .into_iter()
        .filter_map(|place| too_long(look.draft, &[place], counting, most))
        .collect()
}

/// What of a text in several places is over `most`, and how long it is in all.
fn too_long(
    draft: &Draft,
    places: &[Range<usize>],
    counting: Counting,
    most: usize,
) -> Option<(Range<usize>, usize)> {
    let text = draft.text();
    let mut total = 0;
    let mut from = None;
    let mut before: Option<&Range<usize>> = None;
    let bound = |place: &Range<usize>| counting.bound(&text[place.clone()]);
    if let [place] = places
        && bound(place).is_some_and(|bound| bound <= most)
    {
        return None;
    }
    for place in places {
        if let Some(before) = before {
            total += gap(draft, before, place);
        }
        before = Some(place);
        for (piece, weight) in counting.pieces(&text[place.clone()]) {
            total += weight;
            if total > most && from.is_none() {
                from = Some(place.start + piece.start);
            }
        }
    }
    Some((from?..before?.end, total))
}

/// How many characters stand between two segments of a post: the white space that the author typed,
/// or two line ends where markup or other fields lie between.
fn gap(draft: &Draft, before: &Range<usize>, after: &Range<usize>) -> usize {
    const PARAGRAPHS: usize = 2;
    let between = draft.span(before).end()..draft.span(after).start();
    let Some(between) = draft.source().text().get(between) else {
        return PARAGRAPHS;
    };
    // Strings of JSON write their line ends as escapes.
    let typed = between
        .replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\r\n", "\n");
    if !typed.is_empty() && typed.chars().all(char::is_whitespace) {
        typed.chars().count()
    } else {
        PARAGRAPHS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::{KNOWN_CHANNELS, StatedFacts};

    #[test]
    fn every_known_channel_has_limits_or_none() {
        for name in KNOWN_CHANNELS {
            let known = CHANNELS.iter().any(|channel| channel.name == name);
            assert_ne!(known, BOUNDLESS.contains(&name), "{name}");
        }
    }

    #[test]
    fn blank_lines_between_paragraphs_count_as_typed() {
        let draft = Draft::example(
            &Scope::Body,
            "uno\n\n\ndos\r\n\r\ntres",
            &StatedFacts::default(),
        );
        let places: Vec<_> = draft
            .segments()
            .iter()
            .map(|segment| segment.range.clone())
            .collect();
        let over = |most| too_long(&draft, &places, Counting::Characters, most);
        assert_eq!(over(15), None);
        let (range, count) = over(14).unwrap();
        assert_eq!((&draft.text()[range], count), ("s", 15));
    }
}
