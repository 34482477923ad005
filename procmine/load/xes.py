"""XES event logs: one row an event, its trace's attributes beside it, every value as the text it was written as."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from procmine.load.arrays import strings
from procmine.load.columns import Columns
from procmine.load.raw import Raw, is_gzip, unique_names
from procmine.load.xes_blocks import Block, NotPlain, plain_block
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

    import pyarrow as pa

BLOCK = 1 << 25  # bytes read at once; a trace never crosses two blocks
LONGEST = 1 << 30
ELEMENTARY = ("string", "date", "int", "float", "boolean", "id")
CASE = "case:"  # before the names of what belongs to traces


def read_xes(path: Path, columns: Columns) -> Raw:
    """A table from XES, plain or gzipped. Columns of traces are named "case:...", as pm4py does.

    Plain text is cut at once; what is not written in the usual way goes through an XML parser, to the same answer. A
    `<global>` fills nothing in; classifiers are not used; lists, containers and attributes of attributes are left out
    and reported. A document type, with which a file could ask for others or grow without bound, is refused.
    """
    try:
        blocks = list(_plain(path))
    except NotPlain:
        blocks = [_parsed(path)]
    except (EOFError, OSError) as error:
        raise LogError(f"{path.name} cannot be read: {error}") from error
    table = _table(blocks)
    if not len(table):
        raise LogError(f"{path.name} holds no events that say anything (no attributes that can be read).")
    return Raw(table, path.name, table.column_names, first=1, notes=tuple(_notes(blocks)), repeats=True)


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def _plain(path: Path) -> Iterator[Block]:
    """Blocks of whole traces; what stands before and after them must be sound XML."""
    with _open(path) as file:
        rest, head = b"", b""
        while data := file.read(BLOCK):
            rest += data
            if not head:
                head, rest = _split_head(rest)
            cut = rest.rfind(b"</trace>") + len(b"</trace>")
            if cut > len(b"</trace>") or rest.startswith(b"</trace>"):
                yield plain_block(rest[:cut])
                rest = rest[cut:]
            if len(rest) > LONGEST:
                raise NotPlain
    _check_frame(head + rest)


def _split_head(data: bytes) -> tuple[bytes, bytes]:
    """What stands before the first trace, and the rest."""
    found = re.search(rb"<trace[\s/>]", data)
    if not found:
        if len(data) > LONGEST:
            raise NotPlain
        return b"", data
    head = data[: found.start()]
    first = head[:200].split(b"?>")[0].lower()
    if b"encoding" in first and not any(name in first for name in (b"utf-8", b"us-ascii")):
        raise NotPlain
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotPlain
    return head, data[found.start() :]


def _check_frame(frame: bytes) -> None:
    """The file without its traces; if it is not well-formed, the parser shall say what is wrong."""
    from xml.parsers import expat

    parser = _parser()
    try:
        parser.Parse(frame, True)
    except expat.ExpatError as error:
        raise NotPlain from error


def _parser() -> XMLParserType:
    from xml.parsers import expat

    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise LogError(
            "The file declares a document type (DTD), with which XML can load other files or grow without bound: it is "
            "refused. Export it again as plain XES, or remove the <!DOCTYPE ...> part."
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


class _Reader:
    """Takes the tags of an XML parser one by one."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.traces: list[dict[str, str]] = []
        self.events: list[dict[str, str]] = []
        self.trace_of: list[int] = []
        self.dropped: Counter[str] = Counter()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self.path.append(tag)
        where = self.path[1:-1]
        if tag == "trace" and not where:
            self.traces.append({})
        elif tag == "event" and where == ["trace"]:
            self.events.append({})
            self.trace_of.append(len(self.traces) - 1)
        elif where[:1] == ["trace"]:
            self._attribute(tag, where, attributes)

    def _attribute(self, tag: str, where: list[str], attributes: dict[str, str]) -> None:
        key = attributes.get("key", "")
        if where in (["trace"], ["trace", "event"]) and tag in ELEMENTARY:
            (self.traces if len(where) == 1 else self.events)[-1][key] = attributes.get("value", "")
        elif tag != "values":
            self.dropped[key] += 1

    def end(self, _: str) -> None:
        self.path.pop()


def _parsed(path: Path) -> Block:
    """The whole file through an XML parser."""
    from xml.parsers import expat

    reader, parser = _Reader(), _parser()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    with _open(path) as file:
        try:
            parser.ParseFile(file)
        except expat.ExpatError as error:
            raise LogError(f"{path.name} is not sound XML: {error}. Was it cut off, or edited by hand?") from error
        except (EOFError, OSError) as error:
            raise LogError(f"{path.name} cannot be read: {error}") from error
    trace_of = np.array(reader.trace_of, np.int64)
    return Block(trace_of, len(reader.traces), _columns(reader.events), _columns(reader.traces), reader.dropped)


def _columns(rows: list[dict[str, str]]) -> dict[str, pa.Array]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: strings([row.get(name) for row in rows]) for name in names}


def _table(blocks: list[Block]) -> pa.Table:
    """One table of all blocks; a trace's values are repeated for each of its events."""
    import pyarrow as pa

    keys = dict.fromkeys(key for block in blocks for key in block.of_trace)
    columns = {CASE + key: pa.chunked_array([block.repeated(key) for block in blocks], pa.string()) for key in keys}
    keys = dict.fromkeys(key for block in blocks for key in block.of_event)
    own = {key: pa.chunked_array([block.event_column(key) for block in blocks], pa.string()) for key in keys}
    return pa.table([*columns.values(), *own.values()], unique_names([*columns, *own]))


def _notes(blocks: list[Block]) -> Iterator[Message]:
    dropped = sum((block.dropped for block in blocks), Counter[str]())
    if dropped:
        names = ", ".join(dict.fromkeys(key or "(no key)" for key in list(dropped)[:10]))
        yield Message("load.xes.dropped", {"n": dropped.total(), "names": names})
    empty = sum(block.traces - len(np.unique(block.trace_of)) for block in blocks)
    if empty:
        yield Message("load.xes.empty", {"n": empty})
