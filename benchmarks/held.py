"""How often a batch holds a month in which nothing happened: steady offices of several sizes, many random months."""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pyarrow as pa

from procmine.about import About
from procmine.log import EventLog, Text
from procmine.publish.batch.headline import headline
from procmine.publish.batch.unusual import unusual

DAY = 86_400_000_000
STEPS = ("Received", "Checked", "Decided")
FIRST, LAST = np.datetime64("2024-09-01"), np.datetime64("2026-10-31")


def steady(per_month: float, seed: int) -> EventLog:
    """Cases come on working days by chance, are checked after days and decided after weeks; nothing changes."""
    draw = np.random.default_rng(seed)
    days = np.arange(FIRST, LAST + 1)
    days = days[np.is_busday(days)]
    came = np.repeat(days, draw.poisson(per_month / 21.7, len(days))).astype("M8[us]").astype(np.int64)
    came = came + (draw.uniform(8, 16, len(came)) * 3_600e6).astype(np.int64)
    gaps = np.stack([np.zeros(len(came)), draw.gamma(2, 4, len(came)), draw.gamma(2, 18, len(came))], axis=1)
    time = on_working_days(came[:, None] + (np.cumsum(gaps, axis=1) * DAY).astype(np.int64))
    return log_of(time)


def on_working_days(time: np.ndarray) -> np.ndarray:
    """What would happen at a weekend is done on Monday."""
    day = time // DAY
    weekday = (day + 3) % 7
    return time + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0)) * DAY


def log_of(time: np.ndarray) -> EventLog:
    """Of moments [case, step]; cut at the last day."""
    cutoff = int((LAST + 1).astype("M8[us]").astype(np.int64)) - 1
    time = np.sort(time, axis=1)
    kept = time <= cutoff
    time, kept = time[kept[:, 0]], kept[kept[:, 0]]
    offset = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
    waiting = ~kept[:, -1]
    about = About(STEPS, cutoff, (STEPS[-1],), "civil", "microsecond", int(time[:, 0].min()))
    names = pa.array([f"c{k:06}" for k in range(len(time))], pa.string())
    code = np.broadcast_to(np.arange(3, dtype=np.uint8), kept.shape)[kept]
    until = np.where(waiting, cutoff, time[:, -1])
    case = Text(np.arange(len(time), dtype=np.int32), names)
    return EventLog(about, code, time[kept], offset, time[:, 0].copy(), until, waiting, case)


def held(per_month: float, seed: int) -> list[str]:
    """The kinds of reasons of one random month."""
    return [one.message.key for one in unusual(headline(steady(per_month, seed), month="2026-10"))]


def main(months: int) -> None:
    print("| cases a month | months | held | of 100 | reasons |\n|---|---|---|---|---|")
    for per_month in (10, 30, 100, 300):
        found = [held(per_month, seed) for seed in range(months)]
        kinds = Counter(key for one in found for key in one)
        told = ", ".join(f"{key} {n}" for key, n in kinds.items()) or "-"
        n = sum(map(bool, found))
        print(f"| {per_month} | {months} | {n} | {100 * n / months:.1f} | {told} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
