"""Recomputed ends: when each event of a case would have ended, had some of them taken another length of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.enabling import Flags, enablers
from procmine.kernels.flow import Codes, Ints, cases_of


@dataclass(frozen=True, eq=False)
class Needs:
    """What each event waits for, ordered so that what it waits for comes before it.

    `events` are the first events of all cases, then the second ones, and so on; round k is `events[rounds[k]:rounds[k + 1]]`.
    Event `events[j]` waits for the latest of `needed[first[j]:first[j + 1]]`: places of events, or the number of events +
    the number of its case for the arrival.
    """

    events: Ints
    rounds: Ints
    needed: Ints
    first: Ints

    def ready(self, end: Ints, arrival: Ints) -> Ints:
        """Per event: when all that it waits for was there."""
        ready = np.empty_like(end)
        if len(end):
            ready[self.events] = np.maximum.reduceat(np.concatenate((end, arrival))[self.needed], self.first[:-1])
        return ready

    def ends(self, lag: Ints, arrival: Ints) -> Ints:
        """Per event: its end, if it takes `lag` from when all that it waits for is there."""
        moment = np.concatenate((np.zeros(len(lag), np.int64), arrival))
        for low, high in zip(self.rounds[:-1], self.rounds[1:]):
            here, edges = self.events[low:high], self.first[low : high + 1]
            ready = np.maximum.reduceat(moment[self.needed[edges[0] : edges[-1]]], edges[:-1] - edges[0])
            moment[here] = ready + lag[here]
        return moment[: len(lag)]

    def furthest(self, end: Ints) -> Ints:
        """Per event: the latest end of its case among the events up to it, in the order of the log."""
        far = end.copy()
        for low, high in zip(self.rounds[1:-1], self.rounds[2:]):
            here = self.events[low:high]
            far[here] = np.maximum(end[here], far[here - 1])
        return far


def needs(activity: Codes, begin: Ints, end: Ints, offset: Ints, beside: Flags) -> Needs:
    """What each event waits for: all before it that are not beside it and had ended by its beginning, else the arrival.

    Those that another one of them has waited for are left out: they cannot be the latest.
    """
    n, case = len(end), cases_of(offset)
    last = enablers(activity, begin, end, offset, beside)
    after, before = _further(activity, begin, end, offset, beside, last)
    after = np.concatenate((np.arange(n), after))
    before = np.concatenate((np.where(last >= 0, last, n + case), before))
    position = np.arange(n) - offset[case]
    events = np.argsort(position, kind="stable")
    rank = np.empty(n, np.int64)
    rank[events] = np.arange(n)
    first = np.concatenate(([0], np.cumsum(np.bincount(rank[after], minlength=n))))
    rounds = np.concatenate(([0], np.cumsum(np.bincount(position)))) if n else np.zeros(1, np.int64)
    return Needs(events, rounds, before[np.argsort(rank[after], kind="stable")], first)


def _further(activity: Codes, begin: Ints, end: Ints, offset: Ints, beside: Flags, last: Ints) -> tuple[Ints, Ints]:
    """Pairs (event, one it waits for) beyond its last enabler: those that the last enabler itself did not wait for."""
    case = cases_of(offset)
    waiting = np.flatnonzero((last >= 0) & _tangled(activity, begin, end, offset, beside)[case])
    first, before = offset[case], last[waiting] - 1
    found: list[tuple[Ints, Ints]] = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    while True:
        inside = before >= first[waiting]
        waiting, before = waiting[inside], before[inside]
        if not len(waiting):
            break
        via = last[waiting]
        fits = (end[before] <= begin[waiting]) & ~beside[activity[before], activity[waiting]]
        fits &= beside[activity[before], activity[via]] | (end[before] > begin[via])
        found.append((waiting[fits], before[fits]))
        before = before - 1
    after, needed = (np.concatenate(column) for column in zip(*found))
    return after, needed


def _tangled(activity: Codes, begin: Ints, end: Ints, offset: Ints, beside: Flags) -> Flags:
    """Per case: whether anything in it may run beside anything else; elsewhere each event waits for the one before it."""
    case = cases_of(offset)
    has_partner: Flags = np.asarray(beside.any(axis=1))
    partnered = np.bincount(case, has_partner[activity], minlength=len(offset) - 1)
    overlaps = np.bincount(case[1:], (end[:-1] > begin[1:]) & (case[:-1] == case[1:]), minlength=len(offset) - 1)
    tangled: Flags = (partnered >= 2) | (overlaps > 0)
    return tangled
