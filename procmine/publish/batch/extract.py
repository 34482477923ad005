"""The extract of an office: its own cases as a log, with the rules of the whole log and nothing of other offices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from procmine.about import About, Audience
from procmine.log import EventLog
from procmine.publish.batch.offices import NONE, cases_of_office, title_of
from procmine.scale.whole import only_used
from procmine.words import Message, Value

# What the door said of the whole that holds for each of its cases, and counts nothing.
KEPT_NOTES = (
    "load.ends.given",
    "load.ends.found",
    "load.ends.every",
    "load.cutoff.",
    "load.axis.instant",
    "load.dormant.",
)


def office_extract(log: EventLog, by: str, name: str, *, audience: Audience) -> EventLog:
    """The cases of one office ("" = those that name none), with the cutoff, ends, clocks and rules of the whole log.

    Steps that no case of the office had are gone from all lists, except where a clock or a limit would then count
    otherwise; so are the values of texts, calendars, notes and names of files that tell of other offices. Which cases are
    open, and since when, is as in the whole log. Said in the language spoken now.
    """
    here = log.take(np.flatnonzero(cases_of_office(log, by, name)))
    own = _own_steps(only_used(here))
    foreign = _foreign(log, own, by, name)
    about = replace(own.about, **_rules(log.about, own), **_told(log.about, own, by, name, foreign), audience=audience)
    return replace(own, about=about)


def _own_steps(log: EventLog) -> EventLog:
    """With activities only that happened in these cases, that a contact names, or that a rule needs."""
    codes = {*np.unique(log.activity).tolist(), *_needed(log)}
    codes |= set() if log.voice is None else {*np.unique(log.voice.step[log.voice.step >= 0]).tolist()}
    kept = np.array(sorted(codes), np.int64)
    new = np.full(len(log.about.activities) + 1, -1, np.int64)
    new[kept] = np.arange(len(kept))
    about = replace(log.about, activities=tuple(log.about.activities[code] for code in kept))
    voice = None if log.voice is None else replace(log.voice, step=new[log.voice.step].astype(log.voice.step.dtype))
    return replace(log, about=about, activity=new[log.activity].astype(log.activity.dtype), voice=voice)


def _needed(log: EventLog) -> set[int]:
    """The steps of the rules that stay (`_clock`, `_limits`), by code."""
    names = log.about.activities
    there = {names[code] for code in np.unique(log.activity)}
    clock, limits = _clock(log.about, there), _limits(log.about, there)
    said = [clock.get("begins"), *clock.get("stops", ())]
    said += [step for one in clock.get("pauses", ()) for step in (one["from_step"], one["to_step"])]
    said += [step for one in limits for step in (one["start"], *_several(one["stop"]))]
    steps = {step for name in said if name for step in log.about.stages.get(name, (name,))}
    return {code for code, name in enumerate(names) if name in steps}


def _rules(whole: About, own: EventLog) -> dict[str, Any]:
    """What the spec says, as far as it is about steps and calendars of this office."""
    there, happened = {*own.about.activities}, {own.about.activities[code] for code in np.unique(own.activity)}
    stages = {stage: tuple(step for step in steps if step in there) for stage, steps in whole.stages.items()}
    return {
        "ends": tuple(step for step in whole.ends if step in there),
        "outcomes": {step: one for step, one in whole.outcomes.items() if step in there},
        "first_steps": tuple(step for step in whole.first_steps if step in there),
        "stages": {stage: steps for stage, steps in stages.items() if steps},
        "tags": {step: who for step, who in whole.tags.items() if step in there},
        "clock": _clock(whole, happened),
        "limits": _limits(whole, happened),
        "calendars": _calendars(whole, own),
    }


def _clock(about: About, there: Collection[str]) -> dict[str, Any]:
    """Without pauses that never begin here, and stops that never come where others do: no time is counted otherwise."""
    clock = dict(about.clock)
    if "pauses" in clock:
        clock["pauses"] = _like(
            clock["pauses"], [one for one in clock["pauses"] if _happens(about, one["from_step"], there)]
        )
    stops = [one for one in clock.get("stops", ()) if _happens(about, one, there)]
    if stops:
        clock["stops"] = _like(clock["stops"], stops)
    return clock


def _limits(about: About, there: Collection[str]) -> tuple[Mapping[str, Any], ...]:
    """Without limits that never begin to run here; those that do keep all the steps with which they end."""
    steps = {*about.activities, *about.stages}
    return tuple(one for one in about.limits if one["start"] not in steps or _happens(about, one["start"], there))


def _happens(about: About, name: str, there: Collection[str]) -> bool:
    return any(step in there for step in about.stages.get(name, (name,)))


def _like(before: Any, now: list[Any]) -> Any:
    return type(before)(now)


def _several(steps: str | Collection[str]) -> Collection[str]:
    return (steps,) if isinstance(steps, str) else steps


def _calendars(whole: About, own: EventLog) -> dict[str, Any]:
    """Those that a case of the office may have."""
    if whole.calendar_by is None or whole.calendar_by not in own.attributes:
        return dict(whole.calendars)
    mine = {*own.attributes[whole.calendar_by].levels.to_pylist(), "default"}
    return {name: one for name, one in whole.calendars.items() if name in mine}


def _foreign(log: EventLog, own: EventLog, by: str, name: str) -> set[str]:
    """Names of other offices and of steps that only they have."""
    offices = {one for one in log.attributes[by].levels.to_pylist() if one != name}
    return offices | ({*log.about.activities} - {*own.about.activities})


def _told(whole: About, own: EventLog, by: str, name: str, foreign: set[str]) -> dict[str, Any]:
    title = title_of(name)
    source = {key: one for key, one in whole.source.items() if "sha" in key or "hash" in key}
    if len(whole.files) <= 1:  # several files may be called by offices
        source = {key: one for key, one in whole.source.items() if not _tells(one, foreign)}
    kept = [one for one in whole.notes if one.key.startswith(KEPT_NOTES) and not _mentions(one, foreign)]
    rows, of = len(own.time), Message("jobs.extract_of", {"office": title})
    counted = Message("load.rows", {"rows": rows, "source": of, "kept": rows, "joined": 0, "aside": 0})
    values = {"title": whole.title, "office": title}
    return {
        "title": Message("jobs.office_title", values).say() if whole.title else title,
        "source": source,
        "files": (),
        "notes": (counted, Message("jobs.extract", {"office": title}), *kept),
        "history": (_chosen(by, name),),
    }


def _chosen(by: str, name: str) -> Message:
    if name == NONE:
        return Message("kept.where", {"what": Message("jobs.none_stated", {"name": by})})
    return Message("kept.where", {"what": (Message("kept.where.one", {"name": by, "value": name}),)})


def _mentions(message: Message, names: Collection[str]) -> bool:
    return any(_tells(value, names) for value in message.values.values())


def _tells(value: Value, names: Collection[str]) -> bool:
    if isinstance(value, Message):
        return _mentions(value, names)
    if isinstance(value, tuple):
        return any(_mentions(one, names) for one in value)
    return isinstance(value, str) and any(name and name.casefold() in value.casefold() for name in names)
