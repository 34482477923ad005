"""Reasons: why a page of an office is held until somebody has looked, as messages fit for the audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from procmine.about import Audience
from procmine.publish.batch.headline import Figure
from procmine.publish.few import LEAST, flat
from procmine.words import Message, Value

SHORT = 10  # days below which a decimal is told
Cause = Literal["jump", "missing", "restated", "note"]
COUNTED = ("late", "gone", "last", "least", "n")


@dataclass(frozen=True)
class Reason:
    """`cause` "note": told, and holds nothing."""

    cause: Cause
    message: Message

    @property
    def holds(self) -> bool:
        return self.cause != "note"

    def to_dict(self) -> dict[str, Any]:
        return {"cause": self.cause, "message": self.message.to_dict()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        return cls(written["cause"], Message.from_dict(written["message"]))

    def for_audience(self, audience: Audience) -> Message:
        """For others than the team a count of fewer than ten is not said, and others to the nearest ten."""
        return self.message if audience == "team" else _safe(self.message)


def _safe(message: Message) -> Message:
    counts = [value for name, value in flat(message) if name in COUNTED and isinstance(value, int)]
    if any(0 < n < LEAST for n in counts):
        month = message.values.get("month")
        return Message("held.unsaid") if month is None else Message("restated.unsaid", {"month": month})
    return _rounded(message)


def _rounded(message: Message) -> Message:
    values: dict[str, Value] = {}
    for name, value in message.values.items():
        if isinstance(value, Message):
            value = _rounded(value)
        elif name in COUNTED and isinstance(value, int):
            value = round(value / LEAST) * LEAST
        values[name] = value
    return Message(message.key, values)


def named(figure: Figure) -> Message:
    """What the figure is."""
    return Message(f"headline.{figure.figure}", {"of": figure.of} if figure.of else {})


def said(figure: Figure, value: float | None, *, alone: bool = False) -> Message:
    """A value in the figure's unit; `alone`: the number without the unit's name."""
    if value is None:
        return Message("headline.not_told")
    kind = "number" if alone else "value"
    if figure.unit == "cases":
        return Message(f"headline.{kind}.cases", {"n": round(value)})
    short = "_short" if figure.unit == "days" and abs(value) < SHORT else ""
    return Message(f"headline.{kind}.{figure.unit}{short}", {"n": float(value)})
