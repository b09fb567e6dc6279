//! What a picture shows and what its file tells, and the registry of pictures a company knows.
//!
//! What a rule gets to know of a picture stands in `seen`; everything that takes a file apart is
//! behind the feature `images`. Nothing here opens a file: whoever calls hands in its bytes.

mod registry;
mod seen;
mod signature;

#[cfg(feature = "images")]
mod decode;
#[cfg(feature = "images")]
mod look;
#[cfg(feature = "images")]
mod metadata;

#[cfg(feature = "images")]
pub use decode::{DecodeError, signatures};
#[cfg(feature = "images")]
pub use look::{DataError, embedded, look, sha256};
#[cfg(feature = "images")]
pub use metadata::{StripError, stripped, told};
pub use registry::{Entry, Registry};
pub use seen::{Asset, AssetKind, File, Match, Seen, Terms, Told, Usable};
pub use signature::{BITS, Index, Likeness, NotASignature, Signature};
