"""Pictured: the boxes, arrows and words of the maps of a difference, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.draw.map_difference import FEWER, GREY, LONGER, MORE, SHORTER, Both, Sign
from procmine.draw.process_map import END as TO_END
from procmine.draw.process_map import OPEN, START, Arrow, Box, MapPicture
from procmine.kernels.simplify import choose_arrows
from procmine.proof.moved.table import BEGIN, END, MOVE, PERIODS, STEP, STILL
from procmine.results import seconds
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from procmine.proof.moved.told import MapDifference

ALL = 0.995  # is said to be all
THIN, WIDE = 0.35, 1.0  # of the widths of arrows that stand out
LOOKS = {"faster": SHORTER, "slower": LONGER, "more": MORE, "fewer": FEWER, "more often": MORE, "less often": FEWER}


@dataclass(frozen=True)
class Pictured:
    """The one map with its legend, and both maps."""

    difference: MapPicture
    legend: tuple[Sign, ...]
    both: Both


@dataclass(frozen=True)
class _Link:
    """An arrow: its row, and the places of the boxes that it joins."""

    row: int
    before: int
    after: int


def pictured(found: MapDifference) -> Pictured:
    steps = np.flatnonzero(found.rows["kind"] == STEP).tolist()
    links = _links(found, steps)
    return Pictured(_difference(found, steps, links), _legend(), _both(found, steps, links))


def _links(found: MapDifference, steps: list[int]) -> list[_Link]:
    """The moves that a map shows, all that stand out among them, with those from the start and to the two kinds of end."""
    rows, graph, name = found.rows, found.graph, found.about.activities
    out = rows["stands_out"] != ""
    row_of = {(rows["kind"][row], rows["before"][row], rows["after"][row]): row for row in range(len(rows["kind"]))}
    pairs = [(MOVE, name[before], name[after]) for before, after in zip(graph.before, graph.after)]
    must = [number for number, pair in enumerate(pairs) if pair in row_of and out[row_of[pair]]]
    arrows = choose_arrows(graph, must=np.array(must, np.int64))
    box = {rows["after"][row]: number for number, row in enumerate(steps)}
    links = [
        _Link(row_of[pairs[number]], box[pairs[number][1]], box[pairs[number][2]])
        for number in np.flatnonzero(arrows.moves).tolist()
        if pairs[number] in row_of
    ]
    for kind, drawn, gate in ((BEGIN, arrows.starts, START), (END, arrows.ends, TO_END), (STILL, arrows.opens, OPEN)):
        for step, number in box.items():
            row = row_of.get((kind, "", step) if kind == BEGIN else (kind, step, ""))
            often = drawn[name.index(step)] and (kind != STILL or _seen(found, row))
            if row is not None and (often or _words(found, row)):
                links.append(_Link(row, *((gate, number) if kind == BEGIN else (number, gate))))
    return links


def _seen(found: MapDifference, row: int | None) -> bool:
    """Whether its share is not said to be 0, before and since."""
    shares = [0.0 if row is None else float(found.rows[f"share_next_{period}"][row]) for period in PERIODS]
    return bool(np.nanmax([0.0, *shares]) >= 1 - ALL)


def _difference(found: MapDifference, steps: list[int], links: list[_Link]) -> MapPicture:
    arrows = [
        Arrow(
            link.before,
            link.after,
            _label(found, link.row, "\n"),
            _count(found, link.row),
            width,
            color=_color(found, link.row),
        )
        for link, width in zip(links, _widths(found, links))
        if link.before != link.after
    ]
    notes = " ".join(one.say() for one in found._notes())
    title = Message("moved.title", found._named()).say()
    return MapPicture(tuple(_boxes(found, steps, links)), tuple(arrows), (_caption(arrows), notes), title)


def _boxes(found: MapDifference, steps: list[int], links: list[_Link]) -> list[Box]:
    """Of each step: how many come to it, and how many go to it once more; coloured by the first of these that stands out."""
    again = {link.before: link.row for link in links if link.before == link.after}
    boxes = []
    for number, row in enumerate(steps):
        looks = [LOOKS[word] for word in _words(found, row)][:1]
        notes = [_shares(found, row, "share", "more", "fewer")]
        if number in again:
            notes.append(Message("moved.note.again", {"note": _label(found, again[number], " · ")}))
            looks += [LOOKS[word] for word in _words(found, again[number])][:1]
        note = "\n".join(one.say() for one in notes)
        boxes.append(Box(_name(found, row), note, colors=(looks or [GREY])[0].box))
    return boxes


def _caption(arrows: list[Arrow]) -> str:
    """What boxes, arrows and those of the gates are there mean."""
    here = {one.before for one in arrows} | {one.after for one in arrows}
    gates = [sign for sign, gate in (("start", START), ("end", TO_END), ("open", OPEN)) if gate in here]
    keys = ("moved.caption.boxes", "moved.caption.arrows", *(f"moved.sign.{sign}" for sign in gates))
    return " ".join(Message(key).say() for key in keys)


def _both(found: MapDifference, steps: list[int], links: list[_Link]) -> Both:
    maps, titles = [], []
    for period in PERIODS:
        maps.append(_period(found, steps, links, period))
        titles.append(Message(f"moved.panel.{period}", {"n": int(found.rows[f"cases_{period}"][0])}).say())
    caption = " ".join(one.say() for one in (Message("moved.caption.both"), *found._notes()))
    return Both(maps[0], maps[1], (titles[0], titles[1]), Message("moved.title.both", found._named()).say(), caption)


def _period(found: MapDifference, steps: list[int], links: list[_Link], period: str) -> MapPicture:
    """The map of one period; what no case did in it is not drawn, or said to be so."""
    rows = found.rows
    share, cases = rows[f"share_{period}"], rows[f"cases_{period}"]
    again = {link.before: link.row for link in links if link.before == link.after}
    boxes = []
    for number, row in enumerate(steps):
        note = Message("moved.note.of", {"n": 100 * float(share[row])}) if cases[row] else Message("moved.note.nobody")
        said = note.say()
        if number in again and cases[again[number]]:
            said += "\n" + Message("moved.note.again", {"note": _of_period(found, again[number], period, " · ")}).say()
        boxes.append(Box(_name(found, row), said, float(share[row])))
    arrows = [
        Arrow(
            link.before,
            link.after,
            _of_period(found, link.row, period, "\n"),
            _count(found, link.row),
            float(share[link.row]),
        )
        for link in links
        if link.before != link.after and cases[link.row]
    ]
    return MapPicture(tuple(boxes), tuple(arrows))


def _of_period(found: MapDifference, row: int, period: str, between: str) -> str:
    wait, part = found.rows[f"wait_next_{period}"][row], float(found.rows[f"share_next_{period}"][row])
    said = [] if np.isnat(wait) or found.rows["kind"][row] == BEGIN else [_long(found, row, period).say()]
    said += [] if np.isnan(part) or part >= ALL else [Message("moved.note.of", {"n": 100 * part}).say()]
    return between.join(said)


def _label(found: MapDifference, row: int, between: str) -> str:
    """The wait, if those that go this way wait, and how many do; where only one period has any, that one's."""
    parts = [float(found.rows[f"share_next_{period}"][row]) for period in PERIODS]
    gone = [period for period, part in zip(PERIODS, parts) if np.isnan(part)]
    if len(gone) == 1:
        other = PERIODS[1 - PERIODS.index(gone[0])]
        return Message(f"moved.note.only.{other}", {"note": _of_period(found, row, other, " · ")}).say()
    words, said = _words(found, row), list[str]()
    waits = np.array([found.rows[f"wait_next_{period}"][row] for period in PERIODS])
    if not np.isnat(waits).any() and found.rows["kind"][row] == MOVE:
        word = next((one for one in ("faster", "slower") if one in words), "wait")
        said.append(Message(f"moved.note.{word}", {name: _long(found, row, name) for name in PERIODS}).say())
    if min(parts) < ALL:  # nothing is said where all go this way
        said.append(_shares(found, row, "share_next", "more often", "less often").say())
    return between.join(said)


def _shares(found: MapDifference, row: int, measure: str, more: str, fewer: str) -> Message:
    words = _words(found, row)
    key = "more" if more in words else "fewer" if fewer in words else "counts"
    values: dict[str, Value] = {
        period: 100 * float(np.nan_to_num(found.rows[f"{measure}_{period}"][row])) for period in PERIODS
    }
    return Message(f"moved.note.{key}", values)


def _long(found: MapDifference, row: int, period: str) -> Message:
    length = seconds(found.rows[f"wait_next_{period}"][row])
    if length < 1:
        return Message("moved.note.at_once")
    key = "moved.note.least" if found.cut_short(row, period) else "moved.note.span"
    return Message(key, {"span": Span(length, found.day)})


def _words(found: MapDifference, row: int) -> list[str]:
    """What stands out and is coloured: waits and counts, not the sums of time."""
    return [word for word in found.rows["stands_out"][row].split(", ") if word in LOOKS]


def _color(found: MapDifference, row: int) -> str:
    """Of the wait if that stands out, else of how many go this way."""
    words = sorted(_words(found, row), key=lambda word: word not in ("faster", "slower"))
    return LOOKS[words[0]].line if words else GREY.line


def _widths(found: MapDifference, links: list[_Link]) -> list[float]:
    """By the size of the difference that gives the colour, beside the largest of its kind."""
    sizes = []
    for link in links:
        words = _words(found, link.row)
        wait = "faster" in words or "slower" in words
        change = (
            seconds(found.rows["wait_next_change"][link.row]) if wait else found.rows["share_next_change"][link.row]
        )
        sizes.append((wait, abs(float(change)) if words else 0.0))
    most = {kind: max((size for one, size in sizes if one == kind), default=0.0) or 1.0 for kind in (True, False)}
    return [THIN + (WIDE - THIN) * size / most[kind] if size else 0.0 for kind, size in sizes]


def _count(found: MapDifference, row: int) -> int:
    return int(found.rows["cases_before"][row] + found.rows["cases_after"][row])


def _name(found: MapDifference, row: int) -> str:
    step = str(found.rows["after"][row])
    return step if step.strip() else Message("map.blank").say()


def _legend() -> tuple[Sign, ...]:
    said = {"faster": SHORTER, "slower": LONGER, "more": MORE, "fewer": FEWER, "none": GREY}
    return tuple(Sign(look, Message(f"moved.sign.{name}").say()) for name, look in said.items())
