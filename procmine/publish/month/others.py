"""Against: an office beside the others, of which it learns only how many are faster, alike or slower."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.log import EventLog
from procmine.publish.batch.against import LEAST, MEASURES, OFFICES, told
from procmine.results import Result, Rows
from procmine.words import Message

DAYS = ("own", "low", "high", "band_low", "band_high")
COUNTS = ("n", "offices", "faster", "alike", "slower", "untold")


@dataclass(frozen=True, eq=False)
class Beside(Result):
    """One row per measure: measure (text); own, low, high (timedelta64[s], NaT: not reached or not told) and n (int) cases of
    the office itself; of the other offices (int) only how many are faster, alike, slower, or untold; band_low, band_high
    (timedelta64[s]): between them lies the middle half of all offices. `month`: the last of the twelve that it is about."""

    meaning = "define.against"
    none_is_an_answer = True
    month: str
    why: tuple[Message, ...] = ()  # where nothing may be told

    @property
    def definition(self) -> str:
        return Message("define.against", {"least": LEAST, "offices": OFFICES}).say()

    def messages(self) -> Sequence[Message]:
        return super().messages() if len(self) else self.why

    def findings(self) -> Sequence[Message]:
        rows = [{name: column[row] for name, column in self.rows.items()} for row in range(len(self))]
        return [one for row in rows for one in told(str(row["measure"]), _plain(row), self.month)]

    def shown(self) -> Rows:
        """Without what the sentences tell as well: of how many offices it is, and for how many the data cannot tell."""
        if not len(self):
            return {}
        names = np.array([Message(str(one)).say() for one in self.rows["measure"]], object)
        rows = {name: column for name, column in self.rows.items() if name not in ("offices", "untold")}
        return {"cases" if name == "n" else name: column for name, column in {**rows, "measure": names}.items()}


def against(log: EventLog, file: str | Path = "") -> Beside:
    """What a batch wrote for this office of its place among the others (`{against}` in a file of jobs); "": nothing.

    ValueError where the file is none of these.
    """
    if not file:
        return Beside({}, log.about, True, {}, month="", why=(Message("against.nothing"),))
    path = Path(file)
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        rows, month = written["rows"], str(written["month"])
        why = tuple(Message.from_dict(one) for one in written["said"])
        columns = _columns(rows) if rows else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path.name} is not what a batch writes of an office beside the others: it lies in the run's work/against/, and "
            "a file of jobs names it {against}."
        ) from error
    return Beside(columns, log.about, True, {}, month=month, why=why if not rows else ())


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    if {str(row["measure"]) for row in rows} - {*MEASURES}:
        raise ValueError("unknown measure")
    found: dict[str, NDArray[Any]] = {"measure": np.array([row["measure"] for row in rows], object)}
    for name in ("own", "low", "high", "n", "faster", "alike", "slower", "untold", "offices", "band_low", "band_high"):
        values = [row[name] for row in rows]
        found[name] = _lengths(values) if name in DAYS else np.array(values, np.int64)
    return found


def _lengths(values: Sequence[float | None]) -> NDArray[np.timedelta64]:
    """Days as timedelta64[s]."""
    seconds = [np.timedelta64("NaT") if one is None else np.timedelta64(round(one * 86_400), "s") for one in values]
    return np.array(seconds, "m8[s]")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: None if np.isnat(row[name]) else float(row[name] / np.timedelta64(1, "D")) for name in DAYS}
    return {**days, **{name: int(row[name]) for name in COUNTS}}
