"""Fit: a document made to fill exactly its pages, by what may go first, or an error that says what did not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from procmine.publish.paper.blocks import Block, Figure, Figures, Heading, Listing, Paper, Paragraph, Picture, Table
from procmine.publish.paper.flow import changed, each, in_order, parts

SIZES = (
    (10.0, 1.0),
    (9.5, 0.94),
    (9.0, 0.88),
    (8.5, 0.82),
    (8.0, 0.76),
)  # of text in points, and of pictures beside it
LARGEST = SIZES[0][0]
READABLE = 9.0  # points: down to here text gets smaller before anything is left out that was found
NOTES = 5  # from so much spare on a block is a note, which goes before text gets smaller
CUTS = (80, 60, 40, 24)  # letters that stay of a long label


@dataclass(frozen=True)
class Setting:
    """How a document is set: its blocks between page ends, the size of text, the part of each picture's width."""

    parts: Sequence[Sequence[Block]]
    text: float = LARGEST
    pictures: float = SIZES[0][1]


@dataclass(frozen=True)
class End:
    """The page on which a block ends; block -1 is where the part begins, one beyond the last block the foot."""

    part: int
    block: int
    page: int


Measure = Callable[[Setting], Sequence[End]]


def fit(paper: Paper, measure: Measure) -> Setting:
    """What can best be spared (NOTES) goes first, then text and pictures get smaller down to READABLE; then all else that is
    `spare` goes, lines of listings, and text gets smaller still. If that is not enough, the same with long labels cut to
    fewer and fewer letters."""
    whole = Setting(parts(in_order(paper.blocks)) or [[]])
    if paper.pages is None:
        return whole
    if len(whole.parts) > paper.pages:
        raise ValueError(f"{paper.title!r} has {len(whole.parts)} parts that begin on a page, for {paper.pages} pages.")
    setting = _settled(whole, paper.pages, measure)
    for most in CUTS:
        if not _over(measure(setting), paper.pages, setting):
            break
        setting = _settled(_cut(whole, paper.labels, most), paper.pages, measure)
    _check(paper, setting, measure(setting))
    return setting


def _settled(setting: Setting, pages: int, measure: Measure) -> Setting:
    ends = measure(setting)
    for step in (_without_notes, _down_to_readable, _without_spare, _fewer_lines, _smaller):
        while (over := _over(ends, pages, setting)) and (shorter := step(setting, over)):
            setting, ends = shorter, measure(shorter)
    return setting


def _pages(ends: Sequence[End], part: int) -> tuple[int, int]:
    """The first and the last page of a part."""
    of_part = [one.page for one in ends if one.part == part]
    return min(of_part), max(of_part)


def _over(ends: Sequence[End], pages: int, setting: Setting) -> list[int]:
    """The parts that run on: over their page if each has one, else all if the whole does."""
    if len(setting.parts) == pages:
        spans = [_pages(ends, part) for part in range(pages)]
        return [part for part, (first, last) in enumerate(spans) if last > first]
    return list(range(len(setting.parts))) if max(one.page for one in ends) > pages else []


def _check(paper: Paper, setting: Setting, ends: Sequence[End]) -> None:
    pages = paper.pages or 0
    over = _over(ends, pages, setting)
    last = max(one.page for one in ends)
    if not over and last < pages:
        raise ValueError(f"{paper.title!r} fills {last} of {pages} pages: say with PageEnd where a page ends.")
    if over:
        first = _pages(ends, over[0])[0]
        limit = first if len(setting.parts) == pages else pages
        beyond = [one for one in ends if one.part in over and one.page > limit]
        raise ValueError(
            f"{paper.title!r} does not fit on {pages} pages, even with all that is spare left out and text of "
            f"{setting.text:g} points: {_told(setting, beyond[0])} ends beyond page {limit}, and {len(beyond) - 1} after it."
        )


def _told(setting: Setting, end: End) -> str:
    """A block by its first words."""
    blocks = setting.parts[end.part]
    if end.block >= len(blocks):
        return "the foot"
    words = [getattr(one, name, "") for one in each([blocks[end.block]]) for name in ("text", "title", "caption")]
    said = next((one for one in words if one), "")
    return f"the {type(blocks[end.block]).__name__.lower()} {said[:60]!r}" if said else type(blocks[end.block]).__name__


def _without_notes(setting: Setting, over: Sequence[int]) -> Setting | None:
    return _in_parts(setting, over, lambda blocks: _drop_spare(blocks, NOTES))


def _without_spare(setting: Setting, over: Sequence[int]) -> Setting | None:
    """In each part that runs on, the block that can best be spared goes; of several the last."""
    return _in_parts(setting, over, _drop_spare)


def _drop_spare(blocks: Sequence[Block], least: int = 1) -> Sequence[Block]:
    spares = [one for one in each(blocks) if getattr(one, "spare", 0) >= least]
    if not spares:
        return blocks
    most = max(getattr(one, "spare", 0) for one in spares)
    goes = [one for one in spares if getattr(one, "spare", 0) == most][-1]
    return changed(blocks, lambda one: None if one is goes else one)


def _fewer_lines(setting: Setting, over: Sequence[int]) -> Setting | None:
    return _in_parts(setting, over, _drop_line)


def _drop_line(blocks: Sequence[Block]) -> Sequence[Block]:
    """Without the last line of the listing that has most lines to spare."""
    listings = [one for one in each(blocks) if isinstance(one, Listing) and len(one.lines) > max(one.least, 1)]
    if not listings:
        return blocks
    longest = max(reversed(listings), key=lambda one: len(one.lines) - one.least)
    return changed(blocks, lambda one: replace(longest, lines=longest.lines[:-1]) if one is longest else one)


def _in_parts(
    setting: Setting, over: Sequence[int], less: Callable[[Sequence[Block]], Sequence[Block]]
) -> Setting | None:
    new = [less(part) if number in over else part for number, part in enumerate(setting.parts)]
    same = all(one is two for one, two in zip(new, setting.parts))
    return None if same else replace(setting, parts=new)


def _down_to_readable(setting: Setting, over: Sequence[int]) -> Setting | None:
    smaller = _smaller(setting, over)
    return smaller if smaller is not None and smaller.text >= READABLE else None


def _smaller(setting: Setting, over: Sequence[int]) -> Setting | None:
    smaller = [(text, pictures) for text, pictures in SIZES if text < setting.text]
    return replace(setting, text=smaller[0][0], pictures=smaller[0][1]) if smaller else None


def _cut(setting: Setting, labels: Sequence[str], most: int) -> Setting:
    known = sorted({*labels}, key=len, reverse=True)
    pairs = [(one, cut(one, most)) for one in known]
    new = [changed(part, lambda one: _with_cut(one, pairs, most)) for part in setting.parts]
    return replace(setting, parts=new)


def cut(label: str, most: int) -> str:
    """The label, or its beginning with an ellipsis."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _with_cut(block: Block, pairs: Sequence[tuple[str, str]], most: int) -> Block:
    """Known labels, words without a blank and cells of tables cut; all other text stays whole."""

    def said(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return re.sub(rf"\S{{{most + 1},}}", lambda found: cut(found[0], most), text)

    if isinstance(block, Heading):
        return replace(block, text=said(block.text))
    if isinstance(block, Paragraph):
        return replace(block, text=said(block.text), bold=said(block.bold))
    if isinstance(block, Listing):
        return replace(block, lines=[said(one) for one in block.lines])
    if isinstance(block, Figures):
        figures = [Figure(said(one.number), said(one.what), said(one.note)) for one in block.numbers]
        return replace(block, numbers=figures)
    return _with_cut_cells(block, said, most)


def _with_cut_cells(block: Block, said: Callable[[str], str], most: int) -> Block:
    if isinstance(block, Table):
        lines = [[cut(said(one), most) for one in line] for line in block.lines]
        return replace(block, head=[cut(said(one), most) for one in block.head], lines=lines, title=said(block.title))
    return replace(block, caption=said(block.caption)) if isinstance(block, Picture) else block
