"""Count model: negative-binomial regression by weighted least squares, and counts drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDS, STEPS = 12, 40
CLOSE = 1e-9
SPREADS = (1e-7, 20.0)  # variance = mean + spread x mean^2
MANY = 20_000.0  # a mean from which on counts are drawn as normal numbers


@dataclass(frozen=True, eq=False)
class Fit:
    """log mean = design @ value + offset; variance of a count = mean + spread x mean^2."""

    value: Floats
    inner: Floats  # the inverse of the information
    spread: float

    def mean(self, design: Floats, offset: Floats) -> Floats:
        mean: Floats = np.exp(np.clip(design @ self.value + offset, -30, 25))
        return mean


def fit(count: Floats, design: Floats, offset: Floats, loose: Floats) -> Fit:
    """The most likely coefficients and spread by turns (Lawless 1987); `loose[k]`: standard deviation of a normal prior of
    coefficient k around 0 (inf: none).
    """
    hold = np.diag(1 / loose**2)
    value, spread = np.zeros(design.shape[1]), SPREADS[0]
    value[0] = np.log(max(float(count.sum()), 0.5) / max(float(np.exp(offset).sum()), 1e-9))
    inner = np.eye(design.shape[1])
    for _ in range(ROUNDS):
        value, inner = _coefficients(count, design, offset, hold, value, spread)
        before, spread = spread, _spread(count, np.exp(np.clip(design @ value + offset, -30, 25)))
        if abs(spread - before) <= CLOSE + 1e-6 * before:
            break
    return Fit(value, inner, spread)


def _coefficients(
    count: Floats, design: Floats, offset: Floats, hold: Floats, value: Floats, spread: float
) -> tuple[Floats, Floats]:
    inner: Floats = hold
    for _ in range(STEPS):
        linear = np.clip(design @ value + offset, -30, 25)
        mean = np.exp(linear)
        weight = mean / (1 + spread * mean)
        work = linear - offset + (count - mean) / mean
        inner = np.linalg.inv((design * weight[:, None]).T @ design + hold).astype(np.float64)
        new = inner @ (design.T @ (weight * work))
        moved = np.clip(new - value, -2, 2)
        value = value + moved
        if float(np.abs(moved).max()) < CLOSE:
            break
    return value, inner


def _spread(count: Floats, mean: Floats) -> float:
    """The most likely one, by golden section on its logarithm."""
    more = np.bincount(count.astype(np.int64))[::-1].cumsum()[::-1][1:].astype(np.float64)  # counts above j = 0, 1, ...
    place = np.arange(len(more))

    def likely(log: float) -> float:
        spread = float(np.exp(log))
        terms = float(more @ np.log1p(spread * place))
        return terms + float((count * np.log(mean) - (count + 1 / spread) * np.log1p(spread * mean)).sum())

    low, high, ratio = float(np.log(SPREADS[0])), float(np.log(SPREADS[1])), (np.sqrt(5) - 1) / 2
    one, two = high - ratio * (high - low), low + ratio * (high - low)
    at_one, at_two = likely(one), likely(two)
    while high - low > 1e-4:
        if at_one > at_two:
            high, two, at_two = two, one, at_one
            one = high - ratio * (high - low)
            at_one = likely(one)
        else:
            low, one, at_one = one, two, at_two
            two = low + ratio * (high - low)
            at_two = likely(two)
    return float(np.exp((low + high) / 2))


def drawn(mean: Floats, spread: float, u: Floats) -> Ints:
    """Counts of these means at these places of [0, 1); never fewer for a larger mean at the same place."""
    found = np.zeros(len(mean), np.int64)
    small = mean < MANY
    found[small] = _drawn(mean[small], spread, u[small])
    large = mean[~small]
    found[~small] = np.maximum(np.rint(large + normal(u[~small]) * np.sqrt(large + spread * large**2)), 0).astype(
        np.int64
    )
    return found


def _drawn(mean: Floats, spread: float, u: Floats) -> Ints:
    """By the first count whose share of smaller or equal ones exceeds u."""
    plain = spread * float(mean.max(initial=0)) < 1e-4
    size = 0.0 if plain else 1 / spread
    chance = np.exp(-mean) if plain else np.exp(-size * np.log1p(mean * spread))
    if float(chance.min(initial=1)) < 1e-300:
        return np.maximum(np.rint(mean + normal(u) * np.sqrt(mean + spread * mean**2)), 0).astype(np.int64)
    part = mean if plain else mean / (mean + size)
    found, upto, k = np.zeros(len(mean), np.int64), chance.copy(), 0
    going = np.flatnonzero((u >= upto) & (mean > 0))
    chance, upto = chance[going], upto[going]
    while len(going) and k < 200_000:
        chance = chance * part[going] * (1 if plain else size + k) / (k + 1)
        upto, k = upto + chance, k + 1
        done = (u[going] < upto) | ((chance < 1e-17) & (k > mean[going]))
        found[going[done]] = k
        going, chance, upto = going[~done], chance[~done], upto[~done]
    return found


def normal(u: Floats) -> Floats:
    """Standard normal quantiles (Acklam's rational approximation, relative error below 1.2e-9)."""
    u = np.clip(u, 1e-15, 1 - 1e-15)
    a = (
        -39.69683028665376,
        220.9460984245205,
        -275.9285104469687,
        138.3577518672690,
        -30.66479806614716,
        2.506628277459239,
    )
    b = (-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1.0)
    c = (
        -0.007784894002430293,
        -0.3223964580411365,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    )
    d = (0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0)
    tail = np.sqrt(-2 * np.log(np.minimum(u, 1 - u)))
    far = np.sign(0.5 - u) * np.polyval(c, tail) / np.polyval(d, tail)
    q = u - 0.5
    near = q * np.polyval(a, q * q) / np.polyval(b, q * q)
    return np.where(np.abs(q) <= 0.47575, near, far)


def hung_together(scores: Floats, lags: int) -> Floats:
    """Covariance of the sum of rows that depend on each other up to `lags` apart (Bartlett weights, Newey & West 1987)."""
    zeros = np.zeros((lags, scores.shape[1]))
    upto = np.cumsum(np.concatenate((zeros, scores, zeros)), axis=0)
    windows = upto[lags:] - upto[:-lags]
    found: Floats = windows.T @ windows / lags
    return found


@dataclass(frozen=True)
class Shocks:
    """What weeks have in common beyond the regression: log factors, each `keeps` times the one before plus news.

    last, unsure: mean and variance of that of the last week, given all counts.
    """

    variance: float
    keeps: float
    last: float
    unsure: float

    @classmethod
    def of(cls, count: Floats, mean: Floats, noise: Floats) -> Shocks:
        """From counts per week, their means, and how much a count varies by itself (`noise`: variance)."""
        known = mean > 0.5
        if known.sum() < 8:
            return cls(0.0, 0.0, 0.0, 0.0)
        ratio = np.where(known, (count - mean) / np.maximum(mean, 1e-9), 0.0)
        alone = np.where(known, noise / np.maximum(mean, 1e-9) ** 2, np.inf)
        weight = np.where(known, 1 / np.maximum(alone, 1e-12), 0.0)
        weight = np.minimum(weight, np.quantile(weight[known], 0.9))
        variance = float(weight @ (ratio**2 - np.where(known, alone, 0.0)) / weight.sum())
        if variance <= 1e-6:
            return cls(0.0, 0.0, 0.0, 0.0)
        pair = np.sqrt(weight[1:] * weight[:-1])
        beside = float(pair @ (ratio[1:] * ratio[:-1]) / max(float(pair.sum()), 1e-300))
        keeps = float(np.clip(beside / variance, 0.0, 0.95))
        last, unsure = _filtered(ratio, alone, variance, keeps)
        return cls(variance, keeps, last, unsure)

    def drawn(self, weeks: Ints, z: Floats) -> Floats:
        """Factors of weeks 1, 2, ... after the last one known, mean 1; `z` are standard normal numbers, one per week."""
        factor, state = np.ones(len(weeks)), self.last + np.sqrt(self.unsure) * (z[0] if len(z) else 0.0)
        news = np.sqrt(self.variance * (1 - self.keeps**2))
        middle, vary = self.last, self.unsure
        for k in range(len(weeks)):
            state = self.keeps * state + news * z[k + 1]
            middle, vary = self.keeps * middle, self.keeps**2 * vary + news**2
            factor[k] = np.exp(state - vary / 2)
        return factor

    def expected(self, weeks: int) -> Floats:
        middle: Floats = np.exp(self.last * self.keeps ** np.arange(1, weeks + 1))
        return middle


def _filtered(value: Floats, noise: Floats, variance: float, keeps: float) -> tuple[float, float]:
    """The last state of a stationary autoregression seen with noise (Kalman 1960)."""
    state, unsure = 0.0, variance
    for seen, own in zip(value, noise):
        state, unsure = keeps * state, keeps**2 * unsure + variance * (1 - keeps**2)
        gain = unsure / (unsure + own) if np.isfinite(own) else 0.0
        state, unsure = state + gain * (seen - state), (1 - gain) * unsure
    return float(state), float(unsure)
