"""Every sentence a user reads, as a key with values: a language is one such table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unicodedata import category

from procmine.english import ENGLISH as ENGLISH

DAY = 86_400.0


@dataclass(frozen=True)
class Span:
    """A length of time to be said in words; `day` is the length in seconds of the clock's day."""

    seconds: float
    day: float = DAY


class _Count(int):
    """A number whose format may hold its noun in two forms: {cases:case|cases} says "1 case" and "1,234 cases"."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        return f"{int(self):,} {one if self == 1 else many}" if bar else format(int(self), spec)


class _Part(float):
    """A share that never says 0% or 100% of what is a little more, or less: then it takes a decimal."""

    def __format__(self, spec: str) -> str:
        if spec == ".0%" and 1e-9 < self < 1 - 1e-9 and float(self).__format__(spec) in ("0%", "100%"):
            return f"{min(max(float(self), 0.001), 0.999):.1%}"
        return float(self).__format__(spec)


@dataclass(frozen=True)
class Message:
    """A sentence before it is put into a language. Values may be messages and spans themselves.

    A count brings its noun along: {cases:case|cases}.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def say(self, language: Mapping[str, str] = ENGLISH) -> str:
        said = {name: _said(value, language) for name, value in self.values.items()}
        return language[self.key].format_map(said)

    def to_dict(self) -> dict[str, Any]:
        return {"key": self.key, "values": {name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Message:
        return cls(written["key"], {name: _read(value) for name, value in written["values"].items()})


Value: TypeAlias = "str | int | float | Span | Message | tuple[Message, ...]"


def after_each_other(messages: Sequence[Message]) -> Message:
    """Sentences as one message, which a sentence of another can hold."""
    whole, *rest = messages
    for one in rest:
        whole = Message("sentence.and", {"one": whole, "two": one})
    return whole


def say_span(span: Span, language: Mapping[str, str] = ENGLISH) -> str:
    """In the unit that a person would use: 72 days, 5.4 days, 40 minutes; on a working clock always in its days."""
    if span.day != DAY:
        return _counted(span.seconds / span.day, "working_day", language)
    if span.seconds and span.seconds % DAY == 0:
        return _counted(span.seconds / DAY, "day", language)
    for unit, size in (("second", 1.0), ("minute", 60.0), ("hour", 3_600.0)):
        if abs(span.seconds) < {"second": 60.0, "minute": 5_400.0, "hour": 1.5 * DAY}[unit]:
            return _counted(span.seconds / size, unit, language)
    return _counted(span.seconds / DAY, "day", language)


def _counted(number: float, unit: str, language: Mapping[str, str]) -> str:
    text = f"{number:,.0f}" if abs(number) >= 10 else f"{number:.1f}".removesuffix(".0")
    text = "0" if text == "-0" else text
    return language[f"span.{unit}" if text == "1" else f"span.{unit}s"].format(n=text)


def _said(value: Value, language: Mapping[str, str]) -> str | int | float:
    if isinstance(value, Message):
        return value.say(language)
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, tuple):
        return ", ".join(one.say(language) for one in value)
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, float):
        return _Part(value)
    return _Count(value) if isinstance(value, int) and not isinstance(value, bool) else value


def visible(text: str) -> str:
    """The text without marks that nobody sees but that turn, hide or break what stands around them."""
    if text.isprintable():
        return text
    return "".join(mark if category(mark)[0] != "C" else " " if mark in "\t\n\r" else "" for mark in text)


def _plain(value: Value) -> Any:
    if isinstance(value, Message):
        return {"message": value.to_dict()}
    if isinstance(value, Span):
        return {"seconds": value.seconds, "day": value.day}
    if isinstance(value, tuple):
        return [one.to_dict() for one in value]
    return value


def _read(written: Any) -> Value:
    if isinstance(written, Mapping):
        if "message" in written:
            return Message.from_dict(written["message"])
        return Span(written["seconds"], written["day"])
    if isinstance(written, list):
        return tuple(Message.from_dict(one) for one in written)
    value: str | int | float = written
    return value
