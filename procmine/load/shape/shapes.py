"""From the tables that were read to one table of events: filtered, made long, stacked, related, joined, repaired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import strings, whole_numbers
from procmine.load.columns import ROLES, Columns, Settled, find_roles, mask, missing_roles, persons
from procmine.load.events.watch import listed
from procmine.load.raw import IN_FILE, Places, Raw
from procmine.load.shape.joins import join
from procmine.load.shape.relations import related, unite
from procmine.load.shape.repairs import repaired
from procmine.load.shape.sources import Part, Parts
from procmine.load.shape.unknown import refuse
from procmine.load.shape.wide import as_iso, as_long, free_name, long, marks_of, steps_of
from procmine.load.text import as_coded, codes_and_levels
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from procmine.load.events.table import Given

TIMES = ("timestamp", "start", "arrival")


@dataclass(frozen=True, eq=False)
class Shaped:
    """One table of events; `order` are the steps of milestones in their order, `called` new names of columns, `persons`
    new columns that name people."""

    raw: Raw
    columns: Columns
    order: tuple[str, ...] = ()
    history: tuple[Message, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    persons: tuple[str, ...] = ()

    def into(self, given: Given) -> Given:
        """What the user said about the log, with what became of its columns."""
        same = tuple(given.same_moment) or self.order
        ours = not given.same_moment and len(self.order) > 1
        note = (Message("load.wide.order", {"steps": listed(list(self.order))}),) if ours else ()
        history, notes = (*given.history, *self.history), (*given.notes, *note)
        people = tuple(dict.fromkeys((*(self.called.get(name, name) for name in given.persons), *self.persons)))
        return replace(given, columns=self.columns, same_moment=same, history=history, notes=notes, persons=people)


def shaped(parts: Parts) -> Shaped:
    """One table of events from all that was read; a single table of events stays as it is."""
    spec = parts.spec
    found = [_made_long(part, parts) for part in (_filtered(part, parts) for part in parts.sources)]
    order = tuple(dict.fromkeys(step for one in found for step in one.order))
    if parts.relations:
        found = _related(parts, found)
    whole = found[0] if len(found) == 1 else _stacked(parts, found)
    whole = _joined(parts, replace(whole, order=order))
    said = (("fixed.drop", parts.dropped), ("fixed.pseudonymise", parts.hidden))
    history = tuple(Message(key, {"columns": listed(list(names))}) for key, names in said if names)
    if spec is None or not (spec.renames or spec.split_steps):
        return replace(whole, history=history)
    columns = find_roles(whole.columns, whole.raw.names, whole.raw.name)
    by = {step: whole.called.get(column, column) for step, column in spec.split_steps.items()}
    mended = repaired(whole.raw, columns, spec.renames, by)
    steps = _present(mended.raw, columns, order, spec.renames, by)
    return replace(whole, raw=mended.raw, order=steps, history=(*history, *mended.history))


def _filtered(part: Part, parts: Parts) -> Part:
    """Only the rows that the spec asks for by `where`."""
    top = parts.spec.where if parts.spec is not None and part.said is not None else {}
    where = {**top, **(part.said.where if part.said is not None else {})}
    raw = part.raw
    for column, value in where.items():
        raw = only(raw, column, (value,) if isinstance(value, str) else value, part.columns.show_values)
    return replace(part, raw=raw)


def _where(part: Part) -> Raw:
    """A table to join or of relations, with only the rows that it asks for itself, and a word on those that are no rows."""
    raw, lost = part.raw, part.raw.lost()
    if lost:
        file, row, _ = lost[0]
        place = Message("load.place.file", {"row": row, "file": file})
        told = Message("load.aside.ragged", {"n": len(lost), "row": row, "place": place, "places": (place,)})
        raw = replace(raw, notes=(*raw.notes, Message("load.several.note", {"files": part.name, "note": told})))
    for column, value in (part.said.where if part.said is not None else {}).items():
        raw = only(raw, column, (value,) if isinstance(value, str) else value, part.columns.show_values)
    return raw


def only(raw: Raw, column: str, values: Sequence[str], show: bool = False) -> Raw:
    """The rows in which a column has one of these values, and a note of how many they are."""
    if column not in raw.table.column_names:
        raise LogError(f"where: {raw.name} has no column {column!r}. There are: {', '.join(raw.table.column_names)}.")
    codes, levels = codes_and_levels(raw.table[column])
    wanted = [place for place, level in enumerate(levels) if level in values]
    rows = np.flatnonzero(np.isin(codes, wanted))
    if not len(rows):
        there = listed(list(dict.fromkeys(mask(level, show) for level in levels)))
        raise LogError(
            f"where: no row of {raw.name} has {column} = {' or '.join(values)}. Its values are written like: "
            f"{there or 'nothing'}. They are compared as text, capitals too."
        )
    values_said: dict[str, Any] = {"n": len(rows), "of": len(raw.table), "source": raw.name, "column": column}
    note = Message("load.where", {**values_said, "values": " or ".join(values)})
    return replace(_taken(raw, rows), notes=(*raw.notes, note))


def _taken(raw: Raw, rows: Ints) -> Raw:
    files = (raw.name,) if raw.places is None else raw.places.files
    file = np.zeros(len(rows), np.int64) if raw.places is None else raw.places.file[rows]
    places = Places(files, file, raw.row_numbers(rows))
    place, rest = whole_numbers(rows), raw.rest
    return replace(
        raw, table=raw.table.take(place), places=places, rest=None if rest is None else lambda: rest().take(place)
    )


def _made_long(part: Part, parts: Parts) -> Shaped:
    raw, columns = part.raw, part.columns
    if not columns.milestones:
        return Shaped(raw, columns)
    names = raw.table.column_names
    columns = find_roles(columns, names, raw.name)
    if missing_roles(columns):
        raise refuse(raw, columns)
    marks = marks_of(columns, names, raw.name)
    longer = as_long(columns, names, raw.name)
    made = long(raw, columns)
    if columns.arrival is not None:  # the times of a long table are ISO 8601
        made = _with_iso(made, replace(columns, milestones=None), columns.arrival)
    own = [name for mark in marks for name, held in mark.attributes.items() if _names_people(held, columns, parts)]
    return Shaped(made, longer, steps_of(marks), persons=tuple(dict.fromkeys(own)))


def _names_people(column: str, columns: Columns, parts: Parts) -> bool:
    return bool(persons([column], columns)) or (parts.spec is not None and column in parts.spec.persons)


def _with_iso(raw: Raw, columns: Columns, name: str) -> Raw:
    text, message = as_iso(raw, columns, name)
    place = raw.table.column_names.index(name)
    return replace(raw, table=raw.table.set_column(place, name, text), notes=(*raw.notes, message))


def _related(parts: Parts, found: Sequence[Shaped]) -> list[Shaped]:
    """Each source with the cases of the log instead of its own."""
    coded = [codes_and_levels(one.raw.table[_case(one)]) for one in found]
    names = [part.name for part in parts.sources]
    cases: dict[str, list[str]] = {}
    for name, (_, levels) in zip(names, coded):
        cases[name] = list(dict.fromkeys((*cases.get(name, ()), *levels)))
    filtered = [_where(one) for one in parts.relations]
    tables = [related(raw, getattr(one.said, "between", {})) for raw, one in zip(filtered, parts.relations)]
    united = unite(cases, tables, show=parts.sources[0].columns.show_values)
    made = []
    for name, one, (codes, levels) in zip(names, found, coded):
        new = strings([united.names[name][level] for level in levels])
        made.append(replace(one, raw=_set(one.raw, _case(one), _coded(codes, new))))
    first = made[0]
    notes = (*first.raw.notes, *(note for raw in filtered for note in raw.notes), *united.notes)
    return [replace(first, raw=replace(first.raw, notes=notes)), *made[1:]]


def _case(one: Shaped) -> str:
    if one.columns.case is None:
        raise refuse(one.raw, one.columns)
    return one.columns.case


def _coded(codes: Ints, levels: pa.StringArray) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(whole_numbers(codes, codes >= 0).cast(pa.int32()), levels)


def _set(raw: Raw, name: str, column: pa.Array) -> Raw:
    return replace(raw, table=raw.table.set_column(raw.table.column_names.index(name), name, column))


def _stacked(parts: Parts, found: Sequence[Shaped]) -> Shaped:
    """One below the other, under common names of the columns with a role and with times as ISO 8601."""
    import pyarrow as pa

    for one in found:
        if missing_roles(one.columns):
            raise refuse(one.raw, one.columns)
    roles = _common(found)
    ready = [_renamed(_all_iso(one), roles) for one in found]
    names = list(dict.fromkeys(name for one in ready for name in one.raw.table.column_names))
    whole = pa.table({name: _chunks(ready, name) for name in names})
    called = {
        getattr(one.columns, role): name for one in found for role, name in roles.items() if getattr(one.columns, role)
    }
    raw = Raw(
        whole,
        parts.name,
        names,
        first=1,
        notes=(
            Message(
                "load.parts", {"n": len(found), "names": listed(list(dict.fromkeys(p.name for p in parts.sources)))}
            ),
            *(note for one in ready for note in one.raw.notes),
        ),
        rest=_rest([one.raw for one in ready]),
        repeats=all(one.raw.repeats for one in ready),
        **_stood([one.raw for one in ready]),
    )
    repeated = next((one.columns.repeated for one in found if one.columns.repeated), None)
    named: dict[str, Any] = {**roles, **_attributes(found, ready)}
    columns = Settled(**named, dates="iso", repeated=repeated)
    people = tuple(dict.fromkeys(name for one in ready for name in one.persons))
    return Shaped(raw, columns, called=called, persons=people)


def _common(found: Sequence[Shaped]) -> dict[str, str]:
    """A name for each role: the one that all sources use, else the role's own."""
    names = {name for one in found for name in one.raw.table.column_names}
    roles: dict[str, str] = {}
    for role in ROLES:
        used = {getattr(one.columns, role) for one in found} - {None}
        if used:
            other = names - used
            roles[role] = used.pop() if len(used) == 1 else free_name(role, other | set(roles.values()))
    return roles


def _all_iso(one: Shaped) -> Shaped:
    raw = one.raw
    for role in TIMES:
        name = getattr(one.columns, role)
        if name is None or (one.columns.dates == "iso" and _is_text(raw.table[name])):
            continue
        raw = _with_iso(raw, one.columns, name)
    return replace(one, raw=raw)


def _is_text(column: pa.ChunkedArray) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(column.type))


def _renamed(one: Shaped, roles: Mapping[str, str]) -> Shaped:
    called = {getattr(one.columns, role): name for role, name in roles.items() if getattr(one.columns, role)}
    new = [called.get(name, name) for name in one.raw.table.column_names]
    own: dict[str, Any] = {role: name for role, name in roles.items() if getattr(one.columns, role)}
    table = one.raw.table.rename_columns(new)
    for role, name in own.items():  # one column may play two roles, such as the time of a step and the arrival
        if name not in table.column_names:
            table = table.append_column(name, one.raw.table[getattr(one.columns, role)])
    return replace(one, raw=replace(one.raw, table=table), columns=replace(one.columns, **own))


def _chunks(found: Sequence[Shaped], name: str) -> pa.ChunkedArray:
    import pyarrow as pa

    kind = pa.dictionary(pa.int32(), pa.string())
    tables = [one.raw.table for one in found]
    arrays = [as_coded(t[name]).cast(kind) if name in t.column_names else pa.nulls(len(t), kind) for t in tables]
    return pa.chunked_array(arrays, kind).unify_dictionaries()


def _rest(raws: Sequence[Raw]) -> Callable[[], pa.Table] | None:
    """What was left out of the sources, one below the other."""
    import pyarrow as pa

    def below() -> pa.Table:
        sizes = [pa.table({"": pa.nulls(len(raw.table))}) for raw in raws]
        left = [
            size if raw.rest is None else _beside(size, raw.rest(), f"{nth} ")
            for nth, (size, raw) in enumerate(zip(sizes, raws))
        ]
        return pa.concat_tables(left, promote_options="default")

    return below if any(raw.rest is not None for raw in raws) else None


def _beside(one: pa.Table, other: pa.Table, before: str) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        [*one.columns, *other.columns], [*one.column_names, *(before + name for name in other.column_names)]
    )


def _stood(raws: Sequence[Raw]) -> dict[str, Any]:
    """Where the rows stood, with the rows that could not be split into columns."""
    files: dict[str, int] = {}
    columns: dict[str, int] = {}
    file, number, column, ragged = [], [], [], dict[int, str]()
    for raw in raws:
        rows = np.arange(len(raw.table))
        own = (raw.name,) if raw.places is None else raw.places.files
        place = np.array([files.setdefault(name, len(files)) for name in own], np.int64)
        file.append(place[np.zeros(len(rows), np.int64) if raw.places is None else raw.places.file])
        number.append(raw.row_numbers(rows))
        held = () if raw.places is None else raw.places.columns
        code = np.array([*(columns.setdefault(name, len(columns)) for name in held), -1], np.int64)
        none = raw.places is None or raw.places.column is None
        column.append(code[np.full(len(rows), -1) if none or raw.places is None else raw.places.column])  # -1: the last
        ragged |= {place[key // IN_FILE] * IN_FILE + key % IN_FILE: text for key, text in (raw.ragged or {}).items()}
    places = Places(tuple(files), np.concatenate(file), np.concatenate(number), tuple(columns), np.concatenate(column))
    return {"places": places, "ragged": ragged or None}


def _attributes(found: Sequence[Shaped], ready: Sequence[Shaped]) -> dict[str, Any]:
    """Those named for any source; what a source that names none has are attributes of its events."""
    kinds = ("attributes", "event_attributes")
    named = [any(getattr(one.columns, kind) is not None for kind in kinds) for one in ready]
    if not any(named):
        return {}
    given = {kind: [name for one in ready for name in getattr(one.columns, kind) or ()] for kind in kinds}
    given["event_attributes"] += [
        name
        for one, told in zip(ready, named)
        if not told
        for name in one.columns.others(one.raw.table.column_names)
        if name not in given["attributes"]
    ]
    return {kind: tuple(dict.fromkeys(names)) for kind, names in given.items()}


def _joined(parts: Parts, whole: Shaped) -> Shaped:
    """With the columns of the tables that are joined."""
    for part in parts.joins:
        on, take = getattr(part.said, "on", {}), getattr(part.said, "take", None)
        table = _where(part)
        columns = find_roles(whole.columns, whole.raw.table.column_names, whole.raw.name)
        by = {_column(whole, columns, here): there for here, there in on.items()}
        before = set(whole.raw.table.column_names)
        raw = join(whole.raw, table, by, take, part.name, show=part.columns.show_values)
        new = tuple(name for name in raw.table.column_names if name not in before)
        own = [name for name in new if _names_people(name.removeprefix(f"{part.name} "), part.columns, parts)]
        columns = _with_attributes(columns, new, of_cases=[*by] == [columns.case])
        settled = Settled(**vars(columns))  # a joined "start date" is none of the events
        whole = replace(whole, raw=raw, columns=settled, persons=(*whole.persons, *own))
    return whole


def _column(whole: Shaped, columns: Columns, name: str) -> str:
    """A column of the events as the user calls it: by its name in the sources, or by its role."""
    if name in whole.called:
        return whole.called[name]
    role = getattr(columns, name, None) if name in ROLES else None
    return str(role) if role and name not in whole.raw.table.column_names else name


def _with_attributes(columns: Columns, new: Sequence[str], *, of_cases: bool) -> Columns:
    if columns.attributes is None and columns.event_attributes is None:
        return columns
    kind = "attributes" if of_cases else "event_attributes"
    named: dict[str, Any] = {kind: (*(getattr(columns, kind) or ()), *new)}
    return replace(columns, **named)


def _present(
    raw: Raw, columns: Columns, order: Sequence[str], renames: Mapping[str, str], by: Mapping[str, str]
) -> tuple[str, ...]:
    """The order of the milestones' steps under the names that they have now."""
    names = as_coded(raw.table[str(columns.activity)]).dictionary.to_pylist() if order else []
    found: dict[str, None] = {}
    for step in order:
        new = renames.get(step, step)
        split = [name for name in names if name and name.startswith(f"{new} (")] if new in by else []
        found |= dict.fromkeys([new, *split])
    return tuple(found)
