"""Data: a document as plain values for the template; each text in pieces, between which a line may end."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from math import ceil
from typing import Any
from unicodedata import category

from procmine.publish.paper.blocks import (
    Block,
    Box,
    Columns,
    Figure,
    Figures,
    Folded,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Table,
)
from procmine.words import visible

LETTER = 0.62  # of the size of text: the width of a letter, rather too wide
GUTTER = 17.0  # points between two columns
BETWEEN = 2  # letters between two columns of a table
BOLD = 1.2  # of the width of a letter
HEAD_LINES = 2  # of a heading, where there is room
PIECE = 6  # letters of a long word that stay together
WIDEST_WORD, WIDEST_CELL = 16, 36  # letters that a column of a table asks for
Data = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """The place that a block has, in points; `pictures` is the part of their width that pictures get."""

    width: float
    height: float
    text: float
    small: float
    pictures: float = 1.0

    @property
    def letters(self) -> int:
        """In a line of the largest text that stands in it."""
        return max(int(self.width / (self.text * LETTER)), 8)

    @property
    def small_letters(self) -> int:
        return max(int(self.width / (self.small * LETTER)), 8)

    def part(self, share: float) -> Room:
        return replace(self, width=(self.width - GUTTER) * share)

    def said(self, text: str, size: float = 1.0) -> list[str]:
        return pieces(text, int(self.letters / size))


def pieces(text: str, most: int) -> list[str]:
    """The visible text in pieces, so that a line may end within a word of more than `most` letters."""
    shown = visible(text)
    if not shown:
        return []
    done, begin = [], 0
    for found in re.finditer(rf"\S{{{max(most, 2)},}}", shown):
        done.append(shown[begin : found.start()])
        done += _chunks(found[0])
        begin = found.end()
    return [one for one in [*done, shown[begin:]] if one]


def _chunks(word: str) -> list[str]:
    """Never before a mark that belongs to the letter before it."""
    chunks = [""]
    for letter in word:
        if len(chunks[-1]) >= PIECE and category(letter)[0] != "M":
            chunks.append("")
        chunks[-1] += letter
    return chunks


def blocks_data(blocks: Sequence[Block], room: Room) -> list[Data]:
    return [one for block in blocks for one in _data(block, room)]


@singledispatch
def _data(block: Any, room: Room) -> list[Data]:
    raise TypeError(f"{type(block).__name__} cannot stand there.")


@_data.register
def _heading(block: Heading, room: Room) -> list[Data]:
    return [{"kind": "heading", "level": block.level, "text": room.said(block.text, 1.9)}]


@_data.register
def _paragraph(block: Paragraph, room: Room) -> list[Data]:
    text, bold = room.said(block.text, 1.25), room.said(block.bold, 1.25)
    return [{"kind": "paragraph", "look": block.kind, "text": text, "bold": bold}] if text or bold else []


@_data.register
def _listing(block: Listing, room: Room) -> list[Data]:
    inner = replace(room, width=room.width - 2.5 * room.text)
    lines = [inner.said(one) for one in block.lines]
    return [{"kind": "listing", "numbered": block.numbered, "lines": lines}] if lines else []


@_data.register
def _figures(block: Figures, room: Room) -> list[Data]:
    each = replace(room, width=room.width / max(len(block.numbers), 1) - GUTTER)
    numbers = [_figure(one, each) for one in block.numbers]
    return [{"kind": "figures", "numbers": numbers}] if numbers else []


def _figure(figure: Figure, room: Room) -> Data:
    return {"number": room.said(figure.number, 2), "what": room.said(figure.what, 1.2), "note": room.said(figure.note)}


@_data.register
def _picture(block: Picture, room: Room) -> list[Data]:
    alt = visible(block.alt).strip()
    if not alt:
        raise ValueError(f"A picture needs its text for those who cannot see it: alt='...' ({block.caption[:60]!r}).")
    svg, ratio = as_svg(block.image)
    highest = room.height * 0.62 / (room.width * ratio)
    width = 100 * min(block.width * room.pictures, highest, 1.0)
    return [{"kind": "picture", "svg": svg, "alt": alt, "caption": room.said(block.caption), "width": width}]


def as_svg(image: bytes | str) -> tuple[str, float]:
    """The picture as SVG (a PNG inside one), and its height as a part of its width."""
    if isinstance(image, str):
        return image.encode("utf-8", "replace").decode("utf-8"), _ratio(image)
    if image[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("A picture is a PNG (bytes) or an SVG (text).")
    width, height = struct.unpack(">II", image[16:24])
    data = base64.b64encode(image).decode("ascii")
    size = f'width="{width}" height="{height}"'
    inner = f'<image {size} href="data:image/png;base64,{data}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">{inner}</svg>',
        height / width,
    )


def _ratio(svg: str) -> float:
    """By its box, else by its width and height."""
    head = (re.search(r"<svg\b[^>]*>", svg) or [""])[0]
    box = re.search(r'viewBox\s*=\s*["\']([^"\']+)', head)
    numbers = [float(one) for one in re.split(r"[\s,]+", box[1].strip())] if box else []
    if len(numbers) == 4 and numbers[2] > 0:
        return numbers[3] / numbers[2]
    sizes = [re.search(rf'\b{name}\s*=\s*["\']([\d.]+)', head) for name in ("width", "height")]
    return float(sizes[1][1]) / float(sizes[0][1]) if sizes[0] and sizes[1] else 0.75


@_data.register
def _columns(block: Columns, room: Room) -> list[Data]:
    first, second = room.part(block.left), room.part(1 - block.left)
    blocks = {"first": blocks_data(block.first, first), "second": blocks_data(block.second, second)}
    return [{"kind": "columns", "left": block.left, **blocks}]


@_data.register
def _box(block: Box, room: Room) -> list[Data]:
    inner = replace(room, width=room.width - 2.2 * room.text)
    return [{"kind": "box", "look": block.kind, "blocks": blocks_data(block.blocks, inner)}]


@_data.register
def _folded(block: Folded, room: Room) -> list[Data]:
    return [{"kind": "folded", "title": room.said(block.title), "blocks": blocks_data(block.blocks, room)}]


@_data.register
def _table(block: Table, room: Room) -> list[Data]:
    """A table that is too wide is shown in several, each with the columns that name its lines."""
    if not block.head:
        return []
    if block.widths:
        return [_tight(block, room)]
    least = [_least(block, at) for at in range(len(block.head))]
    tables = [_sheet(block, columns, room) for columns in _groups(least, _naming(block), room.small_letters)]
    tables[0]["title"] = room.said(block.title)
    tables[-1]["note"] = room.said(block.note)
    return tables


def _tight(block: Table, room: Room) -> Data:
    """As wide as it says; only words that fill a column are in pieces."""
    most = [max(int(room.small_letters * one) - BETWEEN, PIECE) for one in block.widths]
    lines = [[pieces(cell, letters) for cell, letters in zip(line, most)] for line in (block.head, *block.lines)]
    return {
        "kind": "table",
        "tight": True,
        "title": room.said(block.title),
        "note": room.said(block.note),
        "head": lines[0],
        "lines": lines[1:],
        "numbers": list(block.numbers),
        "widths": [100 * one for one in block.widths],
    }


def _naming(block: Table) -> int:
    """How many columns name the lines: those before the first of numbers, at most three."""
    first = min([at for at in block.numbers if at > 0], default=1)
    return min(first, 3, len(block.head))


def _groups(least: Sequence[int], naming: int, letters: int) -> list[list[int]]:
    """As few as hold all columns, about equally wide."""
    names, rest = list(range(naming)), list(range(naming, len(least)))
    free = max(letters - sum(least[:naming]), 1)
    total = sum(least[naming:])
    for many in range(1, max(len(rest), 1)):
        groups = _split(rest, least, total / many)
        if all(sum(least[at] for at in group) <= free for group in groups):
            return [[*names, *group] for group in groups]
    return [[*names, one] for one in rest] or [names]


def _split(columns: Sequence[int], least: Sequence[int], each: float) -> list[list[int]]:
    """A new group begins where the one before has its part of the whole width."""
    groups: list[list[int]] = [[]]
    before = 0
    for column in columns:
        if groups[-1] and before + least[column] / 2 > each * len(groups):
            groups.append([])
        groups[-1].append(column)
        before += least[column]
    return groups


def _least(block: Table, column: int) -> int:
    words = [len(word) for line in block.lines for word in line[column].split()]
    return min(max([*words, _longest_of_head(block, column)]), WIDEST_WORD) + BETWEEN


def _longest_of_head(block: Table, column: int) -> int:
    """The letters that its longest word takes the room of."""
    return max((ceil(BOLD * len(word)) for word in block.head[column].split()), default=1)


def _sheet(block: Table, columns: Sequence[int], room: Room) -> Data:
    widths = _widths([(_least(block, at), _wanted(block, at)) for at in columns], room.small_letters)
    said: list[Callable[[str], list[str]]] = [lambda text, most=one: pieces(text, most - BETWEEN) for one in widths]  # type: ignore[misc]
    lines = [[say(line[at]) for say, at in zip(said, columns)] for line in block.lines]
    return {
        "kind": "table",
        "tight": False,
        "title": [],
        "note": [],
        "head": [pieces(block.head[at], int((one - BETWEEN) / BOLD)) for one, at in zip(widths, columns)],
        "lines": lines,
        "numbers": [place for place, at in enumerate(columns) if at in block.numbers],
        "widths": [100 * one / room.small_letters for one in widths],
    }


def _wanted(block: Table, column: int) -> int:
    """By its cells: a heading may take two lines."""
    head = ceil(BOLD * len(block.head[column]) / HEAD_LINES) + len(block.head[column].split()) // 2
    longest = max([head, *(len(line[column]) for line in block.lines)])
    return max(min(longest, WIDEST_CELL) + BETWEEN, _least(block, column))


def _widths(asked: Sequence[tuple[int, int]], letters: int) -> list[int]:
    """What each column wants, if all have room; else the least and a part of what is left."""
    if sum(wanted for _, wanted in asked) <= letters:
        return [wanted for _, wanted in asked]
    least = [one for one, _ in asked]
    if sum(least) >= letters:
        return [max(int(one * letters / sum(least)), BETWEEN + 2) for one in least]
    more = [wanted - one for one, wanted in asked]
    left = letters - sum(least)
    return [one + int(left * extra / max(sum(more), 1)) for one, extra in zip(least, more)]
