"""Standing: whose permission policies take, what they cost, and which to look at first."""

from __future__ import annotations

from collections.abc import Sequence

from procmine.about import About
from procmine.simulate.policies.acts import Cost
from procmine.simulate.policies.pieces import Standing as Standing
from procmine.simulate.policy import AUTHORITIES, SAME, Policy

UNSAID = AUTHORITIES.index("our policy") + 0.5  # nobody said: behind what is ours, before what is others'


def authority_of(policy: Policy, about: About | None = None) -> str | None:
    """Whose permission it takes: as it says; else the farthest that the log's spec says of a step that it changes."""
    found = []
    for part in policy.each:
        kind = part.authority
        if kind is None and about is not None:
            names = [step for act in part.acts if not isinstance(act, Cost) for step in act.steps]
            tags = [about.tags.get(name, "") for step in names for name in about.stages.get(step, (step,))]
            kinds = [SAME.get(tag, tag) for tag in tags if SAME.get(tag, tag) in AUTHORITIES]
            kind = max(kinds, key=AUTHORITIES.index, default=None)
        found.append(kind)
    return None if None in found else max(found, key=lambda one: AUTHORITIES.index(str(one)), default=None)


def cheapest_first(policies: Sequence[Policy], about: About | None = None) -> list[Policy]:
    """Those that need no one's permission and cost nothing first, in the order given where they are alike."""
    return sorted(policies, key=lambda one: (_distance(one, about), money_of(one)))


def money_of(policy: Policy, years: float = 1.0) -> float:
    """What it costs by itself in so many years."""
    return sum(act.once + years * act.per_year for act in policy.of(Cost))


def _distance(policy: Policy, about: About | None) -> float:
    kind = authority_of(policy, about)
    return UNSAID if kind is None else float(AUTHORITIES.index(kind))
