"""Logs made by hand for tests, without the door: rows of (case, activity, ISO time), plus attributes of cases."""

import numpy as np
import pyarrow as pa

from procmine.about import About
from procmine.log import EventLog, Text

DAY = 86_400_000_000
START = 19_000 * DAY


def micros(moment):
    return int(np.datetime64(moment, "us").astype(np.int64))


def text(values):
    levels = sorted({value for value in values if value is not None})
    codes = np.array([-1 if value is None else levels.index(value) for value in values], np.int32)
    return Text(codes, pa.array(levels, pa.string()))


def build(rows, *, cutoff, ends, attributes=None, event_attributes=None, **about):
    """`cutoff` is a day; `attributes` maps name -> {case: value}; `event_attributes` maps name -> a value per row."""
    order = sorted(range(len(rows)), key=lambda row: (rows[row][0], micros(rows[row][2]), row))
    rows_in_order = [rows[row] for row in order]
    cases = list(dict.fromkeys(case for case, _, _ in rows_in_order))
    names = tuple(dict.fromkeys(activity for _, activity, _ in rows_in_order))
    time = np.array([micros(moment) for _, _, moment in rows_in_order], np.int64)
    count = [sum(case == one for one, _, _ in rows_in_order) for case in cases]
    offset = np.concatenate(([0], np.cumsum(count)))
    last = offset[1:] - 1
    limit = micros(cutoff) + DAY - 1
    waiting = np.array([rows_in_order[place][1] not in ends for place in last])
    attributes, event_attributes = attributes or {}, event_attributes or {}
    return EventLog(
        about=About(
            activities=names,
            cutoff=limit,
            ends=tuple(ends),
            axis="civil",
            precision="microsecond" if np.any(time % DAY) else "day",
            begins=int(time.min()),
            attributes=tuple(attributes),
            event_attributes=tuple(event_attributes),
            **about,
        ),
        activity=np.array([names.index(activity) for _, activity, _ in rows_in_order], np.uint8),
        time=time,
        offset=offset,
        arrival=time[offset[:-1]],
        until=np.where(waiting, limit, time[last]),
        open=waiting,
        case=Text(np.arange(len(cases), dtype=np.int32), pa.array(cases, pa.string())),
        attributes={name: text([of.get(case) for case in cases]) for name, of in attributes.items()},
        event_attributes={name: text([values[row] for row in order]) for name, values in event_attributes.items()},
    )
