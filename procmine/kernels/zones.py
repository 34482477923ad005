"""Zones: how far a zone's wall clock is ahead of UTC, as stretches of time between its changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from procmine.kernels.flow import Ints

SECOND = 1_000_000
DAY = 86_400  # seconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1800, 2199  # before and after these a zone keeps what it had at their edge


@dataclass(frozen=True, eq=False)
class Stretches:
    """`offset[k]` microseconds east of UTC from `change[k - 1]` up to `change[k]` (UTC), the last one from there on."""

    change: Ints
    offset: Ints

    def wall(self, time: Ints) -> Ints:
        """UTC microseconds as the zone's wall clock shows them."""
        shown: Ints = time + self.offset[np.searchsorted(self.change, time, side="right")]
        return shown


def stretches(zone: str, first_year: int, last_year: int) -> Stretches:
    """Those of all moments from the first day of one year to the last of another."""
    first, last = (min(max(one, FIRST_YEAR), LAST_YEAR) for one in (first_year, last_year))
    found = [_of_decade(zone, decade) for decade in range(first // 10, last // 10 + 1)]
    start = found[0][0]
    changes = [one for _, pairs in found for one in pairs]
    return Stretches(
        np.array([moment for moment, _ in changes], np.int64) * SECOND,
        np.array([start, *(offset for _, offset in changes)], np.int64) * SECOND,
    )


@lru_cache(maxsize=2_000)
def _of_decade(zone: str, decade: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The offset at its beginning, and each change up to the beginning of the next one: when, and the offset then (seconds).

    Found by looking at every day, then by halving: no two changes of a zone lie within three days.
    """
    there = ZoneInfo(zone)
    begin, end = (_seconds(datetime(10 * one, 1, 1, tzinfo=UTC)) for one in (decade, decade + 1))
    days = [(day, _offset(there, day)) for day in range(begin, end + 1, DAY)]
    moments = [_halved(there, first, last) for (first, was), (last, now) in pairwise(days) if was != now]
    return days[0][1], tuple((moment, _offset(there, moment)) for moment in moments)


def _halved(zone: ZoneInfo, low: int, high: int) -> int:
    """The second from which the offset is that of `high`."""
    after = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, middle) == after else (middle, high)
    return high


def _offset(zone: ZoneInfo, moment: int) -> int:
    shift = (EPOCH + timedelta(seconds=moment)).astimezone(zone).utcoffset()
    return 0 if shift is None else round(shift.total_seconds())


def _seconds(moment: datetime) -> int:
    return round((moment - EPOCH).total_seconds())
