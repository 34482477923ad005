"""Worlds in which a change of a told size is made, to see how often compare sees it."""

import numpy as np
from test_compare import log_of, world

import procmine
from procmine.proof.verdict.kinds import ARTEFACT, DIFFERENT_RESULTS, FOR_MOST, IMPROVED, UNCLEAR

WATCHED = 18  # weeks
FASTER = {IMPROVED, FOR_MOST, ARTEFACT, UNCLEAR, DIFFERENT_RESULTS}  # the difference was seen, whatever else was


def queue(seed, *, load=0.95, per_week=12, weeks=60):
    """First come, first served, one server, and ten days more."""
    draw = np.random.default_rng(seed)
    before = 52 * 2 + 20
    n = (before + weeks + 150) * per_week
    gap, work = draw.exponential(7 / per_week, n), draw.exponential(7 * load / per_week, n)
    stays, now = np.empty(n), 0.0
    for at in range(n):
        now = max(now - gap[at], 0.0) + work[at]
        stays[at] = now
    begin = np.cumsum(gap) - (before + 150) * 7
    here = (begin >= -before * 7) & (begin < weeks * 7)
    return begin[here], stays[here] + 10


WORLDS = {
    "independent": lambda seed: world(seed, weeks=60),
    "shock": lambda seed: world(seed, weeks=60, shock=0.2),
    "few": lambda seed: world(seed, weeks=60, per_week=4),
    "queue": queue,
}


def shorter_by(wait, size):
    """The factor on all waits that takes `size` off the mean of those counted up to the time of watching."""
    low, high, limit = 0.0, 1.0, 7 * WATCHED
    for _ in range(40):
        middle = (low + high) / 2
        gone = np.minimum(wait, limit).mean() - np.minimum(wait * middle, limit).mean()
        low, high = (middle, high) if gone > size else (low, middle)
    return (low + high) / 2


def planned(begin, wait, weeks):
    by = str(np.datetime64("2025-03-03") + 7 * (WATCHED + weeks) - 1)
    return procmine.plan_size(log_of(begin, wait, weeks=0), horizon=7 * WATCHED, by=by)


def seen(name, seed, weeks, usual):
    """Whether the change that plan_size tells was seen, the size in parts of the average; None: no size would do."""
    begin, wait = WORLDS[name](seed)
    plan = planned(begin, wait, weeks)
    told = float(plan.basis.visible([weeks])[0])
    if told >= plan.basis.mean:
        return None
    factor = shorter_by(wait[begin < 0] if usual is None else usual, told / 86_400)
    log = log_of(begin, np.where(begin >= 0, wait * factor, wait), weeks=WATCHED + weeks)
    change = procmine.Change("2025-03-03", recorded="2025-01-01")
    found = procmine.compare(log, change=change, horizon=7 * WATCHED)
    return found.verdict.kind in FASTER, told / plan.basis.mean


def power(name, weeks, seeds):
    """How often a change of the told size was seen, in how many logs, and the middle of the sizes told."""
    usual = None if name == "queue" else np.concatenate([WORLDS[name](seed)[1] for seed in range(9_000, 9_020)])
    found = [one for one in (seen(name, seed, weeks, usual) for seed in seeds) if one is not None]
    return float(np.mean([one[0] for one in found])), len(found), float(np.median([one[1] for one in found]))
