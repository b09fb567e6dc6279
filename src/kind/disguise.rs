//! The `disguise` kind: text that is not what it seems.
//!
//! `disguise: true`, or `disguise: {styled: true, bidi: true}` for some of it. It looks at prose;
//! links are looked at by the `link` kind. A finding is a whole run of disguised words, and its
//! message may say them in plain letters: `{plain}`.

use std::cell::LazyCell;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

use super::{Found, Look};
use crate::draft::Scope;
use crate::text::evasion::latin_look_alike;
use crate::text::fold::{is_combining, is_everyday, is_invisible, styled_letter};
use crate::text::shape::Reader;
use crate::text::weight::links;
use crate::text::yaml::{Node, Value};

/// What a message may use.
pub const CAPTURES: &[&str] = &["plain"];

/// A checked `disguise` rule: what it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four things that a rule looks for or not, each on its own"
)]
pub struct DisguiseSpec {
    /// Letters of mathematics, full-width and enclosed ones, small capitals, that form words. Screen
    /// readers spell them out or skip them.
    pub styled: bool,
    /// Characters that show nothing inside a word, and hidden text made of tags.
    pub invisible: bool,
    /// Look-alikes of another alphabet inside a word.
    pub mixed_scripts: bool,
    /// Controls that turn the order of the text.
    pub bidi: bool,
}

/// Mistakes in `disguise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
enum DisguiseError {
    #[error("`disguise` looks for nothing")]
    #[diagnostic(
        code(clearpost::pack::no_disguise),
        help(
            "write `disguise: true`, or one of styled, invisible, mixed_scripts and bidi with `true`"
        )
    )]
    NothingWanted,
}

impl DisguiseSpec {
    /// Reads the value of `disguise:`; in a map only what is named is looked for.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let spec = if matches!(node.value, Value::Map(_)) {
            let keys = ["styled", "invisible", "mixed_scripts", "bidi"];
            let fields = reader.map(node, "`disguise`", &keys)?;
            let mut is_wanted = |key: &str| match fields.get(key) {
                Some(node) => reader.truth(node, key),
                None => Some(false),
            };
            Self {
                styled: is_wanted("styled")?,
                invisible: is_wanted("invisible")?,
                mixed_scripts: is_wanted("mixed_scripts")?,
                bidi: is_wanted("bidi")?,
            }
        } else {
            let all = reader.truth(node, "disguise")?;
            Self {
                styled: all,
                invisible: all,
                mixed_scripts: all,
                bidi: all,
            }
        };
        if spec.styled || spec.invisible || spec.mixed_scripts || spec.bidi {
            return Some(spec);
        }
        reader.report(&DisguiseError::NothingWanted, node.at, "here");
        None
    }

    /// Finds disguised words.
    pub(super) fn look(self, look: &Look<'_>) -> Vec<Found> {
        let text = look.draft.text();
        look.places
            .iter()
            .filter(|place| {
                look.draft.segment_at(place.start).is_some_and(|segment| {
                    matches!(segment.scope, Scope::Title | Scope::Body | Scope::Alt)
                })
            })
            .flat_map(|place| {
                let words = &text[place.clone()];
                self.disguised(words).into_iter().map(|range| {
                    let plain = plain(&words[range.clone()]);
                    Found::text(place.start + range.start..place.start + range.end)
                        .with("plain", plain)
                })
            })
            .collect()
    }

    /// The runs of disguised words in `text`, in order, apart from one another.
    fn disguised(self, text: &str) -> Vec<Range<usize>> {
        if is_everyday(text) {
            return Vec::new();
        }
        // Hardly any text has a word that asks for them.
        let links = LazyCell::new(|| links(text));
        let in_link = |word: &Range<usize>| {
            let mut links = links.iter();
            links.any(|link| link.start < word.end && word.start < link.end)
        };
        let is_eastern = text.chars().any(|letter| {
            matches!(
                letter.script(),
                Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul
            )
        });
        let words: Vec<Range<usize>> = words(text)
            .into_iter()
            .filter(|word| !text[word.clone()].is_ascii())
            .collect();
        let mut found: Vec<Range<usize>> = Vec::new();
        // A styled letter alone is a sign, but between styled words it is one of them.
        let mut waiting: Option<Range<usize>> = None;
        for range in words {
            let word = &text[range.clone()];
            let is_disguised = (self.styled && is_styled(word, is_eastern))
                || (self.invisible && has_invisible(word))
                || (self.mixed_scripts && is_mixed(word));
            let is_lone = || self.styled && word.chars().all(|letter| styled(letter).is_some());
            if !(is_disguised || is_lone()) || in_link(&range) {
                continue;
            }
            let before = found
                .last()
                .filter(|last| is_close(text, last.end, range.start))
                .cloned();
            if is_disguised {
                let start = match (&waiting, before) {
                    (_, Some(last)) => {
                        found.pop();
                        last.start
                    }
                    (Some(lone), None) if is_close(text, lone.end, range.start) => lone.start,
                    _ => range.start,
                };
                found.push(start..range.end);
                waiting = None;
            } else {
                match before {
                    Some(_) => {
                        if let Some(last) = found.last_mut() {
                            last.end = range.end;
                        }
                    }
                    None => waiting = Some(range),
                }
            }
        }
        if self.invisible {
            found.extend(hidden_tags(text));
        }
        if self.bidi {
            found.extend(turned(text));
        }
        found.sort_by_key(|range| (range.start, range.end));
        found.dedup_by(|next, last| {
            let is_inside = next.start < last.end;
            if is_inside {
                last.end = last.end.max(next.end);
            }
            is_inside
        });
        found
    }
}

/// Runs of letters, figures and what shows nothing between them.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let end = at + letter.len_utf8();
        // Blood groups, parking and the like are emoji if they are asked to be.
        let is_emoji = matches!(letter, '\u{24C2}' | '\u{2139}' | '\u{1F170}'..='\u{1F17F}')
            && letters.peek().is_some_and(|(_, next)| *next == '\u{FE0F}');
        if is_emoji {
            found.extend(open.take());
        } else if letter.is_alphanumeric() || styled(letter).is_some() {
            open.get_or_insert(at..end).end = end;
        } else if is_combining(letter) || is_invisible(letter) {
            // It is part of the word only if a letter follows or it sits on one.
            if let Some(word) = open.as_mut().filter(|_| is_combining(letter)) {
                word.end = end;
            }
        } else {
            found.extend(open.take());
        }
    }
    found.extend(open);
    found
}

/// Whether nothing but spaces and punctuation of one line stands between two words.
fn is_close(text: &str, end: usize, start: usize) -> bool {
    text[end..start].chars().all(|c| {
        let is_blank = c.is_whitespace() && !matches!(c, '\n' | '\r');
        is_blank || c.is_ascii_punctuation() || matches!(c, '’' | '‘' | '–' | '—' | '…' | '·')
    })
}

/// The plain letter or figure that a styled one stands for.
fn styled(letter: char) -> Option<char> {
    let decomposed = || {
        let mut parts = std::iter::once(letter).nfkd();
        parts
            .next()
            .filter(|part| part.is_ascii_alphanumeric() && parts.next().is_none())
    };
    match letter {
        '\u{2102}'
        | '\u{210A}'..='\u{2115}'
        | '\u{2119}'..='\u{211D}'
        | '\u{2124}'
        | '\u{2128}'
        | '\u{212C}'..='\u{2138}'
        | '\u{24B6}'..='\u{24E9}'
        | '\u{FF10}'..='\u{FF5A}'
        | '\u{1D400}'..='\u{1D7FF}'
        | '\u{1F130}'..='\u{1F149}' => decomposed(),
        other => styled_letter(other),
    }
}

fn is_styled(word: &str, is_eastern: bool) -> bool {
    let (mut letters, mut count, mut capitals, mut marked) = (0, 0, 0, 0);
    for letter in word.chars() {
        letters += usize::from(letter.is_alphanumeric());
        // Full width is how Latin letters are set between Chinese characters.
        let is_typesetting = is_eastern && matches!(letter, '\u{FF10}'..='\u{FF5A}');
        if styled(letter).is_none() || is_typesetting {
            continue;
        }
        count += 1;
        // Small capitals of the phonetic alphabet also transcribe sounds.
        capitals += usize::from(matches!(letter, '\u{250}'..='\u{2AF}'));
        marked += usize::from(matches!(letter, '\u{1D400}'..='\u{1D7CB}'));
    }
    (count >= 2 && capitals < count) || (marked == 1 && letters >= 3)
}

/// Alphabets whose words need nothing invisible inside.
fn is_of_alphabet(letter: char) -> bool {
    letter.is_ascii_digit()
        || styled(letter).is_some()
        || matches!(
            letter.script(),
            Script::Latin | Script::Greek | Script::Cyrillic | Script::Armenian | Script::Georgian
        )
}

/// Whether a word has something invisible between two letters. A soft hyphen shows where a word may
/// be broken and is no disguise.
fn has_invisible(word: &str) -> bool {
    let mut last = None;
    let mut hidden = false;
    for letter in word.chars() {
        if letter == '\u{AD}' || is_combining(letter) {
            continue;
        }
        if is_invisible(letter) {
            hidden = true;
            continue;
        }
        if hidden && last.is_some_and(is_of_alphabet) && is_of_alphabet(letter) {
            return true;
        }
        hidden = false;
        last = Some(letter);
    }
    false
}

/// Latin letters that look like Cyrillic ones, and those, letter by letter.
const LOOKS_CYRILLIC: &str = "aceijopsxyABCEHIJKMOPSTXY";
const CYRILLIC: &str = "асеіјорѕхуАВСЕНІЈКМОРЅТХУ";

fn cyrillic_look_alike(letter: char) -> Option<char> {
    let mut pairs = LOOKS_CYRILLIC.chars().zip(CYRILLIC.chars());
    let (_, cyrillic) = pairs.find(|(latin, _)| *latin == letter)?;
    Some(cyrillic)
}

/// Whether a word has letters of two alphabets, all those of one look-alikes of the other's.
fn is_mixed(word: &str) -> bool {
    let script = |letter: &char| match letter.script() {
        Script::Latin => Some(Script::Latin),
        other @ (Script::Cyrillic
        | Script::Greek
        | Script::Armenian
        | Script::Cherokee
        | Script::Coptic
        | Script::Lisu) => Some(other),
        _ => None,
    };
    let of = |wanted: fn(Script) -> bool| {
        word.chars()
            .filter(move |letter| script(letter).is_some_and(wanted))
    };
    let latin = || of(|script| script == Script::Latin);
    let other = || of(|script| script != Script::Latin);
    if latin().next().is_none() || other().next().is_none() {
        return false;
    }
    // “Mосква” with a Latin M; of other alphabets no such list is needed in practice.
    let is_cyrillic = other().all(|letter| letter.script() == Script::Cyrillic)
        && other().count() > latin().count()
        && latin().all(|letter| cyrillic_look_alike(letter).is_some());
    // TNFα and IFNγ are what biologists call them.
    let is_formula = latin().all(char::is_uppercase)
        && other().all(|letter| letter.script() == Script::Greek && letter.is_lowercase());
    is_cyrillic || (!is_formula && other().all(|letter| latin_look_alike(letter).is_some()))
}

/// Text that is hidden in tags, which show nothing but after a black flag.
fn hidden_tags(text: &str) -> Vec<Range<usize>> {
    let is_tag = |letter: char| matches!(letter, '\u{E0020}'..='\u{E007F}');
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    let mut of_flag = false;
    for (at, letter) in text.char_indices() {
        if is_tag(letter) {
            of_flag |= last == Some('\u{1F3F4}');
            if !of_flag {
                let end = at + letter.len_utf8();
                match found.last_mut().filter(|found| found.end == at) {
                    Some(found) => found.end = end,
                    None => found.push(at..end),
                }
            }
        } else {
            of_flag = false;
        }
        last = Some(letter);
    }
    found
}

/// Words between controls of direction: those that override it always, those that only keep a part
/// apart where the text has no right-to-left letters that need them.
fn turned(text: &str) -> Vec<Range<usize>> {
    let is_opening = |c: char| {
        matches!(
            c,
            '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}' | '\u{2066}'..='\u{2068}'
        )
    };
    if !text.contains(is_opening) {
        return Vec::new();
    }
    let is_rtl = text.chars().any(|letter| {
        matches!(
            letter.script(),
            Script::Arabic | Script::Hebrew | Script::Syriac | Script::Thaana | Script::Nko
        )
    });
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_opening).map(|next| at + next) {
        let rest = &text[start..];
        let is_override = rest.starts_with(['\u{202D}', '\u{202E}']);
        let len = rest
            .find(['\u{202C}', '\u{2069}'])
            .map(|end| end + '\u{202C}'.len_utf8())
            .or_else(|| rest.find(['\n', '\r']))
            .unwrap_or(rest.len());
        // Telephones put marks around the numbers they copy.
        let has_letters = rest[..len].contains(char::is_alphabetic);
        if is_override || (!is_rtl && has_letters) {
            found.push(start..start + len);
        }
        at = start + len;
    }
    found
}

/// The words in plain letters.
fn plain(words: &str) -> String {
    // A letter that looks like no Latin one says in which alphabet the words are meant.
    let is_cyrillic = words
        .chars()
        .any(|letter| letter.script() == Script::Cyrillic && latin_look_alike(letter).is_none());
    words
        .chars()
        .filter(|letter| !is_invisible(*letter))
        .map(|letter| {
            if is_cyrillic {
                return cyrillic_look_alike(letter).unwrap_or(letter);
            }
            match styled(letter).or_else(|| latin_look_alike(letter)) {
                Some(plain) if letter.is_uppercase() => plain.to_ascii_uppercase(),
                Some(plain) => plain,
                None => letter,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: DisguiseSpec = DisguiseSpec {
        styled: true,
        invisible: true,
        mixed_scripts: true,
        bidi: true,
    };

    #[test]
    fn disguised_words_have_a_plain_form() {
        let cases = [
            ("𝗕𝗮𝗻𝗰𝗮 𝗢𝗿𝘀𝗶𝗻𝗶", "Banca Orsini"),
            ("Ofer\u{200B}ta", "Oferta"),
            ("dеlivery", "delivery"),
            ("ⓛⓛⓤⓜ", "llum"),
            ("Асme", "Acme"),
            ("ᴀᴄᴍᴇ", "acme"),
            ("Mocквa", "Москва"),
            ("caffè", "caffè"),
        ];
        for (words, expected) in cases {
            assert_eq!(plain(words), expected);
        }
    }

    proptest! {
        #[test]
        fn ascii_is_never_disguised(text in "[ -~\\n\\t]{0,60}") {
            prop_assert!(ALL.disguised(&text).is_empty());
        }

        #[test]
        fn any_text_has_runs_that_slice_and_lie_apart(
            text in "\\PC{0,40}|[a-zé а-я𝗔-𝗭ⓐ-ⓩ\\u{200B}\\u{202A}-\\u{202E}\\u{2066}-\\u{2069}\\u{E0041}🏴光\\n.@/]{0,40}",
        ) {
            let mut end = 0;
            for range in ALL.disguised(&text) {
                prop_assert!(end <= range.start);
                prop_assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()));
                end = range.end;
            }
        }
    }
}
