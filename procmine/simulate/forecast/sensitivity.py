"""Sensitivity: what becomes of the effect when one assumption at a time is another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.crowd import Flags, Floats
from procmine.kernels.edits import CAP, CLOCK, ESCALATE, SCALE, SET, Changes, Edit
from procmine.kernels.sampler import Chain
from procmine.log import LogError
from procmine.results import Rows, timedeltas
from procmine.simulate.fit import Model
from procmine.simulate.forecast.ask import YEAR, ahead_of, tell
from procmine.simulate.forecast.asked import Asked
from procmine.simulate.forecast.draws import AT_ONCE, Play
from procmine.simulate.forecast.effort import Effort
from procmine.simulate.forecast.foretold import Foretold
from procmine.simulate.forecast.parts import less
from procmine.simulate.plan import Plan
from procmine.simulate.policies.rights import stated
from procmine.simulate.policy import Policy
from procmine.simulate.tables import Tables, Visits
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEAN_PLACE = 3
SAMPLE = "sample"
LITTLE = 0.02  # of the effect: smaller changes do not matter
TIMED = (SET, SCALE, CAP, ESCALATE)


@dataclass(frozen=True, eq=False)
class Sensitivity(Foretold):
    """A row is an assumption made another one, the one that matters most first. assumption, other (text: what is put in
    its place); effect (timedelta): the change in the mean then; base: as the forecast has it; away = effect - base.
    The row "the size of the log" has no effect of its own: low and high (timedelta, of every row nan but this) are
    the ends of the range of the forecast, for comparison. cases: in the log.
    """

    meaning = "define.sensitivity"
    notes: tuple[Message, ...]

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        base = Span(float(rows["base"][0] / np.timedelta64(1, "s")))
        said = [_told("sensitivity.base", "sensitivity.same", base.seconds)]
        away = np.abs(rows["away"] / np.timedelta64(1, "s"))
        for row in [int(one) for one in np.flatnonzero(np.isfinite(away))][:3]:
            if away[row] > LITTLE * abs(base.seconds):
                then = float(rows["effect"][row] / np.timedelta64(1, "s"))
                values: dict[str, Value] = {name: str(rows[name][row]) for name in ("assumption", "other")}
                said.append(_told("sensitivity.matters", "sensitivity.matters.same", then, values))
        if len(said) == 1:
            said.append(Message("sensitivity.nothing"))
        return [*said, *self.notes, self.checked]

    def plot(self, ax: Axes | None = None) -> Axes:
        """How far the effect moves with each assumption, the longest bar on top (a tornado)."""
        from procmine.draw.forecasts import Swing, tornado

        day = np.timedelta64(1, "D")
        base = float(self.rows["base"][0] / day)
        swings: dict[str, Swing] = {}
        for row in range(len(self)):
            name, other = str(self.rows["assumption"][row]), str(self.rows["other"][row])
            ends = [float(self.rows[end][row] / day) for end in ("low", "high", "effect")]
            found = [(end, other if k == 2 else "") for k, end in enumerate(ends) if np.isfinite(end)]
            before = swings[name].ends if name in swings else ()
            swings[name] = Swing(name, (*before, *found), self.rows["sort"][row] == SAMPLE)
        words = {key: Message(f"sensitivity.{key}").say() for key in ("axis",)}
        title = Message("sensitivity.picture", {"policy": str(self.arguments["name"])}).say()
        return tornado(list(swings.values()), base, title=title, axis=words["axis"], ax=ax)


def _told(key: str, same: str, seconds: float, values: Mapping[str, Value] | None = None) -> Message:
    """So much less or more, or as long as today."""
    change = {"change": less(seconds / DAY)} if round(seconds) else {}
    return Message(key if change else same, {**(values or {}), **change})


@dataclass(frozen=True, eq=False)
class Other:
    """One assumption made another one: its words, and the model, the plan and the weights of cases that hold then."""

    key: str
    values: dict[str, Value]
    model: Model
    plan: Plan
    weight: Floats
    last_only: bool = False


def sensitivity(
    model: Model,
    policy: Policy,
    *,
    seed: int,
    effort: Effort = Effort(),  # noqa: B008 - it cannot change
) -> Sensitivity:
    """The change in the mean time to the end when one assumption at a time is another one, always on the same cases.

    The times that the policy sets half as long and half as long again; only half or 8 in 10 of its cases follow it;
    nobody leaves while waiting; only the older or newer half of the log's cases; time on the calendar instead of office
    hours; gaps of a case that do not hang together; only the last step remembered. ValueError for a policy that the log
    only bounds.
    """
    asked, ahead = Asked.of(model, None, ()), ahead_of(model, YEAR, True)
    told = tell(model, [policy], asked, ahead, seed, effort, worlds=False)[0]
    if told.bounded:
        raise LogError(
            f"The log only bounds what {policy.name!r} would do: there is no figure whose assumptions could be varied."
        )
    base = _effect(Play.of(model, told.plan, asked, ahead, seed, worlds=False), np.ones(len(model.log)))
    found: list[tuple[Message, Message, float]] = []
    for one in _others(model, told.plan, seed):
        play = Play.of(one.model, one.plan, Asked.of(one.model, None, ()), ahead, seed, worlds=False)
        if one.last_only:
            play = replace(play, engine=replace(play.engine, tables=_LastOnly.of(play.engine.tables)))
        what, other = Message(f"sensitivity.{one.key}"), Message(f"sensitivity.{one.key}.other", one.values)
        found.append((what, other, _effect(play, one.weight)))
    low, high = (float(end[MEAN_PLACE]) for end in (told.columns("times")["low"], told.columns("times")["high"]))
    rows = _rows(found, base, low, high, len(model.log))
    arguments: dict[str, object] = {
        "policy": policy,
        "policies": (policy,),
        "name": policy.name,
        "seed": seed,
        **effort.to_dict(),
    }
    about = model.log.about.after(Message("kept.forecast", {"policy": policy.name}))
    pools = bool(told.plan.shared.pools)
    varied = Message("sensitivity.volume.pools" if pools else "sensitivity.volume")
    notes = (varied, Message("sensitivity.only"), *stated(told.said))
    return Sensitivity(rows, about, True, arguments, notes)


def _effect(play: Play, weight: Floats) -> float:
    """Seconds by which the mean changes."""
    both = play.cases(weight, AT_ONCE, 1, -1)
    before, after = (float(play.asked.lasted(one).mean()) / 1e6 for one in both)
    return after - before


def _others(model: Model, plan: Plan, seed: int) -> Iterator[Other]:
    every = np.ones(len(model.log))
    changes = plan.changes
    if any(one.kind in TIMED for one in changes.edits) or changes.pairs:
        for by in (0.5, 1.5):
            yield Other("delay", {"by": f"{by:g}"}, model, replace(plan, changes=_longer(changes, by)), every)
    for share in (0.5, 0.8):
        yield Other("adoption", {"share": share}, model, replace(plan, changes=_fewer(changes, share, seed)), every)
    if changes.leaving.any():
        stays = replace(changes, leaving=np.zeros_like(changes.leaving))
        yield Other("leaving", {}, model, replace(plan, changes=stays), every)
    middle = np.median(model.log.arrival)
    for name, half in (("older", model.log.arrival <= middle), ("newer", model.log.arrival >= middle)):
        yield Other(f"mix.{name}", {}, model, plan, half.astype(np.float64))
    yield from _of_model(model, plan, every)


def _of_model(model: Model, plan: Plan, every: Floats) -> Iterator[Other]:
    if model.clock.any() and not any(one.kind == CLOCK for one in plan.changes.edits):
        yield Other("clock", {}, on_calendar(model), plan, every)
    if model.frailty is not None:
        alone = replace(model)
        vars(alone)["frailty"] = None  # found out once and kept there
        yield Other("frailty", {}, alone, plan, every)
    yield Other("memory", {}, model, plan, every, last_only=True)


def on_calendar(model: Model) -> Model:
    """The same with all time on the calendar."""
    operational = replace(model.operational, clock=np.zeros_like(model.operational.clock))
    return replace(model, visits=Visits.of(model.log, blocks=model.blocks), operational=operational)


def _longer(changes: Changes, by: float) -> Changes:
    edits = [_times(one, by) if one.kind in TIMED else one for one in changes.edits]
    return replace(changes, edits=edits, pairs=[(one, two, round(length * by)) for one, two, length in changes.pairs])


def _times(edit: Edit, by: float) -> Edit:
    table = None if edit.table is None else np.round(edit.table * by)
    return replace(edit, table=table, factor=edit.factor * by, limit=round(edit.limit * by))


def _fewer(changes: Changes, share: float, seed: int) -> Changes:
    """Only a share of the cases follow the policy, whoever they are."""
    kept: Flags = np.random.default_rng([seed % 2**32, 6]).random(len(changes.applies)) < share
    scopes = [replace(one, applies=one.applies & kept) for one in changes.scopes]
    return replace(changes, applies=changes.applies & kept, scopes=scopes)


class _LastOnly(Tables):
    """Tables that remember the last step alone."""

    @classmethod
    def of(cls, tables: Tables) -> _LastOnly:
        return cls(**{one.name: getattr(tables, one.name) for one in fields(tables)})

    def _chain(self, weight: Floats) -> Chain:
        chain = super()._chain(weight)
        if chain.trust is None or chain.shorter is None:
            return chain
        return replace(chain, trust=np.where(chain.shorter >= 0, 0.0, chain.trust))


def _rows(found: Sequence[tuple[Message, Message, float]], base: float, low: float, high: float, cases: int) -> Rows:
    found = [*found, (Message("sensitivity.sample"), Message("sensitivity.sample.other"), np.nan)]
    widest: dict[str, float] = {}
    for what, _, effect in found:
        away = abs(effect - base) if np.isfinite(effect) else max(abs(low - base), abs(high - base), 0.0)
        widest[what.say()] = max(widest.get(what.say(), 0.0), float(np.nan_to_num(away)))
    found = sorted(found, key=lambda one: -widest[one[0].say()])
    effects = np.array([one[2] for one in found])
    sample = ~np.isfinite(effects)
    return {
        "assumption": np.array([one[0].say() for one in found], object),
        "other": np.array([one[1].say() for one in found], object),
        "effect": timedeltas(effects),
        "base": timedeltas(np.full(len(found), base)),
        "away": timedeltas(effects - base),
        "low": timedeltas(np.where(sample, low, np.nan)),
        "high": timedeltas(np.where(sample, high, np.nan)),
        "sort": np.where(sample, SAMPLE, "assumption").astype(object),
        "cases": np.full(len(found), cases),
    }
