"""XES read by an XML parser, tag by tag: for files that are not written in the one usual way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import numpy as np

from procmine.load.arrays import strings
from procmine.load.formats.safe_xml import DEEPEST, read_tags, sound, too_deep
from procmine.load.formats.xes_blocks import Block, Kept, event_name, trace_name
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

EVENTS = 50_000  # events held as Python objects before they become columns
ELEMENTARY = frozenset(("string", "date", "int", "float", "boolean", "id"))
CONTAINERS = frozenset(("list", "container"))

Row = dict[str, "str | list[str]"]


@dataclass(eq=False)
class Said:
    """What a file says of itself: classifiers (name -> keys), and the values its globals give (scope, key)."""

    classifiers: dict[str, str] = field(default_factory=dict)
    defaults: dict[tuple[str, str], str] = field(default_factory=dict)


def read_blocks(file: IO[bytes], name: str, kept: Kept, encoding: str | None) -> tuple[list[Block], Said]:
    """The whole file, in blocks of whole traces."""
    reader = _Reader(name, kept)
    read_tags(file, name, reader.start, reader.end, encoding=encoding)
    reader.close()
    return reader.blocks, reader.said


def read_frame(data: bytes, name: str) -> Said | None:
    """What a file without its traces says; None if it is not sound, or holds events that belong to no trace."""
    reader = _Reader(name, Kept(lambda _: False))
    if not sound(data, name, reader.start, reader.end) or reader.events or reader.traces:
        return None
    return reader.said


class _Reader:
    """Takes the tags one by one. `paths` holds, for each tag that is open, the keys from the outermost attribute inwards."""

    def __init__(self, name: str, kept: Kept) -> None:
        self.name, self.kept = name, kept
        self.said = Said()
        self.blocks: list[Block] = []
        self.paths: list[str | None] = []
        self.trace: Row | None = None
        self.owner: Row | None = None
        self.scope: str | None = None
        self._clear()

    def _clear(self) -> None:
        self.traces: list[Row] = []
        self.events: list[Row] = []
        self.trace_of: list[int] = []
        self.dropped: Counter[str] = Counter()
        self.twice: Counter[str] = Counter()
        self.nested: Counter[str] = Counter()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        paths, owner = self.paths, self.owner
        if len(paths) >= DEEPEST:
            raise too_deep(self.name)
        outer = paths[-1] if paths else None
        if owner is not None and outer is None and tag in ELEMENTARY:  # most tags by far
            key = attributes.get("key", "")
            paths.append(key)
            if key in owner:
                self._put(owner, key, attributes.get("value", ""), False)
            else:
                owner[key] = attributes.get("value", "")
            return
        kind = tag.rpartition(":")[2]
        if kind in ELEMENTARY or kind in CONTAINERS:
            self._attribute(kind, attributes, outer)
            return
        self.paths.append(outer)
        if kind == "event":
            self._event()
        elif kind == "trace":
            self._trace()
        elif owner is not None and kind != "values":
            paths[-1] = tag if outer is None else f"{outer}/{tag}"  # what stands in it is no attribute of the event
            self.dropped[tag] += 1
        elif len(self.paths) == 2:
            self._frame(kind, attributes)

    def end(self, tag: str) -> None:
        self.paths.pop()
        if tag in ELEMENTARY:
            return
        kind = tag.rpartition(":")[2]
        if kind == "event":
            self.owner = self.trace
        elif kind == "trace":
            self.owner = self.trace = None
        if kind in ("event", "trace") and self.trace is None and len(self.events) >= EVENTS:
            self.close()
        elif len(self.paths) == 1:
            self.scope = None

    def _attribute(self, kind: str, attributes: dict[str, str], outer: str | None) -> None:
        key = attributes.get("key", "")
        path = key if outer is None else f"{outer}/{key}" if key else outer
        self.paths.append(path)
        if kind in CONTAINERS:
            return
        value = attributes.get("value", "")
        if self.owner is not None:
            self._put(self.owner, path, value, outer is not None)
        elif self.scope is not None and outer is None:
            self.said.defaults[self.scope, key] = value

    def _put(self, owner: Row, path: str, value: str, nested: bool) -> None:
        """A value of an event or a trace: inside another attribute all are kept, else of two the last counts."""
        name = trace_name(path) if owner is self.trace else event_name(path)
        if nested:
            self.nested[name] += 1
            before = owner.get(path)
            if before:
                owner[path] = [*(before if isinstance(before, list) else [before]), value]
                return
        elif path in owner:
            self.twice[name] += 1
        owner[path] = value

    def _event(self) -> None:
        if self.owner is not self.trace or (self.trace is not None and len(self.paths) != 3):
            raise LogError(f"{self.name} is not XES: an event stands inside another event or attribute.")
        self.owner = {}
        self.events.append(self.owner)
        self.trace_of.append(-1 if self.trace is None else len(self.traces) - 1)

    def _trace(self) -> None:
        if self.owner is not None:
            raise LogError(f"{self.name} is not XES: a trace stands inside another trace.")
        self.owner = self.trace = {}
        self.traces.append(self.trace)

    def _frame(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "global":
            self.scope = attributes.get("scope", "event")
        elif kind == "classifier":
            self.said.classifiers[attributes.get("name", "")] = attributes.get("keys", "")

    def close(self) -> None:
        """Turn what was gathered into a block."""
        of_event, event_names = self._columns(self.events, event_name)
        of_trace, trace_names = self._columns(self.traces, trace_name)
        of = np.array(self.trace_of, np.int64)
        counted = (self.dropped, self.twice, self.nested)
        self.blocks.append(Block(of, len(self.traces), of_event, of_trace, event_names, trace_names, *counted))
        self._clear()

    def _columns(self, rows: list[Row], called: Callable[[str], str]) -> tuple[dict[str, pa.Array], list[str]]:
        """Columns that are wanted, and the names of all."""
        keys = list(dict.fromkeys(key for row in rows for key in row))
        wanted = [key for key in keys if self.kept.wanted(called(key))]
        self.kept.check(len(wanted), len(rows), self.name)
        columns = {called(key): strings([_text(row.get(key)) for row in rows]) for key in wanted}
        return columns, [called(key) for key in keys]


def _text(value: str | list[str] | None) -> str | None:
    """Several values as a list in JSON, which no separator can break."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
