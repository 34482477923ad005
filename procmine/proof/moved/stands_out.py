"""Stands out: which of many differences between two arms of entry weeks exceed what chance makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import Floats, fixed_b, lags_of, long_run
from procmine.proof.moved.student import outside, reaches

Flags = NDArray[np.bool_]

LEAST = 10  # cases in each arm
LEVEL = 0.05  # for all differences together


@dataclass(frozen=True, eq=False)
class Sums:
    """Per week and question: how many are counted, the sum of their values, and of the squares."""

    n: Floats
    total: Floats
    squares: Floats

    @property
    def cases(self) -> Floats:
        found: Floats = self.n.sum(axis=0)
        return found

    @property
    def mean(self) -> Floats:
        found: Floats = self.total.sum(axis=0) / np.where(self.cases > 0, self.cases, np.nan)
        return found

    @property
    def spread(self) -> Floats:
        """Variance of the values."""
        found: Floats = np.maximum(self.squares.sum(axis=0) / np.maximum(self.cases, 1) - self.mean**2, 0.0)
        return found


@dataclass(frozen=True, eq=False)
class Differences:
    """Per question: after minus before, with its range; `out`: it stands out among all. nan: too few to tell.

    The ranges hold together in 95 of 100 logs, and leave out 0 exactly where the difference stands out.
    """

    before: Floats
    after: Floats
    difference: Floats
    low: Floats
    high: Floats
    out: Flags

    @property
    def counted(self) -> int:
        """How many could be told."""
        return int(np.isfinite(self.difference).sum())


@dataclass(frozen=True, eq=False)
class _Errors:
    """Standard errors by weeks that depend on each other, and by independent cases, and how far chance takes each."""

    weeks: Floats
    cases: Floats
    stretch: float
    df_weeks: float
    df_cases: Floats

    def chance(self, difference: Floats) -> Floats:
        """That of a difference as large, by the more cautious of the two."""
        with np.errstate(divide="ignore", invalid="ignore"):
            by_weeks = outside(_ratio(difference, self.weeks) / self.stretch, np.array(self.df_weeks))
            by_cases = outside(_ratio(difference, self.cases), self.df_cases)
        return np.maximum(by_weeks, by_cases)

    def reach(self, level: Floats) -> Floats:
        by_weeks = reaches(level, np.array(self.df_weeks)) * self.stretch * self.weeks
        return np.maximum(by_weeks, reaches(level, self.df_cases) * self.cases)


def differences(before: Sums, after: Sums, shares: Flags) -> Differences:
    """Of the means (`shares`: of zeros and ones) of two arms, whose weeks depend on each other as those before did.

    By weeks: Newey-West's long-run variance of the weekly sums before, with critical values for so many lags of so many
    weeks, as in `kernels.contrast`, the arm after told less surely where it has fewer cases a week. By cases: never less
    than for independent ones, pooled or not. Holm (1979) over all questions that can be told.
    """
    told = (before.cases >= LEAST) & (after.cases >= LEAST)
    found = after.mean - before.mean
    errors = _errors(before, after, shares, np.where(told, before.mean, 0.0))
    chance = np.where(told, errors.chance(np.where(told, found, 0.0)), np.nan)
    level, out = _holm(chance, np.column_stack((np.abs(found), errors.weeks, errors.cases)))
    reach = errors.reach(level)
    low, high = (np.where(told, found + sign * reach, np.nan) for sign in (-1, 1))
    found = np.where(told, found, np.nan)
    return Differences(before.mean, after.mean, found, low, high, out)


def _errors(before: Sums, after: Sums, shares: Flags, mean: Floats) -> _Errors:
    weeks, later = len(before.n), len(after.n)
    lags, n, m = lags_of(weeks), np.maximum(before.cases, 2), np.maximum(after.cases, 2)
    residual = (before.total - mean * before.n) * weeks / n
    long = long_run(residual, lags) / weeks
    fewer = np.maximum((n / weeks) / (m / later), 1.0)
    df = 1.5 * weeks / lags
    stretch = float(fixed_b(np.array(lags / weeks)) / reaches(np.array(0.05), np.array(df)))
    spread = [np.nan_to_num(arm.spread) for arm in (before, after)]
    apart = spread[0] / (n - 1) + spread[1] / (m - 1)
    whole = (before.total.sum(axis=0) + after.total.sum(axis=0)) / (n + m)
    within = (spread[0] * n + spread[1] * m) / (n + m - 2)
    pooled = np.where(shares, np.clip(whole * (1 - whole), 0.0, 0.25), within) * (1 / n + 1 / m)
    by_weeks = np.sqrt(long * (1 / weeks + fewer / later))
    return _Errors(by_weeks, np.sqrt(np.maximum(apart, pooled)), max(stretch, 1.0), df, np.minimum(n, m) - 1)


def _holm(chance: Floats, statistics: Floats) -> tuple[Floats, Flags]:
    """The level for each question's range, and whether it stands out; questions with the same statistics count once."""
    told = np.flatnonzero(np.isfinite(chance))
    level, out = np.full(len(chance), LEVEL), np.zeros(len(chance), bool)
    if not len(told):
        return level, out
    alike = np.unique(_rounded(statistics[told]), axis=0, return_inverse=True)[1].ravel()
    many = int(alike.max()) + 1
    least = np.full(many, np.inf)
    np.minimum.at(least, alike, chance[told])
    order = np.argsort(least, kind="stable")
    allowed = LEVEL / (many - np.arange(many))
    kept = int(np.argmin(np.append(least[order] <= allowed, False)))
    of_each = np.empty(many)
    of_each[order] = np.where(np.arange(many) < kept, allowed, allowed[min(kept, many - 1)])
    stands = np.zeros(many, bool)
    stands[order[:kept]] = True
    level[told], out[told] = of_each[alike], stands[alike]
    return level, out


def _rounded(values: Floats) -> Floats:
    """To nine digits."""
    size = 10.0 ** np.floor(np.log10(np.maximum(np.abs(values), 1e-300)))
    found: Floats = np.round(values / size, 8) * size
    return found


def _ratio(difference: Floats, error: Floats) -> Floats:
    """0 where neither differs, infinite where only the difference does."""
    return np.where(difference == 0, 0.0, np.abs(difference) / error)
