"""Grids: counts by row and column, darker where there are more, with the number in each field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import WIDTH, footed, page_axes
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import INK, PAPER, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def heat(
    table: NDArray[np.float64],
    down: Sequence[str],
    across: Sequence[str],
    *,
    title: str = "",
    axis: str = "",
    footer: str = "",
    apart: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """One colour from light to dark, the same order in grey; numbers in short form, so that none depends on colour.

    The last `apart` columns are of another kind: they have a scale of their own.
    """
    with style():
        axes = ax or page_axes(0.34 * len(down) + 1.0)
        edge = len(across) - apart
        depth = np.hstack([part / max(float(part.max(initial=0)), 1.0) for part in np.split(table, [edge], axis=1)])
        axes.imshow(depth, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
        axes.axvline(edge - 0.5, color=PAPER, linewidth=3) if apart else None
        for (row, column), n in np.ndenumerate(table):
            color = PAPER if depth[row, column] > 0.6 else INK
            axes.text(column, row, short(n), ha="center", va="center", size=6.5, color=color) if n else None
        axes.set_yticks(range(len(down)), [clean(one) for one in down])
        axes.set_xticks(range(len(across)), ["\n".join(wrap(one, 24, 7.5, most=3)) for one in across])
        axes.tick_params(length=0)
        axes.tick_params(axis="x", labelsize=7.5)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(clean(axis))
        axes.set_title("\n".join(wrap(title, 0.85 * 72 * WIDTH, 10, bold=True, most=2)), color=INK)
        footed(axes, footer)
    return axes


def short(n: float) -> str:
    """1,234 as 1.2k."""
    size, unit = (1e6, "M") if n >= 999_500 else (1e3, "k") if n >= 1_000 else (1, "")
    return f"{n / size:.0f}{unit}" if n / size >= 10 or size == 1 else f"{n / size:.1f}{unit}"
