"""Tables of a web page, as which many case systems export what they call .xls: cells as text, and which are merged."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from procmine.load.columns import Columns
from procmine.load.formats.sheets import BLOCK, Merged, check_box
from procmine.log import LogError

WIDE, DEEP = 1_000, 65_534  # cells that one may stand for: as browsers have it
BREAKS = {"br", "p", "div", "li"}


@dataclass
class HtmlTable:
    """A table's rows of text, and its merged cells, from 0."""

    rows: list[list[str]] = field(default_factory=list)
    merged: Merged = field(default_factory=list)

    def cells(self) -> Iterator[list[str]]:
        return iter(self.rows)


def html_tables(path: Path, columns: Columns) -> list[HtmlTable]:
    """The tables of a page; what stands in a table inside a cell is text of that cell."""
    parser = _Parser(path)
    decoder = codecs.getincrementaldecoder(_encoding(path, columns))()
    seen = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                parser.feed(decoder.decode(block))
            except UnicodeDecodeError as error:
                raise LogError(
                    f"{path.name} is a web page, and not in the encoding it says: byte {seen + error.start:,} belongs to no "
                    'character. Ask in which it was exported, and say it: Columns(encoding="cp1252").'
                ) from error
            seen += len(block)
    parser.close()
    return [one for one in parser.tables if one.rows]


def _encoding(path: Path, columns: Columns) -> str:
    """The encoding that was said, by the user or the page; else UTF-8."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    said = re.search(rb"""charset\s*=\s*["']?([\w-]+)""", head)
    name = columns.encoding or (said[1].decode() if said else "utf-8")
    try:
        b"".decode(name)  # a LookupError also for what is no encoding of text
        known = codecs.lookup(name).name
    except LookupError as error:
        raise LogError(f"{path.name}: no encoding is called {name!r}; cp1252 or utf-8 are such names.") from error
    return {"utf-8": "utf-8-sig", "iso8859-1": "cp1252"}.get(known, known)  # browsers take Latin 1 as cp1252


class _Parser(HTMLParser):
    """Rows and cells of the outermost tables."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.tables: list[HtmlTable] = []
        self.depth = self.silent = self.cells = self.laid = 0
        self.text: list[str] | None = None
        self.spans = (1, 1)
        self.covered: dict[int, int] = {}  # column -> rows for which a cell above stands for this one

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(HtmlTable())
                self.covered = {}
        elif tag in ("style", "script"):
            self.silent += 1
        elif self.depth == 1 and tag == "tr":
            self._row()
        elif self.depth == 1 and tag in ("td", "th"):
            self._end_cell()
            said = dict(attrs)
            self.text = []
            self.spans = _span(said.get("rowspan"), DEEP), _span(said.get("colspan"), WIDE)
        elif self.text is not None and tag in BREAKS:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self.depth == 1:
                self._end_cell()
            self.depth = max(self.depth - 1, 0)
        elif tag in ("style", "script"):
            self.silent = max(self.silent - 1, 0)
        elif self.depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.silent:
            self.text.append(re.sub(r"[ \t\r\n\f\xa0]+", " ", data))

    def _row(self) -> None:
        self._end_cell()
        self.tables[-1].rows.append([])
        self.covered = {column: left - 1 for column, left in self.covered.items() if left > 1}

    def _end_cell(self) -> None:
        """Put the cell where the merged cells above it leave room."""
        if self.text is None:
            return
        table = self.tables[-1]
        text, self.text = "".join(self.text), None
        if not table.rows:
            self._row()
        row = table.rows[-1]
        at = column = len(row)
        while column in self.covered:
            row.append("")
            column += 1
        lines = (re.sub(" +", " ", line).strip() for line in text.split("\n"))
        down, wide = self.spans
        self.cells, self.laid = self.cells + 1, self.laid + column + wide - at
        check_box(self.laid, self.cells, self.path)
        row += ["\n".join(line for line in lines if line), *([""] * (wide - 1))]
        if down > 1 or wide > 1:
            table.merged.append(((len(table.rows) - 1, column), (len(table.rows) + down - 2, column + wide - 1)))
        if down > 1:
            self.covered |= dict.fromkeys(range(column, column + wide), down)


def _span(written: str | None, most: int) -> int:
    return min(max(int(written), 1), most) if written and re.fullmatch(r"\d{1,9}", written) else 1
