"""Evidence: the difference of waits against each window before the change, for all cases and for each kind of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procmine.kernels.blocks import Floats, Ints
from procmine.kernels.contrast import Cells, Estimate, Flags, Standard, window
from procmine.log import Log, LogError
from procmine.proof.arms import CASES, SQUARE, TIME, ArmsPart, ArmsSummary
from procmine.proof.cohorts import MIDDLE, Plan
from procmine.proof.verdict.backlog import Backlog, Piles, PileSummary
from procmine.proof.verdict.strata import (
    MOST_LEVELS,
    By,
    Kinds,
    N,
    Strata,
    StrataSummary,
    candidates,
    chosen,
    named,
    pooled,
)
from procmine.proof.verdict.windows import windows, year_waves

GROUP_SHARE, GROUP_CASES = 0.1, 8  # of a kind of cases that is looked at by itself: share before, cases since
SLOW = 0.75  # the slowest part: beyond what this share took before


@dataclass(frozen=True, eq=False)
class Group:
    """Cases with one value of an attribute, and all others: how each differ since the change."""

    by: str
    name: str
    share: float
    own: Estimate
    others: Estimate


@dataclass(frozen=True, eq=False)
class Slowest:
    """How long cases waited beyond `beyond` seconds, on average over all: difference since; what it would be, had the slowest
    gained as all did; the share of cases since that waited so long."""

    beyond: float
    moved: Estimate
    alike: float
    share: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that a verdict is decided from, apart from the guards that look at the log once more."""

    question: ArmsSummary
    arms: ArmsPart
    kinds: Kinds | None  # by the attributes of `mix`
    mix: By
    single: tuple[tuple[str, Kinds], ...]  # by each attribute, kinds of enough cases only
    backlog: Backlog
    strata: Strata
    piles: Piles

    @classmethod
    def gather(cls, log: Log, question: ArmsSummary, arms: ArmsPart, first: int, wanted: By | None) -> Evidence:
        """`first`: the week from which the log is complete; `wanted`: attributes for the mix (None: those that mattered)."""
        about, cohort, plan = log.about, question.cohort, question.plan
        asked = StrataSummary(cohort, plan, tuple((name,) for name in candidates(about, cohort)), question.clock)
        part = log.reduce(asked.of, asked.reads)
        mix = chosen(asked, part, wanted)
        crossed = StrataSummary(cohort, plan, (mix,) if mix else (), question.clock)
        cross = log.reduce(crossed.of, crossed.reads) if len(mix) > 1 or wanted else part
        keys, sums = crossed.table(cross, mix) if mix else ([], np.zeros((0, 4, plan.span)))
        if mix and not keys:
            raise LogError(
                f"mix={list(mix)}: one of them has more than {MOST_LEVELS} different values, which tell single "
                "cases apart, not kinds. Name attributes with fewer."
            )
        single = []
        for by in asked.by:
            found, table = asked.table(part, by)
            if len(found) > 1 and asked.fair(part, by[0]):
                single.append((by[0], Kinds(tuple(named(by, key) for key in found), table)))
        piled = PileSummary(cohort, plan, min(first, -1))
        pile = log.reduce(piled.of, piled.reads)
        strata = crossed.result(crossed.rows(cross, about), about, True)
        return cls(
            question,
            arms,
            pooled(keys, mix, sums, plan) if keys else None,
            mix if keys else (),
            tuple(single),
            Backlog.of(piled, pile, about),
            strata,
            piled.result(piled.rows(pile, about), about, True),
        )

    @property
    def plan(self) -> Plan:
        return self.question.plan

    @cached_property
    def before(self) -> Flags:
        return self.plan.marks("before")

    @cached_property
    def after(self) -> Flags:
        return self.plan.marks("after")

    @cached_property
    def waves(self) -> Floats | None:
        return year_waves(self.before)

    @cached_property
    def windows(self) -> dict[str, Floats]:
        return windows(self.before, self.after)

    @cached_property
    def weekly(self) -> Floats:
        """[week, column]: the sums of the arms from the first week before to the last after."""
        return window(self.arms.weeks, self.plan.weeks("before")[0], self.plan.span)

    def whole(self, value: int = TIME, square: int = SQUARE) -> Cells:
        """Of all cases, whatever their kind; a column of the sums of the arms."""
        return Cells(*(self.weekly[None, :, column] for column in (CASES, value, square)))

    @cached_property
    def standard(self) -> Standard:
        return Standard.of(self.whole() if self.kinds is None else self.kinds.cells(), self.before, self.waves)

    @cached_property
    def gains(self) -> dict[str, Estimate]:
        """Against each window, of the same mix and without the season."""
        return {name: self.standard.against(window, self.after, self.swing) for name, window in self.windows.items()}

    @cached_property
    def swing(self) -> float | None:
        return self.question.swing(self.arms)

    @cached_property
    def raw(self) -> Estimate:
        """As it is: neither mix nor season taken out."""
        return self.without_mix(None)

    def without_mix(self, waves: Floats | None) -> Estimate:
        return Standard.of(self.whole(), self.before, waves).against(self.windows["long"], self.after, self.swing)

    def share(self, column: int) -> Estimate:
        """The difference of the share of cases that a column of the arms counts."""
        return Standard.of(self.whole(column, column), self.before).against(self.windows["long"], self.after)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Cases with each value of each attribute, where there are enough."""
        return tuple(group for by, kinds in self.single for group in self._groups(by, kinds))

    def _groups(self, by: str, kinds: Kinds) -> list[Group]:
        cells, found = kinds.cells(), []
        before, after = (kinds.sums[:, N][:, weeks].sum(axis=1) for weeks in (self.before, self.after))
        share = before / max(float(before.sum()), 1.0)
        for at, name in enumerate(kinds.names):
            own = np.arange(len(kinds.names)) == at
            rest = before.sum() - before[at], after.sum() - after[at]
            enough = share[at] >= GROUP_SHARE and after[at] >= GROUP_CASES
            if enough and rest[0] >= GROUP_SHARE * before.sum() and rest[1] >= GROUP_CASES:
                two = (self._alone(cells.only(one)) for one in (own, ~own))
                found.append(Group(by, name, float(share[at]), *two))
        return found

    def all_but(self, groups: Sequence[Group]) -> Estimate:
        """Of the cases of none of these kinds, which are all of one attribute."""
        kinds = dict(self.single)[groups[0].by]
        return self._alone(kinds.cells().only(~np.isin(kinds.names, [one.name for one in groups])))

    def _alone(self, cells: Cells) -> Estimate:
        return Standard.of(cells, self.before, self.waves).against(self.windows["long"], self.after, self.swing)

    @cached_property
    def slowest(self) -> Slowest | None:
        """None: more than a quarter waited until watching ended, before, so that nobody knows."""
        week, wait, count = waits(self.arms, self.plan)
        before = self.before[week]
        beyond = _weighted(wait[before], count[before], SLOW)
        if not beyond < self.plan.horizon / 1e6:
            return None
        over = np.maximum(wait - beyond, 0.0)
        cells = Cells(*(_by_week(week, count * one, self.plan.span) for one in (np.ones(len(wait)), over, over**2)))
        moved = Standard.of(cells, self.before).against(self.windows["long"], self.after)
        slower = 1 + self.raw.difference / self.raw.mean if self.raw.mean else 1.0
        alike = float(np.average(np.maximum(slower * wait[before] - beyond, 0.0), weights=count[before]))
        after = self.after[week]
        share = float(count[after & (wait > beyond)].sum() / max(count[after].sum(), 1))
        return Slowest(beyond, moved, alike, share)

    def quantile(self, period: str, share: float) -> float:
        week, wait, count = waits(self.arms, self.plan)
        here = self.plan.marks(period)[week]
        return _weighted(wait[here], count[here], share)


def waits(arms: ArmsPart, plan: Plan) -> tuple[Ints, Floats, Floats]:
    """Week (a place in the span), seconds and number of all waits, however they ended."""
    kinds = (arms.ended, arms.otherwise, arms.waiting)
    week = np.concatenate([kind.key for kind in kinds]) - MIDDLE - plan.weeks("before")[0]
    wait = np.concatenate([kind.value for kind in kinds]) / 1e6
    return week, wait, np.concatenate([kind.count for kind in kinds]).astype(np.float64)


def _by_week(week: Ints, value: Floats, span: int) -> Floats:
    """One row."""
    return np.bincount(week, value, span).astype(np.float64)[None, :]


def _weighted(value: Floats, count: Floats, share: float) -> float:
    """By which value that share of all is reached."""
    order = np.argsort(value)
    upto = np.cumsum(count[order])
    if not len(order):
        return float("nan")
    return float(value[order][np.searchsorted(upto, share * upto[-1] - 1e-9)])
