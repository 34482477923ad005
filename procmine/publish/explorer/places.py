"""Places: where the boxes and arrows of an explorer stand, worked out once and kept while its sliders move."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from procmine.draw.layout import Arc, Placed, Point, Size, place
from procmine.draw.lettering import width, wrap
from procmine.kernels.simplify import WHOLE, Arrows, Graph, choose_arrows
from procmine.publish.explorer.steps import Order

NAME, NOTE, LABEL = 12.0, 11.0, 11.0  # sizes of letters in pixels
LINE = 1.25
ROOM = 165.0  # for a line of a name
BALL = 20.0
PANE = (900.0, 620.0)  # about what a map may take of a screen
LONGEST = "00 minutes · "  # of a label, besides how often
GATES = ("start", "end", "open")
Link = tuple[int, int]  # two boxes; the gates come after the steps


def boxes_of(names: Sequence[str], again: Container[int]) -> list[dict[str, Any]]:
    """Each step's name in lines, and the size of its box, with a second line of figures for those in `again`."""
    boxes = []
    for step, name in enumerate(names):
        lines = wrap(name, ROOM, NAME, bold=True)
        loop = width(f"↻ {LONGEST}0,000×", NOTE) if step in again else 70.0
        widest = max(*(width(line, NAME, bold=True) for line in lines), loop)
        high = LINE * (NAME * len(lines) + NOTE * (2 if step in again else 1)) + 9
        boxes.append({"lines": lines, "w": round(widest + 16), "h": round(high)})
    return boxes


def layouts_of(
    order: Order,
    boxes: Sequence[dict[str, Any]],
    graphs: Mapping[int, Graph],
    labels: Mapping[tuple[int | str, int | str], Sequence[str]],
) -> list[dict[str, Any]]:
    """One arrangement for each stop of the slider of steps: of a log with few steps there is one.

    `graphs`: what follows what among the first steps, up to each stop; `labels`: of arrows that must have a place, with
    room for these lines.
    """
    return [_layout(order, boxes[:stop], stop, graph, labels) for stop, graph in graphs.items() if stop]


def _layout(order: Order, boxes: Sequence[dict[str, Any]], stop: int, graph: Graph, labels: Any) -> dict[str, Any]:
    links = _fewer(_links(graph, choose_arrows(graph), order.place(), stop), stop)
    rooms = _rooms(labels, stop)
    links = {**dict.fromkeys(rooms, 1), **links}
    sizes: list[Size] = [*((box["w"], box["h"]) for box in boxes), *((BALL, BALL) for _ in GATES)]
    return _best(sizes, links, rooms)


def _fewer(links: Sequence[tuple[int, int, int]], stop: int) -> dict[Link, int]:
    """Of many steps two arrows each, as Graphviz takes ten times as long for half as many again: first each box's most
    frequent way in and out."""
    best = {(side, link[side]): link for link in sorted(links, key=lambda link: link[2]) for side in (0, 1)}
    first = set(best.values())
    ranked = sorted(links, key=lambda link: (link not in first, -link[2]))
    kept = set(ranked[: 2 * stop] if stop > WHOLE else ranked)
    return {(one, two): n for one, two, n in links if (one, two, n) in kept}


def _rooms(labels: Mapping[tuple[int | str, int | str], Sequence[str]], stop: int) -> dict[Link, Sequence[str]]:
    """The lines of the arrows between steps that this arrangement holds, and its gates."""
    rooms = {}
    for ends, lines in labels.items():
        steps = [end for end in ends if not isinstance(end, str)]
        if max(steps) < stop:
            one, two = (stop + GATES.index(end) if isinstance(end, str) else end for end in ends)
            rooms[one, two] = lines
    return rooms


def _links(graph: Graph, arrows: Arrows, number: Any, stop: int) -> list[tuple[int, int, int]]:
    """From, to and how often: the moves of a process map without the loops, and the arrows of the gates."""
    moves = np.flatnonzero(arrows.moves & (graph.before != graph.after))
    links = [(int(number[graph.before[m]]), int(number[graph.after[m]]), int(graph.n[m])) for m in moves]
    ends = ((arrows.starts, graph.starts), (arrows.ends, graph.ends), (arrows.opens, graph.opens))
    for gate, (drawn, count) in enumerate(ends):
        for code in np.flatnonzero(drawn).tolist():
            one, two = int(number[code]), stop + gate
            links.append((two, one, int(count[code])) if gate == 0 else (one, two, int(count[code])))
    return links


def _best(sizes: Sequence[Size], links: Mapping[Link, int], rooms: Mapping[Link, Sequence[str]]) -> dict[str, Any]:
    """Downwards or across, whichever can be seen larger (many steps: downwards); gates without an arrow stand apart."""
    found = []
    for across in (False, True) if len(sizes) - len(GATES) <= WHOLE else (False,):
        arcs = [Arc(*link, _room(n, rooms.get(link, ()), across=across), n) for link, n in links.items()]
        placed = place(sizes, arcs, across=across)
        found.append((min(PANE[0] / max(placed.size[0], 1), PANE[1] / max(placed.size[1], 1)), across, placed))
    _, across, placed = max(found, key=lambda one: one[0])
    return _written(placed, list(links), across=across)


def _room(n: int, lines: Sequence[str], *, across: bool) -> Size:
    """For what is told of `n` moves, and for these lines, one below the other."""
    wide, high = _label(n, across)
    widest = max((width(line, LABEL) + 8 for line in lines), default=0.0)
    return max(wide, widest), max(high, LINE * LABEL * len(lines))


def _label(n: int, across: bool) -> Size:
    """One line where the map flows down, and room for two where it flows across."""
    times = f"{n:,}×"
    if across:
        return max(width(LONGEST, LABEL), width(times, LABEL)) + 6, 2 * LINE * LABEL
    return width(LONGEST + times, LABEL) + 8, LINE * LABEL


def _written(placed: Placed, links: Sequence[Link], *, across: bool) -> dict[str, Any]:
    """With y pointing down, to tenths of a pixel; the last three boxes are the gates."""
    high = placed.size[1]

    def at(point: Point) -> list[float]:
        return [round(point[0], 1), round(high - point[1], 1)]

    def flat(points: Sequence[Point]) -> list[float]:
        return [side for point in points for side in at(point)]

    many = len(placed.boxes) - len(GATES)
    name = {many + gate: sign for gate, sign in enumerate(GATES)}
    routes = {
        f"{name.get(one, one)}>{name.get(two, two)}": {
            "a": flat(route.to_label),
            "b": flat(route.onward),
            "l": at(route.label),
        }
        for (one, two), route in zip(links, placed.routes)
    }
    return {
        "upto": many,
        "across": across,
        "size": [round(placed.size[0], 1), round(high, 1)],
        "boxes": [at(one) for one in placed.boxes[:many]],
        "gates": {sign: at(placed.boxes[many + gate]) for gate, sign in enumerate(GATES)},
        "routes": routes,
    }
