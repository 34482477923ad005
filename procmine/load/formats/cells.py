"""The cells of a spreadsheet: their text, and what is found among them that must be said or refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from procmine.load.columns import mask
from procmine.log import LogError

EXACT = 2**53  # from here a stored number may stand for several whole numbers
EPOCH_1904 = datetime(1904, 1, 1)
SLASHED = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}\b")
FEW = 10  # dates of which none is later than the 12th of its month, before that is taken for a sign


@dataclass
class Turned:
    """Whether day and month were exchanged in dates: then those that became dates have no day above 12, and those that
    could not become dates were left as text, all with a number above 12 where the day stands."""

    dates: int = 0
    latest: int = 0
    texts: int = 0
    either: int = 0
    example: str = ""

    def add(self, cells: Sequence[Any]) -> None:
        for cell in cells:
            if isinstance(cell, date):
                self.dates, self.latest = self.dates + 1, max(self.latest, cell.day)
            elif isinstance(cell, str) and (written := SLASHED.match(cell)):
                day_first = int(written[1]) > 12 >= int(written[2])
                self.texts, self.either = self.texts + day_first, self.either + (not day_first)
                self.example = self.example or cell

    def check(self, name: str, source: str, show: bool) -> None:
        if self.dates < FEW or self.latest > 12 or not self.texts or self.either:
            return
        raise LogError(
            f"{source}, column {name!r}: {self.texts:,} cells are text with the day first ({mask(self.example, show)}), all "
            f"with a day above 12, and {self.dates:,} are dates, none with a day above 12. So does a file look that was "
            "written day/month/year and opened in a spreadsheet program set to month/day/year: it exchanged day and month "
            "wherever it could. Export it again and read that file unopened. If the dates are right nevertheless, say how "
            'the texts are written: Columns(dates="%d/%m/%Y").'
        )


@dataclass
class Met:
    """What was met while rows were read."""

    filled: dict[str, int] = field(default_factory=dict)  # cells that got the value of their merged cell, by column
    long: dict[str, list[float]] = field(default_factory=dict)  # numbers of more digits than are kept, by column
    turned: dict[str, Turned] = field(default_factory=dict)
    serials: int = 0  # numbers that count days since 1904

    def since_1904(self, cells: Sequence[Any]) -> list[Any]:
        """Plain numbers as the days they are in such a workbook, where that is between 1930 and 2119."""
        days = [type(one) is float and 9_497 <= one < 78_892 for one in cells]
        self.serials += sum(days)
        return [_day_1904(one) if day else one for one, day in zip(cells, days)]


def _day_1904(number: float) -> date:
    moment = EPOCH_1904 + timedelta(milliseconds=round(number * 86_400_000))
    return moment.date() if number.is_integer() else moment


def digits_lost(values: list[float]) -> bool:
    """Whether digits were lost: a spreadsheet program has made the 16th a nought, and from 2^53 on none is sure."""
    return bool(values) and (any(abs(one) >= EXACT for one in values) or all(one % 10 == 0 for one in values))


def cell_text(cell: Any) -> str | None:
    """A cell as text: no decimal point in whole numbers, times as ISO 8601; None if it is empty."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return _length(cell)
    return str(cell)


def _length(span: timedelta) -> str:
    """Hours, minutes and seconds, as spreadsheets show a length of time."""
    seconds = abs(span) // timedelta(seconds=1)
    sign = "-" if span < timedelta(0) else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
