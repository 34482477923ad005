"""Control: points over time with their usual level and limits, and lines that a change interrupts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.frame import dated, footed, headed, page_axes
from procmine.draw.lettering import wrap
from procmine.draw.picture import BLUE, FAINT, GREEN, INK, PAPER, RED, SKY, SOFT, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Points (the first days of their periods); lines are broken between stretches (-1: not judged, hollow)."""

    begin: Days
    value: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    marked: NDArray[np.bool_]
    stretch: NDArray[np.int64]


def control(
    data: Drawn,
    *,
    changes: Sequence[tuple[np.datetime64, str]],
    target: float | None,
    title: str,
    axis: str,
    footer: str,
    words: Mapping[str, str],
    share: bool,
    logs: bool,
    monthly: bool,
    ax: Axes | None = None,
) -> Axes:
    """`words`: what the legend calls usual, limits, signal, open and target. `logs`: a scale of ratios."""
    with style():
        axes = ax or page_axes(3.6)
        at = _middles(data.begin, monthly)
        handles = [*_stretches(axes, data, at, words), *_points(axes, data, at, words)]
        if target is not None:
            handles += axes.plot(at[[0, -1]], [target, target], color=GREEN, linewidth=1.4, linestyle=(0, (6, 2, 1.5, 2)),
                                 label=words["target"], zorder=2)  # fmt: skip
        _scale(axes, data, target, share, logs)
        _changed(axes, changes)
        _finished(axes, title, axis, footer, handles, alone=ax is None)
    return axes


def _middles(begin: Days, monthly: bool) -> Days:
    """A point stands in the middle of its period."""
    return begin.astype("M8[h]") + np.timedelta64(15 * 24 if monthly else 84, "h")


def _stretches(axes: Axes, data: Drawn, at: Days, words: Mapping[str, str]) -> list[Any]:
    handles: list[Any] = []
    for one in sorted(set(data.stretch.tolist()) - {-1}):
        here = data.stretch == one
        usual = axes.plot(at[here], data.centre[here], color=BLUE, linewidth=1.3, label=words["usual"], zorder=2)
        limits: list[Any] = []
        if np.isfinite(data.upper[here]).any():
            axes.fill_between(at[here].astype("M8[s]").tolist(), data.lower[here], data.upper[here], color=SKY, alpha=0.16,
                              linewidth=0, zorder=1)  # fmt: skip
            for line in (data.lower, data.upper):
                limits = axes.plot(at[here], line[here], color=BLUE, linewidth=1, linestyle=(0, (4, 2)),
                                   label=words["limits"], zorder=2)  # fmt: skip
        handles = [*usual, *limits]
    return handles


def _points(axes: Axes, data: Drawn, at: Days, words: Mapping[str, str]) -> list[Any]:
    axes.plot(at, data.value, color=SOFT, linewidth=0.9, zorder=3)
    looks = (
        ((data.stretch >= 0) & ~data.marked, {"color": INK, "marker": "o", "markersize": 4}, ""),
        (data.stretch < 0, {"color": PAPER, "markeredgecolor": SOFT, "marker": "o", "markersize": 4.5}, words["open"]),
        (data.marked, {"color": RED, "marker": "D", "markersize": 5.5}, words["signal"]),
    )
    handles: list[Any] = []
    for here, look, label in looks:
        if here.any():
            drawn = axes.plot(at[here], data.value[here], linestyle="none", zorder=4, label=label, **look)
            handles += drawn if label else []
    return handles


def _scale(axes: Axes, data: Drawn, target: float | None, share: bool, logs: bool) -> None:
    from matplotlib.ticker import PercentFormatter, ScalarFormatter

    seen = np.concatenate((data.value, data.upper, data.lower, [np.nan if target is None else target]))
    seen = seen[np.isfinite(seen)]
    if logs:
        low, high = seen[seen > 0].min(), seen.max()
        axes.set_yscale("log")
        axes.set_ylim(low / 1.15, high * 1.15)
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(ScalarFormatter() if high / low < 8 else "")
        return
    axes.set_ylim(0, 1.02 if share and seen.max() > 0.85 else max(seen.max() * 1.1, 1e-9))
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _changed(axes: Axes, changes: Sequence[tuple[np.datetime64, str]]) -> None:
    placed: Any = axes
    for day, label in changes:
        placed.axvline(day.astype("M8[h]"), color=INK, linewidth=1.1, linestyle=(0, (1.5, 1.5)), zorder=2)
        said = "\n".join(wrap(label, 130, 8, most=2))
        placed.annotate(said, (day.astype("M8[h]"), 1.0), (-4, -3), xycoords=("data", "axes fraction"), ha="right", va="top",
                        textcoords="offset points", size=8, color=INK,
                        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1})  # fmt: skip


def _finished(axes: Axes, title: str, axis: str, footer: str, handles: Sequence[Any], *, alone: bool) -> None:
    dated(axes)
    axes.set_ylabel(axis)
    axes.grid(axis="y", color=FAINT)
    headed(axes, handles, title)
    if alone:
        footed(axes, footer)
