"""Excel workbooks: plain sheets in, one file out; text that a spreadsheet would run is made harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.files import replace_whole

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
WIDEST, MEASURED = 64, 500  # letters of a column, found from so many rows
MOST_ROWS = 1_048_575  # of a sheet, below its heading


@dataclass(frozen=True)
class Sheet:
    """`columns` maps a heading to an array; durations are written in days. `notes` go to the sheet of definitions."""

    title: str
    columns: Mapping[str, NDArray[Any]]
    notes: Sequence[str]


def write_workbook(sheets: Sequence[Sheet], definitions: str, path: Path) -> None:
    """One sheet each, then one named `definitions`. Written beside `path`, which it replaces when complete."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    notes: list[tuple[str, str]] = []
    for sheet in sheets:
        title = _title(sheet.title, [definitions, *book.sheetnames])
        _fill(book.create_sheet(title), sheet.columns)
        notes += [(title if not place else "", note) for place, note in enumerate(sheet.notes)]
    _define(book.create_sheet(definitions), notes)
    with replace_whole(path) as beside:
        book.save(beside)


def harmless(value: Any) -> Any:
    """What may stand in a cell: text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, np.timedelta64):
        return None if np.isnat(value) else float(value / np.timedelta64(1, "D"))
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else value.astype("M8[us]").item()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, str):
        text = "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in value)[:32_000]
        return "'" + text if value.lstrip(" ").startswith(FORMULA_STARTS) or value[:1] in FORMULA_STARTS else text
    return value


def _fill(sheet: Worksheet, columns: Mapping[str, NDArray[Any]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet.append([harmless(name) for name in columns])
    for one in sheet[1]:
        one.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for line in list(zip(*columns.values()))[:MOST_ROWS]:
        sheet.append([harmless(value) for value in line])
    for place, (name, column) in enumerate(columns.items(), 1):
        longest = max((len(one) for one in column[:MEASURED] if isinstance(one, str)), default=0)
        sheet.column_dimensions[get_column_letter(place)].width = max(12, len(name) + 2, min(WIDEST, longest + 1))


def _define(sheet: Worksheet, notes: Sequence[tuple[str, str]]) -> None:
    for title, note in notes:
        sheet.append([title, harmless(note)])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 120


def _title(name: str, taken: Sequence[str]) -> str:
    """At most 31 characters, unlike the others whatever the case."""
    base = name.translate(FORBIDDEN_IN_TITLES).strip()[:26] or "rows"
    used = {one.lower() for one in taken}
    numbers = (base if not k else f"{base} {k + 1}" for k in range(len(taken) + 1))
    return next(one for one in numbers if one.lower() not in used)
