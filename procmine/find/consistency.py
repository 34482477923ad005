"""Consistency: how much of the difference in time lies between offices, and how much within each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.asking import MISSING, told_late
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import lags_of, long_run, t_quantile, week_of, week_weights
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.survival import kaplan_meier
from procmine.log import Clock, EventLog, Log, LogError, check_attributes, in_memory
from procmine.results import Result, seconds, timedeltas
from procmine.see.people import FEWEST, of_few
from procmine.see.survival import DRAWS, LEAST_WEEKS, SEED, SHARES, of_times, quantile_rows
from procmine.see.times import Milestone, milestone
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
WEEK = 7
SMALL = 30  # cases watched to the end, below which an office is called small
LEAST_CASES = 2
LEVEL, UNSTEADY = 0.05, 0.001
SHOWN = (
    "office",
    "n",
    "open",
    "p20",
    "p50",
    "p50_low",
    "p50_high",
    "p80",
    "ratio",
    "followed",
    "shrunk",
    "rank_low",
    "rank_high",
)


@dataclass(frozen=True, eq=False)
class Consistency(Result):
    """A row is an office, by name (units of fewer than five people are one row, as is what is missing).

    office; n (int) cases, of which open; p20, p50, p80 (timedelta64[s], Kaplan-Meier, NaT: not reached): so many are over
    within, with p50_low, p50_high (95%, bootstrap of entry weeks, NaT below 20 weeks); ratio (float) p80 / p20; followed
    (int) cases begun long enough ago to be followed for the horizon; mean, mean_low, mean_high (timedelta64[s], 95%) of the
    smaller of their time and the horizon; shrunk (timedelta64[s]) that mean moved towards all, as far as chance may
    explain it (empirical Bayes); rank_low, rank_high (int, 1 is the shortest mean): ranks that cannot be ruled out, for all
    offices at once (95%). The same in every row: share_between (0..1) of the variance of the smaller of time and horizon
    that lies between offices, corrected for chance, with share_between_low, share_between_high (95%); p (float): how often
    offices that are all alike would differ as much; p_cases: the same if cases were independent of each other; p50_all and
    horizon (timedelta64[s]).
    """

    meaning = "define.consistency"

    @property
    def differs(self) -> bool:
        """Whether the offices differ by more than chance makes likely (5%), and the likely range of it begins above 0."""
        return len(self) > 1 and bool(self.rows["p"][0] <= LEVEL and self.rows["share_between_low"][0] > 0)

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        values: dict[str, Value] = {name: float(rows[f"share_{name}"][0]) for name in ("between",)}
        ends = {end: float(rows[f"share_between_{end}"][0]) for end in ("low", "high")}
        values |= {**ends, "offices": len(self), "n": int(rows["n"].sum())}
        said = [Message("consistency.differ" if self.differs else "consistency.alike", values)]
        known = rows["p50"][~np.isnat(rows["p50"])]
        if len(known) > 1:
            spans = {"low": Span(seconds(known.min()), self.day), "high": Span(seconds(known.max()), self.day)}
            said.append(Message("consistency.half", spans))
        ratio = rows["ratio"][np.isfinite(rows["ratio"])]
        if len(ratio):
            said.append(Message("consistency.within", {"ratio": float(np.median(ratio))}))
        if not self.differs and rows["p_cases"][0] < UNSTEADY:
            said.append(Message("consistency.unsteady"))
        small = int((rows["followed"] < SMALL).sum())
        said += [Message("consistency.small", {"n": small, "least": SMALL})] if small else []
        return [*said, Message("consistency.caution")]

    def shown(self) -> Any:
        return {name: self.rows[name] for name in SHOWN}

    def plot(self, ax: Axes | None = None, *, order: Literal["name", "time"] = "time") -> Axes:
        """Half of the cases within, of each office, with its range and the spread of its cases; a line for all offices."""
        from procmine.draw.offices import Dot, dots

        day = np.timedelta64(1, "s") * self.day
        rows = {name: self.rows[name] / day for name in ("p20", "p50", "p80", "p50_low", "p50_high")}
        place = np.arange(len(self)) if order == "name" else np.argsort(rows["p50"], kind="stable")
        drawn = []
        for k in place:
            note = Message("consistency.note", {"n": int(self.rows["n"][k])}).say()
            ends = [float(rows[name][k]) for name in ("p50", "p50_low", "p50_high", "p20", "p80")]
            drawn.append(Dot(str(self.rows["office"][k]), ends[0], ends[1], ends[2], note, ends[3], ends[4]))
        middle = float(np.timedelta64(self.rows["p50_all"][0], "s") / day)
        said = {"reference_label": Message("consistency.all").say(), "title": Message("consistency.picture").say()}
        axis = Message("consistency.axis" if self.day == 86_400 else "consistency.axis.working").say()
        return dots(drawn, axis=axis, reference=middle, ax=ax, **said)


@dataclass(frozen=True, eq=False)
class Lengths:
    """Per case that began: when, its time (microseconds of the clock), whether that is over, and how long it was watched."""

    case: Ints
    begun: Ints
    length: Ints
    over: NDArray[np.bool_]
    watched: Ints

    @classmethod
    def of(cls, log: EventLog, start: Milestone | None, stop: Milestone | None, clock: Clock) -> Lengths:
        """From the first milestone (else the arrival) to the second or, if it does not come, to the end of the case."""
        place = None if start is None else start.place(log)
        case = np.arange(len(log)) if place is None else np.flatnonzero(place >= 0)
        begun = log.arrival if place is None else log.time[place[case]]
        until, over = log.until[case].copy(), ~log.open[case]
        if stop is not None:
            end = stop.place(log, place)[case]
            until[end >= 0], over = log.time[end[end >= 0]], over | (end >= 0)
        read = [clock.read(one, case, log) for one in (begun, until, np.full(len(case), log.about.cutoff))]
        return cls(case, begun, read[1] - read[0], over, read[2] - read[0])


def consistency(
    log: Log,
    office: str,
    *,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    within: float | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Consistency:
    """How offices (any attribute of cases) differ in time from `start` (else arrival) to `stop` (else the end), and inside.

    `within` is the horizon in days of the clock: means count what lasts longer as that; without it, the time within
    which 9 in 10 are over. It is no ranking: work and cases may differ. An attribute of people is refused.
    """
    whole = in_memory(log)
    check_attributes(whole.about, [office], whole.about.attributes)
    if office in whole.about.persons:
        raise LogError(f"{office!r} names people: they are not compared. Compare offices, courts or units of them.")
    marks = [None if one is None else milestone(one) for one in (start, stop)]
    lengths = Lengths.of(whole, marks[0], marks[1], clock)
    names, group = _offices(whole, office)
    group = group[lengths.case]
    if len(np.unique(group)) < 2:
        raise LogError(f"All cases have one {office}: there is nothing to compare.")
    horizon = _horizon(whole, lengths, clock) if within is None else round(within * clock.day * 1e6)
    fixed = {"office": office, "start": start, "stop": stop, "clock": clock}
    return Consistency(_rows(whole, lengths, (names, group), horizon, clock), told_late(whole, [office]), True, fixed)


def _offices(log: EventLog, office: str) -> tuple[list[str], Ints]:
    """Names and each case's number; units of few people taken together, and those whose office is missing."""
    text = log.attributes[office]
    names = [*text.levels.to_pylist(), MISSING]
    few = of_few(log, text.codes[cases_of(log.offset)].astype(np.int64), len(text.levels))
    together = Message("consistency.few", {"least": FEWEST}).say()
    called = [together if some else name for name, some in zip(names, [*few, False])]
    unique = sorted(set(called))
    number = np.array([unique.index(name) for name in called], np.int64)
    return unique, number[text.codes]  # -1, missing, is the last


def _horizon(log: EventLog, lengths: Lengths, clock: Clock) -> int:
    """Microseconds within which 9 in 10 are over, in whole weeks, and at most half of the time the log covers."""
    part = of_times(log, lengths.case, lengths.begun, lengths.length, lengths.over, clock)
    curve = kaplan_meier(part.ended.whole(), part.open.whole(), late=part.late.whole())
    reached = float(np.mean(curve.quantile(0.9)))
    most = float(lengths.watched.max()) / 2e6 if len(lengths.watched) else 0.0
    week = WEEK * clock.day
    weeks = ceil(reached / week) if np.isfinite(reached) and reached <= most else int(most / week)
    if weeks < 1:
        raise LogError("The log covers too little time to follow cases for a week. Name a horizon: within=2 (days).")
    return round(weeks * week * 1e6)


@dataclass(frozen=True, eq=False)
class Spread:
    """Means of the smaller of time and horizon (seconds), their difference from all, and how much chance moves them."""

    n: Ints
    mean: Floats
    error: Floats
    apart: Floats  # mean - mean of all
    apart_error: Floats
    noise: Floats  # [draws, offices] of `apart`
    plain: Floats  # error of `apart` if cases were independent
    within: float  # variance of single cases inside offices
    reach: float  # Student's t for 95%


def _spread(group: Ints, offices: int, week: Ints, y: Floats) -> Spread:
    n = np.bincount(group, minlength=offices)
    mean = np.bincount(group, y, offices) / np.where(n, n, np.nan)
    weeks = week - week.min()
    size = int(weeks.max()) + 1
    influence = np.zeros((size, offices))
    np.add.at(influence, (weeks, group), (y - mean[group]) / n[group])
    weight = n / n.sum()
    apart = influence - (influence @ weight)[:, None]
    variance = np.bincount(group, (y - mean[group]) ** 2, offices)
    within = float(variance.sum() / max(len(y) - np.count_nonzero(n), 1))
    plain = np.where(n, within / np.maximum(n, 1), np.nan)
    lags = lags_of(size)
    reach = t_quantile(0.975, max(1.5 * size / lags, 4.0))
    error = np.sqrt(np.fmax(long_run(influence, lags), plain))
    plain_apart = plain * (1 - 2 * weight) + np.nansum(weight**2 * plain)
    apart_error = np.sqrt(np.fmax(long_run(apart, lags), plain_apart))
    drawn = (week_weights(np.unique(week), DRAWS, SEED) - 1) @ apart
    scale = apart_error / np.maximum(drawn.std(axis=0), 1e-300)
    noise = np.where(n > 0, drawn * scale, 0.0) * reach / 1.96
    return Spread(
        n=n,
        mean=mean,
        error=error,
        apart=mean - np.nansum(weight * mean),
        apart_error=apart_error,
        noise=noise,
        plain=np.sqrt(plain_apart),
        within=within,
        reach=reach,
    )


def _between(spread: Spread) -> dict[str, float]:
    """The part of the variance that lies between offices, corrected for chance; its range; and how likely it is by chance."""
    there = spread.n >= LEAST_CASES
    weight = spread.n[there] / spread.n[there].sum()
    apart, noise = spread.apart[there], spread.noise[:, there]
    chance = float(weight @ spread.apart_error[there] ** 2)
    found = float(weight @ apart**2)
    p = (1 + np.count_nonzero(noise**2 @ weight >= found)) / (1 + len(noise))
    luck = np.random.default_rng(SEED).standard_normal((10_000, there.sum())) * spread.plain[there]
    p_cases = (1 + np.count_nonzero(luck**2 @ weight >= found)) / (1 + len(luck))
    drawn = (apart + noise) ** 2 @ weight - 2 * chance
    share = [max(one, 0.0) / (max(one, 0.0) + spread.within) if spread.within > 0 else float(one > 0) for one in
             (found - chance, *np.quantile(drawn, [0.025, 0.975]))]  # fmt: skip
    low = 0.0 if p > LEVEL else share[1]
    ends = {"share_between_low": min(low, share[0]), "share_between_high": max(share[2], share[0])}
    return {"share_between": share[0], **ends, "p": p, "p_cases": p_cases}


def _shrunk(spread: Spread) -> Floats:
    """Means moved towards that of all, by how much of their difference chance may explain (Efron & Morris 1975)."""
    there = spread.n > 0
    weight = np.where(there, spread.n, 0) / spread.n.sum()
    found = np.nansum(weight * (spread.apart**2 - spread.apart_error**2))
    between = max(float(found), 0.0)
    kept = between / np.maximum(between + spread.apart_error**2, 1e-300)
    shrunk: Floats = spread.mean - (1 - kept) * spread.apart
    return shrunk


def _ranks(spread: Spread) -> tuple[Ints, Ints]:
    """First and last rank that cannot be ruled out: 1 + how many means are surely smaller, and all but those surely larger.

    Sure for all pairs at once: the largest of all differences, in their errors, of noise alone (95%).
    """
    apart, noise = np.nan_to_num(spread.apart), spread.noise
    there = spread.n > 0
    between = noise[:, :, None] - noise[:, None, :]
    error = np.maximum(between.std(axis=0), 1e-300)
    most = np.abs(between / error).max(axis=(1, 2))
    limit = float(np.quantile(most, 0.95))
    sure = (apart[:, None] - apart[None, :]) / error
    pairs = there[:, None] & there[None, :]
    low = 1 + ((sure > limit) & pairs).sum(axis=1)
    high = there.sum() - ((sure < -limit) & pairs).sum(axis=1)
    return low, np.where(there, high, there.sum())


def _rows(
    log: EventLog, lengths: Lengths, offices: tuple[list[str], Ints], horizon: int, clock: Clock
) -> dict[str, NDArray[Any]]:
    names, group = offices
    since = log.about.complete_from
    whole = (lengths.watched >= horizon) & (lengths.begun >= (log.about.begins if since is None else since))
    if not whole.any():
        raise LogError("No case was watched for the whole horizon. Name a shorter one: within=30 (days).")
    y = np.minimum(lengths.length[whole], horizon) / 1e6
    week = week_of(lengths.begun[whole])
    spread = _spread(group[whole], len(names), week, y)
    enough = len(np.unique(week)) >= LEAST_WEEKS
    between = _between(spread) if enough else dict.fromkeys(BETWEEN, float("nan"))
    low, high = _ranks(spread) if enough else (np.ones(len(names), np.int64), np.full(len(names), len(names)))
    times = [_times(log, lengths, group == k, clock) for k in range(len(names))]
    every = _times(log, lengths, np.ones(len(group), bool), clock)
    here = np.flatnonzero(np.bincount(group, minlength=len(names)))
    reach = spread.reach * spread.error if enough else np.full(len(names), np.nan)
    means = {"mean": spread.mean, "mean_low": np.maximum(spread.mean - reach, 0), "mean_high": spread.mean + reach}
    quantiles = {name: np.array([one[name] for one in times]) for name in times[0]}
    p20, p80 = (quantiles[name] / np.timedelta64(1, "s") for name in ("p20", "p80"))
    rows: dict[str, NDArray[Any]] = {
        "office": np.array(names, object),
        "n": np.bincount(group, minlength=len(names)),
        "open": np.bincount(group[~lengths.over], minlength=len(names)),
        **quantiles,
        "ratio": p80 / np.where(p20 > 0, p20, np.nan),
        "followed": spread.n,
        **{name: timedeltas(one) for name, one in means.items()},
        "shrunk": timedeltas(_shrunk(spread)),
        "rank_low": low,
        "rank_high": high,
        **{name: np.full(len(names), one) for name, one in between.items()},
        "p50_all": np.full(len(names), every["p50"]),
        "horizon": np.full(len(names), np.timedelta64(horizon, "us").astype("m8[s]")),
    }
    return {name: column[here] for name, column in rows.items()}


BETWEEN = ("share_between", "share_between_low", "share_between_high", "p", "p_cases")


def _times(log: EventLog, lengths: Lengths, of: NDArray[np.bool_], clock: Clock) -> dict[str, np.timedelta64]:
    """When 2, 5 and 8 in 10 were over, open ones counted as waiting."""
    here = np.flatnonzero(of)
    case, begun, length, over = (getattr(lengths, name)[here] for name in ("case", "begun", "length", "over"))
    rows = quantile_rows(of_times(log, case, begun, length, over, clock))
    at = {name: int(np.flatnonzero(np.isclose(SHARES, p))[0]) for name, p in (("p20", 0.2), ("p50", 0.5), ("p80", 0.8))}
    times = {name: rows["time"][place] for name, place in at.items()}
    return {**times, **{f"p50_{end}": rows[end][at["p50"]] for end in ("low", "high")}}
