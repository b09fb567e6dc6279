//! Clearpost reads a draft post before anyone publishes it, applies a company's rule packs, and
//! says what to change and which clause of the policy asks for it.
//!
//! Data flows one way through the modules, in the order in which they stand here; each imports
//! only from those above it. The library has no global state, prints nothing, never exits, and
//! takes the clock and the files from its caller.

pub mod text;

pub mod policy;

pub mod draft;

pub mod register;

pub mod image;

pub mod kind;

pub mod pack;

pub mod builtin;

pub mod engine;

pub mod triage;

pub mod report;

#[cfg(feature = "cli")]
pub mod cli;
