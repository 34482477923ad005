"""Held: whether something other than a delay decided when an event began, and how long delays are that only then are seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints

Flags = NDArray[np.bool_]
HOUR = 3_600_000_000
WEEK_HOURS = 168
FEW, RARE = 50, 0.1
THURSDAY = 3 * 24  # 1970-01-01 was one


def hour_of_week(time: Ints) -> Ints:
    """0: Monday, 0 to 1 o'clock, ... 167."""
    return (time // HOUR + THURSDAY) % WEEK_HOURS


def released(resource: Ints, begin: Ints, end: Ints, within: int) -> Flags:
    """Per event: whether its resource ended another one at its beginning, or at most `within` before it."""
    low = int(min(begin.min(initial=0), end.min(initial=0))) - within
    span = int(end.max(initial=0)) - low + 1
    if span * (int(resource.max(initial=0)) + 1) >= 2**62:  # centuries of thousands: in seconds it fits
        return released(resource, begin // 1_000_000, end // 1_000_000, within // 1_000_000)
    ends = np.sort(resource * span + (end - low))
    upto, since = (resource * span + (begin - low - back) for back in (0, within))
    own = (end == begin) * 1  # an event without length ends at its own beginning
    found = np.searchsorted(ends, upto, side="right") - np.searchsorted(ends, since, side="left")
    freed: Flags = found - own > 0
    return freed


def usual_hours(group: Ints, begin: Ints, end: Ints, groups: int) -> Flags:
    """[groups, 168]: hours of the week in which work of each group begins or ends.

    One counts with a tenth of what its group's hours have on average; groups of few events are taken to keep the hours of
    all. What lies between a beginning and an end is not counted: work that is left overnight is nobody's night shift.
    """
    last = np.maximum(end - 1, begin)
    place = np.concatenate([group * WEEK_HOURS + hour_of_week(time) for time in (begin, last)])
    count = np.bincount(place, minlength=groups * WEEK_HOURS).reshape(groups, WEEK_HOURS)
    few = count.sum(axis=1) < 2 * FEW
    count[few] = count.sum(axis=0)
    often = count.sum(axis=1, keepdims=True) / np.maximum((count > 0).sum(axis=1, keepdims=True), 1)
    usual: Flags = (count > 0) & (count >= RARE * often)
    return usual


def just_opened(seen: Flags, group: Ints, begin: Ints, within: int) -> Flags:
    """Per event: whether it began at most `within` after its group's hours opened."""
    since = begin % HOUR
    before = hour_of_week(begin - since - 1)
    opened: Flags = (since <= within) & ~seen[group, before]
    return opened
