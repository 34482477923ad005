"""Year: the days of a plan as a picture, and in words for those who do not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procmine.publish.plans.checks import level
from procmine.words import Message, Value, after_each_other

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.publish.plans.facts import Facts
    from procmine.publish.plans.plan import Plan


MOST_LINES = 4  # of reviews; more stand on one line


def days_of(plan: Plan) -> list[tuple[str, str]]:
    """Each day and its kind, in order: begin, the reviews, the target, the end."""
    reviews = [(day, "review") for day in plan.dates.review]
    kinds = ["begin", "review", "target", "end"]
    told = [(plan.dates.begin, "begin"), *reviews, (plan.target.by, "target"), (plan.ends, "end")]
    return sorted(told, key=lambda one: (one[0], kinds.index(one[1])))


def labels(plan: Plan) -> list[Message]:
    target = level(plan.target)
    return [Message(f"plan.year.{kind}", {"day": day, "target": target}) for day, kind in days_of(plan)]


def drawn(facts: Facts, ax: Axes | None = None) -> Axes:
    from procmine.draw.year import Mark, year

    told = list(zip(days_of(facts.plan), labels(facts.plan)))
    reviews = [np.datetime64(day, "D") for (day, kind), _ in told if kind == "review"]
    marks = [
        Mark(np.datetime64(day, "D"), label.say(), kind)
        for (day, kind), label in told
        if kind != "review" or len(reviews) <= MOST_LINES
    ]
    if len(reviews) > MOST_LINES:
        values: dict[str, Value] = {"n": len(reviews), "first": str(reviews[0]), "last": str(reviews[-1])}
        label = Message("plan.year.reviews", values).say()
        marks.insert(1, Mark(reviews[0], label, "review", tuple(reviews[1:])))
    until = Message("plan.year.until", {"day": facts.cutoff}).say()
    return year(marks, until=np.datetime64(facts.cutoff, "D"), until_label=until, ax=ax)


def alt(facts: Facts) -> Message:
    told = after_each_other(labels(facts.plan))
    return Message("plan.year.alt", {"told": told, "until": facts.cutoff})
