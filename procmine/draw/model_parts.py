"""Pictures of a model's parts: the data behind each step, the hours at which time counts, and how many cases come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.draw.charts import BAR_FILL, BAR_MARKED, LABEL_ROOM, WIDTH
from procmine.draw.frame import dated, footed, headed, page_axes
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import FAINT, INK, PAPER, SERIES, SOFT, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def data_behind(
    names: Sequence[str],
    went_on: Floats,
    still: Floats,
    *,
    least: float,
    labels: tuple[str, str, str],
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Per step, first on top: how many stays ended (filled) and how many still go on (hollow), on a scale of powers of ten;
    dotted, the number below which a table is thin. labels: of the two, and of the dotted line.
    """
    with style():
        lines = [wrap(name, LABEL_ROOM, 8.5, most=2) for name in names]
        axes = ax or page_axes(0.3 * len(names) + 0.12 * sum(len(one) - 1 for one in lines) + 1.5)
        place = np.arange(len(names))
        done = axes.barh(place, np.maximum(went_on, 0.0), height=0.56, color=BAR_FILL, label=clean(labels[0]))
        (rest,) = axes.plot(
            np.where(still > 0, still, np.nan),
            place,
            "o",
            markersize=5,
            color=PAPER,
            markeredgecolor=INK,
            label=clean(labels[1]),
        )
        thin = axes.axvline(least, color=BAR_MARKED, linestyle=":", label=clean(labels[2]), zorder=1)
        axes.set_xscale("symlog", linthresh=1)
        axes.set_xlim(0, max(float(went_on.max(initial=1)), float(still.max(initial=1)), least) * 4)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(place, ["\n".join(one) for one in lines])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        for k, (ended, open_) in enumerate(zip(went_on, still)):
            axes.annotate(
                f"{ended:,.0f} + {open_:,.0f}", (max(ended, open_, 1.0), k), xytext=(7, 0), textcoords="offset points",
                va="center", fontsize=7.5, color=SOFT,
            )  # fmt: skip
        axes.tick_params(axis="y", length=0, labelsize=8.5)
        axes.grid(axis="x", color=FAINT)
        axes.set_axisbelow(True)
        axes.set_xlabel(clean(axis))
        headed(axes, [done, rest, thin], title)
        footed(axes, footer)
    return axes


def open_hours(
    rate: Floats,
    days: Sequence[str],
    *,
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A week: rate[weekday, hour] at which time counts, from light (not at all) to dark."""
    with style():
        axes = ax or page_axes(2.6)
        axes.imshow(rate / max(float(rate.max(initial=0)), 1e-300), cmap="Blues", vmin=0, vmax=1.1, aspect="auto")
        axes.set_yticks(range(len(days)), [clean(day) for day in days])
        hours = rate.shape[1]
        ticks = np.arange(0, 25, 3) if hours == 24 else np.array([])
        axes.set_xticks(ticks - 0.5, [f"{hour}" for hour in ticks])
        axes.set_yticks(np.arange(len(days) - 1) + 0.5, minor=True)
        axes.grid(which="minor", axis="y", color=PAPER, linewidth=2)
        axes.tick_params(which="both", length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(clean(axis) if hours == 24 else "")
        axes.set_title("\n".join(wrap(title, 0.85 * 72 * WIDTH, 10, bold=True, most=2)), color=INK)
        footed(axes, footer)
    return axes


def weekly_arrivals(
    weeks: NDArray[np.datetime64],
    seen: Floats,
    expected: Floats,
    low: Floats,
    high: Floats,
    *,
    labels: tuple[str, str],
    title: str = "",
    axis: str = "",
    footer: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Cases begun in each week (dots), what the model expects (line), and where nine weeks in ten lie (band)."""
    with style():
        axes = ax or page_axes(3.1)
        place = weeks.astype("M8[D]").astype(np.int64).astype(np.float64)
        color, dashes = SERIES[0]
        dots = axes.plot(place, seen, "o", markersize=2.6, color=INK, label=clean(labels[0]), zorder=4)[0]
        line = axes.plot(place, expected, color=color, linestyle=dashes, label=clean(labels[1]), zorder=3)[0]
        axes.fill_between(place, low, high, color=color, alpha=0.18, linewidth=0)
        axes.set_ylim(0, None)
        axes.set_xlim(place[0] - 3, place[-1] + 3)
        dated(axes)
        axes.grid(axis="y", color=FAINT)
        axes.set_ylabel(clean(axis))
        headed(axes, [dots, line], title)
        footed(axes, footer)
    return axes
