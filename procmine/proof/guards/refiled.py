"""Refiled: whether more cases than before end without success and come back as another case of the same party."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.contrast import contrast
from procmine.kernels.flow import Ints
from procmine.log import EventLog
from procmine.proof.cohorts import WAITING, WEEK, Cohort, Plan, Watched
from procmine.proof.guards.again import back_within, longer
from procmine.proof.guards.grew import arms
from procmine.proof.guards.reopened import counted

Flags = NDArray[np.bool_]
CALLED = re.compile(r"(family|household|applicant|party)[ _-]?(id|no|nr|number|key)?", re.IGNORECASE)
MOST_CASES = 5  # of a party on average: an attribute with more tells no single party
OVERLAP = WEEK  # the new case may be begun so long before the old one is closed
MOST_LINKS = 10  # of a chain of cases of one party


def party_of(log: EventLog) -> str | None:
    """The attribute that says whose case it is: as the spec says, else the only one with an unmistakable name."""
    if log.about.party is not None:
        return log.about.party
    named = [name for name in log.attributes if CALLED.fullmatch(name)]
    if len(named) != 1:
        return None
    codes = log.attributes[named[0]].codes
    parties = len(np.unique(codes[codes >= 0]))
    return named[0] if parties and parties < (codes >= 0).sum() <= MOST_CASES * parties else None


@dataclass(frozen=True, eq=False)
class Chains:
    """Per case: when it entered, how it stood at the end of the data, whether it ended otherwise, and which case of the
    same party was begun soon after that (-1: none)."""

    entry: Ints
    member: Flags
    until: Ints
    ended: Flags
    otherwise: Flags
    following: Ints

    @classmethod
    def of(cls, log: EventLog, cohort: Cohort, plan: Plan, party: str) -> Chains:
        entry, member = cohort.enter(log)
        seen = cohort.watch(log, entry, np.full(len(log), log.about.cutoff))
        otherwise = _otherwise(log, cohort, seen, member & (entry < plan.change))
        following = _following(log, log.attributes[party].codes, seen.until, back_within(plan) * WEEK)
        return cls(entry, member, seen.until, seen.cause != WAITING, otherwise, np.where(otherwise, following, -1))

    def refiled(self, plan: Plan) -> EntryWeeks:
        """By entry week: cases that ended while watched, and those of them that did otherwise and soon came as a new one."""
        week = plan.week(self.entry)
        here = self.member & self.ended & (self.until <= self.entry + plan.horizon)
        here &= longer(plan, back_within(plan)).kept(week)
        return counted(week[here], self.following[here] >= 0)

    def figures(self, plan: Plan) -> dict[str, float | str]:
        """The mean wait of a party from its first case on, through all that followed, up to the time of watching."""
        first = np.ones(len(self.entry), bool)
        first[self.following[self.following >= 0]] = False
        week = plan.week(self.entry)
        root = np.flatnonzero(first & self.member & plan.kept(week))
        last, limit = root.copy(), self.entry[root] + plan.horizon
        for _ in range(MOST_LINKS):
            on = (self.following[last] >= 0) & (self.until[last] <= limit)
            last = np.where(on, self.following[last], last)
        wait = (np.where(self.ended[last], np.minimum(self.until[last], limit), limit) - self.entry[root]) / 1e6
        column = np.repeat([0, 1, 2], len(root))
        sums = EntryWeeks.of(np.tile(week[root], 3), column, np.concatenate((np.ones(len(root)), wait, wait**2)), 3)
        before, after = arms(sums, plan, 1, 2)
        moved = contrast(before, after)
        figures = {"family_before": before.mean, "family_after": after.mean, "watched": plan.horizon / 1e6}
        return {**figures, "family_low": moved.low, "family_high": moved.high}


def _otherwise(log: EventLog, cohort: Cohort, seen: Watched, known: Flags) -> Flags:
    """Per case: whether it ended without the stop; without one, in another way than most did before the change.

    Where there is one way to end only, every end may be one of those after which people come back.
    """
    ended = seen.cause != WAITING
    if cohort.stop is not None:
        usual, one_way = 0, False
    else:
        ways = np.bincount(seen.cause[ended & known], minlength=len(cohort.ends(log.about)))
        usual, one_way = int(ways.argmax()), bool(np.count_nonzero(ways) < 2)
    otherwise: Flags = ended & ((seen.cause != usual) | one_way)
    return otherwise


def _following(log: EventLog, party: NDArray[np.int32], end: Ints, within: int) -> Ints:
    """Per case: the first case of its party that arrived after it did and within that time after its end; or -1."""
    n, when = len(log), np.sort(log.arrival)
    rank = np.searchsorted(when, log.arrival, "left")
    order = np.lexsort((rank, party))
    key = party[order].astype(np.int64) * (n + 1) + rank[order]
    own = np.searchsorted(when, log.arrival, "right")
    first = np.maximum(own, np.searchsorted(when, end - OVERLAP, "left"))
    last = np.searchsorted(when, end + within, "right")
    base = party.astype(np.int64) * (n + 1)
    place = np.searchsorted(key, base + first, "left")
    found = (party >= 0) & (place < n) & (np.append(key, -1)[place] < base + last)
    return np.where(found, np.append(order, -1)[place], -1)
