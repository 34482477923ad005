"""Working time of a million random intervals: procmine beside pm4py's business hours; answers are compared first.

python benchmarks/calendars.py [ROUNDS]; prints a Markdown table.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.metadata import version
from types import SimpleNamespace

import numpy as np

from procmine.calendars import Calendar, _opening, _public
from procmine.clocks import OfficeHours, to_wall
from procmine.kernels.zones import _of_decade

N, SAMPLE = 1_000_000, 20_000
ZONE = "Europe/Vienna"
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-12:00, 13:00-17:00")
HOUR = 3_600
SLOTS = [((24 * day + begin) * HOUR, (24 * day + end) * HOUR) for day in range(5) for begin, end in ((8, 12), (13, 17))]
CALENDAR = Calendar(WEEK, zone=ZONE, holidays="AT")


class Holidays:
    """What pm4py asks of a calendar."""

    def __init__(self) -> None:
        self.closed = {
            date(1970, 1, 1) + timedelta(days=day) for year in range(2014, 2027) for day in _public("AT", None, year)
        }

    def is_working_day(self, day: date) -> bool:
        return day not in self.closed


def log_of(axis: str) -> SimpleNamespace:
    """As much of a log as a clock reads."""
    return SimpleNamespace(about=SimpleNamespace(axis=axis, zone=ZONE, persons=()), attributes={})


def cold() -> None:
    for cached in (_opening, _public, _of_decade):
        cached.cache_clear()


def procmine_of(begin: np.ndarray, end: np.ndarray, axis: str) -> np.ndarray:
    clock, log, case = OfficeHours({"default": CALENDAR}), log_of(axis), np.zeros(len(begin), np.int64)
    return clock.read(end, case, log) - clock.read(begin, case, log)


def pm4py_of(begin: list[datetime], end: list[datetime]) -> np.ndarray:
    from pm4py.util.business_hours import soj_time_business_hours_diff

    closed = Holidays()
    return np.array([soj_time_business_hours_diff(one, two, SLOTS, closed) for one, two in zip(begin, end)])


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of the processor."""
    wall, spent = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - spent


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    draw = np.random.default_rng(1)
    first, last = (int(np.datetime64(day, "us").astype(np.int64)) for day in ("2016-01-01", "2026-01-01"))
    begin = draw.integers(first, last, N)
    end = begin + (draw.lognormal(np.log(30), 1.2, N) * 86_400e6).astype(np.int64).clip(0, 360 * 86_400_000_000)
    edges = [one[:SAMPLE].astype("M8[us]").tolist() for one in (begin, end)]
    ours = procmine_of(begin[:SAMPLE], end[:SAMPLE], "civil") / 1e6
    theirs = pm4py_of(*edges)
    apart = float(np.abs(ours - theirs).max())
    print(f"Answers: {SAMPLE:,} intervals of wall-clock times, at most {apart:.6f} seconds apart.")
    if apart > 1e-3:
        raise SystemExit("The answers differ.")
    utc = procmine_of(begin[:SAMPLE], end[:SAMPLE], "instant") / 1e6
    dropped = pm4py_of(*edges)
    wall = [to_wall(one[:SAMPLE], ZONE).astype("M8[us]").tolist() for one in (begin, end)]
    shown = pm4py_of(*wall)
    print(
        f"The same times as UTC: pm4py drops the zone and is off in {np.mean(np.abs(dropped - utc) > 1):.0%} of them; ",
        end="",
    )
    print(f"given the zone's wall clock in {np.mean(np.abs(shown - utc) > 1):.2%}.")
    runs: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for axis in ("civil", "instant"):
            cold()
            runs.setdefault(f"procmine, {axis}, first time", []).append(
                timed(lambda axis=axis: procmine_of(begin, end, axis))
            )
            runs.setdefault(f"procmine, {axis}, again", []).append(
                timed(lambda axis=axis: procmine_of(begin, end, axis))
            )
        wall_seconds, spent = timed(lambda: pm4py_of(*edges))
        scaled = (wall_seconds * N / SAMPLE, spent * N / SAMPLE)
        runs.setdefault(f"pm4py, {SAMPLE:,} intervals times {N // SAMPLE}", []).append(scaled)
    base = statistics.median(spent for _, spent in runs["procmine, civil, first time"])
    print(
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("numpy", "pm4py", "holidays")),
        sep=", ",
    )
    print("\n| | seconds | of the processor | times procmine's |\n|---|---|---|---|")
    for name, all_runs in runs.items():
        shown_runs = [[one[k] for one in all_runs] for k in (0, 1)]
        cells = [f"{statistics.median(one):.2f} ({min(one):.2f} to {max(one):.2f})" for one in shown_runs]
        print(f"| {name} | {' | '.join(cells)} | {statistics.median(shown_runs[1]) / base:.1f} |")


if __name__ == "__main__":
    main()
