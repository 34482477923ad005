"""Life cycles: rows that are starts and completions, paired into one event with a start and an end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.dates.timestamps import MISSING
from procmine.log import Text
from procmine.words import Message, Span

Flags = NDArray[np.bool_]
STARTS, COMPLETES = ("start", "started", "begin"), ("complete", "completed", "end", "finish")
ABORTS = ("ate_abort", "pi_abort")  # of the step, of the whole case, in the transactional model of XES
SUSPENDS, RESUMES = ("suspend",), ("resume",)


@dataclass(frozen=True, eq=False)
class Paired:
    """Per row: the start of the event that it completes (MISSING if none), and what becomes of the other rows.

    `counts` of all that is said (`length` in microseconds), and of the `names` of other rows.
    """

    start: Ints
    joined: Flags  # starts that went into the event of their completion
    running: Flags  # starts without completion
    other: Flags  # schedule, suspend and the like
    counts: Mapping[str, int]
    names: Mapping[str, int]


def unusual(found: Sequence[str]) -> Message | None:
    """What to say of a life cycle that is not one of starts and completions; nothing if all rows are completions."""
    return Message("load.lifecycle.other", {"names": ", ".join(sorted(found)[:8])}) if found else None


def pair(lifecycle: Text, keys: list[NDArray[np.int32]], time: Ints, good: Flags) -> Paired:
    """Each completion takes the earliest start before it, with the same keys (case, activity, instance), not yet taken.

    An abort takes a start just so, and both are no event. At the same moment starts come first. Only `good` rows take
    part. Time between suspend and resume stays in its event, and is said.
    """
    kinds = np.array([*words(lifecycle), ""])
    marked = {kind: good & np.isin(kinds, kind)[lifecycle.codes] for kind in (STARTS, COMPLETES, ABORTS)}
    begins, ends, aborts = marked.values()
    unmarked = lifecycle.codes < 0  # a row that says nothing is an event that happened
    starts, finished = _matched(begins, ends | aborts, keys, time)
    done = ends[finished]
    start = np.full(len(time), MISSING)
    start[finished[done]] = time[starts[done]]
    joined = np.zeros(len(time), bool)
    joined[starts[done]] = True
    other = good & ~begins & ~ends & ~unmarked
    suspended, resumed = (good & np.isin(kinds, kind)[lifecycle.codes] for kind in (SUSPENDS, RESUMES))
    held, on = _matched(suspended, resumed, keys, time)
    counts = {
        "pairs": int(done.sum()),
        "alone": int((ends & ~unmarked).sum()) - int(done.sum()),
        "aborted": int((~done).sum()),
        "suspended": len(held),
        "length": int((time[on] - time[held]).sum()),
        "other": int(other.sum()),
    }
    names = dict.fromkeys(kinds[lifecycle.codes[other]].tolist(), 1)
    return Paired(start, joined, begins & ~joined, other, counts, names)


def said_of_pairs(counts: Mapping[str, int], names: Collection[str]) -> Message:
    """What became of starts and completions."""
    more = _more(*(counts.get(one, 0) for one in ("alone", "aborted", "suspended", "length")))
    others = Message("load.lifecycle.rows", {"n": counts.get("other", 0), "names": ", ".join(sorted(names))})
    more += (others,) if names else ()
    said = Message("load.lifecycle.more", {"what": more}) if more else ""
    return Message("load.lifecycle.pairs", {"pairs": counts.get("pairs", 0), "more": said})


def _matched(begins: Flags, ends: Flags, keys: list[NDArray[np.int32]], time: Ints) -> tuple[Ints, Ints]:
    """Rows that begin something and those that end it, first in, first out among rows of equal keys."""
    row = np.flatnonzero(begins | ends)
    row = row[np.lexsort((~begins[row], time[row], *(key[row] for key in reversed(keys))))]
    return _first_in_first_out(row, begins[row], _groups([key[row] for key in keys]))


def _more(alone: int, aborted: int, suspended: int, length: int) -> tuple[Message, ...]:
    """What else the rows show."""
    said = []
    if alone:
        said.append(Message("load.lifecycle.alone", {"n": alone}))
    if aborted:
        said.append(Message("load.lifecycle.aborted", {"n": aborted}))
    if suspended:
        said.append(Message("load.lifecycle.suspended", {"n": suspended, "length": Span(float(length) / 1e6)}))
    return tuple(said)


def words(lifecycle: Text) -> list[str]:
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
