"""From a log of objects to the log of one type of them, and what that makes of the events: repeated, mixed, left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.arrays import strings, whole_numbers
from procmine.load.columns import Columns
from procmine.load.formats.objects import LISTED, Cells, Gathered, ObjectLog
from procmine.load.formats.xes_blocks import event_name, trace_name
from procmine.load.raw import Places, Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

EVENT_ID, STEP, TIME, KIND = "ocel:eid", "ocel:activity", "ocel:timestamp", "ocel:type:"  # columns of the form as CSV
QUALIFIER = "ocel:qualifier"
ITEM = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"\[\]{}()]+?))\s*(,|$)""", re.DOTALL)


def flatten(log: ObjectLog, columns: Columns) -> Raw:
    """The log whose cases are the objects of `columns.object_type`: one row for each of them that an event concerns.

    An event of several of them is a row of each, and all rows of an event have its number in the file. Columns: case,
    step and time under pm4py's names, "ocel:eid", attributes of events, and "case:..." of the objects.
    """
    kind = _kind(log, columns.object_type)
    of_kind = np.array([one == kind for one in log.objects.type])
    rows = np.flatnonzero(of_kind[log.object])
    event, case = log.event[rows], log.object[rows]
    table = _table(log, event, case, [log.qualifier[row] for row in rows.tolist()])
    files, number = log.places.file[event], log.places.number[event]
    notes = (*log.notes, *_notes(log, kind, int(of_kind.sum()), event, case))
    places = Places(log.places.files, files, number)
    return Raw(table, log.source, table.column_names, first=1, notes=notes, repeats=True, places=places)


def flatten_table(raw: Raw, columns: Columns) -> Raw:
    """The same from a table with the columns "ocel:eid", "ocel:activity", "ocel:timestamp" and "ocel:type:...".

    Each cell of the last holds the ids of objects of that type: ['o1', 'o2']. Other columns are attributes of events.
    """
    gathered = Gathered(raw.name)
    held = {name: column.to_pylist() for name, column in _all(raw).items()}
    missing = [name for name in (EVENT_ID, STEP, TIME) if name not in held]
    kinds = [name for name in held if name.startswith(KIND)]
    if missing or not kinds:
        raise LogError(f"{raw.name}: a log of objects as a table needs {', '.join(missing or [KIND + '...'])}.")
    places = np.arange(len(raw.table))
    numbers = raw.row_numbers(places)
    others = [name for name in held if name not in (EVENT_ID, STEP, TIME, *kinds)]
    for row, number in enumerate(numbers.tolist()):
        related = [(kind, one) for kind in kinds for one in _ids(held[kind][row], raw.name, number, kind)]
        for kind, one in related:
            gathered.objects.setdefault(f"{kind}\0{one}", (one, kind.removeprefix(KIND), {}))
        values = {name: held[name][row] for name in others}
        links = [(f"{kind}\0{one}", None) for kind, one in related]
        gathered.event(held[EVENT_ID][row] or f"row {number}", held[STEP][row], held[TIME][row], values, links)
    stood = raw.places or Places((raw.name,), np.zeros(len(places), np.int8), numbers)
    flat = flatten(gathered.done(Places(stood.files, stood.file, numbers)), columns)
    return Raw(
        flat.table,
        raw.name,
        flat.names,
        1,
        None,
        raw.ragged,
        (*raw.notes, *flat.notes),
        repeats=True,
        places=flat.places,
    )


def _all(raw: Raw) -> dict[str, pa.ChunkedArray]:
    """All columns, also those that were not read at first, in the order of the source."""
    import pyarrow as pa

    tables = [raw.table, *([raw.rest()] if raw.rest else [])]
    held = {name: table[name].cast(pa.string()) for table in tables for name in table.column_names}
    return {name: held[name] for name in sorted(held, key=[*raw.names, *held].index)}


def _ids(cell: str | None, source: str, number: int, column: str) -> list[str]:
    """The ids in a cell: ['o1', "o2"], or one without brackets."""
    text = (cell or "").strip()
    if text[:1] not in ("[", "{", "("):
        return [text] if text else []
    inside, found, at = text[1:-1].strip().removesuffix(","), [], 0
    while at < len(inside):
        one = ITEM.match(inside, at)
        if one is None or text[-1] != {"[": "]", "{": "}", "(": ")"}[text[0]]:
            raise LogError(
                f"{source}: row {number:,}, column {column!r} does not hold a list of ids. Expected: ['o1', 'o2']."
            )
        quoted = one[1] if one[1] is not None else one[2]
        found.append(one[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = one.end()
    return list(dict.fromkeys(found))


def _kind(log: ObjectLog, wanted: str | None) -> str:
    """The type that cases are; LogError with all types where it is not said, or is not there."""
    types = log.types()
    if wanted in types or (wanted is None and len(types) == 1):
        return wanted or next(iter(types))
    listed = "; ".join(f"{name}: {objects:,} objects in {events:,} events" for name, (objects, events) in types.items())
    if not types:
        raise LogError(f"{log.source} is a log of objects, and none of its events concerns an object.")
    near = get_close_matches(wanted or "", types, 1)
    pick = near[0] if near else max(types, key=lambda name: types[name][1])
    what = "must be said" if wanted is None else f"cannot be {wanted!r}, which is not there"
    raise LogError(
        f"{log.source} is a log of objects of several types: what a case is {what}. Types: {listed}. "
        f'Say it: Columns(object_type="{pick}").'
    )


def _table(log: ObjectLog, event: Ints, case: Ints, qualifier: Cells) -> pa.Table:
    """The rows, without columns that hold nothing here."""
    import pyarrow as pa

    def taken(cells: Cells, place: Ints) -> pa.Array:
        return strings(cells).take(whole_numbers(place))

    columns = {
        "case:concept:name": taken(log.objects.id, case),
        "concept:name": taken(log.events.type, event),
        "time:timestamp": taken(log.time, event),
        EVENT_ID: taken(log.events.id, event),
    }
    if len(set(qualifier)) > 1:
        columns[QUALIFIER] = strings(qualifier)
    said = [(event_name(name), taken(cells, event)) for name, cells in log.events.values.items()]
    said += [(trace_name(name), taken(cells, case)) for name, cells in log.objects.values.items()]
    more = [(name, column) for name, column in said if column.null_count < len(column)]
    return pa.table(
        [*columns.values(), *(column for _, column in more)], unique_names([*columns, *(name for name, _ in more)])
    )


def _notes(log: ObjectLog, kind: str, objects: int, event: Ints, case: Ints) -> Iterator[Message]:
    """What the choice of this type does to the events."""
    steps = np.array([str(one) for one in log.events.type], object)
    seen = len(np.unique(case))
    yield Message(
        "load.ocel.kind", {"kind": kind, "cases": seen, "rows": len(event), "events": len(set(event.tolist()))}
    )
    if objects > seen:
        yield Message("load.ocel.idle", {"n": objects - seen, "kind": kind})
    changed = {name: count for (type, name), count in log.changes.items() if type == kind}
    if changed:
        yield Message("load.ocel.changes", {"n": sum(changed.values()), "names": ", ".join(list(changed)[:LISTED])})
    several = np.flatnonzero(np.bincount(event, minlength=len(steps)) > 1)
    if len(several):
        counts = {"n": len(several), "of": len(np.unique(event)), "more": len(event) - len(np.unique(event))}
        yield Message("load.ocel.convergence", {**counts, "steps": _most(steps[several])})
    for other, mixed in _divergent(log, kind, event, case):
        values: dict[str, int | str] = {"n": len(mixed), "kind": other, "steps": _most(steps[event[mixed]])}
        yield Message("load.ocel.divergence", values)
    left = np.setdiff1d(np.arange(len(steps)), event)
    if len(left):
        yield Message(
            "load.ocel.deficiency", {"n": len(left), "of": len(steps), "kind": kind, "steps": _most(steps[left])}
        )


def _divergent(log: ObjectLog, kind: str, event: Ints, case: Ints) -> Iterator[tuple[str, Ints]]:
    """Per other type: the rows of one step in one case that concern different objects of that type."""
    coded = {step: code for code, step in enumerate(dict.fromkeys(log.events.type))}
    step = np.array([coded[one] for one in log.events.type], np.int64)[event]
    same, number, count = np.unique(case * len(coded) + step, return_inverse=True, return_counts=True)
    repeated = count[number] > 1
    for other in log.types():
        sets = _sets(log, other)
        if other == kind or not repeated.any():
            continue
        here = np.flatnonzero(repeated & (sets[event] > 0))
        low = np.full(len(same), np.iinfo(np.int64).max)
        high = np.zeros(len(same), np.int64)
        np.minimum.at(low, number[here], sets[event[here]])
        np.maximum.at(high, number[here], sets[event[here]])
        mixed = here[(low < high)[number[here]]]
        if len(mixed):
            yield other, mixed


def _sets(log: ObjectLog, kind: str) -> Ints:
    """Per event, a number for the set of objects of a type that it concerns; 0 if there are none."""
    of_kind = np.array([one == kind for one in log.objects.type])
    rows = np.flatnonzero(of_kind[log.object])
    concerned: dict[int, list[int]] = {}
    for event, one in zip(log.event[rows].tolist(), log.object[rows].tolist()):
        concerned.setdefault(event, []).append(one)
    known: dict[tuple[int, ...], int] = {}
    number = np.zeros(len(log.events.id), np.int64)
    for event, objects in concerned.items():
        number[event] = known.setdefault(tuple(sorted(objects)), len(known) + 1)
    return number


def _most(steps: NDArray[np.object_]) -> str:
    """The steps that happen most, with how often."""
    counted: Mapping[str, int] = Counter(steps.tolist())
    most = Counter(counted).most_common(LISTED)
    rest = f" and {len(counted) - LISTED:,} other steps" if len(counted) > LISTED else ""
    return ", ".join(f"{step} {count:,}" for step, count in most) + rest
