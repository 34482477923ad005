"""A first spec for an unknown file: what it may hold, asked in at most five questions, and written with comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procmine.find.checks.columns import by_name, by_shape
from procmine.kernels.flow import Ints
from procmine.load.columns import Columns, mask, plain
from procmine.load.dates.timestamps import MISSING, read_times
from procmine.load.events.table import coded
from procmine.load.raw import Raw
from procmine.load.shape.unknown import step_from
from procmine.log import EventLog, LogError, Text, shown
from procmine.words import Message, Span

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 9  # choices in a question
STEPS = 400  # different values, at most, of a column of steps
FEW = 60  # different values, at most, of a column whose values are shown
LOOKED = 200_000  # rows from which columns are judged
FORMATS = ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d/%m/%y", "%m/%d/%y", "%y-%m-%d", "%d.%m.%y")
# Parts of names of columns of steps, as plain() writes them; only such columns show values.
STEP_WORDS: tuple[str, ...] = (
    "step",
    "activ",
    "aktiv",
    "event",
    "task",
    "action",
    "milestone",
    "stage",
    "status",
    "schritt",
    "vorgang",
    "ereignis",
)
STEP_WORDS += (
    "étape",
    "tâche",
    "événement",
    "paso",
    "tarea",
    "evento",
    "fase",
    "attività",
    "passo",
    "stap",
    "taak",
    "krok",
    "czynno",
)
STEP_WORDS += (
    "zdarzen",
    "etapa",
    "žingsn",
    "veiksm",
    "βήμα",
    "ενέργεια",
    "toimenpide",
    "vaihe",
    "steg",
    "trin",
    "lépés",
)
DATELIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
# Dates that were planned, not when something happened.
PLANNED = re.compile(
    r"(?i)due|deadline|planned|target|expected|promised|frist|soll|geplant|échéance|prévu|vence|scaden|termin[aeiu]?\b"
)
CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")


@dataclass(frozen=True)
class Seen:
    """A column: how many rows are filled, how many values differ, a few shapes of them, and how its dates may be read.

    `readings` maps a format (None: it proves itself) to the first and last date that it gives; empty: no dates.
    """

    name: str
    filled: int
    different: int
    shapes: tuple[str, ...]
    readings: Mapping[str | None, tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """An answer that one may give: what it means to the spec, and in words."""

    columns: Columns
    said: Message


@dataclass(frozen=True)
class Draft:
    """What is settled so far; `left` are the questions that only people can answer."""

    source: str
    columns: Columns = field(default_factory=Columns)
    ends: Sequence[str] | str | None = None
    cutoff: str | None = None
    personal: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()


def look(raw: Raw) -> list[Seen]:
    """Every column of the table, as far as its first rows tell."""
    table = raw.table.slice(0, LOOKED)
    return [_seen(table[name], name, raw.serials) for name in table.column_names]


def _seen(column: pa.ChunkedArray, name: str, serials: bool) -> Seen:
    text = coded(column)
    codes = text.codes[text.codes >= 0]
    levels = text.levels.to_pylist()
    shapes = _examples(name, text, codes) or tuple(dict.fromkeys(mask(one) for one in levels[:40]))[:3]
    return Seen(name, len(codes), len(np.unique(codes)), shapes, _readings(column, name, serials, text))


def _examples(name: str, text: Text, codes: NDArray[np.int32]) -> tuple[str, ...]:
    """The three most frequent values of a column that seems to hold steps; of others none, as they may be personal."""
    if (
        not _looks_like_step(name)
        or not 2 <= len(np.unique(codes)) <= FEW
        or by_shape(text.levels.to_pylist(), len(codes))
    ):
        return ()
    count = np.bincount(codes, minlength=len(text.levels))
    return tuple(text.levels[int(code)].as_py()[:30] for code in np.argsort(-count, kind="stable")[:3])


def _readings(column: pa.ChunkedArray, name: str, serials: bool, text: Text) -> dict[str | None, tuple[str, str]]:
    """How a column can be read as dates: as it proves, or, where it proves nothing, in each way that reads nearly all."""
    try:
        moments = read_times(column, name, dates=None, serials=serials, show=False)
        return {None: _span(moments.time)} if _mostly(moments.time, text) else {}
    except LogError:
        pass
    found: dict[str | None, tuple[str, str]] = {}
    others: list[Ints] = []
    some = text.levels.slice(0, 200).to_pylist()
    if sum(DATELIKE.search(one) is not None for one in some) < 0.8 * len(some):
        return found
    for one in (date + clock for date in FORMATS for clock in CLOCKS):
        try:
            moments = read_times(column, name, dates=one, serials=False, show=False)
        except LogError:
            continue
        if (
            _mostly(moments.time, text)
            and moments.reading.key == "load.dates.given"
            and not any(np.array_equal(moments.time, other) for other in others)
        ):
            found[one] = _span(moments.time)
            others.append(moments.time)
    return found


def _mostly(time: Ints, text: Text) -> bool:
    filled = int(np.count_nonzero(text.codes >= 0))
    return filled > 0 and int(np.count_nonzero(time != MISSING)) >= 0.8 * filled


def _span(time: Ints) -> tuple[str, str]:
    good = time[time != MISSING]
    first, last = (str(one)[:10] for one in np.quantile(good, (0.01, 0.99), method="nearest").astype("M8[us]"))
    return first, last


def cases(seen: Sequence[Seen], rows: int, known: Columns) -> list[Choice]:
    """Columns that may identify a case, the likeliest first: many different values, and in most tables several rows each."""
    dates = {one.name for one in seen if one.readings}
    fit = [one for one in seen if one.name not in dates and one.different > 1 and one.filled >= 0.5 * rows]
    fit.sort(
        key=lambda one: (not _looks_like_id(one.name), -min(one.different / max(one.filled, 1), 0.5), -one.different)
    )
    return [Choice(replace(known, case=one.name), _told("draft.case", one)) for one in fit[:MOST]]


def _looks_like_id(name: str) -> bool:
    words = plain(name)
    return words.endswith(
        ("id", "nr", "no", "number", "key", "ref", "case", "file", "dossier", "aktenzeichen", "az", "ecli")
    )


def steps(seen: Sequence[Seen], known: Columns) -> list[Choice]:
    """Columns that may name the step of each row; or the columns of dates, where each row is a case."""
    wide = _wide(seen, known)
    fit = [one for one in seen if one.name != known.case and not one.readings and 2 <= one.different <= STEPS]
    fit = [one for one in fit if one.filled >= 0.5 * max(each.filled for each in seen)]
    fit.sort(key=lambda one: (not _looks_like_step(one.name), abs(np.log(one.different / 15))))
    found = [Choice(replace(known, activity=one.name), _told("draft.step", one)) for one in fit[: MOST - 1]]
    one_row = _one_row_a_case(seen, known)
    return [*wide, *found] if one_row or not fit else [*found, *wide]


def _looks_like_step(name: str) -> bool:
    return any(word in plain(name) for word in STEP_WORDS)


def _one_row_a_case(seen: Sequence[Seen], known: Columns) -> bool:
    return any(one.name == known.case and one.different >= 0.9 * one.filled for one in seen)


def _wide(seen: Sequence[Seen], known: Columns) -> list[Choice]:
    dates = [one for one in seen if one.readings and one.name != known.case and by_name(one.name) != "personal_birth"]
    dates = [one for one in dates if not PLANNED.search(one.name)] or dates
    if len(dates) < 2:
        return []
    named = {one.name: step_from(one.name) for one in dates}
    doubled = {step for step in named.values() if list(named.values()).count(step) > 1}
    milestones = {column: column if step in doubled else step for column, step in named.items()}
    ambiguous = {one.name for one in dates if None not in one.readings}
    said = Message("draft.wide", {"n": len(dates), "columns": ", ".join(named), "odd": len(ambiguous)})
    return [Choice(replace(known, milestones=milestones), said)]


def times(seen: Sequence[Seen], known: Columns) -> list[Choice]:
    """Columns of dates with every way to read them; of a wide table, the ways to read those that are not sure."""
    if known.milestones:
        unsure = [one for one in seen if one.name in known.milestones and None not in one.readings]
        common = [one for one in (unsure[0].readings if unsure else ()) if all(one in each.readings for each in unsure)]
        return [
            Choice(replace(known, dates={each.name: str(one) for each in unsure}), _when(unsure[0], one))
            for one in common
        ]
    dates = [one for one in seen if one.readings and by_name(one.name) != "personal_birth"]
    dates.sort(key=lambda one: (-one.filled, -one.different))
    found = [
        Choice(
            replace(known, timestamp=one.name, dates=None if reading is None else {one.name: reading}),
            _when(one, reading),
        )
        for one in dates
        for reading in one.readings
    ]
    return found[:MOST]


def _when(one: Seen, reading: str | None) -> Message:
    first, last = one.readings[reading]
    key = "draft.time" if reading is None else "draft.time.as"
    return Message(key, {"column": one.name, "first": first, "last": last, "format": str(reading)})


def _told(key: str, one: Seen) -> Message:
    return Message(key, {"column": one.name, "different": one.different, "shapes": ", ".join(one.shapes)})


def personal(seen: Sequence[Seen], known: Columns) -> tuple[str, ...]:
    """Columns that look personal by their names, and play no role."""
    roles = {known.case, known.activity, known.timestamp, known.start, known.resource, *(known.milestones or ())}
    return tuple(one.name for one in seen if one.name not in roles and by_name(one.name))


def planned(seen: Sequence[Seen], known: Columns) -> tuple[str, ...]:
    """Columns of dates that were left out of a wide table, because their names say that nothing happened then."""
    if not known.milestones:
        return ()
    return tuple(
        one.name for one in seen if one.readings and PLANNED.search(one.name) and one.name not in known.milestones
    )


def three_cases(log: EventLog, most: int = 3) -> list[Message]:
    """A usual finished case, a short one and one that is still open, told in sentences."""
    length = np.diff(log.offset)
    finished, waiting = np.flatnonzero(~log.open & (length > 0)), np.flatnonzero(log.open & (length > 0))
    picked = []
    if len(finished):
        by_length = finished[np.argsort(length[finished], kind="stable")]
        picked += [int(by_length[len(by_length) // 2]), int(by_length[0])]
    picked += [int(waiting[-1])] if len(waiting) else []
    picked += [int(one) for one in np.argsort(-length, kind="stable")[:most]]
    return [_case_told(log, one) for one in list(dict.fromkeys(picked))[:most]]


def _case_told(log: EventLog, case: int) -> Message:
    first, last = int(log.offset[case]), int(log.offset[case + 1])
    shown_steps = [0, 1, 2, 3, -2, -1] if last - first > 8 else range(last - first)
    places = list(dict.fromkeys(first + (one if one >= 0 else last - first + one) for one in shown_steps))
    parts = []
    for before, place in zip([None, *places], places):
        name = log.about.activities[log.activity[place]]
        if before is None:
            day = str(shown(log.about, log.time[[place]])[0])[:10]
            parts.append(Message("draft.first", {"step": name, "day": day}))
        elif place - before == 1 and log.time[place] == log.time[before]:
            parts.append(Message("draft.same_day", {"step": name}))
        elif place - before > 1:
            skipped = place - before - 1
            span = Span(float(log.time[place] - log.time[before]) / 1e6)
            parts.append(Message("draft.skipped", {"n": skipped, "step": name, "after": span}))
        else:
            span = Span(float(log.time[place] - log.time[before]) / 1e6)
            parts.append(Message("draft.next", {"step": name, "after": span}))
    state = Message("draft.open" if log.open[case] else "draft.done")
    row = 0 if log.origin is None else int(log.origin.row[first])
    return Message("draft.case_told", {"row": row, "steps": tuple(parts), "state": state})


Lines: TypeAlias = list[str]


def title_of(source: str) -> str:
    """A first title: the name of the file, without what says its kind."""
    return source.split(".")[0].replace("_", " ").strip() or source


def text_of(draft: Draft, log: EventLog) -> str:
    """The spec as a file, with comments, and the questions it could not answer."""
    columns, lines = draft.columns, [f"# {Message('draft.head', {'source': draft.source}).say()}"]
    lines += [f"source: {_scalar(draft.source)}"]
    lines += [f"# {Message('draft.title').say()}", f"title: {_scalar(title_of(draft.source))}"]
    lines += [f"# {Message('draft.milestones').say()}"] if columns.milestones else []
    lines += [*_columns(columns), *_file(columns)]
    lines += _dates(columns)
    lines += [f"# {Message('draft.planned', {'columns': ', '.join(draft.planned)}).say()}"] if draft.planned else []
    lines += [f"# {Message('draft.cutoff').say()}", f"cutoff: {draft.cutoff}"] if draft.cutoff else []
    lines += _ends(draft, log)
    if draft.personal:
        lines += [f"# {Message('draft.personal').say()}", f"drop: [{', '.join(map(_scalar, draft.personal))}]"]
    return "\n".join([*lines, "", *_questions(log), ""])


def _columns(columns: Columns) -> Lines:
    lines = ["columns:", f"  case: {_scalar(str(columns.case))}"]
    roles = ("activity", "timestamp", "clock", "start", "resource", "arrival", "order", "lifecycle", "instance")
    lines += [f"  {role}: {_scalar(getattr(columns, role))}" for role in roles if getattr(columns, role)]
    if columns.milestones:
        lines += ["  milestones:"]
        lines += [f"    {_scalar(column)}: {_scalar(str(step))}" for column, step in columns.milestones.items()]
    return lines


def _file(columns: Columns) -> Lines:
    said = {name: getattr(columns, name) for name in ("sheet", "header", "delimiter", "quote", "decimal", "encoding")}
    held = {name: value for name, value in said.items() if value is not None}
    return ["file:", *(f"  {name}: {_scalar(value)}" for name, value in held.items())] if held else []


def _dates(columns: Columns) -> Lines:
    if columns.dates is None:
        return []
    if isinstance(columns.dates, str):
        return ["dates:", f"  format: {_scalar(columns.dates)}"]
    return ["dates:", "  columns:", *(f"    {_scalar(name)}: {_scalar(one)}" for name, one in columns.dates.items())]


def _ends(draft: Draft, log: EventLog) -> Lines:
    if draft.ends == "every case":
        return ["ends: every case"]
    names = list(draft.ends or log.about.ends)
    if not names:
        return [f"# {Message('draft.no_ends').say()}"]
    return [
        f"# {Message('draft.ends').say()}",
        "ends:",
        *(f"  {_scalar(one)}: {_scalar(one.lower())}" for one in names),
    ]


def _questions(log: EventLog) -> Lines:
    """What the data cannot tell, as comments to fill in."""
    asked = ["complete_from", "who", "stages", "zone"]
    lines = [f"# {Message('draft.questions').say()}"]
    for one in asked:
        lines += [f"# - {Message(f'draft.question.{one}').say()}"]
        lines += [f"#   {line}" for line in _example(one, log)]
    return lines


def _example(question: str, log: EventLog) -> Lines:
    names = [_scalar(one) for one in log.about.activities[:40]]
    first = str(shown(log.about, np.array([log.about.begins]))[0])[:10]
    return {
        "complete_from": [f"complete_from: {first}"],
        "who": ["who_can_change:", *(f"  {one}: our policy" for one in names)],
        "stages": ["stages:", f"  Beginning: [{', '.join(names[:2])}]"],
        "zone": ["zone: Europe/Vienna"] if log.about.zone is None else [],
    }[question]


def _scalar(value: object) -> str:
    """Text as YAML takes it: bare where that is plain, else quoted; a number stays one."""
    if isinstance(value, int):
        return str(value)
    text = str(value)
    bare = (
        bool(text) and text.isprintable() and text[0].isalpha() and all(one.isalnum() or one in " _-./" for one in text)
    )
    unlike = text.lower() not in ("true", "false", "null", "yes", "no", "on", "off") and text == text.strip()
    return text if bare and unlike else "".join(map(_mark, json.dumps(text, ensure_ascii=False)))


def _mark(one: str) -> str:
    """A character inside quotation marks: what cannot be printed by its number, as YAML takes it no other way."""
    return one if one.isprintable() else f"\\U{ord(one):08x}"
