"""Counts: how often each code occurs, kept for the codes that occur; lengths of time become codes within 1%."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DROPPED = 45  # of the 52 bits after the point of a float: 128 bins for each doubling
FIRST = int(np.float64(1_000_000).view(np.int64)) >> DROPPED  # one second
BINS = 8_192  # more than all lengths from a second to 100,000 years need
MANY = 50_000  # codes from which counting is faster than sorting


@dataclass(frozen=True, eq=False)
class Counts:
    """`code` ascends without repeats; merging adds, so a split of the data changes nothing."""

    code: Ints
    count: Ints

    @classmethod
    def of(cls, code: NDArray[np.integer[Any]], size: int) -> Counts:
        """How often each of the codes 0 <= code < size stands there."""
        if len(code) < MANY or size > 40 * len(code):
            found, count = np.unique(code.astype(np.int64), return_counts=True)
            return cls(found, count.astype(np.int64))
        every = np.bincount(code, minlength=size)
        there = np.flatnonzero(every)
        return cls(there, every[there].astype(np.int64))

    def merge(self, other: Counts) -> Counts:
        code, place = np.unique(np.concatenate((self.code, other.code)), return_inverse=True)
        count = np.zeros(len(code), np.int64)
        np.add.at(count, place, np.concatenate((self.count, other.count)))
        return Counts(code, count)

    def below(self, code: int) -> Counts:
        """Without that code and those after it."""
        kept = slice(int(np.searchsorted(self.code, code)))
        return Counts(self.code[kept], self.count[kept])

    def per(self, width: int, keys: int) -> Ints:
        """Counts added up by key, where code = key * width + rest."""
        return np.bincount(self.code // width, self.count, keys).astype(np.int64)

    def quantile(self, p: float, keys: int) -> Ints:
        """Of codes key * BINS + bin: the first bin at or below which a share p of the key's counts lies; -1 for none."""
        n, upto = self.per(BINS, keys), np.cumsum(self.count)
        wanted = np.cumsum(n) - n + np.maximum(np.ceil(p * n - 1e-9), 1)
        place = np.minimum(np.searchsorted(upto, wanted, side="left"), max(len(upto) - 1, 0))
        return np.where(n > 0, self.code[place] % BINS, -1) if len(upto) else np.full(keys, -1)

    def beyond(self, bins: Ints) -> Ints:
        """Per key: how many counts lie in bins after `bins[key]`; none where that is -1."""
        key, one = np.divmod(self.code, BINS)
        late = (one > bins[key]) & (bins[key] >= 0)
        return np.bincount(key[late], self.count[late], len(bins)).astype(np.int64)


def bin_of(value: Ints) -> Ints:
    """The bin of each length in microseconds; all below a second are in bin 0."""
    bins = value.astype(np.float64).view(np.int64)
    bins >>= DROPPED
    bins -= FIRST - 1
    return np.maximum(bins, 0, out=bins)


def least_of_bins() -> Floats:
    """The smallest microseconds of each bin."""
    begins = (np.arange(FIRST - 1, FIRST - 1 + BINS) << DROPPED).view(np.float64)
    begins[0] = 0
    return begins


def seconds_of(bins: Ints) -> Floats:
    """The middle of each bin: off by at most 0.4%; nan for -1."""
    edges = [(np.maximum(bins, 1) + FIRST - 1 + more << DROPPED).view(np.float64) for more in (0, 1)]
    middle: Floats = np.where(bins > 0, np.sqrt(edges[0] * edges[1]) / 1e6, 0.0)
    return np.where(bins < 0, np.nan, middle)
