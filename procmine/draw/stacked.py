"""Stacked bars: parts of one whole side by side along a line, told apart in colour and in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import WIDTH, footed, headed, page_axes
from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, RED, SKY, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Looks = Sequence[tuple[str, str]]  # fill and strokes of each part in turn
LABEL_ROOM = 120.0
LEAST_WRITTEN = 0.04  # a share that has room for its number
DARK = ("#0072B2", "#D55E00", "#7A5195")  # fills on which letters are white
# light and dark alternate, with strokes, so that neighbours differ without colour
LOOKS: Looks = (
    ("#0072B2", ""), ("#BFD9EC", "///"), ("#D55E00", ""), ("#F3D9A4", "..."),
    ("#009E73", ""), ("#E6C3D6", "\\\\\\"), ("#7A5195", ""), ("#D5DBE1", "xx"),
)  # fmt: skip
REST = ("#E3E7EB", "")  # of a part that is no part like the others, such as what is still open
CAUSES = {
    "batching": (PURPLE, ""),
    "contention": (BLUE, ""),
    "prioritisation": (ORANGE, "//"),
    "unavailability": (SKY, ""),
    "unexplained": ("#A8B0B7", ""),
    "cannot tell": ("#E6E9EC", "xx"),
}
PARTIES = ((GREEN, ""), (RED, ".."), ("#005F45", "\\\\"))


@dataclass(frozen=True, eq=False)
class Stack:
    """One bar: its parts in the order of their names, shares (0 to 1) or lengths, and what is said at its end."""

    label: str
    parts: NDArray[np.float64]
    note: str = ""


def stacks(
    data: Sequence[Stack],
    parts: Sequence[str],
    *,
    looks: Looks = LOOKS,
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Bars of full length, the first on top; the share of each part is written in it where it has room."""
    from matplotlib.ticker import PercentFormatter

    with style():
        axes = ax or _axes(data, parts)
        _bars(axes, data, parts, looks)
        for place, one in enumerate(data):
            _written(axes, place, one.parts, looks)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        _framed(axes, title, axis, footer)
    return axes


def lengths(
    data: Sequence[Stack],
    parts: Sequence[str],
    *,
    looks: Looks = LOOKS,
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Bars as long as their parts together, the first on top, with what is said of each at its end."""
    with style():
        axes = ax or _axes(data, parts)
        _bars(axes, data, parts, looks)
        longest = max((float(one.parts.sum()) for one in data), default=0.0) or 1.0
        beside = max((width(line, 8.5) for one in data for line in _label(one)), default=0.0) + 24
        room = axes.get_window_extent().width * 72 / axes.figure.dpi if ax else 72 * WIDTH - beside
        said = max((width(one.note, 8) for one in data), default=0.0) + 12
        axes.set_xlim(0, longest * room / max(room - said, 0.3 * room))
        for place, one in enumerate(data):
            axes.annotate(clean(one.note), (float(one.parts.sum()), place), (5, 0), textcoords="offset points", va="center",
                          size=8, color=INK)  # fmt: skip
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axes.grid(axis="x", color=FAINT)
        _framed(axes, title, axis, footer)
    return axes


def cause_looks(causes: Sequence[str]) -> Looks:
    """A cause looks the same wherever it is drawn; parties, which have names of their own, take turns."""
    others = [one for one in causes if one not in CAUSES]
    return [CAUSES[one] if one in CAUSES else PARTIES[others.index(one) % len(PARTIES)] for one in causes]


def _axes(data: Sequence[Stack], parts: Sequence[str]) -> Axes:
    return page_axes(1.45 + 0.3 * -(-len(parts) // 3) + 0.42 * len(data))


def _label(one: Stack) -> list[str]:
    return wrap(one.label, LABEL_ROOM, 8.5, most=3) if one.label else []


def _bars(axes: Axes, data: Sequence[Stack], parts: Sequence[str], looks: Looks) -> None:
    left, places = np.zeros(len(data)), np.arange(len(data))
    for k, part in enumerate(parts):
        long = np.array([one.parts[k] for one in data])
        fill, strokes = looks[k % len(looks)]
        look: dict[str, Any] = {"color": fill, "hatch": strokes, "edgecolor": PAPER, "linewidth": 0.6, "zorder": 2}
        axes.barh(places, long, 0.62, left=left, label=clean(part), **look)
        left += long
    axes.set_yticks(places, ["\n".join(_label(one)) for one in data])
    axes.set_ylim(max(len(data), 1) - 0.5, -0.5)
    axes.tick_params(axis="both", length=0)


def _framed(axes: Axes, title: str, axis: str, footer: str) -> None:
    axes.set_xlabel(clean(axis))
    headed(axes, axes.containers, title)
    footed(axes, footer)


def _written(axes: Axes, place: int, share: NDArray[np.float64], looks: Looks) -> None:
    for k in np.flatnonzero(share >= LEAST_WRITTEN):
        fill = looks[int(k) % len(looks)][0]
        box = {"facecolor": fill, "edgecolor": "none", "pad": 1.2}
        axes.text(float(share[:k].sum() + share[k] / 2), place, f"{share[k]:.0%}", ha="center", va="center", size=8,
                  color=PAPER if fill in DARK else INK, bbox=box)  # fmt: skip
