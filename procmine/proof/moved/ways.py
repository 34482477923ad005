"""Ways: what is met on the way, before and after, and for how long each step can be watched equally long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import DAY
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial, Tally
from procmine.kernels.simplify import Graph
from procmine.log import EventLog, Summary
from procmine.proof.cohorts import Cohort, Plan
from procmine.proof.moved.walk import Walk
from procmine.results import Result, Rows, timedeltas
from procmine.words import Message

EARLY, LONG = 0.9, 0.95  # of the cases that came to a step, and of those that went on from it, before the change


@dataclass(frozen=True, eq=False)
class Ways(Result):
    """One row per step that cases come to, and one ("") for their beginning.

    step (text); cases_before, cases_after (int) that come there; age (timedelta64[s]): by then 9 in 10 of them had, counted
    from the entry; lasted: 19 in 20 of those that went on had by then; watched: how long each is watched there.
    """

    meaning = "define.map_difference"

    def findings(self) -> Sequence[Message]:
        return [Message("moved.ways", {"steps": int((self.rows["step"] != "").sum())})]


@dataclass(frozen=True, eq=False)
class WaysPart(Partial):
    age: Durations  # keyed by period * (activities + 1) + step: of the first time a case comes there
    lasted: Durations  # of those that went on
    moves: Tally  # (before, after) -> passages before and after, seconds


@dataclass(frozen=True)
class WaysSummary(Summary[WaysPart, Ways]):
    """All that the cases compared do among `steps` (codes)."""

    cohort: Cohort
    plan: Plan
    steps: tuple[int, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.cohort.columns

    def of(self, log: EventLog) -> WaysPart:
        walk = Walk.of(log, self.cohort, self.plan, CALENDAR_TIME, self.steps)
        k, since = len(log.about.activities), walk.week[walk.case] >= 0
        key, first = since * (k + 1) + walk.before, walk.first
        on = first[walk.after[first] <= k]
        return WaysPart(
            Durations.of(key[first], np.maximum(walk.age[first], 0), 2 * (k + 1)),
            Durations.of(key[on], np.maximum(walk.lasted[on], 0), 2 * (k + 1)),
            _tally(walk, since),
        )

    def rows(self, partial: WaysPart, about: About) -> Rows:
        k = len(about.activities)
        cases = partial.age.n().reshape(2, k + 1)
        there = np.flatnonzero(cases.sum(axis=0))
        of = {"age": _known_before(partial.age, EARLY), "lasted": _known_before(partial.lasted, LONG)}
        told = {name: timedeltas(column[there]) for name, column in of.items()}
        watched = timedeltas(self.watched(partial, about)[there] / SECOND)
        counts = {"cases_before": cases[0][there], "cases_after": cases[1][there]}
        return {"step": np.array([*about.activities, ""], object)[there], **counts, **told, "watched": watched}

    def result(self, rows: Rows, about: About, exact: bool) -> Ways:
        return Ways(rows, about, exact, self.arguments)

    def watched(self, partial: WaysPart, about: About) -> Ints:
        """Per step: for how many microseconds, of the calendar, it is seen who goes on and where to.

        So long that 9 in 10 of the cases that came there before came so early that they could be watched as long, and no
        shorter than 19 in 20 of them stayed: whole days, at most as long as cases are watched at all.
        """
        day = DAY / SECOND
        left = self.plan.horizon / SECOND - _known_before(partial.age, EARLY)
        longest = _known_before(partial.lasted, LONG)
        wanted = np.fmax(np.floor(left / day), np.ceil(longest / day + 1e-9))
        days = np.clip(np.nan_to_num(wanted, nan=1.0), 1.0, self.plan.horizon / DAY)
        found: Ints = (days * DAY).astype(np.int64)
        return found


def graph_of(partial: WaysPart, about: About) -> Graph:
    """All moves, of both periods taken together, as a map chooses from them."""
    k = len(about.activities)
    moves: list[Any] = sorted(partial.moves.of.items(), key=lambda one: (-one[1][:2].sum(), one[0]))
    found = np.array([(*key, sums[0] + sums[1], sums[2]) for key, sums in moves]).reshape(-1, 4)
    before, after, n = found[:, :3].T.astype(np.int64)
    inside = (before < k) & (after < k)

    def per_step(codes: Ints, kind: NDArray[np.bool_]) -> Ints:
        found: Ints = np.bincount(codes[kind], n[kind], k).astype(np.int64)
        return found

    starts = per_step(after, (before == k) & (after < k))
    ends, opens = (per_step(before, (before < k) & (after == k + gate)) for gate in (0, 1))
    events = starts + per_step(after, inside)
    return Graph(events, before[inside], after[inside], n[inside], found[inside, 3], starts, ends, opens)


def _tally(walk: Walk, since: NDArray[np.bool_]) -> Tally:
    span = int(walk.after.max(initial=0)) + 2
    codes, which = np.unique(walk.before * span + walk.after, return_inverse=True)
    weights = (~since, since, walk.spent / SECOND)
    sums = np.stack([np.bincount(which, one, len(codes)) for one in weights], axis=1)
    return Tally({divmod(int(code), span): one for code, one in zip(codes, sums)})


def _known_before(lengths: Durations, share: float) -> NDArray[np.float64]:
    """Seconds by step: as it was before, and of what was not there before, since."""
    before, after = lengths.quantile(share).reshape(2, -1)
    return np.where(np.isnan(before), after, before)
