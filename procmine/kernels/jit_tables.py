"""Compiled form of the product limit; the same bits as its numpy form, and used through it."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def hazards(weight: Floats, ends: Ints, last: Ints) -> Floats:
    """See `product_limit.hazards`."""
    upto = np.empty(len(weight) + 1)
    upto[0] = 0.0
    for row in range(len(weight)):
        upto[row + 1] = upto[row] + weight[row]
    hazard = np.empty(len(weight))
    for row in range(len(weight)):
        there = max(upto[ends[row]] - upto[row], weight[row])
        hazard[row] = weight[row] / max(there, 1e-300)
    for row in last:
        hazard[row] = 1.0
    return hazard


@numba.njit(cache=True, nogil=True)
def gone_shares(hazard: Floats, first: Ints) -> Floats:
    """See `product_limit.gone_shares`."""
    gone = np.empty(len(hazard))
    for table in range(len(first) - 1):
        there = 1.0
        for row in range(first[table], first[table + 1]):
            there = there * (1.0 - hazard[row])
            gone[row] = 1.0 - there
    return gone


def main() -> None:
    """Compile it for the types that tables have."""
    half, edges, none = np.array([0.5]), np.array([0, 1]), np.array([0])
    shares: Any = gone_shares(hazards(half, edges[1:], none), edges)
    assert shares[0] == 1.0


if __name__ == "__main__":
    main()
