#!/usr/bin/env bash
# What a check of a large repository costs, whole and of a change.
#
#   cargo build --release && benches/repository.sh [DRAFTS] [FOLDER]
#
# Makes a git repository of so many posts (100,000) of some 600 bytes in a hundred folders, checks all
# of them with the built-in packs, then with an empty and with a filled cache, and then what ten more
# and ten changed posts bring. Prints user+sys CPU and wall time. Needs bash, python3, git and GNU time.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${CLEARPOST:-$root/target/release/clearpost}
drafts=${1:-100000}
work=${2:-$(mktemp -d)}
mkdir -p "$work"
XDG_CACHE_HOME=$(mktemp -d)
export XDG_CACHE_HOME
cd "$work"
python3 - "$drafts" <<'PYTHON'
import os, random, sys
random.seed(20261128)
words = ("we open the new workshop on saturday and you are welcome to join us for tea with your own lamp or "
         "bicycle our team has learned a lot this year about light colour wood and how people like to work "
         "in the evening thank you to everyone who came and asked questions see you next week").split()
for number in range(int(sys.argv[1])):
    folder = f"posts/{number % 100:02}"
    os.makedirs(folder, exist_ok=True)
    lines = [" ".join(random.choice(words) for _ in range(24)).capitalize() + "." for _ in range(4)]
    if number % 1000 == 0:
        lines.append("For internal use only.")
    with open(f"{folder}/{number}.md", "w") as out:
        out.write(f"---\ntitle: Post {number}\nchannel: blog\n---\n\n" + "\n\n".join(lines) + "\n")
PYTHON
git init --quiet --initial-branch=main
git config user.name test
git config user.email test@example.com
printf 'packs: ["builtin:all"]\n' >clearpost.yaml
git add .
git commit --quiet -m "Posts"
measure() { # NAME COMMAND…
    local name=$1 status=0
    shift
    /usr/bin/time -f '%U %S %e %M' -o "$work/../time.$$" "$@" >"$work/../found.$$" 2>/dev/null || status=$?
    awk -v name="$name" -v found="$(wc -l <"$work/../found.$$")" -v status="$status" \
        'END { printf "%-28s %6.2f s CPU, %6.2f s wall, %4d MB; %s findings, status %s\n", name, $1 + $2, $3, $4 / 1024, found, status }' \
        "$work/../time.$$"
    rm -f "$work/../time.$$" "$work/../found.$$"
}
echo "$drafts posts, $(du -sm posts | cut -f1) MB on disk; $("$program" --version); $(nproc) cores"
check=("$program" check . --format compact --quiet)
measure "all" "${check[@]}"
measure "all, empty cache" "${check[@]}" --cache
measure "all, filled cache" "${check[@]}" --cache
for number in 1 2 3 4 5 6 7 8 9 10; do
    printf '\nThis is for internal use only.\n' >>"posts/0$((number % 10))/$((number % 10)).md"
    printf 'A new post, for internal use only.\n' >"posts/new-$number.md"
done
measure "20 posts changed" "${check[@]}" --changed-since HEAD
measure "20 changed, filled cache" "${check[@]}" --cache
