"""Working time: microseconds worked so far, so that a duration is one subtraction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from procmine.kernels.flow import Ints

DAY = 86_400_000_000


def worked(time: Ints, opens: float, closes: float, weekdays: Sequence[int], holidays: Ints) -> Ints:
    """Microseconds worked from 1970-01-01 up to each wall-clock `time`; it never falls.

    Work is from `opens` to `closes` (hours) on `weekdays` (Monday = 0) but not on `holidays` (days since 1970-01-01).
    """
    if not len(time):
        return time
    day, hour = np.divmod(time, DAY)
    first = min(int(day.min()), 0)  # counted from 1970, so that readings of different shards agree
    days = np.arange(first, max(int(day.max()), 0) + 1)
    open_day = np.isin((days + 3) % 7, weekdays) & ~np.isin(days, holidays)
    start, length = round(opens * DAY / 24), round((closes - opens) * DAY / 24)
    full = np.concatenate(([0], np.cumsum(open_day) * length))
    full -= full[-first]
    today = np.clip(hour - start, 0, length) * open_day[day - first]
    read: Ints = full[day - first] + today
    return read
