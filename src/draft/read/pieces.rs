//! A large file in pieces that can be read one by one.
//!
//! Each piece is a source that knows where in the file it begins. A file whose bytes are at hand is
//! one piece.

use std::io::{self, Read};
use std::sync::Arc;

use super::{Content, RawFile, unreadable};
use crate::text::{Encoding, Problem, Source, Start};

/// Bytes of a piece, as far as its records allow.
const PIECE: usize = 1 << 20;

/// A record larger than this is not read: a line of a gigabyte is no post.
const LARGEST_RECORD: usize = 64 << 20;

/// A record that is too large to be a post.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("a record at line {line} is longer than {LARGEST_RECORD} bytes")]
#[diagnostic(
    code(clearpost::draft::record_too_long),
    help(
        "no post is that long: check that the file is what its name says; what stands before was checked"
    )
)]
struct TooLong {
    line: usize,
}

/// Part of a file that ends where a record does.
pub(super) struct Piece {
    /// Its text, which knows its place in the file.
    pub(super) source: Arc<Source>,
    /// Whether nothing follows.
    pub(super) is_last: bool,
}

/// The pieces of a file. `cut` finds the end of the last whole record in some bytes.
pub(super) struct Pieces<'f, C> {
    name: String,
    fallback: Option<Encoding>,
    stream: Option<Box<dyn Read + 'f>>,
    waiting: Vec<u8>,
    start: Start,
    size: usize,
    cut: C,
    done: bool,
}

impl<'f, C: Fn(&[u8]) -> Option<usize>> Pieces<'f, C> {
    pub(super) fn new(file: RawFile<'f>, first: usize, cut: C) -> Self {
        let (name, fallback) = (file.name.clone(), file.fallback);
        let (stream, waiting) = match file.content {
            Content::Bytes(bytes) => (None, bytes),
            Content::Stream(stream) => (Some(stream.start), Vec::new()),
        };
        Self {
            name,
            fallback,
            stream,
            waiting,
            start: Start::default(),
            size: first,
            cut,
            done: false,
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        let Some(stream) = &mut self.stream else {
            return Ok(true);
        };
        let wanted = self.size.saturating_sub(self.waiting.len()).max(1) as u64;
        let read = stream
            .by_ref()
            .take(wanted)
            .read_to_end(&mut self.waiting)?;
        Ok((read as u64) < wanted)
    }

    /// The next bytes that end with a record, and whether nothing follows.
    fn take(&mut self) -> Result<(Vec<u8>, bool), Box<Problem>> {
        loop {
            let is_end = self
                .fill()
                .map_err(|error| Box::new(unreadable(&self.name, &error)))?;
            // The units of UTF-16 are not told apart here: such a file is read as a whole.
            let is_wide = matches!(self.waiting.get(..2), Some([0xFF, 0xFE] | [0xFE, 0xFF]));
            if is_end {
                return Ok((std::mem::take(&mut self.waiting), true));
            }
            if !is_wide && let Some(end) = (self.cut)(&self.waiting) {
                let rest = self.waiting.split_off(end);
                return Ok((std::mem::replace(&mut self.waiting, rest), false));
            }
            if self.waiting.len() > LARGEST_RECORD {
                let line = self.start.line + 1;
                return Err(Box::new(
                    Problem::new(&TooLong { line }).in_file(&self.name),
                ));
            }
            self.size = self.waiting.len() * 2;
        }
    }
}

impl<C: Fn(&[u8]) -> Option<usize>> Iterator for Pieces<'_, C> {
    type Item = Result<Piece, Box<Problem>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let (bytes, is_last) = match self.take() {
            Ok(taken) => taken,
            Err(problem) => {
                self.done = true;
                return Some(Err(problem));
            }
        };
        self.size = PIECE;
        self.done = is_last;
        let length = bytes.len();
        let source = match Source::decode_part(&self.name, bytes, self.fallback, self.start) {
            Ok(source) => source,
            Err(error) => {
                self.done = true;
                let problem = Problem::new(&error).in_file(&self.name);
                return Some(Err(Box::new(problem)));
            }
        };
        self.start.byte += length;
        self.start.line += source.line_ends();
        Some(Ok(Piece {
            source: Arc::new(source),
            is_last,
        }))
    }
}
