"""Needed: the question solved backwards, how fast a step must be for a target to be met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.blocks import week_of
from procmine.kernels.crowd import Floats
from procmine.log import LogError
from procmine.results import timedeltas
from procmine.see.survival import LEAST_WEEKS
from procmine.simulate.fit import Model
from procmine.simulate.forecast.ask import YEAR, ahead_of, planned_ahead
from procmine.simulate.forecast.asked import Asked, Cases
from procmine.simulate.forecast.draws import AT_ONCE, Drawn, Play, ends, weighed
from procmine.simulate.forecast.effort import Effort
from procmine.simulate.forecast.foretold import Foretold
from procmine.simulate.forecast.target import Target, target_of
from procmine.simulate.plan import Plan
from procmine.simulate.policies.rights import stated
from procmine.simulate.policy import Policy
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = 12  # halvings
POINTS = 25  # of the curve
REACHED, ALREADY, NEVER_MET = "reached", "already", "not reachable"


@dataclass(frozen=True, eq=False)
class Needed(Foretold):
    """One row. step (text); within (timedelta): in how long the step must be done at most, every time, for the target
    to be met (NaT: not even at 0 days, or met already), low, high: where that likely lies (90%); answer: "reached",
    "already" (met as it is), "not reachable" (not even at 0 days); at_zero, today (floats): what the target is about
    at 0 days and as it is (the share that is there in time, or days of the mean); reachable (0 to 1): the share of
    draws in which some limit meets it, draws: of how many; cases: in the log. `curve`: days (of the limit) and
    value.
    """

    meaning = "define.needed"
    curve: dict[str, Floats]
    notes: tuple[Message, ...]

    @property
    def target(self) -> Target:
        target = self.arguments["target"]
        assert isinstance(target, Target)
        return target

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        values: dict[str, Value] = {"step": str(one["step"]), "target": self.target.said, "draws": int(one["draws"])}
        values |= {"met": round(float(np.nan_to_num(one["reachable"])) * int(one["draws"]))}
        for name in ("at_zero", "today"):
            value = float(one[name])
            values[name] = Span(value * DAY) if self.target.share is None else Message("needed.share", {"share": value})
        if one["answer"] == REACHED:
            values["within"] = Span(float(one["within"] / np.timedelta64(1, "s")))
            said = [Message("needed.reached", {**values, "range": self._range(one)})]
        else:
            said = [Message("needed.already" if one["answer"] == ALREADY else "needed.never", values)]
        if one["draws"] and one["answer"] != ALREADY:
            said.append(Message("needed.reachable", values))
        return [*said, *self.notes, self.checked]

    def _range(self, one: dict[str, np.timedelta64]) -> Message:
        if np.isnat(one["low"]) or np.isnat(one["high"]):
            return Message("forecast.no_range")
        return Message(
            "needed.range", {name: Span(float(one[name] / np.timedelta64(1, "s"))) for name in ("low", "high")}
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """What the target is about, by the limit of the step; where it is met."""
        from procmine.draw.forecasts import Solved, solved

        one = {name: column[0] for name, column in self.rows.items()}
        share = self.target.share
        goal = self.target.days if share is None else share
        at, low, high = (float(one[name] / np.timedelta64(1, "D")) for name in ("within", "low", "high"))
        title = Message("needed.picture", {"step": str(one["step"])}).say()
        axis = Message(
            "needed.axis.mean" if share is None else "needed.axis.share", {"time": Span(self.target.days * DAY)}
        ).say()
        across = Message("needed.across", {"step": str(one["step"])}).say()
        data = Solved(self.curve["days"], self.curve["value"], goal, at, low, high, self.target.said.say())
        return solved(data, title=title, axis=axis, across=across, percent=share is not None, ax=ax)


@dataclass(frozen=True, eq=False)
class Search:
    """One step whose longest time is varied, on the same cases each time."""

    play: Play
    step: str
    target: Target
    make: Callable[[float], Plan]
    most: float  # days: a longer limit changes nothing

    def value(self, days: float, weight: Floats, n: int, draw: int) -> float:
        """What the target is about, if the step takes at most so many days."""
        play = replace(self.play, engine=replace(self.play.engine, plan=self.make(days)))
        return self.of(play.cases(weight, n, 1, draw)[1])

    def of(self, cases: Cases) -> float:
        if self.target.share is None:
            return float(self.play.asked.lasted(cases).mean()) / 1e6 / DAY
        return float((self.play.asked.times(cases) <= self.target.days * DAY * 1e6).mean())

    def meets(self, value: float) -> bool:
        return value <= self.target.days if self.target.share is None else value >= self.target.share - 1e-12

    def solve(self, weight: Floats, n: int, draw: int) -> float:
        """The largest limit in days that meets the target, by halving; inf: any does, -1: none does."""
        if self.meets(self.value(self.most, weight, n, draw)):
            return np.inf
        if not self.meets(self.value(0.0, weight, n, draw)):
            return -1.0
        low, high = 0.0, self.most
        for _ in range(STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.meets(self.value(middle, weight, n, draw)) else (low, middle)
        return low


def needed(
    model: Model,
    step: str,
    *,
    target: Target | str,
    seed: int,
    policy: Policy | None = None,
    effort: Effort = Effort(cases=1_000, replications=1),  # noqa: B008 - it cannot change
) -> Needed:
    """In how many days at most must `step` be done, every time, for the target to be met?

    `policy`: what else is different then, and for which cases (its `where`). In each draw the answer is found by
    halving, on the same simulated cases for every limit: what comes earlier with a shorter limit never comes later.
    Faster times stay as they were.
    """
    wanted = target_of(target)
    search = _search(model, step, wanted, policy, seed)
    every = np.ones(len(model.log))
    point = search.solve(every, AT_ONCE, -1)
    found = _drawn(search, effort)
    zero, today = search.value(0.0, every, AT_ONCE, -1), search.value(search.most, every, AT_ONCE, -1)
    days = np.linspace(0, search.most, POINTS)
    curve = {"days": days, "value": np.array([search.value(float(one), every, AT_ONCE, -1) for one in days])}
    answer = ALREADY if point == np.inf else NEVER_MET if point < 0 else REACHED
    low, high = _ends(found, model)
    rows = {
        "step": np.array([step], object),
        "within": timedeltas(np.array([point * DAY if answer == REACHED else np.nan])),
        "low": timedeltas(np.array([low * DAY])),
        "high": timedeltas(np.array([high * DAY])),
        "answer": np.array([answer], object),
        "at_zero": np.array([zero]),
        "today": np.array([today]),
        "reachable": np.array([float((found >= 0).mean()) if len(found) else np.nan]),
        "draws": np.array([len(found)]),
        "cases": np.array([len(model.log)]),
    }
    arguments: dict[str, object] = {
        "step": step,
        "target": wanted,
        "seed": seed,
        "policies": (policy,) if policy else (),
        **effort.to_dict(),
    }
    about = model.log.about.after(Message("kept.forecast", {"policy": step}))
    notes = (*stated(search.make(0.0).said), Message("forecast.only"))
    return Needed(rows, about, True, arguments, curve, notes)


def _search(model: Model, step: str, target: Target, policy: Policy | None, seed: int) -> Search:
    asked = Asked.of(model, target.outcome, ())
    most = _longest(model, step)
    base, ahead = policy or Policy(step), ahead_of(model, YEAR, True)

    def planned(days: float) -> Plan:
        found = planned_ahead(model, base.cap_delay(step, days=days), ahead).point
        if found is None:
            raise LogError(
                f"The log only bounds what {base.name!r} would do, so it cannot be said how fast {step!r} must be."
            )
        return found

    play = Play.of(model, planned(most), asked, ahead, seed, worlds=False)
    return Search(play, step, target, planned, most)


def _longest(model: Model, step: str) -> float:
    """Days within which the step was done nearly always."""
    visits = model.visits
    code = model.log.about.activities.index(step) if step in model.log.about.activities else -1
    gaps = (visits.until - visits.begin)[visits.cause == code]
    if not len(gaps):
        known = ", ".join(model.log.about.activities[:10])
        raise LogError(
            f"{step!r} never happened in this log, so nothing is known of how long it takes. Steps: {known}."
        )
    return float(np.ceil(max(gaps.max() / 1e6 / DAY, 1.0)))


def _drawn(search: Search, effort: Effort) -> Floats:
    model = search.play.engine.model
    if len(np.unique(week_of(model.log.arrival))) < LEAST_WEEKS:
        return np.zeros(0)
    n = effort.cases * effort.replications
    return np.array([search.solve(weight, n, draw) for draw, weight in weighed(model, search.play.seed, effort)])


def _ends(found: Floats, model: Model) -> tuple[float, float]:
    """Where the answer likely lies; nan where draws say that no limit, or any, would do."""
    if not len(found):
        return np.nan, np.nan
    week = week_of(model.log.arrival)
    values = np.where(found < 0, -np.inf, found)
    inside = values[np.isfinite(values)]
    if len(inside) < 0.95 * len(values):
        low, high = (float(np.quantile(values, share, method="inverted_cdf")) for share in (0.05, 0.95))
        return (low if np.isfinite(low) else np.nan), (high if np.isfinite(high) else np.nan)
    block = Drawn({"days": inside[:, None, None]}, {}, int(week.max() - week.min()) + 1)
    low, high = (float(end[0, 0]) for end in ends(block.spread("days")))
    return max(low, 0.0), max(high, 0.0)
