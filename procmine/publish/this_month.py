"""This month: who came to a step and who left it, set beside the usual ups and downs, and who is waiting there now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.find.service.promise import Kept, kept_promises
from procmine.find.service.standards import KINDS, Standard, is_due, kinds
from procmine.find.service.stretches import ANY_END, ARRIVAL, stops
from procmine.kernels.chart_rules import LEAST_RUN
from procmine.log import EventLog, LogError, shown
from procmine.proof.charts.control import SETTLING, ControlChart, control_chart
from procmine.proof.charts.series import Figure
from procmine.proof.charts.stretches import FEW_CROSSINGS
from procmine.proof.cohorts import WAITING, Cohort
from procmine.proof.records.change import Change
from procmine.proof.records.told import verdict_of
from procmine.proof.verdict.kinds import UNTOLD
from procmine.publish.plans.plan import Plan
from procmine.publish.plans.standing import last_of
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.flow import flow
from procmine.see.survival import Survival, survival
from procmine.see.times import first, time_between
from procmine.words import Message

ABOVE, BELOW, USUAL, NOT_JUDGED, TOO_FEW = "above", "below", "usual", "not_judged", "too_few"
OLD = np.timedelta64(24, "M")  # a promise kept before that says nothing of today


@dataclass(frozen=True, eq=False)
class Piles(Result):
    """One row per last step of the cases that are between two steps when the data end, most cases first.

    step (text); n (int): cases there, dormant ones left out; waited_p50 (timedelta64[s]): half of these have waited so long
    since the first of the two steps (NaT where n is 0); beyond (int): of n, those that have waited longer than 8 in 10
    needed (0 where that is not known); dormant (int): open cases there in which nothing happens any more.
    """

    meaning = "define.between_now"
    none_is_an_answer = True


@dataclass(frozen=True, eq=False)
class OfMonths(Result):
    """One row per month all of whose cases are due: month (text, in which they began); cases (int) that were due; kept (int):
    done in time; share: kept / cases. `arguments` has the standard."""

    meaning = "define.standards"
    none_is_an_answer = True


@dataclass(frozen=True, eq=False)
class ThisMonth:
    """What the team at a step hears of one month; `start` None: from arrival, `stop` None: to the end of a case."""

    log: EventLog
    step: str
    start: str | None
    stop: str | None
    plan: Plan | None
    change: Change | None
    standard: Standard | None  # that the plan names

    @property
    def month(self) -> str:
        """The last one of the chart, else that of the cutoff."""
        last = (
            shown(self.log.about, np.array([self.log.about.cutoff]))
            if self.backlog is None
            else self.backlog.rows["begin"]
        )
        return str(last[-1].astype("M8[M]"))

    @cached_property
    def backlog(self) -> ControlChart | None:
        """Cases between the two steps at the end of each month; None where months cannot be set side by side."""
        return self._chart("backlog")

    @cached_property
    def came(self) -> ControlChart | None:
        return self._chart("volume")

    @cached_property
    def wait(self) -> ControlChart | None:
        return self._chart("time")

    def _chart(self, of: Figure) -> ControlChart | None:
        changes = () if self.change is None else (self.change,)
        try:
            return control_chart(self.log, of=of, where={}, changes=changes, start=self.start, stop=self.stop)
        except LogError:  # a month without a case, or no month that is complete: then the page says so
            return None

    @cached_property
    def between(self) -> Survival | None:
        """By when cases get from the one step to the other; None where one of the two is no step."""
        if self.start is None and self.stop is None:
            return survival(self.log)
        return time_between(self.log, self.start, self.stop) if self.start and self.stop else None

    @cached_property
    def piles(self) -> Piles:
        return _piles(self.log, self.start, self.stop, self.between)

    @cached_property
    def half(self) -> np.timedelta64:
        """How long half of all those waiting have waited, dormant ones left out; NaT if nobody waits."""
        waited = _waits(self.log, self.start, self.stop)
        active = waited.since[~waited.dormant]
        return timedeltas(np.array([np.median(active) if len(active) else np.nan]))[0]  # type: ignore[no-any-return]

    @property
    def usual_known(self) -> bool:
        return bool(np.isfinite(_usual(self.between)))

    @cached_property
    def promise(self) -> OfMonths | Kept:
        """Kept by month: the plan's standard or target, of the cases that its change is for; without a plan what could have
        been promised, of months that are not OLD."""
        plan, start, stop = self.plan, self.start or ARRIVAL, self.stop or ANY_END
        if plan is None:
            return kept_promises(self.log, start=start, stop=stop, since=str(np.datetime64(self.month, "M") - OLD))
        target = plan.target
        where = {name: stops(value) for name, value in plan.cases.items() if name in self.log.attributes}
        within, share = (target.days, 50.0) if target.days is not None else (target.within, target.share)
        name = Message("huddle.target").say()
        mine = Standard(name, start, stop, float(within or 1), share=max(1.0, share or 1.0), where=where)
        return _of_months(self.log, self.standard or mine)

    @cached_property
    def late(self) -> int:
        """Open cases that have waited longer than was promised: those who came lately may be served before them."""
        kept = self.promise
        if not len(kept):
            return 0
        told: Any = kept.arguments.get("standard")
        if told is None:
            told = Standard("-", self.start or ARRIVAL, self.stop or ANY_END, float(kept.rows["published"][-1]))
        return int((kinds(told.stretch.of(self.log), told.limit) == KINDS.index("overdue")).sum())

    @cached_property
    def recorded(self) -> Message | None:
        """The verdict on record for the plan's change, where after it a figure of the new cases would flatter."""
        last = None if self.plan is None or self.change is None else last_of(self.plan.entry())
        return verdict_of(last) if last is not None and last.verdict in UNTOLD else None


def _of_months(log: EventLog, standard: Standard) -> OfMonths:
    run = standard.stretch.of(log)
    kind = kinds(run, standard.limit)
    month = shown(log.about, run.begun).astype("M8[M]")
    due, running = is_due(kind), kind == KINDS.index("running")
    there = np.setdiff1d(np.unique(month[due]), month[running])
    n = np.array([int((due & (month == one)).sum()) for one in there], np.int64)
    done = np.array([int(((month == one) & (kind == KINDS.index("done"))).sum()) for one in there], np.int64)
    rows: Rows = {"month": there.astype(str).astype(object), "cases": n, "kept": done, "share": done / np.maximum(n, 1)}
    return OfMonths(rows, log.about, True, {"standard": standard})


def this_month(log: EventLog, step: str, plan: Plan | None, standard: Standard | None) -> ThisMonth:
    """Of the last whole month of the log."""
    start, stop = _stretch(log, step, plan)
    change = None if plan is None else plan.change_record()
    begun = change is not None and np.datetime64(change.date[:10]) <= np.datetime64(log.about.cutoff, "us")
    return ThisMonth(log, step, start, stop, plan, change if begun else None, standard)


def as_of(log: EventLog, month: str) -> EventLog:
    """The log as it stood at the end of a month. ValueError for what is no month, or one beyond the data."""
    try:
        last = (np.datetime64(month, "M") + 1).astype("M8[D]") - 1
    except ValueError as error:
        raise ValueError(f"month={month!r}: write a month as 2026-09.") from error
    return log.cut_to(str(last))


def _stretch(log: EventLog, step: str, plan: Plan | None) -> tuple[str | None, str | None]:
    """The plan's from and to, if that is its step; else from the step that most often comes directly before."""
    if plan is not None and plan.step == step:
        return plan.baseline.start, plan.baseline.stop
    rows = flow(log).rows
    before = rows["before"].astype(str)
    there = np.flatnonzero((rows["after"] == step) & (before != step) & np.isin(before, log.about.activities))
    if not len(there):
        return None, step
    return str(before[there[np.argmax(rows["n"][there])]]), step


def judged(chart: ControlChart, row: int) -> str:
    """How a month stands to the others by the rules of the chart; never better than they say."""
    if chart.rows["stretch"][row] == SETTLING:
        return NOT_JUDGED
    many = max(one.points for one in chart.stretches) >= LEAST_RUN
    limited = any(one.limited for one in chart.stretches) or (chart.kind == "run" and many)
    if not limited:
        return TOO_FEW
    if chart.rules[row] in ("", FEW_CROSSINGS):
        return USUAL
    value, centre = (plain(chart.rows[name][row]) for name in ("value", "centre"))
    return ABOVE if value > centre else BELOW


def plain(value: Any) -> float:
    return seconds(value) if isinstance(value, np.timedelta64) else float(value)


@dataclass(frozen=True, eq=False)
class _Waits:
    """The open cases between two steps: the code of the last step (one beyond all: none), seconds since the first."""

    last: NDArray[Any]
    since: NDArray[np.float64]
    dormant: NDArray[np.bool_]


def _waits(log: EventLog, start: str | None, stop: str | None) -> _Waits:
    cohort = Cohort(first(start) if start else None, first(stop) if stop else None)
    entry, member = cohort.enter(log)
    end = log.about.cutoff
    seen = cohort.watch(log, entry, np.full(len(log), end, np.int64))
    here = np.flatnonzero(member & log.open & (seen.cause == WAITING))
    filled = np.diff(log.offset)[here] > 0
    last = np.full(len(here), len(log.about.activities))
    last[filled] = log.activity[log.offset[here[filled] + 1] - 1]
    return _Waits(last, (end - entry[here]) / 1e6, log.dormant[here])


def _piles(log: EventLog, start: str | None, stop: str | None, between: Survival | None) -> Piles:
    names = np.array([*log.about.activities, ""], object)
    rows = _rows(_waits(log, start, stop), _usual(between), len(names))
    order = np.lexsort((-rows["dormant"], -rows["n"]))
    order = order[(rows["n"] + rows["dormant"])[order] > 0]
    told: Rows = {"step": names[order], **{name: column[order] for name, column in rows.items()}}
    return Piles(told, log.about, True, {"start": start, "stop": stop, "clock": CALENDAR_TIME})


def _usual(between: Survival | None) -> float:
    """Seconds within which 8 in 10 got there."""
    if between is None:
        return float("inf")
    place = int(np.flatnonzero(np.isclose(between.rows["share"], 0.8))[0])
    time = between.rows["time"][place]
    return float("inf") if np.isnat(time) else seconds(time)


def _rows(waits: _Waits, usual: float, size: int) -> dict[str, NDArray[Any]]:
    last, active = waits.last, ~waits.dormant
    half = [np.median(mine) if len(mine := waits.since[active & (last == code)]) else np.nan for code in range(size)]
    return {
        "n": np.bincount(last[active], minlength=size),
        "waited_p50": timedeltas(np.array(half)),
        "beyond": np.bincount(last[active & (waits.since > usual)], minlength=size),
        "dormant": np.bincount(last[waits.dormant], minlength=size),
    }
