"""An XES file to a table in memory: procmine beside other readers, alternating; answers are compared first.

python benchmarks/xes.py make EVENTS FILE.xes [SEED]
python benchmarks/xes.py FILE.xes [ROUNDS] [PYTHON_OF_THE_PEERS]; prints a Markdown table.

Peers that are not installed for that Python are left out, and named.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bottlenecks import measured
from generate import generate

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
\t<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
\t<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
\t<global scope="event">
 <string key="concept:name" value="__INVALID__"/>
 <string key="lifecycle:transition" value="complete"/>
 <string key="org:group" value="UNKNOWN"/>
\t</global>
\t<classifier name="Activity" keys="concept:name"/>
"""
NAMES = ("Apply &amp; register", "Check &lt;form A&gt;", "Ask for &quot;more&quot;", "&#352;iauliai visit", "Decide")
RECORD = """
def record(frame, out):
    import json, hashlib, pandas as pd
    times = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601").astype("datetime64[us, UTC]").astype("int64")
    rows = zip(frame["case:concept:name"].astype(str), frame["concept:name"].astype(str), times)
    joined = "\\n".join(f"{a}|{b}|{c}" for a, b, c in sorted(rows))
    group = frame["org:group"].astype(object).where(frame["org:group"].notna(), None)
    answer = {
        "cases": int(frame["case:concept:name"].nunique()), "events": len(frame),
        "names": sorted(set(frame["concept:name"].astype(str))), "hash": hashlib.sha256(joined.encode()).hexdigest(),
        "without group": sum(one is None for one in group),
    }
    json.dump(answer, open(out, "w"))
"""
PM4PY = """
import sys, pm4py, warnings
warnings.simplefilter("ignore")
frame = pm4py.read_xes(sys.argv[1], variant="{}")
if len(sys.argv) > 2:
    record(frame, sys.argv[2])
"""
PEERS = {
    "procmine, log ready (checked, coded, sorted)": """
import sys, procmine
log = procmine.read(sys.argv[1])
if len(sys.argv) > 2:
    frame = log.events.rename(columns={"case": "case:concept:name", "activity": "concept:name", "time": "time:timestamp"})
    record(frame, sys.argv[2])
""",
    "procmine, reader alone": """
import sys
from pathlib import Path
from procmine.load.columns import Columns
from procmine.load.formats.xes import read_xes
raw = read_xes(Path(sys.argv[1]), Columns())
if len(sys.argv) > 2:
    record(raw.table.to_pandas(), sys.argv[2])
""",
    "pm4py {}, iterparse (its default)": PM4PY.format("iterparse"),
    "pm4py {}, chunk_regex": PM4PY.format("chunk_regex"),
    "pm4py {}, line_by_line": PM4PY.format("line_by_line"),
    "pm4py {} over r4pm (its default where that is installed)": PM4PY.format("rustxes"),
    "r4pm {}": """
import sys, r4pm
frame, about = r4pm.df.import_xes(sys.argv[1])
if len(sys.argv) > 2:
    record(frame.to_pandas(), sys.argv[2])
""",
    "rustxes {}": """
import sys, rustxes
frame, about = rustxes.import_xes(sys.argv[1])
if len(sys.argv) > 2:
    record(frame.to_pandas(), sys.argv[2])
""",
}


def make(events: int, path: Path, seed: int = 1) -> int:
    """Write a log with entities in its names, five attributes an event, some missing; returns how many events."""
    table = generate(events, seed)
    draw = np.random.default_rng(seed)
    case = np.unique(table["case_id"].to_pylist(), return_inverse=True)[1]
    order = np.argsort(case, kind="stable")
    held = table.take(order.tolist()).to_pydict()
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(_traces(held, draw))
        file.write("</log>\n")
    return len(order)


def _traces(held: dict[str, list[object]], draw: np.random.Generator) -> Iterator[str]:
    before = None
    cost = draw.integers(0, 9_999, len(held["case_id"]))
    grouped = draw.random(len(cost)) < 0.9
    for place, case in enumerate(held["case_id"]):
        if case != before:
            yield "" if before is None else "\t</trace>\n"
            yield f'\t<trace>\n <string key="concept:name" value="{case}"/>\n'
            yield f' <string key="region" value="{held["region"][place]} &amp; district"/>\n'
            before = case
        step = str(held["activity"][place])
        number = int(step[5:7]) if step[5:7].isdigit() else 0
        name = f"{NAMES[number % len(NAMES)]} {step}"
        yield f' <event>\n  <string key="concept:name" value="{name}"/>\n'
        yield f'  <date key="time:timestamp" value="{held["timestamp"][place].isoformat(timespec="milliseconds")}+00:00"/>\n'
        yield f'  <string key="org:resource" value="{held["worker"][place]}"/>\n'
        yield f'  <int key="cost" value="{cost[place]}"/>\n'
        yield f'  <string key="org:group" value="Desk {cost[place] % 7}"/>\n' if grouped[place] else ""
        yield " </event>\n"
    yield "\t</trace>\n"


def run(python: str, script: str, *arguments: str) -> tuple[float, float]:
    """Seconds and peak MiB of one fresh process."""
    return measured([python, "-c", RECORD + script, *arguments])


def answer(python: str, script: str, file: str) -> dict[str, object] | None:
    """What a reader says is in the file; None if it cannot be run."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answer.json"
        try:
            run(python, script, file, str(out))
        except SystemExit:  # of `measured`, where the process failed
            return None
        read: dict[str, object] = json.loads(out.read_text())
        return read


def differences(ours: dict[str, object], theirs: dict[str, object]) -> str:
    """In which of the answers two readers differ."""
    wrong = [name for name in ("cases", "events", "names", "hash", "without group") if ours[name] != theirs[name]]
    said = {"names": "names of steps", "hash": "cases, steps and times together", "without group": "missing values"}
    return ("differ: " + ", ".join(said.get(one, one) for one in wrong)) if wrong else "equal"


def versions(python: str) -> dict[str, str]:
    script = "import json\nfrom importlib.metadata import version\n" + (
        "print(json.dumps({one: version(one) for one in ('pm4py', 'r4pm', 'rustxes')}))"
    )
    found = subprocess.run([python, "-c", script], capture_output=True, text=True)
    held: dict[str, str] = json.loads(found.stdout) if found.returncode == 0 else {}
    return held


def main() -> None:
    if sys.argv[1] == "make":
        count = make(int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 1)
        print(f"{count:,} events, {Path(sys.argv[3]).stat().st_size / 1e6:.0f} MB")
        return
    file, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    theirs = sys.argv[3] if len(sys.argv) > 3 else sys.executable
    known = versions(theirs)
    scripts = {name.format(known.get(name.split()[0], "?")): script for name, script in PEERS.items()}
    pythons = {name: sys.executable if name.startswith("procmine") else theirs for name in scripts}
    answers = {name: answer(pythons[name], script, file) for name, script in scripts.items()}
    there = [name for name, found in answers.items() if found is not None]
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in there}
    for _ in range(rounds):
        for name in there:
            runs[name].append(run(pythons[name], scripts[name], file))
    _print(file, rounds, answers, runs)


def _print(
    file: str, rounds: int, answers: dict[str, dict[str, object] | None], runs: dict[str, list[tuple[float, float]]]
) -> None:
    first = answers[next(iter(runs))]
    assert first is not None
    base = statistics.median(seconds for seconds, _ in runs[next(iter(runs))])
    size = Path(file).stat().st_size / 1e6
    print(f"{Path(file).name}: {first['events']:,} events, {first['cases']:,} cases, {size:.0f} MB;")
    print(f"{rounds} alternating runs; Python {platform.python_version()}, {os.cpu_count()} cores")
    print("| | seconds | ratio | peak MiB | answers |\n|---|---|---|---|---|")
    for name, pairs in runs.items():
        seconds, found = [one for one, _ in pairs], answers[name]
        assert found is not None
        middle, memory = statistics.median(seconds), statistics.median(one for _, one in pairs)
        print(f"| {name} | {middle:.2f} ({min(seconds):.2f} to {max(seconds):.2f}) | {middle / base:.1f} | {memory:.0f} | "
              f"{differences(first, found)} |")  # fmt: skip
    left = [name for name, found in answers.items() if found is None]
    if left:
        print(f"Not run (not installed, or failed): {', '.join(left)}")


if __name__ == "__main__":
    main()
