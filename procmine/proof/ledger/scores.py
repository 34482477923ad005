"""Scores: how far what came lies from what was predicted, and how often it lay inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, lgamma, log, log1p

import numpy as np


def interval_score(low: float, high: float, came: float, level: float) -> float:
    """Width of the range, and 2 / (1 - level) times how far what came lies outside it; small is good (Winkler 1972; Gneiting
    and Raftery 2007)."""
    outside = max(low - came, 0.0) + max(came - high, 0.0)
    return high - low + 2 / (1 - level) * outside


def crps(points: Sequence[float], came: float) -> float:
    """Continuous ranked probability score of equally likely points: mean |x - came| - mean |x - x'| / 2; small is good.

    In the unit of the points; of one point it is how far that lies off.
    """
    x = np.sort(np.asarray(points, np.float64))
    n = len(x)
    apart = 2 * float(((2 * np.arange(1, n + 1) - n - 1) * x).sum()) / n**2
    return float(np.abs(x - came).mean()) - apart / 2


def exact_range(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The range of a share of n independent ones (Clopper and Pearson 1934)."""
    tail = (1 - level) / 2
    low = _solved(lambda p: 1 - _upto(hits - 1, n, p) - tail) if hits else 0.0
    high = _solved(lambda p: tail - _upto(hits, n, p)) if hits < n else 1.0
    return low, high


def _upto(k: int, n: int, p: float) -> float:
    """The chance of at most k hits."""
    ways = (lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1) for j in range(k + 1))
    return sum(exp(one + j * log(p) + (n - j) * log1p(-p)) for j, one in enumerate(ways))


def _solved(rising: Callable[[float], float]) -> float:
    """Where a function that rises on 0..1 is 0."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2
