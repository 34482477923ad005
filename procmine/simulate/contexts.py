"""Contexts: the lists of last steps that are told apart, and how a path goes from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints

Codes = NDArray[np.int32]

MEMORY = 6  # steps that are remembered
MOST, CELLS = 20_000, 4_000_000  # contexts, and contexts x steps


@dataclass(frozen=True, eq=False)
class Contexts:
    """Lists of 1 to MEMORY last steps that enough visits went on from; any single step is one.

    Numbered by length. node[k]: per visit its context of k + 1 steps, -1 where that is none. `first[k]`: the first
    context of k + 1 steps. oldest: per context its oldest step; shorter: the context without that, -1 at one step.
    Symbols are steps, and `steps` for the arrival; nothing lies before that.
    """

    steps: int
    node: Sequence[NDArray[np.int32]]
    first: Ints
    oldest: Ints
    shorter: Ints

    @classmethod
    def of(cls, recent: Codes, went_on: NDArray[np.bool_], steps: int, least: int) -> Contexts:
        """recent[k]: per visit the step k steps back; least: visits that went on from a context of several steps."""
        seen = np.bincount(recent[0], minlength=steps + 1) > 0
        nodes = [(np.cumsum(seen) - 1).astype(np.int32)[recent[0]]]
        oldest, shorter = [np.flatnonzero(seen)], [np.full(int(seen.sum()), -1)]
        first, most = [0, int(seen.sum())], min(MOST, CELLS // (steps + 1))
        for back in recent[1:]:
            node, code, least = _longer(nodes[-1], back, went_on, steps, least, max(most - first[-1], 0))
            if not len(code):
                break
            nodes.append(np.where(node >= 0, node + first[-1], -1).astype(np.int32))
            oldest.append(code % (steps + 1))
            shorter.append(code // (steps + 1))
            first.append(first[-1] + len(code))
        return cls(steps, nodes, np.array(first), np.concatenate(oldest), np.concatenate(shorter))

    def __len__(self) -> int:
        return int(self.first[-1])

    @cached_property
    def longest(self) -> Ints:
        """Per visit: its longest context."""
        found = self.node[0].astype(np.int64)
        for node in self.node[1:]:
            found = np.where(node >= 0, node, found)
        return found

    @cached_property
    def last(self) -> Ints:
        """Per context: its last step."""
        return self.oldest[self.single]

    @cached_property
    def single(self) -> Ints:
        """Per context: the context of its last step alone."""
        single = np.arange(len(self))
        for low, high in zip(self.first[1:-1], self.first[2:]):
            single[low:high] = single[self.shorter[low:high]]
        return single

    @property
    def length(self) -> Ints:
        return np.repeat(np.arange(1, len(self.first)), np.diff(self.first))

    @cached_property
    def start(self) -> int:
        """The context of a case that has just arrived."""
        return int(np.flatnonzero(self.oldest[: self.first[1]] == self.steps)[0])

    @cached_property
    def follow(self) -> NDArray[np.int32]:
        """[context, step]: the longest context that ends with the step; -1 for steps that no case is ever at."""
        single = np.full(self.steps + 1, -1)
        single[self.oldest[: self.first[1]]] = np.arange(self.first[1])
        after = np.empty((len(self), self.steps), np.int32)
        exact = np.broadcast_to(single[: self.steps], (1, self.steps))
        for order, (low, high) in enumerate(zip(self.first[:-1], self.first[1:])):
            before = exact[self.shorter[low:high] - (self.first[order - 1] if order else 0)] if order else exact
            exact = self._extended(order + 1, before, self.oldest[low:high, None])
            shorter = after[self.shorter[low:high]] if order else single[: self.steps]
            after[low:high] = np.where(exact >= 0, exact, shorter)
        return after

    def _extended(self, order: int, context: Ints, oldest: Ints) -> Ints:
        """The context that is `context`, of `order` steps, with one more step before it; -1 where that is none."""
        shape = np.broadcast_shapes(context.shape, oldest.shape)
        if order + 1 >= len(self.first):
            return np.full(shape, -1)
        low, high = self.first[order], self.first[order + 1]
        names = self.shorter[low:high] * (self.steps + 1) + self.oldest[low:high]
        code = np.where(context >= 0, context * (self.steps + 1) + oldest, -1)
        place = np.minimum(np.searchsorted(names, code), len(names) - 1)
        return np.where(names[place] == code, place + low, -1)


def _longer(
    node: NDArray[np.int32], back: Codes, went_on: NDArray[np.bool_], steps: int, least: int, most: int
) -> tuple[NDArray[np.int32], Ints, int]:
    """Contexts with one more step, at most `most` of them: per visit its number or -1, their codes, the least visits."""
    code = np.where((node >= 0) & (back <= steps), node.astype(np.int64) * (steps + 1) + back, -1)
    support = np.bincount(code[(code >= 0) & went_on])
    if (support >= least).sum() > most:
        least = max(least, int(np.sort(support)[-most - 1]) + 1 if most else int(support.max()) + 1)
    kept = np.flatnonzero(support >= least)
    number = np.full(len(support) + 1, -1, np.int32)
    number[kept] = np.arange(len(kept))
    return np.where(code < len(support), number[np.minimum(code, len(support))], -1).astype(np.int32), kept, least
