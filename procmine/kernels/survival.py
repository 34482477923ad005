"""How long until it ends, when some have not ended yet: Kaplan-Meier, with bounds where durations are binned."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.durations import SECOND, Durations, Ints, edges
from procmine.kernels.sorting import ascending, stable_order

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """Share not ended after each time: `survival`, between `lower` and `upper`; equal when the durations are exact.

    `left` and `right` (seconds) are the edges of the bin; equal when exact. `risk`: how many were watched just before.
    """

    left: Floats
    right: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    risk: Floats

    def quantile(self, p: float) -> tuple[float, float]:
        """Seconds by which the share p had ended, as a (low, high) pair; nan where the curve never gets there."""
        return _first(self.left, self.lower, 1 - p), _first(self.right, self.upper, 1 - p)

    def reached(self, p: float) -> float:
        """The middle of the two."""
        return sum(self.quantile(p)) / 2

    def at_risk(self, p: float) -> float:
        """How many were still watched when the share p had ended; nan where the curve never gets there."""
        return _first(self.risk, self.survival, 1 - p)

    def left_at(self, horizon: float) -> float:
        """Share not ended by so many seconds."""
        place = int(np.searchsorted(self.right, horizon, side="right"))
        return float(self.survival[place - 1]) if place else 1.0

    def mean_within(self, horizon: float) -> float:
        """Seconds: the mean of the time until the end, what lasts longer than the horizon counting as the horizon."""
        time = np.minimum((self.left + self.right) / 2, horizon)
        return float(np.append(1.0, self.survival) @ np.diff(np.concatenate(([0.0], time, [horizon]))))


def kaplan_meier(ended: Durations, still_open: Durations, key: int = 0, late: Durations | None = None) -> Curve:
    """The curve of one key. Ends come before censorings at the same time; a duration of 0 counts.

    `late` holds, for those that were watched only some time after their beginning, how long after: at risk from then on
    (left truncation; an end at that very time is not yet seen).

    On the grid nobody knows the order inside a bin: censored first gives the lower bound, ended first the upper, and the
    estimate counts half of the censored as at risk (actuarial).
    """
    left, right, exact, (d, c) = _tables(key, ended, still_open)
    n = _at_risk(d + c) - _not_yet(left, late, key, exact)
    spread = (0.0, 0.0, 0.0) if exact else (1.0, 0.5, 0.0)
    lower, mid, upper = (_product(d, n - part * c) for part in spread)
    return Curve(left, right, mid, lower, upper, n)


def incidence(
    ended: Durations, otherwise: Durations, still_open: Durations, key: int = 0, late: Durations | None = None
) -> Curve:
    """Share that has not (yet) ended in this way, when cases may end otherwise (Aalen-Johansen, as 1 - incidence).

    Bounds on the grid as for `kaplan_meier`: sum of S(before) d / n with the most and the fewest at risk.
    """
    left, right, exact, (d, other, c) = _tables(key, ended, otherwise, still_open)
    n = _at_risk(d + other + c) - _not_yet(left, late, key, exact)
    spread = ((0.0, 0.0),) * 3 if exact else ((1.0, 0.0), (0.5, 0.5), (0.0, 1.0))
    lower, mid, upper = (
        1 - np.cumsum(_before(_product(d + other, n - late * c)) * d / np.maximum(n - early * c, 1e-300))
        for early, late in spread
    )
    return Curve(left, right, mid, np.clip(lower, 0, 1), np.clip(upper, 0, 1), n)


@dataclass(frozen=True, eq=False)
class Weekly:
    """Counts of cases by entry week and length: `ended`, `otherwise`, `open` are [weeks, values] arrays; seconds ascend.

    `late` counts those of each week that are not watched yet at each length.
    """

    weeks: Ints
    seconds: Floats
    ended: Floats
    otherwise: Floats
    open: Floats
    late: Floats

    @classmethod
    def of(
        cls,
        ended: Durations,
        otherwise: Durations,
        still_open: Durations,
        late: Durations | None = None,
        most: int = 2_000,
    ) -> Weekly:
        """From Durations keyed by entry week; more than `most` distinct lengths are rounded up to some of them."""
        kinds = [ended, otherwise, still_open]
        weeks = ascending([np.flatnonzero(kind.n()) for kind in kinds])
        value = ascending([kind.distinct() for kind in kinds if kind.most] or [weeks])
        kept = value[np.unique(np.linspace(0, max(len(value) - 1, 0), most).astype(np.int64))] if len(value) else value
        ends, others, waiting = (kind.table(weeks, kept) for kind in kinds)
        return cls(weeks, kept / SECOND, ends, others, waiting, _late_weekly(weeks, kept, late))

    def shares_ended(self, weights: Floats) -> Floats:
        """[draws, values]: share ended in this way by each length (Aalen-Johansen), with `weights` [draws, weeks]."""
        d, other, c = (weights @ table if table.any() else 0.0 for table in (self.ended, self.otherwise, self.open))
        leaving = d + other + c + np.zeros((len(weights), len(self.seconds)))
        late = weights @ self.late if self.late.any() else 0.0
        n = np.maximum(np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1] - late, 1e-300)
        left = np.cumprod(np.clip(1 - (d + other) / n, 0, 1), axis=1)
        before = np.concatenate((np.ones((len(left), 1)), left[:, :-1]), axis=1)
        return np.cumsum(before * d / n, axis=1)

    def within(self, weights: Floats, horizon: float) -> tuple[Floats, Floats]:
        """Per draw: share ended in this way within so many seconds, and the mean time, at most the horizon."""
        reached = self.shares_ended(weights)
        time = np.minimum(np.concatenate(([0.0], self.seconds, [horizon])), horizon)
        left = 1 - np.concatenate((np.zeros((len(reached), 1)), reached), axis=1)
        place = int(np.searchsorted(self.seconds, horizon, side="right"))
        return 1 - left[:, place], left @ np.diff(time)

    def quantiles(self, weights: Floats, shares: Floats) -> Floats:
        """[draws, shares]: seconds by which each share had ended; inf where a curve never gets there."""
        reached = self.shares_ended(weights)
        time = np.append(self.seconds, np.inf)
        return np.stack([time[np.searchsorted(row + 1e-12, shares)] for row in reached])


def apart(durations: Durations, k: int) -> list[Durations]:
    """Durations whose keys are week * k + kind, as k of them, one a kind, keyed by week."""
    order = stable_order((durations.key % k).astype(np.int32))
    edge = np.searchsorted(durations.key[order] % k, np.arange(k + 1))
    key, value, count = durations.key[order] // k, durations.value[order], durations.count[order]
    weeks = -(-durations.keys // k)
    return [
        Durations(weeks, key[one:end], value[one:end], count[one:end], durations.exact, durations.cap)
        for one, end in pairwise(edge)
    ]


def in_turn(durations: Durations, k: int) -> list[Durations]:
    """Durations whose keys are kind * keys / k + rest, as k of them, one a kind, keyed by the rest."""
    rest = durations.keys // max(k, 1)
    edge = np.searchsorted(durations.key, np.arange(k + 1) * rest)
    key, value, count = durations.key, durations.value, durations.count
    return [
        Durations(rest, key[one:end] - kind * rest, value[one:end], count[one:end], durations.exact, durations.cap)
        for kind, (one, end) in enumerate(pairwise(edge))
    ]


def _late_weekly(weeks: Ints, kept: Ints, late: Durations | None) -> Floats:
    """[weeks, values]: how many of each week are watched only from that length on, or later."""
    table = np.zeros((len(weeks), len(kept) + 1))
    if late is not None and len(late.value):
        here = np.isin(late.key, weeks)  # who left before being watched does not count
        place = np.searchsorted(kept, late.value[here], side="right")
        np.add.at(table, (np.searchsorted(weeks, late.key[here]), place), late.count[here])
    return np.cumsum(table[:, ::-1], axis=1)[:, ::-1][:, 1:]


def _not_yet(time: Floats, late: Durations | None, key: int, exact: bool) -> Floats | float:
    """At each time (seconds), how many are not watched yet."""
    if late is None or not len(late.value):
        return 0.0
    value, count = (late if exact and late.exact else late.coarse()).only(key)
    since = value / SECOND if exact else edges(value)[0] / SECOND
    gone = np.concatenate(([0.0], np.cumsum(count)))
    waiting: Floats = gone[-1] - gone[np.searchsorted(since, time, side="left")]
    return waiting


def _tables(key: int, *kinds: Durations) -> tuple[Floats, Floats, bool, list[Floats]]:
    """Edges (seconds) of the distinct values of all kinds, whether exact, and each kind's count at each value."""
    exact = all(kind.exact for kind in kinds)
    found = [(kind if exact else kind.coarse()).only(key) for kind in kinds]
    value = ascending([one for one, _ in found])
    counts = [np.zeros(len(value)) for _ in found]
    for count, (one, n) in zip(counts, found):
        count[np.searchsorted(value, one)] = n
    left, right = (value * 1.0, value * 1.0) if exact else edges(value)
    return left / SECOND, right / SECOND, exact, counts


def _at_risk(leaving: Floats) -> Floats:
    return np.cumsum(leaving[::-1], dtype=np.float64)[::-1]


def _product(d: Floats, n: Floats) -> Floats:
    factor = np.where(d > 0, 1 - d / np.maximum(n, 1e-300), 1.0)
    return np.cumprod(np.maximum(factor, 0.0), dtype=np.float64)


def _before(survival: Floats) -> Floats:
    return np.concatenate(([1.0], survival[:-1])) if len(survival) else survival


def _first(time: Floats, share: Floats, level: float) -> float:
    reached = bisect_left(share, -(level + 1e-12), key=lambda one: -one)  # shares never rise
    return float(time[reached]) if reached < len(share) else float("nan")
