"""Flow: which step follows which, how often and how long after; paths, repeats and handovers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask, numbered
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, end_counts, is_first, move_counts, moves, repeats
from procmine.kernels.partial import Partial, Tally
from procmine.kernels.path_sums import PathSums
from procmine.log import Clock, EventLog, Log, LogError, Summary, Text
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.words import Message, Span, Value

PATH = " → "


@dataclass(frozen=True, eq=False)
class Flow(Result):
    """One row per pair of steps that follow each other directly in a case, most frequent first.

    before, after (text; "" = the case's arrival, or its end); n (int); mean, p50, p80, p95 (timedelta64[s]): elapsed gaps,
    not waiting times; share (0..1) of all time in the cases. Rows with "" have n only.
    """

    meaning = "define.flow"

    def findings(self) -> Sequence[Message]:
        moves = np.flatnonzero((self.rows["before"] != "") & (self.rows["after"] != ""))
        return [self._told("flow.top", int(moves[0]))] if len(moves) else []

    def _told(self, key: str, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {"before": one["before"], "after": one["after"], "n": int(one["n"])}
        return Message(key, {**values, "p50": Span(seconds(one["p50"]), self.day)})


@dataclass(frozen=True, eq=False)
class FlowPart(Partial):
    gaps: Durations  # keyed by before * activities + after
    starts: NDArray[np.int64]  # how many cases begin with each step
    ends: NDArray[np.int64]  # how many finished cases end with each step
    time: NDArray[np.float64]  # seconds in all cases, one number


@dataclass(frozen=True)
class FlowSummary(Summary[FlowPart, Flow]):
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> FlowPart:
        k, times = len(log.about.activities), log.times(self.clock)
        gaps = Durations.of(*moves(log.activity, times, k), k * k)
        time = np.array([(times.until - times.arrival).sum(dtype=np.float64) / SECOND])
        return FlowPart(gaps, *_edges(log), time)

    def rows(self, partial: FlowPart, about: About) -> Rows:
        there, gaps = partial.gaps.compact()
        n, total = gaps.n(), gaps.total()
        found = np.argsort(-n, kind="stable")
        before, after = np.divmod(there[found], max(len(about.activities), 1))
        moved = _moved(before, after, n[found], partial.starts, partial.ends, about)
        edge = len(moved["n"]) - len(found)
        lengths = {"mean": total / np.maximum(n, 1), **quantiles(gaps)}
        times = {one: timedeltas(np.append(column[found], np.full(edge, np.nan))) for one, column in lengths.items()}
        share = total[found] / max(float(partial.time[0]), 1e-300)
        return {**moved, **times, "share": np.append(share, np.full(edge, np.nan))}

    def result(self, rows: Rows, about: About, exact: bool) -> Flow:
        return Flow(rows, about, exact, self.arguments)


def _edges(log: EventLog) -> tuple[Ints, Ints]:
    """How many cases begin with each step, and how many finished cases end with each."""
    return end_counts(log.activity, log.offset, log.open, len(log.about.activities))


def _moved(before: Ints, after: Ints, n: Ints, starts: Ints, ends: Ints, about: About) -> dict[str, NDArray[Any]]:
    """The moves between steps, and below them those from the arrival and to the end of finished cases."""
    begins, stops = np.flatnonzero(starts), np.flatnonzero(ends)
    name, none = np.array([*about.activities, ""], object), len(about.activities)
    return {
        "before": name[np.concatenate((before, np.full(len(begins), none), stops))],
        "after": name[np.concatenate((after, begins, np.full(len(stops), none)))],
        "n": np.concatenate((n, starts[begins], ends[stops])),
    }


SHARES = (0.5, 0.8, 0.95)


def quantiles(gaps: Durations) -> dict[str, NDArray[np.float64]]:
    return {f"p{round(100 * share)}": column for share, column in zip(SHARES, gaps.quantiles(SHARES))}


def flow(log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME) -> Flow:
    """Directly-follows pairs with their elapsed gaps, for each group if any is named."""
    return ask(log, FlowSummary(clock), by, period)


@dataclass(frozen=True, eq=False)
class DirectlyFollows(Result):
    """One row per pair of steps that follow each other directly in a case, most frequent first: the counts of `flow`.

    before, after (text; "" = the case's arrival, or its end); n (int).
    """

    meaning = "define.directly_follows"

    def findings(self) -> Sequence[Message]:
        moved = np.flatnonzero((self.rows["before"] != "") & (self.rows["after"] != ""))
        one = {name: column[moved[0]] for name, column in self.rows.items()} if len(moved) else {}
        values: dict[str, Value] = {name: str(one[name]) for name in ("before", "after") if one}
        return [Message("directly_follows.top", {**values, "n": int(one["n"])})] if one else []


@dataclass(frozen=True, eq=False)
class FollowsPart(Partial):
    moves: NDArray[np.int64]  # [before * activities + after]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True)
class FollowsSummary(Summary[FollowsPart, DirectlyFollows]):
    def of(self, log: EventLog) -> FollowsPart:
        return FollowsPart(move_counts(log.activity, log.offset, len(log.about.activities)), *_edges(log))

    def rows(self, partial: FollowsPart, about: About) -> Rows:
        there = np.flatnonzero(partial.moves)
        there = there[np.argsort(-partial.moves[there], kind="stable")]
        before, after = np.divmod(there, max(len(about.activities), 1))
        return _moved(before, after, partial.moves[there], partial.starts, partial.ends, about)

    def result(self, rows: Rows, about: About, exact: bool) -> DirectlyFollows:
        return DirectlyFollows(rows, about, exact, self.arguments)


def directly_follows(log: Log, *, by: Sequence[str] = (), period: Period | None = None) -> DirectlyFollows:
    """Directly-follows pairs with their counts alone: no times are read, so it is the quickest look at a large log."""
    return ask(log, FollowsSummary(), by, period)


@dataclass(frozen=True, eq=False)
class Variants(Result):
    """One row per path (the steps of a case in order), most frequent first.

    variant (text, steps joined by arrows); n (int) cases; share (0..1) of all cases; open (int) cases still open; mean
    (timedelta64[s]) from arrival to end of the finished ones, NaT if none is.
    """

    meaning = "define.variants"

    def findings(self) -> Sequence[Message]:
        n, share = self.rows["n"], self.rows["share"]
        values: dict[str, Value] = {"paths": len(n), "cases": int(n.sum()), "top": str(self.rows["variant"][0])}
        return [Message("variants.top", {**values, "n": int(n[0]), "share": float(share[0])})]


@dataclass(frozen=True, eq=False)
class VariantPart(Partial):
    paths: PathSums  # cases, finished cases, their seconds


@dataclass(frozen=True)
class VariantSummary(Summary[VariantPart, Variants]):
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> VariantPart:
        times, done = log.times(self.clock), ~log.open
        length = np.where(done, (times.until - times.arrival) / SECOND, 0.0)
        return VariantPart(PathSums.of(log.activity, log.offset, [None, done, length]))

    def rows(self, partial: VariantPart, about: About) -> Rows:
        ranked = partial.paths.ranked()
        n, done, seconds_done = ranked.sums.T
        return {
            "variant": ranked.texts(about.activities, PATH),
            "n": n.astype(np.int64),
            "share": n / max(float(n.sum()), 1.0),
            "open": (n - done).astype(np.int64),
            "mean": timedeltas(np.divide(seconds_done, done, np.full(len(n), np.nan), where=done > 0)),
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Variants:
        return Variants(rows, about, exact, self.arguments)


def variants(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME
) -> Variants:
    """The paths that cases take, most frequent first; open cases stand with the path they have taken so far."""
    return ask(log, VariantSummary(clock), by, period)


@dataclass(frozen=True, eq=False)
class Rework(Result):
    """One row per step, most repeats first.

    step (text); cases (int) that have it; repeated (int) cases that have it more than once; share (0..1) of the former;
    repeats (int) events beyond the first in a case; self_loops (int) of them directly after the same step.
    """

    meaning = "define.rework"

    def findings(self) -> Sequence[Message]:
        if not self.rows["repeats"][0]:
            return [Message("rework.none")]
        top = {name: column[0] for name, column in self.rows.items()}
        values: dict[str, Value] = {name: int(top[name]) for name in ("cases", "repeated", "repeats")}
        return [Message("rework.top", {"step": str(top["step"]), "share": float(top["share"]), **values})]


@dataclass(frozen=True, eq=False)
class ReworkPart(Partial):
    counts: NDArray[np.int64]  # [kind * activities + step]: events, cases, repeated cases, self-loops


@dataclass(frozen=True)
class ReworkSummary(Summary[ReworkPart, Rework]):
    def of(self, log: EventLog) -> ReworkPart:
        return ReworkPart(repeats(log.activity, log.offset, len(log.about.activities)).ravel())

    def rows(self, partial: ReworkPart, about: About) -> Rows:
        events, cases, repeated, loops = partial.counts.reshape(4, -1)
        order = np.argsort(-(events - cases), kind="stable")
        order = order[events[order] > 0]
        rows = {"cases": cases, "repeated": repeated, "share": repeated / np.maximum(cases, 1)}
        rows = {**rows, "repeats": events - cases, "self_loops": loops}
        name = np.array(about.activities, object)
        return {"step": name[order], **{one: column[order] for one, column in rows.items()}}

    def result(self, rows: Rows, about: About, exact: bool) -> Rework:
        return Rework(rows, about, exact, self.arguments)


def rework(log: Log, *, by: Sequence[str] = (), period: Period | None = None) -> Rework:
    """Steps that are done more than once in a case."""
    return ask(log, ReworkSummary(), by, period)


@dataclass(frozen=True, eq=False)
class Handovers(Result):
    """One row per pair of units between which work passes: consecutive events of a case whose `of` differs.

    before, after (text; persons appear as "person 1", ...); n (int); mean (timedelta64[s]): elapsed gap.
    """

    meaning = "define.handovers"

    def findings(self) -> Sequence[Message]:
        top = {name: column[0] for name, column in self.rows.items()}
        values: dict[str, Value] = {"before": str(top["before"]), "after": str(top["after"]), "n": int(top["n"])}
        return [Message("handovers.top", {**values, "mean": Span(seconds(top["mean"]), self.day)})]


@dataclass(frozen=True, eq=False)
class HandoverPart(Partial):
    passed: Tally  # (before, after) -> n, seconds


@dataclass(frozen=True)
class HandoverSummary(Summary[HandoverPart, Handovers]):
    unit: str
    clock: Clock = CALENDAR_TIME

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.unit,)

    def of(self, log: EventLog) -> HandoverPart:
        text = log.event_attributes[self.unit]
        passed = handed(text, log.offset)
        levels, codes = text.levels.to_pylist(), text.codes.astype(np.int64)
        gap = log.times(self.clock).since_previous()[passed] / SECOND
        pair, which = np.unique(codes[passed - 1] * max(len(levels), 1) + codes[passed], return_inverse=True)
        sums = np.stack([np.bincount(which, minlength=len(pair)), np.bincount(which, gap, len(pair))], axis=1)
        keys = [(levels[one // len(levels)], levels[one % len(levels)]) for one in pair]
        return HandoverPart(Tally(dict(zip(keys, sums.astype(np.float64)))))

    def rows(self, partial: HandoverPart, about: About) -> Rows:
        ranked = partial.passed.ranked()
        pairs = [pair for pair, _ in ranked]
        sums = np.array([one for _, one in ranked]).reshape(-1, 2)
        names = np.array(pairs, object).reshape(-1, 2)
        mean = timedeltas(sums[:, 1] / np.maximum(sums[:, 0], 1))
        return {"before": names[:, 0], "after": names[:, 1], "n": sums[:, 0].astype(np.int64), "mean": mean}

    def result(self, rows: Rows, about: About, exact: bool) -> Handovers:
        if self.unit in about.persons and rows:
            alias = numbered([*rows["before"], *rows["after"]])
            told = {side: np.array([alias[name] for name in rows[side]], object) for side in ("before", "after")}
            rows = {**rows, **told}
        return Handovers(rows, about, exact, self.arguments)


def handed(text: Text, offset: Ints) -> Ints:
    """Places of events that another unit did than the event before them in their case, both known."""
    now, before = text.codes[1:], text.codes[:-1]
    return np.flatnonzero(~is_first(offset)[1:] & (now >= 0) & (before >= 0) & (now != before)) + 1


def handovers(
    log: Log,
    of: str,
    *,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Handovers:
    """How work passes between units or roles (`of` names an event attribute); persons are given as numbers, not names."""
    if of not in log.about.event_attributes:
        there = ", ".join(log.about.event_attributes) or "none: name one when reading, such as the unit or role"
        raise LogError(f"No event attribute {of!r} in this log. There are: {there}.")
    return ask(log, HandoverSummary(of, clock), by, period)
