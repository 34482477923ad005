"""Marks: what the data hold of each month, as counts and a hash in which no case can be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints, cases_of
from procmine.log import EventLog

DAY = 86_400_000_000
WEEK, WEEKS = 7 * DAY, 52
BEFORE_ALL = "before"


@dataclass(frozen=True)
class Mark:
    """Of one month: entries by step, cases that began and that finished in it, and a hash of case, step and time of all."""

    steps: Mapping[str, int]
    begun: int
    finished: int
    hash: str

    @property
    def entries(self) -> int:
        return sum(self.steps.values())


@dataclass(frozen=True)
class Recent:
    """The last 7 days of the period against the 52 such stretches before it, and the days since the last entry.

    last, usual (half of the 52 had more), least (of them); silent: whole days without an entry at the end, longest: in a row
    in the year before; missing: days of the month after the data end.
    """

    last: int
    usual: float
    least: int
    silent: int
    longest: int
    missing: int


def marks_of(log: EventLog, months: Sequence[tuple[str, int, int]]) -> dict[str, Mark]:
    """For each (month, begin, after), and BEFORE_ALL for what came earlier."""
    mixed = mixed_of(log)
    first = months[0][1]
    edges = [(BEFORE_ALL, np.iinfo(np.int64).min, first), *months]
    return {name: _mark(log, mixed, begin, after) for name, begin, after in edges}


def _mark(log: EventLog, mixed: NDArray[np.uint64], begin: int, after: int) -> Mark:
    here = (log.time >= begin) & (log.time < after)
    counts = np.bincount(log.activity[here], minlength=len(log.about.activities))
    steps = {name: int(n) for name, n in zip(log.about.activities, counts) if n}
    begun = int(((log.arrival >= begin) & (log.arrival < after)).sum())
    finished = int((~log.open & (log.until >= begin) & (log.until < after)).sum())
    total = np.add.reduce(mixed[here], dtype=np.uint64)
    folded = np.bitwise_xor.reduce(mixed[here] * np.uint64(0x9E3779B97F4A7C15), dtype=np.uint64)
    told = sha256(f"{int(total)} {int(folded)} {int(here.sum())}".encode()).hexdigest()
    return Mark(steps, begun, finished, told)


def mixed_of(log: EventLog) -> NDArray[np.uint64]:
    """Per event a number made of its case, step and time, whichever order the source had them in."""
    cases = _numbers(["" if one is None else str(one) for one in log.case.values()])
    steps = _numbers(log.about.activities)
    time = log.time.astype(np.uint64)
    return _stir(_stir(_stir(cases[cases_of(log.offset)]) ^ steps[log.activity]) + time)


def _numbers(names: Sequence[str]) -> NDArray[np.uint64]:
    return np.array([int.from_bytes(blake2b(one.encode(), digest_size=8).digest()) for one in names], np.uint64)


def _stir(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea & Flood 2014)."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


def recent_of(log: EventLog, end: int) -> Recent:
    """How the log ends, seen from `end`, the moment after the period."""
    cutoff = min(end, log.about.cutoff + 1)
    missing = int((end - cutoff) // DAY)
    time = log.time[log.time < cutoff]
    block = ((cutoff - 1 - time) // WEEK).astype(np.int64)
    known = min(WEEKS, int((cutoff - log.about.begins) // WEEK) - 1)
    counts = np.bincount(block[block <= WEEKS], minlength=WEEKS + 1)[: max(known, 0) + 1]
    before = counts[1:]
    silent, longest = _silence(time, cutoff)
    usual, least = (float(np.median(before)), int(before.min())) if len(before) else (0.0, 0)
    return Recent(int(counts[0]), usual, least, silent, longest, missing)


def _silence(time: Ints, end: int) -> tuple[int, int]:
    """Whole days without an entry at the end, and the most in a row in the year before the last entry."""
    if not len(time):
        return 0, 0
    day = np.unique(time[time >= end - (WEEKS + 1) * WEEK] // DAY)
    last = int(time.max() // DAY)
    silent = int((end - 1) // DAY) - last
    return silent, int(np.diff(day).max(initial=1)) - 1
