"""A CSV file to a log that can be asked, in whole fresh processes: procmine beside pm4py, pl4pm, polars and duckdb.

python benchmarks/load_csv.py FILE.csv [ROUNDS] [PEERS_PYTHON]; FILE by generate.py; PEERS_PYTHON is one that has the peers.

Ready means: every column read, times parsed, events sorted by case and time. Each writes the counts of what directly
follows what, which are compared before anything is timed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bottlenecks import measured

FOLLOWS = """
import json, sys
if len(sys.argv) > 2:
    json.dump(answer(), open(sys.argv[2], "w"))
"""
SCRIPTS = {
    "procmine": """
import sys, procmine
log = procmine.read(sys.argv[1])
def answer():
    moves = procmine.flow(log).frame
    moves = moves[(moves["before"] != "") & (moves["after"] != "")]
    return {f"{a} -> {b}": int(n) for a, b, n in zip(moves["before"], moves["after"], moves["n"])}
""",
    "duckdb": """
import sys, duckdb
db = duckdb.connect()
db.execute("create table log as select * from read_csv(?, header=true) order by case_id, timestamp", [sys.argv[1]])
def answer():
    sql = '''with moves as (select activity as a, lead(activity) over (partition by case_id order by timestamp) as b from log)
             select a, b, count(*) from moves where b is not null group by all'''
    return {f"{a} -> {b}": n for a, b, n in db.execute(sql).fetchall()}
""",
    "polars": """
import sys, polars as pl
log = pl.read_csv(sys.argv[1], try_parse_dates=True).sort("case_id", "timestamp", maintain_order=True)
def answer():
    moves = log.with_columns(b=pl.col("activity").shift(-1).over("case_id")).drop_nulls("b").group_by("activity", "b").len()
    return {f"{a} -> {b}": n for a, b, n in moves.iter_rows()}
""",
    "pl4pm": """
import sys, polars as pl, pl4pm
frame = pl.scan_csv(sys.argv[1], try_parse_dates=True)
log = pl4pm.format_dataframe(frame, case_id_column="case_id", activity_column="activity", timestamp_column="timestamp")
def answer():
    return {f"{a} -> {b}": n for (a, b), n in pl4pm.discover_dfg(log)[0].items()}
""",
    "pm4py": """
import sys, pandas as pd, pm4py
frame = pd.read_csv(sys.argv[1])
log = pm4py.format_dataframe(frame, case_id="case_id", activity_key="activity", timestamp_key="timestamp")
def answer():
    return {f"{a} -> {b}": n for (a, b), n in pm4py.discover_dfg(log)[0].items()}
""",
}


def answers(file: str, pythons: dict[str, str]) -> str:
    """Whether all count the same moves."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, script in SCRIPTS.items():
            out = Path(folder) / f"{name}.json"
            subprocess.run(
                [pythons[name], "-c", script + FOLLOWS, file, str(out)], check=True, stderr=subprocess.DEVNULL
            )
            found[name] = json.loads(out.read_text())
    ours = found["procmine"]
    counted = f"{len(ours)} moves, {sum(ours.values()):,} in all"
    off = {name: sum(abs(n - ours.get(move, 0)) for move, n in moves.items()) // 2 for name, moves in found.items()}
    other = [f"{name} in {n:,} (the order of equal moments)" for name, n in off.items() if n]
    return f"{counted}, equal in all" if not other else f"{counted}; NOT equal: {', '.join(other)}"


def main() -> None:
    file, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    peers = sys.argv[3] if len(sys.argv) > 3 else sys.executable
    pythons = {name: sys.executable if name == "procmine" else peers for name in SCRIPTS}
    said = answers(file, pythons)
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in SCRIPTS}
    for _ in range(rounds):
        for name, script in SCRIPTS.items():
            runs[name].append(measured([pythons[name], "-c", script + FOLLOWS, file]))
    size = Path(file).stat().st_size / 2**20
    print(f"{Path(file).name}, {size:,.0f} MiB, {rounds} alternating runs, {os.cpu_count()} cores; {said}")
    print("| | seconds (least to most) | peak MiB | times procmine's |\n|---|---|---|---|")
    ours = statistics.median(seconds for seconds, _ in runs["procmine"])
    for name, pairs in runs.items():
        seconds, memory = (statistics.median(one) for one in zip(*pairs))
        spread = f"{min(one for one, _ in pairs):.1f} to {max(one for one, _ in pairs):.1f}"
        print(f"| {name} | {seconds:.1f} ({spread}) | {memory:,.0f} | {seconds / ours:.1f} |")


if __name__ == "__main__":
    main()
