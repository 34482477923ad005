"""The offices of a log: those that it has, how they differ from those of the last run, and over which days each is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.load.arrays import strings
from procmine.log import EventLog, LogError, Text, check_attributes
from procmine.publish.batch.before import Before
from procmine.publish.batch.job import Kind, Office, OfficesFound, Period
from procmine.publish.batch.months import LENGTHS, days, moments
from procmine.publish.batch.names import UNSTATED, folders
from procmine.publish.batch.settings import JobsSettings, OfficeSettings, OfficesSettings, several_of
from procmine.publish.persons import may_name_people
from procmine.words import Message

MOST = 1_000
ALIKE = 85  # of 100: from here on two names are spelt alike
NONE = ""  # stands for cases that name no office, where offices are told by name


@dataclass(frozen=True)
class Counted:
    """Cases of one office in some days."""

    watched: int
    begun: int
    closed: int

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.watched + other.watched, self.begun + other.begun, self.closed + other.closed)


def with_offices(log: EventLog, by: str, said: OfficesSettings) -> EventLog:
    """The log with the names that the offices have now; a blank name is none."""
    check_attributes(log.about, [by], log.about.attributes)
    if may_name_people(log.about, by):
        raise LogError(f"for_each: {by!r} names people, and people are not compared. Name an office or a unit.")
    text, new = log.attributes[by], said.new_names()
    levels = text.levels.to_pylist()
    names = [new.get(level, level) for level in levels]
    used = {names[code] for code in np.unique(text.codes[text.codes >= 0])}
    if len(used) > MOST:
        raise LogError(f"for_each: {by!r} has {len(used):,} values; one with at most {MOST:,} offices is needed.")
    there = list(dict.fromkeys(name for name in names if name.strip()))
    place = {name: code for code, name in enumerate(there)}
    codes = np.array([*(place.get(name, -1) for name in names), -1], np.int32)[text.codes]
    about = log.about
    if about.calendar_by == by:
        about = replace(about, calendars=_calendars(about.calendars, new))
    if names != levels:
        about = about.after(Message("jobs.names", {"by": by}))
    return replace(log, about=about, attributes={**log.attributes, by: Text(codes, strings(there))})


def office_names(log: EventLog, by: str) -> list[str]:
    """Those of the log's cases, by the alphabet; cases that name none come last, as ""."""
    text = log.attributes[by]
    levels = text.levels.to_pylist()
    named = sorted(levels[code] for code in np.unique(text.codes[text.codes >= 0]))
    return [*named, *([NONE] if np.any(text.codes < 0) else [])]


def cases_of_office(log: EventLog, by: str, name: str) -> NDArray[np.bool_]:
    text = log.attributes[by]
    return text.codes < 0 if name == NONE else text.among([name])


def find_offices(
    logs: Sequence[EventLog], settings: JobsSettings, before: Before, month: str, raw: Collection[str]
) -> OfficesFound:
    """The offices of all logs together; `raw` are the names as they stand in the sources."""
    by, said = settings.for_each, settings.offices
    assert by is not None
    there = {name for log in logs for name in office_names(log, by)}
    every = [*sorted(there - {NONE, *said.leave_out}), *([NONE] if NONE in there else [])]
    places = folders([name for name in every if name], before.folders)
    places |= {NONE: UNSTATED} if NONE in every else {}
    of_kind = {kind: _counts(logs, by, days(kind, month)) for kind in LENGTHS}
    counts = {name: {kind: of_kind[kind][name] for kind in LENGTHS} for name in every}
    found = tuple(_office(name, places[name], counts[name], settings, month) for name in every)
    was = {title_of(one.name): one.name or NONE for one in before.offices.every}
    known = {one.title for one in found} | {*said.leave_out} | {*said.new_names()}
    whole = OfficesFound(
        every=found,
        new=tuple(one.title for one in found if before.month and one.title not in was),
        renamed={old: new for old, new in said.renamed.items() if old in raw or old in was},
        merged={new: olds for new, olds in said.merged.items() if {*olds} & ({*raw} | {*was})},
        silent=tuple(sorted([*_quiet(found, counts), *(name for name in was if name not in known)])),
        small=tuple(one.title for one in found if counts[one.name or NONE]["month"].closed < settings.small.least),
        seeming=_seeming([name for name in was.values() if name and name not in known], found, was),
        left_out=tuple(name for name in said.leave_out if name in there),
        folders={**before.folders, **places},
    )
    return replace(whole, said=tuple(_said(whole, settings, before, month, {*raw} | there)))


def title_of(name: str | None) -> str:
    return name or Message("jobs.unstated").say()


def _counts(logs: Sequence[EventLog], by: str, when: tuple[str, str]) -> dict[str, Counted]:
    """Of each office, over all logs, in these days."""
    found: dict[str, Counted] = {}
    for log in logs:
        first, last = moments(log.about, *when)
        begun, closed = ((one >= first) & (one <= last) for one in (log.arrival, log.until))
        watched = (log.arrival <= last) & (log.until >= first)
        names = [*log.attributes[by].levels.to_pylist(), NONE]
        place = log.attributes[by].codes % len(names)  # -1, none, is the last
        every = [np.bincount(place[of], minlength=len(names)) for of in (watched, begun, closed & ~log.open)]
        for name, *here in zip(names, *every):
            found[name] = found.get(name, Counted(0, 0, 0)) + Counted(*map(int, here))
    return found


def _office(name: str, folder: str, counts: Mapping[Kind, Counted], settings: JobsSettings, month: str) -> Office:
    period = _period(title_of(name), counts, settings, month)
    of, known = counts[period.kind], settings.offices.each.get(name, OfficeSettings())
    language = known.language or settings.language
    counted = {"cases": of.watched, "begun": of.begun, "closed": of.closed}
    return Office(name or None, title_of(name), folder, **counted, period=period, mail=known.mail, language=language)


def _period(title: str, counts: Mapping[Kind, Counted], settings: JobsSettings, month: str) -> Period:
    """The month, or the first longer one in which enough cases were closed; the longest, where that is not enough."""
    least, then = settings.small.least, sorted(settings.small.then, key=lambda kind: LENGTHS[kind])
    if counts["month"].closed >= least:
        return Period("month", *days("month", month))
    ways: list[Kind] = [kind for kind in then if counts[kind].closed >= least]
    kind: Kind = ways[0] if ways else then[-1] if then else "month"
    first, last = days(kind, month)
    values: dict[str, Any] = {"office": title, "least": least, "first": first, "last": last}
    values |= {"month": month} if ways else {}
    if settings.audience != "team":
        return Period(kind, first, last, Message(f"jobs.few.{kind if ways else 'still'}", values))
    values |= {"wider": counts[kind].closed} | ({"closed": counts["month"].closed} if ways else {})
    return Period(kind, first, last, Message(f"jobs.small.{kind if ways else 'still'}", values))


def _quiet(found: Sequence[Office], counts: Mapping[str, Mapping[Kind, Counted]]) -> list[str]:
    month = {one.title: counts[one.name or NONE]["month"] for one in found}
    return [title for title, of in month.items() if not of.begun and not of.closed]


def _seeming(gone: Sequence[str], found: Sequence[Office], was: Collection[str]) -> dict[str, str]:
    """Names that went -> the one spelt alike that came, where each is the best for the other."""
    from rapidfuzz import fuzz

    came = [one.name for one in found if one.name and one.title not in was]
    score = {(old, new): fuzz.ratio(old.casefold(), new.casefold()) for old in gone for new in came}
    pairs = sorted((pair for pair, of in score.items() if of >= ALIKE), key=lambda pair: (-score[pair], pair))
    best: dict[str, str] = {}
    for old, new in pairs:
        if old not in best and new not in best.values():
            best[old] = new
    return best


def _said(
    found: OfficesFound, settings: JobsSettings, before: Before, month: str, there: Collection[str]
) -> Iterator[Message]:
    by = str(settings.for_each)
    yield Message("jobs.found", {"offices": len(found.every), "by": by})
    yield from (Message("jobs.unstated.some", {"cases": one.cases}) for one in found.every if one.name is None)
    if before.month is None:
        yield Message("jobs.first_run")
    for key, names in (("new", found.new), ("silent", found.silent), ("left_out", found.left_out)):
        if names:
            values = {"offices": ", ".join(names), "month": before.month or month if key == "new" else month}
            yield Message(f"jobs.{key}", values if key != "left_out" else {"offices": values["offices"]})
    yield from (Message("jobs.renamed", {"old": old, "new": new}) for old, new in found.renamed.items())
    yield from (Message("jobs.merged", {"old": ", ".join(olds), "new": new}) for new, olds in found.merged.items())
    yield from (Message("jobs.seeming", {"old": old, "new": new}) for old, new in found.seeming.items())
    unknown = [name for name in _spoken_of(settings) if name not in there]
    if unknown:
        yield Message("jobs.unknown", {"offices": ", ".join(unknown)})
    changed = [one.name for one in found.every if one.name and one.folder != one.name]
    if changed:
        yield Message("jobs.moved_folder", {"offices": ", ".join(changed)})
    yield from (one.period.why for one in found.every if one.period.why is not None)


def _spoken_of(settings: JobsSettings) -> list[str]:
    said = settings.offices
    olds = [old for several in said.merged.values() for old in several]
    where = [name for one in settings.overrides for name in several_of(one.where.office)]
    return list(dict.fromkeys([*said.renamed, *olds, *said.leave_out, *said.each, *where]))


def _calendars(calendars: Mapping[str, Any], new: Mapping[str, str]) -> dict[str, Any]:
    """The opening hours under the names that the offices have now; LogError where merged ones differ in theirs."""
    found = {name: one for name, one in calendars.items() if name not in new}
    for name in dict.fromkeys(new.values()):
        olds = [old for old, now in new.items() if now == name] + ([name] if name in calendars else [])
        hours = [calendars.get(old, calendars.get("default")) for old in olds]
        if any(one != hours[0] for one in hours):
            raise LogError(f"offices: those that become {name!r} have different opening hours ({', '.join(olds)}).")
        found |= {name: hours[0]} if {*olds} & {*calendars} else {}
    return found
