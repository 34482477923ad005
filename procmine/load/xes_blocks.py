"""Traces of an XES file cut into columns all at once: no parser, only positions of signs, checked to be as expected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.arrays import strings, whole_numbers

if TYPE_CHECKING:
    import pyarrow as pa

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
TAGS = (b"string", b"date", b"int", b"float", b"boolean", b"id", b"event", b"trace")  # the first six hold a value
EVENT, TRACE = 6, 7
KEY, VALUE = b' key="', b'" value="'
QUOTE, LESS, MORE, SLASH, AMPERSAND = b'"</>&'[0], b"<"[0], b">"[0], b"/"[0], b"&"[0]
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class NotPlain(Exception):
    """The text is not written in the one usual way, or is not sound: a parser must look at it."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some traces: the trace of each event, and columns of text by key; `dropped` counts what was left out, by key."""

    trace_of: Ints
    traces: int
    of_event: Mapping[str, pa.Array]
    of_trace: Mapping[str, pa.Array]
    dropped: Counter[str]

    def event_column(self, key: str) -> pa.Array:
        import pyarrow as pa

        return self.of_event.get(key, pa.nulls(len(self.trace_of), pa.string()))

    def repeated(self, key: str) -> pa.Array:
        """An attribute of traces, for each event."""
        import pyarrow as pa

        return self.of_trace.get(key, pa.nulls(self.traces, pa.string())).take(whole_numbers(self.trace_of))


@dataclass(frozen=True, eq=False)
class _Tags:
    """Tags in order: where each begins and ends, its kind (place in TAGS), and how deep it stands (a trace at 0)."""

    begins: Ints
    ends: Ints
    kind: NDArray[np.int8]
    closing: Flags
    depth: Ints


def plain_block(data: bytes) -> Block:
    """The columns of a run of whole traces; NotPlain if anything is unusual."""
    text = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(text == QUOTE)
    tags = _tags(text, quotes)
    holding = np.flatnonzero(~tags.closing & (tags.kind < EVENT))
    _check_attributes(text, tags, holding, quotes)
    keys, values = _pieces(data, quotes)
    opening = ~tags.closing
    is_event = opening & (tags.kind == EVENT)
    is_trace = opening & (tags.kind == TRACE)
    event, trace = np.cumsum(is_event) - 1, np.cumsum(is_trace) - 1
    parent = np.maximum.accumulate(np.where(opening & (tags.depth == 1), np.arange(len(opening)), 0))
    depth = tags.depth[holding]
    of_event = (depth == 2) & is_event[parent[holding]]
    codes, names = _coded(keys)
    return Block(
        trace[is_event],
        int(is_trace.sum()),
        _columns(codes, names, values, np.flatnonzero(of_event), event[holding], int(is_event.sum())),
        _columns(codes, names, values, np.flatnonzero(depth == 1), trace[holding], int(is_trace.sum())),
        _dropped(codes, names, ~of_event & (depth != 1)),
    )


def _tags(text: Bytes, quotes: Ints) -> _Tags:
    begins, ends = np.flatnonzero(text == LESS), np.flatnonzero(text == MORE)
    if len(begins) != len(ends):
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]  # inside quotes > is a sign like others
    if len(begins) != len(ends) or np.any(begins >= ends) or np.any(ends[:-1] >= begins[1:]):
        raise NotPlain
    closing = text[begins + 1] == SLASH
    kind = _kinds(text, begins + 1 + closing)
    alone = text[ends - 1] == SLASH
    if np.any(closing & alone):
        raise NotPlain
    level = np.cumsum(np.where(closing, -1, np.where(alone, 0, 1)))
    depth = np.where(closing | alone, level, level - 1)
    tags = _Tags(begins, ends, kind, closing, depth)
    _check_nesting(tags, alone)
    return tags


def _kinds(text: Bytes, at: Ints) -> NDArray[np.int8]:
    """The kind of the tag whose name begins at each place; any other name is not plain."""
    kind = np.full(len(at), -1, np.int8)
    padded = np.append(text, np.zeros(16, np.uint8))
    first = padded[at].astype(np.uint16) << 8 | padded[at + 1]
    for number, name in enumerate(TAGS):
        here = np.flatnonzero(first == (name[0] << 8 | name[1]))
        same = np.ones(len(here), bool)
        for place, sign in enumerate(name[2:], 2):
            same &= padded[at[here] + place] == sign
        same &= np.isin(padded[at[here] + len(name)], np.frombuffer(b" />\t\r\n", np.uint8))
        kind[here[same]] = number
    if np.any(kind < 0):
        raise NotPlain
    return kind


def _check_nesting(tags: _Tags, alone: Flags) -> None:
    """Every tag that opens is closed by its own name; only traces stand outside, events only in traces."""
    if np.any(tags.depth < 0) or np.any(tags.depth > 100):
        raise NotPlain
    pairs = np.flatnonzero(~alone)
    pairs = pairs[np.argsort(tags.depth[pairs].astype(np.uint8), kind="stable")]
    opened, closed = pairs[::2], pairs[1::2]
    if len(opened) != len(closed) or np.any(tags.closing[opened]) or not np.all(tags.closing[closed]):
        raise NotPlain
    if np.any(tags.kind[opened] != tags.kind[closed]) or np.any(tags.depth[opened] != tags.depth[closed]):
        raise NotPlain
    if np.any((tags.depth == 0) != (tags.kind == TRACE)) or np.any((tags.kind == EVENT) & (tags.depth != 1)):
        raise NotPlain


def _check_attributes(text: Bytes, tags: _Tags, holding: Ints, quotes: Ints) -> None:
    """Each tag that holds a value reads <name key="..." value="...">, and no quotation mark stands elsewhere."""
    if len(quotes) != 4 * len(holding):
        raise NotPlain
    one, two, three, four = (quotes[place::4] for place in range(4))
    lengths = np.array([len(name) for name in TAGS])[tags.kind[holding]]
    begins, ends = tags.begins[holding], tags.ends[holding]
    good = (one == begins + lengths + len(KEY)) & (three == two + len(VALUE) - 1) & (four < ends) & (ends <= four + 3)
    for place, sign in enumerate(KEY):
        good &= text[one - len(KEY) + 1 + place] == sign
    for place, sign in enumerate(VALUE):
        good &= text[np.minimum(two + place, len(text) - 1)] == sign
    if not np.all(good):
        raise NotPlain


def _pieces(data: bytes, quotes: Ints) -> tuple[pa.StringArray, pa.StringArray]:
    """Keys and values, without copying the text: it is one long row of strings, between quotation marks and outside."""
    import pyarrow as pa

    edges = quotes.astype(np.int32)
    edges[::2] += 1
    edges = np.append(edges, np.int32(len(data)))
    buffer = pa.py_buffer(data)
    whole = pa.Array.from_buffers(
        pa.binary(), 1, [None, pa.py_buffer(np.array([0, len(data)], np.int32).tobytes()), buffer]
    )
    try:
        whole.cast(pa.string())  # checks that it is UTF-8
    except pa.ArrowInvalid as error:
        raise NotPlain from error
    pieces = pa.StringArray.from_buffers(len(quotes), pa.py_buffer(edges), buffer)
    place = np.arange(0, len(quotes), 4)
    return pieces.take(whole_numbers(place)), pieces.take(whole_numbers(place + 2))


def _coded(keys: pa.StringArray) -> tuple[NDArray[np.int32], list[str]]:
    coded = keys.dictionary_encode()
    codes = np.frombuffer(coded.indices.buffers()[1], np.int32, len(coded)) if len(coded) else np.empty(0, np.int32)
    return codes, [_decoded(name) for name in coded.dictionary.to_pylist()]


def _columns(
    codes: NDArray[np.int32], names: list[str], values: pa.StringArray, chosen: Ints, owner: Ints, rows: int
) -> dict[str, pa.Array]:
    """A column per key: the value of each owner, null where it has none; of two the last counts."""
    chosen = chosen[np.argsort(codes[chosen].astype(np.uint16), kind="stable")]
    edges = np.searchsorted(codes[chosen], np.arange(len(names) + 1))
    columns: dict[str, pa.Array] = {}
    for number, name in enumerate(names):
        here = chosen[edges[number] : edges[number + 1]]
        if len(here):
            columns[name] = _column(values, here, owner[here], rows)
    return columns


def _column(values: pa.StringArray, here: Ints, owner: Ints, rows: int) -> pa.Array:
    place = np.full(rows, -1, np.int64)
    place[owner] = here
    held = place >= 0
    column = values.take(whole_numbers(np.where(held, place, 0), held))
    written = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    return _clean(column) if np.any((written < 32) | (written == AMPERSAND)) else column


def _clean(column: pa.StringArray) -> pa.StringArray:
    """With entities decoded, and with blanks for line ends, as XML demands; few texts differ."""
    coded = column.dictionary_encode()
    return strings([_decoded(level) for level in coded.dictionary.to_pylist()]).take(coded.indices)


def _decoded(text: str) -> str:
    text = re.sub(r"\r\n|[\r\n\t]", " ", text)
    return re.sub(r"&([^;&]{0,10};?)", _entity, text) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    name = found[1].removesuffix(";")
    if found[1].endswith(";") and name in ENTITIES:
        return ENTITIES[name]
    number = re.fullmatch(r"#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));", found[1])
    if number is None:
        raise NotPlain
    try:
        return chr(int(number[1], 16) if number[1] else int(number[2]))
    except (ValueError, OverflowError) as error:
        raise NotPlain from error


def _dropped(codes: NDArray[np.int32], names: list[str], which: Flags) -> Counter[str]:
    counts = np.bincount(codes[which], minlength=len(names))
    return Counter({name: int(count) for name, count in zip(names, counts) if count})
