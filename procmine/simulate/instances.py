"""Instances: activities with a start and an end, as two steps of a path and back again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from procmine.clocks import to_wall
from procmine.kernels.distances import Instances
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, unlike
from procmine.words import Message

BEGINS = "instance.begins"


def lasting(log: EventLog) -> Ints:
    """Codes of the activities of which some start lies before its end."""
    if log.start is None:
        return np.empty(0, np.int64)
    return np.unique(log.activity[log.start < log.time]).astype(np.int64)


def apart(log: EventLog) -> EventLog:
    """Every activity that takes time as two steps, its beginning and its end: a model of them plays starts as well.

    The end keeps the activity's name and code; beginnings have codes from `len(about.activities)` on, in the order of
    `lasting(log)`. A log without starts comes back as it is. Attributes of events are left out.
    """
    long = lasting(log)
    if not len(long) or log.start is None:
        return log
    names = list(log.about.activities)
    for code in long:
        names.append(unlike(Message(BEGINS, {"step": names[code]}).say(), names))
    code = np.full(len(log.about.activities), -1)
    code[long] = np.arange(len(long)) + len(log.about.activities)
    first = code[log.activity] >= 0
    case = cases_of(log.offset)
    place = np.concatenate((np.flatnonzero(first), np.arange(len(case))))
    begins = np.arange(len(place)) < int(first.sum())
    time = np.where(begins, log.start[place], log.time[place])
    # at one moment: in the order of the log, a beginning before its end
    order = np.lexsort((~begins, place, time, case[place]))
    place, begins, time = place[order], begins[order], time[order]
    activity = np.where(begins, code[log.activity[place]], log.activity[place])
    arrival = log.arrival.copy()
    np.minimum.at(arrival, case[place], time)
    about = replace(log.about, activities=tuple(names), event_attributes=(), begins=int(arrival.min()))
    offset = np.concatenate(([0], np.cumsum(np.bincount(case[place], minlength=len(log)))))
    kind = np.min_scalar_type(len(names))
    log = replace(log, start=None, dated=None, origin=None, event_attributes={})
    return replace(log, about=about, activity=activity.astype(kind), time=time, offset=offset, arrival=arrival)


def joined(log: EventLog, of: EventLog) -> EventLog:
    """A log simulated by a model of `apart(of)`, with starts: each end takes the earliest beginning of its activity in its
    case that no end before it took; without one it starts as it ends. A beginning without an end is no event yet.
    """
    long = lasting(of)
    if not len(long):
        return log
    steps = len(of.about.activities)
    begins = log.activity >= steps
    whose = np.where(begins, long[np.maximum(log.activity.astype(np.int64) - steps, 0)], log.activity)
    case = cases_of(log.offset)
    start = _starts(case * steps + whose, begins, log.time)
    kept = np.flatnonzero(~begins)
    offset = np.searchsorted(kept, log.offset)
    about = replace(log.about, activities=of.about.activities)
    return replace(log, about=about, activity=log.activity[kept], time=log.time[kept], offset=offset, start=start[kept])


def _starts(key: Ints, begins: Flags, time: Ints) -> Ints:
    """When the instance of each end started: first in, first out within a key; the events are in order of time."""
    start = time.copy()
    order = np.argsort(key, kind="stable")
    waiting: list[int] = []
    now = -1
    for place in order:
        if key[place] != now:
            waiting, now = [], int(key[place])
        if begins[place]:
            waiting.append(int(time[place]))
        elif waiting:
            start[place] = waiting.pop(0)
    return start


def instances(log: EventLog, codes: Mapping[str, int]) -> Instances:
    """The log's events for distances, on the wall clock; `codes` numbers the activities of both logs. Cases without an
    event are left out; an event without a start is one that takes no time.
    """
    zone = log.about.zone if log.about.axis == "instant" else None
    moments = [log.time if log.start is None else log.start, log.time]
    wall = [one if zone is None else to_wall(one, zone).astype("M8[us]").astype(np.int64) for one in moments]
    case = np.unique(cases_of(log.offset), return_inverse=True)[1]
    code = np.array([codes[name] for name in log.about.activities], np.int64)
    return Instances(case, code[log.activity], *wall)


def numbered(*logs: EventLog) -> dict[str, int]:
    """One code per name of an activity, the same for all logs."""
    names = dict.fromkeys(name for log in logs for name in log.about.activities)
    return {name: code for code, name in enumerate(names)}
