"""Bottlenecks: before which step the time goes, whose it is, and whether it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from procmine.about import About
from procmine.asking import Period, ask, told_late
from procmine.clocks import CALENDAR_TIME, office_hours
from procmine.find.time.owners import OURS as OURS
from procmine.find.time.places import BEFORE as BEFORE
from procmine.find.time.places import DORMANT_AFTER as DORMANT_AFTER
from procmine.find.time.places import BottleneckPart, Places
from procmine.find.time.told import Bottlenecks as Bottlenecks
from procmine.log import Clock, EventLog, Log, LogError, Summary, moment, shown, unlike
from procmine.results import Rows


@dataclass(frozen=True)
class BottleneckSummary(Summary[BottleneckPart, Bottlenecks]):
    """`window`: microseconds of the log's axis; time outside it does not count."""

    clock: Clock = CALENDAR_TIME
    window: tuple[int, int] | None = None
    stages: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The attribute that names a case's calendar."""
        by = getattr(self.clock, "by", None)
        return (by,) if isinstance(by, str) else ()

    def of(self, log: EventLog) -> BottleneckPart:
        return self._places(log.about).part(log)

    def rows(self, partial: BottleneckPart, about: About) -> Rows:
        return self._places(about).rows(partial, about)

    def result(self, rows: Rows, about: About, exact: bool) -> Bottlenecks:
        return Bottlenecks(rows, about, exact, self.arguments)

    def _places(self, about: About) -> Places:
        return Places.at(about, self.clock, self.window, self.stages)


def bottlenecks(
    log: Log,
    *,
    by: Sequence[str] = (),
    period: Period | None = None,
    window: tuple[str, str] | None = None,
    clock: Clock = CALENDAR_TIME,
    stages: bool = False,
) -> Bottlenecks:
    """Steps by their share of all the time that cases spend, with count and interval; "slowest" alone is no bottleneck.

    Time is counted as case-days: in the whole log, in a `window` (first day, day after the last), or in each `period` of
    the calendar; so open cases count from their first day, and a period is not flattered by slow cases that have not come
    back. `stages` takes the steps of a stage together. Where the log's spec has calendars, working time stands beside
    calendar time.
    """
    if stages and not log.about.stages:
        raise LogError(
            "This log has no stages; name them in its spec: stages: {Court: [Petition filed, Hearing held]}."
        )
    edges = None if window is None else (moment(log.about, window[0]), moment(log.about, window[1]))
    if window is not None and edges is not None and edges[0] >= edges[1]:
        raise ValueError(f"Between {window[0]} and {window[1]} lies no time: the first date must come first.")
    if window is not None and period is not None:
        raise ValueError("Name a window or a period, not both.")
    question = BottleneckSummary(clock, edges, stages)
    answer = _answered(log, question, by, period)
    if not log.about.calendars or clock is not CALENDAR_TIME:
        return answer
    hours = office_hours(log)
    return _beside(answer, _answered(log, replace(question, clock=hours), by, period), hours.day)


def _answered(log: Log, question: BottleneckSummary, by: Sequence[str], period: Period | None) -> Bottlenecks:
    return ask(log, question, by) if period is None else _by_period(log, question, by, period)


def _beside(answer: Bottlenecks, working: Bottlenecks, day: float) -> Bottlenecks:
    """The answer with the other's half and share of working time beside its own."""
    names = (*answer.groups, "kind", "step")
    keys = zip(*(working.rows[name] for name in names))
    place = {key: row for row, key in enumerate(keys)}
    none = len(place)
    found = np.array([place.get(key, none) for key in zip(*(answer.rows[name] for name in names))], np.int64)
    days = np.append(working.rows["p50"] / np.timedelta64(1, "s") / day, np.nan)[found]
    share = np.append(working.rows["share"], 0.0)[found]
    return replace(answer, rows={**answer.rows, "working_days": days, "working_share": share})


def _by_period(log: Log, question: BottleneckSummary, by: Sequence[str], period: Period) -> Bottlenecks:
    """One answer for each calendar period, one below the other."""
    answers = []
    for name, first, after in _periods(log.about, period):
        answer = ask(log, replace(question, window=(first, after)), by)
        column = unlike(period, answer.rows)
        answers.append((answer.exact, answer.groups, {column: np.full(len(answer), name, object), **answer.rows}))
    tables = [rows for _, _, rows in answers if len(rows) > 1] or [answers[-1][2]]
    rows = {name: np.concatenate([one[name] for one in tables]) for name in tables[0]}
    groups = (next(iter(rows)), *answers[-1][1])
    exact = all(exact for exact, _, _ in answers)
    by = (by,) if isinstance(by, str) else by
    return Bottlenecks(rows, told_late(log, by), exact, {**question.arguments, "period": period}, groups=groups)


def _periods(about: About, period: Period) -> list[tuple[str, int, int]]:
    """Name, first microsecond and first microsecond after it, of each calendar period of the log."""
    width = {"year": 12, "quarter": 3, "month": 1}[period]
    ends = shown(about, np.array([about.begins, about.cutoff])).astype("M8[M]").astype(np.int64)
    found = []
    for one in range(int(ends[0]) // width, int(ends[1]) // width + 1):
        first, after = (np.int64(width * place).astype("M8[M]") for place in (one, one + 1))
        name = {"year": str(first)[:4], "quarter": f"{str(first)[:4]}-Q{one % 4 + 1}", "month": str(first)}[period]
        found.append((name, moment(about, f"{first}-01"), moment(about, f"{after}-01")))
    return found
