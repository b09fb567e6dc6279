//! The one binary that the fuzzer drives; `FUZZ_TARGET` names the row of `TARGETS` it feeds.

#![no_main]

#[path = "../invariants.rs"]
mod invariants;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static CHECK: OnceLock<invariants::Check> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let check = CHECK.get_or_init(|| {
        let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let target = invariants::TARGETS.iter().find(|(name, _)| *name == wanted);
        target
            .expect("FUZZ_TARGET names a row of TARGETS in fuzz/invariants.rs")
            .1
    });
    check(data);
});
