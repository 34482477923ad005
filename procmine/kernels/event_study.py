"""Event study: one office beside others over time, and how far chance alone takes them apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt

import numpy as np

from procmine.kernels.blocks import Floats, Ints, fixed_b, lags_of, long_run, t_quantile

COUNT, TOTAL, SQUARES = range(3)  # last axis of sums by office and week
MANY_OFFICES = 10  # comparison offices that are enough to tell by them alone what happens where nothing was changed


@dataclass(frozen=True)
class Effect:
    """Mean since minus mean before with its range; p: how often chance alone sets them so far apart."""

    value: float
    low: float
    high: float
    p: float


UNTOLD = Effect(np.nan, np.nan, np.nan, np.nan)


@dataclass(frozen=True, eq=False)
class Series:
    """A value and a weight per week in order of time, of which the last `since` come after the change."""

    value: Floats
    weight: Floats
    since: int

    def difference(self) -> float:
        """Weighted mean since minus before; nan without a week on either side."""
        return float(self.turns()[0][0]) if 0 < self.since < len(self.value) else float("nan")

    def turns(self) -> tuple[Floats, Floats]:
        """The weeks stand in a ring; for each number of weeks by which it is turned, the mean of those that come to stand
        after the change less the mean of the others: of the values, and of an effect of 1 since the change."""
        weeks, since = len(self.value), self.since
        effect = (np.arange(weeks) >= weeks - since) * self.weight
        whole = np.stack((self.weight, self.weight * self.value, effect))
        upto = np.cumsum(np.concatenate((np.zeros((3, 1)), whole, whole), axis=1), axis=1)
        first = (np.arange(weeks) + weeks - since) % weeks
        after = upto[:, first + since] - upto[:, first]
        before = upto[:, [weeks]] - after
        before[0], after[0] = np.maximum(before[0], 1e-300), np.maximum(after[0], 1e-300)
        return after[1] / after[0] - before[1] / before[0], after[2] / after[0] - before[2] / before[0]

    def permuted(self, level: float = 0.95) -> Effect:
        """By moving-block permutation over time (Chernozhukov, Wuthrich & Zhu 2021).

        Turning the ring keeps neighbours together, however much one week depends on the last. p: the share of turns whose two
        parts lie at least as far apart. The range holds every effect that, taken off the weeks since, would not stand out so;
        it is endless where there are fewer than 1 / (1 - level) weeks.
        """
        if not 0 < self.since < len(self.value):
            return UNTOLD
        part, own = self.turns()
        found, least = float(part[0]), 1e-9 * max(float(np.abs(self.value).max()), 1e-300)
        p = float(np.mean(np.abs(part) >= abs(found) - least))
        # a turn lies as far apart as the weeks themselves for effects between two bounds: |part - own e| >= |found - e|
        part, own = part[1:], np.clip(own[1:], 1e-12 - 1, 1 - 1e-12)
        bounds = np.stack(((found - part) / (1 - own), (found + part) / (1 + own)))
        left_out = floor((1 - level) * len(self.value) + 1e-9)
        low = np.sort(np.append(bounds.min(axis=0), -np.inf))[left_out]
        high = np.sort(np.append(bounds.max(axis=0), np.inf))[-1 - left_out]
        return Effect(found, min(float(low), found), max(float(high), found), p)

    def linear(self, level: float = 0.95) -> Effect:
        """The range from the long-run variance of the weeks around the two means (Newey-West, fixed b)."""
        weeks, since = len(self.value), self.since
        if not 0 < since < weeks:
            return UNTOLD
        found, lags = self.difference(), lags_of(weeks)
        after = np.arange(weeks) >= weeks - since
        left = np.zeros(weeks)
        for side, sign in ((after, 1), (~after, -1)):
            whole = max(float(self.weight[side].sum()), 1e-300)
            left[side] = (
                sign * self.weight[side] * (self.value[side] - self.weight[side] @ self.value[side] / whole) / whole
            )
        error = float(np.sqrt(long_run(left[:, None], lags)[0]))
        part = np.array(min(lags / 2 * (1 / min(since, weeks - since) + 1 / weeks), 1.0))
        reach = float(fixed_b(part, level)) * error
        return Effect(found, found - reach, found + reach, float("nan"))

    def without(self, effect: float) -> Series:
        """As if there had been no such effect."""
        return Series(
            self.value - effect * (np.arange(len(self.value)) >= len(self.value) - self.since), self.weight, self.since
        )


def apart(sums: Floats, weights: Floats, since: int) -> tuple[Series, Ints]:
    """Mean of the first office minus the weighted mean of the others, week by week, and which weeks these are.

    sums[office, week]: count and total (`weights`: one for each office but the first). Each office is counted from its own
    mean, so that a week in which one of them has no case does not shift the difference; weeks without any case of the first
    office, or of all others, are left out. A week weighs as much as the first office has cases in it.
    """
    count, total = sums[..., COUNT], sums[..., TOTAL]
    level = total.sum(axis=1) / np.maximum(count.sum(axis=1), 1)
    off = np.where(count > 0, total / np.maximum(count, 1) - level[:, None], 0.0)
    weight = weights[:, None] * (count[1:] > 0)
    whole = weight.sum(axis=0)
    kept = np.flatnonzero((count[0] > 0) & (whole > 0))
    beside = (weight * off[1:]).sum(axis=0)[kept] / whole[kept]
    return Series(off[0, kept] - beside, count[0, kept], int((kept >= count.shape[1] - since).sum())), kept


def beside(sums: Floats, weights: Floats, since: int, level: float = 0.95) -> Effect:
    """What changed in the first office in the last `since` weeks; its range from what the others did by themselves.

    Each comparison office is set beside the remaining ones in the same way, where nothing was changed: with 10 or more, over
    the same weeks (Conley & Taber 2011); with 2 to 9, over the same number of neighbouring weeks wherever in time they stand
    (the turns of Chernozhukov, Wuthrich & Zhu 2021, of all these offices together); with one, that permutation alone. Offices
    have unequal cases (Ferman & Pinto 2019): the variance of a change is a part that all offices share and that of its cases.
    """
    series = apart(sums, weights, since)[0]
    found, others = series.difference(), len(weights)
    if others < 2 or not np.isfinite(found):
        return series.permuted(level) if np.isfinite(found) else UNTOLD
    part, cases, weeks = weights / weights.sum(), _variances(sums, since), len(series.value)
    same_weeks = others >= MANY_OFFICES
    squares, noise, spread = [], [], []
    for at in range(1, others + 1):
        order, left = [at, *(one for one in range(1, others + 1) if one != at)], _without(part, at - 1)
        squares.append(_mean_square(apart(sums[order], np.delete(left, at - 1), since)[0], same_weeks))
        noise.append(float(cases[at] + left**2 @ cases[1:]))
        spread.append(float(1 + left @ left))
    told = [place for place, one in enumerate(squares) if np.isfinite(one)]
    if len(told) < 2:
        return series.permuted(level)
    own_noise, own_spread = float(cases[0] + part**2 @ cases[1:]), float(1 + part @ part)
    square, case, wide = (np.array(one)[told] for one in (squares, noise, spread))
    shared = max(float(np.mean(square - case)) / float(np.mean(wide)), 0.0)
    scaled = square * (shared * own_spread + own_noise) / np.maximum(shared * wide + case, 1e-300)
    own = [] if same_weeks else [_mean_square(series.without(found), False)]
    error = sqrt(float(np.mean([*scaled, *own])))
    short = min(series.since, weeks - series.since)
    df = len(told) - 1 if same_weeks else (len(told) + 1) * (weeks / short - 1)
    reach = t_quantile(0.5 + level / 2, df) * error
    return Effect(found, found - reach, found + reach, two_sided(abs(found) / max(error, 1e-300), df))


def _mean_square(series: Series, same_weeks: bool) -> float:
    """Of the differences between two parts as long as before and since; nan if there is none."""
    if not 0 < series.since < len(series.value):
        return float("nan")
    turned = series.turns()[0]
    return float(turned[0] ** 2) if same_weeks else float(np.mean(turned**2))


def _without(part: Floats, at: int) -> Floats:
    left = part.copy()
    left[at] = 0.0
    return left / max(float(left.sum()), 1e-300)


def _variances(sums: Floats, since: int) -> Floats:
    """Of each office's mean since less that before, were its cases independent."""
    split = sums.shape[1] - since
    found = np.zeros(len(sums))
    for side in (sums[:, :split].sum(axis=1), sums[:, split:].sum(axis=1)):
        n = np.maximum(side[:, COUNT], 1)
        found += np.maximum(side[:, SQUARES] / n - (side[:, TOTAL] / n) ** 2, 0.0) / np.maximum(n - 1, 1)
    return found


def two_sided(t: float, df: float) -> float:
    """How often Student's t lies at least so far from 0."""
    low, high = 0.5, 1 - 1e-9
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_quantile(middle, df) < t else (low, middle)
    return 2 * (1 - (low + high) / 2)


@dataclass(frozen=True)
class Trend:
    """By how much each week adds to a series, with its range."""

    slope: float
    low: float
    high: float


def trend(series: Series, week: Ints) -> Trend:
    """Weighted least squares over `week`; the range from the long-run variance of weeks (Newey-West, fixed b)."""
    weight, weeks = series.weight, len(week)
    off = week - np.average(week, weights=weight)
    whole = float(weight @ off**2)
    slope = float(weight @ (off * series.value)) / whole
    left = series.value - np.average(series.value, weights=weight) - slope * off
    lags = lags_of(weeks)
    error = float(np.sqrt(long_run((weight * off * left)[:, None], lags)[0])) / whole
    reach = float(fixed_b(np.array(min(lags / weeks, 1.0)))) * error
    return Trend(slope, slope - reach, slope + reach)


def part_of(counts: Floats, since: int, level: float = 0.95) -> Effect:
    """By how much the first row's share of all rows' counts differs since the change: counts[row, week], weeks in order."""
    whole = counts.sum(axis=0)
    kept = np.flatnonzero(whole > 0)
    share = counts[0, kept] / whole[kept]
    return Series(share, whole[kept], int((kept >= counts.shape[1] - since).sum())).linear(level)
