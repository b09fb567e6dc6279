//! The automaton of a built-in pattern, made when the program was built.
//!
//! To compile an expression takes longer than to look for it in a post, so `build.rs` takes each as
//! far as a deterministic automaton, which is read where it lies. A pattern that no such automaton
//! can run (one with Unicode's word boundaries), or only one that is too large, is compiled when it
//! is needed, like those of a company's packs.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::dfa::regex::Regex;
use regex_automata::dfa::sparse::DFA;
use serde::{Deserialize, Serialize};

use crate::text::numbers::Numbers;

/// An expression as two automata: one finds where a match ends, the other from there where it begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Machine {
    forward: Numbers<u8>,
    reverse: Numbers<u8>,
    #[serde(skip)]
    running: OnceLock<Option<Running>>,
}

type Running = Regex<DFA<&'static [u8]>>;

impl Machine {
    /// Takes the bytes of two sparse automata, little-endian.
    pub fn new(forward: Vec<u8>, reverse: Vec<u8>) -> Self {
        Self {
            forward: forward.into(),
            reverse: reverse.into(),
            running: OnceLock::new(),
        }
    }

    /// Whether it can be run: not on a big-endian machine.
    pub fn runs(&self) -> bool {
        self.running().is_some()
    }

    /// Every match in `text`, leftmost first, none overlapping another; nothing where it does not
    /// run.
    pub fn find_iter<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let running = self.running().into_iter();
        running.flat_map(move |running| running.find_iter(text).map(|found| found.range()))
    }

    fn running(&self) -> Option<&Running> {
        self.running.get_or_init(|| self.start()).as_ref()
    }

    fn start(&self) -> Option<Running> {
        let automaton = |numbers: &Numbers<u8>| {
            let (automaton, _) = DFA::from_bytes(numbers.image()?).ok()?;
            Some(automaton)
        };
        let (forward, reverse) = (automaton(&self.forward)?, automaton(&self.reverse)?);
        Some(Regex::builder().build_from_dfas(forward, reverse))
    }
}

impl PartialEq for Machine {
    fn eq(&self, other: &Self) -> bool {
        self.forward.as_slice() == other.forward.as_slice()
            && self.reverse.as_slice() == other.reverse.as_slice()
    }
}

impl Eq for Machine {}
