"""Staged flow: how many cases stood at each step on each day, so that one sees a pile grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import ask
from procmine.clocks import to_wall
from procmine.kernels.flow import Ints, is_first
from procmine.kernels.partial import Partial
from procmine.log import EventLog, Log, LogError, Summary, shown
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAY = 86_400_000_000
MOST_BANDS = 7
POINTS = (1, 7, 28, 91, 364)  # days apart: as many points as a picture can show
MOST_POINTS = 400


@dataclass(frozen=True, eq=False)
class StagedFlow(Result):
    """One row per date and step at which cases stood: date (datetime64[D], seen at its beginning); step (text, "": came in
    and no step yet) or stage; waiting (int): cases whose last step so far it was, open at that moment; arrived, ended (int):
    cases that had come in, and that had ended, by then, the same in all rows of a date.

    arrived - ended = the sum of waiting, on every date. Cases begun before the data are complete are in it only from when
    they are in the log: the first weeks of a log show fewer cases than there were.
    """

    meaning = "define.staged"

    def findings(self) -> Sequence[Message]:
        date = self.rows["date"]
        total = {one: int(self.rows["waiting"][date == one].sum()) for one in (date.min(), date.max())}
        last = date == date.max()
        top = int(np.argmax(np.where(last, self.rows["waiting"], -1)))
        values: dict[str, Value] = {
            "first": str(date.min()),
            "then": total[date.min()],
            "last": str(date.max()),
            "now": total[date.max()],
        }
        said = [Message("staged.total", values)]
        named: dict[str, Value] = {"step": str(self.rows["step"][top]), "n": int(self.rows["waiting"][top])}
        return [*said, Message("staged.most", named)] if named["step"] and named["n"] else said

    def plot(self, ax: Axes | None = None) -> Axes:
        """Bands over time, one a step, the seven fullest; the rest together."""
        from procmine.draw.areas import bands

        if self.groups:
            return self.plot_last(ax)
        dates, when = np.unique(self.rows["date"], return_inverse=True)
        steps, which = np.unique(self.rows["step"].astype(str), return_inverse=True)
        table = np.zeros((len(steps), len(dates)))
        np.add.at(table, (which, when), self.rows["waiting"])
        fullest = np.argsort(-table.sum(axis=1), kind="stable")
        kept = [one for one in fullest[:MOST_BANDS] if table[one].any()]
        rest = table[fullest[MOST_BANDS:]].sum(axis=0)
        data = [(str(steps[one]) or Message("staged.none").say(), table[one]) for one in kept]
        data += [(Message("staged.rest").say(), rest)] if rest.any() else []
        title, axis = Message("staged.picture").say(), Message("staged.axis").say()
        came: dict[str, Value] = {"n": int(self.rows["arrived"].max()), "last": str(dates.max())}
        return bands(dates, data, title=title, axis=axis, footer=Message("staged.footer", came).say(), ax=ax)


@dataclass(frozen=True, eq=False)
class StagedPart(Partial):
    standing: NDArray[np.int64]  # changes of how many stand: points * (steps + 1), the last step being "none yet"
    arrived: NDArray[np.int64]  # how many by each point
    ended: NDArray[np.int64]


@dataclass(frozen=True)
class StagedSummary(Summary[StagedPart, StagedFlow]):
    first: int  # the first day, counted from 1970, on the log's wall clock
    points: int
    apart: int  # days
    stages: bool = False

    def of(self, log: EventLog) -> StagedPart:
        names, codes = self._names(log.about)
        k = len(names) + 1
        time, arrival, until = (self._wall(log.about, one) for one in (log.time, log.arrival, log.until))
        leaves = np.append(time[1:], 0) if len(time) else time
        filled = np.flatnonzero(np.diff(log.offset))
        last, first = log.offset[filled + 1] - 1, is_first(log.offset)
        leaves[last] = np.where(log.open[filled], np.iinfo(np.int64).max, until[filled])
        step = codes[log.activity]
        gone = arrival.copy()
        gone[np.diff(log.offset) == 0] = np.where(log.open, np.iinfo(np.int64).max, until)[np.diff(log.offset) == 0]
        gone[filled] = time[first]
        table = self._stays(time, leaves, step, k) + self._stays(arrival, gone, np.full(len(log), k - 1), k)
        over = self._point(until[~log.open])
        counts = (
            np.bincount(one, minlength=self.points + 1)[: self.points].cumsum() for one in (self._point(arrival), over)
        )
        return StagedPart(table.ravel(), *counts)

    def rows(self, partial: StagedPart, about: About) -> Rows:
        names, _ = self._names(about)
        table = partial.standing.reshape(self.points, len(names) + 1)
        there = np.flatnonzero(table.any(axis=0))
        date = (self.first + self.apart * np.arange(self.points)).astype("M8[D]")
        n = len(there)
        return {
            "date": np.repeat(date, n),
            "step": np.tile(np.array([*names, ""], object)[there], self.points),
            "waiting": table[:, there].ravel(),
            "arrived": np.repeat(partial.arrived, n),
            "ended": np.repeat(partial.ended, n),
        }

    def result(self, rows: Rows, about: About, exact: bool) -> StagedFlow:
        return StagedFlow(rows, about, exact, self.arguments)

    def _stays(self, begin: Ints, end: Ints, step: Ints, k: int) -> NDArray[np.int64]:
        """How many stays hold each point: those begun by it less those over by it."""
        table = np.zeros((self.points + 1) * k, np.int64)
        np.add.at(table, self._point(begin) * k + step, 1)
        np.add.at(table, self._point(end) * k + step, -1)
        counted: NDArray[np.int64] = table.reshape(-1, k)[: self.points].cumsum(axis=0)
        return counted

    def _point(self, moment: Ints) -> Ints:
        """The first point at or after each moment; `points` if that is behind the last."""
        width = self.apart * DAY
        place: Ints = np.clip((moment - self.first * DAY + width - 1) // width, 0, self.points)
        return np.where(moment == np.iinfo(np.int64).max, self.points, place)

    def _wall(self, about: About, moment: Ints) -> Ints:
        return to_wall(moment, about.zone) if about.axis == "instant" and about.zone else moment

    def _names(self, about: About) -> tuple[tuple[str, ...], Ints]:
        stage = {step: name for name, steps in about.stages.items() for step in steps} if self.stages else {}
        called = [stage.get(name, name) for name in about.activities]
        names = tuple(dict.fromkeys(called))
        return names, np.array([names.index(one) for one in called], np.int64)


def staged_flow(log: Log, *, by: Sequence[str] = (), stages: bool = False) -> StagedFlow:
    """How many cases stood at each step (or stage) over time: where a pile grew, and since when.

    Points are days, weeks, or further apart, so that there are at most 400.
    """
    about = log.about
    if stages and not about.stages:
        raise LogError(
            "This log has no stages; name them in its spec: stages: {Court: [Petition filed, Hearing held]}."
        )
    first, last = (
        int(one) for one in shown(about, np.array([about.begins, about.cutoff])).astype("M8[D]").astype(np.int64)
    )
    apart = next((one for one in POINTS if (last - first) / one < MOST_POINTS), POINTS[-1])
    first = first + -(first + 3) % 7 if apart > 1 else first  # Mondays
    return ask(log, StagedSummary(first, max(last - first, 0) // apart + 1, apart, stages), by)
