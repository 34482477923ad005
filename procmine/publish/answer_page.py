"""Answer page: one answer with its picture, its numbers and how we know, in one file that loads nothing."""

from __future__ import annotations

from pathlib import Path

from procmine.publish.capture import answer, drawing, numbers
from procmine.publish.page import Html, Stamp, folded, heading, joined, page, write_page
from procmine.publish.safety import show
from procmine.results import Result
from procmine.simulate.forecast import Forecast
from procmine.words import Message


def answer_page(result: Result, path: str | Path) -> Path:
    """Write the page to `path`, for the log's audience; of a forecast the team sees a picture of each of its parts."""
    stamp = Stamp.of(result.about)
    title = stamp.title or Message("page.untitled").say()
    parts = [heading(title, 1), answer(show(result, stamp.audience)), *_parts(result, stamp)]
    return write_page(Path(path), page(title, parts, stamp))


def _parts(result: Result, stamp: Stamp) -> list[Html]:
    """Of one policy; the sentences of the parts stand above already."""
    if not isinstance(result, Forecast) or result.groups or stamp.audience != "team":
        return []
    told = [show(one, stamp.audience) for one in (result.open_cases, result.saved, result.by_group) if one.pictured]
    drawn = [(one, drawing(one)) for one in told]
    table = Message("page.numbers").say()
    return [joined([image, folded(table, [numbers(one)])]) for one, image in drawn if image is not None]
