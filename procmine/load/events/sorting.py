"""The order of events: case by case, inside a case by end, start, the rule of ties, and place in the source."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.kernels.sorting import stable_order

Codes = NDArray[np.int32]
ENOUGH = 10  # rows earlier than the one above them, and none later, before a source is taken to go back in time


@dataclass(frozen=True, eq=False)
class InOrder:
    """Rows of the table in the order of the log, and their cases and times."""

    row: Ints
    case: Codes
    time: Ints
    newest_first: bool = False  # the source goes back in time, so that of equal moments the later row comes first
    fallen: int = 0  # rows that stood after one of their case that comes later
    rises: bool = True  # some row stood after one of its case that comes earlier, or a column numbers the events

    def only(self, kept: NDArray[np.bool_]) -> InOrder:
        return self if kept.all() else replace(self, row=self.row[kept], case=self.case[kept], time=self.time[kept])


def case_order(
    row: Ints, case: Codes, time: Ints, start: Ints | None, order: Ints | None, back: bool | None = None
) -> InOrder:
    """These rows in order. Cases stand as they first appear; only cases that are out of order are sorted.

    A source that goes back in time in every case is read backwards where moments are equal. `back`: whether it does, of
    rows that are not the whole source.
    """
    row = row[stable_order(case if len(row) == len(case) else case[row])]
    here, keys = case[row], [key[row] for key in (time, start, order) if key is not None]
    wrong = _falling(here, keys)
    if not wrong.any():
        return InOrder(row, here, keys[0], bool(back), rises=True if back is None else _rises(here, keys[0]))
    fallen = int(np.count_nonzero(wrong))
    rises = order is not None or _rises(here, keys[0])
    back = is_backwards(fallen, rises=rises) if back is None else back
    row = _mended(row, here, [*keys, -row] if back else keys, wrong)
    return InOrder(row, here, time[row], back, fallen, rises)


def is_backwards(fallen: int, *, rises: bool) -> bool:
    """Whether a source goes back in time: so many rows are earlier than the one above them in their case, and none later."""
    return fallen >= ENOUGH and not rises


def _mended(row: Ints, case: Codes, keys: list[Ints], wrong: NDArray[np.bool_]) -> Ints:
    """The rows with each case that is out of order sorted."""
    _, first = used(case)
    number = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(row))))
    messy = np.zeros(len(first), bool)
    messy[number[1:][wrong]] = True
    here = np.flatnonzero(messy[number])
    by_time = here
    for key in reversed(keys):
        by_time = by_time[np.argsort(key[by_time], kind="stable")]
    mended = row.copy()
    mended[here] = row[by_time[stable_order(number[by_time].astype(np.int32))]]
    return mended


def used(codes: Codes) -> tuple[Codes, Ints]:
    """The distinct codes of an array in which equal ones stand together, and where each begins."""
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    return codes[begins], begins


def _rises(case: Codes, time: Ints) -> bool:
    return bool(np.any((case[1:] == case[:-1]) & (time[1:] > time[:-1])))


def _falling(case: Codes, keys: list[Ints]) -> NDArray[np.bool_]:
    """Where a row comes before the one above it, in the same case."""
    falls = np.zeros(max(len(case) - 1, 0), bool)
    same = case[1:] == case[:-1]
    for key in keys:
        falls |= same & (key[1:] < key[:-1])
        same &= key[1:] == key[:-1]
    return falls
