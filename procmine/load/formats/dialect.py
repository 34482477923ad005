"""How a text file is written: its encoding, delimiter, quotation marks and header, told from its beginning or refused."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procmine.load.columns import Columns
from procmine.load.formats.encodings import encoding_of
from procmine.load.formats.packed import open_packed
from procmine.log import LogError
from procmine.words import Message

HEAD = 1 << 16  # bytes from which the delimiter is told
ROW = 1 << 25  # bytes that a row may have, as its header
WIDEST = 16_384  # columns, as in a workbook
USUAL = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
UNUSUAL = {
    "^": "^",
    "~": "~",
    "\x01": "the sign 0x01",
    "\x02": "the sign 0x02",
    "\x1e": "the sign 0x1E",
    "\x1f": "the sign 0x1F",
    "¦": "¦",
    "§": "§",
    "¬": "¬",
    "#": "#",
    "!": "!",
    ":": "a colon",
}
SIGNS = {**USUAL, **UNUSUAL}


@dataclass(frozen=True)
class Quote:
    """The sign around text ("" for none), and whether one inside it is written after a backslash, not doubled."""

    sign: str = '"'
    escaped: bool = False

    def reader(self, lines: Iterable[str], delimiter: str, *, strict: bool = False) -> Any:
        """Python's reader of such text."""
        plain: dict[str, Any] = {"quotechar": self.sign} if self.sign else {"quoting": csv.QUOTE_NONE}
        escape = "\\" if self.escaped else None
        doubled = not self.escaped
        return csv.reader(lines, delimiter=delimiter, strict=strict, escapechar=escape, doublequote=doubled, **plain)

    @property
    def said(self) -> str:
        """As in Columns."""
        return ("\\" if self.escaped else "") + self.sign


QUOTES = (Quote(), Quote('"', escaped=True), Quote("'"), Quote("'", escaped=True))


@dataclass(frozen=True)
class Shape:
    """How a file is written: `lines` are those above the first row of data, `width` the bytes that they may have."""

    path: Path
    encoding: str
    delimiter: str
    quote: Quote
    names: list[str]
    lines: int
    width: int
    columns: Columns
    notes: tuple[Message, ...] = ()

    @property
    def sign(self) -> str:
        """The delimiter, in words."""
        return SIGNS.get(self.delimiter, repr(self.delimiter))


@dataclass(frozen=True)
class _Head:
    """The first lines of a file, each with its end; `cut` where the last may be only a part of one."""

    path: Path
    encoding: str
    lines: list[str] = field(repr=False)
    cut: bool
    size: int


def shape_of(path: Path, columns: Columns) -> Shape:
    """Told from the first bytes; LogError where they do not tell, UnicodeError where they are not what they should be."""
    check_signs(columns)
    for size in (HEAD, HEAD << 4, ROW):
        head = _head(path, columns, size)
        above, delimiter = _above(head, columns)
        lines = head.lines[above:]
        if len(lines) > 1 or not head.cut:
            shape = _shape(head, above, lines, columns, columns.delimiter or delimiter)
            if shape is not None:
                return shape
    raise LogError(
        f"{path.name}: the names of the columns, in line {above + 1:,}, do not end within {ROW >> 20} MiB. Is it a table, "
        "and is each quotation mark closed?"
    )


def check_signs(columns: Columns) -> None:
    """ValueError for a delimiter or a quotation mark that cannot be one."""
    sign = columns.delimiter
    if sign is not None and (len(sign) != 1 or sign in '"\r\n\0'):
        raise ValueError(
            f'Columns(delimiter={sign!r}): columns are separated by one sign, as ; or | (a tab is "\\t"). If it is several '
            "signs in the file, put one that does not occur in the data in their place, with an editor."
        )
    quote = columns.quote
    if quote is not None and (
        len(quote.removeprefix("\\")) > 1 or not quote.isascii() or set(quote) & {"\r", "\n", "\0", sign}
    ):
        raise ValueError(
            f'Columns(quote={quote!r}): text stands between quotation marks of one sign, as "\'"; with a backslash before it '
            'where one inside the text is written so (\'\\\\"\'); "" where there are none.'
        )


def _head(path: Path, columns: Columns, size: int) -> _Head:
    with open_packed(path) as file:
        head = file.read(size)
        cut = len(head) == size and bool(file.read(1))
    if not head.strip(b"\0 \t\r\n\x0b\x0c"):
        raise LogError(
            f"{path.name} is empty." if not head.strip() else f"{path.name} is not text: it holds zero bytes."
        )
    encoding = encoding_of(head, columns.encoding, path.name)
    text = codecs.getincrementaldecoder(encoding)("strict").decode(head, final=not cut).removeprefix("\ufeff")
    if "\0" in text[: HEAD >> 2] and columns.encoding:
        raise LogError(f"{path.name} is not {columns.encoding}: read so, it holds signs of number zero.")
    if not text.strip():
        raise LogError(f"{path.name} is empty.")
    return _Head(path, encoding, io.StringIO(text, newline="").readlines(), cut, size)


def _above(head: _Head, columns: Columns) -> tuple[int, str | None]:
    """How many lines stand above the header, and the delimiter if the first line says it as spreadsheets do (sep=;)."""
    said = re.fullmatch(r"\s*\"?sep=(.)\"?\s*", head.lines[0].rstrip("\r\n"), re.IGNORECASE)
    above = (columns.header or (2 if said else 1)) - 1
    if columns.header is None:
        above += next((n for n, line in enumerate(head.lines[above:]) if line.strip()), 0)
    if above >= len(head.lines) and not head.cut:
        raise LogError(f"{head.path.name}: there is no line {above + 1} for Columns(header={above + 1}).")
    return above, said[1] if said else None


def _shape(head: _Head, above: int, lines: list[str], columns: Columns, delimiter: str | None) -> Shape | None:
    """The shape, or None where the header goes on beyond the head."""
    sample = _sample(lines)
    try:
        sign = delimiter or _delimiter(sample, head.path)
        quote = _quote(sample, sign, head.path, above) if columns.quote is None else _said(columns.quote)
        reader = quote.reader(lines, sign)
        names = [name.strip() for name in next(reader)]
        under = list(quote.reader(sample, sign))[1:]
    except csv.Error as error:
        raise LogError(
            f"{head.path.name}: the names of the columns, in line {above + 1:,}, cannot be read ({error}). Is it a table?"
        ) from error
    if reader.line_num == len(lines) and head.cut:
        return None
    if not names:
        raise LogError(f"{head.path.name}: line {above + 1:,} is empty; the names of the columns should be there.")
    notes = () if quote in (QUOTES[0], _said(columns.quote)) else (Message("load.text.quote", {"sign": quote.said}),)
    names = _checked(_padded(names, under), head.path, sign)
    return Shape(head.path, head.encoding, sign, quote, names, above + reader.line_num, 2 * head.size, columns, notes)


def _said(quote: str | None) -> Quote:
    if quote is None:
        return QUOTES[0]
    return Quote(quote[-1:] if quote != "\\" else "", escaped=quote.startswith("\\"))


def _sample(lines: list[str]) -> list[str]:
    """The header and lines under it, whole ones if there are several."""
    size = 0
    sample: list[str] = []
    for line in lines[:60]:
        size += len(line)
        if sample and size > HEAD:
            break
        sample.append(line)
    return (
        sample[:-1]
        if len(sample) > 2 and len(sample) == len(lines) and not lines[-1].endswith(("\n", "\r"))
        else sample
    )


def _delimiter(sample: list[str], path: Path) -> str:
    """The one sign that splits the header, and the lines under it, into as many columns."""
    splits = {sign: _rows(sample, sign, QUOTES[0]) for sign in SIGNS}
    several = [sign for sign, rows in splits.items() if rows and len(rows[0]) > 1]
    even = [sign for sign in several if _even(splits[sign], 0.8 if sign in USUAL else 1)]
    usual = [sign for sign in several if sign in USUAL]
    fitting = [sign for sign in even if sign in USUAL] or [sign for sign in even if len(splits[sign]) > 1]
    if len(fitting) == 1 or (not fitting and len(usual) == 1):
        return (fitting or usual)[0]
    said = " or ".join(SIGNS[sign] for sign in fitting) if fitting else "no sign of , ; | and tab, nor another,"
    raise LogError(
        f"{path.name}: cannot tell what separates the columns: {said} would split its first lines evenly. "
        'Say it: Columns(delimiter=";"), or Columns(header=3) if the names of the columns stand in line 3.'
    )


def _rows(sample: list[str], sign: str, quote: Quote, *, strict: bool = False) -> list[list[str]]:
    """Rows that hold something; none where the lines cannot be read so."""
    try:
        return [row for row in quote.reader(sample, sign, strict=strict) if row]
    except csv.Error:
        return []


def _even(rows: list[list[str]], share: float) -> bool:
    """Whether nearly all of the first lines have as many columns as the header (but for an empty one at their end)."""
    width = len(rows[0]) if rows else 0
    return bool(rows) and sum(len(row) == width or _ends_empty(row, width) for row in rows) >= share * len(rows)


def _ends_empty(row: list[str], width: int) -> bool:
    return len(row) == width + 1 and not row[-1]


def _quote(sample: list[str], sign: str, path: Path, above: int) -> Quote:
    """Quotation marks as usual, unless the first lines make sense only with others."""
    usual = _rows(sample, sign, QUOTES[0])
    if usual and len(usual[0]) > 1 and all(re.fullmatch(r"\s*'.+'\s*", one) for one in usual[0]):
        return QUOTES[2]
    strict = _rows(sample, sign, QUOTES[0], strict=True)
    if strict and _even(strict, 1):
        return QUOTES[0]
    if not strict and any('\\"' in line for line in sample) and _even(_rows(sample, sign, QUOTES[1], strict=True), 1):
        return QUOTES[1]
    fitting = [one for one in QUOTES[2:] if _even(_rows(sample, sign, one, strict=True), 1)]
    if fitting and not _even(usual, 1) and any(re.search(f"(^|{re.escape(sign)})'", line) for line in sample):
        return fitting[0]
    if not strict:
        check_inner(sample, sign, path, above)
    return QUOTES[0]


def check_inner(lines: Iterable[str], sign: str, path: Path, above: int) -> None:
    """LogError where text between quotation marks holds some that are not doubled: its end cannot be told.

    `above` is how many lines of the file stand before these.
    """
    reader, begins = QUOTES[0].reader(lines, sign, strict=True), 1
    try:
        for _ in reader:
            begins = reader.line_num + 1
    except csv.Error as error:
        if "expected after" in str(error):
            raise LogError(
                f"{path.name}: in the row that begins in line {above + begins:,}, text goes on behind its closing quotation "
                'mark. One inside text must be doubled, as in "a ""b"" c". Mend it; or say how it is written: '
                'Columns(quote="") where such marks are part of the text, \'\\\\"\' where a backslash stands before them.'
            ) from error


def _padded(names: list[str], under: list[list[str]]) -> list[str]:
    """The names with those of the empty column behind a delimiter at the end of the rows, or without it in the header."""
    rows = [row for row in under if row]
    if rows and all(_ends_empty(row, len(names)) for row in rows):
        return [*names, ""]
    if rows and names[-1] == "" and all(len(row) == len(names) - 1 for row in rows):
        return names[:-1]
    return names


def _checked(names: list[str], path: Path, sign: str) -> list[str]:
    said = SIGNS.get(sign, repr(sign))
    if len(names) > WIDEST:
        raise LogError(
            f"{path.name} has {len(names):,} columns when {said} separates them; at most {WIDEST:,} can be read. Is it a "
            "table with a row for each event, and not one that lies on its side?"
        )
    if len(names) > 2 and not any(names[1::2]) and all(names[::2]):
        raise LogError(
            f"{path.name}: its columns seem to be separated by several signs ({sign * 2!r}), and only one sign can be read. "
            "Put one that does not occur in the data in their place, with an editor."
        )
    return names
