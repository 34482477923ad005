"""Who is busy when and for how long, and which events were done as one batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Busy:
    """Times at which somebody is busy, cut where anything begins or ends; ascending in each `lane` (one lane a person).

    `since` is the least rank of what is being done then: who is enabled first has the least rank.
    """

    lane: Ints
    left: Ints
    right: Ints
    since: Ints

    @classmethod
    def of(cls, lane: Ints, begin: Ints, end: Ints, rank: Ints) -> Busy:
        """What each lane does: events from `begin` to `end`, which may overlap."""
        lanes, times = np.concatenate((lane, lane)), np.concatenate((begin, end))
        order = np.lexsort((times, lanes))
        lanes, times = lanes[order], times[order]
        new = np.ones(len(order), bool)
        new[1:] = (lanes[1:] != lanes[:-1]) | (times[1:] != times[:-1])
        place = np.empty(len(order), np.int64)
        place[order] = np.cumsum(new) - 1
        lanes, times = lanes[new], times[new]
        since = least_over(place[: len(lane)], place[len(lane) :], rank, max(len(times) - 1, 0))
        kept = np.flatnonzero(since < NONE)
        return cls(lanes[kept], times[kept], times[kept + 1], since[kept])

    def touching(self, lane: Ints, begin: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Per stretch [begin, end] of a lane: its first piece, and the one after its last."""
        low = search(self.lane, self.right, lane, begin, "right")
        return low, np.maximum(search(self.lane, self.left, lane, end, "left"), low)


NONE = np.iinfo(np.int64).max


def least_over(first: Ints, after: Ints, value: Ints, places: int) -> Ints:
    """Per place: the least value of the stretches [first, after) that cover it, NONE where none does.

    Each stretch is two blocks of a power of two; blocks are then halved, level by level.
    """
    some = np.flatnonzero(after > first)
    first, after, value = first[some], after[some], value[some]
    level = np.frexp((after - first).astype(np.float64))[1] - 1
    least = np.full(places, NONE, np.int64)
    for one in range(int(level.max(initial=0)), -1, -1):
        here = level == one
        np.minimum.at(least, first[here], value[here])
        np.minimum.at(least, after[here] - (1 << one), value[here])
        if one:
            half = 1 << (one - 1)
            shifted = least.copy()
            np.minimum(shifted[half:], least[: max(places - half, 0)], out=shifted[half:])
            least = shifted
    return least


def search(lanes: Ints, times: Ints, lane: Ints, time: Ints, side: str) -> Ints:
    """`searchsorted` of (lane, time) in pairs that ascend."""
    known, rank = np.unique(np.concatenate((times, time)), return_inverse=True)
    width = max(len(known), 1)
    return np.searchsorted(lanes * width + rank[: len(times)], lane * width + rank[len(times) :], side)  # type: ignore[no-any-return, call-overload]


def sum_below(rank: Ints, value: Ints, low: Ints, high: Ints, limit: Ints) -> Ints:
    """Per question: the sum of value[low:high] where rank < limit (a wavelet tree, all questions level by level)."""
    low, high, total = low.copy(), high.copy(), np.zeros(len(low), np.int64)
    most = max(int(rank.max(initial=0)), int(limit.max(initial=0)))
    for bit in range(most.bit_length() - 1, -1, -1):
        zero = (rank >> bit) & 1 == 0
        count = np.concatenate(([0], np.cumsum(zero)))
        sums = np.concatenate(([0], np.cumsum(np.where(zero, value, 0))))
        above = (limit >> bit) & 1 == 1
        total += np.where(above, sums[high] - sums[low], 0)
        low = np.where(above, count[-1] + low - count[low], count[low])
        high = np.where(above, count[-1] + high - count[high], count[high])
        order = np.concatenate((np.flatnonzero(zero), np.flatnonzero(~zero)))
        rank, value = rank[order], value[order]
    return total


@dataclass(frozen=True, eq=False)
class Read:
    """What a clock shows at both ends of the pieces of time, and at both ends of the stretches asked about."""

    left: Ints
    right: Ints
    begin: Ints
    end: Ints


def busy_within(busy: Busy, lane: Ints, begin: Ints, end: Ints, read: Read, limit: Ints | None = None) -> Ints:
    """Per stretch: how much of it is busy on the clock that was read; with `limit`, busy with what has a lower rank."""
    low, high = busy.touching(lane, begin, end)
    length = read.right - read.left
    if limit is None:
        upto = np.concatenate(([0], np.cumsum(length)))
        inside = upto[high] - upto[low]
    else:
        inside = sum_below(busy.since, length, low, high, limit)
    some = np.flatnonzero(high > low)
    for place, beyond in _edges(busy, low[some], high[some] - 1, begin[some], end[some], read, some):
        counts = beyond > 0 if limit is None else (beyond > 0) & (busy.since[place] < limit[some])
        inside[some] -= np.where(counts, beyond, 0)
    return inside


def _edges(
    busy: Busy, first: Ints, last: Ints, begin: Ints, end: Ints, read: Read, some: Ints
) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """The first and the last piece of each stretch, and how much of them lies outside."""
    before = np.where(busy.left[first] < begin, read.begin[some] - read.left[first], 0)
    after = np.where(busy.right[last] > end, read.right[last] - read.end[some], 0)
    return (first, before), (last, after)


def crowd(lane: Ints, begin: Ints, end: Ints) -> Ints:
    """Per event: how many others of its lane had begun before its beginning and were not over by then."""
    some = np.flatnonzero(end > begin)
    lanes, begins, ends = lane[some], begin[some], end[some]
    by_begin, by_end = np.lexsort((begins, lanes)), np.lexsort((ends, lanes))
    started = search(lanes[by_begin], begins[by_begin], lane, begin, "left")
    return started - search(lanes[by_end], ends[by_end], lane, begin, "right")


def runs(group: Ints, enabled: Ints, begin: Ints, end: Ints, gap: int) -> Ints:
    """Per event, in the order given (by group, beginning, end): the number of its run.

    A run is events of one group, each beginning at most `gap` after all before it in the run had ended (or while they were
    going on), and all possible by the run's beginning.
    """
    number = np.empty(len(group), np.int64)
    run, last_group, first, until = -1, -1, 0, 0
    for place, one in enumerate(zip(group.tolist(), enabled.tolist(), begin.tolist(), end.tolist())):
        kind, possible, started, ended = one
        if kind != last_group or started - until > gap or possible > first:
            run, last_group, first, until = run + 1, kind, started, ended
        else:
            until = max(until, ended)
        number[place] = run
    return number
