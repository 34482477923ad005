"""Worlds in which a forecast is stored before a change of known effect, and the world then goes on with it."""

from dataclasses import dataclass, replace

import numpy as np
from logs import DAY
from test_simulate import CODE, assemble

import procmine
from procmine.simulate.predict import predict

BEFORE, AFTER = 104, 60  # weeks of data that predict, and of those that follow
LATER = 1_200 * 7  # days: the change lies ahead, whenever these run, so that a forecast is made before it
START_DAY = str(np.datetime64("2022-01-08") + LATER)  # day 0 of these worlds
TARGET = 5.0  # days that the policy sets


@dataclass(frozen=True)
class World:
    """effect: the part of the way from what a decision takes to TARGET days that the change really goes; shock: sd of the
    logarithm of what all cases of one week share; drift: what decisions take longer a year, as a factor."""

    per_week: float = 12.0
    effect: float = 1.0
    shock: float = 0.0
    drift: float = 1.0

    def log(self, seed, weeks=BEFORE + AFTER):
        """In -> Checked -> Granted -> Paid; 1 in 4 is contested, 1 in 10 denied, people leave while waiting."""
        draw = np.random.default_rng([seed, 77])
        week = np.repeat(np.arange(BEFORE + AFTER), draw.poisson(self.per_week, BEFORE + AFTER))
        cases = len(week)
        arrival = np.sort(7 * week + draw.random(cases) * 7)
        luck = np.exp(draw.normal(0, self.shock, BEFORE + AFTER))[week] * self.drift ** (arrival / 364)
        contested, denied = draw.random(cases) < 0.25, draw.random(cases) < 0.1
        check, pay = draw.exponential(10, cases) * luck, draw.exponential(12, cases) * luck
        decision = draw.lognormal(np.log(50), 0.5, cases) * np.where(contested, 2.0, 1.0) * luck
        leave = draw.exponential(300, cases)
        changed = (arrival >= 7 * BEFORE) & ~contested & ~denied
        decision = np.where(changed, decision + self.effect * (TARGET - decision), decision)
        left = leave < decision
        end = np.select([left, denied], [CODE["Withdrawn"], CODE["Denied"]], CODE["Granted"])
        step = np.stack([np.zeros(cases), np.ones(cases), end, np.full(cases, CODE["Paid"])], axis=1)
        over = check + np.where(left, leave, decision)
        paid = np.where(left | denied, np.nan, over + pay)
        day = np.stack([np.zeros(cases), check, over, paid], axis=1)
        whole = later(assemble(arrival, step, day, 7 * BEFORE + 7 * AFTER - 1e-6, contested))
        return whole.cut_to(day_of(7 * weeks - 1))


def later(log, days=LATER):
    """The same log so many days later."""
    on = days * DAY
    known = {name: getattr(log.about, name) for name in ("cutoff", "begins", "complete_from")}
    about = replace(log.about, **{name: None if one is None else one + on for name, one in known.items()})
    return replace(log, about=about, **{name: getattr(log, name) + on for name in ("time", "arrival", "until")})


def day_of(day):
    return str(np.datetime64(START_DAY) + day)


CHANGE = day_of(7 * BEFORE)


def policy():
    made = procmine.Policy("fast").where(contested="no")
    return made.set_delay("Granted", days=TARGET, leaving=("Withdrawn",))


def foreseen(world, seed, *, measure="mean", draws=100, log=None):
    log = world.log(seed, BEFORE) if log is None else log
    return predict(procmine.fit(log), policy(), change=CHANGE, seed=seed, measure=measure, draws=draws, weeks=26)
