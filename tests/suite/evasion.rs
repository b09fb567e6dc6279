//! Whatever is done to a term so that a filter does not see it, the finding covers exactly what was
//! done: the planted letters, with all that stands between them and no markup at the edges.
//!
//! More cases than a test run needs: `PROPTEST_CASES=20000 cargo test --test suite evasion::`.

use crate::support;
use std::iter::once;
use std::ops::Range;

use clearpost::kind::terms::{TermSettings, TermsSpec};
use clearpost::text::fold::Resist;
use proptest::prelude::*;
use proptest::sample::select;

/// What is done to single letters of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    Capitals,
    WithoutAccents,
    Marks,
    Decomposed,
    Mathematical,
    FullWidth,
    Circled,
    SmallCapitals,
    Entities,
    LookAlikes,
    Leet,
}

use Letters::{
    Capitals, Circled, Decomposed, Entities, FullWidth, Leet, LookAlikes, Marks, Mathematical,
    SmallCapitals, WithoutAccents,
};

/// What typing, editors and fonts do, which `resist: typing` undoes.
const TYPED: [Letters; 9] = [
    Capitals,
    WithoutAccents,
    Marks,
    Decomposed,
    Mathematical,
    FullWidth,
    Circled,
    SmallCapitals,
    Entities,
];

const EVADING: [Letters; 2] = [LookAlikes, Leet];

/// All that is done to one term. Numbers are taken modulo what there is to choose from, so that
/// every disguise can be put on every term and shrinks to doing less.
#[derive(Clone, Debug)]
struct Disguise {
    letters: Vec<Letters>,
    /// For every letter in turn: whether something is done to it, and which form of it.
    choices: Vec<u8>,
    /// Put between two letters of a word, by the position of the first.
    inside: Vec<(usize, &'static str)>,
    /// Written in place of the spaces between words.
    gap: &'static str,
    /// Put between all letters.
    spaced: Option<&'static str>,
    /// A letter and how often it is written.
    repeated: Option<(usize, usize)>,
    /// Marks around the letters from one to another.
    marks: Option<(Marked, usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
struct Marked {
    open: &'static str,
    close: &'static str,
}

const MARKS: [Marked; 7] = [
    Marked {
        open: "**",
        close: "**",
    },
    Marked {
        open: "*",
        close: "*",
    },
    Marked {
        open: "~~",
        close: "~~",
    },
    Marked {
        open: "<b>",
        close: "</b>",
    },
    Marked {
        open: "<span class=\"x\">",
        close: "</span>",
    },
    Marked {
        open: "[",
        close: "](https://example.com/x)",
    },
    Marked {
        open: "`",
        close: "`",
    },
];

const INVISIBLE: [&str; 8] = [
    "\u{200B}", "\u{200C}", "\u{200D}", "\u{2060}", "\u{AD}", "\u{FEFF}", "\u{200E}", "\u{FE0F}",
];

const INVISIBLE_REFERENCES: [&str; 4] = ["&shy;", "&#8203;", "&zwnj;", "&#xAD;"];

const GAPS: [&str; 10] = [
    " ", "  ", "\n", "\r\n", "\u{A0}", "\u{2009}", "-", "\u{2013}", "", "_",
];

const SEPARATORS: [&str; 12] = [
    " ", ".", "-", "_", "/", ",", ":", "\u{B7}", "+", "|", "*", "~",
];

fn disguise(level: Resist, format: &'static str) -> impl Strategy<Value = Disguise> {
    let markdown = format == "md";
    let mut letters: Vec<Letters> = TYPED.to_vec();
    if level == Resist::Evasion {
        // Twice, so that half of the cases are about them.
        letters.extend([EVADING, EVADING, EVADING].as_flattened());
    }
    letters.retain(|kind| markdown || *kind != Entities);
    let mut inside = INVISIBLE.to_vec();
    let mut gaps = GAPS.to_vec();
    let mut separators = SEPARATORS.to_vec();
    if markdown {
        inside.extend(INVISIBLE_REFERENCES);
        gaps.push("&nbsp;");
        // In Markdown these two are marks: whether a reader sees them depends on how many there are.
        separators.retain(|separator| !matches!(*separator, "*" | "~"));
    }
    let evading = level == Resist::Evasion;
    let marks = (select(MARKS.to_vec()), 0_usize..16, 1_usize..16);
    (
        prop::collection::vec(select(letters), 0..=2),
        prop::collection::vec(any::<u8>(), 24),
        prop::collection::vec((0_usize..16, select(inside)), 0..3),
        select(gaps),
        sometimes(evading, select(separators)),
        sometimes(evading, (0_usize..16, 3_usize..7)),
        sometimes(markdown, marks),
    )
        .prop_map(
            |(letters, choices, inside, gap, spaced, repeated, marks)| Disguise {
                letters,
                choices,
                inside,
                gap,
                spaced,
                repeated,
                marks,
            },
        )
        .prop_filter("documented as not undone together", is_undone)
}

impl Disguise {
    /// Whether anything is written as a character reference.
    fn has_references(&self) -> bool {
        let inside = self.inside.iter().any(|(_, sign)| sign.starts_with('&'));
        inside || self.letters.contains(&Entities) || self.gap.starts_with('&')
    }
}

/// Nothing where it is out of place, else now and then one of `strategy`.
fn sometimes<S: Strategy + 'static>(in_place: bool, strategy: S) -> BoxedStrategy<Option<S::Value>>
where
    S::Value: Clone,
{
    if in_place {
        prop::option::weighted(0.3, strategy).boxed()
    } else {
        Just(None).boxed()
    }
}

/// Whether `docs/matching.md` promises that the parts of a disguise are undone together.
fn is_undone(how: &Disguise) -> bool {
    let leet = how.letters.contains(&Leet);
    let alike = how.letters.contains(&LookAlikes);
    let underscores = how.gap == "_" || how.spaced == Some("_");
    let signs = how.has_references() || how.marks.is_some() || how.letters.contains(&Circled);
    if underscores && signs {
        // Beside signs an underscore is a mark of Markdown.
        return false;
    }
    match how.spaced {
        // Figures that stand alone are figures, and a letter that is alone three times is three.
        Some(_) if leet || how.repeated.is_some() => false,
        // Between letters these two are letters themselves: c|ub, s+op.
        Some("+" | "|") if alike => false,
        // An underscore is no part of a word in which figures stand for letters.
        None if how.gap == "_" && leet => false,
        _ => true,
    }
}

/// Whether the strokes in the words of a term stand for i and l as one of the four readings has
/// them: all alike, or by turns in each word.
fn is_by_turns(words: &[Vec<char>], letters: &[String]) -> bool {
    let mut written = letters.iter();
    let strokes: Vec<Vec<bool>> = words
        .iter()
        .map(|word| {
            let letters = word.iter().zip(written.by_ref());
            let strokes = letters.filter(|(_, letter)| letter.contains(['1', '|', 'І', 'Ι']));
            strokes
                .map(|(letter, _)| matches!(letter, 'l' | 'L'))
                .collect()
        })
        .collect();
    [[false, false], [true, true], [false, true], [true, false]]
        .iter()
        .any(|turns| {
            let reads =
                |word: &Vec<bool>| word.iter().zip(turns.iter().cycle()).all(|(a, b)| a == b);
            strokes.iter().all(reads)
        })
}

/// `term` as `how` says, and where its letters are in that; `None` for strokes that nobody can read.
fn disguised(term: &str, how: &Disguise) -> Option<(String, Range<usize>)> {
    let words: Vec<Vec<char>> = term.split(' ').map(|word| word.chars().collect()).collect();
    let mut letters = Vec::new();
    let mut choices = how
        .choices
        .iter()
        .cycle()
        .map(|choice| usize::from(*choice));
    for word in &words {
        let plain = choices.next().unwrap() % word.len();
        for (at, letter) in word.iter().enumerate() {
            let choice = choices.next().unwrap();
            let kind = how.letters.get(choice % (how.letters.len() + 1)).copied();
            let form = choice / (how.letters.len() + 1);
            let may = match kind {
                // A word of look-alikes only is a word of another alphabet in a short text.
                Some(LookAlikes) => at != plain,
                // A figure at an edge may be one: “covid19”, “3rd”. Short words are left alone, and
                // so are those with more figures than letters.
                Some(Leet) => at % 2 == 1 && at + 1 < word.len() && word.len() >= 4,
                _ => true,
            };
            letters.push(match kind.filter(|_| may) {
                Some(kind) => written(*letter, kind, form),
                None => letter.to_string(),
            });
        }
    }
    if !is_by_turns(&words, &letters) {
        return None;
    }
    let count = letters.len();
    if let Some((at, times)) = how.repeated {
        let letter = &mut letters[at % count];
        // Figures in a row are a number.
        if !letter.contains(|sign: char| sign.is_ascii() && !sign.is_alphabetic()) {
            *letter = letter.repeat(times);
        }
    }
    let marks = how.marks.map(|(marks, from, len)| {
        let from = from % count;
        (marks, from..(from + len).min(count))
    });
    let marks = marks.filter(|(marks, range)| fit(*marks, &letters[range.clone()], how));
    let mut text = String::new();
    let mut core = 0..0;
    let mut at = 0;
    for (number, word) in words.iter().enumerate() {
        for position in 0..word.len() {
            let last = position + 1 == word.len();
            if let Some((marks, range)) = &marks
                && range.start == at
            {
                text.push_str(marks.open);
            }
            if at == 0 {
                core.start = text.len();
            }
            text.push_str(&letters[at]);
            core.end = text.len();
            for (_, sign) in how
                .inside
                .iter()
                .filter(|(place, _)| place % count == at && !last)
            {
                text.push_str(sign);
            }
            if let Some((marks, range)) = &marks
                && range.end == at + 1
            {
                text.push_str(marks.close);
            }
            at += 1;
            match how.spaced {
                Some(sign) if !last || (number + 1 < words.len() && how.gap.is_empty()) => {
                    text.push_str(sign);
                }
                _ if last && number + 1 < words.len() => text.push_str(how.gap),
                _ => {}
            }
        }
    }
    Some((text, core))
}

/// Whether marks around `letters` are marks: next to signs they are what they look like, and in code
/// a reference is none.
fn fit(marks: Marked, letters: &[String], how: &Disguise) -> bool {
    if marks.open.starts_with('<') {
        return true;
    }
    let signs = how.letters.contains(&Leet) || how.letters.contains(&Circled);
    !how.has_references() && !signs && !letters.is_empty()
}

/// A letter written as one of a kind; one that the kind has no form for stays as it is.
fn written(letter: char, kind: Letters, form: usize) -> String {
    use unicode_normalization::UnicodeNormalization;
    let base = once(letter).nfd().next().unwrap().to_ascii_lowercase();
    let number = u32::from(base) - u32::from('a');
    let nth = |first: u32| char::from_u32(first + number).unwrap().to_string();
    let one_of = |forms: &[char]| match forms {
        [] => letter.to_string(),
        forms => forms[form % forms.len()].to_string(),
    };
    match kind {
        Capitals => letter.to_uppercase().collect(),
        WithoutAccents => base.to_string(),
        Marks => {
            let marks = ['\u{301}', '\u{308}', '\u{327}', '\u{336}', '\u{20DD}'];
            format!("{letter}{}", marks[form % marks.len()])
        }
        Decomposed => once(letter).nfd().collect(),
        // Bold, sans-serif bold, sans-serif italic, monospace, bold script, bold Fraktur.
        Mathematical => nth([0x1D400, 0x1D5EE, 0x1D622, 0x1D68A, 0x1D4EA, 0x1D586][form % 6]),
        FullWidth => nth([0xFF41, 0xFF21][form % 2]),
        Circled => nth([0x24D0, 0x1F170, 0x1F150][form % 3]),
        SmallCapitals => match "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘ-ʀꜱᴛᴜᴠᴡ-ʏᴢ".chars().nth(number as usize)
        {
            Some('-') | None => letter.to_string(),
            Some(small) => small.to_string(),
        },
        Entities => match form % 2 {
            0 => format!("&#{};", u32::from(letter)),
            _ => format!("&#x{:x};", u32::from(letter)),
        },
        LookAlikes => one_of(match base {
            'a' => &['а', 'α', 'А', 'Α'],
            'b' => &['В', 'Β', 'Ь'],
            'c' => &['с', 'С', 'ϲ'],
            'e' => &['е', 'Е', 'Ε'],
            'h' => &['һ', 'Н', 'Η'],
            'i' => &['і', 'І', 'Ι', 'ι'],
            'j' => &['ј', 'Ј'],
            'k' => &['К', 'Κ'],
            'm' => &['М', 'Μ'],
            'n' => &['Ν'],
            'o' => &['о', 'ο', 'О', 'Ο'],
            'p' => &['р', 'ρ', 'Р', 'Ρ'],
            's' => &['ѕ', 'Ѕ'],
            't' => &['Т', 'Τ'],
            'v' => &['ν', 'ѵ'],
            'x' => &['х', 'Х', 'Χ'],
            'y' => &['у', 'γ', 'Υ'],
            'z' => &['Ζ'],
            _ => &[],
        }),
        Leet => one_of(match base {
            'a' => &['4', '@'],
            'b' => &['8'],
            'e' => &['3'],
            'g' => &['6', '9'],
            'i' => &['1', '!', '|'],
            'l' => &['1', '|'],
            'o' => &['0'],
            's' => &['5', '$'],
            't' => &['7', '+'],
            _ => &[],
        }),
    }
}

/// One to three words of the letters of Italian, Spanish, Romanian and Catalan.
fn term() -> impl Strategy<Value = String> {
    let word = "[A-ZÈÑȘ]?[a-zàèéìòùíóúïüñçăâîșț]{2,7}";
    // Where a word is one letter over and over, nobody can say which of them is repeated.
    let word = word.prop_filter("one letter only", |word| {
        let letter = |letter: char| written(letter, WithoutAccents, 0);
        let first = word.chars().next().map(letter);
        word.chars().any(|other| Some(letter(other)) != first)
    });
    prop::collection::vec(word, 1..=3)
        .prop_map(|words| words.join(" "))
        .prop_filter("too short to be told from other words", |term| {
            term.chars().count() >= 5
        })
}

/// Words that nobody would object to, up to where the term stands.
fn before(format: &'static str) -> impl Strategy<Value = String> {
    let edges = select(vec![
        " ", "\n", " “", " (", ": ", " «", " dell'", " dell’", ", ", ".\n\n", "! ",
    ]);
    (words(format), beside(), edges).prop_map(|(words, word, edge)| format!("{words} {word}{edge}"))
}

fn after(format: &'static str) -> impl Strategy<Value = String> {
    let edges = select(vec![
        " ", "\n", "” ", ") ", ". ", ", ", "» ", "'s ", "! ", "? ", "… ", "; ", "\n\n", "-", "™ ",
    ]);
    (edges, beside(), words(format)).prop_map(|(edge, word, words)| format!("{edge}{word} {words}"))
}

/// A word next to the term: a single letter may as well be one of the letters of a term that is
/// spaced out.
fn beside() -> impl Strategy<Value = &'static str> {
    select(vec!["the", "nuova", "și", "2026", "día", "😀"])
}

fn words(format: &'static str) -> impl Strategy<Value = String> {
    let mut words = vec![
        "we",
        "open",
        "the",
        "new",
        "office",
        "on",
        "Monday",
        "2026",
        "7",
        "è",
        "perché",
        "no",
        "questa",
        "città",
        "să",
        "deschidem",
        "aquí",
        "mañana",
        "😀",
        "l'aria",
        "10km",
        "A",
        "#team",
        "e",
        "a",
        "@guests",
        "—",
        "i",
        "https://example.com/a",
    ];
    if format == "md" {
        words.extend([
            "**all**",
            "[here](https://example.com)",
            "`code`",
            "&amp;",
            "<i>so</i>",
        ]);
    }
    prop::collection::vec(select(words), 1..12).prop_map(|words| words.join(" "))
}

/// The spans of what a rule for `term` finds in `text`.
fn found(term: &str, level: Resist, format: &'static str, text: &str) -> Vec<Range<usize>> {
    let mut spec = TermsSpec::default();
    let settings = TermSettings {
        resist: level,
        ..TermSettings::default()
    };
    spec.push(term, settings);
    let rulebook = support::rulebook(spec);
    let drafts = support::drafts(format, text);
    rulebook
        .check(&drafts[0], "2026-11-23T09:00:00Z".parse().unwrap())
        .findings
        .iter()
        .map(|finding| finding.span.range())
        .collect()
}

const LATIN: &str = "Thank you all for coming, and thanks to everybody who worked on it. ";

#[derive(Clone, Debug)]
struct Case {
    term: String,
    how: Disguise,
    before: String,
    after: String,
}

fn case(level: Resist, format: &'static str) -> impl Strategy<Value = Case> {
    (
        term(),
        disguise(level, format),
        before(format),
        after(format),
    )
        .prop_map(|(term, how, mut before, after)| {
            if how.spaced.is_some() && how.letters.contains(&LookAlikes) {
                // Letters that stand alone are look-alikes only in a text of Latin letters.
                before.insert_str(0, LATIN);
            }
            Case {
                term,
                how,
                before,
                after,
            }
        })
}

fn covers_the_disguise(
    case: &Case,
    level: Resist,
    format: &'static str,
) -> Result<(), TestCaseError> {
    let Case {
        term,
        how,
        before,
        after,
    } = case;
    let Some((planted, core)) = disguised(term, how) else {
        return Err(TestCaseError::reject("strokes for i and l in no order"));
    };
    let at = before.len();
    let text = format!("{before}{planted}{after}");
    prop_assume!(found(term, level, format, &format!("{before}…{after}")).is_empty());
    let expected = at + core.start..at + core.end;
    let found = found(term, level, format, &text);
    let shown: Vec<&str> = found.iter().map(|range| &text[range.clone()]).collect();
    prop_assert_eq!(shown, [&text[expected.clone()]], "{} in {:?}", term, text);
    prop_assert_eq!(found, [expected], "{} in {:?}", term, text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn typing_is_undone_in_markdown(case in case(Resist::Typing, "md")) {
        covers_the_disguise(&case, Resist::Typing, "md")?;
    }

    #[test]
    fn typing_is_undone_in_plain_text(case in case(Resist::Typing, "txt")) {
        covers_the_disguise(&case, Resist::Typing, "txt")?;
    }

    #[test]
    fn evasion_is_undone_in_markdown(case in case(Resist::Evasion, "md")) {
        covers_the_disguise(&case, Resist::Evasion, "md")?;
    }

    #[test]
    fn evasion_is_undone_in_plain_text(case in case(Resist::Evasion, "txt")) {
        covers_the_disguise(&case, Resist::Evasion, "txt")?;
    }
}
