"""Checks: each thing that a plan says, set against the log: it agrees, differs, cannot be told, or is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from procmine.find.time.owners import MINE, OTHERS, PARTLY, STATUTE, owner_of_step, who_of
from procmine.find.time.places import BEFORE
from procmine.log import LogError
from procmine.proof.records.entry import ChangeEntry
from procmine.proof.records.visible import Sight
from procmine.publish.plans.facts import Facts
from procmine.publish.plans.plan import STAGE_OF, Level, Recorded, Stage
from procmine.results import seconds
from procmine.words import DAY, Message, Span, Value

State = Literal["ok", "differs", "cannot tell", "missing"]
CLOSE_DAYS, CLOSE_POINTS = 0.5, 1.0  # as people round what they write
LONGEST = 400  # days of a plan for a year


@dataclass(frozen=True)
class Check:
    """`name`: what was checked (plan.check.NAME); `said`: what was found, the first sentence being the answer."""

    name: str
    state: State
    said: tuple[Message, ...]


def checked(facts: Facts) -> list[Check]:
    """All of them, the baseline first."""
    return [one(facts) for one in (baseline, bottleneck, target, record, dates, owner, draft)]


def baseline(facts: Facts) -> Check:
    """Whether what the plan says of the time before is what the log says."""
    base, waits = facts.plan.baseline, facts.waits
    found = waits.half() if base.days is not None else waits.share(int(base.within or 0))
    values: dict[str, Value] = {
        "wrote": level(base), "n": waits.cases, "open": waits.open, "since": facts.since,
        "until": str(np.datetime64(facts.until) - 1), "of": _of(facts),
    }  # fmt: skip
    if not waits.cases:
        return Check("baseline", "cannot tell", (Message("plan.baseline.none", values),))
    if np.isnan(found[0]):
        return Check(
            "baseline",
            "cannot tell",
            (Message("plan.baseline.never" if base.within is None else "plan.baseline.unseen", values),),
        )
    values |= {"figure": _figure(base, found[0]), "range": _range(base, *found)}
    wrote = float(base.days if base.days is not None else base.share or 0)
    near = CLOSE_DAYS if base.days is not None else CLOSE_POINTS
    state, key = _agreement(wrote, *found, near)
    values["off"] = _figure(base, abs(wrote - found[0]))
    return Check("baseline", state, (Message(f"plan.baseline.{key}", values), Message("plan.baseline.counted", values)))


def _agreement(wrote: float, figure: float, low: float, high: float, near: float) -> tuple[State, str]:
    """It agrees inside the range, however far from the figure; without a range only if it is next to the figure."""
    if abs(wrote - figure) <= near:
        return "ok", "agrees"
    if np.isnan(low):
        return "cannot tell", "no_range"
    inside = low - near <= wrote and (np.isnan(high) or wrote <= high + near)
    return ("ok", "agrees") if inside else ("differs", "below" if wrote < figure else "above")


def bottleneck(facts: Facts) -> Check:
    """Whether much time passes before the step, and whether it is clearly more before another one that can be changed."""
    rows, step = facts.places.rows, facts.plan.step
    there = np.flatnonzero(rows["kind"] == BEFORE)
    mine = [at for at in there if rows["step"][at] == step]
    values: dict[str, Value] = {"step": step, "office": facts.plan.office, "places": len(there)}
    if not mine:
        return Check("bottleneck", "cannot tell", (Message("plan.bottleneck.none", values),))
    at = mine[0]
    ends: dict[str, Value] = {name: 10 * float(rows[name][at]) for name in ("low", "high")}
    known = not np.isnan(rows["low"][at])
    values |= {"place": 1 + list(there).index(at), "tenths": 10 * float(rows["share"][at]), "n": int(rows["n"][at])}
    values["range"] = Message("plan.bottleneck.range", ends) if known else Message("plan.no_range")
    told = Message("plan.bottleneck.largest" if at == there[0] else "plan.bottleneck.place", values)
    larger = [one for one in there if rows["low"][one] > rows["high"][at]]
    ours = [one for one in larger if rows["whose"][one] not in (OTHERS, STATUTE)]
    said = (told, *(_larger(facts, int(one), one in ours) for one in larger))
    if at != there[0] and not known:
        return Check("bottleneck", "cannot tell", said)
    return Check("bottleneck", "differs" if ours else "ok", said)


def _larger(facts: Facts, at: int, ours: bool) -> Message:
    rows = facts.places.rows
    values: dict[str, Value] = {"step": str(rows["step"][at]), "tenths": 10 * float(rows["share"][at]),
                                "low": 10 * float(rows["low"][at]), "high": 10 * float(rows["high"][at]),
                                "n": int(rows["n"][at]), "who": str(rows["who"][at])}  # fmt: skip
    return Message("plan.bottleneck.larger" if ours else "plan.bottleneck.larger.others", values)


@dataclass(frozen=True)
class Aim:
    """How much must change for the target: seconds of the average wait, or a part of all cases; nan: not known."""

    wanted: float
    sight: Sight


def target(facts: Facts) -> Check:
    """Whether, and with data of which day, reaching the target would stand out from the usual ups and downs."""
    plan = facts.plan
    values: dict[str, Value] = {"target": level(plan.target), "by": plan.target.by}
    try:
        aim = _aim(facts)
    except LogError as error:
        return Check("target", "cannot tell", (Message("plan.target.cannot", {**values, "why": str(error)}),))
    if np.isnan(aim.wanted):
        return Check("target", "cannot tell", (Message("plan.target.unknown", values),))
    if aim.wanted <= 0:
        return Check("target", "differs", (Message("plan.target.reached", values),))
    return _seen(facts, aim, values)


def _aim(facts: Facts) -> Aim:
    """A target in days: all waits shorten in the same part. LogError where there is too little history."""
    aimed, basis = facts.plan.target, facts.sized.basis
    if aimed.days is None:
        sight = basis.within(int(aimed.within or 0))
        return Aim(float(aimed.share or 0) / 100 - sight.before.mean, sight)
    return Aim(basis.mean * (1 - aimed.days / facts.waits.half()[0]), basis.sight)


def _seen(facts: Facts, aim: Aim, values: dict[str, Value]) -> Check:
    basis, by = facts.sized.basis, facts.plan.target.by
    needed = aim.sight.weeks_for(aim.wanted)
    values = {**values, "monthly": round(basis.per_week * 365.25 / 84), "change": _change(facts, aim.wanted)}
    values["floor"] = _change(facts, aim.sight.floor)
    if needed is None:
        return Check("target", "differs", (Message("plan.target.never", values), Message("plan.target.never.do")))
    day, weeks = facts.day(max(needed, basis.least)), facts.weeks(by)
    values["day"] = day
    if day <= by:
        return Check("target", "ok", (Message("plan.target.seen", values), Message("plan.target.counted")))
    if weeks < basis.least:
        more = Message("plan.target.too_soon", {**values, "first": facts.day(basis.least)})
    else:
        more = Message("plan.target.by_then", {**values, "visible": _change(facts, aim.sight.visible(weeks))})
    return Check("target", "differs", (Message("plan.target.late", values), more))


def record(facts: Facts) -> Check:
    """Whether the change was written down before its results could be seen, and says what the plan says."""
    plan, entry = facts.plan, facts.entry
    if not isinstance(plan.change, Recorded) or entry is None:
        if plan.recorded:
            return Check("record", "ok", (Message("plan.record.dated", {"day": plan.recorded}),))
        return Check("record", "missing", (Message("plan.record.none"),))
    values: dict[str, Value] = {"id": plan.change.id, "file": plan.change.file.replace("\\", "/").rsplit("/", 1)[-1]}
    if entry.date is None:
        return Check("record", "missing", (Message("plan.record.no_date", {**values, "begin": plan.dates.begin}),))
    wrong = tuple(_unlike(facts, entry))
    if wrong:
        return Check("record", "differs", (Message("plan.record.differs", {**values, "n": len(wrong)}), *wrong))
    if entry.recorded is None:
        return Check("record", "differs", (Message("plan.record.no_day", values),))
    return Check("record", "ok", (Message("plan.record.agrees", {**values, "day": entry.recorded}),))


def _unlike(facts: Facts, entry: ChangeEntry) -> Iterator[Message]:
    """What the record of the change says otherwise than the plan."""
    plan, base = facts.plan, facts.plan.baseline
    pairs = (
        ("begin", plan.dates.begin, entry.date), ("step", plan.step, entry.step), ("start", base.start, entry.start),
        ("stop", base.stop, entry.stop),
    )  # fmt: skip
    for name, said, there in pairs:
        if said != there and not (name == "step" and there is None):
            yield _two(name, said or "-", there or "-")
    if _sets(plan.meant) != _sets(entry.where):
        yield _two("where", _cases(plan.meant), _cases(entry.where))
    if plan.stage is not None and not _fits(plan.stage, entry.status):
        yield _two("stage", Message(f"plan.stage.{plan.stage}"), Message(f"changes.status.{entry.status}"))


def _two(name: str, plan: Value, record: Value) -> Message:
    return Message("plan.record.unlike", {"what": Message(f"plan.record.{name}"), "plan": plan, "record": record})


def _fits(stage: Stage, status: str) -> bool:
    """A small trial is running on record too, and so may be a change that holds until it is decided; a closed plan may have
    ended with a change that is kept."""
    alike = {
        "running": ("testing", "running"),
        "idea": ("idea", "baseline"),
        "planned": ("idea", "baseline", "testing"),
    }
    return stage in alike.get(status, (STAGE_OF[status], "closed"))


def dates(facts: Facts) -> Check:
    """Whether each day comes when it can tell something, and within about a year."""
    wrong = tuple(_wrong_days(facts))
    values: dict[str, Value] = {"begin": facts.plan.dates.begin, "until": facts.cutoff, "end": facts.plan.ends}
    if wrong:
        return Check("dates", "differs", wrong)
    key = "plan.dates.ahead" if facts.plan.dates.begin > facts.cutoff else "plan.dates.fit"
    return Check("dates", "ok", (Message(key, values),))


def _wrong_days(facts: Facts) -> Iterator[Message]:
    plan = facts.plan
    first = earliest(facts)
    if not plan.dates.review:
        yield Message("plan.dates.no_review", {"first": first or plan.ends})
    soon = [day for day in plan.dates.review if first and plan.dates.begin < day < first]
    if soon:
        key = "plan.dates.too_soon" if len(soon) == 1 else "plan.dates.too_soon.several"
        yield Message(key, {"day": soon[0], "first": first, "n": len(soon)})
    for name, day in (("review", (plan.dates.review or [""])[-1]), ("target", plan.target.by)):
        if day > plan.ends:
            yield Message(f"plan.dates.after_end.{name}", {"day": day, "end": plan.ends})
    span = (np.datetime64(plan.ends) - np.datetime64(plan.dates.begin)).astype(int)
    if span > LONGEST:
        yield Message("plan.dates.long", {"days": Span(float(span) * DAY), "begin": plan.dates.begin, "end": plan.ends})


def earliest(facts: Facts) -> str:
    """The first day whose data could tell anything of the change; empty where there is too little history to say."""
    try:
        return facts.day(facts.sized.basis.least)
    except LogError:
        return ""


def owner(facts: Facts) -> Check:
    """Whether it is in the hands of the office to change the step."""
    about, step = facts.log.about, facts.plan.step
    values: dict[str, Value] = {"step": step, "who": who_of(about, step), "office": facts.plan.office}
    states: dict[str, tuple[State, str]] = {MINE: ("ok", "ours"), PARTLY: ("ok", "partly"), STATUTE: ("differs", "law"),
                                            OTHERS: ("differs", "others")}  # fmt: skip
    state, key = states.get(owner_of_step(about, step), ("cannot tell", "unknown"))
    rows = facts.places.rows
    fixed = [at for at in np.flatnonzero((rows["kind"] == BEFORE) & (rows["step"] == step)) if rows["fixed_n"][at]]
    rule = [Message("plan.owner.fixed", {"n": int(rows["fixed_n"][at]), "n_all": int(rows["n"][at]), "step": step,
                                         "days": Span(seconds(rows["fixed"][at]))}) for at in fixed]  # fmt: skip
    return Check("owner", state, (Message(f"plan.owner.{key}", values), *rule))


def draft(facts: Facts) -> Check:
    """Who must be named before the plan is more than a draft."""
    absent = facts.plan.missing()
    return Check("draft", "missing" if absent else "ok", absent or (Message("plan.draft.none"),))


def level(said: Level) -> Message:
    """As "half within 72 days" or "80 of 100 within 60 days"."""
    if said.days is not None:
        return Message("plan.level.days", {"days": Span(said.days * DAY)})
    return Message("plan.level.share", {"share": float(said.share or 0), "within": Span(float(said.within or 0) * DAY)})


def _figure(of: Level, value: float) -> Message:
    if of.days is not None:
        return Message("plan.figure.days", {"days": Span(value * DAY)})
    return Message("plan.figure.share", {"share": value})


def _range(of: Level, value: float, low: float, high: float) -> Message:
    if np.isnan(low):
        return Message("plan.no_range")
    if np.isnan(high):
        return Message("plan.range.least", {"low": _figure(of, low)})
    return Message("plan.range", {"low": _figure(of, low), "high": _figure(of, high)})


def _change(facts: Facts, amount: float) -> Message:
    """Of the average wait, or of every 100 cases."""
    if facts.plan.target.days is not None:
        return Message("plan.change.days", {"days": Span(amount)})
    return Message("plan.change.share", {"share": 100 * amount})


def _of(facts: Facts) -> Message:
    base = facts.plan.baseline
    start = base.start or Message("compare.arrival")
    return Message("plan.of", {"start": start, "stop": base.stop or Message("compare.end")})


def _sets(where: Mapping[str, Any]) -> dict[str, set[str]]:
    return {name: {one} if isinstance(one, str) else set(one) for name, one in where.items()}


def _cases(where: Mapping[str, Any]) -> Message:
    told = tuple(Message("changes.where", {"name": name, "values": ", ".join([one] if isinstance(one, str) else one)})
                 for name, one in where.items())  # fmt: skip
    return Message("changes.all_of", {"parts": told}) if told else Message("changes.everywhere")
