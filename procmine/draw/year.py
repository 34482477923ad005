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


@dataclass(frozen=True)
class Mark:
    """A day, what it is, and its sign ("begin", "review", "target", "end")."""

    day: np.datetime64
    label: str
    sign: str


def year(marks: Sequence[Mark], *, until: np.datetime64, until_label: str, ax: Axes | None = None) -> Axes:
    """In the order given, first on top; what lies in the days that the data show is tinted, up to `until`."""
    from matplotlib import dates

    made: Any = dates  # without types
    names = ["\n".join(wrap(clean(one.label), ROOM, LETTERS, most=2)) for one in marks]
    tall = sum(ROW * (1 + 0.7 * name.count("\n")) for name in names) + 0.62
    with style():
        axes = ax or _axes(tall)
        first, last = _months(marks)
        span = made.date2num(last) - made.date2num(first)
        place = 0.5
        for one, name in zip(marks, names):
            high = 1 + 0.7 * name.count("\n")
            _mark(axes, one, name, place + high / 2, float((made.date2num(one.day) - made.date2num(first)) / span))
            place += high
        axes.set_ylim(place + 0.3, 0)
        axes.set_xlim(first, last)
        _tinted(axes, first, last, until, until_label)
        axes.xaxis.set_major_locator(made.MonthLocator(interval=max(1, round(span / 30.4 / 13))))
        axes.xaxis.set_major_formatter(made.DateFormatter("%Y-%m"))
        axes.tick_params(axis="x", labelrotation=0, labelsize=6.6, length=3)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=FAINT)
    return axes


def _axes(tall: float) -> Axes:
    figure = new_figure(WIDTH, tall)
    low = 0.24 / tall
    return figure.add_axes((0.02, low, 0.96, 1 - low - 0.2 / tall))


def _months(marks: Sequence[Mark]) -> tuple[np.datetime64, np.datetime64]:
    """Whole months around all marks."""
    days = np.array([one.day for one in marks], "M8[D]").astype("M8[M]")
    return days.min().astype("M8[D]"), (days.max() + 1).astype("M8[D]")


def _mark(axes: Axes, one: Mark, name: str, place: float, across: float) -> None:
    """The label on the side where there is room for it."""
    sign, colour = SIGNS[one.sign]
    axes.plot([one.day], [place], marker=sign, markersize=10 if sign == "*" else 6.5, color=colour, zorder=4)
    left = across > 0.55
    axes.annotate(name, (one.day, place), (-9 if left else 9, 0), textcoords="offset points", va="center",
                  ha="right" if left else "left", size=LETTERS, color=INK, zorder=5)  # type: ignore[arg-type]  # fmt: skip


def _tinted(axes: Axes, first: np.datetime64, last: np.datetime64, until: np.datetime64, label: str) -> None:
    seen = min(max(until, first), last)
    if seen > first:
        axes.axvspan(first, seen, color="#EEF2F6", zorder=0)  # type: ignore[arg-type]
    if first < until < last:
        axes.axvline(until, color=SOFT, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)  # type: ignore[arg-type]
        right = (until - first) > (last - first) / 2
        axes.annotate(clean(label), (until, 1.0), (-4 if right else 4, 3), xycoords=("data", "axes fraction"), size=7.5,
                      textcoords="offset points", ha="right" if right else "left", color=SOFT, annotation_clip=False)  # type: ignore[arg-type]  # fmt: skip
