"""JSON lines: one object a line, its keys as columns and its values as they were written."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import strings, whole_numbers
from procmine.load.columns import Columns, find_roles
from procmine.load.raw import Places, Raw, is_gzip
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 1 << 24  # characters of a line, or of an object
KEPT = 10_000  # characters of a line that is set aside
WIDEST = 2_000  # columns
VISIBLE = re.compile(r"[^ \t\r\n]")
BLOCK = 1 << 20
BATCH = 50_000  # rows that are turned into columns at once
UNPACKED, RATIO = 1 << 28, 200  # a packed file that unpacks to more than both of these is a bomb


def read_json_lines(path: Path, columns: Columns) -> Raw:
    """A table from .jsonl or .ndjson, plain or gzipped. A row's number is its line; blank lines are passed over.

    An object inside an object gives columns named after both ("customer.id"); lists are left out, and said. null and
    NaN are missing, true and false stay words, numbers keep their digits. Lines that are not one object are set aside.
    """
    found = _Found()
    ragged: dict[int, str] = {}
    for number, line in _lines(path, columns):
        try:
            row = _flat(DECODER.decode(line.strip()), "\\u" in line)
        except (ValueError, RecursionError):
            ragged[number] = line[:KEPT].rstrip("\r\n")
            if len(ragged) > 1_000 and len(ragged) > 10 * found.rows:
                break
        else:
            found.add(number, row)
    if len(ragged) > found.rows:
        raise _refused(path, len(ragged), len(ragged) + found.rows, min(ragged), next(iter(ragged.values())))
    if not found.rows:
        raise LogError(f"{path.name} is empty.")
    return _raw(found, path, columns, ragged)


def read_json(path: Path, columns: Columns) -> Raw:
    """A table from a .json file that is one array of objects, read as in `read_json_lines`; a row's number is its place."""
    found = _Found()
    for number, value in enumerate(_Array(path, columns).items(), 1):
        try:
            row = _flat(value, True)
        except ValueError as error:
            raise LogError(f"{path.name}: item {number:,} of the array cannot be a row: {error}.") from error
        found.add(number, row)
    if not found.rows:
        raise LogError(f"{path.name} holds an array without objects.")
    return _raw(found, path, columns, {})


@dataclass
class _Found:
    """The rows met so far, as tables of text; `lists` are the keys of what was left out."""

    tables: list[pa.Table] = field(default_factory=list)
    held: list[dict[str, str | None]] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    lists: dict[str, None] = field(default_factory=dict)
    marks: list[int] = field(default_factory=list)  # equal where the lists of two rows are

    @property
    def rows(self) -> int:
        return len(self.numbers)

    def add(self, number: int, row: dict[str, str | list[Any] | None]) -> None:
        plain: dict[str, str | None] = {}
        lists: dict[str, list[Any]] = {}
        for name, value in row.items():
            if isinstance(value, list):
                lists[name] = value
            else:
                plain[name] = value
        self.lists |= dict.fromkeys(lists)
        self.marks.append(hash(repr(sorted(lists.items()))) if lists else 0)
        self.held.append(plain)
        self.numbers.append(number)
        if plain.keys() - self.names.keys():
            self.names |= dict.fromkeys(plain)
            if len(self.names) > WIDEST:
                raise LogError(
                    f"Line {number:,}: there are more than {WIDEST:,} different keys. A row's keys are the names of its "
                    "columns; are identities used as keys here? Export one object a row, or CSV."
                )
        if len(self.held) == BATCH:
            self.turn()

    def turn(self) -> None:
        """Rows into columns."""
        import pyarrow as pa

        seen = dict.fromkeys(name for row in self.held for name in row)
        arrays = [pa.chunked_array([strings([row.get(name) for row in self.held])]) for name in seen]
        numbered = pa.chunked_array([pa.nulls(len(self.held))])  # a table without columns would forget its length
        self.tables.append(pa.table([numbered, *arrays], ["", *(f"={name}" for name in seen)]))
        self.held = []

    def table(self) -> pa.Table:
        import pyarrow as pa

        if self.held:
            self.turn()
        whole = pa.concat_tables(self.tables, promote_options="default").drop_columns([""])
        return whole.rename_columns([name[1:] for name in whole.column_names]).select(list(self.names))


def _raw(found: _Found, path: Path, columns: Columns, ragged: dict[int, str]) -> Raw:
    names = list(found.names)
    wanted = find_roles(columns, names, path.name).read(names)
    table = found.table()
    left = [name for name in names if name not in wanted]
    rest = table.select(left)
    if found.lists:
        rest = rest.append_column("lists", whole_numbers(np.array(found.marks, np.int64)))
    numbers = np.array(found.numbers, np.int64)
    total = len(numbers) + len(ragged)
    together = max(int(numbers[-1]), max(ragged, default=0)) == total
    lists = [name for name in found.lists if name not in found.names]
    mixed = [name for name in found.lists if name in found.names]
    notes = [Message("load.nested", {"names": ", ".join(lists)})] if lists else []
    notes += [Message("load.json.mixed", {"names": ", ".join(mixed)})] if mixed else []
    return Raw(
        table.select(wanted),
        path.name,
        names,
        first=1,
        rest=(lambda: rest) if rest.num_columns else None,
        ragged=ragged,
        notes=tuple(notes),
        places=None if together else _places(path, numbers),
    )


def _places(path: Path, numbers: Ints) -> Places:
    return Places((path.name,), np.zeros(len(numbers), np.int32), numbers)


def _opened(path: Path, columns: Columns) -> TextIO:
    """The file as text; what is not in its encoding comes as lone surrogates."""
    packed = is_gzip(path)
    with gzip.open(path) if packed else path.open("rb") as start:
        wide = start.read(2) in (b"\xff\xfe", b"\xfe\xff")
    encoding = columns.encoding or ("utf-16" if wide else "utf-8-sig")
    try:
        b"".decode(encoding)
    except LookupError as error:
        raise ValueError(f"No encoding is called {encoding!r}; cp1252, cp1257 or utf-8 are such names.") from error
    how: dict[str, Any] = {"encoding": encoding, "errors": "surrogateescape", "newline": "\n"}
    return cast(TextIO, gzip.open(path, "rt", **how) if packed else path.open(**how))


def _blocks(path: Path, columns: Columns) -> Iterator[str]:
    """The text of a file in blocks; LogError if it is damaged or would fill the memory."""
    seen, most = 0, RATIO * path.stat().st_size
    try:
        with _opened(path, columns) as file:
            while text := file.read(BLOCK):
                yield text
                seen += len(text)
                if seen > UNPACKED and seen > most:
                    raise LogError(
                        f"{path.name} unpacks to more than {RATIO} times its size: no log does. It was not read."
                    )
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        raise LogError(f"{path.name} is damaged or cut off ({error}). Copy or export it again.") from error
    except UnicodeError as error:
        raise LogError(f"{path.name} is not in the encoding it should be: {error}.") from error


def _lines(path: Path, columns: Columns) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, by number."""
    held, seen = "", 0
    for block in chain(_blocks(path, columns), ("\n",)):
        lines = (held + block).split("\n")
        held = lines.pop()
        if len(held) > LONGEST:
            raise LogError(
                f"{path.name}: line {seen + len(lines) + 1:,} has more than {LONGEST:,} characters. JSON lines hold one "
                "object a line; if the file is one array, name it .json."
            )
        for number, line in enumerate(lines, seen + 1):
            if line and not line.isspace():
                _check_text(line, number, path)
                yield number, line
        seen += len(lines)


def _check_text(line: str, number: int, path: Path) -> None:
    try:
        _ = line.isascii() or line.encode()
    except UnicodeEncodeError as error:
        raise LogError(
            f"{path.name}: line or item {number:,} is not text in its encoding (JSON is UTF-8). Ask in which it was "
            'exported, and say it: Columns(encoding="cp1252") for Western Europe, "cp1250" for Central Europe.'
        ) from error


class _Array:
    """The items of an array, read piece by piece; `at` is the place in `held` up to which it is read."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path, self.pieces = path, _blocks(path, columns)
        self.held, self.at, self.number = "", 0, 0

    def items(self) -> Iterator[Any]:
        if self._mark() != "[":
            raise self._unsound("is not an array of JSON objects")
        if self._mark() == "]":
            return
        self.at -= 1
        while True:
            value = self._value()
            self.number += 1
            yield value
            mark = self._mark()
            if mark == "]":
                break
            if mark != ",":
                raise self._unsound("is not sound JSON")
        if self.held[self.at :].strip() or any(piece.strip() for piece in self.pieces):
            raise LogError(
                f"{self.path.name} is not one array: something follows it. One object a line is named .jsonl."
            )

    def _mark(self) -> str:
        """The next character that is not blank."""
        while True:
            found = VISIBLE.search(self.held, self.at)
            if found:
                self.at = found.end()
                return found[0]
            self._more()

    def _value(self) -> Any:
        while True:
            try:
                begin = found.start() if (found := VISIBLE.search(self.held, self.at)) else len(self.held)
                value, end = DECODER.raw_decode(self.held, begin)
            except RecursionError as error:
                raise self._unsound("is nested too deep") from error
            except ValueError as error:
                if len(self.held) - self.at > LONGEST:
                    raise self._unsound("is not sound JSON") from error
                self._more()
                continue
            _check_text(self.held[self.at : end], self.number + 1, self.path)
            self.at = end
            return value

    def _more(self) -> None:
        """As much again, so that few attempts are made."""
        wanted, parts = len(self.held) - self.at, [self.held[self.at :]]
        while piece := next(self.pieces, ""):
            parts.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        if len(parts) == 1:
            raise self._unsound("is not sound JSON, or cut off")
        self.held, self.at = "".join(parts), 0

    def _unsound(self, what: str) -> LogError:
        where = f"after item {self.number:,}" if self.number else "at the beginning"
        return LogError(f"{self.path.name} {what}: {where} stands something else than what should.")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


# Numbers as they are written; NaN, which is not JSON but often written, is nothing.
DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_float=str,
    parse_int=str,
    parse_constant=lambda word: None if word == "NaN" else word,
)


def _flat(value: Any, escaped: bool) -> dict[str, str | list[Any] | None]:
    """An object's values by their path; ValueError if it is no object, two values have one path, or text is none.

    `escaped`: text may hold halves of a character, which no encoding can write.
    """
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    if escaped:
        json.dumps(value, ensure_ascii=False).encode()
    found: dict[str, str | list[Any] | None] = {}
    waiting = [("", value)]
    while waiting:
        before, inner = waiting.pop()
        for key, one in inner.items():
            name = before + key
            if isinstance(one, dict):
                waiting.append((f"{name}.", one))
                continue
            if name in found:
                raise ValueError("two of its values have one name")
            found[name] = one if one is None or isinstance(one, str | list) else str(one).lower()
    return found


def _refused(path: Path, bad: int, of: int, first: int, line: str) -> LogError:
    array = " It begins as one array: name it .json." if line.lstrip().startswith("[") else ""
    return LogError(
        f"{path.name}: {bad:,} of {of:,} lines are not one JSON object each; the first is line {first:,}.{array} Written as "
        "one object over many lines? Export one object a line, or CSV."
    )
