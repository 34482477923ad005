"""Week: on which weekdays and at which hours things happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import to_wall
from procmine.kernels.partial import Partial
from procmine.log import EventLog, Log, Summary, codes_of
from procmine.results import Result, Rows
from procmine.words import Message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HOUR = 3_600_000_000
DAYS, COLUMNS = 7, 25  # the last column: events of which only the date is known


@dataclass(frozen=True, eq=False)
class Week(Result):
    """One row per weekday and hour: weekday (int, 0 = Monday); hour (int, 0 to 23; -1: only the date is known, told apart
    only where there are such events); n (int) events; share (0..1) of all of them.
    """

    meaning = "define.week"

    def findings(self) -> Sequence[Message]:
        n = self.rows["n"]
        if not n.sum():
            return [Message("result.empty")]
        by_day = np.bincount(self.rows["weekday"], weights=n, minlength=DAYS)
        top = int(np.argmax(by_day))
        day = Message(f"weekday.{top}")
        return [Message("week.top", {"n": int(n.sum()), "day": day, "share": float(by_day[top] / n.sum())})]

    def shown(self) -> Rows:
        """A row a weekday (of groups, all rows)."""
        if self.groups or not len(self):
            return self.rows
        n = np.bincount(self.rows["weekday"], weights=self.rows["n"], minlength=DAYS).astype(np.int64)
        name = np.array([Message(f"weekday.{one}").say() for one in range(DAYS)], object)
        return {"weekday": name, "n": n, "share": n / max(int(n.sum()), 1)}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Weekdays across hours, darker where more happens; dates only: one column."""
        from procmine.draw.grids import heat

        if self.groups:
            return self.plot_last(ax)
        hours = np.unique(self.rows["hour"][self.rows["n"] > 0])
        columns = [*range(int(hours[hours >= 0].min()), int(hours.max()) + 1)] if (hours >= 0).any() else []
        columns = [*columns, *([-1] if (hours < 0).any() else [])]
        table = np.zeros((DAYS, len(columns)))
        for weekday, hour, n in zip(self.rows["weekday"], self.rows["hour"], self.rows["n"]):
            if hour in columns:
                table[weekday, columns.index(int(hour))] = n
        across = [Message("week.no_hour").say() if one < 0 else str(one) for one in columns]
        down = [Message(f"weekday.{one}").say() for one in range(DAYS)]
        title, footer = Message("week.picture").say(), Message("picture.events", {"n": int(self.rows["n"].sum())}).say()
        return heat(
            table,
            down,
            across,
            title=title,
            axis=Message("week.axis").say(),
            footer=footer,
            apart=int(columns[-1] < 0 and len(columns) > 1),
            ax=ax,
        )


@dataclass(frozen=True, eq=False)
class WeekPart(Partial):
    n: NDArray[np.int64]  # weekday * COLUMNS + hour


@dataclass(frozen=True)
class WeekSummary(Summary[WeekPart, Week]):
    steps: tuple[str, ...] = ()

    def of(self, log: EventLog) -> WeekPart:
        codes = np.concatenate([codes_of(log.about, step) for step in self.steps]) if self.steps else None
        kept = slice(None) if codes is None else np.flatnonzero(np.isin(log.activity, codes))
        time = log.time[kept]
        wall = to_wall(time, log.about.zone) if log.about.axis == "instant" and log.about.zone else time
        hours = wall // HOUR
        hour = hours % 24
        if log.about.precision == "day":
            hour = np.full(len(hour), COLUMNS - 1)
        elif log.dated is not None:
            hour = np.where(log.dated[kept], COLUMNS - 1, hour)
        weekday = (hours // 24 + 3) % DAYS
        return WeekPart(np.bincount(weekday * COLUMNS + hour, minlength=DAYS * COLUMNS))

    def rows(self, partial: WeekPart, about: About) -> Rows:
        weekday, hour = np.divmod(np.arange(DAYS * COLUMNS), COLUMNS)
        dated = partial.n.reshape(DAYS, COLUMNS)[:, -1].any()
        timed = partial.n.reshape(DAYS, COLUMNS)[:, :-1].any()
        kept = ((hour < COLUMNS - 1) & timed) | ((hour == COLUMNS - 1) & (dated or not timed))
        kept &= bool(partial.n.any())  # no events, no rows
        n = partial.n[kept]
        shown_hour = np.where(hour[kept] == COLUMNS - 1, -1, hour[kept])
        return {"weekday": weekday[kept], "hour": shown_hour, "n": n, "share": n / max(int(n.sum()), 1)}

    def result(self, rows: Rows, about: About, exact: bool) -> Week:
        return Week(rows, about, exact, self.arguments)


def week_heatmap(log: Log, *, steps: Sequence[str] = (), by: Sequence[str] = (), period: Period | None = None) -> Week:
    """On which weekdays and at which hours events were recorded (of some steps or stages), on the agency's clock.

    It shows when systems were written to, which is not always when people worked.
    """
    for step in steps:
        codes_of(log.about, step)
    return ask(log, WeekSummary(tuple(steps)), by, period)
