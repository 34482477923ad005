"""Means over all cases that came, open ones included: what was seen is weighed by the chance of being seen at that age."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from procmine.kernels.blocks import fixed_b, lags_of, long_run, week_of
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.survival import Floats
from procmine.log import EventLog
from procmine.see.survival import LEAST_WEEKS

MOST_AGES = 600  # distinct ages of open cases that are kept apart; more are rounded up to some of them
LEAST_CHANCE = 0.05  # of being seen: what happens to cases older than that is left out, as few would speak for many
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Estimate:
    """A mean per case, and where it likely lies (nan below LEAST_WEEKS weeks)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Watched:
    """The cases of a log, by entry week, and how likely each of them is still watched when it is so old.

    What adds up in a case over time (its age, the days taken off it) is seen up to the cutoff alone. Each piece, weighed by 1
    / chance of being watched at the age at which it comes, has the mean that all cases would have, followed to their end
    (Bang & Tsiatis 2000; Zhao & Tsiatis 1997). The chance is Kaplan-Meier's, with open cases as the events and ends before
    them at ties; without open cases it is 1 and the means are plain ones. That supposes cases that came late to be like
    those that came early.

    `ages` (microseconds of calendar time) are those at which watching ends; `gone` and `after` are [weeks, ages]: open cases
    of that age, and cases that were watched for longer.
    """

    week: Ints  # per case, its row
    weeks: Ints
    cases: Floats  # by week
    ages: Ints
    gone: Floats
    after: Floats

    @classmethod
    def of(cls, log: EventLog) -> Watched:
        weeks, week = np.unique(week_of(log.arrival), return_inverse=True)
        length = log.until - log.arrival
        every = np.unique(length[log.open])
        ages = every[np.unique(np.linspace(0, len(every) - 1, MOST_AGES).astype(np.int64))] if len(every) else every
        k = len(ages)
        gone = _table(week[log.open], np.searchsorted(ages, length[log.open]), len(weeks), k)
        longer = _table(week, np.searchsorted(ages, length), len(weeks), k + 1)
        after = np.cumsum(longer[:, ::-1], axis=1)[:, ::-1][:, 1:]
        return cls(week, weeks, np.bincount(week, minlength=len(weeks)).astype(np.float64), ages, gone, after)

    def chances(self) -> Floats:
        """The chance of being watched up to the first age, beyond it up to the second, and so on."""
        after, gone = self.after.sum(axis=0), self.gone.sum(axis=0)
        return np.concatenate(([1.0], np.cumprod(after / np.maximum(after + gone, 1e-300))))


def _table(row: Ints, column: Ints, rows: int, columns: int, value: Floats | None = None) -> Floats:
    """[rows, columns] of sums."""
    flat = np.bincount(row * columns + column, value, rows * columns)
    return flat.astype(np.float64).reshape(rows, columns)


@dataclass(frozen=True, eq=False)
class Scale:
    """Weighs what happened in the cases of one log: made once, asked for every step.

    `kept` is 1 / chance for each column, 0 where that is too small. `drift` [weeks, ages] says by how much the logarithm of
    the chance beyond an age would grow if a week's cases counted more.
    """

    watched: Watched
    place: Ints  # per event, its column among the chances
    case: Ints  # per event
    kept: Floats
    drift: Floats

    @classmethod
    def of(cls, log: EventLog) -> Scale:
        watched, case = Watched.of(log), cases_of(log.offset)
        place = np.searchsorted(watched.ages, log.time - log.arrival[case])
        chance = watched.chances()
        enough = chance >= LEAST_CHANCE
        kept = np.where(enough, 1 / np.where(enough, chance, 1.0), 0.0)
        after, risk = watched.after, watched.after + watched.gone
        drift = after / np.maximum(after.sum(axis=0), 1e-300) - risk / np.maximum(risk.sum(axis=0), 1e-300)
        return cls(watched, place, case, kept, drift)

    @property
    def horizon(self) -> float:
        """Seconds of age up to which cases are counted; nan: to their end."""
        left_out = np.flatnonzero(self.kept == 0)
        return float(self.watched.ages[left_out[0] - 1] / 1e6) if len(left_out) else float("nan")

    def weight(self) -> Floats:
        """Per event: how many events of that age it stands for."""
        return self.kept[self.place]

    def mean(self, value: Floats, level: float = LEVEL) -> Estimate:
        """Mean per case that came of what its events (`value`, one each) add up to.

        The range is a ratio's of weekly sums, linearised, the chances' part in it too: Newey-West's long-run variance of the
        weeks with S = ceil(1.3 sqrt K) lags, and the critical values that go with so many (Kiefer & Vogelsang 2005).
        """
        here, watched = np.flatnonzero(value), self.watched
        rows, columns = len(watched.weeks), len(watched.ages) + 1
        weighed = _table(watched.week[self.case[here]], self.place[here], rows, columns, value[here]) * self.kept
        came = max(float(watched.cases.sum()), 1.0)
        mean = float(weighed.sum()) / came
        if rows < LEAST_WEEKS:
            return Estimate(mean, float("nan"), float("nan"))
        beyond = np.cumsum(weighed.sum(axis=0)[::-1])[::-1][1:]
        dense = np.zeros((int(watched.weeks[-1] - watched.weeks[0]) + 1, 1))
        dense[watched.weeks - watched.weeks[0], 0] = weighed.sum(axis=1) - self.drift @ beyond - mean * watched.cases
        lags = lags_of(len(dense))
        reach = float(fixed_b(np.array(lags / len(dense)), level)) * sqrt(float(long_run(dense, lags)[0])) / came
        return Estimate(mean, mean - reach, mean + reach)
