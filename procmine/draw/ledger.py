"""Forest of forecasts: what was predicted as ranges, and what came as points, one forecast a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from procmine.draw.charts import TITLE, WIDTH
from procmine.draw.lettering import clean, wrap
from procmine.draw.picture import BLUE, FAINT, INK, RED, SOFT, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS, NOTE = 8.0, 8.0
LABEL_ROOM = 190.0  # points
NOTE_ROOM = 112.0
RANGE = "#9DB4C4"
BELOW, ABOVE, BETWEEN = 0.34, 0.5, 0.5  # inches


@dataclass(frozen=True)
class Foreseen:
    """A range with what was predicted in it, what it was before, what came (nan: nothing yet), and a note at the right."""

    label: str
    low: float
    predicted: float
    high: float
    before: float
    came: float
    note: str = ""


def forest(of_unit: Mapping[str, Sequence[Foreseen]], words: Mapping[str, str], *, ax: Axes | None = None) -> Axes:
    """One panel a unit, the first forecast on top; filled round: inside the range, red diamond: outside. On axes of yours:
    the first unit only. words: title, inside, outside, range, today."""
    with style():
        parts = dict(of_unit) or {"": []}
        names = {unit: [wrap(one.label, LABEL_ROOM, LETTERS, most=3) for one in rows] for unit, rows in parts.items()}
        panels = [ax] if ax is not None else _panels([_tall(one) for one in names.values()])
        for axes, (unit, rows) in zip(panels, parts.items()):
            _panel(axes, rows, names[unit], unit)
        _headed(panels[0], words, [one for rows in parts.values() for one in rows])
    return panels[0]


def _tall(names: Sequence[Sequence[str]]) -> float:
    return sum(map(_row, names)) or 0.4


def _row(name: Sequence[str]) -> float:
    return 0.13 + 0.135 * max(len(name), 1)


def _panels(heights: Sequence[float]) -> list[Axes]:
    """Under each other, names on the left and notes on the right."""
    high = sum(heights) + (BELOW + 0.1) * len(heights) + ABOVE + BETWEEN * (len(heights) - 1) * 0.3
    figure = new_figure(WIDTH, high)
    left, right = (LABEL_ROOM + 10) / 72 / WIDTH, 1 - (NOTE_ROOM + 6) / 72 / WIDTH
    made, top = [], high - ABOVE
    for tall in heights:
        made.append(figure.add_axes((left, (top - tall) / high, right - left, tall / high)))
        top -= tall + BELOW + 0.1 + BETWEEN * 0.3
    return made


def _panel(axes: Axes, rows: Sequence[Foreseen], names: Sequence[Sequence[str]], unit: str) -> None:
    place, places = 0.0, []
    for one, name in zip(rows, names):
        middle = place + _row(name) / 2
        places.append(middle)
        _draw(axes, middle, one)
        place += _row(name)
    axes.set_yticks(places, ["\n".join(name) for name in names])
    axes.set_ylim(place or 1.0, 0)
    ends = [end for one in rows for end in (one.low, one.high, one.before, one.came) if isfinite(end)]
    top, bottom = max(ends, default=1.0), min(ends, default=0.0)
    begin = 0.0 if bottom < 0.7 * top else bottom - 0.1 * (top - bottom)
    axes.set_xlim(begin, top + 0.05 * (top - begin or 1.0))
    axes.tick_params(axis="y", length=0, labelsize=LETTERS)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", color=FAINT)
    axes.set_xlabel(clean(unit))


def _draw(axes: Axes, place: float, one: Foreseen) -> None:
    axes.plot([one.low, one.high], [place, place], color=RANGE, linewidth=6, solid_capstyle="butt", zorder=2)
    axes.plot([one.predicted] * 2, [place - 0.06, place + 0.06], color=INK, linewidth=1.2, zorder=3)
    axes.plot(one.before, place, marker="|", markersize=9, markeredgewidth=1.2, color=SOFT, alpha=0.8, zorder=2)
    if isfinite(one.came):
        axes.plot(one.came, place, linestyle="none", zorder=4, **_look(one.low <= one.came <= one.high))
    note = wrap(one.note, NOTE_ROOM, NOTE, most=2)
    axes.annotate("\n".join(note), (1.0, place), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                  va="center", size=NOTE, color=INK if isfinite(one.came) else SOFT, annotation_clip=False)  # fmt: skip


def _look(inside: bool) -> dict[str, Any]:
    look = (
        {"marker": "o", "color": BLUE, "markersize": 6.5}
        if inside
        else {"marker": "D", "color": RED, "markersize": 6.5}
    )
    return {**look, "markeredgecolor": "white", "markeredgewidth": 0.8}


def _headed(axes: Axes, words: Mapping[str, str], rows: Sequence[Foreseen]) -> None:
    """The title over all, with what the marks mean below it."""
    from matplotlib.lines import Line2D

    came = [one.low <= one.came <= one.high for one in rows if isfinite(one.came)]
    marks = [Line2D([], [], color=RANGE, linewidth=6, label=words["range"])]
    stroke: dict[str, Any] = {
        "linestyle": "none",
        "marker": "|",
        "markersize": 9,
        "markeredgewidth": 1.2,
        "color": SOFT,
    }
    marks.append(Line2D([], [], label=words["today"], **stroke))
    for inside, name in ((True, "inside"), (False, "outside")):
        if inside in came:
            marks.append(Line2D([], [], linestyle="none", label=words[name], **_look(inside)))
    box = axes.get_window_extent()
    left = -(LABEL_ROOM + 6) / (box.width * 72 / axes.figure.dpi) if box.width else 0.0
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (left, 1.0), "borderaxespad": 0.2}
    axes.legend(handles=marks, ncols=4, fontsize=8, handlelength=1.6, **place)
    axes.set_title(
        "\n".join(wrap(words["title"], 0.96 * 72 * WIDTH, TITLE, bold=True, most=2)),
        x=left,
        color=INK,
        pad=20,
        ha="left",
    )
