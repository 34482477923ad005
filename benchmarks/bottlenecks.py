"""Whole processes, file to printed bottlenecks: procmine beside a pm4py script, alternating; answers are compared first.

python benchmarks/bottlenecks.py FILE [ROUNDS] [--end "every case"]; prints a Markdown table.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

PEER = """
import sys
import pandas as pd, pm4py
file = sys.argv[1]
frame = pd.read_parquet(file, columns=COLUMNS) if file.endswith(".parquet") else pd.read_csv(file)
frame = pm4py.format_dataframe(frame, case_id="case_id", activity_key="activity", timestamp_key="timestamp")
moves, start, end = pm4py.discover_performance_dfg(frame)
for (before, after), one in sorted(moves.items(), key=lambda item: -item[1]["sum"])[:15]:
    print(before, "->", after, one["mean"], one["median"], one["sum"])
if len(sys.argv) > 2:
    import json
    answer = {f"{before} -> {after}": one["sum"] for (before, after), one in moves.items()}
    json.dump(answer, open(sys.argv[2], "w"))
""".replace("COLUMNS", '["case_id", "activity", "timestamp"]')
OURS = [sys.executable, "-m", "procmine.cli", "bottlenecks"]
CHECK = """
import json, sys
import numpy as np, procmine
log = procmine.read(sys.argv[1])
moves = procmine.flow(log).frame
moves = moves[(moves["before"] != "") & (moves["after"] != "")]
total = moves["mean"] / np.timedelta64(1, "s") * moves["n"]
answer = dict(zip(moves["before"] + " -> " + moves["after"], total))
json.dump(answer, open(sys.argv[2], "w"))
"""


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds and peak MiB of one fresh process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        raise SystemExit(f"{command} failed with status {status}")
    return seconds, used.ru_maxrss / 1024


def same_answers(file: str, peer: list[str]) -> str:
    """Total time per move of both, compared; pm4py drops nothing here and neither do we."""
    with tempfile.TemporaryDirectory() as folder:
        answers = []
        for command in ([sys.executable, "-c", CHECK], peer):
            out = Path(folder) / "answer.json"
            subprocess.run([*command, file, str(out)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            answers.append(json.loads(out.read_text()))
        ours, theirs = answers
        if set(ours) != set(theirs):
            return f"moves differ: {len(ours)} and {len(theirs)}"
        worst = max((abs(ours[one] - theirs[one]) / max(abs(theirs[one]), 1.0) for one in ours), default=0.0)
        return f"{len(ours)} moves, total times equal within {worst:.1e}"


def main() -> None:
    file, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 5
    peer = [sys.executable, "-c", PEER]
    answers = same_answers(file, peer)
    runs: dict[str, list[tuple[float, float]]] = {"procmine": [], "pm4py": []}
    measured([*OURS, file, *sys.argv[3:]])  # the file comes into memory before the first measured run
    for _ in range(rounds):
        runs["procmine"].append(measured([*OURS, file, *sys.argv[3:]]))
        runs["pm4py"].append(measured([*peer, file]))
    middle = {name: tuple(map(statistics.median, zip(*pairs))) for name, pairs in runs.items()}
    ours, theirs = middle["procmine"], middle["pm4py"]
    print(f"{Path(file).name}, {rounds} alternating runs; {answers}; Python {platform.python_version()}, "
          f"pm4py {version('pm4py')}, pandas {version('pandas')}, {os.cpu_count()} cores")  # fmt: skip
    print("| | seconds | peak MiB |\n|---|---|---|")
    for name, (seconds, memory) in middle.items():
        spread = f"{min(one for one, _ in runs[name]):.2f} to {max(one for one, _ in runs[name]):.2f}"
        print(f"| {name} | {seconds:.2f} ({spread}) | {memory:.0f} |")
    print(f"| ratio | {theirs[0] / ours[0]:.1f} times faster | {ours[1] / theirs[1]:.2f} of the memory |")


if __name__ == "__main__":
    main()
