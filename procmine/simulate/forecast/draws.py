"""Draws: the same simulated cases as they are and with a policy, once for the figures and many times for their ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

from procmine.kernels.blocks import entry_weights, lags_of, t_quantile, week_of
from procmine.kernels.crowd import Arm, Crowd, Floats
from procmine.kernels.sampler import NEVER
from procmine.load.spark.spread import each as each_of
from procmine.load.spark.spread import session
from procmine.log import LogError
from procmine.see.survival import LEAST_WEEKS
from procmine.simulate.engine import Engine
from procmine.simulate.fit import Model
from procmine.simulate.forecast.asked import Asked, Cases, Numbers, part_of
from procmine.simulate.forecast.effort import Effort
from procmine.simulate.forecast.horizon import Ahead, differs, queues
from procmine.simulate.plan import Plan
from procmine.simulate.warm import arriving, joined, new_cases, still_open

LEVEL = 0.9
POINT, AT_ONCE, WORLDS = 100_000, 20_000, 20  # simulated cases and worlds behind the figures themselves
MOST_CHANCE = 0.9  # a larger part is not taken out: it is not known that well
MORE_IS_SOONER = ("within", "there", "curve")
MOST_WORLDS = 10  # of a draw, where cases wait for each other
Blocks = dict[str, Floats]  # by what they measure: [(today, with_policy), numbers]


@dataclass(frozen=True, eq=False)
class Play:
    """One plan beside today, and what is asked; `seed` and the number of a draw say which cases come."""

    engine: Engine
    asked: Asked
    ahead: Ahead
    seed: int
    worlds: bool = True  # whether open cases over time are asked for

    @classmethod
    def of(cls, model: Model, plan: Plan, asked: Asked, ahead: Ahead, seed: int, *, worlds: bool = True) -> Play:
        return cls(Engine.of(model, plan), asked, ahead, seed, worlds)

    @property
    def pooled(self) -> bool:
        return queues(self.engine.plan)

    def cases(self, weight: Floats, n: int, replications: int, draw: int) -> tuple[Cases, Cases]:
        """Both arms of new cases."""
        plan, model = self.engine.plan, self.engine.model
        if self.pooled:
            return self._queueing(weight, n * replications, draw)
        size: dict[str, Any] = {"seed": self.seed, "draw": draw, "replications": replications}
        crowd = new_cases(model, weight, n, **size)
        arms = self._run(weight, crowd)
        other, others = crowd, arms
        if differs(plan):
            other = new_cases(model, weight, n, plan=plan, **size)
            others = self._run(weight, other)
        return Cases(crowd, arms[0], plan), Cases(other, others[1], plan)

    def _queueing(self, weight: Floats, n: int, draw: int) -> tuple[Cases, Cases]:
        """New cases among all the others that they wait for: those that come in the time ahead, in whole worlds."""
        model, plan, ahead = self.engine.model, self.engine.plan, self.ahead
        parts: list[tuple[Cases, Cases]] = []
        while sum(len(one.arm.ended) for one, _ in parts) < n and len(parts) < MOST_WORLDS:
            number = draw * MOST_WORLDS + len(parts)
            old = still_open(model, seed=self.seed, draw=number)
            worlds = []
            for one in (None, plan) if differs(plan) else (None,):
                crowd = joined([old, arriving(model, ahead.begin, ahead.end, seed=self.seed, draw=number, plan=one)])
                worlds.append((crowd, self._run(weight, crowd)))
            pair = (Cases(worlds[0][0], worlds[0][1][0], plan), Cases(worlds[-1][0], worlds[-1][1][1], plan))
            new = [part_of(one, np.arange(len(old.like), len(one.crowd.like))) for one in pair]
            parts.append((new[0], new[1]))
        if not len(parts[0][0].arm.ended):
            raise LogError(
                "No new case would come in the time ahead, so there is nobody to simulate: make `horizon` longer."
            )
        return _joined([one for one, _ in parts]), _joined([two for _, two in parts])

    def _run(self, weight: Floats, crowd: Crowd) -> tuple[Arm, Arm]:
        return self.engine.run(weight, crowd, limit=crowd.arrival + self.asked.horizon)

    def point(self) -> Figures:
        """All weeks weigh the same, and so many cases that chance hardly matters."""
        weight = np.ones(len(self.engine.model.log))
        parts = [self.cases(weight, AT_ONCE, 1, -1 - part) for part in range(POINT // AT_ONCE)]
        both = _joined([one for one, _ in parts]), _joined([two for _, two in parts])
        grid = self.asked.grid(both)
        blocks = _blocks([self.asked.numbers(one, grid) for one in both])
        changed = (both[0].arm.ended != both[1].arm.ended) | (both[0].arm.last != both[1].arm.last)
        paired = not differs(self.engine.plan)
        stuck = float((both[0].arm.ended >= NEVER).mean())
        by_rule = [one.new for one in self.engine.plan.changes.deadlines]
        closed = float((np.isin(both[1].arm.last, by_rule) & (both[1].arm.ended < NEVER)).mean())
        affected = float(changed.mean()) if paired else np.nan
        return Figures(blocks | self._worlds(weight), grid, affected, stuck, closed)

    def _worlds(self, weight: Floats) -> Blocks:
        if not self.worlds:
            return {}
        found = [_blocks(self.ahead.numbers(self.engine, weight, self.seed, -1 - k)) for k in range(WORLDS)]
        return {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}

    def draw(self, weight: Floats, draw: int, effort: Effort, grid: Floats) -> tuple[Blocks, Blocks]:
        """The blocks of one draw, and the variance in them that is due to the number of simulated cases."""
        both = self.cases(weight, effort.cases, effort.replications, draw)
        blocks = _blocks([self.asked.numbers(one, grid) for one in both])
        if self.worlds:
            blocks |= _blocks(self.ahead.numbers(self.engine, weight, self.seed, draw))
        return blocks, self._within(both, effort.replications)

    def _within(self, both: Sequence[Cases], replications: int) -> Blocks:
        """Variance, over the replications, of the mean of so many."""
        if replications < 2 or self.pooled:
            return {}
        arms = [self.asked.by_replication(one, replications) for one in both]
        parts = [_blocks(pair) for pair in zip(*arms)]
        with np.errstate(invalid="ignore"):
            return {
                name: np.var([with_effect(one[name]) for one in parts], axis=0, ddof=1) / replications
                for name in parts[0]
            }


@dataclass(frozen=True, eq=False)
class Figures:
    """The figures themselves: `blocks`, the microseconds of the curves, the share of cases that the policy changes
    (nan: other cases come), the share that is not finished today while it is followed, and the share that the policy
    closes by a rule, whatever was to become of them.
    """

    blocks: Blocks
    grid: Floats
    affected: float
    stuck: float
    closed: float


@dataclass(frozen=True, eq=False)
class Drawn:
    """The blocks of all draws, [draws, (today, with_policy, effect), numbers]; within: the part of their variance that
    is due to the number of simulated cases; weeks: from the first to the last; history: as in `Plan`.
    """

    blocks: Blocks
    within: Blocks
    weeks: int
    history: tuple[float, float] = (1.0, 1.0)

    @property
    def wide(self) -> float:
        """What few weeks add to a range: t instead of normal quantiles with 1.5 K / S degrees (Lazarus et al. 2018), and the
        variance that is lost: S / K of it as residuals add up to 0, while weights hang together over S of K weeks; and of
        the rest all but 1 / (1 + S / K), as only the parts that weights are of their sum count, which vary less (Rubin 1981).
        """
        lags = lags_of(self.weeks)
        tail = (1 + LEVEL) / 2
        longer = t_quantile(tail, 1.5 * self.weeks / lags) / NormalDist().inv_cdf(tail)
        part = lags / self.weeks
        return longer * sqrt((1 + part) / (1 - part))

    def chance(self, name: str) -> Floats:
        """[3, numbers]: the part of the variance that is chance; nan where it does not vary or is not known."""
        drawn = self.blocks[name]
        if name not in self.within:
            return np.full(drawn.shape[1:], np.nan)
        known = np.where(np.isfinite(drawn), drawn, np.nan)
        n = np.isfinite(known).sum(axis=0)
        centre = np.nansum(known, axis=0) / np.maximum(n, 1)
        whole = np.nansum((known - centre) ** 2, axis=0) / np.maximum(n - 1, 1)
        part = self.within[name] / np.where(whole > 0, whole, 1)
        return np.where(whole > 0, np.clip(part, 0, MOST_CHANCE), np.nan)

    def spread(self, name: str) -> Floats:
        """The draws as wide as the range is: without the part that is chance in simulating, wider for few weeks."""
        drawn = self.blocks[name]
        finite = np.isfinite(drawn)
        centre = np.where(finite, drawn, 0).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)
        scale = self.wide * np.sqrt(1 - np.nan_to_num(self.chance(name)))
        moved = (np.where(finite, drawn, 0) - centre) * scale
        return np.where(finite, self._longer(name, centre + moved, moved), drawn)

    def _longer(self, name: str, values: Floats, moved: Floats) -> Floats:
        """Effects on times as much further as lines may be longer, or shorter, than they were in the log: a longer line makes
        an effect larger and a shorter one smaller, none turns it round, and nobody saves more than today's whole time.
        """
        if name != "times" or self.history == (1.0, 1.0):
            return values
        plain, today = values[:, 2], np.maximum(values[:, 0], 0.0)
        further = plain + moved[:, 2] * (np.where(moved[:, 2] < 0, *self.history) - 1)
        kept = np.where(plain < 0, np.minimum(further, 0.0), further)
        return np.concatenate((values[:, :2], np.maximum(kept, -today)[:, None]), axis=1)

    def ends(self, name: str) -> tuple[Floats, Floats]:
        """Ends of the ranges, [3, numbers]."""
        return ends(self.spread(name))


def drawn(plays: Sequence[Play], figures: Sequence[Figures], effort: Effort) -> list[Drawn] | None:
    """The draws of all plans, on the same weeks and cases; None with too few weeks."""
    log = plays[0].engine.model.log
    weeks = week_of(log.arrival)
    if len(np.unique(weeks)) < LEAST_WEEKS:
        return None
    draws = _draws(Draws(tuple(plays), tuple(one.grid for one in figures), effort))
    length = int(weeks.max() - weeks.min()) + 1
    each = zip(zip(*draws), plays)
    return [
        Drawn(
            _stacked([blocks for blocks, _ in one]), _mean([part for _, part in one]), length, play.engine.plan.history
        )
        for one, play in each
    ]


def _draws(draws: Draws) -> list[list[tuple[Blocks, Blocks]]]:
    """Of each draw what each plan gives: here one after the other, or by the workers of a cluster."""
    effort, cluster = draws.effort, session()
    if cluster is None:
        weighing = weighed(draws.plays[0].engine.model, draws.plays[0].seed, effort)
        return [draws.found(draw, weight) for draw, weight in weighing]
    found = each_of(replace(draws, effort=replace(effort, tell=None)), range(effort.draws), spark=cluster)
    if effort.tell is not None:
        effort.tell(effort.draws, effort.draws)
    return found


@dataclass(frozen=True, eq=False)
class Draws:
    """All that a draw needs but its number; picklable."""

    plays: tuple[Play, ...]
    grids: tuple[Floats, ...]
    effort: Effort

    def __call__(self, draw: int) -> list[tuple[Blocks, Blocks]]:
        play = self.plays[0]
        weights = entry_weights(week_of(play.engine.model.log.arrival), self.effort.draws, play.seed)
        return self.found(draw, next(islice(weights, draw, None)))

    def found(self, draw: int, weight: Floats) -> list[tuple[Blocks, Blocks]]:
        """The blocks of each plan, with effects, and the part of their variance that is chance."""
        pairs = [play.draw(weight, draw, self.effort, grid) for play, grid in zip(self.plays, self.grids)]
        return [({name: with_effect(block) for name, block in blocks.items()}, part) for blocks, part in pairs]


def weighed(model: Model, seed: int, effort: Effort) -> Iterator[tuple[int, Floats]]:
    """Each draw's number and the weight of each case of the log: that of the week in which it began."""
    weights = entry_weights(week_of(model.log.arrival), effort.draws, seed)
    yield from zip(effort.each(effort.draws), weights)


def with_effect(both: Floats) -> Floats:
    """[(today, with_policy), ...] and effect = with_policy - today; nan where neither is reached, inf where one is not."""
    with np.errstate(invalid="ignore"):
        return np.concatenate((both, both[1:2] - both[0:1]))


def ends(draws: Floats) -> tuple[Floats, Floats]:
    """Ends of the interval over the first axis, nan where more than one draw in twenty has no value."""
    known = ~np.isnan(draws)
    enough = known.mean(axis=0) >= 0.95
    tail = (1 - LEVEL) / 2
    ordered = np.sort(draws, axis=0)  # nan last
    n = known.sum(axis=0)
    places = np.floor(tail * (n - 1)), np.ceil((1 - tail) * (n - 1))
    low, high = (np.take_along_axis(ordered, np.maximum(p, 0).astype(int)[None], 0)[0] for p in places)
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def _blocks(both: Sequence[Numbers]) -> Blocks:
    return {name: np.stack([one[name] for one in both]) for name in both[0]}


def _stacked(draws: Sequence[Blocks]) -> Blocks:
    return {name: np.stack([one[name] for one in draws]) for name in draws[0]}


def _mean(parts: Sequence[Blocks]) -> Blocks:
    """Over the draws where it is known."""
    found = {}
    for name in parts[0]:
        stacked = np.stack([one[name] for one in parts])
        known = np.isfinite(stacked)
        total = np.where(known, stacked, 0).sum(axis=0)
        found[name] = total / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    return found


def _joined(parts: Sequence[Cases]) -> Cases:
    arms = [one.arm for one in parts]
    whole = replace(
        arms[0],
        ended=np.concatenate([one.ended for one in arms]),
        last=np.concatenate([one.last for one in arms]),
        cost=np.concatenate([one.cost for one in arms]),
        spent=np.sum([one.spent for one in arms], axis=0),
    )
    return Cases(joined([one.crowd for one in parts]), whole, parts[0].plan)
