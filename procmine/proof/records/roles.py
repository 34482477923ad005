"""Roles: what looks like a person where a role should stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from procmine.proof.records.entry import ChangeEntry

MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
TITLE = re.compile(r"^(mr|mrs|ms|miss|dr|herr|frau|m|mme|sr|sra|sig)\b\.?\s+\w", re.IGNORECASE)
PERSONAL = re.compile(r"staff|clerk|judge|employee|officer|worker|user|person|family|client|surname", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]\.?|[^\W\d_]+([’'-][^\W\d_]+)*")
IN_ROLES = """
administration administrator advisor agency agent analyst assistant authority back board branch bureau case center
centre central chair champion chief clerk clerks coordinator council county court crew deputy department desk director
district division east first front group head hearing help improvement intake judge judges justice lead legal line management
manager mayor ministry north office officer officers payments phone presiding president process program public region
registrar registry secretary section senior service services social south staff state supervisor support team the treasurer
unit welfare west worker workers"""
OFFICES = frozenset(IN_ROLES.split())


def seeming_persons(entry: ChangeEntry) -> Iterator[str]:
    """The fields that seem to name a person: a role with a name or an address, any text with an e-mail address, cases chosen
    by who handled them or by whom they are about. A single name cannot be told from a role."""
    places = {word.casefold() for values in (entry.where, entry.control) for word in _words(values)}
    for field in ("raised_by", "decided_by", "owner"):
        if MAIL.search(getattr(entry, field)) or _like_a_name(getattr(entry, field), places):
            yield field
    for field in ("idea", "what", "expected", "why"):
        if MAIL.search(getattr(entry, field)):
            yield field
    for field in ("where", "control"):
        if any(PERSONAL.search(name) for name in getattr(entry, field)):
            yield field


def _words(values: dict[str, str | list[str]]) -> Iterator[str]:
    for value in values.values():
        for one in [value] if isinstance(value, str) else value:
            yield from one.split()


def _like_a_name(text: str, places: Collection[str]) -> bool:
    """Two or three words, each with a capital, none of them of an office or a place of the change; or a title."""
    if TITLE.match(text):
        return True
    words = text.split()
    capital = all(WORD.fullmatch(word) and word[0].isupper() for word in words)
    known = {re.sub(r"\W", "", word).casefold() for word in words}
    return 2 <= len(words) <= 3 and capital and not known & OFFICES and not known & set(places)
