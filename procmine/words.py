"""Every sentence a user reads, as a key with values: a language is one such table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from unicodedata import category

from procmine.english import ENGLISH as ENGLISH

if TYPE_CHECKING:
    from babel import Locale

DAY = 86_400.0
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MONTH = re.compile(r"\d{4}-\d{2}")
TWO_DOTS = re.compile(r"(?<=\w)\.\.(?!\.)")  # of a shortened word at the end of a sentence
PLURALS = (
    "one",
    "few",
    "many",
    "other",
)  # the order in which a catalogue gives four forms of a noun; two are one, other


@dataclass(frozen=True)
class Span:
    """A length of time to be said in words; `day` is the length in seconds of the clock's day."""

    seconds: float
    day: float = DAY


class Language(Mapping[str, str]):
    """Sentences in one language, and how it writes numbers, days and plurals; what the catalogue lacks is said in English.

    code: as in the web, "el"; name: in itself; reviewed: which native reader signed it and when, "" none yet.
    """

    def __init__(self, code: str, name: str, words: Mapping[str, str], reviewed: str = "") -> None:
        self.code, self.name, self.words, self.reviewed = code, name, words, reviewed

    def __getitem__(self, key: str) -> str:
        return self.words[key] if key in self.words else ENGLISH[key]

    def __iter__(self) -> Iterator[str]:
        return iter(ENGLISH)

    def __len__(self) -> int:
        return len(ENGLISH)

    @property
    def draft(self) -> bool:
        """No native reader has signed it as it is."""
        return self.code != "en" and not self.reviewed

    @property
    def locale(self) -> Locale:
        from babel import Locale

        return Locale.parse(self.code)

    def number(self, value: float, spec: str) -> str:
        """As Python formats it, with the marks of the language."""
        if spec.endswith("%"):
            pattern: str = self.locale.percent_formats[None].pattern
            return pattern.replace("#,##0", self.marked(format(100 * value, f"{spec[:-1]}f")))
        return self.marked(format(value, spec))

    def marked(self, number: str) -> str:
        """The text of a number in English with the language's own signs for thousands and decimals."""
        from babel.numbers import get_decimal_symbol, get_group_symbol

        return number.translate({ord(","): get_group_symbol(self.locale), ord("."): get_decimal_symbol(self.locale)})

    def form(self, number: str, forms: Sequence[str]) -> str:
        """The form of a noun that goes with a number written in English: of four, or of two."""
        from decimal import Decimal

        which: str = self.locale.plural_form(Decimal(number.replace(",", "")))
        return forms[PLURALS.index(which)] if len(forms) == len(PLURALS) else forms[0 if which == "one" else -1]

    def day(self, text: str) -> str:
        """A day or a month, as 2026-10-31 or 2026-10, as people write it; any other text as it is."""
        from babel.dates import format_date, format_skeleton

        if ISO_DAY.fullmatch(text):
            return format_date(date.fromisoformat(text), "long", self.code)
        if ISO_MONTH.fullmatch(text):
            return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=self.code)
        return text


_speaks: ContextVar[Mapping[str, str]] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: Mapping[str, str]) -> Iterator[None]:
    """Within it every message is said in that language, unless another is named."""
    before = _speaks.set(language)
    try:
        yield
    finally:
        _speaks.reset(before)


def spoken() -> Mapping[str, str]:
    """The language of now."""
    return _speaks.get()


class _Count(int):
    """A number whose format may hold its noun in two forms: {cases:case|cases} says "1 case" and "1,234 cases"."""

    language: Language | None = None

    def __format__(self, spec: str) -> str:
        forms = spec.split("|")
        if len(forms) == 1:
            return format(int(self), spec) if self.language is None else self.language.number(int(self), spec)
        if self.language is None:
            return f"{int(self):,} {forms[self != 1]}"
        return f"{self.language.number(int(self), ',')} {self.language.form(str(int(self)), forms)}"

    def of(self, language: Mapping[str, str]) -> Self:
        self.language = language if isinstance(language, Language) else None
        return self


class _Part(float):
    """A share that never says 0% or 100% of what is a little more, or less: then it takes a decimal."""

    language: Language | None = None

    def __format__(self, spec: str) -> str:
        if spec == ".0%" and 1e-9 < self < 1 - 1e-9 and float(self).__format__(spec) in ("0%", "100%"):
            return self._written(min(max(float(self), 0.001), 0.999), ".1%")
        return self._written(float(self), spec)

    def _written(self, value: float, spec: str) -> str:
        return format(value, spec) if self.language is None else self.language.number(value, spec)

    def of(self, language: Mapping[str, str]) -> Self:
        self.language = language if isinstance(language, Language) else None
        return self


@dataclass(frozen=True)
class Message:
    """A sentence before it is put into a language. Values may be messages and spans themselves.

    A count brings its noun along: {cases:case|cases}.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def say(self, language: Mapping[str, str] | None = None) -> str:
        """In the language named, else in the one spoken now."""
        words = spoken() if language is None else language
        said = {name: _said(value, words) for name, value in self.values.items()}
        sentence = words[self.key].format_map(said)
        return TWO_DOTS.sub(".", sentence) if isinstance(words, Language) else sentence

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


def say_span(span: Span, language: Mapping[str, str] | None = None) -> str:
    """In the unit that a person would use: 72 days, 5.4 days, 40 minutes; on a working clock always in its days."""
    language = spoken() if language is None else language
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
    if isinstance(language, Language) and f"span.{unit}s" in language.words:
        return language.form(text, language[f"span.{unit}s"].split("|")).format(n=language.marked(text))
    return language[f"span.{unit}" if text == "1" else f"span.{unit}s"].format(n=text)


def _said(value: Value, language: Mapping[str, str]) -> str | int | float:
    if isinstance(value, Message):
        return value.say(language)
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, tuple):
        return ", ".join(one.say(language) for one in value)
    if isinstance(value, str):
        return visible(language.day(value) if isinstance(language, Language) else value)
    if isinstance(value, float):
        return _Part(value).of(language)
    return _Count(value).of(language) if isinstance(value, int) and not isinstance(value, bool) else value


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
