"""Segmented: a straight line that may jump and turn at a known moment, through points that depend on the one before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import t_quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID = np.round(np.arange(-0.9, 0.991, 0.01), 2)  # autocorrelations that are weighed
SEASON = 2  # pairs of waves a year
EXACT = 1e-9  # of a value: smaller rests are none
HALVES = 60  # bisections of the range


def terms(time: Ints, change: float, season: int = 0) -> Floats:
    """Columns: 1, t, I, (t - change) I, then waves with `season` points a year (0: none). I: `time` is `change` or later."""
    since = (time >= change).astype(np.float64)
    plain = [np.ones(len(time)), time - change, since, (time - change) * since]
    turn = 2 * np.pi * time / max(season, 1)
    waves = [wave(k * turn) for k in range(1, SEASON + 1) for wave in (np.sin, np.cos)] if season else []
    return np.column_stack((*plain, *waves))


@dataclass(frozen=True, eq=False)
class Fit:
    """What was fitted at each autocorrelation of the grid, and how much each weighs (they add up to 1).

    values[g, k]: coefficients; covariance[g]: of them; rest: degrees of freedom.
    """

    values: Floats
    covariance: Floats
    weight: Floats
    rest: int

    @property
    def rho(self) -> float:
        """Mean of the autocorrelation that the points leave likely."""
        return float(self.weight @ GRID)

    def value(self, of: Floats) -> float:
        """The sum of coefficients `of`: its mean over what is likely."""
        return float(self.weight @ (self.values @ of))

    def range(self, of: Floats, level: float = 0.95) -> tuple[float, float]:
        """Where the sum of coefficients `of` likely lies: ends that leave as much out on either side of the mixture of t."""
        middle, error = self.values @ of, np.sqrt(np.einsum("i,gij,j->g", of, self.covariance, of))
        ends = [self._quantile(p, middle, error) for p in ((1 - level) / 2, (1 + level) / 2)]
        return ends[0], ends[1]

    def _quantile(self, p: float, middle: Floats, error: Floats) -> float:
        reach = max(100.0, 2 * abs(t_quantile(0.9999, max(self.rest, 4)))) * float(error.max() or 1.0)
        low, high = float(middle.min()) - reach, float(middle.max()) + reach
        for _ in range(HALVES):
            half = (low + high) / 2
            below = float(self.weight @ t_below((half - middle) / np.maximum(error, 1e-300), self.rest))
            low, high = (half, high) if below < p else (low, half)
        return (low + high) / 2


def fit(time: Ints, value: Floats, design: Floats) -> Fit:
    """Generalised least squares with errors of autocorrelation rho^distance, averaged over rho by their residual (REML)
    likelihood, so that not knowing rho well makes ranges wider. `time` ascends, gaps are allowed.

    The likelihood as in Harville (1974): it is the posterior of rho when all coefficients and log sigma are equally likely
    beforehand, and then the coefficients follow a mixture of t with n - p degrees (Box & Tiao 1973).
    """
    rest = len(time) - design.shape[1]
    whole = np.column_stack((design, value))
    found = [_at(rho, time, whole, rest) for rho in GRID]
    values, covariance, likely = (np.array(column) for column in zip(*found))
    weight = np.exp(likely - likely.max())
    return Fit(values, covariance, weight / weight.sum(), rest)


def _at(rho: float, time: Ints, whole: Floats, rest: int) -> tuple[Floats, Floats, float]:
    """Coefficients, covariance and log residual likelihood at one autocorrelation."""
    steps = rho ** np.diff(time).astype(np.float64)
    left = np.sqrt(1 - steps**2)
    white = np.vstack((whole[:1], (whole[1:] - steps[:, None] * whole[:-1]) / left[:, None]))
    design, value = white[:, :-1], white[:, -1]
    inner = np.linalg.inv(design.T @ design)
    found = inner @ (design.T @ value)
    exact = EXACT**2 * float(value @ value)  # of points on a line what is left is rounding
    square = max(float(((value - design @ found) ** 2).sum()), exact, 1e-300)
    likely = -np.log(left).sum() + np.linalg.slogdet(inner)[1] / 2 - rest / 2 * np.log(square)
    return found, inner * square / rest, float(likely)


def t_below(value: Floats, rest: int) -> Floats:
    """Student's t distribution function with whole degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4)."""
    angle = np.arctan(value / np.sqrt(rest))
    cos, term = np.cos(angle), np.ones_like(angle)
    inside = np.zeros_like(angle)
    first = 2 if rest % 2 == 0 else 3
    term = np.ones_like(angle) if rest % 2 == 0 else cos
    for k in range(first, rest + 1, 2):
        inside = inside + term
        term = term * cos**2 * (k - 1) / k
    inside = np.sin(angle) * inside
    middle = inside if rest % 2 == 0 else 2 / np.pi * (angle + inside)
    below: Floats = (1 + middle) / 2
    return below
