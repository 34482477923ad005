"""Lines: steps at which cases seem to wait for each other, and what one log's history of such a line cannot settle."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt

import numpy as np

from procmine.kernels.blocks import lags_of, long_run, t_quantile, week_of
from procmine.kernels.edits import SET, Edit
from procmine.kernels.operational import Floats
from procmine.simulate.contention import CLEAR, LEAST, LEVEL, NO_SIGN, stays_of
from procmine.simulate.fit import Model
from procmine.simulate.policies.acts import (
    Act,
    Cap,
    Deadline,
    Delay,
    Escalate,
    Mix,
    Priority,
    Scale,
    Skip,
    Staff,
    Volume,
)
from procmine.simulate.policies.people import RECORD, at_their_fastest
from procmine.simulate.policies.pieces import Look, Made, Pieces
from procmine.words import Message, after_each_other

ALIKE = 0.05  # least autocorrelation of neighbours' waits that is a sign of a line; less is found in any large log
DESK = 5  # so many are worked on at once, at most, where the pace alone is taken for a sign
AGAIN, MOST = 4.0, 6.0  # times as long, or short, a line may be in other years (benchmarks/interventions.py)
FREEDOM = 2.0  # of the estimate of how much weeks differ, at least
TIMES = (Delay, Scale, Cap, Escalate, Skip)  # acts whose effect is measured by how long a step takes today
CROWDS = (Staff, Priority, Volume)  # acts by which people are played, where the log shows them
IN_LINE = (*TIMES, *CROWDS, Deadline, Mix)


def lines(model: Model) -> tuple[int, ...]:
    """Codes of steps at which neighbours wait alike, or work goes at the pace of a few people, however many wait.

    Not those held in sessions or after a session, where cases wait together for other reasons; nor those with too few cases
    to tell.
    """
    rows, held = model.contention.rows, {one.step for one in model.meetings.meetings}
    found = []
    for code in np.flatnonzero((rows["verdict"] != NO_SIGN) & (rows["n"] >= LEAST)).tolist():
        alike = rows["p"][code] < LEVEL and rows["autocorrelation"][code] >= ALIKE
        paced = rows["ceiling_z"][code] > CLEAR and rows["ceiling"][code] <= DESK
        if (alike or paced) and code not in held and not _after(model, code, held):
            found.append(code)
    return tuple(found)


def unsettled(model: Model, acts: Sequence[Act]) -> tuple[int, ...]:
    """The lines that matter to these acts, without those that are played, person by person."""
    if not any(isinstance(act, IN_LINE) for act in acts):
        return ()
    there = lines(model)
    if not there or not any(isinstance(act, CROWDS) for act in acts):
        return there
    played = {step for pool in model.pools.pools for step in pool.steps}
    return tuple(code for code in there if code not in played)


def _after(model: Model, code: int, held: set[int]) -> bool:
    """Whether most cases come to it from a step that is held in sessions."""
    log = model.log
    inside = np.ones(len(log.activity), bool)
    inside[log.offset[:-1][np.diff(log.offset) > 0]] = False
    before = np.roll(log.activity, 1)[(log.activity == code) & inside]
    return bool(len(before)) and float(np.isin(before, list(held)).mean()) > 0.5


def doubted(act: Act, made: Made, look: Look, there: Sequence[int]) -> Made:
    """The same where nobody waits for anybody; else only bounds, as cases that wait behind others would go sooner or later
    too, and how long they wait today hangs on a line that the log saw for one stretch of time.
    """
    if not there or not made.is_known or made.fast is None or made.fast.queues:
        return made
    named = Message("standing.line", {"steps": _names(look.model, touched(act, look, there) or there)})
    if touched(act, look, there):
        why = after_each_other((named, Message("standing.line.time")))
        return Made(made.fast, made.fast + Pieces(), made.said, why, RECORD)
    if isinstance(act, Deadline):
        sooner = at_their_fastest(look, [look.model.log.about.activities[code] for code in there], look.seen.everyone)
        why = after_each_other((named, Message("standing.line.others")))
        return Made(made.fast + sooner, made.fast, made.said, why, RECORD)
    if isinstance(act, Mix):
        why = after_each_other((named, Message("standing.line.mix", {"name": act.attribute})))
        return Made(made.fast + _alike(look, there), made.fast, made.said, why, RECORD)
    return made


def touched(act: Act, look: Look, there: Sequence[int]) -> tuple[int, ...]:
    """Those of these steps whose time it changes."""
    if isinstance(act, Delay) and not isinstance(act.step, str):
        inside = set(look.seen.of_pair(*act.step, look.chosen)[1])
        return tuple(code for code in there if look.model.log.about.activities[code] in inside)
    if isinstance(act, TIMES):
        return tuple(code for code in there if look.model.log.about.activities[code] in act.steps)
    return ()


def _alike(look: Look, there: Sequence[int]) -> Pieces:
    """Whatever kind a case is of, it waits as all do today: the line is as long as it was, only who stands in it changes."""
    scope = look.scope_of(look.seen.everyone)
    return Pieces(edits=tuple(Edit(SET, code, table=look.seen.as_in({}, code), scope=scope) for code in there))


def history(model: Model, acts: Sequence[Act], there: Sequence[int]) -> tuple[float, float]:
    """How many times as far the ranges of such acts reach towards longer waits, and shorter ones, than weeks of the log tell;
    the most of all these lines.
    """
    if not there or not any(isinstance(act, IN_LINE) for act in acts):
        return 1.0, 1.0
    both = [_stretched(model, code) for code in there]
    return max(one for one, _ in both), max(two for _, two in both)


def _stretched(model: Model, code: int) -> tuple[float, float]:
    """By how much another stretch of time may differ: t on the logarithm of a week's mean, with as many independent weeks as
    an autoregression leaves, its coefficient freed of bias (Marriott & Pope 1954); at least AGAIN times.
    """
    stays = stays_of(model.log, code, None)
    took, week = (stays.end - stays.begin).astype(np.float64), week_of(stays.begin)
    week = week - week.min()
    n = np.bincount(week)
    total, mean = np.bincount(week, took), float(took.mean())
    logs = np.log(np.maximum(total[n >= 2] / n[n >= 2], 1e-3 * mean))
    again = _again(logs) if len(logs) > 2 and np.ptp(logs) > 0 else AGAIN
    lags = lags_of(len(n))
    weekly = long_run((total - mean * n)[:, None], lags)[0]
    told = 1.645 * sqrt(max(float(weekly), 1e-300)) / len(took) / sqrt(max(1 - lags / len(n), 0.1))
    return max(mean * (again - 1) / told, 1.0), max(mean * (1 - 1 / again) / told, 1.0)


def _again(logs: Floats) -> float:
    """How many times as long the mean may be, from the logarithms of weeks' means."""
    x = logs - logs.mean()
    alike = float(x[1:] @ x[:-1] / (x @ x))
    alike = float(np.clip(alike + (1 + 3 * alike) / len(x), 0, 0.98))
    free = max(len(x) * (1 - alike) / (1 + alike), 1.0)
    reach = t_quantile(0.95, max(free - 1, FREEDOM)) * float(x.std(ddof=1)) / sqrt(free)
    return float(np.clip(exp(min(reach, 5.0)), AGAIN, MOST))


def _names(model: Model, codes: Sequence[int]) -> str:
    return ", ".join(model.log.about.activities[code] for code in codes)
