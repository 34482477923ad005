"""Event study: two lines over time, and below them how far they moved apart, month by month, with ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import WIDTH, dated
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, RED, SERIES, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Months:
    """`place`: where each month stands, days since 1970 or months from the change; lengths of time in days, nan: none.

    before: which months lie before the change; the lines break between the two.
    """

    place: Floats
    before: NDArray[np.bool_]
    mean: Floats
    mean_beside: Floats
    difference: Floats
    low: Floats
    high: Floats
    change: float
    dates: bool


@dataclass(frozen=True)
class Words:
    title: str
    treated: str
    others: str
    up: str
    apart: str
    change: str
    across: str = ""
    footer: str = ""


def event_study(data: Months, words: Words, ax: Axes | None = None) -> Axes:
    """The two lines on top, the differences from before below; on one pair of axes given, the differences alone."""
    with style():
        if ax is not None:
            _differences(ax, data, words)
            _along(ax, data, words)
            return ax
        figure = new_figure(WIDTH, 5.0)
        figure.set_layout_engine("constrained")
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _lines(top, data, words)
        _differences(below, data, words)
        _along(below, data, words)
        if words.footer:
            lines = wrap(words.footer, 0.96 * 72 * WIDTH, 7.5, most=3)
            figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=7.5, color=SOFT)
        made: Axes = top
        return made


def _lines(axes: Axes, data: Months, words: Words) -> None:
    for values, label, (color, dashes) in zip((data.mean, data.mean_beside), (words.treated, words.others), SERIES):
        for number, side in enumerate((data.before, ~data.before)):
            look: dict[str, Any] = {"color": color, "linestyle": dashes, "marker": "o", "markersize": 3.2}
            axes.plot(data.place[side], values[side], label=clean(label) if not number else None, **look)
    top = max([float(np.nanmax(one)) for one in (data.mean, data.mean_beside) if np.isfinite(one).any()], default=1.0)
    axes.set_ylim(0, top * 1.12 or 1.0)
    _change(axes, data, words.change)
    handles, names = axes.get_legend_handles_labels()
    said = ["\n".join(wrap(name, 200, 8.5, most=2)) for name in names]
    axes.legend(handles, said, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handlelength=3.2, borderaxespad=0.2)
    rows = max((name.count("\n") + 1 for name in said), default=0)
    title = wrap(words.title, 0.9 * 72 * WIDTH, 10, bold=True, most=3)
    axes.set_title("\n".join(title), color=INK, pad=10 + 13 * rows)
    axes.set_ylabel(clean(words.up))
    axes.grid(axis="y", color=FAINT)
    axes.tick_params(axis="y", length=0)


def _differences(axes: Axes, data: Months, words: Words) -> None:
    axes.axhline(0, color=SOFT, linewidth=0.9, zorder=1)
    color = SERIES[0][0]
    for side, face in ((data.before, "white"), (~data.before, color)):
        axes.vlines(data.place[side], data.low[side], data.high[side], color=color, linewidth=1.5, zorder=3)
        look: dict[str, Any] = {"markerfacecolor": face, "color": color, "markersize": 5, "zorder": 4}
        axes.plot(data.place[side], data.difference[side], marker="o", linestyle="none", **look)
    _change(axes, data, "")
    axes.set_ylabel("\n".join(wrap(words.apart, 95, 9, most=3)))
    axes.grid(axis="y", color=FAINT)
    axes.tick_params(axis="y", length=0)


def _change(axes: Axes, data: Months, label: str) -> None:
    axes.axvline(data.change, color=RED, linewidth=1.2, linestyle=(0, (4, 2)), zorder=2)
    if label:
        axes.annotate(clean(label), (data.change, 1.0), (4, -2), xycoords=("data", "axes fraction"),
                      textcoords="offset points", va="top", size=8, color="#9A3B00")  # fmt: skip


def _along(axes: Axes, data: Months, words: Words) -> None:
    if data.dates:
        dated(axes)
    if words.across:
        axes.set_xlabel(clean(words.across))
