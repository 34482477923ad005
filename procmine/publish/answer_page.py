"""Answer page: one answer with its picture, its numbers and how we know, in one file that loads nothing."""

from __future__ import annotations

from pathlib import Path

from procmine.publish.capture import drawing, numbers
from procmine.publish.page import (
    Html,
    Stamp,
    folded,
    heading,
    how_we_know,
    joined,
    listing,
    page,
    paragraph,
    write_page,
)
from procmine.publish.safety import Shown, show
from procmine.results import Result
from procmine.simulate.forecast import Forecast
from procmine.words import Message


def answer_page(result: Result, path: str | Path) -> Path:
    """Write the page to `path`, for the log's audience; of a forecast the team sees a picture of each of its parts."""
    stamp = Stamp.of(result.about)
    title = stamp.title or Message("page.untitled").say()
    parts = [heading(title, 1), *_answer(show(result, stamp.audience)), *_parts(result, stamp)]
    return write_page(Path(path), page(title, parts, stamp))


def _answer(shown: Shown) -> list[Html]:
    """One sentence, one picture, then the rest: what else was found and assumed, the numbers, how we know."""
    image, more = drawing(shown), shown.sentences[1:]
    table = numbers(shown) if image is None else folded(Message("page.numbers").say(), [numbers(shown)])
    first = [paragraph(line, "answer") for line in shown.sentences[:1]]
    rest = [listing(more)] if more else []
    return [*first, *([image] if image else []), *rest, table, how_we_know([shown.definition, *shown.filters])]


def _parts(result: Result, stamp: Stamp) -> list[Html]:
    """Of one policy; the sentences of the parts stand above already."""
    if not isinstance(result, Forecast) or result.groups or stamp.audience != "team":
        return []
    told = [show(one, stamp.audience) for one in (result.open_cases, result.saved, result.by_group) if one.pictured]
    drawn = [(one, drawing(one)) for one in told]
    table = Message("page.numbers").say()
    return [joined([image, folded(table, [numbers(one)])]) for one, image in drawn if image is not None]
