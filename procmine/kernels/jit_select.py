"""Compiled passes over keys and values that lie in no order: counts, sums, order statistics, bins of the grid."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from procmine.kernels.counts import DROPPED, FIRST

Ints = NDArray[np.int64]
Narrow = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LOW = 24  # bits of the lower part of a sum: neither part of any log runs over


@numba.njit(cache=True, nogil=True, inline="always")
def _bin(value: Any) -> Any:
    """See `counts.bin_of`."""
    return max((np.float64(value).view(np.int64) >> DROPPED) - (FIRST - 1), 0)


@numba.njit(cache=True, nogil=True)
def count_keys(key: NDArray[Any], begin: int, end: int, counts: Ints) -> None:
    """Add to counts[lane, key]."""
    lanes = len(counts)
    for row in range(begin, end):
        counts[row % lanes, key[row]] += 1


@numba.njit(cache=True, nogil=True)
def spread(key: NDArray[Any], place: Ints, value: Ints, begin: int, end: int, bins: Narrow, sums: Ints) -> None:
    """Add to bins[place of the key, bin of the value], and the two parts of each value to sums[place, part]."""
    low = (np.int64(1) << LOW) - 1
    for row in range(begin, end):
        at, one = place[key[row]], value[row]
        bins[at, _bin(one)] += 1
        sums[at, 0] += one >> LOW
        sums[at, 1] += one & low


@numba.njit(cache=True, nogil=True)
def collect(
    key: NDArray[Any], place: Ints, value: Ints, begin: int, end: int, slot: Narrow, to: Ints, found: Ints
) -> None:
    """Write the values whose slot[place, bin] is not -1 into `found`, those of each slot from to[slot] on."""
    for row in range(begin, end):
        one = value[row]
        there = slot[place[key[row]], _bin(one)]
        if there >= 0:
            found[to[there]] = one
            to[there] += 1


@numba.njit(cache=True, nogil=True)
def count_within(
    key: NDArray[Any], place: Ints, value: Ints, begin: int, end: int, low: Ints, high: Ints, n: Ints
) -> None:
    """Add to n[place]: values from low[place] up to, not including, high[place]."""
    for row in range(begin, end):
        at = place[key[row]]
        n[at] += low[at] <= value[row] < high[at]


@numba.njit(cache=True, nogil=True)
def grid_bins(
    key: NDArray[Any], place: Ints, value: Ints, begin: int, end: int, first: Ints, edge: Ints, bins: Ints
) -> None:
    """Add to bins[place, bin of the grid]: first[bin of counts] is the bin of its smallest value, edge[bin] where it ends."""
    for row in range(begin, end):
        one = value[row]
        at = first[_bin(one)]
        while one > edge[at]:
            at += 1
        bins[place[key[row]], at] += 1


@numba.njit(cache=True, nogil=True)
def add_by_key(key: NDArray[Any], place: Ints, value: Ints, begin: int, end: int, sums: Ints) -> None:
    """Add the two parts of each value to sums[place of the key, part]."""
    low = (np.int64(1) << LOW) - 1
    for row in range(begin, end):
        at, one = place[key[row]], value[row]
        sums[at, 0] += one >> LOW
        sums[at, 1] += one & low


@numba.njit(cache=True, nogil=True)
def fill_table(
    key: NDArray[Any],
    place: Ints,
    value: Ints,
    begin: int,
    end: int,
    row_of: Ints,
    first: Ints,
    upto: Ints,
    table: Ints,
) -> None:
    """Add to table[row_of[place of the key], place of the first of `upto` not below the value]; see `grid_bins`."""
    for row in range(begin, end):
        one = value[row]
        at = first[_bin(one)]
        while one > upto[at]:
            at += 1
        table[row_of[place[key[row]]], at] += 1


@numba.njit(cache=True, nogil=True)
def place_gaps(
    seconds: Floats,
    ended: Flags,
    count: Ints,
    row: Ints,
    time: Floats,
    first: Ints,
    place: Ints,
    ends: Floats,
    leaving: Floats,
) -> None:
    """See `gaps._placed`; first[bin] is not after the place of any length in the bin."""
    for gap in range(len(seconds)):
        one = seconds[gap]
        at = first[_bin(one * 1e6)]
        while at < len(time) and time[at] < one:
            at += 1
        if not ended[gap] and (at == len(time) or time[at] > one):
            at -= 1
        place[gap] = at
        if at >= 0:
            leaving[row[gap], at] += count[gap]
            if ended[gap]:
                ends[row[gap], at] += count[gap]


@numba.njit(cache=True, nogil=True)
def add_residuals(
    ended: Flags,
    count: Ints,
    row: Ints,
    place: Ints,
    week: Ints,
    ratio: Floats,
    expected: Floats,
    upto: int,
    sums: Floats,
) -> None:
    """See `gaps._error`."""
    for gap in range(len(row)):
        own = ratio[row[gap], place[gap]] if ended[gap] and place[gap] <= upto else 0.0
        sums[week[gap]] += (own - expected[row[gap], min(place[gap], upto) + 1]) * count[gap]


@numba.njit(cache=True, nogil=True)
def surely_more(key: NDArray[Any], value: Ints, seen: NDArray[np.uint8], most: int) -> int:
    """How many places of a bitmap the pairs take (so many are distinct at least); stops beyond `most`."""
    taken = 0
    mask = np.uint64(8 * len(seen) - 1)
    for row in range(len(key)):
        word = (np.uint64(value[row]) * np.uint64(0x9E3779B97F4A7C15)) ^ np.uint64(key[row])
        word = (word ^ (word >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word >> np.uint64(24)) & mask
        byte, bit = word >> np.uint64(3), np.uint8(1) << np.uint8(word & np.uint64(7))
        if not seen[byte] & bit:
            seen[byte] |= bit
            taken += 1
    return min(taken, most + 1)


def main() -> None:
    """Compile each for the keys that are used."""
    value, place, table = np.array([0, 10**7]), np.array([0, 1]), np.zeros((2, 1024), np.int32)
    for width in (np.uint16, np.uint32):
        key = np.array([0, 1], width)
        count_keys(key, 0, 2, np.zeros((4, 2), np.int64))
        spread(key, place, value, 0, 2, table.copy(), np.zeros((2, 2), np.int64))
        collect(key, place, value, 0, 2, table.copy(), np.zeros(1, np.int64), np.zeros(2, np.int64))
        count_within(key, place, value, 0, 2, value, value, place.copy())
        edge = np.full(2, np.iinfo(np.int64).max)
        grid_bins(key, place, value, 0, 2, np.zeros(1024, np.int64), edge, np.zeros((2, 2), np.int64))
        add_by_key(key, place, value, 0, 2, np.zeros((2, 2), np.int64))
        fill_table(key, place, value, 0, 2, place, np.zeros(1024, np.int64), edge, np.zeros((2, 2), np.int64))
        surely_more(key, value, np.zeros(8, np.uint8), 1)
    ended, one, two = np.array([True, False]), np.array([1.0, 2.0]), np.zeros((2, 3))
    place_gaps(one, ended, place, place, one, np.zeros(8192, np.int64), place.copy(), two, two.copy())
    add_residuals(ended, place, place, place, place, two, two, 1, one)
