"""Path sums: numbers added up over the cases that took the same path, mergeable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.flow import Codes, Ints, distinct, path_codes
from procmine.kernels.threads import plain

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PathSums:
    """One row a path, in no certain order: its hash `word` (see `path_codes`), its `sums`, and which codes it has:
    `codes[begin[i]:begin[i + 1]]`."""

    word: Ints
    begin: Ints
    codes: Codes
    sums: Floats

    @classmethod
    def of(cls, activity: Codes, offset: Ints, columns: list[NDArray[Any] | None]) -> PathSums:
        """Add up columns of cases (None: how many there are)."""
        words = path_codes(activity, offset)
        which, first = distinct(words)
        sums = [np.bincount(which, column, len(first)) for column in columns]
        begin, codes = gathered(activity, offset, first)
        return cls(words[first], begin, codes, np.stack(sums, axis=1).astype(np.float64))

    def merge(self, other: PathSums) -> PathSums:
        which, first = distinct(np.concatenate((self.word, other.word)))
        sums = np.zeros((len(first), self.sums.shape[1]))
        np.add.at(sums, which, np.concatenate((self.sums, other.sums)))
        word = np.concatenate((self.word, other.word))[first]
        begin = np.concatenate((self.begin, self.begin[-1] + other.begin[1:]))
        return PathSums(word, *gathered(np.concatenate((self.codes, other.codes)), begin, first), sums)

    def ranked(self) -> PathSums:
        """Largest first sum first; ties by their codes, shorter paths before those that go on from them."""
        order = path_order(self.codes, self.begin, -self.sums[:, 0])
        return PathSums(self.word[order], *gathered(self.codes, self.begin, order), self.sums[order])

    def texts(self, names: tuple[str, ...], between: str) -> NDArray[np.object_]:
        """The names of each path's codes, joined."""
        import pyarrow as pa
        from pyarrow import compute

        steps = pa.array(names, pa.large_string()).take(pa.array(self.codes))
        lists = pa.LargeListArray.from_arrays(pa.array(self.begin), steps)
        told: NDArray[np.object_] = compute.binary_join(lists, pa.scalar(between, pa.large_string())).to_numpy(
            zero_copy_only=False
        )
        return told


def gathered(codes: Codes, offset: Ints, kept: Ints) -> tuple[Ints, Codes]:
    """Where each of these rows begins, and their codes."""
    jit = compiled(len(kept) * 8)
    if jit is not None and codes.dtype.itemsize <= 2:
        found: tuple[Ints, Codes] = jit.gathered(plain(codes), plain(offset), plain(kept))
        return found
    long = np.diff(offset)[kept]
    begin = np.concatenate(([0], np.cumsum(long)))
    return begin, codes[np.repeat(offset[kept] - begin[:-1], long) + np.arange(begin[-1])]


def path_order(codes: Codes, begin: Ints, number: Floats) -> Ints:
    """The order of paths by a number, ties by their codes from the first on; what ends sorts before what goes on.

    As many codes as fit stand in one word with the rank so far; only those still tied are looked at again.
    """
    order, rank = np.arange(len(number)), np.unique(number, return_inverse=True)[1]
    bits, done, longest = (int(codes.max(initial=0)) + 1).bit_length(), 0, int(np.diff(begin).max(initial=0))
    row, spot = order.copy(), order.copy()  # of those still tied: which paths, and where they go
    while len(row):
        width = max((63 - int(rank.max()).bit_length()) // bits, 1)
        word = _words(codes, begin[row] + done, begin[row + 1], rank, width, bits)
        own = np.argsort(word)
        row, word, done = row[own], word[own], done + width
        order[spot] = row
        new = np.concatenate(([True], word[1:] != word[:-1]))
        tied = ~(new & np.append(new[1:], True)) & (done < longest)
        row, spot, rank = row[tied], spot[tied], np.cumsum(new)[tied]
    return order


def _words(codes: Codes, begin: Ints, end: Ints, rank: Ints, width: int, bits: int) -> Ints:
    """The rank, then so many codes; 0 after the end of a path."""
    word = rank.astype(np.int64)
    for place in range(width if len(codes) else 0):  # no case may have an event that is left
        at = begin + place
        word = word << bits | np.where(at < end, codes[np.minimum(at, len(codes) - 1)].astype(np.int64) + 1, 0)
    return word
