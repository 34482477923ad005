"""Contrast: by how much two arms of entry weeks differ, and how far chance alone takes them apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from procmine.kernels.blocks import EntryWeeks, Floats, lags_of, long_run, t_quantile

POWER = 0.84  # normal quantile of 0.8: a difference that would be seen 4 times in 5


@dataclass(frozen=True, eq=False)
class Arm:
    """Per week, weeks without cases included: how many cases began, the sum of their values and of the squares."""

    n: Floats
    total: Floats
    squares: Floats

    @classmethod
    def of(cls, weeks: EntryWeeks, first: int, count: int, value: int, square: int) -> Arm:
        """The weeks `first` to `first + count`; column 0 counts cases, `value` and `square` are columns too."""
        return cls(*window(weeks, first, count)[:, [0, value, square]].T)

    @property
    def cases(self) -> float:
        return float(self.n.sum())

    @property
    def mean(self) -> float:
        return float(self.total.sum()) / self.cases if self.cases else float("nan")

    @property
    def variance(self) -> float:
        """Of the mean, if cases were independent."""
        if self.cases < 2:
            return float("nan")
        spread = max(float(self.squares.sum()) / self.cases - self.mean**2, 0.0)
        return spread / (self.cases - 1)


@dataclass(frozen=True)
class Contrast:
    """Mean after minus mean before with its 95% interval; `visible`: what would be seen 4 times in 5."""

    difference: float
    low: float
    high: float
    visible: float


def contrast(before: Arm, after: Arm, level: float = 0.95) -> Contrast:
    """The difference of two means of cases, whose weeks depend on each other as the weeks before did.

    V, the long-run variance of the weekly means before (each weighted by its cases), is Newey-West with
    S = ceil(1.3 sqrt K) lags and t with 1.5 K / S degrees (Lazarus et al. 2018);
    se = sqrt(max(V (1/K before + 1/K after), the variance if cases were independent)).
    """
    weeks, lags = len(before.n), lags_of(len(before.n))
    residual = (before.total - before.mean * before.n) * weeks / before.cases
    long = float(long_run(residual[:, None], lags)[0]) / weeks
    error = sqrt(max(long * (1 / weeks + 1 / len(after.n)), before.variance + after.variance))
    t = t_quantile(0.5 + level / 2, 1.5 * weeks / lags)
    found = after.mean - before.mean
    return Contrast(found, found - t * error, found + t * error, (t + POWER) * error)


def window(weeks: EntryWeeks, first: int, count: int) -> Floats:
    """The sums of `count` weeks from `first` on, weeks without cases as zeros."""
    dense = np.zeros((max(count, 0), weeks.sums.shape[1]))
    here = (weeks.week >= first) & (weeks.week < first + count)
    dense[weeks.week[here] - first] = weeks.sums[here]
    return dense


def complete_since(count: Floats) -> int:
    """The first week from which so many begin as later: that week, and on average the 4 and the 13 weeks from it on, have
    at least half of the middle week's of the last half-year or year. A log that fills up slowly holds survivors first."""
    half = max(float(np.median(count[-weeks:])) for weeks in (26, 52)) / 2 if len(count) else 0.0
    for week in range(len(count)):
        if all(count[week : week + span].mean() >= half for span in (1, 4, 13)):
            return week
    return len(count)
