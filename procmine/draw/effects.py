"""Effects: points with their ranges along an axis of days, one a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.draw.charts import BAR_MARKED, LABEL_ROOM, TITLE, WIDTH
from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import FAINT, INK, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS, NOTE = 8.5, 8.0
PLAIN = "#3D6A8A"


@dataclass(frozen=True)
class Effect:
    """A number of days with its range (nan: not known) and a note at the right edge; marked: in colour, and filled."""

    label: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    note: str = ""
    marked: bool = False


def effects(data: Sequence[Effect], *, title: str = "", axis: str = "", ax: Axes | None = None) -> Axes:
    """In the order given, first on top; a line stands at 0 where the axis reaches it. Filled points are marked."""
    with style():
        names = [wrap(one.label, LABEL_ROOM * 1.25, LETTERS, most=3) for one in data]
        heights = np.array([0.14 + 0.145 * max(len(name), 1) for name in names])
        places = np.cumsum(heights) - heights / 2
        left = max((width(line, LETTERS) for name in names for line in name), default=0.0) + 10
        right = max((width(clean(one.note), NOTE) for one in data if one.note), default=0.0) + 8
        heading = wrap(title, 0.96 * 72 * WIDTH, TITLE, bold=True, most=3) if title else []
        under = wrap(axis, 0.96 * 72 * WIDTH, 9.0, most=2) if axis else []
        axes = ax or _axes(float(heights.sum()), left, right, len(heading), len(under))
        room = axes.get_window_extent().width * 72 / axes.figure.dpi
        _limits(axes, data)
        for place, one in zip(places, data):
            _draw(axes, float(place), one)
        axes.set_yticks(places, ["\n".join(name) for name in names])
        axes.set_ylim(float(heights.sum()) or 1.0, 0)
        axes.tick_params(axis="y", length=0, labelsize=LETTERS)
        axes.grid(axis="x", color=FAINT)
        axes.tick_params(axis="x", length=0)
        if axis:
            axes.set_xlabel("\n".join(under), x=(WIDTH * 36 - left) / max(room, 1.0) if ax is None else 0.5)
        if heading:
            axes.set_title("\n".join(heading), x=-left / room if ax is None else 0.0, color=INK, pad=8)
    return axes


def _axes(tall: float, left: float, right: float, heading: int, under: int) -> Axes:
    """In inches: names on the left and notes on the right as wide as they need, the title above all."""
    above, below = 0.1 + 0.2 * heading, 0.3 + 0.17 * under
    high = max(tall, 0.4) + above + below
    figure = new_figure(WIDTH, high)
    begin, end = (left + 4) / 72 / WIDTH, 1 - (right + 4) / 72 / WIDTH
    return figure.add_axes((begin, below / high, end - begin, max(tall, 0.4) / high))


def _draw(axes: Axes, place: float, one: Effect) -> None:
    color = BAR_MARKED if one.marked else PLAIN
    if np.isfinite(one.low) and np.isfinite(one.high):
        axes.plot([one.low, one.high], [place, place], color=color, linewidth=1.6, solid_capstyle="butt", zorder=3)
    elif np.isnan(one.value) and np.isfinite(one.low) != np.isfinite(one.high):
        _open(axes, place, one, color)
    face = color if one.marked else "white"
    axes.plot(one.value, place, marker="o", markersize=5.5, color=color, markerfacecolor=face, zorder=4)
    if one.note:
        axes.annotate(clean(one.note), (1.0, place), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                      va="center", size=NOTE, color=INK, annotation_clip=False)  # fmt: skip


def _open(axes: Axes, place: float, one: Effect, color: str) -> None:
    """From the end that is known to the edge, where an arrow says that it goes on."""
    known, edge, tip = (
        (one.low, axes.get_xlim()[1], ">") if np.isfinite(one.low) else (one.high, axes.get_xlim()[0], "<")
    )
    axes.plot([known, edge], [place, place], color=color, linewidth=1.6, solid_capstyle="butt", zorder=3)
    axes.plot(edge, place, marker=tip, markersize=6, color=color, clip_on=False, zorder=4)


def _limits(axes: Axes, data: Sequence[Effect]) -> None:
    """As wide as values and ranges; from 0 where all lie on one side of it, and a line there."""
    ends = [end for one in data for end in (one.value, one.low, one.high) if np.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    beyond = 0.04 * ((high - low) or 1.0)
    left, right = (
        any(np.isnan(one.value) and np.isnan(end) and np.isfinite(other) for one, end, other in sides)
        for sides in ([(one, one.low, one.high) for one in data], [(one, one.high, one.low) for one in data])
    )
    axes.set_xlim(low - beyond * (5 if left else 1) if low < 0 or left else 0.0, high + beyond * (5 if right else 1))
    axes.axvline(0, color=SOFT, linewidth=0.9, zorder=2)
