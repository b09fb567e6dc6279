//! How far conditions see from one find to another.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::draft::Draft;
use crate::kind::terms::Within;
use crate::kind::{At, Found};
use crate::text::sentence::{sentences, within_words};

/// The reaches of one draft. Its sentences are cut once, however many rules ask.
#[derive(Debug)]
pub(super) struct Reach<'d> {
    draft: &'d Draft,
    /// By the start of their segment.
    sentences: RefCell<HashMap<usize, Rc<Vec<Range<usize>>>>>,
}

impl<'d> Reach<'d> {
    pub(super) fn new(draft: &'d Draft) -> Self {
        Self {
            draft,
            sentences: RefCell::default(),
        }
    }

    /// The first of `others`, which are in the order of the text, that is within reach of `one` and,
    /// with `behind`, does not begin before it. What is about the draft is near everything. Another
    /// place is better than the same.
    pub(super) fn partner<'f>(
        &self,
        one: &Found,
        others: &'f [Found],
        within: Within,
        behind: Option<usize>,
    ) -> Option<&'f Found> {
        let At::Text(at) = &one.at else {
            return others.first();
        };
        let texts = others.partition_point(|other| matches!(other.at, At::Text(_)));
        let about_the_draft = others.get(texts);
        let Some(reach) = self.around(at, within) else {
            return about_the_draft;
        };
        let start = |other: &Found| match &other.at {
            At::Text(range) => range.start,
            At::File(_) => usize::MAX,
        };
        let from = behind.map_or(reach.start, |behind| reach.start.max(behind));
        let first = others[..texts].partition_point(|other| start(other) < from);
        let fits = |other: &&Found| match &other.at {
            At::Text(range) => range.end <= reach.end && self.is_in_words(at, range, within),
            At::File(_) => false,
        };
        let mut same = None;
        let mut take = |other: &'f Found| {
            if other.at == one.at {
                same = Some(other);
                return None;
            }
            Some(other)
        };
        let found = match within {
            Within::Words(_) => {
                // The nearest on either side decide: what is further away is no nearer.
                let middle = others[..texts].partition_point(|other| start(other) < at.start);
                let middle = middle.max(first);
                let before = others[first..middle].iter().rev().take_while(fits).last();
                let mut after = others[middle..texts].iter().take_while(fits);
                before
                    .and_then(&mut take)
                    .or_else(|| after.find_map(&mut take))
            }
            _ => others[first..texts]
                .iter()
                .take_while(|other| start(other) < reach.end)
                .filter(fits)
                .find_map(take),
        };
        found.or(same).or(about_the_draft)
    }

    fn is_in_words(&self, a: &Range<usize>, b: &Range<usize>, within: Within) -> bool {
        match within {
            Within::Words(most) => within_words(self.draft.text(), a, b, most as usize),
            _ => true,
        }
    }

    /// What is within reach of a place, apart from how many words lie between.
    fn around(&self, at: &Range<usize>, within: Within) -> Option<Range<usize>> {
        let text = self.draft.text();
        if within == Within::Draft {
            return Some(0..text.len());
        }
        let segment = &self.draft.segment_at(at.start)?.range;
        if within != Within::Sentence {
            return Some(segment.clone());
        }
        let cut = || Rc::new(sentences(&text[segment.clone()]));
        let mut known = self.sentences.borrow_mut();
        let sentences = Rc::clone(known.entry(segment.start).or_insert_with(cut));
        let number = sentences.partition_point(|one| segment.start + one.end <= at.start);
        let sentence = sentences.get(number)?;
        Some(segment.start + sentence.start..segment.start + sentence.end)
    }
}
