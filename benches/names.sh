#!/usr/bin/env bash
# Lists of names from a hundred to a million against made-up posts, with the truth known.
#
#   cargo build --release && benches/names.sh [FOLDER]
#
# Prints, for every size: found, missed and false names; CPU and wall time and peak memory for a
# folder of 2,000 posts and for one post. Beside it, in the same run, `rg -F -i -w -f` where ripgrep
# is installed. Needs bash, python3 and GNU time.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${CLEARPOST:-$root/target/release/clearpost}
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

python3 - <<'PYTHON'
import json, os, random
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
common = ("the of and team launch product market week people work light office new idea design quality "
          "service plan city road travel story photo event partner growth thank join today learn share "
          "community local open future build support care energy water food health school music art "
          "perché città più università così qualità novità società ancora grazie").split()
sentence = lambda n: " ".join(random.choice(common) for _ in range(n)).capitalize() + "."
os.makedirs("posts", exist_ok=True)
planted = {size: 0 for size in sizes}
for number in range(2_000):
    text = f"---\ntitle: {sentence(6)}\n---\n\n# {sentence(5)}\n\n"
    while len(text) < 5_100:
        text += f"{sentence(40)} **{sentence(3)}** and [{sentence(3)}](https://example.com/{number}) {sentence(20)}\n\n- {sentence(8)}\n\n"
        if random.random() < 0.05:
            size = random.choice(sizes)
            chosen = random.randrange(size)
            written = random.choice((str, str.upper, lambda n: n.replace(" ", "-"), lambda n: n.replace(" ", "\n")))
            text += f"{sentence(9)} {written(names[chosen])} {sentence(9)}\n\n"
            for limit in sizes:
                planted[limit] += chosen < limit
    with open(f"posts/{number:04}.md", "w") as out:
        out.write(text)
with open("post.md", "w") as out:
    out.write(sentence(140)[:1_000] + "\n")
json.dump(planted, open("planted.json", "w"))
PYTHON

bytes=$(cat posts/*.md | wc -c)
echo "$bytes bytes in 2,000 posts; $("$program" --version); $(nproc) cores"
measure() { # COMMAND... → user+sys seconds, wall seconds, peak MB; the fastest of three
    for _ in 1 2 3; do
        command time -f '%U %S %e %M' -o time.out "$@" >found.out 2>/dev/null || true
        tail -n 1 time.out
    done | awk '{ cpu = $1 + $2; if (best == "" || cpu < best) { best = cpu; wall = $3; memory = $4 } }
        END { printf "%.3f s CPU, %.2f s wall, %d MB", best, wall, memory / 1024 }'
}
for size in 100 1000 10000 100000 1000000; do
    echo "== $size names"
    echo "posts:    $(measure "$program" check posts --jobs 2 --pack pack-$size.yaml --format jsonl)"
    found=$(wc -l <found.out)
    planted=$(python3 -c "import json; print(json.load(open('planted.json'))['$size'])")
    echo "truth:    $planted planted, $found found"
    echo "one post: $(measure "$program" check post.md --pack pack-$size.yaml)"
    if command -v rg >/dev/null && [ "$size" -le 100000 ]; then
        echo "ripgrep:  $(measure timeout 120 rg -F -i -w -f names-$size.txt posts)"
    fi
done
