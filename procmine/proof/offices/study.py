"""Study: offices where something was changed beside those where nothing was, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.clocks import CALENDAR_TIME
from procmine.log import Clock, Log, LogError
from procmine.proof.cohorts import Cohort, Plan, said_where
from procmine.proof.offices.against import AgainstOffices, counted_offices, sums_of, told
from procmine.proof.offices.asked import Asked, asked
from procmine.proof.offices.parties import Returns, returns_of
from procmine.proof.offices.single import Arrivals, Drift, arrivals_of, drift_of, month_rows
from procmine.proof.offices.staggered import staggered_study
from procmine.proof.offices.weekly import TREATED, Control, OfficesSummary
from procmine.proof.records.change import Change
from procmine.results import Result, Rows
from procmine.see.times import Milestone
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class EventStudy(Result):
    """One row per month of four weeks of entries, counted from the change; month 0 begins with it, those before are negative.

    period ("before", "after"); begin (datetime64[D]): its first day (NaT where offices changed on several days); cases and
    mean (timedelta64[s]) of the offices of the change (offices: how many), cases_beside and mean_beside of the comparison;
    difference: of the two means, from what it was before, with low, high (95%, NaT: too little to tell). Waits count up to
    the time of watching. Between the last month before and month 0 lie cases that could not be watched as long.

    effect: of all weeks since; drift: how the two moved apart before; arrivals: where cases came; returns: of parties that
    had their last case elsewhere. None: cannot be told.
    """

    meaning = "define.event_study"
    cohort: Cohort
    plan: Plan
    effect: AgainstOffices
    drift: Drift | None
    arrivals: Arrivals | None
    returns: Returns | None
    office: str  # the attribute that tells offices apart
    changes: Mapping[str, str]  # office -> date, where they differ

    def findings(self) -> Sequence[Message]:
        if self.effect.why is not None:
            return [self.effect.why, *self._arrived()]
        told = [self._headline(), self._counts(), *self._fewer(), *self._drifted(), *self._arrived(), *self._returned()]
        return [*told, self._limits()]

    def shown(self) -> Rows:
        hidden = ("period", "begin" if self.changes else "offices")
        return {name: column for name, column in self.rows.items() if name not in hidden}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The two means by month, the change marked, and below how far they are from where they stood before."""
        from procmine.draw.event_study import Months, Words, event_study

        lengths = ("mean", "mean_beside", "difference", "low", "high")
        values = {name: self.rows[name] / (np.timedelta64(1, "s") * self.day) for name in lengths}
        place, change = self._places()
        before = self.rows["period"] == "before"
        names = ("title", "treated", "others", "up", "apart", "change", "across", "footer")
        kind = "staggered" if self.changes else "single"
        said = {name: Message(f"offices.{kind}.{name}", self._values()).say() for name in names}
        return event_study(Months(place, before, **values, change=change, dates=not self.changes), Words(**said), ax)

    def _places(self) -> tuple[Any, float]:
        """Months as days since 1970 in their middle, or as counted from the change."""
        if self.changes:
            return self.rows["month"] + 0.5, 0.0
        starts = self.rows["begin"].astype("M8[D]").astype(np.int64)
        return starts + 14.0, float(np.datetime64(self._day(), "D").astype(np.int64))

    def _day(self) -> str:
        return str(self.arguments["change"])[:10]

    def _values(self) -> dict[str, Value]:
        found = self.effect
        day = Message("offices.own_day") if self.changes else self._day()
        group, place = self._called()
        named: dict[str, Value] = {
            "change": day,
            "group": group,
            "place": place,
            "watched": Span(self.plan.horizon / 1e6),
            "offices": len(found.offices),
            "names": ", ".join(found.offices),
            "months": found.months_before,
        }
        ends = sorted(abs(one) for one in (found.low, found.high))
        spans = {"difference": abs(found.effect), "nearer": ends[0], "farther": ends[1]}
        return {**named, **{name: Span(value, self.day) for name, value in spans.items() if np.isfinite(value)}}

    def _called(self) -> tuple[Value, Value]:
        """The cases of the change, and in short where they are."""
        if self.changes:
            return ", ".join(self.changes), ", ".join(self.changes)
        office = dict(self.cohort.where).get(self.office)
        cases = said_where(self.cohort.where) if self.cohort.where else Message("offices.all_others")
        return cases, ", ".join(office) if office else Message("offices.these")

    def _headline(self) -> Message:
        found = self.effect
        kind = "less" if found.high < 0 else "more" if found.low > 0 else "none"
        return Message(f"offices.effect.{kind}", self._values())

    def _counts(self) -> Message:
        rows, before = self.rows, self.rows["period"] == "before"
        counts: dict[str, Value] = {}
        for name, side in (("before", before), ("after", ~before)):
            counts[f"cases_{name}"] = int(rows["cases"][side].sum())
            counts[f"beside_{name}"] = int(rows["cases_beside"][side].sum())
        kind = "offices.counts.staggered" if self.changes else "offices.counts"
        return Message(kind, {**self._values(), **counts})

    def _fewer(self) -> list[Message]:
        """That later months hold fewer of the offices."""
        since = self.rows["offices"][self.rows["period"] == "after"]
        if not self.changes or since.min() == since.max():
            return []
        first = int(self.rows["month"][self.rows["period"] == "after"][np.argmax(since < since[0])])
        values: dict[str, Value] = {"month": first, "all": int(since[0]), "fewest": int(since.min())}
        return [Message("offices.fewer", values)] if since[0] > since.min() else []

    def _drifted(self) -> list[Message]:
        """How far they had moved apart before, and what that would make of it."""
        if self.drift is None:
            return []
        drift = self.drift
        spans = {"year": abs(drift.year), "explains": abs(drift.explains), "most": abs(drift.most)}
        ends = {"low": abs(drift.low), "high": abs(drift.high)}
        values = {**self._values(), **{name: Span(one, self.day) for name, one in {**spans, **ends}.items()}}
        way = "none" if drift.low <= 0 <= drift.high else "down" if drift.year < 0 else "up"
        values["low_way"], values["high_way"] = (_way(one) for one in (drift.low, drift.high))
        said = [Message(f"offices.drift.{way}", values)]
        clear = self.effect.high < 0 or self.effect.low > 0
        if clear:
            whole = abs(drift.most) >= abs(self.effect.effect)
            said.append(Message("offices.drift.could_be_all" if whole else "offices.drift.most", values))
        return said

    def _arrived(self) -> list[Message]:
        if self.arrivals is None:
            return []
        found = self.arrivals
        numbers: dict[str, Value] = {}
        for name, (before, since) in (("treated", found.treated), ("others", found.others)):
            numbers |= {f"{name}_before": before, f"{name}_since": since}
        numbers |= {"before": 100 * found.part[0], "since": 100 * found.part[1]}
        numbers |= {"low": 100 * found.change.low, "high": 100 * found.change.high}
        if not np.isfinite((found.change.low, found.change.high)).all():
            return [Message("offices.arrivals", {**self._values(), **numbers})]
        moved = "came" if found.change.low > 0 else "left" if found.change.high < 0 else "alike"
        return [Message(f"offices.arrivals.{moved}", {**self._values(), **numbers})]

    def _returned(self) -> list[Message]:
        if self.returns is None:
            return []
        values: dict[str, Value] = {}
        for place, name in enumerate(("before", "since")):
            values |= {f"came_{name}": self.returns.came[place], f"crossed_{name}": self.returns.crossed[place]}
        return [Message("offices.returns", {**self._values(), **values})]

    def _limits(self) -> Message:
        return Message("offices.limits.one" if len(self.effect.offices) == 1 else "offices.limits", self._values())


def _way(value: float) -> Message:
    return Message("offices.shorter" if value < 0 else "offices.longer")


def event_study(
    log: Log,
    *,
    change: str | Mapping[str, str] | Change,
    where: Mapping[str, str | Sequence[str]] | None = None,
    control: Control | None = None,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    horizon: int | None = None,
    clock: Clock = CALENDAR_TIME,
) -> EventStudy:
    """The waits of the cases `where`, month by month before and since the day of the `change`, beside other offices.

    control: the comparison offices, as `where` ({"office": ["Harbor", "Valley"]}; what it leaves out is as in `where`), or
    the name of the attribute alone ("office"): all its other values. Where offices changed on different days, `change` maps
    each to its own ({"North": "2025-10-06", "South": "2026-01-05"}), `control` names the attribute or the offices that never
    changed, and each is set beside those that had not changed yet (Callaway & Sant'Anna 2021). The rest as in `compare`; a
    `Change` brings its own where, control, ramp, start, stop and horizon.
    What moved all offices alike is taken off; what moved one of them by itself at the same time is not.
    """
    given = {"where": where, "control": control, "start": start, "stop": stop, "horizon": horizon}
    question = asked(log, change, given)
    arguments = {"change": question.change, **question.told, "horizon": 7 * question.plan.watched, "clock": clock}
    if isinstance(question.change, str):
        return _of_one_day(log, question, clock, arguments)
    found = staggered_study(log, question, question.change, clock, LEVEL)
    if found.effect.why is not None and not len(found.rows["month"]):
        raise LogError(found.effect.why.say())
    told_of = (question.cohort, question.plan, found.effect, None, None, None)
    return EventStudy(found.rows, log.about, True, arguments, *told_of, question.beside.office, dict(question.change))


def _of_one_day(log: Log, question: Asked, clock: Clock, arguments: Mapping[str, object]) -> EventStudy:
    about, plan = log.about, question.plan
    summary = OfficesSummary(question.cohort, question.beside, plan, clock)
    sums = log.reduce(summary.of, summary.reads).sums
    offices = counted_offices(sums, plan)
    effect = told(sums, plan, LEVEL)
    drift = drift_of(sums_of(sums, plan, (TREATED, *offices)), plan, effect.effect) if effect.known else None
    arrivals = arrivals_of(sums, plan, offices, about, LEVEL) if offices and plan.before else None
    rows = month_rows(sums, plan, offices, about, LEVEL)
    if effect.why is not None and not len(rows["month"]):
        raise LogError(effect.why.say())
    told_of = (question.cohort, plan, effect, drift, arrivals, returns_of(log, question.beside, plan))
    return EventStudy(rows, about, True, arguments, *told_of, question.beside.office, {})
