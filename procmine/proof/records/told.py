"""Told: the entries of changes.yml as rows and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.proof.verdict.kinds import UNTOLD
from procmine.results import Rows
from procmine.words import Message, Span, Value, after_each_other

if TYPE_CHECKING:
    from procmine.proof.records.entry import ChangeEntry, FigureEntry, MeasuredEntry


def rows_of(entries: Mapping[str, ChangeEntry]) -> Rows:
    made = [_row(name, entry) for name, entry in entries.items()]
    kinds: dict[str, Any] = {**dict.fromkeys(("begun", "recorded", "decide_on", "data"), "M8[D]"),
                             **dict.fromkeys(("figure", "figure_from", "figure_to"), np.float64)}  # fmt: skip
    names = list(_row("", _none()))
    return {name: np.array([row[name] for row in made], kinds.get(name, object)) for name in names}


def _none() -> ChangeEntry:
    from procmine.proof.records.entry import ChangeEntry

    return ChangeEntry(idea="-")


def _row(name: str, entry: ChangeEntry) -> dict[str, Any]:
    last = entry.measured[-1] if entry.measured else None
    figures = [getattr(last, one, None) for one in ("figure", "low", "high")]
    told = {
        "change": name, "idea": entry.idea, "step": entry.step or "",
        "where": tried(entry).say() if entry.where or entry.date else "", "begun": entry.date or "NaT",
        "status": Message(f"changes.status.{entry.status}").say(),
        "verdict": verdict_of(last).say() if last else "", "result": _figure(last).say() if last else "", "why": entry.why,
    }  # fmt: skip
    predicted = _figure(entry.predicted).say() if entry.predicted else ""
    roles = {"raised_by": entry.raised_by, "decided_by": entry.decided_by, "owner": entry.owner}
    days = {"recorded": entry.recorded or "NaT", "decide_on": entry.decide_on[-1] if entry.decide_on else "NaT"}
    numbers = dict(zip(("figure", "figure_from", "figure_to"), [np.nan if one is None else one for one in figures]))
    more = {"data": last.data if last else "NaT", **numbers, "unit": last.unit if last else ""}
    return {**told, "predicted": predicted, "expectation": entry.expected, **roles, **days, **more}


def tried(entry: ChangeEntry) -> Message:
    """As "office North, contested no"."""
    named = [(name, [value] if isinstance(value, str) else value) for name, value in entry.where.items()]
    parts = tuple(Message("changes.where", {"name": name, "values": ", ".join(values)}) for name, values in named)
    return Message("changes.all_of", {"parts": parts}) if parts else Message("changes.everywhere")


def came(entry: ChangeEntry) -> Message:
    """What came of it: what was measured last, what was decided, and why."""
    said = [Message(f"changes.came.{entry.status}")]
    if entry.measured:
        last = max(entry.measured, key=lambda one: one.data)
        told = last.figure is not None and last.verdict not in UNTOLD
        key = "changes.came.figure" if told else "changes.came.measured"
        said.append(Message(key, {"verdict": verdict_of(last), "figure": _figure(last), "data": last.data}))
    if entry.why:
        said.append(Message("changes.came.why", {"why": entry.why}))
    return Message("changes.came", {"said": after_each_other(said)})


def verdict_of(measured: MeasuredEntry) -> Message:
    return Message(f"changes.kind.{measured.verdict}")


def _figure(entry: FigureEntry) -> Message:
    """As "70 days less (likely 67 to 74)"."""
    if entry.figure is None:
        return Message("changes.no_figure")
    way = "less" if entry.figure < 0 else "more"
    values: dict[str, Value] = {"figure": _amount(entry.figure, entry.unit)}
    if entry.low is None or entry.high is None:
        return Message(f"changes.figure.{way}", values)
    if entry.low < 0 < entry.high:
        ends = {"low": _amount(entry.low, entry.unit), "high": _amount(entry.high, entry.unit)}
        return Message(f"changes.figure.{way}.across", {**values, **ends})
    near, far = sorted((abs(entry.low), abs(entry.high)))
    return Message(
        f"changes.figure.{way}.range", {**values, "low": _amount(near, entry.unit), "high": _amount(far, entry.unit)}
    )


def _amount(number: float, unit: str) -> Span | Message:
    if unit == "days":
        return Span(round(abs(number), 1) * 86_400)
    return Message(f"changes.unit.{unit}", {"n": f"{abs(number):.3g}"})


def words_in(name: str, entry: ChangeEntry) -> str:
    return " ".join((name.replace("-", " "), entry.idea, entry.what, entry.step or "", tried(entry).say()))
