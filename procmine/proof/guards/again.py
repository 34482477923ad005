"""Again: when a case that came back after its end counts, and for how long after it one looks."""

from __future__ import annotations

from dataclasses import replace

from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, Plan

LEAST_ENDED = 15  # cases before and after that ended: fewer than are compared, as the newest are left out here
LEAST_AGAIN = 4  # weeks after an end in which a case may come back, however short it was watched


def back_within(plan: Plan) -> int:
    """Weeks after an end: as long as cases are watched, but at most a third of the weeks since; 0: too few weeks."""
    weeks = min(max(plan.watched, LEAST_AGAIN), plan.after // 3, plan.before - LEAST_BEFORE, plan.after - LEAST_AFTER)
    return weeks if weeks >= LEAST_AGAIN else 0


def longer(plan: Plan, weeks: int) -> Plan:
    """The same, each case watched for so many weeks more: the newest of both groups are left out."""
    return replace(plan, watched=plan.watched + weeks, before=plan.before - weeks, after=plan.after - weeks)
