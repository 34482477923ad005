"""XES event logs: one row an event, its trace's attributes beside it, every value as the text it was written as."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from procmine.load.arrays import flags, is_empty, strings, whole_numbers
from procmine.load.columns import KNOWN, MOST, ROLES, Columns, find_roles, plain
from procmine.load.formats.packed import open_packed
from procmine.load.formats.xes_blocks import Block, Kept, NotPlain, event_name, plain_block, trace_name
from procmine.load.formats.xes_tags import Said, read_blocks, read_frame
from procmine.load.raw import Raw
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 22  # bytes cut at once, which fit the processor's cache; a trace never crosses two blocks
LONGEST = 1 << 28  # bytes of a trace that is cut at once; longer ones go through the parser
LISTED = 8  # names in a note
CASE = trace_name("concept:name")


def read_xes(path: Path, columns: Columns) -> Raw:
    """A table from XES, plain or packed. Columns of traces are named "case:...", as pm4py does.

    Plain text is cut at once; traces not written in the usual way go through an XML parser, to the same answer. An
    attribute inside another is a column "outer/inner"; of several of one name in a list, the cell holds all, as JSON. A
    `<global>` fills nothing in and classifiers are not used; both are said. A trace without a name is one case all the
    same, called by its place. Events that stand in no trace are rows without a case. A document type, with which a file
    could ask for others or grow without bound, is refused.
    """
    kept = _wanted(columns)
    found = _read(path, columns, kept)
    if not found.events:
        raise LogError(f"{path.name} holds no events that say anything (no attributes that can be read).")
    names = found.names()
    kept.check(sum(map(kept.wanted, names)), found.events, path.name)
    table, unnamed = _table(found, [name for name in names if kept.wanted(name)], columns)
    if not len(table.column_names):
        raise LogError(f"{path.name} holds no events that say anything (no attributes that can be read).")
    names = list(dict.fromkeys([*table.column_names, *names]))
    _check_steps(path.name, columns, names, found)
    left = [name for name in names if name not in table.column_names]
    return Raw(
        table,
        path.name,
        names,
        first=1,
        rest=(lambda: _rest(path, columns, left)) if left else None,
        notes=tuple(_notes(found, table, unnamed)),
        repeats=True,
    )


def _wanted(columns: Columns) -> Kept:
    """Which columns to hold: all, unless attributes are named; then those, and what plays a role or may."""
    if columns.attributes is None and columns.event_attributes is None:
        return Kept(lambda _: True)
    named = {
        *(getattr(columns, role) for role in ROLES),
        *(columns.attributes or ()),
        *(columns.event_attributes or ()),
    }
    usual = {name for tiers in KNOWN.values() for tier in tiers for name in tier}
    return Kept(lambda name: name in named or plain(name) in usual)


@dataclass(frozen=True, eq=False)
class _File:
    """What a file holds."""

    blocks: list[Block]
    said: Said

    @property
    def events(self) -> int:
        return sum(len(block.trace_of) for block in self.blocks)

    def names(self) -> list[str]:
        """All columns, those of traces first."""
        traces = dict.fromkeys(name for block in self.blocks for name in block.trace_names)
        return [*traces, *dict.fromkeys(name for block in self.blocks for name in block.event_names)]


def _read(path: Path, columns: Columns, kept: Kept) -> _File:
    """Cut at once if the file is written in the usual way, else by the parser."""
    try:
        if columns.encoding is None:
            return _plain(path, kept)
    except NotPlain:
        pass
    with open_packed(path) as file:
        return _File(*read_blocks(file, path.name, kept, columns.encoding))


def _plain(path: Path, kept: Kept) -> _File:
    """Blocks of whole traces; what stands before and after them must be sound XML."""
    blocks: list[Block] = []
    with open_packed(path) as file:
        head, rest = b"", bytearray()
        while data := file.read(BLOCK):
            searched = len(rest)
            rest += data
            if not head:
                head = _split_head(rest)
            cut = rest.rfind(b"</trace>", max(searched - 8, 0)) + len(b"</trace>")
            if head and cut >= len(b"</trace>"):
                blocks += _block(_cut(rest, cut), path.name, kept)
            if len(rest) > LONGEST:
                raise NotPlain
    said = read_frame(head + rest, path.name)
    if said is None:
        raise NotPlain
    return _File(blocks, said)


def _block(data: bytes, name: str, kept: Kept) -> list[Block]:
    """Whole traces; if they are not all written in the usual way, by the parser.

    Where the data were cut inside a comment, they are not sound XML: then the file must be read from its beginning.
    """
    try:
        return [plain_block(data, name, kept)]
    except NotPlain:
        pass
    try:
        return read_blocks(BytesIO(b"<log>" + data + b"</log>"), name, kept, None)[0]
    except LogError as error:
        raise NotPlain from error


def _cut(data: bytearray, size: int) -> bytes:
    """The first bytes, taken away."""
    with memoryview(data) as view:
        taken = bytes(view[:size])
    del data[:size]
    return taken


def _split_head(data: bytearray) -> bytes:
    """What stands before the first trace, cut from the data; empty if there is no trace yet."""
    first = bytes(data[:200]).split(b"?>")[0].lower()
    if b"\0" in first or (b"encoding" in first and not any(name in first for name in (b"utf-8", b"us-ascii"))):
        raise NotPlain
    found = re.search(rb"<trace[\s/>]", data)
    if not found:
        return b""
    size = found.start()
    del found  # it holds the data
    return _cut(data, size)


def _table(found: _File, names: list[str], columns: Columns) -> tuple[pa.Table, int]:
    """One table of all blocks, a trace's values repeated for each of its events; and how many traces have no name."""
    import pyarrow as pa

    of_trace = {name for block in found.blocks for name in block.trace_names}
    held = {
        name: [
            block.spread(block.trace_column(name)) if name in of_trace else block.event_column(name)
            for block in found.blocks
        ]
        for name in names
    }
    unnamed = 0
    if columns.case in (None, CASE):
        chunks, unnamed = _named(found.blocks)
        held = {CASE: chunks, **{name: chunks for name, chunks in held.items() if name != CASE}} if chunks else held
    arrays = [pa.chunked_array(chunks, pa.string()) for chunks in held.values()]
    return pa.table(arrays, list(held)), unnamed


def _named(blocks: list[Block]) -> tuple[list[pa.Array], int]:
    """The names of cases, with those that have none called by their place: "trace 17"; and how many those are."""
    before, unnamed, chunks = 0, 0, []
    for block in blocks:
        name = block.trace_column(CASE)
        without = np.bincount(block.trace_of[block.trace_of >= 0], minlength=block.traces) > 0
        without &= is_empty(name) | ~flags(name.is_valid())
        if without.any():
            unnamed += int(without.sum())
            held = zip(name.to_pylist(), without.tolist())
            name = strings([f"trace {before + at}" if no else one for at, (one, no) in enumerate(held, 1)])
        chunks.append(block.spread(name))
        before += block.traces
    return (chunks if before else []), unnamed


def _rest(path: Path, columns: Columns, left: list[str]) -> pa.Table:
    """The columns that were left out at first."""
    found = _read(path, columns, Kept(set(left).__contains__, most=len(left)))
    return _table(found, left, replace(columns, case=""))[0]  # the names of cases were read


def _check_steps(source: str, columns: Columns, names: list[str], found: _File) -> None:
    """What a step is must be known; a file that says it by a classifier of several attributes is asked."""
    if find_roles(columns, names, source).activity is not None:
        return
    said = "; ".join(f"{name!r} of {keys}" for name, keys in list(found.said.classifiers.items())[:LISTED])
    of_events = [name for name in names if not name.startswith("case:")]
    raise LogError(
        f"{source}: events have no concept:name, so which attribute is the step must be said. Attributes of events: "
        f"{', '.join(of_events[:MOST]) or 'none'}. Classifiers that the file declares: {said or 'none'}. "
        'Say it: Columns(activity="..."), one of these attributes.'
    )


def _notes(found: _File, table: pa.Table, unnamed: int) -> Iterator[Message]:
    for kind in ("dropped", "nested", "twice"):
        counted: Counter[str] = sum((getattr(block, kind) for block in found.blocks), Counter())
        if counted:
            yield Message(f"load.xes.{kind}", {"n": counted.total(), "names": _listed(list(counted))})
    empty = sum(block.traces - len(np.unique(block.trace_of[block.trace_of >= 0])) for block in found.blocks)
    if empty:
        yield Message("load.xes.empty", {"n": empty})
    if unnamed:
        yield Message("load.xes.unnamed", {"n": unnamed})
    names = [
        block.trace_column(CASE).take(whole_numbers(np.unique(block.trace_of[block.trace_of >= 0])))
        for block in found.blocks
    ]
    again = _again(names)
    if again:
        yield Message("load.xes.same_name", {"n": again})
    yield from _defaults(found.said, table)


def _again(names: list[pa.Array]) -> int:
    """How many names of traces stood on an earlier trace."""
    import pyarrow as pa

    held = pa.chunked_array(names, pa.string()).drop_null()
    return len(held) - len(held.unique())


def _defaults(said: Said, table: pa.Table) -> Iterator[Message]:
    """What the file declares for attributes that are missing, where some are."""
    called = {"event": event_name, "trace": trace_name}
    columns = [called[scope](key) for scope, key in said.defaults if scope in called]
    missing = {name: table[name].null_count if name in table.column_names else len(table) for name in columns}
    missing = {name: count for name, count in missing.items() if count}
    if missing:
        yield Message("load.xes.defaults", {"n": sum(missing.values()), "names": _listed(list(missing))})


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(name or "(no key)" for name in names[:LISTED]) + more
