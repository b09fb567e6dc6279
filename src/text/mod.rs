//! Text and places in it: the ground that everything else stands on.
//!
//! Nothing here knows of policies, rules or drafts.

pub mod common;
pub mod detect;
pub mod ease;
pub mod entities;
pub mod evasion;
pub mod fold;
pub mod forms;
pub mod heads;
pub mod inflect;
pub mod json;
mod lang;
pub mod lines;
pub mod literals;
mod map;
pub mod negation;
pub mod numbers;
pub mod pieces;
pub mod position;
mod problem;
mod remark;
pub mod seal;
pub mod sentence;
pub mod shape;
pub mod skim;
mod source;
mod span;
pub mod texts;
pub mod time;
pub mod weight;
pub mod yaml;

pub use lang::{Lang, LocalText, NotALanguage};
pub use map::{MappedText, SourceMap};
pub use problem::{Place, Problem, plain_reason};
pub use remark::{Remark, Weight};
pub use source::{
    DecodeError, Encoding, Location, Part, PartPlace, ShownPart, Source, Start, Unit,
};
pub use span::Span;
