"""Loose durations: keys and values as they came, not sorted until somebody needs the distinct ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.counts import bin_of, least_of_bins
from procmine.kernels.durations import Codes, Durations, Floats, Ints, _compact, grid, joined
from procmine.kernels.threads import each, plain, ranges

TABLE = 4_000_000  # places of a table that stay near the processor; with more, sorting is as fast
LANES = 4
PROOF = 1 << 25  # bytes of a bitmap


class Loose(Durations):
    """As Durations, of at most `cap` values; counts, sums and order statistics are taken without sorting them all.

    `place` is the key of each key in `_keyed`: what `compact` and `whole` change, instead of the keys themselves.
    """

    def __init__(self, keys: int, key: NDArray[Any], value: NDArray[Any], cap: int, place: Ints | None = None):
        if place is None:
            key = key.astype(np.uint16 if keys <= 2**16 else np.uint32, copy=False)
            place = np.arange(keys)
        held = {"_keyed": plain(key), "_values": plain(value)}
        for name, one in {"keys": keys, "exact": True, "cap": cap, "_place": place, **held}.items():
            object.__setattr__(self, name, one)

    _keyed: NDArray[Any]
    _values: Ints
    _place: Ints

    MOST_KEYS = TABLE // 4

    def fit(self) -> Durations:
        """Loose with at most `cap` values; with more, whatever its distinct pairs call for."""
        if self.most <= self.cap:
            return self
        return self.coarse() if self._surely_more() else Durations(self.keys, *self._sorted, cap=self.cap)._fit()

    def __reduce__(self) -> tuple[Any, ...]:
        return Durations, (self.keys, self.key, self.value, self.count, True, self.cap)

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints, Ints]:
        return _compact(self._own_keys(), self._values, None)

    @property
    def key(self) -> Ints:
        return self._sorted[0]

    @property
    def value(self) -> Ints:
        return self._sorted[1]

    @property
    def count(self) -> Ints:
        return self._sorted[2]

    @property
    def most(self) -> int:
        return len(self._values)

    def merge(self, other: Durations) -> Durations:
        """Loose as long as both together hold at most `cap`; on the grid at once where more are surely distinct."""
        if isinstance(other, Loose) and self.most + other.most <= self.cap:
            return Loose(self.keys, *self._beside(other), self.cap)
        if not other.exact or (isinstance(other, Loose) and self._surely_more(other)):
            return Durations.merge(self.coarse(), other.coarse())
        if isinstance(other, Loose):  # sorted together, not each: half the scratch memory
            return Durations(self.keys, *_compact(*self._beside(other), None), cap=self.cap)._fit()
        return super().merge(other)

    def _beside(self, other: Loose) -> tuple[Codes, Ints]:
        keys = np.concatenate((self._own_keys(), other._own_keys()))
        return keys, np.concatenate((self._values, other._values))

    def coarse(self) -> Durations:
        """The same durations on the grid."""
        (edge, centre), first = grid(), _first_on_grid()
        used = int(np.searchsorted(edge, self._values.max(initial=0))) + 1
        if self.keys * used > TABLE:
            return super().coarse()

        def count(begin: int, end: int) -> Ints:
            bins = np.zeros((self.keys, used), np.int64)
            _jit().grid_bins(self._keyed, self._place, self._values, begin, end, first, edge, bins)
            return bins

        bins = _added(count, self.most)
        key, place = np.nonzero(bins)
        return Durations(self.keys, key, centre[place], bins[key, place], False, self.cap)

    def whole(self) -> Durations:
        return self._whole

    @cached_property
    def _whole(self) -> Durations:
        return Durations(1, *_counted(np.sort(self._values)), cap=self.cap)

    def distinct(self) -> Ints:
        return self._whole.value

    def table(self, rows: Ints, upto: Ints) -> Floats:
        if len(rows) * len(upto) > TABLE:
            return super().table(rows, upto)
        row_of, first = np.zeros(self.keys, np.int64), _first_of(upto)
        row_of[rows] = np.arange(len(rows))

        def count(begin: int, end: int) -> Ints:
            table = np.zeros((len(rows), len(upto)), np.int64)
            _jit().fill_table(self._keyed, self._place, self._values, begin, end, row_of, first, plain(upto), table)
            return table

        return _added(count, self.most).astype(np.float64)

    def compact(self) -> tuple[Ints, Durations]:
        there = np.flatnonzero(self.n())
        if not len(there):
            return super().compact()
        place = np.zeros(self.keys, np.int64)
        place[there] = np.arange(len(there))
        return there, Loose(len(there), self._keyed, self._values, self.cap, place[self._place])

    def n(self) -> Ints:
        return self._n

    @cached_property
    def _n(self) -> Ints:
        lanes = LANES if len(self._place) < 2**16 else 1

        def count(begin: int, end: int) -> Ints:
            counts = np.zeros((lanes, len(self._place)), np.int64)
            _jit().count_keys(self._keyed, begin, end, counts)
            added: Ints = counts.sum(axis=0)
            return added

        n = np.zeros(self.keys, np.int64)
        np.add.at(n, self._place, _added(count, self.most))
        return n

    def total(self) -> Floats:
        return joined(
            (np.sum([sums for _, sums in self._spread], axis=0) if self._few else self._sums).T.astype(np.float64)
        )

    @property
    def _sums(self) -> Ints:
        def count(begin: int, end: int) -> Ints:
            sums = np.zeros((self.keys, 2), np.int64)
            _jit().add_by_key(self._keyed, self._place, self._values, begin, end, sums)
            return sums

        return _added(count, self.most)

    def within(self, low: Ints, high: Ints) -> Ints:
        low, high = plain(low), plain(high)

        def count(begin: int, end: int) -> Ints:
            n = np.zeros(self.keys, np.int64)
            _jit().count_within(self._keyed, self._place, self._values, begin, end, low, high, n)
            return n

        return _added(count, self.most)

    @cached_property
    def _bins(self) -> int:
        return int(bin_of(self._values.max(initial=0, keepdims=True))[0]) + 1

    @property
    def _few(self) -> bool:
        return self.keys * self._bins <= TABLE

    @cached_property
    def _spread(self) -> list[tuple[NDArray[np.int32], Ints]]:
        """Of each range of rows: how many values are in each bin of each key, and the two parts of their sums."""

        def count(begin: int, end: int) -> tuple[NDArray[np.int32], Ints]:
            bins, sums = np.zeros((self.keys, self._bins), np.int32), np.zeros((self.keys, 2), np.int64)
            _jit().spread(self._keyed, self._place, self._values, begin, end, bins, sums)
            return bins, sums

        return each(count, ranges(self.most))

    def _ranked(self, n: Ints, rank: Ints) -> Ints:
        """Of the bins in which the ranks lie all values are collected and sorted, no others."""
        if not self._few:
            return super()._ranked(n, rank)
        every = np.sum([bins for bins, _ in self._spread], axis=0, dtype=np.int64).ravel()
        upto = np.cumsum(every)
        wanted = np.where(n > 0, np.cumsum(n) - n + rank, upto[-1] - 1)
        flat = np.searchsorted(upto, wanted, side="right")
        places, which = np.unique(flat, return_inverse=True)
        begin = np.append(0, np.cumsum(every[places]))
        found = self._collected(places, begin)
        ranked: Ints = found[begin[which.reshape(rank.shape)] + wanted - (upto[flat] - every[flat])]
        return ranked

    def _collected(self, places: Ints, begin: Ints) -> Ints:
        """All values in these places of the table, each place's ascending; that of places[i] begins at begin[i]."""
        slot = np.full((self.keys, self._bins), -1, np.int32)
        slot.ravel()[places] = np.arange(len(places))
        found = np.empty(begin[-1], np.int64)
        to = begin[:-1] + np.cumsum([np.zeros(len(places), np.int64),
                                     *(bins.ravel()[places] for bins, _ in self._spread[:-1])], axis=0)  # fmt: skip
        parts = ranges(self.most)
        starts = {first: one.copy() for (first, _), one in zip(parts, to)}
        each(lambda first, end: _jit().collect(
            self._keyed, self._place, self._values, first, end, slot, starts[first], found), parts)  # fmt: skip
        for one, end in pairwise(begin):
            found[one:end].sort()
        return found

    def _own_keys(self) -> Codes:
        same = len(self._place) == self.keys and bool(np.all(self._place == np.arange(self.keys)))
        return self._keyed if same else self._place.astype(np.uint16 if self.keys <= 2**16 else np.uint32)[self._keyed]

    def _surely_more(self, *others: Loose) -> bool:
        """Whether they hold more than `cap` distinct pairs together: a bitmap that has so many bits set proves it."""
        seen, left = np.zeros(PROOF, np.uint8), self.cap
        for one in (self, *others):
            left -= _jit().surely_more(plain(one._own_keys()), one._values, seen, left)
        return left < 0


def _jit() -> Any:
    from procmine.kernels import jit_select

    return jit_select


def _added(count: Callable[[int, int], Ints], n: int) -> Ints:
    added: Ints = np.sum(each(count, ranges(n)), axis=0)
    return added


def _counted(ascending: Ints) -> tuple[Ints, Ints, Ints]:
    """Key 0, distinct values and their counts."""
    from procmine.kernels import jit

    counted: tuple[Ints, Ints, Ints] = jit.count_equal(ascending, 63)
    return counted


@lru_cache(maxsize=1)
def _first_on_grid() -> Ints:
    return _first_of(grid()[0])


def _first_of(upto: Ints) -> Ints:
    """Of each bin of `counts`: the place of the first of `upto` that is not below the bin's smallest value."""
    return np.searchsorted(upto, np.ceil(np.minimum(least_of_bins(), 2.0**62)).astype(np.int64))
