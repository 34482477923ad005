"""The log of some whole cases, as what is settled for the whole has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.flow import Ints
from procmine.load.events.attributes import Attribute, taken
from procmine.load.events.coding import coded
from procmine.load.events.placing import Placed
from procmine.load.raw import Raw
from procmine.log import EventLog, Origin, Text


def log_of(placed: Placed, about: About, attributes: Sequence[Attribute]) -> EventLog:
    """The events in order; the codes of activities are those of the whole log."""
    raw, rows, row, offset = placed.raw, placed.rows, placed.row, placed.offset
    activity = _codes(placed, about)
    finishing = [about.activities.index(name) for name in about.ends if name in about.activities]
    stopped, went_on = np.isin(activity[placed.last], finishing), placed.went_on
    arrival, _ = placed.arrivals()

    def again(column: str) -> Text:
        return coded(raw.table[column]).take(row)

    per_case, per_event = taken(attributes, placed.columns, again, offset)
    return EventLog(
        about=about,
        activity=activity,
        time=placed.time,
        start=placed.start,
        offset=offset,
        arrival=arrival,
        until=np.where(stopped & ~went_on, placed.time[placed.last], about.cutoff),
        open=~stopped | went_on,
        case=Text(placed.case, rows.case.levels),
        attributes=per_case,
        event_attributes=per_event,
        dated=None if rows.dated is None else rows.dated[row],
        origin=_origin(raw, row),
    )


def _codes(placed: Placed, about: About) -> NDArray[Any]:
    """Codes of the log's activities, as small as they can be."""
    size = len(about.activities)
    width = np.uint8 if size <= 2**8 else np.uint16 if size <= 2**16 else np.uint32
    code = {name: place for place, name in enumerate(about.activities)}
    new = np.array([code.get(name, 0) for name in placed.rows.activity.levels.to_pylist()], width)
    return new[placed.step] if len(placed.row) else np.empty(0, width)


def _origin(raw: Raw, row: Ints) -> Origin:
    """Where the events' rows stood, in as few bytes as that takes."""
    plain = raw.places is None and not raw.ragged
    number = (
        np.add(row, raw.first, dtype=np.uint32, casting="unsafe") if plain else raw.row_numbers(row).astype(np.uint32)
    )
    file = None if raw.places is None else raw.places.file[row].astype(np.uint16)
    return Origin(number, file)
