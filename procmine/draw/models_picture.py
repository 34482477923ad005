"""Pictures of models: Petri nets, BPMN and process trees as plain nodes and arrows, laid out and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from procmine.draw.layout import Arc, Placed, Point, Route, Size, place
from procmine.draw.lettering import LINE, font, width, wrap
from procmine.draw.picture import INK, PAPER, SOFT, new_figure, style
from procmine.draw.process_map import PAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Shape: TypeAlias = Literal[
    "step", "silent", "place", "start", "end", "token", "choice", "parallel", "inclusive", "group"
]

NAME, CAPTION, TITLE = 8.0, 7.5, 11.0  # sizes of letters in points
SHAPES = ((True, 92.0), (False, 120.0), (True, 70.0))  # from left to right or downwards, with so much room for a name
MARGIN, PAD = 10.0, 5.0
SIZES: Mapping[Shape, Size] = {
    "silent": (6.0, 18.0),
    "place": (15.0, 15.0),
    "token": (15.0, 15.0),
    "start": (18.0, 18.0),
    "end": (18.0, 18.0),
    "choice": (22.0, 22.0),
    "parallel": (22.0, 22.0),
    "inclusive": (22.0, 22.0),
}
SIGNS: Mapping[Shape, str] = {"choice": "×", "parallel": "+", "inclusive": "○"}
ROUND = {*SIGNS, "place", "token", "start", "end"}  # smaller than their boxes
FILL, LINES, GROUP = "#EDF3F9", "#5A7590", "#F6F1E4"
NOWHERE = -1
MANY = 120  # nodes; above that only one shape is tried: each takes seconds
ROW, INDENT = 8.0, 26.0  # points between the rows of a tree, and from a node's box to its children's


@dataclass(frozen=True)
class Node:
    """shape "group" is an inner node of a tree, "token" the place of a net in which it begins."""

    shape: Shape
    label: str = ""


@dataclass(frozen=True)
class ModelPicture:
    """All there is to see, as plain data. An arrow is a pair of places in `nodes`. tree: the first node is the root, the
    others follow depth first; else the nodes lie where the arrows are short."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[int, int], ...]
    caption: tuple[str, ...] = ()
    title: str = ""
    tree: bool = False


def draw_model(picture: ModelPicture) -> Figure:
    """The model as a figure of the size in which it should be printed."""
    with style():
        plan = _plan(picture)
        room = max(plan.placed.size[0], 300.0)
        title = wrap(picture.title, room, TITLE, bold=True) if picture.title else []
        caption = [line for text in picture.caption for line in wrap(text, room, CAPTION, most=9)]
        above, below = LINE * TITLE * len(title) + 8, LINE * CAPTION * len(caption) + 8
        wide, high = room + 2 * MARGIN, plan.placed.size[1] + above + below + 2 * MARGIN
        figure = new_figure(wide / 72, high / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, wide), ylim=(0, high))
        _Pen(axes, plan, 1.0, ((wide - plan.placed.size[0]) / 2, MARGIN + below)).draw()
        _lines(axes, title, TITLE, high - MARGIN, INK, bold=True)
        _lines(axes, caption, CAPTION, MARGIN + below - 8, SOFT, bold=False)
    return figure


def draw_model_on(axes: Axes, picture: ModelPicture) -> None:
    """The model without title and caption on axes of the caller's, as large as they allow."""
    with style():
        plan = _plan(picture)
        room = axes.get_window_extent()
        wide, high = (side * 72 / axes.figure.dpi for side in (room.width, room.height))
        across, down = plan.placed.size
        scale = min(wide / max(across, 1), high / max(down, 1), 1.0)
        axes.set_axis_off()
        axes.set(xlim=(0, wide), ylim=(0, high))
        _Pen(axes, plan, scale, ((wide - across * scale) / 2, (high - down * scale) / 2)).draw()


def _plan(picture: ModelPicture) -> _Plan:
    """The first shape that fits a page or a slide, else the one that fits best."""
    plans = []
    one = picture.tree or len(picture.nodes) > MANY
    for across, room in SHAPES[:1] if one else SHAPES:
        plans.append(_Plan(picture, across, room))
        if plans[-1].fit >= 1:
            break
    return max(plans, key=lambda plan: plan.fit)


class _Plan:
    """The lines of each name, the size of each node and the place of everything, in points; fit as of a map."""

    def __init__(self, picture: ModelPicture, across: bool, room: float) -> None:
        self.picture = picture
        self.names = [
            wrap(node.label, room, NAME, bold=node.shape == "group") if node.label else [] for node in picture.nodes
        ]
        self.sizes = [_size(node, lines, across) for node, lines in zip(picture.nodes, self.names)]
        if picture.tree:
            self.placed = _tree(self.sizes, picture.arrows)
        else:
            self.placed = _graph(self.sizes, picture.arrows, _backward(picture), across)
        wide, high = (max(side, 1.0) for side in self.placed.size)
        self.fit = max(min(page[0] / wide, page[1] / high) for page in PAGES)


def _graph(
    sizes: Sequence[Size], arrows: Sequence[tuple[int, int]], back: set[tuple[int, int]], across: bool
) -> Placed:
    """Arrows that lead back are laid out the other way round: then all else runs onwards, from begin to end."""
    arcs = [Arc(*(arrow[::-1] if arrow in back else arrow), (1.0, 1.0)) for arrow in arrows]
    placed = place(sizes, arcs, across=across)
    routes = [
        Route(route.onward[::-1], route.to_label[::-1], route.label) if arrow in back else route
        for arrow, route in zip(arrows, placed.routes)
    ]
    return Placed(placed.size, placed.boxes, tuple(routes))


def _backward(picture: ModelPicture) -> set[tuple[int, int]]:
    """The arrows that lead back to a node on the way to where they come from, seen from where a case begins."""
    out: dict[int, list[int]] = {node: [] for node in range(len(picture.nodes))}
    for before, after in picture.arrows:
        out[before].append(after)
    done: set[int] = set()
    back: set[tuple[int, int]] = set()
    first = [number for number, node in enumerate(picture.nodes) if node.shape in ("start", "token")]
    for root in [*first, *out]:
        way, rest = [root], [iter(out[root])]
        while way and root not in done:
            after = next(rest[-1], NOWHERE)
            if after == NOWHERE:
                done.add(way.pop())
                rest.pop()
            elif after in way:
                back.add((way[-1], after))
            elif after not in done:
                way.append(after)
                rest.append(iter(out[after]))
    return back


def _size(node: Node, lines: Sequence[str], across: bool) -> Size:
    if node.shape in SIZES:
        size = SIZES[node.shape]
        return size if across else (size[1], size[0])
    wide = [30.0, *(width(line, NAME, bold=node.shape == "group") for line in lines)]
    return max(wide) + 2 * PAD, LINE * NAME * max(len(lines), 1) + 2 * PAD


def _tree(sizes: Sequence[Size], arrows: Sequence[tuple[int, int]]) -> Placed:
    """The root on the left, leaves below each other in their order, a node at the height of the middle of its children."""
    children: dict[int, list[int]] = {node: [] for node in range(len(sizes))}
    for above, below in arrows:
        children[above].append(below)
    left, height = [0.0] * len(sizes), [0.0] * len(sizes)
    for above, below in arrows:  # depth first: a node's own place is known before its children's
        left[below] = left[above] + sizes[above][0] + INDENT
    down = 0.0
    for node in range(len(sizes)):
        if not children[node]:
            height[node] = -(down + sizes[node][1] / 2)
            down += sizes[node][1] + ROW
    for node in reversed(range(len(sizes))):
        if children[node]:
            height[node] = (height[children[node][0]] + height[children[node][-1]]) / 2
    lowest = min((at - size[1] / 2 for at, size in zip(height, sizes)), default=0.0)
    centres = tuple((x + size[0] / 2, y - lowest) for x, y, size in zip(left, height, sizes))
    highest = max((at[1] + size[1] / 2 for at, size in zip(centres, sizes)), default=0.0)
    wide = max((x + size[0] for x, size in zip(left, sizes)), default=0.0)
    return Placed((wide, highest), centres, tuple(_branch(centres, sizes, *arrow) for arrow in arrows))


def _branch(centres: Sequence[Point], sizes: Sequence[Size], above: int, below: int) -> Route:
    """From the right edge of a node to the left edge of its child."""
    x0, y0 = centres[above][0] + sizes[above][0] / 2, centres[above][1]
    x1, y1 = centres[below][0] - sizes[below][0] / 2, centres[below][1]
    middle = (x0 + x1) / 2
    return Route((), ((x0, y0), (middle, y0), (middle, y1), (x1, y1)), (middle, (y0 + y1) / 2))


class _Pen:
    """Draws a plan at a scale, with its lower left corner at a place."""

    def __init__(self, axes: Axes, plan: _Plan, scale: float, corner: Point) -> None:
        self.axes, self.plan, self.scale, self.corner = axes, plan, scale, corner

    def draw(self) -> None:
        for (before, after), route in zip(self.plan.picture.arrows, self.plan.placed.routes):
            points = self._onto(after, self._onto(before, [*route.to_label, *_through(route)][::-1])[::-1])
            self._arrow(points)
        for node, at, size, lines in zip(
            self.plan.picture.nodes, self.plan.placed.boxes, self.plan.sizes, self.plan.names
        ):
            self._node(node, self._at(at), (size[0] * self.scale, size[1] * self.scale), lines)

    def _onto(self, node: int, points: list[Point]) -> list[Point]:
        """The way led on from the edge of the node's box to that of the circle or diamond in it."""
        shape, (x, y) = self.plan.picture.nodes[node].shape, self.plan.placed.boxes[node]
        dx, dy = points[-1][0] - x, points[-1][1] - y
        far = abs(dx) + abs(dy) if shape in SIGNS else hypot(dx, dy)
        if shape not in ROUND or far <= self.plan.sizes[node][0] / 2:
            return points
        part = 1 - self.plan.sizes[node][0] / 2 / far
        return [*points[:-2], *((px - dx * part, py - dy * part) for px, py in points[-2:])]

    def _at(self, point: Point) -> Point:
        return self.corner[0] + point[0] * self.scale, self.corner[1] + point[1] * self.scale

    def _arrow(self, points: Sequence[Point]) -> None:
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path

        path = Path([self._at(point) for point in points], [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)])
        head = "-" if self.plan.picture.tree else f"-|>,head_length={3.4 * self.scale},head_width={1.5 * self.scale}"
        self.axes.add_patch(
            FancyArrowPatch(
                path=path, arrowstyle=head, mutation_scale=1.0, color=LINES, linewidth=0.9 * self.scale, zorder=2
            )
        )

    def _node(self, node: Node, at: Point, size: Size, lines: Sequence[str]) -> None:
        if node.shape in ("step", "group"):
            self._box(node, at, size, lines)
        elif node.shape == "silent":
            self._patch("Rectangle", (at[0] - size[0] / 2, at[1] - size[1] / 2), *size, facecolor=INK)
        elif node.shape in SIGNS:
            self._gateway(node, at, size)
        else:
            self._circle(node, at, size[0] / 2)

    def _box(self, node: Node, at: Point, size: Size, lines: Sequence[str]) -> None:
        corner = (at[0] - size[0] / 2, at[1] - size[1] / 2)
        round_by = f"round,pad=0,rounding_size={(9 if node.shape == 'group' else 3.5) * self.scale}"
        fill = GROUP if node.shape == "group" else FILL
        self._patch("FancyBboxPatch", corner, *size, boxstyle=round_by, facecolor=fill, edgecolor=LINES)
        step = LINE * NAME * self.scale
        for number, line in enumerate(lines):
            self._text((at[0], at[1] + step * ((len(lines) - 1) / 2 - number)), line, NAME, node.shape == "group")

    def _gateway(self, node: Node, at: Point, size: Size) -> None:
        x, y = at
        half = size[0] / 2
        self._patch("Polygon", [(x - half, y), (x, y + half), (x + half, y), (x, y - half)], facecolor=PAPER)
        self._text(at, SIGNS[node.shape], 13.0, True)

    def _circle(self, node: Node, at: Point, radius: float) -> None:
        thick = {"end": 2.6}.get(node.shape, 1.1)
        self._patch("Circle", at, radius - thick * self.scale / 2, facecolor=PAPER, linewidth=thick * self.scale)
        if node.shape == "token":
            self._patch("Circle", at, radius * 0.38, facecolor=INK)

    def _patch(self, kind: str, *shape: Any, **look: Any) -> None:
        from matplotlib import patches

        drawn = {"edgecolor": INK, "linewidth": 0.9 * self.scale, "zorder": 4, **look}
        self.axes.add_patch(getattr(patches, kind)(*shape, **drawn))

    def _text(self, at: Point, text: str, size: float, bold: bool) -> None:
        letters = font(bold).copy()
        letters.set_size(size * self.scale)
        self.axes.text(*at, text, color=INK, fontproperties=letters, ha="center", va="center_baseline",
                       parse_math=False, zorder=6)  # fmt: skip


def _through(route: Route) -> list[Point]:
    """The second half of the way, led on from where the first one ended."""
    if not route.to_label:
        return list(route.onward)
    end, begin = route.to_label[-1], route.onward[0]
    gap = [] if hypot(end[0] - begin[0], end[1] - begin[1]) < 1e-9 else [end, begin, begin]
    return [*gap, *route.onward[1:]]


def _lines(axes: Axes, lines: Sequence[str], size: float, top: float, color: str, *, bold: bool) -> None:
    letters = font(bold).copy()
    letters.set_size(size)
    for number, line in enumerate(lines):
        axes.text(MARGIN, top - LINE * size * (number + 0.5), line, color=color, fontproperties=letters, ha="left",
                  va="center_baseline", parse_math=False)  # fmt: skip
