"""Predict: a forecast of something that can be counted once the change has come, so that it can be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.asking import ask
from procmine.kernels.blocks import DAY, Floats, entry_weights, lags_of, t_quantile, week_of
from procmine.kernels.sampler import NEVER, Flags
from procmine.log import EventLog, Log, LogError, day_of, in_memory, moment
from procmine.proof.cohorts import LEAST_AFTER, LEAST_CASES, WEEK, BaselineSummary, Cohort, check_kept, cohort_of
from procmine.proof.ledger.ledger import Ledger, said_amount, said_range, unit_of
from procmine.proof.ledger.observe import Waits, chosen_by, filters_of, fingerprint, measured, waits
from procmine.proof.ledger.record import MEAN, MEASURES, SHARE, StoredForecast, to_plain
from procmine.proof.ledger.track import TrackRecord, how_good
from procmine.proof.records.change import Change
from procmine.results import Result, seconds
from procmine.see.survival import LEAST_WEEKS
from procmine.simulate.engine import Engine, played, settled
from procmine.simulate.fit import Model, fit
from procmine.simulate.plan import Plan, nothing
from procmine.simulate.policy import Policy
from procmine.simulate.warm import like_drawn
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.9
CASES, REPLICATIONS = 500, 4  # simulated cases of a draw
POINT = 20_000  # simulated cases behind the figure itself
KEPT = 50  # values of a forecast that are stored
OFF = 0.1  # how far the model's figure of today may lie from the log's before it is said
MOST_CHANCE = 0.9
LEAST_GROUPS = 40  # of simulated cases, to see how their figures vary


@dataclass(frozen=True, eq=False)
class Prediction(Result):
    """One row: measure, unit (text); as_it_was (in the log), predicted, predicted_low, predicted_high (90%) for the
    cases that will come; expected_cases (int): how many of them; change_on, due (text, days).

    `record` is what a ledger stores: `ledger.store(found.record)`.
    """

    meaning = "define.prediction"
    record: StoredForecast
    notes: tuple[Message, ...]

    def findings(self) -> Sequence[Message]:
        one = self.record
        values: dict[str, Value] = {
            "what": one.what,
            "change": one.change,
            "weeks": one.weeks,
            "horizon": one.horizon,
            "came": said_amount(one, one.predicted),
            "range": said_range(one),
            "today": said_amount(one, one.today),
            "expected": one.expected,
            "due": one.due(),
        }
        return [Message(f"predict.{one.measure}", values), Message("predict.cases", values), *self.notes]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The range, and as it is today."""
        from procmine.draw.ledger import Foreseen, forest

        one = self.record
        label = Message("ledger.picture.row.plain", {"what": one.what, "change": one.change}).say()
        row = Foreseen(label, one.low, one.predicted, one.high, one.today, np.nan, said_range(one).say())
        words = {key: Message(f"ledger.picture.{key}").say() for key in ("inside", "outside", "range", "today")}
        return forest({unit_of(one): [row]}, {**words, "title": Message("predict.picture").say()}, ax=ax)


@dataclass(frozen=True, eq=False)
class Asked:
    """What is predicted: for whom, from when, for how long."""

    change: Change
    cohort: Cohort
    begin: int  # when entries begin to count
    horizon: int  # days
    weeks: int
    measure: str


def predict(
    model: Model,
    policy: Policy,
    *,
    change: str | Change,
    seed: int,
    measure: str = MEAN,
    weeks: int = 26,
    draws: int = 200,
) -> Prediction:
    """What will be counted of the cases that enter in the `weeks` from `change` on, if the policy holds from then on.

    measure: "mean" = mean days, each case followed equally long and counted at most so long; "half" = days by which half of
    all of them are there; "share" = of 100, those that are there in that time. For the cases that the Change or else the
    policy names; from arrival to the end, or as the Change says; followed for its horizon, or as long as 9 in 10 take today.
    The range (90%) holds what the log cannot tell and the luck of the next cases, whose weeks vary as those of the log did;
    it holds neither people who behave differently, nor a season, nor a process that changes for other reasons. ValueError
    where the data reach beyond the change: that is no forecast (`fit(log, asof=...)` tries one on old data).
    """
    asked = _asked(model, policy, change, measure, weeks)
    member = Cohort(where=asked.cohort.where).enter(model.log)[1]
    expected = _expected(model, asked)
    now = waits(model.log, asked.cohort, asked.horizon)
    today = measured(now, measure, asked.horizon)
    arm = _Arm(_engine(model, policy, member), policy, member, asked)
    many = arm.waits(np.ones(len(member)), POINT, 1, seed, -1)
    point, drawn = arm.measured(many), _scaled(arm, seed, draws, arm.luck(many, expected, seed))
    top = 100.0 if measure == SHARE else float(asked.horizon)
    values = np.clip(np.sort(point + drawn), 0.0, top)
    stored = _stored(model, policy, asked, values, point=point, today=today, expected=expected, seed=seed)
    notes = (*_doubts(model, policy, member, asked, seed, today), *arm.engine.plan.said, Message("predict.only"))
    arguments = {"policy": policy, "change": change, "seed": seed, "measure": measure, "weeks": weeks, "draws": draws}
    about = model.log.about.after(Message("kept.forecast", {"policy": policy.name}))
    return Prediction(_rows(stored), about, True, arguments, stored, notes)


def predict_again(stored: StoredForecast, log: EventLog) -> Prediction:
    """The same forecast made once more, from a stored one and the data as they stood then; the same version gives the same
    figures from the same data."""
    model = fit(log, asof=day_of(log.about, stored.until_us), by=stored.by)
    change = Change(
        stored.change,
        where=stored.where,
        ramp=stored.ramp,
        start=stored.start,
        stop=stored.stop,
        horizon=stored.horizon,
    )
    more: dict[str, Any] = {"seed": stored.seed, "draws": stored.draws, "measure": stored.measure}
    return predict(model, Policy.from_dict(stored.policy), change=change, weeks=stored.weeks, **more)


def keep_score(
    ledger: Ledger | str | Path,
    log: Log,
    policy: Policy,
    *,
    change: str | Change,
    seed: int,
    measure: str = MEAN,
    weeks: int = 26,
) -> TrackRecord:
    """The one call to repeat: before the change it makes the forecast and stores it (once); later, with newer data, it scores
    all forecasts of the ledger that can be scored. Both times it says how good the forecasts have been."""
    ledger = ledger if isinstance(ledger, Ledger) else Ledger(ledger)
    events = in_memory(log)
    day = change.date if isinstance(change, Change) else change
    if events.about.cutoff < moment(events.about, day):
        model = fit(events)
        asked = _asked(model, policy, change, measure, weeks)
        if _named(policy, asked) not in [one.forecast.asked for one in ledger.kept()]:
            ledger.store(predict(model, policy, change=change, seed=seed, measure=measure, weeks=weeks).record)
    elif day not in [one.forecast.change for one in ledger.kept()]:
        raise ValueError(
            f"The data reach to {day_of(events.about, events.about.cutoff)}, beyond the change on {day}, and "
            f"{ledger.path.name} holds no forecast made before it: there is nothing to score."
        )
    ledger.score(events)
    return how_good(ledger)


def _asked(model: Model, policy: Policy, change: str | Change, measure: str, weeks: int) -> Asked:
    if measure not in MEASURES:
        raise ValueError(f"No measure {measure!r}; there are: {', '.join(MEASURES)}.")
    if weeks < LEAST_AFTER:
        raise ValueError(f"weeks={weeks}: at least {LEAST_AFTER} weeks of entries are needed to score a forecast.")
    about, when = model.log.about, Change(change) if isinstance(change, str) else change
    begin = moment(about, when.date) + when.ramp * DAY
    if about.cutoff >= moment(about, when.date):
        raise ValueError(
            f"The data reach to {day_of(about, about.cutoff)}, beyond the change on {when.date}: what has come already "
            "cannot be forecast. To try a forecast on old data: fit(log, asof=...) with a day before the change."
        )
    where = dict(when.where or policy.only)
    persons = sorted({*where, *policy.chosen_by, *chosen_by(model.log)} & set(about.persons))
    if persons:
        raise LogError(
            f"{persons[0]!r} names people: a ledger holds none. Name the office or the kind of case instead."
        )
    cohort = cohort_of(about, where, when.start, when.stop)
    model.log.take(np.empty(0, np.int64)).where(where)  # the log's own words for what it does not have
    check_kept(about, cohort.where)
    days = 7 * ceil(when.horizon / 7) if when.horizon else _horizon(model, cohort)
    if days * DAY > model.horizon:
        raise LogError(
            f"The log watches no case for {days} days, so nothing can be said of them. Name a shorter horizon."
        )
    return Asked(when, cohort, begin, days, weeks, measure)


def _named(policy: Policy, asked: Asked) -> tuple[object, ...]:
    """As `StoredForecast.asked`, before the forecast is made."""
    cohort = asked.cohort
    start, stop = (None if one is None else one.step for one in (cohort.start, cohort.stop))
    subject = (str(to_plain(policy.to_dict())), asked.change.date, tuple(sorted(cohort.where)), start, stop)
    return (*subject, asked.measure, asked.weeks)


def _horizon(model: Model, cohort: Cohort) -> int:
    """As in compare: whole weeks by which 9 in 10 had ended."""
    p90 = ask(model.log, BaselineSummary(cohort, model.log.about.cutoff + 1)).rows["p90"][0]
    if np.isnat(p90):
        raise LogError(
            "Fewer than 9 in 10 of these cases end while the log watches them: name the days that each is followed for, "
            "Change(date, horizon=...)."
        )
    return 7 * max(ceil(seconds(p90) * 1e6 / WEEK), 1)


def _expected(model: Model, asked: Asked) -> int:
    """How many cases should enter, as many a week as in the last year of the log."""
    entry, member = asked.cohort.enter(model.log)
    cutoff = model.log.about.cutoff
    watched = max(min(52, (cutoff - int(model.log.arrival.min())) // WEEK), 1)
    found = int(np.count_nonzero(member & (entry > cutoff - watched * WEEK)))
    expected = round(found * asked.weeks / watched)
    if expected < LEAST_CASES:
        needed = ceil(LEAST_CASES * watched / found) if found else 0
        other = f"weeks={needed} would give {LEAST_CASES}" if needed else "none came in the last year"
        few = f"Only about {expected} such cases would come in {asked.weeks} weeks"
        raise LogError(f"{few}: too few to score a forecast; {other}.")
    return expected


def _engine(model: Model, policy: Policy | None, member: Flags) -> Engine:
    """Cases that are predicted are modelled apart from others; the policy holds for each from its arrival on."""
    made = nothing(model) if policy is None else settled(model, policy)
    return Engine.of(model, _from_the_start(made), apart=member)


def _from_the_start(made: Plan) -> Plan:
    scopes = [replace(one, since=-NEVER, ramp=0) for one in made.changes.scopes]
    return replace(made, changes=replace(made.changes, since=-NEVER, ramp=0, scopes=scopes))


@dataclass(frozen=True, eq=False)
class _Arm:
    """Simulated cases of those that are predicted, and what is counted of them."""

    engine: Engine
    policy: Policy | None
    member: Flags
    asked: Asked

    @property
    def cutoff(self) -> int:
        model = self.engine.model
        return int(model.log.arrival.max()) + model.horizon + self.asked.horizon * DAY

    def waits(self, weight: Floats, n: int, replications: int, seed: int, draw: int) -> Waits:
        model, name = self.engine.model, self.policy.name if self.policy else None
        crowd = like_drawn(model, weight * self.member, n, seed=seed, draw=draw, replications=replications)
        log = played(self.engine, crowd, weight, self.cutoff, name)
        return waits(log, Cohort(self.asked.cohort.start, self.asked.cohort.stop), self.asked.horizon)

    def measured(self, found: Waits) -> float:
        return measured(found, self.asked.measure, self.asked.horizon)

    def point(self, seed: int) -> float:
        return self.measured(self.waits(np.ones(len(self.member)), POINT, 1, seed, -1))

    def luck(self, many: Waits, expected: int, seed: int) -> float:
        """The variance of the figure of so many cases, if they do not depend on each other."""
        size = min(expected, len(many.case) // LEAST_GROUPS)
        group = np.random.default_rng(seed).permutation(len(many.case)) // size
        found = [self.measured(many.take(group == one)) for one in range(len(many.case) // size)]
        return float(np.var(found, ddof=1)) * size / expected

    def draw(self, weight: Floats, seed: int, draw: int) -> tuple[float, float]:
        """The figure, and how much of its variance is due to the number of simulated cases."""
        found = self.waits(weight, CASES, REPLICATIONS, seed, draw)
        parts = [self.measured(found.take(found.case // CASES == part)) for part in range(REPLICATIONS)]
        return self.measured(found), float(np.var(parts, ddof=1)) / REPLICATIONS


def _scaled(arm: _Arm, seed: int, draws: int, luck: float) -> Floats:
    """How far off the figure may come out, drawn: the log's weeks weighed anew and the model refitted, without the part due
    to the number of simulated cases, and so much wider that the luck of the coming weeks is in it.

    If V is the long-run variance of a week, that of a mean over the K weeks of the log is V / K, and that of its difference
    from the W weeks to come V (1 / K + 1 / W). The model pools cases, so its V may be less than that of the cases themselves:
    the second part is at least what so many cases vary by if they do not depend on each other (`luck`).
    """
    week = week_of(arm.engine.model.log.arrival)
    every = np.arange(week.min(), week.max() + 1)
    if len(np.unique(week[arm.member])) < LEAST_WEEKS:
        raise LogError(
            f"Fewer than {LEAST_WEEKS} weeks with such cases: too few to tell how far a forecast may be off."
        )
    weights = entry_weights(week, draws, seed)
    value, within = np.array([arm.draw(weight, seed, draw) for draw, weight in enumerate(weights)]).T
    whole = float(np.var(value, ddof=1))
    if whole <= 1e-12:
        raise LogError(
            "Whatever the log cannot tell, the model gives the same figure, so it has no range and nothing can be scored. "
            f"Predict another measure: {', '.join(one for one in MEASURES if one != arm.asked.measure)}."
        )
    chance = min(float(within.mean()) / whole, MOST_CHANCE)
    k, lags = len(every), lags_of(len(every))
    tail = t_quantile((1 + LEVEL) / 2, 1.5 * k / lags) / t_quantile((1 + LEVEL) / 2, 1e9)
    known = whole * (1 - chance) / (1 - lags / k)
    error = sqrt(known + max(known * k / arm.asked.weeks, luck))
    scaled: Floats = (value - value.mean()) / sqrt(whole) * error * tail
    return scaled


def _stored(
    model: Model, policy: Policy, asked: Asked, values: Floats, *, point: float, today: float, expected: int, seed: int
) -> StoredForecast:
    from procmine import __version__

    log, change = model.log, asked.change
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    places = (np.arange(KEPT) + 0.5) / KEPT
    return StoredForecast(
        what=policy.said.say(),
        policy=to_plain(policy.to_dict()),
        change=change.date,
        weeks=asked.weeks,
        horizon=asked.horizon,
        measure=asked.measure,
        predicted=_rounded(point),
        low=_rounded(low),
        high=_rounded(high),
        level=LEVEL,
        points=tuple(map(_rounded, np.quantile(values, places))),
        today=_rounded(today),
        expected=expected,
        until=day_of(log.about, log.about.cutoff),
        until_us=log.about.cutoff,
        log=fingerprint(log, asked.cohort, log.about.cutoff),
        version=__version__,
        seed=seed,
        draws=len(values),
        ramp=change.ramp,
        where=dict(asked.cohort.where),
        start=asked.cohort.start.step if asked.cohort.start else None,
        stop=asked.cohort.stop.step if asked.cohort.stop else None,
        by=model.by,
        data={name: value for name, value in sorted(log.about.source.items()) if "sha" in name or "hash" in name},
        filters=filters_of(log),
    )


def _rounded(value: float) -> float:
    return round(float(value), 6)


def _doubts(model: Model, policy: Policy, member: Flags, asked: Asked, seed: int, today: float) -> list[Message]:
    """Where the model of today does not give today's figure."""
    arm = _Arm(_engine(model, None, member), None, member, asked)
    modelled = arm.point(seed)
    if abs(modelled - today) <= OFF * today:
        return []
    amounts = {"model": modelled, "log": today}
    key = f"ledger.amount.{'share' if asked.measure == SHARE else 'days'}"
    return [Message("predict.off", {name: Message(key, {"n": f"{value:,.1f}"}) for name, value in amounts.items()})]


def _rows(one: StoredForecast) -> dict[str, Any]:
    text = {"measure": Message(f"ledger.measure.{one.measure}", {"horizon": one.horizon}).say(), "unit": unit_of(one)}
    numbers = {"as_it_was": one.today, "predicted": one.predicted, "predicted_low": one.low, "predicted_high": one.high}
    return {
        **{name: np.array([value], object) for name, value in text.items()},
        **{name: np.array([value]) for name, value in numbers.items()},
        "expected_cases": np.array([one.expected]),
        "change_on": np.array([one.change], object),
        "due": np.array([one.due()], object),
    }
