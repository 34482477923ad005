"""Service: shares beside what was asked, overdue cases, promises, and a caseload month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from procmine.draw.charts import (
    BAR_FILL,
    BAR_MARKED,
    LABEL_ROOM,
    TITLE,
    WIDTH,
    Bar,
    Line,
    bars,
    monthly,
)
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
ROW, SMALL = 0.34, 8


def shares(data: Sequence[Bar], targets: Floats, *, title: str, axis: str, ax: Axes | None = None) -> Axes:
    """Bars with ranges, and an upright stroke where each should reach."""
    axes = bars(data, title=title, axis=axis, ax=ax)
    with style():
        places = np.asarray(axes.get_yticks(), np.float64)
        for place, target in zip(places, targets):
            axes.plot([target, target], [place - 0.17, place + 0.17], color=INK, linewidth=2.2, zorder=5)
        right = max(axes.get_xlim()[1], 1.02 * float(np.max(targets, initial=0.0)))
        axes.set_xlim(0, right)
        axes.set_xticks([tick for tick in (0, 0.2, 0.4, 0.6, 0.8, 1.0) if tick <= right])
    return axes


def overdue(
    labels: Sequence[str], spent: Floats, limit: float, *, title: str, axis: str, mark: str, ax: Axes | None = None
) -> Axes:
    """A bar a case, up to the limit in one colour and beyond it in another."""
    with style():
        axes = ax or _rows_axes(len(labels), title)
        places = np.arange(len(labels), dtype=np.float64)
        axes.barh(places, np.minimum(spent, limit), height=0.55, color=BAR_FILL)
        axes.barh(places, np.maximum(spent - limit, 0), left=limit, height=0.55, color=BAR_MARKED)
        axes.axvline(limit, color=INK, linewidth=1.2)
        axes.annotate(
            clean(mark), (limit, -0.75), (4, 0), textcoords="offset points", size=SMALL, color=INK, va="center"
        )
        _rows_finish(axes, labels, title, axis)
        axes.set_ylim(len(labels) - 0.4, -1.2)
    return axes


def kept(
    months: NDArray[np.datetime64],
    line: Line,
    promised: float,
    *,
    title: str,
    axis: str,
    mark: str,
    ax: Axes | None = None,
) -> Axes:
    """The share kept, month by month, and the share that was promised as a level line."""
    axes = monthly(months, [line], title=title, axis=axis, ax=ax)
    with style():
        from matplotlib.ticker import PercentFormatter

        axes.axhline(promised, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.0}
        axes.annotate(clean(mark), (0, promised), (4, -11), xycoords=("axes fraction", "data"), bbox=box,
                      textcoords="offset points", size=SMALL)  # fmt: skip
        axes.set_ylim(0, 1.05)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return axes


def caseload(
    months: NDArray[np.datetime64],
    pending: Sequence[Line],
    flows: Sequence[Line],
    *,
    titles: tuple[str, str],
    lacking: tuple[int, str] = (0, ""),
    ax: Axes | None = None,
) -> Axes:
    """Above: how many were waiting at the end of each period. Below: how many came and went. On given axes the upper only.

    lacking: how many of the first periods are shaded, and why.
    """
    if ax is not None:
        return _lacking(monthly(months, pending, title=titles[0], ax=ax), months, *lacking)
    with style():
        figure = new_figure(WIDTH, 5.2)
        figure.set_layout_engine("constrained")
        above, below = figure.subplots(2, 1)
    monthly(months, pending, title=titles[0], ax=above)
    _lacking(monthly(months, flows, title=titles[1], ax=below), months, lacking[0], "")
    _lacking(above, months, *lacking)
    return cast("Axes", above)


def _lacking(axes: Axes, months: NDArray[np.datetime64], first: int, why: str) -> Axes:
    if first:
        with style():
            place = months.astype("M8[M]").astype(np.int64)
            apart = int(place[1] - place[0]) if len(place) > 1 else 1
            edge = float(place[first - 1] + apart / 2)
            axes.axvspan(axes.get_xlim()[0], edge, color=FAINT, alpha=0.6, linewidth=0, zorder=0)
            text = "\n".join(wrap(why, 125.0, SMALL, most=4)) if why else ""
            axes.annotate(text, (0, 1), (4, -4), xycoords="axes fraction", textcoords="offset points", va="top",
                          size=SMALL, color=INK)  # fmt: skip
    return axes


def weeks_ahead(
    weeks: NDArray[np.datetime64], due: Floats, late: Floats, ranges: tuple[Floats, Floats], *,
    title: str, axis: str, names: tuple[str, str], ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Two bars a week: how many fall due, and how many of them are likely to be late, with the range of that."""
    with style():
        axes = ax or _plain_axes(3.0)
        place = np.arange(len(weeks), dtype=np.float64)
        axes.bar(place - 0.2, due, width=0.38, color=BAR_FILL, label=clean(names[0]))
        axes.bar(place + 0.2, late, width=0.38, color=BAR_MARKED, label=clean(names[1]))
        axes.vlines(place + 0.2, ranges[0], ranges[1], color=INK, linewidth=1.1)
        axes.set_xticks(place, [str(week)[5:] for week in weeks])
        _levels(axes, title, axis)
    return axes


def around(
    left: Floats, width: float, counts: Floats, smooth: Floats, limit: float, *,
    title: str, axis: str, mark: str, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Counts in bins on both sides of a limit, and a smooth line through those further away from it."""
    with style():
        axes = ax or _plain_axes(3.0)
        middle = left + width / 2
        near = np.abs(middle - limit) < width
        axes.bar(middle, counts, width=0.92 * width, color=[BAR_MARKED if one else BAR_FILL for one in near])
        axes.plot(middle, smooth, color=INK, linestyle=(0, (4, 2)), linewidth=1.4)
        axes.axvline(limit, color=INK, linewidth=1.4)
        axes.annotate(clean(mark), (limit, 1.0), (4, -4), xycoords=("data", "axes fraction"), textcoords="offset points",
                      va="top", size=SMALL)  # fmt: skip
        _levels(axes, title, axis)
    return axes


def _plain_axes(height: float) -> Axes:
    figure = new_figure(WIDTH, height)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def _rows_axes(rows: int, title: str) -> Axes:
    return _plain_axes(0.9 + ROW * max(rows, 1) + 0.2 * len(wrap(title, 0.85 * 72 * WIDTH, TITLE, bold=True, most=3)))


def _rows_finish(axes: Axes, labels: Sequence[str], title: str, axis: str) -> None:
    names = ["\n".join(wrap(label, LABEL_ROOM, SMALL, most=2)) for label in labels]
    axes.set_yticks(np.arange(len(labels)), names)
    axes.tick_params(axis="y", length=0, labelsize=SMALL)
    axes.grid(axis="x", color=FAINT)
    axes.set_xlabel(clean(axis))
    axes.set_title("\n".join(wrap(title, 0.72 * 72 * WIDTH, TITLE, bold=True, most=3)), color=INK)


def _levels(axes: Axes, title: str, axis: str) -> None:
    axes.grid(axis="y", color=FAINT)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(clean(axis))
    legend = axes.get_legend_handles_labels()[1]
    if legend:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
    axes.set_title(
        "\n".join(wrap(title, 0.85 * 72 * WIDTH, TITLE, bold=True, most=3)), color=INK, pad=24 if legend else 8
    )


def alone() -> Axes:
    """Axes of their own for lines over months."""
    with style():
        return _plain_axes(3.2)
