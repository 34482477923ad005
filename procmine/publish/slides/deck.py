"""A deck before it is a file: slides of plain text and numbers, each part with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Place:
    """In inches, on a slide of 13.333 by 7.5."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Bars:
    """Bars from the top down; the sheet behind them has a row each. `marked`: the row of the dark one."""

    labels: Sequence[str]
    name: str  # of the column of numbers
    values: Sequence[float]
    marked: int
    alt: str
    of: Literal["share", "count"] = "share"


@dataclass(frozen=True)
class Lines:
    """Of 100, so many by each day; the sheet behind them has a row a day and a column a line. None: not told."""

    across: str
    up: str
    days: Sequence[float]
    lines: Mapping[str, Sequence[float | None]]
    alt: str


@dataclass(frozen=True)
class Drawing:
    png: bytes
    alt: str


@dataclass(frozen=True)
class Numbers:
    """Large numbers side by side: the number, what it is, its count or range."""

    told: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Text:
    """Paragraphs, or lines with bullets, below a heading. `kind`: "frame" has a border; "small" is set small.

    bold: with what each line begins, set in bold ("": nothing).
    """

    lines: Sequence[str]
    heading: str = ""
    bullets: bool = False
    kind: Literal["", "lead", "frame", "small"] = ""
    bold: Sequence[str] = ()


@dataclass(frozen=True)
class Grid:
    """A table with its head; `widths` are parts of the whole."""

    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    widths: Sequence[float]
    alt: str


Part: TypeAlias = "Bars | Lines | Drawing | Numbers | Text | Grid"


@dataclass(frozen=True)
class Slide:
    """`parts` in the order in which they are read; `notes` are paragraphs for the speaker."""

    title: str
    parts: Sequence[tuple[Place, Part]]
    notes: Sequence[str]


@dataclass(frozen=True)
class Deck:
    """`mark` stands above each title ("DRAFT ..."; "": nothing), `foot` below; `day`: of the data, as 2026-10-31."""

    title: str
    slides: Sequence[Slide]
    foot: str
    day: str
    mark: str = ""
    language: str = "en"
