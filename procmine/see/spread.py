"""Spread: how many cases took how long, the open ones beside the finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints
from procmine.kernels.survival import incidence
from procmine.log import Clock, EventLog, Log, Summary
from procmine.results import Result, Rows, timedeltas
from procmine.see.survival import SurvivalPart, SurvivalSummary
from procmine.words import Message, Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTHS = (1, 2, 5, 7, 10, 14, 28, 30, 50, 91, 100, 182, 365, 730, 3_650)  # days of the clock
MOST_BINS = 24


@dataclass(frozen=True, eq=False)
class Spread(Result):
    """One row per length of time: from, to (timedelta64[s], from <= length < to; the last one up to the longest); finished
    (int) cases of that length; otherwise (int), none here; open (int): cases that are open and have waited so long; share
    (0..1): of all cases, open ones counted by when those like them ended (Kaplan-Meier); `rest` (0..1) the share that ended
    later or not yet, the same in all rows.
    """

    meaning = "define.spread"

    def findings(self) -> Sequence[Message]:
        finished, still = self.rows["finished"], self.rows["open"]
        if not finished.sum():
            return [Message("times.none", {"open": int(still.sum())})]
        top = int(np.argmax(self.rows["share"]))
        ends = {name: Span(float(self.rows[name][top] / np.timedelta64(1, "s")), self.day) for name in ("from", "to")}
        counts = {"finished": int(finished.sum()), "open": int(still.sum()), "share": float(self.rows["share"][top])}
        return [Message("spread.top" if top else "spread.short", {**counts, **ends})]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Finished cases as bars, open ones on top of them by how long they have waited."""
        from procmine.draw.areas import histogram

        if self.groups:
            return self.plot_last(ax)
        day = np.timedelta64(1, "s") * self.day
        edges = np.append(self.rows["from"], self.rows["to"][-1:]) / day
        data = [(Message(f"spread.{name}").say(), self.rows[name]) for name in ("finished", "open")]
        counts = {name: int(self.rows[name].sum()) for name in ("finished", "open")}
        footer = Message("spread.footer", {"n": sum(counts.values()), **counts}).say()
        title, axis = Message("spread.picture").say(), Message("spread.axis").say()
        return histogram(edges, data, title=title, axis=axis, up=Message("spread.up").say(), footer=footer, ax=ax)


@dataclass(frozen=True)
class SpreadSummary(Summary[SurvivalPart, Spread]):
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> SurvivalPart:
        return SurvivalSummary(self.clock).of(log)

    def rows(self, partial: SurvivalPart, about: About) -> Rows:
        ended, otherwise, still = (kind.whole() for kind in partial.kinds())
        edges = self._edges(ended, still)
        curve = incidence(ended, otherwise, still, late=partial.late.whole())
        upto = np.append(0.0, 1 - curve.survival)[np.searchsorted(curve.right, edges / SECOND, side="left")]
        counts = {name: _counts(one, edges) for name, one in (("finished", ended), ("open", still))}
        return {
            "from": timedeltas(edges[:-1] / SECOND),
            "to": timedeltas(edges[1:] / SECOND),
            **counts,
            "share": np.diff(upto),
            "rest": np.full(len(edges) - 1, 1 - upto[-1]),
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Spread:
        return Spread(rows, about, exact, self.arguments)

    def _edges(self, *kinds: Durations) -> Ints:
        """Bins of a round number of days, at most 24, from 0 past the longest."""
        longest = max((int(kind.value.max()) for kind in kinds if len(kind.value)), default=0)
        day = round(self.clock.day * SECOND)
        width = next((one for one in WIDTHS if longest / (one * day) < MOST_BINS), WIDTHS[-1]) * day
        return np.arange(0, longest + width + 1, width, dtype=np.int64)


def _counts(kind: Durations, edges: Ints) -> Ints:
    place = np.clip(np.searchsorted(edges, kind.value, side="right") - 1, 0, len(edges) - 2)
    counted = np.zeros(len(edges) - 1, np.int64)
    np.add.at(counted, place, kind.count)
    return counted


def time_distribution(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME
) -> Spread:
    """How many cases took how long from arrival to end, with those still open beside them by how long they have waited."""
    return ask(log, SpreadSummary(clock), by, period)
