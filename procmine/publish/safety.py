"""Audiences: what of a result may be shown to the agency and to the public, and what is left out so that nobody can be found.

Limits: it sees one result at a time: shares and lengths of overlapping filters are not compared with each other; and where
rows count moves rather than cases, ten moves may come from fewer cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About, Audience
from procmine.log import LogError
from procmine.results import Result, Rows
from procmine.see.maps import ProcessMap
from procmine.words import Message, Value

LEAST = 10  # cases behind any figure that leaves the team
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

COUNTS = ("n", "cases")  # the column that says from how many a row's figures are
PARTS = ("ended", "otherwise", "open", "repeated", "repeats", "self_loops", "direct")  # of those
COUNTED = (*COUNTS, *PARTS, "finished", "waiting", "dormant")  # the same in messages, also as cases_before, cases_after
CASES = ("case", "case_id")
DESCRIBES = ("who",)  # text that says something of a row and does not tell it from others
NOT_ADDED = ("kind",)  # rows of different kinds count different things: they are no parts of one total
ALWAYS_SAID = ("result.grid", "result.cut", "result.simulated", "result.empty", "result.clock", "result.more_groups")
TAIL = re.compile(r"p(\d\d)(_low|_high)?$")
DAY_OF_MONTH = re.compile(r"\b(\d{4}-\d{2})-\d{2}\b")


@dataclass(frozen=True, eq=False)
class Shown:
    """What of a result an audience may see; `hidden`: rows left out; `picture`: the result to be drawn, None if refused."""

    kind: str
    audience: Audience
    rows: Rows
    sentences: Sequence[str]
    definition: str
    filters: Sequence[str]
    about: About
    day: float
    hidden: int
    picture: Result | None
    further: Mapping[str, Rows]  # tables beside the rows, such as the outcomes beside the waits


def show(result: Result, audience: Audience | None = None, *, least: int = LEAST) -> Shown:
    """The result as the audience (the log's own, unless named) may see it.

    agency, public: rows from fewer than `least` cases are left out, and further rows, the smallest first, until what was
    left out cannot be had by subtraction from a total; all counts are rounded to `least`, so that two tables cannot be
    subtracted from each other either; lengths such as "9 in 10 within" need `least` cases beyond them;
    rows by staff or by case are refused with a LogError. public: days are told as months.
    """
    whom = audience or result.about.audience
    filters = [step.say() for step in result.about.history]
    if whom == "team":
        return _shown(result, whom, result.shown(), result.sentences(), filters, hidden=0, picture=result)
    refuse_persons(result)
    drawn = safe_map(result, least) if isinstance(result, ProcessMap) else None
    rows, hidden = _suppressed(result, least) if drawn is None else _of_map(drawn, len(result.rows["n"]), least)
    inside = _small_inside(result, least)
    told = [one for one in (drawn or result).messages() if _told(one, rows, hidden, least)]
    told = [one for one in told if not (inside and any(isinstance(value, tuple) for value in one.values.values()))]
    said = [rounded(one, least).say() for one in told]
    said += [Message("safety.hidden", {"rows": hidden, "least": least}).say()] if hidden else []
    said.append(Message("safety.rounded", {"least": least}).say())
    picture = drawn or _picture(result, hidden, least)
    rows = _rounded(rows, least)
    if whom == "public":
        rows, said, filters = _monthly(rows), [by_month(line) for line in said], [by_month(line) for line in filters]
    return _shown(result, whom, rows, said, filters, hidden=hidden, picture=picture)


def _shown(
    result: Result,
    audience: Audience,
    rows: Rows,
    said: Sequence[str],
    filters: Sequence[str],
    *,
    hidden: int,
    picture: Result | None,
) -> Shown:
    kind, definition = type(result).__name__, result.definition
    inside = {name: part for name, part in vars(result).items() if isinstance(part, Result)}
    if audience != "team":
        inside = {} if _small_inside(result, LEAST) else inside
    further = {name: part.rows if audience == "team" else _rounded(part.rows, LEAST) for name, part in inside.items()}
    return Shown(kind, audience, rows, said, definition, filters, result.about, result.day, hidden, picture, further)


def _counts(name: str) -> bool:
    return name in COUNTED or name.removesuffix("_before").removesuffix("_after") in COUNTED


def _small_inside(result: Result, least: int) -> bool:
    """Whether a table within the result (outcomes beside the waits) has a cell under `least`."""
    for part in vars(result).values():
        if isinstance(part, Result):
            counts = [column for name, column in part.rows.items() if _counts(name)]
            if any(np.any((column > 0) & (column < least)) for column in counts):
                return True
    return False


def _told(message: Message, rows: Rows, hidden: int, least: int) -> bool:
    """Whether a sentence may be said; where rows were left out, only of a row that stands."""
    if not hidden or message.key in ALWAYS_SAID:
        return may_be_said(message, least, whole=not hidden)
    counts = {value for name, value in _flat(message) if name in COUNTS}
    there = {int(one) for name in COUNTS if name in rows for one in rows[name]}
    return bool(counts & there) and may_be_said(message, least)


def _of_map(drawn: ProcessMap, moves: int, least: int) -> tuple[Rows, int]:
    return _without_tails(drawn.rows, "n", least), moves - len(drawn.rows["n"])


def refuse_persons(result: Result) -> None:
    """A LogError if rows are of single cases or of people."""
    about = result.about
    people = [name for name in result.rows if name in (*about.persons, *about.event_attributes)]
    if people:
        raise LogError(
            f"This table has a column {people[0]!r}, which may name people: it is for the team only. "
            "For others, group by office or unit."
        )
    single = [name for name in result.rows if name in CASES]
    if single:
        raise LogError(
            f"This table has one row a case (column {single[0]!r}): it is for the team only. For others, count the cases."
        )


def may_be_said(message: Message, least: int = LEAST, *, whole: bool = False) -> bool:
    """Whether a sentence tells of at least `least` cases; one without a count may be said only of a `whole` result."""
    if message.key in ALWAYS_SAID:
        return True
    counts = [value for name, value in _flat(message) if _counts(name) and isinstance(value, int)]
    if any(0 < count < least for count in counts):
        return False
    n = max(counts, default=0)
    tails = [TAIL.match(name) for name, _ in _flat(message)]
    enough = all(_beyond(int(tail[1]), n) >= least for tail in tails if tail and n)
    return enough and (whole or n >= least)


def rounded(message: Message, least: int = LEAST) -> Message:
    """The same with its counts to the nearest `least`, so that no difference of two counts tells of fewer."""
    values: dict[str, Value] = {}
    for name, value in message.values.items():
        if isinstance(value, Message):
            value = rounded(value, least)
        elif _counts(name) and isinstance(value, int):
            value = round(value / least) * least
        values[name] = value
    return Message(message.key, values)


def by_month(line: str) -> str:
    """The same with every day shortened to its month."""
    return DAY_OF_MONTH.sub(r"\1", line)


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


def _suppressed(result: Result, least: int) -> tuple[Rows, int]:
    """The rows that may be shown, and how many were left out."""
    rows = dict(result.shown())
    count = next((name for name in COUNTS if name in rows), None)
    if count is None or not len(next(iter(rows.values()))):
        return ({}, len(result)) if rows and count is None else (rows, 0)
    gone = _gone(rows, count, least)
    kept = {name: column[~gone] for name, column in rows.items()}
    kept = {name: column for name, column in kept.items() if not _tells_few(name, column, least)}
    return _without_tails(kept, count, least), int(gone.sum())


def _gone(rows: Mapping[str, NDArray[Any]], count: str, least: int) -> Bools:
    """Rows of one unit (a survival curve has many) go together."""
    keys = {name: column for name, column in rows.items() if column.dtype.kind in "OU" and name not in DESCRIBES}
    counts = rows[count].astype(np.int64)
    if not keys:
        return np.asarray(counts < least)
    labels = np.stack([key.astype(str) for key in keys.values()])
    _, first, unit = np.unique(labels, axis=1, return_index=True, return_inverse=True)
    gone: Bools = small(counts[first], {name: key[first] for name, key in keys.items()}, least)[unit.ravel()]
    return gone


def _tells_few(name: str, column: NDArray[Any], least: int) -> bool:
    """Whether a column of parts holds a count under `least`: then all of it goes, since its parts add up to n."""
    return name in PARTS and bool(np.any((column > 0) & (column < least)))


def _without_tails(rows: Mapping[str, NDArray[Any]], count: str, least: int) -> Rows:
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


def _rounded(rows: Rows, least: int) -> Rows:
    """Counts to the nearest `least`."""
    return {
        name: _to(column, least) if _counts(name) and column.dtype.kind in "iu" else column
        for name, column in rows.items()
    }


def _to(column: NDArray[Any], least: int) -> NDArray[Any]:
    return (np.round(column / least) * least).astype(np.int64)


def _monthly(rows: Rows) -> Rows:
    return {name: column.astype("M8[M]") if column.dtype.kind == "M" else column for name, column in rows.items()}


def _picture(result: Result, hidden: int, least: int) -> Result | None:
    """What may be drawn: a curve on a coarse grid, or a result of which nothing had to be left out."""
    if hidden:
        return None
    if not _is_curve(result.rows):
        return result
    rows = {name: column.copy() for name, column in result.rows.items()}
    coarse = np.isclose(rows["share"] * 20, np.round(rows["share"] * 20))
    count = next(name for name in COUNTS if name in rows)
    return replace(result, rows=_without_tails({name: column[coarse] for name, column in rows.items()}, count, least))


def safe_map(drawn: ProcessMap, least: int = LEAST) -> ProcessMap:
    """The map without steps, arrows, starts and ends under `least`, all other counts rounded to it."""
    boxes, rows = drawn.boxes, drawn.rows
    kept = boxes["n"] >= least
    steps = boxes["step"][kept]
    moves = (rows["n"] >= least) & np.isin(rows["before"], steps) & np.isin(rows["after"], steps)
    boxes = {name: column[kept].copy() for name, column in boxes.items()}
    for flag, count in (("start_arrow", "starts"), ("end_arrow", "ends"), ("open_arrow", "open")):
        boxes[flag] &= boxes[count] >= least
        boxes[count] = _to(boxes[count], least)
    scope = replace(drawn.scope, steps=len(steps), events=int(boxes["n"].sum()), moves=int(rows["n"][moves].sum()))
    mark = drawn.mark if drawn.mark is None or _still_there(drawn.mark, rows, moves) else None
    boxes["n"] = _to(boxes["n"], least)
    kept_rows = _rounded({name: column[moves] for name, column in rows.items()}, least)
    return replace(drawn, rows=kept_rows, boxes=boxes, scope=scope, mark=mark)


def _still_there(mark: str | tuple[str, str], rows: Rows, moves: Bools) -> bool:
    if isinstance(mark, str):
        return True
    return bool(np.any(moves & (rows["before"] == mark[0]) & (rows["after"] == mark[1])))


def _flat(message: Message) -> Iterator[tuple[str, Value]]:
    for name, value in message.values.items():
        if isinstance(value, Message):
            yield from _flat(value)
        yield name, value
