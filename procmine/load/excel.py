"""Spreadsheets: the sheet and the header row that hold the log, cells as text and times as ISO 8601."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.load.arrays import strings
from procmine.load.columns import Columns, find_roles, missing_roles
from procmine.load.raw import Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

Grid = list[list[Any]]
TITLES = 20  # rows in which the names of the columns may stand


def read_excel(path: Path, columns: Columns) -> Raw:
    """A table from an .xlsx workbook. Numbers in a column of times are spreadsheet days.

    The sheet and the row of column names are those named; else the only ones in which the roles are found. A formula is
    the value that the spreadsheet program stored with it.
    """
    grids = _grids(path, columns)
    sheet, header = _place(grids, path, columns)
    grid = grids[sheet]
    names = [_text(cell) or "" for cell in grid[header]]
    while names and not names[-1]:
        names.pop()
    rows = [row[: len(names)] + [""] * (len(names) - len(row)) for row in grid[header + 1 :]]
    table = _table(unique_names(names), rows)
    notes = (Message("load.sheet", {"sheet": sheet, "row": header + 1}),) if len(grids) > 1 or header else ()
    find_roles(columns, names, path.name)
    return Raw(table, path.name, names, first=header + 2, notes=notes, serials=True)


def _grids(path: Path, columns: Columns) -> dict[str, Grid]:
    """The cells of each sheet that has any."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names if columns.sheet is None else [columns.sheet]
        if columns.sheet is not None and columns.sheet not in book.sheet_names:
            raise LogError(f"{path.name} has no sheet {columns.sheet!r}; there are: {', '.join(book.sheet_names)}.")
        grids = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except CalamineError as error:
        raise LogError(f"{path.name} cannot be read as a workbook: {error}") from error
    filled = {name: grid for name, grid in grids.items() if any(cell != "" for row in grid for cell in row)}
    if not filled:
        raise LogError(f"{path.name} holds no cells.")
    return filled


def _place(grids: dict[str, Grid], path: Path, columns: Columns) -> tuple[str, int]:
    """The sheet, and the place in it of the row of names."""
    top = columns.header or 1
    heads = {name: range(top - 1, min(columns.header or TITLES, len(grid))) for name, grid in grids.items()}
    found = [(name, row) for name, rows in heads.items() for row in rows if _named(grids[name][row], columns)]
    if len(found) == 1:
        return found[0]
    if len(grids) == 1 and not found:
        (name, grid) = next(iter(grids.items()))
        first = next(row for row, cells in enumerate(grid) if any(cell != "" for cell in cells))
        return name, (columns.header or first + 1) - 1
    several = "several places fit" if found else "none has columns whose names are known"
    listed = "; ".join(f"{name} ({len(grid):,} rows: {_shown(grid)})" for name, grid in grids.items())
    sheet = max(grids, key=lambda name: sum(cell != "" for row in grids[name] for cell in row))
    likely = next((row for name, row in found if name == sheet), _widest(grids[sheet]))
    raise LogError(
        f"{path.name}: cannot tell which sheet and row hold the log ({several}). Sheets: {listed}. Say it: "
        f'Columns(sheet="{sheet}", header={likely + 1}), and name the columns if they are not found.'
    )


def _widest(grid: Grid) -> int:
    """The first of the rows with the most cells of text side by side: most likely the names of the columns."""
    return max(range(min(TITLES, len(grid))), key=lambda row: _run(grid[row]))


def _run(cells: list[Any]) -> int:
    """How many cells of text stand side by side at most."""
    runs = groupby(isinstance(cell, str) and bool(cell.strip()) for cell in cells)
    return max((len(list(run)) for text, run in runs if text), default=0)


def _named(cells: list[Any], columns: Columns) -> bool:
    """Whether this row names a case, an activity and a time."""
    names = [_text(cell) or "" for cell in cells]
    try:
        return not missing_roles(find_roles(columns, names, ""))
    except LogError:
        return False


def _shown(grid: Grid) -> str:
    row = next((row for row in grid if any(cell != "" for cell in row)), [])
    return ", ".join(_text(cell) or "" for cell in row[:6])


def _table(names: list[str], rows: Grid) -> pa.Table:
    import pyarrow as pa

    columns = [strings([_text(row[place]) for row in rows]) for place in range(len(names))]
    return pa.table([pa.chunked_array([column]) for column in columns], names)


def _text(cell: Any) -> str | None:
    """A cell as text: no decimal point in whole numbers, times as ISO 8601; None if it is empty."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip() or None
