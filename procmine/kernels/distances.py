"""Distances: how far two sets of activity instances lie apart, in the measures that simulations are compared by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HOUR = 3_600_000_000
N = 3  # activities in an n-gram
NAMES = ("ngd", "aed", "car", "ced", "red", "ctd")
APART = 23.0  # hours between two logs on a weekday on which only one has events


@dataclass(frozen=True, eq=False)
class Instances:
    """One entry per activity instance. case: its number, 0 .. cases - 1, each with at least one instance; activity: a code
    that means the same in both logs that are compared, from 0; start, end: microseconds of a wall clock since 1970. Instances
    that start and end together count in the order given.
    """

    case: Ints
    activity: Ints
    start: Ints
    end: Ints

    @cached_property
    def order(self) -> Ints:
        """By case, start, end."""
        return np.lexsort((self.end, self.start, self.case))

    @cached_property
    def first(self) -> Ints:
        """Per case: when its first instance starts."""
        case = self.case[self.order]
        return self.start[self.order][np.flatnonzero(np.diff(case, prepend=-1))]

    @cached_property
    def last(self) -> Ints:
        """Per case: when its last instance ends."""
        last = np.full(len(self.first), np.iinfo(np.int64).min)
        np.maximum.at(last, self.case, self.end)
        return last

    @cached_property
    def moments(self) -> Ints:
        """All starts and all ends."""
        return np.concatenate((self.start, self.end))

    @cached_property
    def since(self) -> Ints:
        """The same since the first start of their case."""
        return self.moments - np.tile(self.first[self.case], 2)

    def taken(self, cases: Ints) -> Instances:
        """These cases, as often as they are named, each time as another case."""
        order = np.argsort(self.case, kind="stable")
        count = np.bincount(self.case, minlength=int(self.case.max()) + 1)
        begin = np.cumsum(count) - count
        length = count[cases]
        new = np.cumsum(length) - length
        case = np.repeat(np.arange(len(cases)), length)
        place = order[begin[cases][case] + np.arange(len(case)) - new[case]]
        return Instances(case, self.activity[place], self.start[place], self.end[place])


def apart(one: Ints, two: Ints) -> float:
    """1-Wasserstein distance between the distributions of two sets of whole numbers; nan where one is empty."""
    if not len(one) or not len(two):
        return float("nan")
    place = np.unique(np.concatenate((one, two)))
    upto = [np.searchsorted(np.sort(some), place[:-1], side="right") / len(some) for some in (one, two)]
    return float(np.sum(np.abs(upto[0] - upto[1]) * np.diff(place)))


def ngd(one: Instances, two: Instances) -> float:
    """N-gram distance, 0 (same) to 1: of counts of three activities in a row, two blanks before and after a case."""
    base = int(max(one.activity.max(), two.activity.max())) + 2
    grams = [_grams(some, base) for some in (one, two)]
    number = np.unique(np.concatenate(grams), return_inverse=True)[1]
    size = int(number.max()) + 1
    counts = [np.bincount(some, minlength=size) for some in np.split(number, [len(grams[0])])]
    return float(np.abs(counts[0] - counts[1]).sum() / len(number))


def aed(one: Instances, two: Instances) -> float:
    """Absolute event distance, hours: of the hours in which activities start or end."""
    return _since_both(one.moments, two.moments)


def car(one: Instances, two: Instances) -> float:
    """Case arrival distance, hours: of the hours in which cases start."""
    return _since_both(one.first, two.first)


def ced(one: Instances, two: Instances) -> float:
    """Circadian event distance, hours: of the hours of the day, for each weekday, and the mean of the seven."""
    both = [(some.moments // HOUR % 24, (some.moments // HOUR // 24 + 3) % 7) for some in (one, two)]
    found = [_of_day(*(hour[weekday == day] for hour, weekday in both)) for day in range(7)]
    return float(np.mean(found))


def red(one: Instances, two: Instances) -> float:
    """Relative event distance, hours: of the whole hours from the first start of a case to its starts and ends."""
    return apart(one.since // HOUR, two.since // HOUR)


def ctd(one: Instances, two: Instances) -> float:
    """Cycle time distance, hours: of the times from the first start to the last end, in hours above the shortest of both."""
    both = [some.last - some.first for some in (one, two)]
    least = min(int(some.min()) for some in both)
    return apart(*((some - least) // HOUR for some in both))


def distances(real: Instances, simulated: Instances) -> dict[str, float]:
    """All six, by NAMES; hours, but `ngd` is a share. Defined as log-distance-measures 2.2.0 does by default."""
    return {one.__name__: one(real, simulated) for one in (ngd, aed, car, ced, red, ctd)}


def _since_both(one: Ints, two: Ints) -> float:
    begin = min(int(one.min()), int(two.min())) // HOUR * HOUR
    return apart((one - begin) // HOUR, (two - begin) // HOUR)


def _of_day(one: Ints, two: Ints) -> float:
    if len(one) and len(two):
        return apart(one, two)
    return APART if len(one) or len(two) else 0.0


def _grams(some: Instances, base: int) -> Ints:
    """One number per list of N activities in a row in a case, blanks (0) around it."""
    case, activity = some.case[some.order], some.activity[some.order] + 1
    place = np.arange(len(case)) + (N - 1) * (2 * case + 1)
    padded = np.zeros(len(case) + 2 * (N - 1) * len(some.first), np.int64)
    padded[place] = activity
    of_case = np.bincount(case) + 2 * (N - 1)
    begin = np.cumsum(of_case) - of_case
    code = np.zeros(len(padded) - N + 1, np.int64)
    for k in range(N):
        code = code * base + padded[k : len(padded) - N + 1 + k]
    across = (begin[1:, None] - np.arange(1, N)).ravel()  # lists that would reach into the next case
    return np.delete(code, across)
