//! Everything that is tested from outside the library, as one program: it links once.
//!
//! `cargo test --test suite waivers::` runs the tests of one file.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong and stops")]

mod support;

mod bad_input;
mod cache;
mod changes;
mod ci;
mod docs;
mod documents;
mod drafts;
mod evasion;
mod examples;
mod fixes;
mod fmt;
mod handbook;
mod images;
mod import;
mod kinds_cases;
mod kinds_identifier;
mod kinds_limit;
mod kinds_link;
mod layers;
mod levels;
mod lock;
mod mail_and_subtitles;
mod matching;
mod packs;
mod pages;
mod pictures;
mod properties;
mod quality;
mod registers;
mod remarks;
mod reports;
mod rules;
mod schemas;
mod sealed;
mod secrets;
mod waivers;
mod workshop;
