"""Process map: boxes for steps, arrows for moves, and a caption that says what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING, Literal

import numpy as np

from procmine.draw.layout import Arc, Placed, Point, Size, place
from procmine.draw.lettering import LINE, clean, font, width, wrap
from procmine.draw.picture import INK, PAPER, RED, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKED_INK = "#9A3B00"
START, END, OPEN = -1, -2, -3  # where an arrow may come from or go to, besides boxes

NAME, COUNT, LABEL, CAPTION = 8.0, 7.2, 7.2, 7.5  # sizes of letters in points
MARGIN = 10.0
PAD = 5.0  # between a box's edge and its text
BALL = 13.0  # across the signs for start and end
PAGES: tuple[Size, ...] = ((7.2 * 72, 9.8 * 72), (11.0 * 72, 6.4 * 72))  # a page's text, a slide below its title
SHAPES = ((False, 120.0), (True, 80.0), (False, 160.0), (False, 85.0))  # across or down, room for a name
SHADES = ("#EEF4F9", "#CFE0EE", "#A5C7E1", "#2E6CA0", "#174C7A")  # few to many; white letters on the last two
LINES = {"count": ("#8FA3B3", "#24425C"), "time": ("#B9AFA3", "#8A4B08")}


@dataclass(frozen=True)
class Box:
    """A step: its name, one or two lines of text below it, how dark it is (0 to 1), or colours of its own: (fill, edge)."""

    name: str
    note: str
    shade: float = 0.0
    marked: bool = False
    colors: tuple[str, str] | None = None


@dataclass(frozen=True)
class Arrow:
    """A move between two different boxes, given by their places in the list, or START, END, OPEN.

    label: one or two lines, none if empty. count: how often; it decides where things go, so that a map of counts and one of
    times look alike. weight (0 to 1): width and colour. dashed: other steps lie between. color: another than by weight.
    """

    before: int
    after: int
    label: str
    count: int = 1
    weight: float = 0.0
    dashed: bool = False
    marked: bool = False
    color: str | None = None


@dataclass(frozen=True)
class MapPicture:
    """All there is to see, as plain data. caption: lines below the map, wrapped to its width."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: tuple[str, ...] = ()
    title: str = ""
    about: Literal["count", "time"] = "count"  # what the weight of an arrow is


@dataclass(frozen=True)
class Plan:
    """A map laid out: the lines of each box and label and the place of everything, in points.

    fit: how much of its size it can keep on a page or slide; below 1 it is printed smaller.
    """

    picture: MapPicture
    names: tuple[tuple[str, ...], ...]
    sizes: tuple[Size, ...]
    labels: tuple[tuple[str, ...], ...]
    ends: tuple[int, ...]
    placed: Placed
    fit: float


def plan_map(picture: MapPicture) -> Plan:
    """Lay the map out downwards and across, with wide and narrow boxes; take the first that fits a page or a slide, else
    the one that fits best."""
    plans = []
    for across, room in SHAPES:
        plans.append(_plan(picture, across, room))
        if plans[-1].fit >= 1:
            break
    return max(plans, key=lambda plan: plan.fit)


def plan_for(picture: MapPicture, room: Size) -> Plan:
    """The layout that is largest in a place of this size (points); its `fit` is the scale, at most 1."""
    plans = [_plan(picture, across, wide) for across, wide in SHAPES]
    scales = [min(1.0, *(side / max(long, 1) for side, long in zip(room, plan.placed.size))) for plan in plans]
    return max((replace(plan, fit=scale) for plan, scale in zip(plans, scales)), key=lambda plan: plan.fit)


def draw_planned(plan: Plan) -> Figure:
    """The map alone, as large as its `fit` says."""
    wide, high = (side * plan.fit for side in plan.placed.size)
    with style():
        figure = new_figure(max(wide, 1) / 72, max(high, 1) / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, wide), ylim=(0, high))
        _Pen(axes, plan, plan.fit, (0.0, 0.0)).draw()
    return figure


def filled(plan: Plan, picture: MapPicture) -> Plan:
    """The same places for a picture of some of the plan's arrows, told otherwise: no label may be longer than the plan's."""
    stacked = any(len(lines) > 1 for lines in plan.labels)
    place_of = {(one.before, one.after): number for number, one in enumerate(plan.picture.arrows)}
    routes = tuple(plan.placed.routes[place_of[one.before, one.after]] for one in picture.arrows)
    labels = tuple(_label(one, stacked=stacked) for one in picture.arrows)
    return replace(plan, picture=picture, labels=labels, placed=replace(plan.placed, routes=routes))


def draw_plan(axes: Axes, plan: Plan, corner: Point, scale: float = 1.0) -> None:
    """What is planned, with its lower left corner there; axes in points. Call within `style()`."""
    _Pen(axes, plan, scale, corner).draw()


def draw_map(picture: MapPicture) -> Figure:
    """The map as a figure of the size in which it should be printed: no letter is smaller than 7 points."""
    plan = plan_map(picture)
    with style():
        block = _Block(picture, plan.placed.size[0])
        across = max(plan.placed.size[0], block.size[0]) + 2 * MARGIN
        down = plan.placed.size[1] + block.size[1] + 2 * MARGIN
        figure = new_figure(across / 72, down / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, across), ylim=(0, down))
        _Pen(axes, plan, 1.0, ((across - plan.placed.size[0]) / 2, MARGIN + block.below)).draw()
        block.draw(axes, down)
    return figure


def draw_map_on(axes: Axes, picture: MapPicture) -> None:
    """The map without title and caption on axes of the caller's, as large as they allow."""
    plan = plan_map(picture)
    room = axes.get_window_extent()
    points = 72 / axes.figure.dpi
    wide, high = room.width * points, room.height * points
    scale = min(wide / max(plan.placed.size[0], 1), high / max(plan.placed.size[1], 1), 1.0)
    with style():
        axes.set_axis_off()
        axes.set(xlim=(0, wide), ylim=(0, high))
        corner = ((wide - plan.placed.size[0] * scale) / 2, (high - plan.placed.size[1] * scale) / 2)
        _Pen(axes, plan, scale, corner).draw()


def _plan(picture: MapPicture, across: bool, room: float) -> Plan:
    names = tuple(tuple(wrap(box.name, room, NAME, bold=True)) for box in picture.boxes)
    sizes = [_box_size(lines, _notes(box)) for lines, box in zip(names, picture.boxes)]
    ends = tuple(end for end in (START, END, OPEN) if any(end in (one.before, one.after) for one in picture.arrows))
    number = {**{box: box for box in range(len(sizes))}, **{end: len(sizes) + n for n, end in enumerate(ends)}}
    labels = tuple(_label(one, stacked=across) for one in picture.arrows)
    arcs = [
        Arc(number[one.before], number[one.after], _label_size(label, one.marked), one.count)
        for one, label in zip(picture.arrows, labels)
    ]
    placed = place([*sizes, *((BALL, BALL) for _ in ends)], arcs, across=across)
    wide, high = max(placed.size[0], 1), max(placed.size[1], 1)
    fit = max(min(page[0] / wide, page[1] / high) for page in PAGES)
    return Plan(picture, names, tuple(sizes), labels, ends, placed, fit)


def _notes(box: Box) -> list[str]:
    return [clean(line) for line in box.note.split("\n")] if box.note else []


def _box_size(name: Sequence[str], notes: Sequence[str]) -> Size:
    wide = [*(width(line, NAME, bold=True) for line in name), *(width(line, COUNT) for line in notes), 30.0]
    return max(wide) + 2 * PAD, LINE * (NAME * len(name) + COUNT * len(notes)) + 0.8 * PAD


def _label(arrow: Arrow, *, stacked: bool) -> tuple[str, ...]:
    """Its lines; on a map that flows down, where height is short, they are joined into one."""
    lines = [clean(line) for line in arrow.label.split("\n")] if arrow.label else []
    return tuple(lines) if stacked or not lines else (" · ".join(lines),)


def _label_size(lines: Sequence[str], bold: bool) -> Size:
    wide = max((width(line, LABEL, bold=bold) for line in lines), default=0.0)
    return wide + 5.0, max(LINE * LABEL * len(lines), 2.0)


class _Pen:
    """Draws a plan at a scale, with its lower left corner at a place."""

    def __init__(self, axes: Axes, plan: Plan, scale: float, corner: Point) -> None:
        self.axes, self.plan, self.scale, self.corner = axes, plan, scale, corner

    def draw(self) -> None:
        picture = self.plan.picture
        arrows = sorted(enumerate(picture.arrows), key=lambda one: (one[1].marked, one[1].weight))
        for layer, (number, arrow) in enumerate(arrows):
            self._arrow(arrow, number, 2 + layer / 1000)
        for number, box in enumerate(picture.boxes):
            self._box(number, box)
        for number, end in enumerate(self.plan.ends, len(picture.boxes)):
            self._end(end, self._at(self.plan.placed.boxes[number]))

    def _at(self, point: Point) -> Point:
        return self.corner[0] + point[0] * self.scale, self.corner[1] + point[1] * self.scale

    def _text(self, at: Point, text: str, size: float, color: str, bold: bool, layer: float) -> None:
        font_of = font(bold).copy()
        font_of.set_size(size * self.scale)
        self.axes.text(*at, text, color=color, fontproperties=font_of, ha="center", va="center_baseline",
                       parse_math=False, zorder=layer)  # fmt: skip

    def _box(self, number: int, box: Box) -> None:
        from matplotlib.patches import FancyBboxPatch

        x, y = self._at(self.plan.placed.boxes[number])
        wide, high = (side * self.scale for side in self.plan.sizes[number])
        fill, edge = box.colors or (shade(box.shade), "#5A7590")
        wider = 2.4 if box.marked else 1.5 if box.colors else 0.8
        self.axes.add_patch(
            FancyBboxPatch(
                (x - wide / 2, y - high / 2), wide, high, boxstyle=f"round,pad=0,rounding_size={4 * self.scale}",
                facecolor=fill, edgecolor=RED if box.marked else edge, linewidth=wider, zorder=5,
            )
        )  # fmt: skip
        lines = [(line, NAME, True) for line in self.plan.names[number]] + [
            (line, COUNT, False) for line in _notes(box)
        ]
        top = y + LINE * sum(size for _, size, _ in lines) * self.scale / 2
        for line, size, bold in lines:
            self._text((x, top - LINE * size * self.scale / 2), line, size, legible(fill), bold, 6)
            top -= LINE * size * self.scale

    def _arrow(self, arrow: Arrow, number: int, layer: float) -> None:
        route = self.plan.placed.routes[number]
        color = RED if arrow.marked else arrow.color or _between(LINES[self.plan.picture.about], _clip(arrow.weight))
        line = (0.7 + 3.0 * _clip(arrow.weight)) * self.scale
        self._curve(route.to_label, color, line, arrow.dashed, layer)
        if not self.plan.labels[number] and route.to_label and route.onward:  # nothing stands in the gap for the label
            one, two = route.to_label[-1], route.onward[0]
            self._curve((one, one, two, two), color, line, arrow.dashed, layer)
        head = 4.5 + 0.9 * line / self.scale
        onward, tip, foot = _shortened(route.onward, head)
        self._curve(onward, color, line, arrow.dashed, layer)
        self._head(foot, tip, head * 0.45, color, layer)
        self._label(number, arrow.marked, route.label)

    def _curve(self, points: Sequence[Point], color: str, line: float, dashed: bool, layer: float) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        if not points:
            return
        codes = [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]
        dashes = (0, (3.2 if line < 1.5 else 1.8, 1.6 if line < 1.5 else 0.9)) if dashed else "-"
        path = Path([self._at(point) for point in points], codes)
        self.axes.add_patch(
            PathPatch(
                path, fill=False, edgecolor=color, linewidth=line, linestyle=dashes, capstyle="butt", zorder=layer
            )
        )

    def _head(self, foot: Point, tip: Point, half: float, color: str, layer: float) -> None:
        from matplotlib.patches import Polygon

        (x0, y0), (x1, y1) = self._at(foot), self._at(tip)
        long = hypot(x1 - x0, y1 - y0) or 1.0
        side = (-(y1 - y0) / long * half * self.scale, (x1 - x0) / long * half * self.scale)
        corners = [(x1, y1), (x0 + side[0], y0 + side[1]), (x0 - side[0], y0 - side[1])]
        self.axes.add_patch(Polygon(corners, closed=True, facecolor=color, edgecolor="none", zorder=layer))

    def _label(self, number: int, marked: bool, at: Point) -> None:
        from matplotlib.patches import Rectangle

        lines = self.plan.labels[number]
        if not lines:
            return
        x, y = self._at(at)
        wide, high = (side * self.scale for side in _label_size(lines, marked))
        self.axes.add_patch(
            Rectangle((x - wide / 2, y - high / 2), wide, high, facecolor=PAPER, edgecolor="none", zorder=4)
        )
        for place_of, line in enumerate(lines):
            down = y + high / 2 - LINE * LABEL * (place_of + 0.5) * self.scale
            self._text((x, down), line, LABEL, MARKED_INK if marked else INK, marked, 4.5)

    def _end(self, end: int, at: Point) -> None:
        """A disc with a triangle for the start, a ring with a square for the end, a ring with three dots for still open."""
        from matplotlib.patches import Circle, Polygon, Rectangle

        radius = BALL / 2 * self.scale
        full = end == START
        disc = Circle(at, radius - 0.6, facecolor=INK if full else PAPER, edgecolor=INK, linewidth=1.2, zorder=5)
        self.axes.add_patch(disc)
        r = radius * 0.42
        if end == START:
            corners = [
                (at[0] + 1.2 * r * cos(turn), at[1] + 1.2 * r * sin(turn)) for turn in (0, 2 * pi / 3, 4 * pi / 3)
            ]
            self.axes.add_patch(Polygon(corners, facecolor=PAPER, edgecolor="none", zorder=6))
        elif end == END:
            self.axes.add_patch(
                Rectangle((at[0] - r, at[1] - r), 2 * r, 2 * r, facecolor=INK, edgecolor="none", zorder=6)
            )
        else:
            for step in (-1, 0, 1):
                dot = Circle((at[0] + step * r * 1.15, at[1]), r * 0.36, facecolor=INK, edgecolor="none", zorder=6)
                self.axes.add_patch(dot)


class _Block:
    """The title above and the caption below a map, broken into lines of its width."""

    def __init__(self, picture: MapPicture, wide: float) -> None:
        room = max(wide, 300.0)
        self.title = wrap(picture.title, room, 11.0, bold=True) if picture.title else []
        self.caption = [line for text in picture.caption for line in wrap(text, room, CAPTION, most=9)]
        self.below = LINE * CAPTION * len(self.caption) + (8.0 if self.caption else 0.0)
        above = LINE * 11.0 * len(self.title) + (6.0 if self.title else 0.0)
        texts = [width(line, CAPTION) for line in self.caption] + [width(line, 11.0, bold=True) for line in self.title]
        self.size = (max(texts, default=0.0), self.below + above)

    def draw(self, axes: Axes, down: float) -> None:
        for lines, size, bold, top, color in (
            (self.title, 11.0, True, down - MARGIN, INK),
            (self.caption, CAPTION, False, MARGIN + LINE * CAPTION * len(self.caption), SOFT),
        ):
            letters = font(bold).copy()
            letters.set_size(size)
            for number, line in enumerate(lines):
                axes.text(MARGIN, top - LINE * size * (number + 0.5), line, color=color, fontproperties=letters, ha="left",
                          va="center_baseline", parse_math=False)  # fmt: skip


def shade(part: float) -> str:
    """The colour for a part of the most (0 to 1): one of five, a fifth each."""
    return SHADES[min(int(_clip(part) * len(SHADES)), len(SHADES) - 1)]


def legible(fill: str) -> str:
    """Dark or white letters, whichever stands out more (WCAG contrast, at least 4.5 on every shade)."""
    return INK if contrast(fill, INK) >= contrast(fill, PAPER) else PAPER


def contrast(one: str, two: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = _channels(color) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _channels(color: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)], float)


def _between(colors: tuple[str, str], part: float) -> str:
    low, high = (_channels(color) for color in colors)
    mixed = np.rint(low + (high - low) * part).astype(int)
    return "#" + "".join(f"{one:02X}" for one in mixed)


def _clip(part: float) -> float:
    return max(0.0, min(1.0, part))


def _shortened(points: Sequence[Point], by: float) -> tuple[list[Point], Point, Point]:
    """The curve without its last `by` points of length, its former end, and its new end (de Casteljau)."""
    tip = points[-1]
    *rest, a, b, c, d = points
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        x, y = _split(a, b, c, d, middle)[-1]
        low, high = (middle, high) if hypot(tip[0] - x, tip[1] - y) > by else (low, middle)
    kept = _split(a, b, c, d, low)
    return [*rest, *kept], tip, kept[-1]


def _split(a: Point, b: Point, c: Point, d: Point, t: float) -> list[Point]:
    def mix(one: Point, two: Point) -> Point:
        return one[0] + (two[0] - one[0]) * t, one[1] + (two[1] - one[1]) * t

    ab, bc, cd = mix(a, b), mix(b, c), mix(c, d)
    abc, bcd = mix(ab, bc), mix(bc, cd)
    return [a, ab, abc, mix(abc, bcd)]
