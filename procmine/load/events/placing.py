"""Rows placed: events in the order of the log, without those outside its reach, repeated, or repaired away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import Precision
from procmine.kernels.flow import Ints, is_first
from procmine.load.arrays import whole_numbers
from procmine.load.dates.timestamps import DAY, MISSING
from procmine.load.events.attributes import Column, survey_attributes
from procmine.load.events.coding import coded
from procmine.load.events.duplicates import duplicates
from procmine.load.events.facts import Days
from procmine.load.events.given import WHY, Given, put_out
from procmine.load.events.repeats import near_duplicates, saved_together
from procmine.load.events.rows import Rows
from procmine.load.events.sorting import InOrder, case_order, used
from procmine.load.events.ties import rule_of_ties, settle_ties
from procmine.load.events.watch import Bounds, bounds_of, days_of
from procmine.load.raw import Raw
from procmine.log import CHUNK, Text

if TYPE_CHECKING:
    from procmine.load.events.settled import Settled

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Placed:
    """The rows that are events, in the order of the log: the case of code `case[c]` owns `offset[c]:offset[c + 1]`.

    `step` are codes of the rows' own activities; `bounds` of the log as decided here or for the whole; `counts` what is
    to be said.
    """

    raw: Raw
    rows: Rows
    row: Ints
    case: NDArray[np.int32]
    offset: Ints
    step: NDArray[Any]
    time: Ints
    start: Ints | None
    bounds: Bounds
    days: Days
    columns: Mapping[str, Column]
    counts: Mapping[str, Mapping[str, int]]

    @property
    def last(self) -> Ints:
        """Per case: the place of its last event."""
        return self.offset[1:] - 1

    @property
    def is_last(self) -> Flags:
        return np.append(is_first(self.offset)[1:], True) if len(self.row) else np.empty(0, bool)

    @property
    def precision(self) -> Precision:
        times = [self.time[:CHUNK], self.time, *([] if self.start is None else [self.start])]
        timed = any(np.any(time % DAY) for time in times)
        return "microsecond" if timed else "day"

    @cached_property
    def went_on(self) -> Flags:
        """Per case: whether it has an event after the cutoff that can be believed: at the cutoff it was still running."""
        later = (self.rows.why == WHY["after_cutoff"]) & (self.rows.time <= self.bounds.believed)
        return np.isin(self.case, np.unique(self.rows.case.codes[later]))

    def arrivals(self) -> tuple[Ints, dict[str, int]]:
        """When each case came in: the first value of its arrival column, else the beginning of its first event."""
        if not len(self.case):
            return np.empty(0, np.int64), {}
        first = self.time[self.offset[:-1]] if self.start is None else np.minimum.reduceat(self.start, self.offset[:-1])
        if self.rows.arrival is None:
            return first, {}
        arrival = np.full(len(first), MISSING)
        there = np.flatnonzero(self.rows.arrival[self.row] != MISSING)[::-1]
        arrival[np.searchsorted(self.offset, there, side="right") - 1] = self.rows.arrival[self.row[there]]
        without, late = arrival == MISSING, arrival > first
        return np.where(without | late, first, arrival), {"without": int(without.sum()), "late": int(late.sum())}


def place(raw: Raw, rows: Rows, given: Given, settled: Settled, *, alone: bool) -> Placed:
    """The events in order. `alone`: these rows are the whole, so that they decide what else is settled for it."""
    days, future = days_of(rows.time if not rows.why.any() else rows.time[rows.why == 0])
    bounds = bounds_of(days, given.cutoff, settled.axis, given.zone) if alone else settled.bounds
    put_out(rows.why, rows.time > bounds.cutoff, "after_cutoff")
    put_out(rows.why, rows.time < bounds.begins, "far_before")
    key = rule_of_ties(raw.table, rows.columns, given.same_moment, rows.activity, numbered=settled.numbered)
    start = None if rows.written else rows.start  # write() numbers events in their order
    back = None if alone else settled.backwards
    placed = case_order(np.flatnonzero(rows.why == 0), rows.case.codes, rows.time, start, key, back)
    order = {"fallen": placed.fallen, "rises": int(placed.rises)}
    again = duplicates(raw, placed, rows.activity.codes, rows.start)
    put_out(rows.why, again & (not kept_twice(raw, rows.columns.repeated)), "duplicate")
    placed, mended = _mended(rows, placed, given, settled.timed, alone)
    placed, tied = settle_ties(placed, rows.dated, rows.start, key)
    counts = {**rows.counts, **mended, "order": order, "reach": {"future": future}, "again": {"": int(again.sum())}}
    counts["ties"] = {"tied": tied.tied, "neighbours": tied.neighbours, "rested": tied.rested}
    return _placed(raw, rows, placed, bounds, days, counts)


def kept_twice(raw: Raw, repeated: str | None) -> bool:
    """Whether rows that repeat another in every column are events that happened twice."""
    return repeated == "keep" or (repeated is None and raw.repeats)


def _placed(
    raw: Raw, rows: Rows, placed: InOrder, bounds: Bounds, days: Days, counts: Mapping[str, Mapping[str, int]]
) -> Placed:
    case, first = used(placed.case)
    offset = np.append(first, len(placed.row))
    start = None if rows.start is None else rows.start[placed.row]
    columns = survey_attributes(raw.table, rows.columns, placed.row, offset, coded)
    step = _narrow(rows.activity)[placed.row]
    return Placed(raw, rows, placed.row, case, offset, step, placed.time, start, bounds, days, columns, counts)


def _narrow(activity: Text) -> NDArray[Any]:
    """Codes of activities, as small as they can be; those that are missing are no events."""
    size = len(activity.levels)
    return activity.codes.astype(np.uint8 if size <= 2**8 else np.uint16 if size <= 2**16 else np.int32)


def _mended(
    rows: Rows, placed: InOrder, given: Given, timed: bool, alone: bool
) -> tuple[InOrder, dict[str, Mapping[str, int]]]:
    """The events without those that a repair of the spec sets aside, and how many each repair took."""
    counts: dict[str, Mapping[str, int]] = {}
    if given.by_date:
        taken = rows.activity.among(given.by_date)[placed.row]
        there = rows.activity.levels.take(
            whole_numbers(np.unique(rows.activity.codes[placed.row]).astype(np.int64))
        ).to_pylist()
        counts["by_date"] = {"": int(np.count_nonzero(taken))}
        counts["by_date_there"] = dict.fromkeys(there, 1)
    if rows.why.any():
        placed = placed.only(rows.why[placed.row] == 0)
    if given.near_duplicates is None and not given.forms:
        return placed, counts
    some = bool(np.any(rows.time[rows.why == 0] % DAY))
    counts["timed"] = {"": int(some)}
    known = ~rows.dated if rows.dated is not None else np.full(len(rows.time), some if alone else timed)
    if given.near_duplicates is not None:
        near = near_duplicates(placed, rows.activity.codes, round(given.near_duplicates * 60e6), known)
        put_out(rows.why, near, "near_duplicate")
        counts["near_duplicates"] = {"": int(near.sum())}
        placed = placed.only(rows.why[placed.row] == 0)
    forms: dict[str, int] = {}
    for form, steps in given.forms.items():
        codes = [code for code, name in enumerate(rows.activity.levels.to_pylist()) if name in steps]
        saved = saved_together(placed, rows.activity.codes, codes, known)
        put_out(rows.why, saved, "same_form")
        forms[form] = int(saved.sum())
        placed = placed.only(rows.why[placed.row] == 0)
    return placed, {**counts, "forms": forms}
