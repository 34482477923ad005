"""Judging: the evidence of one comparison, the guards and the comparison offices, put before the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from procmine.about import About
from procmine.asking import ask
from procmine.log import Log, day_of
from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, WEEK, Plan
from procmine.proof.guards import more_guards
from procmine.proof.offices import against_offices
from procmine.proof.offices.weekly import Control
from procmine.proof.records.change import Change
from procmine.proof.records.looks import Look, level
from procmine.proof.verdict.evidence import Evidence
from procmine.proof.verdict.finished import FinishedSummary, misleads
from procmine.proof.verdict.kinds import (
    CANNOT_JUDGE,
    FAILS,
    FINE,
    FOR_MOST,
    IMPROVED,
    UNCLEAR,
    UNKNOWN,
    Finding,
    Verdict,
)
from procmine.proof.verdict.rivals import way
from procmine.proof.verdict.rule import Heard, verdict
from procmine.proof.verdict.strata import By
from procmine.results import seconds

MONTH = 365.25 / 12 / 7  # weeks


@dataclass(frozen=True)
class Asked:
    """What is asked of the verdict: the record of the change, the comparison offices, the attributes of the mix.

    carried: whether the cases that were open at the change are still in the log (of two logs as one they may not be).
    """

    record: Change
    control: Control | None = None
    mix: By | None = None
    carried: bool = True


def look_of(asked: Asked, plan: Plan, about: About, first: int) -> Look:
    """How strict to be; a date that is not on record could have been any month with weeks enough on either side."""
    last = (about.cutoff - plan.change) // WEEK - LEAST_AFTER - 2 * plan.watched
    months = int((last - first - LEAST_BEFORE) / MONTH) + 1
    seen = day_of(about, plan.begins(plan.ramp + plan.watched))
    return level(asked.record, day_of(about, about.cutoff), seen, max(months, 1), weeks_before=plan.before)


def judge(log: Log, evidence: Evidence, asked: Asked, look: Look) -> Verdict:
    """The verdict, with the figures of finished cases where these would mislead."""
    found = _judged(log, evidence, asked, look)
    if not asked.carried:  # when they ended is not known either: no figure of finished cases
        return without_piles(found)
    if "mean_before" not in found.figures:
        return found
    question = evidence.question
    done = ask(log, FinishedSummary(question.cohort, question.plan, question.clock)).rows["mean"]
    before, since = (seconds(one) for one in done)
    difference, mean = (float(found.figures[name]) for name in ("difference", "mean_before"))
    if not misleads(before, since, difference, mean):
        return found
    return replace(found, figures={**found.figures, "finished_before": before, "finished_since": since})


def _judged(log: Log, evidence: Evidence, asked: Asked, look: Look) -> Verdict:
    weeks, expected = evidence.backlog.missing()
    if weeks:
        figures: dict[str, float | str] = {"reason": "closures_missing", "weeks": float(weeks), "expected": expected}
        return Verdict(CANNOT_JUDGE, figures=figures)
    if not asked.carried:
        evidence = replace(evidence, backlog=evidence.backlog.untold())
    question = evidence.question
    guards = more_guards(log, question.cohort, question.plan, question.clock)
    return verdict(evidence, Heard(look, guards, _control(log, evidence, asked, look)))


def without_piles(found: Verdict) -> Verdict:
    """Where nothing is known of the cases that were open between two logs: no pile, so no gain without a doubt."""
    told = tuple(one for one in found.findings if one.name not in ("overdue", "pending"))
    doubt = found.kind in (IMPROVED, FOR_MOST, UNCLEAR)
    state = FAILS if doubt else UNKNOWN
    return replace(found, kind=UNCLEAR if doubt else found.kind, findings=(*told, Finding("carried", state)))


def _control(log: Log, evidence: Evidence, asked: Asked, look: Look) -> Finding | None:
    """Whether the comparison offices moved less, beyond chance."""
    if asked.control is None:
        return None
    question = evidence.question
    found = against_offices(log, question.cohort, question.plan, asked.control, question.clock, look.level)
    if not found.known:
        return Finding("control", UNKNOWN, {"why": found.why.say() if found.why else ""})
    sign = np.sign(evidence.gains["long"].difference)
    apart = found.high < 0 if sign < 0 else found.low > 0
    ways = {"low_way": way(found.low), "high_way": way(found.high), "offices": ", ".join(found.offices)}
    figures: dict[str, float | str] = {"effect": found.effect, "low": found.low, "high": found.high, **ways}
    return Finding("control", FINE if apart else FAILS, figures)
