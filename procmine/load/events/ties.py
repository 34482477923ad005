"""Ties: what orders events of one moment, and events of which only the day is known among those of that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.arrow import integers
from procmine.kernels.flow import Ints
from procmine.load.columns import Columns
from procmine.load.dates.timestamps import DAY, MISSING
from procmine.load.events.sorting import InOrder
from procmine.log import Text
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tied:
    """How many neighbours in a case stand in their order only by the rule of ties, of how many, and how many of the
    events `rested` on it that have only a date."""

    tied: int
    neighbours: int
    rested: int


def rule_of_ties(
    table: pa.Table, columns: Columns, same_moment: Sequence[str], activity: Text, *, numbered: bool
) -> Ints | None:
    """What orders events of one moment, per row of the table: the order of steps that the user gave, else the column that
    numbers events (if it is `numbered` throughout), else None: the order of the rows."""
    key = _numbers(table[columns.order]) if columns.order is not None and numbered else None
    if not same_moment:
        return key
    known = {name: place for place, name in enumerate(same_moment)}
    rank = np.array([known.get(name, len(known)) for name in activity.levels.to_pylist()], np.int64)[activity.codes]
    then = np.arange(len(rank)) if key is None else key
    sort = np.lexsort((np.arange(len(rank)), then, rank))
    place = np.empty(len(rank), np.int64)
    place[sort] = np.arange(len(rank))
    return place


def rule_said(columns: Columns, same_moment: Sequence[str], *, numbered: bool, backwards: bool) -> Message:
    """The rule of ties in words."""
    if backwards:
        return Message("load.ties.backwards")
    if same_moment:
        return Message("load.ties.steps")
    if columns.order is not None and numbered:
        return Message("load.ties.column", {"column": str(columns.order)})
    return Message("load.ties.rows")


def settle_ties(placed: InOrder, dated: Flags | None, start: Ints | None, key: Ints | None) -> tuple[InOrder, Tied]:
    """The final order, and how many neighbours in a case stand in theirs only by the rule of ties."""
    rested, tied = 0, _tied(placed, start)
    if dated is not None:
        rows = np.arange(len(dated))
        placed, rested = _place_dated(placed, dated, key if key is not None else -rows if placed.newest_first else rows)
    return placed, Tied(tied, _neighbours(placed), rested)


def said_of_ties(tied: int, neighbours: int, rested: int, by: Message) -> list[Message]:
    """What rests on the rule of ties."""
    said = [Message("load.ties", {"n": tied, "of": neighbours, "rule": by})] if tied else []
    return said + ([Message("load.ties.dated", {"n": rested, "rule": by})] if rested else [])


def _neighbours(placed: InOrder) -> int:
    return int(np.count_nonzero(placed.case[1:] == placed.case[:-1]))


def _tied(placed: InOrder, start: Ints | None) -> int:
    """Neighbours in a case that share their moment."""
    same = (placed.case[1:] == placed.case[:-1]) & (placed.time[1:] == placed.time[:-1])
    if start is not None and same.any():
        here = np.flatnonzero(same)
        return int(np.count_nonzero(start[placed.row[here]] == start[placed.row[here + 1]]))
    return int(np.count_nonzero(same))


def is_numbered(table: pa.Table, order: str) -> bool:
    """Whether the column holds whole numbers, so that it can order events."""
    import pyarrow as pa

    try:
        _numbers(table[order])
    except pa.ArrowInvalid:  # which says the value: it is not passed on
        return False
    return True


def _numbers(column: pa.ChunkedArray) -> Ints:
    import pyarrow as pa

    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    return integers(_whole(plain).combine_chunks(), np.int64, MISSING)


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers, also where they are written as 3.0."""
    import pyarrow as pa

    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.float64()).cast(pa.int64())


def _place_dated(placed: InOrder, dated: Flags, rule: Ints) -> tuple[InOrder, int]:
    """Events dated only, moved to where the rule of ties puts them within their day.

    `placed` has them at the day's first moment; `dated` and `rule` (what orders events of one moment) are per row of the
    table. Timed events keep the order of their times; a dated one comes after those whose rule, or that of an earlier
    one, is smaller than its own, and counts at the moment of the event before it. One that has a beginning on that day
    counts as timed.
    """
    here = _shared_days(placed, dated[placed.row] & (placed.time % DAY == 0))
    if not len(here):
        return placed, 0
    row, case, time = placed.row[here], placed.case[here], placed.time[here]
    only_day, number = dated[row] & (time % DAY == 0), _days(case, time)
    rank = _ranks(rule[row], only_day, number)
    moved = np.lexsort((rule[row], only_day, rank, number))
    moved = _timed_in_order(moved, only_day)
    moments = _highest(time[moved], number[moved])
    rows, times = placed.row.copy(), placed.time.copy()
    rows[here], times[here] = row[moved], moments
    return replace(placed, row=rows, time=times), int(only_day.sum())


def _days(case: NDArray[np.int32], time: Ints) -> Ints:
    """Numbers of the runs of one case and day."""
    day = time // DAY
    new = (case[1:] != case[:-1]) | (day[1:] != day[:-1])
    return np.concatenate(([0], np.cumsum(new)))


def _shared_days(placed: InOrder, only_day: Flags) -> Ints:
    """Places of the events on days of a case that have events of both kinds."""
    if not only_day.any() or only_day.all():
        return np.empty(0, np.int64)
    number = _days(placed.case, placed.time)
    size = np.bincount(number)
    dated = np.bincount(number, only_day)
    return np.flatnonzero(((dated > 0) & (dated < size))[number])


def _ranks(rule: Ints, only_day: Flags, number: Ints) -> Ints:
    """By what each event is placed: its own rule, for a timed one the highest so far of the timed ones of its day."""
    rank = rule.copy()
    timed = np.flatnonzero(~only_day)
    rank[timed] = _highest(rule[timed], number[timed])
    return rank


def _highest(value: Ints, number: Ints) -> Ints:
    """The highest value so far within each run of equal numbers."""
    _, dense = np.unique(value, return_inverse=True)
    values = np.sort(np.unique(value))
    width = len(values) + 1
    top = np.maximum.accumulate(dense + number * width) - number * width
    highest: Ints = values[top]
    return highest


def _timed_in_order(moved: Ints, only_day: Flags) -> Ints:
    """Timed events stand in the places found for timed ones, in the order of their times."""
    places = np.flatnonzero(~only_day[moved])
    moved[places] = np.sort(moved[places])
    return moved
