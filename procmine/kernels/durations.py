"""Durations: how long things took, per key, mergeable, exact while they fit and on a log grid beyond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.sorting import ascending
from procmine.kernels.threads import plain

Ints = NDArray[np.int64]
Codes = NDArray[np.integer[Any]]  # any width
Floats = NDArray[np.float64]

RATIO = 1.01  # neighbouring bins of the grid: a value is off by at most sqrt(1.01) - 1 = 0.5%
CAP = 10_000_000  # distinct (key, value) pairs that are held exactly
SECOND = 1_000_000
LOW = 24  # bits of the lower part of a sum: so neither part of any log is too large to be exact
MOST_COUNTED = 1 << 26  # keys that are counted in a table
PIECE = 500_000  # pairs whose scratch arrays stay in the cache


@dataclass(frozen=True, eq=False)
class Durations:
    """A multiset of durations for each of `keys` keys.

    `key`, `value` (microseconds, >= 0) and `count` are sorted by (key, value) and their pairs are distinct, so date-only
    logs stay exact at any size. More than `cap` pairs are rounded to the grid: whether that happens depends on all the
    values together, never on how they were split, so merging is associative and commutative.
    """

    keys: int
    key: Ints
    value: Ints
    count: Ints
    exact: bool = True
    cap: int = CAP

    @classmethod
    def of(cls, key: Codes, value: Ints, keys: int, cap: int = CAP) -> Durations:
        """Count every (key, value) pair of two arrays of one length; a negative value is an error of the caller."""
        if len(value) and value.min() < 0:
            raise ValueError(
                f"{np.count_nonzero(value < 0)} lengths of time are negative; the first is {value[value < 0][0]} us."
            )
        if compiled(len(value)) is not None:
            from procmine.kernels.loose import Loose

            if keys <= Loose.MOST_KEYS:
                return Loose(keys, key, value, cap).fit()
        return cls(keys, *_compact(key, value, None), cap=cap)._fit()

    def merge(self, other: Durations) -> Durations:
        exact = self.exact and other.exact
        one, two = (self, other) if exact else (self.coarse(), other.coarse())
        ours, theirs = ((each.key, each.value, each.count) for each in (one, two))
        jit = compiled(len(ours[0]) + len(theirs[0]))
        if jit is None:
            key, value, count = _compact(*(np.concatenate(pair) for pair in zip(ours, theirs)))
            return Durations(self.keys, key, value, count, exact, self.cap)._fit()
        distinct = jit.count_two(*ours[:2], *theirs[:2])  # two sorted runs: no scratch; what is too much is not made
        if exact and distinct > self.cap:
            return one.coarse().merge(two.coarse())
        key, value, count = jit.add_two(*ours, *theirs, distinct)
        return Durations(self.keys, key, value, count, exact, self.cap)

    def coarse(self) -> Durations:
        """The same durations on the grid; below one second they are 0."""
        if not self.exact:
            return self
        edges = range(0, max(len(self.key), 1), PIECE)
        parts = [(self.key[at : at + PIECE], self.value[at : at + PIECE], self.count[at : at + PIECE]) for at in edges]
        pieces = [_compact(key, _to_grid(value), count) for key, value, count in parts]
        joined = _compact(*(np.concatenate(column) for column in zip(*pieces)))
        return Durations(self.keys, *joined, exact=False, cap=self.cap)

    def distinct(self) -> Ints:
        """The distinct values of all keys, ascending."""
        return ascending([self.value])

    def table(self, rows: Ints, upto: Ints) -> Floats:
        """[row, place]: how many of key rows[row] lie above upto[place - 1] and not above upto[place]; none are elsewhere."""
        place = np.searchsorted(rows, self.key) * len(upto) + np.searchsorted(upto, self.value)
        flat = np.bincount(place, self.count, len(rows) * len(upto))
        return flat.reshape(len(rows), len(upto)).astype(np.float64)

    def whole(self) -> Durations:
        """All keys taken together, under the one key 0."""
        joined = _compact(np.zeros_like(self.key), self.value, self.count)
        return Durations(1, *joined, exact=self.exact, cap=self.cap)

    def compact(self) -> tuple[Ints, Durations]:
        """The keys that occur, and the same durations keyed by their places among these."""
        new = np.diff(self.key, prepend=-1) != 0
        there = self.key[new]
        return there, Durations(len(there), np.cumsum(new) - 1, self.value, self.count, self.exact, self.cap)

    def n(self) -> Ints:
        """How many durations each key has."""
        edge = np.searchsorted(self.key, np.arange(self.keys + 1))
        if not len(self.count):
            return np.zeros(self.keys, np.int64)
        return np.diff(np.where(edge > 0, self._upto[np.maximum(edge, 1) - 1], 0))

    @cached_property
    def _upto(self) -> Ints:
        """How many durations there are up to and with each pair."""
        return np.cumsum(self.count)

    def total(self) -> Floats:
        """Seconds per key; on the grid within 0.5%. Whole numbers are added up, so in whatever order."""
        sums = np.zeros((2, self.keys))
        for begin in range(0, len(self.key), PIECE):
            key, value, count = (one[begin : begin + PIECE] for one in (self.key, self.value, self.count))
            for part, one in enumerate((value >> LOW, value & (1 << LOW) - 1)):
                sums[part] += np.bincount(key, one * count, self.keys)
        return joined(sums)

    def quantile(self, p: float) -> Floats:
        """Seconds per key, interpolated linearly between order statistics (numpy's default); nan for an empty key."""
        quantile: Floats = self.quantiles((p,))[0]
        return quantile

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """[share, key]: the quantiles of each share."""
        n = self.n()
        rank = np.array(shares, np.float64)[:, None] * np.maximum(n - 1, 0)
        if not len(rank) or not n.any():
            return np.full(rank.shape, np.nan)
        low, high = self._ranked(n, np.stack([np.floor(rank), np.ceil(rank)]).astype(np.int64))
        found = (low + (high - low) * (rank - np.floor(rank))) / SECOND
        return np.where(n > 0, found, np.nan)

    def within(self, low: Ints, high: Ints) -> Ints:
        """Per key: how many values lie from low[key] up to, not including, high[key]."""
        if not len(self.key):
            return np.zeros(self.keys, np.int64)
        here = (low[self.key] <= self.value) & (self.value < high[self.key])
        return np.bincount(self.key[here], self.count[here], self.keys).astype(np.int64)

    def only(self, key: int) -> tuple[Ints, Ints]:
        """Values and counts of one key, in ascending order."""
        here = slice(*np.searchsorted(self.key, [key, key + 1]))
        return self.value[here], self.count[here]

    @property
    def most(self) -> int:
        """No more than so many pairs are held; `len(value)` may cost a sort."""
        return len(self.value)

    def _ranked(self, n: Ints, rank: Ints) -> Ints:
        """rank[..., key]: the value with so many before it; `n` of each key."""
        place = np.searchsorted(self._upto, np.cumsum(n) - n + rank, side="right")
        return self.value[np.minimum(place, len(self.value) - 1)]

    def _fit(self) -> Durations:
        return self.coarse() if self.exact and len(self.value) > self.cap else self


def joined(sums: Floats) -> Floats:
    """Seconds, of sums of the upper and of the lower parts of microseconds, both whole."""
    seconds: Floats = (sums[0] * float(1 << LOW) + sums[1]) / SECOND
    return seconds


def edges(value: Ints) -> tuple[Floats, Floats]:
    """Left and right edge, in microseconds, of the bins that grid values stand for."""
    half = np.sqrt(RATIO)
    return value / half, value * half


@lru_cache(maxsize=1)
def grid() -> tuple[Ints, Ints]:
    """The largest value of each bin, and what it stands for (its geometric centre); below one second that is 0."""
    steps = RATIO ** np.arange(np.floor(np.log((2**63 - 1) / SECOND) / np.log(RATIO)))
    edge = np.concatenate(([SECOND - 1], (steps * SECOND).astype(np.int64), [np.iinfo(np.int64).max]))
    centre = np.append(steps, steps[-1] * RATIO) * SECOND / np.sqrt(RATIO)
    return edge, np.concatenate(([0], centre.astype(np.int64)))


def _to_grid(value: Ints) -> Ints:
    """What the bin of each value stands for."""
    edge, centre = grid()
    return centre[np.searchsorted(edge, value)]


def _compact(key: Codes, value: Ints, count: Ints | None) -> tuple[Ints, Ints, Ints]:
    """Sort by (key, value) and add up the counts of equal pairs (None: every pair counts once)."""
    bits = int(value.max(initial=0)).bit_length()
    if bits + int(key.max(initial=0)).bit_length() > 62:
        if bits - SECOND.bit_length() + 1 + int(key.max(initial=0)).bit_length() > 62 or np.any(value % SECOND):
            return _compact_wide(key, value, count)
        key, value, count = _compact(key, value // SECOND, count)
        return key, value * SECOND, count
    jit = compiled(len(key)) if count is None else None
    if jit is not None:
        packed = jit.pack(key, value, bits)
        packed.sort()
        counted: tuple[Ints, Ints, Ints] = jit.count_equal(packed, bits)
        return counted
    packed = key.astype(np.int64)
    packed <<= bits
    packed |= value
    if count is None:
        packed.sort()
    else:
        order = np.argsort(packed, kind="stable")  # two sorted runs: merged, not sorted
        packed, count = packed[order], count[order]
    start = _starts(packed[1:] != packed[:-1], len(packed))
    pair = packed if len(start) == len(packed) else packed[start]
    smallest = pair & ((1 << bits) - 1)
    pair >>= bits
    return pair, smallest, _sums(start, count, len(packed))


def _compact_wide(key: Codes, value: Ints, count: Ints | None) -> tuple[Ints, Ints, Ints]:
    """The same where key and value do not fit one 64-bit word."""
    jit = compiled(len(key)) if count is None else None
    most = int(key.max(initial=0))
    if jit is not None and most <= MOST_COUNTED:
        seen = np.zeros(most + 1, bool)
        seen[key] = True
        there = np.flatnonzero(seen)  # keys lie far apart: numbered anew, their table stays near the processor
        number = np.empty(most + 1, np.int32)
        number[there] = np.arange(len(there))
        found, value, count = jit.count_wide(*jit.sorted_within(number[key], plain(value), len(there)))
        return there[found], value, count
    order = np.lexsort((value, key))
    wide, value = key[order].astype(np.int64), value[order]
    start = _starts((wide[1:] != wide[:-1]) | (value[1:] != value[:-1]), len(key))
    return wide[start], value[start], _sums(start, None if count is None else count[order], len(key))


def _starts(changed: NDArray[np.bool_], n: int) -> Ints:
    first = np.ones(n, bool)
    first[1:] = changed
    return np.flatnonzero(first)


def _sums(start: Ints, count: Ints | None, n: int) -> Ints:
    if not n:
        return np.empty(0, np.int64)
    if count is not None:
        return np.add.reduceat(count, start)
    long = np.empty(len(start), np.int64)  # np.diff(start, append=n) copies all once more
    np.subtract(start[1:], start[:-1], out=long[:-1])
    long[-1] = n - start[-1]
    return long
