"""Forecasts: curves before and after, fans over time, tornadoes, chances of reaching a target, and limits that reach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw import charts
from procmine.draw.charts import BAR_FILL, BAR_MARKED, LABEL_ROOM, TITLE, WIDTH, Curve
from procmine.draw.effects import Effect
from procmine.draw.frame import dated, headed, page_axes
from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import BLUE, FAINT, INK, PAPER, RED, SERIES, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
LETTERS, NOTE = 8.5, 8.0
ROW = 0.15  # inches of a line of a label
MARGIN = 0.55  # of the values, on each side of them, for the words beside bars
BESIDE = 84.0  # points for these words


@dataclass(frozen=True, eq=False)
class Fan:
    """A number over time with its range; the line is nan where only the range is known."""

    label: str
    middle: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Swing:
    """A bar of a tornado: where the effect goes (and what was put in place of the assumption); plain: for comparison."""

    label: str
    ends: tuple[tuple[float, str], ...]
    plain: bool = False


@dataclass(frozen=True)
class Chance:
    """A chance (0 to 1), or only its ends (value nan), and a note; plain: as it is today."""

    label: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    note: str = ""
    plain: bool = False


@dataclass(frozen=True, eq=False)
class Solved:
    """A value by the days of a limit, the goal of the value, and the days at which it is met, with their ends (nan:
    none).
    """

    days: Floats
    value: Floats
    goal: float
    at: float
    low: float
    high: float
    label: str


def before_after(before: Curve, after: Curve, **words: Any) -> Axes:
    """As `charts.before_after`; where `after` is only bounded (its share is nan) its band alone is drawn, on the side of an
    end that is not known as far as there can be cases.
    """
    if not np.isnan(after.share).all():
        return charts.before_after(before, after, **words)
    words.pop("gain", None)
    axes = charts.curves([before], **words)
    with style():
        color, _ = SERIES[1]
        look: dict[str, Any] = {"step": "post", "color": color, "alpha": 0.22, "linewidth": 0, "zorder": 2}
        low, high = opened(np.asarray(after.low, np.float64), np.asarray(after.high, np.float64), 0.0, 1.0)
        band = axes.fill_between(after.days, low, high, label=clean(after.label), **look)
        title = axes.get_title(loc="left")
        handles = [*(line for line in axes.lines if line.get_label() == clean(before.label)), band]
        axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handlelength=3.2, borderaxespad=0.2
        )
        axes.set_title(title, color=INK, pad=23)
    return axes


def opened(low: Floats, high: Floats, least: float, most: float) -> tuple[Floats, Floats]:
    """The ends of a band; where only one is known the other is as far off as can be."""
    one = np.isfinite(low) != np.isfinite(high)
    return np.where(one & np.isnan(low), least, low), np.where(one & np.isnan(high), most, high)


def fan(
    dates: NDArray[np.datetime64],
    fans: Sequence[Fan],
    *,
    before: tuple[NDArray[np.datetime64], NDArray[Any]] | None = None,
    known: str = "",
    title: str = "",
    axis: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Numbers over time from where the data end (an upright line), as lines in their bands; `before`: as they were
    until then.
    """
    with style():
        axes = ax or page_axes(3.4)
        handles: list[Any] = []
        if before is not None and len(before[0]) > 1:
            handles += axes.plot(*before, color=INK, linewidth=1.6, label=clean(known), zorder=4)
        tops = [
            0.0,
            *(float(np.nanmax(np.nan_to_num(part))) for one in fans for part in (one.middle, one.low, one.high)),
        ]
        top = 1.08 * max([1.0, *tops, *(np.asarray(before[1], np.float64).tolist() if before is not None else [])])
        for one, (color, dashes) in zip(fans, SERIES):
            here: dict[str, Any] = {"color": color, "linestyle": dashes, "zorder": 5}
            if np.isfinite(one.middle).any():
                handles += axes.plot(dates, one.middle, label=clean(one.label), **here)
            low, high = opened(one.low, one.high, 0.0, top)
            look: dict[str, Any] = {"color": color, "alpha": 0.15, "linewidth": 0, "zorder": 2}
            band = axes.fill_between(dates, low, high, label=clean(one.label), **look)
            handles += [] if np.isfinite(one.middle).any() else [band]
        axes.set_ylim(0, top)
        axes.axvline(dates[0], color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)), zorder=3)
        dated(axes)
        axes.grid(axis="y", color=FAINT)
        axes.set_ylabel(clean(axis) if axis else "")
        headed(axes, handles, title)
    return axes


def tornado(swings: Sequence[Swing], base: float, *, title: str = "", axis: str = "", ax: Axes | None = None) -> Axes:
    """One bar an assumption, from the least to the most that becomes of the effect, around an upright line at `base`;
    what was put in place of the assumption stands at its ends.
    """
    with style():
        names = [wrap(one.label, LABEL_ROOM, LETTERS, most=3) for one in swings]
        beside = [max(len(_beside(one, base, side)) for side in (-1, 1)) for one in swings]
        heights = [0.12 + 0.95 * ROW * max(len(name), lines, 1) for name, lines in zip(names, beside)]
        axes, places = _rows(names, title, axis, ax, heights)
        values = [value for one in swings for value, _ in one.ends]
        low, high = min([base, *values], default=0.0), max([base, *values], default=1.0)
        span = (high - low) or abs(base) or 1.0
        axes.set_xlim(low - MARGIN * span, high + MARGIN * span)
        for place, one in zip(places, swings):
            _swing(axes, float(place), one, base)
        axes.axvline(base, color=INK, linewidth=1.1, zorder=4)
        if low - MARGIN * span < 0 < high + MARGIN * span:
            axes.axvline(0, color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
    return axes


def _swing(axes: Axes, place: float, one: Swing, base: float) -> None:
    if not one.ends:
        return
    least, most = min(base, *(value for value, _ in one.ends)), max(base, *(value for value, _ in one.ends))
    fill = FAINT if one.plain else BAR_FILL
    axes.barh(place, most - least, left=least, height=0.13, color=fill, hatch="///" if one.plain else "", edgecolor=SOFT,
              linewidth=0.5, zorder=2)  # fmt: skip
    for side, end in ((-1, least), (1, most)):
        lines = _beside(one, base, side)
        if lines:
            look: dict[str, Any] = {
                "ha": "left" if side > 0 else "right",
                "va": "center",
                "size": NOTE - 0.5,
                "color": INK,
            }
            axes.annotate("\n".join(lines), (end, place), (5 * side, 0), textcoords="offset points", **look)


def _beside(one: Swing, base: float, side: int) -> list[str]:
    """What stands beside the bar on its left (-1) or right side, the farthest end first."""
    said = [(abs(value - base), label) for value, label in one.ends if label and (value > base) == (side > 0)]
    return [line for _, label in sorted(said, reverse=True)[:2] for line in wrap(label, BESIDE, NOTE - 0.5, most=2)]


def chances(
    data: Sequence[Chance], *, title: str = "", axis: str = "", between: str = "", ax: Axes | None = None
) -> Axes:
    """Bars from 0 to 100%, in the order given; hatched between two ends where only these are known, which `between`
    says.
    """
    with style():
        names = [wrap(one.label, 1.25 * LABEL_ROOM, LETTERS, most=3) for one in data]
        notes = max((width(clean(one.note), NOTE) for one in data if one.note), default=0.0) + 12
        below = bool(between) and any(np.isnan(one.value) and np.isfinite(one.low) for one in data)
        heights = [0.14 + ROW * len(name) for name in names]
        axes, places = _rows(names, title, axis, ax, heights, right=notes, below=below)
        bounded: Any = None
        for place, one in zip(places, data):
            if np.isfinite(one.value):
                axes.barh(place, one.value, height=0.16, color=SOFT if one.plain else BAR_FILL, zorder=2)
                _at_end(axes, f"{one.value:.0%}", one.value, float(place))
            elif np.isfinite(one.low):
                wide = max(one.high - one.low, 0.004)
                bounded = axes.barh(place, wide, left=one.low, height=0.16, color=PAPER, hatch="///", edgecolor=BAR_MARKED,
                                    linewidth=0.8, zorder=2)  # fmt: skip
                _at_end(axes, f"{one.low:.0%}\N{EN DASH}{one.high:.0%}", one.high, float(place))
            if one.note:
                axes.annotate(clean(one.note), (1.0, place), (8, 0), xycoords=("axes fraction", "data"), size=NOTE,
                              textcoords="offset points", va="center", color=INK, annotation_clip=False)  # fmt: skip
        axes.set_xlim(0, 1.12)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
        if bounded is not None and between and ax is None:
            figure: Any = axes.figure
            figure.legend(
                [bounded], [clean(between)], loc="lower left", bbox_to_anchor=(0.005, 0.0), fontsize=8, borderpad=0.2
            )
    return axes


def _at_end(axes: Axes, said: str, end: float, place: float) -> None:
    axes.annotate(said, (end, place), (4, 0), textcoords="offset points", va="center", size=NOTE, color=INK)


def solved(
    data: Solved, *, title: str = "", axis: str = "", across: str = "", percent: bool = False, ax: Axes | None = None
) -> Axes:
    """A curve, its goal as a level line, and where they meet with a band for its range."""
    with style():
        axes = ax or page_axes(3.2)
        axes.plot(data.days, data.value, color=BLUE, zorder=4)
        axes.axhline(data.goal, color=RED, linewidth=1.1, linestyle=(0, (5, 2)), zorder=3)
        low, high = min(float(np.min(data.value)), data.goal), max(float(np.max(data.value)), data.goal)
        axes.set_ylim(max(low - 0.12 * (high - low), 0.0) if low >= 0 else low, high + 0.15 * (high - low or 1.0))
        axes.set_xlim(0, float(data.days[-1]) or 1.0)
        axes.annotate(clean(data.label), (1.0, data.goal), (-4, 5), xycoords=("axes fraction", "data"), ha="right", size=NOTE,
                      textcoords="offset points", color="#9A3B00")  # fmt: skip
        if np.isfinite(data.at):
            axes.axvline(data.at, color=INK, linewidth=1.0, zorder=3)
            axes.plot(data.at, data.goal, marker="o", markersize=5.5, color=INK, zorder=6)
        if np.isfinite(data.low) and np.isfinite(data.high):
            axes.axvspan(data.low, data.high, color=SOFT, alpha=0.18, linewidth=0, zorder=1)
        axes.grid(axis="y", color=FAINT)
        axes.set_xlabel("\n".join(wrap(across, 0.8 * 72 * WIDTH, 9, most=2)) if across else "")
        axes.set_ylabel("\n".join(wrap(axis, 200, 9, most=2)) if axis else "")
        if percent:
            from matplotlib.ticker import FuncFormatter

            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
        headed(axes, [], title)
    return axes


def _rows(
    names: Sequence[Sequence[str]],
    title: str,
    axis: str,
    ax: Axes | None,
    heights: Sequence[float],
    *,
    right: float = 8.0,
    below: bool = False,
) -> tuple[Axes, Floats]:
    """Axes with one row a name, in inches, and the places of the rows."""
    tall = np.array(heights)
    places = np.cumsum(tall) - tall / 2
    left = max((width(line, LETTERS) for name in names for line in name), default=0.0) + 10
    heading = wrap(title, 0.96 * 72 * WIDTH, TITLE, bold=True, most=3) if title else []
    under = wrap(axis, 0.96 * 72 * WIDTH, 9, most=2) if axis else []
    if ax is None:
        above, under_it = 0.1 + 0.2 * len(heading), 0.32 + 0.17 * len(under) + (0.24 if below else 0.0)
        high = max(float(tall.sum()), 0.4) + above + under_it
        figure = new_figure(WIDTH, high)
        begin, end = (left + 4) / 72 / WIDTH, 1 - (right + 4) / 72 / WIDTH
        ax = figure.add_axes((begin, under_it / high, end - begin, max(float(tall.sum()), 0.4) / high))
    room = ax.get_window_extent().width * 72 / ax.figure.dpi
    ax.set_yticks(places, ["\n".join(name) for name in names])
    ax.set_ylim(float(tall.sum()) or 1.0, 0)
    ax.tick_params(axis="y", length=0, labelsize=LETTERS)
    ax.grid(axis="x", color=FAINT)
    ax.tick_params(axis="x", length=0)
    if under:
        ax.set_xlabel("\n".join(under), x=(WIDTH * 36 - left) / max(room, 1.0))
    if heading:
        ax.set_title("\n".join(heading), x=-left / room, color=INK, pad=8)
    return ax, places


def changes(data: Sequence[Effect], *, title: str = "", axis: str = "", ax: Axes | None = None) -> Axes:
    """Bars from 0 to each change, with whiskers for the ranges and a note at the right edge; marked: what becomes more."""
    with style():
        names = [wrap(one.label, 1.25 * LABEL_ROOM, LETTERS, most=3) for one in data]
        notes = max((width(clean(one.note), NOTE) for one in data if one.note), default=0.0) + 12
        axes, places = _rows(names, title, axis, ax, [0.14 + ROW * len(name) for name in names], right=notes)
        for place, one in zip(places, data):
            axes.barh(place, one.value, height=0.16, color=BAR_MARKED if one.marked else BAR_FILL, zorder=2)
            if np.isfinite(one.low) and np.isfinite(one.high):
                axes.plot(
                    [one.low, one.high], [place, place], color=INK, linewidth=1.1, solid_capstyle="butt", zorder=3
                )
            if one.note:
                axes.annotate(clean(one.note), (1.0, place), (8, 0), xycoords=("axes fraction", "data"), size=NOTE,
                              textcoords="offset points", va="center", color=INK, annotation_clip=False)  # fmt: skip
        ends = [end for one in data for end in (one.value, one.low, one.high) if np.isfinite(end)]
        low, high = min([0.0, *ends]), max([0.0, *ends])
        beyond = 0.04 * ((high - low) or 1.0)
        axes.set_xlim(low - beyond if low < 0 else 0.0, high + beyond)
        axes.axvline(0, color=SOFT, linewidth=0.9, zorder=4)
    return axes
