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


def owner_of(who: str, all_known: bool = True) -> str:
    """Which of OWNERS these are. Not `all_known`: there are others, of whom the spec does not tell."""
    tags = who.split(", ") if who else []
    if any(tag in OURS for tag in tags):
        return MINE if all_known and all(tag in OURS for tag in tags) else PARTLY
    if not tags or not all_known:
        return UNKNOWN
    return STATUTE if all(tag in LAW for tag in tags) else OTHERS


def owner_of_step(about: About, step: str) -> str:
    """Which of OWNERS a step is of; a stage is of one only if all its steps are."""
    steps = about.stages.get(step, (step,)) if step not in about.tags else (step,)
    return owner_of(who_of(about, step), all(name in about.tags for name in steps if name in about.activities))
