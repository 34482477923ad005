"""What follows what inside cases, and how long after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import compiled
from procmine.kernels.threads import case_ranges, each, plain

Ints = NDArray[np.int64]
Codes = NDArray[np.unsignedinteger[Any]]  # 8 or 16 bits


@dataclass(frozen=True, eq=False)
class Times:
    """When things happened, as int64 microseconds of one clock.

    Events lie case by case: case c owns `time[offset[c]:offset[c + 1]]`, in order, and may own none. A case is watched
    from `arrival[c]` to `until[c]`.
    """

    time: Ints
    offset: Ints
    arrival: Ints
    until: Ints

    def since_previous(self) -> Ints:
        """Per event: time since the event before it, for a first event since the arrival."""
        gap = np.empty_like(self.time)
        gap[1:] = self.time[1:] - self.time[:-1]
        filled = np.flatnonzero(np.diff(self.offset))
        first = self.offset[filled]
        gap[first] = self.time[first] - self.arrival[filled]
        return gap

    def tail(self) -> Ints:
        """Per case: time from its last event (if it has none: its arrival) to the end of watching."""
        last = self.arrival.copy()
        filled = np.flatnonzero(np.diff(self.offset))
        last[filled] = self.time[self.offset[filled + 1] - 1]
        return self.until - last


def cases_of(offset: Ints) -> Ints:
    """Per event: the number of its case."""
    return np.repeat(np.arange(len(offset) - 1), np.diff(offset))


def case_steps(activity: Codes, offset: Ints, size: int) -> Ints:
    """Every step that a case came to, once: case * size + step, ascending; there are `size` steps."""
    return np.unique(cases_of(offset) * size + activity)


def is_first(offset: Ints) -> NDArray[np.bool_]:
    """Per event: whether it is the first of its case."""
    first = np.zeros(int(offset[-1]), bool)
    first[offset[:-1][np.diff(offset) > 0]] = True
    return first


def following(activity: Codes, offset: Ints, activities: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Directly-follows pairs: code `before * activities + after` of each event with a predecessor, and which those are."""
    has = ~is_first(offset)
    before = np.roll(activity, 1)[has].astype(np.int64)
    return before * activities + activity[has], has


def moves(activity: Codes, times: Times, activities: int) -> tuple[NDArray[np.integer[Any]], Ints]:
    """As `following`, with the time since the event before instead of which those are."""
    jit, offset = compiled(len(activity)), times.offset
    if jit is None or activity.dtype.itemsize > 2:
        pair, has = following(activity, offset, activities)
        return pair, times.since_previous()[has]
    own = tuple(plain(one) for one in (activity, times.time, offset))
    parts = case_ranges(offset)
    skipped = [int(np.count_nonzero(np.diff(offset[begin : end + 1]))) for begin, end in parts]
    n = int(offset[-1]) - sum(skipped)
    key: NDArray[np.integer[Any]] = np.empty(n, np.uint16 if activity.itemsize == 1 else np.uint32)
    gap = np.empty(n, np.int64)
    to = {begin: int(offset[begin]) - sum(skipped[:part]) for part, (begin, _) in enumerate(parts)}
    each(lambda begin, end: jit.moves(*own, begin, end, activities, key, gap, to[begin]), parts)
    return key, gap


MOST_PAIRS = 1 << 22  # counted in a table; a processor cannot hold more at hand


def move_counts(activity: Codes, offset: Ints, activities: int) -> Ints:
    """How often each code of `following` occurs: counts[before * activities + after]."""
    jit = compiled(len(activity))
    if jit is None or activity.dtype.itemsize > 2 or activities**2 > MOST_PAIRS:
        every: Ints = np.bincount(following(activity, offset, activities)[0], minlength=activities**2)
        return every
    lanes = jit.LANES if activities <= 64 else 1
    own = plain(activity), plain(offset)

    def count(begin: int, end: int) -> Ints:
        pairs = np.zeros((lanes, activities**2), np.int64)
        jit.count_moves(*own, begin, end, activities, pairs)
        added: Ints = pairs.sum(axis=0)
        return added

    counted: Ints = np.sum(each(count, case_ranges(offset)), axis=0)
    return counted


def end_counts(activity: Codes, offset: Ints, open_: NDArray[np.bool_], activities: int) -> tuple[Ints, Ints]:
    """How many cases begin with each step, and how many that are not open end with each."""
    jit = compiled(len(activity))
    if jit is None or activity.dtype.itemsize > 2:
        filled = np.diff(offset) > 0
        first, last = offset[:-1][filled], offset[1:][filled & ~open_] - 1
        begun, over = (np.bincount(activity[place], minlength=activities) for place in (first, last))
        return begun, over
    own = plain(activity), plain(offset), plain(open_)

    def count(begin: int, end: int) -> Ints:
        counts = np.zeros((2, activities), np.int64)
        jit.count_ends(*own, begin, end, counts)
        return counts

    starts, ends = np.sum(each(count, case_ranges(offset)), axis=0)
    return starts, ends


def repeats(activity: Codes, offset: Ints, activities: int) -> Ints:
    """[kind, step]: events; cases with it; cases with it more than once; events directly after the same step."""
    jit = compiled(len(activity))
    if jit is None or activity.dtype.itemsize > 2:
        found, times = np.unique(cases_of(offset) * activities + activity, return_counts=True)
        step = found % max(activities, 1)
        before, after = np.divmod(following(activity, offset, activities)[0], max(activities, 1))
        kinds = (activity, step, step[times > 1], before[before == after])
        return np.stack([np.bincount(kind, minlength=activities) for kind in kinds])
    own = plain(activity), plain(offset)

    def count(begin: int, end: int) -> Ints:
        counts = np.zeros((4, activities), np.int64)
        jit.repeats(*own, begin, end, counts)
        return counts

    counted: Ints = np.sum(each(count, case_ranges(offset)), axis=0)
    return counted


def step_match(activity: Codes, offset: Ints, steps: Ints, *, last: bool = False) -> Ints:
    """Per case: position of its first (or last) event that is one of these steps (codes), or -1."""
    jit = compiled(len(activity))
    if jit is None or activity.dtype.itemsize > 2:
        return (last_match if last else first_match)(np.isin(activity, steps), offset)
    wanted = np.zeros(256**activity.itemsize, bool)
    wanted[steps] = True
    place, own = np.empty(len(offset) - 1, np.int64), (plain(activity), plain(offset))
    each(lambda begin, end: jit.match(*own, begin, end, wanted, last, place), case_ranges(offset))
    return place


def first_match(wanted: NDArray[np.bool_], offset: Ints) -> Ints:
    """Per case: position of its first wanted event, or -1."""
    place = np.full(len(offset) - 1, -1, np.int64)
    hit = np.flatnonzero(wanted)[::-1]
    place[np.searchsorted(offset, hit, side="right") - 1] = hit
    return place


def last_match(wanted: NDArray[np.bool_], offset: Ints) -> Ints:
    """Per case: position of its last wanted event, or -1."""
    place = np.full(len(offset) - 1, -1, np.int64)
    hit = np.flatnonzero(wanted)
    place[np.searchsorted(offset, hit, side="right") - 1] = hit
    return place


def path_codes(activity: Codes, offset: Ints) -> Ints:
    """Per case: a 64-bit hash of its sequence of activities; two of a million different paths collide once in 10^7 logs."""
    jit = compiled(len(activity))
    if jit is not None and activity.dtype.itemsize <= 2:
        return _path_codes(activity, offset, jit)
    position = (np.arange(len(activity)) - np.repeat(offset[:-1], np.diff(offset))).astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = _mix(_mix(activity.astype(np.uint64) + np.uint64(1)) + position)
        upto = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)))
        summed = _mix(upto[offset[1:]] - upto[offset[:-1]] + np.diff(offset).astype(np.uint64))
    return summed.astype(np.int64)


def _path_codes(activity: Codes, offset: Ints, jit: Any) -> Ints:
    """The compiled form: what the first events of cases add to the hash is looked up."""
    size = int(activity.max(initial=0)) + 1
    known = min(64, int(np.diff(offset).max(initial=0)), 65_536 // size)
    with np.errstate(over="ignore"):
        step = _mix(np.arange(1, size + 1, dtype=np.uint64))
        mixed = _mix(step[None, :] + np.arange(known, dtype=np.uint64)[:, None])
    words, own = np.empty(len(offset) - 1, np.int64), (plain(activity), plain(offset))
    each(lambda begin, end: jit.path_words(*own, begin, end, mixed, words), case_ranges(offset))
    return words


def distinct(words: Ints) -> tuple[Ints, Ints]:
    """The number of each word among the distinct ones, and where each of those stands first; in no certain order."""
    jit = compiled(len(words))
    if jit is None:
        _, first, which = np.unique(words, return_index=True, return_inverse=True)
        return which, first
    found: tuple[Ints, Ints] = jit.distinct(plain(words))
    return found


def _mix(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014)."""
    word = word + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
