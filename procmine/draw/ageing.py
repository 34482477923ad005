"""Ageing: open cases as dots, a lane for each step they are at, beside how long others stayed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import BLUE, FAINT, INK, RED, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, LABEL_ROOM, LANE = 6.9, 140.0, 0.44  # inches, points, inches
MOST_DOTS = 500  # in a lane: of more, every k-th in order of its days
SPREAD = 0.26  # of a lane: dots of one moment lie above each other


@dataclass(frozen=True, eq=False)
class Lane:
    """A step: days of each case there so far, within how many days half and 8 in 10 others had gone on (nan: not known)."""

    label: str
    days: NDArray[np.float64]
    half: float
    most: float
    note: str = ""


def ageing(
    lanes: Sequence[Lane], *, title: str = "", axis: str = "", marks: Sequence[str] = (), ax: Axes | None = None
) -> Axes:
    """Dots in lanes, first on top, over days on an axis that widens short times; `marks` say what the two upright strokes, a
    dot and a dot beyond the second stroke mean.
    """
    with style():
        names = [wrap(lane.label, LABEL_ROOM, 8.5, most=2) for lane in lanes]
        beside = max((width(line, 8.5) for name in names for line in name), default=0.0) + 10
        axes = ax or _axes(LANE * max(len(lanes), 1), beside, bool(marks))
        notes = max((width(lane.note, 8) for lane in lanes), default=0.0) + 12
        for place, lane in enumerate(lanes):
            _lane(axes, place, lane, marks if place == 0 else ())
        _scale(axes, lanes, notes)
        axes.set_yticks(range(len(lanes)), ["\n".join(name) for name in names])
        axes.set_ylim(max(len(lanes), 1) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelsize=8.5)
        axes.grid(axis="x", color=FAINT)
        axes.set_xlabel(clean(axis))
        if marks:
            _legend(axes, marks)
        if title:
            left = -beside / (axes.get_window_extent().width * 72 / axes.figure.dpi) if ax is None else 0.0
            axes.set_title(clean(title), x=left, color=INK, pad=8 + (30 if marks else 0))
    return axes


def _axes(tall: float, beside: float, marks: bool) -> Axes:
    above, below = 0.85 if marks else 0.35, 0.5
    figure = new_figure(WIDTH, tall + above + below)
    left = (beside + 4) / 72 / WIDTH
    return figure.add_axes((left, below / (tall + above + below), 0.98 - left, tall / (tall + above + below)))


def _lane(axes: Axes, place: int, lane: Lane, marks: Sequence[str]) -> None:
    days = np.sort(lane.days)[np.unique(np.linspace(0, len(lane.days) - 1, MOST_DOTS).round().astype(int))]
    shift = np.random.default_rng(1).uniform(-SPREAD, SPREAD, len(days))  # the same dots every time
    late = days > np.nan_to_num(lane.most, nan=np.inf)
    for here, color, shape in ((~late, BLUE, "o"), (late, RED, "^")):
        axes.plot(days[here], place + shift[here], linestyle="", marker=shape, markersize=3.4, markeredgewidth=0,
                  color=color, alpha=0.55, zorder=3)  # fmt: skip
    for at, dashes in ((lane.half, (0, (2, 1.4))), (lane.most, "-")):
        if np.isfinite(at):
            axes.plot([at, at], [place - 0.4, place + 0.4], color=INK, linewidth=1.6, linestyle=dashes, zorder=4)
    axes.annotate(clean(lane.note), (1.0, place), (-3, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                  ha="right", va="center", size=8, color=INK)  # fmt: skip


def _scale(axes: Axes, lanes: Sequence[Lane], notes: float) -> None:
    """Square roots of days, from 0; room for the notes on the right."""
    from matplotlib.ticker import FixedLocator, FuncFormatter

    ends = [end for lane in lanes for end in (*lane.days, lane.half, lane.most) if np.isfinite(end)]
    longest = max(ends, default=1.0) or 1.0
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), lambda x: np.asarray(x) ** 2))
    room = axes.get_window_extent().width * 72 / axes.figure.dpi
    axes.set_xlim(0, longest * (1 / max(1 - notes / room, 0.3)) ** 2)
    steps = [0, 1, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1_460, 2_920, 5_840]
    wanted = [step for step in steps if step <= longest and (step == 0 or step >= longest / 120)]
    ticks = wanted if len(wanted) > 2 else list(np.linspace(0, longest, 4))
    axes.xaxis.set_major_locator(FixedLocator([float(tick) for tick in ticks]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))


def _legend(axes: Axes, marks: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    looks = (
        {"color": INK, "linewidth": 1.6, "linestyle": (0, (2, 1.4))},
        {"color": INK, "linewidth": 1.6},
        {"color": BLUE, "marker": "o", "markersize": 4, "linestyle": ""},
        {"color": RED, "marker": "^", "markersize": 4, "linestyle": ""},
    )
    handles = [Line2D([], [], label=clean(mark), **look) for mark, look in zip(marks, looks)]  # type: ignore[arg-type]
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handlelength=1.6, borderaxespad=0.2
    )
