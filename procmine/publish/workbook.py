"""The workbook of a report: a sheet that says what it is, one sheet a table, one of definitions and filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from procmine.draw.workbook import Sheet, write_workbook
from procmine.publish.page import Stamp
from procmine.words import Message


def write_report_workbook(
    tables: Sequence[Sheet],
    stamp: Stamp,
    path: Path,
    *,
    title: str = "",
    parameters: Mapping[str, object] | None = None,
    problems: Sequence[str] = (),
) -> Path:
    """Replaces `path` when complete. No cell is a formula; lengths of time are in days."""
    told = {Message("workbook.title").say(): title, Message("workbook.audience").say(): stamp.mark}
    facts = {Message("workbook.until").say(): stamp.until, **stamp.source}
    given = {Message("workbook.parameter", {"name": name}).say(): str(one) for name, one in (parameters or {}).items()}
    wrong = {Message("report.broken").say(): " ".join(problems)} if problems else {}
    lines = {**wrong, **told, **facts, **given}
    columns = {
        Message("workbook.what").say(): np.array([*lines], object),
        Message("workbook.value").say(): np.array([*lines.values()], object),
    }
    first = Sheet(Message("workbook.about").say(), columns, [])
    write_workbook([first, *tables], Message("sheet.definitions").say(), path)
    return path
