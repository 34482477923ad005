"""Sorting of codes: stable, in time that grows with their number alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.flow import Ints


def stable_order(code: NDArray[np.int32]) -> Ints:
    """The order that sorts non-negative codes, equal ones as they stand."""
    if np.all(code[1:] >= code[:-1]):
        return np.arange(len(code))
    jit = compiled(len(code))
    if jit is not None:
        order: Ints = jit.stable_order(code, int(code.max()) + 1)
        return order
    return stable_order_numpy(code)


def stable_order_numpy(code: NDArray[np.int32]) -> Ints:
    """Code and place in one word, sorted: numpy sorts words far faster than it finds their order."""
    word = code.astype(np.int64) << 32
    word |= np.arange(len(code))
    word.sort()
    word &= 0xFFFF_FFFF
    return word
