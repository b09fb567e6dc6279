//! A defect of the program's own in one draft: it is told with the draft's name, the others are still
//! checked, and the run is no clean one.
//!
//! What the program was about to say may hold words of the draft; only the place in the program is
//! told.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use crate::text::Problem;

/// The program met a state that it was not made for.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("Clearpost itself failed on this draft, which was not checked (at {place})")]
#[diagnostic(
    code(clearpost::defect),
    help(
        "please tell its makers: “Clearpost {version} failed at {place}”, with the format of the draft and, if nothing in it is confidential, the draft; the others were checked"
    )
)]
pub(super) struct Crash {
    place: String,
    version: &'static str,
}

thread_local! {
    /// Where this thread failed last.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

impl Crash {
    /// What is told of a draft.
    pub(super) fn problem(path: String, place: String) -> Problem {
        let version = env!("CARGO_PKG_VERSION");
        Problem::new(&Self { place, version }).in_file(path)
    }
}

/// Keeps failures from being printed with words of a draft.
pub(super) fn keep_quiet() {
    panic::set_hook(Box::new(|failure| {
        let place = failure.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        PLACE.with_borrow_mut(|last| *last = place);
    }));
}

/// Does something; if the program fails in it, the value is where.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // What was half done is dropped with its owner and not looked at again.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| PLACE.with_borrow(Clone::clone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_by_its_place_alone() {
        keep_quiet();
        let place = guarded(|| -> u8 { panic!("Project Bluebird") }).unwrap_err();
        assert!(place.contains("crash.rs:"), "{place}");
        let problem = Crash::problem("a.md".into(), place);
        let said = format!("{problem} {:?}", problem.help);
        assert!(
            said.contains("crash.rs:") && !said.contains("Bluebird"),
            "{said}"
        );
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
