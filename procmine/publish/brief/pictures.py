"""Pictures of a brief: the map, the curve and the chart, half a page wide, in the language of now, safe for the audience."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from procmine.draw.small import COLUMN, half_page, of_a_hundred
from procmine.find.time.bottlenecks import Bottlenecks
from procmine.log import LogError
from procmine.proof.charts.control import ControlChart, control_chart
from procmine.proof.compare import Comparison
from procmine.proof.records.change import Change
from procmine.proof.verdict.kinds import ARTEFACT, FOR_MOST
from procmine.publish.drawn import drawable, safe_map
from procmine.publish.few import by_month
from procmine.publish.paper.blocks import Picture
from procmine.results import Result
from procmine.see.maps import ProcessMap, process_map
from procmine.see.survival import Survival
from procmine.words import Message, Value, after_each_other

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from procmine.publish.findings import Findings

MOST_BARS = 6
MAP_STEPS = 8
PLACES = ((2.8 * 72, 5.6 * 72), (6.9 * 72, 2.7 * 72))  # for the map, in points: beside the text, or below it
LETTERS = 8.5  # size of the names beside bars
RIGHT = 0.94  # of the chart's width: where it ends, so that the last number below it has room
MOST_TICKS = 4
DPI = 200
WIDER = 1.15  # times as large, for the map to stand below the text


@dataclass(frozen=True)
class Drawn:
    """A picture before it is one: the figure, its text for those who do not see it, and the line below it."""

    figure: Figure
    alt: str
    caption: str
    wide: bool = False  # as wide as the page

    def picture(self, **more: Any) -> Picture:
        from procmine.draw.picture import png

        return Picture(png(self.figure, DPI), self.alt, self.caption, **more)


def drawn(found: Findings) -> Iterator[tuple[str, Drawn]]:
    """The pictures by what they are: map, curve, chart."""
    yield "map", _safe(found, small_map(found))
    curve = curve_of(found)
    if curve is not None:
        yield "curve", _safe(found, curve)
    yield "chart", _safe(found, chart_of(found))


def _safe(found: Findings, one: Drawn) -> Drawn:
    from procmine.draw.picture import reword

    if found.audience == "public":
        reword(one.figure, by_month)
    return one


def small_map(found: Findings) -> Drawn:
    """Few steps, the one that it is about marked."""
    from procmine.draw.process_map import draw_planned, plan_for

    whole = process_map(found.log, show="median", steps=MAP_STEPS, mark=found.step)
    safe: ProcessMap = whole if found.audience == "team" else safe_map(whole)
    plans = [plan_for(safe.picture, room) for room in PLACES]
    wide = plans[1].fit > WIDER * plans[0].fit
    values: dict[str, Value] = {"steps": safe.scope.steps, "all": safe.scope.all_steps, "step": found.step}
    some, over = safe.scope.steps < safe.scope.all_steps, any(one.dashed for one in safe.picture.arrows)
    values["which"] = Message("brief.map.some" if some else "nothing", dict(values))
    values["over"] = Message("brief.map.over" if over else "nothing")
    alt = Message("brief.map.alt", values).say()
    told = after_each_other(
        [Message("brief.map.caption", values), Message("brief.map.marked", values)]
    )  # for grey print
    return Drawn(draw_planned(plans[wide]), alt, told.say(), wide)


def curve_of(found: Findings) -> Drawn | None:
    """Before and since; of an artefact who waits; without a comparison by when cases end. None: too few for others."""
    told = found.comparison
    if told is None:
        return _drawn_by(found, found.whole, "brief.curve.whole", {})
    values = told.values()
    if told.verdict.kind == ARTEFACT:
        piled = found.audience == "team" and told.piles is not None and len(told.piles) > 0
        return _drawn_by(found, cast("Result", told.piles), "brief.curve.piles", values) if piled else None
    key = "brief.curve.before" if found.flatters else "brief.curve.both"
    return _drawn_by(found, told, key, values) if len(told.curve["period"]) else None


def _drawn_by(found: Findings, result: Result, key: str, values: dict[str, Value]) -> Drawn | None:
    safe = result if found.audience == "team" else drawable(result)
    if safe is None:
        return None
    if isinstance(result, Comparison) and found.flatters:
        safe = _before_only(cast("Comparison", safe))
    figure = half_page(safe.plot)
    if isinstance(result, Survival | Comparison):
        of_a_hundred(figure, Message("brief.curve.axis").say())
    alt, caption = (Message(f"{key}.{part}", values).say() for part in ("alt", "caption"))
    return Drawn(figure, alt, caption)


def _before_only(told: Comparison) -> Comparison:
    here = told.curve["period"] == "before"
    return replace(told, curve={name: column[here] for name, column in told.curve.items()})


def chart_of(found: Findings) -> Drawn:
    """Month by month with its usual ups and downs, for the team and where an average is true; else the largest places."""
    chart = _control(found)
    if chart is None:
        return bars_of(found)
    figure = half_page(chart.plot)
    values = {**chart._values()}
    return Drawn(figure, chart.alt, Message("brief.chart.control.caption", values).say())


def _control(found: Findings) -> ControlChart | None:
    told = found.comparison
    if told is None or found.audience != "team" or found.flatters or told.verdict.kind == FOR_MOST:
        return None
    cohort, date = told.cohort, str(told.arguments["change"])
    try:
        return control_chart(
            found.log, where=dict(cohort.where), start=cohort.start, stop=cohort.stop,
            changes=(Change(date, ramp=7 * told.plan.ramp),), horizon=7 * told.plan.watched,
        )  # fmt: skip
    except LogError:
        return None


def bars_of(found: Findings) -> Drawn:
    """The largest places where time goes, of enough cases."""
    from procmine.draw.charts import LABEL_ROOM, Bar, bars
    from procmine.draw.lettering import width, wrap

    places: Bottlenecks = found.places
    rows, there = places.rows, found.there()[:MOST_BARS]
    data = []
    for place in there:
        share = float(rows[found.part][place])
        ends = (np.nan, np.nan) if found.mostly_dormant else (float(rows["low"][place]), float(rows["high"][place]))
        note = Message("brief.chart.note", {"tenths": 10 * share}).say()
        data.append(Bar(str(rows["step"][place]), share, *ends, note, marked=str(rows["step"][place]) == found.step))
    names = [wrap(bar.label, LABEL_ROOM, LETTERS, most=3) for bar in data]
    beside = max(width(line, LETTERS) for name in names for line in name) + 10
    high = 0.25 + sum(0.34 + 0.1 * (len(name) - 1) for name in names)
    left, low = beside / 72 / COLUMN, 0.22 / high
    figure, axes = _blank(COLUMN, high, (left, low, RIGHT - left, 0.99 - low))
    bars(data, ax=axes)
    ticks = few_ticks(axes.get_xlim()[1])
    axes.set_xticks(ticks, [Message("brief.chart.tick", {"tenths": 10 * one}).say() for one in ticks])
    told = tuple(Message("brief.chart.bar", {"step": bar.label, "tenths": 10 * bar.value}) for bar in data)
    key = "brief.chart.caption.active" if found.mostly_dormant else "brief.chart.caption"
    return Drawn(figure, Message("brief.chart.alt", {"bars": told}).say(), Message(key).say())


def _blank(
    wide: float, tall: float, place: tuple[float, float, float, float] | None = (0, 0, 1, 1)
) -> tuple[Figure, Any]:
    from procmine.draw.picture import new_figure, style

    with style():
        figure = new_figure(wide, tall)
        return figure, None if place is None else figure.add_axes(place)


def few_ticks(end: float) -> list[float]:
    """Whole steps from none to the end of the axis."""
    steps = (0.01 * step * ten for ten in (0.1, 1, 10) for step in (1, 2, 5))
    step = next((one for one in steps if end / one < MOST_TICKS), 0.5)
    return [step * k for k in range(int(min(end, 1.0) / step + 1e-9) + 1)]
