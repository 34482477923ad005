"""Paths: how many cases take which steps in which order, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import Floats
from procmine.kernels.partial import Tally
from procmine.proof.moved.stands_out import Sums, differences
from procmine.proof.moved.walk import Walk
from procmine.results import Rows
from procmine.see.flow import PATH
from procmine.words import Message

MOST_PATHS = 10
GOES_ON = "…"
Path = tuple[bytes, bool]  # codes of its steps, and whether the wait is over


def paths_of(walk: Walk, k: int) -> Tally:
    """Cases by their path and week."""
    inside = walk.after < k
    edges = np.concatenate(([0], np.cumsum(np.bincount(walk.case[inside], minlength=len(walk.week)))))
    steps = walk.after[inside].astype(np.int32)
    found: dict[Any, NDArray[np.float64]] = {}
    for case, (over, week) in enumerate(zip(walk.over.tolist(), walk.week.tolist())):
        key = (steps[edges[case] : edges[case + 1]].tobytes(), over, week)
        found[key] = found[key] + 1 if key in found else np.ones(1)
    return Tally(found)


@dataclass(frozen=True, eq=False)
class Weeks:
    """An arm: its first week, and how many cases began in each week."""

    first: int
    cases: Floats


def path_rows(paths: Tally, arms: Sequence[Weeks], about: About, *, told: bool) -> Rows:
    """The most frequent paths, and all others together; without `told` no differences and no shares after."""
    cells = [(path, at, week - arm.first, count) for path, week, count in _cells(paths) for at, arm in enumerate(arms)
             if 0 <= week - arm.first < len(arm.cases)]  # fmt: skip
    sums: dict[Path, float] = {}
    for path, _, _, count in cells:
        sums[path] = sums.get(path, 0.0) + count
    top = sorted(sums, key=lambda one: (-sums[one], one))[:MOST_PATHS]
    column = {path: place for place, path in enumerate(top)}
    counts = [np.zeros((len(arm.cases), len(top) + 1)) for arm in arms]
    for path, at, week, count in cells:
        counts[at][week, column.get(path, len(top))] += count
    names = np.array([*(_called(path, about) for path in top), Message("moved.paths.rest").say()], object)
    there = np.flatnonzero(counts[0].sum(axis=0) + counts[1].sum(axis=0))
    return _rows(names[there], [one[:, there] for one in counts], arms, told)


def _rows(names: NDArray[np.object_], counts: Sequence[Floats], arms: Sequence[Weeks], told: bool) -> Rows:
    rows: dict[str, NDArray[Any]] = {"path": names}
    for period, one in zip(("before", "after"), counts):
        rows[f"cases_{period}"] = one.sum(axis=0).astype(np.int64)
    for period, one, arm in zip(("before", "after"), counts, arms):
        shares = one.sum(axis=0) / max(float(arm.cases.sum()), 1.0)
        rows[f"share_{period}"] = shares if told or period == "before" else np.full(len(names), np.nan)
    ends, out = [np.full(len(names), np.nan)] * 3, np.zeros(len(names), bool)
    if told and len(names):
        sums = [Sums(np.repeat(arm.cases[:, None], len(names), axis=1), one, one) for arm, one in zip(arms, counts)]
        found = differences(sums[0], sums[1], np.ones(len(names), bool))
        ends, out = [found.difference, found.low, found.high], found.out
    return {**rows, **dict(zip(("share_change", "share_low", "share_high"), ends)), "stands_out": out}


def _cells(paths: Tally) -> list[tuple[Path, int, float]]:
    """Path, week, cases."""
    cells: list[Any] = [(key, float(count[0])) for key, count in paths.of.items()]
    return [((path, over), week, count) for (path, over, week), count in cells]


def _called(path: Path, about: About) -> str:
    codes, over = path
    steps = [about.activities[code] for code in np.frombuffer(codes, np.int32)]
    return PATH.join([*steps, *([] if over else [GOES_ON])]) or GOES_ON
