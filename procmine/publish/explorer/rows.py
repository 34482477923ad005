"""Rows: the cases of a log as columns that the team's page counts by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from procmine.clocks import office_hours
from procmine.kernels.flow import Times, path_codes
from procmine.log import EventLog, LogError, shown
from procmine.publish.explorer.packing import packed
from procmine.publish.explorer.steps import Order
from procmine.publish.persons import UNITS, may_name_people
from procmine.words import DAY, Message, visible

MOST_VALUES = 200  # of an attribute by which one may choose


def rows_of(log: EventLog, order: Order) -> dict[str, Any]:
    """Exact to the microsecond: every count and length the page tells is the one that Python would."""
    paths, path, length = _paths(log, order)
    clocks, why_not = _clocks(log)
    begun = shown(log.about, log.arrival).astype("M8[D]").astype(np.int64)
    first = int(begun.min()) if len(begun) else 0
    begins = int(log.arrival.min()) if len(log) else 0
    return {
        "n": len(log),
        "events": len(log.time),
        "ids": [visible(one or "") for one in log.case.values()],
        "open": packed(log.open.astype(np.int64)),
        "paths": packed(paths),
        "lengths": packed(length),
        "path": packed(path),
        "begun": packed(begun - first),
        "firstDay": first,
        "arrival": packed(log.arrival - begins),
        "begins": begins,
        "clocks": [_clocked(times) for times, _ in clocks],
        "days": [day for _, day in clocks],
        "notClocked": why_not,
        "attributes": [_attribute(log, name) for name in attributes_of(log)],
    }


def _clocks(log: EventLog) -> tuple[list[tuple[Times, float]], str]:
    """Calendar time, and open hours where the log has calendars for all its cases; else why these cannot be told."""
    all_days = (log.times(), DAY)
    if not log.about.calendars:
        return [all_days], ""
    try:
        hours = office_hours(log)
        return [all_days, (log.times(hours), hours.day)], ""
    except LogError as error:
        return [all_days], Message("explorer.not_clocked", {"why": str(error)}).say()


def attributes_of(log: EventLog) -> list[str]:
    """Attributes of cases by which one may choose: not those that name people, have one value only, or very many."""
    return [
        name
        for name, one in log.attributes.items()
        if not may_name_people(log.about, name) and len(np.unique(one.codes)) > 1 and len(one.levels) <= MOST_VALUES
    ]


def names_a_unit(attribute: str) -> bool:
    """Whether its name is one that units have, such as office or department."""
    return "".join(mark for mark in attribute.casefold() if mark.isalnum()) in UNITS


def _clocked(times: Times) -> dict[str, Any]:
    """Per event the time since the one before it, for a first one since the arrival; per case all its time."""
    return {"gap": packed(times.since_previous()), "span": packed(times.until - times.arrival)}


def _paths(log: EventLog, order: Order) -> tuple[Any, Any, Any]:
    """The different paths one after the other, as places in the order; which of them each case took; how long each is."""
    _, one, which = np.unique(path_codes(log.activity, log.offset), return_index=True, return_inverse=True)
    place = order.place()
    length = np.diff(log.offset)[one] if len(one) else np.empty(0, np.int64)
    begin = np.repeat(log.offset[:-1][one] if len(one) else length, length)
    inside = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return place[log.activity[begin + inside]], which.ravel(), length


def _attribute(log: EventLog, name: str) -> dict[str, Any]:
    """A missing value is the one after the last."""
    text = log.attributes[name]
    levels = [visible(one) for one in text.levels.to_pylist()]
    codes = np.where(text.codes < 0, len(levels), text.codes)
    return {"name": visible(name), "values": levels, "codes": packed(codes)}
