"""Plans: the smallest change that would be seen, by the day on which one asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.charts import TITLE, WIDTH
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, SERIES, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def plans(
    days: NDArray[np.datetime64],
    lines: Mapping[str, Floats],
    *,
    whole: float,
    wanted: float | None = None,
    mark: str = "",
    title: str = "",
    up: str = "",
    across: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A falling line for each plan; dotted, what is wanted, with its mark and a dot where the line first comes below it.

    Nothing above `whole` is drawn: no wait can fall by more than all of it.
    """
    with style():
        axes = ax or _axes()
        place = days.astype("M8[D]").astype(np.int64).astype(np.float64)
        for (name, line), (color, dashes) in zip(lines.items(), SERIES):
            axes.plot(
                place, np.where(line <= whole, line, np.nan), color=color, linestyle=dashes, label=clean(name), zorder=4
            )
            if wanted is not None:
                _first_below(axes, place, line, wanted, color)
        if wanted is not None:
            _wanted(axes, wanted, mark)
        seen = [line[line <= whole] for line in lines.values()]
        top = max([wanted or 0.0, *(float(one.max()) for one in seen if len(one))], default=1.0)
        axes.set(xlim=(place[0], place[-1]), ylim=(0, 1.08 * top or 1.0))
        _ticks(axes, days)
        axes.grid(axis="y", color=FAINT)
        axes.set_xlabel(clean(across))
        axes.set_ylabel(clean(up))
        many = len(lines) > 1
        if many:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handlelength=3.2, borderaxespad=0.2)
        said = "\n".join(wrap(title, 0.9 * 72 * WIDTH, TITLE, bold=True, most=2))
        axes.set_title(said, color=INK, pad=23 if many else 8)
    return axes


def _axes() -> Axes:
    figure = new_figure(WIDTH, 3.5)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def _wanted(axes: Axes, wanted: float, mark: str) -> None:
    where: Any = ("axes fraction", "data")
    axes.axhline(wanted, color=SOFT, linewidth=0.9, linestyle=(0, (2, 2)), zorder=2)
    axes.annotate(clean(mark), (0.995, wanted), (0, 3), xycoords=where, textcoords="offset points", size=8, color=INK,
                  ha="right", zorder=6)  # fmt: skip


def _first_below(axes: Axes, place: Floats, line: Floats, wanted: float, color: str) -> None:
    below = np.flatnonzero(line <= wanted)
    if len(below):
        at = below[0]
        axes.plot(place[at], line[at], marker="o", markersize=6, color=color, markeredgecolor=INK, zorder=5)


def _ticks(axes: Axes, days: NDArray[np.datetime64]) -> None:
    """First days of at most eight months, as 2026-03."""
    months = np.arange(days[0].astype("M8[M]") + 1, days[-1].astype("M8[M]") + 1)
    apart = next(one for one in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if len(months) <= 8 * one)
    shown = months[months.astype(np.int64) % apart == 0] if len(months) else months
    axes.set_xticks(shown.astype("M8[D]").astype(np.int64).tolist(), [str(month) for month in shown])
