//! The literals of a rulebook, indexed, and what each means to the rules.
//!
//! Long lists of names are a matter of their own: most runs look at one short post, and to index a
//! hundred thousand names for it takes ten times as long as everything else. So the first short
//! drafts are met by the list line by line, and only the lines whose first letters begin some word
//! of the draft are indexed for it ([`crate::text::heads`]). After a few such drafts, or for a long
//! one, the whole list is indexed once, which pays from then on. Both ways end in the same scan, and
//! a test holds their findings against each other. Nothing is kept between runs: a list that changes
//! is never met by an index of what it was.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::sightings::Sightings;
use crate::draft::Draft;
use crate::draft::read::Skim;
use crate::kind::index::{Index, Use};
use crate::kind::pattern_scan::{PatternScan, PatternScanBuilder};
use crate::kind::scan::{Needle, Scan, ScanBuilder, Views};
use crate::kind::sealed::SealedScan;
use crate::kind::terms::LongList;
use crate::pack::Prepared;
use crate::text::fold::Resist;
use crate::text::skim::{Firsts, may_hold};

/// Bytes up to which a draft is short: the words of a longer one begin as too many names do.
const SHORT: usize = 16 * 1024;

/// Drafts after which the whole list is indexed; together they cost about half of that.
const FEW: u32 = 4;

/// What the rules of a rulebook look for, before it is indexed.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// What was prepared of the built-in rules, if they are in force.
    pub(super) prepared: Option<&'static Prepared>,
    pub(super) scan: ScanBuilder,
    pub(super) uses: Vec<Use>,
    /// Long lists, each with the number of its condition.
    pub(super) long_lists: Vec<(u32, LongList)>,
    /// Sealed lists.
    pub(super) sealed: SealedScan,
    pub(super) patterns: PatternScanBuilder,
}

/// All literals of a rulebook.
#[derive(Debug)]
pub(super) struct Indexes {
    /// What was prepared of the built-in rules, if they are in force.
    prepared: Option<&'static Prepared>,
    /// Everything else but long lists.
    base: Arc<Index>,
    long: Option<Long>,
    sealed: SealedScan,
    patterns: PatternScan,
}

/// Long lists, and what to index them with.
#[derive(Debug)]
struct Long {
    lists: Vec<(u32, LongList)>,
    base: (ScanBuilder, Vec<Use>),
    whole: OnceLock<Arc<Index>>,
    /// Drafts that were met line by line.
    met: AtomicU32,
}

impl Indexes {
    /// Indexes what is wanted.
    pub(super) fn new(wanted: Wanted) -> Self {
        let long = (!wanted.long_lists.is_empty()).then(|| Long {
            lists: wanted.long_lists,
            base: (wanted.scan.clone(), wanted.uses.clone()),
            whole: OnceLock::new(),
            met: AtomicU32::new(0),
        });
        Self {
            prepared: wanted.prepared,
            base: Arc::new(Index::new(wanted.scan, wanted.uses)),
            long,
            sealed: wanted.sealed,
            patterns: wanted.patterns.build(),
        }
    }

    /// Says that many drafts will come, so that long lists are indexed for the first.
    pub(super) fn expect_many(&self) {
        if let Some(long) = &self.long {
            long.met.store(FEW, Ordering::Relaxed);
        }
    }

    /// What knows of raw text whether any literal may stand in it; `None` if some are compared in a
    /// way that only the text itself shows.
    pub(super) fn skim(&self) -> Option<Skim> {
        // What a sealed list holds shows in the text itself only.
        if self.prepared.is_some() || !self.sealed.is_empty() {
            return None;
        }
        let index = match &self.long {
            Some(long) => Arc::clone(long.whole()),
            None => Arc::clone(&self.base),
        };
        let scan = index.scan();
        let is_plain = !scan.uses(Resist::None)
            && !scan.uses(Resist::Evasion)
            && !scan.literals(Resist::Typing).has_open_ends();
        is_plain.then(|| {
            let firsts = Firsts::of(scan.literals(Resist::Typing));
            let index = Arc::clone(&index);
            Skim::new(move |raw| may_hold(raw, index.scan().literals(Resist::Typing), &firsts))
        })
    }

    /// Everything in `draft` that `conditions` conditions look for. The same may be there more than
    /// once.
    pub(super) fn run(&self, draft: &Draft, conditions: u32) -> Sightings {
        let views = Views::new(draft, |level| {
            let lists = self.long.iter().flat_map(|long| &long.lists);
            self.base.scan().uses(level)
                || self
                    .prepared
                    .is_some_and(|prepared| prepared.index.scan().uses(level))
                || lists.into_iter().any(|(_, list)| list.level() == level)
                || self.sealed.uses(level)
        });
        let (opened_index, opened) = self.sealed.look(&views).unzip();
        let run = |indexes: &[&Index]| {
            let prepared = self.prepared.iter().map(|prepared| &prepared.index);
            let own = prepared.chain(&opened_index);
            let indexes: Vec<&Index> = own.chain(indexes.iter().copied()).collect();
            let scans: Vec<&Scan> = indexes.iter().map(|index| index.scan()).collect();
            let mut seen: Vec<(usize, Needle, Range<usize>)> = Vec::new();
            Scan::run(&scans, &views, |position, sighting| {
                seen.push((position, sighting.needle, sighting.range));
            });
            seen.sort_unstable_by_key(|(position, needle, range)| {
                (*position, *needle, range.start, range.end)
            });
            let mut sightings = Sightings::new(conditions);
            for same in seen.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                let (position, needle, _) = same[0];
                let places = same.iter().map(|(.., range)| range.clone());
                sightings.add(places, indexes[position].uses(needle));
            }
            sightings
        };
        let mut sightings = match &self.long {
            None => run(&[&self.base]),
            Some(long) if long.meets(draft) => run(&[&self.base, &long.of(&views)]),
            Some(long) => run(&[long.whole()]),
        };
        sightings.opened = opened.unwrap_or_default();
        let prepared = self.prepared.map(|prepared| prepared.patterns.run(draft));
        for pattern in prepared
            .into_iter()
            .flatten()
            .chain(self.patterns.run(draft))
        {
            sightings.find(pattern);
        }
        sightings
    }
}

impl Long {
    /// Whether the lists are better held against this draft line by line.
    fn meets(&self, draft: &Draft) -> bool {
        self.whole.get().is_none()
            && draft.text().len() <= SHORT
            && self.met.fetch_add(1, Ordering::Relaxed) < FEW
    }

    /// An index of the lines that may stand in a draft.
    fn of(&self, views: &Views) -> Index {
        let heads = views.heads();
        let (mut scan, mut uses) = (ScanBuilder::default(), Vec::new());
        for (rule, list) in &self.lists {
            list.add(Some(&heads), &mut scan, |needle, role| {
                uses.push((needle, (*rule, role)));
            });
        }
        Index::new(scan, uses)
    }

    /// The index of everything, made once.
    fn whole(&self) -> &Arc<Index> {
        self.whole.get_or_init(|| Arc::new(self.index()))
    }

    /// An index of everything.
    fn index(&self) -> Index {
        let (mut scan, mut uses) = self.base.clone();
        for (rule, list) in &self.lists {
            list.add(None, &mut scan, |needle, role| {
                uses.push((needle, (*rule, role)));
            });
        }
        Index::new(scan, uses)
    }
}
