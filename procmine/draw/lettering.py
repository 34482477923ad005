"""Lettering: text made safe to draw, measured and broken into lines, alike on every machine."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

FACE = 100.0  # the size at which letters are measured
LINE = 1.25  # distance of lines, in sizes of the letters
LONGEST = 2_000  # characters of a text that are looked at: more fit no box or caption
BLANK = "–"  # what stands for a name without letters
UNKNOWN = "□"  # what stands for a character that the font lacks
HOLD = "\N{NO-BREAK SPACE}"
BREAKS = "_-/.,;:|\\"  # a word too long for a line is broken after one of these where it can be


@cache
def font(bold: bool = False) -> FontProperties:
    """The DejaVu that comes with matplotlib, by its file: a system's own may differ."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(_file(bold)))


def clean(text: str) -> str:
    """One line of characters that the font has: no control or invisible characters, never empty."""
    words = "".join(map(_visible, unicodedata.normalize("NFC", text))).split(" ")
    flat = " ".join(word for word in words if word)
    return flat if flat.strip() else BLANK


def width(text: str, size: float, *, bold: bool = False) -> float:
    """In points, as the sum of the letters' own widths: drawn text is that or slightly less, where pairs move closer."""
    return size * sum(_advance(character, bold) for character in text)


def wrap(text: str, room: float, size: float, *, bold: bool = False, most: int = 4) -> list[str]:
    """Cleaned text in at most `most` lines, none wider than `room` points; what does not fit ends with an ellipsis."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(clean(text[:LONGEST]), room, size, bold):
        if line and width((line + piece).rstrip(), size, bold=bold) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    lines.append(line.rstrip())
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _cut(lines[most - 1], room, size, bold)]


def _pieces(text: str, room: float, size: float, bold: bool) -> list[str]:
    """Words with the blank after them, cut where one alone is too wide for a line."""
    pieces = []
    for word in text.split(" "):
        while width(word, size, bold=bold) > room:
            fits = max(1, _fitting(word, room, size, bold))
            at = max((word.rfind(mark, fits // 2, fits) + 1 for mark in BREAKS), default=0) or fits
            pieces.append(word[:at])
            word = word[at:]
        pieces.append(word + " ")
    return pieces


def _fitting(text: str, room: float, size: float, bold: bool) -> int:
    """How many of the first letters fit."""
    return sum(upto <= room for upto in accumulate(size * _advance(character, bold) for character in text))


def _cut(line: str, room: float, size: float, bold: bool) -> str:
    return line[: _fitting(line, room - width("…", size, bold=bold), size, bold)].rstrip() + "…"


def _visible(character: str) -> str:
    if character == HOLD:
        return HOLD
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    if unicodedata.category(character) == "Cf":  # joins, marks of direction: not to be seen, and able to mislead
        return ""
    return character if _face(bold=False).get_char_index(ord(character)) else UNKNOWN


@cache
def _advance(character: str, bold: bool) -> float:
    """How far the next letter stands, for letters of size 1."""
    from matplotlib.ft2font import LoadFlags

    glyph = _face(bold).load_char(ord(character), LoadFlags.NO_HINTING)
    return glyph.linearHoriAdvance / 65536 / FACE


@cache
def _face(bold: bool) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    face = FT2Font(str(_file(bold)))
    face.set_size(FACE, 72)
    return face


def _file(bold: bool) -> Path:
    from matplotlib import get_data_path

    return Path(get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
