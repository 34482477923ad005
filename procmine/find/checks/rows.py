"""Rows that the door set aside, kept twice or put in order by a rule: what its notes tell, as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from procmine.find.checks.look import Finding, Look

ASIDE = "load.aside."
ASKED_FOR = ("not_a_date", "near_duplicate", "same_form", "left_out")  # by the spec or by hand: mended, not found
TIED = 0.01  # of neighbours in a case


def rows_set_aside(look: Look) -> Iterator[Finding]:
    """Every reason for which the door set rows aside, unless the spec asked for it; `of` all rows of the source."""
    rows = 0
    for note in look.log.about.notes:
        said: Any = note.values
        if note.key in ("load.rows", "load.rows.joined"):
            rows = said["rows"]
        reason = note.key.removeprefix(ASIDE)
        if note.key.startswith(ASIDE) and reason not in ASKED_FOR:
            yield Finding(reason, said["n"], rows, "rows", {"places": said["places"]}, row=said["row"])


def rows_kept_twice(look: Look) -> Iterator[Finding]:
    """Rows equal to an earlier one in every column that were kept as events that happened twice."""
    for note in look.log.about.notes:
        if note.key == "load.repeated.kept":
            said: Any = note.values
            spec = {"columns": {"repeated": "set aside"}}
            yield Finding("repeated", said["n"], len(look.log.time), "rows", spec=spec)


def orders_by_rule(look: Look) -> Iterator[Finding]:
    """Orders that rest on the rule of ties: at least 1% of neighbours share a moment, or any event with a date only
    shares its day with timed ones."""
    for note in look.log.about.notes:
        said: Any = note.values
        if note.key == "load.ties" and said["n"] >= TIED * said["of"]:
            yield Finding("ties", said["n"], said["of"], "neighbours", values={"rule": said["rule"]})
        elif note.key == "load.ties.dated":
            of = int((~look.timed).sum())
            yield Finding("ties_dated", said["n"], of, "events", values={"rule": said["rule"]})


def late_arrivals(look: Look) -> Iterator[Finding]:
    """Cases whose column of arrivals says that they came in after their first step, or says nothing."""
    for note in look.log.about.notes:
        said: Any = note.values
        if note.key == "load.arrival" and said["late"]:
            yield Finding("late_arrival", said["late"], len(look.log), "cases", values={"column": said["column"]})


def steps_unknown(look: Look) -> Iterator[Finding]:
    """Steps that the spec names and that never happen."""
    for note in look.log.about.notes:
        if note.key == "load.steps.unknown":
            named = str(note.values["steps"])
            yield Finding("unknown_steps", len(named.split(", ")), len(look.names), "steps", values={"steps": named})


CHECKS = (rows_set_aside, rows_kept_twice, orders_by_rule, late_arrivals, steps_unknown)
