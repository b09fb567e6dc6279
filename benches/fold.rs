//! How many megabytes a second folding takes in, one thread: `cargo bench --bench fold`.

#![allow(clippy::print_stdout, reason = "printing figures is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use clearpost::text::evasion::readings;
use clearpost::text::fold::{Resist, fold};

/// A kind of text, a sentence of it.
const TEXTS: [(&str, &str); 4] = [
    (
        "ASCII",
        "We open the new office on Monday, and everybody who worked on it is invited to come. ",
    ),
    (
        "Italian",
        "Lunedì apriamo la nuova sede, e chi ci ha lavorato è invitato: così la città potrà vederla. ",
    ),
    (
        "Romanian",
        "Luni deschidem noul sediu și îi invităm pe toți cei care au lucrat, ca să îl vadă orașul. ",
    ),
    (
        "disguised",
        "W3 0pen the n3w 0ffice on M0nday, soooo come and s3e it with all your c0lleagues t00. ",
    ),
];

/// The best of as many runs as fit into half a second, in MB/s.
fn megabytes_per_second(text: &str, run: impl Fn(&str)) -> f64 {
    let mut best = Duration::MAX;
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(500) {
        let begun = Instant::now();
        run(black_box(text));
        best = best.min(begun.elapsed());
    }
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    f64::from(bytes) / 1e6 / best.as_secs_f64()
}

fn main() {
    for (name, sentence) in TEXTS {
        let text = sentence.repeat(1_000_000 / sentence.len());
        let plain = megabytes_per_second(&text, |text| drop(black_box(fold(text, Resist::Typing))));
        let written = megabytes_per_second(&text, |text| drop(black_box(fold(text, Resist::None))));
        let evasion = megabytes_per_second(&text, |text| {
            let folded = fold(text, Resist::Evasion);
            drop(black_box(readings(text, &folded)));
        });
        println!(
            "{name:<10} none {written:>6.0}  typing {plain:>6.0}  evasion {evasion:>6.0} MB/s"
        );
    }
}
