"""Watching: up to when the data reach, which steps finish a case, and when an open case counts as dormant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from procmine.about import Axis
from procmine.clocks import from_wall, read_day, to_wall
from procmine.kernels.flow import Ints
from procmine.load.dates.timestamps import DAY, MISSING
from procmine.load.events.facts import Days
from procmine.log import CHUNK, LogError
from procmine.words import Message, Span

EVERY_CASE: Literal["every case"] = "every case"
Ends = Sequence[str] | Mapping[str, str] | None
LEAST_DORMANT = 30 * DAY  # nobody calls a case dormant earlier, however quick the others are
FAR, SOME = 20 * 366, 0.05  # days without any event that part filled-in dates from real ones, where they are few
EMPTY_YEAR = 366  # days without any event after which a few later ones are not believed
FEW = 0.005  # how many, at most, of all events
ALWAYS = int(np.iinfo(np.int64).max)
BELIEVED = int(np.datetime64("2100-01-01", "us").astype(np.int64))  # no time after this is


@dataclass(frozen=True)
class Watched:
    """What the rules found: names of finishing steps, the outcome of each where given, the dormant limit, in words."""

    ends: tuple[str, ...]
    outcomes: Mapping[str, str]
    dormant_after: int | None
    notes: tuple[Message, ...]


class Evidence(Protocol):
    """What the events show of how cases end: the steps that end them, and a wait that few are longer than."""

    def stopping(self) -> tuple[str, ...]: ...
    def long(self) -> int: ...


@dataclass(frozen=True)
class Bounds:
    """Up to when the data reach (`cutoff`), and the first and last event that can be believed; it may lie after that."""

    cutoff: int
    believed: int
    begins: int


def guessed(given: str | None, axis: Axis, zone: str | None) -> Bounds:
    """Nothing lies outside, as long as nobody has seen all rows."""
    return Bounds(ALWAYS if given is None else moment("cutoff", given, axis, zone, end=True), ALWAYS, MISSING)


def bounds_of(days: Days, given: str | None, axis: Axis, zone: str | None) -> Bounds:
    """Up to the end of the given day, or to the last credible event."""
    believed, begins = _believed(days)
    if given is not None:
        return Bounds(moment("cutoff", given, axis, zone, end=True), believed, begins)
    if believed == MISSING:
        raise LogError("No row has a time before the year 2100. Is the column of times the right one?")
    return Bounds(believed, believed, begins)


def cutoff_said(bounds: Bounds, given: str | None, axis: Axis, zone: str | None) -> Message:
    """Up to when the data reach, in words."""
    if given is not None:
        return Message("load.cutoff.given", {"cutoff": str(given)})
    here = np.array([bounds.believed])
    day = (to_wall(here, zone) if axis == "instant" and zone else here).astype("M8[us]").astype("M8[D]")[0]
    return Message("load.cutoff.found", {"cutoff": str(day)})


def days_of(time: Ints) -> tuple[Days, int]:
    """How many of these times each day has, and how many are too far away to be times at all."""
    fit = (time != MISSING) & (time < BELIEVED)
    n = len(time)
    time = time if fit.all() else time[fit]
    if not len(time):
        return Days(np.empty(0, np.int64), np.empty(0, np.int64), {}, {}), n
    first = int(time.min()) // DAY
    counts = np.zeros(int(time.max()) // DAY - first + 1, np.int64)
    for begin in range(0, len(time), CHUNK):
        counts += np.bincount(time[begin : begin + CHUNK] // DAY - first, minlength=len(counts))
    there = np.flatnonzero(counts)
    far = np.flatnonzero(np.diff(there) > EMPTY_YEAR)
    ends, begins = (first + there[np.append(far, -1)]).tolist(), (first + there[np.append(far + 1, 0)]).tolist()
    last = {day: int(time.max() if day == ends[-1] else time[time < (day + 1) * DAY].max()) for day in ends}
    since = {day: int(time.min() if day == begins[-1] else time[time >= day * DAY].min()) for day in begins}
    return Days(first + there, counts[there], last, since), n - len(time)


def _believed(days: Days) -> tuple[int, int]:
    """The last and the first time that can be believed; MISSING if there is none.

    Not believed: at most 0.5% of the events after a year without any, and at most 5% of them before (or after) twenty years
    without any: dates that a system fills in where it has none, such as 1900-01-01.
    """
    day, n = days.day, int(days.count.sum())
    if not n:
        return MISSING, MISSING
    upto, gap = np.cumsum(days.count), np.diff(day)
    after = n - upto[:-1]
    late = np.flatnonzero(((gap > EMPTY_YEAR) & (after <= FEW * n)) | ((gap > FAR) & (after <= SOME * n)))
    early = np.flatnonzero((gap > FAR) & (upto[:-1] <= SOME * n))
    last = int(day[late[0]]) if len(late) else int(day[-1])
    since = int(day[early[-1] + 1]) if len(early) else int(day[0])
    return days.last[last], days.first[since]


def moment(argument: str, given: str, axis: Axis, zone: str | None, *, end: bool = False) -> int:
    """A date (its first moment, or its `end`) or a time of day on the log's axis; `argument` is its name in an error."""
    try:
        wall = read_day(given)
    except ValueError as error:
        raise ValueError(f"{argument}: {error}") from error
    whole = np.datetime_data(wall.dtype)[0] == "D" and end
    wall = wall + 1 if whole else wall
    there = axis == "instant" and zone is not None
    time = from_wall(wall.astype("M8[us]"), str(zone)) if there else int(wall.astype("M8[us]").astype(np.int64))
    return time - 1 if whole else time


def rules(given: Ends, dormant_days: float | None, evidence: Evidence, names: Sequence[str]) -> Watched:
    """The finishing steps and the dormant limit, as given or as the log shows them."""
    outcomes = dict(given) if isinstance(given, Mapping) else {}
    if given == EVERY_CASE:
        ends, note = tuple(names), Message("load.ends.every")
    elif given is not None:
        ends = (given,) if isinstance(given, str) else tuple(given)
        note = Message("load.ends.given", {"ends": listed(ends)})
    else:
        ends = evidence.stopping()
        note = Message("load.ends.found", {"ends": listed(ends)}) if ends else Message("load.ends.none")
    if dormant_days is not None:
        limit: int | None = round(dormant_days * DAY)
        told = [Message("load.dormant.given", {"after": Span(dormant_days * 86_400)})]
    else:
        long = evidence.long()
        limit = max(long, LEAST_DORMANT) if long > 0 else None
        told = [Message("load.dormant.found", {"after": Span(limit / 1e6)})] if limit else []
    return Watched(ends, outcomes, limit, (note, *told))


def listed(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def check_steps(wanted: Collection[str], names: Sequence[str]) -> None:
    """LogError if none of the names is an activity of the source: they are misspelt. A few may be rare and not in it."""
    unknown = [name for name in wanted if name not in names]
    if unknown and len(unknown) == len(wanted):
        raise LogError(f"No activity {unknown[0]!r} in this log. There are: {listed(names, 40)}.")
