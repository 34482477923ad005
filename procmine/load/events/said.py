"""What the door says of a log: its columns, the rows that are no events, and what else it counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.load.columns import Columns
from procmine.load.events.facts import CaseFacts, Counts, First
from procmine.load.events.given import REASONS, SHOWN, Given
from procmine.load.events.watch import EVERY_CASE, check_steps, listed
from procmine.load.raw import Raw
from procmine.load.shape.repairs import dated, left_out
from procmine.log import LogError
from procmine.words import Message, Span, Value


def counted_why(raw: Raw, why: NDArray[np.uint8]) -> dict[str, dict[str, int]]:
    """How many rows there are, and how many of them are out for each reason."""
    some = why.any()
    counts = [int(np.count_nonzero(why == code)) if some else 0 for code in range(len(REASONS))]
    counts[0] = counts[0] if some else len(why)
    found = {reason: n for reason, n in zip(REASONS, counts) if n}
    return {"why": found, "source": {"rows": len(why), "ragged": len(raw.ragged or {})}}


def first_why(raw: Raw, why: NDArray[np.uint8]) -> dict[str, tuple[tuple[Any, ...], ...]]:
    """Per reason the file (its place and name), number and column of the first rows that are out for it."""
    files = (raw.name,) if raw.places is None else raw.places.files
    lost = [(files.index(file), row, file, "") for file, row, _ in raw.lost()[:SHOWN]]
    found = {"ragged": tuple(lost)} if lost else {}
    for code, reason in enumerate(REASONS) if why.any() else ():
        here = np.flatnonzero(why == code)[:SHOWN]
        if len(here) and reason not in ("kept", "joined"):
            stood = zip(raw.file_names(here), raw.row_numbers(here).tolist(), raw.column_names(here))
            found[reason] = tuple((files.index(file), row, file, column) for file, row, column in stood)
    return found


def refuse_all(name: str, counts: Counts, first: First, several: bool) -> LogError:
    return LogError(f"{name}: no row can be used. " + " ".join(one.say() for one in _aside(counts, first, several)))


def rows_said(name: str, counts: Counts, first: First, several: bool) -> list[Message]:
    """Rows in = events + starts joined to their ends + rows set aside, each reason counted."""
    kept, joined = counts.n("why", "kept"), counts.n("why", "joined")
    total = counts.n("source", "rows") + counts.n("source", "ragged")
    values: dict[str, int | str] = {"rows": total, "source": name, "kept": kept, "joined": joined}
    values["aside"] = total - kept - joined
    return [Message("load.rows.joined" if joined else "load.rows", values), *_aside(counts, first, several)]


def _aside(counts: Counts, first: First, several: bool) -> list[Message]:
    told = [("ragged", counts.n("source", "ragged"))]
    told += [(reason, counts.n("why", reason)) for reason in REASONS if reason not in ("kept", "joined", "ragged")]
    return [Message(f"load.aside.{reason}", _where(n, first.of[reason], several)) for reason, n in told if n]


def _where(n: int, stood: Sequence[tuple[Any, ...]], several: bool) -> dict[str, Value]:
    """How many rows, and where the first of them stood: the number alone too."""
    places = tuple(_place(file, row, column, several) for _, row, file, column in stood)
    return {"n": n, "row": stood[0][1], "place": places[0], "places": places}


def _place(file: str, row: int, column: str, several: bool) -> Message:
    """A row in words: the file and the column only where there are several."""
    kind = "file" * several + "column" * bool(column) or "row"
    return Message(f"load.place.{kind}", {"row": row, "file": file, "column": column})


def roles_said(columns: Columns) -> Message:
    """Which column plays which role."""
    roles = ("case", "activity", "timestamp", "start", "resource", "arrival", "order", "lifecycle")
    named = [(role, getattr(columns, role)) for role in roles if getattr(columns, role)]
    said = tuple(Message("load.role", {"role": Message(f"load.role.{role}"), "column": name}) for role, name in named)
    return Message("load.roles", {"roles": said})


def mended_said(given: Given, levels: Sequence[str], facts: CaseFacts) -> tuple[Message, ...]:
    """What the repairs of the spec took; LogError where none of the steps that one names is there."""
    counts = facts.counts
    told = left_out(given.leave_out, levels, counts.n("why", "step_left_out")) if given.leave_out else []
    if given.by_date:
        told += dated(given.by_date, list(counts.kind("by_date_there")), counts.n("by_date"))
    if given.not_dates:
        none = counts.n("why", "not_a_date")
        told.append(Message("fixed.not_dates", {"days": listed(list(given.not_dates)), "n": none}))
    if given.near_duplicates is not None:
        after = Span(given.near_duplicates * 60)
        told.append(Message("fixed.near_duplicates", {"n": counts.n("near_duplicates"), "after": after}))
    for form, steps in given.forms.items():
        n = counts.n("forms", form)
        told.append(Message("fixed.form", {"form": form, "n": n, "steps": listed(list(steps))}))
    return tuple(told)


def late_said(counts: Mapping[str, int], column: str | None) -> tuple[Message, ...]:
    """Of how many cases the arrival column says nothing, or something later than their first event."""
    values = {"without": counts.get("without", 0), "late": counts.get("late", 0)}
    return (Message("load.arrival", {"column": str(column), **values}),) if any(values.values()) else ()


def unheard(given: Given, known: Sequence[str]) -> tuple[Message, ...]:
    """Steps that were named and are not in the source; LogError where none of a kind is."""
    ends = [] if given.ends == EVERY_CASE else [given.ends] if isinstance(given.ends, str) else list(given.ends or ())
    grouped = [one for group in given.stages.values() for one in group]
    on_forms = [step for steps in given.forms.values() for step in steps]
    named = (ends, list(given.tags), grouped, list(given.first_steps), list(given.by_date), on_forms, given.same_moment)
    for wanted in named:
        check_steps(wanted, known)
    unknown = dict.fromkeys(one for wanted in named for one in wanted if one not in known)
    return (Message("load.steps.unknown", {"steps": listed(list(unknown))}),) if unknown else ()
