"""Offices, or groups of people, beside each other: a dot and its range in each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.draw.charts import LABEL_ROOM, WIDTH
from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import BLUE, FAINT, INK, SKY, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Dot:
    """A length in days with the range in which it likely lies, and the spread of single cases around it (nan: not known)."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""
    spread_low: float = float("nan")
    spread_high: float = float("nan")


def dots(
    data: Sequence[Dot],
    *,
    title: str,
    axis: str,
    reference: float = 0.0,
    reference_label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A row per dot, first on top: thin line for the spread, thick for the range.

    `reference` is an upright line, if it has a label.
    """
    with style():
        names = [wrap(dot.label, LABEL_ROOM, 8.5, most=2) for dot in data]
        beside = max((width(line, 8.5) for name in names for line in name), default=0.0) + 10
        axes = ax or _axes(len(data), beside)
        ends = [one for dot in data for one in (dot.value, dot.high, dot.spread_high) if np.isfinite(one)]
        longest = max([*ends, reference, 1e-9])
        room = axes.get_window_extent().width * 72 / axes.figure.dpi
        notes = max((width(dot.note, 8) for dot in data), default=0.0) + 14
        axes.set_xlim(0, longest * 1.03 * room / max(room - notes, 0.4 * room))
        if reference_label:
            _reference(axes, reference, reference_label)
        for place, dot in enumerate(data):
            _row(axes, place, dot)
        axes.set_yticks(range(len(data)), ["\n".join(name) for name in names])
        axes.set_ylim(len(data) - 0.4, -0.6)
        axes.set_xlabel(clean(axis))
        axes.grid(axis="x", color=FAINT)
        axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= 0.97 * axes.get_xlim()[1]])
        axes.tick_params(axis="y", length=0, labelsize=8.5)
        heading = "\n".join(wrap(title, 0.9 * 72 * WIDTH, 10, bold=True, most=3))
        axes.set_title(heading, x=0.0 if ax is not None else -beside / room, color=INK, pad=20)
    return axes


def _axes(rows: int, beside: float) -> Axes:
    above, below, tall = 0.6, 0.5, 0.32 * max(rows, 2)
    high = tall + above + below
    figure = new_figure(WIDTH, high)
    left = (beside + 4) / 72 / WIDTH
    return figure.add_axes((left, below / high, 1 - left - 0.01, tall / high))


def _row(axes: Axes, place: int, dot: Dot) -> None:
    axes.plot([dot.spread_low, dot.spread_high], [place, place], color=SKY, linewidth=1.4, zorder=2)
    axes.plot([dot.low, dot.high], [place, place], color=BLUE, linewidth=4.5, solid_capstyle="butt", zorder=3)
    axes.plot(
        dot.value, place, marker="o", markersize=6.5, color=INK, markeredgecolor="white", markeredgewidth=1, zorder=4
    )
    right = np.nanmax([dot.value, dot.high, dot.spread_high, 0.0])
    axes.annotate(clean(dot.note), (right, place), (6, 0), textcoords="offset points", va="center", size=8, color=INK)


def _reference(axes: Axes, at: float, label: str) -> None:
    axes.axvline(at, color=SOFT, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    place: Any = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "ha": "center", "va": "bottom"}
    axes.annotate(clean(label), (at, 1.0), (0, 3), size=8, color=SOFT, **place)
