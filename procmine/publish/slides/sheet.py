"""Sheet: the workbook behind a chart, with the same numbers, which PowerPoint opens with "Edit Data"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import Any

from procmine.draw.workbook import FORMULA_STARTS

SHEET = "Sheet1"  # the name to which the chart's own references point


def workbook(first: Sequence[str | float], columns: Mapping[str, Sequence[float | None]], day: datetime) -> bytes:
    """The first column has no heading; text is kept as text, also where it looks like a formula or an address."""
    file = BytesIO()
    book: Any = import_module("xlsxwriter").Workbook(file, {"in_memory": True})
    book.set_properties({"created": day, "author": "", "title": ""})
    plain, quoted = book.add_format(), book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(0, 0, 40)

    def put(row: int, column: int, value: str | float | None) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value, quoted if value.lstrip().startswith(FORMULA_STARTS) else plain)
        elif value is not None:
            sheet.write_number(row, column, value)

    for row, value in enumerate(first, 1):
        put(row, 0, value)
    for column, (name, values) in enumerate(columns.items(), 1):
        put(0, column, name)
        for row, one in enumerate(values, 1):
            put(row, column, one)
    book.close()
    return file.getvalue()
