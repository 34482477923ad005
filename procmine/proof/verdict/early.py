"""Early: why there is too little to tell anything yet, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.log import day_of
from procmine.proof.arms import PERIODS, ArmsPart, ArmsSummary
from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, LEAST_CASES, WEEK, Plan, kept_of
from procmine.proof.verdict.evidence import waits
from procmine.proof.verdict.kinds import CANNOT_JUDGE, TOO_EARLY, Verdict
from procmine.results import Rows
from procmine.words import Message, Span, Value

BEFORE, AFTER = 0, 1
MANY_EXPECTED, SOME_EXPECTED = 10, 5  # open cases; with none of them the log holds finished cases only


@dataclass(frozen=True)
class TooLittle:
    """What is said instead of a number, and the verdict that goes with it (figures: `reason`, and `day` from when)."""

    said: Message
    verdict: Verdict


def finished_only(known: Mapping[str, Any], question: ArmsSummary, partial: ArmsPart) -> bool:
    """Whether no case is open though many should be, by the waits before and by those since.

    For longer than a week as many are open at any time as enter in the time that they wait beyond a week (Little 1961). So a
    change after which nobody waits does not look like missing cases.
    """
    if known["open"]:
        return False
    plan = question.plan
    if question.clock is not CALENDAR_TIME or plan.after < LEAST_AFTER:
        return bool(known["expected"] >= MANY_EXPECTED)
    week, wait, count = waits(partial, plan)
    beyond = count * np.maximum(wait - WEEK / 1e6, 0.0)
    open_since = float(beyond[plan.marks("after")[week]].sum()) / (plan.after * WEEK / 1e6)
    return bool(min(known["expected"], open_since) >= SOME_EXPECTED)


def too_little(
    question: ArmsSummary, partial: ArmsPart, known: Mapping[str, Any], rows: Rows, about: About
) -> TooLittle | None:
    """None: there is enough."""
    if not question.tells(partial):
        return _unseen(question.plan, known, rows, about, question.silent)
    return None if question.reaches(partial) else _too_short(question.plan, rows, about)


def _unseen(plan: Plan, known: Mapping[str, Any], rows: Rows, about: About, silent: bool) -> TooLittle:
    change, cases = day_of(about, plan.change), [int(rows["cases"][row]) for row in (BEFORE, AFTER)]
    values: dict[str, Value] = {"change": change, "watched": Span(plan.horizon / 1e6), "least_cases": LEAST_CASES}
    if silent:
        expected = round(known["expected"])
        return _cannot("compare.finished_only", {**values, "expected": expected}, "finished_only", expected=expected)
    if plan.before < LEAST_BEFORE or cases[BEFORE] < LEAST_CASES:
        before: dict[str, Value] = {"weeks": plan.before, "cases": cases[BEFORE], "least": LEAST_BEFORE}
        return _cannot(
            "compare.short_before", {**values, **before}, "short_before", weeks=plan.before, cases=cases[BEFORE]
        )
    rate = cases[AFTER] / plan.after if plan.after >= LEAST_AFTER else cases[BEFORE] / plan.before
    needed = max(LEAST_AFTER, ceil(LEAST_CASES / rate)) if rate else 0
    told: dict[str, Value] = {"weeks": plan.after, "cases": cases[AFTER], "least": LEAST_AFTER}
    figures = {"weeks": plan.after, "cases": cases[AFTER]}
    kept = kept_of(about)
    if kept.said is not None and kept.until < plan.begins(plan.ramp + needed):
        return _cannot("compare.kept", {**values, **told, "kept": kept.said}, "kept", **figures)
    if not needed:
        return _cannot("compare.no_case", {**values, **told}, "no_case", **figures)
    day = day_of(about, plan.begins(plan.ramp + plan.watched + needed) - 1)
    early = Verdict(TOO_EARLY, figures={"reason": "too_early", "day": day, **figures})
    return TooLittle(Message("compare.too_early", {**values, **told, "day": day}), early)


def _too_short(plan: Plan, rows: Rows, about: About) -> TooLittle:
    """That hardly any wait had ended when watching did."""
    values: dict[str, Value] = {"change": day_of(about, plan.change), "watched": Span(plan.horizon / 1e6)}
    for row, period in enumerate(PERIODS):
        cases, waiting = int(rows["cases"][row]), int(rows["waiting"][row])
        values |= {f"cases_{period}": cases, f"ended_{period}": cases - waiting}
    return _cannot("compare.too_short", values, "too_short")


def _cannot(key: str, values: Mapping[str, Value], reason: str, **figures: float) -> TooLittle:
    return TooLittle(Message(key, values), Verdict(CANNOT_JUDGE, figures={"reason": reason, **figures}))
