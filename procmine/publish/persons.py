"""People: no page names one, and what is about people or single cases does not leave the team.

Limits: an attribute of cases counts as naming people only if the log says so (`about.persons`); one of events unless its
name is that of a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from procmine.about import About
from procmine.log import LogError
from procmine.proof.compare import Comparison
from procmine.publish.few import DESCRIBES, may_be_said, rounded
from procmine.results import LATE_VALUE, Result
from procmine.see.flow import Handovers
from procmine.words import Message, Value

CASES = ("case", "case_id")
OF_CASE = " of case"  # what log.unlike adds to the name of a grouping that is also that of a column
# Attributes of events that tell units, without blanks and punctuation; all others may name people.
UNITS = {"unit", "department", "division", "section", "branch", "agency", "team", "role", "office", "court", "desk"}
UNITS |= {"group", "queue", "orggroup", "orgrole", "orgunit", "organization", "organisation"}
CHOSEN = "kept.where.one"  # the message that says which value of an attribute a filter kept


def may_name_people(about: About, attribute: str) -> bool:
    if attribute in about.persons:
        return True
    plain = "".join(mark for mark in attribute.casefold() if mark.isalnum())
    return attribute in about.event_attributes and plain not in UNITS


def refuse_persons(result: Result) -> None:
    """A LogError if rows are of single cases or of people, or if the cases were chosen by who worked on them."""
    refuse_chosen(result.about, _chosen_by(result))
    column = next((name for name in result.rows if _names_people(result, name)), None)
    if column is not None:
        raise LogError(
            f"This table has a column {column!r}, which may name people: it is for the team only. "
            "For others, group by office or unit."
        )
    if isinstance(result, Handovers) and may_name_people(result.about, str(result.arguments["unit"])):
        raise LogError(
            f"Between whom work passes is told by {str(result.arguments['unit'])!r}, which may name people: it is for the "
            "team only. For others, take a column of units, called unit, team, department, office, role, group or queue."
        )
    single = [name for name in result.rows if name in CASES]
    if single:
        raise LogError(
            f"This table has one row a case (column {single[0]!r}): it is for the team only. For others, count the cases."
        )


def refuse_chosen(about: About, attributes: Iterable[str] = ()) -> None:
    """A LogError if cases were chosen by an attribute that names people: such a result is about them."""
    people = [name for name in (*_attributes(about.history), *attributes) if name in about.persons]
    if people:
        raise LogError(
            f"These cases were chosen by {people[0]!r}, which names people, so all that is told of them is about people: it "
            "is for the team only. For others, choose cases by office or unit."
        )


def unnamed(result: Result) -> Result:
    """The same with no name of a person in its filters and rows."""
    about = replace(result.about, history=tuple(masked(step, result.about) for step in result.about.history))
    rows = dict(result.rows)
    if isinstance(result, Comparison) and len(result) and result.cohort.where:
        group = Message("kept.where", {"what": tuple(_one(name, values) for name, values in result.cohort.where)})
        here = rows["group"] == group.say()
        rows["group"] = np.where(here, masked(group, about).say(), rows["group"])
    return replace(result, about=about, rows=rows)


def masked(message: Message, about: About) -> Message:
    """The same with "a certain person" for each value of an attribute that names people."""
    name = message.values.get("name")
    if message.key == CHOSEN and name in about.persons:
        return Message("kept.where.person", {"name": str(name)})
    return Message(message.key, {one: _masked(value, about) for one, value in message.values.items()})


def filters(about: About, *, others: bool = False) -> list[str]:
    """What the filters did, in words, without names of people; for others than the team without how few were left out."""
    steps = [masked(step, about) for step in about.history if step.key != LATE_VALUE]
    return [(_of_many(step) if others else step).say() for step in steps]


def _of_many(step: Message) -> Message:
    """The same with how many were left out rounded, or not said where they are few."""
    out = step.values.get("out")
    if not isinstance(out, Message):
        return step
    safe = rounded(out) if may_be_said(out) else Message("kept.left_out.few")
    return Message(step.key, {**step.values, "out": safe})


def _masked(value: Value, about: About) -> Value:
    if isinstance(value, Message):
        return masked(value, about)
    return tuple(masked(one, about) for one in value) if isinstance(value, tuple) else value


def _one(name: str, values: Iterable[str]) -> Message:
    return Message(CHOSEN, {"name": name, "value": ", ".join(values)})


def _names_people(result: Result, column: str) -> bool:
    """A column of the measure's own is no attribute, whatever the log's are called."""
    own = column in DESCRIBES or result.rows[column].dtype.kind not in "OU"
    if column not in result.groups and own:
        return False
    name = column
    while name.endswith(OF_CASE):
        name = name.removesuffix(OF_CASE)
    return may_name_people(result.about, name)


def _chosen_by(result: Result) -> Iterator[str]:
    """The attributes by which the question itself chose cases."""
    policy, where, several = (result.arguments.get(name) for name in ("policy", "where", "policies"))
    yield from where if isinstance(where, Mapping) else ()
    for one in (policy, *(several if isinstance(several, tuple) else ())):
        yield from getattr(one, "chosen_by", ())


def _attributes(messages: Iterable[Message]) -> Iterator[str]:
    """Of all the filters that these messages tell."""
    for one in messages:
        if one.key == CHOSEN:
            yield str(one.values["name"])
        for value in one.values.values():
            within = value if isinstance(value, tuple) else (value,)
            yield from _attributes(part for part in within if isinstance(part, Message))
