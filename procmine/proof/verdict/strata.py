"""Strata: cases of different kinds by week of entry, and which kinds of them are averaged separately."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import LEAST_KNOWN, SELDOM
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import Floats
from procmine.kernels.contrast import Cells
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial, Tally
from procmine.log import Clock, EventLog, Summary, Text
from procmine.proof.cohorts import WAITING, Cohort, Plan, derived
from procmine.results import Result, Rows, timedeltas
from procmine.words import Message, Value

By = tuple[str, ...]
Values = tuple[str | None, ...]

MOST_LEVELS = 12  # of an attribute; more tell of single cases rather than of kinds
MOST_CELLS = 12  # strata in all
LEAST_BEFORE, LEAST_EACH = 30, 15  # cases before of a stratum of its own; on average in the smaller period
EXPLAINS, BEYOND_CHANCE = 0.01, 3.0  # part of the spread before, and against chance, that an attribute must explain
N, TOTAL, SQUARES, STILL = range(4)


@dataclass(frozen=True, eq=False)
class Strata(Result):
    """One row per kind of cases: stratum (text), cases_before, cases_after (int), share_before, share_after (0..1) of the
    cases, mean_before, mean_after (timedelta64[s]) wait, counted up to the time of watching (NaT: no case)."""

    meaning = "define.strata"

    def findings(self) -> Sequence[Message]:
        moved = self.rows["share_after"] - self.rows["share_before"]
        most = int(np.argmax(np.abs(moved))) if len(moved) else 0
        values: dict[str, Value] = {"stratum": str(self.rows["stratum"][most]), "kinds": len(moved)}
        shares: dict[str, Value] = {name: 100 * float(self.rows[f"share_{name}"][most]) for name in ("before", "after")}
        return [Message("strata.moved", {**values, **shares})]


@dataclass(frozen=True, eq=False)
class StrataPart(Partial):
    """By (attributes, values): sums [N, TOTAL, SQUARES, STILL] x week; by (attributes,): too many values to be kinds.

    known: by attribute, how many open and ended cases there are, and of how many it is known.
    """

    sums: Tally
    known: Tally


@dataclass(frozen=True)
class StrataSummary(Summary[StrataPart, Strata]):
    """The cases of a cohort before and after by kinds: for each of `by`, every combination of values of its attributes."""

    cohort: Cohort
    plan: Plan
    by: tuple[By, ...]
    clock: Clock = CALENDAR_TIME

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.cohort.columns, *(one for by in self.by for one in by)]))

    def of(self, log: EventLog) -> StrataPart:
        entry, member = self.cohort.enter(log)
        week = self.plan.week(entry)
        here = np.flatnonzero(member & self.plan.kept(week))
        seen = self.cohort.watch(log, entry, entry + self.plan.horizon)
        begun, until = (self.clock.read(time[here], here, log) for time in (entry, seen.until))
        time = (until - begun) / 1e6
        values = np.stack((np.ones(len(here)), time, time**2, seen.cause[here] == WAITING))
        sums: dict[Hashable, Floats] = {}
        known: dict[Hashable, Floats] = {}
        for by in self.by:
            sums |= self._sums(by, [log.attributes[name] for name in by], here, week[here], values)
            for name in by:
                known[name] = _known(log.attributes[name], member, log.open)
        return StrataPart(Tally(sums), Tally(known))

    def _sums(self, by: By, texts: list[Text], here: Ints, week: Ints, values: Floats) -> dict[Hashable, Floats]:
        codes = [text.codes[here].astype(np.int64) + 1 for text in texts]
        present = [np.flatnonzero(np.bincount(code, minlength=1)) for code in codes]
        if any(len(one) > MOST_LEVELS for one in present):
            return {(by,): np.ones(1)}
        place = np.zeros(len(here), np.int64)
        for code, there in zip(codes, present):
            place = place * len(there) + np.searchsorted(there, code)
        named = [[None if code == 0 else text.levels[int(code) - 1].as_py() for code in there]
                 for text, there in zip(texts, present)]  # fmt: skip
        keys, span = list(product(*named)), self.plan.span
        flat = place * span + (week - self.plan.weeks("before")[0])
        table = np.stack([np.bincount(flat, one, len(keys) * span).reshape(len(keys), span) for one in values], axis=1)
        return {(by, key): table[at] for at, key in enumerate(keys) if table[at, N].any()}

    def rows(self, partial: StrataPart, about: About) -> Rows:
        tables = [(by, *self.table(partial, by)) for by in self.by]
        said = [named(by, key) for by, keys, _ in tables for key in keys]
        sums = np.concatenate([table for _, _, table in tables]) if tables else np.zeros((0, 4, self.plan.span))
        periods = {name: sums[:, :, self.plan.marks(name)].sum(axis=2) for name in ("before", "after")}
        rows: dict[str, NDArray[np.generic]] = {"stratum": np.array(said, object)}
        size = [len(keys) for _, keys, _ in tables]
        whole = np.repeat(np.arange(len(size)), size)
        for name, found in periods.items():
            cases = np.bincount(whole, found[:, N], len(size))[whole] if len(size) else np.zeros(0)
            mean = np.where(found[:, N] > 0, found[:, TOTAL] / np.maximum(found[:, N], 1), np.nan)
            share = np.where(cases > 0, found[:, N] / np.maximum(cases, 1), np.nan)
            rows |= {
                f"cases_{name}": found[:, N].astype(np.int64),
                f"share_{name}": share,
                f"mean_{name}": timedeltas(mean),
            }
        order = [f"{kind}_{name}" for kind in ("cases", "share", "mean") for name in ("before", "after")]
        return {name: rows[name] for name in ("stratum", *order)}

    def result(self, rows: Rows, about: About, exact: bool) -> Strata:
        return Strata(rows, about, exact, self.arguments)

    def table(self, partial: StrataPart, by: By) -> tuple[list[Values], Floats]:
        """The kinds of cases by these attributes, in the order of their names, and the sums of each by week."""
        keys = sorted(
            (key[1] for key in partial.sums.of if isinstance(key, tuple) and key[0] == by and len(key) == 2),
            key=lambda key: [(one is not None, one or "") for one in key],
        )
        many = (by,) in partial.sums.of or any(len({key[at] for key in keys}) > MOST_LEVELS for at in range(len(by)))
        if many or not keys:
            return [], np.zeros((0, 4, self.plan.span))
        return keys, np.stack([partial.sums.of[by, key] for key in keys])

    def fair(self, partial: StrataPart, name: str) -> bool:
        """Whether the attribute is as good as always known: one written down late marks the finished cases."""
        if name not in partial.known.of:
            return False
        opened, of_open, ended, of_ended = partial.known.of[name]
        if min(opened, ended) < LEAST_KNOWN:
            return True
        return bool(of_open / opened >= SELDOM * of_ended / ended)


def _known(text: Text, member: NDArray[np.bool_], still: NDArray[np.bool_]) -> Floats:
    """Open cases of the whole cohort, those of which it is known, ended cases, those of which it is known."""
    known, still = text.codes[member] >= 0, still[member]
    return np.array([still.sum(), (still & known).sum(), (~still).sum(), (~still & known).sum()], np.float64)


def candidates(about: About, cohort: Cohort) -> tuple[str, ...]:
    """Attributes of cases that may tell kinds apart: known at the start, not persons, not chosen by `where` alone."""
    fixed = {name for name, values in cohort.where if len(values) == 1 and not cohort.others}
    out = {*about.persons, *derived(about), *fixed}
    return tuple(name for name in about.attributes if name not in out)


def named(by: By, values: Values) -> str:
    """What a kind of cases is called: "type is paternity, contested is yes"."""
    missing = Message("strata.missing").say()
    one = [
        Message("kept.where.one", {"name": name, "value": value or missing}).say() for name, value in zip(by, values)
    ]
    return ", ".join(one)


@dataclass(frozen=True, eq=False)
class Kinds:
    """Kinds of cases with their names, and the sums of each by week."""

    names: tuple[str, ...]
    sums: Floats  # kind x [N, TOTAL, SQUARES, STILL] x week

    def cells(self, value: int = TOTAL) -> Cells:
        square = SQUARES if value == TOTAL else value
        return Cells(self.sums[:, N], self.sums[:, value], self.sums[:, square])


def chosen(question: StrataSummary, partial: StrataPart, wanted: By | None = None) -> By:
    """The attributes by whose values cases are averaged separately: those `wanted`, else those that mattered before.

    Chosen by the cases before the change alone, one after the other by how much of the spread of their waits each explains
    beyond chance, as long as there are enough cases for the kinds that they make together.
    """
    if wanted is not None:
        return wanted
    found: list[tuple[float, str, int]] = []
    for by in question.by:
        keys, sums = question.table(partial, by)
        part = _explains(sums[:, :, question.plan.marks("before")].sum(axis=2)) if len(keys) > 1 else None
        if part is not None and question.fair(partial, by[0]):
            found.append((part, by[0], len(keys)))
    taken: list[str] = []
    most, cells = _room(question, partial), 1
    for _, name, levels in sorted(found, reverse=True):
        if cells * levels <= most:
            taken.append(name)
            cells *= levels
    return tuple(taken)


def _room(question: StrataSummary, partial: StrataPart) -> int:
    """How many kinds there are cases for."""
    most = 0.0
    for by in question.by:
        _, sums = question.table(partial, by)
        if len(sums):
            least = min(float(sums[:, N][:, question.plan.marks(name)].sum()) for name in ("before", "after"))
            most = max(most, least)
    return int(min(most // LEAST_EACH, MOST_CELLS))


def _explains(sums: Floats) -> float | None:
    """The part of the spread between cases that their kind explains, beyond what chance would; None: too little."""
    n, total, squares = sums[:, N], sums[:, TOTAL], sums[:, SQUARES]
    there = n > 0
    kinds, cases = int(there.sum()), float(n.sum())
    if kinds < 2 or cases <= 2 * kinds:
        return None
    mean = total.sum() / cases
    whole = float(squares.sum() - cases * mean**2)
    between = float((n[there] * (total[there] / n[there] - mean) ** 2).sum())
    if whole <= 0:
        return None
    by_chance = (kinds - 1) / (cases - 1)
    part = between / whole
    beyond = (part - by_chance) / np.sqrt(2 * (kinds - 1)) * (cases - 1)
    return part - by_chance if part - by_chance >= EXPLAINS and beyond >= BEYOND_CHANCE else None


def pooled(keys: Sequence[Values], by: By, sums: Floats, plan: Plan) -> Kinds:
    """Kinds with few cases before, or none after, taken together as "others"."""
    before, after = (sums[:, N][:, plan.marks(name)].sum(axis=1) for name in ("before", "after"))
    rare = (before < LEAST_BEFORE) | (after < 1)
    own = np.flatnonzero(~rare)
    tables = [sums[at] for at in own]
    names = [named(by, keys[int(at)]) for at in own]
    if rare.any() and sums[rare].any():
        tables.append(sums[rare].sum(axis=0))
        names.append(Message("strata.others").say())
    return Kinds(tuple(names), np.stack(tables))
