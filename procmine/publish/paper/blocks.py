"""Blocks: what a document consists of, as plain text, so that no label in a log can be markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from procmine.publish.page import Stamp


@dataclass(frozen=True)
class Heading:
    """Level 1 is the document's title or sentence, once."""

    text: str
    level: Literal[1, 2, 3] = 2


@dataclass(frozen=True)
class Paragraph:
    """`kind`: "" plain, "lead" larger, "about" and "how" small, "answer" the sentence that answers, "withheld" grey."""

    text: str
    kind: Literal["", "lead", "about", "how", "answer", "withheld"] = ""
    bold: str = ""  # said in bold before the text
    spare: int = 0  # left out when the pages are full, the highest first; 0: never


@dataclass(frozen=True)
class Listing:
    """Lines with bullets, or numbered. When the pages are full, lines beyond `least` go from the end."""

    lines: Sequence[str]
    numbered: bool = False
    least: int = 99
    spare: int = 0


@dataclass(frozen=True)
class Figure:
    """A large number, what it is, and its count or range."""

    number: str
    what: str
    note: str = ""


@dataclass(frozen=True)
class Figures:
    """Side by side."""

    numbers: Sequence[Figure]


@dataclass(frozen=True)
class Picture:
    """SVG (text) or PNG (bytes). `alt` says what it shows for those who do not see it, and may not be empty.

    `width`: part of the column that holds it.
    """

    image: bytes | str
    alt: str
    caption: str = ""
    width: float = 1.0
    spare: int = 0


@dataclass(frozen=True)
class Table:
    """`numbers`: the places of columns set to the right. `title` stands above; the first column names its row.

    `widths`: the parts of the width that the columns have in the PDF, whose rows then are tight lines of 8 points; none: by
    what stands in them.
    """

    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    title: str = ""
    note: str = ""
    numbers: Sequence[int] = ()
    widths: Sequence[float] = ()
    spare: int = 0


@dataclass(frozen=True)
class Columns:
    """Two columns; `left`: the part of the width that the first has."""

    first: Sequence[Block]
    second: Sequence[Block]
    left: float = 0.5


@dataclass(frozen=True)
class Box:
    """Blocks in a frame: "draft" and "warning" strongly marked, "note" quiet."""

    blocks: Sequence[Block]
    kind: Literal["draft", "warning", "note"] = "note"


@dataclass(frozen=True)
class Folded:
    """Folded on the page; in the PDF small print below its title."""

    title: str
    blocks: Sequence[Block]
    spare: int = 0


@dataclass(frozen=True)
class PageEnd:
    """What follows stands on a new page of the PDF."""


Block: TypeAlias = "Heading | Paragraph | Listing | Figures | Picture | Table | Columns | Box | Folded | PageEnd"


@dataclass(frozen=True)
class Paper:
    """A document. `pages`: it fills exactly so many of the PDF, or an error says what did not fit; None: as many as it needs.

    `mark`: across the top of each page ("DRAFT"); `language`: of its text, as in the web; `labels`: names from the log that
    stand in its texts, of which the long ones are cut with an ellipsis where the pages are full.
    """

    title: str
    blocks: Sequence[Block]
    stamp: Stamp
    language: str = "en"
    size: Literal["a4", "us-letter"] = "a4"
    pages: int | None = None
    mark: str = ""
    foot: Sequence[str] = ()
    labels: Sequence[str] = ()
    landscape: bool = False
