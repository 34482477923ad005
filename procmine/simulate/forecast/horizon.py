"""Horizon: how many cases are open, and how many end, in the time after the data, the real open cases included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.crowd import Arm, Crowd, Floats, Ints
from procmine.kernels.sampler import NEVER
from procmine.simulate.engine import Engine
from procmine.simulate.forecast.asked import Numbers, some_of
from procmine.simulate.plan import Plan
from procmine.simulate.warm import arriving, joined, still_open

MOST = 5_000  # cases of one world that are followed; each then stands for as many as there are for one that is
DATES = 53  # at which open cases are counted
WEEK = 7 * 86_400_000_000


@dataclass(frozen=True, eq=False)
class Ahead:
    """The time from the cutoff (`begin`) to `end`, microseconds; warm: the cases that are open at the cutoff go on."""

    begin: int
    end: int
    warm: bool

    @property
    def dates(self) -> Ints:
        return np.linspace(self.begin, self.end, DATES).round().astype(np.int64)

    def numbers(self, engine: Engine, weight: Floats, seed: int, draw: int) -> tuple[Numbers, Numbers]:
        """Of both arms: cases that end a week, open on average and at the end; `open`: at each date; queues of pools."""
        plan, model = engine.plan, engine.model
        old = still_open(model, seed=seed, draw=draw) if self.warm else None
        every = (None, plan) if differs(plan) else (None,)
        worlds = [
            World.of(self, engine, weight, old, arriving(model, self.begin, self.end, seed=seed, draw=draw, plan=one))
            for one in every
        ]
        return worlds[0].numbers(0), worlds[-1].numbers(1)


def differs(plan: Plan) -> bool:
    """Whether other cases come than today."""
    return plan.volume != 1.0 or bool(np.any(plan.weight != plan.weight[0]))


def queues(plan: Plan) -> bool:
    """Whether cases wait for each other."""
    return any(bool(one.pools or one.seats) for one in (plan.shared, plan.today))


@dataclass(frozen=True, eq=False)
class World:
    """The cases of one time ahead, what became of them in both arms, and for how many each stands."""

    ahead: Ahead
    crowd: Crowd
    share: Floats
    arms: tuple[Arm, Arm]

    @classmethod
    def of(cls, ahead: Ahead, engine: Engine, weight: Floats, old: Crowd | None, new: Crowd) -> World:
        together = not queues(engine.plan)
        total = len(new.like) + (0 if old is None else len(old.like))
        part = min(1.0, MOST / max(total, 1)) if together else 1.0  # who waits for others cannot be taken out of them
        kept = [thinned(one, part) for one in (old, new) if one is not None]
        crowd = joined([one for one, _ in kept])
        limit = np.full(len(crowd.like), ahead.end)
        share = np.concatenate([np.full(len(one.like), each) for one, each in kept])
        return cls(ahead, crowd, share, engine.run(weight, crowd, limit=limit))

    def numbers(self, which: int) -> Numbers:
        ahead, arm = self.ahead, self.arms[which]
        ended = np.where(arm.ended <= ahead.end, arm.ended, NEVER)
        inside = np.clip(np.minimum(ended, ahead.end) - np.maximum(self.crowd.arrival, ahead.begin), 0, None)
        here = self.opened(ahead.dates, ended)
        length = ahead.end - ahead.begin
        finished = float(self.share @ (ended < NEVER)) * WEEK / length
        days = arm.queue.shape[-1] if arm.queue.size else 0
        return {
            "world": np.array([finished, float(self.share @ inside) / length, here[-1]]),
            "open": here,
            "queue": arm.queue.mean(axis=1) if days else np.empty(0),
        }

    def opened(self, dates: Ints, ended: Ints) -> Floats:
        """How many have come and not ended by each date."""
        return self._upto(self.crowd.arrival, dates) - self._upto(ended, dates)

    def _upto(self, time: Ints, dates: Ints) -> Floats:
        order = np.argsort(time, kind="stable")
        upto = np.concatenate(([0.0], np.cumsum(self.share[order])))
        counted: Floats = upto[np.searchsorted(time[order], dates, side="right")]
        return counted


def thinned(crowd: Crowd, part: float) -> tuple[Crowd, float]:
    """About `part` of the cases, the same ones in every arm, and for how many each stands."""
    if part >= 1 or not len(crowd.like):
        return crowd, 1.0
    kept = crowd.key < np.uint64(int(part * 2.0**64))
    if not kept.any():
        kept[0] = True
    return some_of(crowd, kept), len(kept) / int(kept.sum())
