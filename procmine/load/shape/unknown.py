"""What to say of a table whose columns do not tell what they hold: which there are, and the lines that would say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from procmine.load.columns import MOST, Columns, check_header, refuse_roles
from procmine.load.raw import Raw
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

DATE = r"^\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[-/. ]?[A-Za-z]{3,9}[-/., ]+\d{2,4})([ T,].*)?$"
BIRTH = re.compile(r"birth|born|dob\b", re.IGNORECASE)


def refuse(raw: Raw, columns: Columns) -> LogError:
    """The error to raise when roles are unknown."""
    check_header(raw.names, raw.name)
    return _refuse_wide(raw, columns) or refuse_roles(columns, samples(raw.table), raw.name)


def samples(table: pa.Table, most: int = 3) -> dict[str, list[str]]:
    """A few different values of each column."""
    head = table.slice(0, 200).to_pydict()
    values = {name: dict.fromkeys(str(one) for one in column if one is not None) for name, column in head.items()}
    return {name: list(found)[:most] for name, found in values.items()}


def _refuse_wide(raw: Raw, columns: Columns) -> LogError | None:
    """The error for a table that has no column of steps and several of dates: most likely it has one row a case."""
    if columns.activity is not None or columns.milestones:
        return None
    found = {name: count for name in raw.table.column_names if (count := _dates_in(raw.table[name]))}
    found.pop(columns.case or "", None)
    if len(found) < 2:
        return None
    rows = len(raw.table)
    told = [f"  {name}: {count:,} of {rows:,} filled" for name, count in found.items()]
    told = told[:MOST] + ([f"  and {len(told) - MOST} more"] if len(told) > MOST else [])
    likely = [name for name in found if not BIRTH.search(name)] or list(found)
    case = columns.case or "..."
    python = ", ".join(f"{name!r}: {step_from(name)!r}" for name in likely)
    lines = "\n".join(f'    "{name}": {step_from(name)}' for name in likely)
    return LogError(
        f"{raw.name}: there is no column of steps, and {len(found)} columns hold dates. This looks like a table with one "
        "row a case and a date for each milestone:\n"
        + "\n".join(told)
        + "\nSay which of them are steps, in the order of "
        f"the process. In Python:\n  procmine.read(..., columns=procmine.Columns(case={case!r}, milestones={{{python}}}))\n"
        f"or in the spec:\n  columns:\n    case: {case}\n    milestones:\n"
        + "\n".join(f"  {line}" for line in lines.split("\n"))
        + '\nor at the command line: --milestone "COLUMN=STEP", once for each. If each row is a step instead, name the '
        "column that says which (activity)."
    )


def _dates_in(column: pa.ChunkedArray) -> int:
    """How many values of a column are dates, if nearly all that there are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return int(len(column) - column.null_count)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not pa.types.is_string(column.type):
        return 0
    filled = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py() or 0
    dates = pc.sum(pc.match_substring_regex(column, DATE)).as_py() or 0
    return int(dates) if dates >= 0.9 * filled else 0


def step_from(column: str) -> str:
    """A name for the step that a column of dates is: "received_date" is Received."""
    words = re.sub(r"(?i)\b(date|time|datetime|timestamp|dt)\b", " ", re.sub(r"[_\W]+", " ", column))
    return " ".join(words.split()).capitalize() or column
