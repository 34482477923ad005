"""Capture: inside a report's notebook, every result shown is made fit for the audience and handed over with its table."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import Audience
from procmine.draw.picture import SCREEN_DPI, png
from procmine.draw.workbook import Sheet
from procmine.log import EventLog, LogError
from procmine.publish.few import LEAST, by_month, may_be_said, rounded
from procmine.publish.page import Html, Stamp, folded, how_we_know, joined, listing, paragraph, picture, scrolled
from procmine.publish.paper.blocks import Block, Folded, Listing, Paragraph, Picture, Table
from procmine.publish.paper.stored import read, written
from procmine.publish.persons import masked, unnamed
from procmine.publish.safety import Shown, show
from procmine.results import MOST_SHOWN, Result, Rows, cell, heading, html_table, in_days
from procmine.see.maps import ProcessMap
from procmine.words import DAY, Message

if TYPE_CHECKING:
    import pandas as pd

    from procmine.publish.explorer.explore import Explorer

MIME = "application/vnd.procmine+json"
MOST_PARAGRAPHS = 3  # more sentences after the first are listed
PAGE_WIDE = 6.93  # inches of text on a page of paper
MOST_CELLS = 2_000_000  # of a table that goes into the workbook


@dataclass(frozen=True)
class Handed:
    """What a shown thing hands over: its tables for the workbook, what the page says of its data, and the same as blocks."""

    tables: Sequence[Sheet]
    stamp: Stamp | None
    empty: bool = False
    blocks: Sequence[Block] = ()

    def to_dict(self) -> dict[str, Any]:
        stamp = None if self.stamp is None else {**vars(self.stamp), "source": dict(self.stamp.source)}
        tables = [_written(one) for one in self.tables]
        return {"tables": tables, "stamp": stamp, "empty": self.empty, "blocks": written(self.blocks)}

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Handed:
        stamp = None if said["stamp"] is None else Stamp(**said["stamp"])
        return cls([_read(one) for one in said["tables"]], stamp, said["empty"], read(said["blocks"]))


def install(audience: Audience) -> None:
    """From here on this notebook shows results, logs and frames as a page for this audience does."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        kernel.log.addFilter(no_ending)
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(Result, partial(of_result, audience=audience))
    formatter.for_type(EventLog, partial(of_log, audience=audience))
    formatter.for_type_by_name("pandas", "DataFrame", partial(of_frame, audience=audience))
    formatter.for_type_by_name("procmine.publish.explorer.explore", "Explorer", partial(of_explorer, audience=audience))


def no_ending(record: logging.LogRecord) -> bool:
    """False for what a kernel logs as it is stopped, out of time: the report says that; all else is logged."""
    closed = record.exc_info is not None and str(record.exc_info[1]) == "Socket operation on non-socket"
    return not (closed or record.getMessage().startswith("KeyboardInterrupt caught in kernel"))


def of_result(result: Result, *, audience: Audience) -> dict[str, Any]:
    """The display of a result: sentence, picture, table, "how we know"; and what it hands over."""
    try:
        shown = show(result, audience)
    except LogError as error:
        return _withheld(str(error))
    rows = unnamed(result).rows if audience == "team" else shown.rows
    notes = [shown.definition, *shown.sentences, *shown.filters]
    title = _spaced(shown.kind)
    further = [Sheet(f"{title}, {name}", _columns(part, shown.day), []) for name, part in shown.further.items()]
    tables = [Sheet(title, _columns(rows, shown.day), notes), *further]
    empty = not len(result) and not result.none_is_an_answer
    drawn = drawn_block(shown)
    handed = Handed(tables, Stamp.of(result.about, audience), empty=empty, blocks=answer_blocks(shown, drawn))
    return _bundle(_answer(shown, drawn), "\n".join(shown.sentences), handed)


def of_explorer(live: Explorer, *, audience: Audience) -> dict[str, Any]:
    """Of a live map the picture: a page of a report runs no code."""
    return of_result(live.still, audience=audience)


def of_log(log: EventLog, *, audience: Audience) -> dict[str, Any]:
    """A log's card; for others than the team without what the door noted of single rows."""
    stamp = Stamp.of(log.about, audience)
    messages = [masked(one, log.about) for one in log.messages()]
    if audience != "team":
        notes = [note.key for note in log.about.notes]
        messages = [one for one in messages if one.key not in notes and may_be_said(one, whole=len(log) >= LEAST)]
        messages = [rounded(one) for one in messages]
    lines = [one.say() for one in messages]
    lines = [by_month(line) for line in lines] if audience == "public" else lines
    return _bundle(listing(lines), "\n".join(lines), Handed([], stamp, not len(log), [Listing(lines)]))


def of_frame(frame: pd.DataFrame, *, audience: Audience) -> dict[str, Any]:
    """A plain frame is for the team only: nobody can say what its rows are."""
    if audience != "team":
        return _withheld(Message("safety.frame").say())
    named = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
    columns = {str(name): np.asarray(named.iloc[:, place].to_numpy()) for place, name in enumerate(named.columns)}
    sheets = [Sheet("Table", _columns(columns), [])] if frame.size <= MOST_CELLS else []
    handed = Handed(sheets, None, empty=not len(frame), blocks=[table_block(columns)])
    return _bundle(table(columns), frame.to_string(max_rows=10), handed)


def answer(shown: Shown) -> Html:
    """The sentences; the picture if there is one (then the table is folded, else it stands open); how we know."""
    return _answer(shown, drawn_block(shown))


def _answer(shown: Shown, drawn: Picture | None) -> Html:
    told = list(shown.sentences)
    said = joined([*(paragraph(line, "answer") for line in told[:1]), _rest(told[1:])])
    how = how_we_know([shown.definition, *shown.filters])
    if drawn is None:
        return joined([said, numbers(shown), how])
    return joined([said, _as_html(drawn), folded(Message("page.numbers").say(), [numbers(shown)]), how])


def answer_blocks(shown: Shown, drawn: Picture | None) -> list[Block]:
    """The same as blocks of a document."""
    first, rest = list(shown.sentences[:1]), list(shown.sentences[1:])
    said: list[Block] = [Paragraph(line, "answer") for line in first]
    said += [Listing(rest)] if len(rest) > MOST_PARAGRAPHS else [Paragraph(line) for line in rest]
    tables = [table_block(rows, shown.day) for rows in (shown.rows, *shown.further.values()) if _lines(rows)]
    shown_tables: list[Block] = [*tables] if drawn is None else [drawn, Folded(Message("page.numbers").say(), tables)]
    known = [Paragraph(line, "how") for line in dict.fromkeys([shown.definition, *shown.filters]) if line]
    return [*said, *shown_tables, Folded(Message("result.how").say(), known)]


def table_block(rows: Rows, day: float = DAY) -> Table:
    """The first rows, each value as in the table of the page."""
    left = _lines(rows) - MOST_SHOWN
    cells = [[cell(name, value, day) for value in column[:MOST_SHOWN]] for name, column in rows.items()]
    right = [place for place, column in enumerate(rows.values()) if column.dtype.kind in "mfiu"]
    note = Message("page.more", {"more": left}).say() if left > 0 else ""
    return Table([heading(name) for name in rows], [*zip(*cells)], note=note, numbers=right)


def _rest(lines: Sequence[str]) -> Html:
    return listing(lines) if len(lines) > MOST_PARAGRAPHS else joined([paragraph(line) for line in lines])


def numbers(shown: Shown) -> Html:
    """The first rows of each table; the workbook has all."""
    return joined([table(rows, shown.day) for rows in (shown.rows, *shown.further.values())])


def table(rows: Rows, day: float = DAY, *, more: str = "page.more") -> Html:
    if not rows:
        return Html("")
    first = {name: column[:MOST_SHOWN] for name, column in rows.items()}
    left = len(next(iter(rows.values()))) - MOST_SHOWN
    note = paragraph(Message(more, {"more": left}).say(), "about") if left > 0 else Html("")
    return joined([scrolled(html_table(first, day), ", ".join(map(heading, rows))), note])


def _lines(rows: Rows) -> int:
    return max((len(column) for column in rows.values()), default=0)


def drawing(shown: Shown) -> Html | None:
    """The result's picture, None if it has none; the sentences stand for it where a picture cannot be seen."""
    drawn = drawn_block(shown)
    return None if drawn is None else _as_html(drawn)


def drawn_block(shown: Shown) -> Picture | None:
    """The same as a block of a document."""
    figure, said = shown.figure(), " ".join(shown.sentences)
    if figure is None:
        return None
    of_map = isinstance(shown.picture, ProcessMap)
    what = Message("map.alt", {"steps": len(shown.picture)}).say() if of_map and shown.picture else ""
    width = min(float(figure.get_size_inches()[0]) / PAGE_WIDE, 1.0)
    return Picture(png(figure), f"{what} {said or shown.definition}".strip(), width=width)


def _as_html(drawn: Picture) -> Html:
    """At print size."""
    wide = int.from_bytes(drawn.image[16:20]) if isinstance(drawn.image, bytes) else 0  # as a PNG says it
    return picture(drawn.image, drawn.alt, across=round(wide * 96 / SCREEN_DPI))


def _withheld(why: str) -> dict[str, Any]:
    return _bundle(paragraph(why, "withheld"), why, Handed([], None, blocks=[Paragraph(why, "withheld")]))


def _bundle(html: Html, plain: str, handed: Handed) -> dict[str, Any]:
    return {"text/html": html, "text/plain": plain, MIME: handed.to_dict()}


def _columns(rows: Rows, day: float = DAY) -> dict[str, NDArray[Any]]:
    """Headings as users read them; lengths of time as numbers of the clock's days, which the heading says."""
    return dict(in_days(name, column, day) for name, column in rows.items())


def _spaced(name: str) -> str:
    """CycleTimes -> Cycle times."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: " " + found[1].lower(), name)


KINDS = {"m": "m8[s]", "M": "M8[us]", "f": "f8", "i": "i8", "u": "i8", "b": "?"}


def _written(sheet: Sheet) -> dict[str, Any]:
    columns = [{"name": name, **_column(column)} for name, column in sheet.columns.items()]
    return {"title": sheet.title, "columns": columns, "notes": list(sheet.notes)}


def _column(column: NDArray[Any]) -> dict[str, Any]:
    """Numbers as little-endian bytes (exact, and short); all else as text."""
    kind = KINDS.get(column.dtype.kind)
    if kind is None:
        return {"kind": "text", "values": [None if _missing(one) else str(one) for one in column.tolist()]}
    data = np.ascontiguousarray(column.astype(kind)).astype(np.dtype(kind).newbyteorder("<"))
    return {"kind": kind, "values": base64.b64encode(data.tobytes()).decode("ascii")}


def _missing(value: Any) -> bool:
    return value is None or value != value


def _read(written: Mapping[str, Any]) -> Sheet:
    columns = {one["name"]: _array(one["kind"], one["values"]) for one in written["columns"]}
    return Sheet(written["title"], columns, written["notes"])


def _array(kind: str, values: Any) -> NDArray[Any]:
    if kind == "text":
        return np.array(values, object)
    return np.frombuffer(base64.b64decode(values), np.dtype(kind).newbyteorder("<")).astype(kind)
