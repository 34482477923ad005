"""Middle: the value that half of them stay below, and between what it likely lies."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.shares import NORMAL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def middle(values: Floats) -> tuple[float | None, float | None, float | None]:
    """Half, low, high (95%, by ranks: Thompson 1936); inf stands for not yet. None: not reached, or too few for a range."""
    n = len(values)
    if not n:
        return None, None, None
    ordered = np.sort(values)
    half = float(ordered[(n - 1) // 2] / 2 + ordered[n // 2] / 2)
    rank = lowest_rank(n)
    ends = (ordered[rank - 1], ordered[n - rank]) if rank else (np.inf, np.inf)
    low, high = (float(one) if np.isfinite(one) else None for one in ends)
    return (half if np.isfinite(half) else None), low, high


@cache
def lowest_rank(n: int) -> int:
    """The largest r of which the r-th smallest and the r-th largest of n hold the middle with 95% at least; 0: none."""
    from scipy.stats import binom

    return int(max(0, binom.ppf(0.025, n, 0.5)))


WEEK_EFFECT = 2.0  # by which the variance grows since weeks differ, where they are too few to tell (as for standards)


def middle_range(entry: Floats, length: Floats, ended: Flags) -> tuple[float | None, float | None]:
    """Between what the middle of lengths that are watched from `entry` on likely lies (95%), by Greenwood's variance on
    the log-log scale (Brookmeyer & Crowley 1982) with the usual effect of weeks."""
    at = np.unique(length[ended])
    starts, ends = np.sort(entry), np.sort(length)
    watched = np.searchsorted(starts, at) - np.searchsorted(ends, at)
    over = np.bincount(np.searchsorted(at, length[ended]), minlength=len(at))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.cumprod(1 - over / watched)
        spread = np.sqrt(WEEK_EFFECT * np.cumsum(over / (watched * (watched - over)))) / np.abs(np.log(left))
        away = (np.log(-np.log(left)) - np.log(np.log(2))) / spread
    below = at[np.where(left > 0, away, np.inf) > -NORMAL]
    beyond = at[np.where(left > 0, away, -np.inf) > NORMAL]
    return _first(below), _first(beyond)


def _first(values: Floats) -> float | None:
    return float(values[0]) if len(values) else None
