"""Foretell: what a model of the log as it stood says of the days after, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from procmine.kernels.blocks import entry_weights, week_of
from procmine.kernels.crowd import Arm, Crowd
from procmine.kernels.distances import Instances
from procmine.kernels.sampler import NEVER, Floats
from procmine.simulate.engine import Engine
from procmine.simulate.fit import Model, fit
from procmine.simulate.plan import nothing
from procmine.simulate.validation.holdout import DAY, Fates, Origin, moments, weekly
from procmine.simulate.warm import arriving, joined, still_open

RECORDED = 10  # draws whose events are kept, for the distances


@dataclass(frozen=True, eq=False)
class Foretold:
    """Per draw: weekly figures [draws, weeks] by name; `new`: days from arrival to the end of simulated new cases (inf: not
    within the time foretold); `going`: [draws, cases] days from the origin to the end of the cases that were open;
    `logs`: what happened to the new cases, of some draws.
    """

    model: Model
    weekly: dict[str, Floats]
    new: Floats
    going: Floats
    logs: list[Instances]


def foretell(origin: Origin, by: Sequence[str], draws: int, seed: int) -> Foretold:
    """Both the log's size and the future's chance vary: each draw weighs the entry weeks anew, and is one future."""
    model = fit(origin.known, by=by)
    engine = Engine.of(model, nothing(model))
    figures, new, going, logs = [], [], [], []
    for draw, weight in enumerate(entry_weights(week_of(model.log.arrival), draws, seed)):
        crowds = (
            arriving(model, origin.begin, origin.end, seed=seed, draw=draw),
            still_open(model, seed=seed, draw=draw),
        )
        arm = _run(engine, weight, crowds, origin, draw < RECORDED)
        n = len(crowds[0].arrival)
        fates = Fates(np.concatenate([one.arrival for one in crowds]), arm.ended)
        figures.append(weekly(fates, origin.begin, origin.end))
        new.append(_days(fates.ended[:n], fates.arrival[:n]))
        going.append(_days(fates.ended[n:], np.int64(origin.begin)))
        if arm.events is not None:
            logs.append(_log(arm, n, origin))
    by_name = {name: np.stack([one[name] for one in figures]) for name in figures[0]}
    return Foretold(model, by_name, np.concatenate(new), np.stack(going), logs)


def _run(engine: Engine, weight: Floats, crowds: tuple[Crowd, Crowd], origin: Origin, record: bool) -> Arm:
    """New cases are followed for as long as is foretold from their arrival, those open up to the end."""
    new, going = crowds
    limit = np.concatenate((new.arrival + origin.ahead, np.full(len(going.arrival), origin.end)))
    return engine.run(weight, joined([new, going]), limit=limit, record=record)[0]


def _days(ended: np.ndarray, since: np.ndarray | np.int64) -> Floats:
    found: Floats = np.where(ended < NEVER, (ended - since) / DAY, np.inf)
    return found


def _log(arm: Arm, n: int, origin: Origin) -> Instances:
    assert arm.events is not None
    events = arm.events
    kept = (events.path < n) & (events.time <= origin.end)
    return moments(origin.known, events.path[kept], events.step[kept], events.time[kept])
