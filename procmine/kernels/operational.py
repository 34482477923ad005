"""Operational time: what has passed on the clock of an office, and back to the time of day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HOUR = 3_600_000_000


@dataclass(frozen=True, eq=False)
class Clocks:
    """Several clocks; each is read in microseconds of its own that pass, over a long time, as fast as calendar ones.

    `upto[k, i]`: what has passed on clock k from `origin` to i hours later; never falls. Clock 0 is calendar time. Before and
    after the grid every clock runs like the calendar. `whole`: moments found are whole multiples of it (a day where a log
    holds dates only; 1 otherwise), the nearest.
    """

    origin: int
    upto: Floats
    whole: int = 1

    def read(self, clock: Ints, time: Ints) -> Ints:
        """What each clock shows at each time."""
        shown = np.asarray(time - self.origin, np.int64).copy()
        for k in np.unique(clock[clock > 0]):
            which = clock == k
            shown[which] = self._read(self.upto[k], shown[which])
        return shown

    def at(self, clock: Ints, shown: Ints) -> Ints:
        """The first time at which each clock shows that."""
        time = np.asarray(shown, np.int64).copy()
        for k in np.unique(clock[clock > 0]):
            which = clock == k
            time[which] = self._at(self.upto[k], time[which])
        time += self.origin
        return time if self.whole == 1 else (time + self.whole // 2) // self.whole * self.whole

    def after(self, clock: Ints, begun: Ints, gap: Ints) -> Ints:
        """When so much has passed on each clock since `begun`; never before that, though the office was closed by then."""
        return np.maximum(begun, self.at(clock, self.read(clock, begun) + gap))

    def _read(self, upto: Floats, since: Ints) -> Ints:
        last = len(upto) - 1
        hour = np.clip(since // HOUR, 0, last - 1)
        part = (since - hour * HOUR) / HOUR
        inside = upto[hour] + (upto[hour + 1] - upto[hour]) * part
        after = upto[last] + (since - last * HOUR)
        return np.rint(np.where(since < 0, since, np.where(since >= last * HOUR, after, inside))).astype(np.int64)

    def _at(self, upto: Floats, shown: Ints) -> Ints:
        last = len(upto) - 1
        hour = np.clip(np.searchsorted(upto, shown, side="left") - 1, 0, last - 1)
        wide = upto[hour + 1] - upto[hour]
        inside = (hour + (shown - upto[hour]) / np.where(wide > 0, wide, 1)) * HOUR
        after = last * HOUR + (shown - upto[last])
        return np.rint(np.where(shown < 0, shown, np.where(shown > upto[last], after, inside))).astype(np.int64)


def per_hour(begin: Ints, end: Ints, hours: int) -> Floats:
    """How many of the stretches from `begin` to `end` (microseconds since the grid's first) last in each hour, on average."""
    return passed(begin, hours) - passed(end, hours)


def passed(time: Ints, hours: int) -> Floats:
    """How many of these times have passed in each hour, on average over it."""
    hour = np.clip(time // HOUR, 0, hours)
    inside = np.clip((time - hour * HOUR) / HOUR, 0.0, 1.0)
    reached = np.bincount(hour, 1 - inside, hours + 2) + np.bincount(hour + 1, inside, hours + 2)
    return np.cumsum(reached)[:hours]


def running(rate: Floats) -> Floats:
    """`upto` of a clock that runs at these relative rates per hour, over the whole grid as fast as the calendar.

    In whole microseconds: what is read at closing time is then not a trifle later than the clock gets that day.
    """
    whole = float(rate.sum())
    if not whole > 0:
        return (np.arange(len(rate) + 1) * HOUR).astype(np.float64)
    return np.rint(np.concatenate(([0.0], np.cumsum(rate))) * (HOUR * len(rate) / whole))
