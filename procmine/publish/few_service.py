"""Service standards, caseloads and ways to end for others than the team: nothing of few cases, counts rounded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.find.service.caseload import FLOWS, Caseload
from procmine.find.service.standards import Standards
from procmine.publish.few import small, to_least
from procmine.publish.few_coarse import coarse_share, step_of
from procmine.results import Result, Rows
from procmine.see.ending import STILL_OPEN, HowEnded
from procmine.words import Message

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

OF_DUE = ("done", "done_late", "overdue")
BESIDE_DUE = ("otherwise", "running", "early")
SUMS = ("pending_begin", "incoming", "outgoing", "pending_end", "inactive_end")
SAFE = (Standards, Caseload, HowEnded)


@dataclass(frozen=True, eq=False)
class Few:
    """The result with safe rows, how many rows were left out, and the columns that are not shown."""

    result: Result
    hidden: int
    columns: tuple[str, ...] = ()


def for_others(result: Result, least: int) -> Few:
    """Its sentences and its picture are made of the safe rows, so they tell no more than these."""
    if isinstance(result, Standards):
        return _standards(result, least)
    if isinstance(result, Caseload):
        return _caseload(result, least)
    assert isinstance(result, HowEnded)
    return _ended(result, least)


def _few(column: NDArray[Any], least: int) -> Bools:
    few: Bools = (column > 0) & (column < least)
    return few


def _standards(result: Standards, least: int) -> Few:
    """Rows with fewer than `least` due, in time or not in time are left out, and others until no total gives them away."""
    rows = result.rows
    side = np.minimum(rows["done"], rows["due"] - rows["done"])
    weight = np.where(_few(side, least), side, rows["due"])
    gone = small(weight, {name: rows[name] for name in ("standard", *result.groups)}, least)
    kept = {name: column[~gone] for name, column in rows.items()}
    tells = tuple(name for name in (*OF_DUE, *BESIDE_DUE) if np.any(_few(kept[name], least)))
    for name in ("due", *OF_DUE, *BESIDE_DUE):
        kept[name] = np.zeros_like(kept[name]) if name in tells else to_least(kept[name], least)
    for name in ("share", "low", "high"):
        kept[name] = coarse_share(kept[name], rows["due"][~gone], least)
    return Few(replace(result, rows=kept), int(gone.sum()), tells)


def _caseload(result: Caseload, least: int) -> Few:
    """Periods in which few came, went or are pending are left out; kinds of coming and going that few cases are of, too.

    A length needs `least` cases beyond it: of 2 x least its half, of 5 x least its 8 in 10.
    """
    rows = result.rows
    gone = np.any(
        [_few(rows[name], least) for name in ("incoming", "outgoing", "pending_end", "pending_begin")], axis=0
    )
    kept = {name: column[~gone] for name, column in rows.items()}
    tells = tuple(name for name in (*FLOWS, "inactive_end") if np.any(_few(kept[name], least)))
    pending, disposed = kept["pending_end"], kept["disposed"] + kept["reopened_disposed"]
    for kind, n in (("age", pending), ("time", disposed)):
        for name, beyond in ((f"{kind}_p50", 0.5), (f"{kind}_p80", 0.2)):
            kept[name] = np.where(beyond * n >= least, kept[name], np.timedelta64("NaT", "s"))
    older = np.nan_to_num(kept["share_old"]) * pending
    old = coarse_share(kept["share_old"], pending, least)
    kept["share_old"] = np.where(np.minimum(older, pending - older) >= least, old, np.nan)
    kept["disposition_time"] = _disposition(kept["disposition_time"], pending, disposed, least)
    kept["clearance"] = coarse_share(kept["clearance"], kept["incoming"], least)
    kept["pending_mean"] = np.round(kept["pending_mean"] / least) * least
    for name in (*FLOWS, *SUMS):
        kept[name] = np.zeros_like(kept[name]) if name in tells else to_least(kept[name], least)
    return Few(replace(result, rows=kept), int(gone.sum()), tells)


def _disposition(time: NDArray[Any], pending: NDArray[Any], disposed: NDArray[Any], least: int) -> NDArray[Any]:
    """The pending for each disposed, as coarse as a share of these, times the length of the period."""
    told = ~np.isnat(time) & (pending > 0) & (disposed > 0)
    ratio = np.where(told, pending / np.maximum(disposed, 1), 1.0)
    seconds = np.where(told, time, np.timedelta64(0, "s")) / np.timedelta64(1, "s")
    coarse = np.round(ratio / step_of(disposed, least)) * step_of(disposed, least)
    safe = np.round(seconds / ratio * coarse).astype("m8[s]")
    return np.where(told, safe, np.timedelta64("NaT", "s"))


def _totals(rows: Rows, groups: tuple[str, ...]) -> NDArray[np.int64]:
    """All cases of a row's group and number of days."""
    unit = _units(rows, ("within", *groups))
    return np.asarray(np.bincount(unit, rows["n"], minlength=1)[unit], np.int64)


def _ended(result: HowEnded, least: int) -> Few:
    """Ways to end that few cases took (at any number of days, in any group) are taken together as other ends."""
    rows = result.rows
    shares = ("share", "share_low", "share_high")
    unit = _units(rows, ("within", *result.groups))
    n, outcome = rows["n"], rows["outcome"].astype(str)
    rare = set(outcome[_few(n, least)])
    while (few := _together(n, outcome, unit, rare, least)) is not None:
        rare.add(few)
    mixed = np.isin(outcome, list(rare - {STILL_OPEN}))
    kept: Rows = {name: column[~mixed].copy() for name, column in rows.items()}
    others = Message("outcomes.others").say()
    if mixed.any():
        for one in np.unique(unit[mixed]):
            here = np.flatnonzero(mixed & (unit == one))
            row = {name: column[here[:1]] for name, column in rows.items()}
            row |= {"n": n[here].sum(keepdims=True), "share": rows["share"][here].sum(keepdims=True)}
            row |= {"outcome": np.array([others], object), **dict.fromkeys(shares[1:], np.array([np.nan]))}
            kept = {name: np.concatenate((kept[name], row[name])) for name in kept}
    gone = _few(kept["n"], least)
    gone |= np.isin(_units(kept, ("within", *result.groups)), np.unique(_units(kept, ("within", *result.groups))[gone]))
    safe = {name: column[~gone] for name, column in kept.items()}
    of = _totals(safe, result.groups)
    safe |= {name: coarse_share(safe[name], of, least) for name in shares} | {"n": to_least(safe["n"], least)}
    order = np.lexsort((safe["outcome"].astype(str) == STILL_OPEN, _units(safe, ("within", *result.groups))))
    return Few(replace(result, rows={name: column[order] for name, column in safe.items()}), int(gone.sum()))


def _together(
    n: NDArray[np.int64], outcome: NDArray[Any], unit: NDArray[np.int64], rare: set[str], least: int
) -> str | None:
    """The next way to end to be taken together with the rare ones, where these are fewer than `least` cases somewhere."""
    mixed = np.isin(outcome, list(rare))
    left = sorted(set(outcome[~mixed & (outcome != STILL_OPEN)]), key=lambda one: int(n[outcome == one].sum()))
    if not mixed.any() or not left:
        return None
    sums = np.bincount(unit, n * mixed)
    return left[0] if np.any(_few(sums, least)) else None


def _units(rows: Rows, names: tuple[str, ...]) -> NDArray[np.int64]:
    """A number for each row, alike where all these columns are."""
    if not len(rows["n"]):
        return np.empty(0, np.int64)
    plain = [rows[name].astype("i8" if name == "within" else str) for name in names]
    codes = np.stack([np.unique(column, return_inverse=True)[1].ravel() for column in plain])
    found: NDArray[np.int64] = np.unique(codes, axis=1, return_inverse=True)[1].ravel()
    return found
