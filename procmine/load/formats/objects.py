"""A log of objects: events, objects of several types, and which event concerns which objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.columns import mask
from procmine.load.formats.xes_blocks import Kept
from procmine.load.raw import Places
from procmine.log import LogError
from procmine.words import Message

Cells = Sequence[str | None]
LISTED = 5  # names in a note


@dataclass(frozen=True, eq=False)
class Table:
    """Things of one kind: the id and the type of each, and columns of what else is said of it."""

    id: Sequence[str]
    type: Cells
    values: Mapping[str, Cells]


@dataclass(frozen=True, eq=False)
class ObjectLog:
    """Events (their type is the step), objects (first value in time of what changes), and relations between the two.

    Relation r says that event `event[r]` concerns object `object[r]` (places in the tables), each pair once, in the order
    of the events; `qualifier[r]` says how, if the file does.
    """

    source: str
    events: Table
    time: Cells
    places: Places
    objects: Table
    event: Ints
    object: Ints
    qualifier: Cells
    changes: Mapping[tuple[str, str], int]  # type and attribute of objects -> values that it took later
    notes: tuple[Message, ...]

    def types(self) -> dict[str, tuple[int, int]]:
        """Per type of object: how many objects, and how many events that concern any."""
        known = {str(name): code for code, name in enumerate(dict.fromkeys(self.objects.type))}
        code = np.array([known[str(one)] for one in self.objects.type], np.int64)
        pairs = np.unique(self.event * max(len(known), 1) + code[self.object])
        events = np.bincount(pairs % max(len(known), 1), minlength=len(known))
        objects = np.bincount(code, minlength=len(known))
        return {name: (int(objects[at]), int(events[at])) for name, at in known.items()}


@dataclass(frozen=True)
class Value:
    """One value of an object's attribute, from a moment on; without one, from the beginning."""

    name: str
    value: str | None
    since: str | None = None


class Gathered:
    """What a reader finds, one thing at a time. Objects are known by a key: their id, where ids differ between types."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.events: list[tuple[str, str | None, str | None, Mapping[str, str | None]]] = []
        self.objects: dict[str, tuple[str, str, Mapping[str, str | None]]] = {}
        self.relations: list[tuple[int, str, str | None]] = []
        self.changes: dict[tuple[str, str], int] = {}
        self.left: dict[str, None] = {}  # names of what holds bytes, which no text stands for

    def event(
        self,
        id: str,
        step: str | None,
        time: str | None,
        values: Mapping[str, str | None],
        related: Iterable[tuple[str, str | None]] = (),
    ) -> None:
        """An event, with the keys of the objects it concerns and how it does."""
        self.relations.extend((len(self.events), key, how) for key, how in related)
        self.events.append((id, step, time, values))

    def object(self, id: str, type: str, values: Iterable[Value] = (), key: str | None = None) -> None:
        if (key or id) in self.objects:
            raise LogError(f"{self.source}: two objects have the id {mask(id)}. Ids must differ. Export it again.")
        self.objects[key or id] = (id, type, self._first(type, values))

    def _first(self, type: str, values: Iterable[Value]) -> dict[str, str | None]:
        """The first value in time of each attribute; those that change are counted."""
        first: dict[str, str | None] = {}
        for one in sorted(values, key=lambda one: _moment(one.since)):
            if one.name not in first:
                first[one.name] = one.value
            elif one.value != first[one.name]:
                self.changes[type, one.name] = self.changes.get((type, one.name), 0) + 1
        return first

    def done(self, places: Places | None = None) -> ObjectLog:
        """The log; events stand one after the other in one file unless `places` says otherwise."""
        self._check_events()
        place = {key: at for at, key in enumerate(self.objects)}
        known = [one for one in self.relations if one[1] in place]
        how: dict[tuple[int, int], list[str]] = {}
        for event, key, qualifier in sorted(known, key=lambda one: one[0]):
            how.setdefault((event, place[key]), []).extend([qualifier] if qualifier else [])
        pairs = np.array(list(how), np.int64).reshape(len(how), 2)
        numbers = np.arange(1, len(self.events) + 1)
        one_file = Places((self.source,), np.zeros(len(numbers), np.int8), numbers)
        kinds = [type for _, type, _ in self.objects.values()]
        ids = [id for id, _, _ in self.objects.values()]
        return ObjectLog(
            source=self.source,
            events=Table([one[0] for one in self.events], [one[1] for one in self.events], self._events()),
            time=[one[2] for one in self.events],
            places=places or one_file,
            objects=Table(ids, kinds, self._columns([values for _, _, values in self.objects.values()])),
            event=pairs[:, 0],
            object=pairs[:, 1],
            qualifier=[together(one) for one in how.values()],
            changes=self.changes,
            notes=self._notes(len(self.relations) - len(known)),
        )

    def _check_events(self) -> None:
        if not self.events:
            raise LogError(f"{self.source} holds no events.")
        ids = [one[0] for one in self.events]
        if len(set(ids)) < len(ids):
            seen: set[str] = set()
            number, again = next((at, id) for at, id in enumerate(ids, 1) if id in seen or seen.add(id))  # type: ignore[func-returns-value]
            raise LogError(
                f"{self.source}: {len(ids) - len(set(ids)):,} events have the id of an earlier one; the first is event "
                f"{number:,} ({mask(again)}). Ids must differ. Export it again."
            )

    def _events(self) -> dict[str, Cells]:
        return self._columns([one[3] for one in self.events])

    def _columns(self, rows: Sequence[Mapping[str, str | None]]) -> dict[str, Cells]:
        names = dict.fromkeys(name for row in rows for name in row)
        Kept(lambda _: True).check(len(names), len(rows), self.source)
        return {name: [row.get(name) for row in rows] for name in names}

    def _notes(self, unknown: int) -> tuple[Message, ...]:
        said = [Message("load.ocel.unknown", {"n": unknown})] if unknown else []
        if self.left:
            said.append(Message("load.nested", {"names": ", ".join(self.left)}))
        return tuple(said)


def together(values: Sequence[str]) -> str | None:
    """Several values in one cell: as a list in JSON, which no separator can break."""
    different = list(dict.fromkeys(values))
    if not different:
        return None
    return different[0] if len(different) == 1 else json.dumps(different, ensure_ascii=False)


def _moment(written: str | None) -> float:
    """When a value began to hold, for sorting; what cannot be read stays where it stands, after the beginning."""
    if not written or written == "0":
        return float("-inf")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return float("inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
