"""Near the limit: whether unusually many cases are done, or paused, just before the limit of a standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.find.service.pauses import paused
from procmine.find.service.standards import Given, Standard, standards_of
from procmine.find.service.stretches import Run
from procmine.kernels.blocks import week_of, week_weights
from procmine.kernels.flow import Ints
from procmine.log import EventLog, Log, in_memory
from procmine.results import Result, Rows
from procmine.see.survival import DRAWS, SEED
from procmine.words import Message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

SIDE = 4  # bins on each side of the limit: one next to it, three from which the smooth line comes
MUCH = 1.2  # times as many as expected: less is not told
LEAST = 20  # cases in the two bins next to the limit
LEVEL = 0.025  # one-sided
DONE, PAUSED = "done", "paused"
PILED, NOTHING, TOO_FEW = "more than expected", "as expected", "too few to tell"


@dataclass(frozen=True, eq=False)
class NearLimit(Result):
    """Two rows a standard, what = "done" and, on a service clock, "paused". standard; what; width (float): of a bin, in the
    standard's unit; inside, outside (ints): how many in the last bin up to the limit and in the first beyond it; by_curve
    (float): how many of these would be inside if the numbers went on smoothly from the three bins further on each side
    (a parabola through their logarithms; of pauses, of their rate among the cases then running); times (float):
    inside / by_curve; piled ("more than expected", "as expected", "too few to tell").

    "more than expected": times is above 1.2, and above 1 beyond chance (one-sided 2.5%, entry weeks drawn again).
    `bins` holds the counts.
    """

    bins: Rows
    meaning = "define.near_limit"

    def findings(self) -> Sequence[Message]:
        said = []
        for row in range(len(self)):
            one = {name: column[row] for name, column in self.rows.items()}
            kind = {PILED: "piled", NOTHING: "as_expected", TOO_FEW: "too_few"}[str(one["piled"])]
            counts = {name: round(float(np.nan_to_num(one[name]))) for name in ("inside", "outside")}
            counts["expected"] = round(float(np.nan_to_num(one["by_curve"])))
            names = {"standard": str(one["standard"]), "width": f"{one['width']:g} {one['unit']}"}
            said.append(Message(f"near.{one['what']}.{kind}", {**names, **counts}))
        piled = (self.rows["piled"] == PILED).any()
        return [*said, *([Message("near.no_blame")] if piled else [])]

    def plot(self, ax: Axes | None = None) -> Axes:
        """How many cases of the first standard were done in each stretch of time around its limit."""
        from procmine.draw.service import around

        name, unit = str(self.rows["standard"][0]), str(self.rows["unit"][0])
        here = (self.bins["standard"] == name) & (self.bins["what"] == DONE)
        limit = float(self.bins["limit"][here][0])
        said = {"standard": name, "unit": unit, "limit": f"{limit:g}"}
        title, axis, mark = (Message(key, said).say() for key in ("near.picture", "near.axis", "late.limit"))
        left, count, smooth = (self.bins[one][here].astype(np.float64) for one in ("left", "count", "smooth"))
        return around(
            left, float(self.rows["width"][0]), count, smooth, limit, title=title, axis=axis, mark=mark, ax=ax
        )


def near_limit(log: Log, standards: Given) -> NearLimit:
    """What happens just inside the limit: a fact to look at. Good planning, a reminder list or a rule can all cause it."""
    here, made = in_memory(log), standards_of(standards)
    rows, bins = [], []
    for one in made:
        one.stretch.check(here.about)
        run = one.stretch.of(here)
        for what, week, value, exposed in _looks(here, one, run):
            row, counts = _look(one, what, week, value, exposed)
            rows.append(row)
            bins.append(counts)
    table: dict[str, NDArray[Any]] = {
        name: np.array([row[name] for row in rows], _kind(rows[0][name])) for name in rows[0]
    }
    counted = {name: np.concatenate([one[name] for one in bins]) for name in bins[0]}
    return NearLimit(table, here.about, True, {"standards": made}, counted)


def _kind(value: object) -> type:
    return object if isinstance(value, str) else float if isinstance(value, float) else int


def _looks(log: EventLog, standard: Standard, run: Run) -> list[tuple[str, Ints, Floats, Floats | None]]:
    """What is looked at: entry weeks and values in the standard's unit; of pauses also how long each case ran at all."""
    done = run.reached & ~run.early
    week = week_of(run.begun)
    looks: list[tuple[str, Ints, Floats, Floats | None]] = [
        (DONE, week[done], run.spent[done] / standard.stretch.ticks, None)
    ]
    if standard.clock == "service":
        case, begin, _ = paused(log)
        number = np.full(len(log), -1)
        number[run.case] = np.arange(len(run.case))
        inside = (number[case] >= 0) & (begin >= run.begun[number[case]]) & (begin < run.stop[number[case]])
        of = number[case[inside]]
        read = standard.stretch.reader(log)
        at = read(begin[inside], case[inside]) - read(run.begun[of], case[inside])
        values = at / standard.stretch.ticks
        looks.append((PAUSED, week[of], values, run.spent / standard.stretch.ticks))
    return looks


def _look(
    standard: Standard, what: str, week: Ints, value: Floats, exposed: Floats | None
) -> tuple[dict[str, str | float | int], Rows]:
    """One row, and the counts in its bins: (limit - 4 widths, limit + 4 widths], each up to and with its right edge."""
    width = bin_width(standard)
    edges = standard.within + width * np.arange(-SIDE, SIDE + 1)
    place = np.searchsorted(edges, value, side="left") - 1
    there = (place >= 0) & (place < 2 * SIDE)
    weeks = np.unique(week)
    table = np.zeros((len(weeks), 2 * SIDE))
    np.add.at(table, (np.searchsorted(weeks, week[there]), place[there]), 1)
    at_risk = np.ones(2 * SIDE) if exposed is None else np.array([(exposed > edge).sum() for edge in edges[:-1]], float)
    count = table.sum(axis=0)
    smooth = _smooth(count, at_risk)
    inside, outside = int(count[SIDE - 1]), int(count[SIDE])
    both = inside + outside
    expected = both * smooth[SIDE - 1] / max(smooth[SIDE - 1] + smooth[SIDE], 1e-300)
    enough = both >= LEAST and (count > 0).sum() >= 2 * SIDE - 2
    seen = TOO_FEW if not enough else NOTHING
    if enough and inside > MUCH * expected and _jumps(table, weeks, at_risk):
        seen = PILED
    row: dict[str, str | float | int] = {
        "standard": standard.name,
        "what": what,
        "width": float(width),
        "unit": standard.unit,
        "inside": inside,
        "outside": outside,
        "by_curve": float(expected) if enough else float("nan"),
        "times": float(inside / expected) if enough and expected > 0 else float("nan"),
        "piled": seen,
    }
    n = 2 * SIDE
    bins = {
        "standard": np.full(n, standard.name, object),
        "what": np.full(n, what, object),
        "left": edges[:-1],
        "limit": np.full(n, float(standard.within)),
        "count": count.astype(np.int64),
        "smooth": smooth,
    }
    return row, bins


def bin_width(standard: Standard) -> float:
    """A week where the limit is long enough for four of them, so that weekdays even out; else a sixth of the limit."""
    week = {"days": 7.0, "working days": 5.0, "hours": 24.0}[standard.unit]
    if standard.within >= (SIDE + 0.0) * week:
        return week
    sixth = standard.within / 6
    return max(1.0, float(np.floor(sixth))) if standard.unit != "hours" else sixth


def _smooth(count: Floats, at_risk: Floats) -> Floats:
    """A parabola through the logarithms of the bins that are not next to the limit."""
    far = np.r_[0 : SIDE - 1, SIDE + 1 : 2 * SIDE]
    place = np.arange(2 * SIDE, dtype=np.float64)
    rate = (count + 0.5) / np.maximum(at_risk, 1)
    curve = np.polyfit(place[far], np.log(rate[far]), 2, w=np.sqrt(count[far] + 0.5))
    smooth: Floats = np.exp(np.polyval(curve, place)) * np.maximum(at_risk, 1)
    return smooth


def _jumps(table: Floats, weeks: Ints, at_risk: Floats) -> bool:
    """Whether the fall from just inside to just outside is steeper than the line's, beyond what entry weeks scatter."""
    weights = week_weights(weeks, DRAWS, SEED)[:, weeks - weeks[0]]
    told = _excess(table.sum(axis=0), at_risk)
    drawn = np.array([_excess(one, at_risk) for one in weights @ table])
    return bool(told > NormalDist().inv_cdf(1 - LEVEL) * drawn.std())


def _excess(count: Floats, at_risk: Floats) -> float:
    smooth = _smooth(count, at_risk)
    pair, line = count[SIDE - 1 : SIDE + 1] + 0.5, smooth[SIDE - 1 : SIDE + 1]
    return float(np.log(pair[0] / pair[1]) - np.log(line[0] / line[1]))
