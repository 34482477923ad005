"""Joined: two extracts, one from before a change and one from after it, as one log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import DAY
from procmine.kernels.flow import Ints
from procmine.log import EventLog, Log, LogError, Text, day_of, in_memory, moment
from procmine.words import Message

Flags = NDArray[np.bool_]

WEEK, YEAR = 7 * DAY, 364 * DAY  # a year of whole weeks, so that weekdays stay
CARRIED = 0.9  # of the cases that were open when the second log begins, for its pile to be that of the first


@dataclass(frozen=True, eq=False)
class Joined:
    """One log of two; `change`: the day on which the second begins.

    gap: weeks between the end of the first and that day, in which nothing is known of its cases; carried: whether the cases
    that were still open then are in the second log, so that the piles of both can be compared.
    """

    log: EventLog
    change: str
    gap: int
    carried: bool


def joined(before: Log, after: Log, change: str | None = None) -> Joined:
    """The cases of `before` that began before the second log does, with those of `after` that began since.

    A case that is in both is one case: its events in the first log up to the change, then those in the second. Cases of the
    first that were open at its end and are not in the second are not followed further; cases of the second that began before
    the change and are not in the first are left out, as only slow ones would be there. A simulated log beside the other is
    moved by whole years of 52 weeks.
    """
    first, second = in_memory(before), in_memory(after)
    _check_alike(first.about, second.about)
    second = _moved(first, second) if first.about.simulated or second.about.simulated else second
    about = second.about
    begins = about.begins if about.complete_from is None else max(about.complete_from, about.begins)
    day = day_of(about, begins) if change is None else change
    at = moment(about, day)
    if not first.about.begins < at <= about.cutoff:
        raise LogError(
            f"The first log begins on {day_of(first.about, first.about.begins)} and the second ends on "
            f"{day_of(about, about.cutoff)}: the change on {day} must lie between. The log from before the change comes "
            "first."
        )
    known = min(first.about.cutoff, at - 1)
    log, carried = _both(first, second, at, known)
    gap = max(-(-(at - known - 1) // WEEK), 0)
    return Joined(log, day, int(gap), carried)


@dataclass(frozen=True, eq=False)
class _Cases:
    """Which cases of the two logs, the second's numbered after the first's, make up the one.

    here: those in it; row: of each its place in it, or -1; of the second log: shared, new (flags), and same: of the shared
    ones the places in the first.
    """

    here: Ints
    row: Ints
    shared: Flags
    new: Flags
    same: Ints


def _cases(first: EventLog, second: EventLog, at: int) -> _Cases:
    number = {name: place for place, name in enumerate(first.case.values())}
    other = np.array([number.get(name, -1) for name in second.case.values()], np.int64)
    stays = first.arrival < at
    shared = (other >= 0) & stays[other]
    new = ~shared & (second.arrival >= at)  # also where the first log reaches beyond the change and holds it too
    here = np.flatnonzero(np.concatenate((stays, new)))
    row = np.full(len(first) + len(second), -1, np.int64)
    row[here] = np.arange(len(here))
    row[len(first) + np.flatnonzero(shared)] = row[other[shared]]
    return _Cases(here, row, shared, new, other[shared])


def _both(first: EventLog, second: EventLog, at: int, known: int) -> tuple[EventLog, bool]:
    """All cases, each with its events up to `at` from the first log and those since from the second; and whether the second
    log holds those that were open then."""
    names = list(dict.fromkeys((*first.about.activities, *second.about.activities)))
    cases = _cases(first, second, at)
    case, rows = _events(first, second, cases, at)
    codes = [np.array([names.index(name) for name in log.about.activities], np.int64) for log in (first, second)]
    activity = np.concatenate([code[log.activity] for code, log in zip(codes, (first, second))])[rows]
    followed = np.zeros(len(first), bool)
    followed[cases.same] = True
    open_then = (first.arrival < at) & (first.open | (first.until > known))
    until, still = np.where(open_then & ~followed, known + 1, first.until), np.zeros(len(first), bool)
    until[cases.same], still[cases.same] = second.until[cases.shared], second.open[cases.shared]
    about, here = _about(first.about, second.about, names), cases.here
    of_case = [(first.attributes[name], second.attributes[name]) for name in about.attributes]
    of_event = [(first.event_attributes[name], second.event_attributes[name]) for name in about.event_attributes]
    log = EventLog(
        about=about,
        activity=activity.astype(np.min_scalar_type(max(len(names) - 1, 0))),
        time=np.concatenate((first.time, second.time))[rows],
        offset=np.concatenate(([0], np.cumsum(np.bincount(case, minlength=len(here))))),
        arrival=np.concatenate((first.arrival, second.arrival))[here],
        until=np.concatenate((until, second.until))[here],
        open=np.concatenate((still, second.open))[here],
        case=_texts(first.case, second.case, here),
        attributes={name: _texts(*both, here) for name, both in zip(about.attributes, of_case)},
        event_attributes={name: _texts(*both, rows) for name, both in zip(about.event_attributes, of_event)},
        start=_starts(first, second, rows),
        dated=_dated(first, second, rows),
    )
    return log, bool(followed[open_then].mean() >= CARRIED) if open_then.any() else True


def _events(first: EventLog, second: EventLog, cases: _Cases, at: int) -> tuple[Ints, Ints]:
    """Of each event of the one log its case there, and its place in the two under each other: the first log's come first,
    each log's in its order; of cases of both, those up to `at` from the first and those since from the second."""
    case = np.repeat(cases.row, np.concatenate((np.diff(first.offset), np.diff(second.offset))))
    since = np.repeat(cases.new, np.diff(second.offset)) | (second.time >= at)
    place = np.flatnonzero(np.concatenate((first.time < at, since)) & (case >= 0))
    order = np.argsort(case[place], kind="stable")
    return case[place][order], place[order]


def _starts(first: EventLog, second: EventLog, rows: Ints) -> Ints | None:
    if first.start is None or second.start is None:
        return None
    return np.concatenate((first.start, second.start))[rows]


def _dated(first: EventLog, second: EventLog, rows: Ints) -> Flags | None:
    """Which times are known to a day only: of a log of days all, of one of exact times those it says."""
    if first.about.precision == second.about.precision and first.dated is None and second.dated is None:
        return None
    whole = [np.full(len(log.time), log.about.precision == "day") for log in (first, second)]
    flags = [one if log.dated is None else log.dated for log, one in zip((first, second), whole)]
    return np.concatenate(flags)[rows]


def _texts(one: Text, other: Text, here: Ints) -> Text:
    """Two columns under each other; only the rows `here`."""
    import pyarrow as pa

    levels = list(dict.fromkeys((*one.levels.to_pylist(), *other.levels.to_pylist())))
    place = {level: code for code, level in enumerate(levels)}
    codes = [
        np.append(np.array([place[level] for level in text.levels.to_pylist()], np.int32), np.int32(-1))[text.codes]
        for text in (one, other)
    ]
    return Text(np.concatenate(codes)[here].astype(np.int32), pa.array(levels, pa.string()))


def _about(first: About, second: About, names: list[str]) -> About:
    """What is known of both: of the second, with what only the first can tell."""
    history = (*first.history, *(step for step in second.history if step not in first.history))
    said = Message("joined.history", {"first": day_of(first, first.cutoff), "second": day_of(second, second.begins)})
    return replace(
        second,
        activities=tuple(names),
        ends=tuple(dict.fromkeys((*first.ends, *second.ends))),
        outcomes={**first.outcomes, **second.outcomes},
        begins=first.begins,
        complete_from=first.complete_from,
        precision="day" if first.precision == second.precision == "day" else "microsecond",
        attributes=tuple(name for name in first.attributes if name in second.attributes),
        event_attributes=tuple(name for name in first.event_attributes if name in second.event_attributes),
        persons=tuple(dict.fromkeys((*first.persons, *second.persons))),
        source={**first.source, **{f"after: {name}": mark for name, mark in second.source.items()}},
        history=(*history, said),
        cut=first.cut or second.cut,
        every_case=first.every_case and second.every_case,
    )


def _moved(first: EventLog, second: EventLog) -> EventLog:
    """The second log later by as many years of 52 weeks as it needs to begin after the first ends; its cases are others."""
    years = max(-(-(first.about.cutoff + 1 - second.about.begins) // YEAR), 0)
    if not years:
        return second
    by = years * YEAR
    moved: dict[str, Any] = {name: getattr(second, name) + by for name in ("time", "arrival", "until")}
    moved |= {name: None if getattr(second, name) is None else getattr(second, name) + by for name in ("start", "last")}
    about = second.about
    since = None if about.complete_from is None else about.complete_from + by
    about = replace(about, begins=about.begins + by, cutoff=about.cutoff + by, complete_from=since)
    about = about.after(Message("joined.moved", {"weeks": int(by // WEEK)}))
    return replace(second, about=about, case=_renamed(second.case), **moved)


def _renamed(case: Text) -> Text:
    import pyarrow as pa

    return Text(case.codes, pa.array([f"{name} (second log)" for name in case.levels.to_pylist()], pa.string()))


def _check_alike(first: About, second: About) -> None:
    if (first.axis, first.zone) != (second.axis, second.zone):
        kinds = [one.zone or "times without a zone" for one in (first, second)]
        raise LogError(f"The two logs tell time differently ({kinds[0]}; {kinds[1]}): read both with the same zone.")
    both = set(first.activities) & set(second.activities)
    if not both:
        raise LogError(
            "The two logs have no step in common: are they of the same process, and are the steps named alike?"
        )
    unlike = sorted((set(first.ends) ^ set(second.ends)) & both)
    if unlike:
        raise LogError(
            f"{unlike[0]!r} ends a case in one of the two logs and not in the other: name the steps that end "
            "cases (ends) when reading both."
        )
