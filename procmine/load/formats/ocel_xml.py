"""Logs of objects as XML, of both versions, read tag by tag."""

from __future__ import annotations

from pathlib import Path

from procmine.load.formats.objects import Gathered, ObjectLog, Value
from procmine.load.formats.packed import open_packed
from procmine.load.formats.safe_xml import DEEPEST, LONGEST, read_tags, too_deep
from procmine.log import LogError

TEXTS = {"id": "id", "type": "type", "activity": "type", "timestamp": "time"}  # keys of version 1 -> attributes of 2
MAPS = ("omap", "vmap", "ovmap")


class NotObjects(Exception):
    """The file has traces: it is XES."""


def read_xml(path: Path, encoding: str | None) -> ObjectLog:
    """Version 1 (keys and values, as in XES) or 2 (attributes with text); NotObjects for a log of traces."""
    reader = _Reader(path.name)
    with open_packed(path) as file:
        read_tags(file, path.name, reader.start, reader.end, text=reader.text, encoding=encoding)
    if not reader.gathered.events:
        raise LogError(f"{path.name} is XML, but neither a log of objects (OCEL) with events nor one of traces (XES).")
    return reader.gathered.done()


class _Reader:
    """Takes the tags one by one. `path` are the open tags, `one` is the event or object that is being read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gathered = Gathered(name)
        self.path: list[str] = []
        self.floats: set[str] = set()  # attributes declared as numbers with a point
        self._begin({})

    def _begin(self, attributes: dict[str, str]) -> None:
        self.one: dict[str, str] = {key: attributes[key] for key in ("id", "type", "time") if key in attributes}
        self.values: list[Value] = []
        self.related: list[tuple[str, str | None]] = []
        self.map = ""
        self.open: tuple[str, str | None] | None = None  # name and time of the attribute whose text is being read
        self.parts: list[str] = []
        self.long = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= DEEPEST:
            raise too_deep(self.name)
        self.path.append(tag.rpartition(":")[2])
        section, depth = self.path[1] if len(self.path) > 1 else "", len(self.path)
        if self.path[1:] == ["trace"]:
            raise NotObjects
        if section in ("event-types", "object-types") and attributes.get("type") == "float":
            self.floats.add(attributes.get("name", ""))
        elif section in ("events", "objects") and depth == 3:
            self._begin(attributes)
        elif section in ("events", "objects") and depth == 4:
            self._keyed(attributes)
        elif section in ("events", "objects") and depth == 5:
            self._inner(attributes)

    def _keyed(self, attributes: dict[str, str]) -> None:
        """A tag right inside an event or object: of version 1, if it has a key."""
        key = attributes.get("key", "")
        self.map = key if key in MAPS else ""
        if key in TEXTS:
            self.one[TEXTS[key]] = attributes.get("value", "")

    def _inner(self, attributes: dict[str, str]) -> None:
        """A value or a relation."""
        tag, holder = self.path[4], self.path[3]
        if self.map == "omap":
            self.related.append((attributes.get("value", ""), attributes.get("qualifier")))
        elif self.map:
            value = attributes.get("value")
            value = value.removesuffix(".0") if value is not None and tag == "float" else value
            self.values.append(Value(attributes.get("key", ""), value, attributes.get("timestamp")))
        elif holder == "attributes" and tag == "attribute":
            self.open, self.parts, self.long = (attributes.get("name", ""), attributes.get("time")), [], 0
        elif "object-id" in attributes:
            self.related.append((attributes["object-id"], attributes.get("qualifier")))

    def text(self, written: str) -> None:
        if self.open is not None:
            self.parts.append(written)
            self.long += len(written)
            if self.long > LONGEST:
                raise LogError(f"{self.name}: one value is longer than {LONGEST >> 20} MB: refused. Export it again.")

    def end(self, _: str) -> None:
        tag, depth = self.path.pop(), len(self.path)
        if depth == 4 and self.open is not None:
            (name, since), value = self.open, "".join(self.parts)
            self.values.append(Value(name, value.removesuffix(".0") if name in self.floats else value, since))
            self.open = None
        elif depth == 2 and self.path[1:2] == ["events"] and tag == "event":
            values = {one.name: one.value for one in self.values}
            self.gathered.event(self._id("event"), self.one.get("type"), self.one.get("time"), values, self.related)
        elif depth == 2 and self.path[1:2] == ["objects"] and tag == "object":
            self.gathered.object(self._id("object"), self.one.get("type", ""), self.values)

    def _id(self, what: str) -> str:
        if not self.one.get("id"):
            number = 1 + len(self.gathered.events if what == "event" else self.gathered.objects)
            raise LogError(f"{self.name}: {what} {number:,} has no id, which every {what} of such a log has.")
        return self.one["id"]
