"""Happy path: the way most cases with a good end go, how many follow it, and where the others leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import dense_weights, week_of
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints, Times, first_match, path_codes
from procmine.kernels.survival import Weekly, incidence
from procmine.log import Clock, EventLog, Log, LogError, check_attributes, in_memory
from procmine.results import Result, seconds, timedeltas
from procmine.see.flow import PATH
from procmine.see.groups import by_groups
from procmine.see.survival import DRAWS, LEAST_WEEKS, SEED, ended_with, entry_weeks, weekly
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

FOLLOWS, EXTRAS, LEAVES, DEVIATION = "follows it", "with extra steps", "goes another way", "leaves it first"
WAYS = (FOLLOWS, EXTRAS, LEAVES)
MOST_PLACES = 10
LEAST_KNOWN = 0.5  # of those who may go either way


@dataclass(frozen=True, eq=False)
class HappyPath(Result):
    """Three rows of ways to the end (follows it; with extra steps: all its steps in order, others between them, and a good
    end; goes another way), then one per place where cases leave it first, most cases first.

    way (text); left_after, instead (text, of places; "" = before the first step, or the end of the case); cases (int) that
    ended so, in rows of places that left so, open ones too; open (int); share (0..1) of all cases, in the end: open ones that
    have left the path are known not to follow it, the others counted like others of their age (Aalen-Johansen; nan where
    nothing tells), in rows of places a plain share of cases so far; low, high
    (95%, bootstrap of entry weeks, nan below 20 weeks); p50, p80 (timedelta64[s]): half and 8 in 10 are over within, with
    p50_low, p50_high. `arguments` holds the path.
    """

    meaning = "define.happy_path"

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        if not (rows["cases"] + rows["open"]).sum():
            return [Message("result.empty")]
        path = Message("happy.path", {"path": str(self.arguments["path"])})
        said = [self._share(), path, *self._times()]
        place = np.flatnonzero(rows["way"] == DEVIATION)
        if len(place):
            one = {name: column[place[0]] for name, column in rows.items()}
            values: dict[str, Value] = {"n": int(one["cases"]), "share": float(one["share"])}
            key = (
                "happy.leave"
                if one["left_after"] and one["instead"]
                else "happy.leave.end"
                if one["left_after"]
                else "happy.leave.first"
            )
            said.append(Message(key, {**values, "after": str(one["left_after"]), "instead": str(one["instead"])}))
        return said

    def messages(self) -> Sequence[Message]:
        """Of groups, the path is told once."""
        said = super().messages()
        return (
            [*said, Message("happy.path", {"path": str(self.arguments["path"])})] if self.groups and len(self) else said
        )

    def _share(self) -> Message:
        rows = self.rows
        values: dict[str, Value] = {"share": float(rows["share"][0])}
        values |= {"n": int(rows["cases"][:3].sum()), "open": int(rows["open"][0])}
        if np.isnan(rows["share"][0]):
            return Message("happy.unknown", values)
        extras = float(rows["share"][1])
        values["extras"] = Message("nothing") if np.isnan(extras) else Message("happy.extras", {"extras": extras})
        ends = {"low": float(rows["low"][0]), "high": float(rows["high"][0])}
        span = Message("happy.no_range") if np.isnan(ends["low"]) else Message("happy.range", ends)
        return Message("happy.share", {**values, "range": span})

    def _times(self) -> list[Message]:
        """How long those take that follow it, beside those that go another way."""
        rows = self.rows
        if np.isnat(rows["p50"][0]) or np.isnat(rows["p50"][2]):
            return []
        spans = [Span(seconds(rows["p50"][row]), self.day) for row in (0, 2)]
        if np.isnat(rows["p50_low"][0]) or np.isnat(rows["p50_high"][0]):
            return [Message("happy.times", {"follows": spans[0], "leaves": spans[1]})]
        ends = {name: Span(seconds(rows[f"p50_{name}"][0]), self.day) for name in ("low", "high")}
        return [Message("happy.times.range", {"follows": spans[0], "leaves": spans[1], **ends})]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The shares that follow it, and of the places where cases leave it; of groups, the last one's."""
        from procmine.draw.charts import Bar, bars

        if self.groups:
            return self.plot_last(ax)
        part = self.rows
        drawn = []
        for row in range(min(len(part["way"]), 3 + MOST_PLACES)):
            share, low, high = (float(part[name][row]) for name in ("share", "low", "high"))
            after, instead = str(part["left_after"][row]), str(part["instead"][row]) or Message("happy.edge").say()
            key = "happy.way" if row < 3 else "happy.place" if after else "happy.place.first"
            label = Message(key, {"way": str(part["way"][row]), "after": after, "instead": instead}).say()
            span = part["p50"][row]
            told: dict[str, Value] = {"share": share, "n": int(part["cases"][row])}
            within = (
                Message("nothing")
                if np.isnat(span)
                else Message("happy.within", {"p50": Span(seconds(span), self.day)})
            )
            drawn.append(
                Bar(label, share, low, high, Message("happy.note", {**told, "within": within}).say(), row == 0)
            )
        return bars(drawn, title=Message("happy.picture").say(), axis=Message("happy.axis").say(), ax=ax)


def happy_path(
    log: Log, *, outcome: str | Sequence[str] | None = None, by: Sequence[str] = (), clock: Clock = CALENDAR_TIME
) -> HappyPath:
    """The most frequent path of finished cases with a good `outcome`, and how many cases follow it.

    The path is that of the whole log; `by` tells for groups how many of theirs follow it. A log that names several outcomes
    must be told which are good. Cases begun before the data are complete are left out: their first steps may be missing.
    """
    whole = in_memory(log)
    by = (by,) if isinstance(by, str) else tuple(by)
    check_attributes(whole.about, by, whole.about.attributes)
    if whole.about.complete_from is not None:
        whole = whole.take(np.flatnonzero(whole.arrival >= whole.about.complete_from))
    good = _outcomes(whole, outcome)
    path = _most_frequent(whole, good)
    rows, groups, about = by_groups(whole, lambda part: _rows(part, path, good, clock), by)
    said = PATH.join(whole.about.activities[code] for code in path)
    arguments = {"path": said, "outcome": good, "by": by, "clock": clock}
    return HappyPath(rows, about, True, arguments, groups=groups)


def _outcomes(log: EventLog, outcome: str | Sequence[str] | None) -> tuple[str, ...]:
    """The good outcomes, as named; none where the log tells none apart."""
    known = sorted(set(log.about.outcomes.values()))
    wanted = (outcome,) if isinstance(outcome, str) else tuple(outcome or ())
    there = ", ".join(known) or "none: name them in the log's spec (ends: {step: outcome})"
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise LogError(f"No outcome {unknown[0]!r} in this log. There are: {there}.")
    if not wanted and len(known) > 1:
        raise LogError(f"Say which end is a good one: happy_path(log, outcome={known[0]!r}). There are: {there}.")
    return wanted or tuple(known)


def _good(log: EventLog, good: tuple[str, ...]) -> Flags:
    """Finished cases with a good end."""
    ended: Flags = ~log.open & (np.diff(log.offset) > 0)
    if not good:
        return ended
    for_good: Flags = np.logical_or.reduce([ended_with(log, one) for one in good])
    return ended & for_good


def _most_frequent(log: EventLog, good: tuple[str, ...]) -> tuple[int, ...]:
    """The steps, by code, of the most frequent path of cases with a good end; of two as frequent, that of the first case."""
    cases = np.flatnonzero(_good(log, good))
    if not len(cases):
        raise LogError(
            f"None of the {len(log):,} cases has ended well ({', '.join(good) or 'finished'}): there is no path to follow."
        )
    codes = path_codes(log.activity, log.offset)[cases]
    _, first, count = np.unique(codes, return_index=True, return_counts=True)
    top = count == count.max()
    case = cases[first[top].min()]
    return tuple(map(int, log.activity[log.offset[case] : log.offset[case + 1]]))


def _contains(log: EventLog, path: tuple[int, ...]) -> Flags:
    """Per case: whether it has all steps of the path in this order, whatever stands between them."""
    at, alive = log.offset[:-1].copy(), np.ones(len(log), bool)
    for code in path:
        places = np.append(np.flatnonzero(log.activity == code), np.iinfo(np.int64).max - 1)
        found = places[np.searchsorted(places, at)]
        alive &= found < log.offset[1:]
        at = np.where(alive, found + 1, at)
    return alive


def _left(log: EventLog, path: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Per case: how many steps of the path it took before it left it, and the code of the step that came instead.

    -1 instead: it ended there; -2: it has not left the path (yet).
    """
    place = np.arange(len(log.activity)) - np.repeat(log.offset[:-1], np.diff(log.offset))
    steps = np.array([*path, -1], np.int64)[np.minimum(place, len(path))]
    wrong = first_match(log.activity != steps, log.offset)
    length = np.diff(log.offset)
    taken = np.where(wrong >= 0, wrong - log.offset[:-1], length)
    instead = np.where(wrong >= 0, np.append(log.activity.astype(np.int64), -1)[wrong], -2)
    early = (wrong < 0) & ~log.open & (length < len(path))
    return taken, np.where(early, -1, instead)


def _rows(log: EventLog, path: tuple[int, ...], good: tuple[str, ...], clock: Clock) -> dict[str, NDArray[Any]]:
    taken, instead = _left(log, path)
    follows = (instead == -2) & (taken == len(path)) & ~log.open
    extras = ~follows & _contains(log, path) & _good(log, good)
    ways = (follows, extras, ~log.open & ~follows & ~extras)
    times = log.times(clock)
    length = times.until - times.arrival
    ended = [weekly(log.arrival[way], length[way]) for way in ways]
    still = weekly(log.arrival[log.open], length[log.open])
    weeks, came = np.unique(week_of(log.arrival), return_counts=True)
    weights = dense_weights(weeks, came.astype(float), DRAWS, SEED) if len(weeks) >= LEAST_WEEKS else None
    table = [[name, "", "", int(way.sum()), int(log.open.sum())] for name, way in zip(WAYS, ways)]
    numbers = _of_ways(ended, still, weights, _shares(log, times, (follows, extras), (taken, instead), weights))
    for after, step in _places(taken, instead):
        here = (taken == after) & (instead == step)
        names = [
            log.about.activities[path[after - 1]] if after else "",
            log.about.activities[step] if step >= 0 else "",
        ]
        table.append([DEVIATION, *names, int(here.sum()), int((here & log.open).sum())])
        numbers.append(_of_place(log, here, length, weights))
    fixed = dict(zip(("way", "left_after", "instead", "cases", "open"), map(list, zip(*table))))
    text = {name: np.array(fixed[name], object) for name in ("way", "left_after", "instead")}
    counts = {name: np.array(fixed[name], np.int64) for name in ("cases", "open")}
    columns = np.array(numbers).reshape(-1, 7).T
    shares = dict(zip(("share", "low", "high"), columns[:3]))
    spans = {name: timedeltas(one) for name, one in zip(("p50", "p80", "p50_low", "p50_high"), columns[3:])}
    return {**text, **counts, **shares, **spans}


def _places(taken: Ints, instead: Ints) -> list[tuple[int, int]]:
    """Where cases leave the path and for what, most cases first."""
    gone = instead != -2
    pairs, count = np.unique(np.stack([taken[gone], instead[gone]], axis=1), axis=0, return_counts=True)
    order = np.argsort(-count, kind="stable")
    return [(int(pairs[k][0]), int(pairs[k][1])) for k in order]


def _shares(
    log: EventLog, times: Times, ways: tuple[Flags, Flags], left: tuple[Ints, Ints], weights: Floats | None
) -> list[list[float]]:
    """Per way: share with its range. Who has left the path is known not to follow it, however long the case is open."""
    (follows, extras), (taken, instead), length = ways, left, times.until - times.arrival
    gone, on_it = instead != -2, log.open & (instead == -2)
    at, by_step = length.copy(), np.flatnonzero(instead >= 0)
    at[by_step] = np.maximum(times.time[log.offset[by_step] + taken[by_step]] - times.arrival[by_step], 0)
    path = [weekly(log.arrival[one], span[one]) for one, span in ((follows, length), (gone, at), (on_it, length))]
    others = [extras, gone & ~extras & ~log.open, gone & log.open]
    rest = [weekly(log.arrival[one], length[one]) for one in others]
    first = int(entry_weeks(log.arrival).min()) if len(log) else 0
    (kept, drawn), (more, drawn_more) = (_part(kinds, weights, first) for kinds in (path, rest))
    more, drawn_more = (more, drawn_more) if gone.any() else (0.0, np.zeros_like(drawn_more))
    share = (kept, (1 - kept) * more, (1 - kept) * (1 - more))
    draws = (drawn, (1 - drawn) * drawn_more, (1 - drawn) * (1 - drawn_more))
    ends = [np.quantile(one, [0.025, 0.975]) if len(one) else (np.nan, np.nan) for one in draws]
    return [[one, float(low), float(high)] for one, (low, high) in zip(share, ends)]


def _part(kinds: list[Durations], weights: Floats | None, first: int) -> tuple[float, Floats]:
    """Of those that end in one of two ways (the third kind is open) the share in the first, and that in each draw; nan while
    most of them may still end in either.
    """
    (one, other), still = kinds[:2], kinds[2]
    both = ((one, other), (other, one))
    curves = [incidence(this.whole(), that.whole(), still.whole()) for this, that in both]
    known = [1 - float(curve.survival[-1]) if len(curve.survival) else 0.0 for curve in curves]
    share = known[0] / sum(known) if sum(known) >= LEAST_KNOWN else np.nan
    if weights is None or np.isnan(share):
        return share, np.full(0 if weights is None else len(weights), np.nan)
    tables = [Weekly.of(this, that, still) for this, that in both]
    drawn = [table.shares_ended(weights[:, table.weeks - first])[:, -1] for table in tables]
    total = drawn[0] + drawn[1]
    return share, np.where(total > 0, drawn[0] / np.maximum(total, 1e-300), np.nan)


def _of_ways(
    ended: list[Durations], still: Durations, weights: Floats | None, shares: list[list[float]]
) -> list[list[float]]:
    """Per way: share with its range, half and 8 in 10 within, and the range of the half."""
    curves = []
    for k, one in enumerate(ended):
        others = [two for place, two in enumerate(ended) if place != k]
        curves.append(incidence(one.whole(), others[0].whole().merge(others[1].whole()), still.whole()))
    drawn = _drawn_halves(ended, still, weights) if weights is not None else None
    rows = []
    for k, curve in enumerate(curves):
        times = [_within((curve.left + curve.right) / 2, 1 - curve.survival, p) for p in (0.5, 0.8)]
        half = [np.nan, np.nan]
        if drawn is not None and np.isfinite(drawn[k]).all():
            half = [*np.quantile(drawn[k], [0.025, 0.975])]
        rows.append([*shares[k], *times, *map(float, half)])
    return rows


def _drawn_halves(ended: list[Durations], still: Durations, weights: Floats) -> Floats:
    """[ways, draws]: the seconds within which half of each way are over."""
    first = min(int(one.key[0]) for one in (*ended, still) if len(one.key))
    halves = []
    for k, one in enumerate(ended):
        others = [two for place, two in enumerate(ended) if place != k]
        table = Weekly.of(one, others[0].merge(others[1]), still)
        reached = table.shares_ended(weights[:, table.weeks - first])
        halves.append(np.array([_within(table.seconds, row, 0.5) for row in reached]))
    return np.array(halves)


def _within(time: Floats, reached: Floats, p: float) -> float:
    """By when the part p of those who ever get there is there; nan if none does."""
    if not len(reached) or reached[-1] <= 1e-12:
        return float("nan")
    return float(time[np.flatnonzero(reached >= p * reached[-1] - 1e-12)[0]])


def _of_place(log: EventLog, here: Flags, length: Ints, weights: Floats | None) -> list[float]:
    """Of those who left at one place: their share of all cases so far with its range; by when half and 8 in 10 are over."""
    share, ends = float(here.mean()), [np.nan, np.nan]
    if weights is not None:
        week = week_of(log.arrival)
        size = weights.shape[1]
        part, whole = (np.bincount(one - week.min(), minlength=size) for one in (week[here], week))
        ends = [*np.quantile((weights @ part) / (weights @ whole), [0.025, 0.975])]
    nothing = np.empty(0, np.int64)
    over, still = (weekly(log.arrival[one], length[one]) for one in (here & ~log.open, here & log.open))
    curve = incidence(over.whole(), weekly(nothing, nothing).whole(), still.whole())
    times = [float(np.mean(curve.quantile(p))) for p in (0.5, 0.8)]
    return [share, *map(float, ends), *times, np.nan, np.nan]
