"""Paths: how long each step of each case took from when it could begin, and what the case gains if some took less."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procmine.find.shorter.target import FIFTH, Target, Times, best_office
from procmine.find.shorter.watched import LEVEL, Estimate, Scale
from procmine.kernels.critical import Needs, needs
from procmine.kernels.enabling import Flags
from procmine.kernels.flow import Ints, is_first
from procmine.kernels.flow import Times as Moments
from procmine.log import Clock, EventLog, LogError, check_attributes
from procmine.results import timedeltas
from procmine.words import DAY

LEAST_YEARS = 0.5  # of arrivals, before they tell of a year


@dataclass(frozen=True, eq=False)
class Effect:
    """Of one step: how often it came, how often it took longer than the target; per case that came, the time taken off the
    step and off the whole case (seconds of the clock).
    """

    n: int
    longer: int
    cut: Estimate
    saving: Estimate


@dataclass(frozen=True, eq=False)
class Paths:
    """The cases that began when the log was complete; `lag` is each event's time since all that it waited for was there."""

    log: EventLog
    needs: Needs
    moments: Moments
    lag: Ints
    scale: Scale
    late: int  # cases left out, as they began before the log was complete

    @classmethod
    def of(cls, log: EventLog, beside: Flags, clock: Clock) -> Paths:
        since = log.about.complete_from
        kept = np.ones(len(log), bool) if since is None else log.arrival >= since
        here = log if kept.all() else log.take(np.flatnonzero(kept))
        begin = here.time if here.start is None else here.start
        waits = needs(here.activity, begin, here.time, here.offset, beside)
        moments = here.times(clock)
        lag = moments.time - waits.ready(moments.time, moments.arrival)
        return cls(here, waits, moments, lag, Scale.of(here), int((~kept).sum()))

    @cached_property
    def now(self) -> Estimate:
        """How long it is from a case's beginning to its last step, in seconds of the clock."""
        return self.scale.mean(self.moments.since_previous() / 1e6)

    def ends(self, codes: Ints, length: float) -> Ints:
        """Every event's end, if these steps took at most `length`."""
        return self.needs.ends(self._lags(codes, length), self.moments.arrival)

    def effect(self, codes: Ints, length: float, level: float = LEVEL) -> Effect:
        lag = self._lags(codes, length)
        cut = (self.lag - lag) / 1e6
        n = int(np.isin(self.log.activity, codes).sum())
        ahead = self.moments.time - self.needs.furthest(self.needs.ends(lag, self.moments.arrival))
        gained = np.diff(ahead, prepend=0) / 1e6  # at each event: known when that event is, whatever comes after it
        first = is_first(self.log.offset)
        gained[first] = ahead[first] / 1e6
        return Effect(n, int((cut > 0).sum()), self.scale.mean(cut, level), self.scale.mean(gained, level))

    def times(self, codes: Ints) -> Times:
        """How long these steps took, each time."""
        here = np.flatnonzero(np.isin(self.log.activity, codes))
        return Times(self.lag[here], self.scale.weight()[here], self.scale.case[here])

    def target(self, codes: Ints, days: float | None, best: str | None, day: float) -> Target | None:
        """How short these steps should be; None if that cannot be told (no such step; fewer than two offices with enough)."""
        if days is not None:
            return Target(days * day * 1e6)
        times = self.times(codes)
        if not times.weight.any():
            return None
        return Target(times.quantile(FIFTH)) if best is None else best_office(self.log, times, best)

    def _lags(self, codes: Ints, length: float) -> Ints:
        most = np.int64(round(length))
        lags: Ints = np.where(np.isin(self.log.activity, codes), np.minimum(self.lag, most), self.lag)
        return lags

    def row(self, effect: Effect) -> dict[str, float | int | np.timedelta64]:
        """The figures of one effect, as they stand in a result."""
        came = len(self.log)
        year = self._years()
        saving = [max(one, 0.0) for one in (effect.saving.value, effect.saving.low, effect.saving.high)]
        spans = {
            "cut": effect.cut.value,
            **dict(zip(("saving", "low", "high"), saving)),
            "now": self.now.value,
            "per_year": saving[0] * came / year if year >= LEAST_YEARS else np.nan,
        }
        counts = {
            "n": effect.n,
            "longer": effect.longer,
            "cases": came,
            "open": int(self.log.open.sum()),
            "late": self.late,
        }
        told = {name: timedeltas(np.array([value]))[0] for name, value in spans.items()}
        return {**counts, **told, "horizon": self.scale.horizon / DAY}

    def _years(self) -> float:
        """Of calendar time, in which these cases came."""
        about = self.log.about
        return (about.cutoff - max(about.begins, about.complete_from or about.begins)) / (365.25 * 86_400e6)


def check(log: EventLog, days: float | None, best: str | None) -> None:
    if log.about.cut:
        raise LogError(
            "Steps were left out of this log, so what the whole case would gain cannot be told. Ask before "
            "only_activities(...), or choose cases instead: log.where(...), log.having(...)."
        )
    if days is not None and best is not None:
        raise ValueError(
            "Name days= or best=, not both: a step can take a number of days, or as long as in the best office."
        )
    if days is not None and not 0 <= days < 100_000:
        raise ValueError(f"A step cannot take {days} days; give a number of days, 0 or more.")
    if best is None:
        return
    check_attributes(log.about, [best], log.about.attributes)
    if best in log.about.persons:
        raise LogError(f"{best!r} names people, and people are not ranked. Name an office, a unit or a type of case.")
