"""Headline: the few numbers of an office for a month, and for the months before it, so that the next run can compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.find.service.standards import Standard, share_of
from procmine.find.service.stretches import stops
from procmine.find.time.bottlenecks import BEFORE, BottleneckSummary
from procmine.kernels.blocks import week_of
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints
from procmine.log import EventLog, Log, day_of, in_memory, moment
from procmine.publish.batch.marks import Mark, Recent, marks_of, recent_of
from procmine.publish.batch.middle import middle, middle_range
from procmine.see.survival import SHARES, SurvivalPart, quantile_rows, weekly

Floats = NDArray[np.float64]
Kind = Literal["month", "quarter", "rolling_year"]
Unit = Literal["cases", "days", "share"]

WIDTH: Mapping[str, int] = {"month": 1, "quarter": 3, "rolling_year": 12}
PAST = 12  # months beside the run's own
DAY = 86_400_000_000
HALF = int(np.flatnonzero(np.isclose(SHARES, 0.5))[0])
COUNTS = ("begun", "finished", "open")  # of all cases; the others are of a time, or a part


@dataclass(frozen=True)
class Figure:
    """One number of one month. value, low, high: None where the data do not carry it; low and high also of what is counted.

    figure: "begun", "finished", "open" (at the end); "half", "year": days within which half finish, as things went in the
    period, and in the 12 months that end with it; "entered": days within which half of those who began in the month had
    finished, where all could be watched so long; "standard": part of those that became due in the period done in time;
    "step_share", "step_half": of the 12 months, the part of all case-days before the step `of`, and the days within which
    half of its waits that ended lay; "waited": days that half of those waiting at the end, dormant ones apart, have waited.
    n: how many cases (waits, those due) it is of.
    """

    month: str
    figure: str
    unit: Unit
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    of: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.figure, self.of)


@dataclass(frozen=True)
class Headline:
    """The figures of `month` and of the 12 before, each as the data stood at the end of that month; oldest first.

    `first`, `last`: the days that the newest figures are of; `marks` (by month, "before" for all earlier): what the data
    hold of each month, without any case; `recent`: how the last weeks compare with the year before; `data`: cases, events,
    cutoff and first day.
    """

    month: str
    kind: Kind
    first: str
    last: str
    figures: tuple[Figure, ...]
    marks: Mapping[str, Mark]
    recent: Recent
    data: Mapping[str, Any]

    def of(self, month: str) -> dict[tuple[str, str], Figure]:
        return {one.key: one for one in self.figures if one.month == month}

    @property
    def now(self) -> tuple[Figure, ...]:
        return tuple(one for one in self.figures if one.month == self.month)

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.month for one in self.figures))

    def to_dict(self) -> dict[str, Any]:
        marks = {month: vars(one) for month, one in self.marks.items()}
        plain = {"figures": [vars(one) for one in self.figures], "marks": marks, "recent": vars(self.recent)}
        return {**vars(self), **plain, "data": dict(self.data)}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        figures = tuple(Figure(**one) for one in written["figures"])
        marks = {month: Mark(**one) for month, one in written["marks"].items()}
        return cls(**{**written, "figures": figures, "marks": marks, "recent": Recent(**written["recent"])})


@dataclass(frozen=True)
class Window:
    """From `first` up to, not including, `after`, in microseconds of the log's axis; `month` is its last."""

    month: str
    begin: int  # of the month itself
    first: int
    after: int
    year: int  # when the 12 months began that end with it, or the data


def headline(log: Log, *, month: str, kind: Kind = "month", standards: Sequence[Standard] | None = None) -> Headline:
    """The figures of a month; of an office with few cases, of the quarter or the year that ends with it.

    The log is cut to the end of the month. `standards`: those of the log's spec (limits), unless named.
    """
    whole = in_memory(log)
    month_end = str(np.datetime64(month, "M").astype("M8[M]") + 1)
    last = str(np.datetime64(f"{month_end}-01") - 1)
    if whole.about.cutoff >= moment(whole.about, f"{month_end}-01"):
        whole = whole.cut_to(last)
    windows = _windows(whole.about, month, kind)
    wanted = standards_of_spec(whole.about) if standards is None else tuple(standards)
    told = [*_flow(whole, windows), *_standards(whole, windows, wanted), *_step(whole, windows)]
    order = {one.month: place for place, one in enumerate(windows)}
    first = day_of(whole.about, windows[-1].first)
    data = {"cases": len(whole), "events": len(whole.time), "cutoff": day_of(whole.about, whole.about.cutoff)}
    data |= {"begins": day_of(whole.about, whole.about.begins)}
    figures = tuple(sorted(told, key=lambda one: order[one.month]))
    edges = [(one.month, one.begin, one.after) for one in windows]
    end = windows[-1].after
    return Headline(month, kind, first, last, figures, marks_of(whole, edges), recent_of(whole, end), data)


def standards_of_spec(about: About) -> tuple[Standard, ...]:
    """The limits of the log's spec."""
    limits = [dict(one) for one in about.limits]
    return tuple(Standard(**{**one, "stop": stops(one["stop"])}) for one in limits)


def _windows(about: About, month: str, kind: Kind) -> list[Window]:
    """The run's, and those before it that lie in the data wholly; oldest first."""
    last = int(np.datetime64(month, "M").astype(np.int64))
    known = about.begins if about.complete_from is None else about.complete_from
    found = []
    for place in range(last - PAST, last + 1):
        begin, first, after, year = (
            moment(about, f"{np.datetime64(one, 'M')}-01")
            for one in (place, place + 1 - WIDTH[kind], place + 1, place - 11)
        )
        if place == last or first >= known:
            found.append(Window(str(np.datetime64(place, "M")), begin, first, after, max(year, known)))
    return found


def _flow(log: EventLog, windows: Sequence[Window]) -> Iterator[Figure]:
    """What began, finished and waits; within how long half finish; how long those waiting have waited."""
    for one in windows:
        inside = (log.arrival >= one.first) & (log.arrival < one.after)
        closed = ~log.open & (log.until >= one.first) & (log.until < one.after)
        waiting = (log.arrival < one.after) & (log.open | (log.until >= one.after))
        for name, which in (("begun", inside), ("finished", closed), ("open", waiting)):
            n = int(which.sum())
            yield Figure(one.month, name, "cases", float(n), n)
        yield _half(log, one, "half", one.first)
        yield _half(log, one, "year", one.year)
        yield _entered(log, one, windows[-1].after)
        yield _waited(log, one, waiting)


def _half(log: EventLog, window: Window, name: str, first: int) -> Figure:
    """Who was there before the period is watched from its first day on (late entry), who stays is open at its end."""
    since = max(first, log.about.complete_from or first)
    late = since - log.arrival
    length = np.minimum(log.until, window.after) - log.arrival
    seen = (log.arrival < window.after) & (log.until >= first) & ((late <= 0) | (length > late))
    still = seen & (log.open | (log.until >= window.after))
    kinds = [(seen & ~still, length), (np.zeros(len(log), bool), length), (still, length), (seen & (late > 0), late)]
    part = SurvivalPart(*(weekly(log.arrival[which], time[which]) for which, time in kinds))
    rows = quantile_rows(part)
    half, low, high = (_days(rows[one][HALF]) for one in ("time", "low", "high"))
    if half is not None and low is None:  # too few weeks of entry
        lengths = np.maximum(late[seen], 0) / DAY, length[seen] / DAY
        low, high = middle_range(*lengths, ~still[seen])
    return Figure(window.month, name, "days", half, int(seen.sum()), low, high)


def _entered(log: EventLog, window: Window, end: int) -> Figure:
    """Told once everybody of the month could be watched so long, so that later data cannot change it."""
    here = (log.arrival >= window.begin) & (log.arrival < window.after)
    length = np.where(log.open[here], np.inf, (log.until - log.arrival)[here] / DAY)
    value, low, high = middle(length)
    watched = (min(end, log.about.cutoff + 1) - window.after) / DAY
    ends = [one if one is not None and one <= watched else None for one in (value, low, high)]
    return Figure(window.month, "entered", "days", ends[0], int(here.sum()), *(ends[1:] if ends[0] is not None else ()))


def _waited(log: EventLog, window: Window, waiting: NDArray[np.bool_]) -> Figure:
    end = min(window.after, log.about.cutoff + 1)
    active = waiting & ~_dormant(log, end)
    value, low, high = middle((end - log.arrival[active]) / DAY)
    return Figure(window.month, "waited", "days", value, int(active.sum()), low, high)


def _dormant(log: EventLog, end: int) -> NDArray[np.bool_]:
    """Per case: whether at that moment its last event lay longer ago than the log's limit."""
    limit = log.about.dormant_after
    if limit is None:
        return np.zeros(len(log), bool)
    upto = np.concatenate(([0], np.cumsum(log.time < end)))[log.offset]
    n = np.diff(upto)
    last = log.arrival.copy()
    last[n > 0] = log.time[(log.offset[:-1] + n - 1)[n > 0]]
    quiet: NDArray[np.bool_] = end - last > limit
    return quiet


def _standards(log: EventLog, windows: Sequence[Window], wanted: Sequence[Standard]) -> Iterator[Figure]:
    """Of the cases whose limit passed in the period, the part that was done in time."""
    for standard in wanted:
        standard.stretch.check(log.about)
        run, read = standard.stretch.of(log), standard.stretch.reader(log)
        begun = read(run.begun, run.case)
        over = run.spent > standard.limit
        counted = ~run.early & ~(~run.reached & ~run.open & ~over)
        for one in windows:
            ends = [
                read(np.full(len(run.case), edge), run.case) - begun > standard.limit for edge in (one.first, one.after)
            ]
            due = counted & ends[1] & ~ends[0]
            yield _share(one.month, standard.name, run.begun[due], ~over[due] & run.reached[due])


def _share(month: str, name: str, begun: Ints, done: NDArray[np.bool_]) -> Figure:
    if not len(begun):
        return Figure(month, "standard", "share", None, 0, of=name)
    week = week_of(begun) - week_of(begun).min()
    size = int(week.max()) + 1
    counted = [np.bincount(week, one, size).astype(np.float64) for one in (done, np.ones(len(week)))]
    share, low, high, _ = share_of(*counted)
    return Figure(month, "standard", "share", _told(share), len(begun), _told(low), _told(high), name)


def _step(log: EventLog, windows: Sequence[Window]) -> Iterator[Figure]:
    """Of the step before which most of the last 12 months' case-days went, the same in the months before."""
    step = ""
    for one in reversed(windows):
        rows, gaps = _places(_as_of(log, one.after), one)
        before = np.flatnonzero((rows["kind"] == BEFORE) & (rows["share"] > 0))
        here = before[rows["step"][before] == step] if step else before[:1]  # the largest share comes first
        if not len(here):
            continue
        step = str(rows["step"][here[0]])
        share, low, high = (_told(rows[name][here[0]]) for name in ("share", "low", "high"))
        n = int(rows["n"][here[0]])
        value, count = gaps.only(log.about.activities.index(step))
        yield Figure(one.month, "step_share", "share", share, n, low, high, step)
        yield Figure(one.month, "step_half", "days", *_middle_of(value, count, n), step)


def _as_of(log: EventLog, after: int) -> EventLog:
    """The log as it stood at that moment."""
    return log if log.about.cutoff < after else log.cut_to(day_of(log.about, after - 1))


def _places(log: EventLog, window: Window) -> tuple[Mapping[str, NDArray[Any]], Durations]:
    """The rows of bottlenecks of the 12 months, and the lengths of waits by step."""
    near = np.flatnonzero(log.until >= window.year)
    question = BottleneckSummary(window=(window.year, window.after))
    part = question.of(log.take(near))
    return question.rows(part, log.about), part.gaps


def _middle_of(value: Ints, count: Ints, n: int) -> tuple[float | None, int, float | None, float | None]:
    half, low, high = middle(np.repeat(value, count) / DAY)
    return half, n, low, high


def _days(time: np.timedelta64) -> float | None:
    return None if np.isnat(time) else float(time / np.timedelta64(1, "s") / 86_400)


def _told(value: float) -> float | None:
    return float(value) if isfinite(value) else None
