"""Fitting: which size of letters a text needs to stay inside its box, and where it is cut if none is small enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from procmine.draw.lettering import clean, wrap
from procmine.words import visible

LINE = 1.22  # distance of lines, in sizes of the letters
GAP = 0.45  # between paragraphs, in sizes of the letters
LONGEST = 2_000  # characters of a text that are looked at
MANY = 200  # lines: more than any box has
POINTS = 72.0


@dataclass(frozen=True)
class Fitted:
    lines: Sequence[str]
    size: int


def fit(lines: Sequence[str], width: float, height: float, sizes: Sequence[int]) -> Fitted:
    """The paragraphs in the largest of the sizes (falling) at which they fit into a box of so many inches.

    At the smallest, the longest are cut with an ellipsis until they fit, and then paragraphs are left out from the end.
    Letters are measured in DejaVu, which is wider than the fonts of the slides.
    """
    told = [visible(line)[:LONGEST] for line in lines if visible(line).strip()]
    room, high = width * POINTS, height * POINTS
    for size in sizes:
        if _height([len(_wrapped(one, room, size)) for one in told], size) <= high:
            return Fitted(told, size)
    return Fitted(_cut_to(told, room, high, sizes[-1]), sizes[-1])


def one_line(text: str, width: float, size: int, most: int = 1) -> str:
    """The text, cut with an ellipsis to at most so many lines of so many inches."""
    return _cut(visible(text)[:LONGEST], width * POINTS, size, most)


def _cut_to(told: Sequence[str], room: float, high: float, size: int) -> list[str]:
    left = list(told)
    counts = [len(_wrapped(one, room, size)) for one in left]
    while left and _height(counts, size) > high:
        longest = max(range(len(left)), key=lambda place: (counts[place], place))
        if counts[longest] > 1:
            counts[longest] -= 1
        else:
            left.pop(), counts.pop()
    return [_cut(one, room, size, most) for one, most in zip(left, counts)]


def _height(counts: Sequence[int], size: int) -> float:
    return sum(counts) * size * LINE + max(len(counts) - 1, 0) * size * GAP


def _wrapped(text: str, room: float, size: int, most: int = MANY) -> list[str]:
    """As many lines as it needs; letters of double width count as a W."""
    wide = "".join("W" if east_asian_width(mark) in "WF" else mark for mark in text)
    return wrap(clean(wide), room, size, most=most)


def _cut(text: str, room: float, size: int, most: int) -> str:
    """The longest beginning that fits, with an ellipsis."""
    if len(_wrapped(text, room, size)) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(_wrapped(text[:middle].rstrip() + "…", room, size)) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "…"
