"""The order of events: case by case, inside a case by end, start, given order, and place in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.arrow import integers
from procmine.kernels.flow import Ints
from procmine.kernels.sorting import stable_order
from procmine.load.columns import Columns
from procmine.load.timestamps import MISSING
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class InOrder:
    """Rows of the table in the order of the log, and their cases and times."""

    row: Ints
    case: Codes
    time: Ints

    def only(self, kept: NDArray[np.bool_]) -> InOrder:
        return self if kept.all() else InOrder(self.row[kept], self.case[kept], self.time[kept])


def case_order(row: Ints, case: Codes, time: Ints, start: Ints | None, order: Ints | None) -> InOrder:
    """These rows in order. Cases stand as they first appear; only cases that are out of order are sorted."""
    row = row[stable_order(case if len(row) == len(case) else case[row])]
    here, keys = case[row], [key[row] for key in (time, start, order) if key is not None]
    wrong = _falling(here, keys)
    if not wrong.any():
        return InOrder(row, here, keys[0])
    row = _mended(row, here, keys, wrong)
    return InOrder(row, here, time[row])


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


def order_key(table: pa.Table, columns: Columns, named: str | None) -> tuple[Ints | None, tuple[Message, ...]]:
    """The column that orders events of the same moment; one found by its name must hold numbers, or it is not used."""
    import pyarrow as pa

    if columns.order is None:
        return None, ()
    column = table[columns.order]
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    try:
        key = integers(_whole(plain).combine_chunks(), np.int64, MISSING)
    except pa.ArrowInvalid as error:
        if named is None:
            return None, (Message("load.order.unused", {"column": columns.order}),)
        raise LogError(f"Column {columns.order!r} cannot order the events: it must hold whole numbers.") from error
    return key, ()


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers, also where they are written as 3.0."""
    import pyarrow as pa

    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.float64()).cast(pa.int64())


def _falling(case: Codes, keys: list[Ints]) -> NDArray[np.bool_]:
    """Where a row comes before the one above it, in the same case."""
    falls = np.zeros(max(len(case) - 1, 0), bool)
    same = case[1:] == case[:-1]
    for key in keys:
        falls |= same & (key[1:] < key[:-1])
        same &= key[1:] == key[:-1]
    return falls
