"""Means over all cases that came, open ones included: what was seen is weighed by the chance of being seen at that age."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from procmine.kernels.blocks import week_of, week_weights
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.survival import Floats
from procmine.log import EventLog
from procmine.see.survival import DRAWS, LEAST_WEEKS, SEED

MOST_AGES = 600  # distinct ages of open cases that are kept apart; more are rounded up to some of them
LEAST_CHANCE = 0.05  # of being seen: what happens to cases older than that is left out, as few would speak for many
LEVEL = 0.95
FIXED_B = {
    0.9: (1.6449, 2.1859, 0.3142, -0.3427),
    0.95: (1.96, 2.9694, 0.416, -0.5324),
}  # Kiefer & Vogelsang 2005, Bartlett


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

    def chances(self, weights: Floats) -> Floats:
        """[draws, ages + 1]: the chance of being watched up to the first age, beyond it up to the second, and so on."""
        after, gone = weights @ self.after, weights @ self.gone
        left = np.cumprod(after / np.maximum(after + gone, 1e-300), axis=1)
        return np.concatenate((np.ones((len(left), 1)), left), axis=1)

    def draws(self) -> Floats | None:
        """Weights of the weeks; None where they are too few for a range."""
        if len(self.weeks) < LEAST_WEEKS:
            return None
        return week_weights(self.weeks, DRAWS, SEED)[:, self.weeks - self.weeks[0]]


def _table(row: Ints, column: Ints, rows: int, columns: int, value: Floats | None = None) -> Floats:
    """[rows, columns] of sums."""
    flat = np.bincount(row * columns + column, value, rows * columns)
    return flat.astype(np.float64).reshape(rows, columns)


@dataclass(frozen=True, eq=False)
class Scale:
    """Weighs what happened in the cases of one log: made once, asked for every step."""

    watched: Watched
    place: Ints  # per event, its column among the chances
    case: Ints  # per event
    kept: Floats  # per column, 1 / chance, 0 where that is too small
    draws: Floats | None
    inverse: Floats | None  # the same for every draw

    @classmethod
    def of(cls, log: EventLog) -> Scale:
        watched, case = Watched.of(log), cases_of(log.offset)
        place = np.searchsorted(watched.ages, log.time - log.arrival[case])
        chance = watched.chances(np.ones((1, len(watched.weeks))))[0]
        enough = chance >= LEAST_CHANCE
        kept = np.where(enough, 1 / np.where(enough, chance, 1.0), 0.0)
        draws = watched.draws()
        inverse = (
            None if draws is None else np.where(enough, 1 / np.maximum(watched.chances(draws), 0.2 * LEAST_CHANCE), 0)
        )
        return cls(watched, place, case, kept, draws, inverse)

    @property
    def horizon(self) -> float:
        """Seconds of age up to which cases are counted; nan: to their end."""
        left_out = np.flatnonzero(self.kept == 0)
        return float(self.watched.ages[left_out[0] - 1] / 1e6) if len(left_out) else float("nan")

    def weight(self) -> Floats:
        """Per event: how many events of that age it stands for."""
        return self.kept[self.place]

    def mean(self, value: Floats, level: float = LEVEL) -> Estimate:
        """Mean per case that came of what its events (`value`, one each) add up to; the range draws entry weeks again."""
        here = np.flatnonzero(value)
        watched = self.watched
        rows, columns = len(watched.weeks), len(watched.ages) + 1
        table = _table(watched.week[self.case[here]], self.place[here], rows, columns, value[here])
        mean = float((table @ self.kept).sum() / max(watched.cases.sum(), 1.0))
        if self.draws is None or self.inverse is None:
            return Estimate(mean, float("nan"), float("nan"))
        drawn = ((self.draws @ table) * self.inverse).sum(axis=1) / (self.draws @ watched.cases)
        reach = (np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) - mean) * self._wider(level)
        return Estimate(mean, mean + float(min(reach[0], 0)), mean + float(max(reach[1], 0)))

    def _wider(self, level: float) -> float:
        """How much wider than the draws say: few weeks tell little of how they hang together (fixed-b asymptotics)."""
        weeks = self.watched.weeks
        share = min(ceil(1.3 * sqrt(weeks[-1] - weeks[0] + 1)) / (weeks[-1] - weeks[0] + 1), 1.0)
        first, *rest = FIXED_B[level]
        return float(sum(one * share**power for power, one in enumerate((first, *rest))) / first)
