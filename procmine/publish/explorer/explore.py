"""Explore: the live map of a log, in a notebook and as one file that needs no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from procmine.about import Audience
from procmine.draw.files import replace_whole
from procmine.kernels.simplify import Bools, Graph
from procmine.log import EventLog, Log, LogError, check_attributes, day_of, in_memory, moment
from procmine.proof.records.change import Change
from procmine.publish.explorer.cells import cells_of, split_at, splits_of
from procmine.publish.explorer.difference import Where, difference_of
from procmine.publish.explorer.page import page, picture_of
from procmine.publish.explorer.places import boxes_of, layouts_of
from procmine.publish.explorer.rows import rows_of
from procmine.publish.explorer.steps import Order, graph_of, only, order_of
from procmine.publish.explorer.wording import dictionary
from procmine.publish.few import LEAST, by_month
from procmine.publish.page import Stamp
from procmine.publish.persons import filters, refuse_chosen
from procmine.publish.safety import show
from procmine.see.maps import ProcessMap, process_map
from procmine.words import Language, Message, spoken, visible

MOST_EVENTS = 1_500_000  # that a page holds; of more, it tells of cases drawn by chance, and says so
MOST_BYTES = 12_000_000  # that a cell of a notebook takes: larger pages are saved, and the picture is shown
HIGH = 860  # pixels of a cell


@dataclass(frozen=True, eq=False)
class Explorer:
    """A live map; a notebook shows it, `save` writes it. `still` is the picture of it, for reports and print.

    audience: for "agency" and "public" it holds no cases, only rounded counts of at least ten cases each, and no search or
    replay; for the public nothing to choose by either.
    """

    log: EventLog
    audience: Audience
    change: str | Change | None = None
    before_after: str | None = None
    where: Where = None
    by: tuple[str, ...] = ()
    seed: int = 1
    language: Mapping[str, str] = field(default_factory=spoken, repr=False)

    @cached_property
    def still(self) -> ProcessMap:
        """The process map of the same log."""
        return process_map(self.log)

    @cached_property
    def html(self) -> str:
        """The whole page."""
        from procmine.words import speaking

        with speaking(self.language):
            written = self._rows() if self.audience == "team" else self._cells()
            return page({**self._said(), **written}, self._stamp(), self._picture())

    def save(self, path: str | Path) -> Path:
        """Write the page, one file of .html that opens without a network; replaces `path` when complete."""
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"A live map is saved as .html; {path.name!r} ends with {path.suffix!r}.")
        with replace_whole(path) as beside:
            beside.write_text(self.html, encoding="utf-8", newline="\n")
        return path

    def sentences(self) -> list[str]:
        """What the map says, for those who see only text."""
        return list(show(self.still, self.audience).sentences)

    def __repr__(self) -> str:
        return "\n".join(self.sentences())

    def _repr_html_(self) -> str:
        """The picture, and after it the live map in a frame of its own, which takes the picture away once it runs.

        A notebook that is not trusted drops the frame and keeps the picture.
        """
        title = escape(Message("explorer.title").say(), quote=True)
        if len(self.html) > MOST_BYTES:
            said = Message("explorer.large", {"size": round(len(self.html) / 1e6)}).say()
            return f"{self._picture()}<p>{escape(said)}</p>"
        frame = (
            f'<iframe title="{title}" sandbox="allow-scripts" width="100%" height="{HIGH}" style="border:0" '
            f'onload="this.previousElementSibling.remove()" srcdoc="{escape(self.html, quote=True)}"></iframe>'
        )
        return f"<div>{self._picture()}</div>{frame}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def _stamp(self) -> Stamp:
        stamp = Stamp.of(self.log.about, self.audience)
        code = self.language.code if isinstance(self.language, Language) else "en"
        return Stamp(stamp.audience, stamp.until, stamp.source, stamp.simulated, stamp.title, code)

    def _picture(self) -> str:
        told = show(self.still, self.audience)
        figure = told.figure()
        return "" if figure is None else picture_of(figure, " ".join(told.sentences))

    def _said(self) -> dict[str, Any]:
        """What every page says of itself, whoever reads it."""
        about = self.log.about
        kept = filters(about, others=self.audience != "team")
        kept = [by_month(line) for line in kept] if self.audience == "public" else kept
        cutoff = day_of(about, about.cutoff)
        return {
            **dictionary(self.language),
            "audience": self.audience,
            "history": kept,
            "cutoff": cutoff[:7] if self.audience == "public" else cutoff,
            "precision": about.precision,
            "zone": about.zone if about.axis == "instant" else None,
            "least": LEAST,
        }

    def _rows(self) -> dict[str, Any]:
        """For the team: the cases themselves."""
        log = _within(self.log, self.seed)
        graph = graph_of(log, np.ones(len(log.about.activities), bool))
        order = order_of(graph)
        views = self._split(log, order)
        told = views.get("change", {}).get("arrows", [])
        labels = {(one["from"], one["to"]): one["label"] for one in told}
        drawn = _drawn(log, order, partial(graph_of, log), labels)
        return {"kind": "rows", **drawn, "rows": rows_of(log, order), "all": len(self.log), **views}

    def _split(self, log: EventLog, order: Order) -> dict[str, Any]:
        if self.change is not None:
            return {"change": difference_of(log, self.log, order, self.change, self.where)}
        if self.before_after is not None:
            day = day_of(log.about, moment(log.about, self.before_after))
            return {"change": {"day": day, "claim": False, "where": []}}
        return {}

    def _cells(self) -> dict[str, Any]:
        """For others: rounded counts only."""
        splits = splits_of(self.log, self.by) if self.audience == "agency" else []
        if self.before_after is not None:
            splits.append(split_at(self.log, moment(self.log.about, self.before_after), self.before_after))
        cells = cells_of(self.log, splits)
        order = Order(len(self.log.about.activities), cells.steps, len(cells.steps), order_of(cells.graph).first)
        return {"kind": "cells", **_drawn(self.log, order, partial(only, cells.graph)), "cells": cells.written}


def explore(
    log: Log,
    *,
    change: str | Change | None = None,
    where: Where = None,
    before_after: str | None = None,
    audience: Audience | None = None,
    by: Sequence[str] = (),
    seed: int = 1,
) -> Explorer:
    """A process map to touch: sliders, filters, times, single paths and cases.

    change: the day of a change, or a `Change`: before, after and the difference can be seen, coloured as `map_difference`
    finds it, of the cases `where`. before_after: a day from which after is told from before, and nothing is claimed.
    audience: the log's own unless named; see `Explorer`. by: attributes of cases by which the agency may choose, besides
    those called office, unit, department and the like. seed: of the draw of cases where there are more than 1.5 million
    events. LogError where there is nothing to show, or it may not be shown to that audience.
    """
    whole = in_memory(log)
    whom = audience or whole.about.audience
    if change is not None and before_after is not None:
        raise ValueError("change= and before_after= both name a day: leave one out.")
    if where is not None and change is None:
        raise ValueError(
            "where= says which cases a change was for: name the change, or filter the log: log.where(...)."
        )
    if whom != "team":
        _refuse(whole, whom, change, before_after)
    if not len(whole.time):
        raise LogError("There is no event in this log, so there is no map of it. Is a filter too narrow?")
    if by and whom != "agency":
        raise ValueError("by= names what the agency may choose by: the team may choose by all, the public by nothing.")
    check_attributes(whole.about, by, whole.about.attributes)
    refuse_chosen(whole.about, by)
    return Explorer(whole, whom, change, before_after, where, tuple(by), seed)


def _refuse(log: EventLog, whom: Audience, change: object, before_after: str | None) -> None:
    refuse_chosen(log.about)
    if change is not None:
        raise LogError(
            "Where a change shows on the map is for the team only: it tells of few cases. For the agency, before_after= sets "
            "both times beside each other."
        )
    if before_after is not None and whom == "public":
        raise LogError("A page for the public has one map, of all cases: leave out before_after=.")
    if len(log) < LEAST:
        raise LogError(f"The log has fewer than {LEAST} cases: it is for the team only.")


def _within(log: EventLog, seed: int) -> EventLog:
    """All cases, or as many drawn by chance as a page can hold."""
    events = len(log.time)
    return log if events <= MOST_EVENTS else log.sample(cases=len(log) * MOST_EVENTS // events, seed=seed)


def _drawn(
    log: EventLog, order: Order, graph_among: Callable[[Bools], Graph], labels: Mapping[Any, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """The names of the steps, in the order of the slider, and where those that have a place stand."""
    names = [visible(log.about.activities[code]) for code in order.codes]
    blank = Message("map.blank").say()
    names = [name if name.strip() else blank for name in names]
    graphs = {stop: graph_among(order.upto(stop)) for stop in order.stops}
    boxes = boxes_of(names[: order.drawn], _again(order, graphs.values()))
    layouts = layouts_of(order, boxes, graphs, labels)
    return {"names": names, "boxes": boxes, "layouts": layouts, "first": order.first, "drawn": order.drawn}


def _again(order: Order, graphs: Iterable[Graph]) -> set[int]:
    """Places of the steps that follow themselves, also once others are passed over."""
    codes = np.concatenate([graph.before[graph.before == graph.after] for graph in graphs])
    return set(order.place()[codes].tolist())
