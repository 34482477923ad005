"""Survival: by when cases end, counting those that have not ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import range_weights, week_of
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints
from procmine.kernels.influence import Influence
from procmine.kernels.partial import Partial
from procmine.kernels.survival import Curve as Curves
from procmine.kernels.survival import Weekly, incidence
from procmine.log import Clock, EventLog, Log, LogError, Summary
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.words import Message, Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.charts import Curve

Flags = NDArray[np.bool_]

SHARES = np.arange(1, 100) / 100
SHOWN, SHOWN_OF_GROUPS = (0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95), (0.5, 0.8)
MOST_CURVES = 8
FIRST_WEEK = -3_653  # 1900; entry weeks are keys, counted from here
WEEKS = 12_000
DRAWS, SEED = 400, 1
LEAST_WEEKS = 20  # fewer blocks give no interval
CUT = (
    "Steps were left out of this log, so how its cases ended cannot be told. Ask before only_activities(...), or choose "
    "cases instead: log.where(...), log.having(...)."
)
TAIL, LEAST_WATCHED = 0.8, 20  # what lies beyond the tail is told only while so many are still watched
SHARE_WATCHED = 0.02  # of all cases: below it, and below LEAST_WATCHED, nothing is told at all
LEAST_NEW = 10  # cases watched from their beginning, below which late entry tells nothing of short times


@dataclass(frozen=True, eq=False)
class Survival(Result):
    """One row per share of cases (1% to 99%): by `time` (timedelta64[s], NaT: not reached) that share had ended.

    Also not told: shares above 8 in 10, and any share when 49 in 50 cases are no longer watched, where fewer than 20 cases
    are still watched and others were lost from sight before. share (float) of all cases; low, high (timedelta64[s]): where
    `time` likely lies, 95%, from sums over entry weeks (NaT below 20 weeks; high NaT: perhaps never reached); cases (int), of
    which ended, otherwise (ended in another way, never counted as reached) and open (still waiting); late (int) of them began
    before the day from which the data are complete, and are counted from that day on. Those that were over by then are left
    out.
    """

    meaning = "define.survival"

    def findings(self) -> Sequence[Message]:
        return half_told(self)

    def shown(self) -> Rows:
        if not len(self):
            return self.rows
        shares = SHOWN_OF_GROUPS if self.groups else SHOWN
        main = np.isclose(self.rows["share"][:, None], shares).any(axis=1)
        return {name: column[main] for name, column in self.rows.items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share that had ended by each day, with its range; one curve a group."""
        from procmine.draw.charts import curves

        drawn = [part._curve(label) for label, part in list(self.parts().items())[:MOST_CURVES]]
        title, axis = Message(f"{self.meaning}.picture").say(), Message(f"{self.meaning}.axis").say()
        across, never = Message("survival.across").say(), Message("survival.not_reached").say()
        return curves(drawn, title=title, axis=axis, across=across, not_reached=never, ax=ax)

    def _curve(self, label: str) -> Curve:
        from procmine.draw.charts import Curve

        rows = self.rows
        reached = ~np.isnat(rows["time"])
        day = np.timedelta64(1, "s") * self.day
        times = {name: rows[name] / day for name in ("time", "low", "high")}
        at = np.unique(np.concatenate([column[~np.isnan(column)] for column in times.values()]))
        share = np.append(0.0, rows["share"][reached])
        curve = share[np.searchsorted(times["time"][reached], at, side="right")]
        low, high = (_upto(rows["share"], times[name], at) for name in ("high", "low"))
        last = times["time"][reached][-1] if reached.any() else 0.0
        kept = at <= last
        ranges = {"low": low[kept], "high": high[kept]} if np.isfinite(times["low"]).any() else {}
        return Curve(label, at[kept], curve[kept], **ranges)


def _upto(share: NDArray[np.float64], time: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest share whose time is not after each of `at`; times that were not reached come last."""
    known = np.where(np.isnan(time), np.inf, time)
    return np.append(0.0, share)[np.searchsorted(np.maximum.accumulate(known), at, side="right")]


@dataclass(frozen=True, eq=False)
class Between(Survival):
    """As Survival, from one milestone to another, in the cases that reached the first."""

    meaning = "define.between"

    def findings(self) -> Sequence[Message]:
        ends: dict[str, Any] = {name: getattr(self.arguments.get(name), "step", None) for name in ("start", "stop")}
        first, *more = half_told(self)
        return [Message("between.told", {**ends, "said": first}), *more] if all(ends.values()) else [first, *more]


def half_told(result: Survival) -> list[Message]:
    """When half had ended, with its range and counts; of the first group."""
    place = int(np.flatnonzero(np.isclose(result.rows["share"], 0.5))[0])
    one = {name: column[place] for name, column in result.rows.items()}
    counts = {name: int(one[name]) for name in ("cases", "ended", "otherwise", "open")}
    if not counts["cases"]:
        return [Message("result.empty")]
    told = [
        Message("survival.counts", counts),
        *([Message("survival.late", {"n": int(one["late"])})] if one["late"] else []),
    ]
    if np.isnat(one["time"]):
        few = one["late"] and counts["cases"] - one["late"] < LEAST_NEW
        return [Message("survival.few_new" if few else "survival.never"), *told]
    spans = {name: Span(seconds(one[name]), result.day) for name in ("time", "low", "high") if not np.isnat(one[name])}
    return [Message({1: "survival.half", 2: "survival.half.low", 3: "survival.half.range"}[len(spans)], spans), *told]


@dataclass(frozen=True, eq=False)
class SurvivalPart(Partial):
    """Lengths keyed by entry week."""

    ended: Durations
    otherwise: Durations  # closed without reaching it
    open: Durations
    late: Durations  # of those that began before the data are complete: how long after their beginning they come into view

    @classmethod
    def from_start(cls, ended: Durations, otherwise: Durations, still_open: Durations) -> SurvivalPart:
        """Of lengths that are all watched from their beginning."""
        nothing = np.empty(0, np.int64)
        return cls(ended, otherwise, still_open, Durations.of(nothing, nothing, ended.keys))

    def kinds(self) -> tuple[Durations, Durations, Durations]:
        return self.ended, self.otherwise, self.open


def entry_weeks(time: Ints) -> Ints:
    """The week of each moment, as a key of Durations."""
    return np.clip(week_of(time) - FIRST_WEEK, 0, WEEKS - 1)


def weekly(arrival: Ints, length: Ints) -> Durations:
    """Lengths in microseconds keyed by the week in which each case began."""
    return Durations.of(entry_weeks(arrival), length, WEEKS)


def of_times(log: EventLog, here: Ints, begun: Ints, length: Ints, reached: Flags, clock: Clock) -> SurvivalPart:
    """The partial of lengths in microseconds: of cases that reached it, that closed without it, and that are open.

    `here` are the cases, `begun` the moments from which the lengths run. One that began before the log is complete is
    watched from then on (late entry): those like it that were over by then are not in the log. One over by then is left out.
    """
    arrival, still_open = log.arrival[here], log.open[here]
    late = late_entries(log, here, begun, clock)
    seen = (late <= 0) | (length > late)
    kinds = (reached, ~reached & ~still_open, ~reached & still_open)
    ended, otherwise, waiting = (weekly(arrival[kind & seen], length[kind & seen]) for kind in kinds)
    after = seen & (late > 0)
    return SurvivalPart(ended, otherwise, waiting, weekly(arrival[after], late[after]))


def late_entries(log: EventLog, here: Ints, begun: Ints, clock: Clock) -> Ints:
    """How long after its beginning each length comes into view; at most 0: at once."""
    since = log.about.complete_from
    if since is None or not np.any(begun < since):
        return np.zeros(len(here), np.int64)
    seen = clock.read(np.full(len(here), since), here, log) - clock.read(begun, here, log)
    return np.where(begun < since, seen, 0)


def quantile_rows(partial: SurvivalPart) -> Rows:
    """One row per share in SHARES."""
    whole = [kind.whole() for kind in partial.kinds()]
    late = partial.late.whole()
    curve = incidence(whole[0], whole[1], whole[2], late=late)
    edges = np.array([curve.quantile(share) for share in SHARES])
    edges[_untold(curve, whole, late)] = np.nan
    low, high = interval(partial)
    counts = {name: np.full(len(SHARES), kind.n()[0]) for name, kind in zip(("ended", "otherwise", "open"), whole)}
    times = {"time": edges.mean(axis=1), "low": np.fmin(low, edges[:, 0]), "high": np.fmax(high, edges[:, 1])}
    missing = np.isnan(low)
    times = {**times, "low": np.where(missing, np.nan, times["low"]), "high": np.where(missing, np.nan, times["high"])}
    times["high"] = np.where(np.isinf(high), np.nan, times["high"])
    n = np.full(len(SHARES), sum(int(kind.n()[0]) for kind in whole))
    return {
        "share": SHARES.copy(),
        **{name: timedeltas(column) for name, column in times.items()},
        "cases": n,
        **counts,
        "late": np.full(len(SHARES), late.n()[0]),
    }


def _untold(curve: Curves, whole: Sequence[Durations], late: Durations) -> Flags:
    """Which of SHARES the data do not carry: the tail where few are still watched because others were lost from sight.

    All of them where nearly every case was already under way when watching began: nobody saw the short ones.
    """
    cases, began_before = sum(int(kind.n()[0]) for kind in whole), int(late.n()[0])
    if began_before and cases - began_before < LEAST_NEW:
        return np.ones(len(SHARES), bool)
    first_lost = int(whole[2].value.min(initial=np.iinfo(np.int64).max)) / SECOND
    watched, time = (np.array([read(share) for share in SHARES]) for read in (curve.at_risk, curve.reached))
    beyond = (SHARES > TAIL) | (watched < SHARE_WATCHED * cases)
    few: Flags = beyond & (watched < LEAST_WATCHED) & (time > first_lost)
    return few


def interval(partial: SurvivalPart) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds between which each quantile of SHARES likely lies (95%), from sums over entry weeks (kernels/influence.py).

    high is inf where the share may never be reached; both nan with fewer than LEAST_WEEKS weeks.
    """
    return ranges(Weekly.of(*partial.kinds(), partial.late), SHARES)


def ranges(table: Weekly, shares: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `interval`, of the weeks of a table."""
    if len(table.weeks) < LEAST_WEEKS:
        return np.full(len(shares), np.nan), np.full(len(shares), np.nan)
    low, high = Influence.of(table).quantiles(shares)
    return np.where(np.isinf(low), np.nan, low), high


def drawn_weeks(table: Weekly) -> NDArray[np.float64] | None:
    """Weights [draws, weeks] of the weeks of a table, for ranges; None with fewer than LEAST_WEEKS weeks."""
    if len(table.weeks) < LEAST_WEEKS:
        return None
    cases = (table.ended + table.otherwise + table.open).sum(axis=1)
    return range_weights(table.weeks, cases, DRAWS, SEED)


def between(drawn: NDArray[np.float64], level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The order statistics of draws (the first axis) between which the share `level` of them lies."""
    ascending, tail = np.sort(drawn, axis=0), (1 - level) / 2
    return ascending[int(tail * (DRAWS - 1))], ascending[int(np.ceil((1 - tail) * (DRAWS - 1)))]


@dataclass(frozen=True)
class SurvivalSummary(Summary[SurvivalPart, Survival]):
    clock: Clock = CALENDAR_TIME
    outcome: str | None = None

    def of(self, log: EventLog) -> SurvivalPart:
        times = log.times(self.clock)
        reached = ~log.open
        if self.outcome is not None:
            reached = reached & ended_with(log, self.outcome)
        return of_times(log, np.arange(len(log)), log.arrival, times.until - times.arrival, reached, self.clock)

    def rows(self, partial: SurvivalPart, about: About) -> Rows:
        return quantile_rows(partial)

    def result(self, rows: Rows, about: About, exact: bool) -> Survival:
        return Survival(rows, about, exact, self.arguments)


def ended_with(log: EventLog, outcome: str) -> Flags:
    """Per case: whether its last event is one of the steps that mean this outcome.

    LogError where steps were left out: the last event kept need not be the last.
    """
    if log.about.cut:
        raise LogError(CUT)
    codes = [code for code, name in enumerate(log.about.activities) if log.about.outcomes.get(name) == outcome]
    last = np.full(len(log), -1, np.int64)
    filled = np.flatnonzero(np.diff(log.offset))
    last[filled] = log.activity[log.offset[filled + 1] - 1]
    return np.isin(last, codes)


def survival(
    log: Log,
    *,
    outcome: str | None = None,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Survival:
    """By when cases end, in any way (Kaplan-Meier) or with one `outcome` (Aalen-Johansen: other ends compete).

    Assumes that open cases are like the others of their age.
    """
    check_outcome(log, outcome)
    return ask(log, SurvivalSummary(clock, outcome), by, period)


def check_outcome(log: Log, outcome: str | None) -> None:
    """A LogError where no case can end so."""
    known = set(log.about.outcomes.values())
    if outcome is not None and outcome not in known:
        there = ", ".join(sorted(known)) or "none: name them in the log's spec (ends: {step: outcome})"
        raise LogError(f"No outcome {outcome!r} in this log. There are: {there}.")
