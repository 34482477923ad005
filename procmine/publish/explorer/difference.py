"""Difference: what a change moved on the map, as colours and words of the explorer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from procmine.draw.map_difference import FEWER, GREY, LONGER, MORE, SHORTER
from procmine.draw.process_map import END, OPEN, START, Arrow
from procmine.log import EventLog, day_of
from procmine.proof.moved.difference import map_difference
from procmine.proof.moved.table import STEP
from procmine.proof.moved.told import MapDifference
from procmine.proof.records.change import Change
from procmine.publish.explorer.rows import attributes_of
from procmine.publish.explorer.steps import Order

LOOKS = {SHORTER.line: "shorter", LONGER.line: "longer", MORE.line: "more", FEWER.line: "fewer", GREY.line: "grey"}
GATES = {START: "start", END: "end", OPEN: "open"}
Where = Mapping[str, str | Sequence[str]] | None


def difference_of(held: EventLog, log: EventLog, order: Order, change: str | Change, where: Where) -> dict[str, Any]:
    """Coloured only where it stands out from the usual ups and downs, as `map_difference` finds; the day, and of whom.

    held: the cases that the page holds, of which `where` chooses those told of elsewhere on it.
    """
    found = map_difference(log, change=change, where=where)
    said = {
        "day": day_of(log.about, found.question.plan.change),
        "said": found.sentences(),
        "where": _filters(held, found.question.cohort.where),
    }
    return {**said, "drawn": True, **_drawn(found, order)} if found.pictured else {**said, "drawn": False}


def _filters(log: EventLog, where: Iterable[tuple[str, Sequence[str]]]) -> list[dict[str, Any]]:
    """As the page has them: the places of an attribute, and of its values, among those one may choose by."""
    may = attributes_of(log)
    return [
        {"attribute": may.index(name), "codes": np.flatnonzero(np.isin(log.attributes[name].levels, values)).tolist()}
        for name, values in where
        if name in may
    ]


def _drawn(found: MapDifference, order: Order) -> dict[str, Any]:
    picture, place = found.picture, order.place()
    names = found.rows["after"][found.rows["kind"] == STEP]
    code = [int(place[found.about.activities.index(name)]) for name in names]
    boxes = [
        {"step": step, "note": box.note.split("\n"), "look": _look(box.colors[1] if box.colors else None)}
        for step, box in zip(code, picture.difference.boxes)
    ]
    arrows = [_arrow(one, code) for one in picture.difference.arrows]
    legend = [{"look": _look(sign.look.line), "said": sign.said} for sign in picture.legend]
    title, notes = picture.difference.title, [one for one in picture.difference.caption if one]
    return {"boxes": boxes, "arrows": arrows, "legend": legend, "title": title, "notes": notes}


def _arrow(arrow: Arrow, code: Sequence[int]) -> dict[str, Any]:
    ends = {"from": _end(arrow.before, code), "to": _end(arrow.after, code)}
    return {
        **ends,
        "label": [line for line in arrow.label.split("\n") if line],
        "look": _look(arrow.color),
        "weight": round(arrow.weight, 3),
    }


def _end(number: int, code: Sequence[int]) -> int | str:
    return GATES[number] if number in GATES else code[number]


def _look(line: str | None) -> str:
    return "grey" if line is None else LOOKS[line]
