"""Sorting of codes: stable, in time that grows with their number alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.flow import Ints

N = TypeVar("N", np.int64, np.float64)


def stable_order(code: NDArray[np.int32]) -> Ints:
    """The order that sorts non-negative codes, equal ones as they stand."""
    if np.all(code[1:] >= code[:-1]):
        return np.arange(len(code))
    jit = compiled(len(code))
    if jit is not None:
        order: Ints = jit.stable_order(code, int(code.max()) + 1)
        return order
    return stable_order_numpy(code)


def ascending(arrays: Sequence[NDArray[N]]) -> NDArray[N]:
    """The distinct numbers of some arrays; `numpy.unique` looks each up in a table, and takes ten times as long."""
    value = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    if np.all(value[1:] > value[:-1]):
        return value
    value = np.sort(value)
    found: NDArray[N] = value[np.concatenate((np.ones(min(len(value), 1), bool), value[1:] != value[:-1]))]
    return found


def stable_order_numpy(code: NDArray[np.int32]) -> Ints:
    """Code and place in one word, sorted: numpy sorts words far faster than it finds their order."""
    word = code.astype(np.int64) << 32
    word |= np.arange(len(code))
    word.sort()
    word &= 0xFFFF_FFFF
    return word
