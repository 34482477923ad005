"""Facts: the three or four large numbers of a brief, each with its count, its range, and where it is found again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.proof.verdict.early import AFTER, BEFORE
from procmine.proof.verdict.kinds import ARTEFACT, FOR_MOST, TOO_EARLY
from procmine.publish.few import LEAST
from procmine.results import Result, seconds
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from procmine.proof.compare import Comparison
    from procmine.publish.findings import Findings


@dataclass(frozen=True)
class Fact:
    """A large number, what it is, and its count or range; every figure in it can be found again in the result."""

    number: Message
    what: Message
    note: Message
    result: Result


def facts(found: Findings) -> tuple[Fact, ...]:
    """Before; after, with its range; within the standard, if there is one; who is affected."""
    times = _now(found) if found.comparison is None else _compared(found, found.comparison)
    kept = _kept(found)
    told = [*times, *([kept] if kept else []), _affected(found)]
    return tuple(one if found.safe(_whole(one)) is not None else _withheld(one) for one in told)


def _whole(fact: Fact) -> Message:
    return Message("fact.whole", {"number": fact.number, "what": fact.what, "note": fact.note})


def _withheld(fact: Fact) -> Fact:
    return Fact(Message("fact.few"), fact.what, Message("fact.few.note", {"least": LEAST}), fact.result)


def _now(found: Findings) -> list[Fact]:
    """No change is on record: how long it takes, and how much of that passes before the step."""
    rows, place = found.whole.rows, int(np.flatnonzero(np.isclose(found.whole.rows["share"], 0.5))[0])
    spans = {name: _span(found.whole, name, place) for name in ("time", "low", "high")}
    note = Message("fact.half.note", {"range": range_of(spans["low"], spans["high"]), "counts": found.counts()})
    if spans["time"] is None:
        first = Fact(Message("brief.half.never"), Message("brief.half.never.what"), found.counts(), found.whole)
    else:
        number = Message("fact.half", {"p50": spans["time"], "n": int(rows["cases"][place])})
        first = Fact(number, Message("brief.half.what"), note, found.whole)
    return [first, _share(found)]


def _share(found: Findings) -> Fact:
    row = found.row
    number = Message("brief.share", {"tenths": 10 * float(row[found.part])})
    what = Message("brief.share.what", {"step": str(row["step"])})
    if found.mostly_dormant:  # the range is that of the share with them
        return Fact(number, what, Message("brief.share.active", {"tenths": 10 * found.dormant}), found.places)
    if np.isnan(row["low"]):
        return Fact(number, what, Message("brief.no_range"), found.places)
    ends: dict[str, Value] = {"low": 10 * float(row["low"]), "high": 10 * float(row["high"])}
    return Fact(number, what, Message("brief.share.range", ends), found.places)


def _compared(found: Findings, told: Comparison) -> list[Fact]:
    if told.verdict.kind == FOR_MOST and "gaining_difference" in told.verdict.figures:
        return _for_most(told)
    before = _period(told, BEFORE)
    if told.verdict.kind == ARTEFACT and told.piles is not None:
        return [before, _left_waiting(found, told)]
    if found.flatters:
        return [before, _ask_again(told)]
    return [before, _period(told, AFTER)]


def _period(told: Comparison, row: int) -> Fact:
    """By when half were there, of the cases before or since."""
    name = "before" if row == BEFORE else "after"
    rows = told.rows
    values = {**told.values(), "n": int(rows["cases"][row]) if len(rows["cases"]) > row else 0}
    what = Message(f"fact.{name}.what", values)
    spans = {name: _span(told, name, row) for name in ("p50", "p50_low", "p50_high")}
    counted: dict[str, Value] = {"cases": int(rows["cases"][row]), "waiting": int(rows["waiting"][row])}
    note = Message(
        f"fact.{name}.note",
        {**told.values(), "cases": counted["cases"], "range": range_of(spans["p50_low"], spans["p50_high"])},
    )
    if spans["p50"] is None:
        return Fact(Message("fact.not_half"), what, Message(f"fact.{name}.never", {**told.values(), **counted}), told)
    return Fact(Message("fact.half", {"p50": spans["p50"], "n": int(rows["cases"][row])}), what, note, told)


def _for_most(told: Comparison) -> list[Fact]:
    """What those gain who gain, and how many do not: one average would be true of neither."""
    figures = told.verdict.figures
    gain, low, high = (Span(abs(float(figures[f"gaining_{name}"])), told.day) for name in ("difference", "low", "high"))
    ends = sorted((low, high), key=lambda one: one.seconds)
    n = told.said.may_say.values.get("n", 0)
    counted = {f"cases_{name}": int(told.rows["cases"][row]) for name, row in (("before", BEFORE), ("after", AFTER))}
    note = Message("fact.gain.note", {"range": range_of(ends[0], ends[1]), **counted})
    number = Message("fact.gain", {"p50": gain, "n": n})
    first = Fact(number, Message("fact.gain.what", told.values()), note, told)
    share: dict[str, Value] = {
        "hundred": 100 * float(figures.get("others_share", 0)),
        "others": str(figures.get("others", "")),
    }
    rest = Fact(Message("fact.others", share), Message("fact.others.what", share), Message("fact.others.note"), told)
    return [first, rest]


def _left_waiting(found: Findings, told: Comparison) -> Fact:
    """Of an artefact: who has waited for too long, when the data end and when the change came."""
    assert told.piles is not None
    last = told.piles.findings()[0]
    values = {**told.values(), **last.values}
    then = int(str(values.pop("overdue_then")))
    few = found.audience != "team" and 0 < then < LEAST
    past: dict[str, Value] = {"least": LEAST} if few else {"overdue_then": then}
    return Fact(
        Message("fact.overdue", values),
        Message("fact.overdue.what", values),
        Message(f"fact.overdue.note{'.few' if few else ''}", {**told.values(), **past}),
        told.piles,
    )


def _ask_again(told: Comparison) -> Fact:
    day = told.said.next_step.values.get("day")
    if told.verdict.kind == TOO_EARLY and day:
        values: dict[str, Value] = {**told.values(), "day": str(day)}
        return Fact(
            Message("fact.too_early"),
            Message("fact.too_early.what", values),
            Message("fact.too_early.note", values),
            told,
        )
    return Fact(Message("fact.not_known"), Message("fact.after.what", told.values()), told.said.next_step, told)


def _kept(found: Findings) -> Fact | None:
    """Of the cases that were due, how many of every 100 were done in time; beside a comparison, of those since the change."""
    kept = found.kept if found.comparison is None else found.kept_since
    if kept is None or found.standard is None:
        return None
    one = {name: column[0] for name, column in kept.rows.items()}
    values: dict[str, Value] = {"standard": found.standard.name, "limit": found.standard.said, "cases": int(one["due"])}
    what = Message("fact.kept.what", values)
    if found.comparison is not None:
        what = Message("fact.kept.since", {**values, "change": str(found.comparison.arguments["change"])})
    if not one["due"]:
        return Fact(Message("fact.not_known"), what, Message("fact.kept.none"), kept)
    values |= {name: 100 * float(one[name]) for name in ("share", "low", "high", "asked")}
    return Fact(Message("fact.kept", values), what, Message("fact.kept.note", values), kept)


def _affected(found: Findings) -> Fact:
    """How many cases a year, and how many wait now."""
    result = found.affected
    one = {name: column[0] for name, column in result.rows.items()}
    start, stop = (result.arguments[name] for name in ("start", "stop"))
    whole = start is None and stop is None
    values: dict[str, Value] = {"cases": int(one["cases"]), "waiting": int(one["waiting"]), "day": found.until}
    values["start"] = Message("compare.arrival") if start is None else Message("bottleneck.step", {"step": str(start)})
    values["stop"] = Message("compare.end") if stop is None else Message("bottleneck.step", {"step": str(stop)})
    year = found.log.about.cutoff - found.log.about.begins >= 365 * 86_400_000_000
    number = Message("fact.affected", {"cases": int(one["cases"])})
    what = Message(
        f"fact.affected{'' if year else '.short'}{'' if whole else '.part'}.what",
        {"start": values["start"], "stop": values["stop"]},
    )
    return Fact(
        number, what, _who_waits(found, one, {name: values[name] for name in ("day", "stop", "waiting")}), result
    )


def _who_waits(found: Findings, one: dict[str, Any], values: dict[str, Value]) -> Message:
    """How many, and for how long half of them, at least; of dormant ones for how long nothing was done."""
    waiting, dormant, least = int(one["waiting"]), int(one["dormant"]), 1 if found.audience == "team" else LEAST
    if not found.open:
        return Message("fact.affected.closed")
    if not waiting:
        return Message("fact.affected.none", values)
    if waiting < least:
        return Message("fact.affected.few", {name: value for name, value in values.items() if name != "waiting"})
    if 2 * dormant > waiting and dormant >= least:
        still = Span((found.log.about.dormant_after or 0) / 1e6, DAY)
        return Message("fact.affected.dormant", {**values, "dormant": dormant, "still": still})
    if waiting < 2 * least:
        return Message("fact.affected.some", values)
    return Message("fact.affected.half", {**values, "p50": Span(seconds(one["since_p50"]), DAY)})


def range_of(low: Span | None, high: Span | None) -> Message:
    """Where it likely lies, or the one end that is known."""
    if low is None and high is None:
        return Message("brief.no_range")
    key = "brief.range.most" if low is None else "brief.range.least" if high is None else "brief.range"
    return Message(key, {name: one for name, one in (("low", low), ("high", high)) if one is not None})


def _span(result: Result, name: str, place: int) -> Span | None:
    value = result.rows[name][place]
    return None if np.isnat(value) else Span(seconds(value), result.day)
