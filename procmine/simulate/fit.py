"""Fit: a log becomes a model of what comes next and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.flow import Ints
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, LogError, check_attributes
from procmine.simulate.tables import Tables, Visits
from procmine.words import Message, Span

if TYPE_CHECKING:
    from procmine.simulate.policy import Policy

MOST_KINDS = 200  # kinds of cases told apart


@dataclass(frozen=True, eq=False)
class Model:
    """What came next and when in one log, after which steps; what `fit` returns."""

    log: EventLog
    by: tuple[str, ...]
    visits: Visits

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
        return Tables(self.visits, kinds[self.visits.case], int(kinds.max()) + 1, leaving)

    def simulate(self, policy: Policy | None = None, *, seed: int, cases: int | None = None) -> EventLog:
        """A simulated log: an EventLog on which every measure works; see `procmine.simulate.engine.simulate`."""
        from procmine.simulate.engine import simulate

        return simulate(self, policy, seed=seed, cases=cases)

    def messages(self) -> list[Message]:
        counts = {
            "cases": len(self.log),
            "open": int(self.log.open.sum()),
            "moves": int((self.visits.cause >= 0).sum()),
        }
        said = [Message("fit.of", counts), Message("fit.followed", {"time": Span(self.horizon / 1e6)})]
        if self.by:
            said.append(Message("fit.by", {"names": ", ".join(self.by)}))
        return [*said, *self.log.about.history, Message("fit.assumes")]

    def __str__(self) -> str:
        return "\n".join(message.say() for message in self.messages())

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(message.say())}</li>" for message in self.messages())
        return f"<ul>{lines}</ul>"


def fit(log: EventLog, *, asof: str | None = None, by: Sequence[str] = ()) -> Model:
    """A model of paths and elapsed times, from all the cases of `log`, open ones counted as far as they have come.

    Next step and gap are drawn together from what was observed after the same last steps (up to 3), by cases of the same
    `by` attributes where there are enough. Time is calendar time. Nothing queues: a case never waits for another one.
    The model mixes whatever the log mixes: if the process changed on some day, or works differently in one office, filter
    first (`log.between(...)`, `log.where(...)`), or the "today" of a forecast is an average of two worlds. `asof` takes the
    log as it stood at the end of that day (`log.cut_to`): the way to leave out what a change has done since.
    """
    if not isinstance(log, EventLog):
        raise LogError("A model needs the cases in memory: fit(log.sample(cases=100_000, seed=1)).")
    check_attributes(log.about, by, log.about.attributes)
    log = log if asof is None else log.cut_to(asof)
    if not len(log) or log.open.all():
        raise LogError(f"None of the {len(log):,} cases in this log is finished: there is no end to learn from.")
    model = Model(log, tuple(by), Visits.of(log))
    kinds = int(model.kinds().max()) + 1
    if kinds > MOST_KINDS:
        raise LogError(f"{kinds:,} kinds of cases by {', '.join(by)}; at most {MOST_KINDS}. Name fewer attributes.")
    return model
