"""Timelines: single cases along the calendar, as lines between steps and as dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import dated, footed, headed, page_axes
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, SOFT, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUARTERS = (INK, "#9ECAE1", "#56B4E9", "#E69F00", "#B2182B")  # 0: not reached; light to dark also in grey
SIGNS = ("o", "s", "^", "D", "v", "P", "X", ".")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#1B2733", "#AAB4BD")
FEW_DOTS = 3_000


@dataclass(frozen=True, eq=False)
class Segment:
    """Passages from one step (upper rail) to the next (lower rail): datetime64; with quarter 0 the next was not reached, and
    `end` is when watching stopped.
    """

    before: str
    after: str
    begin: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    quarter: NDArray[np.int64]


def spectrum(
    data: Sequence[Segment],
    *,
    names: Sequence[str],
    title: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """One band a segment, from its rail above to the one below; what did not get there stops half-way."""
    with style():
        axes = ax or page_axes(0.9 + 1.15 * len(data))
        for place, one in enumerate(data):
            _lines(axes, one, place)
        rails = [data[0].before, *(one.after for one in data)] if data else []
        for rail in range(len(rails)):
            axes.axhline(rail, color=SOFT, linewidth=0.9, zorder=3)
        axes.set_yticks(range(len(rails)), ["\n".join(wrap(name, 120, 8, most=3)) for name in rails])
        axes.set_ylim(len(rails) - 0.9, -0.1)
        axes.tick_params(axis="y", length=0)
        dated(axes)
        used = [one for one in range(5) if any((part.quarter == one).any() for part in data)]
        handles = [axes.plot([], [], color=QUARTERS[one], linewidth=2.2, label=clean(names[one]))[0] for one in used]
        headed(axes, handles, title)
        footed(axes, footer)
    return axes


def _lines(axes: Axes, one: Segment, place: int) -> None:
    """The fastest first, so that slow ones lie on top; the open ones, thin and grey, below all."""
    from matplotlib.collections import LineCollection
    from matplotlib.dates import date2num

    numbers: Callable[[Any], NDArray[np.float64]] = date2num
    begin = numbers(one.begin)
    end = numbers(one.end)
    for quarter in range(5):
        here = np.flatnonzero(one.quarter == quarter)
        low = place + 1.0 if quarter else place + 0.5
        lines = np.stack([np.column_stack((begin[here], np.full(len(here), float(place)))),
                          np.column_stack((end[here], np.full(len(here), low)))], axis=1)  # fmt: skip
        dense = 0.75 if len(one.begin) < 500 else 0.35
        look: dict[str, Any] = {"color": QUARTERS[quarter], "alpha": dense if quarter else 0.12, "linewidth": 0.6}
        axes.add_collection(LineCollection(list(lines), rasterized=True, zorder=1 + quarter / 10, **look))
    axes.update_datalim([(begin.min(), place), (end.max(), place + 1)] if len(begin) else [(0, 0)])
    axes.autoscale_view(scaley=False)


def dots(
    across: NDArray[Any],
    line: NDArray[np.int64],
    kinds: Sequence[tuple[str, NDArray[np.bool_]]],
    *,
    title: str = "",
    axis: str = "",
    up: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """One dot an event: `across` in days or dates, `line` its case; a colour and a sign for each kind."""
    with style():
        axes = ax or page_axes(4.6)
        dates = across.dtype.kind == "M"
        size = 9.0 if len(line) < FEW_DOTS else 2.5
        handles = []
        for (name, here), color, sign in zip(kinds, COLOURS, SIGNS):
            axes.scatter(across[here], line[here], s=size, color=color, marker=sign, linewidths=0, rasterized=True)
            handles.append(axes.scatter([], [], s=22, color=color, marker=sign, linewidths=0, label=clean(name)))
        axes.set_ylim(-1, (line.max() if len(line) else 0) + 1)
        if dates:
            dated(axes)
        axes.grid(axis="x", color=FAINT)
        axes.set_xlabel(clean(axis))
        axes.set_ylabel(clean(up))
        axes.set_yticks([])
        headed(axes, handles, title)
        footed(axes, footer)
    return axes
