"""Student's t far out in its tails, where many tests at once need it."""

from __future__ import annotations

from math import lgamma, pi
from statistics import NormalDist

import numpy as np

from procmine.kernels.blocks import Floats

ROUNDS, NEWTONS, LARGE = 300, 40, 1e4  # beyond so many degrees of freedom t is as good as normal
_lgamma = np.vectorize(lgamma, otypes=[np.float64])


def outside(t: Floats, df: Floats) -> Floats:
    """The chance that |T| is at least |t| with so many degrees of freedom: the incomplete beta function
    I(df / (df + t^2); df / 2, 1 / 2), by its continued fraction (Abramowitz & Stegun 26.5.8, 26.7.1)."""
    t, df = np.broadcast_arrays(np.asarray(t, np.float64), np.minimum(np.asarray(df, np.float64), LARGE))
    square = np.minimum(t**2, 1e300)
    x = df / (df + square)
    small = x < (df / 2 + 1) / (df / 2 + 2.5)
    chance: Floats = np.where(small, _beta(x, df / 2, 0.5), 1 - _beta(square / (df + square), 0.5, df / 2))
    return chance


def reaches(chance: Floats, df: Floats) -> Floats:
    """The t that |T| exceeds with this chance, by Newton's rule for the logarithms of both, from the normal quantile on."""
    chance, df = np.broadcast_arrays(np.asarray(chance, np.float64), np.minimum(np.asarray(df, np.float64), LARGE))
    pairs, which = np.unique(np.stack((chance.ravel(), df.ravel())), axis=1, return_inverse=True)
    wanted, freedom = pairs
    t = np.array([NormalDist().inv_cdf(1 - one / 2) for one in wanted])
    for _ in range(NEWTONS):
        beyond = outside(t, freedom)
        step = np.log(beyond / wanted) * beyond / (2 * t * _density(t, freedom))
        t = t * np.exp(step)
        if np.all(np.abs(step) < 1e-12):
            break
    found: Floats = t[which.ravel()].reshape(chance.shape)
    return found


def _density(t: Floats, df: Floats) -> Floats:
    found: Floats = np.exp(_lgamma((df + 1) / 2) - _lgamma(df / 2) - (df + 1) / 2 * np.log1p(t**2 / df)) / np.sqrt(
        df * pi
    )
    return found


def _beta(x: Floats, a: Floats | float, b: Floats | float) -> Floats:
    """The regularised incomplete beta function, for x below (a + 1) / (a + b + 2)."""
    tiny = 1e-300
    x = np.clip(x, tiny, 1 - 1e-16)
    front = np.exp(a * np.log(x) + b * np.log1p(-x) + _lgamma(a + b) - _lgamma(a) - _lgamma(b)) / a
    d = 1 / _away(1 - (a + b) * x / (a + 1), tiny)
    c, h = np.ones_like(x), d
    for m in range(1, ROUNDS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + step * d, tiny)
            c = _away(1 + step / c, tiny)
            h = h * d * c
        if np.all(np.abs(d * c - 1) < 1e-14):
            break
    found: Floats = front * h
    return found


def _away(value: Floats, tiny: float) -> Floats:
    """Not quite zero (Lentz's rule)."""
    return np.where(np.abs(value) < tiny, tiny, value)
