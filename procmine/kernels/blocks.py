"""Entry weeks: sums over the cases that began in one week, and the intervals they give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.threads import plain

Ints = NDArray[np.int64]
Codes = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
DAY = 86_400_000_000
FIXED_B = {0.9: (1.6449, 2.1859, 0.3142, -0.3427), 0.95: (1.96, 2.9694, 0.416, -0.5324)}


def week_of(time: Ints) -> Ints:
    """Number of the week, Monday to Sunday, of each microsecond time; 1970-01-01 lies in week 0."""
    return (time // DAY + 3) // 7


def finished_weekly(
    arrival: Ints, begin: Ints, until: Ints, open_: NDArray[np.bool_], first: int, weeks: int
) -> tuple[Codes, Ints]:
    """Of cases that are not open: the week of the arrival, counted from `first` (at most `weeks`), and until - begin."""
    jit = compiled(len(arrival))
    if jit is None:
        done = ~open_
        return np.clip(week_of(arrival[done]) - first, 0, weeks - 1), (until - begin)[done]
    key, length = np.empty(len(arrival), np.uint16), np.empty(len(arrival), np.int64)
    n = jit.finished(*(plain(one) for one in (arrival, begin, until, open_)), first, weeks, key, length)
    return key[:n], length[:n]


@dataclass(frozen=True, eq=False)
class EntryWeeks:
    """`sums[k, j]`: column j added up over the cases that began in `week[k]`; weeks ascend, only those with cases."""

    week: Ints
    sums: Floats

    @classmethod
    def of(cls, week: Ints, column: Codes, value: Floats, columns: int) -> EntryWeeks:
        """Add `value` into (week, column); the three arrays have one length."""
        if not len(week):
            return cls(week, np.zeros((0, columns)))
        first = int(week.min())
        began = np.flatnonzero(np.bincount(week - first)) + first  # not `unique`: sorting 10 M weeks costs a second
        row = np.searchsorted(began, np.arange(first, began[-1] + 1))
        flat = np.bincount(row[week - first] * columns + column, value, len(began) * columns)
        return cls(began, flat.astype(np.float64, copy=False).reshape(-1, columns))

    @classmethod
    def of_events(
        cls, week: Ints, offset: Ints, activity: Codes, column: Ints, value: Ints, columns: int
    ) -> EntryWeeks:
        """Add up microseconds of events as seconds: case c began in `week[c]` and owns `offset[c]:offset[c + 1]`.

        An event of `activity` a counts in column `column[a]`.
        """
        jit = compiled(len(activity))
        weeks, row = np.unique(week, return_inverse=True)
        if jit is None:
            place = np.repeat(row, np.diff(offset)) * columns + column[activity]
            sums = np.bincount(place, value / 1e6, len(weeks) * columns)
            return cls(weeks, sums.astype(np.float64, copy=False).reshape(-1, columns))
        return cls(weeks, jit.add_by_case(row, offset, column, activity, value, len(weeks), columns))

    def merge(self, other: EntryWeeks) -> EntryWeeks:
        weeks, row = np.unique(np.concatenate((self.week, other.week)), return_inverse=True)
        sums = np.zeros((len(weeks), self.sums.shape[1]))
        np.add.at(sums, row, np.concatenate((self.sums, other.sums)))
        return EntryWeeks(weeks, sums)

    def shares(self, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """Each column's share of the sum of all columns, with the ends of its interval (nan below 8 weeks with cases).

        A ratio of two weekly sums, linearised: residual = week's part - share x week's whole. Its long-run variance is
        Newey-West with S = ceil(1.3 sqrt K) lags and t with 1.5 K / S degrees (Lazarus et al. 2018), on the logit scale so
        that the ends stay inside 0..1. Weeks without a case count as zeros.
        """
        part = self._dense()
        whole = part.sum(axis=1, keepdims=True)
        total = max(float(whole.sum()), 1e-300)
        share = part.sum(axis=0) / total
        if len(self.week) < 8:
            return share, np.full_like(share, np.nan), np.full_like(share, np.nan)
        lags = lags_of(len(part))
        error = np.sqrt(long_run(part - share * whole, lags)) / total
        reach = t_quantile(0.5 + level / 2, 1.5 * len(part) / lags) * error
        return share, *on_logit(share, reach)

    def ranks(self, columns: int, draws: int, seed: int, level: float = 0.95) -> tuple[Ints, Ints]:
        """Between which places (1 = largest) each of the first columns likely stands among those with a sum.

        The places in each draw of a bootstrap of the weeks, as Goldstein & Spiegelhalter (1996) rank institutions; 0 for a
        column without a sum.
        """
        there = np.flatnonzero(self.sums[:, :columns].sum(axis=0) > 0)
        low, high = np.zeros(columns, np.int64), np.zeros(columns, np.int64)
        if len(there):
            sums = week_weights(self.week, draws, seed) @ self._dense()[:, there]
            parts = np.round(
                sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-300), 12
            )  # ties are no matter of order
            place = np.argsort(np.argsort(-parts, axis=1, kind="stable"), axis=1) + 1
            ends = np.quantile(place, [0.5 - level / 2, 0.5 + level / 2], axis=0, method="inverted_cdf")
            low[there], high[there] = ends.astype(np.int64)
        return low, high

    def _dense(self) -> Floats:
        if not len(self.week):
            return self.sums
        dense = np.zeros((int(self.week[-1] - self.week[0]) + 1, self.sums.shape[1]))
        dense[self.week - self.week[0]] = self.sums
        return dense


def t_quantile(p: float, df: float) -> float:
    """Student's t quantile by the Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5): within 0.5% for df >= 4."""
    z = NormalDist().inv_cdf(p)
    one = (z**3 + z) / 4
    two = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    three = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + one / df + two / df**2 + three / df**3


def long_run(residual: Floats, lags: int) -> Floats:
    """Variance of each column's sum, allowing for dependence between weeks up to `lags` apart (Bartlett weights).

    The mean square of the sums over all windows of `lags` weeks, those that reach beyond the first and last week too: in it
    two weeks that are `lag` apart meet lags - lag times.
    """
    upto = np.cumsum(np.concatenate((np.zeros((lags, *residual.shape[1:])), residual)), axis=0)
    inside, after = upto[lags:] - upto[:-lags], upto[-1] - upto[len(upto) - lags : -1]
    variance: Floats = ((inside**2).sum(axis=0) + (after**2).sum(axis=0)) / lags
    return variance


def lags_of(weeks: int) -> int:
    """How many weeks apart sums are still taken to hang together, of so many weeks (Lazarus et al. 2018)."""
    return ceil(1.3 * sqrt(weeks))


def fixed_b(part: Floats, level: float = 0.95) -> Floats:
    """How many standard errors a range (95%, or 90%) of a mean over weeks reaches, when its long-run variance takes in a
    `part` of them as lags: as those few weeks tell the variance badly and too small (Kiefer & Vogelsang 2005; Bartlett).
    """
    one, two, three, four = FIXED_B[level]
    return one + part * (two + part * (three + part * four))


def on_logit(share: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Ends of ranges of shares that reach so far either way, inside 0..1."""
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    logit, width = np.log(inside / (1 - inside)), reach / (inside * (1 - inside))
    low, high = (1 / (1 + np.exp(-np.clip(logit + sign * width, -700, 700))) for sign in (-1, 1))
    certain = reach == 0
    return np.where(certain, share, low), np.where(certain, share, high)


def week_weights(weeks: Ints, draws: int, seed: int) -> Floats:
    """Weights[draw, week] for a bootstrap of entry weeks; every week from the first to the last, dependent neighbours.

    Mean 1, variance 1, and a covariance that falls linearly to 0 over S = ceil(1.3 sqrt K) weeks: sums over weeks then vary
    as their Newey-West long-run variance says (a dependent wild bootstrap, Shao 2010, with Gamma weights so that none is
    negative). Each weight depends on (seed, week, draw) alone, never on how a log was split. For ranges: `range_weights`.
    """
    if not len(weeks):
        return np.ones((draws, 0))
    return _drawn(weeks, draws, seed, 1.0)


def entry_weights(week: Ints, draws: int, seed: int) -> Iterator[Floats]:
    """Draw by draw the weight of each case: that of the week in which it began (`week_weights`)."""
    first = int(week.min())
    for weight in week_weights(np.arange(first, int(week.max()) + 1), draws, seed):
        yield weight[week - first]


def range_weights(weeks: Ints, cases: Floats, draws: int, seed: int) -> Floats:
    """As week_weights, of `weeks` with so many `cases` each, so wide that the middle 95% of draws are a 95% range.

    Percentiles of week_weights are too narrow: a mean's residuals add up to 0, which takes S / K off the variance, weights
    that vary together do the same again (those of a draw are divided by their mean here), and the variance of few weeks is
    itself uncertain: the draws vary by `fixed_b` over 1.96 more instead.
    """
    if not len(weeks):
        return np.ones((draws, 0))
    length = int(weeks[-1] - weeks[0]) + 1
    lags = lags_of(length)
    part = min(lags * float(cases @ cases) / max(float(cases.sum()) ** 2, 1e-300), 1.0)
    wider = float(fixed_b(np.array(part)) / FIXED_B[0.95][0]) ** 2
    drawn = _drawn(weeks, draws, seed, min(wider / max(1 - wider * part, 0.1), 10.0))
    weights: Floats = drawn / np.maximum(drawn.mean(axis=1, keepdims=True), 1e-300)
    return weights[:, weeks - weeks[0]]


def dense_weights(weeks: Ints, cases: Floats, draws: int, seed: int) -> Floats:
    """As range_weights, with a column for every week from the first to the last; 0 in those that are not there."""
    dense = np.zeros((draws, int(weeks[-1] - weeks[0]) + 1 if len(weeks) else 0))
    dense[:, weeks - weeks[0] if len(weeks) else weeks] = range_weights(weeks, cases, draws, seed)
    return dense


def _drawn(weeks: Ints, draws: int, seed: int, variance: float) -> Floats:
    lags = lags_of(weeks[-1] - weeks[0] + 1)
    shape = 1 / (lags * variance)
    pieces = np.stack([_gamma(seed, int(week), draws, shape) for week in range(weeks[0] - lags + 1, weeks[-1] + 1)])
    upto = np.concatenate((np.zeros((1, draws)), np.cumsum(pieces, axis=0)))
    return variance * (upto[lags:] - upto[:-lags]).T


def _gamma(seed: int, week: int, draws: int, shape: float) -> Floats:
    return np.random.default_rng([seed, week + 2**20]).standard_gamma(shape, draws)
