"""The load report: what became of every row of the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from procmine.log import Log, LogError
from procmine.results import Result, Rows
from procmine.words import Message

ASIDE = "load.aside."
NONE = "-"


@dataclass(frozen=True, eq=False)
class LoadReport(Result):
    """A row is a fate: reason (in words), rows (how many), first_row (int, its number in the source, or None: not asked),
    where (text: up to five of these rows, by number, and file and column where there are several).

    The rows add up to those of the source. What else the door noted (which columns play which role, how times were
    read, up to when the data reach, which steps finish a case, and why) is in `about.notes`, and on the log's card.
    """

    meaning: ClassVar[str] = "load.report"

    def findings(self) -> Sequence[Message]:
        return [note for note in self.about.notes if note.key.startswith(("load.rows", ASIDE))]

    def shown(self) -> Rows:
        return {name: column for name, column in self.rows.items() if name != "first_row"}


def load_report(log: Log) -> LoadReport:
    """What the door found when the log was read, and what it set aside; the same after any filter."""
    counted = [note for note in log.about.notes if note.key in ("load.rows", "load.rows.joined")]
    if not counted:
        raise LogError("This log was not read from a source: it has no load report.")
    values: Any = counted[0].values
    fates: list[tuple[str, int, int | None, str]] = [("kept", values["kept"], None, NONE)]
    fates += [("joined", values["joined"], None, NONE)] if values["joined"] else []
    for note in log.about.notes:
        if note.key.startswith(ASIDE):
            said: Any = note.values
            where = "; ".join(one.say() for one in said["places"]) + (
                ", ..." if said["n"] > len(said["places"]) else ""
            )
            fates.append((note.key.removeprefix(ASIDE), said["n"], said["row"], where))
    rows = {
        "reason": np.array([Message(f"load.reason.{reason}").say() for reason, *_ in fates], object),
        "rows": np.array([n for _, n, *_ in fates], np.int64),
        "first_row": np.array([row for _, _, row, _ in fates], object),
        "where": np.array([where for *_, where in fates], object),
    }
    if rows["rows"].sum() != values["rows"]:
        raise AssertionError(f"{rows['rows'].sum()} rows accounted for, of {values['rows']}")
    return LoadReport(rows, log.about, True, {})
