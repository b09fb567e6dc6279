#!/usr/bin/env bash
# Feeds made-up input to the readers and the matcher until something breaks.
#
#   benches/fuzz.sh [SECONDS] [TARGET…]
#
# Runs every target of fuzz/invariants.rs, or those named, for so many seconds (60) each, from the
# seeds in fuzz/seeds. What the fuzzer learns goes into a temporary folder and not into the
# repository; an input that breaks something is kept in fuzz/artifacts/TARGET, and the command that
# runs it again is printed.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "fuzzing needs Rust's nightly toolchain: rustup toolchain install nightly" >&2
    exit 2
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "fuzzing needs cargo-fuzz: cargo install cargo-fuzz --locked" >&2
    exit 2
fi
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for folder in fuzz/seeds/*/; do
        targets+=("$(basename "$folder")")
    done
fi
for target in "${targets[@]}"; do
    if [ ! -d "fuzz/seeds/$target" ]; then
        echo "there is no target \`$target\`; there are: $(ls fuzz/seeds | tr '\n' ' ')" >&2
        exit 2
    fi
done
cargo +nightly fuzz build any
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
status=0
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    mkdir -p "$corpus/$target" "fuzz/artifacts/$target"
    # -timeout: an input that takes ten seconds is a finding too.
    if ! FUZZ_TARGET=$target cargo +nightly fuzz run any "$corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -timeout=10 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="fuzz/artifacts/$target/" >"$corpus/$target.log" 2>&1; then
        status=1
        tail -n 40 "$corpus/$target.log"
        echo "again: FUZZ_TARGET=$target cargo +nightly fuzz run any fuzz/artifacts/$target/FILE" >&2
    fi
    grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)|Done ' "$corpus/$target.log" || true
done
exit $status
