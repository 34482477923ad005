"""States: of several causes that may hold at once in a case, the one that counts at each moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from procmine.kernels.flow import Ints

Spells: TypeAlias = "tuple[Ints, Ints, Ints]"  # case, begin and end of each; they may overlap


@dataclass(frozen=True, eq=False)
class Pieces:
    """Stretches of time that follow each other in each case, cases ascending; `state` is a number, none has length 0."""

    case: Ints
    begin: Ints
    end: Ints
    state: Ints

    def of(self, state: int) -> Pieces:
        here = np.flatnonzero(self.state == state)
        return Pieces(self.case[here], self.begin[here], self.end[here], self.state[here])

    def before(self, time: Ints, case: Ints) -> Ints:
        """The last piece of the same case that begins at or before each moment, or -1."""
        moments = np.unique(self.begin)
        size = len(moments) + 1
        held = self.case * size + np.searchsorted(moments, self.begin, side="right")
        place = np.searchsorted(held, case * size + np.searchsorted(moments, time, side="right"), side="right") - 1
        known = (place >= 0) & (np.append(self.case, -1)[place] == case)
        return np.where(known, place, -1)


def pieces(first: Ints, last: Ints, causes: Sequence[Spells]) -> Pieces:
    """Each case from `first` to `last` cut where its state changes: the first cause that holds, else `len(causes)`.

    What lies outside of `first` to `last` does not count.
    """
    n = len(first)
    whole = (np.arange(n), first, last)
    case, moment, step, cause = (
        np.concatenate(one) for one in zip(*map(_edges, [*causes, whole], range(len(causes) + 1)))
    )
    moment = np.clip(moment, first[case], last[case])
    order = np.lexsort((moment, case))
    case, moment, step, cause = case[order], moment[order], step[order], cause[order]
    state = np.full(len(case), len(causes), np.int64)
    for number in range(len(causes) - 1, -1, -1):
        running = np.cumsum(np.where(cause == number, step, 0))  # 0 again at the end of each case
        state[running > 0] = number
    length = np.zeros(len(case), np.int64)
    length[:-1] = np.where(case[1:] == case[:-1], moment[1:] - moment[:-1], 0)
    kept = np.flatnonzero(length > 0)
    return _joined(Pieces(case[kept], moment[kept], moment[kept] + length[kept], state[kept]))


def _edges(spells: Spells, number: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Case, moment, +1 or -1, and number of the cause, of each beginning and end; a spell that ends first is none."""
    case, begin, end = spells
    sign = np.repeat([1, -1], len(case))
    return (
        np.concatenate((case, case)),
        np.concatenate((begin, np.maximum(end, begin))),
        sign,
        np.full(2 * len(case), number),
    )


def _joined(cut: Pieces) -> Pieces:
    """Neighbours of one state in one case as one piece."""
    new = np.ones(len(cut.case), bool)
    new[1:] = (cut.case[1:] != cut.case[:-1]) | (cut.state[1:] != cut.state[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(new)) - 1 if len(new) else first
    return Pieces(cut.case[first], cut.begin[first], cut.end[last], cut.state[first])
