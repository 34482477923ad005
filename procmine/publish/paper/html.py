"""Page: the same document as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from procmine.publish.page import Html, flowing, folded, heading, joined, page, paragraph, picture, scrolled, text
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

LONGEST = 24  # letters of a word that a column of a table holds


def as_html(paper: Paper) -> str:
    """Nothing is left out on the screen: a page has no end. Printed, it leaves out what may be spared, if its PDF had to.

    Raises ValueError as `as_pdf` does, for what does not fit.
    """
    stamp = replace(paper.stamp, language=paper.language)
    foot = [visible(one) for one in paper.foot]
    body = [_html(one) for one in in_order(paper.blocks)]
    kind = (
        f"paper {paper.size}"
        + (" wide" if paper.landscape else "")
        + (" full" if paper.pages and _shortened(paper) else "")
    )
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
    head = "".join(_cell("th", one, at in block.numbers, "col") for at, one in enumerate(block.head))
    lines = "".join(_line(line, block) for line in block.lines)
    title = f"<caption>{flowing(visible(block.title))}</caption>" if block.title else ""
    table = f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    note = paragraph(visible(block.note), "about") if block.note else Html("")
    return joined([scrolled(table, visible(block.title or ", ".join(block.head))), note])


def _line(line: Sequence[str], block: Table) -> str:
    """An empty cell names nothing: a line to write on has no head."""
    names = bool(line) and bool(visible(line[0]).strip())
    cells = [
        _cell("th", one, at in block.numbers, "row") if names and not at else _cell("td", one, at in block.numbers, "")
        for at, one in enumerate(line[: len(block.head)])
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _cell(tag: str, said: str, right: bool, scope: str) -> str:
    """A word that no column holds may be broken anywhere."""
    unbroken = any(len(word) > LONGEST for word in visible(said).split())
    kinds = " ".join([*(["right"] if right else []), *(["unbroken"] if unbroken else [])])
    looks = (f' scope="{scope}"' if scope else "") + (f' class="{kinds}"' if kinds else "")
    return f"<{tag}{looks}>{flowing(visible(said))}</{tag}>"


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
