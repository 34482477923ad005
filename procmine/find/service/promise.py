"""Promise: the waiting time that can honestly be published, and how often it would have been kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import ask
from procmine.find.service.standards import USUAL_EFFECT, counted, share_of
from procmine.find.service.stretches import ANY_END, ARRIVAL, COMPLETE, Run, Stretch, stops
from procmine.kernels.blocks import lags_of, long_run, t_quantile, week_of
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.partial import Partial
from procmine.kernels.shares import wilson
from procmine.kernels.survival import Weekly, incidence
from procmine.log import EventLog, Log, Summary, shown
from procmine.progress import told
from procmine.results import Result, Rows
from procmine.see.survival import SurvivalPart, ranges, weekly
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.offices import Dot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEW, WAITED, AT_STEP = "new", "waited", "at step"
LEAST = 50  # cases at risk before a promise is made
LEAST_DAYS = 180  # of history before a promise is tried
WEEK = 7
MUCH = 0.05  # a change of the share done, in one year, that is told
DAY, DAYS = 86_400_000_000, 86_400.0  # microseconds, seconds


@dataclass(frozen=True, eq=False)
class Promise(Result):
    """A row is a group of people: kind "new" (who apply now), "waited" (who have waited so long already), or "at step" (who
    come to that step now); who_waits (text): how long, or the step; cases (int) that it rests on; days (float): by when the
    share asked for had an answer, counted in days from now on; days_from, days_to (floats): where that likely lies (95%,
    from sums by entry week); publish (float): `days_to`, rounded up to whole days, from 4 weeks on to whole weeks, nan where
    it cannot be told; tried (int): cases of past months judged against what would have been published then, and share_kept
    of them (floats, only of "new"); drift (float): by how much the share done early on changes over half of the
    months, where that is beyond chance and at least 5 points, else 0.

    Rests on the hazards of the last `months` months before the cutoff (late entry for those who waited already when they
    began); ends of another kind never count as an answer (Aalen-Johansen).
    """

    meaning = "define.promise"

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        tenths = _tenths(self._share)
        values: dict[str, Value] = {"tenths": tenths, "cases": int(one["cases"]), "who": self._who, "what": self._what}
        if np.isnan(one["publish"]):
            return [Message("promise.none", values)]
        said = [Message("promise.new", {**values, "time": self._said(one["publish"])})]
        said += [Message("promise.any_end")] if ANY_END in self._stretch.stop else []
        if one["tried"]:
            kept = {"n": int(one["tried"]), "kept": float(one["share_kept"]), "share": self._share}
            said.append(Message("promise.kept", kept))
            ends = wilson(float(one["share_kept"]), one["tried"] / USUAL_EFFECT)
            said += [Message("promise.broken")] if ends[1] < self._share else []
        if one["drift"]:
            key = "promise.slower" if one["drift"] < 0 else "promise.quicker"
            said.append(Message(key, {"points": round(100 * abs(float(one["drift"])))}))
        return [*said, *self._waiting()]

    @property
    def _share(self) -> float:
        return float(str(self.arguments["share"]))

    @property
    def _stretch(self) -> Stretch:
        given: Any = self.arguments["stretch"]
        stretch: Stretch = given
        return stretch

    @property
    def _who(self) -> Message:
        start = self._stretch.start
        key = {ARRIVAL: "arrival", COMPLETE: "complete"}.get(start, "step")
        return Message(f"promise.who.{key}", {"start": start})

    @property
    def _what(self) -> Message:
        """Any end is no answer: who withdraws has none."""
        stop = self._stretch.stop
        if ANY_END in stop:
            return Message("promise.what.end")
        return Message("promise.what.stop", {"stop": ", ".join(stop)})

    def _said(self, number: float) -> Message:
        return counted(float(number), "days")

    def _waiting(self) -> list[Message]:
        rows = np.flatnonzero((self.rows["kind"] == WAITED) & ~np.isnan(self.rows["publish"]))
        picked = rows[len(rows) // 2 :][:1]
        tenths = _tenths(self._share)
        told: list[dict[str, Value]] = [
            {"of": str(self.rows["who_waits"][row]), "tenths": tenths, "time": self._said(self.rows["publish"][row])}
            for row in picked
        ]
        return [Message("promise.waited", {**one, "what": self._what}) for one in told]

    def plot(self, ax: Axes | None = None) -> Axes:
        """For each group of people the time from now on, with its range."""
        from procmine.draw.offices import dots

        if self.groups:
            new = np.flatnonzero(self.rows["kind"] == NEW)
            labels = [", ".join(str(self.rows[name][row]) for name in self.groups) for row in new]
        else:
            new = np.arange(len(self))
            labels = [self._label(int(row)) for row in new]
        title = Message("promise.picture", {"tenths": _tenths(self._share), "what": self._what}).say()
        axis = Message("promise.axis").say()
        return dots([self._dot(int(row), label) for row, label in zip(new, labels)], title=title, axis=axis, ax=ax)

    def _label(self, row: int) -> str:
        kind = str(self.rows["kind"][row]).replace(" ", "_")
        return Message(f"promise.{kind}.label", {"of": str(self.rows["who_waits"][row])}).say()

    def _dot(self, row: int, label: str) -> Dot:
        from procmine.draw.offices import Dot

        one = {name: column[row] for name, column in self.rows.items()}
        none = np.isnan(one["publish"])
        note = Message("promise.cannot") if none else Message("promise.say", {"time": self._said(one["publish"])})
        n = Message("promise.n", {"said": note, "n": int(one["cases"])}).say()
        return Dot(label, float(one["days"]), float(one["days_from"]), float(one["days_to"]), n)


@dataclass(frozen=True, eq=False)
class Kept(Result):
    """A row is a past month (of a group): month; published (float, days): what would have been published on its first day
    with the data of that day; cases (int) that came in it; kept (int): done within that time; share, low, high: kept / cases.

    Only months all of whose cases are due by the cutoff. A case that ended in another way was not answered.
    """

    meaning = "define.kept"
    none_is_an_answer = True

    def messages(self) -> Sequence[Message]:
        return super().messages() if len(self) else [Message("kept.none")]

    def findings(self) -> Sequence[Message]:
        n, kept = int(self.rows["cases"].sum()), int(self.rows["kept"].sum())
        asked = float(str(self.arguments["share"]))
        short = int((self.rows["high"] < asked).sum())
        said = {"n": n, "months": len(self), "kept": kept / n, "share": asked}
        return [Message("kept.told", said), *([Message("kept.short", {"n": short})] if short else [])]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share kept, month by month."""
        from procmine.draw.charts import Line
        from procmine.draw.service import kept

        one = list(self.parts().values())[-1]
        asked = float(str(self.arguments["share"]))
        title = Message("kept.picture").say() + (f": {list(self.parts())[-1]}" if self.groups else "")
        line = Line(title, one.rows["share"], one.rows["low"], one.rows["high"])
        axis, mark = Message("kept.axis").say(), Message("kept.mark", {"share": asked}).say()
        return kept(one.rows["month"].astype("M8[M]"), line, asked, title=title, axis=axis, mark=mark, ax=ax)


@dataclass(frozen=True, eq=False)
class Runs:
    """One row a case (or a stay of it at a step), in no order: when it began; the dates, as numbers, of beginning and end."""

    begun: Ints
    since: Ints
    until: Ints
    reached: Flags
    open: Flags
    step: Ints  # of stays; else 0

    def merge(self, other: Self) -> Self:
        return type(self)(
            *(np.concatenate((getattr(self, one.name), getattr(other, one.name))) for one in fields(self))
        )

    def at(self, kept: Flags) -> Self:
        return type(self)(*(getattr(self, one.name)[kept] for one in fields(self)))

    def as_of(self, day: int) -> Self:
        """As they stood at the end of a day: those that ended later are open."""
        there = self.at(self.since <= day)
        later = there.until > day
        ends = np.minimum(there.until, day), there.reached & ~later, there.open | later
        return type(self)(there.begun, there.since, *ends, there.step)

    def seen_from(self, first: int, waited: int = 0) -> SurvivalPart:
        """Times left to those who have waited so many days already, by what happened from the day `first` on.

        Who began before comes into view then (late entry), and not at all if it was over by then.
        """
        length, entry = self.until - self.since, np.maximum(first - self.since, waited)
        seen = (entry <= 0) | (length > entry)
        left, late = DAY * (length - waited), DAY * np.maximum(entry - waited, 0)
        kinds = (self.reached, ~self.reached & ~self.open, self.open)
        ended, otherwise, still = (weekly(self.begun[seen & kind], left[seen & kind]) for kind in kinds)
        after = seen & (late > 0)
        return SurvivalPart(ended, otherwise, still, weekly(self.begun[after], late[after]))


@dataclass(frozen=True, eq=False)
class PromisePart(Partial):
    """Merged by putting the cases one after the other."""

    runs: Runs
    stays: Runs  # first comings to each step


ANY_ANSWER = Stretch(ARRIVAL, (ANY_END,))


@dataclass(frozen=True)
class PromiseSummary(Summary[PromisePart, Promise]):
    stretch: Stretch = ANY_ANSWER
    share: float = 0.8
    months: int = 12

    def of(self, log: EventLog) -> PromisePart:
        run = self.stretch.of(log)
        nothing = np.zeros(len(run.case), np.int64)
        since, until = dates(log, run.begun), dates(log, run.stop)
        runs = Runs(run.begun, since, until, run.reached, run.open, nothing)
        return PromisePart(runs, _stays(log, run, until))

    def rows(self, partial: PromisePart, about: About) -> Rows:
        runs, (begin, now) = partial.runs, _days_of(about)
        first = self._first(begin, now)
        new = self._row(NEW, "", runs, first)
        trial = self.tried(runs, about)
        n, kept = int(trial["cases"].sum()), int(trial["kept"].sum())
        new |= {"tried": n, "share_kept": kept / n if n else np.nan, "drift": _drift(runs, first, now)}
        table = [new, *self._waited(runs, first, new["days"]), *self._at_steps(partial, about, first)]
        filled = [BLANK | one for one in table]
        return {name: np.array([one[name] for one in filled], DTYPES.get(name, np.float64)) for name in COLUMNS}

    def result(self, rows: Rows, about: About, exact: bool) -> Promise:
        return Promise(rows, about, exact, self.arguments)

    def tried(self, runs: Runs, about: About, since: str | None = None) -> Rows:
        """What would have been published at the beginning of each past month, and what came of its cases: rows of Kept."""
        begin, now = _days_of(about)
        months = _months(begin + LEAST_DAYS, now)
        months = months if since is None else months[months >= np.datetime64(since, "M")]
        found = [self._trial(runs, month, begin, now) for month in told(list(months))]
        kept = [one for one in found if one is not None]
        return {name: np.array([one[name] for one in kept], DTYPES.get(name, np.float64)) for name in KEPT}

    def _trial(self, runs: Runs, month: np.datetime64, begin: int, now: int) -> dict[str, Any] | None:
        """None where nothing could be published then, nobody came, or not all who came are due yet."""
        opens, after = (int((month + k).astype("M8[D]").astype(np.int64)) for k in (0, 1))
        then = runs.as_of(opens - 1)
        said = self._row(NEW, "", then, self._first(begin, opens - 1))["publish"]
        mine = runs.at((runs.since >= opens) & (runs.since < after))
        n = len(mine.since)
        if np.isnan(said) or not n or after - 1 + said > now:
            return None
        done = int((mine.reached & (mine.until - mine.since <= said)).sum())
        share, low, high, _ = share_of(np.array([float(done)]), np.array([float(n)]))
        counts = {"month": str(month), "published": said, "cases": n, "kept": done}
        return {**counts, "share": share, "low": low, "high": high}

    def _first(self, begin: int, now: int) -> int:
        """The first of the days that count; not before the data are complete."""
        return max(begin, now - round(self.months * 30.4375))

    def _row(self, kind: str, of: str, runs: Runs, first: int, waited: int = 0) -> dict[str, Any]:
        part = runs.seen_from(first, waited)
        cases = sum(int(one.n().sum()) for one in part.kinds())
        within, least, most = quantile(part, self.share)
        publish = rounded_up(most) if cases >= LEAST else np.nan
        return {
            "kind": kind,
            "who_waits": of,
            "cases": cases,
            "days": within,
            "days_from": least,
            "days_to": most,
            "publish": publish,
        }

    def _waited(self, runs: Runs, first: int, within: float) -> list[dict[str, Any]]:
        """Those who have waited a quarter, a half, ... of the time of new ones, in whole weeks."""
        if np.isnan(within):
            return []
        ages = dict.fromkeys(WEEK * max(1, round(part * within / WEEK)) for part in (0.25, 0.5, 0.75, 1.0, 1.5))
        made = [self._row(WAITED, counted(age, "days").say(), runs, first, age) for age in ages]
        return [one for one in made if one["cases"] >= LEAST]

    def _at_steps(self, partial: PromisePart, about: About, first: int) -> list[dict[str, Any]]:
        """Those who come to a step now, of the steps that somebody waiting has come to; the longest first."""
        stays = partial.stays
        steps = np.unique(stays.step[stays.open])
        made = [self._row(AT_STEP, about.activities[step], stays.at(stays.step == step), first) for step in steps]
        enough = [one for one in made if one["cases"] >= LEAST and not np.isnan(one["days"])]
        return sorted(enough, key=lambda one: (-one["days"], one["who_waits"]))


@dataclass(frozen=True)
class KeptSummary(Summary[PromisePart, Kept]):
    promise: PromiseSummary = PromiseSummary()
    since: str | None = None

    @property
    def arguments(self) -> dict[str, object]:
        return {"stretch": self.promise.stretch, "share": self.promise.share, "months": self.promise.months}

    def of(self, log: EventLog) -> PromisePart:
        return self.promise.of(log)

    def rows(self, partial: PromisePart, about: About) -> Rows:
        return self.promise.tried(partial.runs, about, self.since)

    def result(self, rows: Rows, about: About, exact: bool) -> Kept:
        return Kept(rows, about, exact, self.arguments)


BLANK: dict[str, Any] = {"tried": 0, "share_kept": np.nan, "drift": 0.0}
COLUMNS = ("kind", "who_waits", "cases", "days", "days_from", "days_to", "publish", "tried", "share_kept", "drift")
KEPT = ("month", "published", "cases", "kept", "share", "low", "high")
DTYPES: dict[str, Any] = {
    **dict.fromkeys(("kind", "who_waits", "month"), object),
    **dict.fromkeys(("cases", "tried", "kept"), np.int64),
}


def quantile(part: SurvivalPart, share: float) -> tuple[float, float, float]:
    """Days by which the share was reached, and the range of that; nan: not reached, or too few weeks for a range."""
    whole = [kind.whole() for kind in part.kinds()]
    curve = incidence(whole[0], whole[1], whole[2], late=part.late.whole())
    within = float(np.mean(curve.quantile(share)))
    low, high = (one[0] for one in ranges(Weekly.of(*part.kinds(), part.late), np.array([share])))
    low, high = float(np.minimum(low, within)), float(np.maximum(high, within))
    return within / DAYS, low / DAYS, high / DAYS if np.isfinite(high) else np.nan


def rounded_up(days: float) -> float:
    """To whole days; from four weeks on to whole weeks, as a longer time is not known to the day."""
    if np.isnan(days):
        return days
    whole = ceil(days - 1e-9)
    return float(max(whole, 1) if whole < 4 * WEEK else WEEK * ceil(whole / WEEK))


def dates(log: EventLog, time: Ints) -> Ints:
    return shown(log.about, time).astype("M8[D]").astype(np.int64)


def _days_of(about: About) -> tuple[int, int]:
    """The first day of complete data, and that of the cutoff."""
    ends = np.array([about.begins if about.complete_from is None else about.complete_from, about.cutoff])
    first, last = shown(about, ends).astype("M8[D]").astype(np.int64)
    return int(first), int(last)


def _months(first: int, last: int) -> NDArray[np.datetime64]:
    """Months that begin on or after one day and end before another."""
    ends = np.array([first + 30, last + 1], np.int64).astype("M8[D]").astype("M8[M]")
    return np.arange(ends[0], max(ends[0], ends[1]))


def _stays(log: EventLog, run: Run, until: Ints) -> Runs:
    """The first coming of each case to each step inside its run."""
    number = np.full(len(log), -1)
    number[run.case] = np.arange(len(run.case))
    of = number[cases_of(log.offset)]
    inside = np.flatnonzero((of >= 0) & (log.time >= run.begun[of]) & (log.time < run.stop[of]))
    _, first = np.unique(of[inside] * len(log.about.activities) + log.activity[inside], return_index=True)
    place = inside[first]
    mine, time = of[place], log.time[place]
    ends = until[mine], run.reached[mine], run.open[mine]
    return Runs(time, dates(log, time), *ends, log.activity[place].astype(np.int64))


def _drift(runs: Runs, first: int, now: int) -> float:
    """By how much the share done within the time that half needed changes over half of the days since `first`.

    Of those who began from then on and at least that time ago; 0 where it lies within chance (slope of weekly shares, t with
    their long-run variance) or below 5 points.
    """
    half = quantile(runs.seen_from(first), 0.5)[0]
    if np.isnan(half):
        return 0.0
    mine = runs.at((runs.since >= first) & (runs.since <= now - half))
    week = week_of(mine.begun)
    if not len(week) or np.ptp(week) < 15:
        return 0.0
    n = np.bincount(week - week.min()).astype(np.float64)
    done = np.bincount(week - week.min(), mine.reached & (mine.until - mine.since <= half), len(n))
    return _change(done.astype(np.float64), n)


def _change(done: Floats, n: Floats) -> float:
    """How much the weekly share changes over half of the weeks, by its slope; 0 if that may be chance (99%), or is small."""
    place = np.arange(len(n)) - np.average(np.arange(len(n)), weights=n)
    spread = float((n * place**2).sum())
    slope = float((place * done).sum()) / spread
    residual = done - n * (done.sum() / n.sum() + slope * place)
    lags = lags_of(len(n))
    error = sqrt(float(long_run((place * residual)[:, None], lags)[0])) / spread
    change = slope * len(n) / 2
    seen = abs(change) >= MUCH and abs(slope) > t_quantile(0.995, 1.5 * len(n) / lags) * error
    return change if seen else 0.0


def _tenths(share: float) -> str:
    """As "8 of 10", or "85 of 100"."""
    whole = round(10 * share, 6)
    return f"{whole:.0f} of 10" if whole == int(whole) else f"{round(100 * share)} of 100"


def _asked(log: Log, share: float, start: str, stop: str | Sequence[str], months: int) -> PromiseSummary:
    stretch = Stretch(start, stops(stop))
    stretch.check(log.about)
    if not 0.5 <= share <= 0.95 or months < 3:
        raise ValueError("A promise is for a share of 0.5 to 0.95, from at least 3 months.")
    return PromiseSummary(stretch, round(share, 2), months)


def promise(
    log: Log,
    *,
    share: float = 0.8,
    by: Sequence[str] = (),
    start: str = ARRIVAL,
    stop: str | Sequence[str] = ANY_END,
    months: int = 12,
) -> Promise:
    """The time within which one can tell people that `share` of them will have an answer, in days by date.

    `start`, `stop`: as for a Standard. Cases still waiting are counted; who withdraws was never answered, unless stop is
    "any end". None where the share is not reached by those of the last `months` months.
    """
    return ask(log, _asked(log, share, start, stop, months), by)


def kept_promises(
    log: Log,
    *,
    share: float = 0.8,
    by: Sequence[str] = (),
    start: str = ARRIVAL,
    stop: str | Sequence[str] = ANY_END,
    months: int = 12,
    since: str | None = None,
) -> Kept:
    """Had `promise` been published at the beginning of every past month with the data of that day: how often was it kept?

    since ("2025-10"): of that month and the later ones only.
    """
    return ask(log, KeptSummary(_asked(log, share, start, stop, months), since), by)
