"""Fit: a log becomes a model of what comes next and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import numpy as np

from procmine.kernels.episodes import Episodes
from procmine.kernels.flow import Ints
from procmine.kernels.operational import Clocks
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, LogError, check_attributes
from procmine.simulate.arrivals import Arrivals, Evenly, arrivals_of
from procmine.simulate.concurrent import Blocks
from procmine.simulate.drift import Drift
from procmine.simulate.frailty import Frailty, Gaps, entered
from procmine.simulate.meetings import Meetings
from procmine.simulate.operational import Operational, clocks_of
from procmine.simulate.tables import TAIL, Tables, Visits
from procmine.simulate.telling import candidates, telling
from procmine.words import Message, Span

if TYPE_CHECKING:
    from procmine.simulate.contention import Contention
    from procmine.simulate.diagnose import Diagnosis
    from procmine.simulate.policy import Policy
    from procmine.simulate.pools import Pools

WORTH = 0.001  # share of all stays: fewer that outlast all watched ones are not told of
ENOUGH = 300_000  # stays by which it is judged whether gaps of a case go together
MOST_KINDS = 200  # kinds of cases told apart


@dataclass(frozen=True, eq=False)
class Model:
    """What came next and when in one log, after which steps; what `fit` returns.

    visits: every stay of a case, its length on the clock that runs there. operational: the clocks, and which one runs
    at each step. meetings: steps held in sessions. blocks: steps that run beside each other (None: none do). What takes
    long to find out is found out when it is first asked for.
    """

    log: EventLog
    by: tuple[str, ...]
    visits: Visits
    operational: Operational
    meetings: Meetings
    blocks: Blocks | None = None
    said: tuple[Message, ...] = ()

    @classmethod
    def of(cls, log: EventLog, by: tuple[str, ...], said: tuple[Message, ...] = ()) -> Model:
        meetings = Meetings.of(log)
        operational, blocks = meetings.clocks(clocks_of(log)), Blocks.of(log)
        clock = operational.clock if blocks is None else blocks.clock(operational.clock)
        visits = Visits.of(log, blocks=blocks, clocks=operational.clocks, clock=clock)
        return cls(log, by, visits, operational, meetings, blocks, said)

    @property
    def clocks(self) -> Clocks:
        return self.operational.clocks

    @cached_property
    def clock(self) -> Ints:
        """Per step at which a case is, blocks and the arrival included: the clock that runs there."""
        clock = self.operational.clock
        return clock if self.blocks is None else self.blocks.clock(clock)

    @cached_property
    def episodes(self) -> Episodes | None:
        return None if self.blocks is None else self.blocks.episodes(self.log, self.clocks, self.clock)

    @cached_property
    def arrivals(self) -> Arrivals | Evenly:
        return arrivals_of(self.log)

    @cached_property
    def drift(self) -> Drift:
        return Drift.of(self.log)

    @cached_property
    def contention(self) -> Contention:
        from procmine.simulate.contention import Contention

        held = [one.name for one in self.meetings.meetings]
        clock = self.operational.clock
        return Contention.of(self.log, clocks=self.clocks, clock=clock, sessions=held)

    @cached_property
    def pools(self) -> Pools:
        from procmine.simulate.pools import Pools

        return Pools.of(self.log, self.contention, clocks=self.clocks, clock=self.operational.clock)

    @cached_property
    def independence(self) -> Frailty:
        """Whether successive gaps of a case go together, and how strongly, as far as the log shows."""
        every = -(-len(self.visits.gap) // ENOUGH)  # of a large log, every so manieth case
        return Frailty.of(Gaps.of(self._alone(self._stable & (self.visits.case % every == 0)), self.log))

    @property
    def frailty(self) -> Frailty | None:
        """None where gaps of a case look independent of each other."""
        return self.independence if self.independence.found else None

    @cached_property
    def _stable(self) -> Flags:
        """Stays that began since the last change of their step."""
        step = self.visits.recent[0].astype(np.int64)
        activities = len(self.log.about.activities)
        if self.blocks is not None:
            step = np.concatenate((np.arange(activities), self.blocks.last, [activities]))[step]
        return self.drift.weight(self.visits.begin, step) > 0

    @cached_property
    def contexts(self) -> Ints:
        """The context in which each stay stands, found as a path would come to it."""
        leaving, visits = np.zeros(self.visits.steps + 1, bool), self.visits
        chain = self.tables(self.kinds(), leaving).weighed(np.ones(len(self.log)))
        place = np.arange(len(visits.case)) - np.searchsorted(visits.case, visits.case)
        context = np.full(len(visits.case), chain.start)
        for turn in range(1, int(place.max(initial=0)) + 1):
            here = np.flatnonzero(place == turn)
            context[here] = chain.follow[context[here - 1], visits.recent[0][here]]
        return context

    @cached_property
    def kept(self) -> Flags:
        """The stays from which the model learns: those since the last change of their step; where fast cases stay fast,
        those that began late enough for slow cases to have come to their step, too (see `entered`).
        """
        if self.frailty is None:
            return self._stable
        return self._stable & entered(self.visits, self.log)

    def _alone(self, kept: Flags) -> Tables:
        """Tables of these stays, all kinds of cases apart, nothing else taken into account."""
        kinds = self.kinds()
        return Tables(
            self.visits, kinds[self.visits.case], int(kinds.max()) + 1, np.zeros(self.visits.steps + 1, bool), kept
        )

    @property
    def horizon(self) -> int:
        """Microseconds that the log watches its first case: simulated cases are followed as long, from their arrival."""
        return int(self.log.about.cutoff - self.log.arrival.min())

    @property
    def most(self) -> int:
        """Steps after which a simulated case is left open: far beyond any in the log."""
        return 10 * int(np.diff(self.log.offset).max()) + 100

    def kinds(self, mark: Flags | None = None) -> Ints:
        """Number of each case's kind: its values of `by`, and whether it is marked."""
        kind = np.zeros(len(self.log), np.int64) if mark is None else mark.astype(np.int64)
        for name in self.by:
            text = self.log.attributes[name]
            kind = kind * (len(text.levels) + 1) + text.codes + 1
            kind = np.unique(kind, return_inverse=True)[1]
        return np.unique(kind, return_inverse=True)[1].astype(np.int64)

    def tables(self, kinds: Ints, leaving: Flags) -> Tables:
        """The tables of cases of these kinds; `leaving`: the causes that run on a clock of their own."""
        parts = (self.kept, self.clocks, self.clock, self.frailty, self.episodes)
        return Tables(self.visits, kinds[self.visits.case], int(kinds.max()) + 1, leaving, *parts)

    def simulate(self, policy: Policy | None = None, *, seed: int, cases: int | None = None) -> EventLog:
        """A simulated log: an EventLog on which every measure works; see `procmine.simulate.engine.simulate`."""
        from procmine.simulate.engine import simulate

        return simulate(self, policy, seed=seed, cases=cases)

    def diagnose(self) -> Diagnosis:
        """What was found, how much data stands behind it, and what cannot be known from this log."""
        from procmine.simulate.diagnose import diagnose

        return diagnose(self)

    def messages(self) -> list[Message]:
        """What the model was learned from and what it assumes; its parts have messages of their own."""
        counts = {
            "cases": len(self.log),
            "open": int(self.log.open.sum()),
            "moves": int((self.visits.cause >= 0).sum()),
        }
        said = [Message("fit.of", counts), Message("fit.followed", {"time": Span(self.horizon / 1e6)})]
        if self.by:
            said.append(Message("fit.by", {"names": ", ".join(self.by)}))
        parts = (self.operational, self.meetings, self.blocks, self.frailty)
        found = [message for part in parts if part is not None for message in part.messages()]
        return [
            *said,
            *self.said,
            *found,
            *self._beyond(),
            *self._left_out(),
            *([] if find_spec("numba") else [Message("fit.slow")]),
            *([Message("fit.from", {"how": tuple(self.log.about.history)})] if self.log.about.history else []),
            Message("fit.assumes"),
        ]

    def _beyond(self) -> list[Message]:
        """At which steps cases stay longer than anybody was watched."""
        said, tables = [], self._alone(self.kept)
        for key, goes_on in (("fit.tail", True), ("fit.stay", False)):
            here = [one for one in tables.beyond if one.goes_on == goes_on and one.share >= WORTH]
            if here:
                steps = ", ".join(self._name(one.step) for one in here)
                said.append(Message(key, {"steps": steps, "share": sum(one.share for one in here), "last": TAIL}))
        return said

    def _name(self, step: int) -> str:
        """Of a step at which a case is; a block has those of its steps."""
        names = self.log.about.activities
        if step < len(names):
            return names[step]
        if self.blocks is None or step == self.visits.steps:
            return "-"
        return " + ".join(names[one] for one in np.flatnonzero(self.blocks.within[step - len(names)]))

    def _left_out(self) -> list[Message]:
        said, stable, kept = [], float(self._stable.mean()), float(self.kept.mean())
        if stable < 1:
            said.append(Message("fit.since", {"kept": stable}))
        return [*said, Message("fit.late", {"kept": kept})] if kept < stable else said

    def __str__(self) -> str:
        return "\n".join(message.say() for message in self.messages())

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(message.say())}</li>" for message in self.messages())
        return f"<ul>{lines}</ul>"


def fit(log: EventLog, *, asof: str | None = None, by: Sequence[str] | Literal["auto"] = ()) -> Model:
    """A model of paths and times, from all the cases of `log`, open ones counted as far as they have come.

    Next step and gap are drawn together from what was observed after the same last steps (up to 6, as far as more of
    them tell more), by cases of the same `by` attributes where there are enough; "auto" looks for attributes that tell
    what comes next and when (never those that name people). Gaps run on the clock of the step: the office's hours, its
    session days, or the calendar. A case never waits for another one, but see `Model.pools`. The model mixes whatever the log
    mixes: if the process works differently in one office, filter first (`log.where(...)`), or the "today" of a forecast
    is an average of two worlds; after a change that stands out, only stays since then count. `asof` takes the log as it
    stood at the end of that day (`log.cut_to`): the way to leave out what a change has done since.
    """
    if not isinstance(log, EventLog):
        raise LogError("A model needs the cases in memory: fit(log.sample(cases=100_000, seed=1)).")
    asked = () if by == "auto" else tuple(by)
    check_attributes(log.about, asked, log.about.attributes)
    log = log if asof is None else log.cut_to(asof)
    if not len(log) or log.open.all():
        raise LogError(f"None of the {len(log):,} cases in this log is finished: there is no end to learn from.")
    model = Model.of(log, asked)
    if by == "auto":
        model = _told_apart(model)
    kinds = int(model.kinds().max()) + 1
    if kinds > MOST_KINDS:
        raise LogError(f"{kinds:,} kinds of cases by {', '.join(by)}; at most {MOST_KINDS}. Name fewer attributes.")
    return model


def _told_apart(model: Model) -> Model:
    """The same by the attributes that tell most."""
    names = candidates(model.log)
    if not names:
        return model
    by = tuple(telling(model.log, model.visits))
    key, values = ("fit.by.auto", {"chosen": ", ".join(by)}) if by else ("fit.by.none", {})
    found = replace(model, by=by, said=(Message(key, {"names": ", ".join(names), **values}),))
    return found if int(found.kinds().max()) < MOST_KINDS else replace(found, by=by[:1])
