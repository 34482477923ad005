"""Page: the same document as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from procmine.publish.page import Html, flowing, folded, heading, joined, page, paragraph, picture, text
from procmine.publish.paper.blocks import (
    Block,
    Box,
    Columns,
    Figures,
    Folded,
    Heading,
    Listing,
    PageEnd,
    Paper,
    Paragraph,
    Picture,
    Table,
)
from procmine.publish.paper.fit import LARGEST
from procmine.publish.paper.flow import each, in_order
from procmine.publish.paper.pdf import fitted
from procmine.words import visible


def as_html(paper: Paper) -> str:
    """Nothing is left out on the screen: a page has no end. Printed, it leaves out what may be spared, if its PDF had to.

    Raises ValueError as `as_pdf` does, for what does not fit.
    """
    stamp = replace(paper.stamp, language=paper.language)
    foot = [visible(one) for one in paper.foot]
    body = [_html(one) for one in in_order(paper.blocks)]
    kind = f"paper {paper.size}" + (" full" if paper.pages and _shortened(paper) else "")
    return page(visible(paper.title), body, stamp, kind=kind, foot=foot, mark=visible(paper.mark))


def _shortened(paper: Paper) -> bool:
    setting = fitted(paper)
    there = [one for part in setting.parts for one in each(part)]
    return setting.text < LARGEST or len(there) < sum(not isinstance(one, PageEnd) for one in each(paper.blocks))


def blocks_html(blocks: Sequence[Block]) -> Html:
    return joined([_html(one) for one in blocks])


def _html(block: Block) -> Html:
    """What may be spared is marked for the printer."""
    made = _made(block)
    return joined([made], "spare") if getattr(block, "spare", 0) else made


@singledispatch
def _made(block: Any) -> Html:
    raise TypeError(f"{type(block).__name__} cannot stand there.")


@_made.register
def _heading(block: Heading) -> Html:
    return heading(visible(block.text), block.level)


@_made.register
def _paragraph(block: Paragraph) -> Html:
    bold = f"<strong>{flowing(visible(block.bold))}</strong> " if block.bold else ""
    kind = f' class="{text(block.kind)}"' if block.kind else ""
    return Html(f"<p{kind}>{bold}{flowing(visible(block.text))}</p>")


@_made.register
def _listing(block: Listing) -> Html:
    tag = "ol" if block.numbered else "ul"
    lines = "".join(f"<li>{flowing(visible(line))}</li>" for line in block.lines)
    return Html(f"<{tag}>{lines}</{tag}>") if lines else Html("")


@_made.register
def _figures(block: Figures) -> Html:
    from procmine.publish.page import figures

    return figures([(visible(one.number), visible(one.what), visible(one.note)) for one in block.numbers])


@_made.register
def _picture(block: Picture) -> Html:
    shown = picture(block.image, visible(block.alt), caption=visible(block.caption))
    width = f' style="width:{100 * block.width:.0f}%"' if block.width < 1 else ""
    return Html(shown.replace("<figure>", f"<figure{width}>", 1))


@_made.register
def _table(block: Table) -> Html:
    """The first cell of a line names it."""
    right = ['class="right"' if at in block.numbers else "" for at in range(len(block.head))]
    head = "".join(f'<th scope="col" {side}>{flowing(visible(one))}</th>' for one, side in zip(block.head, right))
    lines = "".join(_line(line, right) for line in block.lines)
    title = f"<caption>{flowing(visible(block.title))}</caption>" if block.title else ""
    table = f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    name = f' role="region" tabindex="0" aria-label="{text(visible(block.title))}"' if block.title else ""
    note = paragraph(visible(block.note), "about") if block.note else Html("")
    return joined([Html(f'<div class="scroll"{name}>{table}</div>'), note])


def _line(line: Sequence[str], right: Sequence[str]) -> str:
    cells = [f"{side}>{flowing(visible(one))}" for one, side in zip(line, right)]
    first = f'<th scope="row" {cells[0]}</th>' if cells else ""
    return f"<tr>{first}{''.join(f'<td {one}</td>' for one in cells[1:])}</tr>"


@_made.register
def _columns(block: Columns) -> Html:
    parts = f"{100 * block.left:.0f}fr {100 * (1 - block.left):.0f}fr"
    first, second = blocks_html(block.first), blocks_html(block.second)
    return Html(f'<div class="columns" style="--parts: {parts}"><div>{first}</div><div>{second}</div></div>')


@_made.register
def _box(block: Box) -> Html:
    role = "" if block.kind == "note" else ' role="note"'
    return Html(f'<div class="box {text(block.kind)}"{role}>{blocks_html(block.blocks)}</div>')


@_made.register
def _folded(block: Folded) -> Html:
    return folded(visible(block.title), [_html(one) for one in block.blocks])


@_made.register
def _page_end(block: PageEnd) -> Html:
    return Html('<div class="page-end"></div>')
