"""Frames: what pictures have around them: axes of a page's width, dates, a legend above, and a footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from procmine.draw.lettering import wrap
from procmine.draw.picture import FAINT, INK, SOFT, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 6.9  # inches: a page's text


def page_axes(height: float) -> Axes:
    figure = new_figure(WIDTH, height)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def dated(axes: Axes) -> None:
    from matplotlib import dates

    made: Any = dates  # without types

    axes.xaxis_date()
    axes.xaxis.set_major_locator(made.AutoDateLocator(minticks=3, maxticks=7))
    low, high = axes.get_xlim()
    axes.xaxis.set_major_formatter(made.DateFormatter("%Y-%m" if high - low > 150 else "%Y-%m-%d"))
    axes.grid(axis="x", color=FAINT)


def headed(axes: Axes, handles: Sequence[Any], title: str) -> None:
    """The legend between the title and the picture, in rows of three."""
    rows = 0
    if handles:
        names = ["\n".join(wrap(str(one.get_label()), 128, 8, most=2)) for one in handles]
        axes.legend(
            list(handles), names, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2, fontsize=8
        )
        down = -(-len(names) // 3)  # names run down the columns
        rows = sum(max(name.count("\n") + 1 for name in names[row::down]) for row in range(down))
    if title:
        axes.set_title("\n".join(wrap(title, 0.85 * 72 * WIDTH, 10, bold=True, most=2)), color=INK, pad=8 + 15 * rows)


def footed(axes: Axes, text: str) -> None:
    """A line below the picture: of how many, and for whom."""
    figure: Any = axes.figure
    if text:
        said = "\n".join(wrap(text, 0.96 * 72 * WIDTH, 7.5, most=3))
        figure.supxlabel(said, x=0.01, ha="left", fontsize=7.5, color=SOFT)
