"""The load report: what became of every row of the source."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.draw.files import replace_whole
from procmine.draw.workbook import harmless
from procmine.load.arrays import whole_numbers
from procmine.load.raw import Raw
from procmine.load.table import REASONS
from procmine.log import Log, LogError
from procmine.results import Result, Rows
from procmine.words import Message

ASIDE = "load.aside."
NONE = "-"


@dataclass(frozen=True, eq=False)
class LoadReport(Result):
    """A row is a fate: reason (in words), rows (how many), first_row (int, its number in the source, or None: not asked).

    The rows add up to those of the source. What else the door noted (which columns play which role, how times were
    read, up to when the data reach, which steps finish a case, and why) is in `about.notes`, and on the log's card.
    """

    meaning: ClassVar[str] = "load.report"

    def findings(self) -> Sequence[Message]:
        return [note for note in self.about.notes if note.key.startswith(("load.rows", ASIDE))]

    def shown(self) -> Rows:
        first = [NONE if row is None else f"{row:,}" for row in self.rows["first_row"]]
        return {**self.rows, "first_row": np.array(first, object)}


def load_report(log: Log) -> LoadReport:
    """What the door found when the log was read, and what it set aside; the same after any filter."""
    counted = [note for note in log.about.notes if note.key in ("load.rows", "load.rows.joined")]
    if not counted:
        raise LogError("This log was not read from a source: it has no load report.")
    values: Any = counted[0].values
    fates = [("kept", values["kept"], None), *([("joined", values["joined"], None)] if values["joined"] else [])]
    for note in log.about.notes:
        if note.key.startswith(ASIDE):
            said: Any = note.values
            fates.append((note.key.removeprefix(ASIDE), said["n"], said["row"]))
    rows = {
        "reason": np.array([Message(f"load.reason.{reason}").say() for reason, _, _ in fates], object),
        "rows": np.array([n for _, n, _ in fates], np.int64),
        "first_row": np.array([row for _, _, row in fates], object),
    }
    if rows["rows"].sum() != values["rows"]:
        raise AssertionError(f"{rows['rows'].sum()} rows accounted for, of {values['rows']}")
    return LoadReport(rows, log.about, True, {})


def write_aside(raw: Raw, why: NDArray[np.uint8], folder: Path) -> Path | None:
    """The rows set aside, with number and reason, as NAME.set-aside.csv in `folder`; nothing if there are none.

    The file is for reading in a spreadsheet: text is made harmless there as in workbooks (no formulas, no control marks).
    """
    place = np.flatnonzero((why != REASONS.index("kept")) & (why != REASONS.index("joined")))
    if not len(place) and not raw.ragged:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / f"{raw.name.removesuffix('.gz')}.set-aside.csv"
    with replace_whole(final) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_lines(raw, why, place))
    return final


def _lines(raw: Raw, why: NDArray[np.uint8], place: NDArray[np.int64]) -> list[list[str]]:
    """Header and rows, in the order of the source; a row that could not be split is one cell of text."""
    names = raw.table.column_names
    held = raw.table.take(whole_numbers(place)).to_pylist()
    stood = zip(raw.file_names(place), raw.row_numbers(place).tolist(), raw.column_names(place))
    lines = [
        (*where, [_reason(REASONS[why[at]]), *(_safe(row[name]) for name in names)])
        for where, at, row in zip(stood, place, held)
    ]
    lines += [(file, number, "", [_reason("ragged"), _safe(text)]) for file, number, text in raw.lost()]
    files = (raw.name,) if raw.places is None else raw.places.files
    lines.sort(key=lambda line: (files.index(line[0]), line[1]))
    shown = [len(files) > 1, True, bool(raw.places and raw.places.columns)]  # the file and the column, if there are several
    head = list(compress(("file", "row", "column"), shown))
    told = ([*compress((_safe(file), str(number), _safe(column)), shown), *rest] for file, number, column, rest in lines)
    return [[*head, "reason", *names], *told]


def _reason(reason: str) -> str:
    return Message(f"load.reason.{reason}").say()


def _safe(value: object) -> str:
    return str(harmless("" if value is None else str(value)))
