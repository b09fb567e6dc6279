#!/usr/bin/env bash
# What many rules cost: 200 plain ones beside 5,000 that use all of the language.
#
#   cargo build --release && benches/rules.sh [FOLDER]
#
# Checks 2,000 made-up posts (10 MB) against each pack and prints user+sys CPU and wall time, the
# fastest of five runs, and their ratio. A plain rule is a list of three words. Of the 5,000 a fifth
# each is: terms with company and exceptions, `all` in one sentence with a `not`, a pattern with
# facts, `any` that is counted and not denied, and `require` with a trigger. Needs bash and python3.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${CLEARPOST:-$root/target/release/clearpost}
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

python3 - <<'PYTHON'
import os, random
random.seed(20261124)
syllables = [c + v for c in "bdfglmnprstvz" for v in "aeiou"]
def word():
    return "".join(random.choice(syllables) for _ in range(random.randint(3, 4)))
common = ("the of and team launch product market week people work light office new idea design quality "
          "service plan city road travel story photo event partner growth thank join today learn share "
          "community local open future build support care energy water food health school music art "
          "perché città più università così qualità novità società ancora grazie").split()
head = "policy: builtin:social-media\nrules:\n"
def rule(number, body):
    return f"  - id: r{number}\n    clause: SMP-3.1\n    message: m\n{body}"
with open("plain.yaml", "w") as out:
    out.write("pack: plain\n" + head)
    for number in range(200):
        out.write(rule(number, f"    terms: [{word()}, {word()} {word()}, {random.choice(common)} {word()}]\n"))
with open("rich.yaml", "w") as out:
    out.write("pack: rich\n" + head)
    for number in range(5_000):
        a, b, c, d = word(), word(), word(), random.choice(common)
        out.write(rule(number, (
            f"    terms: [{{term: {a}, near: [{b}, {d}]}}, {c}]\n    except: [{a} {b}]\n",
            f"    all: [{{terms: [{a}, {b}]}}, {{terms: [{d}]}}, {{not: {{terms: [{c}]}}}}]\n    within: sentence\n",
            f"    pattern: '(?i)\\b{a}[- ]?(?:{b}|{c})\\b'\n    when: {{account: company, from: 2026-01-01}}\n",
            f"    any: [{{terms: [{a}]}}, {{pattern: '(?i){b} \\d+'}}]\n    count: {{at_least: 2}}\n    negated: ignore\n    quoted: ignore\n",
            f"    require: {{any_of: [{a}, {b}], trigger: {{terms: [{c}]}}, where: first_line}}\n",
        )[number % 5]))
sentence = lambda n: " ".join(random.choice(common) for _ in range(n)).capitalize() + "."
os.makedirs("posts", exist_ok=True)
for number in range(2_000):
    text = f"---\ntitle: {sentence(6)}\naccount: company\n---\n\n# {sentence(5)}\n\n"
    while len(text) < 5_100:
        text += f"{sentence(40)} **{sentence(3)}** and [{sentence(3)}](https://example.com/{number}) {sentence(20)}\n\n- {sentence(8)}\n\n"
    with open(f"posts/{number}.md", "w") as out:
        out.write(text)
PYTHON

PROGRAM="$program" python3 - <<'PYTHON'
import os, resource, subprocess, time
def best(pack):
    runs = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        done = subprocess.run([os.environ["PROGRAM"], "check", "posts", "--pack", pack, "--format", "jsonl",
                               "--now", "2026-11-24T00:00:00Z"], capture_output=True)
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode in (0, 1), done.stderr.decode()
        runs.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
    return min(runs)
times = {pack: best(pack) for pack in ("plain.yaml", "rich.yaml")}
for pack, (cpu, wall) in times.items():
    print(f"{pack:<12} {cpu:.2f} s CPU, {wall:.2f} s wall")
print(f"ratio {times['rich.yaml'][0] / times['plain.yaml'][0]:.2f} in CPU")
PYTHON
