"""Work: how long each step waits and is worked on, and how much of the cases' time is work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.asking import Period
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints
from procmine.kernels.survival import Weekly
from procmine.log import Clock, EventLog, Log, LogError, in_memory
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.activity import NO_TIME, Units, begun, events_of, need_starts, worked
from procmine.see.enabling import beside
from procmine.see.groups import by_groups
from procmine.see.survival import WEEKS, ranges, weekly
from procmine.see.times import mean_range
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DRAWN = 12


@dataclass(frozen=True, eq=False)
class ActivityTimes(Result):
    """One row a step (or stage), that with the most waiting in all first.

    step (text); n (int): times it was done; waits (int): of these, how often its wait is known (not where its beginning is
    not recorded, nor of a first event without a column of arrivals); waiting_mean, waiting_p50, waiting_p80, waiting_p95
    (timedelta64[s]): of those, from the moment at which it could have begun to its beginning (NaT: of none); with
    waiting_mean_low, _high, waiting_p50_low, _high: where these likely lie (95%, bootstrap of entry weeks; NaT below 20
    weeks). processing_mean, processing_p50, _p80, _p95: from its beginning to its end; of a stage the time in which at
    least one of its steps was under way. elapsed_p50, elapsed_p80: from its beginning to its end (a stage: from its first
    beginning in the case to its last end). gap_p50: since the event before it.
    """

    meaning = "define.activity_times"

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        timed = ~np.isnat(rows["processing_mean"])
        if not timed.any():
            return [Message("activity.none")]
        unknown, first = int((~timed).sum()), int((timed & (rows["waits"] == 0)).sum())
        said = [*([Message("activity.unknown", {"steps": unknown})] if unknown else [])]
        said += [Message("activity.first", {"steps": first})] if first else []
        return [*self._top(), *said]

    def _top(self) -> Sequence[Message]:
        """Of the step with the most waiting."""
        rows = self.rows
        known = np.flatnonzero(rows["waits"])
        if not len(known):
            return []
        top = {name: column[known[0]] for name, column in rows.items()}
        if not seconds(top["waiting_mean"]):
            return [Message("activity.no_waits")]
        values: dict[str, Value] = {"step": str(top["step"]), "n": int(top["waits"])}
        for name in ("waiting_p50", "waiting_mean", "processing_p50", "waiting_mean_low", "waiting_mean_high"):
            values[name] = Span(seconds(top[name]), self.day)
        return [Message("activity.top.range" if not np.isnat(top["waiting_mean_low"]) else "activity.top", values)]

    def shown(self) -> Rows:
        kept = (*self.groups, "step", "n", "waits", "waiting_mean", "waiting_p50", "waiting_p80", "processing_p50",
                "processing_p80", "gap_p50")  # fmt: skip
        return {name: self.rows[name] for name in kept if name in self.rows}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Waiting and work of the steps that wait most in all, on average; of groups, the last one's."""
        from procmine.draw.stacked import Stack, lengths

        if self.groups:
            return self.plot_last(ax)
        day, rows = np.timedelta64(1, "s") * self.day, self.rows
        known = np.flatnonzero(~np.isnat(rows["waiting_mean"]))[:MOST_DRAWN]
        data = [
            Stack(
                str(rows["step"][row]),
                np.array([rows[name][row] / day for name in ("waiting_mean", "processing_mean")]),
                Message("activity.note", {"n": int(rows["waits"][row])}).say(),
            )
            for row in known
        ]
        names = [Message(f"activity.{part}").say() for part in ("waiting", "processing")]
        axis = Message("activity.axis").say()
        return lengths(data, names, title=Message("activity.picture").say(), axis=axis, ax=ax)


def activity_times(
    log: Log,
    *,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
    stages: bool = False,
) -> ActivityTimes:
    """How long each step waits before it begins and how long it is worked on; `stages` takes a stage's steps together.

    Waiting runs from the end of the last event of the case that made this one possible (steps that run beside each other do
    not wait for each other; a first event waits from the arrival, where a column holds that). LogError where the log has no
    beginnings, or steps were left out. Only waits that are over: cases that still wait for their next step are in
    `waiting_now` and `step_times`.
    """
    log = need_starts(in_memory(log))
    if stages and not log.about.stages:
        raise LogError(
            "This log has no stages; name them in its spec: stages: {Court: [Petition filed, Hearing held]}."
        )
    names, codes = _names(log, stages)
    which, steps = beside(log), begun(log)

    def answer(part: EventLog) -> Rows:
        return _activity_rows(part, Units.of(part, events_of(part, clock, which, steps), codes), names)

    rows, groups, about = by_groups(log, answer, by, period)
    return ActivityTimes(rows, about, True, {"clock": clock, "stages": stages, "period": period}, groups=groups)


def _names(log: EventLog, stages: bool) -> tuple[tuple[str, ...], Ints]:
    """Names of what is counted as one, and the place among them of each activity."""
    stage_of = {step: stage for stage, steps in log.about.stages.items() for step in steps} if stages else {}
    called = [stage_of.get(step, step) for step in log.about.activities]
    names = tuple(dict.fromkeys(called))
    return names, np.array([names.index(one) for one in called], np.int64)


def _activity_rows(log: EventLog, units: Units, names: tuple[str, ...]) -> Rows:
    k, begins = len(names), log.arrival[units.case]
    timed = {"waiting": units.waits, "processing": units.known, "elapsed": units.known, "gap": units.gap != NO_TIME}
    lengths = {name: Durations.of(units.name[here], getattr(units, name)[here], k) for name, here in timed.items()}
    n = np.bincount(units.name, minlength=k)
    columns = {}
    for name, shares in (
        ("waiting", (50, 80, 95)),
        ("processing", (50, 80, 95)),
        ("elapsed", (50, 80)),
        ("gap", (50,)),
    ):
        if name in ("waiting", "processing"):
            count = lengths[name].n()
            columns[f"{name}_mean"] = lengths[name].total() / np.where(count, count, np.nan)
        columns |= {f"{name}_p{share}": lengths[name].quantile(share / 100) for share in shares}
    columns |= _waiting_ranges(units, begins, k)
    order = np.lexsort((-n, -np.nan_to_num(lengths["waiting"].total())))
    order = order[n[order] > 0]
    rows = {"step": np.array(names, object)[order], "n": n[order], "waits": lengths["waiting"].n()[order]}
    return {**rows, **{name: timedeltas(column[order]) for name, column in columns.items()}}


def _waiting_ranges(units: Units, begins: Ints, k: int) -> dict[str, NDArray[np.float64]]:
    """Ends of the ranges of each step's mean and middle wait."""
    found = np.full((4, k), np.nan)
    order = np.argsort(units.name, kind="stable")
    order = order[units.waits[order]]
    edge = np.searchsorted(units.name[order], np.arange(k + 1))
    none = Durations.of(np.empty(0, np.int64), np.empty(0, np.int64), WEEKS)
    for code in range(k):
        here = order[edge[code] : edge[code + 1]]
        waits = weekly(begins[here], units.waiting[here])
        ends = mean_range(waits)
        low, high = ranges(Weekly.of(waits, none, none, most=500), np.array([0.5]))
        found[:, code] = ends["mean_low"][0], ends["mean_high"][0], low[0], high[0]
    names = ("waiting_mean_low", "waiting_mean_high", "waiting_p50_low", "waiting_p50_high")
    return dict(zip(names, found))


@dataclass(frozen=True, eq=False)
class CaseWork(Result):
    """One row (a group): cases (int) finished; open (int); cycle, processing, idle (timedelta64[s]): means of finished cases.

    share, low, high (floats 0..1): part of all the time of the cases, open ones up to the cutoff, in which at least one step
    was under way, with its 95% interval from entry weeks (nan below 8 weeks). `ends_only`: of so many steps only the end is
    recorded, so that the work on them is not counted.
    """

    meaning = "define.case_work"
    ends_only: int = field(default=0, kw_only=True)

    def messages(self) -> Sequence[Message]:
        limit = [Message("work.ends_only", {"steps": self.ends_only})] if self.ends_only else []
        return [*super().messages(), *limit]

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        if np.isnan(one["share"]):
            return [Message("work.none")]
        values: dict[str, Value] = {"tenths": 10 * float(one["share"]), "n": int(one["cases"] + one["open"])}
        if np.isnan(one["low"]):
            return [Message("work.share", values)]
        return [Message("work.share.range", {**values, "low": 10 * float(one["low"]), "high": 10 * float(one["high"])})]


def case_work(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME
) -> CaseWork:
    """How much of the cases' time somebody works on them: steps that overlap count once. `case_parts` has a row a case.

    LogError where the log has no beginnings of events, or steps were left out.
    """
    log = need_starts(in_memory(log))
    rows, groups, about = by_groups(log, lambda part: _work_rows(part, clock), by, period)
    ends_only = int(np.count_nonzero(~begun(log)[np.unique(log.activity)]))
    return CaseWork(rows, about, True, {"clock": clock, "period": period}, groups=groups, ends_only=ends_only)


def _work_rows(log: EventLog, clock: Clock) -> Rows:
    times, active = log.times(clock), worked(log, clock)
    cycle, done = times.until - times.arrival, ~log.open
    week, size = week_of(log.arrival), len(log)
    parts = [EntryWeeks.of(week, np.full(size, k), part / SECOND, 2) for k, part in enumerate((active, cycle - active))]
    both = parts[0].merge(parts[1])
    share, low, high = both.shares()
    share = share if both.sums.sum() > 0 else np.full(2, np.nan)
    lengths = {"cycle": cycle, "processing": active, "idle": cycle - active}
    means = {name: part[done].mean() / SECOND if done.any() else np.nan for name, part in lengths.items()}
    rows: dict[str, NDArray[np.generic]] = {"cases": np.array([done.sum()]), "open": np.array([(~done).sum()])}
    rows |= {name: timedeltas(np.array([mean])) for name, mean in means.items()}
    return {**rows, "share": share[:1], "low": low[:1], "high": high[:1]}
