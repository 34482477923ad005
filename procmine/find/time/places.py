"""Places where time goes: the sums, counts and lengths by step that bottlenecks are told from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.find.time.owners import owner_of_step, who_of
from procmine.find.time.trend import WEEK, YEAR, Gaps, Years, trends
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.counts import BINS, Counts, bin_of, seconds_of
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, is_first
from procmine.kernels.partial import Partial, merge_all
from procmine.log import CHUNK, Clock, EventLog
from procmine.results import Rows, timedeltas
from procmine.see.flow import quantiles
from procmine.see.survival import LEAST_WEEKS, SEED
from procmine.words import DAY

Floats = NDArray[np.float64]

BEFORE, OPEN_AFTER, DORMANT_AFTER, LEFT_OUT = "before", "still open after", "dormant after", "left out after"
KINDS = (BEFORE, OPEN_AFTER, DORMANT_AFTER, LEFT_OUT)
OPEN, DORMANT, OUT = (KINDS.index(kind) for kind in (OPEN_AFTER, DORMANT_AFTER, LEFT_OUT))
MANY = 4  # pieces: fewer are done before threads are loaded
THREADS = 2  # numpy lets go of the interpreter: two pieces of a large log at a time
DRAWS = 200  # enough for places, which are whole numbers
WENT_ON = 0.8  # of those who went on from a step: who waits longer is stuck
AS_ONE, LEAST_AS_ONE, HOUR = (
    0.9,
    20,
    3_600_000_000,
)  # of the gaps are the same number of days, give or take a clock change


@dataclass(frozen=True, eq=False)
class BottleneckPart(Partial):
    gaps: Durations  # keyed by the step at which the gap ends
    places: NDArray[np.int64]  # how many tails after each step, in the columns of `weeks`
    weeks: EntryWeeks  # seconds; kind * (steps + 1) + step, the last step standing for "no step"
    begun: EntryWeeks  # of the weeks that a trend compares: see Years.of
    followed: Counts  # step before * steps + step
    went_on: Counts  # gaps: step before * BINS + bin
    standing: Counts  # tails: (kind * (steps + 1) + step) * BINS + bin
    lengths: Counts  # bins of the lengths of finished cases
    open: NDArray[np.int64]  # how many cases are, one number


@dataclass(frozen=True)
class Places:
    """What is looked at: the names of steps (or stages), each activity's code among them, the clock and the window."""

    names: tuple[str, ...]
    codes: Ints
    clock: Clock
    window: tuple[int, int] | None
    years: Years

    @classmethod
    def at(cls, about: About, clock: Clock, window: tuple[int, int] | None, stages: bool) -> Places:
        stage_of = {step: stage for stage, steps in about.stages.items() for step in steps} if stages else {}
        names = tuple(dict.fromkeys(stage_of.get(name, name) for name in about.activities))
        place = {name: k for k, name in enumerate(names)}
        codes = np.array([place[stage_of.get(name, name)] for name in about.activities], np.int64)
        first, end = window or (about.cutoff - YEAR * WEEK, about.cutoff + 1)
        end = min(end, about.cutoff + 1)
        weeks = max(0, min(YEAR, (end - first) // WEEK))
        return cls(names, codes, clock, window, Years(end, int(weeks)))

    def part(self, log: EventLog) -> BottleneckPart:
        """All of a log, large ones in pieces."""
        k, views = len(self.names), list(log.views(CHUNK))
        if len(views) < MANY:
            scanned = [self._scan(view) for view in views]
        else:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(THREADS) as pool:
                scanned = list(pool.map(self._scan, views))
        keys, gaps, places = zip(*(one[:3] for one in scanned))
        durations = Durations.of(np.concatenate(keys), np.concatenate(gaps), k)
        open_ = np.array([log.open.sum()], np.int64)
        rest: list[Any] = [merge_all(one) for one in zip(*(one[3:] for one in scanned))]
        return BottleneckPart(durations, np.sum(places, axis=0), *(*rest, open_))

    def _scan(self, log: EventLog) -> tuple[Any, ...]:
        """Of some cases: step and length of each gap, tails by place, and the other fields of a part."""
        columns = len(KINDS) * (len(self.names) + 1)
        times = self._inside(log).times(self.clock)
        spent, tail = times.since_previous(), times.tail()
        gaps = self._gaps(log, spent, tail)
        counted = self._counted(log, gaps.known)
        week, place = week_of(log.arrival), self._tails(log, gaps.after)
        gone = np.flatnonzero(tail > 0)
        weeks = EntryWeeks.of_events(week, log.offset, log.activity, self.codes, spent, columns)
        tails = EntryWeeks.of(week[gone], place[gone], tail[gone] / SECOND, columns)
        places = np.bincount(place[gone], minlength=columns)
        counts = (*self._counts(log, gaps, counted), *self._cases(log, gaps, place))
        begun = self.years.of(log, gaps, self.clock)
        return (gaps.step[counted], gaps.spent[counted], places, weeks.merge(tails), begun, *counts)

    def _counts(self, log: EventLog, gaps: Gaps, counted: NDArray[np.bool_]) -> tuple[Counts, Counts]:
        """Which step followed which, and how long after each the next one came."""
        k = len(self.names)
        here: Any = slice(None) if self.window is None else np.flatnonzero(counted)
        before, longs = gaps.before[here].astype(np.int64), bin_of(gaps.spent[here])
        longs += before * BINS
        before *= k
        before += gaps.step[here]
        went, long = Counts.of(before, (k + 1) * k), Counts.of(longs, (k + 1) * BINS)
        known = log.about.arrival is not None  # else the first steps are no gaps
        return (went, long) if known else (went.below(k * k), long.below(k * BINS))

    def _cases(self, log: EventLog, gaps: Gaps, place: Ints) -> tuple[Counts, Counts]:
        """How long open cases stand after their last step at the end of the window; how long finished ones took."""
        upto = np.minimum(log.until, self.years.end - 1)
        stands = np.flatnonzero(log.open & (gaps.last <= upto))
        since, now = (self.clock.read(one[stands], stands, log) for one in (gaps.last, upto))
        columns = len(KINDS) * (len(self.names) + 1)
        finished = np.flatnonzero(~log.open)
        standing = Counts.of(place[stands] * BINS + bin_of(now - since), columns * BINS)
        return standing, Counts.of(bin_of((log.until - log.arrival)[finished]), BINS)

    def _gaps(self, log: EventLog, spent: Ints, tail: Ints) -> Gaps:
        """`spent` and `tail` as the clock reads them inside the window."""
        k, first = len(self.names), is_first(log.offset)
        step = self.codes.astype(np.min_scalar_type(k))[log.activity]
        before = np.roll(step, 1)
        before[first] = k
        filled = np.flatnonzero(np.diff(log.offset))
        after = np.full(len(log), k, np.int64)
        after[filled] = step[log.offset[filled + 1] - 1]
        plain = log.times()
        same = self.window is None and self.clock is CALENDAR_TIME
        begin = log.time - (spent if same else plain.since_previous())
        last = log.until - (tail if same else plain.tail())
        long = spent if self.window is None else log.times(self.clock).since_previous()
        arrives = log.about.arrival is not None
        known = np.ones(len(first), bool) if arrives else ~first
        return Gaps(k, begin, long, step, before, known, last, after, log.open & (arrives | (after < k)))

    def _inside(self, log: EventLog) -> EventLog:
        """The same cases with every moment moved to the nearest one of the window."""
        if self.window is None:
            return log
        moved = {name: np.clip(getattr(log, name), *self.window) for name in ("time", "arrival", "until")}
        return replace(log, **moved)

    def _counted(self, log: EventLog, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Gaps whose length is known and that end inside the window."""
        if self.window is None:
            return known
        return known & (log.time >= self.window[0]) & (log.time < self.window[1])

    def _tails(self, log: EventLog, after: Ints) -> Ints:
        """Per case: the column of `weeks` for its time after the last event."""
        kind = np.where(log.open, np.where(log.dormant, DORMANT, OPEN), OUT)
        return kind * (len(self.names) + 1) + after

    def rows(self, part: BottleneckPart, about: About) -> Rows:
        k = len(self.names)
        share, low, high = part.weeks.shares()
        kind, step = np.divmod(np.arange(len(share)), k + 1)
        n = part.places.copy()
        n[:k] = part.gaps.n()
        order = np.lexsort((-share, kind))
        order = order[(n[order] > 0) | (share[order] > 0)]
        names = np.array([*self.names, ""], object)[step]
        columns: dict[str, NDArray[Any]] = {"kind": np.array(KINDS, object)[kind], "step": names, "n": n}
        columns |= {name: _padded(timedeltas(one), len(n)) for name, one in _lengths(part.gaps).items()}
        active = ~np.isin(kind, [DORMANT])
        columns |= {"share": share, "low": low, "high": high, "share_active": _renormed(share, active)}
        columns |= self._ranks(part, len(n)) | self._moving(part, about, len(n)) | self._stuck(part, about)
        columns["fixed"], columns["fixed_n"] = (_padded(one, len(n)) for one in self._fixed(part.gaps))
        who = {name: who_of(about, name) for name in (*self.names, "")}
        columns["who"] = np.array([who[name] for name in names], object)
        whose = {name: owner_of_step(about, name) for name in who}
        columns["whose"] = np.array([whose[name] for name in names], object)
        columns |= {name: np.full(len(n), np.nan) for name in ("working_days", "working_share")}  # of another clock
        return {name: column[order] for name, column in columns.items()}

    def _ranks(self, part: BottleneckPart, n: int) -> dict[str, NDArray[Any]]:
        enough = len(part.weeks.week) >= LEAST_WEEKS
        k = len(self.names)
        ends = part.weeks.ranks(k, DRAWS, SEED) if enough else (np.zeros(k, np.int64),) * 2
        return {name: _padded(one, n) for name, one in zip(("rank_low", "rank_high"), ends)}

    def _moving(self, part: BottleneckPart, about: About, n: int) -> dict[str, NDArray[Any]]:
        ongoing = (
            part.open[0] > 0
        )  # else the export holds finished cases only, and lacks the long gaps of the last year
        long = self.years.long(about, part.lengths) if ongoing else 0
        found = trends(part.begun, part.followed, len(self.names), long)
        return {name: _padded(one, n) for name, one in found.items()}

    def _stuck(self, part: BottleneckPart, about: About) -> dict[str, NDArray[Any]]:
        """Per column: tails longer than 8 in 10 of the gaps after the same step, and that length."""
        k = len(self.names)
        bins = np.tile(part.went_on.quantile(WENT_ON, k + 1), len(KINDS))
        waits = np.arange(len(bins)) // (k + 1)
        bins[(waits != OPEN) & (waits != DORMANT)] = -1
        usual = seconds_of(bins)
        if about.precision == "day" and self.clock.day == DAY:
            usual = np.round(usual / DAY) * DAY
        return {"stuck": part.standing.beyond(bins), "stuck_after": timedeltas(usual)}

    def _fixed(self, gaps: Durations) -> tuple[NDArray[np.timedelta64], Ints]:
        """Per step: the number of whole days that nearly all gaps have in common, and how many have it."""
        fixed, same = np.full(len(self.names), np.timedelta64("NaT", "s")), np.zeros(len(self.names), np.int64)
        n = gaps.n()
        if not gaps.exact or self.clock.day != DAY:
            return fixed, same
        days = np.round(np.nan_to_num(gaps.quantile(0.5)) / DAY).astype(np.int64)
        alike = gaps.within(days * round(DAY) * SECOND - HOUR, days * round(DAY) * SECOND + HOUR + 1)
        for key in np.flatnonzero((n >= LEAST_AS_ONE) & (days >= 2) & (alike >= AS_ONE * n)):
            fixed[key], same[key] = np.timedelta64(days[key], "D"), alike[key]
        return fixed, same


def _lengths(gaps: Durations) -> Mapping[str, Floats]:
    return {"mean": gaps.total() / np.where(gaps.n(), gaps.n(), np.nan), **quantiles(gaps)}


def _padded(column: NDArray[Any], n: int) -> NDArray[Any]:
    """With as many "none" after it as make n."""
    none: Any = {"m": np.timedelta64("NaT", "s"), "f": np.nan, "O": ""}.get(column.dtype.kind, 0)
    return np.concatenate((column, np.full(n - len(column), none, column.dtype)))


def _renormed(share: Floats, kept: NDArray[np.bool_]) -> Floats:
    whole = share[kept].sum()
    return np.where(kept, share / whole if whole > 0 else np.nan, 0.0)
