"""Extraneous waits: how long steps wait although those who do them are free and at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.asking import Period
from procmine.clocks import CALENDAR_TIME
from procmine.find.checks.look import resource_of
from procmine.find.waits.parts import undated
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Codes, Ints
from procmine.kernels.held import Flags, just_opened, released, usual_hours
from procmine.kernels.survival import Weekly, apart, kaplan_meier
from procmine.log import Clock, EventLog, Log, LogError, Text, in_memory, shown
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.activity import begun, events_of, need_starts
from procmine.see.enabling import beside, enabled, enabled_by
from procmine.see.groups import by_groups
from procmine.see.survival import WEEKS, between, drawn_weeks, entry_weeks
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FREED = 60 * SECOND  # a wait that ends so soon after the resource was freed had waited for it; shorter waits are none
OPENED = 900 * SECOND  # and one that ends so soon after its hours opened, for them
LEAST_SHARE, LEAST_SEEN = 0.1, 10  # of a step's events, and waits seen, from which on it is told as a finding
MOST_BARS = 10


@dataclass(frozen=True, eq=False)
class UnexplainedWaits(Result):
    """One row a step, that with the most unexplained waiting in all first.

    step (text); n (int): events of which it is known, to the time of day, since when they could begin and who did them; held
    (int): of these, the wait ended when their resource was freed or its hours opened: all that is known is that the
    unexplained part was not longer; seen_waiting (int): waits over a minute that nothing held at their end; share (float
    0..1): part of the events that waited so (estimate, held ones allowed for); mean, p50 (timedelta64[s]) over all n events,
    those without such a wait counting as 0; mean_low,
    mean_high: where the mean likely lies (95%, bootstrap of entry weeks; NaT below 20 weeks); total = mean x n; stands_out
    (bool): share at least 1 in 10 and at least 10 seen.
    """

    meaning = "define.unexplained"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        found = np.flatnonzero(self.rows["stands_out"])
        rest = ~self.rows["stands_out"]
        n = int(self.rows["n"][rest].sum())
        total = self.rows["total"][rest].sum() if rest.any() else np.timedelta64(0, "s")
        base = Message(
            "unexplained.base", {"steps": int(rest.sum()), "mean": Span(seconds(total) / max(n, 1), self.day)}
        )
        if not len(found):
            return [Message("unexplained.none", {"steps": len(self), "mean": base.values["mean"]})]
        return [*(self._told(int(row)) for row in found[:3]), *([base] if n else [])]

    def _told(self, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {"step": str(one["step"]), "n": int(one["n"]), "share": float(one["share"])}
        values |= {name: Span(seconds(one[name]), self.day) for name in ("mean", "mean_low", "mean_high")}
        return Message("unexplained.top" if np.isnat(one["mean_low"]) else "unexplained.top.range", values)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean unexplained wait of the steps with the most in all; of groups, the last one's."""
        from procmine.draw.stacked import Stack, lengths

        if self.groups:
            return self.plot_last(ax)
        hours, rows = np.timedelta64(3_600, "s"), self.rows
        data = [
            Stack(str(rows["step"][row]), rows["mean"][row : row + 1] / hours, Message("unexplained.note", {
                "n": int(rows["n"][row]), "share": float(rows["share"][row])}).say())
            for row in np.flatnonzero(rows["total"] > np.timedelta64(0, "s"))[:MOST_BARS]
        ]  # fmt: skip
        names, axis = [Message("unexplained.part").say()], Message("unexplained.axis").say()
        return lengths(data, names, title=Message("unexplained.picture").say(), axis=axis, ax=ax)


def unexplained_waits(
    log: Log,
    *,
    resource: str | None = None,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> UnexplainedWaits:
    """Waits before steps that are not explained by their resource being busy or off work: forms in the post, rests, batches.

    A step's wait runs from the end of what made it possible. Where it ends just as its resource is freed, or its hours open,
    the unexplained part is known only to be no longer; where nothing held it, it is the whole wait. Its distribution is
    estimated from both (Kaplan-Meier for values cut off on the left), assuming that what holds a step does not depend on it.
    `resource` names the event attribute of who does a step (found if not given); hours are those of the week in which each
    is seen to begin or end work. LogError where the log has no beginnings, no times of day, or does not tell who did a step.
    """
    log = need_starts(in_memory(log))
    name = resource_of(log) if resource is None else resource
    if name is None or name not in log.event_attributes:
        there = ", ".join(log.about.event_attributes) or "none"
        raise LogError(
            f"This needs to know who did each step: name the event attribute, resource=... There are: {there}."
        )
    if log.about.precision == "day":
        raise LogError(
            "This log has dates without times of day, and within a day nobody is seen busy or free. bottlenecks(log) and "
            "activity_times(log) say where the time goes."
        )
    which, steps, marked = beside(log), begun(log), _marked(log, name)
    rows, groups, about = by_groups(marked, lambda part: _rows(part, clock, which, steps), by, period)
    arguments = {"resource": name, "period": period, "clock": clock}
    return UnexplainedWaits(rows, about, True, arguments, groups=groups)


HELD = "held by its resource"


def _marked(log: EventLog, name: str) -> EventLog:
    """The log with an event attribute of two values, so that it goes along into every group: no, yes; missing where nobody is
    named, or only the date is known.
    """
    text, start = log.event_attributes[name], log.time if log.start is None else log.start
    who = (
        text.codes.astype(np.int64) + 1
        if log.dated is None
        else np.where(log.dated, 0, text.codes.astype(np.int64) + 1)
    )
    begin, end = (shown(log.about, time).astype(np.int64) for time in (start, log.time))
    hours = usual_hours(who, begin, end, int(who.max(initial=0)) + 1)
    held = released(who, start, log.time, FREED) | just_opened(hours, who, begin, OPENED)
    marked = Text(np.where(who > 0, held, -1).astype(np.int32), text.levels)
    return replace(log, event_attributes={HELD: marked})


def _rows(log: EventLog, clock: Clock, which: Flags, steps: Flags) -> Rows:
    k, one = len(log.about.activities), events_of(log, clock, which, steps)
    start = log.time if log.start is None else log.start
    by = enabled_by(log, which)
    told = log.event_attributes[HELD].codes
    known = one.known & (told >= 0) & ~undated(log, by) & ((by >= 0) | (log.about.arrival is not None))
    here = np.flatnonzero(known)
    long = (start - enabled(log, by))[here] > FREED
    wait = np.where(long, one.begin[here] - one.since[here], 0)
    held = long & (told[here] == 1)
    step, week = log.activity[here], entry_weeks(np.repeat(log.arrival, np.diff(log.offset))[here])
    n, seen = np.bincount(step, minlength=k), np.bincount(step, long & ~held, k).astype(np.int64)
    found = _estimated(step, week, wait, held, k)
    total = found[0] * n
    order = np.argsort(-np.nan_to_num(total), kind="stable")
    order = order[n[order] > 0]
    share = found[4][order]
    rows: dict[str, NDArray[np.generic]] = {"step": np.array(log.about.activities, object)[order], "n": n[order]}
    rows |= {"held": np.bincount(step, held, k).astype(np.int64)[order], "seen_waiting": seen[order], "share": share}
    lengths = dict(zip(("mean", "mean_low", "mean_high", "p50"), found[:4]))
    rows |= {name: timedeltas(column[order]) for name, column in {**lengths, "total": total}.items()}
    return {**rows, "stands_out": (share >= LEAST_SHARE) & (seen[order] >= LEAST_SEEN)}


def _estimated(step: Codes, week: Ints, wait: Ints, held: Flags, k: int) -> NDArray[np.float64]:
    """[mean, low, high, half, share] x steps, in seconds: counted back from the longest wait, what was held is cut off on the
    right, so that Kaplan-Meier's curve serves.
    """
    found = np.full((5, k), np.nan)
    longest = np.zeros(k, np.int64)
    np.maximum.at(longest, step, wait)
    back, key = longest[step] - wait, week * k + step
    free, cut = (apart(Durations.of(key[kind], back[kind], WEEKS * k), k) for kind in (~held, held))
    for code in np.unique(step):
        end = longest[code] / SECOND
        curve = kaplan_meier(free[code].whole(), cut[code].whole())
        half = np.nan_to_num(end - curve.reached(0.5))
        ends = _mean_range(free[code], cut[code], end)
        none = np.searchsorted(curve.right, end, side="left")  # what is left before the very end waited for nothing
        share = 1 - (float(curve.survival[none - 1]) if none else 1.0)
        found[:, code] = end - curve.mean_within(end), *ends, half, share
    return found


def _mean_range(free: Durations, cut: Durations, end: float) -> tuple[float, float]:
    """Seconds between which the mean likely lies; nan with too few weeks."""
    none = Durations.of(np.empty(0, np.int64), np.empty(0, np.int64), WEEKS)
    table = Weekly.of(free, none, cut)
    weights = drawn_weeks(table)
    if weights is None:
        return np.nan, np.nan
    low, high = between(end - table.within(weights, end)[1])
    return float(low), float(high)
