"""What people said about the cases: a table of contacts, laid on the log's cases, steps and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import from_wall
from procmine.kernels.flow import Ints
from procmine.load.arrays import strings
from procmine.load.columns import VoiceColumns, plain
from procmine.load.dates.timestamps import DAY, MISSING, read_times
from procmine.load.events.table import coded
from procmine.load.raw import Raw
from procmine.log import EventLog, LogError, Text, Voice
from procmine.words import Message, Value

Codes = NDArray[np.int32]


KNOWN: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "day", "time", "timestamp", "received", "when"),
    "case": ("case", "caseid", "casenumber", "caseno", "casenr", "caseref", "caseconceptname"),
    "step": ("step", "activity", "stage", "conceptname"),
    "kind": ("kind", "type", "category", "contacttype"),
    "channel": ("channel", "via", "medium"),
    "reason": ("reason", "subject", "topic", "issue", "complaint"),
    "score": ("score", "rating", "stars", "satisfaction", "grade"),
}


def with_voice(log: EventLog, raw: Raw, columns: VoiceColumns, hide: Callable[[str], str] | None = None) -> EventLog:
    """The log with its voices. A contact without a readable date is left out and counted; `hide` is what case
    ids became, where the log has pseudonyms."""
    named = _found(columns, raw)
    time, dated = _times(log.about, raw, named)
    rows = np.flatnonzero(time != MISSING)
    case = _cases(log, raw, named.case, hide)[rows]
    step = _steps(log, raw, named.step, case, np.where(dated, time + DAY - 1, time)[rows], rows)
    score, odd = _scores(raw, named.score)
    texts = {name: _text(raw, getattr(named, name)).take(rows) for name in ("kind", "channel", "reason")}
    voice = Voice(case=case, time=time[rows], step=step, score=score[rows], **texts)
    values: dict[str, Value] = {"n": len(rows), "source": raw.name, "undated": len(time) - len(rows)}
    note = Message("voice.read", {**values, "cases": int(np.count_nonzero(case >= 0)), "odd": odd})
    return replace(log, voice=voice, about=replace(log.about, notes=(*log.about.notes, note)))


def _found(columns: VoiceColumns, raw: Raw) -> VoiceColumns:
    """Every column by its name."""
    there: dict[str, list[str]] = {}
    for name in raw.table.column_names:
        there.setdefault(plain(name), []).append(name)
    found = columns
    for role, names in KNOWN.items():
        said = getattr(columns, role)
        if said is not None and said not in raw.table.column_names:
            raise LogError(f"{raw.name} has no column {said!r} (for {role}). There are: {', '.join(raw.names)}.")
        fitting = [name for one in names for name in there.get(one, ())]
        if said is None and fitting:
            found = replace(found, **{role: fitting[0]})
    if found.date is None:
        roles = ", ".join(one.name for one in fields(VoiceColumns))
        raise LogError(
            f"{raw.name}: no column of dates is known. There are: {', '.join(raw.names)}. Name it in the spec: "
            f"voice: {{source: {raw.name}, columns: {{date: ...}}}} (also: {roles})."
        )
    return found


def _times(about: About, raw: Raw, named: VoiceColumns) -> tuple[Ints, NDArray[np.bool_]]:
    """On the log's axis, and which are dates only."""
    assert named.date is not None
    moments = read_times(raw.table[named.date], named.date, dates=named.dates, serials=raw.serials, show=False)
    if about.axis == "civil":
        return moments.wall(about.zone), moments.dated
    wall = np.flatnonzero(~moments.zoned & (moments.time != MISSING))
    time = moments.time.copy()
    different, place = np.unique(time[wall], return_inverse=True)
    if about.zone is not None and len(wall):
        time[wall] = np.array([from_wall(one, about.zone) for one in different.astype("M8[us]")], np.int64)[place]
    return time, moments.dated


def _text(raw: Raw, name: str | None) -> Text:
    if name is None:
        return Text(np.full(len(raw.table), -1, np.int32), strings([]))
    return coded(raw.table[name])


def _cases(log: EventLog, raw: Raw, name: str | None, hide: Callable[[str], str] | None) -> Codes:
    """Codes of the log's cases."""
    known = {level: code for code, level in enumerate(log.case.levels.to_pylist())}
    text = _text(raw, name)
    levels = [level.strip() for level in text.levels.to_pylist()]
    codes = [known.get(level, known.get(hide(level), -1) if hide else -1) for level in levels]
    return np.array([*codes, -1], np.int32)[text.codes]


def _steps(log: EventLog, raw: Raw, name: str | None, case: Codes, time: Ints, rows: Ints) -> Codes:
    """The step that was named, else the last one of the case up to then."""
    text = _text(raw, name)
    known = {plain(step): code for code, step in enumerate(log.about.activities)}
    codes = [known.get(plain(level), -1) for level in text.levels.to_pylist()]
    said = np.array([*codes, -1], np.int32)[text.codes][rows]
    return np.where(said >= 0, said, _stood_at(log, case, time))


def _stood_at(log: EventLog, case: Codes, time: Ints) -> Codes:
    """The last step of each case at or before a moment (of a date: its last one), -1 where there is none."""
    number = np.full(len(log.case.levels) + 1, -1)
    number[log.case.codes] = np.arange(len(log))
    here = number[case]
    found = np.full(len(case), -1, np.int32)
    for row in np.flatnonzero(here >= 0):
        first, last = log.offset[here[row]], log.offset[here[row] + 1]
        place = first + np.searchsorted(log.time[first:last], time[row], side="right") - 1
        found[row] = log.activity[place] if place >= first else -1
    return found


def _scores(raw: Raw, name: str | None) -> tuple[NDArray[np.float64], int]:
    """Scores as numbers, and how many are none."""
    text = _text(raw, name)
    values = [_number(level) for level in text.levels.to_pylist()]
    score = np.array([*values, np.nan])[text.codes]
    return score, int(np.count_nonzero(np.isnan(score) & (text.codes >= 0)))


def _number(written: str) -> float:
    try:
        return float(written.strip().replace(",", "."))
    except ValueError:
        return np.nan
