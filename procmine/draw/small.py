"""Small: pictures half a page wide, whose title stands in the line below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from procmine.draw.lettering import width, wrap
from procmine.draw.picture import new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN, TALL = 3.35, 2.35  # inches: half a page
MOST_DATES = 4
SMALL = 7.0  # size of letters around the curves


def half_page(plot: Callable[[Axes], Axes]) -> Figure:
    """What a result draws on axes half a page wide; its title stands below, as the caption."""
    with style():
        figure = new_figure(COLUMN, TALL)
    figure.set_layout_engine("constrained")
    from matplotlib.ticker import MaxNLocator

    with style():
        axes = plot(figure.add_subplot())
        figure.supxlabel("")
        axes.set_title("")
        axes.set_title("", loc="left")
        for label, room in ((axes.xaxis.label, COLUMN), (axes.yaxis.label, 0.65 * TALL)):
            if label.get_text():
                label.set_text("\n".join(wrap(label.get_text(), 72 * room, 7.5, most=2)))
            label.set_fontsize(7.5)
        axes.tick_params(labelsize=7)
        _small_legend(axes)
        if len(axes.get_xticks()) > MOST_DATES and hasattr(axes.xaxis.get_major_locator(), "maxticks"):
            axes.xaxis.set_major_locator(MaxNLocator(MOST_DATES))
    return figure


def _small_legend(axes: Axes) -> None:
    """Above the picture, as many names beside each other as there is room for."""
    legend = axes.get_legend()
    if legend is None:
        return
    handles: Any = legend.legend_handles

    names = [text.get_text() for text in legend.get_texts()]
    beside = (
        2
        if 2 * (max(width(line, SMALL) for name in names for line in name.splitlines()) + 34) < 72 * (COLUMN - 0.5)
        else 1
    )
    axes.legend(handles, names, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=beside, fontsize=SMALL,
                handlelength=2.4, borderaxespad=0.2, columnspacing=1.2)  # fmt: skip


def of_a_hundred(figure: Figure, words: str) -> None:
    """Up the axis cases of every 100, as the words say it."""
    from matplotlib.ticker import FuncFormatter

    axes = figure.axes[0]
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))
    axes.set_ylabel(words, fontsize=7.5)
