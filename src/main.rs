//! The `clearpost` program; everything is in the library.
fn main() {}
