"""Verdict: what a simulation of a log is good for, by rules on how it foretold the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from procmine.simulate.validation.judge import NEW, Scored
from procmine.words import Message

GOOD, CAREFUL, NO, FEW = "good", "careful", "no", "too few"
TIMES, COUNTS = ("mean", "half"), ("new", "ended", "open")
HELD_GOOD, HELD_CAREFUL = 0.8, 0.7  # least share of weekly figures inside their ranges of 9 in 10
NEAR, FAR = 1.1, 1.3  # times the least error that was possible in foretelling the times of new cases
REPLAY = 1.05  # times the error of replayed cases


@dataclass(frozen=True, eq=False)
class Verdict:
    """One of GOOD, CAREFUL, NO, FEW for policies that change waits and steps; `staffing` says what holds for those that
    change who or how much there is; `why` are the reasons against, the weightiest first.
    """

    delay: str
    staffing: Message
    why: tuple[Message, ...]

    def messages(self) -> list[Message]:
        return [Message(f"validate.verdict.{self.delay.replace(' ', '_')}", {"staffing": self.staffing}), *self.why]


def share_held(scored: Sequence[Scored], level: float, figures: Sequence[str] = ()) -> tuple[int, int]:
    """How many weekly figures lay inside their ranges of this level, and how many there were."""
    inside = [one.inside[name][level] for one in scored for name in one.inside if not figures or name in figures]
    joined = np.concatenate(inside) if inside else np.zeros(0, bool)
    return int(joined.sum()), len(joined)


def mean_error(scored: Sequence[Scored], measure: str) -> tuple[float, float, float]:
    """Of the simulation, of replayed cases, of chance: the mean over the origins at which it is known."""
    three = np.array([one.errors[measure] for one in scored])
    known = np.isfinite(three)
    total = np.where(known, three, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    ours, replayed, chance = np.where(known.any(axis=0), total, np.nan)
    return float(ours), float(replayed), float(chance)


def judged(scored: Sequence[Scored], changed: Message | None, mixed: bool, staffing: Message) -> Verdict:
    """changed: what changed within the log, if anything did; mixed: too little came since then to learn from it alone."""
    if not scored:
        return Verdict(FEW, staffing, ())
    times, counts = (share_held(scored, 0.9, figures) for figures in (TIMES, COUNTS))
    ours, replayed, least = mean_error(scored, NEW)
    off = ours / max(least, 1e-300)
    reasons = (
        (changed is not None, Message(f"validate.why.{'mixed' if mixed else 'changed'}", {"changed": changed or ""})),
        (times[0] < HELD_GOOD * times[1], Message("validate.why.times", {"inside": times[0], "figures": times[1]})),
        (off > NEAR, Message("validate.why.off", {"more": off - 1})),
        (ours > REPLAY * replayed, Message("validate.why.replay", {"more": ours / max(replayed, 1e-300) - 1})),
        (
            counts[0] < HELD_GOOD * counts[1],
            Message("validate.why.counts", {"inside": counts[0], "figures": counts[1]}),
        ),
    )
    why = tuple(message for holds, message in reasons if holds)
    bad = mixed or times[0] < HELD_CAREFUL * times[1] or off > FAR
    return Verdict(NO if bad else CAREFUL if why else GOOD, staffing, why)
