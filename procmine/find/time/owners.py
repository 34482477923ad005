"""Owners: who can change the wait before a step, and in which order that makes it worth looking at."""

from __future__ import annotations

from procmine.about import About

OURS = ("our policy", "habit")  # to change at no cost
LAW = ("law", "court rule")
MINE, PARTLY, UNKNOWN, OTHERS, STATUTE = "ours", "partly ours", "unknown", "others", "law"
OWNERS = (MINE, PARTLY, UNKNOWN, OTHERS, STATUTE)  # in which order they are shown: what we can change first


def who_of(about: About, step: str) -> str:
    """Who can change a step, as the spec says; of a stage, those who can change its steps."""
    steps = about.stages.get(step, (step,)) if step not in about.tags else (step,)
    return ", ".join(dict.fromkeys(about.tags[name] for name in steps if name in about.tags))


def owner_of(who: str) -> str:
    """Which of OWNERS these are."""
    tags = who.split(", ") if who else []
    if not tags:
        return UNKNOWN
    if any(tag in OURS for tag in tags):
        return MINE if all(tag in OURS for tag in tags) else PARTLY
    return STATUTE if all(tag in LAW for tag in tags) else OTHERS
