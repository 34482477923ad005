"""Causes of waiting: seconds for generated logs of a size, and the shares of the designed worlds beside Kronos's tables.

python benchmarks/causes.py [EVENTS] [ROUNDS]; python benchmarks/causes.py kronos FOLDER_OF_WTA_LOANAPP; Markdown tables.

Generated: half of the cases go through busy single clerks (waits reach over hundreds of events), hours are 9 to 17.
"""

from __future__ import annotations

import csv
import gzip
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import procmine
from procmine.find.waits.causes import causes

STEPS = ("Received", "Checked", "Decided", "Sent")
WORLDS = ("fewRes_24-7_noTimers", "fewRes_9-5_timers", "infRes_24-7_noTimers", "infRes_9-5_noTimers")
THEIRS = ("batching", "contention", "prioritization", "unavailability", "extraneous")
OURS = ("batching", "contention", "prioritisation", "unavailability", "unexplained")


def generate(events: int, clerks: int, seed: int = 1) -> pd.DataFrame:
    """First come, first served by `clerks` in each of four steps at 97% of what they can do, over three years."""
    draw = np.random.default_rng(seed)
    n = events // len(STEPS)
    span = 3 * 365 * 86_400.0
    ready = np.sort(draw.uniform(0, span, n))
    parts = []
    for place, step in enumerate(STEPS):
        work = draw.exponential(0.97 * clerks * span / n, n)
        who = draw.integers(0, clerks, n)
        start, end = np.empty(n), np.empty(n)
        free = np.zeros(clerks)
        for case in np.argsort(ready, kind="stable"):
            start[case] = max(ready[case], free[who[case]])
            free[who[case]] = end[case] = start[case] + work[case]
        names = np.char.add(f"{step} ", who.astype(str))
        parts.append(pd.DataFrame({"case": np.arange(n), "activity": step, "clerk": names, "start": start, "end": end}))
        ready = end + draw.exponential(86_400, n) * (place == 1)
    frame = pd.concat(parts)
    for name in ("start", "end"):
        frame[name] = np.datetime64("2021-01-04T00:00:00", "us") + (frame[name] * 1e6).astype("int64").astype("m8[us]")
    return frame


def measure(events: int, rounds: int) -> None:
    print("| events | clerks a step | seconds (least to most) | days waited |\n|---|---|---|---|")
    for clerks in (20, 1):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log.parquet"
            generate(events, clerks).to_parquet(path)
            columns = procmine.Columns(
                case="case", activity="activity", start="start", timestamp="end", resource="clerk"
            )
            log = procmine.read(path, columns=columns, ends="every case")
        seconds = []
        for _ in range(rounds):
            begun = time.perf_counter()
            answer = causes(log)
            seconds.append(time.perf_counter() - begun)
        whole = answer.rows["total"][answer.rows["place"] == ""].sum() / np.timedelta64(1, "D")
        said = f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        print(f"| {len(log.time):,} | {clerks} | {said} | {whole:,.0f} |")


def beside_kronos(folder: Path) -> None:
    print("| world | whose | events | days | " + " | ".join(OURS) + " | sum of the parts |\n|" + "---|" * 10)
    for world in WORLDS:
        with gzip.open(folder / f"tool_output_LoanApp_{world}_handoff.csv.gz", "rt") as file:
            rows = list(csv.DictReader(file))
        days = [sum(pd.Timedelta(row[f"wt_{one}"]) / pd.Timedelta("1D") for row in rows) for one in ("total", *THEIRS)]
        _line(world, "Kronos", round(sum(float(row["frequency"]) for row in rows)), days)
        answer = causes(procmine.read(folder / f"LoanApp_{world}.csv.gz")).frame
        answer = answer[answer["place"] == ""].set_index("cause")
        parts = [answer.loc[one, "total"] / pd.Timedelta("1D") for one in OURS]
        _line(world, "procmine", int(answer["n"].iloc[0]), [answer["total"].sum() / pd.Timedelta("1D"), *parts])


def _line(world: str, whose: str, n: int, days: list[float]) -> None:
    parts = " | ".join(f"{one:,.2f}" for one in days[1:])
    print(f"| {world} | {whose} | {n:,} | {days[0]:,.2f} | {parts} | {sum(days[1:]):,.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["kronos"]:
        beside_kronos(Path(sys.argv[2]))
    else:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
