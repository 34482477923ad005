"""Open time: microseconds open so far, so that a duration is one subtraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from procmine.kernels.flow import Ints
from procmine.kernels.zones import Stretches

DAY = 86_400_000_000
Hours: TypeAlias = "Sequence[tuple[int, int]]"  # microseconds of a day from and up to which it is open, in order


@dataclass(frozen=True, eq=False)
class Opening:
    """Open from `opens[k]` up to `closes[k]`, ascending and apart; `before[k]` is what was open before, from 1970 on."""

    opens: Ints
    closes: Ints
    before: Ints

    @classmethod
    def of(cls, opens: Ints, closes: Ints) -> Opening:
        before = np.concatenate(([0], np.cumsum(closes - opens)))[: len(opens)]
        return cls(opens, closes, before - _upto(opens, closes, before, np.zeros(1, np.int64)))

    def read(self, time: Ints) -> Ints:
        """Microseconds open from 1970-01-01 up to each moment, negative before; additive, and never falling."""
        return _upto(self.opens, self.closes, self.before, time)

    def within(self, stretches: Stretches) -> Opening:
        """Wall-clock times as UTC: each stretch of one offset has the part of them that its wall clock shows.

        So an hour that clocks skip is never open, and one that comes twice is open twice.
        """
        edges = np.concatenate(([np.iinfo(np.int64).min], stretches.change, [np.iinfo(np.int64).max]))
        opens, closes = [], []
        for offset, first, last in zip(stretches.offset, edges[:-1], edges[1:]):
            low, high = _added(int(first), int(offset)), _added(int(last), int(offset))
            here = slice(np.searchsorted(self.closes, low, side="right"), np.searchsorted(self.opens, high))
            opens.append(np.maximum(self.opens[here], low) - offset)
            closes.append(np.minimum(self.closes[here], high) - offset)
        return Opening.of(np.concatenate(opens), np.concatenate(closes))


def _added(edge: int, offset: int) -> int:
    limits = np.iinfo(np.int64)
    return edge if edge in (limits.min, limits.max) else edge + offset


def _upto(opens: Ints, closes: Ints, before: Ints, time: Ints) -> Ints:
    if not len(opens):
        return np.zeros_like(time)
    place = np.searchsorted(opens, time, side="right") - 1
    started = np.maximum(place, 0)
    length = closes - opens
    read: Ints = before[started] + np.clip(time - opens[started], 0, length[started])
    return read


def opening(first: int, pattern: Ints, hours: Sequence[Hours]) -> Opening:
    """Wall-clock opening of days that follow each other from day `first` (counted from 1970): `hours[pattern[k]]` each."""
    day = (first + np.arange(len(pattern))) * DAY
    opens, closes = [], []
    for k, ranges in enumerate(hours):
        here = day[pattern == k]
        opens += [here + begin for begin, _ in ranges]
        closes += [here + end for _, end in ranges]
    both = [np.sort(np.concatenate([np.empty(0, np.int64), *one])) for one in (opens, closes)]
    return Opening.of(both[0], both[1])
