"""Year: the months of a plan as a line, with a row for each of its days, so that no label covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.draw.frame import WIDTH
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import BLUE, FAINT, INK, RED, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIGNS = {"begin": (">", INK), "review": ("D", BLUE), "target": ("*", RED), "end": ("s", INK)}
LETTERS = 8.5
ROW = 0.235  # inches
ROOM = 190.0  # points for a label
TINT = "#EEF2F6"


@dataclass(frozen=True)
class Mark:
    """A day, what it is, and its sign ("begin", "review", "target", "end")."""

    day: np.datetime64
    label: str
    sign: str
    more: tuple[np.datetime64, ...] = ()  # further days of the kind, on the same line; then the label stands above


def year(marks: Sequence[Mark], *, until: np.datetime64, until_label: str, ax: Axes | None = None) -> Axes:
    """In the order given, first on top; what lies in the days that the data show is tinted, up to `until`."""
    names = ["\n".join(wrap(clean(one.label), ROOM, LETTERS, most=2)) for one in marks]
    heights = [1 + 0.7 * (name.count("\n") + bool(one.more)) for one, name in zip(marks, names)]
    first, last = _months(marks)
    with style():
        axes = ax or _axes(ROW * sum(heights) + 0.62)
        axes.set_xlim(first, last)
        place = 0.5
        for one, name, high in zip(marks, names, heights):
            _mark(axes, one, name, place + high / 2, (_number(one.day) - first) / (last - first))
            place += high
        axes.set_ylim(place + 0.3, 0)
        _tinted(axes, first, last, _number(until), until_label)
        _months_below(axes, last - first)
    return axes


def _number(day: np.datetime64) -> float:
    """As the axis counts days."""
    return float((day.astype("M8[D]") - np.datetime64("1970-01-01")).astype(int))


def _axes(tall: float) -> Axes:
    figure = new_figure(WIDTH, tall)
    low = 0.24 / tall
    return figure.add_axes((0.04, low, 0.92, 1 - low - 0.2 / tall))


def _months(marks: Sequence[Mark]) -> tuple[float, float]:
    """Whole months around all marks."""
    days = np.array([day for one in marks for day in (one.day, *one.more)], "M8[D]").astype("M8[M]")
    return _number(days.min()), _number(days.max() + 1)


def _months_below(axes: Axes, span: float) -> None:
    from matplotlib import dates

    made: Any = dates  # without types
    axes.xaxis.set_major_locator(made.MonthLocator(interval=max(1, -(-round(span / 30.4) // 8))))
    axes.xaxis.set_major_formatter(made.DateFormatter("%Y-%m"))
    axes.tick_params(axis="x", labelsize=8, length=3)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT)


def _mark(axes: Axes, one: Mark, name: str, place: float, across: float) -> None:
    """The label on the side where there is room for it."""
    sign, colour = SIGNS[one.sign]
    day, left, aside = _number(one.day), across > 0.55, 0 if one.more else 9
    days = [day, *map(_number, one.more)]
    axes.plot(days, [place + (0.4 if one.more else 0)] * len(days), marker=sign, markersize=10 if sign == "*" else 6.5,
              color=colour, linewidth=0, zorder=4)  # fmt: skip
    above = place - (0.4 if one.more else 0)
    axes.annotate(name, (day, above), (-aside if left else aside, 0), textcoords="offset points", va="center",
                  ha="right" if left else "left", size=LETTERS, color=INK, zorder=5)  # fmt: skip


def _tinted(axes: Axes, first: float, last: float, until: float, label: str) -> None:
    seen = min(max(until, first), last)
    if seen > first:
        axes.axvspan(first, seen, color=TINT, zorder=0)
    if first < until < last:
        axes.axvline(until, color=SOFT, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
        right = until - first > (last - first) / 2
        axes.annotate(
            clean(label), (until, 1.0), (-4 if right else 4, 3), xycoords=("data", "axes fraction"), size=7.5, color=SOFT,
            textcoords="offset points", ha="right" if right else "left", annotation_clip=False,
        )  # fmt: skip
