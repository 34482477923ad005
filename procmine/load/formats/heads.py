"""Where in a workbook a log stands: its sheets, and the rows that hold the names of the columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from procmine.load.columns import Columns, as_asked, find_roles, mask, missing_roles
from procmine.load.formats.cells import cell_text
from procmine.load.formats.sheets import Facts, Merged
from procmine.load.raw import unique_names
from procmine.log import LogError

Grid = list[list[Any]]
TITLES = 20  # rows in which the names of the columns may stand
DEEPEST = 5  # rows over which names may be spread
NAMES = 3  # columns at least of a log: fewer texts side by side may be anything
ALL_SHEETS = "*"


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet: `cells` gives its rows from the first one on, `merged` the ranges that are one cell (None: not known)."""

    name: str
    cells: Callable[[], Iterator[list[Any]]]
    height: int
    width: int
    merged: Merged | None
    facts: Facts
    hidden: bool = False
    epoch_1904: bool = False

    def head(self) -> Grid:
        return list(islice(self.cells(), TITLES + DEEPEST))


@dataclass(frozen=True, eq=False)
class Head:
    """Where the names of the columns stand: in `depth` rows from `row` on (from 0)."""

    sheet: Sheet
    row: int
    depth: int
    names: list[str]

    @property
    def first(self) -> int:
        """The first row of data, from 0."""
        return self.row + self.depth


@dataclass(frozen=True)
class Place:
    """Where the log may stand: a sheet ("*": all, as one log), the row with the names (from 1; None: found), the names."""

    sheet: str
    header: int | None
    rows: int
    names: str


class SheetUnclear(LogError):
    """Which sheet holds the log cannot be told; `places` are those where it may stand, the likeliest first."""

    places: tuple[Place, ...] = ()


def places_of(sheets: list[Sheet], path: Path, columns: Columns) -> tuple[list[Head], list[str]]:
    """Where the log stands, and the sheets in which it does not."""
    fits = [head for sheet in sheets for head in _heads(sheet, columns)]
    unread = [sheet.name for sheet in sheets if all(head.sheet is not sheet for head in fits)]
    each = len({head.sheet.name for head in fits}) == len(fits)
    if len(fits) == 1 or (fits and each and columns.sheet == ALL_SHEETS):
        return fits, unread
    if len(sheets) == 1 and not fits:
        return [_likely(sheets[0], columns)], []
    raise _refused(sheets, fits, path, columns)


def _refused(sheets: list[Sheet], fits: list[Head], path: Path, columns: Columns) -> SheetUnclear:
    """The error to raise where the place of the log cannot be told, with the line to paste."""
    several = "several places fit" if fits else "none has columns whose names are known"
    listed = "; ".join(f"{one.name} ({_about(one)}: {_shown(one)})" for one in sheets[:12])
    more = f"; and {len(sheets) - 12} more" if len(sheets) > 12 else ""
    likely = max(sheets, key=lambda sheet: (any(head.sheet is sheet for head in fits), _cells(sheet)))
    head = next((head for head in fits if head.sheet is likely), None) or _likely(likely, columns)
    alike = len(fits) > 1 and len({tuple(head.names) for head in fits}) == 1
    every = f' If together they are one log: Columns(sheet="{ALL_SHEETS}").' if alike else ""
    refused = SheetUnclear(
        f"{path.name}: cannot tell which sheet and row hold the log ({several}). Sheets: {listed}{more}. Say it: "
        f'Columns(sheet="{likely.name}", header={head.row + 1}), and name the columns if they are not found.{every}'
    )
    heads = fits or [_likely(one, columns) for one in sheets if one.head()]
    places = [_place(one) for one in sorted(heads, key=lambda one: one.sheet is not likely)]
    together = Place(ALL_SHEETS, None, sum(one.rows for one in places), _shown(likely))
    refused.places = (*places, together) if alike else tuple(places)
    return refused


def _place(head: Head) -> Place:
    return Place(head.sheet.name, head.row + 1, head.sheet.height - head.first, _shown(head.sheet))


def _about(sheet: Sheet) -> str:
    return f"{sheet.height:,} rows" + (", hidden" if sheet.hidden else "")


def _cells(sheet: Sheet) -> int:
    return sum(cell != "" for row in sheet.cells() for cell in row)


def _shown(sheet: Sheet) -> str:
    """The first names of columns; what stands above them is not told, and of what may be data only the shapes are."""
    names = [name for name in _likely(sheet, Columns()).names if name] if sheet.head() else []
    sure = len(names) >= NAMES and all(map(_may_be_name, names))
    return ", ".join([name if sure else mask(name) for name in names][:6])


def _heads(sheet: Sheet, columns: Columns) -> list[Head]:
    """Where the roles are found: not inside another such place, and not where the same names are repeated."""
    grid = sheet.head()
    top, last = (columns.header - 1, columns.header) if columns.header else (0, TITLES)
    found: list[Head] = []
    for row in range(top, min(last, len(grid))):
        if found and row < found[-1].first:
            continue
        for depth in range(_depth(grid, sheet.merged or [], row), 0, -1):
            names = _asked(_names(grid, sheet.merged or [], row, depth), columns)
            if _fits(names, columns):
                if all(names != other.names for other in found):
                    found.append(Head(sheet, row, depth, names))
                break
    return found


def _depth(grid: Grid, merged: Merged, row: int) -> int:
    """Over how many rows names are spread that begin in this row: as far as merged cells reach, or have names under them."""
    last, seen = row, -1
    while seen != last and last - row < DEEPEST:
        seen = last
        for (top, left), (bottom, right) in merged:
            if row <= top <= last:
                last = max(last, bottom + (right > left))
    return min(last, len(grid) - 1, row + DEEPEST - 1) - row + 1


def _names(grid: Grid, merged: Merged, row: int, depth: int) -> list[str]:
    """The names of the columns, with that of their group before them."""
    rows = [list(cells) for cells in grid[row : row + depth]]
    for (top, left), (bottom, right) in merged:
        if row <= top and right > left and bottom < row + depth - 1 and left < len(rows[top - row]):
            group = rows[top - row][left]
            for column in range(left, min(right + 1, len(rows[top - row]))):
                rows[top - row][column] = group
    joined = [[(cell_text(cell) or "").strip() for cell in cells] for cells in zip(*rows)]
    names = [" ".join(name for name, _ in groupby(one for one in cells if one)) for cells in joined]
    while names and not names[-1]:
        names.pop()
    return names


def _fits(names: list[str], columns: Columns) -> bool:
    """Whether these names tell a case, an activity and a time; of a wide table, a case and a milestone."""
    try:
        found = find_roles(columns, names, "")
    except LogError:
        return False
    if not columns.milestones:
        return not missing_roles(found)
    patterns = [re.escape(one).replace(r"\{n\}", r"\d+") for one in columns.milestones]
    return found.case is not None and any(re.fullmatch(one, name) for one in patterns for name in names)


def _likely(sheet: Sheet, columns: Columns) -> Head:
    """Where the names stand most likely: in the row that was said, else the first with the most names side by side."""
    grid, merged = sheet.head(), sheet.merged or []
    row = columns.header - 1 if columns.header else _first(grid, merged)
    if row >= len(grid):
        raise LogError(f"Sheet {sheet.name} has no row {row + 1} for Columns(header={row + 1}).")
    depth = _depth(grid, merged, row)
    while depth > 1 and not all(isinstance(cell, str) for cell in grid[row + depth - 1]):
        depth -= 1
    return Head(sheet, row, depth, _asked(_names(grid, merged, row, depth), columns))


def _asked(names: list[str], columns: Columns) -> list[str]:
    """The names, numbered where several are equal and one is asked for by its number."""
    return as_asked([new if old else "" for new, old in zip(unique_names(names), names)], names, columns)


def _first(grid: Grid, merged: Merged) -> int:
    """The row of most names side by side; where one of its cells begins above, that row."""
    row = max(range(min(TITLES, len(grid))), key=lambda row: _run(grid[row]))
    return min((top for (top, _), (bottom, _) in merged if top < row <= bottom), default=row)


def _run(cells: list[Any]) -> int:
    """How many cells stand side by side at most that may be names of columns."""
    runs = groupby(map(_may_be_name, cells))
    return max((len(list(run)) for name, run in runs if name), default=0)


def _may_be_name(cell: Any) -> bool:
    """Text with more letters than digits: no date, number or time of day that is written as text."""
    return isinstance(cell, str) and sum(map(str.isalpha, cell)) > sum(map(str.isdigit, cell))
