"""Validate: fit on the log as it stood, foretell what came after, compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from procmine.kernels.distances import NAMES
from procmine.kernels.scores import Steps, spread
from procmine.log import Log, in_memory, shown
from procmine.progress import told
from procmine.results import Rows
from procmine.simulate.drift import Drift
from procmine.simulate.fit import Model
from procmine.simulate.validation.foretell import Foretold, foretell
from procmine.simulate.validation.holdout import DAY, WEEK, Origin, origins_of
from procmine.simulate.validation.judge import LEVELS, MEASURES, Scored, fated, own, score
from procmine.simulate.validation.result import Validation
from procmine.simulate.validation.verdict import judged, mean_error, share_held
from procmine.words import Message

GRID = 300  # days of the curve
MOST = 20_000  # cases; of a larger log as many are drawn
BAND = 200  # drawings of the held-out cases for the band
QUEUE, NO_SIGN = "queue", "no sign"


def validate(
    log: Log, *, seed: int, by: Sequence[str] = (), origins: int = 3, ahead: int | None = None, draws: int = 100
) -> Validation:
    """Is a model of this log to be believed? From some days in its past (`origins`), with only what was known then, open
    cases included, the following `ahead` days are foretold (default: 3 tenths of the log's time) and compared with what came.

    Errors of the model stand beside those of replayed old cases and of chance; ranges are checked on weekly figures (cases
    that came, ended, are open; mean and half of the times of those that ended). `by` as in `fit`; `draws`: futures simulated
    from each day. Whether cases come near to the past says nothing of people who behave otherwise under a new rule.
    Of a log of more than 20,000 cases so many are drawn. Windows overlap, and weeks hang together: there are fewer
    independent figures than counted.
    """
    for name, number in {"origins": origins, "draws": draws, "ahead": 1 if ahead is None else ahead}.items():
        if number < 1:
            raise ValueError(f"{name} = {number}: at least 1 is needed.")
    whole = in_memory(log)
    whole = whole.sample(cases=MOST, seed=seed) if len(whole) > MOST else whole
    found = origins_of(whole, origins, ahead) if len(whole) else []
    foretold = [foretell(origin, by, draws, seed) for origin in told(found)]
    scored = [score(*both, seed) for both in zip(found, foretold)]
    drift = Drift.of(whole) if found else None
    changed = drift.messages()[0] if drift is not None and drift.alarm else None
    mixed = drift is not None and drift.alarm and not bool(drift.enough.all())
    verdict = judged(scored, changed, mixed, _staffing([one.model for one in foretold]))
    cases = len({int(code) for origin in found for code in origin.seen.case.codes[origin.new]})
    arguments = {"seed": seed, "by": tuple(by), "origins": origins, "ahead": ahead, "draws": draws, "cases": cases}
    about = whole.about.after(Message("kept.validated", {"days": len(found)}))
    tables = (_rows(scored), about, True, arguments, _weeks(found, foretold, scored), _ranges(scored))
    return Validation(*tables, _curve(found[-1], foretold[-1], seed) if found else {}, verdict)


def _staffing(models: Sequence[Model]) -> Message:
    """What the log tells of policies that change who works or how much there is."""
    if not models:
        return Message("validate.staffing.cannot_tell")
    model = models[-1]
    if model.pools.pools:
        steps = ", ".join(step for pool in model.pools.steps for step in pool)
        return Message("validate.staffing.pools", {"steps": steps})
    rows = model.contention.rows
    steps = ", ".join(str(step) for step, verdict in zip(rows["step"], rows["verdict"]) if verdict == QUEUE)
    if steps:
        return Message("validate.staffing.no_pools", {"steps": steps})
    none = len(rows["verdict"]) and all(verdict == NO_SIGN for verdict in rows["verdict"])
    return Message("validate.staffing.no_sign" if none else "validate.staffing.cannot_tell")


def _rows(scored: Sequence[Scored]) -> Rows:
    if not scored:
        return {}
    three = np.array([mean_error(scored, name) for name in MEASURES])
    units = ["share" if name == "ngd" else "hours" if name in NAMES else "days" for name in MEASURES]
    return {
        "code": np.array(MEASURES, object),
        "measure": np.array([Message(f"validate.measure.{name}").say() for name in MEASURES], object),
        "simulated": three[:, 0],
        "replayed": three[:, 1],
        "by_chance": three[:, 2],
        "unit": np.array([Message(f"validate.unit.{unit}").say() for unit in units], object),
    }


def _ranges(scored: Sequence[Scored]) -> Rows:
    found = np.array([share_held(scored, level) for level in LEVELS])
    return {"level": np.array(LEVELS), "held": found[:, 0], "figures": found[:, 1]}


def _weeks(found: Sequence[Origin], foretold: Sequence[Foretold], scored: Sequence[Scored]) -> Rows:
    names = ("origin", "week", "figure", "real", "foretold", "low", "high")
    kinds = ("M8[D]", "M8[D]", object, *4 * (float,))
    parts: dict[str, list[Any]] = {name: [np.empty(0, kind)] for name, kind in zip(names, kinds)}
    for origin, said, one in zip(found, foretold, scored):
        for figure, real in one.real.items():
            low, half, high = spread(said.weekly[figure], (0.05, 0.5, 0.95))
            week = shown(origin.known.about, origin.begin + 1 + WEEK * np.arange(len(real))).astype("M8[D]")
            day = np.full(len(real), np.datetime64(origin.day), "M8[D]")
            values = (day, week, np.full(len(real), figure, object), real, half, low, high)
            for name, value in zip(names, values):
                parts[name].append(value)
    return {name: np.concatenate(pieces) for name, pieces in parts.items()}


def _curve(origin: Origin, foretold: Foretold, seed: int) -> Rows:
    """Of the cases after an origin: Kaplan-Meier with the middle 90% of drawings of whole cases, and the simulated share."""
    days = np.linspace(0, origin.ahead / DAY, GRID)
    time, watched = fated(origin)
    random = np.random.default_rng([seed, 1])
    drawn = []
    for _ in range(BAND):
        weight = np.bincount(random.integers(len(time), size=len(time)), minlength=len(time)).astype(np.float64)
        drawn.append(Steps.seen(np.minimum(time, watched), np.isfinite(time), weight).by(days))
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    simulated = Steps.of(foretold.new).by(days)
    return {"days": days, "real": own(origin).by(days), "real_low": low, "real_high": high, "simulated": simulated}
