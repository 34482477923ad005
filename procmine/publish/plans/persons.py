"""Persons: where in a plan somebody seems to be named, as a plan speaks of roles only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from procmine.proof.records.entry import ChangeEntry
from procmine.proof.records.roles import seeming_persons

ROLES = ("owner", "data_owner", "unit", "who")
WHERE = ("where", "cases", "control")
DEEPEST = 6
TOLD = "may name a person: write a role, such as head of the legal unit"
CHOSEN = "chooses cases by who handled them or whom they are about: choose them by office or kind"


def persons_in(written: Mapping[str, Any]) -> list[str]:
    """A sentence for each place; what stands there is not repeated."""
    places = _places(written)
    wrong = [f"{name}: {TOLD}" for name, text in _texts(written, "") if _seems(name.split(".")[-1], text, places)]
    wrong += [f"{name}: {CHOSEN}" for name in WHERE if _of_persons(written.get(name))]
    return wrong


def _of_persons(where: Any) -> bool:
    named = {str(name): "-" for name in where} if isinstance(where, Mapping) else {}
    return "where" in seeming_persons(_entry(where=named))


def _seems(field: str, text: str, places: dict[str, list[str]]) -> bool:
    """A role that looks like a name; any text with an e-mail address."""
    entry = _entry(owner=text, where=places) if field in ROLES else _entry(idea=text)
    return bool(set(seeming_persons(entry)) & {"owner", "idea"})


def _entry(**said: Any) -> ChangeEntry:
    return ChangeEntry.model_construct(**{"idea": "-", "where": {}, "control": {}, **said})


def _places(written: Mapping[str, Any]) -> dict[str, list[str]]:
    """Words of the office and of what cases are chosen by: they may stand in a role with a capital."""
    said = [text for name in (*WHERE, "office") for _, text in _texts({name: written.get(name)}, "")]
    return {"place": said}


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each text below, with its place; what is nested deeper than any plan is left to the check of the plan."""
    if place.count(".") > DEEPEST:
        return
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, f"{place}.{name}".strip("."))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _texts(one, f"{place}.{number}")
