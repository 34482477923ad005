"""Gaps: how long until the next step, where a case that was slow before is watched for the shorter after.

All cases of a log are watched up to one day, so a case that comes to a step late in its life is cut off there sooner. What is
seen at an age of the case counts with one over the share of cases that could have been seen at that age (inverse
probability of censoring; Lin, Sun & Ying 1999 on gap times). With weights of 1 it is Kaplan-Meier's curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.blocks import lags_of, long_run, t_quantile
from procmine.kernels.counts import bin_of, least_of_bins
from procmine.kernels.durations import SECOND, Durations, Ints
from procmine.kernels.sorting import ascending

Floats = NDArray[np.float64]
AGES = 128  # bins of a case's age on coming to a step: 2 ** (bin / 8) - 1 days
DAY = 86_400_000_000
TREND = 3  # degree of the trend over the weeks that is not counted as chance
LEAST_WATCHED, LEAST_SHARE = 20, 0.05  # cases that could have been seen at an age; beyond, nothing is told
MOST = 2_000  # distinct lengths of the curve; of more, some, rounded up


def age_bin(age: Ints) -> Ints:
    """The bin of an age in microseconds."""
    if len(age) < 10_000:
        return _age_bin(age)
    begins, first = _age_edges()
    binned = first[bin_of(age)]
    binned += age >= begins[binned + 1]  # bins of `counts` are so narrow that an age's bin begins once in each at most
    return binned


def _age_bin(age: Ints) -> Ints:
    binned: Ints = np.clip(np.round(8 * np.log2(1 + age / DAY)), 0, AGES - 1).astype(np.int64)
    return binned


@lru_cache(maxsize=1)
def _age_edges() -> tuple[Ints, Ints]:
    """The least age in each bin (of one more: none is), and the bin of the least age in each bin of `counts`."""
    low, high, wanted = np.zeros(AGES, np.int64), np.full(AGES, 2**61), np.arange(AGES)
    while np.any(low < high):
        middle = (low + high) // 2
        there = _age_bin(middle) >= wanted
        low, high = np.where(there, low, middle + 1), np.where(there, middle, high)
    least = np.ceil(np.minimum(least_of_bins(), 2.0**62)).astype(np.int64)
    return np.append(low, np.iinfo(np.int64).max), _age_bin(least)


@dataclass(frozen=True, eq=False)
class Watched:
    """How long cases are watched, in seconds, ascending: `share(age)` of them could have been seen at that age."""

    length: Floats
    weighted: bool

    def weight(self, age: Floats) -> Floats:
        """One over that share; 0 where fewer than LEAST_WATCHED could have been seen, of few cases fewer than LEAST_SHARE."""
        if not self.weighted or not len(self.length):
            return np.ones_like(age)
        there = len(self.length) - np.searchsorted(self.length, age, side="left")
        enough = there >= min(LEAST_WATCHED, ceil(LEAST_SHARE * len(self.length)))
        return np.where(enough, len(self.length) / np.maximum(there, 1), 0.0)


@dataclass(frozen=True, eq=False)
class Gaps:
    """Lengths of one step: seconds, counts, whether they ended, bin of the case's age at the step, week its case began."""

    seconds: Floats
    count: Ints
    ended: NDArray[np.bool_]
    age: Ints
    week: Ints

    @classmethod
    def of(cls, left: Durations, still: Durations) -> Gaps:
        """Of Durations keyed by week * AGES + bin of age."""
        both = [np.concatenate(pair) for pair in ((left.value, still.value), (left.count, still.count))]
        key = np.concatenate((left.key, still.key))
        ended = np.arange(len(key)) < len(left.key)
        return cls(both[0] / SECOND, both[1], ended, key % AGES, key // AGES)


@dataclass(frozen=True, eq=False)
class GapCurve:
    """`left`: share not gone on after each of `seconds`; `error`: of that share at the middle, nan with too few weeks."""

    seconds: Floats
    left: Floats
    error: float
    df: float

    def quantile(self, p: float) -> float:
        """Seconds by which the share p had gone on; nan: not reached."""
        there = np.flatnonzero(self.left <= 1 - p + 1e-12)
        return float(self.seconds[there[0]]) if len(there) else float("nan")

    def middle(self) -> tuple[float, float]:
        """Seconds between which the middle likely lies (95%): where the curve is as far from half as its error reaches."""
        if not np.isfinite(self.error):
            return float("nan"), float("nan")
        reach = t_quantile(0.975, self.df) * self.error
        return self.quantile(max(0.5 - reach, 1e-9)), self.quantile(0.5 + reach) if reach < 0.5 else float("nan")


def gap_curve(gaps: Gaps, watched: Watched, pace: float, least_weeks: int) -> GapCurve:
    """The curve of one step; `pace`: seconds of the calendar in a second of the clock that the lengths are counted on."""
    distinct = ascending([gaps.seconds[gaps.ended]])
    if not len(distinct):
        return GapCurve(distinct, distinct, float("nan"), float("nan"))
    time = distinct[np.unique(np.linspace(0, len(distinct) - 1, MOST).astype(np.int64))]
    there = np.bincount(gaps.age, minlength=AGES) > 0
    bins, row = np.flatnonzero(there), (np.cumsum(there) - 1)[gaps.age]
    place, ends, leaving = _placed(gaps, row, time, len(bins))
    risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    weight = watched.weight((2 ** (bins / 8) - 1)[:, None] * 86_400 + time * pace)
    died, alive = (weight * ends).sum(axis=0), (weight * risk).sum(axis=0)
    known = alive > 0
    hazard = np.divide(died, alive, out=np.zeros_like(died), where=known)
    left = np.cumprod(1 - np.minimum(hazard, 1))
    last = int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0
    ratio = np.divide(weight, alive, out=np.zeros_like(weight), where=known)
    error, df = _error(gaps, row, place, ratio, hazard, left, least_weeks)
    return GapCurve(time[:last], left[:last], error, df)


def _placed(gaps: Gaps, row: Ints, time: Floats, rows: int) -> tuple[Ints, Floats, Floats]:
    """Per length the first of `time` that is not below it, of those that did not end the last at which they were still
    there; and how many of each row ended, and left, at each place."""
    jit = compiled(len(row))
    if jit is None:
        last_at = np.searchsorted(time, gaps.seconds, side="right") - 1
        place = np.where(gaps.ended, np.searchsorted(time, gaps.seconds), last_at)
        ended, every = (_table(row, place, gaps.count * kind, rows, len(time)) for kind in (gaps.ended, True))
        return place, ended, every
    first = np.searchsorted(time, np.minimum(least_of_bins(), 2.0**62) / SECOND * (1 - 1e-9))
    place, ends, leaving = np.empty(len(row), np.int64), *np.zeros((2, rows, len(time)))
    jit.place_gaps(gaps.seconds, gaps.ended, gaps.count, row, time, first, place, ends, leaving)
    return place, ends, leaving


def _table(row: Ints, place: Ints, count: Ints, rows: int, places: int) -> Floats:
    """Counts added up; those before the first place are left out."""
    here = place >= 0
    flat = np.bincount(row[here] * places + place[here], count[here], rows * places)
    return flat.reshape(rows, places).astype(np.float64)


def _error(
    gaps: Gaps, row: Ints, place: Ints, ratio: Floats, hazard: Floats, left: Floats, least_weeks: int
) -> tuple[float, float]:
    """Standard error of the share left at the middle, from sums over the weeks in which cases began, and its degrees of
    freedom: what each length adds to the cumulative hazard, less what was to be expected of it.
    """
    weeks = np.flatnonzero(np.bincount(gaps.week))
    half = np.flatnonzero(left <= 0.5 + 1e-12)
    if len(weeks) < least_weeks or not len(half):
        return float("nan"), float("nan")
    upto = int(half[0])
    expected = np.concatenate((np.zeros((len(ratio), 1)), np.cumsum(ratio * hazard, axis=1)), axis=1)
    first, length = int(weeks[0]), int(weeks[-1] - weeks[0]) + 1
    jit = compiled(len(row))
    if jit is None:
        seen = np.minimum(place, upto) + 1
        counted = gaps.ended & (place <= upto)
        own = np.where(counted, ratio[row, place], 0.0)
        residual = (own - expected[row, seen]) * gaps.count
        sums = np.bincount(gaps.week - first, residual, length).astype(np.float64)
    else:
        sums = np.zeros(length)
        week = gaps.week - first
        jit.add_residuals(gaps.ended, gaps.count, row, place, week, np.ascontiguousarray(ratio), expected, upto, sums)
    lags = lags_of(length)
    return float(left[upto] * np.sqrt(long_run(_level(sums)[:, None], lags)[0])), 1.5 * length / lags


def _level(sums: Floats) -> Floats:
    """Without their trend over the weeks: late weeks show the quick only, which the weights make good and is no chance."""
    at = np.linspace(-1, 1, len(sums))
    fitted = np.vander(at, TREND + 1)
    rest: Floats = sums - fitted @ np.linalg.lstsq(fitted, sums)[0]
    return rest * sqrt(len(sums) / (len(sums) - TREND - 1))
