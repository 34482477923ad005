"""Watch: is a gain that was measured still there, told by data that came since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import DAY
from procmine.kernels.chart_rules import LIMIT, WATCH_ROW, Base, Floats, base_of, strayed
from procmine.kernels.false_signals import alarms
from procmine.log import Log, LogError, day_of, moment
from procmine.proof.charts.periods import Length, Periods
from procmine.proof.charts.series import Points, asked, points
from procmine.proof.cohorts import MOST_YEARS, WEEK, YEAR
from procmine.proof.records.change import Change
from procmine.proof.records.changes import Changes
from procmine.proof.verdict.kinds import FOR_MOST, IMPROVED
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.proof.records.entry import ChangeEntry, MeasuredEntry

GAINS = (IMPROVED, FOR_MOST)
SLIPPING, RECOVERED, HOLDING, EARLY, DECIDE, UNTOLD = (
    "slipping", "recovered", "holding", "too_early", "decide", "cannot_tell",
)  # fmt: skip
LEAST_BASE = 12  # points that the gain was measured on
EVERY: dict[str, tuple[Length, int, int]] = {  # a point: periods of what length, how many, how many points in two years
    "month": ("month", 1, 24),
    "two weeks": ("week", 2, 52),
    "week": ("week", 1, 104),
}
LEAST_CASES = 8  # a point on average: fewer go up and down too much to be watched
RECENT = 3  # newest points; an alarm among them is one now
WORTH = 0.05  # of the wait before: a smaller loss is not worth an alarm
TIMES = ("wait_before", "wait_then", "wait_now", "usual_high")
SHOWN = ("change", "step", "owner", "state", "since", *TIMES, "cases", "next", "decide")


@dataclass(frozen=True, eq=False)
class Gain:
    """Since one change: `value` of each month or week (seconds); the gain was measured on the first `base`."""

    every: str
    begin: NDArray[np.datetime64]
    end: NDArray[np.datetime64]  # the first day after each
    value: Floats
    n: NDArray[np.int64]
    base: int
    before: float
    limits: Base
    watch: int

    @property
    def then(self) -> float:
        return _mean(self.value[: self.base], self.n[: self.base])

    @property
    def alarm(self) -> NDArray[np.bool_]:
        """Per new point: it stands out to the bad side, by the rules of watching, and by enough to matter."""
        new = self.value[self.base :]
        if not len(new):
            return np.zeros(0, bool)
        outside, late = strayed(new, self.limits)
        flagged: NDArray[np.bool_] = ((outside > 0) | (late > 0)) & (new > self.worth)
        return flagged

    @property
    def worth(self) -> float:
        """Above it so much is lost that it matters."""
        return self.then + WORTH * self.before

    @property
    def first(self) -> int:
        """The point with which the newest alarm begins; up to two quiet points inside it do not end it. Of eight in a row it
        is the first."""
        places = np.flatnonzero(self.alarm)
        gaps = np.flatnonzero(np.diff(places) > RECENT)
        place = int(places[gaps[-1] + 1] if len(gaps) else places[0])
        alone = strayed(self.value[self.base :], self.limits)[0][place] > 0
        return self.base + (place if alone else place + 1 - WATCH_ROW)

    @property
    def high(self) -> float:
        """Up to where months or weeks usually lie."""
        return float(self.limits.centre + LIMIT * self.limits.limits.step / np.sqrt(1 - self.limits.rho**2))


@dataclass(frozen=True, eq=False)
class Watch(Result):
    """A row per change of changes.yml that brought a gain, or whose day to decide has come.

    change (its id), idea, step, start, stop ("": arrival, end of the case), owner (text); state (text): "slipping",
    "recovered" (it slipped, and the newest months are back), "holding" (no sign that it slips), "too_early" (no month since
    could be watched in full), "decide" (measure it now), "cannot_tell" (`why` says why); since (datetime64[D]): the month
    or week with which the newest alarm begins; wait_before, wait_then, wait_now (timedelta64[s]): mean wait, counted up to
    the time of watching, before the change, in the months in which the gain was measured, and in the newest since the alarm
    (holding: all since then); usual_high: up to where single months lay then; cases (int) behind `wait_now`; lost (share of
    the gain, nan); period (text); next (datetime64[D]): from when the next month can be told; decide (datetime64[D]): the day
    to decide, if it has come and nothing was measured since.
    """

    meaning = "define.watch"
    none = "watch.none"
    none_is_an_answer = True
    gains: Mapping[str, Gain]

    @property
    def slipping(self) -> bool:
        """Whether any gain is slipping now, or a decision is due."""
        return bool((self.rows["state"] == SLIPPING).any() or (~np.isnat(self.rows["decide"])).any())

    @property
    def look(self) -> bool:
        """Whether somebody must look, as a gain slips or cannot be told, or a decision is due: status 3 for a scheduler."""
        return self.slipping or bool((self.rows["state"] == UNTOLD).any())

    def findings(self) -> Sequence[Message]:
        order = {state: place for place, state in enumerate((SLIPPING, DECIDE, RECOVERED, UNTOLD, HOLDING, EARLY))}
        places = sorted(range(len(self)), key=lambda place: order[str(self.rows["state"][place])])
        due = [place for place in places if not np.isnat(self.rows["decide"][place])]
        known = [place for place in places if self.rows["state"][place] != DECIDE]
        told = [*((place, DECIDE) for place in due), *((place, str(self.rows["state"][place])) for place in known)]
        return [*(self._told(*one) for one in told), *self._chance()]

    def shown(self) -> Rows:
        return {name: self.rows[name] for name in SHOWN}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Month by month the wait since the change that slips (else the first): what was measured, and what came since."""
        from procmine.draw.control import Drawn, Look, control

        names = [str(name) for name in self.rows["change"] if name in self.gains]
        if not names:
            raise LogError("There is nothing to draw: no gain could be watched.")
        states = dict(zip(self.rows["change"], self.rows["state"]))
        name = next((one for one in names if states[one] == SLIPPING), names[0])
        gain, day = self.gains[name], self.day
        keys = ("title", "usual", "limits", "signal", "open", "target", "axis", "measured", "footer")
        words = {key: Message(f"watch.picture.{key}", {"change": name, "n": int(gain.n.sum())}).say() for key in keys}
        flat, none = np.ones(len(gain.value)) / day, np.full(len(gain.value), np.nan)
        late = np.concatenate((np.zeros(gain.base, bool), gain.alarm))
        drawn = Drawn(
            gain.begin, gain.value / day, gain.then * flat, none, gain.high * flat, late, np.zeros(len(late), np.int64)
        )
        monthly = gain.every == "month"
        measured = gain.end[gain.base - 1]
        look = Look(words["title"], words["axis"], words["footer"], words, share=False, monthly=monthly)
        return control(drawn, changes=[(measured, words["measured"])], target=gain.before / day, look=look, ax=ax)

    def _told(self, place: int, state: str) -> Message:
        row = {name: column[place] for name, column in self.rows.items()}
        values: dict[str, Value] = {
            name: str(row[name]) for name in ("change", "idea", "step", "owner", "next", "decide", "why")
        }
        values |= {name: Span(seconds(row[name]), self.day) for name in TIMES if not np.isnat(row[name])}
        values |= {"n": int(row["cases"]), "owner": str(row["owner"]) or Message("watch.nobody")}
        values |= {"since": self._period(row["since"], str(row["period"])), "lost": _lost(float(row["lost"]))}
        values |= {"start": row["start"] or Message("compare.arrival"), "stop": row["stop"] or Message("compare.end")}
        return Message(f"watch.{state}", values)

    def _period(self, begin: np.datetime64, period: str) -> str:
        return "" if np.isnat(begin) else str(begin)[: 7 if period == "month" else 10]

    def _chance(self) -> list[Message]:
        """How often this watching would cry wolf, where nothing changes."""
        if not self.gains:
            return []
        found = [_false(gain) for gain in self.gains.values()]
        return [Message("watch.chance", {"n": len(found), "chance": 50 * max(found), "most": 100 * max(found)})]


def _lost(part: float) -> Message:
    """How much of the gain is gone; nothing where the months before were no slower than those since."""
    if not np.isfinite(part):
        return Message("watch.lost.unknown")
    return Message("watch.lost.all") if part >= 1 else Message("watch.lost.part", {"part": 100 * part})


def _false(gain: Gain) -> float:
    """The chance of an alarm within two years though nothing changes; of the bad side it is half of that, or
    nearly all, if waits are skewed."""
    rho = round(float(np.clip(gain.limits.rho, 0, 0.9)), 1)
    return alarms(min(gain.base, 60), rho, EVERY[gain.every][2]).within


def watch(log: Log, changes: Changes | str | Path) -> Watch:
    """Whether the gains of `changes` (a changes.yml or its path) are still there in `log`, the newest data.

    A change is watched once an improvement was measured and while it is not stopped. The months (weeks, where those are
    fewer than 12) on which that was measured set the usual ups and downs; measuring again with newer data does not move
    them, until a measurement finds no gain. A newer month alarms where it lies outside them, or is the eighth in a row on
    the bad side; waits are counted as in compare(). A change whose day to decide has come and that was not measured since
    is told too.
    """
    found = Changes.read(changes) if isinstance(changes, str | Path) else changes
    kept = {name: entry for name, entry in found.entries.items() if _concerns(entry, log.about)}
    gains: dict[str, Gain] = {}
    rows = [_row(log, found, name, entry, gains) for name, entry in kept.items()]
    arguments = {"changes": found.path.name}
    return Watch(_columns(rows), log.about, True, arguments, gains)


def _concerns(entry: ChangeEntry, about: About) -> bool:
    if entry.status not in ("running", "kept", "adjusted"):
        return False
    lost = entry.status != "adjusted" and any(one.verdict in GAINS for one in entry.measured)
    return _measured_gain(entry) or lost or bool(_due(entry, about))


def _measured(entry: ChangeEntry) -> list[MeasuredEntry]:
    """By the data they were found with."""
    return sorted(entry.measured, key=lambda one: one.data)


def _measured_gain(entry: ChangeEntry) -> bool:
    return bool(entry.measured) and _measured(entry)[-1].verdict in GAINS


def _due(entry: ChangeEntry, about: About) -> str:
    """The day to decide, where it has come and nothing was measured with data of that day or later; else empty."""
    today = day_of(about, about.cutoff)
    due = [day for day in entry.decide_on if day <= str(np.datetime64(today) + 7)]
    known = entry.measured and str(np.datetime64(_measured(entry)[-1].data) + 7) >= due[-1] if due else True
    return "" if known else due[-1]


def _row(log: Log, found: Changes, name: str, entry: ChangeEntry, gains: dict[str, Gain]) -> dict[str, Any]:
    nothing = {
        **dict.fromkeys((*TIMES, "lost"), np.nan),
        "cases": 0,
        "since": "NaT",
        "next": "NaT",
        "period": "",
        "why": "",
    }
    told = {"change": name, "idea": entry.idea, "step": entry.step or entry.stop or "", "owner": entry.owner, **nothing}
    told |= {"start": entry.start or "", "stop": entry.stop or ""}
    due = _due(entry, log.about)
    told["decide"] = due or "NaT"
    if due and not _measured_gain(entry):
        return {**told, "state": DECIDE}
    try:
        gain = _first_told(log, found[name], entry)
    except LogError as error:
        return {**told, "state": UNTOLD, "why": str(error)}
    gains[name] = gain
    return {**told, **_state(gain)}


def _first_told(log: Log, change: Change, entry: ChangeEntry) -> Gain:
    """Against the first measurement that is enough to watch by, of those in a row up to now that found a gain: later ones
    would take a loss for usual. LogError where there is none."""
    measured, today = _measured(entry), day_of(log.about, log.about.cutoff)
    last = measured[-1]
    if last.verdict not in GAINS:
        verdict = Message(f"changes.kind.{last.verdict}").say()
        raise LogError(
            f"With data up to {last.data} it was measured again: {verdict}. Decide whether it is kept, adjusted or "
            "stopped, and write that down."
        )
    row = [place for place, one in enumerate(measured) if one.verdict not in GAINS]
    gains = [one.data for one in measured[row[-1] + 1 if row else 0 :]]
    if gains[0] > today:
        raise LogError(
            f"The data end on {today}, and the gain was measured with data up to {gains[0]}: load the newest data."
        )
    for data in gains[:-1]:
        try:
            return _gain(log, change, data)
        except LogError:
            continue
    return _gain(log, change, gains[-1])


def _gain(log: Log, change: Change, data: str) -> Gain:
    """By months if there are enough of them up to the day `data`, else by shorter periods. LogError if there are too few."""
    for every, (length, weeks, _) in EVERY.items():
        what = asked(log.about, "time", length, None, None, None, change, None)
        try:
            series = points(log, what, gaps=True)
        except LogError:
            if every == "month":
                continue
            raise
        gain = _since(log.about, _joined(series, what.periods, log.about, change, weeks), every, change, data)
        if gain is not None:
            return gain
    raise LogError(
        f"The gain was measured on too few cases to know the usual ups and downs: needed are {LEAST_BASE} months, or "
        f"weeks with {LEAST_CASES} cases, watched in full by {data}. Measure it again with newer data (procmine compare)."
    )


@dataclass(frozen=True, eq=False)
class Line:
    """Points in order: begin and the first day after each, mean wait in seconds, cases; each watched for `watch`."""

    begin: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    value: Floats
    n: NDArray[np.int64]
    watch: int


def _joined(series: Points, periods: Periods, about: About, change: Change, weeks: int) -> Line:
    """The periods themselves, or as many `weeks` in a row as one, counted from the first whole week since the change."""
    first = periods.holding(about, moment(about, change.date) - 1) + 1
    place = (series.number - first) // weeks
    whole = (place + 1) * weeks + first <= int(series.number.max()) + 1
    number, row = np.unique(place[whole], return_inverse=True)
    n = np.bincount(row, series.n[whole], len(number)).astype(np.int64)
    value = np.bincount(row, (series.n * series.value)[whole], len(number)) / np.maximum(n, 1)
    begins, ends = (periods.begin(first + (number + more) * weeks) for more in (0, 1))
    return Line(begins, ends, value, n, series.watch)


def _since(about: About, line: Line, every: str, change: Change, data: str) -> Gain | None:
    day = np.timedelta64(1, "D")
    watch = np.timedelta64(line.watch // DAY, "D")
    at = np.datetime64(change.date) + change.ramp * day
    since, before = line.begin >= at, line.end + watch <= np.datetime64(change.date)
    before &= line.begin >= np.datetime64(change.date) - watch - MOST_YEARS * YEAR * (WEEK // DAY) * day
    base = int(np.sum(since & (line.end + watch <= np.datetime64(data) + day)))
    value, n = line.value[since], line.n[since]
    if base < LEAST_BASE or n[:base].mean() < LEAST_CASES or not before.any():
        return None
    was = _mean(line.value[before], line.n[before])
    return Gain(every, line.begin[since], line.end[since], value, n, base, was, base_of(value[:base]), line.watch)


def _state(gain: Gain) -> dict[str, Any]:
    new = slice(gain.base, None)
    alarm = gain.alarm
    told: dict[str, Any] = {
        "wait_before": gain.before,
        "wait_then": gain.then,
        "usual_high": gain.high,
        "period": gain.every,
    }
    told |= {"next": _next(gain)}
    if not len(alarm):
        return {**told, "state": EARLY}
    if not alarm.any():
        return {
            **told,
            "state": HOLDING,
            "wait_now": _mean(gain.value[new], gain.n[new]),
            "cases": int(gain.n[new].sum()),
        }
    first, newest = gain.first, slice(len(gain.value) - RECENT, None)
    slipping = bool(alarm[-RECENT:].any()) or _mean(gain.value[newest], gain.n[newest]) > gain.worth
    here = slice(first, None) if slipping else newest
    now = _mean(gain.value[here], gain.n[here])
    lost = (now - gain.then) / (gain.before - gain.then) if gain.before > gain.then else np.nan
    state = {"state": SLIPPING if slipping else RECOVERED, "since": str(gain.begin[first])}
    return {**told, **state, "wait_now": now, "cases": int(gain.n[here].sum()), "lost": lost}


def _next(gain: Gain) -> str:
    """From when the period after the last complete one can be told."""
    length, count, _ = EVERY[gain.every]
    periods = Periods(length)
    last = gain.end[-1]
    number = (
        int(last.astype("M8[M]").astype(int)) if length == "month" else (int(last.astype("M8[D]").astype(int)) + 3) // 7
    )
    return str(periods.begin(np.array([number + count]))[0] + np.timedelta64(gain.watch // DAY, "D"))


def _mean(value: Floats, n: NDArray[np.int64]) -> float:
    return float(value @ n / max(n.sum(), 1))


def _columns(rows: Sequence[Mapping[str, Any]]) -> Rows:
    text = ("change", "idea", "step", "start", "stop", "owner", "state", "period", "why")
    kinds: dict[str, Any] = {
        **dict.fromkeys(text, object),
        "since": "M8[D]",
        "next": "M8[D]",
        "decide": "M8[D]",
        "cases": np.int64,
    }
    names = (
        "change",
        "idea",
        "step",
        "start",
        "stop",
        "owner",
        "state",
        "since",
        *TIMES,
        "cases",
        "lost",
        "period",
        "next",
        "decide",
        "why",
    )
    columns: Rows = {name: np.array([row[name] for row in rows], kinds.get(name, np.float64)) for name in names}
    return {name: timedeltas(column) if name in TIMES else column for name, column in columns.items()}
