"""Ask: both arms on the same simulated cases, and what they tell, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.find.service.standards import Standard
from procmine.kernels.blocks import DAY
from procmine.kernels.crowd import Floats, Ints
from procmine.results import Rows, seconds, timedeltas
from procmine.see.survival import survival
from procmine.simulate.fit import Model
from procmine.simulate.forecast.asked import Asked, limits_of
from procmine.simulate.forecast.draws import Figures, Play, drawn
from procmine.simulate.forecast.effort import Effort
from procmine.simulate.forecast.groups import Groups
from procmine.simulate.forecast.horizon import DATES, Ahead
from procmine.simulate.forecast.parts import (
    LITTLE,
    NO_GAIN,
    SLOWER,
    SOONER,
    UNSURE,
    Amounts,
    ByGroup,
    OpenCases,
    Queues,
    Saved,
    dates,
    stacked,
    words,
)
from procmine.simulate.forecast.result import Forecast
from procmine.simulate.forecast.told import ARMS, BAND, Told
from procmine.simulate.plan import Plan, Planned, plan
from procmine.simulate.policy import Policy
from procmine.words import Message, Span, after_each_other

OFF = 0.1  # how far the model's half may lie from the log's before it is said
MOST_POLICIES = 40
YEAR = 365


def forecast(
    model: Model,
    policies: Policy | Sequence[Policy],
    *,
    seed: int,
    horizon: int = YEAR,
    warm: bool = True,
    outcome: str | None = None,
    within: float | Standard | Sequence[float | Standard] = (),
    effort: Effort = Effort(),  # noqa: B008 - it cannot change
) -> Forecast:
    """Both arms on the same simulated cases: as the log was, and with each policy.

    Time from arrival to the end of the case, in any way, or with one `outcome` (cases that end otherwise never get
    there). within: shares that are there within so many days, or a standard's limit (default: the limits of the log's
    spec). horizon: days after the data in which open cases and those that come are followed; warm: those open now go
    on.

    The range: in each draw of `effort` the weeks in which cases began are weighed anew (as everywhere, neighbouring
    weeks together), the model refitted and simulated; it is for the average over many future cases, not for the next
    few, and holds neither an error of the model's form nor people who behave differently. Where the policy is for some
    cases only, these are modelled apart. Nothing queues unless the model has pools: time saved is not lost again in
    front of the next desk.
    """
    asked_of = [policies] if isinstance(policies, Policy) else list(policies)
    _check(asked_of, horizon)
    limits, left_out = limits_of(model.log.about, within, outcome)
    asked = Asked.of(model, outcome, limits)
    ahead = ahead_of(model, horizon, warm)
    told = tell(model, asked_of, asked, ahead, seed, effort)
    arguments: dict[str, object] = {"policies": tuple(asked_of), "outcome": outcome, "seed": seed, **effort.to_dict()}
    arguments |= {"horizon": horizon, "warm": warm, **({"policy": asked_of[0]} if len(asked_of) == 1 else {})}
    notes = (
        *_later(told, ahead),
        *left_out,
        *_doubts(model, asked, told[0].figures[0]),
        *_assumed(model, asked, told, warm),
    )
    return _result(model, asked, ahead, told, arguments, notes)


def _check(policies: Sequence[Policy], horizon: int) -> None:
    names = [one.name for one in policies]
    if not names or len(names) > MOST_POLICIES:
        raise ValueError(f"{len(names)} policies: from 1 to {MOST_POLICIES} at a time.")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"Two policies are named {twice[0]!r}; each needs a name of its own.")
    if not 1 <= horizon <= 10 * YEAR:
        raise ValueError(f"horizon = {horizon}: it is a number of days, from 1 to {10 * YEAR}.")


def ahead_of(model: Model, horizon: int, warm: bool) -> Ahead:
    cutoff = model.log.about.cutoff
    return Ahead(cutoff, cutoff + horizon * DAY, warm)


def tell(
    model: Model,
    policies: Sequence[Policy],
    asked: Asked,
    ahead: Ahead,
    seed: int,
    effort: Effort,
    *,
    worlds: bool = True,
) -> list[Told]:
    """Simulate all policies on the same cases."""
    planned = [planned_ahead(model, one, ahead) for one in policies]
    plans = [_plans(one) for one in planned]
    plays = [Play.of(model, one, asked, ahead, seed, worlds=worlds) for each in plans for one in each]
    figures = [play.point() for play in plays]
    found = drawn(plays, figures, effort)
    told, place = [], 0
    for policy, one, each in zip(policies, planned, plans):
        here = slice(place, place + len(each))
        place += len(each)
        bounded = one.point is None
        unbounded = bounded and one.high is None
        draws = None if found is None else tuple(found[here])
        said = _in_order(one)
        money = (float(one.once), float(one.per_year))
        told.append(
            Told(policy, tuple(plays[here]), tuple(figures[here]), draws, bounded, unbounded, one.worse, money, said)
        )
    return told


def planned_ahead(model: Model, policy: Policy, ahead: Ahead) -> Planned:
    """The policy in numbers, for as long as any case is followed; refused where it begins after the time ahead."""
    cutoff = model.log.about.cutoff
    plan_ = plan(model, policy, horizon=(max(ahead.end - cutoff, YEAR * DAY) + model.horizon) / DAY + 1)
    changes = plan_.first.changes
    if min((changes.since, *(one.since for one in changes.scopes))) > ahead.end:
        raise ValueError(
            f"{policy.name!r} begins after the last day that is looked at: name an earlier day, or a longer horizon."
        )
    return plan_


def _in_order(planned: Planned) -> tuple[Message, ...]:
    """Why there is no figure, and what would settle it; what else is to be said; and on what the figures rest."""
    reasons = [
        after_each_other(
            (Message("standing.bounds", {"act": one.act}), one.reason, *([one.resolve] if one.resolve else []))
        )
        for one in planned.standing
        if not one.known
    ]
    assumed = [one.assumes for one in planned.standing if one.known]
    who = [Message(f"forecast.permission.{planned.authority.replace(' ', '_')}")] if planned.authority else []
    found: list[Message] = []
    for message in (*reasons, *planned.said, *assumed, *who):
        if message not in found:
            found.append(message)
    return tuple(found)


def _plans(planned: Planned) -> tuple[Plan, ...]:
    return (planned.point,) if planned.point is not None else tuple(one for one in (planned.low, planned.high) if one)


def _result(
    model: Model,
    asked: Asked,
    ahead: Ahead,
    told: Sequence[Told],
    arguments: dict[str, object],
    notes: Sequence[Message],
) -> Forecast:
    log, several = model.log, len(told) > 1
    about = log.about.after(Message("kept.forecast", {"policy": ", ".join(one.policy.name for one in told)}))
    groups = ("policy",) if several else ()
    before = _before(model, ahead)

    def part(kind: Any, tables: list[dict[str, NDArray[Any]]], **more: Any) -> Any:
        rows = stacked(tables)
        rows = rows if several else {name: column for name, column in rows.items() if name != "policy"}
        return kind(rows, about, True, arguments, **more, groups=groups if rows else ())

    curves = stacked([_curves(one) for one in told])
    return Forecast(
        stacked([_rows(one, asked, len(log)) for one in told]),
        about,
        True,
        arguments,
        curves,
        part(Amounts, [_amounts(one, asked, len(log)) for one in told]),
        part(Saved, [_saved(one, model, len(log)) for one in told]),
        part(ByGroup, [_by_group(one, asked.groups) for one in told]),
        part(OpenCases, [_open(one, model, ahead) for one in told], before=before),
        part(Queues, [_queues(one) for one in told]),
        tuple(notes),
        {one.policy.name: one.said for one in told},
        groups=groups,
    )


def _named(one: Told, n: int) -> NDArray[Any]:
    return np.full(n, one.policy.name, object)


def _spans(columns: dict[str, Floats]) -> dict[str, NDArray[Any]]:
    """In whole seconds, the effect as the difference of these."""
    found = {name: timedeltas(np.where(np.isfinite(column), column, np.nan)) for name, column in columns.items()}
    return {**found, "effect": found["with_policy"] - found["today"]}


def _rows(one: Told, asked: Asked, cases: int) -> dict[str, NDArray[Any]]:
    names = asked.measures
    n = len(names)
    there = one.columns("there")
    shares = {f"share_there_{arm}": np.full(n, there[arm][0]) for arm in ARMS}
    return {
        "policy": _named(one, n),
        "measure": np.array(names, object),
        **_spans(one.columns("times")),
        **shares,
        "share_affected": np.full(n, np.nan if one.bounded else one.figures[0].affected),
        "share_closed": np.full(n, max(figures.closed for figures in one.figures)),
        "share_chance": one.chance("times"),
        "answer": np.full(n, one.kind, object),
        "cases": np.full(n, cases),
    }


def _curves(one: Told) -> dict[str, NDArray[Any]]:
    found = one.columns("curve")
    grid = one.figures[0].grid / DAY
    bands = {arm + end: np.clip(found[arm + end], 0, 1) for arm in ARMS for end in BAND}
    return {"policy": _named(one, len(grid)), "days": grid, **{arm: found[arm] for arm in ARMS}, **bands}


def _amounts(one: Told, asked: Asked, cases: int) -> dict[str, NDArray[Any]]:
    """Shares as of 100 cases; money only where any is stated."""
    names = [(limit.name, "of 100 cases") for limit in asked.limits]
    blocks = [{name: 100 * column for name, column in one.columns("within").items()}]
    if "world" in one.figures[0].blocks:
        pairs = (("finished", "a_week"), ("open_on_average", "cases"), ("open_at_the_end", "cases"))
        names += [(words(f"forecast.{key}"), words(f"forecast.unit.{unit}")) for key, unit in pairs]
        blocks.append(one.columns("world"))
    if np.any(one.plan.price) or one.plan.price_day:
        names.append((words("forecast.cost"), words("forecast.unit.money")))
        blocks.append(one.columns("cost"))
    if any(one.money):
        own = np.array([sum(one.money)])
        names.append((words("forecast.cost.own"), words("forecast.unit.first_year")))
        blocks.append({name: 0 * own if name.startswith("today") else own for name in blocks[0]})
    whole = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    whole = {{"low": "effect_low", "high": "effect_high"}.get(name, name): column for name, column in whole.items()}
    text = {key: np.array([pair[k] for pair in names], object) for k, key in enumerate(("measure", "unit"))}
    return {"policy": _named(one, len(names)), **text, **whole, "cases": np.full(len(names), cases)}


def _saved(one: Told, model: Model, cases: int) -> dict[str, NDArray[Any]]:
    names = [*model.log.about.activities, *one.plan.steps, words("forecast.saved.end"), words("forecast.saved.open")]
    columns = one.columns("spent")
    both = np.abs(columns["today"]) + np.abs(np.nan_to_num(columns["with_policy"], nan=1.0))
    kept = np.flatnonzero(both > 1e-9)
    spans = _spans({name: columns[name][kept] for name in (*ARMS, "effect", "low", "high")})
    steps = np.array(names, object)[kept]
    return {"policy": _named(one, len(kept)), "step": steps, **spans, "cases": np.full(len(kept), cases)}


def _by_group(one: Told, groups: Groups) -> dict[str, NDArray[Any]]:
    columns = {
        name: column for name, column in one.columns("groups").items() if name in (*ARMS, "effect", "low", "high")
    }
    n = len(groups.value)
    return {
        "policy": _named(one, n),
        "attribute": np.array(groups.attribute, object),
        "group": np.array(groups.value, object),
        "cases": groups.cases,
        **_spans(columns),
        "helped": np.array(
            [_helped(*one) for one in zip(*(columns[name] for name in ("today", "effect", "low", "high")))], object
        ),
    }


def _helped(today: float, effect: float, low: float, high: float) -> str:
    if np.isfinite(effect) and abs(effect) <= LITTLE * today:
        return NO_GAIN
    if np.isfinite(low) and low > 0:
        return SLOWER
    return SOONER if np.isfinite(high) and high < 0 else UNSURE


def _open(one: Told, model: Model, ahead: Ahead) -> dict[str, NDArray[Any]]:
    columns = {name: np.maximum(column, 0) for name, column in one.columns("open").items() if name.startswith(ARMS)}
    columns |= {
        f"with_policy{end}": np.where(np.isnan(columns[f"with_policy{end}"]), np.nan, columns[f"with_policy{end}"])
        for end in BAND
    }
    return {"policy": _named(one, DATES), "time": dates(model.log.about, ahead.dates), **columns}


def _queues(one: Told) -> dict[str, NDArray[Any]]:
    shared = one.plan.shared
    names = [pool.name for pool in shared.pools]
    columns = one.columns("queue")
    n = min(len(names), columns["today"].shape[-1])
    columns = {
        {"low": "effect_low", "high": "effect_high"}.get(name, name): column[:n] for name, column in columns.items()
    }
    return {"policy": _named(one, n), "pool": np.array(names[:n], object), **columns}


def _before(model: Model, ahead: Ahead) -> Rows:
    """Open cases of the log at dates as far before the cutoff as is looked ahead, from when they can be counted on."""
    log = model.log
    step = (ahead.end - ahead.begin) // (DATES - 1)
    from_ = max(ahead.begin - (ahead.end - ahead.begin), int(log.arrival.min()))
    at: Ints = np.arange(ahead.begin, from_, -step)[::-1] if ahead.begin > from_ else np.array([ahead.begin])
    ended = np.sort(log.until[~log.open])
    arrived = np.sort(log.arrival)
    open_ = np.searchsorted(arrived, at, side="right") - np.searchsorted(ended, at, side="right")
    return {"time": dates(log.about, at), "open": open_}


def _doubts(model: Model, asked: Asked, point: Figures) -> list[Message]:
    """Where the model does not tell the log's own story."""
    said = []
    rows = survival(model.log, outcome=asked.outcome).rows
    log, half = rows["time"][np.isclose(rows["share"], 0.5)][0], float(point.blocks["times"][0, 0])
    if not np.isnat(log) and abs(half - seconds(log)) > OFF * seconds(log):
        there = Span(half) if np.isfinite(half) else Message("forecast.off.never")
        said.append(Message("forecast.off", {"model": there, "log": Span(seconds(log))}))
    if point.stuck > 0.005:
        said.append(Message("forecast.stuck", {"share": point.stuck, "time": Span(asked.horizon / 1e6)}))
    return said


def _later(told: Sequence[Told], ahead: Ahead) -> list[Message]:
    """Whether some cases come before a policy begins."""
    every = [
        (one, since) for one in told for since in (one.plan.changes.since, *(s.since for s in one.plan.changes.scopes))
    ]
    names = dict.fromkeys(one.policy.name for one, since in every if since > ahead.begin)
    return [Message("forecast.since", {"policy": name}) for name in names]


def _assumed(model: Model, asked: Asked, told: Sequence[Told], warm: bool) -> list[Message]:
    """What is simulated and what is not."""
    pools = sorted({pool.name for one in told for play in one.plays for pool in play.engine.plan.shared.pools})
    said = [Message("forecast.pools", {"pools": ", ".join(pools)}) if pools else Message("forecast.no_queues")]
    if asked.groups.value:
        apart = {*model.by, *(name for one in told for name in one.policy.only)}
        said.append(
            Message("forecast.apart", {"names": ", ".join(sorted(apart))}) if apart else Message("forecast.alike")
        )
    if not warm:
        said.append(Message("forecast.cold"))
    drift = getattr(model, "drift", None)
    if drift is not None and drift.alarm:
        said += drift.messages()
    return [*said, Message("forecast.only")]
