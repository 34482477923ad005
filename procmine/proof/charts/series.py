"""Series: one figure a month or week, only where all its cases could be watched equally long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from procmine.about import About
from procmine.asking import ask
from procmine.find.service.standards import KINDS, Standard, is_due, kinds, standards_of
from procmine.kernels.blocks import DAY, EntryWeeks, Floats
from procmine.kernels.contrast import window
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial
from procmine.log import EventLog, Log, LogError, Summary, check_attributes, day_of, moment, shown
from procmine.proof.charts.periods import Days, Length, Periods
from procmine.proof.cohorts import MIDDLE, WAITING, WEEK, BaselineSummary, Cohort, Where, check_kept, cohort_of, kept_of
from procmine.proof.planned import weeks_watched
from procmine.proof.records.change import Change
from procmine.proof.records.changes import Changes
from procmine.results import Result, Rows, seconds
from procmine.see.times import Milestone

Figure = Literal["time", "done", "backlog", "volume"]
FIGURES: tuple[Figure, ...] = ("time", "done", "backlog", "volume")
STANDARD = "standard"
Given: TypeAlias = "Figure | Standard | Path"
Recorded: TypeAlias = "Change | Sequence[Change] | Changes"
BEGUN = ("running", "kept", "adjusted", "stopped")
ENTERED, VALUE, ARRIVED, RUNNING = range(4)  # columns of the sums by period
CALENDAR_DAYS = {"days": 1.0, "working days": 1.6, "hours": 1 / 24}  # that a unit may take at most
NAMED = 6  # missing periods
FEW_RUNNING = 0.05  # of the cases of a period, not due yet while their clock stands


@dataclass(frozen=True, eq=False)
class Series(Result):
    """One row per month or week from the first to the last in which something happened, complete or not.

    number (int) of the period; begin (datetime64[D]), its first day; n (int): cases that entered in it ("standard": those
    that were due); value (float): of them, the mean wait in seconds up to the time of watching, or the share done (by then,
    or within the standard), or how many they are ("volume"); "backlog": cases waiting when the period ends; arrived (int):
    cases of the whole log that came; running (int): not due yet.
    """

    meaning = "define.control_chart"


@dataclass(frozen=True, eq=False)
class SeriesPart(Partial):
    periods: EntryWeeks  # by number of the period


@dataclass(frozen=True)
class SeriesSummary(Summary[SeriesPart, Series]):
    """Sums by period of the entry; `watched` weeks for each case; `standard` for the share within one."""

    of_what: str
    cohort: Cohort
    periods: Periods
    watched: int = 0
    standard: Standard | None = None
    wanted: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(name for name, _ in self.cohort.where), *self.wanted)))

    def of(self, log: EventLog) -> SeriesPart:
        arrived = self.periods.of(log.about, log.arrival)
        found = [(arrived, ARRIVED, np.ones(len(arrived))), *self._counted(log)]
        number = np.concatenate([one for one, _, _ in found])
        column = np.concatenate([np.full(len(one), place) for one, place, _ in found])
        return SeriesPart(EntryWeeks.of(number, column, np.concatenate([value for *_, value in found]), 4))

    def _counted(self, log: EventLog) -> list[tuple[Ints, int, Floats]]:
        """Periods, the column into which they count, and what they add there."""
        entry, member = self.cohort.enter(log)
        if self.standard is not None:
            return self._due(log, self.standard, member)
        here = np.flatnonzero(member)
        number = self.periods.of(log.about, entry[here])
        entered = [(number, ENTERED, np.ones(len(here)))]
        if self.of_what == "volume":
            return entered
        limit = np.full(len(log), log.about.cutoff) if self.of_what == "backlog" else entry + self.watched * WEEK
        seen = self.cohort.watch(log, entry, limit)
        waiting = seen.cause[here] == WAITING
        if self.of_what == "backlog":
            left = seen.until[here][~waiting]
            return [*entered, (self.periods.of(log.about, left), VALUE, np.ones(len(left)))]
        reached = seen.cause[here] == 0 if self.cohort.stop else ~waiting
        value = reached.astype(np.float64) if self.of_what == "done" else (seen.until - entry)[here] / 1e6
        return [*entered, (number, VALUE, value)]

    def _due(self, log: EventLog, standard: Standard, member: Any) -> list[tuple[Ints, int, Floats]]:
        run = standard.stretch.of(log)
        kind = np.where(member[run.case], kinds(run, standard.limit), KINDS.index("otherwise"))
        number = self.periods.of(log.about, run.begun)
        rows = (
            (is_due(kind), ENTERED),
            (kind == KINDS.index("done"), VALUE),
            (kind == KINDS.index("running"), RUNNING),
        )
        return [(number[here], place, np.ones(int(here.sum()))) for here, place in rows]

    def rows(self, partial: SeriesPart, about: About) -> Rows:
        first, last = partial.periods.week[[0, -1]].tolist() if len(partial.periods.week) else (0, -1)
        sums, number = window(partial.periods, first, last + 1 - first), np.arange(first, last + 1)
        n = sums[:, ENTERED]
        with np.errstate(invalid="ignore", divide="ignore"):
            value = {"volume": n, "backlog": np.cumsum(n - sums[:, VALUE])}.get(self.of_what, sums[:, VALUE] / n)
        counts = {"n": ENTERED, "arrived": ARRIVED, "running": RUNNING}
        whole = {name: sums[:, place].round().astype(np.int64) for name, place in counts.items()}
        begin = self.periods.begin(number)
        return {"number": number, "begin": begin, "n": whole.pop("n"), "value": value.astype(np.float64), **whole}

    def result(self, rows: Rows, about: About, exact: bool) -> Series:
        return Series(rows, about, exact, self.arguments)


@dataclass(frozen=True)
class Asked:
    """Which figure of which cases: checked, with what the record of the one change brings along."""

    of_what: str
    cohort: Cohort
    periods: Periods
    changes: tuple[Change, ...]
    horizon: int | None
    standard: Standard | None

    @property
    def kind(self) -> str:
        """What its numbers are: "time" in seconds, "share" or "count"."""
        return {"time": "time", "backlog": "count", "volume": "count"}.get(self.of_what, "share")


def asked(
    about: About,
    of: Given,
    period: Length,
    where: Mapping[str, str | Sequence[str]] | None,
    start: str | Milestone | None,
    stop: str | Milestone | None,
    changes: Recorded,
    horizon: int | None,
) -> Asked:
    """Checked arguments. One change alone says which cases, from where to where and how long, where nothing else does."""
    records = _records(changes)
    _check(records, horizon)
    only = records[0] if len(records) == 1 and not isinstance(changes, Changes) else Change("")
    where = only.where if where is None else where
    check_attributes(about, where, about.attributes)
    start, stop = start or only.start, stop or only.stop
    standard = None
    if of not in FIGURES:
        start, stop, standard = None, None, _standard(of)
        standard.stretch.check(about)
    cohort = cohort_of(about, where, start, stop)
    check_kept(about, cohort.where)
    touching = tuple(one for one in sorted(records, key=lambda one: one.date) if _meets(one.where, cohort.where))
    days = only.horizon if horizon is None else horizon
    return Asked(STANDARD if standard else str(of), cohort, Periods(period), touching, days, standard)


def _records(changes: Recorded) -> tuple[Change, ...]:
    """Those of a changes.yml that have begun, or as they are."""
    if isinstance(changes, Changes):
        return tuple(changes[name] for name, one in changes.entries.items() if one.date and one.status in BEGUN)
    return (changes,) if isinstance(changes, Change) else tuple(changes)


def _check(records: Sequence[object], horizon: int | None) -> None:
    if not all(isinstance(one, Change) for one in records):
        raise ValueError(
            "changes= takes records of changes: procmine.Change(date, what=...). A level is drawn anew only at a change "
            "that is on record, never at a date alone."
        )
    if horizon is not None and horizon < 1:
        raise ValueError(f"horizon={horizon}: name the days that each case is watched, 1 or more.")


def _standard(of: object) -> Standard:
    if not isinstance(of, Standard | Path):
        raise ValueError(
            f"of={of!r}: it is one of {', '.join(FIGURES)}, or a standard: procmine.Standard(...) or Path(...) of its file."
        )
    found = standards_of(of)
    if len(found) > 1:
        raise ValueError(f"{of} holds {len(found)} standards; a chart is of one: pass the Standard itself.")
    return found[0]


def _meets(where: Mapping[str, str | tuple[str, ...]], cases: Where) -> bool:
    """Whether a change for the cases `where` may concern some of these."""
    said = dict(cases)
    for name, value in where.items():
        wanted = {value} if isinstance(value, str) else set(value)
        if name in said and not wanted & set(said[name]):
            return False
    return True


@dataclass(frozen=True, eq=False)
class Points:
    """The complete periods of a series, none missing; each case was watched for `watch` microseconds."""

    number: Ints
    begin: Days
    n: Ints
    value: Floats
    watch: int
    since: str  # from which day all cases are in the log
    stated: bool


def points(log: Log, what: Asked, *, gaps: bool = False) -> Points:
    """LogError where nothing is complete, or a period in between has no case; with `gaps` those are passed over, unless they
    are months in which the whole log has none."""
    about = log.about
    if isinstance(log, EventLog):
        log.where(dict(what.cohort.where))  # an error that names what there is
    dates = [moment(about, one.date) for one in what.changes]
    at = min([one for one in dates if about.begins < one <= about.cutoff], default=about.cutoff + 1)
    known = {name: column[0] for name, column in ask(log, BaselineSummary(what.cohort, at)).rows.items()}
    timed = what.of_what in ("time", "done")  # other figures need no time of watching
    watched = weeks_watched(known, what.horizon, day_of(about, at)) if timed else 0
    wanted = what.standard.stretch.needs(about) if what.standard else ()
    rows = ask(log, SeriesSummary(what.of_what, what.cohort, what.periods, watched, what.standard, wanted)).rows
    watch = _watch(what, watched)
    here = _complete(what, rows, known, about, at, watch)
    if not here.any():
        raise LogError(
            f"There is no whole {what.periods.length} of which all cases could be watched for {ceil(watch / DAY)} days: the "
            f"log is complete from {str(known['complete_from'])[:10]}. Watch each case for a shorter time: horizon=."
        )
    if gaps and what.of_what not in ("backlog", "volume"):
        here &= (rows["n"] > 0) | ((rows["arrived"] == 0) & (what.periods.length == "month"))
        if not rows["n"][here].any():
            raise LogError(
                f"No such case begins in any whole {what.periods.length} of which all cases could be watched: check where= "
                "and start=."
            )
    kept = {name: column[here] for name, column in rows.items()}
    _check_missing(what, kept)
    since = str(known["complete_from"])[:10]
    return Points(kept["number"], kept["begin"], kept["n"], kept["value"], watch, since, bool(known["stated"]))


def _watch(what: Asked, watched: int) -> int:
    if what.standard is None:
        return watched * WEEK
    return int(what.standard.within * CALENDAR_DAYS[what.standard.unit] * DAY)


def _complete(what: Asked, rows: Rows, known: Mapping[str, Any], about: About, at: int, watch: int) -> Any:
    """Which periods hold all their cases, each watched to the end."""
    kept, number = kept_of(about), rows["number"]
    ends = np.array([what.periods.moment(about, int(one) + 1) for one in number], np.int64)
    begins = np.array([what.periods.moment(about, int(one)) for one in number], np.int64)
    since = known["complete_from"].astype("M8[us]")
    here = (rows["begin"].astype("M8[us]") >= since) & (begins >= kept.since)
    if what.cohort.start is not None:
        here &= begins >= at + int(known["first"]) * WEEK
    if what.of_what == "backlog" and since <= shown(about, np.array([about.begins]))[0]:  # the pile begins empty
        here &= begins >= about.begins + _filling(known)
    here &= (ends <= min(about.cutoff + 1 - (0 if what.standard else watch), kept.until)) & (ends <= about.cutoff + 1)
    settled = np.flatnonzero(rows["running"] <= FEW_RUNNING * (rows["n"] + rows["running"]))
    return here & (number <= (number[settled[-1]] if len(settled) else -MIDDLE))


def _filling(known: Mapping[str, Any]) -> int:
    """How long a pile that begins empty takes to fill: as long as 9 in 10 cases."""
    return 0 if np.isnat(known["p90"]) else int(seconds(known["p90"]) * 1e6)


def _check_missing(what: Asked, rows: Rows) -> None:
    none = rows["n" if what.of_what not in ("backlog", "volume") else "arrived"] == 0
    if not none.any():
        return
    names = [what.periods.name(int(one)) for one in rows["number"][none]]
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    longer = " Or take months: period='month'." if what.periods.length == "week" else ""
    who = "No case of the whole log came in" if what.of_what in ("backlog", "volume") else "No such case began in"
    raise LogError(
        f"{who} {listed}. A chart cannot pass over a gap: its rules are of points in a row. Load the missing data; or keep "
        f"what comes after it, log.between(first, last); or take more cases, where=.{longer}"
    )
