"""Given back: days of waiting that changes judged improved took off cases, each case once, at the cautious end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from procmine.kernels.flow import Ints
from procmine.log import EventLog, day_of
from procmine.proof.planned import asked_of, planned
from procmine.proof.records.change import Change
from procmine.proof.records.entry import ChangeEntry
from procmine.proof.records.looks import BEFOREHAND
from procmine.proof.verdict.kinds import IMPROVED
from procmine.publish.plans.standing import last_of
from procmine.words import Message, Value

ASKED = ("where", "start", "stop", "horizon")


@dataclass(frozen=True, eq=False)
class Gained:
    """One change: how many days each of its cases was spared at least, and the numbers of these in its log."""

    days: float
    log: EventLog
    numbers: frozenset[str]


@dataclass(frozen=True)
class Returned:
    """Of one change, after no case counts twice: days and cases that count here."""

    days: float
    cases: int


def counts(entry: ChangeEntry | None) -> Message | None:
    """Why a change does not count; None: it does. Only what was judged improved, in days, on a day of decision or after the
    last, counts."""
    last = last_of(entry)
    if entry is None or last is None:
        return Message("portfolio.not_counted.unmeasured")
    if last.verdict != IMPROVED:
        return Message("portfolio.not_counted.verdict")
    if last.unit != "days" or last.high is None or last.high >= 0:
        return Message("portfolio.not_counted.range")
    if last.provisional and not _on_a_day(entry, last.data):
        return Message("portfolio.not_counted.provisional")
    return None


def _on_a_day(entry: ChangeEntry, data: str) -> bool:
    """Whether a day of decision had come with those data: one planned beforehand, so that looking costs nothing."""
    return any(np.datetime64(day) <= np.datetime64(data) + BEFOREHAND for day in entry.decide_on)


def gained(log: EventLog, entry: ChangeEntry, name: str) -> Gained:
    """The cases that were compared as those since the change, in the data with which it was judged. LogError or ValueError
    where the log does not have them."""
    last = last_of(entry)
    if last is None or last.high is None:
        raise ValueError(f"{name} has no range on record.")
    then = log.cut_to(last.data) if last.data < day_of(log.about, log.about.cutoff) else log
    numbers = then.case.take(since(then, entry.change(name))).values()
    return Gained(-last.high, log, frozenset(map(str, numbers)))


def since(log: EventLog, change: Change) -> Ints:
    """The places of the cases that `compare` counts since a change: those watched in full, whole weeks, after its ramp."""
    made = planned(log, asked_of(change, dict.fromkeys(ASKED)), [change.date], ramp=change.ramp)
    entry, member = made.cohort.enter(log)
    first, weeks = made.plan.weeks("after")
    week = made.plan.week(entry)
    return np.flatnonzero(member & (week >= first) & (week < first + weeks))


def given_back(changes: Mapping[str, Gained]) -> dict[str, Returned]:
    """Each case goes to the change that spared it most days (of equal ones the first): never the sum of several."""
    process = dict(zip(changes, processes([one.log for one in changes.values()])))
    best: dict[tuple[int, str], str] = {}
    for name in _rising(changes):  # the last has the case
        best |= {(process[name], number): name for number in changes[name].numbers}
    found = Counter(best.values())
    return {name: Returned(found[name] * one.days, found[name]) for name, one in changes.items()}


def _rising(changes: Mapping[str, Gained]) -> list[str]:
    """By days; of equal ones the first comes last."""
    names = list(changes)
    names.reverse()
    return sorted(names, key=lambda one: changes[one].days)


def processes(logs: Sequence[EventLog]) -> list[int]:
    """A number per log: logs that share a step are of one process, and a case with the same number in both is one case."""
    steps = [set(one.about.activities) for one in logs]
    number = list(range(len(logs)))
    for here, other in combinations(range(len(logs)), 2):
        if steps[here] & steps[other]:
            number = [number[here] if one == number[other] else one for one in number]
    return number


def said_of(error: Exception) -> Message:
    values: dict[str, Value] = {"why": str(error)}
    return Message("portfolio.not_counted.log", values)
