"""Parties: whether the same families come to another office than before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.log import EventLog, Log
from procmine.proof.cohorts import Plan
from procmine.proof.offices.weekly import Beside

LEAST_PAIRS = 10  # returns, before and since, below which nothing is said


@dataclass(frozen=True)
class Returns:
    """Of the cases of a party that had its last case at a comparison office: how many there are, and how many of them came to
    where the change is; before, and since."""

    came: tuple[int, int]
    crossed: tuple[int, int]


def returns_of(log: Log, beside: Beside, plan: Plan) -> Returns | None:
    """By the attribute that says whose case it is; None where there is none, the log is not in memory, or few return."""
    party = log.about.party
    if party is None or not isinstance(log, EventLog) or party not in log.attributes:
        return None
    code, whose = beside.codes(log)[0], log.attributes[party].codes
    known = np.flatnonzero((code >= 0) & (whose >= 0))
    order = known[np.lexsort((log.arrival[known], whose[known]))]
    again = whose[order][1:] == whose[order][:-1]
    earlier, later = order[:-1][again], order[1:][again]
    came = code[earlier] > 0
    crossed = came & (code[later] == 0)
    since = log.arrival[later] >= plan.change
    before = ~since & (log.arrival[later] >= plan.begins(plan.weeks("before")[0]))
    sides = [(int((came & side).sum()), int((crossed & side).sum())) for side in (before, since)]
    if min(sides[0][0], sides[1][0]) < LEAST_PAIRS:
        return None
    return Returns((sides[0][0], sides[1][0]), (sides[0][1], sides[1][1]))
