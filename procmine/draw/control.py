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
ROOM = 0.18  # for two lines of words, in parts of the axis
MANY = 80  # points, drawn smaller


@dataclass(frozen=True)
class Look:
    """What stands around the points. share: a part of one; monthly: a point a month, else a week; logs: a scale of ratios.

    words: what the legend calls things.
    """

    title: str
    axis: str
    footer: str
    words: Mapping[str, str]
    share: bool
    monthly: bool
    logs: bool = False


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
    look: Look,
    ax: Axes | None = None,
) -> Axes:
    """Words of the look: usual, limits, signal, open and target."""
    with style():
        axes = ax or page_axes(3.6)
        at = _middles(data.begin, look.monthly)
        handles = [*_stretches(axes, data, at, look.words), *_points(axes, data, at, look.words)]
        if target is not None:
            handles += axes.plot(at[[0, -1]], [target, target], color=GREEN, linewidth=1.4, linestyle=(0, (6, 2, 1.5, 2)),
                                 label=look.words["target"], zorder=2)  # fmt: skip
        _scale(axes, data, target, look)
        _changed(axes, changes)
        _finished(axes, look, handles, alone=ax is None)
    return axes


@dataclass(frozen=True, eq=False)
class Lines:
    """Points, the line through them, and where the line before the change would have led, with its range; nan: none."""

    begin: Days
    value: Floats
    fitted: Floats
    without: Floats
    low: Floats
    high: Floats
    side: NDArray[np.int64]  # 0 before, 1 since, -1 left out


def interrupted(
    data: Lines,
    *,
    change: tuple[np.datetime64, str],
    look: Look,
    ax: Axes | None = None,
) -> Axes:
    """Words of the look: line, without and open."""
    with style():
        axes = ax or page_axes(3.6)
        at, words = _middles(data.begin, look.monthly), look.words
        after = data.side == 1
        handles: list[Any] = []
        for one in (data.side == 0, after):
            handles = axes.plot(at[one], data.fitted[one], color=BLUE, linewidth=1.8, label=words["line"], zorder=3)
        handles += axes.plot(at[after], data.without[after], color=RED, linewidth=1.4, linestyle=(0, (5, 2)),
                             label=words["without"], zorder=3)  # fmt: skip
        axes.fill_between(at[after].astype("M8[s]").tolist(), data.low[after], data.high[after], color=RED, alpha=0.12,
                          linewidth=0, zorder=1)  # fmt: skip
        out = data.side < 0
        axes.plot(at[~out], data.value[~out], linestyle="none", marker="o", markersize=3.6, color=INK, zorder=4)
        if out.any():
            handles += axes.plot(at[out], data.value[out], linestyle="none", marker="o", markersize=4.2, color=PAPER,
                                 markeredgecolor=SOFT, label=words["open"], zorder=4)  # fmt: skip
        _bounds(axes, data, look.share)
        _changed(axes, [change])
        _finished(axes, look, handles, alone=ax is None)
    return axes


def _bounds(axes: Axes, data: Lines, share: bool) -> None:
    from matplotlib.ticker import PercentFormatter

    top = np.nanmax(np.concatenate((data.value, data.fitted)))
    reach = min(float(np.nanmax(np.append(data.high, top))), 1.6 * float(top))
    axes.set_ylim(0, min(reach * 1.08, 1.02) if share else reach * 1.08)
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _middles(begin: Days, monthly: bool) -> Days:
    """A point stands in the middle of its period."""
    hours = begin.astype("M8[h]").astype(np.int64) + (15 * 24 if monthly else 84)
    return hours.astype("M8[h]")


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
    size = 4.0 if len(at) <= MANY else 2.6
    looks: tuple[tuple[NDArray[np.bool_], dict[str, Any], str], ...] = (
        ((data.stretch >= 0) & ~data.marked, {"color": INK, "marker": "o", "markersize": size}, ""),
        (
            data.stretch < 0,
            {"color": PAPER, "markeredgecolor": SOFT, "marker": "o", "markersize": size + 0.5},
            words["open"],
        ),
        (data.marked, {"color": RED, "marker": "D", "markersize": size + 1.5}, words["signal"]),
    )
    handles: list[Any] = []
    for here, look, label in looks:
        if here.any():
            drawn = axes.plot(at[here], data.value[here], linestyle="none", zorder=4, label=label, **look)
            handles += drawn if label else []
    return handles


def _scale(axes: Axes, data: Drawn, target: float | None, look: Look) -> None:
    from matplotlib.ticker import PercentFormatter, ScalarFormatter

    seen = np.concatenate((data.value, data.upper, data.lower, [np.nan if target is None else target]))
    seen = seen[np.isfinite(seen)]
    if look.logs:
        low, high = seen[seen > 0].min(), seen.max()
        axes.set_yscale("log")
        axes.set_ylim(low / 1.15, high * 1.15)
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(ScalarFormatter() if high / low < 8 else "")
        return
    axes.set_ylim(0, 1.02 if look.share and seen.max() > 0.85 else max(seen.max() * 1.1, 1e-9))
    if look.share:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _changed(axes: Axes, changes: Sequence[tuple[np.datetime64, str]]) -> None:
    """Named above the points, which the words would hide."""
    placed: Any = axes
    low, high = axes.get_ylim()
    if changes and axes.get_yscale() == "log":
        axes.set_ylim(low, high * (high / low) ** ROOM)
    elif changes:
        axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
        axes.set_ylim(low, high + (high - low) * ROOM)
    for day, label in changes:
        placed.axvline(day.astype("M8[h]"), color=INK, linewidth=1.1, linestyle=(0, (1.5, 1.5)), zorder=2)
        said = "\n".join(wrap(label, 130, 8, most=2))
        placed.annotate(said, (day.astype("M8[h]"), 1.0), (-4, -3), xycoords=("data", "axes fraction"), ha="right", va="top",
                        textcoords="offset points", size=8, color=INK,
                        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1})  # fmt: skip


def _finished(axes: Axes, look: Look, handles: Sequence[Any], *, alone: bool) -> None:
    dated(axes)
    axes.set_ylabel(look.axis)
    axes.grid(axis="y", color=FAINT)
    headed(axes, handles, look.title[:1].upper() + look.title[1:])
    if alone:
        footed(axes, look.footer)
