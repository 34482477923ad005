"""The share that has gone by each row of sorted tables, each row weighed (Kaplan and Meier 1958)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def hazards(weight: Floats, ends: Ints, last: Ints) -> Floats:
    """Per row: the share that goes then of those still there; `ends[i]` = first row after row i's segment.

    Products and sums in the order of the rows, nothing else: the compiled form gives the same bits. `last`: rows that
    nobody outlasts.
    """
    upto = np.concatenate(([0.0], np.cumsum(weight)))
    there = np.maximum(upto[ends] - upto[:-1], weight)
    hazard: Floats = weight / np.maximum(there, 1e-300)
    hazard[last] = 1.0
    return hazard


def gone_shares(hazard: Floats, first: Ints) -> Floats:
    """Per row: 1 - product of (1 - hazard) up to it in its table; table t owns rows `first[t]:first[t + 1]`."""
    there = 1.0 - hazard
    for low, high in zip(first[:-1].tolist(), first[1:].tolist()):
        np.multiply.accumulate(there[low:high], out=there[low:high])
    gone: Floats = 1.0 - there
    return gone


def sums(weight: Floats, first: Ints) -> Floats:
    """The sum of each table's rows; an empty one has 0."""
    upto = np.concatenate(([0.0], np.cumsum(weight)))
    total: Floats = upto[first[1:]] - upto[first[:-1]]
    return total
