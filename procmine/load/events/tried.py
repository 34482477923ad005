"""A part surveyed and built in one go: as it is in the whole, if the whole confirms what was guessed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from procmine.about import About
from procmine.kernels.partial import Partial
from procmine.load.events.attributes import Attribute
from procmine.load.events.ending import waits_within
from procmine.load.events.facts import CaseFacts, Counts, Pairs
from procmine.load.events.given import Given
from procmine.load.events.log import log_of
from procmine.load.events.settled import Settled, attributes_of, counted_before, facts_of_part, placed_in
from procmine.load.raw import Raw
from procmine.log import EventLog


@dataclass(frozen=True, eq=False)
class Tried:
    """What whole cases tell, and their log, built with the activities of the source and these attributes.

    It is the log of these cases inside the whole but for its about (every activity finishes cases, so that a case is
    open only if it went on after the cutoff), if the whole settles the same activities and attributes.
    """

    facts: CaseFacts
    log: EventLog
    attributes: tuple[Attribute, ...]


def try_part(raw: Raw, given: Given, settled: Settled) -> Tried:
    """Whole cases, placed once, under what is settled or guessed so far."""
    placed = placed_in(raw, given, settled)
    facts = facts_of_part(placed, given, settled)
    attributes = attributes_of(facts, given, settled)
    return Tried(facts, log_of(placed, about_of(settled, settled.levels, attributes), attributes), attributes)


def build_again(raw: Raw, given: Given, settled: Settled) -> EventLog:
    """The log of whole cases as `try_part` would build it, had it known what the whole settled."""
    assert settled.about is not None
    about = about_of(settled, settled.about.activities, settled.attributes)
    return log_of(placed_in(raw, given, settled), about, settled.attributes)


def about_of(settled: Settled, activities: Sequence[str], attributes: Sequence[Attribute]) -> About:
    """What is known of a log before the whole is settled: enough to write its cases, and to read them again."""
    names = [tuple(dict.fromkeys(one.name for one in attributes if one.of_case is kind)) for kind in (True, False)]
    every = tuple(activities)
    return About(
        every,
        settled.bounds.cutoff,
        every,
        settled.axis,
        "microsecond",
        0,
        attributes=names[0],
        event_attributes=names[1],
    )


@dataclass(frozen=True, eq=False)
class Answers(Partial):
    """What built cases answer where facts left something undecided."""

    counts: Counts
    within: Pairs

    def added_to(self, facts: CaseFacts, settled: Settled) -> CaseFacts:
        """Those facts with the answers, as if they had been surveyed by the settlement that asks."""
        same = replace(facts.same, basis=settled.basis)
        kept = {kind: held for kind, held in facts.counts.of.items() if kind not in ("before", "before_last")}
        return replace(facts, counts=Counts(kept).merge(self.counts), within=self.within, same=same)


def asks_more(settled: Settled, before: Settled) -> bool:
    """Whether facts surveyed by `before` hold, and more is only asked of them."""
    return settled.needs == "cases" and (settled.within != before.within or settled.before != before.before)


def answers(log: EventLog, settled: Settled) -> Answers:
    """What is asked of cases built with the activities of the source."""
    last = np.zeros(len(log.time), bool)
    last[log.offset[1:][np.diff(log.offset) > 0] - 1] = True
    wait, after = np.diff(log.time)[~last[:-1]], log.activity[:-1][~last[:-1]]
    counts = Counts(counted_before(log.activity, last, log.time, settled))
    return Answers(counts, waits_within(after, wait, settled.within))
