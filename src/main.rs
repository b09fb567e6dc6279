//! The `clearpost` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    clearpost::cli::run()
}
