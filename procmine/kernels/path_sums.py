"""Path sums: numbers added up over the cases that took the same path, mergeable."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Codes, Ints, distinct, path_codes

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
        wide = self.codes.astype(f">u{self.codes.dtype.itemsize}").tobytes()
        edges = (self.begin * self.codes.dtype.itemsize).tolist()
        keys = [wide[begin:end] for begin, end in pairwise(edges)]
        order = np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)
        order = order[np.argsort(-self.sums[order, 0], kind="stable")]
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
    long = np.diff(offset)[kept]
    begin = np.concatenate(([0], np.cumsum(long)))
    return begin, codes[np.repeat(offset[kept] - begin[:-1], long) + np.arange(begin[-1])]
