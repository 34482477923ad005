"""Compiled passes over the events of cases `begin` to `end`; each equals its numpy form, and is used through it."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]
DAY = 86_400_000_000
LANES = 4  # tables to count in by turns: a processor waits for its last write to the same place


@numba.njit(cache=True, nogil=True)
def count_moves(activity: NDArray[Any], offset: Ints, begin: int, end: int, k: int, pairs: Ints) -> None:
    """Add to pairs[lane, before * k + after]: all neighbours, less those across cases."""
    lanes = len(pairs)
    first, last = offset[begin], offset[end]
    if first == last:
        return
    before = np.int64(activity[first]) * k
    place = first + 1
    if lanes == LANES:
        while place + LANES <= last:
            for lane in range(LANES):
                code = np.int64(activity[place + lane])
                pairs[lane, before + code] += 1
                before = code * k
            place += LANES
    while place < last:
        code = np.int64(activity[place])
        pairs[0, before + code] += 1
        before = code * k
        place += 1
    for case in range(begin + 1, end):
        edge = offset[case]
        if first < edge < last and edge < offset[case + 1]:
            pairs[0, np.int64(activity[edge - 1]) * k + activity[edge]] -= 1


@numba.njit(cache=True, nogil=True)
def moves(
    activity: NDArray[Any],
    time: Ints,
    offset: Ints,
    begin: int,
    end: int,
    k: int,
    key: NDArray[Any],
    gap: Ints,
    to: int,
) -> None:
    """Write key and gap of each event with one before it in its case, from place `to` on."""
    for case in range(begin, end):
        first, last = offset[case], offset[case + 1]
        if first == last:
            continue
        before, since = np.int64(activity[first]) * k, time[first]
        for place in range(first + 1, last):
            code, now = np.int64(activity[place]), time[place]
            key[to] = before + code
            gap[to] = now - since
            before, since = code * k, now
            to += 1


@numba.njit(cache=True, nogil=True)
def path_words(activity: NDArray[Any], offset: Ints, begin: int, end: int, mixed: Words, words: Ints) -> None:
    """See `flow.path_codes`; mixed[position * k + activity] for the first positions."""
    known = len(mixed)
    for case in range(begin, end):
        first, long = offset[case], offset[case + 1] - offset[case]
        word = np.uint64(long)
        for place in range(min(long, known)):
            word += mixed[place, activity[first + place]]
        for place in range(known, long):
            word += _mix(_mix(np.uint64(activity[first + place]) + np.uint64(1)) + np.uint64(place))
        words[case] = np.int64(_mix(word))


@numba.njit(cache=True, nogil=True, inline="always")
def _mix(word: Any) -> Any:
    word = word + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def distinct(words: Ints) -> tuple[Ints, Ints]:
    """The number of each word among the distinct ones as they first come, and where each came first."""
    size = 1 << 14
    table, held = np.full(size, -1, np.int32), np.empty(size, np.int64)
    first, which = np.empty(size, np.int64), np.empty(len(words), np.int64)
    found = 0
    for row in range(len(words)):
        word = words[row]
        slot = word & (size - 1)
        while table[slot] >= 0 and held[slot] != word:
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot], held[slot] = found, word
            first[found] = row
            found += 1
        which[row] = table[slot]
        if 2 * found >= size:
            size *= 4
            table, held = np.full(size, -1, np.int32), np.empty(size, np.int64)
            longer = np.empty(size, np.int64)
            longer[:found] = first[:found]
            first = longer
            for number in range(found):
                word = words[first[number]]
                slot = word & (size - 1)
                while table[slot] >= 0:
                    slot = (slot + 1) & (size - 1)
                table[slot], held[slot] = number, word
    return which, first[:found].copy()


@numba.njit(cache=True, nogil=True)
def gathered(codes: NDArray[Any], offset: Ints, kept: Ints) -> tuple[Ints, NDArray[Any]]:
    """See `path_sums.gathered`."""
    begin = np.zeros(len(kept) + 1, np.int64)
    for row in range(len(kept)):
        begin[row + 1] = begin[row] + offset[kept[row] + 1] - offset[kept[row]]
    found = np.empty(begin[-1], codes.dtype)
    for row in range(len(kept)):
        shift = offset[kept[row]] - begin[row]
        for place in range(begin[row], begin[row + 1]):
            found[place] = codes[place + shift]
    return begin, found


@numba.njit(cache=True, nogil=True)
def repeats(activity: NDArray[Any], offset: Ints, begin: int, end: int, counts: Ints) -> None:
    """Add to counts[kind, step]: events, cases, repeated cases, self-loops."""
    k = counts.shape[1]
    seen, often = np.full(k, -1, np.int64), np.zeros(k, np.int64)
    for case in range(begin, end):
        before = np.int64(-1)
        for place in range(offset[case], offset[case + 1]):
            step = np.int64(activity[place])
            counts[0, step] += 1
            if seen[step] != case:
                seen[step] = case
                often[step] = 1
                counts[1, step] += 1
            else:
                often[step] += 1
                counts[2, step] += often[step] == 2
                counts[3, step] += step == before
            before = step


@numba.njit(cache=True, nogil=True)
def count_ends(activity: NDArray[Any], offset: Ints, open_: Flags, begin: int, end: int, counts: Ints) -> None:
    """Add to counts[0, step]: cases that begin with it; to counts[1, step]: finished cases that end with it."""
    for case in range(begin, end):
        if offset[case] < offset[case + 1]:
            counts[0, activity[offset[case]]] += 1
            counts[1, activity[offset[case + 1] - 1]] += not open_[case]


@numba.njit(cache=True, nogil=True)
def finished(
    arrival: Ints, begin: Ints, until: Ints, open_: Flags, first: int, weeks: int, key: NDArray[np.uint16], length: Ints
) -> int:
    """Of cases that are not open: the week of their arrival, counted from `first`, and how long they took; how many."""
    to = 0
    for case in range(len(arrival)):
        week = (arrival[case] // DAY + 3) // 7 - first
        key[to] = min(max(week, 0), weeks - 1)
        length[to] = until[case] - begin[case]
        to += not open_[case]
    return to


@numba.njit(cache=True, nogil=True)
def match(activity: NDArray[Any], offset: Ints, begin: int, end: int, wanted: Flags, last: bool, place: Ints) -> None:
    """place[case]: the first (or last) event whose step is wanted, or -1."""
    for case in range(begin, end):
        place[case] = -1
        for step in range(offset[case + 1] - offset[case]):
            event = offset[case + 1] - 1 - step if last else offset[case] + step
            if wanted[activity[event]]:
                place[case] = event
                break


def main() -> None:
    """Compile each for the types that logs have."""
    offset, open_ = np.array([0, 1, 3]), np.array([True, False])
    times = np.array([0, 1, 2])
    for width in (np.uint8, np.uint16):
        activity = np.array([0, 1, 1], width)
        count_moves(activity, offset, 0, 2, 2, np.zeros((LANES, 4), np.int64))
        moves(activity, times, offset, 0, 2, 2, np.zeros(3, np.uint16 if width == np.uint8 else np.uint32), times, 0)
        path_words(activity, offset, 0, 2, np.zeros((4, 2), np.uint64), np.zeros(2, np.int64))
        count_ends(activity, offset, open_, 0, 2, np.zeros((2, 2), np.int64))
        repeats(activity, offset, 0, 2, np.zeros((4, 2), np.int64))
        match(activity, offset, 0, 2, open_, False, np.zeros(2, np.int64))
    distinct(times)
    for width in (np.uint8, np.uint16):
        gathered(np.array([0, 1, 1], width), offset, times[:2].copy())
    finished(times, times, times, np.zeros(3, bool), 0, 9, np.empty(3, np.uint16), times.copy())
