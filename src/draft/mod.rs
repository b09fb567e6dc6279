//! A draft: one post before publication, cut into segments that map back to its file.
//!
//! What a draft is stands here; [`read`] turns files of every format into drafts. Nothing here knows
//! of rules.

mod build;
mod facts;
mod paragraphs;
mod picture;
pub mod read;
mod scope;
pub mod waiver;

pub use build::{Draft, Entity, Segment};
pub use facts::{
    FACTS, Fact, FactError, Facts, KNOWN_CHANNELS, StatedFacts, is_fact, known_values,
};
pub use picture::{Alt, Picture, is_picture_name};
pub use scope::{NotAScope, Scope, Scopes};
pub use waiver::Waiver;
