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
    after the grid every clock runs like the calendar.
    """

    origin: int
    upto: Floats

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
        return time + self.origin

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
