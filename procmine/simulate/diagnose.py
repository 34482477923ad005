"""Diagnosis: what a model found in its log, how much data stands behind it, and what cannot be known from this log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.log import EventLog
from procmine.results import Result, Rows, timedeltas
from procmine.simulate.drift import ARRIVAL
from procmine.simulate.operational import BUSY, CALENDAR, OFFICE, OWN, SESSIONS
from procmine.simulate.tables import Visits
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.simulate.fit import Model

WEEK = 7 * 86_400_000_000
LEAST = 20  # stays below which a step is called thin: their half has no range worth the name
AHEAD = 13  # weeks of arrivals that the picture shows beyond the cutoff
DRAWS = 200
NAMED = 5
RUNS = {CALENDAR: "calendar", OFFICE: "office", BUSY: "busy", OWN: "own", SESSIONS: "sessions"}


@dataclass(frozen=True, eq=False)
class Diagnosis(Result):
    """A row is a step at which a case can be (the first one: between its arrival and its first step), most stays first.

    stays (int): that ended; still_there (int): cases that are there at the
    cutoff; ways (int): different next steps, an end without a step included; longest (timedelta64[s]): that a case was
    watched there; runs (text): the time that counts there ("calendar", or the office's); queue (text): whether cases wait
    for each other there ("queue", "no sign", "cannot tell"); thin (bool): fewer than 20 stays ended.
    """

    model: Model = field(kw_only=True)

    meaning = "define.diagnosis"

    def findings(self) -> Sequence[Message]:
        drift = self.model.drift.messages() if self.model.drift.changes else []
        return [self._headline(), *drift, *self._thin(), *self.model.messages(), *self._unknown()]

    def _headline(self) -> Message:
        """For which kinds of policies this log carries a forecast."""
        if any(change.kind != ARRIVAL for change in self.model.drift.changes):
            return Message("diagnosis.drift")
        thin = self.rows["thin"] & (self.rows["stays"] > 0)
        share = float(self.rows["stays"][thin].sum() / max(self.rows["stays"].sum(), 1))
        if len(self.model.log) - int(self.model.log.open.sum()) < LEAST:
            return Message("diagnosis.few", {"ended": len(self.model.log) - int(self.model.log.open.sum())})
        key = "diagnosis.delays" if not self.model.pools.pools else "diagnosis.delays.staff"
        return Message(key, {"share": 1 - share})

    def _thin(self) -> list[Message]:
        thin = self.rows["step"][self.rows["thin"] & (self.rows["stays"] + self.rows["still_there"] > 0)]
        if not len(thin):
            return []
        values: dict[str, Value] = {"n": len(thin), "least": LEAST, "steps": ", ".join(map(str, thin[:NAMED]))}
        return [Message("diagnosis.thin" if len(thin) <= NAMED else "diagnosis.thin.more", values)]

    def _unknown(self) -> list[Message]:
        """What these data cannot tell, and what would have to be recorded."""
        log = self.model.log
        recorded = log.start is not None and bool((log.start < log.time).any())
        said = [] if recorded else [Message("diagnosis.no_starts")]
        if not log.about.persons and not any(
            name in log.about.event_attributes for name in ("resource", "org:resource")
        ):
            said.append(Message("diagnosis.no_people"))
        return [*said, Message("diagnosis.never")]

    def plot(self, ax: Axes | None = None) -> Axes:
        """How much data stands behind each step."""
        from procmine.draw.model_parts import data_behind

        rows = self.shown()
        labels = tuple(Message(f"diagnosis.label.{one}").say() for one in ("stays", "still", "least"))
        return data_behind(
            [str(one) for one in rows["step"]],
            rows["stays"].astype(float),
            rows["still_there"].astype(float),
            least=float(LEAST),
            labels=(labels[0], labels[1], labels[2]),
            title=Message("diagnosis.picture").say(),
            axis=Message("diagnosis.axis").say(),
            footer=Message("diagnosis.footer", {"cases": len(self.model.log)}).say(),
            ax=ax,
        )

    @property
    def hours(self) -> WorkingWeek:
        """The hours of the week at which time counts."""
        operational = self.model.operational
        rate = operational.rate.reshape(7, -1)
        day, hour = np.indices(rate.shape)
        rows: Rows = {"weekday": day.ravel(), "hour": hour.ravel(), "pace": rate.ravel()}
        return WorkingWeek(rows, self.about, True, self.arguments, model=self.model)

    @property
    def arrivals(self) -> Coming:
        """New cases week by week, what the model makes of them, and the next three months."""
        log, arrivals = self.model.log, self.model.arrivals
        weeks, seen = _weekly(log)
        every = np.concatenate((weeks, weeks[-1] + WEEK * np.arange(1, AHEAD + 1)))
        until = int(every[-1]) + WEEK
        drawn = np.array([_counted(arrivals.draw(int(every[0]), until, seed=1, draw=k), every) for k in range(DRAWS)])
        low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
        rows: Rows = {
            "week": every.astype("M8[us]").astype("M8[D]"),
            "came": np.concatenate((seen, np.full(AHEAD, np.nan))),
            "usual": np.array([arrivals.expected(int(begin), int(begin) + WEEK) for begin in every]),
            "fewest": low,
            "greatest": high,
        }
        return Coming(rows, self.about, True, self.arguments, model=self.model)


@dataclass(frozen=True, eq=False)
class WorkingWeek(Result):
    """A row is an hour of the week (in logs of dates a day): weekday (0 is Monday), hour, pace (1 on average) of the time
    that counts there, as most steps have it.
    """

    model: Model = field(kw_only=True)

    meaning = "define.working_week"

    def findings(self) -> Sequence[Message]:
        return self.model.operational.messages()

    def plot(self, ax: Axes | None = None) -> Axes:
        from procmine.draw.model_parts import open_hours

        clock = self.model.operational.clock
        return open_hours(
            self.rows["pace"].reshape(7, -1),
            [Message(f"sessions.weekday.{day}").say() for day in range(7)],
            title=Message("diagnosis.hours").say(),
            axis=Message("diagnosis.hours.axis").say(),
            footer=Message("diagnosis.hours.footer", {"steps": int((clock > 0).sum()), "of": len(clock)}).say(),
            ax=ax,
        )


@dataclass(frozen=True, eq=False)
class Coming(Result):
    """A row is a week: week (its Monday), came (cases begun, nan: to come), usual (as the model expects), fewest, greatest
    (nine weeks in ten).
    """

    model: Model = field(kw_only=True)

    meaning = "define.coming"

    def findings(self) -> Sequence[Message]:
        return self.model.arrivals.messages()

    def plot(self, ax: Axes | None = None) -> Axes:
        from procmine.draw.model_parts import weekly_arrivals

        return weekly_arrivals(
            *(self.rows[name] for name in ("week", "came", "usual", "fewest", "greatest")),
            labels=(Message("diagnosis.label.seen").say(), Message("diagnosis.label.expected").say()),
            title=Message("diagnosis.arrivals").say(),
            axis=Message("diagnosis.arrivals.axis").say(),
            ax=ax,
        )


def _weekly(log: EventLog) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Whole weeks (their beginnings, Mondays) from the first arrival to the cutoff, and how many cases began in each."""
    monday = 4 * WEEK // 7  # 1970-01-05
    first = -(-(int(log.arrival.min()) - monday) // WEEK)
    last = (log.about.cutoff + 1 - monday) // WEEK
    weeks = np.arange(first, max(last, first + 1)) * WEEK + monday
    return weeks, _counted(log.arrival, weeks)


def _counted(time: NDArray[np.int64], weeks: NDArray[np.int64]) -> NDArray[np.float64]:
    edges = np.append(weeks, weeks[-1] + WEEK)
    return np.histogram(time, edges)[0].astype(np.float64)


def diagnose(model: Model) -> Diagnosis:
    """What was found, how much data stands behind it, what cannot be known from this log, and whether a forecast is wise."""
    log = model.log
    visits = Visits.of(log)
    steps = len(log.about.activities)
    at, ended = visits.recent[0], visits.cause >= 0
    stays = np.bincount(at[ended], minlength=steps + 1)
    still = np.bincount(at[~ended], minlength=steps + 1)
    longest = np.zeros(steps + 1, np.int64)
    np.maximum.at(longest, at, visits.gap)
    pairs = np.unique(at[ended] * (steps + 1) + visits.cause[ended])
    ways = np.bincount(pairs // (steps + 1), minlength=steps + 1)
    place = np.lexsort((np.arange(steps + 1), -(stays + still)))
    place = np.concatenate(([steps], place[(place != steps) & (stays + still > 0)[place]]))
    rows: Rows = {
        "step": np.array([*log.about.activities, Message("diagnosis.arrival").say()], object),
        "stays": stays,
        "still_there": still,
        "ways": ways,
        "longest": timedeltas(longest / 1e6),
        "runs": np.array([Message(f"diagnosis.runs.{RUNS[kind]}").say() for kind in model.operational.kind], object),
        "queue": np.array([*(model.contention.verdict(step) for step in log.about.activities), ""], object),
        "thin": stays < LEAST,
    }
    arguments = {"least": LEAST}
    return Diagnosis({name: column[place] for name, column in rows.items()}, log.about, True, arguments, model=model)
