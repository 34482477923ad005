"""Map difference: one map coloured by what is different, and two maps with every step in the same place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from procmine.draw.layout import Point
from procmine.draw.lettering import LINE, clean, font, width, wrap
from procmine.draw.picture import BLUE, GREEN, INK, PURPLE, RED, SOFT, new_figure, style
from procmine.draw.process_map import COUNT, LABEL, MapPicture, draw_plan, filled, plan_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARGIN, BETWEEN = 12.0, 24.0
TITLE, PANEL, SMALL = 11.0, 9.0, 7.5  # sizes of letters in points
SWATCH = (16.0, 3.0)  # of the legend
LEAST_WIDE = 320.0


@dataclass(frozen=True)
class Look:
    """The colour of lines, and the light colour inside boxes."""

    line: str
    inside: str

    @property
    def box(self) -> tuple[str, str]:
        return self.inside, self.line


# hues of Okabe and Ito (2008), told apart with any colour vision; the words beside them say the same
SHORTER, LONGER = Look(BLUE, "#D6E8F4"), Look(RED, "#FBE0D0")
MORE, FEWER = Look(PURPLE, "#F7E3EF"), Look(GREEN, "#D3EFE5")
GREY = Look("#A3A9AE", "#F1F2F3")


@dataclass(frozen=True)
class Sign:
    """A colour and what it says."""

    look: Look
    said: str


@dataclass(frozen=True)
class Both:
    """Two maps of the same boxes; an arrow that is missing in one is in the other."""

    before: MapPicture
    after: MapPicture
    titles: tuple[str, str]
    title: str
    caption: str


def draw_difference(picture: MapPicture, legend: Sequence[Sign]) -> Figure:
    """The map with a legend of its colours, in the size in which it should be printed."""
    with style():
        plan = plan_map(picture)
        wide = max(plan.placed.size[0], LEAST_WIDE)
        page = _Page(picture.title, picture.caption, wide, legend)
        figure, axes = page.figure(plan.placed.size[1])
        draw_plan(axes, plan, (MARGIN + (wide - plan.placed.size[0]) / 2, MARGIN + page.below))
        page.draw(axes)
    return figure


def draw_both(both: Both) -> Figure:
    """Both maps side by side, or one above the other where they are wider than high."""
    with style():
        plan = plan_map(_joint(both))
        (across, up), head = plan.placed.size, LINE * PANEL + 8.0
        beside = across <= 1.2 * up
        wide = max(2 * across + BETWEEN if beside else across, LEAST_WIDE)
        high = head + up if beside else 2 * (head + up) + BETWEEN
        page = _Page(both.title, (both.caption,), wide, ())
        figure, axes = page.figure(high)
        low = MARGIN + page.below
        corners = (
            [(MARGIN, low), (MARGIN + across + BETWEEN, low)]
            if beside
            else [(MARGIN, low + head + up + BETWEEN), (MARGIN, low)]
        )
        for picture, title, corner in zip((both.before, both.after), both.titles, corners):
            draw_plan(axes, filled(plan, picture), corner)
            _write(axes, (corner[0], corner[1] + up + head - PANEL), title, PANEL, INK, bold=True)
        page.draw(axes)
    return figure


def _joint(both: Both) -> MapPicture:
    """All boxes and arrows of both, with room for the longer of their texts."""
    boxes = [
        replace(one, note=_longer(one.note, two.note, COUNT)) for one, two in zip(both.before.boxes, both.after.boxes)
    ]
    arrows = {(one.before, one.after): one for one in both.before.arrows}
    for one in both.after.arrows:
        other = arrows.get((one.before, one.after), one)
        arrows[one.before, one.after] = replace(one, label=_longer(one.label, other.label, LABEL))
    return MapPicture(tuple(boxes), tuple(arrows.values()))


def _longer(one: str, two: str, size: float) -> str:
    """Line by line the longer of two texts."""
    lines = [text.split("\n") for text in (one, two)]
    many = max(map(len, lines))
    padded = [each + [""] * (many - len(each)) for each in lines]
    return "\n".join(max(pair, key=lambda text: width(clean(text) if text else "", size)) for pair in zip(*padded))


class _Page:
    """Title and legend above a map, caption below it, broken into lines of its width."""

    def __init__(self, title: str, caption: Sequence[str], wide: float, legend: Sequence[Sign]) -> None:
        self.wide, self.legend = wide, legend
        self.title = wrap(title, wide, TITLE, bold=True) if title else []
        self.caption = [line for text in caption for line in wrap(text, wide, SMALL, most=12)]
        self.rows = self._legend_rows()
        self.below = LINE * SMALL * len(self.caption) + 10.0
        self.above = LINE * (TITLE * len(self.title) + SMALL * 1.3 * len(self.rows)) + 10.0

    def figure(self, high: float) -> tuple[Figure, Axes]:
        across, self.down = self.wide + 2 * MARGIN, high + self.below + self.above + 2 * MARGIN
        figure = new_figure(across / 72, self.down / 72)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, across), ylim=(0, self.down))
        return figure, axes

    def draw(self, axes: Axes) -> None:
        top = self.down - MARGIN
        for line in self.title:
            top -= LINE * TITLE
            _write(axes, (MARGIN, top + LINE * TITLE / 2), line, TITLE, INK, bold=True)
        for row in self.rows:
            top -= LINE * SMALL * 1.3
            self._signs(axes, row, top + LINE * SMALL * 0.65)
        for number, line in enumerate(reversed(self.caption)):
            _write(axes, (MARGIN, MARGIN + LINE * SMALL * (number + 0.5)), line, SMALL, SOFT)

    def _legend_rows(self) -> list[list[Sign]]:
        rows: list[list[Sign]] = []
        used = 0.0
        for sign in self.legend:
            room = _sign_width(sign)
            if not rows or used + room > self.wide:
                rows, used = [*rows, []], 0.0
            rows[-1].append(sign)
            used += room
        return rows

    def _signs(self, axes: Axes, row: Sequence[Sign], middle: float) -> None:
        from matplotlib.patches import Rectangle

        left = MARGIN
        for sign in row:
            corner = (left, middle - SWATCH[1] / 2)
            axes.add_patch(Rectangle(corner, *SWATCH, facecolor=sign.look.line, edgecolor="none", zorder=5))
            _write(axes, (left + SWATCH[0] + 4, middle), sign.said, SMALL, INK)
            left += _sign_width(sign)


def _sign_width(sign: Sign) -> float:
    return SWATCH[0] + 4 + width(clean(sign.said), SMALL) + 14


def _write(axes: Axes, at: Point, text: str, size: float, color: str, *, bold: bool = False) -> None:
    letters = font(bold).copy()
    letters.set_size(size)
    axes.text(*at, clean(text), color=color, fontproperties=letters, ha="left", va="center_baseline", parse_math=False,
              zorder=6)  # fmt: skip
