"""Shares: the range of a share of n."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NORMAL = 1.959964  # 95% of a normal distribution lie within so many standard deviations


def wilson(share: Floats | float, n: Floats | float, z: float = NORMAL) -> tuple[Floats, Floats]:
    """The ends of Wilson's score interval (1927); n above 0."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)
