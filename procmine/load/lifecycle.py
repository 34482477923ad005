"""Life cycles: rows that are starts and completions, paired into one event with a start and an end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.timestamps import MISSING
from procmine.log import Text
from procmine.words import Message

Flags = NDArray[np.bool_]
STARTS, COMPLETES = ("start", "started", "begin"), ("complete", "completed", "end", "finish")


@dataclass(frozen=True, eq=False)
class Paired:
    """Per row: the start of the event that it completes (MISSING if none), and what becomes of the other rows."""

    start: Ints
    joined: Flags  # starts that went into the event of their completion
    running: Flags  # starts without completion
    other: Flags  # schedule, suspend and the like
    note: Message


def pairs(lifecycle: Text) -> bool:
    """Whether the rows are starts and completions."""
    found = set(_words(lifecycle))
    return bool(found & set(STARTS)) and bool(found & set(COMPLETES))


def unusual(lifecycle: Text) -> Message | None:
    """What to say of a life cycle that is not one of starts and completions; nothing if all rows are completions."""
    found = sorted(set(_words(lifecycle)) - set(COMPLETES))
    return Message("load.lifecycle.other", {"names": ", ".join(found[:8])}) if found else None


def pair(lifecycle: Text, keys: list[NDArray[np.int32]], time: Ints, good: Flags) -> Paired:
    """Each completion takes the earliest start before it, with the same keys (case, activity, instance), not yet taken.

    At the same moment starts come first. Only `good` rows take part.
    """
    words = np.array([*_words(lifecycle), ""])
    begins, ends = np.isin(words, STARTS)[lifecycle.codes], np.isin(words, COMPLETES)[lifecycle.codes]
    unmarked = lifecycle.codes < 0  # a row that says nothing is an event that happened
    row = np.flatnonzero(good & (begins | ends))
    row = row[np.lexsort((~begins[row], time[row], *(key[row] for key in reversed(keys))))]
    group = _groups([key[row] for key in keys])
    start_row, end_row = _first_in_first_out(row, begins[row], group)
    start = np.full(len(time), MISSING)
    start[end_row] = time[start_row]
    joined = np.zeros(len(time), bool)
    joined[start_row] = True
    other = good & ~begins & ~ends & ~unmarked
    names = ", ".join(sorted(set(words[lifecycle.codes[other]])))
    values: dict[str, int | str] = {"pairs": len(end_row), "other": int(other.sum()), "names": names}
    note = Message("load.lifecycle.pairs_other" if names else "load.lifecycle.pairs", values)
    return Paired(start, joined, good & begins & ~joined, other, note)


def _words(lifecycle: Text) -> list[str]:
    return [word.strip().lower() for word in lifecycle.levels.to_pylist()]


def _groups(keys: list[NDArray[np.int32]]) -> Ints:
    """Numbers of runs of equal keys."""
    new = np.zeros(len(keys[0]), bool)
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.cumsum(new)


def _first_in_first_out(row: Ints, begins: Flags, group: Ints) -> tuple[Ints, Ints]:
    """Rows of starts and of the completions that end them. A completion that finds no start waiting stays alone."""
    if not len(row):
        return row, row
    count = np.cumsum(np.where(begins, 1, -1))
    first = np.flatnonzero(np.diff(group, prepend=-1))
    count -= (count[first] - np.where(begins[first], 1, -1))[group]
    far = 2 * len(row) * group  # keeps each group's running minimum below that of the group before
    lowest = np.minimum.accumulate(np.minimum(count, 0) - far) + far
    before = np.append(0, lowest[:-1])
    before[first] = 0
    matched = ~begins & (lowest == before)
    starts, ends = np.flatnonzero(begins), np.flatnonzero(matched)
    rank = np.arange(len(ends)) - np.searchsorted(group[ends], group[ends])
    return row[starts[np.searchsorted(group[starts], group[ends]) + rank]], row[ends]
