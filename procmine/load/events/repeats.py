"""Repeats that a spec asks to set aside: a step done again within minutes, and steps that a form saves at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from procmine.load.events.sorting import InOrder

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]


def near_duplicates(placed: InOrder, activity: Codes, within: int, timed: Flags) -> Flags:
    """Per row of the table: whether its case had the same step at most `within` microseconds before; only of rows that are
    `timed`, as of one day nobody knows how far apart they were."""
    placed = placed.only(timed[placed.row])
    step = activity[placed.row]
    order = np.lexsort((np.arange(len(step)), step, placed.case))
    case, steps, time = placed.case[order], step[order], placed.time[order]
    near = (case[1:] == case[:-1]) & (steps[1:] == steps[:-1]) & (time[1:] - time[:-1] <= within)
    return _rows(len(activity), placed.row[order[1:][near]])


def saved_together(placed: InOrder, activity: Codes, steps: Sequence[int], timed: Flags) -> Flags:
    """Per row of the table: whether its case had another of these steps at the same moment, earlier in its order; only of
    rows that are `timed`."""
    placed = placed.only(timed[placed.row])
    there = np.flatnonzero(np.isin(activity[placed.row], steps))
    case, time = placed.case[there], placed.time[there]
    again = (case[1:] == case[:-1]) & (time[1:] == time[:-1])
    return _rows(len(activity), placed.row[there[1:][again]])


def _rows(size: int, rows: NDArray[np.int64]) -> Flags:
    which = np.zeros(size, bool)
    which[rows] = True
    return which
