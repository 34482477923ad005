"""Charts: shares, curves over time since a start, and months, alike in look; plain data in, axes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import FAINT, INK, PAPER, RED, SERIES, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

WIDTH = 6.9  # inches: a page's text
TITLE = 10.0  # size of its letters
LABEL_ROOM = 150.0  # points for the names beside bars
BAR_FILL, BAR_MARKED = "#7FA8C9", "#C65102"  # as different in grey as in colour
LOOKS = (  # fill, hatch and a mark before the name of bars of a group, by the order in which groups are named
    (BAR_MARKED, "", "\N{BLACK CIRCLE}"),
    ("#F3B27A", "///", "\N{WHITE CIRCLE}"),
    (PAPER, "..", "?"),
    (BAR_FILL, "", "\N{BLACK SQUARE}"),
    (SOFT, "", "\N{BLACK DIAMOND}"),
    (FAINT, "\\\\\\", "\N{WHITE SQUARE}"),
)
ALSO: dict[str, Any] = {"color": PAPER, "markeredgecolor": INK, "linestyle": "none"}


@dataclass(frozen=True)
class Bar:
    """A part of one (0 to 1) with its range (nan: not known) and a note beside it.

    look, group: which of LOOKS, and what bars that look so have in common (-1: none); also: a second part of one, marked.
    """

    label: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    note: str = ""
    marked: bool = False
    look: int = -1
    group: str = ""
    also: float = float("nan")

    @property
    def name(self) -> str:
        return f"{LOOKS[self.look][2]} {self.label}" if self.look >= 0 else self.label


@dataclass(frozen=True, eq=False)
class Curve:
    """The share (0 to 1) that has happened by each of `days`, ascending, holding until the next; and its range.

    The curve ends at the last of `days`: that is where the data end, not where nothing more happens. low, high: None if not
    known.
    """

    label: str
    days: Floats
    share: Floats
    low: Floats | None = None
    high: Floats | None = None

    def reaches(self, share: float) -> float:
        """The first day by which at least this share has happened; nan if never."""
        there = np.flatnonzero(self.share >= share - 1e-12)
        return float(self.days[there[0]]) if len(there) else float("nan")


@dataclass(frozen=True, eq=False)
class Line:
    """One value a month (nan: none, the line breaks) and its range."""

    label: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None


def bars(
    data: Sequence[Bar], *, title: str = "", axis: str = "", footer: str = "", also: str = "", ax: Axes | None = None
) -> Axes:
    """Horizontal bars in the order given, first on top, with whiskers for the ranges, in percent.

    On axes of their own: below, what the looks mean, and the footer; `also` says what the second parts are.
    """
    with style():
        names = [wrap(bar.name, LABEL_ROOM, 8.5, most=3) for bar in data]
        heights = [0.62 if len(name) > 2 else 0.45 if len(name) > 1 else 0.36 for name in names]
        places = np.cumsum(heights) - np.array(heights) / 2
        beside = max((width(line, 8.5) for name in names for line in name), default=0.0) + 10
        heading = wrap(title, 0.96 * 72 * WIDTH, TITLE, bold=True, most=3) if title else []
        legend = _legend_lines(data, also) if ax is None else []
        axes = ax or _bar_axes(float(sum(heights)), beside, len(heading), bool(axis), len(legend) + bool(footer))
        room = axes.get_window_extent().width * 72 / axes.figure.dpi
        _draw_bars(axes, data, places, room)
        axes.set_yticks(places, ["\n".join(name) for name in names])
        axes.set_ylim(sum(heights) or 1.0, 0)
        _percent(axes.xaxis)
        axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= min(axes.get_xlim()[1], 1.0)])
        _finish(axes, "", axis, "", "x")
        axes.tick_params(axis="y", length=0, labelsize=8.5)
        if heading:
            left = -beside / room if ax is None else 0.0
            axes.set_title("\n".join(heading), x=left, color=INK, pad=8)
        if ax is None:
            _below(axes, legend, footer)
    return axes


def _legend_lines(data: Sequence[Bar], also: str) -> list[list[tuple[Any, str]]]:
    """What each look means, as many to a line as fit: a patch or a marker, and its words."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    groups = {bar.look: bar.group for bar in sorted(data, key=lambda bar: bar.look) if bar.look >= 0}
    keys: list[tuple[Any, str]] = []
    for look, group in groups.items():
        fill, hatch, mark = LOOKS[look]
        keys.append((Patch(facecolor=fill, hatch=hatch, edgecolor=INK, linewidth=0.5), f"{mark} {clean(group)}"))
    if also and any(np.isfinite(bar.also) for bar in data):
        keys.append((Line2D([], [], marker="D", markersize=5, **ALSO), clean(also)))
    lines: list[list[tuple[Any, str]]] = []
    room = 0.0
    for key in keys:
        wide = width(key[1], 8) + 40
        if not lines or room + wide > 0.97 * 72 * WIDTH:
            lines, room = [*lines, []], 0.0
        lines[-1].append(key)
        room += wide
    return lines


def _below(axes: Axes, legend: list[list[tuple[Any, str]]], footer: str) -> None:
    """Lines of the legend under the axis, and the footer under them."""
    figure: Any = axes.figure
    high = 72 * figure.get_size_inches()[1]
    for place, line in enumerate(reversed(legend)):
        low = (2 + 16 * (place + bool(footer))) / high
        handles, words = [handle for handle, _ in line], [said for _, said in line]
        drawn = figure.legend(handles, words, loc="lower left", bbox_to_anchor=(0.005, low), ncols=len(line), fontsize=8,
                              borderpad=0, borderaxespad=0, handlelength=1.6, columnspacing=1.4)  # fmt: skip
        figure.add_artist(drawn)
    if footer:
        said = wrap(footer, 0.97 * 72 * WIDTH, 7.5, most=1)[0]
        figure.text(0.008, 4 / high, said, size=7.5, color=SOFT)


def _bar_axes(tall: float, beside: float, heading: int, axis: bool, lines: int) -> Axes:
    """Axes in inches: names on the left as wide as they need, the title above all, `lines` of text below."""
    above, below = 0.1 + 0.2 * heading, (0.45 if axis else 0.28) + (0.06 + 16 / 72 * lines if lines else 0.0)
    high = max(tall, 0.4) + above + below
    figure = new_figure(WIDTH, high)
    left = (beside + 4) / 72 / WIDTH
    return figure.add_axes((left, below / high, 1 - left - 0.01, max(tall, 0.4) / high))


def _draw_bars(axes: Axes, data: Sequence[Bar], places: Floats, room: float) -> None:
    """Bars, whiskers and notes; the axis is as long as the notes beside the bars need (`room`: its points)."""
    plain = [BAR_MARKED if bar.marked else BAR_FILL for bar in data]
    looks = [LOOKS[bar.look][:2] if bar.look >= 0 else (color, "") for bar, color in zip(data, plain)]
    drawn = axes.barh(places, [bar.value for bar in data], height=0.24, color=[fill for fill, _ in looks], zorder=2)
    for patch, (_, hatch) in zip(drawn.patches, looks):
        if hatch:
            patch.set(hatch=hatch, edgecolor=INK, linewidth=0.5)
    longest = 0.01
    for place, bar in zip(places, data):
        end = _whisker(axes, float(place), bar)
        if np.isfinite(bar.also):
            axes.plot(bar.also, place, marker="D", markersize=5, zorder=4, **ALSO)
            end = max(end, bar.also)
        lines = wrap(bar.note, 0.6 * room, 8, bold=bar.marked, most=2) if bar.note else []
        wide = max((width(line, 8, bold=bar.marked) for line in lines), default=0.0) + 10
        longest = max(longest, end * room / max(room - wide, 0.3 * room))
        axes.annotate("\n".join(lines), (end, place), (7, 0), textcoords="offset points", va="center", size=8, color=INK,
                      fontweight="bold" if bar.marked else "normal")  # fmt: skip
    axes.set_xlim(0, longest)


def curves(
    data: Sequence[Curve],
    *,
    title: str = "",
    axis: str = "",
    across: str = "",
    not_reached: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Step curves of the share that has happened by each day, with bands; a dot where half is reached.

    axis, across: what runs up and along. not_reached: said at the end of a curve that does not reach half. The data's end
    is a short upright stroke.
    """
    with style():
        axes = ax or _axes(3.5)
        longest = max((float(curve.days[-1]) for curve in data if len(curve.days)), default=1.0)
        axes.axhline(0.5, color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        for curve, (color, dashes) in zip(data, _looks(len(data))):
            _step(axes, curve, color, dashes, not_reached)
        axes.set(xlim=(0, longest * 1.02 or 1.0), ylim=(0, 1.02))
        _percent(axes.yaxis)
        _legend(axes, len(data))
        _finish(axes, title, across, axis, "y")
    return axes


def before_after(
    before: Curve,
    after: Curve,
    *,
    title: str = "",
    axis: str = "",
    across: str = "",
    gain: str = "",
    not_reached: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Two curves, and an arrow at half from before to after, with `gain` written on it where both reach half."""
    axes = curves([before, after], title=title, axis=axis, across=across, not_reached=not_reached, ax=ax)
    one, two = before.reaches(0.5), after.reaches(0.5)
    if gain and np.isfinite(one) and np.isfinite(two) and one != two:
        with style():
            look = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 4, "shrinkB": 4}
            axes.annotate("", (two, 0.5), (one, 0.5), arrowprops=look, zorder=6)
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
            axes.annotate(clean(gain), ((one + two) / 2, 0.5), (0, 7), textcoords="offset points", ha="center", size=8.5,
                          fontweight="bold", bbox=box, zorder=7)  # fmt: skip
    return axes


def monthly(
    months: NDArray[np.datetime64],
    data: Sequence[Line],
    *,
    title: str = "",
    axis: str = "",
    change: np.datetime64 | None = None,
    change_label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Lines over months (datetime64[M]) from zero up; `change` is an upright line on its day, with its label on top."""
    with style():
        axes = ax or _axes(3.2)
        place = months.astype("M8[M]").astype(np.int64).astype(np.float64)
        for line, (color, dashes) in zip(data, _looks(len(data))):
            axes.plot(
                place, line.values, color=color, linestyle=dashes, marker="o", markersize=3.2, label=clean(line.label)
            )
            _band(axes, place, line.low, line.high, color, None)
        tops = [np.nanmax([1e-9, *line.values, *([] if line.high is None else line.high)]) for line in data]
        axes.set_ylim(0, max(tops, default=1.0) * 1.1)
        if change is not None:
            _change(axes, change, change_label)
        _month_ticks(axes, place)
        _legend(axes, len(data))
        _finish(axes, title, "", axis, "y")
    return axes


def _axes(height: float) -> Axes:
    figure = new_figure(WIDTH, height)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def _looks(n: int) -> list[tuple[str, Any]]:
    return [SERIES[number % len(SERIES)] for number in range(n)]


def _whisker(axes: Axes, place: float, bar: Bar) -> float:
    """Draw the range, if there is one; where the drawing of this bar ends."""
    if not (np.isfinite(bar.low) and np.isfinite(bar.high)):
        return bar.value
    axes.plot([bar.low, bar.high], [place, place], color=INK, linewidth=1.1, solid_capstyle="butt", zorder=3)
    for end in (bar.low, bar.high):
        axes.plot([end, end], [place - 0.055, place + 0.055], color=INK, linewidth=1.1, zorder=3)
    return max(bar.value, bar.high)


def _step(axes: Axes, curve: Curve, color: str, dashes: Any, not_reached: str) -> None:
    days, share = np.append(0.0, curve.days), np.append(0.0, curve.share)
    axes.step(days, share, where="post", color=color, linestyle=dashes, label=clean(curve.label), zorder=4)
    ranges = [None if one is None else np.append(0.0, one) for one in (curve.low, curve.high)]
    _band(axes, days, ranges[0], ranges[1], color, "post")
    axes.plot(days[-1], share[-1], marker="|", markersize=9, markeredgewidth=1.6, color=color, zorder=5)
    half = curve.reaches(0.5)
    if np.isfinite(half):
        axes.plot(
            half, 0.5, marker="o", markersize=5.5, markeredgecolor="white", markeredgewidth=1, color=color, zorder=8
        )
    elif not_reached:
        axes.annotate(clean(not_reached), (days[-1], share[-1]), (-4, 6), textcoords="offset points", ha="right", size=8,
                      color=INK, zorder=7)  # fmt: skip


def _band(axes: Axes, x: Floats, low: Floats | None, high: Floats | None, color: str, step: Any) -> None:
    if low is not None and high is not None:
        axes.fill_between(x, low, high, step=step, color=color, alpha=0.15, linewidth=0, zorder=2)


def _change(axes: Axes, change: np.datetime64, label: str) -> None:
    month = change.astype("M8[M]")
    length = float(((month + 1).astype("M8[D]") - month.astype("M8[D]")).astype(int))
    day = float((change.astype("M8[D]") - month.astype("M8[D]")).astype(int))
    at = float(month.astype(np.int64)) - 0.5 + day / length  # a month's point stands in its middle
    axes.axvline(at, color=RED, linewidth=1.2, linestyle=(0, (4, 2)), zorder=3)
    axes.annotate(clean(label), (at, 1.0), (4, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                  va="top", size=8, color="#9A3B00") if label else None  # fmt: skip


def _month_ticks(axes: Axes, place: Floats) -> None:
    """At most ten months named, as 2026-03."""
    if not len(place):
        return
    first, last = int(place.min()), int(place.max())
    apart = next(one for one in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if (last - first) // one < 10)
    ticks = [one for one in range(first, last + 1) if one % apart == 0] or [first]
    axes.set_xticks(ticks, [str(np.int64(one).astype("M8[M]")) for one in ticks])
    axes.set_xlim(first - 0.6, last + 0.6)


def _percent(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))


def _legend(axes: Axes, n: int) -> None:
    """Above the picture, where it covers nothing; one line alone needs none if its axis says what it is."""
    if n > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(n, 3), handlelength=3.2, borderaxespad=0.2)


def _finish(axes: Axes, title: str, across: str, up: str, grid: Literal["x", "y"]) -> None:
    axes.grid(axis=grid, color=FAINT)
    axes.tick_params(axis=grid, length=0)
    if title:
        legend = axes.get_legend()
        rows = -(-len(legend.get_texts()) // 3) if legend else 0
        axes.set_title(
            "\n".join(wrap(title, 0.85 * 72 * WIDTH, TITLE, bold=True, most=3)), color=INK, pad=8 + 15 * rows
        )
    if across:
        axes.set_xlabel(clean(across))
    if up:
        axes.set_ylabel(clean(up))
