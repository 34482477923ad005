"""Compiled forms of kernels for large logs; each equals its numpy form, and is used through it.

`python -m procmine.kernels.jit` compiles them all, so that nobody waits for that later.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from procmine.kernels.jit_flow import LANES as LANES
from procmine.kernels.jit_flow import count_ends as count_ends
from procmine.kernels.jit_flow import count_moves as count_moves
from procmine.kernels.jit_flow import distinct as distinct
from procmine.kernels.jit_flow import finished as finished
from procmine.kernels.jit_flow import gathered as gathered
from procmine.kernels.jit_flow import match as match
from procmine.kernels.jit_flow import moves as moves
from procmine.kernels.jit_flow import path_words as path_words
from procmine.kernels.jit_flow import repeats as repeats
from procmine.kernels.jit_select import add_residuals as add_residuals
from procmine.kernels.jit_select import place_gaps as place_gaps

Ints = NDArray[np.int64]


@numba.njit(cache=True)
def stable_order(code: NDArray[np.int32], codes: int) -> Ints:
    """The order that sorts codes 0 <= code < codes, equal ones as they stand."""
    place = np.zeros(codes + 1, np.int64)
    for one in code:
        place[one + 1] += 1
    for k in range(codes):
        place[k + 1] += place[k]
    order = np.empty(len(code), np.int64)
    for row in range(len(code)):
        order[place[code[row]]] = row
        place[code[row]] += 1
    return order


@numba.njit(cache=True)
def pack(key: NDArray[Any], value: Ints, bits: int) -> Ints:
    """Key and value in one word."""
    packed = np.empty(len(key), np.int64)
    for row in range(len(key)):
        packed[row] = (np.int64(key[row]) << bits) | value[row]
    return packed


@numba.njit(cache=True)
def count_equal(packed: Ints, bits: int) -> tuple[Ints, Ints, Ints]:
    """Key, value and count of each distinct word of a sorted array."""
    distinct = 0
    for row in range(len(packed)):
        if row == 0 or packed[row] != packed[row - 1]:
            distinct += 1
    key, value, count = np.empty(distinct, np.int64), np.empty(distinct, np.int64), np.zeros(distinct, np.int64)
    mask = (np.int64(1) << bits) - 1
    place = -1
    for row in range(len(packed)):
        if row == 0 or packed[row] != packed[row - 1]:
            place += 1
            key[place], value[place] = packed[row] >> bits, packed[row] & mask
        count[place] += 1
    return key, value, count


@numba.njit(cache=True, nogil=True)
def count_two(key: Ints, value: Ints, other_key: Ints, other_value: Ints) -> int:
    """How many distinct pairs two arrays of sorted distinct pairs hold together."""
    one = two = found = 0
    while one < len(key) and two < len(other_key):
        less = key[one] < other_key[two] or (key[one] == other_key[two] and value[one] <= other_value[two])
        same = key[one] == other_key[two] and value[one] == other_value[two]
        one += less
        two += same or not less
        found += 1
    return found + len(key) - one + len(other_key) - two


@numba.njit(cache=True, nogil=True)
def add_two(
    key: Ints, value: Ints, count: Ints, other_key: Ints, other_value: Ints, other_count: Ints, distinct: int
) -> tuple[Ints, Ints, Ints]:
    """All pairs of both, sorted, with their counts added up."""
    keys, values, counts = np.empty(distinct, np.int64), np.empty(distinct, np.int64), np.empty(distinct, np.int64)
    one = two = 0
    for to in range(distinct):
        left, right = one < len(key), two < len(other_key)
        if left and right:
            order = key[one] - other_key[two]
            if order == 0:
                order = value[one] - other_value[two]
            left, right = order <= 0, order >= 0
        counts[to] = 0
        if left:
            keys[to], values[to] = key[one], value[one]
            counts[to] += count[one]
            one += 1
        if right:
            keys[to], values[to] = other_key[two], other_value[two]
            counts[to] += other_count[two]
            two += 1
    return keys, values, counts


@numba.njit(cache=True)
def sorted_within(key: NDArray[Any], value: Ints, keys: int) -> tuple[NDArray[np.int32], Ints]:
    """Where the values of each key end, and all values by key, ascending within each."""
    edge = np.zeros(keys + 1, np.int32)
    for one in key:
        edge[one + 1] += 1
    for one in range(keys):
        edge[one + 1] += edge[one]
    laid_out = np.empty(len(key), np.int64)
    for row in range(len(key)):
        laid_out[edge[key[row]]] = value[row]
        edge[key[row]] += 1
    first = 0
    for one in range(keys):
        laid_out[first : edge[one]].sort()
        first = edge[one]
    return edge, laid_out


@numba.njit(cache=True)
def count_wide(edge: NDArray[np.int32], value: Ints) -> tuple[Ints, Ints, Ints]:
    """Key, value and count of each distinct pair of what `sorted_within` gives."""
    own, length, count = np.empty(len(value), np.int64), np.empty(len(value), np.int64), np.empty(len(value), np.int64)
    place, first = -1, 0
    for key in range(len(edge) - 1):
        for row in range(first, edge[key]):
            if row == first or value[row] != value[row - 1]:
                place += 1
                own[place], length[place], count[place] = key, value[row], 0
            count[place] += 1
        first = edge[key]
    return own[: place + 1].copy(), length[: place + 1].copy(), count[: place + 1].copy()


@numba.njit(cache=True)
def add_by_case(
    row: Ints, offset: Ints, column: Ints, activity: NDArray[Any], value: Ints, rows: int, columns: int
) -> Any:
    """sums[row of the case, column of the activity] of the values of its events, in seconds."""
    sums = np.zeros((rows, columns))
    for case in range(len(row)):
        for place in range(offset[case], offset[case + 1]):
            sums[row[case], column[activity[place]]] += value[place] / 1e6
    return sums


def main() -> None:
    """Compile every kernel for the types that logs have."""
    from procmine.kernels import jit_flow, jit_select
    from procmine.kernels.paths import walk_one

    walk_one()
    jit_flow.main()
    jit_select.main()
    small = np.array([0, 1], np.int64)
    stable_order(small.astype(np.int32), 2)
    for width in (np.uint8, np.uint16, np.uint32, np.int64):
        pack(small.astype(width), small, 3)
    count_equal(small, 1)
    add_two(small, small, small, small, small, small, count_two(small, small, small, small))
    count_wide(*sorted_within(small.astype(np.int32), small, 2))
    for width in (np.uint8, np.uint16, np.uint32):
        add_by_case(small[:1], small, small, small.astype(width), small, 1, 2)


if __name__ == "__main__":
    main()
