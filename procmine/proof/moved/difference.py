"""Map difference: which steps and moves differ since a change, only where that exceeds the usual ups and downs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.simplify import choose_steps
from procmine.log import Clock, Log, LogError
from procmine.proof.arms import ArmsSummary
from procmine.proof.cohorts import Cohort, Plan
from procmine.proof.moved.moves import MovesSummary
from procmine.proof.moved.told import MapDifference
from procmine.proof.moved.ways import WaysPart, WaysSummary, graph_of
from procmine.proof.planned import asked_of, planned
from procmine.proof.records.change import Change
from procmine.proof.verdict.early import finished_only, too_little
from procmine.see.times import Milestone
from procmine.words import Message

MOST_STEPS = 3_000


def map_difference(
    log: Log,
    *,
    change: str | Change,
    where: Mapping[str, str | Sequence[str]] | None = None,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    horizon: int | None = None,
    clock: Clock = CALENDAR_TIME,
) -> MapDifference:
    """The process of the cases begun since the day of the `change` beside that of those begun before, step by step.

    Who is compared and for how long (`where`, `start`, `stop`, `horizon`): as in `compare`. A difference of a step or move
    stands out, and is coloured, only where chance alone would show any such on no more than 1 map in 20. Of a log with more
    than 24 steps the map shows up to 20, and passes over the others, whose time stays in the case. A `Change` brings its own
    where, start, stop, horizon and ramp. LogError as in `compare`.
    """
    record = change if isinstance(change, Change) else Change(change)
    asked = asked_of(record, {"where": where, "start": start, "stop": stop, "horizon": horizon})
    found = planned(log, asked, [record.date], ramp=record.ramp)
    cohort, plan = found.cohort, found.plan
    early = _early(log, ArmsSummary(cohort, plan, clock), found.known)
    ways = _ways(log, cohort, plan)
    question = _question(ways, log.about, clock, silent=early is not None)
    partial = log.reduce(question.of, question.reads)
    arguments = {"change": record.date, **asked, "ramp": record.ramp, "horizon": 7 * plan.watched, "clock": clock}
    extras = (question.paths(partial, log.about), graph_of(ways.partial, log.about), ways.steps_of_all, early)
    told = question.told(partial, log.about)
    return MapDifference(told.rows, log.about, ways.partial.exact, arguments, question, told, *extras)


def _early(log: Log, question: ArmsSummary, known: Mapping[str, Any]) -> Message | None:
    """Why there is too little to tell, as `compare` says it."""
    partial = log.reduce(question.of, question.reads)
    question = replace(question, silent=finished_only(known, question, partial))
    found = too_little(question, partial, known, question.rows(partial, log.about), log.about)
    return None if found is None else found.said


@dataclass(frozen=True, eq=False)
class _Ways:
    question: WaysSummary
    partial: WaysPart
    steps_of_all: int


def _ways(log: Log, cohort: Cohort, plan: Plan) -> _Ways:
    """What the cases do among all steps, or among those that a map can show."""
    many = len(log.about.activities)
    if many > MOST_STEPS:
        raise LogError(
            f"{many:,} different steps: a map takes at most {MOST_STEPS:,}. Is the column of steps the right one? Name "
            "another, or group steps as stages in the log's spec."
        )
    question = WaysSummary(cohort, plan, tuple(range(many)))
    partial = log.reduce(question.of, question.reads)
    graph = graph_of(partial, log.about)
    of_all, chosen = int(np.count_nonzero(graph.events)), choose_steps(graph)
    if chosen.sum() < of_all:
        question = WaysSummary(cohort, plan, tuple(np.flatnonzero(chosen).tolist()))
        partial = log.reduce(question.of, question.reads)
    return _Ways(question, partial, of_all)


def _question(ways: _Ways, about: About, clock: Clock, *, silent: bool) -> MovesSummary:
    pairs: list[Any] = sorted(ways.partial.moves.of)
    still = len(about.activities) + 1  # from wherever a case can go on it may also still wait
    moves = tuple(sorted({(int(before), one) for before, after in pairs for one in (int(after), still)}))
    watched = tuple(ways.question.watched(ways.partial, about).tolist())
    return MovesSummary(ways.question.cohort, ways.question.plan, moves, watched, clock, silent)
