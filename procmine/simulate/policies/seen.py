"""Seen: what the log itself shows of the steps that a policy names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints, cases_of
from procmine.log import EventLog, LogError, codes_of
from procmine.see.times import first
from procmine.simulate.policies.takes import PLACES, Days, Floats, Takes

Flags = NDArray[np.bool_]
FEW = 20  # times a step came: fewer say little of how fast it can be
NONE = -1


@dataclass(frozen=True, eq=False)
class Seen:
    """Every event of a log: the step before it (`arrival` for the first), and the time since (microseconds, calendar).

    Behind the events one row per case: its stay after its last event, `step` = `ended`, or NONE where it is still open.
    """

    log: EventLog
    case: Ints
    after: Ints
    step: Ints
    gap: Ints

    @classmethod
    def of(cls, log: EventLog) -> Seen:
        steps = len(log.about.activities)
        case, cases = cases_of(log.offset), np.arange(len(log))
        count, last = np.diff(log.offset), np.maximum(log.offset[1:] - 1, 0)
        begins = np.zeros(len(log.time), bool)
        begins[log.offset[:-1][count > 0]] = True
        after = np.where(begins, steps, np.roll(log.activity.astype(np.int64), 1))
        since = np.where(begins, log.arrival[case], np.roll(log.time, 1))
        there = count > 0
        at = np.where(there, log.activity[last] if len(log.activity) else 0, steps).astype(np.int64)
        begun = np.where(there, log.time[last] if len(log.time) else 0, log.arrival)
        return cls(
            log,
            np.concatenate((case, cases)),
            np.concatenate((after, at)),
            np.concatenate((log.activity.astype(np.int64), np.where(log.open, NONE, steps + 1))),
            np.maximum(np.concatenate((log.time - since, log.until - begun)), 0),
        )

    @property
    def arrival(self) -> int:
        return len(self.log.about.activities)

    @property
    def ended(self) -> int:
        return len(self.log.about.activities) + 1

    @cached_property
    def everyone(self) -> Flags:
        return np.ones(len(self.log), bool)

    def gaps(self, step: int, among: Flags, after: int | None = None) -> Ints:
        """How long it took whenever it came to these cases."""
        here = (self.step == step) & among[self.case]
        found: Ints = self.gap[here if after is None else here & (self.after == after)]
        return found

    def befores(self, step: int, among: Flags) -> Ints:
        """The steps after which it came."""
        found: Ints = np.unique(self.after[(self.step == step) & among[self.case]])
        return found

    def share(self, after: int, step: int, among: Flags) -> float:
        """Of the stays there that ended, how many ended with this step."""
        here = (self.after == after) & among[self.case] & (self.step != NONE)
        return float((self.step[here] == step).mean()) if here.any() else 0.0

    def follows(self, first: int, second: int, among: Flags) -> int:
        """How often the second came right after the first."""
        return int(((self.after == first) & (self.step == second) & among[self.case]).sum())

    def of_pair(self, begin: str, end: str, among: Flags) -> tuple[Ints, list[str]]:
        """From the first of the one to the first of the other after it, and all steps whose time lies in between."""
        log = self.log
        start = first(begin).place(log)
        event, case = np.arange(len(log.activity)), cases_of(log.offset)
        after = (start[case] >= 0) & (event > start[case])
        found = np.flatnonzero(np.isin(log.activity, codes_of(log.about, end)) & after & among[case])
        cases, place = np.unique(case[found], return_index=True)
        until = np.full(len(log), NONE)
        until[cases] = found[place]
        inside = np.unique(log.activity[after & (event <= until[case])])
        took: Ints = log.time[found[place]] - log.time[start[cases]]
        return took, [log.about.activities[code] for code in inside]

    def table(self, days: Days, step: int) -> Floats:
        """Microseconds at evenly spaced places of [0, 1]."""
        if not isinstance(days, Takes):
            return np.array([np.rint(days * 86_400e6)])
        return days.table() if days.as_in is None else self.as_in(days.as_in, step)

    def as_in(self, where: Mapping[str, Sequence[str]], step: int) -> Floats:
        """How long the step takes in these cases: each time it came weighs 1 / the chance that so long a stay is still
        watched (inverse probability of censoring), so that open cases do not make it look faster.
        """
        among = eligible(self.log, where)
        here = np.isin(self.after, self.befores(step, among)) & among[self.case]
        gap, cause = self.gap[here], self.step[here]
        own = np.flatnonzero(cause == step)
        if len(own) < FEW:
            name = self.log.about.activities[step]
            told = ", ".join(f"{one} = {value}" for one, value in where.items())
            raise LogError(
                f"{name!r} came {len(own)} times where {told}; at least {FEW} are needed to take its times over."
            )
        weight = 1 / watched(gap, cause == NONE, gap[own])
        order = np.argsort(gap[own], kind="stable")
        upto = np.cumsum(weight[order])
        place = np.searchsorted(upto, np.linspace(0, 1, PLACES) * upto[-1] * (1 - 1e-12), side="left")
        found: Floats = gap[own][order][np.minimum(place, len(own) - 1)].astype(np.float64)
        return found


def watched(gap: Ints, still: Flags, at: Ints) -> Floats:
    """Chance that a stay of each length `at` is still watched: Kaplan-Meier of the ends of watching, ends of stays first."""
    order = np.lexsort((still, gap))
    left = len(gap) - np.arange(len(gap))
    stays = np.cumsum(np.log1p(-np.minimum(still[order] / left, 1 - 1e-12)))
    place = np.searchsorted(gap[order], at, side="left")
    found: Floats = np.exp(np.concatenate(([0.0], stays))[place])
    return found


def eligible(log: EventLog, only: Mapping[str, Sequence[str]]) -> Flags:
    """The cases with these attributes; LogError in the log's own words for what it does not have."""
    log.take(np.empty(0, np.int64)).where({name: list(values) for name, values in only.items()})
    chosen = np.ones(len(log), bool)
    for name, values in only.items():
        chosen &= log.attributes[name].among(values)
    return chosen


def code_of(log: EventLog, step: str) -> int:
    """Of a single step; LogError for a stage or a name that the log does not have."""
    about = log.about
    if step in about.stages and step not in about.activities:
        steps = ", ".join(about.stages[step])
        raise LogError(
            f"{step!r} is a stage ({steps}). Name one step, or a pair: the step at which the time begins and that "
            "at which it ends."
        )
    if step not in about.activities:
        near = get_close_matches(step.casefold(), [one.casefold() for one in about.activities], n=3)
        names = [one for one in about.activities if one.casefold() in near]
        if names and step.casefold() in near:
            raise LogError(f"No step {step!r} in this log. Did you mean {names[0]!r}?")
    return int(codes_of(about, step)[0])
