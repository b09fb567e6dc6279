#!/usr/bin/env bash
# Lists of names from a hundred to a million against made-up posts, with the truth known, and other
# tools beside Clearpost in the same run.
#
#   cargo build --release && benches/compare.sh [--big] [FOLDER]
#
# For every size and tool: the places found, missed and false, user+sys CPU and wall time and peak
# memory for a folder of 2,000 posts (10 MB); with --big also for ten copies of it (100 MB). A place
# is PATH:OFFSET; those missed and those false are kept in FOLDER as lists, each named by what was
# compared. Clearpost's and ripgrep's places have to end right as well.
#
# Beside it, where they are installed: `rg -F -i -w`, `typos` (cargo install typos-cli --locked),
# which knows single words, and so gets the first word of every name, and `vale`, with a style of
# names. Needs bash, python3 and GNU time.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${CLEARPOST:-$root/target/release/clearpost}
corpora=(posts)
if [ "${1:-}" = --big ]; then
    corpora+=(big)
    shift
fi
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

python3 - <<'PYTHON'
import os, random, re
random.seed(20261123)
syllables = [c + v for c in "bdfglmnprstvz" for v in "aeiou"]
word = lambda: "".join(random.choice(syllables) for _ in range(random.randint(2, 4))).capitalize()
names = []
seen = set()
while len(names) < 1_000_000:
    name = " ".join(word() for _ in range(random.choice((2, 2, 2, 3))))
    if name.lower() not in seen:
        seen.add(name.lower())
        names.append(name)
sizes = (100, 1_000, 10_000, 100_000, 1_000_000)
for size in sizes:
    with open(f"names-{size}.txt", "w") as out:
        out.write("\n".join(names[:size]) + "\n")
    with open(f"pack-{size}.yaml", "w") as out:
        out.write(f"pack: names\npolicy: builtin:social-media\nrules:\n  - id: name\n    clause: SMP-3.1\n    message: m\n    terms_from: names-{size}.txt\n")
    with open(f"typos-{size}.toml", "w") as out:
        out.write("[default.extend-words]\n")
        for first in sorted({name.split()[0].lower() for name in names[:size]}):
            out.write(f'{first} = "listedname"\n')
    os.makedirs(f"vale-{size}/names", exist_ok=True)
    with open(f"vale-{size}/names/Name.yml", "w") as out:
        out.write("extends: existence\nmessage: name\nlevel: error\nignorecase: true\ntokens:\n")
        out.writelines(f"  - {name}\n" for name in names[:size])
    with open(f"vale-{size}.ini", "w") as out:
        out.write(f"StylesPath = vale-{size}\nMinAlertLevel = error\n[*.md]\nBasedOnStyles = names\n")
common = ("the of and team launch product market week people work light office new idea design quality "
          "service plan city road travel story photo event partner growth thank join today learn share "
          "community local open future build support care energy water food health school music art "
          "perché città più università così qualità novità società ancora grazie").split()
sentence = lambda n: " ".join(random.choice(common) for _ in range(n)).capitalize() + "."
os.makedirs("posts", exist_ok=True)
planted = {size: [] for size in sizes}
for number in range(2_000):
    text = f"---\ntitle: {sentence(6)}\n---\n\n# {sentence(5)}\n\n"
    while len(text) < 5_100:
        text += f"{sentence(40)} **{sentence(3)}** and [{sentence(3)}](https://example.com/{number}) {sentence(20)}\n\n- {sentence(8)}\n\n"
        if random.random() < 0.05:
            size = random.choice(sizes)
            chosen = random.randrange(size)
            written = random.choice((str, str.upper, lambda n: n.replace(" ", "-"), lambda n: n.replace(" ", "\n")))
            ahead = f"{sentence(9)} "
            start = len((text + ahead).encode())
            text += f"{ahead}{written(names[chosen])} {sentence(9)}\n\n"
            for limit in sizes:
                if chosen < limit:
                    planted[limit].append((number, start))
    with open(f"posts/{number:04}.md", "w") as out:
        out.write(text)
with open("post.md", "w") as out:
    out.write(sentence(140)[:1_000] + "\n")

# The truth is every occurrence, planted or not: one to three words, white space or hyphens between
# them, whose letters are a name's; of two that overlap the longer one.
letters = {}
for rank, name in enumerate(names):
    letters.setdefault(name.replace(" ", "").lower().encode(), rank)
token = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
gap = re.compile(rb"[\s-]+")
truth = {size: [] for size in sizes}
for number in range(2_000):
    with open(f"posts/{number:04}.md", "rb") as post:
        text = post.read()
    words = [found.span() for found in token.finditer(text)]
    windows = []
    for at in range(len(words)):
        key = b""
        for to in range(at, min(at + 3, len(words))):
            if to > at and not gap.fullmatch(text[words[to - 1][1]:words[to][0]]):
                break
            key += text[words[to][0]:words[to][1]].lower()
            if key in letters:
                windows.append((words[at][0], words[to][1], letters[key]))
    for size in sizes:
        taken = []
        for start, end, rank in sorted(windows, key=lambda w: (w[0] - w[1], w[0])):
            if rank < size and all(end <= a or b <= start for a, b in taken):
                taken.append((start, end))
        truth[size].extend((number, start, end) for start, end in sorted(taken))
for size in sizes:
    starts = {place[:2] for place in truth[size]}
    assert starts >= set(planted[size]), "a planted name is not in the truth"
    with open(f"truth-{size}-posts.txt", "w") as out:
        out.writelines(f"posts/{n:04}.md:{start}:{end}\n" for n, start, end in truth[size])
    with open(f"truth-{size}-big.txt", "w") as out:
        out.writelines(f"big/{copy}/{n:04}.md:{start}:{end}\n" for copy in range(10) for n, start, end in truth[size])
PYTHON

cat >places.py <<'PYTHON'
"""Compares what a tool wrote, in found.out, with the truth."""
import json, os, sys
tool, truth_file = sys.argv[1:]
lines = {}
def offset(path, line, byte):
    """The byte of a file at which a byte of a line, from 1, stands."""
    if path not in lines:
        with open(path, "rb") as file:
            lines[path] = [0]
            for text in file:
                lines[path].append(lines[path][-1] + len(text))
    return lines[path][line - 1] + byte
found = set()
with open("found.out", "rb") as out:
    if tool == "vale":
        for path, alerts in json.load(out).items():
            for alert in alerts:
                with open(path, encoding="utf-8") as file:
                    text = file.read().split("\n")[alert["Line"] - 1]
                byte = len(text[: alert["Span"][0] - 1].encode())
                found.add(f"{path}:{offset(path, alert['Line'], byte)}")
    else:
        for line in out:
            if tool == "ripgrep":
                path, start, match = line.rstrip(b"\n").split(b":", 2)
                found.add(f"{path.decode()}:{int(start)}:{int(start) + len(match)}")
            elif tool == "clearpost":
                finding = json.loads(line)
                span = finding["span"]
                found.add(f"{finding['path']}:{span['start']}:{span['end']}")
            else:
                typo = json.loads(line)
                if typo["type"] == "typo" and [fix.lower() for fix in typo["corrections"]] == ["listedname"]:
                    path = os.path.normpath(typo["path"])
                    found.add(f"{path}:{offset(path, typo['line_num'], typo['byte_offset'])}")
with open(truth_file) as file:
    truth = {line.strip() for line in file}
if tool in ("typos", "vale"):
    truth = {place.rsplit(":", 1)[0] for place in truth}
name = truth_file.removeprefix("truth-").removesuffix(".txt")
for what, places in (("missed", truth - found), ("false", found - truth)):
    with open(f"{what}-{tool}-{name}.txt", "w") as out:
        out.writelines(place + "\n" for place in sorted(places))
print(f"{len(truth & found)} found, {len(truth - found)} missed, {len(found - truth)} false")
PYTHON

runs=3
longest=120
measure() { # COMMAND... → user+sys seconds, wall seconds, peak MB; the run with the least CPU
    local status=0
    : >times.out
    for ((run = 0; run < runs; run++)); do
        status=0
        command time -f '%U %S %e %M' -o time.out timeout $longest "$@" >found.out 2>errors.out || status=$?
        [ "$status" = 124 ] && return 124
        tail -n 1 time.out >>times.out
    done
    awk '{ cpu = $1 + $2; if (best == "" || cpu < best) { best = cpu; wall = $3; memory = $4 } }
        END { printf "%.2f s CPU, %.2f s wall, %d MB", best, wall, memory / 1024 }' times.out
}
declare -A gave_up
compare() { # TOOL SIZE CORPUS COMMAND...
    local tool=$1 size=$2 corpus=$3
    shift 3
    local cost
    if [ -n "${gave_up[$tool-$corpus]:-}" ]; then
        return
    elif cost=$(measure "$@"); then
        printf '%-10s %s; ' "$tool" "$cost"
        if [ -s found.out ]; then
            python3 places.py "$tool" "truth-$size-$corpus.txt"
        else
            # Nothing found is never right here: a tool that gave up says why.
            echo "nothing found: $(sed -n 1p errors.out)"
        fi
    else
        gave_up[$tool-$corpus]=1
        printf '%-10s no end after %d s; not run with more names\n' "$tool" $longest
    fi
}
for tool in rg typos vale; do
    if command -v $tool >/dev/null; then
        echo "$tool: $($tool --version | sed -n 1p)"
    else
        echo "$tool is not installed, and left out"
    fi
done
for corpus in "${corpora[@]}"; do
    if [ "$corpus" = big ]; then
        for copy in 0 1 2 3 4 5 6 7 8 9; do
            mkdir -p "big/$copy"
            cp posts/* "big/$copy"
        done
        runs=1
    fi
    bytes=$(find "$corpus" -name '*.md' -exec cat {} + | wc -c)
    echo "$corpus: $bytes bytes; $("$program" --version); $(nproc) cores; best of $runs"
    for size in 100 1000 10000 100000 1000000; do
        echo "== $size names, $(wc -l <"truth-$size-$corpus.txt") places"
        compare clearpost $size "$corpus" "$program" check "$corpus" --jobs 2 --pack pack-$size.yaml --format jsonl
        if [ "$corpus" = posts ]; then
            echo "one post   $(measure "$program" check post.md --pack pack-$size.yaml)"
        fi
        if command -v rg >/dev/null; then
            compare ripgrep $size "$corpus" rg -F -i -w -o -b -H --no-heading --no-line-number -f names-$size.txt "$corpus"
        fi
        if command -v typos >/dev/null; then
            compare typos $size "$corpus" typos --isolated --config typos-$size.toml --format json "$corpus"
        fi
        if command -v vale >/dev/null; then
            compare vale $size "$corpus" vale --no-exit --output JSON --config vale-$size.ini "$corpus"
        fi
    done
done
