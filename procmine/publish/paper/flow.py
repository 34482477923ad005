"""Flow: the blocks of a document as they are read, and changed one by one, also those inside others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from procmine.publish.paper.blocks import Block, Box, Columns, Folded, Heading, PageEnd

LEVELS: tuple[Literal[1, 2, 3], ...] = (1, 2, 3)


def each(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block, also those inside others."""
    for one in blocks:
        yield one
        for within in _inside(one):
            yield from each(within)


def changed(blocks: Sequence[Block], change: Callable[[Block], Block | None]) -> list[Block]:
    """Every block as `change` gives it, one that holds others before those; None: it goes."""
    return [_within(new, change) for one in blocks if (new := change(one)) is not None]


def in_order(blocks: Sequence[Block]) -> list[Block]:
    """Headings as readers that speak need them: one of level 1, it first, and no level passed over."""
    above = 0

    def level(block: Block) -> Block:
        nonlocal above
        if not isinstance(block, Heading):
            return block
        above = max(2, min(block.level, above + 1)) if above else 1
        return replace(block, level=LEVELS[above - 1])

    return changed(blocks, level)


def parts(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks between the ends of pages."""
    split: list[list[Block]] = [[]]
    for one in blocks:
        if isinstance(one, PageEnd):
            split.append([])
        else:
            split[-1].append(one)
    return [one for one in split if one]


def _inside(block: Block) -> tuple[Sequence[Block], ...]:
    if isinstance(block, Columns):
        return block.first, block.second
    return (block.blocks,) if isinstance(block, Box | Folded) else ()


def _within(block: Block, change: Callable[[Block], Block | None]) -> Block:
    if isinstance(block, Columns):
        return replace(block, first=changed(block.first, change), second=changed(block.second, change))
    return replace(block, blocks=changed(block.blocks, change)) if isinstance(block, Box | Folded) else block
