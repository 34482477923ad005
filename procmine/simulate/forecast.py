"""Forecast: what a policy would change, with the range in which that likely lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.blocks import lags_of, t_quantile, week_of, week_weights
from procmine.kernels.sampler import NEVER, Flags, Floats, quantile
from procmine.log import LogError
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.survival import LEAST_WEEKS, survival
from procmine.simulate.engine_before import Arm, Engine, draw_cases
from procmine.simulate.fit import Model
from procmine.simulate.plan_before import plan
from procmine.simulate.policy import Policy
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ARMS = ("today", "with_policy")
HALF, MOST, MEAN, MEAN_THERE = "half", "8 in 10", "mean", "mean of those who got there"
BAND = ("_low", "_high")
SHOWN = ("measure", *ARMS, "effect", "low", "high", "share_affected", "cases")
LEVEL = 0.9
POINT = 100_000  # simulated cases behind the figures themselves
AT_ONCE = 20_000
GRID = 400
MOST_CHANCE = 0.9  # a larger part is not taken out: it is not known that well
OFF = 0.1  # how far the model's half may lie from the log's before it is said


@dataclass(frozen=True, eq=False)
class Forecast(Result):
    """One row per measure of the time from arrival to the end (or to the outcome named), over all simulated cases.

    measure (text): "half" and "8 in 10" = by when that share of all cases is there; "mean" = mean time to the end, counted
    at most as long as the log watches a case; with an outcome "mean of those who got there" (other cases with the policy
    than without). today (as the log was), with_policy, effect = with_policy - today (timedelta64[s]; NaT: not reached).
    low, high: where the effect likely lies (90%); today_low .. with_policy_high: the same for both arms; NaT below 20 entry
    weeks or where not reached. share_there_today, share_there_with_policy: cases that get there while watched;
    share_affected: cases whose end the policy changes. share_chance: the part of the variance of the simulated effect that
    more simulated cases would take away; it is taken out of the ranges, which are for what the log cannot tell. cases: in
    the log.

    `curves`: arrays of one length: days, today, with_policy (share of cases that are there), each with _low and _high.
    """

    curves: Rows
    notes: tuple[Message, ...]

    meaning = "define.forecast"

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        affected = float(one["share_affected"])
        touched = Message("forecast.touched", {"share": affected, "rest": 1 - affected})
        there = []
        if self.arguments["outcome"] is not None:
            shares: dict[str, Value] = {name: float(one[f"share_there_{name}"]) for name in ARMS}
            there = [
                Message("forecast.there", {**shares, "reach": self._reach("forecast.reach", "forecast.reach.end")})
            ]
        return [self._headline(), touched if affected else Message("forecast.untouched"), *there, *self.notes]

    def shown(self) -> Rows:
        return {name: self.rows[name] for name in SHOWN}

    @property
    def policy(self) -> Policy:
        policy = self.arguments["policy"]
        assert isinstance(policy, Policy)
        return policy

    def _headline(self) -> Message:
        one = {name: column[0] for name, column in self.rows.items()}
        spans = {name: Span(seconds(one[name])) for name in ARMS if not np.isnat(one[name])}
        values: dict[str, Value] = {
            "policy": self.policy.said,
            "reach": self._reach("forecast.reach", "forecast.reach.end"),
            **spans,
        }
        if len(spans) < 2:
            key = "forecast.slower" if "today" in spans else "forecast.gains" if spans else "forecast.never"
            return Message(key, values)
        if one["effect"] == np.timedelta64(0):
            return Message("forecast.same", values)
        sooner = bool(one["effect"] < np.timedelta64(0))
        key, sign = ("forecast.sooner", -1.0) if sooner else ("forecast.later", 1.0)
        return Message(key, {**values, "effect": Span(abs(seconds(one["effect"]))), "range": self._range(sign)})

    def _range(self, sign: float) -> Message:
        """Where the gain (sign -1) or the loss likely lies."""
        ends = [sign * seconds(self.rows[name][0]) for name in ("low", "high") if not np.isnat(self.rows[name][0])]
        if len(ends) < 2:
            return Message("forecast.no_range")
        low, high = sorted(ends)
        either = "forecast.range.sooner" if sign < 0 else "forecast.range.later"
        key = "forecast.range" if low >= 0 else either
        return Message(key, {"low": Span(abs(low)), "high": Span(high)})

    def _reach(self, key: str, end: str) -> Message:
        """What cases get to: the steps of the outcome, or the end."""
        outcome = self.arguments["outcome"]
        if outcome is None:
            return Message(end)
        return Message(
            key, {"steps": " / ".join(step for step, name in self.about.outcomes.items() if name == outcome)}
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of cases that are there by each day, as it is and with the policy, with bands."""
        from procmine.draw.charts import Curve, before_after

        days = self.curves["days"]
        drawn = [
            Curve(Message(f"forecast.curve.{arm}").say(), days, *(self.curves[f"{arm}{end}"] for end in ("", *BAND)))
            for arm in ARMS
        ]
        effect = self.rows["effect"][0]
        gain = "" if np.isnat(effect) else Message("forecast.gain", {"effect": Span(abs(seconds(effect)))}).say()
        title = Message("forecast.picture", {"policy": self.policy.name}).say()
        axis, never = Message("forecast.axis").say(), Message("survival.not_reached").say()
        end = self._reach("forecast.across.step", "forecast.across.end")
        across = Message("forecast.across", {"end": end}).say()
        return before_after(*drawn, title=title, axis=axis, across=across, gain=gain, not_reached=never, ax=ax)


def forecast(
    model: Model,
    policy: Policy,
    *,
    seed: int,
    outcome: str | None = None,
    draws: int = 200,
    replications: int = 5,
    cases: int = 1_000,
) -> Forecast:
    """Both arms on the same simulated cases: as the log was, and with the policy.

    Time from arrival to the end of the case, in any way, or with one `outcome` (cases that end otherwise never get there).
    The range: in each of `draws` the weeks in which cases began are weighed anew (as everywhere, neighbouring weeks
    together), the model refitted, and `replications` x `cases` simulated; it is for the average over many future cases, not
    for the next few, and holds neither an error of the model's form nor people who behave differently. Where the policy is
    for some cases only, these are modelled apart. Nothing queues: time saved is not lost again in front of the next desk.
    """
    for name, number in {"draws": draws, "replications": replications, "cases": cases}.items():
        if number < 1:
            raise ValueError(f"{name} = {number}: at least 1 is needed.")
    made = plan(model, policy)
    engine = Engine.of(model, made)
    measure = Measure.of(model, outcome)
    point = measure.point(engine, seed, cases)
    drawn = measure.drawn(engine, seed, (draws, replications, cases), point)
    arguments = {"policy": policy, "outcome": outcome, "seed": seed, "draws": draws}
    arguments = {**arguments, "replications": replications, "cases": cases}
    rows, curves = _rows(point, drawn, MEAN if outcome is None else MEAN_THERE, len(model.log)), _curves(point, drawn)
    notes = (*_doubts(model, outcome, point, measure), *made.said, Message("forecast.only"))
    about = model.log.about.after(Message("kept.forecast", {"policy": policy.name}))
    return Forecast(rows, about, True, arguments, curves, notes)


@dataclass(frozen=True, eq=False)
class Figures:
    """What one set of simulated cases gives: [2 arms, 3 measures] seconds, [2] shares, and the curves on a grid."""

    time: Floats
    there: Floats
    affected: float
    stuck: float
    grid: Floats
    curve: Floats


@dataclass(frozen=True, eq=False)
class Drawn:
    """The same per draw. time: [draws, (today, with_policy, effect), measures]; within: [3, measures] variance of these
    that is due to the number of simulated cases.
    """

    time: Floats
    curve: Floats
    within: Floats
    weeks: int

    @property
    def wide(self) -> float:
        """What few weeks add to a range: t instead of normal quantiles with 1.5 K / S degrees (Lazarus et al. 2018), and
        the variance that weights lose by depending on each other over S of K weeks (S / K of it).
        """
        lags = lags_of(self.weeks)
        tail = (1 + LEVEL) / 2
        longer = t_quantile(tail, 1.5 * self.weeks / lags) / NormalDist().inv_cdf(tail)
        return longer / sqrt(1 - lags / self.weeks)

    @property
    def chance(self) -> Floats:
        """[3, measures]: that part of the variance of `time`; nan where it does not vary or is not known."""
        known = np.where(np.isfinite(self.time), self.time, np.nan)
        n = np.isfinite(known).sum(axis=0)
        centre = np.nansum(known, axis=0) / np.maximum(n, 1)
        whole = np.nansum((known - centre) ** 2, axis=0) / np.maximum(n - 1, 1)
        return np.where(whole > 0, np.clip(self.within / np.where(whole > 0, whole, 1), 0, MOST_CHANCE), np.nan)

    def ends(self) -> tuple[Floats, Floats]:
        """Ends of the ranges, [3, measures], without the part that is chance in simulating."""
        finite = np.isfinite(self.time)
        centre = np.where(finite, self.time, 0).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)
        scale = self.wide * np.sqrt(1 - np.nan_to_num(self.chance))
        return _ends(np.where(finite, centre + (np.where(finite, self.time, 0) - centre) * scale, self.time))

    def band(self, arm: int) -> tuple[Floats, Floats]:
        centre = self.curve[:, arm].mean(axis=0)
        return _ends(np.clip(centre + (self.curve[:, arm] - centre) * self.wide, 0, 1))


@dataclass(frozen=True, eq=False)
class Measure:
    """What is asked of the ends of simulated cases."""

    wanted: Flags  # per step, and one for no step: whether a case that ends with it is there
    any_end: bool
    horizon: float  # seconds

    @classmethod
    def of(cls, model: Model, outcome: str | None) -> Measure:
        about = model.log.about
        known = sorted(set(about.outcomes.values()))
        if outcome is not None and outcome not in known:
            there = ", ".join(known) or "none: name them in the log's spec (ends: {step: outcome})"
            raise LogError(f"No outcome {outcome!r} in this log. There are: {there}.")
        names = [*about.activities, ""]
        wanted = [outcome is None or about.outcomes.get(name) == outcome for name in names]
        return cls(np.array(wanted), outcome is None, model.horizon / 1e6)

    def times(self, arm: Arm) -> Floats:
        """Seconds to the end that is asked for, inf where it does not come."""
        there = (arm.ended < NEVER) & self.wanted[arm.last]
        return np.where(there, arm.ended / 1e6, np.inf)

    def measures(self, ordered: Floats) -> Floats:
        """Half, 8 in 10 and the mean of sorted times."""
        capped = np.minimum(ordered, self.horizon) if self.any_end else ordered[np.isfinite(ordered)]
        mean = float(capped.mean()) if len(capped) else np.nan
        return np.array([quantile(ordered, 0.5), quantile(ordered, 0.8), mean])

    def figures(self, arms: tuple[Arm, Arm], grid: Floats | None) -> Figures:
        both = [np.sort(self.times(arm)) for arm in arms]
        if grid is None:
            ends = [one[np.isfinite(one)] for one in both]
            top = max([float(np.quantile(one, 0.97)) for one in ends if len(one)], default=DAY)
            grid = np.linspace(0, top, GRID)
        changed = (arms[0].ended != arms[1].ended) | (arms[0].last != arms[1].last)
        return Figures(
            np.stack([self.measures(one) for one in both]),
            np.array([np.isfinite(one).mean() for one in both]),
            float(changed.mean()),
            float((arms[0].ended == NEVER).mean()),
            grid,
            np.stack([np.searchsorted(one, grid, side="right") / len(one) for one in both]),
        )

    def within(self, arms: tuple[Arm, Arm], replications: int) -> Floats:
        """Variance, over the replications, of the mean of so many."""
        if replications < 2:
            return np.full((3, 3), np.nan)
        both = [np.sort(self.times(arm).reshape(replications, -1), axis=1) for arm in arms]
        times = np.array([[self.measures(one) for one in parts] for parts in zip(*both)])
        with np.errstate(invalid="ignore"):
            found: Floats = np.var(_with_effect(times), axis=0, ddof=1) / replications
        return found

    def point(self, engine: Engine, seed: int, cases: int) -> Figures:
        """The figures themselves: all weeks weigh the same, and so many cases that chance hardly matters."""
        weight = np.ones(len(engine.model.log))
        parts = []
        for part in range(POINT // AT_ONCE):
            key, case = draw_cases(weight, AT_ONCE, 1, seed, -1 - part)
            parts.append(engine.arms(weight, key, case))
        return self.figures((_joined([one for one, _ in parts]), _joined([two for _, two in parts])), None)

    def drawn(self, engine: Engine, seed: int, size: tuple[int, int, int], point: Figures) -> Drawn | None:
        """One set of figures per draw; None with too few weeks."""
        draws, replications, cases = size
        week = week_of(engine.model.log.arrival)
        if len(np.unique(week)) < LEAST_WEEKS:
            return None
        every = np.arange(week.min(), week.max() + 1)
        found = []
        for draw, weights in enumerate(week_weights(every, draws, seed)):
            weight = weights[week - every[0]]
            arms = engine.arms(weight, *draw_cases(weight, cases, replications, seed, draw))
            whole = self.figures(arms, point.grid)
            found.append((whole.time, whole.curve, self.within(arms, replications)))
        time, curve, within = (np.stack(column) for column in zip(*found))
        known = np.isfinite(within)
        within = np.where(known, within, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
        return Drawn(_with_effect(time), curve, within, len(every))


def _joined(arms: Sequence[Arm]) -> Arm:
    return Arm(np.concatenate([arm.ended for arm in arms]), np.concatenate([arm.last for arm in arms]))


def _effect(time: Floats) -> Floats:
    """after - before; nan where neither is reached, inf where one is not."""
    with np.errstate(invalid="ignore"):
        effect: Floats = time[..., 1, :] - time[..., 0, :]
    return effect


def _with_effect(time: Floats) -> Floats:
    """[..., (today, with_policy, effect), measures]."""
    return np.concatenate((time, _effect(time)[..., None, :]), axis=-2)


def _ends(drawn: Floats) -> tuple[Floats, Floats]:
    """Ends of the interval over the first axis, nan where more than one draw in twenty has no value."""
    known = ~np.isnan(drawn)
    enough = known.mean(axis=0) >= 0.95
    tail = (1 - LEVEL) / 2
    ordered = np.sort(drawn, axis=0)  # nan last
    n = known.sum(axis=0)
    places = np.floor(tail * (n - 1)), np.ceil((1 - tail) * (n - 1))
    low, high = (np.take_along_axis(ordered, np.maximum(p, 0).astype(int)[None], 0)[0] for p in places)
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def _rows(point: Figures, drawn: Drawn | None, mean: str, cases: int) -> Rows:
    low, high = (np.full((3, 3), np.nan),) * 2 if drawn is None else drawn.ends()
    chance = np.full(3, np.nan) if drawn is None else drawn.chance[2]
    spans = {**dict(zip(ARMS, point.time)), "effect": _effect(point.time), "low": low[2], "high": high[2]}
    for arm, name in enumerate(ARMS):
        spans |= {f"{name}_low": low[arm], f"{name}_high": high[arm]}
    shares = {f"share_there_{arm}": share for arm, share in zip(ARMS, point.there)}
    shares |= {"share_affected": np.float64(point.affected)}
    return {
        "measure": np.array([HALF, MOST, mean], object),
        **{name: timedeltas(np.where(np.isfinite(column), column, np.nan)) for name, column in spans.items()},
        **{name: np.full(3, value) for name, value in shares.items()},
        "share_chance": chance,
        "cases": np.full(3, cases),
    }


def _curves(point: Figures, drawn: Drawn | None) -> Rows:
    curves: dict[str, Floats] = {"days": point.grid / DAY}
    for arm, name in enumerate(ARMS):
        curves[name] = point.curve[arm]
        nothing = (np.full(GRID, np.nan), np.full(GRID, np.nan))
        ends = nothing if drawn is None else drawn.band(arm)
        curves |= {name + end: column for end, column in zip(BAND, ends)}
    return curves


def _doubts(model: Model, outcome: str | None, point: Figures, measure: Measure) -> list[Message]:
    """Where the model does not tell the log's own story."""
    said = []
    rows = survival(model.log, outcome=outcome).rows
    log, half = rows["time"][np.isclose(rows["share"], 0.5)][0], point.time[0, 0]
    if not np.isnat(log) and abs(half - seconds(log)) > OFF * seconds(log):
        said.append(Message("forecast.off", {"model": Span(half), "log": Span(seconds(log))}))
    if point.stuck > 0.005:
        said.append(Message("forecast.stuck", {"share": point.stuck, "time": Span(measure.horizon)}))
    return said
