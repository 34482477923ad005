"""Watching: up to when the data reach, which steps finish a case, and when an open case counts as dormant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from procmine.about import Axis
from procmine.clocks import from_wall, read_day, to_wall
from procmine.kernels.flow import Codes, Ints, is_first
from procmine.load.dates.timestamps import DAY, MISSING
from procmine.log import CHUNK, LogError
from procmine.words import Message, Span

EVERY_CASE: Literal["every case"] = "every case"
Ends = Sequence[str] | Mapping[str, str] | None
LEAST_DORMANT = 30 * DAY  # nobody calls a case dormant earlier, however quick the others are
FAR, SOME = 20 * 366, 0.05  # days without any event that part filled-in dates from real ones, where they are few
EMPTY_YEAR = 366  # days without any event after which a few later ones are not believed
FEW = 0.005  # how many, at most, of all events
BELIEVED = int(np.datetime64("2100-01-01", "us").astype(np.int64))  # no time after this is


@dataclass(frozen=True)
class Watched:
    """What the rules found: names of finishing steps, the outcome of each where given, the dormant limit, in words."""

    ends: tuple[str, ...]
    outcomes: Mapping[str, str]
    dormant_after: int | None
    notes: tuple[Message, ...]


@dataclass(frozen=True)
class Reach:
    """Up to when the data reach (`cutoff`), and the first and last event that can be believed; it may lie after that."""

    cutoff: int
    believed: int
    begins: int
    note: Message


def reach_of(time: Ints, given: str | None, axis: Axis, zone: str | None) -> Reach:
    """Up to the end of the given day, or to the last credible event."""
    fit = (time != MISSING) & (time < BELIEVED)
    believed, begins = _believed(time if fit.all() else time[fit])
    if given is not None:
        cutoff = moment("cutoff", given, axis, zone, end=True)
        return Reach(cutoff, believed, begins, Message("load.cutoff.given", {"cutoff": str(given)}))
    if believed == MISSING:
        raise LogError("No row has a time before the year 2100. Is the column of times the right one?")
    here = np.array([believed])
    day = (to_wall(here, zone) if axis == "instant" and zone else here).astype("M8[us]").astype("M8[D]")[0]
    return Reach(believed, believed, begins, Message("load.cutoff.found", {"cutoff": str(day)}))


def _believed(time: Ints) -> tuple[int, int]:
    """The last and the first of these times that can be believed; MISSING if there is none.

    Not believed: at most 0.5% of the events after a year without any, and at most 5% of them before (or after) twenty years
    without any: dates that a system fills in where it has none, such as 1900-01-01.
    """
    if not len(time):
        return MISSING, MISSING
    first = int(time.min()) // DAY
    counts = np.zeros(int(time.max()) // DAY - first + 1, np.int64)
    for begin in range(0, len(time), CHUNK):
        counts += np.bincount(time[begin : begin + CHUNK] // DAY - first, minlength=len(counts))
    days = np.flatnonzero(counts)
    upto, gap = np.cumsum(counts[days]), np.diff(days)
    after = len(time) - upto[:-1]
    late = np.flatnonzero(
        ((gap > EMPTY_YEAR) & (after <= FEW * len(time))) | ((gap > FAR) & (after <= SOME * len(time)))
    )
    early = np.flatnonzero((gap > FAR) & (upto[:-1] <= SOME * len(time)))
    last = (first + int(days[late[0]]) + 1) * DAY if len(late) else None
    since = (first + int(days[early[-1] + 1])) * DAY if len(early) else None
    top = int(time.max()) if last is None else int(time[time < last].max())
    return top, int(time.min()) if since is None else int(time[time >= since].min())


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


def rules(
    given: Ends, dormant_days: float | None, steps: Codes, time: Ints, offset: Ints, names: list[str], cutoff: int
) -> Watched:
    """The finishing steps and the dormant limit, as given or as the log shows them."""
    gaps = np.diff(time)[~is_first(offset)[1:]] if len(time) else np.empty(0, np.int64)
    outcomes = dict(given) if isinstance(given, Mapping) else {}
    settled, long = (int(one) for one in np.quantile(gaps, (0.95, 0.99), method="lower")) if len(gaps) else (0, 0)
    if given == EVERY_CASE:
        ends, note = tuple(names), Message("load.ends.every")
    elif given is not None:
        ends = (given,) if isinstance(given, str) else tuple(given)
        note = Message("load.ends.given", {"ends": listed(ends)})
    else:
        ends = _stopping(steps, offset, names, _settled(steps, time, offset, cutoff, settled))
        note = Message("load.ends.found", {"ends": listed(ends)}) if ends else Message("load.ends.none")
    if dormant_days is not None:
        limit: int | None = round(dormant_days * DAY)
        told = [Message("load.dormant.given", {"after": Span(dormant_days * 86_400)})]
    else:
        limit = max(long, LEAST_DORMANT) if long > 0 else None
        told = [Message("load.dormant.found", {"after": Span(limit / 1e6)})] if limit else []
    return Watched(ends, outcomes, limit, (note, *told))


def listed(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _settled(steps: Codes, time: Ints, offset: Ints, cutoff: int, margin: int) -> NDArray[np.bool_]:
    """Events after which cases had time to go on: so long before the cutoff that 95% of the waits were shorter.

    Where that leaves less than half of the events (a few waits of years), the waits after each step judge that step.
    """
    settled: NDArray[np.bool_] = time < cutoff - margin
    if 2 * settled.sum() >= len(time):
        return settled
    last = np.append(is_first(offset)[1:], True)
    wait, step = np.diff(time)[~last[:-1]], steps[:-1][~last[:-1]]
    by_step = np.argsort(step, kind="stable")
    edges = np.searchsorted(step[by_step], np.arange(int(steps.max()) + 2))
    margins = np.array([_late(wait[by_step[one:two]]) for one, two in pairwise(edges)], np.int64)
    return time < cutoff - margins[steps]


def _late(waits: Ints) -> int:
    return int(np.quantile(waits, 0.95, method="lower")) if len(waits) else -1


def check_steps(wanted: Collection[str], names: Sequence[str]) -> None:
    """LogError if none of the names is an activity of the source: they are misspelt. A few may be rare and not in it."""
    unknown = [name for name in wanted if name not in names]
    if unknown and len(unknown) == len(wanted):
        raise LogError(f"No activity {unknown[0]!r} in this log. There are: {listed(names, 40)}.")


def _stopping(steps: Codes, offset: Ints, names: list[str], settled: NDArray[np.bool_]) -> tuple[str, ...]:
    """The steps that were a case's last at least half of the times they happened, of `settled` events."""
    is_last = np.append(is_first(offset)[1:], True) if len(steps) else np.empty(0, bool)
    happened = np.bincount(steps[settled], minlength=len(names))
    stopped = np.bincount(steps[settled & is_last], minlength=len(names))
    return tuple(names[code] for code in np.flatnonzero((happened > 0) & (2 * stopped >= happened)))
