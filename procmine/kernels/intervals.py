"""Intervals: how long at least one of several is running, per group, and how long before a moment something was free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints

Flags = NDArray[np.bool_]


def union_length(group: Ints, begin: Ints, end: Ints, groups: int) -> Ints:
    """Per group: the length of the union of its intervals [begin, end]; what runs twice at once counts once."""
    order = np.lexsort((begin, group))
    group, begin, end = group[order], begin[order], end[order]
    reach = _running_end(group, end)
    upto = np.empty_like(end)
    upto[1:] = np.where(group[1:] == group[:-1], reach[:-1], begin[1:])
    upto[:1] = begin[:1]
    new = np.maximum(end - np.maximum(begin, upto), 0)
    total = np.zeros(groups, np.int64)
    np.add.at(total, group, new)
    return total


def merged(group: Ints, begin: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Group, begin and end of the intervals that do not touch each other and cover the same time, in that order."""
    order = np.lexsort((begin, group))
    group, begin, end = group[order], begin[order], end[order]
    reach = _running_end(group, end)
    new = np.ones(len(group), bool)
    new[1:] = (group[1:] != group[:-1]) | (begin[1:] > reach[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(group)) - 1 if len(group) else first
    return group[first], begin[first], reach[last]


def _running_end(group: Ints, end: Ints) -> Ints:
    """The latest end so far in its group; groups ascend. Places of ends in their order stand for them: no sum overflows."""
    n = len(end)
    place = np.empty(n, np.int64)
    ordered = np.argsort(end, kind="stable")
    place[ordered] = np.arange(n)
    latest: Ints = np.maximum.accumulate(group * n + place) - group * n if n else place
    reach: Ints = end[ordered][latest]
    return reach
