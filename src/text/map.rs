//! Where each part of a made text came from: runs, not a number a byte.
//!
//! Two stages make text: a reader drops markup and decodes entities (source → segment text), and
//! folding rewrites letters (segment text → folded text). Both record runs in a [`SourceMap`], so
//! that a range found in the made text points back at the exact characters that produced it.

use std::ops::Range;

/// A list of runs from a made text back to its origin, in the order of the made text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    made: usize,
    origin: usize,
    made_len: usize,
    /// `None`: byte for byte the same. `Some(n)`: this run stands for `n` bytes as a whole, such
    /// as `&` for `&amp;`, and is never cut.
    whole: Option<usize>,
}

impl Run {
    fn made_end(&self) -> usize {
        self.made + self.made_len
    }

    fn origin_end(&self) -> usize {
        self.origin + self.whole.unwrap_or(self.made_len)
    }
}

impl SourceMap {
    /// Records that `made..made + len` is the same bytes as `origin..origin + len`.
    ///
    /// Runs are added in the order of the made text.
    pub fn verbatim(&mut self, made: usize, origin: usize, len: usize) {
        if len == 0 {
            return;
        }
        debug_assert!(self.runs.last().is_none_or(|run| run.made_end() <= made));
        if let Some(last) = self.runs.last_mut()
            && last.whole.is_none()
            && last.made_end() == made
            && last.origin_end() == origin
        {
            last.made_len += len;
            return;
        }
        self.runs.push(Run {
            made,
            origin,
            made_len: len,
            whole: None,
        });
    }

    /// Records that `made..made + len` stands for `origin` as a whole.
    pub fn whole(&mut self, made: usize, len: usize, origin: Range<usize>) {
        if len == 0 {
            return;
        }
        debug_assert!(self.runs.last().is_none_or(|run| run.made_end() <= made));
        self.runs.push(Run {
            made,
            origin: origin.start,
            made_len: len,
            whole: Some(origin.len()),
        });
    }

    /// Lets the last character of the made text, which has `last` bytes, stand for `len` bytes more
    /// of the origin, if `at` is where its own end.
    pub(super) fn extend(&mut self, last: usize, at: usize, len: usize) {
        let Some(run) = self.runs.last_mut() else {
            return;
        };
        if run.origin_end() != at || run.made_len < last {
            return;
        }
        if let Some(whole) = &mut run.whole {
            *whole += len;
            return;
        }
        run.made_len -= last;
        let made = run.made_end();
        if run.made_len == 0 {
            self.runs.pop();
        }
        self.whole(made, last, at - last..at + len);
    }

    /// The origin of a non-empty range of the made text: from the first byte of its first
    /// character to the end of its last, whatever lies between them.
    ///
    /// Text that came from nowhere (a separator between two segments) is left out at the edges;
    /// `None` if nothing of the range came from anywhere.
    pub fn origin(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let first = self
            .runs
            .partition_point(|run| run.made_end() <= range.start);
        let first = self.runs.get(first).filter(|run| run.made < range.end)?;
        let last = self.runs.partition_point(|run| run.made < range.end);
        let last = self.runs.get(last.checked_sub(1)?)?;
        let start = match first.whole {
            None => first.origin + range.start.saturating_sub(first.made),
            Some(_) => first.origin,
        };
        let end = match last.whole {
            None => last.origin + range.end.min(last.made_end()) - last.made,
            Some(_) => last.origin_end(),
        };
        // Runs follow the made text; where a reader moved text about, the origin may run backwards.
        (start <= end).then_some(start..end)
    }

    /// Whether `range` of the made text is one stretch of the same bytes in the origin, so that
    /// replacing it there touches no markup.
    pub fn is_verbatim(&self, range: &Range<usize>) -> bool {
        let at = self
            .runs
            .partition_point(|run| run.made_end() <= range.start);
        self.runs.get(at).is_some_and(|run| {
            run.whole.is_none() && run.made <= range.start && range.end <= run.made_end()
        })
    }

    /// The map from this map's made text to the origin of `outer`, whose made text is this one's
    /// origin.
    #[must_use]
    pub fn over(&self, outer: &Self) -> Self {
        let mut joined = Self::default();
        for run in &self.runs {
            match run.whole {
                Some(len) => {
                    if let Some(origin) = outer.origin(&(run.origin..run.origin + len)) {
                        joined.whole(run.made, run.made_len, origin);
                    }
                }
                None => outer.cut(run.origin..run.origin_end(), |part, origin, whole| {
                    let made = run.made + part.start - run.origin;
                    match whole {
                        Some(len) => joined.whole(made, part.len(), origin..origin + len),
                        None => joined.verbatim(made, origin, part.len()),
                    }
                }),
            }
        }
        joined
    }

    /// Adds to `map`, for a copy of `range` of this map's made text at `made`, where it came from,
    /// moved along by `base`.
    pub(super) fn copy(&self, range: &Range<usize>, made: usize, base: usize, map: &mut Self) {
        self.cut(range.clone(), |part, origin, whole| {
            let made = made + part.start - range.start;
            match whole {
                Some(len) => map.whole(made, part.len(), base + origin..base + origin + len),
                None => map.verbatim(made, base + origin, part.len()),
            }
        });
    }

    /// Adds the runs of another map, moved along.
    pub(super) fn append(&mut self, other: &Self, made: usize, origin: usize) {
        self.runs.extend(other.runs.iter().map(|run| Run {
            made: run.made + made,
            origin: run.origin + origin,
            ..*run
        }));
    }

    /// The made text that came from `origin`, if the map follows its origin.
    pub(super) fn made(&self, origin: &Range<usize>) -> Option<Range<usize>> {
        let first = self
            .runs
            .iter()
            .find(|run| run.origin_end() > origin.start)?;
        let last = self.runs.iter().rev().find(|run| run.origin < origin.end)?;
        let start = if first.whole.is_some() {
            first.made
        } else {
            first.made + origin.start.saturating_sub(first.origin)
        };
        let end = if last.whole.is_some() {
            last.made_end()
        } else {
            last.made + origin.end.min(last.origin_end()) - last.origin
        };
        (start < end).then_some(start..end)
    }

    /// Calls `each` with every part of `range` that lies in one run, and where the run puts it.
    fn cut(&self, range: Range<usize>, mut each: impl FnMut(Range<usize>, usize, Option<usize>)) {
        let first = self
            .runs
            .partition_point(|run| run.made_end() <= range.start);
        for run in self.runs[first..]
            .iter()
            .take_while(|run| run.made < range.end)
        {
            let part = run.made.max(range.start)..run.made_end().min(range.end);
            let origin = if run.whole.is_some() {
                run.origin
            } else {
                run.origin + part.start - run.made
            };
            each(part, origin, run.whole);
        }
    }

    /// How many runs there are: what the map costs in memory, at 40 bytes each.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

/// Text under construction together with its map.
#[derive(Clone, Debug, Default)]
pub struct MappedText {
    text: String,
    map: SourceMap,
}

impl MappedText {
    /// Adds `text`, which stands byte for byte at `origin`.
    pub fn push_verbatim(&mut self, text: &str, origin: usize) {
        self.map.verbatim(self.text.len(), origin, text.len());
        self.text.push_str(text);
    }

    /// Adds `text`, which stands for `origin` as a whole.
    pub fn push_whole(&mut self, text: &str, origin: Range<usize>) {
        self.map.whole(self.text.len(), text.len(), origin);
        self.text.push_str(text);
    }

    /// Adds text that has no origin, such as a blank line between two segments.
    pub fn push_unmapped(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds `decoded`, which was written as `raw` at `origin`: characters that are the same in
    /// both are mapped one by one, an escape or entity as a whole.
    ///
    /// `escape` says how many bytes of raw text, at its start, stand for the given character, or
    /// `None` if they do not. Raw text that stands for nothing (indentation, line continuation) is
    /// skipped. Where the two cannot be matched up, the rest is mapped as one whole: a wide label
    /// rather than a wrong one.
    pub fn push_decoded(
        &mut self,
        decoded: &str,
        raw: &str,
        origin: usize,
        escape: impl Fn(&str, char) -> Option<usize>,
    ) {
        let mut at = 0;
        for (offset, letter) in decoded.char_indices() {
            let rest = &raw[at..];
            if let Some(len) = escape(rest, letter).filter(|len| *len <= rest.len()) {
                let mut buffer = [0; 4];
                self.push_whole(
                    letter.encode_utf8(&mut buffer),
                    origin + at..origin + at + len,
                );
                at += len;
            } else if rest.starts_with(letter) {
                let mut buffer = [0; 4];
                self.push_verbatim(letter.encode_utf8(&mut buffer), origin + at);
                at += letter.len_utf8();
            } else if letter == '\n' && rest.starts_with('\r') {
                // HTML and Markdown read every line end as one line feed.
                let len = if rest.starts_with("\r\n") { 2 } else { 1 };
                self.push_whole("\n", origin + at..origin + at + len);
                at += len;
            } else if letter.is_whitespace() && rest.starts_with(char::is_whitespace) {
                // Folded lines: any run of white space in the file is this one space or break.
                let len = rest.len() - rest.trim_start().len();
                let mut buffer = [0; 4];
                self.push_whole(
                    letter.encode_utf8(&mut buffer),
                    origin + at..origin + at + len,
                );
                at += len;
            } else {
                let skipped =
                    rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace()).len();
                if skipped > 0 && rest[skipped..].starts_with(letter) {
                    at += skipped;
                    let mut buffer = [0; 4];
                    self.push_verbatim(letter.encode_utf8(&mut buffer), origin + at);
                    at += letter.len_utf8();
                } else {
                    self.push_whole(&decoded[offset..], origin + at..origin + raw.len());
                    return;
                }
            }
        }
    }

    /// Adds `text` with a map of its own, and returns where it starts.
    pub fn push_mapped(&mut self, text: &str, map: &SourceMap) -> usize {
        let start = self.text.len();
        self.map.append(map, start, 0);
        self.text.push_str(text);
        start
    }

    /// Adds another text with its map.
    pub fn push_joined(&mut self, other: &Self) {
        self.push_mapped(&other.text, &other.map);
    }

    /// Takes back unmapped text at the end, down to `len` bytes.
    pub fn truncate_unmapped(&mut self, len: usize) {
        debug_assert!(self.map.runs.last().is_none_or(|run| run.made_end() <= len));
        self.text.truncate(len);
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The map so far.
    pub fn map(&self) -> &SourceMap {
        &self.map
    }

    /// Takes both apart.
    pub fn into_parts(self) -> (String, SourceMap) {
        (self.text, self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wholes_are_never_cut_and_edges_leave_gaps_out() {
        // Source `a&amp;b<i>c`: text `a&bc`.
        let mut made = MappedText::default();
        made.push_verbatim("a", 0);
        made.push_whole("&", 1..6);
        made.push_verbatim("b", 6);
        made.push_verbatim("c", 10);
        made.push_unmapped("\n\n");
        made.push_verbatim("d", 14);
        let cases = [
            (0..1, Some(0..1), true),
            (0..2, Some(0..6), false),
            (1..2, Some(1..6), false),
            (2..4, Some(6..11), false),
            (3..6, Some(10..11), false),
            (4..6, None, false),
            (5..7, Some(14..15), false),
        ];
        for (range, expected, verbatim) in cases {
            assert_eq!(made.map().origin(&range), expected, "{range:?}");
            assert_eq!(made.map().is_verbatim(&range), verbatim, "{range:?}");
        }
    }

    #[test]
    fn only_the_last_character_is_extended() {
        let mut map = SourceMap::default();
        map.extend(1, 0, 2);
        map.verbatim(0, 0, 3);
        map.extend(1, 3, 2);
        map.extend(1, 5, 2);
        map.extend(1, 9, 2);
        assert_eq!(map.origin(&(0..2)), Some(0..2));
        assert_eq!(map.origin(&(2..3)), Some(2..7));
    }

    fn no_escape(_: &str, _: char) -> Option<usize> {
        None
    }

    #[test]
    fn decoded_text_finds_its_way_back() {
        let mut made = MappedText::default();
        made.push_decoded("one two", "one\n    two", 100, no_escape);
        assert_eq!(made.map().origin(&(4..7)), Some(108..111));
        let mut lost = MappedText::default();
        lost.push_decoded("xyz", "abc", 0, no_escape);
        assert_eq!(lost.text(), "xyz");
        assert_eq!(lost.map().origin(&(1..2)), Some(0..3));
    }

    proptest! {
        #[test]
        fn origins_are_monotone(parts in proptest::collection::vec(("[a-zé]{0,4}", 0_usize..3, any::<bool>()), 0..12)) {
            let mut made = MappedText::default();
            let mut origin = 0;
            for (text, gap, whole) in &parts {
                origin += gap;
                if *whole {
                    made.push_whole(text, origin..origin + 5);
                    origin += 5;
                } else {
                    made.push_verbatim(text, origin);
                    origin += text.len();
                }
            }
            let mut last = 0;
            for (at, letter) in made.text().char_indices() {
                let here = made.map().origin(&(at..at + letter.len_utf8())).unwrap();
                prop_assert!(here.start < here.end && here.end <= origin);
                prop_assert!(here.start >= last || here.end >= last);
                last = here.start;
            }
        }
    }
}
