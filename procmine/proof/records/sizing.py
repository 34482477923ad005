"""Sizing: plan_size, from the log and what is planned to what could be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from procmine.asking import Grouped, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import DAY
from procmine.kernels.flow import Ints
from procmine.kernels.partial import merge_all
from procmine.log import Clock, EventLog, Log, LogError, check_attributes, day_of, moment
from procmine.proof.arms import ArmsSummary
from procmine.proof.cohorts import LEAST_BEFORE, LEAST_CASES, BaselineSummary, check_kept, cohort_of, plan_of
from procmine.proof.planned import asked_of, weeks_watched
from procmine.proof.records.basis import Basis
from procmine.proof.records.change import Change
from procmine.proof.records.looks import ALPHA
from procmine.proof.records.size import PlanSize, Wanted, Wider
from procmine.results import Rows, timedeltas
from procmine.see.times import Milestone

Named = Mapping[str, str | Sequence[str]]

WEEKS = (8, 13, 26, 39, 52, 78, 104)  # of cases since the change
HEADLINE = 26
MOST_OFFICES = 12


def plan_size(
    log: Log,
    *,
    change: str | Change | None = None,
    where: Named | None = None,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    horizon: int | None = None,
    by: str | None = None,
    wanted: float | str | None = None,
    affected: float = 1.0,
    within: int | None = None,
    more: str | None = None,
    clock: Clock = CALENDAR_TIME,
) -> PlanSize:
    """Before a pilot: the smallest change these cases could show, by how many weeks since the `change` (a day, or a record of
    one; None: the day after the data end), as `compare` would judge it.

    where, start, stop, horizon: as in `compare`. by: the day on which somebody must know. wanted: days (12), or a part of the
    average as text ("20%"): by when that would be seen. affected: the share of the cases that the change touches, where
    they cannot be named by `where`. within: days of a standard, for the share done within it. more: the attribute of cases,
    such as an office, of which further values could take part. What is expected is what was: as many cases a week, as
    long, as uneven. LogError where there is too little history.
    """
    record = change if isinstance(change, Change) else Change(change or "")
    given = {"where": where, "start": start, "stop": stop, "horizon": horizon}
    told = asked_of(record, given)
    _check(log, told["where"], affected, within, more)
    basis = _basis(log, record, told, within, clock)
    headline = max(basis.least, _weeks_by(basis, by) if by else HEADLINE)
    weeks = np.array(sorted({headline, *(one for one in WEEKS if one >= basis.least)}), np.int64)
    arguments = {**told, "change": record.date, "by": by, "wanted": wanted, "affected": affected, "within": within,
                 "more": more, "looks": len(record.decide_on), "clock": clock}  # fmt: skip
    size = None if wanted is None else _seconds(wanted, basis.mean, clock)
    answer = None if size is None else _wanted(basis, size)
    rows = {**_rows(basis, weeks), **_affected(basis, weeks, affected), **_within(basis, weeks, within)}
    done = basis.within(within).before.mean if within else float("nan")
    wider = None if more is None else _wider(log, basis, more, headline, size, arguments)
    return PlanSize(rows, log.about, basis.part.exact, arguments, basis, headline, answer, wider, done)


def _basis(log: Log, record: Change, told: Mapping[str, Any], within: int | None, clock: Clock) -> Basis:
    """The weeks before the change, or before the data end if that is earlier."""
    about = log.about
    cohort = cohort_of(about, told["where"], told["start"], told["stop"])
    check_kept(about, cohort.where)
    change = moment(about, record.date) if record.date else about.cutoff + 1
    at = min(change, about.cutoff + 1)
    known = {name: column[0] for name, column in ask(log, BaselineSummary(cohort, at)).rows.items()}
    watched = max(weeks_watched(known, told["horizon"], day_of(about, at)), ceil((within or 0) / 7))
    plan = replace(plan_of(about, at, int(known["first"]), watched, ceil(record.ramp / 7)), after=0)
    question = ArmsSummary(cohort, plan, clock)
    part = log.reduce(question.of, question.reads)
    level = 1 - ALPHA / max(len(record.decide_on), 1)
    basis = Basis(about, question, part, replace(plan, change=change), level)
    _check_before(basis)
    return basis


def _rows(basis: Basis, weeks: Ints) -> dict[str, Any]:
    visible = basis.visible(weeks)
    cases = np.round(weeks * basis.per_week).astype(np.int64)
    told = {"weeks": weeks, "cases": cases, "ask": basis.days(weeks), "visible": timedeltas(visible)}
    return {**told, "share_visible": visible / basis.mean}


def _affected(basis: Basis, weeks: Ints, share: float) -> Rows:
    """Where only a part changes, the average moves by that part of it."""
    return {} if share == 1 else {"visible_affected": timedeltas(basis.visible(weeks) / share)}


def _within(basis: Basis, weeks: Ints, within: int | None) -> Rows:
    if not within:
        return {}
    sight = basis.within(within)
    return {"share_within": np.array([sight.visible(int(one)) for one in weeks])}


def _wanted(basis: Basis, size: float) -> Wanted:
    needed = basis.sight.weeks_for(size)
    if needed is None:
        return Wanted(size, None, None)
    weeks = max(needed, basis.least)
    return Wanted(size, weeks, str(basis.days(np.array([weeks]))[0]))


def _wider(
    log: Log, basis: Basis, more: str, headline: int, size: float | None, arguments: Mapping[str, object]
) -> Wider:
    """Those that take part, then the others, the largest first: each row has one more."""
    named = dict(basis.question.cohort.where)
    where = tuple((name, values) for name, values in basis.question.cohort.where if name != more)
    question = replace(basis.question, cohort=replace(basis.question.cohort, where=where))
    asked = Grouped(question, (more,))
    groups = log.reduce(asked.of, (more, *question.reads)).of_group
    parts = {key[0]: part for key, part in groups.items() if key[0] is not None}
    size_of = {name: question.arm(part, "before").cases for name, part in parts.items()}
    order = sorted(parts, key=lambda name: (name not in named.get(more, ()), -size_of[name], name))
    first = max(len([name for name in order if name in named.get(more, ())]), 1)
    upto = range(first, min(len(order), first + MOST_OFFICES) + 1)
    bases = [
        replace(basis, question=question, part=merge_all([parts[name] for name in order[:count]])) for count in upto
    ]
    weeks = np.array([headline])
    days = [None if size is None else _wanted(one, size).day for one in bases]
    rows = {
        "offices": np.array(list(upto)),
        "joined": np.array([", ".join(order[:first]), *order[first : upto[-1]]], object),
        "per_month": np.array([one.per_week * 365.25 / 84 for one in bases]),
        "visible": timedeltas(np.array([one.visible(weeks)[0] for one in bases])),
        "share_visible": np.array([one.visible(weeks)[0] / one.mean for one in bases]),
        "wanted_by": np.array(["NaT" if day is None else day for day in days], "M8[D]"),
    }
    return Wider(rows, basis.about, basis.part.exact, arguments, bases[-1])


def _weeks_by(basis: Basis, by: str) -> int:
    weeks = basis.weeks_by(moment(basis.about, by) + DAY)
    if weeks < basis.least:
        first = basis.days(np.array([basis.least]))[0]
        raise ValueError(
            f"by={by!r} is too early: each case is watched for {basis.dated.watched * 7} days, and {basis.least} weeks of "
            f"cases are needed. The earliest day is {first}."
        )
    return weeks


def _seconds(wanted: float | str, mean: float, clock: Clock) -> float:
    """Of the average: days of the clock, or a part of it."""
    text = str(wanted).strip()
    try:
        number = abs(float(text.removesuffix("%")))
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf") or (text.endswith("%") and number > 100):
        raise ValueError(f'wanted={wanted!r}: name days (12), or a part of the average ("20%").')
    return number / 100 * mean if text.endswith("%") else number * clock.day


def _check(log: Log, where: Named | None, affected: float, within: int | None, more: str | None) -> None:
    if not 0 < affected <= 1:
        raise ValueError(f"affected={affected}: the share of the cases that the change touches, above 0 and up to 1.")
    if within is not None and within < 1:
        raise ValueError(f"within={within}: name the days of the standard, 1 or more.")
    check_attributes(log.about, () if more is None else (more,), log.about.attributes)
    if where is not None and isinstance(log, EventLog):
        log.where(where)  # an error that names what there is


def _check_before(basis: Basis) -> None:
    plan, cases = basis.dated, round(basis.sight.before.cases)
    if cases and not basis.mean > 0:
        raise LogError(
            f"All {cases:,} of these cases waited 0 days: there is no wait to shorten. Check start= and stop=."
        )
    if plan.before < LEAST_BEFORE or cases < LEAST_CASES:
        raise LogError(
            f"Too little history to plan with: {cases} cases in {plan.before} whole weeks could be watched for "
            f"{plan.watched * 7} days until then; needed are {LEAST_CASES} cases and {LEAST_BEFORE} weeks. Load a longer "
            "history, watch each for less (horizon=), or take more offices together (where=)."
        )
