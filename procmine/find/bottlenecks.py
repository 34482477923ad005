"""Bottlenecks: before which step the time goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Codes, Ints, is_first
from procmine.kernels.partial import Partial, merge_all
from procmine.log import CHUNK, Clock, EventLog, Log, LogError, Summary, moment, shown, unlike
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.flow import quantiles
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.charts import Bar

BEFORE, OPEN_AFTER, DORMANT_AFTER, LEFT_OUT = "before", "still open after", "dormant after", "left out after"
KINDS = (BEFORE, OPEN_AFTER, DORMANT_AFTER, LEFT_OUT)
OURS = ("our policy", "habit")
MOST_BARS, LEAST_BAR = 10, 0.005
MUCH = 0.05  # of all time in dormant cases: then a headline is told both ways


@dataclass(frozen=True, eq=False)
class Bottlenecks(Result):
    """One row per place where time goes, by kind, largest share first. The shares of a group add up to 1.

    kind (text): "before" = the gap that ends at the step; "still open after" = from an open case's last step to the cutoff,
    the next step not being known; "dormant after" = the same in dormant cases; "left out after" = to the end of the case,
    where a filter left later steps out. step (text), "" if a case has no step; n (int): gaps, first events only where the
    arrival is known; mean, p50, p80, p95 (timedelta64[s], NaT unless "before"); share, low, high (floats 0..1): part of all
    case-days (inside the window, if one is named), with its 95% interval from entry weeks (nan below 8 weeks);
    share_active: the same with the time of dormant cases left out; who (text) can change it, from the log's spec.
    """

    meaning = "define.bottlenecks"

    def findings(self) -> Sequence[Message]:
        kind, who = self.rows["kind"], self.rows["who"]
        known = np.flatnonzero(kind == BEFORE)
        if not self.rows["share"].any():
            return [Message("bottleneck.nothing")]
        said = [self._told("bottleneck.top", int(row)) for row in known[:1]]
        if len(known) and who[known[0]] == "law":
            said.append(Message("bottleneck.law", {"step": str(self.rows["step"][known[0]])}))
        ours = known[np.isin(who[known].astype(str), OURS)]
        if len(ours) and ours[0] != known[0]:
            said.append(self._told("bottleneck.ours", int(ours[0])))
        for key, wanted in (("bottleneck.open", OPEN_AFTER), ("bottleneck.dormant", DORMANT_AFTER)):
            part = float(self.rows["share"][kind == wanted].sum())
            said += [Message(key, {"share": part})] if part >= LEAST_BAR else []
        return said

    def plot(self, ax: Axes | None = None) -> Axes:
        """The largest places where time goes as bars with their ranges; of groups, the last one's."""
        from procmine.draw.charts import bars

        if self.groups:
            name, last = list(self.parts().items())[-1]
            axes = last.plot(ax)
            axes.set_title(f"{axes.get_title(loc='left')}: {name}", loc="left")
            return axes
        order = np.argsort(-self.rows["share"], kind="stable")[:MOST_BARS]
        order = order[(self.rows["share"][order] >= LEAST_BAR) | (np.arange(len(order)) == 0)]
        title, axis = Message("bottleneck.picture").say(), Message("bottleneck.axis").say()
        return bars([self._bar(int(row)) for row in order], title=title, axis=axis, ax=ax)

    def _bar(self, row: int) -> Bar:
        from procmine.draw.charts import Bar

        one = {name: column[row] for name, column in self.rows.items()}
        kind = "before" if one["kind"] == BEFORE else str(one["kind"])
        label = (
            str(one["step"])
            if kind == "before"
            else Message("bottleneck.kind", {"kind": kind, "step": str(one["step"])}).say()
        )
        note = Message("bottleneck.share", {"share": float(one["share"])})
        if one["n"] and kind == "before" and not np.isnat(one["p50"]):
            values: dict[str, Value] = {**note.values, "p50": Span(seconds(one["p50"]), self.day), "n": int(one["n"])}
            note = Message("bottleneck.note", values)
        top = row == int(np.flatnonzero(self.rows["kind"] == BEFORE)[0]) if kind == "before" else False
        return Bar(label, float(one["share"]), float(one["low"]), float(one["high"]), note.say(), top)

    def _dormant(self) -> float:
        """The share of all time since the last step of dormant cases."""
        return float(self.rows["share"][self.rows["kind"] == DORMANT_AFTER].sum())

    def _told(self, key: str, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {"step": str(one["step"]), "n": int(one["n"]), "tenths": 10 * float(one["share"])}
        values = {**values, "p50": Span(seconds(one["p50"]), self.day)} if one["n"] else values
        key = key if one["n"] else f"{key}.unseen"
        active = Message("bottleneck.active", {"tenths": 10 * float(one["share_active"])})
        values["active"] = active if self._dormant() >= MUCH else Message("nothing")
        if np.isnan(one["low"]):
            return Message(key, {**values, "range": Message("bottleneck.no_range")})
        ends = {"low": float(one["low"]), "high": float(one["high"])}
        return Message(key, {**values, "range": Message("bottleneck.range", ends)})


@dataclass(frozen=True, eq=False)
class BottleneckPart(Partial):
    gaps: Durations  # keyed by the step at which the gap ends
    places: NDArray[np.int64]  # how many tails after each step, in the columns of `weeks`
    weeks: EntryWeeks  # seconds; kind * (steps + 1) + step, the last step standing for "no step"


@dataclass(frozen=True)
class BottleneckSummary(Summary[BottleneckPart, Bottlenecks]):
    """`window`: microseconds of the log's axis; time outside it does not count."""

    clock: Clock = CALENDAR_TIME
    window: tuple[int, int] | None = None
    stages: bool = False

    def of(self, log: EventLog) -> BottleneckPart:
        k = len(self._names(log.about))
        codes, columns = self._codes(log.about), len(KINDS) * (k + 1)
        parts = [self._scan(part, codes, columns) for part in log.views(CHUNK)]
        keys, gaps, places, weeks = zip(*parts)
        durations = Durations.of(np.concatenate(keys), np.concatenate(gaps), k)
        return BottleneckPart(durations, np.sum(places, axis=0), merge_all(weeks))

    def _scan(self, log: EventLog, codes: Ints, columns: int) -> tuple[Codes, Ints, Ints, EntryWeeks]:
        """Of some cases: step and length of each gap, tails by place, and seconds by entry week and place."""
        times = self._inside(log).times(self.clock)
        spent, tail = times.since_previous(), times.tail()
        counted = self._counted(log)
        whole = spent if self.window is None else log.times(self.clock).since_previous()
        week, place = week_of(log.arrival), self._tails(log)
        gone = np.flatnonzero(tail > 0)
        weeks = EntryWeeks.of_events(week, log.offset, log.activity, codes, spent, columns)
        tails = EntryWeeks.of(week[gone], place[gone], tail[gone] / SECOND, columns)
        places = np.bincount(place[gone], minlength=columns)
        key = codes.astype(np.min_scalar_type(len(codes)))[log.activity[counted]]
        return key, whole[counted], places, weeks.merge(tails)

    def rows(self, partial: BottleneckPart, about: About) -> Rows:
        names = self._names(about)
        share, low, high = partial.weeks.shares()
        active = ~np.isin(np.arange(len(share)) // (len(names) + 1), [KINDS.index(DORMANT_AFTER)])
        n = partial.places.copy()
        n[: len(names)] = partial.gaps.n()
        kind, step = np.divmod(np.arange(len(n)), len(names) + 1)
        order = np.lexsort((-share, kind))
        order = order[(n[order] > 0) | (share[order] > 0)]
        step_names = np.array([*names, ""], object)[step[order]]
        who = np.array([_who(about, name) for name in step_names], object)
        times = {name: _padded(column, len(n))[order] for name, column in _lengths(partial.gaps).items()}
        shares = {"share": share, "low": low, "high": high, "share_active": _renormed(share, active)}
        return {
            "kind": np.array(KINDS, object)[kind[order]],
            "step": step_names,
            "n": n[order],
            **times,
            **{name: column[order] for name, column in shares.items()},
            "who": who,
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Bottlenecks:
        return Bottlenecks(rows, about, exact, self.arguments)

    def _names(self, about: About) -> tuple[str, ...]:
        if not self.stages:
            return about.activities
        stage_of = {step: stage for stage, steps in about.stages.items() for step in steps}
        return tuple(dict.fromkeys(stage_of.get(name, name) for name in about.activities))

    def _codes(self, about: About) -> Ints:
        """Code of each activity among the names of the result."""
        names = self._names(about)
        stage_of = {step: stage for stage, steps in about.stages.items() for step in steps} if self.stages else {}
        place = {name: k for k, name in enumerate(names)}
        return np.array([place[stage_of.get(name, name)] for name in about.activities], np.int64)

    def _inside(self, log: EventLog) -> EventLog:
        """The same cases with every moment moved to the nearest one of the window."""
        if self.window is None:
            return log
        moved = {name: np.clip(getattr(log, name), *self.window) for name in ("time", "arrival", "until")}
        return replace(log, **moved)

    def _counted(self, log: EventLog) -> NDArray[np.bool_]:
        """Gaps whose length is known and that end inside the window."""
        counted = ~is_first(log.offset) | (log.about.arrival is not None)
        if self.window is None:
            return counted
        return counted & (log.time >= self.window[0]) & (log.time < self.window[1])

    def _tails(self, log: EventLog) -> Ints:
        """Per case: the column of `weeks` for its time after the last event."""
        k = len(self._names(log.about))
        step = np.full(len(log), k, np.int64)
        filled = np.flatnonzero(np.diff(log.offset))
        step[filled] = self._codes(log.about)[log.activity[log.offset[filled + 1] - 1]]
        kind = np.where(log.open, np.where(log.dormant, DORMANT, OPEN), OUT)
        return kind * (k + 1) + step


OPEN, DORMANT, OUT = (KINDS.index(kind) for kind in (OPEN_AFTER, DORMANT_AFTER, LEFT_OUT))


def _who(about: About, step: str) -> str:
    """Who can change a step; of a stage, those who can change its steps."""
    steps = about.stages.get(step, (step,)) if step not in about.tags else (step,)
    return ", ".join(dict.fromkeys(about.tags[name] for name in steps if name in about.tags))


def _lengths(gaps: Durations) -> Mapping[str, NDArray[np.float64]]:
    return {"mean": gaps.total() / np.where(gaps.n(), gaps.n(), np.nan), **quantiles(gaps)}


def _padded(column: NDArray[np.float64], n: int) -> NDArray[np.timedelta64]:
    return timedeltas(np.concatenate((column, np.full(n - len(column), np.nan))))


def _renormed(share: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    whole = share[kept].sum()
    return np.where(kept, share / whole if whole > 0 else np.nan, 0.0)


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
    back. `stages` takes the steps of a stage together.
    """
    if stages and not log.about.stages:
        raise LogError(
            "This log has no stages; name them in its spec: stages: {Court: [Petition filed, Hearing held]}."
        )
    edges = None if window is None else (moment(log.about, window[0]), moment(log.about, window[1]))
    if window is not None and edges is not None and edges[0] >= edges[1]:
        raise ValueError(f"Between {window[0]} and {window[1]} lies no time: the first date must come first.")
    question = BottleneckSummary(clock, edges, stages)
    if period is None:
        return ask(log, question, by)
    if window is not None:
        raise ValueError("Name a window or a period, not both.")
    return _by_period(log, question, by, period)


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
    return Bottlenecks(rows, log.about, exact, {**question.arguments, "period": period}, groups=groups)


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
