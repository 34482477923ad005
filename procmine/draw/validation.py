"""Validation: errors of a simulation as times those of chance, beside the errors of replayed cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.draw.charts import BAR_FILL, LABEL_ROOM
from procmine.draw.frame import footed, headed, page_axes
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, PAPER, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Error:
    """A measure with the errors of the simulation and of replayed cases, as times the error of chance; and a note."""

    label: str
    simulated: float
    replayed: float
    note: str = ""


def errors(
    data: Sequence[Error],
    words: tuple[str, str, str],
    *,
    title: str,
    across: str,
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Bars from a line at 1, on a scale of ratios; `words` name the bar, the mark and the line."""
    with style():
        axes = ax or page_axes(1.5 + 0.36 * len(data))
        known = [one for one in data if np.isfinite(one.simulated) and one.simulated > 0]
        low, high = _ends(known)
        places = np.arange(len(known))
        axes.set_xscale("log")
        handles: list[Any] = [_bars(axes, known, places, words[0]), _marks(axes, known, places, words[1])]
        handles.append(
            axes.axvline(1, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=4, label=clean(words[2]))
        )
        for place, one in zip(places, known):
            axes.annotate(clean(one.note), (1.0, place), (4, 0), xycoords=("axes fraction", "data"),
                          textcoords="offset points", va="center", size=8, color=INK, annotation_clip=False)  # fmt: skip
        ticks = [one for one in TICKS if low <= one <= high]
        axes.set_xticks(ticks, [f"{one:g}\N{MULTIPLICATION SIGN}" for one in ticks])
        axes.minorticks_off()
        axes.set(xlim=(low, high), ylim=(len(known) - 0.4, -0.6))
        axes.set_yticks(places, ["\n".join(wrap(one.label, LABEL_ROOM * 1.2, 8.5, most=2)) for one in known])
        axes.tick_params(axis="y", length=0, labelsize=8.5)
        axes.grid(axis="x", color=FAINT)
        axes.set_xlabel(clean(across))
        if ax is None:
            headed(axes, handles, title)
            footed(axes, footer)
        else:
            axes.set_title(clean(title))
    return axes


def _ends(data: Sequence[Error]) -> tuple[float, float]:
    values = [
        1.0,
        *(value for one in data for value in (one.simulated, one.replayed) if np.isfinite(value) and value > 0),
    ]
    return min(min(values) / 1.25, 0.75), max(max(values) * 1.25, 3.0)


def _bars(axes: Axes, data: Sequence[Error], places: Any, name: str) -> Any:
    wide = np.array([one.simulated for one in data])
    return axes.barh(places, wide - 1, left=1, height=0.5, color=BAR_FILL, edgecolor=INK, linewidth=0.6, zorder=3,
                     label=clean(name))  # fmt: skip


def _marks(axes: Axes, data: Sequence[Error], places: Any, name: str) -> Any:
    return axes.plot([one.replayed for one in data], places, marker="D", markersize=6, color=PAPER, markeredgecolor=INK,
                     linestyle="none", zorder=5, label=clean(name))[0]  # fmt: skip
