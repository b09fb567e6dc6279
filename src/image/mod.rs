//! What a picture shows and what its file tells, and the registry of pictures a company knows.
//!
//! What a rule gets to know of a picture stands in [`seen`]; everything that takes a file apart is
//! behind the feature `images`. Nothing here opens a file: whoever calls hands in its bytes.

mod seen;

pub use seen::{Asset, AssetKind, File, Match, Seen, Terms, Usable};
