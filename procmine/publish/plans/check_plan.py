"""Check a plan: what it says, set beside what the log says, as a result with two pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from procmine.log import Log, in_memory
from procmine.publish.plans.checks import Check, checked
from procmine.publish.plans.facts import Facts
from procmine.publish.plans.plan import Plan
from procmine.results import Result, Rows
from procmine.words import Message, after_each_other

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.publish.paper.blocks import Paper

STATES = ("ok", "differs", "cannot tell", "missing")


@dataclass(frozen=True, eq=False)
class PlanCheck(Result):
    """A row per check: check ("baseline", "bottleneck", "target", "record", "dates", "owner", "draft"), state ("ok",
    "differs", "cannot tell", "missing"), said (text).

    plan: what was checked; checks: the same with their messages; facts: the figures behind them (`facts.waits`,
    `facts.places`, `facts.sized`).
    """

    meaning = "define.plan"
    plan: Plan
    checks: Sequence[Check]
    facts: Facts

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(one.state != "differs" for one in self.checks)

    def findings(self) -> Sequence[Message]:
        counts = [(state, sum(one.state == state for one in self.checks)) for state in STATES]
        there = tuple(Message("plan.summary.one", {"state": said_state(state), "n": n}) for state, n in counts if n)
        whole = Message("plan.summary", {"title": self.plan.title, "n": len(self.checks), "counts": there})
        return [whole, *(self._told(one) for one in self.checks)]

    def shown(self) -> Rows:
        """What was checked and what was found, in words."""
        names = [Message(f"plan.check.{one.name}").say() for one in self.checks]
        states = [said_state(one.state).say() for one in self.checks]
        return {"check": np.array(names, object), "state": np.array(states, object)}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The year of the plan: begin, reviews, target, and up to when there are data."""
        from procmine.publish.plans.year import drawn

        return drawn(self.facts, ax)

    def _told(self, one: Check) -> Message:
        name, said = Message(f"plan.check.{one.name}"), after_each_other(one.said)
        return Message("plan.checked", {"name": name, "state": said_state(one.state), "said": said})

    def paper(self, *, size: Literal["a4", "us-letter"] = "a4") -> Paper:
        """Two pages, in the plan's language: the plan in plain words, and what the data say to it."""
        from procmine.publish.plans.pages import paper

        return paper(self, size)

    def save(self, path: str | Path, *, size: Literal["a4", "us-letter"] = "a4") -> Path:
        """The two pages as .pdf, .html, or .png (NAME-1.png, NAME-2.png); replaces `path` when complete."""
        from procmine.publish.paper.write import SUFFIXES, write_paper
        from procmine.publish.plans.pages import spoken_of

        if Path(path).suffix.lower() not in SUFFIXES:
            raise ValueError(f"A plan is written as {', '.join(SUFFIXES)}; {Path(path).name!r} is none of these.")
        with spoken_of(self):
            return write_paper(self.paper(size=size), path)[0]


def said_state(state: str) -> Message:
    return Message(f"plan.state.{state}")


def check_plan(log: Log, plan: Plan | str | Path) -> PlanCheck:
    """Whether what a plan (or its file) says is what the log says: the time before, the step, the target, the record of the
    change, the dates, and who can change it.

    LogError where the log has no such office, value or step: it names what there is. SettingsError where the plan, or the
    record that it names, cannot be read.
    """
    read = plan if isinstance(plan, Plan) else Plan.read(plan)
    facts = Facts(in_memory(log), read)
    found = checked(facts)
    said = [after_each_other(one.said).say() for one in found]
    columns = {"check": [one.name for one in found], "state": [one.state for one in found], "said": said}
    rows = {name: np.array(column, object) for name, column in columns.items()}
    return PlanCheck(rows, log.about, True, {"plan": read.path.name}, read, found, facts)
