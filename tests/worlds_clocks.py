"""Made offices for clocks, arrivals and drift: when they work, how long steps take in open hours or day and night.

Open hours are counted here by plain arithmetic on open days, without procmine's clocks.
"""

import datetime as dt

import numpy as np
import pyarrow as pa

from procmine.about import About
from procmine.log import EventLog, Text

DAY = 86_400_000_000
HOUR = DAY // 24
FIRST = np.datetime64("2022-01-03", "D").astype(int)  # a Monday
HOLIDAYS = ((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26))


def is_holiday(day, holidays=HOLIDAYS):
    date = dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
    return (date.month, date.day) in holidays


class Office:
    """Open Monday to Friday from `opens` to `closes`, but not on holidays; time is counted in open microseconds."""

    def __init__(self, opens=8, closes=17, years=4, holidays=HOLIDAYS):
        days = np.arange(FIRST, FIRST + 366 * years)
        self.days = np.array([day for day in days if (day + 3) % 7 < 5 and not is_holiday(day, holidays)])
        self.opens, self.wide = opens * HOUR, (closes - opens) * HOUR

    def wall(self, worked):
        """When so much open time has passed."""
        place = np.asarray(worked, np.int64) // self.wide
        return self.days[place] * DAY + self.opens + np.asarray(worked, np.int64) % self.wide

    def worked(self, wall):
        """Open time that has passed by then."""
        day = np.asarray(wall, np.int64) // DAY
        place = np.searchsorted(self.days, day)
        there = self.days[np.minimum(place, len(self.days) - 1)] == day
        return place * self.wide + np.where(there, np.clip(wall % DAY - self.opens, 0, self.wide), 0)

    def later(self, draw, wall, hours):
        """After an exponential wait of a mean of so many open hours."""
        gap = draw.exponential(hours, len(wall)) * HOUR
        return self.wall(self.worked(wall) + gap.astype(np.int64))


def log_of(times, cutoff, *, names=None, ends=None, **about):
    """One case per row of `times`, the steps in order; what lies behind the cutoff has not happened; the last step
    ends it.
    """
    times = times[np.argsort(times[:, 0], kind="stable")]
    kept = times <= cutoff
    times, kept = times[kept[:, 0]], kept[kept[:, 0]]
    count = kept.sum(axis=1)
    offset = np.concatenate(([0], np.cumsum(count)))
    names = names or tuple("ABCDEFGH"[: times.shape[1]])
    step = np.tile(np.arange(times.shape[1], dtype=np.uint8), (len(times), 1))
    waiting = count < times.shape[1]
    last = times[np.arange(len(times)), count - 1]
    about = {"axis": "civil", "precision": "microsecond", **about}
    known = About(names, int(cutoff), ends or names[-1:], begins=int(times[:, 0].min()), **about)
    case = Text(np.arange(len(times), dtype=np.int32), pa.array([str(k) for k in range(len(times))]))
    until = np.where(waiting, cutoff, last)
    return EventLog(known, step[kept], times[kept], offset, times[:, 0], until, waiting, case)


def offices(seed, *, n=1_500, days=500, office=None, outside=True, **about):
    """Filed -(12 open hours)-> Checked -(5 days, day and night)-> Answered -(6 open hours)-> Decided."""
    draw, office = np.random.default_rng(seed), office or Office()
    last = np.searchsorted(office.days, FIRST + days)
    filed = office.wall(draw.integers(0, last * office.wide, n))
    checked = office.later(draw, filed, 12)
    answered = checked + (draw.exponential(5, n) * DAY).astype(np.int64) if outside else office.later(draw, checked, 30)
    decided = office.later(draw, answered, 6)
    times = np.stack((filed, checked, answered, decided), axis=1)
    return log_of(times, (FIRST + days) * DAY - 1, names=("Filed", "Checked", "Answered", "Decided"), **about)


def round_the_clock(seed, *, n=1_500, days=400):
    """A process that never sleeps: three exponential waits."""
    draw = np.random.default_rng(seed)
    first = FIRST * DAY + (draw.random(n) * days * DAY).astype(np.int64)
    gaps = draw.exponential((0.5, 2.0, 6.0), (n, 3)) * DAY
    times = np.concatenate((first[:, None], first[:, None] + np.cumsum(gaps, axis=1).astype(np.int64)), axis=1)
    return log_of(times, (FIRST + days) * DAY - 1)
