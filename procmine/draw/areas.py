"""Areas: how many stand at each step over time, and how many took how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import dated, footed, headed, page_axes
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, PAPER, style
from procmine.draw.stacked import LOOKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bands(
    dates: NDArray[np.datetime64],
    data: Sequence[tuple[str, NDArray[np.float64]]],
    *,
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Bands on top of each other over dates, the first at the bottom."""
    with style():
        axes = ax or page_axes(3.9)
        below = np.zeros(len(dates))
        handles = []
        for (name, values), (color, strokes) in zip(data, LOOKS):
            above = below + values
            look: dict[str, Any] = {"facecolor": color, "hatch": strokes, "edgecolor": PAPER, "linewidth": 0.4}
            handles.append(axes.fill_between(dates, below, above, step="post", label=clean(name), **look))
            below = above
        axes.set_ylim(0, max(float(below.max(initial=0)), 1.0) * 1.04)
        if len(dates) > 1:
            axes.set_xlim(dates[0], dates[-1])
        dated(axes)
        axes.grid(axis="y", color=FAINT)
        axes.set_ylabel(clean(axis))
        headed(axes, handles, title)
        footed(axes, footer)
    return axes


def histogram(
    edges: NDArray[np.float64],
    data: Sequence[tuple[str, NDArray[np.int64]]],
    *,
    title: str = "",
    axis: str = "",
    up: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Bars between edges, the kinds on top of each other."""
    with style():
        axes = ax or page_axes(3.4)
        below = np.zeros(len(edges) - 1)
        handles = []
        for (name, values), (color, strokes) in zip(data, (LOOKS[0], LOOKS[3])):
            look: dict[str, Any] = {"color": color, "hatch": strokes, "edgecolor": PAPER, "linewidth": 0.6}
            handles.append(
                axes.bar(edges[:-1], values, np.diff(edges), bottom=below, align="edge", label=clean(name), **look)
            )
            below = below + values
        axes.set_xlim(0, float(edges[-1]) if len(edges) else 1.0)
        axes.grid(axis="y", color=FAINT)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(clean(axis))
        axes.set_ylabel("\n".join(wrap(up, 200, 9, most=2)), color=INK)
        headed(axes, handles, title)
        footed(axes, footer)
    return axes
