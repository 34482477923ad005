"""Cells: what the page for the agency or the public holds instead of cases: rounded counts of at least ten cases each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, cases_of, following
from procmine.kernels.simplify import Graph
from procmine.log import EventLog, Text
from procmine.publish.explorer.rows import attributes_of, names_a_unit
from procmine.publish.few import LEAST, Bools, small, to_least
from procmine.publish.few_coarse import coarse_seconds
from procmine.words import Message, visible

Column = NDArray[Any]
MOST_VALUES = 30  # of an attribute; the rarer ones are told together
MOST_PATHS = 100
KINDS = ("steps", "starts", "ends", "opens", "moves")


@dataclass(frozen=True, eq=False)
class Split:
    """Cases told apart by one attribute: the number of each case's value, and the values."""

    name: str
    values: tuple[str, ...]
    of: Ints

    @property
    def said(self) -> dict[str, Any]:
        return {"name": self.name, "values": list(self.values)}


@dataclass(frozen=True, eq=False)
class Cells:
    """`whole` and each group hold tables by kind, of cells that may be told; steps are places in `steps` (codes)."""

    steps: Ints
    graph: Graph
    written: dict[str, Any]


def cells_of(log: EventLog, splits: list[Split], least: int = LEAST) -> Cells:
    """Suppressed together: in every line of the tables none, or two or more cells of `least` cases are left out."""
    whole = _counted(log, Split("", ("",), np.zeros(len(log), np.int64)))
    kept = {kind: _kept(table, least) for kind, table in whole.items()}
    steps = kept["steps"]["cell"][np.argsort(-kept["steps"]["n"], kind="stable")]
    place = np.full(len(log.about.activities), -1, np.int64)
    place[steps] = np.arange(len(steps))
    known = {kind: _known(table, place, kind, len(place)) for kind, table in kept.items()}
    groups = [_group(known, "", 0, "", _time(log, np.zeros(len(log), np.int64), 1))]
    for split in splits:
        tables = {kind: _kept(table, least) for kind, table in _counted(log, split).items()}
        tables = {kind: _known(table, place, kind, len(place)) for kind, table in tables.items()}
        time = _time(log, split.of, len(split.values))
        groups += [_group(tables, split.name, number, value, time) for number, value in enumerate(split.values)]
        many = np.bincount(split.of, minlength=len(split.values))
        for group, cases in zip(groups[-len(split.values) :], many.tolist()):
            group["cases"] = int(to_least(np.array(cases), least))
    groups[0]["cases"] = int(to_least(np.array(len(log)), least))
    written = {"groups": groups, "paths": _paths(log, place, least), "splits": [one.said for one in splits]}
    return Cells(steps, _graph(groups[0], steps, len(place)), written)


def splits_of(log: EventLog, by: Collection[str], least: int = LEAST) -> list[Split]:
    """By one attribute at a time: units, and those named; values of too few cases are told together, as "others"."""
    names = [name for name in attributes_of(log) if name in by or names_a_unit(name)]
    found = [_merged(visible(name), log.attributes[name], least) for name in names]
    return [one for one in found if len(one.values) > 1]


def split_at(log: EventLog, moment: int, day: str) -> Split:
    """Cases begun before a day, and since."""
    values = tuple(Message(f"explorer.{side}.day", {"day": day}).say() for side in ("before", "after"))
    return Split(Message("explorer.begun").say(), values, (log.arrival >= moment).astype(np.int64))


def _merged(name: str, text: Text, least: int) -> Split:
    """The smallest values go together until these are none, or `least` cases."""
    many = len(text.levels)
    codes = np.where(text.codes < 0, many, text.codes).astype(np.int64)
    cases = np.bincount(codes, minlength=many + 1)
    order = np.argsort(-cases, kind="stable")
    order = order[cases[order] > 0]
    alone = min(int(np.count_nonzero(cases >= least)), MOST_VALUES)
    while alone and 0 < cases[order[alone:]].sum() < least:
        alone -= 1
    number = np.full(many + 1, alone, np.int64)
    number[order[:alone]] = np.arange(alone)
    said = [*(visible(one) for one in text.levels.to_pylist()), Message("explorer.missing").say()]
    rest = [Message("explorer.others").say()] if len(order) > alone else []
    return Split(name, (*(said[code] for code in order[:alone]), *rest), number[codes])


def _counted(log: EventLog, split: Split) -> dict[str, dict[str, Column]]:
    """Per kind a row per cell and value: how many cases, how often, and of moves how long."""
    k = len(log.about.activities)
    case, of = cases_of(log.offset), split.of
    filled = np.flatnonzero(np.diff(log.offset))
    first, last = log.activity[log.offset[filled]], log.activity[log.offset[filled + 1] - 1]
    waiting = log.open[filled]
    pair, has = following(log.activity, log.offset, k)
    gap = log.times().since_previous()[has]
    return {
        "steps": _table(log.activity.astype(np.int64), case, of),
        "starts": _table(first.astype(np.int64), filled, of),
        "ends": _table(last[~waiting].astype(np.int64), filled[~waiting], of),
        "opens": _table(last[waiting].astype(np.int64), filled[waiting], of),
        "moves": _lengths(_table(pair, case[has], of), pair, gap, of[case[has]], log),
    }


def _table(cell: Ints, case: Ints, of: Ints) -> dict[str, Column]:
    many = int(cell.max(initial=0)) + 1
    key = of[case] * many + cell
    keys, n = np.unique(key, return_counts=True)
    apart = np.unique(np.stack([key, case]), axis=1)[0] if len(key) else key
    cases = np.bincount(np.searchsorted(keys, apart), minlength=len(keys))
    value, cell = np.divmod(keys, many)
    return {"cell": cell, "value": value, "n": n, "cases": cases}


def _lengths(table: dict[str, Column], pair: Ints, gap: Ints, value: Ints, log: EventLog) -> dict[str, Column]:
    """Half within, 8 in 10 within (nan where too few lie beyond), and the part of all the group's time."""
    many = int(pair.max(initial=0)) + 1
    keys = table["value"] * many + table["cell"]
    which = np.searchsorted(keys, value * many + pair)
    lengths = Durations.of(which, gap, len(keys))
    return {**table, "p50": lengths.quantile(0.5), "p80": lengths.quantile(0.8), "time": lengths.total()}


def _kept(table: Mapping[str, Column], least: int) -> dict[str, Column]:
    """Without the cells of few cases and those that would give them away."""
    if not len(table["cell"]):
        return dict(table)
    gone: Bools = small(table["cases"], {"cell": table["cell"], "value": table["value"]}, least)
    return {name: column[~gone] for name, column in table.items()}


def _known(table: Mapping[str, Column], place: Ints, kind: str, many: int) -> dict[str, Column]:
    """Cells between steps that may be told themselves, which are given by their places."""
    ends = np.divmod(table["cell"], max(many, 1)) if kind == "moves" else (table["cell"],)
    there = np.all([place[one] >= 0 for one in ends], axis=0) if len(table["cell"]) else np.zeros(0, bool)
    placed = {f"step{number}": place[one[there]] for number, one in enumerate(ends)}
    return {**{name: column[there] for name, column in table.items()}, **placed}


def _time(log: EventLog, of: Ints, many: int) -> Column:
    """Seconds in all cases of each value."""
    return np.bincount(of, (log.until - log.arrival) / SECOND, many)


def _group(tables: Mapping[str, dict[str, Column]], name: str, number: int, value: str, time: Column) -> dict[str, Any]:
    here = {kind: _of_value(table, number) for kind, table in tables.items()}
    group: dict[str, Any] = {"attribute": name, "value": value}
    for kind in KINDS[:-1]:
        group[kind] = np.stack([here[kind]["step0"], to_least(here[kind]["n"], LEAST)], axis=1).tolist()
    moves = here["moves"]
    ends = zip(moves["step0"].tolist(), moves["step1"].tolist(), to_least(moves["n"], LEAST).tolist())
    lengths = [_told(moves["p50"], moves["cases"], 0.5), _told(moves["p80"], moves["cases"], 0.2)]
    whole = max(float(time[number]), 1e-300)
    shares = np.round(moves["time"] / whole, 2).tolist()
    group["moves"] = [[*end, *length, share] for end, *length, share in zip(ends, *lengths, shares)]
    return group


def _of_value(table: Mapping[str, Column], number: int) -> dict[str, Column]:
    here = table["value"] == number
    return {name: column[here] for name, column in table.items()}


def _told(seconds: Column, cases: Column, beyond: float) -> list[float | None]:
    """Only where ten cases lie beyond."""
    return [
        round(one) if n * beyond >= LEAST - 1e-9 else None
        for one, n in zip(coarse_seconds(seconds).tolist(), cases.tolist(), strict=True)
    ]


def _paths(log: EventLog, place: Ints, least: int) -> list[dict[str, Any]]:
    """Paths of at least `least` cases, all of whose steps may be told."""
    from procmine.kernels.flow import path_codes

    _, one, which, n = np.unique(
        path_codes(log.activity, log.offset), return_index=True, return_inverse=True, return_counts=True
    )
    gone = small(n, {"path": np.arange(len(n)).astype(str)}, least) if len(n) else np.zeros(0, bool)
    done = ~log.open
    lengths = Durations.of(which.ravel()[done], (log.until - log.arrival)[done], len(n))
    told = _told(lengths.quantile(0.5), lengths.n(), 0.5)
    found = []
    for path in np.argsort(-n, kind="stable")[:MOST_PATHS].tolist():
        steps = place[log.activity[log.offset[one[path]] : log.offset[one[path] + 1]]]
        if not gone[path] and np.all(steps >= 0):
            rounded = int(to_least(n[path], least))
            found.append({"steps": steps.tolist(), "n": rounded, "half": told[path]})
    return found


def _graph(whole: Mapping[str, Any], steps: Ints, many: int) -> Graph:
    """The rounded counts as a graph over the log's codes, from which the map is laid out."""

    def per_step(kind: str) -> Ints:
        counts = np.zeros(many, np.int64)
        for place, n in whole[kind]:
            counts[steps[place]] = n
        return counts

    moves = whole["moves"]
    before, after, n = (np.array([move[side] for move in moves], np.int64) for side in range(3))
    share = np.array([move[5] for move in moves], np.float64)
    ends = [per_step(kind) for kind in KINDS[:-1]]
    return Graph(ends[0], steps[before], steps[after], n, share, ends[1], ends[2], ends[3])
