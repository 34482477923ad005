"""Scenarios: policies and their combinations, ranked by how likely each reaches a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.crowd import Floats
from procmine.results import Rows, timedeltas
from procmine.simulate.fit import Model
from procmine.simulate.forecast.ask import YEAR, ahead_of, tell
from procmine.simulate.forecast.asked import Asked, Limit
from procmine.simulate.forecast.draws import Drawn
from procmine.simulate.forecast.effort import Effort
from procmine.simulate.forecast.foretold import Foretold
from procmine.simulate.forecast.target import Target, target_of
from procmine.simulate.forecast.told import ARMS, BOUNDS, TODAY, WITH, Told
from procmine.simulate.policies.rights import stated
from procmine.simulate.policy import Policy
from procmine.simulate.standing import cheapest_first
from procmine.words import DAY as DAY_SECONDS
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 64  # combinations
MEAN_PLACE = 3  # of the times
SURE = 1e-9


@dataclass(frozen=True, eq=False)
class Scenarios(Foretold):
    """A row is a policy or a combination, and one is today. scenario (text); position (int, 0: only bounded, at the
    end, or today); likely, likely_low, likely_high (0 to 1): the share of draws in which the target is met; for what
    is only bounded likely is nan and the ends are those of the worlds between which the log cannot decide; met,
    draws (ints): in how many draws of how many; value, low, high: what the target is about (with `share`: the share
    of cases that are there in that time; else days of the mean); days (timedelta): by when the target's share is
    there; answer: "estimate", "bounds" or "today"; cases: in the log.

    Equal chances are ordered by what needs nobody's permission and costs least (`cheapest_first`).
    """

    meaning = "define.scenarios"
    notes: tuple[Message, ...]

    @property
    def target(self) -> Target:
        target = self.arguments["target"]
        assert isinstance(target, Target)
        return target

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        ranked = np.flatnonzero(rows["position"] > 0)
        now = int(np.flatnonzero(rows["answer"] == "today")[0])
        said = [self._today(now)]
        for row in ranked[:3]:
            said.append(self._row("scenarios.ranked", int(row)))
        if rows["draws"][now] and len(ranked) and not rows["likely"][ranked].max() > rows["likely"][now] + SURE:
            said.append(Message("scenarios.none"))
        bounded = np.flatnonzero(rows["answer"] == BOUNDS)
        said += [self._row("scenarios.bounded", int(row)) for row in bounded]
        return [*said, *self.notes, self.checked]

    def _today(self, row: int) -> Message:
        return self._row("scenarios.today", row)

    def _row(self, key: str, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {
            "scenario": str(one["scenario"]),
            "target": self.target.said,
            "draws": int(one["draws"]),
        }
        values |= {"met": int(one["met"]), "place": int(one["position"])}
        values |= {name: float(np.nan_to_num(one[name])) for name in ("likely", "likely_low", "likely_high")}
        if not one["draws"]:
            return Message("scenarios.no_weeks", values)
        return Message(key if one["answer"] != BOUNDS or np.isfinite(one["likely_low"]) else "scenarios.open", values)

    def shown(self) -> Rows:
        return {
            name: self.rows[name]
            for name in ("scenario", "position", "likely", "met", "draws", "days", "answer", "cases")
            if name in self.rows
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """How likely each reaches the target, best first."""
        from procmine.draw.forecasts import Chance, chances

        data = []
        for row in range(len(self)):
            one = {name: column[row] for name, column in self.rows.items()}
            days = (
                ""
                if np.isnat(one["days"])
                else Message("scenarios.note", {"time": Span(float(one["days"] / np.timedelta64(1, "s")))}).say()
            )
            value, low, high = (float(one[name]) for name in ("likely", "likely_low", "likely_high"))
            if not np.isfinite([value, low]).any():
                days = Message("scenarios.unknown").say()
            data.append(Chance(str(one["scenario"]), value, low, high, days, one["answer"] == "today"))
        title = Message("scenarios.picture", {"target": self.target.said}).say()
        axis, between = Message("scenarios.axis").say(), Message("scenarios.between").say()
        return chances(data, title=title, axis=axis, between=between, ax=ax)


def scenarios(
    model: Model,
    policies: Sequence[Policy],
    *,
    target: Target | str,
    seed: int,
    together: int = 2,
    effort: Effort = Effort(),  # noqa: B008 - it cannot change
) -> Scenarios:
    """Each policy, and up to `together` of them at once, ranked by the share of draws in which the target is met.

    All face the same simulated cases and the same draws. target: a Target, or "8 in 10 within 90 days". Combinations
    that contradict themselves are left out, and said. What the log only bounds is never ranked: it stands apart with
    the chances of both bounds.
    """
    wanted = target_of(target)
    every, left_out = combined(policies, together)
    limit = Limit(wanted.said.say(), wanted.days)
    asked = Asked.of(model, wanted.outcome, [limit])
    told = tell(model, every, asked, ahead_of(model, YEAR, True), seed, effort, worlds=False)
    found = [_scenario(one, wanted) for one in told]
    order = _ranked(every, found)
    cases = len(model.log)
    rows = _rows([_today(told[0], wanted), *(found[place] for place in order)], cases)
    arguments: dict[str, object] = {"policies": tuple(policies), "target": wanted, "seed": seed, "together": together}
    about = model.log.about.after(Message("kept.forecast", {"policy": ", ".join(one.name for one in policies)}))
    rights = stated([message for one in told for message in one.said])
    notes = (*left_out, *_ties(found), *rights, Message("forecast.only"))
    return Scenarios(rows, about, True, {**arguments, **effort.to_dict()}, notes)


@dataclass(frozen=True)
class Scenario:
    """One row: in how many draws the target is met (both bounds where there are two), and what it is about."""

    name: str
    kind: str
    met: tuple[int, ...]
    of: int
    value: float
    low: float
    high: float
    seconds: float
    open: bool = False

    @property
    def chances(self) -> tuple[float, ...]:
        return tuple(met / self.of if self.of else np.nan for met in self.met)

    @property
    def likely(self) -> float:
        return self.chances[0] if self.met and self.kind != BOUNDS else np.nan


def combined(policies: Sequence[Policy], together: int) -> tuple[list[Policy], list[Message]]:
    """Each alone and up to `together` at once; those that contradict themselves are left out."""
    if not policies or together < 1:
        raise ValueError(f"{len(policies)} policies, together={together}: at least 1 of each is needed.")
    found: list[Policy] = []
    said: list[Message] = []
    for chosen in _chosen(policies, together):
        try:
            found.append(chosen[0] if len(chosen) == 1 else Policy.together(*chosen))
        except ValueError as error:
            names = " + ".join(one.name for one in chosen)
            said.append(Message("scenarios.left_out", {"scenario": names, "why": str(error)}))
    if len(found) > MOST:
        raise ValueError(f"{len(found)} scenarios: at most {MOST}. Fewer policies, or together=1.")
    return found, said


def _chosen(policies: Sequence[Policy], together: int) -> Iterator[tuple[Policy, ...]]:
    for n in range(1, min(together, len(policies)) + 1):
        yield from combinations(policies, n)


def meets(values: Floats, target: Target) -> NDArray[np.bool_]:
    """`values`: the share that is there in time, or seconds of the mean."""
    if target.share is None:
        return np.asarray(values <= target.days * DAY_SECONDS)
    return np.asarray(values >= target.share - 1e-12)


def about_target(target: Target) -> tuple[str, int]:
    """The block and the place in it that the target is about."""
    return ("times", MEAN_PLACE) if target.share is None else ("within", 0)


def _met(one: Drawn, target: Target, arm: int) -> int:
    name, place = about_target(target)
    return int(meets(one.spread(name)[:, arm, place], target).sum())


def _scenario(one: Told, target: Target, arm: int = WITH, kind: str | None = None, name: str | None = None) -> Scenario:
    block, place = about_target(target)
    met = () if one.drawn is None else tuple(_met(each, target, arm) for each in one.drawn)
    of = 0 if one.drawn is None else len(one.drawn[0].blocks[block])
    columns = one.columns(block)
    column = ARMS[arm]
    value, low, high = (float(columns[each][place]) for each in (column, f"{column}_low", f"{column}_high"))
    curve, grid = one.figures[0].blocks["curve"][arm], one.figures[0].grid
    there = np.flatnonzero(curve >= (target.share or 1.0) - 1e-12)
    exact = float(one.figures[0].blocks["times"][arm, MEAN_PLACE]) if target.share is None else (
        float(grid[there[0]]) / 1e6 if len(there) else np.nan)  # fmt: skip
    seconds = np.nan if one.bounded and arm == WITH else exact
    return Scenario(name or one.policy.name, kind or one.kind, met, of, value, low, high, seconds, one.unbounded)


def _today(one: Told, target: Target) -> Scenario:
    return _scenario(one, target, TODAY, "today", Message("scenarios.as_today").say())


def _ranked(every: Sequence[Policy], found: Sequence[Scenario]) -> list[int]:
    """Places of the scenarios: known ones by their chance, equal ones the cheapest first; then bounded ones."""
    cheap = {id(one): place for place, one in enumerate(cheapest_first(every))}

    def key(place: int) -> tuple[int, float, float, int]:
        one = found[place]
        if one.kind == BOUNDS:
            return 1, 0.0, 0.0, cheap[id(every[place])]
        likely = one.likely if one.of else 0.0
        return 0, -round(likely, 9), 0.0, cheap[id(every[place])]

    return sorted(range(len(every)), key=key)


def _ties(found: Sequence[Scenario]) -> list[Message]:
    likely = [one.likely for one in found if one.kind != BOUNDS and one.of]
    return [Message("scenarios.ties")] if len(likely) != len(set(likely)) else []


def _rows(found: Sequence[Scenario], cases: int) -> dict[str, NDArray[Any]]:
    bounded = np.array([one.kind == BOUNDS for one in found])
    rank, place = np.zeros(len(found), np.int64), 0
    for row, one in enumerate(found):
        if one.kind not in (BOUNDS, "today"):
            place += 1
            rank[row] = place
    ends = [sorted(one.chances) if one.of and not one.open else [np.nan, np.nan] for one in found]
    return {
        "scenario": np.array([one.name for one in found], object),
        "position": rank,
        "likely": np.array([one.likely for one in found]),
        "likely_low": np.where(bounded, [one[0] for one in ends], np.nan),
        "likely_high": np.where(bounded, [one[-1] for one in ends], np.nan),
        "met": np.array([one.met[0] if one.met else 0 for one in found]),
        "draws": np.array([one.of for one in found]),
        "value": np.array([one.value for one in found]),
        "value_low": np.array([one.low for one in found]),
        "value_high": np.array([one.high for one in found]),
        "days": timedeltas(np.array([one.seconds for one in found])),
        "answer": np.array([one.kind for one in found], object),
        "cases": np.full(len(found), cases),
    }
