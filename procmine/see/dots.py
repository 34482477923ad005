"""Dots: every event of every case, along the calendar or since the case came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from procmine.kernels.flow import cases_of
from procmine.log import Log, in_memory, shown
from procmine.results import Result, timedeltas
from procmine.words import Message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CASES, MOST_COLOURS = 2_000, 7


@dataclass(frozen=True, eq=False)
class DottedChart(Result):
    """One row per event: team only, as each line of dots is one case.

    line (int): which line its case has, 0 at the bottom; step (text); time (datetime64[us]); since (timedelta64[s]): from
    the case's arrival; open (bool): its case is still under way.
    """

    meaning = "define.dotted"

    def findings(self) -> Sequence[Message]:
        n = {"events": len(self), "cases": int(str(self.arguments["cases"]))}
        return [Message("dotted.counts", {**n, "drawn": int(str(self.arguments["drawn"]))})]

    def plot(self, ax: Axes | None = None) -> Axes:
        """A line a case, a dot an event; the seven most frequent steps in colours and signs of their own."""
        from procmine.draw.timelines import dots

        names, code, count = np.unique(self.rows["step"].astype(str), return_inverse=True, return_counts=True)
        told = np.argsort(-count, kind="stable")[:MOST_COLOURS]
        kinds = [(str(names[one]), code == one) for one in told]
        rest = ~np.isin(code, told)
        kinds += [(Message("dotted.rest").say(), rest)] if rest.any() else []
        since = self.arguments["along"] == "since arrival"
        across = self.rows["since"] / np.timedelta64(1, "D") if since else self.rows["time"]
        axis = Message("dotted.since" if since else "dotted.calendar").say()
        up = Message(f"dotted.order.{self.arguments['order']}").say()
        footer = Message("picture.cases.team", {"n": int(str(self.arguments["drawn"]))}).say()
        title = Message("dotted.picture").say()
        return dots(across, self.rows["line"], kinds, title=title, axis=axis, up=up, footer=footer, ax=ax)


def dotted_chart(
    log: Log,
    *,
    along: Literal["calendar", "since arrival"] = "calendar",
    order: Literal["arrival", "length"] = "arrival",
    cases: int = MOST_CASES,
    seed: int = 1,
) -> DottedChart:
    """Every event as a dot, one line a case: gaps, bursts, batches and changes are seen at once.

    `order`: lines by when the case came in, or by how long it took (open ones: so far). Of more than `cases` cases so many
    are drawn at random.
    """
    log = in_memory(log)
    if along not in ("calendar", "since arrival") or order not in ("arrival", "length"):
        raise ValueError('along is "calendar" or "since arrival", order is "arrival" or "length".')
    part = log.sample(cases=cases, seed=seed) if len(log) > cases else log
    ranked = np.argsort(part.arrival if order == "arrival" else part.until - part.arrival, kind="stable")
    line = np.empty(len(part), np.int64)
    line[ranked] = np.arange(len(part))
    of = cases_of(part.offset)
    rows = {
        "line": line[of],
        "step": np.array(part.about.activities, object)[part.activity],
        "time": shown(part.about, part.time),
        "since": timedeltas((part.time - part.arrival[of]) / 1e6),
        "open": part.open[of],
    }
    told = {"along": along, "order": order, "cases": len(log), "drawn": len(part), "seed": seed}
    return DottedChart(rows, log.about, True, told)
