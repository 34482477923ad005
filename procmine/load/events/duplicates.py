"""Rows that are there twice: equal in every column of the source, so that nothing tells two events apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.arrays import numbers, whole_numbers
from procmine.load.events.sorting import InOrder
from procmine.load.raw import Raw

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]


def duplicates(raw: Raw, events: InOrder, activity: Codes, start: Ints | None) -> NDArray[np.bool_]:
    """Per row of the table: whether an earlier one is equal in every column, also in those that were not asked for.

    Only events of one case, activity and moment are compared.
    """
    again = np.zeros(len(raw.table), bool)
    row, case, time = events.row, events.case, events.time
    same = np.flatnonzero((case[1:] == case[:-1]) & (time[1:] == time[:-1])) + 1  # like the one before them
    if not len(same):
        return again
    tied = np.union1d(same - 1, same)
    run = np.cumsum(~np.isin(tied, same, assume_unique=True))
    place = row[tied]
    place, key = _still(place, run * (int(activity.max()) + 1) + activity[place])
    if start is not None and len(place):
        place, key = _still(place, _both(key, start[place]))
    place, key = _alike(raw.table, place, key)
    if len(place) and raw.rest is not None:  # reads the source once more: only where all that was read is equal
        place, key = _alike(raw.rest(), place, key)
    by_key = np.lexsort((place, key))
    again[place[by_key][1:][np.diff(key[by_key]) == 0]] = True
    return again


def _alike(table: pa.Table, place: Ints, key: Ints) -> tuple[Ints, Ints]:
    """Those that are equal to another in every column of the table."""
    for name in reversed(table.column_names):  # identities of events stand last in most sources: they end the search
        if len(place):
            place, key = _still(place, _both(key, _values(table, name, place)))
    return place, key


def _still(place: Ints, key: Ints) -> tuple[Ints, Ints]:
    """Those whose key is not theirs alone, with keys numbered anew."""
    _, number, count = np.unique(key, return_inverse=True, return_counts=True)
    several = count[number] > 1
    return place[several], number[several].astype(np.int64)


def _both(key: Ints, other: Ints) -> Ints:
    """One key from two."""
    _, number = np.unique(other, return_inverse=True)
    return key * (int(number.max()) + 1) + number


def _values(table: pa.Table, name: str, place: Ints) -> Ints:
    """Numbers that are equal where the values of the column are."""
    import pyarrow as pa

    column = table[name].take(whole_numbers(place))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    codes, none = numbers(column.dictionary_encode().combine_chunks().indices.cast(pa.int64()))
    return np.where(none, -1, codes)
