"""Generate a log of about N events for benchmarks: python benchmarks/generate.py EVENTS FILE.parquet|FILE.csv [SEED]

Cases walk a chain of 24 steps with skips, repeats and a few common paths, so that variants are skewed; rows stand in order
of time, as an agency's export would have them, with text ids, a region per case and a worker per event.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

STEPS = 24
HOUR = 3_600_000_000


def generate(events: int, seed: int = 1) -> pa.Table:
    """One row an event: case_id, activity, timestamp (microseconds, no zone), region, worker."""
    draw = np.random.default_rng(seed)
    cases = max(events // 11, 1)
    length = np.clip(draw.poisson(8, cases) + 3, 2, 60)
    offset = np.concatenate(([0], np.cumsum(length)))
    n = int(offset[-1])
    first = np.zeros(n, bool)
    first[offset[:-1]] = True
    habit = np.repeat(draw.random(cases) < 0.6, length)  # 6 in 10 cases go straight on
    move = np.where(habit, 1, draw.choice([0, 1, 1, 1, 1, 2, 3], n))
    move[first] = 0
    walked = np.cumsum(move)
    step = (walked - np.repeat(walked[offset[:-1]], length)) % STEPS
    gap = draw.gamma(0.6, 40 * HOUR * (1 + step % 5), n).astype(np.int64)
    start = np.datetime64("2022-01-01", "us").astype(np.int64) + draw.integers(0, 3 * 365 * 24 * HOUR, cases)
    gap[first] = start
    run = np.cumsum(gap)
    time = run - np.repeat(run[offset[:-1]] - start, length)
    order = np.argsort(time, kind="stable")
    case = np.repeat(np.arange(cases), length)[order]
    names = pa.array([f"Step {k:02} of the process" for k in range(STEPS)])
    regions = pa.array([f"Region {k:02}" for k in range(12)])
    workers = pa.array([f"w{k:04}" for k in range(500)])
    ids = pa.array(np.char.add("CASE-", np.arange(cases).astype(f"<U{len(str(cases))}")).tolist())
    columns = {
        "case_id": ids.take(pa.array(case)),
        "activity": names.take(pa.array(step[order])),
        "timestamp": pa.array(time[order].astype("M8[us]")),
        "region": regions.take(pa.array(draw.integers(0, 12, cases)[case])),
        "worker": workers.take(pa.array(draw.integers(0, 500, n))),
    }
    return pa.table(columns)


if __name__ == "__main__":
    target = Path(sys.argv[2])
    made = generate(int(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    if target.suffix == ".csv":
        csv.write_csv(made, target)
    else:
        parquet.write_table(made, target, compression="zstd")
    print(f"{made.num_rows:,} events in {target.name}")
