"""Asked: what is measured of simulated cases, as numbers of one arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from procmine.about import About
from procmine.clocks import to_wall
from procmine.find.service.standards import Standard
from procmine.find.service.stretches import ANY_END, ARRIVAL
from procmine.kernels.blocks import DAY
from procmine.kernels.crowd import Arm, Crowd, Floats, Ints
from procmine.kernels.edits import Flags
from procmine.kernels.sampler import NEVER, quantile
from procmine.log import EventLog, LogError
from procmine.simulate.fit import Model
from procmine.simulate.forecast.groups import Groups
from procmine.simulate.plan import Plan
from procmine.words import Message

HALF, MOST, ALMOST, MEAN, MEAN_THERE = "half", "8 in 10", "9 in 10", "mean", "mean of those who got there"
SHARES = (0.5, 0.8, 0.9)
CURVE = 400
GRID_TOP = 0.97
LEAST_ENDED = 20
Numbers = Mapping[str, Floats]  # by what they measure: one number or several


@dataclass(frozen=True)
class Limit:
    """Within so many days of arrival, by date where `by_date`, else to the microsecond."""

    name: str
    days: float
    by_date: bool = False

    def met(self, arrival: Ints, time: Floats, about: About) -> Flags:
        """`time`: microseconds from arrival, inf where it does not come."""
        if not self.by_date:
            return np.asarray(time <= self.days * DAY)
        ended = arrival + np.where(np.isfinite(time), time, 0).astype(np.int64)
        days = _date(about, ended) - _date(about, arrival)
        return np.isfinite(time) & (days <= self.days)


def _date(about: About, time: Ints) -> Ints:
    return (to_wall(time, about.zone) if about.axis == "instant" and about.zone else time) // DAY


@dataclass(frozen=True, eq=False)
class Cases:
    """One arm of new cases: who came, and what became of them under a plan."""

    crowd: Crowd
    arm: Arm
    plan: Plan


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of new cases: by when they are at the end, or at one outcome; followed for `horizon` microseconds."""

    log: EventLog
    outcome: str | None
    horizon: int
    limits: tuple[Limit, ...]
    groups: Groups

    @classmethod
    def of(cls, model: Model, outcome: str | None, limits: Sequence[Limit]) -> Asked:
        about, ended = model.log.about, int((~model.log.open).sum())
        if ended < LEAST_ENDED:
            raise LogError(
                f"Only {ended} cases of this log have ended: too few to tell what would change. At least {LEAST_ENDED} are "
                "needed: take a longer time, or more offices together."
            )
        known = sorted(set(about.outcomes.values()))
        if outcome is not None and outcome not in known:
            there = ", ".join(known) or "none: name them in the log's spec (ends: {step: outcome})"
            raise LogError(f"No outcome {outcome!r} in this log. There are: {there}.")
        return cls(model.log, outcome, model.horizon, tuple(limits), Groups.of(model.log))

    @property
    def measures(self) -> tuple[str, ...]:
        return (HALF, MOST, ALMOST, MEAN if self.outcome is None else MEAN_THERE)

    def wanted(self, plan: Plan) -> Flags:
        """Per step of the log, per new step, and for no step: whether a case that ends with it is there."""
        about = self.log.about
        known = [self.outcome is None or about.outcomes.get(name) == self.outcome for name in about.activities]
        return np.array([*known, *[self.outcome is None] * (len(plan.steps) + 1)])

    def times(self, cases: Cases) -> Floats:
        """Microseconds from arrival to the end that is asked for, inf where it does not come."""
        there = (cases.arm.ended < NEVER) & self.wanted(cases.plan)[cases.arm.last]
        return np.where(there, cases.arm.ended - cases.crowd.arrival, np.inf)

    def lasted(self, cases: Cases) -> Floats:
        """Microseconds from arrival to any end, at most as long as cases are followed."""
        over = cases.arm.ended >= NEVER
        whole = np.where(over, self.horizon, cases.arm.ended - cases.crowd.arrival)
        return np.minimum(whole, self.horizon).astype(np.float64)

    def numbers(self, cases: Cases, grid: Floats) -> Numbers:
        """All that is told of one arm; times in seconds, `curve`: the share that is there by each microsecond of
        `grid`.
        """
        time = self.times(cases)
        ordered, n = np.sort(time), len(time)
        return {
            **self._quick(cases, time, ordered),
            "there": np.array([np.isfinite(time).mean()]),
            "spent": self._spent(cases),
            "groups": self.groups.means(cases.crowd.like, self.lasted(cases)) / 1e6,
            "curve": np.searchsorted(ordered, grid, side="right") / n,
        }

    def _quick(self, cases: Cases, time: Floats, ordered: Floats) -> dict[str, Floats]:
        about, arrival = self.log.about, cases.crowd.arrival
        within = [float(limit.met(arrival, time, about).mean()) for limit in self.limits]
        return {
            "times": self._times(cases, ordered) / 1e6,
            "within": np.array(within),
            "cost": np.array([float(cases.arm.cost.mean())]),
        }

    def _times(self, cases: Cases, ordered: Floats) -> Floats:
        """Half, 8 in 10, 9 in 10 and the mean."""
        if self.outcome is None:
            mean = float(self.lasted(cases).mean())
        else:
            there = ordered[np.isfinite(ordered)]
            mean = float(there.mean()) if len(there) else np.nan
        return np.array([*(quantile(ordered, share) for share in SHARES), mean])

    def by_replication(self, cases: Cases, replications: int) -> list[Numbers]:
        """Figures of each replication alone: they say how much is due to chance in simulating."""
        parts = np.split(np.arange(len(cases.arm.ended)), replications)
        alone = [part_of(cases, part) for part in parts]
        return [self._quick(one, time := self.times(one), np.sort(time)) for one in alone]

    def _spent(self, cases: Cases) -> Floats:
        """Mean seconds of a case in stays that ended with each cause; last, what is left of its whole time."""
        n = len(cases.arm.ended)
        spent = cases.arm.spent / n / 1e6
        return np.append(spent, float(self.lasted(cases).mean()) / 1e6 - spent.sum())

    def grid(self, both: Sequence[Cases]) -> Floats:
        """Microseconds at which curves are told: evenly up to where nearly all of those are who get there at all."""
        found = [time[np.isfinite(time)] for time in map(self.times, both)]
        top = max([float(np.quantile(one, GRID_TOP)) for one in found if len(one)], default=float(DAY))
        return np.linspace(0, top, CURVE)


def part_of(cases: Cases, which: Ints) -> Cases:
    """Some cases of an arm; what is told of all of them together stays behind."""
    arm = cases.arm
    ended = replace(arm, ended=arm.ended[which], last=arm.last[which], cost=arm.cost[which])
    return Cases(some_of(cases.crowd, which), ended, cases.plan)


def some_of(crowd: Crowd, which: Ints | Flags) -> Crowd:
    return Crowd(*(getattr(crowd, one.name)[which] for one in fields(crowd)))


def limits_of(
    about: About, within: float | Standard | Sequence[float | Standard], outcome: str | None
) -> tuple[list[Limit], list[Message]]:
    """Those asked for, else the log's own; and which of the log's cannot be simulated, and why."""
    asked = [within] if isinstance(within, int | float | Standard) else list(within)
    if not asked:
        asked = [Standard(one["name"], one["start"], one["stop"], one["within"], one.get("unit", "days"),
                          clock=one.get("clock", "calendar")) for one in _named(about)]  # fmt: skip
    found: list[Limit] = []
    said: list[Message] = []
    for one in asked:
        if isinstance(one, Standard):
            _standard(about, one, outcome, found, said)
        elif one > 0:
            found.append(Limit(Message("forecast.limit", {"days": f"{one:g}"}).say(), float(one)))
        else:
            raise ValueError(f"within={one:g}: it is a number of days, more than 0.")
    return found, said


def _named(about: About) -> list[dict[str, Any]]:
    return [dict(one) for one in about.limits]


def _standard(about: About, one: Standard, outcome: str | None, found: list[Limit], said: list[Message]) -> None:
    """Only from arrival to the end that is asked for, on the calendar: the rest is not simulated, and that is said."""
    begins = one.start == ARRIVAL or (about.arrival is None and about.first_steps == (one.start,))
    ends = {name for name, what in about.outcomes.items() if what == outcome} if outcome else set(about.ends)
    stop = set(one.stretch.stop)
    ending = stop == ({outcome} if outcome else {ANY_END}) or stop == ends
    if begins and ending and one.unit != "working days" and one.clock == "calendar" and not one.where:
        days = one.within / 24 if one.unit == "hours" else one.within
        found.append(Limit(one.name, days, by_date=one.unit == "days"))
    else:
        said.append(Message("forecast.limit.not", {"name": one.name}))
