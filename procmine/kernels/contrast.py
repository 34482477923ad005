"""Contrast: by how much two arms of entry weeks differ, and how far chance alone takes them apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import EntryWeeks, Floats, lags_of, long_run, t_quantile

Flags = NDArray[np.bool_]
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
    def parts(self) -> tuple[Floats, Floats, Floats]:
        return self.n, self.total, self.squares

    @property
    def cases(self) -> float:
        return float(self.n.sum())

    @property
    def mean(self) -> float:
        return float(self.total.sum()) / self.cases if self.cases else float("nan")


@dataclass(frozen=True)
class Contrast:
    """Mean after minus mean before with its 95% interval; `visible`: what would be seen 4 times in 5."""

    difference: float
    low: float
    high: float
    visible: float


def contrast(before: Arm, after: Arm, level: float = 0.95, swing: float | None = None) -> Contrast:
    """The difference of two means of cases, whose weeks depend on each other as the weeks before did (see `Standard`)."""
    weeks = len(before.n) + len(after.n)
    cells = Cells(*(np.concatenate(pair)[None, :] for pair in zip(before.parts, after.parts)))
    first = np.arange(weeks) < len(before.n)
    return Standard.of(cells, first).against(first, ~first, swing).contrast(level)


@dataclass(frozen=True, eq=False)
class Cells:
    """Per stratum and week (rows and columns): how many cases began, the sum of their values and of the squares."""

    n: Floats
    total: Floats
    squares: Floats

    def sums(self, weeks: Floats) -> tuple[Floats, Floats, Floats]:
        """Per stratum, each week as often as `weeks` says."""
        return self.n @ weeks, self.total @ weeks, self.squares @ weeks

    def only(self, strata: Flags) -> Cells:
        return Cells(self.n[strata], self.total[strata], self.squares[strata])


@dataclass(frozen=True)
class Estimate:
    """Mean after minus mean before, of the same mix of strata and without the season; `error`: its standard error.

    `mean`: before, at that mix; `degrees`: of freedom of the error.
    """

    difference: float
    error: float
    degrees: float
    mean: float

    def reach(self, level: float = 0.95) -> float:
        """How far a range of this level reaches either way."""
        return t_quantile(0.5 + level / 2, self.degrees) * self.error

    def contrast(self, level: float = 0.95) -> Contrast:
        reach = self.reach(level)
        return Contrast(self.difference, self.difference - reach, self.difference + reach, reach + POWER * self.error)


@dataclass(frozen=True, eq=False)
class Standard:
    """What the weeks before say of the mix of strata, of the time of the year, and of how weeks vary.

    Windows are averaged over strata with the shares that these had before. `left[week]` is what the cases of a week took more
    than their strata and the season did before, added up. The long-run variance of a week's mean is Newey-West's with
    S = ceil(1.3 sqrt K) lags, over 1 - b + b^2 / 3 (b = S / K) because residuals of a mean add up to 0, and has 1.5 K / S
    degrees (Lazarus et al. 2018): with t these are the critical values of Kiefer & Vogelsang (2005), at any level. `shock`
    is what of it independent cases do not explain. What cases vary by is taken from each window itself.
    """

    cells: Cells
    before: Flags
    share: Floats
    left: Floats
    waves: Floats  # two waves of the year by week; zeros: no season is taken out
    heights: Floats
    inverse: Floats  # of the sums of squares of 1 and the waves, weighted by cases
    long: float
    shock: float

    @classmethod
    def of(cls, cells: Cells, before: Flags, waves: Floats | None = None) -> Standard:
        """`before` marks weeks; `waves[:, week]`: cosine and sine of the year, to be taken out (None: nothing is)."""
        once = before.astype(np.float64)
        n, total, _ = cells.sums(once)
        share, means = n / max(n.sum(), 1.0), total / np.maximum(n, 1.0)
        residual, count = (cells.total - means[:, None] * cells.n).sum(axis=0), cells.n.sum(axis=0)
        known = np.zeros((2, len(before))) if waves is None else waves
        design = np.vstack((np.ones(len(before)), known))
        inverse = np.linalg.pinv((design * count * once) @ design.T)
        fitted = inverse @ (design * once) @ residual
        left = residual - count * (fitted @ design)
        weeks, cases = int(before.sum()), max(float(n.sum()), 1.0)
        lags = lags_of(weeks)
        part = min(lags / weeks, 1.0)
        moves = left[before, None] * weeks / cases
        long = float(long_run(moves, lags)[0]) / weeks / (1 - part + part**2 / 3)
        alone = weeks * _alone(cells, once, once, share)
        return cls(cells, before, share, left, known, fitted[1:], inverse, long, max(long - alone, 0.0))

    @property
    def weeks(self) -> int:
        return int(self.before.sum())

    def mean(self, weeks: Floats) -> float:
        """Of the cases of these weeks, at the mix before, without the season."""
        n, total, _ = self.cells.sums(weeks)
        share = _shares(self.share, n)
        return float(share @ (total / np.maximum(n, 1.0))) - float(self.heights @ self._turn(weeks))

    def against(self, before: NDArray[Any], after: NDArray[Any], swing: float | None = None) -> Estimate:
        """The weeks `after` beside the weeks `before`; either counts each week so many times (or not at all).

        swing: how many times as far as before a shock moves the mean since; none: as many as the mean is of that before.
        Shocks that move less are taken to move halfway between that and as far as before.
        """
        one, two = before.astype(np.float64), after.astype(np.float64)
        mean, since = self.mean(one), self.mean(two)
        moved = self._moved(one, two)
        ratio = min(swing if swing is not None else since / mean if mean > 0 else 1.0, 2.0)
        scale = (1 + ratio) / 2 if swing is None else max((1 + ratio) / 2, ratio)
        factor = moved + scale**2 * float((two**2).sum()) / float(two.sum()) ** 2
        once = self.before.astype(np.float64)
        cases = _alone(self.cells, one, once, self.share) * moved / (float((one**2).sum()) / float(one.sum()) ** 2)
        variance = cases + _alone(self.cells, two, once, self.share) + self.shock * factor
        lags, degrees = lags_of(self.weeks), max(float(self.cells.sums(two)[0].sum()) - 1, 1.0)
        if self.shock > 0:
            degrees = min(degrees, 1.5 * self.weeks / lags * max(variance / (factor * self.long), 1.0) ** 2)
        return Estimate(since - mean, sqrt(variance), degrees, mean)

    def _turn(self, weeks: Floats) -> Floats:
        count = self.cells.n.sum(axis=0) * weeks
        turn: Floats = self.waves @ count / max(float(count.sum()), 1.0)
        return turn

    def _moved(self, before: Floats, after: Floats) -> float:
        """By how much of a week's variance the mean of `before`, and the season's part of the difference, vary."""
        count = self.cells.n.sum(axis=0)
        apart = self._turn(after) - self._turn(before)
        season = apart @ self.inverse[1:] @ np.vstack((np.ones(len(count)), self.waves))
        own = before / max(float(count @ before), 1.0)
        weight = (own + season * self.before) * float(count[self.before].sum()) / self.weeks
        return float((weight**2).sum())


def _shares(share: Floats, n: Floats) -> Floats:
    """Of the strata with a case; the others' part is theirs."""
    there = np.where(n > 0, share, 0.0)
    found: Floats = there / max(float(there.sum()), 1e-300)
    return found


FEW = 10  # cases, whose own spread tells little


def _alone(cells: Cells, weeks: Floats, before: Floats, share: Floats) -> float:
    """Variance of the mean of `weeks` at that mix, were cases independent; few cases vary as all of these weeks do."""
    n, total, squares = cells.sums(weeks)
    if n.sum() < 2:
        n, total, squares = cells.sums(before)
    spread = np.maximum(squares - total**2 / np.maximum(n, 1.0), 0.0)
    pooled = spread.sum() / max(float(np.maximum(n - 1, 0).sum()), 1.0)
    own = np.where(n >= FEW, spread / np.maximum(n - 1, 1.0), pooled)
    often = cells.n @ weeks**2 / np.maximum(cells.n @ weeks, 1.0) ** 2
    return float(_shares(share, cells.n @ weeks) ** 2 @ (own * often))


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
