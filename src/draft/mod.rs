//! A draft: one post before publication, cut into segments that map back to its file.
//!
//! A reader a format turns a decoded file into drafts; nothing here knows of rules.

mod build;
mod facts;
mod format;
mod front_matter;
mod html;
mod markdown;
mod plain;
mod scope;

pub use build::{Draft, Entity, Segment};
pub use facts::{FACTS, Fact, FactError, Facts, KNOWN_CHANNELS, StatedFacts, is_fact};
pub use format::{Format, ReadOptions, read};
pub use scope::{NotAScope, Scope, Scopes};
