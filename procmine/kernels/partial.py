"""A partial answer: a record of things that can be merged, one field at a time."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import reduce
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.durations import Durations

P = TypeVar("P", bound="Partial")


@dataclass(frozen=True, eq=False)
class Partial:
    """Fields are Durations, EntryWeeks, Tallies or arrays of counts. Merging is associative and commutative."""

    def merge(self, other: Self) -> Self:
        return type(self)(*(_join(one, two) for one, two in zip(self._fields(), other._fields())))

    def coarse(self) -> Self:
        """The same with all durations on the grid."""
        return type(self)(*(one.coarse() if isinstance(one, Durations) else one for one in self._fields()))

    @property
    def exact(self) -> bool:
        return all(one.exact for one in self._fields() if isinstance(one, Durations))

    @property
    def pairs(self) -> int:
        """How many (key, value) pairs are held exactly."""
        return sum(len(one.value) for one in self._fields() if isinstance(one, Durations) and one.exact)

    def _fields(self) -> list[Any]:
        return [getattr(self, one.name) for one in fields(self)]


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums per key, where keys are text or sequences that parts of a log share: `of[key]` is an array of numbers."""

    of: Mapping[Hashable, NDArray[np.float64]]

    def merge(self, other: Tally) -> Tally:
        both = dict(self.of)
        for key, sums in other.of.items():
            both[key] = both[key] + sums if key in both else sums
        return Tally(both)

    def ranked(self) -> list[tuple[Any, NDArray[np.float64]]]:
        """Largest first number first; ties by key."""
        return sorted(self.of.items(), key=lambda one: (-one[1][0], one[0]))


def merge_all(partials: Iterable[P]) -> P:
    """Merge neighbours of like size, so that each is merged about log2(n) times; at least one is needed.

    What is on the grid in the first is put there at once in all that follow, before it is merged in vain.
    """
    waiting: list[tuple[int, P]] = []
    for found in partials:
        partial, size = (_as_coarse(found, waiting[0][1]) if waiting else found), 1
        while waiting and waiting[-1][0] == size:
            partial, size = waiting.pop()[1].merge(partial), 2 * size
        waiting.append((size, partial))
    return reduce(lambda one, two: one.merge(two), (partial for _, partial in reversed(waiting)))


def _join(one: Any, two: Any) -> Any:
    return one + two if isinstance(one, np.ndarray) else one.merge(two)


def _as_coarse(one: Any, other: Any) -> Any:
    """The same with those durations on the grid that are so in `other`: merging the two would put them there."""
    if isinstance(one, Durations):
        return one if other.exact else one.coarse()
    if not isinstance(one, Partial):
        return one
    mine, theirs = one._fields(), other._fields()
    put = [_as_coarse(*pair) for pair in zip(mine, theirs)]
    return one if all(new is old for new, old in zip(put, mine)) else type(one)(*put)
