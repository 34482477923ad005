"""Cause bars: days of waiting by place, each bar in parts that are told apart in colour and in grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import BLUE, FAINT, GREEN, INK, ORANGE, PURPLE, RED, SKY, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE = 6.9  # inches: a page's text
ROW = 0.42
FIXED = {  # fill and hatch: neighbours differ in lightness too
    "batching": (PURPLE, ""),
    "contention": (BLUE, ""),
    "prioritisation": (ORANGE, "//"),
    "unavailability": (SKY, ""),
    "unexplained": ("#A8B0B7", ""),
    "cannot tell": ("#E6E9EC", "xx"),
}
PARTIES = ((GREEN, ""), (RED, ".."), ("#005F45", "\\\\"))


def cause_bars(
    places: Sequence[str],
    causes: Sequence[str],
    days: NDArray[np.float64],
    words: Sequence[str],
    notes: Sequence[str],
    *,
    title: str = "",
    axis: str = "",
    foot: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Stacked bars, the first place on top: `days[place, cause]`, `words` for the causes, a note after each bar."""
    with style():
        names = [wrap(one, 150.0, 8.5, most=3) for one in places]
        beside = max((width(line, 8.5) for name in names for line in name), default=0.0) + 10
        legend = -(-len(causes) // 3)
        axes = ax or _axes(len(places), beside, legend)
        looks = _looks(causes)
        left = np.zeros(len(places))
        rows = np.arange(len(places), dtype=np.float64)
        for column, word in enumerate(words):
            color, hatch = looks[column]
            axes.barh(rows, days[:, column], left=left, height=0.62, color=color, hatch=hatch, edgecolor="white",
                      linewidth=0.6, label=clean(word), zorder=2)  # fmt: skip
            left = left + days[:, column]
        _finish(axes, names, left, notes, axis)
        edge = 0.0 if ax else -beside / _room(axes)  # the page's left, where the names begin
        if len(causes):
            axes.legend(loc="lower left", bbox_to_anchor=(edge, 1.0), ncols=3, borderaxespad=0.3, columnspacing=1.2)
        axes.set_title(clean(title), x=edge, color=INK, pad=8 + 15 * legend)
        axes.annotate(clean(foot), (edge, 0), (0, -38), xycoords="axes fraction", textcoords="offset points", va="top",
                      size=7.5, color=SOFT)  # fmt: skip
    return axes


def _looks(causes: Sequence[str]) -> list[tuple[str, str]]:
    others = [one for one in causes if one not in FIXED]
    return [FIXED[one] if one in FIXED else PARTIES[others.index(one) % len(PARTIES)] for one in causes]


def _axes(rows: int, beside: float, legend: int) -> Axes:
    above, below = 0.35 + 0.21 * legend, 0.72
    high = ROW * max(rows, 1) + above + below
    figure = new_figure(WIDE, high)
    left = (beside + 4) / 72 / WIDE
    return figure.add_axes((left, below / high, 1 - left - 0.01, ROW * max(rows, 1) / high))


def _room(axes: Axes) -> float:
    """Points from the left to the right of the axes."""
    return float(axes.get_window_extent().width) * 72 / float(axes.figure.dpi)


def _finish(axes: Axes, names: list[list[str]], ends: NDArray[np.float64], notes: Sequence[str], axis: str) -> None:
    """Names, notes beside the bars, and the axis as long as these need."""
    longest = float(ends.max(initial=0.0)) or 1.0
    room, wide = _room(axes), max((width(note, 8) for note in notes), default=0.0) + 12
    axes.set_xlim(0, longest * room / max(room - wide, 0.3 * room))
    for place, (end, note) in enumerate(zip(ends, notes)):
        axes.annotate(clean(note), (end, place), (5, 0), textcoords="offset points", va="center", size=8, color=INK)
    axes.set_yticks(range(len(names)), ["\n".join(name) for name in names])
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    axes.tick_params(axis="x", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= 0.97 * axes.get_xlim()[1]])
    axes.grid(axis="x", color=FAINT)
    axes.set_xlabel(clean(axis))
