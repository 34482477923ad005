"""Standing: where each plan stands: its stage, what comes next and whether that is overdue, what was found and learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.proof.records.entry import ChangeEntry, MeasuredEntry
from procmine.proof.verdict.kinds import IMPROVED
from procmine.publish.plans.plan import STAGE_OF, STAGES, Plan, Stage
from procmine.words import DAY, Message, Span

SOON = 7  # days before a review: data of then are that review's


@dataclass(frozen=True, eq=False)
class Standing:
    """`next`: the review that is due, or the next one; else the day on which it begins, or ends; "": nothing comes."""

    plan: Plan
    entry: ChangeEntry | None
    stage: Stage
    next: str
    overdue: bool

    @classmethod
    def of(cls, plan: Plan, entry: ChangeEntry | None, today: str) -> Standing:
        stage = plan.stage or (STAGE_OF[entry.status] if entry else "idea")
        next_day, overdue = _next(plan, entry, stage, today)
        return cls(plan, entry, stage, next_day, overdue)

    @property
    def order(self) -> tuple[int, str, str]:
        """By stage, then by what comes next; never by result."""
        return STAGES.index(self.stage), self.next or "9999", self.plan.title

    @property
    def review(self) -> Message:
        if not self.next:
            return Message("portfolio.review.none")
        key = "overdue" if self.overdue else "begins" if self.next == self.plan.dates.begin else "on"
        return Message(f"portfolio.review.{key}", {"day": self.next})

    @property
    def verdict(self) -> Message:
        """Of the last measurement; what did not help is something learnt."""
        last = self.last
        if self.entry is None or last is None:
            return Message("portfolio.verdict.none")
        early = last.verdict == IMPROVED and last.provisional
        said = Message("portfolio.verdict.so_far" if early else f"portfolio.verdict.{last.verdict}")
        if last.verdict == IMPROVED and last.unit == "days":
            said = _with_range(said, last)
        return said

    @property
    def last(self) -> MeasuredEntry | None:
        return last_of(self.entry)

    @property
    def learnt(self) -> str:
        return self.plan.learnt or (self.entry.why if self.entry else "")


def _with_range(said: Message, last: MeasuredEntry) -> Message:
    """As "Shorter waits: 70 days (68 to 73)"."""
    if last.figure is None or last.low is None or last.high is None:
        return said
    ends = {"low": abs(last.high), "high": abs(last.low)}
    return Message("portfolio.verdict.figure", {"said": said, "days": Span(abs(last.figure) * DAY), **ends})


def last_of(entry: ChangeEntry | None) -> MeasuredEntry | None:
    """What was measured with the newest data."""
    return max(entry.measured, key=lambda one: one.data) if entry is not None and entry.measured else None


def _next(plan: Plan, entry: ChangeEntry | None, stage: Stage, today: str) -> tuple[str, bool]:
    """The first review not followed by a measurement; without reviews the begin or the end of the plan."""
    if stage == "closed":
        return "", False
    last = last_of(entry)
    known = str(np.datetime64(last.data) + SOON) if last else ""
    waiting = [day for day in plan.dates.review if day > known]
    if waiting:
        return waiting[0], waiting[0] < today
    if plan.dates.begin > today:
        return plan.dates.begin, False
    return plan.ends, plan.ends < today
