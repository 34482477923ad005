"""The share that has gone by each row of sorted tables, each row weighed (Kaplan and Meier 1958)."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def _compiled() -> ModuleType | None:
    """The compiled form, where something else has loaded the compiler already: it gives the same bits, sooner."""
    if sys.modules.get("numba") is None:
        return None
    from procmine.kernels import jit_tables

    return jit_tables


def hazards(weight: Floats, ends: Ints, last: Ints) -> Floats:
    """Per row: the share that goes then of those still there; `ends[i]` = first row after row i's segment.

    Products and sums in the order of the rows, nothing else: the compiled form gives the same bits. `last`: rows that
    nobody outlasts.
    """
    jit = _compiled()
    if jit is not None:
        found: Floats = jit.hazards(weight, ends, last)
        return found
    return hazards_numpy(weight, ends, last)


def hazards_numpy(weight: Floats, ends: Ints, last: Ints) -> Floats:
    upto = np.concatenate(([0.0], np.cumsum(weight)))
    there = np.maximum(upto[ends] - upto[:-1], weight)
    hazard: Floats = weight / np.maximum(there, 1e-300)
    hazard[last] = 1.0
    return hazard


def gone_shares(hazard: Floats, first: Ints) -> Floats:
    """Per row: 1 - product of (1 - hazard) up to it in its table; table t owns rows `first[t]:first[t + 1]`."""
    jit = _compiled()
    if jit is not None:
        found: Floats = jit.gone_shares(hazard, first)
        return found
    return gone_shares_numpy(hazard, first)


def gone_shares_numpy(hazard: Floats, first: Ints) -> Floats:
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
