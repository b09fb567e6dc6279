#!/usr/bin/env bash
# How much memory a large file of posts takes, and how long.
#
#   cargo build --release && benches/stream.sh [MEGABYTES] [FOLDER]
#
# Makes a JSONL and a CSV of so many megabytes (1000) in a folder (a temporary one), with a finding
# every thousandth post, and checks both with the built-in packs. Needs GNU time.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${CLEARPOST:-$root/target/release/clearpost}
megabytes=${1:-1000}
folder=${2:-$(mktemp -d)}
mkdir -p "$folder"
make() {
    awk -v size="$((megabytes * 1000000))" -v kind="$1" 'BEGIN {
        if (kind == "csv") { print "id,channel,text"; written = 16 }
        for (number = 1; written < size; number++) {
            text = "Our workshop opens on Saturday, and you are welcome to true a wheel with us. " \
                "Bring your bicycle, a cup for tea and the question that you never dared to ask. Post " number "."
            if (number % 1000 == 0) text = text " For internal use only."
            line = kind == "csv" ? number ",linkedin,\"" text "\"" \
                : "{\"id\": " number ", \"channel\": \"linkedin\", \"text\": \"" text "\"}"
            print line
            written += length(line) + 1
        }
    }' >"$folder/posts.$1"
}
for kind in jsonl csv; do
    make "$kind"
    status=0
    /usr/bin/time -f "%e s, %U + %S s of CPU, %M kB at the most" -o "$folder/time" \
        "$program" check --format jsonl --fail-on never "$folder/posts.$kind" >"$folder/found" || status=$?
    echo "$kind, $(stat -c %s "$folder/posts.$kind") bytes: $(wc -l <"$folder/found") findings, status $status, $(tail -1 "$folder/time")"
    rm "$folder/posts.$kind"
done
