"""Traces of an XES file cut into columns all at once: no parser, only positions of signs, checked to be as expected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.arrays import strings, whole_numbers
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
TAGS = (b"string", b"date", b"int", b"float", b"boolean", b"id", b"event", b"trace")  # the first six hold a value
EVENT, TRACE = 6, 7
KEY, VALUE = b' key="', b'" value="'
AFTER_NAME = np.isin(np.arange(256), np.frombuffer(b" />\t\r\n", np.uint8))
QUOTE, LESS, MORE, SLASH, AMPERSAND = b'"</>&'[0], b"<"[0], b">"[0], b"/"[0], b"&"[0]
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class NotPlain(Exception):
    """The text is not written in the one usual way, or is not sound: a parser must look at it."""


MOST_COLUMNS, MOST_CELLS = 2_000, 1_000_000_000  # of a log; more is no log, and would fill the memory


@dataclass(frozen=True, eq=False)
class Block:
    """Some traces: the trace of each event (-1: it stands in none), and columns of text, those that are wanted.

    `trace_names` and `event_names` are the columns that there are. Counted by column: `dropped`, what could not be kept;
    `twice`, values whose key stood again in the same event or trace, where the last counts; `nested`, values inside
    other attributes.
    """

    trace_of: Ints
    traces: int
    of_event: Mapping[str, pa.Array]
    of_trace: Mapping[str, pa.Array]
    event_names: Sequence[str]
    trace_names: Sequence[str]
    dropped: Counter[str]
    twice: Counter[str]
    nested: Counter[str]

    def event_column(self, name: str) -> pa.Array:
        import pyarrow as pa

        return self.of_event.get(name, pa.nulls(len(self.trace_of), pa.string()))

    def trace_column(self, name: str) -> pa.Array:
        import pyarrow as pa

        return self.of_trace.get(name, pa.nulls(self.traces, pa.string()))

    def spread(self, column: pa.Array) -> pa.Array:
        """A column of traces, for each event."""
        return column.take(whole_numbers(np.maximum(self.trace_of, 0), self.trace_of >= 0))


@dataclass(frozen=True)
class Kept:
    """Which columns are wanted, by their names, and how many there may be at most."""

    wanted: Callable[[str], bool]
    most: int = MOST_COLUMNS

    def check(self, columns: int, rows: int, source: str) -> None:
        """Refuse a table that no log is as wide as."""
        if columns > self.most or columns * rows > MOST_CELLS:
            raise LogError(
                f"{source} has {columns:,} different attributes for {rows:,} events or cases, more than can be held as "
                f"columns (at most {self.most:,} columns, {MOST_CELLS:,} values). Name those that you need: "
                "Columns(attributes=(...))."
            )


def trace_name(key: str) -> str:
    """The column of an attribute of traces, as pm4py calls it."""
    return f"case:{key}"


def event_name(key: str) -> str:
    """The column of an attribute of events; one without a key, or that would be one of traces, is called "event:..."."""
    return f"event:{key}" if re.match("(event:)*(case:|$)", key) else key


@dataclass(frozen=True, eq=False)
class _Tags:
    """Tags in order: where each begins and ends, its kind (place in TAGS), and how deep it stands (a trace at 0)."""

    begins: Ints
    ends: Ints
    kind: NDArray[np.int8]
    closing: Flags
    depth: Ints


def plain_block(data: bytes, name: str, kept: Kept) -> Block:
    """The columns of a run of whole traces; NotPlain if anything is unusual. `name` is the file's, for errors."""
    text = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(text == QUOTE)
    words = Words.of(data)
    tags = _tags(text, words, quotes)
    holding = np.flatnonzero(~tags.closing & (tags.kind < EVENT))
    _check_attributes(words, tags, holding, quotes)
    keys, values = _pieces(data, quotes)
    opening = ~tags.closing
    is_event = opening & (tags.kind == EVENT)
    is_trace = opening & (tags.kind == TRACE)
    event, trace = np.cumsum(is_event) - 1, np.cumsum(is_trace) - 1
    parent = np.maximum.accumulate(np.where(opening & (tags.depth == 1), np.arange(len(opening)), 0))
    inside = is_event[parent[holding]]  # an event, else only a trace
    level = tags.depth[holding] - 1 - inside
    found = _Found(*_paths(tags, holding, level, keys), values, level > 0, name, kept)
    events = _columns(found, np.flatnonzero(inside), event[holding], int(is_event.sum()), event_name)
    traces = _columns(found, np.flatnonzero(~inside), trace[holding], int(is_trace.sum()), trace_name)
    twice, nested = events.twice + traces.twice, events.nested + traces.nested
    columns = (events.columns, traces.columns, events.names, traces.names)
    return Block(trace[is_event], int(is_trace.sum()), *columns, Counter(), twice, nested)


def _tags(text: Bytes, words: Words, quotes: Ints) -> _Tags:
    begins, ends = np.flatnonzero(text == LESS), np.flatnonzero(text == MORE)
    if len(begins) != len(ends):
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]  # inside quotes > is a sign like others
    if len(begins) != len(ends) or np.any(begins >= ends) or np.any(ends[:-1] >= begins[1:]):
        raise NotPlain
    closing = text[begins + 1] == SLASH
    kind = _kinds(words, begins + 1 + closing)
    alone = text[ends - 1] == SLASH
    if np.any(closing & alone):
        raise NotPlain
    level = np.cumsum(np.where(closing, -1, np.where(alone, 0, 1)))
    depth = np.where(closing | alone, level, level - 1)
    tags = _Tags(begins, ends, kind, closing, depth)
    _check_nesting(tags, alone)
    return tags


def _kinds(words: Words, at: Ints) -> NDArray[np.int8]:
    """The kind of the tag whose name begins at each place; any other name is not plain."""
    word = words.at(at)
    kind = np.full(len(at), -1, np.int8)
    for number, name in enumerate(TAGS):
        after = (word >> np.uint64(8 * len(name))) & np.uint64(255)
        kind[((word & _mask(name)) == _word(name)) & AFTER_NAME[after]] = number
    if np.any(kind < 0):
        raise NotPlain
    return kind


@dataclass(frozen=True, eq=False)
class Words:
    """A text as words of eight bytes, so that several signs are compared at once."""

    aligned: NDArray[np.uint64]

    @classmethod
    def of(cls, data: bytes) -> Words:
        return cls(np.frombuffer(data + bytes(16 - len(data) % 8), "<u8"))

    def at(self, place: Ints) -> NDArray[np.uint64]:
        """The eight bytes that begin at each place."""
        whole, bits = place >> 3, (place & 7).astype(np.uint64) << np.uint64(3)
        low, high = self.aligned[whole], self.aligned[whole + 1]
        word: NDArray[np.uint64] = (low >> bits) | ((high << np.uint64(1)) << (np.uint64(63) - bits))
        return word


def _word(signs: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(signs, "little"))


def _mask(signs: bytes) -> np.uint64:
    return _word(b"\xff" * len(signs))


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


def _check_attributes(words: Words, tags: _Tags, holding: Ints, quotes: Ints) -> None:
    """Each tag that holds a value reads <name key="..." value="...">, and no quotation mark stands elsewhere."""
    if len(quotes) != 4 * len(holding):
        raise NotPlain
    one, two, three, four = (quotes[place::4] for place in range(4))
    lengths = np.array([len(name) for name in TAGS])[tags.kind[holding]]
    begins, ends = tags.begins[holding], tags.ends[holding]
    good = (one == begins + lengths + len(KEY)) & (three == two + len(VALUE) - 1) & (four < ends) & (ends <= four + 3)
    if not np.all(good):
        raise NotPlain
    good = (words.at(one - len(KEY) + 1) & _mask(KEY)) == _word(KEY)
    if not np.all(good & (words.at(two) == _word(VALUE[:8]))):  # its last sign is the quotation mark at `three`
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


@dataclass(frozen=True, eq=False)
class _Found:
    """The attributes of a block, in order: code and names of their keys, values, and whether inside another attribute."""

    codes: NDArray[np.int32]
    names: list[str]
    values: pa.StringArray
    nested: Flags
    source: str
    kept: Kept


def _paths(tags: _Tags, holding: Ints, level: Ints, keys: pa.StringArray) -> tuple[NDArray[np.int32], list[str]]:
    """Codes and names of keys; the name of an attribute inside another is outer/inner."""
    codes, names = _coded(keys)
    if not level.any():
        return codes, names
    code_of = np.full(len(tags.begins), -1, np.int32)
    code_of[holding] = codes
    known = {name: code for code, name in enumerate(names)}
    for depth in range(2, int(tags.depth[holding].max()) + 1):
        here = np.flatnonzero((level > 0) & (tags.depth[holding] == depth))
        at_outer = np.where(~tags.closing & (tags.depth == depth - 1), np.arange(len(code_of)), 0)
        outer = code_of[np.maximum.accumulate(at_outer)[holding[here]]].astype(np.int64)
        pairs, place = np.unique(outer << 32 | codes[here], return_inverse=True)
        code_of[holding[here]] = np.array([_path(int(one), names, known) for one in pairs], np.int32)[place]
    return code_of[holding], names


def _path(pair: int, names: list[str], known: dict[str, int]) -> int:
    """The code of the key inside another: of the outer one's if it is empty."""
    outer, key = names[pair >> 32], names[pair & 0xFFFFFFFF]
    if not key:
        return pair >> 32
    path = f"{outer}/{key}"
    if known.setdefault(path, len(names)) != len(names):  # there is one that is called so
        raise NotPlain
    names.append(path)
    return known[path]


def _coded(keys: pa.StringArray) -> tuple[NDArray[np.int32], list[str]]:
    coded = keys.dictionary_encode()
    codes = np.frombuffer(coded.indices.buffers()[1], np.int32, len(coded)) if len(coded) else np.empty(0, np.int32)
    names = [_decoded(name) for name in coded.dictionary.to_pylist()]
    if len(set(names)) < len(names):  # written in two ways
        raise NotPlain
    return codes, names


@dataclass(frozen=True, eq=False)
class _Columns:
    """Columns that are wanted, the names of all, and what was counted (as in Block)."""

    columns: Mapping[str, pa.Array]
    names: Sequence[str]
    twice: Counter[str]
    nested: Counter[str]


def _columns(found: _Found, chosen: Ints, owner: Ints, rows: int, called: Callable[[str], str]) -> _Columns:
    """A column per key: the value of each owner, null where it has none; of two the last counts."""
    codes, names = found.codes[chosen], [called(name) for name in found.names]
    small = codes.astype(np.uint16) if len(names) < 2**16 else codes
    chosen = chosen[np.argsort(small, kind="stable")]
    edges = np.searchsorted(found.codes[chosen], np.arange(len(names) + 1))
    places = {name: chosen[first:last] for name, first, last in zip(names, edges, edges[1:]) if first < last}
    wanted = [name for name in places if found.kept.wanted(name)]
    found.kept.check(len(wanted), rows, found.source)
    twice = {name: int(np.sum(np.diff(owner[here]) == 0)) for name, here in places.items()}
    nested = {name: int(found.nested[here].sum()) for name, here in places.items() if found.nested.any()}
    if any(twice[name] and count for name, count in nested.items()):
        raise NotPlain  # the values of a list
    columns = {name: _column(found.values, places[name], owner[places[name]], rows) for name in wanted}
    return _Columns(columns, list(places), +Counter(twice), +Counter(nested))


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
