"""Few: counts of fewer than ten cases, what would give them away, and how the others are rounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.publish.few_coarse import coarse_numbers, coarse_share, coarse_span, coarse_times
from procmine.results import Rows
from procmine.words import DAY, Language, Message, Span, Value

LEAST = 10  # cases behind any figure that leaves the team
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

COUNTS = ("n", "cases")  # the column that says from how many a row's figures are
PARTS = (
    "ended",
    "otherwise",
    "open",
    "late",
    "repeated",
    "repeats",
    "self_loops",
    "direct",
    "waiting",
    "stuck",
)  # of those
COUNTED = (*COUNTS, *PARTS, "finished", "dormant", "events", "fast", "overdue", "closed", "arrived")
ENDINGS = ("_before", "_after", "_then")  # in messages also as cases_before, cases_after
# Floats of one; also share_active, share_before ...
SHARES = ("share", "low", "high", "rest", "today", "with_policy", "working_share")
DESCRIBES = (
    "who",
    "whose",
    "trend",
    "likely_place",
    "answer",
    "helped",
)  # text that says something of a row and does not tell it from others
NOT_ADDED = ("kind",)  # rows of different kinds count different things: they are no parts of one total
ALWAYS_SAID = (
    *("result.late_value", "result.grid", "result.cut", "result.simulated", "result.empty", "result.clock"),
    "result.more_groups",
)
TAIL = re.compile(r"p(\d\d)(_low|_high)?$")
TAIL_WORDS = {"tenth": "p10"}  # how messages call the same
DAY_OF_MONTH = re.compile(r"\b(\d{4}-\d{2})-\d{2}\b")


def may_be_said(message: Message, least: int = LEAST, *, whole: bool = False) -> bool:
    """Whether a sentence tells of at least `least` cases; one without a count may be said only of a `whole` result."""
    if message.key in ALWAYS_SAID:
        return True
    if any(isinstance(value, Span) and isnan(value.seconds) for _, value in flat(message)):
        return False  # a length that is not told
    counts = [value for name, value in flat(message) if is_count(name) and isinstance(value, int)]
    if any(0 < count < least for count in counts):
        return False
    n = max(counts, default=0)
    tails = [TAIL.match(TAIL_WORDS.get(name, name)) for name, _ in flat(message)]
    enough = all(_beyond(int(tail[1]), n) >= least for tail in tails if tail and n)
    return enough and (whole or n >= least)


def rounded(message: Message, least: int = LEAST) -> Message:
    """The same with its counts to the nearest `least`, so that no difference of them tells of fewer; the rest coarsely."""
    n = max([int(str(value)) for name, value in flat(message) if is_count(name) and isinstance(value, int)], default=0)
    return _coarse_message(message, least, n)


def _coarse_message(message: Message, least: int, n: int) -> Message:
    """`n`: the largest number of cases of which the sentence tells; without one a share is told in whole percents."""
    values: dict[str, Value] = {}
    for name, value in message.values.items():
        if isinstance(value, Message):
            value = _coarse_message(value, least, n)
        elif isinstance(value, Span):
            value = coarse_span(value)
        elif is_count(name) and isinstance(value, int):
            value = round(value / least) * least
        elif isinstance(value, float) and not isnan(value):
            value = _coarse_float(name, value, n, least)
        values[name] = value
    return Message(message.key, values)


def _coarse_float(name: str, value: float, n: int, least: int) -> float:
    if name == "tenths":
        return round(value, 1)
    if is_share(name) and abs(value) <= 1:
        return float(coarse_share(np.array([value]), np.array([n or np.inf]), least)[0])
    return float(coarse_numbers(np.array([value]))[0])


def by_month(line: str) -> str:
    """The same with every day shortened to its month."""
    return DAY_OF_MONTH.sub(r"\1", line)


def in_months(message: Message) -> Message:
    """The same with every day in its values shortened to its month, before any language writes it out."""
    values: dict[str, Value] = {}
    for name, value in message.values.items():
        if isinstance(value, Message):
            value = in_months(value)
        elif isinstance(value, tuple):
            value = tuple(map(in_months, value))
        values[name] = by_month(value) if isinstance(value, str) else value
    return Message(message.key, values)


class Months(Language):
    """A language that knows months and no days: whatever is said in it, also in pictures, may be public."""

    def __init__(self, of: Mapping[str, str]) -> None:
        if isinstance(of, Language):
            super().__init__(of.code, of.name, of.words, of.reviewed)
        else:
            super().__init__("en", "English", {})

    def day(self, text: str) -> str:
        return by_month(text) if self.code == "en" else super().day(by_month(text))


def small(counts: Ints, keys: Mapping[str, NDArray[Any]], least: int = LEAST) -> Bools:
    """Which cells of a table to leave out: those under `least`, and others until no subtraction gives them.

    A row is a cell, named by its `keys`. In every line of the table (cells alike in all keys but one) the cells left out are
    none, or at least two that make `least` cases together.
    """
    gone: Bools = (counts > 0) & (counts < least)
    lines = list(_lines(keys, len(counts)))
    before = -1
    while gone.sum() != before:
        before = int(gone.sum())
        for line in lines:
            _complete(gone, counts, line, least)
    return gone


def _complete(gone: Bools, counts: Ints, line: Ints, least: int) -> None:
    """Leave out the next smallest of a line until two are gone that make `least` together."""
    order = line[np.argsort(counts[line], kind="stable")]
    order = order[counts[order] > 0]
    for cell in order:
        out = gone[order]
        if not out.any() or (out.sum() >= 2 and counts[order][out].sum() >= least):
            return
        gone[cell] = True


def _lines(keys: Mapping[str, NDArray[Any]], n: int) -> Iterator[Ints]:
    """Rows that add up: for each key, those alike in all others."""
    codes = {name: np.unique(key.astype(str), return_inverse=True)[1] for name, key in keys.items()}
    for varied in codes.keys() - set(NOT_ADDED):
        others = [code for name, code in codes.items() if name != varied]
        if not others:
            yield np.arange(n)
            continue
        _, which = np.unique(np.stack(others), axis=1, return_inverse=True)
        which = which.ravel()
        order = np.argsort(which, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(which[order])) + 1)


def suppressed(whole: Rows, least: int = LEAST) -> tuple[Rows, int]:
    """The rows that may be shown, and how many were left out; without a column of counts nobody knows, so none may."""
    rows = dict(whole)
    count = next((name for name in COUNTS if name in rows), None)
    if not rows or not len(next(iter(rows.values()))):
        return rows, 0
    if count is None:
        return {}, len(next(iter(rows.values())))
    gone = gone_of(rows, count, least)
    kept = {name: column[~gone] for name, column in rows.items()}
    kept = {name: column for name, column in kept.items() if not _tells_few(name, column, least)}
    return without_tails(kept, count, least), int(gone.sum())


def gone_of(rows: Mapping[str, NDArray[Any]], count: str, least: int) -> Bools:
    """Rows of one unit (a survival curve has many) go together."""
    keys = {name: column for name, column in rows.items() if column.dtype.kind in "OU" and name not in DESCRIBES}
    counts = rows[count].astype(np.int64)
    if not keys:
        return np.asarray(counts < least)
    none = counts == 0  # else a row of none beside one left out would tell that the latter is of some
    labels = np.stack([key.astype(str) for key in keys.values()])
    _, first, unit = np.unique(labels, axis=1, return_index=True, return_inverse=True)
    gone: Bools = small(counts[first], {name: key[first] for name, key in keys.items()}, least)[unit.ravel()]
    return np.asarray(gone | none)


def _tells_few(name: str, column: NDArray[Any], least: int) -> bool:
    """Whether a column of parts holds a count under `least`: then all of it goes, since its parts add up to n."""
    return name in PARTS and bool(np.any((column > 0) & (column < least)))


def without_tails(rows: Mapping[str, NDArray[Any]], count: str, least: int) -> Rows:
    """Lengths with too few cases beyond them become "not told"; so do the ends of a curve."""
    n = rows[count].astype(np.float64)
    safe = dict(rows)
    for name, column in rows.items():
        tail = TAIL.match(name)
        if tail and column.dtype.kind == "m":
            safe[name] = np.where(_beyond(int(tail[1]), n) >= least, column, np.timedelta64("NaT", "s"))
    if not _is_curve(rows):
        return safe
    inside = np.minimum(rows["share"], 1 - rows["share"]) * n >= least - 1e-9
    return {name: column[inside] for name, column in safe.items()}


def _is_curve(rows: Mapping[str, NDArray[Any]]) -> bool:
    return "time" in rows and "share" in rows


def _beyond(percent: int, n: Any) -> Any:
    """How many of n lie beyond this percent of them, on the smaller side."""
    return min(percent, 100 - percent) / 100 * n + 1e-9


def rounded_rows(rows: Rows, least: int, *, day: float = DAY, of: NDArray[Any] | None = None) -> Rows:
    """Counts to the nearest `least`, lengths and shares coarsely: an exact share of a rounded count tells the count.

    day: of the clock, in seconds. of: the numbers of cases of which the shares are, where they are shares of cases.
    """
    return {name: _rounded_column(name, column, least, day, of) for name, column in rows.items()}


def _rounded_column(name: str, column: NDArray[Any], least: int, day: float, of: NDArray[Any] | None) -> NDArray[Any]:
    if is_count(name) and column.dtype.kind in "iu":
        return to_least(column, least)
    if column.dtype.kind == "m":
        return coarse_times(column, day)
    if column.dtype.kind != "f":
        return column
    if not is_share(name):
        return coarse_numbers(column)
    return rounded_share(column) if of is None else coarse_share(column, of, least)


def rounded_share(column: NDArray[Any]) -> NDArray[Any]:
    """Whole percents: of time, or of so many cases that it tells no number of them."""
    return np.round(column, 2)


def to_least(column: NDArray[Any], least: int) -> NDArray[Any]:
    return (np.round(column / least) * least).astype(np.int64)


def monthly(rows: Rows) -> Rows:
    return {name: column.astype("M8[M]") if column.dtype.kind == "M" else column for name, column in rows.items()}


def flat(message: Message) -> Iterator[tuple[str, Value]]:
    for name, value in message.values.items():
        if isinstance(value, Message):
            yield from flat(value)
        yield name, value


def is_count(name: str) -> bool:
    return name in COUNTED or any(name.removesuffix(ending) in COUNTED for ending in ENDINGS)


def is_share(name: str) -> bool:
    return name in SHARES or name.startswith("share_")
