"""Rows on one time axis: with their beginnings, paired where the source has a life cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import Axis
from procmine.kernels.flow import Ints
from procmine.load.columns import Columns
from procmine.load.dates.timestamps import DAY, MISSING, Moments
from procmine.load.events.coding import coded
from procmine.load.events.given import Given, put_out
from procmine.load.events.lifecycle import pair
from procmine.load.events.look import Look
from procmine.log import Text

if TYPE_CHECKING:
    from procmine.load.events.settled import Settled

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows on one time axis; `why` says which are out, `counts` what is to be said of them."""

    columns: Columns
    case: Text
    activity: Text
    time: Ints
    start: Ints | None
    arrival: Ints | None
    dated: Flags | None  # where only the date is known, if some have a time of day
    why: NDArray[np.uint8]
    written: bool = False  # by write(), which says of each event whether it has a time of day
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def rows_of(look: Look, given: Given, settled: Settled, *, alone: bool) -> Rows:
    """These rows on the axis of the whole; `alone`: they are the whole, so that they say themselves whether any begins."""
    why, activity, zone = look.why, look.activity, given.zone
    dated = _dated(look, settled)
    times = (on_axis(one, settled.axis, zone) for one in (look.end, look.begin, look.arrived))
    time, start, arrival = times
    assert time is not None
    if look.by_date is not None:
        time = np.where(look.by_date & (time != MISSING), time - time % DAY, time)
    if given.not_dates:
        put_out(why, _filled_in(time, given.not_dates), "not_a_date")
    counts: dict[str, Mapping[str, int]] = {}
    if look.begin is not None and start is not None:
        put_out(why, look.begin.unreadable, "unreadable_start")
        there = bool(np.any(start[why == 0] != MISSING))
        counts["start"] = {"there": int(there)}
        start = np.where(start == MISSING, time, start) if (there if alone else settled.starts) else None
    elif settled.pairs:
        paired = _paired(look, time)
        start, counts = paired.start, {"pairs": paired.counts, "pairs_other": paired.names}
    if start is not None:
        late = look.by_date if dated is None else dated  # of None, all events may be taken by their date
        time = time if late is None else _not_before(start, time, late)
        put_out(why, start > time, "start_after_end")
    columns = settled.columns_of(look.columns)
    return Rows(columns, look.case, activity, time, start, arrival, dated, why, look.said is not None, counts)


def on_axis(moments: Moments | None, axis: Axis, zone: str | None) -> Ints | None:
    if moments is None:
        return None
    return moments.time if axis == "instant" else moments.wall(zone)


def _dated(look: Look, settled: Settled) -> Flags | None:
    """Which rows have only their date, where the whole has others."""
    if not settled.mixed:
        return None
    good = look.why == 0
    seen = look.said if look.said is not None else look.end.dated | look.activity.among(settled.midnight)
    dated: Flags = seen & good
    return dated if look.by_date is None else dated | (look.by_date & good)


def _paired(look: Look, time: Ints) -> Any:
    """Starts from rows that are starts."""
    columns, why = look.columns, look.why
    keys = [look.case.codes, look.activity.codes]
    if columns.instance is not None:
        keys.append(coded(look.raw.table[columns.instance]).codes)
    paired = pair(coded(look.raw.table[columns.lifecycle]), keys, time, why == 0)
    put_out(why, paired.joined, "joined")
    put_out(why, paired.running, "in_progress")
    put_out(why, paired.other, "lifecycle")
    paired.start[:] = np.where(paired.start == MISSING, time, paired.start)
    return paired


def _not_before(start: Ints, time: Ints, dated: Flags) -> Ints:
    """Ends of which only the day is known come no earlier than the beginning on that day."""
    return np.where(dated & (start > time) & (start < time + DAY), start, time)


def _filled_in(time: Ints, days: Sequence[str]) -> Flags:
    """Times on days that stand for no date."""
    try:
        numbers = np.array(days, "M8[D]").astype(np.int64)
    except ValueError as error:
        raise ValueError(f"not_dates: {error}. Write each day as 1900-01-01.") from error
    which: Flags = np.isin(time // DAY, numbers) & (time != MISSING)
    return which
