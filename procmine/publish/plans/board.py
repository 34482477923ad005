"""Board: the page of a portfolio, forty plans on a landscape page, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from procmine.draw.lettering import wrap
from procmine.publish.page import Stamp
from procmine.publish.paper.blocks import Block, Folded, Heading, PageEnd, Paper, Paragraph, Table
from procmine.publish.paper.pdf import GUTTER, SIZES, TIGHT, across
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.publish.plans.portfolio import Portfolio
    from procmine.publish.plans.standing import Standing

ROWS = 40  # on a page
COLUMNS = {"title": 0.19, "office": 0.11, "step": 0.115, "stage": 0.055, "review": 0.12, "verdict": 0.21, "learnt": 0.2}
POINT = 72 / 25.4


def paper(found: Portfolio, size: Literal["a4", "us-letter"], whole: bool) -> Paper:
    """`whole`: no cell is cut."""
    title = Message("portfolio.title").say()
    blank = Paper(title, (), Stamp(found.about.audience, found.today, {}, title=title), "en", size, landscape=True)
    room = max(SIZES[size]) - 2 * across(blank) * POINT
    blocks = [Heading(title, 1), *_top(found), *_tables(found, 0.0 if whole else room), *_foot(found)]
    pages = None if whole else max(1, -(-len(found) // ROWS))
    return Paper(title, blocks, blank.stamp, "en", size, pages, landscape=True)


def _top(found: Portfolio) -> Iterator[Block]:
    count, *more = found.findings()
    yield Paragraph(" ".join([count.say(), *(one.say() for one in more)]), "about")


def _tables(found: Portfolio, room: float) -> Iterator[Block]:
    """Forty rows a page; a room of 0 points: on one, with all the text."""
    head = [Message(f"portfolio.head.{name}").say() for name in COLUMNS]
    lines = [_line(one, room) for one in found.standings]
    each = ROWS if room else max(len(lines), 1)
    for first in range(0, len(lines), each):
        if first:
            yield PageEnd()
        yield Table(head, lines[first : first + each], widths=tuple(COLUMNS.values()))


def _line(one: Standing, room: float) -> Sequence[str]:
    plan = one.plan
    office = plan.named_office or Message("portfolio.few").say()
    place = Message("portfolio.place", {"office": office, "unit": plan.named_unit}).say() if plan.named_unit else office
    stage = Message(f"plan.stage.{one.stage}").say()
    cells = [plan.title, place, plan.step, stage, one.review.say(), one.verdict.say(), one.learnt or "-"]
    if not room:
        return cells
    return [wrap(cell, room * part - GUTTER, TIGHT, most=1)[0] for cell, part in zip(cells, COLUMNS.values())]


def _foot(found: Portfolio) -> Iterator[Block]:
    yield Folded(Message("result.how").say(), [Paragraph(found.definition, "how")])
