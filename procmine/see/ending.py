"""Ending: how long cases take on average within a horizon, and how they end, those still open counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints
from procmine.kernels.influence import Influence, ends
from procmine.kernels.partial import Partial
from procmine.kernels.survival import Weekly, apart, incidence
from procmine.log import Clock, EventLog, Log, LogError, Summary
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.survival import (
    CUT,
    LEAST_NEW,
    LEAST_WATCHED,
    LEAST_WEEKS,
    WEEKS,
    SurvivalPart,
    SurvivalSummary,
    check_outcome,
    entry_weeks,
    late_entries,
    weekly,
)
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WITHIN = (30.0, 90.0, 180.0, 365.0)  # days
STILL_OPEN = "still open"
MOST_SHOWN = 6  # outcomes in the picture; the others are taken together


@dataclass(frozen=True, eq=False)
class MeanWithin(Result):
    """One row (a group): within (timedelta64[s]): the horizon; mean, mean_low, mean_high (timedelta64[s]): the mean of the
    time to the end, what lasts longer counting as the horizon, and where it likely lies (95%, from sums over entry weeks; NaT
    below 20 weeks); share, share_low, share_high (floats 0..1): over by then.

    cases, ended, otherwise, open, late (int) as in Survival; watched (int): cases still watched at the horizon. Fewer than
    20 of them, where others were lost from sight before, carry no figure: NaT and nan.
    """

    meaning = "define.mean_within"

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        if not one["cases"]:
            return [Message("result.empty")]
        values: dict[str, Value] = {name: int(one[name]) for name in ("cases", "open", "watched")}
        values["within"] = Span(seconds(one["within"]), self.day)
        if np.isnat(one["mean"]):
            return [Message("within.untold", values)]
        values |= {"mean": Span(seconds(one["mean"]), self.day), "share": float(one["share"])}
        outcome = self.arguments.get("outcome")
        values["over"] = (
            Message("within.over") if outcome is None else Message("within.ended", {"outcome": str(outcome)})
        )
        if np.isnat(one["mean_low"]):
            return [Message("within.mean", values)]
        ends = {name: Span(seconds(one[f"mean_{name}"]), self.day) for name in ("low", "high")}
        return [Message("within.mean.range", {**values, **ends})]


@dataclass(frozen=True)
class MeanSummary(Summary[SurvivalPart, MeanWithin]):
    """`horizon`: days of the clock."""

    horizon: float
    outcome: str | None = None
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> SurvivalPart:
        return SurvivalSummary(self.clock, self.outcome).of(log)

    def rows(self, partial: SurvivalPart, about: About) -> Rows:
        horizon = self.horizon * self.clock.day
        whole, late = [kind.whole() for kind in partial.kinds()], partial.late.whole()
        curve = incidence(whole[0], whole[1], whole[2], late=late)
        counts = {name: kind.n() for name, kind in zip(("ended", "otherwise", "open"), whole)}
        cases = np.sum(list(counts.values()), axis=0)
        watched = _watched(whole, late, horizon)
        told = _carried(int(cases[0]), whole[2], late, horizon, watched)
        point = (curve.mean_within(horizon), 1 - curve.left_at(horizon)) if told else (np.nan, np.nan)
        spread = _spread(partial, horizon) if told else np.full((2, 2), np.nan)
        low, high = np.minimum(spread[0], point), np.maximum(spread[1], point)  # nan stays nan
        rows = {"within": timedeltas(np.array([horizon]))}
        means = {"mean": point[0], "mean_low": low[0], "mean_high": high[0]}
        lengths = {name: timedeltas(np.array([value])) for name, value in means.items()}
        shares = {"share": point[1], "share_low": low[1], "share_high": high[1]}
        shares = {name: np.array([value]) for name, value in shares.items()}
        return {**rows, **lengths, **shares, "cases": cases, **counts, "late": late.n(), "watched": np.array([watched])}

    def result(self, rows: Rows, about: About, exact: bool) -> MeanWithin:
        return MeanWithin(rows, about, exact, self.arguments)


def _watched(whole: Sequence[Durations], late: Durations, horizon: float) -> int:
    """How many cases were watched beyond the horizon (seconds): not over by then, and come into view."""
    at = round(horizon * SECOND)
    return int(sum(kind.count[kind.value > at].sum() for kind in whole) - late.count[late.value >= at].sum())


def _carried(cases: int, waiting: Durations, late: Durations, horizon: float, watched: int) -> bool:
    """Whether the data tell of the horizon: enough are watched there, or none was lost from sight before."""
    began_before = int(late.n()[0])
    if not cases or (began_before and cases - began_before < LEAST_NEW):
        return False
    lost = bool(len(waiting.value)) and float(waiting.value[0]) < horizon * SECOND
    return watched >= LEAST_WATCHED or not lost


def _spread(partial: SurvivalPart, horizon: float) -> NDArray[np.float64]:
    """[low, high] x [seconds of the mean, share]; nan with too few weeks."""
    table = Weekly.of(*partial.kinds(), partial.late)
    if len(table.weeks) < LEAST_WEEKS:
        return np.full((2, 2), np.nan)
    influence = Influence.of(table)
    return np.column_stack([influence.mean(horizon), influence.share(horizon)])


def mean_within(
    log: Log,
    *,
    horizon: float,
    outcome: str | None = None,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> MeanWithin:
    """Mean time to the end within `horizon` days, open cases counted: what takes longer, or has another end, counts as that.

    It needs no guess about the tail, so that it can be compared between offices and years. Assumes that open cases are like
    the others of their age.
    """
    if not horizon > 0:
        raise ValueError(f"A horizon of {horizon} days: name a number of days above 0, such as horizon=180.")
    check_outcome(log, outcome)
    return ask(log, MeanSummary(float(horizon), outcome, clock), by, period)


@dataclass(frozen=True, eq=False)
class HowEnded(Result):
    """One row per number of days and outcome; the shares of one number of days add up to 1.

    within (timedelta64[s]) since the arrival; outcome (text): as the spec names it, a finishing step it does not name, or
    "still open"; n (int): cases seen to end so by then (still open: watched beyond); share, share_low, share_high (floats
    0..1) of all cases (Aalen-Johansen: open cases counted as far as they were watched), with its 95% range from sums
    over entry weeks (nan below 20 weeks). All nan where fewer than 20 cases were watched as long, others lost before.
    """

    meaning = "define.outcomes"

    def findings(self) -> Sequence[Message]:
        known = np.flatnonzero(~np.isnan(self.rows["share"]))
        if not len(known):
            return [Message("outcomes.none")]
        last = self.rows["within"][known[-1]]
        here = known[self.rows["within"][known] == last]
        parts = [
            Message(
                "outcomes.part", {"outcome": str(self.rows["outcome"][row]), "share": float(self.rows["share"][row])}
            )
            for row in here[np.argsort(-self.rows["share"][here], kind="stable")]
        ]
        return [Message("outcomes.top", {"within": Span(seconds(last), self.day), "parts": tuple(parts[:MOST_SHOWN])})]

    def plot(self, ax: Axes | None = None) -> Axes:
        """A bar per number of days, its parts the outcomes; of groups, the last one's."""
        from procmine.draw.stacked import LOOKS, REST, Stack, stacks

        if self.groups:
            return self.plot_last(ax)
        names = list(dict.fromkeys(map(str, self.rows["outcome"])))
        drawn = [*names[: min(MOST_SHOWN, len(names) - 1)]]
        data = []
        for within in np.unique(self.rows["within"]):
            here = self.rows["within"] == within
            of = dict(zip(map(str, self.rows["outcome"][here]), self.rows["share"][here]))
            if np.isnan(of[STILL_OPEN]):
                continue
            rest = [sum(of[name] for name in names[len(drawn) : -1])] if len(names) - 1 > len(drawn) else []
            label = Message("outcomes.within", {"within": Span(seconds(within), self.day)}).say()
            shares = [*(of[name] for name in drawn), *rest, of[STILL_OPEN]]
            data.append(Stack(label, np.array(shares, float)))
        others = [Message("outcomes.others").say()] if len(names) - 1 > len(drawn) else []
        title, axis = Message("outcomes.picture").say(), Message("outcomes.axis").say()
        called = [*drawn, *others, Message("outcomes.open").say()]
        looks = [*LOOKS[: len(called) - 1], REST]
        return stacks(data, called, looks=looks, title=title, axis=axis, ax=ax)


@dataclass(frozen=True, eq=False)
class EndedPart(Partial):
    """Lengths keyed by entry week; of those that ended: times the number of outcomes, plus the outcome."""

    ended: Durations
    open: Durations
    late: Durations


@dataclass(frozen=True)
class EndedSummary(Summary[EndedPart, HowEnded]):
    """`within`: days of the clock."""

    within: tuple[float, ...] = WITHIN
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> EndedPart:
        names, codes = _outcomes(log.about)
        times = log.times(self.clock)
        length, late = times.until - times.arrival, late_entries(log, np.arange(len(log)), log.arrival, self.clock)
        seen = (late <= 0) | (length > late)
        done = np.flatnonzero(~log.open & seen)
        end = np.full(len(log), len(names) - 1)
        filled = np.flatnonzero(np.diff(log.offset))
        end[filled] = codes[log.activity[log.offset[filled + 1] - 1]]
        ended = Durations.of(entry_weeks(log.arrival)[done] * len(names) + end[done], length[done], WEEKS * len(names))
        waiting, after = log.open & seen, seen & (late > 0)
        return EndedPart(ended, weekly(log.arrival[waiting], length[waiting]), weekly(log.arrival[after], late[after]))

    def rows(self, partial: EndedPart, about: About) -> Rows:
        names, _ = _outcomes(about)
        by_name = apart(partial.ended, len(names))
        there = [place for place, kind in enumerate(by_name) if len(kind.key)]
        parts = [_alone(partial, by_name, place) for place in there]
        called = np.array([*(names[place] for place in there), STILL_OPEN], object)
        rows = [_at(days * self.clock.day, parts, partial, called) for days in self.within]
        return {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}

    def result(self, rows: Rows, about: About, exact: bool) -> HowEnded:
        return HowEnded(rows, about, exact, self.arguments)


def _outcomes(about: About) -> tuple[tuple[str, ...], Ints]:
    """Names of the ways to end, and for each activity the place of what it means as the last of a case."""
    called = [about.outcomes.get(step, step) for step in about.activities]
    names = tuple(dict.fromkeys([*about.outcomes.values(), *called, ""]))
    return names, np.array([names.index(one) for one in called], np.int64)


def _alone(partial: EndedPart, by_name: Sequence[Durations], place: int) -> SurvivalPart:
    """One outcome against all others."""
    none = Durations.of(np.empty(0, np.int64), np.empty(0, np.int64), WEEKS)
    others = reduce(Durations.merge, [one for k, one in enumerate(by_name) if k != place and len(one.key)], none)
    return SurvivalPart(by_name[place], others, partial.open, partial.late)


def _at(horizon: float, parts: Sequence[SurvivalPart], partial: EndedPart, called: NDArray[np.object_]) -> Rows:
    """The rows of one horizon (seconds): each outcome, and still open."""
    ends, late = [one.ended.whole() for one in parts], partial.late.whole()
    waiting = partial.open.whole()
    watched, cases = _watched([*ends, waiting], late, horizon), sum(int(kind.n()[0]) for kind in (*ends, waiting))
    by_then = [int(kind.count[kind.value <= round(horizon * SECOND)].sum()) for kind in ends]
    n = [*by_then, watched]
    share = np.full((3, len(called)), np.nan)
    if _carried(cases, waiting, late, horizon, watched):
        curves = [incidence(one.ended.whole(), one.otherwise.whole(), waiting, late=late) for one in parts]
        ended = [1 - curve.left_at(horizon) for curve in curves]
        share[0] = [*ended, 1 - sum(ended)]
        share[1:] = _ranges(parts, horizon, share[0])
    rows = {"within": timedeltas(np.full(len(called), horizon)), "outcome": called, "n": np.array(n, np.int64)}
    return {**rows, "share": share[0], "share_low": share[1], "share_high": share[2]}


def _ranges(parts: Sequence[SurvivalPart], horizon: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """[low, high] of each share, the last of what is left by the others; nan with too few weeks."""
    tables = [Weekly.of(*one.kinds(), one.late) for one in parts]
    if not tables or len(tables[0].weeks) < LEAST_WEEKS:
        return np.full((2, len(share)), np.nan)
    found, moves, counted, watched = map(np.array, zip(*(Influence.of(table).at(horizon) for table in tables)))
    every = np.column_stack([*moves, -moves.sum(axis=0)])
    counted, watched = (np.append(one, one[0]) for one in (counted, watched))
    low, high = ends(np.append(found, 1 - found.sum()), every, counted, watched)
    return np.stack([np.minimum(low, share), np.maximum(high, share)])


def outcomes(
    log: Log,
    *,
    within: Sequence[float] = WITHIN,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> HowEnded:
    """How cases end, and how many are still open, so many days (`within`) after they came in; the shares add up to 1.

    Ends compete: a case that was dismissed is neither open nor granted. Assumes that open cases are like the others of their
    age. LogError where steps were left out of the log.
    """
    if log.about.cut:
        raise LogError(CUT)
    days = tuple(sorted({float(one) for one in within}))
    if not days or days[0] <= 0:
        raise ValueError("Name the numbers of days, each above 0: within=(30, 90, 180).")
    return ask(log, EndedSummary(days, clock), by, period)
