"""What follows what inside cases, and how long after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.unsignedinteger[Any]]  # 8 or 16 bits


@dataclass(frozen=True, eq=False)
class Times:
    """When things happened, as int64 microseconds of one clock.

    Events lie case by case: case c owns `time[offset[c]:offset[c + 1]]`, in order, and may own none. A case is watched
    from `arrival[c]` to `until[c]`.
    """

    time: Ints
    offset: Ints
    arrival: Ints
    until: Ints

    def since_previous(self) -> Ints:
        """Per event: time since the event before it, for a first event since the arrival."""
        gap = np.empty_like(self.time)
        gap[1:] = self.time[1:] - self.time[:-1]
        filled = np.flatnonzero(np.diff(self.offset))
        first = self.offset[filled]
        gap[first] = self.time[first] - self.arrival[filled]
        return gap

    def tail(self) -> Ints:
        """Per case: time from its last event (if it has none: its arrival) to the end of watching."""
        last = self.arrival.copy()
        filled = np.flatnonzero(np.diff(self.offset))
        last[filled] = self.time[self.offset[filled + 1] - 1]
        return self.until - last


def cases_of(offset: Ints) -> Ints:
    """Per event: the number of its case."""
    return np.repeat(np.arange(len(offset) - 1), np.diff(offset))


def case_steps(activity: Codes, offset: Ints, size: int) -> Ints:
    """Every step that a case came to, once: case * size + step, ascending; there are `size` steps."""
    return np.unique(cases_of(offset) * size + activity)


def is_first(offset: Ints) -> NDArray[np.bool_]:
    """Per event: whether it is the first of its case."""
    first = np.zeros(int(offset[-1]), bool)
    first[offset[:-1][np.diff(offset) > 0]] = True
    return first


def following(activity: Codes, offset: Ints, activities: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Directly-follows pairs: code `before * activities + after` of each event with a predecessor, and which those are."""
    has = ~is_first(offset)
    before = np.roll(activity, 1)[has].astype(np.int64)
    return before * activities + activity[has], has


def first_match(wanted: NDArray[np.bool_], offset: Ints) -> Ints:
    """Per case: position of its first wanted event, or -1."""
    place = np.full(len(offset) - 1, -1, np.int64)
    hit = np.flatnonzero(wanted)[::-1]
    place[np.searchsorted(offset, hit, side="right") - 1] = hit
    return place


def last_match(wanted: NDArray[np.bool_], offset: Ints) -> Ints:
    """Per case: position of its last wanted event, or -1."""
    place = np.full(len(offset) - 1, -1, np.int64)
    hit = np.flatnonzero(wanted)
    place[np.searchsorted(offset, hit, side="right") - 1] = hit
    return place


def path_codes(activity: Codes, offset: Ints) -> Ints:
    """Per case: a 64-bit hash of its sequence of activities; two of a million different paths collide once in 10^7 logs."""
    position = (np.arange(len(activity)) - np.repeat(offset[:-1], np.diff(offset))).astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = _mix(_mix(activity.astype(np.uint64) + np.uint64(1)) + position)
        upto = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)))
        summed = _mix(upto[offset[1:]] - upto[offset[:-1]] + np.diff(offset).astype(np.uint64))
    return summed.astype(np.int64)


def _mix(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014)."""
    word = word + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
