"""Layout: where boxes, arrows and their labels go, so that nothing covers anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygraphviz import AGraph, Edge

Point = tuple[float, float]
Size = tuple[float, float]

GRAPHVIZ = Lock()  # the C library keeps global state
GAP = 9.0  # points between neighbours
STEP = 9.5  # points between a rank of boxes and the rank of labels after it


@dataclass(frozen=True)
class Arc:
    """An arrow between two different boxes; `label` is the size of its label. The larger its count (at least 0, compared
    with the others'), the more it should point onwards and be short and straight."""

    before: int
    after: int
    label: Size
    count: int = 1


@dataclass(frozen=True)
class Route:
    """Bezier points (3n + 1 of them) from the first box to the label and from the label to the second box; y points up."""

    to_label: tuple[Point, ...]
    onward: tuple[Point, ...]
    label: Point


@dataclass(frozen=True)
class Placed:
    """Centres and routes in points, in the order of what was asked, inside (0, 0) and `size`."""

    size: Size
    boxes: tuple[Point, ...]
    routes: tuple[Route, ...]


def place(boxes: Sequence[Size], arcs: Sequence[Arc], *, across: bool = False) -> Placed:
    """Put boxes in ranks from top to bottom (`across`: from left to right) by Graphviz' dot, labels in ranks of their own.

    A label is laid out as a box that its arrow passes through, so that it has its room. Graphviz is given sizes and
    numbers only, no text and no fonts, which makes the layout the same on every machine.
    """
    if not boxes:
        return Placed((0.0, 0.0), (), ())
    order = _order(len(boxes), arcs)
    rank = {box: place for place, box in enumerate(order)}
    with GRAPHVIZ:
        graph = _graph(across)
        most = max((arc.count for arc in arcs), default=1)
        for box in order:
            _add_box(graph, f"b{box}", boxes[box])
        for number, arc in enumerate(arcs):
            weight = 1 + round(9 * arc.count / max(most, 1))
            _add_arc(graph, number, arc, weight, forward=rank[arc.before] < rank[arc.after], across=across)
        graph.layout("dot")
        routes = tuple(
            _route(graph, number, arc, rank[arc.before] < rank[arc.after]) for number, arc in enumerate(arcs)
        )
        centres = tuple(_point(graph.get_node(f"b{box}").attr["pos"]) for box in range(len(boxes)))
    return _shifted(centres, routes, boxes, [arc.label for arc in arcs])


def _order(boxes: int, arcs: Sequence[Arc]) -> list[int]:
    """Boxes so that few moves point backwards (Eades, Lin and Smyth 1993)."""
    left = set(range(boxes))
    front: list[int] = []
    back: list[int] = []
    while left:
        inside = [arc for arc in arcs if arc.before in left and arc.after in left]
        out, into = dict.fromkeys(left, 0), dict.fromkeys(left, 0)
        for arc in inside:
            out[arc.before] += arc.count + 1
            into[arc.after] += arc.count + 1
        sources = [box for box in sorted(left) if not into[box]]
        sinks = [box for box in sorted(left) if not out[box]]
        if sources:
            front.append(sources[0])
        elif sinks:
            back.append(sinks[0])
        else:
            front.append(min(left, key=lambda box: (into[box] - out[box], box)))
        left -= {*front, *back}
    return [*front, *reversed(back)]


def _graph(across: bool) -> AGraph:
    from pygraphviz import AGraph

    graph = AGraph(directed=True, strict=False)
    graph.graph_attr.update(nodesep=f"{GAP / 72:.4f}", ranksep=f"{STEP / 72:.4f}", rankdir="LR" if across else "TB")
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    graph.edge_attr.update(dir="none")
    return graph


def _add_box(graph: AGraph, name: str, size: Size) -> None:
    graph.add_node(name, width=f"{size[0] / 72:.4f}", height=f"{size[1] / 72:.4f}")


def _add_arc(graph: AGraph, number: int, arc: Arc, weight: int, *, forward: bool, across: bool) -> None:
    """Every arrow goes down the order, so that dot has no cycle to break; one that points backwards is entered in reverse."""
    one, two = (f"b{box}" for box in ((arc.before, arc.after) if forward else (arc.after, arc.before)))
    tail, head = ("e", "w") if across else ("s", "n")
    _add_box(graph, f"l{number}", arc.label)
    graph.add_edge(one, f"l{number}", key=f"t{number}", headport=head, weight=str(weight))
    graph.add_edge(f"l{number}", two, key=f"h{number}", tailport=tail, weight=str(weight))


def _route(graph: AGraph, number: int, arc: Arc, forward: bool) -> Route:
    one, two, label = f"b{arc.before}", f"b{arc.after}", f"l{number}"
    at = _point(graph.get_node(label).attr["pos"])
    if forward:
        first, second = graph.get_edge(one, label, key=f"t{number}"), graph.get_edge(label, two, key=f"h{number}")
        return Route(_curve(first), _curve(second), at)
    first, second = graph.get_edge(label, one, key=f"h{number}"), graph.get_edge(two, label, key=f"t{number}")
    return Route(_curve(first)[::-1], _curve(second)[::-1], at)


def _shifted(
    centres: Sequence[Point], routes: Sequence[Route], boxes: Sequence[Size], labels: Sequence[Size]
) -> Placed:
    """Moved so that the lower left is (0, 0). Graphviz' own bounds leave out some bends of lines."""
    sizes = zip((*centres, *(route.label for route in routes)), (*boxes, *labels))
    corners = [(x + side * w / 2, y + side * h / 2) for (x, y), (w, h) in sizes for side in (-1, 1)]
    curves = [_along(curve) for route in routes for curve in (route.to_label, route.onward)]
    xs, ys = zip(*corners, *(point for curve in curves for point in curve))
    left, low = min(xs), min(ys)

    def moved(points: Sequence[Point]) -> tuple[Point, ...]:
        return tuple((x - left, y - low) for x, y in points)

    shifted = tuple(Route(moved(one.to_label), moved(one.onward), *moved([one.label])) for one in routes)
    return Placed((max(xs) - left, max(ys) - low), moved(centres), shifted)


def _along(curve: Sequence[Point], pieces: int = 8) -> list[Point]:
    """Points on a Bezier curve of 3n + 1 points."""
    found = [curve[0]]
    for first in range(0, len(curve) - 1, 3):
        for t in (step / pieces for step in range(1, pieces + 1)):
            share = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x, y = (sum(part * point[side] for part, point in zip(share, curve[first:])) for side in (0, 1))
            found.append((x, y))
    return found


def _curve(edge: Edge) -> tuple[Point, ...]:
    return tuple(_point(one) for one in edge.attr["pos"].replace("\\\n", "").split())


def _point(pos: str) -> Point:
    x, y = pos.split(",")
    return float(x), float(y)
