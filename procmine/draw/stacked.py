"""Stacked bars: parts of one whole side by side, a bar for each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import footed, headed, page_axes
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import INK, PAPER, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_WRITTEN = 0.04  # a share that has room for its number
# fill, strokes and ink of each part in turn; light and dark alternate, so that neighbours differ without colour
LOOKS = (
    ("#0072B2", "", "white"), ("#BFD9EC", "///", INK), ("#D55E00", "", "white"), ("#F3D9A4", "...", INK),
    ("#009E73", "", "white"), ("#E6C3D6", "\\\\\\", INK), ("#7A5195", "", "white"), ("#D5DBE1", "xx", INK),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stack:
    """One bar: the share (0 to 1) of each part, in the order of the parts' names."""

    label: str
    shares: NDArray[np.float64]


def stacks(
    data: Sequence[Stack],
    parts: Sequence[str],
    *,
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Bars of full length, the first on top; the share of each part is written in it where it has room."""
    from matplotlib.ticker import PercentFormatter

    with style():
        rows = -(-len(parts) // 3)
        axes = ax or page_axes(1.45 + 0.3 * rows + 0.42 * len(data))
        names = ["\n".join(wrap(one.label, 120, 8.5, most=2)) if one.label else "" for one in data]
        left, places = np.zeros(len(data)), np.arange(len(data))
        handles = []
        for k, part in enumerate(parts):
            share = np.array([one.shares[k] for one in data])
            fill, strokes, ink = LOOKS[k % len(LOOKS)]
            look: dict[str, Any] = {"color": fill, "hatch": strokes, "edgecolor": PAPER, "linewidth": 0.6}
            handles.append(axes.barh(places, share, 0.62, left=left, label=clean(part), **look))
            _written(axes, share, left, fill, ink)
            left += share
        axes.set_yticks(places, names)
        axes.set(xlim=(0, 1), ylim=(len(data) - 0.5, -0.5))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(clean(axis))
        headed(axes, handles, title)
        footed(axes, footer)
    return axes


def _written(axes: Axes, share: NDArray[np.float64], left: NDArray[np.float64], fill: str, ink: str) -> None:
    for place in np.flatnonzero(share >= LEAST_WRITTEN):
        middle = left[place] + share[place] / 2
        box = {"facecolor": fill, "edgecolor": "none", "pad": 1.2}
        axes.text(middle, float(place), f"{share[place]:.0%}", ha="center", va="center", size=8, color=ink, bbox=box)
