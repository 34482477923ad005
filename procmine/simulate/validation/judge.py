"""Judge: scores of what was foretold, beside replayed cases and chance, and the rules of the verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.distances import NAMES, Instances, distances
from procmine.kernels.sampler import NEVER, Flags, Floats
from procmine.kernels.scores import Steps, held
from procmine.simulate.validation.foretell import Foretold
from procmine.simulate.validation.holdout import DAY, Origin, weekly

LEVELS = (0.5, 0.8, 0.9)
CHANCE = 40  # drawings of the held-out cases, and replays of old ones
NEW, GOING, SLOW = "new", "going", "slow"
MEASURES = (NEW, SLOW, GOING, *NAMES)
Three = tuple[float, float, float]  # errors: of the simulation, of replayed cases, of chance
UNKNOWN = (float("nan"),) * 3


@dataclass(frozen=True, eq=False)
class Scored:
    """Of one origin: per measure the error of the simulation, of replayed cases and of chance; weekly figures [weeks] and
    whether each lay inside its range, by figure and level.
    """

    errors: dict[str, Three]
    real: dict[str, Floats]
    inside: dict[str, dict[float, Flags]]


def score(origin: Origin, foretold: Foretold, seed: int) -> Scored:
    random = np.random.default_rng([seed, origin.begin // DAY])
    errors = {**_times(origin, foretold), **_distances(origin, foretold, random)}
    cases = np.concatenate((origin.new, origin.going))
    real = weekly(origin.fates(cases), origin.begin, origin.end)
    known = {name: np.isfinite(one) for name, one in real.items()}
    inside = {
        name: {level: held(one[known[name]], foretold.weekly[name][:, known[name]], level) for level in LEVELS}
        for name, one in real.items()
    }
    return Scored(errors, real, inside)


def fated(origin: Origin) -> tuple[Floats, Floats]:
    """Of the new cases: days to the end (inf: not seen), and days watched."""
    fates = origin.fates(origin.new)
    time = np.where(fates.ended < NEVER, (fates.ended - fates.arrival) / DAY, np.inf)
    return time, (origin.end - fates.arrival) / DAY


def own(origin: Origin) -> Steps:
    """The held-out cases' own times: what could be foretold at best."""
    time, watched = fated(origin)
    return Steps.seen(np.minimum(time, watched), np.isfinite(time))


def _times(origin: Origin, foretold: Foretold) -> dict[str, Three]:
    """Errors of times in days: of new cases, of their slowest tenth, and of the further time of cases that were open."""
    time, watched = fated(origin)
    past = Steps(origin.history.time / DAY, origin.history.share)
    three = (Steps.of(foretold.new), past, own(origin))
    crps = [float(one.crps(time, watched).mean()) for one in three]
    slow = [float(one.pinball(time, watched, 0.9).mean()) for one in three]
    return {NEW: (crps[0], crps[1], crps[2]), SLOW: (slow[0], slow[1], slow[2]), GOING: _going(origin, foretold, past)}


def _going(origin: Origin, foretold: Foretold, past: Steps) -> Three:
    if not len(origin.going):
        return UNKNOWN
    fates = origin.fates(origin.going)
    time = np.where(fates.ended < NEVER, (fates.ended - origin.begin) / DAY, np.inf)
    watched = np.full(1, origin.ahead / DAY)
    age = (origin.begin - fates.arrival) / DAY
    found = [
        (
            Steps.of(foretold.going[:, k]).crps(time[k : k + 1], watched),
            past.after(age[k]).crps(time[k : k + 1], watched),
        )
        for k in range(len(time))
    ]
    ours, replayed = np.mean(found, axis=0)[:, 0]
    return float(ours), float(replayed), float("nan")


def _distances(origin: Origin, foretold: Foretold, random: np.random.Generator) -> dict[str, Three]:
    real = origin.instances
    n = len(real.first)
    logs = (
        foretold.logs,
        [origin.replay(random) for _ in range(CHANCE)],
        [real.taken(random.integers(n, size=n)) for _ in range(CHANCE)],
    )
    ours, replayed, chance = (_mean(real, some) for some in logs)
    return {name: (ours[name], replayed[name], chance[name]) for name in NAMES}


def _mean(real: Instances, logs: list[Instances]) -> dict[str, float]:
    found = [distances(real, one) for one in logs if len(one.case)]
    return {name: float(np.mean([one[name] for one in found])) if found else float("nan") for name in NAMES}
