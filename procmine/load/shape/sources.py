"""Sources: every table that a spec names, read from its file, folder or database."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.load.columns import MOST, ROLES, Columns, find_roles, over
from procmine.load.events.watch import listed
from procmine.load.formats.several import files_of, is_several
from procmine.load.raw import Raw
from procmine.load.shape.repairs import pseudonymised, pseudonyms, without_text
from procmine.log import LogError

if TYPE_CHECKING:
    from procmine.load.spec import Spec, SpecDatabase, SpecSource

ReadOne = Callable[[Any, Columns], Raw]
EVENTS = ("activity", "timestamp", "start", "lifecycle", "instance")  # roles that a wide table has in its milestones
FORMAT = ("delimiter", "quote", "decimal", "encoding", "show_values")


@dataclass(frozen=True)
class Reading(Columns):
    """Columns for a table that will be shaped: all are read but those `without`."""

    without: frozenset[str] = frozenset()

    def read(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name and name not in self.without]


@dataclass(frozen=True, eq=False)
class Part:
    """A table that was read. `said` is what the spec says of it, `data` from where it came (a path, a Database, a frame)."""

    name: str
    key: str  # of the spec, for errors
    raw: Raw
    columns: Columns
    said: SpecSource | None
    data: Any


@dataclass(frozen=True, eq=False)
class Parts:
    """The tables of a log: those with events, those to join, and those that relate cases."""

    sources: Sequence[Part]
    joins: Sequence[Part] = ()
    relations: Sequence[Part] = ()
    spec: Spec | None = None
    name: str = ""
    dropped: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Part, ...]:
        return (*self.sources, *self.joins, *self.relations)

    def with_raws(self, raws: Sequence[Raw]) -> Parts:
        """The same with other tables of events, such as mended ones."""
        return replace(self, sources=[replace(part, raw=raw) for part, raw in zip(self.sources, raws)])


def read_parts(
    spec: Spec | None,
    file: Path | None,
    columns: Columns,
    data: object,
    read_one: ReadOne,
    kinds: Callable[[Path], bool],
) -> Parts:
    """Every table of a log. `data` is the one that was named beside the spec (None: those that it names), `columns` what
    was said beside it, which wins; paths in the spec are seen from its folder.

    A table that is neither shaped nor joined is read as without a spec: only the columns that a log needs.
    """
    if spec is None:
        return _one(data, columns, None, read_one)
    reader, whole = _Reader(spec, file, read_one, kinds), over(columns, spec.as_columns())
    data = reader.named(data)
    if data is not None and not is_shaped(spec, whole):
        return _one(data, whole, spec, read_one)
    sources = [
        part for nth, one in enumerate(spec.sources) for part in reader.sources(one, f"sources[{nth + 1}]", columns)
    ]
    sources = reader.told_apart(sources or reader.sources(spec, "", whole, data))
    joins = [reader.table(one, f"joins[{nth + 1}]") for nth, one in enumerate(spec.joins)]
    relations = [reader.table(one, f"relations[{nth + 1}]") for nth, one in enumerate(spec.relations)]
    reader.check_names(sources)
    parts = Parts(sources, joins, relations, spec, file.stem if file else "the sources", tuple(spec.drop))
    return _hidden(reader.without_dropped(parts))


def _one(data: object, columns: Columns, spec: Spec | None, read_one: ReadOne) -> Parts:
    raw = read_one(data, Reading(**vars(columns)) if columns.milestones else columns)
    return Parts([Part(raw.name, "", raw, columns, None, data)], spec=spec, name=raw.name)


def is_shaped(spec: Spec, columns: Columns) -> bool:
    """Whether more is to be done than to read one table of events."""
    several = spec.sources or spec.joins or spec.relations or spec.database
    changed = spec.where or spec.same or spec.drop or spec.pseudonymise or spec.split_steps
    return bool(several or changed or columns.milestones)


def columns_of(said: SpecSource, top: Spec, given: Columns) -> Columns:
    """How one of several sources is read: as it says, else as is said at the top; arguments win."""
    own, below = said.as_columns(), top.as_columns()
    if own.milestones:
        below = replace(below, **dict.fromkeys(EVENTS))  # type: ignore[arg-type]
    elif own.activity:
        below = replace(below, milestones=None)
    return over(given, over(own, below))


@dataclass(frozen=True, eq=False)
class _Reader:
    """Reads the tables of one spec."""

    spec: Spec
    file: Path | None
    read_one: ReadOne
    kinds: Callable[[Path], bool]
    known: dict[str, list[str]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.file.parent if self.file else Path()

    def named(self, data: object) -> object:
        """The data that were named beside the spec, else those that it names; None: several sources."""
        if not self.spec.sources:
            return self._data(self.spec, "") if data is None else data
        if self.spec.source is not None or self.spec.database is not None:
            raise LogError(
                f"{self.file.name if self.file else 'The spec'} says where the data are at its top and again in `sources`. "
                "Keep one of them: a table that belongs to the log is one of the `sources`."
            )
        if data is not None and not self._among(data):
            raise LogError(
                f"{self.file.name if self.file else 'The spec'} names its own sources, and this is none of them. Read the "
                "spec itself, or take one without `sources`."
            )
        return None

    def _among(self, data: object) -> bool:
        own = [(self.folder / one.source).resolve() for one in self.spec.sources if one.source is not None]
        return isinstance(data, str | Path) and Path(data).resolve() in own

    def sources(self, said: SpecSource, key: str, given: Columns, data: object = None) -> list[Part]:
        """One table with events; several, if files have to be made alike first."""
        top = said is self.spec
        columns = given if top else columns_of(said, self.spec, given)
        same = {**self.spec.same, **said.same}
        data = self._data(said, key) if data is None else data
        found = files_of(data, self.kinds)[0] if same and isinstance(data, str | Path) and is_several(data) else [data]
        return [self._source(said, key, columns, same, one) for one in found]

    def _source(
        self, said: SpecSource, key: str, columns: Columns, same: Mapping[str, Sequence[str]], data: Any
    ) -> Part:
        self._check_dropped(columns, said)
        if columns.clock is not None and (len(self.spec.sources) > 1 or columns.milestones):
            raise LogError(
                f"{key}: `clock` (a time of day in a column of its own) is read only where one table has an event on each "
                "row. Join the two columns in the export, or leave it out: then only the days count."
            )
        read = replace(columns, **dict.fromkeys((*ROLES, "attributes", "event_attributes"))) if same else columns  # type: ignore[arg-type]
        raw = self._read(data, read, key)
        raw = called_alike(raw, same) if same else raw
        raw, columns = saying(raw, columns, getattr(said, "every_row", {}))
        roles = find_roles(columns, raw.table.column_names, raw.name)
        return Part(_name(said, raw), key, raw, roles, said, data)

    def _check_dropped(self, columns: Columns, said: SpecSource) -> None:
        """What a log needs cannot be dropped."""
        uses = {getattr(columns, role): role for role in ROLES} | dict.fromkeys(columns.milestones or (), "milestone")
        needed = [name for name in self.spec.drop if name in uses]
        if needed:
            where = f" of {said.name or said.source}" if said.name or said.source else ""
            raise LogError(
                f"drop: the column {needed[0]!r}{where} is needed ({uses[needed[0]]}). Leave it out of the list."
            )

    def table(self, said: SpecSource, key: str) -> Part:
        """A table without events: of columns to join, or of relations."""
        own = said.as_columns()
        if own.dates is not None or said.columns.model_fields_set:
            raise LogError(
                f"{key}: `{'columns' if own.dates is None else 'dates'}` says how events are read, and this table has none: "
                "its values are added or compared as they are written. Leave it out."
            )
        of_top = {name: getattr(self.spec.as_columns(), name) for name in FORMAT}
        columns = over(own, replace(Columns(), **of_top))
        data = self._data(said, key)
        raw = called_alike(self._read(data, columns, key), said.same)
        return Part(_name(said, raw), key, raw, columns, said, data)

    def _read(self, data: Any, columns: Columns, key: str) -> Raw:
        raw = self.read_one(data, Reading(**{**vars(columns), "without": frozenset(self.spec.drop)}))
        names = raw.table.column_names
        self.known[f"{key} {raw.name}"] = [*names, *raw.names]
        table = raw.table.drop_columns([name for name in names if name in self.spec.drop])
        rest = None if self.spec.drop else raw.rest  # rows that differ only in what is dropped are repeats
        return replace(raw, table=table, names=table.column_names, rest=rest)

    def _data(self, said: SpecSource, key: str) -> Any:
        """The path or the database of a table, or a LogError that names the key."""
        where = ": ".join(one for one in (self.file.name if self.file else "the spec", key) if one)
        if said.source is None and said.database is None:
            raise LogError(f"{where} does not say where the data are. Add a line: source: my_data.csv")
        if said.source is not None and said.database is not None:
            raise LogError(f"{where} says source and database: which of them holds the data? Keep one.")
        if said.database is not None:
            return as_database(said.database)
        path = self.folder / str(said.source)
        if not is_several(path) and not path.is_file():
            raise LogError(f"{where}: there is no file {said.source}. {_there(path.parent)}")
        return path

    def check_names(self, parts: Sequence[Part]) -> None:
        """Sources that are named, or related by their names, need names of their own."""
        by_key = {part.key: part.name for part in parts}
        names = [*by_key.values()] if self.spec.relations else [one.name for one in self.spec.sources if one.name]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise LogError(f"sources: two are called {twice[0]!r}. Give each a name of its own.")

    def told_apart(self, parts: Sequence[Part]) -> list[Part]:
        """Files of one name in several folders with their folders, so that a row's place says which it is."""
        where: dict[str, set[str]] = {}
        for part in parts:
            for file in _files(part.raw):
                where.setdefault(file, set()).add(str(part.data))
        return [replace(part, raw=self._with_folder(part, where)) for part in parts]

    def _with_folder(self, part: Part, where: Mapping[str, set[str]]) -> Raw:
        raw = part.raw
        if not isinstance(part.data, str | Path) or all(len(where[file]) == 1 for file in _files(raw)):
            return raw
        beside = Path(os.path.relpath(part.data, self.folder)).as_posix()
        if raw.places is None:
            return replace(raw, name=beside)
        return replace(raw, places=replace(raw.places, files=tuple(f"{beside}/{file}" for file in raw.places.files)))

    def without_dropped(self, parts: Parts) -> Parts:
        """A column that is to be dropped must have been there: a misspelt one would stay."""
        known = {name for names in self.known.values() for name in names}
        absent = [name for name in self.spec.drop if name not in known]
        if absent:
            raise LogError(f"drop: no table has a column {absent[0]!r}. There are: {listed(sorted(known), MOST)}.")
        if not self.spec.drop:
            return parts
        return replace(parts, sources=[replace(one, raw=without_text(one.raw)) for one in parts.sources])


def _files(raw: Raw) -> tuple[str, ...]:
    return (raw.name,) if raw.places is None else raw.places.files


def _name(said: SpecSource, raw: Raw) -> str:
    """What a table is called: as it says, else as its file without what follows the point."""
    return said.name or Path(said.source or raw.name).name.split(".")[0]


def as_database(said: SpecDatabase) -> Any:
    from procmine.load.databases.database import Database

    return Database(said.url_from, table=said.table, query=said.query, values=said.values)


def called_alike(raw: Raw, same: Mapping[str, Sequence[str]]) -> Raw:
    """The table with columns under the name that they have in the other files."""
    names = raw.table.column_names
    called = {other: name for name, others in same.items() for other in others if other in names}
    new = [called.get(name, name) for name in names]
    twice = [name for name in called.values() if new.count(name) > 1]
    if twice:
        both = [name for name in names if called.get(name, name) == twice[0]]
        raise LogError(f"{raw.name}: the columns {' and '.join(both)} are both there, and `same` takes them for one.")
    return replace(raw, table=raw.table.rename_columns(new), names=new) if called else raw


def saying(raw: Raw, columns: Columns, every_row: Mapping[str, str]) -> tuple[Raw, Columns]:
    """The table with a column more for each name, of one value, known of cases."""
    import pyarrow as pa

    table = raw.table
    for name, value in every_row.items():
        if name in raw.names or name in table.column_names:
            raise LogError(f"every_row: {raw.name} has a column {name!r} already. Choose another name.")
        table = table.append_column(name, pa.repeat(value, len(table)))
    if every_row and columns.attributes is not None:
        columns = replace(columns, attributes=[*columns.attributes, *every_row])
    return replace(raw, table=table, names=[*raw.names, *every_row]), columns


def _there(folder: Path) -> str:
    near = sorted(one.name for one in folder.glob("*") if one.is_file()) if folder.is_dir() else []
    return f"In that folder there are: {listed(near)}." if near else "There is no such folder, or it holds no files."


def _hidden(parts: Parts) -> Parts:
    """The tables with pseudonyms in the columns that the spec names, and in those that hold the same by their role.

    A role, a join or a relation connects columns: if one of them is hidden, all are, so that they stay equal.
    """
    spec = parts.spec
    if spec is None or spec.pseudonymise is None:
        return parts
    pseudonym = pseudonyms(spec.pseudonymise.key_from)
    wanted = set(spec.pseudonymise.columns)
    _check_hidden(parts, wanted)
    columns = _connected(parts, {id(one): {*one.raw.table.column_names} & wanted for one in parts.all})
    groups = [
        [replace(one, raw=pseudonymised(one.raw, sorted(columns[id(one)]), pseudonym)) for one in group]
        for group in (parts.sources, parts.joins, parts.relations)
    ]
    sources, joins, relations = groups
    return replace(parts, sources=sources, joins=joins, relations=relations, hidden=tuple(spec.pseudonymise.columns))


def _check_hidden(parts: Parts, wanted: set[str]) -> None:
    known = {name for one in parts.all for name in one.raw.table.column_names}
    if absent := sorted(wanted - known):
        raise LogError(f"pseudonymise: no table has a column {absent[0]!r}. There are: {listed(sorted(known), MOST)}.")
    for one in (*parts.sources, *parts.joins):
        asked = {*(parts.spec.where if parts.spec else ()), *(one.said.where if one.said else ())} & wanted
        if asked:
            raise LogError(
                f"pseudonymise: `where` compares the column {sorted(asked)[0]!r}, so it must stay readable. Drop it "
                "instead, or filter by another column."
            )
    for one in parts.sources:
        kept = [said for role, said in EVENTS_AND_TIMES.items() if getattr(one.columns, role) in wanted]
        kept += ["the date of a milestone"] if wanted & {*(one.columns.milestones or ())} else []
        if kept:
            raise LogError(
                f"pseudonymise: {kept[0]} of {one.name} must stay readable. Leave that column out of the list."
            )


EVENTS_AND_TIMES = {
    "activity": "the step",
    "timestamp": "the time",
    "start": "the start",
    "arrival": "the arrival",
    "order": "the order",
    "lifecycle": "the start or completion",
}


def _connected(parts: Parts, columns: dict[int, set[str]]) -> dict[int, set[str]]:
    """With the columns that play the same role in other sources, and the keys of joins and relations."""
    for role in ("case", "resource", "instance"):
        if any(getattr(one.columns, role) in columns[id(one)] for one in parts.sources):
            for one in parts.sources:
                columns[id(one)] |= {getattr(one.columns, role)} - {None}
    cases = any(one.columns.case in columns[id(one)] for one in parts.sources)
    hidden = {name for one in parts.sources for name in columns[id(one)]} | ({"case"} if cases else set())
    for one in parts.joins:
        columns[id(one)] |= {there for here, there in getattr(one.said, "on", {}).items() if here in hidden}
    for one in parts.relations if cases else ():
        columns[id(one)] |= set(getattr(one.said, "between", {}).values())
    return columns
