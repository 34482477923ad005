"""What was known when a wait began: attributes of the case and of its last event by then, the date, and the work in hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.find.checks.columns import by_name
from procmine.find.drivers.sensitive import protected_by
from procmine.find.drivers.waits import LOOKING_BACK, Waits
from procmine.kernels.flow import Ints, case_steps, cases_of, first_match
from procmine.load.columns import plain
from procmine.log import EventLog, LogError, Text, shown
from procmine.see.people import of_few
from procmine.words import Message

OFFICES = (
    *(
        "office",
        "branch",
        "site",
        "location",
        "region",
        "county",
        "court",
        "district",
        "municipality",
        "agency",
        "bureau",
    ),
    *("department", "dienststelle", "standort", "amt", "behörde", "gemeinde", "kantoor", "gemeente", "oficina", "sede"),
    *("ufficio", "agence", "commune", "département", "skyrius", "savivaldybė", "urząd", "gmina", "kontor"),
)
MOST_LEVELS = 40
LEAST, LEAST_SHARE = 60, 0.01  # waits at a level; fewer are taken together
LEAST_YEARS = 2
FILLED, MUCH_LESS, ENOUGH_OPEN = 0.5, 0.5, 20
SOME, AGREE = 0.02, 0.9  # of cases have or lack a value; have it where they have the step
OTHERS, MISSING = Message("drivers.others"), Message("drivers.missing")


@dataclass(frozen=True, eq=False)
class Known:
    """One thing known of each wait: a code per wait into `levels`; `of_time`: it changes with the calendar, for all alike."""

    name: str
    codes: Ints
    levels: tuple[str, ...]
    of_time: bool = False
    told: Message | None = None  # how it is said, where that is no name of a column


@dataclass(frozen=True)
class Asked:
    """Which attributes: all that may be looked at, or those named; `protected` only if named there."""

    attributes: tuple[str, ...] | None
    protected: tuple[str, ...]
    left_out: dict[str, list[str]] = field(default_factory=dict)  # why -> names

    def leave(self, why: str, name: str) -> None:
        self.left_out.setdefault(why, []).append(name)


def office_of(about: About) -> str | None:
    """The attribute of cases that says which office has them."""
    if about.calendar_by in about.attributes:
        return about.calendar_by
    return next((name for office in OFFICES for name in about.attributes if plain(name) == plain(office)), None)


def offices(log: EventLog, waits: Waits) -> Ints:
    """A code per wait, from 0; all alike where no attribute names an office."""
    name = office_of(log.about)
    if name is None:
        return np.zeros(len(waits.case), np.int64)
    codes = log.attributes[name].codes[waits.case].astype(np.int64)
    return np.unique(codes, return_inverse=True)[1]


def known_of(log: EventLog, waits: Waits, every: Waits, asked: Asked) -> list[Known]:
    """All that is looked at; `every`: all waits of the log, which are the work in hand."""
    check(log, asked)
    names = asked.attributes if asked.attributes is not None else log.about.attributes
    names = (*(name for name in names if name not in asked.protected), *asked.protected)
    found = [
        one
        for name in names
        if _may(log, waits, name, asked) and (one := _attribute(log, waits, name, asked)) is not None
    ]
    return [*found, *_calendar(log, waits), *_work(log, waits, every)]


def check(log: EventLog, asked: Asked) -> None:
    """Names that are there and, if protected, named as such."""
    about = log.about
    for name in (*(asked.attributes or ()), *asked.protected):
        if name not in (*about.attributes, *about.event_attributes):
            there = ", ".join((*about.attributes, *about.event_attributes)) or "none"
            raise LogError(f"No attribute {name!r} in this log. There are: {there}.")
        if name in about.persons or by_name(name) in ("personal_name", "personal_contact", "personal_number"):
            raise ValueError(f"{name!r} names people, and people are no result. Name a unit or an office instead.")
    for name in asked.attributes or ():
        kind = protected_by(name, _text(log, name).levels.to_pylist())
        if kind and name not in asked.protected:
            raise ValueError(
                f"{name!r} looks protected by law ({kind}). If you may look at it, say protected=({name!r},)."
            )


def _may(log: EventLog, waits: Waits, name: str, asked: Asked) -> bool:
    if name in asked.protected:
        return True
    text = _text(log, name)
    if name in log.about.persons or by_name(name) is not None:
        asked.leave("persons", name)
    elif protected_by(name, _levels(text)) is not None:
        asked.leave("protected", name)
    elif asked.attributes is None and (_filled_later(log, name) or _comes_with_a_step(log, waits, name)):
        asked.leave("later", name)
    else:
        return True
    return False


def _levels(text: Text) -> list[str]:
    return text.levels.to_pylist() if len(text.levels) <= MOST_LEVELS else []


def _text(log: EventLog, name: str) -> Text:
    return log.attributes[name] if name in log.attributes else log.event_attributes[name]


def _filled_later(log: EventLog, name: str) -> bool:
    """Whether open cases mostly lack what closed ones have: then it was written down at the end, and not known before."""
    there, waiting = log.attributes[name].codes >= 0, log.open
    if waiting.sum() < ENOUGH_OPEN or waiting.all():
        return False
    closed = float(there[~waiting].mean())
    return closed >= FILLED and float(there[waiting].mean()) < MUCH_LESS * closed


def _comes_with_a_step(log: EventLog, waits: Waits, name: str) -> bool:
    """Whether cases have a value where they have a certain step, which most had not come to when their waits began."""
    there = log.attributes[name].codes >= 0
    if not SOME < there.mean() < 1 - SOME:
        return False
    size = len(log.about.activities)
    came = np.divmod(case_steps(log.activity, log.offset, size), size)
    both = np.bincount(came[1], there[came[0]], size)  # cases with the step and a value
    agree = (both + len(log) - there.sum() - (np.bincount(came[1], minlength=size) - both)) / len(log)
    step = int(np.argmax(agree))
    if agree[step] < AGREE:
        return False
    first = first_match(log.activity == step, log.offset)[waits.case]
    held = there[waits.case]
    return bool(
        np.mean((first[held] >= 0) & (first[held] <= np.maximum(waits.since, log.offset[waits.case])[held])) < FILLED
    )


def _attribute(log: EventLog, waits: Waits, name: str, asked: Asked) -> Known | None:
    of_event = name not in log.attributes
    text = _text(log, name)
    codes = _by_then(log, text, waits) if of_event else text.codes[waits.case].astype(np.int64)
    levels = [str(one) for one in text.levels.to_pylist()]
    if of_event or name == office_of(log.about):
        codes = _without_few(log, text, codes, of_event)
    known = _folded(name, codes, levels)
    if known is None:
        asked.leave("few" if len(np.unique(codes)) <= 1 else "many", name)
    return known


def _by_then(log: EventLog, text: Text, waits: Waits) -> Ints:
    """The last value of each case at or before the event with which its wait began."""
    place = np.where(waits.since >= 0, waits.since, log.offset[waits.case])
    filled = np.where(text.codes >= 0, np.arange(len(text.codes)), -1)
    last = np.maximum.accumulate(filled)[place]
    return np.where(last >= log.offset[waits.case], text.codes[last], -1).astype(np.int64)


def _without_few(log: EventLog, text: Text, codes: Ints, of_event: bool) -> Ints:
    """Units in which fewer than five people work, where the log tells, count as people: -2, taken with the others."""
    unit = text.codes if of_event else text.codes[cases_of(log.offset)]
    few = of_few(log, unit.astype(np.int64), len(text.levels))
    return np.where(np.isin(codes, np.flatnonzero(few)), -2, codes)


def _folded(name: str, codes: Ints, levels: Sequence[str]) -> Known | None:
    """Levels with enough waits, the others taken together; None if that leaves nothing to compare."""
    least = max(LEAST, LEAST_SHARE * len(codes))
    there, count = np.unique(codes, return_counts=True)
    kept = [int(one) for one, n in zip(there, count) if n >= least and one >= -1]
    rest = int(count.sum() - sum(int(n) for one, n in zip(there, count) if one in kept))
    if len(kept) > MOST_LEVELS or len(kept) + (rest >= least) < 2 or rest > len(codes) / 2:
        return None
    said = [levels[one] if one >= 0 else MISSING.say() for one in kept]
    place = np.searchsorted(kept, codes)
    fits = np.isin(codes, kept)
    return Known(name, np.where(fits, place, len(kept)), (*said, *([OTHERS.say()] if rest else [])))


def _calendar(log: EventLog, waits: Waits) -> Iterator[Known]:
    """Month and weekday on which the wait began, as the wall clock shows it."""
    days = shown(log.about, waits.begun).astype("M8[D]")
    month = days.astype("M8[M]").astype(np.int64) % 12
    weekday = (days.astype(np.int64) + 3) % 7
    years = (days[-1] - days[0]) / np.timedelta64(365, "D")  # a month that came once is no season
    kinds = (("weekday", weekday, 7, False), *([("month", month, 12, True)] if years >= LEAST_YEARS else []))
    for kind, codes, size, of_time in kinds:
        words = [Message(f"drivers.{kind}.{one}").say() for one in range(size)]
        told = Message(f"drivers.of.{kind}")
        known = _folded(told.say(), codes, words)
        if known is not None:
            yield Known(known.name, known.codes, known.levels, of_time, told)


def _work(log: EventLog, waits: Waits, every: Waits) -> Iterator[Known]:
    """Waits of this kind under way in the office, and those begun there in the 28 days before, in thirds of the office."""
    here, all_there = offices_of_both(log, waits, every)
    under_way, came = np.zeros(len(here), np.int64), np.zeros(len(here), np.int64)
    for one in np.unique(here):
        own, there = here == one, all_there == one
        begun, moment = every.begun[there], waits.begun[own]
        gone = np.sort(every.ended[there & every.over])
        under_way[own] = np.searchsorted(begun, moment, "left") - np.searchsorted(gone, moment, "left")
        came[own] = np.searchsorted(begun, moment, "left") - np.searchsorted(begun, moment - LOOKING_BACK, "left")
    for kind, value in (("workload", under_way), ("arrivals", came)):
        told = Message(f"drivers.of.{kind}")
        words = [Message(f"drivers.third.{one}").say() for one in range(3)]
        known = _folded(told.say(), _thirds(value, here), words)
        if known is not None:
            yield Known(known.name, known.codes, known.levels, True, told)


def offices_of_both(log: EventLog, waits: Waits, every: Waits) -> tuple[Ints, Ints]:
    name = office_of(log.about)
    if name is None:
        return np.zeros(len(waits.case), np.int64), np.zeros(len(every.case), np.int64)
    codes: NDArray[np.int32] = log.attributes[name].codes
    return codes[waits.case].astype(np.int64), codes[every.case].astype(np.int64)


def _thirds(value: Ints, office: Ints) -> Ints:
    """0, 1, 2: low, middle, high among the values of the same office."""
    third = np.zeros(len(value), np.int64)
    for one in np.unique(office):
        own = office == one
        low, high = np.quantile(value[own], [1 / 3, 2 / 3])
        third[own] = (value[own] > low).astype(np.int64) + (value[own] > high)
    return third
