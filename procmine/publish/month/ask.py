"""Asking for a month: the last whole one of the data or any other, or the longer period of a small office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from procmine.find.service.promise import Kept
from procmine.find.service.standards import Given, Standard, standards_of
from procmine.find.voice.voice import complaints_of, from_people
from procmine.log import EventLog, Log, LogError, in_memory, shown
from procmine.publish.batch.headline import WIDTH, Figure, Kind, headline, standards_of_spec
from procmine.publish.batch.months import LENGTHS, days, last_month
from procmine.publish.month.told import DORMANT, VOICES, MonthTold
from procmine.publish.plans.plan import Plan
from procmine.publish.this_month import OfMonths, ThisMonth, as_of, judged, plain
from procmine.publish.this_month import this_month as about_step
from procmine.results import Result

OLD = 24  # months; a promise kept before that says nothing of today


def this_month(
    log: Log,
    *,
    month: str = "",
    first: str = "",
    last: str = "",
    standards: Given | None = None,
    plan: Plan | str | Path | None = None,
) -> MonthTold:
    """How a month went: what came, went and waits beside the usual ups and downs, how long it took, which promises were kept.

    month ("2026-10"): "" is the last whole month of the data. first, last (days): of the quarter or the year that ends with
    the month, where an office has few cases; "" is the month. standards: a file or Standards; else the limits of the log's
    spec; else the standard or target of the plan; else what could have been promised. With a plan all is told of its office
    alone. All as the log stood on the last day. ValueError for days that are no such period, and for a month that the data
    do not hold wholly; LogError without a case, or where steps were left out.
    """
    whole_log = in_memory(log)
    if log.about.cut:
        raise LogError("Steps were left out of this log, so nobody can tell who waits where. Ask before that.")
    when = month or last[:7] or last_month(log.about)
    planned = None if not plan else plan if isinstance(plan, Plan) else Plan.read(plan)
    here = as_of(whole_log if planned is None else _of_office(whole_log, planned), when)
    if not len(here):
        raise LogError(f"No case had begun by the end of {when}; the data begin later. Name a later month.")
    kind = _kind(when, first, last)
    whole = ThisMonth(here, "", None, None, None, None, None)
    asked = tuple(standards_of(standards)) if standards else standards_of_spec(here.about) or _asked(planned, here)
    told = headline(here, month=when, kind=kind, standards=asked)
    kept = None if asked else _kept(whole)
    charts: Mapping[str, Any] = {"pile": whole.backlog if kind == "month" else None, "promised": kept}
    quiet = int(here.dormant.sum())
    dormant = [Figure(when, DORMANT, "cases", float(quiet), quiet)] if here.about.dormant_after is not None else []
    figures = [*told.figures, *dormant, *_voices(here, told.months, kind), *_wait(whole, kind), *_promised(kept, when)]
    known: dict[str, Any] = {"month": when, "kind": kind, "first": told.first, "last": told.last, "asked": asked}
    known |= {"pile": _stands(whole.backlog, when) if kind == "month" else "", "charts": charts}
    known["wait"] = _stands(whole.wait) if kind == "month" else ""
    return MonthTold.of(here, figures, **known)


def _of_office(log: EventLog, plan: Plan) -> EventLog:
    """The cases of the plan's office, where the log knows offices."""
    known = {name: value for name, value in plan.at.items() if name in log.about.attributes}
    return log.where(known) if known else log


def _kind(month: str, first: str, last: str) -> Kind:
    """The period that these days are."""
    found: Kind
    for found in LENGTHS:
        begin, end = days(found, month)
        if (first or begin, last or end) == (begin, end):
            return found
    there = ", ".join(f"{days(one, month)[0]} to {days(one, month)[1]}" for one in LENGTHS)
    raise ValueError(
        f"first={first!r}, last={last!r}: for {month} name the days of the month, or of the three or twelve months that end "
        f"with it: {there}."
    )


def _asked(plan: Plan | None, log: EventLog) -> tuple[Standard, ...]:
    """What the plan promises of the cases that it is for."""
    if plan is None:
        return ()
    named = plan.standard
    if named is not None:
        there = {one.name: one for one in standards_of(plan.path.parent / named.file)}
        if named.name not in there:
            raise ValueError(f"No standard {named.name!r} in {named.file}; there are: {', '.join(there)}.")
        return (there[named.name],)
    about = about_step(log, plan.step, plan, None)
    target = about.promise.arguments["standard"]
    assert isinstance(target, Standard)
    return (target,)


def _kept(whole: ThisMonth) -> Kept | None:
    """What could have been promised, month by month; None where the months are too few to say."""
    try:
        kept = whole.promise
    except LogError:
        return None
    return kept if isinstance(kept, Kept) and len(kept) else None


def _stands(chart: Any, month: str = "") -> str:
    """How the chart's last point stands to the others; "" where there is none, or it is not of the month."""
    if chart is None or not len(chart):
        return ""
    if month and str(chart.rows["begin"][-1].astype("M8[M]")) != month:
        return ""
    return judged(chart, len(chart) - 1)


def _wait(whole: ThisMonth, kind: Kind) -> Iterator[Figure]:
    """The average of the last month all of whose cases could be followed long enough."""
    chart = whole.wait if kind == "month" else None
    if chart is None or not len(chart):
        return
    row = len(chart) - 1
    value = plain(chart.rows["value"][row]) / 86_400
    month, n = str(chart.rows["begin"][row].astype("M8[M]")), int(chart.rows["n"][row])
    yield Figure(month, "wait", "days", value, n, of=str(round(chart.points.watch / 86_400e6)))


def _promised(kept: Result | None, month: str) -> Iterator[Figure]:
    """Of the last month all of whose cases were due, if that is not long ago."""
    if kept is None or isinstance(kept, OfMonths):
        return
    one = {name: column[-1] for name, column in kept.rows.items()}
    if np.datetime64(month, "M") - np.datetime64(str(one["month"]), "M") > OLD:
        return
    share, low, high = (float(one[name]) for name in ("share", "low", "high"))
    yield Figure(
        str(one["month"]), "promised", "share", share, int(one["cases"]), low, high, str(float(one["published"]))
    )


def _voices(log: EventLog, months: tuple[str, ...], kind: Kind) -> Iterator[Figure]:
    """About how many cases people got in touch, complained, and staff noted something, in each period."""
    if log.voice is None:
        return
    said = log.voice
    when = shown(log.about, said.time).astype("M8[M]")
    here, people = np.isin(said.case, log.case.codes) & (said.case >= 0), from_people(said)
    kinds = dict(zip(VOICES, (people, people & complaints_of(said), ~people)))
    kinds = {name: which for name, which in kinds.items() if name != "noted" or (here & which).any()}
    for month in months:
        last = np.datetime64(month, "M")
        inside = here & (when <= last) & (when > last - WIDTH[kind])
        for name, which in kinds.items():
            n = len(np.unique(said.case[inside & which]))
            yield Figure(month, name, "cases", float(n), n)
