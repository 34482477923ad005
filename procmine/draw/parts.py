"""Parts: bars made of several parts, side by side along one line, alike in look with the other charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procmine.draw.lettering import clean, width, wrap
from procmine.draw.picture import FAINT, INK, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, LABEL_ROOM = 6.9, 150.0
FILLS = ("#C65102", "#7FA8C9", "#009E73", "#CC79A7", "#E69F00", "#0072B2", "#8C8C8C", "#56B4E9")
REST = "#E3E7EB"  # of a last part that is no part like the others, such as what is still open


@dataclass(frozen=True)
class Parts:
    """One bar: the lengths of its parts in order, and a note at its end."""

    label: str
    values: tuple[float, ...]
    note: str = ""


def part_bars(
    data: Sequence[Parts],
    names: Sequence[str],
    *,
    title: str = "",
    axis: str = "",
    percent: bool = False,
    rest: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Horizontal bars, first on top; `names` of the parts stand above. percent: values are parts of one. rest: the last
    part is drawn as what is left.
    """
    with style():
        labels = [wrap(bar.label, LABEL_ROOM, 8.5, most=2) for bar in data]
        beside = max((width(line, 8.5) for name in labels for line in name), default=0.0) + 10
        heading = wrap(title, 0.96 * 72 * WIDTH, 10.0, bold=True, most=2) if title else []
        axes = ax or _axes(
            0.34 * max(len(data), 1), beside, len(heading), bool(axis), -(-len(names) // _per_line(names))
        )
        fills = [*(FILLS[percent:] * 2)[: len(names) - rest], *([REST] if rest else [])]
        _draw(axes, data, names, fills, percent)
        axes.set_yticks(range(len(data)), ["\n".join(name) for name in labels])
        axes.set_ylim(max(len(data), 1) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelsize=8.5)
        axes.grid(axis="x", color=FAINT)
        if axis:
            axes.set_xlabel(clean(axis))
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=_per_line(names), handlelength=1.2, borderaxespad=0.2
        )
        if heading:
            rows = -(-len(names) // _per_line(names))
            axes.set_title("\n".join(heading), color=INK, pad=8 + 15 * rows)
    return axes


def _per_line(names: Sequence[str]) -> int:
    """How many names stand above the bars in one line."""
    widest = max((width(name, 8.5) for name in names), default=0.0) + 36
    return int(min(max(0.66 * 72 * WIDTH // widest, 1), 4))


def _axes(tall: float, beside: float, heading: int, axis: bool, lines: int) -> Axes:
    above, below = 0.15 + 0.2 * heading + 0.22 * lines, 0.48 if axis else 0.3
    figure = new_figure(WIDTH, tall + above + below)
    left = (beside + 4) / 72 / WIDTH
    return figure.add_axes((left, below / (tall + above + below), 0.96 - left, tall / (tall + above + below)))


def _draw(axes: Axes, data: Sequence[Parts], names: Sequence[str], fills: Sequence[str], percent: bool) -> None:
    begin = [0.0] * len(data)
    for k, (name, fill) in enumerate(zip(names, fills)):
        lengths = [bar.values[k] for bar in data]
        axes.barh(range(len(data)), lengths, left=begin, height=0.62, color=fill, label=clean(name), edgecolor="white",
                  linewidth=0.6, zorder=2)  # fmt: skip
        if percent:
            _shares(axes, begin, lengths)
        begin = [one + length for one, length in zip(begin, lengths)]
    longest = max(begin, default=1.0) or 1.0
    room = axes.get_window_extent().width * 72 / axes.figure.dpi
    wide = max((width(bar.note, 8) for bar in data if bar.note), default=-10.0) + 10
    axes.set_xlim(0, 1.0 if percent else longest * room / max(room - wide, 0.3 * room))
    for place, (bar, end) in enumerate(zip(data, begin)):
        if bar.note and not percent:
            axes.annotate(clean(bar.note), (end, place), (5, 0), textcoords="offset points", va="center", size=8)
    if percent:
        _percent(axes.xaxis)


def _shares(axes: Axes, begin: Sequence[float], lengths: Sequence[float]) -> None:
    for place, (start, length) in enumerate(zip(begin, lengths)):
        if length >= 0.06:
            axes.text(start + length / 2, place, f"{100 * length:.0f}%", ha="center", va="center", size=8, color=INK,
                      bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0}, zorder=4)  # fmt: skip


def _percent(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
