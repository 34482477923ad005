"""Board: the page of a portfolio, forty plans on a landscape page, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from procmine.draw.lettering import clean, width, wrap
from procmine.publish.page import Stamp
from procmine.publish.paper.blocks import Block, Heading, PageEnd, Paper, Paragraph, Table
from procmine.publish.paper.pdf import GUTTER, SIZES, TIGHT, across
from procmine.words import Message, spoken

if TYPE_CHECKING:
    from procmine.publish.plans.portfolio import Portfolio
    from procmine.publish.plans.standing import Standing

ROWS = 40  # of a line, on a page
COLUMNS = ("title", "office", "step", "stage", "review", "verdict", "learnt")
SHARED = {"title": 0.33, "office": 0.19, "step": 0.19, "learnt": 0.29}  # of the room that the others leave
WIDEST = 190.0  # points for what the data say
POINT = 72 / 25.4


def paper(found: Portfolio, size: Literal["a4", "us-letter"], whole: bool) -> Paper:
    """`whole`: no cell is cut."""
    title = Message("portfolio.title").say()
    until = max((one.last.data for one in found.standings if one.last), default=found.today)
    stamp = Stamp(found.about.audience, until[:7] if found.about.audience == "public" else until, {}, title=title)
    blank = Paper(title, (), stamp, str(getattr(spoken(), "code", "en")), size, landscape=True)
    room = max(SIZES[size]) - 2 * across(blank) * POINT
    how = Paragraph(found.definition, "how", bold=Message("result.how").say())
    blocks = [Heading(title, 1), *_top(found), *_tables(found, room, whole), how]
    return replace(blank, blocks=blocks, pages=None if whole else max(1, -(-len(found) // ROWS)))


def _top(found: Portfolio) -> Iterator[Block]:
    late = sum(one.overdue for one in found.standings)
    overdue = [Message("portfolio.overdue.count", {"n": late})] if late else []
    first, *further = found.given() if len(found) else [Message(found.none)]
    yield Paragraph(first.say(), "answer")
    yield Paragraph(" ".join(one.say() for one in (found.counted(), *overdue, *further)), "about")


def _tables(found: Portfolio, room: float, whole: bool) -> Iterator[Block]:
    """Forty lines a page, so that fewer plans have several each; `whole`: on one page, with all the text."""
    head = [Message(f"portfolio.head.{name}").say() for name in COLUMNS]
    lines = [_line(one) for one in found.standings]
    wide = _widths([head, *lines], room)
    most = max(ROWS // max(len(lines), 1), 1)
    told = lines if whole else [[_cut(cell, at, most) for cell, at in zip(line, wide)] for line in lines]
    each = max(len(lines), 1) if whole else ROWS
    for first in range(0, len(lines), each):
        if first:
            yield PageEnd()
        yield Table(head, told[first : first + each], widths=[one / room for one in wide])


def _cut(cell: str, wide: float, most: int) -> str:
    return " ".join(wrap(cell, wide - GUTTER, TIGHT, most=most))


def _widths(lines: Sequence[Sequence[str]], room: float) -> list[float]:
    """Points: stages, days and verdicts as wide as they are, the others share what is left."""
    own = {
        name: min(max(width(clean(line[at]), TIGHT, bold=not number) for number, line in enumerate(lines)) + 1, WIDEST)
        + GUTTER
        for at, name in enumerate(COLUMNS)
        if name not in SHARED
    }
    left = room - sum(own.values())
    return [own[name] if name in own else left * SHARED[name] for name in COLUMNS]


def _line(one: Standing) -> list[str]:
    plan = one.plan
    office = plan.named_office or Message("portfolio.few").say()
    place = Message("portfolio.place", {"office": office, "unit": plan.named_unit}).say() if plan.named_unit else office
    stage = Message(f"plan.stage.{one.stage}").say()
    return [plan.title, place, plan.step, stage, one.review.say(), one.verdict.say(), one.learnt or "-"]
