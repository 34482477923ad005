"""Threads: compiled passes over ranges of rows, two at a time; what they read is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

R = TypeVar("R")
WAYS = 2  # threads: more gain nothing while memory is what they wait for
LEAST = 500_000  # rows; fewer are done before a second thread has begun


def ranges(rows: int) -> list[tuple[int, int]]:
    """Equal ranges of so many rows."""
    edges = [rows * way // WAYS for way in range(WAYS + 1)] if rows >= LEAST else [0, rows]
    return list(pairwise(edges))


def case_ranges(offset: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of cases that own about as many events each."""
    inner = [int(np.searchsorted(offset, end)) for _, end in ranges(int(offset[-1]))[:-1]]
    return list(pairwise([0, *inner, len(offset) - 1]))


def each(of: Callable[[int, int], R], parts: list[tuple[int, int]]) -> list[R]:
    """What `of` gives for each range; it must let go of the interpreter."""
    if len(parts) == 1:
        return [of(*parts[0])]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(lambda part: of(*part), parts))


class _Held:
    def __init__(self, array: NDArray[Any]):
        self.array = array  # held as long as the view lives
        self.__array_interface__ = {**array.__array_interface__, "data": (array.ctypes.data, False)}


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """The array as compiled kernels know it: together, and not marked as read-only, which would be another type."""
    together = np.ascontiguousarray(array)
    return together if together.flags.writeable or not len(together) else np.asarray(_Held(together))
