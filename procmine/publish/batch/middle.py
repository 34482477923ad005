"""Middle: the value that half of them stay below, with the two of them between which it likely lies."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray


def middle(values: NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
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
