"""Spreadsheets: the sheet and the header row that hold the log, cells as text and times as ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import strings
from procmine.load.columns import NEEDED, Columns, find_roles
from procmine.load.formats.cells import Met, Turned, cell_text, digits_lost
from procmine.load.formats.heads import ALL_SHEETS, Head, Sheet, places_of
from procmine.load.formats.html_tables import html_tables
from procmine.load.formats.sheets import Facts, Package, kind_of, open_package, try_out
from procmine.load.raw import Places, Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 20_000  # rows that are turned into columns at once
DIGITS = 10**15  # from here a number has more than the 15 digits that a spreadsheet keeps
KINDS = {
    "empty": "is empty",
    "xml": "is XML, not a workbook (an XML Spreadsheet 2003?). Open it in a spreadsheet program and save it as .xlsx",
    "binary": "cannot be read as a workbook: it does not begin as one. Open it in a spreadsheet program and save it as .xlsx",
}


@dataclass(frozen=True, eq=False)
class _Part:
    """The rows of one sheet: `stored` are the names in `table`, those that were empty among them."""

    head: Head
    table: pa.Table
    numbers: Ints
    stored: list[str]

    @property
    def named(self) -> list[str]:
        return [new for new, old in zip(self.stored, self.head.names) if old]


def read_excel(path: Path, columns: Columns) -> Raw:
    """A table from a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods), or a web page or text that is named as one.

    The sheet and the row of column names are those named; else the only ones in which the roles are found. `sheet="*"`
    reads every sheet in which they are found. Where header cells are merged, the name of a group stands before the names
    under it; other merged cells give their value to each of their rows. Numbers in a column of times are spreadsheet
    days. A formula is the value that the spreadsheet program stored with it. Rows without any cell are not counted.
    """
    kind = kind_of(path)
    if kind in KINDS:
        raise LogError(f"{path.name} {KINDS[kind]}.")
    if kind == "text":
        return _as_text(path, columns)
    sheets = _pages(path, columns) if kind == "html" else _sheets(path, columns, kind)
    heads, unread = places_of(sheets, path, columns)
    _check_alike(heads, path, columns)
    found = Met()
    raw = _joined([_read(head, columns, path, found) for head in heads], path, found)
    said = [Message("load.sheet.html", {"file": path.name})] if kind == "html" else []
    said += _placed(heads, unread) if len(sheets) > 1 or heads[0].row else []
    return replace(raw, notes=(*said, *raw.notes, *_check(raw, columns, found, heads)))


def _check_alike(heads: list[Head], path: Path, columns: Columns) -> None:
    """LogError where sheets call the column of a case, a step or a time otherwise: below one another they would be empty."""
    roles = find_roles(columns, list(dict.fromkeys(name for head in heads for name in head.names)), path.name)
    for head in heads if len(heads) > 1 else ():
        own = find_roles(columns, head.names, path.name)
        other = next((role for role in NEEDED if getattr(own, role) != getattr(roles, role)), None)
        if other is not None:
            called = dict.fromkeys(str(getattr(find_roles(columns, one.names, path.name), other)) for one in heads)
            raise LogError(
                f"{path.name}: its sheets call the column of the {other} differently: {', '.join(called)}. Give it "
                f"one name in the workbook; or read one sheet by itself: Columns(sheet={head.sheet.name!r})."
            )


def _as_text(path: Path, columns: Columns) -> Raw:
    from procmine.load.formats.delimited import read_delimited

    try:
        raw = read_delimited(path, columns)
    except LogError as error:
        raise LogError(f"{path.name} cannot be read as a workbook: it is text. Read as such: {error}") from error
    return replace(raw, notes=(Message("load.sheet.text", {"file": path.name}), *raw.notes))


def _pages(path: Path, columns: Columns) -> list[Sheet]:
    """The tables of a web page, as sheets."""
    tables = html_tables(path, columns)
    if not tables:
        raise LogError(f"{path.name} is not a workbook but a web page, and holds no table.")
    return _chosen(
        [
            Sheet(f"table {place}", table.cells, len(table.rows), max(map(len, table.rows)), table.merged, Facts())
            for place, table in enumerate(tables, 1)
        ],
        path,
        columns,
    )


def _sheets(path: Path, columns: Columns, kind: str) -> list[Sheet]:
    """The sheets that hold cells, of those that are asked for."""
    package = open_package(path) if kind == "zip" else Package()
    if not package.known:
        try_out(path)
    found = _calamine(path, package, columns)
    filled = [sheet for sheet in found if any(cell != "" for row in sheet.cells() for cell in row)]
    if not filled:
        said = " Its formulas hold no values: open it in a spreadsheet program and save it."
        raise LogError(f"{path.name} holds no cells.{said if any(one.facts.uncomputed for one in found) else ''}")
    return filled


def _calamine(path: Path, package: Package, columns: Columns) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            data = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
            _check_sheet([one.name for one in data], path, columns)
            wanted = [one for one in data if columns.sheet in (None, ALL_SHEETS, one.name)]
            shown = SheetVisibleEnum.Visible
            return [_sheet(book.get_sheet_by_name(one.name), one.visible != shown, package) for one in wanted]
    except PasswordError as error:
        raise LogError(_protected(path)) from error
    except CalamineError as error:
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes()[: 1 << 20]:
            raise LogError(_protected(path)) from error
        raise LogError(f"{path.name} cannot be read as a workbook: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the reader's own language; it is no Exception
            raise
        raise LogError(f"{path.name} cannot be read as a workbook: it is damaged. Copy or export it again.") from None


def _protected(path: Path) -> str:
    return f"{path.name} is protected by a password. Save it without one, or export it as CSV."


def _sheet(sheet: Any, hidden: bool, package: Package) -> Sheet:
    """A sheet of calamine's, whose rows begin in its first filled column."""
    left = sheet.start[1] if sheet.start else 0
    facts = package.facts(sheet.name)
    merged = facts.merged if facts.merged is not None else sheet.merged_cell_ranges
    pad = [""] * left

    def cells() -> Iterator[list[Any]]:
        return (pad + row for row in sheet.iter_rows()) if left else sheet.iter_rows()

    height, width = (place + 1 for place in sheet.end) if sheet.end else (0, 0)
    return Sheet(sheet.name, cells, height, width, merged, facts, hidden, package.epoch_1904)


def _check_sheet(names: list[str], path: Path, columns: Columns) -> None:
    if columns.sheet not in (None, ALL_SHEETS, *names):
        raise LogError(f"{path.name} has no sheet {columns.sheet!r}; there are: {', '.join(names)}.")


def _chosen(sheets: list[Sheet], path: Path, columns: Columns) -> list[Sheet]:
    _check_sheet([one.name for one in sheets], path, columns)
    return [one for one in sheets if columns.sheet in (None, ALL_SHEETS, one.name)]


def _read(head: Head, columns: Columns, path: Path, found: Met) -> _Part:
    """The rows under the names."""
    import pyarrow as pa

    roles = find_roles(columns, head.names, path.name)
    stored = unique_names(head.names + [""] * (head.sheet.width - len(head.names)))
    times = set(_times(roles, head.names))
    batches: list[pa.Table] = []
    numbers: list[int] = []
    rows = _rows(head, stored, found)
    while batch := list(islice(rows, BATCH)):
        numbers += [number for number, _ in batch]
        cells: dict[str, Sequence[Any]] = dict(zip(stored, zip(*(row for _, row in batch))))
        for name in times:
            found.turned.setdefault(name, Turned()).add(cells[name])
            if head.sheet.epoch_1904:
                cells[name] = found.since_1904(cells[name])
        batches.append(_table(cells, found))
    table = pa.concat_tables(batches) if batches else _table(dict.fromkeys(stored, ()), found)
    return _Part(head, table, np.array(numbers, np.int64), stored)


def _rows(head: Head, names: list[str], found: Met) -> Iterator[tuple[int, list[Any]]]:
    """Rows that have a cell, by number from 1; a merged cell gives its value to those under it."""
    width, active = len(names), dict[int, tuple[int, Any]]()
    begins: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in head.sheet.merged or []:
        if top >= head.first and bottom > top and left < width:
            begins.setdefault(top, []).append((left, bottom))
    for number, cells in enumerate(islice(head.sheet.cells(), head.first, None), head.first):
        row = cells[:width] + [""] * (width - len(cells))
        if row.count("") == width:
            continue
        for column, (bottom, value) in list(active.items()):
            if number > bottom:
                del active[column]
            elif row[column] == "" and value != "":
                row[column] = value
                found.filled[names[column]] = found.filled.get(names[column], 0) + 1
        active |= {left: (bottom, row[left]) for left, bottom in begins.get(number, ())}
        yield number + 1, row


def _times(roles: Columns, names: list[str]) -> list[str]:
    """The columns of times."""
    patterns = [re.escape(one).replace(r"\{n\}", r"\d+") for one in roles.milestones or ()]
    milestones = [name for name in names if any(re.fullmatch(one, name) for one in patterns)]
    return [name for name in (roles.timestamp, roles.start, roles.arrival, *milestones) if name is not None]


def _table(cells: Mapping[str, Sequence[Any]], found: Met) -> pa.Table:
    import pyarrow as pa

    for name, values in cells.items():
        long = [one for one in values if type(one) is float and abs(one) >= DIGITS]
        if long:
            found.long.setdefault(name, []).extend(long)
    arrays = [pa.chunked_array([strings([cell_text(one) for one in values])]) for values in cells.values()]
    return pa.table(arrays, list(cells))


def _joined(parts: list[_Part], path: Path, found: Met) -> Raw:
    """One table of the rows of every sheet; a column that a sheet does not have is empty there."""
    import pyarrow as pa

    table = pa.concat_tables([part.table for part in parts], promote_options="default")
    names = list(dict.fromkeys(chain.from_iterable(part.named for part in parts)))
    others = [one for one in table.column_names if one not in names and table[one].null_count < len(table)]
    several = len(parts) > 1
    files = [f"{path.name}/{part.head.sheet.name}" if several else path.name for part in parts]
    numbers = np.concatenate([part.numbers for part in parts])
    sheet = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part.numbers) for part in parts])
    together = not several and (not len(numbers) or numbers[-1] - numbers[0] + 1 == len(numbers))
    rest = table.select(others)
    return Raw(
        table.select(names),
        path.name,
        names if several else parts[0].head.names,
        first=int(numbers[0]) if len(numbers) else parts[0].head.first + 1,
        rest=(lambda: rest) if others else None,
        notes=tuple(_notes(parts, found, others)),
        serials=True,
        places=None if together else Places(tuple(files), sheet, numbers),
    )


def _check(raw: Raw, columns: Columns, found: Met, heads: list[Head]) -> tuple[Message, ...]:
    """LogError where a case's number has lost digits, dates were turned over or formulas hold no values; else notes."""
    roles = find_roles(columns, raw.names, raw.name)
    for name, one in found.turned.items():
        if columns.dates_of(name) is None:
            one.check(name, raw.name, columns.show_values)
    lost = found.long.get(roles.case or "", [])
    if digits_lost(lost):
        raise LogError(
            f"{raw.name}, column {roles.case!r}: {len(lost):,} cells hold numbers of more than 15 digits. Spreadsheets keep "
            "15 digits of a number, so the last ones are lost and different cases may have become one. Export the column as "
            "text, or the whole as CSV."
        )
    empty = [name for name in (roles.case, roles.activity, roles.timestamp) if name and _is_empty(raw.table[name])]
    if empty and any(head.sheet.facts.uncomputed for head in heads):
        raise LogError(
            f"{raw.name}: the cells of {', '.join(empty)} are formulas without a stored value. Open the file in a "
            "spreadsheet program, save it, and read it again."
        )
    return _gaps(raw.table, roles, heads)


def _is_empty(column: pa.ChunkedArray) -> bool:
    return bool(len(column)) and column.null_count == len(column)


def _gaps(table: pa.Table, roles: Columns, heads: list[Head]) -> tuple[Message, ...]:
    """Rows with a time and no case, below one that has it: merged in the eyes of people, but not in the workbook."""
    import pyarrow.compute as pc

    if roles.case is None or roles.timestamp is None:
        return ()
    gap = pc.sum(pc.and_(pc.is_null(table[roles.case]), pc.is_valid(table[roles.timestamp]))).as_py() or 0
    known = all(head.sheet.merged is not None for head in heads)
    key = "load.sheet.gaps" if known else "load.sheet.gaps_unknown"
    return (Message(key, {"n": gap, "column": roles.case}),) if gap else ()


def _placed(heads: list[Head], unread: list[str]) -> list[Message]:
    if len(heads) == 1 and not unread:
        return [Message("load.sheet", {"sheet": heads[0].sheet.name, "row": heads[0].row + 1})]
    read = [Message("load.sheet", {"sheet": heads[0].sheet.name, "row": heads[0].row + 1})]
    if len(heads) > 1:
        names = ", ".join(head.sheet.name for head in heads)
        read = [Message("load.sheet.several", {"n": len(heads), "sheets": names})]
    return read + ([Message("load.sheet.unread", {"sheets": ", ".join(unread)})] if unread else [])


def _notes(parts: list[_Part], found: Met, others: list[str]) -> list[Message]:
    """What a reader of the sheet would not see, or not see like this."""
    sheets = [part.head.sheet for part in parts]
    facts = [sheet.facts for sheet in sheets]
    said = [Message("load.sheet.hidden", {"sheet": sheet.name}) for sheet in sheets if sheet.hidden]
    rows, columns = sum(one.hidden_rows for one in facts), sum(one.hidden_columns for one in facts)
    said += [Message("load.sheet.hidden_parts", {"rows": rows, "columns": columns})] if rows or columns else []
    counts = {
        "errors": sum(one.errors for one in facts),
        "uncomputed": sum(one.uncomputed for one in facts),
        "serials_1904": found.serials,
        "unnamed": len(others),
    }
    said += [Message(f"load.sheet.{key}", {"n": n}) for key, n in counts.items() if n]
    long = {name: len(values) for name, values in found.long.items()}
    for key, by_column in (("merged", found.filled), ("long", long)):
        names = ", ".join(by_column)
        said += [Message(f"load.sheet.{key}", {"n": sum(by_column.values()), "columns": names})] if by_column else []
    return said
