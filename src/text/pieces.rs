//! The words inside hashtags, handles, links and file names.
//!
//! `#ProjectBluebirdLaunch` is three words to its reader. Its parts are folded one by one with a
//! joint between them, which is no gap at all to a term: `Bluebird` is found, and so are
//! `ProjectBluebird` and `Blue Bird` in `#BlueBird`.

use std::ops::Range;

use super::SourceMap;
use super::fold::{Folded, JOINT, Resist, SEGMENT_BREAK, fold};

/// The words of some entities, folded.
#[derive(Debug, Default)]
pub struct Pieces {
    folded: Folded,
    uncut: Vec<Range<usize>>,
}

impl Pieces {
    /// All entities with their parts joined, a segment break between two.
    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// Words of hashtags and handles, in the folded text, that show no cut.
    pub fn uncut(&self) -> &[Range<usize>] {
        &self.uncut
    }
}

/// Cuts the entities of `text` at `ranges` into words.
pub fn pieces(text: &str, ranges: impl Iterator<Item = Range<usize>>, level: Resist) -> Pieces {
    let mut cut = String::new();
    let mut map = SourceMap::default();
    let mut tags = Vec::new();
    for range in ranges {
        let entity = &text[range.clone()];
        let tag = entity.starts_with(['#', '@']);
        let cuts = cuts(entity);
        if cuts.is_empty() && !tag {
            continue;
        }
        cut.push(SEGMENT_BREAK);
        let start = cut.len();
        let mut at = 0;
        for end in cuts.iter().copied().chain([entity.len()]) {
            if at > 0 {
                cut.push(JOINT);
            }
            map.verbatim(cut.len(), range.start + at, end - at);
            cut.push_str(&entity[at..end]);
            at = end;
        }
        if tag && cuts.is_empty() {
            tags.push(start..cut.len());
        }
    }
    if cut.is_empty() {
        return Pieces::default();
    }
    let folded = fold_keeping_joints(&cut, level);
    let uncut = tags
        .into_iter()
        .filter_map(|tag| folded.made(&tag))
        .flat_map(|tag| words(folded.text(), tag))
        .collect();
    Pieces {
        folded: folded.over(&map),
        uncut,
    }
}

/// Folding drops joints from text; here they are the point.
fn fold_keeping_joints(cut: &str, level: Resist) -> Folded {
    let mut whole = Folded::default();
    let mut at = 0;
    for part in cut.split_inclusive(JOINT) {
        let words = part.strip_suffix(JOINT);
        whole.append(&fold(words.unwrap_or(part), level), at);
        if words.is_some() {
            whole.append_char(JOINT, at + part.len() - JOINT.len_utf8());
        }
        at += part.len();
    }
    whole
}

fn words(text: &str, tag: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, letter) in text[tag.clone()].char_indices() {
        let here = tag.start + at..tag.start + at + letter.len_utf8();
        if !letter.is_alphanumeric() {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.end == here.start => last.end = here.end,
            _ => found.push(here),
        }
    }
    found
}

/// Offsets at which a new word begins although no sign stands there: a capital after a small letter,
/// the last capital of several before a small letter, letters after figures and figures after
/// letters.
fn cuts(entity: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut last: Option<char> = None;
    let mut letters = entity.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if let Some(last) = last.filter(|last| last.is_alphanumeric() && letter.is_alphanumeric()) {
            let next_small = letters.peek().is_some_and(|(_, next)| next.is_lowercase());
            let camel = letter.is_uppercase()
                && (last.is_lowercase() || (last.is_uppercase() && next_small));
            if camel || last.is_numeric() != letter.is_numeric() {
                cuts.push(at);
            }
        }
        last = Some(letter);
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_where_a_reader_sees_them() {
        let cases = [
            ("#ProjectBluebirdLaunch", "#Project|Bluebird|Launch"),
            ("#IBMCloud2027", "#IBM|Cloud|2027"),
            ("#projectbluebird", "#projectbluebird"),
            ("#ÈBello", "#È|Bello"),
            ("@acme_corp", "@acme_corp"),
            ("logo2x.png", "logo|2|x.png"),
        ];
        for (entity, expected) in cases {
            let mut shown = entity.to_owned();
            for at in cuts(entity).into_iter().rev() {
                shown.insert(at, '|');
            }
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn pieces_map_back_and_uncut_tags_are_told() {
        let text = "see #BlueBird and #bluebìrd_x now";
        let parts = pieces(text, [4..13, 18..30].into_iter(), Resist::Typing);
        assert_eq!(parts.folded().text(), "\0#blue\u{1}bird\0#bluebird_x");
        let at = parts.folded().text().find("bird").unwrap();
        assert_eq!(&text[parts.folded().origin(&(at..at + 4)).unwrap()], "Bird");
        let uncut: Vec<_> = parts
            .uncut()
            .iter()
            .map(|word| &parts.folded().text()[word.clone()])
            .collect();
        assert_eq!(uncut, ["bluebird", "x"]);
    }
}
