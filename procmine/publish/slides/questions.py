"""Questions: what people are likely to ask when they see the slides, and what can be answered."""

from __future__ import annotations

import numpy as np

from procmine.proof.verdict.kinds import DIFFERENT_RESULTS, FAILS, FINE, FOR_MOST, IMPROVED
from procmine.publish.few import LEAST
from procmine.publish.findings import Findings
from procmine.results import seconds
from procmine.words import Message, Span, Value

GAINS = (IMPROVED, FOR_MOST)


def questions(found: Findings) -> list[tuple[str, str]]:
    """The champion's six, then five that come up in every meeting."""
    told = [(one.question, found.say(one.answer)) for one in found.six]
    more = (
        ("because", because),
        ("results", results_of),
        ("waiting", _waiting),
        ("cases", _cases),
        ("may_not", _may_not),
    )
    told += [(Message(f"slides.question.{name}"), found.say(answer(found))) for name, answer in more]
    return [(question.say(), answer) for question, answer in told if answer]


def because(found: Findings) -> Message:
    """Whether the change did it: never more than that other offices bear it out."""
    told = found.comparison
    if told is None:
        return Message("slides.because.nothing")
    if told.verdict.kind not in GAINS:
        return Message("slides.because.no_gain", {"page": told.said.page})
    borne = any(one.name == "control" and one.state == FINE for one in told.verdict.findings)
    return Message("slides.because.compared" if borne else "slides.because.since")


def results_of(found: Findings) -> Message:
    """Whether cases end otherwise than before."""
    told = found.comparison
    if told is None or told.instead is not None:
        return Message("slides.results.nothing")
    states = [one.state for one in told.verdict.findings if one.name == "other_ends"]
    fails = told.verdict.kind == DIFFERENT_RESULTS or FAILS in states
    return Message(f"slides.results.{'fails' if fails else 'fine' if states == [FINE] else 'unknown'}")


def _waiting(found: Findings) -> Message:
    """Of the stretch that all is about, dormant ones too."""
    if not found.open:
        return Message("slides.waiting.none")
    one = {name: column[0] for name, column in found.affected.rows.items()}
    waiting = int(one["waiting"])
    if not waiting or np.isnat(one["since_p50"]) or (found.audience != "team" and waiting < 2 * LEAST):
        return Message("slides.waiting.counted")
    return Message("slides.waiting", {"waiting": waiting, "half": Span(seconds(one["since_p50"]))})


def _cases(found: Findings) -> Message:
    told = found.comparison
    if told is None:
        return Message("slides.cases", {"cases": len(found.log)})
    before, after = (int(one) for one in told.rows["cases"][:2])
    values: dict[str, Value] = {"cases_before": before, "cases_after": after}
    return Message("slides.cases.compared", values)


def _may_not(found: Findings) -> Message:
    if found.comparison is not None:
        return found.comparison.said.may_not
    return Message("slides.may_not.nothing" if found.forecast is None else "slides.may_not.forecast")
