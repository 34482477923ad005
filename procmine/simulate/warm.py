"""Warm: the cases that a simulation follows: new ones, those that come, those that are open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from procmine.kernels.blocks import DAY
from procmine.kernels.crowd import Crowd, Floats, Ints, Words
from procmine.kernels.randoms import keys
from procmine.kernels.sampler import spread
from procmine.simulate.fit import Model
from procmine.simulate.plan import Plan

YEAR = 365 * DAY
NEW, COMING, OPEN = range(3)  # keys of the three are different numbers


def new_cases(
    model: Model,
    weight: Floats,
    n: int,
    *,
    seed: int,
    draw: int,
    replications: int = 1,
    plan: Plan | None = None,
) -> Crowd:
    """`replications` times `n` cases that come in the year after the cutoff, as the seasons have it.

    Which cases of the log they are like is drawn by `weight` (and the plan's), evenly; their number is not drawn.
    """
    replication, number = np.repeat(np.arange(replications), n), np.tile(np.arange(n), replications)
    key = keys(seed, draw, replication, number)
    starts = keys(seed, draw, np.arange(replications), np.full(replications, n)) / 2.0**64
    weight = weight if plan is None else weight * plan.weight
    cutoff = model.log.about.cutoff
    like = [spread(weight, n, float(start)) for start in starts]
    when = [model.arrivals.spread(n, cutoff, cutoff + YEAR, float(start)) for start in starts]
    # which of them comes when has nothing to do with the order of the log
    order = [np.argsort(key[replication == one], kind="stable") for one in range(replications)]
    arrival = np.concatenate([times[np.argsort(place)] for times, place in zip(when, order)])
    return _arrived(np.concatenate(like), key, arrival, replication)


def arriving(model: Model, begin: int, end: int, *, seed: int, draw: int, plan: Plan | None = None) -> Crowd:
    """The cases that come from `begin` to `end`: their number and days are drawn; the plan's volume and mix hold."""
    factor = 1.0 if plan is None else plan.volume
    arrival = model.arrivals.draw(begin, end, seed=seed, draw=draw, factor=factor)
    n = len(arrival)
    key = keys(seed, draw, np.full(n, -1 - COMING), np.arange(n))
    start = float(keys(seed, draw, np.array([-1 - COMING]), np.array([n]))[0] / 2.0**64)
    weight = np.ones(len(model.log)) if plan is None else plan.weight
    like = spread(weight, n, start)[np.argsort(np.argsort(key, kind="stable"))] if n else np.zeros(0, np.int64)
    return _arrived(like, key, arrival, np.zeros(n, np.int64))


def still_open(model: Model, *, seed: int, draw: int) -> Crowd:
    """The open cases of the log, where they stand at its end."""
    log, visits = model.log, model.visits
    stays = np.flatnonzero(visits.cause < 0)
    like = visits.case[stays]
    key = keys(seed, draw, np.full(len(like), -1 - OPEN), like)
    context = model.contexts[stays]
    known = log.until[like]
    begun = np.minimum(visits.begin[stays], known)
    return Crowd(like, key, log.arrival[like], begun, context, known, np.ones(len(like), bool), np.zeros_like(like))


def joined(crowds: Sequence[Crowd]) -> Crowd:
    """One crowd after the other, in one world."""
    whole = {name: np.concatenate([getattr(one, name) for one in crowds]) for name in Crowd.__dataclass_fields__}
    return Crowd(**whole)


def like_the_log(model: Model, like: Ints, key: Words) -> Crowd:
    """Cases like these of the log, that come when they came."""
    return _arrived(like, key, model.log.arrival[like], np.zeros(len(like), np.int64))


def like_drawn(model: Model, weight: Floats, n: int, *, seed: int, draw: int, replications: int = 1) -> Crowd:
    """`replications` times `n` cases like those of the log in proportion to `weight`, that come when these came."""
    replication, number = np.repeat(np.arange(replications), n), np.tile(np.arange(n), replications)
    starts = keys(seed, draw, np.arange(replications), np.full(replications, n)) / 2.0**64
    like = np.concatenate([spread(weight, n, float(start)) for start in starts])
    return _arrived(like, keys(seed, draw, replication, number), model.log.arrival[like], replication)


def _arrived(like: Ints, key: Words, arrival: Ints, world: Ints) -> Crowd:
    nowhere, new = np.full(len(like), -1), np.zeros(len(like), bool)
    return Crowd(like, key, arrival, arrival, nowhere, arrival, new, world)
